"""The topic blocks of a transcript, for whoever reads it: found when first asked for, kept while the project is open."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textcoder.domain.transcript import Role, Segment, Transcript
from textcoder.workflow.live import LiveProject

if TYPE_CHECKING:
    from textcoder.blocks import Block
    from textcoder.embeddings import Embedder

FEWEST_WORDS = 5
"""Of a question, from which on it counts for what the talk is about."""
MOST_NAMING = 3
"""Words, or pairs of words, that a block is called by."""
FEWEST_USES = 2


@dataclass(frozen=True, slots=True)
class NamedBlock:
    """A stretch of a transcript about one thing.

    Attributes:
        first: Number of its first turn.
        last: Number of its last.
        start: First code point of the first turn.
        end: One past the last of the last.
        name: Its most telling words, the most telling first; empty where none is said twice.
    """

    first: int
    last: int
    start: int
    end: int
    name: tuple[str, ...]


class Outline:
    """The topic blocks of one transcript; several may ask at once, and one of them does the work.

    Args:
        transcript: As it was read.
        units: Its segments.
        vectors: Theirs, (n_units, d); None for a survey, and where they have none yet, since nobody has coded the project.

    Attributes:
        known: Whether there are vectors to find blocks by; to read a transcript must never start to embed a study.
    """

    def __init__(self, transcript: Transcript, units: Sequence[Segment], vectors: Any | None) -> None:
        self.transcript, self.known = transcript, vectors is not None
        self._units, self._vectors = units, vectors
        self._found: tuple[NamedBlock, ...] | None = None
        self._lock = threading.Lock()

    def blocks(self, embedder: Embedder) -> tuple[NamedBlock, ...]:
        """Its blocks, in order; none for a survey, or where the project was not coded yet.

        Cost: the first time some milliseconds for each question, whose words are no segments and were not embedded. Whoever shares a
        project with others asks outside of her turn to use it.
        """
        if not self.known:
            return ()
        with self._lock:
            if self._found is None:
                self._found = self._find(embedder)
                self._units, self._vectors = (), None  # a study's vectors would be in memory twice
            return self._found

    def _find(self, embedder: Embedder) -> tuple[NamedBlock, ...]:
        import numpy as np

        from textcoder.blocks import CLOSINGS, OPENINGS, Formulas, Said, find_blocks

        heard = {unit.turn for unit in self._units}  # an interviewer's words, too, where the settings say so
        asked = [unit for unit in questions_of(self.transcript) if unit.turn not in heard]
        words = embedder.embed([self.transcript.quotation(unit.start, unit.end) for unit in asked])
        vectors = np.concatenate([np.asarray(self._vectors), words]) if asked else np.asarray(self._vectors)
        formulas = Formulas(embedder.embed(OPENINGS), embedder.embed(CLOSINGS))
        return _named(self.transcript, find_blocks(self.transcript, Said([*self._units, *asked], vectors), formulas))


def outline_of(live: LiveProject, transcript: Transcript, embedder: Embedder) -> Outline:
    """The outline of a transcript, whose blocks may then be asked for outside of one's turn to use the project.

    Cost: reads the vectors of its segments once.

    Args:
        live: The project.
        transcript: One of it.
        embedder: Its encoder.
    """
    kept = live.outlines.get(transcript.id)
    if kept is None or kept.transcript.turns != transcript.turns:
        kept = _read(live, transcript, embedder)
        if kept.known:  # else somebody may code the project meanwhile
            live.outlines[transcript.id] = kept
    return kept


def _read(live: LiveProject, transcript: Transcript, embedder: Embedder) -> Outline:
    import numpy as np

    from textcoder.embeddings import text_key

    if transcript.kind != "dialogue":  # a survey may have a hundred thousand answers
        return Outline(transcript, (), None)
    units = [live.segments[row] for row in live.places.under(transcript.id, 0, len(transcript.text))]
    keys = [text_key(transcript.quotation(unit.start, unit.end)) for unit in units]
    found = live.store.vectors(keys, model=embedder.key)
    missing = any(key not in found for key in keys)
    return Outline(transcript, units, None if missing or not units else np.array([found[key] for key in keys]))


def questions_of(transcript: Transcript) -> Iterator[Segment]:
    """Turns of those who are not interviewed, where they say something; no segments are made of them."""
    for number, turn in enumerate(transcript.turns):
        said = transcript.quotation(turn.start, turn.end)
        if turn.role is not Role.PARTICIPANT and len(said.split()) >= FEWEST_WORDS:
            yield Segment.of(transcript.id, number, turn.start, turn.end)


def _named(transcript: Transcript, blocks: Sequence[Block]) -> tuple[NamedBlock, ...]:
    from textcoder.themes.words import stop_words, terms_of

    stop = stop_words(transcript.language, [speaker for speaker in transcript.speakers() if speaker])
    turns = transcript.turns
    said = [[transcript.quotation(turn.start, turn.end) for turn in turns[block.start : block.end]] for block in blocks]
    names = telling_words([[term for text in texts for term in terms_of(text, stop)] for texts in said])
    return tuple(
        NamedBlock(block.start, block.end - 1, turns[block.start].start, turns[block.end - 1].end, name)
        for block, name in zip(blocks, names, strict=True)
    )


def telling_words(blocks: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """What each block is called by: terms that it says often and the others seldom (c-TF-IDF), inflections counted as one.

    A pair of words that is chosen stands for its words.

    Args:
        blocks: Terms of each, pairs joined by "_"; see `textcoder.themes.words.terms_of`.

    References:
        Grootendorst (2022), BERTopic. arXiv 2203.05794, section 3.3.
    """
    from math import log

    from textcoder.themes.words import stem

    stems = {term: "_".join(map(stem, term.split("_"))) for term in {term for terms in blocks for term in terms}}
    anywhere = Counter(stems[term] for terms in blocks for term in terms)
    mean = anywhere.total() / max(len(blocks), 1)
    wordings: dict[str, Counter[str]] = {}
    for term, times in Counter(term for terms in blocks for term in terms).items():
        wordings.setdefault(stems[term], Counter())[term] += times
    usual = {of: min(said, key=lambda term: (-said[term], len(term), term)) for of, said in wordings.items()}
    names = []
    for terms in blocks:
        uses = Counter(stems[term] for term in terms)
        weight = {of: times * log(1 + mean / anywhere[of]) for of, times in uses.items() if times >= FEWEST_USES}
        chosen: list[str] = []
        # A pair is rarer than its words, and tells more: it is looked at first where both are said as often.
        for of in sorted(weight, key=lambda of: (-weight[of], -of.count("_"), of)):
            parts = set(of.split("_"))
            if not any(parts & set(other.split("_")) for other in chosen):
                chosen.append(of)
        names.append(tuple(usual[of].replace("_", " ") for of in chosen[:MOST_NAMING]))
    return names
