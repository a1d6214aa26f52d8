"""Codebooks and codings from and to the tables of other programs: coded words are found in the transcripts by what they say.

What people coded elsewhere becomes decisions of theirs, so that the machine learns from it as from any other coding. A place is never
guessed silently: what stands at several places, or nowhere, is told row by row and can be settled in a table of what waits.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from textcoder.domain.acts import Draft
from textcoder.domain.codebook import Code, Codebook, CodeStatus, code_id
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind, Coding, Status
from textcoder.domain.decision import By, Decision, DecisionKind, Verb, coding_state, coding_target
from textcoder.domain.project import NO_LENS, Lens
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Transcript
from textcoder.errors import InvalidTable, NothingToCode, OutputError
from textcoder.formats import shapes
from textcoder.formats.rows import Grid
from textcoder.formats.shaped import (
    PLAIN,
    Entry,
    Held,
    Table,
    codebook_table,
    codings_table,
    csv_bytes,
    written,
    yaml_bytes,
)
from textcoder.formats.shapes import Coded, Guess, Holds, Shape
from textcoder.matching import How, Place, Texts, is_clear
from textcoder.store import Store
from textcoder.workflow.picturing import described, entry_of
from textcoder.workflow.steps import RESEARCHER, many, now

_TELLING = 8
"""Words from which a quotation that stands once is known to be from that transcript, whatever the table calls it."""
_MACHINES = ("machine", "textcoder")
_ATLASTI_NUMBER = re.compile(r"^(?:D\s?)?\d+:\s*")


class Became(StrEnum):
    """What became of one coding of a table."""

    MATCHED = "matched"
    MOVED = "moved"
    """Its words are a little otherwise here, or stand in another transcript than the table says."""
    SAME = "here already"
    AMBIGUOUS = "ambiguous"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one coding of a table.

    Attributes:
        row: Number of the row as in the file.
        document: As the table calls it.
        code: As the table calls it; empty where it names none.
        coder: Whose coding it is here.
        text: The coded words, as the table has them.
        note: The table's comment.
        became: What became of it.
        why: In words; empty where it was matched without more ado.
        place: Where it stands; None where it was not placed.
        places: Where it could stand, the best first, where that is not clear.
    """

    row: int
    document: str
    code: str
    coder: str
    text: str
    note: str
    became: Became
    why: str = ""
    place: Place | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Shaped:
    """What came in from a table.

    Attributes:
        guess: Which column was taken for what.
        told: What became of each coding, row by row; empty for a codebook.
        codes: Names of codes that are new or changed.
        decisions: As the log holds them; as they would be where nothing was to be written.
        notes: Of a codebook: codes that were not taken, each a sentence with its row.
    """

    guess: Guess
    told: tuple[Told, ...] = ()
    codes: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()

    def among(self, *became: Became) -> list[Told]:
        """The codings of which that became."""
        return [one for one in self.told if one.became in became]

    @property
    def sentence(self) -> str:
        """All in one, without a word of the transcripts."""
        if self.guess.mapping.holds is Holds.CODEBOOK:
            return f"{many(len(self.codes), 'code')} new or changed."
        counts = Counter(one.became for one in self.told)
        said = ", ".join(f"{counts[became]} {became.value}" for became in Became if counts[became]) or "none"
        coders = sorted({one.coder for one in self.among(Became.MATCHED, Became.MOVED)})
        whose = f" of {', '.join(coders)}" if coders else ""
        new = f"; {many(len(self.codes), 'new code')}" if self.codes else ""
        return f"{many(len(self.told), 'coding')}{whose}: {said}{new}."


Choose = Callable[[Coded, tuple[Place, ...]], int | None]
"""Asks somebody which of several places is meant: the number in the list, None where she does not say."""


def look_at(
    data: bytes, file: str, *, mapping: bytes | None = None, named: str = "", holds: Holds | None = None
) -> tuple[Grid, Guess]:
    """A table, and which of its columns is taken for what.

    Args:
        data: The table.
        file: Its name.
        mapping: A mapping as YAML, where a person has one; else it is guessed.
        named: That mapping's name, for errors.
        holds: Codings or a codebook, where a person has said which.

    Raises:
        UnreadableFile: It is no table, or it is not clear which columns hold the words and the codes.
        InvalidTable: The mapping does not fit.
    """
    grid = shapes.read_table(data, file)
    if mapping is None:
        return grid, shapes.guess(grid, file, holds=holds)
    given = shapes.read_mapping(mapping, named, grid)
    return grid, Guess(given, 1.0, dict.fromkeys(given.columns, "given"))


# --- codings in -------------------------------------------------------------------------------------------------------------------------


def import_codings(
    store: Store,
    grid: Grid,
    guess: Guess,
    file: str,
    *,
    coder: Coder | None = None,
    choose: Choose | None = None,
    dry_run: bool = False,
) -> Shaped:
    """Take people's codings from a table: each is found in the transcripts by its words and becomes a decision of its coder.

    One act a coder, all in one transaction. A second import changes nothing.

    Args:
        store: The project, with its transcripts.
        grid: The table.
        guess: Which column is what.
        file: The table's name, for the history.
        coder: Whose codings they all are; None for whoever the table names, row by row.
        choose: Asked where words stand at several places.
        dry_run: Only tell what would become of each.

    Raises:
        NothingToCode: There are no transcripts in the project.
        InvalidTable: The table holds a codebook.
    """
    if guess.mapping.holds is not Holds.CODINGS:
        raise InvalidTable(file, "this is a codebook; take it in with `textcoder codebook import`.")
    with store.transaction():
        transcripts = store.transcripts()
        if not transcripts:
            raise NothingToCode("There are no transcripts to find the words in; read them with `textcoder import`.")
        standing = Standing(store.decisions())
        book = _Book(standing.codebook, store.project().lenses, guess.mapping)
        rows = list(shapes.codings_in(grid, guess.mapping, known=book.known()))
        book.tell(code for row in rows for code in row.codes)
        placed = _Placer(transcripts, guess.mapping, choose).place(rows)
        people = _People(store.coders(), coder)
        told, decisions = _decided(standing, rows, placed, book, people, file)
        codes = tuple(book.made)
        if not dry_run:
            made: list[Decision] = []
            for who, of_hers in decisions:
                store.save_coder(who)
                made += store.append(of_hers)
            return Shaped(guess, told, codes, tuple(made))
    return Shaped(guess, told, codes, tuple(one for _, of_hers in decisions for one in of_hers))


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where the words of one row stand."""

    became: Became
    why: str = ""
    place: Place | None = None
    places: tuple[Place, ...] = ()


class _Placer:
    """Finds the words of a table in the transcripts."""

    def __init__(self, transcripts: Sequence[Transcript], mapping: shapes.Mapping, choose: Choose | None) -> None:
        self.transcripts = {one.id: one for one in transcripts}
        self.texts = Texts({one.id: one.text for one in transcripts})
        self.mapping, self.choose = mapping, choose
        self.named: dict[str, frozenset[str]] = {}

    def place(self, rows: Sequence[Coded]) -> list[_Placed]:
        """Of each row where it stands: first what stands once, then by that what does not."""
        held = {document: self._named(document) for document in {row.document for row in rows}}
        found = [self.texts.places(row.text, held[row.document] or None) if row.text.strip() else () for row in rows]
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
        return _line(text, place.start, empty), _line(text, max(place.start, place.end - 1), empty)

    def _one(
        self,
        row: Coded,
        places: tuple[Place, ...],
        named: frozenset[str],
        evidence: Mapping[str, str],
        conventions: Sequence[bool],
    ) -> _Placed:
        if not row.text.strip():
            return _Placed(
                Became.LOST, "The row has no words; a coding of a whole document or of a picture has no place here."
            )
        if not places and named:
            return self._elsewhere(row, named)
        if not named and row.document:
            return self._unknown(row, places, evidence)
        return self._among(row, places, named, conventions)

    def _unknown(self, row: Coded, places: tuple[Place, ...], evidence: Mapping[str, str]) -> _Placed:
        """Of a document that no transcript is called after."""
        why = f'No transcript is called "{row.document}"; its words stand in {{}}.'
        known = evidence.get(row.document)
        if known is not None:
            within = tuple(place for place in places if place.text == known)
            said = self._among(row, within, frozenset({known}), ()) if within or not places else None
            if said is not None:
                return replace(said, why=said.why or why.format(self.transcripts[known].name)) if said.place else said
        if len(places) == 1 and len(row.text.split()) >= _TELLING:
            return _placed(places[0], why.format(self.transcripts[places[0].text].name))
        if places:
            few = f'No transcript is called "{row.document}", and the words are too few to tell which is meant.'
            return self._asked(row, places, few)
        return self._nearly(row, None)

    def _elsewhere(self, row: Coded, named: frozenset[str]) -> _Placed:
        """Words that do not stand where the table says: there nearly, elsewhere just so, or both, which only a person can tell apart."""
        near, places = self._nearly(row, named), self.texts.places(row.text)
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
    ) -> _Placed:
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

    def _nearly(self, row: Coded, within: Collection[str] | None) -> _Placed:
        """Words that stand nowhere just so."""
        if row.span is not None and within and len(within) == 1:
            there = self.texts.at(row.text, next(iter(within)), *row.span)
            if there is not None:
                why = "It stands where the table says; the words there are otherwise."
                return _Placed(Became.MOVED, why, there)
        near = self.texts.near(row.text, within)
        if is_clear(near) and (within or len(row.text.split()) >= _TELLING):
            why = f"Its words are a little otherwise here ({near[0].likeness:.0%} alike)."
            return _Placed(Became.MOVED, why, near[0])
        if near:
            return self._asked(
                row, near, f"Its words are otherwise here; the best place is {near[0].likeness:.0%} alike."
            )
        where = " in that transcript" if within else ""
        return _Placed(Became.LOST, f"Its words do not stand{where}, and nothing like them.")

    def _asked(self, row: Coded, places: tuple[Place, ...], why: str) -> _Placed:
        chosen = self.choose(row, places) if self.choose is not None else None
        if chosen is not None:
            return _Placed(Became.MATCHED, "Chosen by you among several.", places[chosen])
        return _Placed(Became.AMBIGUOUS, why, places=places)


def _placed(place: Place, why: str = "") -> _Placed:
    if place.how is How.LETTERS and not why:
        why = f"{place.how.value.capitalize()} than in the table."
    return _Placed(Became.MATCHED, why, place)


def _document_names(written: str) -> set[str]:
    """What a table may mean by a document: as written, without the folders above it, without a number before it ("D 3: mira")."""
    names = {written.strip(), re.split(r"[\\/]+", written.strip())[-1]}
    names |= {_ATLASTI_NUMBER.sub("", name) for name in names}
    return {" ".join(name.split()) for name in names} - {""}


def _stems(name: str) -> set[str]:
    return {PurePosixPath(name).stem, str(PurePosixPath(name).with_suffix(""))}


def _line(text: str, offset: int, empty: bool) -> int:
    """Number of the line on which a code point lies, from 1; with or without those that are empty."""
    lines = text[:offset].split("\n")
    return len(lines) if empty else sum(bool(line.strip()) for line in lines[:-1]) + 1


class _People:
    """Whose codings a table holds, as coders of the project."""

    def __init__(self, here: Iterable[Coder], chosen: Coder | None) -> None:
        self.here = sorted(here, key=lambda coder: coder.id)
        self.chosen = chosen

    def of(self, written: str) -> Coder | None:
        """The coder of a row; None for the machine, which codes anew."""
        name = " ".join(written.split())
        known = [coder for coder in self.here if name in (coder.id, coder.name)]
        if name in _MACHINES or (known and known[0].kind is CoderKind.MACHINE):
            return None  # whoever imports it, it is nobody's own view
        if self.chosen is not None:
            return self.chosen
        if not name:
            return RESEARCHER
        if name in (CONSENSUS.id, CONSENSUS.name):
            return CONSENSUS
        return known[0] if known else Coder(name, name, CoderKind.HUMAN)


def _decided(
    standing: Standing,
    rows: Sequence[Coded],
    placed: Sequence[_Placed],
    book: _Book,
    people: _People,
    file: str,
) -> tuple[tuple[Told, ...], list[tuple[Coder, list[Decision]]]]:
    """What becomes of each coding, and the act of each coder, in the order of the rows."""
    at, told = now(), list[Told]()
    drafts: dict[str, tuple[Coder, Draft]] = {}
    for row, where in zip(rows, placed, strict=True):
        who = people.of(row.coder)
        for code in row.codes or ("",):
            one = Told(row.row, row.document, code, who.id if who else row.coder, row.text, row.note, where.became)
            one = replace(one, why=where.why, place=where.place, places=where.places)
            if who is None:
                told.append(_lost(one, "The machine said so; it codes anew."))
                continue
            if not code:
                told.append(_lost(one, "The row names no code."))
                continue
            if where.place is None:
                told.append(one)
                continue
            if who.id not in drafts:
                drafts[who.id] = (who, Draft(standing, By(who.id, at, f"imported from {file}"), Verb.IMPORT))
            # Codes are made in the first act that needs them; the others of this import find them made.
            told.append(_coded(one, where.place, drafts[who.id][1], book))
    acts: list[tuple[Coder, list[Decision]]] = []
    for who, draft in drafts.values():
        if decisions := draft.decisions():
            acts.append((who, decisions))
    return tuple(told), acts


def _lost(one: Told, why: str) -> Told:
    return replace(one, became=Became.LOST, why=why, place=None, places=())


def _coded(one: Told, place: Place, draft: Draft, book: _Book) -> Told:
    """One coding noted in an act, unless it stands already or something speaks against it."""
    found = book.find(one.code)
    if isinstance(found, str):
        return _lost(one, found)
    code = found if found is not None else book.make(one.code, draft)
    target = coding_target(draft.by.coder, place.text, place.start, place.end, code.id)
    state = draft.state(DecisionKind.SET_CODING, target)
    if state is not None and state["status"] == Status.REJECTED:
        return _lost(one, f"{draft.by.coder} has rejected just this here since; that stands.")
    if state is not None:
        return replace(one, became=Became.SAME, why="")
    if code.status is CodeStatus.PROVISIONAL:
        book.adopt(code, draft)
    draft.set(DecisionKind.SET_CODING, target, coding_state(Status.ACCEPTED, one.note))
    return one


# --- codes ------------------------------------------------------------------------------------------------------------------------------


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


class _Book:
    """The codes of a project as a table writes them.

    Attributes:
        made: Names of the codes that were made.
    """

    def __init__(self, codebook: Codebook, lenses: Sequence[Lens], mapping: shapes.Mapping) -> None:
        self.mapping, self.made = mapping, list[str]()
        self.codes = {code.id: code for code in codebook}
        self.lenses = {lens.id: lens.name for lens in lenses}
        self.lens_of = {_plain(word): lens.id for lens in lenses for word in (lens.id, lens.name)}
        self.table: set[str] = set()
        self._taken: dict[str, set[str]] = defaultdict(set)
        self._index: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for code in codebook:
            self._enter(code)
        self._before = self.known() | set(self.lenses.values())

    def path(self, code: Code) -> tuple[str, ...]:
        """Names from the lens down to the code's own."""
        return code_path(code, self.codes, self.lenses)

    def known(self) -> set[str]:
        """The codes as the table would write them."""
        return {
            " ".join(written(path[skip:], self.mapping.shape).split())
            for path in map(self.path, self.codes.values())
            for skip in range(len(path))
        }

    def tell(self, codes: Iterable[str]) -> None:
        """Take note of what the table calls its codes: by that its levels are known."""
        self.table |= {" ".join(code.split()) for code in codes}

    def find(self, given: str) -> Code | str | None:
        """The code that a table means; a sentence where that cannot be told, or it is retired; None for a new one.

        It is read as the project's codes would be written in the table, as one name (which may hold what parts levels), as a path.
        """
        plain = " ".join(given.split())
        return self._found([("=", _plain(plain)), (_plain(plain),), tuple(map(_plain, self.read(given)))], plain)

    def find_path(self, path: Sequence[str]) -> Code | str | None:
        """The same by a path from the top down."""
        return self._found([tuple(map(_plain, path))], path[-1])

    def _found(self, keys: Iterable[tuple[str, ...]], given: str) -> Code | str | None:
        for key in keys:
            same = self._at(key) or self._at(("...", *key))
            used = [code for code in same if code.status is not CodeStatus.RETIRED]
            if len(used) == 1:
                return used[0]
            if used:
                return f'There is more than one code "{given}" here; name the one above it in the table, too.'
            if same:
                return f'"{same[0].name}" is retired here and stays so; restore it to use it.'
        return None

    def _enter(self, code: Code) -> None:
        """Enter a code by its whole path, after "..." by its path without the lens and by its own name, after "=" as the table would
        write it.
        """
        names = self.path(code)
        path = tuple(map(_plain, names))
        self._index[path].append(code.id)
        self._index["=", _plain(written(names, self.mapping.shape))].append(code.id)
        bare = path[1:] if code.lens in self.lenses else path
        for short in sorted({bare, path[-1:], (_plain(code.name),)} - {path}):
            self._index["...", *short].append(code.id)
        if code.status is not CodeStatus.RETIRED:
            self._taken[code.lens].add(_plain(code.name))

    def _at(self, key: tuple[str, ...]) -> list[Code]:
        return [self.codes[id_] for id_ in self._index.get(key, ())]

    def read(self, given: str) -> tuple[str, ...]:
        """The path of a code as the table writes it."""
        known = self.table | self._before if self.mapping.levels == "." else ()
        path = shapes.path_of(given, self.mapping.levels, known=known)
        return path if len(path) <= shapes.MOST_LEVELS else (" ".join(given.split()),)

    def make(self, given: str, draft: Draft) -> Code:
        """A code that is new here, with those above it that are."""
        return self.made_path(self.read(given), draft)

    def made_path(self, path: Sequence[str], draft: Draft, **fields: Any) -> Code:
        """The code of a path; it and those above it are made where they are not here."""
        lens = self.lens_of.get(_plain(path[0]), NO_LENS)
        names = list(path[1:]) if lens != NO_LENS and len(path) > 1 else list(path)
        above: Code | None = None
        for depth, name in enumerate(names):
            whole = (*([self.lenses[lens]] if lens != NO_LENS else []), *names[: depth + 1])
            same = self._at(tuple(map(_plain, whole)))
            here = next((code for code in same if code.status is not CodeStatus.RETIRED), None)
            if here is None:
                here = self._new(name, lens, above, fields if depth == len(names) - 1 else {})
                draft.code(here)
            above = here
        assert above is not None  # a path has a name
        return above

    def _new(self, name: str, lens: str, above: Code | None, fields: Mapping[str, Any]) -> Code:
        """A code with a name and an id of its own; a second of one name under a lens has its parent's before its own."""
        taken = self._taken[lens]
        first = f"{above.name}::{name}" if above is not None and _plain(name) in taken else name
        numbered = (f"{first} ({i})" if i > 1 else first for i in count(1))
        own = next(name for name in numbered if _plain(name) not in taken)
        ids = (code_id(lens, f"{own} {i}" if i > 1 else own) for i in count(1))
        code = Code(
            next(id_ for id_ in ids if id_ not in self.codes),
            own,
            lens=lens,
            parent=above.id if above else None,
            **fields,
        )
        self.made.append(own)
        self.take(code)
        return code

    def adopt(self, code: Code, draft: Draft) -> None:
        """A draft of the machine that a person uses is hers."""
        adopted = replace(code, status=CodeStatus.ACTIVE)
        self.take(adopted)
        draft.code(adopted)

    def take(self, code: Code) -> None:
        """Take note of a code as it is now; its name and place stay."""
        is_new = code.id not in self.codes
        self.codes[code.id] = code
        if is_new:
            self._enter(code)


def code_path(code: Code, codes: Mapping[str, Code], lenses: Mapping[str, str]) -> tuple[str, ...]:
    """Names from the top down to a code's own: its lens as a folder, the codes in use above it, its name without its parent's before it."""
    names, at, seen = [], code, {code.id}
    while True:
        parent = codes.get(at.parent or "")
        if parent is not None and (parent.status is CodeStatus.RETIRED or parent.id in seen):
            parent = None
        name = at.name.removeprefix(f"{parent.name}::") if parent is not None else at.name
        names.append(" ".join((name or at.name).split()))
        if parent is None:
            break
        seen.add(parent.id)
        at = parent
    return (*([lenses[at.lens]] if at.lens in lenses else []), *reversed(names))


def import_book(
    store: Store, grid: Grid, guess: Guess, file: str, *, coder: Coder = RESEARCHER, dry_run: bool = False
) -> Shaped:
    """Take the codes of a codebook that another program exported; codes of the project that it does not have stay.

    Args:
        store: The project.
        grid: The table.
        guess: Which column is what.
        file: The table's name.
        coder: Who imports.
        dry_run: Only tell what would be new.

    Raises:
        InvalidTable: The table holds codings, or a row is wrong.
    """
    if guess.mapping.holds is not Holds.CODEBOOK:
        raise InvalidTable(file, "these are codings; take them in with `textcoder codings import`.")
    listed = shapes.codes_in(grid, guess.mapping, file)
    with store.transaction():
        standing = Standing(store.decisions())
        book = _Book(standing.codebook, store.project().lenses, guess.mapping)
        draft = Draft(standing, By(coder.id, now(), f"imported from {file}"), Verb.IMPORT)
        changed, notes = [], []
        for one in listed:
            if len(one.path) == 1 and _plain(one.path[0]) in book.lens_of:
                continue  # the folder of a lens
            found = book.find_path(one.path)
            if isinstance(found, str):
                notes.append(f"Row {one.row}: {found}")
            elif found is None:
                book.made_path(one.path, draft, **{**entry_of(one.description), "colour": one.colour})
            elif (fresh := _told_anew(found, one)) != found:
                book.take(fresh)
                draft.code(fresh)
                changed.append(fresh.name)
        decisions = draft.decisions()
        if not dry_run and decisions:
            store.save_coder(coder)
            decisions = list(store.append(decisions))
    return Shaped(guess, (), (*book.made, *changed), tuple(decisions), tuple(notes))


def _told_anew(code: Code, listed: shapes.Listed) -> Code:
    """A code with what a table says otherwise of it; what it does not say stays."""
    fields: dict[str, Any] = {}
    if listed.description and listed.description != described(code):
        entry = entry_of(listed.description)
        fields |= entry if entry["examples"] else {k: v for k, v in entry.items() if k != "examples"}
    if listed.colour and listed.colour.casefold() != code.colour.casefold():
        fields["colour"] = listed.colour
    return replace(code, **fields)


# --- out --------------------------------------------------------------------------------------------------------------------------------

_LONGEST_CELL = 32_767
"""Characters that a cell of XLSX can hold."""


@dataclass(frozen=True, slots=True)
class _Project:
    """What a table is made of."""

    transcripts: Mapping[str, Transcript]
    codes: Mapping[str, Code]
    lenses: Mapping[str, str]
    said: Sequence[Coding] = ()

    @classmethod
    def of(cls, store: Store) -> _Project:
        with store.reading():
            standing = Standing(store.decisions())
            transcripts = {one.id: one for one in store.transcripts()}
            codes = {code.id: code for code in standing.codebook}
            lenses = {lens.id: lens.name for lens in store.project().lenses}
        used = {code.id for code in standing.codebook.in_use}
        said = [
            coding
            for coding in standing.codings.values()
            if coding.status is Status.ACCEPTED and coding.code in used and coding.transcript in transcripts
        ]
        return cls(transcripts, codes, lenses, said)


def shaped_table(store: Store, holds: Holds, shape: Shape) -> Table:
    """Headings and rows of the project's codebook, or of what people coded, as another program writes them.

    The machine's suggestions and what was rejected are no part of it; a project as a whole is exported as REFI-QDA.

    Raises:
        OutputError: There is nothing to write.
    """
    project = _Project.of(store)
    if holds is Holds.CODEBOOK:
        entries = _entries(project)
        if not entries:
            raise OutputError("There is no code in use; draft a codebook, or import one.")
        return codebook_table(entries, shape)
    held = [_held(project, coding) for coding in project.said]
    if not held:
        raise OutputError(
            "Nobody has coded anything yet; accept suggestions in review, or export the whole project as .qdpx, which holds them."
        )
    return codings_table(held, shape)


def _held(project: _Project, coding: Coding) -> Held:
    transcript, code = project.transcripts[coding.transcript], project.codes[coding.code]
    text, start, end = transcript.text, coding.start, coding.end
    lines = (_line(text, start, True), _line(text, max(start, end - 1), True))
    share = (end - start) / max(1, len(text))
    path = code_path(code, project.codes, project.lenses)
    words = transcript.quotation(start, end)
    return Held(transcript.name, path, words, coding.coder, start, end, lines, share, coding.why, code.colour)


def _entries(project: _Project) -> list[Entry]:
    """Codes in use with lenses as folders above them, each after the one above it."""
    files: dict[str, set[str]] = defaultdict(set)
    spans: dict[str, set[tuple[str, int, int, str]]] = defaultdict(set)
    for one in project.said:
        files[one.code].add(one.transcript)
        spans[one.code].add((one.transcript, one.start, one.end, one.coder))
    used = [code for code in project.codes.values() if code.status is not CodeStatus.RETIRED]
    order = {name: place for place, name in enumerate(project.lenses.values())}
    entries = {}
    for code in used:
        path = code_path(code, project.codes, project.lenses)
        counts = len(files[code.id]), len(spans[code.id])
        entries[path] = Entry(path, described(code), code.colour, *counts)
        if code.lens in project.lenses:
            entries.setdefault(path[:1], Entry(path[:1], "", "", 0, 0))
    return [entries[path] for path in sorted(entries, key=lambda path: (order.get(path[0], len(order)), path))]


def export_shaped(store: Store, holds: Holds, shape: Shape, path: Path) -> None:
    """Write the codebook or people's codings as another program would: CSV, XLSX or YAML, by the file's ending.

    Raises:
        OutputError: There is nothing to write, the ending is another, a cell is too long for XLSX, or the file cannot be written.
    """
    data = table_bytes(shaped_table(store, holds, shape), path.name, holds.value)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error


def table_bytes(table: Table, file: str, title: str) -> bytes:
    """A table as a file of the format that its name tells.

    Raises:
        OutputError: The ending is another, or a cell is too long for XLSX.
    """
    match PurePosixPath(file).suffix.casefold():
        case ".csv":
            return csv_bytes(table)
        case ".yaml" | ".yml":
            return yaml_bytes(table)
        case ".xlsx":
            return _workbook(table, file, title)
    raise OutputError(f"{file} has another ending than .csv, .xlsx or .yaml; give it one of these.")


def _workbook(table: Table, file: str, title: str) -> bytes:
    from textcoder.reports import tables
    from textcoder.reports.workbook import write_workbook

    header, rows = table
    long = next((number for number, row in enumerate(rows, 2) if any(len(cell) > _LONGEST_CELL for cell in row)), None)
    if long is not None:
        raise OutputError(f"{file}: row {long} has a cell longer than XLSX can hold; write a .csv instead.")
    return write_workbook({title: tables.Table(header, list(rows))}, title=title)


def waiting_table(told: Iterable[Told], store: Store) -> Table:
    """What was not placed, as a table that a person completes and gives back: with the place where it stands in `start` and `end`.

    Returns:
        A plain table of codings, with why each waits and where it could stand.
    """
    names = {one.id: one.name for one in store.transcripts()}
    rows: list[tuple[str, ...]] = []
    for one in told:
        likely = "; ".join(f"{names[p.text]}:{p.start}-{p.end}" for p in one.places[:10])
        document = names[one.places[0].text] if len({p.text for p in one.places}) == 1 else one.document
        rows.append((document, one.code, one.text, one.coder, one.note, "", "", one.why, likely))
    return (*PLAIN, "why", "places"), rows
