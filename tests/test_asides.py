"""Proposals that people set aside: for the whole team, in the history, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.api.desk import ANA, desk_url, serving
from tests.fakes import HashEmbedder
from textcoder import proposals, workflow
from textcoder.domain import acts
from textcoder.domain.decision import By, proposal_of, proposal_target
from textcoder.errors import UnknownItem
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow import LiveProject
from textcoder.workflow.asides import KINDS, aside, setting_aside, taking_up, words_of

BY = By("ana", "2024-03-02T09:00:00+00:00")
MIRA = ["mira.txt:28-55", "mira.txt:56-73", "mira.txt:74-90"]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveProject]:
    with serving(tmp_path / "desk"):
        opened = LiveProject(open_store(desk_url(tmp_path / "desk")), Settings(), embedder=HashEmbedder())
        yield opened
        opened.store.close()


def accept(live: LiveProject, *spans: str, code: str = "late") -> None:
    places = [live.find_span(span) for span in spans]
    live.do(partial(acts.accept, spans=places, code=code, by=BY), coder=ANA)


def test_kinds_are_those_that_the_machine_proposes() -> None:
    """A new kind of proposal could not be set aside."""
    assert {one.__name__ for one in proposals.Proposal.__args__} == set(KINDS)


def test_what_was_set_aside_stays_so_and_comes_back_with_much_more_material(live: LiveProject) -> None:
    """One analyst would set the same trifle aside every day, or nobody would ever look again at what has grown."""
    accept(live, *MIRA[:2])
    live.do(setting_aside(live, "LoneCode", ["Nobody answers"], BY), coder=ANA)
    held = aside(live, "LoneCode", ["late"])
    assert held is not None and (held.coder, held.at) == ("ana", BY.at)
    assert aside(live, "ToSplit", ["late"]) is None
    assert 'set aside what the machine proposes of "Nobody answers"' in workflow.told(
        live, list(live.acts.values())[-1].decisions
    )
    accept(live, MIRA[2], "leila.txt:31-46", "leila.txt:47-56", "omar.txt:6-46")
    assert words_of(live, ["late"]) == 6 and aside(live, "LoneCode", ["late"]) is not None, "four more are not much"
    accept(live, "omar.txt:47-67")
    assert aside(live, "LoneCode", ["late"]) is None
    live.do(setting_aside(live, "LoneCode", ["late"], BY), coder=ANA)  # once more, as things stand now
    assert aside(live, "LoneCode", ["late"]) is not None


def test_what_was_set_aside_is_taken_up_by_a_decision_or_by_undo(live: LiveProject) -> None:
    live.do(setting_aside(live, "NearDuplicate", ["tea", "forms"], BY), coder=ANA)
    assert aside(live, "NearDuplicate", ["forms", "tea"]) is not None, "two codes have no order"
    live.do(taking_up(live, "NearDuplicate", ["forms", "tea"], BY), coder=ANA)
    assert aside(live, "NearDuplicate", ["tea", "forms"]) is None
    workflow.undo(live, coder=ANA)
    assert aside(live, "NearDuplicate", ["tea", "forms"]) is not None
    with pytest.raises(UnknownItem):
        setting_aside(live, "LoneCode", ["nothing"], BY)


def test_target_tells_kind_and_codes() -> None:
    target = proposal_target("NearDuplicate", ["b", "a"])
    assert target == proposal_target("NearDuplicate", ["a", "b"]) != proposal_target("NearDuplicate", ["a"])
    assert proposal_of(target) == ("NearDuplicate", ("a", "b"))
