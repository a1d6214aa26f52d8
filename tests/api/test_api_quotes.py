"""The words that people chose for the report, and the versions of the codebook, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, serving

ANA, BEN = ({"X-Textcoder-Coder": name} for name in ("ana", "ben"))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path / "desk") as client:
        yield client


def decide(client: TestClient, headers: dict[str, str], verb: str, **body: Any) -> None:
    answer = client.post(f"{P}/decisions", json={"verb": verb, **body}, headers=headers)
    assert answer.status_code == 201, answer.text


def quotes(client: TestClient) -> list[dict[str, Any]]:
    answer = client.get(f"{P}/quotes")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["items"]
    return rows


def test_what_the_team_chose_is_one_list_with_exact_sources(client: TestClient) -> None:
    """A report would quote words that nobody can find again, or that stand under another code by now."""
    decide(client, ANA, "quote", span="mira.txt:56-73", note="How long they are.")
    decide(client, BEN, "quote", span="omar.txt:6-46", place=0.5)
    decide(client, BEN, "accept", spans=["mira.txt:56-73"], code="tea")
    first, second = quotes(client)
    assert (first["file"], first["case"], first["coder"]) == ("omar.txt", "Omar", "ben")
    assert second["text"] == "The form is long."
    assert second["attributes"] == {"group": "service user", "site": "North", "wave": "1"}
    assert (second["page"], second["note"]) == (2, "How long they are.")
    assert "tea" in second["codes"]
    pages = client.get(f"{P}/quotes?limit=1").json()
    assert client.get(f"{P}/quotes?limit=1&cursor={pages['next']}").json()["items"] == [second]
    decide(client, ANA, "unquote", spans=["omar.txt:6-46"])
    assert quotes(client) == [second]
    assert client.post(f"{P}/undo", json={}, headers=ANA).is_success
    assert [row["file"] for row in quotes(client)] == ["omar.txt", "mira.txt"]


@pytest.mark.parametrize(
    "body",
    [
        {"verb": "quote", "span": "mira.txt:5000-6000"},
        {"verb": "quote", "span": "nobody.txt:0-5"},
        {"verb": "quote", "span": "mira.txt:56-73", "place": 1e300},
        {"verb": "unquote", "spans": []},
    ],
)
def test_words_that_are_nowhere_are_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post(f"{P}/decisions", json=body, headers=ANA).status_code in (404, 422)
    assert quotes(client) == []


def test_versions_name_the_acts_that_made_them_and_can_be_compared(client: TestClient) -> None:
    """Nobody would know which of forty versions is the one before Tuesday's merge."""
    decide(client, ANA, "quote", span="mira.txt:56-73")
    decide(client, BEN, "rename", code="tea", name="Tea and company")
    last = client.get(f"{P}/codebook/versions").json()["items"]
    assert [(row["version"], row["coder"]) for row in last] == [(1, "ana"), (2, "ana"), (3, "ana"), (4, "ben")]
    assert '"Tea together" to "Tea and company"' in last[-1]["sentence"]
    (change,) = client.get(f"{P}/codebook/diff?before=3&after=4").json()["items"]
    assert change["fields"] == ["name"]
    story = client.get(f"{P}/codes/tea").json()["lineage"]
    client.post(f"{P}/undo", json={"act": story[-1]["act"]}, headers=ANA)
    told = client.get(f"{P}/codes/tea").json()["lineage"]
    assert [row["undone_by"] for row in told] == [0, told[-1]["act"], 0]


def test_missing_voices_are_counted_by_the_service(client: TestClient) -> None:
    """Page, report and command line would each have their own idea of whose voice is missing."""
    assert client.get(f"{P}/quotes/voices").json()["quotations"] == 0
    for span in ("mira.txt:28-55", "mira.txt:56-73", "mira.txt:74-90", "omar.txt:6-46"):
        decide(client, ANA, "quote", span=span)
    heard = client.get(f"{P}/quotes/voices").json()
    assert (heard["quotations"], heard["people"], heard["asked"]) == (4, 2, 3)
    assert heard["loud"] == [{"case": "Mira", "name": "Mira", "quotations": 3, "share": 0.75}]
    assert [(one["value"], one["quotations"], one["asked"]) for one in heard["by"]["wave"]] == [
        ("1", 3, 1),
        ("2", 1, 2),
    ]
    assert heard["silent"] == ["Leila"]
    decide(client, BEN, "unquote", spans=["omar.txt:6-46"])
    assert client.get(f"{P}/quotes/voices").json()["people"] == 1


def test_what_a_colleague_chose_of_a_blind_sample_counts_nowhere(client: TestClient) -> None:
    """Her choice of words tells how she reads them."""
    segments = client.get(f"{P}/segments").json()["items"]
    decide(client, BEN, "quote", span="mira.txt:56-73")
    client.post(f"{P}/samples", json={"name": "blind", "n": len(segments), "coders": ["ana", "ben"]}, headers=BEN)
    for headers, n in ((ANA, 0), (BEN, 1)):
        assert client.get(f"{P}/quotes/voices", headers=headers).json()["quotations"] == n
        text = client.get(f"{P}/exports/quotations", headers=headers).text
        assert text.count("The form is long.") == n


def test_the_collection_leaves_as_word_workbook_page_and_table(client: TestClient) -> None:
    decide(client, ANA, "quote", span="mira.txt:56-73", note="How long they are.")
    for kind, start in (("", b"\xef\xbb\xbf"), ("-docx", b"PK"), ("-xlsx", b"PK"), ("-html", b"<!doctype")):
        answer = client.get(f"{P}/exports/quotations{kind}")
        assert answer.status_code == 200 and answer.content.startswith(start)
        assert (
            f'filename="quotations_chosen.{kind.removeprefix("-") or "csv"}"' in answer.headers["content-disposition"]
        )
        assert client.get(f"{P}/exports/quotations{kind}").content == answer.content
