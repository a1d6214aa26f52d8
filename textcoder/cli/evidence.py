"""textcoder evidence: the pack that makes a study defensible, in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import CoderName, Database, coder_from, live_project, progress_shown


@app.command()
def evidence(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the pack; must be new, or an unchanged pack.")
    ] = Path("evidence"),
    results: Annotated[
        Path, typer.Option("--from", help="Folder with the results of the run, in which project.db lies.")
    ] = Path(),
    db: Database = None,
    coder: CoderName = None,
) -> None:
    """All that a sceptic may ask for: figures, quotations, agreement, samples, history, COREQ, SRQR; as DOCX, XLSX, HTML, CSV."""
    from textcoder import workflow

    with live_project(db, results) as live, progress_shown() as progress:
        counts = workflow.write_evidence(live, out, coder=coder_from(coder).id, progress=progress)
    print(
        f"{counts['files']} files in {out}; read brief.html (two pages) or evidence.html first, README.txt says what each file is."
    )
    print(f"{counts['to_write']} places are marked TO WRITE: only you can know what belongs there.")
