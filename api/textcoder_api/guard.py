"""Around every request: who may ask, how much may be sent, what every answer carries, one line in the log, and no traceback outside."""

from __future__ import annotations

import logging
import re
import uuid
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from textcoder_api.errors import problem
from textcoder_api.logs import REQUEST, told
from textcoder_api.metrics import Asked, Metrics, method_of, route_of

_log = logging.getLogger("textcoder.api")

MAX_BODY = 8 * 1024 * 1024
"""Bytes of a request; the largest codebook known to us has 300 kB."""
MAX_UPLOAD = 1000 * 1024 * 1024
"""Bytes of a request that brings files; they go to the disk piece by piece."""
_UPLOADS = re.compile(r"/api/v1/projects/[^/]+/(files|merge|refi|tables)")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})
"""What another program of this machine looks at to see how the service does; no names, so it need not be secret."""


class Guard:
    """The outermost layer of the service.

    A service without a password must not answer a web page that the researcher happens to have open: a request that comes from
    another origin is refused, and so is one for another host name (a name that somebody let point to 127.0.0.1).
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str] = LOOPBACK,
        max_body: int = MAX_BODY,
        max_upload: int = MAX_UPLOAD,
        secure: bool = False,
        metrics: Metrics | None = None,
    ) -> None:
        self.app, self.hosts, self.secure = app, hosts, secure
        self.metrics = metrics or Metrics()
        self.max_body, self.max_upload = max_body, max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = uuid.uuid4().hex[:12]
        REQUEST.set(request)
        with self.metrics.asked(scope) as asked:
            await self._answer(scope, receive, send, asked, request)
        ms = asked.seconds * 1000
        # The route, not the address: addresses hold search words and names.
        said = {"method": method_of(scope), "route": route_of(scope), "status": asked.status, "ms": round(ms, 1)}
        _log.info("%s %s %d %.0f ms", said["method"], said["route"], asked.status, ms, extra=said)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, asked: Asked, request: str) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                asked.answered(message["status"])
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)  # a page has a policy of its own
                headers.setdefault("Cache-Control", "private, no-cache")
                # For a year over TLS only; not for localhost, where other services would be shut out, too.
                if self.secure and scope["scheme"] == "https" and _host_of(scope) not in LOOPBACK:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        try:
            refused = self._refusal(scope)
            if refused is not None:
                await problem(*refused)(scope, receive, sent)
            else:
                await self.app(scope, _limited(receive, self._limit(scope)), sent)
        except Exception as error:  # noqa: BLE001  # the outermost edge: nothing that goes wrong inside may reach the outside
            _log.error("%s", told(error))  # only where it happened: its message could hold somebody's words
            if not asked.status:
                said = "Something went wrong inside; the log of the service says where. See the history before you try again."
                await problem(500, said)(scope, receive, sent)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if _host_of(scope) not in self.hosts:
            return 403, "This service answers only under the names that it was started with."
        if self.secure and scope["scheme"] != "https" and scope["path"] not in WATCHED:
            return 403, "This service answers over TLS only: use https, or let the proxy send X-Forwarded-Proto: https."
        origin = headers.get("origin")
        # The scheme counts: who can change what comes over plain HTTP from this name is not who speaks over TLS.
        if origin is not None and origin.lower() != f"{scope['scheme']}://{headers.get('host', '')}".lower():
            return 403, "This service answers no web page of another origin."
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "This service answers no web page of another origin."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self._limit(scope):
            return _too_large(self._limit(scope))
        return None

    def _limit(self, scope: Scope) -> int:
        brings_files = scope["method"] == "POST" and _UPLOADS.fullmatch(scope["path"]) is not None
        return self.max_upload if brings_files else self.max_body


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


def _host_of(scope: Scope) -> str:
    """The name under which the service was asked, without port."""
    try:
        return urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
    except ValueError:
        return ""
