"""The tables themselves, on each kind of database."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.store.conftest import url_of
from tests.store.examples import ANA, adds
from textcoder.errors import StoreError
from textcoder.store import open_store
from textcoder.store.connection import Database
from textcoder.store.migrate import MIGRATIONS
from textcoder.store.schema import REVISION, escaped, metadata, unescaped


def test_migrations_end_at_the_revision_and_tables_that_the_code_expects(database_url: str) -> None:
    """A column would exist for new projects only."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == REVISION
    open_store(database_url).close()
    database = Database(database_url)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


@pytest.mark.parametrize("change", ["UPDATE decisions SET why = 'I never said that'", "DELETE FROM decisions"])
def test_log_refuses_changes_by_hand(database_url: str, change: str) -> None:
    """The audit trail could be rewritten, and nobody would know."""
    store = open_store(database_url, project=uuid.uuid4().hex)
    store.save_coder(ANA)
    kept = store.append([adds("late")])
    database = Database(database_url)
    with pytest.raises(StoreError, match="decisions are only ever appended"), database.writing() as connection:
        connection.exec_driver_sql(change)
    assert store.decisions() == kept
    store.close()
    database.close()


def test_decisions_of_many_at_once_are_all_kept_and_numbered_once(database_url: str) -> None:
    """Two analysts on one project would overwrite each other's decisions."""
    project = uuid.uuid4().hex
    stores = [open_store(database_url, project=project) for _ in range(2)]
    stores[0].save_coder(ANA)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda i: stores[i % 2].append([adds(f"{i}")])[0], range(40)))
    assert sorted(decision.number for decision in done) == list(range(1, 41))
    assert {d.number: d.target for d in stores[0].decisions()} == {d.number: d.target for d in done}
    for store in stores:
        store.close()


def test_server_is_not_migrated_behind_its_keepers_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague's update would change the tables under everybody else's running server, without a backup."""
    url = url_of("postgresql", tmp_path)
    open_store(url).close()
    monkeypatch.setattr("textcoder.store.migrate.REVISION", "9999")
    with pytest.raises(StoreError, match=r"needs 9999; back it up, then run `python -m textcoder\.store\.migrate URL`"):
        open_store(url)


def test_text_without_odd_characters_is_kept_as_it_is() -> None:
    """Nobody could read or search the database with other tools."""
    assert escaped("Räume, 👩🏽‍🚒 e\u0301\n\t\\n") == "Räume, 👩🏽‍🚒 e\u0301\n\t\\n"
    assert escaped("a\x00b\x10c\udcff") == "a\x100000b\x100010c\x10dcff"
    assert unescaped(escaped("\x100000")) == "\x100000"
