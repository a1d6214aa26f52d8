"""textcoder prevalence, errors: figures corrected for the machine's errors by a random sample, and whether these errors are fair."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.asking import AsCsv, By, LensOption, Smallest, WhereOption, by_from, print_table, where_from
from textcoder.cli.options import AsJson, Database, Out, live_project

if TYPE_CHECKING:
    from textcoder.workflow.estimating import Between, Corrected, ErrorsFound, Prevalence

Codes = Annotated[list[str] | None, typer.Option("--code", help="Only this code, by name or id. Repeat.")]
Correcting = Annotated[
    str | None,
    typer.Option("--sample", help="Correct by this sample. [default: the released one of which most is coded]"),
]
MOST_SHOWN = 20
"""Differences and sentences printed; CSV and JSON have all."""


@app.command()
def prevalence(
    by: By = "",
    where: WhereOption = None,
    code: Codes = None,
    lens: LensOption = None,
    of_people: Annotated[
        bool,
        typer.Option("--people", help="Shares of people who say it at least once; takes a sample of whole people."),
    ] = False,
    sample: Correcting = None,
    minimum_people: Smallest = 2,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """How much carries each code, corrected for the machine's errors by a random sample that people coded."""
    from textcoder import query
    from textcoder.workflow.estimating import coded_twice, share_rows
    from textcoder.workflow.estimating import prevalence as corrected

    attributes = by_from(by)
    asked = query.Question(query.Unit.CODES, attributes, lens, where_from(where), minimum_people)
    with live_project(db, out) as live:
        found = corrected(
            coded_twice(live, sample=sample), asked, of="people" if of_people else "segments", codes=code or None
        )
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(share_rows(found))
    else:
        _print_prevalence(found)


@app.command("errors")
def errors_by_group(
    by: Annotated[
        str, typer.Option("--by", help="Attributes, length or language. [default: all with a few groups]")
    ] = "",
    where: WhereOption = None,
    code: Codes = None,
    sample: Correcting = None,
    at: Annotated[float, typer.Option(min=0.01, max=1, help="State the power for a difference of this size.")] = 0.1,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Whether the machine errs differently by group, site, wave, length or language, and what that does to comparisons."""
    from textcoder.workflow.estimating import coded_twice, error_rows, errors_found

    with live_project(db, out) as live:
        found = errors_found(
            coded_twice(live, sample=sample),
            by=tuple(filter(None, by.split(","))),
            codes=code or None,
            where=where_from(where),
            at=at,
            seed=live.settings.seed,
        )
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(error_rows(found))
    else:
        _print_errors(found)


def _print_prevalence(found: Prevalence) -> None:
    columns = ["all", *(" ".join(values) or "(none)" for values in found.columns)]
    rows = [[f"share of {found.of}", *columns]]
    rows += [[row.row.name, *map(_share, (row.overall, *row.cells))] for row in found.rows]
    print_table(rows)
    if found.differences:
        print()
        strongest = sorted(found.differences, key=lambda one: (one.p, one.row.id, one.first, one.second))
        print_table(
            [["difference", "", "corrected", "machine alone", "p adjusted"], *map(_difference, strongest[:MOST_SHOWN])]
        )
        print(f"\n{found.multiplicity}")
    print(f"\n{found.method}.{f' Corrected by the sample {found.sample}.' if found.sample else ''}")
    if found.note:
        print(found.note)


def _share(cell: Corrected | None) -> str:
    if cell is None:
        return "hidden"
    if cell.value is None or cell.low is None or cell.high is None:
        return "nobody asked" if cell.machine is None else f"uncorrected {cell.machine:.0%}"
    return f"{cell.value:.0%} ({cell.low:.0%} to {cell.high:.0%}); machine {cell.machine or 0:.0%}"


def _difference(one: Between) -> list[str]:
    corrected = f"{100 * one.value:+.0f} points ({100 * one.low:+.0f} to {100 * one.high:+.0f})"
    return [
        one.row.name,
        f"{one.second} - {one.first}",
        corrected,
        f"{100 * one.machine:+.0f}",
        f"{one.p_adjusted:.3f}",
    ]


def _print_errors(found: ErrorsFound) -> None:
    strongest = sorted(
        found.tests, key=lambda one: (2.0 if one.p is None else one.p, one.row.id, one.attribute, one.kind)
    )
    rows = [["code", "by", "error", "lowest", "highest", "p", "p adjusted", "detectable"]]
    for one in strongest[:MOST_SHOWN]:
        rates = dict(zip(one.levels, one.rates, strict=True))
        ends = [f"{name} {_per_cent(rates[name].value)} of {rates[name].units}" for name in (one.first, one.second)]
        p = [_fixed(value) for value in (one.p, one.p_adjusted)]
        rows.append([one.row.name, one.attribute, one.kind, *ends, *p, _per_cent(one.detectable)])
    if found.tests:
        print_table(rows)
        print()
    named = {(one.row.id, one.attribute): one.p for one in found.tests if one.kind == "net" and one.p is not None}
    shown = sorted(found.meanings, key=lambda one: (named[one.row.id, one.attribute], one.row.id, one.attribute))
    for meaning in shown[:MOST_SHOWN]:
        print(f"{meaning.row.name}: {meaning.sentence}")
    if found.sample:
        print(f"\n{found.multiplicity} {found.method}. By the sample {found.sample}.")
    if found.note:
        print(found.note)


def _per_cent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0%}"


def _fixed(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
