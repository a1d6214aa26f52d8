"""Quotations for the page: the exact words with who said them, where they stand, and how sure the coding is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from textcoder.domain.chosen import Chosen
from textcoder.domain.coding import Coding, Status
from textcoder.domain.study import Study
from textcoder.domain.transcript import Segment
from textcoder.reports.counts import machine_ids
from textcoder.reports.phrases import clock, figure, sureness
from textcoder.reports.tables import Rows

MOST = 4
"""Quotations under a code."""
_FEW_WORDS = 5
"""Shorter ones are quoted only where nothing longer is there."""
# What a reader knows without being told which attribute it is.
_PLAIN = frozenset(("group", "site", "organisation", "organization"))
_NOTHING = frozenset(("", "-", "none", "n/a", "na", "unknown"))


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation as the page shows it.

    Attributes:
        text: The exact words.
        question: What they answer; empty where nobody asked.
        who: Speaker and case.
        traits: Attributes of the person and the interview.
        place: File, page, time.
        sure: How sure the coding is, or who coded it; empty for words that carry no code.
        language: ISO 639-1 code, for screen readers.
    """

    text: str
    question: str
    who: str
    traits: str
    place: str
    sure: str
    language: str


class Quoter:
    """Makes quotations of segments and codings.

    Args:
        study: Whose words.
        rows: Of the same study.
        traits: Attributes to show, in order.
    """

    def __init__(self, study: Study, rows: Rows, traits: Sequence[str]) -> None:
        self.study, self.rows, self.traits = study, rows, traits
        self._coders = {coder.id: coder.name for coder in study.coders}
        self._machines = machine_ids(study)

    def of_coding(self, coding: Coding) -> Quote:
        """The words that carry the code; they may be less or more than a segment."""
        segment = self.study.segment_of(coding)
        return self._quote(coding.transcript, coding.start, coding.end, segment, self._sure(coding))

    def of_segment(self, segment: Segment) -> Quote:
        """The words of a segment, without any code."""
        return self._quote(segment.transcript, segment.start, segment.end, segment, "")

    def of_chosen(self, chosen: Chosen) -> Quote:
        """The words that people chose, with who chose them."""
        one = chosen.quote
        by = f"chosen by {self._coders.get(one.coder, one.coder)}"
        return self._quote(one.transcript, one.start, one.end, chosen.segment, by)

    def _quote(self, transcript_id: str, start: int, end: int, segment: Segment | None, sure: str) -> Quote:
        transcript = self.study.transcript_by_id[transcript_id]
        place, page = [self.rows.file(transcript)], transcript.page_at(start)
        if page is not None:
            place.append(f"page {page}")
        ms = transcript.time_at(segment.turn, start) if segment else None
        if ms is not None:
            place.append(f"at {clock(ms)}")
        return Quote(
            text=transcript.quotation(start, end),
            question=self.rows.question(segment) if segment else "",
            who=self._who(segment) if segment else "outside all segments",
            traits=" · ".join(self._traits(segment)) if segment else "",
            place=", ".join(place),
            sure=sure,
            language=transcript.language,
        )

    def _who(self, segment: Segment) -> str:
        """ "Mira (SU01)", "P1, Mira (SU01)", "r12"."""
        speaker, case = self.study.speaker(segment), self.study.case(segment)
        known = self.study.case_by_id.get(case)
        names = list(dict.fromkeys(filter(None, (speaker, known.name if known else ""))))
        if not names:
            return case or "unnamed speaker"
        return ", ".join(names) + (f" ({case})" if case and case not in names else "")

    def _traits(self, segment: Segment) -> Iterable[str]:
        known = self.study.attributes(segment)
        for name in self.traits:
            if known.get(name, "").casefold() not in _NOTHING:
                yield known[name] if name.casefold() in _PLAIN else f"{name} {known[name]}"

    def _sure(self, coding: Coding) -> str:
        coder = self._coders[coding.coder]
        if coding.coder not in self._machines:
            return f"coded by {coder}"
        said = f"{sureness(coding.probability)}, {figure(coding.probability)}"
        return f"accepted ({said})" if coding.status is Status.ACCEPTED else said


def surest_first(codings: Iterable[Coding]) -> list[Coding]:
    """One coding for each span: what people said or accepted before the machine's, then the more probable."""
    ranked = sorted(
        codings, key=lambda c: (c.status is not Status.ACCEPTED, -c.probability, c.transcript, c.start, c.end, c.coder)
    )
    spans = {(coding.transcript, coding.start, coding.end): coding for coding in reversed(ranked)}
    return [coding for coding in ranked if spans[coding.transcript, coding.start, coding.end] is coding]


def choose(study: Study, ranked: Sequence[Coding], representatives: Collection[str] = ()) -> list[Coding]:
    """At most `MOST` codings to quote: from different people first, never the same words twice.

    Args:
        study: Whose codings.
        ranked: One for each span, the surest first.
        representatives: Ids of the segments that stand for the code's theme; they go first.
    """
    first = {segment: i for i, segment in enumerate(representatives)}
    words = {coding: study.transcript_by_id[coding.transcript].quotation(coding.start, coding.end) for coding in ranked}
    readable = sorted(ranked, key=lambda c: (first.get(c.segment, len(first)), len(words[c].split()) < _FEW_WORDS))
    chosen: list[Coding] = []
    people: set[str] = set()
    said: set[str] = set()
    for only_new_people in (True, False):
        for coding in readable:
            who, what = _person(study, coding), words[coding].casefold()
            if len(chosen) < MOST and what not in said and not (only_new_people and who in people):
                chosen.append(coding)
                people.add(who)
                said.add(what)
    return chosen


def _person(study: Study, coding: Coding) -> str:
    """Who said it, as well as it is known: the case, else the speaker within her file."""
    segment = study.segment_of(coding)
    if segment is None:
        return coding.transcript
    return study.case(segment) or f"{coding.transcript}/{study.speaker(segment)}"
