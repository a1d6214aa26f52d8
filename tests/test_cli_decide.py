"""The analyst's commands, run as she runs them, on a small coded project."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import OTHER_TALK, TALK, Run


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two talks and the results of a run; made once, also for the files that take this fixture from here."""
    study = tmp_path_factory.getbasetemp() / "coded"
    if study.is_dir():
        return study
    folder = tmp_path_factory.mktemp("study")
    (folder / "talks").mkdir()
    for name, words in (("w1_SU01_mira.txt", TALK), ("w2_SU03_leila.txt", OTHER_TALK)):
        (folder / "talks" / name).write_text(words, encoding="utf-8")
    command = [sys.executable, "-m", "textcoder", "run", "talks", "--out", "out"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder.rename(study)


@pytest.fixture
def project(coded: Path, tmp_path: Path) -> Path:
    """A project that was run once; to be changed freely."""
    shutil.copytree(coded / "out", tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def talks(coded: Path, tmp_path: Path) -> Path:
    """The interviews of the project."""
    return Path(shutil.copytree(coded / "talks", tmp_path / "talks"))


def told(run: Run, *arguments: object) -> str:
    """The output of a command that must succeed."""
    status, said, error = run(*arguments)
    assert status == 0, error
    return said


def segments(out: Path) -> list[dict[str, str]]:
    with (out / "segments.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def place(row: dict[str, str]) -> str:
    return f"{row['file']}:{row['start']}-{row['end']}"


def test_a_decision_is_kept_shown_counted_and_undone(run: Run, project: Path) -> None:
    """What an analyst decided on the command line would not reach the report, or could not be taken back."""
    first = segments(project)[0]
    at = ("--out", project, "--coder", "ana")
    told(run, "decide", "add", "A code of mine", "--lens", "barriers", "--definition", "What I saw.", *at)
    said = told(run, "decide", "accept", place(first), "--code", "a CODE of mine", "--why", "clear", *at)
    assert "accepted" in said
    assert "(clear)" in said
    assert "it is so already" in told(run, "decide", "accept", place(first), "--code", "A code of mine", *at)
    told(run, "report", "--out", project)
    with (project / "codings.csv").open(encoding="utf-8-sig", newline="") as stream:
        hers = [row for row in csv.DictReader(stream) if row["coder_id"] == "ana"]
    assert [(row["code"], row["text"], row["status"], row["counts"]) for row in hers] == [
        ("A code of mine", first["text"], "accepted", "1")
    ]
    assert told(run, "verify", project).startswith("All quotations and counts")
    history = json.loads(told(run, "codebook", "history", "--out", project, "--json"))
    assert [line["verb"] for line in history][-2:] == ["add", "accept"]
    assert "undid act" in told(run, "undo", *at)
    assert "undid the undo" in told(run, "redo", *at)
    status, _, error = run("undo", history[-2]["act"], *at)
    assert status == 2
    assert "--with-later" in error
    assert told(run, "undo", history[-2]["act"], "--with-later", *at).count("\n") == 2
    assert "A code of mine" not in told(run, "codebook", "show", "--out", project)


def test_codes_are_merged_split_moved_and_previewed(run: Run, project: Path) -> None:
    """Tidying a codebook would be a leap in the dark."""
    at = ("--out", project, "--coder", "ana")
    rows = segments(project)
    for name in ("Offices", "Lost papers"):
        told(run, "decide", "add", name, "--lens", "barriers", *at)
    for row in rows[:3]:
        told(run, "decide", "accept", place(row), "--code", "Offices", *at)
    told(run, "decide", "code", place(rows[0]), "--code", "Lost papers", *at)
    preview = told(run, "decide", "merge", "Lost papers", "--into", "Offices", "--preview", *at)
    assert "1 coding of 1 coder" in preview
    assert "1 span carry several" in preview
    assert "Lost papers" in told(run, "codebook", "show", "--out", project)
    assert 'merged "Lost papers" into "Offices"' in told(
        run, "decide", "merge", "Lost papers", "--into", "Offices", *at
    )
    lineage = told(run, "codebook", "history", "Offices", "--out", project)
    assert "Merged into it: Lost papers" in lineage
    assert "Part 2:" in told(run, "decide", "split", "Offices", "--parts", "2", *at)
    told(run, "decide", "split", "Offices", "--name", "Desks", "--name", "Drawers", *at)
    told(run, "decide", "move", "Drawers", "--parent", "Desks", *at)
    status, _, error = run("decide", "move", "Desks", "--parent", "Drawers", *at)
    assert (status, "below itself" in error) == (2, True)
    told(run, "decide", "threshold", "Desks", "0.9", *at)
    told(run, "decide", "rename", "Desks", "Desks and counters", *at)
    told(run, "decide", "define", "Drawers", "--include", "A drawer is named.", *at)
    changed = json.loads(told(run, "codebook", "diff", 0, "--out", project, "--json"))
    assert {"Desks and counters", "Drawers"} <= {change["after"]["name"] for change in changed if change["after"]}
    told(run, "decide", "retire", "Drawers", *at)
    told(run, "decide", "restore", "Drawers", *at)


def test_the_review_loop_takes_keys_and_learns(
    run: Run,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The keyboard loop would lose an answer, or ask the same segment again."""
    at = ("--out", project, "--coder", "ana")
    told(run, "decide", "add", "Mine", "--lens", "none", *at)
    queue = json.loads(told(run, "review", "--json", "-n", 3, *at))
    assert len(queue) == 3
    assert all(one["reason"] for one in queue)
    monkeypatch.setattr("sys.stdin", io.StringIO("cMine\n\nm" + "Odd.\n" + "s\nu" + "q"))
    said = told(run, "review", *at)
    assert "2 segments reviewed" in said or "1 segment reviewed" in said
    history = [line["verb"] for line in json.loads(told(run, "codebook", "history", "--out", project, "--json"))]
    assert "review" in history
    assert "memo" in history
    assert history[-1] == "undo"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("decide", "accept", "nowhere.txt:1-2", "--code", "x"), 'no code "x"'),
        (("decide", "reject", "w1_SU01_mira.txt:1-99999", "--code", "{code}"), "lies outside"),
        (("decide", "reject", "somewhere", "--code", "{code}"), "is no span"),
        (("decide", "memo", "planet:mars", "x"), "A memo is about one of"),
        (("decide", "adopt", "no such theme"), "names no theme"),
        (("decide", "add", "X", "--lens", "hope"), 'no lens "hope"'),
        (("undo", "999"), "no act 999"),
        (("redo",), "nothing of yours to redo"),
        (("codebook", "diff", "999"), "no version 999"),
        (("review", "--sample", "round 9", "--json"), 'no sample called "round 9"'),
        (("changes", "--since", "9"), "has the wave 9"),
        (("merge", "nowhere.db"), "nowhere.db"),
    ],
)
def test_a_slip_is_one_sentence_and_changes_nothing(
    run: Run,
    project: Path,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    """An analyst would read a traceback, or find half a decision."""
    code = json.loads(told(run, "codebook", "show", "--json", "--out", project))[0]["name"]
    before = told(run, "codebook", "history", "--out", project)
    status, _, error = run(*(part.format(code=code) for part in arguments), "--out", project)
    assert status in (2, 3)
    assert sentence in error
    assert "Traceback" not in error
    assert told(run, "codebook", "history", "--out", project) == before


def test_a_changed_file_that_people_coded_stays_as_they_coded_it(run: Run, project: Path, talks: Path) -> None:
    """Correcting a typing error in a transcript would throw away a day of coding."""
    at = ("--out", project, "--coder", "ana")
    row = segments(project)[0]
    told(run, "decide", "add", "Mine", "--lens", "none", *at)
    told(run, "decide", "accept", place(row), "--code", "Mine", *at)
    file = talks / row["file"]
    file.write_text(
        file.read_text(encoding="utf-8") + "\nMira: And one more thing, the lift is broken again.\n", "utf-8"
    )
    said = told(run, "run", talks, "--out", project)
    assert "has changed since people coded it" in told(run, "import", talks, "--out", project)
    assert "Report:" in said
    assert segments(project)[0]["text"] == row["text"]
