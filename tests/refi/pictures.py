"""Random projects as pictures, for what must survive a journey through an archive."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from textcoder.refi.model import (
    Case,
    Code,
    Coding,
    Link,
    Note,
    Picture,
    Selection,
    Set,
    Source,
    Sync,
    User,
    Value,
)

# Emoji, combining marks, right-to-left, a no-break space, what looks like markup, tabs, line ends as a canonical text has them.
LETTERS = "abc ÅéßЖ中😀👩‍👧̈́\u0301\u200f\u00a0<&>\"'\n\t]:'…"
TEXTS = st.text(st.sampled_from(LETTERS), max_size=60)
NAMES = st.text(st.sampled_from("abcÅéЖ中😀<&>'"), min_size=1, max_size=8)
WORDS = TEXTS.map(str.strip)
TIMES = st.sampled_from(["", "2024-02-29T10:00:00+00:00", "2020-01-01T00:00:00Z", "2019-12-31T23:59:59"])


def guid_of(number: int) -> str:
    """The GUID with this number."""
    return str(uuid.UUID(int=number, version=4))


@st.composite
def pictures(draw: st.DrawFn, *, times: bool = True) -> Picture:
    """A project with everything that a picture can hold."""
    numbers = iter(range(1, 100_000))

    def fresh() -> str:
        return guid_of(next(numbers))

    def some(of: list[str], most: int = 2) -> tuple[str, ...]:
        return tuple(draw(st.lists(st.sampled_from(of), max_size=most, unique=True))) if of else ()

    def several(make: Callable[[], Any], most: int = 3, least: int = 0) -> list[Any]:
        return [make() for _ in range(draw(st.integers(least, most)))]

    users = several(lambda: User(fresh(), draw(NAMES)), least=1)
    user_ids = [user.guid for user in users]

    def who() -> str | None:
        return draw(st.sampled_from([None, *user_ids]))

    # Begun unlike any description: one that says just what its notes say is taken for theirs, as MAXQDA writes it twice.
    notes = several(lambda: Note(fresh(), draw(NAMES), f"Memo {draw(WORDS)}".strip(), who(), draw(TIMES)))
    note_ids = [note.guid for note in notes]
    codes: list[Code] = []
    for _ in range(draw(st.integers(1, 5))):
        above = draw(st.sampled_from([None, *(code.guid for code in codes)]))
        colour = draw(st.sampled_from(["", "#FF00AA"]))
        codes.append(Code(fresh(), draw(NAMES), draw(WORDS), colour, above, draw(st.booleans()), some(note_ids)))
    codes = _in_tree_order(codes)
    code_ids = [code.guid for code in codes]
    variables = tuple(draw(st.lists(NAMES, max_size=3, unique=True)))

    def values() -> tuple[Value, ...]:
        return tuple(Value(name, draw(WORDS.filter(bool))) for name in variables if draw(st.booleans()))

    def coding() -> Coding:
        return Coding(fresh(), draw(st.sampled_from(code_ids)), who(), draw(TIMES), some(note_ids))

    def selection(text: str) -> Selection:
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        codings = tuple(several(coding))
        return Selection(fresh(), start, end, "", draw(WORDS), who(), draw(TIMES), codings, some(note_ids))

    def source() -> Source:
        text = draw(TEXTS)
        found = several(lambda: selection(text), 4) if text else []
        found = sorted(found, key=lambda one: (one.start, one.end, one.guid))
        sync: tuple[Sync, ...] = ()
        if times and text and draw(st.booleans()):
            offsets = sorted(draw(st.sets(st.integers(0, len(text) - 1), min_size=1, max_size=3)))
            sync = tuple(Sync(offset, 1000 * i) for i, offset in enumerate(offsets))
        return Source(
            fresh(),
            draw(NAMES),
            text,
            draw(WORDS),
            who(),
            draw(TIMES),
            tuple(found),
            tuple(several(coding)),
            some(note_ids),
            values(),
            sync,
        )

    sources = several(source)
    selection_ids = [one.guid for held in sources for one in held.selections]
    source_ids = [held.guid for held in sources]
    cases = several(
        lambda: Case(
            fresh(),
            draw(st.one_of(st.just(""), NAMES)),
            draw(WORDS),
            values(),
            some(source_ids),
            some(selection_ids),
            some(code_ids),
        )
    )
    sets = several(
        lambda: Set(fresh(), draw(NAMES), draw(WORDS), some(code_ids), some(source_ids), some(note_ids)), most=2
    )
    links = []
    if len(code_ids) > 1:
        links = several(lambda: Link(fresh(), draw(NAMES), "OneWay", code_ids[0], code_ids[1]), most=1)
    return Picture(
        name=draw(NAMES),
        users=tuple(users),
        codes=tuple(codes),
        variables=variables,
        cases=tuple(cases),
        sources=tuple(sources),
        notes=tuple(notes),
        links=tuple(links),
        sets=tuple(sets),
        description=draw(WORDS),
        about=some(note_ids),
        at=draw(TIMES),
    )


def _in_tree_order(codes: list[Code]) -> list[Code]:
    found: list[Code] = []

    def take(above: str | None) -> None:
        for code in codes:
            if code.parent == above:
                found.append(code)
                take(code.guid)

    take(None)
    return found


def bare(picture: Picture) -> Picture:
    """A picture without what writing puts in: origin, quotations as names; and without what a form of time changes."""

    def coding(one: Coding) -> Coding:
        return replace(one, at=moment(one.at))

    def source(one: Source) -> Source:
        found = tuple(
            replace(s, name="", at=moment(s.at), codings=tuple(map(coding, s.codings))) for s in one.selections
        )
        return replace(one, at=moment(one.at), selections=found, codings=tuple(map(coding, one.codings)))

    return replace(
        picture,
        origin="",
        at=moment(picture.at),
        notes=tuple(replace(note, at=moment(note.at)) for note in picture.notes),
        sources=tuple(map(source, picture.sources)),
    )


def moment(at: str) -> str:
    """The same moment in one form."""
    return at.replace("Z", "+00:00")
