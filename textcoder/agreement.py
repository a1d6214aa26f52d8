"""How far coders agree, code by code, over segments that they all could have coded.

Agreement is judged over an explicit universe of units, so that text that nobody was asked to code does not swamp it. A code is
either given to a unit or not; a coder who never looked at a unit says nothing of it, neither yes nor no. A study that codes
reflexively need not ask for any of this (Braun and Clarke).

What cannot be computed is NaN with the reason in words. Intervals come from drawing whole persons anew (a cluster bootstrap),
since what one person says hangs together.

References:
    Cohen (1960), A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 37-46.
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. University of Pennsylvania.
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13 (percentile interval).
    Field and Welsh (2007), Bootstrapping clustered data. Journal of the Royal Statistical Society B 69, 369-390.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from textcoder.errors import TextcoderError

Said = Mapping[str, Mapping[str, frozenset[str]]]
"""Coder id -> unit id -> ids of the codes that she gave it, none included; no entry for a unit that she never looked at."""
Judgements = npt.NDArray[np.int64]
"""(n_units, n_coders): a value from 0 for each judgement, -1 where a coder never looked at the unit."""
Numbers = npt.NDArray[np.float64]

FEW_CASES = 10
"""Below so many persons a percentile interval is known to be too narrow, and says so."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is coded or not: a segment, and whose words it is.

    Attributes:
        id: Segment id.
        case: Case id; units without one count as one person's.
    """

    id: str
    case: str = ""


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


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two coders on one code, over the units that both looked at.

    Attributes:
        a: Id of one coder.
        b: Id of the other.
        both_yes: Units that both gave the code.
        only_a: Units that only `a` gave it.
        only_b: Units that only `b` gave it.
        both_no: Units that neither gave it.
        percent: Share of units on which they agree, in [0, 1].
        kappa: Cohen's kappa: 1 for perfect agreement, 0 for what chance would give.
    """

    a: str
    b: str
    both_yes: int
    only_a: int
    only_b: int
    both_no: int
    percent: Estimate
    kappa: Estimate

    @property
    def units(self) -> int:
        """Units that both looked at."""
        return self.both_yes + self.only_a + self.only_b + self.both_no


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """All coders on one code.

    Attributes:
        code: Code id.
        units: Units that two coders or more looked at; the others say nothing of agreement.
        cases: Persons whose words these are.
        yes: Coder id -> how many of these units she gave the code.
        percent: Of all pairs of coders who looked at the same unit, the share who said the same, in [0, 1].
        alpha: Krippendorff's alpha, nominal: 1 for perfect agreement, 0 for what chance would give.
        pairs: Every two coders, in the order of their ids.
    """

    code: str
    units: int
    cases: int
    yes: Mapping[str, int]
    percent: Estimate
    alpha: Estimate
    pairs: tuple[PairAgreement, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A unit and a code on which those who looked do not agree.

    Attributes:
        unit: Segment id.
        code: Code id.
        yes: Ids of the coders who gave the code, sorted.
        no: Ids of those who looked and did not, sorted.
    """

    unit: str
    code: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


def agreement(
    units: Sequence[Unit],
    said: Said,
    codes: Sequence[str] | None = None,
    *,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> tuple[CodeAgreement, ...]:
    """Agreement of two or more coders, code by code.

    Cost: about `resamples` * persons * coders squared multiplications for each code; 0.01 s for 2 coders and 50 persons.

    Args:
        units: The universe; what coders said of other units does not count.
        said: What each coder said of the units that she looked at.
        codes: Code ids, in the order of the answer; None for all that anybody used, sorted.
        seed: Decides the resamples; the same for all codes.
        resamples: Draws of the bootstrap.
        level: Of the intervals, between 0 and 1.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: A unit stands twice.
    """
    rows, coders = _checked(units, said)
    codes = codes_said(rows, said) if codes is None else codes
    seen = np.array([[unit.id in said[coder] for coder in coders] for unit in rows], dtype=bool).reshape(len(rows), -1)
    shared = [unit for unit, by in zip(rows, seen, strict=True) if by.sum() >= 2]
    cases = sorted({unit.case for unit in shared})
    place = {case: i for i, case in enumerate(cases)}
    of_case = np.array([place[unit.case] for unit in shared], dtype=np.int64)
    draws = _Draws(of_case, _resample(len(cases), resamples, seed), level)
    return tuple(_of_code(code, judgements(shared, said, code), coders, draws) for code in codes)


def disagreements(units: Sequence[Unit], said: Said, codes: Sequence[str] | None = None) -> tuple[Disagreement, ...]:
    """What is to be talked over: every unit and code on which two who looked do not agree.

    Args:
        units: The universe, in the order in which people read.
        said: What each coder said of the units that she looked at.
        codes: Code ids; None for all that anybody used, sorted.

    Returns:
        In the order of `units`, then of `codes`.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: A unit stands twice.
    """
    _checked(units, said)
    codes = codes_said(units, said) if codes is None else codes
    found = []
    for unit in units:
        looked = [coder for coder in sorted(said) if unit.id in said[coder]]
        for code in codes:
            yes = tuple(coder for coder in looked if code in said[coder][unit.id])
            if 0 < len(yes) < len(looked):
                no = tuple(coder for coder in looked if coder not in yes)
                found.append(Disagreement(unit.id, code, yes, no))
    return tuple(found)


def codes_said(units: Sequence[Unit], said: Said) -> list[str]:
    """Ids of all codes that anybody gave any of the units, sorted."""
    return sorted({code for by_unit in said.values() for unit in units for code in by_unit.get(unit.id, ())})


def judgements(units: Sequence[Unit], said: Said, code: str) -> Judgements:
    """Who gave the code to which unit: 1 yes, 0 no, -1 never looked; (n_units, n_coders), coders sorted by id."""
    rows = [[int(code in by[u.id]) if u.id in by else -1 for _, by in sorted(said.items())] for u in units]
    return np.array(rows, dtype=np.int64).reshape(len(units), len(said))


def percent_agreement(table: Judgements) -> float:
    """Of all pairs of judgements of the same unit, the share that are equal, in [0, 1]; NaN where there is no pair.

    With two coders it is the share of units on which they agree.
    """
    return float(_percent(_pairs_tally(table).sum(axis=0)))


def krippendorff_alpha(table: Judgements) -> float:
    """Agreement of any number of coders on nominal values, with units that not everyone looked at.

    Args:
        table: (n_units, n_coders); units with fewer than two judgements say nothing and are left out.

    Returns:
        1 for perfect agreement, 0 for chance, below 0 for systematic disagreement; NaN where no unit has two judgements or
        all judgements are equal, since then nothing shows that coders can tell the values apart.

    References:
        Krippendorff (2011), section C: alpha = 1 - (n - 1) (n - sum o_cc) / (n^2 - sum n_c^2).
    """
    return float(_alpha(_coincidence_tally(table).sum(axis=0)))


def cohen_kappa(table: Judgements) -> float:
    """Agreement of two coders beyond chance; units that only one looked at are left out.

    Args:
        table: (n_units, 2).

    Returns:
        1 for perfect agreement, 0 for chance; NaN where both used one and the same value throughout.

    References:
        Cohen (1960): kappa = (p_o - p_c) / (1 - p_c), p_c from each coder's own shares.
    """
    return float(_kappa(_confusion_tally(table).sum(axis=0)))


# --- from judgements to figures: each unit is tallied once, so that a resample only adds up tallies ---


def _pairs_tally(table: Judgements) -> Numbers:
    """Equal pairs and all pairs of each unit, (n_units, 2)."""
    counts = _counts(table)
    looked = counts.sum(axis=1)
    equal = (counts * (counts - 1)).sum(axis=1) / 2
    return np.column_stack([equal, looked * (looked - 1) / 2])


def _percent(totals: Numbers) -> Numbers:
    return _divide(totals[..., 0], totals[..., 1])


def _coincidence_tally(table: Judgements) -> Numbers:
    """Of each unit its part of the coincidence matrix's diagonal, then of its margins, (n_units, 1 + n_values)."""
    counts = _counts(table)
    looked = counts.sum(axis=1)
    counts = np.where(looked[:, None] >= 2, counts, 0.0)
    diagonal = (counts * (counts - 1)).sum(axis=1) / np.maximum(looked - 1, 1)
    return np.column_stack([diagonal, counts])


def _alpha(totals: Numbers) -> Numbers:
    diagonal, margins = totals[..., 0], totals[..., 1:]
    n = margins.sum(axis=-1)
    return 1 - _divide((n - 1) * (n - diagonal), n * n - (margins * margins).sum(axis=-1))


def _confusion_tally(table: Judgements) -> Numbers:
    """Of each unit its place in the table of one coder's values by the other's, (n_units, n_values squared)."""
    if table.shape[1] != 2:
        raise ValueError(f"kappa compares 2 coders, not {table.shape[1]}")
    size = int(table.max(initial=1)) + 1
    cells = np.eye(size * size)[np.where(table.min(axis=1) < 0, 0, table[:, 0] * size + table[:, 1])]
    cells[table.min(axis=1) < 0] = 0.0  # only one of the two looked
    return cells


def _kappa(totals: Numbers) -> Numbers:
    size = math.isqrt(totals.shape[-1])
    cells = totals.reshape(*totals.shape[:-1], size, size)
    n = cells.sum(axis=(-2, -1))
    observed = np.trace(cells, axis1=-2, axis2=-1) * n
    chance = (cells.sum(axis=-1) * cells.sum(axis=-2)).sum(axis=-1)
    # Counts, not shares: they are whole numbers, so that "undefined" is an exact zero.
    return _divide(observed - chance, n * n - chance)


def _counts(table: Judgements) -> Numbers:
    """How often each value was given to each unit, (n_units, n_values)."""
    values = np.arange(int(table.max(initial=1)) + 1)
    return np.asarray((table[:, :, None] == values).sum(axis=1), dtype=np.float64)


def _divide(above: Numbers, below: Numbers) -> Numbers:
    """Without a warning; NaN where there is nothing to divide by."""
    out = np.full(np.shape(below), np.nan)
    return np.asarray(np.divide(above, below, out=out, where=np.asarray(below) != 0), dtype=np.float64)


# --- the bootstrap ---


@dataclass(frozen=True, slots=True)
class _Draws:
    """How often each case stands in each resample, (resamples, n_cases); and the case of each unit."""

    of_case: npt.NDArray[np.int64]
    times: Numbers
    level: float

    def estimate(self, tally: Numbers, figure: Callable[[Numbers], Numbers], undefined: str) -> Estimate:
        """The figure over all units, with the percentile interval over resamples of cases."""
        value = float(figure(tally.sum(axis=0)))
        if math.isnan(value):
            return Estimate(math.nan, math.nan, math.nan, undefined)
        by_case = np.zeros((self.times.shape[1], tally.shape[1]))
        np.add.at(by_case, self.of_case, tally)
        n_cases = int((by_case.any(axis=1)).sum())
        if n_cases < 2:
            return Estimate(value, math.nan, math.nan, "no interval: all the words are one person's")
        # einsum, not @: the sums must not depend on the number of threads.
        drawn = figure(np.einsum("bc,ct->bt", self.times, by_case))
        drawn = drawn[~np.isnan(drawn)]
        if len(drawn) < len(self.times) / 2:
            return Estimate(value, math.nan, math.nan, "no interval: in most resamples of persons it is undefined")
        low, high = np.quantile(drawn, [(1 - self.level) / 2, (1 + self.level) / 2]).tolist()
        notes = []
        if value == 1.0:
            notes.append("nobody disagreed, so the interval cannot show how often they might")
        if n_cases < FEW_CASES:
            notes.append(f"only {n_cases} persons: the interval is too narrow")
        if len(drawn) < len(self.times):
            notes.append(f"undefined in {1 - len(drawn) / len(self.times):.0%} of the resamples, which are left out")
        return Estimate(value, low, high, "; ".join(notes))


def _resample(n_cases: int, resamples: int, seed: int) -> Numbers:
    if n_cases == 0:
        return np.zeros((resamples, 0))
    draws = np.random.default_rng(seed)
    return draws.multinomial(n_cases, np.full(n_cases, 1 / n_cases), size=resamples).astype(np.float64)


def _of_code(code: str, table: Judgements, coders: Sequence[str], draws: _Draws) -> CodeAgreement:
    used, who = table[table >= 0], "both" if len(coders) == 2 else "all of them"
    never = "both never used it" if len(coders) == 2 else "none of them ever used it"
    undefined = _why_undefined(used, never, f"{who} always used it", "no unit was looked at by two coders")
    return CodeAgreement(
        code=code,
        units=len(table),
        cases=len(set(draws.of_case.tolist())),
        yes={coder: int((table[:, i] == 1).sum()) for i, coder in enumerate(coders)},
        percent=draws.estimate(_pairs_tally(table), _percent, undefined),
        alpha=draws.estimate(_coincidence_tally(table), _alpha, undefined),
        pairs=tuple(
            _of_pair(table[:, [i, j]], coders[i], coders[j], draws) for i, j in combinations(range(len(coders)), 2)
        ),
    )


def _of_pair(table: Judgements, a: str, b: str, draws: _Draws) -> PairAgreement:
    both = table[(table >= 0).all(axis=1)]
    undefined = _why_undefined(both, "both never used it", "both always used it", "no unit was looked at by both")
    yes_a, yes_b = both[:, 0] == 1, both[:, 1] == 1
    return PairAgreement(
        a,
        b,
        both_yes=int((yes_a & yes_b).sum()),
        only_a=int((yes_a & ~yes_b).sum()),
        only_b=int((~yes_a & yes_b).sum()),
        both_no=int((~yes_a & ~yes_b).sum()),
        percent=draws.estimate(_pairs_tally(table), _percent, undefined),
        kappa=draws.estimate(_confusion_tally(table), _kappa, undefined),
    )


def _why_undefined(values: Judgements, never: str, always: str, nothing: str) -> str:
    if not values.size:
        return nothing
    return always if values.all() else never


def _checked(units: Sequence[Unit], said: Said) -> tuple[list[Unit], list[str]]:
    """Units and coders sorted by id, so that nothing depends on the order in which they were given."""
    if len(said) < 2:
        raise TextcoderError(
            f"Agreement needs two coders or more, not {len(said)}; ask somebody else to code the sample too."
        )
    ids = [unit.id for unit in units]
    if len(set(ids)) < len(ids):
        raise ValueError(f"{len(ids) - len(set(ids))} of {len(ids)} units stand twice")
    return sorted(units, key=lambda unit: unit.id), sorted(said)
