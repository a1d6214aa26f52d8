"""Projects kept open in this process: one at a time works on a project, so that decisions come one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi.responses import Response

from textcoder.errors import StoreError, UnknownItem
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow import LiveProject, as_coded

if TYPE_CHECKING:
    from textcoder.embeddings import Embedder
    from textcoder.store.catalogue import Catalogue

T = TypeVar("T")
Opener = Callable[[], Store]


class Kept:
    """What was worked out of a project and holds until something is decided; at most one value a name."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[int, Any]] = {}

    def get(self, name: str, number: int, make: Callable[[], T]) -> T:
        """The value for this number of the log, made where there is none."""
        found = self._values.get(name)
        if found is None or found[0] != number:
            found = self._values[name] = (number, make())
        value: T = found[1]
        return value

    def has(self, name: str, number: int) -> bool:
        """Whether there is a value for this number of the log."""
        found = self._values.get(name)
        return found is not None and found[0] == number


MOST_BYTES = 32 * 1024 * 1024
"""Of answers kept for a project at a time; a large one has 300 kB."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it went out, and the route that made it."""

    answer: Response
    route: object


class Answers:
    """Answers that were given before; the oldest make room for new ones. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Given] = {}
        self._size = 0

    def get(self, asked: Hashable) -> Given | None:
        """The answer to just this."""
        found = self._answers.get(asked)
        # One of its own for each, since what stands around the routes writes into the headers.
        return None if found is None else replace(found, answer=_again(found.answer))

    def keep(self, asked: Hashable, answer: Response, route: object) -> None:
        """Remember an answer, unless it is made while it is sent, or takes the room of very many others."""
        body = getattr(answer, "body", None)
        if answer.status_code != 200 or not isinstance(body, bytes) or len(body) > MOST_BYTES // 8:
            return
        with self._lock:
            if asked in self._answers:
                return
            self._answers[asked] = Given(_again(answer), route)
            self._size += len(body)
            while self._size > MOST_BYTES:
                self._size -= len(self._answers.pop(next(iter(self._answers))).answer.body)


def _again(answer: Response) -> Response:
    return Response(answer.body, headers=dict(answer.headers))


@dataclass(frozen=True, slots=True)
class Moment:
    """A project from one change to the next.

    Attributes:
        number: Of the log.
        stamp: A hash of all that an answer can rest on beside the log.
        answers: What was answered meanwhile.
    """

    number: int
    stamp: str
    answers: Answers = field(default_factory=Answers, compare=False)


class Desk:
    """One project, opened when it is first needed.

    Args:
        open_store: Opens the database.
        settings: As it is coded.
        embedder: In place of the encoder that the settings name.
        is_busy: Whether a job works on the project, maybe in another process.

    Attributes:
        kept: What was worked out of the project.
        moment: The project as of the last opening.
    """

    def __init__(
        self,
        open_store: Opener,
        settings: Settings,
        *,
        embedder: Embedder | None = None,
        is_busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._open_store, self._settings, self._embedder, self._is_busy = open_store, settings, embedder, is_busy
        # Re-entrant, and always taken and given back within one function: a route that waits holds no thread that the
        # one inside would need to get out again.
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._live: LiveProject | None = None
        self._closed = False
        self._read, self._cases, self._whole = ("", ""), "", False
        self._seen: tuple[Hashable, Moment] | None = None
        self.kept = Kept()
        self.moment = Moment(0, "")

    @contextmanager
    def open(self) -> Iterator[LiveProject]:
        """The project as it stands now, with what other processes did meanwhile; nobody else works on it inside.

        Raises:
            StoreError: The database cannot be opened or read, or the service is stopping.
        """
        with self._lock:
            if self._closed:
                raise StoreError("The service is stopping; ask again when it is back.")
            if self._store is None:
                self._store = self._open_store()
            # First, so that what is written while we read is read the next time.
            seen = self._store.stamp()
            if self._live is None or self._seen is None or self._seen[0] != seen:
                self._live = self._read_anew(self._store)
                self._seen = seen, self.moment
            yield self._live

    def unchanged(self) -> Moment | None:
        """The project as of the last opening, if nothing was written since; waits for nobody who works on it.

        Raises:
            StoreError: The database cannot be read.
        """
        store, last = self._store, self._seen
        return last[1] if store is not None and last is not None and store.stamp() == last[0] else None

    @contextmanager
    def at_hand(self, name: str) -> Iterator[bool]:
        """Whether nothing was written since the last opening, nobody works on the project, and `name` is worked out of it.

        Then what follows from it takes milliseconds, and is not worth a thread of its own. Inside, nobody else works on the project.

        Raises:
            StoreError: The database cannot be read.
        """
        if not self._lock.acquire(blocking=False):
            yield False
            return
        try:
            moment = self.unchanged()
            yield moment is not None and self.kept.has(name, moment.number)
        finally:
            self._lock.release()

    def _read_anew(self, store: Store) -> LiveProject:
        """Whatever was written since; all of it only where another process imported or ran."""
        material, live = _material(store), self._live
        if live is not None and material == self._read and not self._whole:
            self._whole = self._is_busy() and self._completed(store, live)
        if live is not None and material != self._read and self._can_wait(material):
            live.catch_up()  # what comes in, file by file, is read once all of it is there
        else:
            if live is None or material != self._read:
                live = self._opened(store)
                self.kept, self._read = Kept(), material
            else:
                live.catch_up()
            self._cases = repr(store.cases())
        held = repr((store.project(), store.coders(), self._cases, self._read))
        stamp = sha256(held.encode("utf-8", "replace")).hexdigest()
        if stamp != self.moment.stamp:
            self.kept = Kept()
        if (moment := Moment(live.standing.number, stamp)) != self.moment:
            self.moment = moment
        return live

    def _opened(self, store: Store) -> LiveProject:
        live = LiveProject(store, as_coded(store, self._settings), embedder=self._embedder)
        self._whole = self._is_busy()
        if self._whole:
            live.read_whole()
        return live

    def _completed(self, store: Store, live: LiveProject) -> bool:
        """Read the rest of what is kept, before a job that has just begun changes it; False if it has already."""
        with store.reading():
            if _material(store) != self._read:
                return False
            live.read_whole()
        return True

    def _can_wait(self, material: tuple[str, str]) -> bool:
        """Whether only files came or went, by a job that is not over, and all that is kept is of one moment."""
        return self._whole and material[1] == self._read[1] and self._is_busy()

    def embedder(self) -> Embedder:
        """The encoder of the project; it may be used without waiting for others."""
        with self.open() as live:
            return live.embedder

    def forget(self) -> None:
        """Read the project anew next time: what stands in memory may not be what was written."""
        with self._lock:
            self._live = self._seen = None

    def close(self) -> None:
        """Wait for whoever is inside, then close the database."""
        with self._lock:
            self._closed, self._live, self._seen = True, None, None
            if self._store is not None:
                self._store.close()
                self._store = None


def _material(store: Store) -> tuple[str, str]:
    """What a project was read from, and what its last run made of it; changes when another process imports or runs."""
    files = [(file.path, file.sha256, file.transcript) for file in store.files()]
    runs = [store.finished(step) for step in ("lenses", "themes", "draft", "training")]
    return repr(files), repr((runs, store.finished("code") is not None))


def no_such_project(project: str) -> UnknownItem:
    """What is said of a project that is not there, or is not there for whoever asks: just the same."""
    return UnknownItem(f'There is no project "{project}"; GET /api/v1/projects lists them.')


class Shelf:
    """All projects of a database, each with a desk from when it is first asked for."""

    def __init__(self, catalogue: Catalogue, settings: Settings, *, embedder: Embedder | None = None) -> None:
        self.catalogue, self._settings, self._embedder = catalogue, settings, embedder
        self._lock = threading.Lock()
        self._desks: dict[str, Desk] = {}

    def opened(self, project: str) -> Desk | None:
        """The desk of a project that was asked for before."""
        return self._desks.get(project)

    def desk(self, project: str) -> Desk:
        """The desk of one project, which another process may just have made.

        Raises:
            UnknownItem: There is no such project.
            StoreError: The service is stopping.
        """
        found = self._desks.get(project)
        if found is not None:
            return found
        if not self.catalogue.has(project):
            raise no_such_project(project)
        desk = Desk(
            lambda: self.catalogue.open_project(project),
            self._settings,
            embedder=self._embedder,
            is_busy=lambda: self.catalogue.jobs.is_running(project),
        )
        with self._lock:
            return self._desks.setdefault(project, desk)

    def close(self) -> None:
        """Close all."""
        with self._lock:
            desks = list(self._desks.values())
        for desk in desks:
            desk.close()
        self.catalogue.close()
