"""Segments found by their words or by their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from textcoder.domain.transcript import Segment
from textcoder.workflow.live import LiveProject

if TYPE_CHECKING:
    from textcoder.embeddings import Embedder


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment that a search found; `score` is 1 for words, the cosine for meaning."""

    segment: Segment
    score: float


def search(
    live: LiveProject, words: str, *, by_meaning: bool, limit: int = 20, meaning: Any | None = None
) -> list[Hit]:
    """Segments that hold the words (whatever the case of letters), in order; or those that mean something alike, best first.

    Cost: by meaning, the texts that have no vector yet are embedded first.

    Args:
        live: The project.
        words: What is looked for.
        by_meaning: Look for what means something alike.
        limit: At most so many.
        meaning: The vector of the words, if somebody has it already (see `meaning_of`).
    """
    if not by_meaning:
        wanted = words.casefold()
        found = (segment for segment in live.segments if wanted in live.text(segment).casefold())
        return [Hit(segment, 1.0) for segment in islice(found, limit)]
    if not live.segments:
        return []
    import numpy as np

    scores = live.vectors @ (meaning_of(words, live.embedder) if meaning is None else meaning)
    # Those that share the last place are all looked at, so that ids decide between them.
    last = np.partition(scores, -limit)[-limit] if 0 < limit < len(scores) else -np.inf
    best = np.flatnonzero(scores >= last)
    ranked = sorted(((float(scores[i]), live.segments[i]) for i in best.tolist()), key=lambda hit: (-hit[0], hit[1].id))
    return [Hit(segment, score) for score, segment in ranked[:limit]]


def meaning_of(words: str, embedder: Embedder) -> Any:
    """The vector (d,) of what somebody looks for. Whoever shares a project with others asks for it before her turn to use it."""
    return embedder.embed([words])[0]
