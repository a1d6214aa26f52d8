"""Candidate themes: what discovery promises to a researcher, on a made study whose themes are plain to see."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import textcoder.themes
from textcoder.domain.theme import ThemeMap
from textcoder.errors import UnknownItem
from textcoder.themes import ThemeInput, discover_themes

TOPICS = {
    "meetings": ("joint meeting", "table", "agencies", "agenda", "round", "chair"),
    "waiting": ("waiting list", "decision", "queue", "months", "letter", "appeal"),
    "bus": ("bus", "valley", "timetable", "ticket", "driver", "stop sign"),
    "breakfast": ("breakfast", "bread", "toaster", "coffee", "butter", "jam"),
}
TALK = (
    "and I mean",
    "you know",
    "well",
    "they said to me that",
    "in the end",
    "so it was",
    "we had",
    "for us",
    "still",
)


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A tiny encoder: each word has a direction of its own, function words a short one; a text is the sum, at length 1."""
    rows = np.zeros((len(texts), 64), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in text.lower().replace(",", "").replace(".", "").split():
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
            row += np.random.default_rng(seed).normal(size=64) * (
                0.25 if any(word in t.lower().split() for t in TALK) else 1
            )
            row += 2 * next(
                (_direction(t) for t, words in TOPICS.items() if word in " ".join(words).split()), np.zeros(64)
            )
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _direction(topic: str) -> npt.NDArray[np.float64]:
    return np.random.default_rng(sorted(TOPICS).index(topic)).normal(size=64)


def made_study(per_topic: int = 20, lenses: Sequence[str] = ("what_works", "barriers")) -> list[ThemeInput]:
    """Segments about four topics under each lens, told by five people."""
    draws = random.Random(5)
    return [
        ThemeInput(f"{lens}-{topic}-{i}", _sentence(draws, words), f"P{i % 5}", lens)
        for lens in lenses
        for topic, words in TOPICS.items()
        for i in range(per_topic)
    ]


def _sentence(draws: random.Random, words: Sequence[str]) -> str:
    said = [f"{draws.choice(TALK)} the {word}" for word in draws.sample(words, 4)]
    return f"{', '.join(said)}, {draws.choice(TALK)} {draws.choice(words)}."


def discover(inputs: Sequence[ThemeInput], **options: object) -> ThemeMap:
    given_options = {"lenses": ["what_works", "barriers"], "seed": 1, "embed": embed, **options}
    return discover_themes(inputs, embed([i.text for i in inputs]), **given_options)  # type: ignore[arg-type]


STUDY = made_study()
FOUND = discover(STUDY)
BY_ID = {given.segment: given for given in STUDY}


def topic_of(segment: str) -> str:
    return segment.split("-")[1]


def test_themes_never_mix_lenses() -> None:
    """Else trust as a help and trust as a hindrance would be counted as one."""
    for theme in FOUND.themes:
        assert {BY_ID[segment].lens for segment in theme.segments} == {theme.lens}


def test_the_system_finds_the_themes_and_their_number() -> None:
    """Else a researcher would get a catch-all, or thirty splinters."""
    for lens in ("what_works", "barriers"):
        themes = [theme for theme in FOUND.themes if theme.lens == lens]
        assert len(themes) == len(TOPICS)
        assert all(len({topic_of(segment) for segment in theme.segments}) == 1 for theme in themes)


def test_every_segment_is_in_one_theme_or_said_to_be_in_none() -> None:
    """Else what someone said would be lost without a word."""
    placed = [segment for theme in FOUND.themes for segment in theme.segments] + [u.segment for u in FOUND.unassigned]
    assert sorted(placed) == sorted(BY_ID)
    assert len(FOUND.unassigned) <= len(STUDY) / 10


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_segments_changes_nothing(shuffle: random.Random) -> None:
    """Else sorting the files of a folder in another way would give other findings."""
    shuffled = list(STUDY)
    shuffle.shuffle(shuffled)
    assert discover(shuffled) == FOUND


def test_the_number_of_threads_changes_nothing() -> None:
    """Else a colleague's machine would find other themes."""
    program = (
        "import json; from dataclasses import asdict; from tests.performance.themes import made_study;"
        "import textcoder.themes; from textcoder.themes import ThemeInput, discover_themes; textcoder.themes.MOST_LEARNT = 600;"
        "texts, vectors, _ = made_study(800);"
        "inputs = [ThemeInput(str(i), t, '', 'none') for i, t in enumerate(texts)];"
        "print(json.dumps(asdict(discover_themes(inputs, vectors, lenses=[], seed=1))))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads in ("1", "2")
    ]
    one, two = (process.communicate()[0] for process in processes)
    assert json.loads(one)["themes"]
    assert one == two


def test_very_many_segments_are_placed_under_themes_learnt_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else twenty thousand comments would take minutes, or most of them be left out."""
    monkeypatch.setattr(textcoder.themes, "MOST_LEARNT", 50)
    found = discover(STUDY)
    assert len(found.themes) == 2 * len(TOPICS)
    assert all(len({topic_of(segment) for segment in theme.segments}) == 1 for theme in found.themes)
    assert sum(len(theme.segments) for theme in found.themes) + len(found.unassigned) == len(STUDY)
    assert len(found.unassigned) < len(STUDY) / 5


def test_another_seed_gives_the_same_themes_here() -> None:
    """Else the seed, and not what people said, would make the themes; it only draws the resamples."""
    other = discover(STUDY, seed=7)
    assert [asdict(t) | {"stability": 0} for t in other.themes] == [asdict(t) | {"stability": 0} for t in FOUND.themes]


def test_identical_text_gets_the_identical_theme() -> None:
    """Else the same sentence of two people would count under two themes (a known flaw of others)."""
    twice = [*STUDY, *(ThemeInput(f"{g.segment}-again", g.text, "P9", g.lens) for g in STUDY[::3])]
    theme_of = {segment: theme.id for theme in discover(twice).themes for segment in theme.segments}
    assert all(theme_of.get(g.segment) == theme_of.get(f"{g.segment}-again") for g in STUDY[::3])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 11, 13])
def test_very_small_studies_get_few_themes_and_no_error(count: int) -> None:
    """Else the first two interviews of a study could not be looked at."""
    found = discover(made_study(per_topic=4, lenses=["barriers"])[:count])
    assert len(found.themes) <= 2 + count // 12
    assert len(found.unassigned) + sum(len(theme.segments) for theme in found.themes) == count


def test_one_segment_is_unassigned_without_a_nearest_theme() -> None:
    """Else one remark would be made a theme."""
    (alone,) = discover(STUDY[:1]).unassigned
    assert (alone.segment, alone.nearest) == (STUDY[0].segment, None)


@pytest.mark.parametrize("text", ["Nothing.", "No, no.", "…", "7", "Она сказала нет.", "何もない"])
def test_texts_without_a_telling_word_are_no_error(text: str) -> None:
    """Else a survey in which most people answer "Nothing." would end in a traceback."""
    inputs = [ThemeInput(str(i), f"{text}{' ' * i}", f"P{i}", "none") for i in range(40)]
    found = discover_themes(inputs, np.ones((40, 8), np.float32) / np.sqrt(8), lenses=[], seed=1)
    assert sum(len(theme.segments) for theme in found.themes) == 40
    assert all(theme.name for theme in found.themes)


def test_an_odd_segment_is_unassigned_and_read_first() -> None:
    """Else what nobody else says, often the most telling, would drown in a theme."""
    odd = ThemeInput("odd", "Penguins nest under glaciers near volcanic fumaroles", "P1", "barriers")
    first = discover([*STUDY, odd]).unassigned[0]
    assert first.segment == "odd"
    assert first.nearest in {theme.id for theme in discover([*STUDY, odd]).themes}
    assert -1 <= first.similarity < 0.5


def test_names_are_phrases_of_the_segments_own_words() -> None:
    """Else a report would speak of `0_the_and_of`."""
    for theme in FOUND.themes:
        own = " ".join(BY_ID[segment].text.lower() for segment in theme.segments)
        assert theme.name[0].isupper() and "_" not in theme.name and len(theme.name.split()) <= 6
        assert all(word in own for word in theme.name.lower().replace(" and ", " ").split())
        assert any(word in theme.name.lower() for word in " ".join(TOPICS[topic_of(theme.segments[0])]).split())


def test_names_are_unique_under_a_lens() -> None:
    """Else two rows of a table could not be told apart."""
    names = [(theme.lens, theme.name) for theme in FOUND.themes]
    assert len(set(names)) == len(names)


def test_themes_about_the_same_words_get_numbered_names() -> None:
    """Else discovery would end in an error where texts offer a single phrase."""
    inputs = [ThemeInput(str(i), f"So {'so ' * (i % 9)} well", "P", "none") for i in range(30)]
    vectors = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)
    names = [theme.name for theme in discover_themes(inputs, vectors, lenses=[], seed=1, n_themes=3).themes]
    assert len(set(names)) == len(names)


def test_keywords_hold_no_fillers_no_speakers_and_no_inflections() -> None:
    """Else keywords would be a cloud of "um", "you know" and people's names."""
    spoken = [
        ThemeInput(g.segment, f"Um, yeah, Mira, you know, {g.text} Sort of meetings, meeting.", g.case, g.lens)
        for g in STUDY
    ]
    keywords = [word for theme in discover(spoken, speakers=["Mira"]).themes for word in theme.keywords]
    assert keywords
    assert not {"um", "yeah", "mira", "know", "sort", "mean", "said"} & {
        part for word in keywords for part in word.split()
    }
    for theme in discover(spoken).themes:
        assert sum("meeting" in word for word in theme.keywords) <= 1


def test_representatives_come_from_different_people() -> None:
    """Else one loud person would speak for a theme."""
    for theme in FOUND.themes:
        people = [BY_ID[segment].case for segment in theme.representatives]
        assert 3 <= len(people) <= 5
        assert len(set(people)) == len(people)
        assert set(theme.representatives) <= set(theme.segments)


def test_clear_themes_are_stable() -> None:
    """Else the figure beside each theme would not mean what it says."""
    assert all(theme.stability > 0.8 for theme in FOUND.themes)


def test_noise_is_not_stable() -> None:
    """Else chance would look like a finding."""
    noise = np.random.default_rng(3).normal(size=(120, 64)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    inputs = [ThemeInput(str(i), f"Said {chr(97 + i % 26)}{chr(97 + i // 26)}{i}", "", "none") for i in range(120)]
    found = discover_themes(inputs, noise, lenses=[], seed=1)
    assert all(theme.stability < 0.5 for theme in found.themes)


def test_the_number_of_themes_can_be_given() -> None:
    """Else a researcher who wants two broad themes could not have them."""
    assert {
        len([t for t in discover(STUDY, n_themes=2).themes if t.lens == lens]) for lens in ("what_works", "barriers")
    } == {2}


def test_the_id_follows_from_lens_and_segments() -> None:
    """Else a theme could not be recognised in another run."""
    theme = FOUND.themes[0]
    digest = hashlib.sha256("\n".join([theme.lens, *sorted(theme.segments)]).encode()).hexdigest()
    assert theme.id == f"th{digest[:10]}"


UNTOLD = [
    ThemeInput(
        g.segment, f"{chr(97 + i % 26)}{chr(97 + i // 26)}ora." if "breakfast" in g.segment else g.text, g.case, g.lens
    )
    for i, g in enumerate(STUDY)
    if g.lens == "barriers"
]
"""Here no two people say breakfast in the same words, and the encoder knows no phrase for what they mean."""


def discover_untold(n_themes: int | None = None) -> ThemeMap:
    vectors = embed([BY_ID[given.segment].text for given in UNTOLD])
    return discover_themes(UNTOLD, vectors, lenses=["barriers"], seed=1, embed=embed, n_themes=n_themes)


def test_what_cannot_be_named_is_unassigned_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else segments that merely lie together would be reported as a theme, or vanish."""
    monkeypatch.setattr(textcoder.themes, "GENERAL_PHRASES", ())  # to this encoder they are chance directions
    found = discover_untold()
    assert {topic_of(segment) for theme in found.themes for segment in theme.segments} == set(TOPICS) - {"breakfast"}
    assert {given.segment for given in UNTOLD if topic_of(given.segment) == "breakfast"} <= {
        u.segment for u in found.unassigned
    }
    assert sum(len(theme.segments) for theme in found.themes) + len(found.unassigned) == len(UNTOLD)
    assert {u.nearest for u in found.unassigned} <= {theme.id for theme in found.themes}


def test_who_asks_for_a_number_of_themes_gets_it_whatever_their_names() -> None:
    """Else a researcher who wants four themes would get three, without a word why."""
    assert len(discover_untold(n_themes=4).themes) == 4


def test_progress_ends_at_all_segments() -> None:
    """Else a bar would stop short."""
    told: list[tuple[int, int]] = []
    discover(STUDY, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(STUDY), len(STUDY))


def test_a_lens_that_the_project_lacks_is_named() -> None:
    """Else segments would vanish from every table."""
    with pytest.raises(UnknownItem, match='"hopes"'):
        discover([ThemeInput("s", "We hope.", "P", "hopes")])


def test_vectors_must_fit_the_segments() -> None:
    """Else segments would carry the meaning of others."""
    with pytest.raises(ValueError, match="1 vectors for 2 segments"):
        discover_themes(STUDY[:2], np.ones((1, 4), np.float32), lenses=["what_works"], seed=1)
