"""Where projects are kept. `Store` has a method for each question that workflow asks; SQL lives only in this folder."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from textcoder.domain.codebook import Codebook
from textcoder.domain.coding import Coder, Coding, LensPlacement
from textcoder.domain.decision import Decision
from textcoder.domain.project import Case, Project
from textcoder.domain.theme import ThemeMap
from textcoder.domain.transcript import Segment, SourceFile, Transcript

if TYPE_CHECKING:  # the command line lists projects without loading numpy
    import numpy as np
    import numpy.typing as npt

    from textcoder.store.catalogue import Catalogue


class Store(Protocol):
    """One project in one database.

    Each writing method is one transaction: after a kill it has happened or it has not, and once it has returned it lies
    on the disk. Text comes back code point by code point; JSON values come back with lists for tuples. Codings and
    decisions name coders and transcripts that the project has, placements and themes its segments; else StoreError.
    """

    def project(self) -> Project: ...
    def save_project(self, project: Project) -> None: ...

    def add_transcript(
        self, transcript: Transcript, segments: Sequence[Segment], *, file: SourceFile, original: bytes
    ) -> None:
        """Add or put in place of the one with its id: transcript, segments, file row, original bytes; all or nothing.

        Codings stay. Segments that are no more take their placements and their places in themes with them.
        """

    def remove_transcript(self, transcript: str) -> None:
        """Take away a transcript that a changed file has replaced: its segments, their placements and their places in themes,
        and the machines' codings on it. The original bytes stay. Nothing happens where there is no such transcript.

        Raises:
            StoreError: A person has coded it; her codings are never taken away.
        """

    def record_file(self, file: SourceFile) -> None:
        """Note what became of a file that gave no transcript; one row a path."""

    def files(self) -> list[SourceFile]:
        """Sorted by path."""

    def transcripts(self) -> list[Transcript]:
        """Sorted by name, then id."""

    def transcript(self, transcript: str) -> Transcript:
        """One transcript. Raises UnknownItem."""

    def texts(self) -> dict[str, str]:
        """Transcript id to its text, without turns; in any order."""

    def segments(self) -> list[Segment]:
        """Sorted by transcript name and id, then start."""

    def original(self, sha256: str) -> bytes:
        """The bytes that were imported. Raises UnknownItem."""

    def save_cases(self, cases: Sequence[Case]) -> None:
        """Add, or put in place of those with the same ids."""

    def cases(self) -> list[Case]:
        """Sorted by id."""

    def vectors(self, keys: Sequence[str], *, model: str) -> dict[str, npt.NDArray[np.float32]]:
        """Cached vectors by key (text hash) for a model key (name, weights hash, runtime, precision).

        Missing ones are left out.
        """

    def save_vectors(self, vectors: Mapping[str, npt.NDArray[np.float32]], *, model: str) -> None: ...
    def forget_vectors(self, naming: str) -> None:
        """Those of all models whose key has this in it."""

    def save_placements(self, placements: Sequence[LensPlacement]) -> None:
        """Put in place of all there were."""

    def placements(self, segments: Sequence[str] | None = None) -> dict[str, LensPlacement]:
        """By segment id, sorted by it; of some segments, or of all."""

    def save_themes(self, themes: ThemeMap) -> None:
        """Put in place of all there were."""

    def themes(self) -> ThemeMap:
        """In the order in which they were saved, which has a meaning; empty before the first."""

    def append(self, decisions: Sequence[Decision], *, key: str = "") -> list[Decision]:
        """Append an act to the log, all or nothing; returns it as the log holds it, numbered from 1.

        Nothing in the log is ever changed or deleted. People's codings follow in the same transaction. With a `key` that an
        act has already, that act is returned and nothing is written: a retry is no second act.

        Raises:
            Conflict: What a decision found (`before`) is no longer so; nothing is written.
        """

    def decisions(self, *, after: int = 0) -> list[Decision]:
        """Those with a number above `after`, sorted by number."""

    def codebook(self) -> Codebook:
        """What the log adds up to."""

    def save_coder(self, coder: Coder) -> None: ...
    def coders(self) -> list[Coder]:
        """Sorted by id."""

    def save_codings(self, codings: Sequence[Coding], *, coder: str) -> None:
        """Put in place of all codings of this machine; codings of others are never touched.

        A coder says a code of a span once; twice is a StoreError, and so are codings of a person: hers are decisions.
        """

    def codings(self) -> list[Coding]:
        """Sorted by transcript name and id, start, end, code, coder."""

    def finished(self, step: str) -> str | None:
        """The key under which a step was last finished; a step with the same key need not be repeated."""

    def finish(self, step: str, key: str) -> None: ...
    def value(self, name: str) -> Any:
        """A JSON value kept with the project (settings, manifest parts); None where there is none."""

    def save_value(self, name: str, value: Any) -> None: ...
    def stamp(self) -> Hashable:
        """Another value than before wherever anything may have been written since, by whomever; the same where nothing was.

        To be compared with earlier ones of this store only. Cost: far below that of any reading.
        """

    def reading(self) -> AbstractContextManager[None]:
        """All that is read inside is of one moment, whatever others write meanwhile."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written inside is written together or not at all; one inside another joins the outer one."""

    def close(self) -> None: ...


def open_store(url: str, *, project: str = "study", create: bool = True) -> Store:
    """Open (and migrate, or make) the database at an SQLAlchemy URL, such as `sqlite:////home/ana/results/project.db`.

    A SQLite file is copied beside itself (`project.db.before-<revision>`) before it is migrated; for a server the error
    names the command instead.

    Args:
        url: SQLAlchemy URL.
        project: Id of the project in it; made if missing.
        create: False raises StoreError where there is no database or no such project yet.

    Raises:
        StoreError: Cannot be opened, is newer than this version, is not a textcoder database, or is locked by another
            process.
        MissingPackage: The driver for PostgreSQL is not installed.
    """
    from textcoder.store.database import DatabaseStore

    return DatabaseStore.open(url, project=project, create=create)


def open_catalogue(url: str, *, create: bool = True) -> Catalogue:
    """Open (and migrate, or make) the database at a URL with all its projects, which may be none.

    Args:
        url: As in `open_store`.
        create: False raises StoreError where there is no database yet.

    Raises:
        StoreError: As in `open_store`.
        MissingPackage: Likewise.
    """
    from textcoder.store.catalogue import Catalogue

    return Catalogue.open(url, create=create)


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file; a question mark, as in a folder "What works?", would otherwise end its path."""
    return "sqlite:///" + path.absolute().as_posix().replace("%", "%25").replace("?", "%3F")
