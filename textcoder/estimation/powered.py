"""The corrected share of units with a code, clustered by person; see `textcoder.estimation` for what it is and rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textcoder.estimation.counting import Counted, Numbers

Z = 1.959963984540054
"""Of all intervals: 95 %, each by itself."""
WIDEST = 2.0
"""How much covariance may widen an interval: its estimate is itself uncertain where few people were sampled."""


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Shares with their 95 % intervals; arrays of one shape. NaN where there is nothing to estimate from."""

    value: Numbers
    low: Numbers
    high: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Corrected shares, and what they are made of; all of one shape (...), NaN where fewer than two people were sampled.

    Attributes:
        corrected: Machine and sample together.
        machine: What the machine alone says: uncorrected.
        human: What the sample alone says, without the machine.
        kept: Of what the machine coded, the share that people code too.
        missed: Of what it passed over, the share that people code.
        people: With a unit in the cell.
        people_sampled: With a sampled unit.
        sampled: The sample's effective size before clustering: the number of sampled units where all had the same chance.
        influence: (..., n_people) how far each person draws the corrected share; they sum to 0, their squares to its variance.
        human_influence: The same of the sample's share.
        machine_influence: The same of the machine's.
    """

    corrected: Interval
    machine: Interval
    human: Interval
    kept: Interval
    missed: Interval
    people: Numbers
    people_sampled: Numbers
    sampled: Numbers
    influence: Numbers
    human_influence: Numbers
    machine_influence: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Proportion:
    """A ratio of sums over people.

    Attributes:
        interval: (...).
        influence: (..., n_people) how far each person draws it.
        variance: (...) clustered by person.
    """

    interval: Interval
    influence: Numbers
    variance: Numbers


def shares(of: Counted) -> Shares:
    """Correct the machine's shares by the sample. Cost: O(size of the arrays).

    Where nothing was drawn of what the machine coded (or of what it passed over), its share is unknown: the interval of that part is 0 to
    1, and the value the mean of the sample. So a cell of few sampled units has a wide interval and no false certainty.
    """
    squares = of.kept_squares + of.missed_squares
    human = proportion(of.kept + of.missed, of.kept_weight + of.missed_weight, squares, None)
    coded = proportion(of.coded, of.units, of.units, None)
    # How alike a person's answers are, for parts in which all answers are the same and say nothing of it.
    together = np.where(
        (human.interval.value > 0) & (human.interval.value < 1),
        alike(of.kept + of.missed, of.kept_weight + of.missed_weight, squares),
        alike(of.coded, of.units, of.units),
    )
    kept = proportion(of.kept, of.kept_weight, of.kept_squares, together)
    missed = proportion(of.missed, of.missed_weight, of.missed_squares, together)
    q = coded.interval.value
    a, b = (
        np.where(np.isnan(part.interval.value), human.interval.value, part.interval.value) for part in (kept, missed)
    )
    value = q * a + (1 - q) * b
    people_sampled = ((of.kept_weight + of.missed_weight) > 0).sum(axis=-1).astype(np.float64)
    parts = (
        (q, a, kept.interval),
        (1 - q, b, missed.interval),
        (a - b, q, coded.interval),
    )
    down, up = np.zeros_like(value), np.zeros_like(value)
    for slope, at, part in parts:
        low, high = np.where(np.isnan(part.low), 0.0, part.low), np.where(np.isnan(part.high), 1.0, part.high)
        below, above = slope * (at - low), slope * (high - at)
        # A machine that is wrong more often than not makes the share fall where it codes more.
        down += np.where(slope >= 0, below, above) ** 2
        up += np.where(slope >= 0, above, below) ** 2
    influences = (
        q[..., None] * kept.influence,
        (1 - q)[..., None] * missed.influence,
        (a - b)[..., None] * coded.influence,
    )
    influence = sum(influences, np.zeros_like(of.units))
    apart = sum(((part**2).sum(axis=-1) for part in influences), np.zeros_like(value))
    wider = np.sqrt(
        np.clip(np.divide((influence**2).sum(axis=-1), apart, out=np.ones_like(apart), where=apart > 0), 1.0, WIDEST**2)
    )
    known = people_sampled >= 2
    low, high = np.maximum(value - wider * np.sqrt(down), 0.0), np.minimum(value + wider * np.sqrt(up), 1.0)
    corrected = Interval(*(np.where(known, x, np.nan) for x in (value, low, high)))
    total, squared = (of.kept_weight + of.missed_weight).sum(axis=-1), squares.sum(axis=-1)
    return Shares(
        corrected,
        coded.interval,
        human.interval,
        kept.interval,
        missed.interval,
        (of.units > 0).sum(axis=-1).astype(np.float64),
        people_sampled,
        np.divide(total**2, squared, out=np.zeros_like(total), where=squared > 0),
        influence,
        human.influence,
        coded.influence,
    )


def wilson(p: Numbers, n: Numbers) -> tuple[Numbers, Numbers]:
    """Wilson's (1927) score interval of shares at numbers of units that need not be whole; NaN where there is none."""
    p, n = np.where(n > 0, p, np.nan), np.where(n > 0, n, np.nan)
    centre, half = p + Z * Z / (2 * n), Z * np.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return np.maximum((centre - half) / (1 + Z * Z / n), 0.0), np.minimum((centre + half) / (1 + Z * Z / n), 1.0)


def jeffreys(p: Numbers, n: Numbers) -> tuple[Numbers, Numbers]:
    """Jeffreys' equal-tailed interval of shares at numbers of units that need not be whole; NaN where there is none.

    At shares of 0 and 1 it is shorter than Wilson's, which would be too careful in a sum of several parts (Laud 2017).
    """
    from scipy.special import betaincinv

    n = np.where(n > 0, n, np.nan)
    yes = np.where(n > 0, p * n, np.nan)
    low, high = (betaincinv(yes + 0.5, n - yes + 0.5, tail) for tail in (0.025, 0.975))
    return np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)


def proportion(y: Numbers, w: Numbers, squares: Numbers, together: Numbers | None) -> Proportion:
    """A ratio of sums over people with its interval and influences; NaN where no person has a weight.

    Args:
        y: (..., n_people) sums of weights times answers.
        w: Sums of weights.
        squares: Sums of squared weights.
        together: (...) correlation of answers within a person, where `y` itself says nothing of it; None for 0.
    """
    total, people = w.sum(axis=-1), (w > 0).sum(axis=-1)
    p = np.divide(y.sum(axis=-1), total, out=np.full_like(total, np.nan), where=total > 0)
    at = np.where(total > 0, p, 0.0)
    scale = np.where(total > 0, total, 1.0)
    influence = (y - at[..., None] * w) / scale[..., None]
    k = np.maximum(people, 2)
    influence *= np.sqrt(k / (k - 1))[..., None]
    variance = (influence**2).sum(axis=-1)
    worth = _effective(at, variance, total, (w**2).sum(axis=-1), squares.sum(axis=-1), people, together)
    low, high = wilson(p, worth) if together is None else jeffreys(p, worth)
    return Proportion(Interval(p, low, high), influence, variance)


def _effective(
    p: Numbers,
    variance: Numbers,
    total: Numbers,
    clustered: Numbers,
    squares: Numbers,
    people: Numbers,
    together: Numbers | None,
) -> Numbers:
    """How many independent units those of clustered people are worth; 0 where there is none."""
    from scipy.special import stdtrit

    safe = np.where(squares > 0, squares, 1.0)
    kish, each = total**2 / safe, np.maximum(clustered / safe, 1.0)
    varied = (p > 0) & (p < 1) & (people >= 2) & (variance > 0)
    seen = np.divide(p * (1 - p), variance, out=np.full_like(p, np.inf), where=varied)
    supposed = kish / (1 + (each - 1) * (0.0 if together is None else together))
    few = (Z / stdtrit(np.maximum(people - 1, 1), 0.975)) ** 2
    few = 1 - (1 - few) * (1 - 1 / each)
    worth = np.minimum(np.where(varied, seen, supposed), kish) * few
    # With one unit a person nothing clusters, and nothing about it has to be estimated.
    worth = np.where(each <= 1 + 1e-9, kish, worth)
    return np.where(people == 1, np.minimum(worth, 1.0), worth)


def alike(y: Numbers, w: Numbers, squares: Numbers) -> Numbers:
    """Correlation of the answers of one person, from how much more her sums vary than those of strangers; in [0, 1]."""
    total, squared = w.sum(axis=-1), squares.sum(axis=-1)
    safe, people = np.where(total > 0, total, 1.0), np.maximum((w > 0).sum(axis=-1), 2)
    p = y.sum(axis=-1) / safe
    variance = (((y - p[..., None] * w) / safe[..., None]) ** 2).sum(axis=-1) * people / (people - 1)
    simple = p * (1 - p) * squared / safe**2
    effect = np.divide(variance, simple, out=np.ones_like(p), where=simple > 0)
    each = np.divide((w**2).sum(axis=-1), squared, out=np.ones_like(p), where=squared > 0)
    return np.asarray(np.clip(np.divide(effect - 1, each - 1, out=np.zeros_like(p), where=each > 1 + 1e-9), 0.0, 1.0))
