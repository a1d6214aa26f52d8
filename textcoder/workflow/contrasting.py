"""What a code is not: the nearest words that carry other codes instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from textcoder.domain.transcript import Segment
from textcoder.workflow.live import LiveProject


@dataclass(frozen=True, slots=True)
class Beside:
    """A segment that means nearly what a code's segments mean, and carries other codes instead.

    Attributes:
        segment: The segment.
        codes: Ids of the codes that it carries, sorted; those above them are left out.
        similarity: Cosine to the middle of the segments that carry the code.
    """

    segment: Segment
    codes: tuple[str, ...]
    similarity: float


def beside(
    live: LiveProject,
    code: str,
    carriers: Mapping[str, Collection[str]],
    *,
    without: Collection[str] = (),
    limit: int = 5,
) -> list[Beside]:
    """Segments without a code that lie nearest to those that carry it, of all that carry another: where its border runs.

    Nothing where no segment carries the code, since then nobody knows what it lies near to. Cost: one product of matrices.

    Args:
        live: A project that was coded.
        code: Id of the code.
        carriers: Code id to the segments that carry it or a code below it, as far as whoever asks may know.
        without: Segments to leave out.
        limit: At most so many.
    """
    import numpy as np

    held = sorted(live.row_of[segment] for segment in carriers.get(code, ()))
    left_out = {*carriers.get(code, ()), *without}
    others = sorted({segment for segments in carriers.values() for segment in segments} - left_out)
    if not held or not others:
        return []
    middle = live.vectors[held].mean(axis=0, dtype=np.float64)
    rows = [live.row_of[segment] for segment in others]
    cosines = (live.vectors[rows] @ middle) / max(float(np.linalg.norm(middle)), 1e-12)
    ranked = sorted(zip((-cosines).round(6).tolist(), others, strict=True))[:limit]
    book = live.standing.codebook
    found = []
    for distance, segment in ranked:
        codes = {other for other, segments in carriers.items() if segment in segments}
        above = {ancestor for other in codes for ancestor in book.ancestors(other)}
        found.append(Beside(live.segments[live.row_of[segment]], tuple(sorted(codes - above)), -distance))
    return found
