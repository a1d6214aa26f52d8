"""The machine beside people: judged by what they said of words that it has not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from textcoder.domain.transcript import Segment
from textcoder.workflow.comparing import units_of, why_no_agreement
from textcoder.workflow.live import LiveProject
from textcoder.workflow.rounds import said

if TYPE_CHECKING:
    from textcoder.agreement import CodeCeiling

FOLDS = 10
"""Machines that are taught, each without a tenth of the persons; more would learn from hardly more, and take longer."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the machine says of segments that it has not learned from.

    Attributes:
        codes: Segment id -> ids of the codes that it gives, with those above them; none included.
        machines: How many were taught.
        way: In words, how it was done.
    """

    codes: Mapping[str, frozenset[str]]
    machines: int
    way: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The machine beside people on every code.

    Attributes:
        people: Ids of those who are compared.
        way: How the machine was kept from what it is judged by.
        rule: What the verdicts follow from.
        codes: Code by code, in the order of the codebook.
        note: Why there are no figures; empty where there are.
    """

    people: tuple[str, ...]
    way: str
    rule: str
    codes: tuple[CodeCeiling, ...]
    note: str = ""


def held_out(live: LiveProject, segments: Sequence[Segment]) -> HeldOut:
    """Code segments by machines that have learned nothing of the persons who said them.

    Persons are dealt to folds by a hash of their id, so that the same person is held out together whatever else is in the project.

    Cost: learning everything anew, ten times at most; at 1,000 segments and 20 codes a second or two.

    Args:
        live: The project.
        segments: Of two persons at least; else there is nobody to learn from.
    """
    cases = sorted({live.case(segment) for segment in segments}, key=lambda case: (_shuffled(case), case))
    k = min(FOLDS, len(cases))
    above = {code.id: (code.id, *live.standing.codebook.ancestors(code.id)) for code in live.standing.codebook}
    codes = [code.id for code in live.standing.codebook.in_use]
    found: dict[str, set[str]] = {segment.id: set() for segment in segments}
    for fold in range(k):
        mine = set(cases[fold::k])
        told = live.suggested_unseen([row for row, segment in enumerate(live.segments) if live.case(segment) in mine])
        for row, code in zip(told.at.tolist(), told.code.tolist(), strict=True):
            segment = live.segments[row]
            if segment.id in found and live.case(segment) in mine:
                found[segment.id].update(above[codes[code]])
    part = "tenth" if k == FOLDS else f"part (1 in {k})"
    way = (
        f"Cross-fitted over persons: {k} machines were taught, each without what anybody decided on the words of a {part} of the "
        "persons, and without examples of theirs in the codebook; each person's words are coded by the machine that knows nothing "
        "of what people said of them."
    )
    return HeldOut({segment: frozenset(of) for segment, of in found.items()}, k, way)


def _shuffled(case: str) -> str:
    return sha256(case.encode()).hexdigest()


def judged_segments(live: LiveProject, *, sample: str | None = None) -> list[Segment]:
    """Segments that anybody has looked at as a whole, outside of samples that are still coded blind."""
    _, by_coder = said(live, sample=sample)
    looked = {segment for of in by_coder.values() for segment in of}
    return [segment for segment in live.segments if segment.id in looked]


def ceiling_of(live: LiveProject, *, sample: str | None = None, held: HeldOut | None = None) -> Ceiling:
    """The machine's agreement with people beside people's with each other, on the same segments, code by code.

    Args:
        live: The project.
        sample: Only its segments.
        held: What `held_out` gave for `judged_segments` of the whole project, where it is known already.

    Raises:
        UnknownItem: There is no such sample.
        InvalidDecision: It is still coded blind.
    """
    from textcoder.agreement import RULE, ceiling, codes_said

    _, by_coder = said(live, sample=sample)
    segments = judged_segments(live, sample=sample)
    if not segments:
        return Ceiling((), "", RULE, (), why_no_agreement(live))
    if len({live.case(segment) for segment in segments}) < 2:
        return Ceiling(
            tuple(by_coder),
            "",
            RULE,
            (),
            "All that people coded is one person's, so the machine has nobody else to learn from.",
        )
    held = held or held_out(live, segments)
    units = units_of(live, segments)
    machine = {segment.id: held.codes[segment.id] for segment in segments}
    used = set(codes_said(units, by_coder)).union(*machine.values())
    codes = [code.id for code in live.standing.codebook.in_use if code.id in used]
    found = ceiling(units, by_coder, machine, codes, seed=live.settings.seed)
    note = why_no_agreement(live) if len(by_coder) == 1 else ""
    return Ceiling(tuple(sorted(by_coder)), held.way, RULE, found, note)
