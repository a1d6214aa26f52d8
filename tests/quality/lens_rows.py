"""The lens data: sentences of many domains with their gold lens, from the data sets beside the checkout and from our own."""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textcoder.lenses import LENSES

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
WORKS, BARRIERS, PROGRESS, NONE = LENSES
CAP = 1400
"""At most so many rows of one lens in one domain; more of the same adds little and costs time."""


@dataclass(frozen=True)
class Row:
    """One text with its gold lenses (two where it says two things), and whom it comes from."""

    text: str
    lenses: tuple[str, ...]
    domain: str
    group: str
    kind: str = ""


def training_rows() -> list[Row]:
    """The eight real domains, sub-sampled, and the sentences written for the purpose (domain `synthetic`)."""
    return [*real_rows(), *synthetic_rows()]


def real_rows() -> list[Row]:
    """Texts of three words or more of eight domains, at most CAP of a lens each (fixed seed).

    nhs_fft: training half only. r_community_survey: English only. peer_review: sentences with one polarity. cered_reflection:
    Difficulty, Learning and Intention as its README maps them; Experience (typical, by both annotators) as none.
    """
    by_cell: dict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
    for row in _all_rows():
        if len(row.text.split()) >= 3:
            by_cell[row.domain, row.lenses].append(row)
    chosen = random.Random(7)
    return [row for cell in sorted(by_cell) for row in _sample(by_cell[cell], chosen)]


def _sample(rows: list[Row], chosen: random.Random) -> list[Row]:
    return rows if len(rows) <= CAP else chosen.sample(rows, CAP)


def _all_rows() -> Iterator[Row]:
    for domain in ("nhs_fft", "jupyter_survey", "workshop_feedback", "r_community_survey", "peer_review"):
        for item in _items(domain):
            if item["lens"] and _is_usable(domain, item):
                yield Row(item["text"], (item["lens"],), domain, item["document"])
    for item in _items("product_review_sentences"):
        if item["lens"]:
            yield Row(item["text"], (item["lens"],), "product_review_sentences", item["document"])
    for item in _items("pros_cons"):
        yield Row(item["text"], (item["lens"],), "pros_cons", item["id"])
    for item in _items("cered_reflection"):
        typical = min(json.loads(item["attributes"]["confidence"])) >= 4
        lens = item["lens"] or (NONE if item["codes"] == ["Experience"] and typical else None)
        if lens:
            yield Row(item["text"], (lens,), "cered_reflection", item["id"])


def _is_usable(domain: str, item: dict[str, Any]) -> bool:
    if domain == "nhs_fft":
        return bool(item["split"] == "train")
    if domain == "peer_review":
        return bool(item["attributes"]["pure"])
    return domain != "r_community_survey" or bool(item["attributes"]["language"] == "en")


def synthetic_rows() -> list[Row]:
    """What was written for the purpose in corpora/lens_training, for training only: sentences, and segments of interviews."""
    return [
        Row(line["text"], tuple(line["lens"].split(";")), "synthetic", line["domain"], line["register"])
        for path in sorted((ROOT / "corpora" / "lens_training").glob("*.csv"))
        for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines(keepends=True))
    ]


def pdpilot_rows() -> list[Row]:
    """Real interviews that take no part in training: benefits and liked features against improvements and misfits."""
    with (SHARED / "pdpilot_interviews" / "coded_segments.jsonl").open(encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    rows = {}
    for item in items:
        code = item["codes"][0]
        if code.startswith("Benefits") or any(word in code for word in ("Liked", "useful", "Good for")):
            lens = BARRIERS if "Not very useful" in code or "Did not" in code else WORKS
        elif code.startswith("PDPilot improvements") or any(
            word in code for word in ("Didn't know how", "Couldn't find", "Pain point", "No good approach")
        ):
            lens = BARRIERS
        else:
            continue
        rows[item["text"]] = Row(item["text"], (lens,), "pdpilot_interviews", item["document"])
    return list(rows.values())


def checklist_rows() -> list[Row]:
    """Templates by test; `not_barriers` stands for "anything but negative"."""
    return [
        Row(item["text"], (item["lens"] or "not_barriers",), "checklist", item["id"], item["attributes"]["test"])
        for item in _items("checklist_sentiment_stress")
    ]


def counterfactual_rows() -> list[Row]:
    """Minimal pairs; the group is the pair."""
    return [
        Row(item["text"], (item["lens"],), "counterfactual", str(item["attributes"]["pair"]))
        for item in _items("counterfactual_review_pairs")
    ]


def domains_of(rows: Iterable[Row]) -> list[str]:
    """The real domains, in stable order."""
    return sorted({row.domain for row in rows} - {"synthetic"})


def _items(data_set: str) -> Iterator[dict[str, Any]]:
    with (SHARED / data_set / "items.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
