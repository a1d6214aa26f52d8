"""The default encoder, all-MiniLM-L6-v2, and how it runs on ONNX Runtime: its graph is built in 0.1 s, without torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
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
CALL_TOKENS = 256
"""Word pieces a call at most, of all its texts; more is no faster."""
Windows = Sequence[Sequence[int]]
"""Word pieces of windows, of one text or of several."""
States = Sequence[Sequence[Matrix]]
"""Of each text, the states of each layer, (n_tokens, 384)."""


class MiniLm(ABC):
    """Unit vectors of mean token states, as sentence-transformers gives them; what all runtimes share.

    `threads` calls of one thread run side by side, and texts of one length share a call: a vector depends neither on its
    neighbours nor on the number of threads, to the last bit. A text of more than 256 word pieces is the mean over the tokens of
    all its windows, so that nothing is dropped.
    """

    n_dims = N_DIMS

    def __init__(self, model: FoundModel, runtime: str, *, threads: int) -> None:
        self.name = model.entry.name
        self.key = f"{self.name}/{model.revision}/{runtime}"
        self._threads = threads
        self._tables = load_tables(model.folder, model.revision)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors (n_texts, 384) in the order of the texts."""
        return self._rows(_unit_means, texts, [N_LAYERS], N_DIMS)

    def embed_and_read(self, texts: Sequence[str], reader: TokenReader) -> tuple[Matrix, Matrix]:
        """Vectors (n_texts, 384) and a reader's values (n_texts, n_values) from one pass."""

        def make(states: States) -> Matrix:
            return np.concatenate(
                [_unit_means(states), _readings(reader, [of_text[:-1] for of_text in states])], axis=1
            )

        rows = self._rows(make, texts, [*reader.layers, N_LAYERS], N_DIMS + reader.n_values)
        return rows[:, :N_DIMS], rows[:, N_DIMS:]

    def token_states(self, text: str, layers: Sequence[int]) -> list[Matrix]:
        """For each layer the states of all tokens of a text, (n_tokens, 384), windows one after another.

        Layer 0 are the input embeddings, 6 is the last. Each window begins with [CLS] and ends with [SEP].
        """
        return self._states([self._windows(text)], layers)[0]

    def _windows(self, text: str) -> Windows:
        first = self._tables.tokenizer.encode(text)
        return [encoding.ids for encoding in (first, *first.overflowing)]

    def _states(self, texts: Sequence[Windows], layers: Sequence[int]) -> list[list[Matrix]]:
        """Of each text, what `token_states` says; the texts have equally many windows, and these the same `_length`."""
        passes = [self._run(windows, layers) for windows in zip(*texts, strict=True)]
        if len(passes) == 1:
            return passes[0]
        return [
            [np.concatenate([states[i][j] for states in passes]) for j in range(len(layers))] for i in range(len(texts))
        ]

    @abstractmethod
    def _length(self, n_tokens: int) -> int:
        """Windows of the same length may share a call."""

    @abstractmethod
    def _run(self, windows: Windows, layers: Sequence[int]) -> list[list[Matrix]]:
        """Of each window, the states (n_tokens, 384) of each layer; all have the same `_length`."""

    def _rows(
        self, make: Callable[[States], Matrix], texts: Sequence[str], layers: Sequence[int], width: int
    ) -> Matrix:
        """What `make` makes of the states of each text, (n_texts, width)."""
        from threadpoolctl import threadpool_limits

        windows = [self._windows(text) for text in texts]
        calls = _calls([tuple(len(ids) for ids in of_text) for of_text in windows], self._length)
        rows = np.zeros((len(texts), width), dtype=np.float32)

        def fill(call: list[int]) -> None:
            rows[call] = make(self._states([windows[i] for i in call], layers))

        # A reader's products are small: with a BLAS thread for every core in every worker they take ten times as long.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(fill, calls))
        return rows


class OnnxEmbedder(MiniLm):
    """In fp32 on ONNX Runtime (cosine above .9999 to sentence-transformers).

    Only texts of exactly the same number of word pieces share a call. Nothing is padded then, and each row of a product is
    summed in the same order as alone.
    """

    def __init__(self, model: FoundModel, *, threads: int = 2) -> None:
        super().__init__(model, "onnxruntime/fp32", threads=threads)
        self._session, self._constants = _session(model.folder, model.revision)  # it reads the constants in place

    def _length(self, n_tokens: int) -> int:
        return n_tokens

    def _run(self, windows: Windows, layers: Sequence[int]) -> list[list[Matrix]]:
        embedded = self._tables.words[np.array(windows)] + self._tables.places[: len(windows[0])]
        outputs = self._session.run([f"states_{layer}" for layer in layers], {"embedded": embedded})
        return [[states[i] for states in outputs] for i in range(len(windows))]


def _calls(lengths: Sequence[tuple[int, ...]], shared: Callable[[int], int]) -> list[list[int]]:
    """Places of texts that share a call, by the lengths of their windows; the longest first, to end together.

    At most `CALL_TOKENS` a call; texts of exactly one length stand beside each other.
    """
    alike: dict[tuple[int, ...], list[int]] = {}
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        alike.setdefault(tuple(shared(n) for n in lengths[i]), []).append(i)
    calls = []
    for shape in sorted(alike, key=lambda shape: (sum(shape), shape), reverse=True):
        places, step = alike[shape], max(1, CALL_TOKENS // sum(shape))
        calls += [places[start : start + step] for start in range(0, len(places), step)]
    return calls


@dataclass(frozen=True, slots=True)
class Tables:
    """What every runtime shares: (n_words, 384), (512, 384), and the tokeniser."""

    words: Matrix
    places: Matrix
    tokenizer: Any


@lru_cache(maxsize=1)
def load_tables(folder: Path, revision: str) -> Tables:
    """Once a process, for all embedders; `revision` so that other weights in the same place are loaded anew."""
    from tokenizers import Tokenizer

    tables = read_weights(folder, tables=True)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()  # the file pads to 128 and cuts there
    tokenizer.enable_truncation(WINDOW)
    places = tables["embeddings.position_embeddings.weight"] + tables["embeddings.token_type_embeddings.weight"][0]
    return Tables(tables["embeddings.word_embeddings.weight"], places, tokenizer)


def read_weights(folder: Path, *, tables: bool) -> dict[str, Matrix]:
    """Weights by name: the tables of embeddings, or all others, which a runtime copies and then needs no more."""
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", framework="numpy") as file:
        wanted = [name for name in list(file.keys()) if name.endswith("_embeddings.weight") is tables]
        return {name: file.get_tensor(name) for name in wanted}


def unit_mean(states: Matrix) -> Matrix:
    """The mean of the rows, scaled to length 1; zeros where there is nothing to scale."""
    mean = states.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


def _unit_means(states: States) -> Matrix:
    return np.stack([unit_mean(of_text[-1]) for of_text in states])


def _readings(reader: TokenReader, states: States) -> Matrix:
    """A reader's values of each text, (n_texts, n_values); texts of the same length are read together, which is quicker."""
    alike: dict[int, list[int]] = {}
    for i, of_text in enumerate(states):
        alike.setdefault(len(of_text[0]), []).append(i)
    values = np.zeros((len(states), reader.n_values), dtype=np.float32)
    for places in alike.values():
        beside = np.empty((len(places), len(states[places[0]][0]), len(reader.layers) * N_DIMS), dtype=np.float32)
        for row, i in enumerate(places):
            beside[row] = np.concatenate(states[i], axis=1)
        values[places] = reader.read(beside)
    return values


def build_graph(weights: Mapping[str, npt.NDArray[np.float32]]) -> tuple[bytes, dict[str, Matrix]]:
    """A BERT encoder as a serialised ONNX model, fused operators throughout (com.microsoft); and its constants, left outside.

    Input `embedded` is (n_texts, n_tokens, 384), the sum of word, position and type embeddings; there is no mask, since the
    texts of a call have the same number of tokens. Outputs `states_0` to `states_6` have the same shape.
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
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n_texts", "n_tokens", N_DIMS])

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


@lru_cache(maxsize=1)
def _session(folder: Path, revision: str) -> tuple[Any, Mapping[str, Matrix]]:
    """The graph, ready to run, and the constants that it reads in place; once a process, as `load_tables`."""
    from onnxruntime import InferenceSession, OrtValue, SessionOptions

    graph, constants = build_graph(read_weights(folder, tables=False))
    options = SessionOptions()
    options.intra_op_num_threads = 1  # more would be slower for short texts, and sums would change their order
    options.inter_op_num_threads = 1
    options.add_external_initializers(list(constants), [OrtValue.ortvalue_from_numpy(x) for x in constants.values()])
    return InferenceSession(graph, options, providers=["CPUExecutionProvider"]), constants
