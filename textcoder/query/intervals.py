"""Intervals and tests of what a question answers: shares that cluster by person, differences, and pairs of codes.

The interval of one share of people is `textcoder.prevalence.wilson`; everything here is built on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.prevalence import wilson

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

Z = 1.959963984540054
"""Of all intervals here: 95 %, each by itself."""

WILSON = "Wilson score, people as units"
CLUSTERED = "Wilson score at the effective number of segments, clustered by person"
UNPAIRED = "Newcombe hybrid score, method 10, different people"
PAIRED = "Newcombe paired hybrid score, method 10, the same people"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with what it rests on; every chapter that corrects figures gives them in this shape.

    Attributes:
        value: The share, or the difference of two.
        low: Lower end of the 95 % interval.
        high: Upper end.
        method: How the interval was made, in words.
        n: How many said it. Of a difference: how many people it compares.
        of: How many could have: the denominator. Of a difference as `n`.
    """

    value: float
    low: float
    high: float
    method: str
    n: int
    of: int


@lru_cache(maxsize=2**16)
def share_of_people(said: int, asked: int) -> Estimate:
    """The share of the people asked who said it; NaN throughout where nobody was asked."""
    low, high = wilson(said, asked)
    return Estimate(said / asked if asked else math.nan, low, high, WILSON, said, asked)


def effective_sizes(y: Numbers, n: Numbers, yy: Numbers, yn: Numbers, nn: Numbers, people: Numbers) -> Numbers:
    """How many independent segments the segments of clustered people are worth, for each share y / n.

    The share is a ratio of sums over people, with the linearised variance of Rao and Scott (1992, eq. 1); the effective size is
    p (1 - p) / variance, made smaller for the few degrees of freedom (people - 1) by Korn and Graubard's (1998) factor, and never
    larger than the number of segments. Where the share is 0 or 1, or there is one person, the variance says nothing: each person
    then counts as one segment, as if all that she says were said in one breath.

    Args:
        y: Segments that carry the code, summed over people; all arguments have one shape.
        n: Segments.
        yy: Sum over people of the squares of their y.
        yn: Likewise of y times n.
        nn: Likewise of the squares of n.
        people: How many.

    References:
        Rao and Scott (1992), A simple method for the analysis of clustered binary data. Biometrics 48, 577-585.
        Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive counts estimated from
        survey data. Survey Methodology 24, 193-201.
    """
    from scipy.special import stdtrit

    p = np.divide(y, n, out=np.zeros_like(y), where=n > 0)
    enough = (people >= 2) & (p > 0) & (p < 1)
    k = np.where(enough, people, 2.0)
    residual = np.maximum(yy - 2 * p * yn + p * p * nn, 0.0)
    variance = k / (k - 1) * residual / np.where(enough, n, 1.0) ** 2
    binomial = p * (1 - p)
    # Everybody may have just the same share; then nothing speaks against independence and the cap holds.
    worth = np.divide(binomial, variance, out=np.full_like(p, np.inf), where=variance > 0)
    return np.asarray(np.where(enough, np.minimum(worth * (Z / stdtrit(k - 1, 0.975)) ** 2, n), np.minimum(people, n)))


def shares_of_segments(y: Ints, n: Ints, effective: Numbers) -> list[list[Estimate]]:
    """The share of the segments that carry the code, with the Wilson interval at their effective number; NaN where there are none.

    Franco et al. compare intervals for shares in clustered surveys; Wilson's with an effective sample size is among those that
    hold their coverage for few clusters and small shares.

    Args:
        y: (n_rows, n_cells) segments that carry it.
        n: (n_cells,) segments.
        effective: (n_rows, n_cells) see `effective_sizes`.

    References:
        Franco, Little, Louis and Slud (2019), Comparative study of confidence intervals for proportions in complex sample surveys.
        Journal of Survey Statistics and Methodology 7, 334-364.
    """
    share = np.where(n > 0, y / np.maximum(n, 1), np.nan)
    # `wilson` for all cells at once, since a table has hundreds.
    worth, z2 = np.where(n > 0, effective, 1.0), Z * Z
    p = share * worth / worth
    centre, half = p + z2 / (2 * worth), Z * np.sqrt(p * (1 - p) / worth + z2 / (4 * worth * worth))
    low = np.maximum(0.0, (centre - half) / (1 + z2 / worth))
    high = np.minimum(1.0, (centre + half) / (1 + z2 / worth))
    method, of = [CLUSTERED] * len(n), n.tolist()
    rows = zip(share.tolist(), low.tolist(), high.tolist(), y.tolist(), strict=True)
    return [list(map(Estimate, values, lows, highs, method, said, of)) for values, lows, highs, said in rows]


def difference_unpaired(after: int, asked_after: int, before: int, asked_before: int) -> Estimate:
    """Share after minus share before, of different people; both groups are not empty.

    References:
        Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven methods.
        Statistics in Medicine 17, 873-890; method 10.
    """
    p, q = after / asked_after, before / asked_before
    (l1, u1), (l2, u2) = wilson(after, asked_after), wilson(before, asked_before)
    low, high = p - q - math.hypot(p - l1, u2 - q), p - q + math.hypot(u1 - p, q - l2)
    people = asked_after + asked_before
    return Estimate(p - q, low, high, UNPAIRED, people, people)


def difference_paired(both: int, only_after: int, only_before: int, neither: int) -> Estimate:
    """Share after minus share before, of the same people, of whom there is at least one.

    The two Wilson intervals are put together allowing for the correlation phi of the two answers, which is drawn towards 0 where it
    is positive.

    References:
        Newcombe (1998), Improved confidence intervals for the difference between binomial proportions based on paired data.
        Statistics in Medicine 17, 2635-2650; method 10.
    """
    n = both + only_after + only_before + neither
    p, q = (both + only_after) / n, (both + only_before) / n
    (l1, u1), (l2, u2) = wilson(both + only_after, n), wilson(both + only_before, n)
    margins = (both + only_after) * (only_before + neither) * (both + only_before) * (only_after + neither)
    product = both * neither - only_after * only_before
    corrected = max(product - n / 2, 0.0) if product > 0 else float(product)
    phi = corrected / math.sqrt(margins) if margins else 0.0
    down, up = _joined(p - l1, u2 - q, phi), _joined(u1 - p, q - l2, phi)
    return Estimate(p - q, p - q - down, p - q + up, PAIRED, n, n)


def _joined(a: float, b: float, phi: float) -> float:
    return math.sqrt(max(a * a - 2 * phi * a * b + b * b, 0.0))


def fisher(both: int, a: int, b: int, n: int) -> float:
    """Two-sided p of Fisher's exact test: of `n` people, `a` carry one code, `b` another and `both` the two of them.

    All tables with these margins count that are no more probable than the one seen (within a relative 1e-7, as R does it).
    Cost: O(min(a, b)).

    References:
        Fisher (1935), The logic of inductive inference. Journal of the Royal Statistical Society 98, 39-82.
    """
    from scipy.special import gammaln

    def ways(k: Any, of: Any) -> Any:
        return gammaln(of + 1.0) - gammaln(k + 1.0) - gammaln(of - k + 1.0)

    x = np.arange(max(0, a + b - n), min(a, b) + 1)
    weight = ways(x, a) + ways(b - x, n - a)
    probability = np.exp(weight - weight.max())
    seen = probability[both - x[0]]
    return float(min(1.0, probability[probability <= seen * (1 + 1e-7)].sum() / probability.sum()))
