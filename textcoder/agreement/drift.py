"""Agreement from one round to the next: of all on a code, of one coder with the others, and of a coder with herself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from textcoder.agreement import alpha, coefficients
from textcoder.agreement.bootstrap import Draws, Estimate, Figure, undefined
from textcoder.agreement.units import Numbers, Said, Unit, checked, codes_said, judgements, shared


@dataclass(frozen=True, slots=True)
class Period:
    """A round, or a part of the work.

    Attributes:
        name: As people read it.
        units: Units of it that two coders or more looked at.
        cases: Persons whose words these are.
    """

    name: str
    units: int
    cases: int


@dataclass(frozen=True, slots=True)
class Course:
    """A figure from period to period.

    Attributes:
        of: Code id, or coder id.
        values: For each period.
        change: The last less the first period that has a figure, with its interval over persons.
    """

    of: str
    values: tuple[Estimate, ...]
    change: Estimate


@dataclass(frozen=True, slots=True)
class OverTime:
    """Agreement over the periods of a study.

    Attributes:
        periods: In order.
        codes: Krippendorff's alpha of each code.
        coders: Of each coder with all others, positive agreement over all codes: of the codes that she or another gave a unit, how
            many both did.
    """

    periods: tuple[Period, ...]
    codes: tuple[Course, ...]
    coders: tuple[Course, ...]


@dataclass(frozen=True, slots=True)
class CodeAgain:
    """A coder with herself on one code.

    Attributes:
        code: Code id.
        both: Units that she gave it both times.
        only_first: Only the first time.
        only_again: Only when she coded again.
        alpha: Krippendorff's alpha of the two.
        more: How much more of the units she gives it the second time, as a share of them; above 0 she has grown more generous.
    """

    code: str
    both: int
    only_first: int
    only_again: int
    alpha: Estimate
    more: Estimate


@dataclass(frozen=True, slots=True)
class Again:
    """A coder who coded a second time what she had coded before.

    Attributes:
        coder: Her id of the first time.
        again: Her id of the second.
        units: Units that she coded both times.
        same: Positive agreement with herself over all codes.
        codes: Code by code.
    """

    coder: str
    again: str
    units: int
    same: Estimate
    codes: tuple[CodeAgain, ...]


def over_time(
    units: Sequence[Unit],
    said: Said,
    period_of: Mapping[str, int],
    names: Sequence[str],
    codes: Sequence[str] | None = None,
    *,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> OverTime:
    """Agreement period by period; persons are drawn anew over all periods at once, so that a change is judged as one.

    Args:
        units: The universe.
        said: What each coder said of the units that she looked at.
        period_of: Unit id -> place of its period; units without one are left out.
        names: Of the periods, in order.
        codes: Code ids, in the order of the answer; None for all that anybody used, sorted.
        seed: Decides the resamples.
        resamples: Draws of the bootstrap.
        level: Of the intervals.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: A unit stands twice.
    """
    rows, coders = checked(units, said)
    rows = [unit for unit in shared(rows, said) if unit.id in period_of]
    asked = codes_said(rows, said) if codes is None else list(codes)
    draws = Draws.of(rows, seed=seed, resamples=resamples, level=level)
    at = np.array([period_of[unit.id] for unit in rows], dtype=np.int64)
    tables = {code: judgements(rows, said, code) for code in asked}

    def course(of: str, tally: Numbers, figure: Figure) -> Course:
        values = tuple(
            draws.estimate(tally * (at == p)[:, None], figure, "too little was coded by two") for p in range(len(names))
        )
        return Course(of, values, _change(draws, tally, figure, at, values))

    def with_others(who: int) -> Numbers:
        return (
            np.sum([_one_with_all(tables[code], who) for code in asked], axis=0) if asked else np.zeros((len(rows), 3))
        )

    return OverTime(
        periods=tuple(
            Period(name, int((at == p).sum()), len({u.case for u, q in zip(rows, at, strict=True) if q == p}))
            for p, name in enumerate(names)
        ),
        codes=tuple(course(code, alpha.coincidence_tally(tables[code]), alpha.nominal) for code in asked),
        coders=tuple(course(coder, with_others(i), coefficients.positive) for i, coder in enumerate(coders)),
    )


def _change(
    draws: Draws,
    tally: Numbers,
    figure: Figure,
    at: np.ndarray[tuple[int], np.dtype[np.int64]],
    values: Sequence[Estimate],
) -> Estimate:
    known = [p for p, value in enumerate(values) if value.defined]
    if len(known) < 2:
        return undefined("it takes two periods with a figure")
    first, last, width = known[0], known[-1], tally.shape[1]
    both = np.column_stack([tally * (at == first)[:, None], tally * (at == last)[:, None]])
    return draws.estimate(both, _difference(figure, width), "", perfect=False)


def _difference(figure: Figure, width: int) -> Callable[[Numbers], Numbers]:
    """The figure of the second half of the columns less that of the first."""
    return lambda totals: figure(totals[..., width:]) - figure(totals[..., :width])


def _one_with_all(table: np.ndarray[tuple[int, int], np.dtype[np.int64]], who: int) -> Numbers:
    """Pairs of one coder with each other: both yes, they differ, both no, (n_units, 3)."""
    mine, others = table[:, [who]], np.delete(table, who, axis=1)
    looked = (mine >= 0) & (others >= 0)
    columns = [(mine == 1) & (others == 1), mine != others, (mine == 0) & (others == 0)]
    return np.column_stack([(column & looked).sum(axis=1) for column in columns]).astype(np.float64)


def with_herself(
    units: Sequence[Unit],
    said: Said,
    first: str,
    again: str,
    *,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> Again:
    """How far a coder codes as she did before.

    Args:
        units: The universe; what she did not code both times says nothing.
        said: What each coder said of the units that she looked at.
        first: Her id of the first time.
        again: Her id of the second.
        seed: Decides the resamples.
        resamples: Draws of the bootstrap.
        level: Of the intervals.
    """
    two = {first: said[first], again: said[again]}
    rows = shared(checked(units, two)[0], two)
    draws = Draws.of(rows, seed=seed, resamples=resamples, level=level)
    column = sorted(two).index(first)
    tables = {code: judgements(rows, two, code)[:, [column, 1 - column]] for code in codes_said(rows, two)}
    whole = (
        np.sum([coefficients.binary_tally(t) for t in tables.values()], axis=0) if tables else np.zeros((len(rows), 3))
    )
    return Again(
        first,
        again,
        len(rows),
        draws.estimate(whole, coefficients.positive, "she gave no code either time"),
        tuple(_code_again(code, table, draws) for code, table in tables.items()),
    )


def _code_again(code: str, table: np.ndarray[tuple[int, int], np.dtype[np.int64]], draws: Draws) -> CodeAgain:
    cells = coefficients.confusion_tally(table)
    _, only_again, only_first, both = (int(n) for n in cells.sum(axis=0))
    return CodeAgain(
        code,
        both,
        only_first,
        only_again,
        draws.estimate(alpha.coincidence_tally(table), alpha.nominal, "she gave it to every unit both times"),
        draws.estimate(cells, lambda totals: -coefficients.bias(totals), "", perfect=False),
    )
