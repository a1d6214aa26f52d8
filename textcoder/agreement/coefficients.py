"""Coefficients of agreement on values, each from its source. Each is a function of sums over units; see `bootstrap`.

References:
    Scott (1955), Reliability of content analysis. Public Opinion Quarterly 19, 321-325.
    Cohen (1960), A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 37-46.
    Cohen (1968), Weighted kappa. Psychological Bulletin 70, 213-220.
    Fleiss (1971), Measuring nominal scale agreement among many raters. Psychological Bulletin 76, 378-382.
    Cicchetti and Feinstein (1990), High agreement but low kappa II. Journal of Clinical Epidemiology 43, 551-558.
    Byrt, Bishop and Carlin (1993), Bias, prevalence and kappa. Journal of Clinical Epidemiology 46, 423-429.
    Gwet (2008), Computing inter-rater reliability in the presence of high agreement. British Journal of Mathematical and Statistical
        Psychology 61, 29-48; Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition.
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. University of Pennsylvania.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from textcoder.agreement.distances import Weights, agreeing
from textcoder.agreement.units import Judgements, Numbers


def percent_agreement(table: Judgements) -> float:
    """Of all pairs of judgements of the same unit, the share that are equal, in [0, 1]; NaN where there is no pair.

    With two coders it is the share of units on which they agree.
    """
    return float(percent(pairs_tally(table).sum(axis=0)))


def cohen_kappa(table: Judgements, *, weights: Numbers | Weights = Weights.IDENTITY) -> float:
    """Agreement of two coders beyond chance; units that only one looked at are left out.

    Args:
        table: (n_units, 2).
        weights: Of agreement between values, (n_values, n_values), or by name for values in order.

    Returns:
        1 for perfect agreement, 0 for chance; NaN where both used one and the same value throughout.

    References:
        Cohen (1960): kappa = (p_o - p_c) / (1 - p_c), p_c from each coder's own shares; Cohen (1968) for weights.
    """
    tally = confusion_tally(table)
    given = agreeing(math.isqrt(tally.shape[1]), weights) if isinstance(weights, Weights) else weights
    return float(weighted_kappa(tally.sum(axis=0), given))


def scott_pi(table: Judgements) -> float:
    """As `cohen_kappa`, with chance from what both coders together used.

    References:
        Scott (1955).
    """
    return float(scott(confusion_tally(table).sum(axis=0)))


def fleiss_kappa(table: Judgements) -> float:
    """Scott's pi for any number of coders; where not everyone looked, as Gwet (2014, chapter 2) has it.

    Args:
        table: (n_units, n_coders).

    References:
        Fleiss (1971).
    """
    return float(fleiss(shares_tally(table).sum(axis=0)))


def gwet_ac1(table: Judgements) -> float:
    """Agreement beyond chance, with the chance that coders agree where they guess; it stays high where nearly all units are alike.

    Args:
        table: (n_units, n_coders); not everyone need have looked.

    References:
        Gwet (2008): p_e = sum of pi_k (1 - pi_k) / (q - 1).
    """
    return gwet_ac2(table, weights=Weights.IDENTITY)


def gwet_ac2(table: Judgements, *, weights: Weights = Weights.QUADRATIC, n_values: int | None = None) -> float:
    """`gwet_ac1` for values in order, which may agree in part.

    Args:
        table: (n_units, n_coders); not everyone need have looked.
        weights: How much two different values agree.
        n_values: How many there are to choose from; those up to the highest that was used where None.

    References:
        Gwet (2014), chapter 3: p_e = sum of all weights times sum of pi_k (1 - pi_k) / (q (q - 1)).
    """
    q = max(n_values or 0, int(table.max(initial=1)) + 1)
    w = agreeing(q, weights)
    return float(gwet(shares_tally(table, w).sum(axis=0), w))


def positive_agreement(table: Judgements) -> float:
    """Of all judgements that a unit carries the code, the share that another coder's judgement of the unit matches.

    References:
        Cicchetti and Feinstein (1990): 2a / (2a + b + c); with more coders, over all pairs of them.
    """
    return float(positive(binary_tally(table).sum(axis=0)))


def negative_agreement(table: Judgements) -> float:
    """The same of the judgements that a unit does not carry the code: 2d / (2d + b + c)."""
    return float(negative(binary_tally(table).sum(axis=0)))


def pabak(table: Judgements) -> float:
    """Kappa as it would be were both answers used equally often and by both alike: 2 p_o - 1.

    References:
        Byrt, Bishop and Carlin (1993).
    """
    return float(adjusted(pairs_tally(table).sum(axis=0)))


def prevalence_index(table: Judgements) -> float:
    """(a - d) / n: towards 1 both say yes of nearly everything, towards -1 no; far from 0 kappa is low even where they agree.

    References:
        Byrt, Bishop and Carlin (1993), who give it without its sign.
    """
    return float(prevalence(confusion_tally(table).sum(axis=0)))


def bias_index(table: Judgements) -> float:
    """(b - c) / n: above 0 the first coder gives the code more often than the second.

    References:
        Byrt, Bishop and Carlin (1993), who give it without its sign.
    """
    return float(bias(confusion_tally(table).sum(axis=0)))


# --- tallies ---


def counts_of(table: Judgements) -> Numbers:
    """How often each value was given to each unit, (n_units, n_values), two values at least."""
    values = np.arange(int(table.max(initial=1)) + 1)
    return np.asarray((table[:, :, None] == values).sum(axis=1), dtype=np.float64)


def pairs_tally(table: Judgements) -> Numbers:
    """Equal pairs and all pairs of each unit, (n_units, 2)."""
    counts = counts_of(table)
    looked = counts.sum(axis=1)
    equal = (counts * (counts - 1)).sum(axis=1) / 2
    return np.column_stack([equal, looked * (looked - 1) / 2])


def binary_tally(table: Judgements) -> Numbers:
    """Pairs of coders who both say yes, who differ, who both say no, (n_units, 3)."""
    counts = counts_of(table)
    no, yes = counts[:, 0], counts[:, 1:].sum(axis=1)
    return np.column_stack([yes * (yes - 1) / 2, yes * no, no * (no - 1) / 2])


def confusion_tally(table: Judgements) -> Numbers:
    """Of each unit its place in the table of one coder's values by the other's, (n_units, n_values squared)."""
    if table.shape[1] != 2:
        raise ValueError(f"kappa compares 2 coders, not {table.shape[1]}")
    size = int(table.max(initial=1)) + 1
    cells = np.eye(size * size)[np.where(table.min(axis=1) < 0, 0, table[:, 0] * size + table[:, 1])]
    cells[table.min(axis=1) < 0] = 0.0  # only one of the two looked
    return cells


def shares_tally(table: Judgements, weights: Numbers | None = None) -> Numbers:
    """Of each unit how far its judgements agree, whether two looked, and the share of each value, (n_units, 3 + n_values).

    The last of the first three is whether anybody looked. Weights are (n_values, n_values).
    """
    counts = counts_of(table)
    if weights is not None and len(weights) > counts.shape[1]:
        counts = np.pad(counts, ((0, 0), (0, len(weights) - counts.shape[1])))
    looked = counts.sum(axis=1)
    near = counts if weights is None else np.einsum("ik,lk->il", counts, weights)
    two = looked >= 2
    agreed = np.where(two, (counts * (near - 1)).sum(axis=1) / np.maximum(looked * (looked - 1), 1), 0.0)
    return np.column_stack([agreed, two, looked > 0, counts / np.maximum(looked, 1)[:, None]])


# --- figures ---


def percent(totals: Numbers) -> Numbers:
    """Of `pairs_tally`."""
    return divide(totals[..., 0], totals[..., 1])


def adjusted(totals: Numbers) -> Numbers:
    """PABAK, of `pairs_tally`."""
    return 2 * percent(totals) - 1


def positive(totals: Numbers) -> Numbers:
    """Of `binary_tally`."""
    return divide(2 * totals[..., 0], 2 * totals[..., 0] + totals[..., 1])


def negative(totals: Numbers) -> Numbers:
    """Of `binary_tally`."""
    return divide(2 * totals[..., 2], 2 * totals[..., 2] + totals[..., 1])


def weighted_kappa(totals: Numbers, weights: Numbers | None = None) -> Numbers:
    """Of `confusion_tally`."""
    size = math.isqrt(totals.shape[-1])
    cells = totals.reshape(*totals.shape[:-1], size, size)
    w = np.eye(size) if weights is None else weights
    n = cells.sum(axis=(-2, -1))
    observed = (cells * w).sum(axis=(-2, -1)) * n
    chance = (cells.sum(axis=-1)[..., :, None] * cells.sum(axis=-2)[..., None, :] * w).sum(axis=(-2, -1))
    # Counts, not shares: they are whole numbers, so that "undefined" is an exact zero.
    return divide(observed - chance, n * n - chance)


def scott(totals: Numbers) -> Numbers:
    """Of `confusion_tally`."""
    size = math.isqrt(totals.shape[-1])
    cells = totals.reshape(*totals.shape[:-1], size, size)
    n = cells.sum(axis=(-2, -1))
    both = cells.sum(axis=-1) + cells.sum(axis=-2)
    observed, chance = 4 * n * np.trace(cells, axis1=-2, axis2=-1), (both * both).sum(axis=-1)
    return divide(observed - chance, 4 * n * n - chance)


def fleiss(totals: Numbers) -> Numbers:
    """Of `shares_tally`."""
    agreed, shares = _agreed(totals)
    chance = (shares * shares).sum(axis=-1)
    return _beyond(agreed, chance)


def gwet(totals: Numbers, weights: Numbers | None = None) -> Numbers:
    """AC1, of `shares_tally`; AC2 with the weights that made it."""
    agreed, shares = _agreed(totals)
    q = shares.shape[-1]
    all_weights = float(q if weights is None else weights.sum())
    chance = all_weights / (q * (q - 1)) * (shares * (1 - shares)).sum(axis=-1)
    return _beyond(agreed, chance)


def prevalence(totals: Numbers) -> Numbers:
    """Of `confusion_tally` of yes and no."""
    return divide(totals[..., 3] - totals[..., 0], totals.sum(axis=-1))


def bias(totals: Numbers) -> Numbers:
    """Of `confusion_tally` of yes and no."""
    return divide(totals[..., 2] - totals[..., 1], totals.sum(axis=-1))


def divide(above: Numbers, below: Numbers) -> Numbers:
    """Without a warning; NaN where there is nothing to divide by."""
    out = np.full(np.shape(below), np.nan)
    return np.asarray(np.divide(above, below, out=out, where=np.asarray(below) != 0), dtype=np.float64)


def _agreed(totals: Numbers) -> tuple[Numbers, Numbers]:
    agreed = divide(totals[..., 0], totals[..., 1])
    looked = totals[..., 2:3]
    return agreed, divide(totals[..., 3:], np.broadcast_to(looked, totals[..., 3:].shape))


def _beyond(agreed: Numbers, chance: Numbers) -> Numbers:
    """(p_a - p_e) / (1 - p_e); shares are fractions, so that "undefined" is nearly zero rather than just zero."""
    rest: npt.NDArray[np.float64] = np.where(np.abs(1 - chance) < 1e-12, 0.0, 1 - chance)
    return divide(agreed - chance, rest)
