"""Reading transcripts: from the bytes of one file to its canonical text, its turns and what it says of itself.

Each reader gives an `Extract`; `read_source` picks the reader by ending and content and makes the transcript of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from textcoder.domain.project import Case
from textcoder.domain.transcript import Transcript
from textcoder.errors import UnreadableFile
from textcoder.formats.decoding import decode, parsed_json
from textcoder.formats.extract import Extract
from textcoder.settings import Settings

if TYPE_CHECKING:
    from textcoder.formats.tables import Columns

_SRT = re.compile(r"\s*\d+[ \t]*\n\d{1,2}:\d{2}:\d{2}[.,]\d{1,3}[ \t]+-->")
_LANGUAGE = re.compile(r"[a-z]{2}")
_SAVE_AS = {
    ".doc": "Save it as DOCX.",
    ".rtf": "Save it as DOCX.",
    ".odt": "Save it as DOCX.",
    ".pages": "Export it as DOCX.",
    ".xls": "Save it as XLSX.",
    ".ods": "Save it as XLSX.",
    ".html": "Save the text as TXT or DOCX.",
    ".sbv": "Export it as SRT or VTT.",
    **dict.fromkeys((".mp3", ".m4a", ".wav", ".mp4", ".mov", ".ogg", ".flac"), "Have it transcribed first."),
}


@dataclass(frozen=True)
class Source:
    """A file that was read.

    Attributes:
        transcript: Roles not yet guessed, cases not yet assigned (but for surveys).
        metadata: What front matter or document properties say.
        cases: The people that a survey table brings.
        note: How it was read, where a person should know ("Read as Windows-1252."); full sentences or empty.
    """

    transcript: Transcript
    metadata: Mapping[str, str]
    cases: tuple[Case, ...]
    note: str


@dataclass(frozen=True)
class _Given:
    """What the readers are given."""

    data: bytes
    file: str
    encoding: str | None
    columns: Columns | None


def read_source(
    data: bytes, file: str, *, settings: Settings, encoding: str | None = None, columns: Columns | None = None
) -> Source:
    """Read one file as a transcript.

    Args:
        data: The whole file.
        file: Its name, or its path inside the folder that was given; becomes the transcript's name.
        settings: `max_file_mb` and `language` are used.
        encoding: Of a text file, when the person named it.
        columns: Of a table, when the person named them.

    Raises:
        UnreadableFile: With the reason and what to do.
        InvalidTable: `columns` names a heading that the file does not have.
    """
    suffix = PurePath(file).suffix.lower()
    _check(data, file, suffix, settings)
    extract = _READERS[suffix](_Given(data, file, encoding, columns))
    words = " ".join(extract.text[turn.start : turn.end] for turn in extract.turns)
    if not any(letter.isalnum() for letter in words):
        raise UnreadableFile(file, "no words were found in it.", "See whether the file shows text when opened.")
    sha256 = hashlib.sha256(data).hexdigest()
    transcript = Transcript(
        id=f"t{sha256[:12]}",
        name=file,
        text=extract.text,
        turns=extract.turns,
        sha256=sha256,
        language=_language(words, extract.metadata, settings),
        pages=extract.pages,
        sync=extract.sync,
        kind=extract.kind,
    )
    unnamed = extract.kind == "dialogue" and all(turn.speaker is None for turn in extract.turns)
    noted = _noted(extract, "No speakers are named in it." if unnamed else "")
    return Source(transcript, extract.metadata, extract.cases, noted.note)


def _check(data: bytes, file: str, suffix: str, settings: Settings) -> None:
    """Look before reading: a known ending, some content, not too much of it."""
    if suffix not in _READERS:
        kinds = ", ".join(sorted(known.lstrip(".").upper() for known in SUFFIXES))
        raise UnreadableFile(
            file, f"files ending in {suffix or 'nothing'} are not read.", _SAVE_AS.get(suffix, f"Read are {kinds}.")
        )
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableFile(file, "the file is empty.", "See whether it was copied or saved wholly.")
    if len(data) > settings.max_file_mb * 1_000_000:
        size = f"the file has {len(data) / 1e6:.0f} MB; the limit is {settings.max_file_mb} MB."
        raise UnreadableFile(file, size, "Split it, or raise the limit with --max-file-mb.")


def _language(words: str, metadata: Mapping[str, str], settings: Settings) -> str:
    """What the person says, else what the file says, else what the words say."""
    if settings.language:
        return settings.language
    said = metadata.get("language", "").lower()
    if _LANGUAGE.fullmatch(said):
        return said
    from textcoder.language import guess_language

    return guess_language(words)


def _decoded(given: _Given) -> tuple[str, str]:
    """The text, and a note where its encoding was not the usual one."""
    decoded = decode(given.data, given.file, encoding=given.encoding)
    return decoded.text, "Read as Windows-1252." if decoded.encoding == "cp1252" else ""


def _noted(extract: Extract, note: str) -> Extract:
    return replace(extract, note=" ".join(filter(None, (extract.note, note))))


def _read_text(given: _Given) -> Extract:
    """Text by what it holds: subtitles are often saved with the ending .txt."""
    from textcoder.formats.plain import read_plain
    from textcoder.formats.subtitles import read_srt, read_webvtt

    text, note = _decoded(given)
    if re.match(r"WEBVTT(?:\s|\Z)", text):
        return _noted(read_webvtt(text, given.file), note)
    if _SRT.match(text):
        return _noted(read_srt(text, given.file), note)
    return _noted(read_plain(text), note)


def _read_webvtt(given: _Given) -> Extract:
    from textcoder.formats.subtitles import read_webvtt

    text, note = _decoded(given)
    return _noted(read_webvtt(text, given.file), note)


def _read_srt(given: _Given) -> Extract:
    from textcoder.formats.subtitles import read_srt

    text, note = _decoded(given)
    return _noted(read_srt(text, given.file), note)


def _read_json(given: _Given) -> Extract:
    """Speech where somebody speaks in it, else a table of records."""
    from textcoder.formats.whisper import read_whisper, utterances_of

    text, note = _decoded(given)
    try:
        value = parsed_json(text)
        said = None if given.columns else utterances_of(value)
    except (ValueError, RecursionError):
        # The reader of records says where it is broken; it also reads a file with a record on each line.
        return _read_table(given)
    return _read_table(given) if said is None else _noted(read_whisper(value, said), note)


def _read_word(given: _Given) -> Extract:
    from textcoder.formats.word import read_word

    return read_word(given.data, given.file)


def _read_pdf(given: _Given) -> Extract:
    from textcoder.formats.pdf import read_pdf

    return read_pdf(given.data, given.file)


def _read_table(given: _Given) -> Extract:
    from textcoder.formats.tables import read_table

    return read_table(given.data, given.file, encoding=given.encoding, columns=given.columns)


_READERS: Mapping[str, Callable[[_Given], Extract]] = {
    **dict.fromkeys((".txt", ".text", ".md", ".markdown"), _read_text),
    ".vtt": _read_webvtt,
    ".srt": _read_srt,
    ".json": _read_json,
    ".docx": _read_word,
    ".pdf": _read_pdf,
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xlsm", ".jsonl", ".ndjson"), _read_table),
}
SUFFIXES = frozenset(_READERS)
"""Endings of the files that can be read, in lower case."""
