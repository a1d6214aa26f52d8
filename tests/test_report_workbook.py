"""The workbook's sheet of codes that go together: as the question for co-occurrence counts them, and as one counts by hand."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import openpyxl

from tests.reports.studies import bridge, hostile
from textcoder.domain.study import Study
from textcoder.prevalence import case_of
from textcoder.reports.tables import Cell, Table
from textcoder.reports.workbook import read_sheet, with_numbers, write_workbook
from textcoder.reports.writing import WHY_EMPTY
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
    filled = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.alignment.vertical for cell in filled} == {"top"}, "beside a long text all stands lower"
    assert sheet.print_title_rows == "$1:$1"


def sheets_of(tables: dict[str, Table]) -> Iterator[tuple[Table, openpyxl.worksheet.worksheet.Worksheet]]:
    workbook = openpyxl.load_workbook(io.BytesIO(write_workbook(tables, title="t")))
    return ((tables[sheet.title], sheet) for sheet in workbook)


def test_no_cell_and_no_name_of_a_column_is_cut() -> None:
    """ "people_code" and an id would be cut by what stands beside them, on the screen and on paper."""
    ids = Table(
        ("people_code", "code_id", "what_works: A named contact"), [(1, "250ea8f4-68b2-5ac6-b70d-b0c1210f0e66", 0)]
    )
    long = Table(("holds", "n"), [("Something that helps. " * 9, 3)])
    for table, sheet in sheets_of({"ids": ids, "long": long}):
        for column, name in zip(sheet.iter_cols(), table.header, strict=True):
            width = sheet.column_dimensions[column[0].column_letter].width
            assert width >= max(map(len, name.split())) + 3  # the button of the filter hides three letters
            for cell in column[1:]:
                assert len(str(cell.value)) < width or cell.alignment.wrap_text
    assert sheet.row_dimensions[2].height > 15


def test_a_sheet_of_many_columns_is_printed_on_larger_paper() -> None:
    """Twenty columns on A4 are letters of two points."""
    wide = Table(tuple(f"column {i}" for i in range(20)), [tuple("twenty letters are it" for _ in range(20))])
    narrow = Table(("code", "people"), [("Trust", 3)])
    (_, a), (_, b) = sheets_of({"wide": wide, "narrow": narrow})
    assert (a.page_setup.paperSize, b.page_setup.paperSize) == (8, 9)  # A3, A4
    assert a.oddFooter.left.text == "&A" and "&P" in a.oddFooter.right.text


def test_ages_are_numbers_and_what_only_looks_like_one_is_text() -> None:
    """A spreadsheet would sort 9 behind 10, or make another code of "007"."""
    rows = [("1", "9", "007", "1.5", "1.50", "5", "1" * 16), ("2", "", "12", "-2", "2", "n/a", "2")]
    table = Table(("text", "age", "code", "score", "price", "mixed", "long"), rows)
    found = with_numbers(table, set(table.header) - {"text"})
    assert found.rows == [("1", 9, "007", 1.5, "1.50", "5", "1" * 16), ("2", None, "12", -2, "2", "n/a", "2")]
    assert with_numbers(table, {"code"}) is table


def test_a_sheet_without_rows_says_why_and_reads_as_empty() -> None:
    """An evaluator who opens an empty sheet must not wonder whether something was lost; a program finds no row."""
    table, more = Table(("code", "people"), []), Table(("code",), [("Trust",)])
    data = write_workbook({"A": table, "B": table, "C": more}, title="t", empty={"A": "nothing is coded yet."})
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    assert [cell.value for cell in workbook["A"][2]] == ["No rows: nothing is coded yet.", None]
    assert workbook["B"]["A2"].value == "No rows: the project has nothing of this kind."
    assert read_sheet(data, "A") == read_sheet(data, "B") == [("code", "people")]
    assert read_sheet(data, "C") == [("code",), ("Trust",)]


def test_every_own_sheet_can_say_why_it_is_empty() -> None:
    names = set(openpyxl.load_workbook(io.BytesIO(rendered(bridge(), "workbook"))).sheetnames)
    assert names - {"Read me"} == set(WHY_EMPTY)


def test_the_fractions_of_a_column_are_written_alike_and_kept_whole() -> None:
    """Shares of 0.5 and 0.434482464783175 under each other could not be compared, and ran into the words beside them."""
    rows: list[tuple[Cell, ...]] = [(0.434482464783175, 0.00002, 12.5, 3, "hidden"), (1.0, 0.5, 7.0, 4, 2)]
    ((_, sheet),) = sheets_of({"s": Table(("share", "p", "percent", "people", "asked"), rows)})
    assert [cell.number_format for cell in sheet[2]] == ["0.0000_)", "0.00000_)", "0.0_)", "0_)", "General"]
    assert [cell.number_format for cell in sheet[3]] == ["0.0000_)", "0.00000_)", "0.0_)", "0_)", "0_)"]
    assert [cell.value for cell in sheet[2]] == list(rows[0])


def test_long_texts_take_the_room_that_a_page_has() -> None:
    """One column of sentences at half the width of the page took twice the pages."""
    words = "Something that helps. " * 12
    alone = Table(("in words",), [(words,)])
    crowded = Table((*map(str, range(9)), "in words"), [(*["twenty letters are it"] * 9, words)])
    (_, a), (_, b) = sheets_of({"alone": alone, "crowded": crowded})
    assert a.column_dimensions["A"].width == 100
    assert b.column_dimensions["J"].width == 50
