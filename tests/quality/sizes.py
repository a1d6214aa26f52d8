"""How well codes are given after 0 to all examples, beside logistic regression: `python -m tests.quality.sizes [SET ...]`.

Segments with one code each. nhs_fft: its 16 most frequent codes; cered_reflection: 9; banking77: 77, names only. Examples are drawn
from the training part, the same for both; judged on the held-out part (at most 2,000 segments).

"top": the code of highest probability. "own": each code where its probability reaches its threshold (the product's answer, which may
be none or several). "trained": with networks that the project has trained on all examples (`textcoder train`). Logistic regression
answers with one model a code, balanced, at .5 (banking77: one model for all). Macro-F1; mean and 95 % interval of the difference over
ten draws of the examples, at none and all over bootstrap samples of the segments. Its C (10) is the best of 1, 10, 100 on a part of
the training part of nhs_fft and cered_reflection.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from tests.quality import lens_training
from tests.quality.coding import DATA, entries
from tests.quality.figures import Figure, Goal, run, share_figure
from tests.quality.lens_rows import ROOT, training_rows
from tests.quality.said import Said, said
from textcoder.coder import Calibration, Known, MachineCoder, Trained
from textcoder.domain.codebook import Code
from textcoder.embeddings import SideBySide, load_embedder
from textcoder.embeddings.minilm import MiniLm
from textcoder.lenses import shipped_head
from textcoder.settings import Settings
from textcoder.side_network import Arrays, SideNetwork
from textcoder.workflow.training import MOST_SEGMENTS, PARTS, best_share, networks_without, odds_of

SIZES, DRAWS, JUDGED = (0, 1, 4, 8, 16, None), 10, 2000
Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]
Answer = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
SETS = {"nhs_fft": 16, "cered_reflection": 9, "banking77": 77}
"""Data set -> its most frequent codes, of which it is judged."""
FEWEST = 40
"""Segments of a group, below which nothing is said of it."""


@dataclass(frozen=True)
class Task:
    """Segments with one code each; `code` (n,) is the place in `codes`, `pool` and `judged` are rows.

    `parts` are groups of the judged ones, (len(judged),) each: how long they are, and whom they come from where a set says so.
    """

    codes: list[Code]
    texts: list[str]
    said: Said
    code: Rows
    pool: Rows
    judged: Rows
    typicality: npt.NDArray[np.float64]
    parts: Mapping[str, Answer]


def load(data_set: str, most: int) -> Task:
    """A data set with its most frequent codes."""
    with (DATA / data_set / "items.jsonl").open(encoding="utf-8") as lines:
        items = [item for item in map(json.loads, lines) if len(item["codes"]) == 1]
    defined = {code.id: code for code in entries(data_set)} if (DATA / data_set / "codebook.csv").exists() else {}
    often = Counter(item["codes"][0] for item in items if item["split"] == "train").most_common(most)
    codes = [defined.get(name, Code(id=name, name=name.replace("_", " "))) for name, _ in often]
    place = {code.id: i for i, code in enumerate(codes)}
    items = [item for item in items if item["codes"][0] in place]
    code = np.array([place[item["codes"][0]] for item in items])
    train = np.array([item["split"] == "train" for item in items])
    judged = np.flatnonzero(~train)
    judged = judged[np.sort(np.random.default_rng(13).permutation(len(judged))[:JUDGED])]
    typicality = np.array(
        [np.mean(json.loads(item.get("attributes", {}).get("confidence") or "[0]")) for item in items]
    )
    return Task(
        codes,
        [item["text"] for item in items],
        said([item["text"] for item in items]),
        code,
        np.flatnonzero(train),
        judged,
        typicality,
        _parts([items[i] for i in judged]),
    )


def _parts(items: Sequence[Mapping[str, Any]]) -> Mapping[str, Answer]:
    words = np.array([len(item["text"].split()) for item in items])
    parts = {"up to 7 words": words <= 7, "8 to 30 words": (words > 7) & (words <= 30), "31 words or more": words > 30}
    for column in ("service", "trust"):  # who speaks is told by nhs_fft alone
        of = [str(item.get("attributes", {}).get(column) or "") for item in items]
        parts |= {f"{column} {value}": np.array([one == value for one in of]) for value in sorted({*of} - {""})}
    return {name: part for name, part in parts.items() if part.sum() >= FEWEST}


def examples(task: Task, size: int | None, seed: int) -> Rows:
    """So many of each code (fewer where there are fewer), or all of them."""
    if size is None:
        return task.pool
    mixed = np.random.default_rng(seed).permutation(task.pool)
    return np.concatenate([mixed[task.code[mixed] == j][:size] for j in range(len(task.codes))])


def ours(task: Task) -> Callable[[Rows], tuple[Rows, Answer]]:
    """The machine coder in a project of all training segments, of which the examples are read."""
    pool, judged = task.said[task.pool], task.said[task.judged]
    coder = MachineCoder(load_embedder(Settings()).embed, Calibration.shipped())
    coder.fit(task.codes, pool.vectors, manner=pool.manner)
    row = {int(i): k for k, i in enumerate(task.pool)}

    def answer(some: Rows) -> tuple[Rows, Answer]:
        read = {
            code.id: frozenset(row[int(i)] for i in some[task.code[some] == j]) for j, code in enumerate(task.codes)
        }
        coder.update(Known(read, {}, frozenset(row[int(i)] for i in some)))
        probability = coder.predict_proba(judged.vectors, judged.manner)
        return probability.argmax(axis=1), probability >= coder.thresholds_

    return answer


def trained(task: Task, data_set: str) -> tuple[Rows, Answer, float]:
    """The same after all examples, once the project has trained networks of its own on them; and how much these count.

    The networks begin with a lens head that knows nothing of the set. Parts are drawn by text, since not every set names people.
    """
    texts = [task.texts[i] for i in task.pool.tolist()]
    by_text = [sha256(text.encode()).hexdigest() for text in texts]
    parts = np.array([int(one, 16) % PARTS for one in by_text], dtype=np.intp)
    shown = np.sort(np.argsort(by_text, kind="stable")[:MOST_SEGMENTS])
    code, ids = task.code[task.pool], tuple(one.id for one in task.codes)
    targets = np.pad(np.eye(len(ids), dtype=np.float32)[code[shown]], ((0, 0), (0, 1)))
    lens_rows = training_rows()
    start, _ = shipped_head()
    if data_set in {one.domain for one in lens_rows}:
        (start,) = lens_training.networks_without(lens_rows, [data_set]).values()
    networks = kept_networks([texts[k] for k in shown.tolist()], targets, parts[shown], start)
    encoder = load_embedder(Settings())
    assert isinstance(encoder, MiniLm)

    def odds(rows: Rows, own: Rows) -> Matrix:
        _, values = encoder.embed_and_read([task.texts[i] for i in rows.tolist()], SideBySide(*networks))
        return odds_of(values.reshape(len(rows), PARTS, -1), own, [[] for _ in ids])

    there, judged = task.said[task.pool], task.said[task.judged]
    own = np.full(len(task.pool), -1)
    own[shown] = parts[shown]
    of_pool, of_judged = odds(task.pool, own), odds(task.judged, np.full(len(task.judged), -1))
    given = {id_: frozenset(np.flatnonzero(code == j).tolist()) for j, id_ in enumerate(ids)}
    known = Known(given, {}, frozenset(range(len(task.pool))))
    coder = MachineCoder(encoder.embed, Calibration.shipped()).fit(task.codes, there.vectors, manner=there.manner)
    *_, share = best_share(coder, known, shown, parts[shown], given, of_pool)
    coder.fit(task.codes, there.vectors, known, manner=there.manner, trained=Trained(ids, of_pool, share))
    probability = coder.predict_proba(judged.vectors, judged.manner, of_judged)
    return probability.argmax(axis=1), probability >= coder.thresholds_, share


def kept_networks(texts: Sequence[str], targets: Matrix, parts: Rows, start: Arrays) -> list[SideNetwork]:
    """One for each part, kept in the temp folder."""
    learned = "".join(
        (ROOT / "textcoder" / file).read_text("utf-8") for file in ("training.py", "workflow/training.py")
    )
    digest = sha256("\0".join([learned, *texts]).encode())
    for array in (targets, parts, *start.values()):
        digest.update(np.ascontiguousarray(array).tobytes())
    files = [
        Path(tempfile.gettempdir()) / f"textcoder-trained-{digest.hexdigest()[:16]}-{part}.npz" for part in range(PARTS)
    ]
    missing = [part for part, file in enumerate(files) if not file.is_file()]
    for part, network in networks_without(missing, texts, targets, parts, Settings(), start=start):
        with files[part].with_suffix(".part").open("wb") as stream:
            np.savez(stream, **network)
        files[part].with_suffix(".part").replace(files[part])
    return [SideNetwork(np.load(file), file.stem) for file in files]


def regression(task: Task) -> Callable[[Rows], tuple[Rows, Answer]]:
    """Logistic regression on the same vectors; nothing can be said without examples."""

    def answer(some: Rows) -> tuple[Rows, Answer]:
        there = task.said.vectors[task.judged]
        if not len(some):
            return np.full(len(there), -1), np.zeros((len(there), len(task.codes)), dtype=bool)
        given = task.said.vectors[some], task.code[some]
        model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=300)
        top = model.fit(*given).predict(there)
        if len(task.codes) > 20:  # a model a code would take a quarter of an hour
            return top, model.predict_proba(there) >= 0.5
        own = np.stack([model.fit(given[0], given[1] == j).predict(there) for j in range(len(task.codes))], axis=1)
        return top, own

    return answer


def f1(task: Task, top: Rows, own: Answer, chosen: Rows | None = None) -> tuple[float, float]:
    """Macro-F1 of both answers over the codes that occur, on all judged segments or on those chosen."""
    some = np.arange(len(task.judged)) if chosen is None else chosen
    truth = task.code[task.judged][some]
    there = np.unique(truth)
    one = f1_score(truth, top[some], labels=there, average="macro", zero_division=0)
    both = [2 * (own[some, j] & (truth == j)).sum() / max(own[some, j].sum() + (truth == j).sum(), 1) for j in there]
    return float(one), float(np.mean(both))


def report(data_set: str, most: int) -> list[Figure]:
    task, figures = load(data_set, most), []
    print(
        f"\n{data_set}, {len(task.codes)} codes, {len(task.pool)} segments to learn from, judged on {len(task.judged)}"
    )
    print(f"{'examples':<10}{'top: ours':>11}{'LR':>8}{'difference':>24}{'own: ours':>13}{'LR':>8}{'difference':>24}")
    machine, baseline = ours(task), regression(task)
    for size in SIZES:
        found = []
        for seed in range(DRAWS if size else 1):
            some = examples(task, size, seed)
            sides = machine(some), baseline(some)
            found.append([f1(task, *side) for side in sides])
        scores = np.array(found)  # (draws, 2 ways, 2 answers)
        if len(scores) == 1:
            draws = np.random.default_rng(1)
            samples = [draws.integers(0, len(task.judged), len(task.judged)) for _ in range(200)]
            spread = np.array([[f1(task, *side, sample) for side in sides] for sample in samples])
            low, high = np.percentile(spread[:, 0] - spread[:, 1], [2.5, 97.5], axis=0)
        else:
            gain = scores[:, 0] - scores[:, 1]
            half = 2.262 * gain.std(axis=0, ddof=1) / np.sqrt(len(gain))  # Student's t, 9 degrees of freedom
            low, high = gain.mean(axis=0) - half, gain.mean(axis=0) + half
        mean = scores.mean(axis=0)
        line = f"{'all' if size is None else size:<10}"
        for i in range(2):
            gap = f"{mean[0, i] - mean[1, i]:+.3f} ({low[i]:+.3f} to {high[i]:+.3f})"
            line += f"{mean[0, i]:>{11 if i == 0 else 13}.3f}{mean[1, i]:>8.3f}{gap:>24}"
        print(line, flush=True)
        figures += figures_of(data_set, task, size, mean, low, high)
        if size is None:
            right_ones = sides[0][0] == task.code[task.judged]
            figures += part_figures(data_set, right_ones, task.parts)
        if size is None:
            figures += trained_figures(data_set, task, sides)
    return figures


def trained_figures(data_set: str, task: Task, sides: Sequence[tuple[Rows, Answer]]) -> list[Figure]:
    """After all examples with networks of the project's own, beside `sides`: ours without them, and logistic regression."""
    top, own, share = trained(task, data_set)
    ways = [(top, own), *sides]
    values = np.array([f1(task, *way) for way in ways])
    samples = [np.random.default_rng(seed).integers(0, len(task.judged), len(task.judged)) for seed in range(200)]
    spread = np.array([[f1(task, *way, sample) for way in ways] for sample in samples])
    low, high = np.percentile(spread[:, 0] - spread[:, 2], [2.5, 97.5], axis=0)
    figures = []
    for i, answer in enumerate(("first choice", "own thresholds")):
        ours, untrained, regressed = values[:, i].tolist()
        print(
            f"  trained ({answer}): {ours:.3f}, untrained {untrained:.3f}, LR {regressed:.3f}, "
            f"ahead of LR {ours - regressed:+.3f} ({low[i]:+.3f} to {high[i]:+.3f}); the networks count {share}",
            flush=True,
        )
        figures.append(
            Figure(
                "codes, all examples, trained", f"{data_set}, {len(task.codes)} codes",
                f"macro-F1, {answer}: ours less logistic regression's", ours - regressed, float(low[i]), float(high[i]),
                "bootstrap over segments", len(task.judged), "segments", Goal(least=0.05),
                {"ours": ours, "untrained": untrained, "logistic regression": regressed},
            )
        )  # fmt: skip
    if data_set == "cered_reflection":
        typical = task.typicality[task.judged] >= 3
        right = [float((way[0] == task.code[task.judged])[typical].mean()) for way in ways]
        print(
            f"  accuracy at a mean typicality of 3 or more: {right[0]:.3f}, untrained {right[1]:.3f}, LR {right[2]:.3f}"
        )
        figures.append(accuracy_figure(right, int(typical.sum())))
    return figures


def figures_of(data_set: str, task: Task, size: int | None, mean: Scores, low: Scores, high: Scores) -> list[Figure]:
    """How far ahead, at one size.

    Args:
        data_set: Its name.
        task: What was judged.
        size: Examples of each code; None for all.
        mean: Macro-F1 (2 ways, 2 answers).
        low: Lower end of the difference, (2 answers,).
        high: Upper end.
    """
    given = (
        "all examples" if size is None else f"{size} examples of each code" if size != 1 else "1 example of each code"
    )
    how = f"Student's t over {DRAWS} draws of the examples" if size else "bootstrap over segments"
    return [
        Figure(
            f"codes, {given}", f"{data_set}, {len(task.codes)} codes", f"macro-F1, {answer}: ours less logistic regression's",
            float(mean[0, i] - mean[1, i]), float(low[i]), float(high[i]), how, len(task.judged), "segments",
            Goal(least=0.05), {"ours": float(mean[0, i]), "logistic regression": float(mean[1, i])},
        )
        for i, answer in enumerate(("first choice", "own thresholds"))
    ]  # fmt: skip


def part_figures(data_set: str, right: Answer, parts: Mapping[str, Answer]) -> list[Figure]:
    """How often the first choice is right, by group, after all examples."""
    return [
        share_figure(
            "codes by group, all examples", f"{data_set}, {name}", "accuracy, first choice",
            int(right[part].sum()), int(part.sum()), "segments",
        )
        for name, part in parts.items()
    ]  # fmt: skip


def accuracy_figure(right: Sequence[float], n: int) -> Figure:
    """Of the first choice (trained, untrained, logistic regression's), beside what is published for a fine-tuned encoder."""
    return share_figure(
        "codes, all examples, trained", "cered_reflection, typicality of 3 or more", "accuracy, first choice",
        round(right[0] * n), n, "segments", goal=Goal(least=0.794),
        baselines={"untrained": right[1], "logistic regression": right[2], "fine-tuned XLM-R, published": 0.794},
    )  # fmt: skip


if __name__ == "__main__":
    if not DATA.is_dir():
        sys.exit("The data sets are looked for in shared/ beside the checkout, and are not there.")
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            report(name, SETS[name])
    else:
        run("sizes", lambda: [figure for name, most in SETS.items() for figure in report(name, most)])
