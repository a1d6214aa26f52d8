"""What the long modules of `make quality` hand over, on made-up findings: an hour of judging must not end in a fault of the table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from tests.quality.figures import Figure, Goal

RNG = np.random.default_rng


def by_measure(rows: Sequence[Figure], task: str = "", on: str = "") -> dict[str, Figure]:
    return {row.measure: row for row in rows if task in row.task and on in row.on}


def sound(rows: Sequence[Figure]) -> bool:
    """Whether each row has a number, inside its interval, and no two rows are of the same thing."""
    assert len({(row.task, row.on, row.measure) for row in rows}) == len(rows)
    for row in rows:
        assert math.isfinite(row.value), row
        if row.low is not None and row.high is not None:
            assert row.low - 1e-9 <= row.high, row
            assert row.how, row
        assert row.n > 0, row
    return True


@pytest.fixture(scope="module")
def of_lenses() -> list[Figure]:
    pytest.importorskip("torch")
    from tests.quality.lens_figures import figures
    from tests.quality.lens_gold import Coded, Item
    from tests.quality.lens_rows import Row
    from tests.quality.lenses import Found, Judged
    from textcoder.lenses import LENSES

    def read(domain: str, lenses: Sequence[str], seed: int, sure: float) -> Judged:
        drawn = RNG(seed)
        # Every third text is put as in speech.
        rows = [
            Row(f"{'' if i % 3 else 'gonna '}text {i}", (lenses[i % len(lenses)],), domain, f"d{i % 20}")
            for i in range(120)
        ]
        readings = drawn.normal(size=(120, 4)).astype(np.float32)
        readings[np.arange(120), [LENSES.index(row.lenses[0]) for row in rows]] += sure
        return Judged(rows, readings)

    ways = {
        way: {
            "survey": read("survey", LENSES[:2], seed, sure),
            "reviews": read("reviews", LENSES[:2], seed + 1, sure),
            "diaries": read("diaries", LENSES[1:], seed + 2, sure),
        }
        for way, seed, sure in (("head", 1, 2.0), ("LR on vectors", 7, 0.5))
    }
    coded = [
        Coded(Item("s", str(i), "", f"t {i}"), "random", frozenset({LENSES[i % 4]}), frozenset({LENSES[(i + (i % 9 == 0)) % 4]}))
        for i in range(160)
    ]  # fmt: skip
    readings = RNG(5).normal(size=(160, 4)).astype(np.float32)
    readings[np.arange(160), np.arange(160) % 4] += 1.0
    interviews = read("pdpilot_interviews", LENSES[:2], 6, 1.5)
    stress = {"CheckList, negation: barriers": [True, False, True], "pairs": [True]}
    return list(figures(Found(ways, interviews, coded, readings, [0.1, 0.3, -0.05], stress)))


def test_lenses_have_a_row_for_each_domain_and_task_that_it_has(of_lenses: list[Figure]) -> None:
    assert sound(of_lenses)
    f1 = Counter((row.task, row.on) for row in of_lenses if row.measure == "macro-F1" and "gold" not in row.on)
    assert set(f1) == {
        ("lenses: what works / barriers", "survey"),
        ("lenses: what works / barriers", "reviews"),
        ("lenses: what works / barriers", "mean of 2 domains"),
        ("lenses: what works / barriers", "pdpilot_interviews, the shipped head"),
        ("lenses: what works / barriers", "all domains, spelled or put as in speech or dialect"),
        ("lenses: what works / barriers", "all domains, spelled or put otherwise"),
        ("lenses: signs of progress / barriers", "diaries"),
        ("lenses: signs of progress / barriers / none", "diaries"),
    }


def test_lenses_are_measured_as_scikit_learn_does_beside_their_baselines(of_lenses: list[Figure]) -> None:
    row = by_measure(of_lenses, "what works / barriers", "survey")["macro-F1"]
    assert set(row.baselines) == {"LR on vectors", "the commonest"}
    assert row.baselines["the commonest"] == pytest.approx(1 / 3)  # always one of two lenses, each half of the texts
    assert row.low is not None and row.high is not None and row.low < row.value < row.high
    assert row.value > row.baselines["LR on vectors"]


def test_lenses_have_the_goals_of_the_plan_and_what_coders_reach(of_lenses: list[Figure]) -> None:
    mean = by_measure(of_lenses, "what works / barriers", "mean")["macro-F1"]
    assert mean.goal == Goal(least=0.85)
    one, other = (by_measure(of_lenses, "what works / barriers", on)["macro-F1"] for on in ("survey", "reviews"))
    assert one.goal is None and mean.value == pytest.approx((one.value + other.value) / 2)
    assert mean.low is not None and mean.high is not None and mean.low < mean.value < mean.high
    assert by_measure(of_lenses, "progress / barriers / none", "diaries")["macro-F1"].goal == Goal(least=0.75)
    assert by_measure(of_lenses, "", "diaries")["calibration error"].goal == Goal(most=0.05)
    kappa = by_measure(of_lenses, "lens barriers, with coder A")["kappa, carried or not"]
    assert kappa.coders is not None and kappa.goal == Goal(least=0.9 * kappa.coders)
    assert 0 < kappa.value < kappa.coders < 1
    gain = by_measure(of_lenses, "corrections")["share at 30 of what half a domain would add"]
    assert gain.value == pytest.approx(0.35 / 3) and gain.verdict == "just missed"


def test_themes_are_set_beside_bertopic_and_k_means_draw_by_draw() -> None:
    from tests.quality.themes_figures import GIVEN, OUR_NAMES, OURS, STOCK, figures, of_full
    from tests.quality.themes_measures import Score

    drawn = RNG(1)

    def scores(v: float) -> list[Score]:
        return [Score(v + e, v - 0.1 + e, 0.2 + abs(e), 0.05) for e in drawn.normal(0, 0.02, 25)]

    small = {on: {OURS: scores(0.7), GIVEN: scores(0.7), STOCK: scores(0.5)} for on in ("nhs_fft", "all three")}
    halves = {"nhs_fft": {way: [(0.5 + e, 8, 1) for e in drawn.normal(0, 0.02, 25)] for way in (OURS, STOCK, GIVEN)}}
    words = {"nhs_fft": {way: drawn.random((25, 4)).tolist() for way in (OURS, STOCK)}}
    words["nhs_fft"][STOCK][3] = [math.nan] * 4  # no topic was found in that draw
    names = {"nhs_fft": {OUR_NAMES: [(0.8, 0.1), (0.9, 0.12)], "our themes, BERTopic's label": [(0.7, 0.1)]}}
    found = figures(
        small, {}, halves, words, names, {"survey": [0.9, 0.8, 0.95]}, {"nhs_fft": ([0.5, 0.25], [0.1, 0.0])}
    )
    assert sound(found)
    whole = by_measure(found, "small", "all three")
    assert whole[f"V, ours less {STOCK}"].verdict == "met"
    assert whole[f"V, ours less {STOCK}"].value == pytest.approx(whole["V"].value - whole["V"].baselines[STOCK])
    assert whole["error of the number"].goal == Goal(most=0.4)
    assert by_measure(found, "small", "nhs_fft")["error of the number"].goal is None
    assert by_measure(found, "small", "nhs_fft")["share in none"].goal == Goal(most=0.1)
    assert by_measure(found, "names of themes", "nhs_fft")[
        "own theme's share of the texts nearest to a name"
    ].baselines["chance"] == pytest.approx(0.11)

    codes = ["a", "b", "c"] * 40
    right = np.array([0, 1, 2] * 40)
    rows = list(of_full("made up", codes, {OURS: right, GIVEN: right, STOCK: np.where(right == 2, -1, 0)}))
    assert sound(rows)
    full = by_measure(rows)
    assert full[f"ARI, ours less {GIVEN}"].value == 0 and full[f"ARI, ours less {GIVEN}"].verdict == "met"
    assert full[f"ARI, ours less {STOCK}"].baselines[OURS] == 1.0
    assert full["error of the number"].value == 0
    assert full["error of the number"].baselines[STOCK] == pytest.approx(2 / 3)
    assert full["share in none"].baselines[STOCK] == pytest.approx(1 / 3)


def test_codes_are_ahead_by_five_points_or_not() -> None:
    from tests.quality.said import Said
    from tests.quality.sizes import Task, accuracy_figure, figures_of
    from textcoder.domain.codebook import Code

    rows = np.arange(30)
    said = Said(np.zeros((30, 2), np.float32), np.zeros((30, 1), np.float32))
    task = Task([Code("a", "a")], ["a"] * 30, said, rows, rows, rows[:20], np.ones(30), {})
    mean = np.array([[0.45, 0.55], [0.42, 0.40]])
    found = figures_of("nhs_fft", task, 4, mean, np.array([0.01, 0.11]), np.array([0.05, 0.19]))
    assert sound(found)
    first, own = found
    assert (first.value, first.verdict) == (pytest.approx(0.03), "just missed")
    assert (own.value, own.verdict) == (pytest.approx(0.15), "met")
    assert own.baselines == {"ours": 0.55, "logistic regression": 0.40} and own.n == 20
    assert "ten" not in figures_of("nhs_fft", task, None, mean, mean[0], mean[0])[0].how
    accuracy = accuracy_figure([0.7, 0.65, 0.58], 200)
    assert accuracy.value == 0.7 and accuracy.verdict == "missed"
    assert (accuracy.baselines["untrained"], accuracy.baselines["logistic regression"]) == (0.65, 0.58)


def test_learning_has_a_row_for_each_number_of_readings() -> None:
    from tests.quality.learning import AT, SEEDS, WAYS, figures

    found = RNG(2).random((len(WAYS), SEEDS, len(AT), 2))
    rows = figures("nhs_fft", found)
    assert sound(rows)
    at_100 = by_measure(rows, "100 readings")["macro-F1"]
    assert at_100.value == pytest.approx(found[0, :, AT.index(100), 0].mean())
    assert at_100.baselines == {
        "random order": pytest.approx(found[1, :, AT.index(100), 0].mean()),
        "logistic regression": pytest.approx(found[2, :, AT.index(100), 0].mean()),
    }


def test_the_machine_is_set_beside_two_coders_of_the_demo() -> None:
    from tests.quality.demo import Answers, figures

    people = [f"p{i // 10}" for i in range(60)]
    a = np.array(["works", "barriers", "none"] * 20)
    b = np.where(np.arange(60) % 10 == 0, "none", a)
    lens = Answers({"A": a, "B": b, "machine": np.roll(a, 1)}, people)
    codes = [Answers({"A": a == "none", "B": b == "none", "machine": a == "none", "taught": a == "none"}, people)]
    found = figures(lens, codes)
    assert sound(found)
    assert found[0].verdict == "missed" and found[2].verdict == "met"
    assert found[0].coders == pytest.approx(lens.kappa("A", "B")) and found[2].coders == codes[0].kappa("A", "B")


def test_blocks_entries_and_simulations_have_their_rows() -> None:
    from tests.quality import agreement, blocks, coding, prevalence, spans

    drawn = RNG(3)
    judged = {
        name: drawn.random((7, 5)) for name in ("ours", "ours, as many as people's", "none", "every 9 turns (k ...)")
    }
    found = blocks.figures(judged, "meetings")
    assert sound(found) and set(found[0].baselines) == {"none", "every 9 turns"}

    truth = drawn.random((50, 4)) < 0.4
    chance = drawn.random((50, 4)).astype(np.float32)
    found = coding.figures_of("nhs_fft", coding.Judged(truth, chance, np.full(4, 0.5, np.float32), chance))
    assert sound(found) and found[0].baselines["nearest entry"] == found[0].baselines["first choice alone"]

    results = [prevalence.Result(0.2, 0, c, 0, 0, 0.5, 0.1, 0.2, 0.94, 0) for c in (0.95, 0.915, 0.94)]
    found = prevalence.coverage_figures(prevalence.SETTINGS[:3], results)
    assert sound(found) and [row.value for row in found[:2]] == [0.915, 0.95]
    assert [row.verdict for row in found[:2]] == ["missed", "met"] and found[2].value == pytest.approx(2 / 3)

    found = agreement.figures({"ours": [0.94, 0.95, 0.8], "percentile": [0.9, 0.9, 0.7]}, "ours")
    assert sound(found) and found[1].value == 0.8 and found[2].baselines == {"percentile": 0.0}

    counts = Counter({("left alone", "right"): 90, ("a letter dropped", "queued"): 10, ("taken out", "queued"): 5})
    found = spans.figures(counts)
    assert [row.value for row in found] == [0.9, 1.0, 0.0]
