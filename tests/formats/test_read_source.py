"""One file in, one transcript out, or a clear sentence."""

from __future__ import annotations

import hashlib
import json

import pytest

from textcoder.errors import UnreadableFile
from textcoder.formats import SUFFIXES, Source, read_source
from textcoder.settings import Settings

TALK = "Hanna: How is it going with the bus?\n\nMira: It is late, and then it is full.\n"


def read(data: bytes | str, file: str = "w1.txt", **chosen: object) -> Source:
    settings = Settings(**{"language": "en", **chosen})  # type: ignore[arg-type]  # names of settings
    return read_source(data.encode() if isinstance(data, str) else data, file, settings=settings)


def test_the_id_comes_from_the_bytes_alone() -> None:
    """A corpus read in another order, or from another folder, would get other ids."""
    here, there = read(TALK, "a/w1.txt").transcript, read(TALK, "b/other.txt").transcript
    sha256 = hashlib.sha256(TALK.encode()).hexdigest()
    assert (here.id, here.sha256, here.name) == (f"t{sha256[:12]}", sha256, "a/w1.txt")
    assert here.id == there.id


@pytest.mark.parametrize("file", ["a.txt", "a.TEXT", "a.md", "a.Markdown"])
def test_text_is_read_whatever_the_case_of_its_ending(file: str) -> None:
    """Old cameras and systems write .TXT."""
    assert [turn.speaker for turn in read(TALK, file).transcript.turns] == ["Hanna", "Mira"]


def test_subtitles_with_the_ending_txt_are_read_as_subtitles() -> None:
    """Times would be quoted as words."""
    vtt = read("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Jo>Hello there\n").transcript
    srt = read("1\r\n00:00:01,000 --> 00:00:02,000\r\nJo: Hello there?\r\n").transcript
    assert (vtt.text, srt.sync[0].ms) == ("Hello there", 1000)


def test_json_is_speech_or_a_table_by_what_it_holds() -> None:
    """A recogniser's file would be read as a survey, or a survey as speech."""
    speech = {"language": "sv", "segments": [{"start": 1.0, "end": 2.0, "text": "Hej du", "speaker": "SPEAKER_00"}]}
    survey = [{"respondent": f"R{i}", "text": f"I like the number {i} bus a lot."} for i in range(3)]
    assert read(json.dumps(speech), "a.json").transcript.kind == "dialogue"
    source = read(json.dumps(survey), "a.json")
    assert source.transcript.kind == "survey"
    assert [case.id for case in source.cases] == ["R0", "R1", "R2"]


def test_the_language_is_what_is_said_else_what_the_file_says_else_guessed() -> None:
    """Sentences would be cut by another language's rules."""
    swedish = "Vi hade ju inga möten då, men nu träffas vi varje tisdag och det fungerar ganska bra för oss alla."
    marked = f"---\nlanguage: fi\n---\n{swedish}"
    assert read(marked, language="de").transcript.language == "de"
    assert read(marked, language=None).transcript.language == "fi"
    assert read(swedish, language=None).transcript.language == "sv"


def test_what_was_unusual_is_noted() -> None:
    """A researcher could not know why a letter looks odd, or why nobody has a name."""
    assert read(TALK).note == ""
    assert read(TALK.replace("late", "caf\xe9").encode("cp1252")).note == "Read as Windows-1252."
    assert "No speakers are named" in read("I walked to the bus stop.").note


@pytest.mark.parametrize(
    ("data", "file", "chosen", "reason"),
    [
        (b"", "a.txt", {}, "empty"),
        (b" \r\n\t ", "a.docx", {}, "empty"),
        (b"...\n\n---\n", "a.txt", {}, "no words"),
        (b"hello", "a.xyz", {}, "ending in .xyz"),
        (b"hello", "README", {}, "ending in nothing"),
        (b"hello", "a.doc", {}, "Save it as DOCX"),
        (b"hello", "a.mp3", {}, "transcribed first"),
        (b"x" * 2_000_001, "a.txt", {"max_file_mb": 2}, "--max-file-mb"),
        (b"%PDF-1.4", "a.txt", {}, "PDF"),
        (b"WEBVTX", "a.vtt", {}, "WEBVTT"),
        (b"{", "a.json", {}, "JSON"),
        (b"not a zip", "a.docx", {}, "a.docx"),
        (b"not a pdf", "a.pdf", {}, "a.pdf"),
    ],
)
def test_what_cannot_be_read_is_named_with_reason_and_remedy(
    data: bytes, file: str, chosen: dict[str, object], reason: str
) -> None:
    """A file would be skipped in silence, or a traceback shown."""
    with pytest.raises(UnreadableFile, match=reason) as caught:
        read(data, file, **chosen)
    assert str(caught.value).startswith(f"{file}: ")


def test_all_formats_of_the_product_are_there() -> None:
    """What the documentation promises must be readable."""
    assert {".txt", ".md", ".docx", ".pdf", ".vtt", ".srt", ".csv", ".xlsx", ".json", ".jsonl"} <= SUFFIXES
