"""What a decision would change, said before it is taken."""

from __future__ import annotations

import math

import pytest

from tests.fakes import MemoryStore
from tests.test_rounds import ANA, BEN, LATE, filled, look
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.decision import By
from textcoder.domain.memo import Memo, MemoOn
from textcoder.workflow import LiveProject

BY = By("ana", "2024-03-03")


@pytest.fixture
def live() -> LiveProject:
    """Two coders have looked at the same three segments, and disagree about which of two codes it is."""
    live = filled(MemoryStore())
    one, two, three = live.segments[:3]
    look(live, ANA, one, "late")
    look(live, BEN, one, "forms")
    look(live, ANA, two, "late", "forms")
    look(live, BEN, two, "forms")
    look(live, ANA, three)
    look(live, BEN, three)
    memo = Memo("m1", MemoOn.CODE, "forms", "Ask Ben.", "ana", BY.at)
    live.do(lambda standing: acts.write_memo(standing, memo, BY), coder=ANA)
    return live


def test_merge_is_previewed_with_everything_it_touches(live: LiveProject) -> None:
    """An analyst would find out only afterwards whose work a merge moves, and what it does to the agreement."""
    before = len(live.log)
    found = workflow.preview(live, lambda standing: acts.merge(standing, ["forms"], "late", BY))
    assert (found.codings, found.segments, found.people, found.files) == (3, 2, 1, 1)
    assert found.coders == ("ana", "ben")
    two = live.segments[1]
    assert found.both == ((two.transcript, two.start, two.end),)
    assert [memo.id for memo in found.memos] == ["m1"]
    changes = {change.code.id: (change.before, change.after) for change in found.agreement}
    assert changes["late"][0] < 0.5
    assert changes["late"][1] == pytest.approx(1.0)
    assert math.isnan(changes["forms"][1])
    assert any("alpha" in sentence for sentence in found.sentences)
    assert len(live.log) == before
    assert live.standing.codebook.get("late") == LATE


def test_overlapping_spans_are_counted_and_stay(live: LiveProject) -> None:
    """Two spans that overlap would silently become one quotation."""
    one = live.segments[0]
    part = (one.transcript, one.start, one.end - 3)
    live.do(lambda standing: acts.accept(standing, [part], "forms", BY), coder=ANA)
    found = workflow.preview(live, lambda standing: acts.merge(standing, ["forms"], "late", BY))
    assert found.overlapping == 1
    live.do(lambda standing: acts.merge(standing, ["forms"], "late", BY), coder=ANA)
    hers = [c for c in live.standing.codings.values() if c.coder == "ana" and c.start == one.start]
    assert {c.end for c in hers if c.status == "accepted"} == {one.end, one.end - 3}


def test_moving_a_code_touches_no_coding(live: LiveProject) -> None:
    """A preview that always says "many" would soon not be read."""
    top = Code("reach", "Being reached", lens="barriers")
    live.do(lambda standing: acts.add_code(standing, top, BY), coder=ANA)
    found = workflow.preview(
        live, lambda standing: acts.change_code(standing, "late", BY, acts.Verb.MOVE, parent="reach")
    )
    assert (found.codings, found.both) == (0, ())
    assert found.sentences[0] == "No coding of a person would change."


def test_threshold_is_previewed_by_the_people_it_would_add_or_lose(live: LiveProject) -> None:
    """A threshold would be set by feel, and half of the people would vanish from a figure."""
    none = workflow.preview_threshold(live, "late", 1.01)
    every = workflow.preview_threshold(live, "late", 0.0)
    assert (none.after, none.people_after) == (0, 0)
    undecided = len(live.segments) - len({c.segment for c in live.standing.codings.values() if c.code == "late"})
    assert every.after == undecided
    assert every.before == none.before
