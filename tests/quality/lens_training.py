"""How the lens head is trained: a side network on token states of the frozen encoder, balanced by domain and lens."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tests.quality.lens_rows import Row
from textcoder import training
from textcoder.embeddings.minilm import OnnxEmbedder, unit_mean
from textcoder.lenses import LENSES, LensHead
from textcoder.registry import find_model
from textcoder.settings import DEFAULT_ENCODER
from textcoder.training import LAYERS, MAX_TOKENS, Task, train

Matrix = npt.NDArray[np.float32]
STEPS = 700
"""More learn the domains by heart: docs/decisions/0013-lens-head.md."""
SYNTHETIC = 3
"""How much more often the sentences written for the purpose are drawn than a real domain of their size."""


@dataclass(frozen=True)
class States(training.States):
    """Token states of texts, and their vectors."""

    vectors: Matrix


def states_of(texts: Sequence[str]) -> States:
    """Read all texts with the default encoder; kept in the temp folder for the next run."""
    encoder = OnnxEmbedder(find_model(DEFAULT_ENCODER))
    digest = hashlib.sha256("\0".join([encoder.key, str(LAYERS), str(MAX_TOKENS), *texts]).encode()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"textcoder-lens-states-{digest}"
    if (kept / "vectors.npy").is_file():  # written last
        return States(*(np.load(kept / f"{part}.npy", mmap_mode="r") for part in ("values", "offsets", "vectors")))

    def read(text: str) -> tuple[npt.NDArray[np.float16], Matrix]:
        *chosen, last = encoder.token_states(text, [*LAYERS, 6])
        return np.concatenate(chosen, axis=1)[:MAX_TOKENS].astype(np.float16), unit_mean(last)

    with ThreadPoolExecutor(2) as pool:
        read_texts = list(pool.map(read, texts))
    kept.mkdir(exist_ok=True)
    np.save(kept / "values.npy", np.concatenate([states for states, _ in read_texts]))
    np.save(kept / "offsets.npy", np.cumsum([0, *(len(states) for states, _ in read_texts)]))
    np.save(kept / "vectors.npy", np.stack([vector for _, vector in read_texts]))
    return states_of(texts)


def targets_of(rows: Sequence[Row]) -> Matrix:
    """(n, 4); a row with two lenses has half of each."""
    targets = np.array([[lens in row.lenses for lens in LENSES] for row in rows], dtype=np.float32)
    return np.asarray(targets / np.maximum(targets.sum(axis=1, keepdims=True), 1), dtype=np.float32)


def weights_of(rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """How often a row is drawn: the lenses of a domain alike, domains by the root of their size, the written sentences more.

    Were the lenses made equal over all domains instead, the few sources of signs of progress would be drawn so often that the
    head took their manner of speaking for progress.
    """
    targets, domains = targets_of(rows), np.array([row.domain for row in rows])
    weights = np.zeros(len(rows))
    for domain in sorted(set(domains)):
        own = domains == domain
        shares = (targets[own] / np.maximum(targets[own].sum(axis=0), 1)).sum(axis=1)
        strength = np.sqrt(own.sum()) * (SYNTHETIC if domain == "synthetic" else 1)
        weights[own] = strength * shares / shares.sum()
    return np.asarray(weights / weights.sum())


def possible_of(rows: Sequence[Row]) -> npt.NDArray[np.bool_]:
    """Which lenses the gold of a row's domain knows, (n, 4).

    Whoever filled in a form under "good" or "bad" could not answer "none": such a row says nothing about the others.
    """
    targets, domains = targets_of(rows), np.array([row.domain for row in rows])
    possible = np.zeros(targets.shape, dtype=bool)
    for domain in set(domains):
        possible[domains == domain] = targets[domains == domain].any(axis=0)
    return possible


Arrays = dict[str, npt.NDArray[np.generic]]


def cooled(arrays: Arrays, temperature: float) -> Arrays:
    """The same with the temperature worked into the last layer."""
    last = {
        name: (arrays[name].astype(np.float32) / temperature).astype(np.float16)
        for name in arrays
        if name.startswith("decision")
    }
    return arrays | last


def read_all(head: LensHead, states: States, chosen: Sequence[int] | npt.NDArray[np.int64]) -> Matrix:
    """Readings (n, 4) of the chosen texts, by the code that ships."""
    spans = [states.values[states.offsets[i] : states.offsets[i + 1]].astype(np.float32) for i in chosen]
    return np.stack([head.read(span) for span in spans])


def fit_temperature(readings: Sequence[Matrix], targets: Sequence[Matrix]) -> float:
    """By what to divide the readings of held-out domains so that probabilities are right on average; each domain counts alike.

    A domain is judged among the lenses that its gold has: where nobody could say `none`, its probability cannot be judged.
    """
    grid = np.geomspace(0.3, 5, 60)
    losses = [np.mean([_loss(r / t, y) for r, y in zip(readings, targets, strict=True)]) for t in grid]
    return float(grid[int(np.argmin(losses))])


def _loss(readings: Matrix, targets: Matrix) -> float:
    there = targets.sum(axis=0) > 0
    within = readings[:, there]
    logs = within - np.log(np.exp(within).sum(axis=1, keepdims=True))
    return float(-(targets[:, there] * logs).sum(axis=1).mean())


def networks_without(rows: Sequence[Row], domains: Sequence[str]) -> dict[str, Arrays]:
    """For each of the domains a head that was trained on all others; one a core, all on the same file of token states."""
    states_of([row.text for row in rows])
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as workers:
        return dict(zip(domains, workers.map(_train_without, [(rows, domain) for domain in domains]), strict=True))


def _among(chosen: npt.NDArray[np.int64], rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """`weights_of` the chosen rows, 0 for the others."""
    weights = np.zeros(len(rows))
    weights[chosen] = weights_of([rows[i] for i in chosen])
    return weights


def _train_without(task: tuple[Sequence[Row], str]) -> Arrays:
    rows, domain = task
    others = np.flatnonzero([row.domain != domain for row in rows])
    kept = kept_head([rows[i] for i in others])
    if not kept.is_file():  # a run that was interrupted goes on here
        task = Task(states_of([row.text for row in rows]), targets_of(rows), _among(others, rows), possible_of(rows))
        arrays = train(task, STEPS)
        with kept.with_suffix(".part").open("wb") as part:
            np.savez(part, **arrays)
        kept.with_suffix(".part").replace(kept)
        print(f"  trained without {domain or 'nothing'}", flush=True)
    with np.load(kept) as arrays:
        return dict(arrays)


def kept_head(rows: Sequence[Row]) -> Path:
    """Where a head that learned from these rows is kept in the temp folder; another place once code or a row differs."""
    learned = [Path(str(file)).read_text(encoding="utf-8") for file in (__file__, training.__file__)]
    told = "\0".join([*learned, torch.__version__, *map(repr, rows)])
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"textcoder-lens-head-{digest}.npz"


def held_out_readings(
    arrays: Mapping[str, Arrays], rows: Sequence[Row]
) -> dict[str, tuple[npt.NDArray[np.int64], Matrix]]:
    """For each domain its rows, and what the head that does not know it says of them."""
    states = states_of([row.text for row in rows])
    found = {}
    for domain, weights in arrays.items():
        judged = np.flatnonzero([row.domain == domain for row in rows])
        found[domain] = judged, read_all(LensHead(weights, f"without {domain}"), states, judged)
    return found
