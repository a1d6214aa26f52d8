"""Training over HTTP: a job like any other, after which an open project suggests by it; judged figures are not for who codes blind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, bearer, serving
from tests.api.test_api_jobs import finished
from textcoder.workflow import training as work

CODED = {"answer": "late", "form": "forms", "tea": "tea", "ring": "late"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that have learned next to nothing, from next to nothing, and are held to help all the same."""
    for name, value in (("STEPS", (2, 2)), ("LEAST_SEGMENTS", 3), ("LEAST_PEOPLE", 3), ("LEAST_GIVEN", 1)):
        monkeypatch.setattr(work, name, value)
    monkeypatch.setattr(work, "best_share", lambda *given: (0.25, 0.375, 0.5))


def look_at(client: TestClient, coder: str = "ana") -> None:
    """Somebody looks at every segment, and codes it by a word in it."""
    for one in client.get(f"{P}/segments").json()["items"]:
        codes = sorted({code for word, code in CODED.items() if word in one["text"].lower()})
        body = {"verb": "review", "segment": one["id"], "codes": codes}
        answer = client.post(f"{P}/decisions", json=body, headers={"X-Textcoder-Coder": coder})
        assert answer.status_code == 201, answer.text


def trained(client: TestClient, folder: Path) -> Any:
    return finished(folder, client, client.post(f"{P}/jobs", json={"kind": "train"}))


def suggested(client: TestClient) -> dict[tuple[str, int, str], float]:
    """What the machine says, with its probability."""
    rows = client.get(f"{P}/codings", params={"coder": "machine"}).json()["items"]
    return {(one["file"], one["start"], one["code"]): one["probability"] for one in rows}


def test_too_few_codings_fail_the_job_with_what_is_missing(client: TestClient, folder: Path) -> None:
    """Somebody would wait for networks that learned from three sentences, and trust them."""
    assert client.get(f"{P}/training").json()["training"] is None
    look_at(client)
    done = trained(client, folder)
    assert (done["kind"], done["status"], done["result"]) == ("train", "failed", {})
    assert "training takes 100 segments of 6 people" in done["error"]
    assert client.get(f"{P}/training").json()["training"] is None


@pytest.mark.usefixtures("quick")
def test_an_open_project_suggests_by_what_was_trained_and_goes_on_without(client: TestClient, folder: Path) -> None:
    """The page would go on with what the machine said before, until somebody restarts the service."""
    look_at(client)
    before, since = suggested(client), client.get(f"{P}/training").json()["decisions_since"]
    assert before and since > 10
    done = trained(client, folder)
    assert (done["status"], done["error"]) == ("done", "")
    assert done["result"] == {"codes": 3, "segments": 11, "people": 3, "used": True}
    answer = client.get(f"{P}/training")
    found = answer.json()
    assert (found["training"]["share"], found["training"]["people"], found["decisions_since"]) == (0.5, 3, 0)
    assert "it counts for 50%" in found["training"]["sentence"]
    assert not {"part", "Mira"} & set(found["training"]) and "Mira" not in answer.text
    assert (after := suggested(client)) != before
    assert client.get(f"{P}/training", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304

    client.post(f"{P}/decisions", json={"verb": "memo", "about": "project:", "text": "Since."})
    assert client.get(f"{P}/training").json()["decisions_since"] == 1
    forgotten = client.delete(f"{P}/training").json()
    assert forgotten == client.get(f"{P}/training").json() == {"training": None, "decisions_since": since + 1}
    assert suggested(client) == before != after


@pytest.mark.usefixtures("quick")
def test_whoever_codes_blind_is_told_nothing_that_rests_on_what_others_coded(client: TestClient, folder: Path) -> None:
    look_at(client)
    assert trained(client, folder)["status"] == "done"
    client.post(f"{P}/samples", json={"name": "r", "n": 4, "coders": ["ben", "eva"], "seed": 1})
    here = {"X-Textcoder-Coder": "ben"}
    answer = client.get(f"{P}/training", headers=here)
    assert (answer.status_code, "blind" in answer.json()["detail"]) == (422, True)
    assert client.get(f"{P}/training").json()["training"]["share"] == 0.5
    told = client.get(f"{P}/jobs", headers=here).json()["items"][0]["result"]
    assert set(told) == {"codes", "segments", "people", "used"}


@pytest.mark.usefixtures("quick")
def test_nothing_is_forgotten_while_a_job_works_with_it(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Networks would be gone that a training has just announced."""
    look_at(client)
    refused: list[int] = []
    code = work.LiveProject.codings

    def codings(live: Any, *rows: Any) -> Any:
        if not refused:
            refused.append(client.delete(f"{P}/training").status_code)
        return code(live, *rows)

    monkeypatch.setattr(work.LiveProject, "codings", codings)
    assert trained(client, folder)["status"] == "done"
    assert refused == [409]
    assert client.get(f"{P}/training").json()["training"] is not None


def test_training_and_forgetting_are_for_owners_and_seeing_it_for_readers(tmp_path: Path) -> None:
    with serving(tmp_path / "desk", people=True) as client:
        assert client.get(f"{P}/training", headers=bearer("rea")).status_code == 200
        for who, status in (("rea", 403), ("ben", 403), ("eva", 404)):
            assert client.post(f"{P}/jobs", json={"kind": "train"}, headers=bearer(who)).status_code == status
            assert client.delete(f"{P}/training", headers=bearer(who)).status_code == status
        assert client.post(f"{P}/jobs", json={"kind": "train"}, headers=bearer("ana")).status_code == 202
