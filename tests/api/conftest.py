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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the desk of a test lies."""
    return tmp_path / "desk"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    """An empty desk, served; most files have one of their own with a study in it."""
    with serving(folder) as client:
        yield client
