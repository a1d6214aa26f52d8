"""A corrected text in the place of one that was coded, and what waits for a person because of it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder import workflow
from textcoder.domain.decision import By, Decision, DecisionKind
from textcoder.errors import InvalidDecision
from textcoder.spans import Change, Doubt
from textcoder.workflow import LiveProject
from textcoder.workflow.correcting import Correction, Followed, Queue
from textcoder_api.answers import ListQuery, one, page_model
from textcoder_api.dependencies import DecidingDep, ItemId, OwningDep, ReadingDep, only_json
from textcoder_api.routes.decisions import DryRun
from textcoder_api.rows import done_row
from textcoder_api.schemas import Done, Row, Text

router = APIRouter(prefix="/projects/{project}", tags=["material"])

BYTES = "application/octet-stream"


class FollowedRow(Row):
    """What became of one thing that a person said of a span; `why` only where it waits, `speaker` where somebody else speaks there now."""

    kind: DecisionKind
    coder: str
    code: str
    start: int
    end: int
    now_start: int
    now_end: int
    changes: tuple[Change, ...]
    why: Doubt | None
    speaker: str | None


class CorrectionRow(Row):
    """What a corrected text would do, or did. `exact` follows with the same words, `changed` with words a little otherwise; `waiting`
    must be placed by a person. `names` are new words that may be names, where those of the project were replaced.
    """

    transcript: str
    kept: float
    exact: int
    changed: tuple[FollowedRow, ...]
    waiting: tuple[FollowedRow, ...]
    sentences: tuple[str, ...]
    names: tuple[str, ...]
    done: Done | None


class CorrectionQuery(DryRun):
    """Whether only to look ahead, and why it is corrected.

    `names_are_fine` says that somebody looked at the new words that may be names (`names` of the dry run); without it they are refused.
    """

    why: Text = ""
    names_are_fine: bool = False


@router.put(
    "/transcripts/{transcript}/text",
    response_model=CorrectionRow,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {BYTES: {"schema": {"type": "string", "contentMediaType": BYTES}}},
        }
    },
)
async def put_text(
    request: Request, deciding: OwningDep, transcript: ItemId, query: Annotated[CorrectionQuery, Query()]
) -> Response:
    """Put a corrected file, in the format of the old one, in the place of a transcript: all that people said follows its words.

    What was rewritten waits for a person. `dry_run=true` answers what would follow and what would wait. An undo brings back everything.
    What the machine made of it is due again: code the project anew. Where names of the project were replaced, new words that may be
    names (`names`) are refused without `names_are_fine=true`.
    """
    data = await request.body()
    if query.dry_run:
        return await run_in_threadpool(_foresee, deciding, transcript, data, query.why)
    return await run_in_threadpool(_put, deciding, transcript, data, query)


def _foresee(deciding: OwningDep, transcript: str, data: bytes, why: str) -> Response:
    with deciding.view() as view:
        live = view.whole
        found = workflow.preview_correction(live, transcript, data, _name(live, transcript), _by(deciding, why))
        return one(_correction(found, None))


def _put(deciding: OwningDep, transcript: str, data: bytes, query: CorrectionQuery) -> Response:
    found: list[Correction] = []

    def act(live: LiveProject) -> list[Decision]:
        name, by = _name(live, transcript), _by(deciding, query.why)
        correction, decisions = workflow.correct(
            live, transcript, data, name, by, coder=deciding.coder, names_are_fine=query.names_are_fine
        )
        found.append(correction)
        return decisions

    with deciding.done(act, "correct") as (live, decisions):
        done = done_row(live, decisions)
        if not found:  # sent twice under one key
            deciding.replayed = True
            text = next(d.target for d in decisions if d.kind is DecisionKind.SET_TEXT)
            row = CorrectionRow(
                transcript=text, kept=1.0, exact=0, changed=(), waiting=(), sentences=(), names=(), done=done
            )
        else:
            row = _correction(found[0], done)
        headers = {"Idempotency-Replayed": "true"} if deciding.replayed else None
        return one(row, headers=headers)


def _name(live: LiveProject, transcript: str) -> str:
    """The name that the body goes by: its format is that of the file that is read."""
    return next((one.name for one in live.transcripts.values() if transcript in (one.id, one.name)), transcript)


def _by(deciding: OwningDep, why: str) -> By:
    return By(deciding.coder.id, workflow.now(), why)


def _correction(found: Correction, done: Done | None) -> CorrectionRow:
    return CorrectionRow(
        transcript=found.before.name,
        kept=found.kept,
        exact=len(found.exact),
        changed=tuple(_followed(one) for one in found.changed),
        waiting=tuple(_followed(one) for one in found.waiting),
        sentences=tuple(found.sentences),
        names=tuple(found.named),
        done=done,
    )


def _followed(one: Followed) -> FollowedRow:
    return FollowedRow(
        kind=one.kind,
        coder=one.coder,
        code=one.code,
        start=one.start,
        end=one.end,
        now_start=one.place.start,
        now_end=one.place.end,
        changes=getattr(one.place, "changes", ()),
        why=getattr(one.place, "why", None),
        speaker=one.speaker,
    )


class WaitingRow(Row):
    """Something that could not follow a corrected text: whose, of which words (`was`), and those near which it may stand now (`now`)."""

    id: str
    kind: DecisionKind
    coder: str
    code: str
    memo: str
    transcript: str
    file: str
    start: int
    end: int
    was: str
    now: str
    why: Doubt


@router.get("/waiting", response_model=None, responses=page_model(WaitingRow))
def list_waiting(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """What waits for a person since texts were corrected, in the order of the texts; who codes blind sees only her own."""
    with reading.view() as view:
        found = workflow.correction_queue(view.whole, view.coder)
        return reading.page(
            found,
            query,
            WaitingRow,
            _waiting,
            key=lambda one: (one.file, one.item.near[1], one.item.near[2], one.item.id),
        )


def _waiting(one: Queue) -> WaitingRow:
    item = one.item
    return WaitingRow(
        id=item.id,
        kind=DecisionKind(item.kind),
        coder=item.coder,
        code=item.code,
        memo=item.memo,
        transcript=item.near[0],
        file=one.file,
        start=item.near[1],
        end=item.near[2],
        was=one.was,
        now=one.now,
        why=Doubt(item.why),
    )


class Place(BaseModel):
    """Where it stands; without `start` and `end` on the words near which it waits."""

    model_config = ConfigDict(extra="forbid")

    start: Annotated[int | None, Field(ge=0, le=2**53, description="First code point of the text as it is now.")] = None
    end: Annotated[int | None, Field(ge=0, le=2**53, description="One past the last.")] = None
    why: Text = ""


@router.post("/waiting/{item}", response_model=Done, dependencies=[Depends(only_json)])
def place_waiting(deciding: DecidingDep, item: ItemId, body: Place) -> Response:
    """Say on which words something stands that waits."""
    if (body.start is None) != (body.end is None):
        raise InvalidDecision("Give both start and end, or neither.")
    act = partial(_settle, deciding, item, body)
    with deciding.done(act, "place") as (live, decisions):
        return one(done_row(live, decisions))


class Why(BaseModel):
    """The reason."""

    model_config = ConfigDict(extra="forbid")

    why: Text = ""


@router.delete("/waiting/{item}", response_model=Done)
def drop_waiting(deciding: DecidingDep, item: ItemId, query: Annotated[Why, Query()]) -> Response:
    """Say that something that waits stands nowhere any more; the history keeps it, and an undo brings it back."""
    act = partial(_settle, deciding, item, None, why=query.why)
    with deciding.done(act, "drop") as (live, decisions):
        return one(done_row(live, decisions))


def _settle(
    deciding: DecidingDep, item: str, place: Place | None, live: LiveProject, *, why: str = ""
) -> list[Decision]:
    by = _by(deciding, why if place is None else place.why)
    plan = (
        workflow.dropping(live, item, by)
        if place is None
        else workflow.placing(live, item, by, start=place.start, end=place.end)
    )
    return live.do(plan, coder=deciding.coder)
