"""From a sentence to the whole programme: each person's indicator in each wave, means of groups and of everybody, and what changed.

Every figure carries the ids of what lies below it: programme, groups, people, segments.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from textcoder.progress.scaling import About, ScalingAnswer

SCALING = "scaling"
"""The indicator that is no share of segments but a number that people gave."""

FEWEST = 3
"""People below which a mean has no interval: two differ by one number only."""

T_MEAN = (
    "mean of people, each counting once; Student's t with people - 1 degrees of freedom, cut at the ends of the scale"
)
T_PAIRED = "mean of the same people's differences; Student's t with people - 1 degrees of freedom"

Hide = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.bool_]]
"""(n_groups, n_waves) people -> which cells may not be shown."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person said in one wave.

    Attributes:
        case: Who.
        wave: When; empty where unknown.
        group: Of whom, in this wave; empty where unknown.
        segments: Ids of all that she said.
        carried: Lens id to the ids of those that count under it.
        numbers: Segment id and scaling answer.
    """

    case: str
    wave: str
    group: str
    segments: tuple[str, ...]
    carried: Mapping[str, tuple[str, ...]]
    numbers: tuple[tuple[str, ScalingAnswer], ...]


@dataclass(frozen=True, slots=True)
class PersonWave:
    """One person's indicator in one wave.

    Attributes:
        case: Who.
        wave: When.
        group: Of whom.
        value: Share of her segments; of `scaling` the mean of the numbers that she gave for now, in tenths of the scale. NaN: none.
        n: Segments that count, or numbers.
        of: Segments that she said, or numbers.
        segments: Ids of those that count, or that hold the numbers.
        reason: Why there is no value; empty where there is one.
    """

    case: str
    wave: str
    group: str
    value: float
    n: int
    of: int
    segments: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over people with its 95 % interval; NaN where a figure is undefined, with the reason."""

    value: float
    low: float
    high: float
    n: int
    method: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupWave:
    """A group (or everybody) in one wave; `mean` and `people` are None where too few people speak.

    Attributes:
        group: Empty for everybody, and for people without the attribute; see `Programme`.
        wave: When.
        mean: Of those who have a value.
        people: Their ids: what lies below.
    """

    group: str
    wave: str
    mean: Mean | None
    people: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Change:
    """The same people from one wave to another (after minus before); None where they are too few to be shown."""

    group: str
    from_wave: str
    to_wave: str
    mean: Mean | None
    people: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Programme:
    """One indicator for the whole programme.

    Attributes:
        indicator: A lens id, or `scaling`.
        top: Where it ends: 1 for a share, 10 for a number.
        waves: In order; "" for interviews without one.
        groups: Sorted; "" for people without the attribute. None where nothing is asked by.
        overall: Everybody, by wave.
        cells: By group and wave.
        overall_changes: Everybody, from each wave to the next, and from the first to the last.
        changes: Likewise by group: of people who are in it in both waves.
        hidden: Cells and changes that are not shown.
    """

    indicator: str
    top: float
    waves: tuple[str, ...]
    groups: tuple[str, ...]
    overall: tuple[GroupWave, ...]
    cells: tuple[GroupWave, ...]
    overall_changes: tuple[Change, ...]
    changes: tuple[Change, ...]
    hidden: int


Figure = TypeVar("Figure", GroupWave, Change)


def person_waves(voices: Iterable[Voice], indicator: str) -> list[PersonWave]:
    """Each person's indicator in each wave, by case and wave. Interviews of one person in one wave are one.

    Args:
        voices: In any order.
        indicator: A lens id, or `scaling`.
    """
    together: dict[tuple[str, str], list[Voice]] = defaultdict(list)
    for voice in voices:
        together[voice.case, voice.wave].append(voice)
    rows = []
    for (case, wave), said in sorted(together.items(), key=lambda item: (item[0][0], natural(item[0][1]))):
        group = min(voice.group for voice in said)
        if indicator == SCALING:
            rows.append(_number(case, wave, group, said))
        else:
            every = {segment for voice in said for segment in voice.segments}
            held = sorted({segment for voice in said for segment in voice.carried.get(indicator, ())}, key=place)
            value = len(held) / len(every) if every else math.nan
            reason = "" if every else "nothing that she said is coded"
            rows.append(PersonWave(case, wave, group, value, len(held), len(every), tuple(held), reason))
    return rows


def _number(case: str, wave: str, group: str, said: Sequence[Voice]) -> PersonWave:
    """The mean of the numbers for now: somebody may answer for several scales (work, home), or twice."""
    # Whoever says "three, yes, three" gives one number.
    now = sorted({(segment, one.tenths) for voice in said for segment, one in voice.numbers if one.about is About.NOW})
    segments = tuple(sorted({segment for segment, _ in now}, key=place))
    if not now:
        given = any(voice.numbers for voice in said)
        reason = "no number for now, only for other times" if given else "no number was found"
        return PersonWave(case, wave, group, math.nan, 0, 0, (), reason)
    value = math.fsum(sorted(tenths for _, tenths in now)) / len(now)
    return PersonWave(case, wave, group, value, len(now), len(now), segments)


def programme_of(rows: Sequence[PersonWave], indicator: str, *, hide: Hide) -> Programme:
    """Means of groups and of everybody, and what changed for the same people.

    Args:
        rows: As `person_waves` gives them; the order does not matter.
        indicator: Which one it is.
        hide: Which cells may not be shown, by how many people are in each.
    """
    top = 10.0 if indicator == SCALING else 1.0
    known = [row for row in rows if not math.isnan(row.value)]
    waves = tuple(sorted({row.wave for row in rows}, key=natural))
    groups = tuple(sorted({row.group for row in rows}))
    steps = _steps([wave for wave in waves if wave])
    overall = [_cell(known, None, wave, top) for wave in waves]
    cells = [_cell(known, group, wave, top) for group in groups for wave in waves]
    whole = [_change(known, None, *step) for step in steps]
    parts = [_change(known, group, *step) for group in groups for step in steps]
    shown_overall, shown_cells, n = _shown(overall, cells, (len(groups), len(waves)), hide)
    shown_whole, shown_parts, m = _shown(whole, parts, (len(groups), len(steps)), hide)
    return Programme(indicator, top, waves, groups, shown_overall, shown_cells, shown_whole, shown_parts, hidden=n + m)


def _steps(waves: Sequence[str]) -> list[tuple[str, str]]:
    steps = list(pairwise(waves))
    return [*steps, (waves[0], waves[-1])] if len(waves) > 2 else steps


def _cell(rows: Sequence[PersonWave], group: str | None, wave: str, top: float) -> GroupWave:
    own = sorted((row for row in rows if row.wave == wave and group in (None, row.group)), key=lambda row: row.case)
    mean = _mean([row.value for row in own], T_MEAN, 0.0, top)
    return GroupWave(group or "", wave, mean, tuple(row.case for row in own))


def _change(rows: Sequence[PersonWave], group: str | None, before: str, after: str) -> Change:
    at: dict[str, dict[str, float]] = {before: {}, after: {}}
    for row in rows:
        if row.wave in at and group in (None, row.group):
            at[row.wave][row.case] = row.value
    both = sorted(at[before].keys() & at[after].keys())
    mean = _mean([at[after][case] - at[before][case] for case in both], T_PAIRED, -math.inf, math.inf)
    return Change(group or "", before, after, mean, tuple(both))


def _mean(values: Sequence[float], method: str, least: float, most: float) -> Mean:
    """Student's t interval, cut at the ends of what can be."""
    n = len(values)
    if not n:
        return Mean(math.nan, math.nan, math.nan, 0, method, "nobody has a value here")
    value = math.fsum(sorted(values)) / n
    if n < FEWEST:
        return Mean(value, math.nan, math.nan, n, method, f"fewer than {FEWEST} people: no interval")
    spread = math.sqrt(math.fsum(sorted((one - value) ** 2 for one in values)) / (n - 1))
    if spread < 1e-12:
        return Mean(
            value, math.nan, math.nan, n, method, "all of them have the same value: how they vary cannot be told"
        )
    from scipy.special import stdtrit

    half = float(stdtrit(n - 1, 0.975)) * spread / math.sqrt(n)
    return Mean(value, max(least, value - half), min(most, value + half), n, method)


def _shown(
    whole: Sequence[Figure], parts: Sequence[Figure], shape: tuple[int, int], hide: Hide
) -> tuple[tuple[Figure, ...], tuple[Figure, ...], int]:
    """What may be shown, and how many figures may not. `hide` sees everybody as the only group of a table of its own."""
    if not whole:
        return (), (), 0
    of_all = hide(np.array([[len(one.people or ()) for one in whole]], dtype=np.int64)).ravel().tolist()
    of_parts = hide(np.array([len(one.people or ()) for one in parts], dtype=np.int64).reshape(shape)).ravel().tolist()
    return _veiled(whole, of_all), _veiled(parts, of_parts), sum(of_all) + sum(of_parts)


def _veiled(figures: Sequence[Figure], hidden: Sequence[bool]) -> tuple[Figure, ...]:
    return tuple(
        replace(one, mean=None, people=None) if unseen else one for one, unseen in zip(figures, hidden, strict=True)
    )


def place(segment: str) -> tuple[str, int]:
    """Segments by transcript, then start."""
    transcript, _, span = segment.rpartition(":")
    return transcript, int(span.partition("-")[0])


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """The order in which people count: 2 before 10."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", name))
