"""Who speaks, put right: what a correction would touch, before it is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from textcoder.domain.acts import give_turns, heard, rename_speaker
from textcoder.domain.coding import Coding, Status
from textcoder.domain.decision import By, Decision
from textcoder.domain.history import numbered
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Role, Transcript, Turn
from textcoder.errors import InvalidDecision
from textcoder.workflow.live import LiveProject, Plan
from textcoder.workflow.previews import Preview
from textcoder.workflow.steps import many


def correcting_speaker(
    live: LiveProject,
    transcript: str,
    to: str,
    by: By,
    *,
    turns: Collection[int] = (),
    speaker: str | None = None,
    role: Role | None = None,
) -> Plan:
    """The plan of somebody who puts right who speaks: some turns of a transcript, or all of one speaker, are another's.

    Args:
        live: The project.
        transcript: Its id or file name.
        to: Whose turns they are: of one who speaks there, or a new name.
        by: Who, when, why.
        turns: A code point in each turn.
        speaker: Instead of `turns`: all turns of this one; "" for those of nobody by name.
        role: Of a new name; without it that of the turns.

    Raises:
        InvalidDecision: Neither or both of `turns` and `speaker` are given.
        UnknownItem: No transcript, or more than one, is called so.
    """
    if (speaker is None) == (not turns):
        raise InvalidDecision("Say either which turns, or whose: one of the two.")
    found = live.find_transcript(transcript)
    if speaker is not None:
        return lambda standing: rename_speaker(standing, found, speaker or None, to, by, role=role)
    return lambda standing: give_turns(standing, found, turns, to, by, role=role)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks in a transcript, in one role: her turns, and the words in them."""

    speaker: str | None
    role: Role
    turns: int
    words: int


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who speaks in a transcript, as people left it.

    Attributes:
        speakers: In order of appearance.
        changed: Turns as the next run or import will read them, and the last did not.
    """

    speakers: tuple[Speaker, ...]
    changed: tuple[Turn, ...]


def who_speaks(live: LiveProject, transcript: Transcript) -> Speakers:
    """Who speaks in a transcript, with what people said since it was read. Cost: one pass over its words."""
    now = heard(live.standing, transcript)
    held: dict[tuple[str | None, Role], list[Turn]] = defaultdict(list)
    for turn in now.turns:
        held[turn.speaker, turn.role].append(turn)
    return Speakers(
        tuple(Speaker(*who, len(turns), _n_words(now, turns)) for who, turns in held.items()),
        tuple(turn for turn, read in zip(now.turns, transcript.turns, strict=True) if turn != read),
    )


def preview_speaker(live: LiveProject, transcript: str, plan: Plan) -> Preview:
    """Look ahead at a correction of who speaks: whose words it moves, and what would begin or cease to be evidence.

    Cost: the log is added up twice.
    """
    live.catch_up()
    one, decisions = live.find_transcript(transcript), plan(live.standing)
    changed = _changed(live, one, decisions)
    lost = [before for before, after in changed if _counts(live, before) and not _counts(live, after)]
    rows = {row for turn in lost for row in live.places.under(one.id, turn.start, turn.end)}
    codings = [
        coding
        for coding in live.standing.on(one.id)
        if coding.status is Status.ACCEPTED and any(_over(coding, turn) for turn in lost)
    ]
    segments = {live.segments[row].id for row in rows}
    memos = [m for m in live.standing.memos.values() if m.on is MemoOn.SEGMENT and m.item in segments]
    return Preview(
        codings=len({(c.coder, c.start, c.end, c.code) for c in codings}),
        segments=len(rows),
        people=len({before.case for before, _ in changed} - {None}),
        files=1 if changed else 0,
        coders=tuple(sorted({coding.coder for coding in codings})),
        both=(),
        overlapping=0,
        memos=tuple(sorted(memos, key=lambda memo: memo.id)),
        suggested=0,
        agreement=(),
        sentences=tuple(_told(live, one, changed, _Lost(len(rows), codings, memos))),
    )


@dataclass(frozen=True, slots=True)
class _Lost:
    """What would no longer be evidence: segments, people's codings of them, memos on them."""

    segments: int
    codings: Sequence[Coding]
    memos: Sequence[Memo]


def _changed(live: LiveProject, one: Transcript, decisions: Sequence[Decision]) -> list[tuple[Turn, Turn]]:
    """The turns of which somebody else would be the speaker, as they are and as they would be."""
    then = Standing(live.log)
    then.apply(numbered(list(decisions), live.standing.number + 1))
    pairs = zip(heard(live.standing, one).turns, heard(then, one).turns, strict=True)
    return [(before, after) for before, after in pairs if before != after]


def _counts(live: LiveProject, turn: Turn) -> bool:
    return turn.role is Role.PARTICIPANT or (live.settings.include_interviewer and turn.role is Role.INTERVIEWER)


def _over(coding: Coding, turn: Turn) -> bool:
    return coding.start < turn.end and turn.start < coding.end


def _told(live: LiveProject, one: Transcript, changed: Sequence[tuple[Turn, Turn]], lost: _Lost) -> Iterable[str]:
    if not changed:
        return ["It is so already."]
    turns = [before for before, _ in changed]
    whose = " and ".join(dict.fromkeys(f'"{turn.speaker}"' if turn.speaker else "nobody by name" for turn in turns))
    to = changed[0][1]
    said = [
        f"{many(len(turns), 'turn')} of {one.name} ({_words(one, turns)}) would be spoken by "
        f'"{to.speaker}", {to.role.value}; now by {whose}.'
    ]
    won = [after for before, after in changed if _counts(live, after) and not _counts(live, before)]
    if lost.segments:
        said.append(f"{many(lost.segments, 'segment')} would be evidence no more: no participant speaks there.")
    if lost.codings:
        said.append(f"{many(len(lost.codings), 'coding')} of people on them would stay on record, and count no more.")
    if lost.memos:
        said.append(f"{many(len(lost.memos), 'memo')} on them stay where they are.")
    if won:
        said.append(f"{many(len(won), 'turn')} ({_words(one, won)}) would be cut into segments and coded.")
    if not lost.segments and not won:
        said.append("Which words count would stay as it is.")
    return [*said, "The next run or import follows; no coding is moved or deleted."]


def _words(one: Transcript, turns: Sequence[Turn]) -> str:
    return many(_n_words(one, turns), "word")


def _n_words(one: Transcript, turns: Sequence[Turn]) -> int:
    return sum(len(one.quotation(turn.start, turn.end).split()) for turn in turns)
