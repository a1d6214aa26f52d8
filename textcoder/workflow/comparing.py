"""How people code beside each other: over whole sets, over free spans, code for code, over time, and each beside herself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textcoder.domain.coding import CONSENSUS, Status
from textcoder.domain.decision import DecisionKind, review_of
from textcoder.domain.project import Method
from textcoder.domain.sample import SampleStatus
from textcoder.domain.transcript import Segment
from textcoder.errors import UnknownItem
from textcoder.workflow.live import LiveProject
from textcoder.workflow.rounds import said

if TYPE_CHECKING:
    from textcoder.agreement import Again, Confused, OverTime, SetAgreement, SpanAgreement, Stretch, Unit


def why_no_agreement(live: LiveProject) -> str:
    """A sentence for a study in which no two people have coded the same; nothing is asked of it."""
    reviewers = {who for segment, of in live.standing.reviewed.items() if segment in live.row_of for who in of}
    people = sorted(reviewers - {CONSENSUS.id})
    if live.store.project().method is Method.REFLEXIVE:
        return "This study is reflexive: two readers need not see alike, and no agreement is asked of it."
    if len(people) == 1:
        return f"{people[0]} codes alone, so there is nothing to compare. Whoever wants figures can draw a sample for a second coder."
    return "No segment has been reviewed by two people yet, outside of samples that are still coded blind."


def units_of(live: LiveProject, segments: Sequence[Segment]) -> list[Unit]:
    """Segments as what agreement is judged over, each with whose words it is."""
    from textcoder.agreement import Unit

    return [Unit(segment.id, live.case(segment)) for segment in segments]


def set_agreement_of(live: LiveProject, *, sample: str | None = None) -> tuple[SetAgreement, ...]:
    """Agreement on all the codes of a segment at once, with each distance between sets; empty where no two people coded the same."""
    from textcoder.agreement import SETS, set_agreement

    segments, by_coder = said(live, sample=sample)
    if not segments:
        return ()
    units = units_of(live, segments)
    return tuple(set_agreement(units, by_coder, distance=name, seed=live.settings.seed) for name in SETS)


def span_agreement_of(
    live: LiveProject, *, sample: str | None = None, codes: Sequence[str] | None = None
) -> SpanAgreement | None:
    """Agreement character by character, over the text that two people or more have looked at; None where there is none.

    The continuum is all segments that were looked at as a whole, joined where they follow on each other in one turn.
    """
    from textcoder.agreement import span_agreement

    segments, by_coder = said(live, sample=sample)
    if not segments:
        return None
    return span_agreement(_stretches(live, segments, by_coder), codes, seed=live.settings.seed)


def _stretches(
    live: LiveProject, segments: Sequence[Segment], by_coder: Mapping[str, Mapping[str, frozenset[str]]]
) -> list[Stretch]:
    from textcoder.agreement import Stretch

    runs: list[tuple[Segment, int, frozenset[str]]] = []
    for segment in segments:
        looked = frozenset(coder for coder, of in by_coder.items() if segment.id in of)
        first, end, before = runs[-1] if runs else (segment, -1, frozenset[str]())
        text = live.transcripts[segment.transcript].text
        joined = (first.transcript, first.turn) == (segment.transcript, segment.turn) and looked == before
        if joined and end <= segment.start and not text[end : segment.start].strip():
            runs[-1] = (first, segment.end, looked)
        else:
            runs.append((segment, segment.end, looked))
    above = {code.id: (code.id, *live.standing.codebook.ancestors(code.id)) for code in live.standing.codebook}
    found = []
    for first, end, looked in runs:
        marked: dict[str, list[tuple[int, int, str]]] = {coder: [] for coder in looked}
        for coding in live.standing.on(first.transcript):
            start, last = max(coding.start, first.start), min(coding.end, end)
            if coding.status is Status.ACCEPTED and coding.coder in looked and start < last:
                marked[coding.coder] += [(start - first.start, last - first.start, code) for code in above[coding.code]]
        # Places as numbers of one length, so that stretches sort as they stand in the text.
        name = f"{first.transcript}:{first.start:012}-{end:012}"
        found.append(Stretch(name, end - first.start, marked, live.case(first)))
    return found


def confusion_of(
    live: LiveProject, *, sample: str | None = None, a: str | None = None, b: str | None = None
) -> tuple[Confused, ...]:
    """Which code is given where somebody else gives another; empty where no two people coded the same.

    Raises:
        UnknownItem: One of the two has coded nothing that the others did.
    """
    from textcoder.agreement import confusion

    segments, by_coder = said(live, sample=sample)
    _known_coders([who for who in (a, b) if who is not None], by_coder)
    return confusion(units_of(live, segments), by_coder, a=a, b=b) if segments else ()


def segments_behind(
    live: LiveProject,
    code: str,
    a: str,
    b: str,
    cell: str,
    *,
    sample: str | None = None,
    instead: str | None = None,
    machine: Mapping[str, frozenset[str]] | None = None,
) -> list[Segment]:
    """The segments that a figure of two coders on one code rests on, in the order of the transcripts.

    Args:
        live: The project.
        code: Code id.
        a: One coder.
        b: The other.
        cell: Who of the two gave the code: both, only_a, only_b or neither.
        sample: Only its segments.
        instead: Only where `b` gave this code, and `a` did not.
        machine: What the machine says of segments that it has not learned from; under its name it is compared as a coder.

    Raises:
        UnknownItem: One of the two has coded nothing that the others did.
    """
    from textcoder.agreement import Cell, Unit, units_behind

    by_coder = said_by(live, sample=sample, machine=machine)
    _known_coders([a, b], by_coder)
    units = [Unit(segment.id) for segment in live.segments]
    found = units_behind(units, by_coder, code, a, b, Cell(cell), instead=instead)
    return [live.segments[live.row_of[unit.id]] for unit in found]


def said_by(
    live: LiveProject, *, sample: str | None = None, machine: Mapping[str, frozenset[str]] | None = None
) -> dict[str, dict[str, frozenset[str]]]:
    """What each coder said of the segments that she has looked at, with those who code again, and the machine as one of them.

    Args:
        live: The project.
        sample: Only its segments.
        machine: What it says of segments that it has not learned from.
    """
    from textcoder.coder import MACHINE

    _, by_coder = said(live, sample=sample, again=True)
    return by_coder if machine is None else {**by_coder, MACHINE: dict(machine)}


def _known_coders(wanted: Sequence[str], by_coder: Collection[str]) -> None:
    for who in wanted:
        if who not in by_coder:
            raise UnknownItem(
                f'"{who}" has coded nothing that can be compared; there is {", ".join(sorted(by_coder)) or "nobody"}.'
            )


@dataclass(frozen=True, slots=True)
class Courses:
    """Agreement over rounds or time, and of coders with themselves.

    Attributes:
        by: What the periods are, in words.
        between: Of all coders; None where fewer than two periods have segments that two people coded.
        herself: Of each coder who coded a sample again, as `ana@2`.
    """

    by: str
    between: OverTime | None
    herself: tuple[Again, ...]


PARTS = 3
"""Equal parts into which the work is divided where there are no rounds."""


def courses_of(live: LiveProject) -> Courses:
    """Agreement from round to round (released samples in the order in which they were drawn), else over three parts of the work."""
    from textcoder.agreement import over_time, person_of, with_herself

    segments, by_coder = said(live)
    units, seed = units_of(live, segments), live.settings.seed
    names, period_of, by = _rounds(live, segments) or _parts(live, segments)
    between = over_time(units, by_coder, period_of, names, seed=seed) if len(names) > 1 else None
    _, everybody = said(live, again=True)
    twice = [(person_of(who), who) for who in everybody if person_of(who) != who and person_of(who) in everybody]
    all_units = units_of(live, live.segments)
    herself = tuple(with_herself(all_units, everybody, first, again, seed=seed) for first, again in twice)
    return Courses(by, between, herself)


_Periods = tuple[list[str], dict[str, int], str]


def _rounds(live: LiveProject, segments: Sequence[Segment]) -> _Periods | None:
    """Each segment in the first sample that holds it; None where fewer than two samples hold any."""
    held = {segment.id for segment in segments}
    names: list[str] = []
    period_of: dict[str, int] = {}
    for sample in live.standing.samples.values():
        new = [s for s in sample.segments if s in held and s not in period_of]
        if sample.status is SampleStatus.RELEASED and new:
            period_of |= dict.fromkeys(new, len(names))
            names.append(sample.name)
    return (names, period_of, "released samples, in the order in which they were drawn") if len(names) > 1 else None


def _parts(live: LiveProject, segments: Sequence[Segment]) -> _Periods:
    """By when the last of its coders looked at a segment."""
    held, last, day = {segment.id for segment in segments}, dict[str, int](), dict[str, str]()
    for decision in live.log:
        if decision.kind is DecisionKind.SET_REVIEW and decision.after is not None:
            coder, segment = review_of(decision.target)
            if segment in held and coder != CONSENSUS.id:
                last[segment], day[segment] = decision.number, decision.at[:10]
    ordered = sorted(last, key=lambda segment: last[segment])
    parts: dict[int, list[str]] = defaultdict(list)
    for i, segment in enumerate(ordered):
        parts[i * PARTS // len(ordered)].append(segment)
    if len(parts) < PARTS:
        return [], {}, "too few segments to divide"
    names = [f"part {p + 1}: {day[own[0]]} to {day[own[-1]]}" for p, own in sorted(parts.items())]
    return names, {s: p for p, own in parts.items() for s in own}, "equal parts of the work, by when it was done"
