"""Persons, places and organisations: what spaCy's recogniser finds, put right by the words beside a name and by lists.

The recogniser of the registered English model is small: it misses names and takes one kind for another. So what it finds is sure where a
second sign speaks for it (a title, a role, a known given name, a word that organisations end in, a speaker's label); the rest, and words
with a capital letter in the middle of a sentence that nobody has recognised, are found, too, and a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from textcoder.pseudonyms.mention import ORGANISATION, PERSON, PLACE, Mention, without_overlaps
from textcoder.pseudonyms.words import (
    GIVEN_NAMES,
    NO_NAMES,
    NOT_IN_LOWER_CASE,
    ORGANISATION_ENDINGS,
    ORGANISATION_WORDS,
    PLACES,
    ROLE_OF,
    TITLES,
)

Recogniser = Callable[[Sequence[str]], list[list[tuple[int, int, str]]]]
"""Texts to the spans that a model holds for names: start, end, and its label as spaCy has it ("PERSON", "GPE")."""

_KIND_OF = {"PERSON": PERSON, "GPE": PLACE, "LOC": PLACE, "FAC": PLACE, "ORG": ORGANISATION}

_LETTER = r"[^\W\d_]"
_NAME = rf"(?:Mc|Mac|O['’]|d['’])?[A-ZÀ-ÖØ-ÞŁŚŻČŠŽ](?:{_LETTER}|[\u0300-\u036f])+(?:[-'’](?=[A-ZÀ-Þ])(?:{_LETTER}|[\u0300-\u036f])+)*"
_PARTICLE = r"(?:af|av|von|van|de|da|del|der|den|el|al|bin|la)"
_FULL = rf"{_NAME}(?: (?:{_PARTICLE} )*{_NAME}){{0,3}}"
_AFTER_TITLE = re.compile(
    rf"(?:\.?,? |,? (?:was called|is called|was|is|called|named|heter|hette|hed|hedder|het),? )(?P<name>{_NAME}(?: {_NAME})?)"
)
_TWO_WORDS = re.compile(
    rf"\b(?P<role>[Ss]ocial|[Cc]ase|[Ss]upport|[Kk]ey|[Yy]outh) worker,? (?P<name>{_NAME}(?: {_NAME})?)"
)
_SAID = re.compile(
    rf"(?:\b(?:[Mm]y name is|[Mm]y name's|[Nn]ame is|I am|I['’]m|[Cc]alled|[Nn]amed|[Tt]his is|"
    rf"jag heter|[Hh]eter|[Hh]edder|[Nn]imeni on|on nimeltään)"
    rf"|\b(?:wife|husband|son|daughter|brother|sister|friend|colleague|partner|neighbour|mother|father|cousin|manager|boss|"
    rf"fru|man|son|dotter|bror|syster|vän|kollega|ven|datter|ystäväni),?) (?P<name>{_NAME}(?: {_NAME})?)"
)
_RUN = re.compile(_FULL)
_WORD = re.compile(rf"{_LETTER}(?:{_LETTER}|[\u0300-\u036f])*(?:[-'’&]{_LETTER}+)*")
_GENITIVE = re.compile(r"['’](?:s|ll|d|ve|re|m)?$")
_ENDS_SENTENCE = re.compile(r"(?:[.!?:;…\"“”()\[\]\n–—-]|^)[\s\"“‘'(\[*_]*$")
_IN = re.compile(
    r"\b(?:in|near|around|outside|above|through|i|nära|utanför|ved|utenfor|uden for"
    r"|(?:come|comes|came|move|moved|back|go|goes|went|kommer|kom|flyttade|flyttede|flyttet) (?:from|to|från|till|fra|til)) $",
    re.IGNORECASE,
)
_AT = re.compile(r"\b(?:at|(?:work|works|worked|working|drove) (?:for|with)|på|hos) $", re.IGNORECASE)
_TITLE_LOOKBACK = 24
_FAMILY = frozenset(("sister", "father", "syster", "pastor"))


def load_recogniser(*, path: Path | None = None) -> Recogniser:
    """The recogniser of the registered English model, verified by hash. Cost: 1.5 s; then about 1 s for 10,000 words.

    Raises:
        ModelNotFound: The model is not installed, or its files differ from the registered ones.
    """
    from textcoder.registry import find_model
    from textcoder.resources import absent

    # spaCy's back end imports torch wherever it is installed, and this pipeline does not use it.
    with absent("torch"):
        import spacy
    nlp = spacy.load(
        find_model("en_core_web_sm", path=path).folder,
        exclude=["parser", "lemmatizer", "senter", "tagger", "attribute_ruler"],
    )
    nlp.max_length = 200_000_000

    def recognise(texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        return [_spans(doc) for doc in nlp.pipe(texts, batch_size=64)]

    return recognise


def _spans(doc: Any) -> list[tuple[int, int, str]]:
    return [(span.start_char, span.end_char, span.label_) for span in doc.ents]


def find_names(text: str, recognised: Sequence[tuple[int, int, str]] = ()) -> list[Mention]:
    """The names in a text, in order, never overlapping.

    Args:
        text: Of one turn, or any other.
        recognised: What the recogniser found in it; empty for a language that it does not read.
    """
    return without_overlaps(
        [
            *_titled(text),
            *_organisations(text),
            *_introduced(text),
            *_listed(text),
            *_recognised(text, recognised),
            *_capitalised(text),
            *_uncapitalised(text),
        ]
    )


def role_before(text: str, start: int) -> str | None:
    """The role that the words before a name give her: "nurse" in "the nurse, Anna"; None where they give none."""
    before = re.findall(rf"{_LETTER}+", text[max(0, start - _TITLE_LOOKBACK) : start])
    if not before or before[-1] in _FAMILY:
        return None
    return ROLE_OF.get(before[-1].casefold())


def _titled(text: str) -> Iterator[Mention]:
    """Names after a title or a role: "Dr. Lund", "nurse Anna", "social worker Ola"."""
    for match in _TWO_WORDS.finditer(text):
        kind = {"social": "social worker", "youth": "social worker"}.get(match["role"].casefold(), "case worker")
        if not _is_no_name(match["name"]):
            yield Mention(*match.span("name"), kind)
    for match in re.finditer(rf"(?<![^\W_]){_LETTER}+", text):
        word = match[0].casefold()
        if word not in ROLE_OF and word not in TITLES:
            continue
        named = _AFTER_TITLE.match(text, match.end())
        if named is None or _is_no_name(named["name"]):
            continue
        # "My doctor. Then Anna": a full stop ends a sentence unless it closes a short title.
        if named[0].startswith(".") and len(word) > 4:
            continue
        start, end = named.span("name")
        end = start + len(_without_no_names(named["name"]))
        if text[start:end].split()[-1].casefold() in ORGANISATION_WORDS:
            continue
        # "my sister Agnes" is of the family, "Sister Agnes" of the ward.
        kind = PERSON if word in _FAMILY and match[0].islower() else ROLE_OF.get(word, PERSON)
        yield Mention(start, end, kind)


def _introduced(text: str) -> Iterator[Mention]:
    """Names after "my name is", "called", "my friend"."""
    for match in _SAID.finditer(text):
        name = _without_no_names(match["name"])
        if name and not _is_no_name(name) and name.split()[0].casefold() not in PLACES:
            yield Mention(match.start("name"), match.start("name") + len(name), PERSON)


def _organisations(text: str) -> Iterator[Mention]:
    """Runs of capitalised words that end in a word for an organisation, and words that have such an ending."""
    closing = "|".join(sorted(ORGANISATION_WORDS))
    pattern = re.compile(
        rf"(?:St\.? )?{_NAME}(?:['’]s)?(?: (?:{_NAME}|of|and|for|&)(?:['’]s)?){{0,4}}? (?i:{closing})\b(?: of {_NAME})?|"
        rf"\b(?:University|College|Bank|Church|Region|Ministry|Institute|Royal College) (?:of )?{_FULL}"
    )
    for match in pattern.finditer(text):
        first, *rest = match[0].split()
        last = match[0].split()[-1]
        if match[0].split()[-1].islower() and last not in ("kommun", "kommune"):
            continue  # "Anna group" is no name; "the Elm Park Group" is
        start = match.start()
        if first.casefold() in ("the", "then", "and", "but", "my", "our", "at", "in") or (
            first.casefold() in NO_NAMES and first.casefold() not in ("st",)
        ):
            start += len(first) + 1
            if len(rest) < 2:
                continue
        yield Mention(start, match.end(), ORGANISATION)
    for match in _WORD.finditer(text):
        word = _GENITIVE.sub("", match[0])
        if word[0].isupper() and len(word) > 8 and word.casefold().endswith(ORGANISATION_ENDINGS):
            yield Mention(match.start(), match.start() + len(word), ORGANISATION)


def _listed(text: str) -> Iterator[Mention]:
    """Known given names with what follows them, and known towns and countries."""
    for match in _RUN.finditer(text):
        offset = match.start()
        words = [(offset + w.start(), _GENITIVE.sub("", w[0])) for w in re.finditer(r"\S+", match[0])]
        for i, (start, word) in enumerate(words):
            if word.casefold() in PLACES and i == 0:
                yield Mention(start, start + len(word), PLACE)
            if _is_given(word):
                last_start, last = start, word
                for next_start, follows in words[i + 1 :]:
                    if follows.casefold() in NO_NAMES or follows.casefold() in ORGANISATION_WORDS:
                        break
                    last_start, last = next_start, follows
                yield Mention(start, last_start + len(last), PERSON)
                break


def _recognised(text: str, recognised: Sequence[tuple[int, int, str]]) -> Iterator[Mention]:
    """What the model found, without what cannot be a name; sure where its words have capitals and it says which kind."""
    for start, end, label in recognised:
        kind = _KIND_OF.get(label)
        if kind is None:
            continue
        span = _trimmed(text, start, start + len(text[start:end].split("\n")[0]))
        if span is None:
            continue
        start, end = span
        words = text[start:end].split()
        if all(len(word) == 1 for word in words):
            continue  # letters that are spelled out
        if any(word.casefold() in PLACES for word in words[:1]):
            kind = PLACE
        elif words[-1].casefold() in ORGANISATION_WORDS:
            kind = ORGANISATION
        if kind == PERSON:
            kind = role_before(text, start) or kind
        # "XML", "GUI": what is written in capitals is a technical word as often as an organisation.
        sure = not (len(words) == 1 and words[0].isupper()) and (
            kind in (PLACE, ORGANISATION) or len(words) > 1 or not _opens_sentence(text, start)
        )
        yield Mention(start, end, kind, sure)


def _capitalised(text: str) -> Iterator[Mention]:
    """Words with a capital letter in the middle of a sentence that nothing else explains: a person is asked."""
    for match in _RUN.finditer(text):
        start, run = match.span()[0], match[0]
        # The first word of a sentence has its capital for that; what follows it has not.
        first, _, rest = run.partition(" ")
        if _opens_sentence(text, start) or first.casefold() in NO_NAMES:
            start, run = start + len(first) + 1, rest
        name = _without_no_names(_GENITIVE.sub("", run))
        if name and not _is_no_name(name) and not name.isupper():
            yield Mention(start, start + len(name), _kind_by_place(text, start), sure=False)


def _kind_by_place(text: str, start: int) -> str:
    """What a name most likely is by the word before it: people live in places, and work at organisations."""
    before = text[max(0, start - _TITLE_LOOKBACK) : start]
    if _IN.search(before):
        return PLACE
    return ORGANISATION if _AT.search(before) else PERSON


def _uncapitalised(text: str) -> Iterator[Mention]:
    """Where a machine wrote all words without capitals, known names stand without them, too: a person is asked."""
    if any(letter.isupper() for letter in text.replace("I ", "").replace("I'", "")):
        return
    for match in _WORD.finditer(text):
        word = _GENITIVE.sub("", match[0])
        if word in NOT_IN_LOWER_CASE:
            continue
        if word in GIVEN_NAMES or word in PLACES:
            kind = PERSON if word in GIVEN_NAMES else PLACE
            yield Mention(match.start(), match.start() + len(word), kind, sure=False)
    for match in re.finditer(r"\bmy name(?: is|'s) (?P<name>[^\W\d_]+)", text):
        yield Mention(*match.span("name"), PERSON, sure=False)


def _is_given(word: str) -> bool:
    return word.casefold() in GIVEN_NAMES or (
        word.endswith("s") and word.casefold()[:-1] in GIVEN_NAMES and len(word) > 4
    )


def _is_no_name(name: str) -> bool:
    first = name.split()[0].casefold()
    return first in NO_NAMES or first in TITLES or first in ROLE_OF


def _without_no_names(name: str) -> str:
    """The words up to the first that is nobody's name."""
    kept: list[str] = []
    for word in name.split(" "):
        if word.casefold() in NO_NAMES:
            break
        kept.append(word)
    return " ".join(kept)


def _opens_sentence(text: str, start: int) -> bool:
    return _ENDS_SENTENCE.search(text[max(0, start - 8) : start]) is not None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span from its first word to its last that may be of a name, without a genitive; None where nothing is left."""
    words = [
        (start + m.start(), _GENITIVE.sub("", m[0])) for m in re.finditer(r"[^\s,.;:!?()\[\]\"“”]+", text[start:end])
    ]
    plain = [(at, word) for at, word in words if word]
    while plain and (_skips(plain[0][1]) or not plain[0][1][0].isupper()):
        plain.pop(0)
    while plain and (_skips(plain[-1][1]) or not plain[-1][1][0].isupper()):
        plain.pop()
    if not plain:
        return None
    last, word = plain[-1]
    return plain[0][0], last + len(word)


def _skips(word: str) -> bool:
    folded = word.casefold()
    return folded in NO_NAMES or folded in TITLES or folded in ROLE_OF
