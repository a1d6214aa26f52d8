"""textcoder account: who may use the service of a team. It takes the database itself, so only whoever keeps that can do it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, Database, Out
from textcoder.domain.account import Access, account_name
from textcoder.errors import UnknownItem

if TYPE_CHECKING:
    from textcoder.store.catalogue import Catalogue

accounts_app = typer.Typer(help="Who may use the service of a team.", no_args_is_help=True)
app.add_typer(accounts_app, name="account")


class Role(StrEnum):
    """What somebody may do in a project, or nothing."""

    READER = "reader"
    CODER = "coder"
    OWNER = "owner"
    NONE = "none"


Name = Annotated[str, typer.Argument(metavar="NAME", help="As she logs in, and as histories name her.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Take the password from standard input.")]


@accounts_app.command("add")
def account_add(
    name: Name,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="May make projects and accounts, and everything in all projects.")
    ] = False,
    project: Annotated[str | None, typer.Option(help="A project in which she has a role.")] = None,
    role: Annotated[Role, typer.Option(help="What she may do in it.")] = Role.CODER,
    token: Annotated[bool, typer.Option("--token", help="No password: print a token for a program, once.")] = False,
    password_stdin: FromStdin = False,
    out: Out = Path(),
    db: Database = None,
) -> None:
    """Let somebody in. Asks for her first password, twice; she can change it over the service."""
    from textcoder.workflow.accounts import Passwords, give_token, make_account

    if token and password_stdin:
        raise typer.BadParameter("--token makes an account without a password; leave out --password-stdin.")
    with _catalogue(db, out, create=True) as catalogue:
        if project is not None and not catalogue.has(project):
            raise UnknownItem(f'There is no project "{project}".')
        password = None if token else _password(stdin=password_stdin)
        made = make_account(catalogue.accounts, name, password, passwords=Passwords(), administrator=administrator)
        if project is not None and role is not Role.NONE:
            catalogue.accounts.set_access(made.id, project, Access(role))
        if token:
            print(give_token(catalogue.accounts, made.id, "first").secret)
        else:
            print(f'"{made.id}" may log in{" and is an administrator" if administrator else ""}.')


@accounts_app.command("list")
def account_list(out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """Who there is, and what each may do."""
    with _catalogue(db, out) as catalogue:
        rows = [
            {
                "name": account.id,
                "administrator": account.administrator,
                "disabled": account.disabled,
                "created": account.created,
                "projects": {name: str(held) for name, held in catalogue.accounts.access_of(account.id).items()},
            }
            for account in catalogue.accounts.all()
        ]
        if as_json:
            print(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for account in catalogue.accounts.all():
            roles = [f"{held} of {name}" for name, held in catalogue.accounts.access_of(account.id).items()]
            what = ["administrator"] * account.administrator + roles + ["disabled"] * account.disabled
            print(f"{account.id}: {', '.join(what) or 'no role yet'}")
        if not rows:
            print("There are no accounts; `textcoder account add NAME --administrator` makes the first.")


@accounts_app.command("password")
def account_password(name: Name, password_stdin: FromStdin = False, out: Out = Path(), db: Database = None) -> None:
    """Give somebody another password; it ends her log-ins."""
    from textcoder.workflow.accounts import Passwords, set_password

    with _catalogue(db, out) as catalogue:
        account = catalogue.accounts.account(account_name(name))
        set_password(catalogue.accounts, account.id, _password(stdin=password_stdin), passwords=Passwords())
        print(f'"{account.id}" has another password, and must log in again.')


@accounts_app.command("disable")
def account_disable(name: Name, out: Out = Path(), db: Database = None) -> None:
    """Shut somebody out, at once; what she did stays hers."""
    with _catalogue(db, out) as catalogue:
        print(f'"{catalogue.accounts.change(account_name(name), disabled=True).id}" is shut out.')


@accounts_app.command("enable")
def account_enable(name: Name, out: Out = Path(), db: Database = None) -> None:
    """Let somebody in again."""
    with _catalogue(db, out) as catalogue:
        print(f'"{catalogue.accounts.change(account_name(name), disabled=False).id}" may come in again.')


@accounts_app.command("role")
def account_role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What she may do; each may do what those before may.")],
    project: Annotated[str, typer.Option(help="In which project.")],
    out: Out = Path(),
    db: Database = None,
) -> None:
    """Say what somebody may do in a project."""
    with _catalogue(db, out) as catalogue:
        access = None if role is Role.NONE else Access(role)
        catalogue.accounts.set_access(account_name(name), project, access)
        print(f'"{account_name(name)}" has {"no role" if access is None else f"the role {access}"} in {project}.')


@contextmanager
def _catalogue(db: str | None, out: Path, *, create: bool = False) -> Iterator[Catalogue]:
    from textcoder.store import open_catalogue
    from textcoder.workflow.operations import database_url

    catalogue = open_catalogue(database_url(db, out), create=create)
    try:
        yield catalogue
    finally:
        catalogue.close()


def _password(*, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not _is_terminal():
        raise typer.BadParameter("There is no terminal to type a password at; give it with --password-stdin.")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Again")
    return password


def _is_terminal() -> bool:
    return sys.stdin.isatty()
