"""What a transcript is about, stretch by stretch."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from textcoder.workflow.blocks import outline_of
from textcoder_api.answers import one
from textcoder_api.dependencies import ItemId, ReadingDep
from textcoder_api.schemas import Row

router = APIRouter(prefix="/projects/{project}", tags=["material"])


class BlockRow(Row):
    """Turns `first` to `last` (numbers from 0), in half-open code points `start` to `end`; `name` holds its most telling words."""

    first: int
    last: int
    start: int
    end: int
    name: tuple[str, ...]


class BlocksRow(Row):
    """The topic blocks of a transcript, in order; together they hold every turn once."""

    transcript: str
    blocks: tuple[BlockRow, ...]


@router.get("/transcripts/{transcript}/blocks", response_model=BlocksRow)
def get_blocks(reading: ReadingDep, transcript: ItemId) -> Response:
    """The topic blocks of a conversation, found by the machine; none for a survey, and none before the project was coded."""
    embedder = reading.desk.embedder()
    with reading.view() as view:
        outline = outline_of(view.whole, view.transcript(transcript), embedder)
    found = outline.blocks(embedder)  # others use the project meanwhile
    rows = tuple(BlockRow(first=b.first, last=b.last, start=b.start, end=b.end, name=b.name) for b in found)
    return reading.answer(one(BlocksRow(transcript=outline.transcript.id, blocks=rows)))
