"""How well the machine coder applies a codebook by its entries alone (no examples): `python -m tests.quality.coding [--fit]`.

`--fit` fits the calibration of models/coder.toml on the training halves and prints it; without it, the shipped numbers are
judged on the other halves.
Splits: nhs_fft by respondent as delivered; cered_reflection by its own train and validation parts.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textcoder.coder import Calibration, MachineCoder, evidence
from textcoder.domain.codebook import Code
from textcoder.embeddings import load_embedder
from textcoder.settings import Settings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SAMPLE = 1200
"""Comments of each half; enough for intervals of a few points, and a run of under two minutes."""


@dataclass(frozen=True)
class Judged:
    """Truth and probability, both (n, n_codes)."""

    truth: npt.NDArray[np.bool_]
    probability: npt.NDArray[np.float32]
    similarity: npt.NDArray[np.float32]


def entries(data_set: str) -> list[Code]:
    """The codes of a set's codebook that have a definition."""
    with (DATA / data_set / "codebook.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    name, *rest = rows[0]
    definition = next(column for column in rest if "definition" in column or "description" in column)
    return [Code(id=row[name], name=row[name], definition=row[definition]) for row in rows if row[definition].strip()]


def judge(data_set: str, *, held_out: bool, seed: int = 13) -> Judged:
    """Truth and probabilities for a seeded sample of one half."""
    codes = entries(data_set)
    with (DATA / data_set / "items.jsonl").open(encoding="utf-8") as stream:
        items = [item for item in map(json.loads, stream) if (item["split"] != "train") == held_out]
    names = {code.id for code in codes}
    items = [item for item in items if set(item["codes"]) & names]
    chosen = np.random.default_rng(seed).permutation(len(items))[:SAMPLE]
    items = [items[i] for i in chosen]
    embedder = load_embedder(Settings())
    coder = MachineCoder(embedder.embed, Calibration.shipped()).fit(codes, {})
    vectors = embedder.embed([item["text"] for item in items])
    truth = np.array([[code.id in item["codes"] for code in codes] for item in items])
    return Judged(truth, coder.predict_proba(vectors), coder.similarities(vectors))


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


def fit() -> None:
    """Fit the curve on the training halves and print it for models/coder.toml."""
    from sklearn.linear_model import LogisticRegression

    features, truth = [], []
    for data_set in ("nhs_fft", "cered_reflection"):
        judged = judge(data_set, held_out=False)
        features.append(np.column_stack([column.ravel() for column in evidence(judged.similarity)]))
        truth.append(judged.truth.ravel())
    model = LogisticRegression(C=100.0).fit(np.vstack(features), np.concatenate(truth))
    print("[calibration]")
    for name, value in zip(
        ("intercept", "similarity", "margin", "lead"), (model.intercept_[0], *model.coef_[0]), strict=True
    ):
        print(f"{name} = {value:.3f}")


def report() -> None:
    print(
        "Applying a codebook by its entries alone, no examples, at the shipped threshold (held-out halves, 95 % bootstrap over comments)"
    )
    print(f"{'set':<20}{'codes':>6}{'macro-F1':>26}{'precision':>11}{'recall':>8}{'top-1 macro-F1':>16}{'ECE':>7}")
    for data_set in ("nhs_fft", "cered_reflection"):
        judged = judge(data_set, held_out=True)
        guess = judged.probability >= Settings().code_threshold
        top = judged.probability == judged.probability.max(1, keepdims=True)
        low, high = interval(judged, guess)
        precision, recall = micro(judged.truth, guess)
        print(
            f"{data_set:<20}{judged.truth.shape[1]:>6}{macro_f1(judged.truth, guess):>11.3f} ({low:.3f} to {high:.3f})"
            f"{precision:>9.2f}{recall:>8.2f}{macro_f1(judged.truth, top):>16.3f}"
            f"{calibration_error(judged.truth, judged.probability):>7.3f}"
        )


if __name__ == "__main__":
    if not DATA.is_dir():
        sys.exit("The data sets are looked for in shared/ beside the checkout, and are not there.")
    fit() if "--fit" in sys.argv else report()
