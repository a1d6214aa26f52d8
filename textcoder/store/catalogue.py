"""The projects of one database, and what a service keeps beside them: accounts and jobs."""

from __future__ import annotations

from contextlib import ExitStack

from sqlalchemy import select

from textcoder.domain.account import Access
from textcoder.domain.project import Project
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.store import Store, schema
from textcoder.store.accounts import Accounts
from textcoder.store.connection import Database, insert
from textcoder.store.database import DatabaseStore
from textcoder.store.jobs import Jobs
from textcoder.store.migrate import prepare
from textcoder.store.rows import project_from, project_row


class Catalogue:
    """One database with its projects. Threads may share it; each has its own transactions.

    Attributes:
        place: Where the database is, as people read it, without a password.
        file: The SQLite file; None for a server.
        accounts: Who may use a service over it.
        jobs: The long work on its projects.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.place, self.file = database.place, database.file
        self.accounts = Accounts(database)
        self.jobs = Jobs(database)

    @classmethod
    def open(cls, url: str, *, create: bool) -> Catalogue:
        """See `open_catalogue`."""
        with ExitStack() as undo:
            database = Database(url)
            undo.callback(database.close)
            prepare(database, create=create)
            undo.pop_all()
        return cls(database)

    def projects(self) -> list[Project]:
        """Sorted by id."""
        with self._database.reading() as connection:
            found = [project_from(row) for row in connection.execute(select(schema.projects))]
        return sorted(found, key=lambda project: project.id)

    def has(self, project: str) -> bool:
        """Whether there is a project with this id."""
        same = select(schema.projects.c.project_id).where(schema.projects.c.project_id == project)
        with self._database.reading() as connection:
            return connection.execute(same).first() is not None

    def make(self, project: Project, *, owner: str | None = None) -> None:
        """Add an empty project, and the account that owns it.

        Raises:
            InvalidDecision: There is one with its id.
        """
        with self._database.writing() as connection:
            if self.has(project.id):
                raise InvalidDecision(f'There is a project "{project.id}" already; choose another id.')
            insert(connection, schema.projects, [project_row(project)])
            if owner is not None:
                self.accounts.set_access(owner, project.id, Access.OWNER)

    def open_project(self, project: str) -> Store:
        """The store of one project, with connections of its own.

        Raises:
            UnknownItem: There is no such project.
        """
        if not self.has(project):
            raise UnknownItem(f'There is no project "{project}".')
        return DatabaseStore(Database(self._database.given, project), project)

    def close(self) -> None:
        """Give all connections back."""
        self._database.close()
