"""REFI-QDA over HTTP: a project goes out whole to owners who may see it all, and comes in as a job that first says what it would bring."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, bearer, desk_url, jobs_folder, serving, working
from tests.refi import twins
from textcoder.domain.account import Access
from textcoder.refi.read import read_project
from textcoder.store import open_catalogue

ANA, BEN, EVA = ({"X-Textcoder-Coder": name} for name in ("ana", "ben", "eva"))


def send(client: TestClient, name: str, data: bytes, *, dry_run: bool = False, **more: Any) -> Any:
    asked = "?dry_run=true" if dry_run else ""
    return client.post(f"{P}/refi{asked}", files={"source": (name, data)}, **more)


def finished(folder: Path, client: TestClient, answer: Any) -> tuple[Any, Any]:
    """The job once it is over, and its report if it has one."""
    assert answer.status_code == 202, answer.text
    with working(folder) as worker:
        worker.work_off()
    place = answer.headers["Location"]
    found = client.get(f"{place}/result")
    return client.get(place).json(), found.json() if found.status_code == 200 else None


def stamp(folder: Path) -> object:
    """All that a project holds, as one value."""
    catalogue = open_catalogue(desk_url(folder))
    store = catalogue.open_project("study")
    held = store.decisions(), store.transcripts(), store.files(), store.cases(), store.coders(), store.project()
    store.close()
    catalogue.close()
    return held


def test_a_project_goes_out_as_others_read_it_and_comes_back_as_it_is(client: TestClient, folder: Path) -> None:
    """A study could not leave the service, or would come back as a second one."""
    answer = client.get(f"{P}/refi/project", params={"profile": "maxqda"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert 'filename="project.qdpx"' in answer.headers["content-disposition"]
    picture = read_project(answer.content, "p.qdpx").picture
    assert sorted(source.name.removesuffix(".txt") for source in picture.sources) == ["leila", "mira", "omar"]
    assert client.get(f"{P}/refi/project", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200
    assert client.get(str(answer.url), headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    plain = client.get(f"{P}/refi/project", params={"plain": True}).content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as full, zipfile.ZipFile(io.BytesIO(plain)) as bare:
        assert "textcoder.json" in full.namelist()
        assert "textcoder.json" not in bare.namelist()
    job, report = finished(folder, client, send(client, "back.qdpx", plain))
    assert (job["error"], job["result"]["transcripts"], report["codes"], report["findings"]) == ("", 0, 0, [])
    assert client.get(f"{P}/refi/project", params={"profile": "word"}).status_code == 422


def test_between_two_services_nothing_is_lost(client: TestClient, folder: Path) -> None:
    """Who decided what, and when, would stay behind."""
    for project in ("here", "there"):
        assert client.post("/api/v1/projects", json={"id": project, "name": project}).status_code == 201
    taken = client.post("/api/v1/projects/here/refi", files={"source": ("theirs.qdpx", twins.nvivo())})
    assert finished(folder, client, taken)[0]["status"] == "done"
    whole = client.get("/api/v1/projects/here/refi/project").content
    for how in ("restored", "known"):
        brought = client.post("/api/v1/projects/there/refi", files={"source": ("here.qdpx", whole)})
        assert finished(folder, client, brought)[1]["how"] == how
    here, there = (client.get(f"/api/v1/projects/{project}/decisions").json() for project in ("here", "there"))
    assert here["items"] and here == there
    back = client.get("/api/v1/projects/there/refi/project").content
    assert read_project(back, "p.qdpx").picture == read_project(whole, "p.qdpx").picture


def test_the_codebook_goes_out_and_what_another_program_wrote_comes_in(client: TestClient, folder: Path) -> None:
    data = client.get(f"{P}/refi/codebook").content
    assert b"Nobody answers" in data
    theirs = data.replace(b"Nobody answers", b"Nobody picks up")
    job, report = finished(folder, client, send(client, "book.qdc", theirs, headers=ANA))
    assert (job["status"], job["coder"], report["codes"]) == ("done", "ana", 1)
    assert "Nobody picks up" in {one["name"] for one in client.get(f"{P}/codes").json()["items"]}


def test_a_look_ahead_tells_all_and_changes_nothing(client: TestClient, folder: Path) -> None:
    """Whoever only wants to know what an archive holds would find her study full of it."""
    before = stamp(folder)
    job, foreseen = finished(folder, client, send(client, "theirs.qdpx", twins.nvivo(), dry_run=True))
    assert (job["status"], job["arguments"]["dry_run"]) == ("done", True)
    assert stamp(folder) == before
    assert (foreseen["transcripts"], foreseen["codings"], foreseen["coders"]) == (1, 4, ["Ana"])
    done, report = finished(folder, client, send(client, "theirs.qdpx", twins.nvivo()))
    assert {k: v for k, v in done["result"].items() if k != "bytes"} == job["result"]
    assert [(one["became"], one["item"]) for one in report["findings"]] == [
        (one["became"], one["item"]) for one in foreseen["findings"]
    ]
    assert sum(one["coder"] == "Ana" for one in client.get(f"{P}/codings").json()["items"]) == 4
    again, _ = finished(folder, client, send(client, "theirs.qdpx", twins.nvivo()))
    assert (again["result"]["transcripts"], again["result"]["codings"], again["result"]["same"]) == (0, 0, 4)
    assert not [path for path in jobs_folder(folder).rglob("*.qdpx")], "the upload was kept"


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_broken_fails_in_one_sentence_and_changes_nothing(
    client: TestClient, folder: Path, dry_run: bool
) -> None:
    before = stamp(folder)
    job, report = finished(folder, client, send(client, "broken.qdpx", twins.nvivo()[:-100], dry_run=dry_run))
    assert (job["status"], report) == ("failed", None)
    assert job["error"].startswith("broken.qdpx: ") and str(folder) not in job["error"]
    assert stamp(folder) == before
    for name in ("project.zip", "book.yaml", "in/p.qdpx"):
        assert send(client, name, twins.nvivo()).status_code == 422
    assert client.post(f"{P}/refi", json={}).status_code == 415


def test_who_codes_blind_gets_no_project_and_learns_nothing_from_sending_one(client: TestClient, folder: Path) -> None:
    """An archive holds what the other coder said; a count of codings that stand here already tells it, too."""
    body = {"name": "r", "n": 11, "coders": ["ana", "ben"], "seed": 3}
    assert client.post(f"{P}/samples", json=body, headers=EVA).status_code == 201
    decision = {"verb": "review", "segment": "mira.txt:56-73", "codes": ["forms"]}
    assert client.post(f"{P}/decisions", json=decision, headers=BEN).status_code == 201
    whole = client.get(f"{P}/refi/project", headers=EVA)
    assert whole.status_code == 200, "eva codes no part of the sample"
    refused = client.get(f"{P}/refi/project", headers=ANA)
    assert (refused.status_code, "blind" in refused.json()["detail"]) == (422, True)
    assert client.get(f"{P}/refi/codebook", headers=ANA).status_code == 200
    for dry_run in (True, False):
        job, report = finished(folder, client, send(client, "p.qdpx", whole.content, dry_run=dry_run, headers=ANA))
        assert (job["status"], "blind" in job["error"], report) == ("failed", True, None)
    foreseen = send(client, "p.qdpx", whole.content, dry_run=True, headers=EVA)
    finished(folder, client, foreseen)
    assert client.get(f"{foreseen.headers['Location']}/result", headers=ANA).status_code == 422
    assert client.post(f"{P}/samples/r/release", headers=EVA).status_code == 200
    assert client.get(f"{P}/refi/project", headers=ANA).status_code == 200


def test_only_owners_take_a_project_away_or_bring_one(tmp_path: Path) -> None:
    """A coder would carry off every text; one who was an owner would go on to, out of what was answered before."""
    with serving(tmp_path / "team", people=True) as team:
        for name, status in (("ana", 200), ("adam", 200), ("ben", 403), ("rea", 403), ("eva", 404)):
            assert team.get(f"{P}/refi/project", headers=bearer(name)).status_code == status, name
            sent = send(team, "p.qdpx", twins.nvivo(), dry_run=True, headers=bearer(name))
            assert sent.status_code == {200: 202}.get(status, status), name
        assert team.get(f"{P}/refi/codebook", headers=bearer("rea")).status_code == 200
        catalogue = open_catalogue(desk_url(tmp_path / "team"), create=False)
        catalogue.accounts.set_access("rea", "study", Access.OWNER)
        catalogue.accounts.set_access("ana", "study", Access.CODER)
        catalogue.close()
        assert team.get(f"{P}/refi/project", headers=bearer("ana")).status_code == 403


def test_the_report_holds_no_words_of_people(client: TestClient, folder: Path) -> None:
    """Results of jobs are answered to every reader, and lie in a folder for a week."""
    _, report = finished(folder, client, send(client, "theirs.qdpx", twins.atlasti(), dry_run=True))
    said = json.dumps(report, ensure_ascii=False)
    assert not [words for words in twins.QUOTED if words in said]
