"""Codes on the same words more, or less, often than chance gives, with what each person says and how much of it kept as it is.

Whoever talks much, and of many things, carries many codes; pooled over people, all codes then seem to go together. Here each person
(or each stratum of her words) keeps the number of her units and of those that carry each code; only which of them carry which is
left to chance. Under that, the number of units with both is a sum of independent hypergeometric counts, of which mean, variance and
the exact distribution are known: the test of Mantel and Haenszel with people as strata.

References:
    Mantel and Haenszel (1959), Statistical aspects of the analysis of data from retrospective studies of disease. Journal of the
        National Cancer Institute 22, 719-748.
    Agresti (2002), Categorical Data Analysis, 2nd ed., 6.3 (the exact conditional test).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.multiplicity import false_discovery
from textcoder.sequence.chance import hypergeometric, ratio_intervals, summed, two_sided

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

EXACT, SPREAD = 200, 9.0
"""With more strata than this in which both codes occur, and a variance above that, the normal distribution is as good as the exact one."""


@dataclass(frozen=True, slots=True)
class Together:
    """Two codes and the units that carry both.

    Attributes:
        a: Place of the one among the columns.
        b: Of the other.
        units: That carry both.
        expected: That would by chance.
        people: Who have such a unit.
        ratio: Units / expected.
        low: Lower end of its 95 % interval, by bootstrap over people; NaN where nobody has such a unit.
        high: Upper end.
        z: (Units - expected) / standard deviation under chance.
        p: Two-sided, exact.
        q: p adjusted for all pairs tested (Benjamini and Hochberg).
    """

    a: int
    b: int
    units: int
    expected: float
    people: int
    ratio: float
    low: float
    high: float
    z: float
    p: float
    q: float


def together(
    carried: Mask,
    person: Ints,
    *,
    stratum: Ints | None = None,
    pairs: Sequence[tuple[int, int]] | None = None,
    seed: int = 0,
    draws: int = 999,
) -> tuple[Together, ...]:
    """Test pairs of codes. Cost: some milliseconds a pair, up to `EXACT` people.

    Args:
        carried: (n_units, n_codes) which unit (segment, answer) carries which code.
        person: (n_units,) whose it is, from 0.
        stratum: (n_units,) within which units may change places, such as a person's answers of one length; None takes the person.
        pairs: Places of codes; None takes all. Those that could not be otherwise (variance 0) are left out.
        seed: Of the bootstrap.
        draws: Of the bootstrap.

    Returns:
        In the order of `pairs`.
    """
    n_codes = carried.shape[1]
    wanted = pairs if pairs is not None else [(a, b) for a in range(n_codes) for b in range(a + 1, n_codes)]
    own = person if stratum is None else stratum
    n_strata, n_people = (int(x.max(initial=-1)) + 1 for x in (own, person))
    units = np.bincount(own, minlength=n_strata)
    count = _by(own, carried, n_strata)
    # A stratum of one unit, or of one person's only code, leaves nothing to chance; it stays in the mean, where it adds what is seen.
    person_of = np.zeros(n_strata, dtype=np.int64)
    person_of[own] = person
    tested: list[tuple[int, int, Numbers, Numbers, float]] = []
    for a, b in wanted:
        x, y, n = (
            count[:, a].astype(np.float64),
            count[:, b].astype(np.float64),
            np.maximum(units, 1).astype(np.float64),
        )
        expected = x * y / n
        variance = float((x * (n - x) * y * (n - y) / (n * n * np.maximum(n - 1, 1))).sum())
        if variance > 0:
            seen = np.bincount(own[carried[:, a] & carried[:, b]], minlength=n_strata).astype(np.float64)
            tested.append((a, b, seen, expected, variance))
    if not tested:
        return ()
    seen_of, expected_of = (
        np.stack([np.bincount(person_of, part, n_people) for part in parts], axis=1).astype(np.float64)
        for parts in ([one[2] for one in tested], [one[3] for one in tested])
    )
    ends = ratio_intervals(seen_of, expected_of, seed=seed, draws=draws)
    p_values = [
        _p(seen, expected, variance, units, count[:, a], count[:, b]) for a, b, seen, expected, variance in tested
    ]
    found = []
    for i, ((a, b, seen, expected, variance), p, q) in enumerate(
        zip(tested, p_values, false_discovery(p_values), strict=True)
    ):
        o, e = float(seen.sum()), float(expected.sum())
        people = int((seen_of[:, i] > 0).sum())
        low, high = ends[:, i].tolist()
        found.append(Together(a, b, int(o), e, people, o / e, low, high, (o - e) / math.sqrt(variance), p, q))
    return tuple(found)


def _by(own: Ints, carried: Mask, n: int) -> Ints:
    """(n, n_codes) how many units of each stratum carry each code."""
    found = np.zeros((n, carried.shape[1]), dtype=np.int64)
    rows, codes = np.nonzero(carried)
    np.add.at(found, (own[rows], codes), 1)
    return found


def _p(seen: Numbers, expected: Numbers, variance: float, units: Ints, x: Ints, y: Ints) -> float:
    from scipy.special import ndtr

    open_ = np.flatnonzero((x > 0) & (y > 0) & (x < units) & (y < units))
    o, e = float(seen[open_].sum()), float(expected[open_].sum())
    if len(open_) > EXACT and variance > SPREAD:
        # Half a unit towards the mean, since counts are whole.
        return float(min(1.0, 2 * ndtr(-max(abs(o - e) - 0.5, 0.0) / math.sqrt(variance))))
    parts = (hypergeometric(int(units[i]), int(x[i]), int(y[i])) for i in open_.tolist())
    return two_sided(int(o), *summed(parts))
