"""What to read next: rare codes are found, a batch is not ten times the same, and the reasons are true."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.review import APART, Proposal, next_to_review, stopping_hint

NAMES = ("Transport", "Staff", "Parking")
THRESHOLDS = np.array([0.3, 0.3, 0.3], dtype=np.float32)


def made(n: int, seed: int = 0) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Probabilities (n, 3) and unit vectors (n, 16)."""
    draws = np.random.default_rng(seed)
    vectors = draws.normal(size=(n, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return draws.beta(0.3, 3.0, size=(n, 3)).astype(np.float32), vectors.astype(np.float32)


def ask(
    probabilities: npt.NDArray[np.float32],
    vectors: npt.NDArray[np.float32],
    *,
    reviewed: frozenset[int] = frozenset(),
    positives: tuple[int, ...] = (40, 40, 40),
    limit: int = 10,
) -> list[Proposal]:
    return next_to_review(
        probabilities, THRESHOLDS, vectors, reviewed=reviewed, positives=positives, names=NAMES, limit=limit
    )


def test_a_segment_of_a_rare_code_comes_before_one_of_a_common_code() -> None:
    """Rare codes would stay rare because nobody is shown their segments."""
    vectors = made(200)[1]
    probabilities = np.full((200, 3), 0.01, dtype=np.float32)
    probabilities[:20, 0] = 0.5
    probabilities[20:24, 2] = 0.5
    found = ask(probabilities, vectors, positives=(60, 60, 2), limit=3)
    assert {proposal.row for proposal in found} <= set(range(20, 24))
    assert {proposal.reason for proposal in found} == {"rare code Parking: near its known segments"}
    none_yet = ask(probabilities, vectors, positives=(60, 60, 0), limit=1)
    assert none_yet[0].reason == "rare code Parking: near its entry; no segment is known yet"


def test_reasons_name_the_codes_between_which_the_machine_wavers() -> None:
    vectors = made(50)[1]
    probabilities = np.full((50, 3), 0.01, dtype=np.float32)
    probabilities[7] = (0.45, 0.5, 0.01)
    probabilities[9] = (0.5, 0.02, 0.01)
    found = {proposal.row: proposal for proposal in ask(probabilities, vectors, limit=50)}
    assert found[7].reason == "the machine wavers between Staff and Transport" and found[7].codes == (1, 0)
    assert found[9].reason == "the machine is unsure of Transport" and found[9].codes == (0,)
    assert found[20].codes == () and "reviewed" in found[20].reason


def test_what_is_far_from_all_that_was_read_is_said_to_be() -> None:
    _, vectors = made(60)
    probabilities = np.full((60, 3), 0.05, dtype=np.float32)
    vectors[:40] = vectors[0]
    vectors[40] = -vectors[0]
    found = ask(probabilities, vectors, reviewed=frozenset(range(20)), limit=40)
    assert {p.row: p.reason for p in found}[40] == "unlike anything reviewed so far"


def test_a_batch_holds_no_two_of_a_kind_and_one_decision_covers_the_alike() -> None:
    """An analyst would read "Nothing." ten times in a row."""
    probabilities, vectors = made(300)
    vectors[100:160] = vectors[100]
    probabilities[100:160] = (0.5, 0.5, 0.5)
    found = ask(probabilities, vectors)
    rows = [proposal.row for proposal in found]
    likeness = vectors[rows] @ vectors[rows].T - 2 * np.eye(len(rows))
    assert likeness.max() < APART
    group = next(proposal for proposal in found if 100 <= proposal.row < 160)
    assert {group.row, *group.alike} == set(range(100, 160))


def test_alike_segments_that_were_read_are_not_covered_again() -> None:
    probabilities, vectors = made(100)
    vectors[:5] = vectors[0]
    probabilities[:5] = 0.5
    found = ask(probabilities, vectors, reviewed=frozenset({0, 1}), limit=98)
    group = next(proposal for proposal in found if proposal.row in {2, 3, 4})
    assert {group.row, *group.alike} == {2, 3, 4}


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 80), st.integers(0, 5), st.sets(st.integers(0, 79)))
def test_only_unread_segments_come_each_once_and_always_the_same(n: int, seed: int, read: set[int]) -> None:
    probabilities, vectors = made(n, seed)
    done = frozenset(row for row in read if row < n)
    found = ask(probabilities, vectors, reviewed=done, positives=(0, 3, 9))
    rows = [proposal.row for proposal in found]
    assert len(set(rows)) == len(rows) and not done & set(rows)
    assert bool(rows) == (len(done) < n)
    assert found == ask(probabilities, vectors, reviewed=done, positives=(0, 3, 9))


def test_the_order_of_rows_does_not_matter() -> None:
    probabilities, vectors = made(5000)
    order = np.random.default_rng(1).permutation(5000)
    straight = [proposal.row for proposal in ask(probabilities, vectors, reviewed=frozenset(range(30)))]
    place = np.argsort(order)
    moved = ask(probabilities[order], vectors[order], reviewed=frozenset(place[:30].tolist()))
    assert [int(order[proposal.row]) for proposal in moved] == straight


def test_without_codes_there_is_still_something_to_read() -> None:
    vectors = made(20)[1]
    found = next_to_review(
        np.zeros((20, 0), dtype=np.float32), np.zeros(0, dtype=np.float32), vectors, reviewed=(), positives=(), names=()
    )
    assert len(found) == 10 and all(not proposal.codes for proposal in found)


def test_stopping_hint_counts_the_last_readings_and_what_is_left() -> None:
    """Wilson's interval for 1 of 10: Newcombe (1998), Statistics in Medicine 17, method 3 (without continuity correction)."""
    probabilities = np.array([[0.9, 0.1, 0.0], [0.2, 0.5, 0.0], [1.0, 1.0, 1.0]], dtype=np.float32)
    hint = stopping_hint([True] * 5 + [False] * 9 + [True], probabilities, THRESHOLDS, reviewed={2}, last=10)
    assert (hint.looked, hint.changed) == (10, 1)
    assert (hint.low, hint.high) == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert hint.unread == pytest.approx(1.7) and hint.missed == pytest.approx(0.3)
    assert "1 of the last 10" in hint.sentence and "2 unread segments" in hint.sentence


def test_stopping_hint_before_anything_was_read_promises_nothing() -> None:
    hint = stopping_hint([], made(5)[0], THRESHOLDS, reviewed=())
    assert (hint.low, hint.high) == (0.0, 1.0) and hint.sentence.startswith("Nothing has been read yet.")
