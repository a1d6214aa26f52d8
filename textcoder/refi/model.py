"""A neutral picture of a REFI-QDA project: what the XML says, with positions that count code points of the canonical text.

GUIDs are plain: lower case, without braces. References that lead nowhere are never in a picture; the reader reports and drops them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "textcoder:refi")


def plain_guid(written: str | None) -> str | None:
    """A GUID in lower case without braces; None where the words are no GUID."""
    found = _GUID.fullmatch(written.strip()) if written else None
    return found[1].lower() if found else None


def made_guid(*parts: str | int) -> str:
    """The GUID of a thing that has none: the same parts give the same one (uuid5)."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(f"{len(str(part))}:{part}" for part in parts)))


@dataclass(frozen=True, slots=True)
class User:
    """Whoever coded; `id` is what a program calls her beside her name, where it says so."""

    guid: str
    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A code; the codes of a picture stand in the order of the tree, a parent before its children.

    Attributes:
        guid: Plain.
        name: As written, without the names above it.
        description: May be empty.
        colour: `#RRGGBB`, or empty.
        parent: GUID of the code above it; None at the top.
        codable: False for a folder that only holds others.
        notes: GUIDs of the notes on it.
    """

    guid: str
    name: str
    description: str = ""
    colour: str = ""
    parent: str | None = None
    codable: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """What one variable says of a case or source, as text."""

    variable: str
    value: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case with what is known of it.

    Attributes:
        guid: Plain; some programs give it the GUID of a code, whose selections are then the case's.
        name: Empty where the program names none.
        description: May be empty.
        values: By variable.
        sources: GUIDs of whole sources that are its.
        selections: GUIDs of selections that are its.
        codes: GUIDs of codes whose selections are its.
    """

    guid: str
    name: str = ""
    description: str = ""
    values: tuple[Value, ...] = ()
    sources: tuple[str, ...] = ()
    selections: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coding:
    """One code on a selection, or on a whole source.

    Attributes:
        guid: Plain.
        code: GUID of the code.
        user: GUID of who coded; None where nobody is named.
        at: When, ISO 8601; empty where unknown.
        notes: GUIDs of the notes on it.
    """

    guid: str
    code: str
    user: str | None = None
    at: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """A span of a source.

    Attributes:
        guid: Plain.
        start: First code point of the canonical text.
        end: One past the last; never before `start`, never after the text's end.
        name: A shortened quotation, as many programs write it.
        description: A comment; may be empty.
        user: GUID of who made it; None where nobody is named.
        at: When, ISO 8601; empty where unknown.
        codings: What it carries; may be empty (an annotation, or a case's words).
        notes: GUIDs of the notes on it.
    """

    guid: str
    start: int
    end: int
    name: str = ""
    description: str = ""
    user: str | None = None
    at: str = ""
    codings: tuple[Coding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sync:
    """Where in the text a moment of the recording lies."""

    offset: int
    ms: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text with what was selected in it.

    Attributes:
        guid: Plain.
        name: As the program shows it; two sources may have one name.
        text: Canonical: no BOM, line ends as LF, else as it was written.
        description: May be empty.
        user: GUID of who made it; None where nobody is named.
        at: When, ISO 8601; empty where unknown.
        selections: In order of start, end and GUID.
        codings: On the whole of it.
        notes: GUIDs of the notes on it.
        values: What is known of the source.
        sync: Times of the recording, in rising order; empty where there are none.
    """

    guid: str
    name: str
    text: str
    description: str = ""
    user: str | None = None
    at: str = ""
    selections: tuple[Selection, ...] = ()
    codings: tuple[Coding, ...] = ()
    notes: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    sync: tuple[Sync, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A memo; codes, sources, selections and the project refer to it."""

    guid: str
    name: str
    text: str
    user: str | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line from one thing to another; NVivo links a selection to its note so."""

    guid: str
    name: str = ""
    direction: str = "Associative"
    origin: str | None = None
    target: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Set:
    """A set of codes, sources or notes."""

    guid: str
    name: str
    description: str = ""
    codes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A codebook by itself: what a `.qdc` holds."""

    codes: tuple[Code, ...]
    sets: tuple[Set, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole project.

    Attributes:
        name: Of the project.
        origin: The program that wrote it.
        users: Whoever coded.
        codes: In the order of the tree.
        variables: Names, in their order; all values are text.
        cases: In the order of the file.
        sources: Likewise.
        notes: Likewise.
        links: Those that are no mere tie between a thing and its note.
        sets: In the order of the file.
        description: May be empty.
        about: GUIDs of the notes on the project as a whole.
        at: When it was begun, ISO 8601; empty where unknown.
    """

    name: str
    origin: str = ""
    users: tuple[User, ...] = ()
    codes: tuple[Code, ...] = ()
    variables: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[Note, ...] = ()
    links: tuple[Link, ...] = ()
    sets: tuple[Set, ...] = ()
    description: str = ""
    about: tuple[str, ...] = ()
    at: str = ""


class Became(StrEnum):
    """What became of an item that could not be taken just as it stands."""

    LOST = "lost"
    """It is not in the project."""
    GUESSED = "guessed"
    """The file does not say it, or says it wrongly; something else spoke for it."""
    MOVED = "moved"
    """It stands elsewhere, or is called otherwise, than in the file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report of reading.

    Attributes:
        became: Lost, guessed or moved.
        item: The kind of thing and its GUID, such as "selection 5a0c...". It holds no participant's words.
        why: One sentence.
    """

    became: Became
    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read, and the report of it.

    Attributes:
        picture: The project.
        findings: What was lost, guessed or moved, in the order of the file.
        positions: How the positions were read, as a sentence; empty where all ways of reading agree.
        side: The bytes of our own side file where the archive has one that belongs to it; else None.
        originals: Files that travel beside the side file, by the sha256 that they are said to have.
    """

    picture: Picture
    findings: tuple[Finding, ...] = ()
    positions: str = ""
    side: bytes | None = None
    originals: Mapping[str, bytes] = field(default_factory=dict)


def depth_of(codes: Iterable[Code]) -> int:
    """How many levels a tree of codes has. Cost: one pass; a parent stands before its children."""
    level: dict[str, int] = {}
    for code in codes:
        level[code.guid] = 1 + level.get(code.parent or "", 0)
    return max(level.values(), default=0)
