"""The quotations chosen for the report as a collection: whose words they are, what they carry, and whose voices are missing.

One rule for all who tell of it: report, command line, service and page read `voices` and count nothing themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from textcoder.domain.coding import LensPlacement
from textcoder.domain.places import Places
from textcoder.domain.project import NO_LENS, Case
from textcoder.domain.quote import Quote
from textcoder.domain.study import Study
from textcoder.domain.transcript import Segment, Transcript

LOUD = 0.25
"""One person who says more than this share of all that is quoted speaks for the others."""
ENOUGH = 4
"""Quotations from which that can be said."""
MOST_VALUES = 12
"""An attribute with more values compares nobody."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chosen quotation with whose words they are and what they are coded with.

    Attributes:
        quote: As it stands in the history.
        text: The exact words.
        file: The transcript's name.
        segment: The first segment that it lies on; None for words outside all segments, such as the interviewer's.
        speaker: As written in the file; empty where it names nobody.
        case: Case id; empty where nobody's.
        attributes: Of the person, the source, wave and date; what is known of the source counts more.
        page: In the source, from 1.
        time_ms: Milliseconds into the recording.
        lens: How the machine sees the words; None where it never looked.
        codes: Ids of those that count for the words, and of the codes above them; sorted.
    """

    quote: Quote
    text: str
    file: str
    segment: Segment | None
    speaker: str
    case: str
    attributes: Mapping[str, str]
    page: int | None
    time_ms: int | None
    lens: str | None
    codes: tuple[str, ...]


def in_order(quotes: Iterable[Quote]) -> list[Quote]:
    """The order of the report."""
    return sorted(quotes, key=lambda one: (one.place, one.transcript, one.start, one.end))


def chosen_quote(
    quote: Quote,
    transcript: Transcript,
    places: Places,
    *,
    cases: Mapping[str, Case],
    placements: Mapping[str, LensPlacement],
    carriers: Mapping[str, Collection[str]],
) -> Chosen:
    """A chosen quotation with all that is known of it.

    Args:
        quote: Which.
        transcript: Where it stands.
        places: Of the project's segments.
        cases: By id.
        placements: Segment id to how the machine sees it.
        carriers: Code id to the segments that carry it, or a code below it.
    """
    segments = [places.segments[row] for row in places.under(quote.transcript, quote.start, quote.end)]
    first = segments[0] if segments else None
    turn = transcript.turns[first.turn] if first else None
    case = cases.get((turn.case if turn else None) or "")
    placed = placements.get(first.id) if first else None
    ids = {segment.id for segment in segments}
    return Chosen(
        quote=quote,
        text=transcript.quotation(quote.start, quote.end),
        file=transcript.name,
        segment=first,
        speaker=(turn.speaker if turn else None) or "",
        case=case.id if case else "",
        attributes=_known(transcript, case),
        page=transcript.page_at(quote.start),
        time_ms=transcript.time_at(first.turn, quote.start) if first else None,
        lens=placed.lens if placed else None,
        codes=tuple(sorted(code for code, carried in carriers.items() if not ids.isdisjoint(carried))),
    )


def _known(transcript: Transcript, case: Case | None) -> dict[str, str]:
    known = {"wave": transcript.wave, "date": transcript.date}
    return {
        **(case.attributes if case else {}),
        **transcript.attributes,
        **{name: value for name, value in known.items() if value is not None},
    }


def chosen_of(study: Study) -> list[Chosen]:
    """All chosen quotations of a study, in the order of the report. Cost: one pass over the codings, where any are chosen."""
    if not study.quotes:
        return []
    places, carriers = Places(study.segments), carriers_of(study)
    return [
        chosen_quote(
            quote,
            study.transcript_by_id[quote.transcript],
            places,
            cases=study.case_by_id,
            placements=study.placements,
            carriers=carriers,
        )
        for quote in in_order(study.quotes)
    ]


def carriers_of(study: Study) -> dict[str, set[str]]:
    """Code id to the segments that carry it, or a code below it."""
    places, found = Places(study.segments), {}
    for code, codings in study.counted_by_code.items():
        rows = {row for coding in codings for row in places.under(coding.transcript, coding.start, coding.end)}
        if rows:
            found[code] = {study.segments[row].id for row in rows}
    return found


# --- whose voices are missing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who was asked: `values` are all that she has of each attribute, since she can be interviewed twice."""

    id: str
    name: str
    values: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Voice:
    """How much is quoted of one person; `share` of all quotations, in [0, 1]."""

    case: str
    name: str
    quotations: int
    share: float


@dataclass(frozen=True, slots=True)
class Heard:
    """How much is quoted of those who share a value: quotations, the people who say them, and those who were asked."""

    value: str
    quotations: int
    people: int
    asked: int


@dataclass(frozen=True, slots=True)
class Voices:
    """Who is heard in the quotations chosen, and who is not.

    Attributes:
        quotations: How many are chosen.
        people: Who are quoted.
        asked: Who could be.
        loud: Each who says more than `LOUD` of all that is quoted, the loudest first; none below `ENOUGH` quotations.
        by: Attribute to its values; those that compare people (two values to `MOST_VALUES`), sorted.
        lenses: Ids of the lenses that somebody speaks under and no quotation shows.
        codes: Ids of codes likewise.
        silent: Ids of the people who are not quoted.
    """

    quotations: int
    people: int
    asked: int
    loud: tuple[Voice, ...]
    by: Mapping[str, tuple[Heard, ...]]
    lenses: tuple[str, ...]
    codes: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def unheard(self) -> list[tuple[str, Heard]]:
        """Attribute and value of each group that nobody is quoted of."""
        return [(name, heard) for name, values in self.by.items() for heard in values if not heard.quotations]


def people_asked(
    transcripts: Mapping[str, Transcript], segments: Iterable[Segment], cases: Mapping[str, Case]
) -> list[Person]:
    """Everybody of whom there is a segment, sorted by id. Cost: one pass over the segments."""
    spoke = {(segment.transcript, transcripts[segment.transcript].turns[segment.turn].case) for segment in segments}
    values: dict[str, dict[str, set[str]]] = {case: defaultdict(set) for _, case in spoke if case}
    for transcript, case in spoke:
        if case:
            for name, value in _known(transcripts[transcript], cases.get(case)).items():
                if value and name != "date":
                    values[case][name].add(value)
    return [
        Person(
            case,
            cases[case].name if case in cases else case,
            {name: frozenset(held) for name, held in sorted(values[case].items())},
        )
        for case in sorted(values)
    ]


def voices(
    chosen: Sequence[Chosen], people: Sequence[Person], *, spoken: Collection[str], lens_of: Mapping[str, str]
) -> Voices:
    """Who is heard in a collection, and who is not.

    Args:
        chosen: The collection.
        people: Everybody who was asked.
        spoken: Ids of the codes in use that somebody's words carry.
        lens_of: Code in use to its lens, in the order of the codebook.
    """
    said = Counter(one.case for one in chosen if one.case)
    names = {person.id: person.name for person in people}
    ranked = sorted(said.items(), key=lambda pair: (-pair[1], pair[0]))
    loud = [Voice(case, names.get(case, case), n, n / len(chosen)) for case, n in ranked if n > LOUD * len(chosen)]
    carried = {code for one in chosen for code in one.codes}
    shown = {one.lens for one in chosen} | {lens_of[code] for code in carried if code in lens_of}
    heard_of = [code for code in lens_of if code in spoken]
    lenses = dict.fromkeys(lens_of[code] for code in heard_of if lens_of[code] != NO_LENS)
    return Voices(
        quotations=len(chosen),
        people=len(said),
        asked=len(people),
        loud=tuple(loud) if len(chosen) >= ENOUGH else (),
        by=_by(chosen, people),
        lenses=tuple(lens for lens in lenses if lens not in shown),
        codes=tuple(code for code in heard_of if code not in carried),
        silent=tuple(person.id for person in people if person.id not in said),
    )


def _by(chosen: Sequence[Chosen], people: Sequence[Person]) -> dict[str, tuple[Heard, ...]]:
    asked: dict[str, Counter[str]] = defaultdict(Counter)
    for person in people:
        for name, held in person.values.items():
            asked[name].update(held)
    found = {}
    for name in sorted(asked):
        if 1 < len(asked[name]) <= MOST_VALUES:
            rows = []
            for value in sorted(asked[name], key=natural):
                here = [one for one in chosen if one.attributes.get(name) == value]
                rows.append(Heard(value, len(here), len({one.case for one in here if one.case}), asked[name][value]))
            found[name] = tuple(rows)
    return found


def natural(value: str) -> tuple[int, float, str]:
    """Wave 10 comes after wave 2."""
    return (0, float(value), value) if value.isdecimal() else (1, 0.0, value.casefold())


def voices_of(study: Study, chosen: Sequence[Chosen] | None = None) -> Voices:
    """Who is heard in the quotations chosen of a study, and who is not."""
    return voices(
        chosen_of(study) if chosen is None else chosen,
        people_asked(study.transcript_by_id, study.segments, study.case_by_id),
        spoken=carriers_of(study).keys(),
        lens_of={code.id: code.lens for code in study.codebook.in_use},
    )
