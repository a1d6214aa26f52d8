"""How people code beside each other, and the machine beside people, over HTTP; nobody learns what she still codes blind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, serving

ANA, BEN = {"X-Textcoder-Coder": "ana"}, {"X-Textcoder-Coder": "ben"}


def review(client: TestClient, coder: str, segment: str, *codes: str) -> None:
    body = {"verb": "review", "segment": segment, "codes": list(codes)}
    answer = client.post(f"{P}/decisions", json=body, headers={"X-Textcoder-Coder": coder})
    assert answer.status_code == 201, answer.text


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Ana and Ben have coded everything; Ben says "forms" where Ana says "late" once, and "tea" once where she says nothing."""
    with serving(tmp_path / "desk") as client:
        for segment in segments(client):
            codes = [
                code
                for code, word in (("late", "answers"), ("forms", "form"), ("tea", "ea"))
                if word in segment["text"]
            ]
            review(client, "ana", segment["id"], *codes)
            hers = ["forms"] if segment["text"] == "Nobody answers." else codes
            review(client, "ben", segment["id"], *(["tea"] if segment["text"] == "It rains." else hers))
        yield client


def segments(client: TestClient) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get(f"{P}/segments?fields=id,text&limit=100").json()["items"]
    return found


def test_every_measure_comes_with_its_source_and_what_to_beware_of(client: TestClient) -> None:
    """A kappa by itself can be attacked; with AC1, positive agreement and the warning it can be read."""
    rows = {row["code"]: row for row in client.get(f"{P}/agreement").json()["items"]}
    late = rows["late"]
    assert {"ac1", "fleiss", "scott", "positive", "negative", "pabak", "prevalence", "bias"} <= set(late["measures"])
    assert "Gwet (2008)" in late["measures"]["ac1"]["method"]
    (pair,) = late["pairs"]
    assert late["measures"]["positive"]["estimate"] == 2 * pair["both_yes"] / (2 * pair["both_yes"] + pair["only_a"])
    assert late["reading"]
    assert any("given only" in warning for warning in late["warnings"])


def test_confusion_opens_the_segments_behind_each_number(client: TestClient) -> None:
    """Nobody could look at what two codes are taken for each other on."""
    rows = {row["code"]: row for row in client.get(f"{P}/agreement/confusion?a=ana&b=ben").json()["items"]}
    assert rows["late"]["instead"] == [{"code": "forms", "name": "Forms", "times": 1}]
    asked = f"{P}/agreement/units?code=late&a=ana&b=ben&cell=only_a&instead=forms"
    (one,) = client.get(asked).json()["items"]
    assert (one["text"], one["a"], one["b"]) == ("Nobody answers.", ["late"], ["forms"])
    pair = next(row for row in client.get(f"{P}/agreement").json()["items"] if row["code"] == "late")["pairs"][0]
    for cell in ("both_yes", "only_a", "only_b", "both_no"):
        name = {"both_yes": "both", "both_no": "neither"}.get(cell, cell)
        behind = client.get(f"{P}/agreement/units?code=late&a=ana&b=ben&cell={name}&limit=100").json()["items"]
        assert len(behind) == pair[cell]


def test_sets_spans_and_time(client: TestClient) -> None:
    sets = client.get(f"{P}/agreement/sets").json()
    assert {row["distance"] for row in sets["alphas"]} == {"nominal", "jaccard", "masi"}
    assert sets["units"] == len(segments(client))
    spans = client.get(f"{P}/agreement/spans").json()
    assert 0 < spans["coding"]["estimate"] < 1
    assert spans["unitising"]["estimate"] < 1
    assert sum(spans["marked"].values()) < 2 * spans["characters"]
    over_time = client.get(f"{P}/agreement/over-time").json()
    assert [period["units"] for period in over_time["periods"]] == [4, 4, 3] or over_time["periods"]
    assert {course["of"] for course in over_time["coders"]} == {"ana", "ben"}


def test_the_machine_stands_beside_people_on_words_that_it_has_not_learned_from(client: TestClient) -> None:
    """A machine that is judged by what it was taught would look better than people."""
    found = client.get(f"{P}/ceiling").json()
    assert "Cross-fitted over persons: 3 machines" in found["way"]
    assert "Too little to say" in found["rule"]
    rows = {row["code"]: row for row in found["codes"]}
    assert {row["verdict"] for row in rows.values()} == {"too little to say"}, "three people are too few for a verdict"
    assert rows["late"]["uses"] == 3
    assert rows["late"]["advice"].endswith("more coded segments.")
    behind = client.get(f"{P}/agreement/units?code=late&a=ana&b=machine&cell=only_a&limit=100").json()["items"]
    given = client.get(f"{P}/agreement/units?code=late&a=ana&b=machine&cell=both&limit=100").json()["items"]
    assert len(behind) + len(given) == 2, "Ana gave it twice"


def test_a_study_of_one_coder_is_told_so_calmly(tmp_path: Path) -> None:
    with serving(tmp_path / "desk") as client:
        review(client, "ana", segments(client)[0]["id"], "late")
        for part in ("sets", "spans"):
            found = client.get(f"{P}/agreement/{part}").json()
            assert "ana codes alone" in found["note"]
        assert "one person" in client.get(f"{P}/ceiling").json()["note"]
        assert client.get(f"{P}/agreement/confusion").json()["items"] == []


def test_what_is_coded_blind_is_in_none_of_the_answers(client: TestClient) -> None:
    """One coder's answers would reach the other through a count, and the agreement would be worth nothing."""
    before = {part: client.get(f"{P}/{part}", headers=BEN).json() for part in PARTS}
    body = {"name": "r", "n": 11, "coders": ["ana", "ben"], "seed": 1}
    assert client.post(f"{P}/samples", json=body, headers=ANA).status_code == 201
    for part in PARTS:
        assert client.get(f"{P}/{part}", headers=BEN).json() != before[part], part
    assert client.get(f"{P}/agreement/units?code=late&a=ben&b=ana&cell=only_b", headers=BEN).status_code == 404
    for part in ("agreement/sets", "agreement/spans", "agreement/confusion", "ceiling"):
        assert client.get(f"{P}/{part}?sample=r", headers=BEN).status_code == 422, part


PARTS = ("agreement/sets", "agreement/spans", "agreement/confusion", "agreement/over-time", "ceiling")


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("agreement/units?code=late&a=ana&b=eva&cell=both", 404, "eva"),
        ("agreement/units?code=nothing&a=ana&b=ben&cell=both", 404, "nothing"),
        ("agreement/units?code=late&a=ana&b=ben&cell=some", 422, "cell"),
        ("agreement/sets?sample=none", 404, "none"),
        ("agreement/confusion?a=eva", 404, "eva"),
        ("ceiling?planet=mars", 422, "planet"),
    ],
)
def test_what_cannot_be_answered_says_why(client: TestClient, asked: str, status: int, words: str) -> None:
    answer = client.get(f"{P}/{asked}")
    assert answer.status_code == status, answer.text
    assert words in answer.text
