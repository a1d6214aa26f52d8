"""Adequacy, sequences and waves over HTTP: in JSON and CSV, with small numbers hidden, and blind coding kept blind."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, serving
from textcoder_api.routes.adequacy import AdequacyOne
from textcoder_api.routes.sequences import FollowedOne, StepsOne, TiedOne
from textcoder_api.routes.waves import WavesOne

ANA, BEN, EVA = ({"X-Textcoder-Coder": name} for name in ("ana", "ben", "eva"))
ASKED = {
    "adequacy?by=wave&minimum_people=0&base_size=1&run_length=1": AdequacyOne,
    "adequacy": AdequacyOne,
    "sequences/together?minimum_people=0": TiedOne,
    "sequences/together?on=answer": TiedOne,
    "sequences/followed?minimum_people=0": FollowedOne,
    "sequences/followed?unit=codes&within=5&minimum_people=0": FollowedOne,
    "sequences/steps?first=barriers&then=what_works&minimum_people=0": StepsOne,
    "waves?minimum_people=0": WavesOne,
    "waves?version=2": WavesOne,
}


def code(client: TestClient, code: str, word: str, headers: dict[str, str] = ANA) -> list[str]:
    segments = client.get(f"{P}/segments?fields=id,text&limit=100").json()["items"]
    held = [s["id"] for s in segments if word in s["text"]]
    answer = client.post(f"{P}/decisions", json={"verb": "accept", "spans": held, "code": code}, headers=headers)
    assert answer.status_code == 201, answer.text
    return held


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Ana has coded: Mira's form and then her tea in one account; Leila and Mira get no answer."""
    with serving(tmp_path / "desk") as client:
        for name, word in (("late", "Nobody answers"), ("forms", "form is long"), ("tea", "tea")):
            code(client, name, word)
        yield client


def ok(client: TestClient, asked: str, **more: Any) -> Any:
    answer = client.get(f"{P}/{asked}", **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("asked", ASKED)
def test_answers_have_the_shape_that_the_contract_promises(client: TestClient, asked: str) -> None:
    """A program that was made for the contract would break."""
    ASKED[asked].model_validate_json(client.get(f"{P}/{asked}").content)
    assert "NaN" not in client.get(f"{P}/{asked}").text
    first = client.get(f"{P}/{asked}")
    again = client.get(f"{P}/{asked}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_voices_and_groups_are_hidden_where_they_are_few(client: TestClient) -> None:
    """Mira alone speaks of tea; Omar alone is a volunteer."""
    shown = {one["row"]["name"]: one for one in ok(client, "adequacy?people_only=true&minimum_people=0")["voices"]}
    assert (shown["Tea together"]["people"], shown["Tea together"]["loudest"]) == (1, "Mira")
    found = ok(client, "adequacy?people_only=true&by=group")
    hidden = {one["row"]["name"]: one for one in found["voices"]}
    assert (hidden["Tea together"]["people"], hidden["Tea together"]["loudest"]) == (None, None)
    assert [group["people"] for group in found["groups"]] == [None, None]
    assert "Omar" not in str(found) and "Mira" not in str(hidden["Tea together"])


def test_tables_leave_as_csv(client: TestClient) -> None:
    for asked, column in (
        ("adequacy?by=wave&minimum_people=0", "share_of_orders"),
        ("adequacy?part=voices", "effective"),
        ("adequacy?part=runs&base_size=1&run_length=1", "median"),
        ("adequacy?part=missing&minimum_people=0", "expected"),
        ("sequences/together?minimum_people=0", "expected"),
        ("sequences/followed?minimum_people=0", "p_shuffled"),
        ("sequences/steps?minimum_people=0", "question"),
        ("waves?minimum_people=0", "said"),
    ):
        answer = client.get(f"{P}/{asked}", headers={"Accept": "text/csv"})
        assert answer.status_code == 200, answer.text
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert column in rows[0], asked
        assert {len(row) for row in rows} == {len(rows[0])}


def test_steps_are_the_exact_words(client: TestClient) -> None:
    found = ok(client, "sequences/followed?people_only=true&minimum_people=0&within=5")
    (one,) = found["found"]
    assert (one["first"]["id"], one["then"]["id"], one["people"]) == ("barriers", "what_works", 1)
    steps = ok(client, "sequences/steps?people_only=true&minimum_people=0&within=5")
    assert steps["total"] == one["times"]
    said = [(step["first"]["text"], step["then"]["text"], step["question"]) for step in steps["items"]]
    assert ("The form is long.", "We have tea.", "And what helps?") in said
    assert ok(client, "sequences/steps?people_only=true&within=5") == {"total": None, "people": None, "items": []}


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("adequacy?rare=often", 422, "often"),
        ("adequacy?rare=2", 422, "0.0001"),
        ("adequacy?orders=9999999", 422, "orders"),
        ("adequacy?unit=themes", 422, "unit"),
        ("adequacy?by=planet", 404, "planet"),
        ("sequences/followed?within=99", 422, "within"),
        ("sequences/followed?first=hope", 404, "hope"),
        ("sequences/followed?first=barriers&then=barriers", 422, "different"),
        ("sequences/followed?lens=barriers", 422, "first"),
        ("sequences/steps?first=nothing", 404, "nothing"),
        ("sequences/together?on=page", 422, "on"),
        ("waves?since=9", 404, "9"),
        ("waves?since=1", 422, "before"),
        ("waves?version=99", 404, "99"),
    ],
)
def test_what_cannot_be_answered_says_why(client: TestClient, asked: str, status: int, words: str) -> None:
    answer = client.get(f"{P}/{asked}")
    assert answer.status_code == status, answer.text
    assert words in answer.text


def test_blind_coders_learn_nothing_of_each_other(tmp_path: Path) -> None:
    """A coder would see in the voices what the other coded, and the agreement would be worthless."""
    with serving(tmp_path / "desk") as client:
        body = {"name": "r", "n": 11, "coders": ["ana", "ben"], "seed": 3}
        assert client.post(f"{P}/samples", json=body, headers=EVA).status_code == 201
        before = {asked: ok(client, asked, headers=BEN) for asked in ASKED}
        code(client, "tea", "tea", ANA)
        assert {asked: ok(client, asked, headers=BEN) for asked in ASKED} == before
        assert ok(client, "adequacy?minimum_people=0&people_only=true", headers=ANA) != before["adequacy"]
