"""Was enough heard, and from whom: saturation, power and voices of an open project, in figures and in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from textcoder.adequacy import Rule, Saturation, Unseen
from textcoder.domain.chosen import MOST_VALUES, Heard, chosen_quote, people_asked
from textcoder.domain.chosen import Voice as Loud
from textcoder.domain.chosen import voices as heard_in
from textcoder.domain.places import Places
from textcoder.domain.project import Method
from textcoder.domain.quote import Quote
from textcoder.query import EVERYWHERE, Facts, Question, Row, Unit, Where

if TYPE_CHECKING:
    from textcoder.query.facts import Said
    from textcoder.reports.evidence import Section

RARE = (0.05, 0.10, 0.20)
"""Shares of all people that a rare code is taken to be carried by, where nothing else is asked."""
MUCH = 0.5
"""Share of a code's mentions from which one person carries it."""
FEW = 2.5
"""Effective people up to which hardly more than two carry a code, however many mention it."""
CLEAR = 0.05
"""Adjusted p below which a group is called absent beyond chance."""
METHODS = {
    "saturation": "Guest, Namey and Chen (2020), over random orders of the people",
    "power": "binomial: people as if drawn independently from those whom the study is about (Galvin 2015; Fugard and Potts 2015)",
    "unseen": "Chao2, a lower bound, with Chao's (1987) log-transformed interval; new codes after Colwell et al. (2012), bootstrap",
    "voices": "effective people: inverse Simpson of the mentions; absence: hypergeometric chance given how many of each group "
    "were asked, adjusted for all looked at (Benjamini and Hochberg); how much each person speaks is not taken into account",
}


@dataclass(frozen=True, slots=True)
class Enough:
    """What is asked of adequacy.

    Attributes:
        by: Attributes (or `wave`) by which people are told apart; none asks about all together.
        lens: Only codes under this lens.
        where: Whose words, and which codings; `people_only` leaves out codes that only the machine gave.
        minimum_people: Smaller groups, and codes that fewer carry, are not shown.
        rule: What counts as saturation.
        orders: Random orders.
        rare: Shares of people that a rare code is carried by, in (0, 1].
        times: By how many people a rare code is to be said.
    """

    by: tuple[str, ...] = ()
    lens: str | None = None
    where: Where = field(default=EVERYWHERE)
    minimum_people: int = 2
    rule: Rule = field(default_factory=Rule)
    orders: int = 1000
    rare: tuple[float, ...] = RARE
    times: int = 1


@dataclass(frozen=True, slots=True)
class Chance:
    """What so many people can show of a code that a share `prevalence` of all people carries: whether it is missed, and who is lacking."""

    prevalence: float
    missed: float
    needed: int
    more: int


@dataclass(frozen=True, slots=True)
class NewCodes:
    """Codes not heard before that `people` more would bring: the expected number, and a 95 % interval of what comes."""

    people: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """One group of people, or all of them; None where they are too few to be shown.

    Attributes:
        values: Of the attributes asked by, in their order; empty for everybody.
        people: Asked.
        saturation: Among them.
        smallest: The smallest share of all people that must carry a code so that it is met with 95 %.
        smallest_twice: Likewise by two people.
        chances: For each rare prevalence.
        unseen: Codes still unheard.
        new: What a quarter, half and as many people more would bring.
        sentences: All that in words.
    """

    values: tuple[str, ...]
    people: int | None
    saturation: Saturation | None
    smallest: float
    smallest_twice: float
    chances: tuple[Chance, ...]
    unseen: Unseen | None
    new: tuple[NewCodes, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeVoice:
    """Who carries one code; None throughout where fewer do than may be shown.

    Attributes:
        row: The code.
        people: Who mention it.
        mentions: Distinct spans.
        share: Of the mentions, by the person who mentions it most.
        loudest: Her case id; a reader of the project may see it, a report need not.
        effective: Inverse Simpson: so many people, each as loud as the others.
        by_machine: Only the machine gave it, and no person.
    """

    row: Row
    people: int | None
    mentions: int | None
    share: float | None
    loudest: str | None
    effective: float | None
    by_machine: bool

    @property
    def carried_by_one(self) -> bool:
        """Whether it is hardly more than one person's theme."""
        return self.share is not None and self.effective is not None and (self.share >= MUCH or self.effective < FEW)


@dataclass(frozen=True, slots=True)
class Missing:
    """A group that hardly says something.

    Attributes:
        row: The code; None for the quotations chosen.
        attribute: By which the group is told apart.
        value: Of the group.
        asked: Its people.
        fewer_than: Fewer of them than this say it.
        expected: Who would, if the group did not matter.
        p: Chance of that.
        q: p adjusted for all groups and codes looked at.
    """

    row: Row | None
    attribute: str
    value: str
    asked: int
    fewer_than: int
    expected: float
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class Quoted:
    """Who is heard in the quotations chosen for the report; see `textcoder.domain.chosen.voices`, whose rule it is.

    Attributes:
        quotations: How many are chosen.
        people: Who are quoted.
        asked: Who could be.
        loud: Each who says a large share of all that is quoted.
        by: Attribute to how much is quoted of those who share a value.
    """

    quotations: int
    people: int
    asked: int
    loud: tuple[Loud, ...]
    by: Mapping[str, tuple[Heard, ...]]


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Whether enough was heard, and from whom.

    Attributes:
        asked: As it was asked.
        overall: Everybody.
        groups: One for each combination of values.
        voices: One for each code, in the order of the codebook.
        missing: Groups that hardly say a code, the least probable first.
        quoted: Who is heard in the quotations chosen for the report; None where none are chosen.
        unquoted: Groups of which nobody is quoted, with the chance of that.
        sentences: On voices and quotations, in words.
        cautions: What to know before any of it is reported.
        methods: What the figures rest on.
    """

    asked: Enough
    overall: Group
    groups: tuple[Group, ...]
    voices: tuple[CodeVoice, ...]
    missing: tuple[Missing, ...]
    quoted: Quoted | None
    unquoted: tuple[Missing, ...]
    sentences: tuple[str, ...]
    cautions: tuple[str, ...]
    methods: dict[str, str] = field(default_factory=lambda: dict(METHODS))


def adequacy(facts: Facts, asked: Enough = Enough(), *, quotes: Sequence[Quote] = (), seed: int = 0) -> Adequacy:
    """Whether enough was heard, and from whom. Cost: about a second for 1,000 orders of 100 people and 60 codes.

    A code counts what people or the machine gave it itself, and not what stands below it: a code above is not heard a second time.

    Args:
        facts: The project in columns.
        asked: What is asked.
        quotes: Chosen for the report, as the caller may see them.
        seed: Of the random orders and draws.

    Raises:
        UnknownItem: An attribute, value, file or lens that the project does not have.
        InvalidDecision: More attributes or cells than can be read.
    """
    import numpy as np

    from textcoder.query.asking import cells_of

    question = Question(Unit.CODES, asked.by, asked.lens, asked.where, asked.minimum_people)
    levels, cells = cells_of(facts, question)
    said = own_codings(facts, asked.where)
    wanted = facts.wanted_rows(Unit.CODES, asked.lens)
    lone = not len(facts.cases)
    person = np.asarray(facts.sources.person if lone else facts.sources.case)
    counts = said.counts()
    everybody = _table(counts, person, (cells >= 0) & (person >= 0), wanted)
    overall = _group(facts, (), everybody, asked, seed, _sequence(facts, person, everybody[0]), shown=True)
    groups = []
    if asked.by:
        size = math.prod(len(values) for values in levels)
        tables = [_table(counts, person, (cells == cell) & (person >= 0), wanted) for cell in range(size)]
        hidden = _hidden([len(people) for people, _ in tables], tuple(len(v) for v in levels), asked.minimum_people)
        for values, table, unseen in zip(product(*levels), tables, hidden, strict=True):
            if len(table[0]):
                order = _sequence(facts, person, table[0])
                groups.append(_group(facts, values, table, asked, seed, order, shown=not unseen))
    voices = _voices(facts, said, everybody, wanted, asked)
    missing = _missing(facts, said, cells >= 0, wanted, asked)
    quoted = _quoted(facts, quotes) if quotes else None
    unquoted = _unquoted(quoted, asked.minimum_people) if quoted else ()
    return Adequacy(
        asked,
        overall,
        tuple(groups),
        voices,
        missing,
        quoted,
        unquoted,
        (*_voices_said(voices, missing, asked), *_quotes_said(facts, quoted, unquoted)),
        tuple(_cautions(facts, asked, lone, overall)),
    )


def own_codings(facts: Facts, where: Where) -> Said:
    """The codings under each code that are its own, without those of the codes below it."""
    import numpy as np

    said = facts.codings_where(Unit.CODES, where)
    rows = facts.rows[Unit.CODES]
    place = {row.id: i for i, row in enumerate(rows)}
    above = {
        i: [place[code] for code in facts.study.codebook.ancestors(row.id) if code in place]
        for i, row in enumerate(rows)
    }
    below: dict[int, list[int]] = {}
    for i, owners in above.items():
        for owner in owners:
            below.setdefault(owner, []).append(i)
    keep = np.ones(len(said.row), dtype=bool)
    for owner, codes in below.items():
        own = np.flatnonzero(said.row == owner)
        keep[own] = ~np.isin(said.coding[own], said.coding[np.isin(said.row, codes)])
    return said.kept(keep)


# --- people and codes -------------------------------------------------------------------------------------------------------------------


def _table(counts: Any, person: Any, keep: Any, wanted: Any) -> tuple[Any, Any]:
    """The people of some sources, sorted, and (n_people, n_codes) how often each mentions each."""
    import numpy as np

    people = np.unique(person[keep])
    place = np.full(int(person.max(initial=-1)) + 1, -1, dtype=np.int64)
    place[people] = np.arange(len(people))
    column = np.full(int(max(wanted.max(initial=-1), counts.row.max(initial=-1))) + 1, -1, dtype=np.int64)
    column[wanted] = np.arange(len(wanted))
    held = np.flatnonzero(keep[counts.source] & (column[counts.row] >= 0))
    mentions = np.zeros((len(people), len(wanted)), dtype=np.int64)
    np.add.at(mentions, (place[person[counts.source[held]]], column[counts.row[held]]), counts.mentions[held])
    return people, mentions


def _sequence(facts: Facts, person: Any, people: Any) -> list[int]:
    """Places of the people in the order of their first interviews: by wave, date and name of the file."""
    first: dict[int, tuple[Any, ...]] = {}
    transcripts = facts.study.transcripts
    for source in range(len(facts.sources.segments)):
        one = transcripts[int(facts.sources.transcript[source])]
        key = (_natural(one.wave or ""), one.date or "~", one.name, source)
        who = int(person[source])
        first[who] = min(first.get(who, key), key)
    return sorted(range(len(people)), key=lambda i: first[int(people[i])])


def _natural(wave: str) -> tuple[int, float, str]:
    """Wave 10 comes after wave 2."""
    return (0, float(wave), wave) if wave.isdecimal() else (1, 0.0, wave)


def _hidden(people: list[int], shape: tuple[int, ...], minimum: int) -> list[bool]:
    import numpy as np

    from textcoder.query.guard import hidden_cells

    asked = np.array(people, dtype=np.int64)
    found: list[bool] = hidden_cells(np.zeros((0, len(people)), dtype=np.int64), asked, shape, minimum)[1].tolist()
    return found


def _group(
    facts: Facts,
    values: tuple[str, ...],
    table: tuple[Any, Any],
    asked: Enough,
    seed: int,
    order: list[int],
    *,
    shown: bool,
) -> Group:
    from textcoder.adequacy import (
        chance_seen,
        new_codes,
        people_needed,
        saturation,
        smallest_prevalence,
        unseen_codes,
    )

    people = len(table[0])
    if not shown or people < asked.minimum_people:
        return Group(values, None, None, math.nan, math.nan, (), None, (), ("Too few people to be shown.",))
    carried = table[1] > 0
    found = saturation(carried, rule=asked.rule, order=order, orders=asked.orders, seed=seed)
    chances = []
    for prevalence in asked.rare:
        needed = people_needed(prevalence, times=asked.times)
        missed = 1 - chance_seen(prevalence, people, times=asked.times)
        chances.append(Chance(prevalence, missed, needed, max(0, needed - people)))
    carriers = carried.sum(axis=0)
    new = [
        NewCodes(more, *new_codes(carriers, people, more, seed=seed))
        for more in dict.fromkeys((max(1, people // 4), max(1, people // 2), people))
    ]
    group = Group(
        values,
        people,
        found,
        smallest_prevalence(people),
        smallest_prevalence(people, times=2),
        tuple(chances),
        unseen_codes(carriers, people),
        tuple(one for one in new if not math.isnan(one.expected)),
        (),
    )
    return replace(group, sentences=tuple(_said(group, asked)))


# --- voices -----------------------------------------------------------------------------------------------------------------------------


def _voices(facts: Facts, said: Said, table: tuple[Any, Any], wanted: Any, asked: Enough) -> tuple[CodeVoice, ...]:
    import numpy as np

    from textcoder.adequacy import voices

    rows = facts.rows[Unit.CODES]
    by_people = set(np.unique(said.row[said.human]).tolist())
    found = []
    for place, one in zip(wanted.tolist(), voices(table[1]), strict=True):
        by_machine = one.people > 0 and place not in by_people
        if one.people < max(asked.minimum_people, 1):
            empty = one.people == 0 and asked.minimum_people == 0
            found.append(
                CodeVoice(rows[place], 0 if empty else None, 0 if empty else None, None, None, None, by_machine)
            )
            continue
        loudest = int(table[0][one.loudest])
        name = facts.cases[loudest] if loudest < len(facts.cases) else ""
        found.append(CodeVoice(rows[place], one.people, one.mentions, one.share, name, one.effective, by_machine))
    return tuple(found)


def _missing(facts: Facts, said: Said, keep: Any, wanted: Any, asked: Enough) -> tuple[Missing, ...]:
    """Groups that hardly say a code: of each attribute that compares people, all of them adjusted together."""
    import numpy as np

    from textcoder.adequacy import absences
    from textcoder.multiplicity import false_discovery

    rows, case = facts.rows[Unit.CODES], facts.sources.case
    counts, least = said.counts(), max(asked.minimum_people, 1)
    found: list[tuple[str, tuple[str, ...], Any]] = []
    looked = 0
    for name, column in facts.columns.items():
        if name == "date" or not 1 < len(column.levels) <= MOST_VALUES:
            continue
        size = len(column.levels)
        known = keep & (case >= 0)
        units = np.unique(case[known] * size + column.values[known])
        asked_of = np.bincount(units % size, minlength=size)
        held = known[counts.source] & np.isin(counts.row, wanted)
        place = np.searchsorted(wanted, counts.row[held])
        who = case[counts.source[held]] * size + column.values[counts.source[held]]
        pairs = np.unique(place * (int(who.max(initial=0)) + 1) + who)
        span = int(who.max(initial=0)) + 1
        table = np.zeros((len(wanted), size), dtype=np.int64)
        np.add.at(table, (pairs // span, (pairs % span) % size), 1)
        # A code that fewer say than may be shown is told of nowhere.
        table[table.sum(axis=1) < least] = 0
        found += [(name, column.levels, one) for one in absences(table, asked_of, fewer_than=least)]
        looked += int((table.sum(axis=1) > 0).sum()) * int((asked_of >= least).sum())
    q = false_discovery([one.p for _, _, one in found] + [1.0] * (looked - len(found)))
    made = [
        Missing(rows[int(wanted[one.row])], name, levels[one.group], one.asked, least, one.expected, one.p, adjusted)
        for (name, levels, one), adjusted in zip(found, q, strict=False)
    ]
    return tuple(sorted(made, key=lambda one: (one.p, one.row.name if one.row else "", one.attribute, one.value)))


def _quoted(facts: Facts, quotes: Sequence[Quote]) -> Quoted:
    study, places = facts.study, Places(facts.segments)
    chosen = [
        chosen_quote(
            one, study.transcript_by_id[one.transcript], places, cases=study.case_by_id, placements={}, carriers={}
        )
        for one in quotes
    ]
    people = people_asked(study.transcript_by_id, study.segments, study.case_by_id)
    found = heard_in(chosen, people, spoken=(), lens_of={})
    return Quoted(found.quotations, found.people, found.asked, found.loud, found.by)


def _unquoted(quoted: Quoted, minimum: int) -> tuple[Missing, ...]:
    """Groups of which nobody is quoted, if as many people as are quoted were drawn from all who were asked."""
    from textcoder.adequacy import chance_of_few
    from textcoder.multiplicity import false_discovery

    found = []
    looked = 0
    for name, values in quoted.by.items():
        total, carriers = sum(v.asked for v in values), sum(v.people for v in values)
        for value in values:
            if value.asked < max(minimum, 1) or not total or carriers > total:
                continue
            looked += 1
            if not value.people:
                p = chance_of_few(0, value.asked, carriers, total)
                found.append((name, value, carriers * value.asked / total, p))
    q = false_discovery([p for *_, p in found] + [1.0] * (looked - len(found)))
    return tuple(
        Missing(None, name, value.value, value.asked, 1, expected, p, adjusted)
        for (name, value, expected, p), adjusted in zip(found, q, strict=False)
    )


# --- in words ---------------------------------------------------------------------------------------------------------------------------


def _said(group: Group, asked: Enough) -> Iterable[str]:
    found, rule, people = group.saturation, asked.rule, group.people
    assert found is not None and people is not None
    if not found.told:
        yield (
            f"{_people(people)}: too few to tell saturation, for which a base of {rule.base_size} and a run of {rule.run_length} "
            f"are needed."
        )
    elif found.reached is None:
        last = found.runs[-1]
        yield (
            f"Saturation is not shown by {_people(people)}: it is reached in {found.share:.0%} of {found.orders} random orders. "
            f"The last {rule.run_length} people still bring {_percent(last.median)} new (median; 95 % of orders "
            f"{_percent(last.low)} to {_percent(last.high)})."
        )
    else:
        yield (
            f"Saturation (base {rule.base_size}, run {rule.run_length}, at most {rule.threshold:.0%} new) is reached after "
            f"{found.reached} of {_people(people)} in {next(r.reached for r in found.runs if r.after == found.reached):.0%} of "
            f"{found.orders} random orders"
            + ("; sooner than with the base itself cannot be told." if found.reached == rule.base_size else ".")
        )
    if found.told and found.as_interviewed != found.reached:
        own = f"after {found.as_interviewed}" if found.as_interviewed is not None else "never"
        yield f"In the order in which people were interviewed it is reached {own}: who came first decides it."
    for chance in group.chances:
        often = "" if asked.times == 1 else f" from {asked.times} people"
        lacking = f"; {chance.more} more people would make that .05" if chance.more else ""
        yield (
            f"With {_people(people)} a code that {chance.prevalence:.0%} of such people hold would not be heard{often} "
            f"with probability {_p(chance.missed)}{lacking}."
        )
    yield (
        f"Only what {group.smallest:.0%} of such people hold, or more, is heard with 95 % certainty"
        + (f" (from two people: {group.smallest_twice:.0%})." if not math.isnan(group.smallest_twice) else ".")
    )
    unseen = group.unseen
    if unseen is not None and not math.isnan(unseen.unseen):
        about = (
            f"at least {unseen.unseen:.1f} such codes ({math.floor(unseen.low)} to {math.ceil(unseen.high)}) are estimated to be unheard"
            if unseen.unseen > 0
            else "no such code is estimated to be unheard"
        )
        half = next((one for one in group.new if one.people == max(1, people // 2)), None)
        coming = (
            f"; {half.people} more would bring about {half.expected:.1f} new ones ({half.low:.0f} to {half.high:.0f})"
            if half and half.high
            else ""
        )
        yield f"{unseen.codes} codes were heard, {unseen.once} of them from one person only; {about}{coming}."


def _voices_said(found: tuple[CodeVoice, ...], missing: tuple[Missing, ...], asked: Enough) -> Iterable[str]:
    carried = [one for one in found if one.people]
    alone = [one for one in carried if one.carried_by_one]
    if carried:
        names = f": {_names(one.row.name for one in alone)}" if alone else ""
        yield f"{len(alone)} of {len(carried)} codes are carried by hardly more than one or two voices{names}."
    few = sum(one.people is None for one in found)
    if few:
        carried_by = "1 code is" if few == 1 else f"{few} codes are"
        yield f"{carried_by} carried by fewer than {asked.minimum_people} people; by whom is not shown."
    machine = sum(one.by_machine for one in found)
    if machine:
        rest = "1 code rests" if machine == 1 else f"{machine} codes rest"
        yield f"{rest} on the machine's suggestions alone; no person has given {'it' if machine == 1 else 'them'} to any words yet."
    clear = [one for one in missing if one.q < CLEAR]
    if missing:
        yield (
            f"{len(clear)} pairs of a code and a group are missing more than chance explains (of {len(missing)} in which fewer than "
            f"{missing[0].fewer_than} of the group say it; adjusted p below {CLEAR})."
        )
    for one in clear[:5]:
        if one.row is not None:
            yield (
                f'"{one.row.name}": fewer than {one.fewer_than} of {one.asked} with {one.attribute} {one.value or "unknown"}, '
                f"where {one.expected:.1f} would be expected (adjusted p {_p(one.q)})."
            )


def _quotes_said(facts: Facts, quoted: Quoted | None, unquoted: tuple[Missing, ...]) -> Iterable[str]:
    if quoted is None:
        yield "No quotations are chosen for the report yet."
        return
    yield f"{quoted.quotations} quotations are chosen, of {quoted.people} of {quoted.asked} people."
    for loud in quoted.loud:
        yield f"{loud.name or loud.case} says {loud.quotations} of them ({loud.share:.0%})."
    for one in unquoted:
        surely = (
            "more than chance explains" if one.q < CLEAR else f"which chance alone does with probability {_p(one.p)}"
        )
        yield f"Nobody of the {one.asked} with {one.attribute} {one.value} is quoted, {surely}."


def _cautions(facts: Facts, asked: Enough, lone: bool, overall: Group) -> Iterable[str]:
    if facts.study.project.method is Method.REFLEXIVE:
        yield "The study is reflexive: Braun and Clarke hold that saturation is no measure of its quality. Read this as a description."
    yield (
        "Saturation tells of this codebook and these people: codes as coarse as these are all heard soon, and whoever was not asked "
        "may say something else."
    )
    if lone:
        yield "Nobody's words are marked as one person's: each file counts as a person."
    if not asked.where.people_only:
        yield "The machine's suggestions count; ask for what people coded only to leave them out."
    if overall.people is not None and overall.people > 200:
        yield "With so many people almost everything rare is heard; a rule made for interviews says little of a survey."


def _names(names: Iterable[str]) -> str:
    held = list(names)
    return ", ".join(f'"{name}"' for name in held[:6]) + (f" and {len(held) - 6} more" if len(held) > 6 else "")


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} people"


def _percent(share: float) -> str:
    return "no end of" if math.isinf(share) else f"{share:.0%}"


def _hundredths(share: float | None) -> float | None:
    """For a column whose head says %."""
    return None if share is None else round(100 * share, 1)


def _p(p: float) -> str:
    return (
        "below .001"
        if p < 0.001
        else "above .99"
        if p > 0.99
        else f"{p:.2f}".lstrip("0")
        if p >= 0.01
        else f"{p:.3f}".lstrip("0")
    )


# --- for the evidence pack --------------------------------------------------------------------------------------------------------------


def adequacy_section(found: Adequacy) -> Section:
    """What the evidence pack says of it."""
    from textcoder.reports.evidence import Grid, Says, Section

    by = found.asked.by
    groups = (found.overall, *found.groups)
    saturated = Grid(
        "Saturation",
        (
            *by,
            "People",
            "Codes heard",
            "Reached after",
            "Orders in which reached %",
            "As interviewed",
            "Still unheard",
            "Low",
            "High",
        ),
        [
            (
                *(one.values or ("all",) * len(by)),
                one.people,
                one.saturation.codes if one.saturation else None,
                one.saturation.reached if one.saturation else None,
                _hundredths(one.saturation.share) if one.saturation and one.saturation.told else None,
                one.saturation.as_interviewed if one.saturation else None,
                *((u.unseen, u.low, u.high) if (u := one.unseen) and not math.isnan(u.unseen) else (None,) * 3),
            )
            for one in groups
        ],
        note=f"{found.methods['saturation']}; {found.methods['unseen']}.",
    )
    voices = Grid(
        "Voices",
        ("Code", "People", "Mentions", "Loudest voice %", "Effective people"),
        [(one.row.name, one.people, one.mentions, _hundredths(one.share), one.effective) for one in found.voices],
        note=found.methods["voices"],
    )
    missing = Grid(
        "Groups missing from codes",
        ("Code", "Attribute", "Value", "Asked", "Fewer than", "Expected", "p", "p adjusted"),
        [
            (
                one.row.name if one.row else "",
                one.attribute,
                one.value,
                one.asked,
                one.fewer_than,
                one.expected,
                one.p,
                one.q,
            )
            for one in found.missing
        ],
        most=20,
    )
    said = [*found.cautions, *found.overall.sentences, *found.sentences]
    grids = [grid for grid in (saturated, voices, missing) if grid.rows]
    return Section("adequacy", "Adequacy: was enough heard, and from whom", (*(Says(one) for one in said), *grids))
