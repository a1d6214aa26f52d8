"""What is written is valid, reads back as it was, and is the same byte for byte."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.refi.pictures import bare, guid_of, pictures
from textcoder.errors import OutputError
from textcoder.refi.model import Book, Code, Picture, Selection, Set, Source
from textcoder.refi.read import read_book, read_project
from textcoder.refi.write import PROFILES, Profile, project_xml, write_book, write_project

MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    """The official schemas, where they lie beside the checkout."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "refi"
    if not folder.is_dir():
        pytest.skip("needs the schemas of REFI-QDA in shared/refi beside the checkout; the product does not")
    names = {"book": "Codebook-mrt2019.xsd", "project": "Project-mrt2019.xsd"}
    return {kind: etree.XMLSchema(etree.parse(folder / name)) for kind, name in names.items()}


@MANY
@given(picture=pictures(), profile=st.sampled_from(PROFILES))
def test_every_project_is_valid_in_every_profile(schemas: dict[str, Any], picture: Picture, profile: Profile) -> None:
    """NVivo refuses a file that breaks the schema, without saying where."""
    schemas["project"].assertValid(etree.fromstring(project_xml(picture, profile=profile)))
    book = Book(tuple(replace(code, notes=()) for code in picture.codes), tuple(_codes_only(picture.sets)))
    schemas["book"].assertValid(etree.fromstring(write_book(book)))


@MANY
@given(picture=pictures())
def test_a_project_reads_back_as_it_was(picture: Picture) -> None:
    """A coding would sit on other words, or its coder be forgotten, after a journey through another program."""
    read = read_project(write_project(picture), "p.qdpx")
    assert read.findings == ()
    assert bare(read.picture) == bare(picture)


@MANY
@given(picture=pictures(times=False), profile=st.sampled_from(PROFILES))
def test_positions_come_back_from_every_profile(picture: Picture, profile: Profile) -> None:
    """UTF-16 units, CRLF that counts two: one off, and every later quotation is wrong."""
    read = read_project(write_project(picture, profile=profile), "p.qdpx")
    assert read.findings == ()
    there, here = bare(read.picture), bare(picture)
    if profile in ("maxqda", "atlasti"):  # a note on a selection is its description, too
        there, here = _without_descriptions(there), _without_descriptions(here)
    if profile == "nvivo":
        there, here = _notes_sorted(there), _notes_sorted(here)
    assert there == here


@MANY
@given(picture=pictures(), profile=st.sampled_from(PROFILES))
def test_the_same_project_is_the_same_file(picture: Picture, profile: Profile) -> None:
    """A second export would differ for no reason, and a backup or a diff be of no use."""
    assert write_project(picture, profile=profile, side=b"{}") == write_project(picture, profile=profile, side=b"{}")


@MANY
@given(picture=pictures())
def test_a_codebook_reads_back_as_it_was(picture: Picture) -> None:
    codes = tuple(replace(code, notes=()) for code in picture.codes)
    sets = tuple(_codes_only(picture.sets))
    book, findings = read_book(write_book(Book(codes, sets, "textcoder")), "codes.qdc")
    assert (book, findings) == (Book(codes, sets, "textcoder"), ())


def _codes_only(sets: tuple[Set, ...]) -> list[Set]:
    return [replace(one, sources=(), notes=()) for one in sets]


def _each(picture: Picture, change: Any) -> Picture:
    sources = tuple(replace(s, selections=tuple(map(change, s.selections))) for s in picture.sources)
    return replace(picture, sources=sources)


def _without_descriptions(picture: Picture) -> Picture:
    return _each(picture, lambda one: replace(one, description=""))


def _notes_sorted(picture: Picture) -> Picture:
    return _each(picture, lambda one: replace(one, notes=tuple(sorted(one.notes))))


def test_the_archive_is_as_the_standard_wants_it() -> None:
    """ATLAS.ti refuses a project whose rich text path points at plain text; others look for `sources/` in lower case."""
    picture = Picture("Bridge", sources=(Source(guid_of(1), "Mira", "Hello 😀\nthere"),))
    archive = zipfile.ZipFile(io.BytesIO(write_project(picture, profile="nvivo")))
    assert archive.namelist() == ["project.qde", f"sources/{guid_of(1)}.txt"]
    assert archive.read(f"sources/{guid_of(1)}.txt") == "\ufeffHello 😀\r\nthere".encode()
    xml = archive.read("project.qde").decode()
    assert f'plainTextPath="internal://{guid_of(1)}.txt"' in xml
    assert not {word for word in ("richTextPath", "basePath", "absolute://") if word in xml}


@pytest.mark.parametrize(
    ("profile", "start", "end"), [("spec", 8, 13), ("nvivo", 10, 15), ("maxqda", 9, 14), ("atlasti", 8, 13)]
)
def test_each_profile_counts_as_its_program_does(profile: Profile, start: int, end: int) -> None:
    """As measured: NVivo counts UTF-16 units and CRLF as two, MAXQDA CRLF as two, ATLAS.ti a line end as one."""
    text = "Hello 😀\nthere"
    source = Source(guid_of(1), "Mira", text, selections=(Selection(guid_of(2), 8, 13),))
    xml = etree.fromstring(project_xml(Picture("Bridge", sources=(source,)), profile=profile))
    (found,) = xml.iter("{*}PlainTextSelection")
    assert (found.get("startPosition"), found.get("endPosition"), found.get("name")) == (str(start), str(end), "there")


def test_what_xml_cannot_hold_is_no_reason_to_break() -> None:
    """A control character in a name would make an archive that no program opens."""
    codes = (Code(guid_of(1), "a\x0bb\ud800c", "d\x00"),)
    book, _ = read_book(write_book(Book(codes)), "codes.qdc")
    assert (book.codes[0].name, book.codes[0].description) == ("a\ufffdb\ufffdc", "d\ufffd")


def test_a_tree_too_deep_for_others_is_refused_with_a_remedy() -> None:
    codes = [Code(guid_of(1), "c1")]
    for i in range(2, 102):
        codes.append(Code(guid_of(i), f"c{i}", parent=guid_of(i - 1)))
    with pytest.raises(OutputError, match="101 levels"):
        write_book(Book(tuple(codes)))
    assert len(read_book(write_book(Book(tuple(codes[:100]))), "codes.qdc")[0].codes) == 100


@MANY
@given(picture=pictures())
def test_another_reader_understands_the_export(tmp_path_factory: pytest.TempPathFactory, picture: Picture) -> None:
    """That we read ourselves proves little; pyrefiqda is written from the schema by others."""
    pytest.importorskip("pyrefiqda", reason="needs pyrefiqda, a test dependency", exc_type=ImportError)
    from pyrefiqda import RefiProject

    folder = tmp_path_factory.mktemp("refi")
    (folder / "p.qdpx").write_bytes(write_project(picture))
    project = RefiProject.load(folder / "p.qdpx", extract_dir=str(folder / "out"))
    assert project.name == picture.name
    assert [user.name for user in project.users.user] == [user.name for user in picture.users]
    texts = project.sources.text_source if project.sources else []
    plain = {source.guid: source for source in picture.sources if not source.sync}
    assert {source.guid for source in texts} == set(plain)
    for source in texts:
        path = RefiProject.resolve_source_path(source.plain_text_path, str(folder / "out"))
        text = path.read_bytes().decode("utf-8")
        ours = plain[source.guid]
        assert text == ours.text
        assert {(one.guid, text[one.start_position : one.end_position]) for one in source.plain_text_selection} == {
            (one.guid, ours.text[one.start : one.end]) for one in ours.selections
        }
