"""Corrected shares: closed forms, published examples, and what must hold whatever the machine says."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.prevalence import Setting, judge
from textcoder.estimation import Interval, Shares, Units, count, difference, shares
from textcoder.estimation.powered import jeffreys, wilson
from textcoder.multiplicity import holm

Numbers = npt.NDArray[np.float64]


def drawn(
    n: int = 400, sampled: int = 100, people: int = 40, seed: int = 1, share: float = 0.3, found: float = 0.8
) -> tuple[Units, npt.NDArray[np.bool_]]:
    """A study and its truth."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < share
    machine = rng.random(n) < np.where(truth, found, 0.1)
    probability = np.zeros(n)
    probability[rng.permutation(n)[:sampled]] = sampled / n
    return Units(np.arange(n) % people, machine, probability, truth.astype(float)), truth


def one(of: Units) -> Shares:
    return shares(count(of))


def test_it_is_the_estimate_of_tenenbein_and_of_ppi_with_the_best_tuning() -> None:
    """Two literatures name one figure: poststratified by the machine (Tenenbein 1970, eq. 2.4) and PPI++ with its least-squares tuning."""
    units, truth = drawn()
    chosen = units.probability > 0
    y, f, all_of_it = truth[chosen].astype(float), units.machine[chosen].astype(float), units.machine.mean()
    tuning = np.cov(y, f, bias=True)[0, 1] / f.var()
    assert one(units).corrected.value == pytest.approx(y.mean() + tuning * (all_of_it - f.mean()))
    tenenbein = all_of_it * y[f == 1].mean() + (1 - all_of_it) * y[f == 0].mean()
    assert one(units).corrected.value == pytest.approx(tenenbein)


def test_its_variance_is_that_of_tenenbein() -> None:
    """With one unit a person: V = p(1-p)/n (1-K) + p(1-p)/N K, K the squared correlation of machine and truth (Tenenbein 1970, eq. 2.5)."""
    units, truth = drawn(n=40_000, sampled=4_000, people=40_000)
    k = np.corrcoef(truth, units.machine)[0, 1] ** 2
    p = truth.mean()
    expected = p * (1 - p) * ((1 - k) / 4_000 + k / 40_000)
    assert (one(units).influence ** 2).sum() == pytest.approx(expected, rel=0.06)


def test_with_everything_coded_by_people_the_machine_does_not_count() -> None:
    """An opinion of the machine would move a figure of which everything is known."""
    units, truth = drawn(sampled=400)
    assert one(units).corrected.value == pytest.approx(truth.mean())
    contrary = Units(units.person, ~units.machine, units.probability, units.human)
    assert one(contrary).corrected.value == pytest.approx(truth.mean())


def test_a_good_machine_shortens_the_interval_and_a_useless_one_does_not_lengthen_it_much() -> None:
    """The machine's work would be for nothing, or harm."""
    good = one(drawn(found=0.95)[0])
    rng = np.random.default_rng(3)
    units, _ = drawn()
    useless = one(Units(units.person, rng.random(400) < 0.3, units.probability, units.human))

    def width(of: Interval) -> float:
        return float((of.high - of.low)[0, 0])

    assert width(good.corrected) < 0.8 * width(good.human)
    assert width(useless.corrected) < 1.1 * width(useless.human)


def test_no_miss_yet_is_no_proof_that_nothing_is_missed() -> None:
    """100 units without a miss would be sold as certainty; Jeffreys' upper end for 0 of 100 is 2.5 %."""
    person = np.arange(1000)
    probability = np.where(person < 100, 0.1, 0.0)
    nothing = Units(person, np.zeros(1000, dtype=bool), probability, np.zeros(1000))
    found = one(nothing)
    assert found.corrected.value == 0
    assert found.corrected.high == pytest.approx(0.0247, abs=1e-3)


def test_words_of_one_person_are_not_independent() -> None:
    """Ten people who repeat themselves ten times would pass for a hundred."""
    rng = np.random.default_rng(5)
    own = np.repeat(rng.random(20) < 0.5, 20)
    person, probability = np.repeat(np.arange(20), 20), np.full(400, 1.0)
    repeated = Units(person, own, probability, own.astype(float))
    apart = Units(np.arange(400), own, probability, own.astype(float))
    wide, narrow = one(repeated).corrected, one(apart).corrected
    assert (wide.high - wide.low) > 3 * (narrow.high - narrow.low)


def test_unequal_chances_are_weighted_back() -> None:
    """A group from which more was drawn would count for more than it is (Horvitz and Thompson)."""
    n = 20_000
    rng = np.random.default_rng(2)
    many = np.arange(n) < n // 4
    truth = rng.random(n) < np.where(many, 0.6, 0.2)
    chance = np.where(many, 0.4, 0.1)
    probability = np.where(rng.random(n) < chance, chance, 0.0)
    units = Units(np.arange(n), rng.random(n) < 0.5, probability, truth.astype(float))
    assert one(units).corrected.value == pytest.approx(truth.mean(), abs=0.02)
    assert abs(truth[probability > 0].mean() - truth.mean()) > 0.05


def test_cells_add_up_and_a_cell_without_a_sample_is_not_estimated() -> None:
    """A group of which nobody coded anything would be given the others' correction in silence."""
    units, _ = drawn()
    cell = np.where(units.person < 20, 0, 1)
    probability = np.where(cell == 1, 0.0, units.probability)
    found = shares(count(Units(units.person, units.machine, probability, units.human), cell, 2))
    assert np.isnan(found.corrected.value[0, 1]) and np.isnan(found.corrected.low[0, 1])
    assert found.machine.value[0, 1] == units.machine[cell == 1].mean()
    assert found.people.tolist() == [[20, 20]]
    alone = shares(
        count(Units(*(column[cell == 0] for column in (units.person, units.machine, probability, units.human))))
    )
    assert found.corrected.low[0, 0] == pytest.approx(alone.corrected.low[0, 0])


def test_wilson_and_jeffreys_as_published() -> None:
    """Newcombe (1998, Table I, 81 of 263: .2553 to .3662) and Brown, Cai and DasGupta (2001, Table 5, n = 10: x = 1 gives .011 to .381)."""
    low, high = wilson(np.array(81 / 263), np.array(263.0))
    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)
    low, high = jeffreys(np.array(0.1), np.array(10.0))
    assert (round(float(low), 3), round(float(high), 3)) == (0.011, 0.381)


def test_differences_are_newcombes_where_nobody_is_in_both() -> None:
    """Newcombe (1998), Table II, 56/70 - 48/80, method 10: .0524 to .3339."""
    first, second = (
        Interval(p, *wilson(p, n))
        for p, n in ((np.array(48 / 80), np.array(80.0)), (np.array(56 / 70), np.array(70.0)))
    )
    found = difference(first, second, np.array([0.1, -0.1, 0.0, 0.0]), np.array([0.0, 0.0, 0.1, -0.1]))
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (0.0524, 0.3339)
    assert found.p < 0.05


def test_the_same_people_are_compared_with_themselves() -> None:
    """What a person says in both waves would count twice against a change."""
    first = Interval(np.array(0.3), np.array(0.2), np.array(0.42))
    second = Interval(np.array(0.4), np.array(0.29), np.array(0.52))
    influence = np.array([0.05, -0.02, -0.03])
    apart = difference(first, second, influence, np.array([0.01, -0.05, 0.04]))
    same = difference(first, second, influence, influence)
    assert same.together == pytest.approx(1)
    assert same.high - same.low < apart.high - apart.low


def test_p_is_below_5_per_cent_just_where_the_interval_leaves_out_0() -> None:
    """Interval and p would contradict each other."""
    rng = np.random.default_rng(4)
    value = rng.uniform(-0.4, 0.4, 200)
    zero = Interval(np.full(200, 0.5), np.full(200, 0.4), np.full(200, 0.62))
    other = Interval(0.5 + value, 0.5 + value - 0.09, 0.5 + value + 0.11)
    found = difference(zero, other, np.zeros((200, 3)), np.zeros((200, 3)))
    assert ((found.p < 0.05) == ((found.low > 0) | (found.high < 0))).all()


def test_holm_as_in_its_paper_and_past_what_is_no_comparison() -> None:
    """Holm (1979): the smallest p times the number, then times one less, never falling."""
    adjusted = holm(np.array([0.01, np.nan, 0.04, 0.03]))
    assert adjusted[[0, 2, 3]] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(adjusted[1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(5, 60))
def test_intervals_hold_their_value_and_the_order_of_rows_does_not_matter(seed: int, people: int, sampled: int) -> None:
    """A figure outside its own interval, or another after sorting the table, could not be defended."""
    units, _ = drawn(n=120, sampled=sampled, people=people, seed=seed, share=0.15)
    found = one(units)
    if found.people_sampled < 2:  # nobody knows how people differ, so nothing is said
        assert np.isnan([found.corrected.value, found.corrected.low, found.corrected.high]).all()
        return
    for part in (found.corrected, found.human, found.machine):
        assert 0 <= part.low <= part.value + 1e-12 and part.value <= part.high + 1e-12 <= 1 + 1e-9
    order = np.random.default_rng(seed).permutation(120)
    again = one(Units(units.person[order], units.machine[order], units.probability[order], units.human[order]))
    assert again.corrected.high == pytest.approx(found.corrected.high)
    assert found.influence.sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "one",
    [
        Setting("a biased machine", people=(30,), found=(0.5,), false=(0.1,), sampled=(150,)),
        Setting("two waves", people=(20,), segments=30, waves=0.35, sampled=(150,)),
        Setting("whole people", people=(40,), segments=8, share=(0.08,), whole=20),
    ],
    ids=lambda one: one.name,
)
def test_intervals_hold_the_truth_about_as_often_as_they_say(one: Setting) -> None:
    """A change to the formulas would make them promise too much; `make quality` looks closer, at more settings."""
    found = judge(one, seed=11, studies=500)
    assert 0.92 <= found.coverage <= 0.985
    assert abs(found.bias) < 0.01
    assert found.machine_coverage < found.coverage
