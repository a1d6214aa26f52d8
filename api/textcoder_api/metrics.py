"""Figures of how the service does, for Prometheus. No label holds an id, a name, a place or what was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import Scope

from textcoder.domain.decision import Verb

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: a read is to take less than 0.05, and whatever takes longer than 10 is a job's."""


def method_of(scope: Scope) -> str:
    """The method, if it is one that there is: a caller may send any word."""
    method: str = scope["method"]
    return method if method in METHODS else "other"


def route_of(scope: Scope) -> str:
    """The route that answered, such as `/projects/{project}/codes/{code}`; `none` where there is none at the address."""
    route: str = getattr(scope.get("route"), "path", "none")
    return route


class Asked:
    """A request that is being answered.

    Attributes:
        status: Set when the answer begins; 0 where none was sent.
    """

    def __init__(self) -> None:
        self.status = 0
        self._began = time.perf_counter()
        self._answered: float | None = None

    def answered(self, status: int) -> None:
        """The answer begins. What comes after it, as in a stream of events, is not waiting."""
        self.status, self._answered = status, time.perf_counter()

    @property
    def seconds(self) -> float:
        """Until the answer began; until now, if none did."""
        return (time.perf_counter() if self._answered is None else self._answered) - self._began


class Metrics:
    """What is counted in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "textcoder_requests",
            "Requests that were answered; class none: the caller went away before.",
            ["method", "route", "class"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "textcoder_request_seconds",
            "Time until the answer began.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._open = Gauge("textcoder_requests_in_flight", "Requests that are being answered.", registry=self._registry)
        self._decisions = Counter("textcoder_decisions", "Acts, by verb.", ["verb"], registry=self._registry)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    @contextmanager
    def asked(self, scope: Scope) -> Iterator[Asked]:
        """Count one request; its route is known once it was answered."""
        asked = Asked()
        with self._open.track_inprogress():
            try:
                yield asked
            finally:
                method, route = method_of(scope), route_of(scope)
                kind = f"{asked.status // 100}xx" if asked.status else "none"
                self._requests.labels(method, route, kind).inc()
                self._seconds.labels(method, route).observe(asked.seconds)

    def decided(self, verb: Verb) -> None:
        """Count one act."""
        self._decisions.labels(Verb(verb).value).inc()

    def answer(self) -> Response:
        """All figures in the text format of Prometheus."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
