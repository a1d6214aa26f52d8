"""Accounts, their tokens, and who may do what in which project."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from textcoder.domain.account import Access, Account, Token
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.store import schema
from textcoder.store.connection import Database, insert, put
from textcoder.store.rows import columns_of

_accounts, _tokens, _members = schema.accounts, schema.tokens, schema.members


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a token.

    Attributes:
        account: Hers; she may be disabled.
        token: What she showed.
        access: Project id to what she may do there.
    """

    account: Account
    token: Token
    access: Mapping[str, Access]


class Accounts:
    """Who may use a service over a database. There is always an administrator who is not disabled, once there is any account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exist(self) -> bool:
        """Whether there is any account: without one, whoever reaches the service may do everything."""
        with self._database.reading() as connection:
            return connection.execute(select(_accounts.c.id).limit(1)).first() is not None

    def all(self) -> list[Account]:
        """Sorted by id."""
        with self._database.reading() as connection:
            found = [Account(*row) for row in connection.execute(select(*columns_of(_accounts, Account)))]
        return sorted(found, key=lambda account: account.id)

    def find(self, account: str) -> Account | None:
        """The account with this id, if there is one."""
        with self._database.reading() as connection:
            return _found(connection, account)

    def account(self, account: str) -> Account:
        """The account with this id. Raises UnknownItem."""
        found = self.find(account)
        if found is None:
            raise UnknownItem(f'There is no account "{account}".')
        return found

    def add(self, account: Account) -> None:
        """Add an account.

        Raises:
            InvalidDecision: There is one whose name is the same but for capitals, or the first is no administrator.
        """
        with self._database.writing() as connection:
            present = [row.id for row in connection.execute(select(_accounts.c.id))]
            if same := [name for name in present if name.casefold() == account.id.casefold()]:
                raise InvalidDecision(f'There is an account "{same[0]}" already; choose another name.')
            if not present and not account.administrator:
                raise InvalidDecision("The first account must be an administrator, who can let others in.")
            insert(connection, _accounts, [asdict(account)])

    def change(
        self,
        account: str,
        *,
        password: str | None = None,
        administrator: bool | None = None,
        disabled: bool | None = None,
    ) -> Account:
        """Put another password hash, right or state in place; None leaves it.

        Raises:
            UnknownItem: There is no such account.
            InvalidDecision: No administrator would be left.
        """
        chosen = {"password": password, "administrator": administrator, "disabled": disabled}
        with self._database.writing() as connection:
            changed = replace(self.account(account), **{name: v for name, v in chosen.items() if v is not None})  # type: ignore[arg-type]  # as the parameters say
            if not any(
                a.administrator and not a.disabled for a in (changed, *self.all()) if a is changed or a.id != account
            ):
                raise InvalidDecision(
                    f'"{account}" is the only administrator; make somebody else one first, or nobody could let people in.'
                )
            put(connection, _accounts, [asdict(changed)])
        return changed

    # --- tokens ---

    def holder(self, hash_: str) -> Holder | None:
        """Who holds the token with this hash, expired or not; one query."""
        query = (
            select(
                *columns_of(_tokens, Token), *columns_of(_accounts, Account), _members.c.project_id, _members.c.access
            )
            .join(_accounts, _accounts.c.id == _tokens.c.account)
            .outerjoin(_members, _members.c.account == _accounts.c.id)
            .where(_tokens.c.hash == hash_)
        )
        with self._database.reading() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        if not rows:
            return None
        end = len(columns_of(_tokens, Token))
        access = {row[-2]: row[-1] for row in rows if row[-2] is not None}
        return Holder(Account(*rows[0][end:-2]), Token(*rows[0][:end]), access)

    def tokens(self, account: str) -> list[Token]:
        """Hers, by when they were made, then hash; expired ones too."""
        query = select(*columns_of(_tokens, Token)).where(_tokens.c.account == account)
        with self._database.reading() as connection:
            found = [Token(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda token: (token.created, token.hash))

    def add_token(self, token: Token) -> None:
        """Keep a token."""
        with self._database.writing() as connection:
            insert(connection, _tokens, [asdict(token)])

    def remove_tokens(self, hashes: Collection[str]) -> None:
        """Whoever holds one of these is let in no more."""
        with self._database.writing() as connection:
            connection.execute(delete(_tokens).where(_tokens.c.hash.in_(hashes)))

    # --- who may do what ---

    def members(self, project: str) -> dict[str, Access]:
        """Account id to what she may do in a project; sorted by id."""
        return self._access(_members.c.account, _members.c.project_id == project)

    def access_of(self, account: str) -> dict[str, Access]:
        """Project id to what an account may do there; sorted by id."""
        return self._access(_members.c.project_id, _members.c.account == account)

    def _access(self, key: ColumnElement[str], same: ColumnElement[bool]) -> dict[str, Access]:
        with self._database.reading() as connection:
            found = [(row[0], row[1]) for row in connection.execute(select(key, _members.c.access).where(same))]
        return dict(sorted(found))

    def set_access(self, account: str, project: str, access: Access | None) -> None:
        """Say what somebody may do in a project; None: nothing.

        Raises:
            UnknownItem: There is no such account, or no such project.
            InvalidDecision: The project would lose its last owner.
        """
        with self._database.writing() as connection:
            self.account(account)
            known = select(schema.projects.c.project_id).where(schema.projects.c.project_id == project)
            if connection.execute(known).first() is None:
                raise UnknownItem(f'There is no project "{project}".')
            members = self.members(project)
            owners = {name for name, held in members.items() if held is Access.OWNER}
            if owners == {account} and access is not Access.OWNER:
                raise InvalidDecision(f'"{account}" is the only owner of "{project}"; make somebody else one first.')
            if access is None:
                gone = and_(_members.c.account == account, _members.c.project_id == project)
                connection.execute(delete(_members).where(gone))
            else:
                put(connection, _members, [{"project_id": project, "account": account, "access": access}])


def _found(connection: Connection, account: str) -> Account | None:
    row = connection.execute(select(*columns_of(_accounts, Account)).where(_accounts.c.id == account)).first()
    return None if row is None else Account(*row)
