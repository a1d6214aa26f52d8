"""A corrected text over the service: what follows is said before, what waits is settled, and nobody learns what she codes blind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.api.desk import P, desk_url, serving
from tests.test_client import answering
from textcoder.client import Client
from textcoder.errors import InvalidDecision
from textcoder.store import open_store
from textcoder.workflow import pseudonymising
from textcoder.workflow.importing import MARK

ANA, BEN = ({"X-Textcoder-Coder": name} for name in ("ana", "ben"))
LONG = "The form is long."


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path / "desk") as client:
        yield client


def text(client: TestClient) -> str:
    found: str = client.get(f"{P}/transcripts/mira.txt/text").json()["text"]
    return found


def place(client: TestClient, words: str) -> str:
    start = text(client).index(words)
    return f"mira.txt:{start}-{start + len(words)}"


def code(client: TestClient, words: str, who: dict[str, str]) -> None:
    body = {"verb": "code", "spans": [place(client, words)], "code": "tea"}
    assert client.post(f"{P}/decisions", json=body, headers=who).is_success


def test_a_correction_is_foreseen_done_settled_and_taken_back(client: TestClient) -> None:
    """The owner would learn only afterwards what no longer stands, and have no way back."""
    code(client, LONG, ANA)
    code(client, "I ring and ring.", ANA)
    before = text(client)
    new = before.replace(LONG, "The letters are short.").replace("Hanna: What hinders?", "Hanna: Well. What hinders?")
    foreseen = client.put(f"{P}/transcripts/mira.txt/text?dry_run=true", content=new, headers=ANA)
    assert foreseen.status_code == 200, foreseen.text
    assert (foreseen.json()["done"], text(client)) == (None, before)
    done = client.put(
        f"{P}/transcripts/mira.txt/text?why=the+tape", content=new, headers={**ANA, "Idempotency-Key": "k1"}
    )
    assert done.status_code == 200, done.text
    assert done.json()["sentences"] == foreseen.json()["sentences"]
    assert {row["why"] for row in done.json()["waiting"]} == {"rewritten"}
    assert text(client) == new
    again = client.put(
        f"{P}/transcripts/mira.txt/text?why=the+tape", content=new, headers={**ANA, "Idempotency-Key": "k1"}
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["done"]["acts"] == done.json()["done"]["acts"]
    mine = [row for row in client.get(f"{P}/waiting", headers=ANA).json()["items"] if row["code"] == "tea"]
    assert [(row["was"], row["now"]) for row in mine] == [(LONG, "The letters are short.")]
    (id_,) = (row["id"] for row in mine)
    assert client.post(f"{P}/waiting/{id_}", json={"start": 3}, headers=ANA).status_code == 422
    assert client.post(f"{P}/waiting/{id_}", json={}, headers=ANA).is_success
    spans = [row for row in client.get(f"{P}/codings?code=tea", headers=ANA).json()["items"] if row["coder"] == "ana"]
    assert {new[row["start"] : row["end"]] for row in spans} >= {"The letters are short.", "I ring and ring."}
    assert client.post(f"{P}/undo", json={}, headers=ANA).is_success
    assert client.delete(f"{P}/waiting/{id_}?why=gone", headers=ANA).is_success
    assert client.get(f"{P}/waiting/{id_}", headers=ANA).status_code in (404, 405)
    assert client.delete(f"{P}/waiting/{id_}", headers=ANA).status_code == 404
    act = done.json()["done"]["acts"][0]["act"]
    assert client.post(f"{P}/undo", json={"act": act, "with_later": True}, headers=ANA).is_success
    assert text(client) == before


def test_who_codes_blind_learns_nothing_of_the_others_work_on_the_old_text(client: TestClient) -> None:
    """The log, the queue or the preview of a correction would give away the answers of a blind sample."""
    drawn = {"name": "round 1", "n": client.get(P).json()["segments"], "coders": ["ana", "ben"], "seed": 7}
    assert client.post(f"{P}/samples", json=drawn, headers=ANA).is_success
    code(client, LONG, BEN)
    new = text(client).replace(LONG, "The letters are short.")
    foreseen = client.put(f"{P}/transcripts/mira.txt/text?dry_run=true", content=new, headers=ANA).json()
    assert not [row for row in foreseen["waiting"] if row["coder"] == "ben"]
    assert client.put(f"{P}/transcripts/mira.txt/text", content=new, headers=BEN).is_success
    assert [row["was"] for row in client.get(f"{P}/waiting", headers=BEN).json()["items"] if row["code"] == "tea"] == [
        LONG
    ]
    assert not [row for row in client.get(f"{P}/waiting", headers=ANA).json()["items"] if row["coder"] == "ben"]
    log = client.get(f"{P}/decisions?limit=1000", headers=ANA).json()["items"]
    assert not [row for row in log if '"ben"' in row["target"] and '"tea"' in row["target"]]
    assert not [
        row for row in log if row["kind"] == "set_waiting" and (row["after"] or row["before"])["coder"] == "ben"
    ]


def test_new_names_come_into_a_project_with_pseudonyms_only_when_somebody_has_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program would bring back names that no undo takes out of the project again."""
    monkeypatch.setattr(pseudonymising, "load_recogniser", lambda **_: lambda texts: [[] for _ in texts])
    with serving(tmp_path / "desk"):
        store = open_store(desk_url(tmp_path / "desk"), project="study")
        store.save_value(MARK, {"key": "k", "names": 1})
        store.close()
    with serving(tmp_path / "desk") as inside, answering(inside.app) as address, Client(address, coder="ana") as study:
        file = tmp_path / "mira.txt"
        file.write_text(study.text("mira.txt").text.replace(LONG, "The form of Ragnhild is long."), encoding="utf-8")
        assert study.correct("mira.txt", file, dry_run=True).names == ("Ragnhild",)
        with pytest.raises(InvalidDecision, match="names_are_fine=true"):
            study.correct("mira.txt", file)
        assert "Ragnhild" not in study.text("mira.txt").text
        assert study.correct("mira.txt", file, names_are_fine=True).done is not None


def test_what_cannot_be_read_is_refused(client: TestClient) -> None:
    assert client.put(f"{P}/transcripts/mira.txt/text", content=b"", headers=ANA).status_code == 422
    assert client.put(f"{P}/transcripts/vera.txt/text", content=b"Vera: x", headers=ANA).status_code == 404


def test_a_notebook_corrects_and_settles(tmp_path: Path) -> None:
    """Whoever works in a notebook would have to build the requests by hand."""
    with serving(tmp_path / "desk") as inside, answering(inside.app) as address, Client(address, coder="ana") as study:
        words = study.text("mira.txt").text
        file = tmp_path / "mira.txt"
        file.write_text(words.replace(LONG, "The letters are short."), encoding="utf-8")
        study.decide("code", spans=[f"mira.txt:{words.index(LONG)}-{words.index(LONG) + len(LONG)}"], code="tea")
        assert study.correct("mira.txt", file, dry_run=True).done is None
        assert study.correct("mira.txt", file, why="the tape").done is not None
        mine = [row for row in study.waiting() if row.code == "tea"]
        study.place(mine[0].id)
        assert "The letters are short." in [
            study.text("mira.txt", row.start, row.end).text for row in study.codings(code="tea")
        ]
        study.undo()
        study.drop(mine[0].id, why="gone")
        assert [row for row in study.waiting() if row.code == "tea"] == []
