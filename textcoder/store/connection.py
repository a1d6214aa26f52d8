"""Connections and transactions for SQLite and PostgreSQL, and in words what went wrong with them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Connection, Engine, Table, bindparam, create_engine, delete, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from textcoder.errors import MissingPackage, StoreError
from textcoder.store import postgresql as server
from textcoder.store import sqlite as embedded


class _Current(threading.local):
    """The connections that this thread is inside of."""

    reader: Connection | None = None
    writer: Connection | None = None


class Database:
    """One database: hands out connections for reading and for writing. Threads do not share a transaction.

    Args:
        url: SQLAlchemy URL.
        project: Whose writers wait for each other; SQLite has one writer for all projects of a file.

    Attributes:
        given: The URL as it was given.
        url: Where it is.
        is_sqlite: A file of one person (or memory) rather than a server.
        file: The SQLite file; None for a server and for memory.
        place: Where it is, as people read it, without a password.
    """

    def __init__(self, url: str, project: str = "") -> None:
        self.given, self.url = url, _known_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.file = Path(self.url.database) if self.is_sqlite and self.url.database not in (None, ":memory:") else None
        self.place = str(self.file or self.url.render_as_string(hide_password=True))
        self._current = _Current()
        self._watching = threading.Lock()
        self._watch: Connection | None = None
        self._watches = 0
        if self.is_sqlite:
            self._engine = create_engine(self.url, connect_args={"isolation_level": None})
            embedded.prepare_connections(self._engine)
        else:
            options = server.options_of(self.url)
            self._engine = _server_engine(self.url.set(query={}), options.driver)
            server.prepare_connections(self._engine, project, wait=options.wait)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database; inside another of this thread the same one."""
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

        Waits for its turn: there is one writer of a project at a time. With `rebuilds`, SQLite does not watch over
        references meanwhile, as a migration needs it.
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

    def stamp(self) -> Hashable:
        """Another value than before wherever anything may have been committed since; see `Store.stamp`."""
        if self.is_sqlite and self.file is None:
            return object()  # of what is in memory nobody tells
        with self.in_words(), self._watching:
            try:
                return self._look()
            except DBAPIError as error:
                self._close_watch()
                if not error.connection_invalidated:
                    raise
                return self._look()  # a server that was restarted costs no answer

    def _look(self) -> Hashable:
        """On a connection of its own, in no transaction: SQLite tells a connection what the others did."""
        if self._watch is None:
            self._watch = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._watches += 1  # what one connection is told says nothing to another
        seen = self._watch.exec_driver_sql(embedded.STAMP if self.is_sqlite else server.STAMP).scalar()
        self._watch.rollback()  # SQLAlchemy believes that it has begun one
        return self._watches, seen

    def _close_watch(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """The one place where an error of the database becomes a StoreError with a remedy."""
        try:
            yield
        except NoConnectionLeft as error:
            raise StoreError(f"{self.place} is asked by too many at once; wait a little, and try again.") from error
        except (DBAPIError, sqlite3.DatabaseError) as error:
            raise StoreError(f"{self.place} {_what_failed(error)}") from error
        except StatementError as error:
            # A value that cannot be written at all, such as NaN in JSON: the caller's mistake, not the database's.
            raise (error.orig or error) from error

    def close(self) -> None:
        """Give all connections back; SQLite then folds its write-ahead log into the file."""
        with self._watching:
            self._close_watch()
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
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(table.insert(), rows)
    else:
        server.insert(connection, table, rows)


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or put them in place of those with the same key, the last if several; what refers to those stays."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        statement = sqlite.insert(table)
        changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
        connection.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed), rows)
    else:
        server.insert(connection, table, rows, replace=True)


def remove(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Delete whatever has the values of one of the rows; no rows are no statement."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        same = (table.c[name] == bindparam(f"gone_{name}") for name in rows[0])
        connection.execute(delete(table).where(*same), [{f"gone_{name}": row[name] for name in row} for row in rows])
    else:
        server.remove(connection, table, rows)


def _server_engine(url: URL, driver: Mapping[str, Any]) -> Engine:
    try:
        return create_engine(url, connect_args=dict(driver), **server.POOL)
    except ModuleNotFoundError as error:
        raise MissingPackage(f"PostgreSQL needs {error.name}: pip install 'textcoder[postgres]'.") from error


def _what_failed(error: Exception) -> str:
    """What went wrong and what to do, as a sentence that begins with the place of the database."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state, said = server.sqlstate(cause), server.message(cause).partition("\n")[0]
    if isinstance(error, IntegrityError) or state.startswith("23"):
        return (
            "refused a row that stands twice, misses a value or refers to something that the project does not have "
            f"({said}); nothing of it was written."
        )
    if isinstance(error, DBAPIError) and (error.connection_invalidated or isinstance(error, InterfaceError)):
        return f"does not answer ({said}); see that the server runs and that the URL is right, and try again."
    name = getattr(cause, "sqlite_errorname", "")
    known = {**embedded.REMEDIES, **server.REMEDIES}
    return next(
        (words for start, words in known.items() if (name or state).startswith(start)), f"cannot be used: {said}."
    )


def _known_url(url: str) -> URL:
    """The URL with its driver and its patience, if it is one of the two kinds of database that textcoder keeps."""
    try:
        known = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is no database URL; write one such as sqlite:////home/ana/project.db.") from error
    backend = known.get_backend_name()
    if backend == "postgresql":
        return known.set(drivername=server.DRIVER)
    if backend != "sqlite":
        raise StoreError(f"textcoder keeps projects in SQLite or PostgreSQL, not in {backend}.")
    return known.set(database=known.database and unquote(known.database)).update_query_dict(
        {"timeout": embedded.BUSY_SECONDS, **known.query}
    )
