"""textcoder train: minutes of learning from all that people coded, beside what is learned at every decision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, Database, Out, Threads, progress_shown, project_store, settings_from


@app.command()
def train(
    out: Out = Path(),
    db: Database = None,
    forget: Annotated[bool, typer.Option("--forget", help="Go on without what was trained.")] = False,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Train networks of the project's own on what people coded; they count as far as they help with people whom they do not know.

    Worth its minutes from some hundred coded segments on. The machine goes on learning from every decision at once, as before.
    """
    from textcoder import workflow

    with project_store(db, out, create=False) as store, progress_shown() as progress:
        if forget:
            workflow.forget_training(store)
            print("What was trained is forgotten; `textcoder code` suggests anew from what is learned at once.")
            return
        found = workflow.train(store, workflow.as_coded(store, settings_from(threads=threads)), progress=progress)
    if as_json:
        print(json.dumps(found.summary(), ensure_ascii=False, indent=1))
        return
    print(found.sentence)
    if found.share:
        print("`textcoder code` suggests codes anew with it.")
