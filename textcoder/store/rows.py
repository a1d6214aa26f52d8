"""Dataclasses to rows and back. Most are their fields; transcripts, projects and themes hold something inside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Column, Row, Table

from textcoder.domain.project import Lens, Project
from textcoder.domain.theme import Theme
from textcoder.domain.transcript import SyncPoint, Transcript, Turn

THEME_PARTS = ("segments", "representatives")
"""The fields of a theme that are rows of their own."""


def columns_of(table: Table, kind: type[Any]) -> list[Column[Any]]:
    """The columns that keep fields of a dataclass, in its order: `kind(*row)` where the table keeps all of them."""
    return [table.columns[field.name] for field in fields(kind) if field.name in table.columns]


def rows_of(table: Table, kind: type[Any], items: Iterable[Any], **same: Any) -> list[dict[str, Any]]:
    """A row for each dataclass; `same` stands in all of them, such as the project's id."""
    names = [column.name for column in columns_of(table, kind)]
    return [{**same, **{name: getattr(item, name) for name in names}} for item in items]


def project_row(project: Project) -> dict[str, Any]:
    """The row of a project."""
    lenses = [asdict(lens) for lens in project.lenses]
    return {"project_id": project.id, "name": project.name, "lenses": lenses, "method": project.method}


def project_from(row: Row[Any]) -> Project:
    """The project of a row."""
    lenses = tuple(Lens(**{**lens, "examples": tuple(lens["examples"])}) for lens in row.lenses)
    return Project(row.project_id, row.name, lenses, row.method)


def transcript_row(table: Table, transcript: Transcript, project: str) -> dict[str, Any]:
    """The row of a transcript, without its turns."""
    (row,) = rows_of(table, Transcript, [transcript], project_id=project)
    return {**row, "sync": [[point.offset, point.ms] for point in transcript.sync]}


def transcript_from(row: Row[Any], turns: Sequence[Turn]) -> Transcript:
    """The transcript of a row and its turns in order."""
    sync = tuple(SyncPoint(offset, ms) for offset, ms in row.sync)
    return Transcript(**{**row._asdict(), "turns": tuple(turns), "pages": tuple(row.pages), "sync": sync})


def turns_by_transcript(rows: Iterable[Row[Any]]) -> dict[str, list[Turn]]:
    """The turns of rows (transcript, then the fields of a turn), in the order of the rows."""
    turns: dict[str, list[Turn]] = defaultdict(list)
    for row in rows:
        turns[row[0]].append(Turn(*tuple(row)[1:]))
    return turns


def theme_segment_rows(themes: Iterable[Theme], project: str) -> list[dict[str, Any]]:
    """A row for each segment that a theme holds or quotes."""
    return [
        {"project_id": project, "theme": theme.id, "part": part, "position": position, "segment": segment}
        for theme in themes
        for part in THEME_PARTS
        for position, segment in enumerate(getattr(theme, part))
    ]


def themes_from(rows: Iterable[Row[Any]], segments: Iterable[Row[Any]]) -> tuple[Theme, ...]:
    """The themes of their rows, with the segments of rows (theme, part, segment) in the order of position."""
    held: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in segments:
        held[row.theme, row.part].append(row.segment)
    return tuple(_theme(row, {part: tuple(held[row.id, part]) for part in THEME_PARTS}) for row in rows)


def _theme(row: Row[Any], parts: dict[str, tuple[str, ...]]) -> Theme:
    return Theme(**{**row._asdict(), "keywords": tuple(row.keywords), **parts})
