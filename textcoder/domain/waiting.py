"""What could not follow a corrected text: it stands on no words until a person says on which, or that it is gone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Span = tuple[str, int, int]
"""Transcript id, start, end."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A coding, a quotation for the report, a memo or a correction of who speaks whose words were rewritten.

    Attributes:
        id: By which people name it.
        kind: Of what kind of thing, as a word of `DecisionKind`.
        span: Of which it was said, in the text that was replaced.
        near: Where to look for it in the text that is read now; its start and end may be the same.
        why: What happened to its words, as a word of `textcoder.spans.Doubt`.
        state: As it was.
        coder: Whose it is.
        code: Of a coding; empty otherwise.
        memo: Id of a memo, which stands on the transcript meanwhile; empty otherwise.
    """

    id: str
    kind: str
    span: Span
    near: Span
    why: str
    state: Mapping[str, Any]
    coder: str
    code: str = ""
    memo: str = ""

    @classmethod
    def from_row(cls, id_: str, row: Mapping[str, Any]) -> Waiting:
        """What `to_row` wrote."""
        words = {name: row[name] for name in ("kind", "why", "coder", "code", "state")}
        return cls(id_, span=span_of(row["item"]), near=span_of(row["near"]), memo=row["id"], **words)

    def to_row(self) -> dict[str, Any]:
        """As the log holds it."""
        row = {"kind": self.kind, "item": segment_id(self.span), "near": segment_id(self.near), "why": self.why}
        return row | {"coder": self.coder, "code": self.code, "id": self.memo, "state": dict(self.state)}


def waiting_id(kind: str, target: str) -> str:
    """The id of what waits: always the same for one thing, so that it cannot wait twice."""
    return f"w{hashlib.sha256(f'{kind} {target}'.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def segment_id(span: Span) -> str:
    """A span as segments, memos and quotations name it."""
    return f"{span[0]}:{span[1]}-{span[2]}"


def span_of(segment: str) -> Span:
    """The span of such a name."""
    transcript, _, place = segment.rpartition(":")
    start, _, end = place.partition("-")
    return transcript, int(start), int(end)
