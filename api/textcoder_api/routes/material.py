"""What was read: files, transcripts, cases, segments; and search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder import workflow
from textcoder.domain.transcript import Role, Segment
from textcoder.errors import UnknownItem
from textcoder_api.answers import Key, ListQuery, listed, one, page_model
from textcoder_api.dependencies import ItemId, ReadingDep
from textcoder_api.rows import (
    case_rows,
    segment_fields,
    segment_row,
    segments_in,
    text_row,
    transcript_one,
    transcript_row,
)
from textcoder_api.schemas import (
    CaseRow,
    FileRow,
    HitRow,
    Name,
    SegmentRow,
    Text,
    TextRow,
    TranscriptOne,
    TranscriptRow,
)
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}", tags=["material"])


@router.get("/files", response_model=None, responses=page_model(FileRow))
def list_files(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """Every file that was given and what became of it, by path."""
    with reading.view() as view:
        files = view.live.store.files()
        return reading.page(files, query, FileRow, FileRow.model_validate, key=lambda file: (file.path,))


@router.get("/transcripts", response_model=None, responses=page_model(TranscriptRow))
def list_transcripts(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """The sources, by name."""
    with reading.view() as view:
        found, held = list(view.live.transcripts.values()), segments_in(view.live)
        return reading.page(
            found, query, TranscriptRow, lambda t: transcript_row(t, held), key=lambda t: (t.name, t.id)
        )


@router.get("/transcripts/{transcript}", response_model=TranscriptOne)
def get_transcript(reading: ReadingDep, transcript: ItemId) -> Response:
    """One source with its turns, by id or file name; its words are under `text`."""
    with reading.view() as view:
        return reading.answer(one(transcript_one(view.transcript(transcript), segments_in(view.live))))


class TextQuery(BaseModel):
    """A range of a text."""

    model_config = ConfigDict(extra="forbid")

    start: Annotated[int, Field(ge=0, le=2**53, description="First code point.")] = 0
    end: Annotated[int | None, Field(ge=0, le=2**53, description="One past the last; the end of the text.")] = None


@router.get("/transcripts/{transcript}/text", response_model=TextRow)
def get_text(reading: ReadingDep, transcript: ItemId, query: Annotated[TextQuery, Query()]) -> Response:
    """A range of the canonical text, in half-open Unicode code points: what every quotation is a slice of."""
    with reading.view() as view:
        return reading.answer(one(text_row(view.transcript(transcript), query.start, query.end)))


@router.get("/cases", response_model=None, responses=page_model(CaseRow))
def list_cases(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """The participants with their attributes, by id."""
    with reading.view() as view:
        return reading.page(case_rows(view), query, CaseRow, lambda row: row, key=lambda row: (row.id,))


@router.get("/cases/{case:path}", response_model=CaseRow)
def get_case(reading: ReadingDep, case: ItemId) -> Response:
    """One participant."""
    with reading.view() as view:
        found = next((row for row in case_rows(view) if row.id == case), None)
        if found is None:
            raise UnknownItem(f'The project has no case "{case}".')
        return reading.answer(one(found))


class SegmentQuery(ListQuery):
    """Which segments; all that is given must hold."""

    file: Name | None = None
    speaker: Name | None = None
    role: Role | None = None
    case: Name | None = None
    wave: Name | None = None
    lens: Name | None = None
    code: Annotated[Name | None, Field(description="Carry this code or one below it, as far as it counts.")] = None


@router.get("/segments", response_model=None, responses=page_model(SegmentRow))
def list_segments(reading: ReadingDep, query: Annotated[SegmentQuery, Query()]) -> Response:
    """The units that are coded, with their words, in the order of the transcripts."""
    with reading.view() as view:
        keep, key = asked_for(view, query), _place(view)
        return reading.page(view.live.segments, query, SegmentRow, lambda s: segment_row(view, s), key=key, keep=keep)


@router.get("/segments/{segment}", response_model=SegmentRow)
def get_segment(reading: ReadingDep, segment: ItemId) -> Response:
    """One segment, by id or as `mira.txt:120-180`."""
    with reading.view() as view:
        return reading.answer(one(segment_row(view, view.segment(segment))))


def asked_for(view: View, query: SegmentQuery) -> Callable[[Segment], bool]:
    """Whether a segment is what was asked for.

    Raises:
        UnknownItem: The code, file or lens is not in the project: an empty answer would look like nobody said it.
    """
    live = view.live
    transcript = view.transcript(query.file).id if query.file else None
    if query.lens:
        live.check_lens(query.lens)
    carriers = view.carriers.get(live.find_code(query.code).id, frozenset()) if query.code else None

    def keep(segment: Segment) -> bool:
        source = live.transcripts[segment.transcript]
        turn = source.turns[segment.turn]
        placement = view.placements.get(segment.id) if query.lens else None
        return (
            transcript in (None, segment.transcript)
            and query.speaker in (None, turn.speaker)
            and query.role in (None, turn.role)
            and query.case in (None, turn.case)
            and query.wave in (None, source.wave)
            and (not query.lens or (placement is not None and not placement.abstained and placement.lens == query.lens))
            and (carriers is None or segment.id in carriers)
        )

    return keep


def _place(view: View) -> Callable[[Segment], Key]:
    names = {transcript.id: transcript.name for transcript in view.live.transcripts.values()}
    return lambda segment: (names[segment.transcript], segment.transcript, segment.start)


class SearchQuery(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[Text, Field(min_length=1, max_length=1000, description="The words, or what is meant.")]
    by: Annotated[Literal["words", "meaning"], Field(description="Exact words, or what means something alike.")] = (
        "words"
    )
    limit: Annotated[int, Field(ge=1, le=1000, description="At most so many.")] = 20
    fields: Annotated[str | None, Field(max_length=1000, description="Only these, such as `id,text`.")] = None


@router.get("/search", response_model=None, responses=page_model(HitRow))
def get_search(reading: ReadingDep, query: Annotated[SearchQuery, Query()]) -> Response:
    """Segments that hold the words, or that mean something alike, best first."""
    by_meaning = query.by == "meaning"
    meaning = (
        workflow.meaning_of(query.q, reading.desk.embedder()) if by_meaning else None
    )  # others use the project meanwhile
    with reading.view() as view:
        hits = workflow.search(view.whole, query.q, by_meaning=by_meaning, limit=query.limit, meaning=meaning)
        rows = [HitRow(**segment_fields(view, hit.segment), score=hit.score) for hit in hits]
        return reading.answer(listed(reading.request, rows, HitRow, fields=query.fields))
