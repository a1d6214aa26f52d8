"""The exact words behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from textcoder.query.facts import EVERYWHERE, Facts, Mask, Said, Unit, Where, changes


@dataclass(frozen=True, slots=True)
class Quotation:
    """A coded span with all that is needed to find it again.

    Attributes:
        text: Its exact words, a slice of the transcript.
        segment: Id of the segment in which it counts.
        transcript: Transcript id.
        file: The transcript's name.
        start: First code point in the transcript's text.
        end: One past the last.
        speaker: As written in the file; empty where it names nobody.
        case: Case id; empty for words of nobody known.
        attributes: Of the words, wave and date among them.
        page: In the source, from 1; None where it has no pages.
        time_ms: Milliseconds into the recording; None where it has no times.
        coders: Ids of those who gave it the code, or one below it, sorted; empty for a theme's segment.
        by_person: A person is among them.
        probability: The highest of theirs; 1 for a person, and for a theme's segment.
    """

    text: str
    segment: str
    transcript: str
    file: str
    start: int
    end: int
    speaker: str
    case: str
    attributes: Mapping[str, str]
    page: int | None
    time_ms: int | None
    coders: tuple[str, ...]
    by_person: bool
    probability: float


@dataclass(frozen=True, slots=True)
class Quotations:
    """A page of quotations: `total` distinct spans by `people` people, of which `items` are some. None where not shown."""

    total: int | None
    people: int | None
    items: tuple[Quotation, ...]


def quotations(
    facts: Facts,
    row: str,
    where: Where = EVERYWHERE,
    *,
    unit: Unit = Unit.CODES,
    offset: int = 0,
    limit: int | None = 20,
    minimum_people: int = 0,
    together: str | None = None,
) -> Quotations:
    """What was said under a code, lens or theme, spread over people: everybody's first quotation, then everybody's second, ...

    Of one person those come first that people coded, then the most probable, then in the order of the files. People follow each
    other by case id, words of nobody known last, file by file. The order never depends on `offset` and `limit`.

    Args:
        facts: The project.
        row: The code, lens or theme, by id, or by a name that only one has.
        where: Whose words, and which codings.
        unit: What `row` is.
        offset: How many to leave out at the beginning.
        limit: How many at most; None gives all.
        minimum_people: Nothing is shown where fewer people said it; 0 shows all.
        together: Another row of the same kind, by id or name: only words in segments that carry it, too.

    Raises:
        UnknownItem: No such code, lens or theme; or what `where` names is not there.
    """
    place, keep = facts.find_row(unit, row), facts.sources_where(where)
    found = facts.codings_where(unit, where)
    both = None if together is None else _of_row(found, facts.find_row(unit, together), keep)
    found = _of_row(found, place, keep)
    if both is not None:
        found = found.kept(np.flatnonzero(np.isin(found.segment, both.segment)))
    people = len(np.unique(case := facts.sources.case[found.source])) - bool((case < 0).any())
    if people < minimum_people:
        return Quotations(None, None, ())
    if not len(found.row):
        return Quotations(0, people, ())
    # Codings of one span stand together; what belongs to it begins at `first` and ends where the next span begins.
    first = np.flatnonzero(changes(found.segment, found.start, found.end))
    last = np.append(first[1:], len(found.row))
    human = np.logical_or.reduceat(found.human, first)
    probability = np.maximum.reduceat(found.probability, first)
    person = facts.sources.person[found.source[first]]
    place_of = (found.end[first], found.start[first], found.segment[first])
    ranked = np.lexsort((*place_of, -probability, ~human, person))
    starts = changes(person[ranked])
    turn = np.arange(len(ranked)) - np.flatnonzero(starts)[np.cumsum(starts) - 1]
    order = ranked[np.lexsort((person[ranked], turn))]
    end = None if limit is None else offset + limit
    items = []
    for i in order[offset:end].tolist():
        codings = found.coding[first[i] : last[i]]
        coders = tuple(sorted({facts.coders[j] for j in facts.coder_of[codings[codings >= 0]].tolist()}))
        span = (int(found.segment[first[i]]), int(found.start[first[i]]), int(found.end[first[i]]))
        items.append(_quotation(facts, span, coders, bool(human[i]), float(probability[i])))
    return Quotations(len(order), people, tuple(items))


def _of_row(found: Said, row: int, keep: Mask) -> Said:
    """The codings of one row, of which all stand together, in what is asked about."""
    low, high = np.searchsorted(found.row, [row, row + 1])
    return found.kept(np.arange(low, high)[keep[found.source[low:high]]])


def _quotation(
    facts: Facts, span: tuple[int, int, int], coders: tuple[str, ...], by_person: bool, probability: float
) -> Quotation:
    place, start, end = span
    study, segment = facts.study, facts.segments[place]
    transcript = study.transcript_by_id[segment.transcript]
    return Quotation(
        text=transcript.quotation(start, end),
        segment=segment.id,
        transcript=transcript.id,
        file=transcript.name,
        start=start,
        end=end,
        speaker=study.speaker(segment),
        case=study.case(segment),
        attributes=study.attributes(segment),
        page=transcript.page_at(start),
        time_ms=transcript.time_at(segment.turn, start),
        coders=coders,
        by_person=by_person,
        probability=probability,
    )
