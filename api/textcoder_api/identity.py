"""Who asks: somebody with a token, or whoever reaches a service that has no accounts."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from time import time
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi.responses import Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from textcoder.domain.account import MAX_NAME, Access, Account, Token
from textcoder.errors import InvalidDecision, StoreError
from textcoder.store.accounts import Accounts
from textcoder.workflow.accounts import SESSION_HOURS, Given, Passwords, holder_of, log_in, whose
from textcoder_api.errors import problem, problem_of

T = TypeVar("T")

PUBLIC = frozenset({"/api/v1/login", "/api/v1/openapi.json"})
"""Addresses under /api/ that answer anybody; they tell nothing of any project."""
CHALLENGE = {"WWW-Authenticate": "Bearer"}
UNPROXIED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""A proxy sends one of these: it may let in others than this machine."""
_NOBODY = "Log in first, or send a token: `Authorization: Bearer tc_...`."
_UNKNOWN = "This token is not known, has expired or was taken back; log in again, or make another."
NO_ACCOUNTS = "This service has no accounts; `textcoder account add NAME --administrator` makes the first."


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks.

    Attributes:
        account: Hers; None where the service has no accounts, and she may do everything.
        token: What she showed.
        access: Project id to what she may do there.
    """

    account: Account | None = None
    token: Token | None = None
    access: Mapping[str, Access] = field(default_factory=dict)

    @property
    def is_administrator(self) -> bool:
        """Whether she may make projects, and do everything in all of them."""
        return self.account is None or self.account.administrator

    def access_to(self, project: str) -> Access | None:
        """What she may do in a project; None: it is not there for her."""
        return Access.OWNER if self.is_administrator else self.access.get(project)

    def known(self) -> tuple[Account, Token]:
        """Her account, and what she showed.

        Raises:
            InvalidDecision: The service has no accounts.
        """
        if self.account is None or self.token is None:
            raise InvalidDecision(NO_ACCOUNTS)
        return self.account, self.token


class Door:
    """Lets people in: one log-in at a time, since each takes 64 MB and some time, and not too many that fail.

    Args:
        accounts: Who there is.
        passwords: How passwords are kept.
        secure: People come over TLS.
        needs_account: Nobody is let in without one, not even where there is none: others than this machine can reach the service.
    """

    def __init__(
        self, accounts: Accounts, passwords: Passwords, *, secure: bool = False, needs_account: bool = False
    ) -> None:
        self.accounts, self.passwords, self.secure, self.needs_account = accounts, passwords, secure, needs_account
        # A name that begins with __Host- is sent over TLS only, and nobody but this host can have set it.
        self.cookie = "__Host-textcoder" if secure else "textcoder"
        self._turn = CapacityLimiter(1)
        # Threads of its own, so that nobody waits at the door until the questions of others are answered.
        self._looking = CapacityLimiter(8)
        # Fixed windows, because moving ones keep every name that was ever tried. Each process counts for itself.
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._per_name, self._per_address = RateLimitItemPerMinute(5), RateLimitItemPerMinute(20)

    async def looking(self, look: Callable[[Headers, Scope], T], headers: Headers, scope: Scope) -> T:
        """Look who comes, without waiting for those who are inside."""
        return await run_sync(look, headers, scope, limiter=self._looking)

    def recognise(self, headers: Headers) -> Person | str:
        """Who sent these headers, or why nobody who may come in did. Cost: one query."""
        secret = self._secret(headers)
        holder = holder_of(self.accounts, secret) if secret else None
        if holder is not None:
            return Person(holder.account, holder.token, holder.access)
        if self.accounts.exist():
            return _UNKNOWN if "authorization" in headers else _NOBODY
        if self.needs_account or any(name in headers for name in UNPROXIED):
            return f"{NO_ACCOUNTS} Without any it answers this machine only, and no proxy."
        return Person()

    def _secret(self, headers: Headers) -> str:
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme:
            return secret.strip() if scheme.lower() == "bearer" else ""
        return cookie_parser(headers.get("cookie", "")).get(self.cookie, "")

    async def enter(self, name: str, password: str, address: str | None) -> Given:
        """Log in.

        Raises:
            HTTPException: 401 where it is not her password, 429 after too many that were not.
        """
        attempt = partial(log_in, self.accounts, name, password, passwords=self.passwords)
        given = await self.hashing(partial(self._try, address, name, attempt))
        if given is None:
            raise HTTPException(401, "The name or the password is wrong.", headers=CHALLENGE)
        return given

    async def check(self, name: str, password: str, address: str | None) -> None:
        """See that somebody who is inside knows her password; failures count as those of log-ins do.

        Raises:
            InvalidDecision: She does not.
            HTTPException: 429, as `enter`.
        """
        attempt = partial(whose, self.accounts, name, password, passwords=self.passwords)
        if await self.hashing(partial(self._try, address, name, attempt)) is None:
            raise InvalidDecision("Your old password is another one; nothing was changed.")

    async def hashing(self, work: Callable[[], T]) -> T:
        """Do what hashes a password, when no other is hashed."""
        return await run_sync(work, limiter=self._turn)

    def _try(self, address: str | None, name: str, attempt: Callable[[], T | None]) -> T | None:
        place = _network(address)
        counted = [
            (self._per_name, ("name", unicodedata.normalize("NFC", name).strip()[: MAX_NAME + 1], place)),
            (self._per_address, ("address", place)),
        ]
        for limit, key in counted:
            if not self._limiter.test(limit, *key):
                again = max(1, ceil(self._limiter.get_window_stats(limit, *key).reset_time - time()))
                said = "Too many log-ins failed; wait a minute, and try again."
                raise HTTPException(429, said, headers={"Retry-After": str(again)})
        found = attempt()
        if found is None:
            for limit, key in counted:
                self._limiter.hit(limit, *key)
        return found

    def give_cookie(self, answer: Response, secret: str) -> None:
        """Let the browser show this from now on; no script can read it, and no other page makes the browser send it."""
        answer.set_cookie(
            self.cookie,
            secret,
            max_age=SESSION_HOURS * 3600,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    def take_cookie(self, answer: Response) -> None:
        """Let the browser forget it."""
        answer.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="strict")


def _network(address: str | None) -> str:
    """Whom to count a failure against: of IPv6 the network of 64 bits, since one house has all its addresses."""
    try:
        here = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "-"
    if here.version == 4:
        return str(here)
    return str(here.ipv4_mapped or ipaddress.ip_network((here, 64), strict=False))


class Doorkeeper:
    """Asks who comes before anything of the request is read. Whatever lies under /api/ and is not in `PUBLIC` needs somebody."""

    def __init__(self, app: ASGIApp, *, door: Door, recall: Callable[[Scope, Person], Response | None]) -> None:
        self.app, self.door, self.recall = app, door, recall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, with `person` in its state, or answer 401."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/") or scope["path"] in PUBLIC:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            person, given = await self.door.looking(self._look, headers, scope)
        except StoreError as error:
            await problem_of(error)(scope, receive, send)
            return
        if isinstance(person, str):
            challenge = (
                {"WWW-Authenticate": 'Bearer error="invalid_token"'} if "authorization" in headers else CHALLENGE
            )
            await problem(401, person, headers=challenge)(scope, receive, send)
            return
        if given is not None:
            await given(scope, receive, send)
            return
        scope.setdefault("state", {})["person"] = person
        await self.app(scope, receive, send)

    def _look(self, headers: Headers, scope: Scope) -> tuple[Person | str, Response | None]:
        """Who comes, and the answer that she was given before: one way to a thread and back for both."""
        person = self.door.recognise(headers)
        return person, None if isinstance(person, str) else self.recall(scope, person)
