"""A quotation that people chose for the report: a place in a transcript, never a copy of its words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """One chosen quotation as it stands. The team has one collection, and each span is in it once.

    Attributes:
        transcript: Id.
        start: First code point.
        end: After the last code point.
        note: What it is to show, in her words; may be empty.
        place: The report has them in this order, from low to high.
        coder: Who chose it.
        at: When it was chosen, ISO 8601 in UTC.
    """

    transcript: str
    start: int
    end: int
    note: str
    place: float
    coder: str
    at: str
