"""The lines of type in a PDF, by PDFium: a script that runs in a process of its own, which `pdf_process` begins and asks.

Forms in forms, contents named a thousand times, or a font whose every letter stands for a hundred thousand: a PDF of two kilobytes
can ask for more memory than any machine has, which shows only once PDFium has taken it, and nothing but the end of its process stops
PDFium. So this process watches itself while it reads, and ends itself where a file takes too much. A file that makes PDFium crash
ends no more than this, either. It imports nothing of textcoder: so it begins in the time that Python and PDFium take.

Each file comes as one line of JSON (how many bytes it has, and the most that it may take) and its bytes, and is answered by one line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from ctypes import c_double
from dataclasses import dataclass
from math import hypot, inf
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

TOO_MUCH, TOO_LONG = 70, 71
"""Exit statuses: where a file took more memory, or more time, than it may."""
HYPHEN = "\2"
"""PDFium's sign for any hyphen where a word is cut."""
WORN = 120_000_000
"""Bytes: a process that keeps as many after a file is ended, else the next would have less room. Without a file it has 40 MB."""

_SOFT_HYPHEN = "\u00ad"
# In points. Signs of one line stand that far up and down from each other, and a new line begins lower.
_LOWER = 3.0
_PAUSE = 0.1  # seconds between two looks at the memory; PDFium fills 50 MB in it


@dataclass(slots=True)
class Line:
    """A line of type: its words, where it begins as one holds the page to read, and its size; all in points."""

    text: str
    left: float
    down: float
    size: float


def main() -> None:
    """Answer one file after the other, until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this
    watch = _Watch()
    watch.start()
    while asked := sys.stdin.buffer.readline():
        size, signs, most_memory, loading, seconds = json.loads(asked)
        data = sys.stdin.buffer.read(size)
        watch.begin(most_memory, loading, seconds)
        try:
            answer = json.dumps(_answer(data, signs, watch) | {"worn": memory() > WORN})
        except MemoryError:
            os._exit(TOO_MUCH)
        watch.rest()
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()


class _Watch(Thread):
    """Ends the process where a file takes too much. PDFium runs without Python's lock, so that this thread goes on meanwhile.

    Time is that of the processor, which a busy machine does not make longer.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._busy, self._memory, self._loading, self._end, self._loaded_by = Event(), 0, 0.0, 0.0, inf

    def begin(self, most_memory: int, loading: float, seconds: float) -> None:
        """Watch a file from now on: bytes at once, seconds until the text of a page is loaded, seconds for all."""
        self._memory, self._loading, self._end = most_memory, loading, time.process_time() + seconds
        self._loaded_by = inf
        self._busy.set()

    def load(self) -> None:
        """PDFium begins to load a page and its text."""
        self._loaded_by = time.process_time() + self._loading

    def loaded(self) -> None:
        """It has."""
        self._loaded_by = inf

    def rest(self) -> None:
        """The file is read."""
        self._busy.clear()

    def run(self) -> None:
        """Look again and again, while a file is read."""
        while self._busy.wait():
            if memory() > self._memory:
                os._exit(TOO_MUCH)
            if time.process_time() > min(self._end, self._loaded_by):
                os._exit(TOO_LONG)
            time.sleep(_PAUSE)


def memory() -> int:
    """Bytes of memory that this process has; where the system tells only that (macOS), the most that it has had."""
    if sys.platform == "win32":
        return _memory_on_windows()
    import resource

    if sys.platform == "linux":  # there, the most begins with that of the parent
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if sys.platform == "win32":
    from ctypes import Structure, WinDLL, byref, c_size_t, c_uint32, c_void_p, sizeof

    class _Counters(Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = (
            *(("size", c_uint32), ("faults", c_uint32)),
            *(("most", c_size_t), ("now", c_size_t), ("others", c_size_t * 6)),
        )

    def _memory_on_windows() -> int:
        kernel, counters = WinDLL("kernel32"), _Counters(size=sizeof(_Counters))
        kernel.GetCurrentProcess.restype = c_void_p
        kernel.K32GetProcessMemoryInfo.argtypes = (c_void_p, c_void_p, c_uint32)
        kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), byref(counters), counters.size)
        return int(counters.now)


def _answer(data: bytes, most: int, watch: _Watch) -> dict[str, Any]:
    """The lines of each page in the order of the file, and whether the file's table of objects was faulty; or why there are none."""
    from pypdfium2 import PdfDocument, PdfiumError, raw

    try:
        with PdfDocument(data) as document:
            pages, left = [], most
            for number in range(len(document)):
                watch.load()
                with closing(document[number]) as page:
                    with closing(_Type(page)) as type_:
                        watch.loaded()
                        left -= type_.count
                        if left < 0:
                            return {"refused": "letters"}
                        lines, cut = _lines(type_)
                    for line, thing in cut:
                        line.text = line.text.replace(HYPHEN, _end_of_line(document, page, thing))
                pages.append([(line.text, line.left, line.down, line.size) for line in lines])
            mended = not raw.FPDF_DocumentHasValidCrossReferenceTable(document)
    except PdfiumError as error:
        return {"refused": "password" if error.err_code == raw.FPDF_ERR_PASSWORD else "damaged"}
    return {"pages": pages, "mended": mended} if pages else {"refused": "damaged"}


def _lines(type_: _Type) -> tuple[list[Line], list[tuple[Line, Any]]]:
    """The lines of a page, and those that end with a hyphen, each with the stretch of type that ends with it."""
    lines: list[Line] = []
    cut: list[tuple[Line, Any]] = []
    blanks, before = "", (0.0, 0.0)
    for i, sign in enumerate(type_.signs()):
        if sign.isspace():
            blanks += sign
            continue
        place = type_.place(i)
        if not lines or _is_next_line(place[0] - before[0], place[1] - before[1], "\n" in blanks):
            if lines:
                lines[-1].text += blanks.partition("\r")[0]
            lines.append(Line("", *place, type_.size(i)))
            blanks = ""
        lines[-1].text += blanks + sign
        blanks, before = "", place
        if sign == HYPHEN and (thing := type_.hyphened(i)):
            cut.append((lines[-1], thing))
    return lines, cut


def _is_next_line(right: float, lower: float, broken: bool) -> bool:
    """Whether a sign so far to the right and below the one before begins a line; `broken` is what PDFium thinks.

    PDFium breaks the rows of tables, and breaks nothing after a hyphen, or where it takes short lines for a column.
    """
    if right > 0 and abs(lower) < _LOWER:
        return False
    return broken or (right <= 0 and lower > _LOWER)


class _Type:
    """The type on a page, sign by sign, in the order of the file."""

    def __init__(self, page: PdfPage) -> None:
        from pypdfium2 import raw

        self._page, self._turned, self._raw = page.get_textpage(), raw.FPDFPage_GetRotation(page), raw
        self._text = self._page.raw  # calls, one or two a sign, take less time with the bare handle
        self.count: int = raw.FPDFText_CountChars(self._text)
        self._x, self._y, self._matrix = c_double(), c_double(), raw.FS_MATRIX()

    def signs(self) -> Iterator[str]:
        """Letters and blanks, with a carriage return and a newline where PDFium sees a line end."""
        return (chr(self._raw.FPDFText_GetUnicode(self._text, i)) for i in range(self.count))

    def place(self, i: int) -> tuple[float, float]:
        """How far to the right and how far down a sign stands, in points from anywhere."""
        self._raw.FPDFText_GetCharOrigin(self._text, i, self._x, self._y)
        x, y = self._x.value, self._y.value
        return ((x, -y), (y, x), (-x, y), (-y, -x))[self._turned]

    def size(self, i: int) -> float:
        """Of the type, in points; never 0."""
        self._raw.FPDFText_GetMatrix(self._text, i, self._matrix)
        return self._raw.FPDFText_GetFontSize(self._text, i) * hypot(self._matrix.c, self._matrix.d) or 1.0

    def hyphened(self, i: int) -> Any:
        """The stretch of type that ends with a sign, where PDFium took this for a hyphen at the end of a line; else None."""
        hyphen = self._raw.FPDFText_IsHyphen(self._text, i) == 1
        return self._raw.FPDFText_GetTextObject(self._text, i) if hyphen else None

    def close(self) -> None:
        self._page.close()


def _end_of_line(document: PdfDocument, page: PdfPage, thing: Any) -> str:
    """The hyphen that ends a stretch of type: a plain or a soft one, with a blank behind it or without.

    Where a word is cut, PDFium gives one and the same sign for all of these. It does not, where no line follows; so the stretch
    is moved to a page of its own.
    """
    from pypdfium2 import raw

    if not raw.FPDFPage_RemoveObject(page, thing):  # a part of a form, which holds on to it
        return "-"
    with closing(document.new_page(*page.get_size())) as alone:
        raw.FPDFPage_InsertObject(alone, thing)
        with closing(alone.get_textpage()) as text:
            shown: str = text.get_text_range()
    end = _SOFT_HYPHEN if shown.rstrip().endswith(_SOFT_HYPHEN) else "-"
    return end + shown[len(shown.rstrip()) :]


if __name__ == "__main__":
    main()
