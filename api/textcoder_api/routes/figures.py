"""The evaluator's question: shares by any attributes and wave, what changed, what goes together, and the words behind each figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from textcoder import query
from textcoder.domain.transcript import Role
from textcoder.errors import InvalidDecision
from textcoder_api.answers import CSV, JSON, as_csv, plain, wants_csv
from textcoder_api.dependencies import ItemId, Reading, ReadingDep
from textcoder_api.schemas import (
    ChangeOne,
    CoOccurrenceOne,
    FiguresOne,
    MatrixOne,
    Name,
    Probability,
    QuotationRow,
    QuotationsOne,
    Row,
)
from textcoder_api.views import facts_for

router = APIRouter(prefix="/projects/{project}/figures", tags=["figures"])


class Asking(BaseModel):
    """Whose words, and which codings.

    Any other parameter is an attribute, `wave`, `file` or `role`, and holds the question to words that have it: `site=North`, repeated
    for either of several values.
    """

    model_config = ConfigDict(extra="allow")

    unit: Annotated[query.Unit, Field(description="What the rows are.")] = query.Unit.CODES
    lens: Annotated[Name | None, Field(description="Only rows under this lens.")] = None
    people_only: Annotated[bool, Field(description="Count what people coded, not what is suggested.")] = False
    probability: Annotated[Probability, Field(description="Leave out suggestions below it.")] = 0.0
    minimum_people: Annotated[int, Field(ge=0, le=1000, description="Cells with fewer people are not shown.")] = 2

    def where(self) -> query.Where:
        """The filters."""
        given = {name: several(value) for name, value in (self.model_extra or {}).items()}
        roles = given.pop("role", [])
        if not set(roles) <= set(Role):
            raise InvalidDecision(f"`role` is one of {', '.join(Role)}.")
        files = given.pop("file", [])
        return query.Where(given, files, [Role(role) for role in roles], self.people_only, self.probability)


class ByQuery(Asking):
    """By what people are compared."""

    by: Annotated[str, Field(max_length=500, description="Up to three attributes, such as `group,wave`.")] = ""

    def question(self) -> query.Question:
        """What is asked."""
        by = tuple(part.strip() for part in self.by.split(",") if part.strip())
        return query.Question(self.unit, by, self.lens, self.where(), self.minimum_people)


class ChangeQuery(ByQuery):
    """Which waves."""

    from_wave: Name
    to_wave: Name


class QuoteQuery(Asking):
    """Which part. It takes what the figure was asked with, so that each figure opens into its words by the same parameters."""

    minimum_people: Annotated[
        int, Field(ge=0, le=1000, description="Holds back no words: whoever may ask may read the transcripts.")
    ] = 2
    limit: Annotated[int, Field(ge=1, le=1000)] = 20
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    together: Annotated[
        Name | None,
        Field(alias="with", description="Only words in segments that carry this row, too: what a pair says."),
    ] = None


def _answers(model: type[Row]) -> dict[int | str, dict[str, Any]]:
    about = "`ETag` says what it rests on. A cell that is not shown is null; so is a figure that is undefined."
    return {200: {"model": model, "description": about, "content": {CSV: {"schema": {"type": "string"}}}}}


@router.get("", response_model=None, responses=_answers(FiguresOne))
async def ask_figures(reading: ReadingDep, asked: Annotated[ByQuery, Query()]) -> Response:
    """How many of those asked said it: share of people and of segments, with who was asked, interval, method and n."""

    def made() -> Response:
        with reading.view() as view:
            answer = query.ask(view.facts, asked.question())
            return _answer(reading, answer, lambda: _answer_rows(answer))

    return await _at_once(reading, made, few=asked.by.count(",") <= 1)


@router.get("/change", response_model=None, responses=_answers(ChangeOne))
def ask_change(reading: ReadingDep, asked: Annotated[ChangeQuery, Query()]) -> Response:
    """What changed between two waves, person by person where the same people were asked."""
    with reading.view() as view:
        found = query.change(view.facts, asked.question(), asked.from_wave, asked.to_wave)
        return _answer(reading, found, lambda: _change_rows(found))


@router.get("/co-occurrence", response_model=None, responses=_answers(CoOccurrenceOne))
def ask_co_occurrence(reading: ReadingDep, asked: Annotated[Asking, Query()]) -> Response:
    """Which codes go together in the same people, more or less than chance."""
    with reading.view() as view:
        found = query.co_occurrence(
            view.facts, asked.where(), unit=asked.unit, lens=asked.lens, minimum_people=asked.minimum_people
        )
        return _answer(reading, found, lambda: _pair_rows(found))


@router.get("/matrix", response_model=None, responses=_answers(MatrixOne))
def ask_matrix(reading: ReadingDep, asked: Annotated[Asking, Query()]) -> Response:
    """People by codes: how often each person says each. It shows single people, whatever the minimum."""
    with reading.view() as view:
        found = query.matrix(view.facts, asked.where(), unit=asked.unit, lens=asked.lens)
        shown = {"cases": found.cases, "rows": found.rows, "mentions": found.mentions.tolist()}
        return _answer(reading, shown, lambda: _matrix_rows(found))


@router.get("/quotations/{row}", response_model=None, responses=_answers(QuotationsOne))
async def ask_quotations(reading: ReadingDep, row: ItemId, asked: Annotated[QuoteQuery, Query()]) -> Response:
    """The exact words behind a figure, spread over people, with place, probability and who coded them."""

    def made() -> Response:
        with reading.view() as view:
            found = query.quotations(
                view.facts,
                row,
                asked.where(),
                unit=asked.unit,
                offset=asked.offset,
                limit=asked.limit,
                together=asked.together,
            )
            return _answer(reading, found, lambda: _quotation_rows(found))

    return await _at_once(reading, made, few=asked.limit <= 100)


async def _at_once(reading: Reading, made: Callable[[], Response], *, few: bool) -> Response:
    """An answer that takes milliseconds where it has few cells or words and the facts are laid out."""
    if not few:
        return await run_in_threadpool(made)
    return await reading.quickly(made, from_=facts_for(reading.coder.id))


def _answer(reading: Reading, found: Any, rows: Callable[[], Iterator[Sequence[Any]]]) -> Response:
    """What was found, as it is, or in rows of which the first is the head.

    The models of the contract say its shape without making it once more; a test holds the two together.
    """
    if wants_csv(reading.request):
        head, *body = rows()
        return reading.answer(as_csv(head, body))
    return reading.answer(Response(to_json(found, inf_nan_mode="null"), media_type=JSON))


_FIGURES = ("people", "asked", "share", "low", "high", "mentions", "segments", "segments_asked", "segments_share")


def _answer_rows(answer: query.Answer) -> Iterator[tuple[Any, ...]]:
    """A row for each code and cell; the cell of everybody has empty attributes. Cells that are not shown have no figures."""
    by = answer.question.by
    yield ("id", "name", "lens", *by, *_FIGURES)
    for row in answer.rows:
        cells = [
            (("",) * len(by), row.overall),
            *((c.values, cell) for c, cell in zip(answer.columns, row.cells, strict=True)),
        ]
        for values, cell in cells:
            yield (row.row.id, row.row.name, row.row.lens, *values, *_cell(cell))


def _cell(cell: query.Cell | None) -> tuple[Any, ...]:
    if cell is None:
        return (None,) * len(_FIGURES)
    p, s = cell.people, cell.segments
    return (p.n, p.of, *map(plain, (p.value, p.low, p.high)), cell.mentions, s.n, s.of, plain(s.value))


def _change_rows(found: query.Change) -> Iterator[tuple[Any, ...]]:
    by = found.question.by
    yield (
        "id",
        "name",
        "lens",
        *by,
        "before",
        "asked_before",
        "after",
        "asked_after",
        "difference",
        "low",
        "high",
        "method",
    )
    for row in found.rows:
        cells = [
            (("",) * len(by), row.overall),
            *((c.values, cell) for c, cell in zip(found.columns, row.cells, strict=True)),
        ]
        for values, cell in cells:
            before, after, d = cell.before, cell.after, cell.difference
            counts = [n for e in (before, after) for n in ((e.n, e.of) if e else (None, None))]
            change = (plain(d.value), plain(d.low), plain(d.high), d.method) if d else (None,) * 4
            yield (row.row.id, row.row.name, row.row.lens, *values, *counts, *change)


_NAMED = ("id", "name", "lens", "code")
_PAIR = ("people", "people_a", "people_b", "segments", "lift", "jaccard", "p", "p_adjusted")


def _pair_rows(found: query.CoOccurrence) -> Iterator[Sequence[Any]]:
    yield (*(f"a_{name}" for name in _NAMED), *(f"b_{name}" for name in _NAMED), *_PAIR)
    for pair in found.pairs:
        figures = (getattr(pair, name) for name in _PAIR)
        codes = (getattr(row, name) for row in (pair.a, pair.b) for name in _NAMED)
        yield (*codes, *(figure if isinstance(figure, int) else plain(figure) for figure in figures))


def _matrix_rows(found: query.CaseMatrix) -> Iterator[Sequence[Any]]:
    """A column for each code: its name, or `lens/name` where two have one name."""
    names = Counter(row.name for row in found.rows)
    yield ("case", *(f"{row.lens}/{row.name}" if names[row.name] > 1 else row.name for row in found.rows))
    for case, mentions in zip(found.cases, found.mentions.tolist(), strict=True):
        yield (case, *mentions)


def _quotation_rows(found: query.Quotations) -> Iterator[Sequence[Any]]:
    names = list(QuotationRow.model_fields)
    yield names
    for quotation in found.items:
        yield [getattr(quotation, name) for name in names]


def several(value: Any) -> list[str]:
    """The values of a parameter that may be repeated."""
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
