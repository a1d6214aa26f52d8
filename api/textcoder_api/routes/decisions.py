"""The log of decisions: read it, add to it, take back."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder import workflow
from textcoder.domain.decision import Verb
from textcoder.errors import UnknownItem
from textcoder_api.answers import ListQuery, one, page_model
from textcoder_api.dependencies import Deciding, DecidingDep, ReadingDep, only_json
from textcoder_api.rows import act_row, decision_row, done_row, preview_row
from textcoder_api.schemas import ActRow, DecisionRow, Done, Name, PreviewRow, Text, ThresholdPreviewRow
from textcoder_api.verbs import AnyDecision

router = APIRouter(prefix="/projects/{project}", tags=["decisions"])


class DecisionQuery(ListQuery):
    """Which decisions."""

    after: Annotated[int, Field(ge=0, le=2**53, description="Only those with a higher number.")] = 0
    coder: Name | None = None
    verb: Verb | None = None


@router.get("/decisions", response_model=None, responses=page_model(DecisionRow))
def list_decisions(reading: ReadingDep, query: Annotated[DecisionQuery, Query()]) -> Response:
    """The log, oldest first: of one thing, what it was and what it became, who, when and why."""
    with reading.view() as view:
        return reading.page(
            view.live.log,
            query,
            DecisionRow,
            decision_row,
            key=lambda decision: (decision.number,),
            keep=lambda decision: (
                decision.number > query.after
                and query.coder in (None, decision.coder)
                and query.verb in (None, decision.verb)
            ),
        )


@router.get("/acts", response_model=None, responses=page_model(ActRow))
def list_acts(reading: ReadingDep, query: Annotated[DecisionQuery, Query()]) -> Response:
    """The history as people read it, oldest first: what was done in one go, and whether it was undone."""
    with reading.view() as view:
        live = view.live
        return reading.page(
            list(live.acts.values()),
            query,
            ActRow,
            lambda act: act_row(live, act),
            key=lambda act: (act.number,),
            keep=lambda act: (
                act.number > query.after
                and query.coder in (None, act.first.coder)
                and query.verb in (None, act.first.verb)
            ),
        )


@router.get("/acts/{act}", response_model=ActRow)
def get_act(reading: ReadingDep, act: Annotated[int, Field(ge=1, le=2**53)]) -> Response:
    """One act by its number."""
    with reading.view() as view:
        found = view.live.acts.get(act)
        if found is None:
            raise UnknownItem(f"The history has no act {act}.")
        return reading.answer(one(act_row(view.live, found)))


class DryRun(BaseModel):
    """Whether only to look ahead."""

    model_config = ConfigDict(extra="forbid")

    dry_run: Annotated[bool, Field(description="Only say what it would touch; nothing is changed.")] = False


@router.post(
    "/decisions",
    response_model=Done | PreviewRow | ThresholdPreviewRow,
    dependencies=[Depends(only_json)],
    responses={201: {"model": Done, "description": "Done, and kept for good."}},
)
def decide(deciding: DecidingDep, query: Annotated[DryRun, Query()], body: Annotated[AnyDecision, Body()]) -> Response:
    """Decide about segments, codes, themes, roles and memos; the `verb` says what, the other fields follow from it.

    201 when it was done; 200 when it was so already, when it was done before under the same `Idempotency-Key`, or with
    `dry_run=true`, which answers what it would touch.
    """
    if query.dry_run:
        with deciding.view() as view:
            return one(preview_row(body.preview(view.to_think_with(), deciding.coder)))
    act = partial(body.do, coder=deciding.coder, key=deciding.key)
    with deciding.done(act, body.verb, keyed=body.keyed) as (live, decisions):
        return _done(deciding, done_row(live, decisions))


class Undo(BaseModel):
    """What to take back."""

    model_config = ConfigDict(extra="forbid")

    act: Annotated[int | None, Field(ge=1, le=2**53, description="Its number; your last act.")] = None
    with_later: Annotated[bool, Field(description="Take back later acts that stand on it, too.")] = False
    rest: Annotated[bool, Field(description="Take back only what no later act stands on.")] = False
    why: Text = ""


@router.post("/undo", response_model=Done, dependencies=[Depends(only_json)])
def undo(deciding: DecidingDep, body: Undo) -> Response:
    """Take back an act, also one of long ago. 409 names the decisions that stand on it.

    Give an `Idempotency-Key` where you name no act: a retry would take back one more.
    """
    act = partial(
        workflow.undo, act=body.act, coder=deciding.coder, why=body.why, with_later=body.with_later, rest=body.rest
    )
    with deciding.done(act, "undo", "redo") as (live, decisions):
        return _done(deciding, done_row(live, decisions))


class Redo(BaseModel):
    """Why it is brought back."""

    model_config = ConfigDict(extra="forbid")

    why: Text = ""


@router.post("/redo", response_model=Done, dependencies=[Depends(only_json)])
def redo(deciding: DecidingDep, body: Redo) -> Response:
    """Bring back what you undid last."""
    with deciding.done(partial(workflow.redo, coder=deciding.coder, why=body.why), "redo") as (live, decisions):
        return _done(deciding, done_row(live, decisions))


def _done(deciding: Deciding, done: Done) -> Response:
    """201 for what is new in the log."""
    if not deciding.replayed:
        deciding.count(act.verb for act in done.acts)
    headers = {"Idempotency-Replayed": "true"} if deciding.replayed else None
    return one(done, status=201 if done.acts and not deciding.replayed else 200, headers=headers)
