"""Decisions: done once, refused when out of date, looked ahead at, taken back; safe under many clients at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.api.desk import P, serving

ANA, BEN = {"X-Textcoder-Coder": "ana"}, {"X-Textcoder-Coder": "ben"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path / "desk") as client:
        yield client


def decide(client: TestClient, verb: str, headers: dict[str, str] = ANA, **body: Any) -> Response:
    return client.post(f"{P}/decisions", json={"verb": verb, **body}, headers=headers)


def log(client: TestClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"{P}/decisions").json()["items"]
    return items


def test_decision_is_kept_with_who_why_and_what_it_was(client: TestClient) -> None:
    done = decide(client, "accept", spans=["mira.txt:56-73"], code="Forms", why="It is long.")
    assert done.status_code == 201
    assert done.json()["acts"][0]["sentence"] == 'Act 4: accepted "Forms" on 1 span. (It is long.)'
    last = log(client)[-1]
    assert (last["coder"], last["why"], last["before"], last["after"]["status"]) == (
        "ana",
        "It is long.",
        None,
        "accepted",
    )
    again = decide(client, "accept", spans=["mira.txt:56-73"], code="Forms")
    assert (again.status_code, again.json()["acts"]) == (200, [])


def test_retry_is_no_second_decision_also_after_a_restart(tmp_path: Path) -> None:
    """A broken line on the train would make two codes of one."""
    headers = {**ANA, "Idempotency-Key": "train-1"}
    with serving(tmp_path / "desk") as client:
        first = decide(client, "add", headers, name="Language", lens="barriers")
    with serving(tmp_path / "desk") as client:
        second = decide(client, "add", headers, name="Language", lens="barriers")
        assert (first.status_code, second.status_code) == (201, 200)
        assert second.headers["idempotency-replayed"] == "true"
        assert second.json() == first.json()
        assert len(log(client)) == 4


@pytest.mark.parametrize("what", ["undo", "samples", "decisions"])
def test_retry_of_any_act_is_no_second_one(client: TestClient, what: str) -> None:
    """The retry of "undo my last" would undo one more."""
    for name in ("One", "Two"):
        assert decide(client, "add", name=name).status_code == 201
    body = {
        "undo": {},
        "samples": {"name": "r", "n": 2, "coders": ["ana"]},
        "decisions": {"verb": "role", "speaker": "Hanna", "role": "other"},
    }[what]
    headers = {**ANA, "Idempotency-Key": "k"}
    first = client.post(f"{P}/{what}", json=body, headers=headers)
    second = client.post(f"{P}/{what}", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(log(client)) == 6


def test_key_of_another_act_is_refused(client: TestClient) -> None:
    """Somebody would be told that hers was done, and it was another's."""
    assert decide(client, "add", {**ANA, "Idempotency-Key": "k"}, name="One").status_code == 201
    assert decide(client, "rename", {**ANA, "Idempotency-Key": "k"}, code="late", name="X").status_code == 422
    assert decide(client, "add", {**BEN, "Idempotency-Key": "k"}, name="Two").status_code == 422
    assert len(log(client)) == 4


def test_decision_on_what_was_changed_meanwhile_is_refused_and_told_what(client: TestClient) -> None:
    """Ben would overwrite Ana's definition without having seen it."""
    seen = client.get(f"{P}/codes/late").headers["etag"]
    book = client.get(f"{P}/codebook").headers["etag"]
    assert decide(client, "define", code="late", exclude="Not where it rings.").status_code == 201
    for tag in (seen, book, '"codebook-3"', '"log-3"'):
        refused = decide(client, "define", {**BEN, "If-Match": tag}, code="late", exclude="Mine.")
        assert refused.status_code == 412, tag
    assert refused.json()["changes"] == [
        {"act": 4, "verb": "define", "coder": "ana", "at": refused.json()["changes"][0]["at"]}
    ]
    changed = decide(client, "define", {**BEN, "If-Match": book}, code="late", exclude="Mine.").json()["changes"]
    assert changed == [{"code": "late", "name": "Nobody answers", "fields": ["exclude"]}]
    other = client.get(f"{P}/codes/forms").headers["etag"]
    assert decide(client, "define", {**BEN, "If-Match": other}, code="forms", exclude="Mine.").status_code == 201
    seen = client.get(f"{P}/codes/late").headers["etag"]
    assert decide(client, "define", {**BEN, "If-Match": seen}, code="late", exclude="Mine.").status_code == 201


def test_retry_with_a_tag_that_its_first_try_made_old_is_answered(client: TestClient) -> None:
    headers = {**ANA, "Idempotency-Key": "k", "If-Match": client.get(f"{P}/codes/late").headers["etag"]}
    assert decide(client, "rename", headers, code="late", name="Silence").status_code == 201
    assert decide(client, "rename", headers, code="late", name="Silence").status_code == 200


@pytest.mark.parametrize("tag", ["codebook-3", '"codebook-99"', '"code-99"', '"made up"', '"log-3", nonsense', ""])
def test_tag_that_is_none_is_refused_rather_than_passed(client: TestClient, tag: str) -> None:
    assert decide(client, "add", {**ANA, "If-Match": tag}, name="One").status_code == 422
    assert len(log(client)) == 3


def test_preview_says_what_would_change_and_changes_nothing(client: TestClient) -> None:
    assert decide(client, "accept", spans=["mira.txt:56-73", "omar.txt:6-46"], code="Forms").status_code == 201
    body = {"verb": "merge", "codes": ["Forms"], "into": "late"}
    seen = client.post(f"{P}/decisions?dry_run=true", json=body)
    assert (seen.status_code, seen.json()["codings"], seen.json()["people"]) == (200, 2, 2)
    assert len(log(client)) == 5
    threshold = {"verb": "threshold", "code": "late", "probability": 0.99}
    assert client.post(f"{P}/decisions?dry_run=true", json=threshold).json()["after"] == 0


def test_undo_of_what_others_build_on_names_their_decisions(client: TestClient) -> None:
    new = decide(client, "add", name="Language", lens="barriers").json()
    assert decide(client, "accept", BEN, spans=["omar.txt:6-46"], code="Language").status_code == 201
    refused = client.post(f"{P}/undo", json={"act": new["acts"][0]["act"]}, headers=ANA)
    assert (refused.status_code, refused.json()["decisions"]) == (409, [5])
    done = client.post(f"{P}/undo", json={"act": 4, "with_later": True}, headers=ANA)
    assert done.status_code == 201
    assert client.get(f"{P}/codes/Language").status_code == 404
    assert client.post(f"{P}/redo", json={}, headers=ANA).status_code == 201


def test_first_decision_of_somebody_that_fails_does_not_lock_her_out(client: TestClient) -> None:
    """Her name would be taken for known though it was never written, and whatever she does refused."""
    refused = client.post(f"{P}/undo", json={"act": 99}, headers={"X-Textcoder-Coder": "zoe", "Idempotency-Key": "z"})
    assert refused.status_code == 404
    assert "zoe" not in client.get(f"{P}/coders").text
    assert decide(client, "rename", {"X-Textcoder-Coder": "zoe"}, code="late", name="Silence").status_code == 201


def test_machine_learns_from_what_is_decided_here(client: TestClient) -> None:
    """The analyst would teach, and the suggestions stay as they were."""
    for span in ("mira.txt:56-73", "omar.txt:6-46"):
        assert decide(client, "review", segment=span, codes=["Forms"]).status_code == 201
    (row,) = client.get(f"{P}/codings?file=omar.txt&code=Forms&coder=machine").json()["items"]
    assert row["probability"] > 0.99
    left = client.get(f"{P}/review?n=20", headers=ANA).json()["items"]
    assert not {"mira.txt", "omar.txt"} <= {one["file"] for one in left if one["text"].startswith("The form")}


def test_everything_decided_is_undone_to_the_letter(client: TestClient) -> None:
    """What the service did must be as undoable as what the command line did."""
    before = client.get(f"{P}/codebook").json()["codes"]
    decide(client, "accept", spans=["mira.txt:56-73"], code="Forms")
    decide(client, "add", name="Language", lens="barriers")
    decide(client, "merge", codes=["Language"], into="Forms")
    decide(client, "retire", codes=["late"])
    decide(client, "adopt", theme="th1", name="Papers")
    for _ in range(5):
        assert client.post(f"{P}/undo", json={}, headers=ANA).status_code == 201
    assert client.get(f"{P}/codebook").json()["codes"] == before
    assert client.get(f"{P}/codings?coder=ana").json()["items"] == []


def test_twenty_clients_at_once_lose_and_double_nothing(client: TestClient) -> None:
    """Decisions of a team would be lost."""

    def work(i: int) -> list[int]:
        headers = {"X-Textcoder-Coder": f"coder{i % 5}", "Idempotency-Key": f"key{i % 20}"}
        span = f"mira.txt:{28 + i % 20}-55"
        read = client.get(f"{P}/codings?coder=machine&limit=3")
        return [read.status_code, decide(client, "code", headers, spans=[span], code="late").status_code]

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(work, range(60)))  # each decision is sent three times
    assert {status for status, _ in statuses} == {200}
    assert sorted(status for _, status in statuses) == [200] * 40 + [201] * 20
    rows = log(client)
    assert [row["number"] for row in rows] == list(range(1, 24))
    assert len({row["target"] for row in rows}) == 23


def test_segments_of_an_adopted_theme_are_suggested_at_once(client: TestClient) -> None:
    """She adopts a theme of forty segments, and finds a code that nobody seems to have said."""
    members = set(client.get(f"{P}/themes/th1").json()["members"])
    (code,) = decide(client, "adopt", theme="th1", name="Of the theme").json()["codes"]
    assert members and members <= carrying(client, code)


def carrying(client: TestClient, code: str) -> set[str]:
    """The segments for which a code is suggested."""
    rows = client.get(f"{P}/codings?code={code}").json()["items"]
    return {f"{row['transcript']}:{row['start']}-{row['end']}" for row in rows}


def test_who_speaks_is_put_right_previewed_and_undone(client: TestClient) -> None:
    """A turn that the transcriber gave to the wrong speaker would be quoted under her name for good."""
    (turn,) = [t for t in client.get(f"{P}/transcripts/mira.txt").json()["turns"] if t["start"] == 122]
    body = {"verb": "speaker", "transcript": "mira.txt", "turns": [turn["start"] + 5], "to": "Hanna"}
    assert decide(client, "accept", spans=["mira.txt:122-148"], code="tea").status_code == 201
    looked = client.post(f"{P}/decisions?dry_run=true", json=body, headers=ANA).json()
    assert (looked["codings"], looked["people"], looked["coders"]) == (1, 1, ["ana"])
    assert len(log(client)) == 4
    headers = {**ANA, "Idempotency-Key": "k"}
    made, again = (client.post(f"{P}/decisions", json=body, headers=headers) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()
    assert made.json()["acts"][0]["sentence"].endswith('gave 1 turn of mira.txt to "Hanna".')
    row = log(client)[-1]
    assert (row["kind"], row["target"].rpartition("/")[2], row["before"]) == ("set_speaker", "122", None)
    assert row["after"]["read"] == {"speaker": "Mira", "role": "participant"}
    waits = client.get(f"{P}/transcripts/mira.txt/speakers").json()
    assert waits["changed"] == [{"start": 122, "speaker": "Hanna", "role": "interviewer"}]
    assert [(who["speaker"], who["turns"]) for who in waits["speakers"]] == [("Hanna", 3), ("Mira", 1)]
    assert client.post(f"{P}/undo", json={}, headers=ANA).status_code == 201
    assert client.get(f"{P}/transcripts/mira.txt/speakers").json()["changed"] == []
    assert decide(client, "speaker", transcript="mira.txt", turns=[130], to="Mira").json()["acts"] == []
    one = decide(client, "speaker", transcript="mira.txt", speaker="Mira", to="Vera").json()["acts"]
    assert "gave 2 turns of mira.txt" in one[0]["sentence"]
    assert len(client.get(f"{P}/codings?file=mira.txt&coder=ana").json()["items"]) == 1


def test_role_that_was_set_can_be_set_back(client: TestClient) -> None:
    """A slip of the mouse would make an interviewer's words data for good."""
    for role in ("other", "interviewer"):
        assert decide(client, "role", speaker="Hanna", role=role).json()["acts"], role
    answer = decide(client, "role", speaker="Hanna", role="interviewer")
    assert (answer.status_code, answer.json()["acts"]) == (200, [])
