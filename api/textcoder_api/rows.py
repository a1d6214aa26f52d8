"""From what the workflow gives to what is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from textcoder import workflow
from textcoder.domain.codebook import Code
from textcoder.domain.coding import CoderKind, Coding, Status
from textcoder.domain.decision import Decision, DecisionKind
from textcoder.domain.history import Act, lineage
from textcoder.domain.places import Places
from textcoder.domain.project import Case, Project
from textcoder.domain.sample import Sample
from textcoder.domain.theme import Theme, ThemeStatus
from textcoder.domain.transcript import Segment, Transcript
from textcoder.workflow import LiveProject, Suggestion
from textcoder.workflow.previews import Preview, ThresholdPreview
from textcoder.workflow.reviewing import Queued
from textcoder.workflow.rounds import Unsettled
from textcoder_api.corpus import is_demo
from textcoder_api.schemas import (
    ActRow,
    AgreementChangeRow,
    AgreementRow,
    CaseRow,
    CodeOne,
    CodeRow,
    CodingRow,
    DecisionRow,
    DisagreementRow,
    Done,
    EstimateRow,
    LensRow,
    LineageRow,
    MemoRow,
    PairRow,
    PreviewRow,
    ProjectOne,
    ProjectRow,
    QueuedRow,
    SampleOne,
    SampleRow,
    SegmentRow,
    SuggestionRow,
    TextRow,
    ThemeOne,
    ThemeRow,
    ThresholdPreviewRow,
    TranscriptOne,
    TranscriptRow,
    TurnRow,
)
from textcoder_api.views import View

if TYPE_CHECKING:
    from textcoder.agreement import CodeAgreement, Estimate


def project_row(project: Project) -> ProjectRow:
    """A project, without opening it."""
    return ProjectRow(**_project(project))


def project_one(live: LiveProject) -> ProjectOne:
    """A project with how much it holds."""
    project = live.store.project()
    machines = {coder.id for coder in live.store.coders() if coder.kind is CoderKind.MACHINE}
    return ProjectOne(
        **_project(project),
        decisions=live.standing.number,
        decisions_of_people=sum(decision.coder not in machines for decision in live.log),
        codebook_version=live.standing.codebook.version,
        transcripts=len(live.transcripts),
        segments=len(live.segments),
        cases=len(live.store.cases()),
        codes=len(live.standing.codebook.in_use),
        demo=is_demo(project.id, live.transcripts.values()),
    )


def _project(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "method": project.method,
        "lenses": tuple(LensRow.model_validate(lens) for lens in project.lenses),
    }


# --- material ---------------------------------------------------------------------------------------------------------------------------


def segments_in(live: LiveProject) -> Mapping[str, int]:
    """Transcript id to how many segments it has."""
    return Counter(segment.transcript for segment in live.segments)


def transcript_row(transcript: Transcript, segments: Mapping[str, int]) -> TranscriptRow:
    """A transcript without its text."""
    return TranscriptRow(**_transcript(transcript, segments))


def transcript_one(transcript: Transcript, segments: Mapping[str, int]) -> TranscriptOne:
    """A transcript with its turns."""
    turns = tuple(TurnRow(number=number, **asdict(turn)) for number, turn in enumerate(transcript.turns))
    return TranscriptOne(**_transcript(transcript, segments), turns=turns, pages=transcript.pages)


def _transcript(transcript: Transcript, segments: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": transcript.id,
        "name": transcript.name,
        "kind": transcript.kind,
        "language": transcript.language,
        "wave": transcript.wave,
        "date": transcript.date,
        "attributes": dict(transcript.attributes),
        "characters": len(transcript.text),
        "segments": segments.get(transcript.id, 0),
        "speakers": {speaker or "": role for speaker, role in transcript.speakers().items()},
        "sha256": transcript.sha256,
    }


def text_row(transcript: Transcript, start: int, end: int | None) -> TextRow:
    """A range of the text, cut to where it ends."""
    last = len(transcript.text) if end is None else min(end, len(transcript.text))
    first = min(start, last)
    return TextRow(
        transcript=transcript.id,
        start=first,
        end=last,
        characters=len(transcript.text),
        text=transcript.quotation(first, last),
    )


def case_rows(view: View) -> list[CaseRow]:
    """Every participant, with where she speaks."""
    spoken: dict[str, dict[str, None]] = {case: {} for case in view.cases}
    for transcript in view.live.transcripts.values():
        for turn in transcript.turns:
            if turn.case in spoken:
                spoken[turn.case][transcript.name] = None
    segments = Counter(view.live.case(segment) for segment in view.live.segments)
    return [case_row(case, tuple(spoken[case.id]), segments[case.id]) for case in view.cases.values()]


def case_row(case: Case, transcripts: tuple[str, ...], segments: int) -> CaseRow:
    """A participant."""
    return CaseRow(
        id=case.id, name=case.name, attributes=dict(case.attributes), transcripts=transcripts, segments=segments
    )


def segment_row(view: View, segment: Segment) -> SegmentRow:
    """A segment with its words."""
    return SegmentRow(**segment_fields(view, segment))


def segment_fields(view: View, segment: Segment) -> dict[str, Any]:
    """What a segment's row holds."""
    transcript = view.live.transcripts[segment.transcript]
    turn, placement = transcript.turns[segment.turn], view.placements.get(segment.id)
    return {
        "id": segment.id,
        "transcript": transcript.id,
        "file": transcript.name,
        "start": segment.start,
        "end": segment.end,
        "text": transcript.quotation(segment.start, segment.end),
        "question": transcript.question_of(segment.turn),
        "speaker": turn.speaker or "",
        "role": turn.role,
        "case": turn.case or "",
        "wave": transcript.wave,
        "page": transcript.page_at(segment.start),
        "time_ms": transcript.time_at(segment.turn, segment.start),
        "lens": placement.lens if placement else None,
        "lens_probability": placement.probability if placement else None,
        "abstained": placement.abstained if placement else None,
    }


# --- codebook and codings ---------------------------------------------------------------------------------------------------------------


def code_row(code: Code) -> CodeRow:
    """An entry."""
    return CodeRow.model_validate(code)


def code_one(view: View, code: Code) -> CodeOne:
    """An entry with where it comes from."""
    live, book = view.live, view.live.standing.codebook
    told = lineage(live.acts, book, code.id)
    said = Counter(coding.status for coding in live.standing.codings.values() if coding.code == code.id)
    return CodeOne(
        **code_row(code).model_dump(),
        accepted=said[Status.ACCEPTED],
        rejected=said[Status.REJECTED],
        above=book.ancestors(code.id),
        below=tuple(child.id for child in book.children(code.id)),
        merged_from=tuple(one.id for one in told.merged_from),
        split_from=tuple(one.id for one in told.split_from),
        lineage=tuple(_lineage(live, act, before, after) for act, before, after in told.acts),
    )


def _lineage(live: LiveProject, act: Act, before: Code | None, after: Code | None) -> LineageRow:
    changed = (
        [field.name for field in fields(Code) if getattr(before, field.name) != getattr(after, field.name)]
        if before is not None and after is not None
        else []
    )
    row = act_row(live, act)
    return LineageRow(**row.model_dump(exclude={"decisions"}), fields=tuple(changed))


def coding_row(view: View, coding: Coding, kinds: Mapping[str, CoderKind]) -> CodingRow:
    """A coding with its words and whose they are."""
    transcript, places = view.live.transcripts[coding.transcript], view.live.places
    segment = _said_at(places, coding)
    turn = transcript.turns[segment.turn] if segment else None
    entry = view.live.standing.codebook.get(coding.code)
    return CodingRow(
        transcript=transcript.id,
        file=transcript.name,
        start=coding.start,
        end=coding.end,
        text=transcript.quotation(coding.start, coding.end),
        speaker=(turn.speaker if turn else None) or "",
        case=(turn.case if turn else None) or "",
        wave=transcript.wave,
        code=coding.code,
        code_name=entry.name if entry else "",
        lens=entry.lens if entry else "none",
        coder=coding.coder,
        coder_kind=kinds.get(coding.coder, CoderKind.MACHINE),
        status=coding.status,
        probability=coding.probability,
        counts=view.counts(coding),
        why=coding.why,
    )


def case_of(view: View, coding: Coding) -> str:
    """Whose words a coding is about; empty where nobody's."""
    segment = _said_at(view.live.places, coding)
    return view.live.case(segment) if segment else ""


def _said_at(places: Places, coding: Coding) -> Segment | None:
    rows = places.under(coding.transcript, coding.start, coding.end)
    return places.segments[rows[0]] if rows else None


# --- decisions --------------------------------------------------------------------------------------------------------------------------


def decision_row(decision: Decision) -> DecisionRow:
    """One row of the log."""
    return DecisionRow(
        **{name: getattr(decision, name) for name in DecisionRow.model_fields if name not in _STATES},
        before=_plain(decision.before),
        after=_plain(decision.after),
    )


_STATES = ("before", "after")


def _plain(state: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if state is None else dict(state)


def act_row(live: LiveProject, act: Act) -> ActRow:
    """What was done in one go, in words."""
    first = act.first
    return ActRow(
        act=act.number,
        at=first.at,
        coder=first.coder,
        verb=first.verb,
        why=first.why,
        sentence=workflow.told(live, act.decisions),
        decisions=len(act.decisions),
        undone_by=act.undone_by,
    )


def done_row(live: LiveProject, decisions: Sequence[Decision]) -> Done:
    """What came of a decision."""
    numbers = dict.fromkeys(decision.act for decision in decisions)
    acts = live.acts if numbers else {}
    touched = {kind: tuple(dict.fromkeys(d.target for d in decisions if d.kind is kind)) for kind in DecisionKind}
    return Done(
        acts=tuple(act_row(live, acts[number]) for number in numbers),
        codes=touched[DecisionKind.SET_CODE],
        memos=touched[DecisionKind.SET_MEMO],
        codebook_version=live.standing.codebook.version,
        log=live.standing.number,
    )


def preview_row(found: Preview | ThresholdPreview) -> PreviewRow | ThresholdPreviewRow:
    """What a decision would touch."""
    if isinstance(found, ThresholdPreview):
        return ThresholdPreviewRow.model_validate(found)
    return PreviewRow(
        **{
            name: getattr(found, name)
            for name in ("codings", "segments", "people", "files", "coders", "overlapping", "suggested", "sentences")
        },
        both=tuple(f"{transcript}:{start}-{end}" for transcript, start, end in found.both),
        memos=tuple(MemoRow.model_validate(memo) for memo in found.memos),
        agreement=tuple(
            AgreementChangeRow(code=one.code.id, before=one.before, after=one.after) for one in found.agreement
        ),
    )


# --- the machine's view, and several people ---------------------------------------------------------------------------------------------


def theme_row(live: LiveProject, theme: Theme) -> ThemeRow:
    """A theme, and what became of it."""
    return ThemeRow(**_theme(live, theme))


def theme_one(view: View, theme: Theme) -> ThemeOne:
    """A theme with its segments."""
    quoted = [view.live.segments[view.live.row_of[s]] for s in theme.representatives]
    return ThemeOne(
        **_theme(view.live, theme),
        members=theme.segments,
        quotations=tuple(segment_row(view, segment) for segment in quoted),
    )


def _theme(live: LiveProject, theme: Theme) -> dict[str, Any]:
    """What a person made of a theme since the run counts more than what the run made of it."""
    decided = live.standing.theme_states.get(theme.id)
    return {
        "id": theme.id,
        "name": theme.name,
        "lens": theme.lens,
        "keywords": theme.keywords,
        "segments": len(theme.segments),
        "stability": theme.stability,
        "status": ThemeStatus(decided["status"]) if decided else theme.status,
        "code": decided["code"] if decided else theme.code,
    }


def queued_row(one: Queued) -> QueuedRow:
    """A segment to look at."""
    return QueuedRow(
        segment=one.segment.id,
        file=one.file,
        start=one.segment.start,
        end=one.segment.end,
        speaker=one.speaker,
        question=one.question,
        text=one.text,
        reason=one.reason,
        alike=tuple(segment.id for segment in one.alike),
        suggestions=tuple(suggestion_row(suggestion) for suggestion in one.suggestions),
    )


def suggestion_row(one: Suggestion) -> SuggestionRow:
    """A code that the machine suggests."""
    code = one.code
    return SuggestionRow(code=code.id, name=code.name, lens=code.lens, probability=one.probability, why=one.why)


def sample_row(live: LiveProject, sample: Sample) -> SampleRow:
    """A sample and how far it has come."""
    return SampleRow(**_sample(live, sample))


def sample_one(live: LiveProject, sample: Sample) -> SampleOne:
    """A sample with its segments."""
    return SampleOne(**_sample(live, sample), segments=dict(sample.segments))


def _sample(live: LiveProject, sample: Sample) -> dict[str, Any]:
    reviewed = live.standing.reviewed
    done = {coder: sum(coder in reviewed.get(s, ()) for s in sample.segments) for coder in sample.coders}
    return {
        "name": sample.name,
        "status": sample.status,
        "size": len(sample.segments),
        "population": sample.population,
        "seed": sample.seed,
        "by": sample.by,
        "people": sample.people,
        "coders": sample.coders,
        "progress": done,
    }


def agreement_row(live: LiveProject, one: CodeAgreement) -> AgreementRow:
    """How far coders agree on one code."""
    from textcoder.agreement import reading, warnings_of

    entry = live.standing.codebook.get(one.code)
    return AgreementRow(
        code=one.code,
        name=entry.name if entry else "",
        units=one.units,
        people=one.cases,
        yes=dict(one.yes),
        percent=_estimate(one.percent, one.units, "share of pairs of coders who said the same"),
        alpha=_estimate(one.alpha, one.units, "Krippendorff's alpha, nominal; bootstrap over persons"),
        pairs=tuple(
            PairRow(
                **{name: getattr(pair, name) for name in ("a", "b", "both_yes", "only_a", "only_b", "both_no")},
                percent=_estimate(pair.percent, pair.units, "share of units on which both said the same"),
                kappa=_estimate(pair.kappa, pair.units, "Cohen's kappa; bootstrap over persons"),
                measures=_measures(pair.measures, pair.units),
            )
            for pair in one.pairs
        ),
        measures=_measures(one.measures, one.units),
        reading=reading(one.alpha),
        warnings=warnings_of(one),
    )


def _measures(found: Mapping[str, Estimate], n: int) -> dict[str, EstimateRow]:
    from textcoder.agreement import MEASURES

    return {
        name: _estimate(figure, n, f"{MEASURES[name].title}, {MEASURES[name].source}; bootstrap over persons")
        for name, figure in found.items()
    }


def _estimate(figure: Estimate, n: int, method: str) -> EstimateRow:
    return EstimateRow(estimate=figure.value, low=figure.low, high=figure.high, n=n, method=method, note=figure.note)


def disagreement_row(live: LiveProject, one: Unsettled) -> DisagreementRow:
    """What is to be settled."""
    return DisagreementRow(
        segment=one.segment.id,
        file=live.transcripts[one.segment.transcript].name,
        start=one.segment.start,
        end=one.segment.end,
        text=live.text(one.segment),
        code=one.code.id,
        name=one.code.name,
        lens=one.code.lens,
        yes=one.yes,
        no=one.no,
    )


def figures_of(one: Any, *besides: str) -> dict[str, Any]:
    """The fields of a result as plain JSON, NaN as null, without some."""
    return {name: _json(value) for name, value in asdict(one).items() if name not in besides}


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _json(of) for name, of in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, Iterable):
        return [_json(of) for of in value]
    number = float(value)
    if number != number:  # NaN: undefined
        return None
    return int(value) if number == int(number) and isinstance(value, int) else number
