"""The plane of segments by meaning."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fakes import HashEmbedder
from textcoder.themes import layout


def clouds(n: int = 60, seed: int = 0) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Texts of three meanings, far from each other, and which of them each has."""
    random = np.random.default_rng(seed)
    centres = np.eye(3, 24)
    groups = np.arange(n) % 3
    vectors = centres[groups] + random.normal(0, 0.05, (n, 24))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [f"text {i}" for i in range(n)], vectors.astype(np.float32), groups


def share_of_own(plane: np.ndarray, groups: np.ndarray) -> float:
    """Of the five nearest on the plane, the share that means the same."""
    distances = np.linalg.norm(plane[:, None] - plane[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1)[:, :5]
    return float((groups[near] == groups[:, None]).mean())


def test_what_means_the_same_lies_together() -> None:
    texts, vectors, groups = clouds()
    plane = layout.lay_out(texts, vectors, seed=1)
    assert plane.shape == (60, 2)
    assert np.abs(plane).max() <= 1
    assert share_of_own(plane, groups) > 0.95


def test_plane_is_the_same_whatever_the_order_and_the_threads() -> None:
    """Yesterday's picture in a report would not be today's."""
    texts, vectors, _ = clouds()
    plane = layout.lay_out(texts, vectors, seed=1)
    order = np.random.default_rng(5).permutation(60)
    again = layout.lay_out([texts[i] for i in order], vectors[order], seed=1)
    assert np.array_equal(again, plane[order])


def test_one_text_has_one_place() -> None:
    texts, vectors, _ = clouds()
    plane = layout.lay_out([*texts, texts[0]], np.vstack([vectors, vectors[:1]]), seed=1)
    assert plane[0].tolist() == plane[-1].tolist()


def test_texts_that_were_not_laid_out_lie_with_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large study most segments are placed by those that were."""
    monkeypatch.setattr(layout, "MOST_LAID_OUT", 60)
    texts, vectors, groups = clouds(180)
    plane = layout.lay_out(texts, vectors, seed=1)
    assert share_of_own(plane, groups) > 0.95


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7])
def test_a_handful_of_texts_has_a_plane_too(n: int) -> None:
    texts = [f"text {i}" for i in range(n)]
    plane = layout.lay_out(texts, HashEmbedder().embed(texts), seed=1)
    assert plane.shape == (n, 2)
    assert np.isfinite(plane).all()
    assert len({tuple(place) for place in plane.tolist()}) == n
