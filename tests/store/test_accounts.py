"""Accounts on each kind of database: who there is, what each may do, and that somebody can always let others in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.domain.account import Access, Account, Token, account_name
from textcoder.domain.project import Project
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.store import open_catalogue
from textcoder.store.catalogue import Catalogue

AT, LATER = "2024-03-01T09:00:00+00:00", "2024-05-30T09:00:00+00:00"
ADAM, ANA = Account("adam", "$hash", AT, administrator=True), Account("ana", "", AT)


@pytest.fixture
def catalogue(database_url: str) -> Iterator[Catalogue]:
    """A database with two accounts and a project; other tests of a server may have left projects in it."""
    from sqlalchemy import create_engine, text

    opened = open_catalogue(database_url)
    yield opened
    opened.close()
    # The server is one for all tests, and an account would shut them out.
    engine = create_engine(database_url.replace("postgresql://", "postgresql+pg8000://"))
    with engine.begin() as connection:
        for table in ("members", "tokens", "accounts"):
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()


@pytest.fixture
def project(catalogue: Catalogue) -> str:
    catalogue.accounts.add(ADAM)
    catalogue.accounts.add(ANA)
    name = uuid.uuid4().hex
    catalogue.make(Project(name, "A study"))
    return name


def test_first_account_must_be_able_to_let_others_in(catalogue: Catalogue) -> None:
    assert not catalogue.accounts.exist()
    with pytest.raises(InvalidDecision, match="first account must be an administrator"):
        catalogue.accounts.add(ANA)
    assert not catalogue.accounts.exist()
    catalogue.accounts.add(ADAM)
    assert catalogue.accounts.exist()
    assert catalogue.accounts.account("adam") == ADAM


@pytest.mark.parametrize("name", ["Adam", "ADAM"])
def test_no_two_accounts_look_the_same(catalogue: Catalogue, name: str) -> None:
    """Ana would grant Adam what adam was meant to have."""
    catalogue.accounts.add(ADAM)
    with pytest.raises(InvalidDecision, match='account "adam" already'):
        catalogue.accounts.add(replace(ANA, id=name))


@pytest.mark.parametrize("change", [{"administrator": False}, {"disabled": True}])
def test_last_administrator_stays(catalogue: Catalogue, project: str, change: dict[str, bool]) -> None:
    """Nobody could let anybody in any more."""
    with pytest.raises(InvalidDecision, match="only administrator"):
        catalogue.accounts.change("adam", **change)  # type: ignore[arg-type]  # as the parameters say
    catalogue.accounts.change("ana", administrator=True, disabled=True)
    with pytest.raises(InvalidDecision, match="only administrator"):
        catalogue.accounts.change("adam", **change)  # type: ignore[arg-type]  # as the parameters say
    catalogue.accounts.change("ana", disabled=False)
    changed = catalogue.accounts.change("adam", **change)  # type: ignore[arg-type]  # as the parameters say
    assert changed == replace(ADAM, **change) == catalogue.accounts.account("adam")


def test_last_owner_stays(catalogue: Catalogue, project: str) -> None:
    accounts = catalogue.accounts
    accounts.set_access("ana", project, Access.OWNER)
    for access in (Access.CODER, None):
        with pytest.raises(InvalidDecision, match="only owner"):
            accounts.set_access("ana", project, access)
    accounts.set_access("adam", project, Access.OWNER)
    accounts.set_access("ana", project, Access.READER)
    assert accounts.members(project) == {"adam": Access.OWNER, "ana": Access.READER}
    accounts.set_access("ana", project, None)
    assert (accounts.members(project), accounts.access_of("ana")) == ({"adam": Access.OWNER}, {})


def test_roles_need_somebody_and_something(catalogue: Catalogue, project: str) -> None:
    with pytest.raises(UnknownItem, match="no account"):
        catalogue.accounts.set_access("nobody", project, Access.READER)
    with pytest.raises(UnknownItem, match="no project"):
        catalogue.accounts.set_access("ana", "nothing", Access.READER)
    with pytest.raises(UnknownItem):
        catalogue.accounts.change("nobody", disabled=True)


def test_whoever_makes_a_project_owns_it(catalogue: Catalogue, project: str) -> None:
    other = uuid.uuid4().hex
    catalogue.make(Project(other, "Another"), owner="ana")
    assert catalogue.accounts.access_of("ana") == {other: Access.OWNER}
    with pytest.raises(UnknownItem):
        catalogue.make(Project(uuid.uuid4().hex, "Of nobody"), owner="nobody")


def test_holder_of_a_token_with_all_her_roles(catalogue: Catalogue, project: str) -> None:
    accounts, other = catalogue.accounts, uuid.uuid4().hex
    catalogue.make(Project(other, "Another"))
    token = Token("ab" * 32, "ana", "notebook", AT, LATER)
    accounts.add_token(token)
    found = accounts.holder(token.hash)
    assert found is not None
    assert (found.account, found.token, found.access) == (ANA, token, {})
    accounts.set_access("ana", project, Access.CODER)
    accounts.set_access("ana", other, Access.READER)
    found = accounts.holder(token.hash)
    assert found is not None
    assert found.access == {project: Access.CODER, other: Access.READER}
    accounts.remove_tokens([token.hash])
    assert accounts.holder(token.hash) is None
    assert accounts.tokens("ana") == []


@given(st.text(max_size=120))
def test_names_that_can_be_kept_stay_what_they_are(given: str) -> None:
    """She could not log in by the name that she was told."""
    try:
        name = account_name(given)
    except InvalidDecision:
        return
    assert account_name(name) == name
    assert name.isprintable()
    assert "/" not in name
    assert 0 < len(name) <= 100


@pytest.mark.parametrize("name", ["", " ", "machine", "consensus", "a/b", "..", "x" * 101, "a\nb", "a\0", "\ud800"])
def test_names_that_nobody_may_have(name: str) -> None:
    with pytest.raises(InvalidDecision):
        account_name(name)
    assert account_name("  A\u030asa ") == "Åsa"
