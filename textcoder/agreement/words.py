"""What figures of agreement mean, in words: how far they carry, and where they mislead."""

from __future__ import annotations

from textcoder.agreement.bootstrap import Estimate
from textcoder.agreement.codes import CodeAgreement, PairAgreement

RELIABLE, TENTATIVE = 0.8, 0.667
"""From here on conclusions are safe, and tentative (Krippendorff 2019, Content Analysis, 4th edition, section 12.7)."""
FEW_USES = 10
"""Below so many judgements "it carries the code" one more or less moves every coefficient that allows for chance."""
WIDE = 0.4
"""An interval of this length does not tell a reliable code from one that is not."""
SELDOM = 0.1
"""Given to fewer units than this share, chance alone agrees on more than 82 % of them: 1 - 2 (.1) (.9)."""


def reading(alpha: Estimate) -> str:
    """How far conclusions may rest on a code, by its alpha and its interval."""
    if not alpha.defined:
        return "undefined"
    if alpha.value >= RELIABLE:
        sure = alpha.has_interval and alpha.low >= TENTATIVE
        return "reliable" if sure else "reliable as far as it goes, and not yet sure"
    if alpha.value >= TENTATIVE:
        return "for tentative conclusions"
    return "not reliable"


def warnings_of(one: CodeAgreement) -> tuple[str, ...]:
    """Where the figures of a code mislead, each as a sentence; empty where they may be read as they are.

    References:
        Feinstein and Cicchetti (1990), High agreement but low kappa I. Journal of Clinical Epidemiology 43, 543-549.
        Byrt, Bishop and Carlin (1993), Bias, prevalence and kappa. Journal of Clinical Epidemiology 46, 423-429.
    """
    return tuple(said for said in (_paradox(one), *map(_bias, one.pairs), _few(one), _against(one), _wide(one)) if said)


def _paradox(one: CodeAgreement) -> str:
    """High percent and low alpha, since nearly everybody says the same of nearly everything."""
    if not (one.alpha.defined and one.percent.value >= 0.8 and one.alpha.value < TENTATIVE):
        return ""
    # alpha = 1 - (1 - p_o) / (1 - p_e), solved for what chance gives.
    chance = 1 - (1 - one.percent.value) / (1 - one.alpha.value)
    share = _share_of_yes(one)
    if share <= SELDOM:
        why = f"hardly anybody uses the code ({_times(_uses(one))} in {_judged(one)} judgements)"
    elif share >= 1 - SELDOM:
        why = "nearly every segment carries the code"
    else:
        return ""
    matched, all_yes = _matched(one)
    read = f"Of {all_yes} times that somebody gave it, another did so too {_times(matched)}: read positive agreement."
    return (
        f"They agree on {one.percent.value:.0%} of the segments and alpha is only {one.alpha.value:.2f}, because {why}, so that "
        f"chance alone would agree on {chance:.0%}. {read if share <= SELDOM else 'Read negative agreement.'}"
    )


def _bias(pair: PairAgreement) -> str:
    """One coder gives the code far more often: they draw the line elsewhere, and do not slip at random."""
    apart, differ = abs(pair.only_a - pair.only_b), pair.only_a + pair.only_b
    # A difference beyond two standard deviations of fair coins (McNemar 1947, Psychometrika 12, 153-157).
    if differ < 6 or apart * apart <= 4 * differ:
        return ""
    more, less = (pair.a, pair.b) if pair.only_a > pair.only_b else (pair.b, pair.a)
    most, least = max(pair.only_a, pair.only_b), min(pair.only_a, pair.only_b)
    return (
        f"{more} gives it where {less} does not {_times(most)}, the other way round {_times(least)}: they draw the line "
        "elsewhere, which talking over the definition can mend."
    )


def _few(one: CodeAgreement) -> str:
    uses = _uses(one)
    if not one.alpha.defined or uses >= FEW_USES:
        return ""
    return f"It was given only {_times(uses)}: one judgement more or less would move alpha far."


def _against(one: CodeAgreement) -> str:
    if not (one.alpha.defined and one.alpha.has_interval and one.alpha.high < 0):
        return ""
    return "They agree less than by chance: they seem to mean different things by it."


def _wide(one: CodeAgreement) -> str:
    if not one.alpha.has_interval or one.alpha.high - one.alpha.low <= WIDE:
        return ""
    return (
        f"The interval of alpha reaches from {one.alpha.low:.2f} to {one.alpha.high:.2f}: let more segments of more people "
        "be coded twice before judging the code."
    )


def _uses(one: CodeAgreement) -> int:
    return sum(one.yes.values())


def _judged(one: CodeAgreement) -> int:
    """Judgements on units that two looked at; with two coders twice the units."""
    if len(one.yes) == 2:
        return 2 * one.units
    seen = {pair.a: 0 for pair in one.pairs} | {pair.b: 0 for pair in one.pairs}
    for pair in one.pairs:
        seen[pair.a], seen[pair.b] = max(seen[pair.a], pair.units), max(seen[pair.b], pair.units)
    return sum(seen.values())


def _share_of_yes(one: CodeAgreement) -> float:
    """Of the judgements in pairs of coders, those that say yes."""
    yes = sum(2 * pair.both_yes + pair.only_a + pair.only_b for pair in one.pairs)
    return yes / max(1, 2 * sum(pair.units for pair in one.pairs))


def _matched(one: CodeAgreement) -> tuple[int, int]:
    """Judgements "it carries the code" that another's matches, and all of them, in pairs of coders."""
    both = 2 * sum(pair.both_yes for pair in one.pairs)
    return both, both + sum(pair.only_a + pair.only_b for pair in one.pairs)


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"
