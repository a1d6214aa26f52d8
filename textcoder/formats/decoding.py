"""From bytes to the canonical text: decoded once, BOM dropped, line ends made one, nothing else changed."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any

from textcoder.errors import UnreadableFile

# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive, as DOCX and XLSX files are"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc or .xls) or a password-protected one"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"RIFF", "a sound or film recording"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
    (b"fLaC", "a sound recording"),
)
_NO_TEXT = "this is not text; it holds characters that no transcript has."
_ASK = "If it is text, name the encoding with --encoding, or save the file again as UTF-8."
# Tab, line feed, form feed, carriage return and escape do occur in text; the C1 range never comes out of cp1252.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_LETTER = re.compile(r"[^\W\d_]")
# French, Swedish or Czech written in their own 8-bit encodings stay well below a fifth; Cyrillic or Greek read as
# Windows-1252 are nearly all accented letters.
_MOST_ACCENTED = 0.3


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file and how its bytes were read ("utf-8", "cp1252", ...)."""

    text: str
    encoding: str


def decode(data: bytes, file: str, *, encoding: str | None = None) -> Decoded:
    """Read bytes as text: by byte-order mark, else strict UTF-8, else Windows-1252, else a question to the person.

    CRLF and CR become LF and the mark is dropped; nothing else changes.

    Args:
        data: The whole file.
        file: Its name, for the message.
        encoding: What the person named; nothing is guessed then.

    Raises:
        UnreadableFile: It is no text (says what it seems to be), or the encoding cannot be told.
    """
    _refuse_binary(data, file)
    decoded = _decode_as(data, encoding, file) if encoding else _guess(data, file)
    text = decoded.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    controls = len(_CONTROL.findall(text))
    if "\0" in text or controls > 8 + len(text) // 1000:
        raise UnreadableFile(file, _NO_TEXT, _ASK)
    return Decoded(text, decoded.encoding)


def parsed_json(text: str) -> Any:
    """The value of a JSON text; half of an emoji, as an escape may make it and no text can hold, becomes a question mark.

    Raises:
        ValueError, RecursionError: It is not JSON, or nested too deeply.
    """
    value = json.loads(text)
    return _whole(value) if _HALF.search(text) else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_whole(part) for part in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(part) for name, part in value.items()}
    return value


def seems_to_be(data: bytes) -> str | None:
    """What kind of file the first bytes announce ("a PDF"), or None where they could be text."""
    if data[4:8] == b"ftyp":
        return "a sound or film recording"
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)


def _refuse_binary(data: bytes, file: str) -> None:
    kind = seems_to_be(data)
    if kind:
        raise UnreadableFile(
            file, f"the name says text, but this seems to be {kind}.", "Give it its own ending, or export it as text."
        )


def _guess(data: bytes, file: str) -> Decoded:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_as(data, encoding, file)
    if b"\0" in data:
        raise UnreadableFile(file, _NO_TEXT, _ASK)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _western(data, file, error)


def _western(data: bytes, file: str, broken: UnicodeDecodeError) -> Decoded:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _unclear(file, error) from error
    letters = _LETTER.findall(text[:200_000])
    if sum(not letter.isascii() for letter in letters) > _MOST_ACCENTED * len(letters):
        raise _unclear(file, broken) from broken
    return Decoded(text, "cp1252")


def _unclear(file: str, error: UnicodeDecodeError) -> UnreadableFile:
    return UnreadableFile(file, f"the bytes are neither UTF-8 nor Windows-1252 (byte {error.start + 1}).", _ASK)


def _decode_as(data: bytes, encoding: str, file: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except LookupError as error:
        reason = f'no text encoding is called "{encoding}".'
        raise UnreadableFile(file, reason, "Try utf-8, cp1252 or utf-16.") from error
    except UnicodeError as error:
        raise UnreadableFile(file, f"the bytes are not {encoding}.", _ASK) from error
