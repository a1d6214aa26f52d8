"""textcoder codebook: show, export, import."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.codings import MappingFile, take_book
from textcoder.cli.exchanging import is_book
from textcoder.cli.options import (
    AsJson,
    CoderName,
    Database,
    Out,
    coder_from,
    live_project,
    project_store,
    settings_from,
)

codebook_app = typer.Typer(help="Show, compare, export or import the codebook, and its history.", no_args_is_help=True)
app.add_typer(codebook_app, name="codebook")


@codebook_app.command("show")
def codebook_show(out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """Print the codebook."""
    with project_store(db, out, create=False) as store:
        codebook, project = store.codebook(), store.project()
    if as_json:
        print(json.dumps([asdict(code) for code in codebook.in_use], ensure_ascii=False, indent=1))
        return
    for entry in sorted(codebook.in_use, key=lambda entry: (entry.lens, entry.name)):
        print(f"{project.lens_name(entry.lens)}: {entry.name} ({entry.status.value})\n    {entry.definition}")
    print(f"{len(codebook.in_use)} codes, version {codebook.version}.")


@codebook_app.command("export")
def codebook_export(
    file: Annotated[Path, typer.Argument(help=".yaml, .csv, or .qdc for other programs")],
    out: Out = Path(),
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Write the codebook as YAML, CSV or REFI-QDA, by the file's ending."""
    from textcoder import workflow
    from textcoder.workflow.exchanging import export_refi

    with project_store(db, out, create=False) as store:
        (export_refi if is_book(file) else workflow.export_codebook)(store, file)
    print(json.dumps({"file": str(file)}) if as_json else f"Written to {file}.")


@codebook_app.command("import")
def codebook_import(
    file: Annotated[Path, typer.Argument(help=".yaml, .csv, .xlsx, or .qdc; also tables that other programs export")],
    mapping: MappingFile = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    as_json: AsJson = False,
) -> None:
    """Take a codebook that you wrote or edited; each difference is a decision of yours. What another program's does not have stays."""
    from textcoder import workflow
    from textcoder.workflow.exchanging import import_refi

    with project_store(db, out, create=is_book(file)) as store:
        if is_book(file):
            import_refi(store, file, settings_from(), coder=coder_from(coder))
        elif not take_book(store, file, mapping, out, coder, show=not as_json):
            workflow.import_codebook(store, file, coder=coder_from(coder))
        codebook = store.codebook()
    if as_json:
        print(json.dumps({"codes": len(codebook.in_use), "version": codebook.version}))
        return
    print(f"{len(codebook.in_use)} codes, version {codebook.version}. Run `textcoder code` to apply them.")


@codebook_app.command("history")
def codebook_history(
    code: Annotated[
        str | None, typer.Argument(help="Only this code: where it comes from, and what became of it.")
    ] = None,
    out: Out = Path(),
    db: Database = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what was done, by whom, when and why; with a code, its lineage."""
    from textcoder import workflow
    from textcoder.domain.history import lineage

    with live_project(db, out) as live:
        acts = list(live.acts.values())
        if code is not None:
            told = lineage(live.acts, live.standing.codebook, live.find_code(code).id)
            acts = [act for act, _, _ in told.acts]
            if not as_json:
                for word, codes in (("Merged into it", told.merged_from), ("Split from", told.split_from)):
                    if codes:
                        print(f"{word}: {', '.join(entry.name for entry in codes)}")
        lines = [
            {
                "act": act.number,
                "at": act.first.at,
                "coder": act.first.coder,
                "verb": act.first.verb.value,
                "what": workflow.told(live, act.decisions),
                "undone_by": act.undone_by or None,
            }
            for act in acts[-limit:]
        ]
    if as_json:
        print(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    for line in lines:
        undone = f" [undone by act {line['undone_by']}]" if line["undone_by"] else ""
        print(f"{str(line['at'])[:16].replace('T', ' ')}  {line['coder']:<12} {line['what']}{undone}")
    if not lines:
        print("Nothing has been decided yet.")


@codebook_app.command("diff")
def codebook_diff(
    before: Annotated[int, typer.Argument(help="A version; `textcoder codebook show` says the last.")],
    after: Annotated[int | None, typer.Argument(help="A later version. [default: the last]")] = None,
    out: Out = Path(),
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """What changed between two versions of the codebook."""
    from textcoder.domain.history import diff, version_of

    with live_project(db, out) as live:
        new = live.standing.codebook if after is None else version_of(live.log, after)
        changes = diff(version_of(live.log, before), new)
    if as_json:
        print(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=1))
        return
    for change in changes:
        if change.before is None and change.after is not None:
            print(f"+ {change.after.name}")
        elif change.after is None and change.before is not None:
            print(f"- {change.before.name}")
        elif change.before is not None and change.after is not None:
            print(f"~ {change.after.name}")
            for name in change.fields:
                print(f"    {name}: {_shown(getattr(change.before, name))} -> {_shown(getattr(change.after, name))}")
    if not changes:
        print("Nothing changed.")


def _shown(value: object) -> str:
    """A field of a code as people compare it."""
    if isinstance(value, tuple):
        return f"{len(value)} entries"
    return f'"{value}"' if isinstance(value, str) and value else str(value or "nothing")
