"""Whether corrected shares keep what they promise: `python -m tests.quality.prevalence`.

2,000 simulated studies for each setting: people differ in how much they say and how often they say it, the machine errs, chance draws a
sample that people code. Printed: how often the 95 % interval holds the truth (the goal is .93 to .97), how often the machine's alone does,
and how wide the interval is beside that of the sample alone. The form of the intervals was chosen on other settings and seeds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.quality.figures import Figure, Goal, run, share_figure
from tests.quality.measures import mean_with_t
from textcoder.estimation import Counted, Interval, Shares, Units, count, difference, errors, shares

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TAUGHT = 500
"""Comments from which the machine learned: a machine that errs as one does in a study of that size."""
STUDIES, BLOCK, SEED = 2000, 250, 20_261_122


@dataclass(frozen=True)
class Setting:
    """One kind of study.

    Attributes:
        name: What is special about it.
        people: In each group.
        segments: Of one person, on average.
        spread: Standard deviation of the logarithm of how much a person says.
        share: Of segments that carry the code, in each group.
        alike: How far people differ in it: the correlation of two segments of one person.
        found: Of segments with the code, those that the machine codes; in each group.
        false: Of segments without it, those that the machine codes; in each group.
        uneven: How far the machine's errors cluster in people: the standard deviation of a person's shift of both, on the logit.
        sampled: Segments that people code, in each group (drawn in each by itself); a single number is drawn from all.
        whole: So many whole people are drawn instead, and the share is of people.
        waves: Each person speaks in two waves; of the second, the share is this. The estimate is then the difference.
        between: The estimate is the difference of the two groups.
        more_if_often: Who says it more often talks more: slope of log size on the person's logit.
    """

    name: str
    people: tuple[int, ...] = (40,)
    segments: float = 25.0
    spread: float = 0.4
    share: tuple[float, ...] = (0.2,)
    alike: float = 0.1
    found: tuple[float, ...] = (0.85,)
    false: tuple[float, ...] = (0.05,)
    uneven: float = 0.0
    sampled: tuple[int, ...] = (200,)
    whole: int = 0
    waves: float = 0.0
    between: bool = False
    more_if_often: float = 0.0


@dataclass(frozen=True)
class Drawn:
    """Some studies: (studies, people, segments) each; `exists` says which segments there are."""

    exists: Mask
    truth: Mask
    machine: Mask
    probability: Numbers
    group: npt.NDArray[np.int64]
    wave: npt.NDArray[np.int64]


def simulate(one: Setting, studies: int, rng: np.random.Generator) -> Drawn:
    """Draw studies."""
    group = np.repeat(np.arange(len(one.people)), one.people)
    n_people, waves = len(group), 2 if one.waves else 1
    p = np.resize(one.share, len(one.people))[group]
    k = 1 / one.alike - 1
    own = rng.beta(p * k, (1 - p) * k, (studies, n_people))
    own = np.clip(own, 1e-9, 1 - 1e-9)
    size = np.exp(rng.normal(np.log(one.segments) - one.spread**2 / 2, one.spread, own.shape))
    size *= np.exp(one.more_if_often * (np.log(own / (1 - own)) - np.log(p / (1 - p))).clip(-3, 3))
    size = np.clip(size.round(), 1, 6 * one.segments).astype(int)
    width = int(size.max())
    exists = np.arange(width) < size[..., None]
    wave = np.broadcast_to(np.arange(width) % waves, exists.shape)
    rate = np.broadcast_to(own[..., None], exists.shape)
    if one.waves:
        rate = np.where(wave == 1, rate * one.waves / one.share[0], rate)
    truth = (rng.random(exists.shape) < rate) & exists
    shift = rng.normal(0, one.uneven, (2, *own.shape)) if one.uneven else np.zeros((2, *own.shape))
    found = _shifted(np.resize(one.found, len(one.people))[group], shift[0])[..., None]
    false = _shifted(np.resize(one.false, len(one.people))[group], shift[1])[..., None]
    machine = (rng.random(exists.shape) < np.where(truth, found, false)) & exists
    return Drawn(exists, truth, machine, _sampled(one, exists, group, rng), group, wave)


def _shifted(p: Numbers, by: Numbers) -> Numbers:
    return np.asarray(1 / (1 + (1 - p) / p * np.exp(-by)))


def _sampled(one: Setting, exists: Mask, group: npt.NDArray[np.int64], rng: np.random.Generator) -> Numbers:
    """(studies, people, segments): the chance of those drawn, 0 of the others."""
    if one.whole:
        order = rng.random(exists.shape[:2]).argsort(axis=1).argsort(axis=1)
        return np.where((order < one.whole)[..., None] & exists, one.whole / len(group), 0.0)
    drawn: Numbers = np.zeros(exists.shape)
    for g, n in enumerate(one.sampled):
        mine = np.asarray(exists & (group == g)[:, None]) if len(one.sampled) > 1 else exists
        number = np.where(mine, rng.random(exists.shape), 2.0).reshape(len(exists), -1)
        last = np.partition(number, n - 1, axis=1)[:, n - 1]
        chance = n / mine.sum(axis=(1, 2))
        drawn += np.where(mine & (number <= last[:, None]).reshape(exists.shape), chance[:, None, None], 0.0)
    return drawn


def counted(of: Drawn, where: Mask, *, whole: bool = False) -> Counted:
    """Sums for each person, of segments or of people as a whole."""
    p = of.probability
    exists, truth, machine = (np.asarray(x & where) for x in (of.exists, of.truth, of.machine))
    if whole:
        p = (p * exists).max(axis=2, keepdims=True)
        exists, truth, machine = (np.asarray(x.any(axis=2, keepdims=True)) for x in (exists, truth, machine))
    weight = np.divide(1.0, p, out=np.zeros_like(p), where=(p > 0) & exists)
    kept, missed = weight * machine, weight * (exists & ~machine)
    parts = (exists, machine, kept, kept * truth, kept * weight, missed, missed * truth, missed * weight)
    return Counted(*(part.sum(axis=2, dtype=np.float64) for part in parts))


def blocks(one: Setting, seed: int, studies: int = STUDIES) -> Iterator[Drawn]:
    """Studies, some at a time, so that they fit in the processor's cache."""
    rng = np.random.default_rng(seed)
    for start in range(0, studies, BLOCK):
        yield simulate(one, min(BLOCK, studies - start), rng)


def truth_of(one: Setting) -> float:
    """What is estimated, in closed form where there is one, else from 200,000 simulated people."""
    if one.waves:
        return one.waves - one.share[0]
    if one.between:
        return one.share[1] - one.share[0]
    if not (one.whole or one.more_if_often or len(one.people) > 1):
        return one.share[0]
    rng, times = np.random.default_rng(SEED + 1), 400_000 // sum(one.people)
    many = [simulate(replace(one, sampled=(1,), whole=0), 500, rng) for _ in range(max(times // 500, 1))]
    if one.whole:
        return float(np.mean([one.truth.any(axis=2).mean() for one in many]))
    return float(sum(one.truth.sum() for one in many) / sum(one.exists.sum() for one in many))


Ends = tuple[Interval, Interval, Interval]
"""Corrected, of the sample alone, of the machine alone."""


def estimate(one: Setting, of: Drawn) -> Ends:
    """What the setting asks for."""
    every = np.ones((1, 1, 1), dtype=bool)
    if one.waves or one.between:
        marks = of.wave if one.waves else of.group[None, :, None]
        first, second = (shares(counted(of, marks == at)) for at in (0, 1))
        return _differences(first, second)
    found = shares(counted(of, every, whole=bool(one.whole)))
    return found.corrected, found.human, found.machine


def _differences(first: Shares, second: Shares) -> Ends:
    made = difference(first.corrected, second.corrected, first.influence, second.influence)
    by_people = difference(first.human, second.human, first.human_influence, second.human_influence)
    by_machine = difference(first.machine, second.machine, first.machine_influence, second.machine_influence)
    human, machine = (Interval(one.value, one.low, one.high) for one in (by_people, by_machine))
    return Interval(made.value, made.low, made.high), human, machine


@dataclass(frozen=True)
class Result:
    """Of one setting."""

    truth: float
    bias: float
    coverage: float
    below: float
    above: float
    machine_coverage: float
    width: float
    human_width: float
    human_coverage: float
    refused: float


def judge(one: Setting, seed: int, studies: int = STUDIES) -> Result:
    """Simulate and count."""
    truth, kept = truth_of(one), [estimate(one, block) for block in blocks(one, seed, studies)]
    corrected, human, machine = (
        Interval(*(np.concatenate([getattr(ends[i], name) for ends in kept]) for name in ("value", "low", "high")))
        for i in range(3)
    )
    known = ~np.isnan(corrected.value)

    def holds(interval: Interval) -> float:
        return float(((interval.low <= truth) & (truth <= interval.high))[known].mean())

    return Result(
        truth,
        float(np.mean(corrected.value[known]) - truth),
        holds(corrected),
        float((corrected.high < truth)[known].mean()),
        float((corrected.low > truth)[known].mean()),
        holds(machine),
        float(np.mean((corrected.high - corrected.low)[known])),
        float(np.mean((human.high - human.low)[known])),
        holds(human),
        float(1 - known.mean()),
    )


def show(settings: tuple[Setting, ...], seed: int, studies: int = STUDIES) -> list[Result]:
    """A line for each; "!" marks a coverage outside .93 to .97."""
    print(
        f"{'setting':<64}{'truth':>7}{'bias':>8}{'covers':>8}{'too low':>9}{'too high':>9}{'width':>7} | sample alone: width"
        f"{'covers':>8} | machine alone: covers"
    )
    results = []
    for i, one in enumerate(settings):
        r = judge(one, seed + i, studies)
        results.append(r)
        mark = " " if 0.93 <= r.coverage <= 0.97 else "!"
        refused = f"  not estimated in {r.refused:.1%}" if r.refused else ""
        print(
            f"{one.name:<64}{r.truth:>7.3f}{r.bias:>+8.4f}{r.coverage:>7.3f}{mark}{r.below:>9.3f}{r.above:>9.3f}{r.width:>7.3f} |"
            f"{r.human_width:>20.3f}{r.human_coverage:>8.3f} |{r.machine_coverage:>22.3f}{refused}",
            flush=True,
        )
    return results


SETTINGS = (
    Setting("40 people, 1,000 segments, 200 of them coded by people"),
    Setting("a good machine (finds .95, 1 % false)", found=(0.95,), false=(0.01,)),
    Setting("a useless machine (codes 20 % whatever is said)", found=(0.2,), false=(0.2,)),
    Setting("a machine that passes over half", found=(0.5,), false=(0.01,)),
    Setting("a machine that codes too much (25 % false)", found=(0.9,), false=(0.25,)),
    Setting("a rare code (3 %), 300 coded", share=(0.03,), false=(0.01,), sampled=(300,), alike=0.05),
    Setting("a very rare code (1 %), 60 people, 400 coded", people=(60,), share=(0.01,), false=(0.005,), sampled=(400,), alike=0.05),
    Setting("12 people", people=(12,), segments=30, sampled=(120,)),
    Setting("8 people", people=(8,), segments=40, sampled=(100,)),
    Setting("people differ much in how often they say it", alike=0.3),
    Setting("a few people say most", spread=1.0),
    Setting("who says it more often talks more", more_if_often=0.35),
    Setting("errors come together in people", uneven=1.0),
    Setting("a small sample (60)", sampled=(60,)),
    Setting("most is coded by people (600)", sampled=(600,)),
    Setting("unequal chances: 100 from 30 people, 100 from 10", people=(30, 10), share=(0.15, 0.35), sampled=(100, 100)),
    Setting(
        "difference of unequal groups, machine worse in the small one",
        people=(36, 12), share=(0.2, 0.3), found=(0.9, 0.55), sampled=(120, 100), between=True,
    ),
    Setting(
        "no difference of groups, machine worse in one",
        people=(25, 25), share=(0.2, 0.2), found=(0.9, 0.55), sampled=(120, 120), between=True,
    ),
    Setting("difference of two waves, the same 30 people", people=(30,), segments=40, waves=0.3, sampled=(240,)),
    Setting("difference of two waves, 12 people", people=(12,), segments=40, waves=0.3, sampled=(160,)),
    Setting("share of 60 people, 25 of them coded as a whole", people=(60,), segments=12, share=(0.05,), whole=25, false=(0.02,)),
    Setting("rare among people: 80, 30 coded as a whole", people=(80,), segments=12, share=(0.01,), alike=0.05, whole=30, false=(0.004,)),
    Setting("share of 16 people, 8 coded as a whole", people=(16,), segments=15, share=(0.05,), whole=8, false=(0.01,)),
)  # fmt: skip
"""Fixed before the first run of this table; none of them served to choose the form of the intervals."""


def learned_from_sample(one: Setting, seed: int) -> tuple[float, float]:
    """Bias and coverage where the machine was taught what people said of the sampled segments, and is judged by them: a warning."""
    truth, kept = truth_of(one), []
    for block in blocks(one, seed):
        seen = replace(block, machine=np.where(block.probability > 0, block.truth, block.machine))
        kept.append(estimate(one, seen)[0])
    low, high, value = (np.concatenate([getattr(part, name) for part in kept]) for name in ("low", "high", "value"))
    return float(value.mean() - truth), float(((low <= truth) & (truth <= high)).mean())


def error_test(one: Setting, seed: int, studies: int) -> tuple[float, float, float]:
    """How often the test of equal misses and of equal net errors finds a difference of the groups, and the power that it states (net)."""
    found, stated = np.zeros(2), []
    for block in blocks(one, seed, studies):
        shape = block.exists.shape
        person = np.broadcast_to(np.arange(shape[1])[:, None], shape[1:])
        group = np.broadcast_to(block.group[:, None], shape[1:])
        rate = [one.share[g] * (1 - one.found[g]) - (1 - one.share[g]) * one.false[g] for g in (0, 1)]
        for i in range(shape[0]):
            at = block.exists[i]
            units = Units(person[at], block.machine[i][at], block.probability[i][at], block.truth[i][at].astype(float))
            made = errors(units, group[at], 2, seed=seed)
            found += [made.missed.p < 0.05, made.net.p < 0.05]
            stated.append(made.net.power(rate[1] - rate[0]))
    return float(found[0] / studies), float(found[1] / studies), float(np.nanmean(stated))


def nhs(people: int = 1000, sampled: int = 250, repeats: int = 500) -> list[Figure]:
    """Studies of `people` comments, drawn from all with replacement; of each, `sampled` are read by people; beside the known truth."""
    figures = []
    codes, machine, truth, columns = coded_comments()
    print(
        f"\nNHS comments: {repeats} studies of {people} people drawn from {machine.shape[1]}, {sampled} read by people; "
        f"a machine that learned from {TAUGHT} others"
    )
    for attribute, values in columns.items():
        levels = [str(v) for v in np.unique(values) if (values == v).sum() >= 100]
        cell = np.array([levels.index(v) if v in levels else -1 for v in values])
        right = np.stack([truth[:, cell == c].mean(axis=1) for c in range(len(levels))], axis=1)
        made = [_study(machine, truth, cell, len(levels), people, sampled, draw) for draw in range(repeats)]
        known = ~np.isnan(np.array([one.corrected.value for one in made]))

        def held(name: str, right: Numbers = right, made: list[Shares] = made, known: Mask = known) -> float:
            parts = [getattr(one, name) for one in made]
            return float(np.array([(part.low <= right) & (right <= part.high) for part in parts])[known].mean())

        def by_study(name: str, right: Numbers = right, made: list[Shares] = made) -> list[float]:
            parts = [getattr(one, name) for one in made]
            return [float(((p.low <= right) & (right <= p.high))[~np.isnan(p.value)].mean()) for p in parts]

        def width(name: str, made: list[Shares] = made, known: Mask = known) -> float:
            parts = [getattr(one, name) for one in made]
            return float(np.array([part.high - part.low for part in parts])[known].mean())

        print(
            f"by {attribute}: {len(codes)} codes x {len(levels)} cells: the corrected interval holds the truth in {held('corrected'):.3f}, "
            f"the machine's in {held('machine'):.3f}; mean width {width('corrected'):.3f}, of the sample alone {width('human'):.3f}"
        )
        _print_cells(codes, levels, made[0], right)
        figures.append(
            Figure(
                "shares corrected by a sample", f"nhs_fft, {len(codes)} codes by {attribute}",
                "95 % interval holds the truth, mean of cells", held("corrected"), *mean_with_t(by_study("corrected"))[1:],
                "Student's t over drawn studies", repeats, "studies", Goal(0.93, 0.97),
                {"of the machine alone": held("machine"), "of the sample alone": held("human")},
            )
        )  # fmt: skip
    return figures


def _study(
    machine: Mask, truth: Mask, cell: npt.NDArray[np.int64], n_cells: int, people: int, sampled: int, draw: int
) -> Shares:
    rng = np.random.default_rng([SEED, draw])
    drawn = rng.integers(0, machine.shape[1], people)
    probability = np.zeros(people)
    probability[rng.permutation(people)[:sampled]] = sampled / people
    units = Units(np.arange(people), machine[:, drawn], probability, truth[:, drawn].astype(np.float64))
    return shares(count(units, cell[drawn], n_cells))


def coded_comments() -> tuple[list[str], Mask, Mask, dict[str, npt.NDArray[np.str_]]]:
    """Codes with a definition, machine and truth (n_codes, n) of the comments that taught nothing, and their attributes."""
    from tests.quality.coding import read_set
    from textcoder.coder import Calibration, Known, MachineCoder
    from textcoder.embeddings import load_embedder
    from textcoder.settings import Settings

    codes, items, seen = read_set("nhs_fft")
    truth = np.array([[code.id in item["codes"] for item in items] for code in codes])
    order = np.random.default_rng(SEED).permutation(len(items))
    taught, rest = order[:TAUGHT].tolist(), np.sort(order[TAUGHT:])
    positive = {code.id: frozenset(i for i in taught if truth[j, i]) for j, code in enumerate(codes)}
    coder = MachineCoder(load_embedder(Settings()).embed, Calibration.shipped())
    coder.fit(codes, seen.vectors, Known(positive, {}, frozenset(taught)), manner=seen.manner)
    machine = (coder.probabilities_ >= coder.thresholds_)[rest].T
    common = np.flatnonzero(truth[:, rest].sum(axis=1) >= 50)
    columns = {
        name: np.array([(items[i]["attributes"].get(name) or "(none)").replace("\xa0", "") for i in rest.tolist()])
        for name in ("trust", "service")
    }
    return [codes[j].name for j in common], machine[common], truth[common][:, rest], columns


def nhs_project(people: int = 1000, sampled: int = 250) -> None:
    """One study as its evaluator makes it: a project of NHS comments, a sample drawn, coded blind and released, and what is then answered.

    What the sample's coder says is what the NHS's coder said; the machine begins with the codebook and learns from the sample itself,
    each fifth of the people from the others.
    """
    from tests.builders import segments_of, survey
    from tests.fakes import MemoryStore
    from tests.quality.coding import entries
    from textcoder import workflow
    from textcoder.domain import acts
    from textcoder.domain.coding import Coder, CoderKind
    from textcoder.domain.decision import By
    from textcoder.domain.project import Case
    from textcoder.domain.transcript import Outcome, SourceFile
    from textcoder.query import Question, Unit
    from textcoder.settings import Settings
    from textcoder.workflow import LiveProject
    from textcoder.workflow.estimating import coded_twice, errors_found, prevalence

    codes = entries("nhs_fft")
    with (DATA / "nhs_fft" / "items.jsonl").open(encoding="utf-8") as stream:
        items = [json.loads(line) for line in stream]
    items = [items[i] for i in np.sort(np.random.default_rng(SEED + 2).permutation(len(items))[:people])]
    source = survey("comments.csv", [" ".join(item["text"].split()) for item in items])
    store: Any = MemoryStore()
    file = SourceFile(source.name, source.sha256, Outcome.READ, "", source.id)
    store.add_transcript(source, segments_of(source), file=file, original=b"comments")
    attributes = [{k: (v or "").replace("\xa0", "") for k, v in item["attributes"].items()} for item in items]
    store.save_cases([Case(f"r{i}", f"r{i}", own) for i, own in enumerate(attributes, start=1)])
    live, ana = LiveProject(store, Settings()), Coder("ana", "ana", CoderKind.HUMAN)
    by = By("ana", "2026-01-01T00:00:00+00:00")
    for code in codes:
        live.do(partial(acts.add_code, code=code, by=by), coder=ana)
    sample = workflow.draw_sample(live, "prevalence", sampled, ["ana"], by=ana, seed=SEED % 1000)
    said = {segment.id: item["codes"] for segment, item in zip(live.segments, items, strict=True)}
    ids = {code.id for code in codes}
    for id_ in sorted(sample.segments):
        one = live.segments[live.row_of[id_]]
        told, span = [c for c in said[id_] if c in ids], (one.transcript, one.start, one.end)
        live.do(partial(acts.review, segment=id_, span=span, codes=told, suggested=(), by=by), coder=ana)
    workflow.release_sample(live, "prevalence", by=ana)
    coded = coded_twice(live)
    common = [name for name, _ in Counter(c for one in said.values() for c in one if c in ids).most_common(6)]
    print(
        f"\none project, as its evaluator asks it: {people} comments, {sampled} coded by a person, the machine cross-fitted"
    )
    for attribute in ("trust", "service"):
        found = prevalence(coded, Question(Unit.CODES, (attribute,)), codes=common)
        held = of = 0
        for row in found.rows:
            for (level,), cell in zip(found.columns, row.cells, strict=True):
                own = [
                    row.row.id in item["codes"]
                    for item, a in zip(items, attributes, strict=True)
                    if a[attribute] == level
                ]
                if cell is None or cell.value is None or cell.low is None or cell.high is None or not level:
                    continue
                right = sum(own) / len(own)
                held, of = held + (cell.low <= right <= cell.high), of + 1
                if attribute == "trust":
                    print(
                        f"  {row.row.name[:44]:<46}{level:<6} truth {right:.3f}  machine {cell.machine:.3f}  corrected "
                        f"{cell.value:.3f} ({cell.low:.3f} to {cell.high:.3f})  sample alone {cell.sample:.3f} "
                        f"({cell.sample_low:.3f} to {cell.sample_high:.3f})"
                    )
        print(
            f"  by {attribute}: {held} of {of} corrected intervals hold the truth of these comments; {found.multiplicity}"
        )
    for meaning in errors_found(coded, by=["trust"], codes=common[:3], seed=1).meanings:
        print(f"  {meaning.row.name}: {meaning.sentence}")


def _print_cells(codes: list[str], levels: list[str], found: Shares, right: Numbers) -> None:
    print(f"  {'one sample':<44}{'cell':<28}{'truth':>7}{'machine':>9}{'corrected':>11}  95 % interval")
    for j, code in enumerate(codes[:4]):
        for c, level in enumerate(levels):
            one = found.corrected
            print(
                f"  {code[:42]:<44}{level[:26]:<28}{right[j, c]:>7.3f}{found.machine.value[j, c]:>9.3f}{one.value[j, c]:>11.3f}"
                f"  {one.low[j, c]:.3f} to {one.high[j, c]:.3f}"
            )


def coverage_figures(settings: tuple[Setting, ...], results: list[Result], studies: int = STUDIES) -> list[Figure]:
    """The least and the highest coverage of the corrected interval, and in how many settings it is as it should be, and short."""
    task, goal, n = "shares corrected by a sample", Goal(0.93, 0.97), len(results)
    order = np.argsort([r.coverage for r in results], kind="stable")
    extremes = [
        share_figure(
            task, f"simulated: {settings[i].name}", f"95 % interval holds the truth, {which} of {n} settings",
            round(results[i].coverage * studies), studies, "studies", goal=goal,
            baselines={"of the machine alone": results[i].machine_coverage, "of the sample alone": results[i].human_coverage},
        )
        for which, i in (("least", int(order[0])), ("highest", int(order[-1])))
    ]  # fmt: skip
    inside = sum(goal.holds(r.coverage) for r in results)
    shorter = sum(r.width < r.human_width for r in results)
    return [
        *extremes,
        share_figure(task, "simulated", "settings in which it does so in 93 to 97 %", inside, n, "settings"),
        share_figure(
            task, "simulated", "settings in which it is shorter than the sample's alone", shorter, n, "settings"
        ),
    ]


def main() -> list[Figure]:
    """Everything above."""
    print(f"{STUDIES} simulated studies for each setting, seeds from {SEED}")
    results = show(SETTINGS, SEED)
    inside = sum(0.93 <= r.coverage <= 0.97 for r in results)
    shorter = sum(r.width < r.human_width for r in results)
    figures = coverage_figures(SETTINGS, results)
    print(f"coverage within .93 to .97 in {inside} of {len(results)}; shorter than the sample alone in {shorter}")
    bias, coverage = learned_from_sample(SETTINGS[3], SEED + 500)
    print(
        f"{SETTINGS[3].name}, had it been taught the sample: bias {bias:+.4f}, covers {coverage:.3f}; hence cross-fitting"
    )
    for name, found in (("alike", (0.8, 0.8)), ("worse in the second", (0.9, 0.6))):
        one = Setting(name, people=(20, 20), share=(0.25, 0.25), found=found, false=(0.05, 0.05), sampled=(250,))
        missed, net, stated = error_test(one, SEED + 600, 1000)
        measure = "false alarms" if name == "alike" else "power"
        for what, rate in (("misses", missed), ("net errors", net)):
            task, goal = f"test of equal {what} in two groups", Goal(most=0.05) if name == "alike" else None
            figures.append(share_figure(task, "simulated", measure, round(rate * 1000), 1000, "studies", goal=goal))
        print(
            f"errors of two groups {name}: the test finds missed {missed:.3f}, net {net:.3f} (stated power, net: {stated:.3f}) of 1,000"
        )
    if not (DATA / "nhs_fft").is_dir():
        print("The NHS comments are not beside the checkout; left out.")
        return figures
    figures += nhs()
    nhs_project()
    return figures


if __name__ == "__main__":
    run("prevalence", main)
