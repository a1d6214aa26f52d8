"""An evaluation brief of two pages, as page and as Word document: what was found, how sure it is, and where each figure comes from.

Figures in its sentences carry the number of a reference, `cite(7)`; the last block gives for each number the command that shows
the rows behind it. `workflow.brief` fills it.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textcoder.reports.archives import EPOCH, without_times
from textcoder.reports.evidence.parts import Quoted
from textcoder.reports.evidence.word import legal, one_font

if TYPE_CHECKING:
    from markupsafe import Markup

_REPORTS = Path(__file__).parent.parent
_CITED = re.compile("\ue000(\\d+)\ue001")
TRACE = "textcoder trace "
HOW_TO_TRACE = (
    "In the folder of the results, textcoder trace with what stands beside a figure's number prints the rows that it counts; "
    "where a whole command stands, run that."
)
MARKS = ("circle", "square", "triangle", "diamond")
"""A lens has a shape of its own, so that the plot can be read without colours."""


def cite(number: int) -> str:
    """The number of a reference as it stands in a sentence; letters that no text of a person holds by accident."""
    return f"\ue000{number}\ue001"


def uncited(text: str) -> str:
    """Words of people and names of codes, which must not look like references."""
    return text.replace("\ue000", "").replace("\ue001", "")


@dataclass(frozen=True, slots=True)
class Line:
    """One code: its name, a cell for each column of the table, a quotation, what is drawn (value, low, high in per cent), its number."""

    name: str
    cells: tuple[str, ...]
    quote: Quoted | None = None
    point: tuple[float, float, float] | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Lens:
    """The codes that carry most under one lens; `said` where there are none; `of` how many there are beside."""

    name: str
    lines: tuple[Line, ...]
    said: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and its sentences, in paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """The whole.

    Attributes:
        title: Of the study.
        short: What a reader takes home who reads no further.
        opening: What was asked and of whom.
        reading: How the table is to be read.
        columns: Of the table, beside the code.
        lenses: In the order of the project.
        drawn: What the plot shows.
        closing: What else is to be said.
        sources: Commands, in the order of their numbers.
    """

    title: str
    short: Block
    opening: Block
    reading: str
    columns: tuple[str, ...]
    lenses: tuple[Lens, ...]
    drawn: str
    closing: tuple[Block, ...]
    sources: tuple[str, ...]

    @property
    def points(self) -> list[tuple[int, Line, tuple[float, float, float]]]:
        """What is drawn: the place of the lens, the code, and its interval."""
        return [(i, line, line.point) for i, lens in enumerate(self.lenses) for line in lens.lines if line.point]


# --- page -------------------------------------------------------------------------------------------------------------------------------


def brief_page(brief: Brief) -> str:
    """The brief as one page of HTML that needs nothing but itself; printed, it has two A4 pages at most."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_REPORTS / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(cited=_cited, untraced=lambda command: command.removeprefix(TRACE))
    css = (_REPORTS / "static" / "brief.css").read_text(encoding="utf-8")
    return (
        environment.get_template("brief.html.j2").render(
            brief=brief, css=css, plot=_plot(brief), key=_key, how=HOW_TO_TRACE
        )
        + "\n"
    )


def _cited(text: str) -> Markup:
    """A sentence with its references as links."""
    from markupsafe import Markup, escape

    parts = [
        f'<a class="ref" href="#f{part}" aria-label="figure {part}">[{part}]</a>' if is_number else str(escape(part))
        for is_number, part in _parts(text)
    ]
    return Markup("".join(parts))  # noqa: S704  # everything but the numbers was escaped


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """A sentence in pieces: words, and numbers of references (True)."""
    for i, part in enumerate(_CITED.split(text)):
        if part:
            yield i % 2 == 1, part


def _key(lens: int) -> Markup:
    """The mark of a lens beside its name."""
    from markupsafe import Markup

    mark = _mark(lens, 6, 6)
    return Markup(f'<svg class="key" width="12" height="12" aria-hidden="true">{mark}</svg>')  # noqa: S704  # own words only


_LEFT, _WIDE, _ROW = 235, 700, 17


def _plot(brief: Brief) -> Markup:
    """Dots with intervals, black on white; empty for fewer than two."""
    from markupsafe import Markup, escape

    points = brief.points
    if len(points) < 2:
        return Markup("")
    top = _end_of_scale(max(high for _, _, (_, _, high) in points))
    height = _ROW * len(points) + 30

    def x(value: float) -> float:
        return round(_LEFT + (_WIDE - _LEFT - 24) * min(value, top) / top, 1)

    told = "; ".join(f"{line.name} {v:.0f} % ({low:.0f} to {high:.0f})" for _, line, (v, low, high) in points)
    drawn = [f"<title>{escape(brief.drawn)}</title><desc>{escape(uncited(told))}</desc>"]
    for step in range(5):
        value = top * step / 4
        drawn.append(f'<line class="grid" x1="{x(value)}" x2="{x(value)}" y1="4" y2="{height - 24}"/>')
        drawn.append(
            f'<text x="{x(value)}" y="{height - 9}" text-anchor="middle">{value:g}{" %" if step == 4 else ""}</text>'
        )
    for i, (lens, line, (value, low, high)) in enumerate(points):
        y = _ROW * i + 14
        name = line.name if len(line.name) <= 36 else f"{line.name[:35]}…"
        drawn.append(f'<text x="{_LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        drawn.append(
            f'<line class="interval" x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}"/>{_mark(lens, x(value), y)}'
        )
    plot = f'<svg class="plot" role="img" viewBox="0 0 {_WIDE} {height}">{"".join(drawn)}</svg>'
    return Markup(plot)  # noqa: S704  # names were escaped


def _end_of_scale(most: float) -> float:
    """Where the scale ends, in per cent: it parts into four by short numbers."""
    return next((end for end in (4, 8, 12, 16, 20, 40, 60, 80) if most <= end), 100)


def _mark(lens: int, x: float, y: float) -> str:
    match MARKS[lens % len(MARKS)]:
        case "circle":
            return f'<circle cx="{x}" cy="{y}" r="4.5"/>'
        case "square":
            return f'<rect x="{x - 4:g}" y="{y - 4:g}" width="8" height="8"/>'
        case "triangle":
            return f'<path d="M{x:g} {y - 5:g}l5 9.5h-10z"/>'
        case _:
            return f'<path d="M{x:g} {y - 5.5:g}l5 5.5-5 5.5-5-5.5z"/>'


# --- Word -------------------------------------------------------------------------------------------------------------------------------


def brief_word(brief: Brief) -> bytes:
    """The brief as DOCX; the table stands for the plot. The same brief gives the same bytes."""
    import docx
    from docx.shared import Cm, Pt

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.comments = legal(brief.title), "textcoder", ""
    properties.created = properties.modified = EPOCH
    properties.last_modified_by, properties.revision = "textcoder", 1
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = Cm(1.7)
    page.top_margin = page.bottom_margin = Cm(1.3)
    one_font(document.styles)
    normal = document.styles["Normal"]
    normal.font.size, normal.paragraph_format.space_after = Pt(9), Pt(2)
    normal.paragraph_format.line_spacing = 1.0
    document.styles["Title"].font.size = Pt(17)
    for level in (1, 2):
        style = document.styles[f"Heading {level}"]
        style.font.size, style.paragraph_format.space_before = Pt(13 - 2 * level), Pt(5)
        style.paragraph_format.space_after = Pt(1)
    document.add_heading(legal(brief.title), 0)
    document.add_paragraph("Evaluation brief")
    _block(document, brief.short)
    _block(document, brief.opening)
    if brief.lenses:
        _cite(document.add_paragraph(), brief.reading)
    for lens in brief.lenses:
        document.add_heading(legal(f"{lens.name} ({lens.of})" if lens.of else lens.name), 1)
        if lens.said:
            _cite(document.add_paragraph(), lens.said)
        if lens.lines:
            _table(document, brief.columns, lens.lines)
    for block in brief.closing:
        _block(document, block)
    document.add_heading("The rows behind each figure", 1)
    document.add_paragraph(HOW_TO_TRACE)
    rows = document.add_paragraph()
    for number, command in enumerate(brief.sources, start=1):
        rows.add_run(f"[{number}]\u00a0").bold = True  # a number stands on the line of what it numbers
        rows.add_run(f"{legal(command).removeprefix(TRACE)}   ")
    for run in rows.runs:
        run.font.size = Pt(6.5)
    plain = io.BytesIO()
    document.save(plain)
    plain.seek(0)
    return without_times(plain)


def _block(document: Any, block: Block) -> None:
    document.add_heading(legal(block.heading), 1)
    for text in block.paragraphs:
        _cite(document.add_paragraph(), text)


def _cite(paragraph: Any, text: str) -> None:
    from docx.shared import Pt

    for is_number, part in _parts(text):
        run = paragraph.add_run(f"[{part}]" if is_number else legal(part))
        if is_number:
            run.font.size = Pt(6)


def _table(document: Any, columns: Sequence[str], lines: Sequence[Line]) -> None:
    """A row for each code, and its quotation across the row below."""
    from docx.shared import Pt

    table = document.add_table(rows=1, cols=len(columns) + 1, style="Table Grid")
    for cell, name in zip(table.rows[0].cells, ("Code", *columns), strict=True):
        cell.paragraphs[0].add_run(legal(name)).bold = True
    for line in lines:
        cells = table.add_row().cells
        cells[0].paragraphs[0].add_run(legal(line.name)).bold = True
        for cell, text in zip(cells[1:], line.cells, strict=True):
            _cite(cell.paragraphs[0], text)
        if line.quote:
            whole = table.add_row().cells
            said = whole[0].merge(whole[-1]).paragraphs[0]
            said.add_run(f"“{legal(line.quote.text)}” ").italic = True
            said.add_run(legal(line.quote.source))
            for cell in cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True
    for row in table.rows:
        for paragraph in (paragraph for cell in row.cells for paragraph in cell.paragraphs):
            paragraph.paragraph_format.space_after = 0
            for run in paragraph.runs:
                run.font.size = run.font.size or Pt(8)


def finite(*values: float | None) -> bool:
    """Whether all are numbers."""
    return all(value is not None and not math.isnan(value) for value in values)
