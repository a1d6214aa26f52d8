"""How many said it, corrected for the machine's errors by a random sample that people coded; and whether these errors are fair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from textcoder import estimation
from textcoder.domain.coding import CONSENSUS, Status
from textcoder.domain.sample import Sample, SampleStatus
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.multiplicity import holm
from textcoder.query import EVERYWHERE, Facts, Question, Row, Unit, Where
from textcoder.query.asking import cells_of
from textcoder.query.guard import hidden_cells
from textcoder.workflow.live import LiveProject
from textcoder.workflow.querying import facts_of
from textcoder.workflow.rounds import said

if TYPE_CHECKING:
    from textcoder.reports.evidence import Section

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FOLDS = 5
"""Each fifth of the people is coded by a machine that learned from the other four."""
LENGTH, LANGUAGE = "length", "language"
LENGTHS = ("short", "middle", "long")
MOST_LEVELS = 12
"""Of an attribute by which errors are compared unless it is named; more is an identifier rather than a group."""
METHOD = (
    "machine and random sample together (poststratified by the machine's answer: PPI++ with the best tuning), clustered by person, "
    "the machine cross-fitted by person; 95 % interval by recovery of variances, each by itself"
)
DRAW = 'textcoder sample draw "prevalence" -n 200 --for NAME'
DRAW_PEOPLE = 'textcoder sample draw "prevalence" --people 20 --for NAME'


@dataclass(frozen=True, eq=False)
class CodedTwice:
    """What the machine says of every segment, and people of those that chance drew.

    Attributes:
        facts: The project in columns.
        machine: (n_codes, n_segments) whether it codes the segment, having learned from other people only; codes as in `facts.rows`.
        sample: Whose codings correct it; None where there is none.
        at: (n_sampled,) places of the segments that people have coded.
        human: (n_coders, n_codes, n_sampled) 1 or 0; NaN of a segment at which a coder has not looked.
        note: What to know of the sample; or why there is none, and how to draw one.
    """

    facts: Facts
    machine: Mask
    sample: Sample | None
    at: Ints
    human: Numbers
    note: str

    @property
    def person(self) -> Ints:
        """(n_segments,) as in `query.facts.Sources.person`."""
        return self.facts.sources.person[self.facts.layout.source_of]

    @property
    def probability(self) -> Numbers:
        """(n_segments,) chance with which it was drawn; 0 where it was not, or nobody has looked at it."""
        found = np.zeros(len(self.facts.segments))
        if self.sample is not None:
            found[self.at] = [self.sample.segments[self.facts.segments[place].id] for place in self.at.tolist()]
        return found


def coded_twice(live: LiveProject, *, sample: str | None = None, coder: str = "") -> CodedTwice:
    """Code everything by machine, each person without what people said of her, and lay what people said of the sample beside it.

    Of a sampled segment counts what its coders settled (consensus), else the share of its coders who say so.

    Cost: the machine learns as many times as there are folds; at 100,000 segments and 60 codes some ten seconds.

    Args:
        live: The project.
        sample: By name; None takes the released sample of which most is coded.
        coder: Whoever asks, if she codes blind.

    Raises:
        UnknownItem: There is no such sample.
        InvalidDecision: The sample named is still coded blind, or does not fit the project any more.
    """
    facts = facts_of(live, coder=coder)
    chosen, note = _chosen(live, sample)
    machine = _coded_apart(live, facts)
    nothing = CodedTwice(facts, machine, None, np.zeros(0, dtype=np.int64), np.zeros((0, len(machine), 0)), note)
    if chosen is None:
        return nothing
    at, human = _coded_by_people(live, facts, chosen)
    if chosen.people:
        at, human = _whole_people(facts, chosen, at, human)
    if not len(at):
        return replace(
            nothing, note=f'Nobody has coded anything of "{chosen.name}" as a whole yet; these figures are uncorrected.'
        )
    missing = len(chosen.segments) - len(at)
    so_far = f"{len(at)} of {len(chosen.segments)} segments of the sample are coded so far; the others are taken as missing by chance."
    return replace(nothing, sample=chosen, at=at, human=human, note=so_far if missing else "")


def _chosen(live: LiveProject, name: str | None) -> tuple[Sample | None, str]:
    live.catch_up()
    samples = live.standing.samples
    if name is not None and name not in samples:
        raise UnknownItem(
            f'There is no sample called "{name}"; the project has {", ".join(sorted(samples)) or "none"}.'
        )
    wrong = {one.name: _unfit(live, one) for one in samples.values()}
    if name is not None:
        if wrong[name]:
            raise InvalidDecision(wrong[name])
        return samples[name], ""
    coded = {one.name: sum(bool(live.standing.reviewed.get(s)) for s in one.segments) for one in samples.values()}
    fit = sorted((one for one in samples.values() if not wrong[one.name]), key=lambda one: (-coded[one.name], one.name))
    if fit:
        return fit[0], ""
    why = " ".join(wrong[one] for one in sorted(wrong)) or f"No random sample was coded by people; draw one: {DRAW}."
    return None, f"These figures are uncorrected: they are what the machine says. {why}"


def _unfit(live: LiveProject, sample: Sample) -> str:
    """Why a sample can correct nothing; empty where it can."""
    if sample.status is SampleStatus.OPEN:
        return f'"{sample.name}" is still coded blind; release it: textcoder sample release "{sample.name}".'
    if sample.population != len(live.segments) or any(s not in live.row_of for s in sample.segments):
        return (
            f'"{sample.name}" was drawn from {sample.population} segments and the project has {len(live.segments)} others now, so that not '
            f"all had a chance of being drawn; draw anew: {DRAW}."
        )
    return ""


def _coded_by_people(live: LiveProject, facts: Facts, sample: Sample) -> tuple[Ints, Numbers]:
    """Places of the segments that somebody has looked at, and what each coder says of them."""
    _, by_coder = said(live, sample=sample.name)
    own = {coder: by_coder[coder] for coder in sample.coders if coder in by_coder}
    looked = sorted({facts.layout.row_of[s] for of in own.values() for s in of if s in sample.segments})
    place, code = {row: i for i, row in enumerate(looked)}, {row.id: i for i, row in enumerate(facts.rows[Unit.CODES])}
    human = np.full((len(own), len(code), len(looked)), np.nan)
    for k, of in enumerate(own.values()):
        for segment, codes in of.items():
            if (i := place.get(facts.layout.row_of[segment])) is not None:
                human[k, :, i] = 0.0
                human[k, [code[one] for one in codes if one in code], i] = 1.0
    settled = [one for one in live.standing.codings.values() if one.coder == CONSENSUS.id]
    # What was agreed to be there also holds for the codes above it, whatever was agreed to be absent.
    for one in sorted(settled, key=lambda coding: (coding.status is Status.ACCEPTED, coding.segment, coding.code)):
        yes = one.status is Status.ACCEPTED
        holds = {one.code, *(live.standing.codebook.ancestors(one.code) if yes else ())}
        for row in live.places.under(one.transcript, one.start, one.end):
            if (i := place.get(facts.layout.row_of[live.segments[row].id])) is not None:
                human[:, [code[c] for c in holds if c in code], i] = float(yes)
    return np.array(looked, dtype=np.int64), human


def _whole_people(facts: Facts, sample: Sample, at: Ints, human: Numbers) -> tuple[Ints, Numbers]:
    """Only those of whom everything is coded: of the others it is not chance what is missing."""
    person = facts.sources.person[facts.layout.source_of]
    drawn = np.array([facts.layout.row_of[segment] for segment in sample.segments], dtype=np.int64)
    lacking = np.unique(person[np.setdiff1d(drawn, at)])
    keep = ~np.isin(person[at], lacking)
    return at[keep], human[:, :, keep]


def _coded_apart(live: LiveProject, facts: Facts) -> Mask:
    """(n_codes, n_segments): the machine's codings, each person's by a machine that has not seen what people said of her."""
    from textcoder.coder import SeenThrough, suggested

    codes = live.standing.codebook.in_use
    known, seen = live.known(), SeenThrough.of(live.segments, live.placements)
    to_facts = np.array([facts.layout.row_of[segment.id] for segment in live.segments], dtype=np.int64)
    person = facts.sources.person[facts.layout.source_of][to_facts]
    names = [*facts.cases, *(transcript.id for transcript in facts.study.transcripts)]
    fold = _folds(person, names, live.settings.seed)
    found = np.zeros((len(codes), len(live.segments)), dtype=bool)
    taught = known.reviewed.union(*known.positive.values(), *known.negative.values())
    for k in range(int(fold.max(initial=0)) + 1):
        own = np.flatnonzero(fold == k)
        apart = known.without(frozenset(own.tolist()))
        if k == 0:
            coder = live.taught(apart)
            members = np.array([coder.place.get(live.members.get(s.id, ""), -1) for s in live.segments], dtype=np.intp)
        elif taught:
            coder.update(apart)
        made = suggested(coder, seen, members)
        mine = fold[made.at] == k
        found[made.code[mine], made.at[mine]] = True
    rows = {row.id: i for i, row in enumerate(facts.rows[Unit.CODES])}
    machine = np.zeros((len(rows), len(live.segments)), dtype=bool)
    for j, code in enumerate(codes):
        for above in {code.id, *live.standing.codebook.ancestors(code.id)}:
            if above in rows:
                machine[rows[above]][to_facts] |= found[j]
    return machine


def _folds(person: Ints, names: Sequence[str], seed: int) -> Ints:
    """(n,) the fold of each segment's person, by her name alone, so that the order of rows does not matter."""
    people = np.unique(person)
    order = sorted(people.tolist(), key=lambda one: sha256(f"{seed}:fold:{names[one]}".encode()).digest())
    fold = np.zeros(len(names), dtype=np.int64)
    fold[order] = np.arange(len(order)) % FOLDS
    return fold[person]


# --- shares and their differences ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Corrected:
    """The share of one code in one cell; what cannot be estimated is None.

    Attributes:
        value: Corrected share.
        low: Lower end of its 95 % interval.
        high: Upper end.
        machine: What the machine alone says, uncorrected.
        machine_low: Lower end; it knows nothing of errors of coding.
        machine_high: Upper end.
        sample: What the sample alone says.
        sample_low: Lower end.
        sample_high: Upper end.
        kept: Of what the machine coded, the share that people code too.
        missed: Of what it passed over, the share that people code.
        people: In the cell.
        people_sampled: With a sampled unit.
        sampled: Sampled units; their effective number where chances differ.
        note: Why there is no corrected share; empty where there is one.
    """

    value: float | None
    low: float | None
    high: float | None
    machine: float | None
    machine_low: float | None
    machine_high: float | None
    sample: float | None
    sample_low: float | None
    sample_high: float | None
    kept: float | None
    missed: float | None
    people: int
    people_sampled: int
    sampled: int
    note: str


@dataclass(frozen=True, slots=True)
class Between:
    """The difference of two cells: second minus first.

    Attributes:
        row: The code.
        first: Value of the attribute.
        second: Likewise.
        value: Corrected difference.
        low: Lower end of its 95 % interval, by itself.
        high: Upper end.
        machine: The difference that the machine alone shows.
        p: Of no difference.
        p_adjusted: Adjusted for all differences of the answer (Holm).
    """

    row: Row
    first: str
    second: str
    value: float
    low: float
    high: float
    machine: float
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class PrevalenceRow:
    """One code; cells that are too small to be shown are None."""

    row: Row
    overall: Corrected | None
    cells: tuple[Corrected | None, ...]


@dataclass(frozen=True, slots=True)
class Prevalence:
    """Corrected shares, and their differences.

    Attributes:
        of: "segments" or "people": of what they are shares.
        by: Attributes asked by.
        sample: Whose codings correct; empty where nothing does.
        columns: The values of each cell.
        rows: A code each.
        differences: Of all pairs of cells, where one attribute was asked by.
        comparisons: How many these are.
        multiplicity: What their number means, in words.
        method: In words.
        note: What else to know; where there is no sample, that the figures are uncorrected, and how to draw one.
    """

    of: str
    by: tuple[str, ...]
    sample: str
    columns: tuple[tuple[str, ...], ...]
    rows: tuple[PrevalenceRow, ...]
    differences: tuple[Between, ...]
    comparisons: int
    multiplicity: str
    method: str
    note: str


def prevalence(
    coded: CodedTwice, question: Question, *, of: str = "segments", codes: Sequence[str] | None = None
) -> Prevalence:
    """Corrected shares for everybody and each cell, with the differences of cells.

    Args:
        coded: See `coded_twice`.
        question: By what, of whom; its unit is codes. `people_only` and `minimum_probability` do not apply.
        of: "segments": how much of what such people say; "people": how many say it at least once, which takes a sample of whole people.
        codes: Names or ids; None for all under the question's lens.

    Raises:
        UnknownItem: An attribute, value, file, lens or code that the project does not have.
        InvalidDecision: `of` is neither; or more cells are asked for than can be read.
    """
    if of not in ("segments", "people"):
        raise InvalidDecision(f'Shares are of "segments" or of "people", not of "{of}".')
    facts = coded.facts
    levels, cells = cells_of(facts, question)
    wanted = facts.wanted_rows(Unit.CODES, question.lens)
    if codes is not None:
        wanted = np.array([facts.find_row(Unit.CODES, name) for name in codes], dtype=np.int64)
    shape, at = tuple(len(values) for values in levels), cells[facts.layout.source_of]
    columns = tuple(product(*levels)) if question.by else ()
    note = coded.note
    if of == "people" and coded.sample is not None and not coded.sample.people:
        coded = replace(coded, sample=None, at=coded.at[:0], human=coded.human[:, :, :0])
        note = (
            "These shares of people are uncorrected: segments were drawn within people, so that of nobody is it known that she never says "
            f"it. Draw whole people: {DRAW_PEOPLE}. Shares of segments can be corrected by the sample at hand."
        )
    whole, _ = _shares(coded, np.minimum(at, 0), 1, wanted, of)
    hidden_all = _hidden(coded, np.minimum(at, 0), (1,), wanted, question.minimum_people)
    few = _FEW if coded.sample else "uncorrected"
    totals = _figures(whole, hidden_all, few)
    table: list[list[Corrected | None]] = [[] for _ in wanted]
    differences: tuple[Between, ...] = ()
    named = [facts.rows[Unit.CODES][i] for i in wanted.tolist()]
    if question.by:
        parts, _ = _shares(coded, at, math.prod(shape), wanted, of)
        hidden = _hidden(coded, at, shape, wanted, question.minimum_people)
        table = _figures(parts, hidden, few)
        if len(question.by) == 1:
            differences = _differences(parts, hidden, named, levels[0])
    shown = len(differences)
    words = (
        f"{shown} differences, each with a 95 % interval of its own; p_adjusted allows for all {shown} (Holm): below .05 the chance of "
        "even one false alarm among them is at most 5 %."
        if shown
        else "No differences are compared."
    )
    rows = tuple(PrevalenceRow(row, total[0], tuple(own)) for row, total, own in zip(named, totals, table, strict=True))
    sample = coded.sample.name if coded.sample else ""
    method = METHOD if coded.sample else "uncorrected: what the machine says; Wilson interval, clustered by person"
    return Prevalence(of, question.by, sample, columns, rows, differences, shown, words, method, note)


def _shares(
    coded: CodedTwice, cell: Ints, n_cells: int, wanted: Ints, of: str
) -> tuple[estimation.Shares, estimation.Units]:
    """(n_rows, n_cells) estimates; cells are (n_segments,)."""
    n_people = len(coded.facts.cases) + len(coded.facts.study.transcripts)
    units = _segments(coded, wanted)
    if of == "people":
        units, cell = _people(coded, units, cell, wanted)
    return estimation.shares(estimation.count(units, cell, n_cells, n_people)), units


def _segments(coded: CodedTwice, wanted: Ints) -> estimation.Units:
    human = np.zeros((len(wanted), len(coded.facts.segments)))
    if len(coded.at):
        human[:, coded.at] = _mean(coded.human[:, wanted])
    return estimation.Units(coded.person, coded.machine[wanted], coded.probability, human)


def _people(coded: CodedTwice, segments: estimation.Units, cell: Ints, wanted: Ints) -> tuple[estimation.Units, Ints]:
    """A unit for each person in each cell: whether the machine, and people, find it anywhere in what she says there."""
    known = np.flatnonzero((cell >= 0) & (segments.person < len(coded.facts.cases)))
    size = len(coded.facts.cases) + 1
    pairs, unit = np.unique(cell[known] * size + segments.person[known], return_inverse=True)
    of_segment = np.full(len(cell), -1, dtype=np.int64)
    of_segment[known] = unit
    probability = np.zeros(len(pairs))
    machine = np.zeros((len(wanted), len(pairs)), dtype=bool)
    human = np.zeros((coded.human.shape[0], len(wanted), len(pairs)))
    code, place = np.nonzero(segments.machine[:, known])
    machine[code, unit[place]] = True
    at = of_segment[coded.at]
    inside = np.flatnonzero(at >= 0)
    probability[at[inside]] = segments.probability[coded.at[inside]]
    for k, own in enumerate(coded.human[:, wanted]):
        for j in range(len(wanted)):
            # One segment at which a coder has not looked leaves open what she says of the person.
            np.maximum.at(human[k, j], at[inside], own[j, inside])
    return estimation.Units(
        pairs % size, machine, probability, _mean(human) if len(human) else human.sum(axis=0)
    ), pairs // size


def _mean(human: Numbers) -> Numbers:
    """Over coders who have looked; 0 where none has."""
    looked = ~np.isnan(human)
    total, n = np.where(looked, human, 0.0).sum(axis=0), looked.sum(axis=0)
    return np.asarray(np.divide(total, n, out=np.zeros_like(total), where=n > 0))


def _hidden(coded: CodedTwice, cell: Ints, shape: tuple[int, ...], wanted: Ints, minimum: int) -> Mask:
    """(n_rows, n_cells): cells of too few people: asked, or coded by the machine or by whoever read the sample."""
    n_cells, size = math.prod(shape), len(coded.facts.cases) + 1
    known = np.flatnonzero((cell >= 0) & (coded.person < len(coded.facts.cases)))
    pair = cell[known] * size + coded.person[known]
    asked = np.bincount(np.unique(pair) // size, minlength=n_cells)
    told = []
    for row in wanted.tolist():
        said = coded.machine[row].copy()
        said[coded.at[(coded.human[:, row] > 0).any(axis=0)]] = True
        told.append(np.bincount(np.unique(pair[said[known]]) // size, minlength=n_cells))
    counts = np.array(told, dtype=np.int64).reshape(len(wanted), n_cells)
    return hidden_cells(counts, asked.astype(np.int64), shape, minimum)[0]


_FEW = (
    "fewer than two people of the sample are in this cell; draw a sample stratified by it (textcoder sample draw --by)"
)


def _figures(found: estimation.Shares, hidden: Mask, few: str) -> list[list[Corrected | None]]:
    ends = [
        getattr(part, end) for part in (found.corrected, found.machine, found.human) for end in ("value", "low", "high")
    ]
    columns = [*ends, found.kept.value, found.missed.value]
    counts = [found.people, found.people_sampled, found.sampled]
    table: list[list[Corrected | None]] = []
    for i in range(hidden.shape[0]):
        row: list[Corrected | None] = []
        for j in range(hidden.shape[1]):
            figures = [_plain(column[i, j]) for column in columns]
            note = few if figures[0] is None else ""
            whole = [round(float(count[i, j])) for count in counts]
            row.append(None if hidden[i, j] else Corrected(*figures, *whole, note))  # type: ignore[call-arg, arg-type]  # in their order
        table.append(row)
    return table


def _differences(
    found: estimation.Shares, hidden: Mask, rows: Sequence[Row], levels: Sequence[str]
) -> tuple[Between, ...]:
    """All pairs of values that are known, for each code."""
    made = []
    for a, b in combinations([i for i, level in enumerate(levels) if level], 2):
        one = estimation.difference(
            _at(found.corrected, a), _at(found.corrected, b), found.influence[:, a], found.influence[:, b]
        )
        machine = found.machine.value[:, b] - found.machine.value[:, a]
        for i, row in enumerate(rows):
            if not (hidden[i, a] or hidden[i, b]) and not math.isnan(one.value[i]):
                figures = (float(x[i]) for x in (one.value, one.low, one.high, machine, one.p))
                made.append((i, Between(row, levels[a], levels[b], *figures, math.nan)))  # type: ignore[call-arg]  # in their order
    adjusted = holm(np.array([one.p for _, one in made]))
    ordered = sorted(zip(made, adjusted.tolist(), strict=True), key=lambda pair: pair[0][0])
    return tuple(replace(one, p_adjusted=p) for (_, one), p in ordered)


def _at(interval: estimation.Interval, cell: int) -> estimation.Interval:
    return estimation.Interval(interval.value[:, cell], interval.low[:, cell], interval.high[:, cell])


def _plain(value: Any) -> float | None:
    return None if math.isnan(value) else float(value)


# --- whether errors are fair ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """One kind of error of one code in one group; see `textcoder.estimation.errors`. None where nothing sampled could show it."""

    value: float | None
    low: float | None
    high: float | None
    units: int


@dataclass(frozen=True, slots=True)
class ErrorTest:
    """Whether one kind of error of one code differs by an attribute.

    Attributes:
        row: The code.
        attribute: Or `length`, `language`.
        kind: "missed", "false" or "net".
        levels: The groups compared.
        rates: In each.
        p: Of no difference; None where too few were sampled to compare.
        p_adjusted: Adjusted for all tests of the answer (Holm).
        first: The group with the lowest rate.
        second: The group with the highest.
        difference: Of these two.
        low: Lower end of its 95 % interval.
        high: Upper end.
        detectable: The difference that a sample like this one finds in four of five studies.
        power: The chance of finding a true difference as large as was asked about.
    """

    row: Row
    attribute: str
    kind: str
    levels: tuple[str, ...]
    rates: tuple[ErrorRate, ...]
    p: float | None
    p_adjusted: float | None
    first: str
    second: str
    difference: float | None
    low: float | None
    high: float | None
    detectable: float | None
    power: float | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the errors do to the comparison of the two groups in which their net effect differs most.

    Attributes:
        row: The code.
        attribute: By which groups are compared.
        first: One group.
        second: The other.
        machine: The machine's share in the second minus the first.
        corrected: The same, corrected.
        low: Lower end of its 95 % interval.
        high: Upper end.
        sentence: All of it in words.
    """

    row: Row
    attribute: str
    first: str
    second: str
    machine: float
    corrected: float
    low: float
    high: float
    sentence: str


@dataclass(frozen=True, slots=True)
class ErrorsFound:
    """Whether the machine errs alike everywhere.

    Attributes:
        sample: Whose codings tell; empty where none does.
        tests: For each code, attribute and kind.
        meanings: For each code and attribute.
        at: The difference of which the power is stated.
        comparisons: How many tests.
        multiplicity: What their number means, in words.
        method: In words.
        note: What else to know, such as that there is no sample.
    """

    sample: str
    tests: tuple[ErrorTest, ...]
    meanings: tuple[Meaning, ...]
    at: float
    comparisons: int
    multiplicity: str
    method: str
    note: str


ERROR_METHOD = (
    "score test clustered by person (wild bootstrap, 1,999 draws of signs); power and detectable difference by normal approximation; the "
    "machine cross-fitted by person"
)


def errors_found(
    coded: CodedTwice,
    *,
    by: Sequence[str] = (),
    codes: Sequence[str] | None = None,
    where: Where = EVERYWHERE,
    at: float = 0.10,
    seed: int = 0,
) -> ErrorsFound:
    """Compare the machine's errors between groups, sites, waves, short and long segments, and languages.

    Args:
        coded: See `coded_twice`.
        by: Attributes, `length` or `language`; none takes all that divide people into a few groups.
        codes: Names or ids; None for all that occur in the sample.
        where: Whose words.
        at: The difference of which the power is stated, as a share.
        seed: Of the test's signs.

    Raises:
        UnknownItem: There is no such attribute or code.
    """
    facts, rows = coded.facts, coded.facts.rows[Unit.CODES]
    wanted = range(len(rows)) if codes is None else [facts.find_row(Unit.CODES, name) for name in codes]
    keep = facts.sources_where(where)[facts.layout.source_of]
    divisions = {name: _division(facts, name) for name in (by or _dividing(facts))}
    units = _segments(coded, np.arange(len(rows)))
    drawn = units.probability > 0
    tests: list[ErrorTest] = []
    meanings: list[Meaning] = []
    for i in wanted:
        own = estimation.Units(units.person, units.machine[i], units.probability, units.human[i])
        if coded.sample is None or (codes is None and not (own.machine[drawn].any() or own.human[drawn].any())):
            continue
        for attribute, (levels, place) in divisions.items():
            group = np.where(keep, place, -1)
            if len(np.unique(group[drawn & (group >= 0)])) < 2:
                continue
            found = estimation.errors(own, group, len(levels), seed=seed)
            mine = [_test(rows[i], attribute, levels, rates, at) for rates in (found.missed, found.false, found.net)]
            tests += mine
            meaning = _meaning(coded, own, group, levels, attribute, rows[i], mine)
            meanings += [meaning] if meaning else []
    adjusted = holm(np.array([math.nan if one.p is None else one.p for one in tests]))
    told = tuple(replace(one, p_adjusted=_plain(p)) for one, p in zip(tests, adjusted.tolist(), strict=True))
    number = sum(one.p is not None for one in told)
    words = (
        f"{number} tests; p_adjusted allows for all of them (Holm). A test that finds nothing does not show that errors are alike: look at "
        "the difference that it would have found."
    )
    sample = coded.sample.name if coded.sample else ""
    return ErrorsFound(sample, told, tuple(meanings), at, number, words, ERROR_METHOD, coded.note)


def _dividing(facts: Facts) -> list[str]:
    """Attributes with a few groups; length; language where there are several."""
    named = [name for name, column in facts.columns.items() if 2 <= sum(map(bool, column.levels)) <= MOST_LEVELS]
    languages = {transcript.language for transcript in facts.study.transcripts}
    return [*named, LENGTH, *([LANGUAGE] if len(languages) > 1 and LANGUAGE not in named else [])]


def _division(facts: Facts, name: str) -> tuple[tuple[str, ...], Ints]:
    """Groups and the group of each segment; -1 for segments without one.

    An attribute of the project of the same name goes before length and language.
    """
    if name not in facts.columns and name == LENGTH:
        size = facts.layout.end - facts.layout.start
        return LENGTHS, np.searchsorted(np.quantile(size, [1 / 3, 2 / 3]), size, side="left").astype(np.int64)
    if name not in facts.columns and name == LANGUAGE:
        of = np.array([transcript.language or "" for transcript in facts.study.transcripts])
        found, place = np.unique(of, return_inverse=True)
        levels, own = tuple(map(str, found)), place[facts.sources.transcript]
    else:
        column = facts.column(name)
        levels, own = column.levels, column.values
    known = [i for i, level in enumerate(levels) if level]
    rank = np.full(len(levels), -1, dtype=np.int64)
    rank[known] = np.arange(len(known))
    return tuple(levels[i] for i in known), rank[own][facts.layout.source_of]


def _test(row: Row, attribute: str, levels: Sequence[str], rates: estimation.Rates, at: float) -> ErrorTest:
    columns = zip(rates.value, rates.low, rates.high, rates.units, strict=True)
    shown = tuple(ErrorRate(_plain(v), _plain(low), _plain(high), round(n)) for v, low, high, n in columns)
    figures = [_plain(x) for x in (rates.difference, rates.difference_low, rates.difference_high, rates.detectable)]
    return ErrorTest(
        row,
        attribute,
        rates.kind,
        tuple(levels),
        shown,
        _plain(rates.p),
        None,
        levels[rates.first],
        levels[rates.second],
        *figures,  # type: ignore[call-arg]  # in their order
        _plain(rates.power(at)),
    )


def _meaning(
    coded: CodedTwice,
    units: estimation.Units,
    group: Ints,
    levels: Sequence[str],
    attribute: str,
    row: Row,
    tests: Sequence[ErrorTest],
) -> Meaning | None:
    """The two groups between which a comparison is furthest off, with the comparison as the machine shows it and corrected."""
    missed, _, net = tests
    if net.p is None or net.low is None or net.high is None:
        return None
    a, b = levels.index(net.first), levels.index(net.second)
    n_people = len(coded.facts.cases) + len(coded.facts.study.transcripts)
    found = estimation.shares(estimation.count(units, group, len(levels), n_people))
    made = estimation.difference(
        _at(found.corrected, a), _at(found.corrected, b), found.influence[:, a], found.influence[:, b]
    )
    machine = float((found.machine.value[:, b] - found.machine.value[:, a])[0])
    corrected, low, high = (float(x[0]) for x in (made.value, made.low, made.high))
    if math.isnan(corrected):
        return None
    first, second = f'{attribute} "{net.first}"', f'"{net.second}"'
    rates = [missed.rates[i].value for i in (a, b)]
    passes = (
        f' Of "{row.name}" the machine passes over {rates[0]:.0%} in {first} and {rates[1]:.0%} in {second}.'
        if None not in rates
        else ""
    )
    verdict = (
        f"Its errors differ between the two (p {net.p:.3f} before the number of tests is allowed for)."
        if net.p < 0.05
        else f"No difference of its errors was found; one of {100 * (net.detectable or 0):.0f} points would have been in four of "
        "five studies."
    )
    sentence = (
        f"{verdict}{passes} The machine shows {second} minus {first} as {100 * machine:+.0f} points, which may be off by "
        f"{100 * net.low:+.0f} to {100 * net.high:+.0f}; corrected it is {100 * corrected:+.0f} ({100 * low:+.0f} to {100 * high:+.0f})."
    )
    return Meaning(row, attribute, net.first, net.second, machine, corrected, low, high, sentence)


# --- the evidence pack ----------------------------------------------------------------------------------------------------


def corrected_section(live: LiveProject, *, by: str = "", sample: str | None = None) -> Section:
    """A section for the evidence pack: corrected shares of segments (and of people, where whole people were drawn), and what errors mean.

    Args:
        live: The project.
        by: An attribute or wave by which to compare; empty for everybody.
        sample: By name; None as in `coded_twice`.
    """
    from textcoder.reports.evidence import Grid, Heading, Says, Section

    coded = coded_twice(live, sample=sample)
    question = Question(Unit.CODES, (by,) if by else ())
    parts: list[Any] = []
    wholes = ("segments", "people") if coded.sample and coded.sample.people else ("segments",)
    for of in wholes:
        found = prevalence(coded, question, of=of)
        parts += [Heading(f"Shares of {of}"), Says(f"Method: {found.method}.")]
        parts += [Says(found.note)] if found.note else []
        rows = tuple(tuple(row) for row in share_rows(found)[1:])
        parts.append(Grid(f"Corrected shares of {of}", tuple(share_rows(found)[0]), rows, found.multiplicity))
    if coded.sample:
        made = errors_found(coded, by=(by,) if by else (), seed=live.settings.seed)
        parts += [
            Heading("Does the machine err alike everywhere?"),
            Says(f"{made.multiplicity} Method: {made.method}."),
        ]
        head, *body = error_rows(made)
        parts.append(Grid("Errors by group", tuple(head), tuple(tuple(row) for row in body)))
        parts += [Says(one.sentence) for one in made.meanings]
    return Section("corrected", "Figures corrected for the machine's errors", tuple(parts))


_SHARE = (
    *("value", "low", "high", "machine", "machine_low", "machine_high", "sample", "sample_low", "sample_high"),
    *("kept", "missed", "people", "people_sampled", "sampled", "note"),
)


def share_rows(found: Prevalence) -> list[list[Any]]:
    """A head, and a row for each code and cell; that of everybody has empty attributes, a cell that is not shown no figures."""
    rows: list[list[Any]] = [["id", "name", "lens", *found.by, *_SHARE]]
    for row in found.rows:
        everybody = ("",) * len(found.by)
        for values, cell in ((everybody, row.overall), *zip(found.columns, row.cells, strict=True)):
            figures = [getattr(cell, name) if cell else None for name in _SHARE]
            rows.append([row.row.id, row.row.name, row.row.lens, *values, *map(_rounded, figures)])
    return rows


def error_rows(found: ErrorsFound) -> list[list[Any]]:
    """A head, and a row for each code, attribute, kind of error and group."""
    head = [
        "id",
        "name",
        "attribute",
        "error",
        "group",
        "rate",
        "low",
        "high",
        "units",
        "p",
        "p_adjusted",
        "detectable",
        "power",
    ]
    rows: list[list[Any]] = [head]
    for one in found.tests:
        for level, rate in zip(one.levels, one.rates, strict=True):
            figures = (rate.value, rate.low, rate.high, rate.units, one.p, one.p_adjusted, one.detectable, one.power)
            rows.append([one.row.id, one.row.name, one.attribute, one.kind, level, *map(_rounded, figures)])
    return rows


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
