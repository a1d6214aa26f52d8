"""Whether a file still holds a name: its bytes, what is packed in it, and what it is called."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from textcoder.errors import UnreadableFile

_LARGEST_MEMBER, _DEEPEST = 500_000_000, 4
"""Bytes of one member, and archives within archives."""
_SHORT, _AROUND, _LONGEST_LETTER = 6, 8, 3
"""Bytes: names up to the first are looked for in text only; text is what reads as such for the second; the third may be lost at an edge."""


def find_leaks(paths: Iterable[Path], names: Iterable[str]) -> list[tuple[str, int]]:
    """Files that still hold one of the names, with how many different ones: their bytes, what is packed in them, and how they are called.

    Cost: each file is read through four times for each name, at some gigabytes a second.

    A name counts as it is written, as a whole word; a short one only where text is around it, since any three bytes stand somewhere in
    vectors and pictures. In the name of a file capitals do not count.

    Raises:
        UnreadableFile: A file is not there, may not be read, or is an archive that cannot be opened.
    """
    names = sorted(set(names))
    found = []
    for path in sorted({file for given in paths for file in ([given] if given.is_file() else _files_below(given))}):
        leaking = {name for part in _contents(path) for name in names if holds(part, name)}
        leaking |= {name for name in names if holds(path.name.lower().encode(), name.lower())}
        if leaking:
            found.append((str(path), len(leaking)))
    return found


def holds(data: bytes, name: str) -> bool:
    """Whether bytes hold a name as a whole word, as UTF-8 or as it stands in JSON, XML or UTF-16."""
    written = {
        name.encode("utf-8", "surrogatepass"),
        name.encode("utf-16-le", "surrogatepass"),
        json.dumps(name)[1:-1].encode(),
        name.encode("ascii", "xmlcharrefreplace"),
    }
    for form in written:
        at = data.find(form)
        while at >= 0:
            if _whole(data, at, at + len(form)) and (len(form) > _SHORT or _in_text(data, at, at + len(form))):
                return True
            at = data.find(form, at + 1)
    return False


def _whole(data: bytes, start: int, end: int) -> bool:
    before = data[max(0, start - 4) : start].decode("utf-8", "ignore")[-1:]
    after = data[end : end + 4].decode("utf-8", "ignore")[:1]
    return not before.isalpha() and not after.isalpha()


def _in_text(data: bytes, start: int, end: int) -> bool:
    """Whether what is around a span reads as text: a letter of UTF-8 may be cut at the edges, and nothing else is odd."""
    around = data[max(0, start - _AROUND) : end + _AROUND]
    read = around.decode("utf-8", "ignore")
    whole = len(around) - len(read.encode()) <= 2 * _LONGEST_LETTER
    return whole and all(letter.isprintable() or letter in "\n\r\t" for letter in read)


def _files_below(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise UnreadableFile(str(folder), "there is no such file or folder.", "Check the spelling.")
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and of what is packed in it, also in an archive within an archive."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(str(path), f"it cannot be read ({error.strerror}).", "Check its rights.") from error
    try:
        yield from _unpacked(data, path, _DEEPEST)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise UnreadableFile(str(path), "it is a damaged or locked archive.", "Make it again.") from error


def _unpacked(data: bytes, path: Path, deepest: int) -> Iterator[bytes]:
    if data[:4] != b"PK\x03\x04":
        yield data
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.file_size > _LARGEST_MEMBER or not deepest:
                raise UnreadableFile(str(path), "what is packed in it is too large.", "Unpack it, and look there.")
            yield member.filename.encode()
            yield from _unpacked(archive.read(member), path, deepest - 1)
