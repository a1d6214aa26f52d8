"""The lens data: sentences of many domains with their gold lens, from the data sets beside the checkout and from our own."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.quality.lens_gold import draw
from textcoder.lenses import LENSES

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
WORKS, BARRIERS, PROGRESS, NONE = LENSES
CAP = 1400
"""At most so many rows of one lens in one domain; more of the same adds little and costs time."""


RATED = {"tweets": "tweets", "film_reviews": "movieReviewSnippets", "editorials": "nytEditorialSnippets"}
RATINGS_INSIDE = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
RATINGS_SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"


@dataclass(frozen=True)
class Row:
    """One text with its gold lenses (two where it says two things), and whom it comes from."""

    text: str
    lenses: tuple[str, ...]
    domain: str
    group: str
    kind: str = ""


def training_rows() -> list[Row]:
    """The eight real domains, sub-sampled, three rated ones, and what was written for the purpose (domain `synthetic`).

    Not the segments of the gold (`tests.quality.lens_gold`), on which the head is judged.
    """
    judged = {item.text for item, _ in draw()}
    return [row for row in (*real_rows(), *rated_rows(), *synthetic_rows()) if row.text not in judged]


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


def rated_rows() -> list[Row]:
    """Tweets, film reviews and editorials, each sentence rated by twenty people from -4 to 4 (Hutto and Gilbert 2014; MIT).

    For training only: a feeling about a film is not yet a help or a hindrance, but it teaches the words. Clearly good is what
    works, clearly bad a barrier, about 0 none. The set's product reviews are left out: they are those of another domain here.
    """
    by_cell: dict[tuple[str, tuple[str, ...]], list[Row]] = defaultdict(list)
    with tarfile.open(_ratings()) as outer, tarfile.open(fileobj=outer.extractfile(RATINGS_INSIDE)) as inner:
        for domain, name in RATED.items():
            member = inner.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt")
            if member is None:
                raise FileNotFoundError(name)
            for line in member.read().decode("utf-8", errors="replace").splitlines():
                number, mean, text = line.split("\t", 2)
                text = " ".join(text.replace("http://url_removed", "").replace("@anonymous", "").split())
                rating = float(mean)
                lens = WORKS if rating >= 1 else BARRIERS if rating <= -1 else NONE if abs(rating) <= 0.2 else None
                if lens and 4 <= len(text.split()) <= 60:
                    by_cell[domain, (lens,)].append(Row(text, (lens,), domain, number.split("_")[0]))
    chosen = random.Random(7)
    return [row for cell in sorted(by_cell) for row in _sample(by_cell[cell], chosen)]


def _ratings() -> Path:
    """The source archive of vaderSentiment 3.3.2, fetched from the package index once and checked by its hash."""
    folder = Path(tempfile.gettempdir()) / "textcoder-ratings"
    archive = folder / "vaderSentiment-3.3.2.tar.gz"
    if not archive.is_file():
        command = ["pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
        subprocess.run([sys.executable, "-m", *command, "--dest", str(folder), "vaderSentiment==3.3.2"], check=True)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != RATINGS_SHA256:
        raise ValueError(f"{archive} is not the file that the head was trained on; delete it and try again.")
    return archive


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
    """The real domains on which a head is judged, in stable order."""
    return sorted({row.domain for row in rows} - {"synthetic", *RATED})


def _items(data_set: str) -> Iterator[dict[str, Any]]:
    with (SHARED / data_set / "items.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
