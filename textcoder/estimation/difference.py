"""Differences between two corrected shares, of different people or of the same, and what their number means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textcoder.estimation.counting import Numbers
from textcoder.estimation.powered import Interval, Z


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Second share minus first; arrays of one shape.

    Attributes:
        value: The difference.
        low: Lower end of the 95 % interval, of each difference by itself.
        high: Upper end.
        p: Two-sided p of no difference, that of which the interval is the 95 % one: below .05 just where 0 lies outside.
        together: How far people who are in both make the two shares agree: the correlation of the two estimates.
    """

    value: Numbers
    low: Numbers
    high: Numbers
    p: Numbers
    together: Numbers


def difference(first: Interval, second: Interval, influence_first: Numbers, influence_second: Numbers) -> Difference:
    """Put two intervals together by the method of variance estimates recovery; for two Wilson intervals this is Newcombe's method 10.

    Args:
        first: Shares before, or of the one group.
        second: Shares after, or of the other.
        influence_first: (..., n_people) of each person on the first share; the same people on the last axis of both.
        influence_second: Likewise on the second.

    References:
        Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven methods. Statistics in
        Medicine 17, 873-890.
        Zou (2007), Toward using confidence intervals to compare correlations. Psychological Methods 12, 399-413; eqs. 13 and 14.
    """
    from scipy.special import ndtr

    both = (influence_first * influence_second).sum(axis=-1)
    size = np.sqrt((influence_first**2).sum(axis=-1) * (influence_second**2).sum(axis=-1))
    r = np.clip(np.divide(both, size, out=np.zeros_like(both), where=size > 0), -1.0, 1.0)
    value = second.value - first.value
    down = _joined(second.value - second.low, first.high - first.value, r)
    up = _joined(second.high - second.value, first.value - first.low, r)
    towards = np.where(value > 0, down, up)
    z = np.divide(Z * np.abs(value), towards, out=np.full_like(value, np.inf), where=towards > 0)
    p = np.where(value == 0, 1.0, np.where(np.isnan(value), np.nan, 2 * ndtr(-z)))
    return Difference(value, np.maximum(value - down, -1.0), np.minimum(value + up, 1.0), p, r)


def _joined(a: Numbers, b: Numbers, r: Numbers) -> Numbers:
    return np.asarray(np.sqrt(np.maximum(a * a + b * b - 2 * r * a * b, 0.0)))
