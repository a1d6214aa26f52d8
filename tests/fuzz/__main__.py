"""`make fuzz`: spoiled and hostile files for every reader, for so long; fails on any fault, and says how to look at it again."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.readers import READERS, all_readers
from tests.fuzz.running import Count, Trial, Tried


def main() -> int:
    """Try, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "readers", nargs="*", metavar="reader", help=f"which: {', '.join(READERS)}; all if none is named"
    )
    parser.add_argument("--seconds", type=float, default=600.0, help="for all of them together [default: 600]")
    parser.add_argument("--seed", type=int, default=0, help="of all inputs [default: 0]")
    parser.add_argument("--only", metavar="READER:NUMBER", help="try one input again")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.readers) - READERS.keys()):
        parser.error(f"no reader is called {', '.join(unknown)}; there are {', '.join(READERS)}")
    if asked.only:
        name, _, number = asked.only.partition(":")
        with Trial(all_readers, seed=asked.seed) as trial:
            tried = trial.one(name, int(number))
        print(_told(tried, asked.seed))
        return int(tried.is_fault)
    names = asked.readers or list(READERS)
    return _all(names, asked.seconds / len(names), asked.seed)


def _all(names: list[str], seconds: float, seed: int) -> int:
    counts = {name: Count() for name in names}
    with Trial(all_readers, seed=seed) as trial:
        for name in names:
            for tried in trial.each(name, seconds=seconds):
                counts[name].add(tried)
                if tried.is_fault:
                    print(_told(tried, seed), file=sys.stderr, flush=True)
    print(f"{'reader':8}{'inputs':>9}{'refused clearly':>17}{'read':>9}{'faults':>8}{'slowest':>10}")
    for name, count in counts.items():
        print(_line(name, count))
    whole = Count(
        sum(one.inputs for one in counts.values()),
        sum(one.refused for one in counts.values()),
        sum(one.read for one in counts.values()),
        max(one.slowest for one in counts.values()),
        [fault for one in counts.values() for fault in one.faults],
    )
    print(_line("all", whole))
    return int(bool(whole.faults))


def _line(name: str, count: Count) -> str:
    faults = len(count.faults)
    return f"{name:8}{count.inputs:9}{count.refused:17}{count.read:9}{faults:8}{count.slowest:8.1f} s"


def _told(tried: Tried, seed: int) -> str:
    return f"{tried.outcome}  {tried.said}  ({tried.seconds:.1f} s; --seed {seed} --only {tried.reader}:{tried.number})"


if __name__ == "__main__":
    sys.exit(main())
