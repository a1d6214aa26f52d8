"""What is done with a spoiled file of each kind, and what must hold of whatever comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import hostile, seeds
from tests.fuzz.hostile import Hostile
from textcoder.domain.transcript import Transcript
from textcoder.errors import TextcoderError
from textcoder.settings import Settings
from textcoder.store import Store

SETTINGS = Settings()


class Fault(AssertionError):
    """What was read does not hold together, or something changed that should not."""


@dataclass(frozen=True)
class Reader:
    """A reader under test.

    Attributes:
        file: What its file is called.
        sound: Makes files that it can read.
        hostile: Files that were made to harm it.
        take: Reads the file; returns all words that came in.
    """

    file: str
    sound: Callable[[], Sequence[bytes]]
    hostile: Hostile
    take: Callable[[Path], str]


def transcript(path: Path) -> str:
    """Read as a transcript; all spans lie in the text, and any database can keep it."""
    from textcoder.formats import read_source

    source = read_source(path.read_bytes(), path.name, settings=SETTINGS)
    _check(source.transcript)
    known = [
        words for case in source.cases for words in (case.id, case.name, *case.attributes, *case.attributes.values())
    ]
    for words in (source.note, *known, *source.metadata.values()):
        words.encode()
    return source.transcript.text


def _check(one: Transcript) -> None:
    one.text.encode()
    before = 0
    for turn in one.turns:
        if not before <= turn.start <= turn.end <= len(one.text):
            raise Fault("a turn lies outside of the text, or over another one")
        before = turn.end
    times = [(point.offset, point.ms) for point in one.sync]
    if not all(0 <= offset <= len(one.text) and 0 <= ms < 2**53 for offset, ms in times):
        raise Fault("a time lies outside of the text, or is none")
    if list(one.pages) != sorted(one.pages) or not all(0 <= page <= len(one.text) for page in one.pages):
        raise Fault("a page lies outside of the text")
    if "\0" in one.text:
        raise Fault("NUL in the text: no PostgreSQL keeps it")


@contextmanager
def _unchanged_if_refused(store: Store) -> Iterator[None]:
    before = store.stamp()
    try:
        yield
    except TextcoderError:
        if store.stamp() != before:
            raise Fault("it was refused, and the project changed") from None
        raise


def codebook(path: Path) -> str:
    """Take it as a codebook into a project that has one."""
    from textcoder.workflow import import_codebook

    store = seeds.coded()
    with _unchanged_if_refused(store):
        import_codebook(store, path)
    return _book(store)


def exchange(path: Path) -> str:
    """Take it as REFI-QDA into a project that holds something; what comes in must go out again."""
    from textcoder.errors import OutputError
    from textcoder.workflow.exchanging import import_refi, refi_project

    store = seeds.coded()
    with _unchanged_if_refused(store):
        import_refi(store, path, SETTINGS)
    length = {}
    for one in store.transcripts():
        _check(one)
        length[one.id] = len(one.text)
    if not all(0 <= coding.start < coding.end <= length[coding.transcript] for coding in store.codings()):
        raise Fault("a coding lies outside of its text")
    with suppress(OutputError):  # a tree may be deeper than what others read
        refi_project(store)
    return "\n".join((_book(store), *store.texts().values(), repr(store.cases())))


def cases(path: Path) -> str:
    """Take it as the table of cases of one transcript."""
    from tests.refi.projects import Memory
    from textcoder.workflow import Reading, import_files

    store = Memory()
    with _unchanged_if_refused(store):
        import_files(store, [_talks(path)], SETTINGS, reading=Reading(cases=path))
    return repr(store.cases())


def codings(path: Path) -> str:
    """Take it as another program's table of codings of one transcript; what is placed lies in its text."""
    from tests.refi.projects import Memory
    from textcoder.workflow import Reading, import_files
    from textcoder.workflow.shaping import import_codings, look_at

    store = Memory()
    import_files(store, [_talks(path)], SETTINGS, reading=Reading())
    with _unchanged_if_refused(store):
        import_codings(store, *look_at(path.read_bytes(), path.name), path.name)
    length = {one.id: len(one.text) for one in store.transcripts()}
    if not all(0 <= coding.start < coding.end <= length[coding.transcript] for coding in store.codings()):
        raise Fault("a coding lies outside of its text")
    return _book(store)


def _talks(beside: Path) -> Path:
    """A folder with one interview."""
    talk = beside.with_name("talks") / "mira.txt"
    talk.parent.mkdir(exist_ok=True)
    talk.write_text(seeds.TALK, encoding="utf-8")
    return talk.parent


def _book(store: Store) -> str:
    codes = store.codebook()
    for code in codes:
        repr(code).encode()
        codes.ancestors(code.id)
    return "\n".join(f"{code.name} {code.definition}" for code in codes)


READERS: Mapping[str, Reader] = {
    "txt": Reader("mira.txt", seeds.texts, hostile.TEXT, transcript),
    "vtt": Reader("mira.vtt", seeds.subtitles, hostile.VTT, transcript),
    "srt": Reader("mira.srt", seeds.subrips, hostile.SRT, transcript),
    "docx": Reader("mira.docx", seeds.documents, hostile.DOCX, transcript),
    "pdf": Reader("mira.pdf", seeds.prints, hostile.PDF, transcript),
    "csv": Reader("survey.csv", seeds.tables, hostile.CSV, transcript),
    "xlsx": Reader("survey.xlsx", seeds.workbooks, hostile.XLSX, transcript),
    "json": Reader("survey.json", seeds.jsons, hostile.JSON, transcript),
    "yaml": Reader("codebook.yaml", seeds.codebooks, hostile.YAML, codebook),
    "qdc": Reader("codebook.qdc", seeds.books, hostile.QDC, exchange),
    "qdpx": Reader("project.qdpx", seeds.projects, hostile.QDPX, exchange),
    "cases": Reader("cases.csv", seeds.case_tables, hostile.CASES, cases),
    "codings": Reader("segments.csv", seeds.coding_tables, hostile.CODINGS, codings),
}


def all_readers() -> Mapping[str, Reader]:
    """By name; for another process to find."""
    return READERS
