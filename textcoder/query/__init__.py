"""Who said what: themes, codes and lenses by any attributes and wave, with who was asked, intervals and the exact words.

Everything is read from `Facts`, a picture of the project in columns; nothing here opens a store or computes by a model. Figures are
of what counts now and know nothing of errors of coding.
"""

from textcoder.query.asking import Answer, AnswerRow, Asked, Cell, Question, ask
from textcoder.query.change import Change, Changed, ChangeRow, Compared, change
from textcoder.query.facts import EVERYWHERE, Facts, Layout, Row, Suggestions, Unit, Where
from textcoder.query.intervals import Estimate
from textcoder.query.pairs import CaseMatrix, CoOccurrence, Pair, co_occurrence, matrix
from textcoder.query.quotations import Quotation, Quotations, quotations

__all__ = [
    "EVERYWHERE",
    "Answer",
    "AnswerRow",
    "Asked",
    "CaseMatrix",
    "Cell",
    "Change",
    "ChangeRow",
    "Changed",
    "CoOccurrence",
    "Compared",
    "Estimate",
    "Facts",
    "Layout",
    "Pair",
    "Question",
    "Quotation",
    "Quotations",
    "Row",
    "Suggestions",
    "Unit",
    "Where",
    "ask",
    "change",
    "co_occurrence",
    "matrix",
    "quotations",
]
