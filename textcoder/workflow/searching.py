"""Segments found by their words or by their meaning."""

from __future__ import annotations

from dataclasses import dataclass

from textcoder.domain.transcript import Segment
from textcoder.workflow.live import LiveProject


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment that a search found; `score` is 1 for words, the cosine for meaning."""

    segment: Segment
    score: float


def search(live: LiveProject, words: str, *, by_meaning: bool, limit: int = 20) -> list[Hit]:
    """Segments that hold the words (whatever the case of letters), in order; or those that mean something alike, best first.

    Cost: by meaning, the texts that have no vector yet are embedded first.
    """
    if not by_meaning:
        wanted = words.casefold()
        return [Hit(segment, 1.0) for segment in live.segments if wanted in live.text(segment).casefold()][:limit]
    if not live.segments:
        return []
    scores = (live.vectors @ live.embedder.embed([words])[0]).tolist()
    ranked = sorted(zip(scores, live.segments, strict=True), key=lambda pair: (-pair[0], pair[1].id))
    return [Hit(segment, score) for score, segment in ranked[:limit]]
