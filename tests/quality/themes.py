"""How well themes match the codes that people gave, how many there are, and what they are called.

`python -m tests.quality.themes` prints the figures (about ten minutes, the first time; less once vectors and BERTopic's
groups are kept). `--names FILE` writes a sheet of names to judge blindly instead, and its key beside it.

Small studies are drawn from sets coded by people: 5 to 12 codes, 60 to 400 texts, unbalanced. Constants of textcoder/themes
were chosen on one half of the codes of each set; only draws of the other half are judged. Full sets hold both halves. V, ARI and
the number of themes are read together: V alone rewards splinters. Themes are judged as a researcher gets them: named, with what
no name describes in none. Intervals are 95 % over draws.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.quality.figures import run
from tests.quality.themes_draws import DATA, SETS, Coded, Groups, coded, drawn, embed
from tests.quality.themes_figures import GIVEN, OUR_NAMES, OURS, STOCK, figures
from tests.quality.themes_measures import Score, coherence, diversity, interval, placed, score, telling
from tests.quality.themes_names import retrieved, stock_names, write_sheet
from tests.quality.themes_ways import bertopic, discover, groups_of, k_means, key_nmf, language, lda
from textcoder.domain.theme import Theme, ThemeMap
from textcoder.themes import ThemeInput, discover_themes
from textcoder.themes.phrases import GENERAL_PHRASES

UNSEEN = ("workshop_feedback", "r_community_survey", "jupyter_survey", "cered_reflection")
DRAWS, ODD_DRAWS, READ_DRAWS = 25, 10, 3  # of each set


def small_studies() -> dict[str, dict[str, list[Score]]]:
    """Ours beside BERTopic and k-means, on the same draws; and the same draws' words and names. Set -> way -> draws."""
    print(f"\nSmall studies: {DRAWS} draws of each set")
    print(f"{'set':22}{'way':34}{'V':>12}{'ARI':>13}{'error of number':>17}{'in none':>13}")
    everything: dict[str, list[Score]] = {}
    by_set: dict[str, dict[str, list[Score]]] = {}
    for name in SETS:
        found: dict[str, list[Score]] = {}
        by_set[name] = found
        for study in drawn(name, DRAWS):
            for way, groups in _ways(study, _found(name, study)):
                found.setdefault(way, []).append(score(study, groups))
        _print_scores(name, found)
        for way, scores in found.items():
            everything.setdefault(way, []).extend(scores)
    _print_scores("all three", everything)
    return {**by_set, "all three": everything}


def _ways(study: Coded, found: ThemeMap) -> Iterator[tuple[str, Groups]]:
    n = len(study.texts)
    stock = bertopic(study).groups
    yield OURS, groups_of(found, n)
    yield f"{OURS}, all under the nearest", groups_of(found, n, nearest=True)
    yield f"{OURS}, number given", groups_of(discover(study, n_themes=len(set(study.codes))), n)
    yield GIVEN, k_means(study)
    yield STOCK, stock
    yield f"{STOCK}, all under the nearest", placed(stock, study.vectors)
    yield "LDA, number given", lda(study).groups
    yield "KeyNMF, number given", key_nmf(study).groups


def _print_scores(name: str, found: dict[str, list[Score]]) -> None:
    for way, scores in found.items():
        print(
            f"{name:22}{way:34}{interval([s.v for s in scores]):>12} {interval([s.ari for s in scores]):>12} "
            f"{interval([s.error for s in scores]):>16} {interval([s.none for s in scores]):>12}"
        )
    for other in (STOCK, f"{STOCK}, all under the nearest", GIVEN):
        v, ari = (
            interval([a - b for a, b in zip(ours, theirs, strict=True)])
            for ours, theirs in (
                ([s.v for s in found[OURS]], [s.v for s in found[other]]),
                ([s.ari for s in found[OURS]], [s.ari for s in found[other]]),
            )
        )
        print(f"{name:22}{'  ours less ' + other:34}{v:>12} {ari:>12}", flush=True)


_found_themes: dict[tuple[str, str], ThemeMap] = {}


def _found(name: str, study: Coded) -> ThemeMap:
    """Our themes of a draw, found once a run."""
    key = (name, "\n".join(study.texts))
    if key not in _found_themes:
        _found_themes[key] = discover(study)
    return _found_themes[key]


def full_sets() -> dict[str, dict[str, Groups]]:
    """The whole sets, as one lens. Set -> way -> groups."""
    print("\nFull sets, one lens for all of it")
    by_set: dict[str, dict[str, Groups]] = {}
    for name in SETS:
        whole = coded(name)
        found, n = discover(whole), len(whole.texts)
        for way, groups in (
            (OURS, groups_of(found, n)),
            (f"{OURS}, all under the nearest", groups_of(found, n, nearest=True)),
            (f"{OURS}, number given", groups_of(discover(whole, n_themes=len(set(whole.codes))), n)),
            (GIVEN, k_means(whole)),
            (STOCK, bertopic(whole).groups),
            (f"{STOCK}, all under the nearest", placed(bertopic(whole).groups, whole.vectors)),
        ):
            by_set.setdefault(name, {})[way] = groups
            s = score(whole, groups)
            number = f"{len(set(groups.tolist()) - {-1})} themes of {len(set(whole.codes))}"
            print(
                f"{name:22}{way:34}V {s.v:.2f} ARI {s.ari:.2f}  {number}, error {s.error:.2f}, {s.none:.1%} in none",
                flush=True,
            )
    return by_set


def halves() -> dict[str, dict[str, list[tuple[float, int, int]]]]:
    """Is the same found in other samples of the same study? Set -> way -> draws."""
    from sklearn.metrics import adjusted_rand_score

    print(
        "\nTwo samples of two thirds of a study: ARI on the third that both hold; number of themes, and difference of the numbers"
    )
    ways: dict[str, Callable[[Coded], Groups]] = {
        OURS: lambda study: groups_of(discover(study), len(study.texts)),
        STOCK: lambda study: bertopic(study).groups,
        GIVEN: k_means,
    }
    everything: dict[str, list[tuple[float, int, int]]] = {}
    by_set: dict[str, dict[str, list[tuple[float, int, int]]]] = {}
    for name in SETS:
        measured: dict[str, list[tuple[float, int, int]]] = {}
        for number, study in enumerate(drawn(name, DRAWS)):
            order = np.random.default_rng(number).permutation(len(study.texts))
            third = len(order) // 3
            samples = [
                study.take(np.concatenate([order[:third], rest]))
                for rest in (order[third : 2 * third], order[2 * third :])
            ]
            for way, group in ways.items():
                one, other = (group(sample) for sample in samples)
                agreement = float(adjusted_rand_score(one[:third], other[:third]))
                numbers = [len(set(found.tolist()) - {-1}) for found in (one, other)]
                measured.setdefault(way, []).append((agreement, numbers[0], abs(numbers[0] - numbers[1])))
        _print_halves(name, measured)
        by_set[name] = measured
        for way, values in measured.items():
            everything.setdefault(way, []).extend(values)
    _print_halves("all three", everything)
    return {**by_set, "all three": everything}


def _print_halves(name: str, measured: dict[str, list[tuple[float, int, int]]]) -> None:
    for way, values in measured.items():
        agreements, numbers, differences = zip(*values, strict=True)
        print(f"{name:22}{way:34}{interval(agreements)}   {np.mean(numbers):.1f}   {np.mean(differences):.1f}")
    less = [ours[0] - theirs[0] for ours, theirs in zip(measured[OURS], measured[STOCK], strict=True)]
    print(f"{name:22}{'  ours less BERTopic':34}{interval(less)}", flush=True)


def words() -> dict[str, dict[str, list[list[float]]]]:
    """The words of themes: do they go together, and do themes differ in them? Set -> way -> draws of the printed columns."""
    by_set: dict[str, dict[str, list[list[float]]]] = {}
    print(
        "\nWords of themes, ten each; LDA and KeyNMF know the true number"
        f"\n{'':56}{'coherence':>11}{'and diversity':>16}{'both, of telling words alone':>32}"
    )
    for name in SETS:
        measured: dict[str, list[list[float]]] = {}
        for study in drawn(name, DRAWS):
            for way, topics in (
                (OURS, [list(theme.keywords) for theme in _found(name, study).themes]),
                (STOCK, bertopic(study).words),
                ("LDA, number given", lda(study).words),
                ("KeyNMF, number given", key_nmf(study).words),
            ):
                both = [(coherence(found, name), diversity(found)) for found in (topics, telling(topics))]
                measured.setdefault(way, []).append([figure for pair in both for figure in pair])
        for way, values in measured.items():
            columns = "   ".join(interval(column) for column in zip(*values, strict=True))
            print(f"{name:22}{way:34}{columns}", flush=True)
        by_set[name] = measured
    return by_set


def names() -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Does a name, embedded, find its own theme's segments among all? And names to read beside the codes that people gave.

    Returns:
        Set -> way -> draws of that share and the share by chance.
    """
    by_set: dict[str, dict[str, list[tuple[float, float]]]] = {}
    print(
        "\nNames: of the segments nearest to a name, as many as its theme has, the share that are its theme's; "
        "beside it the share by chance"
    )
    for name in SETS:
        shares: dict[str, list[tuple[float, float]]] = {}
        lines = []
        for number, study in enumerate(drawn(name, DRAWS)):
            found = _found(name, study)
            groups, stock = groups_of(found, len(study.texts)), bertopic(study)
            for way, of, called in (
                (OUR_NAMES, groups, [theme.name for theme in found.themes]),
                ("our themes, our first four words", groups, [", ".join(t.keywords[:4]) for t in found.themes]),
                ("our themes, BERTopic's label", groups, stock_names(study, groups)),
                ("BERTopic's topics and labels", stock.groups, [", ".join(topic[:4]) for topic in stock.words]),
            ):
                members = [np.flatnonzero(of == group).tolist() for group in range(len(called))]
                values = [retrieved(text, rows, study) for text, rows in zip(called, members, strict=True)]
                if values:
                    chance = float(np.mean([len(rows) for rows in members])) / len(study.texts)
                    shares.setdefault(way, []).append((float(np.mean(values)), chance))
            for theme in found.themes if number < READ_DRAWS else ():
                codes = study.codes[[int(segment) for segment in theme.segments]]
                (code, held_by), *_ = Counter(codes.tolist()).most_common(1)
                lines.append(f"    {theme.name:44} {code} ({held_by} of {len(codes)})")
        for way, pairs in shares.items():
            found_again, by_chance = zip(*pairs, strict=True)
            print(f"{name:22}{way:34}{interval(found_again)}   {np.mean(by_chance):.2f}")
        print("\n".join(lines[:12]), flush=True)
        by_set[name] = shares
    return by_set


def unseen_names() -> dict[str, list[float]]:
    """Names on sets that had no part in choosing the weights and the general phrases: how well each tells its theme from the rest."""
    by_set: dict[str, list[float]] = {}
    print(
        "\nNames on unseen sets: how often a theme's text is more like its name than another text of the lens is (.5 is chance)"
    )
    for name in UNSEEN:
        inputs = _by_lens(name)
        vectors = embed([given.text for given in inputs])
        lenses = sorted({given.lens for given in inputs})
        found = discover_themes(inputs, vectors, lenses=lenses, seed=1, nlp=language(), embed=embed)
        general = [theme.name for theme in found.themes if theme.name.lower() in GENERAL_PHRASES]
        fits = [_told_apart(theme, inputs, vectors) for theme in found.themes]
        print(
            f"{name:22}{interval(fits)}   worst {min(fits):.2f}   {len(fits)} themes, {len(general)} with a general name, "
            f"{len(found.unassigned) / len(inputs):.1%} of segments in none"
        )
        for theme, fit in zip(found.themes, fits, strict=True):
            print(f"    {theme.lens:18}{len(theme.segments):4}  {fit:.2f}  {theme.name}", flush=True)
        by_set[name] = fits
    return by_set


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


def strangers() -> dict[str, tuple[list[float], list[float]]]:
    """Texts of other sets, one each, put among a study: how many are said to belong nowhere, and how many others are."""
    by_set: dict[str, tuple[list[float], list[float]]] = {}
    print("\nOdd ones: 4 % of texts from other sets among a study; share of them in none, and of the study's own")
    for name in SETS:
        found_out, wrongly = [], []
        for number, study in enumerate(drawn(name, ODD_DRAWS)):
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
        by_set[name] = found_out, wrongly
    return by_set


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(
        prog="python -m tests.quality.themes", description="Figures of themes; or a sheet of names to judge."
    )
    parser.add_argument(
        "--names", type=Path, metavar="FILE", help="write a sheet of names to judge blindly, and its key beside it"
    )
    sheet = parser.parse_args().names
    if sheet is not None:
        write_sheet(sheet)
    else:
        run(
            "themes",
            lambda: figures(small_studies(), full_sets(), halves(), words(), names(), unseen_names(), strangers()),
        )
