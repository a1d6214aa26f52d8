"""The queue between the service and its worker: the one place that knows huey. It carries ids and nothing else."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

_WAIT = 1.0
"""Seconds until a job that has to wait for another one is looked at again."""
_MINUTE = 60.0


class _Json(Serializer):  # type: ignore[misc]  # huey ships no types
    """Messages as JSON: what lies in a file must not be able to run anything, as a pickle is."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data, default=datetime.isoformat).encode()

    def _deserialize(self, data: bytes) -> Message:
        message = Message(*json.loads(bytes(data)))
        return message._replace(eta=message.eta and datetime.fromisoformat(message.eta))


class Queue:
    """Ids of jobs on their way to the worker of one folder.

    What is lost here is found again in the rows (see `Worker.take_up`), so that nothing needs to be written through to the disk.
    """

    def __init__(self, file: Path) -> None:
        self._huey = SqliteHuey("textcoder", filename=str(file), results=False, serializer=_Json(), strict_fifo=True)
        self._work: Callable[[str, str], bool] | None = None

        def work(project: str, job: str) -> None:
            if self._work is not None and not self._work(project, job):
                self._task.schedule((project, job), delay=_WAIT)

        self._task = self._huey.task(name="work")(work)

    def put(self, project: str, job: str) -> None:
        """Let the worker know of a job; if that fails, it finds the row within a minute."""
        with suppress(sqlite3.Error):
            self._task(project, job)

    def clear(self) -> None:
        """Forget every id."""
        self._huey.storage.flush_queue()
        self._huey.storage.flush_schedule()

    def drain(self, work: Callable[[str, str], bool]) -> None:
        """Work on all that is here, in this thread, and return. What has to wait is left."""
        self._work = work
        while (task := self._huey.dequeue()) is not None:
            self._huey.execute(task)

    def serve(
        self, work: Callable[[str, str], bool], *, each_minute: Callable[[], None], stopping: threading.Event
    ) -> None:
        """Work on what comes, one after the other, until told to stop; whatever runs then has a few seconds to end.

        Args:
            work: Does one job; False where it has to wait.
            each_minute: Done beside it, also while a job runs.
            stopping: Set it to stop.
        """
        self._work = work
        consumer = Consumer(self._huey, workers=1, periodic=False, max_delay=0.5, shutdown_timeout=8)
        before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
        consumer.start()
        for name, handler in before.items():
            signal.signal(name, handler)  # huey's own would let a job go on to its end, however long that is
        last = time.monotonic()
        while not stopping.wait(0.2):
            if time.monotonic() - last >= _MINUTE:
                last = time.monotonic()
                each_minute()
        consumer.stop(graceful=True)

    def close(self) -> None:
        """Close the file."""
        self._huey.storage.close()
