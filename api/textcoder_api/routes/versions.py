"""The versions of the codebook, each by the act that made it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from textcoder.domain.decision import DecisionKind
from textcoder_api.answers import ListQuery, page_model
from textcoder_api.dependencies import ReadingDep
from textcoder_api.rows import act_row
from textcoder_api.schemas import VersionRow

router = APIRouter(prefix="/projects/{project}", tags=["codebook"])


@router.get("/codebook/versions", response_model=None, responses=page_model(VersionRow))
def list_versions(reading: ReadingDep, query: Annotated[ListQuery, Query()]) -> Response:
    """Every act that changed the codebook, oldest first, with the version that it left."""
    with reading.view() as view:
        live, version, versions = view.live, 0, []
        for act in live.acts.values():
            changed = sum(decision.kind is DecisionKind.SET_CODE for decision in act.decisions)
            version += changed
            if changed:
                versions.append((version, act))
        return reading.page(
            versions,
            query,
            VersionRow,
            lambda pair: VersionRow(
                version=pair[0], **act_row(live, pair[1]).model_dump(exclude={"why", "decisions", "undone_by"})
            ),
            key=lambda pair: (pair[0],),
        )
