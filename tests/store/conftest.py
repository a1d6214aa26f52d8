"""The kinds of store that keep one contract; PostgreSQL where TEXTCODER_TEST_DATABASE_URL names a disposable one."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes import MemoryStore
from textcoder.store import Store, open_store, sqlite_url

NewStore = Callable[[], Store]


def url_of(kind: str, folder: Path) -> str:
    """The URL of a database of this kind for one test."""
    if kind == "sqlite":
        return sqlite_url(folder / "project.db")
    url = os.environ.get("TEXTCODER_TEST_DATABASE_URL")
    if not url:
        pytest.skip("needs TEXTCODER_TEST_DATABASE_URL, the URL of a PostgreSQL database for tests")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of each kind of database."""
    return url_of(request.param, tmp_path)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewStore]:
    """Makes an empty project, in the same database each time where there is one."""
    url = None if request.param == "memory" else url_of(request.param, tmp_path)
    with ExitStack() as opened:

        def make() -> Store:
            project = uuid.uuid4().hex
            store: Store = MemoryStore(project) if url is None else open_store(url, project=project)
            opened.callback(store.close)
            return store

        yield make


@pytest.fixture
def store(new_store: NewStore) -> Store:
    """An empty project."""
    return new_store()
