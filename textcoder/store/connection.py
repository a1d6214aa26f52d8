"""Connections and transactions for SQLite and PostgreSQL, and in words what went wrong with them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Connection, Table, create_engine, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, StatementError

from textcoder.errors import MissingPackage, StoreError
from textcoder.store.sqlite import BUSY_SECONDS, REMEDIES, prepare_connections


class _Current(threading.local):
    """The connections that this thread is inside of."""

    reader: Connection | None = None
    writer: Connection | None = None


class Database:
    """One database: hands out connections for reading and for writing. Threads do not share a transaction.

    Attributes:
        url: Where it is.
        is_sqlite: A file of one person (or memory) rather than a server.
        file: The SQLite file; None for a server and for memory.
        place: Where it is, as people read it, without a password.
    """

    def __init__(self, url: str) -> None:
        self.url = _known_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.file = Path(self.url.database) if self.is_sqlite and self.url.database not in (None, ":memory:") else None
        self.place = str(self.file or self.url.render_as_string(hide_password=True))
        self._current = _Current()
        try:
            self._engine = create_engine(self.url, connect_args={"isolation_level": None} if self.is_sqlite else {})
        except ModuleNotFoundError as error:
            raise MissingPackage(f"{self.place} needs {error.name}: pip install '{error.name}[binary]'.") from error
        if self.is_sqlite:
            prepare_connections(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database (SQLite); inside another of this thread the same one."""
        current = self._current.writer or self._current.reader
        with self.in_words():
            if current is not None:
                yield current
                return
            with self._engine.connect() as connection, _set(self._current, "reader", connection):
                yield connection

    @contextmanager
    def writing(self, *, rebuilds: bool = False) -> Iterator[Connection]:
        """A connection whose writes happen together or not at all; inside another `writing` they join the outer one.

        With `rebuilds`, SQLite does not watch over references meanwhile, as a migration needs it.
        """
        current = self._current.writer
        with self.in_words():
            if current is not None:
                # A savepoint, so that a method that fails leaves nothing of itself even if its caller goes on.
                with current.begin_nested():
                    yield current
                return
            connection = self._engine.connect().execution_options(writes=True, rebuilds=rebuilds)
            with connection, connection.begin(), _set(self._current, "writer", connection):
                yield connection

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """The one place where an error of the database becomes a StoreError with a remedy."""
        try:
            yield
        except IntegrityError as error:
            raise StoreError(
                f"{self.place} refused a row that stands twice, misses a value or refers to something that the project "
                f"does not have ({_first_line(error.orig)}); nothing of it was written."
            ) from error
        except (DatabaseError, sqlite3.DatabaseError) as error:
            cause = error.orig if isinstance(error, DatabaseError) else error
            name = getattr(cause, "sqlite_errorname", "")
            remedy = next((words for start, words in REMEDIES.items() if name.startswith(start)), None)
            raise StoreError(f"{self.place} {remedy or f'cannot be used: {_first_line(cause)}.'}") from error
        except StatementError as error:
            # A value that cannot be written at all, such as NaN in JSON: the caller's mistake, not the database's.
            raise (error.orig or error) from error

    def close(self) -> None:
        """Give all connections back; SQLite then folds its write-ahead log into the file."""
        self._engine.dispose()


@contextmanager
def _set(current: _Current, name: str, connection: Connection) -> Iterator[None]:
    setattr(current, name, connection)
    try:
        yield
    finally:
        setattr(current, name, None)


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows at once; no rows are no statement."""
    if rows:
        connection.execute(table.insert(), rows)


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or put them in place of those with the same key; what refers to those stays."""
    if not rows:
        return
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed), rows)


def _first_line(cause: object) -> str:
    return str(cause).partition("\n")[0]


def _known_url(url: str) -> URL:
    """The URL with its driver and its patience, if it is one of the two kinds of database that textcoder keeps."""
    try:
        known = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is no database URL; write one such as sqlite:////home/ana/project.db.") from error
    backend = known.get_backend_name()
    if backend == "postgresql":
        return known.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"textcoder keeps projects in SQLite or PostgreSQL, not in {backend}.")
    return known.set(database=known.database and unquote(known.database)).update_query_dict(
        {"timeout": BUSY_SECONDS, **known.query}
    )
