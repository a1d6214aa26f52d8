"""textcoder chosen: the quotations that people chose for the report, and whose voices are missing in them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, CoderName, Database, Out, coder_from, live_project


@app.command()
def chosen(
    file: Annotated[
        Path | None, typer.Option("--file", help="Write them into this file: .docx, .xlsx, .html or .csv.")
    ] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    as_json: AsJson = False,
) -> None:
    """The quotations chosen for the report, by code, and who is not heard in them; `textcoder decide quote` chooses more."""
    from textcoder import workflow
    from textcoder.domain.chosen import chosen_of, voices_of
    from textcoder.reports.chosen import by_code, unheard
    from textcoder.workflow.quoting import quotes_waiting, waiting_said

    who = coder_from(coder).id if coder else ""
    with live_project(db, out) as live:
        study = workflow.study_of(live, coder=who)
        waiting = quotes_waiting(live.standing, coder=who)
    if file is not None:
        workflow.write_chosen(study, file, waiting=waiting)
        print(f"Written to {file}.")
        return
    found = chosen_of(study)
    heard = voices_of(study, found)
    if as_json:
        rows = [
            {**asdict(one.quote), "text": one.text, "file": one.file, "case": one.case, "codes": one.codes}
            for one in found
        ]
        told = {"quotations": rows, "waiting": waiting, "voices": asdict(heard)}
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if waiting:
        print(waiting_said(waiting))
    if not found and not waiting:
        print('Nothing is chosen yet. Choose words with: textcoder decide quote FILE:START-END --note "what they show"')
    if not found:
        return
    for code, group in by_code(study, found):
        print(f"{study.project.lens_name(code.lens)}: {code.name}" if code else "Without a code")
        for one in group:
            page = f", page {one.page}" if one.page else ""
            note = f" What it shows: {one.quote.note}" if one.quote.note else ""
            place = f"{one.file}:{one.quote.start}-{one.quote.end}{page}"
            print(f"  {one.text}\n    {one.speaker or one.case}, {place}; chosen by {one.quote.coder}.{note}")
    print("\n" + "\n".join(unheard(heard, study)))
