"""Copies of a project that can be trusted: made while it is in use, checked, and put back without losing what is there.

A copy is made under a temporary name, checked, and only then takes its name: under the name that was asked for there is a whole
copy or none. It is one file (no write-ahead log beside it), which its owner alone may read.
"""

from __future__ import annotations

import glob
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from textcoder.domain.coding import CoderKind
from textcoder.domain.decision import DecisionKind, coding_of
from textcoder.domain.standing import Standing
from textcoder.errors import StoreError
from textcoder.store import schema, sqlite_url
from textcoder.store.connection import Database
from textcoder.store.database import DatabaseStore
from textcoder.store.migrate import MIGRATIONS, revision_of
from textcoder.store.sqlite import REMEDIES, check_file

COUNTED = ("projects", "transcripts", "segments", "decisions", "codings")
LEFT_OVER_SECONDS = 3600
"""A temporary copy to which nobody has written for so long belongs to a process that was killed."""

_BESIDE = ("-wal", "-shm", "-journal")
_PATIENCE = 10.0  # seconds, as the store has when it writes


@dataclass(frozen=True, slots=True)
class Contents:
    """What a project database holds, without a word of it.

    Attributes:
        place: Where it is, as people read it, without a password.
        revision: The migration at which it stands.
        counts: Rows of projects, transcripts, segments, decisions, codings.
        size: Bytes.
        outdated: This version of textcoder keeps projects at a later revision, and would migrate it.
        log_checked: The log was compared with the stored codings; not so on a server, nor where it is outdated.
    """

    place: str
    revision: str
    counts: Mapping[str, int]
    size: int
    outdated: bool
    log_checked: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """A project that was put back.

    Attributes:
        contents: What it holds now.
        before: Copy of what stood there; None where nothing did.
    """

    contents: Contents
    before: Path | None


def back_up(url: str, file: Path, *, overwrite: bool = False) -> Contents:
    """Copy the project database at `url` to `file` as it is at one moment, while others read and write it; check the copy.

    Cost: reads and writes all of it once, and reads the copy three times: 1.1 s for 210 MB with 20,000 decisions on 2 cores.

    Raises:
        StoreError: The database is a server's, not there, not ours, damaged or of a newer version; `file` stands already and
            `overwrite` is False; the disk is full; the copy does not hold what the project holds.
    """
    source = _sqlite_file(url, "back it up with `pg_dump --format=custom --file=FILE`")
    check_file(source, create=False)
    _may_be_written(file, source, overwrite=overwrite)
    with _temporary(file) as partial:
        counts = _copy_now(source, partial)
        contents = _checked(partial, named=source)
        if contents.counts != counts:
            raise StoreError(f"The copy of {source} does not hold as many rows as the project; back up again.")
        _may_be_written(file, source, overwrite=overwrite)  # another process may have been quicker
        _rename(partial, file)
    return replace(contents, place=str(file))


def restore(file: Path, url: str) -> Restored:
    """Put a copy in the place of the project database at `url`: it is checked first, and what stands there is copied beside itself.

    What stands there is overwritten within one transaction, so that whoever opens it meanwhile waits and then sees the restored
    project, never a file that is no more; only what SQLite cannot read any more is replaced by name.

    Raises:
        StoreError: The database is a server's; the copy is not there, not ours, damaged or of a newer version; another process
            has the project open. Nothing is changed then.
    """
    target = _sqlite_file(url, "restore it with `pg_restore --clean --if-exists --dbname=NAME FILE`")
    if not file.is_file():
        raise StoreError(f"There is no backup at {file}; check the name.")
    if target.is_dir():
        raise StoreError(f"{target} is a folder; name a file in it, such as {target / 'project.db'}.")
    if target.exists() and file.samefile(target):
        raise StoreError(f"{file} is the project itself; name the backup that shall take its place.")
    with _temporary(target) as partial:
        _copy_now(file, partial)
        contents = _checked(partial, named=file)
        before = _put_in_place(partial, target)
    return Restored(replace(contents, place=str(target)), before)


def examine(url: str) -> Contents:
    """Look through a project database without changing it, while others may use it.

    Raises:
        StoreError: It is not there, not ours, damaged or of a newer version; the sentence says what can be done.
    """
    if not _is_server(url):
        file = _sqlite_file(url)
        check_file(file, create=False)
        return _checked(file, named=file)
    database = Database(url)
    try:
        revision = _known_revision(revision_of(database), database.place)
        with database.reading() as connection:
            tables = {name: schema.metadata.tables[name] for name in COUNTED}
            counts = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in tables.items()
            }
            size = connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
        return Contents(database.place, revision, counts, size, revision != schema.REVISION, log_checked=False)
    finally:
        database.close()


def is_there(url: str) -> bool:
    """Whether there is a file at the URL; a server is always worth asking."""
    return _is_server(url) or os.access(_sqlite_file(url), os.F_OK)


def _is_server(url: str) -> bool:
    return url.startswith("postgres")


def _sqlite_file(url: str, instead: str = "") -> Path:
    """The file of a SQLite database; a server's keeper has programs of her own."""
    if _is_server(url):
        raise StoreError(f"This project lies in PostgreSQL, whose own programs do this better: {instead}.")
    database = Database(url)
    database.close()
    if database.file is None:
        raise StoreError("A database in memory cannot be copied; name a file with --db or --out.")
    return database.file.absolute()


def _may_be_written(file: Path, source: Path, *, overwrite: bool) -> None:
    if file.is_dir():
        raise StoreError(f"{file} is a folder; name a file in it, such as {file / 'project-backup.db'}.")
    if not file.exists():
        return
    if file.samefile(source):
        raise StoreError(f"{file} is the project itself; give the backup another name.")
    if not overwrite:
        raise StoreError(f"{file} stands already; choose another name, or overwrite it with --force.")


@contextmanager
def _temporary(file: Path) -> Iterator[Path]:
    """A new file beside `file` that nobody else may read, and that is gone afterwards unless it took that name."""
    partial = file.absolute().with_name(f"{file.name}.{secrets.token_hex(4)}.partial")
    check_file(partial, create=True)  # the folder, that is: the file cannot be there
    for left in partial.parent.glob(f"{glob.escape(file.name)}.*.partial*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > LEFT_OVER_SECONDS:
                left.unlink()
    with _in_words(file):
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield partial
    finally:
        for beside in ("", *_BESIDE):
            _with_suffix(partial, beside).unlink(missing_ok=True)


def _copy_now(source: Path, copy: Path) -> dict[str, int]:
    """Copy a database as it is at one moment into an empty file; returns how many rows it held at that moment."""
    with _in_words(source), closing(_connect(source)) as there, closing(_connect(copy)) as here:
        there.execute("BEGIN")  # what is counted and what is copied are one state
        _require_ours(there, source)
        counts = _counts(there)
        there.backup(here)
        here.execute("PRAGMA journal_mode = DELETE")
    return counts


def _connect(path: Path) -> sqlite3.Connection:
    """Open an existing database; a copy at rest is not written to, not even for a moment, since it may lie on a read-only disc."""
    at_rest = not any(_with_suffix(path, beside).exists() for beside in _BESIDE) and not os.access(path, os.W_OK)
    options = "mode=ro&immutable=1" if at_rest else "mode=rw"
    uri = f"{path.absolute().as_uri()}?{options}"
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)


def _require_ours(connection: sqlite3.Connection, place: Path) -> None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", *COUNTED} <= tables:
        what = "holds the tables of another program" if tables else "is empty"
        raise StoreError(f"{place} {what}, so it is no textcoder project; check the name.")


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in COUNTED}  # noqa: S608  (names of ours)


def _checked(path: Path, *, named: Path) -> Contents:
    """What a database holds, having looked at every page, every reference and every decision; `named` stands in the sentences."""
    with _in_words(named), closing(_connect(path)) as connection:
        connection.execute("BEGIN")
        _require_ours(connection, named)
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        revision = _known_revision(found and found[0], named)
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise StoreError(f"{named} is damaged; use an earlier backup, or import again.")
        astray = len(connection.execute("PRAGMA foreign_key_check").fetchall())
        if astray:
            raise StoreError(
                f"{named} is damaged: {astray} rows refer to what is not there; use an earlier backup, or import again."
            )
        counts = _counts(connection)
        projects = [schema.unescaped(id_) for (id_,) in connection.execute("SELECT project_id FROM projects")]
        outdated = revision != schema.REVISION
        # Before acts, codings of people could be kept without decisions.
        loose = outdated or connection.execute("SELECT EXISTS (SELECT 1 FROM decisions WHERE act = 0)").fetchone()[0]
    if not outdated:
        for project in projects:
            _check_log(path, project, named, loose=bool(loose))
    return Contents(str(named), revision, counts, path.stat().st_size, outdated, log_checked=not outdated)


def _known_revision(revision: str | None, place: object) -> str:
    """The revision, if this version knows it; migrations are named for theirs."""
    if revision is None:
        raise StoreError(f"There is no project in {place} yet; check the name, or import transcripts first.")
    if revision not in {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*.py")}:
        raise StoreError(f"{place} was written by a newer textcoder (revision {revision}); install that one.")
    return revision


def _check_log(path: Path, project: str, named: Path, *, loose: bool) -> None:
    """The decisions are numbered without a gap, and people's codings are what they add up to.

    With `loose`, codings of which no decision says anything are left out of account.
    """
    database = Database(sqlite_url(path))
    store = DatabaseStore(database, project)
    try:
        with database.reading():  # one state, while others write
            decisions, codings, coders = store.decisions(), store.codings(), store.coders()
        said = Standing(decisions).codings
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{named} holds a row that this version cannot read; use an earlier backup, or a newer textcoder."
        ) from error
    finally:
        database.close()
    people = {coder.id for coder in coders if coder.kind is CoderKind.HUMAN}
    if [decision.number for decision in decisions] != list(range(1, len(decisions) + 1)):
        raise StoreError(f"{named} is damaged: decisions are missing from its log; use an earlier backup.")
    stored = {(c.coder, c.transcript, c.start, c.end, c.code): c for c in codings if c.coder in people}
    if loose:
        decided = {coding_of(decision.target) for decision in decisions if decision.kind is DecisionKind.SET_CODING}
        stored = {span: coding for span, coding in stored.items() if span in decided}
    if stored != said:
        raise StoreError(
            f"{named} is damaged: people's codings are not what its log adds up to; use an earlier backup."
        )


def _put_in_place(checked: Path, target: Path) -> Path | None:
    """Let `target` hold what `checked` holds; returns the copy of what it held, None where it was not there."""
    before = _free_name(target.with_name(f"{target.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    if not target.exists() or not _looks_like_sqlite(target):
        _replace_by_name(checked, target, before)
        return before if before.exists() else None
    try:
        _overwrite(checked, target, before)
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreError(
                f"{target} is open in another process, such as textcoder serve or a run; stop it and restore again. "
                "Nothing was changed."
            ) from error
        if not name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise StoreError(f"{target} {_remedy(error)}") from error
        _replace_by_name(checked, target, before)
    return before


def _looks_like_sqlite(path: Path) -> bool:
    """SQLite makes a database of an empty file, and throws away the log beside a file that it does not know."""
    with _in_words(path), path.open("rb") as file:
        return file.read(16) in (b"", b"SQLite format 3\0")


def _overwrite(checked: Path, target: Path, before: Path) -> None:
    """Copy page by page, alone with the file and in one transaction: killed in between, the next to open it finds the old state."""
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as present:
        present.execute("PRAGMA locking_mode = EXCLUSIVE")  # with a write-ahead log this needs that nobody has it open
        present.execute("BEGIN EXCLUSIVE")
        present.execute("COMMIT")  # the lock stays until the connection is closed
        present.execute("PRAGMA journal_mode = WAL")
        with _temporary(before) as copy:
            with closing(sqlite3.connect(copy, isolation_level=None)) as kept:
                present.backup(kept)
                kept.execute("PRAGMA journal_mode = DELETE")
            _rename(copy, before)
        with closing(sqlite3.connect(checked, isolation_level=None)) as source:
            source.backup(present)


def _replace_by_name(checked: Path, target: Path, before: Path) -> None:
    """Put aside a file that SQLite cannot read, with its log, which would otherwise be taken for that of the new one."""
    with _in_words(target):
        before.unlink(missing_ok=True)  # begun, but not whole
        for beside in ("", "-wal", "-journal"):
            if _with_suffix(target, beside).exists():
                shutil.copy2(_with_suffix(target, beside), _with_suffix(before, beside))
        for beside in _BESIDE:
            _with_suffix(target, beside).unlink(missing_ok=True)
    _rename(checked, target)
    _use_write_ahead_log(target)


def _use_write_ahead_log(path: Path) -> None:
    with _in_words(path), closing(sqlite3.connect(path, timeout=_PATIENCE)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _rename(partial: Path, file: Path) -> None:
    """Give a whole file its name, so that it keeps it after a power cut; SQLite has already waited for the disk."""
    with _in_words(file):
        partial.replace(file)
        if os.name == "posix":
            folder = os.open(file.absolute().parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _free_name(path: Path) -> Path:
    """The name, or the first of name-2, name-3 ... that is free."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found


def _with_suffix(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


@contextmanager
def _in_words(place: Path) -> Iterator[None]:
    """What went wrong with a file, with its remedy."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{place} {_remedy(error)}") from error
    except OSError as error:
        raise StoreError(f"{place} cannot be read or written: {error.strerror}.") from error


def _remedy(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    return next((words for start, words in REMEDIES.items() if name.startswith(start)), f"cannot be used: {error}.")
