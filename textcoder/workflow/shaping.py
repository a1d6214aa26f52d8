"""Codebooks and codings from the tables of other programs: coded words are found in the transcripts by what they say.

What people coded elsewhere becomes decisions of theirs, so that the machine learns from it as from any other coding. A place is never
guessed silently: what stands at several places, or nowhere, is told row by row and can be settled in a table of what waits.
`shaping_places` finds the words, `shaping_codes` the codes, and `shaping_tables` writes such tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from textcoder.domain.acts import Draft
from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind, Status
from textcoder.domain.decision import By, Decision, DecisionKind, Verb, coding_state, coding_target
from textcoder.domain.standing import Standing
from textcoder.errors import InvalidDecision, InvalidTable, NothingToCode, UnreadableFile
from textcoder.formats import shapes
from textcoder.formats.codebook import is_own
from textcoder.formats.rows import Grid
from textcoder.formats.shapes import Coded, Guess, Holds
from textcoder.matching import Place
from textcoder.store import Store
from textcoder.workflow.picturing import described, entry_of
from textcoder.workflow.shaping_codes import Book, plain_name
from textcoder.workflow.shaping_places import Choose, Placed, Placer
from textcoder.workflow.shaping_results import Became, Shaped, Told
from textcoder.workflow.steps import RESEARCHER, now

_MACHINES = ("machine", "textcoder")


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
        InvalidTable: The mapping does not fit, or the table holds the other of the two.
    """
    grid = shapes.read_table(data, file)
    if mapping is None:
        try:
            return grid, shapes.guess(grid, file, holds=holds)
        except UnreadableFile:
            _check_holds(shapes.guess(grid, file).mapping.holds, holds, file)
            raise
    given = shapes.read_mapping(mapping, named, grid)
    return grid, Guess(given, 1.0, dict.fromkeys(given.columns, "given"))


_INSTEAD = {
    Holds.CODEBOOK: "this is a codebook; take it in as one (`textcoder codebook import`).",
    Holds.CODINGS: "these are codings; take them in as such (`textcoder codings import`).",
}


def _check_holds(found: Holds, wanted: Holds | None, file: str) -> None:
    if wanted not in (None, found):
        raise InvalidTable(file, _INSTEAD[found])


def is_own_book(data: bytes, file: str) -> bool:
    """Whether a codebook is one of textcoder's own, by its columns: some are textcoder's alone, or no program's table is like it.

    As YAML a program's codebook is a list of entries with the keys that it has for headings; our own has its codes under `codes:`.

    Raises:
        UnreadableFile: It is a broken table; what is no YAML, or holds no such list, is for the reader of our own to refuse.
    """
    try:
        grid = shapes.read_table(data, file)
    except InvalidTable:
        return True
    if is_own(grid.header):
        return True
    try:
        shapes.guess(grid, file, holds=Holds.CODEBOOK)
    except UnreadableFile:
        return True
    return False


# --- codings in -------------------------------------------------------------------------------------------------------------------------


def import_codings(
    store: Store,
    grid: Grid,
    guess: Guess,
    file: str,
    *,
    coder: Coder | None = None,
    by: Coder = RESEARCHER,
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
        by: Who imports; while she codes a sample blind, only codings of her own.
        choose: Asked where words stand at several places.
        dry_run: Only tell what would become of each.

    Raises:
        NothingToCode: There are no transcripts in the project.
        InvalidTable: The table holds a codebook.
        InvalidDecision: Whoever imports still codes a sample blind, and the table holds codings of others.
    """
    _check_holds(guess.mapping.holds, Holds.CODINGS, file)
    with store.transaction():
        transcripts = store.transcripts()
        if not transcripts:
            raise NothingToCode("There are no transcripts to find the words in; read them with `textcoder import`.")
        standing = Standing(store.decisions())
        book = Book(standing.codebook, store.project().lenses, guess.mapping)
        rows = list(shapes.codings_in(grid, guess.mapping, known=book.known()))
        book.tell(code for row in rows for code in row.codes)
        people = _People(store.coders(), coder)
        _check_own(standing, by, [people.of(row.coder) for row in rows])
        placed = Placer(transcripts, guess.mapping, choose).place(rows)
        told, decisions = _decided(standing, rows, placed, book, people, file)
        codes = tuple(book.made)
        if not dry_run:
            made: list[Decision] = []
            for who, of_hers in decisions:
                store.save_coder(who)
                made += store.append(of_hers)
            return Shaped(guess, told, codes, tuple(made))
    return Shaped(guess, told, codes, tuple(one for _, of_hers in decisions for one in of_hers))


def _check_own(standing: Standing, by: Coder, whose: Iterable[Coder | None]) -> None:
    """See that nobody is told what others said of what she codes blind: which of their codings are here already."""
    if any(who is not None and who.id != by.id for who in whose) and standing.blind(by.id):
        raise InvalidDecision(
            "You still code a sample blind, and this table holds codings of others than you; finish and release it first, or import "
            "only your own."
        )


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
    placed: Sequence[Placed],
    book: Book,
    people: _People,
    file: str,
) -> tuple[tuple[Told, ...], list[tuple[Coder, list[Decision]]]]:
    """What becomes of each coding, and the act of each coder, in the order of the rows."""
    at, told, noted = now(), list[Told](), dict[str, int]()
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
            told.append(_coded(one, where.place, drafts[who.id][1], book, noted))
    acts: list[tuple[Coder, list[Decision]]] = []
    for who, draft in drafts.values():
        if decisions := draft.decisions():
            acts.append((who, decisions))
    return tuple(told), acts


def _lost(one: Told, why: str) -> Told:
    return replace(one, became=Became.LOST, why=why, place=None, places=())


def _coded(one: Told, place: Place, draft: Draft, book: Book, noted: dict[str, int]) -> Told:
    """One coding noted in an act, and its row in `noted`, unless it stands already or something speaks against it."""
    found = book.find(one.code)
    if isinstance(found, str):
        return _lost(one, found)
    code = found if found is not None else book.make(one.code, draft)
    target = coding_target(draft.by.coder, place.text, place.start, place.end, code.id)
    state = draft.state(DecisionKind.SET_CODING, target)
    if state is not None and state["status"] == Status.REJECTED:
        return _lost(one, f"{draft.by.coder} has rejected just this here since; that stands.")
    if target in noted:
        return replace(one, became=Became.TWICE, why=f"Row {noted[target]} says the same.")
    if state is not None:
        return replace(one, became=Became.SAME, why="")
    noted[target] = one.row
    if code.status is CodeStatus.PROVISIONAL:
        book.adopt(code, draft)
    draft.set(DecisionKind.SET_CODING, target, coding_state(Status.ACCEPTED, one.note))
    return one


# --- codebooks in -----------------------------------------------------------------------------------------------------------------------


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
    _check_holds(guess.mapping.holds, Holds.CODEBOOK, file)
    listed = shapes.codes_in(grid, guess.mapping, file)
    with store.transaction():
        standing = Standing(store.decisions())
        book = Book(standing.codebook, store.project().lenses, guess.mapping)
        book.list_paths(one.path for one in listed)
        draft = Draft(standing, By(coder.id, now(), f"imported from {file}"), Verb.IMPORT)
        changed, notes = [], []
        for one in listed:
            if len(one.path) == 1 and plain_name(one.path[0]) in book.lens_of:
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
