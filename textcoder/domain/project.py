"""What a study is: its lenses, its method and the people in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Method(StrEnum):
    """How the study codes; agreement figures are never forced on a reflexive one (Braun and Clarke)."""

    CODEBOOK = "codebook"
    RELIABILITY = "reliability"
    REFLEXIVE = "reflexive"


@dataclass(frozen=True, slots=True)
class Lens:
    """How the speaker sees a thing. A lens crosses the theme tree: one code stands under one lens.

    Attributes:
        id: Short name in files and queries, such as `barriers`.
        name: What people read, such as "Barriers".
        brief: One sentence: what the lens holds.
        include: When to use.
        exclude: When not to use.
        examples: Short sentences that belong here.
    """

    id: str
    name: str
    brief: str
    include: str = ""
    exclude: str = ""
    examples: tuple[str, ...] = ()


NO_LENS = "none"
"""The honest answer for facts, greetings and descriptions without a stance."""

WHAT_WORKS = Lens(
    "what_works",
    "What works",
    "Something that helps, in the speaker's own view.",
    "A practice, person, resource or condition is said to help, to be valued or to be worth keeping; strengths; exceptions; "
    "a bad thing that is absent because of something.",
    "A wish for something that is not there; politeness to the interviewer; a plan; a change that is only reported as change.",
    ("Having one named contact means I don't get lost.", "Not bad at all, the handover sheet."),
)
BARRIERS = Lens(
    "barriers",
    "Barriers",
    "Something that hinders, in the speaker's own view.",
    "An obstacle, lack, burden, fear, conflict, confusion or unfairness; what is missing or should be otherwise; "
    "a good thing that never came or stopped.",
    "A hard time told as overcome; a barrier that is denied.",
    ("Nobody answers after three.", "I had to tell my story five times."),
)
SIGNS_OF_PROGRESS = Lens(
    "signs_of_progress",
    "Signs of progress",
    "A change for the better that has begun, however small, or that the speaker commits to.",
    "A before and after; a small step taken; something done for the first time; a rating that rose; a barrier that lessened; "
    "a lesson that changes what one does; others noticing a difference; unexpected benefits.",
    "A stable good thing; hope without any step or commitment; a change for the worse; an interviewer's praise.",
    ("Now at least they call us before they decide.", "I went outside twice this week."),
)
DEFAULT_LENSES = (WHAT_WORKS, BARRIERS, SIGNS_OF_PROGRESS)


@dataclass(frozen=True, slots=True)
class Project:
    """One study: a name, the lenses it looks through and the method it follows."""

    id: str
    name: str
    lenses: tuple[Lens, ...] = DEFAULT_LENSES
    method: Method = Method.CODEBOOK

    def lens_name(self, lens_id: str | None) -> str:
        """What people read for a lens id; "No lens" for `none`, None and lenses that the project no longer has."""
        return next((lens.name for lens in self.lenses if lens.id == lens_id), "No lens")


@dataclass(frozen=True, slots=True)
class Case:
    """A participant: the unit in which people are counted.

    Attributes:
        id: Unique in the project; the participant number or pseudonym that the researcher uses.
        name: What people read; the id where nothing else is known.
        attributes: What comparisons are made by (group, site, organisation, ...), as text.
    """

    id: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
