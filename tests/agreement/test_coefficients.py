"""Coefficients of agreement, against published worked examples and against the textbook formulas written out slowly."""

from __future__ import annotations

import json
import math
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from textcoder.agreement import (
    MEASURES,
    SETS,
    Judgements,
    Metric,
    Unit,
    Weights,
    bias_index,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    jaccard,
    krippendorff_alpha,
    masi,
    negative_agreement,
    pabak,
    percent_agreement,
    positive_agreement,
    prevalence_index,
    scott_pi,
    set_agreement,
)
from textcoder.agreement.distances import agreeing, between

REFERENCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "irr_reference" / "references.json"
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
"""Krippendorff (2011), section C: four observers, twelve units."""


def table(rows: list[list[Any]]) -> Judgements:
    """Rows of units by coders; None for a coder who never looked."""
    values = sorted({value for row in rows for value in row if value is not None}, key=str)
    return np.array([[-1 if v is None else values.index(v) for v in row] for row in rows], dtype=np.int64)


def cells(counts: list[list[int]]) -> Judgements:
    """Units of two coders from the table of one's values by the other's."""
    rows = [[i, j] for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def two(both: int, only_a: int, only_b: int, neither: int) -> Judgements:
    return cells([[neither, only_b], [only_a, both]])


OBSERVERS = table([list(unit) for unit in zip(*KRIPPENDORFF, strict=True)])


# --- published worked examples ---


@pytest.mark.parametrize(
    ("metric", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_krippendorffs_example_on_every_scale(metric: str, alpha: float) -> None:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, sections C and E."""
    found = krippendorff_alpha(OBSERVERS, metric=metric, values=[1, 2, 3, 4, 5])
    assert found == pytest.approx(alpha, abs=5e-4)


def test_coefficients_of_four_raters_with_missing_ratings() -> None:
    """The same data in Gwet (2014), Handbook of Inter-Rater Reliability, and in the R package irrCAC: AC1 .77544, Fleiss .76117."""
    assert gwet_ac1(OBSERVERS) == pytest.approx(0.77544, abs=5e-6)
    assert fleiss_kappa(OBSERVERS) == pytest.approx(0.76117, abs=5e-6)


def test_two_coders_of_dialogue_acts() -> None:
    """Artstein and Poesio (2008), Computational Linguistics 34, 555-596, table 1 and section 2.3: S .4, pi .341, kappa .348."""
    acts = cells([[20, 20], [10, 50]])
    assert percent_agreement(acts) == pytest.approx(0.7)
    assert pabak(acts) == pytest.approx(0.4)
    assert scott_pi(acts) == pytest.approx(0.341, abs=5e-4)
    assert cohen_kappa(acts) == pytest.approx(0.348, abs=5e-4)


def test_kappa_of_fleiss_levin_and_paik() -> None:
    """Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, table 18.1: kappa .676."""
    assert cohen_kappa(cells([[75, 1, 4], [5, 4, 1], [0, 0, 10]])) == pytest.approx(0.676, abs=5e-4)


def test_weighted_kappa_of_cohen() -> None:
    """Cohen (1968), Psychological Bulletin 70, 213-220: kappa .492; with disagreements weighed by clinicians .348."""
    ratings = cells([[44, 7, 9], [5, 20, 5], [1, 3, 6]])
    apart = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]], dtype=np.float64)
    assert cohen_kappa(ratings) == pytest.approx(0.492, abs=5e-4)
    assert cohen_kappa(ratings, weights=1 - apart / 6) == pytest.approx(0.348, abs=5e-4)


def test_paradoxes_of_kappa_with_what_resolves_them() -> None:
    """Cicchetti and Feinstein (1990), J Clin Epidemiol 43, 551-558, on the tables of their first paper (543-549): 85 % twice."""
    even, skewed = two(40, 9, 6, 45), two(80, 10, 5, 5)
    assert (cohen_kappa(even), cohen_kappa(skewed)) == (pytest.approx(0.70, abs=5e-3), pytest.approx(0.32, abs=5e-3))
    assert positive_agreement(even) == pytest.approx(0.842, abs=5e-4)
    assert negative_agreement(even) == pytest.approx(0.857, abs=5e-4)
    assert positive_agreement(skewed) == pytest.approx(0.914, abs=5e-4)
    assert negative_agreement(skewed) == pytest.approx(0.40, abs=5e-4)
    assert gwet_ac1(skewed) > 0.8


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 15)] * 4))
def test_kappa_follows_from_pabak_prevalence_and_bias(counts: tuple[int, int, int, int]) -> None:
    """Byrt, Bishop and Carlin (1993), J Clin Epidemiol 46, 423-429: kappa = (PABAK - PI^2 + BI^2) / (1 - PI^2 + BI^2)."""
    judged = two(*counts)
    kappa = cohen_kappa(judged)
    if not math.isnan(kappa):
        pi, bi = prevalence_index(judged), bias_index(judged)
        assert kappa == pytest.approx((pabak(judged) - pi**2 + bi**2) / (1 - pi**2 + bi**2))


def test_bias_has_the_sign_of_who_gives_more() -> None:
    """One would talk to the wrong coder."""
    assert bias_index(two(1, 5, 1, 3)) == pytest.approx(0.4)
    assert prevalence_index(two(1, 0, 0, 9)) == pytest.approx(-0.8)


def test_masi_of_its_source() -> None:
    """Passonneau (2006): the same 1, one holds the other 2/3, they overlap 1/3, nothing in common 0, times Jaccard."""
    assert masi({"a"}, {"a"}) == masi(set(), set()) == 0
    assert masi({"a", "b"}, {"a", "b", "c", "d"}) == pytest.approx(1 - 2 / 3 * 1 / 2)
    assert masi({"a", "b", "c"}, {"b", "c", "d"}) == pytest.approx(1 - 1 / 3 * 1 / 2)
    assert masi({"a"}, {"b"}) == masi(set(), {"b"}) == 1


@pytest.mark.skipif(not REFERENCES.exists(), reason="the reference tables of agreement lie beside the repository only")
def test_every_figure_of_the_reference_tables() -> None:
    """What other programs compute must come out here, too."""
    seen = set()
    for one in json.loads(REFERENCES.read_text(encoding="utf-8")):
        if one["orientation"] == "contingency table, rows first rater":
            judged = cells(one["data_table"])
        else:
            rows = one["data"]
            judged = table([list(u) for u in zip(*rows, strict=True)] if one["orientation"] == "coder x unit" else rows)
        values = sorted({v for row in one.get("data", []) for v in row if isinstance(v, int | float)}) or None
        for name, expected in (one["checked_here"] | {}).items():
            kind, _, metric = name.partition("_")
            found = (
                krippendorff_alpha(judged, metric=metric, values=values)
                if kind == "alpha"
                else {"fleiss_kappa": fleiss_kappa, "cohen_kappa": cohen_kappa}[name](judged)
            )
            assert found == pytest.approx(expected, abs=6e-5), (one["name"], name)
            seen.add(name)
        for name, expected in one["published"].items():
            found = (
                fleiss_kappa(judged)
                if name == "fleiss_kappa"
                else krippendorff_alpha(judged, metric=name.partition("_")[2], values=values)
            )
            assert found == pytest.approx(expected, abs=6e-4), (one["name"], name)
    assert {"alpha_nominal", "alpha_ordinal", "alpha_interval", "alpha_ratio", "fleiss_kappa", "cohen_kappa"} <= seen


# --- slow and direct ---

TABLES = st.integers(2, 4).flatmap(
    lambda coders: st.lists(st.lists(st.integers(-1, 3), min_size=coders, max_size=coders), min_size=1, max_size=9)
)


def slow_alpha(rows: list[list[int]], apart: Any) -> float:
    """1 - D_o / D_e, pair by pair."""
    units = [[v for v in row if v >= 0] for row in rows]
    units = [unit for unit in units if len(unit) >= 2]
    values = [v for unit in units for v in unit]
    n = len(values)
    if n < 2:
        return math.nan
    observed = sum(sum(apart(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / n
    expected = sum(apart(a, b) for a, b in permutations(values, 2)) / (n * (n - 1))
    return math.nan if expected == 0 else 1 - observed / expected


@settings(deadline=None)
@given(TABLES)
def test_alpha_is_what_the_definition_gives(rows: list[list[int]]) -> None:
    judged = np.array(rows, dtype=np.int64)
    kept = [v for row in rows if sum(v >= 0 for v in row) >= 2 for v in row if v >= 0]

    def rank(a: int, b: int) -> float:
        low, high = min(a, b), max(a, b)
        between = sum(low <= v <= high for v in kept) - (kept.count(a) + kept.count(b)) / 2
        return 0.0 if a == b else between**2

    scales: dict[Metric, Any] = {
        Metric.NOMINAL: lambda a, b: float(a != b),
        Metric.ORDINAL: rank,
        Metric.INTERVAL: lambda a, b: float((a - b) ** 2),
        Metric.RATIO: lambda a, b: 0.0 if a == b else ((a - b) / (a + b)) ** 2,
    }
    for metric, apart in scales.items():
        expected = slow_alpha(rows, apart)
        found = krippendorff_alpha(judged, metric=metric)
        assert found == pytest.approx(expected, abs=1e-9, nan_ok=True), metric


@settings(deadline=None)
@given(TABLES, st.sampled_from(list(Weights)))
def test_gwet_is_what_the_definition_gives(rows: list[list[int]], weights: Weights) -> None:
    """Gwet (2014), chapters 2 and 3, rater by rater and category by category."""
    q = 4
    w = agreeing(q, weights)
    units = [[v for v in row if v >= 0] for row in rows]
    two_or_more = [unit for unit in units if len(unit) >= 2]
    some = [unit for unit in units if unit]
    found = gwet_ac2(np.array(rows, dtype=np.int64), weights=weights, n_values=q)
    if not two_or_more:
        assert math.isnan(found)
        return
    agreed = np.mean([np.mean([w[a, b] for a, b in permutations(unit, 2)]) for unit in two_or_more])
    shares = [np.mean([unit.count(k) / len(unit) for unit in some]) for k in range(q)]
    chance = w.sum() / (q * (q - 1)) * sum(p * (1 - p) for p in shares)
    assert found == pytest.approx((agreed - chance) / (1 - chance))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_weighted_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    judged = np.array([*pairs, (0, 3), (3, 0)], dtype=np.int64)
    for weights, theirs in ((Weights.LINEAR, "linear"), (Weights.QUADRATIC, "quadratic"), (Weights.IDENTITY, None)):
        expected = cohen_kappa_score(judged[:, 0], judged[:, 1], labels=[0, 1, 2, 3], weights=theirs)
        assert cohen_kappa(judged, weights=weights) == pytest.approx(expected)


@settings(deadline=None)
@given(st.tuples(*[st.integers(0, 12)] * 4))
def test_pi_and_alpha_differ_by_the_correction_for_few_units_alone(counts: tuple[int, int, int, int]) -> None:
    """Krippendorff (2019), section 12.3: alpha = pi + (1 - pi) / 2n for two coders; Fleiss (1971) with two coders is Scott's pi."""
    judged = two(*counts)
    pi = scott_pi(judged)
    if not math.isnan(pi):
        assert krippendorff_alpha(judged) == pytest.approx(pi + (1 - pi) / (2 * len(judged)))
        assert fleiss_kappa(judged) == pytest.approx(pi)


# --- what holds of all ---

BINARY = st.integers(2, 4).flatmap(
    lambda coders: st.lists(st.lists(st.integers(-1, 1), min_size=coders, max_size=coders), min_size=2, max_size=12)
)


@settings(deadline=None)
@given(BINARY, st.randoms(use_true_random=False))
def test_no_coefficient_depends_on_the_order_of_units_or_coders(rows: list[list[int]], shuffle: Any) -> None:
    judged = np.array(rows, dtype=np.int64)
    units, coders = list(range(len(rows))), list(range(judged.shape[1]))
    shuffle.shuffle(units)
    shuffle.shuffle(coders)
    for name, measure in MEASURES.items():
        if measure.two and judged.shape[1] > 2:
            continue
        mixed = measure(judged[units][:, coders])
        sign = -1 if name == "bias" and coders[0] > coders[-1] else 1
        assert sign * mixed == pytest.approx(measure(judged), abs=1e-12, nan_ok=True), name


@settings(deadline=None)
@given(st.lists(st.integers(0, 1), min_size=2, max_size=20).filter(lambda v: len(set(v)) == 2), st.integers(2, 4))
def test_perfect_agreement_is_1(values: list[int], coders: int) -> None:
    judged = np.array([[v] * coders for v in values], dtype=np.int64)
    for name, measure in MEASURES.items():
        if name not in ("prevalence", "bias") and not (measure.two and coders > 2):
            assert measure(judged) == pytest.approx(1), name


def test_independent_coders_agree_no_more_than_by_chance() -> None:
    """A coefficient that allows for chance would still reward guessing."""
    rng = np.random.default_rng(4)
    judged = (rng.random((200_000, 2)) < 0.3).astype(np.int64)
    for measure in (cohen_kappa, scott_pi, krippendorff_alpha, fleiss_kappa):
        assert abs(measure(judged)) < 0.01
    many = rng.integers(0, 4, size=(100_000, 3))
    for metric in Metric:
        assert abs(krippendorff_alpha(many, metric=metric)) < 0.01
    assert abs(gwet_ac1(many)) < 0.01
    assert abs(gwet_ac2(many, weights=Weights.QUADRATIC)) < 0.01


@settings(deadline=None)
@given(st.permutations(range(4)), TABLES)
def test_nominal_coefficients_do_not_depend_on_what_values_are_called(names: list[int], rows: list[list[int]]) -> None:
    judged = np.array(rows, dtype=np.int64)
    renamed = np.where(judged < 0, -1, np.array(names)[np.maximum(judged, 0)])
    assert krippendorff_alpha(renamed) == pytest.approx(krippendorff_alpha(judged), abs=1e-12, nan_ok=True)
    found = [gwet_ac2(t, weights=Weights.IDENTITY, n_values=4) for t in (judged, renamed)]
    assert found[0] == pytest.approx(found[1], abs=1e-12, nan_ok=True)


# --- whole sets ---

CODES = st.frozensets(st.sampled_from("xyz"))


@settings(deadline=None)
@given(
    st.lists(st.tuples(CODES, CODES, st.none() | CODES), min_size=2, max_size=8),
    st.sampled_from(["nominal", "jaccard", "masi"]),
)
def test_alpha_over_sets_is_what_the_definition_gives(rows: list[tuple[Any, ...]], distance: str) -> None:
    said = {
        who: {f"u{i}": row[c] for i, row in enumerate(rows) if row[c] is not None}
        for c, who in enumerate(("ana", "bo", "cy"))
    }
    found = set_agreement(
        [Unit(f"u{i}", f"p{i}") for i in range(len(rows))], said, distance=distance, seed=1, resamples=20
    )
    apart = {"nominal": lambda a, b: float(a != b), "jaccard": jaccard, "masi": masi}[distance]
    values = sorted({v for row in rows for v in row if v is not None}, key=sorted)
    indexed = [[-1 if v is None else values.index(v) for v in row] for row in rows]
    expected = slow_alpha(indexed, lambda a, b: apart(values[a], values[b]))
    assert found.alpha.value == pytest.approx(expected, abs=1e-9, nan_ok=True)


@settings(deadline=None)
@given(st.lists(CODES, min_size=1, max_size=8))
def test_distances_between_many_sets_are_those_of_two(sets: list[frozenset[str]]) -> None:
    for name, distance in SETS.items():
        slow = [[distance(a, b) for b in sets] for a in sets]
        assert np.allclose(between([sorted(one) for one in sets], name), slow, atol=1e-15)


def test_a_set_that_holds_the_other_is_a_smaller_disagreement() -> None:
    """A coder who forgot one of two codes would look as far off as one who saw something else."""

    def alpha(hers: list[str], distance: str) -> float:
        sets = [frozenset(codes) for codes in ("xy", "x", "yz", "z", "xz", "y")]
        said = {
            "ana": {f"u{i}": s for i, s in enumerate(sets)},
            "bo": {f"u{i}": frozenset(s) for i, s in enumerate(hers)},
        }
        units = [Unit(f"u{i}", f"p{i}") for i in range(len(sets))]
        return set_agreement(units, said, distance=distance, seed=1, resamples=20).alpha.value

    part, other = ["x", "x", "y", "z", "x", "y"], ["z", "x", "x", "z", "y", "y"]
    assert alpha(part, "nominal") == pytest.approx(alpha(other, "nominal"), abs=0.1)
    for distance in ("jaccard", "masi"):
        assert alpha(part, distance) > alpha(other, distance) + 0.2


def test_pairs_of_coders_are_all_compared() -> None:
    """A third coder would be left out of positive agreement."""
    judged = np.array([[1, 1, 0], [0, 0, 0]], dtype=np.int64)
    pairs = [(a, b) for row in judged for a, b in combinations(row, 2)]
    yes = sum(a + b for a, b in pairs)
    assert positive_agreement(judged) == pytest.approx(sum(2 * (a and b) for a, b in pairs) / yes)
