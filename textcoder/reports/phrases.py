"""Numbers in words: what a reader should make of a probability, a share, a stability figure or a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textcoder.prevalence import Share

# Bounds from Hennig (2008), Dissolution point and isolation robustness, J. Multivariate Analysis 99: .85 and more is
# highly stable, .75 valid and stable, .6 a pattern whose members are doubtful, below that not to be trusted.
_STABILITY = (
    (0.85, "very stable", "it came back nearly unchanged when the discovery was repeated on parts of the material"),
    (0.75, "stable", "it came back, with small changes, when the discovery was repeated on parts of the material"),
    (
        0.60,
        "a pattern with loose edges",
        "its core came back on parts of the material, but which segments belong to it varied",
    ),
    (0.0, "doubtful", "on parts of the material it often fell apart or merged with others; read before you rely on it"),
)
DOUBTFUL_BELOW = _STABILITY[-2][0]
_NBSP = "\N{NO-BREAK SPACE}"
_SURENESS = ((0.9, "very sure"), (0.7, "fairly sure"), (0.5, "more likely than not"), (0.0, "unsure"))


def counted(n: int, one: str, many: str) -> str:
    """ "1 person", "5,857 people"."""
    return f"{n:,} {one if n == 1 else many}"


def listed(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def figure(probability: float) -> str:
    """ ".71"; ">.99" and "<.01" rather than a certainty that nobody has."""
    if probability >= 1 or probability <= 0:
        return f"{probability:.0f}"
    if not 0.005 <= probability < 0.995:
        return ">.99" if probability > 0.5 else "<.01"
    return f"{probability:.2f}".removeprefix("0")


def sureness(probability: float) -> str:
    """How sure the machine is, in words."""
    return next(words for bound, words in _SURENESS if probability >= bound)


def stability(value: float) -> tuple[str, str]:
    """A theme's stability in words: briefly, and what it means."""
    return next((brief, meaning) for bound, brief, meaning in _STABILITY if value >= bound)


def doubtful(value: float) -> bool:
    """Whether a theme of this stability is not to be trusted by itself."""
    return value < DOUBTFUL_BELOW


def worded(attribute: str, value: str) -> str:
    """A value as it stands by itself: "leader", but "wave 1"; "not known" where there is none."""
    return f"{attribute.replace('_', ' ')} {value}" if value.isdigit() else value or "not known"


def percent(share: float) -> str:
    """ "47 %", below ten "4.7 %", never broken over two lines; a dash where nobody was asked."""
    return "–" if math.isnan(share) else f"{100 * share:.{_digits(share)}f}{_NBSP}%"


def interval(share: Share) -> str:
    """ "21–72 %", "0.8–1.4 %"; a dash where nobody was asked."""
    if math.isnan(share.low):
        return "–"
    digits = _digits(share.high)
    return f"{100 * share.low:.{digits}f}–{100 * share.high:.{digits}f}{_NBSP}%"


def _digits(share: float) -> int:
    return 1 if 0 < share < 0.1 else 0


def clock(ms: int) -> str:
    """ "12:04" or "1:02:03" from the start of the recording."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
