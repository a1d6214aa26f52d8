"""How many said it, out of how many who were asked: people first, mentions second, with an interval."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coding
from textcoder.domain.study import Study


@dataclass(frozen=True, slots=True)
class Share:
    """An estimate with what it rests on.

    Attributes:
        people: Cases with at least one coding.
        asked: Cases with at least one segment: the denominator.
        mentions: Distinct spans.
        low: Lower end of the 95 % Wilson score interval of people / asked; NaN where nobody was asked.
        high: Upper end.
    """

    people: int
    asked: int
    mentions: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share: people / asked, in [0, 1]; NaN where nobody was asked."""
        return self.people / self.asked if self.asked else math.nan


@dataclass(frozen=True, slots=True)
class CodeCount:
    """What stands under one code."""

    code: Code
    files: int
    overall: Share


def wilson(successes: float, n: float, *, z: float = 1.959963984540054) -> tuple[float, float]:
    """Score interval of a proportion, in [0, 1]; (NaN, NaN) for n = 0.

    People are the units; the interval does not know of machine error (a later chapter corrects for it).

    References:
        Wilson (1927), Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.
    """
    if n == 0:
        return math.nan, math.nan
    p, z2 = successes / n, z * z
    centre = p + z2 / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, (centre - half) / (1 + z2 / n)), min(1.0, (centre + half) / (1 + z2 / n))


def asked_cases(study: Study) -> dict[str, set[str]]:
    """Case id -> the segments that she said; who was asked is who said something that could be coded."""
    said: dict[str, set[str]] = defaultdict(set)
    for segment in study.segments:
        case = study.case(segment)
        if case:
            said[case].add(segment.id)
    return dict(said)


def share_of(people: Collection[str], asked: Collection[str], mentions: int) -> Share:
    """The share of those asked who said it, with its interval."""
    low, high = wilson(len(people), len(asked))
    return Share(len(people), len(asked), mentions, low, high)


def count_codes(study: Study) -> list[CodeCount]:
    """Every code in use with its people, mentions and files; order of the codebook. Rejected codings do not count.

    A span that several coders gave the same code is one mention. A code counts what stands under the codes below it too: a person
    or a span that carries two of them counts once.
    """
    asked = asked_cases(study)
    counts = []
    for code in study.codebook.in_use:
        codings = study.counted_by_code.get(code.id, [])
        people = {case for coding in codings if (case := case_of(study, coding))}
        spans = {(c.transcript, c.start, c.end) for c in codings}
        files = len({c.transcript for c in codings})
        counts.append(CodeCount(code, files, share_of(people, asked, len(spans))))
    return counts


def case_of(study: Study, coding: Coding) -> str:
    """Whose words the coding is about; empty where they belong to no case."""
    segment = study.segment_of(coding)
    return study.case(segment) if segment else ""


def by_attribute(study: Study, attribute: str) -> dict[str, Mapping[str, Share]]:
    """Code id -> value of the attribute -> share of the people with that value.

    A person interviewed in two waves counts once in each; her words count where they were said. Values sorted; words without the
    attribute stand under "".
    """
    asked: dict[str, set[str]] = defaultdict(set)
    value_of: dict[str, str] = {}
    for segment in study.segments:
        value = study.attributes(segment).get(attribute, "")
        value_of[segment.id] = value
        case = study.case(segment)
        if case:
            asked[value].add(case)
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    mentions: dict[tuple[str, str], set[tuple[str, int, int]]] = defaultdict(set)
    for code_id, codings in study.counted_by_code.items():
        for coding in codings:
            said = study.segment_of(coding)
            if said is None:
                continue
            key = (code_id, value_of[said.id])
            mentions[key].add((coding.transcript, coding.start, coding.end))
            if study.case(said):
                people[key].add(study.case(said))
    return {
        code.id: {
            value: share_of(people[code.id, value], asked[value], len(mentions[code.id, value]))
            for value in sorted(asked)
        }
        for code in study.codebook.in_use
    }


def cases_by_codes(study: Study) -> dict[str, dict[str, int]]:
    """Case id -> code id -> number of mentions, 0 included: the case-by-code table."""
    table = {case: {code.id: 0 for code in study.codebook.in_use} for case in sorted(asked_cases(study))}
    seen: set[tuple[str, str, int, int]] = set()
    for code, codings in study.counted_by_code.items():
        for coding in codings:
            key = (code, coding.transcript, coding.start, coding.end)
            case = case_of(study, coding)
            if key not in seen and case in table and code in table[case]:
                seen.add(key)
                table[case][code] += 1
    return table
