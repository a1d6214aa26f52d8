"""textcoder ask, quotes: the evaluator's figures at the command line, each with who was asked and how sure it is."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.asking import (
    AsCsv,
    By,
    LensOption,
    PeopleOnly,
    Smallest,
    UnitOption,
    WhereOption,
    print_table,
    unit_named,
    where_from,
)
from textcoder.cli.options import AsJson, CoderName, Database, Out, coder_from, live_project

if TYPE_CHECKING:
    from textcoder.query import Answer, Change, Estimate

Least = Annotated[float, typer.Option("--probability", min=0, max=1, help="Leave out suggestions below it.")]


@app.command()
def ask(
    by: By = "",
    lens: LensOption = None,
    where: WhereOption = None,
    unit: UnitOption = "codes",
    change: Annotated[str | None, typer.Option(help="Compare two waves, such as 1:3.")] = None,
    people_only: PeopleOnly = False,
    probability: Least = 0.0,
    minimum_people: Smallest = 2,
    coder: CoderName = None,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """How many of those asked said it: by group, site, wave or any attribute, with intervals; small cells are hidden."""
    from textcoder import query, workflow

    question = query.Question(
        unit_named(unit),
        tuple(filter(None, by.split(","))),
        lens,
        where_from(where, people_only, probability),
        minimum_people,
    )
    with live_project(db, out) as live:
        facts = workflow.facts_of(live, coder=coder_from(coder).id)
        if change is None:
            answer: Answer | Change = query.ask(facts, question)
        else:
            first, colon, second = change.partition(":")
            if not colon:
                raise typer.BadParameter("--change takes two waves, such as 1:3.")
            answer = query.change(facts, question, first, second)
    if as_json:
        print(json.dumps(asdict(answer), ensure_ascii=False, indent=1, default=_plain))
        return
    rows = _changed(answer) if isinstance(answer, query.Change) else _answered(answer)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        return
    print_table(rows)
    if isinstance(answer, query.Change):
        print(f"\n{answer.multiplicity}")
    else:
        hidden = f" {answer.hidden} cells are hidden: too few people." if answer.hidden else ""
        print(f"\n{answer.methods['people']}; {answer.methods['interval']}.{hidden}")


@app.command()
def quotes(
    row: Annotated[str, typer.Argument(metavar="CODE", help="A code (or lens, or theme) by name or id.")],
    where: WhereOption = None,
    unit: UnitOption = "codes",
    people_only: PeopleOnly = False,
    probability: Least = 0.0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many at the beginning.")] = 0,
    coder: CoderName = None,
    out: Out = Path(),
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """The exact words behind a figure, spread over people, with where they stand and who coded them."""
    from textcoder import query, workflow

    chosen = where_from(where, people_only, probability)
    with live_project(db, out) as live:
        found = query.quotations(
            workflow.facts_of(live, coder=coder_from(coder).id),
            row,
            chosen,
            unit=unit_named(unit),
            offset=offset,
            limit=limit,
        )
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=_plain))
        return
    for one in found.items:
        page = f", page {one.page}" if one.page else ""
        attributes = ", ".join(f"{name} {value}" for name, value in one.attributes.items())
        by = "coded by " + ", ".join(one.coders) if one.by_person else f"suggested, {one.probability:.2f}"
        print(f"{one.text}\n    {one.speaker or one.case}, {one.file}:{one.start}-{one.end}{page} ({attributes}); {by}")
    print(f"{len(found.items)} of {found.total} quotations of {found.people} people.")


def _answered(answer: Answer) -> list[list[str]]:
    """A header, who was asked, and a row for each code: "9 of 12 (47-91 %)"."""
    columns = [("all", answer.overall), *((" ".join(c.values) or "(none)", c) for c in answer.columns)]
    asked = ["people asked", *("hidden" if c.people is None else str(c.people) for _, c in columns)]
    rows = [[str(answer.question.unit), *(name for name, _ in columns)], asked]
    for row in answer.rows:
        cells = [row.overall, *row.cells]
        rows.append([row.row.name, *("hidden" if cell is None else _share(cell.people) for cell in cells)])
    return rows


def _changed(answer: Change) -> list[list[str]]:
    """A header and, for each code, the share before and after and their difference."""
    rows = [[str(answer.question.unit), f"wave {answer.from_wave}", f"wave {answer.to_wave}", "difference"]]
    for row in answer.rows:
        one = row.overall
        rows.append(
            [
                row.row.name,
                *(_share(e) if e else "hidden" for e in (one.before, one.after)),
                _difference(one.difference),
            ]
        )
    return rows


def _share(estimate: Estimate) -> str:
    if not estimate.of:
        return "nobody asked"
    return f"{estimate.n} of {estimate.of} ({estimate.low:.0%} to {estimate.high:.0%})"


def _difference(estimate: Estimate | None) -> str:
    if estimate is None:
        return "hidden"
    return f"{100 * estimate.value:+.0f} points ({100 * estimate.low:+.0f} to {100 * estimate.high:+.0f})"


def _plain(value: object) -> object:
    """What JSON does not know by itself."""
    return dict(value) if hasattr(value, "keys") else list(value) if hasattr(value, "__iter__") else str(value)  # type: ignore[call-overload]  # tried above
