"""Whether errors are fair: what the test finds, what it does not, and how sure it is of that."""

from __future__ import annotations

import math

import numpy as np
import pytest

from textcoder.estimation import Errors, Units, errors


def study(found: tuple[float, float], *, people: int = 40, each: int = 20, seed: int = 1) -> tuple[Units, np.ndarray]:
    """Two groups in which the machine finds different shares of what is there; everything is coded by people."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    group = (person % 2).astype(np.int64)
    truth = rng.random(len(person)) < 0.3
    machine = rng.random(len(person)) < np.where(truth, np.array(found)[group], 0.05)
    return Units(person, machine, np.ones(len(person)), truth.astype(float)), group


def test_rates_are_the_plain_shares() -> None:
    """A miss rate would be something other than misses among what people code."""
    units, group = study((0.9, 0.5))
    made = errors(units, group, 2, seed=1)
    for g in (0, 1):
        own, there = group == g, units.human == 1
        assert made.missed.value[g] == pytest.approx(1 - units.machine[own & there].mean())
        assert made.false.value[g] == pytest.approx(units.machine[own & ~there].mean())
        assert made.net.value[g] == pytest.approx(units.machine[own].mean() - units.human[own].mean())
        assert made.missed.units[g] == pytest.approx((own & there).sum())
    assert (made.missed.first, made.missed.second) == (0, 1)


def test_a_machine_that_is_worse_in_one_group_is_found_and_an_even_one_is_not() -> None:
    """An unfair machine would pass, or a fair one be accused."""
    uneven, even = (errors(*study(found), 2, seed=1) for found in ((0.9, 0.5), (0.7, 0.7)))
    assert uneven.missed.p < 0.01 and uneven.net.p < 0.05
    assert uneven.missed.difference_low > 0
    assert even.missed.p > 0.05


def test_power_follows_the_sample() -> None:
    """ "Nothing was found" would be read as "there is nothing" where hardly anything was sampled."""
    few, many = (errors(*study((0.8, 0.8), people=people), 2, seed=1) for people in (10, 160))
    assert many.net.detectable < few.net.detectable / 2
    assert many.net.power(0.1) > few.net.power(0.1)
    assert many.net.power(many.net.detectable) == pytest.approx(0.8, abs=1e-3)
    assert many.net.power(0.0) == pytest.approx(0.05)


def test_few_people_who_repeat_themselves_prove_nothing() -> None:
    """Hundreds of segments of four people would count as hundreds of witnesses."""
    units, group = study((0.9, 0.5), people=4, each=200)
    assert errors(units, group, 2, seed=1).missed.p > 0.05


def test_groups_without_what_it_takes_are_unknown() -> None:
    """A group in which nothing was sampled would have no errors."""
    units, group = study((0.8, 0.8))
    made: Errors = errors(units, np.where(group == 1, 2, group), 3, seed=1)
    assert math.isnan(made.missed.value[1])
    assert made.people == (20, 0, 20)
    alone = errors(units, np.zeros_like(group), 1, seed=1)
    assert math.isnan(alone.net.p) and math.isnan(alone.net.detectable)


def test_no_error_at_all_leaves_room_for_some() -> None:
    """A sample without an error would be told as a machine without errors."""
    units, group = study((0.8, 0.8))
    perfect = Units(units.person, units.human == 1, units.probability, units.human)
    made = errors(perfect, group, 2, seed=1)
    assert made.net.value == (0, 0) and made.net.high[0] > 0
    assert made.net.p == 1 and made.net.detectable > 0


def test_same_seed_same_p_whatever_the_order() -> None:
    """The figure could not be made again."""
    units, group = study((0.8, 0.65))
    order = np.random.default_rng(3).permutation(len(group))
    again = Units(units.person[order], units.machine[order], units.probability[order], units.human[order])
    assert errors(again, group[order], 2, seed=4).missed.p == pytest.approx(
        errors(units, group, 2, seed=4).missed.p, abs=1e-9
    )
