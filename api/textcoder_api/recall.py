"""Answers that were given before and still hold go out before anything else of the service is asked."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from textcoder_api.dependencies import asked_of, coder_of, tagged
from textcoder_api.desk import Shelf
from textcoder_api.errors import NotModified
from textcoder_api.identity import Person

_PROJECTS = "/api/v1/projects/"


def recall(shelf: Shelf, scope: Scope, person: Person) -> Response | None:
    """The answer to just this, if it was given before and nothing was written since; None: ask the service.

    Cost: a look at the database's stamp.

    Raises:
        StoreError: The database cannot be read.
    """
    if scope["method"] != "GET" or not scope["path"].startswith(_PROJECTS):
        return None
    project = scope["path"].removeprefix(_PROJECTS).partition("/")[0]
    desk = shelf.opened(project)
    if desk is None or person.access_to(project) is None:
        return None
    request = Request(scope)
    try:
        coder = coder_of(person, request.headers.get("x-textcoder-coder"))
    except HTTPException:
        return None  # the service says what is wrong
    moment = desk.unchanged()
    found = None if moment is None else moment.answers.get(asked_of(scope, coder.id))
    if found is None:
        return None
    scope["route"] = found.route
    try:
        tagged(request, found.answer.headers["etag"])
    except NotModified as same:
        return Response(status_code=304, headers=dict(same.headers))
    return found.answer
