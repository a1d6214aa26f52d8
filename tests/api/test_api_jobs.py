"""Long work over HTTP: accepted at once, followed, cancelled, done once; a wrong upload is refused and leaves nothing behind."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, desk_url, jobs_folder, serving, working
from textcoder.domain.job import JobStatus
from textcoder.jobs import work as kinds
from textcoder.store import open_catalogue
from textcoder_api import uploads

TALK = "Interviewer: What hinders?\nVera: The telephone is never answered. I gave up twice.\n"

ANSWERS = (
    "My sister drove me there and we waited all morning",
    "They sent the letter back because one page was missing",
    "In winter the bus does not come up to our village",
    "He explained every line of it to me with great patience",
)


def send(client: TestClient, *files: tuple[str, str | bytes], **more: Any) -> Any:
    """Upload transcripts."""
    options = {"data": {"options": json.dumps(more.pop("options"))}} if "options" in more else {}
    return client.post(
        f"{P}/files", files=[("files", (name, data, "text/plain")) for name, data in files], **options, **more
    )


def finished(folder: Path, client: TestClient, answer: Any) -> Any:
    """The job, once the worker has done all that waits."""
    assert answer.status_code == 202, answer.text
    with working(folder) as worker:
        worker.work_off()
    return client.get(answer.headers["Location"]).json()


def left(folder: Path) -> list[str]:
    """What lies in the folder of long work beside the queue and the lock."""
    path = jobs_folder(folder)
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir()) if path.exists() else []


# --- the four kinds ---------------------------------------------------------------------------------------------------------------------


def test_uploaded_files_are_read_under_the_names_they_were_sent_with(client: TestClient, folder: Path) -> None:
    """A wave that stands in the name of a folder would be lost."""
    answer = send(client, ("wave3/vera.txt", TALK), ("wave3/empty.txt", ""), options={"pattern": "wave{wave}/{case}"})
    job = answer.json()
    assert (job["kind"], job["status"], job["arguments"]["files"], job["coder"]) == (
        "import",
        "queued",
        2,
        "researcher",
    )
    done = finished(folder, client, answer)
    assert (done["status"], done["error"]) == ("done", "")
    assert done["result"]["files"]["read"] == 1
    assert any("empty.txt" in note for note in done["result"]["notes"])
    vera = next(one for one in client.get(f"{P}/transcripts").json()["items"] if one["name"] == "wave3/vera.txt")
    assert vera["wave"] == "3"
    said = [one["text"] for one in client.get(f"{P}/segments", params={"file": "wave3/vera.txt"}).json()["items"]]
    assert " ".join(said) == "The telephone is never answered. I gave up twice."
    assert left(folder) == [], "the upload was kept"


def test_a_file_sent_alone_is_a_transcript_whatever_its_name(client: TestClient, folder: Path) -> None:
    for name in ("notes/README.txt", "README.txt"):
        assert finished(folder, client, send(client, (name, TALK)))["status"] == "done"
    assert "README.txt" in {one["name"] for one in client.get(f"{P}/transcripts").json()["items"]}


def test_a_table_of_cases_comes_with_the_files(client: TestClient, folder: Path) -> None:
    parts = [("files", ("vera.txt", TALK)), ("cases", ("cases.csv", "file,case,group\nvera.txt,V1,volunteer\n"))]
    done = finished(folder, client, client.post(f"{P}/files", files=parts))
    assert done["status"] == "done", done
    assert client.get(f"{P}/cases/V1").json()["attributes"] == {"group": "volunteer"}


def test_a_wrong_table_fails_the_job_with_its_row(client: TestClient, folder: Path) -> None:
    parts = [("files", ("vera.txt", TALK)), ("cases", ("cases.csv", "who,case\nvera.txt,V1\n"))]
    done = finished(folder, client, client.post(f"{P}/files", files=parts))
    assert (done["status"], done["result"]) == ("failed", {})
    assert "cases.csv" in done["error"] and str(folder) not in done["error"]
    assert left(folder) == []


def test_a_report_can_be_downloaded_as_one_archive(client: TestClient, folder: Path) -> None:
    answer = client.post(f"{P}/jobs", json={"kind": "report"})
    place = answer.headers["Location"]
    assert client.get(f"{place}/result").status_code == 404
    assert finished(folder, client, answer)["status"] == "done"
    result = client.get(f"{place}/result")
    assert (result.status_code, result.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(result.content)) as archive:
        assert archive.testzip() is None
        assert {"report.html", "codings.csv", "segments.csv", "project.xlsx"} <= set(archive.namelist())


def test_a_report_shows_a_blind_coder_no_coding_of_others(client: TestClient, folder: Path) -> None:
    """Blind coding would end with a download."""
    segments = client.get(f"{P}/segments").json()["items"]
    client.post(f"{P}/samples", json={"name": "blind", "n": len(segments), "coders": ["ben", "eva"]})
    here = {"X-Textcoder-Coder": "ben"}
    code = client.get(f"{P}/codes").json()["items"][0]["id"]
    decision = {"verb": "review", "segment": segments[0]["id"], "codes": [code]}
    assert client.post(f"{P}/decisions", json=decision, headers={"X-Textcoder-Coder": "eva"}).status_code == 201
    hers, his = (
        client.post(f"{P}/jobs", json={"kind": "report"}, headers={"X-Textcoder-Coder": who}) for who in ("eva", "ben")
    )
    assert finished(folder, client, his)["status"] == "done"
    assert client.get(f"{hers.headers['Location']}/result", headers=here).status_code == 422
    with zipfile.ZipFile(io.BytesIO(client.get(f"{his.headers['Location']}/result", headers=here).content)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("codings.csv").decode("utf-8-sig"))))
    assert "eva" not in {row["coder_id"] for row in rows}
    exported = client.get(f"{P}/exports/codings", headers=here).text
    assert "eva" not in {row["coder_id"] for row in csv.DictReader(io.StringIO(exported.lstrip("\ufeff")))}
    all_rows = client.get(f"{P}/exports/codings", headers={"X-Textcoder-Coder": "eva"}).text
    assert "eva" in {row["coder_id"] for row in csv.DictReader(io.StringIO(all_rows.lstrip("\ufeff")))}


def test_work_of_another_desk_is_taken_in_and_conflicts_are_told(client: TestClient, folder: Path) -> None:
    mira = next(one for one in client.get(f"{P}/segments").json()["items"] if "rain" in one["text"])
    row = {"file": "leila.txt", "start": mira["start"], "end": mira["end"], "text": mira["text"], "code": "Rain"}
    more = {"lens": "barriers", "coder_id": "eva", "status": "accepted"}
    table = io.StringIO()
    writer = csv.DictWriter(table, [*row, *more])
    writer.writeheader()
    writer.writerow({**row, **more})
    writer.writerow({**row, **more, "file": "nobody.txt"})
    answer = client.post(
        f"{P}/merge",
        files={"source": ("codings.csv", table.getvalue())},
        data={"options": '{"rename": {"eva": "eva2"}}'},
        headers={"X-Textcoder-Coder": "ana"},
    )
    done = finished(folder, client, answer)
    assert done["result"] == {"codings": 1, "codes": 1, "same": 0, "conflicts": 1}
    merged = client.get(f"{answer.headers['Location']}/result").json()
    assert merged["codes"] == ["Rain"] and "nobody.txt" in merged["conflicts"][0]
    codings = client.get(f"{P}/codings", params={"coder": "eva2"}).json()["items"]
    assert [one["text"] for one in codings] == [mira["text"]]


def test_exports_are_what_stands_now_and_write_nothing(client: TestClient, folder: Path) -> None:
    """Looking at a table would change what the next one finds."""
    catalogue = open_catalogue(desk_url(folder))
    store = catalogue.open_project("study")
    before = store.codings(), store.finished("code"), store.finished("report")
    kinds = {"segments": b"\xef\xbb\xbf", "workbook": b"PK", "report": b"<!"}
    kinds |= dict.fromkeys(("report-docx", "report-markdown", "figures"), b"PK")
    for kind, start in kinds.items():
        answer = client.get(f"{P}/exports/{kind}")
        assert answer.status_code == 200 and answer.content.lstrip().startswith(start), kind
        assert answer.headers["content-disposition"].startswith("attachment; ")
        again = client.get(f"{P}/exports/{kind}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert (store.codings(), store.finished("code"), store.finished("report")) == before
    store.close()
    catalogue.close()
    assert client.get(f"{P}/exports/everything").status_code == 422


# --- following, cancelling, doing once ---------------------------------------------------------------------------------------------------


def events(text: str) -> list[Any]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


def test_events_tell_of_a_job_until_it_is_over(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = threading.Event()

    def slowly(task: kinds.Task) -> dict[str, Any]:
        task.progress("Thinking", 1, 2)
        assert followed.wait(30)
        return {"codes": 3}

    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, "code": slowly})
    place = client.post(f"{P}/jobs", json={"kind": "code"}).headers["Location"]
    with working(folder) as worker:
        thread = threading.Thread(target=worker.work_off)
        thread.start()
        while client.get(place).json()["stage"] != "Thinking":
            pass
        followed.set()
        answer = client.get(f"{place}/events")
        thread.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer.text)
    assert answer.text.startswith("event: job")
    assert (told[0]["stage"], told[0]["done"], told[0]["total"]) == ("Thinking", 1, 2)
    assert (told[-1]["status"], told[-1]["result"]) == ("done", {"codes": 3})


def test_events_of_a_job_that_is_not_there_are_a_problem(client: TestClient) -> None:
    assert client.get(f"{P}/jobs/none/events").status_code == 404
    assert client.get(f"{P}/jobs/none").status_code == 404
    assert client.post(f"{P}/jobs/none/cancel").status_code == 404


def test_events_end_when_the_service_stops(client: TestClient) -> None:
    """Nobody could stop a service that somebody watches."""
    place = client.post(f"{P}/jobs", json={"kind": "report"}).headers["Location"]
    client.app.state.stopping = lambda: True  # type: ignore[attr-defined]  # as `textcoder serve` sets it
    assert [one["status"] for one in events(client.get(f"{place}/events").text)] == ["queued"]


def test_a_job_that_waits_is_cancelled_at_once(client: TestClient, folder: Path) -> None:
    answer = send(client, ("vera.txt", TALK))
    cancelled = client.post(f"{answer.headers['Location']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    assert finished(folder, client, answer)["status"] == "cancelled"
    assert "vera.txt" not in {one["name"] for one in client.get(f"{P}/transcripts").json()["items"]}
    again = client.post(f"{answer.headers['Location']}/cancel")
    assert (again.status_code, again.json()["status"]) == (202, "cancelled")


def test_a_job_that_runs_stops_at_its_next_step(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def endlessly(task: kinds.Task) -> dict[str, Any]:
        while True:
            task.progress("Thinking", 0, 1)
            begun.set()

    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, "code": endlessly})
    place = client.post(f"{P}/jobs", json={"kind": "code"}).headers["Location"]
    with working(folder) as worker:
        thread = threading.Thread(target=worker.work_off)
        thread.start()
        assert begun.wait(30)
        assert client.post(f"{place}/cancel").json()["cancel"] is True
        thread.join(30)
    assert client.get(place).json()["status"] == "cancelled"


def test_what_goes_wrong_inside_tells_no_words(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A participant's words would stand in a log."""

    def badly(task: kinds.Task) -> dict[str, Any]:
        raise RuntimeError("Vera said: I gave up twice")

    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, "code": badly})
    done = finished(folder, client, client.post(f"{P}/jobs", json={"kind": "code"}))
    assert (done["status"], done["error"]) == (
        "failed",
        "Something went wrong inside; the log of the worker says where.",
    )
    assert "RuntimeError" in caplog.text and "badly" in caplog.text and "Vera" not in caplog.text


def test_what_is_sent_twice_under_one_key_is_one_job(client: TestClient, folder: Path) -> None:
    once = {"Idempotency-Key": "upload-1"}
    first, second = (send(client, ("vera.txt", TALK), headers=once) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert left(folder) == [first.json()["id"]]
    assert send(client, ("vera.txt", TALK + TALK), headers=once).status_code == 422
    assert client.post(f"{P}/jobs", json={"kind": "report"}, headers=once).status_code == 422
    other = client.post(f"{P}/jobs", json={"kind": "report"}, headers={"Idempotency-Key": "report-1"}).json()
    assert [one["id"] for one in client.get(f"{P}/jobs").json()["items"]] == [first.json()["id"], other["id"]]


def test_one_job_of_a_project_runs_at_a_time(client: TestClient, folder: Path) -> None:
    """Two runs would write over each other's themes."""
    first, second = (client.post(f"{P}/jobs", json={"kind": "report"}).json()["id"] for _ in range(2))
    catalogue = open_catalogue(desk_url(folder))
    with working(folder) as worker:
        place = worker._place.id
        assert catalogue.jobs.claim("study", first, place=place, at="2024").status is JobStatus.RUNNING
        assert catalogue.jobs.claim("study", second, place=place, at="2024").status is JobStatus.QUEUED
        assert worker.work("study", second) is False
        assert catalogue.jobs.claim("study", first, place="another", at="2024").attempts == 1, "took another's job"
        worker.work_off()
    assert [job.status for job in catalogue.jobs.of("study")] == [JobStatus.DONE, JobStatus.DONE]
    catalogue.close()


def test_jobs_of_another_project_are_not_shown(folder: Path) -> None:
    with serving(folder, "study", "other") as client:
        job = client.post(f"{P}/jobs", json={"kind": "report"}).json()["id"]
        assert client.get(f"/api/v1/projects/other/jobs/{job}").status_code == 404
        assert client.post(f"/api/v1/projects/other/jobs/{job}/cancel").status_code == 404
        assert client.get("/api/v1/projects/other/jobs").json()["items"] == []
        assert client.post("/api/v1/projects/none/jobs", json={"kind": "report"}).status_code == 404


def test_readers_keep_what_was_read_while_files_come_in(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of 200 files would make every reader wait for a new reading of everything."""
    seen: list[tuple[int, int]] = []

    def look(stage: str, done: int, total: int) -> None:
        if stage != "Reading":
            return
        if done == 2:
            client.post(f"{P}/decisions", json={"verb": "memo", "about": "project:", "text": "Meanwhile"})
            assert client.get(f"{P}/memos").json()["items"][0]["text"] == "Meanwhile"
        if done:
            seen.append(tuple(len(client.get(f"{P}/{what}").json()["items"]) for what in ("transcripts", "segments")))  # type: ignore[arg-type]  # two

    monkeypatch.setattr(
        kinds, "KINDS", {**kinds.KINDS, "import": lambda task: kinds.import_(replace(task, progress=look))}
    )
    before = len(client.get(f"{P}/transcripts").json()["items"])
    files = [(f"vera{number}.txt", TALK.replace("I gave up twice", words)) for number, words in enumerate(ANSWERS)]
    assert finished(folder, client, send(client, *files))["status"] == "done"
    assert len(seen) == 4 and set(seen) == {seen[0]} and seen[0][0] == before + 1
    assert len(client.get(f"{P}/transcripts").json()["items"]) == before + 4


# --- bad uploads ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../vera.txt", ".. parts"),
        ("a/../../vera.txt", ".. parts"),
        ("/etc/vera.txt", "relative path"),
        ("C:vera.txt", "relative path"),
        ("a\\\\..\\\\vera.txt", "relative path"),
        ("a//vera.txt", "empty"),
        (".", ".. parts"),
        (" ", "a name"),
        ("vera\x01.txt", "control characters"),
        ("vera\x7f.txt", "control characters"),
        ("v" * 300, "at most"),
        ("a/" * 300 + "vera.txt", "at most"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(client: TestClient, folder: Path, name: str, said: str) -> None:
    """A name could write over any file of whoever runs the service."""
    answer = raw(client, name.encode())
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == "body.files.0"
    assert said in answer.json()["detail"]
    assert client.get(f"{P}/jobs").json()["items"] == [] and left(folder) == []


def raw(client: TestClient, name: bytes, data: bytes = TALK.encode(), end: bytes = b"\r\n--b--\r\n") -> Any:
    """A form whose file name is sent as it is."""
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    return client.post(f"{P}/files", content=head + data + end, headers=kind)


def test_names_that_are_no_text_are_refused(client: TestClient) -> None:
    for name in (b"\xff\xfe.txt", b"\xed\xa0\x80.txt", b"a\x00b.txt"):
        assert raw(client, name).status_code == 422, name


def test_two_files_of_one_name_are_refused(client: TestClient, folder: Path) -> None:
    for names in (("vera.txt", "vera.txt"), ("vera.txt", "Vera.TXT"), ("a", "a/vera.txt"), ("a/vera.txt", "a")):
        answer = send(client, *((name, TALK) for name in names))
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "body.files.1", names
    assert left(folder) == []


def test_uploads_that_were_cut_off_leave_nothing_behind(client: TestClient, folder: Path) -> None:
    assert raw(client, b"vera.txt", end=b"").status_code == 422
    assert raw(client, b"vera.txt", end=b"\r\n--").status_code == 422
    assert (
        client.post(f"{P}/files", content=b"", headers={"Content-Type": "multipart/form-data; boundary=b"}).status_code
        == 422
    )
    assert client.post(f"{P}/files", content=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 422
    assert client.post(f"{P}/files", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.get(f"{P}/jobs").json()["items"] == [] and left(folder) == []


def test_wrong_parts_are_named(client: TestClient, folder: Path) -> None:
    file = ("files", ("vera.txt", TALK))
    for files, options, field in (
        ([], "{}", "body.files"),
        ([file, ("other", ("x.txt", "x"))], "{}", "body.other"),
        ([file, ("cases", ("a.csv", "x")), ("cases", ("b.csv", "x"))], "{}", "body.cases.1"),
        ([file], "no json", "body.options"),
        ([file], '{"themes": 0}', "body.options.themes"),
        ([file], '{"encoder": "/tmp"}', "body.options.encoder"),
        ([file], '{"encoding": "klingon"}', "body.options.encoding"),
        ([file], '{"encoding": "hex"}', "body.options.encoding"),
        ([file], '{"roles": {"Vera": "queen"}}', "body.options.roles.Vera"),
        ([file], '{"theme": 3}', "body.options.theme"),
        ([("files", (".hidden", "x"))], "{}", "body.files"),
    ):
        answer = client.post(f"{P}/files", files=files or [("cases", ("c.csv", "x"))], data={"options": options})
        assert answer.status_code == 422, (options, answer.text)
        assert answer.json()["errors"][0]["field"] == field, options
    assert client.post(f"{P}/merge", files={"source": ("notes.txt", "x")}).status_code == 422
    assert client.post(f"{P}/jobs", json={"kind": "import"}).status_code == 422
    assert client.post(f"{P}/jobs", json={"kind": "code", "seed": -1}).status_code == 422
    assert client.get(f"{P}/jobs").json()["items"] == [] and left(folder) == []


def test_large_uploads_are_refused(folder: Path) -> None:
    """A disk would be full, and the service would stop for everybody."""
    with serving(folder, max_upload=20_000) as client:
        assert send(client, ("vera.txt", b"x" * 15_000)).status_code == 202, "an upload has a limit of its own"
        assert send(client, ("vera.txt", b"x" * 30_000)).status_code == 413
        client.app.state.max_file = 1000  # type: ignore[attr-defined]  # as the settings say it
        answer = send(client, ("small.txt", TALK), ("large.txt", b"x" * 1001))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.files.1")
        assert len(left(folder)) == 1


def test_endless_forms_are_refused(client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form of millions of empty parts would fill the memory."""
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    many = [(f"{number}.txt", TALK) for number in range(5)]
    assert send(client, *many[:3]).status_code == 202
    answer = send(client, *many)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")
    assert len(left(folder)) == 1


def test_a_source_that_is_no_project_fails_with_a_sentence(client: TestClient, folder: Path) -> None:
    done = finished(folder, client, client.post(f"{P}/merge", files={"source": ("project.db", b"no database" * 100)}))
    assert done["status"] == "failed" and str(folder) not in done["error"], done


# --- a real service ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_a_service_keeps_a_worker_and_drops_what_was_half_sent(folder: Path) -> None:
    """Long work would stop for good with one process, and the disk would fill with what nobody has sent wholly."""
    with serving(folder):
        pass  # makes the database
    jobs = jobs_folder(folder)
    environment = {**os.environ, "TEXTCODER_DATABASE_URL": desk_url(folder), "TEXTCODER_JOBS": str(jobs)}
    command = [sys.executable, "-m", "textcoder", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as service:
        try:
            assert service.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:(\d+)", service.stdout.readline())
            assert address is not None
            half = socket.create_connection(("127.0.0.1", int(address[1])))
            head = f"POST {P}/files HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
            kind = "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            part = '--b\r\nContent-Disposition: form-data; name="files"; filename="vera.txt"\r\n\r\nVera: '
            half.sendall((head + kind + part).encode())
            wait(lambda: any(jobs.glob("incoming-*/files/vera.txt")))
            half.close()
            wait(lambda: not any(jobs.glob("incoming-*")))
            with httpx2.Client(base_url=address[0], timeout=30) as client:
                for _ in range(2):
                    place = client.post(f"{P}/files", files=[("files", ("vera.txt", TALK))]).headers["Location"]
                    wait(lambda place=place: client.get(place).json()["status"] == "done")  # type: ignore[misc]
                    worker = child_of(service.pid)
                    os.kill(worker, signal.SIGKILL)
                    wait(lambda worker=worker: child_of(service.pid) not in (None, worker))  # type: ignore[misc]
            worker = child_of(service.pid)
        finally:
            service.kill()
    wait(lambda: not Path(f"/proc/{worker}").exists())


def child_of(pid: int) -> int | None:
    """The worker of a service."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return int(found.stdout.split()[0]) if found.stdout.split() else None


def wait(until: Callable[[], bool]) -> None:
    patience = time.monotonic() + 60
    while not until():
        assert time.monotonic() < patience
        time.sleep(0.05)
