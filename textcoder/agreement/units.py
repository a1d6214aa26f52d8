"""What agreement is about: units, what each coder said of them, and where coders differ."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.errors import TextcoderError

Said = Mapping[str, Mapping[str, frozenset[str]]]
"""Coder id -> unit id -> ids of the codes that she gave it, none included; no entry for a unit that she never looked at."""
Judgements = npt.NDArray[np.int64]
"""(n_units, n_coders): a value from 0 for each judgement, -1 where a coder never looked at the unit."""
Numbers = npt.NDArray[np.float64]

_AGAIN = re.compile(r"(.+)@(\d+)")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is coded or not: a segment, and whose words it is.

    Attributes:
        id: Segment id.
        case: Case id; units without one count as one person's.
    """

    id: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A unit and a code on which those who looked do not agree.

    Attributes:
        unit: Segment id.
        code: Code id.
        yes: Ids of the coders who gave the code, sorted.
        no: Ids of those who looked and did not, sorted.
    """

    unit: str
    code: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


def person_of(coder: str) -> str:
    """Who codes under this id: `ana@2` is ana, who codes a second time what she coded before.

    Example:
        >>> person_of("ana@2"), person_of("ana@example.org")
        ('ana', 'ana@example.org')
    """
    again = _AGAIN.fullmatch(coder)
    return again[1] if again else coder


def disagreements(units: Sequence[Unit], said: Said, codes: Sequence[str] | None = None) -> tuple[Disagreement, ...]:
    """What is to be talked over: every unit and code on which two who looked do not agree.

    Args:
        units: The universe, in the order in which people read.
        said: What each coder said of the units that she looked at.
        codes: Code ids; None for all that anybody used, sorted.

    Returns:
        In the order of `units`, then of `codes`.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: A unit stands twice.
    """
    checked(units, said)
    codes = codes_said(units, said) if codes is None else codes
    found = []
    for unit in units:
        looked = [coder for coder in sorted(said) if unit.id in said[coder]]
        for code in codes:
            yes = tuple(coder for coder in looked if code in said[coder][unit.id])
            if 0 < len(yes) < len(looked):
                no = tuple(coder for coder in looked if coder not in yes)
                found.append(Disagreement(unit.id, code, yes, no))
    return tuple(found)


def codes_said(units: Sequence[Unit], said: Said) -> list[str]:
    """Ids of all codes that anybody gave any of the units, sorted."""
    return sorted({code for by_unit in said.values() for unit in units for code in by_unit.get(unit.id, ())})


def judgements(units: Sequence[Unit], said: Said, code: str) -> Judgements:
    """Who gave the code to which unit: 1 yes, 0 no, -1 never looked; (n_units, n_coders), coders sorted by id."""
    rows = [[int(code in by[u.id]) if u.id in by else -1 for _, by in sorted(said.items())] for u in units]
    return np.array(rows, dtype=np.int64).reshape(len(units), len(said))


def checked(units: Sequence[Unit], said: Said) -> tuple[list[Unit], list[str]]:
    """Units and coders sorted by id, so that nothing depends on the order in which they were given.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: A unit stands twice.
    """
    if len(said) < 2:
        raise TextcoderError(
            f"Agreement needs two coders or more, not {len(said)}; ask somebody else to code the sample too."
        )
    ids = [unit.id for unit in units]
    if len(set(ids)) < len(ids):
        raise ValueError(f"{len(ids) - len(set(ids))} of {len(ids)} units stand twice")
    return sorted(units, key=lambda unit: unit.id), sorted(said)


def shared(units: Sequence[Unit], said: Said, *, least: int = 2) -> list[Unit]:
    """Those that at least so many coders looked at; the others say nothing of agreement."""
    return [unit for unit in units if sum(unit.id in by for by in said.values()) >= least]
