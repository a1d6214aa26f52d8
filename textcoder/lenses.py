"""Segment -> lens with probability: what works, barriers, signs of progress, or none.

A small trained head reads the token states of the default encoder in the same pass that makes the vectors. What it was trained
on, how well it does and where it fails stand in models/cards/lens-head.md.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from textcoder.context import with_neighbours
from textcoder.domain.coding import LensPlacement
from textcoder.domain.project import DEFAULT_LENSES, NO_LENS
from textcoder.registry import shipped_arrays
from textcoder.side_network import Arrays, SideNetwork

Matrix = npt.NDArray[np.float32]

LENSES = (*(lens.id for lens in DEFAULT_LENSES), NO_LENS)
"""The order of columns in readings and probabilities."""
SHARE = 0.2
"""How much of its neighbours' log-odds a segment takes over; .15 to .2 were best on the diaries and reviews left out in turn."""


class LensHead(SideNetwork):
    """Says how each default lens fits: calibrated log-odds in the order of `LENSES`; it knows these lenses only."""

    @classmethod
    def shipped(cls) -> LensHead:
        """The head in models/, checked by its hash.

        Raises:
            ModelNotFound: The file is missing or changed.
        """
        arrays, revision = shipped_head()
        return cls(arrays, f"lens-head/{revision}")


def shipped_head() -> tuple[Arrays, str]:
    """The weights in models/ by name, checked by their hash, and their revision. Raises ModelNotFound."""
    return shipped_arrays("lens-head", "lens_head.npz")


def probabilities(readings: Matrix) -> Matrix:
    """Log-odds (n, 4) -> probabilities (n, 4); each row sums to 1."""
    shifted = np.exp(readings - readings.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def in_context(readings: Matrix, turns: Sequence[Hashable]) -> Matrix:
    """What each segment says, and a share of what its neighbours in the same turn say.

    Neighbours tell a stance from none, not which stance (0013-lens-head.md has the
    figures, and a placebo).

    Args:
        readings: What `LensHead.read` made of the segments' texts (n, 4), in the order of the text.
        turns: The turn of each (n).

    Returns:
        (n, 4); a segment without neighbours has the probabilities of its own reading.
    """
    return with_neighbours(readings - readings.mean(axis=1, keepdims=True), turns, [SHARE])


def place_segments(segments: Sequence[str], readings: Matrix, *, threshold: float) -> list[LensPlacement]:
    """Place each segment under the lenses.

    Args:
        segments: Segment ids.
        readings: As `in_context` gives them, or `LensHead.read` for texts that stand alone, (n_segments, 4).
        threshold: Below this probability the machine abstains.
    """
    return [
        LensPlacement(
            segment,
            {lens: round(float(value), 4) for lens, value in zip(LENSES, row, strict=True)},
            abstained=bool(row.max() < threshold),
        )
        for segment, row in zip(segments, probabilities(readings), strict=True)
    ]
