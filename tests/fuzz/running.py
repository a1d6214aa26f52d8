"""One input after the other, in a process with bounded memory that is ended if it hangs."""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import resource
import tempfile
import time
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.mutations import spoiled
from textcoder.errors import TextcoderError

if TYPE_CHECKING:
    from tests.fuzz.readers import Reader

HANGS = 20.0
"""Seconds of the processor that one input may take."""
PATIENCE = 5
"""How many times as many seconds of the clock it may take: a busy machine is no hang, and one that sleeps is."""
MEMORY = 1_000_000_000
"""Bytes that one input may take beside what the libraries take."""
CANARY = "words that nobody has sent"
_LONGEST = 2000


@dataclass(frozen=True)
class Tried:
    """What came of one input: `read`, `refused`, or a fault, with what it is about."""

    reader: str
    number: int
    outcome: str
    said: str = ""
    seconds: float = 0.0

    @property
    def is_fault(self) -> bool:
        """Whether somebody has to look at it."""
        return self.outcome not in ("read", "refused")


@dataclass
class Count:
    """One line of the table."""

    inputs: int = 0
    refused: int = 0
    read: int = 0
    slowest: float = 0.0
    faults: list[Tried] = field(default_factory=list)

    def add(self, tried: Tried) -> None:
        """Count one more."""
        self.inputs += 1
        self.refused += tried.outcome == "refused"
        self.read += tried.outcome == "read"
        self.slowest = max(self.slowest, tried.seconds)
        if tried.is_fault:
            self.faults.append(tried)


def input_of(name: str, reader: Reader, seed: int, number: int, canary: Path) -> tuple[str, bytes]:
    """What is tried under a number, with what is hostile about it: first each hostile file, then spoiled ones without end."""
    if number < len(reader.hostile):
        what = list(reader.hostile)[number]
        return what, reader.hostile[what](canary)
    return "spoiled", spoiled(random.Random(f"{name} {seed} {number}"), reader.sound())


class Trial:
    """Tries inputs on readers, in a process of its own that is begun again after a hang or a death.

    Args:
        readers: Gives them by name; a function at the top of a module, since another process has to find it.
        seed: Of all inputs.
        hangs: Seconds of the processor that one input may take.
        memory: Bytes that one input may take.
    """

    def __init__(
        self,
        readers: Callable[[], Mapping[str, Reader]],
        *,
        seed: int = 0,
        hangs: float = HANGS,
        memory: int = MEMORY,
    ) -> None:
        self._readers, self.seed, self._hangs, self._memory = readers, seed, hangs, memory
        self._process: multiprocessing.process.BaseProcess | None = None
        self._line: Connection | None = None

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def each(
        self, name: str, *, inputs: int | None = None, seconds: float | None = None, first: int = 0
    ) -> Iterator[Tried]:
        """Try one input after the other, until so many were tried or so much time has gone."""
        end = None if seconds is None else time.monotonic() + seconds
        number = first
        while (inputs is None or number < first + inputs) and (end is None or time.monotonic() < end):
            yield self.one(name, number)
            number += 1

    def one(self, name: str, number: int) -> Tried:
        """Try one input."""
        line = self._line or self._begun()
        began = time.monotonic()
        line.send((name, number))
        try:
            if self._answers(line):
                found: Tried = line.recv()
                return found
            said = Tried(name, number, "hang", f"more than {self._hangs:.0f} seconds", time.monotonic() - began)
        except (EOFError, ConnectionError):
            said = Tried(name, number, "died", "the process ended")
        self._end()
        return said

    def _answers(self, line: Connection) -> bool:
        """Whether it answers, or ends, before it has taken too long."""
        began, spent = time.monotonic(), self._spent()
        while not line.poll(self._hangs / 10):
            waited = time.monotonic() - began
            if waited > PATIENCE * self._hangs or self._spent() - spent > self._hangs:
                return False
        return True

    def _spent(self) -> float:
        """Seconds of the processor that the process has taken."""
        assert self._process is not None
        told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, told[11:13])) / os.sysconf("SC_CLK_TCK")

    def _begun(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._readers, self.seed, self._memory))
        self._process.start()
        theirs.close()
        self._line.recv()  # it has warmed up
        return self._line

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._line is not None:
            self._line.close()
        self._process = self._line = None


def _serve(line: Connection, all_readers: Callable[[], Mapping[str, Reader]], seed: int, memory: int) -> None:
    warnings.simplefilter("ignore")
    readers = all_readers()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder) / "canary.txt"
        canary.write_text(CANARY)
        for name, reader in readers.items():  # what is loaded once is no input's
            _tried(name, reader, reader.sound()[0], Path(folder))
        resource.setrlimit(resource.RLIMIT_AS, (_size() + memory,) * 2)
        line.send("ready")
        while True:
            try:
                name, number = line.recv()
            except EOFError:
                return
            what, data = input_of(name, readers[name], seed, number, canary)
            start = time.monotonic()
            outcome, said = _tried(name, readers[name], data, Path(folder))
            line.send(Tried(name, number, outcome, f"{what}: {said}", time.monotonic() - start))


def _size() -> int:
    """Bytes of addresses that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _tried(name: str, reader: Reader, data: bytes, folder: Path) -> tuple[str, str]:
    within = folder / "in"
    within.mkdir(exist_ok=True)
    path = within / reader.file
    path.write_bytes(data)
    before = _listed(folder)
    try:
        came_in = reader.take(path)
    except TextcoderError as error:
        unclear = _unclear(str(error))
        outcome, said = ("unclear", f"{unclear}: {str(error)[:300]!r}") if unclear else ("refused", str(error)[:300])
    except BaseException as error:  # noqa: BLE001  # whatever else it is, is a fault
        outcome, said = type(error).__name__, _where(error)
    else:
        outcome, said = (
            ("canary", "a file of this machine came in")
            if CANARY in came_in
            else ("read", f"{len(came_in)} characters")
        )
    if _listed(folder) - before - {within / "talks", within / "talks" / "mira.txt"}:
        outcome, said = "escaped", "a file was written"
    return outcome, said


def _listed(folder: Path) -> set[Path]:
    return {*folder.rglob("*"), *(path for path in (Path("/tmp/textcoder-escaped"),) if path.exists())}


def _unclear(said: str) -> str:
    """Why a sentence is none for a person; empty where it is one."""
    if len(said) > _LONGEST:
        return f"{len(said)} characters"
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in said):
        return "signs that no terminal should be given"
    return "" if said.rstrip().endswith((".", ")", "!", "?")) else "no sentence"


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/textcoder/" in frame.filename][-3:] or frames[-2:]
    places = " < ".join(f"{frame.name} ({Path(frame.filename).name}:{frame.lineno})" for frame in reversed(ours))
    return f"{str(error)[:200]} in {places}"
