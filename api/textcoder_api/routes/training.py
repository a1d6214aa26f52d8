"""What the project trained on people's codings, and what it brings; a job of the kind `train` trains."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from textcoder import workflow
from textcoder.domain.coding import CoderKind
from textcoder.errors import Conflict, InvalidDecision
from textcoder.workflow import LiveProject
from textcoder_api.answers import one
from textcoder_api.dependencies import DeskDep, ItemId, ReadingDep
from textcoder_api.routes.jobs import OfficeDep
from textcoder_api.schemas import Row

router = APIRouter(prefix="/projects/{project}/training", tags=["machine"])


class TrainedOne(Row):
    """What was trained, and what it brought; precision is the mean over codes of average precision."""

    sentence: Annotated[str, Field(description="All of it, in words.")]
    revision: Annotated[str, Field(description="Changes with all that it learned from.")]
    codes: Annotated[tuple[str, ...], Field(description="Ids of the codes that it tells apart.")]
    people: Annotated[int, Field(description="From how many it learned.")]
    segments: Annotated[int, Field(description="From how many coded segments.")]
    decisions: Annotated[int, Field(description="The number of the last decision that it knows.")]
    share: Annotated[float, Field(description="How much it counts in a score; 0 where it does not help.")]
    before: Annotated[float, Field(description="Precision with people whom the machine does not know, without it.")]
    after: Annotated[float, Field(description="The same with it.")]


class TrainingOne(Row):
    """The last training, and what it does not know yet."""

    training: Annotated[TrainedOne | None, Field(description="Null where nothing was trained, or it was forgotten.")]
    decisions_since: Annotated[int, Field(description="Decisions of people that it does not know.")]


@router.get("", response_model=TrainingOne)
def get_training(reading: ReadingDep) -> Response:
    """What the last training brought with people whom it does not know, and how many decisions were made since.

    It is judged by what everybody coded, so that whoever still codes a sample blind is not told.
    """
    with reading.view() as view:
        if view.whole.standing.blind(reading.coder.id):
            raise InvalidDecision(
                "You still code a sample blind, and training is judged by what all have coded; finish it first."
            )
        return reading.answer(one(_training(view.whole)))


@router.delete("", response_model=TrainingOne)
def forget_training(project: ItemId, desk: DeskDep, office: OfficeDep) -> Response:
    """Go on with what is learned at once alone; what people coded stays as it is, and the next coding or report suggests anew."""
    with desk.open() as live:
        if office.jobs.is_running(project):
            raise Conflict("A job works with what was trained; stop it, or wait until it is over.")
        workflow.forget_training(live.store)
    with desk.open() as live:
        return one(_training(live))


def _training(live: LiveProject) -> TrainingOne:
    found = workflow.training_of(live.store)
    machines = {coder.id for coder in live.store.coders() if coder.kind is CoderKind.MACHINE}
    known = 0 if found is None else found.decisions
    since = sum(decision.number > known and decision.coder not in machines for decision in live.log)
    trained = None if found is None else TrainedOne.model_validate({**found.summary(), "sentence": found.sentence})
    return TrainingOne(training=trained, decisions_since=since)
