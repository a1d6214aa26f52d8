"""A small study on SQLite behind the service, in process: three interviews of two waves, three codes, two candidate themes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine

from tests.builders import MACHINE, study, transcript
from tests.fakes import HashEmbedder
from textcoder.domain import acts
from textcoder.domain.account import Access, Account, Token
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By
from textcoder.domain.project import Case, Project
from textcoder.jobs import Place, Worker
from textcoder.settings import Settings
from textcoder.store import open_catalogue, open_store, sqlite_url
from textcoder.workflow import LiveProject
from textcoder.workflow.accounts import Passwords, hash_of
from textcoder_api import create_app

ANA = Coder("ana", "ana", CoderKind.HUMAN)
MIRA = transcript(
    "mira.txt",
    ("Hanna", "What hinders?"),
    ("Mira", "Nobody answers after three. The form is long. I ring and ring."),
    ("Hanna", "And what helps?"),
    ("Mira", "My neighbour sits with me. We have tea."),
    wave="1",
    pages=True,
)
LEILA = transcript("leila.txt", ("Leila", "The office is far away. Nobody answers. It rains."), wave="2")
OMAR = transcript(
    "omar.txt",
    ("Omar", "The form is in a language I cannot read. Tea helps, honestly. =SUM(A1) is no answer."),
    wave="2",
)
LATE = Code("late", "Nobody answers", "Nobody picks up the telephone.", lens="barriers")
FORMS = Code("forms", "Forms", "Forms are long or hard to read.", lens="barriers")
TEA = Code("tea", "Tea together", "Company that helps.", lens="what_works")
CASES = (
    Case("Mira", "Mira", {"group": "service user", "site": "North"}),
    Case("Leila", "Leila", {"group": "service user", "site": "South"}),
    Case("Omar", "Omar", {"group": "volunteer", "site": "South"}),
)


def fill(url: str, project: str = "study", name: str = "Moving house") -> None:
    """Write the study, as a run and its analyst have left it."""
    whole = study([MIRA, LEILA, OMAR], {"nobody": LATE, "form": FORMS, "tea": TEA}, cases=CASES, drafted=False)
    store = open_store(url, project=project)
    store.save_project(Project(project, name))
    for one in whole.transcripts:
        file = next(f for f in whole.files if f.transcript == one.id)
        held = [segment for segment in whole.segments if segment.transcript == one.id]
        store.add_transcript(one, held, file=file, original=one.name.encode())
    store.save_cases(whole.cases)
    store.save_placements(list(whole.placements.values()))
    store.save_themes(replace(whole.themes, themes=whole.themes.themes[:2]))
    store.save_coder(MACHINE)
    store.finish("code", "a run")
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    for code in (LATE, FORMS, TEA):
        live.do(partial(acts.add_code, code=code, by=By("ana", "2024-03-01T09:00:00+00:00")), coder=ANA)
    _ = live.vectors  # a study that was coded has its vectors
    store.close()


def service(url: str, **more: object) -> FastAPI:
    """The service over the projects of a database."""
    return create_app(open_catalogue(url, create=False), Settings(), embedder=HashEmbedder(), **more)  # type: ignore[arg-type]  # as create_app takes them


PASSWORD = "three blind mice"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""As strong as a test needs it."""
ROLES = {"ana": Access.OWNER, "ben": Access.CODER, "rea": Access.READER}
"""Beside them there is adam, the administrator, and eva, who has no role."""


def secret(name: str) -> str:
    """The token of somebody."""
    return f"tc_{name:_<43}"


def bearer(name: str) -> dict[str, str]:
    """The header by which somebody is let in."""
    return {"Authorization": f"Bearer {secret(name)}"}


def let_in(url: str) -> None:
    """Give a database accounts: everybody has a password, a token, and her role in all projects."""
    catalogue = open_catalogue(url, create=False)
    accounts, made = catalogue.accounts, "2024-03-01T09:00:00+00:00"
    if not accounts.exist():
        hashed = CHEAP.hash(PASSWORD, name="")
        for name in ("adam", *ROLES, "eva"):
            accounts.add(Account(name, hashed, made, administrator=name == "adam"))
            accounts.add_token(Token(hash_of(secret(name)), name, "notebook", made, "2999-01-01T00:00:00+00:00"))
        for project in catalogue.projects():
            for name, access in ROLES.items():
                accounts.set_access(name, project.id, access)
    catalogue.close()


@contextmanager
def serving(folder: Path, *projects: str, people: bool = False, **more: object) -> Iterator[TestClient]:
    """The service over a database of its own that holds a copy of the study for each project; made where it is missing.

    Args:
        folder: Which database: the same folder is the same one.
        projects: Their ids.
        people: The service has accounts; see `let_in`.
        more: As `create_app` takes them.
    """
    databases.copy_template(folder, projects or ("study",))
    if people:
        let_in(desk_url(folder))
        more = {"passwords": CHEAP, **more}
    more = {"jobs": jobs_folder(folder), **more}
    with TestClient(service(desk_url(folder), **more), base_url="http://127.0.0.1:8765") as client:
        client.kind = databases.kind  # type: ignore[attr-defined]  # see conftest.on_its_kind
        yield client


def jobs_folder(folder: Path) -> Path:
    """Where the files of long work lie for a folder's service."""
    return folder / "jobs"


@contextmanager
def working(folder: Path) -> Iterator[Worker]:
    """The worker of a folder's service; `work_off` does what waits."""
    catalogue = open_catalogue(desk_url(folder), create=False)
    yield Worker(catalogue, Place(jobs_folder(folder)), Settings(), embedder=HashEmbedder())
    catalogue.close()


def desk_url(folder: Path) -> str:
    """The URL of the database that `serving` serves for a folder."""
    return databases.url(folder)


class Databases:
    """Where desks are kept: files, or databases on the PostgreSQL server that TEXTCODER_TEST_DATABASE_URL names.

    Attributes:
        kind: `sqlite` or `postgresql`; a fixture of tests/api sets it.
    """

    def __init__(self) -> None:
        self.kind = "sqlite"
        self._files: dict[tuple[str, ...], bytes] = {}
        self._templates: set[str] = set()
        self._made: set[str] = set()

    def url(self, folder: Path) -> str:
        """The URL of a folder's database."""
        if self.kind == "sqlite":
            return sqlite_url(folder / "desk.db")
        return f"{_server()}/{self._name(folder)}"

    def copy_template(self, folder: Path, projects: tuple[str, ...]) -> None:
        """Make the folder's database, if it is not there yet; each set of projects is filled only once."""
        folder.mkdir(exist_ok=True)
        if self.kind == "sqlite":
            file = folder / "desk.db"
            if file.exists():
                return
            if projects in self._files:
                file.write_bytes(self._files[projects])
            else:
                self._fill(sqlite_url(file), projects)
                self._files[projects] = file.read_bytes()  # whole: its store is closed
            return
        process = os.environ.get("PYTEST_XDIST_WORKER", "")  # each has its own
        name, template_name = self._name(folder), f"desk_of_{'_'.join(projects)}{process}"
        if template_name not in self._templates:
            self._templates.add(template_name)
            _create(template_name, "template0")
            self._fill(f"{_server()}/{template_name}", projects)
        if name not in self._made:
            self._made.add(name)
            _create(name, template_name)

    def clear(self) -> None:
        """Drop the desks that were made on the server; their templates stay for the next file."""
        _drop(self._made)
        self._made.clear()

    def close(self) -> None:
        """Leave nothing on the server, and no connection to it."""
        _drop(self._made | self._templates)
        self._made.clear()
        self._templates.clear()
        if _keeper.cache_info().currsize:
            _keeper().dispose()
            _keeper.cache_clear()

    @staticmethod
    def _fill(url: str, projects: tuple[str, ...]) -> None:
        for project in projects:
            fill(url, project)

    @staticmethod
    def _name(folder: Path) -> str:
        return f"desk_{sha256(str(folder).encode()).hexdigest()[:16]}"


databases = Databases()


def _server() -> str:
    return os.environ["TEXTCODER_TEST_DATABASE_URL"].rpartition("/")[0]


@cache
def _keeper() -> Engine:
    """Makes and drops databases over one connection: to be let in costs more than most tests do there."""
    url = os.environ["TEXTCODER_TEST_DATABASE_URL"].replace("postgresql://", "postgresql+pg8000://")
    return create_engine(url, isolation_level="AUTOCOMMIT")


def _create(name: str, template: str) -> None:
    with _keeper().connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _drop(names: set[str]) -> None:
    if not names:
        return
    with _keeper().connect() as connection:
        for name in sorted(names):
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


P = "/api/v1/projects/study"
