"""What chance alone gives: exact distributions of counts summed over independent people or accounts, and their two-sided p."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

TOLERANCE = 1e-7
"""Counts that are no more probable than the one seen, within this, are as far out (as R does it)."""


def hypergeometric(n: int, a: int, b: int) -> tuple[int, Numbers]:
    """Distribution of how many of `n` units carry both, where `a` carry the one and `b` the other: the least count, and chances from it."""
    from scipy.special import gammaln

    least, most = max(0, a + b - n), min(a, b)
    k = np.arange(least, most + 1, dtype=np.float64)
    weight = -(gammaln(k + 1) + gammaln(a - k + 1) + gammaln(b - k + 1) + gammaln(n - a - b + k + 1))
    chance = np.exp(weight - weight.max())
    return least, np.asarray(chance / chance.sum(), dtype=np.float64)


def summed(parts: Iterable[tuple[int, Numbers]]) -> tuple[int, Numbers]:
    """Distribution of a sum of independent counts, each given by its least count and the chances from it."""
    least, chance = 0, np.ones(1)
    for first, own in parts:
        least += first
        chance = np.convolve(chance, own)
    return least, chance


def two_sided(seen: int, least: int, chance: Numbers) -> float:
    """Chance of a count that is no more probable than the one seen."""
    place = seen - least
    if not 0 <= place < len(chance):
        return 0.0
    return float(min(1.0, chance[chance <= chance[place] * (1 + TOLERANCE)].sum()))


def tails(seen: int, least: int, chance: Numbers) -> float:
    """Twice the chance of a count as far out on the side of the one seen, or farther; at most 1.

    For distributions that were drawn, in which single counts are too rough to be compared.
    """
    place = min(max(seen - least, -1), len(chance))
    low = float(chance[: max(place + 1, 0)].sum())
    high = float(chance[max(place, 0) :].sum())
    return min(1.0, 2 * min(low, high))


def ratio_intervals(seen: Numbers, expected: Numbers, *, seed: int, draws: int) -> Numbers:
    """(2, n_pairs) 95 % intervals of observed / expected, by drawing people with replacement.

    Args:
        seen: (n_people, n_pairs).
        expected: (n_people, n_pairs).
        seed: Of the draws.
        draws: How many; a draw in which nothing is expected is left out.

    Returns:
        NaN where nothing was seen at all: no draw could ever show anything else.
    """
    people, pairs = seen.shape
    found = np.full((2, pairs), np.nan)
    if people < 2 or not pairs:
        return found
    weights = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (weights @ seen) / (weights @ expected)
    ratios[~np.isfinite(ratios)] = np.nan
    some = (seen.sum(axis=0) > 0) & np.isfinite(ratios).any(axis=0)
    if some.any():
        found[:, some] = np.nanquantile(ratios[:, some], [0.025, 0.975], axis=0)
    return found
