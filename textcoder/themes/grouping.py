"""Which segments say similar things: a neighbour graph, Ward's tree, and a number of themes that graph and silhouette agree on.

Measured on draws of human-coded texts (docs/decisions/0010-themes.md), smoothing by neighbours gave more than any choice of
clusterer. Modularity alone finds too few themes, the silhouette alone far too many where themes are loose; their sum neither.
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

# All chosen on one half of the codes of three coded sets; docs/decisions/0010-themes.md has what other values do.
NEIGHBOURS = 2.0  # times the cube root of the segments; few, lest a rare theme be drawn into others
MOST_NEIGHBOURS = 15
WORD_SHARE = 0.2  # of the similarity that comes from shared words; the rest is the meaning
SMOOTHING_STEPS = 2
MOST_THEMES = 100  # and never more than one for five segments
SILHOUETTE = 0.7  # weight of its square beside modularity when the number is chosen
BLOCK = 1000  # rows of the similarity matrix held at once


def group_segments(vectors: Matrix, words: csr_matrix, *, n_themes: int | None) -> Labels:
    """Groups of segments that say similar things.

    Each segment is moved half-way to its neighbours, twice (a linear, deterministic cousin of what UMAP does). The tree of
    the moved vectors is cut where the modularity of the neighbour graph and the square of the silhouette are highest together
    (squared, because small silhouettes are had by any scatter), and k-means settles the borders.

    Args:
        vectors: Meaning, (n, d), unit rows, in an order that depends on nothing but the texts.
        words: Shared words, (n, vocabulary), unit rows or empty ones.
        n_themes: The number of groups; None lets the segments decide.

    Returns:
        Group of each row, 0 to k - 1. Time and memory grow with n^2: 1 s and 100 MB for 3,000.

    References:
        Newman and Girvan (2004), Finding and evaluating community structure in networks.
        Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of cluster analysis.
    """
    if n_themes is not None:
        return group_by_numbers(vectors, words, [n_themes])[0]
    if len(vectors) < 3:
        return np.zeros(len(vectors), np.intp)
    graph = neighbour_graph(vectors, words)
    moved = _move_towards_neighbours(vectors, graph)
    cuts = _cuts(moved, range(1, min(MOST_THEMES, max(1, len(moved) // 5)) + 1))
    worth = [round(modularity(graph, cut) + SILHOUETTE * silhouette(moved, cut) ** 2, 6) for cut in cuts]
    return _settle(moved, cuts[int(np.argmax(worth))])


def group_by_numbers(vectors: Matrix, words: csr_matrix, numbers: Sequence[int]) -> list[Labels]:
    """The groups of `group_segments` for each of some numbers of themes, at little more than the cost of one."""
    if len(vectors) < 3:
        return [np.zeros(len(vectors), np.intp) for _ in numbers]
    moved = _move_towards_neighbours(vectors, neighbour_graph(vectors, words))
    return [_settle(moved, cut) for cut in _cuts(moved, numbers)]


def neighbour_graph(vectors: Matrix, words: csr_matrix) -> csr_matrix:
    """The symmetric graph of nearest neighbours, (n, n), weighted by similarity; ties at the border are all kept."""
    from scipy.sparse import csr_matrix

    n = len(vectors)
    k = min(MOST_NEIGHBOURS, round(NEIGHBOURS * n ** (1 / 3)), max(1, n // 3))
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


def silhouette(vectors: Matrix, labels: Labels) -> float:
    """How much nearer rows are to their own group than to the next one, in [-1, 1]; 0 for one group.

    Distances are squared ones, whose mean to a group follows from its centre: n k d steps instead of n^2 d.
    """
    members = _groups_as_rows(labels)
    size = np.asarray(members.sum(axis=1)).ravel()
    if len(size) < 2:
        return 0.0
    squares = (vectors**2).sum(axis=1)
    middle = (members @ vectors) / size[:, None]
    apart = squares[:, None] + (members @ squares) / size - 2 * vectors @ middle.T
    rows, held = np.arange(len(labels)), size[labels]
    own = apart[rows, labels] * held / np.maximum(held - 1, 1)  # a row's distance to itself does not count
    apart[rows, labels] = np.inf
    other = apart.min(axis=1)
    better = (other - own) / np.maximum(np.maximum(own, other), 1e-6)
    return float(np.where(held > 1, better, 0).mean())


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


def _cuts(moved: Matrix, numbers: Sequence[int]) -> list[Labels]:
    """Ward's tree cut into each number of groups."""
    from scipy.cluster.hierarchy import fcluster, linkage

    apart = np.sqrt(np.maximum(2 - 2 * (moved @ moved.T), 0))  # of unit rows; ten times as fast as row by row
    tree = linkage(apart[np.triu_indices(len(moved), 1)], "ward")
    return [_dense(fcluster(tree, number, "maxclust")) for number in numbers]


def _settle(moved: Matrix, labels: Labels) -> Labels:
    from sklearn.cluster import KMeans

    start = centres(moved, labels)
    return _dense(KMeans(len(start), init=start, n_init=1, max_iter=10).fit_predict(moved))


def _dense(labels: npt.NDArray[Any]) -> Labels:
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.intp)
