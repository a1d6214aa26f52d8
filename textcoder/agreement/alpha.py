"""Krippendorff's alpha for any number of coders, with units that not everyone looked at, on any scale and on sets of codes.

References:
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. University of Pennsylvania.
    Krippendorff (2019), Content Analysis, 4th edition, chapter 12.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from textcoder.agreement.bootstrap import Draws, Estimate, Figure, undefined
from textcoder.agreement.coefficients import counts_of, divide
from textcoder.agreement.distances import SETS, Metric, between, ordinal, squared
from textcoder.agreement.units import Judgements, Numbers, Said, Unit, checked, shared


def krippendorff_alpha(
    table: Judgements, *, metric: Metric | str = Metric.NOMINAL, values: Sequence[float] | None = None
) -> float:
    """Agreement of any number of coders, with units that not everyone looked at.

    Args:
        table: (n_units, n_coders) of places among the values; units with fewer than two judgements say nothing and are left out.
        metric: How far apart two values are.
        values: What the places stand for, in rising order; 0, 1, 2, ... where None.

    Returns:
        1 for perfect agreement, 0 for chance, below 0 for systematic disagreement; NaN where no unit has two judgements or
        all judgements are equal, since then nothing shows that coders can tell the values apart.

    References:
        Krippendorff (2011), section C: alpha = 1 - (n - 1) (n - sum o_cc) / (n^2 - sum n_c^2); section E for other metrics.
    """
    tally, figure = scaled(table, Metric(metric), values)
    return float(figure(tally.sum(axis=0)))


def scaled(table: Judgements, metric: Metric, values: Sequence[float] | None = None) -> tuple[Numbers, Figure]:
    """Tally and figure of alpha on a scale, for `Draws.estimate`; as `krippendorff_alpha`."""
    match metric:
        case Metric.NOMINAL:
            return coincidence_tally(table), nominal
        case Metric.ORDINAL:
            return _coincidences(table), in_order
        case _:
            n_values = counts_of(table).shape[1]
            apart = squared(range(n_values) if values is None else values, metric)
            return distance_tally(table, apart), lambda totals: by_distance(totals, apart)


def coincidence_tally(table: Judgements) -> Numbers:
    """Of each unit its part of the coincidence matrix's diagonal, then of its margins, (n_units, 1 + n_values)."""
    counts = _pairable(table)
    looked = counts.sum(axis=1)
    diagonal = (counts * (counts - 1)).sum(axis=1) / np.maximum(looked - 1, 1)
    return np.column_stack([diagonal, counts])


def nominal(totals: Numbers) -> Numbers:
    """Of `coincidence_tally`."""
    diagonal, margins = totals[..., 0], totals[..., 1:]
    n = margins.sum(axis=-1)
    return 1 - divide((n - 1) * (n - diagonal), n * n - (margins * margins).sum(axis=-1))


def distance_tally(table: Judgements, apart: Numbers) -> Numbers:
    """Of each unit the disagreement observed in it, then its values, (n_units, 1 + n_values); `apart` is (n_values, n_values)."""
    counts = _pairable(table, len(apart))
    looked = counts.sum(axis=1)
    observed = np.zeros(len(table))
    for a, b in combinations(range(table.shape[1]), 2):
        both = (table[:, a] >= 0) & (table[:, b] >= 0)
        observed += np.where(both, 2 * apart[table[:, a], table[:, b]], 0.0)
    observed /= np.maximum(looked - 1, 1)
    return np.column_stack([observed, counts])


def by_distance(totals: Numbers, apart: Numbers) -> Numbers:
    """Of `distance_tally`."""
    observed, margins = totals[..., 0], totals[..., 1:]
    expected = (np.einsum("...c,ck->...k", margins, apart) * margins).sum(axis=-1)
    return 1 - divide((margins.sum(axis=-1) - 1) * observed, expected)


def _coincidences(table: Judgements) -> Numbers:
    """The whole coincidence matrix of each unit, (n_units, n_values squared)."""
    counts = _pairable(table)
    looked = counts.sum(axis=1)
    cells = counts[:, :, None] * counts[:, None, :]
    size = counts.shape[1]
    cells[:, np.arange(size), np.arange(size)] -= counts
    return np.asarray(cells / np.maximum(looked - 1, 1)[:, None, None], dtype=np.float64).reshape(len(table), -1)


def in_order(totals: Numbers) -> Numbers:
    """Of the whole coincidence matrix: how far apart two values are depends on how often those between were used."""
    size = math.isqrt(totals.shape[-1])
    cells = totals.reshape(*totals.shape[:-1], size, size)
    margins = cells.sum(axis=-1)
    apart = ordinal(margins)
    expected = (margins[..., :, None] * margins[..., None, :] * apart).sum(axis=(-2, -1))
    return 1 - divide((margins.sum(axis=-1) - 1) * (cells * apart).sum(axis=(-2, -1)), expected)


def _pairable(table: Judgements, n_values: int = 0) -> Numbers:
    """Counts of values (n_units, n_values), nought where fewer than two looked."""
    counts = counts_of(table)
    if n_values > counts.shape[1]:
        counts = np.pad(counts, ((0, 0), (0, n_values - counts.shape[1])))
    return np.where(counts.sum(axis=1)[:, None] >= 2, counts, 0.0)


@dataclass(frozen=True, slots=True)
class SetAgreement:
    """All coders on whole sets of codes: a segment's set is one value.

    Attributes:
        distance: How far apart two sets are: nominal, jaccard or masi.
        units: Units that two coders or more looked at.
        cases: Persons whose words these are.
        coders: Ids, sorted.
        sets: Different sets that were given, the empty one included.
        alpha: Krippendorff's alpha over these distances.
    """

    distance: str
    units: int
    cases: int
    coders: tuple[str, ...]
    sets: int
    alpha: Estimate


def set_agreement(
    units: Sequence[Unit],
    said: Said,
    *,
    distance: str = "masi",
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> SetAgreement:
    """Agreement on all the codes of a unit at once, with a distance between sets.

    A set that holds the other is a smaller disagreement than two sets that share nothing. Cost: persons times different sets squared.

    Args:
        units: The universe.
        said: What each coder said of the units that she looked at.
        distance: One of `SETS`.
        seed: Decides the resamples.
        resamples: Draws of the bootstrap.
        level: Of the interval.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: There is no such distance, or a unit stands twice.

    References:
        Passonneau (2006) for MASI; Artstein and Poesio (2008), Computational Linguistics 34, 555-596, section 4.5.
    """
    rows, coders = checked(units, said)
    rows = shared(rows, said)
    if distance not in SETS:
        raise ValueError(f"there is no distance {distance} between sets; there is {', '.join(SETS)}")
    given = sorted({tuple(sorted(by[unit.id])) for by in said.values() for unit in rows if unit.id in by})
    place = {codes: i for i, codes in enumerate(given)}
    table = np.array(
        [[place[tuple(sorted(said[c][u.id]))] if u.id in said[c] else -1 for c in coders] for u in rows], dtype=np.int64
    ).reshape(len(rows), len(coders))
    if len(given) < 2:
        why = "everybody gave every segment the same codes" if rows else "no unit was looked at by two coders"
        found = undefined(why)
    else:
        draws = Draws.of(rows, seed=seed, resamples=resamples, level=level)
        tally, figure = _by_person(table, between(given, distance), draws)
        found = draws.estimate(tally, figure, "nothing tells the sets apart")
    return SetAgreement(distance, len(rows), len({u.case for u in rows}), tuple(coders), len(given), found)


def _by_person(table: Judgements, apart: Numbers, draws: Draws) -> tuple[Numbers, Figure]:
    """As `distance_tally` and `by_distance`, for many values: chance is added up person by person rather than value by value.

    There are often more different sets than persons, and a resample is only so many times each person.
    """
    whole = distance_tally(table, apart)
    margins = draws.by_case(whole[:, 1:])
    chance = np.einsum("cv,dv->cd", np.einsum("cv,vw->cw", margins, apart), margins)
    judged = margins.sum(axis=1)
    units = np.bincount(draws.of_case, minlength=len(margins))
    part = np.zeros((len(table), len(margins)))
    part[np.arange(len(table)), draws.of_case] = 1 / units[draws.of_case]

    def figure(totals: Numbers) -> Numbers:
        observed, times = totals[..., 0], totals[..., 1:]
        expected = (np.einsum("...c,cd->...d", times, chance) * times).sum(axis=-1)
        return 1 - divide(((times * judged).sum(axis=-1) - 1) * observed, expected)

    return np.column_stack([whole[:, 0], part]), figure
