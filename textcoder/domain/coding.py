"""Who said that a segment carries a code. The machine is a coder like any other; its codings are suggestions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class CoderKind(StrEnum):
    """A person or a model."""

    HUMAN = "human"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Coder:
    """Whoever codes. A machine carries the revision of its model, so that a coding can be traced to it."""

    id: str
    name: str
    kind: CoderKind
    revision: str = ""


CONSENSUS = Coder("consensus", "Consensus", CoderKind.HUMAN)
"""In whose name stands what several coders agreed on after they had disagreed; it counts before what each of them said."""


class Status(StrEnum):
    """Where a coding stands; a machine's stays suggested until a person decides."""

    SUGGESTED = "suggested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Coding:
    """A span that carries a code, said by a coder.

    Attributes:
        transcript: Transcript id.
        start: First code point; the segment's, or any for a free span.
        end: One past the last.
        code: Code id.
        coder: Coder id.
        status: Suggested, accepted or rejected.
        probability: In [0, 1], calibrated where the model card says so; 1 for a person.
        why: What speaks for it, in words.
    """

    transcript: str
    start: int
    end: int
    code: str
    coder: str
    status: Status = Status.SUGGESTED
    probability: float = 1.0
    why: str = ""

    @property
    def segment(self) -> str:
        """The id of the segment with just this span."""
        return f"{self.transcript}:{self.start}-{self.end}"


def counted(codings: Iterable[Coding], machines: frozenset[str]) -> list[Coding]:
    """The codings that count, in the order given.

    A consensus counts before what single coders said of the same span and code. What a person accepted counts, even where another
    rejected it: that is a disagreement to be settled, not a reason to hide words. A machine's suggestion counts only where no person
    has decided about the code on any part of its span.

    Args:
        codings: Of all coders.
        machines: Ids of the coders that are machines.
    """
    given = list(codings)
    settled = {_span(coding) for coding in given if coding.coder == CONSENSUS.id}
    decided: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for coding in given:
        if coding.coder not in machines:
            decided[coding.transcript, coding.code].append((coding.start, coding.end))
    return [
        coding
        for coding in given
        if coding.status is not Status.REJECTED
        and (
            not any(coding.start < end and start < coding.end for start, end in decided.get(_about(coding), ()))
            if coding.coder in machines
            else coding.coder == CONSENSUS.id or _span(coding) not in settled
        )
    ]


def _span(coding: Coding) -> tuple[str, int, int, str]:
    return coding.transcript, coding.start, coding.end, coding.code


def _about(coding: Coding) -> tuple[str, str]:
    return coding.transcript, coding.code


@dataclass(frozen=True, slots=True)
class LensPlacement:
    """How the machine sees one segment through the lenses.

    Attributes:
        segment: Segment id.
        probabilities: Lens id (and `none`) to probability; they sum to 1.
        abstained: True where no lens is sure enough; the segment is then not counted under any.
    """

    segment: str
    probabilities: Mapping[str, float]
    abstained: bool = False

    @property
    def lens(self) -> str:
        """The most probable lens id; ties go to the first in alphabetical order."""
        return min(self.probabilities, key=lambda lens: (-self.probabilities[lens], lens))

    @property
    def probability(self) -> float:
        """Of that lens."""
        return self.probabilities[self.lens]
