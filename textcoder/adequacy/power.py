"""What so many people can show: the chance to meet a rare code, how many more people it takes, and how many codes are still unheard.

Everything takes the people as drawn independently from those whom the study is about. Where people were chosen because they differ
(as in most interview studies), rare views were sought and the chances here are too small rather than too large; where a network
sent its friends, too large.

References:
    Galvin (2015), How many interviews are enough? Journal of Building Engineering 1, 2-12.
    Fugard and Potts (2015), Supporting thinking on sample sizes for thematic analyses. International Journal of Social Research
        Methodology 18, 669-684.
    Chao (1987), Estimating the population size for capture-recapture data with unequal catchability. Biometrics 43, 783-791.
    Colwell, Chao, Gotelli, Lin, Mao, Chazdon and Longino (2012), Models and estimators linking individual-based and sample-based
        rarefaction, extrapolation and comparison of assemblages. Journal of Plant Ecology 5, 3-21.
    Chao, Gotelli, Hsieh, Sander, Ma, Colwell and Ellison (2014), Rarefaction and extrapolation with Hill numbers. Ecological
        Monographs 84, 45-67 (appendix G: the bootstrap).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

Z = 1.959963984540054
MOST_PEOPLE = 1_000_000
"""Nobody interviews more; the search for a number ends there."""


def chance_seen(prevalence: float, people: int, *, times: int = 1) -> float:
    """Chance that at least `times` of so many people carry a code that such a share of all people carries.

    Galvin (2015, eq. 1) for once; Fugard and Potts (2015) for more often.

    Args:
        prevalence: In [0, 1].
        people: How many are asked.
        times: By how many of them it must be said; the second time tells a theme from one person's story.

    Example:
        With 12 managers a barrier that 10 % of them hold is missed with probability .28:

        >>> round(1 - chance_seen(0.10, 12), 2)
        0.28
    """
    from scipy.special import bdtrc

    if times <= 0:
        return 1.0
    return float(bdtrc(times - 1, people, prevalence)) if people >= times else 0.0


def smallest_prevalence(people: int, *, times: int = 1, confidence: float = 0.95) -> float:
    """The smallest share of all people that must carry a code so that it is met with this confidence; NaN where it cannot be.

    For once it is 1 - (1 - confidence)^(1/n); in general a quantile of the beta distribution, since
    P(Binomial(n, p) >= k) = P(Beta(k, n - k + 1) <= p).
    """
    from scipy.special import betaincinv

    return float(betaincinv(times, people - times + 1, confidence)) if people >= times else math.nan


def people_needed(prevalence: float, *, times: int = 1, confidence: float = 0.95) -> int:
    """How many people it takes to meet a code at least `times` with this confidence; for once Galvin's (2015, eq. 2).

    Raises:
        ValueError: The prevalence is not in (0, 1], or so small that a million people would not do.

    Example:
        >>> people_needed(0.10)
        29
    """
    if not 0 < prevalence <= 1:
        raise ValueError(f"a prevalence lies above 0 and at most at 1, not at {prevalence}")
    low, high = times, MOST_PEOPLE
    if chance_seen(prevalence, high, times=times) < confidence:
        raise ValueError(f"a code of prevalence {prevalence} would not be met among {MOST_PEOPLE} people")
    while low < high:
        middle = (low + high) // 2
        if chance_seen(prevalence, middle, times=times) >= confidence:
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many codes people like these would bring in all, as far as those heard once and twice tell.

    Attributes:
        people: Asked.
        codes: Different ones that they brought.
        once: Codes that only one of them brought.
        twice: Codes that two brought.
        unseen: Codes still unheard, at the least (Chao2).
        low: Lower end of the 95 % interval of that number.
        high: Upper end.
        coverage: Of what one more person would say, the estimated share of codes (mention by mention) that is known already.
    """

    people: int
    codes: int
    once: int
    twice: int
    unseen: float
    low: float
    high: float
    coverage: float


def unseen_codes(carriers: Ints, people: int) -> Unseen:
    """Chao's lower bound of the codes that nobody has brought yet, with his log-transformed interval.

    With T people, Q1 codes brought by one and Q2 by two: (T - 1)/T Q1^2 / (2 Q2), or (T - 1)/T Q1 (Q1 - 1)/2 where Q2 = 0 (Chao 1987;
    Colwell et al. 2012, eq. 10 and 11). Few people, or codes of which each is one person's own, make it wide; it tells of codes as fine
    as those in the book, and of nothing that the analyst would not have coded.

    Args:
        carriers: (n_codes,) people who carry each code.
        people: Asked, T.
    """
    once, twice = int((carriers == 1).sum()), int((carriers == 2).sum())
    codes = int((carriers > 0).sum())
    if people < 2 or not codes:
        return Unseen(people, codes, once, twice, math.nan, math.nan, math.nan, math.nan)
    a = (people - 1) / people
    if twice:
        ratio = once / twice
        unseen = a * once * ratio / 2
        variance = twice * (a * ratio**2 / 2 + a**2 * ratio**3 + a**2 * ratio**4 / 4)
    else:
        unseen = a * max(once * (once - 1), 0) / 2
        variance = a * once * (once - 1) / 2 + a**2 * once * (2 * once - 1) ** 2 / 4
        variance -= a**2 * once**4 / (4 * (codes + unseen))
    low, high = _interval(unseen, variance, codes, int(carriers.sum()))
    return Unseen(people, codes, once, twice, unseen, low, high, _coverage(carriers, people))


def _interval(unseen: float, variance: float, codes: int, mentions: int) -> tuple[float, float]:
    """Of the unseen codes: log-transformed (Chao 1987), so that it never falls below none."""
    if unseen > 0 and variance > 0:
        k = math.exp(Z * math.sqrt(math.log1p(variance / unseen**2)))
        return unseen / k, unseen * k
    # Where nothing is estimated as unseen: EstimateS' interval (Colwell 2013, User's Guide, eq. 14 of appendix B).
    p = math.exp(-mentions / codes)
    return 0.0, max(0.0, codes / (1 - p) + Z * math.sqrt(codes * p) / (1 - p) - codes)


def _coverage(carriers: Ints, people: int) -> float:
    """Chao et al. (2014, eq. 4a): one minus the share of mentions by one person only, corrected for what follows them."""
    mentions, once, twice = int(carriers.sum()), int((carriers == 1).sum()), int((carriers == 2).sum())
    if not mentions:
        return math.nan
    return 1 - once / mentions * _still(once, twice, people)


def _still(once: int, twice: int, people: int) -> float:
    """(T - 1) Q1 / ((T - 1) Q1 + 2 Q2), with Q2 estimated where there is none."""
    if not once:
        return 0.0
    if twice:
        return (people - 1) * once / ((people - 1) * once + 2 * twice)
    return (people - 1) * (once - 1) / ((people - 1) * (once - 1) + 2)


def rarefied(carriers: Ints, people: int, fewer: int) -> float:
    """Different codes expected from `fewer` of the people (Colwell et al. 2012, eq. 17): the mean over all ways to choose them."""
    from scipy.special import gammaln

    carried = carriers[carriers > 0].astype(np.float64)
    left = people - carried
    with np.errstate(invalid="ignore"):
        missed = np.where(
            left >= fewer,
            np.exp(
                gammaln(left + 1)
                - gammaln(np.maximum(left - fewer, 0) + 1)
                - gammaln(people + 1)
                + gammaln(people - fewer + 1)
            ),
            0.0,
        )
    return float(len(carried) - missed.sum())


def new_codes(carriers: Ints, people: int, more: int, *, seed: int = 0, draws: int = 500) -> tuple[float, float, float]:
    """Codes not heard before that so many more people would bring, with a 95 % interval of what comes.

    Q0 (1 - (1 - Q1 / (T Q0 + Q1))^m) after Colwell et al. (2012, eq. 18). For the interval studies are drawn from the estimated one, in
    which the unheard codes are equally rare (Chao et al. 2014, appendix G), and from the number that each of them expects a whole
    number (Poisson); the 2.5th and 97.5th percentiles are taken. Beyond twice the people at hand the formula is guesswork (Colwell et
    al. 2012).

    Args:
        carriers: (n_codes,) people who carry each code.
        people: Asked, T.
        more: People to come, m.
        seed: Of the draws.
        draws: Studies drawn.

    Returns:
        Expected number, low, high (whole numbers); NaN where there is one person or no code.
    """
    found = unseen_codes(carriers, people)
    if math.isnan(found.unseen):
        return math.nan, math.nan, math.nan
    chances = _assemblage(carriers, people, found)
    chance = np.random.default_rng(seed)
    drawn = chance.binomial(people, np.broadcast_to(chances, (draws, len(chances))))
    coming = chance.poisson([_expected(row, people, more) for row in drawn])
    low, high = np.quantile(coming, [0.025, 0.975], method="inverted_cdf").tolist()
    expected = _expected(carriers, people, more)
    return expected, min(low, math.floor(expected)), max(high, math.ceil(expected))


def _expected(carriers: Ints, people: int, more: int) -> float:
    once, twice = int((carriers == 1).sum()), int((carriers == 2).sum())
    a = (people - 1) / people
    unseen = a * once * once / (2 * twice) if twice else a * once * (once - 1) / 2
    if unseen <= 0:
        return 0.0
    return unseen * (1 - (1 - once / (people * unseen + once)) ** more)


def _assemblage(carriers: Ints, people: int, found: Unseen) -> Numbers:
    """Chances of codes to be said by a person: those heard, made smaller by what is not covered, and the unheard, equal."""
    carried = carriers[carriers > 0].astype(np.float64)
    share = carried / people
    missing = (1 - found.coverage) * carried.sum() / people
    unheard = math.ceil(found.unseen)
    weight = float((share * (1 - share) ** people).sum())
    shrink = missing / weight if weight > 0 and unheard else 0.0
    heard = share * (1 - min(shrink, 1.0) * (1 - share) ** people)
    return np.concatenate([heard, np.full(unheard, min(missing / unheard, 1.0) if unheard else 0.0)])
