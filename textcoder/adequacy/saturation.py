"""When new people bring hardly anything new: saturation after Guest, Namey and Chen, over many orders of the people.

The codes that the first `base_size` people bring are the base. Then people come in overlapping runs of `run_length`; the new
information of a run is the number of codes that first come up in it, divided by the codes of the base. The first run at or below
the threshold says that saturation was reached with the people before it ("6+2": after six, and two more confirm it).

Whoever happened to be interviewed first decides much of that. So people are put into many random orders, and the answer is a median,
an interval and the share of orders in which saturation was reached. That tells of the people at hand only: that nobody among them
brings anything new does not say that nobody else would (see `power`).

References:
    Guest, Namey and Chen (2020), A simple method to assess and report thematic saturation in qualitative research. PLoS ONE 15(5),
        e0232076.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

MOST_ORDERS = 0.9
"""Share of the orders in which saturation must be reached with so many people before it is called reached with them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts as saturation.

    Attributes:
        base_size: People whose codes are the base; the authors use 4 to 6.
        run_length: People in a run; 2 or 3.
        threshold: New information at or below which nothing much is new; 0.05, or 0 where nothing new at all is wanted.
    """

    base_size: int = 4
    run_length: int = 2
    threshold: float = 0.05

    @property
    def least(self) -> int:
        """The fewest people of whom saturation can be told."""
        return self.base_size + self.run_length


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of people brings, over the orders.

    Attributes:
        after: People before it.
        median: New information: codes first heard in the run / codes of the base; infinite where the base has none.
        low: 2.5th percentile over the orders.
        high: 97.5th percentile.
        as_interviewed: In the order of the interviews.
        reached: Share of the orders in which saturation was reached with so many people, or fewer.
    """

    after: int
    median: float
    low: float
    high: float
    as_interviewed: float
    reached: float


@dataclass(frozen=True, slots=True)
class Point:
    """How many different codes so many people bring.

    Attributes:
        people: How many.
        median: Over the orders.
        low: 2.5th percentile over the orders.
        high: 97.5th percentile.
        as_interviewed: In the order of the interviews.
    """

    people: int
    median: float
    low: float
    high: float
    as_interviewed: int


@dataclass(frozen=True, slots=True)
class Saturation:
    """What can be said of saturation among some people.

    Attributes:
        rule: What counts as saturation.
        people: Of whom it is told.
        codes: Different codes that they bring.
        runs: Each run; none where there are fewer people than `Rule.least`.
        curve: For 1, 2, ... people.
        reached: The fewest people with whom it is reached in `MOST_ORDERS` of the orders; None where there are none.
        as_interviewed: People with whom it is reached in the order of the interviews; None where it is not reached.
        share: Of the orders in which it is reached at all.
        orders: How many were drawn.
        seed: Of the draw.
    """

    rule: Rule
    people: int
    codes: int
    runs: tuple[Run, ...]
    curve: tuple[Point, ...]
    reached: int | None
    as_interviewed: int | None
    share: float
    orders: int
    seed: int

    @property
    def told(self) -> bool:
        """Whether there are enough people to tell anything."""
        return bool(self.runs)


def saturation(
    said: Mask, *, rule: Rule = Rule(), order: Sequence[int] | None = None, orders: int = 1000, seed: int = 0
) -> Saturation:
    """When the people at hand brought hardly anything new.

    Args:
        said: (n_people, n_codes) who brings what; codes that nobody brings do not count.
        rule: What counts as saturation.
        order: Places of the people as they were interviewed; None takes them as they stand.
        orders: How many random orders; cost grows with orders x people x codes carried.
        seed: Of the random orders. They depend on the order of the people in `said`, which the caller keeps stable.
    """
    people, codes = len(said), int(said.any(axis=0).sum())
    own = np.asarray(order if order is not None else np.arange(people), dtype=np.int64)
    rank = np.empty(people, dtype=np.int64)
    rank[own] = np.arange(people)
    draws = np.random.default_rng(seed)
    drawn = draws.permuted(np.tile(np.arange(people), (orders, 1)), axis=1)
    new = _new(said, np.concatenate([rank[None, :], drawn]))
    heard = new.cumsum(axis=1)
    curve = tuple(
        Point(i + 1, *_spread(heard[1:, i].astype(np.float64)), as_interviewed=int(heard[0, i])) for i in range(people)
    )
    if people < rule.least or not orders:
        return Saturation(rule, people, codes, (), curve, None, None, 0.0, orders, seed)
    shares = _runs(heard, rule)
    done = np.logical_or.accumulate(shares <= rule.threshold + 1e-12, axis=1)
    by = done[1:].mean(axis=0)
    runs = tuple(
        Run(rule.base_size + j, *_spread(shares[1:, j]), as_interviewed=float(shares[0, j]), reached=float(by[j]))
        for j in range(shares.shape[1])
    )
    most = np.flatnonzero(by >= MOST_ORDERS)
    first = np.flatnonzero(done[0])
    return Saturation(
        rule,
        people,
        codes,
        runs,
        curve,
        rule.base_size + int(most[0]) if len(most) else None,
        rule.base_size + int(first[0]) if len(first) else None,
        float(by[-1]),
        orders,
        seed,
    )


def _new(said: Mask, ranks: Ints) -> Ints:
    """(n_orders, n_people) how many codes come up first with each person of each order; `ranks` are the people's places in it."""
    orders, people = ranks.shape
    new = np.zeros(orders * people, dtype=np.int64)
    at = np.arange(orders) * people
    for code in np.flatnonzero(said.any(axis=0)).tolist():
        # Each order is hit once, so that no addition is lost.
        new[at + ranks[:, said[:, code]].min(axis=1)] += 1
    return new.reshape(orders, people)


def _runs(heard: Ints, rule: Rule) -> Numbers:
    """(n_orders, n_runs) new information of each run; the first follows the base at once."""
    base = heard[:, rule.base_size - 1]
    before = heard[:, rule.base_size - 1 : heard.shape[1] - rule.run_length]
    after = heard[:, rule.base_size - 1 + rule.run_length :]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (after - before) / base[:, None]
    # Where the base brings nothing, nothing can be called saturated by it.
    return np.asarray(np.where(base[:, None] > 0, shares, np.inf), dtype=np.float64)


def _spread(values: Numbers) -> tuple[float, float, float]:
    """Median, 2.5th and 97.5th percentile; each is one of the values, so that an infinite one harms no other."""
    if not len(values):
        return float("nan"), float("nan"), float("nan")
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975], method="inverted_cdf").tolist()
    return middle, low, high
