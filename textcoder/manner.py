"""Token states -> how a text is said: some directions of a middle layer of the default encoder, read in the pass that makes its vectors.

The vector of a text is made for what it is about; who speaks, in which tense, whether something is felt, thought or planned, is stronger
in the layers below. Codes that are ways of speaking need it (docs/decisions/0016-coder-by-size.md).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from textcoder.registry import shipped_arrays

Matrix = npt.NDArray[np.float32]


class Manner:
    """The mean of a layer's token states along its widest directions over many kinds of text.

    Attributes:
        layers: The one layer that is read.
        n_values: One a direction.
        revision: Changes with the directions.
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.generic]], revision: str) -> None:
        self.layers: tuple[int, ...] = (int(arrays["layer"]),)
        self.revision = revision
        self._directions: Matrix = arrays["directions"].astype(np.float32)  # (384, n_values)
        self.n_values = self._directions.shape[1]

    @classmethod
    def shipped(cls) -> Manner:
        """The directions in models/, checked by their hash.

        Raises:
            ModelNotFound: The file is missing or changed.
        """
        arrays, revision = shipped_arrays("manner", "manner.npz")
        return cls(arrays, f"manner/{revision}")

    def read(self, states: Matrix) -> Matrix:
        """Token states (..., n_tokens, 384) -> (..., n_values); of each text by itself, to the last bit."""
        return np.asarray((states.mean(axis=-2)[..., None, :] @ self._directions)[..., 0, :], dtype=np.float32)
