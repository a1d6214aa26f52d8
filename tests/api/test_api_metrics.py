"""Metrics and logs: what an operator needs, and never what people said, wrote or asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import Response, StreamingResponse
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from textcoder_api.logs import told
from textcoder_api.metrics import Metrics

SECRET = "hid_the_letters"


class Recorder:
    """Calls the metrics as the service's guard does."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with self.metrics.asked(scope) as asked:

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    asked.answered(message["status"])
                await send(message)

            await self.app(scope, receive, sent)


@pytest.fixture
def service() -> Iterator[TestClient]:
    app, metrics = FastAPI(), Metrics()
    app.add_middleware(Recorder, metrics=metrics)

    @app.get("/projects/{project}/codes/{code}")
    def code(project: str, code: str) -> dict[str, str]:
        if code == "wrong":
            raise ValueError(project)
        return {}

    @app.get("/during")
    def during() -> dict[str, float]:
        return {"in_flight": figure(metrics.answer(), "textcoder_requests_in_flight")}

    @app.get("/stream")
    def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"

        return StreamingResponse(parts())

    @app.post("/decide")
    def decide() -> None:
        metrics.decided("merge")  # type: ignore[arg-type]  # as it comes in the body

    @app.get("/metrics")
    async def answer() -> Response:
        return metrics.answer()

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def figure(answer: Response | object, name: str, **labels: str) -> float:
    text = answer.body.decode() if isinstance(answer, Response) else answer.text  # type: ignore[attr-defined]
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


def test_requests_are_counted_by_route_method_and_kind_of_answer(service: TestClient) -> None:
    """An operator would not see that one route fails."""
    for code in ("a", "b", "wrong"):
        service.get(f"/projects/study/codes/{code}")
    service.get("/nothing/here")
    found, route = service.get("/metrics"), "/projects/{project}/codes/{code}"
    assert found.headers["content-type"].startswith("text/plain; version=")
    assert figure(found, "textcoder_requests_total", route=route, method="GET", **{"class": "2xx"}) == 2
    assert figure(found, "textcoder_requests_total", route=route, **{"class": "none"}) == 1, "it broke before an answer"
    assert figure(found, "textcoder_requests_total", route="none", **{"class": "4xx"}) == 1
    assert figure(found, "textcoder_request_seconds_count", route=route) == 3
    assert figure(found, "textcoder_request_seconds_bucket", route=route, le="10.0") == 3
    assert figure(found, "textcoder_requests_in_flight") == 1, "this one"
    assert figure(service.get("/metrics"), "textcoder_requests_in_flight") == 1
    assert service.get("/during").json() == {"in_flight": 1.0}
    assert service.get("/stream").text == "onetwo"
    service.post("/decide")
    assert figure(service.get("/metrics"), "textcoder_decisions_total", verb="merge") == 1
    if sys.platform == "linux":
        assert figure(found, "process_resident_memory_bytes") > 0


def test_no_label_says_who_or_what(service: TestClient) -> None:
    """Names of participants would be kept for years in a database of figures, and every new one would make it larger."""
    service.get(f"/projects/{SECRET}/codes/{SECRET}?q={SECRET}", headers={"X-Textcoder-Coder": SECRET})
    service.get(f"/{SECRET}/{SECRET}")
    service.get(f"/projects/{SECRET}/codes/wrong")
    service.request(SECRET.upper(), f"/projects/{SECRET}/codes/a")
    with pytest.raises(ValueError, match="not a valid"):
        Metrics().decided(SECRET)  # type: ignore[arg-type]  # a caller's word
    text = service.get("/metrics").text
    assert SECRET not in text.lower() and "study" not in text
    labels = {
        (name, value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for name, value in sample.labels.items()
        if name in ("route", "method")
    }
    assert {value for name, value in labels if name == "method"} == {"GET", "other"}
    assert {value for name, value in labels if name == "route"} == {"/projects/{project}/codes/{code}", "none"}


def test_each_service_counts_for_itself() -> None:
    """Two services in one process, as in tests, would add up."""
    one, other = Metrics(), Metrics()
    one.decided("merge")  # type: ignore[arg-type]
    assert figure(other.answer(), "textcoder_decisions_total") == 0


# --- logs -------------------------------------------------------------------------------------------------------------------------------

_SERVER = f"""
import asyncio, http.client, logging, socket, sys, threading, warnings
import uvicorn
from fastapi import FastAPI, Request
from textcoder_api import logs

SECRET, form, breaks = {SECRET!r}, sys.argv[1], sys.argv[2]
logs.begin(None if form == "none" else form)
log = logging.getLogger("textcoder.api")

async def lifespan(app):
    if breaks == "start":
        raise RuntimeError(SECRET)
    yield
from contextlib import asynccontextmanager
app = FastAPI(lifespan=asynccontextmanager(lifespan))

@app.post("/heard/{{name}}")
async def heard(name: str, request: Request):
    await request.body()
    logs.REQUEST.set("5f3c")
    fields = {{"method": "POST", "route": "/heard/{{name}}", "status": 200, "ms": 1.5, "who": SECRET}}
    log.info("%s %s", "POST", "/heard/{{name}}", extra=fields)
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        log.warning("A page could not be read.", exc_info=error)
    logging.getLogger("somebody.else").warning("heard %s", SECRET, exc_info=True, stack_info=True)
    logging.getLogger("uvicorn.access").info("GET /%s", SECRET)
    logging.getLogger("uvicorn.error").error(SECRET)
    warnings.warn(SECRET)
    log.warning("%d", SECRET)
    async def lost():
        raise ValueError(SECRET)
    task = asyncio.ensure_future(lost())
    await asyncio.sleep(0)
    return name

@app.get("/broken")
async def broken():
    raise ValueError(SECRET)

with socket.create_server(("127.0.0.1", 0)) as listening:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={{"sockets": [listening]}})
    thread.start()
    if breaks != "start":
        def ask(method, path):
            line = http.client.HTTPConnection(*listening.getsockname())
            line.request(method, path, body=SECRET, headers={{"X-Textcoder-Coder": SECRET}})
            line.getresponse().read(); line.close()
        ask("POST", f"/heard/{{SECRET}}?q={{SECRET}}"); ask("GET", "/broken"); ask("GET", "/" + SECRET); ask(SECRET, "/broken")
        with socket.create_connection(listening.getsockname()) as line:
            line.sendall(f"{{SECRET}}\\r\\n\\r\\n".encode()); line.recv(1000)
    server.should_exit = True
    thread.join()
"""


def logged(form: str, breaks: str = "") -> list[str]:
    """What a service writes while everything comes by in which people's words could stand."""
    command = [sys.executable, "-c", _SERVER, form, breaks]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, timeout=60)
    assert SECRET not in done.stdout + done.stderr, done.stderr
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_json_lines_hold_what_happened_and_nobodys_words() -> None:
    lines = [json.loads(line) for line in logged("json")]
    assert all(list(line)[:4] == ["time", "level", "logger", "message"] for line in lines)
    assert all(datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0) for line in lines)
    asked = next(line for line in lines if line.get("route"))
    assert {name: asked[name] for name in ("level", "message", "method", "route", "status", "ms", "request")} == {
        "level": "info",
        "message": "POST /heard/{name}",
        "method": "POST",
        "route": "/heard/{name}",
        "status": 200,
        "ms": 1.5,
        "request": "5f3c",
    }
    assert "who" not in asked
    said = [line["message"] for line in lines]
    assert "Application startup complete." in said and "Invalid HTTP request received." in said, (
        "uvicorn's, in our form"
    )
    wrong = next(line for line in lines if line["message"] == "A page could not be read.")
    assert wrong["error"].startswith("KeyError in heard (<string>:"), "where to look"
    assert any(line["logger"] == "uvicorn.error" and "ValueError in broken" in line.get("error", "") for line in lines)
    assert any(message.startswith("somebody.else has something to say in heard (<string>:") for message in said)
    assert {"asyncio", "py.warnings"} <= {line["logger"] for line in lines}


def test_text_lines_are_one_line_each() -> None:
    lines = logged("text")
    assert any(line.endswith("info POST /heard/{name} 5f3c") for line in lines)
    assert all(datetime.fromisoformat(line.split()[0]) and line.split()[1] in LEVELS for line in lines)


LEVELS = ("info", "warning", "error", "critical")


def test_without_a_form_only_what_is_wrong_is_written() -> None:
    lines = logged("none")
    assert lines and not any(" info " in line for line in lines)


def test_a_service_that_cannot_start_says_where() -> None:
    lines = [json.loads(line) for line in logged("json", "start")]
    assert any(line["level"] == "error" for line in lines)


def test_an_error_is_told_without_its_message() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        assert told(error).startswith("ValueError in test_an_error_is_told_without_its_message (")
        assert SECRET not in told(error)
    assert told(ValueError(SECRET)) == "ValueError in no place"
