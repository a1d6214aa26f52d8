"""Every curl line of the README does what it shows, every operation has one, and the contract holds what they were answered."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.api.desk import secret, serving, working
from textcoder_api import contract

ROOT = Path(__file__).resolve().parents[2]
README, GOLDEN = ROOT / "api" / "README.md", ROOT / "api" / "openapi.json"
_SHELL = {r"\n": "\n", r"\'": "'"}


@dataclass
class Curl:
    """One line, as curl understands it."""

    line: str
    url: str = ""
    method: str = "GET"
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    parts: list[tuple[str, tuple[str | None, str] | tuple[str | None, str, str]]] = field(default_factory=list)

    @classmethod
    def read(cls, line: str) -> Curl:
        line = re.sub(r"\$'(.*?)'", lambda m: shlex.quote(re.sub(r"\\.", lambda e: _SHELL[e[0]], m[1])), line)
        words, call = iter(shlex.split(line)[1:]), cls(line)
        for word in words:
            match word:
                case "-X":
                    call.method = next(words)
                case "-H":
                    name, _, value = next(words).partition(": ")
                    call.headers[name] = value
                case "-N":  # TestClient waits for the end anyway
                    pass
                case "-o":
                    next(words)
                case "-F":
                    call.parts.append(_part(next(words)))
                    call.method = "POST"
                case "--data-binary" | "--json":
                    call.body = next(words)
                    call.method = "POST" if call.method == "GET" else call.method
                    if word == "--json":
                        call.headers |= {"Content-Type": "application/json", "Accept": "application/json"}
                case _:
                    assert word.startswith("http"), word
                    call.url = word
        return call

    def send(self, client: TestClient, tokens: Mapping[str, str]) -> Response:
        """As a shell would send it that knows these variables."""
        content = None if self.body is None else self.body.encode()
        headers = {name: Template(value).substitute(tokens) for name, value in self.headers.items()}
        url = Template(self.url).substitute(tokens)
        body: dict[str, Any] = {"files": self.parts} if self.parts else {"content": content}
        answer = client.request(self.method, url, headers=headers, **body)
        client.cookies.clear()  # curl keeps none
        return answer


FILES = {
    "vera.txt": "Hanna: What hinders?\nVera: The telephone is never answered. I gave up twice.\n",
    "cases.csv": "file,case,group\nwave3/vera.txt,V1,volunteer\n",
    "codings.csv": "file,start,end,text,code,lens,coder_id,status\nleila.txt,48,57,It rains.,Rain,barriers,ben,accepted\n",
    "theirs.qdc": '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="5a0c1f6e-3b1d-5c7e-9b1a-2f60a4d1c001" name="Dignity" '
    'isCodable="true"><Description>To be spoken to as an equal.</Description></Code></Codes></CodeBook>',
    "coded-segments.csv": "Document name,Code,Weight score,Segment,Created by\n"
    "leila,Barriers > Rain,0,It rains.,zoe\nmira,Forms,0,I ring,zoe\n",
    "coded-segments.mapping.yaml": "shape: maxqda\nlevels: ' > '\n"
    "columns: {document: Document name, code: Code, text: Segment, coder: Created by}\n",
}
"""What the lines send with `@`."""


def _part(said: str) -> tuple[str, tuple[str | None, str] | tuple[str | None, str, str]]:
    """A part of a form, as curl's -F says it."""
    name, _, value = said.partition("=")
    value, *more = value.split(";")
    options = dict(one.partition("=")[::2] for one in more)
    if value.startswith("@"):
        return name, (options.get("filename", Path(value[1:]).name), FILES[Path(value[1:]).name])
    return name, (None, value, options["type"])


LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("curl")
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Curl, Response]]]:
    """All lines, run one after the other: those over TLS go to the service of a team."""
    folder, hosts, tokens = (
        tmp_path_factory.mktemp("readme"),
        frozenset({"study.example.org"}),
        {"ADAM": secret("adam")},
    )
    with (
        serving(folder / "desk") as alone,
        serving(folder / "team", people=True, secure=True, hosts=hosts) as team,
    ):
        found = []
        for line in LINES:
            call = Curl.read(line)
            answer = call.send(team if call.url.startswith("https:") else alone, tokens)
            if call.url.endswith("/login"):
                tokens["SESSION"] = answer.json()["token"]
            if "Location" in answer.headers:
                tokens["JOB"] = answer.json()["id"]
                with working(folder / "desk") as worker:
                    worker.work_off()
            found.append((call, answer))
        yield found


def test_every_curl_line_of_the_readme_works(answers: list[tuple[Curl, Response]]) -> None:
    """An evaluator who copies a line would get an error."""
    wrong = [(call.line, answer.status_code, answer.text) for call, answer in answers if answer.status_code >= 300]
    assert not wrong
    decided = [(call, answer) for call, answer in answers if call.method == "POST" and call.url.endswith("/decisions")]
    assert [call.line for call, answer in decided if answer.status_code != 201] == [], "it was so already"


def test_every_operation_has_a_curl_line(answers: list[tuple[Curl, Response]], spec: dict[str, Any]) -> None:
    """People would not know of half of what there is."""
    shown = {operation(spec, call) for call, _ in answers}
    assert {one["operationId"] for path in spec["paths"].values() for one in path.values()} == shown


def test_every_verb_is_shown(spec: dict[str, Any]) -> None:
    schema = spec["paths"]["/api/v1/projects/{project}/decisions"]["post"]["requestBody"]["content"]
    verbs = set(schema["application/json"]["schema"]["discriminator"]["mapping"])
    assert verbs == set(re.findall(r'"verb": "(\w+)"', README.read_text(encoding="utf-8")))


def test_examples_are_what_the_lines_were_answered(
    answers: list[tuple[Curl, Response]], spec: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    """The contract would show answers that nobody gets."""
    examples: dict[str, Any] = {}
    for call, answer in answers:
        kind = answer.headers["content-type"].partition(";")[0]
        examples.setdefault(
            operation(spec, call),
            {
                "request": _parsed(call.body),
                "status": str(answer.status_code),
                "type": kind,
                "response": "(a file)" if kind == "application/zip" else _short(_parsed(_steady(answer.text))),
            },
        )
    if request.config.getoption("--golden"):
        contract.EXAMPLES.write_text(json.dumps(examples, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        contract._examples.cache_clear()
    assert _shape(examples) == _shape(json.loads(contract.EXAMPLES.read_text(encoding="utf-8")))


def test_contract_is_the_one_that_was_read_and_agreed(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A client would break without anybody having decided so; renew with --golden and read the difference."""
    with serving(tmp_path / "desk") as client:
        found = client.get("/api/v1/openapi.json").json()
    if request.config.getoption("--golden"):
        GOLDEN.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))
    for path, operations in found["paths"].items():
        for method, one in operations.items():
            shown = [c for answer in one["responses"].values() for c in answer.get("content", {}).values()]
            assert any("example" in content for content in shown), f"{method} {path} has no example"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with serving(tmp_path_factory.mktemp("spec") / "desk") as client:
        yield client.get("/api/v1/openapi.json").json()


def operation(spec: dict[str, Any], call: Curl) -> str:
    """The operation that a line calls: the path without a parameter counts before one with."""
    path = re.sub(r"^https?://[^/]+|\?.*$", "", call.url)
    for template in sorted(spec["paths"], key=lambda one: one.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and call.method.lower() in spec["paths"][template]:
            name: str = spec["paths"][template][call.method.lower()]["operationId"]
            return name
    raise AssertionError(f"{call.method} {path} is in no contract")


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError:
        return text


def _short(value: Any) -> Any:
    """Two of everything are enough to see how it looks."""
    if isinstance(value, list):
        return [_short(one) for one in value[:2]]
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def _shape(examples: dict[str, Any]) -> dict[str, Any]:
    """What an example must be like; its figures may move with the machine that has learned."""
    return {
        name: (
            one["request"],
            one["status"],
            one["type"],
            list(one["response"]) if one["type"].endswith("json") else "",
        )
        for name, one in examples.items()
    }


def _steady(text: str) -> str:
    """Without what differs from day to day and from machine to machine."""
    text = re.sub(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "0b7e4c1a-0000-4000-8000-000000000000", text
    )
    text = re.sub(r"tc_[\w-]{43}", "tc_w3p0Yq1fXk5GkM2xq7s0oJ4v9bLr8nT6uEzHcAiDdQY", text)
    text = re.sub(r'"id":"[0-9a-f]{12}"(?=,"name":"(laptop|log-in)")', '"id":"4b8fe01ac35d"', text)
    text = re.sub(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", "2024-03-01T09:00:00+00:00", text)
    return re.sub(r'("versions": ?)\{.*?\}', r'\1{"python":"3.11"}', text)
