"""PDF with text, page by page in the order of the file. Pictures of text (scans) are named, not guessed at."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from textcoder.errors import UnreadableFile
from textcoder.formats import pdf_process
from textcoder.formats.extract import Extract
from textcoder.formats.pages import Page, running_text
from textcoder.formats.pdf_lines import HYPHEN, Line
from textcoder.formats.speakers import find_turns

# Fonts print "fi" as one sign; readers and models look for the letters.
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# Of all signs but blanks. Text whose font says nothing of its letters comes out as signs and private characters.
_FEWEST_LETTERS = 0.4
_SCAN = "It seems to be a scan. Run text recognition (OCR) over it, such as ocrmypdf, and give the result."
# A transcript of 24 hours has half as many signs. A page of as many takes half of this memory and time, an ordinary one a thousandth.
_MOST = pdf_process.Most(signs=3_000_000, memory=600_000_000, loading=5.0, seconds=300.0)
_INDENT = 6.0  # in points: more than type set by hand is off, less than any tab
_PRINT_ANEW = "Print it to a new PDF, or give the document that it was made from."
_REFUSALS: Mapping[str, tuple[str, str]] = {
    "password": ("the PDF is protected by a password.", "Save a copy without a password."),
    "damaged": (
        "this is not a PDF, or it is damaged or cut off.",
        "Download it again, or print it to a new PDF.",
    ),
    "letters": (f"it holds more than {_MOST.signs} letters, more than any transcript.", "Split it."),
    "memory": ("its pages take far more memory than those of any transcript.", _PRINT_ANEW),
    "time": ("its pages take far more time to read than those of any transcript.", _PRINT_ANEW),
}
# The leading is the smallest step from line to line that is common; this much of it is room for a blank line.
_COMMON, _BLANK = 0.1, 1.3


def read_pdf(data: bytes, file: str) -> Extract:
    """Read a PDF that holds text: paragraphs with a blank line between, the offset of each page, and the turns.

    Running titles, page numbers and line numbers are left out and counted in the note; a turn that runs over a page
    break stays one. Cost: about 10 milliseconds a page; the memory of the process does not grow by more than the text, whatever
    the file. Threads wait for each other.

    Raises:
        UnreadableFile: Protected, damaged, no PDF, without text (a scan), or beyond what a transcript takes.
    """
    if not data:
        raise UnreadableFile(file, "the file is empty.", "Save or download it again.")
    try:
        lines, mended = pdf_process.PDFIUM.lines(data, _MOST)
    except pdf_process.Refused as error:
        raise UnreadableFile(file, *_REFUSALS[str(error)]) from error
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


def _set_apart(pages: Sequence[Sequence[Line]]) -> list[Page]:
    """The lines as text, with a blank one where the paper leaves room for it, and a tab for the indent of a paragraph."""
    steps = Counter(round(step, 1) for page in pages for step in _steps(page) if step > 0)
    leading = min((step for step, count in steps.items() if count >= _COMMON * steps.total()), default=1.0)
    margin = min((line.left for page in pages for line in page), default=0.0)
    return [list(_page(lines, _BLANK * leading, margin)) for lines in pages]


def _steps(lines: Sequence[Line]) -> Iterator[float]:
    """How far each line but the first stands below the one before, in heights of the larger type."""
    return ((after.down - before.down) / max(before.size, after.size) for before, after in pairwise(lines))


def _page(lines: Sequence[Line], far: float, margin: float) -> Iterator[str]:
    steps = [0.0, *_steps(lines), 0.0]
    for i, line in enumerate(lines):
        apart = steps[i] > far
        if apart:
            yield ""
        goes_left = 0 < steps[i + 1] <= far and line.left > lines[i + 1].left + _INDENT
        indented = goes_left or (apart and line.left > margin + _INDENT)
        yield _clean(("\t" if indented else "") + line.text)


def _clean(text: str) -> str:
    text = text.translate(_LIGATURES).replace("\0", "").replace(HYPHEN, "-")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refuse_gibberish(text: str, pages: int, file: str) -> None:
    signs = [sign for sign in text if not sign.isspace()]
    if not signs:
        raise UnreadableFile(file, f"no text stands on its {pages} pages.", _SCAN)
    if sum(map(str.isalpha, signs)) < _FEWEST_LETTERS * len(signs):
        reason = "the letters cannot be told, because its fonts do not say which they are."
        raise UnreadableFile(file, reason, "Run text recognition (OCR) over it, or give the original document.")
