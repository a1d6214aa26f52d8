"""Signs of progress in what people say: scaling answers as numbers, marks with their words, and people's paths over waves.

Everything here is a pattern's suggestion with its words; nothing is a coding, and nothing counts as one.
"""

from textcoder.progress.marks import KINDS, Mark, find_marks
from textcoder.progress.paths import (
    SCALING,
    Change,
    GroupWave,
    Mean,
    PersonWave,
    Programme,
    Voice,
    person_waves,
    programme_of,
)
from textcoder.progress.scaling import About, Asked, ScalingAnswer, find_scaling, read_question, states_scale
from textcoder.progress.words import LANGUAGES, Words, words_of

__all__ = [
    "KINDS",
    "LANGUAGES",
    "SCALING",
    "About",
    "Asked",
    "Change",
    "GroupWave",
    "Mark",
    "Mean",
    "PersonWave",
    "Programme",
    "ScalingAnswer",
    "Voice",
    "Words",
    "find_marks",
    "find_scaling",
    "person_waves",
    "programme_of",
    "read_question",
    "states_scale",
    "words_of",
]
