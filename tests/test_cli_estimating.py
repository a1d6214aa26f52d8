"""The evaluator's corrected figures at the command line, on a small coded project."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.test_cli import Run
from tests.test_cli_decide import coded, place, project, segments, told  # noqa: F401  (coded and project are fixtures)


def sampled(run: Run, out: Path, code: str) -> None:
    """Both people are drawn with all that they say; Ana finds the code in one segment of the first."""
    said = told(run, "sample", "draw", "people", "--people", 2, "--for", "ana", "--coder", "ana", "--out", out)
    assert said.startswith("2 people with their")
    for i, row in enumerate(segments(out)):
        given = ["--code", code] if i == 0 else []
        told(run, "decide", "review", place(row), *given, "--coder", "ana", "--out", out)
    told(run, "sample", "release", "people", "--coder", "ana", "--out", out)


def test_without_a_sample_it_is_said(run: Run, project: Path) -> None:  # noqa: F811
    """The machine's shares would be quoted as corrected ones."""
    said = told(run, "prevalence", "--minimum-people", 0, "--out", project)
    assert "uncorrected" in said and "textcoder sample draw" in said
    assert "uncorrected" in told(run, "errors", "--out", project)


def test_slips_are_explained_in_a_sentence(run: Run, project: Path) -> None:  # noqa: F811
    for arguments, sentence in (
        (("prevalence", "--by", "planet"), "planet"),
        (("prevalence", "--sample", "nothing"), "no sample called"),
        (("prevalence", "--code", "no such code"), "no such code"),
        (("errors", "--where", "site"), "attribute=value"),
        (("sample", "draw", "x", "--for", "ana"), "Say how many"),
        (("sample", "draw", "x", "--for", "ana", "--people", 99), "there are only 2"),
    ):
        status, _, error = run(*arguments, "--out", project)
        assert status == 2, (arguments, error)
        assert sentence in error
        assert "Traceback" not in error


def test_whole_people_correct_shares_of_people_and_of_what_is_said(run: Run, project: Path) -> None:  # noqa: F811
    """An evaluator could not have the corrected figures as a table, nor as data."""
    code = json.loads(told(run, "codebook", "show", "--json", "--out", project))[0]["id"]
    sampled(run, project, code)
    asked = ("--minimum-people", 0, "--code", code, "--out", project)
    people = json.loads(told(run, "prevalence", "--people", "--json", *asked))
    assert people["sample"] == "people" and people["rows"][0]["overall"]["value"] == 0.5
    n = len(segments(project))
    (row,) = csv.DictReader(io.StringIO(told(run, "prevalence", "--csv", *asked)))
    assert float(row["value"]) == round(1 / n, 6) and float(row["low"]) < 1 / n < float(row["high"])
    table = told(run, "prevalence", *asked)
    assert "machine" in table and "Corrected by the sample people" in table
    errors = json.loads(told(run, "errors", "--by", "wave", "--code", code, "--json", "--out", project))
    assert {one["kind"] for one in errors["tests"]} == {"missed", "false", "net"}
    assert "detectable" in told(run, "errors", "--by", "length", "--code", code, "--out", project)
