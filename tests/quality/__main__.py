"""`make quality`: every figure of accuracy with its interval, its baselines and what two coders reach, in one table.

`python -m tests.quality` runs all modules (hours), prints the table and writes it to docs/quality.md. `--only spans,blocks` runs some;
`--missing` those that have no figures here or only some that are older than their code, so also what an interrupted run left;
`--table` none. Goals that are missed do not make it fail; a module that fails does, after all others have run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.quality.figures import MODULES, PAGE, RESULTS, ROOT, Run, cells, goals, kept_runs, lasted, page, text_table

SHARED = Path(__file__).resolve().parents[3] / "shared"


def in_a_process(module: str) -> int:
    """Run a module, with memory and threads of its own; its exit status."""
    return subprocess.run([sys.executable, "-m", f"tests.quality.{module}"], cwd=ROOT).returncode


def main(
    given: Sequence[str] | None = None,
    *,
    results: Path = RESULTS,
    written: Path = PAGE,
    start: Callable[[str], int] = in_a_process,
) -> int:
    """Run what was asked for, then print and write the table.

    Args:
        given: The arguments; those of the command line unless given.
        results: The folder of what the modules found.
        written: The page.
        start: Runs a module.

    Returns:
        The exit status: 1 where a module failed.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description="Figures of quality, in one table.")
    parser.add_argument("--only", metavar="NAMES", help=f"some of {', '.join(MODULES)}; with commas between")
    parser.add_argument("--missing", action="store_true", help="what has no figures here, or older ones than its code")
    parser.add_argument("--table", action="store_true", help="run nothing, print what was found last")
    asked = parser.parse_args(given)
    chosen = asked.only.split(",") if asked.only else list(MODULES)
    if unknown := [name for name in chosen if name not in MODULES]:
        parser.error(f"There is no {', '.join(unknown)}; there are {', '.join(MODULES)}.")
    if asked.missing:
        current = {run.module for run in kept_runs(results) if run.is_current}
        chosen = [name for name in chosen if name not in current]
    failed = []
    for module in () if asked.table else chosen:
        print(f"\n== {module}", flush=True)
        if start(module):
            failed.append(module)
    show(kept_runs(results), written)
    if failed:
        print(f"\nFailed, so without new figures: {', '.join(failed)}.")
    return 1 if failed else 0


def show(runs: Sequence[Run], written: Path) -> None:
    """Print the table, write the page, and say which goals are met and which missed."""
    if not runs:
        print(f"Nothing has run here yet; {written.name} has the table as it was last written.")
        return
    print(f"\n{text_table(runs)}\n")
    print("\n".join(goals([row for run in runs for row in cells(run)])))
    print(f"\nTook: {', '.join(f'{run.module} {lasted(run.seconds)}' for run in runs)}.")
    there = {run.module for run in runs}
    if absent := [name for name in MODULES if name not in there]:
        print(f"Not run here: {', '.join(absent)}.")
    if older := [run.module for run in runs if not run.is_current]:
        print(
            f"Older than the code that they judge: {', '.join(older)}; `python -m tests.quality --missing` runs them."
        )
    before = written.read_text(encoding="utf-8") if written.is_file() else ""
    written.write_text(page(runs, before), encoding="utf-8")
    print(f"Written to {written.name}.")


if __name__ == "__main__":
    if "--table" not in sys.argv and not SHARED.is_dir():
        sys.exit(
            f"The data sets are looked for in {SHARED.name}/ beside the checkout, and are not there; nothing can be judged without them."
        )
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; `python -m tests.quality --missing` goes on from here.")
