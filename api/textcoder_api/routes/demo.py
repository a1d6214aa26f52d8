"""The demo interviews as a study of their own, to try things on before one's own material lies there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from textcoder.domain.job import JobKind
from textcoder.errors import InvalidDecision, ModelNotFound
from textcoder.jobs.folder import FILES
from textcoder.jobs.work import CASES
from textcoder.resources import data_folder
from textcoder_api.corpus import DEMO
from textcoder_api.dependencies import AdministratorDep, CoderDep, ShelfDep
from textcoder_api.routes.jobs import ACCEPTED, OfficeDep, accepted
from textcoder_api.schemas import JobRow

router = APIRouter(tags=["projects"])

_TAKEN = 'There is a study "demo" already; open it, or go on in it.'


def demo_folder() -> Path:
    """Where the demo interviews lie."""
    return data_folder("corpora") / "demo"


Corpus = Annotated[Path, Depends(demo_folder)]


@router.post("/demo", response_model=JobRow, status_code=202, responses=ACCEPTED)
def make_demo(
    request: Request, shelf: ShelfDep, person: AdministratorDep, coder: CoderDep, office: OfficeDep, corpus: Corpus
) -> Response:
    """Begin the study `demo` with the interviews that come with textcoder, which you then own, and code them. Takes an administrator."""
    interviews, cases = corpus / "interviews", corpus / "cases.csv"
    if not interviews.is_dir() or not cases.is_file():
        raise ModelNotFound("The demo interviews are not installed; install textcoder again, or upload interviews.")
    with office.place.receiving() as folder:
        size = _copied(interviews, folder / FILES) + _copied(cases, folder / CASES / cases.name)
        try:
            shelf.catalogue.make(DEMO, owner=person.account.id if person.account else None)
        except InvalidDecision as error:
            raise HTTPException(409, _TAKEN) from error
        said: dict[str, Any] = {"code": True, "files": sum(1 for _ in (folder / FILES).iterdir()), "bytes": size}
        job = office.ask(DEMO.id, JobKind.IMPORT, said, coder=coder, received=folder)
    return accepted(request, DEMO.id, job)


def _copied(source: Path, target: Path) -> int:
    """Copy a file, or the files of a folder; their contents only, since an installed package may be read-only. Returns their bytes."""
    if source.is_dir():
        return sum(_copied(file, target / file.name) for file in sorted(source.iterdir()) if file.is_file())
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target.stat().st_size
