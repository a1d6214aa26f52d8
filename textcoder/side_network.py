"""Token states -> a number for each thing that is told apart: lenses by the head that ships, codes by a network of the project's own."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
Weights = Mapping[str, Matrix]
Arrays = Mapping[str, npt.NDArray[np.generic]]
"""A network by names; `layers` and `heads` say how it is built, all else are weights."""


class SideNetwork:
    """Reads token states of the default encoder, in the same pass that makes the vectors.

    A side network (Sung, Cho and Bansal 2022, "ladder side-tuning"): beside the frozen encoder climbs a narrow one, which takes
    up the encoder's states layer by layer and lets the tokens look at each other in between, so that "not", "used to" and "but"
    reach the words they turn round. Some learned attentions and the largest values gather its last states. It always reads the default
    encoder, whichever encoder makes the vectors. `textcoder.training` trains one.

    Attributes:
        layers: Layers of the encoder whose states are read, side by side.
        n_values: What it tells apart.
        revision: Changes with the weights.
    """

    def __init__(self, arrays: Arrays, revision: str) -> None:
        self.layers: tuple[int, ...] = tuple(int(layer) for layer in arrays["layers"])
        self.revision = revision
        self._heads = int(arrays["heads"])
        weights = {name: arrays[name].astype(np.float32) for name in arrays if name not in ("layers", "heads")}
        # Names that begin with "block" have a row for each of `layers`; the others are the end, which gathers and decides.
        self._blocks: list[Weights] = [
            {name.removeprefix("block."): weights[name][i] for name in weights if name.startswith("block.")}
            for i in range(len(self.layers))
        ]
        self._end: Weights = {name: weights[name] for name in weights if not name.startswith("block.")}
        self.n_values = len(self._end["decision.bias"])

    def read(self, states: Matrix) -> Matrix:
        """Token states (..., n_tokens, n_layers * 384) -> one number for each thing that it tells apart (..., n_values).

        Of one text, or of several of the same length: each is its own matrix to BLAS, so that its numbers do not depend on the
        others, to the last bit. Cost: about a tenth of the encoder's pass in fp32, in numpy; twice that where texts are read one by one.
        """
        side = np.zeros((*states.shape[:-1], 1), dtype=np.float32)
        for layer, block in zip(np.split(states, len(self.layers), axis=-1), self._blocks, strict=True):
            side = self._climb(side, layer, block)
        attention = np.exp(np.clip(_dense(side, self._end, "attention"), -20, 20))
        attended = np.swapaxes(attention / attention.sum(axis=-2, keepdims=True), -1, -2) @ side
        attended = attended.reshape(*attended.shape[:-2], -1)
        gathered = np.concatenate([attended, side.max(axis=-2)], axis=-1)
        return np.asarray(_dense(gathered[..., None, :], self._end, "decision")[..., 0, :], dtype=np.float32)

    def _climb(self, side: Matrix, states: Matrix, block: Weights) -> Matrix:
        """One rung: take up the encoder's states, look at the other tokens, think; (..., n_tokens, width)."""
        side = _norm(side + _dense(states, block, "take"), block, "taken")
        *texts, n, width = side.shape
        parts = _dense(side, block, "look").reshape(*texts, n, 3, self._heads, -1)
        query, key, value = np.moveaxis(parts, (-3, -2), (0, -3))
        likeness = query @ np.swapaxes(key, -1, -2)
        likeness *= 1 / math.sqrt(width // self._heads)
        np.clip(likeness, -60, 60, out=likeness)  # far beyond what is met, and quicker than to take off the largest
        np.exp(likeness, out=likeness)
        seen = likeness @ value
        seen /= _sums(likeness)  # after the product, where there is less to divide
        side = side + _dense(np.swapaxes(seen, -2, -3).reshape(*texts, n, width), block, "join")
        side = _norm(side, block, "looked")
        return _norm(side + _dense(_gelu(_dense(side, block, "widen")), block, "narrow"), block, "thought")


# Small arrays, and many: what follows works in place where it can, since each temporary costs as much as a sum.


def _dense(x: Matrix, weights: Weights, name: str) -> Matrix:
    product = x @ weights[f"{name}.weight"]
    product += weights[f"{name}.bias"]
    return product


def _sums(x: Matrix) -> Matrix:
    """Of each row, (..., n, 1)."""
    return np.asarray(np.einsum("...i->...", x)[..., None], dtype=np.float32)


def _norm(x: Matrix, weights: Weights, name: str) -> Matrix:
    """Layer normalisation, as torch does it; `x` is overwritten."""
    n = x.shape[-1]
    x -= _sums(x) / n
    x /= np.sqrt(np.einsum("...i,...i->...", x, x)[..., None] / n + 1e-5)
    x *= weights[f"{name}.weight"]
    x += weights[f"{name}.bias"]
    return x


def _gelu(x: Matrix) -> Matrix:
    """The tanh form (Hendrycks and Gimpel 2016), as the head was trained."""
    y = x * x
    y *= 0.044715
    y += 1
    y *= x
    y *= math.sqrt(2 / math.pi)
    np.tanh(y, out=y)
    y += 1
    y *= x
    y *= 0.5
    return y
