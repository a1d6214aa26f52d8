"""What moves an encoder's vectors and makes no theme: whether a man or a woman is spoken of, and a transcriber's marks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from textcoder.themes.grouping import Matrix, unit

# Without this, interviews fall into what was told of "her" and what was told of "him", whatever it was.
MANNERS = (
    re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE),
    re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"),
    re.compile(r"\b(?:he|him|his|himself)\b", re.IGNORECASE),
    re.compile(r"\b(?:she|her|hers|herself)\b", re.IGNORECASE),
    re.compile(r"[\[(](?:\w+ )?(?:pause|silence|laugh|sigh|cough|cr(?:y|ies)|inaudible|unintelligible)", re.IGNORECASE),
)
SHRINKAGE = 3.0  # texts: a manner that few of them have is hardly believed


def without_manner(vectors: Matrix, texts: Sequence[str]) -> Matrix:
    """Vectors, (n, d), unit rows, less what a ridge regression on the manners explains of them."""
    has = np.array([[bool(manner.search(text)) for manner in MANNERS] for text in texts], dtype=np.float64)
    has -= has.mean(axis=0)
    effect = np.linalg.solve(has.T @ has + SHRINKAGE * np.eye(len(MANNERS)), has.T @ (vectors - vectors.mean(axis=0)))
    return unit(vectors - has @ effect)
