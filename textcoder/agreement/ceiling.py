"""The machine beside people: does it agree with them as they agree with each other, on the same units?

People's agreement is the ceiling. A machine that reaches it can stand in for one more coder; nobody can ask for more of it, and
nothing can be said where people do not agree themselves. The machine must not have learned from the units on which it is judged;
whoever calls sees to that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from textcoder.agreement import alpha
from textcoder.agreement.bootstrap import Draws, Estimate
from textcoder.agreement.coefficients import divide
from textcoder.agreement.units import Judgements, Numbers, Said, Unit, codes_said, judgements, shared
from textcoder.agreement.words import TENTATIVE

POOR = 0.4
"""Below it agreement beyond chance is poor (Cicchetti 1994, Psychological Assessment 6, 284-290)."""
MARGIN = 0.1
"""So much below people's own agreement a machine may be, at the worst end of the interval, and still pass for one of them."""
LEAST_USES, LEAST_PEOPLE = 10, 5
"""Times that people gave a code, and persons in whose words, below which nothing is said of the machine."""


class Verdict(StrEnum):
    """Whether the machine's codings of a code may be used."""

    USABLE = "usable"
    CORRECTED = "usable with correction"
    UNUSABLE = "not usable"
    UNKNOWN = "too little to say"


RULE = (
    f"Too little to say: people gave the code fewer than {LEAST_USES} times or in the words of fewer than {LEAST_PEOPLE} persons, "
    "nobody else coded the same, or the interval of the machine's alpha reaches from below "
    f"{POOR:.2f} to {TENTATIVE} and above. Not usable: the machine's alpha with people is below {POOR:.2f}. "
    f"Usable: it is {TENTATIVE} or more, and at the lower end of the interval no more than {MARGIN:.2f} "
    "below people's alpha with each other. Usable with correction: all else; single codings are to be looked at by a person, "
    "and shares of people are to be corrected by a random sample that people code."
)
"""What the verdicts follow from, in words."""


@dataclass(frozen=True, slots=True)
class CodeCeiling:
    """The machine beside people on one code.

    Attributes:
        code: Code id.
        units: Units on which both are judged.
        cases: Persons whose words these are.
        uses: Times that a person gave it, over all people.
        users: Persons in whose words anybody gave it.
        machine_uses: Units that the machine gave it.
        people: Krippendorff's alpha of every two people, taken together.
        machine: The same of the machine with every person.
        difference: Machine less people.
        recall: Of the times that a person gave it, the share in which the machine did.
        precision: Of the times that the machine gave it, the share in which a person who looked did, taken person by person.
        verdict: What follows; see `RULE`.
        why: The verdict in a sentence.
        advice: What would improve it most.
    """

    code: str
    units: int
    cases: int
    uses: int
    users: int
    machine_uses: int
    people: Estimate
    machine: Estimate
    difference: Estimate
    recall: Estimate
    precision: Estimate
    verdict: Verdict
    why: str
    advice: str


def ceiling(
    units: Sequence[Unit],
    said: Said,
    machine: Mapping[str, frozenset[str]],
    codes: Sequence[str] | None = None,
    *,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> tuple[CodeCeiling, ...]:
    """The machine beside people, code by code.

    Args:
        units: The universe. Judged are those that two people looked at, or, where no two looked at the same, those that one did.
        said: What each person said of the units that she looked at.
        machine: Unit id -> codes that the machine gives it, none included, without having learned from it.
        codes: Code ids, in the order of the answer; None for all that anybody used, sorted.
        seed: Decides the resamples; the same for machine and people, so that their difference is judged person by person.
        resamples: Draws of the bootstrap.
        level: Of the intervals.

    Raises:
        ValueError: The machine did not code a unit that people did.
    """
    ordered = sorted(units, key=lambda unit: unit.id)
    rows = shared(ordered, said) or shared(ordered, said, least=1)
    missing = [unit.id for unit in rows if unit.id not in machine]
    if missing:
        raise ValueError(f"the machine coded {len(rows) - len(missing)} of {len(rows)} units, and not {missing[0]}")
    asked = codes_said(rows, said) if codes is None else codes
    draws = Draws.of(rows, seed=seed, resamples=resamples, level=level)
    return tuple(_of_code(code, rows, judgements(rows, said, code), machine, draws) for code in asked)


def _of_code(
    code: str, rows: Sequence[Unit], table: Judgements, machine: Mapping[str, frozenset[str]], draws: Draws
) -> CodeCeiling:
    given = np.array([code in machine[unit.id] for unit in rows], dtype=bool)
    among, beside = _among_people(table), _beside_people(table, given)
    used = (table == 1).any(axis=1)
    none = "nobody gave it, nor did the machine"
    people = draws.estimate(among, _pooled, none if among.any() else "no two people looked at the same segment")
    with_machine = draws.estimate(beside, _pooled, none)
    both = np.column_stack([among, beside])
    difference = draws.estimate(both, lambda t: _pooled(t[..., 4:]) - _pooled(t[..., :4]), people.note, perfect=False)
    found = CodeCeiling(
        code=code,
        units=len(rows),
        cases=len({unit.case for unit in rows}),
        uses=int((table == 1).sum()),
        users=len({unit.case for unit, one in zip(rows, used, strict=True) if one}),
        machine_uses=int(given.sum()),
        people=people,
        machine=with_machine,
        difference=difference,
        recall=draws.estimate(beside, lambda t: divide(t[..., 3], t[..., 3] + t[..., 1]), "nobody gave it"),
        precision=draws.estimate(
            beside, lambda t: divide(t[..., 3], t[..., 3] + t[..., 2]), "the machine never gave it"
        ),
        verdict=Verdict.UNKNOWN,
        why="",
        advice="",
    )
    return _judged(found)


def _among_people(table: Judgements) -> Numbers:
    """Of each unit its pairs of people: both no, only the one, only the other, both yes; (n_units, 4)."""
    yes, no = (table == 1).sum(axis=1), (table == 0).sum(axis=1)
    columns = [no * (no - 1) / 2, yes * no / 2, yes * no / 2, yes * (yes - 1) / 2]
    return np.column_stack(columns).astype(np.float64)


def _beside_people(table: Judgements, given: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Numbers:
    """Of each unit the machine with each person: both no, only the person, only the machine, both yes; (n_units, 4)."""
    yes, no = (table == 1).sum(axis=1), (table == 0).sum(axis=1)
    return np.column_stack([no * ~given, yes * ~given, no * given, yes * given]).astype(np.float64)


def _pooled(totals: Numbers) -> Numbers:
    """Krippendorff's alpha of pairs of judgements taken together."""
    diagonal = 2 * (totals[..., 0] + totals[..., 3])
    differ = totals[..., 1] + totals[..., 2]
    margins = [2 * totals[..., 0] + differ, 2 * totals[..., 3] + differ]
    return alpha.nominal(np.stack([diagonal, *margins], axis=-1))


def _judged(found: CodeCeiling) -> CodeCeiling:
    verdict, why = _verdict(found)
    return replace(found, verdict=verdict, why=why, advice=_advice(found, verdict))


def _verdict(found: CodeCeiling) -> tuple[Verdict, str]:
    people, machine = found.people, found.machine
    if found.uses < LEAST_USES or found.users < LEAST_PEOPLE:
        return (
            Verdict.UNKNOWN,
            f"People gave it {_times(found.uses)}, in the words of {_people(found.users)}.",
        )
    if not people.defined or not machine.defined or not machine.has_interval or not found.difference.has_interval:
        return Verdict.UNKNOWN, f"There is nothing to compare with: {people.note or machine.note}."
    told = f"The machine agrees with people at {machine.value:.2f}, people with each other at {people.value:.2f}"
    if machine.low < POOR and machine.high >= TENTATIVE:
        return Verdict.UNKNOWN, f"{told}; the interval reaches from {machine.low:.2f} to {machine.high:.2f}."
    if machine.value < POOR:
        return Verdict.UNUSABLE, f"{told}."
    apart = f"{told}; the difference lies between {found.difference.low:+.2f} and {found.difference.high:+.2f}."
    if machine.value >= TENTATIVE and found.difference.low >= -MARGIN:
        return Verdict.USABLE, apart
    return Verdict.CORRECTED, apart


def _advice(found: CodeCeiling, verdict: Verdict) -> str:
    """The one thing that would help most, people first: a machine cannot learn what they do not share."""
    people, recall, precision = found.people, found.recall, found.precision
    if people.defined and found.uses >= LEAST_USES and people.value < TENTATIVE:
        return f"The definition: people do not agree on it either ({people.value:.2f})."
    if not people.defined and found.uses >= LEAST_USES:
        return "A second person who codes the same segments."
    if found.uses < LEAST_USES or found.users < LEAST_PEOPLE:
        return f"{_more(found)} more coded segments."
    if verdict is Verdict.USABLE:
        return "Nothing that these figures show."
    if verdict is Verdict.UNKNOWN and _more(found) <= found.units:
        return f"{_more(found)} more coded segments: the interval is too long to tell."
    misses, adds = 1 - _or(recall, 1.0), 1 - _or(precision, 1.0)
    if misses > adds + 0.1:
        return f"It misses: recall {recall.value:.2f}. Accept more examples of it, or lower its threshold."
    if adds > misses + 0.1:
        return (
            f"It gives it too often: precision {precision.value:.2f}. Reject where it is wrong, say when not to use it, "
            "or raise its threshold."
        )
    if _only_unsure(found):
        return f"{_more(found)} more coded segments: its figures are good, and not yet sure."
    return f"More examples: it misses about as often as it adds (recall {recall.value:.2f}, precision {precision.value:.2f})."


def _only_unsure(found: CodeCeiling) -> bool:
    """Whether only the length of the interval keeps the machine from being usable."""
    return found.machine.value >= TENTATIVE and found.difference.value >= -MARGIN / 2


def _more(found: CodeCeiling) -> int:
    """How many more segments two people would have to code, in tens.

    Uses grow with segments, and the length of an interval falls with their root, were they like those coded so far.
    """
    wanted = [0.0]
    if found.uses < LEAST_USES:
        wanted.append(found.units * (LEAST_USES / max(found.uses, 1) - 1))
    if found.users < LEAST_PEOPLE:
        wanted.append(found.units * (LEAST_PEOPLE / max(found.users, 1) - 1))
    for one, target in ((found.machine, TENTATIVE - POOR), (found.difference, 2 * MARGIN)):
        if one.has_interval and one.high - one.low > target:
            wanted.append(found.units * (((one.high - one.low) / target) ** 2 - 1))
            break
    return max(10, 10 * math.ceil(max(wanted) / 10))


def _or(one: Estimate, otherwise: float) -> float:
    return one.value if one.defined else otherwise


def _times(n: int) -> str:
    return "never" if n == 0 else "once" if n == 1 else f"{n} times"


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} persons"
