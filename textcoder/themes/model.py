"""The one place that knows BERTopic: its topic table, class-based TF-IDF and representation steps over our own groups."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textcoder.resources import absent
from textcoder.themes.grouping import Labels, Matrix, centres, unit
from textcoder.themes.words import stem

KEYWORDS = 10
DIVERSITY = 0.3  # of the maximal marginal relevance, as in BERTopic's own example
# Imported by bertopic wherever they are installed, and used by none of our sub-models. umap alone compiles for 6 to 36 s.
UNUSED = (
    "umap",
    "hdbscan",
    "plotly",
    "transformers",
    "sentence_transformers",
    "spacy",
    "torch",
    "huggingface_hub",
    "PIL",
)


@dataclass(frozen=True)
class TopicTable:
    """What BERTopic says of the groups.

    Attributes:
        groups: Group of each text, the largest is 0; -1 for what belongs nowhere.
        keywords: Of each group, most telling first.
    """

    groups: Labels
    keywords: tuple[tuple[str, ...], ...]


def topic_table(terms: Sequence[Sequence[str]], vectors: Matrix, groups: Labels) -> TopicTable:
    """Keywords of given groups by BERTopic's class-based TF-IDF, made distinct by stem and by maximal marginal relevance.

    Args:
        terms: Telling words of each text (see `terms_of`); a text may have none.
        vectors: (n, d), unit rows.
        groups: Group of each text, at least one; -1 for what belongs nowhere.
    """
    bertopic = import_bertopic()
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    model = bertopic.BERTopic(
        language="multilingual",  # "english" would drop every letter beyond a to z
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(analyzer=str.split),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        representation_model=_distinct_words(vectors),
    )
    # Words that all texts share keep the vocabulary from being empty or a single word, which bertopic cannot weigh.
    documents = [" ".join([*words, *_EVERYWHERE]) for words in terms]
    found, _ = model.fit_transform(documents, vectors, y=groups)
    largest = max(found)
    keywords = tuple(tuple(word for word, _ in model.get_topic(group)) for group in range(largest + 1))
    return TopicTable(np.asarray(found, dtype=np.intp), keywords)


_EVERYWHERE = ("\N{BULLET}", "\N{MIDDLE DOT}")


def import_bertopic() -> Any:
    """The module `bertopic`, without its defaults for reduction, clustering and plotting; 0.2 s instead of 5 to 36."""
    # Both look for torch in sys.modules while they are imported, and may not find our mark there.
    import scipy.stats  # noqa: F401
    import sklearn.cluster  # noqa: F401

    # bertopic silences all user warnings of the process when it is imported; catch_warnings puts the filters back.
    with absent(*UNUSED), warnings.catch_warnings():
        import bertopic

    return bertopic


def _distinct_words(vectors: Matrix) -> Any:
    """A BERTopic representation model; made in a function because its base class lives in bertopic."""
    from bertopic.representation import BaseRepresentation
    from bertopic.representation._mmr import mmr

    class DistinctWords(BaseRepresentation):  # type: ignore[misc]  # bertopic has no types
        """One word of each stem, and of those the ones that say different things: a word means the texts that use it."""

        def extract_topics(
            self, topic_model: Any, documents: Any, c_tf_idf: Any, topics: dict[int, list[tuple[str, float]]]
        ) -> dict[int, list[tuple[str, float]]]:
            vocabulary = topic_model.vectorizer_model.vocabulary_
            uses = topic_model.vectorizer_model.transform(documents["Document"]).T.tocsr()
            groups = documents["Topic"].to_numpy(dtype=np.intp)
            middle = centres(vectors, groups - groups.min())
            chosen = {}
            for topic, scored in topics.items():
                known = [(word, score) for word, score in scored if word in vocabulary]
                shared = [(word, score) for word, score in known if uses[vocabulary[word]].nnz > 1]
                words = _one_of_each_stem(shared or known)
                names = [word for word, _ in words]
                meanings = unit(uses[[vocabulary[name] for name in names]] @ vectors)
                centre = middle[[topic - groups.min()]]
                kept = set(mmr(centre, meanings, names, DIVERSITY, min(KEYWORDS, len(names)))) if names else set()
                chosen[topic] = [(word.replace("_", " "), score) for word, score in words if word in kept]
            return chosen

    return DistinctWords()


def _one_of_each_stem(words: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """A word is dropped if its stem, or a pair with it, came before: "joint meeting" leaves no room for "meetings"."""
    kept: list[tuple[str, float]] = []
    seen: set[str] = set()
    for word, score in words:
        stems = {stem(part) for part in word.split("_")}
        if word not in _EVERYWHERE and not stems & seen:
            kept.append((word, score))
            seen |= stems
    return kept
