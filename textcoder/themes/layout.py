"""A plane on which segments that mean something alike lie near each other: to look at, never to measure on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.themes.grouping import Matrix, unit
from textcoder.themes.incidental import without_incidentals

Plane = npt.NDArray[np.float64]

MOST_LAID_OUT = 4000  # distinct texts; the others are put between those that mean the same
DIMENSIONS = 50  # as van der Maaten and Hinton (2008) do: less noise, and much less to count
PERPLEXITY = 30.0
STEPS = 300  # more gain nothing: trustworthiness is .88 after 300, 500 and 1,000 on the demo
NEIGHBOURS = 5
BLOCK = 4096  # rows compared at once


def lay_out(texts: Sequence[str], vectors: Matrix, *, seed: int) -> Plane:
    """Put segments on a plane by their meaning.

    By t-SNE from the principal components, without what is not meaning (`without_incidentals`). Principal components alone take
    hardly any time and are a muddle: of ten neighbours on the plane they keep so few that trustworthiness is .66, where
    t-SNE has .88 (the demo, 1,887 texts). What it costs: distances between groups, their sizes and their density mean nothing.

    The same texts, vectors and seed give the same plane, whatever their order and the number of threads; one text has one place.

    Args:
        texts: Of n segments.
        vectors: Their meaning, (n, d), unit rows.
        seed: For the choice of texts where there are more than 4,000 different ones.

    Returns:
        (n, 2), within [-1, 1].

    Cost: 2 s at 1,900 texts, 5 s at 4,000; from there on some 2 s for every 20,000.
    """
    from threadpoolctl import threadpool_limits

    if not texts:
        return np.zeros((0, 2))
    distinct, first, place = np.unique(np.array(texts, dtype=object), return_index=True, return_inverse=True)
    # Sums in another order differ in their last digits, and the plane would with the threads.
    with threadpool_limits(1):
        found = _laid_out(without_incidentals(unit(list(vectors[first])), distinct.tolist()), seed)
    found -= (found.max(axis=0) + found.min(axis=0)) / 2
    size = np.abs(found).max()
    return np.asarray(np.round(found / (size or 1.0), 4)[place])


def _laid_out(vectors: Matrix, seed: int) -> Plane:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    n = len(vectors)
    if n <= 3:
        return np.column_stack([np.arange(n, dtype=np.float64), np.zeros(n)])
    chosen = np.arange(n)
    if n > MOST_LAID_OUT:
        chosen = np.sort(np.random.default_rng(seed).choice(n, MOST_LAID_OUT, replace=False))
    parts = PCA(min(DIMENSIONS, len(chosen) - 1, vectors.shape[1]), svd_solver="full").fit(vectors[chosen])
    reduced = parts.transform(vectors).astype(np.float32)
    perplexity = min(PERPLEXITY, (len(chosen) - 1) / 3)
    method: Any = TSNE(2, init="pca", random_state=seed, perplexity=perplexity, max_iter=STEPS)
    learnt = method.fit_transform(reduced[chosen]).astype(np.float64)
    plane = np.zeros((n, 2))
    plane[chosen] = learnt
    others = np.setdiff1d(np.arange(n), chosen)
    for begin in range(0, len(others), BLOCK):
        rows = others[begin : begin + BLOCK]
        plane[rows] = _between(reduced[rows], reduced[chosen], learnt)
    return plane


def _between(vectors: Matrix, known: Matrix, plane: Plane) -> Plane:
    """(m, 2): the middle of the nearest that have a place, the nearer the more."""
    distances = (vectors**2).sum(axis=1)[:, None] - 2 * vectors @ known.T + (known**2).sum(axis=1)
    near = np.argpartition(distances, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    weights = 1 / (np.take_along_axis(np.maximum(distances, 0), near, axis=1) + 1e-6)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray((plane[near] * weights[:, :, None]).sum(axis=1))
