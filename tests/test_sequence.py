"""What goes together and what follows: exact distributions against published tables, closed forms and slow direct counts."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.builders import code, study, transcript
from textcoder.domain.study import Study
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.query import Facts, Unit
from textcoder.sequence import followed, steps, together
from textcoder.sequence.chance import hypergeometric, summed, tails, two_sided
from textcoder.sequence.order import _expected, _next
from textcoder.workflow.sequences import (
    Following,
    On,
    Pairing,
    followed_by,
    pairs_together,
    sequences_section,
    steps_behind,
)

# --- together ---------------------------------------------------------------------------------------------------------------------------

RABBITS = [(0, 0, 6, 5), (3, 0, 3, 6), (6, 2, 0, 4), (5, 6, 1, 0), (2, 5, 0, 0)]
"""Agresti (1990), pages 231-237: at each level of penicillin (both, cured late, died early, neither)."""


def units(tables: list[tuple[int, int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    carried, person = [], []
    for i, (both, b_only, a_only, neither) in enumerate(tables):
        for kind, n in (((1, 1), both), ((0, 1), b_only), ((1, 0), a_only), ((0, 0), neither)):
            carried += [kind] * n
            person += [i] * n
    return np.array(carried, dtype=bool), np.array(person)


def test_exact_test_is_the_one_that_was_published() -> None:
    """Agresti's rabbits: S = 16, exact p = .03994 (R's mantelhaen.test); without continuity correction z is the root of Mantel and
    Haenszel's chi-squared."""
    (found,) = together(*units(RABBITS))
    assert found.units == 16
    assert found.expected == 13
    assert found.p == pytest.approx(0.03994, abs=5e-6)
    # chi-squared with correction is 3.9286 (the same help page): (|16 - 13| - 1/2)^2 / variance
    variance = ((16 - 13) / found.z) ** 2
    assert 2.5**2 / variance == pytest.approx(3.9286, abs=5e-5)
    shuffled = np.random.default_rng(0).permutation(len(units(RABBITS)[0]))
    carried, person = units(RABBITS)
    (again,) = together(carried[shuffled], person[shuffled])
    assert (again.p, again.ratio) == (found.p, found.ratio)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 7), st.integers(0, 7), st.integers(0, 7))
def test_distribution_is_that_of_all_arrangements(n: int, a: int, b: int) -> None:
    a, b = min(a, n), min(b, n)
    fixed = set(range(b))
    every = [len(set(order[:a]) & fixed) for order in permutations(range(n))]
    least, chance = hypergeometric(n, a, b)
    for k, p in enumerate(chance.tolist(), start=least):
        assert p == pytest.approx(np.mean([one == k for one in every]))
    assert summed([(least, chance)])[1] == pytest.approx(chance)
    assert two_sided(least, least, chance) <= 1


def test_talkative_people_do_not_make_codes_go_together() -> None:
    """One person speaks of everything and one of nothing; within each, the two codes have nothing to do with each other. Pooled over
    people they would seem tied."""
    busy = [(i % 2 == 0, i % 4 < 2) for i in range(40)]
    quiet = [(False, False)] * 40
    carried, person = np.array(busy + quiet, dtype=bool), np.repeat([0, 1], 40)
    (found,) = together(carried, person)
    assert (found.units, found.expected, found.ratio) == (10, 10, 1)
    (pooled,) = together(carried, np.zeros(80, dtype=np.int64))
    assert pooled.ratio == 2 and pooled.p < 0.05


def test_answers_of_one_length_change_places_only_among_themselves() -> None:
    """Long answers hold more of everything: two codes that stand in all long answers go together by length alone."""
    carried = np.array([(True, True)] * 5 + [(False, False)] * 5)
    person, length = np.zeros(10, dtype=np.int64), np.repeat([0, 1], 5)
    assert together(carried, person)[0].p < 0.05
    assert together(carried, person, stratum=length) == ()


def test_normal_distribution_takes_over_where_people_are_many() -> None:
    draws = np.random.default_rng(1)
    carried = draws.random((3000, 2)) < 0.3
    carried[:, 1] |= carried[:, 0] & (draws.random(3000) < 0.1)
    person = np.repeat(np.arange(300), 10)
    (many,) = together(carried, person)
    few = summed(hypergeometric(10, int(own[:, 0].sum()), int(own[:, 1].sum())) for own in carried.reshape(300, 10, 2))
    assert many.p == pytest.approx(two_sided(many.units, *few), rel=0.15)


# --- followed ---------------------------------------------------------------------------------------------------------------------------


def direct(x: np.ndarray, y: np.ndarray, within: int) -> int:
    return sum(bool(x[i]) and bool(y[i + 1 : i + 1 + within].any()) for i in range(len(x)))


@settings(max_examples=25, deadline=None)
@given(arrays.arrays(bool, (6, 2)), st.integers(1, 7))
def test_expected_number_is_the_mean_over_all_orders(carried: np.ndarray, within: int) -> None:
    """Every ratio rests on it."""
    x, y = carried[:, :1], carried[:, 1:]
    every = [direct(carried[list(o), 0], carried[list(o), 1], within) for o in permutations(range(6))]
    assert _expected(x, y, within)[0, 0] == pytest.approx(np.mean(every))
    assert int((x & _next(y, within)).sum()) == direct(carried[:, 0], carried[:, 1], within)


def test_barrier_then_what_worked_is_found_and_its_words_are_named() -> None:
    """Six people each tell of a barrier and, two sentences on, of what worked, in a long account of other things."""
    first, then = np.zeros((6 * 20, 1), dtype=bool), np.zeros((6 * 20, 1), dtype=bool)
    for person in range(6):
        for at in (3, 11):
            first[person * 20 + at + person % 4] = True
            then[person * 20 + at + person % 4 + 2] = True
    account = np.repeat(np.arange(6), 20)
    (found,) = followed(first, then, account, account, within=2)
    assert (found.times, found.of, found.people, found.reversed) == (12, 12, 6, 0)
    assert found.p < 0.001 and found.p_shuffled < 0.001
    assert found.low > 1
    assert found.expected_shuffled == pytest.approx(6 * _expected(first[:20], then[:20], 2)[0, 0])
    pairs = steps(first[:, 0], then[:, 0], account, within=2)
    assert len(pairs) == 12
    assert {one.then - one.first for one in pairs} == {2}
    assert steps(first[:, 0], then[:, 0], account, within=1) == ()
    (none,) = followed(then, first, account, account, within=2)
    assert none.times == 0 and math.isnan(none.low)


def test_nothing_follows_across_accounts() -> None:
    first, then = np.array([[0], [1], [0], [0]], dtype=bool), np.array([[0], [0], [1], [0]], dtype=bool)
    account = np.array([0, 0, 1, 1])
    assert steps(first[:, 0], then[:, 0], account, within=3) == ()
    assert followed(first, then, account, account) == ()
    (one,) = followed(first, then, np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64))
    assert one.times == 1


def test_shuffled_chance_agrees_with_all_orders() -> None:
    x = np.array([1, 0, 0, 1, 0, 0, 0], dtype=bool)[:, None]
    y = np.array([0, 1, 0, 0, 1, 0, 0], dtype=bool)[:, None]
    account = np.zeros(7, dtype=np.int64)
    every = np.bincount([direct(x[list(o), 0], y[list(o), 0], 1) for o in permutations(range(7))]) / math.factorial(7)
    (found,) = followed(x, y, account, account, within=1, orders=20_000)
    assert found.p_shuffled == pytest.approx(tails(found.times, 0, every), abs=0.01)
    rings = [direct(x[:, 0], np.roll(y[:, 0], turn), 1) for turn in range(7)]
    assert found.expected == pytest.approx(np.mean(rings))
    assert found.p == pytest.approx(tails(found.times, 0, np.bincount(rings) / 7))
    assert repr(followed(x, y, account, account, seed=4)) == repr(followed(x, y, account, account, seed=4))


# --- of a project -----------------------------------------------------------------------------------------------------------------------

LATE, CALL, FORM = code("Late answers", "barriers"), code("Calls", "what_works"), code("Forms", "barriers")


def told(n: int = 6) -> Study:
    """Everybody says that it is late and, in the same answer, that somebody called; much else is said before and after."""
    sources = [
        transcript(
            f"p{i}.txt",
            ("Hanna", "How is it?"),
            (
                f"P{i}",
                "It rains. " * (6 + i) + "They are late, and the form is long. So they called me. " + "It rains. " * 8,
            ),
            ("Hanna", "And the form?"),
            (f"P{i}", "The form. Tea. " + "Bread. " * 6),
            case=f"p{i}",
        )
        for i in range(n)
    ]
    return study(sources, {"late": LATE, "call": CALL, "form": FORM}, drafted=False)


def test_pairs_of_a_project_are_on_segments_or_in_answers() -> None:
    found = pairs_together(Facts.of(told()))
    (pair,) = [one for one in found.pairs if {one.a.name, one.b.name} == {"Late answers", "Forms"}]
    assert (pair.units, pair.people) == (6, 6) and pair.q < 0.05
    in_answers = pairs_together(Facts.of(told()), Pairing(on=On.ANSWER))
    assert {one.units for one in in_answers.pairs} == {6}
    assert (found.units, in_answers.units) == (len(told().segments), 12)
    assert pairs_together(Facts.of(told(1))).pairs == (), "one person is too few to be shown"
    assert pairs_together(Facts.of(told(1))).people is None
    section = sequences_section(found, [followed_by(Facts.of(told()))])
    assert section.id == "sequences" and len(section.parts) > 3


def test_a_barrier_and_what_worked_open_into_their_words() -> None:
    """A number of sequences that nobody could read would be worth nothing."""
    facts = Facts.of(told())
    (found,) = followed_by(facts).found
    assert (found.times, found.people, found.reversed) == (6, 6, 0)
    assert found.one_answer == 6 and found.p < 0.05
    behind = steps_behind(facts, "barriers", "what_works", Following(), limit=4)
    assert (behind.total, behind.people, len(behind.items)) == (6, 6, 4)
    assert len({step.first.case for step in behind.items}) == 4, "everybody's first before anybody's second"
    for step in behind.items:
        source = facts.study.transcript_by_id[step.first.transcript]
        assert (
            source.text[step.first.start : step.first.end] == step.first.text == "They are late, and the form is long."
        )
        assert (step.then.text, step.distance, step.question) == ("So they called me.", 1, "")
    by_code = followed_by(facts, Following(unit=Unit.CODES))
    assert {(one.first.name, one.then.name) for one in by_code.found} == {("Late answers", "Calls"), ("Forms", "Calls")}
    assert steps_behind(facts, "barriers", "what_works", Following(minimum_people=9)).total is None


def test_what_cannot_be_asked_says_why() -> None:
    facts = Facts.of(told())
    for asked in (Following(within=0), Following(within=99), Following(first="barriers", then="barriers")):
        with pytest.raises(InvalidDecision):
            followed_by(facts, asked)
    with pytest.raises(UnknownItem):
        followed_by(facts, Following(first="hope"))
