"""What changed from one wave to another, in shares of people: of the same people where they were asked in both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.query.asking import Question, cells_of
from textcoder.query.facts import Counts, Facts, Ints, Mask, Row
from textcoder.query.guard import hidden_cells
from textcoder.query.intervals import Estimate, difference_paired, difference_unpaired, share_of_people

WAVE = "wave"


@dataclass(frozen=True, slots=True)
class Compared:
    """Whom one column compares; numbers too small to be shown are None.

    Attributes:
        values: Of the attributes asked by, in their order.
        paired: Whether only those who were asked in both waves are compared, each with herself.
        both: People asked in both waves.
        before: People asked in the first wave.
        after: People asked in the second.
    """

    values: tuple[str, ...]
    paired: bool
    both: int | None
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Changed:
    """Shares of people in two waves and their difference (after minus before); None where not shown."""

    before: Estimate | None
    after: Estimate | None
    difference: Estimate | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One code, lens or theme."""

    row: Row
    overall: Changed
    cells: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A table of differences.

    Attributes:
        question: As it was asked.
        from_wave: The wave before.
        to_wave: The wave after.
        overall: Whom the overall differences compare.
        columns: As in an answer.
        rows: As in an answer.
        comparisons: How many differences are shown.
        multiplicity: What their number means, in words.
    """

    question: Question
    from_wave: str
    to_wave: str
    overall: Compared
    columns: tuple[Compared, ...]
    rows: tuple[ChangeRow, ...]
    comparisons: int
    multiplicity: str


def change(facts: Facts, question: Question, from_wave: str, to_wave: str, *, paired: bool | None = None) -> Change:
    """Compare two waves.

    A column is paired where at least half of those asked in the smaller wave were asked in both; the others are then left out.
    Else everybody counts and the overlap is ignored, which makes the interval too wide rather than too narrow, as people tend to
    agree with themselves.

    Args:
        facts: The project.
        question: By attributes other than wave.
        from_wave: The wave before.
        to_wave: The wave after.
        paired: True compares only those asked in both waves, False everybody; None decides by the rule above.

    Raises:
        UnknownItem: As `ask`; or there is no such wave.
        InvalidDecision: As `ask`; or the question itself is by wave or within one, or the waves are the same.
    """
    if WAVE in question.by or WAVE in question.where.attributes or from_wave == to_wave:
        raise InvalidDecision("A change is from one wave to another; leave the wave out of the question itself.")
    column = facts.column(WAVE)
    for name in (from_wave, to_wave):
        if name not in column.levels:
            raise UnknownItem(f'There is no wave "{name}"; there is {", ".join(filter(None, column.levels))}.')
    levels, cells = cells_of(facts, question)
    wanted = facts.wanted_rows(question.unit, question.lens)
    counts = facts.counts_where(question.unit, question.where)
    moment = np.full(len(column.levels), -1, dtype=np.int64)
    moment[[column.levels.index(from_wave), column.levels.index(to_wave)]] = 0, 1
    wave = moment[column.values]
    shape = tuple(len(values) for values in levels)
    minimum = question.minimum_people
    whole = _follow(facts, counts, np.minimum(cells, 0), wave, 1, wanted)
    overall, totals = _compare(whole, [()], (1,), minimum, paired)
    columns: list[Compared] = []
    table: list[list[Changed]] = [[] for _ in wanted]
    if question.by:
        parts = _follow(facts, counts, cells, wave, math.prod(shape), wanted)
        columns, table = _compare(parts, list(product(*levels)), shape, minimum, paired)
    named = [facts.rows[question.unit][i] for i in wanted.tolist()]
    rows = tuple(ChangeRow(row, total[0], tuple(found)) for row, total, found in zip(named, totals, table, strict=True))
    shown = sum(one.difference is not None for row in rows for one in (row.overall, *row.cells))
    words = (
        f"{shown} differences, each with a 95 % interval of its own and none adjusted for their number: if nothing had changed, "
        f"about {shown * 0.05:.1f} intervals would leave out 0 by chance."
    )
    return Change(question, from_wave, to_wave, overall[0], tuple(columns), rows, shown, words)


@dataclass(frozen=True, slots=True, eq=False)
class _Followed:
    """People in two waves; the last axis is before and after.

    Attributes:
        asked: (n_cells, 2).
        both: (n_cells,) asked in both waves.
        said: (n_rows, n_cells, 2).
        said_of_both: (n_rows, n_cells, 2) of those asked in both waves.
        twice: (n_rows, n_cells) said it in both waves.
    """

    asked: Ints
    both: Ints
    said: Ints
    said_of_both: Ints
    twice: Ints


def _follow(facts: Facts, counts: Counts, cells: Ints, wave: Ints, n_cells: int, wanted: Ints) -> _Followed:
    sources, n_cases = facts.sources, max(len(facts.cases), 1)
    known = np.flatnonzero((cells >= 0) & (wave >= 0) & (sources.case >= 0))
    # A pair is a person in a cell and a wave; a person in a cell has one or two of them.
    pairs, pair_of = np.unique((cells[known] * 2 + wave[known]) * n_cases + sources.case[known], return_inverse=True)
    pair = np.full(len(cells), -1, dtype=np.int64)
    pair[known] = pair_of
    place, case = pairs // n_cases, pairs % n_cases
    _, person, times = np.unique(place // 2 * n_cases + case, return_inverse=True, return_counts=True)
    in_both = times[person] == 2

    row = np.full(int(max(wanted.max(initial=-1), counts.row.max(initial=-1))) + 1, -1, dtype=np.int64)
    row[wanted] = np.arange(len(wanted))
    chosen = np.flatnonzero((row[counts.row] >= 0) & (pair[counts.source] >= 0))
    size = max(len(pairs), 1)
    keys = np.unique(row[counts.row[chosen]] * size + pair[counts.source[chosen]])
    its_row, its_pair = keys // size, keys % size
    said_at = its_row * n_cells * 2 + place[its_pair]
    again, count = np.unique(its_row * size + person[its_pair], return_counts=True)
    cell_of = np.zeros(len(times), dtype=np.int64)
    cell_of[person] = place // 2
    twice_at = (again // size * n_cells + cell_of[again % size])[count == 2]

    def of(at: Ints, *shape: int, weights: Mask | None = None) -> Ints:
        return np.bincount(at, weights, math.prod(shape)).astype(np.int64).reshape(shape)

    n_rows = len(wanted)
    return _Followed(
        of(place, n_cells, 2),
        of(place, n_cells, 2, weights=in_both)[:, 0],
        of(said_at, n_rows, n_cells, 2),
        of(said_at, n_rows, n_cells, 2, weights=in_both[its_pair]),
        of(twice_at, n_rows, n_cells),
    )


def _compare(
    found: _Followed, values: list[tuple[str, ...]], shape: tuple[int, ...], minimum: int, paired: bool | None
) -> tuple[list[Compared], list[list[Changed]]]:
    if paired is None:
        pairs = (found.both >= max(minimum, 1)) & (2 * found.both >= found.asked.min(axis=1))
    else:
        pairs = np.full(len(values), paired)
    asked = np.where(pairs[:, None], found.both[:, None], found.asked)
    said = np.where(pairs[:, None], found.said_of_both, found.said)
    unseen = [hidden_cells(said[:, :, moment], asked[:, moment], shape, minimum) for moment in (0, 1)]
    columns = [
        Compared(
            own,
            bool(pairs[i]),
            *(n if n >= minimum else None for n in (found.both[i].item(), *found.asked[i].tolist())),
        )
        for i, own in enumerate(values)
    ]
    table = []
    for j in range(len(said)):
        changed = []
        for i in range(len(values)):
            (before, after), (of_before, of_after) = said[j, i].tolist(), asked[i].tolist()
            first = None if unseen[0][0][j, i] or not of_before else share_of_people(before, of_before)
            second = None if unseen[1][0][j, i] or not of_after else share_of_people(after, of_after)
            difference = None
            if first is not None and second is not None:
                both = int(found.twice[j, i])
                difference = (
                    difference_paired(both, after - both, before - both, of_after - after - before + both)
                    if pairs[i]
                    else difference_unpaired(after, of_after, before, of_before)
                )
            changed.append(Changed(first, second, difference))
        table.append(changed)
    return columns, table
