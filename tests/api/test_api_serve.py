"""textcoder serve: answers soon, only this machine, and stops cleanly."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.api.desk import fill
from textcoder.cli import app
from textcoder.errors import StoreError
from textcoder.store import sqlite_url

HEAVY = ("torch", "bertopic", "sklearn", "scipy", "spacy", "sentence_transformers", "onnxruntime", "pandas")


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_serve_answers_and_stops_with_ctrl_c(tmp_path: Path) -> None:
    """The evaluator would not get in, or could not get out without harm."""
    fill(sqlite_url(tmp_path / "project.db"))
    command = [sys.executable, "-m", "textcoder", "serve", "--out", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None and service.stderr is not None
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+", service.stdout.readline())
            assert address is not None
            with urllib.request.urlopen(f"{address[0]}/api/v1/projects", timeout=30) as answer:
                assert json.load(answer)["items"][0]["name"] == "Moving house"
        finally:
            service.send_signal(signal.SIGINT)
            said, wrong = service.communicate(timeout=30)
    assert (service.returncode, wrong) == (0, "")
    assert said == "Stopped; every decision is kept.\n"
    assert not (tmp_path / "project.db-wal").exists(), "the database was not closed"


def test_first_reads_load_no_heavy_library(tmp_path: Path) -> None:
    """Whoever starts the service would wait for torch before the first answer."""
    fill(sqlite_url(tmp_path / "project.db"))
    script = f"""
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from textcoder.settings import Settings
from textcoder.store import open_catalogue, sqlite_url
from textcoder_api import create_app
app = create_app(open_catalogue(sqlite_url(Path({str(tmp_path / "project.db")!r}))), Settings())
with TestClient(app, base_url="http://localhost") as client:
    for part in ("", "/transcripts", "/segments", "/codebook", "/decisions", "/acts", "/memos", "/search?q=tea"):
        assert client.get("/api/v1/projects/study" + part).status_code == 200, part
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "no accounts yet"),
        (["--host", "192.168.1.7"], "no accounts yet"),
        (["--host", "::"], "no accounts yet"),
        (["--host", "example.org"], "takes an address"),
    ],
)
def test_serve_refuses_to_answer_other_machines(options: list[str], said: str) -> None:
    """Confidential interviews would lie open on the network of a café."""
    done = CliRunner().invoke(app, ["serve", *options])
    assert done.exit_code == 2
    assert said in " ".join(re.sub(r"[│\n]", " ", done.output).split())


def test_serve_says_where_a_folder_is_missing(tmp_path: Path) -> None:
    """She would believe that her study is gone, when she has only misspelt its folder."""
    done = CliRunner().invoke(app, ["serve", "--out", str(tmp_path / "misspelt"), "--port", "0"])
    assert isinstance(done.exception, StoreError)
    assert "misspelt is not there" in str(done.exception)
    assert not (tmp_path / "misspelt").exists()
