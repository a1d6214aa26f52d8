"""How well the machine coder applies a codebook by its entries alone: `python -m tests.quality.coding [--fit]`.

`--fit` fits the curve of models/coder.toml on the training parts of six sets and prints it; without it, the shipped numbers are
judged on the held-out parts of two.
Splits: nhs_fft by respondent as delivered; banking77 and cered_reflection by their own parts; the others are for fitting only.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.quality.figures import Figure, run
from tests.quality.measures import Rows, bootstrap
from tests.quality.said import Said, said
from textcoder.coder import Calibration, Known, MachineCoder, features_of, how_known
from textcoder.domain.codebook import Code
from textcoder.embeddings import load_embedder
from textcoder.settings import Settings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SAMPLE = 1200
"""Comments of each half; enough for intervals of a few points, and a run of under two minutes."""
FITTED_ON = ("nhs_fft", "banking77", "stackoverflow_titles", "jupyter_survey", "peer_review", "cered_reflection")


@dataclass(frozen=True)
class Judged:
    """Truth and probability, both (n, n_codes); `nearest` is the likeness of the segment to the entry as one text."""

    truth: npt.NDArray[np.bool_]
    probability: npt.NDArray[np.float32]
    thresholds: npt.NDArray[np.float32]
    nearest: npt.NDArray[np.float32]


def entries(data_set: str) -> list[Code]:
    """The codes of a set's codebook that have a definition."""
    with (DATA / data_set / "codebook.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    name, *rest = rows[0]
    definition = next(column for column in rest if "definition" in column or "description" in column)
    return [Code(id=row[name], name=row[name], definition=row[definition]) for row in rows if row[definition].strip()]


def judge(data_set: str, *, seed: int = 13) -> Judged:
    """Truth and probabilities for a seeded sample of the held-out part."""
    codes = entries(data_set)
    with (DATA / data_set / "items.jsonl").open(encoding="utf-8") as stream:
        items = [item for item in map(json.loads, stream) if item["split"] != "train"]
    names = {code.id for code in codes}
    items = [item for item in items if set(item["codes"]) & names]
    chosen = np.random.default_rng(seed).permutation(len(items))[:SAMPLE]
    items = [items[i] for i in chosen]
    embedder = load_embedder(Settings())
    vectors = embedder.embed([item["text"] for item in items])
    coder = MachineCoder(embedder.embed, Calibration.shipped()).fit(codes, vectors)
    truth = np.array([[code.id in item["codes"] for code in codes] for item in items])
    entry = embedder.embed([f"{code.name}. {code.definition}" for code in codes])
    return Judged(truth, coder.probabilities_, coder.thresholds_, vectors @ entry.T)


def macro_f1(truth: npt.NDArray[np.bool_], guess: npt.NDArray[np.bool_]) -> float:
    """Mean F1 over the codes that occur; a code that is never guessed counts 0."""
    both = (truth & guess).sum(0)
    either = truth.sum(0) + guess.sum(0)
    occurs = truth.sum(0) > 0
    return float(np.mean(2 * both[occurs] / np.maximum(either[occurs], 1)))


def micro(truth: npt.NDArray[np.bool_], guess: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Precision and recall over all pairs."""
    both = (truth & guess).sum()
    return float(both / max(guess.sum(), 1)), float(both / max(truth.sum(), 1))


def calibration_error(truth: npt.NDArray[np.bool_], probability: npt.NDArray[np.float32], bins: int = 10) -> float:
    """Expected calibration error over all pairs of segment and code, in equal-width bins."""
    place = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [
        abs(truth[place == b].mean() - probability[place == b].mean()) * (place == b).mean()
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps))


def interval(judged: Judged, guess: npt.NDArray[np.bool_], draws: int = 500) -> tuple[float, float]:
    """95 % percentile bootstrap over comments of the macro-F1."""
    rng = np.random.default_rng(1)
    n = len(guess)
    values = [macro_f1(judged.truth[rows], guess[rows]) for rows in (rng.integers(0, n, n) for _ in range(draws))]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def read_set(data_set: str) -> tuple[list[Code], list[dict[str, Any]], Said]:
    """Codes (with definitions where the set has them), items, and how the coder sees them."""
    with (DATA / data_set / "items.jsonl").open(encoding="utf-8") as stream:
        items = [json.loads(line) for line in stream]
    if (DATA / data_set / "codebook.csv").exists():
        codes = entries(data_set)
    else:
        names = sorted({code for item in items for code in item["codes"]})
        codes = [Code(id=name, name=name.replace("_", " ")) for name in names]
    return codes, items, said([item["text"] for item in items])


def halves(
    items: list[dict[str, Any]], rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows divided at random; the same text is never on both sides."""
    texts = sorted({items[i]["text"] for i in rows})
    first = dict(zip(texts, np.random.default_rng(100).random(len(texts)) < 0.5, strict=True))
    mine = np.array([first[items[i]["text"]] for i in rows])
    return rows[mine], rows[~mine]


def curve_rows(
    data_set: str,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Features (m, 6), truth and weights (m,) of pairs from one half of a training part, the other half being partly coded."""
    codes, items, seen = read_set(data_set)
    train = np.array([i for i, item in enumerate(items) if item["codes"] and item.get("split", "train") == "train"])
    coded, judged = halves(items, train)
    truth = np.array([[code.id in item["codes"] for code in codes] for item in items])
    coder = MachineCoder(load_embedder(Settings()).embed, Calibration.shipped())
    coder.fit(codes, seen[coded].vectors, manner=seen[coded].manner)
    features, answers, weights = [], [], []
    for n, seed in ((n, seed) for n in (0, 10, 30, 60, 100, 200, 500, 1000) for seed in range(3)):
        draws = np.random.default_rng(seed)
        read = draws.permutation(len(coded))[:n].tolist()
        mine = truth[coded]
        positive = {code.id: frozenset(i for i in read if mine[i, j]) for j, code in enumerate(codes)}
        coder.update(Known(positive, {}, frozenset(read)))
        some = judged[draws.permutation(len(judged))[:800]]
        scores = coder.scores(seen[some].vectors, seen[some].manner).astype(np.float64)
        accepted = np.broadcast_to(mine[read].sum(axis=0)[:, None], scores.shape)
        rows = features_of(scores, coder.lead(scores), how_known(accepted)).reshape(6, -1).T
        answer = truth[some].T.ravel()
        keep = answer | (draws.random(len(answer)) < 0.15)  # most pairs are a plain no: fewer of them, each for several
        features.append(rows[keep])
        answers.append(answer[keep])
        weights.append(np.where(answer[keep], 1.0, 1 / 0.15) / len(answer))
    return np.vstack(features), np.concatenate(answers), np.concatenate(weights)


def fit() -> None:
    """Fit the curve on the training parts, each set counting the same, and print it for models/coder.toml."""
    from sklearn.linear_model import LogisticRegression

    parts = [curve_rows(data_set) for data_set in FITTED_ON]
    features, answers, weights = (np.concatenate([part[i] for part in parts]) for i in range(3))
    usual = features.std(axis=0)
    usual[:2] = 1.0
    model = LogisticRegression(C=1000.0, max_iter=500, fit_intercept=False)
    model.fit(features / usual, answers, sample_weight=weights * len(weights) / weights.sum())
    print("[calibration]")
    print(f"weights = {(model.coef_[0] / usual).round(3).tolist()}")
    print(f"spreads = {(1 / usual).round(3).tolist()}")


def report() -> list[Figure]:
    """Print how a codebook is applied by its entries alone; macro-F1 and calibration as figures."""
    figures = []
    print(
        "Applying a codebook by its entries alone, no examples, at each code's own threshold (held-out parts, 95 % bootstrap over comments)"
    )
    print(f"{'set':<20}{'codes':>6}{'macro-F1':>26}{'precision':>11}{'recall':>8}{'top-1 macro-F1':>16}{'ECE':>7}")
    for data_set in ("nhs_fft", "cered_reflection"):
        judged = judge(data_set)
        guess = judged.probability >= judged.thresholds
        top = judged.probability == judged.probability.max(1, keepdims=True)
        low, high = interval(judged, guess)
        precision, recall = micro(judged.truth, guess)
        print(
            f"{data_set:<20}{judged.truth.shape[1]:>6}{macro_f1(judged.truth, guess):>11.3f} ({low:.3f} to {high:.3f})"
            f"{precision:>9.2f}{recall:>8.2f}{macro_f1(judged.truth, top):>16.3f}"
            f"{calibration_error(judged.truth, judged.probability):>7.3f}"
        )
        figures += figures_of(data_set, judged)
    return figures


def figures_of(data_set: str, judged: Judged) -> list[Figure]:
    """Beside macro-F1 the first choice of the machine, and of the plain likeness to the entry."""
    guess, (n, n_codes) = judged.probability >= judged.thresholds, judged.truth.shape
    task, on = "codes by entries alone", f"{data_set}, {n_codes} codes"
    first = {
        name: macro_f1(judged.truth, scores == scores.max(1, keepdims=True))
        for name, scores in (("first choice alone", judged.probability), ("nearest entry", judged.nearest))
    }

    def error(rows: Rows) -> float:
        return calibration_error(judged.truth[rows], judged.probability[rows])

    return [
        Figure(
            task, on, "macro-F1 at own thresholds", macro_f1(judged.truth, guess), *interval(judged, guess),
            "bootstrap over comments", n, "comments", baselines=first,
        ),
        Figure(
            task, on, "calibration error, all pairs", error(np.arange(n)), *bootstrap(error, n, draws=300),
            "bootstrap over comments", n, "comments",
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    if not DATA.is_dir():
        sys.exit("The data sets are looked for in shared/ beside the checkout, and are not there.")
    fit() if "--fit" in sys.argv else run("coding", report)
