"""How well boundaries of topics match those that people marked: Pk, WindowDiff and F1 with some turns' grace.

A boundary is the number of the first turn after it, so that n turns have n - 1 gaps in which one may stand. Pk and WindowDiff slide a
window of k gaps, half a mean block of the people's, over the talk; both are errors, 0 is best, and a coin gives Pk about .5.

References:
    Beeferman, Berger and Lafferty (1999), Statistical models for text segmentation. Machine Learning 34, 177-210.
    Pevzner and Hearst (2002), A critique and improvement of an evaluation metric for text segmentation. Computational Linguistics 28,
        19-36.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

Boundaries = Collection[int]


def half_block(n: int, people: Boundaries) -> int:
    """The width of the window: half the mean length of the people's blocks, in turns, at least 2."""
    return max(2, round(n / (2 * (len(people) + 1))))


def pk(n: int, people: Boundaries, found: Boundaries, *, k: int | None = None) -> float:
    """Share of pairs of turns k apart of which one side says they are in one block, the other that they are not."""
    k = k or half_block(n, people)
    return float(np.mean((_in_windows(n, people, k) > 0) != (_in_windows(n, found, k) > 0)))


def window_diff(n: int, people: Boundaries, found: Boundaries, *, k: int | None = None) -> float:
    """Share of windows of k gaps that hold another number of boundaries; unlike Pk it sees two in the place of one."""
    k = k or half_block(n, people)
    return float(np.mean(_in_windows(n, people, k) != _in_windows(n, found, k)))


def boundary_f1(people: Boundaries, found: Boundaries, *, within: int = 2) -> float:
    """F1 of boundaries, each matched to at most one of the other side and at most `within` turns away; 1.0 where neither has any."""
    theirs, ours = sorted(people), sorted(found)
    matched = i = j = 0
    while i < len(theirs) and j < len(ours):
        if abs(theirs[i] - ours[j]) <= within:
            matched, i, j = matched + 1, i + 1, j + 1
        elif theirs[i] < ours[j]:
            i += 1
        else:
            j += 1
    total = len(theirs) + len(ours)
    return 2 * matched / total if total else 1.0


def _in_windows(n: int, boundaries: Boundaries, k: int) -> npt.NDArray[np.intp]:
    """How many boundaries each window of k of the n - 1 gaps holds."""
    if any(not 0 < at < n for at in boundaries):
        raise ValueError(f"A boundary of {n} turns lies between 1 and {n - 1}.")
    if not 0 < k < n:
        raise ValueError(f"A window of {k} gaps in {n - 1}.")
    gaps = np.zeros(n, dtype=np.intp)  # the first stands for the beginning, so that sums have one more place than gaps
    gaps[list(boundaries)] = 1
    before = np.cumsum(gaps)
    return before[k:] - before[:-k]
