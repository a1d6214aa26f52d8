"""Who may do what: nobody gets in without a token, nobody does more than her role allows, and a project without a role is not there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.desk import CHEAP, PASSWORD, ROLES, P, bearer, desk_url, serving
from textcoder.domain.account import Token
from textcoder.errors import InvalidDecision, StoreError
from textcoder.store import open_catalogue
from textcoder.store.catalogue import Catalogue
from textcoder.workflow.accounts import SESSION_HOURS, Passwords, give_token, hash_of, log_in
from textcoder_api.identity import PUBLIC, _network

V1 = "/api/v1"
CODERS_MAY = {"decide", "undo", "redo", "place_waiting", "drop_waiting"}
"""All else that writes to a project is for owners; whoever adds an operation for coders says so here."""
DECISION = {"verb": "retire", "codes": ["late"]}


@pytest.fixture
def team(tmp_path: Path) -> Iterator[TestClient]:
    """Two projects with the same members."""
    with serving(tmp_path / "desk", "study", "other", people=True) as client:
        yield client


@pytest.fixture
def catalogue(team: TestClient, tmp_path: Path) -> Iterator[Catalogue]:
    """The database of the team, as the command line opens it while the service runs."""
    opened = open_catalogue(desk_url(tmp_path / "desk"), create=False)
    yield opened
    opened.close()


def operations(client: TestClient) -> list[tuple[str, str, str]]:
    """Method, address with something for each part, and name, of all that lies under /api/."""
    paths = client.get(f"{V1}/openapi.json").json()["paths"]
    return [
        (method.upper(), re.sub(r"\{\w+\}", "1", path.replace("{project}", "study")), operation["operationId"])
        for path, methods in paths.items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    ]


def asked(client: TestClient, method: str, address: str, headers: dict[str, str]) -> Any:
    """A request with a body that no route can take."""
    body = {} if method == "GET" else {"json": {}}
    return client.request(method, address, headers=headers, **body)  # type: ignore[arg-type]  # a body or none


# --- without a token ---


def test_nobody_gets_in_without_a_token(team: TestClient) -> None:
    """One forgotten route would give a whole study away."""
    wrong = {"Authorization": f"Bearer tc_{'x' * 43}"}
    short = {"Authorization": "Bearer tc_"}
    tried = [(method, path) for method, path, _ in operations(team) if path not in PUBLIC]
    assert len(tried) > 50
    for method, path in tried:
        for headers in ({}, wrong, short, {"X-Textcoder-Coder": "ana"}, {"Authorization": "Basic YWRhbTph"}):
            answer = asked(team, method, path, headers)
            assert answer.status_code == 401, (method, path, headers)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
    assert team.get(f"{V1}/nothing").status_code == 401, "which addresses there are is nobody's business"


def test_every_address_is_behind_the_door(team: TestClient) -> None:
    """An address beside /api/ is asked by nobody who it is."""
    paths = team.get(f"{V1}/openapi.json").json()["paths"]
    assert {path for path in paths if not path.startswith("/api/")} <= {"/healthz", "/readyz", "/metrics"}


def test_public_addresses_tell_no_names(team: TestClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = team.get(path)
        assert answer.status_code == 200
        assert not {"study", "other", "adam", "ana", "Moving house"} & set(re.findall(r"[\w ]+", answer.text))


def test_without_accounts_all_is_open_until_the_first_is_made(tmp_path: Path) -> None:
    """She would be asked for a password on her own machine; or accounts would count only after a restart."""
    with serving(tmp_path / "desk") as client:
        assert client.get(P).status_code == 200
        me = client.get(f"{V1}/account").json()
        assert me == {"name": "researcher", "exists": False, "administrator": True, "projects": []}
        for method, path in (("POST", "accounts"), ("POST", "account/tokens"), ("POST", "logout")):
            body = {"name": "eva", "password": PASSWORD} if path == "accounts" else {"name": "n"}
            answer = client.request(method, f"{V1}/{path}", json=body)
            assert (answer.status_code, "no accounts" in answer.json()["detail"]) == (422, True)
        with serving(tmp_path / "desk", people=True):
            assert client.get(P).status_code == 401
            assert client.get(P, headers=bearer("rea")).status_code == 200


def test_without_accounts_no_proxy_is_answered(tmp_path: Path) -> None:
    """A proxy on the same machine would open the study to the whole network."""
    with serving(tmp_path / "desk") as client:
        for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
            answer = client.get(P, headers={header: "192.0.2.7"})
            assert (answer.status_code, "no proxy" in answer.json()["detail"]) == (401, True)


def test_service_for_others_lets_nobody_in_without_an_account(tmp_path: Path) -> None:
    """Somebody puts an old copy without accounts in place of the database."""
    with serving(tmp_path / "desk", needs_account=True) as client:
        assert client.get(P).status_code == 401


# --- roles ---


def test_reader_writes_nothing_and_coder_does_nothing_of_an_owner(team: TestClient) -> None:
    """A route that forgets to ask for a role would let anybody change a study."""
    writing = [one for one in operations(team) if "/projects/study" in one[1] and one[0] != "GET"]
    assert len(writing) >= 8
    for method, path, name in writing:
        assert asked(team, method, path, bearer("rea")).status_code == 403, name
        coders = asked(team, method, path, bearer("ben")).status_code
        assert (coders != 403) == (str(name) in CODERS_MAY), name
        assert asked(team, method, path, bearer("ana")).status_code != 403, name
    assert team.get(f"{P}/decisions", headers=bearer("rea")).json()["items"][-1]["coder"] == "ana"


def test_reads_are_for_readers_but_members_and_whole_projects_are_for_owners(team: TestClient) -> None:
    for method, path, name in operations(team):
        if method == "GET" and "/projects/study" in path:
            expected = {403} if str(name) in ("list_members", "get_refi_project") else {200, 202, 404, 409, 422}
            assert asked(team, method, path, bearer("rea")).status_code in expected, name


def test_project_without_a_role_is_not_there(team: TestClient, catalogue: Catalogue) -> None:
    """Whoever tries names would learn which studies there are."""
    absent = team.get(f"{V1}/projects/nothing", headers=bearer("eva")).json()
    for method, path, name in operations(team):
        if "/projects/study" in path:
            answer = asked(team, method, path, bearer("eva"))
            assert answer.status_code == 404, name
            assert answer.json()["detail"] == absent["detail"].replace("nothing", "study"), name
    assert team.get(f"{V1}/projects", headers=bearer("eva")).json()["items"] == []
    catalogue.accounts.set_access("ben", "other", None)
    ids = {name: [p["id"] for p in team.get(f"{V1}/projects", headers=bearer(name)).json()["items"]] for name in ROLES}
    assert ids == {"ana": ["other", "study"], "ben": ["study"], "rea": ["other", "study"]}
    assert team.get(f"{V1}/projects/other/codes", headers=bearer("ben")).status_code == 404
    assert team.post(f"{V1}/projects/other/decisions", json=DECISION, headers=bearer("ben")).status_code == 404


def test_administrator_sees_and_owns_all_and_makes_projects(team: TestClient) -> None:
    new = {"id": "evening", "name": "Evening school"}
    assert team.post(f"{V1}/projects", json=new, headers=bearer("ana")).status_code == 403
    assert team.post(f"{V1}/projects", json=new, headers=bearer("adam")).status_code == 201
    assert len(team.get(f"{V1}/projects", headers=bearer("adam")).json()["items"]) == 3
    members = team.get(f"{V1}/projects/evening/members", headers=bearer("adam")).json()["items"]
    assert members == [{"account": "adam", "access": "owner"}]
    assert team.get(f"{V1}/projects/evening", headers=bearer("ana")).status_code == 404
    assert team.patch(P, json={"name": "Moved"}, headers=bearer("adam")).status_code == 200


def test_account_is_the_coder(team: TestClient) -> None:
    """Ben's decisions would stand in Ana's name."""
    forged = bearer("ben") | {"X-Textcoder-Coder": "ana"}
    assert team.post(f"{P}/decisions", json=DECISION, headers=forged).status_code == 403
    assert team.get(f"{P}/codings", headers=forged).status_code == 403
    own = bearer("ben") | {"X-Textcoder-Coder": "ben"}
    assert team.post(f"{P}/decisions", json=DECISION, headers=own).status_code == 201
    assert team.get(f"{P}/decisions", headers=bearer("rea")).json()["items"][-1]["coder"] == "ben"


def test_owner_gives_and_takes_roles(team: TestClient) -> None:
    members = f"{P}/members"
    assert team.put(f"{members}/eva", json={"access": "coder"}, headers=bearer("ana")).json() == {
        "account": "eva",
        "access": "coder",
    }
    assert team.post(f"{P}/decisions", json=DECISION, headers=bearer("eva")).status_code == 201
    assert team.delete(f"{members}/eva", headers=bearer("ana")).json()["access"] == "coder"
    assert team.get(P, headers=bearer("eva")).status_code == 404
    assert team.delete(f"{members}/eva", headers=bearer("ana")).status_code == 404
    assert team.put(f"{members}/nobody", json={"access": "coder"}, headers=bearer("ana")).status_code == 404
    assert team.put(f"{members}/ben", json={"access": "king"}, headers=bearer("ana")).status_code == 422
    last = team.put(f"{members}/ana", json={"access": "reader"}, headers=bearer("ana"))
    assert (last.status_code, "only owner" in last.json()["detail"]) == (422, True)
    assert team.delete(f"{members}/ana", headers=bearer("adam")).status_code == 422


# --- caches ---


def test_no_answer_is_given_to_somebody_else(team: TestClient) -> None:
    """A cache would show one coder what another said blind, or a study to somebody who was shut out."""
    answer = team.get(f"{P}/codings", headers=bearer("ana"))
    tag = {"If-None-Match": answer.headers["etag"]}
    assert answer.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(answer.headers["vary"].split(", "))
    assert team.get(f"{P}/codings", headers=bearer("ana") | tag).status_code == 304
    assert team.get(f"{P}/codings", headers=bearer("ben") | tag).status_code == 200
    assert team.get(f"{P}/codings", headers=bearer("eva") | tag).status_code == 404
    assert team.get(f"{P}/codings", headers=tag).status_code == 401


def test_change_of_a_role_counts_at_once(team: TestClient, catalogue: Catalogue) -> None:
    """Somebody who was shut out would read on from what was kept ready for her."""
    assert team.get(f"{P}/codings", headers=bearer("rea")).status_code == 200
    catalogue.accounts.set_access("rea", "study", None)
    assert team.get(f"{P}/codings", headers=bearer("rea")).status_code == 404
    catalogue.accounts.change("ben", disabled=True)
    assert team.get(f"{P}/codings", headers=bearer("ben")).status_code == 401
    catalogue.accounts.change("ben", disabled=False)
    assert team.get(f"{P}/codings", headers=bearer("ben")).status_code == 200


# --- log-in, tokens, passwords ---


def logged_in(client: TestClient, name: str, password: str = PASSWORD) -> Any:
    answer = client.post(f"{V1}/login", json={"name": name, "password": password})
    client.cookies.clear()
    return answer


def session(client: TestClient, name: str, password: str = PASSWORD) -> dict[str, str]:
    answer = logged_in(client, name, password)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_log_in_by_cookie_and_log_out(team: TestClient) -> None:
    answer = team.post(f"{V1}/login", json={"name": "ana", "password": PASSWORD})
    said = answer.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=strict", f"Max-Age={SESSION_HOURS * 3600}"} <= set(said.split("; "))
    assert "Secure" not in said
    assert answer.headers["cache-control"] == "no-store"
    assert team.get(f"{V1}/account").json() == {
        "name": "ana",
        "exists": True,
        "administrator": False,
        "projects": [{"project": "other", "access": "owner"}, {"project": "study", "access": "owner"}],
    }
    held = dict(team.cookies)
    assert team.post(f"{V1}/logout").status_code == 200
    assert not team.cookies
    team.cookies.update(held)
    assert team.get(f"{V1}/account").status_code == 401, "a copy of the cookie outlived the log-in"


def test_over_tls_the_cookie_is_for_tls_only(tmp_path: Path) -> None:
    hosts = frozenset({"study.example.org", "localhost"})
    with serving(tmp_path / "desk", people=True, secure=True, hosts=hosts) as client:
        client.base_url = "https://study.example.org"  # type: ignore[assignment]  # a string is a URL
        answer = client.post(f"{V1}/login", json={"name": "ana", "password": PASSWORD})
        assert answer.headers["set-cookie"].startswith("__Host-textcoder=tc_")
        assert "Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert client.get(P).status_code == 200
        by_itself = client.get("https://localhost/readyz")
        assert "strict-transport-security" not in by_itself.headers, "all else on this machine would have to use TLS"
        plain = "http://study.example.org"
        assert client.get(f"{plain}{P}", headers=bearer("ana")).status_code == 403, (
            "a token went over the wire in the open"
        )
        assert client.get(f"{plain}/readyz").status_code == 200
        held = {"Cookie": f"__Host-textcoder={answer.json()['token']}"}
        for origin, status in (
            ("https://study.example.org", 201),
            ("http://study.example.org", 403),
            ("https://evil.example.org", 403),
            ("null", 403),
        ):
            key = {"Idempotency-Key": "1"}
            said = client.post(f"{P}/decisions", json=DECISION, headers=held | key | {"Origin": origin})
            assert said.status_code == status, origin


def test_pages_of_others_cannot_use_the_cookie(team: TestClient) -> None:
    """A page that she has open would decide in her name."""
    team.post(f"{V1}/login", json={"name": "ana", "password": PASSWORD})
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "https://127.0.0.1:8765"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ):
        assert team.post(f"{P}/decisions", json=DECISION, headers=headers).status_code == 403, headers
        assert team.post(f"{V1}/login", json={"name": "ana", "password": PASSWORD}, headers=headers).status_code == 403
    assert (
        team.post(f"{P}/decisions", content=b'{"verb":"retire"}', headers={"Content-Type": "text/plain"}).status_code
        == 415
    )
    assert "access-control-allow-origin" not in team.options(P, headers={"Origin": "http://127.0.0.1:8765"}).headers
    own = {"Origin": "http://127.0.0.1:8765", "Sec-Fetch-Site": "same-origin"}
    assert team.post(f"{P}/decisions", json=DECISION, headers=own).status_code == 201


@pytest.mark.parametrize("name", ["ana", "nobody", "Ana", "", "\udcff", "x" * 5000])
def test_wrong_log_in_tells_nothing(team: TestClient, name: str, catalogue: Catalogue) -> None:
    """Whoever tries would learn which names there are."""
    answer = team.post(
        f"{V1}/login",
        content=f'{{"name": "{name}", "password": "wrong wrong wrong"}}'.encode("utf-8", "surrogatepass"),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (401, 422, 400)
    if answer.status_code == 401:
        assert answer.json()["detail"] == "The name or the password is wrong."
    assert "wrong wrong" not in answer.text
    catalogue.accounts.change("ana", disabled=True)
    assert logged_in(team, "ana").json()["detail"] == "The name or the password is wrong."


def test_too_many_failures_must_wait(team: TestClient) -> None:
    """Somebody would try all words of a dictionary."""
    failed = [logged_in(team, "ben", f"wrong number {n}") for n in range(6)]
    assert [answer.status_code for answer in failed] == [401] * 5 + [429]
    assert 1 <= int(failed[-1].headers["retry-after"]) <= 60
    assert logged_in(team, "ben").status_code == 429, "the right one would tell that it is right"
    assert logged_in(team, "ana").status_code == 200, "she was shut out by what another did"
    for n in range(20):
        logged_in(team, f"somebody {n}", "wrong wrong wrong")
    assert logged_in(team, "ana").status_code == 429


def test_log_ins_that_succeed_are_not_counted(team: TestClient) -> None:
    assert [logged_in(team, "ana").status_code for _ in range(25)] == [200] * 25


def test_token_is_made_once_and_taken_back(team: TestClient, catalogue: Catalogue) -> None:
    own = session(team, "ben")
    made = team.post(f"{V1}/account/tokens", json={"name": "notebook", "days": 7}, headers=own)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    new = {"Authorization": f"Bearer {made.json()['token']}"}
    assert team.get(P, headers=new).status_code == 200
    listed = team.get(f"{V1}/account/tokens", headers=new)
    assert made.json()["token"] not in listed.text
    assert made.json()["token"] not in str(catalogue.accounts.tokens("ben")), "the token itself was kept"
    assert team.post(f"{V1}/account/tokens", json={"name": "n"}, headers=new).status_code == 422, (
        "it would outlive itself"
    )
    taken = f"{V1}/account/tokens/{made.json()['id']}"
    assert team.delete(taken, headers=bearer("ana")).status_code == 404, "she took another's token"
    assert team.delete(taken, headers=new).status_code == 200
    assert team.get(P, headers=new).status_code == 401
    for days in (0, 366, 10**30):
        assert team.post(f"{V1}/account/tokens", json={"name": "n", "days": days}, headers=own).status_code == 422


def test_expired_token_opens_nothing(team: TestClient, catalogue: Catalogue) -> None:
    old, at = f"tc_{'o' * 43}", "2020-01-01T00:00:00+00:00"
    catalogue.accounts.add_token(Token(hash_of(old), "ana", "old", at, "2020-02-01T00:00:00+00:00"))
    answer = team.get(P, headers={"Authorization": f"Bearer {old}"})
    assert (answer.status_code, "expired" in answer.json()["detail"]) == (401, True)


def test_own_password_is_changed_with_the_old_one(team: TestClient) -> None:
    one, other = session(team, "ana"), session(team, "ana")
    body = {"old": "not the old one", "new": "four very blind mice"}
    assert team.post(f"{V1}/account/password", json=body, headers=one).status_code == 422
    for new in ("short", "a" * 12, "x" * 1001):
        wrong = team.post(f"{V1}/account/password", json={"old": PASSWORD, "new": new}, headers=one)
        assert (wrong.status_code, new in wrong.text) == (422, False)
    done = team.post(f"{V1}/account/password", json={**body, "old": PASSWORD}, headers=one)
    assert done.json()["name"] == "ana"
    assert team.get(P, headers=one).status_code == 200
    assert team.get(P, headers=other).status_code == 401
    assert team.get(P, headers=bearer("ana")).status_code == 200
    assert logged_in(team, "ana").status_code == 401
    assert logged_in(team, "ana", body["new"]).status_code == 200


def test_administrators_keep_the_accounts(team: TestClient) -> None:
    accounts, adam = f"{V1}/accounts", bearer("adam")
    new = {"name": "Åsa", "password": "first of many"}
    for name in ROLES:
        assert team.get(accounts, headers=bearer(name)).status_code == 403
        assert team.post(accounts, json=new, headers=bearer(name)).status_code == 403
        assert team.patch(f"{accounts}/adam", json={"disabled": True}, headers=bearer(name)).status_code == 403
    made = team.post(accounts, json=new, headers=adam)
    assert (made.status_code, made.json()["name"], made.json()["projects"]) == (201, "Åsa", [])
    assert team.post(accounts, json={**new, "name": "åsa"}, headers=adam).status_code == 422
    own = session(team, "A\u030asa", "first of many")
    assert team.patch(f"{accounts}/Åsa", json={"password": "second of many"}, headers=adam).status_code == 200
    assert team.get(f"{V1}/account", headers=own).status_code == 401
    own = session(team, "Åsa", "second of many")
    assert team.patch(f"{accounts}/Åsa", json={"disabled": True}, headers=adam).json()["disabled"]
    assert team.get(f"{V1}/account", headers=own).status_code == 401
    listed = team.get(accounts, headers=adam)
    assert [row["name"] for row in listed.json()["items"]] == ["adam", "ana", "ben", "eva", "rea", "Åsa"]
    assert "argon2" not in listed.text
    last = team.patch(f"{accounts}/adam", json={"administrator": False}, headers=adam)
    assert (last.status_code, "only administrator" in last.json()["detail"]) == (422, True)
    assert team.patch(f"{accounts}/adam", json={"password": "mine own one"}, headers=adam).status_code == 422
    assert team.patch(f"{accounts}/nobody", json={"disabled": True}, headers=adam).status_code == 404


def test_log_holds_neither_names_nor_passwords(team: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    logged_in(team, "ana")
    logged_in(team, "ana", "wrong wrong wrong")
    team.get(P, headers=bearer("ben"))
    for word in (PASSWORD, "wrong wrong", "tc_", '"ana"', "name=ana"):
        assert word not in caplog.text


def test_whom_failures_are_counted_against(team: TestClient) -> None:
    """A house with its own 2^64 addresses could try for ever; or one person would shut out all others of a server on `::`."""
    places = {
        "192.0.2.7": "192.0.2.7",
        "::ffff:192.0.2.7": "192.0.2.7",
        "2001:db8::1": "2001:db8::/64",
        "2001:db8::ffff:1": "2001:db8::/64",
        "fe80::1%eth0": "fe80::/64",
        "testclient": "-",
    }
    assert {given: _network(given) for given in places} == places
    assert _network(None) == "-"


def test_database_that_is_away_lets_nobody_in(team: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks could not be told, and everybody would be let in, or told that her token is wrong."""

    def away(*_: object) -> None:
        raise StoreError("The database does not answer.")

    monkeypatch.setattr("textcoder.store.accounts.Accounts.holder", away)
    monkeypatch.setattr("textcoder.store.accounts.Accounts.exist", away)
    for headers in (bearer("ana"), {}):
        answer = team.get(P, headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.headers["x-content-type-options"] == "nosniff"


# --- what workflow does ---


def test_hash_is_renewed_when_its_parameters_change(catalogue: Catalogue) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    before = catalogue.accounts.account("ana").password
    assert log_in(catalogue.accounts, "ana", "wrong wrong wrong", passwords=stronger) is None
    assert catalogue.accounts.account("ana").password == before
    assert log_in(catalogue.accounts, "ana", PASSWORD, passwords=stronger) is not None
    after = catalogue.accounts.account("ana").password
    assert "m=16,t=2" in after
    assert log_in(catalogue.accounts, "ana", PASSWORD, passwords=CHEAP) is not None


def test_unknown_name_costs_as_much_as_a_known_one(catalogue: Catalogue) -> None:
    """Who has an account could be told by the clock. Counted are the hashes that are checked."""

    class Counting(PasswordHasher):
        checked = 0

        def verify(self, *args: Any, **more: Any) -> Any:
            self.checked += 1
            return super().verify(*args, **more)

    catalogue.accounts.change("ben", disabled=True)
    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    for n, name in enumerate(("ana", "ben", "nobody"), start=1):
        assert log_in(catalogue.accounts, name, "wrong wrong wrong", passwords=Passwords(hasher)) is None
        assert hasher.checked == n


def test_tokens_and_log_ins_do_not_pile_up(catalogue: Catalogue) -> None:
    for n in range(49):
        give_token(catalogue.accounts, "ana", f"{n}")
    with pytest.raises(InvalidDecision, match="50 tokens"):
        give_token(catalogue.accounts, "ana", "one more")
    for _ in range(60):
        assert log_in(catalogue.accounts, "ana", PASSWORD, passwords=CHEAP) is not None
    assert sum(token.session for token in catalogue.accounts.tokens("ana")) == 50


@settings(max_examples=40)
@given(password=st.text(min_size=10, max_size=1000).filter(lambda text: len(set(text)) > 3), other=st.text())
def test_password_opens_and_nothing_else_does(password: str, other: str) -> None:
    """Any keyboard of the world; surrogates and NULs are only code points."""
    hashed = CHEAP.hash(password, name="ana")
    assert CHEAP.matches(hashed, password)
    assert (
        CHEAP.matches(hashed, unicodedata.normalize("NFD", password))
        or len(unicodedata.normalize("NFD", password)) > 1000
    )
    same = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", password)
    assert CHEAP.matches(hashed, other) == same
    assert not CHEAP.matches("", password)
