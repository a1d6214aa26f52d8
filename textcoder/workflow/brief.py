"""The evaluation brief: two pages that say what people said, how many, what changed, how sure it is, and what is not known."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

from textcoder.domain.chosen import natural
from textcoder.domain.coding import CoderKind
from textcoder.domain.figure import Figure
from textcoder.domain.project import Method
from textcoder.reports.evidence.brief import Block, Brief, Lens, Line, cite, finite, uncited
from textcoder.reports.evidence.parts import Quoted
from textcoder.reports.phrases import counted, listed
from textcoder.workflow.estimating import DRAW, CodedTwice, Prevalence, coded_twice, prevalence
from textcoder.workflow.progressing import paths_of, said_mean
from textcoder.workflow.rounds import agreement_of
from textcoder.workflow.tracing import short_id

if TYPE_CHECKING:
    from textcoder.agreement import CodeCeiling
    from textcoder.query import Changed, Estimate, Question, Quotation, Row
    from textcoder.workflow.estimating import Between
    from textcoder.workflow.evidence import Material

MOST_LINES = 9
"""Codes in a brief, over all lenses; with their quotations more would not leave room on two pages."""
MOST_LENSES = 5
SHORT, LONG = 40, 200
"""Code points of a quotation that says something and leaves room for the others; longer ones stand in the pack."""
LONGEST_NAME = 48
GOOD, HIGH = 0.80, 0.90
"""Alpha that is called reliable (Krippendorff 2011), and a median so high that a reader should ask how it came about."""
CLEAR = 0.05
MINIMUM_PEOPLE = 2


@dataclass
class Sources:
    """Commands behind the figures, numbered in the order in which they are first cited."""

    commands: list[str] = field(default_factory=list)

    def cite(self, source: str | Figure) -> str:
        """The number of a command in a sentence."""
        command = source.command if isinstance(source, Figure) else source
        if command not in self.commands:
            self.commands.append(command)
        return cite(self.commands.index(command) + 1)


class Writer:
    """What the blocks of one brief share."""

    def __init__(self, material: Material) -> None:
        live = material.live
        self.material, self.facts, self.study, self.live = material, material.facts, material.study, live
        self.sources = Sources()
        self.waves = sorted({one.wave for one in self.study.transcripts if one.wave is not None}, key=natural)
        self.ends = (self.waves[0], self.waves[-1]) if len(self.waves) > 1 else None
        self.throughout = _in_every_wave(self) if self.ends else None
        self.names = {one.id: _name(one.name) for one in self.study.coders if one.kind is CoderKind.HUMAN}
        self.group = self._attribute()
        self.read = sum(bool(live.standing.reviewed.get(segment.id)) for segment in live.segments)
        self.coded: CodedTwice = coded_twice(live)
        self.corrects = self.coded.sample is not None
        self.shares = prevalence(self.coded, _question(()))
        self.reflexive = self.study.project.method is Method.REFLEXIVE
        self.ceiling: tuple[CodeCeiling, ...] = () if self.reflexive or not self.read else material.ceiling.codes
        self.by_wave: Prevalence | None = None
        if self.corrects and self.ends:
            self.by_wave = prevalence(self.coded, _question(("wave",), {"wave": self.ends}))

    def _attribute(self) -> str:
        """What people are told apart by: `group` where there is one, else the first attribute of few values."""
        from textcoder.workflow.evidence import compared

        names = [name for name in compared(self.facts) if name != "wave"]
        return "group" if "group" in names else (names or [""])[0]

    def figure(self, code: str, measure: str, *, people_only: bool = False, change: bool = False) -> Figure:
        """A figure of a code."""
        return Figure(
            "codes", short_id(self.facts, code), measure, people_only=people_only, change=self.ends if change else None
        )


def brief_of(material: Material) -> Brief | None:
    """The brief of a project; None where there are no words that could be coded.

    Cost: that of `coded_twice` and `ceiling_of`, which learn anew some fifteen times.
    """
    if not material.facts.segments:
        return None
    writer = Writer(material)
    opening = _opening(writer)
    lenses, shown = _lenses(writer)
    what = "share of all segments, corrected for the machine's errors" if writer.corrects else "share of people asked"
    drawn = f"The codes of the table: {what}; the line is the 95 % interval. The shape of the mark is that of the lens."
    closing = tuple(
        Block(heading, tuple(paragraphs))
        for heading, found in (
            ("What changed, and for whom not", _changes(writer, shown)),
            ("Signs of progress in people's own numbers", _progress(writer)),
            ("How sure", _sure(writer)),
            ("What this cannot bear", _limits(writer, shown)),
            ("What would help most", _helps(writer, shown)),
        )
        if (paragraphs := list(found))
    )
    title = _name(material.study.project.name)
    commands = tuple(writer.sources.commands)
    short = _short(writer, lenses)
    n = len(material.study.project.lenses)
    reading = _reading(writer) + (f" The first {MOST_LENSES} of {n} lenses are shown." if n > MOST_LENSES else "")
    return Brief(title, short, opening, reading, _columns(writer), lenses, drawn, closing, commands)


# --- in short ---------------------------------------------------------------------------------------------------------------------------


def _short(w: Writer, lenses: Sequence[Lens]) -> Block:
    """What a reader takes home who reads no further, with what it rests on."""
    first = [(lens, lens.lines[0]) for lens in lenses if lens.lines]
    if not first:
        return Block("In short", ("Too little is coded, or said by too few people, for any figure to be shown.",))
    of = "of all segments" if w.corrects else "of people asked, uncorrected"
    most = "; ".join(f"{lens.name}: “{line.name}”, {_interval(line.point)} {of}{line.source}" for lens, line in first)
    said = [f"What carries most, by lens. {most}."]
    pairs = [(line.point, lens.lines[1].point) for lens, line in first if len(lens.lines) > 1]
    if any(one and other and one[1] <= other[2] for one, other in pairs):
        said.append("Intervals overlap, so the order of codes is not sure.")
    if w.by_wave and w.by_wave.differences:
        clear = sum(one.p_adjusted < CLEAR for one in w.by_wave.differences)
        changes = (
            counted(clear, "change in these shares is", "changes in these shares are")
            if clear
            else "no change in these shares is"
        )
        said.append(f"From {_waves(w)} {changes} clear.")
    usable = sum(str(one.verdict).startswith("usable") for one in w.ceiling)
    machine = (
        f"; by itself the machine is usable, or usable with correction, for {usable} of {len(w.ceiling)} codes"
        if w.ceiling
        else ""
    )
    if w.coded.sample:
        who = listed([w.names.get(coder, coder) for coder in w.coded.sample.coders])
        said.append(f"It rests on {len(w.coded.at):,} of {len(w.facts.segments):,} segments, read by {who}{machine}.")
    else:
        said.append(f"It rests on the machine's suggestions, which no random sample corrects{machine}.")
    return Block("In short", (" ".join(said),))


# --- what was asked, and of whom ----------------------------------------------------------------------------------------------------


def _opening(w: Writer) -> Block:
    from textcoder.query import Question, Unit, ask

    people = ask(w.facts, Question(Unit.LENSES, minimum_people=MINIMUM_PEOPLE)).overall.people
    interviews = len(w.study.transcripts)
    who = (
        "Too few people are known to say how many"
        if people is None
        else f"{counted(people, 'person', 'people')}{w.sources.cite(Figure('asked', '', 'people'))}"
    )
    said = [f"{who}, {counted(interviews, 'transcript', 'transcripts')}."]
    for name in filter(None, ("wave" if w.waves else "", w.group)):
        answer = ask(w.facts, Question(Unit.LENSES, (name,), minimum_people=MINIMUM_PEOPLE))
        each = [
            f"{_name(one.values[0]) or 'not known'}: "
            f"{one.people}{w.sources.cite(Figure('asked', '', 'people', {name: one.values[0]}))}"
            for one in answer.columns
            if one.people is not None
        ]
        if each:
            hidden = ", others too few to show" if len(each) < len(answer.columns) else ""
            said.append(f"People by {name}: {', '.join(each)}{hidden}.")
    if w.throughout is not None:
        said.append(f"In every wave: {w.throughout}.")
    segments = w.sources.cite(Figure("asked", "", "segments"))
    said.append(
        f"Their words are {len(w.facts.segments):,} segments{segments} of one to a few sentences, coded with "
        f"{counted(len(w.study.codebook.in_use), 'code', 'codes')} (codebook version {w.study.codebook.version})."
    )
    paragraphs = [" ".join(said)]
    if questions := _questions(w):
        asked = "; ".join(f"“{text}” ({n} people)" for text, n in questions)
        paragraphs.append(f"Put to most of them, in these words: {asked}.")
    else:
        paragraphs[0] += (
            " No question was put to three people or more in the same words; the transcripts hold them all."
        )
    return Block("Who was asked, and what", tuple(paragraphs))


def _in_every_wave(w: Writer) -> int | None:
    """How many people were asked in all waves; None where they are too few to be shown."""
    waves: dict[str, set[str]] = defaultdict(set)
    for segment in w.study.segments:
        if case := w.study.case(segment):
            waves[case].add(w.study.attributes(segment).get("wave", ""))
    n = sum(set(w.waves) <= own for own in waves.values())
    return n if n >= MINIMUM_PEOPLE else None


def _questions(w: Writer) -> list[tuple[str, int]]:
    """The questions put to most people in the same words, two at most; none that fewer than three people were asked."""
    asked: dict[str, set[str]] = defaultdict(set)
    for segment in w.study.segments:
        if (question := w.study.question(segment).strip()) and (case := w.study.case(segment)):
            asked[question].add(case)
    ranked = sorted(asked.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        (uncited(text), len(cases)) for text, cases in ranked[:2] if len(cases) > 2 and SHORT / 2 < len(text) < LONG
    ]


# --- what they say ----------------------------------------------------------------------------------------------------------------


def _reading(w: Writer) -> str:
    if w.corrects:
        sample = w.coded.sample
        assert sample is not None  # it corrects
        points = (
            f" Change: percentage points of that share, {_waves(w)}; clear only if it holds with all comparisons counted."
            if w.by_wave
            else ""
        )
        return (
            f"{listed([w.names.get(coder, coder) for coder in sample.coders])} read {len(w.coded.at):,} segments drawn by "
            f"chance ({100 * len(w.coded.at) / len(w.facts.segments):.0f} % of all). People: among whom at least one of them "
            "found it; the rest was not read, so more people may say it. Share: how many of all segments carry the code, "
            "corrected by that sample for the machine's errors, with a 95 % interval that knows who said what."
            f"{points} Of each lens the codes with the largest share are shown."
        )
    points = f" Change: percentage points of people, {_waves(w)}." if w.ends else ""
    return (
        "These figures are not corrected: they count the machine's suggestions as they stand where no person has "
        "decided, and nobody knows "
        f"yet how often it errs. People: how many of those asked say it at least once, with a 95 % interval.{points} Of "
        "each lens "
        "the codes that most people share are shown."
    )


def _waves(w: Writer) -> str:
    assert w.ends is not None
    return f"wave {_name(w.ends[0])} to {_name(w.ends[1])}"


def _columns(w: Writer) -> tuple[str, ...]:
    change = (f"Change, {_waves(w)}",) if w.ends else ()
    if w.corrects:
        return ("People, as coders found them", "Share of all segments, corrected", *change)
    return ("People, uncorrected", *change)


def _lenses(w: Writer) -> tuple[tuple[Lens, ...], list[Row]]:
    """The lenses with their lines, and the codes that are shown."""
    from textcoder.query import Question, Where, ask, change

    lenses = w.study.project.lenses[:MOST_LENSES]
    each = min(3, max(1, MOST_LINES // max(1, len(lenses))))
    everything = ask(w.facts, Question(minimum_people=MINIMUM_PEOPLE))
    by_people = ask(w.facts, Question(where=Where(people_only=True), minimum_people=MINIMUM_PEOPLE))
    moved: dict[str, Changed] = {}
    if w.ends and not w.corrects:
        moved = {
            row.row.id: row.overall for row in change(w.facts, Question(minimum_people=MINIMUM_PEOPLE), *w.ends).rows
        }
    shares = {row.row.id: row.overall for row in w.shares.rows}
    quoting = Quoting(w)
    found: list[Lens] = []
    shown: list[Row] = []
    for lens in lenses:
        ranked = []
        for one, own in zip(everything.rows, by_people.rows, strict=True):
            share, cell = shares.get(one.row.id), own.overall if w.corrects else one.overall
            if one.row.lens != lens.id or cell is None or (w.corrects and (share is None or share.value is None)):
                continue
            size = share.value if w.corrects and share is not None else cell.people.value
            ranked.append(
                (-(size or 0.0), -cell.people.n, -cell.mentions, one.row.name.casefold(), one.row, cell, share)
            )
        lines = []
        for *_, row, cell, share in sorted(ranked, key=lambda item: item[:4])[:each]:
            people = cell.people
            if w.corrects and share is not None:
                seen = w.sources.cite(w.figure(row.id, "people", people_only=True))
                source = w.sources.cite(w.figure(row.id, "corrected"))
                point = _point(share.value, share.low, share.high)
                cells = [f"at least {people.n} of {people.of}{seen}", f"{_interval(point)}{source}"]
                cells += [_moved(w, row)] if w.ends else []
            else:
                source = w.sources.cite(w.figure(row.id, "people"))
                point = _point(people.value, people.low, people.high)
                cells = [f"{people.n} of {people.of}: {_interval(point)}{source}"]
                cells += [_changed(w, row, moved.get(row.id))] if w.ends else []
            lines.append(Line(_name(row.name), tuple(cells), quoting.of(row), point, source))
            shown.append(row)
        left = sum(row.row.lens == lens.id for row in everything.rows) - len(lines)
        said = "" if lines else "Too little was found to show: fewer than two people, or nothing at all."
        of = f"{len(lines)} of {len(lines) + left} codes; the others stand in the pack" if lines and left else ""
        found.append(Lens(_name(lens.name), tuple(lines), said, of))
    # Where nothing can be shown the opening has said so, and an empty table would say it three times more.
    return tuple(found) if shown else (), shown


def _point(*values: float | None) -> tuple[float, float, float] | None:
    return tuple(100 * (value or 0.0) for value in values) if finite(*values) else None  # type: ignore[return-value]  # three are given


def _interval(point: tuple[float, float, float] | None) -> str:
    if point is None:
        return "not known"
    digits = 1 if point[2] < 20 else 0
    return f"{point[0]:.{digits}f} % ({point[1]:.{digits}f} to {point[2]:.{digits}f})"


def _moved(w: Writer, row: Row) -> str:
    """The change of a corrected share."""
    one = _between(w, row)
    if one is None:
        return "too few people to compare"
    seen = w.sources.cite(w.figure(row.id, "corrected", change=True))
    alone = not one.low <= 0 <= one.high
    among = f" among all {len(w.by_wave.differences)}" if alone and w.by_wave else ""
    clear = "; clear" if one.p_adjusted < CLEAR else f"; not clear{among}"
    return f"{_points(one.value)} ({_points(one.low)} to {_points(one.high)}){clear}{seen}"


def _between(w: Writer, row: Row) -> Between | None:
    """From the first wave to the last; turned round where the values are sorted the other way."""
    for one in w.by_wave.differences if w.by_wave else ():
        if one.row.id == row.id:
            if (one.first, one.second) == w.ends:
                return one
            return replace(one, first=one.second, second=one.first, value=-one.value, low=-one.high, high=-one.low)
    return None


def _changed(w: Writer, row: Row, found: Changed | None) -> str:
    """The change of a share of people, uncorrected."""
    difference: Estimate | None = found.difference if found else None
    if difference is None:
        return "too few people to compare"
    seen = w.sources.cite(w.figure(row.id, "people", change=True))
    clear = "; not clear" if difference.low <= 0 <= difference.high else ""
    low, high = _points(difference.low), _points(difference.high)
    return f"{_points(difference.value)} ({low} to {high}){clear}, of {difference.of}{seen}"


def _points(value: float) -> str:
    points = 100 * value
    text = f"{points:+.1f}" if abs(points) < 10 else f"{points:+.0f}"
    return text.replace("-", "−") if float(text) else "0"


class Quoting:
    """One quotation for a code: of somebody who is not quoted yet, of a group that is quoted least, people's codings first."""

    def __init__(self, w: Writer) -> None:
        self.w = w
        self.cases: set[str] = set()
        self.groups: Counter[str] = Counter()
        self.texts: set[str] = set()

    def of(self, row: Row) -> Quoted | None:
        """A quotation that was chosen for the report, else what the question's order gives; None where all are too "
        "long or short."""
        from textcoder.query import quotations

        w, code = self.w, row.id
        for best in w.material.chosen:
            fresh = best.case not in self.cases and best.text not in self.texts
            if fresh and code in best.codes and len(best.text) <= LONG:
                at = (best.file, best.page, best.quote.start, best.quote.end)
                return self._quote(best.text, best.case, best.attributes, at, "chosen for the report")
        items = [one for one in quotations(w.facts, code, limit=None).items if SHORT <= len(one.text) <= LONG]
        others = [one for one in items if one.case and one.case not in self.cases and one.text not in self.texts]
        if not others:
            return None
        # `min` takes the first of equals, and so keeps the order of the query.
        one = min(
            others,
            key=lambda one: (not one.by_person, -len(self._coders(one)), self.groups[one.attributes.get(w.group, "")]),
        )
        return self._quote(one.text, one.case, one.attributes, (one.file, one.page, one.start, one.end), self._by(one))

    def _quote(
        self, text: str, case: str, known: Mapping[str, str], place: tuple[str, int | None, int, int], by: str
    ) -> Quoted:
        self.cases.add(case)
        self.groups[known.get(self.w.group, "")] += 1
        self.texts.add(text)
        group, wave = known.get(self.w.group, ""), known.get("wave", "")
        who = ", ".join(filter(None, (group[:1].upper() + group[1:], f"wave {wave}" if wave else ""))) or "Somebody"
        file, page, start, end = place
        where = f"{file}{f', page {page}' if page else ''}, characters {start} to {end}"
        return Quoted(uncited(text), uncited(f"{who} ({where}); {by}"))

    def _by(self, one: Quotation) -> str:
        if not one.by_person:
            return f"suggested by the machine ({one.probability:.2f}), no person has confirmed it"
        return f"coded by {listed(self._coders(one))}"

    def _coders(self, one: Quotation) -> list[str]:
        """Those of its coders that are people."""
        return [coder for coder in one.coders if coder in self.w.names]


# --- what changed, and for whom not -------------------------------------------------------------------------------------------------


def _changes(w: Writer, shown: Sequence[Row]) -> Iterator[str]:
    from textcoder.query import Where
    from textcoder.workflow.adequacy import Enough, adequacy

    if w.by_wave is not None:
        found = w.by_wave.differences
        clear = [one.row.name for one in found if one.p_adjusted < CLEAR]
        alone = [one for one in found if not one.low <= 0 <= one.high and one.p_adjusted >= CLEAR]
        seen = w.sources.cite("textcoder prevalence --by wave")
        if found:
            what = f"{listed([f'“{_name(name)}”' for name in clear])} changed clearly" if clear else "none is clear"
            more = (
                f" {counted(len(alone), 'interval, taken alone, lies', 'intervals, taken alone, lie')} to one side of zero; by "
                f"chance about {CLEAR * len(found):.1f} would."
                if alone
                else ""
            )
            widest = max(one.high - one.low for one in found)
            yield (
                f"Of the corrected shares of {counted(len(found), 'code', 'codes')} compared from {_waves(w)}, {what} once "
                f"their number is counted (Holm){seen}.{more} That is no proof that nothing changed: the widest interval "
                f"spans {100 * widest:.0f} points."
            )
    elif not w.ends:
        yield f"{'There is one wave only' if w.waves else 'No waves are known'}, so nothing can be said of change."
    if not w.group:
        yield "No group is known of people, so nothing can be said of who is left out."
        return
    if w.corrects:
        groups = prevalence(w.coded, _question((w.group,)))
        clear_ = [one for one in groups.differences if one.p_adjusted < CLEAR]
        seen = w.sources.cite(f"textcoder prevalence --by {w.group}")
        if clear_:
            told = "; ".join(
                f"“{_name(one.row.name)}”: {_points(one.value)} points, {one.first} to {one.second}"
                for one in clear_[:3]
            )
            yield f"Between values of {w.group}, {len(clear_)} of {len(groups.differences)} differences are clear{seen}: {told}."
        elif groups.differences:
            yield f"Between values of {w.group}, none of {len(groups.differences)} differences of corrected shares is clear{seen}."
    where = Where(people_only=w.corrects)
    missing = adequacy(w.facts, Enough(where=where), seed=w.live.settings.seed).missing
    own = [one for one in missing if one.attribute == w.group and one.row and one.row.id in {row.id for row in shown}]
    if not own:
        yield f"Of the codes shown, each value of {w.group} has two people or more who say it, or too few were asked to tell."
        return
    by_value: dict[str, list[str]] = defaultdict(list)
    for one in own:
        assert one.row is not None  # only codes are looked at
        by_value[one.value].append(_name(one.row.name))
    told = "; ".join(f"{value}: {', '.join(sorted(names))}" for value, names in sorted(by_value.items()))
    beyond = [one for one in own if one.q < CLEAR]
    chance = (
        f"{len(beyond)} of these {len(own)} gaps are more than chance explains."
        if beyond
        else "Each of these gaps may be chance, with so few people."
    )
    whom = "the coders found" if w.corrects else "there are"
    seen = w.sources.cite(f"textcoder adequacy --by {w.group}{' --people-only' if w.corrects else ''}")
    part = " The coders read a part only of what each person said." if w.corrects else ""
    yield f"Hardly heard from: in these groups {whom} fewer than two people who say it{seen}: {told}. {chance}{part}"


def _progress(w: Writer) -> Iterator[str]:
    """The mean of the numbers that people gave for now, wave by wave, and of the same people."""
    from textcoder.progress import SCALING

    found = paths_of(w.live, w.facts).programme(SCALING, minimum_people=MINIMUM_PEOPLE)
    waves = [(cell.wave, cell.mean) for cell in found.overall if cell.mean is not None and finite(cell.mean.value)]
    if not waves:
        return
    seen = w.sources.cite("textcoder progress --numbers")
    path = "; ".join(f"{f'wave {_name(wave)}: ' if wave else ''}{said_mean(mean, found.top)}" for wave, mean in waves)
    said = f"Asked where they stand on a scale, people gave on average, in tenths of it{seen}: {path}."
    changes = [c for c in found.overall_changes if (c.from_wave, c.to_wave) == w.ends and c.mean is not None]
    for one in changes:
        mean = one.mean
        assert mean is not None  # chosen by it
        within = finite(mean.low, mean.high) and mean.low <= 0 <= mean.high
        clear = "not clear" if within else "this interval does not reach zero" if finite(mean.low, mean.high) else ""
        same = w.sources.cite("textcoder progress --indicator scaling")
        said += f" The same people, {_waves(w)}: {said_mean(mean, found.top, signed=True)}{same}{f'; {clear}' if clear else ''}."
    yield (
        f"{said} The numbers are found by patterns and not coded by anybody; whoever gave none in a wave, or left, is "
        "not in that mean, and a "
        "scale of zero to ten is assumed where none is named."
    )


# --- how sure ---------------------------------------------------------------------------------------------------------------------------


def _sure(w: Writer) -> Iterator[str]:
    if w.reflexive:
        yield "The study is reflexive: agreement between coders is no measure of it, and none is given."
    elif not w.read:
        yield "No person has coded anything yet, so nobody can say how often the machine errs."
    else:
        yield from _agreed(w)
    if not w.reflexive and w.ceiling:
        yield _beside(w)
    if w.corrects:
        yield (
            "Corrected are shares of segments. Not corrected are numbers of people (a lower bound above), people's "
            "own numbers, and, in the "
            "pack, whatever counts the machine's suggestions."
        )
    else:
        yield f"Nothing here is corrected. {_plain_note(w.coded.note)}"


def _plain_note(note: str) -> str:
    return note.removeprefix("These figures are uncorrected: they are what the machine says. ")


def _agreed(w: Writer) -> Iterator[str]:
    found = agreement_of(w.live)
    known = [one for one in found if finite(one.alpha.value)]
    if not known:
        yield f"A person looked at {w.read:,} of {len(w.facts.segments):,} segments; no two looked at the same, so agreement is not known."
        return
    first, alphas = known[0], [one.alpha.value for one in known]
    who = listed([w.names.get(coder, coder) for coder in first.yes])
    lowest = min(known, key=lambda one: (one.alpha.value, one.code))
    name = next((row.name for row in w.study.codebook if row.id == lowest.code), lowest.code)
    seen = w.sources.cite("textcoder agreement")
    low = f" ({lowest.alpha.low:.2f} to {lowest.alpha.high:.2f})" if finite(lowest.alpha.low, lowest.alpha.high) else ""
    doubt = (
        " Agreement this high is rare where meaning is coded: ask whether they coded apart, and from what training."
        if median(alphas) > HIGH
        else ""
    )
    yield (
        f"{who} coded the same {first.units:,} segments. Krippendorff's alpha is {GOOD:.2f} or more for "
        f"{sum(a >= GOOD for a in alphas)} of "
        f"{len(known)} codes; the lowest is {lowest.alpha.value:.2f}{low}, “{_name(name)}”{seen}.{doubt}"
    )


def _beside(w: Writer) -> str:
    verdicts = Counter(str(one.verdict) for one in w.ceiling)
    order = ("usable", "usable with correction", "not usable", "too little to say")
    told = ", ".join(f"{verdict} for {verdicts[verdict]}" for verdict in order if verdicts[verdict])
    bad = verdicts["not usable"] + verdicts["too little to say"]
    then = ""
    if 2 * bad > len(w.ceiling):
        then = (
            " So the weight rests on what the coders read; the machine hardly narrows these intervals."
            if w.corrects
            else " So figures that count its suggestions should not be relied on."
        )
    seen = w.sources.cite("textcoder ceiling")
    return (
        "Beside the coders, on words of persons from whom it has not learned, the machine is "
        f"{told} of the {len(w.ceiling)} codes that they gave{seen}.{then}"
    )


# --- limits, and what would help --------------------------------------------------------------------------------------------------------


def _limits(w: Writer, shown: Sequence[Row]) -> Iterator[str]:
    few = "fewer than two" if w.throughout is None else f"{w.throughout}"
    wave = (
        f" Of all people {few} were interviewed in every wave; waves compare partly different people." if w.ends else ""
    )
    taken = (
        ""
        if w.material.chosen
        else " Nobody chose them: a fixed rule took them (of different people, those of most coders first)."
    )
    quoted = f" Quotations show what is meant; one each shows nothing of how common it is.{taken}"
    yield (
        "The files do not say how people were chosen; the intervals hold for people like these, as if drawn by chance. What is "
        "said follows from what was asked: a share of what is said is no share of time, money or effect."
        f"{wave} A change is not by itself an effect of what is evaluated: nothing here shows what would have happened "
        f"without it. Where fewer than {MINIMUM_PEOPLE} people said or were asked something it is hidden."
        f"{quoted if shown else ''}"
    )


def _helps(w: Writer, shown: Sequence[Row]) -> Iterator[str]:
    from textcoder.workflow.adequacy import adequacy

    tips = []
    if w.coded.sample is None:
        tips.append(f"A random sample that people code: it corrects these figures ({DRAW}).")
    elif not w.coded.sample.people:
        n = min(20, len(w.facts.cases))
        draw = f'textcoder sample draw "people" --people {n} --for NAME'
        tips.append(f"Whole people read by coders, so that numbers of people can be corrected, too ({draw}).")
        ids = {row.id for row in shown}
        wide = [
            (one.high - one.low, row.row.name)
            for row in w.shares.rows
            if row.row.id in ids and (one := row.overall) and one.high is not None and one.low is not None
        ]
        if wide:
            span, name = max(wide)
            tips.append(
                f"A larger sample: “{_name(name)}” is known to within {100 * span:.0f} points; four times as many "
                "segments would about halve that."
            )
    chances = adequacy(w.facts, seed=w.live.settings.seed).overall.chances
    rare = next((one for one in chances if math.isclose(one.prevalence, 0.10)), None)
    if rare is not None and rare.more:
        tips.append(
            f"More people: what one in ten would bring up is missed with probability {rare.missed:.2f}; {rare.more} "
            "more would make that 0.05."
        )
    if tips:
        yield " ".join(f"{'abc'[i]}) {tip}" for i, tip in enumerate(tips[:3]))


def _question(by: tuple[str, ...], where: Mapping[str, tuple[str, ...]] | None = None) -> Question:
    from textcoder.query import Question, Where

    return Question(by=by, where=Where(where or {}), minimum_people=MINIMUM_PEOPLE)


def _name(text: str) -> str:
    """A name of any length as it fits a brief."""
    plain = uncited(" ".join(text.split()))
    return plain if len(plain) <= LONGEST_NAME else f"{plain[: LONGEST_NAME - 1]}…"
