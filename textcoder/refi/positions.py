"""What a position counts: programs count code points or UTF-16 units, a line end as one or two, a byte-order mark or not.

The standard says Unicode code points. Read so, only 13 of 303 codings of a project of NVivo 12 keep their place; as UTF-16 units with CRLF
kept, all do. So the way of counting is found from the evidence: quotations that stand in the names of selections, and how many ends of
selections fall on the edge of a word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

_WIDE = re.compile("[\U00010000-\U0010ffff]")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Unit(StrEnum):
    """What one step of a position is."""

    CODE_POINT = "code points"
    UTF16 = "UTF-16 units"


class LineEnd(StrEnum):
    """What a line end counts."""

    AS_WRITTEN = "line ends as written"
    ONE = "line ends as one"
    TWO = "line ends as two"


@dataclass(frozen=True, slots=True)
class Counting:
    """One way of counting positions."""

    unit: Unit = Unit.CODE_POINT
    line_end: LineEnd = LineEnd.AS_WRITTEN
    mark: bool = False
    """Whether a byte-order mark counts."""

    def __str__(self) -> str:
        return f"{self.unit.value}, {self.line_end.value}" + (", the byte-order mark counted" if self.mark else "")


STANDARD = Counting()
NVIVO = Counting(Unit.UTF16, LineEnd.TWO)
"""As measured with NVivo 12: UTF-16 units, CRLF as two, the mark in the file not counted."""
MAXQDA = Counting(Unit.CODE_POINT, LineEnd.TWO)
ATLASTI = Counting(Unit.CODE_POINT, LineEnd.ONE)
_ALL = tuple(Counting(unit, end, mark) for mark in (False, True) for unit in Unit for end in LineEnd)


@dataclass(frozen=True)
class Raw:
    """A text as it stands in the file, beside its canonical form.

    Attributes:
        text: Canonical.
        pairs: Offsets in the canonical text of the line ends that are CRLF in the file, rising.
        mark: Whether a byte-order mark stands before it.
    """

    text: str
    pairs: tuple[int, ...] = ()
    mark: bool = False

    @cached_property
    def wide(self) -> tuple[int, ...]:
        """Offsets of what is two units of UTF-16."""
        return tuple(found.start() for found in _WIDE.finditer(self.text))

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Offsets of line ends."""
        return tuple(found.start() for found in _LINE_END.finditer(self.text))

    @classmethod
    def of(cls, written: str) -> Raw:
        """The canonical form of what was written, with what gets lost by it. Cost: one pass."""
        mark = written.startswith("\ufeff")
        body = written.removeprefix("\ufeff")
        if "\r" not in body:
            return cls(body, (), mark)
        ends = [found for found in _LINE_END.finditer(body)]
        pairs, gone = [], 0
        for found in ends:
            if len(found[0]) == 2:
                pairs.append(found.start() - gone)
                gone += 1
        return cls(_LINE_END.sub("\n", body), tuple(pairs), mark)


class Ruler:
    """Positions of one text in one way of counting. Cost: one pass over the text, then a bisection a position."""

    def __init__(self, raw: Raw, counting: Counting) -> None:
        wide = raw.wide if counting.unit is Unit.UTF16 else ()
        match counting.line_end:
            case LineEnd.AS_WRITTEN:
                ends: Iterable[int] = raw.pairs
            case LineEnd.TWO:
                ends = raw.ends
            case LineEnd.ONE:
                ends = ()
        self.double = tuple(sorted([*wide, *ends]))
        """Offsets of what counts two, rising."""
        self.before = 1 if counting.mark and raw.mark else 0
        self._written = [offset + i for i, offset in enumerate(self.double)]
        self.length = len(raw.text)

    def written(self, offset: int) -> int:
        """The position of a code point."""
        return self.before + offset + bisect_left(self.double, offset)

    def offset(self, position: int, *, up: bool = False) -> tuple[int, bool]:
        """The code point at a position, kept within the text; and whether it is just so.

        Inside of what counts two (between CR and LF, between surrogates) it is the one before, or with `up` the one after.
        """
        at = position - self.before
        many = bisect_left(self._written, at)
        offset = at - many
        inside = many > 0 and offset == self.double[many - 1]
        offset += inside and up
        kept = min(max(offset, 0), self.length)
        return kept, kept == offset and not inside


@dataclass(frozen=True, slots=True)
class Marked:
    """A selection as it is written: positions, and the quotation that some programs give as its name."""

    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The way of counting that the evidence speaks for.

    Attributes:
        counting: It.
        told: What spoke for it, as a sentence; empty where all ways of counting agree.
        guessed: Where nothing but the program's name, or the standard, spoke for it.
    """

    counting: Counting
    told: str = ""
    guessed: bool = False


def calibrate(texts: Sequence[tuple[Raw, Sequence[Marked]]], *, origin: str = "") -> Calibrated:
    """Find how a program counts, from all its selections together.

    Args:
        texts: Each text with its selections.
        origin: The program's name: decides between equals, and alone where it is our own, which names how it counts.

    Returns:
        The way that puts most ends of selections on the edge of a word, a quotation in the name counting for more.
    """
    if (ours := own_counting(origin)) is not None:
        return Calibrated(ours)
    used = [(raw, marked) for raw, marked in texts if marked]
    seen: dict[tuple[object, ...], Counting] = {}
    favourite = _by_name(origin)
    for counting in sorted(_ALL, key=lambda one: (one != favourite, one != STANDARD)):
        key = tuple((ruler.before, ruler.double) for ruler in (Ruler(raw, counting) for raw, _ in used))
        seen.setdefault(key, counting)
    if len(seen) < 2:
        return Calibrated(next(iter(seen.values()), STANDARD))
    scores = {counting: _score(used, counting) for counting in seen.values()}
    best = max(scores.values(), key=sum)
    held = [counting for counting, score in scores.items() if sum(score) == sum(best)]
    standard = _score(used, STANDARD)
    many = 2 * sum(len(marked) for _, marked in used)
    told = (
        f"Positions were read as {held[0]}: {best[1]} of {many} ends of selections fall on the edge of a word so, "
        f"{standard[1]} as the standard counts."
    )
    return Calibrated(held[0], told, guessed=len(held) > 1)


def own_counting(origin: str) -> Counting | None:
    """How an export of ours counts, by the profile that its origin names; None for other programs."""
    found = re.fullmatch(r"textcoder \((\w+)\)", origin.strip())
    return PROFILED.get(found[1]) if found else None


PROFILED = {"spec": STANDARD, "nvivo": NVIVO, "maxqda": MAXQDA, "atlasti": ATLASTI}


def _by_name(origin: str) -> Counting:
    name = origin.casefold()
    known = (("nvivo", NVIVO), ("maxqda", MAXQDA), ("atlas", ATLASTI))
    return next((counting for word, counting in known if word in name), STANDARD)


_EDGE_WEIGHT = 1
_NAME_WEIGHT = 4  # a quotation that fits by chance is far rarer than an end that falls beside a blank by chance


def _score(texts: Sequence[tuple[Raw, Sequence[Marked]]], counting: Counting) -> tuple[int, int]:
    """Weight of the quotations that fit, and of the ends that fall on the edge of a word."""
    quoted = edges = 0
    for raw, marked in texts:
        ruler = Ruler(raw, counting)
        for one in marked:
            (start, exact), (end, exact_too) = ruler.offset(one.start), ruler.offset(one.end, up=True)
            edges += exact and opens_word(raw.text, start)
            edges += exact_too and closes_word(raw.text, end)
            quoted += bool(one.name) and fits(one.name, raw.text[start:end])
    return _NAME_WEIGHT * quoted, _EDGE_WEIGHT * edges


def opens_word(text: str, at: int) -> bool:
    """Whether a selection may begin here: not inside a word, and not before a blank."""
    return at < len(text) and not text[at].isspace() and (at == 0 or not _inside(text[at - 1], text[at]))


def closes_word(text: str, at: int) -> bool:
    """Whether a selection may end here."""
    return (
        0 < at <= len(text) and not text[at - 1].isspace() and (at == len(text) or not _inside(text[at - 1], text[at]))
    )


def _inside(before: str, after: str) -> bool:
    return before.isalnum() and after.isalnum()


def flat(words: str) -> str:
    """Words as a name has them: blanks made one, no dots at the end that say that it goes on."""
    return " ".join(words.split())


def is_cut(name: str) -> bool:
    """Whether a name says that the quotation goes on."""
    return name.rstrip().endswith(("...", "…"))


def fits(name: str, words: str) -> bool:
    """Whether a name is the quotation, or its beginning."""
    # A selection may be a whole book, and there may be thousands: no more is looked at than could be quoted.
    looked_at = words[: 4 * len(name) + 200]
    told, said = flat(name), flat(looked_at)
    if told == said and len(looked_at) == len(words):
        return True
    if is_cut(told):
        told = told.rstrip(".… ")
        return bool(told) and said.startswith(told)
    # Some programs cut without saying so; a name of a few letters would fit nearly anywhere.
    return len(told) >= 20 and said.startswith(told)
