"""The log as people read it: acts, what was undone, undo of any past step, where a code comes from, what changed between versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from textcoder.domain.codebook import Code, Codebook, CodeStatus
from textcoder.domain.decision import (
    By,
    Decision,
    DecisionKind,
    Verb,
    code_from_row,
    codebook_of,
    coding_of,
    text_of,
    transcripts_of,
    with_decision,
)
from textcoder.domain.standing import Standing
from textcoder.errors import Conflict, InvalidDecision, UnknownItem


@dataclass(frozen=True, slots=True)
class Act:
    """What was done in one go.

    Attributes:
        number: Of its first decision; by it people name the act.
        decisions: In the order of the log.
        undone_by: Number of the act that took it back and has not itself been taken back; 0 if it is in effect.
    """

    number: int
    decisions: tuple[Decision, ...]
    undone_by: int = 0

    @property
    def first(self) -> Decision:
        """Who, when, what and why are the same for all its decisions."""
        return self.decisions[0]


def acts_of(decisions: Iterable[Decision]) -> dict[int, Act]:
    """Every act by its number, oldest first. Cost: one pass."""
    parts: dict[int, list[Decision]] = defaultdict(list)
    for decision in decisions:
        parts[decision.act].append(decision)
    undone: dict[int, int] = {}
    for number, held in parts.items():
        if held[0].undoes:
            undone[held[0].undoes] = number
    # An undo that was itself undone does not count; the later of the two says so, hence from the newest to the oldest.
    in_effect: dict[int, bool] = {}
    for number in sorted(parts, reverse=True):
        by = undone.get(number)
        in_effect[number] = by is None or not in_effect[by]
    return {
        number: Act(number, tuple(held), 0 if in_effect[number] else undone[number]) for number, held in parts.items()
    }


def last_to_undo(acts: Mapping[int, Act], coder: str) -> Act:
    """The last act of this coder that is in effect and is no undo itself.

    Raises:
        InvalidDecision: There is none.
    """
    for act in sorted(acts.values(), key=lambda act: -act.number):
        if act.first.coder == coder and not act.undone_by and act.first.verb is not Verb.UNDO:
            return act
    raise InvalidDecision("There is nothing of yours to undo.")


def last_to_redo(acts: Mapping[int, Act], coder: str) -> Act:
    """The last undo of this coder that is in effect.

    Raises:
        InvalidDecision: There is none.
    """
    for act in sorted(acts.values(), key=lambda act: -act.number):
        if act.first.coder == coder and not act.undone_by and act.first.verb is Verb.UNDO:
            return act
    raise InvalidDecision("There is nothing of yours to redo.")


def later_on(acts: Mapping[int, Act], number: int, standing: Standing) -> list[Act]:
    """The later acts that stand on an act, oldest first: those that an undo of it would contradict.

    They changed the same thing again, or use a code that the act brought into being (as a coding, or as the code above another), or speak
    of a text that it brought.
    """
    act = _existing(acts, number)
    touched = {(d.kind, d.target) for d in act.decisions if standing.state(d.kind, d.target) != _plain(d.after)}
    added = {d.target for d in act.decisions if d.kind is DecisionKind.SET_CODE and d.before is None}
    brought = {text_of(d)[1] for d in act.decisions if d.kind is DecisionKind.SET_TEXT}
    return [
        later
        for later in sorted(acts.values(), key=lambda later: later.number)
        if later.number > number
        and not later.undone_by
        and not (
            later.first.undoes and acts[later.first.undoes].undone_by == later.number and later.first.undoes > number
        )
        and any(
            (d.kind, d.target) in touched or _uses(d, added, standing) or _speaks_of(d, brought, standing)
            for d in later.decisions
        )
    ]


def undo(acts: Mapping[int, Act], number: int, standing: Standing, by: By, *, rest: bool = False) -> list[Decision]:
    """The decisions that take an act back, whatever came after it.

    Args:
        acts: All of the log.
        number: The act to take back; an undo is taken back in the same way, which redoes what it undid.
        standing: What stands now.
        by: Who, when, why.
        rest: Take back only what no later act stands on, rather than refusing.

    Raises:
        Conflict: Later acts stand on it; names them, and says what can be done.
        InvalidDecision: It is undone already.
    """
    act = _existing(acts, number)
    if act.undone_by:
        raise InvalidDecision(
            f"Act {number} is undone already, by act {act.undone_by}; undo that one to bring it back."
        )
    later = later_on(acts, number, standing)
    if later and not rest:
        listed = ", ".join(f"{a.number} ({a.first.verb.value}, {a.first.coder})" for a in later[:5])
        more = f" and {len(later) - 5} more" if len(later) > 5 else ""
        raise Conflict(
            f"Act {number} cannot be undone by itself, because later acts stand on it: {listed}{more}. Undo them first, undo them "
            "with it (--with-later), or undo only what they leave free (--rest).",
            tuple(a.number for a in later),
        )
    if later and any(d.kind is DecisionKind.SET_TEXT for d in act.decisions):
        raise Conflict(
            f"Act {number} corrected a text, and later acts stand on that text; undo them with it (--with-later).",
            tuple(a.number for a in later),
        )
    held = {(d.kind, d.target) for each in later for d in each.decisions} | {
        (DecisionKind.SET_CODE, code) for each in later for d in each.decisions for code in _codes_used(d)
    }
    verb = Verb.REDO if act.first.verb is Verb.UNDO else Verb.UNDO
    why = by.why or f"{verb.value} of act {number}"
    decisions = [
        Decision(d.kind, d.target, now, d.before, by.coder, by.at, why, verb, number)
        for d in reversed(act.decisions)
        if (d.kind, d.target) not in held and (now := standing.state(d.kind, d.target)) != _plain(d.before)
    ]
    _check_codebook(standing.codebook, decisions)
    return decisions


def with_later(acts: Mapping[int, Act], number: int, standing: Standing) -> list[int]:
    """An act and all that stands on it, directly or not, in the order in which they can be undone one by one: newest first."""
    found, waiting = {number}, [number]
    while waiting:
        new = {act.number for act in later_on(acts, waiting.pop(), standing)} - found
        found |= new
        waiting += new
    return sorted(found, reverse=True)


def _existing(acts: Mapping[int, Act], number: int) -> Act:
    if number not in acts:
        raise UnknownItem(f"The history has no act {number}; `textcoder codebook history` lists them.")
    return acts[number]


def _uses(decision: Decision, codes: set[str], standing: Standing) -> bool:
    """Whether a decision that is still in force speaks of one of the codes."""
    if not codes or decision.after is None or standing.state(decision.kind, decision.target) != _plain(decision.after):
        return False
    return decision.target not in codes and not codes.isdisjoint(_codes_used(decision))


def _speaks_of(decision: Decision, transcripts: set[str], standing: Standing) -> bool:
    """Whether a decision that is still in force stands on one of the texts."""
    if not transcripts or transcripts.isdisjoint(transcripts_of(decision)):
        return False
    return standing.state(decision.kind, decision.target) == _plain(decision.after)


def _codes_used(decision: Decision) -> set[str]:
    """Codes that must exist for what a decision has left."""
    if decision.after is None:
        return set()
    match decision.kind:
        case DecisionKind.SET_CODING:
            used = [coding_of(decision.target)[4]]
        case DecisionKind.SET_CODE:
            used = [decision.after["parent"], *decision.after.get("successors", ())]
        case DecisionKind.SET_THEME:
            used = [decision.after["code"]]
        case _:
            used = []
    return {code for code in used if code is not None}


def _check_codebook(codebook: Codebook, decisions: Iterable[Decision]) -> None:
    """An undo may not bring back a name that a later code has taken."""
    after = codebook
    for decision in decisions:
        if decision.kind is DecisionKind.SET_CODE:
            after = with_decision(after, decision)
    seen: dict[tuple[str, str], Code] = {}
    for code in after.in_use:
        key = (code.lens, code.name.casefold())
        if key in seen and {code.id, seen[key].id} & {d.target for d in decisions}:
            raise Conflict(f'There would be two codes "{code.name}" under one lens; rename one of them first.')
        seen[key] = code


def _plain(state: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return None if state is None else dict(state)


# --- where a code comes from ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a code comes from and what became of it.

    Attributes:
        code: As it stands.
        acts: Every act that changed its entry, oldest first, as (act, entry before, entry after).
        merged_from: Codes that were merged into it.
        split_from: The code that it is a part of, if it came from a split.
    """

    code: Code
    acts: tuple[tuple[Act, Code | None, Code | None], ...]
    merged_from: tuple[Code, ...]
    split_from: tuple[Code, ...]


def lineage(acts: Mapping[int, Act], codebook: Codebook, code: str) -> Lineage:
    """The history of one code.

    Raises:
        UnknownItem: There never was such a code.
    """
    changes = []
    for act in acts.values():
        for decision in act.decisions:
            if decision.kind is DecisionKind.SET_CODE and decision.target == code:
                pair = [None if row is None else code_from_row(row) for row in (decision.before, decision.after)]
                changes.append((act, pair[0], pair[1]))
    if not changes:
        raise UnknownItem(f'The history knows no code "{code}".')
    entry = codebook.get(code) or changes[-1][1] or changes[-1][2]
    if entry is None:
        raise UnknownItem(f'The history knows no code "{code}".')
    before = [c for c in codebook if code in c.successors and c.status is CodeStatus.RETIRED]
    return Lineage(
        entry,
        tuple(changes),
        tuple(c for c in before if len(c.successors) == 1),
        tuple(c for c in before if len(c.successors) > 1),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """How one code differs between two versions.

    Attributes:
        before: None for a code that was added.
        after: None for a code that was taken away.
        fields: Names of the fields that differ; empty for added and removed codes.
    """

    before: Code | None
    after: Code | None
    fields: tuple[str, ...]


def version_of(decisions: Iterable[Decision], version: int) -> Codebook:
    """The codebook as it was after so many changes.

    Raises:
        UnknownItem: There is no such version.
    """
    changing = [d for d in decisions if d.kind is DecisionKind.SET_CODE]
    if not 0 <= version <= len(changing):
        raise UnknownItem(f"The codebook has versions 0 to {len(changing)}; there is no version {version}.")
    return codebook_of(changing[:version])


def diff(before: Codebook, after: Codebook) -> list[Change]:
    """What changed between two versions, in the order of the later book; removed codes come last."""
    changes = []
    for code in after:
        old = before.get(code.id)
        if old is None:
            changes.append(Change(None, code, ()))
        elif old != code:
            names = tuple(f.name for f in fields(Code) if getattr(old, f.name) != getattr(code, f.name))
            changes.append(Change(old, code, names))
    return changes + [Change(code, None, ()) for code in before if after.get(code.id) is None]


def numbered(decisions: Sequence[Decision], first: int) -> list[Decision]:
    """The decisions of one act with their numbers from `first`."""
    return [replace(decision, number=first + i, act=first) for i, decision in enumerate(decisions)]
