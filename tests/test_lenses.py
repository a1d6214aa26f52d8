"""How a lens placement comes about: from nothing but the text, with a probability, or honestly not at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.embeddings.minilm import OnnxEmbedder
from textcoder.lenses import LENSES, LensHead, in_context, place_segments, probabilities
from textcoder.registry import find_model
from textcoder.settings import DEFAULT_ENCODER, Settings


@pytest.fixture(scope="module")
def encoder() -> OnnxEmbedder:
    return OnnxEmbedder(find_model(DEFAULT_ENCODER))


@pytest.fixture(scope="module")
def head() -> LensHead:
    return LensHead.shipped()


@pytest.mark.parametrize(
    ("text", "lens"),
    [
        ("The joint meetings really help, everyone hears the same thing.", "what_works"),
        ("No complaints at all about the new handover sheet.", "what_works"),
        ("Nobody answers the phone and I have to tell my story again.", "barriers"),
        ("We would need more staff, there is never enough time.", "barriers"),
        ("We used to write letters to each other, and now at least they call us first.", "signs_of_progress"),
        ("I went outside twice this week, for the first time in months.", "signs_of_progress"),
        ("The office is on the second floor, next to the library.", "none"),
        ("I have been a social worker for twelve years.", "none"),
    ],
)
def test_plain_sentences_are_seen_as_a_reader_sees_them(
    encoder: OnnxEmbedder, head: LensHead, text: str, lens: str
) -> None:
    """The head would be broken: these are sentences that no reader doubts."""
    _, readings = encoder.embed_and_read([text], head)
    assert LENSES[int(readings[0].argmax())] == lens


def test_identical_text_is_read_identically_whatever_stands_beside_it(encoder: OnnxEmbedder, head: LensHead) -> None:
    """The same words would be a help in one file and a hindrance in the next."""
    texts = ["It takes too long.", "Ana helps.", "It takes too long. " * 90]
    _, together = encoder.embed_and_read(texts, head)
    _, alone = encoder.embed_and_read(texts[:1], head)
    _, on_one_thread = OnnxEmbedder(find_model(DEFAULT_ENCODER), threads=1).embed_and_read(texts[::-1], head)
    assert together[0].tobytes() == alone[0].tobytes()
    assert together.tobytes() == on_one_thread[::-1].tobytes()


def test_neighbours_of_the_same_turn_lend_a_share_of_what_they_say() -> None:
    """ "They saw me twice. That was a relief." is one answer: the first sentence alone says nothing."""
    says_nothing, helps = [0.3, 0, 0, 0.6], [4.0, 0, 0, 0]
    found = in_context(np.array([says_nothing, helps, helps, says_nothing], dtype=np.float32), ["a", "a", "a", "a"])
    assert [LENSES[i] for i in found.argmax(axis=1)] == ["what_works"] * 4
    assert found[0].tolist() == found[3].tolist()  # before or after is the same


@given(st.integers(0, 10_000), st.lists(st.sampled_from("ab"), min_size=1, max_size=6))
def test_what_somebody_else_says_does_not_count_and_a_lone_sentence_stays_as_it_is(seed: int, turns: list[str]) -> None:
    """An interviewer's answer, or another person's, would move what was said."""
    readings = np.random.default_rng(seed).normal(size=(len(turns), 4), scale=3).astype(np.float32)
    found = in_context(readings, turns)
    for i, turn in enumerate(turns):
        own = {j for j in (i - 1, i, i + 1) if 0 <= j < len(turns) and turns[j] == turn}
        others = np.where(np.isin(np.arange(len(turns)), [*own])[:, None], readings, 0.0).astype(np.float32)
        np.testing.assert_array_equal(in_context(others, turns)[i], found[i])
        if own == {i}:
            np.testing.assert_allclose(probabilities(found[i : i + 1]), probabilities(readings[i : i + 1]), rtol=1e-5)


def test_probabilities_sum_to_one_for_any_reading() -> None:
    """Very sure readings would overflow to nan."""
    found = probabilities(np.array([[900, -900, 0, 0], [0, 0, 0, 0]], dtype=np.float32))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found[0, 0] == 1


def test_the_machine_abstains_below_the_threshold() -> None:
    """A guess would be counted like a finding."""
    sure, unsure = place_segments(
        ["a", "b"], np.array([[3, 0, 0, 0], [0.1, 0, 0, 0]], dtype=np.float32), threshold=Settings().lens_threshold
    )
    assert (sure.lens, sure.abstained) == ("what_works", False)
    assert (unsure.segment, unsure.abstained) == ("b", True)


def test_every_segment_needs_its_reading() -> None:
    """Placements would slip by one and stand beside other people's words."""
    with pytest.raises(ValueError, match="zip"):
        place_segments(["a", "b"], np.zeros((1, 4), dtype=np.float32), threshold=0.4)


def test_no_segments_no_placements() -> None:
    """An empty study would end in a traceback."""
    assert place_segments([], np.zeros((0, 4), dtype=np.float32), threshold=0.4) == []
