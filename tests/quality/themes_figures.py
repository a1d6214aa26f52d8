"""The figures of themes as rows of the table: what the parts of `tests.quality.themes` found, without their print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tests.quality.figures import Figure, Goal
from tests.quality.measures import Rows, bootstrap, mean_with_t
from tests.quality.themes_draws import Groups, coded
from tests.quality.themes_measures import Score

OURS, STOCK, GIVEN = "textcoder", "BERTopic", "k-means, number given"
NUMBER, IN_NONE, AHEAD = Goal(most=0.4), Goal(most=0.1), Goal(least=0.0)
OUR_NAMES = "our themes, our names"
OVER_DRAWS = "Student's t over draws"
EVERYTHING = "all three"
Scores = Mapping[str, Mapping[str, Sequence[Score]]]


def figures(
    small: Scores,
    full: Mapping[str, Mapping[str, Groups]],
    halves: Mapping[str, Mapping[str, Sequence[tuple[float, int, int]]]],
    words: Mapping[str, Mapping[str, Sequence[Sequence[float]]]],
    names: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]],
    unseen: Mapping[str, Sequence[float]],
    strangers: Mapping[str, tuple[Sequence[float], Sequence[float]]],
) -> list[Figure]:
    """All rows; arguments as the functions of these names in `tests.quality.themes` return them."""
    rows = [row for name, found in small.items() for row in of_small(name, found)]
    for name, groups in full.items():
        rows += of_full(name, coded(name).codes.tolist(), groups)
    for name, measured in halves.items():
        values = {way: [draw[0] for draw in draws] for way, draws in measured.items()}
        rows += [
            _mean("themes of two samples of a study", name, "ARI on what both hold", values),
            _ahead("themes of two samples of a study", name, "ARI on what both hold", values, STOCK),
        ]
    for name, measured_words in words.items():
        for column, measure in ((2, "coherence (NPMI)"), (3, "diversity")):
            values = {way: [draw[column] for draw in draws] for way, draws in measured_words.items()}
            rows.append(_mean("words of themes, telling ones alone", name, measure, values))
    for name, shares in names.items():
        ours, others = OUR_NAMES, [way for way in shares if way != OUR_NAMES]
        rows.append(
            Figure(
                "names of themes", name, "own theme's share of the texts nearest to a name",
                *mean_with_t([share for share, _ in shares[ours]]), OVER_DRAWS, len(shares[ours]), "draws",
                baselines={
                    **{way: float(np.mean([share for share, _ in shares[way]])) for way in others},
                    "chance": float(np.mean([chance for _, chance in shares[ours]])),
                },
            )
        )  # fmt: skip
    for name, fits in unseen.items():
        rows.append(
            Figure(
                "names of themes, sets that had no part in choosing", name, "own text nearer than another of the lens",
                *mean_with_t(fits), "Student's t over themes", len(fits), "themes", baselines={"chance": 0.5},
            )
        )  # fmt: skip
    for name, (found_out, wrongly) in strangers.items():
        rows += [
            _mean("texts that belong nowhere, put among a study", name, "found to be in none", {OURS: found_out}),
            _mean("texts that belong nowhere, put among a study", name, "of the study's own, in none", {OURS: wrongly}),
        ]
    return rows


def of_small(name: str, found: Mapping[str, Sequence[Score]]) -> Iterator[Figure]:
    """Small studies of one set, or of all."""
    task = "themes of small studies"
    for measure, attribute in (("V", "v"), ("ARI", "ari")):
        values = {way: [getattr(score, attribute) for score in scores] for way, scores in found.items()}
        yield _mean(task, name, measure, values)
        for rival in (STOCK, GIVEN):
            yield _ahead(task, name, measure, values, rival)
    for measure, attribute, goal in (("error of the number", "error", NUMBER), ("share in none", "none", IN_NONE)):
        values = {
            way: [getattr(score, attribute) for score in scores]
            for way, scores in found.items()
            if way in (OURS, STOCK)
        }
        yield _mean(task, name, measure, values, goal if name == EVERYTHING or goal is IN_NONE else None)


def of_full(name: str, codes: Sequence[str], groups: Mapping[str, Groups]) -> Iterator[Figure]:
    """One whole set: groups stand, and texts are drawn anew."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    task, how, given = "themes of a full set", "bootstrap over texts, groups fixed", np.asarray(codes)
    n, every = len(given), np.arange(len(given))
    for measure, of in (("V", v_measure_score), ("ARI", adjusted_rand_score)):
        for rival in (STOCK, GIVEN):

            def ahead(rows: Rows, of=of, rival: str = rival) -> float:  # type: ignore[no-untyped-def]  # scikit-learn's measures
                return float(of(given[rows], groups[OURS][rows]) - of(given[rows], groups[rival][rows]))

            sides = {side: float(of(given, groups[side])) for side in (OURS, rival)}
            yield Figure(
                task, name, f"{measure}, ours less {rival}", ahead(every), *bootstrap(ahead, n, draws=300), how, n,
                "texts", AHEAD, sides,
            )  # fmt: skip
    true = len(set(codes))
    error = {way: abs(len(set(groups[way].tolist()) - {-1}) - true) / true for way in (OURS, STOCK)}
    yield Figure(
        task, name, "error of the number", error[OURS], None, None, "", true, "codes", None, {STOCK: error[STOCK]}
    )
    none = groups[OURS] == -1
    yield Figure(
        task, name, "share in none", float(none.mean()), *bootstrap(lambda rows: float(none[rows].mean()), n, draws=300),
        how, n, "texts", IN_NONE, {STOCK: float((groups[STOCK] == -1).mean())},
    )  # fmt: skip


def _mean(task: str, on: str, measure: str, values: Mapping[str, Sequence[float]], goal: Goal | None = None) -> Figure:
    """Ours, beside every other way."""
    beside = {way: float(np.nanmean(of)) for way, of in values.items() if way != OURS}
    return Figure(task, on, measure, *mean_with_t(values[OURS]), OVER_DRAWS, len(values[OURS]), "draws", goal, beside)


def _ahead(task: str, on: str, measure: str, values: Mapping[str, Sequence[float]], rival: str) -> Figure:
    """Ours less another way, draw by draw."""
    gain = [ours - theirs for ours, theirs in zip(values[OURS], values[rival], strict=True)]
    sides = {side: float(np.mean(values[side])) for side in (OURS, rival)}
    measure = f"{measure}, ours less {rival}"
    return Figure(task, on, measure, *mean_with_t(gain), OVER_DRAWS, len(gain), "draws", AHEAD, sides)
