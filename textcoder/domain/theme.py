"""A cluster is a candidate: a theme becomes a code when a person adopts it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ThemeStatus(StrEnum):
    """A candidate is proposed; adopted means that a code stands for it."""

    CANDIDATE = "candidate"
    ADOPTED = "adopted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of segments under one lens that say similar things.

    Attributes:
        id: Derived from lens and segments, so that the same input gives the same id.
        name: A phrase that a person would use.
        lens: Lens id, or `none`; themes never mix lenses.
        keywords: Most telling first.
        segments: Ids, nearest to the theme's centre first.
        representatives: Ids of segments to quote, from different people where there are any.
        stability: In [0, 1]: mean best Jaccard overlap with the themes of resampled runs (Hennig 2007); 1 means found every time.
        status: Candidate until adopted.
        code: The code that stands for it once adopted.
    """

    id: str
    name: str
    lens: str
    keywords: tuple[str, ...]
    segments: tuple[str, ...]
    representatives: tuple[str, ...]
    stability: float
    status: ThemeStatus = ThemeStatus.CANDIDATE
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A segment that no theme holds, with what a reader should know.

    Attributes:
        segment: Segment id.
        lens: The lens under which it was looked at.
        nearest: Id of the nearest theme; None where there is none.
        similarity: Cosine to that theme's centre.
    """

    segment: str
    lens: str
    nearest: str | None
    similarity: float


@dataclass(frozen=True, slots=True)
class ThemeMap:
    """What a discovery run found: candidate themes, and what belongs nowhere, ranked for reading (oddest first)."""

    themes: tuple[Theme, ...]
    unassigned: tuple[Unassigned, ...]
