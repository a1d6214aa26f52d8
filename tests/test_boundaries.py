"""The measures of `make quality` for topic blocks, against worked examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quality.blocks import equal, every, marked
from tests.quality.boundaries import boundary_f1, half_block, pk, window_diff


def of(gaps: str) -> list[int]:
    """Boundaries from one sign a gap, as NLTK writes them."""
    return [i + 1 for i, sign in enumerate(gaps) if sign == "1"]


def test_window_diff_is_that_of_the_documentation_of_nltk() -> None:
    """nltk.metrics.segmentation.windowdiff: 0.00, 0.30 and 0.80 for these strings and k = 3."""
    one, two, three = "000100000010", "000010000100", "100000010000"
    assert window_diff(13, of(one), of(one), k=3) == 0
    assert window_diff(13, of(one), of(two), k=3) == pytest.approx(0.30)
    assert window_diff(13, of(two), of(three), k=3) == pytest.approx(0.80)


def test_pk_is_that_of_the_documentation_of_nltk() -> None:
    """nltk.metrics.segmentation.pk: 0.50 for all boundaries, 0.50 for none, 0.00 for the same, with k = 2."""
    people = of("0100" * 100)
    assert pk(401, people, of("1" * 400), k=2) == pytest.approx(0.50, abs=0.005)
    assert pk(401, people, [], k=2) == pytest.approx(0.50, abs=0.005)
    assert pk(401, people, people, k=2) == 0


def test_pk_by_hand() -> None:
    """Eight turns, people's boundary before turn 4, ours before turn 5, k = 2: of the six pairs (i, i + 2) people part those of i = 2
    and 3, we part those of i = 3 and 4; two of six differ.
    """
    assert half_block(8, [4]) == 2
    assert pk(8, [4], [5]) == pytest.approx(2 / 6)
    assert window_diff(8, [4], [4, 5]) == pytest.approx(
        2 / 6
    )  # windows of i = 3 hold two, of i = 4 one where people have none
    assert pk(8, [4], [4, 5]) == pytest.approx(1 / 6)  # Pk does not see the former


def test_each_boundary_is_matched_once() -> None:
    """Two boundaries about one of the people's are one hit and one false alarm: 2 * 1 / (2 + 2)."""
    assert boundary_f1([10, 40], [9, 11]) == pytest.approx(0.5)
    assert boundary_f1([10, 40], [12, 43]) == pytest.approx(0.5)
    assert boundary_f1([10, 40], [12, 43], within=3) == 1
    assert boundary_f1([], []) == 1
    assert boundary_f1([3], []) == 0


def test_a_boundary_outside_the_talk_is_refused() -> None:
    """Counted silently it would better or worsen a figure."""
    with pytest.raises(ValueError, match="between 1 and 7"):
        pk(8, [4], [8])
    with pytest.raises(ValueError, match="window of 8"):
        pk(8, [4], [5], k=8)


@given(st.integers(8, 60), st.data())
def test_errors_lie_between_none_and_all(n: int, data: st.DataObject) -> None:
    """Pk is never more than WindowDiff: who disagrees about the same block disagrees about the number of boundaries."""
    places = st.sets(st.integers(1, n - 1), max_size=6)
    people, found = data.draw(places), data.draw(places)
    assert 0 <= pk(n, people, found) <= window_diff(n, people, found) <= 1
    assert window_diff(n, people, people) == 0
    assert boundary_f1(people, found) == boundary_f1(found, people)


def test_gaps_between_spans_are_blocks_where_they_are_long() -> None:
    """What people left out is about something else; two turns between spans are not."""
    assert marked([(0, 10), (12, 20), (30, 40)], 40) == (12, 20, 30)
    assert marked([(5, 20), (18, 33)], 40) == (5, 18, 33)


def test_baselines() -> None:
    """The rivals must be what they are said to be."""
    assert equal(12, 2) == [4, 8]
    assert every(12, 5) == [5, 10]
    assert equal(12, 0) == every(12, 400) == []
