"""PDFs that would take all memory, or all time, or end the process that reads them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.formats.test_pdf import TALK, pdf_of
from textcoder.errors import UnreadableFile
from textcoder.formats import pdf, pdf_process
from textcoder.formats.pdf import read_pdf

SOUND = pdf_of(TALK)
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
WORDS = b"BT /F1 9 Tf 50 50 Td (word word) Tj ET "


def packed(content: bytes, about: bytes = b"") -> bytes:
    data = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(data), about, data)


def page_of(contents: bytes, xobjects: bytes, *more: bytes, font: bytes = FONT) -> bytes:
    """One page; object 4 is its font, and what follows begins with 5."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %s "
        b"/Resources << /Font << /F1 4 0 R >> /XObject << %s >> >> >>" % (contents, xobjects),
        font,
        *more,
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer\n<< /Size %d /Root 1 0 R >>\n%%%%EOF\n" % (len(objects) + 1)


def forms_in_forms(levels: int = 12, each: int = 10) -> bytes:
    """Each form shows the next ten times: on paper are a million million words."""
    inner = [
        packed(
            b"/X Do " * each,
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >>" % number,
        )
        for number in range(7, 6 + levels)
    ]
    last = packed(WORDS, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >>")
    return page_of(b"5 0 R", b"/X 6 0 R", packed(b"/X Do " * each), *inner, last)


def contents_many_times() -> bytes:
    return page_of(b"[" + b"5 0 R " * 5000 + b"]", b"", packed(WORDS * 1000))


def letters_of_many_letters() -> bytes:
    """Every letter stands for a hundred thousand others."""
    unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <20> <7e> <"
        + b"0061" * 100_000
        + b"> endbfrange\nendcmap end end"
    )
    font = FONT.replace(b">>", b"/Encoding /WinAnsiEncoding /ToUnicode 6 0 R >>")
    shown = b"BT /F1 9 Tf 14 TL 50 800 Td " + b"(Nobody answers the phone after three.) Tj T* " * 40 + b"ET"
    return page_of(b"5 0 R", b"", packed(shown), packed(unicode), font=font)


def states_in_states() -> bytes:
    return page_of(b"5 0 R", b"", packed(b"q " * 20_000_000))


@pytest.mark.parametrize("made", [forms_in_forms, contents_many_times, states_in_states])
def test_a_small_file_that_would_fill_the_memory_is_refused(made: Callable[[], bytes]) -> None:
    """A few kilobytes that somebody sends would end the service, and on a desk everything else that is open."""
    data = made()
    assert len(data) < 50_000
    with pytest.raises(UnreadableFile, match=r"mail\.pdf: its pages take far more memory .* Print it"):
        read_pdf(data, "mail.pdf")
    assert read_pdf(SOUND, "i.pdf").text.startswith("Hanna: What is working")


def test_letters_that_stand_for_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One page of a spoiled file held ten million letters and took two gigabytes for them."""
    monkeypatch.setattr(pdf, "_MOST", replace(pdf._MOST, loading=0.3))
    data = letters_of_many_letters()
    assert len(data) < 5_000
    with pytest.raises(UnreadableFile, match=r"mail\.pdf: its pages take far more (time|memory) .* Print it"):
        read_pdf(data, "mail.pdf")
    assert read_pdf(SOUND, "i.pdf").text.startswith("Hanna: What is working")


def test_a_file_of_many_pages_that_takes_too_long_in_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All others wait for it."""
    monkeypatch.setattr(pdf, "_MOST", replace(pdf._MOST, seconds=0.2))
    with pytest.raises(UnreadableFile, match="more time"):
        read_pdf(pdf_of([["Mira: We go there, and then we go home again." * 3] * 40] * 200), "a.pdf")


def test_a_crash_of_pdfium_ends_one_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It ended the service, with all that people had not saved."""
    crash = tmp_path / "crash.py"
    crash.write_text("import os, signal\ninput()\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    pdf_process.PDFIUM.end()
    with monkeypatch.context() as changed:
        changed.setattr(pdf_process, "_SCRIPT", crash)
        with pytest.raises(UnreadableFile, match="damaged"):
            read_pdf(SOUND, "i.pdf")
    assert read_pdf(SOUND, "i.pdf").text.startswith("Hanna: What is working")


def test_a_fault_of_ours_is_no_damaged_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """People would look for another copy of a file that is sound."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(1)\n")
    pdf_process.PDFIUM.end()
    monkeypatch.setattr(pdf_process, "_SCRIPT", broken)
    with pytest.raises(RuntimeError, match="status 1"):
        read_pdf(SOUND, "i.pdf")


def test_a_process_that_was_ended_between_two_files_is_begun_again() -> None:
    """A system without memory ends whatever it likes."""
    first = read_pdf(SOUND, "i.pdf")
    child = pdf_process.PDFIUM._child
    assert child is not None
    child.kill()
    child.wait()
    assert read_pdf(SOUND, "i.pdf") == first


def test_a_file_that_needed_much_leaves_nothing_to_the_next() -> None:
    """Whether a file is read would depend on the one before."""
    large = page_of(b"5 0 R", b"", packed(b"0 0 m 9 9 l S " * 800_000 + WORDS))
    assert "word" in read_pdf(large, "i.pdf").text
    assert pdf_process.PDFIUM._child is None


TWO = """
import os, sys
from pathlib import Path
from textcoder.formats import pdf_process
from textcoder.formats.pdf import read_pdf

one, two = (Path(name).read_bytes() for name in sys.argv[1:])
wanted = read_pdf(one, "1.pdf").text, read_pdf(two, "2.pdf").text
forked = os.fork()
mine, right = (one, wanted[0]) if forked else (two, wanted[1])
sound = all(read_pdf(mine, "i.pdf").text == right for _ in range(30))
if not forked:
    pdf_process.PDFIUM.end()
    os._exit(not sound)
assert os.waitpid(forked, 0)[1] == 0 and sound
print(pdf_process.PDFIUM._child.pid)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_has_a_reader_of_its_own_and_none_is_left_at_the_end(tmp_path: Path) -> None:
    """Two servers that were forked after the first file would get each other's interviews."""
    names = [str(tmp_path / name) for name in ("1.pdf", "2.pdf")]
    for name, lines in zip(names, (["Mira: One."], ["Omar: Two, and more."]), strict=True):
        Path(name).write_bytes(pdf_of([lines]))
    done = subprocess.run([sys.executable, "-c", TWO, *names], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), signal.SIG_DFL)
