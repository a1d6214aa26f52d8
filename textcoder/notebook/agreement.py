"""How far coders agree, by the names that people know, on frames or arrays, each with its interval.

    agreement.alpha(frame)                       one column a coder, one row a segment, any values; nothing where nobody looked
    agreement.kappa(of_anna, of_ben)             or one sequence a coder
    agreement.by_code({"anna": a, "ben": b})     a table of codes for each coder, and all of a codebook at once

What is computed, and where it comes from, stands in `textcoder.agreement`. Intervals come from drawing whole people anew, since what one
person says hangs together: say with `cases` whose words each segment is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from textcoder.agreement import MEASURES, SETS, Draws, Estimate, Metric, Unit, reading, set_agreement, warnings_of
from textcoder.agreement import agreement as code_by_code
from textcoder.agreement.alpha import scaled
from textcoder.errors import TextcoderError
from textcoder.notebook import show
from textcoder.notebook.frames import Frame, numbers_of
from textcoder.settings import Settings

__all__ = [
    "Agreement",
    "ac1",
    "alpha",
    "bias",
    "by_code",
    "fleiss_kappa",
    "kappa",
    "measures",
    "negative_agreement",
    "pabak",
    "percent",
    "positive_agreement",
    "prevalence",
    "scott_pi",
    "sets",
]

_SEED = Settings().seed
_BINARY = ("positive", "negative", "pabak", "prevalence", "bias")
_ALONE = "each segment was taken for another person's: say with `cases` whose words it is"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient with its interval; `float(...)` is the value alone.

    Attributes:
        name: What people call it.
        value: NaN where it is undefined.
        low: Lower end of the interval; NaN where there is none.
        high: Upper end.
        note: Why it is undefined, or what to beware of; empty where there is nothing to say.
        units: Segments that two coders or more looked at.
        coders: How many.
        source: Where the coefficient comes from.
    """

    name: str
    value: float
    low: float
    high: float
    note: str
    units: int
    coders: int
    source: str

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        between = "" if np.isnan(self.low) else f" [{self.low:.2f}, {self.high:.2f}]"
        value = "undefined" if np.isnan(self.value) else f"{self.value:.2f}{between}"
        return f"{self.name}: {value}, {self.coders} coders, {self.units} segments" + (
            f" ({self.note})" if self.note else ""
        )

    def _repr_html_(self) -> str:
        row = (self.name, self.value, self.low, self.high, self.coders, self.units, self.note)
        header = ("measure", "value", "low", "high", "coders", "segments", "note")
        return show.table(header, [row], caption=self.source)


class Coefficient(Protocol):
    """A function of what coders said; see `alpha` for its arguments."""

    def __call__(
        self,
        *coders: Any,
        cases: Sequence[Any] | None = None,
        random_state: int = _SEED,
        resamples: int = 2000,
        level: float = 0.95,
    ) -> Agreement:
        """The coefficient with its interval."""


def alpha(
    *coders: Any,
    cases: Sequence[Any] | None = None,
    metric: str = "nominal",
    random_state: int = _SEED,
    resamples: int = 2000,
    level: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha: any number of coders, any scale, segments that not everyone looked at.

    Args:
        coders: One table (frame or array) with a row a segment and a column a coder; or one sequence a coder. Any values;
            None or NaN where a coder never looked.
        cases: Whose words each segment is, in the same order; intervals are over people. None takes the frame's column `case`,
            and without one draws segments.
        metric: nominal, ordinal, interval or ratio; the last three take numbers.
        random_state: For the resamples.
        resamples: Draws of the bootstrap.
        level: Of the interval.

    Raises:
        TextcoderError: There are fewer than two coders, or the sequences are of different length.
        ValueError: There is no such metric, or it takes numbers and there are none.

    Example:
        >>> print(alpha(["yes", "no", "no", None], ["yes", "no", "yes", "no"]))
        Krippendorff's alpha, nominal: 0.44 [...], 2 coders, 3 segments (...)
    """
    scale = Metric(metric)
    told = _told(coders, cases, numbers=scale is not Metric.NOMINAL)
    tally, figure = scaled(told.table, scale, None if scale is Metric.NOMINAL else told.values)
    name = f"Krippendorff's alpha, {scale.value}"
    return told.estimate(name, "Krippendorff (2011)", tally, figure, random_state, resamples, level)


def _named(measure: str) -> Coefficient:
    """A coefficient of `textcoder.agreement.MEASURES` as a function on frames and arrays."""
    of = MEASURES[measure]

    def coefficient(
        *coders: Any,
        cases: Sequence[Any] | None = None,
        random_state: int = _SEED,
        resamples: int = 2000,
        level: float = 0.95,
    ) -> Agreement:
        told = _told(coders, cases, binary=measure in _BINARY)
        if of.two and told.table.shape[1] != 2:
            raise TextcoderError(
                f"{of.title} compares 2 coders, not {told.table.shape[1]}; take alpha or fleiss_kappa for more."
            )
        perfect = measure not in ("prevalence", "bias")
        return told.estimate(
            of.title, of.source, of.tally(told.table), of.figure, random_state, resamples, level, perfect=perfect
        )

    takes = "two coders" if of.two else "two coders or more"
    values = "1 (carries the code) and 0 (does not)" if measure in _BINARY else "any values"
    coefficient.__doc__ = (
        f"{of.title} of {takes}, on {values}, with its interval; arguments as in `alpha`. {of.source}."
    )
    return coefficient


percent = _named("percent")
kappa = _named("kappa")
scott_pi = _named("scott")
fleiss_kappa = _named("fleiss")
ac1 = _named("ac1")
pabak = _named("pabak")
positive_agreement = _named("positive")
negative_agreement = _named("negative")
prevalence = _named("prevalence")
bias = _named("bias")
_FUNCTIONS: Mapping[str, Coefficient] = {
    "percent": percent,
    "alpha": alpha,
    "kappa": kappa,
    "scott_pi": scott_pi,
    "fleiss_kappa": fleiss_kappa,
    "ac1": ac1,
    "pabak": pabak,
    "positive_agreement": positive_agreement,
    "negative_agreement": negative_agreement,
    "prevalence": prevalence,
    "bias": bias,
}
for _name, _function in _FUNCTIONS.items():
    _function.__name__ = _function.__qualname__ = _name  # type: ignore[attr-defined]  # what help() shows; every function has it


def measures(
    *coders: Any,
    cases: Sequence[Any] | None = None,
    random_state: int = _SEED,
    resamples: int = 2000,
    level: float = 0.95,
) -> Frame:
    """Every coefficient that fits, one a row: measure, value, low, high, note, source; arguments as in `alpha`.

    Those for two coders where there are two, those for a code given or not where the values are 0 and 1.
    """
    told = _told(coders, cases)
    two, binary = told.table.shape[1] == 2, told.binary
    names = {
        name: function
        for name, function in _FUNCTIONS.items()
        if (two or name not in ("kappa", "scott_pi", "prevalence", "bias"))
        and (binary or name not in ("positive_agreement", "negative_agreement", "pabak", "prevalence", "bias"))
    }
    found = [
        function(*coders, cases=cases, random_state=random_state, resamples=resamples, level=level)
        for function in names.values()
    ]
    rows = [(one.name, one.value, one.low, one.high, one.note, one.source) for one in found]
    return Frame(rows, columns=["measure", "value", "low", "high", "note", "source"], index=pd.Index(names))


def by_code(
    said: Mapping[str, Any],
    *,
    cases: Mapping[Any, Any] | pd.Series[Any] | Sequence[Any] | None = None,
    random_state: int = _SEED,
    resamples: int = 2000,
    level: float = 0.95,
) -> Frame:
    """Every code of a codebook, as it is reported: how often it was given, percent, alpha with its interval, and what to beware of.

    Args:
        said: Coder -> table of codes: a row a segment (named by the index), a column a code; 1 where she gave it, 0 where she read
            the segment and did not. A segment that she never looked at is not in her table, or holds nothing.
        cases: Whose words each segment is: segment -> case, or in the order of the first table.
        random_state: For the resamples.
        resamples: Draws of the bootstrap.
        level: Of the intervals.

    Returns:
        One row a code (the index): segments, people, given_by_<coder>, percent, alpha, low, high, kappa (two coders),
        reading, warnings (where the figures mislead), note (what to beware of in the interval).

    Raises:
        TextcoderError: There are fewer than two coders, or a table has gaps in a row.
    """
    units, sets_said, codes = _sets(said, cases)
    rows = []
    for one in code_by_code(units, sets_said, codes, seed=random_state, resamples=resamples, level=level):
        given = {f"given_by_{coder}": n for coder, n in one.yes.items()}
        kappa_of_two = {"kappa": one.pairs[0].kappa.value} if len(one.pairs) == 1 else {}
        rows.append(
            {"code": one.code, "segments": one.units, "people": one.cases, **given, "percent": one.percent.value}
            | {"alpha": one.alpha.value, "low": one.alpha.low, "high": one.alpha.high, **kappa_of_two}
            | {"reading": reading(one.alpha), "warnings": " ".join(warnings_of(one))}
            | {"note": "; ".join(_noted(one.alpha, alone=cases is None))}
        )
    return Frame(pd.DataFrame(rows).set_index("code"))


def sets(
    said: Mapping[str, Any],
    *,
    cases: Mapping[Any, Any] | pd.Series[Any] | Sequence[Any] | None = None,
    distance: str = "masi",
    random_state: int = _SEED,
    resamples: int = 2000,
    level: float = 0.95,
) -> Agreement:
    """Agreement on all the codes of a segment at once; arguments as in `by_code`.

    Args:
        said: As in `by_code`.
        cases: Likewise.
        distance: Between two sets of codes: nominal, jaccard or masi.
        random_state: For the resamples.
        resamples: Draws of the bootstrap.
        level: Of the interval.
    """
    if distance not in SETS:
        raise TextcoderError(f'There is no distance "{distance}" between sets; there are: {", ".join(SETS)}.')
    units, sets_said, _ = _sets(said, cases)
    found = set_agreement(units, sets_said, distance=distance, seed=random_state, resamples=resamples, level=level)
    note = "; ".join(_noted(found.alpha, alone=cases is None))
    return Agreement(
        f"Krippendorff's alpha on sets of codes, {distance}",
        found.alpha.value,
        found.alpha.low,
        found.alpha.high,
        note,
        found.units,
        len(found.coders),
        "Krippendorff (2011); Passonneau (2006)" if distance == "masi" else "Krippendorff (2011)",
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What coders said as places among the values: (n_units, n_coders), -1 where one never looked; rows sorted."""

    table: npt.NDArray[np.int64]
    values: list[Any]
    units: list[Unit]
    binary: bool
    alone: bool

    def estimate(
        self,
        name: str,
        source: str,
        tally: npt.NDArray[np.float64],
        figure: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
        seed: int,
        resamples: int,
        level: float,
        *,
        perfect: bool = True,
    ) -> Agreement:
        """The figure over segments that two or more looked at."""
        why = "nobody else looked at any of the segments" if not len(self.table) else "all judgements are equal"
        draws = Draws.of(self.units, seed=seed, resamples=resamples, level=level)
        found = draws.estimate(tally, figure, why, perfect=perfect)
        note = "; ".join(_noted(found, alone=self.alone))
        units, coders = self.table.shape
        return Agreement(name, found.value, found.low, found.high, note, units, coders, source)


def _told(coders: Sequence[Any], cases: Sequence[Any] | None, *, numbers: bool = False, binary: bool = False) -> _Told:
    columns, cases = _columns(coders, cases)
    lengths = {len(one) for one in columns}
    if len(columns) < 2 or len(lengths) > 1:
        raise TextcoderError(
            "Agreement needs two coders or more over the same segments: a table with a column for each, or a sequence for each; "
            f"there {'is' if len(columns) == 1 else 'are'} {len(columns)} of length {', '.join(map(str, sorted(lengths)))}."
        )
    if cases is not None and len(cases) != len(columns[0]):
        raise TextcoderError(f"There are {len(cases)} cases for {len(columns[0])} segments; give one for each.")
    given = {value for one in columns for value in one if value is not None}
    if numbers and not all(isinstance(value, int | float | np.number) for value in given):
        raise ValueError("This metric takes numbers, and the coders gave other values.")
    is_binary = given <= {0, 1}
    if binary and not is_binary:
        raise TextcoderError("This coefficient is of a code given (1) or not (0), and the coders gave other values.")
    values = [0, 1] if is_binary else sorted(given, key=lambda value: (isinstance(value, str), value))
    place = {value: i for i, value in enumerate(values)}
    table = np.array(
        [[-1 if v is None else place[v] for v in row] for row in zip(*columns, strict=True)], dtype=np.int64
    )
    table = table.reshape(-1, len(columns))
    # Sorted, so that the draws do not depend on the order of rows; a segment without a case is drawn by itself.
    whose = [""] * len(table) if cases is None else [str(case) for case in cases]
    rows = sorted((case, tuple(row)) for case, row in zip(whose, table.tolist(), strict=True))
    rows = [(case, row) for case, row in rows if sum(value >= 0 for value in row) >= 2]
    units = [Unit(str(i), case if cases is not None else f"{i:09}") for i, (case, _) in enumerate(rows)]
    sorted_table = np.array([row for _, row in rows], dtype=np.int64).reshape(len(rows), len(columns))
    return _Told(sorted_table, values, units, is_binary, cases is None)


def _columns(coders: Sequence[Any], cases: Sequence[Any] | None) -> tuple[list[list[Any]], Sequence[Any] | None]:
    """What each coder said, None where she never looked; and whose words it is."""
    if len(coders) == 1:
        (one,) = coders
        frame = one if isinstance(one, pd.DataFrame) else pd.DataFrame(np.asarray(one, dtype=object))
        if cases is None and "case" in frame.columns:
            cases = list(frame["case"])
        columns = [list(frame[name]) for name in frame.columns if name != "case"]
    else:
        columns = [list(of) for of in coders]
    return [[None if pd.isna(value) else value for value in of] for of in columns], cases


def _sets(
    said: Mapping[str, Any], cases: Mapping[Any, Any] | pd.Series[Any] | Sequence[Any] | None
) -> tuple[list[Unit], dict[str, dict[str, frozenset[str]]], list[str]]:
    """Units with whose words they are, what each coder said of them, and the codes in the order of the columns."""
    if not any(np.size(of) for of in said.values()):
        raise TextcoderError(
            "No coder's table has a code and a segment; give each a row a segment and a column a code."
        )
    tables = {coder: of if isinstance(of, pd.DataFrame) else pd.DataFrame(of) for coder, of in said.items()}
    codes = list(dict.fromkeys(str(name) for table in tables.values() for name in table.columns))
    found: dict[str, dict[str, frozenset[str]]] = {}
    for coder, table in tables.items():
        numbers = numbers_of(table)
        looked = ~np.isnan(numbers).all(axis=1)
        if np.isnan(numbers[looked]).any():
            raise TextcoderError(
                f"The table of {coder} has gaps in the row of a segment that she looked at; write 0 for codes that she did not give."
            )
        names = [str(name) for name in table.columns]
        found[coder] = {
            str(segment): frozenset(name for name, yes in zip(names, row, strict=True) if yes)
            for segment, row, seen in zip(table.index, numbers, looked, strict=True)
            if seen
        }
    ids = list(dict.fromkeys(segment for of in found.values() for segment in of))
    whose = _whose(tables, cases)
    return [Unit(id_, whose.get(id_, "") if cases is not None else id_) for id_ in ids], found, codes


def _whose(
    tables: Mapping[str, pd.DataFrame], cases: Mapping[Any, Any] | pd.Series[Any] | Sequence[Any] | None
) -> dict[str, str]:
    if cases is None:
        return {}
    if isinstance(cases, Mapping | pd.Series):
        return {str(segment): str(case) for segment, case in cases.items()}
    first = next(iter(tables.values()), pd.DataFrame())
    if len(cases) != len(first):
        raise TextcoderError(f"There are {len(cases)} cases for {len(first)} segments; give one for each.")
    return {str(segment): str(case) for segment, case in zip(first.index, cases, strict=True)}


def _noted(estimate: Estimate, *, alone: bool) -> list[str]:
    """What to beware of; where nobody said whose words these are, what was drawn were segments and not persons."""
    if not alone:
        return [estimate.note] if estimate.note else []
    return [*filter(None, (estimate.note.replace("persons", "segments"), _ALONE if estimate.has_interval else ""))]
