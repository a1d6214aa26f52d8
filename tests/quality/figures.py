"""The figures of `make quality` as rows of one table.

Every module of tests/quality keeps its own detailed print and hands its headline figures to `run`, which writes them to
results/quality/<module>.json with the time, the commit, how long it took, and a hash of all that it read of this project: its code
and the code's data, not the data sets beside the checkout. Where that hash is no longer today's, the figure is older than its code,
and is marked so.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textcoder.prevalence import wilson

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "results" / "quality"
PAGE = ROOT / "docs" / "quality.md"
MODULES = (
    "lenses",
    "demo",
    "coding",
    "sizes",
    "learning",
    "control",
    "themes",
    "progress",
    "prevalence",
    "agreement",
    "adequacy",
    "blocks",
    "pseudonyms",
    "spans",
)
"""In the order in which they run and stand in the table."""
OLDER = " †"
WIDEST = 60
STARTED = time.time()


@dataclass(frozen=True)
class Goal:
    """What a figure should be: at least, at most, or between; both ends count as reached."""

    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"{told(self.least)} to {told(self.most)}"
        return f"≥ {told(self.least)}" if self.least is not None else f"≤ {told(self.most)}"

    def holds(self, value: float) -> bool:
        """Whether a value reaches it."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def beyond(self, low: float, high: float) -> bool:
        """Whether all of an interval lies on one side outside it."""
        return (self.least is not None and high < self.least) or (self.most is not None and low > self.most)


@dataclass(frozen=True)
class Figure:
    """One row.

    Attributes:
        task: What is judged.
        on: The data set or domain; says so where it is synthetic or its coders are not people.
        measure: In the field's words; "A less B" is a difference.
        value: NaN where it is not defined.
        low: Lower end of the 95 % interval; None where there is none.
        high: Upper end.
        how: From what the interval was made ("bootstrap over comments").
        n: On how many it rests.
        of: What these are ("comments").
        goal: As in the plan for quality; None where none was set.
        baselines: Name -> the same measure of something simpler, or the two sides of a difference.
        coders: Two coders with each other by the same measure on the same data; None where there is no second coder.
    """

    task: str
    on: str
    measure: str
    value: float
    low: float | None
    high: float | None
    how: str
    n: int
    of: str
    goal: Goal | None = None
    baselines: Mapping[str, float] = field(default_factory=dict)
    coders: float | None = None

    @property
    def verdict(self) -> str:
        """Whether the goal is met; "just" where the interval reaches to the other side."""
        if self.goal is None or math.isnan(self.value):
            return ""
        low, high = (self.value if end is None else end for end in (self.low, self.high))
        if self.goal.holds(self.value):
            return "met" if self.goal.holds(low) and self.goal.holds(high) else "just met"
        return "missed" if self.goal.beyond(low, high) else "just missed"


def share_figure(
    task: str,
    on: str,
    measure: str,
    right: int,
    n: int,
    of: str,
    *,
    goal: Goal | None = None,
    baselines: Mapping[str, float] | None = None,
) -> Figure:
    """A share with its Wilson interval; not defined where there is nothing to share."""
    low, high = wilson(right, n) if n else (math.nan, math.nan)
    return Figure(task, on, measure, right / n if n else math.nan, low, high, "Wilson", n, of, goal, baselines or {})


@dataclass(frozen=True)
class Run:
    """What one module found, and when.

    Attributes:
        module: Its name in `MODULES`.
        when: UTC, ISO 8601.
        commit: Short hash, with "+" where the working tree held changes; empty outside a checkout.
        seconds: How long it took, loading of libraries aside.
        read: Files of this project that it rests on, from the root.
        digest: Of what they said then; empty where nobody knows, as one was changed meanwhile.
        figures: The rows.
    """

    module: str
    when: str
    commit: str
    seconds: float
    read: tuple[str, ...]
    digest: str
    figures: tuple[Figure, ...]

    @property
    def is_current(self) -> bool:
        """Whether all that it read says the same today."""
        return digest(self.read) == self.digest


def run(
    module: str, judge: Callable[[], Iterable[Figure]], *, also: Iterable[str] = (), folder: Path = RESULTS
) -> None:
    """Judge, and keep the rows with what they rest on.

    Args:
        module: Its name in `MODULES`.
        judge: Prints the details and returns the rows.
        also: Files of this project, from the root, that only its worker processes open.
        folder: Where to write.
    """
    opened: set[str] = set()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            opened.add(arguments[0])

    # What was loaded is judged as it was then, whatever somebody writes into its file meanwhile.
    before, commit = {name: _meaning(ROOT / name) for name in _loaded()}, _commit()
    sys.addaudithook(note)  # what is opened is what was read: a list kept by hand would be forgotten
    start = time.perf_counter()
    figures = tuple(judge())
    seconds = time.perf_counter() - start
    read = tuple(sorted({*also, *_loaded(), *(path for name in opened if (path := _inside(name)))}))
    # Of a file that was read later and changed meanwhile, nobody knows which version was read: such figures are never called current.
    changed = any((ROOT / name).stat().st_mtime > STARTED for name in read if name not in before)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    found = Run(module, when, commit, seconds, read, "" if changed else digest(read, before), figures)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{module}.part"
    part.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(folder / f"{module}.json")


def _loaded() -> set[str]:
    """Modules of this project that this process has imported."""
    files = (getattr(one, "__file__", None) for one in list(sys.modules.values()))
    return {path for file in files if file and (path := _inside(file))}


def _inside(name: str) -> str | None:
    """The path from the root of a file that a figure may rest on."""
    path = Path(name).resolve()
    if not path.is_relative_to(ROOT) or path == Path(__file__).resolve() or path.suffix == ".pyc" or not path.is_file():
        return None
    parts = path.relative_to(ROOT).parts
    return None if any(part.startswith(".") or part == "results" for part in parts) else "/".join(parts)


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(["git", "--no-optional-locks", *words], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain") else "")
    except FileNotFoundError:
        return ""


def digest(read: Iterable[str], known: Mapping[str, str] | None = None) -> str:
    """Of files of this project, from the root: what in them can move a figure; `known` has some of them as they were before."""
    said = [[name, (known or {}).get(name) or _meaning(ROOT / name)] for name in sorted(read)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _meaning(path: Path) -> str:
    """A hash; of Python of the statements, without comments, layout and docstrings; of other files of every byte."""
    if not path.is_file():
        return "gone"
    content = path.read_bytes()
    return hashlib.sha256(_statements(content) if path.suffix == ".py" else content).hexdigest()


def _statements(code: bytes) -> bytes:
    try:
        tree = ast.parse(code)
    except SyntaxError:  # somebody is in the middle of writing it; an hour of judging must not be lost for that
        return code
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""
    return ast.dump(tree).encode()


def kept_runs(folder: Path = RESULTS) -> list[Run]:
    """What the modules found when they last ran here, in the order of `MODULES`."""
    found = []
    for module in MODULES:
        path = folder / f"{module}.json"
        if path.is_file():
            told_of = json.loads(path.read_text(encoding="utf-8"))
            rows = [{**row, "goal": row["goal"] and Goal(**row["goal"])} for row in told_of["figures"]]
            read, figures = tuple(told_of["read"]), tuple(Figure(**row) for row in rows)
            found.append(Run(**{**told_of, "read": read, "figures": figures}))
    return found


def told(value: float | None) -> str:
    """A number as the table writes it: three decimals, and nothing before the point where that is 0."""
    if value is None or math.isnan(value):
        return "-"
    if abs(value) >= 10:
        return f"{value:,.1f}"
    text, closer = f"{value:.3f}", f"{value:.4f}"
    if float(text) in (-1, 0, 1) and float(closer) != float(text):
        text = closer  # almost none and almost all are not none and all
    return "0" if float(text) == 0 else text.replace("0.", ".", 1) if abs(float(text)) < 1 else text


def lasted(seconds: float) -> str:
    """A time as people say it."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


Cells = tuple[str, ...]
HEAD: Cells = (
    "by",
    "what is judged",
    "on",
    "measure",
    "value (95 % interval)",
    "goal",
    "beside it",
    "two coders",
    "n",
    "interval from",
)
RUNS_HEAD: Cells = ("by", "run on (UTC)", "commit", "took")


def cells(run_: Run) -> list[Cells]:
    """The rows of a module as text, in the columns of `HEAD`."""
    by = run_.module + ("" if run_.is_current else OLDER)
    rows = []
    for one in run_.figures:
        ends = "" if one.low is None else f" ({told(one.low)} to {told(one.high)})"
        row = (
            by,
            one.task,
            one.on,
            one.measure,
            told(one.value) + ends,
            "" if one.goal is None else f"{one.goal}: {one.verdict or 'not measured'}",
            ", ".join(f"{name} {told(value)}" for name, value in one.baselines.items()),
            "" if one.coders is None else told(one.coders),
            f"{one.n:,} {one.of}",
            one.how,
        )
        rows.append(tuple(cell.replace("|", "/") for cell in row))
    return rows


def text_table(runs: Sequence[Run]) -> str:
    """All rows in aligned columns, under a line for each module; what is longer than `WIDEST` is cut short."""
    by_module = {run_.module: [tuple(map(_short, row)) for row in cells(run_)] for run_ in runs}
    widths = [
        max(map(len, column))
        for column in zip(HEAD, *(row for rows in by_module.values() for row in rows), strict=True)
    ]
    lines = ["  ".join(f"{name:<{width}}" for name, width in zip(HEAD[1:], widths[1:], strict=True)).rstrip()]
    for run_ in runs:
        older = "" if run_.is_current else "  OLDER THAN ITS CODE"
        lines += ["", f"-- {run_.module}: {run_.when}, {run_.commit or 'no commit'}, {lasted(run_.seconds)}{older}"]
        lines += [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)).rstrip()
            for row in by_module[run_.module]
        ]
    return "\n".join(lines)


def _short(cell: str) -> str:
    return cell if len(cell) <= WIDEST else cell[: WIDEST - 1] + "…"


def goals(rows: Sequence[Cells]) -> list[str]:
    """How many goals are met, and then which are and are not, in sentences; rows as `cells` makes them."""
    place = {name: i for i, name in enumerate(HEAD)}
    by_verdict: dict[str, list[Cells]] = {}
    for row in rows:
        if row[place["goal"]]:
            by_verdict.setdefault(row[place["goal"]].rpartition(": ")[2], []).append(row)
    said = [f"{len(by_verdict[verdict])} {verdict}" for verdict in VERDICTS if verdict in by_verdict]
    lines = ["Goals: " + (", ".join(said) or "none in the table") + "."]
    for verdict in VERDICTS:
        for row in by_verdict.get(verdict, []):
            lines.append(
                f"{verdict}: {row[1]}, {row[2]}: {row[3]} {row[place['value (95 % interval)']]}, goal "
                f"{row[place['goal']].rpartition(': ')[0]} ({row[0]})"
            )
    return lines


VERDICTS = ("met", "just met", "just missed", "missed", "not measured")


def page(runs: Sequence[Run], before: str) -> str:
    """The table as a page of Markdown; rows of modules that have not run here stay as the page before had them."""
    fresh = {run_.module for run_ in runs}
    rows = [row for run_ in runs for row in cells(run_)]
    times: list[Cells] = [
        (
            run_.module + ("" if run_.is_current else OLDER),
            run_.when[:16].replace("T", " "),
            run_.commit,
            lasted(run_.seconds),
        )
        for run_ in runs
    ]
    old_rows, old_times = (read_table(before, head) for head in (HEAD, RUNS_HEAD))
    rows = _in_order([*rows, *(row for row in old_rows if module_of(row) not in fresh)])
    times = _in_order([*times, *(row for row in old_times if module_of(row) not in fresh)])
    first, *each = goals(rows)
    return "\n".join(
        [
            "# How good it is: every figure",
            "",
            "Printed by `make quality` (`python -m tests.quality`) and written by it, not by hand. Nothing was tuned on what is reported, "
            "unless a card says so. `python -m tests.quality.<by>` prints each line in more detail.",
            "",
            "* **Interval:** 95 %; the last column says what was drawn anew, or by which formula.",
            "* **Goal:** *just* met or missed means that the interval reaches to the other side.",
            '* **Beside it:** the same measure of simpler ways; where the value is a difference ("A less B"), its two sides.',
            "* **Two coders:** what two coders reach with each other on the same data; people only where it is not said otherwise.",
            f"* **{OLDER.strip()}** measured before a change to the code or data that it rests on.",
            "",
            *_markdown(HEAD, rows),
            "",
            "## Goals",
            "",
            first,
            "",
            *(f"* {line}" for line in each),
            *([""] if each else []),
            "## When it was measured",
            "",
            "A `+` after the commit: with changes that were not committed.",
            "",
            *_markdown(RUNS_HEAD, times),
            "",
        ]
    )


def _markdown(head: Cells, rows: Sequence[Cells]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def read_table(text: str, head: Cells) -> list[Cells]:
    """The rows under a heading row, of a page that `page` made."""
    tables: dict[Cells, list[Cells]] = {}
    here: list[Cells] | None = None
    for line in text.splitlines():
        if not line.startswith("| "):
            here = None
            continue
        row = tuple(cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|"))
        if here is None:
            here = tables.setdefault(row, [])
        elif set(row) != {"---"}:
            here.append(row)
    return tables.get(head, [])


def module_of(row: Cells) -> str:
    """Whose row it is."""
    return row[0].removesuffix(OLDER)


def _in_order(rows: Iterable[Cells]) -> list[Cells]:
    return sorted((row for row in rows if module_of(row) in MODULES), key=lambda row: MODULES.index(module_of(row)))
