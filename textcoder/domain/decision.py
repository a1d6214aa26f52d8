"""Decisions are an append-only log: who, when, what, why, and its inverse. Codebook and roles are what the log adds up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from textcoder.domain.codebook import Code, Codebook, CodeStatus, Example, Origin
from textcoder.domain.transcript import Role


class DecisionKind(StrEnum):
    """What was decided. A machine may only add or withdraw provisional codes; all else is a person's."""

    SET_CODE = "set_code"
    """A code was added or changed; `target` is its id, `before` and `after` are the whole entry (None: was not, is not there)."""
    SET_ROLE = "set_role"
    """A speaker's role was set; `target` is `<transcript id>/<speaker>`, `before` and `after` hold {"role": ...}."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the log.

    Attributes:
        kind: What was decided.
        target: What it was decided of.
        before: The state that it found; None where there was nothing.
        after: The state that it left; None where there is nothing.
        coder: Id of who decided.
        why: In her words; may be empty for a person, names the run for a machine.
        at: ISO 8601 time in UTC.
        number: Place in the log from 1; 0 until the store has appended it.
    """

    kind: DecisionKind
    target: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    coder: str
    at: str
    why: str = ""
    number: int = field(default=0, compare=False)

    def inverse(self, *, coder: str, at: str, why: str = "") -> Decision:
        """The decision that takes this one back; undo appends it, nothing is ever deleted."""
        return Decision(self.kind, self.target, self.after, self.before, coder, at, why or f"undoes {self.number}")


def code_to_row(code: Code) -> dict[str, Any]:
    """A code as plain values, as the log and the files hold it."""
    return asdict(code)


def code_from_row(row: Mapping[str, Any]) -> Code:
    """The code that `code_to_row` wrote; unknown keys are an error, so that a newer log is not misread."""
    values = dict(row)
    values["examples"] = tuple(Example(**example) for example in values.get("examples", ()))
    values["origin"] = Origin(values.get("origin", Origin.DATA))
    values["status"] = CodeStatus(values.get("status", CodeStatus.ACTIVE))
    return Code(**values)


def set_code(before: Code | None, after: Code | None, *, coder: str, at: str, why: str = "") -> Decision:
    """The decision that adds (`before` None), changes or takes away (`after` None) a code."""
    code = after or before
    if code is None:
        raise ValueError("a decision about no code at all")
    rows = [None if entry is None else code_to_row(entry) for entry in (before, after)]
    return Decision(DecisionKind.SET_CODE, code.id, rows[0], rows[1], coder, at, why)


def set_role(transcript: str, speaker: str | None, before: Role, after: Role, *, coder: str, at: str) -> Decision:
    """The decision that gives a speaker of one transcript a role."""
    return Decision(
        DecisionKind.SET_ROLE, f"{transcript}/{speaker or ''}", {"role": before}, {"role": after}, coder, at
    )


def codebook_of(decisions: Iterable[Decision]) -> Codebook:
    """What the log adds up to. Cost: one pass."""
    codebook = Codebook()
    for decision in decisions:
        if decision.kind is DecisionKind.SET_CODE:
            after = decision.after
            codebook = codebook.without(decision.target) if after is None else codebook.with_code(code_from_row(after))
    return codebook


def roles_of(decisions: Iterable[Decision]) -> dict[str, dict[str | None, Role]]:
    """The roles that people set: transcript id -> speaker -> role; the last decision counts."""
    roles: dict[str, dict[str | None, Role]] = {}
    for decision in decisions:
        if decision.kind is DecisionKind.SET_ROLE and decision.after is not None:
            transcript, _, speaker = decision.target.partition("/")
            roles.setdefault(transcript, {})[speaker or None] = Role(decision.after["role"])
    return roles
