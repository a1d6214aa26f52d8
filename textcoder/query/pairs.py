"""Which codes go together in the same people, and the table of people by codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textcoder.multiplicity import holm
from textcoder.query.facts import EVERYWHERE, Facts, Ints, Mask, Row, Unit, Where
from textcoder.query.intervals import fisher


@dataclass(frozen=True, slots=True)
class Pair:
    """Two codes (or lenses, or themes) that the same people carry.

    Attributes:
        a: One, the earlier in the order of the rows.
        b: The other.
        people: Who carry both.
        people_a: Who carry the one.
        people_b: Who carry the other.
        segments: That carry both.
        lift: How many times as many people carry both as would if neither had to do with the other.
        jaccard: Of those who carry one of them, the share who carry both.
        p: Two-sided, of Fisher's exact test with people as units.
        p_adjusted: After Holm, for all pairs tested.
    """

    a: Row
    b: Row
    people: int
    people_a: int
    people_b: int
    segments: int
    lift: float
    jaccard: float
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class CoOccurrence:
    """Pairs carried by enough people, most people first.

    Attributes:
        asked: People with at least one segment; None where they are too few to be shown.
        pairs: Those that may be shown; a code and one below it are no pair.
        tested: How many pairs were tested, shown or not.
        method: In words.
    """

    asked: int | None
    pairs: tuple[Pair, ...]
    tested: int
    method: str = "Fisher's exact test, two-sided, people as units; Holm's adjustment over all pairs tested"


def co_occurrence(
    facts: Facts,
    where: Where = EVERYWHERE,
    *,
    unit: Unit = Unit.CODES,
    lens: str | None = None,
    minimum_people: int = 2,
) -> CoOccurrence:
    """Find the codes that go together in the same people.

    The test takes each person once, however much she says; that talkative people carry more of every code is not taken out. A pair
    is shown where at least `minimum_people` carry both. Cost: O(rows squared), 60 rows well under a second.

    Raises:
        UnknownItem: As `ask`.
    """
    keep, wanted = facts.sources_where(where), facts.wanted_rows(unit, lens)
    asked = len(np.unique(facts.sources.case[keep & (facts.sources.case >= 0)]))
    if asked < minimum_people:
        return CoOccurrence(None, (), 0)
    found = facts.codings_where(unit, where)
    found = found.kept(keep[found.source])
    case = facts.sources.case[found.source]
    people = _together(found.row[case >= 0], case[case >= 0], wanted, len(facts.rows[unit]), len(facts.cases))
    segments = _together(found.row, found.segment, wanted, len(facts.rows[unit]), len(facts.segments))
    rows = [facts.rows[unit][i] for i in wanted.tolist()]
    least = max(minimum_people, 1)
    candidates = [
        (i, j)
        for i in range(len(rows))
        for j in range(i + 1, len(rows))
        if min(people[i, i], people[j, j]) >= least and not implied(facts, rows[i], rows[j])
    ]
    tested = [fisher(*(int(n) for n in (people[i, j], people[i, i], people[j, j], asked))) for i, j in candidates]
    pairs = []
    for (i, j), p, adjusted in zip(candidates, tested, holm(np.array(tested, dtype=np.float64)).tolist(), strict=True):
        both, a, b = int(people[i, j]), int(people[i, i]), int(people[j, j])
        if both >= least:
            lift, jaccard = both * asked / (a * b), both / (a + b - both)
            pairs.append(Pair(rows[i], rows[j], both, a, b, int(segments[i, j]), lift, jaccard, p, adjusted))
    return CoOccurrence(asked, tuple(sorted(pairs, key=lambda pair: -pair.people)), len(tested))


def _together(row: Ints, item: Ints, wanted: Ints, n_rows: int, n_items: int) -> Ints:
    """(n_wanted, n_wanted) how many items carry both rows."""
    # float32 multiplies fast, and counts below 2**24 are exact in it.
    carried = np.zeros((n_rows, n_items), dtype=np.float32)
    carried[row, item] = 1
    chosen = carried[wanted]
    return np.asarray(chosen @ chosen.T, dtype=np.int64)


def implied(facts: Facts, a: Row, b: Row) -> bool:
    """Whether one stands for the other or above it, so that they go together by definition."""
    if a.code is None or b.code is None:
        return False
    book = facts.study.codebook
    return a.code == b.code or a.code in book.ancestors(b.code) or b.code in book.ancestors(a.code)


@dataclass(frozen=True, slots=True, eq=False)
class CaseMatrix:
    """People by codes: for analysis inside the project, never hidden, since each line is one person.

    Attributes:
        cases: Ids of the people asked, sorted.
        rows: Codes, lenses or themes.
        mentions: (n_cases, n_rows) distinct spans.
    """

    cases: tuple[str, ...]
    rows: tuple[Row, ...]
    mentions: Ints

    @property
    def carried(self) -> Mask:
        """(n_cases, n_rows) whether the person said it at all."""
        return np.asarray(self.mentions > 0)


def matrix(facts: Facts, where: Where = EVERYWHERE, *, unit: Unit = Unit.CODES, lens: str | None = None) -> CaseMatrix:
    """Lay out who said what how often; people without a segment asked about are left out.

    Raises:
        UnknownItem: As `ask`.
    """
    keep, wanted = facts.sources_where(where), facts.wanted_rows(unit, lens)
    counts, case = facts.counts_where(unit, where), facts.sources.case
    whole = np.zeros((len(facts.cases), len(facts.rows[unit])), dtype=np.int64)
    said = keep[counts.source] & (case[counts.source] >= 0)
    np.add.at(whole, (case[counts.source][said], counts.row[said]), counts.mentions[said])
    asked = np.unique(case[keep & (case >= 0)])
    return CaseMatrix(
        tuple(facts.cases[i] for i in asked.tolist()),
        tuple(facts.rows[unit][i] for i in wanted.tolist()),
        whole[np.ix_(asked, wanted)],
    )
