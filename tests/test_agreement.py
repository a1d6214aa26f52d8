"""Agreement between coders, against published worked examples."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.agreement import (
    Disagreement,
    Judgements,
    Unit,
    agreement,
    cohen_kappa,
    disagreements,
    krippendorff_alpha,
    percent_agreement,
)
from textcoder.errors import TextcoderError

REFERENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "irr_reference" / "references.json"
Words = dict[str, dict[str, frozenset[str]]]


def table(rows: list[list[Any]]) -> Judgements:
    """Rows of units by coders; None for a coder who never looked."""
    values = sorted({value for row in rows for value in row if value is not None}, key=str)
    return np.array([[-1 if v is None else values.index(v) for v in row] for row in rows], dtype=np.int64)


def by_counts(both: int, only_a: int, only_b: int, neither: int) -> Judgements:
    rows = [[1, 1]] * both + [[1, 0]] * only_a + [[0, 1]] * only_b + [[0, 0]] * neither
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def say(**coders: str) -> Words:
    """What each coder said of the units u0, u1, ... about the code "x": y yes, n no, . never looked."""
    meaning = {"y": frozenset({"x"}), "n": frozenset[str]()}
    return {who: {f"u{i}": meaning[s] for i, s in enumerate(marks) if s != "."} for who, marks in coders.items()}


def units(n: int, per_case: int = 1) -> list[Unit]:
    return [Unit(f"u{i}", f"p{i // per_case}") for i in range(n)]


def test_alpha_of_krippendorffs_example_with_missing_data() -> None:
    """Krippendorff (2011), section C: four observers, twelve units, nominal alpha .743."""
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    assert krippendorff_alpha(table([list(unit) for unit in zip(*observers, strict=True)])) == pytest.approx(
        0.743, abs=5e-4
    )


def test_alpha_of_krippendorffs_binary_example() -> None:
    """Krippendorff (2011), section A: two observers, ten articles, alpha .095."""
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(table([list(unit) for unit in zip(meg, owen, strict=True)])) == pytest.approx(
        0.095, abs=5e-4
    )


def test_kappa_of_the_paradox_of_prevalence() -> None:
    """Feinstein and Cicchetti (1990), J Clin Epidemiol 43, 543-549: agreement of 85 % twice, kappa .70 and .32."""
    for counts, kappa in (((40, 9, 6, 45), 0.70), ((80, 10, 5, 5), 0.32)):
        assert percent_agreement(by_counts(*counts)) == pytest.approx(0.85)
        assert cohen_kappa(by_counts(*counts)) == pytest.approx(kappa, abs=5e-3)


@pytest.mark.skipif(not REFERENCES.exists(), reason="the reference tables of agreement lie beside the repository only")
def test_alpha_of_the_reference_tables() -> None:
    for reference in json.loads(REFERENCES.read_text(encoding="utf-8")):
        if "alpha_nominal" not in reference.get("checked_here", {}) or "data" not in reference:
            continue
        rows = reference["data"]
        rows = [list(unit) for unit in zip(*rows, strict=True)] if reference["orientation"] == "coder x unit" else rows
        expected = reference["checked_here"]["alpha_nominal"]
        assert krippendorff_alpha(table(rows)) == pytest.approx(expected, abs=6e-5), reference["name"]


@given(st.tuples(*[st.integers(0, 12)] * 4))
def test_two_coders_with_all_units_give_the_textbook_formulas(counts: tuple[int, int, int, int]) -> None:
    """The tallies that make the bootstrap fast would give other figures than the formulas."""
    both, only_a, only_b, neither = counts
    n = sum(counts)
    a, b = both + only_a, both + only_b
    chance = a * b + (n - a) * (n - b)
    kappa, alpha = cohen_kappa(by_counts(*counts)), krippendorff_alpha(by_counts(*counts))
    ones = a + b
    if n == 0 or chance == n * n:
        assert math.isnan(kappa)
        assert math.isnan(alpha)
    else:
        assert kappa == pytest.approx((n * (both + neither) - chance) / (n * n - chance))
        expected = 2 * ones * (2 * n - ones) / (2 * n * (2 * n - 1))
        assert alpha == pytest.approx(1 - ((only_a + only_b) / n) / expected)


def test_a_coder_who_never_looked_says_neither_yes_nor_no() -> None:
    """Units that one coder has yet to read would count as disagreement."""
    [found] = agreement(units(6), say(ana="yynn..", bo="ynnn.y"), seed=1)
    [pair] = found.pairs
    assert (found.units, found.yes) == (4, {"ana": 2, "bo": 1})
    assert (pair.both_yes, pair.only_a, pair.only_b, pair.both_no, pair.units) == (1, 1, 0, 2, 4)
    assert found.percent.value == pair.percent.value == 0.75


def test_what_is_undefined_says_why() -> None:
    """An evaluator would read 0 or 1 where nothing was shown."""

    def found(**coders: str) -> tuple[str, str, str]:
        [code] = agreement(units(4), say(**coders), ["x"], seed=1)
        assert not code.alpha.defined
        assert all(not pair.kappa.defined for pair in code.pairs)
        return code.percent.note, code.alpha.note, code.pairs[0].kappa.note

    assert found(ana="nnnn", bo="nnnn")[1:] == ("both never used it", "both never used it")
    assert found(ana="yyyy", bo="yyyy")[1:] == ("both always used it", "both always used it")
    assert found(ana="nnnn", bo="nnnn", cy="nnnn")[1:] == ("none of them ever used it", "both never used it")
    assert found(ana="yn..", bo="..yn") == ("no unit was looked at by two coders",) * 2 + (
        "no unit was looked at by both",
    )


def test_an_interval_that_cannot_be_trusted_says_so() -> None:
    [one] = agreement(units(6, per_case=6), say(ana="yynnyn", bo="ynnnyn"), seed=1)
    assert math.isnan(one.alpha.low)
    assert "one person" in one.alpha.note
    [few] = agreement(units(6, per_case=2), say(ana="yynnyn", bo="ynnnyn"), seed=1)
    assert "only 3 persons" in few.alpha.note
    [perfect] = agreement(units(12), say(ana="yynnynnnyyyn", bo="yynnynnnyyyn"), seed=1)
    assert (perfect.alpha.value, perfect.alpha.low) == (1.0, 1.0)
    assert "nobody disagreed" in perfect.alpha.note


def test_the_interval_holds_the_true_agreement_about_as_often_as_it_says() -> None:
    """95 % intervals over persons who differ in how hard they are to code; drawing segments instead would be too narrow."""
    draws = np.random.default_rng(11)
    cases, per_case, hits, rounds = 40, 6, 0, 200

    def study(n_cases: int) -> Words:
        hard = draws.choice([0.02, 0.4], size=n_cases)  # how often the second coder sees it otherwise
        first = draws.random((n_cases, per_case)) < 0.4
        second = first ^ (draws.random((n_cases, per_case)) < hard[:, None])
        marks = ["".join("ny"[int(value)] for value in coder.ravel()) for coder in (first, second)]
        return say(ana=marks[0], bo=marks[1])

    # The share of agreement over endlessly many such persons: 1 - (0.02 + 0.4) / 2.
    for _ in range(rounds):
        [found] = agreement(units(cases * per_case, per_case), study(cases), ["x"], seed=5, resamples=400)
        hits += found.percent.low <= 0.79 <= found.percent.high
    assert 0.89 <= hits / rounds <= 0.98


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_units_and_coders(shuffle: random.Random) -> None:
    said = say(ana="yynnyn.y", bo="ynnnyny.", cy="y.nnyyny")
    rows, names = units(8, per_case=2), list(said)
    shuffle.shuffle(rows)
    shuffle.shuffle(names)
    mixed = {name: dict(shuffle.sample(sorted(said[name].items()), len(said[name]))) for name in names}
    assert agreement(rows, mixed, seed=3, resamples=50) == agreement(units(8, 2), said, seed=3, resamples=50)


def test_disagreements_are_listed_in_reading_order_with_who_said_what() -> None:
    """The consensus meeting would not know whom to ask."""
    said: Words = {
        "cy": {"u9": frozenset({"x"}), "u10": frozenset({"x", "z"})},
        "ana": {"u9": frozenset({"x", "z"}), "u10": frozenset()},
        "bo": {"u10": frozenset({"x"})},
    }
    assert disagreements([Unit("u9"), Unit("u10"), Unit("u11")], said) == (
        Disagreement("u9", "z", ("ana",), ("cy",)),
        Disagreement("u10", "x", ("bo", "cy"), ("ana",)),
        Disagreement("u10", "z", ("cy",), ("ana", "bo")),
    )


def test_codes_outside_the_universe_do_not_count() -> None:
    """Kappa would be swamped by text that nobody was asked to code."""
    said = say(ana="yn" + "n" * 50, bo="ny" + "n" * 50)
    [found] = agreement(units(2), said, seed=1)
    assert (found.units, found.percent.value) == (2, 0.0)


def test_one_coder_alone_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(TextcoderError, match="two coders or more, not 1"):
        agreement(units(2), say(ana="yn"), seed=1)
    with pytest.raises(ValueError, match="1 of 3 units stand twice"):
        disagreements([*units(2), Unit("u0")], say(ana="yn", bo="yn"))
