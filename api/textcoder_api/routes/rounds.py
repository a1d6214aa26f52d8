"""Several people code: samples for blind coding, agreement, what is to be settled."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder import workflow
from textcoder.agreement import MEASURES
from textcoder.domain.decision import Decision
from textcoder.domain.sample import Sample
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.workflow import LiveProject
from textcoder_api.answers import ListQuery, one, page_model
from textcoder_api.dependencies import ItemId, OwningDep, ReadingDep, only_json
from textcoder_api.rows import agreement_row, disagreement_row, sample_one, sample_row
from textcoder_api.schemas import AgreementRow, DisagreementRow, Name, SampleOne, SampleRow

router = APIRouter(prefix="/projects/{project}", tags=["rounds"])


@router.get("/samples", response_model=None, responses=page_model(SampleRow))
def list_samples(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """The samples with how far each coder has come, by name."""
    with reading.view() as view:
        samples = sorted(view.whole.standing.samples.values(), key=lambda sample: sample.name)
        return reading.page(
            samples, query, SampleRow, lambda sample: sample_row(view.whole, sample), key=lambda sample: (sample.name,)
        )


class Draw(BaseModel):
    """How to draw."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    n: Annotated[int, Field(ge=1, le=1_000_000, description="How many segments, or people.")]
    people: Annotated[bool, Field(description="Draw whole people, with all that they say.")] = False
    coders: Annotated[list[Name], Field(min_length=1, max_length=100, description="Who codes them.")]
    by: Annotated[Name | None, Field(description="Stratify by an attribute, such as wave or group.")] = None
    most_per_person: Annotated[int | None, Field(ge=1, le=1_000_000, description="At most so many of one person.")] = (
        None
    )
    seed: Annotated[
        int | None, Field(ge=0, le=2**32 - 1, description="The same seed draws the same; the project's.")
    ] = None


@router.post("/samples", response_model=SampleOne, status_code=201, dependencies=[Depends(only_json)])
def draw_sample(deciding: OwningDep, body: Draw) -> Response:
    """Draw segments by chance for blind coding; each has a known probability of being drawn, and the seed is kept."""

    def draw(live: LiveProject) -> list[Decision]:
        before = live.standing.number
        seed = live.settings.seed if body.seed is None else body.seed
        workflow.draw_sample(
            live,
            body.name,
            body.n,
            body.coders,
            by=deciding.coder,
            seed=seed,
            attribute=body.by or "",
            most_per_case=body.most_per_person,
            people=body.people,
        )
        return [decision for decision in live.log if decision.number > before]

    with deciding.done(draw, "sample") as (live, decisions):
        drawn = _known(live, decisions[0].target)
        return one(sample_one(live, drawn), status=200 if deciding.replayed else 201)


@router.get("/samples/{sample:path}", response_model=SampleOne)
def get_sample(reading: ReadingDep, sample: ItemId) -> Response:
    """One sample with its segments and the probability with which each was drawn."""
    with reading.view() as view:
        return reading.answer(one(sample_one(view.whole, _known(view.whole, sample))))


@router.post("/samples/{sample:path}/release", response_model=SampleOne)
def release_sample(deciding: OwningDep, sample: ItemId) -> Response:
    """Let its coders see each other's codings; the machine learns from them from now on."""

    def release(live: LiveProject) -> list[Decision]:
        before = live.standing.number
        workflow.release_sample(live, sample, by=deciding.coder)
        return [decision for decision in live.log if decision.number > before]

    with deciding.done(release, "release") as (live, _):
        return one(sample_one(live, _known(live, sample)))


def _known(live: LiveProject, name: str) -> Sample:
    found = live.standing.samples.get(name)
    if found is None:
        raise UnknownItem(f'There is no sample called "{name}".')
    return found


class SampleQuery(ListQuery):
    """Of which segments."""

    sample: Annotated[Name | None, Field(description="Only the segments of this sample.")] = None


@router.get("/agreement", response_model=None, responses=page_model(AgreementRow))
def get_agreement(reading: ReadingDep, query: Annotated[SampleQuery, Query()]) -> Response:
    """How far people agree, code by code, over the segments that two or more have looked at.

    Whoever still codes a sample blind is told nothing of how the others coded it.
    """
    with reading.view() as view:
        if query.sample is not None:
            refuse_blind(_known(view.whole, query.sample), reading.coder.id)
        found = sorted(
            workflow.agreement_of(view.live, sample=query.sample, measures=tuple(MEASURES)), key=lambda row: row.code
        )
        return reading.page(
            found, query, AgreementRow, lambda row: agreement_row(view.live, row), key=lambda row: (row.code,)
        )


def refuse_blind(sample: Sample, coder: str) -> None:
    """Tell nobody of a sample that she still codes blind.

    Raises:
        InvalidDecision: She does.
    """
    if sample.is_blind_for(coder):
        raise InvalidDecision(f'"{sample.name}" is still coded blind, also by you; release it first.')


@router.get("/disagreements", response_model=None, responses=page_model(DisagreementRow))
def list_disagreements(reading: ReadingDep, query: Annotated[SampleQuery, Query()]) -> Response:
    """What several people coded differently and nobody has settled, in the order of the transcripts; `resolve` settles it."""
    with reading.view() as view:
        rows = [disagreement_row(view.live, found) for found in workflow.unsettled(view.live, sample=query.sample)]

        def key(row: DisagreementRow) -> tuple[str, str, int, str]:
            return row.file, row.segment, row.start, row.code

        return reading.page(sorted(rows, key=key), query, DisagreementRow, lambda row: row, key=key)
