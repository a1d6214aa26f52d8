"""Two servers on one database, and twenty people who decide at the same time."""

from __future__ import annotations

import hashlib
import multiprocessing
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import HashEmbedder
from tests.store.conftest import url_of
from tests.store.examples import add, adds, transcript
from textcoder.domain.acts import Span, accept, change_code
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By, Decision, Verb
from textcoder.domain.history import acts_of
from textcoder.domain.standing import Standing
from textcoder.errors import Conflict
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow.live import LiveProject, Plan

SERVERS = 2
CLIENTS = 20
EACH = 6
"""What each client decides, beside the edit that all of them want."""

CODERS = [Coder(f"c{number:02}", f"Coder {number}", CoderKind.HUMAN) for number in range(CLIENTS)]
INTERVIEW = transcript("mira.txt", *[f"Answer {number}." for number in range(CLIENTS * EACH)])


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks of a server.

    Attributes:
        coder: Who asks.
        key: What she calls the act.
        span: The span that she says carries the code "late"; None for an edit.
        edit: An edit of a code, planned on what she read before.
    """

    coder: Coder
    key: str
    span: Span | None = None
    edit: tuple[Decision, ...] = ()

    def plan(self) -> Plan:
        """As a server plans it."""
        if self.span is None:
            return lambda _: list(self.edit)
        span, by = self.span, By(self.coder.id, "2024-03-02T10:00:00Z")
        return lambda standing: accept(standing, [span], "late", by)


@dataclass(frozen=True, slots=True)
class Served:
    """What a server did.

    Attributes:
        answers: Key and numbers of the act, for each request that was granted.
        refused: Keys of those that met a conflict.
        standing: What stands in its memory in the end, as `fingerprint`.
    """

    answers: list[tuple[str, list[int]]]
    refused: list[str]
    standing: str


def fingerprint(standing: Standing) -> str:
    """Equal for equal standings, in any process."""
    parts = (
        standing.number,
        list(standing.codebook),
        sorted(standing.codings.items()),
        sorted((segment, sorted(coders)) for segment, coders in standing.reviewed.items() if coders),
        sorted(standing.memos.items()),
        sorted(standing.samples.items()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


_together: threading.Barrier


def meet(barrier: threading.Barrier) -> None:
    """Note where the servers wait for each other."""
    global _together
    _together = barrier


def serve(url: str, project: str, clients: Sequence[Sequence[Request]]) -> Served:
    """A server with a thread for each client; as in the service, one at a time works on the project in its memory."""
    with closing(open_store(url, project=project, create=False)) as store:
        live = LiveProject(store, Settings(), embedder=HashEmbedder())
        desk = threading.Lock()
        answers: list[tuple[str, list[int]]] = []
        refused: list[str] = []

        def ask_all(requests: Sequence[Request]) -> None:
            for request in requests:
                with desk:
                    try:
                        act = live.do(request.plan(), coder=request.coder, key=request.key)
                    except Conflict:
                        refused.append(request.key)
                    else:
                        answers.append((request.key, [decision.number for decision in act]))

        _together.wait(60)
        with ThreadPoolExecutor(len(clients)) as pool:
            list(pool.map(ask_all, clients))
        _together.wait(60)
        live.catch_up()
        return Served(answers, refused, fingerprint(live.standing))


def test_twenty_people_at_two_servers_lose_and_double_nothing(
    database_url: str, requests_of: list[list[list[Request]]], project: str
) -> None:
    """A coder's work would be gone although she saw it accepted, or stand twice because her answer was lost on the way."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(SERVERS)
    with ProcessPoolExecutor(SERVERS, context, initializer=meet, initargs=(barrier,)) as servers:
        served = list(servers.map(serve, [database_url] * SERVERS, [project] * SERVERS, requests_of))

    with closing(open_store(database_url, project=project, create=False)) as store:
        log, codings = store.decisions(), store.codings()
    asked = {request.key for server in requests_of for client in server for request in client}
    edits = {key for key in asked if key.endswith("-edit")}
    answers = [answer for server in served for answer in server.answers]

    assert [decision.number for decision in log] == list(range(1, len(log) + 1))
    assert sorted({(c.coder, c.start) for c in codings}) == [
        (CODERS[number // EACH].id, INTERVIEW.turns[number].start) for number in range(CLIENTS * EACH)
    ]
    assert set(codings) == set(Standing(log).codings.values())

    written = {act.first.key: [d.number for d in act.decisions] for act in acts_of(log).values() if act.first.key}
    assert len(written) == CLIENTS * EACH + 1, "one act a key, and one of the edits"
    assert all(written[key] == numbers for key, numbers in answers), "a retry has the answer of the first try"
    assert {key for key, _ in answers} == asked - {key for server in served for key in server.refused}

    assert len(edits & written.keys()) == 1
    assert {key for server in served for key in server.refused} == edits - written.keys()
    assert [server.standing for server in served] == [fingerprint(Standing(log))] * SERVERS


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of each kind of database."""
    return url_of(request.param, tmp_path)


@pytest.fixture
def project(database_url: str) -> str:
    """A project with an interview and two codes."""
    name = uuid.uuid4().hex
    with closing(open_store(database_url, project=name)) as store:
        add(store, INTERVIEW)
        store.save_coder(CODERS[0])
        store.append([adds("late", CODERS[0]), adds("hours", CODERS[0])])
    return name


@pytest.fixture
def requests_of(database_url: str, project: str) -> list[list[list[Request]]]:
    """For each server and each of its clients what she asks; a third of it is asked at the other server as well."""
    with closing(open_store(database_url, project=project, create=False)) as store:
        read = Standing(store.decisions())
    servers: list[list[list[Request]]] = [[[] for _ in CODERS] for _ in range(SERVERS)]
    for number, coder in enumerate(CODERS):
        mine, other = servers[number % SERVERS][number], servers[(number + 1) % SERVERS][number]
        by = By(coder.id, "2024-03-02T10:00:00Z")
        name = f"hours of {coder.name}"
        edit = tuple(change_code(read, "hours", by, Verb.RENAME, name=name))
        mine.append(Request(coder, f"{coder.id}-edit", edit=edit))
        for turn in range(number * EACH, (number + 1) * EACH):
            place = INTERVIEW.turns[turn]
            one = Request(coder, f"{coder.id}-{turn}", (INTERVIEW.id, place.start, place.end))
            mine.append(one)
            if turn % 3 == 0:
                mine.append(one)
                other.append(one)
    return [[client for client in server if client] for server in servers]


def test_writer_waits_for_its_turn(database_url: str, project: str) -> None:
    """A coder who decides while a colleague's run is being saved would be sent away."""
    with (
        closing(open_store(database_url, project=project)) as run,
        closing(open_store(database_url, project=project)) as service,
        ThreadPoolExecutor(1) as pool,
    ):
        with run.transaction():
            run.append([adds("first", CODERS[0])])
            waiting = pool.submit(service.append, [adds("second", CODERS[0])])
            time.sleep(0.3)
            assert not waiting.done()
            assert [d.target for d in service.decisions()] == ["late", "hours"], "who only reads does not wait"
        assert waiting.result(timeout=30)[0].number == 4
        assert [d.target for d in run.decisions()] == ["late", "hours", "first", "second"]
