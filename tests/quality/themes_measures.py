"""Measures of themes: agreement with people's codes, coherence and diversity of words, and intervals over draws."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tests.quality.themes_draws import DATA, Coded, Groups, Vectors
from tests.quality.themes_ways import WORDS, Topics


@dataclass(frozen=True)
class Score:
    """How groups match people's codes; what is in none is one more group to V and ARI."""

    v: float
    ari: float
    error: float
    none: float


def score(study: Coded, groups: Groups) -> Score:
    """V-measure, adjusted Rand index, relative error of the number of themes, share of texts in none."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    found, true = len(set(groups.tolist()) - {-1}), len(set(study.codes))
    return Score(
        float(v_measure_score(study.codes, groups)),
        float(adjusted_rand_score(study.codes, groups)),
        abs(found - true) / true,
        float((groups == -1).mean()),
    )


def placed(groups: Groups, vectors: Vectors) -> Groups:
    """Groups with what is in none put under the nearest centre."""
    if groups.max() < 0:
        return groups
    middle = np.array([vectors[groups == group].mean(axis=0) for group in range(groups.max() + 1)])
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    return np.where(groups >= 0, groups, (vectors @ middle.T).argmax(axis=1))


def interval(values: Sequence[float]) -> str:
    """Mean and half of its 95 % interval over draws; a dash where there is nothing to measure."""
    known = [value for value in values if not np.isnan(value)]
    if len(known) < 2:
        return f"{known[0]:5.2f}      " if known else "    -      "
    return f"{np.mean(known):5.2f} ±{1.96 * np.std(known, ddof=1) / np.sqrt(len(known)):4.2f}"


@cache
def _words_of_set(name: str) -> tuple[dict[str, int], Any]:
    """Which words each text of a set uses, (n, vocabulary) of 0 and 1, all its texts: what coherence is counted in."""
    from sklearn.feature_extraction.text import CountVectorizer

    with (DATA / name / "items.jsonl").open(encoding="utf-8") as stream:
        texts = sorted({json.loads(line)["text"] for line in stream})
    counter = CountVectorizer(binary=True, dtype=np.float32)
    return counter.fit(texts).vocabulary_, counter.transform(texts).tocsc()


def telling(topics: Topics) -> Topics:
    """Topics without scikit-learn's English stop words: of BERTopic's default words, half are of these."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return [[word for word in single_words(topic) if word not in ENGLISH_STOP_WORDS] for topic in topics]


def single_words(keywords: Sequence[str]) -> list[str]:
    """The first ten words of a theme, pairs taken apart as scikit-learn takes texts apart."""
    parts = [part for keyword in keywords for part in re.findall(r"(?u)\b\w\w+\b", keyword.lower())]
    return list(dict.fromkeys(parts))[:WORDS]


def coherence(topics: Topics, name: str) -> float:
    """Mean over themes of the normalised pointwise mutual information of their words' pairs, over all texts of the set.

    A pair that no text holds counts as -1 (Bouma 2009; Lau, Newman and Baldwin 2014). Words that the set does not have are left out.
    """
    vocabulary, uses = _words_of_set(name)
    found = []
    for topic in topics:
        known = [vocabulary[word] for word in single_words(topic) if word in vocabulary]
        if len(known) > 1:
            columns = uses[:, known]
            together = (columns.T @ columns).toarray().astype(np.float64) / uses.shape[0]
            pairs = np.tril_indices(len(known), -1)
            both, chance = together[pairs], np.outer(together.diagonal(), together.diagonal())[pairs]
            held = both > 0
            values = np.full(len(both), -1.0)
            values[held] = np.log(both[held] / chance[held]) / -np.log(np.minimum(both[held], 1 - 1e-9))
            found.append(float(values.mean()))
    return float(np.mean(found)) if found else float("nan")


def diversity(topics: Topics) -> float:
    """Share of different words among the words of all themes (Dieng, Ruiz and Blei 2020, with ten words each)."""
    words = [word for topic in topics for word in single_words(topic)]
    return len(set(words)) / len(words) if words else float("nan")
