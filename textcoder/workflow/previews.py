"""What a decision would change, before it is taken."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coding, Status
from textcoder.domain.decision import Decision, DecisionKind, coding_of
from textcoder.domain.history import numbered
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.standing import Standing
from textcoder.workflow.live import LiveProject, Plan
from textcoder.workflow.rounds import agreement_of
from textcoder.workflow.steps import many


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """Krippendorff's alpha of one code before and after; NaN where it is undefined or the code is not in use."""

    code: Code
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would touch. Counts are of what people coded; what the machine suggests stands apart.

    Attributes:
        codings: Codings of people that would be set, moved or taken away.
        segments: Different spans among them.
        people: Cases whose words these are.
        files: Transcripts they stand in.
        coders: Ids of the people whose codings these are.
        both: Spans that carry several of the codes now and would carry one once: (transcript, start, end).
        overlapping: Pairs of spans of these codes that overlap without being the same; they stay as two.
        memos: On the codes and on the spans; they stay where they are.
        suggested: Segments for which the machine suggests one of the codes now.
        agreement: Of the codes in question, where several people have looked at the same segments.
        sentences: All of it as people read it.
    """

    codings: int
    segments: int
    people: int
    files: int
    coders: tuple[str, ...]
    both: tuple[tuple[str, int, int], ...]
    overlapping: int
    memos: tuple[Memo, ...]
    suggested: int
    agreement: tuple[AgreementChange, ...]
    sentences: tuple[str, ...]


def preview(live: LiveProject, plan: Plan) -> Preview:
    """Look ahead at an act (a merge, split, move, retirement, ...) without taking it.

    Cost: what the act itself costs, and the agreement of its codes twice.
    """
    live.catch_up()
    decisions = plan(live.standing)
    codes = {d.target for d in decisions if d.kind is DecisionKind.SET_CODE}
    codes |= {coding_of(d.target)[4] for d in decisions if d.kind is DecisionKind.SET_CODING}
    codes |= {s for d in decisions if d.kind is DecisionKind.SET_CODE and d.after for s in d.after["successors"]}
    touched = [coding_of(d.target) for d in decisions if d.kind is DecisionKind.SET_CODING]
    spans = sorted({(transcript, start, end) for _, transcript, start, end, _ in touched})
    rows = {row for span in spans for row in live.places.under(*span)}
    accepted = [c for c in live.standing.codings.values() if c.code in codes and c.status is Status.ACCEPTED]
    both = _said_twice(accepted)
    memos = _memos_on(live.standing, codes, spans)
    found = Preview(
        codings=len({said[:4] for said in touched}),
        segments=len(spans),
        people=len({live.case(live.segments[row]) for row in rows} - {""}),
        files=len({span[0] for span in spans}),
        coders=tuple(sorted({said[0] for said in touched})),
        both=both,
        overlapping=_overlaps(accepted),
        memos=memos,
        suggested=len(_suggested(live, codes)),
        agreement=_agreement_changes(live, decisions, codes),
        sentences=(),
    )
    return _told(found)


@dataclass(frozen=True, slots=True)
class ThresholdPreview:
    """What another threshold would change: segments for which a code is suggested, and the people whose words they are."""

    before: int
    after: int
    people_before: int
    people_after: int


def preview_threshold(live: LiveProject, code: str, threshold: float) -> ThresholdPreview:
    """How many segments the machine would suggest a code for, now and with another threshold."""
    live.catch_up()
    now, then = live.suggested_rows(code), live.suggested_rows(code, threshold=threshold)
    cases = [{live.case(live.segments[row]) for row in rows} - {""} for rows in (now, then)]
    return ThresholdPreview(len(now), len(then), len(cases[0]), len(cases[1]))


def _suggested(live: LiveProject, codes: Collection[str]) -> list[int]:
    in_use = {code.id for code in live.standing.codebook.in_use} & set(codes)
    return sorted({row for code in in_use for row in live.suggested_rows(code)})


def _said_twice(codings: Sequence[Coding]) -> tuple[tuple[str, int, int], ...]:
    """Spans that one coder gave more than one of the codes."""
    seen: dict[tuple[str, str, int, int], int] = {}
    for coding in codings:
        key = (coding.coder, coding.transcript, coding.start, coding.end)
        seen[key] = seen.get(key, 0) + 1
    return tuple(sorted({key[1:] for key, times in seen.items() if times > 1}))


def _overlaps(codings: Sequence[Coding]) -> int:
    """Pairs of different spans of one coder that overlap. Cost: linear in the pairs found, after sorting."""
    ordered = sorted({(c.coder, c.transcript, c.start, c.end) for c in codings})
    pairs = 0
    for i, (coder, transcript, _, end) in enumerate(ordered):
        for other in ordered[i + 1 :]:
            if other[:2] != (coder, transcript) or other[2] >= end:
                break
            pairs += 1
    return pairs


def _memos_on(standing: Standing, codes: Collection[str], spans: Sequence[tuple[str, int, int]]) -> tuple[Memo, ...]:
    places = {f"{transcript}:{start}-{end}" for transcript, start, end in spans}
    found = [
        memo
        for memo in standing.memos.values()
        if (memo.on is MemoOn.CODE and memo.item in codes) or (memo.on is MemoOn.SEGMENT and memo.item in places)
    ]
    return tuple(sorted(found, key=lambda memo: memo.id))


def _agreement_changes(
    live: LiveProject, decisions: Sequence[Decision], codes: Collection[str]
) -> tuple[AgreementChange, ...]:
    looked = [coders for coders in live.standing.reviewed.values() if len(coders) > 1]
    if not looked:
        return ()
    after = Standing(live.log)
    after.apply(numbered(list(decisions), live.standing.number + 1))
    named = sorted(codes)
    figures = [{one.code: one.alpha.value for one in agreement_of(live, codes=named)}]
    with live.supposing(after):
        figures.append({one.code: one.alpha.value for one in agreement_of(live, codes=named)})
    entries = {code.id: code for code in (*live.standing.codebook, *after.codebook)}
    used = [{code.id for code in standing.codebook.in_use} for standing in (live.standing, after)]
    values = [[figures[i].get(code, math.nan) if code in used[i] else math.nan for code in named] for i in (0, 1)]
    return tuple(AgreementChange(entries[c], b, a) for c, b, a in zip(named, *values, strict=True) if c in entries)


def _told(found: Preview) -> Preview:
    """The preview with its sentences."""
    touched = (
        f"{many(found.codings, 'coding')} of {many(len(found.coders), 'coder')} would change: "
        f"{many(found.segments, 'segment')}, {many(found.people, 'person', 'people')}, {many(found.files, 'file')}."
    )
    said = [touched if found.codings else "No coding of a person would change."]
    if found.both:
        said.append(f"{many(len(found.both), 'span')} carry several of the codes and would carry one once.")
    if found.overlapping:
        said.append(f"{many(found.overlapping, 'pair')} of spans overlap without being the same; they stay apart.")
    if found.memos:
        said.append(f"{many(len(found.memos), 'memo')} on these codes and spans stay where they are.")
    if found.suggested:
        said.append(
            f"The machine suggests these codes for {many(found.suggested, 'segment')} now, and would learn anew."
        )
    for change in found.agreement:
        said.append(
            f'Agreement on "{change.code.name}": alpha {_figure(change.before)} now, {_figure(change.after)} then.'
        )
    return replace(found, sentences=tuple(said))


def _figure(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.2f}"
