"""Whether the machine errs differently in one group than in another, and what that does to a comparison of the two.

Three errors, each a share of the sampled units, weighted by the inverse of their chance of being drawn:

- *missed*: of what people code, the share that the machine passes over (1 - sensitivity);
- *false*: of what people do not code, the share that the machine codes (1 - specificity);
- *net*: the machine's share minus people's. It is this by which a share is off, and its difference by which a comparison is off.

The test is a score test clustered by person: each person's contribution to "this group errs more than all" is given a sign by chance, many
times over (wild cluster bootstrap of the score: Kline and Santos 2012). It asks for no normal distribution and keeps its level for few
people, also where a person stands in several groups (waves, long and short answers). A test that finds nothing says little where few
were sampled: so each comes with the difference that it would have found in four of five studies.

References:
    Kline and Santos (2012), A score based approach to wild bootstrap inference. Journal of Econometric Methods 1, 23-41.
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from textcoder.estimation.counting import Ints, Numbers, Units
from textcoder.estimation.powered import Z, jeffreys, proportion

KINDS = ("missed", "false", "net")
DRAWS = 1999
"""Of signs: a p of .05 is then known to within about .01."""
POWER = 0.8416212335729143
"""The 80 % quantile of the normal distribution: what is found in four of five studies."""


@dataclass(frozen=True, slots=True)
class Rates:
    """One kind of error, by group.

    Attributes:
        kind: One of `KINDS`.
        value: In each group; NaN where the sample has no unit in which it could be made.
        low: Lower ends of the 95 % intervals.
        high: Upper ends.
        units: Sampled units in which it could be made (effective number, where chances differ).
        p: Of no difference between groups; NaN where fewer than two groups can be compared.
        first: Place of the group with the lowest rate.
        second: Place of the group with the highest.
        difference: The highest minus the lowest.
        difference_low: Lower end of its 95 % interval; it does not allow for the two having been picked as the extremes.
        difference_high: Upper end.
        detectable: The difference of these two groups that a sample like this one finds in four of five studies.
    """

    kind: str
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    units: tuple[float, ...]
    p: float
    first: int
    second: int
    difference: float
    difference_low: float
    difference_high: float
    detectable: float

    def power(self, at: float) -> float:
        """The chance of finding a true difference of this size between the two groups, two-sided at 5 %; normal approximation."""
        from scipy.special import ndtr

        error = self.detectable / (Z + POWER)
        if math.isnan(error):
            return math.nan
        if error == 0:
            return 1.0
        return float(ndtr(abs(at) / error - Z) + ndtr(-abs(at) / error - Z))


@dataclass(frozen=True, slots=True)
class Errors:
    """What the machine gets wrong of one code, by group.

    Attributes:
        missed: See the module.
        false: Likewise.
        net: Likewise.
        people: With a sampled unit, in each group.
    """

    missed: Rates
    false: Rates
    net: Rates
    people: tuple[int, ...]


def errors(units: Units, group: Ints, n_groups: int, *, seed: int) -> Errors:
    """Compare the groups. Cost: O(people * draws).

    Args:
        units: Of one code; machine and human are (n,).
        group: (n,) the group of each unit; -1 for units that are not compared.
        n_groups: How many groups.
        seed: Of the signs.
    """
    drawn = np.flatnonzero((units.probability > 0) & (group >= 0))
    _, person = np.unique(units.person[drawn], return_inverse=True)
    n_people = int(person.max(initial=-1)) + 1
    machine, human = units.machine[drawn].astype(np.float64), units.human[drawn]
    weight, at = 1.0 / units.probability[drawn], group[drawn]

    def of(values: Numbers) -> Numbers:
        found = np.bincount(at * n_people + person, values, n_groups * n_people).astype(np.float64)
        return found.reshape(n_groups, n_people)

    parts = {
        "missed": (human, 1 - machine),
        "false": (1 - human, machine),
        "net": (np.ones_like(human), machine - human),
    }
    made = {}
    for i, (kind, (could, wrong)) in enumerate(parts.items()):
        w = of(weight * could)
        y, squares = of(weight * (machine - human) if kind == "net" else weight * could * wrong), of(weight**2 * could)
        made[kind] = _rates(kind, y, w, squares, seed + i)
    return Errors(made["missed"], made["false"], made["net"], tuple((of(weight) > 0).sum(axis=1).tolist()))


def _rates(kind: str, y: Numbers, w: Numbers, squares: Numbers, seed: int) -> Rates:
    """From (n_groups, n_people) sums."""
    if kind == "net":
        value, low, high, influence, people = _net(y, w, squares)
    else:
        part = proportion(y, w, squares, np.zeros(len(y)))
        value, low, high = part.interval.value, part.interval.low, part.interval.high
        influence, people = part.influence, (w > 0).sum(axis=1)
    units = np.divide(w.sum(axis=1) ** 2, squares.sum(axis=1), out=np.zeros(len(w)), where=squares.sum(axis=1) > 0)
    known = np.flatnonzero(people >= 2)
    first, second, difference, ends, detectable = 0, 0, math.nan, (math.nan, math.nan), math.nan
    if len(known) >= 2:
        first, second = int(known[np.argmin(value[known])]), int(known[np.argmax(value[known])])
        if first == second:  # all alike: any two stand for the others
            first, second = int(known[0]), int(known[1])
        difference = float(value[second] - value[first])
        both = influence[second] - influence[first]
        error = float(np.sqrt((both**2).sum()))
        # Without an error in either group, the spread that the upper ends leave room for.
        error = error or float(max(high[second] - value[second], high[first] - value[first]) / Z)
        ends, detectable = (difference - Z * error, difference + Z * error), (Z + POWER) * error
    p = _score_test(y, w, known, seed)
    a, b, c, d = (tuple(float(x) for x in column) for column in (value, low, high, units))
    return Rates(kind, a, b, c, d, p, first, second, difference, *ends, detectable)


def _net(y: Numbers, w: Numbers, squares: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers, Ints]:
    """A mean of -1, 0 and 1 with t intervals; without an error, as far as Jeffreys' interval of no error reaches, both ways."""
    from scipy.special import stdtrit

    total, people = w.sum(axis=1), (w > 0).sum(axis=1)
    value = np.divide(y.sum(axis=1), total, out=np.full(len(w), np.nan), where=total > 0)
    k = np.maximum(people, 2)
    influence = (y - np.nan_to_num(value)[:, None] * w) / np.where(total > 0, total, 1.0)[:, None]
    influence *= np.sqrt(k / (k - 1))[:, None]
    half = stdtrit(np.maximum(people - 1, 1), 0.975) * np.sqrt((influence**2).sum(axis=1))
    n = np.divide(total**2, squares.sum(axis=1), out=np.zeros(len(w)), where=total > 0)
    half = np.where(half > 0, half, np.nan_to_num(jeffreys(np.zeros(len(w)), n)[1], nan=1.0))
    return value, np.maximum(value - half, -1.0), np.minimum(value + half, 1.0), influence, people


def _score_test(y: Numbers, w: Numbers, known: Ints, seed: int) -> float:
    """P of equal rates in the groups that are known."""
    if len(known) < 2:
        return math.nan
    y, w = y[known], w[known]
    rate = y.sum() / w.sum()
    score = y - rate * w
    # The common rate is estimated, too: what a person adds to it is taken off each group's score in proportion.
    score = (score - (w.sum(axis=1) / w.sum())[:, None] * score.sum(axis=0))[:-1]
    spread = np.linalg.pinv(score @ score.T, hermitian=True)
    if not spread.any():
        return 1.0  # nobody errs, or everybody does
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(DRAWS, score.shape[1]))
    seen, by_chance = score.sum(axis=1), signs @ score.T
    statistic = float(seen @ spread @ seen)
    others = np.einsum("ij,jk,ik->i", by_chance, spread, by_chance)
    return float((1 + (others >= statistic * (1 - 1e-9)).sum()) / (DRAWS + 1))
