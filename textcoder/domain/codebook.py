"""Codes and the book that holds them. A change gives a new Codebook; the decisions that led to it stand in the log."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Where a code comes from (Fereday and Muir-Cochrane 2006: theory-driven and data-driven live together)."""

    THEORY = "theory"
    DATA = "data"
    MODEL = "model"
    """Drafted by the machine; nobody has confirmed it yet."""


class CodeStatus(StrEnum):
    """A provisional code was adopted by a batch run and waits for a person."""

    PROVISIONAL = "provisional"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Example:
    """A quotation that shows how the code is used, with where it stands ("Mira, w1_SU01_mira.txt"); source may be empty."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A codebook entry after MacQueen et al. (1998).

    Attributes:
        id: Stays when the code is renamed.
        name: Unique within its lens, whatever the case of its letters.
        definition: Brief definition, one sentence.
        include: When to use.
        exclude: When not to use.
        examples: Quotations with their source.
        lens: Lens id, or `none`.
        parent: Id of the code above it; None at the top.
        colour: `#RRGGBB`, or empty for the lens's own.
        origin: Theory, data or model.
        status: Provisional, active or retired.
        successors: Ids of the codes that took its place when it was merged (one) or split (several); empty otherwise.
        threshold: The probability from which the machine may suggest it, where a person has set one; None leaves it to the machine.
    """

    id: str
    name: str
    definition: str = ""
    include: str = ""
    exclude: str = ""
    examples: tuple[Example, ...] = ()
    lens: str = "none"
    parent: str | None = None
    colour: str = ""
    origin: Origin = Origin.DATA
    status: CodeStatus = CodeStatus.ACTIVE
    successors: tuple[str, ...] = ()
    threshold: float | None = None


def code_id(lens: str, name: str) -> str:
    """The id of a code that is new to a project: the same lens and name give the same id (uuid5)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"textcoder:code:{lens}:{name.casefold()}"))


@dataclass(frozen=True, slots=True)
class Codebook:
    """All codes of a project at one moment.

    Attributes:
        codes: In the order in which they were added.
        version: How many decisions have changed it; 0 is the empty book.
    """

    codes: tuple[Code, ...] = ()
    version: int = 0

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def get(self, code: str) -> Code | None:
        """The code with this id, or None."""
        return next((entry for entry in self.codes if entry.id == code), None)

    def find(self, name: str, lens: str | None = None) -> Code | None:
        """The code with this name, whatever the case of its letters; within one lens if given."""
        wanted = name.casefold()
        return next((c for c in self.codes if c.name.casefold() == wanted and lens in (None, c.lens)), None)

    @property
    def in_use(self) -> tuple[Code, ...]:
        """The codes that are not retired."""
        return tuple(code for code in self.codes if code.status is not CodeStatus.RETIRED)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Ids of the codes above this one, the nearest first; a child implies them all."""
        parent_of = {entry.id: entry.parent for entry in self.codes}
        found: list[str] = []
        above = parent_of.get(code)
        while above is not None and above not in found:
            found.append(above)
            above = parent_of.get(above)
        return tuple(found)

    def children(self, code: str) -> tuple[Code, ...]:
        """The codes right below this one."""
        return tuple(entry for entry in self.codes if entry.parent == code)

    def with_code(self, code: Code) -> Codebook:
        """The book with `code` added, or put in place of the one with its id."""
        if self.get(code.id) is None:
            return Codebook((*self.codes, code), self.version + 1)
        return Codebook(tuple(code if c.id == code.id else c for c in self.codes), self.version + 1)

    def without(self, code: str) -> Codebook:
        """The book without the code with this id; what inverts an addition."""
        return Codebook(tuple(c for c in self.codes if c.id != code), self.version + 1)


def problems_of(codes: Iterable[Code], lenses: Iterable[str]) -> list[tuple[int, str]]:
    """What is wrong with codes that a person wrote, as (index from 0, sentence with the remedy); empty when all is well."""
    known = {*lenses, "none"}
    rows = list(codes)
    ids = {code.id for code in rows}
    seen: set[tuple[str, str]] = set()
    found: list[tuple[int, str]] = []
    for i, code in enumerate(rows):
        key = (code.lens, code.name.casefold())
        if not code.name.strip():
            found.append((i, "the code has no name; give it one."))
        elif key in seen:
            found.append((i, f'the code "{code.name}" stands twice under {code.lens}; rename or remove one.'))
        if code.lens not in known:
            found.append((i, f'the lens "{code.lens}" is unknown; use one of {", ".join(sorted(known))}.'))
        if code.parent is not None and code.parent not in ids:
            found.append((i, f'the parent of "{code.name}" is not in this codebook; add it or leave parent empty.'))
        seen.add(key)
    parents = {code.id: code.parent for code in rows}
    for i, code in enumerate(rows):
        above, steps = code.parent, 0
        while above is not None and above != code.id and steps <= len(rows):
            above, steps = parents.get(above), steps + 1
        if above is not None:
            found.append((i, f'"{code.name}" is its own ancestor; mend its parent.'))
    return sorted(found)
