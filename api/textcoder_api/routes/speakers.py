"""Who speaks in a transcript, as people left it: what the next run or import will read."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from textcoder import workflow
from textcoder.domain.transcript import Role
from textcoder_api.answers import one
from textcoder_api.dependencies import ItemId, ReadingDep
from textcoder_api.schemas import Row

router = APIRouter(prefix="/projects/{project}", tags=["material"])


class SpeakerRow(Row):
    """One speaker in one role; `speaker` is empty where the file names nobody."""

    speaker: str
    role: Role
    turns: int
    words: int


class HeardTurn(Row):
    """A turn that the next run or import reads otherwise than the last did, by where it starts."""

    start: int
    speaker: str
    role: Role


class SpeakersRow(Row):
    """Who speaks, and which turns wait to be read so."""

    transcript: str
    speakers: tuple[SpeakerRow, ...]
    changed: tuple[HeardTurn, ...]


@router.get("/transcripts/{transcript}/speakers", response_model=SpeakersRow)
def get_speakers(reading: ReadingDep, transcript: ItemId) -> Response:
    """Who speaks in a source and in which role, corrections that wait for the next run or import included."""
    with reading.view() as view:
        read = view.transcript(transcript)
        spoken = workflow.who_speaks(view.live, read)
        speakers = tuple(
            SpeakerRow(speaker=who.speaker or "", role=who.role, turns=who.turns, words=who.words)
            for who in spoken.speakers
        )
        changed = tuple(
            HeardTurn(start=turn.start, speaker=turn.speaker or "", role=turn.role) for turn in spoken.changed
        )
        return reading.answer(one(SpeakersRow(transcript=read.id, speakers=speakers, changed=changed)))
