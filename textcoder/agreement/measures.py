"""Every coefficient on "carries the code, or not", by the name by which it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textcoder.agreement import alpha, coefficients
from textcoder.agreement.bootstrap import Figure
from textcoder.agreement.units import Judgements, Numbers


@dataclass(frozen=True, slots=True)
class Measure:
    """A coefficient on judgements of "carries the code, or not".

    Attributes:
        name: By which it is asked for.
        title: What people read.
        source: Where it comes from.
        tally: What each unit adds, (n_units, n_columns).
        figure: Of the totals.
        two: Whether it compares two coders and no more.
    """

    name: str
    title: str
    source: str
    tally: Callable[[Judgements], Numbers]
    figure: Figure
    two: bool = False

    def __call__(self, table: Judgements) -> float:
        """The coefficient of judgements (n_units, n_coders); NaN where it is undefined."""
        return float(self.figure(self.tally(table).sum(axis=0)))


_ALL = (
    Measure(
        "percent",
        "Percent agreement",
        "share of pairs of coders who said the same",
        coefficients.pairs_tally,
        coefficients.percent,
    ),
    Measure("alpha", "Krippendorff's alpha, nominal", "Krippendorff (2011)", alpha.coincidence_tally, alpha.nominal),
    Measure(
        "kappa", "Cohen's kappa", "Cohen (1960)", coefficients.confusion_tally, coefficients.weighted_kappa, two=True
    ),
    Measure("scott", "Scott's pi", "Scott (1955)", coefficients.confusion_tally, coefficients.scott, two=True),
    Measure("fleiss", "Fleiss' kappa", "Fleiss (1971)", coefficients.shares_tally, coefficients.fleiss),
    Measure("ac1", "Gwet's AC1", "Gwet (2008)", coefficients.shares_tally, coefficients.gwet),
    Measure(
        "positive",
        "Positive agreement",
        "Cicchetti and Feinstein (1990)",
        coefficients.binary_tally,
        coefficients.positive,
    ),
    Measure(
        "negative",
        "Negative agreement",
        "Cicchetti and Feinstein (1990)",
        coefficients.binary_tally,
        coefficients.negative,
    ),
    Measure(
        "pabak",
        "PABAK (prevalence- and bias-adjusted kappa)",
        "Byrt, Bishop and Carlin (1993)",
        coefficients.pairs_tally,
        coefficients.adjusted,
    ),
    Measure(
        "prevalence",
        "Prevalence index",
        "Byrt, Bishop and Carlin (1993)",
        coefficients.confusion_tally,
        coefficients.prevalence,
        two=True,
    ),
    Measure(
        "bias",
        "Bias index",
        "Byrt, Bishop and Carlin (1993)",
        coefficients.confusion_tally,
        coefficients.bias,
        two=True,
    ),
)
MEASURES = {measure.name: measure for measure in _ALL}
"""By name."""
