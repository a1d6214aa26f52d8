"""Marks of progress: exceptions, small steps, preferred future, coping and change talk, each with the words that speak for it.

A mark is a suggestion of a pattern, to be read and judged; it is no coding and is counted as none. The patterns are data
(models/progress), with the sources of the kinds; how often they are right is measured by `python -m tests.quality.progress`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textcoder.progress.words import MarkWords, Words, plain

KINDS = ("exception", "small_step", "preferred_future", "coping", "change_talk")
"""In the order in which they are shown."""

Tags = Sequence[tuple[int, int, str]]
"""Start, end and Penn Treebank tag of each word of a text."""

Tagger = Callable[[Sequence[str]], Sequence[Tags]]
"""Reads the verbs of several texts at once; see `textcoder.segmentation.load_language_model`."""

_SENTENCE = re.compile(r"[.?!…]+(?=\s|$)")
_FORMS = {"past": frozenset(("VBD", "VBN")), "base": frozenset(("VB", "VBP", "MD", "VBZ"))}
_NEGATION = re.compile(
    r"\b(?:not|never|nobody|nothing|no one|neither|nor|hardly|inte|aldrig|ingen|inget|inga|knappt)\b|n't\b"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign of progress.

    Attributes:
        kind: One of `KINDS`.
        part: What it is within its kind, such as "desire" of change talk.
        start: First code point of the words that speak for it, in the text that was looked at.
        end: One past the last.
        why: In words.
    """

    kind: str
    part: str
    start: int
    end: int
    why: str


def find_marks(
    texts: Sequence[str], words: Words, *, questions: Sequence[str] = (), tagger: Tagger | None = None
) -> list[list[Mark]]:
    """The marks in what somebody said: of each kind at most one a sentence, in order.

    Cost: about a third of a millisecond for thirty words; a text in twenty must be shown to the tagger, which takes ten times that.

    Args:
        texts: Her words; offsets of what is found are code points into each.
        words: Of the language.
        questions: What each text answers, as long as `texts`; none where nobody asked. Some marks show only beside a question.
        tagger: Reads verbs; without one (Swedish has none here) words alone decide.
    """
    asked = [plain(question) for question in questions] or [""] * len(texts)
    found = [_candidates(plain(text), words, question) for text, question in zip(texts, asked, strict=True)]
    if tagger is not None:
        doubtful = [i for i, own in enumerate(found) if any(entry.verb for entry, _, _ in own)]
        read = dict(zip(doubtful, tagger([texts[i] for i in doubtful]), strict=True))
        found = [[one for one in own if _is_verb(one[0], one[2], read.get(i, ()))] for i, own in enumerate(found)]
    return [_marks(own) for own in found]


_Found = tuple[MarkWords, int, re.Match[str]]
"""A pattern, the start of the sentence that it was found in, and where."""


def _candidates(text: str, words: Words, question: str) -> list[_Found]:
    return [
        (entry, first, match)
        for entry in words.marks
        if entry.asked is None or entry.asked.search(question)
        for match in entry.words.finditer(text)
        for first, last in [_sentence(text, match.start(), match.end())]
        if _holds(entry, text, match, first, last)
    ]


def _marks(found: Sequence[_Found]) -> list[Mark]:
    """The first of each kind in each sentence."""
    kept: dict[tuple[str, int], Mark] = {}
    for entry, first, match in found:
        end = match.end() - (len(match[0]) - len(match[0].rstrip(" ,;")))
        mark = Mark(entry.kind, entry.part, match.start(), end, entry.why)
        before = kept.get((entry.kind, first))
        if before is None or mark.start < before.start:
            kept[entry.kind, first] = mark
    return sorted(kept.values(), key=lambda mark: (mark.start, mark.end, KINDS.index(mark.kind)))


def _holds(entry: MarkWords, text: str, match: re.Match[str], first: int, last: int) -> bool:
    """Whether nothing in the sentence takes the words back."""
    sentence = text[first:last]
    if entry.unless is not None and entry.unless.search(sentence):
        return False
    if entry.need is not None and not entry.need.search(sentence):
        return False
    return entry.plain or _NEGATION.search(_clause(text, match, first)) is None


def _clause(text: str, match: re.Match[str], first: int) -> str:
    """The words from the last comma or "but" before a match up to its end: a "not" in them is about it."""
    before = re.split(r"[,;:–—]|\b(?:but|men|and|och|so|så)\b", text[first : match.start()])[-1]
    return before + match[0]


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    first = max((cut.end() for cut in _SENTENCE.finditer(text, 0, start)), default=0)
    after = _SENTENCE.search(text, end)
    return first, after.start() if after else len(text)


def _is_verb(entry: MarkWords, match: re.Match[str], tags: Tags) -> bool:
    """Whether one of the words found is a verb of the form that the pattern asks for."""
    forms = _FORMS.get(entry.verb)
    return forms is None or any(s < match.end() and match.start() < e and tag in forms for s, e, tag in tags)
