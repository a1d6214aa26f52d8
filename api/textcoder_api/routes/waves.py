"""New interviews against a codebook that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field
from pydantic_core import to_json

from textcoder.errors import InvalidDecision
from textcoder.query import Unit
from textcoder.workflow import waves as moments
from textcoder_api.answers import CSV, JSON, as_csv, plain, wants_csv
from textcoder_api.dependencies import ReadingDep
from textcoder_api.routes.figures import ByQuery
from textcoder_api.schemas import ChangedRow, Figure, Name, Row

router = APIRouter(prefix="/projects/{project}/waves", tags=["figures"])


class WavesQuery(ByQuery):
    """Which interviews are new, with what they are compared, and which codebook stands still."""

    since: Annotated[Name | None, Field(description="Wave from which interviews are new; the last if left out.")] = None
    before: Annotated[Name | None, Field(description="Wave to compare with; the one right before if left out.")] = None
    version: Annotated[int | None, Field(ge=0, description="Of the codebook; the one of now if left out.")] = None

    def compared(self) -> moments.Compared:
        """What is asked."""
        asked = self.question()
        if asked.unit is not Unit.CODES or asked.lens is not None:
            raise InvalidDecision("Waves are compared by the codes of a codebook; leave `unit` and `lens` out.")
        return moments.Compared(self.since, self.before, self.version, asked.by, asked.where, asked.minimum_people)


class HeldRow(Row):
    """How much of the words the frozen codebook codes."""

    coded: int
    segments: int


class MovedRow(Row):
    """One code in two waves; `said` is grown, shrunk, new, gone, not clear or hidden."""

    row: ChangedRow
    said: str


class NewThemeRow(Row):
    """A found theme that no code of the frozen codebook continues; `now` is the code that stands for it since."""

    theme: str
    name: str
    lens: str
    segments: int
    evidence: str
    now: str
    p: Figure


class DriftingRow(Row):
    """Whether a code means the same in the new interviews: `q` is adjusted for all codes that could be tested."""

    code: str
    name: str
    lens: str
    evidence: str
    effect: Figure
    p: Figure
    q: Figure
    farthest: tuple[str, ...]


class WordsRow(Row):
    """The exact words of a segment, and the question before them."""

    text: str
    question: str
    segment: str
    transcript: str
    file: str
    start: int
    end: int
    speaker: str
    case: str
    wave: str


class UnexpectedRow(Row):
    """A theme that nobody asked about: `unasked` of `people` bring it up mostly without being asked; no code `holds` half of it."""

    theme: str
    name: str
    lens: str
    people: int
    unasked: int
    low: float
    high: float
    segments: int
    foreseen: float
    holds: str
    nearest: str
    cosine: Figure
    new_segments: int
    sure: bool
    quotations: tuple[WordsRow, ...]


class WavesOne(Row):
    """What new interviews bring, read with a codebook that stands still."""

    since: str
    before: str
    version: int
    codes: int
    new: tuple[str, ...]
    held_before: HeldRow
    held_new: HeldRow
    moved: tuple[MovedRow, ...]
    new_themes: tuple[NewThemeRow, ...]
    drifting: tuple[DriftingRow, ...]
    untold: int
    unexpected: tuple[UnexpectedRow, ...]
    hidden: int
    foreseeing: int
    taught: int
    sentences: tuple[str, ...]
    methods: dict[str, str]


_ABOUT = "`ETag` says what it rests on. What is not shown, or is undefined, is null."


@router.get(
    "",
    response_model=None,
    responses={200: {"model": WavesOne, "description": _ABOUT, "content": {CSV: {"schema": {"type": "string"}}}}},
)
def ask_waves(reading: ReadingDep, asked: Annotated[WavesQuery, Query()]) -> Response:
    """What a frozen version of the codebook still holds of new interviews; what is new, gone or grown; what nobody foresaw.

    The first time it embeds the interviewers' questions, which takes seconds; the CSV holds the change of each code.
    """
    with reading.view() as view:
        found = moments.waves(view.to_think_with(), view.facts, asked.compared())
    if wants_csv(reading.request):
        head, *rows = _rows(found)
        return reading.answer(as_csv(head, rows))
    return reading.answer(Response(to_json(_shown(found), inf_nan_mode="null"), media_type=JSON))


def _shown(found: moments.Waves) -> dict[str, Any]:
    same = (
        "codes",
        "new",
        "held_before",
        "held_new",
        "moved",
        "untold",
        "unexpected",
        "hidden",
        "foreseeing",
        "taught",
        "sentences",
        "methods",
    )
    return {
        "since": found.asked.since,
        "before": found.asked.before,
        "version": found.asked.version,
        **{name: getattr(found, name) for name in same},
        "new_themes": [
            {
                **{"theme": one.theme.id, "name": one.theme.name, "lens": one.theme.lens},
                **{"segments": len(one.theme.segments), "evidence": one.evidence, "now": one.now, "p": one.p},
            }
            for one in found.new_themes
        ],
        "drifting": [
            {
                **{"code": one.drift.code, "name": one.name, "lens": one.lens, "evidence": one.drift.evidence},
                **{"effect": one.drift.effect, "p": one.drift.p_value, "q": one.drift.q_value},
                "farthest": one.drift.farthest,
            }
            for one in found.drifting
        ],
    }


def _rows(found: moments.Waves) -> Iterator[tuple[Any, ...]]:
    yield ("id", "name", "lens", "before", "asked_before", "after", "asked_after", "difference", "low", "high", "said")
    for one in found.moved:
        row, whole = one.row.row, one.row.overall
        counts = [n for e in (whole.before, whole.after) for n in ((e.n, e.of) if e else (None, None))]
        d = whole.difference
        change = (plain(d.value), plain(d.low), plain(d.high)) if d else (None, None, None)
        yield (row.id, row.name, row.lens, *counts, *change, one.said)
