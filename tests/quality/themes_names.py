"""Are names good? An automatic check, and a sheet by which a person compares ours with BERTopic's without knowing which is which.

Protocol. Each item of the sheet shows eight segments drawn from one group, and two names, A and B, in random order: one in our
way, one in BERTopic's (the four words of its default label). Half of the groups are our themes and half BERTopic's topics, and both
ways name each group, so that neither way's groupings favour its names. A judge writes A, B, "=" (both fit as well) or
"-" (neither fits) at each item, before opening the key; two judges work apart. The key tells which name is whose.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.quality.themes_draws import SETS, Coded, Groups, drawn, embed
from tests.quality.themes_ways import bertopic, discover, groups_of, language
from textcoder.themes.naming import Study, name_themes
from textcoder.themes.phrases import GENERAL_PHRASES, Tagger
from textcoder.themes.words import stop_words

SHEET_DRAWS = 3  # of each set
GROUPS_OF_A_DRAW = 4  # of each way
SHOWN = 8  # segments of a group


def retrieved(text: str, members: Sequence[int], study: Coded) -> float:
    """Of the segments nearest to a name, as many as its theme has, the share that are its theme's."""
    nearest = np.argsort(-(study.vectors @ embed([text])[0]), kind="stable")[: len(members)]
    return len(set(nearest.tolist()) & set(members)) / len(members)


def write_sheet(path: Path) -> None:
    """Writes the sheet, and the key to `<name>.key<suffix>` beside it.

    Args:
        path: Of the sheet, plain text.
    """
    draws = np.random.default_rng(23)
    items = [item for name in SETS for study in drawn(name, SHEET_DRAWS) for item in _items(name, study, draws)]
    sheet = ["For each group write A, B, = (both fit as well) or - (neither fits) after the colon.", ""]
    key = ["item\tset\tgroups\tA\tB"]
    for number, row in enumerate(draws.permutation(len(items)), start=1):
        name, grouping, segments, called = items[row]
        order = draws.permutation(2)
        ways = [("textcoder", "BERTopic")[way] for way in order]
        sheet += [
            f"{number}. {' | '.join(segments)}",
            *(f"   {letter}: {called[way]}" for letter, way in zip("AB", order, strict=True)),
        ]
        sheet += ["   better:", ""]
        key.append("\t".join([str(number), name, grouping, *ways]))
    path.write_text("\n".join(sheet) + "\n", encoding="utf-8")
    beside = path.with_suffix(f".key{path.suffix}")
    beside.write_text("\n".join(key) + "\n", encoding="utf-8")
    print(f"{len(items)} groups to judge in {path}; the key is in {beside}")


def _items(name: str, study: Coded, draws: np.random.Generator) -> list[tuple[str, str, list[str], tuple[str, str]]]:
    """Set, whose grouping, segments and both names of some groups of a study."""
    items = []
    ours = groups_of(discover(study), len(study.texts))
    for grouping, groups in (("textcoder", ours), ("BERTopic", bertopic(study).groups)):
        if groups.max() < 0:
            continue
        both = list(zip(_our_names(study, groups), stock_names(study, groups), strict=True))
        for group in draws.permutation(len(both))[:GROUPS_OF_A_DRAW]:
            members = np.flatnonzero(groups == group)
            shown = draws.choice(members, min(SHOWN, len(members)), replace=False)
            items.append((name, grouping, [study.texts[row] for row in shown], both[group]))
    return items


def _our_names(study: Coded, groups: Groups) -> list[str]:
    """Our names of any groups; none is left out, as a judge must have two to compare."""
    cases = [frozenset({str(row)}) for row in range(len(study.texts))]
    given = Study(study.texts, cases, study.vectors, groups)
    found = name_themes(given, stop=stop_words("en"), tagger=Tagger(language()), embed=embed, general=GENERAL_PHRASES)
    return [name or "" for name in found]


def stock_names(study: Coded, groups: Groups) -> list[str]:
    """The four words of BERTopic's default labels for any groups: its own class-based TF-IDF over all words."""
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    joined = [
        " ".join(text for text, own in zip(study.texts, groups, strict=True) if own == group)
        for group in range(groups.max() + 1)
    ]
    counter = CountVectorizer()
    weights = ClassTfidfTransformer().fit_transform(counter.fit_transform(joined)).toarray()
    words = counter.get_feature_names_out()
    return [", ".join(words[i] for i in np.argsort(-row, kind="stable")[:4]) for row in weights]
