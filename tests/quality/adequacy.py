"""What the tests of togetherness and order, and the estimate of unheard codes, are worth: simulated studies with a known truth.

False alarms where nothing goes together or follows (wanted: 5 % at most), with people of very unequal volume; power at a stated effect;
coverage of the 95 % interval for codes still unheard, and for the new codes of half as many people more.
"""

from __future__ import annotations

import math

import numpy as np

from tests.quality.figures import Figure, Goal, run, share_figure
from textcoder.adequacy import new_codes, unseen_codes
from textcoder.sequence import followed, together

PEOPLE, SEED = 24, 20260422


def volumes(draws: np.random.Generator) -> np.ndarray:
    """Segments of each person: most say 20 to 60, a few several times as much."""
    return np.clip(draws.lognormal(math.log(35), 0.8, PEOPLE), 6, 300).astype(int)


def independent(draws: np.random.Generator, codes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Segments by codes, and whose they are; each person has rates of her own, which rise and fall together."""
    size = volumes(draws)
    person = np.repeat(np.arange(PEOPLE), size)
    eager = draws.lognormal(0, 0.6, PEOPLE)  # who codes densely in one carries more of all
    rates = np.clip(draws.beta(2, 14, (PEOPLE, codes)) * eager[:, None], 0, 0.6)
    return draws.random((len(person), codes)) < rates[person], person


def in_runs(draws: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The same, but people stay with a topic: each code holds for about four segments on end."""
    carried, person = independent(draws)
    held = np.zeros_like(carried)
    for code in range(2):
        for whose in range(PEOPLE):
            own = np.flatnonzero(person == whose)
            rate = max(carried[own, code].mean(), 1e-9)
            on = False
            for at in own:
                on = draws.random() < (0.75 if on else 0.25 * rate / (1 - rate))
                held[at, code] = on
    return held, person


def share(hits: list[bool]) -> str:
    """A share with its 95 % interval."""
    n, p = len(hits), float(np.mean(hits))
    return f"{p:.3f} (+-{1.96 * math.sqrt(max(p * (1 - p), 1e-9) / n):.3f}, {n} studies)"


def togetherness(studies: int = 2000) -> list[Figure]:
    """False alarms and power of `together`."""
    from scipy.stats import fisher_exact

    draws = np.random.default_rng(SEED)
    alarms, pooled = [], []
    for _ in range(studies):
        carried, person = independent(draws)
        found = together(carried, person, draws=2)
        alarms.append(bool(found and found[0].p < 0.05))
        a, b = carried.T
        table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]
        pooled.append(bool(fisher_exact(table)[1] < 0.05))
    print(f"together, nothing there: false alarms {share(alarms)}; pooled over people it would be {share(pooled)}")
    task = "what goes together"
    figures = [
        _figure(
            task, "false alarms", alarms, goal=Goal(most=0.05), baselines={"pooled over people": float(np.mean(pooled))}
        )
    ]
    for times in (1.5, 2.0, 3.0):
        hits = []
        for _ in range(studies // 4):
            carried, person = independent(draws, 3)
            # Where the first stands, the second is `times` as probable as it is with that person.
            rate = np.array([carried[person == i, 1].mean() for i in range(PEOPLE)])[person]
            extra = np.clip((times - 1) * rate / np.maximum(1 - rate, 1e-9), 0, 1)
            carried[:, 1] |= carried[:, 0] & (draws.random(len(person)) < extra)
            found = together(carried, person, pairs=[(0, 1)], draws=2)
            hits.append(bool(found and found[0].p < 0.05))
        print(f"together, {times} times as probable: power {share(hits)}")
        figures.append(_figure(task, f"power where it is {times:g} times as probable", hits))
    return figures


def order(studies: int = 400) -> list[Figure]:
    """False alarms and power of `followed`."""
    draws = np.random.default_rng(SEED + 1)
    task, figures = "what follows what", []
    for name, make in (("each segment by itself", independent), ("topics in runs", in_runs)):
        shuffled, turned = [], []
        for _ in range(studies):
            carried, person = make(draws)
            found = followed(carried[:, :1], carried[:, 1:], person, person, orders=199, draws=2)
            shuffled.append(bool(found and found[0].p_shuffled < 0.05))
            turned.append(bool(found and found[0].p < 0.05))
        print(f"followed, no order, {name}: false alarms shuffled {share(shuffled)}, turned {share(turned)}")
        beside = {"shuffled": float(np.mean(shuffled))}
        figures.append(_figure(task, f"false alarms, {name}", turned, goal=Goal(most=0.05), baselines=beside))
    for chance in (0.1, 0.2, 0.3):
        hits = []
        for _ in range(studies // 2):
            carried, person = independent(draws)
            for i in np.flatnonzero(carried[:, 0] & (draws.random(len(person)) < chance)):
                at = i + int(draws.integers(1, 4))
                if at < len(person) and person[at] == person[i]:
                    carried[at, 1] = True
            found = followed(carried[:, :1], carried[:, 1:], person, person, orders=199, draws=2)
            hits.append(bool(found and found[0].p < 0.05))
        print(f"followed, {chance:.0%} of the first answered on purpose within three: power {share(hits)}")
        figures.append(_figure(task, f"power where {chance:.0%} are answered within three", hits))
    return figures


def unheard(studies: int = 1000) -> list[Figure]:
    """Coverage of the intervals for unheard and new codes."""
    draws = np.random.default_rng(SEED + 2)
    figures = []
    kinds = {
        "equally rare codes": lambda: np.full(40, 0.12),
        "codes of all kinds": lambda: draws.beta(0.8, 3.2, 40),
        "many very rare codes": lambda: draws.beta(0.4, 4.0, 60),
    }
    for name, make in kinds.items():
        for people in (12, 24, 48):
            held, above, coming = [], [], []
            for study in range(studies):
                chances = make()
                carriers = draws.binomial(people, chances)
                found = unseen_codes(carriers, people)
                missing = chances[carriers == 0]
                # A number of codes is whole.
                above.append(math.floor(found.low) <= len(missing))
                held.append(above[-1] and len(missing) <= math.ceil(found.high))
                if study < studies // 2:
                    more = people // 2
                    _, low, high = new_codes(carriers, people, more, draws=200, seed=study)
                    coming.append(low <= int((draws.binomial(more, missing) > 0).sum()) <= high)
            print(
                f"unheard, {name}, {people} people: interval holds {share(held)}, its lower end {share(above)}; "
                f"interval of what {people // 2} more bring holds {share(coming)}"
            )
            task = f"codes still unheard: {name}, {people} people"
            figures += [
                _figure(task, "95 % interval holds the truth", held),
                _figure(task, "its lower end holds (said as: at least)", above),
                _figure(task, f"95 % interval of what {people // 2} more bring holds", coming),
            ]
    return figures


def _figure(
    task: str, measure: str, hits: list[bool], *, goal: Goal | None = None, baselines: dict[str, float] | None = None
) -> Figure:
    return share_figure(
        task, "simulated studies", measure, sum(hits), len(hits), "studies", goal=goal, baselines=baselines
    )


if __name__ == "__main__":
    run("adequacy", lambda: [*togetherness(), *order(), *unheard()])
