"""Files in a folder of results: names that every system takes, and writing that leaves a whole file or none."""

from __future__ import annotations

import errno
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from textcoder.domain.transcript import Transcript
from textcoder.errors import OutputError

T = TypeVar("T")

_UNSAFE = re.compile(r"[^\w .()\[\]+=,&@~#%-]")
# Names that Windows keeps for devices, whatever their ending.
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_LONGEST_NAME = 120
_REASONS = {
    errno.ENOSPC: "the disk is full. Make room, or choose another folder with --out.",
    errno.EDQUOT: "your share of the disk is used up. Make room, or choose another folder with --out.",
    errno.EFBIG: "the file would be larger than this system allows. Choose another folder with --out.",
    errno.EACCES: "there is no right to write there. Choose another folder with --out, or ask its owner.",
    errno.EPERM: "there is no right to write there. Choose another folder with --out, or ask its owner.",
    errno.EROFS: "this disk can only be read. Choose another folder with --out.",
    errno.ENOTDIR: "a part of this path is a file, not a folder. Choose another folder with --out.",
    errno.EEXIST: "there is a file of this name already. Choose another folder with --out.",
    errno.EISDIR: "there is a folder of this name already. Rename it, or choose another folder with --out.",
}


def put(path: Path, data: bytes) -> None:
    """Write a file so that it is complete or not there: beside its place first, then moved.

    A file that holds these bytes already is left alone.

    Raises:
        OutputError: It cannot be written; what was there before is still there.
    """
    guard(path.parent, lambda folder: folder.mkdir(parents=True, exist_ok=True))
    guard(path, lambda place: _replace(place, data))


def _replace(path: Path, data: bytes) -> None:
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a full disk may show only now
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def guard(path: Path, act: Callable[[Path], T]) -> T:
    """Do one thing with a file; a system error becomes a sentence."""
    try:
        return act(path)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, f"the system says: {error.strerror}. Choose another folder with --out.")
        raise OutputError(f"{path} cannot be written: {reason}") from error


def text_names(transcripts: Sequence[Transcript]) -> dict[str, Transcript]:
    """A file name for the text of each transcript: its own name made safe for every system, with ".txt" after it.

    Names that would be one file on some system (case of letters, ways to write an accent) get the transcript's id.
    """
    safe = {transcript.id: _safe_name(transcript.name) for transcript in transcripts}
    times = Counter(name.casefold() for name in safe.values())
    return {
        f"{name} {transcript.id}.txt" if times[name.casefold()] > 1 else f"{name}.txt": transcript
        for transcript in transcripts
        for name in [safe[transcript.id]]
    }


def _safe_name(name: str) -> str:
    plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .") or "text"
    if len(plain.encode()) > _LONGEST_NAME:
        plain = plain.encode()[:_LONGEST_NAME].decode(errors="ignore").rstrip(" .")
    return f"_{plain}" if _DEVICE.match(plain) else plain
