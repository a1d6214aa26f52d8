"""Texts -> vectors: float32 (n_texts, n_dims), unit rows. The same text has the same vector whatever its neighbours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from textcoder.errors import ModelNotFound
from textcoder.registry import FoundModel, entries, find_model
from textcoder.settings import DEFAULT_ENCODER, Settings

if TYPE_CHECKING:
    from textcoder.embeddings.minilm import MiniLm

Matrix = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Whatever turns texts into vectors.

    Attributes:
        name: As the user wrote it.
        key: Name, weights, runtime and precision in one; vectors with different keys never share a cache or an index.
        n_dims: Length of a row.
    """

    name: str
    key: str
    n_dims: int

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Rows in the order of the texts, (n_texts, n_dims); a row depends on nothing but its own text."""


class TokenReader(Protocol):
    """A small model that reads the default encoder's token states in the same pass, such as the lens head.

    Attributes:
        layers: Which layers' states it reads; 0 are the input embeddings, 6 the last layer.
        n_values: How many numbers it makes of a text.
        revision: Changes with its weights.
    """

    layers: tuple[int, ...]
    n_values: int
    revision: str

    def read(self, states: Matrix) -> Matrix:
        """Token states of texts of one length, layers side by side, (n_texts, n_tokens, n_layers * 384) -> (n_texts, n_values).

        A text's values must depend on nothing but its own states.
        """


class SideBySide:
    """Several readers that share one pass; their values stand side by side.

    Attributes:
        layers: All that any of them reads, ascending.
        n_values: Of all.
        revision: Changes with any of theirs.
    """

    def __init__(self, *readers: TokenReader) -> None:
        self._readers = readers
        self.layers: tuple[int, ...] = tuple(sorted({layer for reader in readers for layer in reader.layers}))
        self.n_values = sum(reader.n_values for reader in readers)
        self.revision = "+".join(reader.revision for reader in readers)

    def read(self, states: Matrix) -> Matrix:
        """See `TokenReader`."""
        by_layer = dict(zip(self.layers, np.split(states, len(self.layers), axis=-1), strict=True))
        values = [
            reader.read(
                states
                if reader.layers == self.layers
                else np.concatenate([by_layer[layer] for layer in reader.layers], axis=-1)
            )
            for reader in self._readers
        ]
        return np.concatenate(values, axis=-1)


class Load(Protocol):
    """Cached rows by text key; missing ones are left out. `Store.vectors` is one."""

    def __call__(self, keys: Sequence[str], *, model: str) -> Mapping[str, Matrix]:
        """The rows of these texts that were kept under this model key."""


class Save(Protocol):
    """Keeps rows by text key. `Store.save_vectors` is one."""

    def __call__(self, vectors: Mapping[str, Matrix], *, model: str) -> None:
        """Keep these rows under this model key."""


Progress = Callable[[int, int], None]
"""Called with how many distinct texts are done, and how many there are."""


def _nobody(done: int, total: int) -> None:
    """Progress that nobody watches."""


def load_embedder(settings: Settings) -> Embedder:
    """The encoder that the settings name: a name in models/registry.toml, a folder, or `owner/name` on the hub.

    Raises:
        ModelNotFound: Nothing by that name, or weights with another hash than the registry's.
        MissingPackage: The package that runs it is not installed.
    """
    entry = entries().get(settings.encoder)
    if entry is not None and entry.kind == "static_encoder":
        from textcoder.embeddings.static import StaticEmbedder

        return StaticEmbedder(find_model(settings.encoder, path=settings.encoder_path))
    if entry is not None and entry.kind == "encoder":
        return _token_encoder(find_model(settings.encoder, path=settings.encoder_path), settings)
    if Path(settings.encoder).is_dir() or "/" in settings.encoder:
        from textcoder.embeddings.sentence import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(settings.encoder)
    known = ", ".join(name for name, entry in entries().items() if entry.kind in ("encoder", "static_encoder"))
    raise ModelNotFound(
        f'There is no encoder "{settings.encoder}": name one of {known}, a folder with a sentence-transformers model, '
        'or a model on the hub as "owner/name".'
    )


def embed_cached(
    texts: Sequence[str],
    embedder: Embedder,
    *,
    load: Load,
    save: Save,
    progress: Progress = _nobody,
    chunk: int = 256,
) -> Matrix:
    """Vectors of the texts in order, (n_texts, n_dims); each distinct text is embedded once ever.

    Args:
        texts: May repeat.
        embedder: Makes the rows that the cache does not have.
        load: Finds rows in the cache.
        save: Called after every `chunk` texts, so that the work can be stopped and taken up again.
        progress: Told after the cache was read and after every chunk.
        chunk: Texts a call of the embedder.
    """
    shape = _Shape(embedder.key, embedder.n_dims, chunk)
    return _cached(texts, lambda part, keys: embedder.embed(part), shape, load=load, save=save, progress=progress)


def read_cached(
    texts: Sequence[str],
    reader: TokenReader,
    settings: Settings,
    *,
    load: Load,
    save: Save,
    progress: Progress = _nobody,
    chunk: int = 256,
) -> Matrix:
    """What a reader of token states makes of the texts, in order, (n_texts, reader.n_values); cached like vectors.

    The pass through the encoder gives the vectors too: with the default encoder they are kept under its key, so that
    `embed_cached` then finds them. A reader is trained on the default encoder's states; with any other encoder in the settings
    the default one still runs for the reader.
    """
    chosen = settings.encoder == DEFAULT_ENCODER
    model = find_model(DEFAULT_ENCODER, path=settings.encoder_path if chosen else None)
    encoder = _token_encoder(model, settings)

    def read(part: Sequence[str], keys: Sequence[str]) -> Matrix:
        vectors, readings = encoder.embed_and_read(part, reader)
        if chosen:
            save(dict(zip(keys, vectors, strict=True)), model=encoder.key)
        return readings

    shape = _Shape(f"{encoder.key}+{reader.revision}", reader.n_values, chunk)
    return _cached(texts, read, shape, load=load, save=save, progress=progress)


def read_states(
    texts: Sequence[str], layers: Sequence[int], most_tokens: int, settings: Settings, *, progress: Progress = _nobody
) -> list[npt.NDArray[np.float16]]:
    """Token states of texts as a network that is trained takes them: each (n_tokens, n_layers * 384), layers side by side, cut off.

    Cost: the encoder's pass, and 3 kB a token for four layers; not cached.
    """
    chosen = settings.encoder == DEFAULT_ENCODER
    model = find_model(DEFAULT_ENCODER, path=settings.encoder_path if chosen else None)
    encoder = _token_encoder(model, settings)

    def states(text: str) -> npt.NDArray[np.float16]:
        return np.concatenate(encoder.token_states(text, layers), axis=1)[:most_tokens].astype(np.float16)

    found: list[npt.NDArray[np.float16]] = []
    with ThreadPoolExecutor(settings.threads) as pool:
        for of_text in pool.map(states, texts):
            progress(len(found), len(texts))
            found.append(of_text)
    return found


def _token_encoder(model: FoundModel, settings: Settings) -> MiniLm:
    """The default encoder on the runtime that the settings name; never another one, since their vectors do not mix."""
    if settings.encoder_runtime == "openvino":
        from textcoder.embeddings.openvino import OpenVinoEmbedder

        return OpenVinoEmbedder(model, threads=settings.threads)
    from textcoder.embeddings.minilm import OnnxEmbedder

    return OnnxEmbedder(model, threads=settings.threads)


def text_key(text: str) -> str:
    """The name of a text in the cache: sha256 of exactly its characters; no case or Unicode folding."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Shape:
    """Under which key rows are cached, how long they are, and how many are made at a time."""

    key: str
    n_columns: int
    chunk: int


def _cached(
    texts: Sequence[str],
    make: Callable[[Sequence[str], Sequence[str]], Matrix],
    shape: _Shape,
    *,
    load: Load,
    save: Save,
    progress: Progress,
) -> Matrix:
    """Rows for the texts, from the cache or from `make(texts, keys)`."""
    keys = [text_key(text) for text in texts]
    distinct = dict(zip(keys, texts, strict=True))
    rows = dict(load(list(distinct), model=shape.key))
    missing = [key for key in distinct if key not in rows]
    progress(len(distinct) - len(missing), len(distinct))
    for start in range(0, len(missing), shape.chunk):
        part = missing[start : start + shape.chunk]
        fresh = dict(zip(part, make([distinct[key] for key in part], part), strict=True))
        save(fresh, model=shape.key)
        rows.update(fresh)
        progress(len(distinct) - len(missing) + start + len(part), len(distinct))
    return np.stack([rows[key] for key in keys]) if keys else np.zeros((0, shape.n_columns), dtype=np.float32)
