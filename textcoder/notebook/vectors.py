"""Vectors and readings of texts, made once a session: each estimator asks here, and none of them embeds what another has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from textcoder.embeddings import embed_cached
from textcoder.notebook.frames import check_whole
from textcoder.settings import Settings
from textcoder.workflow.steps import embedder_of, read

Matrix = npt.NDArray[np.float32]


@dataclass
class Kept:
    """Rows by model and key of the text (a hash: no words are kept). 1.5 kB a text with the default encoder."""

    rows: dict[tuple[str, str], Matrix] = field(default_factory=dict)

    def load(self, keys: Sequence[str], *, model: str) -> Mapping[str, Matrix]:
        """The rows that are there."""
        return {key: self.rows[model, key] for key in keys if (model, key) in self.rows}

    def save(self, vectors: Mapping[str, Matrix], *, model: str) -> None:
        """Keep rows."""
        self.rows.update({(model, key): row for key, row in vectors.items()})


_SESSION = Kept()


def vectors_of(texts: Sequence[str], settings: Settings) -> Matrix:
    """(n_texts, d), unit rows."""
    check_whole("threads", settings.threads, 1)
    return embed_cached(texts, embedder_of(settings), load=_SESSION.load, save=_SESSION.save)


def readings_of(texts: Sequence[str], settings: Settings) -> tuple[Matrix, Matrix]:
    """What `textcoder.workflow.steps.read` says; with the default encoder the same pass makes the vectors of the texts."""
    check_whole("threads", settings.threads, 1)
    return read(texts, settings, load=_SESSION.load, save=_SESSION.save)
