"""Which segments say similar things: a neighbour graph, Ward's tree, and a number of themes that the graph itself asks for.

Measured on draws of human-coded texts (tests/quality/themes.py), smoothing by neighbours gave more than any choice of
clusterer, and the modularity of the cut found the number better than silhouettes, gaps, stability or a rule in n.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Matrix = npt.NDArray[np.float32]
Labels = npt.NDArray[np.intp]

# All chosen on one half of the codes of three coded sets; the figures hardly move within a factor of two around them.
NEIGHBOURS = 15  # or a third of the segments, where these are few
WORD_SHARE = 0.2  # of the similarity that comes from shared words; the rest is the meaning
SMOOTHING_STEPS = 2
MOST_THEMES = 60  # and never more than one for five segments
# A theme is divided again only where its own graph is at least this modular; themes of interviews have .2 to .4 there.
CLEAR_STRUCTURE = 0.5
MOST_PARTS = 12  # of one theme
SMALLEST_DIVIDED = 80  # segments; below, the graph of one theme is too small to show structure
BLOCK = 1000  # rows of the similarity matrix held at once


def group_segments(vectors: Matrix, words: csr_matrix, *, n_themes: int | None) -> Labels:
    """Groups of segments that say similar things.

    Each segment is moved half-way to its neighbours, twice (a linear, deterministic cousin of what UMAP does), the tree
    of the moved vectors is cut where the neighbour graph is most modular, and k-means settles the borders.

    Args:
        vectors: Meaning, (n, d), unit rows, in an order that depends on nothing but the texts.
        words: Shared words, (n, vocabulary), unit rows or empty ones.
        n_themes: The number of groups; None lets the graph decide.

    Returns:
        Group of each row, 0 to k - 1. Time and memory grow with n^2: 1 s and 100 MB for 3,000.

    References:
        Newman and Girvan (2004), Finding and evaluating community structure in networks.
    """
    if len(vectors) < 3:
        return np.zeros(len(vectors), np.intp)
    graph = neighbour_graph(vectors, words)
    moved = _move_towards_neighbours(vectors, graph)
    if n_themes is not None:
        return _cut(moved, graph, [n_themes])
    labels = _cut(moved, graph, range(1, min(MOST_THEMES, max(1, len(moved) // 5)) + 1))
    parts = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    return _number(len(labels), [piece for part in parts for piece in _divide(part, vectors)])


def neighbour_graph(vectors: Matrix, words: csr_matrix) -> csr_matrix:
    """The symmetric graph of nearest neighbours, (n, n), weighted by similarity; ties at the border are all kept."""
    from scipy.sparse import csr_matrix

    n = len(vectors)
    k = min(NEIGHBOURS, max(1, n // 3))
    rows, columns, weights = [], [], []
    for start in range(0, n, BLOCK):
        block = slice(start, min(start + BLOCK, n))
        similarity = (1 - WORD_SHARE) * (vectors[block] @ vectors.T)
        similarity += WORD_SHARE * (words[block] @ words.T).toarray()
        similarity[np.arange(len(similarity)), np.arange(block.start, block.stop)] = -1
        border = np.partition(similarity, n - k, axis=1)[:, n - k]
        row, column = np.nonzero(similarity >= np.maximum(border, 1e-6)[:, None])
        rows.append(row + start)
        columns.append(column)
        weights.append(similarity[row, column])
    directed = csr_matrix(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), (n, n), dtype=np.float64
    )
    return directed.maximum(directed.T)


def modularity(graph: csr_matrix, labels: Labels) -> float:
    """How much more weight lies inside the groups than chance would put there; 0 for one group."""
    members = _groups_as_rows(labels)
    degree = np.asarray(graph.sum(axis=1)).ravel()
    total = max(float(degree.sum()), 1e-9)
    inside = (members @ graph @ members.T).diagonal().sum() / total
    return float(inside - (((members @ degree) / total) ** 2).sum())


def centres(vectors: Matrix, labels: Labels) -> Matrix:
    """Mean direction of each group, (k, d), unit rows."""
    return unit(_groups_as_rows(labels) @ vectors)


def unit(rows: Any) -> Matrix:
    """Rows of length 1; empty rows stay empty."""
    rows = np.asarray(rows, dtype=np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _groups_as_rows(labels: Labels) -> csr_matrix:
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(len(labels), np.float32), (labels, np.arange(len(labels)))))


def _move_towards_neighbours(vectors: Matrix, graph: csr_matrix) -> Matrix:
    from scipy.sparse import diags_array

    walk = diags_array(1 / np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-9)) @ graph
    moved = vectors
    for _ in range(SMOOTHING_STEPS):
        moved = (moved + walk @ moved) / 2
    return unit(moved)


def _cut(moved: Matrix, graph: csr_matrix, numbers: Sequence[int]) -> Labels:
    """The tree cut into the number of groups that is most modular, with borders settled by k-means."""
    from scipy.cluster.hierarchy import fcluster, linkage

    apart = np.sqrt(np.maximum(2 - 2 * (moved @ moved.T), 0))  # of unit rows; ten times as fast as row by row
    tree = linkage(apart[np.triu_indices(len(moved), 1)], "ward")
    cuts = [_dense(fcluster(tree, number, "maxclust")) for number in numbers]
    return _settle(moved, max(cuts, key=lambda labels: modularity(graph, labels)))


def _settle(moved: Matrix, labels: Labels) -> Labels:
    from sklearn.cluster import KMeans

    start = centres(moved, labels)
    return _dense(KMeans(len(start), init=start, n_init=1, max_iter=10).fit_predict(moved))


def _divide(part: Labels, vectors: Matrix) -> list[Labels]:
    """The rows of one theme as they are, or in parts where the theme clearly falls apart by meaning alone."""
    from scipy.sparse import csr_matrix

    if len(part) < SMALLEST_DIVIDED:
        return [part]
    # Shared words would divide short answers ("fine", "no problems", "all good") where the meaning does not.
    graph = neighbour_graph(vectors[part], csr_matrix((len(part), 1), dtype=np.float32))
    moved = _move_towards_neighbours(vectors[part], graph)
    labels = _cut(moved, graph, range(2, MOST_PARTS + 1))
    if modularity(graph, labels) < CLEAR_STRUCTURE:
        return [part]
    return [part[labels == label] for label in range(labels.max() + 1)]


def _number(n: int, parts: list[Labels]) -> Labels:
    labels = np.empty(n, np.intp)
    for number, part in enumerate(parts):
        labels[part] = number
    return labels


def _dense(labels: npt.NDArray[Any]) -> Labels:
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.intp)
