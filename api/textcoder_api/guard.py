"""Around every request: who may ask, how much may be sent, what every answer carries, one line in the log, and no traceback outside."""

from __future__ import annotations

import logging
import time
import traceback
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from textcoder_api.errors import problem

_log = logging.getLogger("textcoder.api")

MAX_BODY = 8 * 1024 * 1024
"""Bytes of a request; the largest codebook known to us has 300 kB."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """The outermost layer of the service.

    A service without a password must not answer a web page that the researcher happens to have open: a request that comes from
    another origin is refused, and so is one for another host name (a name that somebody let point to 127.0.0.1).
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] = LOOPBACK, max_body: int = MAX_BODY) -> None:
        self.app, self.hosts, self.max_body = app, hosts, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        try:
            refused = self._refusal(scope)
            if refused is not None:
                await problem(*refused)(scope, receive, sent)
            else:
                await self.app(scope, _limited(receive, self.max_body), sent)
        except Exception as error:  # noqa: BLE001  # the outermost edge: nothing that goes wrong inside may reach the outside
            # Only where it happened: the message of an error could hold somebody's words.
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
            _log.error("%s in %s", type(error).__name__, places)
            if not status:
                said = "Something went wrong inside; the log of the service says where. See the history before you try again."
                await problem(500, said)(scope, receive, sent)
        finally:
            took = (time.perf_counter() - started) * 1000
            # The route, not the address: addresses hold search words and names.
            route = getattr(scope.get("route"), "path", "-")
            _log.info("%s %s %d %.0f ms", scope["method"], route, status, took)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if _host(f"//{headers.get('host', '')}")[1] not in self.hosts:
            return 403, "This service answers only under the address that it was started with."
        origin = headers.get("origin")
        if origin is not None and _host(origin)[0] != headers.get("host"):
            return 403, "This service answers no web page of another origin."
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "This service answers no web page of another origin."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self.max_body:
            return _too_large(self.max_body)
        return None


def _limited(receive: Receive, limit: int) -> Receive:
    """Stop reading a body that is longer than it said."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(*_too_large(limit))
        return message

    return counted


def _too_large(limit: int) -> tuple[int, str]:
    return 413, f"The request is larger than {limit // 1024 // 1024} MB; send less at a time."


def _host(address: str) -> tuple[str, str]:
    """Host with port, and without."""
    try:
        parts = urlsplit(address)
        return parts.netloc, parts.hostname or ""
    except ValueError:
        return "", ""
