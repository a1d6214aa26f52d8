"""Codings and codebooks in the tables of other programs: what people coded there comes in by its words, and goes out in their shapes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder.domain.coding import CONSENSUS, Coder, CoderKind
from textcoder.domain.decision import Decision
from textcoder.errors import InvalidDecision
from textcoder.formats.rows import Grid
from textcoder.formats.shapes import FIELDS, Guess, Holds, Shape, write_mapping
from textcoder.matching import Place
from textcoder.store import Store
from textcoder.workflow import LiveProject
from textcoder.workflow.shaping import import_book, import_codings, is_own_book, look_at
from textcoder.workflow.shaping_results import Became, Shaped
from textcoder.workflow.shaping_tables import shaped_table, table_bytes, waiting_table
from textcoder_api.answers import one
from textcoder_api.dependencies import CoderDep, Deciding, DeskDep, IfMatchHeader, ReadingDep
from textcoder_api.routes.decisions import DryRun
from textcoder_api.rows import done_row
from textcoder_api.schemas import Done, Name, Row
from textcoder_api.uploads import MULTIPART, Form, Upload, invalid, receive

router = APIRouter(prefix="/projects/{project}/tables", tags=["exchange"])

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yaml": "application/yaml",
}


# --- out --------------------------------------------------------------------------------------------------------------------------------


class ShapeQuery(BaseModel):
    """Of which program the table is to be, and in which format."""

    model_config = ConfigDict(extra="forbid")

    shape: Annotated[Shape, Field(description="As this program writes it.")]
    format: Literal["csv", "xlsx", "yaml"] = "csv"


_SCHEMAS: dict[str, dict[str, Any]] = {
    "csv": {"type": "string"},
    "xlsx": {"type": "string", "contentMediaType": "application/octet-stream"},
    # What it says once it is read: an entry a row.
    "yaml": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "string"}}},
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {_MEDIA[name].partition(";")[0]: {"schema": schema} for name, schema in _SCHEMAS.items()},
    }
}


@router.get("/{holds}", response_class=Response, responses=_FILE)
def get_table(reading: ReadingDep, holds: Holds, query: Annotated[ShapeQuery, Query()]) -> Response:
    """The codebook, or what people coded, as another program writes it; the machine's suggestions are no part of it.

    Whoever codes a sample blind gets nothing of what others said of it.
    """
    if (holds, query.shape) == (Holds.CODEBOOK, Shape.TEXTCODER):
        raise InvalidDecision("The codebook as textcoder's own table is at /codebook, as YAML or CSV.")
    name = f"{holds}-{query.shape}.{query.format}"
    with reading.view() as view:
        table = shaped_table(view.whole.store, holds, query.shape, coder=reading.coder.id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return reading.answer(
        Response(table_bytes(table, name, holds.value), headers=headers, media_type=_MEDIA[query.format])
    )


# --- in ---------------------------------------------------------------------------------------------------------------------------------


class ColumnRow(Row):
    """What one column was taken for."""

    field: str
    means: str
    heading: str
    known_by: Annotated[str, Field(description="Its `heading`, its `cells`, or `given` by the mapping.")]
    first: Annotated[str, Field(description="Its first cell that holds something.")]


class PlaceRow(Row):
    """Where words stand."""

    transcript: str
    file: str
    start: int
    end: int
    likeness: Annotated[float, Field(description="1 unless the words are others there.")]


class CountsRow(Row):
    """Codings by what became of them (`same`: here already; `twice`: said by an earlier row, too)."""

    matched: int
    moved: int
    same: int
    twice: int
    ambiguous: int
    lost: int


class DocumentRow(CountsRow):
    """What the table calls a transcript, the files in which its words were found, and what became of its codings."""

    document: str
    files: tuple[str, ...]


class TakenRow(Row):
    """What became of one coding of the table; `place` is where it stands now, `places` where it could where that is not clear."""

    row: Annotated[int, Field(description="As in the file.")]
    document: str
    code: str
    coder: str
    text: str
    became: Became
    why: str
    place: PlaceRow | None
    places: tuple[PlaceRow, ...]


class TakenOne(CountsRow):
    """What a table brought, or would bring: codings by what became of them (`same`: here already; `twice`: said by an earlier row, too).

    `done` is empty where it was only looked at, or where all of it was here.
    """

    shape: Shape
    holds: Holds
    sure: Annotated[float, Field(description="Share of the headings by which the program is known that are there.")]
    columns: tuple[ColumnRow, ...]
    code_columns: Annotated[int, Field(description="Columns that are a code each.")]
    unused: tuple[str, ...]
    mapping: Annotated[str, Field(description="All that as YAML: change it, and send it as the part `mapping`.")]
    documents: tuple[DocumentRow, ...]
    coders: tuple[str, ...]
    codes: Annotated[tuple[str, ...], Field(description="Codes that are new or changed.")]
    notes: tuple[str, ...]
    rows: tuple[TakenRow, ...]
    waiting: Annotated[
        str,
        Field(description="What was not placed, as CSV: write where it stands into `start` and `end`, and send it."),
    ]
    sentence: str
    done: Done | None


class TableQuery(DryRun):
    """Whether only to look ahead, and what a person knows of the table."""

    holds: Annotated[Holds | None, Field(description="What it holds; else as its headings say.")] = None
    coder: Annotated[Name | None, Field(description="Whose codings they all are; else whom the table names.")] = None


_FORM = {"source": False, "mapping": False}
_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
_BODY = {
    "type": "object",
    "properties": {
        "source": {**_BINARY, "description": "A table as CSV, TSV, XLSX, JSON, YAML, or TXT as NVivo exports a code."},
        "mapping": {**_BINARY, "description": "Which column is what, as YAML; else it is guessed."},
    },
    "required": ["source"],
}


@router.post(
    "",
    response_model=TakenOne,
    openapi_extra={"requestBody": {"required": True, "content": {MULTIPART: {"schema": _BODY}}}},
)
async def take_table(
    request: Request,
    desk: DeskDep,
    coder: CoderDep,
    query: Annotated[TableQuery, Query()],
    if_match: IfMatchHeader = None,
) -> Response:
    """Take in what people coded in another program, or its codebook, from a table that it wrote; all or nothing.

    Each coding is found in the transcripts by its words, becomes a decision of its coder, and the machine has it to learn from. What
    stands at several places, or nowhere, is not guessed but told, row by row. `dry_run=true` answers the same and changes nothing;
    sent again, it changes nothing either. Whoever codes a sample blind may bring codings of her own only.
    """
    deciding = Deciding(request, desk, coder, if_match=if_match)
    with tempfile.TemporaryDirectory() as folder:
        upload = await receive(request, Form(_FORM, frozenset(), request.app.state.max_file), Path(folder))
        sent = await run_in_threadpool(_sent, upload, Path(folder))
    return await run_in_threadpool(_foresee if query.dry_run else _take, deciding, sent, query)


@dataclass(frozen=True, slots=True)
class _Sent:
    """The table that was sent, and a mapping if there was one."""

    file: str
    data: bytes
    named: str
    mapping: bytes | None


def _sent(upload: Upload, folder: Path) -> _Sent:
    if not upload.files.get("source"):
        raise invalid(("body", "source"), "is missing")
    names = {part: files[0] for part, files in upload.files.items()}
    data = {part: (folder / part / name).read_bytes() for part, name in names.items()}
    return _Sent(Path(names["source"]).name, data["source"], names.get("mapping", ""), data.get("mapping"))


def _look(sent: _Sent, holds: Holds | None) -> tuple[Grid, Guess]:
    if holds is Holds.CODEBOOK and sent.mapping is None and is_own_book(sent.data, sent.file):
        raise InvalidDecision(
            "No program that is known here writes a codebook like this; give a mapping, or put textcoder's own at /codebook."
        )
    return look_at(sent.data, sent.file, mapping=sent.mapping, named=sent.named, holds=holds)


def _foresee(deciding: Deciding, sent: _Sent, query: TableQuery) -> Response:
    grid, guess = _look(sent, query.holds)
    with deciding.view() as view:
        found = _shaped(view.whole.store, grid, guess, sent.file, deciding.coder, query)
        return one(_taken(view.whole, grid, found, None))


def _take(deciding: Deciding, sent: _Sent, query: TableQuery) -> Response:
    grid, guess = _look(sent, query.holds)
    found: list[Shaped] = []

    def act(live: LiveProject) -> list[Decision]:
        found.append(_shaped(live.store, grid, guess, sent.file, deciding.coder, query))
        live.catch_up()
        return list(found[0].decisions)

    with deciding.done(act, "import") as (live, decisions):
        return one(_taken(live, grid, found[0], done_row(live, decisions) if decisions else None))


def _shaped(store: Store, grid: Grid, guess: Guess, file: str, coder: Coder, query: TableQuery) -> Shaped:
    if guess.mapping.holds is Holds.CODEBOOK:
        return import_book(store, grid, guess, file, coder=coder, dry_run=query.dry_run)
    whose = _whose(store, query.coder)
    return import_codings(store, grid, guess, file, coder=whose, by=coder, dry_run=query.dry_run)


def _whose(store: Store, name: str | None) -> Coder | None:
    if name is None:
        return None
    known = next((coder for coder in store.coders() if coder.id == name), Coder(name, name, CoderKind.HUMAN))
    if known.kind is CoderKind.MACHINE or name == CONSENSUS.id:
        raise InvalidDecision(f'"{name}" is no person; say whose codings they are, or leave `coder` out.')
    return known


def _taken(live: LiveProject, grid: Grid, found: Shaped, done: Done | None) -> TakenOne:
    mapping, files = found.guess.mapping, {id_: text.name for id_, text in live.transcripts.items()}
    waiting = found.among(Became.AMBIGUOUS, Became.LOST)
    kept = table_bytes(waiting_table(waiting, live.store), "waiting.csv", "waiting") if waiting else b""
    return TakenOne(
        shape=mapping.shape,
        holds=mapping.holds,
        sure=found.guess.sure,
        columns=tuple(
            ColumnRow(
                field=name,
                means=FIELDS[mapping.holds][name],
                heading=heading,
                known_by=found.guess.why[name],
                first=next((cell for cell in grid.column(heading) if cell.strip()), ""),
            )
            for name, heading in mapping.columns.items()
        ),
        code_columns=len(mapping.codes),
        unused=tuple(h for h in grid.header if h not in mapping.columns.values() and h not in mapping.codes),
        mapping=write_mapping(mapping),
        **_counts({became: len(found.among(became)) for became in Became}),
        documents=tuple(
            DocumentRow(
                document=each.name, files=tuple(files.get(id_, id_) for id_ in each.transcripts), **_counts(each.counts)
            )
            for each in found.documents
        ),
        coders=tuple(sorted({each.coder for each in found.told if each.place})),
        codes=found.codes,
        notes=found.notes,
        rows=tuple(
            TakenRow(
                row=each.row,
                document=each.document,
                code=each.code,
                coder=each.coder,
                text=each.text,
                became=each.became,
                why=each.why,
                place=_place(each.place, files) if each.place else None,
                places=tuple(_place(place, files) for place in each.places),
            )
            for each in found.told
        ),
        waiting=kept.decode("utf-8-sig"),
        sentence=found.sentence,
        done=done,
    )


def _place(place: Place, files: Mapping[str, str]) -> PlaceRow:
    return PlaceRow(
        transcript=place.text,
        file=files.get(place.text, place.text),
        start=place.start,
        end=place.end,
        likeness=place.likeness,
    )


def _counts(counts: Mapping[Became, int]) -> dict[str, int]:
    return {became.name.casefold(): counts.get(became, 0) for became in Became}
