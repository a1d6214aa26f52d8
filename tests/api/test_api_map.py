"""The map of segments by meaning, and what no theme holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, desk_url, serving
from textcoder.store import open_store
from textcoder.workflow import mapping

ANA, BEN, EVA = ({"X-Textcoder-Coder": name} for name in ("ana", "ben", "eva"))


def test_map_has_a_place_for_every_segment_and_theme(tmp_path: Path) -> None:
    with serving(tmp_path / "desk") as client:
        found = client.get(f"{P}/map").json()
        segments = client.get(f"{P}/segments").json()["items"]
        themes = {row["id"]: row for row in client.get(f"{P}/themes").json()["items"]}
    # In the order of the store: ids are what ties the columns to anything.
    assert set(found["segments"]) == {row["id"] for row in segments}
    assert {len(found[column]) for column in ("segments", "x", "y", "lens", "theme")} == {len(segments)}
    assert max(map(abs, found["x"] + found["y"])) <= 1
    assert {one["theme"] for one in found["themes"]} == set(themes)
    for number, one in enumerate(found["themes"]):
        assert found["theme"].count(number) == themes[one["theme"]]["segments"]
        assert one["nearest"] == [other for other in themes if other != one["theme"]]
    lenses = {id_: found["lenses"][lens] for id_, lens in zip(found["segments"], found["lens"], strict=True)}
    assert all(lenses[row["id"]] == ("none" if row["abstained"] else row["lens"] or "none") for row in segments)


def test_map_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody would wait for seconds each time it is opened."""
    drawn = []
    real = mapping.Sketch.draw

    def draw(self: mapping.Sketch) -> mapping.SegmentMap:
        drawn.append(self.key)
        return real(self)

    monkeypatch.setattr(mapping.Sketch, "draw", draw)
    with serving(tmp_path / "desk") as client:
        first = client.get(f"{P}/map")
        body = {"verb": "accept", "spans": ["mira.txt:56-73"], "code": "forms"}
        assert client.post(f"{P}/decisions", json=body).status_code == 201
        assert client.get(f"{P}/map").json() == first.json()
        assert client.get(f"{P}/map", headers={"If-None-Match": first.headers["etag"]}).status_code in (200, 304)
    with serving(tmp_path / "desk") as client:  # another process, say after a restart
        assert client.get(f"{P}/map").json() == first.json()
    assert len(drawn) == 1


def test_map_is_drawn_anew_for_another_run(tmp_path: Path) -> None:
    """Themes would be shown where those of the last run were."""
    with serving(tmp_path / "desk") as client:
        client.get(f"{P}/map")
    store = open_store(desk_url(tmp_path / "desk"))
    before = store.value(mapping.KEPT)["key"]
    store.finish("themes", "another run")
    store.close()
    with serving(tmp_path / "desk") as client:
        client.get(f"{P}/map")
    store = open_store(desk_url(tmp_path / "desk"))
    assert store.value(mapping.KEPT)["key"] != before
    store.close()


def test_map_of_a_project_that_was_not_coded_is_empty(tmp_path: Path) -> None:
    with serving(tmp_path / "desk") as client:
        client.post("/api/v1/projects", json={"id": "new", "name": "New"})
        found = client.get("/api/v1/projects/new/map").json()
    assert found["segments"] == found["x"] == found["themes"] == []


def loose(client: TestClient, headers: dict[str, str] | None = None, **asked: str) -> dict[str, list[str]]:
    answer = client.get(f"{P}/unassigned", params=asked, headers=headers or {})
    assert answer.status_code == 200, answer.text
    return {row["id"]: row["codes"] for row in answer.json()["items"]}


def test_unassigned_segments_name_their_nearest_theme_and_what_people_gave_them(tmp_path: Path) -> None:
    with serving(tmp_path / "desk") as client:
        held = set(loose(client))
        members = [client.get(f"{P}/themes/{theme}").json()["members"] for theme in ("th0", "th1")]
        assert held and held.isdisjoint(segment for each in members for segment in each)
        row = client.get(f"{P}/unassigned?limit=1").json()["items"][0]
        assert row["nearest_name"] == client.get(f"{P}/themes/{row['nearest']}").json()["name"]
        first = row["id"]
        body = {"verb": "review", "segment": first, "codes": ["tea"]}
        assert client.post(f"{P}/decisions", json=body, headers=ANA).status_code == 201
        assert loose(client)[first] == ["tea"]
        assert set(loose(client, coded="true")) == {first}
        assert set(loose(client, coded="false")) == held - {first}
        assert client.get(f"{P}/unassigned?lens=nonsense").status_code == 404
        parts = []
        asked = f"{P}/unassigned?limit=2"
        cursor = None
        while True:
            part = client.get(asked + (f"&cursor={cursor}" if cursor else "")).json()
            parts += [row["id"] for row in part["items"]]
            cursor = part["next"]
            if cursor is None:
                break
        assert parts == list(loose(client))


def test_unassigned_and_map_tell_a_blind_coder_nothing(tmp_path: Path) -> None:
    """One coder's answers would reach the other, and the agreement would be worth nothing."""
    with serving(tmp_path / "desk") as client:
        sample = {"name": "r", "n": 11, "coders": ["ana", "ben"], "seed": 3}
        assert client.post(f"{P}/samples", json=sample, headers=EVA).status_code == 201
        before = loose(client, BEN), loose(client, BEN, coded="true"), client.get(f"{P}/map", headers=BEN).json()
        for segment in before[0]:
            body = {"verb": "review", "segment": segment, "codes": ["forms"]}
            assert client.post(f"{P}/decisions", json=body, headers=ANA).status_code == 201
        assert all(codes == ["forms"] for codes in loose(client, ANA).values())
        after = loose(client, BEN), loose(client, BEN, coded="true"), client.get(f"{P}/map", headers=BEN).json()
        assert after == before
