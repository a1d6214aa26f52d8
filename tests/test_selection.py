"""What lies beside interviews in a folder is not coded as if somebody had said it."""

from __future__ import annotations

from itertools import permutations

from textcoder.domain.transcript import Role, Transcript, Turn
from textcoder.selection import set_aside


def source(name: str, text: str, *speakers: str, kind: str = "dialogue") -> Transcript:
    turns = tuple(Turn(i, i + 1, speaker, Role.PARTICIPANT) for i, speaker in enumerate(speakers or ("",)))
    return Transcript(f"t{name}", name, text, turns, "", kind=kind)


def talk(name: str, about: str) -> Transcript:
    return source(name, " ".join(f"{about} {i} {about} again" for i in range(40)), "Hanna", name)


INTERVIEWS = [talk(name, about) for name, about in (("p1.pdf", "bus"), ("p2.pdf", "form"), ("p3.pdf", "nurse"))]


def test_interviews_stay() -> None:
    assert set_aside(INTERVIEWS) == {}


def test_notes_on_the_folder_and_files_without_speakers_are_set_aside_with_the_reason() -> None:
    """The code system of a study would come back as a finding of it."""
    system = source("code-system.pdf", "Trust and its four sub-codes, each with a colour")
    readme = source("README.md", "This folder holds seven interviews")
    aside = set_aside([*INTERVIEWS, system, readme])
    assert set(aside) == {system.id, readme.id}
    assert "speakers" in aside[system.id] and "name" in aside[readme.id]


def test_a_folder_of_reflections_is_read_though_nobody_speaks() -> None:
    diaries = [
        source(f"{i}.txt", f"Week {i} was the week in which I learned {i} things about children {i}") for i in range(5)
    ]
    assert set_aside(diaries) == {}
    assert set_aside(INTERVIEWS[:2] + diaries) == {}


def test_a_second_export_of_the_same_talk_is_counted_once_whatever_the_order() -> None:
    """One person's words would count twice, once for each file format."""
    twin = Transcript("tz", "p0.vtt", INTERVIEWS[0].text[:-20], INTERVIEWS[0].turns, "")
    quotes = source("quotes.pdf", " ".join(t.text[:-40] for t in INTERVIEWS), "p1", "p2")
    for order in permutations([*INTERVIEWS, twin, quotes]):
        aside = set_aside(order)
        assert set(aside) == {twin.id, quotes.id}
        assert aside[twin.id].endswith("p1.pdf too")
