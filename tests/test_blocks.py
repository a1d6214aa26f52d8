"""Topic blocks: where talk turns to something else, and nowhere twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import survey, transcript
from textcoder import blocks
from textcoder.blocks import Block, Formulas, Said, find_blocks
from textcoder.domain.transcript import Segment, Transcript

SILENT = Formulas(np.zeros((10, 8), dtype=np.float32), np.zeros((5, 8), dtype=np.float32))
"""Formulas that nothing is like."""
SENTENCE = "The {} was what we talked about for most of that long afternoon in the kitchen."


def vectors(directions: Sequence[int], *, spread: float = 0.3, seed: int = 4) -> np.ndarray:
    """A unit row about each direction."""
    rows = np.eye(8)[list(directions)] + spread * np.random.default_rng(seed).standard_normal((len(directions), 8))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def talk(topics: Sequence[int], *, asked_at: Sequence[int] | None = None) -> tuple[Transcript, Said]:
    """A turn for each topic number; with `asked_at`, these turns are an interviewer's and the others a participant's."""
    speakers = [
        ("Hanna" if i in asked_at else "Mira") if asked_at is not None else f"S{i % 3}" for i in range(len(topics))
    ]
    source = transcript("talk.txt", *((who, SENTENCE.format(f"word{i}")) for i, who in enumerate(speakers)))
    units = [Segment.of(source.id, i, turn.start, turn.end) for i, turn in enumerate(source.turns)]
    return source, Said(units, vectors(topics))


def test_a_boundary_stands_where_the_talk_turns_to_something_else() -> None:
    """A reader who jumps to a topic must land where it begins."""
    source, said = talk([0] * 20 + [1] * 15 + [2] * 25)
    assert find_blocks(source, said, SILENT) == (Block(0, 20), Block(20, 35), Block(35, 60))


def test_talk_about_one_thing_is_one_block() -> None:
    """Boundaries that chance draws would send the reader astray."""
    source, said = talk([0] * 40)
    assert find_blocks(source, said, SILENT) == (Block(0, 40),)


def test_in_an_interview_a_block_begins_with_a_question() -> None:
    """A block that begins with the answer hides what was asked."""
    asked = range(0, 60, 4)
    source, said = talk([0] * 22 + [1] * 38, asked_at=asked)
    found = find_blocks(source, said, SILENT)
    assert len(found) > 1 and all(block.start in asked for block in found)
    assert any(abs(block.start - 22) <= 2 for block in found)


def test_words_that_open_a_topic_draw_the_boundary() -> None:
    """Where meaning leaves some turns to choose from, people's own way of opening a topic decides."""
    source, said = talk([0] * 20 + [1] * 20)
    opened = transcript(
        "talk.txt",
        *(
            (turn.speaker, ("Okay, so " if i == 21 else "") + source.text[turn.start : turn.end])
            for i, turn in enumerate(source.turns)
        ),
    )
    units = [Segment.of(opened.id, i, turn.start, turn.end) for i, turn in enumerate(opened.turns)]
    unclear = said.vectors.copy()
    unclear[20] = unclear[19]  # the first turn that could begin the second block belongs to the first
    assert [block.start for block in find_blocks(opened, Said(units, unclear), SILENT)] == [0, 21]


def test_what_sounds_like_an_end_closes_a_block() -> None:
    """The thanks after a presentation say more than its words."""
    source, said = talk([0] * 40)
    held = said.vectors.copy()
    held[19] = np.eye(8)[7]
    closing = Formulas(SILENT.openings, np.repeat(np.eye(8, dtype=np.float32)[[7]], 5, axis=0))
    assert find_blocks(source, Said(said.units, held), SILENT, price=9) != find_blocks(
        source, Said(said.units, held), closing, price=9
    )
    starts = [block.start for block in find_blocks(source, Said(said.units, held), closing, price=9)]
    assert any(20 <= start <= 23 for start in starts)


def test_a_survey_has_no_blocks() -> None:
    """Answers of one person after the other are no conversation."""
    source = survey("answers.csv", ["The form is long.", "Nobody answers."])
    assert find_blocks(source, Said([], np.zeros((0, 8), dtype=np.float32)), SILENT) == ()


def test_talk_without_a_vector_is_one_block() -> None:
    """Nothing is known of what it is about."""
    source, _ = talk([0] * 5)
    assert find_blocks(source, Said([], np.zeros((0, 8), dtype=np.float32)), SILENT) == (Block(0, 5),)


def test_vectors_of_other_units_are_refused() -> None:
    """Rows one off would put every boundary in a wrong place."""
    _, said = talk([0] * 5)
    with pytest.raises(ValueError, match="4 vectors for 5 units"):
        Said(said.units, said.vectors[:4])


@given(st.lists(st.integers(0, 7), min_size=1, max_size=80), st.booleans(), st.floats(2, 30))
def test_every_turn_is_in_just_one_block(topics: list[int], asked: bool, price: float) -> None:
    """A turn in no block could not be found from the outline; and the same talk must have the same outline."""
    source, said = talk(topics, asked_at=range(0, len(topics), 3) if asked else None)
    found = find_blocks(source, said, SILENT, price=price)
    assert found[0].start == 0 and found[-1].end == len(topics)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(block.start < block.end for block in found)
    assert find_blocks(source, said, SILENT, price=price) == found


def test_a_talk_of_very_many_turns_keeps_its_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of talk must neither take all memory nor lose a clear change of topic."""
    monkeypatch.setattr(blocks, "MOST_PLACES", 100)
    source, said = talk([0] * 400 + [1] * 300)
    starts = [block.start for block in find_blocks(source, said, SILENT)]
    assert len(starts) == 2 and abs(starts[1] - 400) <= 7  # one place of each stretch of seven turns
