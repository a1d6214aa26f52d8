"""Whatever is asked, the service answers as its contract says: no 5xx, no status, type or shape that is not written there.

Requests are made by schemathesis from the contract itself; where a field names something of the study, often something that is there.
`SCHEMATHESIS_EXAMPLES=200` looks longer.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.desk import PASSWORD, serving
from textcoder_api.routes import ROUTERS, accounts

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))
OPERATIONS = [route.name for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
OPERATIONS += ["health", "ready"]
OF_ACCOUNTS = {route.name for route in accounts.router.routes if isinstance(route, APIRoute)}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

_CODES = ["late", "forms", "tea", "Forms", "barriers/Forms"]
_SPANS = ["mira.txt:28-55", "mira.txt:56-73", "leila.txt:31-46", "omar.txt:6-46", "mira.txt:28-34"]
KNOWN: dict[str, list[Any]] = {
    "account": ["ben", "eva"],
    "act": [1, 2, 3],
    "about": ["project", "code:Forms", "segment:mira.txt:56-73", "case:Mira", "theme:th0", "transcript:mira.txt"],
    "by": ["group", "wave"],
    "case": ["Mira", "Leila"],
    "code": _CODES,
    "codes": [_CODES[:1], _CODES[:2], ["tea", "tea"], []],
    "coder": ["ana", "machine"],
    "coders": [["ana", "ben"]],
    "file": ["mira.txt"],
    "from_wave": ["1"],
    "into": _CODES,
    "lens": ["barriers", "what_works", "none"],
    "n": [1, 2],
    "old": [PASSWORD],
    "parent": ["", *_CODES],
    "password": [PASSWORD],
    "project": ["study"],
    "row": ["late", "barriers", "th0"],
    "sample": ["round 1"],
    "segment": _SPANS,
    "since": ["1", "2"],
    "spans": [_SPANS[:1], _SPANS[1:3], _SPANS],
    "speaker": ["Mira", "Hanna"],
    "theme": ["th0", "th1"],
    "to": _CODES,
    "to_wave": ["2"],
    "transcript": ["mira.txt"],
    "wave": ["1", "2"],
    "Idempotency-Key": ["k1", "k2"],
    "If-Match": ["*", '"codebook-3"', '"codebook-9"', '"log-3"', '"code-1"', '"log-5", "codebook-3"'],
    "X-Textcoder-Coder": ["ana", "ben"],
}
"""What the study has, by the fields that name it."""
BOOKS = {
    "text/csv": "id,name,lens,definition\nlate,Nobody answers,barriers,Nobody picks up.\n",
    "application/yaml": "codes:\n- name: Nobody answers\n  lens: barriers\n",
}


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with serving(tmp_path_factory.mktemp("contract") / "desk") as client:
        return schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_in_the_contract(tmp_path: Path, contract: Any, operation: str) -> None:
    """A program written after the contract would meet what it does not know."""
    asked = contract.find_operation_by_id(operation)
    with serving(tmp_path / "desk", people=operation in OF_ACCOUNTS) as client:
        if operation in OF_ACCOUNTS:
            login = client.post("/api/v1/login", json={"name": "adam", "password": PASSWORD})
            client.headers["Authorization"] = f"Bearer {login.json()['token']}"
        known = KNOWN | _study(client)
        if operation == "follow_job":
            del known["job"]  # it waits for a worker, and its events for it
        kinds = sorted(
            {kind for answer in asked.definition.raw["responses"].values() for kind in answer.get("content", {})}
        )
        cases = asked.as_strategy(GenerationMode.POSITIVE) | asked.as_strategy(GenerationMode.NEGATIVE)

        @seed(1)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases, data=st.data())
        def holds(case: Case, data: st.DataObject) -> None:
            for part in (case.path_parameters, case.query, case.headers, case.body):
                _name_what_is_there(part, known, data)
            if isinstance(case.body, str) and data.draw(st.booleans()):
                case.body = BOOKS.get(case.media_type or "", case.body)
            case.headers["Accept"] = data.draw(st.sampled_from([*kinds, "*/*"]))
            if not data.draw(st.integers(0, 9)):
                case.headers["If-None-Match"] = "*"
            case.validate_response(_send(client, case), checks=CHECKS)

        holds()


def _study(client: TestClient) -> dict[str, list[Any]]:
    """Some more has happened: a sample is open, something was taken back, and a job waits; what it is called."""
    at = "/api/v1/projects/study"
    ana = {} if "Authorization" in client.headers else {"X-Textcoder-Coder": "ana"}
    sample = {"name": "round 1", "n": 2, "coders": ["ana", "ben"], "seed": 7}
    accept = {"verb": "accept", "spans": _SPANS[:2], "code": "late"}
    for where, body in (("samples", sample), ("decisions", accept), ("undo", {}), ("redo", {})):
        assert client.post(f"{at}/{where}", json=body, headers=ana).is_success
    return {"job": [client.post(f"{at}/jobs", json={"kind": "report"}, headers=ana).json()["id"]]}


def _name_what_is_there(part: Any, known: dict[str, list[Any]], data: st.DataObject) -> None:
    """In most fields that name something, name something that the study has."""
    if not hasattr(part, "items"):
        return
    for name, value in list(part.items()):
        if name in known and data.draw(st.integers(0, 3)):
            part[name] = data.draw(st.sampled_from(known[name]))
        elif isinstance(value, list):
            for one in value:
                _name_what_is_there(one, known, data)


def _send(client: TestClient, case: Case) -> Any:
    given_ = case.as_transport_kwargs(base_url=str(client.base_url))
    given_["headers"] = {name: str(value) for name, value in (given_["headers"] or {}).items()}
    request = requests.Request(**given_).prepare()
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    url = request.url or ""
    assume(len(url) < LONGEST)
    return client.request(request.method or "", url, content=request.body, headers=headers)


LONGEST = 65_000
"""Characters of an address that the test's client sends."""
