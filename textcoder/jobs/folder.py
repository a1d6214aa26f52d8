"""The folder of a worker: what was uploaded for its jobs, what came of them, and its queue."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from textcoder.errors import OutputError
from textcoder.jobs.queue import Queue

FILES, RESULT, MERGED, EXCHANGED = "files", "results.zip", "merged.json", "exchanged.json"
_RESULTS = (RESULT, MERGED, EXCHANGED)
_DAY = 24 * 3600


def default_folder(database: Path | None, out: Path = Path()) -> Path:
    """Where the files of long work lie if nobody says so: beside a SQLite file, else in the folder of the results."""
    return out / "textcoder-jobs" if database is None else database.with_name(f"{database.name}.jobs")


class Place:
    """One worker's folder; only the person who runs the service may look into it.

    Attributes:
        path: The folder.
        id: What it is called in the rows of jobs: moved with all it holds, it is still the same place.
        queue: Where ids wait for the worker.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.id = _id_of(path / "place")
            self.queue = Queue(path / "queue.db")
        except (OSError, sqlite3.Error) as error:
            raise OutputError(
                f"The folder of long work {path} cannot be used ({error}). Choose another with --jobs."
            ) from error

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """A folder to receive an upload in; what is left in it afterwards is deleted, whatever happens inside."""
        folder = self.path / f"incoming-{uuid4()}"
        try:
            folder.mkdir(mode=0o700)
            yield folder
        except OSError as error:
            raise OutputError(
                f"The upload cannot be kept ({error.strerror}); see that there is room and right to write for long work."
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, incoming: Path, job: str) -> None:
        """Let what was received be the files of a job."""
        incoming.rename(self.folder(job))

    def folder(self, job: str) -> Path:
        """All that lies here for a job."""
        return self.path / job

    def files(self, job: str) -> Path:
        """What was uploaded for it."""
        return self.path / job / FILES

    def result(self, job: str) -> Path | None:
        """What came of it, if that is still kept."""
        found = [path for name in _RESULTS if (path := self.path / job / name).is_file()]
        return found[0] if found else None

    def forget(self, job: str) -> None:
        """Delete all that lies here for a job."""
        shutil.rmtree(self.path / job, ignore_errors=True)

    def clean(self, job: str) -> None:
        """Delete what was uploaded for a job, and what it had begun to write; its result stays."""
        folder = self.path / job
        for entry in folder.iterdir() if folder.is_dir() else ():
            if entry.name in _RESULTS:
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        with suppress(OSError):  # holds a result
            folder.rmdir()

    def strays(self, known: set[str]) -> list[Path]:
        """Folders of a day ago that belong to no job: the service ended while it received them."""
        old = time.time() - _DAY
        return [
            entry
            for entry in self.path.iterdir()
            if entry.is_dir() and entry.name not in known and entry.stat().st_mtime < old
        ]

    @contextmanager
    def held(self, *, patience: float = 0.0) -> Iterator[bool]:
        """Be the one worker of this folder; the system gives it back when this process ends, however it ends.

        Args:
            patience: Seconds to wait for another one to end.

        Yields:
            Whether it could be had.
        """
        # SQLite knows how to hold a file on every system.
        lock = sqlite3.connect(self.path / "worker.lock", timeout=patience, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            yield False
        else:
            yield True
        finally:
            lock.close()


def _id_of(file: Path) -> str:
    """The id that the file holds; made by whoever comes first."""
    with suppress(FileExistsError), file.open("x", encoding="ascii") as made:
        made.write(str(uuid4()))
    for _ in range(100):
        if len(found := file.read_text(encoding="ascii")) == len(str(uuid4())):
            return found
        time.sleep(0.01)  # another process is about to write it
    raise OSError(os.strerror(5), str(file))
