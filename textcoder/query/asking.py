"""The evaluator's question: which codes, lenses or themes, said by how many of those asked, by any attributes and wave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from textcoder.errors import InvalidDecision
from textcoder.query.facts import EVERYWHERE, Counts, Facts, Ints, Mask, Row, Unit, Where
from textcoder.query.guard import hidden_cells
from textcoder.query.intervals import (
    CLUSTERED,
    WILSON,
    Estimate,
    Numbers,
    effective_sizes,
    share_of_people,
    shares_of_segments,
)

MOST_ATTRIBUTES = 3
MOST_CELLS = 500
"""Nobody reads a table with more cells in a row, and few people would be left in each."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        unit: What the rows are.
        by: Up to three attributes (or `wave`) by which people are compared; none asks about all of them together.
        lens: Only rows under this lens.
        where: Whose words, and which codings.
        minimum_people: A cell for which fewer said it, or were asked, is not shown; 0 shows all.
    """

    unit: Unit = Unit.CODES
    by: tuple[str, ...] = ()
    lens: str | None = None
    where: Where = field(default=EVERYWHERE)
    minimum_people: int = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """Who could have said it: the denominators of one column.

    Attributes:
        values: Of the attributes asked by, in their order; "" for words without the attribute.
        people: With at least one segment; None where they are too few to be shown.
        segments: Of theirs, and of nobody known; None likewise.
    """

    values: tuple[str, ...]
    people: int | None
    segments: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """How many said it.

    Attributes:
        people: Share of the people asked.
        segments: Share of the segments, with what one person says taken to hang together.
        mentions: Distinct spans; a segment may hold more than one.
    """

    people: Estimate
    segments: Estimate
    mentions: int


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One code, lens or theme; a cell is None where it is not shown.

    Attributes:
        row: Which.
        overall: Everybody asked about.
        cells: One for each column of the answer.
    """

    row: Row
    overall: Cell | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A table: rows in the order of the codebook (or lenses, or themes), columns for all combinations of the attributes' values.

    Attributes:
        question: As it was asked.
        overall: Everybody asked about.
        columns: Sorted by value; none where the question is by no attribute.
        rows: Each with as many cells as there are columns.
        hidden: How many cells are not shown.
        methods: What the figures rest on: estimate to method, in words.
    """

    question: Question
    overall: Asked
    columns: tuple[Asked, ...]
    rows: tuple[AnswerRow, ...]
    hidden: int
    methods: Mapping[str, str]


METHODS = {
    "people": WILSON,
    "segments": CLUSTERED,
    "interval": "95 %, each by itself; not adjusted for how many are read together, nor for errors of coding",
}


def ask(facts: Facts, question: Question) -> Answer:
    """Answer a question. Cost: milliseconds; grows with codings and cells.

    A person interviewed in two waves counts once in each; overall she counts once.

    Raises:
        UnknownItem: An attribute, value, file or lens that the project does not have.
        InvalidDecision: More attributes or cells than can be read.
    """
    levels, cells = cells_of(facts, question)
    shape = tuple(len(values) for values in levels)
    wanted = facts.wanted_rows(question.unit, question.lens)
    counts = facts.counts_where(question.unit, question.where)
    # The same, by whatever attributes it is asked.
    asked_as = question.unit, question.lens, question.where.key, question.minimum_people
    overall, totals, unseen = facts.totals(
        asked_as, lambda: _overall(facts, counts, np.minimum(cells, 0), wanted, question.minimum_people)
    )
    columns: list[Asked] = []
    table: list[list[Cell | None]] = [[] for _ in wanted]
    if question.by:
        parts = tally(facts, counts, cells, math.prod(shape), wanted)
        nobody, hidden = _unseen(parts, shape, question.minimum_people)
        columns = _asked(parts, nobody, list(product(*levels)))
        table = _cells(parts, hidden)
        unseen += int(hidden.sum())
    named = [facts.rows[question.unit][i] for i in wanted.tolist()]
    rows = tuple(AnswerRow(row, total[0], tuple(found)) for row, total, found in zip(named, totals, table, strict=True))
    return Answer(question, overall, tuple(columns), rows, unseen, METHODS)


def cells_of(facts: Facts, question: Question) -> tuple[list[tuple[str, ...]], Ints]:
    """The values of each attribute asked by, and (n_sources,) the cell in which each source's words count, or -1.

    All values that the project has are there, whoever is asked about: an empty cell that was left out would tell that the others
    are not empty. Values that the question itself leaves out are.

    Raises:
        UnknownItem: An attribute, value or file that the project does not have.
        InvalidDecision: More attributes or cells than can be read, or one twice.
    """
    if len(set(question.by)) != len(question.by) or len(question.by) > MOST_ATTRIBUTES:
        raise InvalidDecision(f"Ask by up to {MOST_ATTRIBUTES} different attributes, not by {', '.join(question.by)}.")
    keep = facts.sources_where(question.where)
    levels, cells = [], np.zeros(len(keep), dtype=np.int64)
    for name in question.by:
        column = facts.column(name)
        wanted = set(question.where.attributes.get(name, column.levels))
        own = tuple(value for value in column.levels if value in wanted)
        place = np.array([own.index(value) if value in wanted else 0 for value in column.levels], dtype=np.int64)
        levels.append(own)
        cells = cells * len(own) + place[column.values]
    size = math.prod(len(values) for values in levels)
    if size > MOST_CELLS:
        raise InvalidDecision(
            f"By {', '.join(question.by)} there are {size} cells in a row; leave out an attribute, or ask about some "
            f"values only, so that there are {MOST_CELLS} at most."
        )
    return levels, np.where(keep, cells, -1)


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts for each cell, and for each row and cell: who was asked, who said it, and how it clusters.

    Attributes:
        asked: (n_cells,) people.
        segments_asked: (n_cells,).
        said: (n_rows, n_cells) people.
        segments: (n_rows, n_cells) that carry it.
        mentions: (n_rows, n_cells).
        effective: (n_rows, n_cells) independent segments that those asked are worth; see `effective_sizes`.
    """

    asked: Ints
    segments_asked: Ints
    said: Ints
    segments: Ints
    mentions: Ints
    effective: Numbers


def tally(facts: Facts, counts: Counts, cells: Ints, n_cells: int, wanted: Ints) -> Tally:
    """Count.

    Args:
        facts: The project.
        counts: What each row has in each source.
        cells: (n_sources,) the cell of each source; -1 for words that are not asked about.
        n_cells: How many cells.
        wanted: Places of the rows to count.
    """
    sources, most = facts.sources, len(facts.cases) + len(facts.study.transcripts)
    asked_about = np.flatnonzero(cells >= 0)
    # A pair is a person in a cell. Her words there may come from several files.
    pairs, pair_of = np.unique(cells[asked_about] * most + sources.person[asked_about], return_inverse=True)
    pair = np.full(len(cells), -1, dtype=np.int64)
    pair[asked_about] = pair_of
    cell, known = pairs // most, pairs % most < len(facts.cases)
    n = np.bincount(pair_of, sources.segments[asked_about], len(pairs)).astype(np.float64)

    row = np.full(int(max(wanted.max(initial=-1), counts.row.max(initial=-1))) + 1, -1, dtype=np.int64)
    row[wanted] = np.arange(len(wanted))
    chosen = np.flatnonzero((row[counts.row] >= 0) & (pair[counts.source] >= 0))
    # Counted where it belongs among all that could be, which is faster than to sort what there is.
    key_of = row[counts.row[chosen]] * max(len(pairs), 1) + pair[counts.source[chosen]]
    said_by = np.bincount(key_of, counts.segments[chosen]).astype(np.float64)
    keys = np.flatnonzero(said_by)
    y, mentions = said_by[keys], np.bincount(key_of, counts.mentions[chosen])[keys]
    its_row, its_pair = keys // max(len(pairs), 1), keys % max(len(pairs), 1)
    place = its_row * n_cells + cell[its_pair]
    shape = (len(wanted), n_cells)

    def by_cell(weights: Numbers | Mask | None = None) -> Numbers:
        return np.bincount(cell, weights, n_cells).astype(np.float64)

    def by_place(weights: Numbers | Mask | Ints) -> Numbers:
        return np.bincount(place, weights, shape[0] * shape[1]).astype(np.float64).reshape(shape)

    segments, all_segments = by_place(y), by_cell(n)
    own = n[its_pair]
    effective = effective_sizes(
        segments,
        np.broadcast_to(all_segments, shape).copy(),
        by_place(y * y),
        by_place(y * own),
        np.broadcast_to(by_cell(n * n), shape),
        np.broadcast_to(by_cell(), shape),
    )
    return Tally(
        by_cell(known).astype(np.int64),
        all_segments.astype(np.int64),
        by_place(known[its_pair]).astype(np.int64),
        segments.astype(np.int64),
        by_place(mentions).astype(np.int64),
        effective,
    )


def _overall(
    facts: Facts, counts: Counts, cells: Ints, wanted: Ints, minimum: int
) -> tuple[Asked, list[list[Cell | None]], int]:
    """Everybody asked about, one cell for each row, and how many of these are not shown."""
    whole = tally(facts, counts, cells, 1, wanted)
    nobody, hidden = _unseen(whole, (), minimum)
    return _asked(whole, nobody, [()])[0], _cells(whole, hidden), int(hidden.sum())


def _unseen(found: Tally, shape: tuple[int, ...], minimum: int) -> tuple[Mask, Mask]:
    """(n_cells,) and (n_rows, n_cells): what is not shown of who was asked, and of what was said."""
    hidden, nobody = hidden_cells(found.said, found.asked, shape or (1,), minimum)
    return nobody, hidden


def _asked(found: Tally, nobody: Mask, values: list[tuple[str, ...]]) -> list[Asked]:
    rows = zip(values, found.asked.tolist(), found.segments_asked.tolist(), nobody.tolist(), strict=True)
    return [Asked(own, *((None, None) if unseen else (people, segments))) for own, people, segments, unseen in rows]


def _cells(found: Tally, hidden: Mask) -> list[list[Cell | None]]:
    asked = found.asked.tolist()
    shares = shares_of_segments(found.segments, found.segments_asked, found.effective)
    table: list[list[Cell | None]] = []
    for said, segments, mentions, unseen in zip(
        found.said.tolist(), shares, found.mentions.tolist(), hidden.tolist(), strict=True
    ):
        table.append(
            [
                None if unseen[i] else Cell(share_of_people(said[i], asked[i]), segments[i], mentions[i])
                for i in range(len(asked))
            ]
        )
    return table
