"""A name for each theme: a phrase that a person would use, near the theme's centre and telling it from the others."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.themes.grouping import Labels, Matrix, centres, unit
from textcoder.themes.phrases import LACK, LONGEST, Phrase, phrases_of
from textcoder.themes.words import stem, words_of

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

NEAREST = 50  # texts of a theme that are read for phrases; bounds the tagger's cost at 0.1 s a theme
FREQUENT = 100  # phrases of these texts that are counted in all texts
CANDIDATES = 15  # phrases of a theme whose meaning is looked at; bounds the encoder's cost
# Weights chosen by reading the names of two interview studies, a survey and sets of questions (see tests/quality/themes.py).
DISTINCT, EXCLUSIVE, SHARED, ONE_VOICE = 0.5, 0.15, 0.13, -0.3
WORDS = {1: -0.14, 2: 0.04, 3: 0.04, 5: -0.03}  # people name themes with two or three words
COMMON = 0.02  # of a theme's texts; a phrase that hardly any use would mislead
CARRIES_ALONE = 0.2  # of a theme's texts; a phrase that fewer use may be joined by a second one
NEARLY_AS_GOOD = 0.2
SHORT_ANSWER = 3  # words
ANOTHER = 0.6  # cosine, above which two phrases say the same


@dataclass(frozen=True)
class Study:
    """The texts of one lens.

    Attributes:
        texts: Distinct, (n,).
        cases: The people who say each.
        vectors: (n, d), unit rows.
        groups: Group of each, 0 to k - 1; -1 for none.
    """

    texts: Sequence[str]
    cases: Sequence[frozenset[str]]
    vectors: Matrix
    groups: Labels


@dataclass(frozen=True)
class Candidate:
    """A phrase that could be the name of a theme.

    Attributes:
        phrase: Its words.
        rows: The theme's texts that use all of them, in whatever order.
        people: Cases among those.
        exclusive: Share of these texts among all of the lens that use the words.
    """

    phrase: Phrase
    rows: frozenset[int]
    people: int
    exclusive: float

    @property
    def promise(self) -> float:
        """What speaks for it before its meaning is looked at."""
        return min(self.people, 8) * self.exclusive * math.sqrt(len(self.phrase.stems))


def name_themes(study: Study, *, stop: Collection[str], nlp: Any | None, embed: Embed | None) -> list[str]:
    """A name for each group, in sentence case, none twice.

    Args:
        study: The texts of one lens, in groups.
        stop: Words that tell nothing.
        nlp: See `phrases_of`.
        embed: Encoder of the texts' vectors; None lets a phrase mean what the texts with it mean.
    """
    middle = centres(study.vectors[study.groups >= 0], study.groups[study.groups >= 0])
    near = [_nearest(study, group, centre) for group, centre in enumerate(middle)]
    uses = _uses(study.texts)
    found = [_candidates(study, group, rows, uses, stop, nlp) for group, rows in enumerate(near)]
    meanings = _meanings(
        sorted({c.phrase.text for candidates in found for c in candidates}), found, study.vectors, embed
    )
    names: list[str] = []
    for group, candidates in enumerate(found):
        scores = {c: _score(c, meanings[c.phrase.text] @ middle.T, group) for c in candidates}
        ranked = sorted(scores, key=lambda c: (-scores[c], c.phrase.text))
        pair = _second(ranked, scores, meanings, int((study.groups == group).sum()))
        nearest = [study.texts[row] for row in near[group]]
        choices = _choices([*pair, *(c.phrase.text for c in ranked)], nearest, stop)
        names.append(next(name for name in choices if name not in names))
    return names


def _nearest(study: Study, group: int, centre: npt.NDArray[np.float32]) -> Labels:
    members = np.flatnonzero(study.groups == group)
    likeness = np.round(study.vectors[members] @ centre, 4)
    return members[np.argsort(-likeness, kind="stable")][:NEAREST]


def _uses(texts: Sequence[str]) -> Mapping[str, set[int]]:
    """Stem to the texts that use it."""
    uses: dict[str, set[int]] = defaultdict(set)
    for row, text in enumerate(texts):
        for word in words_of(text):
            uses[stem(word)].add(row)
    return uses


def _candidates(
    study: Study, group: int, rows: Labels, uses: Mapping[str, set[int]], stop: Collection[str], nlp: Any | None
) -> list[Candidate]:
    """The most promising phrases of a theme's nearest texts."""
    members = set(np.flatnonzero(study.groups == group).tolist())
    candidates = []
    for phrase in phrases_of([study.texts[row] for row in rows], stop, nlp)[:FREQUENT]:
        using = set.intersection(*(uses[s] for s in phrase.stems))
        if using & members:  # spaCy and our own words part some texts differently ("no-one", "a/b")
            candidates.append(_candidate(phrase, using & members, len(using), study.cases))
    candidates = [c for c in candidates if len(c.rows) >= max(2, COMMON * len(members))] or candidates
    promising = sorted(candidates, key=lambda c: (-c.promise, c.phrase.text))[:CANDIDATES]
    return [_as_worded(candidate, study) for candidate in promising]


def _candidate(phrase: Phrase, rows: set[int], anywhere: int, cases: Sequence[frozenset[str]]) -> Candidate:
    people = len(frozenset().union(*(cases[row] for row in rows)))
    return Candidate(phrase, frozenset(rows), people, len(rows) / anywhere)


def _as_worded(candidate: Candidate, study: Study) -> Candidate:
    """A phrase that is mostly denied with its denial: else a theme of "no complaints" would be named for complaints."""
    text = candidate.phrase.text.lower()
    worded = {row for row in candidate.rows if text in study.texts[row].lower()}
    denied = {row for row in worded if f"no {text}" in study.texts[row].lower()}
    anywhere = round(len(candidate.rows) / candidate.exclusive)
    if len(denied) * 2 > len(worded):
        return _candidate(replace(candidate.phrase, text=f"no {candidate.phrase.text}"), denied, anywhere, study.cases)
    if candidate.phrase.stems & LACK and worded:  # "not" elsewhere in a text is another lack
        return _candidate(candidate.phrase, worded, anywhere, study.cases)
    return candidate


def _meanings(
    phrases: Sequence[str], found: Sequence[Sequence[Candidate]], vectors: Matrix, embed: Embed | None
) -> Mapping[str, npt.NDArray[np.float32]]:
    """Phrase to its vector: its own by the encoder, else the mean of the texts that use it."""
    if embed is not None:
        return dict(zip(phrases, embed(phrases), strict=True)) if phrases else {}
    rows: dict[str, set[int]] = defaultdict(set)
    for candidate in (candidate for candidates in found for candidate in candidates):
        rows[candidate.phrase.text] |= candidate.rows
    return {phrase: unit(vectors[sorted(rows[phrase])].mean(axis=0, keepdims=True))[0] for phrase in phrases}


def _score(candidate: Candidate, likeness: npt.NDArray[np.float32], group: int) -> float:
    """How well a phrase names its theme; `likeness` is its cosine to the centres of all themes of the lens."""
    others = np.delete(likeness, group)
    lead = likeness[group] - (others.max() if len(others) else 0)
    return round(
        float(likeness[group] + DISTINCT * lead)
        + EXCLUSIVE * candidate.exclusive
        + SHARED * float(np.log1p(min(candidate.people, 20)))
        + (ONE_VOICE if candidate.people < 2 else 0)
        + WORDS.get(len(candidate.phrase.text.split()), 0),
        4,
    )


def _second(
    ranked: Sequence[Candidate],
    scores: Mapping[Candidate, float],
    meanings: Mapping[str, npt.NDArray[np.float32]],
    size: int,
) -> list[str]:
    """The best phrase joined by another, where it carries too little of its theme and the other as much of the rest."""
    if not ranked or len(ranked[0].rows) >= CARRIES_ALONE * size:
        return []
    best = ranked[0]
    return [
        f"{best.phrase.text} and {other.phrase.text}"
        for other in ranked[1:]
        if scores[other] > scores[best] - NEARLY_AS_GOOD
        and other.exclusive > 0.5
        and len(other.rows - best.rows) >= max(3, len(best.rows) / 2)
        and not other.phrase.stems & best.phrase.stems
        and meanings[other.phrase.text] @ meanings[best.phrase.text] < ANOTHER
        and len(f"{best.phrase.text} {other.phrase.text}".split()) <= LONGEST
    ][:1]


def _choices(phrases: Sequence[str], nearest: Sequence[str], stop: Collection[str]) -> Iterator[str]:
    """Names in sentence case, the best first, numbered when they run out. Answers of a word or three name themselves."""
    own = _opening(nearest[0], stop)
    short = np.median([len(text.split()) for text in nearest]) <= SHORT_ANSWER
    for phrase in [own, *phrases] if short else [*phrases, own]:
        yield phrase[:1].upper() + phrase[1:]
    yield from (f"{own[:1].upper()}{own[1:]} ({number})" for number in count(2))


def _opening(text: str, stop: Collection[str]) -> str:
    """The first words of a text, not ending on "and" or "the" where it goes on."""
    words = text.split()
    opening = words[:LONGEST]
    while len(words) > LONGEST and len(opening) > 1 and opening[-1].lower() in stop:
        opening.pop()
    return " ".join(opening).strip(".,;:!?")
