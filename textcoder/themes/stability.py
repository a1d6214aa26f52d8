"""How surely a theme is found again when other segments are drawn (Hennig 2007, Cluster-wise assessment of cluster stability)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from textcoder.themes.grouping import Labels, Matrix, group_by_numbers

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RESAMPLES = 20
LARGEST_SAMPLE = 500  # segments of one resample; bounds the cost at 0.03 s each


def stability(
    vectors: Matrix, words: csr_matrix, groups: Labels, *, seed: int, beside: Sequence[int] | None = None
) -> npt.NDArray[np.float64]:
    """Mean best Jaccard overlap of each group with the groups of half-samples, in [0, 1], (k,).

    Each half-sample is grouped anew, into as many groups as a group was found beside; it is compared with the most alike,
    among the segments drawn that are in a group.

    Args:
        vectors: (n, d), unit rows.
        words: (n, vocabulary).
        groups: Group of each row; -1 for none.
        seed: Decides the half-samples.
        beside: How many groups there were when each was found, itself among them; None says as many as there are.
    """
    n, k = len(groups), int(groups.max()) + 1
    size = min(max(n // 2, min(n, 2)), LARGEST_SAMPLE)
    numbers = list(beside or [k] * k)
    draws = np.random.default_rng(seed)
    overlaps: list[list[float]] = [[] for _ in range(k)]
    for _ in range(RESAMPLES):
        drawn = np.sort(draws.choice(n, size, replace=False))
        asked = sorted({min(number, size) for number in numbers})
        found = dict(zip(asked, group_by_numbers(vectors[drawn], words[drawn], asked), strict=True))
        held = (
            groups[drawn] >= 0
        )  # what belongs nowhere is nobody's to find again, and dilutes no group that takes it in
        for group in np.unique(groups[drawn][held]):
            again = found[min(numbers[group], size)][held]
            overlaps[group].append(_best_jaccard(groups[drawn][held] == group, again))
    return np.array([np.mean(values) if values else 0.0 for values in overlaps])


def _best_jaccard(members: npt.NDArray[np.bool_], found: Labels) -> float:
    shared = np.bincount(found[members], minlength=found.max() + 1)
    either = np.bincount(found, minlength=found.max() + 1) + members.sum() - shared
    return float((shared / either).max())
