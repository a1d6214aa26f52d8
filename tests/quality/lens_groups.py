"""Groups of people whose texts the lens head may read worse: whom the data sets name, and who writes as people speak."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import numpy as np

from tests.quality.lens_rows import BARRIERS, SHARED, WORKS
from tests.quality.lenses import Judged

NAMED = {"nhs_fft": ("service", "trust"), "r_community_survey": ("experience",)}
"""Attributes of the sets that have both a lens and who speaks."""
AS_SPOKEN = re.compile(
    r"\b(?:ain't|innit|gonna|wanna|gotta|kinda|sorta|dunno|lemme|gimme|y'all|yous|'?cause|cos|coz|'?em|nowt|owt|summat"
    r"|wot|u|ur|thx|\w{2,}in')(?!\w)|\b(?:don't|didn't|never|can't|won't) (?:\w+ )?(?:no|nothing|nobody|none)\b|\bme (?:mum|dad|self)\b",
    re.IGNORECASE,
)
"""Spellings of speech, doubled negation, and a few words of dialect (a choice; no set marks them)."""
FEWEST = 40
"""Texts of a group, below which nothing is said of it."""


def by_group(judged: Mapping[str, Judged]) -> Iterator[tuple[str, Judged]]:
    """Name of each group of enough texts, and its part of what a head says that does not know the domain."""
    for domain in [domain for domain in NAMED if domain in judged]:
        attributes = _attributes(domain)
        for column in NAMED[domain]:
            values = [str(attributes.get((row.text, row.group), {}).get(column) or "") for row in judged[domain].rows]
            for value in sorted({*values} - {""}):
                part = _part(judged[domain], [mine == value for mine in values])
                if _large(part):
                    yield f"{domain}, {column}: {value}", part
    everything = Judged(
        [row for there in judged.values() for row in there.rows],
        np.vstack([there.readings for there in judged.values()]),
    )
    spoken = [bool(AS_SPOKEN.search(row.text)) for row in everything.rows]
    for how, chosen in (("as in speech or dialect", spoken), ("otherwise", [not one for one in spoken])):
        if _large(part := _part(everything, chosen)):
            yield f"all domains, spelled or put {how}", part


def _attributes(domain: str) -> Mapping[tuple[str, str], Mapping[str, object]]:
    found: dict[tuple[str, str], Mapping[str, object]] = {}
    with (SHARED / domain / "items.jsonl").open(encoding="utf-8") as lines:
        for item in map(json.loads, lines):
            found[item["text"], item["document"]] = item["attributes"]
    return found


def _part(there: Judged, chosen: list[bool]) -> Judged:
    return Judged([row for row, one in zip(there.rows, chosen, strict=True) if one], there.readings[np.array(chosen)])


def _large(there: Judged) -> bool:
    counts = [sum(row.lenses == (lens,) for row in there.rows) for lens in (WORKS, BARRIERS)]
    return sum(counts) >= FEWEST and min(counts) >= FEWEST / 4
