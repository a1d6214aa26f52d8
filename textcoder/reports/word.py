"""The report as DOCX with Word's own styles: headings that make an outline, tables with a repeated header, captions, quotations.

Where a quotation stands, and how the rows behind a figure are found, are real footnotes. python-docx has none, so the part that holds
them is written here (ECMA-376, 17.11): two for the lines above the notes, which Word asks for, then ours from 1.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape

from textcoder.reports.archives import EPOCH, without_times
from textcoder.reports.columns import column_widths
from textcoder.reports.drawing import Picture, png
from textcoder.reports.evidence.word import (
    TABLE,
    as_high_as,
    bookmark,
    first_row_only,
    keep_together,
    legal,
    link_to,
    one_font,
    page_numbers,
    repeat_header,
    table_style,
)
from textcoder.reports.figures import caption
from textcoder.reports.pieces import Cited, Drawn, Heading, Line, Listed, Piece, Says, Tabled

_PAGE, _MARGIN = (21.0, 29.7), 2.2
_WIDTH, _HIGHEST = _PAGE[0] - 2 * _MARGIN, 20.0
"""Centimetres: of the text, and of a picture with its caption on the same page."""
_NARROW, _COLUMNS, _NAMES = 1.0, 8, 4.6
"""Centimetres for a column of a table with many, for all columns how many a table may have, centimetres for their names then."""
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_SOFT, _BAND = "57626B", "F3F2EE"


def write_word(title: str, pieces: Sequence[Piece]) -> bytes:
    """The pieces as a DOCX file; the same pieces give the same bytes. Cost: about 0.5 ms a table cell, 0.3 s a picture."""
    return _Writer(title).write(pieces)


class _Writer:
    """One document while it is written.

    `notes` are its footnotes so far, `numbers` how many figures and tables it has, `below` the level of a heading just before, or 0.
    """

    def __init__(self, title: str) -> None:
        import docx
        from docx.shared import Cm

        self.document = docx.Document()
        self.notes: list[str] = []
        self.numbers: Counter[str] = Counter()
        self.below = 0
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = legal(title), "textcoder", ""
        properties.created = properties.modified = EPOCH
        properties.last_modified_by, properties.revision = "textcoder", 1
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(_PAGE[0]), Cm(_PAGE[1])
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(_MARGIN)
        page_numbers(section)
        _styles(self.document)

    def write(self, pieces: Sequence[Piece]) -> bytes:
        chapters = [piece.text for piece in pieces if isinstance(piece, Heading) and piece.level == 1]
        chapter = 0
        for piece, following in zip_longest(pieces, pieces[1:]):
            if isinstance(piece, Heading) and piece.level == 1:
                if chapter == 0:
                    self._contents(chapters)
                chapter += 1
                bookmark(self.document.add_heading(legal(piece.text), 1), f"chapter_{chapter}", chapter)
            else:
                self._add(piece, following)
            self.below = piece.level if isinstance(piece, Heading) else 0
        self._keep_notes()
        plain = io.BytesIO()
        self.document.save(plain)
        plain.seek(0)
        return without_times(plain)

    def _contents(self, chapters: Sequence[str]) -> None:
        for number, chapter in enumerate(chapters, start=1):
            link_to(self.document.add_paragraph(style="List Number"), f"chapter_{number}", legal(chapter))

    def _add(self, piece: Piece, following: Piece | None) -> None:
        document = self.document
        match piece:
            case Heading(text, level):
                document.add_heading(legal(text), level).paragraph_format.keep_with_next = True
            case Says(text, note, small):
                paragraph = document.add_paragraph(legal(text), style="Small" if small else None)
                # What belongs to a heading, and what leads to quotations or to a heading further down, is not left behind on the
                # page before; but a chapter of short sections is not held together as one.
                heads = isinstance(following, Heading) and (
                    following.level > self.below > 0 or (small and following.level > 1)
                )
                leads = isinstance(following, Cited) or (isinstance(following, Says) and following.small)
                begins = self.below > 0 and not isinstance(following, Heading)
                paragraph.paragraph_format.keep_with_next = bool(note) or begins or leads or heads or None
                self._noted(paragraph, note)
            case Listed(items):
                for place, item in enumerate(items, start=1):
                    point = document.add_paragraph(legal(item), style="List Bullet").paragraph_format
                    # The first of several points is not left behind by the others.
                    point.keep_with_next = place == 1 < len(items) or None
            case Cited():
                self._quote(piece)
            case Drawn(picture):
                self._picture(picture)
            case Tabled():
                for part in (parts := _on_paper(piece)):
                    self._table(part)
                    # A line apart from what follows. A heading has room above itself; after an empty line LibreOffice would
                    # leave it behind at the foot of the page.
                    if part is not parts[-1] or not isinstance(following, Heading):
                        document.add_paragraph(style="Small").paragraph_format.space_after = 0

    def _quote(self, cited: Cited) -> None:
        paragraph = self.document.add_paragraph(style="Quote")
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.keep_together = True
        # Word shows a newline inside of a run as a line break, and so does python-docx write it.
        run = paragraph.add_run(f"“{legal(cited.text)}”")
        if cited.language:
            _in_language(run, cited.language)
        self._noted(paragraph, cited.note)
        self.document.add_paragraph(legal(cited.who), style="Speaker")

    def _noted(self, paragraph: Any, note: str) -> None:
        """Put the sign of a footnote at the end of a paragraph."""
        if not note:
            return
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self.notes.append(note)
        sign = OxmlElement("w:footnoteReference")
        sign.set(qn("w:id"), str(len(self.notes)))
        paragraph.add_run(style="Footnote Reference")._r.append(sign)

    def _picture(self, picture: Picture) -> None:
        from docx.shared import Cm

        width = min(_WIDTH, _HIGHEST * picture.width / picture.height)
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(png(picture)), width=Cm(width))
        # Where nothing is said of the room around a picture, Word takes none and LibreOffice an eighth of an inch.
        for side in ("distT", "distB", "distL", "distR"):
            shape._inline.set(side, "0")
        about = shape._inline.docPr
        about.set("name", legal(picture.name))
        about.set("title", legal(picture.title))
        about.set("descr", legal(picture.alt))
        self._caption("Figure", caption(picture))

    def _caption(self, kind: str, text: str) -> Any:
        """A caption with a number that Word counts itself, so that its list of figures or tables finds it."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self.numbers[kind] += 1
        paragraph = self.document.add_paragraph(f"{kind} ", style="Caption")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), f" SEQ {kind} \\* ARABIC ")
        field.append(paragraph.add_run(str(self.numbers[kind]))._r)
        paragraph._p.append(field)
        paragraph.add_run(f". {legal(text)}")
        return paragraph

    def _table(self, tabled: Tabled) -> None:
        if tabled.caption:
            self._caption("Table", tabled.caption).paragraph_format.keep_with_next = True
        table = self.document.add_table(rows=0, cols=len(tabled.columns), style=TABLE)
        table.autofit = False
        first_row_only(table)
        widths = _widths(tabled)
        for line in (Line(tabled.columns), *tabled.rows):
            _row(table.add_row(), line, tabled, widths)
        repeat_header(table.rows[0])
        keep_together(table)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width

    def _keep_notes(self) -> None:
        """Write the part with the footnotes, and tell the settings of the two that are lines."""
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        lines = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
            for number, kind, mark in (
                (-1, "separator", "separator"),
                (0, "continuationSeparator", "continuationSeparator"),
            )
        )
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        notes = "".join(_note(number, text, self.document) for number, text in enumerate(self.notes, start=1))
        blob = f'{head}<w:footnotes xmlns:w="{_W}">{lines}{notes}</w:footnotes>'.encode()
        part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES, blob, self.document.part.package)
        self.document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        element = OxmlElement("w:footnotePr")
        for number in (-1, 0):
            line = OxmlElement("w:footnote")
            line.set(qn("w:id"), str(number))
            element.append(line)
        settings = self.document.settings.element
        # The schema has an order: footnotes stand before the settings for older programs.
        settings.find(qn("w:compat")).addprevious(element)


def _note(number: int, text: str, document: Any) -> str:
    text_style, sign_style = (document.styles[name].style_id for name in ("Footnote Text", "Footnote Reference"))
    return (
        f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="{text_style}"/></w:pPr>'
        f'<w:r><w:rPr><w:rStyle w:val="{sign_style}"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(legal(text))}</w:t></w:r></w:p></w:footnote>'
    )


def _styles(document: Any) -> None:
    """Word's styles as the report wears them, and the few that Word has not got."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    styles, soft = document.styles, RGBColor.from_string(_SOFT)
    one_font(styles)
    styles["Normal"].font.size = Pt(10.5)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    ink = RGBColor.from_string("1F262B")
    for name in ("Title", "Heading 1", "Heading 2", "Heading 3", "Quote", "Caption"):
        styles[name].font.color.rgb = ink if name != "Caption" else soft
    styles["Caption"].font.size, styles["Caption"].font.bold = Pt(9), False
    quote = styles["Quote"].paragraph_format
    quote.left_indent, quote.space_before, quote.space_after = Cm(0.8), Pt(6), Pt(0)
    for name, size, indent in (("Small", 9, 0.0), ("Speaker", 9, 0.8), ("Footnote Text", 8.5, 0.0)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size = styles["Normal"], Pt(size)
        style.font.color.rgb = soft
        style.paragraph_format.left_indent = Cm(indent)
        style.paragraph_format.space_after = Pt(0 if name == "Footnote Text" else 6)
    styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER).font.superscript = True
    table_style(styles.add_style(TABLE, WD_STYLE_TYPE.TABLE))


def _on_paper(tabled: Tabled) -> list[Tabled]:
    """The table in parts that are as wide as a page; the first column stands in each."""
    most = int((_WIDTH - _NAMES) / _NARROW) if tabled.many else _COLUMNS
    count = len(tabled.columns) - 1
    if count <= most:
        return [tabled]
    # As many columns in each part as can be alike.
    parts = -(-count // most)
    size = -(-count // parts)
    made = []
    for number, start in enumerate(range(1, count + 1, size), start=1):
        at = [0, *range(start, min(start + size, count + 1))]
        rows = tuple(line if line.band else Line(tuple(line.cells[i] for i in at)) for line in tabled.rows)
        numeric = frozenset(new for new, old in enumerate(at) if old in tabled.numeric)
        name = f"{tabled.caption}, part {number} of {parts}"
        made.append(Tabled(name, tuple(tabled.columns[i] for i in at), rows, numeric, tabled.many))
    return made


def _widths(tabled: Tabled) -> list[Any]:
    """How wide each column is: by its longest text within bounds; people in a table of many are all alike."""
    from docx.shared import Cm

    columns = range(len(tabled.columns))
    if tabled.many:
        return [Cm(_WIDTH - _NARROW * (len(columns) - 1)), *[Cm(_NARROW)] * (len(columns) - 1)]
    rows = [line.cells for line in tabled.rows if not line.band]
    return [Cm(width) for width in column_widths(tabled.columns, rows, _WIDTH)]


def _row(row: Any, line: Line, tabled: Tabled, widths: Sequence[Any]) -> None:
    """Fill a row; numbers stand on the right, people's names upright, a band over the whole width."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    cells = list(row.cells)
    for cell, width in zip(cells, widths, strict=True):
        cell.width = width
    if line.band:
        cells = [cells[0].merge(cells[-1])] if len(cells) > 1 else cells
    is_head = line.cells is tabled.columns
    size = Pt(8 if len(tabled.columns) > 5 else 9)
    for i, (cell, text) in enumerate(zip(cells, line.cells, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = 0
        as_high_as(paragraph, size)
        run = paragraph.add_run(legal(text))
        run.font.size = size
        if line.band:
            run.bold = True
            paragraph.paragraph_format.keep_with_next = True
            _shaded(cell, _BAND)
        elif i in tabled.numeric and not (is_head and tabled.many):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        elif i and is_head and tabled.many:
            upright = OxmlElement("w:textDirection")
            upright.set(qn("w:val"), "btLr")
            cell._tc.get_or_add_tcPr().append(upright)
    if is_head and tabled.many:
        from docx.shared import Cm

        row.height = Cm(min(5.0, 0.6 + 0.16 * max(map(len, tabled.columns[1:]))))


def _shaded(cell: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", colour)):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _in_language(run: Any, language: str) -> None:
    """What the words are written in, for who reads them aloud and for the spelling."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    said = OxmlElement("w:lang")
    said.set(qn("w:val"), legal(language))
    run._r.get_or_add_rPr().append(said)
