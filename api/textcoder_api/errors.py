"""Errors as RFC 9457 problems: one table from the family in `textcoder.errors` to statuses.

An answer may name a code or a file that the caller named; it repeats no text of hers, and holds no participant's words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from textcoder import errors
from textcoder.errors import TextcoderError


class Outdated(TextcoderError):
    """What a decision builds on was changed since its author read it (If-Match).

    Attributes:
        changes: What happened meanwhile, oldest first.
    """

    def __init__(self, message: str, changes: Sequence[Mapping[str, Any]] = ()) -> None:
        self.changes = list(changes)
        super().__init__(message)


class NotModified(Exception):
    """The caller has this answer already (If-None-Match)."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers


STATUSES: dict[type[TextcoderError], int] = {
    errors.UnknownItem: 404,
    errors.Conflict: 409,
    errors.NothingToCode: 409,
    errors.VerificationFailed: 409,
    Outdated: 412,
    errors.InvalidDecision: 422,
    errors.InvalidTable: 422,
    errors.UnreadableFile: 422,
    errors.StoreError: 503,
    errors.ModelNotFound: 503,
    errors.MissingPackage: 503,
    errors.OutputError: 503,
    TextcoderError: 422,
}
"""The nearest class counts."""

LISTED = 20
"""At most so many wrong fields are named."""
_SHOWN = 2000
PROBLEM = "application/problem+json"


def status_of(kind: type[BaseException]) -> int:
    """The status of one of our errors."""
    return next(STATUSES[base] for base in kind.__mro__ if base in STATUSES)


def problem(
    status: int, detail: str, *, kind: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """An answer that says what is wrong and what to do."""
    title = HTTPStatus(status).phrase
    name = kind or title.lower().replace(" ", "-")
    body = {
        "type": f"urn:textcoder:problem:{name}",
        "title": title,
        "status": status,
        "detail": _clean(detail),
        **more,
    }
    return Response(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status,
        headers=dict(headers or {}),
        media_type=PROBLEM,
    )


def problem_of(error: TextcoderError) -> Response:
    """The answer for one of our errors."""
    more: dict[str, Any] = {}
    if isinstance(error, errors.Conflict):
        more["decisions"] = list(error.decisions)
    if isinstance(error, Outdated):
        more["changes"] = error.changes
    if isinstance(error, errors.InvalidTable) and error.row is not None:
        more["row"] = error.row
    headers = {"Retry-After": "1"} if isinstance(error, errors.StoreError) else None
    return problem(status_of(type(error)), str(error), kind=_kebab(type(error)), headers=headers, **more)


def answer_errors(app: FastAPI) -> None:
    """Let every error become a problem."""

    @app.exception_handler(TextcoderError)
    def ours(_: Request, error: TextcoderError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            return problem(400, "The body is no JSON; mend it and send it again.", kind="not-json")
        wrong = [{"field": _field(one["loc"]), "message": _message(one)} for one in found[:LISTED]]
        said = "; ".join(f"{one['field']}: {one['message']}" for one in wrong[:3])
        more = f" ({len(found) - 3} more)" if len(found) > 3 else ""
        return problem(422, f"{said}{more}.", kind="invalid-request", errors=wrong)

    @app.exception_handler(HTTPException)
    def plain(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, _SAID.get(error.status_code, str(error.detail)), headers=error.headers)

    @app.exception_handler(NotModified)
    async def same(_: Request, error: NotModified) -> Response:
        return Response(status_code=304, headers=dict(error.headers))


_SAID = {
    400: "The body cannot be read; send JSON in UTF-8.",
    404: "There is nothing at this address; /api/v1/openapi.json lists what there is.",
    405: "This address does not answer to this method; /api/v1/openapi.json lists what there is.",
}


def _field(location: Sequence[str | int]) -> str:
    """Where the mistake lies, as the caller wrote it: `body.spans.0`."""
    return _clean(".".join(str(part) for part in location))[:200] or "request"


def _message(error: Mapping[str, Any]) -> str:
    """What is wrong with a field, without what it held."""
    match error["type"]:
        case "union_tag_invalid" | "union_tag_not_found":
            return f"must be one of {error['ctx'].get('expected_tags', 'the verbs of the service')}"
        case "extra_forbidden":
            return "is not known here"
        case "missing":
            return "is missing"
        case "value_error":
            return _clean(str(error["ctx"]["error"]))
    return _clean(str(error["msg"]))


def _kebab(kind: type[TextcoderError]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def _clean(text: str) -> str:
    """Text that can be sent: no half of a surrogate pair, no control characters, not endless."""
    kept = "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text[:_SHOWN]
    )
    return kept + ("…" if len(text) > _SHOWN else "")
