"""How often scaling answers and marks of progress are found rightly: `python -m tests.quality.progress`.

The gold (progress_gold.csv) is SYNTHETIC: 252 short utterances in the register of talk, with hard negatives, written by hand before the
patterns, by the same hand that then wrote them, and not changed since. So the figures are an upper bound: they say whether the patterns
do what they were meant to do. Of the marks found in the demo interviews, by which the patterns were made, 32 of 52 held when one reader
read them one by one; how many are missed nobody has counted. Precision and recall have Wilson intervals. A row's marks are those expected
of the whole utterance; what else is found in it, of any kind, is wrong. Pass a number to time that many segments, too.

Where the data sets lie beside the checkout, it also says how often patterns go off in real talk about something else: meetings about a
product and about research, in which nobody was asked for a number on a scale, and nobody speaks of a change in her life.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.quality.figures import Figure, run, share_figure
from tests.quality.measures import Rows, bootstrap
from textcoder.prevalence import wilson
from textcoder.progress import KINDS, find_marks, find_scaling, read_question, words_of
from textcoder.segmentation import load_language_model

SHARED = Path(__file__).resolve().parents[3] / "shared"

GOLD = Path(__file__).with_name("progress_gold.csv")


def rows(task: str) -> list[dict[str, str]]:
    """The gold of one task: `scaling` or `marks`."""
    with GOLD.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["task"] == task]


def tagger(texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
    """SpaCy's tags, as the product reads them."""
    nlp = load_language_model("en", parse=True)
    return [[(token.idx, token.idx + len(token), token.tag_) for token in nlp(text)] for text in texts]


def numbers_in(row: dict[str, str]) -> Counter[tuple[str, str]]:
    """What is found, as (of what it speaks, number or range)."""
    words = words_of(row["language"])
    assert words is not None
    found = find_scaling(row["text"], words, read_question(row["question"], words))
    return Counter(
        (one.about.value, f"{one.low:g}" if one.low == one.high else f"{one.low:g}-{one.high:g}") for one in found
    )


def scales_in(row: dict[str, str]) -> set[str]:
    """The scales that were said."""
    words = words_of(row["language"])
    assert words is not None
    found = find_scaling(row["text"], words, read_question(row["question"], words))
    return {f"{one.scale_low:g}-{one.scale_high:g}" for one in found if one.stated}


def expected(row: dict[str, str]) -> Counter[tuple[str, str]]:
    parts = (part.strip().split(" ") for part in row["expected"].split(";") if part.strip())
    return Counter((about, number) for about, number in parts)


def marks_in(row: dict[str, str]) -> set[str]:
    """The kinds that are found."""
    words = words_of(row["language"])
    assert words is not None
    read = tagger if row["language"] == "en" else None
    (found,) = find_marks([row["text"]], words, questions=[row["question"]], tagger=read)
    return {mark.kind for mark in found}


def said(right: int, of: int) -> str:
    """A share with its interval."""
    if not of:
        return "none"
    low, high = wilson(right, of)
    return f"{right / of:.2f} ({low:.2f} to {high:.2f}, {right} of {of})"


def _line(name: str, right: int, found: int, wanted: int) -> None:
    print(f"  {name:<34} precision {said(right, found):<32} recall {said(right, wanted)}")


def report() -> list[Figure]:
    """Print precision and recall; those of the numbers with what they speak of, and of all kinds of marks, as figures."""
    figures: list[Figure] = []
    print("synthetic gold, written before the patterns by the same hand: an upper bound")
    for language in ("en", "sv", "da nb"):
        some = [row for row in rows("scaling") if row["language"] in language.split()]
        pairs = [(expected(row), numbers_in(row)) for row in some]
        print(f"scaling answers, {language}: {len(some)} utterances, {sum(not want for want, _ in pairs)} without any")
        want_n = [Counter(number for _, number in want.elements()) for want, _ in pairs]
        got_n = [Counter(number for _, number in got.elements()) for _, got in pairs]
        found, wanted = sum(got.total() for _, got in pairs), sum(want.total() for want, _ in pairs)
        _line("the number", sum((w & g).total() for w, g in zip(want_n, got_n, strict=True)), found, wanted)
        right = sum((w & g).total() for w, g in pairs)
        _line("the number and of what it speaks", right, found, wanted)
        figures += _figures("scaling answers, number and of what it speaks", language, right, found, wanted)
        scaled = [row for row in some if row["scale"] and row["expected"]]
        right = sum(scales_in(row) == {row["scale"]} for row in scaled)
        print(f"  the scale, where it was said: {said(right, len(scaled))}")
    for language in ("en", "sv"):
        some = [row for row in rows("marks") if row["language"] == language]
        both = [({*row["expected"].split(";")} - {""}, marks_in(row)) for row in some]
        print(f"marks, {language}: {len(some)} utterances, {sum(not want for want, _ in both)} without any")
        for kind in (*KINDS, ""):
            kinds = {kind} if kind else set(KINDS)
            right = sum(len(want & got & kinds) for want, got in both)
            found, wanted = sum(len(got & kinds) for _, got in both), sum(len(want & kinds) for want, _ in both)
            _line(kind.replace("_", " ") or "all kinds", right, found, wanted)
        figures += _figures("marks of progress, all kinds", language, right, found, wanted)
    return figures


def _figures(task: str, language: str, right: int, found: int, wanted: int) -> list[Figure]:
    on = f"own gold, {language} (synthetic, an upper bound)"
    return [
        share_figure(task, on, "precision", right, found, "finds"),
        share_figure(task, on, "recall", right, wanted, "wanted"),
    ]


def false_alarms() -> list[Figure]:
    """Print how often patterns go off in real talk about something else; with an interval over meetings as figures."""
    folder, words = SHARED / "data" / "qmsum_segmentation", words_of("en")
    assert words is not None
    files = sorted(folder.glob("*.json"))
    if not files:
        print("real talk: the data set is not there")
        return []
    said = [(file.stem, turn["text"]) for file in files for turn in json.loads(file.read_text("utf-8"))["turns"]]
    said = [(meeting, text) for meeting, text in said if len(text.split()) >= 4]
    meetings, texts = [meeting for meeting, _ in said], [text for _, text in said]
    marked = find_marks(texts, words, tagger=tagger)
    marks = Counter(mark.kind for found in marked for mark in found)
    length = np.array([len(text.split()) for text in texts])
    print(f"real talk about something else ({len(files)} meetings, {len(texts):,} turns, {length.sum():,} words)")
    counts = {
        "scaling answers": np.array([len(find_scaling(text, words)) for text in texts]),
        "marks": np.array([len(found) for found in marked]),
    }
    figures = []
    for what, count in counts.items():

        def rate(rows: Rows, count: npt.NDArray[np.int64] = count) -> float:
            return float(1e4 * count[rows].sum() / length[rows].sum())

        value = rate(np.arange(len(texts)))
        low, high = bootstrap(rate, meetings) if count.any() else (0.0, float(1e4 * -np.log(0.025) / length.sum()))
        how = "bootstrap over meetings" if count.any() else "Poisson, as nothing was found"
        print(f"  {what} for 10,000 words: {value:.1f} ({low:.1f} to {high:.1f})")
        figures.append(
            Figure(
                f"{what} where there should be none",
                "qmsum_segmentation",
                "finds for 10,000 words",
                value,
                low,
                high,
                how,
                int(length.sum()),
                "words",
            )
        )
    print(f"  of which {dict(marks)}")
    return figures


def speed(n: int) -> None:
    """Print how long so many segments take, made of the gold's own."""
    words = words_of("en")
    assert words is not None
    some = [(row["text"], row["question"]) for task in ("scaling", "marks") for row in rows(task)]
    many = [some[i % len(some)] for i in range(n)]
    start = time.perf_counter()
    for text, question in many:
        find_scaling(text, words, read_question(question, words))
    print(f"{n:,} utterances: scaling answers {time.perf_counter() - start:.1f} s", end="")
    start = time.perf_counter()
    find_marks([text for text, _ in many], words, questions=[question for _, question in many])
    print(f", marks without the tagger {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    run("progress", lambda: [*report(), *false_alarms()])
    if len(sys.argv) > 1:
        speed(int(sys.argv[1]))
