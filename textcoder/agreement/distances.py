"""How far apart two values are: the same (nominal), in order, in size, or as sets of codes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from fractions import Fraction

import numpy as np

from textcoder.agreement.units import Numbers


class Metric(StrEnum):
    """What is known of the values."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


def squared(values: Sequence[float], metric: Metric) -> Numbers:
    """Squared differences of values, (n_values, n_values), for the metrics that need nothing but the values.

    Raises:
        ValueError: The metric is ordinal, which depends on how often each value was used; see `ordinal`.

    References:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section E.
    """
    v = np.asarray(values, dtype=np.float64)
    apart, together = v[:, None] - v[None, :], v[:, None] + v[None, :]
    match metric:
        case Metric.NOMINAL:
            return np.asarray(apart != 0, dtype=np.float64)
        case Metric.INTERVAL:
            return np.asarray(apart**2, dtype=np.float64)
        case Metric.RATIO:
            share = np.divide(apart, together, out=np.zeros_like(apart), where=together != 0)
            return np.asarray(share**2, dtype=np.float64)
        case Metric.ORDINAL:
            raise ValueError("ordinal differences depend on how often each value was used")


def ordinal(margins: Numbers) -> Numbers:
    """Squared ordinal differences: how many judgements lie from the middle of one value to the middle of the other.

    Args:
        margins: How often each value was used, in their order, (..., n_values).

    Returns:
        (..., n_values, n_values).

    References:
        Krippendorff (2011), section E: (sum of n_g from c to k - (n_c + n_k) / 2) squared.
    """
    middle = np.cumsum(margins, axis=-1) - margins / 2
    return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2, dtype=np.float64)


Distance = Callable[[Collection[str], Collection[str]], float]
"""Of two sets of codes, in [0, 1]; 0 for the same set."""


def same_set(a: Collection[str], b: Collection[str]) -> float:
    """0 for the same set of codes, else 1."""
    return float(set(a) != set(b))


def jaccard(a: Collection[str], b: Collection[str]) -> float:
    """1 less the codes that both gave over the codes that either gave; two empty sets are the same.

    References:
        Jaccard (1901), Bulletin de la Societe Vaudoise des Sciences Naturelles 37, 547-579.

    Example:
        >>> jaccard({"x"}, {"x", "y"})
        0.5
    """
    return float(1 - _shared(a, b))


def masi(a: Collection[str], b: Collection[str]) -> float:
    """As `jaccard`, and a set that holds the other is nearer than two that only overlap.

    1 - J * M, with M of 1 for the same set, 2/3 where one holds the other, 1/3 where they only overlap, 0 where they share nothing.

    References:
        Passonneau (2006), Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation. LREC, 831-836.

    Example:
        >>> round(masi({"x"}, {"x", "y"}), 4)
        0.6667
    """
    one, other = set(a), set(b)
    if one == other:
        return 0.0
    if not one & other:
        return 1.0
    return float(1 - _shared(a, b) * Fraction(2 if one <= other or other <= one else 1, 3))


def _shared(a: Collection[str], b: Collection[str]) -> Fraction:
    either = set(a) | set(b)
    return Fraction(len(set(a) & set(b)), len(either)) if either else Fraction(1)


SETS: dict[str, Distance] = {"nominal": same_set, "jaccard": jaccard, "masi": masi}
"""Distances of whole sets of codes, by name."""


def between(sets: Sequence[Sequence[str]], distance: str) -> Numbers:
    """A distance of `SETS` between every two sets, (n_sets, n_sets); a thousand sets take a few hundredths of a second."""
    codes = {code: j for j, code in enumerate(sorted({code for one in sets for code in one}))}
    held = np.zeros((len(sets), max(len(codes), 1)))
    for i, one in enumerate(sets):
        held[i, [codes[code] for code in one]] = 1.0
    both, size = np.einsum("ic,kc->ik", held, held), held.sum(axis=1)
    either = size[:, None] + size[None, :] - both
    same = both == either
    if distance == "nominal":
        return np.asarray(~same, dtype=np.float64)
    shared = np.divide(both, either, out=np.ones_like(both), where=either > 0)
    if distance == "masi":
        inside = (both == size[:, None]) | (both == size[None, :])
        # Whole numbers first, so that it is just what `masi` gives.
        shared = np.where(same, 1.0, shared * np.where(inside, 2.0, 1.0) / 3.0)
    return np.asarray(1 - shared, dtype=np.float64)


class Weights(StrEnum):
    """How much of an agreement two different values in order are."""

    IDENTITY = "identity"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    ORDINAL = "ordinal"


def agreeing(n_values: int, weights: Weights) -> Numbers:
    """Weights of agreement for values in order, (n_values, n_values): 1 on the diagonal, 0 for the farthest.

    References:
        Cohen (1968), Psychological Bulletin 70, 213-220; Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapter 3.
    """
    apart = np.abs(np.arange(n_values)[:, None] - np.arange(n_values)[None, :]).astype(np.float64)
    far = max(n_values - 1, 1)
    found: Numbers
    match weights:
        case Weights.IDENTITY:
            found = np.eye(n_values)
        case Weights.LINEAR:
            found = 1 - apart / far
        case Weights.QUADRATIC:
            found = 1 - (apart / far) ** 2
        case Weights.ORDINAL:
            found = 1 - apart * (apart + 1) / (far * (far + 1))
    return found
