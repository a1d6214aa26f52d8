"""The check before a file is given away: it finds a name wherever one stands, and cries at nothing else."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from docx import Document

from textcoder.pseudonyms.leaks import Leak, find_leaks, holds


def test_a_short_name_in_a_database_is_found(tmp_path: Path) -> None:
    """The words of two columns touch in its bytes: "studyMiraMira" is no whole word, and Mira would go out with the project."""
    path = tmp_path / "project.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute('CREATE TABLE "the cases" (project TEXT, id TEXT, name TEXT, vector BLOB)')
        connection.execute('INSERT INTO "the cases" VALUES (?, ?, ?, ?)', ("study", "Mira", "Mira", b"Hope and Joy "))
        connection.commit()
    before = sorted(tmp_path.iterdir())
    data = path.read_bytes()
    assert not holds(data, "Mira")
    assert find_leaks([path], ["Mira", "Ana"]) == [Leak(str(path), ("Mira",), ())]
    assert sorted(tmp_path.iterdir()) == before
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "project.db")
    assert find_leaks([tmp_path / "packed.zip"], ["Mira"]) != []
    (tmp_path / "torn.db").write_bytes(data[:4096])
    assert find_leaks([tmp_path / "torn.db"], ["Mira"]) == []  # and nothing breaks


# The bytes of a vector of the demo in which the letters J and o stood side by side.
VECTOR = bytes.fromhex("3d9c3b8c3ce5bff8bdb824573d4a6f88bc31e2d2bcc39d04be8717153d1e")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (VECTOR, False),
        ("dass Jo das sagt, ä".encode(), True),
        ("öööö Jo öööö".encode()[1:-1], True),
        (b"a,Jo,b", True),
        (b"Jo", True),
        (b"\x01\x02\x03Jo\x7f\x01\x02", False),
        ("Jo\u0308rg".encode(), False),
        (b"Joan", False),
    ],
)
def test_a_short_name_is_looked_for_among_words(data: bytes, found: bool) -> None:
    """A researcher who is warned of every second database would stop reading the warnings."""
    assert holds(data, "Jo") is found


def test_accents_and_capitals_hide_no_name(tmp_path: Path) -> None:
    """A Mac keeps the name of a file with its accents apart, and somebody else writes it in capitals."""
    apart = unicodedata.normalize("NFD", "Björn")
    assert holds(f"So {apart} said.".encode(), "Björn")
    for name in (f"w1_{apart}.txt", "W1_BJÖRN.txt", "Weiss.txt"):
        path = tmp_path / name
        path.write_text("nothing")
        (leak,) = find_leaks([path], ["Björn", "Weiß"])
        assert (leak.path, len(leak.names), leak.inside) == (str(path), 1, ())
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("sources/w1_björn.txt", "nothing")
    packed = tmp_path / "packed.zip"
    assert find_leaks([packed], ["BJÖRN"]) == [Leak(str(packed), ("BJÖRN",), ("sources/w1_björn.txt",))]


def test_what_every_office_file_holds_is_no_name_and_where_one_stands_is_told(tmp_path: Path) -> None:
    """Twenty reports would be named for the words "Office Theme", and nobody would look at the one that leaks."""
    document = Document()
    document.add_paragraph("We went to the clinic.")
    document.save(str(tmp_path / "clean.docx"))
    document.add_paragraph("Nobody at the Office knew.")
    document.save(str(tmp_path / "leaking.docx"))
    (leak,) = find_leaks([tmp_path], ["Office", "Mira"])
    assert str(leak).endswith("leaking.docx holds 1 of the names: Office (in word/document.xml).")


@pytest.mark.parametrize(
    "name", ["O'Brien", "Marks & Spencer", "anna_l@x.example", "+46 70 174 06 12", "Anna-Karin Ek", "D'Söder"]
)
def test_no_way_of_writing_hides_a_name(name: str) -> None:
    """Mr O'Brien stands as O&#39;Brien on a page, and would not be found there."""
    from html import escape
    from xml.sax.saxutils import quoteattr

    from jinja2.utils import htmlsafe_json_dumps
    from markupsafe import escape as on_a_page

    from textcoder.reports.markdown import escaped

    sentence = f"So {name}, I said."
    written = [escape(sentence), str(on_a_page(sentence)), quoteattr(sentence), escaped(sentence), escaped(name)]
    written += [json.dumps(sentence), str(htmlsafe_json_dumps(sentence)), json.dumps(escape(sentence))]
    for text in written:
        assert holds(text.encode(), name), text
    assert not holds(b"So somebody else, I said.", name)
