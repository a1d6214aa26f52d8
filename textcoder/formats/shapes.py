"""Codebooks and codings in the tables that other programs export: which program wrote one, and which column is what.

The headings are those that the programs write (see docs/tutorials/researcher.md for where each comes from). What is guessed is a `Mapping`,
which a person can read, change and keep as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Mapping as Named
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any, TypeVar

from textcoder.errors import InvalidTable, UnreadableFile
from textcoder.formats.codebook import unguarded
from textcoder.formats.decoding import decode
from textcoder.formats.dialogue import plain
from textcoder.formats.levels import (
    MOST_LEVELS,
    names_tell,
    paths_by_id,
    paths_by_indent,
    paths_by_name,
    paths_by_parent,
)
from textcoder.formats.rows import Grid, Row, as_text, read_rows

_Word = TypeVar("_Word", bound=StrEnum)


class Shape(StrEnum):
    """A program whose exports are known; `textcoder` is the plain table with one coding a row, whoever wrote it."""

    NVIVO = "nvivo"
    MAXQDA = "maxqda"
    ATLASTI = "atlasti"
    DEDOOSE = "dedoose"
    TAGUETTE = "taguette"
    QUALCODER = "qualcoder"
    TEXTCODER = "textcoder"


class Holds(StrEnum):
    """What a table holds."""

    CODEBOOK = "codebook"
    CODINGS = "codings"


_ABOVE = ("above", *(f"above {number}" for number in range(2, MOST_LEVELS)))
"""What columns can be that hold the codes above a code, the nearest first, each by itself."""
FIELDS: Named[Holds, Named[str, str]] = {
    Holds.CODINGS: {
        "document": "the transcript",
        "code": "the code, or several",
        **dict.fromkeys(_ABOVE, "the one above that") | {"above": "the code above it"},
        "text": "the coded words",
        "coder": "who coded",
        "note": "a comment on the coding",
        "range": "first and last letter, such as 120-180",
        "start": "first letter",
        "end": "one past the last letter",
        "paragraphs": "first and last paragraph, such as 3 - 5",
        "first": "first paragraph",
        "last": "last paragraph",
    },
    Holds.CODEBOOK: {
        "name": "the code",
        "parent": "the code above it",
        "description": "what it means",
        "colour": "its colour",
        "id": "what the table calls it",
        "parent id": "what the table calls the code above it",
    },
}
"""What a column can be, in words."""


@dataclass(frozen=True)
class Mapping:
    """What the columns of a table are.

    Attributes:
        shape: Of which program it is.
        holds: Codings or a codebook.
        columns: Heading by what its column is, a word of `FIELDS`.
        codes: Where each code has a column of its own: code by heading.
        separator: What stands between several codes in one cell; empty where there is one code a cell.
        levels: What stands between a code and those above it; empty where names say nothing of that.
        documents: Transcript by what the table calls it, where a person has said so.
    """

    shape: Shape
    holds: Holds
    columns: Named[str, str]
    codes: Named[str, str] = field(default_factory=dict)
    separator: str = ""
    levels: str = ""
    documents: Named[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Guess:
    """A mapping, and what speaks for it.

    Attributes:
        mapping: Which column is what.
        sure: Share of the headings by which the program's tables are known that are there, in [0, 1].
        why: For each field of `columns`, how it was found: "heading", "cells" or "given".
    """

    mapping: Mapping
    sure: float
    why: Named[str, str]


@dataclass(frozen=True, slots=True)
class Coded:
    """One row (or cell) of a table of codings.

    Attributes:
        row: Number of the row as in the file.
        document: As the table calls it; may be empty.
        codes: As written, with their levels; empty for none.
        text: The coded words.
        coder: As written; empty where the table does not say.
        note: A comment; may be empty.
        span: First letter and one past the last, as the table counts them; None where it does not say.
        paragraphs: First and last paragraph, likewise.
    """

    row: int
    document: str
    codes: tuple[str, ...]
    text: str
    coder: str = ""
    note: str = ""
    span: tuple[int, int] | None = None
    paragraphs: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One code of a table that holds a codebook.

    Attributes:
        row: Number of the row as in the file.
        path: Names from the top down to its own.
        description: As written.
        colour: `#RRGGBB`, or empty.
    """

    row: int
    path: tuple[str, ...]
    description: str = ""
    colour: str = ""


# --- what the programs write --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kind:
    """One table of one program: by which headings it is known, and what its columns are (as patterns of plain headings, the best first)."""

    shape: Shape
    holds: Holds
    marks: tuple[str, ...]
    columns: Named[str, tuple[str, ...]]
    separator: str = ""
    levels: str = ""
    needs: tuple[str, ...] = ()
    """Columns without which it is not this table, besides the code and the coded words."""

    @property
    def needed(self) -> tuple[str, ...]:
        return ("name" if self.holds is Holds.CODEBOOK else "text", *self.needs)


_APPLIED = re.compile(r"Code: (?P<code>.+) Applied", re.DOTALL)
# What people call the columns of tables of their own, in the languages of the interviews that are read here most.
_DOCUMENTS = (
    "file|transcript|source|interview|document name|file name|filename|dokument|datei|transkript|fil|intervju|interviewet"
    "|entretien|fichier|entrevista|archivo|documento"
)
_CODES = "label|tag|theme|codename|code name|node|kode|kod|thema|tema|kategorie|kategori|thème|categoría|código"
_CODES_OR_CODER = "koder"  # in Norwegian the codes, and whoever coded where another column has these
_TEXTS = (
    "segment|quote|quotation|excerpt|words|content|coded text|highlight|zitat|textstelle|citat|sitat|citation|extrait"
    "|cita|fragmento|texto"
)
_KINDS = (
    _Kind(
        Shape.MAXQDA,
        Holds.CODINGS,
        ("document name|dokumentname", "segment", "code", "weight score|weight|gewicht", "document group|dokumentgruppe"),
        {
            "document": ("document name", "dokumentname", "document"),
            "code": ("code",),
            "text": ("segment",),
            "coder": ("created by|author|autor|erstellt von", "modified by|geändert von"),
            "note": ("comment|kommentar",),
            "first": ("begin|beginning|anfang",),
            "last": ("end|ende",),
        },
        levels=" > ",
    ),
    _Kind(
        Shape.MAXQDA,
        Holds.CODEBOOK,
        ("code", "memo|code memo|codememo", "parent code|übergeordneter code"),
        {
            "name": ("code",),
            "parent": ("parent code", "übergeordneter code"),
            "description": ("memo|code memo|codememo",),
            "colour": ("colou?r|farbe",),
        },
        levels=" > ",
    ),
    _Kind(
        Shape.ATLASTI,
        Holds.CODINGS,
        ("quotation name", "quotation content|text content", "codes", "reference", "id"),
        {
            "document": ("document",),
            "code": ("codes",),
            "text": ("quotation content", "text content"),
            "coder": ("created by", "modified by"),
            "note": ("comment", "quotation comment"),
            "paragraphs": ("reference",),
        },
        separator="\n",
        levels=": ",
    ),
    _Kind(
        Shape.ATLASTI,
        Holds.CODEBOOK,
        ("code|name", "comment|code comment", "grounded|groundedness", "density", "code group 1|groups|code groups"),
        {
            "name": ("code", "name"),
            "description": ("code comment", "comment"),
            "colour": ("colou?r",),
        },
        levels=": ",
    ),
    _Kind(
        Shape.DEDOOSE,
        Holds.CODINGS,
        ("media title", "excerpt copy", "excerpt creator", "excerpt range"),
        {
            "document": ("media title",),
            "text": ("excerpt copy", "excerpt"),
            "coder": ("excerpt creator",),
            "range": ("excerpt range",),
            "code": ("codes applied combined",),
        },
        separator=", ",
        levels="\\",
    ),
    _Kind(
        Shape.DEDOOSE,
        Holds.CODEBOOK,
        ("id", "parent id", "title", "depth"),
        {"name": ("title",), "description": ("description",), "id": ("id",), "parent id": ("parent id",)},
    ),
    _Kind(
        Shape.TAGUETTE,
        Holds.CODINGS,
        ("id", "document", "tags?", "content"),
        {"document": ("document",), "code": ("tags?",), "text": ("content",)},
        levels=".",
    ),
    _Kind(
        Shape.TAGUETTE,
        Holds.CODEBOOK,
        ("tag", "description", "number of highlights"),
        {"name": ("tag",), "parent": ("parent",), "description": ("description",)},
        levels=".",
    ),
    _Kind(
        Shape.NVIVO,
        Holds.CODINGS,
        ("hierarchical name|codes?|nodes?", "file name|files?|sources?", "coverage", "reference number|reference"),
        {
            "document": ("file name", "files?", "sources?", "source name"),
            "code": ("hierarchical name", "codes?|nodes?"),
            "text": ("coded text", "text|content|reference text"),
            "coder": ("coded by", "coded by initials"),
        },
        levels="\\\\",
    ),
    _Kind(
        Shape.NVIVO,
        Holds.CODEBOOK,
        ("name", "description", "files|sources", "references"),
        {"name": ("name|hierarchical name",), "description": ("description",), "colour": ("colou?r",)},
        levels="\\\\",
    ),
    _Kind(
        Shape.QUALCODER,
        Holds.CODINGS,
        ("file case", "coder", "coded", "codename", "coded memo"),
        {
            "document": ("file case",),
            "code": ("codename",),
            "text": ("coded",),
            "coder": ("coder",),
            "note": ("coded memo",),
            "above": ("category",),
            **{above: (f"category {number}",) for number, above in enumerate(_ABOVE[1:], 2)},
        },
        levels=" > ",
    ),
    _Kind(
        Shape.QUALCODER,
        Holds.CODEBOOK,
        ("code|codename|code name", "category", "memo"),
        {"name": ("code|codename|code name",), "parent": ("category",), "description": ("memo",), "colour": ("colou?r",)},
        levels=" > ",
        needs=("parent",),
    ),
    _Kind(
        Shape.TEXTCODER,
        Holds.CODINGS,
        (f"document|{_DOCUMENTS}", f"codes?|{_CODES}|{_CODES_OR_CODER}", f"text|{_TEXTS}"),
        {
            "document": ("document", _DOCUMENTS, "speaker"),
            "code": ("codes?", _CODES, _CODES_OR_CODER),
            "text": ("text", _TEXTS),
            "coder": ("coder", "coded by|annotator|created by|rater|codiert von|kodiert von|kodare|codeur|codificador", _CODES_OR_CODER),
            "note": ("note", "comment|memo|kommentar|notiz|commentaire|comentario"),
            "start": ("start",),
            "end": ("end",),
        },
        separator="; ",
        levels=" > ",
    ),
)  # fmt: skip
"""In the order in which equally likely ones are preferred: those with the rarer headings first."""

_ENOUGH = 0.6
"""Share of its headings from which a table is taken for one of a program."""
_NAMED = re.compile(r"(?P<text>.*)\n(?P<document>[^\n]{1,200}?)(?: fid:\d+)?\s*", re.DOTALL)
_ENDING = re.compile(r".+\.\w{2,5}")
_NUMBER = re.compile(r"\d+")
_COLOUR = re.compile(r"#?(?P<rgb>[0-9A-Fa-f]{6})")


# --- reading ------------------------------------------------------------------------------------------------------------------------------


def read_table(data: bytes, file: str) -> Grid:
    """The rows of a CSV, TSV, XLSX, JSON or YAML file; of YAML a list of entries with the same keys as the headings.

    A .txt is read as the references of one code, as NVivo exports them, where it has its headings.

    Raises:
        UnreadableFile: Empty, broken, or a row does not fit the headings.
        InvalidTable: It is no YAML, or no list of entries.
    """
    ending = PurePath(file).suffix.casefold()
    if ending == ".txt" and (references := _references(decode(data, file).text, file)):
        return Grid(_REFERENCES, tuple(Row(number, cells) for number, cells in enumerate(references, 1)))
    if ending not in (".yaml", ".yml"):
        grid = read_rows(data, file)
        return grid if ending in _TYPED else _without_guards(grid)
    entries = _yaml(data, file)
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidTable(file, "there is no list of entries; write each as `- document: ...` with the same keys.")
    for number, entry in enumerate(entries, 1):
        for key, value in entry.items():
            # Deeper than a list of words nothing is read: aliases of aliases would fill the memory.
            if not isinstance(value, str) and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise InvalidTable(file, f"`{key}` must be text, or a list of texts.", number)
    header = tuple(dict.fromkeys(str(key) for entry in entries for key in entry))
    cells = [{str(key): as_text(value) for key, value in entry.items()} for entry in entries]
    return Grid(header, tuple(Row(n, tuple(one.get(key, "") for key in header)) for n, one in enumerate(cells, 1)))


_REFERENCES = ("Hierarchical Name", "File Name", "Reference Number", "Coverage", "Coded Text")
_SOURCE = re.compile(r"<(?P<file>[^<>\n]+)> - § ?\d+ references? coded\b[^\n]*")
_REFERENCE = re.compile(r"References? (?P<number>\d+(?:-\d+)?) - (?P<coverage>[\d.,]+) ?% Coverage")
_CODE = re.compile(r"Name: ?(?P<name>[^\n]+)")


def _references(text: str, file: str) -> list[tuple[str, ...]]:
    """The references of a code as NVivo writes them: a line for each file, a line for each reference, and its words below.

    The code is named on a line above them, else the file is called after it.
    """
    code, source, found = PurePath(file).stem, "", list[tuple[str, ...]]()
    words: list[str] = []

    def end() -> None:
        if found and words:
            found[-1] = (*found[-1][:4], "\n".join(words).strip())
        words.clear()

    for line in text.split("\n"):
        if match := _SOURCE.fullmatch(line.strip()):
            end()
            source = match["file"]
        elif source and (match := _REFERENCE.fullmatch(line.strip())):
            end()
            found.append((code, source, match["number"], match["coverage"], ""))
        elif not source and (match := _CODE.fullmatch(line.strip())):
            code = match["name"].strip()
        elif found and found[-1][1] == source:
            words.append(line)
    end()
    return found


_TYPED = (".xlsx", ".xlsm", ".json", ".jsonl", ".ndjson")
"""Endings of files in which a text is a text, so that none need be guarded from being run as a formula."""


def _without_guards(grid: Grid) -> Grid:
    rows = tuple(replace(row, cells=tuple(map(unguarded, row.cells))) for row in grid.rows)
    return replace(grid, header=tuple(map(unguarded, grid.header)), rows=rows)


def _yaml(data: bytes, file: str) -> Any:
    import yaml

    try:
        # BaseLoader makes nothing but text, lists and mappings, so that a code called No stays "No".
        return yaml.load(decode(data, file).text, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidTable(file, "it is not YAML; mend the indents and put the text in quotation marks.") from error


def guess(grid: Grid, file: str, *, holds: Holds | None = None) -> Guess:
    """Which program wrote a table, and which column is what; by headings, else by cells.

    Args:
        grid: The table.
        file: Its name, for errors.
        holds: Codings or a codebook, where a person has said which.

    Raises:
        UnreadableFile: It is not clear which column holds the words, or the codes.
    """
    headings = {plain(name): name for name in reversed(grid.header)}
    found = []
    for place, kind in enumerate(_KINDS):
        columns = _columns(kind, headings)
        codes = _codes_of_headings(kind, grid.header)
        complete = all(need in columns for need in kind.needed) and (
            kind.holds is Holds.CODEBOOK or bool(codes) or "code" in columns
        )
        marks = sum(any(re.fullmatch(mark, name) for name in headings) for mark in kind.marks)
        if complete and holds in (None, kind.holds):
            found.append((marks / len(kind.marks), marks, -place, kind, columns, codes))
    likely = [one for one in found if one[0] >= _ENOUGH]
    if likely:
        # A table of a program is a table of codings, too: the plain one is left for what no program writes.
        known = [one for one in likely if one[3].shape is not Shape.TEXTCODER] or likely
        sure, _, _, kind, columns, codes = max(known, key=lambda one: one[:3])
        return _guessed(kind, columns, codes, grid, sure)
    if holds is not Holds.CODEBOOK and (by_cells := _columns_of_words(grid)) is not None:
        return by_cells
    raise UnreadableFile(
        file,
        f"it is not clear which columns hold the words and the codes; there are: {', '.join(grid.header)}.",
        "Say which in a file such as `columns: {document: Interview, code: Theme, text: Quote}`, and give it with --mapping.",
    )


def _columns(kind: _Kind, headings: Named[str, str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, patterns in kind.columns.items():
        fit = (headings[h] for pattern in patterns for h in headings if re.fullmatch(pattern, h))
        heading = next((one for one in fit if one not in columns.values()), None)
        if heading is not None:
            columns[name] = heading
    return columns


def _codes_of_headings(kind: _Kind, header: Sequence[str]) -> dict[str, str]:
    if (kind.shape, kind.holds) != (Shape.DEDOOSE, Holds.CODINGS):
        return {}
    found = ((name, _APPLIED.fullmatch(name)) for name in header)
    return {name: match["code"] for name, match in found if match}


def _guessed(kind: _Kind, columns: dict[str, str], codes: dict[str, str], grid: Grid, sure: float) -> Guess:
    if codes:  # a column for each code says more than all codes in one cell
        columns.pop("code", None)
    separator = kind.separator if "code" in columns else ""
    mapping = Mapping(kind.shape, kind.holds, columns, codes, separator, _levels(kind, columns, grid))
    return Guess(mapping, round(sure, 2), dict.fromkeys(columns, "heading"))


def _levels(kind: _Kind, columns: Named[str, str], grid: Grid) -> str:
    """What parts levels: MAXQDA takes and older ones write a backslash where newer ones write an angle."""
    if kind.shape is not Shape.MAXQDA:
        return kind.levels
    cells = [cell for name in ("code", "name") if name in columns for cell in grid.column(columns[name])]
    older = any("\\" in cell for cell in cells) and not any(kind.levels in cell for cell in cells)
    return "\\" if older else kind.levels


def _columns_of_words(grid: Grid) -> Guess | None:
    """A column for each code, with the coded words and the file's name below them: the report of codes of QualCoder."""
    cells = [cell for row in grid.rows for cell in row.cells if cell.strip()]
    ends = [match["document"].strip() for cell in cells if (match := _NAMED.fullmatch(cell))]
    named = [end for end in ends if _ENDING.fullmatch(end) or ends.count(end) > 1]
    if not cells or len(named) < 0.9 * len(cells):
        return None
    codes = {name: name for name in grid.header}
    mapping = Mapping(Shape.QUALCODER, Holds.CODINGS, {}, codes, levels=" > ")
    return Guess(mapping, round(len(named) / len(cells), 2), {})


def codings_in(grid: Grid, mapping: Mapping, *, known: Collection[str] = ()) -> Iterator[Coded]:
    """The codings of a table, row by row.

    Args:
        grid: The table.
        mapping: Which column is what.
        known: Codes of the project as the table would write them: one that holds the separator is not cut there.
    """
    place = {name: grid.header.index(heading) for name, heading in mapping.columns.items()}
    own = {grid.header.index(heading): code for heading, code in mapping.codes.items()}
    for row in grid.rows:
        cells = row.cells

        def cell(name: str, cells: tuple[str, ...] = cells) -> str:
            return cells[place[name]] if name in place else ""

        if own and "text" not in place:
            for column, code in own.items():
                if cells[column].strip():
                    match = _NAMED.fullmatch(cells[column])
                    text, document = (match["text"], match["document"]) if match else (cells[column], "")
                    yield Coded(row.number, document.strip(), (code,), text)
            continue
        codes = [code for column, code in own.items() if cells[column].strip().casefold() in ("true", "1", "yes", "x")]
        above = [name for field in reversed(_ABOVE) if (name := " ".join(cell(field).split()))]
        codes += [mapping.levels.join([*above, code]) for code in _split(cell("code"), mapping.separator, known)]
        yield Coded(
            row.number,
            cell("document").strip(),
            tuple(dict.fromkeys(codes)),
            cell("text"),
            cell("coder").strip(),
            cell("note").strip(),
            _pair(cell("range") or f"{cell('start')}-{cell('end')}"),
            _pair(cell("paragraphs") or f"{cell('first')}-{cell('last')}", one=True),
        )


def _split(cell: str, separator: str, known: Collection[str]) -> list[str]:
    whole = cell.strip()
    if not whole or not separator or whole in known:
        return [whole] if whole else []
    parts = [part.strip() for part in whole.split(separator)]
    found: list[str] = []
    while parts:
        # The longest run that is one code of the project; else one part by itself.
        size = next((n for n in range(len(parts), 1, -1) if separator.join(parts[:n]) in known), 1)
        found.append(separator.join(parts[:size]))
        del parts[:size]
    return [one for one in found if one]


def _pair(cell: str, *, one: bool = False) -> tuple[int, int] | None:
    numbers = [int(number[0]) for number in _NUMBER.finditer(cell[:100])]
    if len(numbers) == 1 and one:
        numbers *= 2
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def codes_in(grid: Grid, mapping: Mapping, file: str) -> list[Listed]:
    """The codes of a table that holds a codebook, in its order.

    Raises:
        InvalidTable: A code has no name, or stands below itself.
    """
    place = {name: grid.header.index(heading) for name, heading in mapping.columns.items()}

    def cell(row: Row, name: str) -> str:
        return row.cells[place[name]] if name in place else ""

    rows = [row for row in grid.rows if cell(row, "name").strip()]
    if len(rows) < len(grid.rows):
        empty = next(row for row in grid.rows if not cell(row, "name").strip())
        raise InvalidTable(file, "the code has no name; give it one.", empty.number)
    names, parents = ([" ".join(cell(row, name).split()) for row in rows] for name in ("name", "parent"))
    # Where nothing stands in the column of parents, names that are written below others of the table say it; else all are top ones.
    said = any(parents) or ("parent" in place and not names_tell(names, mapping.levels))
    if "parent id" in place:
        paths = paths_by_id([(cell(row, "id"), cell(row, "parent id")) for row in rows], names, rows, file)
    elif said:
        paths = paths_by_parent(names, parents, mapping.levels)
    elif any(cell(row, "name")[:1].isspace() for row in rows):
        paths = paths_by_indent([cell(row, "name") for row in rows])
    else:
        paths = paths_by_name(names, mapping.levels)
    found = []
    for row, path in zip(rows, paths, strict=True):
        if len(path) > MOST_LEVELS:
            raise InvalidTable(
                file, f"the code stands more than {MOST_LEVELS} levels deep; mend its parent.", row.number
            )
        colour = _COLOUR.fullmatch(cell(row, "colour").strip())
        found.append(Listed(row.number, path, cell(row, "description").strip(), f"#{colour['rgb']}" if colour else ""))
    return found


# --- mappings as YAML ---------------------------------------------------------------------------------------------------------------------

_HEAD = """\
# Which column of a table is what. Change it and give it back with --mapping.
# columns: what a column is, and its heading; codes: where each code has a column of its own, its heading and the code.
# separator: between several codes in one cell; levels: between a code and those above it.
# documents: what the table calls a transcript, and the file's name in the project.
"""


def write_mapping(mapping: Mapping) -> str:
    """A mapping as YAML for people; `read_mapping` gives it back."""
    import yaml

    values = {
        "shape": mapping.shape.value,
        "holds": mapping.holds.value,
        "columns": dict(mapping.columns),
        "codes": dict(mapping.codes),
        "separator": mapping.separator,
        "levels": mapping.levels,
        "documents": dict(mapping.documents),
    }
    return _HEAD + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=110)


def read_mapping(data: bytes, file: str, grid: Grid) -> Mapping:
    """A mapping that a person wrote or changed, for a table.

    Raises:
        InvalidTable: It names what is no field, shape or heading of the table.
    """
    values = _yaml(data, file)
    if not isinstance(values, dict):
        raise InvalidTable(file, "it is no mapping; write `shape:`, `holds:` and `columns:`.")
    unknown = set(values) - {"shape", "holds", "columns", "codes", "separator", "levels", "documents"}
    if unknown:
        raise InvalidTable(file, f'there is no field "{sorted(unknown)[0]}" in a mapping; remove it.')
    shape = _one_of(values.get("shape") or Shape.TEXTCODER.value, Shape, "shape", file)
    holds = _one_of(values.get("holds") or Holds.CODINGS.value, Holds, "holds", file)
    named = {name: _pairs(values.get(name), name, file) for name in ("columns", "codes", "documents")}
    for name in named["columns"]:
        if name not in FIELDS[holds]:
            raise InvalidTable(file, f'no column can be "{name}"; use {", ".join(_named(holds))}.')
    for heading in (*named["columns"].values(), *named["codes"]):
        if heading not in grid.header:
            there = f'the table has no column "{heading}"; there are: {", ".join(grid.header)}.'
            raise InvalidTable(file, f"{there} Mend this file, or remove it to have them guessed.")
    if holds is Holds.CODEBOOK and "name" not in named["columns"]:
        raise InvalidTable(file, "a codebook needs a column that is `name`.")
    if holds is Holds.CODINGS and not named["codes"] and not {"text", "code"} <= set(named["columns"]):
        raise InvalidTable(file, "codings need columns that are `text` and `code`.")
    parted = any(name in named["columns"] for name in _ABOVE)  # else the names would stand side by side as one
    return Mapping(
        shape,
        holds,
        named["columns"],
        named["codes"],
        str(values.get("separator") or ""),
        str(values.get("levels") or (" > " if parted else "")),
        named["documents"],
    )


def _named(holds: Holds) -> list[str]:
    """The words of `FIELDS` as one lists them: of the codes above the first two stand for all."""
    return [name for name in FIELDS[holds] if name not in _ABOVE[2:]]


def _one_of(value: Any, kind: type[_Word], name: str, file: str) -> _Word:
    if value not in list(kind):
        raise InvalidTable(file, f'{name} "{value}" is unknown; use one of {", ".join(kind)}.')
    return kind(value)


def _pairs(value: Any, name: str, file: str) -> dict[str, str]:
    if not value:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for pair in value.items() for one in pair):
        raise InvalidTable(file, f"`{name}` must be a list of pairs, such as `text: Segment`.")
    return dict(value)
