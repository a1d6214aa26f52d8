"""The codebook: as it stands, as it was, what changed; its codes and where they come from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from textcoder import workflow
from textcoder.domain.codebook import Codebook, CodeStatus
from textcoder.domain.coding import Coder
from textcoder.domain.decision import Decision, DecisionKind, with_decision
from textcoder.domain.history import Change, diff, version_of
from textcoder.workflow import LiveProject
from textcoder.workflow.codebooks import codebook_texts, importing_codebook
from textcoder_api.answers import CSV, JSON, ListQuery, listed, one, page_model, quality_of
from textcoder_api.dependencies import Deciding, ItemId, OwningDep, ReadingDep
from textcoder_api.routes.decisions import DryRun
from textcoder_api.rows import code_one, code_row, done_row, preview_row
from textcoder_api.schemas import (
    ChangeRow,
    CodebookOne,
    CodeOne,
    CodeRow,
    Done,
    Name,
    PartRow,
    PreviewRow,
    SimilarRow,
    Text,
)
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}", tags=["codebook"])

YAML = "application/yaml"
_AS_YAML = {"schema": {"type": "object"}}  # what it says once it is read
_FORMS = {
    200: {
        "description": "As JSON, or for people as YAML or CSV; both can be edited and given back.",
        "content": {YAML: _AS_YAML, CSV: {"schema": {"type": "string"}}},
    }
}


class CodebookPreviewRow(PreviewRow):
    """What a codebook from a file would change, code by code. Nothing was changed."""

    changes: tuple[ChangeRow, ...]


def _version(view: View) -> str:
    return f"codebook-{view.live.standing.codebook.version}"


@router.get("/codebook", response_model=CodebookOne, responses=_FORMS)  # type: ignore[arg-type]  # a mapping of a mapping
def get_codebook(reading: ReadingDep) -> Response:
    """The codebook as it stands, with retired codes. Its `ETag` can be given to `If-Match`."""
    with reading.view(tag=_version) as view:
        quality = {kind: quality_of(reading.request, kind) for kind in (JSON, YAML, CSV)}
        best = max(quality, key=lambda kind: quality[kind])
        if best == JSON:
            return reading.answer(one(_book(view.live.standing.codebook)))
        yaml, csv = codebook_texts(view.live.store)
        return reading.answer(Response(yaml if best == YAML else csv, media_type=f"{best}; charset=utf-8"))


def _book(book: Codebook) -> CodebookOne:
    return CodebookOne(version=book.version, codes=tuple(code_row(code) for code in book))


@router.put(
    "/codebook",
    response_model=Done | CodebookPreviewRow,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {YAML: _AS_YAML, CSV: {"schema": {"type": "string"}}},
        }
    },
)
async def put_codebook(request: Request, deciding: OwningDep, query: Annotated[DryRun, Query()]) -> Response:
    """Take a codebook that a person wrote or edited, as YAML or CSV; each difference is a decision of hers.

    Codes that it does not have are retired if a person made them, and withdrawn if the machine drafted them. `dry_run=true` answers
    each difference, and what they would touch.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    ending = {YAML: ".yaml", "text/yaml": ".yaml", CSV: ".csv"}.get(kind)
    if ending is None:
        raise HTTPException(415, f"Send a codebook as {YAML} or {CSV}, and say so in Content-Type.")
    act = _foresee if query.dry_run else _put
    return await run_in_threadpool(act, deciding, await request.body(), ending)


def _foresee(deciding: Deciding, data: bytes, ending: str) -> Response:
    with deciding.view() as view:
        live, before = view.to_think_with(), view.live.standing.codebook
        with _file(data, ending) as file:
            decisions = importing_codebook(live.store, file, live.standing, coder=deciding.coder)
        after = before
        for decision in decisions:
            after = with_decision(after, decision)
        found = preview_row(workflow.preview(live, lambda standing: decisions))
        changes = tuple(_change(change) for change in diff(before, after))
        return one(CodebookPreviewRow(**dict(found), changes=changes))


def _put(deciding: Deciding, data: bytes, ending: str) -> Response:
    act = partial(_import, data=data, ending=ending, coder=deciding.coder)
    with deciding.done(act, "import") as (live, decisions):
        return one(done_row(live, decisions))


def _import(live: LiveProject, data: bytes, ending: str, coder: Coder) -> list[Decision]:
    before = live.standing.number
    with _file(data, ending) as file:
        workflow.import_codebook(live.store, file, coder=coder)
    live.catch_up()
    return [decision for decision in live.log if decision.number > before]


@contextmanager
def _file(data: bytes, ending: str) -> Iterator[Path]:
    """What was sent, as a file for a moment."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"codebook{ending}"
        file.write_bytes(data)
        yield file


Version = Annotated[int, Field(ge=0, le=2**53)]


class DiffQuery(BaseModel):
    """Which versions."""

    model_config = ConfigDict(extra="forbid")

    before: Version
    after: Annotated[Version | None, Field(description="A later version; the last.")] = None


@router.get("/codebook/diff", response_model=None, responses=page_model(ChangeRow))
def get_diff(reading: ReadingDep, query: Annotated[DiffQuery, Query()]) -> Response:
    """What changed between two versions of the codebook."""
    with reading.view() as view:
        book, log = view.live.standing.codebook, view.live.log
        after = book if query.after is None else version_of(log, query.after)
        changes = diff(version_of(log, query.before), after)
        return reading.answer(listed(reading.request, [_change(change) for change in changes], ChangeRow))


def _change(change: Change) -> ChangeRow:
    before, after = (None if code is None else code_row(code) for code in (change.before, change.after))
    return ChangeRow(fields=change.fields, before=before, after=after)


@router.get("/codebook/versions/{version}", response_model=CodebookOne)
def get_version(reading: ReadingDep, version: Version) -> Response:
    """The codebook as it was after so many changes; 0 is the empty book."""
    with reading.view() as view:
        return reading.answer(one(_book(version_of(view.live.log, version))))


class CodeQuery(ListQuery):
    """Which codes."""

    lens: Name | None = None
    status: CodeStatus | None = None


@router.get("/codes", response_model=None, responses=page_model(CodeRow))
def list_codes(reading: ReadingDep, query: Annotated[CodeQuery, Query()]) -> Response:
    """The codes, by lens and name; retired ones too."""
    with reading.view() as view:
        if query.lens:
            view.live.check_lens(query.lens)
        return reading.page(
            sorted((code_row(code) for code in view.live.standing.codebook), key=_order),
            query,
            CodeRow,
            lambda row: row,
            key=_order,
            keep=lambda row: query.lens in (None, row.lens) and query.status in (None, row.status),
        )


def _order(row: CodeRow) -> tuple[str, str, str]:
    return row.lens, row.name.casefold(), row.id


class SimilarQuery(BaseModel):
    """A code that is not there yet."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    definition: Text = ""


@router.get("/codes/similar", response_model=None, responses=page_model(SimilarRow))
def list_similar(reading: ReadingDep, query: Annotated[SimilarQuery, Query()]) -> Response:
    """Codes in use that a new one would nearly repeat, by the meaning of their entries, the most alike first."""
    with reading.view() as view:
        found = workflow.similar_codes(view.whole, query.name, query.definition)
        rows = [SimilarRow(code=code.id, name=code.name, lens=code.lens, cosine=cosine) for code, cosine in found]
        return reading.answer(listed(reading.request, rows, SimilarRow))


@router.get("/codes/{code}", response_model=CodeOne)
def get_code(reading: ReadingDep, code: ItemId) -> Response:
    """One code by id or name, with where it comes from and what became of it. Its `ETag` can be given to `If-Match`."""

    def tag(view: View) -> str:
        id_ = view.live.find_code(code).id
        return f"code-{max(d.number for d in view.live.log if (d.kind, d.target) == (DecisionKind.SET_CODE, id_))}"

    with reading.view(tag=tag) as view:
        return reading.answer(one(code_one(view, view.live.find_code(code))))


class DivisionQuery(BaseModel):
    """How to divide."""

    model_config = ConfigDict(extra="forbid")

    parts: Annotated[int | None, Field(ge=2, le=20, description="How many parts; as the segments fall.")] = None


@router.get("/codes/{code}/division", response_model=None, responses=page_model(PartRow))
def get_division(reading: ReadingDep, code: ItemId, query: Annotated[DivisionQuery, Query()]) -> Response:
    """How what people accepted for a code could be divided, the largest part first; `split` does it."""
    with reading.view() as view:
        live = view.to_think_with()
        found = workflow.propose_split(live, live.find_code(code).id, n_parts=query.parts)
        rows = [
            PartRow(
                spans=tuple(f"{t}:{start}-{end}" for t, start, end in part),
                texts=tuple(live.transcripts[t].quotation(start, end) for t, start, end in part[:5]),
            )
            for part in found
        ]
        return reading.answer(listed(reading.request, rows, PartRow))
