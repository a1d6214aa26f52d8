"""The evidence pack: whole, the same each time, and each figure of it traced to its words by one command."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_cli import OTHER_TALK, TALK, Run
from tests.test_cli_decide import coded, place, project, segments, told  # noqa: F401  (coded and project are fixtures)
from textcoder.reports.evidence.checklists import COREQ, SRQR
from textcoder.reports.evidence.parts import Grid, below, shown
from textcoder.workflow.evidence import command_for


def written(run: Run, project: Path, out: Path) -> dict[str, bytes]:  # noqa: F811
    """The files of a pack by their path in it."""
    told(run, "evidence", "--from", project, "--out", out)
    return files_of(out)


def files_of(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def made(coded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A project with a sample that two people coded, a changed codebook and a chosen quotation, and its pack; made once."""
    from textcoder import cli
    from textcoder.store import open_store, sqlite_url

    folder = tmp_path_factory.mktemp("evidence")
    study = Path(shutil.copytree(coded / "out", folder / "out"))

    def do(*arguments: object, out: Path = study) -> None:
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
            patch.setattr(sys, "argv", ["textcoder", *map(str, arguments), "--out", str(out)])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        assert not ended.value.code

    rows = segments(study)
    do("decide", "add", "Offices <b>&", "--lens", "barriers", "--definition", "=1+1", "--coder", "ana")
    do("decide", "rename", "Offices <b>&", "Offices, <b>all</b> of them", "--coder", "ana")
    others = ("Waiting rooms", "Corridors", "Counters and queues", "Letters")
    for name in others:
        do("decide", "add", name, "--lens", "barriers", "--coder", "ana")
    do("sample", "draw", "round 1", "-n", 4, "--for", "ana", "--for", "ben", "--seed", 7)
    store = open_store(sqlite_url(study / "project.db"))
    sample = next(d.after for d in store.decisions() if d.verb.value == "sample")
    files = {row["transcript"]: row["file"] for row in rows}
    store.close()
    assert sample is not None
    for number, segment in enumerate(sorted(sample["segments"])):
        transcript, _, span = segment.rpartition(":")
        for coder in ("ana", "ben"):
            code = ["--code", "Offices, <b>all</b> of them"] if coder == "ana" or number else []
            code += [part for other in others for part in ("--code", other)]
            do("decide", "review", f"{files[transcript]}:{span}", *code, "--coder", coder)
    do("sample", "release", "round 1", "--coder", "ana")
    do("decide", "quote", place(rows[0]), "--note", "It shows <i>waiting</i>.", "--coder", "ana")
    do("evidence", "--from", study, out=folder / "pack")
    return folder


@pytest.fixture
def studied(made: Path, tmp_path: Path) -> Path:
    """The project; to be changed freely."""
    return Path(shutil.copytree(made / "out", tmp_path / "out"))


@pytest.fixture(scope="module")
def pack(made: Path) -> dict[str, bytes]:
    """The files of its pack by their path in it."""
    return files_of(made / "pack")


def test_a_pack_is_the_same_each_time(run: Run, studied: Path, pack: dict[str, bytes], tmp_path: Path) -> None:
    """Nobody could tell a changed figure from a new time stamp."""
    again = written(run, studied, tmp_path / "a")
    assert [name for name in pack if pack[name] != again.get(name)] == []
    assert pack.keys() == again.keys()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    told(run, "decide", "rename", "Offices, <b>all</b> of them", "Counters", "--coder", "ana", "--out", studied)
    assert written(run, studied, tmp_path / "a") != pack


def test_a_pack_does_not_depend_on_the_process(studied: Path, pack: dict[str, bytes], tmp_path: Path) -> None:
    """The order in which a set gives its members changes from start to start."""
    command = [sys.executable, "-m", "textcoder", "evidence", "--from", str(studied), "--out", str(tmp_path / "pack")]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "1"})
    assert files_of(tmp_path / "pack") == pack


def test_hashes_hold_and_readme_names_every_file(pack: dict[str, bytes]) -> None:
    """An archive would not notice that a file was exchanged, and a reader would not know what the files are."""
    files = dict(pack)
    sums = dict(reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    readme = files["README.txt"].decode()
    assert [name for name in files if name != "README.txt" and f"\n{name}\n" not in f"\n{readme}\n"] == []
    promised = int(re.search(r"still write in (\d+) places", readme)[1])  # type: ignore[index]  # the sentence is there
    assert promised == files["evidence.html"].decode().count("TO WRITE:") > 10


def test_every_figure_is_traced_to_its_words_by_its_command(run: Run, studied: Path, pack: dict[str, bytes]) -> None:
    """A figure of the pack would not be the number of people whose words are shown for it."""
    traced = 0
    for name in ("tables/codes_all_people.csv", "tables/lenses_all_people.csv", "tables/codes_by_wave.csv"):
        for row in table(pack[name]):
            command = shlex.split(row["rows behind it"])
            if not command:
                assert row["people"] in ("hidden", "0")
                continue
            assert command[:2] == ["textcoder", "quotes"]
            found = json.loads(told(run, *command[1:], "--out", studied, "--json"))
            assert (str(found["people"]), str(found["total"])) == (row["people"], row["mentions"]), row
            assert len(found["items"]) == found["total"]
            traced += 1
    assert traced >= 4


def test_what_is_told_is_what_happened(studied: Path, pack: dict[str, bytes]) -> None:
    """Samples could not be drawn again, versions not be followed, and agreement not be judged."""
    files = pack
    (sample,) = table(files["tables/samples.csv"])
    assert (sample["sample"], sample["drawn"], sample["seed"], sample["coders"]) == ("round 1", "4", "7", "ana, ben")
    drawn = table(files["tables/sampled_segments.csv"])
    assert len(drawn) == 4
    assert {float(row["inclusion probability"]) for row in drawn} == {round(4 / int(sample["of"]), 6)}
    agreed = {row["code"]: row for row in table(files["tables/agreement_by_code.csv"])}
    assert float(agreed["Offices, <b>all</b> of them"]["agree %"]) == 75
    names = [(row["name before"], row["name after"]) for row in table(files["tables/lineage_of_codes.csv"])]
    assert [pair for pair in names if "<b>" in pair[1]] == [
        ("", "Offices <b>&"),
        ("Offices <b>&", "Offices, <b>all</b> of them"),
    ]
    log = [json.loads(line) for line in files["decisions.jsonl"].decode().splitlines()]
    assert [line["number"] for line in log] == list(range(1, len(log) + 1))
    (chosen,) = table(files["tables/quotations_chosen.csv"])
    assert (chosen["text"], chosen["chosen by"]) == (segments(studied)[0]["text"], "ana")
    for name, items in (("coreq", COREQ), ("srqr", SRQR)):
        rows = table(files[f"tables/{name}.csv"])
        assert [row["item"] for row in rows] == [item.number for item in items]
        assert all(row["known"] or row["to write"].startswith("TO WRITE: ") for row in rows)
    assert (len(COREQ), len(SRQR)) == (32, 21)


def test_tables_speak_of_lenses_by_name_and_of_shares_in_per_cent(pack: dict[str, bytes]) -> None:
    """A reader would look for a lens "what_works" that no page of the study has, and take .75 for less than a per cent."""
    tables = {name: table(data) for name, data in pack.items() if name.startswith("tables/")}
    lenses = {row["lens"] for row in tables["tables/lenses.csv"]} | {"No lens"}
    told = {name: {row["lens"] for row in rows if "lens" in row} for name, rows in tables.items()}
    assert {name: found - lenses for name, found in told.items() if found - lenses} == {}
    assert {"tables/lineage_of_codes.csv", "tables/corrected_shares_of_segments.csv"} <= told.keys()
    errors = tables["tables/errors_by_group.csv"]
    assert max((abs(float(row["rate %"])) for row in errors if row["rate %"]), default=100) > 1
    signs = tables["tables/signs_found_by_patterns.csv"]
    assert [row for row in signs if row["people"] == "1"] == []


def test_document_page_and_workbook_say_the_same(pack: dict[str, bytes]) -> None:
    """What is missing in one of them would be found by the reader who has only that one."""
    import docx
    import openpyxl

    files = pack
    paper = json.loads(files["evidence.json"])
    document = docx.Document(io.BytesIO(files["evidence.docx"]))
    for grid in document.tables:
        widths = [column.width for column in grid.columns]
        assert abs(sum(widths) - docx.shared.Cm(16.6)) < docx.shared.Cm(0.1)
        most = [max(len(cell.text) for cell in column.cells[1:]) for column in grid.columns]
        if max(most) > 40 > 8 > min(most):  # a sentence beside a number
            assert widths[most.index(max(most))] > widths[most.index(min(most))]
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == [*(section["title"] for section in paper["sections"]), "Sources"]
    assert {p.style.name for p in document.paragraphs} >= {"Title", "Heading 2", "Quote", "Caption"}
    assert all("tblHeader" in one.rows[0]._tr.xml for one in document.tables)
    words = "\n".join([p.text for p in document.paragraphs] + [c.text for t in document.tables for c in t._cells])
    assert "It shows <i>waiting</i>." in words
    page = files["evidence.html"].decode()
    assert "It shows &lt;i&gt;waiting&lt;/i&gt;." in page
    assert "<b>all" not in page
    assert not re.search(r"(?:src|href)=\"(?!#)|<script|url\(|@import", page)
    tables = [part["name"] for section in paper["sections"] for part in section["parts"] if part["kind"] == "table"]
    workbook = openpyxl.load_workbook(io.BytesIO(files["evidence.xlsx"]))
    assert workbook.sheetnames == ["Read me", *tables]
    assert "=1+1" in [cell.value for row in workbook["Codebook"].iter_rows() for cell in row if cell.data_type == "s"]
    for name in ("evidence.docx", "evidence.xlsx"):
        assert {entry.date_time for entry in ZipFile(io.BytesIO(files[name])).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_nothing_of_a_person_is_replaced(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """Two weeks of writing into evidence.docx would be gone with the next run."""
    (tmp_path / "hers").mkdir()
    (tmp_path / "hers" / "thesis.docx").write_text("mine")
    at = ("evidence", "--from", project, "--out")
    status, _, error = run(*at, tmp_path / "hers")
    assert (status, error.count("\n")) == (2, 1) or "holds other things" in error
    assert "holds other things than an evidence pack" in error
    assert [path.name for path in (tmp_path / "hers").iterdir()] == ["thesis.docx"]
    pack = tmp_path / "pack"
    told(run, *at, pack)
    (pack / "evidence.docx").write_bytes(b"edited")
    assert "has been edited" in run(*at, pack)[2]
    assert (pack / "evidence.docx").read_bytes() == b"edited"
    (pack / "evidence.docx").unlink()
    told(run, *at, pack)
    (pack / "notes.txt").write_text("mine")
    assert "no part of the pack" in run(*at, pack)[2]
    (tmp_path / "file").write_text("mine")
    assert "is a file" in run(*at, tmp_path / "file")[2]


def test_who_codes_blind_gets_no_pack_of_what_others_said(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """Blind double coding would end with one command."""
    told(run, "sample", "draw", "round 1", "-n", 3, "--for", "ana", "--for", "ben", "--out", project)
    status, _, error = run("evidence", "--from", project, "--out", tmp_path / "pack", "--coder", "ana")
    assert status != 0
    assert "still code a sample blind" in error
    assert not (tmp_path / "pack").exists()
    told(run, "evidence", "--from", project, "--out", tmp_path / "pack", "--coder", "ruth")


NAMES = ("people", "code", "å/ä", "å ä", "a name that goes on and on 1", "a name that goes on and on 2", "<b>x", "=1+1")
"""Attributes that could be taken for columns, files or sheets of the pack, or be one in it."""


def test_any_attribute_has_a_table_of_its_own(run: Run, tmp_path: Path) -> None:
    """Two tables would be written into one file, or a column of people be shown as the attribute called so."""
    import openpyxl

    for name, words in (("mira.txt", TALK), ("leila.txt", OTHER_TALK)):
        (tmp_path / name).write_text(words, encoding="utf-8")
    with (tmp_path / "cases.csv").open("w", encoding="utf-8", newline="") as stream:
        values = (
            ["mira.txt", "A", *(f"{n}, one" for n in range(8))],
            ["leila.txt", "B", *(f" {n}=2" for n in range(8))],
        )
        csv.writer(stream).writerows([["file", "case", *NAMES], *values])
    told(
        run,
        "import",
        tmp_path / "mira.txt",
        tmp_path / "leila.txt",
        "--cases",
        tmp_path / "cases.csv",
        "--out",
        tmp_path,
    )
    told(run, "decide", "add", "Waiting", "--lens", "barriers", "--out", tmp_path)
    files = written(run, tmp_path, tmp_path / "pack")
    by = [name for name in files if name.startswith("tables/codes_by")]
    assert len(by) == len(NAMES)
    assert len(
        [name for name in files["evidence.json"].decode().split('"file": "') if name.startswith("tables/")]
    ) == len({name for name in files if name.startswith("tables/")})
    workbook = openpyxl.load_workbook(io.BytesIO(files["evidence.xlsx"]))
    assert len([sheet for sheet in workbook.sheetnames if sheet.startswith("Codes by")]) == len(NAMES)
    assert "<b>x" not in files["evidence.html"].decode()
    assert {row["people (attribute)"] for row in table(files["tables/codes_by_people.csv"])} == {"0, one", "0=2"}


def test_what_stands_below_a_table_is_a_sentence() -> None:
    grid = Grid("Voices", ("Code", "People"), [("Trust", 3), ("Time", 2)], note="each person counts once", most=1)
    assert below(grid).startswith("Each person counts once. The first 1 of 2 rows")


def test_a_figure_that_rounds_to_nothing_has_no_minus() -> None:
    assert [shown(value) for value in (-0.001, -0.0, -0.25, 0.0, 1.5)] == ["0", "0", "-0.25", "0", "1.5"]


def test_a_seed_is_no_quantity_and_an_empty_table_has_no_note() -> None:
    """2,026 would be typed as a seed and refused, and "cells are hidden" be read of a table that is not there."""
    grid = Grid("Samples", ("seed", "drawn", "undone by"), [(2026, 1888, None)], named=("seed", "undone by"))
    assert [shown(cell) for cell in grid.seen.rows[0]] == ["2026", "1,888", ""]
    assert grid.table.rows == [(2026, 1888, None)]
    assert below(Grid("People asked", ("value", "people"), [], note="cells of few people are hidden")) == ""


@given(st.text(min_size=1), st.dictionaries(st.text("ab'\"$ é", min_size=1), st.text(min_size=1), max_size=2))
def test_a_command_of_any_names_is_read_as_it_was_meant(name: str, where: dict[str, str]) -> None:
    """The words of another code would be shown for a figure, or a shell would run what a code is called."""
    command = command_for(name, "codes", where)
    if command:
        pairs = [part for key, value in where.items() for part in ("--where", f"{key}={value}")]
        assert shlex.split(command) == ["textcoder", "quotes", name, *pairs]
    assert command_for("One's own", "codes", {}) == 'textcoder quotes "One\'s own"'
