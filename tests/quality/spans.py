"""How many codings follow a corrected text, and whether to the right place: `python -m tests.quality.spans`.

Each sentence of the demo interviews (SYNTHETIC, as all of `corpora/demo`) is taken as coded. Then each is left alone or changed by
chance, in one of five ways, for several shares of changed sentences; where its words stand afterwards is known by construction. A sentence
with another word inside it, and one that is gone, must not be carried. How people really edit, this does not say. The matching was built
with the edits of seed 7; those of seed 11 were looked at once, afterwards.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from pathlib import Path

from tests.quality.figures import Figure, Goal, run, share_figure
from textcoder.formats import read_source
from textcoder.settings import Settings
from textcoder.spans import Carried, SpanMap

DEMO = Path(__file__).resolve().parents[2] / "corpora" / "demo" / "interviews"
SHARES = (0.02, 0.1, 0.3, 0.6)
WAYS = ("left alone", "a sentence before it", "a letter dropped", "commas dropped", "another word inside", "taken out")
_Truth = tuple[int, int, int, int, str]
"""Start and end of a sentence in the old text, in the new one, and the way in which it was changed."""


def texts() -> list[str]:
    """The canonical texts of the demo interviews, sorted by file name."""
    files = sorted(path for path in DEMO.rglob("*") if path.is_file())
    return [read_source(path.read_bytes(), path.name, settings=Settings()).transcript.text for path in files]


def changed(text: str, share: float, dice: random.Random) -> tuple[str, list[_Truth]]:
    """The text with so many of its sentences changed, and where each of them stands."""
    truth: list[_Truth] = []
    parts, old, new = [], 0, 0
    for part in re.split(r"(?<=[.!?])(\s+)", text):
        way = dice.choice(WAYS[1:]) if part.strip() and dice.random() < share else WAYS[0]
        now, lead = _edited(part, way, dice)
        if now == part:
            way = WAYS[0]
        if part.strip():
            truth.append((old, old + len(part), new + lead, new + len(now), way))
        parts.append(now)
        old, new = old + len(part), new + len(now)
    return "".join(parts), truth


def _edited(part: str, way: str, dice: random.Random) -> tuple[str, int]:
    """A sentence changed in one way, and how much stands before it now."""
    words = part.split(" ")
    match way:
        case "a sentence before it":
            lead = "And then something else was heard on the tape. "
            return lead + part, len(lead)
        case "a letter dropped":
            long = [i for i, word in enumerate(words) if len(word) > 5 and word.isalpha()]
            if long:
                i = dice.choice(long)
                words[i] = words[i][:3] + words[i][4:]
        case "commas dropped":
            return part.replace(",", ""), 0
        case "another word inside" if len(words) > 1:
            words.insert(dice.randrange(1, len(words)), "never")
        case "taken out":
            return "", 0
    return " ".join(words), 0


def report() -> list[Figure]:
    """Print a row for each way: sentences, how many were carried to the right place, to a wrong one, and queued; the sums as figures."""
    material = texts()
    counts: Counter[tuple[str, str]] = Counter()
    for share in SHARES:
        dice = random.Random(11)
        for text in material:
            new, truth = changed(text, share, dice)
            spans = SpanMap(text, new)
            for start, end, low, high, way in truth:
                place = spans.carry(start, end)
                may = way not in WAYS[4:]
                right = isinstance(place, Carried) and may and (place.start, place.end) == (low, high)
                kind = "queued" if not isinstance(place, Carried) else "right" if right else "wrong"
                counts[way, kind] += 1
    n = sum(len(text.split()) for text in material)
    print(
        f"corrected texts ({len(material)} demo interviews, {n:,} words, {', '.join(f'{s:.0%}' for s in SHARES)} changed)"
    )
    for way in WAYS:
        row = {kind: counts[way, kind] for kind in ("right", "wrong", "queued")}
        print(f"  {way:<22}{sum(row.values()):>7,}  " + "  ".join(f"{kind} {n:,}" for kind, n in row.items()))
    return figures(counts)


def figures(counts: Counter[tuple[str, str]]) -> list[Figure]:
    """Of counts by way of change and by what became of the sentence ("right", "wrong", "queued")."""
    task, on = "codings of corrected transcripts", "demo, synthetic edits"
    follow = {kind: sum(counts[way, kind] for way in WAYS[:4]) for kind in ("right", "wrong", "queued")}
    gone = {kind: sum(counts[way, kind] for way in WAYS[4:]) for kind in ("right", "wrong", "queued")}
    words_left, rewritten = sum(follow.values()), sum(gone.values())
    wrong = follow["wrong"] + gone["wrong"]
    return [
        share_figure(
            task, on, "carried to the right place, of those whose words stand", follow["right"], words_left, "sentences"
        ),
        share_figure(
            task, on, "waiting for a person, of those rewritten or taken out", gone["queued"], rewritten, "sentences"
        ),
        share_figure(
            task, on, "carried to a wrong place", wrong, words_left + rewritten, "sentences", goal=Goal(most=0.0)
        ),
    ]


def speed(n: int = 50_000) -> None:
    """Print how long a text of so many words takes, changed and turned upside down."""
    dice = random.Random(7)
    paragraphs = "\n\n".join(texts()).split("\n\n")
    while sum(len(one.split()) for one in paragraphs) < n:
        words = " ".join(paragraphs).split()
        paragraphs += [" ".join(dice.sample(words, 60)) + "." for _ in range(40)]
    text = "\n\n".join(paragraphs)
    moved = "\n\n".join(dice.sample(paragraphs, len(paragraphs)))
    for what, new in (("a tenth changed", changed(text, 0.1, dice)[0]), ("paragraphs in another order", moved)):
        start = time.perf_counter()
        kept = SpanMap(text, new).kept
        print(
            f"  {len(text.split()):,} words, {what}: {time.perf_counter() - start:.1f} s, {kept:.1%} of the words kept"
        )


if __name__ == "__main__":
    run("spans", report)
    speed()
