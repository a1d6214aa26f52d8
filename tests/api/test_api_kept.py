"""Answers are kept until something changes: then nobody is given an old one, and never is anybody given another's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.api.desk import LATE, MIRA, P, desk_url, serving
from tests.fakes import HashEmbedder
from textcoder.domain import acts
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By
from textcoder.domain.project import Case
from textcoder.settings import Settings
from textcoder.store import Store, open_store
from textcoder.workflow import LiveProject

ANA, BEN = ({"X-Textcoder-Coder": name} for name in ("ana", "ben"))
ASKED = f"{P}/figures?people_only=true&minimum_people=0&by=site"
SPAN = (MIRA.id, 28, 55)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path / "desk") as client:
        yield client


@pytest.fixture
def elsewhere(tmp_path: Path, client: TestClient) -> Iterator[Store]:
    """The same project, open in another process."""
    with closing(open_store(desk_url(tmp_path / "desk"), project="study", create=False)) as store:
        yield store


def sent(answer: Response) -> tuple[bytes, dict[str, str]]:
    """All of an answer but the number of the request."""
    return answer.content, {name: value for name, value in answer.headers.items() if name != "x-request-id"}


def said(client: TestClient, headers: dict[str, str] | None = None) -> int:
    """How many people say that nobody answers; asked twice, so that the answer is kept if it may be."""
    first, again = (client.get(ASKED, headers=headers) for _ in range(2))
    assert first.status_code == 200, first.text
    assert sent(again) == sent(first)
    (late,) = (row for row in again.json()["rows"] if row["row"]["id"] == LATE.id)
    people: int = late["overall"]["people"]["n"]
    return people


def test_kept_answer_is_in_no_way_different(client: TestClient) -> None:
    """A table would come as JSON, a second page without the way to the third, or an answer that somebody has would be sent again."""
    for asked in (ASKED, f"{P}/segments?limit=2"):
        for accept in ("application/json", "text/csv"):
            first, again = (client.get(asked, headers={"Accept": accept}) for _ in range(2))
            assert first.headers["content-type"].startswith(accept)
            assert sent(again) == sent(first)
            same = client.get(asked, headers={"Accept": accept, "If-None-Match": first.headers["etag"]})
            assert (same.status_code, same.content) == (304, b"")
    assert "next" in client.get(f"{P}/segments?limit=2").headers["link"]


def test_what_anybody_decides_is_in_the_very_next_answer(client: TestClient, elsewhere: Store) -> None:
    """An evaluator would defend a figure that the analyst beside her has just corrected."""
    assert said(client) == 0
    body = {"verb": "code", "spans": ["mira.txt:28-55"], "code": "late"}
    assert client.post(f"{P}/decisions", json=body, headers=ANA).status_code == 201
    assert said(client) == 1
    live = LiveProject(elsewhere, Settings(), embedder=HashEmbedder())
    there, by = Coder("cleo", "cleo", CoderKind.HUMAN), By("cleo", "2024-03-02T09:00:00+00:00")
    leila = next(s for s in live.segments if live.text(s).startswith("Nobody") and live.case(s) == "Leila")
    span = (leila.transcript, leila.start, leila.end)
    for expected, act in ((2, acts.accept), (1, acts.uncode)):
        live.do(partial(act, spans=[span], code=LATE.id, by=by), coder=there)
        assert said(client) == expected
    assert client.post(f"{P}/undo", json={}, headers=ANA).status_code == 201
    assert said(client) == 0


def test_another_cases_table_is_in_the_very_next_answer(client: TestClient, elsewhere: Store) -> None:
    """People would be compared by where they lived before the table was corrected, though nothing was decided."""
    assert said(client) == 0
    columns = [tuple(one["values"]) for one in client.get(ASKED).json()["columns"]]
    assert columns == [("North",), ("South",)]
    elsewhere.save_cases([Case("Mira", "Mira", {"group": "service user", "site": "East"})])
    assert said(client) == 0
    assert [tuple(one["values"]) for one in client.get(ASKED).json()["columns"]] == [("East",), ("South",)]
    elsewhere.save_project(replace(elsewhere.project(), name="Another name"))
    assert client.get(P).json()["name"] == "Another name"


def test_answer_of_one_blind_coder_is_never_given_to_the_other(client: TestClient) -> None:
    """The figures would tell one coder how the other codes, and their agreement would be worthless."""
    body = {"name": "r", "n": 11, "coders": ["ana", "ben"], "seed": 3}
    assert client.post(f"{P}/samples", json=body, headers={"X-Textcoder-Coder": "eva"}).status_code == 201
    assert said(client, ANA) == said(client, BEN) == 0
    body = {"verb": "review", "segment": "mira.txt:28-55", "codes": ["late"]}
    assert client.post(f"{P}/decisions", json=body, headers=ANA).status_code == 201
    for _ in range(2):
        assert (said(client, ANA), said(client, BEN), said(client)) == (1, 0, 1)
    assert client.post(f"{P}/samples/r/release", headers=ANA).status_code == 200
    assert said(client, BEN) == 1
