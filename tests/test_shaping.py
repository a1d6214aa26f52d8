"""What people coded in other programs is found by its words, becomes their decisions, and teaches the machine at once."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import HashEmbedder, MemoryStore
from tests.formats.test_shapes import table
from tests.test_cli import OTHER_TALK, TALK, Run
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import Coder, CoderKind, Status
from textcoder.domain.decision import By, Decision, Verb
from textcoder.domain.standing import Standing
from textcoder.errors import InvalidDecision, InvalidTable, NothingToCode
from textcoder.formats.shapes import Holds, Shape, write_mapping
from textcoder.matching import How
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow import LiveProject, Reading
from textcoder.workflow.shaping import import_book, import_codings, is_own_book, look_at
from textcoder.workflow.shaping_results import Became, Shaped
from textcoder.workflow.shaping_tables import shaped_table, table_bytes, waiting_table

ANA = Coder("ana", "ana", CoderKind.HUMAN)
BY = By("ana", "2024-03-03T10:00:00+00:00", "read")
BUS = "The bus is the worst thing, it goes twice a day and then I wait in the cold."
PAPERS = "They also lost my papers three times last year."


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    made: Any = MemoryStore() if request.param == "memory" else open_store("sqlite://")
    fill(made, tmp_path / "talks")
    yield made
    if request.param == "sqlite":
        made.close()


def fill(store: Any, folder: Path, *, mira: str = TALK) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "mira.txt").write_text(mira, encoding="utf-8")
    (folder / "leila.txt").write_text(OTHER_TALK, encoding="utf-8")
    workflow.import_files(store, [folder], Settings(), reading=Reading())


def plain(*rows: str) -> bytes:
    return table(["document", "code", "text", "coder"], *(row.split("|") for row in rows))


def take(store: Any, data: bytes, file: str = "codings.csv", **how: Any) -> Shaped:
    grid, guess = look_at(data, file)
    return import_codings(store, grid, guess, file, **how)


def quoted(store: Any) -> set[tuple[str, str, str]]:
    """Coder, name of the code and exact words of every coding that a person holds."""
    texts = {one.id: one for one in store.transcripts()}
    book = store.codebook()
    return {
        (c.coder, book.get(c.code).name, texts[c.transcript].quotation(c.start, c.end))
        for c in store.codings()
        if c.status is Status.ACCEPTED
    }


# --- in ---------------------------------------------------------------------------------------------------------------------------------


def test_codings_of_two_coders_become_an_act_of_each(store: Any) -> None:
    """Agreement could not be asked for if two people became one; nor could one of them take back what is hers."""
    done = take(store, plain(f"mira|Bus|{BUS}|ana", f"Files\\\\mira.txt|Bus|{BUS}|ben", f"D 2: mira|Lost|{PAPERS}|ana"))
    assert [one.became for one in done.told] == [Became.MATCHED] * 3
    assert quoted(store) == {("ana", "Bus", BUS), ("ben", "Bus", BUS), ("ana", "Lost", PAPERS)}
    log = store.decisions()
    assert {decision.verb for decision in log} == {Verb.IMPORT}
    assert {(decision.act, decision.coder) for decision in log} == {(log[0].act, "ana"), (log[-1].act, "ben")}


def test_a_second_import_changes_nothing_and_a_dry_run_neither(store: Any) -> None:
    data = plain(f"mira|Barriers > Bus|{BUS}|ana", f"mira|Lost|{PAPERS}|ana")
    seen = take(store, data, dry_run=True)
    assert (len(store.decisions()), seen.codes) == (0, ("Bus", "Lost"))
    take(store, data)
    before = store.decisions()
    again = take(store, data)
    assert store.decisions() == before
    assert [one.became for one in again.told] == [Became.SAME] * 2
    assert store.codebook().find("Bus").lens == "barriers"


def test_what_two_rows_say_is_taken_once_and_not_called_here_already(store: Any) -> None:
    """Where a table names no coders, half of it would seem to have been in an empty project."""
    data = table(["document", "code", "text"], ["mira", "Bus", BUS], ["mira", "Bus", BUS], ["mira", "Lost", PAPERS])
    done = take(store, data)
    assert [one.became for one in done.told] == [Became.MATCHED, Became.TWICE, Became.MATCHED]
    assert done.told[1].why == "Row 2 says the same."
    assert [one.became for one in take(store, data).told] == [Became.SAME] * 3
    ((name, texts, counts),) = [(one.name, one.transcripts, one.counts) for one in done.documents]
    mira = next(one.id for one in store.transcripts() if one.name == "mira.txt")
    assert (name, texts, dict(counts)) == ("mira", (mira,), {Became.MATCHED: 2, Became.TWICE: 1})


def test_the_machine_learns_from_them_at_once(store: Any) -> None:
    """Existing codings would be a memento, and people would code the same things again for the machine."""
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    live.do(lambda standing: acts.add_code(standing, Code("bus", "Bus"), BY), coder=ANA)
    live.do(lambda standing: acts.add_code(standing, Code("lost", "Lost"), BY), coder=ANA)
    rows = range(len(live.segments))
    before = {(s.segment, s.code): s.probability for s in live.codings(rows)}
    probabilities = live.machine.probabilities_.copy()
    take(store, plain(f"mira|Bus|{BUS}|ana", f"mira|Lost|{PAPERS}|ana"))
    live.catch_up()
    known = live.known()
    assert {live.text(live.segments[row]) for row in known.positive["bus"]} == {BUS}
    after = {(s.segment, s.code): s.probability for s in live.codings(rows)}
    assert after != before or (live.machine.probabilities_ != probabilities).any()


def test_words_that_stand_repeatedly_wait_and_are_placed_by_the_table_that_is_given_back(tmp_path: Path) -> None:
    """A coding at the wrong one of two places would be evidence for what nobody said there."""
    store = MemoryStore()
    fill(store, tmp_path / "talks", mira=TALK.replace("Before, I never", f"{PAPERS} Before, I never"))
    done = take(store, plain(f"mira|Lost|{PAPERS}|ana"))
    assert (done.told[0].became, quoted(store)) == (Became.AMBIGUOUS, set())
    assert len(done.told[0].places) == 2
    waiting = table_bytes(waiting_table(done.told, store), "x.waiting.csv", "waiting")
    rows = list(csv.DictReader(io.StringIO(waiting.decode("utf-8-sig"), newline="")))
    second = done.told[0].places[1]
    rows[0] |= {"start": str(second.start), "end": str(second.end)}
    completed = table(list(rows[0]), *(list(row.values()) for row in rows))
    placed = take(store, completed, "x.waiting.csv").told[0]
    assert (placed.became, placed.place) == (Became.MATCHED, second)
    assert quoted(store) == {("ana", "Lost", PAPERS)}


def test_somebody_who_is_asked_chooses(tmp_path: Path) -> None:
    store = MemoryStore()
    fill(store, tmp_path / "talks", mira=TALK.replace("Before, I never", f"{PAPERS} Before, I never"))
    done = take(store, plain(f"mira|Lost|{PAPERS}|ana"), choose=lambda row, places: 1)
    assert done.told[0].place == take(store, plain(f"mira|Lost|{PAPERS}|ana"), dry_run=True).told[0].places[1]


def test_a_paragraph_that_the_table_names_tells_two_places_apart_unless_its_rows_contradict_it(tmp_path: Path) -> None:
    """Programs count paragraphs in their own ways: a number is evidence only where it is right for what stands once."""
    store = MemoryStore()
    fill(store, tmp_path / "talks", mira=TALK.replace("Before, I never", f"{PAPERS} Before, I never"))
    head = ["Document name", "Code", "Begin", "End", "Segment", "Weight score"]
    right = take(
        store, table(head, ["mira", "Lost", "11", "11", PAPERS, "0"], ["mira", "Bus", "7", "7", BUS, "0"]), dry_run=True
    )
    assert right.told[0].became is Became.MATCHED
    assert right.told[0].place is not None
    assert right.told[0].place.start > TALK.index("I went to the library")
    wrong = take(
        store, table(head, ["mira", "Lost", "11", "11", PAPERS, "0"], ["mira", "Bus", "5", "5", BUS, "0"]), dry_run=True
    )
    assert wrong.told[0].became is Became.AMBIGUOUS


def test_words_that_were_edited_are_placed_and_told_and_foreign_ones_are_lost(store: Any) -> None:
    data = plain(
        "mira|Lost|They also lost my papers three times that year.|ana",
        "mira|Odd|Nothing of the sort was said by anybody here.|ana",
        "mira|Empty||ana",
        f"mira||{BUS}|ana",
    )
    done = take(store, data)
    assert [one.became for one in done.told] == [Became.MOVED, Became.LOST, Became.LOST, Became.LOST]
    assert done.told[0].place is not None
    assert done.told[0].place.how is How.NEAR
    assert quoted(store) == {("ana", "Lost", PAPERS)}
    assert store.codebook().find("Odd") is None


def test_a_document_of_another_name_is_known_by_what_it_says(store: Any) -> None:
    """Files are renamed; but two words are no evidence of whose they are."""
    named = "Interview {7}}"  # braces once were read as a place to fill in
    data = plain(f"{named}|Bus|{BUS}|ana", "Interview 9|Bus|papers|ana", "Interview 9|Bus|everyone sits|ana")
    done = take(store, data)
    assert [one.became for one in done.told] == [Became.MATCHED, Became.AMBIGUOUS, Became.AMBIGUOUS]
    assert named in done.told[0].why and "mira.txt" in done.told[0].why
    elsewhere = take(store, plain(f"leila|Bus|{BUS}|ben")).told[0]
    assert (elsewhere.became, elsewhere.place) == (Became.MOVED, done.told[0].place)


def test_what_was_rejected_retired_or_said_by_a_machine_is_not_brought_back(store: Any) -> None:
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    live.do(lambda standing: acts.add_code(standing, Code("bus", "Bus"), BY), coder=ANA)
    live.do(lambda standing: acts.add_code(standing, Code("old", "Old"), BY), coder=ANA)
    live.do(lambda standing: acts.retire(standing, "old", BY), coder=ANA)
    mira = next(one for one in store.transcripts() if one.name == "mira.txt")
    span = (mira.id, mira.text.index(BUS), mira.text.index(BUS) + len(BUS))
    live.do(lambda standing: acts.reject(standing, [span], "bus", BY), coder=ANA)
    done = take(store, plain(f"mira|Bus|{BUS}|ana", f"mira|Old|{PAPERS}|ana", f"mira|Bus|{PAPERS}|textcoder"))
    assert [one.became for one in done.told] == [Became.LOST] * 3
    assert quoted(store) == set()
    assert take(store, plain(f"mira|Bus|{PAPERS}|textcoder"), coder=ANA).told[0].became is Became.LOST


def test_words_that_stand_nearly_where_the_table_says_and_just_so_elsewhere_are_asked_for(tmp_path: Path) -> None:
    """The one is an edited transcript, the other a wrong name: only a person knows."""
    store = MemoryStore()
    fill(store, tmp_path / "talks", mira=TALK.replace("three times last", "three times that"))
    (tmp_path / "talks" / "other.txt").write_text(TALK.replace("Mira", "Noor"), encoding="utf-8")
    workflow.import_files(store, [tmp_path / "talks" / "other.txt"], Settings(), reading=Reading())
    told = take(store, plain(f"mira|Lost|{PAPERS}|ana")).told[0]
    names = {one.id: one.name for one in store.transcripts()}
    assert told.became is Became.AMBIGUOUS
    assert [names[place.text] for place in told.places] == ["mira.txt", "other.txt"]


def test_a_draft_of_the_machine_that_people_used_elsewhere_is_theirs(store: Any) -> None:
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    draft = Code("bus", "Bus", lens="barriers", status=CodeStatus.PROVISIONAL)
    live.do(lambda standing: acts.add_code(standing, draft, BY), coder=ANA)
    take(store, plain(f"mira|Bus|{BUS}|ana"))
    assert [(code.id, code.status) for code in store.codebook()] == [("bus", CodeStatus.ACTIVE)]


def test_nothing_is_written_where_one_thing_fails(store: Any, tmp_path: Path) -> None:
    with pytest.raises(NothingToCode, match="textcoder import"):
        take(MemoryStore(), plain(f"mira|Bus|{BUS}|ana"))
    with pytest.raises(InvalidTable, match="codebook import"):
        take(store, table(["tag", "description", "number of highlights"], ["Bus", "", "1"]))
    with pytest.raises(InvalidTable, match="these are codings"):
        look_at(plain(f"mira|Bus|{BUS}|ana"), "x.csv", holds=Holds.CODEBOOK)
    with pytest.raises(InvalidDecision, match="Nobody has coded"):
        shaped_table(store, Holds.CODINGS, Shape.NVIVO)
    assert store.decisions() == []


# --- out and in again -------------------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["The bus", "=SUM(A1)", "Trust, mostly", "U.S. visa", "Näher: dran", "a > b", "One\\two"])


@cache
def talks() -> MemoryStore:
    """Mira's and Leila's talks, read once."""
    with tempfile.TemporaryDirectory() as folder:
        store = MemoryStore()
        fill(store, Path(folder))
    return store


def project(codings: list[tuple[int, int, int, str]], names: list[str]) -> MemoryStore:
    """The talks, coded: place in the text, length, code and coder. The third code stands below the first."""
    store, standing = deepcopy(talks()), Standing()

    def do(decisions: list[Decision], coder: str) -> None:
        store.save_coder(Coder(coder, coder, CoderKind.HUMAN))
        standing.apply(store.append(decisions))

    lenses = ["barriers", "none", "barriers", "none", "barriers"]
    for i, name in enumerate(names):
        code = Code(f"c{i}", name, lens=lenses[i], parent="c0" if i == 2 else None)
        do(acts.add_code(standing, code, BY), "ana")
    transcripts = sorted(store.transcripts(), key=lambda one: one.name)
    for place, length, code_number, coder in codings:
        transcript = transcripts[place % 2]
        start = place % (len(transcript.text) - 1)
        end = min(len(transcript.text), start + length)
        if transcript.text[start:end].strip():
            span = (transcript.id, start, end)
            do(acts.accept(standing, [span], f"c{code_number % len(names)}", By(coder, BY.at)), coder)
    return store


def said(store: Any, *, coders: bool) -> set[tuple[str, ...]]:
    book = {code.id: code for code in store.codebook()}
    found = set()
    for c in store.codings():
        code = book[c.code]
        above = book[code.parent].name if code.parent else ""
        where = (c.transcript, str(c.start), str(c.end), code.lens, above, code.name)
        found.add((*where, c.coder) if coders else where)
    return found


@pytest.mark.parametrize("shape", Shape, ids=str)
@settings(max_examples=12, deadline=None)
@given(
    ending=st.sampled_from(["csv", "xlsx", "yaml"]),
    codings=st.lists(
        st.tuples(st.integers(0, 900), st.integers(1, 300), st.integers(0, 4), st.sampled_from(["ana", "ben"])),
        min_size=1,
        max_size=6,
    ),
    names=st.lists(NAMES, min_size=3, max_size=5, unique=True),
)
def test_codings_survive_a_journey_through_every_shape(
    shape: Shape, ending: str, codings: list[tuple[int, int, int, str]], names: list[str]
) -> None:
    """What was coded must come back on the same words, or wait with its place among those that are asked for; never elsewhere."""
    store = project(codings, names)
    if not store.codings():
        return
    data = table_bytes(shaped_table(store, Holds.CODINGS, shape), f"x.{ending}", "codings")
    coders = shape is not Shape.TAGUETTE
    before = said(store, coders=coders)
    twin = project([], names)
    grid, guess = look_at(data, f"x.{ending}")
    assert guess.mapping.shape is shape
    done = import_codings(twin, grid, guess, f"x.{ending}")
    assert said(twin, coders=coders) <= before
    waiting = done.among(Became.AMBIGUOUS)
    assert done.among(Became.LOST) == []
    for one in waiting:
        assert any((p.text, str(p.start), str(p.end)) in {said_[:3] for said_ in before} for p in one.places)
    if shape in (Shape.DEDOOSE, Shape.TEXTCODER) or not waiting:  # they hold the place itself
        assert said(twin, coders=coders) == before


BOOKS = [shape for shape in Shape if shape is not Shape.TEXTCODER]
BY_NAME = {Shape.NVIVO: "\\", Shape.ATLASTI: ": "}
"""Shapes in which nothing but its name says below which code a code stands, and what parts the two."""
SAYINGS = st.text(st.sampled_from("Buses, late.\n=+'\"#: -é\U0001f600"), max_size=30).map(str.strip)
ENTRIES = st.fixed_dictionaries(
    {
        "definition": SAYINGS.filter(lambda said: "\n\n" not in said),
        "include": SAYINGS.filter(lambda said: "\n\n" not in said),
        "exclude": SAYINGS.filter(lambda said: "\n\n" not in said),
        "colour": st.sampled_from(["", "#1b9e77", "#D95F02"]),
        "above": st.integers(-1, 5),
        "lens": st.sampled_from(["barriers", "none"]),
    }
)


def booked(names: list[str], entries: list[dict[str, Any]]) -> MemoryStore:
    """A project that holds nothing but codes; the parent of each is one before it, under the same lens."""
    store, standing = MemoryStore(), Standing()
    store.save_coder(ANA)
    lens: list[str] = []
    for i, (name, fields) in enumerate(zip(names, entries, strict=True)):
        entry = dict(fields)
        above, own = entry.pop("above"), entry.pop("lens")
        lens.append(lens[above] if 0 <= above < i else own)
        parent = f"c{above}" if 0 <= above < i else None
        standing.apply(
            store.append(acts.add_code(standing, Code(f"c{i}", name, lens=lens[i], parent=parent, **entry), BY))
        )
    return store


def entered(store: Any, shape: Shape) -> set[tuple[str, ...]]:
    """All codes with lens, path, entry and colour, as far as the shape holds them."""
    book = store.codebook()
    paints = shape not in (Shape.DEDOOSE, Shape.TAGUETTE)
    return {
        (
            code.lens,
            *(book.get(id_).name for id_ in (*book.ancestors(code.id), code.id)),
            code.definition,
            code.include,
            code.exclude,
            code.colour if paints else "",
        )
        for code in book
    }


@pytest.mark.parametrize("ending", ["csv", "xlsx", "yaml"])
@pytest.mark.parametrize("shape", BOOKS, ids=str)
@settings(max_examples=25, deadline=None)
@given(
    named=st.lists(st.tuples(NAMES, ENTRIES), min_size=1, max_size=6, unique_by=lambda one: one[0]),
)
def test_a_codebook_survives_a_journey_into_an_empty_project(
    shape: Shape, ending: str, named: list[tuple[str, dict[str, Any]]]
) -> None:
    """Levels, lenses, entries and colours would have to be typed again."""
    kept = [(name, entry) for name, entry in named if BY_NAME.get(shape, "\0") not in name]
    if not kept:
        return
    store = booked([name for name, _ in kept], [entry for _, entry in kept])
    file = f"book.{ending}"
    data = table_bytes(shaped_table(store, Holds.CODEBOOK, shape), file, "codebook")
    assert not is_own_book(data, file)
    grid, guess = look_at(data, file, holds=Holds.CODEBOOK)
    assert guess.mapping.shape is shape
    assert look_at(data, file, mapping=write_mapping(guess.mapping).encode())[1].mapping == guess.mapping
    twin = MemoryStore()
    import_book(twin, grid, guess, file, coder=ANA)
    assert entered(twin, shape) == entered(store, shape)
    before = len(twin.decisions())
    import_book(twin, grid, guess, file, coder=ANA)
    import_book(store, grid, guess, file, coder=ANA)
    assert len(twin.decisions()) == before


@pytest.mark.parametrize("shape", BOOKS, ids=str)
def test_a_code_at_the_top_is_not_melted_into_its_namesake_under_a_lens(shape: Shape) -> None:
    """The entry of one would silently be written over that of the other."""
    entries = [
        {"definition": "It is on time.", "above": -1, "lens": "what_works"},
        {"definition": "Any talk of it.", "above": -1, "lens": "none"},
    ]
    store = booked(["Bus", "Bus"], entries)
    data = table_bytes(shaped_table(store, Holds.CODEBOOK, shape), "book.csv", "codebook")
    twin = MemoryStore()
    for _ in range(2):
        grid, guess = look_at(data, "book.csv", holds=Holds.CODEBOOK)
        import_book(twin, grid, guess, "book.csv", coder=ANA)
        assert entered(twin, shape) == entered(store, shape)


def test_rows_of_two_namesakes_stay_two_codes(store: Any) -> None:
    """What was said of one would count under the other."""
    done = take(store, plain(f"mira|What works > Bus|{BUS}|ana", f"mira|Bus|{PAPERS}|ana"))
    book = {code.id: code for code in store.codebook()}
    assert sorted((book[c.code].lens, book[c.code].name) for c in store.codings()) == [
        ("none", "Bus"),
        ("what_works", "Bus"),
    ]
    assert list(done.codes) == ["Bus", "Bus"]


def test_a_codebook_of_textcoder_s_own_is_known_as_such_in_every_format(tmp_path: Path) -> None:
    """Read as another program's, its lenses would become folders, and what was deleted from it would stay."""
    store = booked(["The bus"], [{"definition": "Late.", "above": -1, "lens": "barriers"}])
    for ending in ("yaml", "csv"):
        workflow.export_codebook(store, tmp_path / f"own.{ending}")
        assert is_own_book((tmp_path / f"own.{ending}").read_bytes(), f"own.{ending}")
    for broken in (b"codes: [", b"- name: Bus\n  lens: barriers\n", b"- Code: Bus\n", b"[]"):
        assert is_own_book(broken, "own.yaml")


# --- real codings -----------------------------------------------------------------------------------------------------------------------


def test_real_codings_of_seven_interviews_are_placed(tmp_path: Path) -> None:
    """A MAXQDA export of 261 coded segments, and the interviews as PDF: at least 95 % must find their words."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data" / "pdpilot_interviews"
    if not folder.is_dir():
        pytest.skip("the interviews with their MAXQDA export are not here")
    store = MemoryStore()
    workflow.import_files(store, sorted(folder.glob("P?.pdf")), Settings(), reading=Reading())
    segments = [json.loads(line) for line in (folder / "coded_segments.jsonl").read_text("utf-8").splitlines()]
    head = ["Document name", "Code", "Weight score", "Segment", "Created by"]
    rows = [[one["document"], one["codes"][0], "0", one["text"], "authors"] for one in segments]
    done = take(store, table(head, *rows), "coded-segments.csv")
    assert len(done.told) == 261
    placed = done.among(Became.MATCHED, Became.MOVED)
    assert len(placed) >= 0.95 * 261
    names = {one.id: one.name for one in store.transcripts()}
    assert all(one.place is not None and names[one.place.text] == f"{one.document}.pdf" for one in placed)
    assert len({one.code for one in done.told}) == 76
    assert len({coding.code for coding in store.codings()}) == 76


# --- the command line -------------------------------------------------------------------------------------------------------------------


def test_the_command_shows_its_guess_keeps_it_and_says_what_became_of_each_row(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong column would be noticed after the codings were in, or never."""
    talks, out = tmp_path / "talks", tmp_path / "out"
    talks.mkdir()
    (talks / "mira.txt").write_text(TALK, encoding="utf-8")
    assert run("import", talks, "--out", out)[0] == 0
    head = ["Document name", "Code", "Weight score", "Segment", "Created by"]
    rows = [["mira", "Barriers > Bus", "0", BUS, "ana"], ["mira", "Tables", "0", "the", "ana"]]
    (tmp_path / "coded.csv").write_bytes(table(head, *rows))
    with monkeypatch.context() as changed:
        changed.setenv("TEXTCODER_CODER", "eva")  # she imports what Ana coded
        status, told, _ = run("codings", "import", tmp_path / "coded.csv", "--out", out, "--dry-run")
    assert status == 0
    assert "2 codings of ana: 1 matched, 1 ambiguous" in told
    assert "in the shape of maxqda" in told
    assert "the coded words" in told
    assert "Nothing was changed" in told
    assert "mira.txt" in next(line for line in told.splitlines() if line.startswith("mira "))
    status, told, _ = run("codings", "import", tmp_path / "coded.csv", "--out", out, "--coder", "eva")
    assert status == 0
    assert "coded.mapping.yaml says" in told
    assert "2 codings of eva: 1 matched, 1 ambiguous" in told
    assert (out / "coded.waiting.csv").is_file()
    for shape in (shape for shape in Shape if shape is not Shape.TEXTCODER):
        for kind in Holds:
            assert run("export", kind.value, tmp_path / f"{shape}-{kind}.xlsx", "--shape", shape, "--out", out)[0] == 0
    status, told, _ = run("codings", "import", tmp_path / "nvivo-codings.xlsx", "--out", out, "--json")
    assert [row["became"] for row in json.loads(told)["rows"]] == ["here already"]
    status, told, _ = run("codebook", "import", tmp_path / "dedoose-codebook.xlsx", "--out", out)
    assert (status, "0 codes new or changed." in told) == (0, True)
    assert run("export", "codebook", tmp_path / "book.yaml", "--shape", "maxqda", "--out", out)[0] == 0
    status, told, _ = run("codebook", "import", tmp_path / "book.yaml", "--out", out)
    assert (status, "Saved as" in told and "0 codes new or changed." in told) == (0, True), told
    assert run("export", "segments", tmp_path / "x.csv", "--shape", "nvivo", "--out", out)[0] == 2
