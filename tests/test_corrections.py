"""Who speaks, put right: what a person says of a turn stands over the file, is undone wholly, and moves no coding."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import transcript
from tests.fakes import HashEmbedder, MemoryStore
from tests.test_cli import TALK, Run
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By, Decision, DecisionKind, Verb, roles_of, speakers_of, turn_target
from textcoder.domain.history import acts_of, numbered, undo
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Role, Spoken, Transcript
from textcoder.errors import Conflict, InvalidDecision, TextcoderError, UnknownItem
from textcoder.formats.tables import Columns
from textcoder.settings import Settings
from textcoder.workflow import LiveProject, Reading

ANA, BY = Coder("ana", "ana", CoderKind.HUMAN), By("ana", "2024-03-03", "heard on the tape")
TALKED = transcript("mira.txt", ("Hanna", "What hinders?"), ("Mira", "The bus."), ("Hanna", "Why?"), ("Mira", "Late."))
STARTS = [turn.start for turn in TALKED.turns]
LAST = TALK.index("I went to the library")
BUS = TALK.index("The bus is the worst")


class Log:
    """A log in memory, with what stands."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    @property
    def standing(self) -> Standing:
        return Standing(self.decisions)

    def add(self, decisions: list[Decision]) -> int:
        act = numbered(decisions, len(self.decisions) + 1)
        self.decisions += act
        return act[0].number if act else 0

    def undo(self, number: int) -> int:
        return self.add(undo(acts_of(self.decisions), number, self.standing, BY))

    def read(self, file: Transcript = TALKED) -> Transcript:
        """As the next run reads the file."""
        spoken = {start: one for start, one in speakers_of(self.decisions).get(file.id, {}).items() if one.corrected}
        return file.with_speakers(spoken).with_roles(roles_of(self.decisions).get(file.id, {}))


def who(one: Transcript) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.role.value) for turn in one.turns]


HANNA, MIRA = ("Hanna", "interviewer"), ("Mira", "participant")


# --- the acts ---------------------------------------------------------------------------------------------------------------------------


def test_a_turn_goes_to_a_speaker_who_is_there_in_the_role_that_she_has() -> None:
    """Her words would be evidence under the name of an interviewer, or the other way round."""
    log = Log()
    (decision,) = acts.give_turns(log.standing, TALKED, [STARTS[3] + 2], "Hanna", BY)
    assert (decision.target, decision.verb) == (f"{TALKED.id}/{STARTS[3]}", Verb.SPEAKER)
    assert decision.after == {
        "speaker": "Hanna",
        "role": "interviewer",
        "read": {"speaker": "Mira", "role": "participant"},
    }
    log.add([decision])
    assert who(log.read()) == [HANNA, MIRA, HANNA, HANNA]
    assert acts.give_turns(log.standing, TALKED, [STARTS[3]], "Hanna", BY) == []


def test_a_new_name_takes_the_role_of_its_turns_or_the_one_that_is_given() -> None:
    log = Log()
    log.add(acts.give_turns(log.standing, TALKED, [STARTS[3]], "  Vera \n Lund ", BY))
    assert who(log.read())[3] == ("Vera Lund", "participant")
    with pytest.raises(InvalidDecision, match="say in which role"):
        acts.give_turns(log.standing, TALKED, STARTS[:2], "Karin", BY)
    log.add(acts.give_turns(log.standing, TALKED, STARTS[:2], "Karin", BY, role=Role.OTHER))
    assert who(log.read())[:2] == [("Karin", "other")] * 2
    with pytest.raises(InvalidDecision, match="already, as other"):
        acts.give_turns(log.standing, TALKED, [STARTS[2]], "Karin", BY, role=Role.PARTICIPANT)


def test_every_turn_of_a_name_is_anothers_in_one_act() -> None:
    """Two names of one person would be counted as two people."""
    log = Log()
    log.add(acts.give_turns(log.standing, TALKED, [STARTS[3]], "SPEAKER_02", BY))
    act = acts.rename_speaker(log.standing, TALKED, "SPEAKER_02", "Mira", BY)
    assert [d.after for d in act] == [None]  # as the file has it: nothing is left to correct
    act = acts.rename_speaker(log.standing, TALKED, "Hanna", "Mira", BY)
    assert len(act) == 2
    log.add(act)
    assert who(log.read()) == [MIRA, MIRA, MIRA, ("SPEAKER_02", "participant")]


def test_who_speaks_is_known_between_a_correction_that_was_followed_and_its_undo() -> None:
    """After a run the file's own name stands nowhere but in the log; a second correction would go by the name that was taken back."""
    log = Log()
    act = log.add(acts.rename_speaker(log.standing, TALKED, "Mira", "Vera", BY))
    followed = log.read()
    log.undo(act)
    assert who(acts.heard(log.standing, followed)) == who(TALKED)
    log.add(acts.rename_speaker(log.standing, followed, "Mira", "Hanna", BY))
    assert who(log.read()) == [HANNA] * 4


def test_a_role_that_is_set_later_goes_before_the_one_given_with_the_name() -> None:
    log = Log()
    log.add(acts.rename_speaker(log.standing, TALKED, "Mira", "Vera", BY))
    log.add(acts.give_role(log.standing, TALKED.id, "Vera", Role.OTHER, BY))
    assert who(acts.heard(log.standing, TALKED))[1] == who(log.read())[1] == ("Vera", "other")


@pytest.mark.parametrize(
    ("plan", "error", "words"),
    [
        (partial(acts.give_turns, offsets=[0], speaker="Vera"), UnknownItem, "Nobody speaks at 0"),
        (partial(acts.give_turns, offsets=[10**9], speaker="Vera"), UnknownItem, "Nobody speaks at"),
        (partial(acts.give_turns, offsets=STARTS, speaker=" "), InvalidDecision, "has no name"),
        (partial(acts.rename_speaker, speaker="Nobody", to="Vera"), UnknownItem, '"Hanna", "Mira"'),
        (partial(acts.rename_speaker, speaker=None, to="Vera"), UnknownItem, 'by ""'),
        (partial(acts.rename_speaker, speaker="Mira", to=" Mira"), InvalidDecision, "already"),
    ],
)
def test_what_makes_no_sense_is_refused(plan: Callable[..., Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        plan(Standing(), TALKED, by=BY)


def test_an_answer_in_a_table_stays_its_writers() -> None:
    """Her case stands in the row of the table: another name here would contradict it."""
    survey = transcript("survey.csv", (None, "The bus."), kind="survey")
    with pytest.raises(InvalidDecision, match="a table"):
        acts.give_turns(Standing(), survey, [0], "Vera", BY)


def test_a_decision_on_what_was_corrected_meanwhile_is_a_conflict() -> None:
    """Ben would overwrite Ana's correction without having seen it."""
    store = MemoryStore()
    store.save_coder(ANA)
    plan = partial(acts.give_turns, Standing(), TALKED, [STARTS[3]], by=BY)
    store.append(plan("Hanna"))
    with pytest.raises(Conflict, match="Who speaks there was changed meanwhile by ana"):
        store.append(plan("Vera"))


names = st.sampled_from(["Hanna", "Mira", "Vera", "SPEAKER_01", "x/y"])
steps = st.one_of(
    st.tuples(st.just("turns"), st.lists(st.sampled_from(STARTS), min_size=1, max_size=3), names),
    st.tuples(st.just("all"), names, names),
    st.tuples(st.just("role"), names, st.sampled_from(Role)),
    st.tuples(st.just("run")),
    st.tuples(st.just("undo"), st.integers(0, 20)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, max_size=15))
def test_any_corrections_move_no_offset_lose_no_coding_and_are_undone_wholly(given_steps: list[Any]) -> None:
    """A correction would shift what was coded, or could not be taken back after a run had followed it."""
    log, stored = Log(), TALKED
    log.add(acts.add_code(log.standing, Code("late", "Late"), BY))
    log.add(acts.accept(log.standing, [(TALKED.id, STARTS[3], STARTS[3] + 4)], "late", BY))
    coded = log.standing.codings
    for step in given_steps:
        before, length = log.read(), len(log.decisions)
        try:
            match step:
                case ("turns", offsets, to):
                    log.add(acts.give_turns(log.standing, stored, offsets, to, BY, role=None))
                case ("all", speaker, to):
                    log.add(acts.rename_speaker(log.standing, stored, speaker, to, BY))
                case ("role", speaker, role):
                    log.add(acts.give_role(log.standing, TALKED.id, speaker, role, BY))
                case ("run",):
                    stored = log.read()
                case ("undo", which):
                    numbers = list(acts_of(log.decisions))
                    log.undo(numbers[2 + which % (len(numbers) - 2)] if len(numbers) > 2 else numbers[-1] + 1)
        except TextcoderError:
            assert len(log.decisions) == length
            continue
        after = log.read()
        assert log.standing.codings == coded
        assert [(t.start, t.end) for t in after.turns] == [(t.start, t.end) for t in TALKED.turns]
        of = {(t.speaker, t.role) for t in after.turns}
        assert len(of) == len({speaker for speaker, _ in of}), "one name in two roles"
        assert log.standing.spoken == speakers_of(log.decisions)
        told = acts.heard(log.standing, stored)
        assert [t.speaker for t in told.turns] == [t.speaker for t in after.turns], "what is shown is not what is read"
        if len(log.decisions) > length and step[0] in ("turns", "all"):
            back = Log()
            back.decisions = list(log.decisions)
            back.undo(length + 1)
            assert back.read() == before, "undo did not bring back what was"


def test_offsets_that_no_turn_holds_change_nothing() -> None:
    spoken = {0: Spoken("Vera", Role.OTHER), 10**9: Spoken("Vera", Role.OTHER), STARTS[1]: Spoken("Vera", Role.OTHER)}
    assert who(TALKED.with_speakers(spoken)) == [HANNA, ("Vera", "other"), HANNA, MIRA]
    assert [TALKED.turn_at(turn.end) for turn in TALKED.turns] == [None] * 4
    assert all(TALKED.turn_at(a.end - 1) == i for i, (a, _) in enumerate(pairwise(TALKED.turns)))


# --- files that are read again ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A talk of Hanna and Mira."""
    made = tmp_path / "talks" / "mira.txt"
    made.parent.mkdir()
    made.write_text(TALK, encoding="utf-8")
    return made


@pytest.fixture
def live(file: Path) -> LiveProject:
    """It was read, and its last answer was coded."""
    store = MemoryStore()
    read(store, file)
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    last = next(s for s in live.segments if s.start >= LAST)
    live.do(lambda standing: acts.add_code(standing, Code("alone", "On her own"), BY), coder=ANA)
    span = (last.transcript, last.start, last.end)
    live.do(lambda standing: acts.accept(standing, [span], "alone", BY), coder=ANA)
    return live


def read(store: MemoryStore, file: Path) -> LiveProject:
    """Read the file again, as every run does, and open the project."""
    workflow.import_files(store, [file.parent], Settings(), reading=Reading())
    return LiveProject(store, Settings(), embedder=HashEmbedder())


def correct(live: LiveProject, to: str, **which: Any) -> list[Decision]:
    return live.do(workflow.correcting_speaker(live, "mira.txt", to, BY, **which), coder=ANA)


def spans(live: LiveProject, *, without: int | None = None) -> set[str]:
    return {s.id for s in live.segments if without is None or s.turn != without}


def test_a_run_follows_a_correction_and_its_undo(live: LiveProject, file: Path) -> None:
    """An interviewer's words would stay evidence for ever, or be lost for ever."""
    store: Any = live.store
    before = spans(live)
    correct(live, "Hanna", turns=[LAST + 3])
    after = read(store, file)
    (one,) = after.transcripts.values()
    assert [t.speaker for t in one.turns][4:] == ["Hanna", "Hanna"]
    assert (one.turns[5].role, one.turns[5].case) == (Role.INTERVIEWER, None)
    assert spans(after) == spans(live, without=5) < before
    assert len(after.standing.codings) == 1  # stays on record
    assert "no turn" not in store.files()[0].note
    assert [t.speaker for t in next(iter(read(store, file).transcripts.values())).turns][5] == "Hanna"
    workflow.undo(after, coder=ANA)
    again = read(store, file)
    assert spans(again) == before
    assert again.transcripts == live.transcripts


def test_a_new_participant_is_a_case_of_her_own_as_at_import(live: LiveProject, file: Path) -> None:
    """Two people's words would be counted as one person's."""
    correct(live, "Vera", turns=[BUS])
    (one,) = read(live.store, file).transcripts.values()  # type: ignore[arg-type]  # a MemoryStore
    assert [t.case for t in one.turns] == [None, "mira / Mira", None, "mira / Vera", None, "mira / Mira"]
    assert {case.id for case in live.store.cases()} >= {"mira / Vera"}


def test_names_that_are_one_person_are_one_case(live: LiveProject, file: Path) -> None:
    correct(live, "Vera", turns=[BUS])
    live = read(live.store, file)  # type: ignore[arg-type]  # a MemoryStore
    correct(live, "Mira", speaker="Vera")
    (one,) = read(live.store, file).transcripts.values()  # type: ignore[arg-type]  # a MemoryStore
    assert {t.case for t in one.turns} == {None, "mira"}


def test_a_role_can_be_set_for_a_name_that_no_run_has_read_yet(live: LiveProject, file: Path) -> None:
    correct(live, "Vera", turns=[BUS])
    assert workflow.assign_roles(live.store, {"Vera": Role.INTERVIEWER}, coder=ANA) == 1
    (one,) = read(live.store, file).transcripts.values()  # type: ignore[arg-type]  # a MemoryStore
    assert one.turns[3].role is Role.INTERVIEWER


def test_a_changed_file_does_not_throw_away_who_speaks(file: Path) -> None:
    """A typing error put right in the file would take an hour of listening with it."""
    store = MemoryStore()
    live = read(store, file)
    correct(live, "Vera", turns=[BUS])
    file.write_text(TALK + "\nMira: And the lift.\n", encoding="utf-8")
    (one,) = read(store, file).transcripts.values()
    assert one.id == next(iter(live.transcripts))
    assert "said who speaks" in store.files()[0].note


def test_coding_again_follows_without_the_files(file: Path, tmp_path: Path) -> None:
    """In the browser nobody has the file at hand: her correction would wait for an upload that never comes."""
    cases = tmp_path / "cases.csv"
    cases.write_text("file,case,name,speaker,site\nmira,P1,Mira,,North\n", encoding="utf-8")
    store, settings = MemoryStore(), Settings(min_words=4)
    how = Reading(cases=cases, roles={"Nobody": Role.OTHER})
    workflow.import_files(store, [file.parent], settings, reading=how)
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    before = live.transcripts, live.segments
    cases.unlink()
    file.unlink()
    assert workflow.follow_speakers(store, Settings()) == []
    correct(live, "Hanna", turns=[BUS])
    assert [f.path for f in workflow.follow_speakers(store, Settings())] == ["mira.txt"]
    assert workflow.follow_speakers(store, Settings()) == []
    after = LiveProject(store, Settings(), embedder=HashEmbedder())
    (one,) = after.transcripts.values()
    assert [t.case for t in one.turns] == [None, "P1", None, None, None, "P1"]
    assert spans(after) == {s.id for s in before[1] if s.turn != 3}
    workflow.undo(after, coder=ANA)
    workflow.follow_speakers(store, Settings())
    again = LiveProject(store, Settings(), embedder=HashEmbedder())
    assert (again.transcripts, again.segments) == before


def test_a_table_is_read_again_by_the_columns_that_were_named(tmp_path: Path) -> None:
    """What nobody said anew would be read anew, and otherwise."""
    file = tmp_path / "talk.csv"
    file.write_text("who,what,note\nHanna,What hinders you?,x\nMira,The bus goes twice a day.,y\n", encoding="utf-8")
    store = MemoryStore()
    how = Reading(columns=Columns(text=("what",), speaker="who"))
    workflow.import_files(store, [file], Settings(), reading=how)
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    (one,) = live.transcripts.values()
    live.do(workflow.correcting_speaker(live, one.id, "Vera", BY, turns=[one.turns[1].start]), coder=ANA)
    workflow.follow_speakers(store, Settings())
    (now,) = store.transcripts()
    assert now.text == one.text
    assert [t.speaker for t in now.turns] == ["Hanna", "Vera"]


def test_a_correction_that_meets_no_turn_is_named(live: LiveProject, file: Path) -> None:
    """A later version may cut the file otherwise: what she said would be dropped without a word."""
    (one,) = live.transcripts
    said = {"speaker": "Vera", "role": "participant", "read": {"speaker": "Mira", "role": "participant"}}
    gone = Decision(DecisionKind.SET_SPEAKER, turn_target(one, 0), None, said, "ana", BY.at, verb=Verb.SPEAKER)
    live.do(lambda standing: [gone], coder=ANA)
    live = read(live.store, file)  # type: ignore[arg-type]  # a MemoryStore
    assert "1 correction of who speaks meets no turn any more." in live.store.files()[0].note


def test_a_correction_says_before_what_it_would_touch(live: LiveProject) -> None:
    """She would find out only afterwards that codings no longer count."""
    plan = workflow.correcting_speaker(live, "mira.txt", "Hanna", BY, turns=[LAST])
    found = workflow.preview_speaker(live, "mira.txt", plan)
    lost = [s for s in live.segments if s.turn == 5]
    assert (found.codings, found.segments, found.people, found.coders) == (1, len(lost), 1, ("ana",))
    said = " ".join(found.sentences)
    assert 'would be spoken by "Hanna", interviewer; now by "Mira".' in said
    assert "1 coding of people on them would stay on record" in said
    plan = workflow.correcting_speaker(live, "mira.txt", "Mira", BY, speaker="Hanna")
    assert "3 turns (25 words) would be cut into segments" in " ".join(
        workflow.preview_speaker(live, "mira.txt", plan).sentences
    )
    plan = workflow.correcting_speaker(live, "mira.txt", "Vera", BY, speaker="Mira")
    assert "Which words count would stay as it is." in workflow.preview_speaker(live, "mira.txt", plan).sentences
    assert live.standing.spoken == {}


def test_the_history_tells_it_without_a_word_of_hers(live: LiveProject) -> None:
    act = correct(live, "Vera", speaker="Mira")
    told = workflow.told(live, act)
    assert told == f'Act {act[0].act}: gave 3 turns of mira.txt to "Vera". (heard on the tape)'
    assert {d.kind for d in act} == {DecisionKind.SET_SPEAKER}
    back = correct(live, "Mira", speaker="Vera")
    assert 'gave 3 turns of mira.txt to "Mira"' in workflow.told(live, back)


def test_it_is_corrected_on_the_command_line(run: Run, file: Path, tmp_path: Path) -> None:
    out, at = tmp_path / "out", ("--transcript", "mira.txt", "--out", tmp_path / "out")
    run("import", file.parent, "--out", out)
    status, said, _ = run("decide", "speaker", "Hanna", "--at", LAST, *at, "--preview")
    assert (status, "would be evidence no more" in said) == (0, True)
    status, said, error = run("decide", "speaker", "Hanna", "--at", LAST, "--why", "her voice", *at)
    assert (status, 'gave 1 turn of mira.txt to "Hanna". (her voice)' in said) == (0, True), error
    assert run("decide", "speaker", "Vera", "--instead-of", "Mira", *at)[0] == 0
    run("import", file.parent, "--out", out)
    _, found, _ = run("search", "bus", "--out", out, "--json")
    assert [row["speaker"] for row in json.loads(found)] == ["Vera"]
    _, found, _ = run("search", "library", "--out", out, "--json")
    assert json.loads(found) == []
    for wrong in (["--at", 1, "--instead-of", "Vera"], [], ["--at", LAST, "--role", "queen"], ["--instead-of", "Bo"]):
        status, _, error = run("decide", "speaker", "Hanna", *wrong, *at)
        assert status == 2 and "Traceback" not in error, wrong
