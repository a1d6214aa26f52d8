"""What came in from a table of another program: of each coding, of each document, in all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from textcoder.domain.decision import Decision
from textcoder.formats.shapes import Guess, Holds
from textcoder.matching import Place
from textcoder.workflow.steps import many


class Became(StrEnum):
    """What became of one coding of a table."""

    MATCHED = "matched"
    MOVED = "moved"
    """Its words are a little otherwise here, or stand in another transcript than the table says."""
    SAME = "here already"
    TWICE = "said twice"
    """An earlier row of the table says the same: where it names no coders, two people's codings are one's."""
    AMBIGUOUS = "ambiguous"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one coding of a table.

    Attributes:
        row: Number of the row as in the file.
        document: As the table calls it.
        code: As the table calls it; empty where it names none.
        coder: Whose coding it is here.
        text: The coded words, as the table has them.
        note: The table's comment.
        became: What became of it.
        why: In words; empty where it was matched without more ado.
        place: Where it stands; None where it was not placed.
        places: Where it could stand, the best first, where that is not clear.
    """

    row: int
    document: str
    code: str
    coder: str
    text: str
    note: str
    became: Became
    why: str = ""
    place: Place | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Document:
    """What became of the codings of one document of a table.

    Attributes:
        name: As the table calls it; empty where it names none.
        transcripts: Ids of those in which its words were found; the one with most of them first.
        counts: Of codings, by what became of them.
    """

    name: str
    transcripts: tuple[str, ...]
    counts: Mapping[Became, int]


@dataclass(frozen=True)
class Shaped:
    """What came in from a table.

    Attributes:
        guess: Which column was taken for what.
        told: What became of each coding, row by row; empty for a codebook.
        codes: Names of codes that are new or changed.
        decisions: As the log holds them; as they would be where nothing was to be written.
        notes: Of a codebook: codes that were not taken, each a sentence with its row.
    """

    guess: Guess
    told: tuple[Told, ...] = ()
    codes: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()

    def among(self, *became: Became) -> list[Told]:
        """The codings of which that became."""
        return [one for one in self.told if one.became in became]

    @property
    def documents(self) -> list[Document]:
        """What was found where, in the order of the table."""
        by_name: dict[str, list[Told]] = defaultdict(list)
        for one in self.told:
            by_name[one.document].append(one)
        return [
            Document(
                name,
                tuple(text for text, _ in Counter(one.place.text for one in told if one.place).most_common()),
                Counter(one.became for one in told),
            )
            for name, told in by_name.items()
        ]

    @property
    def sentence(self) -> str:
        """All in one, without a word of the transcripts."""
        if self.guess.mapping.holds is Holds.CODEBOOK:
            return f"{many(len(self.codes), 'code')} new or changed."
        counts = Counter(one.became for one in self.told)
        said = ", ".join(f"{counts[became]} {became.value}" for became in Became if counts[became]) or "none"
        coders = sorted({one.coder for one in self.among(Became.MATCHED, Became.MOVED)})
        whose = f" of {', '.join(coders)}" if coders else ""
        new = f"; {many(len(self.codes), 'new code')}" if self.codes else ""
        return f"{many(len(self.told), 'coding')}{whose}: {said}{new}."
