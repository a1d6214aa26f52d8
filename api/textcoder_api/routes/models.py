"""The models that codings rest on: where they come from, what they are for, and where they fail."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from textcoder import __version__
from textcoder.errors import ModelNotFound, UnknownItem
from textcoder.registry import ModelEntry, entries, find_model
from textcoder.resources import data_folder
from textcoder_api.answers import ListQuery, listed, one, page_model, page_of, tag_of
from textcoder_api.dependencies import CoderDep, ItemId, tagged
from textcoder_api.schemas import ModelOne, ModelRow

router = APIRouter(tags=["models"])


@router.get("/models", response_model=None, responses=page_model(ModelRow))
def list_models(request: Request, coder: CoderDep, query: Annotated[ListQuery, Query()]) -> Response:
    """What textcoder knows by name, and whether it is installed; a revision is a hash over all weights."""
    found, next_ = page_of(sorted(entries().values(), key=_name), query, key=lambda entry: (entry.name,))
    rows = [ModelRow.model_validate(_fields(entry)) for entry in found]
    answer = listed(request, rows, ModelRow, fields=query.fields, next_=next_)
    answer.headers.update(tagged(request, tag_of(request, "models", rows, coder.id, __version__)))
    return answer


@router.get("/models/{model}", response_model=ModelOne)
def get_model(request: Request, coder: CoderDep, model: ItemId) -> Response:
    """One model with its card: what it was trained on, how well it does, and where it fails."""
    entry = entries().get(model)
    if entry is None:
        raise UnknownItem(f'There is no model "{model}"; GET /api/v1/models lists them.')
    card = (data_folder("models") / "cards" / f"{entry.name}.md").read_text(encoding="utf-8")
    row = ModelOne.model_validate({**_fields(entry), "card": card})
    return one(row, headers=tagged(request, tag_of(request, "model", row, coder.id, __version__)))


def _name(entry: ModelEntry) -> str:
    return entry.name


def _fields(entry: ModelEntry) -> dict[str, object]:
    """What is said of every model; without a revision where its weights are not here."""
    try:
        revision = find_model(entry.name).revision
    except ModelNotFound:
        revision = None
    names = ("name", "kind", "licence", "source", "dims", "sha256")
    return {**{name: getattr(entry, name) for name in names}, "revision": revision}
