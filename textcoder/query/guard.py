"""Which cells of a table may not be shown, lest a reader learn what one or two people said.

Two rules, as statistical offices use them (Hundepool et al. 2012, chapter 4):

1. *Primary*: a cell is hidden where fewer than `minimum` people were asked, or fewer than `minimum` said it. Nobody is fewer than two
   as well: if a cell with 0 were shown, a hidden one under a minimum of two could only be 1.
2. *Complementary*: a hidden cell could be found by subtracting what is shown from a total. So each hidden cell becomes the corner of a
   box of hidden cells (a pair for one attribute, a rectangle for two, a cuboid for three) round which people can be moved without
   changing any total: what one corner gains its neighbours lose. The box must let the cell rise to `minimum`, with nobody saying it
   who was not asked, so that nobody can tell that it is small. Among such boxes the one that hides the fewest people more is taken.
   This is the hypercube method (Repsilber 1994; Giessing and Repsilber 2002). Where people are so few that there is no box, another
   cell of the row is hidden with it, which keeps the grand total; where there is none, the whole row is hidden.

So no hidden cell follows from the grand total, nor, where there is a box, from the totals that the same question gives with fewer
attributes. Cells in which nobody was asked are not shown either, but need no company: that they are empty says nothing of anybody.

What is not guarded: several tables laid side by side that were asked for with different filters or attributes, and rows against each
other (a code above holds those below it, and more). Nor does the guard keep anything from a person who may read the transcripts; it
is for what is shown on.

References:
    Cox (1980), Suppression methodology and statistical disclosure control. Journal of the American Statistical Association 75, 377-385.
    Repsilber (1994), Preservation of confidentiality in aggregated data. Second International Seminar on Statistical Confidentiality.
    Giessing and Repsilber (2002), Tools and strategies to protect multiple tables with the GHQUAR cell suppression engine. In
    Domingo-Ferrer (ed.), Inference Control in Statistical Databases, 181-192.
    Hundepool et al. (2012), Statistical Disclosure Control. Wiley.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def hidden_cells(said: Counts, asked: Counts, shape: tuple[int, ...], minimum: int) -> tuple[Mask, Mask]:
    """The cells that may not be shown.

    Args:
        said: (n_rows, n_cells) people who said it.
        asked: (n_cells,) people who were asked; the same for all rows.
        shape: How many values each attribute has; the cells are in the order of `numpy.ravel`.
        minimum: Of people; 0 hides only the cells in which nobody was asked, since there is no share.

    Returns:
        (n_rows, n_cells) for what was said; (n_cells,) for who was asked. Where who was asked is hidden, what was said is, too.
    """
    if minimum <= 0:
        empty = np.asarray(asked == 0)
        return np.broadcast_to(empty, said.shape).copy(), empty
    empty = np.asarray(asked == 0)
    # Nobody said it who was not asked; where who was asked is hidden, a reader does not know how many those are.
    unknown = np.where(empty, 0, np.iinfo(np.int64).max // 2)
    nobody: Mask = _guarded(asked.reshape(1, -1), np.less(asked, minimum).reshape(1, -1), unknown, shape, minimum)[0]
    most = np.where(nobody, unknown, asked)
    return _guarded(said, (said < minimum) | nobody, most, shape, minimum), nobody


def _guarded(people: Counts, primary: Mask, most: Counts, shape: tuple[int, ...], minimum: int) -> Mask:
    """The primary cells with those that must be hidden beside them; rows do not touch each other.

    Args:
        people: (n_rows, n_cells).
        primary: (n_rows, n_cells) what must be hidden anyway.
        most: (n_cells,) what a reader knows the people in a cell cannot exceed; 0 where nobody was asked.
        shape: As in `hidden_cells`.
        minimum: Of people.
    """
    hidden = primary.copy()
    # A row of which nothing is shown needs no company.
    needy = primary & (most > 0) & ~(primary | (most == 0)).all(axis=1)[:, None]
    for cell in np.flatnonzero(needy.any(axis=0)).tolist():
        rows = np.flatnonzero(needy[:, cell])
        for own in dict.fromkeys((shape, (math.prod(shape),))):
            rows = rows[~_boxed(hidden, people, most, rows, cell, own, minimum)]
        hidden[rows] = True
    return hidden


def _boxed(
    hidden: Mask, people: Counts, most: Counts, rows: Counts, cell: int, shape: tuple[int, ...], minimum: int
) -> Mask:
    """Hide the cheapest box for one cell in each of some rows; (n,) whether there was any. The table has two cells at least."""
    boxes, gain, lose = _boxes(cell, shape)
    corners = people[rows][:, boxes]
    need = np.maximum(minimum - people[rows, cell], 1)[:, None]
    fits = corners[:, :, lose].min(axis=2) >= need
    fits &= (most[boxes[:, gain]] - corners[:, :, gain]).min(axis=2) >= need
    cost = np.where(hidden[rows][:, boxes], 0, corners + 1).sum(axis=2).astype(np.float64)
    cost[~fits] = np.inf
    found = np.asarray(fits.any(axis=1))
    hidden[rows[found][:, None], boxes[cost.argmin(axis=1)[found]]] = True
    return found


def _boxes(cell: int, shape: tuple[int, ...]) -> tuple[Counts, Counts, Counts]:
    """The boxes with a cell as a corner (n_boxes, 2**d), which corners gain with it, and which lose.

    An attribute with a single value has nothing to move to and is left out of the box.
    """
    wide = [i for i, size in enumerate(shape) if size > 1]
    place = [int(value) for value in np.unravel_index(cell, shape)]
    far = np.array(list(product(*([v for v in range(shape[i]) if v != place[i]] for i in wide))), dtype=np.int64)
    ways = np.array(list(product((0, 1), repeat=len(wide))), dtype=np.int64)
    corners = np.tile(np.array(place, dtype=np.int64)[:, None, None], (1, len(far), len(ways)))
    for column, i in enumerate(wide):
        corners[i] = np.where(ways[:, column] == 1, far[:, [column]], place[i])
    boxes = np.asarray(np.ravel_multi_index(tuple(corners), shape), dtype=np.int64)
    odd = ways.sum(axis=1) % 2
    return boxes, np.flatnonzero(odd == 0), np.flatnonzero(odd == 1)
