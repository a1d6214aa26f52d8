"""Pages in a real Chromium, before a real server over the small study of tests/api."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.api.desk import databases, desk_url, service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PATIENCE = 30_000
"""Milliseconds until something is given up: tests run beside each other, and one may start an encoder while another draws."""
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Site:
    """A service that runs.

    Attributes:
        url: Its address, without a slash at the end.
        folder: The folder of its desk, for `desk_url`.
    """

    url: str
    folder: Path

    def view(self, name: str = "") -> str:
        """The address of a view of the study."""
        return f"{self.url}/projects/study/{name}".rstrip("/")


class Stopping(uvicorn.Server):
    """A server that leaves no connection behind: a browser that still listens would be an open socket in some later test."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.01)  # until they are gone


@contextmanager
def answering(app: FastAPI) -> Iterator[str]:
    """A service on a free port of this machine; its address."""
    server = Stopping(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A real `textcoder serve` over a folder, with its worker, in a process of its own; its address."""
    command = [sys.executable, "-m", "textcoder", "serve", "--out", str(folder), "--port", "0"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TEXTCODER_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean) as process:
        assert process.stdout is not None
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert address is not None, "the service did not start"
            yield address[0]
        finally:
            process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
            process.communicate(timeout=60)


@pytest.fixture(autouse=True)
def on_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the tests of the API in this process work on just now."""
    monkeypatch.setattr(databases, "kind", "sqlite")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A service of its own for each test, on a free port of this machine."""
    folder = tmp_path / "desk"
    databases.copy_template(folder, ("study",))
    with answering(service(desk_url(folder))) as url:
        yield Site(url, folder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must neither throw nor complain, of a blocked script or style, say."""
    made = context.new_page()
    made.set_default_timeout(PATIENCE)
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(message.text)

    made.on("console", heard)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    yield made
    assert wrong == []
