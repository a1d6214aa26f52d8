"""The service as one application: projects in, addresses out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response

from textcoder import __version__
from textcoder.errors import StoreError
from textcoder.jobs import default_folder
from textcoder.settings import Settings
from textcoder.workflow.accounts import Passwords
from textcoder_api.contract import contract
from textcoder_api.desk import Shelf
from textcoder_api.errors import answer_errors, problem
from textcoder_api.guard import LOOPBACK, MAX_BODY, MAX_UPLOAD, Guard
from textcoder_api.identity import Door, Doorkeeper
from textcoder_api.metrics import Metrics
from textcoder_api.office import Office
from textcoder_api.pages import add_pages
from textcoder_api.recall import recall
from textcoder_api.routes import ROUTERS

if TYPE_CHECKING:
    from textcoder.embeddings import Embedder
    from textcoder.store.catalogue import Catalogue

PREFIX = "/api/v1"


def create_app(
    catalogue: Catalogue,
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    hosts: frozenset[str] = LOOPBACK,
    max_body: int = MAX_BODY,
    max_upload: int = MAX_UPLOAD,
    jobs: Path | None = None,
    secure: bool = False,
    needs_account: bool = False,
    passwords: Passwords | None = None,
) -> FastAPI:
    """The service.

    Args:
        catalogue: The projects; each is opened when it is first asked for, and all are closed at the end.
        settings: See `Settings`; a project's own encoder counts more than the default one.
        embedder: In place of the encoder that the settings name.
        hosts: Names under which the service answers.
        max_body: Bytes that a request may have.
        max_upload: Bytes that one may have that brings files.
        jobs: Folder for the files of long work, which a worker of this machine looks into; None is beside a SQLite file.
        secure: People come over TLS, here or as far as a proxy.
        needs_account: Others than this machine can reach it: nobody is let in without an account, even where there is none.
        passwords: In place of those that are hashed as strongly as is usual.
    """
    shelf = Shelf(catalogue, settings, embedder=embedder)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        shelf.close()

    # No page of documentation: those of FastAPI load scripts from the network.
    app = FastAPI(
        title="textcoder",
        version=__version__,
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.shelf = shelf
    app.state.office = Office(catalogue, jobs or default_folder(catalogue.file))
    app.state.max_file = settings.max_file_mb * 1_000_000
    app.state.stopping = lambda: False  # whoever runs the service knows; see `textcoder serve`
    app.state.door = Door(
        catalogue.accounts, passwords or Passwords(), secure=secure, needs_account=needs_account or secure
    )
    app.add_middleware(Doorkeeper, door=app.state.door, recall=partial(recall, shelf))
    app.state.metrics = Metrics()
    app.add_middleware(
        Guard, metrics=app.state.metrics, hosts=hosts, max_body=max_body, max_upload=max_upload, secure=secure
    )
    answer_errors(app)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)

    @app.get("/healthz", tags=["service"], response_model=dict[str, str])
    async def health() -> dict[str, str]:
        """Whether the service runs."""
        return {"status": "ok", "version": __version__}

    @app.get("/metrics", tags=["service"], response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Figures of how the service does, for Prometheus; none of them holds a name or what was asked."""
        found: Response = app.state.metrics.answer()
        return found

    @app.get("/readyz", tags=["service"], response_model=dict[str, str])
    def ready() -> Response | dict[str, str]:
        """Whether the database answers; 503 says what is in the way."""
        try:
            held = len(catalogue.projects())
        except StoreError as error:
            return problem(503, str(error), kind="store-error", headers={"Retry-After": "1"})
        return {"status": "ok", "projects": str(held)}

    add_pages(app)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = contract(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it
    return app


_ABOUT = """\
Themes under what works, barriers and signs of progress, with exact quotations and a codebook that people correct.

* Lists come in stable order and in parts (`limit`, `cursor`); `fields` chooses fields; `Accept: text/csv` gives CSV.
* Reads carry an `ETag`; `If-None-Match` saves the answer, and `If-Match` on a decision refuses it (412) if what you saw has changed.
* Every decision takes an `Idempotency-Key`: sent twice, it is done once.
* Long work (uploads, coding, reports, merging) is a job: 202 with its address in `Location`, how far it is as events.
* Errors are RFC 9457 problems with one sentence that says what to do.
* Where there are accounts, `Authorization: Bearer tc_...` says who you are; where there are none, `X-Textcoder-Coder` does.
"""
