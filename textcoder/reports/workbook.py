"""All tables as one XLSX file; the same tables give the same bytes.

Texts are stored as texts, so that no cell is ever run as a formula. What a worksheet cannot hold (control characters,
more than 32,767 characters in a cell) is left out here and stands in full in the CSV files.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile

from textcoder.reports.archives import EPOCH, without_times
from textcoder.reports.tables import Cell, Table

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_MAX_CHARACTERS = 32_767
_WIDEST, _WIDEST_ALONE, _ROOM = 50, 100, 2
"""Letters: beyond which a column grows no wider and its texts are wrapped, beside many others and beside few; of a column
beside its longest text."""
_FULL = 160
"""Letters side by side that fill a page at a size that is read with ease."""
_ARROW = 3
"""Letters that the button of a filter takes beside a column's name."""
_LINE, _HIGHEST = 15.0, 409.0
"""Points that a line of a wrapped cell takes, and how high a row may be."""
_A3, _A4, _READABLE, _MARGIN = 8, 9, 260, 0.4
"""Numbers of paper sizes; letters side by side that are readable on A4; inches."""
_MAX_ROWS = 1_048_576
_DECIMALS, _MORE_DECIMALS, _SMALL = 4, 6, 0.001
"""How many decimals a column of fractions shows at most; how many where one is smaller than the last of the three."""
_NO_ROWS = "No rows: "
_NOTHING = "the project has nothing of this kind."
_NUMBER, _DIGITS = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?"), 15


def write_workbook(sheets: Mapping[str, Table], *, title: str, empty: Mapping[str, str] | None = None) -> bytes:
    """The tables as an XLSX file, one sheet each: header frozen, filters on, long texts wrapped.

    Cost: about 30 microseconds a cell.

    Args:
        sheets: Name to table.
        title: Of the file.
        empty: Name of a sheet to why it has no rows, where it has none: such as "nothing is coded yet."
    """
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    _on_top(workbook)
    workbook.properties.title = legal(title)
    workbook.properties.creator = "textcoder"
    workbook.properties.created = EPOCH
    for name, table in sheets.items():
        _write_sheet(workbook.create_sheet(name), table, (empty or {}).get(name, _NOTHING))
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


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table, why_empty: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    rows = table.rows[: _MAX_ROWS - 1]
    columns = list(zip(*rows, strict=True)) or [()] * len(table.header)
    decimals = [_decimals(cells) for cells in columns]
    widths = _widths(table.header, columns, decimals)
    sheet.freeze_panes = "A2"
    if rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.header))}{len(rows) + 1}"
    for i, width in enumerate(widths, start=1):
        column = sheet.column_dimensions[get_column_letter(i)]
        # LibreOffice takes the column's alignment for cells without a style of their own.
        column.width, column.alignment = width, Alignment(vertical="top")
    _set_up_paper(sheet, sum(widths))
    top = Alignment(wrap_text=True, vertical="top")
    head = _look(
        sheet, font=Font(name="Calibri", bold=True), fill=PatternFill("solid", fgColor="FFE8ECEF"), alignment=top
    )
    sheet.row_dimensions[1].height = _height(
        max((_lines_of_name(name, width) for name, width in zip(table.header, widths, strict=True)), default=1)
    )
    sheet.append([_cell(sheet, name, head) for name in table.header])
    if not rows:
        sheet.append([_cell(sheet, _NO_ROWS + why_empty, None)])
    wrapped = _look(sheet, alignment=top)
    looks = [_look(sheet, number_format=_format(n), alignment=Alignment(vertical="top")) for n in decimals]
    for number, row in enumerate(rows, start=2):
        lines = [_lines(value, width) for value, width in zip(row, widths, strict=True)]
        if max(lines, default=1) > 1:
            # Not every program measures wrapped text by itself; without this, lines run over the row below.
            sheet.row_dimensions[number].height = _height(max(lines))
        sheet.append(
            [
                _cell(sheet, value, (wrapped if n > 1 else None) if isinstance(value, str) else look)
                for value, n, look in zip(row, lines, looks, strict=True)
            ]
        )


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


def _decimals(cells: Sequence[Cell]) -> int | None:
    """How many decimals all numbers of a column show, so that they can be compared; None for a column without fractions.

    The cells hold the whole numbers all the same.
    """
    fractions = [abs(cell) for cell in cells if isinstance(cell, float) and cell % 1]
    if not fractions:
        return None
    most = _DECIMALS if min(fractions) >= _SMALL else _MORE_DECIMALS
    return max(1, *(len(f"{one:.{most}f}".rstrip("0").partition(".")[2]) for one in fractions))


def _format(decimals: int | None) -> str:
    """How a worksheet shows the numbers of a column: `_)` keeps them off the text beside them, where LibreOffice forgets indents."""
    return ("0." + "0" * decimals if decimals else "0") + "_)"


def _widths(header: Sequence[str], columns: Sequence[Sequence[Cell]], decimals: Sequence[int | None]) -> list[int]:
    """Letters that each column is wide; long texts get what a page has left beside the other columns."""
    wanted = [_width(*column) for column in zip(header, columns, decimals, strict=True)]
    long = sum(width > _WIDEST for width in wanted)
    left = _FULL - sum(width for width in wanted if width <= _WIDEST)
    widest = min(_WIDEST_ALONE, max(_WIDEST, left // long)) if long else _WIDEST
    return [min(widest, width) for width in wanted]


def _width(name: str, cells: Sequence[Cell], decimals: int | None) -> int:
    """Letters that a column would like to be wide: by its longest line, and so that the longest word of its name is whole."""
    texts = (
        str(cell) if isinstance(cell, str) or decimals is None else f"{cell:.{decimals}f}"
        for cell in cells
        if cell is not None
    )
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    apart = any(isinstance(cell, int | float) for cell in cells)
    word = max(map(len, name.split(" ")))
    return max(longest + _ROOM + apart, word + _ARROW)


def _lines_of_name(name: str, width: int) -> int:
    """How many lines the name of a column takes, which is broken between words and is bold."""
    return sum(max(1, len(textwrap.wrap(line, width - 1))) for line in name.split("\n"))


def _lines(value: Cell, width: float) -> int:
    """How many lines a wrapped cell takes, about."""
    return (
        sum(1 + max(0, len(line) - 1) // max(1, int(width)) for line in value.split("\n"))
        if isinstance(value, str)
        else 1
    )


def _height(lines: int) -> float:
    return min(_HIGHEST, _LINE * lines)


def _look(sheet: WriteOnlyWorksheet, **styles: Any) -> Any:
    """A style that many cells share; to make one for each cell costs thrice as much."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    for attribute, style in styles.items():
        setattr(cell, attribute, style)
    return cell._style


def _cell(sheet: WriteOnlyWorksheet, value: Cell, look: Any | None) -> Any:
    """The value as a worksheet takes it; only what needs it becomes a cell of its own, which costs thrice as much."""
    if isinstance(value, str):
        value = legal(value) or None
    if value is None or (look is None and not (isinstance(value, str) and value.startswith(("=", "#")))):
        return value
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # else "=..." is taken for a formula and "#N/A" for an error
    if look is not None:
        cell._style = look
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
    """The rows of one sheet, header first, all as long as the header; none below it where the sheet says why it has none.

    Raises:
        KeyError: The workbook has no such sheet.
        zipfile.BadZipFile: It is no workbook.
    """
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True)[name]
    rows = list(sheet.iter_rows(values_only=True))
    # A row ends at its last filled cell.
    width = len(rows[0]) if rows else 0
    whole = [(*row, *[None] * (width - len(row))) for row in rows]
    says_why = len(whole) == 2 and any(str(cell).startswith(_NO_ROWS) for cell in whole[1][:1])
    return whole[:1] if says_why else whole
