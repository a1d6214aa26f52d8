"""Where the words of a table of codings stand in the transcripts, row by row: first what stands once, and by that what does not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath

from textcoder.domain.transcript import Transcript
from textcoder.formats import shapes
from textcoder.formats.shapes import Coded
from textcoder.matching import How, Place, Texts, is_clear
from textcoder.workflow.shaping_results import Became

_TELLING = 8
"""Words from which a quotation that stands once is known to be from that transcript, whatever the table calls it."""
_ATLASTI_NUMBER = re.compile(r"^(?:D\s?)?\d+:\s*")

Choose = Callable[[Coded, tuple[Place, ...]], int | None]
"""Asks somebody which of several places is meant: the number in the list, None where she does not say."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the words of one row stand."""

    became: Became
    why: str = ""
    place: Place | None = None
    places: tuple[Place, ...] = ()


class Placer:
    """Finds the words of a table in the transcripts."""

    def __init__(self, transcripts: Sequence[Transcript], mapping: shapes.Mapping, choose: Choose | None) -> None:
        self.transcripts = {one.id: one for one in transcripts}
        self.texts = Texts({one.id: one.text for one in transcripts})
        self.mapping, self.choose = mapping, choose
        # A segment with several codes stands in as many rows, and words that stand nowhere take some milliseconds.
        self._places, self._near = cache(self.texts.places), cache(self.texts.near)

    def place(self, rows: Sequence[Coded]) -> list[Placed]:
        """Of each row where it stands: first what stands once, then by that what does not."""
        held = {document: self._named(document) for document in {row.document for row in rows}}
        found = [self._places(row.text, held[row.document] or None) if row.text.strip() else () for row in rows]
        evidence = self._evidence(rows, found, held)
        conventions = self._conventions(rows, found)
        return [
            self._one(row, places, held[row.document], evidence, conventions)
            for row, places in zip(rows, found, strict=True)
        ]

    def _named(self, document: str) -> frozenset[str]:
        """Ids of the transcripts that a table means by a name; empty for none."""
        given = self.mapping.documents.get(document)
        wanted = {name.casefold() for name in _document_names(given or document)}
        for names_of in (lambda t: {t.name}, lambda t: {PurePosixPath(t.name).name}, lambda t: _stems(t.name)):
            same = frozenset(
                t.id for t in self.transcripts.values() if wanted & {name.casefold() for name in names_of(t)}
            )
            if same:
                return same
        return frozenset()

    def _evidence(
        self, rows: Sequence[Coded], found: Sequence[tuple[Place, ...]], held: Mapping[str, Collection[str]]
    ) -> dict[str, str]:
        """What a table calls a transcript that has another name here: where all its longer quotations stand that stand once."""
        stand: dict[str, set[str]] = defaultdict(set)
        for row, places in zip(rows, found, strict=True):
            if row.document and not held[row.document] and len(places) == 1 and len(row.text.split()) >= _TELLING:
                stand[row.document].add(places[0].text)
        return {document: next(iter(texts)) for document, texts in stand.items() if len(texts) == 1}

    def _conventions(self, rows: Sequence[Coded], found: Sequence[tuple[Place, ...]]) -> tuple[bool, ...]:
        """In which ways the table may count paragraphs (with empty lines, or without): those that no row contradicts that stands once."""
        told = [
            (row.paragraphs, places[0])
            for row, places in zip(rows, found, strict=True)
            if row.paragraphs and len(places) == 1
        ]
        return tuple(empty for empty in (True, False) if all(self._lines(place, empty) == said for said, place in told))

    def _lines(self, place: Place, empty: bool) -> tuple[int, int]:
        text = self.transcripts[place.text].text
        return line_of(text, place.start, empty), line_of(text, max(place.start, place.end - 1), empty)

    def _one(
        self,
        row: Coded,
        places: tuple[Place, ...],
        named: frozenset[str],
        evidence: Mapping[str, str],
        conventions: Sequence[bool],
    ) -> Placed:
        if not row.text.strip():
            return Placed(
                Became.LOST, "The row has no words; a coding of a whole document or of a picture has no place here."
            )
        if not places and named:
            return self._elsewhere(row, named)
        if not named and row.document:
            return self._unknown(row, places, evidence)
        return self._among(row, places, named, conventions)

    def _unknown(self, row: Coded, places: tuple[Place, ...], evidence: Mapping[str, str]) -> Placed:
        """Of a document that no transcript is called after."""

        def why(transcript: str) -> str:
            return f'No transcript is called "{row.document}"; its words stand in {self.transcripts[transcript].name}.'

        known = evidence.get(row.document)
        if known is not None:
            within = tuple(place for place in places if place.text == known)
            said = self._among(row, within, frozenset({known}), ()) if within or not places else None
            if said is not None:
                return replace(said, why=said.why or why(known)) if said.place else said
        if len(places) == 1 and len(row.text.split()) >= _TELLING:
            return _placed(places[0], why(places[0].text))
        if places:
            few = f'No transcript is called "{row.document}", and the words are too few to tell which is meant.'
            return self._asked(row, places, few)
        return self._nearly(row, None)

    def _elsewhere(self, row: Coded, named: frozenset[str]) -> Placed:
        """Words that do not stand where the table says: there nearly, elsewhere just so, or both, which only a person can tell apart."""
        near, places = self._nearly(row, named), self._places(row.text)
        if not places:
            return near
        names = " or ".join(sorted({self.transcripts[place.text].name for place in places[:3]}))
        why = f'The words do not stand in "{row.document}" but in {names}.'
        if near.became is Became.LOST and len(places) == 1 and len(row.text.split()) >= _TELLING:
            return replace(_placed(places[0], why), became=Became.MOVED)
        nearly = (near.place,) if near.place is not None else near.places
        return self._asked(row, (*nearly, *places), why)

    def _among(
        self, row: Coded, places: tuple[Place, ...], named: Collection[str], conventions: Sequence[bool]
    ) -> Placed:
        if len(places) == 1:
            return _placed(places[0])
        if not places:
            return self._nearly(row, named or None)
        at = [place for place in places if (place.start, place.end) == row.span]
        if len(at) == 1:
            return replace(
                _placed(at[0]), why="Its words stand there repeatedly; it is the place that the table names."
            )
        if row.paragraphs and conventions:
            by = {place for way in conventions for place in places if self._lines(place, way) == row.paragraphs}
            if len(by) == 1:
                return replace(
                    _placed(by.pop()), why="Its words stand there repeatedly; it is the paragraph that the table names."
                )
        return self._asked(row, places, f"Its words stand at {len(places)} places.")

    def _nearly(self, row: Coded, within: Collection[str] | None) -> Placed:
        """Words that stand nowhere just so."""
        if row.span is not None and within and len(within) == 1:
            there = self.texts.at(row.text, next(iter(within)), *row.span)
            if there is not None:
                why = "It stands where the table says; the words there are otherwise."
                return Placed(Became.MOVED, why, there)
        near = self._near(row.text, frozenset(within) if within else None)
        if is_clear(near) and (within or len(row.text.split()) >= _TELLING):
            why = f"Its words are a little otherwise here ({near[0].likeness:.0%} alike)."
            return Placed(Became.MOVED, why, near[0])
        if near:
            return self._asked(
                row, near, f"Its words are otherwise here; the best place is {near[0].likeness:.0%} alike."
            )
        where = " in that transcript" if within else ""
        return Placed(Became.LOST, f"Its words do not stand{where}, and nothing like them.")

    def _asked(self, row: Coded, places: tuple[Place, ...], why: str) -> Placed:
        chosen = self.choose(row, places) if self.choose is not None else None
        if chosen is not None:
            return Placed(Became.MATCHED, "Chosen by you among several.", places[chosen])
        return Placed(Became.AMBIGUOUS, why, places=places)


def _placed(place: Place, why: str = "") -> Placed:
    if place.how is How.LETTERS and not why:
        why = f"{place.how.value.capitalize()} than in the table."
    return Placed(Became.MATCHED, why, place)


def _document_names(written: str) -> set[str]:
    """What a table may mean by a document: as written, without the folders above it, without a number before it ("D 3: mira")."""
    names = {written.strip(), re.split(r"[\\/]+", written.strip())[-1]}
    names |= {_ATLASTI_NUMBER.sub("", name) for name in names}
    return {" ".join(name.split()) for name in names} - {""}


def _stems(name: str) -> set[str]:
    return {PurePosixPath(name).stem, str(PurePosixPath(name).with_suffix(""))}


def line_of(text: str, offset: int, empty: bool) -> int:
    """Number of the line on which a code point lies, from 1; with or without those that are empty."""
    lines = text[:offset].split("\n")
    return len(lines) if empty else sum(bool(line.strip()) for line in lines[:-1]) + 1
