"""What every store promises, in memory, in SQLite and in PostgreSQL."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import NewStore
from tests.store.examples import (
    ANA,
    MACHINE,
    MIRA,
    NASTY,
    OLE,
    OTHER,
    add,
    adds,
    coding,
    file_of,
    nasty_acts,
    nasty_codings,
    nasty_json,
    nasty_transcripts,
    original,
    says,
    segments,
    transcript,
)
from textcoder.domain.acts import change_code, retire
from textcoder.domain.coding import LensPlacement, Status
from textcoder.domain.decision import By, Decision, Verb, codebook_of
from textcoder.domain.project import Case, Lens, Method, Project
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus, Unassigned
from textcoder.domain.transcript import Outcome, Segment, SourceFile, Transcript
from textcoder.errors import Conflict, StoreError, UnknownItem
from textcoder.store import Store, open_store

# The store is made anew inside each example; a database that waits for the disk is no reason to fail.
hard = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def study(store: Store) -> Store:
    """A project with two transcripts, a person and two machines."""
    for one in (OLE, MIRA):
        add(store, one)
    for coder in (MACHINE, OTHER, ANA):
        store.save_coder(coder)
    return store


def test_new_project_is_empty(store: Store) -> None:
    """A first run would find things that nobody put there."""
    project = store.project()
    assert project == Project(project.id, project.id)
    assert not (store.files() or store.transcripts() or store.segments() or store.cases() or store.placements())
    assert store.themes() == ThemeMap((), ())
    assert not (store.decisions() or len(store.codebook()) or store.coders() or store.codings())


def test_project_comes_back_with_its_own_lenses(store: Store) -> None:
    """A study with lenses of its own would be coded under ours."""
    own = (Lens("hope", "Hope", "What is hoped for.", "a wish", "a plan", ("I wish.", "If only.")),)
    project = Project(store.project().id, "Räume", own, Method.REFLEXIVE)
    store.save_project(project)
    assert store.project() == project
    with pytest.raises(StoreError, match="not of 'other'"):
        store.save_project(Project("other", "Other"))


def test_transcript_comes_back_whole(study: Store) -> None:
    """A quotation would be cut at the wrong place, or lose its page, time or person."""
    assert study.transcripts() == [OLE, MIRA]
    assert study.segments() == [*segments(OLE), *segments(MIRA)]
    assert study.files() == [file_of(OLE), file_of(MIRA)]
    assert study.original(MIRA.sha256) == original("mira.txt")
    assert study.transcript(OLE.id) == OLE
    assert study.texts() == {OLE.id: OLE.text, MIRA.id: MIRA.text}
    with pytest.raises(UnknownItem, match="no transcript nowhere"):
        study.transcript("nowhere")


def test_order_of_import_changes_nothing(new_store: NewStore) -> None:
    """Two runs over the same folder would give two different reports."""
    third = replace(transcript("third", "One.", "Two."), name="Ole.txt")
    seen = []
    for order in permutations([MIRA, OLE, third]):
        store = new_store()
        for one in order:
            add(store, one, segments(one)[::-1])
        store.save_cases([Case("2", "two"), Case("10", "ten"), Case("Z", "z"), Case("a", "a")])
        seen.append((store.transcripts(), store.segments(), store.files(), store.cases()))
    assert all(one == seen[0] for one in seen)
    assert [case.id for case in seen[0][3]] == ["10", "2", "Z", "a"]


def test_replaced_transcript_keeps_codings_and_what_still_holds(study: Store) -> None:
    """Reading a file again would throw away a person's codings, or leave themes that quote nothing."""
    first, second, *gone = segments(MIRA)
    study.append(says(coding(MIRA, 3, "late", ANA, status=Status.ACCEPTED)))
    study.save_placements([LensPlacement(s.id, {"barriers": 1.0}) for s in (second, gone[1])])
    theme = Theme("t", "late", "barriers", ("late",), (second.id, gone[1].id), (gone[1].id,), 0.5)
    study.save_themes(
        ThemeMap((theme,), (Unassigned(gone[0].id, "none", None, 0.1), Unassigned(first.id, "none", "t", 0.2)))
    )

    again = replace(MIRA, turns=MIRA.turns[:2], wave="3")
    moved = replace(second, turn=0)
    add(study, again, [first, moved])

    assert study.transcripts() == [OLE, again]
    assert study.segments() == [*segments(OLE), first, moved]
    assert [c.code for c in study.codings()] == ["late"]
    assert set(study.placements()) == {second.id}
    assert study.themes() == ThemeMap(
        (replace(theme, segments=(second.id,), representatives=()),), (Unassigned(first.id, "none", "t", 0.2),)
    )


def test_file_has_one_row_however_often_it_is_given(study: Store) -> None:
    """The report would count a file twice, or hide that it could not be read."""
    study.record_file(SourceFile("b.pdf", "", Outcome.UNREADABLE, "b.pdf holds no text."))
    study.record_file(SourceFile("b.pdf", "ab", Outcome.DUPLICATE, "", MIRA.id))
    assert [file for file in study.files() if file.path == "b.pdf"] == [
        SourceFile("b.pdf", "ab", Outcome.DUPLICATE, "", MIRA.id)
    ]


def test_unknown_original_is_an_unknown_item(store: Store) -> None:
    """An export would write an empty file where a source is missing."""
    with pytest.raises(UnknownItem, match="sha256 abc"):
        store.original("abc")


def test_case_is_put_in_place_of_the_one_with_its_id(store: Store) -> None:
    """A participant would be counted twice after her attributes were corrected."""
    store.save_cases([Case("p1", "Mira", {"site": "North"}), Case("p2", "Ole", {})])
    store.save_cases([Case("p1", "Mira", {"site": "South", "age": "40"})])
    assert store.cases() == [Case("p1", "Mira", {"age": "40", "site": "South"}), Case("p2", "Ole", {})]
    store.save_cases([])
    store.save_cases([Case("p2", "Ole", {"age": "1"}), Case("p2", "Ole", {"age": "51"})])
    assert store.cases()[1] == Case("p2", "Ole", {"age": "51"}), "the last of two"


def test_vectors_are_forgotten_by_what_their_model_is_called(store: Store) -> None:
    """Readings of networks that nobody uses any more would pile up with every training, or others would go with them."""
    for model in ("minilm", "training/1_a", "minilm+training/1_a/0", "minilm+training/12a/0"):
        store.save_vectors({"k": np.ones(2, np.float32)}, model=model)
    store.forget_vectors("training/1_a")
    there = [
        m
        for m in ("minilm", "training/1_a", "minilm+training/1_a/0", "minilm+training/12a/0")
        if store.vectors(["k"], model=m)
    ]
    assert there == ["minilm", "minilm+training/12a/0"]


def test_vectors_come_back_bit_by_bit_and_for_their_model_only(store: Store) -> None:
    """A segment would be placed by another model's vector, or by a rounded one."""
    rng = np.random.default_rng(0)
    vectors = {f"k{i}": rng.standard_normal(8).astype(np.float32) for i in range(1200)}
    store.save_vectors(vectors, model="a")
    store.save_vectors({"k0": np.zeros(8, np.float32)}, model="b")
    store.save_vectors({}, model="b")
    found = store.vectors([*vectors, "missing"], model="a")
    assert found.keys() == vectors.keys()
    assert all(found[key].dtype == np.float32 and np.array_equal(found[key], vectors[key]) for key in vectors)
    assert not store.vectors(["k0"], model="b")["k0"].any()
    assert store.vectors([], model="a") == {}


def test_placements_are_replaced_together(study: Store) -> None:
    """A second run would mix its lenses with those of the first."""
    first, second = segments(OLE)
    study.save_placements([LensPlacement(second.id, {"none": 0.25, "barriers": 0.75}, True)])
    new = [LensPlacement(s.id, {"barriers": 0.1, "none": 0.9}) for s in (second, first)]
    study.save_placements(new)
    assert list(study.placements().items()) == sorted((p.segment, p) for p in new)
    with pytest.raises(StoreError):
        study.save_placements([LensPlacement("nowhere", {"none": 1.0})])
    assert len(study.placements()) == 2


def test_themes_come_back_in_their_order(study: Store) -> None:
    """The most telling quotation would no longer stand first, nor the oddest segment."""
    a, b, c, d = (segment.id for segment in segments(MIRA))
    themes = ThemeMap(
        (
            Theme("z", "reachable", "barriers", ("phone", "hours"), (d, a), (a,), 0.75),
            Theme("b", "contact", "what_works", ("contact",), (b,), (b,), 1.0, ThemeStatus.ADOPTED, "code-1"),
        ),
        (Unassigned(c, "none", "z", 0.125), Unassigned(a, "none", None, -0.5)),
    )
    study.save_themes(ThemeMap((Theme("old", "old", "none", (), (a,), (), 0.0),), ()))
    study.save_themes(themes)
    assert study.themes() == themes
    with pytest.raises(StoreError):
        study.save_themes(ThemeMap((Theme("x", "x", "none", (), ("nowhere",), (), 0.0),), ()))
    assert study.themes() == themes


def test_log_numbers_decisions_and_keeps_them_all(study: Store) -> None:
    """A decision would be lost, doubled or put in another order, and with it the codebook's history."""
    first = study.append([adds("late"), adds("contact", MACHINE)])
    taken_back = replace(adds("contact"), before=first[1].after, after=None, verb=Verb.UNDO, undoes=1)
    second = study.append([taken_back])
    assert study.append([]) == []
    assert [(d.number, d.act) for d in study.decisions()] == [(1, 1), (2, 1), (3, 3)]
    assert study.decisions() == [*first, *second]
    assert study.decisions(after=2) == second
    assert (second[0].verb, second[0].undoes) == (Verb.UNDO, 1)
    assert first[0].after is not None
    assert first[0].after["examples"] == [{"source": "Mira", "text": "Nobody answers."}]


def test_act_with_a_key_is_written_once(study: Store) -> None:
    """A client that asks again after a broken connection would decide twice."""
    once = study.append([adds("late"), adds("contact")], key="client-7")
    assert study.append([adds("late"), adds("contact")], key="client-7") == once
    assert study.decisions() == once


def test_decision_on_what_was_changed_meanwhile_is_refused(study: Store) -> None:
    """Two people who edit the same code would overwrite each other without a word."""
    study.append([adds("late")])
    standing = Standing(study.decisions())
    mine = change_code(standing, "late", By("ana", "2024-03-04", ""), Verb.RENAME, name="after hours")
    theirs = change_code(standing, "late", By("ana", "2024-03-03", ""), Verb.DEFINE, definition="Late.")
    study.append(theirs)
    with pytest.raises(Conflict, match=r"changed meanwhile by ana \(define, act 2"):
        study.append([*says(coding(MIRA, 3, "late", ANA)), *mine])
    assert len(study.decisions()) == 2
    assert study.codings() == []


def test_codings_of_people_are_what_the_log_adds_up_to(study: Store) -> None:
    """What a person said would differ between the history and the tables."""
    late = coding(MIRA, 3, "late", ANA, status=Status.ACCEPTED)
    study.append(says(late, coding(OLE, 1, "late", ANA, status=Status.REJECTED)))
    assert study.codings() == list(Standing(study.decisions()).codings.values())[::-1]
    gone = says(replace(late, status=Status.REJECTED), before=study.decisions())
    study.append(gone)
    study.append([replace(gone[0], before=gone[0].after, after=None)])
    assert study.codings() == [coding(OLE, 1, "late", ANA, status=Status.REJECTED)]
    assert study.codings() == list(Standing(study.decisions()).codings.values())


def test_codings_of_a_person_are_not_replaced_nor_removed(study: Store) -> None:
    """A run, or a corrected file, would throw away a day of a person's work."""
    hers = coding(MIRA, 3, "late", ANA, status=Status.ACCEPTED)
    study.append(says(hers))
    with pytest.raises(StoreError, match="by decisions only"):
        study.save_codings([], coder="ana")
    with pytest.raises(StoreError, match="People have coded"):
        study.remove_transcript(MIRA.id)
    assert study.codings() == [hers]
    assert MIRA in study.transcripts()


def test_decision_of_an_unknown_coder_is_refused_with_all_of_its_call(study: Store) -> None:
    """The audit trail would name somebody who does not exist, or hold half of a merge."""
    with pytest.raises(StoreError):
        study.append([adds("late"), replace(adds("contact"), coder="nobody")])
    assert study.decisions() == []
    assert study.append([adds("late")])[0].number == 1


def test_codebook_is_what_the_log_adds_up_to(study: Store) -> None:
    """The codebook that people see would not be the one they decided on."""
    study.append([adds("late"), adds("contact")])
    study.append(retire(Standing(study.decisions()), "late", By("ana", "2024-03-03T08:00:00Z")))
    assert [(code.name, code.status) for code in study.codebook()] == [("late", "retired"), ("contact", "active")]
    assert study.codebook() == codebook_of(study.decisions())


def test_coder_is_known_by_id(study: Store) -> None:
    """A renamed coder would appear as two people in the agreement."""
    study.save_coder(replace(ANA, name="Ana B."))
    assert study.coders() == [replace(ANA, name="Ana B."), MACHINE, OTHER]


def test_codings_of_one_coder_are_replaced_without_touching_others(study: Store) -> None:
    """A machine run would overturn what a person has coded."""
    human = [
        coding(MIRA, 3, "late", ANA, status=Status.ACCEPTED),
        coding(OLE, 1, "meetings", ANA, status=Status.ACCEPTED),
    ]
    study.append(says(*human))
    study.save_codings([coding(MIRA, 3, "late", MACHINE, probability=0.25)], coder="machine")
    study.save_codings([coding(MIRA, 1, "contact", MACHINE, probability=1 / 3, why="near")], coder="machine")
    assert study.codings() == [
        human[1],
        coding(MIRA, 1, "contact", MACHINE, probability=1 / 3, why="near"),
        human[0],
    ]
    study.save_codings([], coder="machine")
    assert study.codings() == [human[1], human[0]]


def test_codings_come_back_in_one_order(study: Store) -> None:
    """Exports of two equal runs would differ."""
    a = [coding(of, turn, code, MACHINE) for of in (OLE, MIRA) for turn in (0, 1) for code in ("B", "a")]
    m = [coding(of, turn, code, OTHER) for of in (OLE, MIRA) for turn in (0, 1) for code in ("B", "a")]
    study.save_codings(m[::-1], coder="other")
    study.save_codings(a[::-1], coder="machine")
    assert study.codings() == [both for pair in zip(a, m, strict=True) for both in pair]


@pytest.mark.parametrize(
    "wrong",
    [
        [coding(MIRA, 1, "late", MACHINE)] * 2,
        [coding(MIRA, 1, "late", OTHER)],
        [coding(transcript("unknown", "Hm."), 0, "late", MACHINE)],
    ],
    ids=["said twice", "said by another", "of an unknown transcript"],
)
def test_wrong_codings_are_refused_and_the_old_ones_stay(study: Store, wrong: list) -> None:  # type: ignore[type-arg]  # of codings
    """One wrong row would cost a coder all of her work."""
    study.save_codings([coding(MIRA, 3, "late", MACHINE)], coder="machine")
    with pytest.raises(StoreError):
        study.save_codings([coding(OLE, 0, "new", MACHINE), *wrong], coder="machine")
    assert study.codings() == [coding(MIRA, 3, "late", MACHINE)]


def test_codings_of_an_unknown_coder_are_refused(study: Store) -> None:
    """A coding could not be traced to whoever said it."""
    with pytest.raises(StoreError):
        study.save_codings([replace(coding(MIRA, 3, "late", ANA), coder="nobody")], coder="nobody")
    assert study.codings() == []


def test_finished_step_and_value_are_remembered(store: Store) -> None:
    """A stopped run would begin from the start, or skip a step whose input has changed."""
    assert store.finished("themes") is None
    assert store.value("settings") is None
    store.finish("themes", "one")
    store.finish("themes", "two")
    store.save_value("settings", {"seed": 1, "lenses": ("a", "b")})
    store.save_value("nothing", None)
    assert store.finished("themes") == "two"
    assert store.value("settings") == {"seed": 1, "lenses": ["a", "b"]}
    assert store.value("nothing") is None
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.save_value("settings", float("nan"))


def test_transaction_is_written_together_or_not_at_all(study: Store) -> None:
    """A stopped run would leave the themes of one run beside the codings of another."""
    with pytest.raises(KeyboardInterrupt), study.transaction():
        study.append([adds("late")])
        with study.transaction():
            study.save_codings([coding(MIRA, 3, "late", MACHINE)], coder="machine")
        assert study.codings()
        study.finish("code", "key")
        study.save_project(replace(study.project(), name="Other"))
        raise KeyboardInterrupt
    assert not (study.decisions() or study.codings() or study.finished("code"))
    assert study.project().name == study.project().id
    with study.transaction():
        study.append([adds("late")])
        study.finish("code", "key")
    assert len(study.decisions()) == 1
    assert study.finished("code") == "key"


def test_method_that_fails_inside_a_transaction_leaves_nothing_of_itself(study: Store) -> None:
    """A caller that goes on after an error would commit half of what failed."""
    study.save_codings([coding(MIRA, 3, "late", MACHINE)], coder="machine")
    with study.transaction():
        study.finish("code", "key")
        with pytest.raises(StoreError):
            study.save_codings([coding(OLE, 0, "new", MACHINE)] * 2, coder="machine")
    assert study.codings() == [coding(MIRA, 3, "late", MACHINE)]
    assert study.finished("code") == "key"


def test_projects_of_one_database_do_not_see_each_other(new_store: NewStore) -> None:
    """One study's confidential text would appear in another."""
    one, other = new_store(), new_store()
    for store in (one, other):
        add(store, MIRA)
        store.save_coder(ANA)
        store.save_coder(MACHINE)
    one.append([adds("late")])
    one.save_codings([coding(MIRA, 3, "late", MACHINE)], coder="machine")
    add(one, replace(MIRA, name=one.project().id), [])
    other.save_codings([], coder="machine")
    assert other.append([adds("contact")])[0].number == 1
    assert (other.transcripts(), other.segments(), other.codings()) == ([MIRA], segments(MIRA), [])
    assert len(one.codings()) == len(one.decisions()) == 1


def test_hardest_text_survives_everywhere(store: Store) -> None:
    """A file with an odd name, or a NUL in a transcript, would stop the import of all others."""
    hard_words = transcript(NASTY, NASTY, wave=NASTY)
    add(store, hard_words)
    store.record_file(SourceFile(NASTY, "", Outcome.UNREADABLE, NASTY))
    store.save_cases([Case(NASTY, NASTY, {NASTY: NASTY})])
    store.save_value(NASTY, {NASTY: [NASTY]})
    store.finish(NASTY, NASTY)
    assert store.transcripts() == [hard_words]
    assert SourceFile(NASTY, "", Outcome.UNREADABLE, NASTY) in store.files()
    assert store.cases() == [Case(NASTY, NASTY, {NASTY: NASTY})]
    assert (store.value(NASTY), store.finished(NASTY)) == ({NASTY: [NASTY]}, NASTY)


@hard
@given(st.lists(nasty_transcripts(), max_size=3, unique_by=lambda t: t.id))
def test_any_transcript_survives(new_store: NewStore, given_ones: list[Transcript]) -> None:
    """Offsets would no longer point at the words that were coded."""
    store = new_store()
    for one in given_ones:
        cut = [Segment.of(one.id, 0, start, start + 1) for start in range(len(one.text))]
        store.add_transcript(one, cut, file=SourceFile(one.id, "", Outcome.READ), original=b"")
    assert store.transcripts() == sorted(given_ones, key=lambda t: (t.name, t.id))
    names = {one.id: one.name for one in given_ones}
    kept = store.segments()
    assert kept == sorted(kept, key=lambda s: (names[s.transcript], s.transcript, s.start))
    assert len(kept) == sum(len(one.text) for one in given_ones)


@hard
@given(nasty_acts())
def test_any_decision_survives(new_store: NewStore, acts: list[list[Decision]]) -> None:
    """A reason or a definition would not be what the person wrote."""
    store = new_store()
    store.save_coder(ANA)
    numbered = [decision for act in acts for decision in store.append(act)]
    assert numbered == [decision for act in acts for decision in act] == store.decisions()
    assert [d.number for d in store.decisions()] == list(range(1, len(numbered) + 1))


@hard
@given(nasty_codings, nasty_json)
def test_any_coding_and_value_survives(new_store: NewStore, codings: list, value: object) -> None:  # type: ignore[type-arg]  # of codings
    """A probability would be rounded, or a code's name changed."""
    store = new_store()
    for one in (MIRA, OLE):
        add(store, one)
    store.save_coder(MACHINE)
    store.save_codings(codings, coder="machine")
    names = {one.id: one.name for one in (MIRA, OLE)}
    assert store.codings() == sorted(
        codings, key=lambda c: (names[c.transcript], c.transcript, c.start, c.end, c.code, c.coder)
    )
    store.save_value("v", value)
    assert store.value("v") == value


def test_removing_a_transcript_leaves_the_others_whole(study: Store) -> None:
    """A corrected file would stand beside its old self, or take another interview with it."""
    study.save_codings([coding(OLE, 0, "c1", MACHINE), coding(MIRA, 0, "c1", MACHINE)], coder=MACHINE.id)
    study.remove_transcript(OLE.id)
    assert study.transcripts() == [MIRA]
    assert {segment.transcript for segment in study.segments()} == {MIRA.id}
    assert {one.transcript for one in study.codings()} == {MIRA.id}
    assert {file.transcript for file in study.files()} == {None, MIRA.id}
    study.remove_transcript("t000000000000")
    assert study.transcripts() == [MIRA]


def test_stamp_changes_with_whatever_is_written_and_seldom_else(study: Store) -> None:
    """A server would go on answering with what it read before; or read everything again for each answer."""
    assert any(study.stamp() == (study.files() and study.stamp()) for _ in range(20)), "to read is no change"
    seen = study.stamp()
    for write in (
        lambda: study.save_value("language", "no"),
        lambda: study.append([adds("late")]),
        lambda: study.save_coder(replace(OTHER, name="Another")),
        lambda: study.remove_transcript(OLE.id),
    ):
        write()
        seen, before = study.stamp(), seen
        assert seen != before


def test_stamp_tells_what_another_process_has_written_once_it_stands(database_url: str) -> None:
    """Two servers on one database would give different answers; what is taken back is no answer at all."""
    project = uuid4().hex
    with closing(open_store(database_url, project=project)) as here:
        with closing(open_store(database_url, project=project)) as there:
            there.save_coder(ANA)
            for number in range(3):
                seen = here.stamp()
                with there.transaction():
                    there.save_value("language", number)
                    here.stamp()
                assert here.stamp() != seen
                seen = here.stamp()
                there.append([adds(f"code {number}")])
                assert here.stamp() != seen
        seen = here.stamp()
        here.save_value("language", "se")
        assert here.stamp() != seen, "what it wrote itself"
