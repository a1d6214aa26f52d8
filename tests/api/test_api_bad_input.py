"""Bad input: a reason and a status of 4xx for all of it, nothing changed, nobody's words in the answer or the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from tests.api.desk import P, serving
from textcoder import errors
from textcoder.errors import StoreError, TextcoderError
from textcoder.store.catalogue import Catalogue
from textcoder_api.dependencies import coder_named
from textcoder_api.errors import STATUSES, status_of

SECRET = "my neighbour hid the letters"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("bad") / "desk", "study", "other") as client:
        yield client


@pytest.fixture(scope="module")
def untouched(client: TestClient) -> Iterator[Any]:
    """The project before all of it; whoever only tried has left no trace of herself either."""
    coders = client.get(f"{P}/coders").json()
    yield client.get(P).json()
    assert client.get(f"{P}/coders").json() == coders


@pytest.fixture(autouse=True)
def nothing_changes(client: TestClient, untouched: Any) -> Iterator[None]:
    yield
    assert client.get(P).json() == untouched


def refused(answer: Any, *statuses: int) -> dict[str, Any]:
    """It was answered by a problem of one of these statuses (any 4xx if none is given)."""
    assert 400 <= answer.status_code < 500, answer.text
    assert not statuses or answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"].endswith((".", ")", "…")), problem["detail"]
    return problem


ODD = [
    *("%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5cwindows", "%00", "a%00b", "%ED%A0%80", "%F0%9F%98%80", "%20"),
    *("-1", "0", "9" * 30, "9" * 4500, "nan", "x" * 3000, "'; DROP TABLE decisions; --", "%25s%25n", "null", "*"),
]
ONE = ["transcripts/{}", "transcripts/{}/text", "cases/{}", "segments/{}", "codebook/versions/{}", "codes/{}"]
ONE += ["codes/{}/division", "acts/{}", "themes/{}", "samples/{}"]


@pytest.mark.parametrize("address", ONE)
def test_unknown_and_odd_names_in_addresses(client: TestClient, address: str) -> None:
    for odd in ODD:
        if (address, odd) != ("codebook/versions/{}", "0"):  # the empty book
            refused(client.get(f"{P}/{address.format(odd)}"), 404, 422)


def test_ids_of_another_project_are_unknown_here(client: TestClient) -> None:
    """One study's people would be quoted in another's report."""
    other = P.replace("study", "other")
    body = {"verb": "add", "name": "Elsewhere"}
    made = client.post(f"{other}/decisions", json=body)
    assert made.status_code == 201, made.text
    (new,) = made.json()["codes"]
    memo = client.post(f"{other}/decisions", json={"verb": "memo", "about": f"code:{new}", "text": "x"}).json()
    client.post(f"{other}/samples", json={"name": "theirs", "n": 1, "coders": ["zoe"]})
    refused(client.get(f"{P}/codes/{new}"), 404)
    refused(client.get(f"{P}/acts/4"), 404)
    refused(client.get(f"{P}/samples/theirs"), 404)
    refused(client.post(f"{P}/samples/theirs/release"), 404)
    refused(client.post(f"{P}/undo", json={"act": 4}), 404)
    for body in (
        {"verb": "accept", "spans": ["mira.txt:28-55"], "code": new},
        {"verb": "rename", "code": new, "name": "Mine"},
        {"verb": "move", "codes": ["late"], "parent": new},
        {"verb": "memo", "about": f"code:{new}", "text": "x"},
    ):
        refused(client.post(f"{P}/decisions", json=body), 404)
    assert memo["memos"][0] not in client.get(f"{P}/memos").text
    refused(client.get("/api/v1/projects/nobody"), 404)
    refused(client.post("/api/v1/projects/nobody/decisions", json={"verb": "retire", "codes": ["late"]}), 404)


@pytest.mark.parametrize(
    "query",
    [
        *("segments?limit=0", "segments?limit=10001", "segments?limit=x", "segments?limit=1e3", "segments?limit=-1"),
        *("segments?cursor=!", "segments?cursor=e30", "segments?cursor=WzFd", "segments?cursor=" + "A" * 3000),
        *("segments?cursor=W1tbW1tbW1s", "segments?lense=barriers", "segments?lens=hope", "segments?code=nothing"),
        *("segments?file=nobody.txt", "segments?role=boss", "segments?fields=", "segments?fields=id;text"),
        *("segments?file=a%00b", "codings?coder=nobody", "codings?status=maybe", "codings?counts=perhaps"),
        *("decisions?after=-1", "decisions?after=" + "9" * 40, "decisions?verb=sing", "search", "search?q="),
        *("search?q=%00", "search?q=tea&by=magic", "search?q=" + "x" * 2000, "review?n=0", "review?n=9999999"),
        *("review?sample=nobody", "changes?since=99", "codebook/diff", "codebook/diff?before=99", "agreement?sample=x"),
        *("codebook/diff?before=" + "9" * 25, "codes/late/division?parts=1", "codes/similar", "memos?on=moon"),
        *("transcripts/mira.txt/text?start=-1", "transcripts/mira.txt/text?end=" + "9" * 30, "disagreements?sample=x"),
    ],
)
def test_wrong_questions(client: TestClient, query: str) -> None:
    refused(client.get(f"{P}/{query}"), 404, 422)


def test_validation_names_the_field(client: TestClient) -> None:
    problem = refused(client.post(f"{P}/decisions", json={"verb": "accept", "spans": [7], "code": "late", "x": 1}), 422)
    assert [one["field"] for one in problem["errors"]] == ["body.accept.spans.0", "body.accept.x"]


SPAN = "mira.txt:28-55"
BODIES: list[Any] = [
    *(None, 7, "accept", [], [{}], {}, {"verb": None}, {"verb": "sing"}, {"verb": ["accept"]}),
    {"verb": "accept"},
    {"verb": "accept", "spans": [], "code": "late"},
    {"verb": "accept", "spans": "mira.txt:28-55", "code": "late"},
    {"verb": "accept", "spans": [SPAN], "code": 7},
    {"verb": "accept", "spans": [SPAN], "code": "late", "coder": "ben"},
    {"verb": "accept", "spans": [SPAN], "code": "late", "why": 7},
    {"verb": "accept", "spans": [SPAN], "code": "late", "why": "a\0b"},
    {"verb": "accept", "spans": [SPAN], "code": "late", "why": "x" * 20_001},
    {"verb": "accept", "spans": [SPAN], "code": "unheard of"},
    *({"verb": "accept", "spans": [span], "code": "late"} for span in (
        "", " ", "mira.txt", "mira.txt:", "mira.txt:5", "mira.txt:9-5", "mira.txt:5-5", "mira.txt:-1-5", "mira.txt:0-99999",
        "mira.txt:0-" + "9" * 400, "mira.txt:x-y", "nobody.txt:0-5", "../../etc/passwd:0-5", "mira.txt:1-2\0", "mira.txt:\u0661-\u00b2",
    )),
    {"verb": "recode", "spans": [SPAN], "code": "late", "to": "late"},
    {"verb": "review", "segment": "mira.txt:28-54", "codes": []},
    {"verb": "resolve", "segment": SPAN, "code": "late", "carries": "perhaps"},
    *({"verb": "add", "name": name} for name in ("", "  ", "a\nb", "a\0b", "x" * 501, "nobody answers\u0007")),
    {"verb": "add", "name": "Nobody Answers", "lens": "barriers"},
    {"verb": "add", "name": "New", "lens": "hope"},
    {"verb": "add", "name": "New", "parent": "nothing"},
    {"verb": "add", "name": "New", "id": "late"},
    {"verb": "rename", "code": "late", "name": "Forms"},
    {"verb": "define", "code": "late"},
    {"verb": "define", "code": "late", "examples": [{"text": "x", "by": "me"}]},
    {"verb": "merge", "codes": [], "into": "late"},
    {"verb": "merge", "codes": ["late"], "into": "late"},
    {"verb": "merge", "codes": ["tea"], "into": "late"},
    {"verb": "split", "code": "late", "parts": [{"name": "One", "spans": []}]},
    {"verb": "split", "code": "late", "parts": [{"name": "A", "spans": []}, {"name": "a", "spans": []}]},
    {"verb": "move", "codes": ["late"]},
    {"verb": "move", "codes": ["late"], "parent": "late"},
    {"verb": "move", "codes": ["late"], "lens": "hope"},
    {"verb": "retire", "codes": ["late"] * 1001},
    {"verb": "restore", "code": "late"},
    *({"verb": "threshold", "code": "late", "probability": p} for p in (-0.1, 1.1, 10**400, "high", [0.5])),
    {"verb": "adopt", "theme": "nothing"},
    {"verb": "dismiss", "theme": ""},
    {"verb": "role", "speaker": "Nobody", "role": "participant"},
    {"verb": "role", "speaker": "Hanna", "role": "boss"},
    {"verb": "speaker", "transcript": "mira.txt", "to": "Vera"},
    {"verb": "speaker", "transcript": "mira.txt", "to": "Vera", "turns": [28], "speaker": "Mira"},
    {"verb": "speaker", "transcript": "mira.txt", "to": " ", "turns": [28]},
    {"verb": "speaker", "transcript": "nobody.txt", "to": "Vera", "turns": [28]},
    *({"verb": "speaker", "transcript": "mira.txt", "to": "Vera", "turns": [at]} for at in (-1, 0, 2**40, 10**400, 28.5)),
    *({"verb": "speaker", "transcript": "mira.txt", "to": "Mira", "speaker": who} for who in ("Mira", "Nobody", "")),
    {"verb": "speaker", "transcript": "mira.txt", "to": "Hanna", "turns": [28], "role": "participant"},
    *({"verb": "memo", "about": about, "text": "x"} for about in ("", "moon:1", "code:nothing", "case:nobody", "segment:x", "theme:")),
]  # fmt: skip


@pytest.mark.parametrize("dry_run", ["false", "true"])
@pytest.mark.parametrize("body", BODIES, ids=lambda body: json.dumps(body)[:50])
def test_decisions_that_make_no_sense(client: TestClient, body: Any, dry_run: str) -> None:
    kind = {"Content-Type": "application/json"}
    refused(client.post(f"{P}/decisions?dry_run={dry_run}", content=json.dumps(body), headers=kind), 404, 422)


HARDLY_JSON = [
    *(b"", b"{", b"\xff\xfe{}", b"[" * 50_000, b'{"verb": "add", "name": NaN}', b'{"verb": "add", "name": "\\ud800"}'),
    b'{"verb": "add", "name": "' + b"9" * 5000 + b'"}',
    b'{"verb": "threshold", "code": "late", "probability": NaN}',
]


@pytest.mark.parametrize("body", HARDLY_JSON, ids=range(len(HARDLY_JSON)))
def test_bodies_that_are_hardly_json(client: TestClient, body: bytes) -> None:
    refused(client.post(f"{P}/decisions", content=body, headers={"Content-Type": "application/json"}), 400, 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "", "application/jsonx"])
@pytest.mark.parametrize("what", ["decisions", "undo", "redo", "samples"])
def test_wrong_content_types(client: TestClient, what: str, kind: str) -> None:
    """A web page can send text/plain to a service on this machine without asking; it must decide nothing."""
    refused(
        client.post(f"{P}/{what}", content=b'{"verb": "retire", "codes": ["late"]}', headers={"Content-Type": kind}),
        415,
    )


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [
        ("application/json", b"{}", 415),
        ("text/csv", b"", 422),
        ("text/csv", b"name,lens\nA,hope\n", 422),
        ("text/csv", b"name,lens\nA,barriers\na,barriers\n", 422),
        ("application/yaml", b"codes: [", 422),
        ("application/yaml", b"codes: !!python/object/apply:os.system ['true']", 422),
        ("application/yaml", b"a: &a [x, x]\nb: &b [*a, *a]\ncodes: *b", 422),
        ("application/yaml", b"\xff\xfe\x00", 422),
        ("application/yaml", b"codes:\n- name: A\n  lens: barriers\n  parent: B\n", 422),
        ("text/csv", bytes(range(256)), 422),
    ],
)
def test_codebooks_that_are_none(client: TestClient, kind: str, data: bytes, status: int) -> None:
    refused(client.put(f"{P}/codebook", content=data, headers={"Content-Type": kind}), status)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "n": 1, "coders": ["ana"]},
        {"name": "r", "n": 0, "coders": ["ana"]},
        {"name": "r", "n": 10**30, "coders": ["ana"]},
        {"name": "r", "n": 999, "coders": ["ana"]},
        {"name": "r", "n": 1, "coders": []},
        {"name": "r", "n": 1, "coders": ["ana"], "seed": -1},
        {"name": "r", "n": 1, "coders": ["ana"], "seed": 2**70},
        {"name": "r", "n": 1, "coders": ["ana"], "by": "planet"},
    ],
)
def test_samples_that_cannot_be_drawn(client: TestClient, body: dict[str, Any]) -> None:
    refused(client.post(f"{P}/samples", json=body), 404, 422)


@pytest.mark.parametrize("body", [{"act": 0}, {"act": 10**20}, {"act": 99}, {"act": "last"}, {"all": True}, {}])
def test_undo_of_nothing(client: TestClient, body: dict[str, Any]) -> None:
    refused(client.post(f"{P}/undo", json=body), 404, 422)


@pytest.mark.parametrize("name", ["machine", "consensus", "", " ", "a" * 101, "a\tb"])
def test_coders_that_nobody_may_be(client: TestClient, name: str) -> None:
    """Somebody would decide in the machine's name, or in that of all."""
    body = {"verb": "retire", "codes": ["late"]}
    refused(client.post(f"{P}/decisions", json=body, headers={"X-Textcoder-Coder": name}), 400)


def test_names_of_coders_may_have_any_letters(client: TestClient) -> None:
    """Headers come as Latin-1, whatever was sent."""
    assert coder_named("Åsa 🙂".encode().decode("latin-1")).name == "Åsa 🙂"
    with pytest.raises(HTTPException, match="UTF-8"):
        coder_named(b"\xff\xfe".decode("latin-1"))
    answer = client.get(f"{P}/review/hint", headers={b"X-Textcoder-Coder": "Åsa 🙂".encode()})
    assert answer.status_code == 200


@pytest.mark.parametrize("key", ["", "a" * 201, "with space", b"\xc3\xa5"])
def test_keys_that_are_none(client: TestClient, key: Any) -> None:
    body = {"verb": "retire", "codes": ["late"]}
    refused(client.post(f"{P}/decisions", json=body, headers={"Idempotency-Key": key}), 422)


def test_wrong_methods_and_addresses(client: TestClient) -> None:
    refused(client.delete(f"{P}/codes/late"), 405)
    refused(client.post(f"{P}/codebook"), 405)
    refused(client.get("/docs"), 404)
    refused(client.get("/projects/study/nowhere"), 404)
    refused(client.get("/static/..%2f..%2fapp.py"), 404)
    refused(client.get("/static/js/../../shell.py"), 404)
    refused(client.get(f"{P}/codes/"), 404)
    refused(client.get("/api/v1/projects/study/../../../../etc/passwd"), 404)


# --- around the service -----------------------------------------------------------------------------------------------------------------


def test_too_large_requests_are_refused_whether_they_say_so_or_not(tmp_path: Path) -> None:
    with serving(tmp_path / "desk", max_body=1000) as client:
        body = json.dumps({"verb": "add", "name": "x", "why": "y" * 2000}).encode()
        kind = {"Content-Type": "application/json"}
        refused(client.post(f"{P}/decisions", content=body, headers=kind), 413)
        refused(client.post(f"{P}/decisions", content=iter([body[:900], body[900:]]), headers=kind), 413)
        refused(client.put(f"{P}/codebook", content=iter([body, body]), headers={"Content-Type": "text/csv"}), 413)
        for length in ("9" * 30, "-5", "ten"):
            refused(client.post(f"{P}/decisions", content=b"{}", headers={**kind, "Content-Length": length}), 413)
        assert len(client.get(f"{P}/decisions").json()["items"]) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8765"},
        {"Host": "["},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_web_pages_of_others_are_not_answered(client: TestClient, headers: dict[str, str]) -> None:
    """Any page that the researcher has open could read her interviews."""
    refused(client.get(f"{P}/segments", headers=headers), 403)
    refused(client.post(f"{P}/decisions", json={"verb": "retire", "codes": ["late"]}, headers=headers), 403)


def test_answers_carry_the_headers_that_keep_them_private(client: TestClient) -> None:
    for answer in (client.get(f"{P}/segments"), client.get("/nowhere"), client.get("/healthz")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_nothing_that_was_sent_is_in_an_error_or_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Words of a participant would lie in log files that nobody guards."""
    with caplog.at_level(logging.DEBUG):
        for body in (
            {"verb": "memo", "about": "project", "text": SECRET, "x": SECRET},
            {"verb": "memo", "about": 7, "text": SECRET},
            {"verb": SECRET},
            {"verb": "accept", "spans": SPAN, "code": "late", "why": SECRET + "\0"},
        ):
            assert SECRET not in refused(client.post(f"{P}/decisions", json=body))["detail"]
        assert client.get(f"{P}/search", params={"q": SECRET}).status_code == 200
        assert SECRET not in client.get(f"{P}/search", params={"q": SECRET, "by": "magic"}).text
    kept = [record.getMessage() for record in caplog.records if record.name.startswith(("textcoder", "uvicorn"))]
    assert not [line for line in kept if "neighbour" in line]
    assert any("/projects/{project}/search 200" in line for line in kept)


# --- errors -----------------------------------------------------------------------------------------------------------------------------


def test_every_error_of_ours_has_a_status() -> None:
    """A new error would become "500"."""
    family = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TextcoderError)]
    assert {kind for kind in family if kind not in STATUSES} == set()
    assert status_of(type("Newer", (StoreError,), {})) == 503
    assert all(400 <= status < 600 for status in STATUSES.values())


def test_database_that_cannot_be_opened_is_said_so_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreError("The database does not answer; see that the server runs.")

    with serving(tmp_path / "desk") as client:
        with monkeypatch.context() as broken:
            broken.setattr(Catalogue, "open_project", away)
            broken.setattr(Catalogue, "projects", away)
            answer = client.get(P)
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:textcoder:problem:store-error")
            assert client.get("/readyz").status_code == 503
            assert client.get("/healthz").status_code == 200
        assert client.get(P).status_code == client.get("/readyz").status_code == 200


def test_mistake_of_ours_is_one_sentence_outside_and_one_line_inside(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A traceback would carry somebody's words, and the caller would not know what to do."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("textcoder_api.routes.material.workflow.search", broken)
    answer = client.get(f"{P}/search?q=tea")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert line.startswith("RuntimeError in broken")
    assert SECRET not in line
