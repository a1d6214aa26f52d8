"""A project's codebook and what people coded, as the tables of other programs; and what could not be placed, as one to complete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import Coding, Status
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Transcript
from textcoder.errors import InvalidDecision, OutputError
from textcoder.formats.shaped import (
    PLAIN,
    Entry,
    Held,
    Table,
    codebook_table,
    codings_table,
    csv_bytes,
    yaml_bytes,
)
from textcoder.formats.shapes import Holds, Shape
from textcoder.store import Store
from textcoder.workflow.picturing import described
from textcoder.workflow.rounds import visible
from textcoder.workflow.shaping_codes import code_path
from textcoder.workflow.shaping_places import line_of
from textcoder.workflow.shaping_results import Told

_LONGEST_CELL = 32_767
"""Characters that a cell of XLSX can hold."""


@dataclass(frozen=True, slots=True)
class _Project:
    """What a table is made of."""

    transcripts: Mapping[str, Transcript]
    codes: Mapping[str, Code]
    lenses: Mapping[str, str]
    said: Sequence[Coding] = ()

    @classmethod
    def of(cls, store: Store, coder: str) -> _Project:
        with store.reading():
            standing = Standing(store.decisions())
            transcripts = {one.id: one for one in store.transcripts()}
            codes = {code.id: code for code in standing.codebook}
            lenses = {lens.id: lens.name for lens in store.project().lenses}
        used = {code.id for code in standing.codebook.in_use}
        said = [
            coding
            for coding in visible(standing, coder, standing.codings.values())
            if coding.status is Status.ACCEPTED and coding.code in used and coding.transcript in transcripts
        ]
        return cls(transcripts, codes, lenses, said)


def shaped_table(store: Store, holds: Holds, shape: Shape, *, coder: str = "") -> Table:
    """Headings and rows of the project's codebook, or of what people coded, as another program writes them.

    The machine's suggestions and what was rejected are no part of it; a project as a whole is exported as REFI-QDA.

    Args:
        store: The project.
        holds: Which of the two.
        shape: Of which program.
        coder: Who asks: what others said of segments that she still codes blind is left out, and not counted.

    Raises:
        InvalidDecision: There is nothing to write.
    """
    project = _Project.of(store, coder)
    if holds is Holds.CODEBOOK:
        entries = _entries(project)
        if not entries:
            raise InvalidDecision("There is no code in use; draft a codebook, or import one.")
        return codebook_table(entries, shape)
    held = [_held(project, coding) for coding in project.said]
    if not held:
        raise InvalidDecision(
            "Nobody has coded anything yet; accept suggestions in review, or export the whole project as .qdpx, which holds them."
        )
    return codings_table(held, shape)


def _held(project: _Project, coding: Coding) -> Held:
    transcript, code = project.transcripts[coding.transcript], project.codes[coding.code]
    text, start, end = transcript.text, coding.start, coding.end
    lines = (line_of(text, start, True), line_of(text, max(start, end - 1), True))
    share = (end - start) / max(1, len(text))
    path = code_path(code, project.codes, project.lenses)
    words = transcript.quotation(start, end)
    return Held(transcript.name, path, words, coding.coder, start, end, lines, share, coding.why, code.colour)


def _entries(project: _Project) -> list[Entry]:
    """Codes in use with lenses as folders above them, each after the one above it."""
    files: dict[str, set[str]] = defaultdict(set)
    spans: dict[str, set[tuple[str, int, int, str]]] = defaultdict(set)
    for one in project.said:
        files[one.code].add(one.transcript)
        spans[one.code].add((one.transcript, one.start, one.end, one.coder))
    used = [code for code in project.codes.values() if code.status is not CodeStatus.RETIRED]
    order = {name: place for place, name in enumerate(project.lenses.values())}
    entries = {}
    for code in used:
        path = code_path(code, project.codes, project.lenses)
        counts = len(files[code.id]), len(spans[code.id])
        entries[path] = Entry(path, described(code), code.colour, *counts)
        if code.lens in project.lenses:
            entries.setdefault(path[:1], Entry(path[:1], "", "", 0, 0))
    return [entries[path] for path in sorted(entries, key=lambda path: (order.get(path[0], len(order)), path))]


def export_shaped(store: Store, holds: Holds, shape: Shape, path: Path, *, coder: str = "") -> None:
    """Write the codebook or people's codings as another program would: CSV, XLSX or YAML, by the file's ending; see `shaped_table`.

    Raises:
        InvalidDecision: There is nothing to write, or a cell is too long for XLSX.
        OutputError: The ending is another, or the file cannot be written.
    """
    data = table_bytes(shaped_table(store, holds, shape, coder=coder), path.name, holds.value)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error


def table_bytes(table: Table, file: str, title: str) -> bytes:
    """A table as a file of the format that its name tells.

    Raises:
        InvalidDecision: A cell is too long for XLSX.
        OutputError: The ending is another.
    """
    match PurePosixPath(file).suffix.casefold():
        case ".csv":
            return csv_bytes(table)
        case ".yaml" | ".yml":
            return yaml_bytes(table)
        case ".xlsx":
            return _workbook(table, file, title)
    raise OutputError(f"{file} has another ending than .csv, .xlsx or .yaml; give it one of these.")


def _workbook(table: Table, file: str, title: str) -> bytes:
    from textcoder.reports import tables
    from textcoder.reports.workbook import write_workbook

    header, rows = table
    long = next((number for number, row in enumerate(rows, 2) if any(len(cell) > _LONGEST_CELL for cell in row)), None)
    if long is not None:
        raise InvalidDecision(f"{file}: row {long} has a cell longer than XLSX can hold; write a .csv instead.")
    return write_workbook({title: tables.Table(header, list(rows))}, title=title)


def waiting_table(told: Iterable[Told], store: Store) -> Table:
    """What was not placed, as a table that a person completes and gives back: with the place where it stands in `start` and `end`.

    Returns:
        A plain table of codings, with why each waits and where it could stand.
    """
    names = {one.id: one.name for one in store.transcripts()}
    rows: list[tuple[str, ...]] = []
    for one in told:
        likely = "; ".join(f"{names[p.text]}:{p.start}-{p.end}" for p in one.places[:10])
        document = names[one.places[0].text] if len({p.text for p in one.places}) == 1 else one.document
        rows.append((document, one.code, one.text, one.coder, one.note, "", "", one.why, likely))
    return (*PLAIN, "why", "places"), rows
