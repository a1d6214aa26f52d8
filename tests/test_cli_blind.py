"""Blind double coding at the command line: no file that a coder writes tells her what others said of what she still codes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.test_cli import TALK, Run
from tests.test_cli_decide import told
from textcoder.store import open_store, sqlite_url

SECRET = "Only Ben sees this"


@pytest.fixture
def study(tmp_path: Path, run: Run) -> Path:
    """A study of which Ana and Ben code everything blind, and Ben has begun."""
    out = tmp_path / "study"
    (tmp_path / "w1_SU01_mira.txt").write_text(TALK, "utf-8")
    told(run, "import", tmp_path / "w1_SU01_mira.txt", "--out", out)
    store = open_store(sqlite_url(out / "project.db"))
    segments = [segment.id for segment in store.segments()]
    store.close()
    told(run, "decide", "add", "Offices", "--lens", "barriers", "--coder", "ben", "--out", out)
    told(run, "sample", "draw", "round 1", "-n", len(segments), "--for", "ana", "--for", "ben", "--out", out)
    told(run, "decide", "accept", segments[0], "--code", "Offices", "--why", SECRET, "--coder", "ben", "--out", out)
    return out


def everything(path: Path) -> bytes:
    data = path.read_bytes()
    if data[:2] != b"PK":
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize(
    "asked",
    [
        ("codings", "codings.csv"),
        ("workbook", "book.xlsx"),
        ("codings", "codings.csv", "--shape", "textcoder"),
    ],
)
def test_a_table_leaves_out_what_others_said(run: Run, study: Path, tmp_path: Path, asked: tuple[str, ...]) -> None:
    """She would look into her colleague's codings, and the agreement of the two would be worth nothing."""
    kind, name, *more = asked
    file = tmp_path / name
    for coder, sees in (("ben", True), ("cleo", True), ("ana", False)):
        file.unlink(missing_ok=True)
        status, said, error = run("export", kind, file, *more, "--coder", coder, "--out", study)
        assert (file.exists() and SECRET.encode() in everything(file)) is sees
        if file.exists():
            assert ("left out" in said) is (coder != "cleo")
        else:  # in the shape of another program there is nothing to write
            assert status == 2
            assert "Nobody has coded anything yet" in error
    told(run, "sample", "release", "round 1", "--coder", "cleo", "--out", study)
    assert "left out" not in told(run, "export", kind, file, *more, "--coder", "ana", "--out", study)
    assert SECRET.encode() in everything(file)


def test_a_project_and_the_results_are_not_given_to_her(run: Run, study: Path, tmp_path: Path) -> None:
    """An archive holds the whole history, whatever is left out of its tables."""
    for asked in (("export", tmp_path / "x.qdpx"), ("export", tmp_path / "x.qdpx", "--plain"), ("report",)):
        status, _, error = run(*asked, "--coder", "ana", "--out", study)
        assert status == 2
        assert "You still code a sample blind" in error
        assert "finish and release it first" in error
    assert not (tmp_path / "x.qdpx").exists()
    assert not (study / "report.html").exists()
    told(run, "export", tmp_path / "x.qdc", "--coder", "ana", "--out", study)  # of codes nobody is blind
    told(run, "export", tmp_path / "x.qdpx", "--coder", "cleo", "--out", study)
    status, _, error = run("import", tmp_path / "x.qdpx", "--coder", "ana", "--out", study)
    assert status == 2
    assert "blind" in error


def test_a_table_of_codings_comes_in_only_if_all_are_her_own(
    run: Run, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which of her colleague's codings are here already would tell her what he said; her own work must not lie outside until then."""
    words = "it goes twice a day"
    ours, hers = tmp_path / "ours.csv", tmp_path / "hers.csv"
    ours.write_text(
        f"document,code,text,coder\nw1_SU01_mira,Offices,{words},ana\nw1_SU01_mira,Offices,{words},ben\n", "utf-8"
    )
    hers.write_text(f"document,code,text,coder\nw1_SU01_mira,Offices,{words},ana\n", "utf-8")
    for more in (("--by", "ana"), ("--by", "ana", "--coder", "ben"), ("--by", "ana", "--dry-run")):
        status, said, error = run("codings", "import", ours, *more, "--out", study)
        assert (status, "holds codings of others" in error) == (2, True)
        assert "here already" not in said
    monkeypatch.setenv("TEXTCODER_CODER", "ana")
    assert run("codings", "import", ours, "--out", study)[0] == 2
    assert "1 matched" in told(run, "codings", "import", hers, "--out", study)
    monkeypatch.delenv("TEXTCODER_CODER")
    assert "1 here already" in told(run, "codings", "import", hers, "--coder", "ana", "--out", study)
    assert "1 here already" in told(run, "codings", "import", ours, "--by", "cleo", "--out", study)


def test_a_document_says_what_it_leaves_out(run: Run, study: Path, tmp_path: Path) -> None:
    """She would take a report in which half is missing for the whole."""
    said = told(run, "export", tmp_path / "report.md", "--coder", "ana", "--out", study)
    assert "what others said of its segments is left out" in said


@pytest.mark.parametrize(
    "asked",
    [("quotes", "Offices", "--json"), ("adequacy", "--json")],
    ids=lambda asked: asked[0],
)
def test_a_figure_does_not_tell_what_others_said(run: Run, study: Path, asked: tuple[object, ...]) -> None:
    """The words that Ben coded, and how much he found, would be read off them."""
    told_to = {coder: run(*asked, "--coder", coder, "--out", study)[1] for coder in ("ben", "cleo", "ana")}
    assert told_to["cleo"] == told_to["ben"]
    assert told_to["ana"] != told_to["ben"]
