"""How many names, contacts and numbers are found, and how often plain words are taken for one: `python -m tests.quality.pseudonyms`.

The gold (pseudonym_gold.csv) is SYNTHETIC: 149 sentences with 225 names and numbers, from twelve domains and eight countries, and 100
sentences without any, written by hand by whoever wrote the patterns and lists, after them, without looking a name up. Sentences
alternate between two parts: mistakes were looked at, and mended, in the part "dev" only; "test" was only counted. Real talk is harder:
take the figures for an upper bound, and review the table.

A name is found when every letter of it would be hidden: half a name that stays tells who it is. "sure" is what the table proposes to
replace; "with what is asked" counts what it asks about, too. Precision counts a find as right when it overlaps a name of the gold. The
kind is right when a person is a person, in whatever role; the role is counted by itself. Sentences are read one by one, so nothing is
known from elsewhere in a project: a name that is missed here and found in another sentence is replaced in both. Intervals are Wilson's.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.quality.figures import Figure, run, share_figure
from textcoder.prevalence import wilson
from textcoder.pseudonyms import (
    ORGANISATION,
    PATTERN_KINDS,
    PERSON,
    PLACE,
    Choice,
    Mention,
    Source,
    find_mentions,
    load_recogniser,
    propose,
)

SHARED = Path(__file__).resolve().parents[3] / "shared"
GOLD = Path(__file__).with_name("pseudonym_gold.csv")


@dataclass(frozen=True)
class Sentence:
    """A row of the gold.

    Attributes:
        part: "dev" or "test".
        spans: What it names.
    """

    part: str
    language: str
    text: str
    spans: tuple[Mention, ...]


def sentences() -> list[Sentence]:
    """The gold."""
    with GOLD.open(encoding="utf-8", newline="") as stream:
        return [
            Sentence(row["part"], row["language"], row["text"], tuple(_spans(row["spans"])))
            for row in csv.DictReader(stream)
        ]


def _spans(written: str) -> Iterable[Mention]:
    for one in filter(None, written.split(";")):
        place, _, kind = one.partition(":")
        start, _, end = place.partition("-")
        yield Mention(int(start), int(end), kind)


def found_in(some: Sequence[Sentence]) -> list[list[Mention]]:
    """What the product finds; the model reads English only."""
    recognise = load_recogniser()
    read = recognise([one.text for one in some])
    return [
        find_mentions(one.text, spans if one.language == "en" else None) for one, spans in zip(some, read, strict=True)
    ]


def family(kind: str) -> str:
    """A person, in whatever role."""
    return kind if kind in (PLACE, ORGANISATION, *PATTERN_KINDS) else PERSON


def hidden(span: Mention, text: str, mentions: Iterable[Mention]) -> bool:
    """Whether no letter or digit of a name would stay."""
    covered = {at for mention in mentions for at in range(mention.start, mention.end)}
    return all(at in covered for at in range(span.start, span.end) if text[at].isalnum())


def said(right: int, of: int) -> str:
    """A share with its interval."""
    if not of:
        return "none"
    low, high = wilson(right, of)
    return f"{right / of:.2f} ({low:.2f} to {high:.2f}, {right} of {of})"


def report(part: str, some: Sequence[Sentence], found: Sequence[list[Mention]]) -> list[Figure]:
    """Print recall and precision of one part, by kind; those of all kinds as figures."""
    named = sum(bool(one.spans) for one in some)
    print(f"{part}: {len(some)} sentences, {named} of them with names")
    wanted, sure, asked, kinds, roles = Counter[str](), Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    made, right = Counter[str](), Counter[str]()
    languages = {name: Counter[str]() for name in ("English", "other languages")}
    alarms = Counter[str]()
    for one, mentions in zip(some, found, strict=True):
        for span in one.spans:
            kind = family(span.kind)
            wanted[kind] += 1
            spoken = languages["English" if one.language == "en" else "other languages"]
            spoken["of"] += 1
            spoken["found"] += hidden(span, one.text, mentions)
            sure[kind] += hidden(span, one.text, [m for m in mentions if m.sure])
            asked[kind] += hidden(span, one.text, mentions)
            over = [m for m in mentions if m.start < span.end and span.start < m.end]
            kinds[kind] += any(family(m.kind) == kind for m in over)
            if kind == PERSON and span.kind != PERSON:
                roles["of"] += 1
                roles["right"] += any(m.kind == span.kind for m in over)
        for mention in mentions:
            for group in (family(mention.kind), "sure" if mention.sure else "asked"):
                made[group] += 1
                right[group] += any(m.start < mention.end and mention.start < m.end for m in one.spans)
        if not one.spans:
            alarms["sure"] += any(m.sure for m in mentions)
            alarms["any"] += bool(mentions)
    print(f"  {'':<18}{'recall, sure':<34}{'recall, with what is asked':<34}{'kind right':<34}precision of the kind")
    for kind in sorted(wanted, key=lambda kind: (-wanted[kind], kind)):
        n = wanted[kind]
        cells = said(sure[kind], n), said(asked[kind], n), said(kinds[kind], n)
        print(f"  {kind:<18}" + "".join(f"{cell:<34}" for cell in cells) + said(right[kind], made[kind]))
    n = wanted.total()
    cells = said(sure.total(), n), said(asked.total(), n), said(kinds.total(), n)
    total = right["sure"] + right["asked"], made["sure"] + made["asked"]
    print(f"  {'all':<18}" + "".join(f"{cell:<34}" for cell in cells) + said(*total))
    print(
        f"  precision of what is sure {said(right['sure'], made['sure'])}, of what is asked {said(right['asked'], made['asked'])}"
    )
    print(f"  the role, where one is told: {said(roles['right'], roles['of'])}")
    for name, counts in languages.items():
        print(f"  recall with what is asked, in {name}: {said(counts['found'], counts['of'])}")
    none = len(some) - named
    print(f"  of {none} sentences without names: {alarms['sure']} with a sure find, {alarms['any']} with any")
    task, on = "names, contacts and numbers", f"own gold, {part} part (synthetic)"
    both = languages["English"], languages["other languages"]
    return [
        share_figure(task, on, "recall, proposed to be replaced", sure.total(), n, "names"),
        share_figure(task, on, "recall, with what is asked", asked.total(), n, "names"),
        *(
            share_figure(task, on, f"recall with what is asked, {name}", counts["found"], counts["of"], "names")
            for name, counts in zip(("English", "other languages"), both, strict=True)
        ),
        share_figure(task, on, "precision of what is proposed", right["sure"], made["sure"], "finds"),
        share_figure(task, on, "precision of all finds", *total, "finds"),
        share_figure(task, on, "sentences without names that have a sure find", alarms["sure"], none, "sentences"),
    ]


def missed(part: str) -> None:
    """Print what was missed or wrongly found in a part, to learn from."""
    some = [one for one in sentences() if one.part == part]
    for one, mentions in zip(some, found_in(some), strict=True):
        gone = [one.text[s.start : s.end] for s in one.spans if not hidden(s, one.text, mentions)]
        wrong = [
            one.text[m.start : m.end]
            for m in mentions
            if not any(m.start < s.end and s.start < m.end for s in one.spans)
        ]
        if gone or wrong:
            print(f"{one.text}\n    missed {gone}, wrong {wrong}")


def burden(meetings: int = 8) -> None:
    """Print how long the table becomes for real talk: how many rows a person has to read, of how many words."""
    files = sorted((SHARED / "data" / "qmsum_segmentation").glob("*.json"))[:meetings]
    if not files:
        print("real talk: the data set is not there")
        return
    texts = ["\n\n".join(turn["text"] for turn in json.loads(file.read_text("utf-8"))["turns"]) for file in files]
    found = [find_mentions(text, spans) for text, spans in zip(texts, load_recogniser()(texts), strict=True)]
    rows = propose([Source(text, file.name, spans) for text, file, spans in zip(texts, files, found, strict=True)])
    words = sum(len(text.split()) for text in texts)
    asked = sum(row.decision is Choice.ASK for row in rows)
    print(
        f"real talk ({len(files)} meetings, {words:,} words): a table of {len(rows)} rows, {asked} of them asked; "
        f"{1e4 * len(rows) / words:.0f} rows for 10,000 words"
    )


def judge() -> list[Figure]:
    """Print both parts and real talk; of the part that was only counted, the figures."""
    figures = []
    for name in ("test", "dev"):
        chosen = [one for one in sentences() if one.part == name]
        found = report(name, chosen, found_in(chosen))
        figures += found if name == "test" else []
    burden()
    return figures


if __name__ == "__main__":
    run("pseudonyms", judge)
