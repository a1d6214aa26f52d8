"""Whether a file still holds a name: its bytes, what is packed in it, and what it is called."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import NamedTuple

from textcoder.errors import UnreadableFile

_LARGEST_MEMBER, _DEEPEST = 500_000_000, 4
"""Bytes of one member, and archives within archives."""
_SHORT, _AROUND, _LONGEST_LETTER = 6, 8, 3
"""Bytes: names up to the first are looked for in text only; text is what reads as such for the second; the third may be cut at an edge."""
_INSIDE, _BEGINS = bytes(range(0x80, 0xC0)), bytes(range(0xC0, 0xF8))
"""Of UTF-8: what goes on with a letter, and what begins one of several bytes."""
_APOSTROPHES = ("&#39;", "&apos;", "'")
_IN_SCRIPTS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "'&<>"}
_MARKUP = re.compile(r"([\\`*_\[\]<>|~&#$^+])")
"""Before these Markdown has a backslash."""
_THEME = re.compile(r"^(?:word|xl|ppt)/theme/theme\d+\.xml$")
"""Colours and fonts of an Office file, whose "Office Theme" is nobody's name."""
_SQLITE = b"SQLite format 3\0"
_ROLLBACK = b"\1\1"
"""Of a database's header: it has no log beside it. A copy in memory is never given one."""


class Leak(NamedTuple):
    """A file that still holds names.

    Attributes:
        path: Of the file.
        names: Which, sorted.
        inside: The parts of a packed file in which they stand, sorted; empty for a plain one.
    """

    path: str
    names: tuple[str, ...]
    inside: tuple[str, ...]

    def __str__(self) -> str:
        where = f" (in {', '.join(self.inside)})" if self.inside else ""
        return f"{self.path} holds {len(self.names)} of the names: {', '.join(self.names)}{where}."


def find_leaks(paths: Iterable[Path], names: Iterable[str]) -> list[Leak]:
    """Files that still hold one of the names: their bytes, what is packed in them, and how they are called.

    Cost: each file is read through some two to twenty times for each name, at some gigabytes a second: "O'Brien" and "Björn" are
    written in many ways.

    A name counts as it is written, as a whole word; a short one only where text is around it, since any three bytes stand somewhere in
    vectors and pictures. In a database, where words of two columns touch, each value is looked at by itself, too. In the name of a
    file, also of one in an archive, capitals do not count.

    Raises:
        UnreadableFile: A file is not there, may not be read, or is an archive that cannot be opened.
    """
    names = sorted(set(names))
    found = []
    for path in sorted({file for given in paths for file in ([given] if given.is_file() else _files_below(given))}):
        leaking = {(name, inside) for inside, part in _contents(path) for name in names if _tells(part, name)}
        if leaking:
            held, inside = {name for name, _ in leaking}, {inside for _, inside in leaking} - {""}
            found.append(Leak(str(path), tuple(sorted(held)), tuple(sorted(inside))))
    return found


def holds(data: bytes, name: str) -> bool:
    """Whether bytes hold a name as a whole word, as UTF-8 or as it stands in JSON, XML, HTML, Markdown or UTF-16."""
    for form in _written(name):
        at = data.find(form)
        while at >= 0:
            if _whole(data, at, at + len(form)) and (len(form) > _SHORT or _in_text(data, at, at + len(form))):
                return True
            at = data.find(form, at + 1)
    return False


@lru_cache(maxsize=4096)
def _written(name: str) -> frozenset[bytes]:
    """The bytes as which a name may stand in a file: "O'Brien" is "O&#39;Brien" on a page."""
    found: set[bytes] = set()
    for form in ("NFC", "NFD"):
        one = unicodedata.normalize(form, name)
        page = escape(one)
        words = {name, one, escape(one, quote=False), page, *(page.replace("&#x27;", mark) for mark in _APOSTROPHES)}
        words.add(_MARKUP.sub(r"\\\1", one))
        found |= {json.dumps(word)[1:-1].translate(_IN_SCRIPTS).encode() for word in words}
        for word in words:
            found |= {word.encode("utf-8", "surrogatepass"), word.encode("utf-16-le", "surrogatepass")}
            found |= {json.dumps(word)[1:-1].encode(), word.encode("ascii", "xmlcharrefreplace")}
    return frozenset(found)


def _tells(part: str | bytes, name: str) -> bool:
    """Whether contents hold a name, or what a file is called does, there whatever its capitals."""
    if isinstance(part, bytes):
        return holds(part, name)
    return holds(part.casefold().encode("utf-8", "surrogateescape"), name.casefold())


def _whole(data: bytes, start: int, end: int) -> bool:
    before = data[max(0, start - 4) : start].decode("utf-8", "ignore")[-1:]
    after = data[end : end + 4].decode("utf-8", "ignore")[:1]
    return not before.isalpha() and not after.isalpha() and not unicodedata.combining(after or " ")


def _in_text(data: bytes, start: int, end: int) -> bool:
    """Whether what is around a span reads as text: a letter of UTF-8 may be cut at the edges, and nothing else is odd.

    Two bytes of a vector are the letters of a short name now and then, and among those around them some are letters, too.
    """
    before, after = data[max(0, start - _AROUND) : start], data[end : end + _AROUND]
    cut = len(before) - len(before.lstrip(_INSIDE))
    lost = next((n for n in range(1, min(_LONGEST_LETTER, len(after)) + 1) if after[-n] in _BEGINS), 0)
    befores = {before, before[min(cut, _LONGEST_LETTER) :]}
    afters = {after, after[: len(after) - lost]}
    return any(map(_is_text, befores)) and any(map(_is_text, afters))


def _is_text(part: bytes) -> bool:
    try:
        read = part.decode()
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\n\r\t" for letter in read)


def _files_below(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise UnreadableFile(str(folder), "there is no such file or folder.", "Check the spelling.")
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _contents(path: Path) -> Iterator[tuple[str, str | bytes]]:
    """What a file is called and its bytes, and those of what is packed in it, also in an archive within an archive; each with its part."""
    yield "", path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(str(path), f"it cannot be read ({error.strerror}).", "Check its rights.") from error
    try:
        yield from _unpacked(data, path, _DEEPEST)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise UnreadableFile(str(path), "it is a damaged or locked archive.", "Make it again.") from error


def _unpacked(data: bytes, path: Path, deepest: int, inside: str = "") -> Iterator[tuple[str, str | bytes]]:
    if data[:4] != b"PK\x03\x04":
        yield inside, data
        if data.startswith(_SQLITE):
            yield from ((inside, part) for part in _values(data))
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.file_size > _LARGEST_MEMBER or not deepest:
                raise UnreadableFile(str(path), "what is packed in it is too large.", "Unpack it, and look there.")
            if _THEME.search(member.filename):
                continue
            yield member.filename, member.filename
            yield from _unpacked(archive.read(member), path, deepest - 1, member.filename)


def _values(data: bytes) -> Iterator[bytes]:
    """The texts in a database of SQLite, a table at a time, each value on a line of its own.

    Read from a copy in memory, so that nothing is written beside the file. What is damaged is left to its bytes.
    """
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.text_factory = bytearray  # tells texts from blobs, which are bytes, and takes any encoding
        try:
            connection.deserialize(data[:18] + _ROLLBACK + data[20:])
            tables = [
                row[0].decode() for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for table in tables:
                quoted = table.replace('"', '""')
                rows = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608  (a name that the database gives)
                yield b"\n".join(value for row in rows for value in row if isinstance(value, bytearray))
        except sqlite3.Error:
            return
