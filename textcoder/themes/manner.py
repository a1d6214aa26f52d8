"""What moves an encoder's vectors and makes no theme: whether a man or a woman is spoken of, and a transcriber's marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from textcoder.themes.grouping import Matrix, unit

# Without this, interviews fall into what was told of "her" and what was told of "him", whatever it was, and into weekdays.
# May and March are left out: most often they are a verb.
MANNERS = re.compile(
    r"\b(?:"
    r"(?P<he>[Hh](?:e|im|is|imself))|(?P<she>[Ss]he|[Hh]er(?:s|self)?)"
    r"|(?P<day>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)"
    r"|(?P<month>January|February|April|June|July|August|September|October|November|December)"
    r")\b|(?P<mark>[\[(](?:\w+ )?(?:pause|silence|laugh|sigh|cough|cries|crying|inaudible|unintelligible))"
)
SHRINKAGE = 3.0  # texts: a manner that few of them have is hardly believed


def without_manner(vectors: Matrix, texts: Sequence[str]) -> Matrix:
    """Vectors, (n, d), unit rows, less what a ridge regression on the manners explains of them."""
    has = np.zeros((len(texts), MANNERS.groups))
    for row, text in zip(has, texts, strict=True):
        row[[found.lastindex - 1 for found in MANNERS.finditer(text) if found.lastindex]] = 1
    has -= has.mean(axis=0)
    effect = np.linalg.solve(has.T @ has + SHRINKAGE * np.eye(has.shape[1]), has.T @ (vectors - vectors.mean(axis=0)))
    return unit(vectors - has @ effect)
