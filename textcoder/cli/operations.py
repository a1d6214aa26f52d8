"""Keeping a project safe: backup, restore, doctor."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.configuration import named_config
from textcoder.cli.options import AsJson, Database, Out

if TYPE_CHECKING:
    from textcoder.store.backup import Contents

Backup = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


@app.command()
def backup(
    file: Backup,
    out: Out = Path(),
    db: Database = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the project to FILE, even while it is in use, and check the copy."""
    from textcoder.workflow import operations

    made = operations.back_up(operations.database_url(db, out), file, overwrite=force)
    if as_json:
        print(json.dumps(asdict(made), ensure_ascii=False, indent=1))
        return
    print(
        f"Backed up to {file}: {_held(made)}.\nIt was read again and is sound. It holds all transcripts: keep it as safe."
    )


@app.command()
def restore(file: Backup, out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """Put the backup FILE in the place of the project, having kept a copy of what is there."""
    from textcoder.workflow import operations

    done = operations.restore(file, operations.database_url(db, out), out if db is None else None)
    if as_json:
        print(json.dumps({**asdict(done), "before": done.before and str(done.before)}, ensure_ascii=False, indent=1))
        return
    print(f"Restored {done.contents.place}: {_held(done.contents)}.")
    if done.before is not None:
        print(f"What was there is kept in {done.before}.")
    print("The tables and the report beside it are as they were; textcoder report writes them anew.")


@app.command()
def doctor(out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """Look at everything that the work needs: versions, models, database, disk, memory; 1 if there is a problem."""
    from textcoder.doctor import Verdict
    from textcoder.workflow import operations

    checks = operations.diagnose(os.environ, operations.database_url(db, out), out, named_config())
    well = all(check.verdict is not Verdict.PROBLEM for check in checks)
    if as_json:
        print(json.dumps({"well": well, "checks": [asdict(check) for check in checks]}, ensure_ascii=False, indent=1))
    else:
        for check in checks:
            print(f"{check.verdict:<9}{check.name:<16}{check.found}")
            if check.remedy:
                print(f"{'':<25}{check.remedy}")
    if not well:
        raise typer.Exit(1)


def _held(contents: Contents) -> str:
    from textcoder.doctor import in_mb

    counts = contents.counts
    held = ", ".join(f"{counts[name]} {name}" for name in ("transcripts", "segments", "decisions", "codings"))
    log = " (of an older revision: its log is not compared yet)" if contents.outdated else ""
    return f"{held}, {in_mb(contents.size)}{log}"
