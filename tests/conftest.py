"""What all tests share: a clean environment, no network, and the shared data where it lies beside the checkout."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Before any test imports numpy: results must not depend on it, and two workers on two cores run faster with it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="Renew the golden files instead of comparing with them.")


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several processes a database of its own: tests of one must not meet the accounts of another's."""
    url, process = os.environ.get("TEXTCODER_TEST_DATABASE_URL"), os.environ.get("PYTEST_XDIST_WORKER")
    if not url or not process:
        return
    from sqlalchemy import create_engine

    server, _, name = url.rpartition("/")
    engine = create_engine(url.replace("postgresql://", "postgresql+pg8000://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}_{process}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}_{process}" TEMPLATE template0')
    engine.dispose()
    os.environ["TEXTCODER_TEST_DATABASE_URL"] = f"{server}/{name}_{process}"


@pytest.fixture
def shared() -> Path:
    """The folder of openly licensed data sets beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the data sets in {SHARED.name}/ beside the checkout; the product does not")
    return SHARED


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own TEXTCODER_ variables must not decide what the tests see."""
    for name in list(os.environ):
        if name.startswith("TEXTCODER_") and name != "TEXTCODER_TEST_DATABASE_URL":
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the machine: a connection to anywhere but this machine is an error."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in ("", "127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for the network: {address!r}")
        connect(self, address)  # type: ignore[arg-type]  # whatever the caller passed

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process: exit status, standard output, standard error."""

    from textcoder import cli

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["textcoder", *map(str, arguments)])
        try:
            cli.main()
            status = 0
        except SystemExit as exit_:
            status = exit_.code if isinstance(exit_.code, int) else 0
        said = capsys.readouterr()
        return status, said.out, said.err

    return command
