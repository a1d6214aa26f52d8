"""How sure a figure is: whole persons are drawn anew, since what one person says hangs together.

A figure is a function of sums over units. So each unit is tallied once, and a resample only adds up tallies.

References:
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 11, 13 and 14.
    Field and Welsh (2007), Bootstrapping clustered data. Journal of the Royal Statistical Society B 69, 369-390.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from textcoder.agreement.units import Numbers, Unit

Figure = Callable[[Numbers], Numbers]
"""Totals of tallies (..., n_columns) -> the figure (...); NaN where it is undefined."""

FEW_CASES = 10
"""Below so many persons an interval over persons is known to be too narrow, and says so."""


class Way(StrEnum):
    """How an interval is made; `tests.quality.agreement` shows how often each holds the truth."""

    PERCENTILE = "percentile bootstrap over persons"
    BCA = "bias-corrected and accelerated bootstrap over persons"
    WIDENED = "bias-corrected and accelerated bootstrap over persons, widened for few persons"
    JACKKNIFE = "jackknife over persons, t"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Attributes:
        value: NaN where it is undefined.
        low: Lower end of the interval; NaN where there is none.
        high: Upper end.
        note: Why the figure is undefined, or what to beware of; empty where there is nothing to say.
    """

    value: float
    low: float
    high: float
    note: str = ""

    @property
    def defined(self) -> bool:
        """Whether there is a figure at all."""
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether it is known how sure it is."""
        return not math.isnan(self.low)


def undefined(why: str) -> Estimate:
    """No figure, and why."""
    return Estimate(math.nan, math.nan, math.nan, why)


@dataclass(frozen=True, slots=True)
class Draws:
    """Resamples of persons, the same for all figures, so that figures can be compared.

    Attributes:
        of_case: The case of each unit, (n_units,).
        times: How often each case stands in each resample, (resamples, n_cases).
        level: Of the intervals, between 0 and 1.
        way: How intervals are made of them.
    """

    of_case: npt.NDArray[np.int64]
    times: Numbers
    level: float = 0.95
    way: Way = Way.WIDENED

    @classmethod
    def of(
        cls, units: Sequence[Unit], *, seed: int, resamples: int, level: float = 0.95, way: Way = Way.WIDENED
    ) -> Draws:
        """For these units, in this order; the same units and seed give the same resamples."""
        cases = sorted({unit.case for unit in units})
        place = {case: i for i, case in enumerate(cases)}
        of_case = np.array([place[unit.case] for unit in units], dtype=np.int64)
        return cls(of_case, _resample(len(cases), resamples, seed), level, way)

    def estimate(self, tally: Numbers, figure: Figure, why_undefined: str, *, perfect: bool = True) -> Estimate:
        """The figure over all units, with its interval.

        Args:
            tally: What each unit adds, (n_units, n_columns).
            figure: Of the totals.
            why_undefined: The note where there is no figure.
            perfect: Whether 1 is the best that the figure can be, so that it needs a warning.
        """
        value = float(figure(tally.sum(axis=0)))
        if math.isnan(value):
            return undefined(why_undefined)
        by_case = self.by_case(tally)
        n_cases = int(by_case.any(axis=1).sum())
        if n_cases < 2:
            return Estimate(value, math.nan, math.nan, "no interval: all the words are one person's")
        # einsum, not @: the sums must not depend on the number of threads.
        drawn = figure(np.einsum("bc,ct->bt", self.times, by_case))
        drawn = drawn[~np.isnan(drawn)]
        if len(drawn) < len(self.times) / 2:
            return Estimate(value, math.nan, math.nan, "no interval: in most resamples of persons it is undefined")
        low, high = _interval(value, drawn, _left_out(by_case, figure), self.level, self.way)
        notes = []
        if perfect and value == 1.0:
            notes.append("nobody disagreed, so the interval cannot show how often they might")
        if n_cases < FEW_CASES:
            notes.append(f"only {n_cases} persons: the interval is too narrow")
        if len(drawn) < 0.995 * len(self.times):
            notes.append(f"undefined in {1 - len(drawn) / len(self.times):.0%} of the resamples, which are left out")
        return Estimate(value, low, high, "; ".join(notes))

    def by_case(self, tally: Numbers) -> Numbers:
        """Tallies of each case, (n_cases, n_columns)."""
        found = np.zeros((self.times.shape[1], tally.shape[1]))
        np.add.at(found, self.of_case, tally)
        return found


def _resample(n_cases: int, resamples: int, seed: int) -> Numbers:
    if n_cases == 0:
        return np.zeros((resamples, 0))
    draws = np.random.default_rng(seed)
    return draws.multinomial(n_cases, np.full(n_cases, 1 / n_cases), size=resamples).astype(np.float64)


def _left_out(by_case: Numbers, figure: Figure) -> Numbers:
    """The figure without each person who says something of it; NaN where it is undefined then."""
    present = by_case[by_case.any(axis=1)]
    return figure(present.sum(axis=0) - present)


def _interval(value: float, drawn: Numbers, left_out: Numbers, level: float, way: Way) -> tuple[float, float]:
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    if way is Way.JACKKNIFE:
        return _student(value, left_out, level)
    if way is not Way.PERCENTILE and value != 1.0:
        ends = _shifted(ends, value, drawn, left_out, widened=way is Way.WIDENED)
    low, high = np.quantile(drawn, ends).tolist()
    return low, high


def _shifted(ends: Numbers, value: float, drawn: Numbers, left_out: Numbers, *, widened: bool) -> Numbers:
    """The quantiles that the bias of the draws and the skewness of persons call for (Efron and Tibshirani 1993, 14.3).

    A bootstrap of n persons is too narrow as a normal interval with the standard deviation over n is; widened, it reaches as far as
    Student's t does (Hesterberg 2015, What teachers should know about the bootstrap, American Statistician 69, 371-386, section 5.3).
    """
    from scipy.special import ndtr, ndtri, stdtrit

    # The half of what is equal: figures of few persons have ties.
    below = (np.sum(drawn < value) + np.sum(drawn == value) / 2) / len(drawn)
    bias = ndtri(min(max(below, 0.5 / len(drawn)), 1 - 0.5 / len(drawn)))
    apart = np.nanmean(left_out) - left_out
    apart = apart[~np.isnan(apart)]
    spread = np.sum(apart**2) ** 1.5
    skew = np.sum(apart**3) / (6 * spread) if spread > 0 else 0.0
    n = len(left_out)
    reach = stdtrit(n - 1, ends) * math.sqrt(n / (n - 1)) if widened else ndtri(ends)
    z = bias + reach
    return np.asarray(ndtr(bias + z / (1 - skew * z)), dtype=np.float64)


def _student(value: float, left_out: Numbers, level: float) -> tuple[float, float]:
    from scipy.special import stdtrit

    known = left_out[~np.isnan(left_out)]
    n = len(known)
    if n < 2:
        return math.nan, math.nan
    error = math.sqrt((n - 1) / n * float(np.sum((known - known.mean()) ** 2)))
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return value - reach, min(1.0, value + reach)
