"""What stands on the page of a report, as the templates read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textcoder.domain.codebook import Code
from textcoder.domain.theme import Theme
from textcoder.prevalence import CodeCount, Share
from textcoder.reports import phrases
from textcoder.reports.counts import ThemeCount
from textcoder.reports.quotes import Quote


@dataclass(frozen=True, slots=True)
class ThemeView:
    """What is known of a theme, in words."""

    theme: Theme
    stable: str
    meaning: str
    figure: str

    @classmethod
    def of(cls, theme: Theme) -> ThemeView:
        """A theme with its stability in words."""
        return cls(theme, *phrases.stability(theme.stability), phrases.figure(theme.stability))


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code as a section of the page.

    Attributes:
        anchor: Id of the section.
        parent: Name of the code above it; empty at the top.
        folded: It stands in the list of doubtful themes at the end of its lens, not as a section of its own.
        drafted: The machine drafted the entry and nobody has confirmed it.
        theme: The theme that it was drafted from, if it was.
        quotes: A few, from different people.
        all_quotes: All codings, the surest first, `MOST_ROWS` at most.
        more: How many codings are not listed.
    """

    anchor: str
    count: CodeCount
    parent: str
    folded: bool
    drafted: bool
    theme: ThemeView | None
    quotes: Sequence[Quote]
    all_quotes: Sequence[Quote]
    more: int


@dataclass(frozen=True, slots=True)
class LensView:
    """A lens with its codes, those that most people share first; `silent` are the codes that no segment carries."""

    id: str
    name: str
    brief: str
    colour: int
    codes: Sequence[CodeView]
    silent: Sequence[Code]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate theme beside a codebook that people made; `folded` as of a code."""

    theme: ThemeView
    lens: str
    colour: int
    count: ThemeCount
    folded: bool
    quotes: Sequence[Quote]


@dataclass(frozen=True, slots=True)
class ChosenView:
    """The quotations that people chose and that carry one code; `code` is empty for those that carry none."""

    code: str
    lens: str
    colour: int
    quotes: Sequence[tuple[Quote, str]]
    """Each with what it is to show, in the words of whoever chose it."""


@dataclass(frozen=True, slots=True)
class AttributeView:
    """People with each code, of those asked who share a value; `asked` as `values`, `scale` of the bars in per cent."""

    name: str
    scale: int
    values: Sequence[str]
    asked: Sequence[int]
    rows: Sequence[tuple[CodeView, LensView, Sequence[Share]]]


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class of probabilities: from and to, how many, and their share."""

    name: str
    words: str
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A segment that no theme holds."""

    quote: Quote
    lens: str
    nearest: str
    similarity: str
