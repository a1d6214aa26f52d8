"""Corrected figures over HTTP: by which sample, of whom, how sure, and what is said where nothing corrects."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, serving

ANA = {"X-Textcoder-Coder": "ana"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with serving(tmp_path / "desk") as client:
        yield client


def sampled(client: TestClient, *, people: bool = False, release: bool = True) -> None:
    """Everything is drawn, coded by Ana by its words, and released."""
    n = 3 if people else len(client.get(f"{P}/segments?limit=100").json()["items"])
    body = {"name": "r", "n": n, "coders": ["ana"], "people": people, "seed": 3}
    made = client.post(f"{P}/samples", json=body, headers=ANA)
    assert made.status_code == 201 and made.json()["people"] is people, made.text
    for segment in client.get(f"{P}/segments?fields=id,text&limit=100").json()["items"]:
        codes = ["late"] if "Nobody answers" in segment["text"] else []
        review = {"verb": "review", "segment": segment["id"], "codes": codes}
        assert client.post(f"{P}/decisions", json=review, headers=ANA).status_code == 201
    if release:
        assert client.post(f"{P}/samples/r/release", headers=ANA).status_code == 200


def test_without_a_sample_figures_say_that_they_are_uncorrected(client: TestClient) -> None:
    """A script would take the machine's share for a corrected one."""
    for of in ("segments", "people"):
        found = client.get(f"{P}/prevalence?of={of}&minimum_people=0").json()
        assert found["sample"] == "" and "uncorrected" in found["note"]
        assert {row["overall"]["value"] for row in found["rows"] if row["overall"]} == {None}
    assert "uncorrected" in client.get(f"{P}/errors").json()["note"]


def test_everything_coded_gives_what_people_said(client: TestClient) -> None:
    """Where people coded everything the figure must be theirs; a corrected share must not be the machine's."""
    sampled(client)
    found = client.get(f"{P}/prevalence?minimum_people=0&by=wave&code=late").json()
    (row,) = found["rows"]
    segments = client.get(f"{P}/segments?fields=id,text,wave&limit=100").json()["items"]
    said = ["Nobody answers" in one["text"] for one in segments]
    assert row["overall"]["value"] == pytest.approx(sum(said) / len(said))
    assert row["overall"]["low"] < row["overall"]["value"] < row["overall"]["high"]
    assert found["columns"] == [["1"], ["2"]] and found["sample"] == "r"
    one_person, two = row["cells"]
    assert one_person["value"] is None and "fewer than two people" in one_person["note"]
    assert two["value"] is not None and two["people"] == 2


def test_whole_people_are_drawn_and_their_share_is_given(client: TestClient) -> None:
    """How many people say it could not be asked over HTTP."""
    sampled(client, people=True)
    found = client.get(f"{P}/prevalence?of=people&minimum_people=0&code=late").json()
    assert found["rows"][0]["overall"]["value"] == pytest.approx(2 / 3)
    assert found["rows"][0]["overall"]["people_sampled"] == 3


def test_small_cells_are_null_and_csv_has_a_row_for_each_cell(client: TestClient) -> None:
    """One person's share could be read off the table; and an evaluator would type it over."""
    sampled(client)
    found = client.get(f"{P}/prevalence?by=wave").json()
    assert {cell for row in found["rows"] for cell in row["cells"]} == {None}
    answer = client.get(f"{P}/prevalence?by=wave&minimum_people=0", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 3 * 3 and {row["wave"] for row in rows} == {"", "1", "2"}
    errors = client.get(f"{P}/errors?by=group", headers={"Accept": "text/csv"})
    assert {row["error"] for row in csv.DictReader(io.StringIO(errors.text))} == {"missed", "false", "net"}


def test_errors_say_what_they_mean_for_a_comparison(client: TestClient) -> None:
    """Rates of error would be left to the reader to think through."""
    sampled(client)
    found = client.get(f"{P}/errors?by=site&code=late").json()
    assert found["comparisons"] == sum(one["p"] is not None for one in found["tests"])
    assert [one["kind"] for one in found["tests"]] == ["missed", "false", "net"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("prevalence?sample=r", 422, "still coded blind"),
        ("prevalence?sample=nothing", 404, "nothing"),
        ("prevalence?by=planet", 404, "planet"),
        ("prevalence?code=hope", 404, "hope"),
        ("prevalence?of=houses", 422, "of"),
        ("prevalence?planet=mars", 404, "planet"),
        ("errors?by=planet", 404, "planet"),
        ("errors?at=2", 422, "at"),
    ],
)
def test_slips_are_explained(client: TestClient, asked: str, status: int, said: str) -> None:
    """A misspelt attribute would answer about everybody."""
    sampled(client, release=False)
    answer = client.get(f"{P}/{asked}")
    assert answer.status_code == status, answer.text
    assert said in answer.text
