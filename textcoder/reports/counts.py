"""Every count that a report shows, made once: the page prints these, its data block repeats them for `verify`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from textcoder import prevalence
from textcoder.domain.chosen import Chosen, Voices, chosen_of, voices_of
from textcoder.domain.coding import CoderKind, Coding
from textcoder.domain.study import Study
from textcoder.domain.theme import Theme, ThemeStatus
from textcoder.prevalence import CodeCount, Share

MAX_VALUES = 50
"""Attributes with more values than this are not tabulated: names, dates and free text compare nothing."""
SHOWN_VALUES = range(2, 13)
"""How many values an attribute may have for the page; a wider table is read in the workbook."""
MAX_CASES = 60
"""With more people than this the page sums the code-by-case table up, and points to cases_by_codes.csv."""
EDGES = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Lower bounds of the classes of probabilities."""


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How much stands under one candidate theme."""

    segments: int
    people: int
    files: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted in a study.

    Attributes:
        codes: Every code in use, in the order of the codebook.
        by_attribute: Attribute -> code id -> value -> share; attributes with at most `MAX_VALUES` values.
        cases: Case id -> code id -> mentions.
        themes: Theme id -> what stands under it; candidates only.
        totals: What the first paragraph says, by name.
        lenses: Lens id (`none` where the machine abstained or saw none) -> segments.
        lens_probabilities: Segments in each class of `EDGES`, by the probability of their likeliest lens.
        code_probabilities: Likewise for the machine's codings.
        chosen: What people chose for the report, in its order.
        voices: Who is heard in it.
        not_in_use: Ids of codes that codings still carry though nobody uses them: retired ones, and withdrawn drafts.
    """

    codes: tuple[CodeCount, ...]
    by_attribute: Mapping[str, Mapping[str, Mapping[str, Share]]]
    cases: Mapping[str, Mapping[str, int]]
    themes: Mapping[str, ThemeCount]
    totals: Mapping[str, int]
    lenses: Mapping[str, int]
    lens_probabilities: tuple[int, ...]
    code_probabilities: tuple[int, ...]
    chosen: tuple[Chosen, ...]
    voices: Voices
    not_in_use: tuple[str, ...]

    @property
    def shown_attributes(self) -> list[str]:
        """The attributes that the page tabulates."""
        return [name for name, table in self.by_attribute.items() if len(values_of(table)) in SHOWN_VALUES]

    @property
    def shows_cases(self) -> bool:
        """Whether the page has the code-by-case table."""
        return len(self.cases) <= MAX_CASES


def count(study: Study) -> Counts:
    """Count everything that a report of the study shows. Cost: a few passes over segments and codings."""
    placed = study.placements.values()
    machines = machine_ids(study)
    chosen = chosen_of(study)
    return Counts(
        codes=tuple(prevalence.count_codes(study)),
        by_attribute={name: prevalence.by_attribute(study, name) for name in _comparable(study)},
        cases=prevalence.cases_by_codes(study),
        themes=_themes(study),
        totals=_totals(study),
        lenses=dict(sorted(Counter("none" if p.abstained else p.lens for p in placed).items())),
        lens_probabilities=histogram(p.probability for p in placed),
        code_probabilities=histogram(c.probability for c in codings_in_use(study) if c.coder in machines),
        chosen=tuple(chosen),
        voices=voices_of(study, chosen),
        not_in_use=tuple(sorted({c.code for c in study.codings} - {code.id for code in study.codebook.in_use})),
    )


def machine_ids(study: Study) -> set[str]:
    """Ids of the coders that are models."""
    return {coder.id for coder in study.coders if coder.kind is CoderKind.MACHINE}


def codings_in_use(study: Study) -> list[Coding]:
    """The codings that count: not rejected, and of a code that is in use."""
    in_use = {code.id for code in study.codebook.in_use}
    return [coding for coding in study.counted_codings if coding.code in in_use]


def candidates(study: Study) -> list[Theme]:
    """The themes that no code stands for and nobody has rejected."""
    return [theme for theme in study.themes.themes if theme.status is ThemeStatus.CANDIDATE]


def _comparable(study: Study) -> list[str]:
    """The attributes that have few enough values to compare people by."""
    values: dict[str, set[str]] = {name: set() for name in study.attribute_names}
    for segment in study.segments:
        if study.case(segment):
            known = study.attributes(segment)
            for name, seen in values.items():
                seen.add(known.get(name, ""))
    return [name for name, seen in values.items() if len(seen) <= MAX_VALUES]


def values_of(table: Mapping[str, Mapping[str, Share]]) -> list[str]:
    """The values of an attribute that somebody who was asked has; those who have none stand under ""."""
    return list(next(iter(table.values()), {}))


def histogram(probabilities: Iterable[float]) -> tuple[int, ...]:
    """How many lie in each class of `EDGES`, after rounding to the four digits that the tables hold."""
    classes = Counter(sum(round(p, 4) >= edge for edge in EDGES) - 1 for p in probabilities)
    return tuple(classes[i] for i in range(len(EDGES)))


def _themes(study: Study) -> dict[str, ThemeCount]:
    counts = {}
    for theme in candidates(study):
        segments = [study.segment_by_id[s] for s in theme.segments]
        people = {case for s in segments if (case := study.case(s))}
        counts[theme.id] = ThemeCount(len(segments), len(people), len({s.transcript for s in segments}))
    return counts


def _totals(study: Study) -> dict[str, int]:
    in_themes = {s for theme in study.themes.themes for s in theme.segments}
    return {
        "transcripts": len(study.transcripts),
        "segments": len(study.segments),
        "people": len(prevalence.asked_cases(study)),
        "codings": len(codings_in_use(study)),
        "without_theme": sum(segment.id not in in_themes for segment in study.segments),
        "abstained": sum(placement.abstained for placement in study.placements.values()),
    }


def as_json(counts: Counts, columns: Mapping[str, str]) -> dict[str, Any]:
    """The counts as plain values for the data block of a report.

    Args:
        counts: What `count` gave.
        columns: Attribute -> the column that holds it in the tables.
    """
    return {
        "codes": [
            {
                **{"id": row.code.id, "lens": row.code.lens, "name": row.code.name, "parent": row.code.parent},
                **{"files": row.files, **_share(row.overall)},
            }
            for row in counts.codes
        ],
        "attributes": {
            columns[name]: {
                code: {value: _share(share) for value, share in row.items()}
                for code, row in counts.by_attribute[name].items()
            }
            for name in counts.shown_attributes
        },
        "cases": {c: {code: n for code, n in row.items() if n} for c, row in counts.cases.items()}
        if counts.shows_cases
        else None,
        "themes": {t: {"segments": n.segments, "people": n.people, "files": n.files} for t, n in counts.themes.items()},
        "totals": dict(counts.totals),
        "lenses": dict(counts.lenses),
        "lens_probabilities": list(counts.lens_probabilities),
        "code_probabilities": list(counts.code_probabilities),
        "chosen": {"quotations": counts.voices.quotations, "people": counts.voices.people},
        "not_in_use": list(counts.not_in_use),
    }


def _share(share: Share) -> dict[str, float | int | None]:
    low, high = (None if math.isnan(end) else round(end, 4) for end in (share.low, share.high))
    return {"people": share.people, "asked": share.asked, "mentions": share.mentions, "low": low, "high": high}
