"""PDF as people print it: pages, titles, numbers and breaks in the middle of a sentence, and files that are none."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from textcoder.errors import UnreadableFile
from textcoder.formats.decoding import decode
from textcoder.formats.extract import Extract
from textcoder.formats.pages import running_text
from textcoder.formats.pdf import read_pdf
from textcoder.formats.speakers import find_turns

# What the codes of a font mean, as programs write it that know of soft hyphens.
UNICODE = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def
1 begincodespacerange <00> <ff> endcodespacerange 2 beginbfrange <20> <7e> <0020> <a0> <ff> <00a0> endbfrange
endcmap end end"""


def pdf_of(pages: list[list[str]], turned: int = 0) -> bytes:
    """A small PDF with one line of type below the other; its table of objects is left for the reader to find.

    A blank line is only room on the paper, and each tab before a line an inch of it. The paper can be turned by 90, 180 or 270
    degrees, and the type with it, so that one reads it like any other.
    """
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 4 0 R >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        font,
        f"<< /Length {len(UNICODE)} >>\nstream\n{UNICODE}\nendstream",
    ]
    matrix = {0: "1 0 0 1 50 800", 90: "0 1 -1 0 50 50", 180: "-1 0 0 -1 545 50", 270: "0 -1 1 0 545 800"}[turned]
    kids = []
    for lines in pages:
        shown = " ".join(map(_shown, lines))
        stream = f"BT /F1 11 Tf 14 TL {matrix} Tm {shown} ET" if lines else ""
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {turned} /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


def _shown(line: str) -> str:
    words, inches = line.lstrip("\t"), len(line) - len(line.lstrip("\t"))
    escaped = re.sub(r"([()])", r"\\\1", words)
    return f"{72 * inches} 0 Td ({escaped}) Tj {-72 * inches} -14 Td" if words else "T*"


def protected(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def said(extract: Extract) -> list[tuple[str | None, str]]:
    return [(turn.speaker, extract.text[turn.start : turn.end]) for turn in extract.turns]


TITLE = "Bridgewater, interview 4"
TALK = [
    [
        TITLE,
        "Page 1 of 3",
        "Hanna: What is working, even a little, since we met the last time?",
        "Mira: Having one named contact means that I do not get lost between",
    ],
    [TITLE, "Page 2 of 3", "the offices any more, and when I ring somebody knows who I am.", "Hanna: Mm."],
    [TITLE, "Page 3 of 3", "Mira: So that is that."],
]


def test_a_turn_over_a_page_break_stays_one_and_the_paper_goes() -> None:
    """A title in the middle of a quotation is nobody's words; half a sentence on each side is none either."""
    extract = read_pdf(pdf_of(TALK), "i.pdf")
    assert said(extract) == [
        ("Hanna", "What is working, even a little, since we met the last time?"),
        (
            "Mira",
            "Having one named contact means that I do not get lost between the offices any more, "
            "and when I ring somebody knows who I am.",
        ),
        ("Hanna", "Mm."),
        ("Mira", "So that is that."),
    ]
    assert [extract.text[page:].split()[0] for page in extract.pages] == ["Hanna:", "the", "Mira:"]
    assert "6 lines" in extract.note


def test_a_speaker_that_opens_every_page_is_no_running_title() -> None:
    """Dropping "Participant:" would give her words to the interviewer."""
    pages = [["Participant:", "\tOkay."], ["Participant:", "\tYes."], ["Participant:", "\tNo."], ["Mm", "\tSo."]]
    assert running_text(pages).text == "Participant: Okay.\n\nParticipant: Yes.\n\nParticipant: No.\n\nMm\n\nSo."


@pytest.mark.parametrize(
    "numbers",
    [
        ["1/3", "2/3", "3/3"],
        ["- 4 -", "- 5 -", "- 6 -"],
        ["Seite 1 von 3", "Seite 2 von 3", "Seite 3 von 3"],
        ["", "2", "3"],
    ],
)
def test_page_numbers_go_from_top_and_bottom(numbers: list[str]) -> None:
    """They would be read as scaling answers."""
    bodies = ["On Tuesdays.", "The bread.", "Nobody."]
    above = [[number, body] for number, body in zip(numbers, bodies, strict=True)]
    below = [[body, "", number] for number, body in zip(numbers, bodies, strict=True)]
    for pages in (above, below):
        assert words(running_text(pages).text) == words(" ".join(bodies))


def test_numbers_that_people_say_stay() -> None:
    """A scaling answer at the edge of a page is data."""
    pages = [["Where are you now?", "4"], ["And last year?", "7"], ["And in a good week?", "5"]]
    assert words(running_text(pages).text)[-1] == "5"
    assert running_text(pages).left_out == 0


def test_numbers_in_the_margin_go() -> None:
    """MAXQDA prints paragraph numbers beside the text; linguists number every line."""
    beside = [["Dan: So.", "Ana: Yes.", "1", "2", "3"], ["Dan: Mm.", "3"]]
    assert running_text(beside).text == "Dan: So.\n\nAna: Yes.\n\nDan: Mm."
    before = [[f"{n} word{n} and more words that fill the line to its end" for n in range(1, 9)]]
    text = running_text(before).text
    assert text.startswith("word1 and more")
    assert not re.search(r"\b\d", text)


def test_words_are_healed_only_when_the_text_shows_them_whole() -> None:
    """A wrong guess makes a quotation that nobody said."""
    pages = [
        [
            "we had a collabo-",
            "ration of four old-",
            "fashioned offices and I was go-",
            "well, I went, and a soft\u00ad",
        ],
        ["er word; collaboration is old-fashioned."],
    ]
    assert running_text(pages).text == (
        "we had a collaboration of four old-fashioned offices and I was go- well, I went, and a softer word; "
        "collaboration is old-fashioned."
    )


def test_pages_without_words_begin_where_the_next_begins() -> None:
    """Otherwise every quotation behind a picture gets the wrong page."""
    run = running_text([[], ["One."], ["", ""], ["Two."], []])
    assert run.text == "One.\n\nTwo."
    assert run.pages == (0, 0, 6, 6, 10)


@given(
    st.lists(
        st.lists(st.text(st.sampled_from("ab.-: \t\u00ad1Ä🙂"), max_size=12), max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_no_letter_is_lost_whatever_the_lines(pages: list[list[str]]) -> None:
    """Order and number of letters stay, and page offsets rise inside the text."""
    run = running_text(pages)
    letters = [sign for page in pages for line in page for sign in line if sign in "abÄ🙂"]
    if run.left_out == 0:
        assert [sign for sign in run.text if sign in "abÄ🙂"] == letters
    assert len(run.pages) == len(pages)
    assert list(run.pages) == sorted(run.pages)
    assert all(0 <= offset <= len(run.text) for offset in run.pages)


def test_a_mended_fault_is_said_in_one_sentence_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The numbers of broken objects frighten people and help nobody; silence would hide lost words."""
    whole = pdf_of(TALK)
    start = int(whole.rsplit(b"startxref\n", 1)[1].split()[0])
    data = whole.replace(f"startxref\n{start}".encode(), f"startxref\n{start - 7}".encode())
    with caplog.at_level(logging.DEBUG):
        extract = read_pdf(data, "i.pdf")
    assert not caplog.records
    assert extract.text == read_pdf(whole, "i.pdf").text
    assert "faulty" in extract.note


def test_an_empty_user_password_opens_and_another_is_named() -> None:
    """Many PDFs only forbid printing; these can be read like any other."""
    assert read_pdf(protected(pdf_of(TALK), ""), "i.pdf").text == read_pdf(pdf_of(TALK), "i.pdf").text
    with pytest.raises(UnreadableFile, match="password"):
        read_pdf(protected(pdf_of(TALK), "secret"), "i.pdf")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"hello", "damaged"),
        (b"%PDF-1.4\n", "damaged"),
        (b"PK\x03\x04", "damaged"),
        (pdf_of(TALK)[:700], "damaged"),
        (pdf_of([]), "damaged"),
        (pdf_of([[], []]), "OCR"),
        (pdf_of([["\x01\x02\x03 $%&/()=?#+*"]]), "letters cannot be told"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(data: bytes, says: str) -> None:
    """A scan needs OCR, a broken file another copy; a traceback helps with neither."""
    with pytest.raises(UnreadableFile, match=says) as raised:
        read_pdf(data, "i.pdf")
    assert raised.value.remedy


def test_a_page_without_text_among_others_is_named() -> None:
    """Half an interview that was scanned must not be missed."""
    assert "No text on page 2;" in read_pdf(pdf_of([["Hanna: Yes."], [], ["Mira: No."]]), "i.pdf").note


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_room_on_the_paper_is_read_as_blank_lines_and_indents(turned: int) -> None:
    """Where nobody is named, these alone show who speaks; a landscape page shows them sideways."""
    talk = ["0.34 What did you do?", "", "\tI rang and", "\trang.", "", "\tAnd then?", "", "2.10 Then they came."]
    asked = "\n\n".join(["0.34 What did you do?", "\tI rang and rang.", "\tAnd then?", "2.10 Then they came."])
    extract = read_pdf(pdf_of([talk], turned), "i.pdf")
    assert extract.text == asked
    assert [text for _, text in said(extract)] == [
        "What did you do?",
        "I rang and rang.",
        "And then?",
        "Then they came.",
    ]


def test_the_room_below_a_running_title_parts_no_sentence() -> None:
    """Every page break would cut a quotation in two."""
    full = "I had one named contact there and since then no letter gets lost, and when"
    extract = read_pdf(
        pdf_of([[TITLE, "", full], [TITLE, "", "I ring, somebody knows."], [TITLE, "", "Good."]]), "i.pdf"
    )
    assert extract.text.startswith(f"{full} I ring, somebody knows.")


def test_small_type_has_small_leading() -> None:
    """Seen from a footnote, every line of the text would stand alone."""
    large = ["It begins with a sentence that fills its line and", "goes on in the next one as it would in a letter."]
    data = pdf_of([[*large, *large, *large, "", "Small words that stand below the others in", "a type of their own."]])
    small = data.replace(b"T* 0 0 Td (Small", b"T* /F1 5 Tf 7 TL 0 0 Td (Small")
    assert read_pdf(small, "i.pdf").text.split("\n\n")[0] == " ".join([*large, *large, *large])


def test_hyphens_at_the_end_of_lines_are_told_apart() -> None:
    """A soft hyphen is the printer's, another is the word's, and one with a blank is a speaker who broke off."""
    lines = [
        "We had a number of colla\u00ad",
        "borations that were old-",
        "Fashioned, and when I was go- ",
        "well, I went, and it ended with an-",
        "other one, and there was another.",
    ]
    assert read_pdf(pdf_of([lines]), "i.pdf").text == (
        "We had a number of collaborations that were old- Fashioned, and when I was go- well, I went, and it ended with "
        "another one, and there was another."
    )


def test_short_answers_one_below_the_other_are_no_column_of_signs() -> None:
    """ "I" and "A" would become "IA"."""
    assert words(read_pdf(pdf_of([["I", "", "", "A"]]), "i.pdf").text) == ["i", "a"]


def test_many_threads_read_at_once() -> None:
    """The service answers several people at a time; PDFium can read for one only, and ends the process otherwise."""
    data = pdf_of(TALK * 5)
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda _: read_pdf(data, "i.pdf").text, range(40)))
    assert len(texts) == 1


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_damaged_file_is_read_or_refused_and_never_a_crash(changes: list[tuple[int, int]]) -> None:
    """Transfers break files in the middle; a batch of fifty must not end at one of them."""
    data = bytearray(pdf_of(TALK))
    for place, value in changes:
        data[place % len(data)] = value
    with suppress(UnreadableFile):
        read_pdf(bytes(data), "i.pdf")


@pytest.mark.parametrize("number", range(1, 8))
def test_interviews_printed_by_maxqda_are_read_in_order_with_nothing_dropped(shared: Path, number: int) -> None:
    """Real interviews: each sign is placed by itself, numbers stand in the margin. Another reader bears witness."""
    data = (shared / f"data/pdpilot_interviews/P{number}.pdf").read_bytes()
    extract = read_pdf(data, f"P{number}.pdf")
    pages = [page.extract_text().split("\n")[1:] for page in PdfReader(io.BytesIO(data)).pages]  # the first is "1/5"
    raw = [word for page in pages for line in page if not line.isdigit() for word in words(line)]
    assert words(extract.text) == raw
    assert {turn.speaker for turn in extract.turns} == {"Dan", "Participant"}
    assert len(extract.pages) == len(pages)
    assert "\t" not in extract.text


@pytest.mark.parametrize(
    ("name", "twin", "turns"),
    [("jackson", "JACKSON_5DEC91_corrected", 404), ("price", "PRICE_EDITED", 268), ("turner", "TURNER_21NOV91", 212)],
)
def test_oral_histories_are_the_same_as_their_text_twins(shared: Path, name: str, twin: str, turns: int) -> None:
    """Without names, only indents and tape counters show who speaks; the twins differ by an editor's corrections."""
    folder = shared / "data/transcripts"
    extract = read_pdf((folder / f"pdf_oralhistory/ftf_transcript_{name}.pdf").read_bytes(), f"{name}.pdf")
    text = decode((folder / f"txt_oralhistory/{twin}.txt").read_bytes(), twin).text
    found, wanted = Counter(words(extract.text)), Counter(words(text))
    assert (found & wanted).total() / wanted.total() > 0.997  # .9999, .9985 and .9972 on the day of writing
    assert len(extract.turns) == turns
    assert abs(len(find_turns(text)) - turns) <= 1


def test_a_pdf_with_more_letters_than_any_transcript_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of millions of letters in a small file would be read for minutes."""
    from textcoder.formats import pdf

    monkeypatch.setattr(pdf, "_MOST", replace(pdf._MOST, signs=60))
    assert "Mira: Yes." in read_pdf(pdf_of([["Mira: Yes."]]), "a.pdf").text
    with pytest.raises(UnreadableFile, match="letters, more than any transcript"):
        read_pdf(pdf_of([["Mira: Yes. We go there."]] * 4), "a.pdf")


def test_a_line_of_letters_without_end_is_read() -> None:
    """A spoiled file, printed as one endless word, would keep the reader busy for hours."""
    line = "a" * 300_000
    assert running_text([[line + " b-", "c d"]]).text == f"{line} b- c d"
    assert len(running_text([[line, line]]).text) >= 2 * len(line)
