"""What a person sees at the command line: the summary, one clear sentence for a mistake, and an exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

TALK = """Hanna: What is working, even a little, in the joint meetings?

Mira: The joint meetings on Tuesdays help me because everyone sits at one table. Nobody sends me away to another office now.

Hanna: And what gets in the way for you?

Mira: The bus is the worst thing, it goes twice a day and then I wait in the cold. They also lost my papers three times last year.

Hanna: What is different since we last spoke?

Mira: I went to the library on my own last week. Before, I never left the house without my sister, so that is new for me.
"""

OTHER_TALK = """Hanna: Tell me how it has been at the harbour this year.

Leila: My papers from the university lay in a drawer for eleven months and nobody could tell me whose drawer it was.

Hanna: Was there anything that made it easier?

Leila: The woman at the library let me use the printer for nothing, and she remembered my name every single time.

Hanna: And has anything changed?

Leila: Since the spring I count the tablets at the pharmacy myself. I had never been allowed behind the counter until then.
"""


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    folder = tmp_path / "talks"
    folder.mkdir()
    (folder / "w1_SU01_mira.txt").write_text(TALK, encoding="utf-8")
    (folder / "w2_SU03_leila.txt").write_text(OTHER_TALK, encoding="utf-8")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_run_gives_every_promised_file_and_a_summary_a_person_understands(
    run: Run, talks: Path, tmp_path: Path
) -> None:
    """A researcher would look for a file that the README names and not find it."""
    out = tmp_path / "out"
    status, said, _ = run("run", talks, "--out", out)
    assert status == 0
    assert "Read 2 transcripts: 2 people" in said
    assert str(out / "report.html") in said
    promised = (
        "report.html codebook.yaml codebook.csv segments.csv codings.csv cases_by_codes.csv quotations_chosen.csv "
        "project.xlsx manifest.json project.db"
    )
    assert {name for name in promised.split() if not (out / name).is_file()} == set()
    assert {row["case"] for row in rows(out / "segments.csv")} == {"SU01", "SU03"}
    assert {row["wave"] for row in rows(out / "segments.csv")} == {"1", "2"}
    assert run("verify", out)[0] == 0


def test_a_coded_segment_is_the_participants_and_exact(run: Run, talks: Path, tmp_path: Path) -> None:
    """The interviewer's question would be quoted as a finding."""
    out = tmp_path / "out"
    run("run", talks, "--out", out)
    for row in rows(out / "segments.csv"):
        text = (talks / row["file"]).read_text(encoding="utf-8")
        assert row["text"] == text[int(row["start"]) : int(row["end"])]
        assert row["speaker"] != "Hanna"
        assert f"Hanna: {row['question']}" in text


def test_the_order_of_files_changes_nothing(run: Run, talks: Path, tmp_path: Path) -> None:
    """Two researchers with the same interviews would get different findings."""
    first, second = sorted(talks.iterdir())
    run("run", first, second, "--out", tmp_path / "a")
    run("run", second, first, "--out", tmp_path / "b", "--threads", 1)
    for name in ("codings.csv", "segments.csv", "cases_by_codes.csv", "codebook.yaml", "report.html", "project.xlsx"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_second_run_repeats_nothing_and_says_the_same(run: Run, talks: Path, tmp_path: Path) -> None:
    """Each look at the results would cost the whole coding again."""
    out = tmp_path / "out"
    _, before, _ = run("run", talks, "--out", out)
    stamp = (out / "report.html").stat().st_mtime_ns
    _, after, progress = run("run", talks, "--out", out)
    assert before == after
    assert (out / "report.html").stat().st_mtime_ns == stamp
    assert not {"Embedding", "Finding themes", "Coding", "Placing"} & {
        line.split(" ...")[0] for line in progress.splitlines()
    }


def test_a_stopped_run_goes_on_from_what_was_finished(
    run: Run, talks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour of embedding would be lost to one Ctrl-C."""

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("textcoder.workflow.batch.find_themes", stopped)
        status, _, err = run("run", talks, "--out", out)
    assert status == 130
    assert "Stopped. What was finished is kept" in err and not (out / "report.html").exists()
    status, _, progress = run("run", talks, "--out", out)
    assert status == 0 and "Placing under lenses" not in progress
    run("run", talks, "--out", tmp_path / "undisturbed")
    assert (out / "codings.csv").read_bytes() == (tmp_path / "undisturbed" / "codings.csv").read_bytes()


def test_an_edited_codebook_comes_back_and_is_applied(run: Run, talks: Path, tmp_path: Path) -> None:
    """The person's codebook is the truth, not the cluster run."""
    book = tmp_path / "mine.yaml"
    book.write_text(
        "codes:\n  - name: Waiting for transport\n    lens: barriers\n    definition: Buses and trains that are late or rare.\n"
        "    examples: [The bus goes twice a day and I wait in the cold.]\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    status, _, err = run("run", talks, "--out", out, "--codebook", book)
    assert status == 0, err
    assert {row["code"] for row in rows(out / "codings.csv")} <= {"Waiting for transport"}
    shown = json.loads(run("codebook", "show", "--out", out, "--json")[1])
    assert [(code["name"], code["status"]) for code in shown] == [("Waiting for transport", "active")]


def test_roles_can_be_shown_and_set(run: Run, talks: Path, tmp_path: Path) -> None:
    """A wrong guess of who asks would code the wrong person for good."""
    out = tmp_path / "out"
    run("import", talks, "--out", out)
    _, said, _ = run("roles", "--out", out)
    assert "Hanna" in said and "interviewer" in said
    assert run("roles", "--out", out, "--role", "Hanna=participant", "--role", "Mira=interviewer")[0] == 0
    run("import", talks, "--out", out)
    _, found, _ = run("search", "what", "--out", out, "--json")
    assert {row["speaker"] for row in json.loads(found) if "mira" in row["file"]} == {"Hanna"}


def test_one_table_can_be_exported_by_itself(run: Run, talks: Path, tmp_path: Path) -> None:
    out, file = tmp_path / "out", tmp_path / "mine.csv"
    run("run", talks, "--out", out)
    assert run("export", "codings", file, "--out", out)[0] == 0
    assert file.read_bytes() == (out / "codings.csv").read_bytes()
    status, _, err = run("export", "memos", file, "--out", out)
    assert status == 2 and "segments, codings, cases, workbook, report" in err


def test_search_by_words_and_by_meaning(run: Run, talks: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("import", talks, "--out", out)
    assert [row["speaker"] for row in json.loads(run("search", "bus", "--out", out, "--json")[1])] == ["Mira"]
    nearest = json.loads(run("search", "public transport is slow", "--meaning", "--out", out, "--json")[1])[0]
    assert "wait in the cold" in nearest["text"]


# --- bad input: one sentence, a status, and the rest goes on -------------------------------------------------------------------------


def test_an_unreadable_file_is_named_and_the_rest_goes_on(run: Run, talks: Path, tmp_path: Path) -> None:
    """A file would be missing from the findings and nobody would know."""
    (talks / "empty.txt").write_bytes(b"")
    (talks / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (talks / "broken.docx").write_bytes(b"PK\x03\x04 not a document")
    (talks / "sound.mp3").write_bytes(b"ID3" + bytes(50))
    (talks / "twice.txt").write_bytes((talks / "w1_SU01_mira.txt").read_bytes())
    out = tmp_path / "out"
    status, said, _ = run("run", talks, "--out", out)
    assert status == 0
    assert "Read 2 transcripts" in said
    for name in ("empty.txt", "picture.txt", "broken.docx", "sound.mp3"):
        assert f"Not read: {name}: " in said
    assert "w1_SU01_mira.txt holds the same bytes as twice.txt" in said
    outcomes = {row["path"]: row["outcome"] for row in json.loads((out / "manifest.json").read_text("utf-8"))["files"]}
    assert outcomes["empty.txt"] == "unreadable" and outcomes["twice.txt"] == "read"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "empty"),
        (
            "Interviewer: What helps?\n\nInterviewer: And what else, would you say?\n\nInterviewer: Anything more?\n",
            "participant",
        ),
        ("1234 --- 5678", "word"),
    ],
)
def test_nothing_to_code_is_one_sentence(run: Run, tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(content, encoding="utf-8")
    status, _, err = run("run", file, "--out", tmp_path / "out")
    assert status == 2
    assert sentence in err and "Traceback" not in err


def test_a_corpus_of_one_segment_gives_a_report(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("The nurse rang me before the meeting and that made all the difference.", encoding="utf-8")
    status, said, _ = run("run", file, "--out", tmp_path / "out")
    assert status == 0
    assert "1 segments" in said or "1 segment" in said


def test_a_corpus_in_swedish_is_coded_and_says_what_is_weak(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "sv.txt"
    file.write_text(
        "Det bästa med de gemensamma mötena är att alla sitter vid samma bord. Jag behöver inte berätta allt en gång till "
        "för varje ny handläggare.\n\n"
        "Men bussen går bara två gånger om dagen och då kommer jag för sent till mötet på tisdagarna. Det har jag sagt till "
        "dem många gånger.\n",
        encoding="utf-8",
    )
    status, said, err = run("run", file, "--out", tmp_path / "out")
    assert status == 0
    assert "not English" in said + err


def test_a_file_over_the_limit_is_refused(run: Run, talks: Path, tmp_path: Path) -> None:
    """200 MB of text by mistake would fill the memory of a laptop."""
    with (talks / "huge.txt").open("wb") as stream:
        stream.truncate(200_000_000)
    _, said, _ = run("run", talks, "--out", tmp_path / "out")
    assert "huge.txt: the file has 200 MB; the limit is 100 MB." in said


def test_a_path_that_is_not_there(run: Run, tmp_path: Path) -> None:
    status, _, err = run("run", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert status == 2
    assert "there is no such file or folder" in err


def test_a_database_that_is_none(run: Run, talks: Path, tmp_path: Path) -> None:
    (tmp_path / "not.db").write_text("hello, this is a text and no database", encoding="utf-8")
    status, _, err = run("run", talks, "--out", tmp_path / "out", "--db", tmp_path / "not.db")
    assert status == 3
    assert "Traceback" not in err and "not.db" in err


def test_looking_into_a_folder_without_a_project(run: Run, tmp_path: Path) -> None:
    status, _, err = run("codebook", "show", "--out", tmp_path)
    assert status == 3
    assert "project.db" in err


def test_wrong_options_are_explained(run: Run, talks: Path, tmp_path: Path) -> None:
    for options in (["--role", "Hanna"], ["--columns", "words=A"], ["--themes", "0"]):
        status, _, err = run("run", talks, "--out", tmp_path / "out", *options)
        assert status == 2
        assert options[0] in err and "Traceback" not in err


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs root and setpriv, to take root's own rights away",
)
def test_a_folder_without_rights_is_one_sentence(tmp_path: Path, talks: Path) -> None:
    """A locked folder would end in a traceback. Root may look into any, so that right is taken from the command."""
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    powerless = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    command = [*powerless, sys.executable, "-m", "textcoder", "run"]
    for arguments in ([locked, "--out", tmp_path / "out"], [talks, "--out", locked / "out"]):
        wide = {**os.environ, "COLUMNS": "400"}  # a path that is broken over two lines is not found
        done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, env=wide)
        assert done.returncode in (2, 3), done.stderr
        assert "locked" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits work this way on Linux")
def test_a_full_disk_is_one_sentence_and_leaves_no_half_file(talks: Path, tmp_path: Path) -> None:
    """Half a table would be taken for the whole."""
    out = tmp_path / "out"
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
        f"sys.argv = ['textcoder', 'run', {str(talks)!r}, '--out', {str(out)!r}];"
        "from textcoder.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(out.glob("*.tmp")) and not (out / "report.html").exists()


def test_a_bar_ends_with_its_stage_and_leaves_the_terminal_to_others() -> None:
    """The questions of a review would be overwritten by a bar that has long been full."""
    from rich.console import Console

    from textcoder.cli.options import _Bar

    shown = io.StringIO()
    bar = _Bar(Console(file=shown, force_terminal=True, width=100))
    bar.show("Embedding", 7, 7)
    assert shown.getvalue() == "", "nobody waited for it"
    bar.show("Reading", 0, 2)
    bar.show("Reading", 2, 2)
    said = shown.getvalue()
    assert "2/2" in said
    bar.end()
    time.sleep(0.3)
    assert shown.getvalue() == said
