"""What a page's test asks of the service beside the browser: other people's work, and what the log holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from tests.api.desk import P, desk_url
from tests.pages.conftest import Site
from textcoder.domain.decision import Decision, Verb
from textcoder.store import open_store


def call(site: Site, path: str, body: object = None, *, coder: str = "ana") -> Any:
    """What the service answers; with a body it is posted. `path` is in the study, or outside with a leading slash."""
    place = f"/api/v1{path}" if path.startswith("/") else f"{P}/{quote(path, safe='/?&=:')}"
    method = "GET" if body is None else "POST"
    answer = httpx.request(method, site.url + place, json=body, headers={"X-Textcoder-Coder": coder}, timeout=20)
    assert answer.is_success, answer.text
    return answer.json()


def decide(site: Site, *, coder: str = "ana", **body: object) -> None:
    """Somebody decides."""
    call(site, "decisions", body, coder=coder)


def decisions(site: Site, verb: Verb) -> list[Decision]:
    """What the log holds, the oldest first."""
    store = open_store(desk_url(site.folder))
    found = [decision for decision in store.decisions() if decision.verb is verb]
    store.close()
    return found
