"""The figures of the lenses as rows of the table: what `tests.quality.lenses` finds, without its print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tests.quality.figures import Figure, Goal, share_figure
from tests.quality.lens_gold import Coded
from tests.quality.lens_groups import by_group
from tests.quality.lens_rows import BARRIERS, NONE, PROGRESS, WORKS
from tests.quality.lenses import TASKS, Found, Judged, agreed_on, calibration_error, drawn_f1, judge, risk_at
from tests.quality.measures import Rows, bootstrap, kappa, mean_with_t
from textcoder.lenses import LENSES

GOALS = {
    (WORKS, BARRIERS): Goal(least=0.85),
    (WORKS, BARRIERS, NONE): Goal(least=0.85),
    (PROGRESS, BARRIERS): Goal(least=0.75),
    (PROGRESS, BARRIERS, NONE): Goal(least=0.75),
}
"""Of the mean over domains, and of the gold."""
CALIBRATED = Goal(most=0.05)
OVER_DOCUMENTS = "bootstrap over documents"


def judged() -> list[Figure]:
    """Judge, and the rows of it."""
    return list(figures(judge()))


def figures(found: Found) -> Iterator[Figure]:
    """All rows."""
    for lenses in TASKS:
        yield from by_domain(found.ways, lenses)
    yield f1_figure(found.interviews, (WORKS, BARRIERS), "pdpilot_interviews, the shipped head")
    for domain, there in {**found.ways["head"], "pdpilot_interviews": found.interviews}.items():
        yield from sureness(domain, there)
    for name, there in by_group(found.ways["head"]):
        yield f1_figure(there, (WORKS, BARRIERS), name)
    yield from on_gold(found.coded, found.readings)
    yield Figure(
        "lenses after corrections", "mean of domains", "share at 30 of what half a domain would add",
        *mean_with_t(found.gains), "Student's t over domains", len(found.gains), "domains", Goal(least=0.5),
    )  # fmt: skip
    for kind, right in found.stress.items():
        yield share_figure("lenses under stress", kind, "right", sum(right), len(right), "texts or pairs")


def by_domain(ways: dict[str, dict[str, Judged]], lenses: Sequence[str]) -> Iterator[Figure]:
    """Macro-F1 in each domain that has these lenses, by a head that does not know it, and the mean; the goal is of the mean."""
    domains = [
        domain
        for domain, there in ways["head"].items()
        if set(lenses) <= {lens for row in there.rows for lens in row.lenses}
    ]
    goal = GOALS[tuple(lenses)]
    rows = [
        f1_figure(
            ways["head"][domain],
            lenses,
            domain,
            {way: of[domain] for way, of in ways.items() if way != "head"},
            goal if len(domains) == 1 else None,
        )
        for domain in domains
    ]
    yield from rows
    if len(rows) < 2:
        return
    draws = [_f1(ways["head"][domain], lenses, seed=seed)[1] for seed, domain in enumerate(domains, start=2)]
    low, high = np.percentile(np.mean(draws, axis=0), [2.5, 97.5])
    means = {name: float(np.mean([row.baselines[name] for row in rows])) for name in rows[0].baselines}
    yield Figure(
        _task(lenses), f"mean of {len(rows)} domains", "macro-F1", float(np.mean([row.value for row in rows])),
        float(low), float(high), OVER_DOCUMENTS, sum(row.n for row in rows), "texts", goal, means,
    )  # fmt: skip


def f1_figure(
    there: Judged, lenses: Sequence[str], on: str, rivals: dict[str, Judged] | None = None, goal: Goal | None = None
) -> Figure:
    """Macro-F1 among some lenses, beside the same of other readings and of always saying the commonest."""
    gold, _, groups = there.within(lenses)
    value, draws = _f1(there, lenses)
    low, high = np.percentile(draws, [2.5, 97.5])
    commonest = np.full(len(gold), np.bincount(gold).argmax())
    beside = {way: _f1(other, lenses)[0] for way, other in (rivals or {}).items()}
    beside["the commonest"] = drawn_f1(gold, commonest, groups, len(lenses))[0]
    return Figure(
        _task(lenses), on, "macro-F1", value, float(low), float(high), OVER_DOCUMENTS, len(gold), "texts", goal, beside
    )


def sureness(domain: str, there: Judged) -> Iterator[Figure]:
    """Calibration error, and how often the surest are wrong, among the lenses that a domain's gold has."""
    lenses = [lens for lens in LENSES if any(row.lenses == (lens,) for row in there.rows)]
    gold, probability, groups = there.within(lenses)

    def error(rows: Rows) -> float:
        return calibration_error(gold[rows], probability[rows])

    def wrong(rows: Rows) -> float:
        return risk_at(gold[rows], probability[rows], 0.4)

    every, task, beside = np.arange(len(gold)), _task(lenses), {"among all": risk_at(gold, probability, 1.0)}
    yield Figure(
        task, domain, "calibration error", error(every), *bootstrap(error, groups, draws=300), OVER_DOCUMENTS,
        len(gold), "texts", CALIBRATED,
    )  # fmt: skip
    yield Figure(
        task, domain, "wrong among the surest 40 %", wrong(every), *bootstrap(wrong, groups, draws=300), OVER_DOCUMENTS,
        len(gold), "texts", baselines=beside,
    )  # fmt: skip


def on_gold(coded: Sequence[Coded], readings: np.ndarray) -> Iterator[Figure]:
    """The machine with each coder, beside the coders with each other; and with what both say."""
    on, n = "gold of real segments (coders are language models)", len(coded)
    said = np.array(LENSES)[readings.argmax(axis=1)]
    for lens in LENSES:
        first, second = (
            np.array([lens in side for side in of]) for of in zip(*((c.first, c.second) for c in coded), strict=True)
        )
        machine, between = said == lens, kappa(first, second)
        for coder, theirs in (("A", first), ("B", second)):

            def figure(rows: Rows, machine: np.ndarray = machine, theirs: np.ndarray = theirs) -> float:
                return kappa(machine[rows], theirs[rows])

            yield Figure(
                f"lens {lens.replace('_', ' ')}, with coder {coder}", on, "kappa, carried or not", figure(np.arange(n)),
                *bootstrap(figure, n), "bootstrap over segments", n, "segments", Goal(least=0.9 * between), coders=between,
            )  # fmt: skip
    agreed = agreed_on(coded, readings)
    for lenses in (*TASKS, LENSES):
        yield f1_figure(agreed, lenses, on + ", where they agree", goal=GOALS.get(tuple(lenses)))
    gold, probability, _ = agreed.within(LENSES)

    def error(rows: Rows) -> float:
        return calibration_error(gold[rows], probability[rows])

    yield Figure(
        _task(LENSES), on + ", where they agree", "calibration error", error(np.arange(len(gold))),
        *bootstrap(error, len(gold), draws=300), "bootstrap over segments", len(gold), "segments", CALIBRATED,
    )  # fmt: skip


def _f1(there: Judged, lenses: Sequence[str], *, seed: int = 1) -> tuple[float, np.ndarray]:
    gold, probability, groups = there.within(lenses)
    return drawn_f1(gold, probability.argmax(axis=1), groups, len(lenses), seed=seed)


def _task(lenses: Sequence[str]) -> str:
    return f"lenses: {' / '.join(lenses).replace('_', ' ')}"
