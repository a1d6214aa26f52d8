"""The report as a row of pieces, for documents: headings, sentences, quotations, tables and pictures.

The report is written once, as the page; the pieces are read from the page, so that Word and Markdown say what it says, figure for
figure. What only a screen needs stays behind: drawings inside of tables, folded lists, what a pointer shows. Two things are put in:
the pictures of the report, and as footnotes where a quotation stands and how the rows behind a figure are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textcoder.reports.drawing import Picture

ON_PAPER = (
    "Under each code that has a section stand a few quotations; all codings are in codings.csv and project.xlsx. The footnote of a "
    "quotation says where it stands; that of a code's figures names the commands that show the rows behind them."
)
_LEVELS = {"h1": 0, "h2": 1, "h3": 2, "h4": 3}
_SKIPPED = frozenset(("svg", "details", "script", "style"))
_WHITE = re.compile(r"[ \t\n\r\f]+")
"""What HTML takes for white space; a no-break space is none."""


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` is 0 for the title, else 1 to 3."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Says:
    """A paragraph; `note` is its footnote, `small` for what is said in passing."""

    text: str
    note: str = ""
    small: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Points, one line each."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """The exact words of somebody, who she is, and as a footnote where they stand and what they answer; `language` is ISO 639-1."""

    text: str
    who: str
    note: str
    language: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; a `band` is one cell over the whole width."""

    cells: tuple[str, ...]
    band: bool = False


@dataclass(frozen=True, slots=True)
class Tabled:
    """A table.

    Attributes:
        caption: What it holds.
        columns: Their names.
        rows: Each as long as `columns`, but for bands.
        numeric: Places of the columns that hold numbers.
        many: Its columns are many and narrow, as people are in the code-by-case table.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Line, ...]
    numeric: frozenset[int]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture."""

    picture: Picture


Piece = Heading | Says | Listed | Cited | Tabled | Drawn


def pieces_of(html: str, pictures: Mapping[str, Sequence[Picture]], lenses: Sequence[str]) -> tuple[Piece, ...]:
    """Read the pieces of a report.

    Args:
        html: The page, as `render_report` wrote it.
        pictures: As `figures.pictures` gives them.
        lenses: Ids of those that have a table under "At a glance", in order.
    """
    from lxml import html as markup

    main = markup.document_fromstring(html).get_element_by_id("main")
    placed = _placed(main, pictures, lenses)
    found = list(_read(main, placed))
    at = next((i for i, piece in enumerate(found) if isinstance(piece, Heading) and piece.level == 1), len(found))
    return (*found[:at], Says(ON_PAPER), *found[at:])


def _placed(
    main: Any, pictures: Mapping[str, Sequence[Picture]], lenses: Sequence[str]
) -> dict[Any, Sequence[Picture]]:
    """Table of the page -> the pictures that go before it."""
    glance = (pictures[f"lens {lens}"] for lens in lenses)
    by = (parts for key, parts in pictures.items() if key.startswith("attribute "))
    placed = dict(zip(main.xpath(".//table[@class='glance']"), glance, strict=True))
    placed |= dict(zip(main.xpath(".//table[@class='by'][tbody/tr]"), by, strict=True))
    return placed | {table: pictures["cases"] for table in main.xpath(".//table[@class='matrix'][tbody/tr]")}


def _read(element: Any, placed: Mapping[Any, Sequence[Picture]]) -> Iterator[Piece]:
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _SKIPPED or _is_for_eyes(child):
            continue
        if _has(child, "folded"):
            yield Listed(tuple(_folded(summary) for summary in child.iterfind("details/summary")))
            continue
        if child.tag in _LEVELS:
            yield Heading(_text(child), _LEVELS[child.tag])
        elif child.tag == "p":
            if said := _text(child):
                yield Says(said, _commands(child), _has(child, "small") or _has(child, "kicker"))
        elif child.tag == "figure":
            yield _cited(child)
        elif child.tag in ("ul", "ol"):
            yield Listed(tuple(_item(item) for item in child.iter("li")))
        elif child.tag == "dl":
            rows = zip(child.iter("dt"), child.iter("dd"), strict=True)
            pairs = tuple(Line((_text(name), _text(value))) for name, value in rows)
            yield Tabled("Settings and versions", ("What", "Value"), pairs, frozenset())
        elif child.tag == "table":
            yield from (Drawn(picture) for picture in placed.get(child, ()))
            yield _tabled(child)
        else:
            yield from _read(child, placed)


def _cited(figure: Any) -> Cited:
    quote, under = figure.find("blockquote"), figure.find("figcaption")
    asked = [_text(p, hidden=True) for p in figure.iter("p")]
    named = {span.get("class"): _text(span) for span in under.iter("span")}
    traits = [_text(one) for one in under.findall("bdi")]
    note = " · ".join(filter(None, (named["place"], named.get("sure", ""))))
    note += "".join(f". {question}" for question in asked)
    return Cited(quote.text_content(), " · ".join([named["who"], *traits]), note, quote.get("lang") or "")


def _tabled(table: Any) -> Tabled:
    caption = table.find("caption")
    heads = [cell for cell in table.find("thead").find("tr") if not _is_for_eyes(cell)]
    rows = []
    for row in table.iterfind("tbody/tr"):
        cells = tuple(_cell(cell) for cell in row if not _has(cell, "drawn"))
        rows.append(Line(cells, _has(row, "band")))
    columns = tuple(_cell(cell) for cell in heads)
    matrix = _has(table, "matrix")
    numeric = frozenset(i for i, cell in enumerate(heads) if _has(cell, "number") or (i and matrix))
    return Tabled("" if caption is None else _text(caption, hidden=True), columns, tuple(rows), numeric, matrix)


def _item(item: Any) -> str:
    """A point; of a quotation the words first, then whose they are."""
    words, *rest = [_text(part) for part in item] if item.find("span[@class='words']") is not None else [""]
    return f"“{words}” {' '.join(rest)}" if words else _text(item)


def _folded(summary: Any) -> str:
    """The line of what is folded on the page: its name, and what is said of it at once."""
    name, told = summary
    return f"{_text(name)}: {_text(told)}"


def _cell(cell: Any) -> str:
    """A cell; what the page sets small beside it stands in brackets."""
    hashes = [_text(one) for one in cell.iterfind(".//span[@class='hash']")]
    small = [_text(one) for one in cell.iterfind(".//span[@class='small']")]
    told = "; ".join(hashes) if hashes else _text(cell)
    for one in small:
        told = f"{told.removesuffix(one).strip(' ')} ({one})"
    return told


def _text(element: Any, *, hidden: bool = False) -> str:
    """What a reader sees of it, on one line; `hidden` takes in what only screen readers get."""
    return _WHITE.sub(" ", "".join(_seen(element, hidden=hidden))).strip(" ")


def _seen(element: Any, *, hidden: bool = False) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if (
            isinstance(child.tag, str)
            and child.tag not in _SKIPPED
            and not _is_for_eyes(child)
            and (hidden or not _has(child, "vh"))
        ):
            yield from _seen(child, hidden=hidden)
        yield child.tail or ""


def _commands(paragraph: Any) -> str:
    """The commands that a pointer shows."""
    commands = list(dict.fromkeys(paragraph.xpath(".//@title")))
    return f"To see the rows: {'; '.join(commands)}" if commands else ""


def _is_for_eyes(element: Any) -> bool:
    """Whether it is a drawing, or for the screen only."""
    return (element.get("aria-hidden") == "true" and not _has(element, "one")) or _has(element, "screen")


def _has(element: Any, name: str) -> bool:
    return name in (element.get("class") or "").split()
