"""Figures corrected for the machine's errors by a random sample that people coded, and whether these errors are fair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from textcoder import query
from textcoder.workflow import estimating
from textcoder_api.answers import CSV, JSON, as_csv, wants_csv
from textcoder_api.dependencies import Reading, ReadingDep
from textcoder_api.estimation_schemas import ErrorsOne, PrevalenceOne
from textcoder_api.routes.figures import several
from textcoder_api.schemas import Name, Row
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}", tags=["figures"])


class Correcting(BaseModel):
    """By which sample, of which codes, and whose words.

    Any other parameter is an attribute, or `wave`, and holds the question to words that have it: `site=North`, repeated for either of
    several values.
    """

    model_config = ConfigDict(extra="allow")

    sample: Annotated[
        Name | None, Field(description="Correct by this sample; the released one of which most is coded.")
    ] = None
    code: Annotated[list[Name], Field(max_length=100, description="Only these codes, by name or id; repeat.")] = []
    by: Annotated[str, Field(max_length=500, description="By which attributes, such as `group,wave`.")] = ""

    def where(self) -> query.Where:
        """The filters."""
        return query.Where({name: several(value) for name, value in (self.model_extra or {}).items()})

    def attributes(self) -> tuple[str, ...]:
        """By what is compared."""
        return tuple(part.strip() for part in self.by.split(",") if part.strip())


class PrevalenceQuery(Correcting):
    """Which shares."""

    of: Annotated[
        Literal["segments", "people"],
        Field(
            description="How much of what is said; or how many people say it at least once, which takes a sample of whole people."
        ),
    ] = "segments"
    lens: Annotated[Name | None, Field(description="Only codes under this lens.")] = None
    minimum_people: Annotated[int, Field(ge=0, le=1000, description="Cells with fewer people are not shown.")] = 2


class ErrorsQuery(Correcting):
    """Which errors."""

    at: Annotated[float, Field(gt=0, le=1, description="State the power for a difference of this size.")] = 0.1


def _answers(model: type[Row]) -> dict[int | str, dict[str, Any]]:
    about = "`ETag` says what it rests on. A cell that is not shown is null; so is a figure that is undefined."
    return {200: {"model": model, "description": about, "content": {CSV: {"schema": {"type": "string"}}}}}


@router.get("/prevalence", response_model=None, responses=_answers(PrevalenceOne))
def ask_prevalence(reading: ReadingDep, asked: Annotated[PrevalenceQuery, Query()]) -> Response:
    """How much carries each code, corrected for the machine's errors; differences of groups and waves, with their number named."""
    with reading.view() as view:
        question = query.Question(query.Unit.CODES, asked.attributes(), asked.lens, asked.where(), asked.minimum_people)
        coded = _coded(reading, view, asked.sample)
        found = estimating.prevalence(coded, question, of=asked.of, codes=asked.code or None)
        return _answer(reading, found, lambda: estimating.share_rows(found))


@router.get("/errors", response_model=None, responses=_answers(ErrorsOne))
def ask_errors(reading: ReadingDep, asked: Annotated[ErrorsQuery, Query()]) -> Response:
    """Whether the machine errs differently by group, site, wave, length or language, how sure that is, and what it means."""
    with reading.view() as view:
        found = estimating.errors_found(
            _coded(reading, view, asked.sample),
            by=asked.attributes(),
            codes=asked.code or None,
            where=asked.where(),
            at=asked.at,
            seed=view.whole.settings.seed,
        )
        return _answer(reading, found, lambda: estimating.error_rows(found))


def _coded(reading: Reading, view: View, sample: str | None) -> estimating.CodedTwice:
    """What machine and people say; coded once for every state of the log."""
    coder = reading.coder.id
    return reading.desk.kept.get(
        f"coded twice {coder} {sample}",
        view.whole.standing.number,
        lambda: estimating.coded_twice(view.whole, sample=sample, coder=coder),
    )


def _answer(reading: Reading, found: Any, rows: Callable[[], list[list[Any]]]) -> Response:
    if wants_csv(reading.request):
        head, *body = rows()
        return reading.answer(as_csv(head, body))
    return reading.answer(Response(to_json(found, inf_nan_mode="null"), media_type=JSON))
