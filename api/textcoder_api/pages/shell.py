"""Which pages there are, and the files that they are made of. No page holds a word of a project: that comes over the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from textcoder import __version__
from textcoder_api.answers import matches

HERE = Path(__file__).parent
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # pictures of figures are made in the browser
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No script and no style but ours, so that a transcript that holds some is only text."""

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class View:
    """One view of a project.

    Attributes:
        name: Its part of the address and the name of its template and script.
        title: What people read.
        help: What it is for, in two sentences.
    """

    name: str
    title: str
    help: str


VIEWS = (
    View(
        "overview",
        "Overview",
        "What was read, what people said of it so far, and what is worth doing next. "
        "Files that you drop here are read and coded on this machine; training lets it study all that people coded.",
    ),
    View(
        "review",
        "Review",
        "One piece of a transcript at a time, with what the machine suggests and why. "
        "What you decide counts before anything that the machine says, and it learns from it at once.",
    ),
    View(
        "read",
        "Read",
        "A whole transcript with who speaks and what was coded where. Select words to code them.",
    ),
    View(
        "codebook",
        "Codebook",
        "The codes with their definitions, examples and history. Every change shows first what it would touch, and can be undone.",
    ),
    View(
        "themes",
        "Themes",
        "Groups of segments that mean something alike, found by the machine. A theme becomes a code only when you adopt it.",
    ),
    View(
        "compare",
        "Compare",
        "How many of those who were asked speak of something, by group, site or wave, and how sure that is. "
        "Every number opens the words behind it.",
    ),
    View(
        "progress",
        "Progress",
        "Each person's path over the waves, from the whole programme down to one sentence, with the numbers that people gave on scales. "
        "What a pattern found is a suggestion, and counted as no coding.",
    ),
    View(
        "agreement",
        "Agreement",
        "Samples that several people code without seeing each other, how far they agree, and what is to be settled. "
        "Without it nobody can say how far the codes can be trusted.",
    ),
    View(
        "adequacy",
        "Adequacy",
        "Whether enough was heard, and from whom: saturation, what so few people can show, and whose voices carry what. "
        "Every number opens the words behind it.",
    ),
    View(
        "quotes",
        "Quotes and report",
        "Collect the words that the report will quote, and see whose voices are missing. The report is written on this machine.",
    ),
)
"""In the order of the menu."""

GENERAL = {"": "projects", "login": "login", "help": "help"}
"""Addresses outside of projects, and their templates."""


def add_pages(app: FastAPI) -> None:
    """Let a service answer with pages beside its API."""
    for address, template in GENERAL.items():
        app.add_api_route(f"/{address}", _general(template), methods=["GET"], include_in_schema=False)
    app.add_api_route("/projects/{project}", project_page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/projects/{project}/{view}", project_page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/static/{path:path}", static_file, methods=["GET"], include_in_schema=False)


def _general(template: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        return _rendered(request, template)

    return page


def project_page(request: Request, project: str, view: str = "overview") -> Response:
    """The shell of a view; whether there is such a project, its script finds out."""
    found = next((one for one in VIEWS if one.name == view), None)
    if found is None:
        raise HTTPException(404)
    return _rendered(request, found.name, project=project, view=found)


def _rendered(request: Request, template: str, **more: object) -> Response:
    given = {"project": None, "view": None, "views": VIEWS, "version": __version__, "mark": _mark(), **more}
    body = _templates().get_template(f"{template}.html").render(given)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return Response(body, headers=headers, media_type="text/html; charset=utf-8")


def static_file(request: Request, path: str) -> Response:
    """A stylesheet, a script or a picture of ours, or plotly's script from the installed package."""
    found = _file(path)
    if found is None:
        raise HTTPException(404)
    data, kind, tag = found
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=kind)


@cache
def _files() -> dict[str, Path]:
    """Every file that may be asked for, by its part of the address: nothing else is ever opened."""
    folder = HERE / "static"
    found = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.suffix in KINDS}
    spec = find_spec("plotly")  # finds, and does not import
    for place in (spec.submodule_search_locations if spec else None) or ():
        script = Path(place) / "package_data" / "plotly.min.js"
        if script.is_file():
            found["plotly.min.js"] = script
    return found


def _file(path: str) -> tuple[bytes, str, str] | None:
    place = _files().get(path)
    return None if place is None else _read(place, place.stat().st_mtime_ns)


@cache
def _read(place: Path, changed: int) -> tuple[bytes, str, str]:
    data = place.read_bytes()
    return data, f"{KINDS[place.suffix]}; charset=utf-8", f'"{sha256(data).hexdigest()[:16]}"'


@cache
def _mark() -> str:
    """What tells this version's files from another's."""
    return sha256("".join(sorted(_files())).encode() + __version__.encode()).hexdigest()[:8]


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
