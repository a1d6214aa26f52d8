"""`make bench`: whole commands, side by side in one run on one machine; `.ci/postgres run make bench` for PostgreSQL, too."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.performance import service
from textcoder.store import sqlite_url

SHARED = Path(__file__).resolve().parents[3] / "shared"
TEXTCODER = [sys.executable, "-m", "textcoder"]


@dataclass(frozen=True)
class Timed:
    """Wall seconds of a whole process, and its peak resident memory in MB."""

    seconds: float
    megabytes: float
    output: str


def timed(command: list[str]) -> Timed:
    """Run a command to its end; a failure ends the benchmark with its message."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{output[-2000:]}")
    return Timed(seconds, usage.ru_maxrss / 1024, output)


def median(runs: list[Timed]) -> str:
    """Median seconds with the range, and the largest memory."""
    seconds = [run.seconds for run in runs]
    return f"{statistics.median(seconds):7.2f} s ({min(seconds):.2f}-{max(seconds):.2f}), peak {max(r.megabytes for r in runs):.0f} MB"


def help_time() -> None:
    runs = [timed([*TEXTCODER, "--help"]) for _ in range(6)][1:]
    print(f"textcoder --help                {median(runs)}   goal: under 0.4 s")


def uploaded(papers: list[Path], database: Path) -> float:
    """Seconds from the upload to a running service until its job has read and coded the interviews."""
    with (
        service.serving(sqlite_url(database), "/api/v1/projects") as running,
        closing(service.Client(running)) as client,
    ):
        start = time.perf_counter()
        job = service.send(running, "interviews", papers)
        while not service.finished(client, job):
            time.sleep(0.05)
        return time.perf_counter() - start


def interviews() -> None:
    """The seven PDFs: ours cold, ours again, the stock pipeline cold."""
    pdfs = SHARED / "data" / "pdpilot_interviews"
    if not pdfs.is_dir():
        print("interviews: skipped, the data sets in shared/ are not beside the checkout")
        return
    with tempfile.TemporaryDirectory() as scratch:
        papers = Path(scratch) / "interviews"
        papers.mkdir()
        for path in pdfs.glob("P*.pdf"):
            shutil.copy(path, papers)
        timed([*TEXTCODER, "run", str(papers), "--out", f"{scratch}/warm"])
        ours = [timed([*TEXTCODER, "run", str(papers), "--out", f"{scratch}/{i}"]) for i in range(3)]
        over_http = [uploaded(sorted(papers.iterdir()), Path(scratch) / f"{i}.db") for i in range(3)]
        again = [timed([*TEXTCODER, "run", str(papers), "--out", f"{scratch}/{i}"]) for i in range(3)]
        stock_command = [sys.executable, "-m", "tests.performance.stock", str(papers)]
        timed(stock_command)
        stock = [timed(stock_command) for _ in range(3)]
    print(f"textcoder run, seven PDFs       {median(ours)}")
    print(f"  the same command again        {median(again)}")
    print(
        f"  sent over HTTP until coded    {statistics.median(over_http):7.2f} s ({min(over_http):.2f}-{max(over_http):.2f}), "
        f"{statistics.median(over_http) / statistics.median(run.seconds for run in ours):.2f}x the command line   goal: 1.3x at most"
    )
    print(
        f"stock pipeline, the same texts  {median(stock)}   {', '.join(run.output.strip().splitlines()[-1] for run in stock)}"
    )
    first, repeat, yardstick = (statistics.median(r.seconds for r in runs) for runs in (ours, again, stock))
    print(f"  stock / ours {yardstick / first:.1f}x (goal 3x); first / again {first / repeat:.1f}x (goal 5x)")


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores; medians of 3 to 5 whole processes after a warm-up")
    help_time()
    interviews()
    server = os.environ.get("TEXTCODER_TEST_DATABASE_URL")
    on_postgres = [["service", "--postgres", server]] if server else []
    for module in (
        ["encoder"],
        ["themes"],
        ["learning"],
        ["decisions"],
        ["query"],
        ["service"],
        *on_postgres,
        ["page"],
    ):
        print(f"\n-- {module[0]}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.performance.{module[0]}", *module[1:]], check=True)
    if not server:
        print("\nOn PostgreSQL nothing was measured; `.ci/postgres run make bench` does that, too.")
