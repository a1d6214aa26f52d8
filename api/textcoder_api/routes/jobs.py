"""Long work: uploads, coding, reports, the work of other desks. It is accepted at once, and goes on by itself."""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from anyio import sleep
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from textcoder.domain.job import Job, JobKind
from textcoder.domain.transcript import Role
from textcoder.errors import InvalidDecision
from textcoder.workflow import TABLES, rendered, study_of
from textcoder.workflow.quoting import quotes_waiting
from textcoder_api.answers import ListQuery, listed, one, page_model, page_of, tag_of
from textcoder_api.dependencies import CoderDep, DeskDep, ItemId, KeyHeader, ReadingDep, only_json, tagged
from textcoder_api.office import Office
from textcoder_api.schemas import JobRow, Name, Probability
from textcoder_api.uploads import MULTIPART, Form, Upload, invalid, receive

router = APIRouter(prefix="/projects/{project}", tags=["long work"])

M = TypeVar("M", bound=BaseModel)

LOOK = 0.3
"""Seconds between two looks at a job whose events somebody follows."""


async def get_office(request: Request) -> Office:
    """Where long work is asked for."""
    office: Office = request.app.state.office
    return office


OfficeDep = Annotated[Office, Depends(get_office)]


async def get_job(project: ItemId, job: ItemId, _: DeskDep, office: OfficeDep) -> Job:
    """The job of the address."""
    return await run_sync(office.jobs.get, project, job)


JobDep = Annotated[Job, Depends(get_job)]


# --- what is asked for ------------------------------------------------------------------------------------------------------------------


def _known_encoder(name: str) -> str:
    """Only encoders that textcoder knows: others could be any folder, or be fetched from the network."""
    from textcoder.registry import entries

    known = sorted(entry.name for entry in entries().values() if entry.kind in ("encoder", "static_encoder"))
    if name not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return name


def _known_encoding(name: str) -> str:
    try:
        "".encode(codecs.lookup(name).name)
    except (LookupError, ValueError) as error:
        raise ValueError("must be a text encoding, such as utf-8 or cp1252") from error
    return name


Words = Annotated[int, Field(ge=0, le=1_000_000)]


class CodeOptions(BaseModel):
    """How to code; what is left out is as the service was started, or as the project was coded before."""

    model_config = ConfigDict(extra="forbid")

    themes: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="Themes for each lens; else chosen from them.")
    ] = None
    seed: Annotated[int | None, Field(ge=0, le=2**32 - 1, description="Of all random steps.")] = None
    encoder: Annotated[Name, AfterValidator(_known_encoder)] | None = None
    lens_threshold: Annotated[Probability | None, Field(description="Below it the machine names no lens.")] = None


class ColumnsOf(BaseModel):
    """What the columns of a table mean, by their headings."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[list[Name], Field(min_length=1, max_length=1000, description="The answers, or the words.")]
    case: Name | None = None
    speaker: Name | None = None
    question: Name | None = None
    attributes: Annotated[list[Name], Field(max_length=1000)] = []


class ImportOptions(CodeOptions):
    """How to read, and whether to code afterwards."""

    code: Annotated[bool, Field(description="Code the project afterwards.")] = False
    pattern: Annotated[Name | None, Field(description="How names are built, such as w{wave}_{case}_{name}.")] = None
    encoding: Annotated[Name, AfterValidator(_known_encoding)] | None = None
    language: Annotated[str | None, Field(pattern="^[a-z]{2,3}$", description="Of all files, such as sv.")] = None
    columns: ColumnsOf | None = None
    roles: Annotated[dict[Name, Role], Field(max_length=1000, description="Speaker to role.")] = {}
    include_interviewer: Annotated[bool | None, Field(description="Code the interviewers' words too.")] = None
    min_words: Words | None = None
    max_words: Annotated[Words | None, Field(ge=1)] = None


class MergeOptions(BaseModel):
    """How to take in the work of others."""

    model_config = ConfigDict(extra="forbid")

    rename: Annotated[
        dict[Name, Name], Field(max_length=1000, description="Coder there to coder here, where both have one id.")
    ] = {}


class NewCoding(CodeOptions):
    """Lenses, themes, codebook and codings of what was read."""

    kind: Literal["code"]


class NewTraining(BaseModel):
    """Networks of the project's own from what people coded; see `GET .../training` for what they bring."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["train"]


class NewReport(BaseModel):
    """Report, tables and texts as an archive."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["report"]


class NewEvidence(BaseModel):
    """The evidence pack as an archive: what a figure rests on, for whoever must defend it."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["evidence"]


NewJob = Annotated[NewCoding | NewTraining | NewReport | NewEvidence, Field(discriminator="kind")]


def _said(options: BaseModel, *without: str) -> dict[str, Any]:
    """What was said of a job; what was left out stays so."""
    kept: dict[str, Any] = options.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return {name: value for name, value in kept.items() if name not in without}


def _options(upload: Upload, model: type[M]) -> M:
    """The part `options` of a form.

    Raises:
        RequestValidationError: It is wrong; names the field.
    """
    try:
        return model.model_validate_json(upload.fields.get("options") or "{}")
    except ValidationError as error:
        wrong = [{**one, "loc": ("body", "options", *one["loc"])} for one in error.errors()]
        if any(one["type"] == "json_invalid" for one in wrong):
            raise invalid(("body", "options"), "must be JSON") from error
        raise RequestValidationError(wrong) from error


def _form(options: type[BaseModel], **files: tuple[bool, str]) -> dict[str, Any]:
    """What a form holds, for the contract."""
    binary = {"type": "string", "contentMediaType": "application/octet-stream"}
    parts = {
        name: {"type": "array", "items": binary, "minItems": 1, "description": said}
        if many
        else {**binary, "description": said}
        for name, (many, said) in files.items()
    }
    schema = options.model_json_schema()
    schema = _inline(schema, schema.pop("$defs", {}))
    needed = [next(iter(files))]
    body = {"type": "object", "properties": {**parts, "options": schema}, "required": needed}
    encoding = {"options": {"contentType": "application/json"}}
    return {"requestBody": {"required": True, "content": {MULTIPART: {"schema": body, "encoding": encoding}}}}


def _inline(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema without references: FastAPI knows no models but those of routes that it reads itself."""
    if isinstance(schema, list):
        return [_inline(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inline(one, definitions) for name, one in schema.items()}


def accepted(request: Request, project: str, job: Job) -> Response:
    """The answer to whoever asked for a job."""
    place = request.url_for("get_job", project=project, job=job.id).path
    return one(job_row(job), status=202, headers={"Location": place})


ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"description": "It will be done.", "headers": {"Location": {"schema": {"type": "string"}}}}
}


def job_row(job: Job) -> JobRow:
    """A job as it is answered."""
    return JobRow.model_validate(job)


# --- asking for it ----------------------------------------------------------------------------------------------------------------------


_FILES = Form({"files": True, "cases": False}, frozenset({"options"}), 0)
_SOURCE = Form({"source": False}, frozenset({"options"}), 0)


async def received(
    request: Request, office: Office, form: Form, take: Callable[[Upload, Path], Job], *, needs: str
) -> Job:
    """Receive a form, and ask for what it says; a file may have as many bytes as the form says, or as a transcript where it says none."""
    with (await run_sync(lambda: office.place)).receiving() as folder:
        limit = form.max_file or request.app.state.max_file
        upload = await receive(request, Form(form.files, form.fields, limit), folder)
        if not upload.files.get(needs):
            raise invalid(("body", needs), "is missing")
        return await run_sync(take, upload, folder)


@router.post(
    "/files",
    response_model=JobRow,
    status_code=202,
    responses=ACCEPTED,
    openapi_extra=_form(
        ImportOptions,
        files=(True, "Transcripts; a name may be a relative path such as `wave1/mira.txt`."),
        cases=(False, "A table of cases: columns file, case, and any attributes."),
    ),
)
async def upload_files(
    request: Request, project: ItemId, _: DeskDep, coder: CoderDep, office: OfficeDep, key: KeyHeader = None
) -> Response:
    """Send transcripts, as many as you like, in any readable format; they are read, and coded if `options` says so."""

    def take(upload: Upload, folder: Path) -> Job:
        if not any(not step.startswith((".", "~$")) for step in upload.files["files"]):
            raise invalid(("body", "files"), "are the system's own, none is a transcript")
        said = {**_said(_options(upload, ImportOptions)), "files": len(upload.files["files"]), "bytes": upload.size}
        return office.ask(project, JobKind.IMPORT, said, coder=coder, key=key or "", received=folder)

    return accepted(request, project, await received(request, office, _FILES, take, needs="files"))


@router.post(
    "/merge",
    response_model=JobRow,
    status_code=202,
    responses=ACCEPTED,
    openapi_extra=_form(MergeOptions, source=(False, "The `project.db` or `codings.csv` of the other desk.")),
)
async def merge(
    request: Request, project: ItemId, _: DeskDep, coder: CoderDep, office: OfficeDep, key: KeyHeader = None
) -> Response:
    """Take in the codings of other people, by content; conflicts are listed in the result, and what stands here stays."""

    def take(upload: Upload, folder: Path) -> Job:
        (name,) = upload.files["source"]
        if "/" in name or Path(name).suffix.lower() not in (".csv", ".db"):
            raise invalid(("body", "source", 0), "must be the project.db or the codings.csv of the other desk")
        (folder / "source").rename(folder / "files")
        said = {**_said(_options(upload, MergeOptions)), "bytes": upload.size}
        return office.ask(project, JobKind.MERGE, said, coder=coder, key=key or "", received=folder)

    return accepted(request, project, await received(request, office, _SOURCE, take, needs="source"))


@router.post("/jobs", response_model=JobRow, status_code=202, responses=ACCEPTED, dependencies=[Depends(only_json)])
def make_job(
    request: Request,
    project: ItemId,
    _: DeskDep,
    coder: CoderDep,
    office: OfficeDep,
    body: NewJob,
    key: KeyHeader = None,
) -> Response:
    """Code what was read, train on what people coded, or write the report or the evidence pack.

    What has not changed since the last time is not done again.
    """
    kind, said = JobKind(body.kind), _said(body, "kind")
    return accepted(request, project, office.ask(project, kind, said, coder=coder, key=key or ""))


# --- following it -----------------------------------------------------------------------------------------------------------------------


@router.get("/jobs", response_model=None, responses=page_model(JobRow))
def list_jobs(
    request: Request,
    project: ItemId,
    _: DeskDep,
    coder: CoderDep,
    office: OfficeDep,
    query: Annotated[ListQuery, Query()],
) -> Response:
    """The long work on this project, the oldest first."""
    jobs, next_ = page_of(office.jobs.of(project), query, key=lambda job: (job.created, job.id))
    rows = [job_row(job) for job in jobs]
    headers = tagged(request, tag_of(request, "jobs", rows, coder.id))
    answer = listed(request, rows, JobRow, fields=query.fields, next_=next_)
    answer.headers.update(headers)
    return answer


@router.get("/jobs/{job}", response_model=JobRow, name="get_job")
def read_job(request: Request, coder: CoderDep, job: JobDep) -> Response:
    """One job: how far it has come, or what came of it."""
    row = job_row(job)
    return one(row, headers=tagged(request, tag_of(request, "job", row, coder.id)))


@router.post("/jobs/{job}/cancel", response_model=JobRow, status_code=202)
def cancel_job(project: ItemId, office: OfficeDep, job: JobDep) -> Response:
    """Let a job stop: at once if it waits, else at its next step. What was finished is kept; what is over stays so."""
    return one(job_row(office.cancel(project, job.id)), status=202)


@router.get("/jobs/{job}/events", response_class=EventSourceResponse)
async def follow_job(
    request: Request, project: ItemId, office: OfficeDep, job: JobDep
) -> AsyncIterator[ServerSentEvent]:
    """The job as server-sent events named `job`: as it is now, at each change, and at the end; then the stream ends."""
    stopping: Callable[[], bool] = request.app.state.stopping
    shown = None
    while True:
        if (row := job_row(job)) != shown:
            shown = row
            yield ServerSentEvent(event="job", raw_data=to_json(row.model_dump(mode="python")).decode())
        if job.status.is_over or stopping():
            return
        await sleep(LOOK)
        job = await run_sync(office.jobs.get, project, job.id)


_MEDIA: Mapping[str, str] = {
    ".zip": "application/zip",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".html": "text/html; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _media(*kinds: str) -> dict[int | str, dict[str, Any]]:
    binary = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
    return {200: {"description": "The file.", "content": {_MEDIA[kind].partition(";")[0]: binary for kind in kinds}}}


@router.get("/jobs/{job}/result", response_class=Response, responses=_media(".zip", ".json"))
def get_result(job: JobDep, reading: ReadingDep, office: OfficeDep) -> Response:
    """What came of a job: the archive of a report or evidence pack, what a merge took in and what contradicts it,
    or the report of an exchange. Kept for a week.

    Whoever codes a sample blind gets only what she asked for herself.
    """
    with reading.view() as view:
        if job.coder != reading.coder.id and view.whole.standing.blind(reading.coder.id):
            raise InvalidDecision("You still code a sample blind; ask for a report of your own.")
    path = office.result(job)
    return FileResponse(path, media_type=_MEDIA[path.suffix], filename=path.name)


Export = Literal[
    "segments",
    "codings",
    "cases",
    "workbook",
    "report",
    "report-docx",
    "report-markdown",
    "figures",
    "quotations",
    "quotations-docx",
    "quotations-xlsx",
    "quotations-html",
]


@router.get(
    "/exports/{kind}",
    response_class=Response,
    responses=_media(".csv", ".xlsx", ".html", ".docx", ".zip"),
    tags=["long work"],
)
def export(kind: Export, reading: ReadingDep) -> Response:
    """A table, the workbook, the report or the quotations chosen, as things stand now and you may see them; nothing is written for it.

    Markdown (`report-markdown`) comes with its pictures, and `figures` are the pictures alone, as SVG and PNG, each in one archive.
    """
    with reading.view() as view:
        study = study_of(view.whole, coder=reading.coder.id)
        waiting = quotes_waiting(view.whole.standing, coder=reading.coder.id)
    name = TABLES[kind]
    download = {"Content-Disposition": f'attachment; filename="{name}"'}
    data = rendered(study, kind, waiting=waiting)
    return reading.answer(Response(data, headers=download, media_type=_MEDIA[Path(name).suffix]))
