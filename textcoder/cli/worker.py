"""textcoder worker: does the long work of a service, in a process of its own."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import Database, Encoder, Out, settings_from

JobsFolder = Annotated[
    Path | None,
    typer.Option(
        "--jobs",
        envvar="TEXTCODER_JOBS",
        help="Folder for uploads and results of long work. [default: beside a SQLite file; textcoder-jobs in --out]",
    ),
]


@app.command()
def worker(
    out: Out = Path(),
    db: Database = None,
    jobs: JobsFolder = None,
    encoder: Encoder = None,
    child: Annotated[bool, typer.Option("--child", hidden=True)] = False,
) -> None:
    """Do the long work of a service: uploads, coding, reports. `textcoder serve` starts one; Ctrl-C stops it."""
    from textcoder.jobs import Place, Worker, default_folder
    from textcoder.store import open_catalogue
    from textcoder.workflow.operations import database_url

    if hasattr(os, "nice"):
        os.nice(10)  # whoever reads comes before whatever is computed
    settings = settings_from(encoder=encoder)
    catalogue = open_catalogue(database_url(db, out), create=False)
    place = Place(jobs or default_folder(catalogue.file, out))
    working = Worker(catalogue, place, settings)
    signal.signal(signal.SIGTERM, lambda *_: working.stopping.set())
    # Ctrl-C at a terminal reaches the child too; it ends when the service tells it to.
    signal.signal(signal.SIGINT, signal.SIG_IGN if child else lambda *_: working.stopping.set())
    if child:
        threading.Thread(target=_stop_at_end_of_input, args=(working.stopping,), daemon=True).start()
    try:
        mine = False
        while not (mine or working.stopping.is_set()):
            with place.held(patience=1.0) as mine:  # another service may have a worker here already: then wait for it
                if mine:
                    working.run()
    finally:
        if working.is_busy:
            os._exit(0)  # in the middle of a step: a step is a transaction, and is begun again
        place.queue.close()
        catalogue.close()


def _stop_at_end_of_input(stopping: threading.Event) -> None:
    """The service holds the other end: once it is gone, however it ended, so is this."""
    while os.read(0, 4096):
        pass
    stopping.set()
