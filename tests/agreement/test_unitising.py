"""Agreement on free spans: against the definition, character by character, and by what must hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.agreement import Stretch, krippendorff_alpha, span_agreement
from textcoder.agreement.unitising import Marked, pieces
from textcoder.errors import TextcoderError

LENGTH = 24


def marks_of(cuts: Sequence[int], codes: str) -> list[Marked]:
    """Units between some of the cuts; a blank is a gap."""
    at = sorted({0, LENGTH, *cuts})
    return [(a, b, code) for a, b, code in zip(at, at[1:], codes, strict=False) if code != " "]


MARKS = st.builds(marks_of, st.lists(st.integers(1, LENGTH - 1), max_size=5), st.text("xy ", min_size=6, max_size=6))
CODERS = st.lists(MARKS, min_size=2, max_size=4)


def found(coders: Sequence[list[Marked]], **more: Any) -> Any:
    stretch = Stretch("s", LENGTH, {f"c{i}": marks for i, marks in enumerate(coders)}, "p")
    return span_agreement([stretch], seed=1, resamples=20, **more)


def slow(coders: Sequence[list[Marked]], *, binary: bool = False, coded_only: bool = False) -> float:
    """Krippendorff et al. (2016), one character with another: chance pairs no two characters of one unit.

    A character of a gap is paired with all but itself. Of what both coded, only units that lie on another's are looked at.
    """
    n, m = LENGTH, len(coders)
    value: list[list[str]] = [[" "] * n for _ in coders]
    unit: list[list[Any]] = [[None] * n for _ in coders]
    for c, marks in enumerate(coders):
        for k, (a, b, code) in enumerate(marks):
            for at in range(a, b):
                value[c][at], unit[c][at] = ("#" if binary else code), k
        for at in range(n):
            unit[c][at] = ("gap", at) if unit[c][at] is None else unit[c][at]
    pairs = [
        (value[i][at], value[j][at])
        for i, j in permutations(range(m), 2)
        for at in range(n)
        if not coded_only or " " not in (value[i][at], value[j][at])
    ]
    if not pairs:
        return math.nan
    observed = sum(a != b for a, b in pairs) / (m - 1)
    total = len(pairs) / (m - 1)
    margin = {v: sum(a == v for a, _ in pairs) / (m - 1) for v in {a for a, _ in pairs}}
    sizes: dict[Any, int] = {}
    for c in range(m):
        for at in range(n):
            covered = any(value[j][at] != " " for j in range(m) if j != c)
            if not coded_only or (value[c][at] != " " and covered):
                key = (value[c][at], c, unit[c][at])
                sizes[key] = sizes.get(key, 0) + 1
    within = {v: sum(size**2 for key, size in sizes.items() if key[0] == v) for v in margin}
    same = sum(margin[v] ** 2 - within[v] for v in margin)
    possible = total**2 - sum(within.values())
    if abs(possible - same) < 1e-9:
        return math.nan
    return 1 - observed / (total * (possible - same) / possible)


@settings(deadline=None)
@given(CODERS)
def test_the_family_is_what_the_definition_gives(coders: list[list[Marked]]) -> None:
    one = found(coders)
    if not any(coders):
        assert not one.whole.defined
        return
    assert one.whole.value == pytest.approx(slow(coders), abs=1e-9, nan_ok=True)
    assert one.unitising.value == pytest.approx(slow(coders, binary=True), abs=1e-9, nan_ok=True)
    assert one.coding.value == pytest.approx(slow(coders, coded_only=True), abs=1e-9, nan_ok=True)


@settings(deadline=None)
@given(CODERS, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_coders_and_marks_or_on_names(coders: list[list[Marked]], shuffle: Any) -> None:
    mixed = [shuffle.sample(marks, len(marks)) for marks in coders]
    shuffle.shuffle(mixed)
    renamed = [[(a, b, {"x": "u", "y": "t"}[code]) for a, b, code in marks] for marks in mixed]
    one, other = found(coders), found(renamed)
    for name in ("whole", "unitising", "coding"):
        assert getattr(one, name).value == pytest.approx(getattr(other, name).value, abs=1e-9, nan_ok=True)


@settings(deadline=None)
@given(
    MARKS.filter(
        lambda marks: {code for _, _, code in marks} == {"x", "y"} and sum(b - a for a, b, _ in marks) < LENGTH
    )
)
def test_perfect_agreement_is_1(marks: list[Marked]) -> None:
    one = found([marks, marks, marks])
    assert one.whole.value == one.unitising.value == one.coding.value == pytest.approx(1)
    assert all(code.unitising.value == pytest.approx(1) for code in one.codes)


def test_units_of_one_character_are_alpha_without_units() -> None:
    """Krippendorff et al. (2016): with units of length 1 the family comes down to alpha for coded units."""
    rng = np.random.default_rng(5)
    values = rng.integers(0, 3, size=(300, 2))
    marked = {f"c{c}": [(i, i + 1, "xyz"[v]) for i, v in enumerate(values[:, c])] for c in range(2)}
    one = span_agreement([Stretch("s", 300, marked)], seed=1, resamples=20)
    assert one.whole.value == pytest.approx(krippendorff_alpha(values))
    assert one.coding.value == pytest.approx(krippendorff_alpha(values))


def test_coders_who_mark_by_chance_agree_by_chance() -> None:
    rng = np.random.default_rng(7)
    stretches = []
    for s in range(400):
        marked = {}
        for who in ("ana", "bo"):
            starts = rng.choice(20, size=3, replace=False) * 50
            marked[who] = [(int(a), int(a) + int(rng.integers(10, 50)), "xy"[int(rng.integers(2))]) for a in starts]
        stretches.append(Stretch(f"s{s:03}", 1000, marked, f"p{s % 40}"))
    one = span_agreement(stretches, seed=1, resamples=200)
    for estimate in (one.whole, one.unitising, one.coding):
        assert abs(estimate.value) < 0.1
        assert estimate.low < 0 < estimate.high


def test_boundaries_and_codes_are_told_apart() -> None:
    """ "They mark other words" and "they call the same words otherwise" call for different talks."""
    words = [(10, 30, "x"), (50, 80, "y"), (100, 120, "x"), (150, 180, "y")]
    names = [(a, b, {"x": "y", "y": "x"}[code]) for a, b, code in words]
    moved = [(a + 12, b + 12, code) for a, b, code in words]
    swapped, shifted = (
        span_agreement([Stretch("s", 250, {"ana": words, "bo": hers})], seed=1, resamples=20) for hers in (names, moved)
    )
    assert swapped.unitising.value == pytest.approx(1)
    assert swapped.coding.value < 0
    assert shifted.coding.value == pytest.approx(1)
    assert shifted.unitising.value < 0.5


def test_codes_upon_each_other_are_a_set_and_one_unit_where_they_are_one_code() -> None:
    assert pieces([(0, 4, "x"), (3, 8, "x"), (8, 9, "x"), (6, 9, "y")], 10) == [
        (0, 6, ("x",)),
        (6, 8, ("x", "y")),
        (8, 9, ("x", "y")),
        (9, 10, ()),
    ]
    with pytest.raises(ValueError, match="outside a stretch of 10"):
        pieces([(4, 11, "x")], 10)


def test_text_that_one_coder_never_saw_says_nothing() -> None:
    marked = {"ana": [(0, 5, "x")], "bo": [(0, 5, "x")]}
    both = [Stretch("a", 20, marked, "p"), Stretch("b", 20, {"ana": [(2, 9, "y")], "bo": [(2, 9, "y")]}, "q")]
    one = span_agreement([*both, Stretch("c", 500, {"ana": [(0, 400, "y")]}, "r")], seed=1, resamples=20)
    assert one == span_agreement(both, seed=1, resamples=20)
    assert (one.characters, one.cases, one.marked) == (40, 2, {"ana": 12, "bo": 12})
    with pytest.raises(TextcoderError, match="two coders or more"):
        span_agreement([Stretch("c", 500, {"ana": [(0, 400, "y")]})], seed=1)


def test_what_is_undefined_says_why() -> None:
    nothing = found([[], []])
    assert "nobody coded" in nothing.whole.note
    everything = found([[(0, LENGTH, "x")], [(0, LENGTH, "x")]])
    assert "everything was coded" in everything.unitising.note
    apart = found([[(0, 5, "x")], [(10, 15, "y")]])
    assert not apart.coding.defined
    assert apart.codes[0].coding.note
