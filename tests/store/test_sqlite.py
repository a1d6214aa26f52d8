"""What a SQLite file on somebody's laptop has to live through: kills, full disks, wrong files, old and new versions."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.store.examples import ANA, MIRA, add, adds, coding, segments
from textcoder.domain.coding import LensPlacement
from textcoder.domain.history import acts_of
from textcoder.domain.standing import Standing
from textcoder.errors import StoreError
from textcoder.store import open_store, sqlite_url
from textcoder.store.connection import Database
from textcoder.store.migrate import MIGRATIONS, migrate, revision_of
from textcoder.store.schema import REVISION

CHECKOUT = Path(__file__).parents[2]
OLD = CHECKOUT / "tests" / "data" / "project-0001.sql"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is to lie; the folder has what URLs and Alembic's settings find hard."""
    folder = tmp_path / "100 % What works? Ana's räume"
    folder.mkdir()
    return folder / "project.db"


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """What the file holds, without textcoder."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Another process that can import the checkout."""
    return subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_killed_process_leaves_whole_transcripts_and_every_acknowledged_decision(path: Path) -> None:
    """A flat battery or an impatient hand would cost a day of coding."""
    acknowledged = 0
    for lines in (1, 7, 23, 2, 61, 40, 3, 70):
        command = [sys.executable, "-m", "tests.store.writer", sqlite_url(path), str(acknowledged + 1000)]
        with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                acknowledged = int(writer.stdout.readline().split()[1])
            writer.send_signal(signal.SIGKILL)

        assert query(path, "PRAGMA integrity_check") == [("ok",)]
        assert query(path, "PRAGMA foreign_key_check") == []
        store = open_store(sqlite_url(path), create=False)
        assert len(store.decisions()) >= acknowledged
        assert [d.number for d in store.decisions()] == list(range(1, len(store.decisions()) + 1))
        for one in store.transcripts():
            assert len(one.turns) == int(one.name[:6]) % 40 + 1
        assert store.segments() == [s for one in store.transcripts() for s in segments(one)]
        for act in acts_of(store.decisions()).values():
            assert len(act.decisions) == int(act.first.target) % 40 + 2, "half an act"
        assert set(store.codings()) == set(Standing(store.decisions()).codings.values()), (
            "a decision without its codings"
        )
        acknowledged = len(store.decisions())
        store.close()


def test_commit_waits_for_the_disk_and_readers_do_not_wait_for_the_writer(path: Path) -> None:
    """A decision that a person saw accepted would be gone after a power cut, or the page would freeze during a run."""
    store = open_store(sqlite_url(path))
    database = Database(sqlite_url(path))
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()
    assert query(path, "PRAGMA journal_mode") == [("wal",)]
    other = open_store(sqlite_url(path))
    with store.transaction():
        store.save_coder(ANA)
        assert other.coders() == []
    assert other.coders() == [ANA]
    store.close()
    other.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name], "closing folds the log into the file"


def test_stored_old_database_opens_with_all_it_held(path: Path) -> None:
    """An update of textcoder would lose the work done before it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    store = open_store(sqlite_url(path), create=False)
    assert store.transcripts() == [MIRA]
    assert store.segments() == segments(MIRA)
    assert [(d.number, d.target, d.why) for d in store.decisions()] == [(1, "late", "seen often")]
    assert store.codings() == [coding(MIRA, 3, "late", ANA)]
    assert store.append([adds("contact")])[0].number == 2
    store.close()
    assert query(path, "SELECT version_num FROM alembic_version") == [(REVISION,)]


def with_next_migration(folder: Path, body: str) -> Path:
    """Our migrations and one that comes after them."""
    migrations = Path(shutil.copytree(MIGRATIONS, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__")))
    (migrations / "versions" / "9999_next.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = {REVISION!r}\ndef upgrade():\n    {body}\n"
    )
    return migrations


def test_file_is_copied_before_it_is_migrated(path: Path, tmp_path: Path) -> None:
    """A migration that goes wrong could not be taken back."""
    store = open_store(sqlite_url(path))
    add(store, MIRA)  # still in the write-ahead log, which a plain copy of the file would leave behind
    migrations = with_next_migration(tmp_path, "op.execute('ALTER TABLE cases ADD COLUMN note TEXT')")
    database = Database(sqlite_url(path))
    migrate(database, REVISION, migrations=migrations)
    copy = path.with_name("project.db.before-9999")
    assert revision_of(database) == "9999"
    assert query(copy, "SELECT version_num FROM alembic_version") == [(REVISION,)]
    assert query(copy, "SELECT name FROM transcripts") == [("mira.txt",)]
    store.close()
    database.close()


def test_migration_that_rebuilds_a_table_keeps_what_refers_to_its_rows(path: Path, tmp_path: Path) -> None:
    """Dropping the old table would delete every placement and theme without a word."""
    store = open_store(sqlite_url(path))
    add(store, MIRA)
    store.save_placements([LensPlacement(segment.id, {"none": 1.0}) for segment in segments(MIRA)])
    body = "with op.batch_alter_table('segments', recreate='always'): pass"
    database = Database(sqlite_url(path))
    migrate(database, REVISION, migrations=with_next_migration(tmp_path, body))
    database.close()
    assert store.segments() == segments(MIRA)
    assert len(store.placements()) == len(segments(MIRA))
    with pytest.raises(StoreError):
        store.save_placements([LensPlacement("nowhere", {"none": 1.0})])
    store.close()


def test_migration_that_fails_changes_nothing(path: Path, tmp_path: Path) -> None:
    """Half of the tables would have the new form, and no version could open them."""
    open_store(sqlite_url(path)).close()
    body = "op.execute('ALTER TABLE cases ADD COLUMN note TEXT'); op.execute('DROP TABLE nowhere')"
    database = Database(sqlite_url(path))
    with pytest.raises(StoreError, match="no such table: nowhere"):
        migrate(database, REVISION, migrations=with_next_migration(tmp_path, body))
    database.close()
    assert query(path, "SELECT version_num FROM alembic_version") == [(REVISION,)]
    assert "note" not in [row[1] for row in query(path, "PRAGMA table_info(cases)")]
    open_store(sqlite_url(path), create=False).close()


def test_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    """An older textcoder on another laptop would damage a shared project."""
    open_store(sqlite_url(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"revision 9999, which this version .* install a newer textcoder"):
        open_store(sqlite_url(path))
    assert path.read_bytes() == before
    by_hand = python("-m", "textcoder.store.migrate", sqlite_url(path))
    assert by_hand.returncode == 1
    assert by_hand.stderr.endswith("install a newer textcoder.\n")


def test_database_of_another_program_is_left_alone(path: Path) -> None:
    """A wrong --db would put our tables among somebody's bookmarks."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"project\.db holds the tables of another program; choose another place"):
        open_store(sqlite_url(path))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_database_is_named_with_the_remedy(path: Path) -> None:
    """A traceback would be all that a researcher sees."""
    with pytest.raises(StoreError, match=r"is a folder; name a file in it, such as .*project\.db"):
        open_store(sqlite_url(path.parent))
    with pytest.raises(StoreError, match=r"The folder .*missing is not there, or you may not enter it; make it"):
        open_store(sqlite_url(path.parent / "missing" / "project.db"))
    with pytest.raises(StoreError, match=r"There is no project database at .*project\.db; check the name"):
        open_store(sqlite_url(path), create=False)
    assert not path.exists()
    path.write_bytes(b"PK\x03\x04 a spreadsheet")
    with pytest.raises(StoreError, match=r"project\.db is not a textcoder database; choose another file name"):
        open_store(sqlite_url(path))
    path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"There is no project in .*project\.db yet"):
        open_store(sqlite_url(path), create=False)
    open_store(sqlite_url(path)).close()


def test_damaged_database_is_named_with_the_remedy(path: Path) -> None:
    """A researcher would work on in a file that loses her work."""
    store = open_store(sqlite_url(path))
    add(store, MIRA)
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    with pytest.raises(StoreError, match="is damaged; put a copy in its place"):
        open_store(sqlite_url(path))


def test_unknown_project_and_impossible_urls_are_named(path: Path) -> None:
    """A slip of the keyboard would make an empty project, and its report would say that nobody said anything."""
    open_store(sqlite_url(path)).close()
    with pytest.raises(StoreError, match=r"no project 'studi' in .*; it has: study\."):
        open_store(sqlite_url(path), project="studi", create=False)
    with pytest.raises(StoreError, match=r"'project\.db' is no database URL; write one such as sqlite:"):
        open_store("project.db")
    with pytest.raises(StoreError, match="in SQLite or PostgreSQL, not in mysql"):
        open_store("mysql://ana:secret@server/study")


def test_database_in_use_elsewhere_is_named(path: Path) -> None:
    """A run beside an open database browser would end in a traceback."""
    store = open_store(sqlite_url(path) + "?timeout=0.05")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"project\.db is being written by another process; wait until"):
            store.save_coder(ANA)
        other.execute("ROLLBACK")
    store.save_coder(ANA)
    store.close()


FILL_THE_DISK = """
import resource, sys
from tests.store.examples import MIRA, OLE, add, file_of, segments
from textcoder.domain.coding import LensPlacement
from textcoder.errors import StoreError
from textcoder.store import open_store
store = open_store(sys.argv[1])
add(store, OLE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    store.add_transcript(MIRA, segments(MIRA), file=file_of(MIRA), original=bytes(2_000_000))
except StoreError as error:
    print(error)
"""


def test_full_disk_is_named_and_loses_nothing(path: Path) -> None:
    """A run on a full laptop would leave half a transcript, or a database that no longer opens."""
    result = python("-c", FILL_THE_DISK, sqlite_url(path))
    assert "disk" in result.stdout, result.stderr
    assert "run again. Finished steps are kept." in result.stdout
    store = open_store(sqlite_url(path), create=False)
    assert [one.name for one in store.transcripts()] == ["Ole.txt"]
    store.close()


@contextmanager
def without_rights() -> Iterator[None]:
    """As somebody whom rights bind; they do not bind an administrator, as whom tests in containers run."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_place_without_rights_is_named() -> None:
    """A read-only share would give a traceback, or a run of an hour whose results cannot be kept."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "project.db")
        open_store(sqlite_url(path)).close()
        path.chmod(0o444)
        path.parent.chmod(0o777)
        with without_rights(), pytest.raises(StoreError, match=r"You may not read and write .*project\.db; change its"):
            open_store(sqlite_url(path))
        path.parent.chmod(0o555)
        with (
            without_rights(),
            pytest.raises(StoreError, match=r"You may not write in the folder .*; change its rights"),
        ):
            open_store(sqlite_url(path))
        path.parent.chmod(0o000)
        with without_rights(), pytest.raises(StoreError, match="You may not write in the folder"):
            open_store(sqlite_url(path))
        with without_rights(), pytest.raises(StoreError, match="is not there, or you may not enter it"):
            open_store(sqlite_url(path.parent / "within" / "project.db"))
        path.parent.chmod(0o777)


def test_room_loads_its_libraries_only_when_a_store_is_opened(path: Path) -> None:
    """`textcoder --help` would take a second; opening a project would load the migrations each time."""
    open_store(sqlite_url(path)).close()
    heavy = "[name for name in ('numpy', 'sqlalchemy', 'alembic') if name in sys.modules]"
    code = f"import sys, textcoder.store as s; print({heavy}); s.open_store(sys.argv[1]).close(); print({heavy})"
    result = python("-c", code, sqlite_url(path))
    assert result.stdout.splitlines() == ["[]", "['numpy', 'sqlalchemy']"], result.stderr
