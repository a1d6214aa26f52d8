"""How things are answered: pages in stable order, chosen fields, JSON or CSV, and entity tags that say what an answer rests on."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from textcoder.errors import InvalidDecision
from textcoder_api.schemas import Page, Row

T = TypeVar("T")
R = TypeVar("R", bound=Row)
Key = tuple[Any, ...]

JSON, CSV = "application/json", "text/csv"


class ListQuery(BaseModel):
    """What every list takes. A parameter that a list does not know is refused: a misspelt filter would answer everything."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=10_000, description="At most so many.")] = 100
    cursor: Annotated[
        str | None, Field(max_length=2000, description="`next` of the part before; never made up by hand.")
    ] = None
    fields: Annotated[str | None, Field(max_length=1000, description="Only these, such as `id,text`.")] = None


def page_of(
    things: Sequence[T], query: ListQuery, *, key: Callable[[T], Key], keep: Callable[[T], bool] | None = None
) -> tuple[list[T], str | None]:
    """The next part of a list, and the cursor of what follows it.

    A cursor holds the key of the last thing that was answered, so that nothing is left out or told twice where things came or
    went meanwhile. Cost: logarithmic to find the place, then as many as must be looked at to fill the part.

    Args:
        things: In rising order of `key`, which is different for each.
        query: How many, and from where.
        key: What they are sorted by.
        keep: Which of them are asked for.
    """
    first = bisect_right(things, _key_of(query.cursor, key, things), key=key) if query.cursor and things else 0
    wanted: Iterable[T] = islice(things, first, None)
    found = list(islice(filter(keep, wanted) if keep else wanted, query.limit + 1))
    part = found[: query.limit]
    return part, _cursor(key(part[-1])) if len(found) > query.limit else None


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def _key_of(cursor: str, key: Callable[[T], Key], things: Sequence[T]) -> Key:
    shape = [type(part) for part in key(things[0])]
    try:
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidDecision(_NO_CURSOR) from error
    if not isinstance(found, list) or [type(part) for part in found] != shape:
        raise InvalidDecision(_NO_CURSOR)
    return tuple(found)


_NO_CURSOR = "The cursor is none of this list; take `next` of an answer as it is, or leave it out to begin."


def wants_csv(request: Request) -> bool:
    """Whether the caller would rather have CSV than JSON."""
    accepted = request.headers.get("accept", "")
    return _quality(accepted, CSV) > _quality(accepted, JSON)


def quality_of(request: Request, kind: str) -> float:
    """How gladly the caller takes a media type, from 0 to 1."""
    return _quality(request.headers.get("accept", ""), kind)


def _quality(accepted: str, kind: str) -> float:
    """The `q` of the most exact range that holds the type (RFC 9110, 12.5.1); 0 where none does."""
    best = (-1, 0.0)
    for part in accepted.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        exact = {kind: 2, f"{kind.split('/')[0]}/*": 1, "*/*": 0}.get(name, -1)
        given = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        q = float(given) if re.fullmatch(r"[01](\.\d{0,3})?", given) else 0.0
        best = max(best, (exact, q))
    return best[1] if best[0] >= 0 else 0.0


def listed(
    request: Request, rows: Sequence[R], model: type[R], *, fields: str | None = None, next_: str | None = None
) -> Response:
    """A list as JSON (`items`, `next`) or as CSV (a row each; a list or a mapping in a cell is JSON).

    Both name the part that follows in a `Link` header.

    Raises:
        InvalidDecision: A field is asked for that there is not.
    """
    names = chosen(fields, model)
    headers = {"Link": f'<{_following(request, next_)}>; rel="next"'} if next_ else {}
    if not wants_csv(request):
        items = [row.model_dump(include=set(names), mode="python") for row in rows]
        return Response(to_json({"items": items, "next": next_}), headers=headers, media_type=JSON)
    return as_csv(names, ([getattr(row, name) for name in names] for row in rows), headers)


def as_csv(head: Sequence[str], rows: Iterable[Iterable[Any]], headers: Mapping[str, str] | None = None) -> Response:
    """A table as CSV that opens in a spreadsheet; a list or a mapping in a cell is JSON."""
    from textcoder.reports.tables import Table, to_csv

    table = Table(tuple(head), [tuple(map(_cell, row)) for row in rows])
    return Response(to_csv(table), headers=headers, media_type=f"{CSV}; charset=utf-8")


def plain(value: float | None) -> float | None:
    """A figure as a table holds it: rounded, and nothing where it is undefined."""
    return round(value, 6) if value is not None and math.isfinite(value) else None


def chosen(fields: str | None, model: type[Row]) -> list[str]:
    """The names of the fields that are asked for, in the order of the model; all where none are named.

    Raises:
        InvalidDecision: One is asked for that there is not.
    """
    known = list(model.model_fields)
    if fields is None:
        return known
    wanted = {name.strip() for name in fields.split(",")}
    if not wanted <= set(known):
        raise InvalidDecision(f"`fields` takes some of {', '.join(known)}.")
    return [name for name in known if name in wanted]


def one(row: Row, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """One thing as JSON."""
    return Response(to_json(row.model_dump(mode="python")), status, headers=headers, media_type=JSON)


def _cell(value: Any) -> str | int | float | None:
    if value is None or isinstance(value, str | int | float):
        return str(value) if isinstance(value, str) else value
    return to_json(value).decode()


def _following(request: Request, cursor: str | None) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', cursor or '')])}"


def page_model(model: type[R]) -> dict[int | str, dict[str, Any]]:
    """What a list answers, for the contract."""
    return {
        200: {
            "model": Page[model],  # type: ignore[valid-type]  # made for each list
            "description": "A part of the list; `Link` names the next. `ETag` says what it rests on.",
            "content": {CSV: {"schema": {"type": "string"}}},
        }
    }


def tag_of(request: Request, base: str, *rests_on: object) -> str:
    """The entity tag of an answer: `<base>-<hash of all else that it rests on>`; see `dependencies.unchanged` for what the base is."""
    asked = (request.url.path, request.url.query, request.headers.get("accept", ""), *rests_on)
    return f'"{base}-{sha256(repr(asked).encode("utf-8", "replace")).hexdigest()[:12]}"'


def matches(header: str, tag: str) -> bool:
    """Whether an If-None-Match names the tag (weak comparison)."""
    given = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in given or tag in given
