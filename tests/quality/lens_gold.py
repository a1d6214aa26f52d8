"""The gold of the lenses on real text: segments of open data sets, coded by two coders who did not see each other's work.

`tests/quality/gold/lenses.csv` holds where each segment stands and what the two said, not the text: that is read from the data
sets beside the checkout, and checked by its hash. `python -m tests.quality.lens_gold` prints their agreement, and the machine's.
`--draw` prints the sample anew (item, stratum, context, text), as the coders were given it.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textcoder.lenses import LENSES

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
GOLD = Path(__file__).parent / "gold" / "lenses.csv"
SIZES = {
    "pdpilot_interviews": 110,
    "cered_reflection": 190,
    "transcripts": 160,
    "nhs_fft": 90,
    "jupyter_survey": 50,
    "r_community_survey": 40,
    "workshop_feedback": 30,
    "peer_review": 20,
}
"""Segments of each source: half of them at random, half at random among those with a word of change."""
MORE = {"pdpilot_interviews": 20, "cered_reflection": 110, "transcripts": 60, "nhs_fft": 50, "jupyter_survey": 10}
"""Further segments of some sources, at random among those with a strong word of change, so that there is progress to judge."""
TRANSCRIPTS = (
    "txt_metamuse/19-progress.txt",
    "txt_metamuse/33-cities.txt",
    "txt_oralhistory/TURNER_21NOV91.txt",
    "txt_oralhistory/PRICE_EDITED.txt",
    "md_changelog/founders-talk-73.md",
    "md_changelog/brain-science-25.md",
)
CHANGE = re.compile(
    r"\b(?:now|used to|start(?:ed|ing)|began|began|chang(?:e|ed|ing)|better|improv\w+|learn(?:ed|t|ing)?|next time|"
    r"first time|since|no longer|any ?more|already|finally|became|become|more and more|grow(?:n|ing)?|will|"
    r"realis\w+|realiz\w+|less|progress|try|tried)\b",
    re.IGNORECASE,
)
"""Words of change: no model chose what is coded, and each half can be weighed back."""
STRONG = re.compile(
    r"\b(?:used to|next time|(?:for|was) the first time|from now on|in (?:the )?future|i(?:'ve| have)? (?:learn|realis|realiz)\w+|"
    r"(?:has|have|had|was|is|are|much|got|getting|a bit|little) (?:\w+ )?(?:improv\w+|better|easier|changed|calmer|more confiden\w+)|"
    r"started (?:to|\w+ing)|(?:will|'ll) (?:definitely|certainly|try|be more|pay|prepare|use|have to)|no longer|finally|"
    r"not any ?more|managed to|since then|succeeded|begun|i was able)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Item:
    """A segment as it was coded: where it is from, what was said before it, and the text; with its neighbours in the same turn."""

    source: str
    id: str
    before: str
    text: str
    neighbours: tuple[str, ...] = ()

    @property
    def sha(self) -> str:
        """The first twelve digits of the text's sha256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


def items_of(source: str) -> Iterator[Item]:
    """All segments of a source that could be drawn: five words or more, at most seventy."""
    made = _transcripts() if source == "transcripts" else _answers(source)
    return (item for item in made if 5 <= len(item.text.split()) <= 70)


def _answers(source: str) -> Iterator[Item]:
    name = "coded_segments.jsonl" if source == "pdpilot_interviews" else "items.jsonl"
    seen: set[str] = set()
    with (DATA / source / name).open(encoding="utf-8") as lines:
        for item in map(json.loads, lines):
            if item["text"] not in seen and _is_asked(source, item):
                seen.add(item["text"])
                before = item.get("question") or item.get("context") or ""
                yield Item(source, item["id"], " ".join(before.replace(item["text"], "").split()), item["text"])


def _is_asked(source: str, item: dict[str, Any]) -> bool:
    if source == "nhs_fft":
        return bool(item["split"] != "train")
    return source != "r_community_survey" or bool(item["attributes"]["language"] == "en")


def _transcripts() -> Iterator[Item]:
    from textcoder.formats import read_source
    from textcoder.segmentation import segment_transcript
    from textcoder.settings import Settings

    settings = Settings(language="en", include_interviewer=True)
    for name in TRANSCRIPTS:
        transcript = read_source((DATA / "transcripts" / name).read_bytes(), name, settings=settings).transcript
        segments = segment_transcript(transcript, settings)
        for i, segment in enumerate(segments):
            before = transcript.text[max(0, segment.start - 250) : segment.start]
            place = f"{name}:{segment.start}-{segment.end}"
            words = transcript.text[segment.start : segment.end]
            beside = [one for one in segments[max(0, i - 1) : i + 2] if one is not segment and one.turn == segment.turn]
            neighbours = tuple(transcript.text[one.start : one.end] for one in beside)
            yield Item("transcripts", place, " ".join(before.split()), words, neighbours)


def draw() -> list[tuple[Item, str]]:
    """The sample, in a random order that mixes the sources, each with its stratum (`random`, `change` or `strong`); seeded."""
    chosen = random.Random(2026)
    found: list[tuple[Item, str]] = []
    for source, size in SIZES.items():
        items = list(items_of(source))
        some = chosen.sample(items, min(size // 2, len(items)))
        rest = [item for item in items if item not in some and CHANGE.search(item.text)]
        found += [(item, "random") for item in some]
        found += [(item, "change") for item in chosen.sample(rest, min(size - len(some), len(rest)))]
    chosen.shuffle(found)
    drawn = {item for item, _ in found}
    more: list[tuple[Item, str]] = []
    for source, size in MORE.items():
        rest = [item for item in items_of(source) if item not in drawn and STRONG.search(item.text)]
        more += [(item, "strong") for item in chosen.sample(rest, min(size, len(rest)))]
    chosen.shuffle(more)
    return found + more


LETTERS = {"W": LENSES[0], "B": LENSES[1], "P": LENSES[2], "N": LENSES[3]}


@dataclass(frozen=True)
class Coded:
    """A segment of the gold, its text, and the lenses that each coder gave it."""

    item: Item
    stratum: str
    first: frozenset[str]
    second: frozenset[str]


def gold() -> list[Coded]:
    """The gold with its texts.

    Raises:
        ValueError: A text is not the one that was coded.
    """
    found = []
    with GOLD.open(encoding="utf-8", newline="") as stream:
        for row, (item, stratum) in zip(csv.DictReader(stream), draw(), strict=True):
            if (row["source"], row["id"], row["sha"]) != (item.source, item.id, item.sha):
                raise ValueError(
                    f"{row['source']} {row['id']} is not the text that was coded; the data set has changed."
                )
            first, second = (frozenset(LETTERS[letter] for letter in row[f"coder_{coder}"]) for coder in "ab")
            found.append(Coded(item, stratum, first, second))
    return found


if __name__ == "__main__":
    out = csv.writer(sys.stdout)
    out.writerow(["number", "source", "id", "sha", "stratum", "before", "text"])
    for n, (item, stratum) in enumerate(draw(), 1):
        out.writerow([n, item.source, item.id, item.sha, stratum, item.before, item.text])
