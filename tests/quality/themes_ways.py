"""Ways to sort texts into themes: ours, and those that it is judged beside. Each gives groups, or groups with words.

LDA is scikit-learn's. KeyNMF follows Kardos, Kostkan and others (2024, "KeyNMF", of the package turftopic): a text's 25 words
that are nearest to its meaning, weighted by their cosine, and a non-negative matrix factorisation of these weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from tests.quality.themes_draws import Coded, Groups, embed, kept
from textcoder.domain.theme import ThemeMap
from textcoder.segmentation import load_language_model
from textcoder.themes import ThemeInput, discover_themes

WORDS = 10  # of a theme, judged by coherence and diversity
KEYWORDS_OF_A_TEXT = 25  # KeyNMF's default
SEED = 1

Topics = list[list[str]]


@dataclass(frozen=True)
class Found:
    """Groups of texts, -1 for none, and the words of each group where the way gives words."""

    groups: Groups
    words: Topics


@cache
def language() -> Any:
    """The tagger that names are made with."""
    return load_language_model("en", parse=True)


def discover(study: Coded, **options: Any) -> ThemeMap:
    """Candidate themes as a researcher gets them: named, and what no name describes in none."""
    inputs = [ThemeInput(str(row), text, str(row), "none") for row, text in enumerate(study.texts)]
    return discover_themes(inputs, study.vectors, lenses=[], seed=SEED, nlp=language(), embed=embed, **options)


def groups_of(found: ThemeMap, n: int, *, nearest: bool = False) -> Groups:
    """Theme of each segment; in none it has -1, or the nearest one."""
    number = {theme.id: i for i, theme in enumerate(found.themes)}
    groups = np.full(n, -1)
    for theme in found.themes:
        groups[[int(segment) for segment in theme.segments]] = number[theme.id]
    for outside in found.unassigned if nearest else ():
        groups[int(outside.segment)] = number[outside.nearest] if outside.nearest else -1
    return groups


def k_means(study: Coded) -> Groups:
    """k-means of the vectors, with the true number of themes."""
    from sklearn.cluster import KMeans

    true = len(set(study.codes))
    return np.asarray(KMeans(true, n_init=10, random_state=SEED).fit_predict(study.vectors), dtype=np.intp)


def bertopic(study: Coded) -> Found:
    """BERTopic with its defaults, but for a seed of UMAP, without which no figure could be printed twice."""
    versions = [f"{name} {version(name)}" for name in ("bertopic", "umap-learn", "hdbscan")]
    table = kept("BERTopic", [*versions, *study.texts], lambda: _bertopic(study))
    groups = np.array([int(row) for row in table[0]], dtype=np.intp)
    return Found(groups, [row.split() for row in table[1][: groups.max() + 1]])


def _bertopic(study: Coded) -> Any:
    from bertopic import BERTopic
    from umap import UMAP

    # UMAP as BERTopic's default makes it.
    reduction = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=SEED)
    model = BERTopic(umap_model=reduction)
    groups = np.asarray(model.fit_transform(study.texts, study.vectors)[0])
    topics = [" ".join(word for word, _ in model.get_topic(topic)) for topic in range(groups.max() + 1)]
    table = np.full((2, len(groups)), "", dtype=object)
    table[0] = [str(group) for group in groups]
    table[1, : len(topics)] = topics
    return table.astype(str)


def lda(study: Coded) -> Found:
    """Latent Dirichlet allocation of word counts, with the true number of themes."""
    from sklearn.decomposition import LatentDirichletAllocation

    counts, words = _counted(study.texts)
    model = LatentDirichletAllocation(len(set(study.codes)), random_state=SEED, max_iter=20)
    shares = model.fit_transform(counts)
    return Found(shares.argmax(axis=1), _heaviest(model.components_, words))


def key_nmf(study: Coded) -> Found:
    """KeyNMF with the true number of themes."""
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import NMF

    counts, words = _counted(study.texts)
    likeness = np.maximum(study.vectors @ embed(words).T, 0) * (counts.toarray() > 0)
    if likeness.shape[1] > KEYWORDS_OF_A_TEXT:
        border = np.partition(likeness, -KEYWORDS_OF_A_TEXT, axis=1)[:, [-KEYWORDS_OF_A_TEXT]]
        likeness = np.where(likeness >= border, likeness, 0)
    model = NMF(len(set(study.codes)), random_state=SEED, max_iter=400)
    shares = model.fit_transform(csr_matrix(likeness))
    return Found(shares.argmax(axis=1), _heaviest(model.components_, words))


def _counted(texts: Sequence[str]) -> tuple[Any, list[str]]:
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(stop_words="english", min_df=2)
    return counter.fit_transform(texts), counter.get_feature_names_out().tolist()


def _heaviest(components: Any, words: list[str]) -> Topics:
    return [[words[i] for i in np.argsort(-row, kind="stable")[:WORDS] if row[i] > 0] for row in components]
