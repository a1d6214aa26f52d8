"""What a notebook shows: plain HTML without scripts. Every word that came from a file or a person is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from textcoder.domain.project import DEFAULT_LENSES

LONG = ("text", "quotation", "question", "definition", "warnings")
"""Columns of running text, which are given room and keep their line breaks."""
PHRASES = ("why", "reason", "reading", "keywords", "note", "code", "name")
"""Columns of a few words, which would else be squeezed beside them."""
IDS = ("segment", "transcript", "file", "theme_id", "lens")
"""Columns of names that break nowhere."""
_MARKS = dict(zip((lens.id for lens in DEFAULT_LENSES), ("#17704f", "#a8481a", "#33579f"), strict=True))
# Colours are set on edges and marks only, so that ink and paper stay the notebook's own, light or dark.
_CELL = "text-align:left;vertical-align:top;padding:.25em .75em .25em 0;border-bottom:1px solid rgba(128,128,128,.35)"
_LONG_CELL = f"{_CELL};white-space:pre-wrap;min-width:18em;max-width:46em"
_PHRASE_CELL = f"{_CELL};min-width:11em"
_ID_CELL = f"{_CELL};white-space:nowrap"


def table(header: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str = "") -> str:
    """A table with a caption below it."""
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(_cell(name, value) for name, value in zip(header, row, strict=True)) + "</tr>" for row in rows
    )
    below = f'<caption style="caption-side:bottom;text-align:left">{escape(caption)}</caption>' if caption else ""
    inner = f"{below}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div style="overflow-x:auto"><table style="border-collapse:collapse">{inner}</table></div>'


def details(summary: str, inner: str) -> str:
    """Something that opens; `inner` is HTML."""
    return f"<details><summary>{escape(summary)}</summary>{inner}</details>"


def turns(spoken: Iterable[tuple[str, str]]) -> str:
    """Who says what."""
    return "".join(
        f'<p style="margin:.3em 0;max-width:46em;white-space:pre-wrap"><b>{escape(who)}</b> {escape(words)}</p>'
        for who, words in spoken
    )


def plain(value: Any) -> str:
    """A value as people read it: numbers to two digits, several things with commas, nothing where there is nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) > 1 else f"{value:.2f}"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(plain, value))
    return str(value)


def _cell(name: str, value: Any) -> str:
    mark = _MARKS.get(value) if name == "lens" and isinstance(value, str) else None
    dot = f'<span aria-hidden="true" style="color:{mark}">●</span> ' if mark else ""
    style = _LONG_CELL if name in LONG else _PHRASE_CELL if name in PHRASES else _ID_CELL if name in IDS else _CELL
    return f'<td style="{style}">{dot}{escape(plain(value))}</td>'
