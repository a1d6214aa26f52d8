"""A sample of segments drawn for blind coding by several people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SampleStatus(StrEnum):
    """While a sample is open, its coders do not see each other's codings of it."""

    OPEN = "open"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Sample:
    """A probability sample with all that is needed to draw it again and to weight by it.

    Attributes:
        name: Unique in the project.
        segments: Segment id to its inclusion probability, in (0, 1].
        coders: Ids of those who code it, each without seeing the others.
        seed: Of the draw.
        by: The attribute by which it was stratified; empty for a simple random sample.
        population: How many segments it was drawn from.
        status: Open until somebody releases it.
        people: Whole people were drawn, with all that they say; then shares of people can be estimated from it.
    """

    name: str
    segments: Mapping[str, float]
    coders: tuple[str, ...]
    seed: int
    by: str = ""
    population: int = 0
    status: SampleStatus = SampleStatus.OPEN
    people: bool = False

    def is_blind_for(self, coder: str) -> bool:
        """Whether a coder codes its segments without seeing what others say of them."""
        return self.status is SampleStatus.OPEN and coder in self.coders
