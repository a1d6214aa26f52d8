"""What all questions to a project are asked with, and how their answers are printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from textcoder.query import Unit, Where

By = Annotated[str, typer.Option("--by", help="Attributes to compare by, such as group,wave.")]
WhereOption = Annotated[
    list[str] | None, typer.Option("--where", help="Only such words: site=North; site=North,South for either. Repeat.")
]
LensOption = Annotated[str | None, typer.Option(help="Only under this lens.")]
PeopleOnly = Annotated[bool, typer.Option("--people-only", help="Count what people coded, not what is suggested.")]
Smallest = Annotated[int, typer.Option("--minimum-people", min=0, help="Cells with fewer people are not shown.")]
UnitOption = Annotated[str, typer.Option(help="codes, lenses or themes.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def by_from(given: str) -> tuple[str, ...]:
    """The attributes of `--by`."""
    return tuple(part.strip() for part in given.split(",") if part.strip())


def unit_named(name: str) -> Unit:
    """What `--unit` names."""
    from textcoder.query import Unit

    if name not in list(Unit):
        raise typer.BadParameter(f"--unit is one of {', '.join(Unit)}.")
    return Unit(name)


def where_from(given: list[str] | None, people_only: bool = False, probability: float = 0.0) -> Where:
    """The filters of `--where`."""
    from textcoder.query import Where

    attributes = {}
    for part in given or []:
        name, equals, values = part.partition("=")
        if not equals:
            raise typer.BadParameter(f'--where takes "attribute=value", not "{part}".')
        attributes[name.strip()] = tuple(value.strip() for value in values.split(","))
    return Where(attributes=attributes, people_only=people_only, minimum_probability=probability)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Columns side by side."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
