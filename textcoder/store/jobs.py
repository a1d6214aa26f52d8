"""The long work on the projects of a database."""

from __future__ import annotations

from sqlalchemy import select

from textcoder.domain.job import Job
from textcoder.store import schema
from textcoder.store.connection import Database
from textcoder.store.rows import columns_of


class Jobs:
    """Jobs by project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, project: str) -> list[Job]:
        """Sorted by when they were asked for, then id."""
        table = schema.jobs
        query = select(*columns_of(table, Job)).where(table.c.project_id == project)
        with self._database.reading() as connection:
            found = [Job(**row._mapping) for row in connection.execute(query)]
        return sorted(found, key=lambda job: (job.created, job.id))
