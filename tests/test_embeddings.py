"""A vector depends on nothing but its text and its model, and is made once."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.fakes import HashEmbedder
from textcoder.embeddings import embed_cached, load_embedder, read_cached, text_key
from textcoder.embeddings.minilm import WINDOW, MiniLm, OnnxEmbedder
from textcoder.embeddings.openvino import compiled
from textcoder.errors import MissingPackage, ModelNotFound, TextcoderError
from textcoder.lenses import LensHead, probabilities
from textcoder.registry import find_model
from textcoder.settings import DEFAULT_ENCODER, Settings
from textcoder.workflow.steps import encoder_key

Matrix = npt.NDArray[np.float32]
TEXTS = [
    "Nobody answers the phone after three.",
    "No.",
    "",
    "The bus at 6:40 – if it comes 🚌 – is full, and the next one is at nine.",
    "Having one named contact means I don't get lost. " * 8,
]


class MemoryCache:
    """Rows by model key and text key, and how often something was saved."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Matrix] = {}
        self.saves = 0

    def load(self, keys: Sequence[str], *, model: str) -> dict[str, Matrix]:
        return {key: self.rows[model, key] for key in keys if (model, key) in self.rows}

    def save(self, vectors: Mapping[str, Matrix], *, model: str) -> None:
        self.saves += 1
        self.rows.update({(model, key): row for key, row in vectors.items()})


class CountingEmbedder(HashEmbedder):
    """Remembers which texts it was asked for; stops with an error at a text that says so."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> Matrix:
        if "stop" in texts:
            raise InterruptedError
        self.seen += texts
        return super().embed(texts)


class TokenCounter:
    """A reader that counts tokens and sums a layer."""

    layers = (0, 3)
    n_values = 2
    revision = "counter-1"

    def read(self, states: Matrix) -> Matrix:
        n_texts, n_tokens, _ = states.shape
        return np.stack([np.full(n_texts, n_tokens), states[:, :, 384:].sum(axis=(1, 2))], axis=1, dtype=np.float32)


@pytest.fixture(scope="module")
def minilm() -> OnnxEmbedder:
    return OnnxEmbedder(find_model(DEFAULT_ENCODER), threads=2)


def test_a_vector_depends_neither_on_neighbours_nor_on_threads(minilm: OnnxEmbedder) -> None:
    """The same quotation would get another code when a file is added, or on another laptop setting."""
    together = minilm.embed(TEXTS)
    alone = np.concatenate([minilm.embed([text]) for text in TEXTS])
    reversed_on_three = OnnxEmbedder(find_model(DEFAULT_ENCODER), threads=3).embed(TEXTS[::-1])[::-1]
    assert together.tobytes() == alone.tobytes() == reversed_on_three.tobytes()


def test_texts_of_one_length_do_not_move_each_other(minilm: OnnxEmbedder) -> None:
    """They share a call: a quotation would get another code for standing beside others as long."""
    words = "nurse waits bus form answers nobody letter help kind office small step again".split()
    texts = [" ".join(words[(i * j + i) % len(words)] for j in range(n)) for n in (1, 5, 8, 40) for i in range(1, 20)]
    vectors, readings = minilm.embed_and_read(texts, TokenCounter())
    alone = [minilm.embed_and_read([text], TokenCounter()) for text in texts]
    assert vectors.tobytes() == np.concatenate([vector for vector, _ in alone]).tobytes()
    assert readings.tobytes() == np.concatenate([reading for _, reading in alone]).tobytes()


def test_vectors_are_float32_unit_rows(minilm: OnnxEmbedder) -> None:
    """A product of rows would not be a cosine."""
    vectors = minilm.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert minilm.embed([]).shape == (0, 384)


@pytest.fixture(scope="module")
def stock() -> Any:
    """The same weights in sentence-transformers; importing it takes seconds."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_model(DEFAULT_ENCODER).folder), device="cpu", local_files_only=True)


def test_vectors_equal_those_of_sentence_transformers(minilm: OnnxEmbedder, stock: Any) -> None:
    """Thresholds and published figures of this model would not hold for ours."""
    words = "nurse waits bus form answers nobody letter help kind office small step again".split()
    texts = [" ".join(words[(i * j) % len(words)] for j in range(1, 2 + i % 40)) for i in range(200)]
    assert (minilm.embed(texts) * stock.encode(texts, normalize_embeddings=True)).sum(axis=1).min() > 0.9999


def test_vectors_of_real_comments_equal_those_of_sentence_transformers(
    minilm: OnnxEmbedder, stock: Any, shared: Path
) -> None:
    """As above, on the spelling, numbers and signs that people really write."""
    with (shared / "data" / "nhs_fft" / "items.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][:200]
    assert (minilm.embed(texts) * stock.encode(texts, normalize_embeddings=True)).sum(axis=1).min() > 0.9999


def test_the_end_of_a_long_text_counts(minilm: OnnxEmbedder) -> None:
    """What a person says after the first two minutes would be dropped without a word."""
    start = "We talked about the garden and the weather. " * 60
    assert len(minilm.token_states(start, [6])[0]) > 2 * WINDOW
    one, other = minilm.embed([start + "Nobody ever rang me back.", start + "The nurse was kind to me."])
    assert not np.allclose(one, other, atol=1e-5)


def test_a_text_is_embedded_once_and_found_again() -> None:
    """Repeated answers and repeated runs would cost the full time again."""
    cache, embedder = MemoryCache(), CountingEmbedder()
    texts = ["a", "b", "a", "c"]
    first = embed_cached(texts, embedder, load=cache.load, save=cache.save)
    second = embed_cached(texts[::-1], embedder, load=cache.load, save=cache.save)
    assert embedder.seen == ["a", "b", "c"]
    assert first.tobytes() == second[::-1].tobytes() == embedder.embed(texts).tobytes()


def test_a_stopped_run_is_taken_up_where_it_was() -> None:
    """Ten minutes of work would be lost with one key press."""
    cache, embedder = MemoryCache(), CountingEmbedder()
    texts = [str(i) for i in range(10)]
    with pytest.raises(InterruptedError):
        embed_cached([*texts, "stop"], embedder, load=cache.load, save=cache.save, chunk=4)
    assert cache.saves == 2
    told: list[tuple[int, int]] = []
    embed_cached(
        texts, embedder, load=cache.load, save=cache.save, progress=lambda done, total: told.append((done, total))
    )
    assert embedder.seen == texts
    assert told == [(8, 10), (10, 10)]


def test_models_do_not_share_their_cached_vectors() -> None:
    """Vectors of two spaces would be compared with each other."""
    cache, small, large = MemoryCache(), HashEmbedder(), HashEmbedder(n_dims=64)
    embed_cached(["a"], small, load=cache.load, save=cache.save)
    assert embed_cached(["a"], large, load=cache.load, save=cache.save).shape == (1, 64)


def test_the_text_key_is_that_of_exactly_the_text() -> None:
    """Two spellings that look alike are two texts to the encoder."""
    assert text_key("é") == hashlib.sha256("é".encode()).hexdigest()
    assert len({text_key("é"), text_key("e\u0301"), text_key("É"), text_key("é ")}) == 4


def test_nothing_to_embed_is_an_empty_matrix() -> None:
    """A project of one file without participants would end in a traceback."""
    cache = MemoryCache()
    assert embed_cached([], HashEmbedder(n_dims=8), load=cache.load, save=cache.save).shape == (0, 8)


def test_a_reader_sees_all_tokens_and_the_vectors_are_kept_from_the_same_pass(minilm: OnnxEmbedder) -> None:
    """The lens head would cost a second pass over every interview."""
    cache = MemoryCache()
    readings = read_cached(TEXTS, TokenCounter(), Settings(), load=cache.load, save=cache.save)
    counts = [len(minilm.token_states(text, [6])[0]) for text in TEXTS]
    assert readings[:, 0].tolist() == counts
    kept = embed_cached(
        TEXTS, CountingEmbedder(), load=lambda keys, *, model: cache.load(keys, model=minilm.key), save=cache.save
    )
    assert kept.tobytes() == minilm.embed(TEXTS).tobytes()


def test_a_reader_works_beside_any_other_encoder() -> None:
    """Whoever names another encoder would have no lenses; only the default encoder itself is loaded for the reader."""
    cache = MemoryCache()
    settings = Settings(encoder="wordllama-256")
    readings = read_cached(TEXTS[:1], TokenCounter(), settings, load=cache.load, save=cache.save)
    assert (
        readings.tolist()
        == read_cached(TEXTS[:1], TokenCounter(), Settings(), load=cache.load, save=cache.save).tolist()
    )


def test_the_static_encoder_gives_unit_rows_that_do_not_depend_on_neighbours() -> None:
    """The quick way for large corpora would break what the slow way promises."""
    if importlib.util.find_spec("wordllama") is None:
        pytest.skip("needs the extra textcoder[static]")
    embedder = load_embedder(Settings(encoder="wordllama-256"))
    together = embedder.embed(TEXTS)
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    assert together.tobytes() == alone.tobytes()
    np.testing.assert_allclose(np.linalg.norm(together[[0, 1, 3, 4]], axis=1), 1, atol=1e-5)


OPENVINO = Settings(encoder_runtime="openvino")


@pytest.fixture(scope="module")
def openvino() -> MiniLm:
    """The default encoder on the other runtime."""
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("needs the extra textcoder[fast]")
    try:
        embedder = load_embedder(OPENVINO)
    except TextcoderError as error:
        pytest.skip(f"needs a processor with bf16: {error}")
    assert isinstance(embedder, MiniLm)
    return embedder


def test_in_bf16_a_vector_depends_neither_on_neighbours_nor_on_threads(openvino: MiniLm) -> None:
    """The quick runtime would break what the exact one promises."""
    texts = [*TEXTS, *(f"{text} Again." for text in TEXTS)]
    together = openvino.embed(texts)
    alone = np.concatenate([openvino.embed([text]) for text in texts])
    reversed_on_three = load_embedder(replace(OPENVINO, threads=3)).embed(texts[::-1])[::-1]
    assert together.tobytes() == alone.tobytes() == reversed_on_three.tobytes()


def test_vectors_in_bf16_are_those_in_fp32_but_for_the_third_digit(openvino: MiniLm, minilm: OnnxEmbedder) -> None:
    """Thresholds tried on fp32 would not hold for it."""
    assert (openvino.embed(TEXTS) * minilm.embed(TEXTS)).sum(axis=1).min() > 0.999


def test_the_lens_head_reads_bf16_as_it_reads_fp32(openvino: MiniLm, minilm: OnnxEmbedder) -> None:
    """It was trained on fp32: segments would change their lens with the runtime."""
    found, exact = (probabilities(e.embed_and_read(TEXTS, LensHead.shipped())[1]) for e in (openvino, minilm))
    assert np.abs(found - exact).max() < 0.02


def test_runtimes_do_not_share_their_vectors(openvino: MiniLm, minilm: OnnxEmbedder) -> None:
    """An index would hold two kinds of vectors after one change of a setting."""
    assert openvino.key != minilm.key
    assert encoder_key(OPENVINO) != encoder_key(Settings())


def test_openvino_is_never_replaced_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever chose it would get vectors of another runtime without knowing."""
    monkeypatch.setitem(sys.modules, "openvino", None)
    compiled.cache_clear()
    with pytest.raises(MissingPackage, match=r'pip install "textcoder\[fast\]"'):
        load_embedder(OPENVINO)


def test_a_runtime_that_there_is_not_is_refused() -> None:
    """A typing error would run as the default."""
    with pytest.raises(ValueError, match="TEXTCODER_ENCODER_RUNTIME must be onnxruntime or openvino"):
        Settings.from_environment({"TEXTCODER_ENCODER_RUNTIME": "openvin"})


def test_a_folder_with_any_sentence_transformers_model_can_be_named() -> None:
    """People could not use the model of their own language."""
    folder = find_model(DEFAULT_ENCODER).folder
    embedder = load_embedder(Settings(encoder=str(folder)))
    vectors = embedder.embed(TEXTS[:2])
    assert vectors.shape == (2, embedder.n_dims)
    assert embedder.embed(TEXTS[1:2])[0].tobytes() == vectors[1].tobytes()


@pytest.mark.parametrize("name", ["all-minilm", "en_core_web_sm"])
def test_a_name_that_is_no_encoder_is_refused_with_the_known_ones(name: str) -> None:
    """A typing error would wait on the network, or load what gives no vectors."""
    with pytest.raises(ModelNotFound, match="wordllama-256"):
        load_embedder(Settings(encoder=name))


def test_a_folder_without_a_model_is_refused_without_the_network(tmp_path: Path) -> None:
    """An empty folder would be looked for on the hub."""
    with pytest.raises(ModelNotFound, match="cannot be loaded"):
        load_embedder(Settings(encoder=str(tmp_path)))
