"""What a researcher's table says of the people: one row for each file, or for each speaker in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath

from textcoder.domain.project import Case


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row: what is known of one file, or of one speaker in it.

    Attributes:
        number: As in the file; the header is row 1.
        file: Name or path, perhaps without its ending.
        case: Case id.
        name: What people read; empty where the table has none.
        speaker: As written in the transcript; empty means whoever participates.
        wave: As the researcher names it; None where unknown.
        date: ISO 8601; None where unknown.
        attributes: All other columns that are not empty.
    """

    number: int
    file: str
    case: str
    name: str = ""
    speaker: str = ""
    wave: str | None = None
    date: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseTable:
    """The whole table. What differs between the rows of one person belongs to the sources, not to her."""

    file: str
    rows: tuple[CaseRow, ...]

    def rows_for(self, path_name: str) -> list[CaseRow]:
        """The rows of one file: matched by its whole path, else by its name, else by its name without the ending."""
        for way, asked in enumerate(_ways(path_name)):
            found = self._by_file.get((way, asked))
            if found:
                return found
        return []

    @cached_property
    def _by_file(self) -> dict[tuple[int, str], list[CaseRow]]:
        """Rows by way of comparing and by what is compared."""
        found: dict[tuple[int, str], list[CaseRow]] = {}
        for row in self.rows:
            for place in enumerate(_ways(row.file)):
                found.setdefault(place, []).append(row)
        return found

    def case(self, case: str) -> Case | None:
        """A person with the attributes that are the same in all her rows; None where the table does not have her."""
        rows = [row for row in self.rows if row.case == case]
        if not rows:
            return None
        return Case(case, next((row.name for row in rows if row.name), case), self._constant.get(case, {}))

    def changing(self, row: CaseRow) -> dict[str, str]:
        """The attributes of a row that other rows of the same person contradict."""
        constant = self._constant.get(row.case, {})
        return {name: value for name, value in row.attributes.items() if name not in constant}

    @cached_property
    def _constant(self) -> dict[str, dict[str, str]]:
        """Case id -> attributes that her rows agree on; an empty cell agrees with all."""
        values: dict[str, dict[str, set[str]]] = {}
        for row in self.rows:
            for name, value in row.attributes.items():
                values.setdefault(row.case, {}).setdefault(name, set()).add(value)
        return {
            case: {name: next(iter(seen)) for name, seen in sorted(names.items()) if len(seen) == 1}
            for case, names in values.items()
        }


def iso_date(written: str) -> str | None:
    """The date in ISO 8601, whatever time of the day a spreadsheet adds to it; None where it is written otherwise."""
    try:
        return date.fromisoformat(written.split("T")[0].split(" ")[0]).isoformat()
    except ValueError:
        return None


def same_name(name: str) -> str:
    """A name as compared: file systems differ in capitals and in how they store accents."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _ways(path_name: str) -> tuple[str, str, str]:
    """A file's path, name and stem, as compared."""
    path = PurePosixPath(same_name(path_name))
    # "w1.5_mira" is a name without an ending; endings are short and of letters.
    ending = path.suffix[1:]
    return path.as_posix(), path.name, path.stem if ending.isalnum() and len(ending) <= 5 else path.name
