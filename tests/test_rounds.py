"""Several people code one study: blind, compared, settled, and put together from two desks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.builders import segments_of, transcript
from tests.fakes import HashEmbedder, MemoryStore
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind
from textcoder.domain.decision import By
from textcoder.domain.transcript import Outcome, Segment, SourceFile, Transcript
from textcoder.errors import InvalidDecision, InvalidTable, UnknownItem
from textcoder.settings import Settings
from textcoder.store import Store, open_store, sqlite_url
from textcoder.workflow import LiveProject
from textcoder.workflow.rounds import said

ANA = Coder("ana", "ana", CoderKind.HUMAN)
BEN = Coder("ben", "ben", CoderKind.HUMAN)
MIRA = transcript(
    "mira.txt",
    ("Hanna", "What hinders?"),
    ("Mira", "Nobody answers after three. The form is long. I ring and ring."),
    wave="1",
)
LEILA = transcript("leila.txt", ("Leila", "The office is far away. Nobody answers. It rains."), wave="2")
LATE = Code("late", "Nobody answers", lens="barriers")
FORMS = Code("forms", "Forms", lens="barriers")


def filled(store: Store, *transcripts: Transcript) -> LiveProject:
    """A project with two interviews and a codebook of two codes."""
    for one in transcripts or (MIRA, LEILA):
        file = SourceFile(one.name, one.sha256, Outcome.READ, "", one.id)
        store.add_transcript(one, segments_of(one), file=file, original=one.name.encode())
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    for code in (LATE, FORMS):
        live.do(lambda standing, code=code: acts.add_code(standing, code, By("ana", "2024-03-01")), coder=ANA)  # type: ignore[misc]  # bound now
    return live


@pytest.fixture
def live() -> LiveProject:
    return filled(MemoryStore())


def look(live: LiveProject, coder: Coder, segment: Segment, *codes: str) -> None:
    """A coder reviews a segment without any machine."""
    span = (segment.transcript, segment.start, segment.end)
    by = By(coder.id, "2024-03-02")
    live.do(lambda standing: acts.review(standing, segment.id, span, codes, (), by), coder=coder)


def test_sample_is_drawn_by_chance_with_its_seed_and_can_be_drawn_again(live: LiveProject) -> None:
    """Nobody could tell whether the coded segments stand for the study."""
    sample = workflow.draw_sample(live, "round 1", 4, ["ben", "ana"], by=ANA, seed=3, attribute="wave")
    assert len(sample.segments) == 4
    assert (sample.coders, sample.seed, sample.by, sample.population) == (("ana", "ben"), 3, "wave", 6)
    other = workflow.draw_sample(filled(MemoryStore(), LEILA, MIRA), "x", 4, ["ana"], by=ANA, seed=3, attribute="wave")
    assert other.segments == sample.segments
    with pytest.raises(InvalidDecision, match="another name"):
        workflow.draw_sample(live, "round 1", 2, ["ana"], by=ANA, seed=3)
    with pytest.raises(UnknownItem, match="Nobody has the attribute"):
        workflow.draw_sample(live, "round 2", 2, ["ana"], by=ANA, seed=3, attribute="planet")


def test_blind_coders_do_not_see_each_other_and_the_machine_does_not_learn_until_release(live: LiveProject) -> None:
    """One coder's answers would reach the other, directly or as suggestions, and the agreement would be worthless."""
    workflow.draw_sample(live, "round 1", 6, ["ana", "ben"], by=ANA, seed=3)
    segment = live.segments[0]
    look(live, ANA, segment, "late")
    codings = list(live.standing.codings.values())
    assert workflow.visible(live.standing, "ana", codings) == codings
    assert workflow.visible(live.standing, "ben", codings) == []
    assert workflow.visible(live.standing, "eva", codings) == codings
    assert not live.known().positive
    assert not live.known().reviewed
    (first, *_) = workflow.review_next(live, 10, coder="ben", sample="round 1")
    assert first.suggestions == ()
    workflow.release_sample(live, "round 1", by=ANA)
    assert workflow.visible(live.standing, "ben", codings) == codings
    assert live.known().positive == {"late": frozenset({0})}


def test_sample_is_coded_by_its_coders_only_and_goes_on_where_it_was(live: LiveProject) -> None:
    """A coder would code a round twice, or somebody else's."""
    workflow.draw_sample(live, "round 1", 3, ["ana", "ben"], by=ANA, seed=3)
    queue = workflow.review_next(live, 10, coder="ben", sample="round 1")
    assert len(queue) == 3
    look(live, BEN, queue[0].segment)
    assert [one.segment for one in workflow.review_next(live, 10, coder="ben", sample="round 1")] == [
        one.segment for one in queue[1:]
    ]
    assert len(workflow.review_next(live, 10, coder="ana", sample="round 1")) == 3
    with pytest.raises(UnknownItem, match="not by eva"):
        workflow.review_next(live, 10, coder="eva", sample="round 1")
    with pytest.raises(UnknownItem, match="no sample"):
        workflow.review_next(live, 10, coder="ana", sample="round 9")


def test_agreement_counts_what_both_looked_at_and_disagreements_wait_for_a_consensus(live: LiveProject) -> None:
    """A segment that one coder never saw would count as a disagreement, and a settled one would be asked again."""
    one, two, three = live.segments[:3]
    look(live, ANA, one, "late")
    look(live, BEN, one, "late")
    look(live, ANA, two, "forms")
    look(live, BEN, two)
    look(live, ANA, three, "late")
    (forms, late) = workflow.agreement_of(live)
    assert (late.code, late.units, late.percent.value) == ("late", 2, 1.0)
    assert (forms.code, forms.units, forms.percent.value) == ("forms", 2, 0.5)
    (open_one,) = workflow.unsettled(live)
    assert (open_one.segment, open_one.code.id, open_one.yes, open_one.no) == (two, "forms", ("ana",), ("ben",))
    workflow.settle(live, (two.transcript, two.start, two.end), "forms", carries=True, by=BEN, why="talked over")
    assert workflow.unsettled(live) == []
    assert live.known().positive["forms"] == frozenset({live.row_of[two.id]})
    assert CONSENSUS in live.store.coders()
    units, by_coder = said(live)
    assert CONSENSUS.id not in by_coder
    assert len(units) == 2


def test_child_code_implies_its_parent_in_the_agreement(live: LiveProject) -> None:
    """Two coders who chose two codes under one would seem to disagree on the one above, too."""
    child = Code("ring", "Ringing in vain", lens="barriers", parent="late")
    live.do(lambda standing: acts.add_code(standing, child, By("ana", "2024-03-01")), coder=ANA)
    look(live, ANA, live.segments[0], "ring")
    look(live, BEN, live.segments[0], "late")
    assert {one.code: one.percent.value for one in workflow.agreement_of(live)} == {"late": 1.0, "ring": 0.0}


# --- two desks --------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desks(tmp_path: Path) -> tuple[LiveProject, LiveProject, Path]:
    """Ana's project, and Ben's of the same files, with one code of his own."""
    path = tmp_path / "ben.db"
    here, there = filled(MemoryStore()), filled(open_store(sqlite_url(path)))
    look(here, ANA, here.segments[0], "late")
    look(there, BEN, there.segments[0], "late")
    look(there, BEN, there.segments[1])
    own = Code("rain", "Weather", lens="none")
    there.do(lambda standing: acts.add_code(standing, own, By("ben", "2024-03-02")), coder=BEN)
    look(there, BEN, there.segments[-1], "rain")
    there.store.close()
    return here, there, path


def test_work_of_another_desk_comes_in_by_content_and_once(desks: tuple[LiveProject, LiveProject, Path]) -> None:
    """Ben's week would be lost, or counted twice."""
    here, _, path = desks
    merged = workflow.merge_work(here, path, by=ANA)
    assert (merged.codings, merged.codes, merged.conflicts) == (2, ("Weather",), ())
    assert {(c.coder, c.code) for c in here.standing.codings.values()} == {
        ("ana", "late"),
        ("ben", "late"),
        ("ben", "rain"),
    }
    assert here.standing.reviewed[here.segments[1].id] == {"ben"}, "looked at, and found to carry nothing"
    assert BEN in here.store.coders()
    again = workflow.merge_work(here, path, by=ANA)
    assert (again.codings, again.same) == (0, 2)
    assert here.log[-1].coder == "ana", "who merged stands in the history"


def test_contradictions_are_listed_and_what_stands_here_stays(desks: tuple[LiveProject, LiveProject, Path]) -> None:
    """A coder's later change of mind would be overturned by her older file."""
    here, _, path = desks
    workflow.merge_work(here, path, by=ANA)
    span = (here.segments[0].transcript, here.segments[0].start, here.segments[0].end)
    here.do(lambda standing: acts.reject(standing, [span], "late", By("ben", "2024-03-05")), coder=BEN)
    merged = workflow.merge_work(here, path, by=ANA)
    (conflict,) = merged.conflicts
    assert "ben" in conflict
    assert "rejected here, accepted there" in conflict
    assert here.standing.codings["ben", *span, "late"].status == "rejected"


def test_codings_of_a_file_that_is_not_here_are_named(tmp_path: Path) -> None:
    """Somebody would believe that all came in."""
    path = tmp_path / "ben.db"
    there = filled(open_store(sqlite_url(path)))
    look(there, BEN, there.segments[0], "late")
    there.store.close()
    here = filled(MemoryStore(), MIRA)
    merged = workflow.merge_work(here, path, by=ANA)
    assert merged.codings == 0
    assert "leila.txt is not in this project" in merged.conflicts[0]


def test_codings_table_comes_in_by_its_words(live: LiveProject, tmp_path: Path) -> None:
    """Offsets of another version of a text would put codes on other words."""
    path = tmp_path / "codings.csv"
    head = ["file", "start", "end", "text", "code", "lens", "coder", "coder_id", "coder_kind", "status"]
    moved = "The form is long."
    rows = [
        ["mira.txt", 9999, 10016, moved, "Forms", "barriers", "Ben", "ben", "human", "accepted"],
        ["mira.txt", 0, 8, "Not here", "Forms", "barriers", "Ben", "ben", "human", "accepted"],
        ["mira.txt", 0, 8, "whatever", "Forms", "barriers", "textcoder", "machine", "machine", "suggested"],
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    merged = workflow.merge_work(live, path, by=ANA)
    (coding,) = live.standing.codings.values()
    assert live.transcripts[coding.transcript].quotation(coding.start, coding.end) == moved
    assert (coding.coder, coding.code) == ("ben", "forms")
    assert len(merged.conflicts) == 1
    path.write_text("file,start\n", encoding="utf-8")
    with pytest.raises(InvalidTable, match="no column end"):
        workflow.merge_work(live, path, by=ANA)


def test_a_database_of_a_service_is_taken_in_whatever_its_project_is_called(tmp_path: Path) -> None:
    """The other desk's study is called "evening", since its service gave it that id."""
    path = tmp_path / "desk.db"
    there = filled(open_store(sqlite_url(path), project="evening"))
    there.store.close()
    here = filled(MemoryStore())
    assert workflow.merge_work(here, path, by=ANA).conflicts == ()
    open_store(sqlite_url(path), project="morning").close()
    with pytest.raises(InvalidTable, match=r"holds evening, morning; give its codings\.csv"):
        workflow.merge_work(here, path, by=ANA)
