"""Bring a database to the tables of this version. A SQLite file is copied first; a server is left to its keeper."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import inspect, text

from textcoder.errors import StoreError
from textcoder.store.connection import Database
from textcoder.store.schema import REVISION
from textcoder.store.sqlite import check_file, copy_file, use_write_ahead_log

MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(database: Database, *, create: bool) -> None:
    """Make the tables, or bring them up to date, so that the database can be used.

    Cost: two small selects where nothing is to be done; Alembic is loaded only where something is.

    Raises:
        StoreError: There is no database and `create` is False; it is not one of ours, newer than this version, or
            a server that needs a migration.
    """
    if database.file is not None:
        check_file(database.file, create=create)
    found = revision_of(database)
    if found is None and not create:
        raise StoreError(f"There is no project in {database.place} yet; check the name, or import transcripts first.")
    if found not in (None, REVISION) and not database.is_sqlite:
        raise StoreError(
            f"{database.place} is at revision {found} and this version needs {REVISION}; back it up, then run "
            "`python -m textcoder.store.migrate URL`."
        )
    if found != REVISION:
        migrate(database, found)


def revision_of(database: Database) -> str | None:
    """The migration at which a database stands; None where it is empty.

    Raises:
        StoreError: It holds the tables of another program.
    """
    with database.reading() as connection:
        tables = set(inspect(connection).get_table_names())
        if not tables:
            return None
        if not {"alembic_version", "projects", "decisions"} <= tables:
            raise StoreError(
                f"{database.place} holds the tables of another program; choose another place for the project."
            )
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def migrate(database: Database, found: str | None, *, migrations: Path = MIGRATIONS) -> None:
    """Run the migrations after revision `found` in one transaction, having copied an existing file beside itself.

    Raises:
        StoreError: `found` is not among the migrations: a newer version of textcoder wrote the database.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    # Config reads % as the beginning of a variable.
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"{database.place} is at revision {found}, which this version of textcoder does not know; "
            "install a newer textcoder."
        )
    file = database.file
    with database.in_words():
        if file is not None and found is not None:
            copy_file(file, file.with_name(f"{file.name}.before-{scripts.get_current_head()}"))
        with database.writing(rebuilds=True) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if file is not None:
            use_write_ahead_log(file)


def main() -> None:
    """Migrate the server whose URL is given."""
    database = Database(sys.argv[1])
    try:
        migrate(database, revision_of(database))
    except StoreError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
