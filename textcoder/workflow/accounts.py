"""Letting people in: passwords, tokens, and for how long they are worth something. What is kept lies in `store.accounts`."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from textcoder.domain.account import Account, Token, account_name
from textcoder.errors import InvalidDecision

if TYPE_CHECKING:
    from textcoder.store.accounts import Accounts, Holder

SHORTEST, LONGEST = 10, 1000
"""Characters of a password; a longer one would only be work for the machine (NIST SP 800-63B asks for 8 and 64 at the least)."""
SESSION_HOURS = 12
TOKEN_DAYS, MOST_DAYS = 90, 365
MOST_TOKENS = 50
"""Tokens of one account, and log-ins of it that last at one time: more are somebody's mistake."""

_SECRET = re.compile(r"tc_[A-Za-z0-9_-]{43}")


class Passwords:
    """Hashes passwords with Argon2id, and checks them.

    Args:
        hasher: With which parameters; those of RFC 9106 for little memory (64 MiB) otherwise.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str, *, name: str) -> str:
        """The hash of a new password, with all that is needed to check it.

        Raises:
            InvalidDecision: It is too short, too long, or the name itself.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidDecision(
                f"A password has {SHORTEST} to {LONGEST} characters; three or four words are a good one."
            )
        if password.casefold() == name.casefold() or len(set(password)) < 4:
            raise InvalidDecision("This password is the first that anybody would try; choose another.")
        return self._hasher.hash(_bytes(password))

    def matches(self, hash_: str, password: str) -> bool:
        """Whether it is the password; takes as long where there is no hash, so that nobody learns which accounts there are."""
        nobody = self._of_nobody  # made before either way is taken
        try:
            return self._hasher.verify(hash_ or nobody, _bytes(password[: LONGEST + 1])) and bool(hash_)
        except (VerificationError, InvalidHashError):
            return False

    def renewed(self, hash_: str, password: str) -> str | None:
        """The hash of a password that matches, if its hash was made with other parameters than a new one would be."""
        return self._hasher.hash(_bytes(password)) if self._hasher.check_needs_rehash(hash_) else None

    @cached_property
    def _of_nobody(self) -> str:
        return self._hasher.hash(secrets.token_bytes(16))


def _bytes(password: str) -> bytes:
    """As any keyboard writes it (composed form, RFC 8265 section 4.2)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Given:
    """A new token, and the secret that is shown this once."""

    secret: str
    token: Token


def make_account(
    accounts: Accounts, name: str, password: str | None, *, passwords: Passwords, administrator: bool = False
) -> Account:
    """Make an account.

    Args:
        accounts: Where it is kept.
        name: As she logs in, and as histories name her.
        password: None: she has none yet, and can only use a token.
        passwords: Hashes it.
        administrator: See `Account`.

    Raises:
        InvalidDecision: The name or the password cannot be taken, or she would be the first and is no administrator.
    """
    name = account_name(name)
    hash_ = "" if password is None else passwords.hash(password, name=name)
    account = Account(name, hash_, _at(_now()), administrator=administrator)
    accounts.add(account)
    return account


def set_password(accounts: Accounts, name: str, password: str, *, passwords: Passwords, keep: str = "") -> None:
    """Put another password in place, and end her log-ins.

    Args:
        accounts: Where it is kept.
        name: Whose.
        password: The new one.
        passwords: Hashes it.
        keep: Hash of a token that lasts: that of the log-in in which she changes it.

    Raises:
        UnknownItem: There is no such account.
        InvalidDecision: The password cannot be taken.
    """
    account = accounts.account(name)
    accounts.change(name, password=passwords.hash(password, name=account.id))
    accounts.remove_tokens([t.hash for t in accounts.tokens(name) if t.session and t.hash != keep])


def whose(accounts: Accounts, name: str, password: str, *, passwords: Passwords) -> Account | None:
    """Who has this name and this password; None says no more than that nobody has.

    Cost: one hash (64 MB, some tenths of a second), whether there is such an account or not.
    """
    account = accounts.find(unicodedata.normalize("NFC", name).strip())
    known = account if account is not None and not account.disabled else None
    matches = passwords.matches(known.password if known else "", password)
    return known if matches else None


def log_in(accounts: Accounts, name: str, password: str, *, passwords: Passwords) -> Given | None:
    """A token for some hours, if that is her password; as `whose`."""
    account = whose(accounts, name, password, passwords=passwords)
    if account is None:
        return None
    if renewed := passwords.renewed(account.password, password):
        accounts.change(account.id, password=renewed)
    now = _now()
    sessions = [token for token in accounts.tokens(account.id) if token.session]
    lasting = [token for token in sessions if token.expires > _at(now)][-MOST_TOKENS + 1 :]
    accounts.remove_tokens([token.hash for token in sessions if token not in lasting])
    return _give(accounts, account.id, "log-in", now + timedelta(hours=SESSION_HOURS), session=True)


def give_token(accounts: Accounts, account: str, name: str, *, days: int = TOKEN_DAYS) -> Given:
    """A token for a program.

    Raises:
        InvalidDecision: She has a great many, or it would last too long.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InvalidDecision(f"A token lasts 1 to {MOST_DAYS} days.")
    if sum(not token.session for token in accounts.tokens(account)) >= MOST_TOKENS:
        raise InvalidDecision(f"You have {MOST_TOKENS} tokens; take back those that you do not use.")
    return _give(accounts, account, name, _now() + timedelta(days=days), session=False)


def holder_of(accounts: Accounts, secret: str) -> Holder | None:
    """Who shows this token: nobody where it is none, has expired, or the account is disabled."""
    if not _SECRET.fullmatch(secret):
        return None
    found = accounts.holder(hash_of(secret))
    if found is None or found.account.disabled or found.token.expires <= _at(_now()):
        return None
    return found


def hash_of(secret: str) -> str:
    """What is kept of a token. It holds 256 random bits, so that a fast hash is enough."""
    return sha256(secret.encode()).hexdigest()


def _give(accounts: Accounts, account: str, name: str, expires: datetime, *, session: bool) -> Given:
    secret = f"tc_{secrets.token_urlsafe(32)}"
    token = Token(hash_of(secret), account, name, _at(_now()), _at(expires), session)
    accounts.add_token(token)
    return Given(secret, token)


def _now() -> datetime:
    return datetime.now(UTC)


def _at(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
