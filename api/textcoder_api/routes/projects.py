"""Projects, and what their results rest on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic_core import to_json

from textcoder import __version__
from textcoder.domain.project import Project
from textcoder.workflow.batch import name_project
from textcoder_api.answers import JSON, ListQuery, listed, one, page_model, page_of, tag_of
from textcoder_api.dependencies import (
    AdministratorDep,
    CoderDep,
    OwningDep,
    PersonDep,
    ReadingDep,
    ShelfDep,
    only_json,
    tagged,
)
from textcoder_api.manifest import manifest
from textcoder_api.rows import project_one, project_row
from textcoder_api.schemas import NewName, NewProject, ProjectOne, ProjectRow

router = APIRouter(tags=["projects"])


@router.get("/projects", response_model=None, responses=page_model(ProjectRow))
def list_projects(
    request: Request, shelf: ShelfDep, person: PersonDep, coder: CoderDep, query: Annotated[ListQuery, Query()]
) -> Response:
    """The projects of this service in which you have a role, by id."""
    hers = [project for project in shelf.catalogue.projects() if person.access_to(project.id)]
    projects, next_ = page_of(hers, query, key=lambda project: (project.id,))
    rows = [project_row(project) for project in projects]
    headers = tagged(request, tag_of(request, "projects", rows, coder.id, __version__))
    answer = listed(request, rows, ProjectRow, fields=query.fields, next_=next_)
    answer.headers.update(headers)
    return answer


@router.post("/projects", response_model=ProjectRow, status_code=201, dependencies=[Depends(only_json)])
def make_project(shelf: ShelfDep, person: AdministratorDep, coder: CoderDep, body: NewProject) -> Response:
    """Begin a study, which you then own; it is empty until transcripts are sent to it. Takes an administrator."""
    project = Project(body.id, body.name, method=body.method)
    shelf.catalogue.make(project, owner=person.account.id if person.account else None)
    return one(project_row(project), status=201)


@router.get("/projects/{project}", response_model=ProjectOne)
def get_project(reading: ReadingDep) -> Response:
    """One project, with how much it holds."""
    with reading.view() as view:
        return reading.answer(one(project_one(view.live)))


@router.patch("/projects/{project}", response_model=ProjectOne, dependencies=[Depends(only_json)])
def rename_project(deciding: OwningDep, body: NewName) -> Response:
    """Give the study another name."""
    with deciding.view() as view:
        name_project(view.whole.store, body.name, overwrite=True)
        return one(project_one(view.live))


@router.get("/projects/{project}/manifest", response_model=dict[str, Any])
def get_manifest(reading: ReadingDep) -> Response:
    """What figures and quotations rest on: every file with its hash, models with theirs, settings, seed, versions."""
    with reading.view() as view:
        return reading.answer(Response(to_json(manifest(view.whole)), media_type=JSON))
