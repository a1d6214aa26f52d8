"""The evaluator's figures over HTTP: who was asked, by any attribute, in JSON and CSV, with small cells hidden."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, serving

ANA = {"X-Textcoder-Coder": "ana"}
SAID = "segment=mira.txt:28-55"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Two people have a coding by Ana: Mira (wave 1) and Leila (wave 2), who both say that nobody answers."""
    with serving(tmp_path / "desk") as client:
        segments = client.get(f"{P}/segments?fields=id,text&limit=100").json()["items"]
        held = [s["id"] for s in segments if "Nobody answers" in s["text"]]
        body = {"verb": "accept", "spans": held, "code": "late"}
        answer = client.post(f"{P}/decisions", json=body, headers=ANA)
        assert answer.status_code == 201, answer.text
        yield client


def cells(client: TestClient, asked: str) -> dict[str, list[tuple[int, int] | None]]:
    """Row name to how many said it of how many asked, everybody first."""
    answer = client.get(f"{P}/figures?people_only=true&{asked}")
    assert answer.status_code == 200, answer.text
    return {
        row["row"]["name"]: [c and (c["people"]["n"], c["people"]["of"]) for c in (row["overall"], *row["cells"])]
        for row in answer.json()["rows"]
    }


def test_figures_say_how_many_said_it_of_how_many_asked(client: TestClient) -> None:
    """A share without its denominator cannot be defended."""
    assert cells(client, "by=wave&minimum_people=0")["Nobody answers"] == [(2, 3), (1, 1), (1, 2)]
    assert cells(client, "by=wave&minimum_people=0&site=South")["Nobody answers"] == [(1, 2), None, (1, 2)], (
        "nobody was asked"
    )
    assert cells(client, "by=group&minimum_people=0&site=South&site=North")["Nobody answers"] == [
        (2, 3),
        (2, 2),
        (0, 1),
    ]
    assert cells(client, "file=mira.txt&minimum_people=0")["Nobody answers"] == [(1, 1)]


def test_cells_of_few_people_are_null(client: TestClient) -> None:
    """One person's answer could be read off a table."""
    assert cells(client, "by=wave")["Nobody answers"][1:] == [None, None]


def test_csv_has_a_row_for_each_code_and_cell(client: TestClient) -> None:
    """An evaluator would type figures over into a spreadsheet."""
    answer = client.get(f"{P}/figures?by=wave&minimum_people=0&people_only=true", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    late = [row for row in rows if row["name"] == "Nobody answers"]
    assert [(row["wave"], row["people"], row["asked"], row["mentions"]) for row in late] == [
        ("", "2", "3", "2"),
        ("1", "1", "1", "1"),
        ("2", "1", "2", "1"),
    ]


def test_a_figure_opens_into_its_exact_words_and_changes_are_compared(client: TestClient) -> None:
    """Nobody could look at what a figure rests on."""
    found = client.get(f"{P}/figures/quotations/late?people_only=true").json()
    assert {one["text"] for one in found["items"]} == {"Nobody answers after three.", "Nobody answers."}
    assert {one["coders"][0] for one in found["items"]} == {"ana"}
    change = client.get(f"{P}/figures/change?from_wave=1&to_wave=2&minimum_people=0&people_only=true").json()
    (late,) = [row for row in change["rows"] if row["row"]["name"] == "Nobody answers"]
    assert late["overall"]["difference"]["value"] == -0.5
    table = client.get(f"{P}/figures/matrix?people_only=true").json()
    assert sum(sum(row) for row in table["mentions"]) == 2
    assert client.get(f"{P}/figures/co-occurrence?minimum_people=0").status_code == 200


def test_figures_are_fresh_after_each_decision_and_not_sent_twice_before(client: TestClient) -> None:
    """An evaluator would defend yesterday's figure."""
    asked = f"{P}/figures?people_only=true&minimum_people=0"
    first = client.get(asked)
    assert client.get(asked, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    client.post(f"{P}/undo", json={}, headers=ANA)
    again = client.get(asked, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert again.json() != first.json()


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("figures?planet=mars", 404, "planet"),
        ("figures?by=a,b,c,d", 422, "up to 3"),
        ("figures?lens=hope", 404, "hope"),
        ("figures?unit=moods", 422, "unit"),
        ("figures?role=king", 422, "role"),
        ("figures?probability=2", 422, "probability"),
        ("figures/quotations/nothing", 404, "nothing"),
        ("figures/change?from_wave=1", 422, "to_wave"),
    ],
)
def test_what_cannot_be_answered_says_why(client: TestClient, asked: str, status: int, words: str) -> None:
    """A misspelt attribute would answer for everybody."""
    answer = client.get(f"{P}/{asked}")
    assert answer.status_code == status, answer.text
    assert words in answer.text
