"""All tables as one XLSX file; the same tables give the same bytes.

Texts are stored as texts, so that no cell is ever run as a formula. What a worksheet cannot hold (control characters,
more than 32,767 characters in a cell) is left out here and stands in full in the CSV files.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile

from textcoder.reports.archives import EPOCH, without_times
from textcoder.reports.tables import Cell, Table

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_MAX_CHARACTERS = 32_767
_WIDE = {"text", "question", "definition", "include", "exclude", "examples", "note", "speakers", "what it is", "shows"}
_NARROW = {
    "start",
    "end",
    "page",
    "time_ms",
    "people",
    "people_code",
    "people_other",
    "jaccard",
    "lift",
    "asked",
    "share",
    "low",
    "high",
    "mentions",
    "files",
    "segments",
    "turns",
}
_NAMED = {"code", "other_code"}
_WIDTHS = {**dict.fromkeys(_WIDE, 60), **dict.fromkeys(_NARROW, 9), **dict.fromkeys(_NAMED, 32)}
_USUAL_WIDTH = 18
_LINE, _LETTERS, _HIGHEST = 15.0, 62, 409.0
"""Points that a line of a wrapped cell takes, letters that stand on it, and how high a row may be."""
_MAX_ROWS = 1_048_576


def write_workbook(sheets: Mapping[str, Table], *, title: str) -> bytes:
    """The tables as an XLSX file, one sheet each: header frozen, filters on, long texts wrapped.

    Cost: about 30 microseconds a cell.
    """
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    workbook.properties.title = legal(title)
    workbook.properties.creator = "textcoder"
    workbook.properties.created = EPOCH
    for name, table in sheets.items():
        _write_sheet(workbook.create_sheet(name), table)
    plain = io.BytesIO()
    with ZipFile(plain, "w", ZIP_STORED) as archive:
        from openpyxl.writer.excel import ExcelWriter

        ExcelWriter(workbook, archive).save()
    return without_times(plain)


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    rows = table.rows[: _MAX_ROWS - 1]
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.header))}{len(rows) + 1}"
    for i, name in enumerate(table.header, start=1):
        sheet.column_dimensions[get_column_letter(i)].width = _WIDTHS.get(name, _USUAL_WIDTH)
    # On paper all columns stand side by side, under their names on every page.
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    heading = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="FFE8ECEF")}
    sheet.append([_cell(sheet, name, heading) for name in table.header])
    wrapped = {"alignment": Alignment(wrap_text=True, vertical="top")}
    looks = [wrapped if name in _WIDE else {} for name in table.header]
    wide = [i for i, name in enumerate(table.header) if name in _WIDE]
    for number, row in enumerate(rows, start=2):
        lines = max((_lines(row[i]) for i in wide), default=1)
        if lines > 1:
            # Not every program measures wrapped text by itself; without this, lines run over the row below.
            sheet.row_dimensions[number].height = min(_HIGHEST, _LINE * lines)
        sheet.append([_cell(sheet, value, look) for value, look in zip(row, looks, strict=True)])


def _lines(value: Cell) -> int:
    """How many lines a wrapped cell takes, about."""
    return sum(1 + len(line) // _LETTERS for line in value.split("\n")) if isinstance(value, str) else 1


def _cell(sheet: WriteOnlyWorksheet, value: Cell, look: Mapping[str, Any]) -> Any:
    """The value as a worksheet takes it; only what needs it becomes a cell of its own, which costs thrice as much."""
    if not isinstance(value, str):
        return value
    text = legal(value)
    if not text or not (look or text.startswith(("=", "#"))):
        return text or None
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # else "=..." is taken for a formula and "#N/A" for an error
    for attribute, style in look.items():
        setattr(cell, attribute, style)
    return cell


def legal(text: str) -> str:
    """The text without what XML cannot hold, at most as long as a cell may be."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("", text))[:_MAX_CHARACTERS]


def read_sheet(data: bytes, name: str) -> list[tuple[Cell, ...]]:
    """The rows of one sheet, header first, all as long as the header.

    Raises:
        KeyError: The workbook has no such sheet.
        zipfile.BadZipFile: It is no workbook.
    """
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True)[name]
    rows = list(sheet.iter_rows(values_only=True))
    # A row ends at its last filled cell.
    width = len(rows[0]) if rows else 0
    return [(*row, *[None] * (width - len(row))) for row in rows]
