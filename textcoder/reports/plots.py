"""Small drawings that stand beside their numbers in a table: inline SVG, without any script.

All widths are percentages of the table's cell, so that a drawing fits a phone, a screen and paper. Colours come from
the page's style, hence from light, dark or print. The drawings are hidden from screen readers, which read the numbers
in the next cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textcoder.prevalence import Share

if TYPE_CHECKING:
    from markupsafe import Markup

_MARKS = {100: (0, 25, 50, 75, 100), 50: (0, 10, 20, 30, 40, 50), 25: (0, 5, 10, 15, 20, 25), 10: (0, 2, 4, 6, 8, 10)}
"""Where a scale ends, in per cent, and its marks."""


def scale_for(shares: Iterable[float]) -> int:
    """The shortest scale, in per cent, on which all shares find room; 100 for none. NaN counts as nothing."""
    most = max((100 * share for share in shares if not math.isnan(share)), default=100.0)
    return min(end for end in _MARKS if end >= min(most, 100.0))


def marks_of(scale: int) -> tuple[int, ...]:
    """The marks of a scale, in per cent."""
    return _MARKS[scale]


def axis(scale: int) -> Markup:
    """The scale above the dots: its ends and one figure between, exactly over their lines; more would touch in a narrow column."""
    figures = []
    marks = _MARKS[scale]
    for x in (marks[0], marks[len(marks) // 2], marks[-1]):
        kind, anchor = ("", "start") if x == 0 else ("", "end") if x == scale else ("between", "middle")
        place = f'class="{kind}" x="{100 * x / scale:.0f}%" y="12" text-anchor="{anchor}"'
        figures.append(f"<text {place}>{x}{' %' if x == scale else ''}</text>")
    return _svg("axis", 16, "".join(figures))


def share_plot(share: Share, scale: int) -> Markup:
    """A dot for the share of people, a bar from 0 to it and a line over its 95 % interval, on a scale in per cent."""
    grid = (f"{100 * x / scale:.0f}%" for x in _MARKS[scale])
    marks = [f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="20"/>' for x in grid]
    if not math.isnan(share.share):
        middle, low, high = (_width(x, scale) for x in (share.share, share.low, share.high))
        marks += [
            f'<rect class="bar" x="0" y="6" width="{middle}" height="8"/>',
            f'<line class="interval" x1="{low}" x2="{high}" y1="10" y2="10"/>',
            f'<circle class="dot" cx="{middle}" cy="10" r="5"/>',
        ]
    return _svg("plot", 20, "".join(marks))


def bar(share: float, scale: int = 100) -> Markup:
    """A thin bar for a share between 0 and 1, on a scale in per cent; empty for NaN."""
    width = _width(0.0 if math.isnan(share) else share, scale)
    whole = '<rect class="rest" width="100%" height="6" rx="3"/>'
    return _svg("thin", 6, f'{whole}<rect class="bar" width="{width}" height="6" rx="3"/>')


def dot_size(n: int) -> int:
    """Size of the dot for a number of mentions, from 0 (none) to 4; each size stands for about twice the number."""
    return 0 if n == 0 else min(4, 1 + int(math.log2(n)))


def _width(share: float, scale: int) -> str:
    return f"{100 * share * 100 / scale:.1f}%"


def _svg(kind: str, height: int, marks: str) -> Markup:
    from markupsafe import Markup

    # Only numbers of ours are inside, so there is nothing to escape.
    return Markup(  # noqa: S704
        f'<svg class="{kind}" width="100%" height="{height}" aria-hidden="true" focusable="false">{marks}</svg>'
    )
