"""What the machine learns from decisions, and what it would have said of a segment without the decision on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.coder import Calibration, Known, MachineCoder
from textcoder.domain.codebook import Code
from textcoder.learner import Directions, Learned, Lessons, Numbers, by_odds, by_squares, learn

Vectors = npt.NDArray[np.float32]


def project(k: int = 5, d: int = 24, m: int = 40, n: int = 200, seed: int = 0) -> tuple[Numbers, Lessons, Directions]:
    """Noisy entries of k codes; n segments, each of one code, of which somebody decided about the first m: some read as a whole, in
    some one code rejected, in some only the right code accepted."""
    draws = np.random.default_rng(seed)
    centres = draws.normal(size=(k, d))
    owner = draws.integers(k, size=n)
    vectors = unit(centres[owner] + draws.normal(size=(n, d)))
    mean = vectors.mean(axis=0)
    rows = (vectors - mean) / np.sqrt(1 - mean @ mean)
    yes = owner[:m] == np.arange(k)[:, None]
    no = ~yes & (draws.random((k, m)) < 0.1)
    lessons = Lessons(rows[:m], yes, no, yes | no | (draws.random(m) < 0.7))
    return unit(centres + 2 * draws.normal(size=(k, d))), lessons, Directions.widest(rows)


def unit(rows: Numbers) -> Numbers:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def only(lessons: Lessons, kept: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Lessons:
    return Lessons(lessons.rows[kept], lessons.yes[:, kept], lessons.no[:, kept], lessons.said[:, kept])


def scores(learned: Learned, rows: Numbers) -> Numbers:
    return np.asarray(learned.weights @ rows.T + learned.level[:, None])


def same(one: Learned, other: Learned) -> bool:
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in Learned.__slots__)


def test_undone_decisions_leave_no_trace() -> None:
    """An undo would bring back nearly the machine of before: the same project, opened twice, would answer differently."""
    entries, lessons, directions = project()
    fewer = only(lessons, np.arange(30))
    before = learn(entries, fewer, directions)
    learn(entries, lessons, directions)
    assert same(learn(entries, fewer, directions), before)


def test_without_decisions_the_entry_speaks_alone() -> None:
    entries, lessons, directions = project()
    learned = learn(entries, only(lessons, np.arange(0)), directions)
    assert np.array_equal(learned.weights, entries)
    assert not learned.level.any() and not learned.told.any() and learned.unseen.shape == (5, 0)


def test_a_code_of_which_nobody_said_anything_keeps_its_entry() -> None:
    """Whoever works on one code would change others that she never looked at."""
    entries, lessons, directions = project()
    own = np.arange(5)[:, None] == 2
    apart = replace(lessons, yes=lessons.yes & own, no=lessons.no & own, said=lessons.said & own)
    learned = by_odds(entries, apart, directions)
    others = [0, 1, 3, 4]
    assert np.array_equal(learned.weights[others], entries[others]) and not learned.level[others].any()
    assert np.abs(learned.weights[2] - entries[2]).max() > 0.05


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    entries, lessons, directions = project(seed=seed)
    order = np.random.default_rng(seed).permutation(40)
    straight, moved = learn(entries, lessons, directions), learn(entries, only(lessons, order), directions)
    for part in ("weights", "level", "told"):
        assert np.allclose(getattr(moved, part), getattr(straight, part), rtol=0, atol=1e-5)
    assert np.allclose(moved.unseen, straight.unseen[:, order], rtol=0, atol=1e-5)


@pytest.mark.parametrize("m", [6, 40])
def test_least_squares_knows_exactly_what_it_would_have_said_without_a_segment(m: int) -> None:
    """The curve would be learned from answers that know the truth, and every probability be too high."""
    entries, lessons, _ = project(m=m)
    unseen = by_squares(entries, lessons).unseen
    for i in range(m):
        rest = by_squares(entries, only(lessons, np.arange(m) != i))
        # It makes up for rare codes by how often each was accepted, this segment included.
        ratio = louder(lessons) / louder(only(lessons, np.arange(m) != i))
        assert unseen[:, i] == pytest.approx(ratio * scores(rest, lessons.rows[[i]])[:, 0], abs=1e-9)


def louder(lessons: Lessons) -> Numbers:
    accepted = lessons.yes.sum(axis=1)
    return np.asarray(np.sqrt((accepted.max() + 3) / (accepted + 3)))


@pytest.mark.parametrize(("m", "d"), [(10, 24), (40, 24), (12, 300)])
def test_logistic_regression_nearly_knows_what_it_would_have_said_without_a_segment(m: int, d: int) -> None:
    """The same; here it is a first-order answer, far nearer to the truth than the score that has seen the decision."""
    entries, lessons, directions = project(m=m, d=d, seed=1)
    learned = by_odds(entries, lessons, directions)
    without = [by_odds(entries, only(lessons, np.arange(m) != i), directions) for i in range(m)]
    real = np.array([scores(rest, row[None])[:, 0] for rest, row in zip(without, lessons.rows, strict=True)]).T
    off = np.abs(learned.unseen - real)[lessons.said]
    seen = np.abs(scores(learned, lessons.rows) - real)[lessons.said]
    assert off.max() < 0.05 and off.mean() < 0.005 and off.mean() < seen.mean() / 4
    assert np.corrcoef(learned.unseen[lessons.said], real[lessons.said])[0, 1] > 0.99


def test_nothing_said_of_a_segment_leaves_its_score_as_it_is() -> None:
    entries, lessons, directions = project()
    learned = by_odds(entries, lessons, directions)
    silent = ~lessons.said
    assert silent.any()
    assert learned.unseen[silent] == pytest.approx(scores(learned, lessons.rows)[silent], abs=1e-12)


def test_a_rejection_teaches_more_than_leaving_uncoded() -> None:
    """A person who took the trouble to say no would be heard as little as one who read on."""
    entries, lessons, directions = project(m=1)
    code, nothing = int((entries @ lessons.rows[0]).argmax()), np.zeros((5, 1), dtype=bool)
    row = np.arange(5)[:, None] == code

    def said(*, no: bool, read: bool) -> float:
        given = replace(lessons, yes=nothing, no=row & no, said=row & (no or read))
        return float(scores(learn(entries, given, directions), lessons.rows)[code, 0])

    assert said(no=True, read=False) < said(no=False, read=True) - 0.05 < said(no=False, read=False) - 0.1


def test_an_acceptance_raises_where_it_was_made_and_is_told_of() -> None:
    """Reasons would say "resembles an accepted segment" of what resembles none."""
    entries, lessons, directions = project(m=1)
    none = np.zeros((5, 1), dtype=bool)
    accepted = replace(lessons, yes=np.arange(5)[:, None] == 1, no=none, said=np.ones((5, 1), dtype=bool))
    learned = learn(entries, accepted, directions)
    gained = (scores(learned, lessons.rows) - entries @ lessons.rows.T)[:, 0]
    assert gained[1] > 0.1 and learned.told[1] @ lessons.rows[0] > 0.1
    assert (np.delete(gained, 1) < gained[1] - 0.1).all() and not np.delete(learned.told, 1, axis=0).any()


@pytest.mark.parametrize("m", [100, 2000])
def test_a_code_that_nobody_has_given_yet_does_not_sink_however_much_is_read(m: int) -> None:
    """Its first acceptance would come too late: it would never be suggested again."""
    entries, lessons, directions = project(m=m, n=m)
    yes = lessons.yes.copy()
    yes[0] = False
    read = Lessons(lessons.rows, yes, np.zeros_like(yes), np.ones_like(yes))
    learned = learn(entries, read, directions)
    assert learned.level[0] < 0
    assert scores(learned, read.rows)[0].min() > -1 and learned.unseen[0].min() > -1


@pytest.mark.parametrize(
    ("k", "d", "m", "n"), [(1, 24, 5, 50), (5, 300, 5, 20), (5, 3, 40, 40), (0, 24, 5, 50), (60, 24, 3, 10)]
)
def test_every_shape_of_a_project_is_learned_from(k: int, d: int, m: int, n: int) -> None:
    """One code, no code, more numbers than segments, more codes than segments."""
    entries, lessons, directions = project(k=max(k, 1), d=d, m=m, n=n)
    lessons = Lessons(lessons.rows, lessons.yes[:k], lessons.no[:k], lessons.said[:k])
    learned = learn(entries[:k], lessons, directions)
    assert learned.weights.shape == (k, d) and learned.unseen.shape == (k, m)
    assert all(np.isfinite(getattr(learned, part)).all() for part in Learned.__slots__)


@pytest.mark.parametrize("vectors", [np.zeros((4, 8)), np.tile(np.eye(8)[0], (4, 1)), np.eye(8)[:1], np.eye(8)[:0]])
def test_a_project_that_says_one_thing_or_nothing_is_coded(vectors: Numbers) -> None:
    """Four lines of "yes" would stop the machine."""
    coder = MachineCoder(lambda texts: np.eye(8, dtype=np.float32)[[int(t) for t in texts]], Calibration.shipped())
    known = Known({"0": frozenset(range(min(1, len(vectors))))}, {}, frozenset(range(len(vectors))))
    coder.fit([Code(id="0", name="0", lens="none"), Code(id="1", name="1", lens="none")], as_read(vectors), known)
    assert coder.probabilities_.shape == (len(vectors), 2) and np.isfinite(coder.probabilities_).all()
    assert (coder.probabilities_[:1, 0] > 0.99).all()


def as_read(rows: Numbers) -> Vectors:
    return rows.astype(np.float32)


class Told(MachineCoder):
    """A machine whose scores can be given, so that its curve is seen alone."""

    given: Vectors | None = None

    def scores(self, vectors: Vectors, manner: Vectors) -> Vectors:
        return super().scores(vectors, manner) if self.given is None else self.given.copy()


def contrary(k: int, seed: int, times: int) -> Told:
    """A machine of k codes that were accepted where their entries say least, and rejected where they say most."""
    draws = np.random.default_rng(seed)
    vectors = as_read(unit(draws.normal(size=(120, 32))))
    entries = as_read(unit(draws.normal(size=(k, 32))))
    order = np.argsort(vectors @ entries.T, axis=0)
    yes = {str(j): frozenset(order[:times, j].tolist()) for j in range(k)}
    no = {str(j): frozenset(order[-times:, j].tolist()) for j in range(k)}
    coder = Told(lambda texts: entries[[int(text) for text in texts]], Calibration.shipped())
    codes = [Code(id=str(j), name=str(j), lens="none", parent="0" if j == 1 else None) for j in range(k)]
    coder.fit(codes, vectors, Known(yes, no, frozenset(draws.integers(120, size=30).tolist())))
    return coder


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 8), st.integers(0, 2**32 - 1), st.sampled_from([1, 4, 20]))
def test_a_higher_score_never_makes_a_code_less_likely(k: int, seed: int, times: int) -> None:
    """However odd the first decisions, a better definition must not lower what it describes."""
    coder = contrary(k, seed, times)
    draws = np.random.default_rng(seed)
    before = as_read(draws.uniform(-0.5, 0.8, (k, 50)))
    for j in range(k):
        after = before.copy()
        after[j] += as_read(draws.uniform(0.05, 0.5, 50))
        coder.given = before
        low = coder.predict_proba(np.zeros((50, 32), dtype=np.float32))[:, j].copy()
        coder.given = after
        high = coder.predict_proba(np.zeros((50, 32), dtype=np.float32))[:, j]
        assert (high >= low).all()
        assert (
            high > low
        ).all() or j == 0  # a code above another is at least as likely as that one, whatever its own score
