"""The rows of a CSV, TSV, XLSX or JSON file as text. What the columns mean is decided in tables.py and codebook.py."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import islice
from pathlib import Path, PurePath
from typing import Any
from zipfile import BadZipFile

from textcoder.errors import UnreadableFile
from textcoder.formats.decoding import decode, parsed_json
from textcoder.formats.zipped import broken, check_archive

# No cell holds a unit separator, so that a file of one column is read line by line, commas and all.
_ONE_COLUMN = "\x1f"
_QUOTED_HEAD = re.compile(r'"[^"\n]*"(?P<delimiter>[,;\t])"[^"\n]*"(?:(?P=delimiter)"[^"\n]*")*\r?\n')
_NEARLY_ALL = 0.8  # of the rows; below that it is punctuation inside sentences
_SAMPLE = 100_000  # characters; csv refuses cells of 131,072, which an open quotation mark would make
MOST_CELLS = 20_000_000  # a survey of 100,000 people has 200 for each; empty ones fill memory, too
_LAST_ROW = 1_048_576  # of Excel
_MOST_BYTES = 100_000_000  # of a table of cases or a codebook; real ones have under one hundredth of that
_SAVE_AGAIN = "Mend the row, or open the file in a spreadsheet and save it again as CSV or XLSX."


def bytes_of_table(path: Path) -> bytes:
    """What a table of cases or a codebook holds.

    Raises:
        UnreadableFile: It cannot be opened, or is far too large for one.
    """
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise UnreadableFile(
                path.name,
                f"it has {size / 1e6:.0f} MB; no table of cases and no codebook has over {_MOST_BYTES // 1_000_000} MB.",
                "See whether it is the right file, or leave out what is not needed.",
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            str(path), f"it cannot be opened ({error.strerror}).", "Check its name and rights."
        ) from error


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` counts as in the file (a spreadsheet's row, a line of JSON Lines, an entry of a list)."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: a heading for each column, and rows of the same width.

    Attributes:
        header: Headings as written; columns without one are called "column 3", a repeated heading becomes "Why? (2)".
        rows: Without empty ones.
        head: The row from which the headings come; None in JSON, where they are keys.
        note: What a person should know, as full sentences.
    """

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    head: Row | None = None
    note: str = ""
    _places: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A line of commas is a table of tens of thousands of columns, each of which is asked for by its name.
        object.__setattr__(self, "_places", {name: place for place, name in enumerate(self.header)})

    def column(self, name: str) -> list[str]:
        """The cells under one heading, from top to bottom."""
        place = self._places[name]
        return [row.cells[place] for row in self.rows]


def read_rows(data: bytes, file: str, *, encoding: str | None = None) -> Grid:
    """Read a table, whatever of the four formats it is in.

    Args:
        data: The whole file.
        file: Its name; the ending tells XLSX and JSON from CSV.
        encoding: Of a CSV or JSON file, when the person named it.

    Raises:
        UnreadableFile: Empty, broken, protected, or a row does not fit the headings.
    """
    ending = PurePath(file).suffix.lower()
    if ending in (".xlsx", ".xlsm"):
        return _read_workbook(data, file)
    decoded = decode(data, file, encoding=encoding)
    text, note = decoded.text, "Read as Windows-1252." if decoded.encoding == "cp1252" else ""
    if not text.strip():
        raise UnreadableFile(file, "the file is empty.", "Give a row of headings and a row for each answer.")
    if ending in (".json", ".jsonl", ".ndjson"):
        try:
            return _grid_of_records(list(_records(text, file, by_line=ending != ".json")), file, note)
        except RecursionError as error:
            raise _no_json(file, error) from error
    return _grid_of_rows(list(_csv_rows(text, file)), file, note)


def as_text(value: object) -> str:
    """A cell's or a JSON value's text: empty for nothing, LF for every line end, and nothing that UTF-8 cannot hold."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        return text.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return "; ".join(map(as_text, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _csv_rows(text: str, file: str) -> Iterator[Row]:
    if text.startswith("sep="):  # Excel's own line that names the delimiter
        text = text.partition("\n")[2]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield Row(number, tuple(cells))
    except csv.Error as error:
        reason = f"row {number + 1} cannot be read ({error}); a quotation mark is open, or stands inside a quoted cell."
        raise UnreadableFile(file, reason, _SAVE_AGAIN) from error


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: the one between quoted headings, else the one that cuts nearly all rows into equally many cells."""
    if (quoted := _QUOTED_HEAD.match(text)) is not None:  # rows below may be shorter, as where some lack a last column
        return quoted["delimiter"]
    found = {}
    for delimiter in (",", ";", "\t"):
        sample = list(islice(csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=delimiter), 200))
        whole = sample[:-1] if len(text) > _SAMPLE and sample[1:] else sample
        rows = [row for row in whole if any(row)]
        for width, often in Counter(map(len, rows)).most_common(1):
            # Inside sentences a blank follows the comma; between cells there is mostly none.
            tidy = sum(not cell.startswith(" ") for row in rows for cell in row) / sum(map(len, rows))
            if width > 1 and often >= _NEARLY_ALL * len(rows):
                found[delimiter] = (often / len(rows) * tidy, width)
    return max(found, key=found.__getitem__, default=_ONE_COLUMN)


def _read_workbook(data: bytes, file: str) -> Grid:
    import openpyxl

    check_archive(data, file, ending=".xlsx")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which hold no words
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheets = {sheet.title: _sheet_rows(sheet, file) for sheet in book.worksheets}
    # What openpyxl lets through when parts of the archive are missing, cut or no XML (ParseError is a SyntaxError).
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError, EOFError) as error:
        raise broken(file, ".xlsx") from error
    except (BadZipFile, zlib.error, NotImplementedError) as error:
        raise broken(file, ".xlsx") from error
    filled = [title for title, rows in sheets.items() if sum(any(row.cells) for row in rows) > 1]
    if not filled:
        raise UnreadableFile(
            file, "no sheet holds a table.", "Give a sheet with a row of headings and a row for each answer."
        )
    note = f'Read from the sheet "{filled[0]}"; not read: {", ".join(filled[1:])}.' if filled[1:] else ""
    return _grid_of_rows(sheets[filled[0]], file, note)


def _sheet_rows(sheet: Any, file: str) -> list[Row]:
    """The rows that hold something; openpyxl gives those between them, too, up to whatever number the last one says it has."""
    sheet.reset_dimensions()  # some programs write wrong ones, and rows would be missing
    rows = []
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > _LAST_ROW:
            raise broken(file, ".xlsx")
        if any(value is not None for value in values):
            rows.append(Row(number, tuple(map(_cell, values))))
    return rows


def _cell(value: object) -> str:
    # Excel writes a carriage return inside a cell as _x000D_.
    return as_text(value).replace("_x000D_\n", "\n")


def _grid_of_rows(rows: list[Row], file: str, note: str) -> Grid:
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    widest = max((len(row.cells) for row in filled), default=0)
    # A title above the table fills one cell; headings fill more where there is more than one column.
    first = next((i for i, row in enumerate(filled) if sum(map(bool, row.cells)) > 1 or widest == 1), 0)
    if not filled[first + 1 :]:
        raise UnreadableFile(
            file, "there are no rows below the headings.", "Give a row of headings and a row for each answer."
        )
    head = filled[first]
    cells = _without_empty_tail(head.cells)
    _refuse_wide(len(filled), len(cells), file)
    fitted = tuple(_fitted(row, len(cells), file) for row in filled[first + 1 :])
    return Grid(_headings(cells), fitted, head=Row(head.number, cells), note=note)


def _refuse_wide(rows: int, columns: int, file: str) -> None:
    if rows * columns > MOST_CELLS:
        reason = f"the table has {rows} rows and {columns} columns, more than any survey."
        raise UnreadableFile(file, reason, "Give the columns that hold the answers, or split it.")


def _without_empty_tail(cells: tuple[str, ...]) -> tuple[str, ...]:
    return cells[: max(i for i, cell in enumerate(cells, 1) if cell.strip())]


def _fitted(row: Row, width: int, file: str) -> Row:
    if any(cell.strip() for cell in row.cells[width:]):
        reason = f"row {row.number} has {len(row.cells)} cells and the headings are {width}."
        raise UnreadableFile(file, reason, _SAVE_AGAIN)
    return Row(row.number, (row.cells + ("",) * width)[:width])


def _headings(cells: tuple[str, ...]) -> tuple[str, ...]:
    return told_apart([" ".join(cell.split()) or f"column {place}" for place, cell in enumerate(cells, 1)])


def told_apart(names: Iterable[str]) -> tuple[str, ...]:
    """Headings with a number behind each that stood before: "Category", "Category (2)"."""
    seen: Counter[str] = Counter()
    headings = []
    for name in names:
        seen[name] += 1
        headings.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(headings)


def _records(text: str, file: str, *, by_line: bool) -> Iterator[tuple[int, Any]]:
    """Number and value of each record: a line of JSON Lines, an entry of a list or of the longest list in an object."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not by_line:
        try:
            whole = parsed_json(text)
        except (ValueError, RecursionError) as error:
            if len(lines) < 2 or not (lines[0][1].startswith("{") and lines[0][1].rstrip().endswith("}")):
                raise _no_json(file, error) from error
        else:
            yield from enumerate(_longest_list(whole), 1)
            return
    for number, line in lines:
        try:
            value = parsed_json(line)
        except (ValueError, RecursionError) as error:
            raise _no_json(file, error, number) from error
        yield number, value


def _no_json(file: str, error: Exception, line: int | None = None) -> UnreadableFile:
    where = f"line {line}" if line else f"line {getattr(error, 'lineno', 1)}"
    what = getattr(error, "msg", "nested too deeply or a number too long")
    return UnreadableFile(file, f"{where} is not JSON ({what}).", "Export it again, or give the answers as CSV.")


def _longest_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    lists = [part for part in value.values() if isinstance(part, list)] if isinstance(value, dict) else []
    return max(lists, key=len, default=[value])


def _grid_of_records(records: list[tuple[int, Any]], file: str, note: str) -> Grid:
    odd = next((number for number, value in records if not isinstance(value, (dict, str))), None)
    if odd is not None or not records:
        reason = f"entry {odd} is no record with named fields." if odd else "it holds no records."
        raise UnreadableFile(file, reason, 'Give records such as {"respondent": "P1", "text": "..."}.')
    named = [(number, value if isinstance(value, dict) else {"text": value}) for number, value in records]
    taken = {key for _, record in named for key in record}
    flat = [(number, _flatten(record, taken)) for number, record in named]
    header = tuple(dict.fromkeys(key for _, record in flat for key in record))
    _refuse_wide(len(flat), len(header), file)
    rows = tuple(Row(number, tuple(record.get(key, "") for key in header)) for number, record in flat)
    return Grid(header, rows, note=note)


def _flatten(record: Mapping[str, Any], taken: set[str]) -> dict[str, str]:
    """Nested objects become fields; a name that is taken gets the outer name in front ("attributes.id")."""
    flat: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            inner = _flatten(value, set())
            flat |= {f"{key}.{name}" if name in taken or name in flat else name: text for name, text in inner.items()}
        else:
            flat[key] = as_text(value)
    return flat
