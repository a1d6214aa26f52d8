"""A group that no phrase describes is divided in two, and its parts again, until they have a name or are too small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from textcoder.themes.grouping import Labels, group_segments
from textcoder.themes.naming import MANY_VOICES, Study

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FEWEST = 4  # texts of a part; a group of fewer than twice as many is not divided


@dataclass(frozen=True)
class Named:
    """Groups with their names.

    Attributes:
        groups: Of each text, 0 to k - 1; -1 for none.
        names: Of each group; None where no phrase describes it.
        beside: How many groups there were when each was found: parts come late.
    """

    groups: Labels
    names: Sequence[str | None]
    beside: Sequence[int]


def name_or_divide(study: Study, words: csr_matrix, name: Callable[..., list[str | None]]) -> Named:
    """Groups that have a name, and what is left of those that found none.

    A heap of two subjects has no name that tells of most of it, where each of its halves may have one. A group keeps the name
    that it has found; parts are compared with all the others.

    Args:
        study: The texts of one lens, in groups.
        words: Shared words, (n, vocabulary).
        name: Names the groups of a study, but for those that are `settled`; None where no phrase describes one.
    """
    groups = _largest_first(study.groups)
    settled: dict[int, str | None] = {}
    beside = [int(groups.max()) + 1] * (int(groups.max()) + 1)
    while len(settled) <= groups.max():
        names = name(replace(study, groups=groups), settled=settled)
        nameless = [group for group, found in enumerate(names) if found is None and group not in settled]
        halves = {group: _halves(study, words, np.flatnonzero(groups == group)) for group in nameless}
        parts = [
            (rows, found, not halves.get(group), beside[group])
            for group, found in enumerate(names)
            for rows in halves.get(group) or [np.flatnonzero(groups == group)]
        ]
        groups = np.full(len(groups), -1, np.intp)
        for number, (rows, *_) in enumerate(parts):
            groups[rows] = number
        settled = {number: found for number, (_, found, whole, _) in enumerate(parts) if whole}
        beside = [earlier if whole else len(parts) for _, _, whole, earlier in parts]
    return Named(groups, [settled[group] for group in range(len(settled))], beside)


def _largest_first(groups: Labels) -> Labels:
    """Groups numbered by size, since a phrase names the first group that wants it."""
    sizes = np.bincount(groups[groups >= 0])
    rank = np.argsort(np.argsort(-sizes, kind="stable"))
    return np.where(groups >= 0, rank[groups], -1)


def _halves(study: Study, words: csr_matrix, rows: Labels) -> Sequence[Labels]:
    """The rows of two parts of a group, or of one where the other is too small; none where it is not divided."""
    if len(rows) < 2 * FEWEST:
        return []
    side = group_segments(study.vectors[rows], words[rows], n_themes=2)
    halves = [rows[side == half] for half in range(side.max() + 1)]
    voices = min(MANY_VOICES, _people(study, rows))
    kept = [half for half in halves if len(half) >= FEWEST and _people(study, half) >= voices]
    return kept if len(halves) > 1 else []


def _people(study: Study, rows: Labels) -> int:
    return len(frozenset().union(*(study.cases[row] for row in rows)))
