"""The map of segments by meaning, and what no theme holds."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from textcoder.domain.theme import Theme, Unassigned
from textcoder.workflow import mapping
from textcoder_api.answers import ListQuery, one, page_model
from textcoder_api.dependencies import Reading, ReadingDep
from textcoder_api.rows import segment_fields
from textcoder_api.schemas import Figure, Name, Row, SegmentRow
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}", tags=["machine"])


class PlaceRow(Row):
    """A theme on the map: the middle of its segments, and the themes that mean something alike, the nearest first."""

    theme: str
    x: float
    y: float
    nearest: tuple[str, ...]


class MapOne(Row):
    """Where segments lie by what they mean. Columns, for size: one value for each segment, in one order.

    Near each other means something alike; distances between groups, their sizes and their density mean nothing.
    """

    segments: Annotated[tuple[str, ...], Field(description="Ids.")]
    x: Annotated[tuple[float, ...], Field(description="Within -1 and 1, from left to right.")]
    y: Annotated[tuple[float, ...], Field(description="Likewise, upwards.")]
    lenses: Annotated[tuple[str, ...], Field(description="Ids of the lenses that `lens` counts.")]
    lens: Annotated[tuple[int, ...], Field(description="Place in `lenses`.")]
    themes: Annotated[tuple[PlaceRow, ...], Field(description="The themes of the last run that `theme` counts.")]
    theme: Annotated[tuple[int, ...], Field(description="Place in `themes`; -1 for a segment of no theme.")]


class LooseQuery(ListQuery):
    """Which of the segments that no theme holds."""

    lens: Name | None = None
    coded: Annotated[bool | None, Field(description="Only those that people gave a code, or gave none.")] = None


class LooseRow(SegmentRow):
    """A segment that no theme holds: the nearest one, the cosine to its centre, and the codes that people gave the segment."""

    nearest: str | None
    nearest_name: str
    similarity: Figure
    codes: tuple[str, ...]


@router.get("/map", response_model=MapOne)
def get_map(reading: ReadingDep) -> Response:
    """All segments on a plane by what they mean. It is drawn once for each run, which takes seconds; others can work meanwhile."""
    with reading.view() as view:
        if view.live.store.finished("code") is None:
            return reading.answer(one(_columns(view, mapping.SegmentMap((), (), ()))))
        sketch = mapping.Sketch(view.whole)
        found = sketch.kept()
        if found is not None:
            return reading.answer(one(_columns(view, found)))
    with mapping.DRAWING:
        _draw(reading, sketch)
    return get_map(reading)


def _draw(reading: Reading, sketch: mapping.Sketch) -> None:
    """Draw the map while nobody waits for the project, unless somebody has just done so."""
    with reading.desk.open():
        if sketch.kept() is not None:
            return
        sketch.read()
    drawn = sketch.draw()
    with reading.desk.open() as live:
        mapping.keep_map(live, sketch.key, drawn)


def _columns(view: View, found: mapping.SegmentMap) -> MapOne:
    live = view.live
    ids = [segment.id for segment in live.segments] if found.x else []
    lenses = tuple(dict.fromkeys([*(lens.id for lens in live.store.project().lenses), "none"]))
    place = {lens: number for number, lens in enumerate(lenses)}
    number = {one.theme: n for n, one in enumerate(found.themes)}
    held = {
        segment: number[theme.id]
        for theme in live.store.themes().themes
        if theme.id in number
        for segment in theme.segments
    }
    return MapOne(
        segments=tuple(ids),
        x=found.x,
        y=found.y,
        lenses=lenses,
        lens=tuple(place[mapping.lens_of(live, id_)] for id_ in ids),
        themes=tuple(PlaceRow.model_validate(one) for one in found.themes),
        theme=tuple(held.get(id_, -1) for id_ in ids),
    )


@router.get("/unassigned", response_model=None, responses=page_model(LooseRow))
def list_unassigned(reading: ReadingDep, query: Annotated[LooseQuery, Query()]) -> Response:
    """Segments that no theme of the last run holds, the oddest first, with the nearest theme."""
    with reading.view() as view:
        live = view.live
        if query.lens:
            live.check_lens(query.lens)
        found = live.store.themes()
        themes = {theme.id: theme for theme in found.themes}
        loose = [(n, each) for n, each in enumerate(found.unassigned) if each.segment in live.row_of]

        def keep(pair: tuple[int, Unassigned]) -> bool:
            coded = query.coded is None or query.coded is bool(_codes(view, pair[1].segment))
            return coded and query.lens in (None, pair[1].lens)

        return reading.page(
            loose, query, LooseRow, lambda pair: _loose(view, pair[1], themes), key=lambda pair: (pair[0],), keep=keep
        )


def _codes(view: View, segment: str) -> tuple[str, ...]:
    return mapping.people_gave(view.live, view.live.segments[view.live.row_of[segment]])


def _loose(view: View, loose: Unassigned, themes: dict[str, Theme]) -> LooseRow:
    nearest = themes.get(loose.nearest or "")
    return LooseRow(
        **segment_fields(view, view.live.segments[view.live.row_of[loose.segment]]),
        nearest=nearest.id if nearest else None,
        nearest_name=nearest.name if nearest else "",
        similarity=loose.similarity,
        codes=_codes(view, loose.segment),
    )
