"""Decisions are an append-only log: who, when, what, why, and the inverse of each.

A decision says in what state it found one thing and in what state it left it. What is done in one go (a merge, a reviewed segment) is
one act: several decisions that are written, undone and shown together. What the log adds up to stands in `standing.py`; which decisions
an act is made of, in `acts.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from textcoder.domain.codebook import Code, Codebook, CodeStatus, Example, Origin
from textcoder.domain.coding import Status
from textcoder.domain.transcript import Role, Spoken
from textcoder.errors import Conflict


class DecisionKind(StrEnum):
    """Of what kind of thing the state was set. A machine may only add or withdraw provisional codes; all else is a person's."""

    SET_CODE = "set_code"
    """A code's entry; `target` is its id."""
    SET_CODING = "set_coding"
    """Whether a person holds that a span carries a code; `target` is `coding_target(...)`, the state {"status", "why"}."""
    SET_REVIEW = "set_review"
    """Whether a coder has looked at a segment as a whole; `target` is `review_target(...)`, the state
    {"suggested": ...}: what the machine had suggested to her, by which its help can be judged later; {} where nobody knows."""
    SET_ROLE = "set_role"
    """A speaker's role; `target` is `<transcript id>/<speaker>`, the state {"role": ...}."""
    SET_SPEAKER = "set_speaker"
    """Who speaks a turn, where the file is wrong; `target` is `turn_target(...)`, the state {"speaker", "role", "read"}: who speaks, the
    role that she has if nothing else says so, and as what the turn was read, {"speaker", "role"}."""
    SET_MEMO = "set_memo"
    """A memo; `target` is its id, the state its other fields."""
    SET_THEME = "set_theme"
    """What became of a candidate theme; `target` is its id, the state {"status", "code", "name", "lens", "segments"}."""
    SET_SAMPLE = "set_sample"
    """A sample drawn for blind coding; `target` is its name, the state as in `Sample`."""
    SET_QUOTE = "set_quote"
    """A quotation chosen for the report; `target` is its span as `<transcript>:<start>-<end>`, the state its other fields."""
    SET_PROPOSAL = "set_proposal"
    """A proposal of the machine that is set aside; `target` is `proposal_target(...)`, the state {"words", "coder", "at"}: how many
    segments people had accepted for its codes then, by whom and when it was set aside."""
    SET_TEXT = "set_text"
    """Which text a file has, where it was corrected after its import; `target` is the file's name, the state {"text", "was"}: id of the
    transcript that is read, and of those that were read before, the imported one first."""
    SET_WAITING = "set_waiting"
    """What could not follow a corrected text and waits for a person; `target` is its id, the state as in `Waiting`."""


class Verb(StrEnum):
    """What was done, in the words in which people read the history."""

    UNSTATED = "unstated"
    """Of logs that were written before acts had names."""
    IMPORT = "import"
    DRAFT = "draft"
    ACCEPT = "accept"
    REJECT = "reject"
    RECODE = "recode"
    CODE = "code"
    UNCODE = "uncode"
    REVIEW = "review"
    ADD = "add"
    RENAME = "rename"
    DEFINE = "define"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    RETIRE = "retire"
    RESTORE = "restore"
    THRESHOLD = "threshold"
    ADOPT = "adopt"
    DISMISS = "dismiss"
    ROLE = "role"
    SPEAKER = "speaker"
    MEMO = "memo"
    QUOTE = "quote"
    UNQUOTE = "unquote"
    SET_ASIDE = "set_aside"
    TAKE_UP = "take_up"
    SAMPLE = "sample"
    RELEASE = "release"
    RESOLVE = "resolve"
    CORRECT = "correct"
    PLACE = "place"
    DROP = "drop"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the log.

    Attributes:
        kind: Of what kind of thing.
        target: Of which one.
        before: The state that it found; None where there was nothing.
        after: The state that it left; None where there is nothing.
        coder: Id of who decided.
        at: ISO 8601 time in UTC.
        why: In her words; may be empty for a person, names the run for a machine.
        verb: What was done; the same for all decisions of an act.
        undoes: Number of the act that this one takes back; 0 for none.
        key: What the caller calls the act, so that a retry is no second one; may be empty.
        act: Number of the first decision of its act; 0 until the store has appended it.
        number: Place in the log from 1; 0 until the store has appended it.
    """

    kind: DecisionKind
    target: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    coder: str
    at: str
    why: str = ""
    verb: Verb = Verb.UNSTATED
    undoes: int = 0
    key: str = ""
    act: int = field(default=0, compare=False)
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, when and why: what all decisions of an act share."""

    coder: str
    at: str
    why: str = ""


def code_to_row(code: Code) -> dict[str, Any]:
    """A code as plain values, equal to what JSON gives back."""
    return {**asdict(code), "examples": [asdict(e) for e in code.examples], "successors": list(code.successors)}


def code_from_row(row: Mapping[str, Any]) -> Code:
    """The code that `code_to_row` wrote; unknown keys are an error, so that a newer log is not misread."""
    values = dict(row)
    values["examples"] = tuple(Example(**example) for example in values.get("examples", ()))
    values["successors"] = tuple(values.get("successors", ()))
    values["origin"] = Origin(values.get("origin", Origin.DATA))
    values["status"] = CodeStatus(values.get("status", CodeStatus.ACTIVE))
    return Code(**values)


def coding_target(coder: str, transcript: str, start: int, end: int, code: str) -> str:
    """The name under which the log knows one coder's coding of one span with one code."""
    return _joined(coder, transcript, start, end, code)


def coding_of(target: str) -> tuple[str, str, int, int, str]:
    """Coder, transcript, start, end and code of what `coding_target` wrote."""
    coder, transcript, start, end, code = json.loads(target)
    return coder, transcript, start, end, code


def coding_state(status: Status, why: str = "") -> dict[str, Any]:
    """The state of a person's coding."""
    return {"status": status.value, "why": why}


def review_target(coder: str, segment: str) -> str:
    """The name under which the log knows that a coder has looked at a segment as a whole."""
    return _joined(coder, segment)


def review_of(target: str) -> tuple[str, str]:
    """Coder and segment of what `review_target` wrote."""
    coder, segment = json.loads(target)
    return coder, segment


def proposal_target(kind: str, codes: Iterable[str]) -> str:
    """The name under which the log knows a proposal: what is proposed of which codes, in whatever order they are named."""
    return _joined(kind, *sorted(codes))


def proposal_of(target: str) -> tuple[str, tuple[str, ...]]:
    """Kind and codes of what `proposal_target` wrote."""
    kind, *codes = json.loads(target)
    return kind, tuple(codes)


def codebook_of(decisions: Iterable[Decision]) -> Codebook:
    """The codebook that the log adds up to. Cost: one pass."""
    codebook = Codebook()
    for decision in decisions:
        if decision.kind is DecisionKind.SET_CODE:
            codebook = with_decision(codebook, decision)
    return codebook


def with_decision(codebook: Codebook, decision: Decision) -> Codebook:
    """The codebook after a decision about a code."""
    after = decision.after
    return codebook.without(decision.target) if after is None else codebook.with_code(code_from_row(after))


def roles_of(decisions: Iterable[Decision]) -> dict[str, dict[str | None, Role]]:
    """The roles that people set: transcript id -> speaker -> role; the last decision counts."""
    roles: dict[str, dict[str | None, Role]] = {}
    for decision in decisions:
        if decision.kind is DecisionKind.SET_ROLE:
            transcript, _, speaker = decision.target.partition("/")
            if decision.after is None:
                roles.get(transcript, {}).pop(speaker or None, None)
            else:
                roles.setdefault(transcript, {})[speaker or None] = Role(decision.after["role"])
    return roles


def turn_target(transcript: str, start: int) -> str:
    """The name under which the log knows a turn: by where its words begin, which no correction moves."""
    return f"{transcript}/{start}"


def turn_of(target: str) -> tuple[str, int]:
    """Transcript and first code point of what `turn_target` wrote."""
    transcript, _, start = target.rpartition("/")
    return transcript, int(start)


def speakers_of(decisions: Iterable[Decision]) -> dict[str, dict[int, Spoken]]:
    """Who speaks the turns about which people decided: transcript id -> start of the turn -> who."""
    spoken: dict[str, dict[int, Spoken]] = {}
    for decision in decisions:
        if decision.kind is DecisionKind.SET_SPEAKER:
            hear(spoken, decision)
    return spoken


def hear(spoken: dict[str, dict[int, Spoken]], decision: Decision) -> None:
    """Take in one decision about who speaks."""
    transcript, start = turn_of(decision.target)
    turns = spoken.setdefault(transcript, {})
    turns.pop(start, None)
    said = decision.after or (decision.before or {}).get("read")
    if said is not None:
        turns[start] = Spoken(said["speaker"], Role(said["role"]), corrected=decision.after is not None)


def text_of(decision: Decision) -> tuple[str, str]:
    """The transcripts that a file had before and after a decision about its text, by their ids."""
    before, after = decision.before, decision.after
    imported = str((before or after or {"was": [""]})["was"][0])
    return str(before["text"]) if before else imported, str(after["text"]) if after else imported


def transcripts_of(decision: Decision) -> set[str]:
    """The transcripts that must be there for what a decision has left, by their ids."""
    after = decision.after
    if after is None:
        return set()
    match decision.kind:
        case DecisionKind.SET_CODING:
            return {coding_of(decision.target)[1]}
        case DecisionKind.SET_REVIEW:
            segments: Iterable[str] = [review_of(decision.target)[1]]
        case DecisionKind.SET_QUOTE:
            segments = [decision.target]
        case DecisionKind.SET_MEMO if after["on"] in ("segment", "transcript"):
            segments = [after["item"]]
        case DecisionKind.SET_WAITING:
            segments = [after["near"]]
        case DecisionKind.SET_SAMPLE | DecisionKind.SET_THEME:
            segments = after["segments"]
        case DecisionKind.SET_SPEAKER | DecisionKind.SET_ROLE:
            return {decision.target.partition("/")[0]}
        case _:
            return set()
    return {segment.partition(":")[0] for segment in segments}


def as_json(state: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A state as JSON gives it back: lists for tuples, plain words for members of an enumeration."""
    plain: Mapping[str, Any] | None = json.loads(json.dumps(state, ensure_ascii=False, default=dict))
    return plain


def conflict(decision: Decision, now: Decision | None) -> Conflict:
    """The error of a decision whose `before` is not what stands: `now` is the last decision about the same thing."""
    what = {
        DecisionKind.SET_CODE: "The code",
        DecisionKind.SET_CODING: "The coding",
        DecisionKind.SET_SPEAKER: "Who speaks there",
        DecisionKind.SET_MEMO: "The memo",
        DecisionKind.SET_QUOTE: "The quotation",
        DecisionKind.SET_TEXT: "The text",
    }.get(decision.kind, "What you decided about")
    if now is None:
        return Conflict(f"{what} is not there, or was never decided about; read it again.")
    return Conflict(
        f"{what} was changed meanwhile by {now.coder} ({now.verb.value}, act {now.act}, {now.at}); look at it and decide again.",
        (now.number,),
    )


def _joined(*parts: str | int) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
