"""Who may use a service that others can reach, and what each may do in which project."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from textcoder.domain.coding import CONSENSUS
from textcoder.errors import InvalidDecision

MAX_NAME = 100


class Access(StrEnum):
    """What somebody may do in a project; each may do what those before may."""

    READER = "reader"
    CODER = "coder"
    OWNER = "owner"

    def allows(self, needed: Access) -> bool:
        """Whether this is as much as is needed, or more."""
        order = list(Access)
        return order.index(self) >= order.index(needed)


def account_name(given: str) -> str:
    """The name of an account as it is kept: in Unicode's composed form, so that two keyboards write the same name.

    Raises:
        InvalidDecision: It cannot name a person in a history, or in an address.
    """
    name = unicodedata.normalize("NFC", given).strip()
    if name in ("machine", CONSENSUS.id):
        raise InvalidDecision(f'"{name}" codes by itself and has no account; choose another name.')
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or "/" in name or not any(map(str.isalnum, name)):
        raise InvalidDecision(
            f"A name has 1 to {MAX_NAME} characters, one of them a letter or digit, and no slash; choose another."
        )
    return name


@dataclass(frozen=True, slots=True)
class Account:
    """A person who logs in; in the history of each project she is the coder with this id.

    Attributes:
        id: Her name, as she logs in and as the history names her.
        password: Its hash with all that is needed to check it; empty where she has not chosen one yet.
        created: UTC, ISO 8601.
        administrator: May make projects and accounts, and say who may do what.
        disabled: May do nothing any more; what she did stays hers.
    """

    id: str
    password: str
    created: str
    administrator: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """What stands for a password in a program, or in a browser for some hours.

    Attributes:
        hash: SHA-256 of the token, in hex; the token itself is shown once and never kept.
        account: Whose it is.
        name: What she calls it.
        created: UTC, ISO 8601.
        expires: Likewise; it is worth nothing afterwards.
        session: It was given for a log-in, and is taken back by logging out.
    """

    hash: str
    account: str
    name: str
    created: str
    expires: str
    session: bool = False

    @property
    def id(self) -> str:
        """What tells it from others of hers, without being of any use."""
        return self.hash[:12]
