"""A document as a workbook: what it says on the first sheet, then each table on a sheet of its own."""

from __future__ import annotations

from textcoder.reports.evidence.parts import TO_WRITE, Heading, Paper, Quoted, Says, ToWrite
from textcoder.reports.tables import Cell, Table
from textcoder.reports.workbook import write_workbook


def write_sheets(paper: Paper) -> bytes:
    """The document as an XLSX file; the same document gives the same bytes."""
    sheets = {"Read me": _said(paper), **{grid.name: grid.table for grid in paper.grids}}
    return write_workbook(sheets, title=paper.title)


def _said(paper: Paper) -> Table:
    """All sentences and quotations, in order."""
    rows: list[tuple[Cell, ...]] = [("", paper.lead, "")]
    for section in paper.sections:
        for part in section.parts:
            match part:
                case Says(text) | Heading(text):
                    rows.append((section.title, text, ""))
                case Quoted(text, source, shows):
                    rows.append((section.title, text, f"{source}; what it shows: {shows}" if shows else source))
                case ToWrite(what, why):
                    rows.append((section.title, f"{TO_WRITE} {what}", why))
    rows += [("Sources", f"[{number}] {source}", "") for number, source in enumerate(paper.sources, start=1)]
    return Table(("section", "text", "note"), rows)
