"""The text as it was read: one canonical text, exact spans into it. All offsets are half-open Unicode code points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Role(StrEnum):
    """Who speaks. Only participants' words are coded unless told otherwise."""

    INTERVIEWER = "interviewer"
    PARTICIPANT = "participant"
    OTHER = "other"
    """Neither: an announcement, a break, an interpreter."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One uninterrupted contribution of one speaker, or one answer in a survey.

    Attributes:
        start: First code point of the words (not of the speaker's name).
        end: One past the last.
        speaker: As written in the file; None where the file names nobody.
        role: Guessed at import, confirmed by a person.
        case: The participant's case id; None for interviewers.
        start_ms: Milliseconds from the start of the recording; None where the file has no times.
        end_ms: Likewise, for the end.
        question: The question as the file states it (a survey column's heading); empty in a dialogue.
    """

    start: int
    end: int
    speaker: str | None = None
    role: Role = Role.PARTICIPANT
    case: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who speaks a turn, in a person's view.

    Attributes:
        speaker: Her name; None where the file names nobody and that stands.
        role: The role that she has where nothing else says so.
        corrected: False where a correction was taken back: then this is how the turn was read.
    """

    speaker: str | None
    role: Role
    corrected: bool = True


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """Where in the text a moment of the recording lies."""

    offset: int
    ms: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """One source: its canonical text and what is known of it.

    Attributes:
        id: "t" and 12 hex digits of the sha256 of the original bytes, so that it does not depend on order or place.
        name: The file's name, unique in the project as far as people name files well.
        text: Decoded once at import (BOM dropped, CRLF to LF); for DOCX, PDF, subtitles and tables the extracted text.
        turns: In order, never overlapping; the text between turns is headings, names and blanks.
        sha256: Of the original bytes.
        language: ISO 639-1 code guessed from the words, such as "en".
        wave: The round of interviews, as the researcher names it ("1"); None where unknown.
        date: ISO 8601 date of the interview; None where unknown.
        attributes: What is known of this source rather than of the person.
        pages: Offset at which each page begins (PDF); empty otherwise.
        sync: Offsets and times in rising order (subtitles, Whisper); empty otherwise.
        kind: "dialogue" or "survey".
    """

    id: str
    name: str
    text: str
    turns: tuple[Turn, ...]
    sha256: str
    language: str = "en"
    wave: str | None = None
    date: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    sync: tuple[SyncPoint, ...] = ()
    kind: str = "dialogue"

    def quotation(self, start: int, end: int) -> str:
        """The exact words of a span; a quotation is always a slice, never generated."""
        return self.text[start:end]

    def page_at(self, offset: int) -> int | None:
        """The page on which `offset` lies, counted from 1; None where the file has no pages."""
        return bisect_right(self.pages, offset) if self.pages else None

    def time_at(self, turn: int, offset: int) -> int | None:
        """Milliseconds at `offset` inside turn number `turn`: the last sync point of the turn before it, else the turn's start."""
        at = self.turns[turn]
        i = bisect_right(self.sync, offset, key=lambda point: point.offset) - 1
        if i >= 0 and self.sync[i].offset >= at.start:
            return self.sync[i].ms
        return at.start_ms

    def question_of(self, turn: int) -> str:
        """The question that turn number `turn` answers.

        A survey's own question, else the nearest interviewer's turn before it that asks something (a question mark, or more
        than three words, so that "Mm." does not hide the question); empty where nobody asked.
        """
        if self.turns[turn].question:
            return self.turns[turn].question
        for earlier in reversed(self.turns[:turn]):
            words = self.text[earlier.start : earlier.end]
            if earlier.role is Role.INTERVIEWER and _asks(words):
                return words
        return ""

    def questions(self) -> list[str]:
        """The question that each turn answers, as `question_of` says; all in one pass."""
        found, asked = [], ""
        for turn in self.turns:
            found.append(turn.question or asked)
            words = self.text[turn.start : turn.end]
            if turn.role is Role.INTERVIEWER and _asks(words):
                asked = words
        return found

    def speakers(self) -> dict[str | None, Role]:
        """Each speaker with the role of her turns, in order of appearance."""
        return {turn.speaker: turn.role for turn in self.turns}

    def with_roles(self, roles: Mapping[str | None, Role]) -> Transcript:
        """The same transcript with other roles for the speakers named."""
        return replace(self, turns=tuple(replace(turn, role=roles.get(turn.speaker, turn.role)) for turn in self.turns))

    def turn_at(self, offset: int) -> int | None:
        """Number of the turn whose words hold a code point; None where nobody speaks."""
        i = bisect_right(self.turns, offset, key=lambda turn: turn.start) - 1
        return i if i >= 0 and offset < max(self.turns[i].end, self.turns[i].start + 1) else None

    def with_speakers(self, spoken: Mapping[int, Spoken]) -> Transcript:
        """The same transcript with other speakers for the turns that hold these code points; not an offset moves.

        Whoever speaks here already keeps the role that she has here; who does not has the one that was given with the first of her
        turns. In which order turns were corrected makes no difference, so that an undo brings back just what was.
        """
        here = {speaker: role for speaker, role in self.speakers().items() if speaker is not None}
        given = {one.speaker: one.role for _, one in sorted(spoken.items(), reverse=True) if one.speaker is not None}
        roles = given | here
        turns = list(self.turns)
        for offset, one in spoken.items():
            if (i := self.turn_at(offset)) is not None:
                role = one.role if one.speaker is None else roles[one.speaker]
                turns[i] = replace(turns[i], speaker=one.speaker, role=role)
        return replace(self, turns=tuple(turns))


def _asks(words: str) -> bool:
    """Whether an interviewer's words are a question, and no "Mm."."""
    return "?" in words or len(words.split()) > 3


@dataclass(frozen=True, slots=True)
class Segment:
    """The unit that is coded: one to a few sentences inside one turn; also called quotation.

    Attributes:
        id: `<transcript id>:<start>-<end>`, so that the same text gives the same id.
        transcript: Transcript id.
        turn: Index of the turn in `Transcript.turns`.
        start: First code point in `Transcript.text`.
        end: One past the last.
    """

    id: str
    transcript: str
    turn: int
    start: int
    end: int

    @classmethod
    def of(cls, transcript: str, turn: int, start: int, end: int) -> Segment:
        """A segment with the id that its place gives it."""
        return cls(f"{transcript}:{start}-{end}", transcript, turn, start, end)


class Outcome(StrEnum):
    """What became of a file that was given."""

    READ = "read"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    SET_ASIDE = "set aside"
    """It lies in the folder and can be read, but is no transcript of its own; named by itself it is coded."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was given and what became of it; nothing is silently skipped.

    Attributes:
        path: As given, relative to the folder that was given where there was one.
        sha256: Of its bytes; empty where they could not be read.
        outcome: Read, duplicate, unreadable or set aside.
        note: The reason and the remedy, or how it was decoded; a full sentence or empty.
        transcript: The transcript it became, or that it duplicates.
    """

    path: str
    sha256: str
    outcome: Outcome
    note: str = ""
    transcript: str | None = None
