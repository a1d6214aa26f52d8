"""Projects kept open in this process: one at a time works on a project, so that decisions come one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

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


class Desk:
    """One project, opened when it is first needed.

    Args:
        open_store: Opens the database.
        settings: As it is coded.
        embedder: In place of the encoder that the settings name.

    Attributes:
        kept: What was worked out of the project.
        stamp: All that an answer can rest on beside the log, as of the last opening.
    """

    def __init__(self, open_store: Opener, settings: Settings, *, embedder: Embedder | None = None) -> None:
        self._open_store, self._settings, self._embedder = open_store, settings, embedder
        # Re-entrant, and always taken and given back within one function: a route that waits holds no thread that the
        # one inside would need to get out again.
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._live: LiveProject | None = None
        self._closed = False
        self._read = ""
        self.kept = Kept()
        self.stamp = ""

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
            material = _material(self._store)
            if self._live is None or material != self._read:
                settings = as_coded(self._store, self._settings)
                self._live = LiveProject(self._store, settings, embedder=self._embedder)
                self.kept, self._read = Kept(), material
            else:
                self._live.catch_up()
            self.stamp = repr((self._store.project(), self._store.coders(), material))
            yield self._live

    def forget(self) -> None:
        """Read the project anew next time: what stands in memory may not be what was written."""
        with self._lock:
            self._live = None

    def close(self) -> None:
        """Wait for whoever is inside, then close the database."""
        with self._lock:
            self._closed, self._live = True, None
            if self._store is not None:
                self._store.close()
                self._store = None


def _material(store: Store) -> str:
    """What a project was read from, and what its last run made of it; changes when another process imports or runs."""
    files = [(file.path, file.sha256, file.transcript) for file in store.files()]
    runs = [store.finished(step) for step in ("lenses", "themes", "draft")]
    return repr((files, runs, store.finished("code") is not None))


class Shelf:
    """All projects of a database, each with a desk from when it is first asked for."""

    def __init__(self, catalogue: Catalogue, settings: Settings, *, embedder: Embedder | None = None) -> None:
        self.catalogue, self._settings, self._embedder = catalogue, settings, embedder
        self._lock = threading.Lock()
        self._desks: dict[str, Desk] = {}

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
            raise UnknownItem(f'There is no project "{project}"; GET /api/v1/projects lists them.')
        desk = Desk(lambda: self.catalogue.open_project(project), self._settings, embedder=self._embedder)
        with self._lock:
            return self._desks.setdefault(project, desk)

    def close(self) -> None:
        """Close all."""
        with self._lock:
            desks = list(self._desks.values())
        for desk in desks:
            desk.close()
        self.catalogue.close()
