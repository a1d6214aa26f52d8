"""One code followed by another within an account: a barrier, and then what worked.

Counted are the segments with the first code that have the second on one of the next `within` segments of the same account. Under
chance each account keeps how many segments carry what; only the order is dealt out anew. Two ways to deal:

* *turned*: the second code is turned round the account like a ring (n ways), so that runs of one topic stay runs. People stay with a
  topic for a while, and that alone makes counts swing; expected number, ratio and adjusted p are of this way.
* *shuffled*: every order is as probable as any other, as in the textbooks. The expected number is known exactly: a segment at place i
  of n is missed by all m others that carry the second code with chance C(n - 1 - m, w) / C(n - 1, w), w = min(within, n - i). Where
  topics come in runs it cries wolf most of the time (`tests/quality/adequacy.py`); it is given for comparison.

Accounts are independent, so the exact distribution of the sum is made of theirs. Whether one is followed by the other because the
interviewer asks in that order cannot be seen from the order alone: the pairs are given as evidence, with those in one answer counted.

References:
    Bakeman and Quera (2011), Sequential Analysis and Observational Methods for the Behavioral Sciences, ch. 8 and 10 (lag and window
        sequential analysis; permutation of order).
    Phipson and Smyth (2010), Permutation p-values should never be zero. Statistical Applications in Genetics and Molecular Biology 9, 39.
    Fortin and Payette (2002), How to test the significance of the relation between spatially autocorrelated data at the landscape
        scale. Ecoscience 9, 213-218 (turning as on a torus keeps autocorrelation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.multiplicity import false_discovery
from textcoder.sequence.chance import ratio_intervals, summed, tails

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

BLOCK = 4_000_000
"""Cells of an array that is held at once while orders are dealt out."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How often one code is followed by another.

    Attributes:
        first: Place among the columns of the first codes.
        then: Place among the columns of the second.
        times: Segments with the first that are followed by the second.
        of: Segments with the first.
        expected: That would be with the second code turned round each account.
        expected_shuffled: That would be were every order as probable as any other.
        people: Who tell it so.
        ratio: Times / expected.
        low: Lower end of its 95 % interval, by bootstrap over people; NaN where nobody tells it so.
        high: Upper end.
        reversed: Segments with the second that are followed by the first.
        p: Two-sided, second code turned round each account.
        p_shuffled: Two-sided, order shuffled within each account.
        q: p adjusted for all pairs tested (Benjamini and Hochberg).
    """

    first: int
    then: int
    times: int
    of: int
    expected: float
    expected_shuffled: float
    people: int
    ratio: float
    low: float
    high: float
    reversed: int
    p: float
    p_shuffled: float
    q: float


def followed(
    first: Mask,
    then: Mask,
    account: Ints,
    person: Ints,
    *,
    within: int = 3,
    orders: int = 999,
    seed: int = 0,
    draws: int = 999,
    same: frozenset[tuple[int, int]] = frozenset(),
) -> tuple[Followed, ...]:
    """Test whether each first code is followed by each second one. Cost: about orders x segments x first x second codes.

    Args:
        first: (n_segments, n_first) which segment carries which first code; accounts in one piece each, segments in their order.
        then: (n_segments, n_then) likewise the second.
        account: (n_segments,) which account, from 0.
        person: (n_segments,) whose it is, from 0.
        within: How many of the next segments are looked at.
        orders: How often each account is shuffled.
        seed: Of shuffling and bootstrap.
        draws: Of the bootstrap.
        same: Pairs of columns that are left out, such as a code with itself.

    Returns:
        Row by row; pairs that no order could bring about are left out.
    """
    starts = np.flatnonzero(np.concatenate([[True], account[1:] != account[:-1]])) if len(account) else np.zeros(0, int)
    ends = np.append(starts[1:], len(account))
    n_people, shape = int(person.max(initial=-1)) + 1, (first.shape[1], then.shape[1])
    seen, expected = np.zeros((n_people, *shape)), np.zeros((n_people, *shape))
    by_shuffling = np.zeros(shape)
    back = np.zeros(shape, dtype=np.int64)
    shuffled: dict[tuple[int, int], list[tuple[int, Numbers]]] = {}
    turned: dict[tuple[int, int], list[tuple[int, Numbers]]] = {}
    for number, (low, high) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        x, y = first[low:high], then[low:high]
        whose = int(person[low])
        own_first, own_then = np.flatnonzero(x.any(axis=0)), np.flatnonzero(y.any(axis=0))
        if not len(own_first) or not len(own_then) or high - low < 2:
            continue
        cells = np.ix_(own_first, own_then)
        x, y = x[:, own_first], y[:, own_then]
        seen[whose][cells] += _count(x[None], y[None], within)[0]
        by_shuffling[cells] += _expected(x, y, within)
        back[cells] += _count(y[None], x[None], within)[0].T.astype(np.int64)
        ring = _turn(x, y, within)
        expected[whose][cells] += ring.mean(axis=0, dtype=np.float64)
        ways = (
            (shuffled, _shuffle(x, y, within, orders, np.random.default_rng([seed, number]))),
            (turned, ring),
        )
        for kept, counts in ways:
            for i, a in enumerate(own_first.tolist()):
                for j, b in enumerate(own_then.tolist()):
                    kept.setdefault((a, b), []).append(_distribution(counts[:, i, j]))
    return _tested(first, seen, expected, by_shuffling, back, shuffled, turned, seed, draws, same)


def _tested(
    first: Mask,
    seen: Numbers,
    expected: Numbers,
    by_shuffling: Numbers,
    back: Ints,
    shuffled: dict[tuple[int, int], list[tuple[int, Numbers]]],
    turned: dict[tuple[int, int], list[tuple[int, Numbers]]],
    seed: int,
    draws: int,
    same: frozenset[tuple[int, int]],
) -> tuple[Followed, ...]:
    pairs = [pair for pair in sorted(shuffled.keys() - same) if expected[:, pair[0], pair[1]].sum() > 0]
    if not pairs:
        return ()
    a, b = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    intervals = ratio_intervals(seen[:, a, b], expected[:, a, b], seed=seed, draws=draws)
    times = seen[:, a, b].sum(axis=0)
    p, p_shuffled = (
        [tails(int(n), *summed(parts[pair])) for n, pair in zip(times.tolist(), pairs, strict=True)]
        for parts in (turned, shuffled)
    )
    q = false_discovery(p)
    found = []
    for i, (one, other) in enumerate(pairs):
        mean = float(expected[:, one, other].sum())
        low, high = intervals[:, i].tolist()
        found.append(
            Followed(
                one,
                other,
                int(times[i]),
                int(first[:, one].sum()),
                mean,
                float(by_shuffling[one, other]),
                int((seen[:, one, other] > 0).sum()),
                float(times[i]) / mean,
                low,
                high,
                int(back[one, other]),
                p[i],
                p_shuffled[i],
                q[i],
            )
        )
    return tuple(found)


def _next(y: Mask, within: int) -> Mask:
    """(..., n, n_codes) whether one of the next segments carries it; an account ends where it ends."""
    found = np.zeros_like(y)
    for step in range(1, min(within, y.shape[-2] - 1) + 1):
        found[..., :-step, :] |= y[..., step:, :]
    return found


def _count(x: Mask, y: Mask, within: int) -> npt.NDArray[np.float32]:
    """(n_orders, n_first, n_then) segments with the first that are followed by the second, of (n_orders, n, n_codes) each."""
    # float32 multiplies fast, and counts below 2**24 are exact in it.
    later = _next(y, within).astype(np.float32)
    return np.asarray(np.matmul(x.astype(np.float32).transpose(0, 2, 1), later), dtype=np.float32)


def _expected(x: Mask, y: Mask, within: int) -> Numbers:
    """(n_first, n_then) mean of the count over all orders of the account, exactly."""
    from scipy.special import gammaln

    n = len(x)
    left = np.minimum(within, n - 1 - np.arange(n)).astype(np.float64)  # segments looked at from each place

    def missed(m: Numbers) -> Numbers:
        """Mean over places of the chance that none of the segments looked at is one of `m` others that carry it."""
        others = n - 1 - m[:, None]
        ways = gammaln(others + 1) - gammaln(np.maximum(others - left, 0) + 1) - gammaln(n) + gammaln(n - left)
        return np.asarray(np.where(others >= left, np.exp(ways), 0.0).mean(axis=1), dtype=np.float64)

    total = y.sum(axis=0).astype(np.float64)
    both = x.astype(np.float64).T @ y.astype(np.float64)
    # A segment that carries both cannot be followed by itself.
    alone = x.sum(axis=0).astype(np.float64)[:, None] - both
    return np.asarray(alone * (1 - missed(total)) + both * (1 - missed(np.maximum(total - 1, 0))), dtype=np.float64)


def _shuffle(x: Mask, y: Mask, within: int, orders: int, draws: np.random.Generator) -> npt.NDArray[np.float32]:
    """Counts of the account as it is, and of so many random orders of it; the first is one of the possible orders, too."""
    n = len(x)
    order = np.concatenate([np.arange(n)[None, :], draws.permuted(np.tile(np.arange(n), (orders, 1)), axis=1)])
    size = max(1, BLOCK // max(1, n * (x.shape[1] + y.shape[1])))
    return np.concatenate(
        [_count(x[part], y[part], within) for part in np.array_split(order, math.ceil(len(order) / size))]
    )


def _turn(x: Mask, y: Mask, within: int) -> npt.NDArray[np.float32]:
    """Counts with the second code turned by 0, 1, ... places round the account."""
    n = len(x)
    places = (np.arange(n)[None, :] + np.arange(n)[:, None]) % n
    size = max(1, BLOCK // max(1, n * (x.shape[1] + y.shape[1])))
    parts = np.array_split(places, math.ceil(n / size))
    return np.concatenate([_count(np.broadcast_to(x, (len(part), *x.shape)), y[part], within) for part in parts])


def _distribution(counts: npt.NDArray[np.float32]) -> tuple[int, Numbers]:
    chance = np.bincount(counts.astype(np.int64))
    return 0, chance / len(counts)


@dataclass(frozen=True, slots=True)
class Steps:
    """A segment with the first code and the nearest with the second after it; `distance` segments on."""

    first: int
    then: int
    distance: int


def steps(first: Mask, then: Mask, account: Ints, *, within: int = 3) -> tuple[Steps, ...]:
    """The pairs of segments behind a count, by place.

    Args:
        first: (n_segments,) which carry the first code, in order.
        then: (n_segments,) which carry the second.
        account: (n_segments,).
        within: As in `followed`.
    """
    found = []
    for i in np.flatnonzero(first).tolist():
        for step in range(1, within + 1):
            if i + step >= len(then) or account[i + step] != account[i]:
                break
            if then[i + step]:
                found.append(Steps(i, i + step, step))
                break
    return tuple(found)
