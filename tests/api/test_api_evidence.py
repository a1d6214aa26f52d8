"""The evidence pack over HTTP: a job like any other, whole, the same each time, and none for those who code blind."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from fastapi.testclient import TestClient

from tests.api.desk import P
from tests.api.test_api_jobs import finished


def pack(client: TestClient, folder: Path, who: str) -> bytes:
    here = {"X-Textcoder-Coder": who}
    answer = client.post(f"{P}/jobs", json={"kind": "evidence"}, headers=here)
    assert answer.status_code == 202, answer.text
    done = finished(folder, client, answer)
    assert done["status"] == "done", done
    assert done["result"]["to_write"] > 10
    return client.get(f"{answer.headers['Location']}/result", headers=here).content


def test_a_pack_is_one_archive_and_the_same_each_time(client: TestClient, folder: Path) -> None:
    """An evaluator who has only the service could not defend a figure."""
    first = pack(client, folder, "eva")
    assert pack(client, folder, "eva") == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        names = set(archive.namelist())
        assert {"evidence.docx", "evidence.html", "evidence.xlsx", "evidence.json", "decisions.jsonl"} <= names
        sums = archive.read("SHA256SUMS").decode().splitlines()
        for line in sums:
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        assert len(sums) == len(names) - 1


def test_who_codes_blind_gets_none(client: TestClient, folder: Path) -> None:
    """The log in it tells what the other coder said."""
    n = len(client.get(f"{P}/segments").json()["items"])
    client.post(f"{P}/samples", json={"name": "blind", "n": n, "coders": ["ben", "eva"]})
    here = {"X-Textcoder-Coder": "ben"}
    done = finished(folder, client, client.post(f"{P}/jobs", json={"kind": "evidence"}, headers=here))
    assert done["status"] == "failed"
    assert "blind" in done["error"]
    hers = client.post(f"{P}/jobs", json={"kind": "evidence"}, headers={"X-Textcoder-Coder": "ruth"})
    assert finished(folder, client, hers)["status"] == "done"
    assert client.get(f"{hers.headers['Location']}/result", headers=here).status_code == 422
