"""Every reader of archives and of XML against every way in which these do harm: a clear sentence, bounded memory, nothing changed."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fuzz import hostile, readers, seeds
from tests.fuzz.hostile import with_member
from tests.fuzz.readers import Reader
from tests.fuzz.running import Trial
from tests.refi import twins
from tests.refi.pictures import guid_of
from textcoder.errors import UnreadableFile
from textcoder.settings import Settings

MEMORY = 400_000_000
"""Bytes that any of these may take; unpacked, the bombs take a hundred to a thousand million."""
DEEP = 1000
WORKBOOK = "xl/worksheets/sheet1.xml"
Xml = Callable[[str, str], bytes]


@dataclass(frozen=True)
class Kind:
    """A reader, a sound file of its, and that file with words of ours, and a document type, in its XML."""

    file: str
    take: Callable[[Path], str]
    sound: Callable[[], bytes]
    within: Xml
    member: str = ""
    """Of the archive, the one that holds the words; empty where the file is XML."""


def _sheet(heads: tuple[str, ...], cells: tuple[str, ...], before: str = "") -> bytes:
    rows = (hostile._row(i, *zip(("A", "B", "C"), row, strict=False)) for i, row in enumerate((heads, cells), 1))
    placed = "".join(rows)
    for number in (1, 2):
        for column in "ABC":
            placed = placed.replace(f'<c r="{column}"', f'<c r="{column}{number}"', 1)
    return hostile._sheet(placed, before)


def _table(file: str, take: Callable[[Path], str], heads: tuple[str, ...], cells: tuple[str, ...]) -> Kind:
    """A table as a workbook; the words stand in its last cell."""
    return Kind(
        file,
        take,
        lambda: _sheet(heads, cells),
        lambda words, before: _sheet(heads, (*cells[:-1], words), before),
        WORKBOOK,
    )


def _bare(inner: str, before: str = "") -> bytes:
    return f"<?xml version='1.0'?>{before}<Project xmlns='{twins.NAMESPACE}' name='n'>{inner}</Project>".encode()


CODE = hostile._code(1, "<Description>{}</Description>")
KINDS: Mapping[str, Kind] = {
    "docx": Kind(
        "mira.docx",
        readers.transcript,
        lambda: seeds.documents()[0],
        lambda words, before: hostile._word(hostile._said(f"Mira: {words} yes"), before),
        "word/document.xml",
    ),
    "xlsx": _table(
        "survey.xlsx", readers.transcript, ("respondent", "answer"), ("P1", "It rains all day here, and nobody comes.")
    ),
    "cases": _table("cases.xlsx", readers.cases, ("file", "case", "group"), ("mira.txt", "M1", "user")),
    "codebook": _table(
        "codebook.xlsx", readers.codebook, ("name", "lens", "definition"), ("Trust", "none", "Told as trust.")
    ),
    "codings": _table(
        "segments.xlsx", readers.codings, ("Document name", "Segment", "Code"), ("mira", seeds.SAID[1][1], "Staff")
    ),
    "qdpx": Kind(
        "project.qdpx",
        readers.exchange,
        twins.standard,
        lambda words, before: hostile._project(f"<Description>{words}</Description>{twins.CODES}", before),
        "project.qde",
    ),
    "qde": Kind(
        "project.qde",
        readers.exchange,
        lambda: _bare(twins.CODES),
        lambda words, before: _bare(f"<Description>{words}</Description>{twins.CODES}", before),
    ),
    "qdc": Kind(
        "codebook.qdc",
        readers.exchange,
        lambda: seeds.books()[0],
        lambda words, before: hostile._codes(CODE.format(words), before),
    ),
}


def _xml(kind: Kind) -> hostile.Hostile:
    def whole(xml: bytes) -> bytes:
        return with_member(kind.sound(), kind.member, xml) if kind.member else xml

    return {
        "entities that swell": lambda _: kind.within("&j;", f"{hostile.LAUGHS}]>"),
        "an entity many times": lambda _: kind.within("&j;" * 10_000, hostile._quadratic()),
        "an external entity": lambda canary: kind.within("&j;", hostile._external(canary)),
        "an external document type": lambda canary: kind.within("yes", f"<!DOCTYPE x SYSTEM 'file://{canary}'>"),
        "another schema": lambda _: whole(b"<html><body><p>Mira: yes</p></body></html>"),
        "a hundred thousand levels": lambda _: whole(b"<a>" * 100_000 + b"</a>" * 100_000),
        "XML that is cut": lambda _: whole(
            kind.within("yes", "")[:-40] if not kind.member else b"<?xml version='1.0'?><a"
        ),
        "no XML": lambda _: whole(b"PK"),
        "nothing": lambda _: b"",
    }


def _archives(kind: Kind) -> hostile.Hostile:
    return {
        "a bomb": lambda _: hostile.bomb(kind.member),
        "a bomb in a sound file": lambda _: with_member(kind.sound(), kind.member, b" " * 100_000_000),
        "a size that is a lie": lambda _: hostile._lying(kind.sound(), kind.member),
        "a bomb beside": lambda _: with_member(kind.sound(), "media/film.bin", b"\0" * 60_000_000),
        "names that lead away": lambda canary: with_member(
            with_member(kind.sound(), "../../../../tmp/textcoder-escaped", b"x"), f"/{canary}.escaped", b"x"
        ),
        "half an archive": lambda _: kind.sound()[: len(kind.sound()) // 2],
        "an archive without its end": lambda _: kind.sound()[:-60],
    }


def _projects(kind: Kind) -> hostile.Hostile:
    """What only REFI-QDA has: GUIDs, spans and trees."""
    deep = hostile._nested(DEEP)
    book = kind.file.endswith(".qdc")
    if book:
        return {
            "codes a thousand deep": lambda _: f"<CodeBook xmlns='urn:QDA-XML:codebook:1.0'>{deep}</CodeBook>".encode(),
            "GUIDs of nothing": lambda _: seeds.books()[0].replace(
                f'targetGUID="{guid_of(2)}"'.encode(), f'targetGUID="{guid_of(99)}"'.encode()
            ),
        }
    text = f"<PlainTextContent>{twins.TEXT}</PlainTextContent>"

    def coded(chosen: str) -> bytes:
        if kind.member:
            return hostile._coded(chosen)
        source = f'<TextSource guid="{twins.SOURCE}" name="Mira">{text}{chosen}</TextSource>'
        return _bare(f"{twins.USERS}{twins.CODES}<Sources>{source}</Sources>")

    return {
        "codes a thousand deep": lambda _: hostile._project(deep) if kind.member else _bare(deep),
        "GUIDs of nothing": lambda _: coded(hostile._chosen(1, 5, 600, guid_of(77)) + hostile._chosen(1, 5, 601, "x")),
        "spans outside of the text": lambda _: coded(
            "".join(
                hostile._chosen(start, end, 600 + 20 * i + j)
                for i, start in enumerate(hostile.BEYOND)
                for j, end in enumerate(hostile.BEYOND)
            )
        ),
    }


def _hostile(kind: Kind) -> hostile.Hostile:
    refi = kind.take is readers.exchange
    return {**_xml(kind), **(_archives(kind) if kind.member else {}), **(_projects(kind) if refi else {})}


def _sound(kind: Kind) -> Callable[[], list[bytes]]:
    return lambda: [kind.sound()]


def archive_readers() -> Mapping[str, Reader]:
    return {name: Reader(kind.file, _sound(kind), _hostile(kind), kind.take) for name, kind in KINDS.items()}


CASES = [(name, what) for name, reader in archive_readers().items() for what in reader.hostile]
READ = {
    *((name, "names that lead away") for name, kind in KINDS.items() if kind.member),
    *((name, "an external document type") for name in ("docx", "xlsx", "cases", "codebook", "codings")),
    *((name, "spans outside of the text") for name in ("qdpx", "qde")),
    *((name, "GUIDs of nothing") for name in ("qdpx", "qde", "qdc")),
    ("docx", "an external entity"),
    ("qdpx", "a bomb beside"),
}
"""Read as if what does harm were not there: no name is taken for a path, no entity and no type is looked for, no medium is unpacked;
what the report says of spans and GUIDs is tested with REFI-QDA."""


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial(archive_readers, memory=MEMORY) as trial:
        yield trial


@pytest.mark.parametrize("name", KINDS)
def test_the_sound_file_of_each_reader_is_read(name: str, tmp_path: Path) -> None:
    """Else everything below would be refused for another reason."""
    kind = KINDS[name]
    for data in (kind.sound(), kind.within("on Tuesdays we go there", "")):
        (tmp_path / kind.file).write_bytes(data)
        assert kind.take(tmp_path / kind.file)


@pytest.mark.parametrize(("name", "what"), CASES)
def test_what_does_harm_is_refused_or_left_out(trial: Trial, name: str, what: str) -> None:
    """In a process of little memory; a file that comes in, or goes out, or changes half a project, is a fault."""
    tried = trial.one(name, list(_hostile(KINDS[name])).index(what))
    assert tried.outcome == ("read" if (name, what) in READ else "refused"), tried


def _half_a_gigabyte(path: Path, end: bytes) -> Path:
    """A file with a hole, which takes no room on the disk; an archive may begin anywhere in it."""
    with path.open("wb") as file:
        file.truncate(500_000_000)
        file.seek(0, io.SEEK_END)
        file.write(end)
    return path


@pytest.mark.parametrize("name", ["docx", "xlsx"])
def test_a_transcript_of_half_a_gigabyte_is_refused_before_it_is_read(name: str, tmp_path: Path) -> None:
    """A recording with the wrong ending would fill the memory of a laptop."""
    from textcoder.workflow.importing import bytes_of

    path = _half_a_gigabyte(tmp_path / KINDS[name].file, KINDS[name].sound())
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="has 500 MB; the limit is 100 MB"):
        bytes_of(path, path.name, Settings())
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["qde", "qdc"])
def test_xml_of_half_a_gigabyte_is_refused(name: str, tmp_path: Path) -> None:
    """Parsed, it would take ten times as much."""
    path = _half_a_gigabyte(tmp_path / KINDS[name].file, KINDS[name].sound())
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="the limit is 64"):
        KINDS[name].take(path)
    assert tracemalloc.get_traced_memory()[1] < 200_000_000
    tracemalloc.stop()


def test_a_project_of_half_a_gigabyte_is_read_without_its_media(tmp_path: Path) -> None:
    """The films of a project are most of it, and nobody codes them."""
    path = _half_a_gigabyte(tmp_path / "project.qdpx", twins.standard())
    seeds.coded()
    tracemalloc.start()
    assert "library" in readers.exchange(path)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_a_set_that_names_codes_which_are_not_there_is_told() -> None:
    """Whoever sorted her codes into sets would look for the rest."""
    from textcoder.refi.model import Became
    from textcoder.refi.read import read_book

    _, findings = read_book(_hostile(KINDS["qdc"])["GUIDs of nothing"](Path()), "codebook.qdc")
    assert [(one.became, one.item.split()[0]) for one in findings] == [(Became.LOST, "set")]


def test_a_codebook_a_thousand_deep_in_a_table_is_read_to_its_ground(tmp_path: Path) -> None:
    """Walking up such a tree by calls within calls would end in a traceback."""
    import openpyxl

    from textcoder.domain.codebook import Codebook
    from textcoder.formats.codebook import read_codebook

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["name", "lens", "parent"])
    for level in range(DEEP):
        book.active.append([f"c{level}", "none", f"c{level - 1}" if level else ""])
    book.save(tmp_path / "codebook.xlsx")
    codes = Codebook(read_codebook((tmp_path / "codebook.xlsx").read_bytes(), "codebook.xlsx", lenses=["none"]))
    deepest = next(code for code in codes if code.name == f"c{DEEP - 1}")
    assert len(codes.ancestors(deepest.id)) == DEEP - 1
