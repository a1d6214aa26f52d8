"""A name for each theme: a phrase that a person would use, near the theme's centre and telling it from the others.

Phrases that were said come first. In stories they are often a detail of one person's; then a general phrase of interview
studies is taken, where it fits clearly. A name must tell of two thirds of its theme's texts: they say it, or are
more like it than three quarters of the other texts are. A group of which no phrase tells so much is no theme.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count

import numpy as np
import numpy.typing as npt

from textcoder.themes.grouping import Labels, Matrix, centres, unit
from textcoder.themes.phrases import LACK, LONGEST, Phrase, Tagger, phrases_of
from textcoder.themes.words import stem, words_of

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

NEAREST = 50  # texts of a theme that are read for phrases; bounds the tagger's cost at 0.1 s a theme
FREQUENT = 100  # phrases of these texts that are counted in all texts
CANDIDATES = 15  # phrases of a theme whose meaning is looked at; bounds the encoder's cost
# Weights and borders chosen by reading the names of two interview studies, a survey and sets of questions (models/cards/themes.md).
DISTINCT, EXCLUSIVE, SHARED, ONE_VOICE, FEW_VOICES = 0.5, 0.15, 0.13, -0.3, -0.25
FITTING, MOST_FIT = 0.2, 2.0  # weight of the fit, and the fit beyond which more says nothing
GENERAL = 0.22  # what stands for a general phrase, as use by many people stands for one that was said
CLEAR_FIT = 1.2  # standard deviations, for a general phrase; see `_fits`
TOLD = 2 / 3  # of a theme's texts, of which its name must tell
MORE_LIKE = 0.75  # of the other texts; what is more like a phrase than these are is told by it
NEAR = 0.35  # cosine to the centre, below which a general phrase fits only better than the others do
HEARD = 0.05  # of a theme's texts that must say a word of a general phrase before it may be its name
PRIOR = 5  # texts of no fit that each theme is given: of hundreds of phrases, one fits any three texts by chance
MANY_VOICES = 4  # people; what fewer say is a detail, in a theme of four times as many
WORDS = {1: -0.14, 2: 0.04, 3: 0.04, 5: -0.03}  # people name themes with two or three words
COMMON = 0.02  # of a theme's texts; a phrase that hardly any use would mislead
CARRIES_ALONE = 0.2  # of a theme's texts; a phrase that fewer use may be joined by a second one
NEARLY_AS_GOOD = 0.2
SHORT_ANSWER = 3  # words
MARKED = re.compile(r"\[[^\[\]]*\]")  # [long pause], [laughs], [nurse 2]
AKIN, ANOTHER = 0.3, 0.6  # cosine, below which two phrases are no one theme, and above which they say the same


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


def name_themes(
    study: Study,
    *,
    stop: Collection[str],
    tagger: Tagger | None,
    embed: Embed | None,
    general: Collection[str] = (),
    drop: bool = False,
    settled: Mapping[int, str | None] | None = None,
) -> list[str | None]:
    """A name for each group, in sentence case, none twice; None where no phrase tells of two thirds of the group.

    Args:
        study: The texts of one lens, in groups.
        stop: Words that tell nothing.
        tagger: See `phrases_of`.
        embed: Encoder of the texts' vectors; None lets a phrase mean what the texts with it mean.
        general: Phrases that nobody needs to have said as they stand; only with an encoder.
        drop: Leave groups that no phrase describes without a name. Needs an encoder; where it finds a fitting phrase for no
            group at all, every group keeps its best one, the fault being the encoder's.
        settled: Names of groups that are not looked at again.
    """
    settled = settled or {}
    middle = centres(study.vectors[study.groups >= 0], study.groups[study.groups >= 0])
    near = {group: _nearest(study, group, centre) for group, centre in enumerate(middle) if group not in settled}
    uses = _uses(tuple(study.texts))
    found = {group: _candidates(study, group, rows, uses, stop, tagger) for group, rows in near.items()}
    people = {group: len(_people(study.cases, np.flatnonzero(study.groups == group).tolist())) for group in near}
    if settled:  # some have names, so that no detail will be one, and its meaning need not be known
        found = {group: [c for c in said if not _is_detail(c, people[group])] for group, said in found.items()}
    said = sorted({c.phrase.text for candidates in found.values() for c in candidates})
    asked = near if embed is not None else ()
    heard = {group: _heard(general, np.flatnonzero(study.groups == group), uses, stop) for group in asked}
    spoken = sorted({phrase for phrases in heard.values() for phrase in phrases})
    meanings = dict(zip(spoken, embed(spoken), strict=True)) if embed is not None and spoken else {}
    meanings |= _meanings(said, found.values(), study.vectors, embed)
    meant = _meant(study, meanings, middle, near)
    ranked = {group: _ranked(found[group], meant, heard.get(group, ()), group, people[group]) for group in near}
    telling = {group: [r for r in ranks if _tells(r, meant, study, group)] for group, ranks in ranked.items()}
    all_shown = not drop or embed is None or not (any(telling.values()) or any(settled.values()))
    sizes = np.bincount(study.groups[study.groups >= 0])
    names = dict(settled)
    for group, rows in near.items():
        ranks = ranked[group] if all_shown else telling[group]
        pair = _second(ranks, meant, sizes[group])
        choices = _choices([*pair, *(r.text for r in ranks)], [study.texts[row] for row in rows], stop)
        names[group] = next(n for n in choices if n not in names.values()) if all_shown or ranks else None
    return [names[group] for group in range(len(middle))]


def _heard(general: Collection[str], members: Labels, uses: Mapping[str, set[int]], stop: Collection[str]) -> list[str]:
    """The general phrases of which some of a group's texts say a telling word: else an encoder's whim would name it."""
    own, least = set(members.tolist()), max(2.0, HEARD * len(members))
    return [
        phrase
        for phrase in general
        if any(len(own & uses.get(stem(word), set())) >= least for word in words_of(phrase) if word not in stop)
    ]


def _nearest(study: Study, group: int, centre: npt.NDArray[np.float32]) -> Labels:
    members = np.flatnonzero(study.groups == group)
    likeness = np.round(study.vectors[members] @ centre, 4)
    return members[np.argsort(-likeness, kind="stable")][:NEAREST]


@lru_cache(maxsize=1)  # a lens is named again for the parts of its groups
def _uses(texts: tuple[str, ...]) -> Mapping[str, set[int]]:
    """Stem to the texts that use it."""
    uses: dict[str, set[int]] = defaultdict(set)
    for row, text in enumerate(texts):
        for word in words_of(text):
            uses[stem(word)].add(row)
    return uses


def _candidates(
    study: Study, group: int, rows: Labels, uses: Mapping[str, set[int]], stop: Collection[str], tagger: Tagger | None
) -> list[Candidate]:
    """The most promising phrases of a theme's nearest texts."""
    members = set(np.flatnonzero(study.groups == group).tolist())
    candidates = []
    for phrase in phrases_of([study.texts[row] for row in rows], stop, tagger)[:FREQUENT]:
        using = set.intersection(*(uses[s] for s in phrase.stems))
        if using & members:  # spaCy and our own words part some texts differently ("no-one", "a/b")
            candidates.append(_candidate(phrase, using & members, len(using), study.cases))
    candidates = [c for c in candidates if len(c.rows) >= max(2, COMMON * len(members))] or candidates
    promising = sorted(candidates, key=lambda c: (-c.promise, c.phrase.text))[:CANDIDATES]
    return [_as_worded(candidate, study) for candidate in promising]


def _candidate(phrase: Phrase, rows: set[int], anywhere: int, cases: Sequence[frozenset[str]]) -> Candidate:
    return Candidate(phrase, frozenset(rows), len(_people(cases, rows)), len(rows) / anywhere)


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
    phrases: Sequence[str], found: Iterable[Sequence[Candidate]], vectors: Matrix, embed: Embed | None
) -> Mapping[str, npt.NDArray[np.float32]]:
    """Phrase to its vector: its own by the encoder, else the mean of the texts that use it."""
    if embed is not None:
        return dict(zip(phrases, embed(phrases), strict=True)) if phrases else {}
    rows: dict[str, set[int]] = defaultdict(set)
    for candidate in (candidate for candidates in found for candidate in candidates):
        rows[candidate.phrase.text] |= candidate.rows
    return {phrase: unit(vectors[sorted(rows[phrase])].mean(axis=0, keepdims=True))[0] for phrase in phrases}


def _meant(
    study: Study, meanings: Mapping[str, npt.NDArray[np.float32]], middle: Matrix, groups: Iterable[int]
) -> Mapping[str, _Meant]:
    """What phrases mean to the texts, and to some of the groups."""
    from threadpoolctl import threadpool_limits

    if not meanings:
        return {}
    vectors = np.array(list(meanings.values()))
    with threadpool_limits(1):  # so that the number of threads moves no last digit over a border
        likeness = np.round(study.vectors @ vectors.T, 5).astype(np.float64)
        to_middle = vectors @ middle.T
    fits = _fits(likeness, study.groups, groups)
    return {phrase: _Meant(vectors[i], to_middle[i], fits[:, i], likeness[:, i]) for i, phrase in enumerate(meanings)}


def _fits(likeness: npt.NDArray[np.float64], labels: Labels, groups: Iterable[int]) -> npt.NDArray[np.float64]:
    """Fit of phrases to some groups, (k, phrases): by how many standard deviations of the other texts the group's are more like them.

    A mean over all of a group's texts, and not the likeness to its centre, because some phrases are near every centre.
    """
    fits = np.zeros((labels.max() + 1, likeness.shape[1]))
    for group in groups:
        inside = labels == group
        if inside.all():
            continue
        outside = likeness[~inside]
        spread = np.maximum(outside.std(axis=0), 1e-3)
        trust = inside.sum() / (inside.sum() + PRIOR)
        fits[group] = trust * (likeness[inside].mean(axis=0) - outside.mean(axis=0)) / spread
    return np.asarray(np.round(fits, 3), dtype=np.float64)


def _people(cases: Sequence[frozenset[str]], rows: Iterable[int]) -> frozenset[str]:
    return frozenset().union(*(cases[row] for row in rows))


@dataclass(frozen=True)
class _Meant:
    """What a phrase means under a lens: its vector, (d,), its cosine to each centre, (k,), its fit, (k,), its cosine to each text, (n,)."""

    vector: npt.NDArray[np.float32]
    likeness: npt.NDArray[np.float32]
    fit: npt.NDArray[np.float64]
    texts: npt.NDArray[np.float64]

    def to(self, group: int) -> float:
        """How well it tells of a group, and of no other."""
        others = np.delete(self.likeness, group)
        lead = self.likeness[group] - (others.max() if len(others) else 0)
        return float(self.likeness[group] + DISTINCT * lead + FITTING * min(self.fit[group], MOST_FIT))


@dataclass(frozen=True)
class _Ranked:
    """A possible name; `said` is None for a general phrase, and `detail` marks what belongs to few people's stories."""

    score: float
    text: str
    said: Candidate | None
    detail: bool = False


def _tells(ranked: _Ranked, meant: Mapping[str, _Meant], study: Study, group: int) -> bool:
    """Whether a group's texts, two thirds of them, say a phrase or are more like it than three quarters of the others."""
    inside = study.groups == group
    if inside.all():
        return not ranked.detail
    likeness = meant[ranked.text].texts
    told = likeness > np.quantile(likeness[~inside], MORE_LIKE)
    if ranked.said is not None:
        told[sorted(ranked.said.rows)] = True
    return not ranked.detail and bool(told[inside].mean() >= TOLD)


def _ranked(
    candidates: Sequence[Candidate], meant: Mapping[str, _Meant], general: Collection[str], group: int, people: int
) -> list[_Ranked]:
    """Names for a group of so many people, the best first: phrases that were said, and general ones that clearly fit."""
    said = [
        _Ranked(
            round(meant[c.phrase.text].to(group) + _use(c, people), 4), c.phrase.text, c, detail=_is_detail(c, people)
        )
        for c in candidates
    ]
    fitting = [text for text in general if meant[text].fit[group] >= CLEAR_FIT and meant[text].likeness[group] >= NEAR]
    others = [_Ranked(round(meant[text].to(group) + GENERAL + _length(text), 4), text, None) for text in fitting]
    return sorted([*said, *others], key=lambda r: (-r.score, r.said is None, r.text))


def _use(candidate: Candidate, people: int) -> float:
    """What its use by the people of a group, of whom there are so many, says for a phrase."""
    return (
        EXCLUSIVE * candidate.exclusive
        + SHARED * float(np.log1p(min(candidate.people, 20)))
        + (ONE_VOICE if candidate.people < 2 else FEW_VOICES if _is_detail(candidate, people) else 0)
        + _length(candidate.phrase.text)
    )


def _is_detail(candidate: Candidate, people: int) -> bool:
    """Whether so few of a group's people say it that it belongs to their stories and not to the theme."""
    return candidate.people < min(MANY_VOICES, people, max(2, people / 4))


def _length(name: str) -> float:
    return WORDS.get(len(name.split()), 0)


def _second(ranked: Sequence[_Ranked], meant: Mapping[str, _Meant], size: int) -> list[str]:
    """The best phrase joined by a kindred one, where it carries too little of its theme and the other as much of the rest."""
    best = ranked[0].said if ranked else None
    if best is None or len(best.rows) >= CARRIES_ALONE * size:
        return []
    return [
        f"{best.phrase.text} and {other.phrase.text}"
        for score, other in ((r.score, r.said) for r in ranked[1:])
        if other is not None
        and score > ranked[0].score - NEARLY_AS_GOOD
        and other.exclusive > 0.5
        and len(other.rows - best.rows) >= max(3, len(best.rows) / 2)
        and not other.phrase.stems & best.phrase.stems
        and AKIN < meant[other.phrase.text].vector @ meant[best.phrase.text].vector < ANOTHER
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
    """The first words of a text without a transcriber's marks, not ending on "and" or "the" where it goes on."""
    words = MARKED.sub(" ", text).split() or text.split()
    opening = words[:LONGEST]
    while len(words) > LONGEST and len(opening) > 1 and opening[-1].lower() in stop:
        opening.pop()
    return " ".join(opening).strip(".,;:!?")
