"""The map of a project's segments by meaning."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from textcoder.domain.coding import Status
from textcoder.domain.project import NO_LENS
from textcoder.domain.theme import Theme
from textcoder.domain.transcript import Segment
from textcoder.workflow.live import LiveProject
from textcoder.workflow.steps import step_key

KEPT = "map"
NEAREST = 3
"""Neighbours of a theme that are named."""


@dataclass(frozen=True, slots=True)
class Place:
    """A theme on the map.

    Attributes:
        theme: Its id.
        x: The middle of its segments, from left to right: the median, so that a few far ones do not move it.
        y: Likewise, upwards.
        nearest: Ids of the themes that mean something alike, the nearest first, whatever their lens: by what their segments mean, not
            by the plane.
    """

    theme: str
    x: float
    y: float
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentMap:
    """Where segments lie. All columns have the order of the project's segments; it holds nobody's codings.

    Attributes:
        x: Within [-1, 1], from left to right.
        y: Likewise, upwards.
        themes: A place for each theme, in their order.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    themes: tuple[Place, ...]


class Sketch:
    """What a map is made of, read from an open project, so that it can be drawn while others go on working.

    Attributes:
        key: Of all that the map depends on: the segments, the seed, and, by the key of the step that found the themes, their lenses and
            the encoder.
    """

    def __init__(self, live: LiveProject) -> None:
        self._live = live
        self._ids = [segment.id for segment in live.segments]
        self._seed = live.settings.seed
        self.key = step_key("map 1", self._ids, live.store.finished("themes"), self._seed)

    def kept(self) -> SegmentMap | None:
        """The map as it was drawn before, if it still holds."""
        found = self._live.store.value(KEPT)
        if not found or found["key"] != self.key:
            return None
        themes = tuple(Place(**{**one, "nearest": tuple(one["nearest"])}) for one in found["themes"])
        return SegmentMap(tuple(found["x"]), tuple(found["y"]), themes)

    def read(self) -> None:
        """Read words and vectors, while the project is open.

        Cost: texts that have no vector yet are embedded first.
        """
        live = self._live
        self._texts = [live.text(segment) for segment in live.segments]
        self._vectors = live.vectors if live.segments else None
        self._themes: Sequence[Theme] = live.store.themes().themes

    def draw(self) -> SegmentMap:
        """Lay it out; needs the project no more. Cost: see `textcoder.themes.layout`."""
        from textcoder.themes.layout import lay_out

        if self._vectors is None:
            return SegmentMap((), (), ())
        plane = lay_out(self._texts, self._vectors, seed=self._seed)
        places = _places(self._themes, self._ids, self._vectors, plane)
        return SegmentMap(tuple(plane[:, 0].tolist()), tuple(plane[:, 1].tolist()), places)


def keep_map(live: LiveProject, key: str, drawn: SegmentMap) -> None:
    """Remember a map in its project; it takes the place of the one before."""
    live.store.save_value(KEPT, {"key": key, **asdict(drawn)})


DRAWING = threading.Lock()
"""One map at a time is drawn in a process; who waits for it finds it kept."""


def _places(themes: Sequence[Theme], ids: Sequence[str], vectors: Any, plane: Any) -> tuple[Place, ...]:
    import numpy as np

    row_of = {id_: row for row, id_ in enumerate(ids)}
    held = [(theme.id, [row_of[s] for s in theme.segments if s in row_of]) for theme in themes]
    held = [(theme, rows) for theme, rows in held if rows]
    if not held:
        return ()
    centres = np.array([vectors[rows].mean(axis=0) for _, rows in held])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True) + 1e-12
    alike = np.round(centres @ centres.T, 6)
    np.fill_diagonal(alike, -np.inf)
    order = np.argsort(-alike, axis=1, kind="stable")[:, : min(NEAREST, len(held) - 1)]
    middles = [np.round(np.median(plane[rows], axis=0), 4).tolist() for _, rows in held]
    return tuple(
        Place(theme, x, y, tuple(held[i][0] for i in near))
        for (theme, _), (x, y), near in zip(held, middles, order.tolist(), strict=True)
    )


def lens_of(live: LiveProject, segment: str) -> str:
    """The lens under which a segment is looked at; `none` where the machine abstains."""
    placement = live.placements.get(segment)
    return NO_LENS if placement is None or placement.abstained else placement.lens


def people_gave(live: LiveProject, segment: Segment) -> tuple[str, ...]:
    """Ids of the codes that people hold a segment, or a part of it, to carry; sorted."""
    said = {
        coding.code
        for coding in live.standing.on(segment.transcript)
        if coding.status is Status.ACCEPTED and coding.start < segment.end and segment.start < coding.end
    }
    return tuple(sorted(said))
