"""Long work goes on whatever happens to the worker: it is killed, told to stop, loses its queue, or its folder is gone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from textcoder import workflow
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By
from textcoder.domain.job import Job, JobKind, JobStatus
from textcoder.domain.project import Project
from textcoder.domain.transcript import Role
from textcoder.errors import InvalidDecision, OutputError, UnknownItem
from textcoder.jobs import Place, Worker, default_folder
from textcoder.jobs import work as kinds
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import open_catalogue, open_store, sqlite_url
from textcoder.store.catalogue import Catalogue

AT = "2024-03-01T09:00:00+00:00"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = open_catalogue(sqlite_url(tmp_path / "project.db"))
    catalogue.make(Project("study", "Moving house"))
    yield catalogue
    catalogue.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(default_folder(tmp_path / "project.db"))


@pytest.fixture
def worker(catalogue: Catalogue, place: Place) -> Worker:
    return Worker(catalogue, place, Settings())


def asked(catalogue: Catalogue, place: Place, id_: str = "one", **more: Any) -> Job:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    said = {"kind": JobKind.CODE, "coder": "ana", "created": AT, "place": place.id, "seen": now, **more}
    return catalogue.jobs.add("study", Job(id_, **said))


def uploaded(place: Place, id_: str, **files: str) -> None:
    """What the service would have received for a job."""
    folder = place.files(id_)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)


def does(monkeypatch: pytest.MonkeyPatch, work: Any, kind: JobKind = JobKind.CODE) -> None:
    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, kind: work})


# --- the rows ---------------------------------------------------------------------------------------------------------------------------


def test_a_job_comes_back_as_it_was_asked_for(catalogue: Catalogue, place: Place) -> None:
    job = asked(catalogue, place, arguments={"themes": 3, "roles": {"Hanna": "interviewer"}}, key="k")
    assert catalogue.jobs.of("study") == [job] == [catalogue.jobs.get("study", "one")]
    assert asked(catalogue, place, "two", arguments=job.arguments, key="k").id == "one"
    with pytest.raises(InvalidDecision):
        asked(catalogue, place, "two", coder="ben", arguments=job.arguments, key="k")
    with pytest.raises(UnknownItem):
        catalogue.jobs.get("study", "two")


def test_what_is_over_stays_so(catalogue: Catalogue, place: Place) -> None:
    """A late word of a worker would change what people have read."""
    asked(catalogue, place)
    catalogue.jobs.claim("study", "one", place=place.id, at=AT)
    catalogue.jobs.end("study", "one", JobStatus.FAILED, at=AT, error="No.")
    before = catalogue.jobs.get("study", "one")
    catalogue.jobs.end("study", "one", JobStatus.DONE, at=AT)
    catalogue.jobs.put_back("study", "one")
    catalogue.jobs.tell("study", "one", stage="Reading", done=1, total=2, at=AT)
    catalogue.jobs.cancel("study", "one", at=AT)
    assert catalogue.jobs.claim("study", "one", place=place.id, at=AT) == before
    assert catalogue.jobs.get("study", "one") == before


# --- a worker that ends in the middle ---------------------------------------------------------------------------------------------------


def test_a_job_that_was_left_in_the_middle_is_begun_again_three_times(
    catalogue: Catalogue, place: Place, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that takes the worker down with it would do so for ever."""
    begun: list[int] = []
    does(monkeypatch, lambda task: begun.append(task.job.attempts) or {})
    asked(catalogue, place)
    for _ in range(2):
        catalogue.jobs.claim("study", "one", place=place.id, at=AT)  # and then the worker was killed
    worker.work_off()
    assert begun == [3]
    asked(catalogue, place, "two")
    for _ in range(3):
        catalogue.jobs.claim("study", "two", place=place.id, at=AT)
    worker.work_off()
    two = catalogue.jobs.get("study", "two")
    assert (begun, two.status) == ([3], JobStatus.FAILED)
    assert "begun 3 times" in two.error


def test_a_worker_that_is_told_to_stop_leaves_its_job_to_the_next(
    catalogue: Catalogue, place: Place, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(task: kinds.Task) -> dict[str, Any]:
        worker.stopping.set()
        task.progress("Reading", 1, 2)
        raise AssertionError("went on")

    does(monkeypatch, stopped)
    asked(catalogue, place)
    uploaded(place, "one", vera="Vera: Hello.")
    worker.work_off()
    left = catalogue.jobs.get("study", "one")
    assert (left.status, left.attempts, left.stage) == (JobStatus.QUEUED, 0, "Reading")
    assert place.files("one").is_dir()
    does(monkeypatch, lambda task: {"codes": 1})
    Worker(catalogue, place, Settings()).work_off()
    assert catalogue.jobs.get("study", "one").result == {"codes": 1}
    assert not place.folder("one").exists()


def test_a_job_is_found_again_when_the_queue_is_lost(
    catalogue: Catalogue, place: Place, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(monkeypatch, lambda task: {})
    asked(catalogue, place)
    place.queue.clear()
    worker.tend()
    place.queue.drain(worker.work)
    assert catalogue.jobs.get("study", "one").status is JobStatus.DONE


def test_a_job_whose_worker_is_gone_is_failed_with_a_sentence(
    catalogue: Catalogue, place: Place, worker: Worker, tmp_path: Path
) -> None:
    """It would wait for ever, and stop all other work on the project if it was running."""
    gone = Place(tmp_path / "another")
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
    for id_ in ("waits", "runs"):
        asked(catalogue, gone, id_, seen=long_ago)
    catalogue.jobs.claim("study", "runs", place=gone.id, at=long_ago)
    asked(catalogue, gone, "fresh")
    asked(catalogue, place, "mine", seen=long_ago)
    worker.tend()
    said = {job.id: (job.status, job.error) for job in catalogue.jobs.of("study")}
    assert said["waits"] == said["runs"] and said["runs"][0] is JobStatus.FAILED
    assert "send it again" in said["runs"][1]
    assert said["fresh"] == said["mine"] == (JobStatus.QUEUED, "")


def test_an_upload_that_is_gone_fails_its_job(catalogue: Catalogue, place: Place, worker: Worker) -> None:
    asked(catalogue, place, kind=JobKind.IMPORT)
    worker.work_off()
    assert "send it again" in catalogue.jobs.get("study", "one").error


# --- the folder -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_nobody_else_may_look_into_the_folder(place: Place) -> None:
    """Confidential interviews lie in it."""
    assert place.path.stat().st_mode & 0o777 == 0o700
    with place.receiving() as incoming:
        assert incoming.stat().st_mode & 0o777 == 0o700


def test_a_place_keeps_its_name_where_it_is_moved(place: Place, tmp_path: Path) -> None:
    place.queue.close()
    moved = place.path.rename(tmp_path / "moved")
    assert Place(moved).id == place.id != Place(tmp_path / "new").id


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="--jobs"):
        Place(tmp_path / "file" / "jobs")


def test_one_worker_holds_a_folder(place: Place) -> None:
    """Two would do every job twice."""
    with place.held() as mine, place.held() as second:
        assert (mine, second) == (True, False)
    with place.held() as mine:
        assert mine


def test_the_queue_holds_nothing_that_could_run(place: Place) -> None:
    """A pickle in a file runs what it likes when it is read."""
    place.queue.put("study", "one")
    connection = sqlite3.connect(place.path / "queue.db")
    (data,) = connection.execute("SELECT data FROM task").fetchone()
    connection.close()
    assert ["study", "one"] in json.loads(data)


def test_old_results_and_strays_are_deleted(catalogue: Catalogue, place: Place, worker: Worker) -> None:
    """A disk would fill with reports that nobody fetches."""
    today = datetime.now(UTC)
    for day in range(9):
        asked(catalogue, place, f"report{day}", created=(today - timedelta(days=2 * day)).isoformat())
        ended = (today - timedelta(days=2 * day)).isoformat(timespec="seconds")
        catalogue.jobs.end("study", f"report{day}", JobStatus.DONE, at=ended, result={"bytes": 1})
        place.folder(f"report{day}").mkdir()
        (place.folder(f"report{day}") / "results.zip").write_bytes(b"x")
    for number in range(2):
        asked(catalogue, place, f"today{number}", created=today.isoformat())
        catalogue.jobs.end("study", f"today{number}", JobStatus.DONE, at=today.isoformat(timespec="seconds"))
        place.folder(f"today{number}").mkdir()
        (place.folder(f"today{number}") / "merged.json").write_bytes(b"x")
    stray, fresh = place.path / "incoming-1", place.path / "incoming-2"
    stray.mkdir()
    fresh.mkdir()
    os.utime(stray, (1e9, 1e9))
    worker.tend()
    left = sorted(entry.name for entry in place.path.iterdir() if entry.is_dir())
    assert left == ["incoming-2", "report0", "report1", "report2", "today0", "today1"]


# --- the work ---------------------------------------------------------------------------------------------------------------------------


def test_an_upload_is_coded_as_a_run_codes_it(
    catalogue: Catalogue, place: Place, worker: Worker, tmp_path: Path
) -> None:
    """What an evaluator uploads would come out otherwise than what a researcher runs."""
    demo, cases = data_folder("corpora") / "demo", place.folder("one") / "cases"
    talks = sorted((demo / "interviews").glob("w1_SU*"))
    for path in (place.files("one"), cases):
        path.mkdir(parents=True)
    shutil.copy(demo / "cases.csv", cases)
    for talk in talks:
        shutil.copy(talk, place.files("one"))
    asked(catalogue, place, kind=JobKind.IMPORT, arguments={"code": True, "themes": 3})
    worker.work_off()
    done = catalogue.jobs.get("study", "one")
    assert (done.status, done.error) == (JobStatus.DONE, "")
    ours, theirs = catalogue.open_project("study"), open_store(sqlite_url(tmp_path / "run.db"))
    reading = workflow.Reading(demo / "cases.csv")
    workflow.code_batch(theirs, talks, tmp_path / "results", Settings(themes=3), reading=reading)
    assert ours.themes() == theirs.themes()
    assert ours.codings() == theirs.codings()
    assert ours.cases() == theirs.cases()
    assert done.result["codings"] == len(ours.codings()) > 0
    read = ours.transcripts()[0]
    wrong = next(turn for turn in read.turns if turn.role is Role.PARTICIPANT)
    live = workflow.LiveProject(ours, Settings())
    plan = workflow.correcting_speaker(live, read.id, "Hanna", By("ana", AT), turns=[wrong.start])
    live.do(plan, coder=Coder("ana", "ana", CoderKind.HUMAN))
    asked(catalogue, place, "two", kind=JobKind.CODE, arguments={"seed": 5, "themes": 2})
    worker.work_off()
    now = next(turn for turn in ours.transcript(read.id).turns if turn.start == wrong.start)
    assert (now.speaker, now.role, now.case) == ("Hanna", Role.INTERVIEWER, None), "coding again did not follow her"
    assert not any(wrong.start <= s.start < wrong.end for s in ours.segments() if s.transcript == read.id)
    assert catalogue.jobs.get("study", "two").status is JobStatus.DONE
    assert Counter(theme.lens for theme in ours.themes().themes).most_common(1)[0][1] <= 2
    ours.close()
    theirs.close()


def test_a_project_keeps_its_encoder_unless_another_is_named(
    catalogue: Catalogue, place: Place, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was coded would be coded anew by another machine, because somebody left out an option."""
    store, seen = catalogue.open_project("study"), []
    store.save_value("encoder", "wordllama")
    store.close()
    does(monkeypatch, lambda task: seen.append((task.chosen().encoder, task.chosen().seed)) or {})
    for number, said in enumerate(({}, {"seed": 3}, {"encoder": "all-MiniLM-L6-v2"})):
        asked(catalogue, place, str(number), arguments=said)
        worker.work_off()
    assert seen == [("wordllama", Settings().seed), ("wordllama", 3), ("all-MiniLM-L6-v2", Settings().seed)]


# --- a real process ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_an_import_goes_on_after_the_worker_was_killed(catalogue: Catalogue, place: Place, tmp_path: Path) -> None:
    """200 interviews would have to be sent again, or would be there twice."""
    talks = {
        f"talk{n:03d}": f"Hanna: What happened on day {n}?\nVera: "
        + " ".join(f"Word{n} and {i} more." for i in range(200))
        for n in range(24)
    }
    uploaded(place, "one", **talks)
    asked(catalogue, place, kind=JobKind.IMPORT, arguments={"files": 24})
    environment = {**os.environ, "TEXTCODER_DATABASE_URL": sqlite_url(tmp_path / "project.db")}
    command = [sys.executable, "-m", "textcoder", "worker"]
    store = catalogue.open_project("study")

    def wait(until: Any) -> None:
        patience = time.monotonic() + 120
        while not until():
            assert time.monotonic() < patience, catalogue.jobs.get("study", "one")
            time.sleep(0.1)

    with subprocess.Popen(command, env=environment) as first:
        wait(lambda: len(store.files()) >= 5)
        first.kill()
    before = len(store.files())
    assert before < 24, "it was too fast to be killed in the middle"
    assert catalogue.jobs.get("study", "one").status is JobStatus.RUNNING
    with subprocess.Popen(command, env=environment) as second:
        wait(lambda: catalogue.jobs.get("study", "one").status.is_over)
        second.send_signal(signal.SIGTERM)
    job = catalogue.jobs.get("study", "one")
    assert (second.returncode, job.status, job.attempts, job.error) == (0, JobStatus.DONE, 2, "")
    names = [transcript.name for transcript in store.transcripts()]
    assert names == sorted(f"{name}.txt" for name in talks)
    assert not place.folder("one").exists()
    store.close()
