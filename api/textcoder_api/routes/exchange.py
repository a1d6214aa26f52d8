"""REFI-QDA, for other programs of qualitative analysis: a project or its codebook out, theirs in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder.domain.account import Access
from textcoder.domain.job import JobKind
from textcoder.refi.model import Became
from textcoder.refi.write import Profile
from textcoder.workflow.exchanging import check_sees_all, refi_book, refi_project
from textcoder_api.dependencies import CoderDep, DeskDep, ItemId, KeyHeader, Reading, ReadingDep, get_desk
from textcoder_api.desk import Desk
from textcoder_api.guard import MAX_UPLOAD
from textcoder_api.routes.decisions import DryRun
from textcoder_api.routes.jobs import ACCEPTED, OfficeDep, accepted, received
from textcoder_api.schemas import JobRow, Row
from textcoder_api.uploads import MULTIPART, Form, Upload, invalid

router = APIRouter(prefix="/projects/{project}/refi", tags=["exchange"])

ZIP, XML = "application/zip", "application/xml"
ENDINGS = (".qdpx", ".qde", ".qdc")
# Its films and recordings count, too, though none of them is read.
_FORM = Form({"source": False}, frozenset(), MAX_UPLOAD)


class FindingRow(Row):
    """What became of an item that could not be taken as it stands: lost, guessed or moved."""

    became: Became
    item: Annotated[str, Field(description="The kind of thing and its GUID.")]
    why: str


class ExchangedOne(Row):
    """What came in, or would."""

    how: Annotated[
        Literal["restored", "known", "taken in"],
        Field(description="Whole, as textcoder wrote it; all of it was here; or as another program wrote it."),
    ]
    transcripts: int
    codes: int
    cases: int
    codings: int
    same: Annotated[int, Field(description="Codings that stood here already.")]
    memos: int
    machine: Annotated[int, Field(description="Codings of the machine, which codes anew instead.")]
    coders: tuple[str, ...]
    findings: tuple[FindingRow, ...]
    positions: Annotated[str, Field(description="How positions were read; may be empty.")]


class ProjectQuery(BaseModel):
    """For which program, and how much."""

    model_config = ConfigDict(extra="forbid")

    profile: Annotated[Profile, Field(description="The program that is to open it.")] = "spec"
    plain: Annotated[
        bool,
        Field(description="Without what only textcoder reads: probabilities, rejected suggestions, history, files."),
    ] = False


async def get_owned_reading(
    request: Request, desk: Annotated[Desk, Depends(get_desk(Access.OWNER))], coder: CoderDep
) -> Reading:
    """A question of an owner about all of a project."""
    return Reading(request, desk, coder)


def _file(kind: str) -> dict[int | str, dict[str, Any]]:
    binary = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
    return {200: {"description": "The file.", "content": {kind: binary}}}


def _download(data: bytes, name: str, kind: str) -> Response:
    return Response(data, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=kind)


@router.get("/project", response_class=Response, responses=_file(ZIP))
def get_refi_project(
    reading: Annotated[Reading, Depends(get_owned_reading)], query: Annotated[ProjectQuery, Query()]
) -> Response:
    """The project as `.qdpx`, with all texts and everything that anybody said: for owners, and not while they code a sample blind."""
    with reading.view() as view:
        check_sees_all(view.whole.standing, reading.coder.id)
        data = refi_project(view.whole.store, profile=query.profile, side=not query.plain)
    return reading.unkept(_download(data, "project.qdpx", ZIP))


@router.get("/codebook", response_class=Response, responses=_file(XML))
def get_refi_codebook(reading: ReadingDep) -> Response:
    """The codebook as `.qdc`: the codes in use, each lens a folder above its codes."""
    with reading.view() as view:
        data = refi_book(view.whole.store)
    return reading.answer(_download(data, "codebook.qdc", XML))


_BODY = {
    "type": "object",
    "properties": {
        "source": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "A `.qdpx`, `.qde` or `.qdc`.",
        }
    },
    "required": ["source"],
}


@router.post(
    "",
    response_model=JobRow,
    status_code=202,
    responses=ACCEPTED,
    openapi_extra={"requestBody": {"required": True, "content": {MULTIPART: {"schema": _BODY}}}},
)
async def take_refi(
    request: Request,
    project: ItemId,
    _: DeskDep,
    coder: CoderDep,
    office: OfficeDep,
    query: Annotated[DryRun, Query()],
    key: KeyHeader = None,
) -> Response:
    """Take in a project or a codebook of another program, all or nothing; a second time changes nothing.

    The job's result lists by item what was lost, guessed or moved. `dry_run=true` makes the same report, and changes nothing.
    """

    def take(upload: Upload, folder: Path) -> Any:
        (name,) = upload.files["source"]
        if "/" in name or Path(name).suffix.lower() not in ENDINGS:
            raise invalid(("body", "source", 0), "must be a .qdpx, .qde or .qdc")
        (folder / "source").rename(folder / "files")
        said = {"bytes": upload.size, **({"dry_run": True} if query.dry_run else {})}
        return office.ask(project, JobKind.EXCHANGE, said, coder=coder, key=key or "", received=folder)

    return accepted(request, project, await received(request, office, _FORM, take, needs="source"))
