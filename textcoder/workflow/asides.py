"""Proposals of the machine that people set aside: they stay so for everybody, until much more was said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from textcoder.domain import acts
from textcoder.domain.coding import Status
from textcoder.domain.decision import By, DecisionKind, proposal_target
from textcoder.workflow.live import LiveProject, Plan

if TYPE_CHECKING:
    from textcoder.proposals import Proposal

ProposalKind = Literal["NearDuplicate", "ToSplit", "DefinitionAdrift", "LoneCode"]
"""As the classes of `textcoder.proposals` are called."""
KINDS: tuple[str, ...] = get_args(ProposalKind)
MUCH = 1.5
"""What was set aside comes back once people have accepted so many times as much for its codes: as judged anew on other material."""
AT_LEAST = 5
"""Segments more that it takes for that, so that the second coding of a code does not bring all back."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Who set a proposal aside, and when (ISO 8601, UTC)."""

    coder: str
    at: str


def about(found: Proposal) -> tuple[str, tuple[str, ...]]:
    """The kind of a proposal and the codes that it is about: what the log knows it by."""
    from textcoder.proposals import NearDuplicate

    return type(found).__name__, found.codes if isinstance(found, NearDuplicate) else (found.code,)


def aside(live: LiveProject, kind: str, codes: Collection[str]) -> Aside | None:
    """Who set a proposal aside; None where nobody did, or where so much was said since that it is to be judged anew."""
    state = live.standing.state(DecisionKind.SET_PROPOSAL, proposal_target(kind, codes))
    if state is None:
        return None
    now, then = words_of(live, codes), state["words"]
    return None if now >= max(then * MUCH, then + AT_LEAST) else Aside(state["coder"], state["at"])


def setting_aside(live: LiveProject, kind: ProposalKind, codes: Collection[str], by: By) -> Plan:
    """Set a proposal aside.

    Raises:
        UnknownItem: There is no such code.
    """
    ids = _ids(live, codes)
    words = words_of(live, ids)
    return lambda standing: acts.set_aside(standing, kind, ids, words, by)


def taking_up(live: LiveProject, kind: ProposalKind, codes: Collection[str], by: By) -> Plan:
    """Look at a proposal after all that was set aside.

    Raises:
        UnknownItem: There is no such code.
    """
    ids = _ids(live, codes)
    return lambda standing: acts.take_up(standing, kind, ids, by)


def words_of(live: LiveProject, codes: Collection[str]) -> int:
    """How many segments people accepted for any of the codes. What is still coded blind does not count: the number is for all to see."""
    blind, wanted = live.standing.blind(), set(codes)
    said = [
        coding
        for coding in live.standing.codings.values()
        if coding.code in wanted and coding.status is Status.ACCEPTED
    ]
    rows = {row for coding in said for row in live.places.under(coding.transcript, coding.start, coding.end)}
    return sum(live.segments[row].id not in blind for row in rows)


def _ids(live: LiveProject, codes: Collection[str]) -> list[str]:
    return sorted({live.find_code(code).id for code in codes})
