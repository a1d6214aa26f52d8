"""What the steps share: progress, keys, vectors, time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.transcript import Segment
from textcoder.settings import Settings
from textcoder.store import Store

if TYPE_CHECKING:
    from textcoder.embeddings import Embedder, Load, Save

Progress = Callable[[str, int, int], None]
"""Told the stage in words, how much is done, and of how much."""

RESEARCHER = Coder("researcher", "Researcher", CoderKind.HUMAN)


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def embed(
    store: Store,
    texts: Sequence[str],
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    progress: Progress = silent,
) -> Any:
    """Vectors of texts (n, d), unit rows; each distinct text is embedded once and kept in the project.

    By the encoder that the settings name, unless another is given.
    """
    from textcoder.embeddings import embed_cached

    return embed_cached(
        texts,
        embedder or embedder_of(settings),
        load=store.vectors,
        save=store.save_vectors,
        progress=lambda done, total: progress("Embedding", done, total),
    )


def read(
    texts: Sequence[str],
    settings: Settings,
    *,
    load: Load,
    save: Save,
    progress: Progress = silent,
    stage: str = "Placing under lenses",
) -> tuple[Any, Any]:
    """What the small models beside the encoder read in texts, made once like vectors, and kept with them.

    Returns:
        Log-odds of the lenses (n, 4), see `textcoder.lenses`, and how each text is said (n, m), see `textcoder.manner`.
    """
    from textcoder.embeddings import SideBySide, read_cached
    from textcoder.lenses import LensHead
    from textcoder.manner import Manner

    head, manner = LensHead.shipped(), Manner.shipped()
    values = read_cached(
        texts,
        SideBySide(head, manner),
        settings,
        load=load,
        save=save,
        progress=lambda done, total: progress(stage, done, total),
    )
    return values[:, : head.n_values], values[:, head.n_values :]


@lru_cache(maxsize=2)
def embedder_of(settings: Settings) -> Embedder:
    """The encoder that the settings name; loaded once a process."""
    from textcoder.embeddings import load_embedder

    return load_embedder(settings)


def segments_with_texts(store: Store) -> tuple[list[Segment], list[str]]:
    """All segments with their exact words, in stable order."""
    transcripts = {t.id: t for t in store.transcripts()}
    segments = store.segments()
    return segments, [transcripts[s.transcript].quotation(s.start, s.end) for s in segments]


def encoder_key(settings: Settings) -> list[Any]:
    """What tells one encoder from another without loading it: the name, the hash or place of its weights, the runtime."""
    from textcoder.registry import entries, find_model

    known = settings.encoder in entries()
    return [
        settings.encoder,
        find_model(settings.encoder, path=settings.encoder_path).revision if known else str(settings.encoder_path),
        settings.encoder_runtime,
    ]


def step_key(*parts: Any) -> str:
    """A short hash of all that a step depends on."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def many(n: int, one: str, several: str = "") -> str:
    """ "1 code", "3 codes"; `several` where an s is not enough."""
    return f"{n} {one if n == 1 else several or one + 's'}"
