"""The report as Markdown (CommonMark with the tables and footnotes of GitHub and pandoc); its pictures are files beside it.

Whatever people said or named is escaped, so that it stays text: no heading, link, picture or markup comes from it, and none of its
white space is lost. Quotations keep their lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from textcoder.reports.figures import caption
from textcoder.reports.pieces import Cited, Drawn, Heading, Listed, Piece, Says, Tabled

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&#$^])")
"""What may begin markup anywhere in a line, footnotes and mathematics included."""
_AT_START = re.compile(r"^([-+=:]|\d{1,9}(?=[.)]))")
"""What may begin a list, a heading, a table or a definition at the start of a line."""
_EDGES = re.compile(r"^[ \t]+|[ \t]+$")


def write_markdown(pieces: Sequence[Piece], folder: str) -> str:
    """The pieces as Markdown.

    Args:
        pieces: Of the report.
        folder: Name of the folder beside the file in which the pictures lie, as PNG.
    """
    notes: list[str] = []
    numbers: Counter[str] = Counter()
    blocks = [_block(piece, folder, notes, numbers) for piece in pieces]
    blocks += [f"[^{number}]: {escaped(note)}" for number, note in enumerate(notes, start=1)]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """The text as Markdown that shows it; a line break becomes one of Markdown, so the last line must not be empty."""
    return "\\\n".join(map(_line, text.split("\n")))


def _line(text: str) -> str:
    plain = _AT_START.sub(_guarded, _SIGNS.sub(r"\\\1", text))
    return _EDGES.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found.group()), plain)


def _guarded(found: re.Match[str]) -> str:
    sign = found.group()
    return f"&#{ord(sign[0])};{sign[1:]}" if sign[0].isdigit() else f"\\{sign}"


def _block(piece: Piece, folder: str, notes: list[str], numbers: Counter[str]) -> str:
    match piece:
        case Heading(text, level):
            return f"{'#' * (level + 1)} {_in_one(text)}"
        case Says(text, note):
            return escaped(text) + _sign(note, notes)
        case Listed(items):
            return "\n".join(f"- {_in_one(item)}" for item in items)
        case Cited(text, who, note):
            said = escaped(f"“{text}”") + _sign(note, notes)
            return "\n".join(f"> {line}" for line in [*said.split("\n"), "", *f"— {escaped(who)}".split("\n")])
        case Drawn(picture):
            drawn = f"![{_in_one(picture.alt)}]({quote(f'{folder}/{picture.name}.png')})"
            return f"{drawn}\n\n{_caption('Figure', caption(picture), numbers)}"
        case Tabled():
            named = f"{_caption('Table', piece.caption, numbers)}\n\n" if piece.caption else ""
            return named + _table(piece)


def _caption(kind: str, text: str, numbers: Counter[str]) -> str:
    numbers[kind] += 1
    return f"*{kind} {numbers[kind]}. {_in_one(text)}*"


def _sign(note: str, notes: list[str]) -> str:
    """The sign of a footnote, which is kept for the end."""
    if not note:
        return ""
    notes.append(note)
    return f"[^{len(notes)}]"


def _in_one(text: str) -> str:
    """The text escaped, on one line."""
    return _line(" ".join(text.split("\n")))


def _table(tabled: Tabled) -> str:
    width = len(tabled.columns)
    rule = ["---:" if i in tabled.numeric else "---" for i in range(width)]
    lines = [_cells(map(_in_one, tabled.columns)), _cells(rule)]
    for line in tabled.rows:
        cells = map(_in_one, line.cells)
        lines.append(_cells([f"**{next(cells)}**", *[""] * (width - 1)] if line.band else cells))
    return "\n".join(lines)


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
