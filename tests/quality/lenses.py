"""How well segments are placed under lenses, in domains that took no part in training: `python -m tests.quality.lenses`.

For each domain a head is trained on all others (and the synthetic sentences) and judged on it. At most 1,400 texts of a lens and
domain, of three words or more, sampled with a fixed seed. Intervals: 95 %, bootstrap over documents or respondents (over
sentences in cered_reflection and pros_cons, which name no document).
"""

from __future__ import annotations

import importlib.util
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

from tests.quality.lens_gold import Coded, gold
from tests.quality.lens_rows import (
    BARRIERS,
    NONE,
    PROGRESS,
    SHARED,
    WORKS,
    Row,
    checklist_rows,
    counterfactual_rows,
    domains_of,
    pdpilot_rows,
    training_rows,
)
from tests.quality.lens_training import (
    LAYERS,
    Matrix,
    States,
    fit_temperature,
    held_out_readings,
    networks_without,
    read_all,
    states_of,
    targets_of,
    weights_of,
)
from textcoder.lenses import LENSES, LensHead, in_context, probabilities

SPREAD, LEVEL = 2.0, 0.5
"""How far people's looks may move a log-odds, by what is said and on the whole: the standard deviations of the prior of `adapted`. Seen to
do well on these domains, so that what corrections bring is a little flattered (0013 says by how much)."""
TASKS = ((WORKS, BARRIERS), (WORKS, BARRIERS, NONE), (PROGRESS, BARRIERS), (PROGRESS, BARRIERS, NONE))
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """Gold and calibrated log-odds of one domain."""

    rows: Sequence[Row]
    readings: Matrix

    def within(self, lenses: Sequence[str]) -> tuple[Ints, Matrix, list[str]]:
        """Gold, probabilities among these lenses only, and documents of the rows whose gold is one of them."""
        columns = [LENSES.index(lens) for lens in lenses]
        keep = [i for i, row in enumerate(self.rows) if len(row.lenses) == 1 and row.lenses[0] in lenses]
        gold = np.array([lenses.index(self.rows[i].lenses[0]) for i in keep])
        return gold, probabilities(self.readings[keep][:, columns]), [self.rows[i].group for i in keep]


def macro_f1(confusion: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of confusion matrices (..., n, n), gold in rows; a lens that is neither there nor said counts as 0."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    return np.asarray((2 * hits / np.maximum(confusion.sum(-1) + confusion.sum(-2), 1e-9)).mean(-1))


def drawn_f1(
    gold: Ints, said: Ints, groups: Sequence[str], n: int, *, seed: int = 1
) -> tuple[float, npt.NDArray[np.float64]]:
    """Macro-F1, and that of 1,000 draws of whole documents."""
    number = {group: i for i, group in enumerate(dict.fromkeys(groups))}
    per_group = np.zeros((len(number), n, n))
    np.add.at(per_group, ([number[group] for group in groups], gold, said), 1)
    drawn = np.random.default_rng(seed)
    draws = drawn.multinomial(len(number), np.full(len(number), 1 / len(number)), size=1000)
    return float(macro_f1(per_group.sum(0))), macro_f1(np.einsum("bg,gij->bij", draws, per_group))


def with_interval(gold: Ints, said: Ints, groups: Sequence[str], n: int) -> str:
    """Macro-F1 and its interval, for print."""
    value, draws = drawn_f1(gold, said, groups, n)
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{value:.2f} [{low:.2f} {high:.2f}]"


def calibration_error(gold: Ints, probability: Matrix, bins: int = 10) -> float:
    """Expected calibration error of the chosen lens, ten bins of equal width."""
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == gold
    bucket = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs((right - confidence)[bucket == b].sum()) for b in range(bins)) / len(gold))


def risk_at(gold: Ints, probability: Matrix, coverage: float) -> float:
    """Share of wrong placements among the surest part of the texts."""
    order = np.argsort(-probability.max(axis=1), kind="stable")[: max(1, int(len(gold) * coverage))]
    return float((probability.argmax(axis=1) != gold)[order].mean())


def lr_readings(states: States, rows: Sequence[Row], train: Ints, judged: Ints) -> Matrix:
    """The baseline: logistic regression on sentence vectors, the same rows and weights."""
    targets, weights = targets_of(rows), weights_of([rows[i] for i in train])
    repeated = [
        (i, column, weights[k] * share) for k, i in enumerate(train) for column, share in enumerate(targets[i]) if share
    ]
    index, column, weight = (np.array(part) for part in zip(*repeated, strict=True))
    model = LogisticRegression(C=1.0, max_iter=300)
    model.fit(states.vectors[index], column, sample_weight=weight / weight.mean())
    return np.asarray(model.predict_log_proba(states.vectors[judged]), dtype=np.float32)


def lexicon() -> Callable[[Sequence[Row]], Matrix] | None:
    """The baseline: vaderSentiment's compound score as works against barriers; None where it is not installed."""
    if importlib.util.find_spec("vaderSentiment") is None:
        return None
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()

    def read(rows: Sequence[Row]) -> Matrix:
        compound = np.array([analyzer.polarity_scores(row.text)["compound"] for row in rows])
        never = np.full(len(rows), -9.0)
        near_zero = 3 * (0.1 - np.abs(compound))
        return np.stack([compound, -compound, never, near_zero], axis=1).astype(np.float32)

    return read


def print_tasks(ways: dict[str, dict[str, Judged]]) -> None:
    """Macro-F1 by task, domain and way."""
    for lenses in TASKS:
        print(f"\nmacro-F1, {' / '.join(lenses)}\n{'domain':27}{'majority':>9}" + "".join(f"{way:>19}" for way in ways))
        means: dict[str, list[float]] = defaultdict(list)
        for domain in next(iter(ways.values())):
            if not set(lenses) <= {lens for row in ways["head"][domain].rows for lens in row.lenses}:
                continue
            cells = []
            for way, judged in ways.items():
                gold, probability, groups = judged[domain].within(lenses)
                said = probability.argmax(axis=1)
                cells.append(with_interval(gold, said, groups, len(lenses)))
                means[way].append(float(cells[-1][:4]))
            most = np.full(len(gold), np.bincount(gold).argmax())
            majority = with_interval(gold, most, groups, len(lenses))[:4]
            print(f"{domain:27}{majority:>9}" + "".join(f"{cell:>19}" for cell in cells))
        print(f"{'mean':36}" + "".join(f"{np.mean(means[way]):>6.3f}{'':13}" for way in ways))


def print_sureness(judged: dict[str, Judged]) -> None:
    """Calibration and risk-coverage of the head, among the lenses that a domain's gold has."""
    print(f"\n{'how sure (head)':27}{'ECE':>6}   wrong among the surest 100 % 80 % 60 % 40 %")
    for domain, there in judged.items():
        lenses = [lens for lens in LENSES if any(row.lenses == (lens,) for row in there.rows)]
        gold, probability, _ = there.within(lenses)
        risks = "  ".join(f"{risk_at(gold, probability, share):.2f}" for share in (1, 0.8, 0.6, 0.4))
        print(f"{domain:27}{calibration_error(gold, probability):6.3f}   {'':22}{risks}   ({', '.join(lenses)})")


def print_lengths(judged: dict[str, Judged]) -> None:
    """Share of right placements by length of the text, among the lenses that its domain's gold has."""
    right: dict[str, list[bool]] = {length: [] for length in ("3-7 words", "8-15 words", "16-30 words", "31 or more")}
    for there in judged.values():
        lenses = [lens for lens in LENSES if any(row.lenses == (lens,) for row in there.rows)]
        gold, probability, _ = there.within(lenses)
        words = [len(row.text.split()) for row in there.rows if len(row.lenses) == 1]
        for n, ok in zip(words, probability.argmax(axis=1) == gold, strict=True):
            right[list(right)[int(np.searchsorted((7, 15, 30), n))]].append(bool(ok))
    print("\nright by length: " + ", ".join(f"{length} {np.mean(ok):.2f} of {len(ok)}" for length, ok in right.items()))


def gold_judged(heads: dict[str, LensHead], shipped: LensHead, temperature: float) -> tuple[list[Coded], Matrix]:
    """The gold and what a head says of it that was never trained on texts from where it stands."""
    coded = gold()
    states = states_of([one.item.text for one in coded])
    readings = np.stack(
        [
            read_all(heads[source], states, [i])[0] / temperature
            if (source := one.item.source) in heads
            else read_all(shipped, states, [i])[0]
            for i, one in enumerate(coded)
        ]
    )
    return coded, readings


def in_turns(coded: Sequence[Coded], readings: Matrix, shipped: LensHead, *, shuffled: int | None = None) -> Matrix:
    """Readings as a study has them, with the neighbours in the same turn; only the transcripts have turns, which no head learned from.

    Args:
        coded: The gold.
        readings: Of each segment by itself.
        shipped: Reads the neighbours.
        shuffled: A seed: each segment has neighbours of another one, to see whether it matters which.
    """
    found = readings.copy()
    there = [i for i, one in enumerate(coded) if one.item.neighbours]
    texts = [text for i in there for text in coded[i].item.neighbours]
    beside = iter(read_all(shipped, states_of(texts), np.arange(len(texts))))
    neighbours = [[next(beside) for _ in coded[i].item.neighbours] for i in there]
    if shuffled is not None:
        neighbours = [neighbours[i] for i in np.random.default_rng(shuffled).permutation(len(there))]
    for i, around in zip(there, neighbours, strict=True):
        turn = np.stack([around[0], readings[i], *around[1:]])  # which of two comes first does not matter
        found[i] = in_context(turn, ["the same turn"] * len(turn))[1]
    return found


def print_gold(coded: Sequence[Coded], readings: Matrix) -> None:
    """The two coders with each other, and the machine with each and with what both say."""
    print(f"\nreal segments, two coders of their own (language models, not people), {len(coded)} segments")
    said = [LENSES[i] for i in readings.argmax(axis=1)]
    print(f"{'kappa, carried or not':27}{'A with B':>10}{'machine, A':>12}{'machine, B':>12}{'A':>6}{'both':>6}")
    for lens in LENSES:
        first, second = (
            [lens in side for side in sides] for sides in zip(*((c.first, c.second) for c in coded), strict=True)
        )
        machine = [one == lens for one in said]
        kappas = [cohen_kappa_score(*pair) for pair in ((first, second), (machine, first), (machine, second))]
        both = sum(a and b for a, b in zip(first, second, strict=True))
        print(f"{lens:27}{kappas[0]:10.2f}{kappas[1]:12.2f}{kappas[2]:12.2f}{sum(first):6}{both:6}")
    judged = agreed_on(coded, readings)
    for lenses in (*TASKS, LENSES):
        chance, probability, groups = judged.within(lenses)
        error = calibration_error(chance, probability)
        print(
            f"{' / '.join(lenses):52} macro-F1 {with_interval(chance, probability.argmax(axis=1), groups, len(lenses))} of {len(chance)}"
            f", calibration error {error:.3f}"
        )


def agreed_on(coded: Sequence[Coded], readings: Matrix) -> Judged:
    """Where both coders say the same; the other rows belong to no task."""
    return Judged(
        [
            Row(c.item.text, tuple(sorted(c.first)) if c.first == c.second else (), c.item.source, c.item.id)
            for c in coded
        ],
        readings,
    )


def print_neighbours(coded: Sequence[Coded], ways: Mapping[str, Matrix], shipped: LensHead, shuffles: int = 50) -> None:
    """What a share of the neighbours' readings does to segments of the transcripts, beside that of others' neighbours."""

    def f1(readings: Matrix) -> float:
        here = [i for i, one in enumerate(coded) if one.item.neighbours]
        gold_lens, probability, _ = agreed_on([coded[i] for i in here], readings[here]).within(LENSES)
        confusion = np.zeros((len(LENSES), len(LENSES)))
        np.add.at(confusion, (gold_lens, probability.argmax(axis=1)), 1)
        return float(macro_f1(confusion))

    print("\nsegments of transcripts with neighbours in their turn, four ways, macro-F1")
    print("  " + ", ".join(f"{way} {f1(readings):.3f}" for way, readings in ways.items()))
    others = [f1(in_turns(coded, ways["by itself"], shipped, shuffled=seed)) for seed in range(shuffles)]
    low, high = np.percentile(others, [2.5, 97.5])
    print(f"  with others' neighbours {np.mean(others):.3f} ({low:.3f} to {high:.3f}, {shuffles} shuffles)")


def layer_means(states: States, there: Ints) -> Matrix:
    """The mean token states of some texts, layer by layer side by side (n, n_layers * 384), centred, rows of length about 1."""
    means = np.stack(
        [states.values[states.offsets[i] : states.offsets[i + 1]].astype(np.float32).mean(axis=0) for i in there]
    )
    layers = np.split(means - means.mean(axis=0), len(LAYERS), axis=1)
    usual = [np.sqrt(np.square(layer).sum(axis=1).mean()) * np.sqrt(len(LAYERS)) for layer in layers]
    return np.hstack([layer / max(float(length), 1e-6) for layer, length in zip(layers, usual, strict=True)])


def adapted(readings: Matrix, features: Matrix, seen: Mapping[int, Collection[str]]) -> Matrix:
    """What the head says, bent towards how people saw some of the segments: a new study has its own way of speaking.

    Multinomial logistic regression on features, added to the head's log-odds and drawn towards adding nothing: without a
    person it is the head. A pure function of its arguments.

    Args:
        readings: Of all segments, (n, 4).
        features: Of the same, (n, d), centred, of length about 1.
        seen: Row -> the default lenses through which people saw it; empty for none of them. Other lenses are not learned.

    Returns:
        Log-odds (n, 4). Cost: 10 ms for 30 segments seen, 0.2 s for 1,000.
    """
    rows = np.array(
        sorted(row for row, lenses in seen.items() if not lenses or set(lenses) & set(LENSES)), dtype=np.intp
    )
    if not len(rows):
        return readings
    from scipy.optimize import minimize

    wanted = np.array([[lens in (seen[row] or (NONE,)) for lens in LENSES] for row in rows.tolist()], dtype=np.float64)
    wanted /= wanted.sum(axis=1, keepdims=True)
    known = np.hstack([features[rows], np.ones((len(rows), 1))]).astype(np.float64)
    prior = np.append(np.full(features.shape[1], SPREAD**-2), LEVEL**-2)[:, None]
    start = readings[rows].astype(np.float64)

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(known.shape[1], len(LENSES))
        odds = start + known @ weights
        odds -= odds.max(axis=1, keepdims=True)
        logs = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
        slope = known.T @ (np.exp(logs) - wanted) + prior * weights
        return float(-(wanted * logs).sum() + 0.5 * (prior * np.square(weights)).sum()), slope.ravel()

    found = minimize(
        loss, np.zeros(known.shape[1] * len(LENSES)), jac=True, method="L-BFGS-B", options={"maxiter": 200}
    )
    weights = found.x.reshape(-1, len(LENSES))
    return np.asarray(readings + features @ weights[:-1] + weights[-1], dtype=np.float32)


def print_corrections(states: States, rows: Sequence[Row], head: dict[str, Judged], draws: int = 10) -> list[float]:
    """What some corrections of an analyst add in a domain that the head does not know: macro-F1 on the rest of it.

    Returns:
        Of each domain the share of what half of it would add that 30 corrections do.
    """
    print(
        f"\nafter so many segments were placed by a person, mean of {draws} draws (macro-F1, all lenses that the domain knows)"
    )
    numbers = (0, 10, 30, 100, 300)
    print(f"{'domain':27}" + "".join(f"{n:>16}" for n in numbers) + f"{'half of it':>16}   share of the gain at 30")
    shares = []
    for domain, judged in head.items():
        lenses = [lens for lens in LENSES if any(row.lenses == (lens,) for row in judged.rows)]
        there = np.flatnonzero([row.domain == domain for row in rows])
        features = layer_means(states, there)
        cells = {n: _corrected(judged, features, lenses, n, draws) for n in (*numbers, len(there) // 2)}
        means = {n: float(values.mean()) for n, values in cells.items()}
        gain = (means[30] - means[0]) / max(means[len(there) // 2] - means[0], 1e-9)
        shares.append(gain)
        print(
            f"{domain:27}"
            + "".join(f"{means[n]:>10.3f} +-{1.96 * v.std(ddof=1) / np.sqrt(draws):.2f}" for n, v in cells.items())
            + f"   {gain:.2f}"
        )
    print(f"mean share of the gain at 30: {np.mean(shares):.2f}")
    return shares


def _corrected(judged: Judged, features: Matrix, lenses: Sequence[str], n: int, draws: int) -> npt.NDArray[np.float64]:
    scores = []
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(judged.rows))
        seen = {int(i): judged.rows[i].lenses if judged.rows[i].lenses != (NONE,) else () for i in order[:n]}
        rest = order[len(order) // 2 :]  # the same texts are judged, however many were seen
        bent = Judged([judged.rows[i] for i in rest], adapted(judged.readings, features, seen)[rest])
        gold_lens, probability, _ = bent.within(lenses)
        confusion = np.zeros((len(lenses), len(lenses)))
        np.add.at(confusion, (gold_lens, probability.argmax(axis=1)), 1)
        scores.append(float(macro_f1(confusion)))
    return np.array(scores)


def print_stress(head: LensHead) -> dict[str, list[bool]]:
    """Tests by kind: CheckList's templates and counterfactual pairs; never trained on. By kind what was right."""
    rows = checklist_rows()
    said = _all_four(head, rows)
    kinds: dict[str, list[bool]] = defaultdict(list)
    for row, lens in zip(rows, said, strict=True):
        wanted = {PROGRESS: (PROGRESS, WORKS), "not_barriers": (WORKS, PROGRESS, NONE)}.get(row.lenses[0], row.lenses)
        kinds[f"{row.kind}: {row.lenses[0]}"].append(lens in wanted)
    print("\nstress: CheckList templates, right by kind (four lenses; a good turn may be progress or works)")
    for kind, right in kinds.items():
        print(f"  {kind[:100]:100} {np.mean(right):.2f} of {len(right)}")
    pairs = counterfactual_rows()
    readings = _readings(head, pairs)[:, :2]
    right_by_pair: dict[str, list[bool]] = defaultdict(list)
    for row, works in zip(pairs, readings[:, 0] > readings[:, 1], strict=True):
        right_by_pair[row.group].append((row.lenses == (WORKS,)) == works)
    both = np.mean([all(right) for right in right_by_pair.values()])
    rows_right = np.mean([right for rights in right_by_pair.values() for right in rights])
    print(
        f"stress: counterfactual film reviews, rows right {rows_right:.2f}, both of a pair {both:.2f} of {len(right_by_pair)}"
    )
    checklist = {f"CheckList, {kind}": right for kind, right in kinds.items()}
    return checklist | {"counterfactual film reviews, both of a pair": [all(of) for of in right_by_pair.values()]}


def _readings(head: LensHead, rows: Sequence[Row]) -> Matrix:
    return read_all(head, states_of([row.text for row in rows]), range(len(rows)))


def _all_four(head: LensHead, rows: Sequence[Row]) -> list[str]:
    return [LENSES[i] for i in _readings(head, rows).argmax(axis=1)]


def calibrated(held_out: dict[str, tuple[Ints, Matrix]], rows: Sequence[Row]) -> dict[str, Judged]:
    """Each domain's readings by the temperature that fits the other domains."""
    targets = targets_of(rows)
    found = {}
    for domain, (judged, readings) in held_out.items():
        others = [(r, targets[j]) for other, (j, r) in held_out.items() if other != domain]
        temperature = fit_temperature([r for r, _ in others], [y for _, y in others])
        found[domain] = Judged([rows[i] for i in judged], readings / temperature)
    return found


@dataclass(frozen=True)
class Found:
    """What `judge` found: ways of reading -> domain -> log-odds; the interviews and the gold; gains and stress tests."""

    ways: dict[str, dict[str, Judged]]
    interviews: Judged
    coded: Sequence[Coded]
    readings: Matrix
    gains: Sequence[float]
    stress: Mapping[str, Sequence[bool]]


def judge() -> Found:
    """Train and judge domain by domain, then print all tables."""
    rows = training_rows()
    states = states_of([row.text for row in rows])
    domains = np.array([row.domain for row in rows])
    print(f"{len(rows)} texts; training a head without each of {', '.join(domains_of(rows))}")
    arrays = networks_without(rows, domains_of(rows))
    held_out = held_out_readings(arrays, rows)
    head = calibrated(held_out, rows)
    ways = {"head": head, "LR on vectors": {}}
    for domain, judged in head.items():
        there = np.flatnonzero(domains == domain)
        baseline = lr_readings(states, rows, np.flatnonzero(domains != domain), there)
        ways["LR on vectors"][domain] = Judged(judged.rows, baseline)
    score = lexicon()
    if score is None:
        print("the lexicon baseline needs: pip install vaderSentiment==3.3.2")
    else:
        ways["lexicon"] = {domain: Judged(judged.rows, score(judged.rows)) for domain, judged in head.items()}
    print_tasks(ways)
    shipped = LensHead.shipped()
    interviews = pdpilot_rows()
    found = Judged(interviews, _readings(shipped, interviews))
    gold_lens, probability, groups = found.within((WORKS, BARRIERS))
    stance = with_interval(gold_lens, probability.argmax(1), groups, 2)
    print(f"\npdpilot_interviews (never trained on), shipped head: {stance} of {len(gold_lens)}")
    targets = targets_of(rows)
    temperature = fit_temperature([r for _, r in held_out.values()], [targets[j] for j, _ in held_out.values()])
    heads = {domain: LensHead(weights, domain) for domain, weights in arrays.items()}
    coded, alone = gold_judged(heads, shipped, temperature)
    readings = in_turns(coded, alone, shipped)
    print_gold(coded, readings)
    print_neighbours(coded, {"by itself": alone, "with its neighbours": readings}, shipped)
    print_sureness({**head, "pdpilot_interviews": found})
    print_lengths(head)
    gains = print_corrections(states, rows, head)
    return Found(ways, found, coded, readings, gains, print_stress(shipped))


if __name__ == "__main__":
    if not SHARED.is_dir():
        sys.exit("The data sets are looked for in shared/data beside the checkout, and are not there.")
    from tests.quality.figures import run
    from tests.quality.lens_figures import judged  # which imports this module

    run("lenses", judged)
