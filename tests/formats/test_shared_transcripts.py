"""Real transcripts in the forms researchers have: turns and speakers as counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from textcoder.domain.transcript import Role, Transcript
from textcoder.formats import read_source
from textcoder.roles import guess_roles
from textcoder.settings import Settings

FOLDERS = ("txt_metamuse", "md_changelog", "md_bitcoin", "derived", "txt_oralhistory", "pdf_oralhistory")
SETTINGS = Settings(language="en")

PODCASTS = {
    "md_changelog/brain-science-25.md": {"Danielle Rath"},
    "md_changelog/founders-talk-73.md": {"Raj Dutt"},
    "md_changelog/the-changelog-433.md": {"Ben Johnson"},
    "md_bitcoin/2020-01-28-pieter-wuille-part1.md": {"Pieter"},
    "md_bitcoin/2020-01-28-pieter-wuille-part2.md": {"Pieter"},
    "txt_metamuse/33-cities.txt": {"Devon Zuegel"},
    "txt_metamuse/47-designing-creative-tools.txt": {"David Hoang"},
    # Two hosts talk with each other; nobody interviews.
    "txt_metamuse/10-tools-for-thought.txt": {"Adam Wiggins", "Mark McGranaghan"},
}


def read(path: Path) -> Transcript:
    return guess_roles(read_source(path.read_bytes(), path.name, settings=SETTINGS).transcript)


@pytest.mark.parametrize("folder", FOLDERS[:4])
def test_turns_and_speakers_are_those_that_people_counted(shared: Path, folder: str) -> None:
    """Real files would be read wrongly, whatever the made-up ones say."""
    root = shared / "data" / "transcripts"
    expected = json.loads((root / "expected.json").read_text(encoding="utf-8"))
    for name in sorted(name for name in expected if name.startswith(folder)):
        transcript, wanted = read(root / name), expected[name]
        words = [transcript.text[turn.start : turn.end] for turn in transcript.turns]
        speakers = sorted({turn.speaker or "" for turn in transcript.turns})
        assert (name, len(words), speakers) == (name, wanted["turns"], wanted["speakers"])
        assert "first" not in wanted or (words[0][:80], words[-1][-80:]) == (wanted["first"], wanted["last"])


@pytest.mark.parametrize("name", PODCASTS)
def test_hosts_ask_and_guests_are_asked(shared: Path, name: str) -> None:
    """Hosts would be counted as participants, or guests left out."""
    transcript = read(shared / "data" / "transcripts" / name)
    participants = {turn.speaker for turn in transcript.turns if turn.role is Role.PARTICIPANT}
    assert participants == PODCASTS[name]


@pytest.mark.parametrize("folder", FOLDERS[4:])
def test_oral_histories_without_names_alternate_between_asking_and_answering(shared: Path, folder: str) -> None:
    """A life told over hours would be coded with its interviewer's questions, or not at all."""
    for path in sorted((shared / "data" / "transcripts" / folder).iterdir()):
        transcript = read(path)
        asking = [t for t in transcript.turns if t.role is Role.INTERVIEWER]
        telling = [t for t in transcript.turns if t.role is Role.PARTICIPANT]
        assert transcript.turns[0].role is Role.PARTICIPANT  # "My name is ..."
        assert abs(len(asking) - len(telling)) <= 5
        marks = [sum("?" in transcript.text[t.start : t.end][-3:] for t in turns) for turns in (asking, telling)]
        assert marks[0] > 0.65 * len(asking)
        assert marks[1] < 0.1 * len(telling)


def test_the_interviewer_of_study_interviews_is_found(shared: Path) -> None:
    """Only his label is a name; in P2 he hardly asks, and in P5 a "Particpant" lacks a letter."""
    for name in ("P2.pdf", "P5.pdf"):
        roles = read(shared / "data" / "pdpilot_interviews" / name).speakers()
        assert roles == {"Dan": Role.INTERVIEWER, "Participant": Role.PARTICIPANT}
