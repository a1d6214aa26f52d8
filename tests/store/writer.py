"""A process of its own, to be killed: writes transcripts and decisions, and tells of each that was acknowledged."""

from __future__ import annotations

import sys

from tests.store.examples import ANA, add, adds, coding, says, transcript
from textcoder.domain.coding import Status
from textcoder.store import open_store


def write_until_killed(url: str, first: int) -> None:
    """Transcript number n has n % 40 + 1 turns, so that a reader can tell a whole one."""
    store = open_store(url)
    store.save_coder(ANA)
    for number in range(first, first + 100_000):
        turns = number % 40 + 1
        one = transcript(f"{number:06}.txt", *[f"Answer {turn}." for turn in range(turns)])
        add(store, one)
        codings = [coding(one, turn, str(number), ANA, status=Status.ACCEPTED) for turn in range(turns)]
        act = store.append([adds(str(number)), *says(*codings)])
        print(number, act[-1].number, flush=True)


if __name__ == "__main__":
    write_until_killed(sys.argv[1], int(sys.argv[2]))
