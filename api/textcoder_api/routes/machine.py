"""What the machine found and would look at next: themes, review queue, proposals, what a new wave changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder import workflow
from textcoder.domain.theme import ThemeStatus
from textcoder.workflow.asides import about, aside
from textcoder_api.answers import ListQuery, listed, one, page_model
from textcoder_api.dependencies import ItemId, ReadingDep
from textcoder_api.rows import figures_of, queued_row, theme_one, theme_row
from textcoder_api.schemas import (
    AsideRow,
    CandidateRow,
    ChangesOne,
    DriftRow,
    HintRow,
    Name,
    ProposalRow,
    QueuedRow,
    ThemeOne,
    ThemeRow,
)

router = APIRouter(prefix="/projects/{project}", tags=["machine"])


class ThemeQuery(ListQuery):
    """Which themes."""

    lens: Name | None = None
    status: ThemeStatus | None = None


@router.get("/themes", response_model=None, responses=page_model(ThemeRow))
def list_themes(reading: ReadingDep, query: Annotated[ThemeQuery, Query()]) -> Response:
    """The themes of the last run in its order, and what became of them."""
    with reading.view() as view:
        if query.lens:
            view.live.check_lens(query.lens)
        rows = [(place, theme_row(view.live, theme)) for place, theme in enumerate(view.live.store.themes().themes)]
        return reading.page(
            rows,
            query,
            ThemeRow,
            lambda pair: pair[1],
            key=lambda pair: (pair[0],),
            keep=lambda pair: query.lens in (None, pair[1].lens) and query.status in (None, pair[1].status),
        )


@router.get("/themes/{theme}", response_model=ThemeOne)
def get_theme(reading: ReadingDep, theme: ItemId) -> Response:
    """One theme by id or name, with its segments and quotations."""
    with reading.view() as view:
        return reading.answer(one(theme_one(view, view.live.find_theme(theme))))


class QueueQuery(BaseModel):
    """What to look at."""

    model_config = ConfigDict(extra="forbid")

    n: Annotated[int, Field(ge=1, le=200, description="At most so many.")] = 10
    sample: Annotated[
        Name | None, Field(description="A sample that you code; while it is open, without suggestions.")
    ] = None
    skip: Annotated[
        list[Name], Field(max_length=500, description="Segments to leave out this time; may be repeated.")
    ] = []


@router.get("/review", response_model=None, responses=page_model(QueuedRow))
def get_review(reading: ReadingDep, query: Annotated[QueueQuery, Query()]) -> Response:
    """What you should look at next: of a sample in random order, else what would settle most."""
    with reading.view() as view:
        queue = workflow.review_next(view.whole, query.n, coder=reading.coder.id, sample=query.sample, skip=query.skip)
        return reading.answer(listed(reading.request, [queued_row(queued) for queued in queue], QueuedRow))


@router.get("/review/hint", response_model=HintRow)
def get_hint(reading: ReadingDep) -> Response:
    """Whether your reading on would still change much."""
    with reading.view() as view:
        hint = workflow.stopping_hint(view.to_think_with(), coder=reading.coder.id)
        return reading.answer(one(HintRow.model_validate(hint)))


@router.get("/proposals", response_model=None, responses=page_model(ProposalRow))
def list_proposals(reading: ReadingDep) -> Response:
    """What the machine would change in the codebook: codes that may be one or several, entries adrift, codes of one person only."""
    with reading.view() as view:
        rows = []
        for found in workflow.propose(view.whole, coder=reading.coder.id):
            kind, codes = about(found)
            held = aside(view.whole, kind, codes)
            rows.append(
                ProposalRow(
                    kind=kind,
                    codes=codes,
                    evidence=found.evidence,
                    figures=figures_of(found, "evidence"),
                    aside=AsideRow.model_validate(held) if held else None,
                )
            )
        return reading.answer(listed(reading.request, rows, ProposalRow))


class SinceQuery(BaseModel):
    """What counts as new."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[Name | None, Field(description="The wave from which material is new; the last.")] = None


@router.get("/changes", response_model=ChangesOne)
def get_changes(reading: ReadingDep, query: Annotated[SinceQuery, Query()]) -> Response:
    """What new interviews do to the codebook: themes that fit no code, and codes whose meaning drifts."""
    with reading.view() as view:
        found = workflow.changes(view.to_think_with(), since=query.since)
        names = {code.id: code.name for code in view.live.standing.codebook}
        candidates = tuple(
            CandidateRow(
                theme=theme.id,
                name=theme.name,
                lens=theme.lens,
                segments=len(theme.segments),
                evidence=novelty.evidence,
                figures=figures_of(novelty, "evidence", "theme", "segments"),
            )
            for theme, novelty in found.candidates
        )
        drifted = tuple(
            DriftRow(
                code=drift.code,
                name=names.get(drift.code, ""),
                evidence=drift.evidence,
                figures=figures_of(drift, "evidence", "code"),
            )
            for drift in found.drifted
        )
        return reading.answer(one(ChangesOne(new=found.new, candidates=candidates, drifted=drifted)))
