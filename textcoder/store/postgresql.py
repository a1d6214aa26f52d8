"""What only PostgreSQL needs: the driver's options, one writer a project at a time, what its errors mean.

The driver is pg8000: psycopg, the usual one, is under the LGPL; asyncpg cannot be used without asyncio.
"""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Executable,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    column,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert as insert_into
from sqlalchemy.engine import URL

from textcoder.errors import StoreError

DRIVER = "postgresql+pg8000"
WAIT_SECONDS = 10.0  # as long as a writer of a SQLite file waits; `?timeout=` in the URL overrules it
ROWS_AT_ONCE = 2000  # some megabytes of JSON, with vectors too

Rows = Sequence[Mapping[str, Any]]
"""Rows of a table, all with the same columns."""

POOL = {
    "pool_size": 10,
    "max_overflow": 30,  # a web server answers with 40 threads; PostgreSQL gives 100 connections, enough for two servers
    "pool_pre_ping": True,  # a server that was restarted costs no answer
}

STAMP = "SELECT pg_current_snapshot()::text"
"""Which transactions this moment sees: another text than before once any has committed, also one of another database of the server."""

_BUSY = "is being written by another process; wait until that has finished, or stop it, and try again."

# By the beginning of the SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html); the sentence begins
# with the place of the database.
REMEDIES = {
    "08": "does not answer any more; see that the server runs, and try again. Finished steps are kept.",
    "28": "refuses the name or the password; correct them in the URL.",
    "3D000": "does not exist on its server; make it with `createdb --encoding UTF8`, or correct the URL.",
    "40001": "was changed by another process meanwhile; try again.",
    "40P01": _BUSY,
    "42501": "may not be written by this user; let its owner GRANT the rights, or name another user in the URL.",
    "53100": "cannot grow, because the disk of the server is full; make room and run again. Finished steps are kept.",
    "53300": "has no connection left; stop another server, or raise its max_connections.",
    "55P03": _BUSY,
    "57P": "is being started or stopped; wait a little, and try again. Finished steps are kept.",
}

_VERIFIED = ("verify-full", "verify-ca")
SSL_MODES = ("disable", "prefer", "require", *_VERIFIED)


class Options(NamedTuple):
    """What the query of a database URL says.

    Attributes:
        driver: Arguments of the driver.
        wait: Seconds that a writer waits for its turn.
    """

    driver: dict[str, Any]
    wait: float


def options_of(url: URL) -> Options:
    """The options of a URL.

    `timeout` is the same as for SQLite, `sslmode` and `sslrootcert` are libpq's
    (https://www.postgresql.org/docs/current/libpq-ssl.html), `application_name` is the name under which the server lists us.

    Raises:
        StoreError: Another option, or one with a value that cannot be used.
    """
    given = {name: str(value) for name, value in url.query.items()}
    unknown = sorted(given.keys() - {"application_name", "sslmode", "sslrootcert", "timeout", "unix_sock"})
    if unknown:
        raise StoreError(
            f"The database URL has an option that textcoder does not know ({', '.join(unknown)}); "
            "it takes application_name, sslmode, sslrootcert, timeout and unix_sock."
        )
    driver: dict[str, Any] = {"application_name": given.get("application_name", "textcoder")}
    if "unix_sock" in given:
        driver["unix_sock"] = given["unix_sock"]
    mode, root = given.get("sslmode", "prefer"), given.get("sslrootcert")
    if mode not in SSL_MODES:
        raise StoreError(f"The database URL has sslmode={mode}; write one of {', '.join(SSL_MODES)}.")
    if mode == "disable":
        driver["ssl_context"] = False
    elif mode != "prefer" or root is not None:
        driver["ssl_context"] = _ssl_context(mode, root)
    return Options(driver, _seconds(given.get("timeout", str(WAIT_SECONDS))))


def _seconds(given: str) -> float:
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0.001 <= seconds <= 86_400:
        raise StoreError(f"The database URL has timeout={given}; write seconds between 0.001 and 86400.")
    return seconds


def _ssl_context(mode: str, root: str | None) -> ssl.SSLContext:
    """A context that encrypts; as in libpq a certificate is asked for with `verify-...` or a root of one's own."""
    try:
        context = ssl.create_default_context(cafile=root)
    except OSError as error:
        raise StoreError(f"The certificate {root} in the database URL cannot be read; correct sslrootcert.") from error
    if mode != "verify-full":
        context.check_hostname = False
    if mode not in _VERIFIED and root is None:
        context.verify_mode = ssl.CERT_NONE
    return context


def prepare_connections(engine: Engine, project: str, *, wait: float) -> None:
    """Options for each connection; a writing transaction waits for its turn, as with SQLite.

    One writer a project at a time: without that two acts would get one number, and two transactions that touch the same
    rows in another order would lock each other out. Writers of other projects do not wait.
    """

    @event.listens_for(engine, "connect")
    def set_options(connection: Any, _: object) -> None:
        with closing(connection.cursor()) as cursor:
            # READ COMMITTED would show each statement another state: a transcript without its turns, for instance.
            cursor.execute(
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ; "
                f"SET lock_timeout = {round(wait * 1000)}; SET client_encoding = 'UTF8'"
            )
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("writes"):
            # A writer sees what the one before it has written, hence READ COMMITTED, said before the first look.
            turn = lock_of("" if options.get("rebuilds") else project)
            connection.exec_driver_sql(
                f"SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({turn})"
            )


def insert(connection: Connection, table: Table, rows: Rows, *, replace: bool = False) -> None:
    """Insert rows; with `replace` in place of those with the same key, the last of several."""
    if replace:
        keys = [column.name for column in table.primary_key]
        rows = list({tuple(row[key] for key in keys): row for row in rows}.values())
    _send(connection, _insertion(table, tuple(rows[0]), replace), table, rows)


def remove(connection: Connection, table: Table, rows: Rows) -> None:
    """Delete whatever has the values of one of the rows."""
    _send(connection, _removal(table, tuple(rows[0])), table, rows)


@cache
def _insertion(table: Table, names: tuple[str, ...], replace: bool) -> Executable:
    statement = insert_into(table).from_select(list(names), select(*_given(table, names).c))
    if not replace:
        return statement
    changed = {name: statement.excluded[name] for name in names if not table.c[name].primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


@cache
def _removal(table: Table, names: tuple[str, ...]) -> Executable:
    given = _given(table, names)
    return delete(table).where(*(table.c[name] == given.c[name] for name in names))


def _given(table: Table, names: tuple[str, ...]) -> TableValuedAlias:
    """The rows that `_send` gives to a statement, as a table with these columns.

    The rows go as one JSON value a statement: the driver would need a round trip for each, or read a statement of thousands of
    parameters letter by letter, seven times as long.
    """
    value = cast(bindparam("rows", type_=Text), JSON)
    columns = (column(name, table.c[name].type) for name in names)
    return func.json_to_recordset(value).table_valued(*columns).render_derived(with_types=True)


def _send(connection: Connection, statement: Executable, table: Table, rows: Rows) -> None:
    types = {name: table.columns[name].type.dialect_impl(connection.dialect) for name in rows[0]}
    written = [(name, kind.bind_processor(connection.dialect)) for name, kind in types.items()]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = [
            {name: row[name] if write is None else write(row[name]) for name, write in written}
            for row in rows[first : first + ROWS_AT_ONCE]
        ]
        connection.execute(statement, {"rows": json.dumps(some, ensure_ascii=False, allow_nan=False, default=_as_hex)})


def _as_hex(value: bytes) -> str:
    """Bytes as PostgreSQL writes them in text."""
    return "\\x" + value.hex()


def lock_of(project: str) -> int:
    """The number of the lock for which the writers of a project queue; that of "" is for migrations."""
    return int.from_bytes(
        hashlib.sha256(f"textcoder {project}".encode(errors="surrogatepass")).digest()[:8], signed=True
    )


def sqlstate(cause: object) -> str:
    """PostgreSQL's five letters for an error; empty where the server said nothing."""
    return str(_fields(cause).get("C", ""))


def message(cause: object) -> str:
    """What the server said of an error, in its own words and without the values of the row."""
    return str(_fields(cause).get("M", "")) or str(cause)


def _fields(cause: object) -> Mapping[str, str]:
    arguments = getattr(cause, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], dict) else {}
