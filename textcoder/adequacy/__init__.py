"""Was enough heard, and from whom: saturation, what so few people can show, and whose voices carry a code.

Everything here takes plain arrays (people by codes) and gives frozen dataclasses; nothing opens a store or computes by a model.
"""

from textcoder.adequacy.power import (
    Unseen,
    chance_seen,
    new_codes,
    people_needed,
    rarefied,
    smallest_prevalence,
    unseen_codes,
)
from textcoder.adequacy.saturation import Point, Rule, Run, Saturation, saturation
from textcoder.adequacy.voices import Absence, Voice, absences, chance_of_few, voices

__all__ = [
    "Absence",
    "Point",
    "Rule",
    "Run",
    "Saturation",
    "Unseen",
    "Voice",
    "absences",
    "chance_of_few",
    "chance_seen",
    "new_codes",
    "people_needed",
    "rarefied",
    "saturation",
    "smallest_prevalence",
    "unseen_codes",
    "voices",
]
