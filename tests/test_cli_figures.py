"""The evaluator's commands on a small coded project."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.test_cli import Run
from tests.test_cli_decide import coded, project, segments, told  # noqa: F401  (coded and project are fixtures)


def test_a_figure_says_who_was_asked_and_opens_into_words(run: Run, project: Path) -> None:  # noqa: F811
    """A share without its denominator, or without the sentences behind it, cannot be defended."""
    code = json.loads(told(run, "codebook", "show", "--json", "--out", project))[0]
    answer = json.loads(told(run, "ask", "--by", "wave", "--minimum-people", 0, "--json", "--out", project))
    assert [column["values"] for column in answer["columns"]] == [["1"], ["2"]]
    assert [column["people"] for column in answer["columns"]] == [1, 1]
    (row,) = [row for row in answer["rows"] if row["row"]["id"] == code["id"]]
    people = row["overall"]["people"]
    assert (people["of"], people["value"]) == (2, people["n"] / 2)
    assert 0 <= people["low"] <= people["value"] <= people["high"] <= 1
    quotes = json.loads(told(run, "quotes", code["id"], "--json", "--out", project))
    assert quotes["people"] == people["n"]
    assert {one["text"] for one in quotes["items"]} <= {segment["text"] for segment in segments(project)}


def test_few_people_are_hidden_unless_asked_otherwise(run: Run, project: Path) -> None:  # noqa: F811
    """One person's answer could be read off a table."""
    rows = list(csv.reader(io.StringIO(told(run, "ask", "--by", "wave", "--csv", "--out", project))))
    assert rows[0] == ["codes", "all", "1", "2"]
    assert {cell for row in rows[1:] for cell in row[2:]} == {"hidden"}
    assert "cells are hidden" in told(run, "ask", "--by", "wave", "--out", project)


def test_waves_are_compared_and_slips_explained(run: Run, project: Path) -> None:  # noqa: F811
    """A change between waves would be read from two tables by eye."""
    said = told(run, "ask", "--change", "1:2", "--minimum-people", 0, "--out", project)
    assert "points" in said
    assert "none adjusted" in said
    for arguments, sentence in (
        (("ask", "--by", "planet"), "planet"),
        (("ask", "--change", "1"), "two waves"),
        (("ask", "--where", "site"), "attribute=value"),
        (("ask", "--unit", "moods"), "codes, lenses"),
        (("quotes", "no such code"), "no such code"),
    ):
        status, _, error = run(*arguments, "--out", project)
        assert status == 2, arguments
        assert sentence in error
        assert "Traceback" not in error
