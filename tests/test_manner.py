"""How a text is said: read beside the lenses in one pass, and what it adds to the coder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.fakes import HashEmbedder
from textcoder.coder import Calibration, Known, MachineCoder
from textcoder.domain.codebook import Code
from textcoder.embeddings import SideBySide
from textcoder.embeddings.minilm import OnnxEmbedder
from textcoder.lenses import LensHead
from textcoder.manner import Manner
from textcoder.registry import find_model
from textcoder.settings import DEFAULT_ENCODER, Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject

PLANS = [
    "I will ask the nurse about the form.",
    "Next week I am going to call the office.",
    "We shall go to the meeting together.",
]
DONE = ["I asked the nurse about the form.", "Last week I called the office.", "We went to the meeting together."]


@pytest.fixture(scope="module")
def encoder() -> OnnxEmbedder:
    return OnnxEmbedder(find_model(DEFAULT_ENCODER))


def test_readers_beside_each_other_read_what_each_reads_alone(encoder: OnnxEmbedder) -> None:
    """A study's lenses would change with what else is read in the same pass."""
    head, manner = LensHead.shipped(), Manner.shipped()
    vectors, both = encoder.embed_and_read(PLANS, SideBySide(head, manner))
    for reader, values in ((head, both[:, : head.n_values]), (manner, both[:, head.n_values :])):
        of_one, alone = encoder.embed_and_read(PLANS, reader)
        assert values.tobytes() == alone.tobytes()
        assert vectors.tobytes() == of_one.tobytes()


def test_it_is_nearer_to_how_a_thing_is_said_than_the_vector_is(encoder: OnnxEmbedder) -> None:
    """Codes that are ways of speaking, such as a plan or a memory, would stay as hard to learn as from the vectors alone."""
    vectors, manner = encoder.embed_and_read([*PLANS, *DONE], Manner.shipped())

    def lead(rows: np.ndarray) -> float:
        """How much nearer, in usual distances, plans are to plans than to the same things done."""
        apart = np.linalg.norm(rows[:, None] - rows[None, :], axis=2)
        same = np.arange(6)[:, None] // 3 == np.arange(6)[None, :] // 3
        return float((apart[~same].mean() - apart[same & (apart > 0)].mean()) / apart[apart > 0].mean())

    assert lead(manner) > lead(vectors)


def test_what_only_the_manner_tells_apart_is_learned_from_examples_and_nothing_is_said_of_it_before() -> None:
    """Of "plan" and "memory" about the same office the coder would never see which is which."""
    draws = np.random.default_rng(3)
    vectors = draws.normal(size=(200, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    planned = draws.random(200) < 0.5
    manner = (draws.normal(size=(200, 4)) + 3.0 * planned[:, None]).astype(np.float32)
    codes = [Code("plan", "plan"), Code("memory", "memory")]
    coder = MachineCoder(HashEmbedder(n_dims=16).embed, Calibration.shipped()).fit(codes, vectors, manner=manner)
    plain = MachineCoder(HashEmbedder(n_dims=16).embed, Calibration.shipped()).fit(codes, vectors)
    np.testing.assert_allclose(coder.probabilities_, plain.probabilities_, atol=1e-6)
    read = range(60)
    yes = {"plan": frozenset(i for i in read if planned[i]), "memory": frozenset(i for i in read if not planned[i])}
    coder.update(Known(yes, {}, frozenset(read)))
    right = (coder.probabilities_[60:, 0] > coder.probabilities_[60:, 1]) == planned[60:]
    assert right.mean() > 0.9
    unseen = coder.predict_proba(vectors[60:], manner[60:])
    np.testing.assert_allclose(unseen, coder.probabilities_[60:], atol=1e-6)


def test_the_scale_of_the_manner_does_not_matter() -> None:
    """Another file of directions would count more or less than was judged."""
    draws = np.random.default_rng(5)
    vectors, manner = draws.normal(size=(80, 16)).astype(np.float32), draws.normal(size=(80, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    known = Known({"a": frozenset(range(5)), "b": frozenset(range(5, 12))}, {}, frozenset(range(20)))
    one, other = (
        MachineCoder(HashEmbedder(n_dims=16).embed, Calibration.shipped()).fit(
            [Code("a", "a"), Code("b", "b")], vectors, known, manner=rows
        )
        for rows in (manner, 100 * manner - 7)
    )
    np.testing.assert_allclose(one.probabilities_, other.probabilities_, atol=1e-3)


def test_a_project_reads_it_where_it_is_not_kept_yet_and_never_beside_an_encoder_of_the_callers(tmp_path: Path) -> None:
    """A study coded by an earlier version would learn without it, or not open at all."""
    store = open_store(sqlite_url(tmp_path / "study.db"))
    live = LiveProject(store, Settings())
    assert live.manner.shape == (0, Manner.shipped().n_values)
    assert LiveProject(store, Settings(), embedder=HashEmbedder(n_dims=16)).manner is None
    store.close()
