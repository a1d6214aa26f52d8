"""textcoder serve: answers soon, only whom it may, and stops cleanly."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.api.desk import bearer, fill, let_in
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


NAMED = ["--name", "study.example.org"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "could read along"),
        (["--host", "192.168.1.7", *NAMED], "could read along"),
        (["--host", "::"], "could read along"),
        (["--host", "example.org"], "takes an address"),
        (["--name", "https://study.example.org/"], "takes a host name"),
        (["--behind-proxy", "*", *NAMED], "--behind-proxy takes an address"),
        (["--behind-proxy", "127.0.0.1"], "by which --name"),
        (["--behind-proxy", "127.0.0.1", *NAMED], "no accounts yet"),
        (["--host", "0.0.0.0", "--behind-proxy", "192.168.1.2", *NAMED], "no accounts yet"),
        (["--certificate", "own.pem"], "go together"),
        (["--key", "own.pem"], "go together"),
        (["--certificate", "own.pem", "--key", "own.pem"], "cannot be used (No such file"),
    ],
)
def test_serve_refuses_what_would_let_anybody_in(tmp_path: Path, options: list[str], said: str) -> None:
    """Confidential interviews would lie open on the network of a café."""
    fill(sqlite_url(tmp_path / "project.db"))
    done = CliRunner().invoke(app, ["serve", "--out", str(tmp_path), "--port", "0", *options])
    assert done.exit_code == 2
    assert said in plain(done.output)


def plain(output: str) -> str:
    """A message without its frame."""
    return " ".join(re.sub(r"[│\n]", " ", output).split())


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost, and its key with and without a password."""
    folder = tmp_path_factory.mktemp("certificate")
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    for command in (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout key.pem -out own.pem",
        "ec -aes256 -passout pass:word -in key.pem -out locked.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


def test_serve_says_what_is_wrong_with_a_key(tmp_path: Path, certified: Path) -> None:
    """The service would ask for a password at night, when nobody is there to start it again."""
    for key in ("own.pem", "locked.pem"):
        options = ["--certificate", str(certified / "own.pem"), "--key", str(certified / key)]
        done = CliRunner().invoke(app, ["serve", "--out", str(tmp_path), *options])
        assert (done.exit_code, "the key without a password" in plain(done.output)) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="is ended by a signal")
def test_serve_for_a_team_over_tls(tmp_path: Path, certified: Path) -> None:
    """A team would have a service that nobody can log in to, or one that everybody can read."""
    url = sqlite_url(tmp_path / "project.db")
    fill(url)
    let_in(url)
    with answering(tmp_path, "--certificate", certified / "own.pem", "--key", certified / "key.pem") as port:
        trusted = ssl.create_default_context(cafile=str(certified / "own.pem"))
        projects = f"https://localhost:{port}/api/v1/projects"
        assert status(projects, context=trusted) == 401
        assert status(projects, bearer("rea"), context=trusted) == 200
        with pytest.raises(OSError, match="certificate"):
            urllib.request.urlopen(projects, timeout=30)


@pytest.mark.skipif(os.name != "posix", reason="is ended by a signal")
def test_serve_believes_its_proxy_and_nobody_else(tmp_path: Path) -> None:
    """Whoever says that he is somewhere else could try passwords for ever, or send them in the open."""
    url = sqlite_url(tmp_path / "project.db")
    fill(url)
    let_in(url)
    for proxy, expected in (("127.0.0.1", 200), ("192.0.2.1", 403)):
        with answering(tmp_path, *NAMED, "--behind-proxy", proxy) as port:
            projects = f"http://127.0.0.1:{port}/api/v1/projects"
            said = bearer("rea") | {"Host": "study.example.org"}
            assert status(projects, said | {"X-Forwarded-Proto": "https"}) == expected
            assert status(projects, said) == 403
            assert status(f"http://127.0.0.1:{port}/readyz") == 200


@contextmanager
def answering(out: Path, *options: str | Path) -> Iterator[int]:
    """`textcoder serve` with these options; the port at which it answers."""
    command = [sys.executable, "-m", "textcoder", "serve", "--out", str(out), "--port", "0", *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        try:
            at = re.search(r"://127\.0\.0\.1:(\d+)", service.stdout.readline())
            assert at is not None
            yield int(at[1])
        finally:
            service.send_signal(signal.SIGINT)
            service.communicate(timeout=30)


def status(url: str, headers: Mapping[str, str] | None = None, context: ssl.SSLContext | None = None) -> int:
    """What a request is answered."""
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=dict(headers or {})), timeout=30, context=context
        ) as answer:
            found: int = answer.status
            return found
    except urllib.error.HTTPError as error:
        return error.code


def test_serve_says_where_a_folder_is_missing(tmp_path: Path) -> None:
    """She would believe that her study is gone, when she has only misspelt its folder."""
    done = CliRunner().invoke(app, ["serve", "--out", str(tmp_path / "misspelt"), "--port", "0"])
    assert isinstance(done.exception, StoreError)
    assert "misspelt is not there" in str(done.exception)
    assert not (tmp_path / "misspelt").exists()
