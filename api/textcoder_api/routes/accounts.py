"""Who may do what: log-in, one's own account and tokens, the accounts of administrators, the members of a project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from textcoder import __version__
from textcoder.domain.account import Access, Account, Token
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.store.accounts import Accounts
from textcoder.workflow import RESEARCHER
from textcoder.workflow.accounts import Given, give_token, make_account, set_password
from textcoder_api.answers import ListQuery, listed, one, page_model, page_of, tag_of
from textcoder_api.dependencies import (
    AdministratorDep,
    DoorDep,
    ItemId,
    PersonDep,
    ShelfDep,
    get_administrator,
    get_desk,
    only_json,
    tagged,
)
from textcoder_api.identity import Person
from textcoder_api.schemas import (
    AccountChange,
    AccountOne,
    AccountRow,
    LogIn,
    MemberRow,
    NewAccount,
    NewPassword,
    NewRole,
    NewToken,
    RoleRow,
    Row,
    TokenGiven,
    TokenRow,
)

T = TypeVar("T")
R = TypeVar("R", bound=Row)

router = APIRouter(tags=["accounts"])
OWNER = Depends(get_desk(Access.OWNER))
ADMINISTRATOR = Depends(get_administrator)
UNKEPT = {"Cache-Control": "no-store"}


@router.post("/login", response_model=TokenGiven, dependencies=[Depends(only_json)])
async def log_in(request: Request, door: DoorDep, body: LogIn) -> Response:
    """Log in for twelve hours: the token is in the answer, and in a cookie for a browser.

    Whether it is the name or the password that is wrong is not told. 429 after too many that were.
    """
    address = request.client.host if request.client else None
    given = await door.enter(body.name, body.password.get_secret_value(), address)
    answer = one(_given(given), headers=UNKEPT)
    door.give_cookie(answer, given.secret)
    return answer


@router.post("/logout", response_model=TokenRow)
def log_out(door: DoorDep, person: PersonDep) -> Response:
    """End the log-in in which you ask. A token of a program is taken back under `/account/tokens`."""
    _, token = person.known()
    _check_session(token, "This token is no log-in; take it back with DELETE /api/v1/account/tokens.")
    door.accounts.remove_tokens([token.hash])
    answer = one(TokenRow.model_validate(token), headers=UNKEPT)
    door.take_cookie(answer)
    return answer


# --- one's own ---


@router.get("/account", response_model=AccountOne)
def get_account(request: Request, shelf: ShelfDep, person: PersonDep) -> Response:
    """Who you are, and what you may do."""
    return _tagged(request, _who(shelf.catalogue.accounts, person))


@router.post("/account/password", response_model=AccountOne, dependencies=[Depends(only_json)])
async def change_password(request: Request, door: DoorDep, person: PersonDep, body: NewPassword) -> Response:
    """Put another password in place of yours. Your other log-ins end; tokens of programs stay."""
    account, token = person.known()
    address = request.client.host if request.client else None
    await door.check(account.id, body.old.get_secret_value(), address)

    def change() -> AccountOne:
        new = body.new.get_secret_value()
        set_password(door.accounts, account.id, new, passwords=door.passwords, keep=token.hash)
        return _who(door.accounts, person)

    return one(await door.hashing(change), headers=UNKEPT)


@router.get("/account/tokens", response_model=None, responses=page_model(TokenRow))
def list_tokens(request: Request, shelf: ShelfDep, person: PersonDep, query: Annotated[ListQuery, Query()]) -> Response:
    """Your tokens and log-ins, by when they were made; those that have expired, too."""
    held = shelf.catalogue.accounts.tokens(person.account.id) if person.account else []
    return _page(request, held, query, TokenRow, TokenRow.model_validate, key=lambda token: (token.created, token.id))


@router.post("/account/tokens", response_model=TokenGiven, status_code=201, dependencies=[Depends(only_json)])
def make_token(shelf: ShelfDep, person: PersonDep, body: NewToken) -> Response:
    """A token for a program, which may do what you may. Takes a log-in: no token makes others, which would outlive it."""
    account, token = person.known()
    _check_session(token, "A token makes no other token; log in with your password first.")
    given = give_token(shelf.catalogue.accounts, account.id, body.name, days=body.days)
    return one(_given(given), status=201, headers=UNKEPT)


@router.delete("/account/tokens/{token}", response_model=TokenRow)
def remove_token(shelf: ShelfDep, person: PersonDep, token: ItemId) -> Response:
    """Take a token back, or end a log-in: whoever holds it is let in no more."""
    account, _ = person.known()
    found = next((held for held in shelf.catalogue.accounts.tokens(account.id) if held.id == token), None)
    if found is None:
        raise UnknownItem(f'You have no token "{token}".')
    shelf.catalogue.accounts.remove_tokens([found.hash])
    return one(TokenRow.model_validate(found))


# --- administrators ---


@router.get("/accounts", response_model=None, responses=page_model(AccountRow), dependencies=[ADMINISTRATOR])
def list_accounts(request: Request, shelf: ShelfDep, query: Annotated[ListQuery, Query()]) -> Response:
    """All accounts with their roles, by name. Takes an administrator."""
    accounts = shelf.catalogue.accounts
    return _page(request, accounts.all(), query, AccountRow, lambda a: _account(accounts, a), key=lambda a: (a.id,))


@router.post("/accounts", response_model=AccountRow, status_code=201, dependencies=[Depends(only_json)])
async def add_account(door: DoorDep, person: AdministratorDep, body: NewAccount) -> Response:
    """Let somebody in; she sees no project before an owner gives her a role in it. Takes an administrator."""
    person.known()

    def make() -> AccountRow:
        made = make_account(
            door.accounts,
            body.name,
            body.password.get_secret_value(),
            passwords=door.passwords,
            administrator=body.administrator,
        )
        return _account(door.accounts, made)

    return one(await door.hashing(make), status=201)


@router.patch("/accounts/{account}", response_model=AccountRow, dependencies=[Depends(only_json)])
async def change_account(door: DoorDep, person: AdministratorDep, account: ItemId, body: AccountChange) -> Response:
    """Shut somebody out or let her in again, make her an administrator or not, give her another password.

    Takes an administrator. There is always one who is not shut out.
    """
    mine, _ = person.known()
    if body.password is not None and account == mine.id:
        raise InvalidDecision("Your own password is changed with POST /api/v1/account/password.")

    def change() -> AccountRow:
        if body.password is not None:
            set_password(door.accounts, account, body.password.get_secret_value(), passwords=door.passwords)
        changed = door.accounts.change(account, disabled=body.disabled, administrator=body.administrator)
        return _account(door.accounts, changed)

    return one(await door.hashing(change))


# --- owners ---


@router.get("/projects/{project}/members", response_model=None, responses=page_model(MemberRow), dependencies=[OWNER])
def list_members(request: Request, shelf: ShelfDep, project: ItemId, query: Annotated[ListQuery, Query()]) -> Response:
    """Who has a role in the project, by name; administrators need none. Takes an owner."""
    members = list(shelf.catalogue.accounts.members(project).items())
    return _page(request, members, query, MemberRow, lambda m: _member(*m), key=lambda m: (m[0],))


@router.put("/projects/{project}/members/{account}", response_model=MemberRow, dependencies=[OWNER, Depends(only_json)])
def put_member(shelf: ShelfDep, project: ItemId, account: ItemId, body: NewRole) -> Response:
    """Give somebody a role. Takes an owner; there is always one, once there was."""
    shelf.catalogue.accounts.set_access(account, project, body.access)
    return one(_member(account, body.access))


@router.delete("/projects/{project}/members/{account}", response_model=MemberRow, dependencies=[OWNER])
def remove_member(shelf: ShelfDep, project: ItemId, account: ItemId) -> Response:
    """Take a role away, and answer what it was; what she decided stays in the history. Takes an owner."""
    held = shelf.catalogue.accounts.members(project).get(account)
    if held is None:
        raise UnknownItem(f'"{account}" has no role in this project.')
    shelf.catalogue.accounts.set_access(account, project, None)
    return one(_member(account, held))


def _who(accounts: Accounts, person: Person) -> AccountOne:
    if person.account is None:
        return AccountOne(name=RESEARCHER.id, exists=False, administrator=True, projects=())
    return AccountOne(
        name=person.account.id, administrator=person.account.administrator, projects=_roles(accounts, person.account.id)
    )


def _account(accounts: Accounts, account: Account) -> AccountRow:
    return AccountRow(
        name=account.id,
        administrator=account.administrator,
        projects=_roles(accounts, account.id),
        disabled=account.disabled,
        created=account.created,
    )


def _roles(accounts: Accounts, account: str) -> tuple[RoleRow, ...]:
    return tuple(RoleRow(project=project, access=held) for project, held in accounts.access_of(account).items())


def _member(account: str, access: Access) -> MemberRow:
    return MemberRow(account=account, access=access)


def _given(given: Given) -> TokenGiven:
    return TokenGiven(**TokenRow.model_validate(given.token).model_dump(), token=given.secret)


def _check_session(token: Token, otherwise: str) -> None:
    if not token.session:
        raise InvalidDecision(otherwise)


def _page(
    request: Request,
    things: Sequence[T],
    query: ListQuery,
    model: type[R],
    row: Callable[[T], R],
    *,
    key: Callable[[T], tuple[str, ...]],
) -> Response:
    part, next_ = page_of(things, query, key=key)
    rows = [row(thing) for thing in part]
    headers = tagged(request, tag_of(request, "accounts", rows, next_, __version__))
    answer = listed(request, rows, model, fields=query.fields, next_=next_)
    answer.headers.update(headers)
    return answer


def _tagged(request: Request, row: Row) -> Response:
    return one(row, headers=tagged(request, tag_of(request, "account", row, __version__)))
