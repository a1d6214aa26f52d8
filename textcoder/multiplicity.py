"""Many tests read together: p-values adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


def false_discovery(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted so that among those at or below q no more than a share q is expected to be false; in the order given.

    Those that are NaN are no comparisons and stay so.

    References:
        Benjamini and Hochberg (1995), Controlling the false discovery rate: a practical and powerful approach to multiple testing.
            Journal of the Royal Statistical Society B 57, 289-300.

    Example:
        >>> [round(q, 3) for q in false_discovery([0.01, 0.04, float("nan"), 0.03])]
        [0.03, 0.04, nan, 0.04]
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(len(p), np.nan)
    real = np.flatnonzero(~np.isnan(p))
    order = real[np.argsort(-p[real], kind="stable")]
    steps = p[order] * len(order) / np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.minimum.accumulate(steps), 1.0)
    return [float(one) for one in adjusted]


def holm(p: Numbers) -> Numbers:
    """p-values adjusted so that the chance of any false alarm stays below the level; in the order given.

    Those that are NaN are no comparisons and stay so.

    References:
        Holm (1979), A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 65-70.
    """
    adjusted = np.full(len(p), np.nan)
    real = np.flatnonzero(~np.isnan(p))
    order = real[np.argsort(p[real], kind="stable")]
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0)
    return adjusted
