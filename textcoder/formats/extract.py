"""What every reader gives back: one canonical text, the turns in it, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from textcoder.domain.project import Case
from textcoder.domain.transcript import SyncPoint, Turn


@dataclass(frozen=True)
class Extract:
    """What a reader found in one file.

    Attributes:
        text: The canonical text; every offset below counts its Unicode code points.
        turns: In order, never overlapping, inside the text.
        pages: Offset at which each page begins; empty where the format has none.
        sync: Offsets and times in rising order; empty where the file has none.
        metadata: What front matter or document properties say, keys in lower case.
        cases: The people that a survey table brings.
        kind: "dialogue" or "survey".
        note: What a person should know of how it was read, as full sentences; may be empty.
    """

    text: str
    turns: tuple[Turn, ...]
    pages: tuple[int, ...] = ()
    sync: tuple[SyncPoint, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    kind: str = "dialogue"
    note: str = ""


@dataclass(frozen=True)
class Utterance:
    """One cue of a file that has no running text of its own (subtitles, Whisper, dialogue lists).

    Attributes:
        words: What is said; blanks around it do not count.
        speaker: As written; None where the file names nobody.
        start_ms: Milliseconds from the start of the recording; None where unknown.
        end_ms: Likewise.
        opens: True where a new turn begins although the same person spoke before.
    """

    words: str
    speaker: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    opens: bool = False


def build_dialogue(utterances: Iterable[Utterance]) -> Extract:
    """One paragraph a turn: utterances of the same speaker that follow each other are joined by a space into one turn.

    Each utterance that has a time becomes a sync point at the first of its words. One without words is left out.
    """
    pieces: list[str] = []
    turns: list[Turn] = []
    sync: list[SyncPoint] = []
    offset = 0
    for said in utterances:
        words = said.words.strip()
        if not words:
            continue
        goes_on = bool(turns) and turns[-1].speaker == said.speaker and not said.opens
        gap = "" if not turns else " " if goes_on else "\n\n"
        start, offset = offset + len(gap), offset + len(gap) + len(words)
        pieces += [gap, words]
        if goes_on:
            before = turns.pop()
            start_ms, first = before.start_ms, before.start
        else:
            start_ms, first = said.start_ms, start
        turns.append(Turn(first, offset, said.speaker, start_ms=start_ms, end_ms=said.end_ms))
        if said.start_ms is not None:
            sync.append(SyncPoint(start, said.start_ms))
    return Extract("".join(pieces), tuple(turns), sync=tuple(sync))
