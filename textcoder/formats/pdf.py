"""PDF with text, page by page in the order of the file. Pictures of text (scans) are named, not guessed at."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from ctypes import c_double
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from threading import Lock
from typing import TYPE_CHECKING, Any

from textcoder.errors import UnreadableFile
from textcoder.formats.extract import Extract
from textcoder.formats.pages import Page, running_text
from textcoder.formats.speakers import find_turns

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_ONE_AT_A_TIME = Lock()  # PDFium keeps a state of its own; two threads in it end the process
# Fonts print "fi" as one sign; readers and models look for the letters.
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# Of all signs but blanks. Text whose font says nothing of its letters comes out as signs and private characters.
_FEWEST_LETTERS = 0.4
_SCAN = "It seems to be a scan. Run text recognition (OCR) over it, such as ocrmypdf, and give the result."
_SOFT_HYPHEN = "\u00ad"
_HYPHEN = "\2"  # PDFium's sign for any hyphen where a word is cut
# In points. Signs of one line stand that far up and down from each other, and a new line begins lower.
_LOWER = 3.0
_MOST_SIGNS = 3_000_000  # of a file; a transcript of 24 hours has half as many
_INDENT = 6.0  # more than type set by hand is off, less than any tab
# The leading is the smallest step from line to line that is common; this much of it is room for a blank line.
_COMMON, _BLANK = 0.1, 1.3


@dataclass(slots=True)
class _Line:
    """A line of type: its words, where it begins as one holds the page to read, and its size; all in points."""

    text: str
    left: float
    down: float
    size: float


def read_pdf(data: bytes, file: str) -> Extract:
    """Read a PDF that holds text: paragraphs with a blank line between, the offset of each page, and the turns.

    Running titles, page numbers and line numbers are left out and counted in the note; a turn that runs over a page
    break stays one. Cost: about 10 milliseconds a page. Threads wait for each other.

    Raises:
        UnreadableFile: Protected, damaged, no PDF, or without text (a scan).
    """
    if not data:
        raise UnreadableFile(file, "the file is empty.", "Save or download it again.")
    with _ONE_AT_A_TIME:
        lines, mended = _read_lines(data, file)
    pages = _set_apart(lines)
    run = running_text(pages)
    _refuse_gibberish(run.text, len(pages), file)
    empty = [str(number) for number, page in enumerate(pages, 1) if not any(map(str.strip, page))]
    sentences = (
        f"{run.left_out} lines of page numbers, running titles or line numbers are left out." if run.left_out else "",
        f"No text on page {', '.join(empty)}; perhaps scanned." if empty else "",
        "Parts of the PDF are faulty and were mended; compare it with the original." if mended else "",
    )
    return Extract(run.text, find_turns(run.text), pages=run.pages, note=" ".join(filter(None, sentences)))


def _read_lines(data: bytes, file: str) -> tuple[list[list[_Line]], bool]:
    """The lines of each page in the order of the file, and whether the file's table of objects was faulty."""
    from pypdfium2 import PdfDocument, PdfiumError, raw

    try:
        with PdfDocument(data) as document:
            pages, left = [], _MOST_SIGNS
            for page in document:
                lines, signs = _lines(document, page, left)
                left -= signs
                if left < 0:
                    raise UnreadableFile(
                        file, f"it holds more than {_MOST_SIGNS} letters, more than any transcript.", "Split it."
                    )
                pages.append(lines)
            mended = not raw.FPDF_DocumentHasValidCrossReferenceTable(document)
    except PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise UnreadableFile(
                file, "the PDF is protected by a password.", "Save a copy without a password."
            ) from error
        raise _damaged(file) from error
    if not pages:
        raise _damaged(file)
    return pages, mended


def _damaged(file: str) -> UnreadableFile:
    return UnreadableFile(
        file, "this is not a PDF, or it is damaged or cut off.", "Download it again, or print it to a new PDF."
    )


def _lines(document: PdfDocument, page: PdfPage, most: int) -> tuple[list[_Line], int]:
    """The lines of a page, and how many signs are on it; no lines where these are too many."""
    lines: list[_Line] = []
    cut: list[tuple[_Line, Any]] = []
    with closing(_Type(page)) as type_:
        if type_.count > most:
            return [], type_.count
        count, blanks, before = type_.count, "", (0.0, 0.0)
        for i, sign in enumerate(type_.signs()):
            if sign.isspace():
                blanks += sign
                continue
            place = type_.place(i)
            if not lines or _is_next_line(place[0] - before[0], place[1] - before[1], "\n" in blanks):
                if lines:
                    lines[-1].text += blanks.partition("\r")[0]
                lines.append(_Line("", *place, type_.size(i)))
                blanks = ""
            lines[-1].text += blanks + sign
            blanks, before = "", place
            if sign == _HYPHEN and (thing := type_.hyphened(i)):
                cut.append((lines[-1], thing))
    for line, thing in cut:
        line.text = line.text.replace(_HYPHEN, _end_of_line(document, page, thing))
    return lines, count


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


def _set_apart(pages: Sequence[Sequence[_Line]]) -> list[Page]:
    """The lines as text, with a blank one where the paper leaves room for it, and a tab for the indent of a paragraph."""
    steps = Counter(round(step, 1) for page in pages for step in _steps(page) if step > 0)
    leading = min((step for step, count in steps.items() if count >= _COMMON * steps.total()), default=1.0)
    margin = min((line.left for page in pages for line in page), default=0.0)
    return [list(_page(lines, _BLANK * leading, margin)) for lines in pages]


def _steps(lines: Sequence[_Line]) -> Iterator[float]:
    """How far each line but the first stands below the one before, in heights of the larger type."""
    return ((after.down - before.down) / max(before.size, after.size) for before, after in pairwise(lines))


def _page(lines: Sequence[_Line], far: float, margin: float) -> Iterator[str]:
    steps = [0.0, *_steps(lines), 0.0]
    for i, line in enumerate(lines):
        apart = steps[i] > far
        if apart:
            yield ""
        goes_left = 0 < steps[i + 1] <= far and line.left > lines[i + 1].left + _INDENT
        indented = goes_left or (apart and line.left > margin + _INDENT)
        yield _clean(("\t" if indented else "") + line.text)


def _clean(text: str) -> str:
    text = text.translate(_LIGATURES).replace("\0", "").replace(_HYPHEN, "-")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refuse_gibberish(text: str, pages: int, file: str) -> None:
    signs = [sign for sign in text if not sign.isspace()]
    if not signs:
        raise UnreadableFile(file, f"no text stands on its {pages} pages.", _SCAN)
    if sum(map(str.isalpha, signs)) < _FEWEST_LETTERS * len(signs):
        reason = "the letters cannot be told, because its fonts do not say which they are."
        raise UnreadableFile(file, reason, "Run text recognition (OCR) over it, or give the original document.")
