"""Two servers on one database, twenty clients who decide at the same time and send everything twice, once to each server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import P, desk_url, service, serving

CLIENTS = 20
EACH = 4


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[TestClient, TestClient]]:
    with ExitStack() as opened:
        first = opened.enter_context(serving(tmp_path / "desk"))
        again = TestClient(service(desk_url(tmp_path / "desk")), base_url="http://127.0.0.1:8765")
        second = opened.enter_context(again)
        for server in (first, second):
            # FastAPI makes its routes at the first request and silences warnings meanwhile, which two threads must not do at once.
            server.get("/api/v1/openapi.json")
        yield first, second


def test_nothing_is_lost_or_doubled_between_two_servers(servers: tuple[TestClient, TestClient]) -> None:
    """A retry after a dropped connection reaches the other server; a second memo or a second undo would be in the history for good."""
    calls = [(f"c{client:02}", f"{client}-{turn}") for client in range(CLIENTS) for turn in range(EACH)]

    def decide(call: tuple[str, str], server: TestClient) -> tuple[int, tuple[int, ...]]:
        coder, key = call
        headers = {"X-Textcoder-Coder": coder, "Idempotency-Key": key}
        body = {"verb": "add", "name": f"Code {key}", "lens": "barriers"}
        answer = server.post(f"{P}/decisions", json=body, headers=headers)
        return answer.status_code, tuple(act["act"] for act in answer.json()["acts"])

    answers = both(servers, calls, decide)
    for first, second in answers:
        assert {first[0], second[0]} <= {200, 201}
        assert first[1] == second[1]
    assert len({acts for (_, acts), _ in answers}) == len(calls)
    for server in servers:
        log = every(server, "decisions")
        assert [decision["number"] for decision in log] == list(range(1, len(log) + 1))
        names = [code["name"] for code in every(server, "codes")]
        assert sorted(n for n in names if n.startswith("Code ")) == sorted(f"Code {key}" for _, key in calls)

    def undo(call: tuple[str, str], server: TestClient) -> tuple[int, tuple[int, ...]]:
        coder, key = call
        answer = server.post(f"{P}/undo", json={}, headers={"X-Textcoder-Coder": coder, "Idempotency-Key": f"u{key}"})
        return answer.status_code, tuple(act["act"] for act in answer.json()["acts"])

    last = [(f"c{client:02}", str(client)) for client in range(CLIENTS)]
    for first, second in both(servers, last, undo):
        assert sorted((first[0], second[0])) == [200, 201]
        assert first[1] == second[1]
    left = [code for code in every(servers[0], "codes") if code["name"].startswith("Code ")]
    assert len(left) == CLIENTS * (EACH - 1), "each took back just one"


def both(servers: tuple[TestClient, TestClient], calls: Any, send: Any) -> list[tuple[Any, Any]]:
    """Send each call to both servers at the same time."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        sent = [[pool.submit(send, call, server) for server in servers] for call in calls]
        return [(first.result(), second.result()) for first, second in sent]


def every(server: TestClient, what: str) -> list[Any]:
    items: list[Any] = server.get(f"{P}/{what}?limit=10000").json()["items"]
    return items
