"""Which code one coder gives where another gives this one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

from textcoder.agreement.units import Said, Unit, checked, codes_said


@dataclass(frozen=True, slots=True)
class Confused:
    """What others say where somebody gives a code.

    Every two coders are looked at both ways round, so that a unit that three looked at may count several times.

    Attributes:
        code: Code id.
        given: Times that a coder gave it to a unit that another looked at, too.
        same: Of these, times that the other gave it as well.
        nothing: Times that the other did not, and gave no code that the first had not given.
        instead: Other code -> times that the other coder gave it and not this one, where the first had given this and not that.
            The most frequent first, then by id.
    """

    code: str
    given: int
    same: int
    nothing: int
    instead: tuple[tuple[str, int], ...]


def confusion(
    units: Sequence[Unit], said: Said, codes: Sequence[str] | None = None, *, a: str | None = None, b: str | None = None
) -> tuple[Confused, ...]:
    """Which code is taken for which, over every two coders both ways round, or from `a` to `b`.

    Args:
        units: The universe.
        said: What each coder said of the units that she looked at.
        codes: Code ids, in the order of the answer; None for all that anybody used, sorted.
        a: Only where this coder gave the code.
        b: Only what this coder said of it.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: A unit stands twice.
    """
    rows, coders = checked(units, said)
    given, same, nothing = Counter[str](), Counter[str](), Counter[str]()
    instead: dict[str, Counter[str]] = {}
    for first, second in permutations(coders, 2):
        if (a or first, b or second) != (first, second):
            continue
        for unit in rows:
            if unit.id not in said[first] or unit.id not in said[second]:
                continue
            mine, hers = said[first][unit.id], said[second][unit.id]
            for code in mine:
                given[code] += 1
                same[code] += code in hers
                if code not in hers:
                    nothing[code] += not hers - mine
                    instead.setdefault(code, Counter()).update(hers - mine)
    asked = codes_said(rows, said) if codes is None else codes
    return tuple(
        Confused(code, given[code], same[code], nothing[code], _often_first(instead.get(code, Counter())))
        for code in asked
    )


def _often_first(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


class Cell(StrEnum):
    """Which of the units behind a figure of two coders on one code."""

    BOTH = "both"
    ONLY_A = "only_a"
    ONLY_B = "only_b"
    NEITHER = "neither"


def units_behind(
    units: Sequence[Unit], said: Said, code: str, a: str, b: str, cell: Cell, *, instead: str | None = None
) -> tuple[Unit, ...]:
    """The units that a figure rests on, in the order given.

    Args:
        units: The universe.
        said: What each coder said of the units that she looked at.
        code: The code.
        a: One coder.
        b: The other.
        cell: Who of the two gave the code.
        instead: Only where `b` gave this other code, and `a` did not.
    """
    wanted = {
        Cell.BOTH: (True, True),
        Cell.ONLY_A: (True, False),
        Cell.ONLY_B: (False, True),
        Cell.NEITHER: (False, False),
    }[cell]
    found = []
    for unit in units:
        if unit.id in said[a] and unit.id in said[b]:
            mine, hers = said[a][unit.id], said[b][unit.id]
            if (code in mine, code in hers) == wanted and (instead is None or instead in hers - mine):
                found.append(unit)
    return tuple(found)
