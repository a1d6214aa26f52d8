"""A memo is what a person wrote down about anything: a code, a segment, a transcript, a person, a theme, the study."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MemoOn(StrEnum):
    """What a memo may be about."""

    PROJECT = "project"
    TRANSCRIPT = "transcript"
    SEGMENT = "segment"
    """Any span, written as a segment's id: `<transcript>:<start>-<end>`. The memo stays when the span is recoded."""
    CODE = "code"
    CASE = "case"
    THEME = "theme"


@dataclass(frozen=True, slots=True)
class Memo:
    """One memo as it stands.

    Attributes:
        id: Stays when the text is edited.
        on: The kind of thing it is about.
        item: Id of that thing; empty for the project.
        text: Her words.
        coder: Who wrote it.
        at: When it was last written, ISO 8601 in UTC.
    """

    id: str
    on: MemoOn
    item: str
    text: str
    coder: str
    at: str
