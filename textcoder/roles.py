"""Who asks and who is asked: guessed from labels and from how people talk, shown, and corrected by a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from textcoder.domain.labels import is_role_certain, role_named
from textcoder.domain.transcript import Role, Transcript, Turn

_QUESTION = re.compile(r"[?\uff1f\u061f]")
# Interviewers also ask without a question mark. English only; other languages rest on the marks.
_PROMPT = re.compile(r"\b(?:tell me|say more|(?:walk|talk) me through|describe)\b", re.IGNORECASE)
_HOSTING = re.compile(
    r"\b(?:my|our) (?:first |next |special )?guests?\b|\bthe (?:recorder|recording)\b"
    r"|\b(?:first|next|last|final) question\b|\bthank(?:s| you)[\w ,]{0,20} for "
    r"(?:(?:making|taking) (?:the )?time|your time|joining|coming (?:on|in)|being here|participating|talking to)",
    re.IGNORECASE,
)
_VISITING = re.compile(r"\bthank(?:s| you)[\w ,]{0,20} for (?:having|inviting) me\b", re.IGNORECASE)
# A question in the last words is put to somebody; one further up was often told ("so I said, why?").
_LAST_WORDS = 120

# The weights below were set by reading: 10 podcasts with one or two hosts, 7 study interviews, 26 demo interviews. The
# difference of asking and answering carries the judgement; words and phrases break ties.
_WEIGHT_OF_WORDS = 0.3
_WEIGHT_OF_PHRASES = 0.25
_WEIGHT_OF_LABELS = 0.3
_SMOOTHING = 2
# Below this distance between the most and the least asking speaker nobody is an interviewer: two colleagues talking.
_CLEAR = 0.2

# For turns without names, as log odds of an interviewer against a participant; set on three oral histories.
_SWITCH = 3.0
_ENDS_ASKING = 1.5
_ASKS_INSIDE = 0.4
_LONG = -1.5
_LONG_FROM = 45
# A dialogue without names asks in at least this share of its turns, and a diary less.
_FEWEST_ASKING = 0.15


@dataclass(frozen=True, slots=True)
class SpeakerRole:
    """One row of the table that is shown for confirmation.

    Attributes:
        speaker: As written; None for turns that the file gives to nobody.
        role: The role of these turns.
        turns: How many.
        words: In all of them.
        questions: Turns that ask something.
        why: What speaks for the role, in words.
    """

    speaker: str | None
    role: Role
    turns: int
    words: int
    questions: int
    why: str


@dataclass(frozen=True, slots=True)
class _Habits:
    """How one speaker talks.

    Attributes:
        turns: How many.
        words: In all of them.
        asks: Turns that ask.
        answers: Turns straight after somebody else's question.
        phrases: 1 for what hosts say, -1 for what guests say, 0 for neither or both.
        label: 1 for "Host", "Researcher" and the like, -1 for "Guest", "Patient" and the like, 0 for names.
    """

    turns: int
    words: int
    asks: int
    answers: int
    phrases: int
    label: int


def guess_roles(transcript: Transcript) -> Transcript:
    """The transcript with a role for every turn.

    Labels that name a role count most ("Interviewer", "Q"). Other speakers are compared: who asks rather than answers,
    who says least, who says what hosts say. Turns without names alternate between asking and answering as far as their
    question marks allow. Without evidence everyone is a participant, since a participant's lost words are worse than an
    interviewer's that slip in. Surveys and reflections are participants' throughout.
    """
    if _is_monologue(transcript):
        return _with_role(transcript, Role.PARTICIPANT)
    if all(turn.speaker is None for turn in transcript.turns):
        roles = _alternating(transcript)
        turns = tuple(replace(turn, role=role) for turn, role in zip(transcript.turns, roles, strict=True))
        return replace(transcript, turns=turns)
    judged = _judge(transcript)
    return transcript.with_roles({speaker: role for speaker, (role, _) in judged.items()})


def role_table(transcript: Transcript) -> list[SpeakerRole]:
    """Each speaker (and role) of the transcript with what speaks for it, in order of appearance."""
    judged = _judge(transcript)
    rows: list[SpeakerRole] = []
    for speaker, role in dict.fromkeys((turn.speaker, turn.role) for turn in transcript.turns):
        mine = [turn for turn in transcript.turns if (turn.speaker, turn.role) == (speaker, role)]
        asking = sum(_asks(_words(transcript, turn)) for turn in mine)
        words = sum(len(_words(transcript, turn).split()) for turn in mine)
        guessed, why = judged[speaker]
        if _is_monologue(transcript):
            guessed, why = Role.PARTICIPANT, "the file is one person's own account"
        elif len({turn.speaker for turn in transcript.turns}) == 1 and speaker is None:
            guessed, why = role, f"turns without names, by who asks and who answers; {asking} of these {len(mine)} ask"
        rows.append(SpeakerRole(speaker, role, len(mine), words, asking, why if guessed is role else "set by a person"))
    return rows


def _with_role(transcript: Transcript, role: Role) -> Transcript:
    return replace(transcript, turns=tuple(replace(turn, role=role) for turn in transcript.turns))


def _words(transcript: Transcript, turn: Turn) -> str:
    return transcript.text[turn.start : turn.end]


def _asks(words: str) -> bool:
    return _QUESTION.search(words[-_LAST_WORDS:]) is not None or _PROMPT.search(words[-_LAST_WORDS:]) is not None


def _is_monologue(transcript: Transcript) -> bool:
    """Whether nobody interviews: a survey, or paragraphs of one writer who seldom asks herself something."""
    if transcript.kind == "survey":
        return True
    if any(turn.speaker is not None for turn in transcript.turns):
        return False
    asking = [_QUESTION.search(_words(transcript, turn)[-3:]) is not None for turn in transcript.turns]
    # A diary's questions stand side by side or end long paragraphs; an interviewer's are answered by the next turn.
    answered = sum(now and not after for now, after in zip(asking, [*asking[1:], True], strict=True))
    return len(asking) < 4 or answered < _FEWEST_ASKING * len(asking)


def _judge(transcript: Transcript) -> dict[str | None, tuple[Role, str]]:
    """Role and reason of each speaker."""
    speakers = dict.fromkeys(turn.speaker for turn in transcript.turns)
    said = {speaker: role for speaker in speakers if (role := _role_by_label(speaker, speakers)) is not None}
    judged = {speaker: (role, f'the label "{speaker}" says so') for speaker, role in said.items()}
    open_ones = [speaker for speaker in speakers if speaker not in said]
    if Role.INTERVIEWER in said.values():
        why = "another speaker is labelled as interviewer"
        return judged | {speaker: (Role.PARTICIPANT, why) for speaker in open_ones}
    habits = {speaker: habit for speaker, habit in _habits(transcript).items() if said.get(speaker) is not Role.OTHER}
    scores = {speaker: _score(habit, habits.values()) for speaker, habit in habits.items()}
    asking = _interviewers(scores, [speaker for speaker in said if speaker in scores])
    for speaker in open_ones:
        habit = habits[speaker]
        role = Role.INTERVIEWER if speaker in asking else Role.PARTICIPANT
        judged[speaker] = (role, _reason(habit, sum(h.words for h in habits.values()), bool(asking)))
    return judged


def _role_by_label(speaker: str | None, speakers: Iterable[str | None]) -> Role | None:
    """The role that a label says for certain, unless the file's other labels contradict it."""
    if speaker is None or not is_role_certain(speaker):
        return None
    named = {other: role_named(other) for other in speakers if other is not None}
    asked = any(role is Role.INTERVIEWER for role in named.values())
    code = speaker.rstrip("0123456789 .#-")
    # "A" answers only where somebody asks (else it is the first of A, B, C), and "R" beside "P" is the researcher.
    if code == "A" and not asked:
        return None
    if code == "R" and not asked and any(other.startswith("P") and role for other, role in named.items()):
        return None
    return named[speaker]


def _habits(transcript: Transcript) -> dict[str | None, _Habits]:
    turns = transcript.turns
    texts = [_words(transcript, turn) for turn in turns]
    asks = [_asks(words) for words in texts]
    found: dict[str | None, _Habits] = {}
    for i, turn in enumerate(turns):
        answers = i > 0 and asks[i - 1] and turns[i - 1].speaker != turn.speaker
        phrases = (_HOSTING.search(texts[i]) is not None) - (_VISITING.search(texts[i]) is not None)
        old = found.get(turn.speaker, _Habits(0, 0, 0, 0, 0, _label(turn.speaker)))
        found[turn.speaker] = _Habits(
            old.turns + 1,
            old.words + len(texts[i].split()),
            old.asks + asks[i],
            old.answers + answers,
            max(-1, min(1, old.phrases + phrases)),
            old.label,
        )
    return found


def _label(speaker: str | None) -> int:
    role = role_named(speaker or "")
    return (role is Role.INTERVIEWER) - (role is Role.PARTICIPANT)


def _score(habit: _Habits, everyone: Iterable[_Habits]) -> float:
    """From about -1 (answers) to 1 (asks)."""
    all_habits = list(everyone)
    words = habit.words / max(1, sum(other.words for other in all_habits))
    leaning = (habit.asks - habit.answers) / (habit.turns + _SMOOTHING)
    hints = _WEIGHT_OF_PHRASES * habit.phrases + _WEIGHT_OF_LABELS * habit.label
    return leaning + _WEIGHT_OF_WORDS * (1 / len(all_habits) - words) + hints


def _interviewers(scores: Mapping[str | None, float], participants: Sequence[str | None]) -> set[str | None]:
    """The speakers nearer to who asks most than to who asks least; nobody where these two are alike."""
    if len(scores) < 2:
        return set()
    most, least = max(scores.values()), min(scores.values())
    if participants:
        # Whoever stands by name beside people called "Participant" is mostly who asked them.
        return {s for s, score in scores.items() if score > max(scores[p] for p in participants)}
    if most - least < _CLEAR:
        return set()
    return {speaker for speaker, score in scores.items() if score > (most + least) / 2}


def _reason(habit: _Habits, all_words: int, clear: bool) -> str:
    share = f"{habit.words / max(1, all_words):.0%} of the words"
    figures = f"asks in {habit.asks} and answers in {habit.answers} of {habit.turns} turns, {share}"
    return figures if clear else f"{figures}; nobody clearly interviews"


def _alternating(transcript: Transcript) -> list[Role]:
    """The likeliest sequence of roles for turns without names, where roles mostly alternate (Viterbi 1967)."""
    odds = [_odds(_words(transcript, turn)) for turn in transcript.turns]
    best = (odds[0] / 2, -odds[0] / 2)
    came_from: list[tuple[int, int]] = []
    for value in odds[1:]:
        # State 0 is the interviewer; staying costs, since people take turns. Ties go to the switch.
        asked = (best[0] - _SWITCH, best[1])
        answered = (best[0], best[1] - _SWITCH)
        came_from.append((0 if asked[0] > asked[1] else 1, 1 if answered[1] > answered[0] else 0))
        best = (max(asked) + value / 2, max(answered) - value / 2)
    state = 0 if best[0] > best[1] else 1
    states = [state]
    for before in reversed(came_from):
        state = before[state]
        states.append(state)
    return [Role.INTERVIEWER if state == 0 else Role.PARTICIPANT for state in reversed(states)]


def _odds(words: str) -> float:
    odds = _LONG if len(words.split()) >= _LONG_FROM else 0.0
    if _QUESTION.search(words[-3:]):
        return odds + _ENDS_ASKING
    return odds + (_ASKS_INSIDE if _asks(words) else 0.0)
