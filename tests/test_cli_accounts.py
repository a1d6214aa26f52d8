"""textcoder account: whoever keeps the database lets people in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher, profiles
from click.testing import Result
from typer.testing import CliRunner

from textcoder.cli import app
from textcoder.domain.account import Access
from textcoder.domain.project import Project
from textcoder.store import open_catalogue, open_store, sqlite_url
from textcoder.store.catalogue import Catalogue
from textcoder.workflow.accounts import Passwords, holder_of, log_in

Run = Callable[..., Result]
PASSWORD = "three blind mice"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `textcoder account ...` on a project "study", with hashes that cost little."""
    cheap = PasswordHasher.from_parameters(profiles.CHEAPEST)
    monkeypatch.setattr("textcoder.workflow.accounts.PasswordHasher", lambda: cheap)
    store = open_store(sqlite_url(tmp_path / "project.db"))
    store.save_project(Project("study", "Moving house"))
    store.close()

    def call(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, ["account", *words, "--out", str(tmp_path)], input=typed)

    return call


@pytest.fixture
def catalogue(run: Run, tmp_path: Path) -> Catalogue:
    return open_catalogue(sqlite_url(tmp_path / "project.db"), create=False)


def added(run: Run, *words: str) -> None:
    done = run("add", *words, "--password-stdin", typed=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output


def test_first_account_lets_her_in(run: Run, catalogue: Catalogue) -> None:
    """She would have made an account with which nobody gets in."""
    added(run, "adam", "--administrator")
    added(run, "ana", "--project", "study", "--role", "owner")
    assert log_in(catalogue.accounts, "ana", PASSWORD, passwords=Passwords()) is not None
    assert log_in(catalogue.accounts, "ana", f"{PASSWORD}\n", passwords=Passwords()) is None
    assert catalogue.accounts.members("study") == {"ana": Access.OWNER}
    assert run("list").output == "adam: administrator\nana: owner of study\n"
    shown = json.loads(run("list", "--json").output)
    assert [(row["name"], row["administrator"], row["projects"]) for row in shown] == [
        ("adam", True, {}),
        ("ana", False, {"study": "owner"}),
    ]
    assert "hash" not in run("list", "--json").output


def test_token_in_place_of_a_password(run: Run, catalogue: Catalogue) -> None:
    added(run, "adam", "--administrator")
    done = run("add", "notebook", "--token", "--project", "study", "--role", "reader")
    holder = holder_of(catalogue.accounts, done.output.strip())
    assert holder is not None
    assert (holder.account.id, holder.access) == ("notebook", {"study": Access.READER})
    for password in ("", PASSWORD):
        assert log_in(catalogue.accounts, "notebook", password, passwords=Passwords()) is None


def test_nothing_is_made_where_something_is_wrong(run: Run, catalogue: Catalogue) -> None:
    """Half an account would be left, with a password and without what she is for."""
    for words, typed, said in (
        (["ana"], PASSWORD, "first account must be an administrator"),
        (["ana", "--administrator"], "short", "10 to 1000 characters"),
        (["ana", "--administrator", "--project", "nothing"], PASSWORD, 'no project "nothing"'),
        (["machine", "--administrator"], PASSWORD, "has no account"),
    ):
        done = run("add", *words, "--password-stdin", typed=f"{typed}\n")
        assert said in str(done.exception)
    for words, said in ((["--token", "--password-stdin"], "leave out"), ([], "no terminal")):
        done = run("add", "ana", "--administrator", *words)
        assert (done.exit_code, said in " ".join(re.sub(r"[│\n]", " ", done.output).split())) == (2, True)
    assert not catalogue.accounts.exist()
    assert "no accounts" in run("list").output


def test_shut_out_and_let_in_again(run: Run, catalogue: Catalogue) -> None:
    added(run, "adam", "--administrator")
    added(run, "ana")
    assert run("disable", "ana").output == '"ana" is shut out.\n'
    assert log_in(catalogue.accounts, "ana", PASSWORD, passwords=Passwords()) is None
    assert run("list").output.splitlines()[1] == "ana: disabled"
    assert run("enable", "ana").exit_code == 0
    assert log_in(catalogue.accounts, "ana", PASSWORD, passwords=Passwords()) is not None
    assert "only administrator" in str(run("disable", "adam").exception)


def test_other_password_ends_log_ins(run: Run, catalogue: Catalogue) -> None:
    added(run, "adam", "--administrator")
    given = log_in(catalogue.accounts, "adam", PASSWORD, passwords=Passwords())
    assert given is not None
    assert run("password", "adam", "--password-stdin", typed="four blind mice\n").exit_code == 0
    assert holder_of(catalogue.accounts, given.secret) is None
    assert log_in(catalogue.accounts, "adam", "four blind mice", passwords=Passwords()) is not None
    assert 'no account "ana"' in str(run("password", "ana", "--password-stdin", typed="four blind mice\n").exception)


def test_roles(run: Run, catalogue: Catalogue) -> None:
    added(run, "adam", "--administrator")
    added(run, "ana")
    assert run("role", "ana", "coder", "--project", "study").output == '"ana" has the role coder in study.\n'
    assert catalogue.accounts.members("study") == {"ana": Access.CODER}
    assert run("role", "ana", "none", "--project", "study").exit_code == 0
    assert catalogue.accounts.members("study") == {}
    assert run("role", "ana", "king", "--project", "study").exit_code == 2


def test_password_is_asked_twice_and_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue) -> None:
    monkeypatch.setattr("textcoder.cli.accounts._is_terminal", lambda: True)
    done = run("add", "adam", "--administrator", typed=f"{PASSWORD}\nanother one\n{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert log_in(catalogue.accounts, "adam", PASSWORD, passwords=Passwords()) is not None
