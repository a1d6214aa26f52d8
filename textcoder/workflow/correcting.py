"""A corrected file in the place of one that was coded: all that people said follows its words, or waits for a person."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from textcoder.domain.acts import Draft, give_turns
from textcoder.domain.coding import Coder, Coding, Status
from textcoder.domain.decision import (
    By,
    Decision,
    DecisionKind,
    Verb,
    coding_target,
    review_of,
    review_target,
    turn_of,
    turn_target,
)
from textcoder.domain.memo import MemoOn
from textcoder.domain.places import Places
from textcoder.domain.project import Case
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, Spoken, Transcript
from textcoder.domain.waiting import Waiting, segment_id, span_of, waiting_id
from textcoder.errors import InvalidDecision, UnknownItem, UnreadableFile
from textcoder.spans import Carried, Doubt, Queued, SpanMap
from textcoder.workflow.importing import MARK
from textcoder.workflow.live import LiveProject, Plan
from textcoder.workflow.reading import Said, follows_speakers, read_corrected, said_in
from textcoder.workflow.replaced import away, remember
from textcoder.workflow.rounds import visible
from textcoder.workflow.steps import many

if TYPE_CHECKING:
    from textcoder.pseudonyms import Mention

FEW = 0.5
"""A file that holds fewer of the words of the one that it replaces is likely another interview."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of one thing that a person said of a span.

    Attributes:
        kind: A coding, a quotation for the report, a memo, or who speaks a turn, as `DecisionKind`.
        coder: Whose it is.
        code: Id of the code of a coding; empty otherwise.
        start: In the old text.
        end: One past the last.
        place: Where it stands in the new text, or why nobody can tell.
        speaker: Who speaks there now, where it was somebody else; None where it is as it was.
    """

    kind: DecisionKind
    coder: str
    code: str
    start: int
    end: int
    place: Carried | Queued
    speaker: str | None = None

    @property
    def is_exact(self) -> bool:
        """Its words are the same, and said by the same."""
        return isinstance(self.place, Carried) and not self.place.changes and self.speaker is None

    @property
    def waits(self) -> bool:
        """A person must say where it stands."""
        return isinstance(self.place, Queued)


@dataclass(frozen=True)
class Correction:
    """A corrected file beside the text that it replaces, and what follows.

    Attributes:
        before: As it is read now.
        after: As it would be read.
        kept: Share of the words of the old text that stand in the new one, in [0, 1].
        followed: People's codings, quotations, memos and corrections of speakers, in the order of the old text; of segments that
            whoever corrects codes blind, only her own.
        unseen: Looks at whole segments that lapse, since their words are new.
        undrawn: Segments of samples whose words are gone, so that they leave the sample.
        settled: Corrections of who speaks, and roles, that the corrected file makes needless.
        hidden: Whether something of others follows that she must not see.
        names: Where words stand in the new text that look like names, contacts or numbers and that the old one does not hold, in a
            project whose names were replaced.
        decisions: The act; empty where the file is the one that is read.
    """

    before: Transcript
    after: Transcript
    kept: float
    followed: tuple[Followed, ...] = ()
    unseen: int = 0
    undrawn: int = 0
    settled: int = 0
    hidden: bool = False
    names: tuple[tuple[int, int], ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def named(self) -> list[str]:
        """The words of `names`, each once."""
        return list(dict.fromkeys(self.after.quotation(*place) for place in self.names))

    @property
    def exact(self) -> list[Followed]:
        """What follows with the same words."""
        return [one for one in self.followed if one.is_exact]

    @property
    def changed(self) -> list[Followed]:
        """What follows with words that are a little otherwise."""
        return [one for one in self.followed if not one.is_exact and not one.waits]

    @property
    def waiting(self) -> list[Followed]:
        """What waits for a person."""
        return [one for one in self.followed if one.waits]

    @property
    def sentences(self) -> list[str]:
        """All of it as people read it, without a word of the text."""
        if not self.decisions:
            return [f"{self.before.name} holds just these bytes already."]
        said = [f"{self.kept:.0%} of the words of {self.before.name} stand in the corrected file."]
        if self.kept < FEW:
            said.append("That is little; see that it is the same interview.")
        said.append(f"Follow exactly: {_counted(self.exact)}.")
        if self.changed:
            said.append(f"Follow with words that are a little otherwise: {_counted(self.changed)}.")
        if self.waiting:
            said.append(f"Wait for a person, since their words were rewritten or are gone: {_counted(self.waiting)}.")
        if self.unseen:
            said.append(f"New words, to be read again, stand in {many(self.unseen, 'segment')} that people had read.")
        if self.undrawn:
            said.append(f"No longer in a sample, since their words are gone: {many(self.undrawn, 'segment')}.")
        if self.settled:
            said.append(f"Now in the file itself: {many(self.settled, 'correction')} of who speaks, or in which role.")
        if gone := self.before.speakers().keys() - self.after.speakers().keys() - {None}:
            said.append(
                f"Speak no more, or under another name: {many(len(gone), 'speaker')}; see who speaks (textcoder roles)."
            )
        if self.names:
            said.append(
                f"Names of this project were replaced, and {many(len(self.names), 'new word')} of the corrected file may be names, "
                "contacts or numbers: look before you correct, since undo does not take them out of the project again."
            )
        if self.hidden:
            said.append("What others said where you code blind follows, too, and is not shown.")
        return said


_KINDS = {
    DecisionKind.SET_CODING: "coding",
    DecisionKind.SET_QUOTE: "quotation",
    DecisionKind.SET_MEMO: "memo",
    DecisionKind.SET_SPEAKER: "correction",
}


def _counted(things: Sequence[Followed]) -> str:
    counts = Counter(one.kind for one in things)
    named = [many(counts[kind], name) for kind, name in _KINDS.items() if counts[kind]]
    coders = sorted({one.coder for one in things} - {""})
    return f"{', '.join(named)}{' of ' + ', '.join(coders) if coders else ''}" if named else "nothing"


# --- doing it ---------------------------------------------------------------------------------------------------------------------------


def preview_correction(live: LiveProject, transcript: str, data: bytes, file: str, by: By) -> Correction:
    """What a corrected file would do to all that people said of a transcript; nothing is changed.

    Args:
        live: The project.
        transcript: Id or file name of the transcript.
        data: The corrected file.
        file: What it is called; its ending must be that of the file that was read.
        by: Who, when, why.

    Raises:
        UnknownItem: No transcript, or more than one, is called so.
        UnreadableFile: It cannot be read.
        InvalidDecision: Another transcript holds just these bytes.
    """
    live.catch_up()
    return _Corrector(live, transcript, data, file, by).correction()


def correct(
    live: LiveProject,
    transcript: str,
    data: bytes,
    file: str,
    by: By,
    *,
    coder: Coder,
    key: str = "",
    names_are_fine: bool = False,
) -> tuple[Correction, list[Decision]]:
    """Put a corrected file in the place of a transcript: one act, which `undo` takes back wholly.

    What a machine made of the file is due again at the next run.

    Args:
        live: As in `preview_correction`, and so the others.
        transcript: Id or file name.
        data: The corrected file.
        file: What it is called.
        by: Who, when, why.
        coder: The same who.
        key: What the caller calls the act.
        names_are_fine: Somebody has looked at the new words that may be names, and they may come into the project.

    Returns:
        What it did, and the decisions as the log holds them; none where the file is the one that is read.

    Raises:
        UnknownItem: As in `preview_correction`.
        UnreadableFile: Likewise.
        InvalidDecision: Likewise; or new words may be names in a project whose names were replaced, and nobody said that they are fine.
    """
    store = live.store
    with live.together():  # so that nobody says anything of the old text between the look and the writing
        live.catch_up()
        corrector = _Corrector(live, transcript, data, file, by)
        found = corrector.correction()
        if not found.decisions:
            return found, []
        if found.names and not names_are_fine:
            raise InvalidDecision(
                f"Names of this project were replaced, and {many(len(found.names), 'new word')} of the corrected file may be names, "
                "contacts or numbers: look at them in a dry run, then say that they are fine (--names-are-fine, names_are_fine=true)."
            )
        remember(store, found.before.id)
        store.save_cases(corrector.cases)
        store.add_transcript(found.after, corrector.segments, file=corrector.file(), original=data)
        follows_speakers(store, found.before.name, corrector.said)
        appended = live.do(lambda standing: list(found.decisions), coder=coder, key=key)
    return found, appended


@dataclass
class _Roles:
    """What people said of the speakers, as it stands in the corrected text."""

    said: Said
    decisions: list[tuple[DecisionKind, str, Mapping[str, Any] | None]] = field(default_factory=list)
    settled: int = 0
    lost: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """Targets and states of the corrections of speakers whose turns are gone."""


class _Corrector:
    """Finds out what follows one corrected file."""

    def __init__(self, live: LiveProject, name: str, data: bytes, file: str, by: By) -> None:
        self.live, self.standing, self.by, self.data = live, live.standing, by, data
        self.before = before = live.find_transcript(name)
        if PurePosixPath(file).suffix.casefold() != PurePosixPath(before.name).suffix.casefold():
            raise UnreadableFile(
                file, f"it has another format than {before.name}, which it would replace.", "Save it in the same one."
            )
        self.hash = sha256(data).hexdigest()
        self.same = self.hash == before.sha256
        self.after, self.segments, self.cases, self.note, self.said = (
            before,
            list[Segment](),
            tuple[Case, ...](),
            "",
            Said(),
        )
        if self.same:
            return
        if any(other.sha256 == self.hash for other in live.transcripts.values()):
            raise InvalidDecision(f"Another transcript holds just these bytes; {before.name} cannot hold them, too.")
        plain, self.cases, self.segments, self.note = self._read(Said())
        self.names = self._new_names(plain)
        self.map = SpanMap(before.text, plain.text)
        self.turn_to = [self._turn(plain, turn.start, turn.end) for turn in before.turns]
        self.roles = self._roles(plain)
        self.said, self.after = self.roles.said, plain
        if self.said.roles or self.said.speakers:
            self.after, self.cases, self.segments, self.note = self._read(self.said)
        self.places = Places(self.segments)
        self.old_segments = [segment for segment in live.segments if segment.transcript == before.id]

    def _read(self, said: Said) -> tuple[Transcript, tuple[Case, ...], list[Segment], str]:
        return read_corrected(self.live.store, self.live.settings, self.before, self.data, said)

    def _new_names(self, plain: Transcript) -> tuple[tuple[int, int], ...]:
        """Where names seem to come into a project whose names were replaced; refused where they take the place of pseudonyms.

        An undo would leave them in it: the text is put away, and its bytes are kept.
        """
        if self.live.store.value(MARK) is None:
            return ()
        from textcoder.workflow.pseudonymising import new_names

        here, there = (Counter(_BRACKETED.findall(one.text)) for one in (self.before, plain))
        numbered, still = (sum(n for word, n in one.items() if _NUMBERED.fullmatch(word)) for one in (here, there))
        names = new_names(self.before, plain, self.live.settings)
        gone, sure = (here - there).total(), sum(one.sure for one in names)
        if 2 * still < numbered or (gone and sure):
            at = f", {many(sure, 'new word')} of it look like names or numbers ({_at(names)})" if sure else ""
            raise InvalidDecision(
                f"Names of this project were replaced, and {gone} of the {here.total()} pseudonyms of {self.before.name} are gone from the "
                f"corrected file{at}: it may hold names. Correct the text with pseudonyms instead."
            )
        return tuple((one.start, one.end) for one in names)

    def file(self) -> SourceFile:
        """The row of the file, now with other bytes."""
        return SourceFile(self.before.name, self.hash, Outcome.READ, self.note, self.after.id)

    def correction(self) -> Correction:
        """All that follows."""
        if self.same:
            return Correction(self.before, self.before, 1.0)
        draft = Draft(self.standing, self.by, Verb.CORRECT)
        self.followed: list[Followed] = []
        self.notes: dict[tuple[DecisionKind, str], str] = {}
        state = self.standing.state(DecisionKind.SET_TEXT, self.before.name) or {"was": []}
        text = {"text": self.after.id, "was": [*state["was"], self.before.id]}
        draft.set(DecisionKind.SET_TEXT, self.before.name, text)
        self._waiting(draft)
        self._codings(draft)
        self._quotes(draft)
        self._memos(draft)
        unseen = self._reviews(draft)
        undrawn = self._samples(draft)
        self._themes(draft)
        self._speakers(draft)
        decisions = tuple(
            replace(one, why=self.notes.get((one.kind, one.target), one.why)) for one in draft.decisions()
        )
        followed = sorted(self.followed, key=lambda one: (one.start, one.end, one.kind, one.coder, one.code))
        shown = tuple(one for one in followed if self._is_shown(one))
        return Correction(
            self.before,
            self.after,
            self.map.kept,
            shown,
            unseen,
            undrawn,
            self.roles.settled,
            len(shown) < len(followed),
            self.names,
            decisions,
        )

    def _is_shown(self, one: Followed) -> bool:
        said = Coding(self.before.id, one.start, one.end, one.code, one.coder)
        return bool(visible(self.standing, self.by.coder, [said]))

    # --- spans ---

    def _carry(self, kind: DecisionKind, coder: str, code: str, start: int, end: int) -> Carried | Queued:
        """Where a span stands now; noted for whoever is to be told."""
        place = self._place(start, end)
        speaker = self._speaker(start, place.start) if isinstance(place, Carried) else None
        self.followed.append(Followed(kind, coder, code, start, end, place, speaker))
        return place

    def _place(self, start: int, end: int) -> Carried | Queued:
        """Spans outside the text, which only a damaged log can hold, wait like others."""
        start, end = max(0, start), min(end, len(self.before.text))
        if start >= end:
            start, end = max(0, min(start, len(self.before.text)) - 1), min(len(self.before.text), start + 1)
        return self.map.carry(start, end)

    def _speaker(self, old: int, new: int) -> str | None:
        i, j = self.before.turn_at(old), self.after.turn_at(new)
        was = self.before.turns[i] if i is not None else None
        now = self.after.turns[j] if j is not None else None
        if (was and (was.role, was.case)) == (now and (now.role, now.case)):
            return None
        return (now.speaker or "nobody by name") if now else "nobody"

    def _note(self, kind: DecisionKind, target: str, place: Carried | Queued) -> None:
        if isinstance(place, Queued):
            self.notes[kind, target] = f"waits: {place.why.value}"
        elif place.changes:
            self.notes[kind, target] = f"followed; otherwise now: {', '.join(place.changes)}"

    def _wait(
        self,
        draft: Draft,
        kind: DecisionKind,
        target: str,
        state: Mapping[str, Any],
        span: tuple[int, int],
        place: Queued,
        **whose: str,
    ) -> None:
        """Take something off its words and let it wait."""
        near = (self.after.id, place.start, place.end)
        id_ = waiting_id(kind.value, f"{target} {segment_id((self.before.id, *span))}")
        one = Waiting(id_, kind.value, (self.before.id, *span), near, place.why.value, state, **whose)
        draft.set(DecisionKind.SET_WAITING, id_, one.to_row())
        self._note(DecisionKind.SET_WAITING, id_, place)

    def _waiting(self, draft: Draft) -> None:
        """What waits already waits near the words where it did."""
        for one in self.standing.waiting.values():
            transcript, start, end = one.near
            if transcript == self.before.id:
                place = self._place(start, max(end, start + 1))
                moved = replace(one, near=(self.after.id, place.start, place.end))
                draft.set(DecisionKind.SET_WAITING, one.id, moved.to_row())

    def _codings(self, draft: Draft) -> None:
        """Codings keep coder, code, yes or no, and reason; where two come to stand on one span, a yes stands before a no."""
        for coding in sorted(
            self.standing.on(self.before.id), key=lambda c: (c.start, c.end, c.coder, c.code, c.status)
        ):
            target = coding_target(coding.coder, self.before.id, coding.start, coding.end, coding.code)
            state = self.standing.state(DecisionKind.SET_CODING, target) or {}
            place = self._carry(DecisionKind.SET_CODING, coding.coder, coding.code, coding.start, coding.end)
            draft.set(DecisionKind.SET_CODING, target, None)
            if isinstance(place, Queued):
                whose = {"coder": coding.coder, "code": coding.code}
                self._wait(draft, DecisionKind.SET_CODING, target, state, (coding.start, coding.end), place, **whose)
                continue
            new = coding_target(coding.coder, self.after.id, place.start, place.end, coding.code)
            there = draft.state(DecisionKind.SET_CODING, new)
            if there is None or there["status"] != Status.ACCEPTED:
                draft.set(DecisionKind.SET_CODING, new, state)
                self._note(DecisionKind.SET_CODING, new, place)

    def _quotes(self, draft: Draft) -> None:
        for target, state in self.standing.states(DecisionKind.SET_QUOTE).items():
            transcript, start, end = span_of(target)
            if transcript != self.before.id:
                continue
            place = self._carry(DecisionKind.SET_QUOTE, state["coder"], "", start, end)
            draft.set(DecisionKind.SET_QUOTE, target, None)
            if isinstance(place, Queued):
                self._wait(draft, DecisionKind.SET_QUOTE, target, state, (start, end), place, coder=state["coder"])
                continue
            new = segment_id((self.after.id, place.start, place.end))
            if draft.state(DecisionKind.SET_QUOTE, new) is None:
                draft.set(DecisionKind.SET_QUOTE, new, state)
                self._note(DecisionKind.SET_QUOTE, new, place)

    def _memos(self, draft: Draft) -> None:
        """A memo whose words are gone stands on the transcript until somebody says where it belongs."""
        for id_, state in self.standing.states(DecisionKind.SET_MEMO).items():
            whole = {**state, "on": MemoOn.TRANSCRIPT.value, "item": self.after.id}
            if (state["on"], state["item"]) == (MemoOn.TRANSCRIPT, self.before.id):
                draft.set(DecisionKind.SET_MEMO, id_, whole)
            elif state["on"] == MemoOn.SEGMENT and span_of(state["item"])[0] == self.before.id:
                _, start, end = span_of(state["item"])
                place = self._carry(DecisionKind.SET_MEMO, state["coder"], "", start, end)
                if isinstance(place, Queued):
                    whose = {"coder": state["coder"], "memo": id_}
                    self._wait(draft, DecisionKind.SET_MEMO, id_, state, (start, end), place, **whose)
                    draft.set(DecisionKind.SET_MEMO, id_, whole)
                else:
                    item = segment_id((self.after.id, place.start, place.end))
                    draft.set(DecisionKind.SET_MEMO, id_, {**state, "item": item})
                    self._note(DecisionKind.SET_MEMO, id_, place)

    def _reviews(self, draft: Draft) -> int:
        """Who has read a segment has read those that its words stand in now, if they hold no others; returns how many lapse."""
        read: dict[str, list[tuple[int, int]]] = defaultdict(list)
        states: dict[tuple[str, int, int], Mapping[str, Any]] = {}
        lapsed = 0
        for target, state in self.standing.states(DecisionKind.SET_REVIEW).items():
            coder, segment = review_of(target)
            transcript, start, end = span_of(segment)
            if transcript != self.before.id:
                continue
            draft.set(DecisionKind.SET_REVIEW, target, None)
            place = self._place(start, end)
            if isinstance(place, Queued):
                lapsed += 1
                continue
            read[coder].append((place.start, place.end))
            states[coder, place.start, place.end] = state
        for coder, spans in read.items():
            stretches = _stretches(spans, self.after.text)
            for segment_ in self.segments:
                if any(start <= segment_.start and segment_.end <= end for start, end in stretches):
                    state = states.get((coder, segment_.start, segment_.end), {})
                    draft.set(DecisionKind.SET_REVIEW, review_target(coder, segment_.id), state)
        return lapsed

    def _samples(self, draft: Draft) -> int:
        """A segment that was drawn stays drawn, with its probability, where its words stand now; returns how many are gone."""
        gone = 0
        old_case = {s.id: self.before.turns[s.turn].case for s in self.old_segments}
        for name, state in self.standing.states(DecisionKind.SET_SAMPLE).items():
            drawn: dict[str, float] = {}
            people: dict[str, float] = {}
            here = False
            for segment, chance in sorted(state["segments"].items()):
                transcript, start, end = span_of(segment)
                if transcript != self.before.id:
                    drawn[segment] = max(chance, drawn.get(segment, 0.0))
                    continue
                here = True
                rows = self._now_in(start, end)
                gone += not rows
                for row in rows:
                    drawn[self.segments[row].id] = max(chance, drawn.get(self.segments[row].id, 0.0))
                if state.get("people") and (case := old_case.get(segment)):
                    people[case] = chance
            for one in self.segments if people else ():
                if (case := self.after.turns[one.turn].case) in people:
                    drawn[one.id] = people[case]
            if here:
                frame = state["population"] + len(self.segments) - len(self.old_segments)
                draft.set(DecisionKind.SET_SAMPLE, name, {**state, "segments": drawn, "population": frame})
        return gone

    def _now_in(self, start: int, end: int) -> list[int]:
        """The new segments in which the words of an old one stand, or those that stand in their place."""
        place = self._place(start, end)
        return self.places.under(self.after.id, place.start, place.end) if place.start < place.end else []

    def _themes(self, draft: Draft) -> None:
        """What people made of a theme keeps the segments by which it is known again."""
        for theme, state in self.standing.states(DecisionKind.SET_THEME).items():
            if all(span_of(segment)[0] != self.before.id for segment in state["segments"]):
                continue
            now: list[str] = []
            for segment in state["segments"]:
                transcript, start, end = span_of(segment)
                here = transcript == self.before.id
                now += [self.segments[row].id for row in self._now_in(start, end)] if here else [segment]
            draft.set(DecisionKind.SET_THEME, theme, {**state, "segments": list(dict.fromkeys(now))})

    # --- who speaks ---

    def _turn(self, plain: Transcript, start: int, end: int) -> int | None:
        """The new turn in which most words of an old one stand, if at least half of them do."""
        words = self.map.words_kept(start, end) if start < end else []
        held = Counter(turn for low, _ in words if (turn := plain.turn_at(low)) is not None)
        most = max(held.items(), key=lambda pair: (pair[1], -pair[0]), default=None)
        return most[0] if most and 2 * most[1] >= len(self.before.quotation(start, end).split()) else None

    def _roles(self, plain: Transcript) -> _Roles:
        """Roles and corrections of who speaks, for the new turns."""
        mine = said_in(self.live.log).get(self.before.id, Said())
        found = _Roles(Said())
        speakers: dict[int, Spoken] = {}
        for target, state in self.standing.states(DecisionKind.SET_SPEAKER).items():
            transcript, start = turn_of(target)
            if transcript != self.before.id:
                continue
            i = self.before.turn_at(start)
            j = self.turn_to[i] if i is not None else None
            found.decisions.append((DecisionKind.SET_SPEAKER, target, None))
            if j is None:
                found.lost.append((target, state))
            elif plain.turns[j].speaker == state["speaker"]:
                found.settled += 1
            else:
                turn = plain.turns[j]
                read = {"speaker": turn.speaker, "role": turn.role.value}
                new = {**state, "read": read}
                found.decisions.append((DecisionKind.SET_SPEAKER, turn_target(plain.id, turn.start), new))
                speakers[turn.start] = Spoken(state["speaker"], Role(state["role"]))
        corrected = plain.with_speakers(speakers)
        roles: dict[str | None, Role] = {}
        for speaker, role in mine.roles.items():
            old, state = f"{self.before.id}/{speaker or ''}", {"role": role.value}
            found.decisions.append((DecisionKind.SET_ROLE, old, None))
            now = self._renamed(speaker, corrected)
            if now is _GONE:
                found.settled += 1
            elif now not in roles:
                roles[now] = role
                found.decisions.append((DecisionKind.SET_ROLE, f"{plain.id}/{now or ''}", state))
        found.said = Said(roles, speakers)
        return found

    def _renamed(self, speaker: str | None, corrected: Transcript) -> Any:
        """What a speaker is called in the corrected file: as before, else as whoever says most of her turns now."""
        if speaker in corrected.speakers():
            return speaker
        now = Counter(
            corrected.turns[j].speaker
            for turn, j in zip(self.before.turns, self.turn_to, strict=True)
            if turn.speaker == speaker and j is not None
        )
        return now.most_common(1)[0][0] if now else _GONE

    def _speakers(self, draft: Draft) -> None:
        for kind, target, state in self.roles.decisions:
            draft.set(kind, target, state)
        for target, state in self.roles.lost:
            start = turn_of(target)[1]
            i = self.before.turn_at(start)
            end = max(self.before.turns[i].end if i is not None else start, start + 1)
            place = self._place(start, end)
            queued = Queued(Doubt.REWRITTEN, place.start, place.end) if isinstance(place, Carried) else place
            self.followed.append(Followed(DecisionKind.SET_SPEAKER, "", "", start, end, queued))
            self._wait(draft, DecisionKind.SET_SPEAKER, target, state, (start, end), queued, coder="")


_GONE = object()
_BRACKETED = re.compile(r"\[[^\[\]\n]{1,40}\]")
_NUMBERED = re.compile(r".* \d+\]")
"""As the review table proposes them; what people write themselves may be any words in brackets, as "[laughs]" is."""
_MOST_PLACES = 5


def _at(names: Sequence[Mention]) -> str:
    """Where the sure ones stand, for somebody who has the corrected file: no word of it."""
    sure = [f"{one.start}-{one.end}" for one in names if one.sure]
    return f"at {', '.join(sure[:_MOST_PLACES])}{' and elsewhere' if len(sure) > _MOST_PLACES else ''}"


def _stretches(spans: Iterable[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Spans put together where no word stands between them."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and not any(letter.isalnum() for letter in text[found[-1][1] : start]):
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


# --- what waits -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queue:
    """One thing that waits, with the words that it was said of and those near which it may stand now.

    Attributes:
        item: What waits.
        file: Name of the transcript.
        was: The exact words of the old text.
        now: Those of the new text; empty where nothing is left between what stood before and after.
    """

    item: Waiting
    file: str
    was: str
    now: str


def correction_queue(live: LiveProject, coder: str) -> list[Queue]:
    """All that waits since texts were corrected, in the order of the texts; who codes blind sees only her own.

    Args:
        live: The project.
        coder: Who asks.
    """
    live.catch_up()
    blind = bool(live.standing.blind(coder))
    items = [one for one in live.standing.waiting.values() if not blind or one.coder == coder]
    texts = {one.id: one.text for one, _ in away(live.store, {one.span[0] for one in items})}
    found = []
    for one in sorted(
        items, key=lambda one: (live.transcripts[one.near[0]].name, *one.near[1:], one.code, one.coder, one.id)
    ):
        transcript, start, end = one.span
        now = live.transcripts[one.near[0]]
        found.append(Queue(one, now.name, texts[transcript][start:end], now.quotation(*one.near[1:])))
    return found


def placing(live: LiveProject, item: str, by: By, *, start: int | None = None, end: int | None = None) -> Plan:
    """The plan of somebody who says on which words something stands that waits.

    Args:
        live: The project.
        item: Its id.
        by: Who, when, why.
        start: In the text as it is now; None for the place near which it waits.
        end: One past the last; None likewise.

    Raises:
        UnknownItem: Nothing waits under this id.
        InvalidDecision: The place lies outside the text, or there is none near which it waits.
    """
    one = _waiting(live, item)
    transcript = live.transcripts[one.near[0]]
    if start is None and end is None and one.near[1] == one.near[2]:
        raise InvalidDecision(
            "Nothing stands any more where its words stood; say where it belongs now (--at START-END), or drop it (--drop)."
        )
    a, b = one.near[1] if start is None else start, one.near[2] if end is None else end
    if not 0 <= a < b <= len(transcript.text):
        raise InvalidDecision(
            f"{a}-{b} is no place in {transcript.name}, which has {len(transcript.text)} code points; say where it stands, or drop it."
        )
    return lambda standing: _placed(standing, transcript, one, (a, b), by)


def _placed(standing: Standing, transcript: Transcript, one: Waiting, place: tuple[int, int], by: By) -> list[Decision]:
    if one.id not in standing.waiting:
        return []
    draft = Draft(standing, by, Verb.PLACE)
    span = (transcript.id, *place)
    match DecisionKind(one.kind):
        case DecisionKind.SET_CODING:
            target = coding_target(one.coder, *span, one.code)
            there = standing.state(DecisionKind.SET_CODING, target)
            if there is None or there["status"] != Status.ACCEPTED:
                draft.set(DecisionKind.SET_CODING, target, one.state)
        case DecisionKind.SET_QUOTE:
            if standing.state(DecisionKind.SET_QUOTE, segment_id(span)) is None:
                draft.set(DecisionKind.SET_QUOTE, segment_id(span), one.state)
        case DecisionKind.SET_MEMO:
            memo = standing.state(
                DecisionKind.SET_MEMO, one.memo
            )  # as it was rewritten meanwhile, or None for one taken away
            if memo is not None:
                moved = {**memo, "on": MemoOn.SEGMENT.value, "item": segment_id(span)}
                draft.set(DecisionKind.SET_MEMO, one.memo, moved)
        case _:
            turns = give_turns(standing, transcript, place[:1], one.state["speaker"], by)
            for decision in turns:
                draft.set(decision.kind, decision.target, decision.after)
    draft.set(DecisionKind.SET_WAITING, one.id, None)
    return draft.decisions()


def dropping(live: LiveProject, item: str, by: By) -> Plan:
    """The plan of somebody who says that something that waits stands nowhere any more; the history keeps it, and undo brings it back.

    Raises:
        UnknownItem: Nothing waits under this id.
    """
    one = _waiting(live, item)

    def plan(standing: Standing) -> list[Decision]:
        draft = Draft(standing, by, Verb.DROP)
        draft.set(DecisionKind.SET_WAITING, one.id, None)
        return draft.decisions()

    return plan


def _waiting(live: LiveProject, item: str) -> Waiting:
    live.catch_up()
    if item not in live.standing.waiting:
        raise UnknownItem(f'Nothing waits under "{item}"; `textcoder correct --queue` lists what does.')
    return live.standing.waiting[item]
