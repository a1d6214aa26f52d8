"""How well themes match the codes that people gave, and how many there are: `python -m tests.quality.themes` (about 6 minutes).

Small studies are drawn from human-coded sets: 5 to 12 codes, 8 to 60 texts each. Constants of textcoder/themes were chosen on one half
of the codes of each set; only the other half is judged here. Full sets hold both halves. V, ARI and the number of themes are read
together: V alone rewards splinters. A segment that is in no theme counts under the nearest. Intervals are 95 % over draws.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.domain.theme import Theme, ThemeMap
from textcoder.registry import find_model
from textcoder.segmentation import load_language_model
from textcoder.themes import ThemeInput, discover_themes
from textcoder.themes.phrases import GENERAL_PHRASES

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SETS = ("banking77", "stackoverflow_titles", "nhs_fft")
UNSEEN = ("workshop_feedback", "r_community_survey", "jupyter_survey", "cered_reflection")
DRAWS, STOCK_DRAWS, NAMED_DRAWS = 20, 3, 3
FEWEST, MOST = 8, 60  # texts of a code in a draw
BERTOPIC_ON_FULL_SETS = {
    "banking77": "V .80 ARI .41",
    "stackoverflow_titles": "V .68 ARI .57",
    "nhs_fft": "V .32 ARI -.02",
}
"""Its defaults, measured once by hand: they need a minute for each set."""

Groups = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Coded:
    """Texts with one human code each; vectors are (n, d), unit rows."""

    texts: list[str]
    codes: npt.NDArray[np.str_]
    vectors: npt.NDArray[np.float32]

    def take(self, rows: npt.NDArray[np.intp]) -> Coded:
        return Coded([self.texts[row] for row in rows], self.codes[rows], self.vectors[rows])


@cache
def encoder() -> Any:
    """The default encoder's weights in the stock runtime, which takes many texts at once."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_model("all-MiniLM-L6-v2").folder), device="cpu")


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    return np.asarray(encoder().encode(list(texts), normalize_embeddings=True, show_progress_bar=False))


@cache
def coded(name: str) -> Coded:
    """A set's texts with exactly one code; of banking77 the test part, as published work does."""
    with (DATA / name / "items.jsonl").open(encoding="utf-8") as stream:
        items = [item for item in map(json.loads, stream) if len(item["codes"]) == 1]
    items = [item for item in items if name != "banking77" or item["split"] == "test"]
    texts = [item["text"] for item in items]
    return Coded(texts, np.array([item["codes"][0] for item in items]), embed(texts))


def judged_codes(name: str) -> list[str]:
    """The half of a set's codes that took no part in choosing constants."""
    sizes = Counter(coded(name).codes.tolist())
    codes = sorted(code for code, size in sizes.items() if size >= FEWEST)
    np.random.default_rng(7).shuffle(codes)
    return codes[1::2]


def drawn(name: str, count: int) -> Iterator[Coded]:
    """Small studies with the judged codes, unbalanced as life is."""
    whole, codes = coded(name), judged_codes(name)
    for number in range(count):
        draws = np.random.default_rng([SETS.index(name), number])
        chosen = draws.choice(codes, draws.integers(5, min(12, len(codes)) + 1), replace=False)
        rows = [
            draws.choice(held, min(len(held), draws.integers(FEWEST, MOST + 1)), replace=False)
            for held in (np.flatnonzero(whole.codes == code) for code in chosen)
        ]
        yield whole.take(draws.permutation(np.concatenate(rows)))


def discover(study: Coded, n_themes: int | None = None, **options: Any) -> ThemeMap:
    inputs = [ThemeInput(str(row), text, str(row), "none") for row, text in enumerate(study.texts)]
    return discover_themes(inputs, study.vectors, lenses=[], seed=1, n_themes=n_themes, **options)


def groups_of(found: ThemeMap, n: int) -> Groups:
    """Theme of each segment; the nearest one where it is in none."""
    number = {theme.id: i for i, theme in enumerate(found.themes)}
    groups = np.full(n, -1)
    for theme in found.themes:
        groups[[int(segment) for segment in theme.segments]] = number[theme.id]
    for outside in found.unassigned:
        groups[int(outside.segment)] = number[outside.nearest] if outside.nearest else -1
    return groups


def ours(study: Coded) -> Groups:
    return groups_of(discover(study), len(study.texts))


def ours_with_the_number(study: Coded) -> Groups:
    return groups_of(discover(study, len(set(study.codes))), len(study.texts))


def ward(study: Coded) -> Groups:
    from sklearn.cluster import AgglomerativeClustering

    return np.asarray(AgglomerativeClustering(len(set(study.codes))).fit_predict(study.vectors))


def k_means(study: Coded) -> Groups:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(len(set(study.codes)), n_init=3, random_state=1).fit_predict(study.vectors))


def bertopic(study: Coded) -> Groups:
    from bertopic import BERTopic

    return np.array(BERTopic().fit_transform(study.texts, study.vectors)[0])


def score(study: Coded, groups: Groups) -> tuple[float, float, float, float]:
    """V, ARI, relative error of the number, and share of segments in none."""
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    found, true = len(set(groups.tolist()) - {-1}), len(set(study.codes))
    return (
        v_measure_score(study.codes, groups),
        adjusted_rand_score(study.codes, groups),
        abs(found - true) / true,
        float((groups == -1).mean()),
    )


def interval(values: Sequence[float]) -> str:
    """Mean and half of its 95 % interval."""
    if len(values) == 1:
        return f"{values[0]:5.2f}      "
    return f"{np.mean(values):5.2f} ±{1.96 * np.std(values, ddof=1) / np.sqrt(len(values)):4.2f}"


def small_studies() -> None:
    print(f"\nSmall studies: {DRAWS} draws of each set ({STOCK_DRAWS} for BERTopic)")
    print(f"{'set':22}{'way':32}{'V':>12}{'ARI':>13}{'error of number':>17}{'in none':>9}")
    ways: dict[str, tuple[Callable[[Coded], Groups], int]] = {
        "textcoder": (ours, DRAWS),
        "textcoder, number given": (ours_with_the_number, DRAWS),
        "Ward, number given": (ward, DRAWS),
        "k-means, number given": (k_means, DRAWS),
        "BERTopic with its defaults": (bertopic, STOCK_DRAWS),
    }
    for name in SETS:
        for way, (group, count) in ways.items():
            scores = [score(study, group(study)) for study in drawn(name, count)]
            v, ari, error, none = (interval(column) for column in zip(*scores, strict=True))
            print(f"{name:22}{way:32}{v:>12} {ari:>12} {error:>16} {none[:5]:>8}", flush=True)


def full_sets() -> None:
    print("\nFull sets, one lens for all of it")
    for name in SETS:
        whole = coded(name)
        found = discover(whole)
        for way, groups in (
            (f"textcoder, {len(found.unassigned) / len(whole.texts):.1%} in none", groups_of(found, len(whole.texts))),
            ("textcoder, number given", ours_with_the_number(whole)),
            ("k-means, number given", k_means(whole)),
        ):
            v, ari, error, _ = score(whole, groups)
            number = len(set(groups.tolist()))
            print(
                f"{name:22}{way:32}V {v:.2f} ARI {ari:.2f}  {number} themes of {len(set(whole.codes))}, error {error:.2f}",
                flush=True,
            )
        print(f"{name:22}{'BERTopic with its defaults':32}{BERTOPIC_ON_FULL_SETS[name]}")


def halves() -> None:
    from sklearn.metrics import adjusted_rand_score

    print(
        "\nTwo samples of two thirds of a study: ARI on the third that both hold, and difference of the numbers of themes"
    )
    for way, group, count in (
        ("textcoder", ours, DRAWS // 2),
        ("BERTopic with its defaults", bertopic, 1),
    ):
        for name in SETS:
            agreements, differences = [], []
            for number, study in enumerate(drawn(name, count)):
                order = np.random.default_rng(number).permutation(len(study.texts))
                third = len(order) // 3
                both = order[:third]
                one, other = (
                    group(study.take(np.concatenate([both, rest])))
                    for rest in (order[third : 2 * third], order[2 * third :])
                )
                agreements.append(adjusted_rand_score(one[:third], other[:third]))
                differences.append(abs(len(set(one)) - len(set(other))))
            print(f"{name:22}{way:32}{interval(agreements)}   {np.mean(differences):.1f}", flush=True)


def names() -> None:
    """Does a name, embedded, find its own theme's segments among all? And names to read beside the codes that people gave."""
    nlp = load_language_model("en", parse=True)
    print("\nNames: of the segments nearest to a name, as many as its theme has, the share that are its theme's")
    for name in SETS:
        by_name, by_keywords, by_chance, lines = [], [], [], []
        for study in drawn(name, NAMED_DRAWS):
            found = discover(study, nlp=nlp, embed=embed)
            for theme in found.themes:
                members = [int(segment) for segment in theme.segments]
                by_name.append(_retrieved(theme.name, members, study))
                by_keywords.append(_retrieved("_".join(theme.keywords[:4]), members, study))
                by_chance.append(len(members) / len(study.texts))
                (code, held), *_ = Counter(study.codes[members].tolist()).most_common(1)
                lines.append(f"    {theme.name:44} {code} ({held} of {len(members)})")
        print(
            f"{name:22}names {interval(by_name)}   four keywords {interval(by_keywords)}   chance {np.mean(by_chance):.2f}"
        )
        print("\n".join(lines[:12]), flush=True)


def _retrieved(text: str, members: list[int], study: Coded) -> float:
    nearest = np.argsort(-(study.vectors @ embed([text])[0]), kind="stable")[: len(members)]
    return len(set(nearest.tolist()) & set(members)) / len(members)


def unseen_names() -> None:
    """Names on sets that had no part in choosing the weights and the general phrases: how well each tells its theme from the rest."""
    nlp = load_language_model("en", parse=True)
    print(
        "\nNames on unseen sets: how often a theme's text is more like its name than another text of the lens is (.5 is chance)"
    )
    for name in UNSEEN:
        inputs = _by_lens(name)
        vectors = embed([given.text for given in inputs])
        lenses = sorted({given.lens for given in inputs})
        found = discover_themes(inputs, vectors, lenses=lenses, seed=1, nlp=nlp, embed=embed)
        general = [theme.name for theme in found.themes if theme.name.lower() in GENERAL_PHRASES]
        fits = [_told_apart(theme, inputs, vectors) for theme in found.themes]
        print(
            f"{name:22}{interval(fits)}   worst {min(fits):.2f}   {len(fits)} themes, {len(general)} with a general name, "
            f"{len(found.unassigned) / len(inputs):.1%} of segments in none"
        )
        for theme, fit in zip(found.themes, fits, strict=True):
            print(f"    {theme.lens:18}{len(theme.segments):4}  {fit:.2f}  {theme.name}", flush=True)


def _by_lens(name: str) -> list[ThemeInput]:
    """At most 600 English texts of a set, with the lens that the set gives them."""
    with (DATA / name / "items.jsonl").open(encoding="utf-8") as stream:
        items = [item for item in map(json.loads, stream) if item["attributes"].get("language", "en") == "en"]
    rows = np.sort(np.random.default_rng(11).choice(len(items), min(600, len(items)), replace=False))
    return [
        ThemeInput(item["id"], item["text"], item["document"] or item["id"], item["lens"] or "none")
        for item in (items[row] for row in rows)
    ]


def _told_apart(theme: Theme, inputs: Sequence[ThemeInput], vectors: npt.NDArray[np.float32]) -> float:
    from sklearn.metrics import roc_auc_score

    held = set(theme.segments)
    rows = [row for row, given in enumerate(inputs) if given.lens == theme.lens]
    inside = [inputs[row].segment in held for row in rows]
    return float(roc_auc_score(inside, vectors[rows] @ embed([theme.name])[0])) if not all(inside) else 1.0


def strangers() -> None:
    """Texts of other sets, one each, put among a study: how many are said to belong nowhere, and how many others are."""
    print("\nOdd ones: 4 % of texts from other sets among a study; share of them in none, and of the study's own")
    for name in SETS:
        found_out, wrongly = [], []
        for number, study in enumerate(drawn(name, DRAWS // 2)):
            draws = np.random.default_rng(number)
            others = [
                coded(draws.choice([other for other in SETS if other != name]))
                for _ in range(max(3, len(study.texts) // 25))
            ]
            odd = [other.take(draws.integers(len(other.texts), size=1)) for other in others]
            mixed = Coded(
                study.texts + [one.texts[0] for one in odd],
                np.concatenate([study.codes, *(one.codes for one in odd)]),
                np.concatenate([study.vectors, *(one.vectors for one in odd)]),
            )
            outside = {int(u.segment) for u in discover(mixed).unassigned}
            own = len(study.texts)
            found_out.append(sum(row >= own for row in outside) / len(odd))
            wrongly.append(sum(row < own for row in outside) / own)
        print(f"{name:22}{interval(found_out)}   {interval(wrongly)}", flush=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    small_studies()
    full_sets()
    halves()
    names()
    unseen_names()
    strangers()
