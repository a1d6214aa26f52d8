"""Word documents as people send them: bold names, tables, tracked changes, and files that are none."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from textcoder.errors import UnreadableFile
from textcoder.formats.extract import Extract
from textcoder.formats.word import read_word


def saved(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def said(extract: Extract) -> list[tuple[str | None, str]]:
    return [(turn.speaker, extract.text[turn.start : turn.end]) for turn in extract.turns]


def bold(document: Document, name: str, words: str = "") -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(name).bold = True
    paragraph.add_run(words)


TALK = [
    ("Hanna", "What is working, even a little?"),
    ("Mira", "The named contact. 🙂"),
    ("Hanna", "And what gets in the way?"),
    ("Mira", "Form 7B."),
]


@pytest.mark.parametrize(("mark", "gap"), [(":", " "), ("", ": "), ("", "\t"), (": ", ""), ("", "\n")])
def test_names_in_bold_are_speakers(mark: str, gap: str) -> None:
    """The commonest transcript there is; without this one speaker would say everything."""
    document = docx.Document()
    document.add_heading("Interview 3")
    for name, words in TALK:
        bold(document, name + mark, gap + words)
    extract = read_word(saved(document), "i.docx")
    assert said(extract) == TALK
    assert extract.text.startswith("Interview 3\n\nHanna:")


def test_bold_names_may_stand_above_the_words() -> None:
    """The words below a name are hers, over several paragraphs."""
    document = docx.Document()
    for name, words in TALK:
        bold(document, name)
        document.add_paragraph(words)
    document.add_paragraph("And the queue.")
    assert said(read_word(saved(document), "i.docx")) == [*TALK[:3], ("Mira", "Form 7B.\n\nAnd the queue.")]


def test_bold_words_are_no_speakers() -> None:
    """Emphasis at the beginning of some sentences must not invent people."""
    document = docx.Document()
    for i in range(12):
        document.add_paragraph(f"Number {i} of many paragraphs that somebody wrote.")
    for _ in range(2):
        bold(document, "Trust", " is what it comes down to.")
    assert {speaker for speaker, _ in said(read_word(saved(document), "diary.docx"))} == {None}


@pytest.mark.parametrize("header", [["Time", "Speaker", "Text"], ["Start", "Who", "What was said"], None])
def test_speakers_in_a_table_give_turns_with_times(header: list[str] | None) -> None:
    """Transcription services send three columns, with or without headings; text around the table stays in its place."""
    document = docx.Document()
    document.add_paragraph("Recorded in the library.")
    rows = [*([header] if header else []), *([f"00:00:0{i}", *turn] for i, turn in enumerate(TALK))]
    table = document.add_table(0, 3)
    for row in rows:
        for cell, words in zip(table.add_row().cells, row, strict=True):
            cell.text = words
    banner = table.add_row().cells
    banner[0].merge(banner[2]).text = "Part two"
    document.add_paragraph("End.")
    extract = read_word(saved(document), "i.docx")
    assert said(extract) == TALK
    assert [turn.start_ms for turn in extract.turns] == [0, 1000, 2000, 3000]
    assert extract.text.startswith("Recorded in the library.\n\nHanna: What")
    assert extract.text.endswith("Part two\n\nEnd.")


def test_a_second_table_goes_on_without_headings() -> None:
    """A page break splits the table; its first row would be lost as headings, or its words without a speaker."""
    document = docx.Document()
    for rows in ([("Speaker", "Text"), *TALK[:2]], TALK[2:]):
        table = document.add_table(0, 2)
        for row in rows:
            for cell, words in zip(table.add_row().cells, row, strict=True):
                cell.text = words
        document.add_paragraph()
    assert said(read_word(saved(document), "i.docx")) == TALK


def test_a_table_of_facts_stands_where_it_was_and_is_no_dialogue() -> None:
    """Nothing is dropped: a case sheet above the interview is text, in its place."""
    document = docx.Document()
    table = document.add_table(2, 2)
    for cell, words in zip(table._cells, ["Place", "North", "Date", "3 May"], strict=True):
        cell.text = words
    for name, words in TALK:
        document.add_paragraph(f"{name}: {words}")
    extract = read_word(saved(document), "i.docx")
    assert extract.text.startswith("Place\n\nNorth\n\nDate\n\n3 May\n\nHanna:")
    assert said(extract) == TALK


def test_inserted_and_linked_words_are_read_and_deleted_ones_are_not() -> None:
    """Transcripts are corrected with tracked changes; a correction that is not read is a wrong quotation."""
    document = docx.Document()
    body = document.element.body
    body.insert(
        0,
        parse_xml(
            f"<w:p {nsdecls('w')}><w:r><w:t>Hanna: </w:t></w:r><w:del><w:r><w:delText>No</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>Yes</w:t><w:tab/><w:t>or</w:t><w:br/><w:t>no</w:t></w:r></w:ins>"
            "<w:hyperlink><w:r><w:t>, here</w:t></w:r></w:hyperlink></w:p>"
        ),
    )
    body.insert(
        1,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>In a field.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    assert read_word(saved(document), "i.docx").text == "Hanna: Yes\tor\nno, here\n\nIn a field."


def test_text_boxes_are_said_not_to_be_read() -> None:
    """Their place among the paragraphs is unknown; silence would hide words."""
    document = docx.Document()
    document.add_paragraph("Hanna: Yes.")
    box = "<w:pict><w:txbxContent><w:p><w:r><w:t>Aside</w:t></w:r></w:p></w:txbxContent></w:pict>"
    document.paragraphs[0]._p.append(parse_xml(f"<w:r {nsdecls('w')}>{box}</w:r>"))
    extract = read_word(saved(document), "i.docx")
    assert extract.text == "Hanna: Yes."
    assert "Text boxes" in extract.note


def test_authors_are_not_read() -> None:
    """Core properties name the transcriber and often the participant's real name."""
    document = docx.Document()
    document.core_properties.author = "Real Name"
    document.core_properties.title = "Real Title"
    document.add_paragraph("Nothing else.")
    extract = read_word(saved(document), "i.docx")
    assert "Real" not in f"{extract.text}{extract.metadata}{extract.note}"


def with_member(name: str, content: bytes, document: Document | None = None) -> bytes:
    """A good document with one of its parts replaced."""
    source = zipfile.ZipFile(io.BytesIO(saved(document or docx.Document())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in source.namelist():
            if member != name:
                archive.writestr(member, source.read(member))
        archive.writestr(name, content)
    return out.getvalue()


def test_external_entities_are_never_opened(tmp_path: Path) -> None:
    """A prepared document must not carry a file of this machine into a transcript."""
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    xml = (
        f'<?xml version="1.0"?><!DOCTYPE w:document [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        f"<w:document {nsdecls('w')}><w:body><w:p><w:r><w:t>a&x;b</w:t></w:r></w:p></w:body></w:document>"
    )
    with contextlib.suppress(UnreadableFile):
        assert "SECRET" not in read_word(with_member("word/document.xml", xml.encode()), "i.docx").text


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def plain_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("holiday.txt", "sun")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"Hanna: hello", "damaged"),
        (OLE, "before 2007"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (saved(docx.Document())[:-300], "damaged"),
        (plain_zip(), "damaged"),
        (with_member("word/document.xml", b"<w:document"), "damaged"),
        (with_member("word/document.xml", b"<a/>"), "damaged"),
        (with_member("[Content_Types].xml", b"<a/>"), "damaged"),
        (with_member("word/media/image1.png", b"\0" * 11_000_000), "far larger"),
        (saved(docx.Document()), "no words"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(data: bytes, says: str) -> None:
    """The other files of the folder go on, and nobody needs a traceback."""
    with pytest.raises(UnreadableFile, match=says) as raised:
        read_word(data, "i.docx")
    assert raised.value.remedy


def test_the_documents_of_the_data_set_have_exactly_their_turns(shared: Path) -> None:
    """Bold speakers and speakers in a table, counted by simple means and read by eye before."""
    folder = shared / "data/transcripts"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for file in sorted((folder / "derived").glob("*.docx")):
        extract, wanted = read_word(file.read_bytes(), file.name), expected[f"derived/{file.name}"]
        assert len(extract.turns) == wanted["turns"]
        assert sorted({speaker or "" for speaker, _ in said(extract)}) == wanted["speakers"]
        assert said(extract)[0][1].startswith(wanted["first"])
        assert said(extract)[-1][1].endswith(wanted["last"])


def test_a_document_without_a_body_is_no_document() -> None:
    data = with_member("word/document.xml", f"<w:document {nsdecls('w')}/>".encode())
    with pytest.raises(UnreadableFile, match="damaged"):
        read_word(data, "a.docx")


def test_a_table_of_thousands_of_columns_is_read_row_by_row() -> None:
    """Filled up to its widest row it would have forty million cells."""
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = f"<w:tr>{cell.format('Nobody')}</w:tr>" * 4000 + f"<w:tr>{cell.format('answers') * 10_000}</w:tr>"
    xml = f"<w:document {nsdecls('w')}><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>"
    text = read_word(with_member("word/document.xml", xml.encode()), "a.docx").text
    assert (text.count("Nobody"), text.count("answers")) == (4000, 10_000)
