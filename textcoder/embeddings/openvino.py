"""The default encoder on OpenVINO in bf16: for processors that multiply bf16 in hardware (AMX, AVX512-BF16), where it is faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.embeddings import Matrix
from textcoder.embeddings.minilm import EPSILON, N_DIMS, N_HEADS, N_LAYERS, MiniLm, Windows, read_weights
from textcoder.errors import TextcoderError
from textcoder.registry import FoundModel
from textcoder.resources import absent, require

PACK = 4
"""Texts a pass, always; places that no text fills are empty. More gain little, and a single text would pay for them."""
STEP = 16
"""Lengths are rounded up to a multiple of this, the height of an AMX tile, with a mask: fewer shapes to prepare."""
_MASKED = -10_000.0


class OpenVinoEmbedder(MiniLm):
    """In bf16 on OpenVINO (cosine above .9999 to fp32): other vectors than fp32's in the third digit, never mixed with them.

    What a pass looks like depends on a text's own length only: always `PACK` texts of one rounded length, one thread a stream.

    Raises:
        MissingPackage: OpenVINO is not installed.
        TextcoderError: This processor has no bf16; in its place would come fp32, with other vectors under the same name.
    """

    def __init__(self, model: FoundModel, *, threads: int = 2) -> None:
        super().__init__(model, "openvino/bf16", threads=threads)
        runtime = compiled(model.folder, model.revision, threads)
        self._requests: SimpleQueue[Any] = SimpleQueue()
        for _ in range(threads):
            self._requests.put(runtime.create_infer_request())

    def _length(self, n_tokens: int) -> int:
        return -(-n_tokens // STEP) * STEP

    def _run(self, windows: Windows, layers: Sequence[int]) -> list[list[Matrix]]:
        request = self._requests.get()
        try:
            packs = [windows[start : start + PACK] for start in range(0, len(windows), PACK)]
            return [states for pack in packs for states in self._pass(request, pack, layers)]
        finally:
            self._requests.put(request)

    def _pass(self, request: Any, windows: Windows, layers: Sequence[int]) -> list[list[Matrix]]:
        length = self._length(len(windows[0]))
        embedded = np.zeros((PACK, length, N_DIMS), dtype=np.float32)
        mask = np.full((PACK, 1, 1, length), _MASKED, dtype=np.float32)
        for i, ids in enumerate(windows):
            embedded[i, : len(ids)] = self._tables.words[ids] + self._tables.places[: len(ids)]
            mask[i, ..., : len(ids)] = 0
        request.infer([embedded, mask], share_inputs=True)
        outputs = [request.get_output_tensor(layer).data for layer in layers]
        # Copies: the next pass writes over these.
        return [[states[i, : len(ids)].copy() for states in outputs] for i, ids in enumerate(windows)]


@lru_cache(maxsize=1)
def compiled(folder: Path, revision: str, threads: int) -> Any:
    """The graph, compiled in 0.3 s for any length, with a stream of one thread for each of `threads`; once a process."""
    # OpenVINO's package brings a part that reports its use to its makers. Nothing leaves this machine: it is not there for us.
    with absent("openvino_telemetry"):
        openvino = require("openvino", extra="fast")
    core = openvino.Core()
    if "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise TextcoderError(
            "OpenVINO is of use here with bf16 only, which this processor does not have; "
            'set encoder_runtime to "onnxruntime", which runs on any.'
        )
    streams = {"INFERENCE_PRECISION_HINT": "bf16", "NUM_STREAMS": threads, "INFERENCE_NUM_THREADS": threads}
    return core.compile_model(_graph(read_weights(folder, tables=False)), "CPU", streams)


def _graph(weights: Mapping[str, npt.NDArray[np.float32]]) -> Any:
    """A BERT encoder as an OpenVINO model.

    Inputs are the sum of word, position and type embeddings, (PACK, length, 384), and the mask, (PACK, 1, 1, length), which is
    added to the likeness of tokens. Outputs 0 to 6 are the states of the layers, of the shape of the first input.
    """
    openvino = require("openvino", extra="fast")
    operators = require("openvino.opset13", extra="fast")

    def whole(*numbers: int) -> Any:
        return operators.constant(np.array(numbers, dtype=np.int64))

    def constant(*names: str) -> Any:
        return operators.constant(np.concatenate([weights[name] for name in names]))

    def norm(inputs: Any, name: str) -> Any:
        scaled = operators.mvn(inputs, whole(-1), True, EPSILON, "inside_sqrt")
        return operators.add(operators.multiply(scaled, constant(f"{name}.weight")), constant(f"{name}.bias"))

    def dense(inputs: Any, name: str) -> Any:
        product = operators.matmul(inputs, constant(f"{name}.weight"), False, True)
        return operators.add(product, constant(f"{name}.bias"))

    def by_head(inputs: Any) -> Any:
        split = operators.reshape(inputs, whole(0, 0, N_HEADS, N_DIMS // N_HEADS), True)
        return operators.transpose(split, whole(0, 2, 1, 3))

    embedded = operators.parameter([PACK, -1, N_DIMS], np.float32, name="embedded")
    mask = operators.parameter([PACK, 1, 1, -1], np.float32, name="mask")
    states = [norm(embedded, "embeddings.LayerNorm")]
    for i in range(N_LAYERS):
        layer = f"encoder.layer.{i}"
        parts = [by_head(dense(states[i], f"{layer}.attention.self.{part}")) for part in ("query", "key", "value")]
        seen = operators.transpose(operators.scaled_dot_product_attention(*parts, mask), whole(0, 2, 1, 3))
        seen = dense(operators.reshape(seen, whole(0, 0, N_DIMS), True), f"{layer}.attention.output.dense")
        middle = norm(operators.add(seen, states[i]), f"{layer}.attention.output.LayerNorm")
        widened = operators.gelu(dense(middle, f"{layer}.intermediate.dense"), "erf")
        narrowed = dense(widened, f"{layer}.output.dense")
        states.append(norm(operators.add(narrowed, middle), f"{layer}.output.LayerNorm"))
    return openvino.Model([operators.result(of_layer) for of_layer in states], [embedded, mask], "all-MiniLM-L6-v2")
