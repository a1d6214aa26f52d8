"""The workbook's sheet of codes that go together: as the question for co-occurrence counts them, and as one counts by hand."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import combinations

import openpyxl

from tests.reports.studies import bridge, hostile
from textcoder.domain.study import Study
from textcoder.prevalence import case_of
from textcoder.reports.workbook import read_sheet
from textcoder.workflow.reporting import PAIRS
from textcoder.workflow.results import rendered

SHEETS = {"Read me", "Codebook", "Segments", "Codings", "Cases by codes", "Codes by attribute", "Co-occurrence"}


def pairs_in(study: Study) -> list[dict[str, object]]:
    header, *rows = read_sheet(rendered(study, "workbook"), "Co-occurrence")
    assert header == PAIRS
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_pairs_are_those_that_one_finds_by_hand() -> None:
    study = bridge()
    people = {code: {case_of(study, c) for c in found} - {""} for code, found in study.counted_by_code.items()}
    segments = {code: {c.segment for c in found} for code, found in study.counted_by_code.items()}
    book = study.codebook
    expected = {}
    for a, b in combinations([code.id for code in book.in_use], 2):
        both = people.get(a, set()) & people.get(b, set())
        if both and a not in book.ancestors(b) and b not in book.ancestors(a):
            expected[frozenset((a, b))] = (len(both), len(segments[a] & segments[b]))
    found = {frozenset((p["code_id"], p["other_code_id"])): (p["people"], p["segments"]) for p in pairs_in(study)}
    assert found == expected
    assert len(found) > 3


def test_the_order_of_rows_does_not_matter() -> None:
    study = bridge()
    assert pairs_in(replace(study, codings=study.codings[::-1])) == pairs_in(study)


def test_all_sheets_are_there_and_the_first_one_explains_them() -> None:
    data = rendered(bridge(), "workbook")
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    assert set(workbook.sheetnames) >= SHEETS
    explained = {row[0] for row in read_sheet(data, "Read me")}
    assert {"Co-occurrence", "jaccard", "lift"} <= explained
    assert rendered(bridge(), "workbook") == data


def test_a_code_that_is_called_like_a_formula_is_not_run() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(rendered(hostile("=1+1"), "workbook")))
    assert {cell.data_type for row in workbook["Co-occurrence"].iter_rows() for cell in row} <= {"s", "n"}


def test_rows_are_as_high_as_their_wrapped_text() -> None:
    """In LibreOffice the second line of a long text stood on the row below."""
    workbook = openpyxl.load_workbook(io.BytesIO(rendered(hostile("Long words. " * 30), "workbook")))
    sheet = workbook["Codebook"]
    assert sheet.row_dimensions[2].height >= 15 * (len("Long words. " * 30) // 62)
    assert sheet.print_title_rows == "$1:$1"
