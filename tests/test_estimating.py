"""Corrected shares and errors of an open project: which sample counts, what is refused, and who taught the machine."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest

from tests.builders import segments_of, transcript
from tests.fakes import HashEmbedder, MemoryStore
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind
from textcoder.domain.decision import By
from textcoder.domain.project import Case
from textcoder.domain.transcript import Outcome, Segment, SourceFile
from textcoder.errors import InvalidDecision, TextcoderError, UnknownItem
from textcoder.query import Question, Unit, Where
from textcoder.sampling import draw_people
from textcoder.settings import Settings
from textcoder.workflow import LiveProject
from textcoder.workflow.estimating import (
    CodedTwice,
    coded_twice,
    corrected_section,
    error_rows,
    errors_found,
    prevalence,
    share_rows,
)

ANA, BEN = (Coder(name, name, CoderKind.HUMAN) for name in ("ana", "ben"))
LATE = Code("late", "Nobody answers", lens="barriers", definition="Nobody answers.", threshold=0.3)
PHONE = Code(
    "phone", "Nobody answers the phone", lens="barriers", parent="late", definition="The phone rings.", threshold=0.3
)
SAYS = (
    "Nobody answers after three.",
    "The form is long and grey.",
    "I ring the phone and nobody answers.",
    "The people there are kind to me.",
    "It rains when I wait outside.",
)
PEOPLE = 24
ALL = Question(Unit.CODES)


def fill(store: MemoryStore) -> LiveProject:
    """24 people, each in two waves, in two groups; each says some of five sentences."""
    rng = np.random.default_rng(5)
    for wave in ("1", "2"):
        for person in range(PEOPLE):
            said = [SAYS[i] for i in rng.permutation(5)[: 2 + person % 3]]
            name = f"P{person:02}"
            one = transcript(
                f"w{wave}_{name}.txt", *((name, f"{words[:-1]} {wave}{person}.") for words in said), wave=wave
            )
            file = SourceFile(one.name, one.sha256, Outcome.READ, "", one.id)
            store.add_transcript(one, segments_of(one), file=file, original=one.name.encode())
    names = [(f"P{person:02}", "north" if person % 3 else "south") for person in range(PEOPLE)]
    store.save_cases([Case(name, name, {"group": group}) for name, group in names])
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    for code in (LATE, PHONE):
        live.do(lambda standing, code=code: acts.add_code(standing, code, By("ana", "2024-03-01")), coder=ANA)  # type: ignore[misc]  # bound now
    return live


@pytest.fixture
def live() -> LiveProject:
    return fill(MemoryStore())


def look(live: LiveProject, coder: Coder, segment: Segment, codes: Collection[str]) -> None:
    """A coder reviews a segment without any machine."""
    span = (segment.transcript, segment.start, segment.end)
    by = By(coder.id, "2024-03-02")
    live.do(lambda standing: acts.review(standing, segment.id, span, codes, (), by), coder=coder)


def truth(live: LiveProject, segment: Segment) -> list[str]:
    words = live.text(segment).casefold()
    return ["phone"] if "phone" in words else ["late"] if "nobody" in words else []


def drawn(live: LiveProject, name: str = "round 1", n: int = 60, *, people: bool = False, release: bool = True) -> None:
    """A sample, coded as it is right by Ana, and released."""
    sample = workflow.draw_sample(live, name, n, ["ana"], by=ANA, seed=3, people=people)
    for id_ in sorted(sample.segments):
        segment = live.segments[live.row_of[id_]]
        look(live, ANA, segment, truth(live, segment))
    if release:
        workflow.release_sample(live, name, by=ANA)


def places(coded: CodedTwice, live: LiveProject) -> np.ndarray:
    """(n_codes, n_segments) what is right."""
    codes = [row.id for row in coded.facts.rows[Unit.CODES]]
    own = [truth(live, segment) for segment in coded.facts.segments]
    with_above = [{*one, *(["late"] if "phone" in one else [])} for one in own]
    return np.array([[code in one for one in with_above] for code in codes])


def test_without_a_sample_it_says_that_it_is_uncorrected_and_which_to_draw(live: LiveProject) -> None:
    """A machine's figure would pass for a corrected one."""
    found = prevalence(coded_twice(live), ALL)
    assert "uncorrected" in found.note and "textcoder sample draw" in found.note and "uncorrected" in found.method
    for row in found.rows:
        assert row.overall is None or (row.overall.value is None and row.overall.machine is not None)
    assert (found.sample, found.differences) == ("", ())


def test_a_sample_corrects_and_the_code_above_holds_those_below(live: LiveProject) -> None:
    """The correction would be made from other answers than people gave."""
    drawn(live)
    coded = coded_twice(live)
    at, right = coded.at, places(coded, live)
    assert len(at) == 60 and np.array_equal(coded.human[0] == 1, right[:, at])
    found = prevalence(coded, Question(Unit.CODES, ("wave",), minimum_people=0))
    assert found.sample == "round 1" and found.note == ""
    for i, row in enumerate(found.rows):
        cell = row.overall
        assert cell is not None and cell.low is not None and cell.high is not None and cell.value is not None
        assert cell.low <= right[i].mean() <= cell.high
        assert cell.sample == pytest.approx(right[i, at].mean())
        assert (cell.people, cell.sampled) == (PEOPLE, 60)
    assert [column for column in found.columns] == [("1",), ("2",)]
    assert found.comparisons == len(found.differences) == 2 and "Holm" in found.multiplicity
    assert all(one.p_adjusted >= one.p for one in found.differences)
    head, *rows = share_rows(found)
    assert head[:4] == ["id", "name", "lens", "wave"] and len(rows) == 2 * 3


def test_nobody_is_coded_by_a_machine_that_knows_what_people_said_of_her(live: LiveProject) -> None:
    """The machine would agree with people where they were looked at, and the correction would find nothing to correct."""
    drawn(live)
    coded = coded_twice(live)
    case = coded.facts.cases[int(coded.person[coded.at[0]])]
    for segment in live.segments:
        if live.case(segment) == case:
            look(live, ANA, segment, ["late", "phone"])
    again = coded_twice(live)
    own = coded.person == coded.person[coded.at[0]]
    assert np.array_equal(coded.machine[:, own], again.machine[:, own])
    assert live.known() != workflow.LiveProject(MemoryStore(), Settings(), embedder=HashEmbedder()).known()


def test_what_is_coded_blind_corrects_nothing_until_it_is_released(live: LiveProject) -> None:
    """One coder would read the other's answers off a figure."""
    drawn(live, release=False)
    assert coded_twice(live).sample is None
    with pytest.raises(InvalidDecision, match="still coded blind"):
        coded_twice(live, sample="round 1")
    with pytest.raises(UnknownItem, match="round 7"):
        coded_twice(live, sample="round 7")


def test_a_sample_of_another_time_is_refused(live: LiveProject) -> None:
    """Interviews that had no chance of being drawn would be corrected by those that had."""
    drawn(live)
    more = transcript("w3_P90.txt", ("P90", "Nobody answers. The form is long."), wave="3")
    live.store.add_transcript(
        more, segments_of(more), file=SourceFile(more.name, more.sha256, Outcome.READ, "", more.id), original=b"x"
    )
    later = LiveProject(live.store, Settings(), embedder=HashEmbedder())
    assert coded_twice(later).sample is None
    with pytest.raises(InvalidDecision, match="draw anew"):
        coded_twice(later, sample="round 1")


def test_coders_who_disagree_count_half_and_what_they_settled_counts(live: LiveProject) -> None:
    """The first coder of the alphabet would decide."""
    sample = workflow.draw_sample(live, "two", 10, ["ana", "ben"], by=ANA, seed=1)
    segment = live.segments[live.row_of[min(sample.segments)]]
    look(live, ANA, segment, ["phone"])
    look(live, BEN, segment, [])
    workflow.release_sample(live, "two", by=ANA)
    coded = coded_twice(live)
    assert "1 of 10 segments" in coded.note
    assert np.nanmean(coded.human, axis=0).ravel().tolist() == [0.5, 0.5]
    workflow.settle(live, (segment.transcript, segment.start, segment.end), "phone", carries=True, by=ANA)
    assert CONSENSUS.id in {one.coder for one in live.standing.codings.values()}
    assert coded_twice(live).human.min() == 1


def test_shares_of_people_take_whole_people(live: LiveProject) -> None:
    """Of somebody of whom a few sentences were read it would be said that she never says it."""
    drawn(live, "segments", 70)
    refused = prevalence(coded_twice(live, sample="segments"), ALL, of="people")
    assert "--people" in refused.note and refused.sample == ""
    assert all(row.overall is None or row.overall.value is None for row in refused.rows)
    drawn(live, "people", 12, people=True)
    coded = coded_twice(live, sample="people")
    found = prevalence(coded, Question(Unit.CODES, minimum_people=0), of="people")
    right = places(coded, live)
    for i, row in enumerate(found.rows):
        of_person = np.array([right[i, coded.person == p].any() for p in range(PEOPLE)])
        cell = row.overall
        assert cell is not None and cell.low is not None and cell.high is not None
        assert (cell.people, cell.people_sampled, cell.sampled) == (PEOPLE, 12, 12)
        assert cell.low <= of_person.mean() <= cell.high
        assert cell.sample == pytest.approx(of_person[np.unique(coded.person[coded.at])].mean())


def test_people_of_whom_something_is_not_coded_yet_are_left_out(live: LiveProject) -> None:
    """A sentence nobody has read would count as one without the code."""
    sample = workflow.draw_sample(live, "people", 6, ["ana"], by=ANA, seed=3, people=True)
    left, *others = sorted(sample.segments)
    for id_ in others:
        look(live, ANA, live.segments[live.row_of[id_]], [])
    workflow.release_sample(live, "people", by=ANA)
    coded = coded_twice(live)
    assert len(np.unique(coded.person[coded.at])) == 5
    assert live.case(live.segments[live.row_of[left]]) not in {coded.facts.cases[p] for p in coded.person[coded.at]}


def test_whole_people_are_drawn_by_chance_and_all_of_them(live: LiveProject) -> None:
    """A talkative person would have a larger chance, or part of her would stay out."""
    whose = {segment.id: live.case(segment) for segment in live.segments}
    found = draw_people(whose, 6, seed=3)
    people = {whose[one.segment] for one in found.drawn}
    assert len(people) == 6
    assert {one.segment for one in found.drawn} == {segment for segment, case in whose.items() if case in people}
    assert {one.probability for one in found.drawn} == {6 / PEOPLE}
    assert draw_people(dict(reversed(whose.items())), 6, seed=3) == found
    wave = {s.id: live.transcripts[s.transcript].wave or "" for s in live.segments}
    assert [stratum.name for stratum in draw_people(whose, 6, seed=3, stratum_of=wave).strata] == ["1, 2"]
    with pytest.raises(TextcoderError, match="there are only 24"):
        draw_people(whose, 25, seed=3)
    with pytest.raises(InvalidDecision, match="all that they say"):
        workflow.draw_sample(live, "x", 3, ["ana"], by=ANA, seed=3, people=True, most_per_case=2)


def test_small_cells_are_hidden_and_filters_hold(live: LiveProject) -> None:
    """What one or two people said could be read off the corrected table."""
    drawn(live)
    coded = coded_twice(live)
    asked = Question(Unit.CODES, ("group",), minimum_people=PEOPLE)
    assert all(cell is None for row in prevalence(coded, asked).rows for cell in row.cells)
    south = prevalence(coded, Question(Unit.CODES, where=Where({"group": ["south"]}), minimum_people=0), codes=["late"])
    assert [row.row.id for row in south.rows] == ["late"]
    assert south.rows[0].overall is not None and south.rows[0].overall.people == PEOPLE // 3
    with pytest.raises(InvalidDecision, match="segments"):
        prevalence(coded, ALL, of="houses")


def test_errors_are_compared_by_attribute_length_and_wave(live: LiveProject) -> None:
    """Nobody would know that the machine is worse in one group, and what that does to the comparison."""
    drawn(live, n=90)
    coded = coded_twice(live)
    found = errors_found(coded, seed=1)
    assert {one.attribute for one in found.tests} == {"group", "wave", "length"}
    assert {one.kind for one in found.tests} == {"missed", "false", "net"}
    right = places(coded, live)
    rows = [row.id for row in coded.facts.rows[Unit.CODES]]
    (net,) = [one for one in found.tests if (one.row.id, one.attribute, one.kind) == ("late", "group", "net")]
    group = {case.id: case.attributes["group"] for case in live.store.cases()}
    for level, rate in zip(net.levels, net.rates, strict=True):
        own = [p for p in coded.at if group[coded.facts.cases[coded.person[p]]] == level]
        code = rows.index("late")
        assert rate.value == pytest.approx(coded.machine[code, own].mean() - right[code, own].mean())
    assert net.detectable is not None and net.power is not None and net.p_adjusted is not None and net.p is not None
    assert net.p_adjusted >= net.p
    (meaning,) = [one for one in found.meanings if (one.row.id, one.attribute) == ("late", "group")]
    assert "corrected it is" in meaning.sentence and "Nobody answers" in meaning.sentence
    assert len(error_rows(found)) == 1 + sum(len(one.levels) for one in found.tests)
    assert errors_found(coded, by=["group"], codes=["late"], seed=1).comparisons == 3
    with pytest.raises(UnknownItem, match="planet"):
        errors_found(coded, by=["planet"])
    assert "uncorrected" in errors_found(coded_twice(fill(MemoryStore()))).note


def test_the_evidence_pack_gets_both_with_their_words(live: LiveProject) -> None:
    """A reader of the pack would see corrected figures without method or caveat."""
    drawn(live, n=90)
    section = corrected_section(live, by="group")
    text = repr(section.parts)
    assert "PPI++" in text and "Holm" in text and "corrected it is" in text
    empty = corrected_section(fill(MemoryStore()))
    assert "uncorrected" in repr(empty.parts)
