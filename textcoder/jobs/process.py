"""The worker as a process beside the service: begun with it, begun again if it ends by itself, ended with it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

_PATIENCE = 12.0
"""Seconds that a worker has to end: huey gives a job eight of them."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


class WorkerProcess:
    """`textcoder worker` as a child. It ends when its standard input does, so that it never outlives the service.

    Args:
        environment: Its variables; what is secret in them (a database's password) stands in no list of processes.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker process", daemon=True)

    @property
    def pid(self) -> int | None:
        """Its number while it runs."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let it end: the job that runs is left to be begun again."""
        with self._lock:
            self._stopping.set()
            child = self._child
        if child is None:
            return
        with suppress(OSError):
            assert child.stdin is not None
            child.stdin.close()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with self._lock:
                if self._stopping.is_set():
                    return
                command = [sys.executable, "-m", "textcoder", "worker", "--child"]
                self._child = subprocess.Popen(command, stdin=subprocess.PIPE, env=self._environment)  # noqa: S603  # our own
            began = time.monotonic()
            self._child.wait()
            pause = _FIRST_PAUSE if time.monotonic() - began > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
            if self._stopping.wait(pause):
                return
