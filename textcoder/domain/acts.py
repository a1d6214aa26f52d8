"""What a person can do, each as the decisions that it is made of. Nothing is written here, and nothing half: an act is a list.

Every function looks at what stands, refuses what makes no sense, and leaves out what would change nothing, so that an empty list means
"it is so already".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import CONSENSUS, Coding, Status
from textcoder.domain.decision import (
    By,
    Decision,
    DecisionKind,
    Verb,
    code_to_row,
    coding_state,
    coding_target,
    proposal_target,
    review_target,
    turn_target,
)
from textcoder.domain.memo import Memo
from textcoder.domain.sample import Sample, SampleStatus
from textcoder.domain.standing import Standing, memo_to_row, sample_to_row
from textcoder.domain.theme import Theme, ThemeStatus
from textcoder.domain.transcript import Role, Transcript, Turn
from textcoder.errors import InvalidDecision, UnknownItem

Span = tuple[str, int, int]
"""Transcript id, start, end."""


class Draft:
    """An act in the making: what stands, with the changes so far on top, so that one thing is set once with its first `before`."""

    def __init__(self, standing: Standing, by: By, verb: Verb) -> None:
        self.standing, self.by, self.verb = standing, by, verb
        self._after: dict[tuple[DecisionKind, str], Mapping[str, Any] | None] = {}

    def set(self, kind: DecisionKind, target: str, after: Mapping[str, Any] | None) -> None:
        """Note the state that one thing is to have."""
        self._after[kind, target] = after

    def state(self, kind: DecisionKind, target: str) -> Mapping[str, Any] | None:
        """The state that one thing is to have, or has."""
        return self._after[kind, target] if (kind, target) in self._after else self.standing.state(kind, target)

    def code(self, code: Code | None, *, of: str | None = None) -> None:
        """Note a code's entry; None takes the code `of` away."""
        target = code.id if code is not None else of or ""
        self.set(DecisionKind.SET_CODE, target, None if code is None else code_to_row(code))

    def coding(self, coder: str, span: Span, code: str, status: Status | None) -> None:
        """Note what a coder holds of a span; None for nothing."""
        state = None if status is None else coding_state(status, self.by.why)
        self.set(DecisionKind.SET_CODING, coding_target(coder, *span, code), state)

    def move(self, coding: Coding, code: str) -> None:
        """Note that a coding stands under another code; where the coder has said both, "yes" wins."""
        span = (coding.transcript, coding.start, coding.end)
        target = coding_target(coding.coder, *span, code)
        there = self._after.get((DecisionKind.SET_CODING, target)) or self.standing.state(
            DecisionKind.SET_CODING, target
        )
        if there is None or there["status"] != Status.ACCEPTED:
            self.set(DecisionKind.SET_CODING, target, coding_state(coding.status, coding.why))
        self.set(DecisionKind.SET_CODING, coding_target(coding.coder, *span, coding.code), None)

    def decisions(self) -> list[Decision]:
        """What the act changes; things that stay as they are are left out."""
        return [
            Decision(kind, target, before, after, self.by.coder, self.by.at, self.by.why, self.verb)
            for (kind, target), after in self._after.items()
            if not _same(kind, before := self.standing.state(kind, target), after)
        ]


def _same(kind: DecisionKind, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """A coding that is said again with another reason is the same coding."""
    if before is None or after is None:
        return before is after
    if kind is DecisionKind.SET_CODING:
        return bool(before["status"] == after["status"])
    return dict(before) == dict(after)


# --- segments ---------------------------------------------------------------------------------------------------------------------------


def accept(standing: Standing, spans: Iterable[Span], code: str, by: By, *, verb: Verb = Verb.ACCEPT) -> list[Decision]:
    """A person holds that each span carries the code; a provisional code becomes hers with that.

    With `Verb.CODE` the same for spans of her own choosing.
    """
    draft = Draft(standing, by, verb)
    _adopt_by_use(draft, _usable(standing, code))
    for span in spans:
        draft.coding(by.coder, _proper(span), code, Status.ACCEPTED)
    return draft.decisions()


def reject(standing: Standing, spans: Iterable[Span], code: str, by: By) -> list[Decision]:
    """A person holds that none of the spans carries the code."""
    draft = Draft(standing, by, Verb.REJECT)
    known(standing, code)
    for span in spans:
        draft.coding(by.coder, _proper(span), code, Status.REJECTED)
    return draft.decisions()


def recode(standing: Standing, spans: Iterable[Span], code: str, to: str, by: By) -> list[Decision]:
    """Each span carries `to` and not `code`; memos on the spans stay where they are."""
    draft = Draft(standing, by, Verb.RECODE)
    known(standing, code)
    _adopt_by_use(draft, _usable(standing, to))
    if code == to:
        raise InvalidDecision("A span cannot be recoded from a code to the same code; name another.")
    for span in spans:
        draft.coding(by.coder, _proper(span), code, Status.REJECTED)
        draft.coding(by.coder, span, to, Status.ACCEPTED)
    return draft.decisions()


def uncode(standing: Standing, spans: Iterable[Span], code: str, by: By) -> list[Decision]:
    """What she said of the spans and the code, yes or no, is taken back; the machine may suggest it again."""
    draft = Draft(standing, by, Verb.UNCODE)
    known(standing, code)
    for span in spans:
        draft.coding(by.coder, span, code, None)
    return draft.decisions()


def review(
    standing: Standing, segment: str, span: Span, codes: Collection[str], suggested: Collection[str], by: By
) -> list[Decision]:
    """She has looked at a segment as a whole: it carries just these codes, and none of the others that were suggested.

    Args:
        standing: What stands.
        segment: Its id.
        span: Its place.
        codes: What it carries, in her view; may be empty.
        suggested: What the machine had suggested; those that are not among `codes` are rejected.
        by: Who, when, why.
    """
    draft = Draft(standing, by, Verb.REVIEW)
    said = {c.code for c in _said_by(standing, by.coder, span) if c.status is Status.ACCEPTED}
    for code in sorted(codes):
        _adopt_by_use(draft, _usable(standing, code))
        draft.coding(by.coder, span, code, Status.ACCEPTED)
    for code in sorted((set(suggested) | said) - set(codes)):
        draft.coding(by.coder, span, known(standing, code).id, Status.REJECTED)
    draft.set(DecisionKind.SET_REVIEW, review_target(by.coder, segment), {"suggested": sorted(suggested)})
    return draft.decisions()


def resolve(standing: Standing, span: Span, code: str, by: By, *, carries: bool) -> list[Decision]:
    """The coders have settled a disagreement: the consensus counts from now on, and what each had said stays on record."""
    draft = Draft(standing, by, Verb.RESOLVE)
    if carries:
        _adopt_by_use(draft, _usable(standing, code))
    known(standing, code)
    draft.coding(CONSENSUS.id, _proper(span), code, Status.ACCEPTED if carries else Status.REJECTED)
    return draft.decisions()


# --- codes ------------------------------------------------------------------------------------------------------------------------------


def add_code(standing: Standing, code: Code, by: By) -> list[Decision]:
    """A new code."""
    if standing.codebook.get(code.id) is not None:
        raise InvalidDecision(f'There is a code with the id of "{code.name}" already; change that one.')
    return _changed(standing, code, by, Verb.ADD)


def change_code(standing: Standing, code: str, by: By, verb: Verb, **fields: Any) -> list[Decision]:
    """Other fields of a code: its name, its entry, its place, its threshold. A machine's draft that a person edits is hers."""
    entry = known(standing, code)
    if entry.status is CodeStatus.PROVISIONAL:
        fields = {"status": CodeStatus.ACTIVE, **fields}
    if "threshold" in fields and fields["threshold"] is not None and not 0 <= fields["threshold"] <= 1:
        raise InvalidDecision("A threshold is a probability between 0 and 1.")
    return _changed(standing, replace(entry, **fields), by, verb)


def retire(standing: Standing, code: str, by: By) -> list[Decision]:
    """The code is no longer used or suggested; its codings stay on record. Codes below it move up."""
    entry = _usable(standing, code)
    draft = Draft(standing, by, Verb.RETIRE)
    for child in standing.codebook.children(code):
        draft.code(replace(child, parent=entry.parent))
    draft.code(replace(entry, status=CodeStatus.RETIRED))
    return draft.decisions()


def restore(standing: Standing, code: str, by: By) -> list[Decision]:
    """A retired code is used again; codings that have moved to its successors stay there."""
    entry = known(standing, code)
    if entry.status is not CodeStatus.RETIRED:
        raise InvalidDecision(f'"{entry.name}" is in use already.')
    parent = entry.parent if entry.parent in {c.id for c in standing.codebook.in_use} else None
    restored = replace(entry, status=CodeStatus.ACTIVE, successors=(), parent=parent)
    return _changed(standing, restored, by, Verb.RESTORE)


def merge(standing: Standing, codes: Collection[str], into: str, by: By) -> list[Decision]:
    """All that stands under `codes` stands under `into`: codings of every coder, examples, codes below. They are retired.

    Codes of two lenses are never merged: what helps in one sentence hinders in the next (move one of them first).
    """
    kept = _usable(standing, into)
    gone = [_usable(standing, code) for code in sorted(set(codes))]
    if not gone or any(code.id == into for code in gone):
        raise InvalidDecision("Merging needs one code to keep and at least one other to merge into it.")
    for code in gone:
        if code.lens != kept.lens:
            raise InvalidDecision(
                f'"{code.name}" and "{kept.name}" stand under different lenses; move one of them to the other\'s lens first.'
            )
    draft = Draft(standing, by, Verb.MERGE)
    ids = {code.id for code in gone}
    examples = tuple(dict.fromkeys(e for code in (kept, *gone) for e in code.examples))
    above = next((code for code in standing.codebook.ancestors(into) if code not in ids), None)
    draft.code(replace(kept, parent=above, examples=examples, status=CodeStatus.ACTIVE))
    for code in gone:
        draft.code(replace(code, status=CodeStatus.RETIRED, successors=(into,)))
        for child in standing.codebook.children(code.id):
            if child.id not in ids and child.id != into:
                draft.code(replace(child, parent=into))
    for coding in _under(standing, ids):
        draft.move(coding, into)
    return draft.decisions()


def split(standing: Standing, code: str, parts: Sequence[tuple[Code, Collection[Span]]], by: By) -> list[Decision]:
    """A code becomes several: each part is a new code with its share of the spans, whoever coded them.

    Spans that no part takes stay with the code, which then stays in use; else it is retired in favour of its parts. What was rejected
    for the code is rejected for no part: nobody has looked at it that way.
    """
    entry = _usable(standing, code)
    if len(parts) < 2:
        raise InvalidDecision(f'"{entry.name}" can only be split into two parts or more.')
    draft = Draft(standing, by, Verb.SPLIT)
    part_of: dict[Span, list[str]] = {}
    names = [part.name.casefold() for part, _ in parts]
    if len(set(names)) < len(names):
        raise InvalidDecision("Two parts have the same name; rename one.")
    for part, spans in parts:
        _check_name(standing, part, besides={code})
        draft.code(replace(part, parent=entry.parent if part.parent is None else part.parent))
        for span in spans:
            part_of.setdefault(span, []).append(part.id)
    rest = 0
    for coding in _under(standing, {code}):
        taken = part_of.get((coding.transcript, coding.start, coding.end), [])
        if coding.status is not Status.ACCEPTED:
            continue
        rest += not taken
        for part_id in taken:
            draft.move(coding, part_id)
    if not rest:
        draft.code(replace(entry, status=CodeStatus.RETIRED, successors=tuple(part.id for part, _ in parts)))
    return draft.decisions()


# --- themes, memos, samples -------------------------------------------------------------------------------------------------------------


def adopt(standing: Standing, theme: Theme, code: Code, by: By) -> list[Decision]:
    """A candidate theme becomes a code; its segments are suggestions until a person accepts them."""
    draft = Draft(standing, by, Verb.ADOPT)
    if standing.codebook.get(code.id) is None:
        _check_name(standing, code)
        draft.code(code)
    draft.set(DecisionKind.SET_THEME, theme.id, _theme_state(theme, ThemeStatus.ADOPTED, code.id))
    return draft.decisions()


def dismiss(standing: Standing, theme: Theme, by: By) -> list[Decision]:
    """A candidate theme is not one; it is not proposed again, even if a later run finds nearly the same segments.

    A code that the machine drafted for it, and that nobody has confirmed, goes with it.
    """
    draft = Draft(standing, by, Verb.DISMISS)
    drafted = standing.codebook.get(theme.code) if theme.code else None
    if drafted is not None and drafted.status is CodeStatus.PROVISIONAL:
        draft.code(replace(drafted, status=CodeStatus.RETIRED))
    draft.set(DecisionKind.SET_THEME, theme.id, _theme_state(theme, ThemeStatus.REJECTED, None))
    return draft.decisions()


def write_memo(standing: Standing, memo: Memo, by: By) -> list[Decision]:
    """Write or rewrite a memo; one without text is taken away."""
    draft = Draft(standing, by, Verb.MEMO)
    draft.set(DecisionKind.SET_MEMO, memo.id, memo_to_row(memo) if memo.text.strip() else None)
    return draft.decisions()


def quote(
    standing: Standing, span: Span, by: By, *, note: str | None = None, place: float | None = None
) -> list[Decision]:
    """A span is to be quoted in the report.

    Args:
        standing: What stands.
        span: Its place.
        by: Who, when, why.
        note: What it is to show; None leaves it as it is.
        place: Its place in the order; None leaves it where it is, and puts a new one last.
    """
    draft = Draft(standing, by, Verb.QUOTE)
    target = _quoted(_proper(span))
    last = max((one.place for one in standing.quotes.values()), default=0.0)
    new = {"note": "", "place": last + 1.0, "coder": by.coder, "at": by.at}
    given = {name: value for name, value in (("note", note), ("place", place)) if value is not None}
    draft.set(DecisionKind.SET_QUOTE, target, {**(standing.state(DecisionKind.SET_QUOTE, target) or new), **given})
    return draft.decisions()


def unquote(standing: Standing, spans: Iterable[Span], by: By) -> list[Decision]:
    """The spans are not to be quoted in the report after all."""
    draft = Draft(standing, by, Verb.UNQUOTE)
    for span in spans:
        draft.set(DecisionKind.SET_QUOTE, _quoted(span), None)
    return draft.decisions()


def set_aside(standing: Standing, kind: str, codes: Collection[str], words: int, by: By) -> list[Decision]:
    """A proposal of the machine is not to be followed, for the whole team.

    Args:
        standing: What stands.
        kind: What is proposed, such as "NearDuplicate".
        codes: Ids of the codes that it is about.
        words: How many segments people have accepted for them by now; much more of them brings it back.
        by: Who, when, why.
    """
    draft = Draft(standing, by, Verb.SET_ASIDE)
    state = {"words": words, "coder": by.coder, "at": by.at}
    draft.set(DecisionKind.SET_PROPOSAL, proposal_target(kind, codes), state)
    return draft.decisions()


def take_up(standing: Standing, kind: str, codes: Collection[str], by: By) -> list[Decision]:
    """A proposal that was set aside is to be looked at after all."""
    draft = Draft(standing, by, Verb.TAKE_UP)
    draft.set(DecisionKind.SET_PROPOSAL, proposal_target(kind, codes), None)
    return draft.decisions()


def _quoted(span: Span) -> str:
    return f"{span[0]}:{span[1]}-{span[2]}"


def give_role(standing: Standing, transcript: str, speaker: str | None, role: Role, by: By) -> list[Decision]:
    """A speaker of one transcript has this role, whatever the machine guesses."""
    draft = Draft(standing, by, Verb.ROLE)
    draft.set(DecisionKind.SET_ROLE, f"{transcript}/{speaker or ''}", {"role": role.value})
    return draft.decisions()


def heard(standing: Standing, transcript: Transcript) -> Transcript:
    """A transcript with its turns spoken by whom, and in which roles, people last said: what the next run or import will read."""
    corrected = transcript.with_speakers(standing.spoken.get(transcript.id, {}))
    states = {s: standing.state(DecisionKind.SET_ROLE, f"{transcript.id}/{s or ''}") for s in corrected.speakers()}
    return corrected.with_roles({speaker: Role(state["role"]) for speaker, state in states.items() if state})


def give_turns(
    standing: Standing,
    transcript: Transcript,
    offsets: Iterable[int],
    speaker: str,
    by: By,
    *,
    role: Role | None = None,
) -> list[Decision]:
    """Turns of one transcript are somebody else's than the file says. What was coded in them stays where it is.

    Args:
        standing: What stands.
        transcript: As it was read.
        offsets: A code point in each of the turns.
        speaker: Whose they are: of one who speaks here already, or a new name.
        by: Who, when, why.
        role: Of a new name; None takes the role that all these turns have.

    Raises:
        InvalidDecision: The name is blank, has another role here, or is new and its role cannot be told; or the file is a table.
        UnknownItem: Nobody speaks at an offset.
    """
    name = _speaker_named(transcript, speaker)
    now = heard(standing, transcript)
    turns = [_turn_at(now, offset) for offset in sorted(set(offsets))]
    states = {
        turn.start: standing.state(DecisionKind.SET_SPEAKER, turn_target(now.id, turn.start)) for turn in now.turns
    }
    read = [state["read"] for state in states.values() if state]
    known_as = {one["speaker"]: Role(one["role"]) for one in read} | now.speakers()
    if role is not None and known_as.get(name, role) is not role:
        raise InvalidDecision(
            f'"{name}" is in {now.name} already, as {known_as[name].value}; leave the role out, or set it by itself.'
        )
    draft = Draft(standing, by, Verb.SPEAKER)
    for turn in turns:
        if turn.speaker == name:
            continue
        state = states[turn.start]
        as_read = state["read"] if state else {"speaker": turn.speaker, "role": turn.role.value}
        in_role = role or known_as.get(name) or _one_role(turns, name)
        said = None if as_read["speaker"] == name else {"speaker": name, "role": in_role.value, "read": as_read}
        draft.set(DecisionKind.SET_SPEAKER, turn_target(now.id, turn.start), said)
    return draft.decisions()


def rename_speaker(
    standing: Standing, transcript: Transcript, speaker: str | None, to: str, by: By, *, role: Role | None = None
) -> list[Decision]:
    """Every turn of a speaker of one transcript is somebody else's: she is misnamed there, or two names are one person.

    Args:
        standing: What stands.
        transcript: As it was read.
        speaker: Whose turns; None for those of nobody by name.
        to: Whose they are.
        by: Who, when, why.
        role: As in `give_turns`.

    Raises:
        InvalidDecision: As in `give_turns`; or the names are the same.
        UnknownItem: She does not speak here.
    """
    now = heard(standing, transcript)
    turns = [turn.start for turn in now.turns if turn.speaker == speaker]
    if not turns:
        listed = ", ".join(f'"{one}"' for one in now.speakers() if one is not None)
        raise UnknownItem(f'No turn of {now.name} is spoken by "{speaker or ""}"; there is {listed or "no name"}.')
    if speaker == _speaker_named(transcript, to):
        raise InvalidDecision(f'"{speaker}" has that name already; give the one that is right.')
    return give_turns(standing, transcript, turns, to, by, role=role)


def _speaker_named(transcript: Transcript, speaker: str) -> str:
    if transcript.kind == "survey":
        raise InvalidDecision(f"{transcript.name} is a table: who answers stands in its rows; correct it there.")
    name = " ".join(speaker.split())
    if not name:
        raise InvalidDecision("The speaker has no name; say who speaks.")
    return name


def _turn_at(transcript: Transcript, offset: int) -> Turn:
    i = transcript.turn_at(offset)
    if i is None:
        raise UnknownItem(f"Nobody speaks at {offset} in {transcript.name}; give a place inside the words of a turn.")
    return transcript.turns[i]


def _one_role(turns: Sequence[Turn], name: str) -> Role:
    """The role of all these turns, which a new name takes over."""
    roles = {turn.role for turn in turns}
    if len(roles) > 1:
        listed = " and ".join(sorted(role.value for role in roles))
        raise InvalidDecision(f'"{name}" is new, and these turns are of {listed}; say in which role she speaks.')
    return roles.pop()


def draw(standing: Standing, sample: Sample, by: By) -> list[Decision]:
    """A sample for blind coding, with its seed, for the record."""
    if sample.name in standing.samples:
        raise InvalidDecision(f'There is a sample called "{sample.name}" already; give the new one another name.')
    draft = Draft(standing, by, Verb.SAMPLE)
    draft.set(DecisionKind.SET_SAMPLE, sample.name, sample_to_row(sample))
    return draft.decisions()


def release(standing: Standing, name: str, by: By) -> list[Decision]:
    """The coders of a sample may see each other's codings."""
    if name not in standing.samples:
        raise UnknownItem(f'There is no sample called "{name}".')
    draft = Draft(standing, by, Verb.RELEASE)
    released = replace(standing.samples[name], status=SampleStatus.RELEASED)
    draft.set(DecisionKind.SET_SAMPLE, name, sample_to_row(released))
    return draft.decisions()


# --- what they share --------------------------------------------------------------------------------------------------------------------


def known(standing: Standing, code: str) -> Code:
    """The code with this id, in use or not.

    Raises:
        UnknownItem: There is none.
    """
    entry = standing.codebook.get(code)
    if entry is None:
        raise UnknownItem(f'The codebook has no code "{code}".')
    return entry


def _usable(standing: Standing, code: str) -> Code:
    entry = known(standing, code)
    if entry.status is CodeStatus.RETIRED:
        names = [c.name for c in map(standing.codebook.get, entry.successors) if c is not None]
        instead = f"use {' or '.join(names)}" if names else "restore it first"
        raise InvalidDecision(f'"{entry.name}" is retired; {instead}.')
    return entry


def _adopt_by_use(draft: Draft, code: Code) -> None:
    if code.status is CodeStatus.PROVISIONAL:
        draft.code(replace(code, status=CodeStatus.ACTIVE))


def _changed(standing: Standing, code: Code, by: By, verb: Verb) -> list[Decision]:
    _check_name(standing, code)
    _check_place(standing, code)
    draft = Draft(standing, by, verb)
    draft.code(code)
    return draft.decisions()


def _check_name(standing: Standing, code: Code, *, besides: Collection[str] = ()) -> None:
    if not code.name.strip():
        raise InvalidDecision("The code has no name; give it one.")
    if code.status is CodeStatus.RETIRED:
        return
    for other in standing.codebook.in_use:
        same = (other.lens, other.name.casefold()) == (code.lens, code.name.casefold())
        if same and other.id != code.id and other.id not in besides:
            raise InvalidDecision(
                f'There is a code "{other.name}" under this lens already; use it, or choose another name.'
            )


def _check_place(standing: Standing, code: Code) -> None:
    if code.parent is None:
        return
    parent = _usable(standing, code.parent)
    if code.id in (parent.id, *standing.codebook.ancestors(parent.id)):
        raise InvalidDecision(f'"{code.name}" cannot stand below itself; choose another code above it.')


def _proper(span: Span) -> Span:
    transcript, start, end = span
    if not 0 <= start < end:
        raise InvalidDecision(
            f"{transcript}:{start}-{end} is no span; its start lies at 0 or later, and its end after it."
        )
    return span


def _said_by(standing: Standing, coder: str, span: Span) -> list[Coding]:
    return [
        coding
        for coding in standing.on(span[0])
        if coding.coder == coder and (coding.transcript, coding.start, coding.end) == span
    ]


def _under(standing: Standing, codes: Collection[str]) -> list[Coding]:
    return [coding for coding in standing.codings.values() if coding.code in codes]


def _theme_state(theme: Theme, status: ThemeStatus, code: str | None) -> dict[str, Any]:
    return {
        "status": status.value,
        "code": code,
        "name": theme.name,
        "lens": theme.lens,
        "segments": list(theme.segments),
    }
