"""Units to sums for each person: all that an estimate needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """What could be coded: segments, or people as a whole.

    Attributes:
        person: (n,) place of whoever said it, from 0.
        machine: (n,) or (n_codes, n): whether the machine coded it, having learned from other people only.
        probability: (n,) chance with which it was drawn, in (0, 1]; 0 where it was not drawn, or nobody has looked at it yet.
        human: As `machine`: what people said of it, 0 to 1 (in between where coders disagree); ignored where not drawn.
    """

    person: Ints
    machine: Mask
    probability: Numbers
    human: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Sums over the units of each person, (..., n_people); the leading axes are codes, cells or studies.

    Attributes:
        units: How many she has; 0 for whoever is not in the cell.
        coded: How many of them the machine coded.
        kept_weight: Of the sampled that the machine coded, the sum of weights (1 / probability).
        kept: The sum of weights times what people said.
        kept_squares: The sum of squared weights.
        missed_weight: As above, of the sampled that the machine did not code.
        missed: Likewise.
        missed_squares: Likewise.
    """

    units: Numbers
    coded: Numbers
    kept_weight: Numbers
    kept: Numbers
    kept_squares: Numbers
    missed_weight: Numbers
    missed: Numbers
    missed_squares: Numbers


def count(units: Units, cell: Ints | None = None, n_cells: int = 1, n_people: int | None = None) -> Counted:
    """Sums for each code, cell and person. Cost: O(codes * units).

    Args:
        units: See there.
        cell: (n,) the cell of each unit; -1 for units that are not asked about. None for all in one.
        n_cells: How many cells.
        n_people: How many people there are; None for as many as are named.

    Returns:
        Arrays of shape (n_codes, n_cells, n_people).
    """
    people = n_people if n_people is not None else int(units.person.max(initial=-1)) + 1
    machine, human = np.atleast_2d(units.machine), np.atleast_2d(units.human)
    own = np.zeros(len(units.person), dtype=np.int64) if cell is None else cell
    asked = np.flatnonzero(own >= 0)
    place = own[asked] * people + units.person[asked]
    p = units.probability[asked]
    weight = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)

    def of(values: Numbers) -> Numbers:
        found = [np.bincount(place, row, n_cells * people) for row in np.atleast_2d(values)]
        return np.array(found, dtype=np.float64).reshape(-1, n_cells, people)

    yes = machine[:, asked].astype(np.float64)
    said = np.where(p > 0, human[:, asked], 0.0)
    every = np.broadcast_to(of(np.ones(len(asked))), (len(machine), n_cells, people))
    return Counted(
        every,
        of(yes),
        of(yes * weight),
        of(yes * weight * said),
        of(yes * weight**2),
        of((1 - yes) * weight),
        of((1 - yes) * weight * said),
        of((1 - yes) * weight**2),
    )
