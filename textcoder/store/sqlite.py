"""What only SQLite needs: a look at the file before it is opened, pragmas, a copy of a file in use."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from textcoder.errors import StoreError

BUSY_SECONDS = "10"  # longer than any single step writes; `?timeout=` in the URL overrules it

STAMP = "PRAGMA data_version"
"""Another number than before once another connection has committed (https://www.sqlite.org/pragma.html#pragma_data_version)."""

_BUSY = "is being written by another process; wait until that has finished, or stop it, and try again."

# By the beginning of SQLite's own name for the error; the sentence begins with the place of the database.
REMEDIES = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": "cannot grow, because the disk is full; make room and run again. Finished steps are kept.",
    "SQLITE_IOERR": "cannot be read or written (disk full, drive removed, network folder?); mend that and run again. "
    "Finished steps are kept.",
    "SQLITE_READONLY": "may not be written; change the rights of the file and its folder, or choose another place.",
    "SQLITE_CANTOPEN": "cannot be opened; check that the file and its folder exist and that you may write there.",
    "SQLITE_NOTADB": "is not a textcoder database; choose another file name, or move that file away.",
    "SQLITE_CORRUPT": "is damaged; put a copy in its place (`.before-` beside it, or a backup), or import again.",
}


def check_file(path: Path, *, create: bool) -> None:
    """Look before SQLite does, whose messages name neither the cause nor the remedy.

    Raises:
        StoreError: The folder is missing; the file is missing and may not be made, is something else, or may not be
            written.
    """
    folder = path.parent
    # os.access first: is_dir raises where a folder above may not be entered.
    if not (os.access(folder, os.F_OK) and folder.is_dir()):
        raise StoreError(
            f"The folder {folder} is not there, or you may not enter it; make it, or choose another place."
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StoreError(f"You may not write in the folder {folder}; change its rights, or choose another place.")
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file in it, such as {path / 'project.db'}.")
    if not path.exists():
        if not create:
            raise StoreError(f"There is no project database at {path}; check the name, or import transcripts first.")
        return
    if not os.access(path, os.R_OK | os.W_OK):
        raise StoreError(f"You may not read and write {path}; change its rights, or choose another place.")
    if not path.is_file() or _head(path) not in (b"", b"SQLite format 3\0"):
        raise StoreError(f"{path} {REMEDIES['SQLITE_NOTADB']}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def prepare_connections(engine: Engine) -> None:
    """Pragmas for each connection, and transactions that begin when we say so."""

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, _: object) -> None:
        # In WAL mode NORMAL survives a killed process, but a flat battery may take the last decisions with it. A person
        # was told that hers was kept, so each commit waits for the disk (FULL): one fsync, a few milliseconds.
        connection.execute("PRAGMA synchronous = FULL")
        # A file that somebody else made may hold views and triggers; they may call nothing beyond plain SQL.
        connection.execute("PRAGMA trusted_schema = OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            return
        # A migration rebuilds a table by dropping the old one, whose rows would take with them all that refers to them.
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {'OFF' if options.get('rebuilds') else 'ON'}")
        # IMMEDIATE waits for its turn to write; a reader that turns writer would fail instead of waiting.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def use_write_ahead_log(path: Path) -> None:
    """Let readers and the one writer not wait for each other. The mode stays with the file, so only with ours."""
    until = time.monotonic() + float(BUSY_SECONDS)
    with closing(sqlite3.connect(path)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                # For this SQLite does not wait by itself, and two servers may start at once.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return


def copy_file(path: Path, copy: Path) -> None:
    """Copy a database as it is at one moment, while others may write to it; whole or not at all."""
    partial = copy.with_name(f"{copy.name}.partial")
    partial.unlink(missing_ok=True)  # of a process that was killed here
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as target:
        source.backup(target)
    partial.replace(copy)
