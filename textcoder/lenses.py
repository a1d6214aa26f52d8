"""Segment -> lens with probability: what works, barriers, signs of progress, or none.

A small trained head reads the token states of the default encoder in the same pass that makes the vectors. What it was trained
on, how well it does and where it fails stand in models/cards/lens-head.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from textcoder.domain.coding import LensPlacement
from textcoder.domain.project import DEFAULT_LENSES, NO_LENS
from textcoder.registry import find_model

Matrix = npt.NDArray[np.float32]

LENSES = (*(lens.id for lens in DEFAULT_LENSES), NO_LENS)
"""The order of columns in readings and probabilities."""


class LensHead:
    """Reads token states of the default encoder and says how each default lens fits.

    Each of a few members (trained alike from different seeds) turns every token into `n_units` features, gathers them by four
    learned attentions and by their largest values, and sums what they speak for; the members' mean counts. It knows the three
    default lenses only, and always reads the default encoder, whichever encoder makes the vectors.

    Attributes:
        layers: Layers of the encoder whose states are read, side by side.
        n_values: One a lens, in the order of `LENSES`.
        revision: Changes with the weights.
    """

    n_values = len(LENSES)

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.generic]], revision: str) -> None:
        self.layers: tuple[int, ...] = tuple(int(layer) for layer in arrays["layers"])
        self.revision = revision
        self._members = [
            {name: arrays[name][i].astype(np.float32) for name in ("feature", "attention", "decision")}
            | {
                f"{name}_bias": arrays[f"{name}_bias"][i].astype(np.float32)
                for name in ("feature", "attention", "decision")
            }
            for i in range(len(arrays["feature"]))
        ]

    @classmethod
    def shipped(cls) -> LensHead:
        """The head in models/, checked by its hash.

        Raises:
            ModelNotFound: The file is missing or changed.
        """
        found = find_model("lens-head")
        with np.load(found.folder / "lens_head.npz", allow_pickle=False) as arrays:
            return cls(dict(arrays), f"lens-head/{found.revision}")

    def read(self, states: Matrix) -> Matrix:
        """Token states (n_tokens, n_layers * 384) of one text -> calibrated log-odds (4,) in the order of `LENSES`."""
        readings = [_read(states, member) for member in self._members]
        return np.asarray(np.mean(readings, axis=0), dtype=np.float32)


def _read(states: Matrix, member: Mapping[str, Matrix]) -> Matrix:
    features = _gelu(states @ member["feature"] + member["feature_bias"])
    attention = np.exp(np.clip(features @ member["attention"] + member["attention_bias"], -20, 20))
    attended = (attention / attention.sum(axis=0)).T @ features
    gathered = np.concatenate([attended.ravel(), features.max(axis=0)])
    return gathered @ member["decision"] + member["decision_bias"]


def _gelu(x: Matrix) -> Matrix:
    """The tanh form (Hendrycks and Gimpel 2016), as the head was trained."""
    return np.asarray(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))), dtype=np.float32)


def probabilities(readings: Matrix) -> Matrix:
    """Log-odds (n, 4) -> probabilities (n, 4); each row sums to 1."""
    shifted = np.exp(readings - readings.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def place_segments(segments: Sequence[str], readings: Matrix, *, threshold: float) -> list[LensPlacement]:
    """Place each segment under the lenses; identical text is placed identically.

    Args:
        segments: Segment ids.
        readings: What `LensHead.read` made of their texts, (n_segments, 4).
        threshold: Below this probability the machine abstains.
    """
    return [
        LensPlacement(
            segment,
            {lens: round(float(value), 4) for lens, value in zip(LENSES, row, strict=True)},
            abstained=bool(row.max() < threshold),
        )
        for segment, row in zip(segments, probabilities(readings), strict=True)
    ]
