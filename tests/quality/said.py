"""Texts as the coder sees them: what is said, and how. Made once, and kept in the temp folder."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textcoder.embeddings import load_embedder
from textcoder.embeddings.minilm import MiniLm
from textcoder.manner import Manner
from textcoder.settings import Settings

Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Said:
    """Rows of texts: `vectors` (n, d), unit rows, and `manner` (n, m)."""

    vectors: Matrix
    manner: Matrix

    def __getitem__(self, rows: Rows) -> Said:
        return Said(self.vectors[rows], self.manner[rows])

    def __len__(self) -> int:
        return len(self.vectors)


def said(texts: Sequence[str]) -> Said:
    """By the default encoder."""
    encoder, manner = load_embedder(Settings()), Manner.shipped()
    assert isinstance(encoder, MiniLm)
    digest = hashlib.sha256("\0".join([encoder.key, manner.revision, *texts]).encode()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"textcoder-said-{digest}.npy"
    if not kept.is_file():
        np.save(kept, np.hstack(encoder.embed_and_read(texts, manner)))
    return Said(*np.split(np.load(kept), [encoder.n_dims], axis=1))
