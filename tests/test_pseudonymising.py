"""A project is written anew with pseudonyms: nothing is lost, nothing leaks, and the key brings it back."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import pairwise, product
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from tests.fakes import HashEmbedder
from tests.refi.projects import Memory, projects
from textcoder.domain import acts
from textcoder.domain.codebook import Code, Example
from textcoder.domain.coding import Coder, CoderKind, Coding, LensPlacement
from textcoder.domain.decision import By
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.project import Case, Project
from textcoder.domain.sample import Sample
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme, ThemeMap
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, Transcript, Turn
from textcoder.errors import InvalidDecision, InvalidTable, StoreError, UnreadableFile
from textcoder.formats.shapes import Holds, Shape
from textcoder.pseudonyms import Choice, Form, Row, find_mentions, key, read_key
from textcoder.refi.write import PROFILES
from textcoder.reports import write_study
from textcoder.settings import Settings
from textcoder.store import Store, open_store, sqlite_url
from textcoder.workflow.codebooks import codebook_texts
from textcoder.workflow.evidence import write_evidence
from textcoder.workflow.exchanging import refi_book, refi_project
from textcoder.workflow.live import LiveProject
from textcoder.workflow.operations import back_up
from textcoder.workflow.picturing import KEPT, Guids
from textcoder.workflow.pseudonymising import (
    MARK,
    apply_pseudonyms,
    forms_from,
    import_pseudonymised,
    leaks_in,
    propose_pseudonyms,
    read_table,
    restore_originals,
    table_bytes,
)
from textcoder.workflow.reporting import more_sheets
from textcoder.workflow.restoring import Whole, whole
from textcoder.workflow.results import TABLES, read_study, rendered
from textcoder.workflow.shaping_tables import export_shaped

SOME = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
ANA = Coder("ana-the-coder", "Ana the coder", CoderKind.HUMAN)
MACHINE = Coder("machine", "textcoder", CoderKind.MACHINE, "1")


@pytest.fixture(autouse=True, scope="module")
def quick_key() -> Iterator[None]:
    """What makes guessing slow makes tests slow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key, "_MEMORY_COST", 2**4)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pseudonyms")


def nobody(texts: list[str]) -> list[list[tuple[int, int, str]]]:
    """A recogniser that knows no name."""
    return [[] for _ in texts]


def planted(person: str, other: str, place: str) -> Memory:
    """A project in which three names stand wherever a name can stand."""
    store = Memory()
    store.save_project(Project("study", f"How {place} does"))
    for coder in (ANA, MACHINE):
        store.save_coder(coder)
    text = f"{person}: I am {person}'s own, from {place}.\n\nInterviewer: And {other}?\n\n{person}: {other} said no, {other}."
    data = b"PK not a real DOCX, by " + person.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    starts = [text.index("I am"), text.index("And"), text.index(f"{other} said")]
    ends = [text.index("\n"), text.index("?") + 1, len(text)]
    turns = [
        Turn(starts[0], ends[0], person, Role.PARTICIPANT, person, question=f"Who is {other}?"),
        Turn(starts[1], ends[1], "Interviewer", Role.INTERVIEWER),
        Turn(starts[2], ends[2], person, Role.PARTICIPANT, person),
    ]
    one = Transcript(
        f"t{sha256[:12]}",
        f"w1_{person.lower()}.docx",
        text,
        tuple(turns),
        sha256,
        attributes={"town": place, "notes": other},
    )
    segments = [Segment.of(one.id, i, turn.start, turn.end) for i, turn in enumerate(turns) if i != 1]
    store.save_cases(
        [Case(person, f"{person} of {place}", {"friend": other, "role": f"{person}'s own", "code": place})]
    )
    file = SourceFile(one.name, sha256, Outcome.READ, f"{one.name} speaks of {place}", one.id)
    store.add_transcript(one, segments, file=file, original=data)
    store.record_file(SourceFile(f"{place}/notes.xyz", "ab" * 32, Outcome.UNREADABLE, f"{place}/notes.xyz: unknown."))
    store.save_value(f"reading of {one.name}", "reading 1")
    store.save_value("reading 1", {"roles": [[person, "participant"]], "table": {"file": f"{place}.csv"}})
    store.finish(f"read {one.name}", "x")
    by = By(ANA.id, "2026-01-01T00:00:00+00:00", f"because of {other}")
    standing = Standing()

    def do(decisions: list[acts.Decision]) -> None:
        standing.apply(store.append(decisions, key=f"{standing.number} asked for {place}"))

    span = (one.id, turns[0].start, turns[0].end)
    example = Example(f"{other} said no", f"{person}, {one.name}")
    do(acts.add_code(standing, Code("c1", f"Trust in {other}", f"As {place} has it", examples=(example,)), by))
    do(acts.accept(standing, [span, (one.id, text.index(person, 5), text.index(person, 5) + 2)], "c1", by))
    do(acts.review(standing, segments[1].id, (one.id, turns[2].start, turns[2].end), ["c1"], [], by))
    do(acts.quote(standing, span, by, note=f"shows {place}"))
    do(acts.give_role(standing, one.id, person, Role.PARTICIPANT, by))
    do(acts.give_turns(standing, one, [turns[2].start], f"{person} {other}", by, role=Role.PARTICIPANT))
    do(acts.write_memo(standing, Memo("m1", MemoOn.CASE, person, f"{person} knows {other}", ANA.id, by.at), by))
    do(acts.write_memo(standing, Memo("m2", MemoOn.SEGMENT, segments[0].id, f"in {place}", ANA.id, by.at), by))
    do(acts.draw(standing, Sample(f"sample {place}", {segments[0].id: 0.5}, (ANA.id,), 1), by))
    theme = Theme("th1", f"{other} says", "barriers", (other.lower(), place), (segments[0].id,), (segments[1].id,), 0.5)
    store.save_themes(ThemeMap((theme,), ()))
    do(acts.dismiss(standing, theme, by))
    # Whole, or in capitals, as somebody else would write them: as names of codes, too, and with what another program has grouped.
    do(acts.add_code(standing, Code("c2", other, person.upper(), include=place.lower(), lens="barriers"), by))
    do(acts.accept(standing, [(one.id, text.index(f"from {place}"), turns[0].end)], "c2", by))
    do(
        acts.write_memo(
            standing, Memo("m3", MemoOn.PROJECT, "", f"{other.upper()}, {place.upper()}!", ANA.id, by.at), by
        )
    )
    guid, codes = str(UUID(int=1)), [Guids(store).of("code", code) for code in ("c1", "c2")]
    group = {"guid": guid, "name": person, "description": f"of {place}", "codes": codes, "sources": [], "notes": []}
    link = {"guid": guid, "name": other, "direction": "OneWay", "origin": codes[0], "target": codes[1], "notes": []}
    store.save_value(KEPT, {"guids": {f"case:{person}": guid}, "sets": [group], "links": [link]})
    store.save_placements([LensPlacement(segment.id, {"none": 1.0}) for segment in segments])
    store.save_codings([Coding(*span, "c1", MACHINE.id, why=f"like {other} said")], coder=MACHINE.id)
    return store


def applied(store: Store, forms: list[Form], folder: Path, name: str = "safe") -> tuple[Store, Path]:
    safe, lock = folder / f"{name}.db", folder / f"{name}.key"
    for path in (*folder.glob(f"{name}.db*"), lock):
        path.unlink(missing_ok=True)
    into = open_store(sqlite_url(safe))
    apply_pseudonyms(store, forms, into, lock, "x", coder=ANA)
    return into, lock


def everything(store: Store, out: Path, *, documents: bool) -> None:
    """Every file that can be given away, by every command that writes one; documents and the evidence pack take a second."""
    for profile in PROFILES:
        (out / f"{profile}.qdpx").write_bytes(refi_project(store, profile=profile))
        (out / f"{profile}-plain.qdpx").write_bytes(refi_project(store, profile=profile, side=False))
    (out / "book.qdc").write_bytes(refi_book(store))
    for holds, shape in product(Holds, Shape):
        export_shaped(store, holds, shape, out / f"{holds}-{shape}{'.xlsx' if shape is Shape.MAXQDA else '.csv'}")
    yaml, csv = codebook_texts(store)
    study = read_study(store, Settings())
    write_study(study, out / "results", codebook_yaml=yaml, codebook_csv=csv, sheets=more_sheets(study))
    for kind, file in TABLES.items() if documents else ():
        if not (out / "results" / file).exists():
            (out / f"{kind}{Path(file).suffix}").write_bytes(rendered(study, kind))
    if documents:
        write_evidence(LiveProject(store, Settings(), embedder=HashEmbedder()), out / "evidence")


NAMES = st.text("qxzjåéøßКи", min_size=5, max_size=9).map(lambda name: name[0].upper() + name[1:])


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(NAMES, min_size=3, max_size=3, unique_by=lambda name: name.casefold()),
    documents=st.just(value=False),
)
@example(names=["Weiß", "D'Sölin", "Marks & Großer"], documents=True)
def test_no_name_is_in_any_byte_of_what_is_given_away(
    tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture, names: list[str], documents: bool
) -> None:
    """Somebody who was promised that nobody would know could be found by whoever gets a file."""
    folded = [name.casefold() for name in names]
    assume(not any(a in b for a in folded for b in folded if a != b))
    out = tmp_path_factory.mktemp("out")
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    store = planted(*names)
    forms = [Form(name, f"[person {i}]", "person") for i, name in enumerate(names, start=1)]
    into, lock = applied(store, forms, out)
    everything(into, out, documents=documents)
    into.close()
    back_up(sqlite_url(out / "safe.db"), out / "backup.db")
    (out / "log.txt").write_text(caplog.text, "utf-8")
    held = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    for name, data in list(held.items()):
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                held |= {f"{name}:{member}": archive.read(member) for member in archive.namelist()}
    must = {"evidence/brief.docx", "evidence/brief.html", "evidence/decisions.jsonl", "report-docx.docx"}
    must |= {"figures.zip:alt.txt", "report-markdown.zip:report.md"}
    assert documents is (must < held.keys())
    assert len(held) > (200 if documents else 100)
    forms_of = {form for name in names for form in (name, name.lower(), name.upper(), name.casefold())}
    written = {
        form: (form.encode(), form.encode("utf-16-le"), json.dumps(form)[1:-1].encode(), xml(form), page(form))
        for form in forms_of
    }
    for name, data in held.items():
        for form, bytes_ in written.items():
            assert form not in name
            assert not any(one in data for one in bytes_), name
    assert leaks_in([out], read_key(lock, "x")) == []
    assert store.transcripts()[0].sha256.encode() not in held["safe.db"]


def xml(text: str) -> bytes:
    return text.encode("ascii", "xmlcharrefreplace")


def page(text: str) -> bytes:
    return escape(text).replace("&#x27;", "&#39;").encode()


def test_the_check_finds_what_is_there(folder: Path) -> None:
    """A check that never finds anything is no check."""
    store = planted("Qzjåx", "Xéøqz", "Jжxxq")
    into, lock = applied(store, [Form("Qzjåx", "[person 1]")], folder, "checked")
    opened = read_key(lock, "x")
    (folder / "plain.txt").write_text("So Qzjåx said.", "utf-8")
    (folder / "wide.txt").write_text("So Qzjåx said.", "utf-16")
    (folder / "side.json").write_text('{"a": "Qzj\\u00e5x"}')
    (folder / "longer.txt").write_text("Qzjåxa is another word", "utf-8")
    with zipfile.ZipFile(folder / "packed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", "Qzjåx " * 50)
    with zipfile.ZipFile(folder / "nested.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "packed.zip", "packed.zip")
    into.close()
    found = {Path(leak.path).name for leak in leaks_in([folder], opened)}
    with pytest.raises(UnreadableFile, match="no such"):
        leaks_in([folder / "nowhere"], opened)
    assert found >= {"plain.txt", "wide.txt", "side.json", "packed.zip", "nested.zip"}
    assert "longer.txt" not in found
    assert "checked.db" not in found


def quotations(project: Whole) -> list[str]:
    texts = {one.id: one for one in project.transcripts}
    codings = sorted(project.codings, key=lambda one: (texts[one.transcript].name, one.start, one.end, one.code))
    return [texts[one.transcript].quotation(one.start, one.end) for one in codings]


@SOME
@given(store=projects(), data=st.data())
def test_every_project_comes_back_from_its_key(folder: Path, store: Memory, data: st.DataObject) -> None:
    """Codings, memos and decisions of months would be lost, or lie on other words."""
    texts = [one.text for one in store.transcripts()]
    words = data.draw(
        st.lists(st.sampled_from(sorted({w for text in texts for w in text.split()} or {"x"})), max_size=4)
    )
    forms = [Form(word, f"[name {i}]", "name") for i, word in enumerate([*dict.fromkeys(words), "Mira", "SU01"])]
    before = whole(store)
    try:
        into, lock = applied(store, forms, folder, "journey")
    except InvalidDecision:
        return  # two speakers, or two cases, would have become one
    there = whole(into)
    assert len(there.decisions) == len(before.decisions) + 1
    assert [(d.verb, d.at, d.act, d.undoes) for d in there.decisions[:-1]] == [
        (d.verb, d.at, d.act, d.undoes) for d in before.decisions
    ]
    assert len(there.codings) == len(before.codings)
    assert len(into.codings()) == len(store.codings())
    back = Memory()
    restore_originals(into, read_key(lock, "x"), back)
    into.close()
    after = whole(back)
    assert after.transcripts == before.transcripts
    assert after.original == before.original
    assert (after.segments, after.placements, after.themes) == (before.segments, before.placements, before.themes)
    assert quotations(after) == quotations(before)
    assert sorted(map(str, back.codings())) == sorted(map(str, store.codings()))
    assert {file.path: file.sha256 for file in after.files} == {file.path: file.sha256 for file in before.files}


def test_a_coding_keeps_its_words(folder: Path) -> None:
    """The quotation in the report would be other words than those that were coded."""
    store = planted("Qzjåx", "Xéøqz", "Jжxxq")
    forms = [Form("Qzjåx", "[person 1]"), Form("Xéøqz", "[nurse 1]"), Form("Jжxxq", "[place 1]")]
    into, _ = applied(store, forms, folder, "words")
    study = read_study(into, Settings())
    assert [study.quotation(segment) for segment in study.segments] == [
        # A coding began and ended inside the name: each part has a place of its own.
        "I am [person 1][person 1]'s own, from [place 1].",
        "[nurse 1] said no, [nurse 1].",
    ]
    (one,) = study.transcripts
    assert one.name == "w1_person-1.docx.txt"
    quoted = {one.quotation(coding.start, coding.end) for coding in study.codings}
    assert quoted == {
        "I am [person 1][person 1]'s own, from [place 1].",
        "from [place 1].",
        "[person 1]",
        "[nurse 1] said no, [nurse 1].",
    }
    standing = Standing(into.decisions())
    assert standing.memos["m1"].item == study.cases[0].id == "[person 1]"
    assert standing.memos["m1"].text == "[person 1] knows [nurse 1]"
    assert standing.memos["m2"].item in study.segment_by_id
    assert standing.codebook.get("c1").name == "Trust in [nurse 1]"  # type: ignore[union-attr]
    assert {turn.speaker for turn in acts.heard(standing, one).turns} == {
        "[person 1]",
        "Interviewer",
        "[person 1] [nurse 1]",
    }
    into.close()


def test_what_was_done_since_comes_back_too(folder: Path) -> None:
    """Whoever must go back to the names would lose the work of the weeks between."""
    store = planted("Qzjåx", "Xéøqz", "Jжxxq")
    forms = [Form("Qzjåx", "[person 1]"), Form("Xéøqz", "[nurse 1]"), Form("Jжxxq", "[place 1]")]
    into, lock = applied(store, forms, folder, "since")
    (one,) = into.transcripts()
    standing, by = Standing(into.decisions()), By(ANA.id, "2026-02-01T00:00:00+00:00")
    start = one.text.index("said no")
    into.append(acts.accept(standing, [(one.id, start, start + 7)], "c1", by))
    memo = Memo("m3", MemoOn.PROJECT, "", "[nurse 1] again", ANA.id, by.at)
    into.append(acts.write_memo(standing, memo, by))
    back = Memory()
    restore_originals(into, read_key(lock, "x"), back)
    into.close()
    (old,) = back.transcripts()
    assert "said no" in {old.quotation(coding.start, coding.end) for coding in back.codings()}
    assert Standing(back.decisions()).memos["m3"].text == "Xéøqz again"
    assert back.original(old.sha256) == store.original(store.transcripts()[0].sha256)
    assert back.finished("read w1_qzjåx.docx") == "x"


def test_a_second_round_continues_the_key(folder: Path) -> None:
    """Names that were overlooked are found later; the key of the first round must still open."""
    store = planted("Qzjåx", "Xéøqz", "Jжxxq")
    first, lock = applied(store, [Form("Qzjåx", "[person 1]")], folder, "first")
    second = Memory()
    with pytest.raises(InvalidDecision, match="key"):
        apply_pseudonyms(first, [Form("Xéøqz", "[nurse 1]")], second, lock, "x")
    apply_pseudonyms(first, [Form("Xéøqz", "[nurse 1]")], second, lock, "x", earlier=read_key(lock, "x"))
    (one,) = second.transcripts()
    assert "Qzjåx" not in one.text
    assert "Xéøqz" not in one.text
    back = Memory()
    restore_originals(second, read_key(lock, "x"), back)
    first.close()
    assert back.transcripts() == store.transcripts()
    with pytest.raises(InvalidDecision, match="another project"):
        restore_originals(store, read_key(lock, "x"), Memory())


def test_two_people_are_never_made_one(folder: Path) -> None:
    """Shares of people would count one person less, and nobody would see it."""
    store = planted("Qzjåx", "Xéøqz", "Jжxxq")
    store.save_cases([Case("Other", "Other")])
    forms = [Form("Qzjåx", "[person 1]"), Form("Other", "[person 1]")]
    with pytest.raises(InvalidDecision, match="cases"):
        applied(store, forms, folder, "one")
    assert not (folder / "one.key").exists()
    with pytest.raises(StoreError, match="--to"):
        apply_pseudonyms(store, forms[:1], store, folder / "one.key", "x")


def test_the_table_survives_a_spreadsheet() -> None:
    """A telephone that becomes a sum, or a name that loses its accent, is not found in the text any more."""
    rows = [
        Row("+46 70 174 06 12", "phone", 2, 1, "call «+46 70 174 06 12»", "[phone 1]", Choice.REPLACE),
        Row("=Míra", "person", 1, 1, "", "[person 1]", Choice.KEEP, "a.txt", "why"),
    ]
    for ending in (".csv", ".xlsx"):
        data = table_bytes(rows, ending=ending)
        read = read_table(data, f"names{ending}")
        assert [(r.name, r.pseudonym, r.decision, r.file) for r in read] == [
            (r.name, r.pseudonym, r.decision, r.file) for r in rows
        ]
    assert b"\n=M" not in table_bytes(rows)


@given(text=st.text(st.sampled_from("Aan B1.0@+-'/:,\nåÖ\u0301Dr.nurse ")))
def test_any_text_can_be_looked_through(text: str) -> None:
    """One odd line would stop the work on forty interviews."""
    mentions = find_mentions(text)
    assert all(0 <= a.start < a.end <= len(text) for a in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("name,decision\nMira,replace\n", "pseudonym"),
        ("name,pseudonym,decision\nMira,[person 1],perhaps\n", "row 2"),
        ("name,pseudonym,decision\nMira,[person 1],ask\nBo,[person 2],ask\n", "2 rows to decide"),
        ("name,pseudonym,decision\nMira,Bo,replace\n", "square brackets"),
        ("name,pseudonym,decision\nMira,[person 1],replace\nMira,[person 2],replace\n", "row 3"),
        ("name,pseudonym,decision\nMira,[person 1],keep\n", "no row"),
    ],
)
def test_a_wrong_table_says_which_row(table: str, said: str) -> None:
    """She would look for the row among four hundred."""
    with pytest.raises(InvalidTable, match=said) as raised:
        forms_from(read_table(table.encode(), "names.csv"), "names.csv")
    assert "Mira" not in str(raised.value)


def test_names_are_looked_for_wherever_they_stand() -> None:
    """A name in a memo alone would go out with every archive."""
    store = planted("Mira", "Kofi", "Leeds")
    rows = {row.name: row for row in propose_pseudonyms(store, Settings(), recognise=nobody)}
    assert rows["Mira"].pseudonym == rows["mira"].pseudonym == "[person 1]"
    assert rows["Leeds"].kind == "place"
    assert rows["Kofi"].pseudonym == rows["Mira Kofi"].pseudonym == "[person 1]"  # somebody's speaker has this name
    assert "Interviewer" not in rows


def test_new_files_come_in_with_pseudonyms(folder: Path, tmp_path: Path) -> None:
    """The second wave would bring every name back into the project."""
    store = planted("Mira", "Kofi", "Leeds")
    forms = [
        Form("Mira", "[person 1]", "person"),
        Form("Kofi", "[person 2]", "person"),
        Form("Leeds", "[place 1]", "place"),
    ]
    into, lock = applied(store, forms, folder, "waves")
    new = tmp_path / "w2_mira.txt"
    new.write_text(
        "Interviewer: How are you now, Mira?\n\nMira: Kofi left Leeds, and it has been better since then.\n\n"
        "Interviewer: Who else?\n\nMira: Only Ragnhild helped me with all of it.\n"
    )

    def again(**more: object) -> tuple[int, list[Row]]:
        return import_pseudonymised(into, [new], Settings(), lock, "x", recognise=nobody, **more)  # type: ignore[arg-type]

    n, waiting = again()
    assert (n, [row.name for row in waiting]) == (0, ["Ragnhild"])
    assert len(into.transcripts()) == 1
    n, waiting = again(forms=[Form("Ragnhild", waiting[0].pseudonym, "person")])
    assert (n, waiting) == (1, [])
    one = next(one for one in into.transcripts() if one.name == "w2_person-1.txt")
    assert "[person 1]: [person 2] left [place 1]" in one.text
    assert "Only [person 3] helped" in one.text
    assert {turn.case for turn in one.turns} == {None, "[person 1]"}
    back = Memory()
    restore_originals(into, read_key(lock, "x"), back)
    assert new.read_text() in {one.text for one in back.transcripts()}
    (old,) = (one for one in back.transcripts() if one.name == "w1_mira.docx")
    assert old == store.transcripts()[0]
    assert back.original(old.sha256) == store.original(old.sha256)
    assert {memo.text for memo in Standing(back.decisions()).memos.values()} >= {"Mira knows Kofi", "in Leeds"}
    third = Memory()
    again_key = read_key(lock, "x")
    apply_pseudonyms(into, [Form("no", "[word 1]", "word")], third, lock, "x", earlier=again_key)
    restore_originals(third, read_key(lock, "x"), once_more := Memory())
    assert once_more.transcripts() == back.transcripts()
    assert once_more.files() == back.files()
    assert [replace(one, sha256="") for one in back.files() if one.path == "w2_mira.txt"]
    into.close()
    with sqlite3.connect(folder / "waves.db") as connection:
        held = "".join(map(str, connection.execute("SELECT name, text FROM transcripts").fetchall()))
    connection.close()
    assert "Ragnhild" not in held
    assert b"Ragnhild" not in (folder / "waves.db").read_bytes()
    assert MARK == "pseudonyms"
