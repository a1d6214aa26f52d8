"""What is found in a text: a span that may tell who somebody is."""

from __future__ import annotations

from dataclasses import dataclass

PERSON, PLACE, ORGANISATION = "person", "place", "organisation"
NAMES = (PERSON, PLACE, ORGANISATION)
"""Kinds of names; a person's kind may also be her role ("nurse"), as the words beside the name tell it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of a text that may tell who somebody is.

    Attributes:
        start: First code point.
        end: One past the last.
        kind: What it is, in the word that stands in its pseudonym: "person", "nurse", "place", "phone".
        sure: False where a person should look before it is replaced.
        why: What she should know then, where there is more to say than that it may be none.
    """

    start: int
    end: int
    kind: str
    sure: bool = True
    why: str = ""


def without_overlaps(mentions: list[Mention]) -> list[Mention]:
    """The mentions in the order of the text; of those that overlap the first in the order given."""
    kept: list[Mention] = []
    for mention in mentions:
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda mention: mention.start)
