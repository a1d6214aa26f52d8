"""What a document is made of: sections of sentences, tables, quotations, and places where the researcher must write.

A section is made once and knows nothing of formats; `word`, `page` and `sheets` render the same parts. To add a section to the
evidence pack, write one function that returns a `Section` and put it into the list in `textcoder.workflow.evidence`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from textcoder.reports.tables import Cell, Table

TO_WRITE = "TO WRITE:"
"""Stands before everything that only the researcher can know; a search for it finds all that is left to do."""
_NOT_A_LETTER = re.compile(r"\W+")
_NOT_IN_A_SHEET = frozenset("[]:*?/\\'" + "".join(map(chr, range(32))))
"""What the name of a worksheet cannot hold."""


@dataclass(frozen=True, slots=True)
class Says:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Exact words, whose they are and where they stand, and what they are to show (may be empty)."""

    text: str
    source: str
    shows: str = ""


@dataclass(frozen=True, slots=True)
class ToWrite:
    """What only the researcher can know, and why it cannot be filled in."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: a sheet of the workbook and a CSV file by itself.

    Attributes:
        name: At most 31 characters, without `[ ] : * ? /`; different for every table of a document. The CSV is called after it.
        columns: Their names; a column whose name ends in `%` holds shares in per cent.
        rows: Each as long as `columns`.
        note: What to know when reading it.
        most: Rows shown in document and page; workbook and CSV always have all. 0 shows none there.
        shown: Columns shown in document and page, where a page would be too narrow for all; empty for all.
        named: Columns whose numbers name something and are no quantity (an act, a seed): no comma parts their digits.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""
    most: int = 60
    shown: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of its CSV file."""
        return f"{slug(self.name)}.csv"

    @property
    def table(self) -> Table:
        """All of it, for workbook and CSV."""
        return Table(self.columns, [tuple(None if cell != cell else cell for cell in row) for row in self.rows])

    @property
    def seen(self) -> Table:
        """What document and page show."""
        at = [self.columns.index(name) for name in self.shown or self.columns]
        plain = [self.columns[i] in self.named for i in at]
        rows = [tuple(row[i] for i in at) for row in self.rows[: self.most]]
        return Table(
            tuple(self.columns[i] for i in at),
            [
                tuple(
                    str(cell) if is_name and cell is not None else cell
                    for cell, is_name in zip(row, plain, strict=True)
                )
                for row in rows
            ],
        )

    @property
    def numeric(self) -> frozenset[str]:
        """Names of the columns that hold numbers, and perhaps words where there is none."""
        columns = zip(self.columns, zip(*self.rows, strict=True), strict=True) if self.rows else ()
        return frozenset(name for name, cells in columns if any(isinstance(cell, int | float) for cell in cells))

    @property
    def more(self) -> int:
        """Rows that document and page leave to the tables."""
        return max(0, len(self.rows) - self.most)


Part = Says | Heading | Quoted | ToWrite | Grid


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; `id` names it in links and in the JSON, and is different for every section."""

    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document.

    Attributes:
        title: Of the whole.
        lead: What it is, in a sentence or two.
        sections: In order.
        sources: What is cited, in the order of their numbers: text says "[1]" for the first.
    """

    title: str
    lead: str
    sections: tuple[Section, ...]
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        files = [grid.file for grid in self.grids]
        if twice := {name for name in files if files.count(name) > 1}:
            raise ValueError(f"Two tables of a document would be one file: {', '.join(sorted(twice))}.")

    @property
    def grids(self) -> Iterator[Grid]:
        """All tables, in order."""
        return (part for section in self.sections for part in section.parts if isinstance(part, Grid))

    @property
    def to_write(self) -> int:
        """How many places the researcher must still write, cells of tables among them."""
        return sum(_open_places(part) for section in self.sections for part in section.parts)


def _open_places(part: Part) -> int:
    match part:
        case ToWrite():
            return 1
        case Grid():
            return sum(str(cell).startswith(TO_WRITE) for row in part.rows for cell in row)
        case _:
            return 0


def slug(name: str) -> str:
    """A name as the name of a file, the same on every system; names with the same slug would be one file."""
    return _NOT_A_LETTER.sub("_", unicodedata.normalize("NFC", name).casefold()).strip("_")


def sheet_names(names: Sequence[str], *, most: int, otherwise: str) -> list[str]:
    """What tables are called after what people named: as sheets and as files each has a name of its own.

    Args:
        names: Of attributes, lenses and the like, each different.
        most: Letters that are left of a name, before a number that tells it from another.
        otherwise: Stands for a name of which nothing is left.
    """
    found: list[str] = []
    for name in names:
        plain = "".join(" " if letter in _NOT_IN_A_SHEET else letter for letter in name)[:most].strip() or otherwise
        labels = (plain if n == 1 else f"{plain} {n}" for n in count(1))
        found.append(next(label for label in labels if slug(label) not in map(slug, found)))
    return found


def left_out(grid: Grid) -> str:
    """What document and page say under a table that they do not show whole; empty where they do."""
    if not grid.more and not grid.shown:
        return ""
    where = f"tables/{grid.file} and in the workbook, sheet {grid.name}"
    many = f"{len(grid.rows):,} row{'' if len(grid.rows) == 1 else 's'}"
    if not grid.more:
        return f"More columns stand in {where}."
    what = f"The first {grid.most:,} of {many} are shown" if grid.most else f"The table has {many}"
    return f"{what}; all of it stands in {where}."


def below(grid: Grid) -> str:
    """What document and page say under a table, in whole sentences; nothing where they show that there is none."""
    return "" if grid.most and not grid.rows else " ".join(filter(None, (noted(grid), left_out(grid))))


def noted(grid: Grid) -> str:
    """What to know of a table, in whole sentences."""
    note = grid.note[:1].upper() + grid.note[1:]
    return f"{note}." if note and note[-1] not in ".!?" else note


def shown(value: Cell) -> str:
    """A cell in words."""
    if value is None:
        return ""
    if isinstance(value, float):
        # Adding nothing to a rounded number takes the minus from nothing.
        return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".") if value == value else "–"
    return f"{value:,}" if isinstance(value, int) else value
