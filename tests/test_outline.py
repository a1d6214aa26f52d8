"""The outline of a transcript: topic blocks of a project, with names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.builders import segments_of, survey, transcript
from tests.fakes import HashEmbedder, MemoryStore
from textcoder.domain.transcript import Outcome, Role, SourceFile, Transcript
from textcoder.settings import Settings
from textcoder.workflow import LiveProject
from textcoder.workflow.blocks import outline_of, telling_words

TOPICS = ("garden", "bus")
QUESTION = {"garden": "What do you grow?", "bus": "And how did you travel to the office there?"}
SAID = {
    "garden": "I grew beans in the garden, and the beans in my garden came up.",
    "bus": "The bus went once an hour, and the bus was late when it rained.",
}
TALK = transcript(
    "mira.txt",
    *(
        turn
        for topic in TOPICS
        for i in range(8)
        for turn in (("Hanna", f"{QUESTION[topic]} {i}"), ("Mira", f"{SAID[topic]} {i}"))
    ),
)


class ByTopic(HashEmbedder):
    """Knows two topics, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def embed(self, texts):  # type: ignore[no-untyped-def]  # as in HashEmbedder
        self.asked += texts
        rows = super().embed(texts) * 0.3
        for row, text in zip(rows, texts, strict=True):
            for place, topic in enumerate(TOPICS):
                row[place] += topic in text or QUESTION[topic] in text
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def opened(source: Transcript, *, coded: bool = True) -> LiveProject:
    """A project of one transcript."""
    store = MemoryStore()
    file = SourceFile(source.name, source.sha256, Outcome.READ, transcript=source.id)
    store.add_transcript(source, segments_of(source), file=file, original=b"")
    live = LiveProject(store, Settings(), embedder=ByTopic())
    if coded:
        _ = live.vectors
    return live


def test_blocks_begin_with_their_question_and_are_called_by_their_words() -> None:
    """Somebody who looks for the bus must find where it was asked about."""
    live = opened(TALK)
    first, second = outline_of(live, TALK, live.embedder).blocks(live.embedder)
    assert TALK.text[second.start :].startswith("And how did you travel")
    assert (first.first, first.last, second.first, second.last) == (0, 15, 16, 31)
    assert (first.start, second.end) == (TALK.turns[0].start, TALK.turns[-1].end)
    assert "beans" in first.name and "bus" in " ".join(second.name)
    assert not set(first.name) & set(second.name)


def test_what_is_found_is_kept_while_the_project_is_open() -> None:
    """Every page that is opened must not wait for the encoder again."""
    live = opened(TALK)
    embedder = live.embedder
    assert isinstance(embedder, ByTopic)
    found = outline_of(live, TALK, embedder).blocks(embedder)
    asked = len(embedder.asked)
    assert outline_of(live, TALK, embedder).blocks(embedder) is found
    assert len(embedder.asked) == asked


def test_only_words_without_a_vector_are_embedded() -> None:
    """Questions are no segments; the study itself was embedded when it was coded."""
    live = opened(TALK)
    embedder = live.embedder
    assert isinstance(embedder, ByTopic)
    embedder.asked.clear()
    outline_of(live, TALK, embedder).blocks(embedder)
    assert not any("beans" in text for text in embedder.asked)
    assert f"{QUESTION['bus']} 3" in embedder.asked and "Shall we start?" in embedder.asked


def test_to_read_never_starts_to_embed_a_study() -> None:
    """A page that is opened before the run would else work for minutes; and after the run it must have its outline."""
    live = opened(TALK, coded=False)
    embedder = live.embedder
    assert isinstance(embedder, ByTopic)
    assert outline_of(live, TALK, embedder).blocks(embedder) == ()
    assert embedder.asked == []
    _ = live.vectors
    assert len(outline_of(live, TALK, embedder).blocks(embedder)) == 2


def test_a_transcript_that_is_read_otherwise_has_another_outline() -> None:
    """Whoever turns out to ask moves the places where a topic can begin."""
    live = opened(TALK)
    first = outline_of(live, TALK, live.embedder)
    other = TALK.with_roles({"Hanna": Role.PARTICIPANT})
    assert outline_of(live, other, live.embedder) is not first
    assert outline_of(live, replace(TALK), live.embedder) is not first  # the other one is kept by now


def test_a_survey_has_no_outline() -> None:
    """Answers of one person after the other are no conversation."""
    answers = survey("answers.csv", [f"{SAID['bus']} {i}" for i in range(6)])
    live = opened(answers)
    assert outline_of(live, answers, live.embedder).blocks(live.embedder) == ()


def test_telling_words_are_those_that_the_others_do_not_say() -> None:
    """c-TF-IDF by hand: "form" is said three times in each, so that its weight is 3 log(1 + 5.5 / 6) = 1.95; "tea" four times in one
    alone, 4 log(1 + 5.5 / 4) = 3.46. What is said once names nothing.
    """
    tea = ["tea", "teas", "tea", "tea", "form", "form", "form"]
    assert telling_words([tea, ["form", "forms", "form", "rain"]]) == [("tea", "form"), ("form",)]


def test_a_pair_of_words_stands_for_both() -> None:
    """Joint meeting, joint and meeting would be one thing three times."""
    said = ["joint", "meeting", "joint_meeting"] * 3
    assert telling_words([said, ["bus", "bus"]]) == [("joint meeting",), ("bus",)]


def test_words_of_nothing_are_none() -> None:
    assert telling_words([]) == []
    assert telling_words([[]]) == [()]
