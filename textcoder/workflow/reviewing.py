"""What to look at next, and what the machine would change in the codebook if it were asked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textcoder.domain.acts import Span, write_memo
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, Coding, Status
from textcoder.domain.decision import By, Decision, DecisionKind, review_of
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.sample import SampleStatus
from textcoder.domain.transcript import Segment
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.workflow.live import LiveProject, Suggestion
from textcoder.workflow.rounds import visible
from textcoder.workflow.steps import now

if TYPE_CHECKING:
    from textcoder.proposals import CodedMaterial, Proposal
    from textcoder.review import StoppingHint


@dataclass(frozen=True, slots=True)
class Queued:
    """A segment to look at, and why.

    Attributes:
        segment: The segment.
        question: What it answers; empty where nobody asked.
        text: Its words.
        file: Name of its transcript.
        speaker: Who says it; empty where nobody is named.
        reason: Why it would settle much, in words.
        suggestions: What the machine suggests, the surest first; none while it is coded blind.
        alike: Segments that say nearly the same; what is decided here could be decided for them too.
    """

    segment: Segment
    question: str
    text: str
    file: str
    speaker: str
    reason: str
    suggestions: tuple[Suggestion, ...]
    alike: tuple[Segment, ...] = ()


def review_next(
    live: LiveProject, n: int, *, coder: str, sample: str | None = None, skip: Sequence[str] = ()
) -> list[Queued]:
    """What this coder should look at next: of a sample in random order, else what would settle most.

    Args:
        live: The project.
        n: At most so many.
        coder: Id of who looks.
        sample: A sample that she codes; while it is open she sees no suggestions, lest she follow them.
        skip: Ids of segments to leave out this time.

    Raises:
        UnknownItem: There is no such sample, or it is not hers.
    """
    if sample is not None:
        return _of_sample(live, n, coder, sample, set(skip))
    from textcoder.review import next_to_review

    done = {live.row_of[s] for s, coders in live.standing.reviewed.items() if coder in coders and s in live.row_of}
    blind = {live.row_of[s] for s in live.standing.blind(coder) if s in live.row_of}
    skipped = {live.row_of[s] for s in skip if s in live.row_of}
    known, machine = live.known(), live.machine
    ranked = next_to_review(
        machine.probabilities_,
        machine.thresholds_,
        live.vectors,
        reviewed=done | blind | skipped,
        positives=[len(known.positive.get(code.id, ())) for code in machine.codes_],
        names=[code.name for code in machine.codes_],
        limit=n,
    )
    return [
        _queued(live, live.segments[one.row], one.reason, tuple(live.segments[row] for row in one.alike))
        for one in ranked
    ]


def stopping_hint(live: LiveProject, *, coder: str) -> StoppingHint:
    """Whether this coder's reading on would still change much: how often she changed what was suggested, and what is left."""
    from textcoder.review import stopping_hint as hint

    held = {segment: {c.code for c in _accepted_on(live, segment, coder)} for segment in live.standing.reviewed}
    changed = []
    for decision in live.log:
        if decision.kind is DecisionKind.SET_REVIEW and decision.after is not None:
            who, segment = review_of(decision.target)
            suggested = decision.after.get("suggested")
            still = live.standing.state(decision.kind, decision.target) == decision.after
            if who == coder and still and suggested is not None and segment in live.row_of:
                changed.append(held[segment] != set(suggested))
    blind = live.standing.blind(coder)
    read = {
        live.row_of[segment]
        for segment, coders in live.standing.reviewed.items()
        if segment in live.row_of and (coder in coders or (coders and segment not in blind))
    }
    machine = live.machine
    return hint(changed, machine.probabilities_, machine.thresholds_, reviewed=read)


def _accepted_on(live: LiveProject, segment: str, coder: str) -> list[Coding]:
    if segment not in live.row_of:
        return []
    at = live.segments[live.row_of[segment]]
    return [
        coding
        for coding in live.standing.on(at.transcript)
        if (coding.start, coding.end, coding.coder, coding.status) == (at.start, at.end, coder, Status.ACCEPTED)
    ]


def _of_sample(live: LiveProject, n: int, coder: str, name: str, skip: set[str]) -> list[Queued]:
    samples = live.standing.samples
    if name not in samples:
        raise UnknownItem(
            f'There is no sample called "{name}"; the project has {", ".join(sorted(samples)) or "none"}.'
        )
    sample = samples[name]
    if coder not in sample.coders:
        raise UnknownItem(
            f'"{name}" is coded by {", ".join(sample.coders)}, not by {coder}; say who you are with --coder.'
        )
    waiting = [
        live.segments[live.row_of[segment]]
        for segment in sorted(sample.segments)
        if segment in live.row_of and segment not in skip and coder not in live.standing.reviewed.get(segment, ())
    ]
    told = f'drawn for "{name}"; {len(waiting)} of {len(sample.segments)} are left'
    return [_queued(live, s, told, blind=sample.status is SampleStatus.OPEN) for s in waiting[:n]]


def _queued(
    live: LiveProject, segment: Segment, reason: str, alike: tuple[Segment, ...] = (), *, blind: bool = False
) -> Queued:
    transcript = live.transcript(segment.transcript)
    return Queued(
        segment,
        transcript.question_of(segment.turn),
        live.text(segment),
        transcript.name,
        transcript.turns[segment.turn].speaker or "",
        reason,
        () if blind else tuple(live.suggestions(segment)),
        alike,
    )


def propose(live: LiveProject, *, coder: str = "") -> tuple[Proposal, ...]:
    """Codes that may be one, codes that may be several, entries that no longer fit, codes of one person only.

    Rests on what people accepted; where they have accepted nothing for a code, on what the machine suggests for it. Of what is coded
    blind a coder is told nothing that is not hers.
    """
    from textcoder.proposals import propose as proposed

    return proposed(material_of(live, coder=coder), seed=live.settings.seed)


def material_of(live: LiveProject, *, coder: str = "") -> CodedMaterial:
    """The codebook in use and what it was used for."""
    from textcoder.proposals import Coded, CodedMaterial

    codes = live.standing.codebook.in_use
    used = {code.id for code in codes}
    said = [
        Coded(live.segments[row].id, coding.code, coding.coder)
        for coding in visible(live.standing, coder, live.standing.codings.values())
        if coding.status is Status.ACCEPTED and coding.code in used
        for row in live.places.under(coding.transcript, coding.start, coding.end)
    ]
    silent = used - {one.code for one in said}
    said += [
        Coded(live.segments[row].id, code, "machine") for code in sorted(silent) for row in live.suggested_rows(code)
    ]
    return CodedMaterial(
        codes=codes,
        entries=live.embedder.embed([f"{code.name}. {code.definition} {code.include}".strip() for code in codes]),
        segments=tuple(segment.id for segment in live.segments),
        cases=tuple(live.case(segment) for segment in live.segments),
        vectors=live.vectors,
        codings=tuple(said),
    )


def similar_codes(
    live: LiveProject, name: str, definition: str = "", *, least: float = 0.55
) -> list[tuple[Code, float]]:
    """Codes in use that a new one would nearly repeat, by the meaning of their entries, the most alike first.

    Args:
        live: The project.
        name: Of the new code.
        definition: Its definition, if it has one yet.
        least: Cosine from which codes are named; no two codes of the demo's codebook are more alike than .48.
    """
    codes = live.standing.codebook.in_use
    if not codes:
        return []
    short = [code.name for code in codes]
    entries = [f"{code.name}. {code.definition}" for code in codes]
    vectors = live.embedder.embed([name, f"{name}. {definition}", *short, *entries])
    given, known = vectors[:2], vectors[2:].reshape(2, len(codes), -1)
    alike = [max(float(one[i] @ of) for one, of in zip(known, given, strict=True)) for i in range(len(codes))]
    found = [(code, cosine) for code, cosine in zip(codes, alike, strict=True) if cosine >= least]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].name))


def propose_split(live: LiveProject, code: str, *, n_parts: int | None = None) -> list[list[Span]]:
    """A division of what people accepted for a code, the largest part first, in each the most typical span first.

    Args:
        live: The project.
        code: Its id.
        n_parts: How many parts; None for as many as the segments fall into.

    Raises:
        InvalidDecision: People have accepted too few different segments for it.
    """
    from textcoder.proposals import divide

    spans = sorted(
        {
            (c.transcript, c.start, c.end)
            for c in live.standing.codings.values()
            if c.code == code and c.status is Status.ACCEPTED
        }
    )
    rows = [live.places.under(*span) for span in spans]
    placed = [(span, row[0]) for span, row in zip(spans, rows, strict=True) if row]
    vectors = live.vectors[[row for _, row in placed]]
    try:
        division = divide(vectors, n_parts, seed=live.settings.seed)
    except ValueError as error:
        raise InvalidDecision(
            f"A division needs more: people have accepted {len(placed)} segments for this code. Accept some of its suggestions first."
        ) from error
    return [[placed[i][0] for i in part] for part in division.parts]


def note(live: LiveProject, segment: Segment, text: str, *, coder: Coder) -> list[Decision]:
    """Write a memo on a segment."""
    by = By(coder.id, now(), "")
    memo = Memo(str(uuid.uuid4()), MemoOn.SEGMENT, segment.id, text, by.coder, by.at)
    return live.do(lambda standing: write_memo(standing, memo, by), coder=coder)
