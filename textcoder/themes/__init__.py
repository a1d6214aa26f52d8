"""Candidate themes: what people say alike under one lens, named in their own words, with how sure it is.

A theme becomes a code only when a person adopts it. BERTopic is used behind one adapter, `model.py`, with sub-models fit for
100 to 5,000 segments and up to some ten thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.domain.project import NO_LENS
from textcoder.domain.theme import Theme, ThemeMap, Unassigned
from textcoder.errors import UnknownItem
from textcoder.themes.dividing import name_or_divide
from textcoder.themes.grouping import Labels, group_segments, unit
from textcoder.themes.incidental import without_incidentals
from textcoder.themes.members import FEW, Members, Text, only, place_all, without_odd_ones
from textcoder.themes.model import topic_table
from textcoder.themes.naming import Embed, Study, name_themes
from textcoder.themes.phrases import GENERAL_PHRASES, Tagger
from textcoder.themes.stability import stability
from textcoder.themes.words import shared_terms, stop_words, terms_of, weigh_words, words_of

__all__ = ["ThemeInput", "discover_themes"]

MOST_LEARNT = 3000  # texts of a lens; the others are then placed under the nearest theme


@dataclass(frozen=True)
class ThemeInput:
    """One segment as theme discovery needs it.

    Attributes:
        segment: Segment id.
        text: Its exact words.
        case: Who says it; empty where unknown.
        lens: The lens it is placed under, or `none`.
    """

    segment: str
    text: str
    case: str
    lens: str


@dataclass(frozen=True)
class _How:
    """What all lenses share; see `discover_themes`."""

    seed: int
    n_themes: int | None
    tagger: Tagger | None
    embed: Embed | None
    general: Collection[str]


def discover_themes(
    inputs: Sequence[ThemeInput],
    vectors: npt.NDArray[np.float32],
    *,
    lenses: Sequence[str],
    seed: int,
    n_themes: int | None = None,
    nlp: Any | None = None,
    embed: Embed | None = None,
    language: str = "en",
    speakers: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> ThemeMap:
    """Candidate themes under each lens, and under none; themes never mix lenses.

    The result depends on the segments and the seed alone: not on their order, the number of threads, or the run. Identical
    text is one text to the model and gets one theme. A group that no phrase describes is divided in two until its parts have a
    name; what has none is no theme, and unassigned.

    Args:
        inputs: Segments, in any order.
        vectors: Their meaning, (n, d), unit rows, in the same order.
        lenses: Lens ids, in the order in which themes are returned; `none` comes last.
        seed: For resamples, and for the sample that themes of more than 3,000 texts are learnt from.
        n_themes: How many themes each lens gets, where it has the segments; None lets the segments decide.
        nlp: spaCy pipeline with a tagger, for well-formed names; None takes runs of words, for languages without one.
        embed: Encoder that made `vectors`, for the meaning of names; None lets a name mean what the segments with it mean, and
            shows every theme, whether its name fits or not.
        language: ISO 639-1, for stop words.
        speakers: Names that no theme may be called by.
        progress: Told how many segments are done, and of how many.

    Returns:
        Themes by lens, the largest first; and what belongs nowhere, the oddest first.

    Raises:
        UnknownItem: A segment's lens is not among `lenses`.
        ValueError: There is not one vector for each segment.
    """
    if len(inputs) != len(vectors):
        raise ValueError(f"{len(vectors)} vectors for {len(inputs)} segments.")
    order = [*dict.fromkeys([*lenses, NO_LENS])]
    for given in inputs:
        if given.lens not in order:
            raise UnknownItem(
                f'Segment {given.segment} is placed under the lens "{given.lens}", which the project does not have.'
            )
    stop = stop_words(language, speakers)
    how = _How(seed, n_themes, nlp and Tagger(nlp), embed and _once(embed), GENERAL_PHRASES if language == "en" else ())
    themes: list[Theme] = []
    unassigned: list[Unassigned] = []
    done = 0
    for lens in order:
        rows = [row for row, given in enumerate(inputs) if given.lens == lens]
        texts = _distinct([inputs[row] for row in rows], vectors[rows])
        if texts:
            found = _themes_of(lens, texts, stop, how)
            themes += found.themes
            unassigned += found.unassigned
        done += len(rows)
        if progress is not None:
            progress(done, len(inputs))
    return ThemeMap(tuple(themes), tuple(sorted(unassigned, key=lambda u: (u.similarity, u.lens, u.segment))))


def _once(embed: Embed) -> Embed:
    """The encoder, asked for each phrase once though several lenses have it."""
    known: dict[str, npt.NDArray[np.float32]] = {}

    def remembering(phrases: Sequence[str]) -> npt.NDArray[np.float32]:
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in known]
        known.update(zip(new, embed(new), strict=True) if new else ())
        return np.array([known[phrase] for phrase in phrases], dtype=np.float32)

    return remembering


def _distinct(inputs: Sequence[ThemeInput], vectors: npt.NDArray[np.float32]) -> list[Text]:
    """Distinct texts in an order that depends on nothing but the texts."""
    order = sorted(range(len(inputs)), key=lambda row: (inputs[row].text, inputs[row].segment))
    same = groupby(order, key=lambda row: inputs[row].text)
    rows = [(text, list(group)) for text, group in same]
    return [
        Text(text, tuple((inputs[row].segment, inputs[row].case) for row in group), vectors[group[0]])
        for text, group in rows
    ]


def _themes_of(lens: str, texts: Sequence[Text], stop: Collection[str], how: _How) -> ThemeMap:
    """Themes of one lens."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums in another order differ in their last digits, and themes would with the threads
        vectors = without_incidentals(unit([text.vector for text in texts]), [text.text for text in texts])
        learnt = _learnt_from(len(texts), how.seed)
        study = [texts[row] for row in learnt]
        terms = [terms_of(text.text, stop) for text in study]
        shared = shared_terms(terms)
        words = weigh_words(shared)
        groups = group_segments(vectors[learnt], words, n_themes=how.n_themes)
        groups = without_odd_ones(groups, vectors[learnt], [len(text.segments) for text in study])
        if groups.max() < 0:
            return ThemeMap((), tuple(Unassigned(s, lens, None, 0.0) for text in texts for s, _ in text.segments))
        said = Study([text.text for text in study], [text.cases for text in study], vectors[learnt], groups)
        drop = how.n_themes is None  # who asks for a number gets it
        call = partial(name_themes, stop=stop, tagger=how.tagger, embed=how.embed, general=how.general, drop=drop)
        named = name_or_divide(said, words, call)
        table = topic_table(shared if len(study) >= FEW else terms, vectors[learnt], named.groups)
        sureness = stability(vectors[learnt], words, named.groups, seed=how.seed, beside=named.beside)
        placed = place_all(table.groups, learnt, vectors)
    before = dict(
        zip(table.groups.tolist(), named.groups.tolist(), strict=True)
    )  # the table has the largest group first
    ordered = [(group, before[group]) for group in range(len(named.names))]
    shown = [(group, found, name) for group, found in ordered if (name := named.names[found]) is not None]
    members = Members.of(texts, vectors, only([group for group, _, _ in shown], placed))
    themes = [
        Theme(
            id=members.theme_id(lens, number),
            name=name,
            lens=lens,
            keywords=table.keywords[group] or tuple(dict.fromkeys(words_of(name))),
            segments=members.segments(number),
            representatives=members.representatives(number),
            stability=round(float(sureness[found]), 4),
        )
        for number, (group, found, name) in enumerate(shown)
    ]
    return ThemeMap(tuple(themes), members.unassigned(lens, [theme.id for theme in themes]))


def _learnt_from(n: int, seed: int) -> Labels:
    """Rows that themes are learnt from: all, or a sample of very many."""
    if n <= MOST_LEARNT:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, MOST_LEARNT, replace=False))
