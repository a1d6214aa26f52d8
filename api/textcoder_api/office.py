"""Where long work is asked for: files are received, a row is written, and the worker is told."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from textcoder.domain.coding import Coder
from textcoder.domain.job import Job, JobKind
from textcoder.errors import UnknownItem
from textcoder.jobs import Place
from textcoder.store.catalogue import Catalogue

_ELSEWHERE = "The result of this job lies with another server of this database; ask that one."
_GONE = "The result of this job is no longer kept; ask for it again."


class Office:
    """The jobs of a database, and the folder of this server's worker.

    Args:
        catalogue: Where the rows are.
        folder: What a worker of this server looks into; made when it is first needed.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self.jobs, self._folder = catalogue.jobs, folder
        self._lock = threading.Lock()
        self._place: Place | None = None

    @property
    def place(self) -> Place:
        """The folder, opened.

        Raises:
            OutputError: It cannot be used.
        """
        with self._lock:
            if self._place is None:
                self._place = Place(self._folder)
            return self._place

    def ask(
        self,
        project: str,
        kind: JobKind,
        arguments: Mapping[str, Any],
        *,
        coder: Coder,
        key: str = "",
        received: Path | None = None,
    ) -> Job:
        """Ask for work.

        Args:
            project: Its id.
            kind: What is to be done.
            arguments: How.
            coder: Who asks.
            key: What she calls it: asked for twice, it is one job.
            received: The folder of what was uploaded for it; it is the job's from now on, if the job is a new one.

        Raises:
            InvalidDecision: The key belongs to something else.
        """
        place, now = self.place, datetime.now(UTC)
        created = now.isoformat(timespec="microseconds")  # those of one second stand in their order
        job = Job(str(uuid4()), kind, coder.id, created, dict(arguments), place.id, key=key, seen=_second(now))
        if received is not None:
            place.keep(received, job.id)
        try:
            kept = self.jobs.add(project, job)
        except BaseException:
            place.forget(job.id)
            raise
        if kept.id == job.id:
            place.queue.put(project, job.id)
        else:
            place.forget(job.id)
        return kept

    def cancel(self, project: str, id_: str) -> Job:
        """See `Jobs.cancel`."""
        return self.jobs.cancel(project, id_, at=_second(datetime.now(UTC)))

    def result(self, job: Job) -> Path:
        """The file with what came of a job.

        Raises:
            UnknownItem: There is none here; says why.
        """
        if not job.status.is_over:
            raise UnknownItem("This job is not over yet; its events say how far it has come.")
        if job.place != self.place.id:
            raise UnknownItem(_ELSEWHERE)
        found = self.place.result(job.id)
        if found is None:
            raise UnknownItem(_GONE if job.result else f"Nothing came of this job: it is {job.status.value}.")
        return found


def _second(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
