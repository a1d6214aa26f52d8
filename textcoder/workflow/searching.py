"""Segments found by their words or by their meaning."""

from __future__ import annotations

from dataclasses import dataclass

from textcoder.domain.transcript import Segment
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.steps import embed, embedder_of, segments_with_texts


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment that a search found; `score` is 1 for words, the cosine for meaning."""

    segment: Segment
    score: float


def search(store: Store, query: str, settings: Settings, *, by_meaning: bool, limit: int = 20) -> list[Hit]:
    """Segments that hold the words (whatever the case of letters), or that mean something alike, best first.

    Search by meaning embeds what has not been embedded yet.
    """
    segments, texts = segments_with_texts(store)
    if not by_meaning:
        wanted = query.casefold()
        return [Hit(s, 1.0) for s, text in zip(segments, texts, strict=True) if wanted in text.casefold()][:limit]
    scores = embed(store, texts, settings) @ embedder_of(settings).embed([query])[0]
    ranked = sorted(zip(scores.tolist(), segments, strict=True), key=lambda row: (-row[0], row[1].id))
    return [Hit(segment, score) for score, segment in ranked[:limit]]
