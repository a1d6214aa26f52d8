"""What several modules of tests/quality measure with: kappa, means over draws, and intervals by resampling whole groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]


def kappa(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """Cohen's kappa; NaN where both use one answer only, and no agreement beyond chance can be told."""
    answers = np.unique(np.concatenate([a, b]))
    chance = sum(float((a == answer).mean() * (b == answer).mean()) for answer in answers)
    return (float((a == b).mean()) - chance) / (1 - chance) if len(answers) > 1 else float("nan")


def mean_with_t(values: Sequence[float] | npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean and 95 % interval by Student's t over draws that do not depend on each other; NaN are left out, as not defined."""
    from scipy.stats import t

    known = np.asarray([value for value in values if not np.isnan(value)], dtype=np.float64)
    if len(known) < 2:
        return (float(known[0]) if len(known) else float("nan")), float("nan"), float("nan")
    half = t.ppf(0.975, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known))
    return float(known.mean()), float(known.mean() - half), float(known.mean() + half)


def bootstrap(
    figure: Callable[[Rows], float], groups: Sequence[str] | int, *, draws: int = 1000, seed: int = 1
) -> tuple[float, float]:
    """95 % percentile interval of a figure over draws of whole groups, with replacement.

    Args:
        figure: Of some rows, which may repeat; NaN where it is not defined, and such draws are left out.
        groups: The group of each row (a person, an interview); or how many rows there are, each by itself.
        draws: How many.
        seed: Of the draws.
    """
    drawn = np.random.default_rng(seed)
    if isinstance(groups, int):
        values = [figure(drawn.integers(0, groups, groups)) for _ in range(draws)]
    else:
        members: dict[str, list[int]] = {}
        for row, group in enumerate(groups):
            members.setdefault(group, []).append(row)
        own = [np.array(rows, dtype=np.intp) for rows in members.values()]
        values = [figure(np.concatenate([own[i] for i in drawn.integers(0, len(own), len(own))])) for _ in range(draws)]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
