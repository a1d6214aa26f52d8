"""A short run of the fuzz over every reader, and that it would find what it looks for. The long run is `make fuzz`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.fuzz.readers import READERS, Reader, all_readers
from tests.fuzz.running import CANARY, Trial, Tried
from textcoder.errors import UnreadableFile

SPOILED = 200
"""Inputs for each reader."""
SMALL = 30
"""Hostile files for each reader, but for those that take long to make or to read: these are for the long run."""
LARGE = (
    *(
        "million",
        "thousand",
        "megabyte",
        "endless",
        "bomb",
        "times",
        "nothing but",
        "beyond",
        "many",
        "blanks",
        "corner",
    ),
    *("last", "member", "another", "every", "accents"),
)


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial(all_readers, seed=1) as trial:
        yield trial


@pytest.mark.parametrize("name", READERS)
def test_spoiled_files_are_read_or_refused_in_one_sentence(trial: Trial, name: str) -> None:
    """A traceback, a hang or half an import where a sentence should stand."""
    tried = list(trial.each(name, inputs=SPOILED, first=len(READERS[name].hostile)))
    assert [one for one in tried if one.is_fault] == []
    assert {one.outcome for one in tried} == {"read", "refused"}, "what is tried tells nothing"


@pytest.mark.parametrize("name", READERS)
def test_files_made_to_harm_are_read_or_refused_in_one_sentence(trial: Trial, name: str) -> None:
    """An archive that somebody sends would stop the machine, or carry off one of its files."""
    small = [n for n, what in enumerate(READERS[name].hostile) if not any(word in what for word in LARGE)]
    assert [one for n in small[:SMALL] if (one := trial.one(name, n)).is_fault] == []


def sound() -> Sequence[bytes]:
    return [b"a transcript"]


def crash(path: Path) -> str:
    raise KeyError(path.name if path.read_bytes() != b"a transcript" else "")


def hang(path: Path) -> str:
    if path.read_bytes() != b"a transcript":
        time.sleep(60)
    return ""


def swell(path: Path) -> str:
    return str(len(bytearray(10**10))) if path.read_bytes() != b"a transcript" else ""


def die(path: Path) -> str:
    import os

    if path.read_bytes() != b"a transcript":
        os._exit(1)
    return ""


def leak(path: Path) -> str:
    return CANARY


def escape(path: Path) -> str:
    if path.read_bytes() != b"a transcript":
        (path.parent.parent / "escaped.txt").write_text("x")
    return ""


def mumble(path: Path) -> str:
    raise UnreadableFile("", "", "invalid token")


BROKEN = {
    "KeyError": crash,
    "hang": hang,
    "MemoryError": swell,
    "died": die,
    "canary": leak,
    "escaped": escape,
    "unclear": mumble,
}


def broken_readers() -> Mapping[str, Reader]:
    return {name: Reader("a.txt", sound, {"x": lambda _: b"x"}, take) for name, take in BROKEN.items()}


def test_the_fuzz_finds_what_it_looks_for_and_goes_on() -> None:
    """A fuzz that finds nothing would look like readers without a fault."""
    with Trial(broken_readers, hangs=1.0) as trial:
        found = {name: trial.one(name, 0).outcome for name in BROKEN}
    assert found == {name: name for name in BROKEN}


def test_an_input_can_be_looked_at_again(tmp_path: Path) -> None:
    """A fault that was seen once could not be mended."""
    from tests.fuzz.running import input_of

    number = len(READERS["docx"].hostile) + 17
    first, again, other = (input_of("docx", READERS["docx"], seed, number, tmp_path) for seed in (3, 3, 4))
    assert first == again != other
    assert Tried("docx", number, "refused").is_fault is False
