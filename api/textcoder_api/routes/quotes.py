"""The words that people chose for the report, and whose voices are missing in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from textcoder.domain.chosen import Chosen, chosen_quote, in_order, people_asked, voices
from textcoder.domain.quote import Quote
from textcoder.workflow import chosen_quotes
from textcoder.workflow.quoting import quotes_waiting
from textcoder_api.answers import ListQuery, one, page_model
from textcoder_api.dependencies import ReadingDep
from textcoder_api.schemas import QuoteRow, Row
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}", tags=["figures"])


class HeardRow(Row):
    """How much is quoted of those who share a value of an attribute: quotations, people who say them, people who were asked."""

    value: str
    quotations: int
    people: int
    asked: int


class VoiceRow(Row):
    """How much is quoted of one person; `share` of all that is quoted."""

    case: str
    name: str
    quotations: int
    share: float


class VoicesOne(Row):
    """Who is heard in the quotations chosen, and who is not.

    `loud` are those who say more than a quarter of all that is quoted (from four quotations on); `lenses` and `codes` are those that
    somebody speaks under and no quotation shows; `silent` are the people who are not quoted. `waiting` quotations were chosen, too, and
    stand nowhere since their words were corrected: a person must say where (`/waiting`).
    """

    quotations: int
    waiting: int
    people: int
    asked: int
    loud: tuple[VoiceRow, ...]
    by: dict[str, tuple[HeardRow, ...]]
    lenses: tuple[str, ...]
    codes: tuple[str, ...]
    silent: tuple[str, ...]


@router.get("/quotes", response_model=None, responses=page_model(QuoteRow))
def list_quotes(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """What was chosen for the report, in its order; `quote` and `unquote` change it."""
    with reading.view() as view:
        return reading.page(_held(view), query, QuoteRow, lambda one: _quote_row(view, one), key=_order)


@router.get("/quotes/voices", response_model=VoicesOne)
def read_voices(reading: ReadingDep) -> Response:
    """Who is heard in what was chosen for the report, and who is not."""
    with reading.view() as view:
        live = view.live
        heard = voices(
            [_chosen(view, quote) for quote in _held(view)],
            people_asked(live.transcripts, live.segments, view.cases),
            spoken={code for code, carried in view.carriers.items() if carried},
            lens_of={code.id: code.lens for code in live.standing.codebook.in_use},
        )
        waiting = quotes_waiting(view.whole.standing, coder=view.coder)
        return reading.answer(one(VoicesOne.model_validate({**asdict(heard), "waiting": waiting})))


def _held(view: View) -> list[Quote]:
    return in_order(chosen_quotes(view.live.standing, view.live.transcripts))


def _order(quote: Quote) -> tuple[float, str, int, int]:
    return quote.place, quote.transcript, quote.start, quote.end


def _chosen(view: View, quote: Quote) -> Chosen:
    live = view.live
    return chosen_quote(
        quote,
        live.transcripts[quote.transcript],
        live.places,
        cases=view.cases,
        placements=view.placements,
        carriers=view.carriers,
    )


def _quote_row(view: View, quote: Quote) -> QuoteRow:
    """Chosen words with whose they are, and what they are coded with."""
    chosen = _chosen(view, quote)
    return QuoteRow(
        span=f"{quote.transcript}:{quote.start}-{quote.end}",
        transcript=quote.transcript,
        file=chosen.file,
        start=quote.start,
        end=quote.end,
        text=chosen.text,
        speaker=chosen.speaker,
        case=chosen.case,
        attributes=dict(chosen.attributes),
        wave=view.live.transcripts[quote.transcript].wave,
        page=chosen.page,
        time_ms=chosen.time_ms,
        lens=chosen.lens,
        codes=chosen.codes,
        note=quote.note,
        place=quote.place,
        coder=quote.coder,
        at=quote.at,
    )
