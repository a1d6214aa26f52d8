"""Plain text and Markdown: the canonical text is the whole file as decoded; turns come after any front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from textcoder.domain.transcript import SyncPoint, Turn
from textcoder.formats.extract import Extract
from textcoder.formats.speakers import find_turns
from textcoder.formats.times import STAMP, milliseconds

_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>(?:(?!---|\.\.\.)[^\n]*\n){0,200})(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TIME = re.compile(rf"^[ \t]*\\?\[({STAMP})\\?\]", re.MULTILINE)


def read_plain(text: str) -> Extract:
    """Read decoded text.

    YAML front matter between `---` lines becomes metadata: its scalar values, as written, with keys in lower case;
    lists and nested values are left out. Times in brackets at the beginning of a paragraph inside a turn become sync
    points.
    """
    body, metadata, note = _front_matter(text)
    turns = tuple(replace(turn, start=turn.start + body, end=turn.end + body) for turn in find_turns(text[body:]))
    return Extract(text, turns, sync=tuple(_times(text, turns)), metadata=metadata, note=note)


def _front_matter(text: str) -> tuple[int, Mapping[str, str], str]:
    """Where the body begins, what the front matter says, and a note where it cannot be understood."""
    front = _FRONT.match(text)
    if front is None:
        return 0, {}, ""
    import yaml

    try:
        # Every value stays as it is written: "2024-05-02", "01", "yes".
        values = yaml.load(front["yaml"], Loader=yaml.BaseLoader)  # noqa: S506  # BaseLoader knows no types but text
    except (yaml.YAMLError, RecursionError):
        return front.end(), {}, "Its front matter is not YAML and was not used."
    if not isinstance(values, dict):
        return 0, {}, ""
    scalars = {str(key).strip().lower(): value.strip() for key, value in values.items() if isinstance(value, str)}
    return front.end(), {key: value for key, value in scalars.items() if value}, ""


def _times(text: str, turns: tuple[Turn, ...]) -> Iterator[SyncPoint]:
    """Times inside turns, as far as they run forward."""
    latest, i = -1, 0
    for match in _TIME.finditer(text):
        while i < len(turns) and turns[i].end <= match.start():
            i += 1
        ms = milliseconds(match[1])
        if i < len(turns) and turns[i].start <= match.start() and ms > latest:
            latest = ms
            yield SyncPoint(match.end(), ms)
