"""Adequacy, togetherness, order and waves at the command line, on a small coded project."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.test_cli import Run
from tests.test_cli_decide import coded, project, told  # noqa: F401  (coded and project are fixtures)

COMMANDS = ("adequacy", "together", "followed", "waves")


def test_figures_come_with_sentences_and_cautions(run: Run, project: Path) -> None:  # noqa: F811
    """A number without what it rests on would be quoted without it."""
    said = told(run, "adequacy", "--by", "wave", "--minimum-people", 0, "--rare", 0.1, "--out", project)
    assert "too few to tell saturation" in said
    assert "Before you report it" in said
    assert "hidden" in told(run, "adequacy", "--by", "wave", "--out", project)
    assert "Method:" in told(run, "together", "--answers", "--minimum-people", 0, "--out", project)
    assert "Method:" in told(run, "followed", "--codes", "--minimum-people", 0, "--out", project)
    said = told(run, "followed", "--words", 2, "--within", 9, "--minimum-people", 0, "--out", project)
    assert "followed by" in said or "could follow" in said
    said = told(run, "waves", "--minimum-people", 0, "--out", project)
    assert "1 transcript is new (wave 2 and later)" in said
    assert "learned nothing from them" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_programs_get_json_without_nan_and_tables(run: Run, project: Path, command: str) -> None:  # noqa: F811
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(told(run, command, "--json", "--out", project), parse_constant=refuse)
    assert found["sentences"]
    rows = list(csv.reader(io.StringIO(told(run, command, "--csv", "--out", project))))
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("adequacy", "--by", "planet"), "planet"),
        (("adequacy", "--rare", "7"), "0.0001"),
        (("adequacy", "--where", "site"), "attribute=value"),
        (("together", "--unit", "moods"), "codes, lenses"),
        (("followed", "--first", "hope"), "hope"),
        (("waves", "--since", "9"), "wave 9"),
        (("waves", "--version", "999"), "999"),
    ],
)
def test_slips_are_explained(run: Run, project: Path, arguments: tuple[str, ...], sentence: str) -> None:  # noqa: F811
    status, _, error = run(*arguments, "--out", project)
    assert status == 2
    assert sentence in error
    assert "Traceback" not in error
