"""Archives that are broken or meant to harm: one clear sentence, nothing changed, no file outside opened, memory bounded."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.refi import twins
from tests.refi.pictures import guid_of
from tests.refi.projects import Memory, projects
from tests.refi.twins import CODES, SOURCE, TEXT, USERS, archived, project, selections, source
from textcoder.errors import TextcoderError, UnreadableFile
from textcoder.refi import archive as limits
from textcoder.refi.read import read_book, read_project
from textcoder.refi.side import NAME, bound
from textcoder.settings import Settings
from textcoder.workflow.exchanging import import_refi, refi_project

SOURCES = f"<Sources>{source(selections())}</Sources>"
BILLION = "<!DOCTYPE lolz [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
)
DEEP = "".join(f'<Code guid="{guid_of(i + 1)}" name="c" isCodable="true">' for i in range(1000)) + "</Code>" * 1000


def qdpx(xml: bytes, **members: bytes) -> bytes:
    return archived({"project.qde": xml, f"sources/{SOURCE}.txt": TEXT.encode(), **members})


BAD = {
    "nothing": b"",
    "no archive": b"hello",
    "a truncated archive": twins.nvivo()[:-100],
    "half an archive": twins.nvivo()[: len(twins.nvivo()) // 2],
    "no project in it": archived({"a.txt": b"x"}),
    "two projects in it": archived({"a.qde": b"<Project/>", "b.qde": b"<Project/>"}),
    "a member without a name": archived({"a.qde": b"<Project/>"}).replace(b"a.qde", b"\0.qde"),
    "another root": qdpx(b"<Html/>"),
    "no XML": qdpx(b"PK"),
    "truncated XML": qdpx(project(USERS, CODES, SOURCES)[:-30]),
    "entities that swell": qdpx(f"<?xml version='1.0'?>{BILLION}]><Project name='&j;'/>".encode()),
    "an external entity": qdpx(
        b"<?xml version='1.0'?><!DOCTYPE p [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
        b"<Project name='n'><Description>&x;</Description></Project>"
    ),
    "an external document type": qdpx(b"<!DOCTYPE Project SYSTEM 'http://example.invalid/p.dtd'><Project name='n'/>"),
    "a document type in UTF-16": qdpx(
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE p []><Project/>".encode("utf-16")
    ),
    "codes a thousand deep": qdpx(project(f"<CodeBook><Codes>{DEEP}</Codes></CodeBook>")),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_project_is_refused_in_one_sentence_and_changes_nothing(what: str, tmp_path: Path) -> None:
    path, store = tmp_path / "p.qdpx", Memory()
    path.write_bytes(BAD[what])
    stamp = store.stamp()
    with pytest.raises(UnreadableFile, match=r"^p\.qdpx: .+\. .+\.$"):
        import_refi(store, path, Settings())
    assert store.stamp() == stamp


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<CodeBook/>", b"<CodeBook><Codes/></CodeBook>", BILLION.encode()])
def test_what_is_no_codebook_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_book(data, "c.qdc")


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    """42 kB that unpack to gigabytes would stop the machine."""
    bomb = archived({"project.qde": b" " * 60_000_000})
    assert len(bomb) < 100_000
    text = archived({"project.qde": project(USERS, CODES, SOURCES), f"sources/{SOURCE}.txt": b"a" * 20_000_000})
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="unpack to 60 MB"):
        read_project(bomb, "p.qdpx")
    with pytest.raises(UnreadableFile, match="unpack to 20 MB"):
        read_project(text, "p.qdpx")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    """The declared size is only what somebody wrote there."""
    data = bytearray(archived({"project.qde": project(USERS, CODES, "<!--" + " " * 100_000 + "-->")}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as held:
        size = held.getinfo("project.qde").file_size
    lie = bytes(data).replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != data
    with pytest.raises(UnreadableFile):
        read_project(lie, "p.qdpx")


def test_media_of_half_a_gigabyte_are_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project with films would fill the memory though only its texts are read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("project.qde", project(USERS, CODES, SOURCES))
        archive.writestr(f"sources/{SOURCE}.txt", TEXT)
        with archive.open("sources/film.mp4", "w", force_zip64=True) as film:
            for _ in range(500):
                film.write(b"\0" * 1_000_000)
    tracemalloc.start()
    assert len(read_project(out.getvalue(), "p.qdpx").picture.sources[0].selections) == 4
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    monkeypatch.setattr(limits, "MOST_MEMBERS", 2)
    with pytest.raises(UnreadableFile, match="3 members"):
        read_project(out.getvalue(), "p.qdpx")


@pytest.mark.parametrize(
    "path",
    ["internal://../../secret.txt", "../secret.txt", "absolute:///{}", "relative:///../secret.txt", "{}", "file://{}"],
)
def test_no_file_outside_of_the_archive_is_read(path: str, tmp_path: Path) -> None:
    """An archive that somebody sends could carry off a file of this machine in the next export."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    inner = f"<Sources>{source('', path=path.format(secret))}</Sources>"
    data = archived({"project.qde": project(USERS, CODES, inner), "../escaped.txt": b"x", "/etc/escaped.txt": b"x"})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "p.qdpx").write_bytes(data)
    read = read_project(tmp_path / "in" / "p.qdpx", "p.qdpx")
    assert read.picture.sources == ()
    assert [finding.became.value for finding in read.findings] == ["lost"]
    assert not (tmp_path / "escaped.txt").exists()


def test_names_of_sources_are_never_paths(tmp_path: Path) -> None:
    inner = f"<Sources>{source(selections(), name='../../../../tmp/evil' + chr(9) + '.sh')}</Sources>"
    (tmp_path / "p.qdpx").write_bytes(qdpx(project(USERS, CODES, inner)))
    store = Memory()
    import_refi(store, tmp_path / "p.qdpx", Settings())
    (transcript,) = store.transcripts()
    assert "/" not in transcript.name
    assert transcript.name.endswith(".txt")


@pytest.mark.parametrize("side", [b"{}", b"[]", b"x", b'{"project": 1}', b"[" * 100_000])
def test_a_damaged_side_file_is_refused_and_a_foreign_one_is_left(side: bytes, tmp_path: Path) -> None:
    """Half a history would be taken for a whole one."""
    xml = project(USERS, CODES, SOURCES)
    (tmp_path / "p.qdpx").write_bytes(qdpx(xml, **{NAME: bound(side, xml)}))
    store = Memory()
    with pytest.raises(UnreadableFile, match="damaged"):
        import_refi(store, tmp_path / "p.qdpx", Settings())
    (tmp_path / "p.qdpx").write_bytes(qdpx(xml, **{NAME: bound(side, b"another")}))
    done = import_refi(store, tmp_path / "p.qdpx", Settings())
    assert (done.how, done.findings[-1].item) == ("taken in", "side file")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(store=projects(), seed=st.integers(0, 2**32))
def test_a_side_file_with_anything_changed_is_refused_or_sound(
    tmp_path_factory: pytest.TempPathFactory, store: Memory, seed: int
) -> None:
    """Spans outside of the text, codings of coders who are not there: what is taken in must hold together."""
    from textcoder.refi.side import side_bytes, side_values
    from textcoder.refi.write import write_project
    from textcoder.workflow.picturing import picture_of
    from textcoder.workflow.restoring import carried, whole

    values, originals = carried(whole(store))
    values = side_values(side_bytes(values), "x")
    _spoil(values, random.Random(seed))
    path = tmp_path_factory.mktemp("spoiled") / "p.qdpx"
    path.write_bytes(write_project(picture_of(store), side=side_bytes(values), originals=originals))
    there = Memory("there")
    stamp = there.stamp()
    try:
        import_refi(there, path, Settings())
    except TextcoderError:
        assert there.stamp() == stamp
        return
    length = {t.id: len(t.text) for t in there.transcripts()}
    assert all(0 <= c.start <= c.end <= length[c.transcript] for c in there.codings())


def _spoil(values: object, chance: random.Random) -> None:
    """Change one value somewhere inside."""
    while isinstance(values, dict | list) and values:
        key = chance.choice(sorted(values)) if isinstance(values, dict) else chance.randrange(len(values))
        inner = values[key]  # type: ignore[index]  # a key of just this
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.1:
            values[key] = chance.choice([None, -1, 10**9, "x", [], {}, True, 0.5])  # type: ignore[index]
            return
        values = inner


WHOLE = [twins.nvivo(), twins.maxqda(), twins.atlasti(), twins.standard()]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.sampled_from(WHOLE),
    flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    cut=st.one_of(st.none(), st.integers(0, 10**6)),
)
def test_flipped_bits_and_cut_archives_are_read_or_refused(
    data: bytes, flips: list[tuple[int, int]], cut: int | None
) -> None:
    """A traceback, or a hang, where a sentence should stand."""
    spoiled = bytearray(data)
    for at, value in flips:
        spoiled[at % len(spoiled)] = value
    _read(bytes(spoiled) if cut is None else bytes(spoiled[: cut % len(spoiled)]))


XML = [project(USERS, CODES, SOURCES), twins.project(USERS, CODES, SOURCES, origin="NVivo")]
PIECES = [
    "guid",
    "startPosition",
    "endPosition",
    "targetGUID",
    "Coding",
    "Code",
    '"',
    "<",
    ">",
    "-",
    "0",
    "9",
    "&",
    "\x00",
    "😀",
    "::",
    "isCodable",
]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    xml=st.sampled_from(XML),
    edits=st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(PIECES), st.integers(1, 5)), max_size=4),
    cuts=st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 40)), max_size=3),
    text=st.one_of(st.just(TEXT.encode()), st.binary(max_size=200)),
)
def test_any_xml_inside_is_read_or_refused(
    xml: bytes, edits: list[tuple[str, str, int]], cuts: list[tuple[int, int]], text: bytes
) -> None:
    """Damage inside of a sound archive gets past the checksums."""
    words = xml.decode()
    for old, new, many in edits:
        words = words.replace(old, new, many)
    for at, length in cuts:
        words = words[: at % (len(words) + 1)] + words[at % (len(words) + 1) + length :]
    _read(archived({"project.qde": words.encode(), f"sources/{SOURCE}.txt": text}))


def _read(data: bytes) -> None:
    try:
        read = read_project(data, "p.qdpx")
    except TextcoderError:
        return
    codes = {code.guid for code in read.picture.codes}
    for one in read.picture.sources:
        for selection in one.selections:
            assert 0 <= selection.start < selection.end <= len(one.text)
            assert {coding.code for coding in selection.codings} <= codes


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    xml=st.sampled_from(XML),
    edits=st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(PIECES), st.integers(1, 3)), max_size=2),
)
def test_whatever_is_read_can_be_taken_in(
    tmp_path_factory: pytest.TempPathFactory, xml: bytes, edits: list[tuple[str, str, int]]
) -> None:
    """Reading would succeed and the import break half-way."""
    words = xml.decode()
    for old, new, many in edits:
        words = words.replace(old, new, many)
    path = tmp_path_factory.mktemp("odd") / "p.qdpx"
    path.write_bytes(qdpx(words.encode()))
    store = Memory()
    stamp = store.stamp()
    try:
        import_refi(store, path, Settings())
    except TextcoderError:
        assert store.stamp() == stamp
        return
    refi_project(store)


def test_more_codes_than_people_make_are_refused() -> None:
    codes = "".join(f'<Code guid="{guid_of(i)}" name="c{i}" isCodable="true"/>' for i in range(1, 10_002))
    with pytest.raises(UnreadableFile, match="10000 codes"):
        read_book(f"<CodeBook><Codes>{codes}</Codes></CodeBook>".encode(), "c.qdc")


def test_codes_of_one_name_are_numbered_and_stay_so(tmp_path: Path) -> None:
    """A second import would number them anew, and codings would change their code."""
    codes = "".join(f'<Code guid="{guid_of(i)}" name="c" isCodable="true"/>' for i in range(1, 6))
    (tmp_path / "c.qdc").write_text(f"<CodeBook><Codes>{codes}</Codes></CodeBook>")
    store = Memory()
    assert import_refi(store, tmp_path / "c.qdc", Settings()).codes == 5
    names = [code.name for code in store.codebook()]
    assert names == ["c", "c (2)", "c (3)", "c (4)", "c (5)"]
    import_refi(store, tmp_path / "c.qdc", Settings())
    assert [code.name for code in store.codebook()] == names
