"""How fast the machine coder learns from an analyst: `python -m tests.quality.learning [--tune]`.

A simulated analyst reads one segment at a time and gives its true codes. After 0 to 500 readings the coder is judged on segments outside
the project. Three ways, on the same ten projects (each a random 80 % of the training part): the product's loop (its review order and its
learner), its learner in random order, and logistic regression on the same vectors in random order, one code against the rest.
nhs_fft: 34 codes with definitions, split by respondent. banking77: 77 codes with names only, its own split.
`--tune` judges on a half of the training part instead, and never looks at the held-out part; all choices were made there.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.quality.coding import DATA, calibration_error, halves, macro_f1, read_set
from tests.quality.figures import Figure, run
from tests.quality.measures import mean_with_t
from tests.quality.said import Said
from textcoder.coder import Calibration, Known, MachineCoder
from textcoder.domain.codebook import Code
from textcoder.embeddings import load_embedder
from textcoder.review import next_to_review
from textcoder.settings import Settings

AT = (0, 10, 50, 100, 200, 500)
SEEDS = 10
WAYS = ("loop", "random order", "logistic regression")
STRENGTH = {"nhs_fft": 10.0, "banking77": 100.0}
"""C of the logistic regression: the best of 1, 10 and 100 for each set with --tune; balanced weights."""
Matrix = npt.NDArray[np.float32]
Truth = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Study:
    """A project's segments and others to judge on; truth is (n, n_codes)."""

    codes: list[Code]
    texts: dict[str, Matrix]
    pool: Said
    pool_truth: Truth
    other: Said
    other_truth: Truth

    def embed(self, texts: Sequence[str]) -> Matrix:
        """The entries' vectors, made once."""
        return np.stack([self.texts[text] for text in texts])


def load(data_set: str, *, tune: bool) -> Study:
    """Read a set, and divide it."""
    codes, items, seen = read_set(data_set)
    truth = np.array([[code.id in item["codes"] for code in codes] for item in items])
    train = np.array([item["split"] == "train" for item in items])
    inside, outside = np.flatnonzero(train), np.flatnonzero(~train)
    if tune:
        inside, outside = halves(items, inside)
    texts = [text for code in codes for text in (code.name, code.definition) if text]
    rows = dict(zip(texts, load_embedder(Settings()).embed(texts), strict=True))
    return Study(codes, rows, seen[inside], truth[inside], seen[outside], truth[outside])


def known(study: Study, truth: Truth, read: list[int]) -> Known:
    """What an analyst has said who read these rows."""
    positive = {code.id: frozenset(i for i in read if truth[i, j]) for j, code in enumerate(study.codes)}
    return Known(positive, {}, frozenset(read))


def curve(study: Study, data_set: str, seed: int, way: str) -> list[tuple[float, float]]:
    """Macro-F1 and calibration error (all pairs) after each number of readings in `AT`."""
    mine = np.sort(np.random.default_rng(1000 + seed).permutation(len(study.pool))[: int(0.8 * len(study.pool))])
    seen, truth = study.pool[mine], study.pool_truth[mine]
    order = np.random.default_rng(seed).permutation(len(mine)).tolist()
    if way == "logistic regression":
        return [_logistic(study, seen.vectors, truth, order[:n], STRENGTH[data_set]) for n in AT]
    coder = MachineCoder(study.embed, Calibration.shipped()).fit(study.codes, seen.vectors, manner=seen.manner)
    names = [code.name for code in study.codes]
    read: list[int] = []
    points = []
    for n in range(AT[-1] + 1):
        if n in AT:
            coder.update(known(study, truth, read))
            probability = coder.predict_proba(study.other.vectors, study.other.manner)
            points.append(
                (
                    macro_f1(study.other_truth, probability >= coder.thresholds_),
                    calibration_error(study.other_truth, probability),
                )
            )
        if way == "random order":
            read = order[: n + 1]
            continue
        proposals = next_to_review(
            coder.probabilities_,
            coder.thresholds_,
            seen.vectors,
            reviewed=read,
            positives=truth[read].sum(axis=0).tolist(),
            names=names,
            limit=1,
        )
        read.append(proposals[0].row)
        coder.update(known(study, truth, read))
    return points


def _logistic(study: Study, vectors: Matrix, truth: Truth, read: list[int], strength: float) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    probability = np.zeros(study.other_truth.shape, dtype=np.float32)
    for j in range(truth.shape[1]):
        yes = truth[read, j]
        if yes.any() and not yes.all():
            model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300).fit(vectors[read], yes)
            probability[:, j] = model.predict_proba(study.other.vectors)[:, 1]
    return macro_f1(study.other_truth, probability >= 0.5), calibration_error(study.other_truth, probability)


def area(curves: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Mean height of each curve, between 0 and 500 readings."""
    return np.asarray(np.trapezoid(curves, AT, axis=-1) / AT[-1])


def interval(values: npt.NDArray[np.float64]) -> str:
    """Mean and 95 % confidence interval over seeds (Student's t)."""
    from scipy.stats import t

    half = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.3f} +- {half:.3f}"


def _job(data_set: str, tune: bool, seed: int, way: str) -> list[tuple[float, float]]:
    return curve(load(data_set, tune=tune), data_set, seed, way)


def report(submit: Callable[..., object], data_set: str, *, tune: bool) -> list[Figure]:
    load(data_set, tune=tune)  # read once here, so that the workers find it
    jobs = {(way, seed): submit(_job, data_set, tune, seed, way) for way in WAYS for seed in range(SEEDS)}
    found = np.array([[jobs[way, seed].result() for seed in range(SEEDS)] for way in WAYS])  # type: ignore[attr-defined]  # futures
    print(f"\n{data_set}: macro-F1 on segments outside the project, mean of {SEEDS} projects, 95 % interval")
    print(f"{'readings':<22}" + "".join(f"{n:>15}" for n in AT) + f"{'area':>18}")
    for way, curves in zip(WAYS, found, strict=True):
        heights = "".join(f"{interval(curves[:, i, 0]):>15}" for i in range(len(AT)))
        print(f"{way:<22}{heights}{interval(area(curves[:, :, 0])):>18}", flush=True)
    for rival, name in ((1, WAYS[1]), (2, WAYS[2])):
        print(
            f"area of the loop less that of {name}, project by project: {interval(area(found[0, :, :, 0] - found[rival, :, :, 0]))}"
        )
    for way, curves in zip(WAYS[:2], found, strict=False):
        print(
            f"calibration error, {way}: "
            + ", ".join(f"{curves[:, i, 1].mean():.4f} after {n}" for i, n in enumerate(AT))
        )
    return figures(data_set, found)


def figures(data_set: str, found: npt.NDArray[np.float64]) -> list[Figure]:
    """Of the loop, beside the other ways; found is (ways, projects, numbers of readings, macro-F1 and calibration error)."""
    how, n, of, f1 = "Student's t over projects", found.shape[1], "projects", found[..., 0]
    rows = [
        Figure(
            f"learning from an analyst, {readings} readings", data_set, "macro-F1", *mean_with_t(f1[0, :, i]), how, n, of,
            baselines={way: float(f1[rival, :, i].mean()) for rival, way in enumerate(WAYS) if rival},
        )
        for i, readings in enumerate(AT)
    ]  # fmt: skip
    task, areas = f"learning from an analyst, 0 to {AT[-1]} readings", area(f1)
    for rival, way in ((1, WAYS[1]), (2, WAYS[2])):
        sides = {"ours": float(areas[0].mean()), way: float(areas[rival].mean())}
        measure = f"mean macro-F1, ours less {way}'s"
        rows.append(Figure(task, data_set, measure, *mean_with_t(areas[0] - areas[rival]), how, n, of, baselines=sides))
    error = found[0, :, -1, 1]
    task = f"learning from an analyst, {AT[-1]} readings"
    beside = {WAYS[1]: float(found[1, :, -1, 1].mean())}
    rows.append(
        Figure(task, data_set, "calibration error, all pairs", *mean_with_t(error), how, n, of, baselines=beside)
    )
    return rows


def main() -> list[Figure]:
    tune = "--tune" in sys.argv
    os.environ["OMP_NUM_THREADS"] = "1"  # for the workers, one on each core
    found: list[Figure] = []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as workers:
        for data_set in STRENGTH:
            found += report(workers.submit, data_set, tune=tune)
    return found


if __name__ == "__main__":
    if not DATA.is_dir():
        sys.exit("The data sets are looked for in shared/ beside the checkout, and are not there.")
    if "--tune" in sys.argv:
        main()
    else:
        run("learning", main, also=["models/coder.toml", "models/manner.npz"])  # which the workers read
