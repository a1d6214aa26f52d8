"""Pseudonyms: who and what a text names is found, shown to a person, and replaced for good; the key lies elsewhere, encrypted."""

from textcoder.pseudonyms.key import read_key, write_key
from textcoder.pseudonyms.leaks import Leak, find_leaks
from textcoder.pseudonyms.mention import NAMES, ORGANISATION, PERSON, PLACE, Mention, without_overlaps
from textcoder.pseudonyms.names import Recogniser, find_names, load_recogniser
from textcoder.pseudonyms.patterns import PATTERN_KINDS, find_patterns
from textcoder.pseudonyms.presidio import Finder, load_presidio
from textcoder.pseudonyms.proposing import Choice, Row, Source, number_of, propose
from textcoder.pseudonyms.replacing import Form, Moves, Piece, Replacer, folded

__all__ = [
    "NAMES",
    "ORGANISATION",
    "PATTERN_KINDS",
    "PERSON",
    "PLACE",
    "Choice",
    "Finder",
    "Form",
    "Leak",
    "Mention",
    "Moves",
    "Piece",
    "Recogniser",
    "Replacer",
    "Row",
    "Source",
    "find_leaks",
    "find_mentions",
    "find_names",
    "find_patterns",
    "folded",
    "load_presidio",
    "load_recogniser",
    "number_of",
    "propose",
    "read_key",
    "without_overlaps",
    "write_key",
]


def find_mentions(text: str, recognised: list[tuple[int, int, str]] | None = None) -> list[Mention]:
    """All that may tell who somebody is: contacts and numbers by their form, then names; see `find_names`."""
    return without_overlaps([*find_patterns(text), *find_names(text, recognised or ())])
