"""Blind double coding: until a sample is released, no answer whatever gives a coder what another said of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, serving

ANA, BEN, EVA = ({"X-Textcoder-Coder": name} for name in ("ana", "ben", "eva"))
ALL = 11
"""Segments of the study: the sample holds them all."""
READS = (
    *(
        "codings",
        "codings?coder=ana",
        "codings?status=rejected",
        "segments?code=forms",
        "decisions",
        "acts",
        "memos",
        "quotes",
        "quotes/voices",
        "map",
        "unassigned",
        "codes/forms/beside",
    ),
    *("codes/forms", "agreement", "disagreements", "proposals", "review?n=20", "review?sample=r&n=20", "review/hint"),
    *("figures?minimum_people=0", "figures?by=wave&minimum_people=0", "figures/matrix", "figures/quotations/forms"),
    *("prevalence?minimum_people=0", "errors"),
    *(
        "adequacy?minimum_people=0",
        "sequences/together?on=answer&minimum_people=0",
        "sequences/followed?minimum_people=0",
    ),
    *("sequences/steps?minimum_people=0&within=9", "waves?minimum_people=0"),
    *(
        "progress?indicator=barriers&minimum_people=0",
        "progress/people?indicator=barriers",
        "progress/people/Mira",
        "progress/marks",
    ),
    *("changes", "search?q=form", "themes/th1", "manifest", "coders", "codebook"),
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Ana and Ben code the same segments blind."""
    with serving(tmp_path / "desk") as client:
        body = {"name": "r", "n": ALL, "coders": ["ana", "ben"], "seed": 3}
        assert client.post(f"{P}/samples", json=body, headers=EVA).status_code == 201
        yield client


def decide(client: TestClient, headers: dict[str, str], verb: str, **body: Any) -> None:
    answer = client.post(f"{P}/decisions", json={"verb": verb, **body}, headers=headers)
    assert answer.status_code == 201, answer.text


def reads(client: TestClient, headers: dict[str, str]) -> dict[str, tuple[int, Any]]:
    """What somebody is answered everywhere, without the counts that a progress bar needs."""
    found = {}
    for what in READS:
        answer = client.get(f"{P}/{what}", headers=headers)
        found[what] = answer.status_code, answer.json()
    return found


def test_no_answer_differs_by_what_the_other_said_blind(client: TestClient) -> None:
    """One coder's answers would reach the other, and the agreement would be worth nothing."""
    decide(client, BEN, "review", segment="mira.txt:74-90", codes=["late"])
    before = reads(client, BEN)
    assert before["segments?code=forms"][0] == 200
    decide(client, ANA, "review", segment="mira.txt:56-73", codes=["forms"])
    decide(client, ANA, "review", segment="mira.txt:74-90", codes=["tea"])
    decide(client, ANA, "reject", spans=["leila.txt:31-46"], code="late")
    decide(client, ANA, "code", spans=["omar.txt:10-20"], code="forms")
    decide(client, ANA, "memo", about="segment:mira.txt:56-73", text="Clearly about forms.")
    decide(client, ANA, "quote", span="mira.txt:56-73", note="Quote this on forms.")
    decide(client, ANA, "resolve", segment="leila.txt:47-56", code="tea", carries=True)
    client.post(f"{P}/undo", json={}, headers=ANA)
    after = reads(client, BEN)
    names = {"coders"}  # that Ana is there is no secret
    assert {what: rows for what, rows in after.items() if what not in names} == {
        what: rows for what, rows in before.items() if what not in names | {"manifest"}
    } | {"manifest": after["manifest"]}
    assert after["manifest"][1]["decisions_by_people"] >= before["manifest"][1]["decisions_by_people"]
    said = json.dumps([rows for what, rows in after.items() if what not in names])
    assert "Clearly about forms" not in said
    assert "Quote this on forms" not in said


def test_others_see_it_and_after_release_all_do(client: TestClient) -> None:
    decide(client, ANA, "review", segment="mira.txt:56-73", codes=["forms"])
    mine = client.get(f"{P}/codings?coder=ana", headers=ANA).json()["items"]
    assert [row["code"] for row in mine] == ["forms"]
    assert client.get(f"{P}/codings?coder=ana", headers=EVA).json()["items"] == mine
    assert client.get(f"{P}/codings?coder=ana", headers=BEN).json()["items"] == []
    assert client.get(f"{P}/agreement?sample=r", headers=BEN).status_code == 422
    assert client.post(f"{P}/samples/r/release", headers=EVA).json()["status"] == "released"
    assert client.get(f"{P}/codings?coder=ana", headers=BEN).json()["items"] == mine
    decide(client, BEN, "review", segment="mira.txt:56-73", codes=["tea"])
    (one, two) = client.get(f"{P}/disagreements", headers=BEN).json()["items"]
    assert {(row["code"], *row["yes"], *row["no"]) for row in (one, two)} == {
        ("forms", "ana", "ben"),
        ("tea", "ben", "ana"),
    }
    assert client.get(f"{P}/agreement", headers=BEN).json()["items"][0]["percent"]["estimate"] == 0


def test_blind_coder_is_not_made_to_reject_what_she_was_never_shown(client: TestClient) -> None:
    """The machine's suggestions would count as rejected by somebody who did not see them."""
    for _ in range(3):
        (one,) = client.get(f"{P}/review?sample=r&n=1", headers=BEN).json()["items"]
        assert one["suggestions"] == []
        decide(client, BEN, "review", segment=one["segment"], codes=["late"])
    statuses = {row["status"] for row in client.get(f"{P}/codings?coder=ben", headers=BEN).json()["items"]}
    assert statuses == {"accepted"}


def test_cached_answer_of_one_coder_is_not_given_to_another(client: TestClient) -> None:
    decide(client, ANA, "review", segment="mira.txt:56-73", codes=["forms"])
    tag = client.get(f"{P}/codings", headers=ANA).headers["etag"]
    answer = client.get(f"{P}/codings", headers={**BEN, "If-None-Match": tag})
    assert (answer.status_code, answer.headers["vary"]) == (200, "Accept, Authorization, Cookie, X-Textcoder-Coder")


def test_preview_counts_nothing_that_is_blind(client: TestClient) -> None:
    body = {"verb": "merge", "codes": ["forms"], "into": "late"}
    decide(client, ANA, "review", segment="mira.txt:56-73", codes=["forms"])
    shown = {
        who["X-Textcoder-Coder"]: client.post(f"{P}/decisions?dry_run=true", json=body, headers=who).json()["codings"]
        for who in (ANA, BEN, EVA)
    }
    assert shown == {"ana": 1, "ben": 0, "eva": 1}
