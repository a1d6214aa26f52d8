"""Coders beside each other and the machine beside people, on a study: the same figures from workflow, command line and sections."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import segments_of, transcript
from tests.fakes import HashEmbedder, MemoryStore
from tests.test_cli import Run
from tests.test_cli_decide import coded, project, told  # noqa: F401  (coded and project are fixtures)
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code, CodeStatus, Example
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By, Verb
from textcoder.domain.project import Method
from textcoder.domain.transcript import Outcome, Segment, SourceFile
from textcoder.errors import UnknownItem
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject
from textcoder.workflow.agreement_sections import agreement_sections
from textcoder.workflow.ceilings import ceiling_of, held_out, judged_segments
from textcoder.workflow.comparing import (
    confusion_of,
    courses_of,
    segments_behind,
    set_agreement_of,
    span_agreement_of,
    why_no_agreement,
)
from textcoder.workflow.rounds import said

SAYINGS = ("Nobody answers after three.", "The form is long.", "We have tea.", "It rains.")
LATE = Code("late", "Nobody answers", lens="none", status=CodeStatus.ACTIVE)
FORMS = Code("forms", "Forms", lens="none", status=CodeStatus.ACTIVE)
PEOPLE = 12


def person(name: str) -> Coder:
    return Coder(name, name, CoderKind.HUMAN)


def look(live: LiveProject, who: str, segment: Segment, *codes: str) -> None:
    span = (segment.transcript, segment.start, segment.end)
    by = By(who, "2024-03-02T10:00:00+00:00")
    live.do(lambda standing: acts.review(standing, segment.id, span, codes, (), by), coder=person(who))


def codes_of(live: LiveProject, segment: Segment) -> list[str]:
    words = live.text(segment)
    return [code for code, word in (("late", "answers"), ("forms", "form")) if word in words]


@pytest.fixture
def live() -> LiveProject:
    """Twelve people say the same four things, of which two are codes; nothing is coded yet."""
    store = MemoryStore()
    for i in range(PEOPLE):
        one = transcript(f"p{i:02}.txt", (f"P{i:02}", " ".join(SAYINGS)))
        file = SourceFile(one.name, one.sha256, Outcome.READ, "", one.id)
        store.add_transcript(one, segments_of(one), file=file, original=one.name.encode())
    found = LiveProject(store, Settings(), embedder=HashEmbedder())
    for code in (LATE, FORMS):
        found.do(
            lambda standing, code=code: acts.add_code(standing, code, By("ana", "2024-03-01")), coder=person("ana")
        )  # type: ignore[misc]  # bound now
    return found


def both(live: LiveProject, segments: Iterable[Segment] | None = None) -> None:
    """Ana and Ben code alike, except that Ben takes "late" for "forms" in the words of P03."""
    for segment in live.segments if segments is None else segments:
        codes = codes_of(live, segment)
        look(live, "ana", segment, *codes)
        look(live, "ben", segment, *(["forms"] if codes == ["late"] and live.case(segment) == "P03" else codes))


def test_the_machine_reaches_people_where_words_tell_the_codes(live: LiveProject) -> None:
    """A verdict that can never be good would be worth nothing."""
    both(live)
    found = ceiling_of(live)
    assert found.people == ("ana", "ben")
    rows = {one.code: one for one in found.codes}
    assert rows["late"].people.value < 1
    assert rows["late"].machine.value > 0.8
    assert (rows["late"].units, rows["late"].cases, rows["late"].uses) == (48, PEOPLE, 23)
    assert "10 machines" in found.way


def test_the_machine_is_judged_by_what_it_never_learned(live: LiveProject) -> None:
    """With what a person said of these very words in its memory, it would look perfect."""
    both(live)
    segments = judged_segments(live)
    before = held_out(live, segments)
    mine = [segment for segment in live.segments if live.case(segment) == "P03"]
    for segment in mine:  # Ana and Ben now say the contrary of everything that P03 said
        other = [] if codes_of(live, segment) else ["late", "forms"]
        look(live, "ana", segment, *other)
        look(live, "ben", segment, *other)
    after = held_out(live, segments)
    assert {s.id: before.codes[s.id] for s in mine} == {s.id: after.codes[s.id] for s in mine}
    assert held_out(live, segments[::-1]).codes == after.codes, "the order of segments decides nothing"


def test_examples_that_are_a_persons_own_words_are_kept_from_her_machine(live: LiveProject) -> None:
    """The codebook would carry the answer over."""
    rows = [row for row, segment in enumerate(live.segments) if live.case(segment) == "P03"]
    without = live.suggested_unseen(rows)
    by = By("ana", "2024-03-03")
    for words in ("It rains.", "Nobody came at all."):
        taught = (Example(words, "P03"),)
        live.do(
            lambda standing, taught=taught: acts.change_code(standing, "late", by, Verb.DEFINE, examples=taught),  # type: ignore[misc]  # bound now
            coder=person("ana"),
        )
        same = live.suggested_unseen(rows).probability.tolist() == without.probability.tolist()
        assert same is (words == "It rains.")


def test_who_codes_again_is_no_second_person_and_is_compared_with_herself(live: LiveProject) -> None:
    """One person would agree with herself and pass for two."""
    both(live)
    before = workflow.agreement_of(live)
    for segment in live.segments[:20]:
        look(live, "ana@2", segment, *(["late", "forms"] if codes_of(live, segment) else []))
    assert workflow.agreement_of(live) == before
    assert set(said(live)[1]) == {"ana", "ben"}
    (again,) = courses_of(live).herself
    assert (again.coder, again.again, again.units) == ("ana", "ana@2", 20)
    assert [(one.code, one.both, one.only_first, one.only_again) for one in again.codes] == [
        ("forms", 5, 0, 5),
        ("late", 5, 0, 5),
    ]
    behind = segments_behind(live, "forms", "ana", "ana@2", "only_b")
    assert len(behind) == 5


def test_rounds_are_compared_in_the_order_in_which_they_were_drawn(live: LiveProject) -> None:
    for name, seed in (("later", 1), ("first", 2)):
        workflow.draw_sample(live, name, 24, ["ana", "ben"], by=person("ana"), seed=seed)
    both(live)
    blind, open_ones = live.standing.blind(), courses_of(live).between
    assert open_ones is not None
    assert sum(period.units for period in open_ones.periods) == len(live.segments) - len(blind), "those are coded blind"
    for name in ("first", "later"):
        workflow.release_sample(live, name, by=person("ana"))
    found = courses_of(live)
    assert found.between is not None
    assert [period.name for period in found.between.periods] == ["later", "first"]
    assert "released samples" in found.by


def test_confusion_sets_and_spans_of_a_study(live: LiveProject) -> None:
    both(live)
    late = next(one for one in confusion_of(live) if one.code == "late")
    assert (late.given, late.same, late.instead) == (23, 22, (("forms", 1),))
    (one,) = segments_behind(live, "late", "ana", "ben", "only_a", instead="forms")
    assert live.case(one) == "P03"
    assert [s.distance for s in set_agreement_of(live)] == ["nominal", "jaccard", "masi"]
    spans = span_agreement_of(live)
    assert spans is not None
    assert spans.unitising.value == pytest.approx(1), "they code the same words"
    assert 0 < spans.coding.value < 1, "and not always alike"
    with pytest.raises(UnknownItem, match="eva"):
        confusion_of(live, a="eva")


def test_free_spans_are_judged_by_their_characters(live: LiveProject) -> None:
    """Half a sentence would count as the whole sentence, or as nothing."""
    for segment in live.segments:
        look(live, "ana", segment)
        look(live, "ben", segment)
    for segment in live.segments[::4]:
        for who, end in (("ana", segment.end), ("ben", segment.start + 14)):
            span = (segment.transcript, segment.start, end)
            live.do(
                lambda standing, span=span, who=who: acts.accept(standing, [span], "late", By(who, "2024-03-02")),  # type: ignore[misc]  # bound now
                coder=person(who),
            )
    spans = span_agreement_of(live)
    assert spans is not None
    assert spans.marked == {"ana": 27 * PEOPLE, "ben": 14 * PEOPLE}
    assert 0.3 < spans.unitising.value < 0.9


def test_nothing_is_forced_on_one_coder_or_on_a_reflexive_study(live: LiveProject) -> None:
    look(live, "ana", live.segments[0], "late")
    assert why_no_agreement(live).startswith("ana codes alone")
    assert set_agreement_of(live) == () and span_agreement_of(live) is None and confusion_of(live) == ()
    (section,) = agreement_sections(live)
    assert section.sentences == (why_no_agreement(live),)
    live.store.save_project(replace(live.store.project(), method=Method.REFLEXIVE))
    both(live)
    (section,) = agreement_sections(live)
    assert "reflexive" in section.sentences[0]
    assert section.tables == ()


def test_sections_hold_the_same_figures(live: LiveProject) -> None:
    """The pack would contradict the command line."""
    both(live)
    codes, _, courses, beside = agreement_sections(live)
    (table,) = codes.tables
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    for one in workflow.agreement_of(live, measures=["ac1"]):
        name = live.standing.codebook.get(one.code)
        assert name is not None
        assert rows[name.name]["alpha"] == round(one.alpha.value, 4)
        assert rows[name.name]["ac1 low"] == round(one.measures["ac1"].low, 4)
    assert beside.sentences[0].startswith("Cross-fitted")
    assert {len(row) for section in (codes, courses, beside) for t in section.tables for row in t.rows} == {
        len(t.columns) for section in (codes, courses, beside) for t in section.tables
    }


# --- the command line ---


@pytest.fixture
def two_coders(project: Path) -> Path:  # noqa: F811
    """The small coded project, every segment looked at by ana and ben, who differ on one."""
    store = open_store(sqlite_url(project / "project.db"))
    opened = workflow.open_project(store, Settings())
    opened.do(lambda standing: acts.add_code(standing, LATE, By("ana", "2024-03-01")), coder=person("ana"))
    opened.do(lambda standing: acts.add_code(standing, FORMS, By("ana", "2024-03-01")), coder=person("ana"))
    for i, segment in enumerate(opened.segments):
        look(opened, "ana", segment, *(["late"] if i % 2 else []))
        look(opened, "ben", segment, *(["forms"] if i == 1 else ["late"] if i % 2 else []))
    store.close()
    return project


def test_agreement_on_the_command_line(run: Run, two_coders: Path) -> None:
    out = ("--out", two_coders)
    plain = told(run, "agreement", "--measure", "all", *out)
    assert "Gwet's AC1" in plain and "Beware:" in plain
    rows = {row["code"]: row for row in json.loads(told(run, "agreement", "--measure", "ac1", "--json", *out))}
    assert rows["late"]["measures"]["ac1"]["value"] < 1
    assert rows["late"]["reading"] and isinstance(rows["late"]["warnings"], list)
    assert "MASI" in told(run, "agreement", "--sets", *out)
    assert "Is it coded at all (|u alpha): 1.00" in told(run, "agreement", "--spans", *out)
    assert "instead: Forms 1" in told(run, "agreement", "--confusion", *out)
    assert "Nobody has coded again" in told(run, "agreement", "--over-time", *out)
    for option in ("--sets", "--spans", "--confusion", "--over-time"):
        json.loads(told(run, "agreement", option, "--json", *out))
    for wrong in (("--sets", "--spans"), ("--measure", "omega"), ("--over-time", "--sample", "x")):
        status, _, error = run("agreement", *wrong, *out)
        assert status == 2
        assert "Traceback" not in error


def test_the_ceiling_on_the_command_line(run: Run, two_coders: Path) -> None:
    plain = told(run, "ceiling", "--out", two_coders)
    assert "Cross-fitted over persons: 2 machines" in plain
    assert "too little to say" in plain
    found = json.loads(told(run, "ceiling", "--json", "--out", two_coders))
    late = next(one for one in found["codes"] if one["code"] == "late")
    assert late["verdict"] == "too little to say" and late["why"] in plain


def test_a_study_that_nobody_reviewed_is_told_so(run: Run, project: Path) -> None:  # noqa: F811
    for command in (("agreement",), ("agreement", "--sets"), ("ceiling",)):
        assert "reviewed by two people" in told(run, *command, "--out", project)
