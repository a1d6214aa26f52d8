"""How far coders agree, code by code, over segments that they all could have coded.

Agreement is judged over an explicit universe of units, so that text that nobody was asked to code does not swamp it. A code is
either given to a unit or not; a coder who never looked at a unit says nothing of it, neither yes nor no. A study that codes
reflexively need not ask for any of this (Braun and Clarke).

What cannot be computed is NaN with the reason in words. Intervals come from drawing whole persons anew (`bootstrap`), since what one
person says hangs together.

    units         what is judged, who said what of it, and where coders differ
    coefficients  percent, kappa, pi, AC1 and AC2, positive and negative agreement, prevalence and bias; `measures` has them by name
    alpha         Krippendorff's alpha on any scale (`distances`) and over whole sets of codes
    unitising     its family for free spans
    codes         all of it code by code; `words` says where the figures mislead
    confusion     which code is taken for which
    drift         from round to round, and of a coder with herself
    ceiling       the machine beside people, with a verdict
"""

from textcoder.agreement.alpha import SetAgreement, krippendorff_alpha, set_agreement
from textcoder.agreement.bootstrap import Draws, Estimate, Way
from textcoder.agreement.ceiling import RULE, CodeCeiling, Verdict, ceiling
from textcoder.agreement.codes import CodeAgreement, PairAgreement, agreement
from textcoder.agreement.coefficients import (
    bias_index,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    negative_agreement,
    pabak,
    percent_agreement,
    positive_agreement,
    prevalence_index,
    scott_pi,
)
from textcoder.agreement.confusion import Cell, Confused, confusion, units_behind
from textcoder.agreement.distances import SETS, Metric, Weights, jaccard, masi
from textcoder.agreement.drift import Again, CodeAgain, Course, OverTime, Period, over_time, with_herself
from textcoder.agreement.measures import MEASURES, Measure
from textcoder.agreement.unitising import CodeSpans, SpanAgreement, Stretch, span_agreement
from textcoder.agreement.units import (
    Disagreement,
    Judgements,
    Said,
    Unit,
    codes_said,
    disagreements,
    judgements,
    person_of,
)
from textcoder.agreement.words import reading, warnings_of

__all__ = [
    "MEASURES",
    "RULE",
    "SETS",
    "Again",
    "Cell",
    "CodeAgain",
    "CodeAgreement",
    "CodeCeiling",
    "CodeSpans",
    "Confused",
    "Course",
    "Disagreement",
    "Draws",
    "Estimate",
    "Judgements",
    "Measure",
    "Metric",
    "OverTime",
    "PairAgreement",
    "Period",
    "Said",
    "SetAgreement",
    "SpanAgreement",
    "Stretch",
    "Unit",
    "Verdict",
    "Way",
    "Weights",
    "agreement",
    "bias_index",
    "ceiling",
    "codes_said",
    "cohen_kappa",
    "confusion",
    "disagreements",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "jaccard",
    "judgements",
    "krippendorff_alpha",
    "masi",
    "negative_agreement",
    "over_time",
    "pabak",
    "percent_agreement",
    "person_of",
    "positive_agreement",
    "prevalence_index",
    "reading",
    "scott_pi",
    "set_agreement",
    "span_agreement",
    "units_behind",
    "warnings_of",
    "with_herself",
]
