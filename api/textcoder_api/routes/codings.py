"""Who said what of which words: codings, coders, memos."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from textcoder.domain.coding import Coding, Status
from textcoder.domain.memo import MemoOn
from textcoder.errors import UnknownItem
from textcoder_api.answers import ListQuery, page_model
from textcoder_api.dependencies import ReadingDep
from textcoder_api.rows import case_of, coding_row
from textcoder_api.schemas import CoderRow, CodingRow, MemoRow, Name

router = APIRouter(prefix="/projects/{project}", tags=["codings"])


class CodingQuery(ListQuery):
    """Which codings; all that is given must hold."""

    file: Name | None = None
    case: Name | None = None
    wave: Name | None = None
    lens: Name | None = None
    code: Annotated[Name | None, Field(description="Just this code; by id, name or lens/name.")] = None
    coder: Name | None = None
    status: Status | None = None
    counts: Annotated[bool | None, Field(description="Only those that count in figures, or only the others.")] = None


@router.get("/codings", response_model=None, responses=page_model(CodingRow))
def list_codings(reading: ReadingDep, query: Annotated[CodingQuery, Query()]) -> Response:
    """What people said, and what the machine suggests as it has learned so far; in the order of the transcripts.

    Whoever codes a sample blind does not see what others said of it.
    """
    with reading.view() as view:
        live = view.live
        code = live.find_code(query.code).id if query.code else None
        file = view.transcript(query.file).id if query.file else None
        if query.lens:
            live.check_lens(query.lens)
        coders = {coder.id: coder.kind for coder in live.store.coders()}
        if query.coder is not None and query.coder not in coders:
            raise UnknownItem(f'Nobody called "{query.coder}" has coded in this project.')
        lens_of = {entry.id: entry.lens for entry in live.standing.codebook}

        def keep(coding: Coding) -> bool:
            return (
                code in (None, coding.code)
                and query.coder in (None, coding.coder)
                and query.status in (None, coding.status)
                and query.lens in (None, lens_of.get(coding.code))
                and query.wave in (None, live.transcripts[coding.transcript].wave)
                and query.case in (None, case_of(view, coding))
                and (query.counts is None or query.counts is view.counts(coding))
            )

        codings = view.codings_in(file) if file else view.codings
        return reading.page(codings, query, CodingRow, lambda c: coding_row(view, c, coders), key=view.place, keep=keep)


@router.get("/coders", response_model=None, responses=page_model(CoderRow))
def list_coders(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """Everybody who has coded or decided, the machine too, by id."""
    with reading.view() as view:
        coders = view.live.store.coders()
        return reading.page(coders, query, CoderRow, CoderRow.model_validate, key=lambda coder: (coder.id,))


class MemoQuery(ListQuery):
    """Which memos."""

    on: MemoOn | None = None
    item: Annotated[Name | None, Field(description="Id of the thing that it is about.")] = None


@router.get("/memos", response_model=None, responses=page_model(MemoRow))
def list_memos(reading: ReadingDep, query: Annotated[MemoQuery, Query()]) -> Response:
    """What people wrote down, by the time at which it was last written."""
    with reading.view() as view:
        return reading.page(
            sorted(view.live.standing.memos.values(), key=lambda memo: (memo.at, memo.id)),
            query,
            MemoRow,
            MemoRow.model_validate,
            key=lambda memo: (memo.at, memo.id),
            keep=lambda memo: query.on in (None, memo.on) and query.item in (None, memo.item),
        )
