"""All tables as one XLSX file; the same tables give the same bytes.

Texts are stored as texts, so that no cell is ever run as a formula. What a worksheet cannot hold (control characters,
more than 32,767 characters in a cell) is left out here and stands in full in the CSV files.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile

from textcoder.reports.archives import EPOCH, without_times
from textcoder.reports.tables import Cell, Table

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_MAX_CHARACTERS = 32_767
_WIDEST, _ROOM = 50, 2
"""Letters: beyond which a column grows no wider and its texts are wrapped; of a column beside its longest text."""
_ARROW = 3
"""Letters that the button of a filter takes beside a column's name."""
_LINE, _HIGHEST = 15.0, 409.0
"""Points that a line of a wrapped cell takes, and how high a row may be."""
_A3, _A4, _READABLE, _MARGIN = 8, 9, 260, 0.4
"""Numbers of paper sizes; letters side by side that are readable on A4; inches."""
_MAX_ROWS = 1_048_576
_NUMBER, _DIGITS = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?"), 15


def write_workbook(sheets: Mapping[str, Table], *, title: str) -> bytes:
    """The tables as an XLSX file, one sheet each: header frozen, filters on, long texts wrapped.

    Cost: about 30 microseconds a cell.
    """
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    _on_top(workbook)
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


def _on_top(workbook: Workbook) -> None:
    """Let the cells without a style of their own begin at the top, beside a text of many lines."""
    from openpyxl.styles import Alignment

    # There is no public way to the style that all cells have from the start; one for each cell costs thrice as much.
    workbook._cell_styles[0].alignmentId = workbook._alignments.add(Alignment(vertical="top"))


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    rows = table.rows[: _MAX_ROWS - 1]
    widths = [_width(name, [row[i] for row in rows]) for i, name in enumerate(table.header)]
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.header))}{len(rows) + 1}"
    for i, width in enumerate(widths, start=1):
        column = sheet.column_dimensions[get_column_letter(i)]
        # LibreOffice takes the column's alignment for cells without a style of their own.
        column.width, column.alignment = width, Alignment(vertical="top")
    _set_up_paper(sheet, sum(widths))
    top = Alignment(wrap_text=True, vertical="top")
    head = {"font": Font(name="Calibri", bold=True), "fill": PatternFill("solid", fgColor="FFE8ECEF"), "alignment": top}
    sheet.row_dimensions[1].height = _height(
        max((_lines(name, width - _ARROW) for name, width in zip(table.header, widths, strict=True)), default=1)
    )
    sheet.append([_cell(sheet, name, head) for name in table.header])
    wrapped = {"alignment": top}
    for number, row in enumerate(rows, start=2):
        lines = [_lines(value, width) for value, width in zip(row, widths, strict=True)]
        if max(lines, default=1) > 1:
            # Not every program measures wrapped text by itself; without this, lines run over the row below.
            sheet.row_dimensions[number].height = _height(max(lines))
        sheet.append([_cell(sheet, value, wrapped if n > 1 else {}) for value, n in zip(row, lines, strict=True)])


def _set_up_paper(sheet: WriteOnlyWorksheet, letters: float) -> None:
    """On paper all columns stand side by side, under their names on every page; at the foot which sheet it is, and which page."""
    from openpyxl.worksheet.page import PageMargins
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A3 if letters > _READABLE else _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=_MARGIN, right=_MARGIN, top=_MARGIN, bottom=2 * _MARGIN, footer=_MARGIN)
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"
    sheet.print_title_rows = "1:1"


def _width(name: str, cells: Sequence[Cell]) -> int:
    """Letters that a column is wide: by its longest line, and so that the longest word of its name is whole."""
    # A fraction is shown with as many digits as there is room for.
    texts = (f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in cells if cell is not None)
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    word = max(map(len, name.split(" ")))
    return min(_WIDEST, max(longest + _ROOM, word + _ARROW))


def _lines(value: Cell, width: float) -> int:
    """How many lines a wrapped cell takes, about."""
    return (
        sum(1 + max(0, len(line) - 1) // max(1, int(width)) for line in value.split("\n"))
        if isinstance(value, str)
        else 1
    )


def _height(lines: int) -> float:
    return min(_HIGHEST, _LINE * lines)


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


def with_numbers(table: Table, columns: Collection[str]) -> Table:
    """The table with these columns as numbers where all that stands in them is one, so that ages can be sorted and summed.

    What would not be written the same way as a number ("007", "1.50") leaves its whole column text.
    """
    at = [
        i
        for i, name in enumerate(table.header)
        if name in columns and all(_is_number(row[i]) for row in table.rows if row[i])
    ]
    if not at:
        return table
    rows = [tuple(_number(cell) if i in at else cell for i, cell in enumerate(row)) for row in table.rows]
    return Table(table.header, rows)


def _number(cell: Cell) -> Cell:
    text = str(cell or "")
    return float(text) if "." in text else int(text) if text else None


def _is_number(cell: Cell) -> bool:
    """Whether a text is a number as a worksheet would write it: at most 15 digits, no sign of another meaning."""
    return isinstance(cell, str) and bool(_NUMBER.fullmatch(cell)) and sum(map(str.isdigit, cell)) <= _DIGITS


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
