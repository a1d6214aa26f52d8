"""The machine beside people: the verdict follows the rule, and nothing is said of what nothing is known of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.agreement import RULE, Unit, Verdict, agreement, ceiling
from textcoder.agreement.ceiling import CodeCeiling

Codes = dict[str, frozenset[str]]
N, PER = 600, 10


def units(n: int = N) -> list[Unit]:
    return [Unit(f"u{i:04}", f"p{i // PER:03}") for i in range(n)]


def coder(seed: int, *, misses: float = 0.1, adds: float = 0.03, n: int = N, often: float = 0.3) -> Codes:
    """Somebody who sees the code where it is, less what she misses, and sometimes where it is not."""
    there = np.random.default_rng(0).random(n) < often
    rng = np.random.default_rng(seed)
    given_ = np.where(there, rng.random(n) >= misses, rng.random(n) < adds)
    return {u.id: frozenset("x") if one else frozenset[str]() for u, one in zip(units(n), given_, strict=True)}


def judged(machine: Codes, *people: Codes, n: int = N) -> CodeCeiling:
    said = {f"c{i}": one for i, one in enumerate(people)}
    [found] = ceiling(units(n), said, machine, ["x"], seed=1, resamples=400)
    return found


PEOPLE: Callable[[], tuple[Codes, Codes]] = lambda: (coder(1), coder(2))  # noqa: E731  # two who agree well


def test_a_machine_that_codes_as_people_do_is_usable() -> None:
    found = judged(coder(3), *PEOPLE())
    assert found.verdict is Verdict.USABLE
    assert found.people.value > 0.75
    assert abs(found.difference.value) < 0.05
    assert found.difference.low < 0 < found.difference.high
    assert found.advice == "Nothing that these figures show."


def test_a_machine_that_misses_is_usable_with_correction_and_says_what_it_misses() -> None:
    """Shares of people would come out too low, and nobody would know by how much."""
    found = judged(coder(3, misses=0.4), *PEOPLE())
    assert found.verdict is Verdict.CORRECTED
    assert found.advice.startswith(f"It misses: recall {found.recall.value:.2f}")
    assert found.difference.high < 0
    found = judged(coder(3, misses=0.05, adds=0.2), *PEOPLE())
    assert found.advice.startswith("It gives it too often: precision")


def test_a_machine_that_guesses_is_not_usable() -> None:
    found = judged(coder(3, misses=0.7, adds=0.3), *PEOPLE())
    assert found.verdict is Verdict.UNUSABLE
    assert abs(found.machine.value) < 0.2


def test_where_people_do_not_agree_the_definition_comes_first() -> None:
    """More examples of what two people see differently would teach the machine nothing."""
    found = judged(coder(3), coder(1, misses=0.4, adds=0.15), coder(2, misses=0.4, adds=0.15))
    assert found.advice.startswith("The definition: people do not agree on it either (0.")
    assert found.verdict is not Verdict.USABLE


def test_little_is_little_and_says_how_much_would_be_enough() -> None:
    rare = [coder(seed, often=0.005) for seed in (3, 1, 2)]
    clear = [
        {u: frozenset("x") if i in (3, 250) else frozenset[str]() for i, u in enumerate(rare[0])} for _ in range(3)
    ]
    found = judged(*clear)
    assert found.verdict is Verdict.UNKNOWN
    assert found.why == "People gave it 4 times, in the words of 2 persons."
    assert found.advice == "900 more coded segments."


def test_a_long_interval_is_no_verdict() -> None:
    """A machine would be thrown away, or trusted, for the luck of thirty segments."""
    few = [coder(seed, misses=misses, n=90) for seed, misses in ((3, 0.4), (1, 0.1), (2, 0.1))]
    found = judged(*few, n=90)
    assert found.machine.low < 0.4 < 0.667 < found.machine.high
    assert found.verdict is Verdict.UNKNOWN
    assert "the interval reaches from" in found.why


def test_one_coder_has_nobody_to_be_compared_with() -> None:
    found = judged(coder(3), coder(1))
    assert found.verdict is Verdict.UNKNOWN
    assert "no two people looked at the same segment" in found.why
    assert found.advice == "A second person who codes the same segments."
    assert found.machine.defined


def test_people_among_themselves_are_what_agreement_says_of_two() -> None:
    """Two figures for the same thing could not be defended."""
    found = judged(coder(3), *PEOPLE())
    [same] = agreement(units(), {"c0": PEOPLE()[0], "c1": PEOPLE()[1]}, ["x"], seed=1, resamples=400)
    assert found.people == same.alpha


def test_the_machine_is_judged_on_the_units_on_which_people_are() -> None:
    """It would be judged on easier ones."""
    ana, bo = PEOPLE()
    part = {u: c for u, c in bo.items() if u < "u0300"}
    found = judged(coder(3), ana, part)
    assert found.units == 300
    with pytest.raises(ValueError, match="the machine coded 299 of 300 units"):
        judged({u: c for u, c in coder(3).items() if u != "u0007"}, ana, part)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=2, max_size=40))
@settings(deadline=None, max_examples=50)
def test_verdicts_follow_the_rule_and_depend_on_no_order(rows: list[tuple[bool, ...]]) -> None:
    n = len(rows)
    all_units = [Unit(f"u{i:03}", f"p{i // 3:02}") for i in range(n)]
    sets = [
        {f"u{i:03}": frozenset("x") if row[c] else frozenset[str]() for i, row in enumerate(rows)} for c in range(4)
    ]
    said = {"ana": sets[0], "bo": sets[1], "cy": sets[2]}
    [found] = ceiling(all_units, said, sets[3], ["x"], seed=1, resamples=60)
    [mixed] = ceiling(all_units[::-1], dict(reversed(said.items())), sets[3], ["x"], seed=1, resamples=60)
    assert repr(found) == repr(mixed)
    if found.verdict is Verdict.USABLE:
        assert found.machine.value >= 0.667
        assert found.difference.low >= -0.1
    if found.uses < 10 or found.users < 5:
        assert found.verdict is Verdict.UNKNOWN
    assert found.why and found.advice
    assert "0.667" in RULE
