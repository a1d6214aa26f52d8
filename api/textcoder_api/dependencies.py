"""What routes are given: the project, who asks, and the conditions under which she asks."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from textcoder import __version__
from textcoder.domain.account import Access
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind
from textcoder.domain.decision import Decision, DecisionKind, Verb
from textcoder.domain.history import diff, version_of
from textcoder.errors import InvalidDecision, StoreError
from textcoder.workflow import RESEARCHER, LiveProject
from textcoder_api.answers import JSON, Key, ListQuery, listed, matches, page_of, tag_of
from textcoder_api.desk import Desk, Shelf, no_such_project
from textcoder_api.errors import NotModified, Outdated
from textcoder_api.identity import Door, Person
from textcoder_api.metrics import Metrics
from textcoder_api.schemas import Name, Row
from textcoder_api.views import View

T = TypeVar("T")
R = TypeVar("R", bound=Row)

ItemId = Annotated[Name, Path()]
"""Id (or name) of something in the address."""


# What waits for nothing is async, lest each be handed to a thread of its own.


async def get_shelf(request: Request) -> Shelf:
    """All projects."""
    shelf: Shelf = request.app.state.shelf
    return shelf


async def get_door(request: Request) -> Door:
    """Who lets people in."""
    door: Door = request.app.state.door
    return door


async def get_person(request: Request) -> Person:
    """Whoever asks, as `Doorkeeper` let her in."""
    person: Person = request.state.person
    return person


def get_desk(access: Access | None = None) -> Callable[..., Awaitable[Desk]]:
    """The project of the address, if she may do that much in it.

    Args:
        access: What it takes; without it all reads are for readers, and all else is for owners.
    """

    async def desk_for(
        request: Request,
        project: ItemId,
        shelf: Annotated[Shelf, Depends(get_shelf)],
        person: Annotated[Person, Depends(get_person)],
    ) -> Desk:
        needed = access or (Access.READER if request.method in ("GET", "HEAD") else Access.OWNER)
        held = person.access_to(project)
        if held is None:
            raise no_such_project(project)
        if not held.allows(needed):
            raise HTTPException(403, f'This takes the role "{needed}" in the project; yours is "{held}".')
        found = shelf.opened(project)
        return found if found is not None else await run_in_threadpool(shelf.desk, project)

    return desk_for


def get_administrator(person: Annotated[Person, Depends(get_person)]) -> Person:
    """Whoever asks, if she may make projects and accounts."""
    if not person.is_administrator:
        raise HTTPException(403, "This takes an administrator; ask one.")
    return person


async def get_coder(
    person: Annotated[Person, Depends(get_person)],
    coder: Annotated[
        str | None,
        Header(
            alias="X-Textcoder-Coder",
            description="Who you are, in UTF-8, where there are no accounts; else it is your account. [default: researcher]",
        ),
    ] = None,
) -> Coder:
    """Who decides."""
    return coder_of(person, coder)


def coder_of(person: Person, header: str | None) -> Coder:
    """Who decides: her account; where there are none, on this machine, the name in X-Textcoder-Coder is her id."""
    named = None if header is None else coder_named(header)
    if person.account is None:
        return named or RESEARCHER
    if named is not None and named.id != person.account.id:
        raise HTTPException(403, "X-Textcoder-Coder is not your account; leave it out.")
    return _called(person.account.id)


def coder_named(header: str) -> Coder:
    """Whom X-Textcoder-Coder names."""
    try:
        name = header.encode("latin-1").decode().strip()  # headers come as Latin-1, whatever was sent
    except UnicodeDecodeError as error:
        raise HTTPException(400, "X-Textcoder-Coder must be UTF-8.") from error
    if not name.isprintable() or not 0 < len(name) <= 100 or name in ("machine", CONSENSUS.id):
        raise HTTPException(400, "X-Textcoder-Coder must be your own name, of 1 to 100 characters.")
    return _called(name)


def _called(name: str) -> Coder:
    return RESEARCHER if name == RESEARCHER.id else Coder(name, name, CoderKind.HUMAN)


def asked_of(scope: Scope, coder: str) -> Hashable:
    """All of a request that its answer may rest on beside the project."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return scope["path"], scope["query_string"], accept, coder


def only_json(request: Request) -> None:
    """A body that is not JSON is refused as such, rather than as a body that lacks everything."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise HTTPException(415, f"Send JSON, and say so: Content-Type: {JSON}.")


CoderDep = Annotated[Coder, Depends(get_coder)]
ShelfDep = Annotated[Shelf, Depends(get_shelf)]
DeskDep = Annotated[Desk, Depends(get_desk())]
DoorDep = Annotated[Door, Depends(get_door)]
PersonDep = Annotated[Person, Depends(get_person)]
AdministratorDep = Annotated[Person, Depends(get_administrator)]


def tagged(request: Request, tag: str) -> dict[str, str]:
    """The headers of an answer with this tag.

    Raises:
        NotModified: The caller has it already.
    """
    headers = {"ETag": tag, "Vary": "Accept, Authorization, Cookie, X-Textcoder-Coder"}
    if matches(request.headers.get("if-none-match", ""), tag):
        raise NotModified(headers)
    return headers


class Reading:
    """A question about a project, by somebody, who may have an answer already."""

    def __init__(self, request: Request, desk: Desk, coder: Coder) -> None:
        self.request, self.desk, self.coder = request, desk, coder
        self._headers: dict[str, str] = {}
        self._moment = desk.moment

    @contextmanager
    def view(self, *, tag: Callable[[View], str] | None = None) -> Iterator[View]:
        """The project as she may see it; consistent inside.

        Args:
            tag: The base of the entity tag; the number of the log, if nothing more telling is given.

        Raises:
            NotModified: She has the answer already.
        """
        with self.desk.open() as live:
            view, self._moment = View(live, self.coder.id, self.desk.kept), self.desk.moment
            log = f"log-{live.standing.number}"
            rests_on = (log, self._moment.stamp, self.coder.id, __version__)
            self._headers = tagged(self.request, tag_of(self.request, tag(view) if tag else log, *rests_on))
            yield view

    async def quickly(self, make: Callable[[], Response], *, from_: str) -> Response:
        """An answer that takes milliseconds once `from_` is worked out of the project: at once then, else by a thread that may wait."""
        with self.desk.at_hand(from_) as at_hand:
            if at_hand:
                return make()
        return await run_in_threadpool(make)

    def unkept(self, response: Response) -> Response:
        """The answer with its tag, made anew for whoever asks: kept ones go out before it is asked what she may do."""
        response.headers.update(self._headers)
        return response

    def answer(self, response: Response) -> Response:
        """The answer with its tag; kept until something changes."""
        response.headers.update(self._headers)
        scope = self.request.scope
        self._moment.answers.keep(asked_of(scope, self.coder.id), response, scope["route"])
        return response

    def page(
        self,
        things: Sequence[T],
        query: ListQuery,
        model: type[R],
        row: Callable[[T], R],
        *,
        key: Callable[[T], Key],
        keep: Callable[[T], bool] | None = None,
    ) -> Response:
        """A part of a list; see `page_of`."""
        part, next_ = page_of(things, query, key=key, keep=keep)
        rows = [row(thing) for thing in part]
        return self.answer(listed(self.request, rows, model, fields=query.fields, next_=next_))


async def get_reading(request: Request, desk: DeskDep, coder: CoderDep) -> Reading:
    """The question."""
    return Reading(request, desk, coder)


ReadingDep = Annotated[Reading, Depends(get_reading)]

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Your own name for this act, such as a UUID: sent twice, it is done once.",
    ),
]
IfMatchHeader = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=2000,
        description="An entity tag of the codebook, of a code, or of any answer: refused with 412 and what changed, if it did.",
    ),
]


class Deciding:
    """Something to be done to a project, by somebody, once, if what she has seen still stands."""

    def __init__(
        self, request: Request, desk: Desk, coder: Coder, key: str | None = None, if_match: str | None = None
    ) -> None:
        self.desk, self.coder, self.key, self.if_match = desk, coder, key or "", if_match
        self._metrics: Metrics = request.app.state.metrics
        self.replayed = False

    def count(self, verbs: Iterable[Verb]) -> None:
        """Let the metrics know what was decided."""
        for verb in verbs:
            self._metrics.decided(verb)

    @contextmanager
    def view(self) -> Iterator[View]:
        """The project as it stands, if that is what she has seen.

        Raises:
            Outdated: It was changed since.
        """
        with self.desk.open() as live:
            check_unchanged(live, self.if_match)
            yield View(live, self.coder.id, self.desk.kept)

    @contextmanager
    def done(
        self, act: Callable[[LiveProject], list[Decision]], *verbs: str, keyed: bool = False
    ) -> Iterator[tuple[LiveProject, list[Decision]]]:
        """Decide once, and look at what came of it: what was done under this key before is answered again.

        Args:
            act: Decides; called at most once.
            verbs: What the act is called in the log.
            keyed: The act writes the key into the log itself; else it is kept beside the log, in one transaction with the act.

        Raises:
            InvalidDecision: The key belongs to something else.
            Outdated: What she has seen no longer stands.
        """
        with self.desk.open() as live:
            before = self._done_before(live, verbs)
            self.replayed = before is not None
            yield live, self._do(live, act, verbs, keyed) if before is None else before

    def _do(
        self, live: LiveProject, act: Callable[[LiveProject], list[Decision]], verbs: Sequence[str], keyed: bool
    ) -> list[Decision]:
        check_unchanged(live, self.if_match)
        number = live.standing.number
        try:
            if keyed or not self.key:
                return act(live)
            with live.store.transaction():
                live.catch_up()
                before = self._done_before(live, verbs)
                if before is not None:  # another server was given the same request, and was quicker
                    self.replayed = True
                    return before
                decisions = act(live)
                live.store.save_value(_kept_as(self.key), [decision.number for decision in decisions])
            return decisions
        except BaseException as error:
            # What was not written after all must not stand in memory: decisions, and a coder who is new.
            if isinstance(error, StoreError) or live.standing.number != number or not self._is_known(live):
                self.desk.forget()
            raise

    def _is_known(self, live: LiveProject) -> bool:
        return any(coder.id == self.coder.id for coder in live.store.coders())

    def _done_before(self, live: LiveProject, verbs: Sequence[str]) -> list[Decision] | None:
        if not self.key:
            return None
        numbers = set(live.store.value(_kept_as(self.key)) or ())
        done = [decision for decision in live.log if decision.key == self.key or decision.number in numbers]
        if any(decision.coder != self.coder.id or decision.verb.value not in verbs for decision in done):
            raise InvalidDecision("This Idempotency-Key belongs to another act; choose a new one for each act.")
        return done or None


async def get_deciding(
    request: Request,
    desk: Annotated[Desk, Depends(get_desk(Access.CODER))],
    coder: CoderDep,
    key: KeyHeader = None,
    if_match: IfMatchHeader = None,
) -> Deciding:
    """What a coder does."""
    return Deciding(request, desk, coder, key, if_match)


async def get_owning(
    request: Request, desk: DeskDep, coder: CoderDep, key: KeyHeader = None, if_match: IfMatchHeader = None
) -> Deciding:
    """What an owner does."""
    return Deciding(request, desk, coder, key, if_match)


DecidingDep = Annotated[Deciding, Depends(get_deciding)]
OwningDep = Annotated[Deciding, Depends(get_owning)]


def _kept_as(key: str) -> str:
    return f"act {key}"


_TAG = re.compile(r'"(log|codebook|code)-(\d{1,15})(?:-[0-9a-f]+)?"')


def check_unchanged(live: LiveProject, if_match: str | None) -> None:
    """See that what somebody has read still stands.

    Tags begin with what they are about: `"codebook-12"` is the codebook at version 12, `"code-40"` the code that decision 40 was
    the last to change, `"log-51"` everything, after 51 decisions. What follows after another hyphen says which form of the answer it was.

    Raises:
        Outdated: It was changed since; names by whom, and what.
        InvalidDecision: A tag is none of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return
    found = [match for part in if_match.split(",") if (match := _TAG.fullmatch(part.strip())) is not None]
    if len(found) < len(if_match.split(",")):
        raise InvalidDecision('If-Match takes an ETag of this service, such as "codebook-12", "code-40" or "log-51".')
    changes: list[dict[str, Any]] = []
    for match in found:
        changes = _changes_since(live, match[1], int(match[2]))
        if not changes:
            return
    raise Outdated("What you decide about was changed since you read it; read it again, and decide again.", changes)


def _changes_since(live: LiveProject, kind: str, number: int) -> list[dict[str, Any]]:
    if kind == "codebook":
        if number > live.standing.codebook.version:
            raise InvalidDecision(f"The codebook has no version {number} yet.")
        changed = diff(version_of(live.log, number), live.standing.codebook)
        return [
            {"code": code.id, "name": code.name, "fields": list(change.fields)}
            for change in changed
            if (code := change.after or change.before) is not None
        ]
    if number > live.standing.number:
        raise InvalidDecision(f"The history has no decision {number} yet.")
    later = [decision for decision in live.log if decision.number > number]
    if kind == "code":
        target = next((d.target for d in live.log if d.number == number and d.kind is DecisionKind.SET_CODE), None)
        if target is None:
            raise InvalidDecision(f"Decision {number} changed no code.")
        later = [d for d in later if (d.kind, d.target) == (DecisionKind.SET_CODE, target)]
    acts = {d.act: {"act": d.act, "verb": d.verb.value, "coder": d.coder, "at": d.at} for d in later}
    return list(acts.values())[:100]
