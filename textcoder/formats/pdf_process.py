"""The process that reads PDFs: begun at the first, asked for one after the other, and begun again after one that ended it."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from textcoder.formats.pdf_lines import TOO_LONG, TOO_MUCH, Line

_SCRIPT = Path(__file__).with_name("pdf_lines.py")
_PATIENCE = 5.0
"""Seconds in which a process ends that has closed its end of the line."""
_HIGHEST_STATUS = 255
"""Of a program that ends by itself; crashes have negative ones, on Windows far higher ones."""
_KILLED = -9
"""By SIGKILL, as a system does that has no memory left."""


@dataclass(frozen=True, slots=True)
class Most:
    """What one file may take.

    Attributes:
        signs: Letters and blanks.
        memory: Bytes at once, beside three times the file's own.
        loading: Seconds of the processor, until PDFium has loaded the text of a page.
        seconds: Likewise, for all pages.
    """

    signs: int
    memory: int
    loading: float
    seconds: float


class Refused(Exception):
    """A file that cannot be read; the argument is `password`, `damaged`, `letters`, `memory` or `time`."""


class PdfProcess:
    """A process that PDFium has for itself: it takes memory without a bound, and damaged files can end it.

    Threads wait for each other, since PDFium can do one thing at a time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def lines(self, data: bytes, most: Most) -> tuple[list[list[Line]], bool]:
        """The lines of each page in the order of the file, and whether the file's table of objects was faulty.

        Cost: beginning the process takes about as long as importing PDFium; asking it takes a millisecond.

        Raises:
            Refused: With the reason.
        """
        with self._lock:
            answer = self._answer(data, most)
        if why := answer.get("refused"):
            raise Refused(why)
        return [[Line(*line) for line in page] for page in answer["pages"]], answer["mended"]

    def end(self) -> None:
        """Let the process go; the next file begins another one."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            _closed(child)

    def _answer(self, data: bytes, most: Most) -> Mapping[str, Any]:
        child = self._running()
        assert child.stdin is not None and child.stdout is not None
        asked = json.dumps([len(data), most.signs, most.memory + 3 * len(data), most.loading, most.seconds])
        try:
            with suppress(OSError):  # it has ended; why, its status says
                child.stdin.write(asked.encode() + b"\n" + data)
                child.stdin.flush()
            told = child.stdout.readline()
        except BaseException:  # an answer that comes later would be taken for that of another file
            self.end()
            raise
        if not told.endswith(b"\n"):  # nothing, or no more than the beginning of an answer
            self._child = None
            return {"refused": _why(_closed(child))}
        answer: dict[str, Any] = json.loads(told)
        if answer["worn"]:
            self.end()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.end()
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603  # our own
                [sys.executable, "-P", str(_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._child


def _closed(child: subprocess.Popen[bytes]) -> int:
    """The exit status of a process that has ended or is about to, with nothing of it left."""
    try:
        status = child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        status = child.wait()
    for pipe in (child.stdin, child.stdout):
        with suppress(OSError):  # words that it has not taken
            if pipe is not None:
                pipe.close()
    return status


def _why(status: int) -> str:
    if status in (TOO_MUCH, _KILLED):
        return "memory"
    if status == TOO_LONG:
        return "time"
    if 0 <= status <= _HIGHEST_STATUS:
        raise RuntimeError(f"the process that reads PDFs ended by itself, with status {status}")
    return "damaged"


PDFIUM = PdfProcess()
"""The one of this process."""


def _anew() -> None:
    """A process that was forked begins one of its own: two that share a line would take each other's answers."""
    global PDFIUM
    PDFIUM = PdfProcess()


atexit.register(lambda: PDFIUM.end())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)
