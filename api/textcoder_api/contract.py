"""The contract (OpenAPI): what FastAPI knows of the routes, with the problems they answer and an example of each operation."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from textcoder_api.errors import PROBLEM
from textcoder_api.schemas import Problem

EXAMPLES = Path(__file__).with_name("examples.json")
"""Operation id -> {"request", "status", "type", "response"}: what the curl lines of the README were answered."""


def contract(app: FastAPI) -> dict[str, Any]:
    """The description of all routes. Cost: a few hundred milliseconds, once a process."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version=app.openapi_version,
        description=app.description,
        routes=app.routes,
        license_info=app.license_info,
    )
    found.setdefault("components", {}).setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    found["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Where there are accounts: `tc_...`."},
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-textcoder",
            "description": "As logging in gives it.",
        },
    }
    found["security"] = [{"token": []}, {"cookie": []}, {}]
    for name in ("HTTPValidationError", "ValidationError"):
        found["components"]["schemas"].pop(name, None)
    for operations in found["paths"].values():
        for method, operation in operations.items():
            _answers(method, operation)
            _example(operation)
    return found


def _answers(method: str, operation: dict[str, Any]) -> None:
    """The problems of an operation, and for reads the answer that nothing has changed."""
    said = operation["responses"]
    said.pop("422", None)
    problem = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    said["4XX"] = {"description": "The request cannot be answered; the problem says why.", **problem}
    said["5XX"] = {"description": "The service cannot answer now; the problem says why.", **problem}
    if method == "get" and operation["tags"] != ["service"]:
        said["304"] = {"description": "You have this answer already (`If-None-Match`)."}


def _example(operation: dict[str, Any]) -> None:
    given = _examples().get(operation["operationId"])
    if given is None:
        return
    answer = operation["responses"].setdefault(given["status"], {"description": "Done."})
    answer.setdefault("content", {}).setdefault(given["type"], {})["example"] = given["response"]
    if given["request"] is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = given["request"]
            break


@cache
def _examples() -> dict[str, Any]:
    examples: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    return examples
