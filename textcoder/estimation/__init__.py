"""Prevalence that is right although the machine errs: what it coded, corrected by a random sample that people coded.

**What is estimated.** Two shares, for everybody and for each cell (group, site, wave):

(a) *of segments*: of all that such people say, how much carries the code. A mean over segments that cluster in people.
(b) *of people*: how many say it at least once. A mean over people of "any of her segments", which is no mean over segments.

Both are of people like those interviewed: the interval holds what is uncertain because other people might have been asked, and
what is uncertain because people coded a sample only. So it compares with the intervals of `textcoder ask`.

**How.** The machine has coded every unit; chance chose some of them, each with a known probability, and people coded these. Among the
sampled units that the machine coded, people find a share `kept`; among those that it passed over, a share `missed`. With `coded`,
the machine's share of all units,

    share = coded * kept + (1 - coded) * missed

This is Tenenbein's (1970) estimate from double sampling, the poststratified estimate of survey sampling, and, since the machine's answer
is yes or no, the prediction-powered estimate with the best tuning (PPI++: Angelopoulos, Duchi and Zrnic 2023; the difference estimator of
Särndal, Swensson and Wretman 1992, chapter 6, with the slope kept - missed): a useless machine has kept = missed, and what remains is the
mean of the sample. It is right (to terms of 1 / n) however biased the machine is, in each cell by itself, on two conditions:

- the sample was drawn by chance (`textcoder sample draw`), and coded blind;
- the machine's answers do not depend on what people said of the same person. So each person is coded by a machine that learned from the
  others only (cross-prediction: Zrnic and Candès 2024).

**Intervals.** The three proportions have Wilson intervals at their effective number of units: clustered by person, weighted by the
inverse of the probabilities (Kish 1965), with t for few people (Korn and Graubard 1998). They are put together by the method of variance
estimates recovery (Zou and Donner 2008), which keeps them skew where codes are rare and counts what nobody has missed *yet*: no miss among
100 segments does not rule out 3 in 100. Covariance between the three (who says it often is also missed often) widens it, never narrows.

**People.** (b) is (a) with people as units where whole people were drawn (`textcoder sample draw --people N`): all that they say is
coded. Where segments were drawn within people it is refused, and only the machine's own share is given, as uncorrected. Of nobody is
it then known that she never says it; whether she does hangs on many unread segments times a small chance of a miss, and on how
misses come together in a person. A model of that (beta-binomial hits and misses in each person) was tried: in simulated studies its 95 %
intervals held the truth in .66 to .90 of them, however good the machine.

**Differences** put the two intervals together in the same way, with the covariance of people who are in both (Zou 2007);
**errors** tests whether the machine errs differently in one group than in another.

Numbers in, frozen dataclasses out; nothing here knows a project.

References:
    Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023), Prediction-powered inference. Science 382, 669-674.
    Angelopoulos, Duchi and Zrnic (2023), PPI++: Efficient prediction-powered inference. arXiv 2311.01453.
    Kish (1965), Survey Sampling. Wiley.
    Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive counts estimated from survey
        data. Survey Methodology 24, 193-201.
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling. Springer.
    Tenenbein (1970), A double sampling scheme for estimating from binomial data with misclassifications. JASA 65, 1350-1361.
    Zou (2007), Toward using confidence intervals to compare correlations. Psychological Methods 12, 399-413.
    Zou and Donner (2008), Construction of confidence limits about effect measures: a general approach. Statistics in Medicine 27,
        1693-1702.
    Zrnic and Candès (2024), Cross-prediction-powered inference. PNAS 121, e2322083121.
"""

from textcoder.estimation.counting import Counted, Units, count
from textcoder.estimation.difference import Difference, difference
from textcoder.estimation.errors import Errors, Rates, errors
from textcoder.estimation.powered import Interval, Shares, shares

__all__ = [
    "Counted",
    "Difference",
    "Errors",
    "Interval",
    "Rates",
    "Shares",
    "Units",
    "count",
    "difference",
    "errors",
    "shares",
]
