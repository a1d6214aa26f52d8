"""Choosing words for the report at the command line, and getting them out again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.test_cli import Run
from tests.test_cli_decide import coded, place, project, segments, told  # noqa: F401  (coded and project are fixtures)


def test_words_are_chosen_listed_reported_and_left_again(run: Run, project: Path) -> None:  # noqa: F811
    """Only who sits at the page could choose quotations, and the report would not have them."""
    first, *_, last = segments(project)
    at = ("--out", project, "--coder", "ana")
    assert "Nothing is chosen yet" in told(run, "chosen", "--out", project)
    assert "chose 1 quotation" in told(run, "decide", "quote", place(last), "--note", "The end.", *at)
    told(run, "decide", "quote", place(first), "--place", 0.5, "--why", "strong", *at)
    assert "it is so already" in told(run, "decide", "quote", place(first), *at)
    found = json.loads(told(run, "chosen", "--json", "--out", project))
    assert [(one["text"], one["note"], one["coder"]) for one in found["quotations"]] == [
        (first["text"], "", "ana"),
        (last["text"], "The end.", "ana"),
    ]
    assert (found["voices"]["quotations"], found["voices"]["asked"]) == (2, 2)
    said = told(run, "chosen", "--out", project)
    assert f"{place(last)}; chosen by ana. What it shows: The end." in said
    told(run, "report", "--out", project)
    assert 'id="chosen"' in (project / "report.html").read_text(encoding="utf-8")
    assert told(run, "verify", project).startswith("All quotations and counts")
    told(run, "decide", "unquote", place(first), place(last), *at)
    told(run, "report", "--out", project)
    assert 'id="chosen"' not in (project / "report.html").read_text(encoding="utf-8")
    told(run, "undo", *at)
    assert len(json.loads(told(run, "chosen", "--json", "--out", project))["quotations"]) == 2
    status, _, error = run("decide", "quote", f"{first['file']}:0-99999", *at)
    assert (status, "lies outside" in error) == (2, True)


def test_they_leave_as_word_workbook_page_and_table(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """A team would copy its quotations by hand, with the slips of copying."""
    import docx
    import openpyxl

    first = segments(project)[0]
    told(run, "decide", "quote", place(first), "--note", "It begins.", "--out", project)
    names = ("q.docx", "q.xlsx", "q.html", "q.csv")
    for name in names:
        told(run, "chosen", "--file", tmp_path / name, "--out", project)
    once = {name: (tmp_path / name).read_bytes() for name in names}
    for name in names:
        told(run, "chosen", "--file", tmp_path / name, "--out", project)
    assert {name: (tmp_path / name).read_bytes() for name in names} == once
    document = docx.Document(io.BytesIO(once["q.docx"]))
    assert [p.text for p in document.paragraphs if p.style.name == "Quote"] == [f"“{first['text']}”"]
    assert "What it shows: It begins." in "\n".join(p.text for p in document.paragraphs)
    (row,) = list(openpyxl.load_workbook(io.BytesIO(once["q.xlsx"]))["Quotations chosen"].iter_rows(values_only=True))[
        1:
    ]
    assert first["text"] in row
    assert "It begins." in once["q.html"].decode()
    (line,) = csv.DictReader(io.StringIO(once["q.csv"].decode("utf-8-sig"), newline=""))
    assert (line["text"], line["shows"]) == (first["text"], "It begins.")


@pytest.mark.parametrize(("name", "sentence"), [("q.pdf", 'not as ".pdf"'), ("nowhere/q.docx", "cannot be written")])
def test_what_cannot_be_written_is_one_sentence(
    run: Run,
    project: Path,  # noqa: F811
    tmp_path: Path,
    name: str,
    sentence: str,
) -> None:
    status, _, error = run("chosen", "--file", tmp_path / name, "--out", project)
    assert status != 0
    assert sentence in error
    assert "Traceback" not in error


def test_who_codes_blind_sees_only_her_own_choice(run: Run, project: Path) -> None:  # noqa: F811
    """What a colleague finds worth quoting tells how she reads a segment of the blind sample."""
    rows = segments(project)
    for row in rows:
        told(run, "decide", "quote", place(row), "--out", project, "--coder", "ben")
    told(run, "sample", "draw", "round 1", "-n", len(rows), "--for", "ana", "--for", "ben", "--out", project)
    assert json.loads(told(run, "chosen", "--json", "--out", project, "--coder", "ana"))["quotations"] == []
    assert len(json.loads(told(run, "chosen", "--json", "--out", project, "--coder", "ben"))["quotations"]) == len(rows)
