"""What a code is not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder.domain.coding import Status
from textcoder.workflow.contrasting import beside
from textcoder_api.answers import listed, page_model
from textcoder_api.dependencies import ItemId, ReadingDep
from textcoder_api.rows import segment_fields
from textcoder_api.schemas import Figure, SegmentRow

router = APIRouter(prefix="/projects/{project}", tags=["codebook"])


class BesideQuery(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 5


class BesideRow(SegmentRow):
    """A segment that means nearly what a code's segments mean: the codes that it carries instead, and the cosine to their middle."""

    codes: tuple[str, ...]
    similarity: Figure


@router.get("/codes/{code}/beside", response_model=None, responses=page_model(BesideRow))
def list_beside(reading: ReadingDep, code: ItemId, query: Annotated[BesideQuery, Query()]) -> Response:
    """Segments that carry another code instead, though they mean nearly the same: where the code ends. The nearest first.

    What people rejected for the code is left out; `codings?code=...&status=rejected` lists that.
    """
    with reading.view() as view:
        live, id_ = view.live, view.live.find_code(code).id
        rejected = {
            live.segments[row].id
            for coding in live.standing.codings.values()
            if coding.code == id_ and coding.status is Status.REJECTED
            for row in live.places.under(coding.transcript, coding.start, coding.end)
        }
        coded = live.store.finished("code") is not None
        found = beside(view.whole, id_, view.carriers, without=rejected, limit=query.limit) if coded else []
        rows = [
            BesideRow(**segment_fields(view, one.segment), codes=one.codes, similarity=one.similarity) for one in found
        ]
        return reading.answer(listed(reading.request, rows, BesideRow))
