"""Signs of progress: indicators of people and groups over waves, each of which opens what lies below it, down to the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from textcoder import workflow
from textcoder.progress import KINDS, SCALING, Mean, PersonWave, Programme
from textcoder.workflow import progressing
from textcoder.workflow.progressing import Paths, Sentence, Sign
from textcoder_api.answers import CSV, JSON, ListQuery, as_csv, page_model, wants_csv
from textcoder_api.dependencies import ItemId, Reading, ReadingDep
from textcoder_api.schemas import Name, Row
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}/progress", tags=["figures"])

By = Annotated[
    str | None,
    Field(
        max_length=100, description="Attribute by which people are compared. [default: group, where people have one]"
    ),
]
PeopleOnly = Annotated[bool, Field(description="Count what people coded, not what is suggested.")]
Indicator = Annotated[Name, Field(description="A lens, or `scaling`: the numbers that people gave for now.")]


class ProgrammeQuery(BaseModel):
    """Which indicator, and by what people are compared."""

    model_config = ConfigDict(extra="forbid")

    indicator: Indicator = "signs_of_progress"
    by: By = None
    people_only: PeopleOnly = False
    minimum_people: Annotated[int, Field(ge=0, le=1000, description="Cells with fewer people are not shown.")] = 2


class PeopleQuery(ListQuery):
    """Whose indicators."""

    indicator: Indicator = "signs_of_progress"
    by: By = None
    people_only: PeopleOnly = False


class PersonQuery(BaseModel):
    """Which of her sentences."""

    model_config = ConfigDict(extra="forbid")

    wave: Annotated[Name | None, Field(description="Only what she said then.")] = None
    by: By = None
    people_only: PeopleOnly = False


class MarksQuery(ListQuery):
    """Which signs."""

    kind: Annotated[
        Literal["exception", "small_step", "preferred_future", "coping", "change_talk", "scaling"] | None,
        Field(description="`scaling` gives the numbers; without it all are given."),
    ] = None
    case: Annotated[Name | None, Field(description="Only this person's, by id.")] = None
    wave: Annotated[Name | None, Field(description="Only of this wave.")] = None


class MeanRow(Row):
    """A mean of people, each counting once, with its 95 % interval; null where a figure is undefined, and `reason` says why."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    reason: str


class GroupWaveRow(Row):
    """A group (or everybody) in one wave. `people` are the ids of who is in it; both are null where they are too few to be shown."""

    group: str
    wave: str
    mean: MeanRow | None
    people: list[str] | None


class ProgressChangeRow(Row):
    """The same people from one wave to another, after minus before; null where they are too few to be shown."""

    group: str
    from_wave: str
    to_wave: str
    mean: MeanRow | None
    people: list[str] | None


class IndicatorRow(Row):
    """An indicator that can be asked for."""

    id: str
    name: str


class ProgressOne(Row):
    """One indicator of the whole programme: `top` is 1 for a share of segments, 10 for a number.

    `cells` go through `groups`, and for each through `waves`; `changes` likewise through the steps of `overall_changes`. `unattributed`
    segments are nobody's whom the project knows; `unread` languages have no number words here.
    """

    indicator: str
    name: str
    by: str
    indicators: list[IndicatorRow]
    top: float
    waves: list[str]
    groups: list[str]
    overall: list[GroupWaveRow]
    cells: list[GroupWaveRow]
    overall_changes: list[ProgressChangeRow]
    changes: list[ProgressChangeRow]
    hidden: int
    unattributed: int
    unread: dict[str, int]


class PersonWaveRow(Row):
    """One person's indicator in one wave: `n` of her `of` segments, or a mean of `n` numbers. `segments` are what lies below."""

    case: str
    name: str
    wave: str
    group: str
    value: float | None
    n: int
    of: int
    segments: list[str]
    reason: str


class SignRow(Row):
    """A pattern's suggestion, with the words that speak for it; nobody has coded it.

    Of a scaling answer, `part` says of what it speaks (now, before, hoped, other), and `low` and `high` are the number, or a range.
    """

    id: str
    kind: str
    part: str
    segment: str
    transcript: str
    file: str
    start: int
    end: int
    text: str
    case: str
    wave: str | None
    why: str
    low: float | None
    high: float | None
    scale_low: float | None
    scale_high: float | None
    scale_stated: bool | None


class ProgressSentenceRow(Row):
    """One segment of a person: the lenses under which it counts, and what patterns find in it."""

    segment: str
    file: str
    start: int
    end: int
    text: str
    question: str
    wave: str
    lenses: list[str]
    signs: list[SignRow]


class PersonPathRow(Row):
    """One indicator of one person over the waves."""

    indicator: str
    name: str
    top: float
    waves: list[PersonWaveRow]


class PersonProgressOne(Row):
    """One person: her indicators over the waves, and the sentences below them."""

    case: str
    name: str
    paths: list[PersonPathRow]
    sentences: list[ProgressSentenceRow]


def _answers(model: type[Row]) -> dict[int | str, dict[str, Any]]:
    about = "`ETag` says what it rests on. A figure that is not shown, or undefined, is null."
    return {200: {"model": model, "description": about, "content": {CSV: {"schema": {"type": "string"}}}}}


@router.get("", response_model=None, responses=_answers(ProgressOne))
def ask_progress(reading: ReadingDep, asked: Annotated[ProgrammeQuery, Query()]) -> Response:
    """One indicator over waves: everybody and each group, as means of people, and what changed for the same people."""
    with reading.view() as view:
        paths = _paths(reading, view, asked.by, asked.people_only)
        found = paths.programme(asked.indicator, minimum_people=asked.minimum_people)
        if wants_csv(reading.request):
            head, *body = _programme_rows(found)
            return reading.answer(as_csv(head, body))
        more = {
            "name": progressing.name_of(paths, asked.indicator),
            "by": paths.by,
            "indicators": [{"id": one, "name": progressing.name_of(paths, one)} for one in paths.indicators],
            "unattributed": paths.unattributed,
            "unread": dict(paths.unread),
        }
        shown = {name: getattr(found, name) for name in Programme.__dataclass_fields__}
        return _json(reading, shown | more)


@router.get("/people", response_model=None, responses=page_model(PersonWaveRow))
def list_progress_people(reading: ReadingDep, asked: Annotated[PeopleQuery, Query()]) -> Response:
    """Each person's indicator in each wave. It shows single people, whatever the minimum."""
    with reading.view() as view:
        paths = _paths(reading, view, asked.by, asked.people_only)
        rows = sorted(paths.people(asked.indicator), key=_by_person)
        return reading.page(rows, asked, PersonWaveRow, lambda one: _person_row(paths, one), key=_by_person)


@router.get("/people/{case}", response_model=None, responses=_answers(PersonProgressOne))
def ask_progress_of(reading: ReadingDep, case: ItemId, asked: Annotated[PersonQuery, Query()]) -> Response:
    """One person, by id or name: her path over the waves, and the sentences below it with what counts and what patterns find."""
    with reading.view() as view:
        paths = _paths(reading, view, asked.by, asked.people_only)
        person = paths.case(case)
        sentences = progressing.sentences_of(view.whole, paths, person, wave=asked.wave)
        rows = [_sentence_row(view, one) for one in sentences]
        if wants_csv(reading.request):
            names = list(ProgressSentenceRow.model_fields)
            return reading.answer(as_csv(names, ([_plain(getattr(row, name)) for name in names] for row in rows)))
        own = [
            PersonPathRow(
                indicator=indicator,
                name=progressing.name_of(paths, indicator),
                top=10 if indicator == SCALING else 1,
                waves=[_person_row(paths, one) for one in paths.people(indicator) if one.case == person],
            )
            for indicator in paths.indicators
        ]
        found = PersonProgressOne(case=person, name=_called(paths, person), paths=own, sentences=rows)
        return _json(reading, found.model_dump(mode="python"))


@router.get("/marks", response_model=None, responses=page_model(SignRow))
def list_progress_marks(reading: ReadingDep, asked: Annotated[MarksQuery, Query()]) -> Response:
    """What patterns find in people's words: marks with the words that speak for them, and scaling answers as numbers."""
    with reading.view() as view:
        live = view.whole
        found: list[Sign] = []
        if asked.kind in (None, SCALING):
            found += progressing.numbers_of(live)
        if asked.kind in (None, *KINDS):
            found += progressing.marks_of(live)

        def place(sign: Sign) -> tuple[str, str, int, int, str]:
            return live.transcripts[sign.transcript].name, sign.transcript, sign.start, sign.end, sign.kind

        def keep(sign: Sign) -> bool:
            segment, wave = live.segments[live.row_of[sign.segment]], live.transcripts[sign.transcript].wave
            return (
                asked.kind in (None, sign.kind)
                and asked.case in (None, live.case(segment))
                and (asked.wave is None or asked.wave == wave)
            )

        return reading.page(
            sorted(found, key=place), asked, SignRow, lambda one: _sign_row(view, one), key=place, keep=keep
        )


def _paths(reading: Reading, view: View, by: str | None, people_only: bool) -> Paths:
    """People's paths as this coder may see them; made once for every state of the log."""
    kept, coder, number = reading.desk.kept, reading.coder.id, view.whole.standing.number
    facts = kept.get(f"facts {coder}", number, lambda: workflow.facts_of(view.whole, coder=coder))
    name = f"progress {coder} {by} {people_only}"
    return kept.get(name, number, lambda: progressing.paths_of(view.whole, facts, by=by, people_only=people_only))


def _json(reading: Reading, found: Any) -> Response:
    return reading.answer(Response(to_json(found, inf_nan_mode="null"), media_type=JSON))


def _by_person(row: PersonWave) -> tuple[str, str]:
    return row.case, row.wave


def _called(paths: Paths, case: str) -> str:
    known = paths.facts.study.case_by_id.get(case)
    return known.name if known else case


def _person_row(paths: Paths, one: PersonWave) -> PersonWaveRow:
    return PersonWaveRow(
        case=one.case,
        name=_called(paths, one.case),
        wave=one.wave,
        group=one.group,
        value=None if one.value != one.value else one.value,  # NaN is the only number that differs from itself
        n=one.n,
        of=one.of,
        segments=list(one.segments),
        reason=one.reason,
    )


def _sign_row(view: View, sign: Sign) -> SignRow:
    live = view.whole
    transcript, answer = live.transcripts[sign.transcript], sign.answer
    return SignRow(
        id=sign.id,
        kind=sign.kind,
        part=sign.part,
        segment=sign.segment,
        transcript=sign.transcript,
        file=transcript.name,
        start=sign.start,
        end=sign.end,
        text=sign.text,
        case=live.case(live.segments[live.row_of[sign.segment]]),
        wave=transcript.wave,
        why=sign.why,
        low=answer.low if answer else None,
        high=answer.high if answer else None,
        scale_low=answer.scale_low if answer else None,
        scale_high=answer.scale_high if answer else None,
        scale_stated=answer.stated if answer else None,
    )


def _sentence_row(view: View, one: Sentence) -> ProgressSentenceRow:
    return ProgressSentenceRow(
        segment=one.segment,
        file=one.file,
        start=one.start,
        end=one.end,
        text=one.text,
        question=one.question,
        wave=one.wave,
        lenses=list(one.lenses),
        signs=[_sign_row(view, sign) for sign in one.signs],
    )


def _programme_rows(found: Programme) -> Iterator[Sequence[Any]]:
    """A row for each group and wave, and for each change; everybody has an empty group and `everybody` is true."""
    yield ("indicator", "everybody", "group", "from_wave", "wave", "value", "low", "high", "people", "reason")
    for everybody, cells in ((True, found.overall), (False, found.cells)):
        for cell in cells:
            yield (found.indicator, everybody, cell.group, "", cell.wave, *_figures(cell.mean))
    for everybody, changes in ((True, found.overall_changes), (False, found.changes)):
        for one in changes:
            yield (found.indicator, everybody, one.group, one.from_wave, one.to_wave, *_figures(one.mean))


def _figures(mean: Mean | None) -> tuple[Any, ...]:
    if mean is None:
        return (None, None, None, None, "too few people")
    figures = (None if one != one else round(one, 6) for one in (mean.value, mean.low, mean.high))
    return (*figures, mean.n, mean.reason)


def _plain(value: Any) -> Any:
    return (
        [one.model_dump() for one in value]
        if value and isinstance(value, list) and isinstance(value[0], Row)
        else value
    )
