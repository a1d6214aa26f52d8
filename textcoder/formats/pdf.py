"""PDF with text, page by page in the order of the file. Pictures of text (scans) are named, not guessed at."""

from __future__ import annotations

import io
import logging
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textcoder.errors import UnreadableFile
from textcoder.formats.extract import Extract
from textcoder.formats.pages import Page, running_text
from textcoder.formats.speakers import find_turns

if TYPE_CHECKING:
    from pypdf import PdfReader

# Fonts print "fi" as one sign; readers and models look for the letters.
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
# Of all signs but blanks. Text whose font says nothing of its letters comes out as signs and private characters.
_FEWEST_LETTERS = 0.4
_SCAN = "It seems to be a scan. Run text recognition (OCR) over it, such as ocrmypdf, and give the result."


def read_pdf(data: bytes, file: str) -> Extract:
    """Read a PDF that holds text: paragraphs with a blank line between, the offset of each page, and the turns.

    Running titles, page numbers and line numbers are left out and counted in the note; a turn that runs over a page
    break stays one. Cost: about 0.1 seconds a page.

    Raises:
        UnreadableFile: Protected, damaged, no PDF, or without text (a scan).
    """
    if not data:
        raise UnreadableFile(file, "the file is empty.", "Save or download it again.")
    with _oddities() as mended:
        pages = _read_pages(data, file)
    run = running_text(pages)
    _refuse_gibberish(run.text, len(pages), file)
    empty = [str(number) for number, page in enumerate(pages, 1) if not any(map(str.strip, page))]
    sentences = (
        f"{run.left_out} lines of page numbers, running titles or line numbers are left out." if run.left_out else "",
        f"No text on page {', '.join(empty)}; perhaps scanned." if empty else "",
        "Parts of the PDF are faulty and were mended; compare it with the original." if mended else "",
    )
    return Extract(run.text, find_turns(run.text), pages=run.pages, note=" ".join(filter(None, sentences)))


@contextmanager
def _oddities() -> Iterator[list[logging.LogRecord]]:
    """What pypdf logs of faults that it mends: counted, but kept from the user, who cannot act on "object 2 342"."""
    log, found = logging.getLogger("pypdf"), _Kept()
    propagates, log.propagate = log.propagate, False
    log.addHandler(found)
    try:
        yield found.records
    finally:
        log.removeHandler(found)
        log.propagate = propagates


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def _read_pages(data: bytes, file: str) -> list[Page]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile(file, "the PDF is protected by a password.", "Save a copy without a password.")
        pages = [_lines(reader, number) for number in range(len(reader.pages))]
    # What pypdf lets through where objects of the file are missing, cut or of another kind than it expects.
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, AssertionError) as error:
        raise _damaged(file) from error
    except (RecursionError, NotImplementedError, ArithmeticError, OSError, zlib.error, struct.error) as error:
        raise _damaged(file) from error
    if not pages:
        raise _damaged(file)
    return pages


def _damaged(file: str) -> UnreadableFile:
    return UnreadableFile(
        file, "this is not a PDF, or it is damaged or cut off.", "Download it again, or print it to a new PDF."
    )


def _lines(reader: PdfReader, number: int) -> Page:
    text = reader.pages[number].extract_text().translate(_LIGATURES).replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8").split("\n")


def _refuse_gibberish(text: str, pages: int, file: str) -> None:
    signs = [sign for sign in text if not sign.isspace()]
    if not signs:
        raise UnreadableFile(file, f"no text stands on its {pages} pages.", _SCAN)
    if sum(map(str.isalpha, signs)) < _FEWEST_LETTERS * len(signs):
        reason = "the letters cannot be told, because its fonts do not say which they are."
        raise UnreadableFile(file, reason, "Run text recognition (OCR) over it, or give the original document.")
