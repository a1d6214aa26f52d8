"""A document as DOCX with Word's own styles: headings that make an outline, tables with a repeated header, quotations, sources."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from textcoder.reports.archives import EPOCH, without_times
from textcoder.reports.columns import column_widths
from textcoder.reports.evidence.parts import (
    TO_WRITE,
    Grid,
    Heading,
    Paper,
    Part,
    Quoted,
    Says,
    ToWrite,
    below,
    shown,
)

TABLE = "Report Table"
"""The style of tables that `table_style` makes."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FONT, _RULE, _HEAD = "Arial", "C9CED1", "E8ECEF"
_SOURCE, _SOFT = "Source", (0x57, 0x62, 0x6B)
_WIDTH = 16.6
"""Centimetres of a line of text."""
_SHORT, _FIRST = 16, 3
"""Rows of a table that stays on one page, and rows at the head of a longer one that do."""
_MANY_COLUMNS = 6
"""From so many columns on a table is set in smaller letters."""


def write_word(paper: Paper) -> bytes:
    """The document as a DOCX file; the same document gives the same bytes.

    Cost: about 0.3 ms a table cell.
    """
    import docx
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.comments = legal(paper.title), "textcoder", ""
    properties.created = properties.modified = EPOCH
    properties.last_modified_by, properties.revision = "textcoder", 1
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    one_font(document.styles)
    document.styles["Normal"].font.size = Pt(10.5)
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    source = document.styles.add_style(_SOURCE, WD_STYLE_TYPE.PARAGRAPH)
    source.base_style, source.font.size, source.font.color.rgb = document.styles["Normal"], Pt(9), RGBColor(*_SOFT)
    table_style(document.styles.add_style(TABLE, WD_STYLE_TYPE.TABLE))
    page_numbers(section)
    document.add_heading(legal(paper.title), 0)
    document.add_paragraph(legal(paper.lead))
    for i, one in enumerate(paper.sections, start=1):
        link_to(document.add_paragraph(style="List Number"), f"section_{i}", legal(one.title))
    for i, one in enumerate(paper.sections, start=1):
        bookmark(document.add_heading(legal(one.title), 1), f"section_{i}", i)
        for part, following in zip_longest(one.parts, one.parts[1:]):
            _add(document, part, following)
    if paper.sources:
        document.add_heading("Sources", 1)
        for number, source in enumerate(paper.sources, start=1):
            document.add_paragraph(f"[{number}] {legal(source)}")
    plain = io.BytesIO()
    document.save(plain)
    plain.seek(0)
    return without_times(plain)


def _add(document: Any, part: Part, following: Part | None) -> None:
    from docx.shared import Pt

    match part:
        case Says(text):
            # What leads to quotations is not left behind at the foot of a page.
            document.add_paragraph(legal(text)).paragraph_format.keep_with_next = isinstance(following, Quoted) or None
        case Heading(text):
            document.add_heading(legal(text), 2)
        case Quoted(text, source, shows):
            words = document.add_paragraph(f"“{legal(text)}”", style="Quote").paragraph_format
            words.keep_with_next = words.keep_together = True
            words.space_after = Pt(0)
            said = document.add_paragraph(legal(source), style=_SOURCE)
            if shows:
                said.add_run(f"\nWhat it shows: {legal(shows)}").italic = True
        case ToWrite(what, why):
            paragraph = document.add_paragraph()
            _marked(paragraph, f"{TO_WRITE} {legal(what)}")
            paragraph.add_run(f" ({legal(why)})")
        case Grid():
            _table(document, part)


def _table(document: Any, grid: Grid) -> None:
    from docx.shared import Cm, Pt

    seen, note = grid.seen, below(grid)
    if seen.rows:
        caption = document.add_paragraph(legal(grid.name), style="Caption")
        caption.paragraph_format.keep_with_next = True
        names = [name.replace("_", " ") for name in seen.header]
        rows = [[shown(value) for value in values] for values in seen.rows]
        table = document.add_table(rows=0, cols=len(names), style=TABLE)
        table.autofit = False
        first_row_only(table)
        size = Pt(8) if len(names) >= _MANY_COLUMNS else Pt(9)
        right = [name in grid.numeric for name in seen.header]
        widths = [Cm(width) for width in column_widths(names, rows, _WIDTH)]
        for values in (names, *rows):
            _row(table.add_row(), values, right, size, widths)
        repeat_header(table.rows[0])
        keep_together(table, with_next=bool(note))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
    elif grid.most:
        document.add_paragraph(f"{legal(grid.name)}: nothing to show.")
    else:
        document.add_paragraph(legal(grid.name), style="Caption")
    if note or seen.rows:  # a table needs a paragraph after it, or the next one would join it
        document.add_paragraph(legal(note)).paragraph_format.space_before = Pt(3)


def _row(row: Any, values: Sequence[str], right: Sequence[bool], size: Any, widths: Sequence[Any]) -> None:
    """Fill a row; numbers stand on the right of their cells."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, value, is_number, width in zip(row.cells, values, right, widths, strict=True):
        paragraph, text = cell.paragraphs[0], legal(value)
        cell.width = width
        if is_number:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.space_after = 0
        as_high_as(paragraph, size)
        if text.startswith(TO_WRITE):
            _marked(paragraph, text)
        elif text:
            paragraph.add_run(text)
        for run in paragraph.runs:
            run.font.size = size


def _marked(paragraph: Any, text: str) -> None:
    """Words that nobody overlooks."""
    from docx.enum.text import WD_COLOR_INDEX

    paragraph.add_run(text).font.highlight_color = WD_COLOR_INDEX.YELLOW


def one_font(styles: Any) -> None:
    """One letter for text, headings and pictures, in place of the fonts of a theme."""
    from docx.oxml.ns import qn

    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
        fonts = styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(script), _FONT)


def table_style(style: Any) -> None:
    """Lines between rows only, and a header that stands out."""
    from docx.oxml import parse_xml

    rule = f'w:val="single" w:sz="4" w:space="0" w:color="{_RULE}"'
    style.element.append(
        parse_xml(
            f'<w:tblPr xmlns:w="{_W}"><w:tblBorders><w:top {rule}/><w:bottom {rule}/><w:insideH {rule}/></w:tblBorders>'
            '<w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="60" w:type="dxa"/>'
            '<w:bottom w:w="20" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        )
    )
    style.element.append(
        parse_xml(
            f'<w:tblStylePr xmlns:w="{_W}" w:type="firstRow"><w:rPr><w:b/></w:rPr>'
            f'<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{_HEAD}"/></w:tcPr></w:tblStylePr>'
        )
    )


def first_row_only(table: Any) -> None:
    """Of what a table style can do, only the header's look is wanted."""
    from docx.oxml.ns import qn

    look = table._tbl.tblPr.find(qn("w:tblLook"))
    for name in ("w:val", "w:firstRow", "w:lastRow", "w:firstColumn", "w:lastColumn", "w:noHBand", "w:noVBand"):
        look.attrib.pop(qn(name), None)
    look.set(qn("w:val"), "0620")  # firstRow, noHBand, noVBand
    for name in ("w:firstRow", "w:noHBand", "w:noVBand"):
        look.set(qn(name), "1")


def repeat_header(row: Any) -> None:
    """The header stands on every page that the table runs over."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def keep_together(table: Any, *, with_next: bool = False) -> None:
    """A short table is not broken over pages, and no page ends with the header of a longer one.

    Args:
        table: Of python-docx.
        with_next: What stands below it is not left alone at the head of a page, either.
    """
    rows = list(table.rows)
    kept = rows[:-1] if len(rows) <= _SHORT else rows[:_FIRST]
    for row in (*kept, rows[-1]) if with_next else kept:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def as_high_as(paragraph: Any, size: Any) -> None:
    """Its end is as high as letters of this size, so that an empty cell is no higher than a full one."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark, height = OxmlElement("w:rPr"), OxmlElement("w:sz")
    height.set(qn("w:val"), str(int(2 * size.pt)))
    mark.append(height)
    paragraph._p.get_or_add_pPr().append(mark)


def page_numbers(section: Any) -> None:
    """The number of the page at its foot."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = section.footer.paragraphs[0]
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """A place that links of the document lead to."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        element = OxmlElement(tag)
        element.set(qn("w:id"), str(number))
        if tag == "w:bookmarkStart":
            element.set(qn("w:name"), name)
        paragraph._p.append(element)


def link_to(paragraph: Any, name: str, text: str) -> None:
    """A word that leads to a bookmark of the document."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), name)
    run = paragraph.add_run(text)
    link.append(run._r)
    paragraph._p.append(link)


def legal(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("", text)
