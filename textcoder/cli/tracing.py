"""textcoder trace: the rows behind any figure of the report or the brief."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, CoderName, Database, Out, coder_from, live_project

if TYPE_CHECKING:
    from textcoder.workflow.tracing import Behind


@app.command()
def trace(
    figure: Annotated[
        str,
        typer.Argument(help="Id of a figure, such as codes/NAME/wave=2/people; the report and the brief show them."),
    ],
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    as_json: AsJson = False,
) -> None:
    """The rows behind a figure: each person with her exact words, where they stand, and who coded them."""
    from textcoder.workflow import tracing

    with live_project(db, out) as live:
        found = tracing.trace(live, figure, coder=coder_from(coder).id)
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=dict))
        return
    for case, rows in groupby(found.rows, key=lambda row: row.case):
        own = list(rows)
        print(f"{case or 'nobody known'} ({own[0].speaker or 'no name'})")
        for row in own:
            print("\n".join(f"    {line}" for line in _lines(row)))
    print(found.said)


def _lines(row: Behind) -> list[str]:
    traits = ", ".join(f"{name} {value}" for name, value in row.attributes.items())
    if not row.text:
        return [f"{row.file}: {row.segments:,} segments ({traits})"]
    page = f", page {row.page}" if row.page else ""
    by = f"coded by {', '.join(row.by)}" if row.by else "coded by nobody"
    other = f"; not by {', '.join(row.not_by)}" if row.not_by else ""
    return [row.text, f"    {row.file}:{row.start}-{row.end}{page} ({traits}); {by}{other}"]
