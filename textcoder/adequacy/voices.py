"""Whose voices carry a code: how much of it is one person's, and which groups hardly say it though many of them were asked.

References:
    Simpson (1949), Measurement of diversity. Nature 163, 688. Hill (1973), Diversity and evenness: a unifying notation and its
        consequences. Ecology 54, 427-432 (its inverse as an effective number).
    Fisher (1935), The logic of inductive inference. Journal of the Royal Statistical Society 98, 39-82 (the hypergeometric chance).
    Benjamini and Hochberg (1995), Controlling the false discovery rate. Journal of the Royal Statistical Society B 57, 289-300.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.multiplicity import false_discovery

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Voice:
    """How many people really carry one code.

    Attributes:
        code: Place among the columns.
        people: Who mention it.
        mentions: Of all of them.
        loudest: Place of the person who mentions it most, the first of several; -1 where nobody does.
        share: Of the mentions, by her; NaN where there are none.
        effective: Inverse Simpson: so many people, each as loud as the others, would be as diverse; 1 where one says it all.
    """

    code: int
    people: int
    mentions: int
    loudest: int
    share: float
    effective: float


def voices(mentions: Ints) -> tuple[Voice, ...]:
    """How each code's mentions spread over people.

    Args:
        mentions: (n_people, n_codes) how often each person mentions each.
    """
    found = []
    for code in range(mentions.shape[1]):
        own = mentions[:, code].astype(np.float64)
        total = float(own.sum())
        if not total:
            found.append(Voice(code, 0, 0, -1, math.nan, math.nan))
            continue
        loudest = int(own.argmax())
        effective = total**2 / float((own * own).sum())
        found.append(Voice(code, int((own > 0).sum()), int(total), loudest, float(own[loudest]) / total, effective))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Absence:
    """A group that hardly says something.

    Attributes:
        row: Place of what is not said.
        group: Place of the group.
        asked: People of the group.
        said: Of them, who say it.
        expected: Who would if the group did not matter.
        p: Chance that so few of the group, or as few as `fewer_than` - 1, say it if those who say it were drawn from all who were asked.
        q: p adjusted for all rows and groups looked at (Benjamini and Hochberg).
    """

    row: int
    group: int
    asked: int
    said: int
    expected: float
    p: float
    q: float


def absences(said: Ints, asked: Ints, *, fewer_than: int = 1) -> tuple[Absence, ...]:
    """Groups of which nobody, or fewer than a minimum, say something that others do; the least probable first.

    Each pair of a row that somebody says and a group of at least `fewer_than` people is looked at, and the adjustment counts them all.
    How much each person speaks is not taken into account: a group that was asked for a minute each says less of everything.

    Args:
        said: (n_rows, n_groups) people who say it.
        asked: (n_groups,) people.
        fewer_than: Small numbers are not told apart: a group in which fewer say it counts as absent.
    """
    total, rows = int(asked.sum()), []
    looked = [(i, j) for i in range(len(said)) for j in range(len(asked)) if asked[j] >= fewer_than and said[i].sum()]
    p_values = []
    for i, j in looked:
        carriers, group = int(said[i].sum()), int(asked[j])
        # The same event for all groups, so that the chance gives away no number that is not shown.
        p_values.append(chance_of_few(fewer_than - 1, group, carriers, total))
        rows.append((i, j, group, int(said[i, j]), carriers * group / total))
    # A group that is not absent was looked at too; its own p is at least that of the event, and 1 is safe.
    held = [p if row[3] < fewer_than else 1.0 for p, row in zip(p_values, rows, strict=True)]
    adjusted = false_discovery(held)
    found = [Absence(*row, p, q) for row, p, q in zip(rows, held, adjusted, strict=True) if row[3] < fewer_than]
    return tuple(sorted(found, key=lambda one: (one.p, one.row, one.group)))


def chance_of_few(most: int, group: int, carriers: int, total: int) -> float:
    """Chance that at most so many of a group are among the carriers, if these were drawn from all people (hypergeometric).

    Example:
        Three of ten people say it, and none of the four staff:

        >>> round(chance_of_few(0, 4, 3, 10), 4)
        0.1667
    """
    ways = math.comb(total, carriers)
    return (
        sum(math.comb(group, k) * math.comb(total - group, carriers - k) for k in range(min(most, carriers) + 1)) / ways
    )
