"""Who the participants of a transcript are and what is known of them: from a table, the file itself, or its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Protocol

from textcoder.domain.case_table import CaseRow, CaseTable, iso_date, same_name
from textcoder.domain.labels import is_machine_label, role_named
from textcoder.domain.project import Case
from textcoder.domain.transcript import Role, Transcript
from textcoder.errors import InvalidTable
from textcoder.filenames import Facts, facts_of_name

__all__ = ["CaseRow", "CaseTable", "assign", "read_case_table"]

_OWN_COLUMNS = ("file", "case", "name", "speaker", "wave", "date")
# What documents say of themselves rather than of the person; the front matter of published transcripts is full of it.
_BIBLIOGRAPHY = """
    title subtitle author authors creator producer subject keywords tags category description comments created modified
    last_modified_by revision media url source language template transcript_by transcribed_by transcriber kind note
"""
_NO_ATTRIBUTE = frozenset(("participant", "case", "name", "wave", "date", *_BIBLIOGRAPHY.split()))
_LONGEST_VALUE = 60


class Read(Protocol):
    """A file that was read, as `textcoder.formats.Source`."""

    @property
    def transcript(self) -> Transcript:
        """With the roles of its turns."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What front matter or document properties say."""

    @property
    def cases(self) -> tuple[Case, ...]:
        """The people that a survey table brings."""


def read_case_table(path: Path) -> CaseTable:
    """Read a CSV or XLSX table: columns file and case, perhaps name, speaker, wave and date, and any attributes.

    Raises:
        InvalidTable: A column or a cell is missing, a date is not ISO, or a row is there twice.
        UnreadableFile: It is no such table, or is broken.
    """
    from textcoder.formats.rows import bytes_of_table, read_rows

    grid = read_rows(bytes_of_table(path), path.name)
    columns = {name.strip().lower(): i for i, name in enumerate(grid.header)}
    for needed in ("file", "case"):
        if needed not in columns:
            found = ", ".join(grid.header)
            raise InvalidTable(
                path.name, f'there is no column "{needed}"; there are: {found}. Add it, or rename one.', 1
            )
    rows = [_row(path.name, row.number, dict(zip(columns, row.cells, strict=False))) for row in grid.rows]
    _refuse_twins(path.name, rows)
    return CaseTable(path.name, tuple(rows))


def assign(
    source: Read, *, path_name: str, table: CaseTable | None, pattern: str | None
) -> tuple[Transcript, tuple[Case, ...]]:
    """Say who each participant's turn belongs to, and what is known of the source.

    Trusted in this order: the table's row for the file, the file's own front matter, the pattern of its name, its stem.
    One participant gets the case that these name. Several get one each, `<stem> / <speaker>`, unless rows of the table
    say who is who by speaker, name or case; machine labels never join people over files. What one file alone says of a
    person becomes an attribute of the source, since other files may say otherwise.

    Args:
        source: A file that was read, roles guessed.
        path_name: Its path inside the folder that was given.
        table: The researcher's table.
        pattern: How file names are built, such as `{group}_{case}_w{wave}`; None recognises the usual ones.

    Returns:
        The transcript and the people in it, sorted by id.

    Raises:
        InvalidTable: Rows for this file do not tell its participants apart; the pattern has no field, or one twice.
    """
    rows = table.rows_for(path_name) if table else []
    told = _merged(_from_rows(rows, table), _from_metadata(source.metadata), facts_of_name(path_name, pattern))
    transcript = replace(source.transcript, wave=told.wave, date=told.date)
    if transcript.kind == "survey":
        cases = tuple(_known(case, table) for case in source.cases)
    else:
        speakers = dict.fromkeys(turn.speaker for turn in transcript.turns if turn.role is Role.PARTICIPANT)
        people = _people(list(speakers), rows, table, told, path_name)
        turns = (
            replace(turn, case=people[turn.speaker].id if turn.role is Role.PARTICIPANT else None)
            for turn in transcript.turns
        )
        transcript = replace(transcript, turns=tuple(turns))
        cases = tuple({case.id: case for case in people.values()}.values())
    of_people = {name for case in cases for name in case.attributes}
    attributes = {name: value for name, value in sorted(told.attributes.items()) if name not in of_people}
    return replace(transcript, attributes=attributes), tuple(sorted(cases, key=lambda case: case.id))


def _row(table: str, number: int, cells: Mapping[str, str]) -> CaseRow:
    values = {name: " ".join(cell.split()) for name, cell in cells.items()}
    for needed in ("file", "case"):
        if not values[needed]:
            raise InvalidTable(table, f'the cell under "{needed}" is empty; fill it, or delete the row.', number)
    day = values.get("date", "")
    if day and not iso_date(day):
        raise InvalidTable(
            table, f'the date "{day}" is not written as 2024-04-18; write year, month and day so.', number
        )
    return CaseRow(
        number,
        values["file"].replace("\\", "/"),
        values["case"],
        values.get("name", ""),
        values.get("speaker", ""),
        values.get("wave") or None,
        iso_date(day),
        {name: value for name, value in values.items() if value and name not in _OWN_COLUMNS},
    )


def _refuse_twins(table: str, rows: Iterable[CaseRow]) -> None:
    seen: dict[tuple[str, str], CaseRow] = {}
    for row in rows:
        key = (same_name(row.file), same_name(row.speaker) or f"case {row.case}")
        if key in seen:
            raise InvalidTable(
                table,
                f'"{row.file}" stands already in row {seen[key].number} for the same person; keep one of the two rows.',
                row.number,
            )
        seen[key] = row


def _from_rows(rows: Sequence[CaseRow], table: CaseTable | None) -> Facts:
    """What the rows of a file agree on; a single row also says who it is about."""
    if not rows or table is None:
        return Facts()
    waves, dates = {row.wave for row in rows}, {row.date for row in rows}
    only = rows[0] if len(rows) == 1 else None
    return Facts(
        only.case if only else "",
        only.name if only else "",
        waves.pop() if len(waves) == 1 else None,
        dates.pop() if len(dates) == 1 else None,
        _agreed([table.changing(row) for row in rows]),
    )


def _agreed(said: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {name: value for name, value in said[0].items() if all(other.get(name) == value for other in said)}


def _from_metadata(metadata: Mapping[str, str]) -> Facts:
    day = metadata.get("date", "")
    attributes = {
        name: value
        for name, value in metadata.items()
        if name not in _NO_ATTRIBUTE and len(value) <= _LONGEST_VALUE and "://" not in value
    }
    if day and not iso_date(day):
        attributes["date as written"] = day
    return Facts(
        metadata.get("case") or metadata.get("participant", ""),
        metadata.get("name", ""),
        metadata.get("wave"),
        iso_date(day),
        attributes,
    )


def _merged(*facts: Facts) -> Facts:
    """What the most trusted source that says anything says; attributes are gathered from all."""
    attributes: dict[str, str] = {}
    for known in reversed(facts):
        attributes |= known.attributes
    return Facts(
        next((known.case for known in facts if known.case), ""),
        next((known.name for known in facts if known.name), ""),
        next((known.wave for known in facts if known.wave), None),
        next((known.date for known in facts if known.date), None),
        attributes,
    )


def _people(
    speakers: Sequence[str | None], rows: Sequence[CaseRow], table: CaseTable | None, told: Facts, path_name: str
) -> dict[str | None, Case]:
    """Each participating speaker's case."""
    named = {speaker: row for speaker in speakers if (row := _row_of(speaker, rows)) is not None}
    if len(speakers) == 1 and not named and len(rows) <= 1:
        return {speakers[0]: _person(speakers[0], told.case or _stem(path_name), told.name, table)}
    if len(rows) > 1 and speakers and not named and table is not None:
        who = ", ".join(f'"{speaker}"' for speaker in speakers)
        message = f'"{rows[0].file}" has several rows, and none says which of its speakers is meant ({who})'
        raise InvalidTable(table.file, f'{message}; add a column "speaker".', rows[0].number)
    return {
        speaker: _person(speaker, named[speaker].case, named[speaker].name, table)
        if speaker in named
        else _person(speaker, f"{_stem(path_name)} / {speaker or 'unnamed'}", "", table)
        for speaker in speakers
    }


def _stem(path_name: str) -> str:
    return PurePosixPath(path_name).with_suffix("").as_posix()


def _person(speaker: str | None, case: str, name: str, table: CaseTable | None) -> Case:
    # "Participant" and "Speaker 2" name nobody.
    personal = speaker if speaker and role_named(speaker) is None and not is_machine_label(speaker) else ""
    return _known(Case(case, name or personal or case), table)


def _row_of(speaker: str | None, rows: Sequence[CaseRow]) -> CaseRow | None:
    if speaker is None:
        return None
    wanted = same_name(speaker)
    by_speaker = next((row for row in rows if row.speaker and same_name(row.speaker) == wanted), None)
    return by_speaker or next(
        (row for row in rows if not row.speaker and wanted in (same_name(row.name), same_name(row.case))), None
    )


def _known(case: Case, table: CaseTable | None) -> Case:
    """The person as the table has her, else as the file has her."""
    in_table = table.case(case.id) if table else None
    if in_table is None:
        return case
    name = in_table.name if in_table.name != case.id else case.name
    return Case(case.id, name, {**case.attributes, **in_table.attributes})
