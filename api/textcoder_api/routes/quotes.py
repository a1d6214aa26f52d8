"""The words that people chose for the report."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from textcoder.domain.quote import Quote
from textcoder_api.answers import ListQuery, page_model
from textcoder_api.dependencies import ReadingDep
from textcoder_api.schemas import QuoteRow
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}", tags=["figures"])


@router.get("/quotes", response_model=None, responses=page_model(QuoteRow))
def list_quotes(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """What was chosen for the report, in its order; `quote` and `unquote` change it."""
    with reading.view() as view:
        # A transcript that was taken out of the study takes its quotations with it.
        held = [one for one in view.live.standing.quotes.values() if one.transcript in view.live.transcripts]
        return reading.page(sorted(held, key=_order), query, QuoteRow, lambda one: _quote_row(view, one), key=_order)


def _order(one: Quote) -> tuple[float, str, int, int]:
    return one.place, one.transcript, one.start, one.end


def _quote_row(view: View, one: Quote) -> QuoteRow:
    """Chosen words with whose they are, and what they are coded with."""
    live = view.live
    transcript = live.transcripts[one.transcript]
    segments = [live.segments[row] for row in live.places.under(one.transcript, one.start, one.end)]
    first = segments[0] if segments else None
    turn = transcript.turns[first.turn] if first else None
    case = view.cases.get((turn.case if turn else None) or "")
    known = {"wave": transcript.wave, "date": transcript.date}
    placed = view.placements.get(first.id) if first else None
    ids = {segment.id for segment in segments}
    return QuoteRow(
        span=f"{one.transcript}:{one.start}-{one.end}",
        transcript=transcript.id,
        file=transcript.name,
        start=one.start,
        end=one.end,
        text=transcript.quotation(one.start, one.end),
        speaker=(turn.speaker if turn else None) or "",
        case=case.id if case else "",
        # As figures know them: what is known of the source counts more than what is known of the person.
        attributes={
            **(case.attributes if case else {}),
            **transcript.attributes,
            **{name: value for name, value in known.items() if value is not None},
        },
        wave=transcript.wave,
        page=transcript.page_at(one.start),
        time_ms=transcript.time_at(first.turn, one.start) if first else None,
        lens=placed.lens if placed else None,
        codes=tuple(sorted(code for code, carried in view.carriers.items() if not ids.isdisjoint(carried))),
        note=one.note,
        place=one.place,
        coder=one.coder,
        at=one.at,
    )
