"""Phrases of the segments' own words that could stand as a theme's name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from textcoder.themes.words import CLAUSE, WEAK, stem, unredacted, words_of

LONGEST = 5  # words

LACK = frozenset({"not", "without"})

_SAY_LITTLE = WEAK | LACK

# One letter a token, so that a phrase is a regular expression over tokens: adjective, noun or name, doing (-ing), to do,
# determiner or possessive, preposition or particle, number or verb in another form, word of lack, hyphen inside a word.
_LETTERS = {"ADJ": "A", "NOUN": "N", "PROPN": "N", "VERB": "V", "ADP": "I", "DET": "D", "NUM": "M"}
_SIGNS = {**dict.fromkeys(LACK, "L"), "-": "H"}
_HYPHENED = "(?:[AGMNV]H)?"
_NOUNS = f"(?:{_HYPHENED}[AN]){{0,2}}{_HYPHENED}N"
_PATTERNS = tuple(
    re.compile(f"(?<!H)(?={pattern})(?!H)")  # looked ahead only, so that phrases may overlap
    for pattern in (
        f"({_NOUNS})",  # joint meetings
        f"(L{_NOUNS})",  # not enough staff
        f"({_NOUNS}I+D?{_NOUNS})",  # plan in her own words
        f"([GV]I?D?{_NOUNS})",  # waiting for a decision
    )
)


@dataclass(frozen=True)
class Phrase:
    """A candidate name.

    Attributes:
        text: Its most frequent wording; lower case but for names.
        stems: Of its telling words; phrases with the same stems are one.
    """

    text: str
    stems: frozenset[str]


def phrases_of(texts: Sequence[str], stop: Collection[str], nlp: Any | None) -> list[Phrase]:
    """Well-formed phrases of the texts, the same stems counted as one, the most frequent first.

    Args:
        texts: Segments of one theme.
        stop: Words that tell nothing.
        nlp: A spaCy pipeline with a tagger; None takes runs of words that begin and end with a telling one.
    """
    read = [unredacted(text) for text in texts]
    if nlp is None:
        found = (_runs(text, stop) for text in read)
    else:
        found = (_tagged(document) for document in nlp.pipe(read, disable=["parser", "lemmatizer", "ner"]))
    wordings: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
    for phrase, times in Counter(phrase for phrases in found for phrase in phrases).items():
        words = words_of(phrase)
        telling = [word for word in words if word not in stop or word in LACK]
        if telling and words[-1] == telling[-1] and not _SAY_LITTLE.issuperset(telling):
            wordings[frozenset(map(stem, telling))][phrase] += times
    # A long phrase worded once is one person's turn of phrase, and a lack read into it once may be none.
    for stems in [s for s, counts in wordings.items() if (len(s) > 2 or s & LACK) and counts.total() < 2]:
        del wordings[stems]
    usual = {
        stems: min(counts, key=lambda text: (-counts[text], len(text), text)) for stems, counts in wordings.items()
    }
    return [Phrase(usual[stems], stems) for stems in sorted(usual, key=lambda s: (-wordings[s].total(), usual[s]))]


def _tagged(document: Any) -> Iterator[str]:
    """Phrases by parts of speech, without a determiner or possessive in front."""
    letters = "".join(_SIGNS.get(token.lower_) or _letter(token) for token in document)
    for pattern in _PATTERNS:
        for match in pattern.finditer(letters):
            span = document[slice(*match.span(1))]
            phrase = "".join(_written(token) + token.whitespace_ for token in span).strip()
            light = span[0].lower_ in WEAK and (len(span) > 2 or span[0].pos_ == "VERB")
            if phrase.count(" ") < LONGEST and not light:
                yield phrase


def _letter(token: Any) -> str:
    if token.tag_ == "VBG":
        return "G"
    if token.like_num or token.text[:1].isdigit() or token.tag_ in ("VBD", "VBN", "VBZ"):
        return "M"
    return "D" if token.tag_ == "PRP$" else _LETTERS.get(token.pos_, "-")


def _written(token: Any) -> str:
    """Capitals only where they belong to the word and not to the beginning of a sentence."""
    return str(token.text if token.pos_ == "PROPN" or not token.is_title else token.lower_)


def _runs(text: str, stop: Collection[str]) -> Iterator[str]:
    """Words inside a clause that begin and end with a telling one."""
    for clause in CLAUSE.split(text):
        words = words_of(clause)
        telling = [i for i, word in enumerate(words) if word not in stop]
        yield from (" ".join(words[i : j + 1]) for i in telling for j in telling if i <= j < i + LONGEST - 1)
