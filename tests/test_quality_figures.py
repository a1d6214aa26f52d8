"""The table of `make quality`: what its rows say, that they are kept and marked, and that README and cards quote them as they stand."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quality.__main__ import main
from tests.quality.figures import (
    HEAD,
    MODULES,
    ROOT,
    RUNS_HEAD,
    Figure,
    Goal,
    Run,
    cells,
    digest,
    goals,
    kept_runs,
    module_of,
    page,
    read_table,
    share_figure,
    text_table,
    told,
)
from tests.quality.measures import bootstrap, kappa, mean_with_t

FIGURE = Figure(
    "lenses", "a far domain", "macro-F1", 0.843, 0.82, 0.866, "bootstrap over documents", 1400, "texts", Goal(least=0.85),
    {"logistic regression": 0.786, "k-means, number given": -0.014}, 0.91,
)  # fmt: skip


def a_run(module: str, *figures: Figure, current: bool = True) -> Run:
    return Run(
        module, "2026-11-22T21:00:00+00:00", "9408625", 75.0, (), digest(()) if current else "", figures or (FIGURE,)
    )


def keep(run: Run, folder: Path) -> None:
    from dataclasses import asdict

    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run.module}.json").write_text(json.dumps(asdict(run)), encoding="utf-8")


@pytest.mark.parametrize(
    ("value", "low", "high", "goal", "verdict"),
    [
        (0.90, 0.86, 0.94, Goal(least=0.85), "met"),
        (0.86, 0.84, 0.88, Goal(least=0.85), "just met"),
        (0.84, 0.82, 0.86, Goal(least=0.85), "just missed"),
        (0.80, 0.78, 0.82, Goal(least=0.85), "missed"),
        (0.04, 0.03, 0.06, Goal(most=0.05), "just met"),
        (0.06, 0.055, 0.07, Goal(most=0.05), "missed"),
        (0.95, 0.94, 0.96, Goal(0.93, 0.97), "met"),
        (0.975, 0.968, 0.981, Goal(0.93, 0.97), "just missed"),
        (0.05, None, None, Goal(most=0.05), "met"),
        (math.nan, None, None, Goal(most=0.05), ""),
        (0.5, 0.4, 0.6, None, ""),
    ],
)
def test_a_goal_is_met_or_missed_and_just_so_where_the_interval_reaches_across(
    value: float, low: float | None, high: float | None, goal: Goal | None, verdict: str
) -> None:
    """A reader would take chance for success, or for failure."""
    assert replace(FIGURE, value=value, low=low, high=high, goal=goal).verdict == verdict


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8434, ".843"),
        (-0.0141, "-.014"),
        (0.0, "0"),
        (1.0, "1.000"),
        (0.99952, ".9995"),
        (0.00004, "0"),
        (0.0002, ".0002"),
        (4.605, "4.605"),
        (12.34, "12.3"),
        (132467.0, "132,467.0"),
        (math.nan, "-"),
    ],
)
def test_numbers_are_told_short_but_almost_all_is_not_all(value: float, text: str) -> None:
    assert told(value) == text


@given(st.floats(-9.9, 9.9))
def test_what_is_told_is_the_number(value: float) -> None:
    assert float(told(value)) == pytest.approx(value, abs=0.00051)


def test_a_share_of_nothing_is_no_figure() -> None:
    """A rate of 0 of 0 would be printed as a result."""
    nothing = share_figure("a", "b", "precision", 0, 0, "finds", goal=Goal(least=0.5))
    assert math.isnan(nothing.value) and nothing.verdict == ""
    assert cells(a_run("spans", nothing))[0][HEAD.index("goal")] == "≥ .500: not measured"


def test_what_a_module_found_is_kept_with_what_it_rests_on(tmp_path: Path) -> None:
    """Figures would be shown as today's after the code had changed, since nobody knew on what they rest."""
    program = (
        "from pathlib import Path\n"
        "from tests.quality.figures import *\n"
        "from tests.quality.figures import run\n"
        "def judge():\n"
        "    import textcoder.spans\n"
        "    (ROOT / 'models' / 'coder.toml').read_text()\n"
        "    return [share_figure('a', 'b', 'c', 1, 2, 'finds', goal=Goal(least=0.5), baselines={'d': 0.25})]\n"
        f"run('spans', judge, also=['models/registry.toml'], folder=Path({str(tmp_path)!r}))\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    (found,) = kept_runs(tmp_path)
    assert found.figures == (share_figure("a", "b", "c", 1, 2, "finds", goal=Goal(least=0.5), baselines={"d": 0.25}),)
    assert {"textcoder/spans.py", "models/coder.toml", "models/registry.toml"} <= set(found.read)
    assert not any(name.startswith((".venv", "results")) or name.endswith(".pyc") for name in found.read)
    assert not replace(found, digest="of before").is_current


def test_only_what_can_move_a_figure_makes_it_old(tmp_path: Path) -> None:
    """An hour of judging would be asked for after a comment was changed; or none after a statement was."""
    code, data = tmp_path / "a.py", tmp_path / "b.toml"

    def both(first: str, second: str) -> str:
        code.write_text(first, encoding="utf-8")
        data.write_text(second, encoding="utf-8")
        return digest([str(code), str(data)])

    before = both('"""What."""\nX = 1\n"""Why."""\ndef f():\n    """How."""\n    return X\n', "x = 1")
    assert (
        both('"""Else."""\n# Why.\nX = (1)\n"""No."""\n\n\ndef f():\n    """So."""\n    return X\n', "x = 1") == before
    )
    assert both('"""What."""\nX = 2\n"""Why."""\ndef f():\n    """How."""\n    return X\n', "x = 1") != before
    assert both('"""What."""\nX = 1\n"""Why."""\ndef f():\n    """How."""\n    return X\n', "x = 2") != before
    assert both("def half(", "x = 1") != before  # somebody is writing it
    data.unlink()
    assert digest([str(code), str(data)]) != before


def test_a_failing_module_is_named_and_the_others_still_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One missing package would cost the figures of a night."""
    started = []

    def start(module: str) -> int:
        started.append(module)
        if module != "blocks":
            keep(a_run(module), tmp_path)
        return int(module == "blocks")

    written = tmp_path / "quality.md"
    assert main(["--only", "themes,blocks,spans"], results=tmp_path, written=written, start=start) == 1
    assert started == ["themes", "blocks", "spans"]
    said = capsys.readouterr().out
    assert "Failed, so without new figures: blocks." in said
    assert "2 just missed" in said
    assert [module_of(row) for row in read_table(written.read_text("utf-8"), HEAD)] == ["themes", "spans"]


def test_what_is_missing_or_older_than_its_code_is_run_again(tmp_path: Path) -> None:
    """An interrupted night would begin from the start, or an old figure would stand in the table of a new version."""
    for module in MODULES:
        if module != "sizes":
            keep(a_run(module, current=module != "blocks"), tmp_path)
    started: list[str] = []

    def start(module: str) -> int:
        started.append(module)
        keep(a_run(module), tmp_path)
        return 0

    again = {"results": tmp_path, "written": tmp_path / "quality.md", "start": start}
    assert main(["--missing"], **again) == 0  # type: ignore[arg-type]  # three keywords
    assert started == ["sizes", "blocks"]
    assert main(["--missing"], **again) == main(["--table"], **again) == 0  # type: ignore[arg-type]  # three keywords
    assert started == ["sizes", "blocks"]


def test_a_module_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "span"])
    assert "There is no span; there are lenses, demo," in capsys.readouterr().err


def test_the_page_keeps_what_has_not_run_here_and_marks_what_is_old() -> None:
    """Who runs one module on a fresh checkout would wipe out the figures of all others."""
    first = page([a_run("lenses"), a_run("spans")], "")
    second = page(
        [a_run("blocks", current=False), a_run("spans", replace(FIGURE, value=0.9, low=0.88, high=0.92))], first
    )
    rows = {row[0]: row for row in read_table(second, HEAD)}
    assert list(rows) == ["lenses", "blocks †", "spans"]
    assert rows["lenses"] == cells(a_run("lenses"))[0]
    assert rows["spans"][4:6] == (".900 (.880 to .920)", "≥ .850: met")
    assert [row[0] for row in read_table(second, RUNS_HEAD)] == ["lenses", "blocks †", "spans"]
    assert page([], second) == second
    assert "Goals: 1 met, 2 just missed." in second


def test_a_row_says_all_that_it_has() -> None:
    (row,) = cells(a_run("lenses"))
    assert row == (
        "lenses", "lenses", "a far domain", "macro-F1", ".843 (.820 to .866)", "≥ .850: just missed",
        "logistic regression .786, k-means, number given -.014", ".910", "1,400 texts", "bootstrap over documents",
    )  # fmt: skip
    assert ".843 (.820 to .866)" in text_table([a_run("lenses")])
    assert "OLDER THAN ITS CODE" in text_table([a_run("lenses", current=False)])


def test_a_name_with_a_stroke_does_not_break_the_table() -> None:
    made = page([a_run("lenses", replace(FIGURE, on="a | b"))], "")
    assert read_table(made, HEAD)[0][2] == "a / b"


def test_goals_are_listed_from_met_to_missed() -> None:
    rows = [
        *cells(a_run("lenses")),
        *cells(a_run("spans", replace(FIGURE, value=0.9, low=0.88, high=0.92))),
        *cells(a_run("blocks", replace(FIGURE, goal=None))),
    ]
    assert goals(rows) == [
        "Goals: 1 met, 1 just missed.",
        "met: lenses, a far domain: macro-F1 .900 (.880 to .920), goal ≥ .850 (spans)",
        "just missed: lenses, a far domain: macro-F1 .843 (.820 to .866), goal ≥ .850 (lenses)",
    ]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_hands_its_figures_over(module: str) -> None:
    """It would run for an hour and be missing in the table."""
    assert f'run("{module}",' in re.sub(r"\(\s+", "(", (ROOT / "tests" / "quality" / f"{module}.py").read_text("utf-8"))


def test_kappa_is_that_of_the_textbook() -> None:
    """Cohen (1960), as worked in Wikipedia's article on Cohen's kappa: 20, 5, 10, 15 of 50 give .4."""
    a = np.array(["yes"] * 25 + ["no"] * 25)
    b = np.array(["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15)
    assert kappa(a, b) == pytest.approx(0.4)
    assert math.isnan(kappa(a[:5], a[:5]))


def test_the_bootstrap_draws_whole_groups_and_the_same_ones_each_time() -> None:
    """Intervals would be too narrow where the words of one person hang together."""
    values = np.repeat([0.0, 1.0, 0.0, 1.0], 50)
    people = [f"p{i // 50}" for i in range(200)]
    low, high = bootstrap(lambda rows: float(values[rows].mean()), people)
    assert (low, high) == bootstrap(lambda rows: float(values[rows].mean()), people) == (0.0, 1.0)
    low, high = bootstrap(lambda rows: float(values[rows].mean()), len(values))
    assert 0.42 < low < 0.5 < high < 0.58


def test_the_mean_over_draws_has_students_interval() -> None:
    """t.ppf(.975, 3) = 3.182: 2.5 with a standard error of .645."""
    assert mean_with_t([1.0, 2.0, 3.0, math.nan, 4.0]) == pytest.approx((2.5, 2.5 - 2.054, 2.5 + 2.054), abs=0.001)
    assert all(math.isnan(end) for end in mean_with_t([2.0])[1:])
