"""Transcript -> list[Segment]: meaning units of one to a few sentences, inside one turn, found with spaCy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from textcoder.domain.transcript import Role, Segment, Transcript, Turn
from textcoder.registry import find_model
from textcoder.resources import absent
from textcoder.settings import Settings

ENOUGH_WORDS = 16
"""A unit is closed at the first sentence end after this many words: about one spoken sentence and a half, which a coder can judge
without reading on (the mean unit of the double-coded sets we read has 15 to 32 words)."""

FILLERS = frozenset(
    "ah aha alright eh er erm exactly hm hmm huh mhm mm mmm mhmm oh ok okay right sure true uh um yeah yep yes no nope well so "
    "and but like just i you know mean see really indeed totally absolutely definitely thanks thank please "
    "ja jo jaha nej mm precis okej just aa".split()
)
"""Words of which a back-channel is made; a turn of nothing else says nothing that could be coded."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CUT = re.compile(r"[;:—–]\s+|,\s+(?=(?:and|but|so|because|or|och|men|så|eller)\b)|\.\.\.\s+|…\s*")
"""Where a run-on sentence may be cut: before a conjunction after a comma, or at a stronger mark."""
_TURNING_POINT = re.compile(r"(?:but|however|although|on the other hand|men|däremot)\b", re.IGNORECASE)


@lru_cache(maxsize=4)
def load_language_model(language: str, *, path: Path | None = None, parse: bool = False) -> Any:
    """The spaCy pipeline for a language.

    English is en_core_web_sm, verified by hash, with only what is used (sentence ends, or tags with `parse`).
    Other languages get spaCy's own tokeniser and sentence rules, which need no weights.

    Raises:
        ModelNotFound: The English model is not installed, or its files differ from the registered ones.
    """
    # spaCy's back end imports torch wherever it is installed, and our pipelines do not use it: 2 s of every start.
    with absent("torch"):
        import spacy
        from spacy.util import get_lang_class

    if language == "en":
        folder = find_model("en_core_web_sm", path=path).folder
        # The recogniser of sentence ends reads the words by itself; the tagger's reading would take most of the time.
        others = ["senter"] if parse else ["tok2vec", "tagger", "attribute_ruler"]
        nlp = spacy.load(folder, exclude=["ner", "parser", "lemmatizer", *others])
        if not parse:
            nlp.enable_pipe("senter")
    else:
        try:
            get_lang_class(language)
        except ImportError:  # spaCy's way to say that it has no data for a language
            language = "xx"
        nlp = spacy.blank(language)
        nlp.add_pipe("sentencizer")
    # A turn of a few hours without a pause must not stop the batch; memory stays bounded without parser and NER.
    nlp.max_length = 200_000_000
    return nlp


def segment_transcript(transcript: Transcript, settings: Settings) -> list[Segment]:
    """The units of one transcript that are coded, in order.

    Only participants' turns, unless `settings.include_interviewer`. A unit ends at a sentence end once it is long enough, before
    a "but" that turns the statement round, and at the latest at `settings.max_words` words. A short rest joins the unit before it.
    Survey answers up to `settings.max_words` words stay whole. Back-channel ("mm, yeah") is no unit; a short answer to a question
    is ("Ana."). Cost: about 0.2 s for an hour of talk.
    """
    coded = [
        i
        for i, turn in enumerate(transcript.turns)
        if turn.role is Role.PARTICIPANT or (settings.include_interviewer and turn.role is Role.INTERVIEWER)
    ]
    nlp = load_language_model(settings.language or transcript.language, path=settings.spacy_path)
    texts = [transcript.text[transcript.turns[i].start : transcript.turns[i].end] for i in coded]
    segments: list[Segment] = []
    # One transcript is one batch, so that its units do not depend on which other files were given.
    for i, doc in zip(coded, nlp.pipe(texts, batch_size=64), strict=True):
        turn = transcript.turns[i]
        if transcript.kind == "survey" and len(words(doc.text)) <= settings.max_words:
            units = [(0, len(doc.text))]
        else:
            sentences = [(s.start_char, s.end_char) for s in doc.sents]
            units = list(_units(doc.text, sentences, settings.max_words))
        answers = _answers(transcript, i)
        for start, end in units:
            start, end = _trim(doc.text, start, end)
            if says_something(doc.text[start:end], minimum=1 if answers and len(units) == 1 else settings.min_words):
                segments.append(Segment.of(transcript.id, i, turn.start + start, turn.start + end))
    return segments


def words(text: str) -> list[str]:
    """The words of a text, numbers included, punctuation not."""
    return _WORD.findall(text)


def says_something(text: str, *, minimum: int) -> bool:
    """True for at least `minimum` words of which at least one is not back-channel."""
    found = words(text)
    return len(found) >= minimum and any(word.casefold() not in FILLERS for word in found)


def _answers(transcript: Transcript, i: int) -> bool:
    """True where the turn directly answers: a survey answer, or the first turn after an interviewer's question."""
    turn: Turn = transcript.turns[i]
    if turn.question or transcript.kind == "survey":
        return True
    before = transcript.turns[i - 1] if i else None
    return before is not None and before.role is Role.INTERVIEWER and "?" in transcript.text[before.start : before.end]


def _units(text: str, sentences: list[tuple[int, int]], max_words: int) -> Iterator[tuple[int, int]]:
    """Sentences joined to units; a rest that is too short to stand alone joins the unit before it."""
    pieces = [piece for start, end in sentences for piece in _cut_run_on(text, start, end, max_words)]
    units: list[tuple[int, int]] = []
    size = ENOUGH_WORDS
    for start, end in pieces:
        length = len(words(text[start:end]))
        turns_round = size >= ENOUGH_WORDS // 2 and _TURNING_POINT.match(text[start:end].lstrip()) is not None
        if units and size < ENOUGH_WORDS and size + length <= max_words and not turns_round:
            units[-1] = (units[-1][0], end)
            size += length
        else:
            units.append((start, end))
            size = length
    if len(units) > 1 and size < ENOUGH_WORDS // 2:
        last = units.pop()
        if len(words(text[units[-1][0] : last[1]])) <= max_words and not _TURNING_POINT.match(text[last[0] :].lstrip()):
            units[-1] = (units[-1][0], last[1])
        else:
            units.append(last)
    yield from units


def _cut_run_on(text: str, start: int, end: int, max_words: int) -> Iterator[tuple[int, int]]:
    """A sentence longer than `max_words` in pieces: at the last clause boundary that fits, else between two words."""
    spans = [(start + m.start(), start + m.end()) for m in _WORD.finditer(text[start:end])]
    while len(spans) > max_words:
        limit = spans[max_words][0]
        # Not before a third of the allowance, so that pieces stay long enough to be judged.
        floor = spans[max_words // 3][0]
        cuts = [m.end() for m in _CUT.finditer(text, floor, limit)]
        cut = cuts[-1] if cuts else limit
        yield start, cut
        start = cut
        spans = [span for span in spans if span[0] >= cut]
    yield start, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the blanks around it."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
