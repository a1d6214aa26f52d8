"""The demo interviews become a study in one request, and only one; whoever may make no studies makes none of these either."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from tests.api.desk import bearer, desk_url, jobs_folder, serving
from textcoder.jobs.work import CASES
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow import Reading, import_files
from textcoder_api.routes.demo import demo_folder

DEMO, PROJECT = "/api/v1/demo", "/api/v1/projects/demo"
CORPUS = data_folder("corpora") / "demo"


def test_demo_is_a_study_with_its_interviews_on_the_way(client: TestClient, folder: Path) -> None:
    """Somebody new would have nothing to try the page on, or a study without people and waves."""
    answer = client.post(DEMO)
    assert answer.status_code == 202, answer.text
    job = client.get(answer.headers["Location"]).json()
    assert answer.headers["Location"] == f"{PROJECT}/jobs/{job['id']}"
    said = job["arguments"]
    assert (job["kind"], job["status"], said["code"], said["files"]) == ("import", "queued", True, 26)
    assert client.get(PROJECT).json()["name"] == "The Bridge: a synthetic demo study"
    sent = jobs_folder(folder) / job["id"]
    copies = {path.name: path.read_bytes() for path in (sent / "files").iterdir()}
    assert copies == {path.name: path.read_bytes() for path in (CORPUS / "interviews").iterdir()}
    (cases,) = (sent / CASES).iterdir()
    assert said["bytes"] == sum(map(len, copies.values())) + cases.stat().st_size
    # What the job would read: every interview finds its person and its wave in the table.
    store = open_store(desk_url(folder), project="demo")
    import_files(store, [sent / "files"], Settings(), reading=Reading(cases=cases))
    people = {case.id: case.attributes for case in store.cases()}
    assert all(attributes.get("group") for attributes in people.values())
    assert {one.wave for one in store.transcripts()} == {"1", "2", "3"}
    store.close()


def test_second_demo_is_refused_and_leaves_nothing(client: TestClient, folder: Path) -> None:
    """A second press of the button would mix two demos, or fill the disk."""
    first = client.post(DEMO).json()["id"]
    answer = client.post(DEMO)
    assert (answer.status_code, "already" in answer.json()["detail"]) == (409, True)
    assert answer.headers["content-type"] == "application/problem+json"
    assert [job["id"] for job in client.get(f"{PROJECT}/jobs").json()["items"]] == [first]
    assert [entry.name for entry in jobs_folder(folder).iterdir() if entry.is_dir()] == [first]


def test_demo_is_made_by_administrators_and_theirs(folder: Path) -> None:
    """Anybody of the team could fill the service; or nobody could open what was made."""
    with serving(folder, people=True) as team:
        assert team.post(DEMO).status_code == 401
        for name in ("ana", "eva"):
            assert team.post(DEMO, headers=bearer(name)).status_code == 403
        assert team.get(PROJECT, headers=bearer("adam")).status_code == 404
        answer = team.post(DEMO, headers=bearer("adam"))
        assert (answer.status_code, answer.json()["coder"]) == (202, "adam")
        members = team.get(f"{PROJECT}/members", headers=bearer("adam")).json()["items"]
        assert members == [{"account": "adam", "access": "owner"}]
        assert team.get(PROJECT, headers=bearer("ana")).status_code == 404


def test_missing_interviews_are_said_and_make_no_study(client: TestClient, tmp_path: Path) -> None:
    """A package without its data would leave an empty study that nobody can fill."""
    client.app.dependency_overrides[demo_folder] = lambda: tmp_path / "nothing"  # type: ignore[attr-defined]  # a FastAPI
    answer = client.post(DEMO)
    assert (answer.status_code, "not installed" in answer.json()["detail"]) == (503, True)
    assert client.get(PROJECT).status_code == 404
