"""What moves an encoder's vectors and makes no theme: whether a man or a woman is spoken of, and a transcriber's marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from textcoder.themes.grouping import Matrix, unit

# Without this, interviews fall into what was told of "her" and what was told of "him", whatever it was, and into weekdays.
# English only; May and March are left out, being verbs more often than months.
INCIDENTALS = tuple(
    frozenset(words.split())
    for words in (
        "he him his himself He Him His Himself",
        "she her hers herself She Her Hers Herself",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays Thursdays Fridays",
        "January February April June July August September October November December",
    )
)
MARK = re.compile(
    r"[\[(](?:\w+ )?(?:pause|silence|laugh|sigh|cough|cries|crying|inaudible|unintelligible)", re.IGNORECASE
)
SHRINKAGE = 3.0  # texts: what few of them have is hardly taken off


def without_incidentals(vectors: Matrix, texts: Sequence[str]) -> Matrix:
    """Vectors, (n, d), unit rows, less what a ridge regression on what is incidental explains of them."""
    has = np.array([_has(text) for text in texts], dtype=np.float64)
    has -= has.mean(axis=0)
    effect = np.linalg.solve(has.T @ has + SHRINKAGE * np.eye(has.shape[1]), has.T @ (vectors - vectors.mean(axis=0)))
    return unit(vectors - has @ effect)


def _has(text: str) -> list[bool]:
    words = set(re.findall("[A-Za-z]+", text))
    return [*(not words.isdisjoint(one) for one in INCIDENTALS), MARK.search(text) is not None]
