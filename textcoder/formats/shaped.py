"""Codebooks and codings written as the tables that other programs export; `textcoder.formats.shapes` reads them back."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textcoder.formats.codebook import guarded
from textcoder.formats.rows import told_apart
from textcoder.formats.shapes import Shape

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Headings, and rows as wide as they."""

_LEVELS = {
    Shape.NVIVO: "\\\\",
    Shape.MAXQDA: " > ",
    Shape.ATLASTI: ": ",
    Shape.DEDOOSE: "\\",
    Shape.TAGUETTE: ".",
    Shape.QUALCODER: " > ",
    Shape.TEXTCODER: " > ",
}


@dataclass(frozen=True, slots=True)
class Held:
    """One coding as it goes into a table.

    Attributes:
        document: The transcript's name.
        path: Names of the code from the top down to its own, a lens as the topmost.
        text: The exact words.
        coder: Who coded.
        start: First code point in the transcript.
        end: One past the last.
        paragraphs: Lines of the transcript on which it begins and ends, from 1.
        share: Of the transcript's letters, in [0, 1].
        note: Why; may be empty.
        colour: The code's, `#RRGGBB` or empty.
    """

    document: str
    path: tuple[str, ...]
    text: str
    coder: str
    start: int
    end: int
    paragraphs: tuple[int, int]
    share: float
    note: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One code, or a lens above codes, as it goes into a table.

    Attributes:
        path: Names from the top down to its own.
        description: The whole entry as one text.
        colour: `#RRGGBB` or empty.
        files: Transcripts with its codings.
        references: Its codings.
    """

    path: tuple[str, ...]
    description: str
    colour: str
    files: int
    references: int


def written(path: Sequence[str], shape: Shape) -> str:
    """A code with those above it, as the tables of a program write it."""
    names = ["Codes", *path] if shape is Shape.NVIVO else path
    return _LEVELS[shape].join(names)


def codings_table(codings: Iterable[Held], shape: Shape) -> Table:
    """Codings as a program writes them, in the order of transcripts and places."""
    held = sorted(codings, key=lambda one: (one.document, one.start, one.end, one.path, one.coder))
    if shape is Shape.DEDOOSE:
        return _dedoose(held)
    if shape is Shape.QUALCODER:
        return _qualcoder(held)
    if shape is Shape.ATLASTI:
        return _atlasti(held)
    header, row_of = _BY_ROW[shape]
    return header, [row_of(number, one) for number, one in enumerate(held, 1)]


def _nvivo(number: int, one: Held) -> tuple[str, ...]:
    code, coverage = written(one.path, Shape.NVIVO), f"{one.share:.4f}"
    return code, f"Files\\\\{one.document}", str(number), coverage, one.coder, one.text


def _maxqda(number: int, one: Held) -> tuple[str, ...]:
    first, last = map(str, one.paragraphs)
    code, area = written(one.path, Shape.MAXQDA), str(len(one.text))
    cells = (one.colour, one.note, "", one.document, code, first, last, "0", one.text)
    return (*cells, one.coder, "", one.coder, "", area, f"{100 * one.share:.2f}")


def _taguette(number: int, one: Held) -> tuple[str, ...]:
    return str(number), one.document, written(one.path, Shape.TAGUETTE), one.text


def _plain(number: int, one: Held) -> tuple[str, ...]:
    code = written(one.path, Shape.TEXTCODER)
    return one.document, code, one.text, one.coder, one.note, str(one.start), str(one.end)


PLAIN = ("document", "code", "text", "coder", "note", "start", "end")
_MAXQDA = (
    "Color,Comment,Document group,Document name,Code,Begin,End,Weight score,Segment,"
    "Modified by,Modified,Created by,Created,Area,Coverage %"
)
_BY_ROW = {
    Shape.NVIVO: (
        ("Hierarchical Name", "File Name", "Reference Number", "Coverage", "Coded By", "Coded Text"),
        _nvivo,
    ),
    Shape.MAXQDA: (tuple(_MAXQDA.split(",")), _maxqda),
    Shape.TAGUETTE: (("id", "document", "tag", "content"), _taguette),
    Shape.TEXTCODER: (PLAIN, _plain),
}
_ATLASTI = (
    "ID,Quotation Name,Document,Document Groups,Quotation Content,Comment,Codes,Reference,Density,"
    "Created by,Modified by,Created,Modified"
)


def _atlasti(held: Sequence[Held]) -> Table:
    """A row a quotation of a coder, its codes on lines of one cell; comments of one quotation likewise."""
    quotations: dict[tuple[str, int, int, str], list[Held]] = defaultdict(list)
    for one in held:
        quotations[one.document, one.start, one.end, one.coder].append(one)
    places = {name: place for place, name in enumerate(dict.fromkeys(one.document for one in held), 1)}
    rows: list[tuple[str, ...]] = []
    for number, ((document, _, _, coder), same) in enumerate(quotations.items(), 1):
        first, last = same[0].paragraphs
        codes = "\n".join(written(one.path, Shape.ATLASTI) for one in same)
        note = "\n".join(dict.fromkeys(one.note for one in same if one.note))
        head = (f"{places[document]}:{number}", "", document, "", same[0].text, note, codes)
        rows.append((*head, f"{first} - {last}", "0", coder, coder, "", ""))
    return tuple(_ATLASTI.split(",")), rows


_DEDOOSE = (
    "Media Title,Excerpt Range,Excerpt Creator,Excerpt Date,Excerpt Copy,Resource Creator,Resource Date,"
    "Codes Applied Combined"
)


def _dedoose(held: Sequence[Held]) -> Table:
    """A row an excerpt of a coder, and three columns for each code."""
    codes = sorted({one.path for one in held})
    excerpts: dict[tuple[str, int, int, str], list[Held]] = defaultdict(list)
    for one in held:
        excerpts[one.document, one.start, one.end, one.coder].append(one)
    names = [written(path, Shape.DEDOOSE) for path in codes]
    header = (
        *_DEDOOSE.split(","),
        *(f"Code: {name} {what}" for name in names for what in ("Applied", "Range", "Weight")),
    )
    rows = []
    for (document, start, end, coder), same in excerpts.items():
        place, carried = f"{start}-{end}", {one.path for one in same}
        combined = ", ".join(path[-1] for path in codes if path in carried)
        applied = (cell for path in codes for cell in (("True", place, "") if path in carried else ("False", "", "")))
        rows.append((document, place, coder, "", same[0].text, "", "", combined, *applied))
    return header, rows


def _qualcoder(held: Sequence[Held]) -> Table:
    """A row a coding, with a column for each category above its code, the nearest first."""
    deepest = max((len(one.path) for one in held), default=1) - 1
    rows: list[tuple[str, ...]] = []
    for number, one in enumerate(held, 1):
        *above, name = one.path
        categories = (*reversed(above), *[""] * (deepest - len(above)))
        rows.append((one.document, one.coder, one.text, f"ctid:{number}", name, one.note, *categories))
    return ("File/case", "Coder", "Coded", "Id", "Codename", "Coded_Memo", *["Category"] * deepest), rows


def codebook_table(entries: Sequence[Entry], shape: Shape) -> Table:
    """A codebook as a program writes it, each code after the one above it."""
    place = {entry.path: str(number) for number, entry in enumerate(entries, 1)}
    rows: list[tuple[str, ...]] = []
    for entry in entries:
        name, above = written(entry.path, shape), entry.path[:-1]
        parent, text = written(above, shape) if above else "", entry.description
        files, references = str(entry.files), str(entry.references)
        match shape:
            case Shape.NVIVO:
                rows.append((name, text, files, references, entry.colour))
            case Shape.MAXQDA:
                rows.append((entry.colour, parent, name, text, references, files))
            case Shape.ATLASTI:
                rows.append((name, text, entry.colour, references, "0", entry.path[0] if above else ""))
            case Shape.DEDOOSE:
                above_id = place.get(above, "")
                rows.append((place[entry.path], above_id, str(len(above)), entry.path[-1], text, "False", "", "", ""))
            case Shape.TAGUETTE:
                rows.append((name, parent, text, references))
            case Shape.QUALCODER | Shape.TEXTCODER:
                rows.append((entry.path[-1], parent, text, entry.colour))
    return tuple(_BOOKS[shape].split(",")), rows


_BOOKS = {
    Shape.NVIVO: "Name,Description,Files,References,Color",
    Shape.MAXQDA: "Color,Parent code,Code,Memo,Coded segments,Documents",
    Shape.ATLASTI: "Code,Code Comment,Color,Grounded,Density,Code Group 1",
    Shape.DEDOOSE: "Id,Parent Id,Depth,Title,Description,Weighted,Weight Minimum,Weight Maximum,Weight Default",
    Shape.TAGUETTE: "tag,parent,description,number of highlights",
    Shape.QUALCODER: "Code,Category,Memo,Color",
    Shape.TEXTCODER: "Code,Category,Memo,Color",
}


def csv_bytes(table: Table) -> bytes:
    """A table as CSV for a spreadsheet (UTF-8 with a BOM); a cell that it would run as a formula is guarded by an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(guarded, table[0]))
    writer.writerows(map(guarded, row) for row in table[1])
    return out.getvalue().encode("utf-8-sig")


def yaml_bytes(table: Table) -> bytes:
    """A table as a YAML list, an entry a row; cells without words are left out, but for the first, which names all columns."""
    import yaml

    header, rows = told_apart(table[0]), table[1]
    entries = [
        {name: cell for name, cell in zip(header, row, strict=True) if cell or not number}
        for number, row in enumerate(rows)
    ]
    text: str = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=110)
    return text.encode()
