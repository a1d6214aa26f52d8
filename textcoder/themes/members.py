"""Which segments a theme holds, which of them speak for it, and which belong nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.domain.theme import Unassigned
from textcoder.themes.grouping import BLOCK, Labels, Matrix, centres

SMALLEST_THEME = 3  # segments
FEW = 12  # texts of a lens, below which none is called odd: there is no usual to compare with
COMPANY = 5  # other texts, the nearest ones, that a text must be like, or it is odd
ODD = 2.25  # robust standard deviations below the usual likeness to them; takes 0 to 2 of 100 usual texts
ASTRAY = 1.0  # as many below the usual likeness to the centre of one's group
MOST_ODD = 0.1  # of the texts
FEWEST_QUOTED, QUOTED = 3, 5  # representatives, where a theme has so many texts
READABLE = range(8, 61)  # words of a quotation
NEAR_THE_CENTRE = 20  # segments, or half of a larger theme, among which representatives are looked for
SAME_QUOTATION = 0.9  # cosine
# Rounds of choosing: may the person have been heard, may it have been said, until how many are chosen.
_ROUNDS = ((False, False, QUOTED), (False, True, FEWEST_QUOTED), (True, False, QUOTED), (True, True, FEWEST_QUOTED))


@dataclass(frozen=True)
class Text:
    """One distinct text.

    Attributes:
        text: The words.
        segments: Ids of the segments that have it, with their case, in order.
        vector: Meaning, (d,).
    """

    text: str
    segments: tuple[tuple[str, str], ...]
    vector: npt.NDArray[np.float32]

    @property
    def cases(self) -> frozenset[str]:
        """The people who say it."""
        return frozenset(case for _, case in self.segments)


def without_odd_ones(groups: Labels, vectors: Matrix, segments: Sequence[int]) -> Labels:
    """Groups with -1 for texts that no few others are like, and for groups of fewer than three segments.

    Args:
        groups: Of each text, 0 to k - 1.
        vectors: (n, d), unit rows.
        segments: How many segments have each text; what three people say word for word is not odd.
    """
    counts = np.asarray(segments)
    company = _likeness_to_company(vectors)
    alone = _is_low(company, ODD) & (company < np.quantile(company, MOST_ODD))
    # In a rare theme all have few others, but they are near its centre.
    astray = _is_low((vectors * centres(vectors, groups)[groups]).sum(axis=1), ASTRAY)
    odd = alone & astray & (counts < SMALLEST_THEME) & (len(groups) >= FEW)
    kept = np.where(odd, -1, groups)
    sizes = np.bincount(kept[kept >= 0], weights=counts[kept >= 0], minlength=groups.max() + 1)
    number = np.cumsum(sizes >= SMALLEST_THEME) - 1
    return np.where((kept >= 0) & (sizes[kept] >= SMALLEST_THEME), number[kept], -1)


def _is_low(likeness: Matrix, deviations: float) -> npt.NDArray[np.bool_]:
    usual = np.median(likeness)
    spread = 1.4826 * np.median(np.abs(likeness - usual))
    return np.asarray(likeness < usual - deviations * spread)


def _likeness_to_company(vectors: Matrix) -> Matrix:
    """Mean cosine of each text to the five others that are most like it, (n,); a few others may be all that a rare theme has."""
    n = len(vectors)
    few = min(COMPANY, n - 1)
    found = np.zeros(n, np.float32)
    for start in range(0, n if few else 0, BLOCK):
        likeness = vectors[start : start + BLOCK] @ vectors.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -1
        found[start + rows] = np.partition(likeness, n - few, axis=1)[:, n - few :].mean(axis=1)
    return np.round(found, 4)


def place_all(groups: Labels, learnt: Labels, vectors: Matrix) -> Labels:
    """Groups of all texts from those of some: each under the nearest centre, or -1 if all that were grouped are nearer.

    Args:
        groups: Of the learnt texts; -1 for none, but not for all.
        learnt: Their rows.
        vectors: Of all texts, (n, d), unit rows.
    """
    held = groups >= 0
    likeness = vectors @ centres(vectors[learnt[held]], groups[held]).T
    usual = likeness[learnt[held], groups[held]].min()
    placed = np.where(likeness.max(axis=1) < usual, -1, likeness.argmax(axis=1))
    placed[learnt] = groups
    return placed


def only(shown: Sequence[int], groups: Labels) -> Labels:
    """Groups numbered 0 to k - 1 in the order of `shown`; the texts of all others get -1."""
    number = np.full(max(groups.max() + 1, 1) + 1, -1)  # the last one stands for -1
    number[list(shown)] = np.arange(len(shown))
    return np.asarray(number[groups], dtype=np.intp)


@dataclass(frozen=True)
class Members:
    """Texts of one lens in their groups; likeness is the cosine to each group's centre, (n, k), rounded for a stable order."""

    texts: Sequence[Text]
    vectors: Matrix
    groups: Labels
    likeness: npt.NDArray[np.float32]

    @classmethod
    def of(cls, texts: Sequence[Text], vectors: Matrix, groups: Labels) -> Members:
        """Members with their likeness to the centres of the groups, of which there is at least one."""
        held = groups >= 0
        return cls(texts, vectors, groups, np.round(vectors @ centres(vectors[held], groups[held]).T, 4))

    def segments(self, group: int) -> tuple[str, ...]:
        """Ids of the group's segments, nearest to its centre first."""
        return tuple(segment for row in self._nearest_first(group) for segment, _ in self.texts[row].segments)

    def theme_id(self, lens: str, group: int) -> str:
        """The same for the same lens and segments."""
        return "th" + hashlib.sha256("\n".join([lens, *sorted(self.segments(group))]).encode()).hexdigest()[:10]

    def representatives(self, group: int) -> tuple[str, ...]:
        """Ids of segments to quote: near the centre, readable, not the same twice, from as many people as there are."""
        rows = self._nearest_first(group)
        near = rows[: max(NEAR_THE_CENTRE, len(rows) // 2)]
        readable = [row for row in near if len(self.texts[row].text.split()) in READABLE]
        chosen: list[int] = []
        people: set[str] = set()
        for heard_before, said_before, most in _ROUNDS:
            for row in readable if len(readable) >= FEWEST_QUOTED else near:
                heard = not self.texts[row].cases.isdisjoint(people)
                fits = (heard_before or not heard) and (said_before or not self._like_any(row, chosen))
                if len(chosen) < most and row not in chosen and fits:
                    chosen.append(row)
                    people |= self.texts[row].cases
        return tuple(self.texts[row].segments[0][0] for row in chosen)

    def unassigned(self, lens: str, themes: Sequence[str]) -> tuple[Unassigned, ...]:
        """Segments of no group, with the nearest of the themes."""
        return tuple(
            Unassigned(segment, lens, themes[self.likeness[row].argmax()], round(float(self.likeness[row].max()), 4))
            for row in np.flatnonzero(self.groups < 0).tolist()
            for segment, _ in self.texts[row].segments
        )

    def _nearest_first(self, group: int) -> Labels:
        rows = np.flatnonzero(self.groups == group)
        return rows[np.argsort(-self.likeness[rows, group], kind="stable")]

    def _like_any(self, row: int, chosen: Sequence[int]) -> bool:
        """Whether it says nearly the same as one of them."""
        return bool((self.vectors[list(chosen)] @ self.vectors[row] > SAME_QUOTATION).any())
