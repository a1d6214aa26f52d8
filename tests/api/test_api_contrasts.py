"""What a code is not, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from tests.api.desk import P, serving

ANA = {"X-Textcoder-Coder": "ana"}


def decide(client: TestClient, verb: str, *spans: str, code: str) -> None:
    body = {"verb": verb, "spans": list(spans), "code": code}
    answer = client.post(f"{P}/decisions", json=body, headers=ANA)
    assert answer.status_code == 201, answer.text


def beside(client: TestClient, code: str) -> list[dict[str, Any]]:
    answer = client.get(f"{P}/codes/{code}/beside?limit=100")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["items"]
    return rows


def test_what_lies_near_a_code_carries_another_and_was_not_rejected_before(tmp_path: Path) -> None:
    """The border of a code would be drawn with words that carry it, or with words that nobody coded at all."""
    with serving(tmp_path / "desk") as client:
        decide(client, "accept", "mira.txt:28-55", "leila.txt:31-46", code="late")
        decide(client, "accept", "omar.txt:6-46", code="forms")
        decide(client, "accept", "omar.txt:47-67", code="tea")
        decide(client, "reject", "omar.txt:47-67", code="late")
        rows = beside(client, "late")
        assert [row["text"] for row in rows if row["text"] == "The form is in a language I cannot read."]
        for row in rows:
            assert row["codes"] and "late" not in row["codes"]
            assert "Nobody answers" not in row["text"]
        assert not [row for row in rows if row["text"] == "Tea helps, honestly."]
        cosines = [row["similarity"] for row in rows]
        assert cosines == sorted(cosines, reverse=True)
        assert beside(client, "Nobody answers") == rows
        assert client.get(f"{P}/codes/nothing/beside").status_code == 404


def test_nothing_lies_beside_a_code_that_nobody_gave(tmp_path: Path) -> None:
    with serving(tmp_path / "desk") as client:
        body = {"verb": "add", "name": "Pets", "lens": "what_works", "definition": "Animals."}
        made = client.post(f"{P}/decisions", json=body, headers=ANA).json()["codes"][0]
        assert all(made not in row["codes"] for row in beside(client, made))
