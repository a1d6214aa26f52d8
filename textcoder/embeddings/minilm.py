"""The default encoder, all-MiniLM-L6-v2, on ONNX Runtime: its graph is built around the weights in 0.1 s, without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.embeddings import Matrix, TokenReader
from textcoder.registry import FoundModel

# Of this model; its config.json says so.
N_LAYERS, N_HEADS, N_DIMS, EPSILON = 6, 12, 384, 1e-12
WINDOW = 256
"""Word pieces a pass, as the model was trained; a longer text is read window by window."""


class OnnxEmbedder:
    """Unit vectors of mean token states, as sentence-transformers gives them (cosine above .9999).

    One text a call on one thread, and `threads` calls side by side: a vector depends neither on its neighbours nor on the
    number of threads, to the last bit. A text of more than 256 word pieces is the mean over the tokens of all its windows, so
    that nothing is dropped.
    """

    n_dims = N_DIMS

    def __init__(self, model: FoundModel, *, threads: int = 2) -> None:
        self.name = model.entry.name
        self.key = f"{self.name}/{model.revision}/onnxruntime/fp32"
        self._threads = threads
        self._loaded = _load(model.folder, model.revision)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors (n_texts, 384) in the order of the texts."""
        return self._rows(lambda text: unit_mean(*self.token_states(text, [N_LAYERS])), texts, N_DIMS)

    def embed_and_read(self, texts: Sequence[str], reader: TokenReader) -> tuple[Matrix, Matrix]:
        """Vectors (n_texts, 384) and a reader's values (n_texts, n_values) from one pass."""

        def row(text: str) -> Matrix:
            *read, last = self.token_states(text, [*reader.layers, N_LAYERS])
            return np.concatenate([unit_mean(last), reader.read(np.concatenate(read, axis=1))])

        rows = self._rows(row, texts, N_DIMS + reader.n_values)
        return rows[:, :N_DIMS], rows[:, N_DIMS:]

    def token_states(self, text: str, layers: Sequence[int]) -> list[Matrix]:
        """For each layer the states of all tokens of a text, (n_tokens, 384), windows one after another.

        Layer 0 are the input embeddings, 6 is the last. Each window begins with [CLS] and ends with [SEP].
        """
        first = self._loaded.tokenizer.encode(text)
        windows = [self._run(encoding.ids, layers) for encoding in (first, *first.overflowing)]
        return [np.concatenate(states) for states in zip(*windows, strict=True)]

    def _run(self, ids: Sequence[int], layers: Sequence[int]) -> list[Matrix]:
        embedded = (self._loaded.words[ids] + self._loaded.places[: len(ids)])[None]
        outputs = self._loaded.session.run([f"states_{layer}" for layer in layers], {"embedded": embedded})
        return [states[0] for states in outputs]

    def _rows(self, row: Callable[[str], Matrix], texts: Sequence[str], n_columns: int) -> Matrix:
        from threadpoolctl import threadpool_limits

        # A reader's products are small: with a BLAS thread for every core in every worker they take ten times as long.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(self._threads) as pool:
            rows = list(pool.map(row, texts))
        return np.stack(rows) if rows else np.zeros((0, n_columns), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What takes time to load and changes with nothing: (n_words, 384), (512, 384), the graph, its constants, the tokeniser."""

    words: Matrix
    places: Matrix
    session: Any
    constants: Mapping[str, Matrix]
    tokenizer: Any


@lru_cache(maxsize=1)
def _load(folder: Path, revision: str) -> _Loaded:
    """Once a process, for all embedders; `revision` so that other weights in the same place are loaded anew."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    weights = load_file(folder / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()  # the file pads to 128 and cuts there
    tokenizer.enable_truncation(WINDOW)
    graph, constants = build_graph(weights)
    words = weights["embeddings.word_embeddings.weight"]
    types = weights["embeddings.token_type_embeddings.weight"][0]
    places = weights["embeddings.position_embeddings.weight"] + types
    return _Loaded(words, places, _session(graph, constants), constants, tokenizer)


def unit_mean(states: Matrix) -> Matrix:
    """The mean of the rows, scaled to length 1; zeros where there is nothing to scale."""
    mean = states.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


def build_graph(weights: Mapping[str, npt.NDArray[np.float32]]) -> tuple[bytes, dict[str, Matrix]]:
    """A BERT encoder as a serialised ONNX model, fused operators throughout (com.microsoft); and its constants, left outside.

    Input `embedded` is (1, n_tokens, 384), the sum of word, position and type embeddings; there is no mask, since a call holds
    one text. Outputs `states_0` to `states_6` have the same shape.
    """
    from onnx import TensorProto, helper

    nodes: list[Any] = []
    constants: dict[str, Matrix] = {}

    def constant(name: str, value: npt.NDArray[np.float32]) -> str:
        constants[name] = np.ascontiguousarray(value)
        return name

    def node(operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def norm(name: str) -> list[str]:
        return [constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]

    def dense(name: str, inputs: str) -> str:
        return node("MatMul", [inputs, constant(f"{name}.weight", weights[f"{name}.weight"].T)], f"{name}.product")

    def bias(name: str) -> str:
        return constant(f"{name}.bias", weights[f"{name}.bias"])

    fused = {"domain": "com.microsoft"}
    states = node("LayerNormalization", ["embedded", *norm("embeddings.LayerNorm")], "states_0", epsilon=EPSILON)
    for i in range(N_LAYERS):
        layer = f"encoder.layer.{i}"
        parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        joined = [
            constant(f"{layer}.qkv.weight", np.concatenate([weights[f"{part}.weight"].T for part in parts], axis=1)),
            constant(f"{layer}.qkv.bias", np.concatenate([weights[f"{part}.bias"] for part in parts])),
        ]
        out, wide, narrow = f"{layer}.attention.output", f"{layer}.intermediate", f"{layer}.output"
        seen = node("Attention", [states, *joined], f"{layer}.seen", num_heads=N_HEADS, **fused)
        inputs = [dense(f"{out}.dense", seen), states, *norm(f"{out}.LayerNorm"), bias(f"{out}.dense")]
        middle = node("SkipLayerNormalization", inputs, f"{layer}.middle", epsilon=EPSILON, **fused)
        inputs = [dense(f"{wide}.dense", middle), bias(f"{wide}.dense")]
        widened = node("BiasGelu", inputs, f"{layer}.widened", **fused)
        inputs = [dense(f"{narrow}.dense", widened), middle, *norm(f"{narrow}.LayerNorm"), bias(f"{narrow}.dense")]
        states = node("SkipLayerNormalization", inputs, f"states_{i + 1}", epsilon=EPSILON, **fused)

    def tensor(name: str) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "n_tokens", N_DIMS])

    outputs = [tensor(f"states_{i}") for i in range(N_LAYERS + 1)]
    named = [_kept_outside(name, value) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "all-MiniLM-L6-v2", [tensor("embedded")], outputs, named)
    operators = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    serialised: bytes = helper.make_model(graph, opset_imports=operators, ir_version=9).SerializeToString()
    return serialised, constants


def _kept_outside(name: str, value: Matrix) -> Any:
    """A constant of the graph by name and shape only: writing 42 MB into a message and out again takes longer than all else."""
    from onnx import TensorProto

    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=value.shape, data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="memory")
    return tensor


def _session(graph: bytes, constants: Mapping[str, Matrix]) -> Any:
    from onnxruntime import InferenceSession, OrtValue, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1  # more would be slower for one short text, and sums would change their order
    options.inter_op_num_threads = 1
    options.add_external_initializers(list(constants), [OrtValue.ortvalue_from_numpy(x) for x in constants.values()])
    return InferenceSession(graph, options, providers=["CPUExecutionProvider"])
