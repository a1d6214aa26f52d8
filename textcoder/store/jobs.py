"""The long work on the projects of a database: what was asked for, how far it has come, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, update

from textcoder.domain.job import Job, JobStatus
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.store import schema
from textcoder.store.connection import Database, insert
from textcoder.store.rows import columns_of, rows_of

MOST_ATTEMPTS = 3
UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)

_TOO_OFTEN = (
    f"It was begun {MOST_ATTEMPTS} times, and each time the worker ended in the middle; see its log and the memory "
    "of the machine, then ask for it again."
)


class Jobs:
    """Jobs by project. The rows are the truth about a job, on whichever server it is asked for or done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, project: str) -> list[Job]:
        """Sorted by when they were asked for, then id."""
        with self._database.reading() as connection:
            found = [job for _, job in _found(connection, _TABLE.c.project_id == project)]
        return sorted(found, key=lambda job: (job.created, job.id))

    def get(self, project: str, id_: str) -> Job:
        """One job.

        Raises:
            UnknownItem: The project has none with this id.
        """
        with self._database.reading() as connection:
            return _one(connection, project, id_)

    def add(self, project: str, job: Job) -> Job:
        """Ask for work; what was asked for under the same key before is given back as it stands now.

        Raises:
            InvalidDecision: The key belongs to something else.
        """
        with self._database.writing() as connection:
            if job.key:
                for _, before in _found(connection, (_TABLE.c.project_id == project) & (_TABLE.c.key == job.key)):
                    if (before.kind, before.coder, before.arguments) != (job.kind, job.coder, job.arguments):
                        raise InvalidDecision(
                            "This Idempotency-Key belongs to another job; choose a new one for each job."
                        )
                    return before
            insert(connection, _TABLE, rows_of(_TABLE, Job, [job], project_id=project))
        return job

    def claim(self, project: str, id_: str, *, place: str, at: str) -> Job:
        """Begin with a job of this place, if it is its turn: there is one running job of a project.

        A job of this place that runs already was left by a worker that ended in the middle, and is begun again.

        Returns:
            The job as it stands then: running is yours to do, queued must wait, anything else is over.
        """
        with self._database.writing() as connection:
            job = _one(connection, project, id_)
            if job.place != place or job.status.is_over:
                return job
            if job.cancel:
                return _change(connection, project, job, status=JobStatus.CANCELLED, ended=at)
            if job.attempts >= MOST_ATTEMPTS:
                return _change(connection, project, job, status=JobStatus.FAILED, ended=at, error=_TOO_OFTEN)
            running = (_TABLE.c.project_id == project) & (_TABLE.c.status == JobStatus.RUNNING)
            if any(other.id != id_ for _, other in _found(connection, running)):
                return job
            begun = {"started": job.started or at, "attempts": job.attempts + 1, "seen": at}
            return _change(connection, project, job, status=JobStatus.RUNNING, **begun)

    def is_running(self, project: str) -> bool:
        """Whether some job works on the project now."""
        query = select(_TABLE.c.id).where(_TABLE.c.project_id == project, _TABLE.c.status == JobStatus.RUNNING)
        with self._database.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def tell(self, project: str, id_: str, *, stage: str, done: int, total: int, at: str) -> None:
        """Say how far a running job has come."""
        with self._database.writing() as connection:
            job = _one(connection, project, id_)
            if job.status is JobStatus.RUNNING:
                _change(connection, project, job, stage=stage, done=done, total=total, seen=at)

    def end(
        self,
        project: str,
        id_: str,
        status: JobStatus,
        *,
        at: str,
        error: str = "",
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """Say what came of a job; what is over already stays so."""
        with self._database.writing() as connection:
            job = _one(connection, project, id_)
            if not job.status.is_over:
                _change(connection, project, job, status=status, ended=at, error=error, result=dict(result or {}))

    def put_back(self, project: str, id_: str) -> None:
        """Leave a running job to be begun again, as a worker does that is told to stop: this was no failed attempt."""
        with self._database.writing() as connection:
            job = _one(connection, project, id_)
            if job.status is JobStatus.RUNNING:
                _change(connection, project, job, status=JobStatus.QUEUED, attempts=max(0, job.attempts - 1))

    def cancel(self, project: str, id_: str, *, at: str) -> Job:
        """Ask that a job stop: one that waits is cancelled at once, one that runs at its next step; what is over stays so."""
        with self._database.writing() as connection:
            job = _one(connection, project, id_)
            if job.status is JobStatus.QUEUED:
                return _change(connection, project, job, status=JobStatus.CANCELLED, cancel=True, ended=at)
            return job if job.status.is_over else _change(connection, project, job, cancel=True)

    def unfinished(self, place: str) -> list[tuple[str, Job]]:
        """What a place still has to do, with the project of each; the oldest first."""
        with self._database.reading() as connection:
            found = _found(connection, (_TABLE.c.place == place) & _TABLE.c.status.in_(UNFINISHED))
        return sorted(found, key=lambda pair: (pair[1].created, pair[1].id))

    def all_of_place(self, place: str) -> list[tuple[str, Job]]:
        """Every job of a place with its project; the newest first."""
        with self._database.reading() as connection:
            found = _found(connection, _TABLE.c.place == place)
        return sorted(found, key=lambda pair: (pair[1].created, pair[1].id), reverse=True)

    def sign_of_life(self, place: str, *, at: str) -> None:
        """Say that the worker of a place is there, so that nobody gives up its jobs."""
        mine = (_TABLE.c.place == place) & _TABLE.c.status.in_(UNFINISHED)
        with self._database.writing() as connection:
            connection.execute(update(_TABLE).where(mine).values(seen=at))

    def give_up(self, *, unseen_since: str, at: str, why: str) -> int:
        """Fail the jobs whose worker was not heard of since a moment: its machine or folder is gone. Returns how many."""
        lost = (_TABLE.c.seen < unseen_since) & _TABLE.c.status.in_(UNFINISHED)
        with self._database.writing() as connection:
            found = _found(connection, lost)
            for project, job in found:
                _change(connection, project, job, status=JobStatus.FAILED, ended=at, error=why)
        return len(found)


_TABLE = schema.jobs


def _found(connection: Connection, where: ColumnElement[bool]) -> list[tuple[str, Job]]:
    query: Select[Any] = select(_TABLE.c.project_id, *columns_of(_TABLE, Job)).where(where)
    return [(row[0], Job(*row[1:])) for row in connection.execute(query)]


def _one(connection: Connection, project: str, id_: str) -> Job:
    found = _found(connection, (_TABLE.c.project_id == project) & (_TABLE.c.id == id_))
    if not found:
        raise UnknownItem("The project has no such job; GET .../jobs lists them.")
    return found[0][1]


def _change(connection: Connection, project: str, job: Job, **values: Any) -> Job:
    same = (_TABLE.c.project_id == project) & (_TABLE.c.id == job.id)
    connection.execute(update(_TABLE).where(same).values(**values))
    return replace(job, **values)
