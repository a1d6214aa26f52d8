"""Every test of the service runs on SQLite, and on PostgreSQL where TEXTCODER_TEST_DATABASE_URL names a server for tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import databases, serving


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """The server for tests, on which nothing is left."""
    yield
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"], scope="package", autouse=True)
def database_kind(request: pytest.FixtureRequest, server: None) -> Iterator[None]:
    """On which kind of database the desks of these tests lie."""
    if request.param == "postgresql" and not os.environ.get("TEXTCODER_TEST_DATABASE_URL"):
        pytest.skip("needs TEXTCODER_TEST_DATABASE_URL, the URL of a PostgreSQL database for tests")
    databases.kind = request.param
    yield
    if request.param == "postgresql":
        databases.clear()
    databases.kind = "sqlite"


@pytest.fixture(scope="package")
def tmp_path_factory(tmp_path_factory: pytest.TempPathFactory, database_kind: None) -> pytest.TempPathFactory:
    """As ever; but a desk that a whole file uses is made anew for the other kind of database."""
    return tmp_path_factory


@pytest.fixture(autouse=True)
def on_its_kind(request: pytest.FixtureRequest, database_kind: None) -> None:
    """A test that says PostgreSQL would pass on SQLite, and nobody would know."""
    if "client" in request.fixturenames:
        assert request.getfixturevalue("client").kind == databases.kind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the desk of a test lies."""
    return tmp_path / "desk"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    """An empty desk, served; most files have one of their own with a study in it."""
    with serving(folder) as client:
        yield client
