"""Every test of the service runs on SQLite, and on PostgreSQL where TEXTCODER_TEST_DATABASE_URL names a server for tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.api.desk import databases


@pytest.fixture(params=["sqlite", "postgresql"], scope="package", autouse=True)
def database_kind(request: pytest.FixtureRequest) -> Iterator[None]:
    """On which kind of database the desks of these tests lie."""
    if request.param == "postgresql" and not os.environ.get("TEXTCODER_TEST_DATABASE_URL"):
        pytest.skip("needs TEXTCODER_TEST_DATABASE_URL, the URL of a PostgreSQL database for tests")
    databases.kind = request.param
    yield
    if request.param == "postgresql":
        databases.clear()
    databases.kind = "sqlite"
