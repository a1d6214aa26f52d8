"""README, tutorials and cards quote the table of docs/quality.md as it stands; rows that nobody has measured yet are not compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.quality.figures import HEAD, MODULES, PAGE, ROOT, RUNS_HEAD, Cells, module_of, read_table

NUMBER = r"([+-]?\d*\.\d+)"
CARDS = "models/cards"


@dataclass(frozen=True)
class Quote:
    """A sentence or a line of a table that quotes.

    Attributes:
        page: From the root.
        says: A pattern with one group for each number.
        of: For each number its row (by, what is judged, on, measure) and which of its numbers: "value", "low", "high", "two coders",
            or the name of what stands beside it.
        times: What the table's numbers are multiplied by in the quotation.
    """

    page: str
    says: str
    of: tuple[tuple[Cells, str], ...]
    times: float = 1.0


def _all(row: Cells, *which: str) -> tuple[tuple[Cells, str], ...]:
    return tuple((row, one) for one in which)


def _n(text: str) -> str:
    """A pattern of a sentence in which N stands for each number."""
    return re.escape(text).replace(r"\ ", r"\s+").replace("N", NUMBER)


def of_lenses() -> Iterator[Quote]:
    card, f1 = f"{CARDS}/lens-head.md", "macro-F1"
    for domain in (
        "jupyter_survey",
        "nhs_fft",
        "peer_review",
        "product_review_sentences",
        "pros_cons",
        "r_community_survey",
    ):
        row = ("lenses", "lenses: what works / barriers", domain, f1)
        says = _n(f"{domain} | N (N to N) | N |")
        yield Quote(card, says, _all(row, "value", "low", "high", "LR on vectors"))
    mean = ("lenses", "lenses: what works / barriers", "mean of 7 domains", f1)
    yield Quote(card, rf"mean of the seven \| {NUMBER}.*\| {NUMBER} \|", _all(mean, "value", "LR on vectors"))
    for start, task, domain in (
        ("with none: peer_review", "lenses: what works / barriers / none", "peer_review"),
        ("with none: product_review_sentences", "lenses: what works / barriers / none", "product_review_sentences"),
        ("signs of progress / barriers: cered_reflection", "lenses: signs of progress / barriers", "cered_reflection"),
        ("the same with none", "lenses: signs of progress / barriers / none", "cered_reflection"),
    ):
        says = rf"{re.escape(start)} \| {NUMBER} \({NUMBER} to {NUMBER}[;)].*\| {NUMBER} \|"
        yield Quote(card, says, _all(("lenses", task, domain, f1), "value", "low", "high", "LR on vectors"))
    row = ("lenses", "lenses: what works / barriers", "pdpilot_interviews, the shipped head", f1)
    says = rf"pdpilot_interviews, the shipped head, \d+ segments \| {NUMBER} \({NUMBER} to {NUMBER}"
    yield Quote(card, says, _all(row, "value", "low", "high"))
    gold = "gold of real segments (coders are language models)"
    for lens in ("what works", "barriers", "signs of progress", "none"):
        row = ("lenses", f"lens {lens}, with coder A", gold, "kappa, carried or not")
        yield Quote(card, rf"\n\| {lens} \| {NUMBER} \|", _all(row, "value"))
    row = ("demo", "lens, with coder A", "demo (synthetic; coders are language models)", "kappa, four classes")
    says = rf"by a kappa of {NUMBER} \(.*?where two\s+readers reach {NUMBER}:"
    yield Quote(card, says, _all(row, "value", "two coders"))


def of_codes() -> Iterator[Quote]:
    card = f"{CARDS}/coder.md"
    for name, n in (("nhs_fft", 16), ("cered_reflection", 9), ("banking77", 77)):
        for size in ("0", "1", "4", "8", "16", "all"):
            given = "all examples" if size == "all" else f"{size} example{'s' * (size != '1')} of each code"
            first, own = (
                ("sizes", f"codes, {given}", f"{name}, {n} codes", f"macro-F1, {way}: ours less logistic regression's")
                for way in ("first choice", "own thresholds")
            )
            half = rf"{NUMBER} \| {NUMBER} \| {NUMBER} \({NUMBER} to {NUMBER}\) \|"
            says = rf"(?s)\| {name}, {n} codes.*?\| {size} \| {half} {half}"
            which = ("ours", "logistic regression", "value", "low", "high")
            yield Quote(card, says, _all(first, *which) + _all(own, *which))
        first, own = (
            (
                "sizes",
                "codes, all examples, trained",
                f"{name}, {n} codes",
                f"macro-F1, {way}: ours less logistic regression's",
            )
            for way in ("first choice", "own thresholds")
        )
        says = rf"(?s)After training.*?\| {name}, {n} codes \| {half} {half}"
        yield Quote(card, says, _all(first, *which) + _all(own, *which))
    row = (
        "sizes",
        "codes, all examples, trained",
        "cered_reflection, typicality of 3 or more",
        "accuracy, first choice",
    )
    says = rf"3 or more, all examples, trained: {NUMBER} \(untrained {NUMBER}, logistic regression {NUMBER}"
    yield Quote(card, says, _all(row, "value", "untrained", "logistic regression"))
    for name in ("nhs_fft", "banking77"):
        rows = [
            ("learning", f"learning from an analyst, {n} readings", name, "macro-F1")
            for n in (0, 10, 50, 100, 200, 500)
        ]
        for way in ("loop", "random order", "logistic regression"):
            says = rf"(?s)\*\*{name}\*\*.*?\| {way} \| " + r" \| ".join([rf"{NUMBER} ± \.\d+"] * len(rows))
            yield Quote(card, says, tuple((row, "value" if way == "loop" else way) for row in rows))
    for name, n in (("nhs_fft", 34), ("cered_reflection", 9)):
        task = ("coding", "codes by entries alone", f"{name}, {n} codes")
        of = _all((*task, "macro-F1 at own thresholds"), "value", "low", "high")
        says = rf"\| {name}, {n} codes \| {NUMBER} \({NUMBER} to {NUMBER}\) \| \S+ \| \S+ \| {NUMBER} \|"
        yield Quote(card, says, of + _all((*task, "calibration error, all pairs"), "value"))
    asked = ("control", "control over the machine", "nhs_fft", "did what was asked")
    yield Quote(card, r"(\d+) of 300 refinements", _all(asked, "value"), 300)
    rows = [("learning", f"learning from an analyst, {n} readings", "nhs_fft", "macro-F1") for n in (0, 100)]
    says = rf"macro-F1 of {NUMBER} to {NUMBER}, where logistic regression on the same vectors has {NUMBER}"
    yield Quote("README.md", says, (*_all(rows[0], "value"), *_all(rows[1], "value", "logistic regression")))


def of_themes() -> Iterator[Quote]:
    for name in ("banking77", "stackoverflow_titles", "nhs_fft", "all three"):
        task = ("themes", "themes of small studies", name)
        measures = ("V", "ARI", "error of the number", "share in none")
        says = rf"\n\| {name} \| " + r" \| ".join([rf"{NUMBER} ±\.\d+"] * 5)
        halves = ("themes", "themes of two samples of a study", name, "ARI on what both hold")
        of = (*(((*task, measure), "value") for measure in measures), (halves, "value"))
        yield Quote(f"{CARDS}/themes.md", says, of)


def of_pseudonyms() -> Iterator[Quote]:
    row = (
        "pseudonyms",
        "names, contacts and numbers",
        "own gold, test part (synthetic)",
        "recall, proposed to be replaced",
    )
    says = r"replace (\d+) % of the names and numbers \(95 % interval (\d+) to (\d+) %\)"
    yield Quote("docs/tutorials/pseudonyms.md", says, _all(row, "value", "low", "high"), 100)


QUOTES = [*of_lenses(), *of_codes(), *of_themes(), *of_pseudonyms()]
TABLE = {(module_of(row), *row[1:4]): row for row in read_table(PAGE.read_text(encoding="utf-8"), HEAD)}


def number_in(row: Cells, which: str) -> float | None:
    """One number of a row of the table; None where it has no such one."""
    if which in ("value", "low", "high"):
        ends = re.fullmatch(r"(\S+)(?: \((\S+) to (\S+)\))?", row[HEAD.index("value (95 % interval)")])
        assert ends is not None, row
        found = ends.group(("value", "low", "high").index(which) + 1)
    elif which == "two coders":
        found = row[HEAD.index(which)]
    else:
        beside = re.search(rf"(?:^|, ){re.escape(which)} (\S+?)(?:, |$)", row[HEAD.index("beside it")])
        found = beside.group(1) if beside else None
    return float(found.replace(",", "")) if found else None


@pytest.mark.parametrize("quote", QUOTES, ids=lambda quote: f"{quote.page}: {quote.of[0][0][1]}, {quote.of[0][0][2]}")
def test_what_is_quoted_stands_in_the_table(quote: Quote) -> None:
    """README or a card would promise what the last measurement does not show. Correct the page; or this list, where a sentence is gone."""
    said = re.search(quote.says, (ROOT / quote.page).read_text(encoding="utf-8"))
    assert said is not None, f"{quote.page} no longer says {quote.says}"
    assert len(said.groups()) == len(quote.of)
    for text, (key, which) in zip(said.groups(), quote.of, strict=True):
        if key not in TABLE:
            continue
        there = number_in(TABLE[key], which)
        assert there is not None, f"{key} has no {which} in {PAGE.name}"
        last = 10.0 ** -len(text.partition(".")[2])  # of the digits that are quoted
        assert float(text) == pytest.approx(quote.times * there, abs=0.5 * last + 0.00051 * quote.times), (
            f"{quote.page} says {text} where {PAGE.name} has {quote.times * there:.3f}: {key}, {which}"
        )


def test_each_number_of_a_row_can_be_read() -> None:
    row = (
        "a",
        "b",
        "c",
        "d",
        "-.014 (-.026 to .001)",
        "≥ .850: missed",
        "k-means, number given .540, chance .1",
        ".91",
        "7 x",
        "",
    )
    read = {
        which: number_in(row, which)
        for which in ("value", "low", "high", "k-means, number given", "chance", "two coders")
    }
    assert list(read.values()) == [-0.014, -0.026, 0.001, 0.54, 0.1, 0.91]
    assert number_in(row, "BERTopic") is None


def test_the_page_is_whole() -> None:
    """A table edited by hand would be read wrongly, or shown without its columns."""
    text = PAGE.read_text(encoding="utf-8")
    rows, times = read_table(text, HEAD), read_table(text, RUNS_HEAD)
    assert rows
    assert all(len(row) == len(HEAD) for row in rows) and all(len(row) == len(RUNS_HEAD) for row in times)
    assert {module_of(row) for row in rows} == {module_of(row) for row in times} <= set(MODULES)
    assert len(TABLE) == len(rows), "two rows are of the same thing"


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", f"{CARDS}/coder.md", f"{CARDS}/lens-head.md", f"{CARDS}/themes.md"]
)
def test_who_quotes_figures_leads_to_the_table(page: str) -> None:
    assert "docs/quality.md" in (ROOT / page).read_text(encoding="utf-8")
