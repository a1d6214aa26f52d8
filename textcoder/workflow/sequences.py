"""What goes with what inside accounts, given how much each person says: codes on the same words, and a barrier followed by what worked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from textcoder.domain.codebook import CodeStatus
from textcoder.domain.project import BARRIERS, WHAT_WORKS
from textcoder.errors import InvalidDecision
from textcoder.query import EVERYWHERE, Facts, Row, Unit, Where
from textcoder.query.pairs import implied

if TYPE_CHECKING:
    from textcoder.reports.evidence import Section

CLEAR = 0.05
"""Adjusted p below which something is called beyond chance."""
MOST_WITHIN = 20
"""Farther apart, nobody would call one an answer to the other."""
MOST_PAIRS = 3600
"""Pairs of codes that are tested at once: 60 by 60."""
LENGTHS = (1, 2, 4)
"""Segments up to which answers count as of one length; longer ones are of another."""


class On(StrEnum):
    """On what two codes must stand to stand together."""

    SEGMENT = "segment"
    ANSWER = "answer"


METHODS = {
    On.SEGMENT: "each person keeps the number of her segments and of those with each code; exact test with people as strata "
    "(Mantel and Haenszel 1959), adjusted for all pairs tested (Benjamini and Hochberg 1995); intervals by bootstrap over people",
    On.ANSWER: "each person keeps the number of her answers, their lengths and those with each code; exact test with people and lengths of "
    "answers as strata (Mantel and Haenszel 1959), adjusted for all pairs tested (Benjamini and Hochberg 1995); intervals by "
    "bootstrap over people",
}
ORDER = (
    "the second is turned round each account like a ring, so that topics stay in runs; exact sum over accounts, adjusted for all pairs "
    "tested (Benjamini and Hochberg 1995); intervals by bootstrap over people; for comparison with every order as probable as any other"
)


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is asked of codes that go together.

    Attributes:
        unit: Codes, lenses or themes.
        on: The same segment, or the same answer.
        lens: Only rows under this lens.
        where: Whose words, and which codings.
        minimum_people: A pair that fewer people carry is not shown.
    """

    unit: Unit = Unit.CODES
    on: On = On.SEGMENT
    lens: str | None = None
    where: Where = field(default=EVERYWHERE)
    minimum_people: int = 2


@dataclass(frozen=True, slots=True)
class PairFound:
    """Two rows; `units` carry both where `expected` would by chance. See `textcoder.sequence.Together`."""

    a: Row
    b: Row
    units: int
    expected: float
    people: int
    ratio: float
    low: float
    high: float
    z: float
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that may be shown, the least probable first.

    Attributes:
        asked: As it was asked.
        people: Asked; None where they are too few to be shown.
        units: Segments or answers of theirs.
        several: Of these, how many carry two rows or more.
        pairs: Shown.
        tested: How many pairs were tested, shown or not.
        sentences: In words.
        method: What the figures rest on.
    """

    asked: Pairing
    people: int | None
    units: int
    several: int
    pairs: tuple[PairFound, ...]
    tested: int
    sentences: tuple[str, ...]
    method: str


@dataclass(frozen=True, slots=True)
class Following:
    """What is asked of one thing followed by another.

    Attributes:
        first: Lens of what comes first.
        then: Lens of what comes after.
        unit: Lenses as a whole, or the codes under them.
        within: How many of the next segments are looked at.
        where: Whose words, and which codings.
        minimum_people: What fewer people tell so is not shown.
    """

    first: str = BARRIERS.id
    then: str = WHAT_WORKS.id
    unit: Unit = Unit.LENSES
    within: int = 3
    where: Where = field(default=EVERYWHERE)
    minimum_people: int = 2


@dataclass(frozen=True, slots=True)
class FollowedFound:
    """One row followed by another; see `textcoder.sequence.Followed`. `one_answer` of the times no question stands between."""

    first: Row
    then: Row
    times: int
    of: int
    expected: float
    expected_shuffled: float
    people: int
    ratio: float
    low: float
    high: float
    reversed: int
    one_answer: int
    p: float
    p_shuffled: float
    q: float


@dataclass(frozen=True, slots=True)
class Followings:
    """What may be shown, the least probable first.

    Attributes:
        asked: As it was asked.
        people: Asked; None where they are too few to be shown.
        accounts: Transcripts of one person each.
        found: Shown.
        tested: How many pairs were tested, shown or not.
        sentences: In words.
        method: What the figures rest on.
    """

    asked: Following
    people: int | None
    accounts: int
    found: tuple[FollowedFound, ...]
    tested: int
    sentences: tuple[str, ...]
    method: str = ORDER


@dataclass(frozen=True, slots=True)
class Told:
    """The exact words of one segment, and where they stand."""

    text: str
    segment: str
    transcript: str
    file: str
    start: int
    end: int
    speaker: str
    case: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A segment and what follows it, `distance` segments on.

    Attributes:
        first: The words that come first.
        then: Those that follow.
        distance: 1 is the next segment of the account.
        question: What was asked in between; empty where both stand in one answer.
    """

    first: Told
    then: Told
    distance: int
    question: str


@dataclass(frozen=True, slots=True)
class StepsFound:
    """Some of the pairs of segments behind a number: `total` of them by `people` people. None where not shown."""

    total: int | None
    people: int | None
    items: tuple[Step, ...]


# --- accounts in columns ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """Segments asked about, account by account in their order: what one person says in one transcript.

    Attributes:
        segment: (n,) place in `Facts.segments`.
        account: (n,) from 0.
        person: (n,) from 0, of the people asked about.
        turn: (n,) answers, from 0.
        people: How many people known; words of nobody known count as one person's for each file, and are none of these.
    """

    segment: Any
    account: Any
    person: Any
    turn: Any
    people: int


def accounts_of(facts: Facts, where: Where) -> Accounts:
    """The accounts that are asked about.

    Raises:
        UnknownItem: An attribute, value or file that the project does not have.
    """
    import numpy as np

    sources, source_of = facts.sources, facts.layout.source_of
    kept = np.flatnonzero(facts.sources_where(where)[source_of])
    own = source_of[kept]
    most = int(sources.person.max(initial=0)) + 1
    key = sources.transcript[own] * most + sources.person[own]
    order = np.lexsort((kept, key))
    kept, key = kept[order], key[order]
    person = sources.person[source_of[kept]]
    turn = np.array([facts.segments[i].turn for i in kept.tolist()], dtype=np.int64)
    spoken = key * (int(turn.max(initial=0)) + 1) + turn
    people = len(np.unique(person[person < len(facts.cases)]))
    return Accounts(kept, _numbered(key), _numbered(person), _numbered(spoken), people)


def _numbered(values: Any) -> Any:
    import numpy as np

    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _carried(facts: Facts, unit: Unit, where: Where, wanted: Any, accounts: Accounts) -> Any:
    """(n_segments, n_rows) which of the accounts' segments carries which row."""
    import numpy as np

    said = facts.codings_where(unit, where)
    place = np.full(len(facts.segments), -1, dtype=np.int64)
    place[accounts.segment] = np.arange(len(accounts.segment))
    column = np.full(len(facts.rows[unit]), -1, dtype=np.int64)
    column[wanted] = np.arange(len(wanted))
    at, of = place[said.segment], column[said.row]
    held = (at >= 0) & (of >= 0)
    carried = np.zeros((len(accounts.segment), len(wanted)), dtype=bool)
    carried[at[held], of[held]] = True
    return carried


# --- together ---------------------------------------------------------------------------------------------------------------------------


def pairs_together(facts: Facts, asked: Pairing = Pairing(), *, seed: int = 0) -> Pairs:
    """Codes that go together more, or less, than chance gives, given how much each person says. Cost: some seconds for 60 codes.

    Raises:
        UnknownItem: An attribute, value, file or lens that the project does not have.
        InvalidDecision: More rows than can be tested at once.
    """
    import numpy as np

    from textcoder.sequence import together

    wanted = facts.wanted_rows(asked.unit, asked.lens)
    accounts = accounts_of(facts, asked.where)
    method, least = METHODS[asked.on], max(asked.minimum_people, 1)
    if accounts.people < asked.minimum_people:
        return Pairs(asked, None, 0, 0, (), 0, ("Too few people were asked to be shown.",), method)
    carried = _carried(facts, asked.unit, asked.where, wanted, accounts)
    person, stratum = accounts.person, None
    if asked.on is On.ANSWER:
        size = np.bincount(accounts.turn)
        answers = np.zeros((len(size), len(wanted)), dtype=bool)
        rows, codes = np.nonzero(carried)
        answers[accounts.turn[rows], codes] = True
        whose = np.zeros(len(size), dtype=np.int64)
        whose[accounts.turn] = person
        carried, person = answers, whose
        stratum = _numbered(person * (len(LENGTHS) + 1) + np.searchsorted(LENGTHS, size))
    rows_ = [facts.rows[asked.unit][i] for i in wanted.tolist()]
    carriers = [len(np.unique(person[carried[:, j]])) for j in range(len(rows_))]
    candidates = [
        (i, j)
        for i in range(len(rows_))
        for j in range(i + 1, len(rows_))
        if min(carriers[i], carriers[j]) >= least and not implied(facts, rows_[i], rows_[j])
    ]
    _check_pairs(len(candidates))
    tested = together(carried, person, stratum=stratum, pairs=candidates, seed=seed)
    shown = [
        PairFound(rows_[t.a], rows_[t.b], t.units, t.expected, t.people, t.ratio, t.low, t.high, t.z, t.p, t.q)
        for t in tested
        if t.people >= asked.minimum_people
    ]
    shown.sort(key=lambda pair: (pair.p, -abs(pair.z), pair.a.name, pair.b.name, pair.a.id, pair.b.id))
    several = int((carried.sum(axis=1) > 1).sum())
    found = Pairs(asked, accounts.people, len(carried), several, tuple(shown), len(tested), (), method)
    return replace(found, sentences=tuple(_pairs_said(facts, found)))


def _check_pairs(n: int) -> None:
    if n > MOST_PAIRS:
        raise InvalidDecision(
            f"These are {n} pairs; ask under one lens, or of lenses, so that there are {MOST_PAIRS} at most."
        )


def _pairs_said(facts: Facts, found: Pairs) -> Iterable[str]:
    what = "segment" if found.asked.on is On.SEGMENT else "answer"
    if not found.tested:
        yield f"No two of them could go together on {'a' if what == 'segment' else 'an'} {what} in more than one way; nothing was tested."
        return
    more = sum(pair.q < CLEAR and pair.ratio > 1 for pair in found.pairs)
    less = sum(pair.q < CLEAR and pair.ratio < 1 for pair in found.pairs)
    yield (
        f"Of {found.tested} pairs tested, {more} stand on the same {what} more often than chance gives once each person keeps her "
        f"volume, and {less} less often (adjusted p below {CLEAR}; pairs that fewer than {found.asked.minimum_people} people carry "
        f"are not shown)."
    )
    yield f"{found.several} of {found.units} {what}s carry two or more of them."
    book = facts.study.codebook
    if found.asked.unit is Unit.CODES and all(code.status is CodeStatus.PROVISIONAL for code in book.in_use):
        where = "a segment" if found.asked.on is On.SEGMENT else "short answers"
        yield (
            f"Nobody has confirmed a code yet: a drafted code stands for one theme, and a segment is in one theme only, so that codes keep "
            f"each other off {where}. That two of them go together less than chance gives is then how they were made, and says nothing "
            f"of people."
        )


# --- followed ---------------------------------------------------------------------------------------------------------------------------


def followed_by(facts: Facts, asked: Following = Following(), *, seed: int = 0, orders: int = 199) -> Followings:
    """Whether what stands under one lens is followed by what stands under another within one account.

    Cost: a second for lenses and 2,000 segments; grows with segments and pairs of codes.

    Raises:
        UnknownItem: An attribute, value, file or lens that the project does not have.
        InvalidDecision: `within` is none, or too many pairs.
    """
    import numpy as np

    from textcoder.sequence import followed, steps

    first_rows, then_rows = _wanted(facts, asked)
    accounts, least = accounts_of(facts, asked.where), max(asked.minimum_people, 1)
    n_accounts = int(accounts.account.max(initial=-1)) + 1
    if accounts.people < asked.minimum_people:
        return Followings(asked, None, 0, (), 0, ("Too few people were asked to be shown.",))
    first = _carried(facts, asked.unit, asked.where, first_rows, accounts)
    then = _carried(facts, asked.unit, asked.where, then_rows, accounts)
    enough_first, enough_then = (
        np.array([len(np.unique(accounts.person[side[:, j]])) >= least for j in range(side.shape[1])], dtype=bool)
        for side in (first, then)
    )
    first_rows, then_rows = first_rows[enough_first], then_rows[enough_then]
    first, then = first[:, enough_first], then[:, enough_then]
    _check_pairs(len(first_rows) * len(then_rows))
    same = frozenset(
        (i, j) for i, a in enumerate(first_rows.tolist()) for j, b in enumerate(then_rows.tolist()) if a == b
    )
    tested = followed(
        first, then, accounts.account, accounts.person, within=asked.within, seed=seed, orders=orders, same=same
    )
    rows, shown = facts.rows[asked.unit], []
    for t in tested:
        if t.people < asked.minimum_people:
            continue
        behind = steps(first[:, t.first], then[:, t.then], accounts.account, within=asked.within)
        one_answer = sum(accounts.turn[step.first] == accounts.turn[step.then] for step in behind)
        shown.append(
            FollowedFound(
                rows[int(first_rows[t.first])],
                rows[int(then_rows[t.then])],
                t.times,
                t.of,
                t.expected,
                t.expected_shuffled,
                t.people,
                t.ratio,
                t.low,
                t.high,
                t.reversed,
                int(one_answer),
                t.p,
                t.p_shuffled,
                t.q,
            )
        )
    shown.sort(key=lambda one: (one.p, -one.times, one.first.name, one.then.name, one.first.id, one.then.id))
    found = Followings(asked, accounts.people, n_accounts, tuple(shown), len(tested), ())
    return replace(found, sentences=tuple(_followed_said(found)))


def _wanted(facts: Facts, asked: Following) -> tuple[Any, Any]:
    if not 1 <= asked.within <= MOST_WITHIN:
        raise InvalidDecision(f"Look at the next 1 to {MOST_WITHIN} segments, not at {asked.within}.")
    if asked.unit is Unit.LENSES and asked.first == asked.then:
        raise InvalidDecision("Ask for two different lenses, or for the codes under one.")
    return facts.wanted_rows(asked.unit, asked.first), facts.wanted_rows(asked.unit, asked.then)


def steps_behind(
    facts: Facts, first: str, then: str, asked: Following, *, offset: int = 0, limit: int | None = 20
) -> StepsFound:
    """The pairs of segments behind a number, spread over people: everybody's first, then everybody's second, ...

    Args:
        facts: The project.
        first: The lens, code or theme that comes first, by id or name.
        then: The one that follows.
        asked: As the number was asked for.
        offset: How many to leave out at the beginning.
        limit: How many at most; None gives all.

    Raises:
        UnknownItem: No such row; or what `where` names is not there.
    """
    import numpy as np

    from textcoder.sequence import steps

    if not 1 <= asked.within <= MOST_WITHIN:
        raise InvalidDecision(f"Look at the next 1 to {MOST_WITHIN} segments, not at {asked.within}.")
    accounts = accounts_of(facts, asked.where)
    a, b = (
        _carried(facts, asked.unit, asked.where, np.array([facts.find_row(asked.unit, row)]), accounts)[:, 0]
        for row in (first, then)
    )
    found = steps(a, b, accounts.account, within=asked.within)
    whose = [int(accounts.person[step.first]) for step in found]
    if len(set(whose)) < asked.minimum_people:
        return StepsFound(None, None, ())
    turn: dict[int, int] = {}
    ranked = []
    for step, person in zip(found, whose, strict=True):
        turn[person] = turn.get(person, -1) + 1
        ranked.append((turn[person], person, step.first, step))
    end = None if limit is None else offset + limit
    items = [_step(facts, accounts, one[3]) for one in sorted(ranked, key=lambda one: one[:3])[offset:end]]
    return StepsFound(len(found), len(set(whose)), tuple(items))


def _step(facts: Facts, accounts: Accounts, step: Any) -> Step:
    first, then = (facts.segments[int(accounts.segment[place])] for place in (step.first, step.then))
    asked = "" if first.turn == then.turn else facts.study.question(then)
    return Step(_told(facts, first), _told(facts, then), step.distance, asked)


def _told(facts: Facts, segment: Any) -> Told:
    study = facts.study
    transcript = study.transcript_by_id[segment.transcript]
    return Told(
        transcript.quotation(segment.start, segment.end),
        segment.id,
        transcript.id,
        transcript.name,
        segment.start,
        segment.end,
        study.speaker(segment),
        study.case(segment),
        study.attributes(segment),
    )


def _followed_said(found: Followings) -> Iterable[str]:
    within = f"one of the next {found.asked.within} segments" if found.asked.within > 1 else "the next segment"
    if not found.tested:
        yield "There are no two of them of which one could follow the other; nothing was tested."
        return
    for one in found.found[: 1 if found.asked.unit is Unit.LENSES else 0]:
        interval = "" if math.isnan(one.low) else f" ({one.low:.2f} to {one.high:.2f})"
        verdict = (
            "as chance would have it"
            if one.q >= CLEAR
            else "more than chance gives"
            if one.ratio > 1
            else "less than chance gives"
        )
        yield (
            f"“{one.first.name}” is followed by “{one.then.name}” on {within} {one.times} of {one.of} times, by {one.people} people; "
            f"{one.expected:.1f} times would be expected if topics stayed in runs but their order were chance: {one.ratio:.2f} times as "
            f"often{interval}, p {_p(one.p)}: {verdict}."
        )
        yield (
            f"{one.one_answer} of the {one.times} stand in one answer, with no question in between; the other way round it happens "
            f"{one.reversed} times. An interview that asks for the one and then for the other makes them follow each other: read the words."
        )
        if (one.p < CLEAR) != (one.p_shuffled < CLEAR):
            yield (
                f"With every order as probable as any other, p would be {_p(one.p_shuffled)}; that takes runs of one topic for order, and "
                f"is not to be relied on."
            )
    if found.asked.unit is not Unit.LENSES:
        more = sum(one.q < CLEAR and one.ratio > 1 for one in found.found)
        less = sum(one.q < CLEAR and one.ratio < 1 for one in found.found)
        yield (
            f"Of {found.tested} pairs tested, in {more} the first is followed by the second on {within} more often than chance gives, in "
            f"{less} less often (adjusted p below {CLEAR}; what fewer than {found.asked.minimum_people} people tell is not shown)."
        )


def _p(p: float) -> str:
    return "below .001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 0.1 else f"{min(p, 0.99):.2f}".lstrip("0")


# --- for the evidence pack --------------------------------------------------------------------------------------------------------------


def sequences_section(together: Pairs, orders: Iterable[Followings] = ()) -> Section:
    """What the evidence pack says of it.

    Args:
        together: Codes that go together.
        orders: What follows what, by lens or by code.
    """
    from textcoder.reports.evidence import Grid, Says, Section

    said = list(together.sentences)
    grids = [
        Grid(
            "Codes that go together",
            ("Code", "With", "Together", "Expected", "Ratio", "Low", "High", "People", "p", "p adjusted"),
            [
                (x.a.name, x.b.name, x.units, x.expected, x.ratio, _known(x.low), _known(x.high), x.people, x.p, x.q)
                for x in together.pairs
            ],
            note=together.method,
            most=30,
        )
    ]
    for found in orders:
        said += found.sentences
        grids.append(
            Grid(
                f"Followed by ({found.asked.unit.value})",
                (
                    "First",
                    "Then",
                    "Times",
                    "Of",
                    "Expected",
                    "Ratio",
                    "Low",
                    "High",
                    "People",
                    "In one answer",
                    "Reversed",
                    "p",
                    "p adjusted",
                ),
                [
                    (
                        *(x.first.name, x.then.name, x.times, x.of, x.expected, x.ratio, _known(x.low), _known(x.high)),
                        *(x.people, x.one_answer, x.reversed, x.p, x.q),
                    )
                    for x in found.found
                ],
                note=found.method,
                most=30,
            )
        )
    return Section(
        "sequences",
        "What goes together and what follows",
        (*(Says(one) for one in said), *(g for g in grids if g.rows)),
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
