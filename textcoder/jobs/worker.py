"""The worker: takes up what waits, one job after the other, and keeps their rows true whatever happens."""

from __future__ import annotations

import logging
import shutil
import threading
import traceback
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from textcoder.domain.job import Job, JobKind, JobStatus
from textcoder.errors import OutputError, StoreError, TextcoderError, UnknownItem
from textcoder.jobs.folder import FILES, Place
from textcoder.settings import Settings

if TYPE_CHECKING:
    from textcoder.embeddings import Embedder
    from textcoder.store.catalogue import Catalogue

_log = logging.getLogger("textcoder.jobs")

BEAT = 0.3
"""Seconds between two looks at the row of a running job."""
LOST = timedelta(minutes=10)
"""A worker that was not heard of for so long is gone."""
KEPT = timedelta(days=7)
KEPT_OF_A_PROJECT = 5
"""Results are kept so long, and so many of a project."""
_UPLOADED = frozenset({JobKind.IMPORT, JobKind.MERGE, JobKind.EXCHANGE})

_WORKER_GONE = (
    "The worker that had this job is gone, and what was uploaded for it with it; send it again, or ask for it again."
)
_FILES_GONE = "What was uploaded for this job is no longer there; send it again."
_INSIDE = "Something went wrong inside; the log of the worker says where."


class _Stop(BaseException):
    """The worker is to end: the job is left to be begun again. No Exception, so that no step takes it for its own."""


class _Cancelled(BaseException):
    """The job is to end, since somebody asked that, or gave it up."""


class Worker:
    """Does the jobs of one place.

    Args:
        catalogue: The projects.
        place: Where its files lie.
        settings: As the service has them.
        embedder: In place of the encoder that the settings name.

    Attributes:
        stopping: Set it, and the running job stops at its next step and is left to be begun again.
    """

    def __init__(
        self, catalogue: Catalogue, place: Place, settings: Settings, *, embedder: Embedder | None = None
    ) -> None:
        self._catalogue, self._place, self._settings, self._embedder = catalogue, place, settings, embedder
        self._current = ""
        self.stopping = threading.Event()

    @property
    def is_busy(self) -> bool:
        """Whether it is in the middle of a job."""
        return bool(self._current)

    def run(self) -> None:
        """Work until told to stop; first what an earlier worker of this place has left."""
        self.tend()
        self._place.queue.serve(self.work, each_minute=self.tend, stopping=self.stopping)

    def work_off(self) -> None:
        """Do all that waits, and return; in tests and for one job at a time."""
        self.take_up()
        self._place.queue.drain(self.work)

    def tend(self) -> None:
        """What is to be done now and then: find jobs that the queue has lost, show that this worker lives, tidy up."""
        try:
            jobs, now = self._catalogue.jobs, datetime.now(UTC)
            jobs.sign_of_life(self._place.id, at=_iso(now))
            jobs.give_up(unseen_since=_iso(now - LOST), at=_iso(now), why=_WORKER_GONE)
            self.take_up()
            self._tidy(now)
        except (TextcoderError, OSError) as error:
            _log.warning("The worker could not look after its jobs (%s); it tries again.", type(error).__name__)

    def take_up(self) -> None:
        """Put into the queue whatever the rows say is still to be done here; the queue may have lost it."""
        self._place.queue.clear()
        for project, job in self._catalogue.jobs.unfinished(self._place.id):
            if job.id != self._current:
                self._place.queue.put(project, job.id)

    def work(self, project: str, id_: str) -> bool:
        """Do one job, if it is its turn. Returns False if it has to wait for another one of the project."""
        try:
            job = self._catalogue.jobs.claim(project, id_, place=self._place.id, at=_now())
            if job.status is JobStatus.RUNNING:
                self._do(project, job)
            elif job.status.is_over:
                self._place.clean(id_)
            return job.status is not JobStatus.QUEUED
        except UnknownItem:
            return True
        except StoreError as error:
            # The row could not be read or written; it is found again within a minute.
            _log.warning("The database did not answer (%s); the job waits.", type(error).__name__)
            return True

    def _do(self, project: str, job: Job) -> None:
        jobs, self._current = self._catalogue.jobs, job.id
        try:
            result = self._done(project, job)
        except _Stop:
            jobs.put_back(project, job.id)
            return
        except _Cancelled:
            jobs.end(project, job.id, JobStatus.CANCELLED, at=_now())
        except TextcoderError as error:
            jobs.end(project, job.id, JobStatus.FAILED, at=_now(), error=self._in_a_line(str(error), job))
        except Exception as error:  # noqa: BLE001  # whatever a library raises, the row must say that it failed
            # Only where it happened: the message of an error could hold somebody's words.
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
            _log.error("job %s (%s): %s in %s", job.id, job.kind.value, type(error).__name__, places)
            jobs.end(project, job.id, JobStatus.FAILED, at=_now(), error=_INSIDE)
        else:
            jobs.end(project, job.id, JobStatus.DONE, at=_now(), result=result)
        finally:
            self._current = ""
        self._place.clean(job.id)

    def _done(self, project: str, job: Job) -> dict[str, object]:
        from textcoder.jobs.work import KINDS, Task

        if job.kind in _UPLOADED and not self._place.files(job.id).is_dir():
            raise OutputError(_FILES_GONE)
        self._place.folder(job.id).mkdir(mode=0o700, exist_ok=True)
        with ExitStack() as stack:
            store = self._catalogue.open_project(project)
            stack.callback(store.close)
            watch = _Watch(self._catalogue, project, job, self.stopping)
            stack.callback(watch.end)
            folder = self._place.folder(job.id)
            return KINDS[job.kind](Task(job, store, self._settings, folder, watch.progress, self._embedder))

    def _in_a_line(self, error: str, job: Job) -> str:
        """The sentence of an error, without where on this machine the files of the job lie."""
        folder = self._place.folder(job.id)
        for within in (folder / FILES, folder, self._place.path):
            error = error.replace(f"{within}/", "").replace(str(within), "the upload")
        return " ".join(error.split())

    def _tidy(self, now: datetime) -> None:
        """Delete what nobody will ask for any more."""
        rows = self._catalogue.jobs.all_of_place(self._place.id)
        kept: dict[str, int] = {}
        for project, job in rows:
            if not self._place.folder(job.id).is_dir():
                continue
            if job.status is JobStatus.DONE and self._place.result(job.id) is not None:
                kept[project] = kept.get(project, 0) + 1
                if kept[project] > KEPT_OF_A_PROJECT or job.ended < _iso(now - KEPT):
                    self._place.forget(job.id)
            elif job.status.is_over and job.id != self._current:
                self._place.forget(job.id)
        for stray in self._place.strays({job.id for _, job in rows}):
            shutil.rmtree(stray, ignore_errors=True)


class _Watch:
    """Tells the row how far a job has come, in a thread of its own: the job never waits for it, however often it tells of progress."""

    def __init__(self, catalogue: Catalogue, project: str, job: Job, stopping: threading.Event) -> None:
        self._jobs, self._project, self._job, self._stopping = catalogue.jobs, project, job, stopping
        self._now: tuple[str, int, int] = ("", 0, 0)
        self._cancelled, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def progress(self, stage: str, done: int, total: int) -> None:
        """As the workflow takes it; where the job has to stop, it does so here."""
        self._now = (stage, done, total)
        if self._stopping.is_set():
            raise _Stop
        if self._cancelled.is_set():
            raise _Cancelled

    def end(self) -> None:
        """Say how far it came in the end, and watch no more."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        told: tuple[str, int, int] = ("", 0, 0)
        while True:
            over = self._over.wait(BEAT)
            try:
                if self._now != told:
                    stage, done, total = self._now
                    self._jobs.tell(self._project, self._job.id, stage=stage, done=done, total=total, at=_now())
                    told = (stage, done, total)
                row = self._jobs.get(self._project, self._job.id)
                if row.cancel or row.status is not JobStatus.RUNNING:
                    self._cancelled.set()
            except TextcoderError:
                pass  # a writer took long, or the database is away: the job itself will say so if it needs it
            if over:
                return


def _now() -> str:
    return _iso(datetime.now(UTC))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
