"""From a figure back to the rows behind it: each figure of a report has an id, and one function gives what it counts.

`textcoder.domain.figure` says how an id reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textcoder.domain.figure import ASKED, Figure
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.workflow.live import LiveProject
from textcoder.workflow.querying import facts_of

if TYPE_CHECKING:
    from textcoder.query import Facts, Quotation, Unit, Where
    from textcoder.workflow.estimating import CodedTwice, Corrected

SHORTEST = 6
"""Letters of an id that are enough where only one begins with them."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A row behind a figure: words of one person; of who was asked, one file of hers.

    Attributes:
        case: Case id; empty for words of nobody known.
        speaker: As written in the file.
        attributes: Of the words.
        file: Where they stand.
        page: From 1; None where there are none.
        start: First code point.
        end: One past the last.
        text: The exact words; empty where the row is a whole file.
        by: Who gives the code: ids of coders, `machine` with its probability.
        not_by: Of a sampled segment, who looked and does not give it.
        segments: How many the row stands for.
    """

    case: str
    speaker: str
    attributes: Mapping[str, str]
    file: str
    page: int | None
    start: int
    end: int
    text: str
    by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    segments: int = 1


@dataclass(frozen=True, slots=True)
class Traced:
    """A figure with the rows behind it.

    Attributes:
        figure: Its id, with the whole id of the code.
        count: The figure: a number of people, segments or mentions; a corrected share, or its difference, is in [-1, 1].
        said: It in words.
        rows: Behind it, each person's together, in the order of files and places. Of a corrected share, the sampled segments to which a
            coder or the machine gives the code; the others carry nothing.
    """

    figure: str
    count: float | None
    said: str
    rows: tuple[Behind, ...]


def trace(live: LiveProject, figure: Figure | str, *, coder: str = "") -> Traced:
    """The rows behind a figure, as the project stands now.

    Args:
        live: The project.
        figure: Or its id.
        coder: Id of whoever asks: of an open sample that she codes blind, she sees her own codings only. Empty for others.

    Raises:
        UnknownItem: There is no such figure, code, attribute or person.
        InvalidDecision: There is no sample that could correct.
    """
    asked = Figure.of(figure) if isinstance(figure, str) else figure
    if asked.measure == "corrected":
        return _corrected(live, asked, coder)
    return trace_counted(facts_of(live, coder=coder), asked)


def trace_counted(facts: Facts, figure: Figure) -> Traced:
    """The rows behind a figure that is counted, and not estimated; see `trace`."""
    from textcoder.query import quotations

    if figure.case and figure.case not in facts.cases:
        raise UnknownItem(f'Nobody has the case id "{figure.case}"; see cases_by_codes.csv.')
    if figure.change:
        return _changed(facts, figure)
    if figure.unit == ASKED or figure.measure == "asked":
        rows = _asked(facts, figure)
        n = (
            len({row.case for row in rows if row.case})
            if figure.measure != "segments"
            else sum(r.segments for r in rows)
        )
        noun = "segments" if figure.measure == "segments" else "people"
        return Traced(str(figure), n, f"{_of(facts, figure)}: {n:,} {noun} asked.", rows)
    unit, place = row_of(facts, figure)
    full = replace(figure, row=facts.rows[unit][place].id)
    found = quotations(facts, full.row, _where(figure), unit=unit, limit=None).items
    rows = tuple(_behind(one) for one in _together(found) if not figure.case or one.case == figure.case)
    people = {row.case for row in rows if row.case}
    segments = {one.segment for one in found if not figure.case or one.case == figure.case}
    spans = {(row.file, row.start, row.end) for row in rows}
    n = {"people": len(people), "segments": len(segments), "mentions": len(spans)}[figure.measure]
    if figure.measure == "people":
        asked = len({row.case for row in _asked(facts, figure) if row.case})
        said = f"{n:,} of {asked:,} people asked say it, in {len(spans):,} mentions"
        # Words of nobody known are no person's, and stand behind no number of people.
        rows = tuple(row for row in rows if row.case)
    else:
        said = f"{n:,} {figure.measure}, of {len(people):,} people"
    return Traced(str(full), n, f"{_of(facts, full)}: {said}.", rows)


def row_of(facts: Facts, figure: Figure) -> tuple[Unit, int]:
    """What a figure counts, and its place in the facts: by id, the beginning of an id, or a name.

    Raises:
        UnknownItem: There is none, or more than one.
    """
    from textcoder.query import Unit

    unit = Unit(figure.unit)
    begins = [i for i, row in enumerate(facts.rows[unit]) if row.id.startswith(figure.row)]
    if len(begins) == 1 and len(figure.row) >= SHORTEST:
        return unit, begins[0]
    return unit, facts.find_row(unit, figure.row)


def short_id(facts: Facts, code: str) -> str:
    """The beginning of a code's id that no other begins with: eight letters, or as many as it takes."""
    from textcoder.query import Unit

    ids = [row.id for row in facts.rows[Unit.CODES]]
    return next((code[:n] for n in range(8, len(code)) if sum(other.startswith(code[:n]) for other in ids) == 1), code)


def _where(figure: Figure) -> Where:
    from textcoder.query import Where

    return Where({name: (value,) for name, value in figure.where.items()}, people_only=figure.people_only)


def _of(facts: Facts, figure: Figure) -> str:
    """What is counted, in words."""
    parts = [f"{name} {value or 'not known'}" for name, value in figure.where.items()]
    parts += [f"person {figure.case}"] if figure.case else []
    parts += ["as people coded it"] if figure.people_only else []
    if figure.unit == ASKED:
        return ", ".join(parts) or "Everybody"
    unit, place = row_of(facts, figure)
    return ", ".join([facts.rows[unit][place].name, *parts])


def _together(found: Sequence[Quotation]) -> list[Quotation]:
    """Each person's words together, in the order of files and places; words of nobody known last."""
    return sorted(found, key=lambda one: (not one.case, one.case, one.file, one.start, one.end))


def _behind(one: Quotation) -> Behind:
    by = one.coders if one.by_person else tuple(f"{coder} {one.probability:.2f}" for coder in one.coders)
    return Behind(one.case, one.speaker, one.attributes, one.file, one.page, one.start, one.end, one.text, by)


def _asked(facts: Facts, figure: Figure) -> tuple[Behind, ...]:
    """A row for each person and file."""
    import numpy as np

    keep, study, rows = facts.sources_where(_where(figure)), facts.study, list[Behind]()
    case_of, names = facts.sources.case.tolist(), {case.id: case.name for case in study.cases}
    for source in np.flatnonzero(keep).tolist():
        case = facts.cases[case_of[source]] if case_of[source] >= 0 else ""
        if figure.case and case != figure.case:
            continue
        values = {name: column.levels[column.values[source]] for name, column in facts.columns.items()}
        known = {name: value for name, value in values.items() if value}
        file = study.transcripts[int(facts.sources.transcript[source])].name
        n = int(facts.sources.segments[source])
        rows.append(Behind(case, names.get(case, case), known, file, None, 0, 0, "", segments=n))
    return tuple(sorted(rows, key=lambda row: (not row.case, row.case, row.file)))


def _changed(facts: Facts, figure: Figure) -> Traced:
    """Two waves of one number of people: their rows one after the other."""
    assert figure.change is not None  # checked by whoever calls
    if figure.measure != "people" or figure.unit == ASKED:
        raise InvalidDecision("A change is of people, or of a corrected share: codes/NAME/change=1:3/people.")
    ends = [
        trace_counted(facts, replace(figure, change=None, where={**figure.where, "wave": w})) for w in figure.change
    ]
    unit, place = row_of(facts, figure)
    full = replace(figure, row=facts.rows[unit][place].id)
    count = (ends[1].count or 0) - (ends[0].count or 0)
    return Traced(str(full), count, " ".join(one.said for one in ends), tuple(row for one in ends for row in one.rows))


# --- estimated --------------------------------------------------------------------------------------------------------------------------


def _corrected(live: LiveProject, figure: Figure, coder: str) -> Traced:
    from textcoder.workflow.estimating import coded_twice
    from textcoder.workflow.rounds import said

    coded = coded_twice(live, coder=coder)
    if coded.sample is None:
        raise InvalidDecision(f"Nothing is corrected. {coded.note}")
    _, by_coder = said(live, sample=coded.sample.name)
    return trace_corrected(coded, figure, [coder for coder in coded.sample.coders if coder in by_coder])


def trace_corrected(coded: CodedTwice, figure: Figure, coders: Sequence[str]) -> Traced:
    """The sampled segments behind a corrected share of segments, or behind its change from wave to wave; see `trace`.

    Args:
        coded: With a sample.
        figure: Which.
        coders: Ids, in the order of `coded.human`; what they settled stands for each of them.
    """
    from textcoder.query import Question, Unit
    from textcoder.workflow.estimating import prevalence

    if figure.people_only or figure.case:
        raise InvalidDecision(
            "A corrected share is of everybody's words, or of those with a value: codes/NAME/wave=2/corrected."
        )
    facts = coded.facts
    _, place = row_of(facts, figure)
    full = replace(figure, row=facts.rows[Unit.CODES][place].id)
    waves = figure.change or ("",)
    said, rows = [], list[Behind]()
    for wave in waves:
        where = {**figure.where, **({"wave": wave} if wave else {})}
        one = replace(full, change=None, where=where)
        found = prevalence(coded, Question(where=_where(one), minimum_people=0), codes=[full.row]).rows[0].overall
        rows += _sampled(coded, one, place, coders)
        said.append(f"{_of(facts, one)}: {_estimate(found)}")
        count = found.value if found else None
    if figure.change:
        answer = prevalence(coded, Question(by=("wave",), where=_where(full), minimum_people=0), codes=[full.row])
        pairs = {(one.first, one.second): one for one in answer.differences}
        between = pairs.get(figure.change) or pairs.get((figure.change[1], figure.change[0]))
        sign = 1 if between and (between.first, between.second) == figure.change else -1
        count = None if between is None else sign * between.value
        if between is not None:
            ends = sorted((sign * between.low, sign * between.high))
            told = f"{100 * sign * between.value:+.1f} points ({100 * ends[0]:+.1f} to {100 * ends[1]:+.1f})"
            said.append(f"The difference is {told}, by itself.")
    return Traced(str(full), count, " ".join(said), tuple(rows))


def _estimate(found: Corrected | None) -> str:
    if found is None or found.value is None or found.low is None or found.high is None:
        return f"no corrected share{f': {found.note}' if found else ''}."
    interval = f"{100 * found.value:.1f} % of segments ({100 * found.low:.1f} to {100 * found.high:.1f})"
    sample = (
        "" if found.sample is None else f"; the coders alone {100 * found.sample:.1f} % of {found.sampled:,} sampled"
    )
    machine = "" if found.machine is None else f", the machine alone {100 * found.machine:.1f} % of all"
    return f"{interval}{sample}{machine}."


def _sampled(coded: CodedTwice, figure: Figure, place: int, coders: Sequence[str]) -> list[Behind]:
    """The sampled segments to which anybody gives the code."""
    facts, study = coded.facts, coded.facts.study
    keep = facts.sources_where(_where(figure))[facts.layout.source_of]
    found = []
    for i, at in enumerate(coded.at.tolist()):
        own = {coder: coded.human[k, place, i] for k, coder in enumerate(coders)}
        yes = tuple(coder for coder, said in own.items() if said == 1)
        no = tuple(coder for coder, said in own.items() if said == 0)
        machine = bool(coded.machine[place, at])
        if not keep[at] or not (yes or machine):
            continue
        segment = facts.segments[at]
        transcript = study.transcript_by_id[segment.transcript]
        by, not_by = ((*yes, "machine"), no) if machine else (yes, (*no, "machine"))
        where = (transcript.name, transcript.page_at(segment.start), segment.start, segment.end)
        words = study.quotation(segment)
        found.append(
            Behind(study.case(segment), study.speaker(segment), study.attributes(segment), *where, words, by, not_by)
        )
    return sorted(found, key=lambda row: (not row.case, row.case, row.file, row.start))
