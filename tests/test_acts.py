"""Decisions, undo and history over made studies: what people do, in any order, and what must then still hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.domain import acts
from textcoder.domain.codebook import Code, CodeStatus, Example
from textcoder.domain.coding import CONSENSUS, Coding, Status, counted
from textcoder.domain.decision import By, Decision, DecisionKind, Verb
from textcoder.domain.history import (
    acts_of,
    diff,
    last_to_redo,
    last_to_undo,
    lineage,
    numbered,
    undo,
    version_of,
    with_later,
)
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.sample import Sample
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme
from textcoder.domain.transcript import Role
from textcoder.errors import Conflict, InvalidDecision, TextcoderError, UnknownItem

ANA, BEN = By("ana", "2024-03-01T10:00:00Z"), By("ben", "2024-03-02T10:00:00Z")
ONE, TWO, THREE = ("t1", 0, 10), ("t1", 10, 20), ("t2", 0, 10)
MACHINES = frozenset({"machine"})


class Log:
    """A log in memory, with what stands."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.standing = Standing()

    def add(self, decisions: list[Decision]) -> int:
        """Append an act; returns its number."""
        act = numbered(decisions, len(self.decisions) + 1)
        self.decisions += act
        self.standing.apply(act)
        return act[0].number if act else 0

    def do(self, what: Callable[..., list[Decision]], *arguments: Any, by: By = ANA, **more: Any) -> int:
        return self.add(what(self.standing, *arguments, by, **more))

    def undo(self, number: int, by: By = ANA, **more: Any) -> int:
        return self.add(undo(acts_of(self.decisions), number, self.standing, by, **more))

    def said(self) -> set[tuple[str, str, str, str]]:
        """Coder, span, code, status of every coding."""
        return {(c.coder, f"{c.transcript}:{c.start}", c.code, c.status.value) for c in self.standing.codings.values()}

    def picture(self) -> object:
        """All that stands, comparable."""
        s = self.standing
        reviewed = {segment: coders for segment, coders in s.reviewed.items() if coders}
        kept = [dict(one) for one in (s.codings, s.memos, s.theme_states, s.samples, s.quotes)]
        return {c.id: c for c in s.codebook}, {k: set(v) for k, v in reviewed.items()}, kept


@pytest.fixture
def log() -> Log:
    """A codebook of three codes, one of them drafted by the machine."""
    log = Log()
    log.do(acts.add_code, Code("late", "Nobody answers", lens="barriers", examples=(Example("After three.", "Mira"),)))
    log.do(acts.add_code, Code("phone", "Phone hours", lens="barriers"))
    drafted = Code("meet", "Joint meetings", lens="what_works", status=CodeStatus.PROVISIONAL)
    log.do(acts.add_code, drafted, by=By("machine", "2024-03-01T09:00:00Z", "drafted from themes"))
    return log


def test_accepting_a_drafted_code_makes_it_hers(log: Log) -> None:
    """The next run would withdraw a code that a person has used."""
    log.do(acts.accept, [ONE, TWO], "meet")
    assert log.standing.codebook.get("meet").status is CodeStatus.ACTIVE  # type: ignore[union-attr]  # it is there
    assert log.said() == {("ana", "t1:0", "meet", "accepted"), ("ana", "t1:10", "meet", "accepted")}
    assert log.do(acts.accept, [ONE], "meet") == 0, "it is so already"


def test_recode_says_no_to_the_old_and_yes_to_the_new_and_keeps_the_memo(log: Log) -> None:
    """A memo would be lost with the coding that it explains (QualCoder#679)."""
    log.do(acts.accept, [ONE], "late")
    log.do(acts.write_memo, Memo("m1", MemoOn.SEGMENT, "t1:0-10", "She hesitates.", "ana", ANA.at))
    log.do(acts.recode, [ONE], "late", "phone")
    assert log.said() == {("ana", "t1:0", "late", "rejected"), ("ana", "t1:0", "phone", "accepted")}
    assert log.standing.memos["m1"].text == "She hesitates."


def test_reviewed_segment_carries_what_she_said_and_nothing_else_that_was_suggested(log: Log) -> None:
    """A suggestion that she passed over would still be counted."""
    log.do(acts.accept, [ONE], "phone")
    log.do(acts.review, "t1:0-10", ONE, ["late"], ["late", "meet"])
    assert log.said() == {
        ("ana", "t1:0", "late", "accepted"),
        ("ana", "t1:0", "meet", "rejected"),
        ("ana", "t1:0", "phone", "rejected"),
    }
    assert log.standing.reviewed["t1:0-10"] == {"ana"}


def test_merge_keeps_codings_of_both_codes_and_of_every_coder(log: Log) -> None:
    """Half of the segments would be gone after tidying up the codebook."""
    log.do(acts.add_code, Code("fax", "Fax", lens="barriers", parent="late", examples=(Example("The fax.", ""),)))
    log.do(acts.accept, [ONE], "late")
    log.do(acts.reject, [ONE, TWO], "phone")
    log.do(acts.accept, [THREE], "late", by=BEN)
    log.do(acts.merge, ["late"], "phone", by=BEN)
    assert log.said() == {
        ("ana", "t1:0", "phone", "accepted"),
        ("ana", "t1:10", "phone", "rejected"),
        ("ben", "t2:0", "phone", "accepted"),
    }
    kept, gone, child = (log.standing.codebook.get(c) for c in ("phone", "late", "fax"))
    assert kept and gone and child
    assert (gone.status, gone.successors, child.parent) == (CodeStatus.RETIRED, ("phone",), "phone")
    assert [example.text for example in kept.examples] == ["After three."]


def test_merge_across_lenses_is_refused(log: Log) -> None:
    """What helps and what hinders would be counted as one."""
    with pytest.raises(InvalidDecision, match="different lenses"):
        log.do(acts.merge, ["late"], "meet")


def test_split_gives_each_part_its_spans(log: Log) -> None:
    """A code that holds two things could not be divided without coding everything again."""
    log.do(acts.accept, [ONE, TWO], "late")
    log.do(acts.accept, [ONE, THREE], "late", by=BEN)
    parts = [
        (Code("a", "No answer", lens="barriers"), [ONE]),
        (Code("b", "Closed early", lens="barriers"), [TWO, THREE]),
    ]
    number = log.do(acts.split, "late", parts)
    assert log.said() == {
        ("ana", "t1:0", "a", "accepted"),
        ("ana", "t1:10", "b", "accepted"),
        ("ben", "t1:0", "a", "accepted"),
        ("ben", "t2:0", "b", "accepted"),
    }
    assert log.standing.codebook.get("late").successors == ("a", "b")  # type: ignore[union-attr]  # it is there
    log.undo(number)
    assert {code for _, _, code, _ in log.said()} == {"late"}
    assert [c.id for c in log.standing.codebook.in_use] == ["late", "phone", "meet"]


def test_split_leaves_with_the_code_what_no_part_takes(log: Log) -> None:
    """Spans that the analyst did not place would vanish."""
    log.do(acts.accept, [ONE, TWO, THREE], "late")
    parts = [(Code("a", "No answer", lens="barriers"), [ONE]), (Code("b", "Closed", lens="barriers"), [TWO])]
    log.do(acts.split, "late", parts)
    assert ("ana", "t2:0", "late", "accepted") in log.said()
    assert log.standing.codebook.get("late").status is CodeStatus.ACTIVE  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize(
    ("what", "arguments", "says"),
    [
        (acts.accept, ([ONE], "nothing"), 'no code "nothing"'),
        (acts.accept, ([("t1", 5, 5)], "late"), "is no span"),
        (acts.recode, ([ONE], "late", "late"), "name another"),
        (acts.add_code, (Code("x", "nobody ANSWERS", lens="barriers"),), "already"),
        (acts.add_code, (Code("x", " "),), "no name"),
        (acts.add_code, (Code("late", "Late again"),), "already"),
        (acts.merge, ([], "late"), "at least one other"),
        (acts.split, ("late", []), "two parts"),
        (acts.restore, ("late",), "in use already"),
        (acts.release, ("round 1",), "no sample"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    log: Log, what: Callable[..., list[Decision]], arguments: tuple[Any, ...], says: str
) -> None:
    """A slip of the finger would become part of the audit trail."""
    before = log.picture()
    with pytest.raises(TextcoderError, match=says):
        log.do(what, *arguments)
    assert log.picture() == before


def test_code_cannot_stand_below_itself_and_a_retired_one_names_its_successor(log: Log) -> None:
    """The tree would become a ring, or work would go to a code that nobody counts."""
    log.add(acts.change_code(log.standing, "phone", ANA, Verb.MOVE, parent="late"))
    with pytest.raises(InvalidDecision, match="below itself"):
        acts.change_code(log.standing, "late", ANA, Verb.MOVE, parent="phone")
    log.do(acts.merge, ["phone"], "late")
    with pytest.raises(InvalidDecision, match="use Nobody answers"):
        log.do(acts.accept, [ONE], "phone")


def test_any_past_step_is_undone_by_itself(log: Log) -> None:
    """A mistake of last week could only be mended by undoing the whole week."""
    wrong = log.do(acts.accept, [ONE], "late")
    log.do(acts.accept, [TWO], "late")
    log.do(acts.accept, [ONE], "phone")
    log.undo(wrong)
    assert log.said() == {("ana", "t1:10", "late", "accepted"), ("ana", "t1:0", "phone", "accepted")}


def test_undo_that_contradicts_later_acts_names_them_and_says_what_can_be_done(log: Log) -> None:
    """An undo would silently take later work with it, or leave codings of a code that is gone."""
    added = log.do(acts.add_code, Code("bus", "The bus", lens="barriers"))
    used = log.do(acts.accept, [ONE], "bus", by=BEN)
    child = log.do(acts.add_code, Code("stop", "The stop", lens="barriers", parent="bus"))
    with pytest.raises(Conflict, match=rf"{used} \(accept, ben\), {child} \(add, ana\).*--with-later") as refused:
        log.undo(added)
    assert refused.value.decisions == (used, child)
    for number in with_later(acts_of(log.decisions), added, log.standing):
        log.undo(number)
    assert {c.id for c in log.standing.codebook} == {"late", "phone", "meet"}
    assert not log.said()


def test_undo_of_the_rest_leaves_what_later_acts_stand_on(log: Log) -> None:
    """One recoded segment would keep a wrong bulk decision from being undone."""
    bulk = log.do(acts.accept, [ONE, TWO, THREE], "late")
    log.do(acts.recode, [TWO], "late", "phone")
    log.undo(bulk, rest=True)
    assert log.said() == {("ana", "t1:10", "late", "rejected"), ("ana", "t1:10", "phone", "accepted")}


def test_undo_and_redo_of_her_own_steps_in_turn(log: Log) -> None:
    """Ctrl-Z would undo what a colleague did."""
    log.do(acts.accept, [ONE], "late")
    mine = log.do(acts.accept, [TWO], "late")
    log.do(acts.accept, [THREE], "late", by=BEN)
    assert last_to_undo(acts_of(log.decisions), "ana").number == mine
    log.undo(mine)
    assert log.standing.state(DecisionKind.SET_CODING, '["ana","t1",10,20,"late"]') is None
    with pytest.raises(InvalidDecision, match="undone already"):
        log.undo(mine)
    back = last_to_redo(acts_of(log.decisions), "ana")
    log.undo(back.number)
    assert acts_of(log.decisions)[mine].undone_by == 0
    assert ("ana", "t1:10", "late", "accepted") in log.said()
    with pytest.raises(InvalidDecision, match="nothing of yours to redo"):
        last_to_redo(acts_of(log.decisions), "ana")
    with pytest.raises(InvalidDecision, match="nothing of yours to undo"):
        last_to_undo(acts_of(log.decisions), "eva")
    with pytest.raises(UnknownItem, match="no act 99"):
        log.undo(99)


def test_undo_does_not_bring_back_a_name_that_is_taken(log: Log) -> None:
    """Two codes with one name would stand under one lens."""
    retired = log.do(acts.retire, "late")
    log.do(acts.add_code, Code("new", "Nobody answers", lens="barriers"))
    with pytest.raises(Conflict, match="two codes"):
        log.undo(retired)


def test_lineage_tells_where_a_code_comes_from(log: Log) -> None:
    """Nobody could say why a code of the report is called so, or what went into it."""
    log.add(
        acts.change_code(log.standing, "phone", By("ana", ANA.at, "their word"), Verb.RENAME, name="Telephone hours")
    )
    log.do(acts.merge, ["late"], "phone")
    told = lineage(acts_of(log.decisions), log.standing.codebook, "phone")
    assert [(act.first.verb, act.first.why) for act, _, _ in told.acts] == [
        (Verb.ADD, ""),
        (Verb.RENAME, "their word"),
        (Verb.MERGE, ""),
    ]
    assert [code.name for code in told.merged_from] == ["Nobody answers"]
    log.do(acts.accept, [ONE, TWO], "phone")
    parts = [(Code("a", "A", lens="barriers"), [ONE]), (Code("b", "B", lens="barriers"), [TWO])]
    log.do(acts.split, "phone", parts)
    told = lineage(acts_of(log.decisions), log.standing.codebook, "a")
    assert [code.name for code in told.split_from] == ["Telephone hours"]


def test_versions_and_what_changed_between_them(log: Log) -> None:
    """A report could not be traced to the codebook that it was made with."""
    log.add(acts.change_code(log.standing, "late", ANA, Verb.DEFINE, definition="Calls that nobody takes."))
    log.do(acts.retire, "phone")
    old, new = version_of(log.decisions, 3), version_of(log.decisions, 5)
    assert [(c.after.name, c.fields) for c in diff(old, new) if c.after] == [
        ("Nobody answers", ("definition",)),
        ("Phone hours", ("status",)),
    ]
    assert [c.before.name for c in diff(new, version_of(log.decisions, 2)) if c.after is None and c.before] == [
        "Joint meetings"
    ]
    with pytest.raises(UnknownItem, match="no version 9"):
        version_of(log.decisions, 9)


def test_themes_samples_and_roles_are_decisions_too(log: Log) -> None:
    """What was dismissed would be proposed again, and a draw could not be made again."""
    theme = Theme("th1", "Coffee", "what_works", ("coffee",), ("t1:0-10",), ("t1:0-10",), 0.8)
    log.do(acts.adopt, theme, Code("coffee", "Coffee", lens="what_works"))
    log.do(acts.dismiss, replace(theme, id="th2"))
    log.do(acts.draw, Sample("round 1", {"t1:0-10": 0.5}, ("ana", "ben"), 7, population=2))
    log.do(acts.release, "round 1")
    log.do(acts.give_role, "t1", "Hanna", Role.INTERVIEWER)
    assert {t: s["status"] for t, s in log.standing.theme_states.items()} == {"th1": "adopted", "th2": "rejected"}
    assert log.standing.samples["round 1"].status == "released"
    assert log.standing.samples["round 1"].segments == {"t1:0-10": 0.5}
    with pytest.raises(InvalidDecision, match="another name"):
        log.do(acts.draw, Sample("round 1", {}, (), 1))


def test_quotations_for_the_report_stand_once_in_their_order_and_come_back(log: Log) -> None:
    """A report would quote a sentence twice, or a day of choosing would be lost by one key."""
    log.do(acts.quote, ONE, note="Shows the queue.")
    log.do(acts.quote, TWO)
    log.do(acts.quote, THREE, by=BEN, place=0.5)
    edited = log.do(acts.quote, ONE, by=BEN, note="Shows the waiting.")
    assert log.do(acts.quote, TWO, by=BEN) == 0, "it is so already"

    def kept() -> list[tuple[str, str, str]]:
        held = sorted(log.standing.quotes.values(), key=lambda one: one.place)
        return [(f"{one.transcript}:{one.start}", one.note, one.coder) for one in held]

    assert kept() == [("t2:0", "", "ben"), ("t1:0", "Shows the waiting.", "ana"), ("t1:10", "", "ana")]
    gone = log.do(acts.unquote, [ONE, THREE, ("t9", 0, 4)])
    assert kept() == [("t1:10", "", "ana")]
    log.undo(gone)
    log.undo(edited)
    assert kept()[1] == ("t1:0", "Shows the queue.", "ana")


def test_what_counts_is_the_consensus_then_people_then_the_machine() -> None:
    """A suggestion that a person rejected, or a settled disagreement, would still be in the figures."""

    def said(coder: str, span: tuple[str, int, int], status: Status) -> Coding:
        return Coding(*span, "late", coder, status)

    suggested = [said("machine", span, Status.SUGGESTED) for span in (ONE, TWO, THREE)]
    rejected = said("ana", ("t1", 2, 5), Status.REJECTED)
    settled = [
        said("ana", TWO, Status.ACCEPTED),
        said("ben", TWO, Status.REJECTED),
        said(CONSENSUS.id, TWO, Status.REJECTED),
    ]
    assert counted([*suggested, rejected, *settled], MACHINES) == [suggested[2]]
    assert counted([*suggested, *settled[:2]], MACHINES) == [suggested[0], suggested[2], settled[0]]


# --- any sequence of acts ---------------------------------------------------------------------------------------------------------------

codes = st.sampled_from(["c0", "c1", "c2", "c3", "c4", "c5"])
spans = st.lists(st.sampled_from([ONE, TWO, THREE, ("t2", 5, 25)]), min_size=1, max_size=3, unique=True)
people = st.sampled_from([ANA, BEN])
steps = st.one_of(
    st.tuples(st.just("add"), codes, st.sampled_from(["A", "B", "C", "D"]), st.none() | codes),
    st.tuples(st.sampled_from(["accept", "reject", "uncode"]), spans, codes),
    st.tuples(st.just("recode"), spans, codes, codes),
    st.tuples(st.just("review"), st.sampled_from([ONE, TWO]), st.sets(codes, max_size=2), st.sets(codes, max_size=3)),
    st.tuples(st.sampled_from(["retire", "restore"]), codes),
    st.tuples(st.just("rename"), codes, st.sampled_from(["A", "B", "E", "F"])),
    st.tuples(st.just("move"), codes, st.none() | codes),
    st.tuples(st.just("merge"), st.sets(codes, min_size=1, max_size=2), codes),
    st.tuples(st.just("split"), codes, spans, spans),
    st.tuples(st.just("memo"), st.sampled_from(["m1", "m2"]), st.sampled_from(["", "x", "y"])),
    st.tuples(st.just("quote"), st.sampled_from([ONE, TWO]), st.none() | st.just("x"), st.none() | st.just(0.5)),
    st.tuples(st.just("unquote"), spans),
    st.tuples(st.just("resolve"), st.sampled_from([ONE, TWO]), codes, st.booleans()),
    st.tuples(st.sampled_from(["undo", "undo rest", "undo with later"]), st.integers(1, 60)),
)


def perform(log: Log, step: tuple[Any, ...], by: By) -> None:
    """One step of a person; the refusals that she would read are raised."""
    s = log.standing
    match step:
        case ("add", code, name, parent):
            log.do(acts.add_code, Code(code, name, parent=parent), by=by)
        case ("accept" | "reject" | "uncode" as name, at, code):
            log.do(getattr(acts, name), at, code, by=by)
        case ("recode", at, code, to):
            log.do(acts.recode, at, code, to, by=by)
        case ("review", span, held, suggested):
            log.do(acts.review, f"{span[0]}:{span[1]}-{span[2]}", span, held, suggested, by=by)
        case ("retire" | "restore" as name, code):
            log.do(getattr(acts, name), code, by=by)
        case ("rename", code, name):
            log.add(acts.change_code(s, code, by, Verb.RENAME, name=name))
        case ("move", code, parent):
            log.add(acts.change_code(s, code, by, Verb.MOVE, parent=parent))
        case ("merge", gone, into):
            log.do(acts.merge, gone, into, by=by)
        case ("split", code, one, other):
            n = len(log.decisions)
            parts = [(Code(f"p{n}", f"P{n}"), one), (Code(f"q{n}", f"Q{n}"), [x for x in other if x not in one])]
            log.do(acts.split, code, parts, by=by)
        case ("memo", name, text):
            log.do(acts.write_memo, Memo(name, MemoOn.PROJECT, "", text, by.coder, by.at), by=by)
        case ("quote", span, note, place):
            log.do(acts.quote, span, by=by, note=note, place=place)
        case ("unquote", at):
            log.do(acts.unquote, at, by=by)
        case ("resolve", span, code, carries):
            log.do(acts.resolve, span, code, by=by, carries=carries)
        case ("undo" | "undo rest" as how, which):
            log.undo(_act(log, which), by, rest=how == "undo rest")
        case ("undo with later", which):
            for number in with_later(acts_of(log.decisions), _act(log, which), s):
                log.undo(number, by)


def _act(log: Log, which: int) -> int:
    numbers = list(acts_of(log.decisions))
    if not numbers:
        raise UnknownItem("nothing yet")
    return numbers[which % len(numbers)]


def check(log: Log) -> None:
    """What must hold after any step."""
    rebuilt = Log()
    rebuilt.decisions, rebuilt.standing = log.decisions, Standing(log.decisions)
    assert rebuilt.picture() == log.picture(), "the log adds up to something else than what was kept step by step"
    book = {code.id: code for code in log.standing.codebook}
    assert {c.code for c in log.standing.codings.values()} <= set(book), "a coding of a code that is gone"
    for code in book.values():
        assert code.parent is None or code.parent in book, "a code below nothing"
        assert code.id not in log.standing.codebook.ancestors(code.id), "a code above itself"
    names = [(code.lens, code.name.casefold()) for code in log.standing.codebook.in_use]
    assert len(names) == len(set(names)), "one name twice"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(steps, people), max_size=25))
def test_any_sequence_of_acts_leaves_a_sound_codebook_and_undo_brings_back_what_was(given_steps: list[Any]) -> None:
    """Work would be lost, or the history would no longer say what the project holds."""
    log = Log()
    for step, by in given_steps:
        before, length = log.picture(), len(log.decisions)
        try:
            perform(log, step, by)
        except TextcoderError:
            if step[0] != "undo with later":
                assert log.picture() == before, "a refused act left something behind"
            check(log)
            continue
        check(log)
        if len(log.decisions) > length and not step[0].startswith("undo"):
            taken_back = Log()
            taken_back.add([])
            taken_back.decisions, taken_back.standing = list(log.decisions), Standing(log.decisions)
            taken_back.undo(length + 1)
            assert taken_back.picture() == before, "undo did not bring back what was"


def test_coder_ids_and_names_may_hold_anything() -> None:
    """A coder called "a/b" would take over the codings of another."""
    log = Log()
    log.do(acts.add_code, Code('c"/1', "Odd"))
    log.do(acts.accept, [ONE], 'c"/1', by=By('a/"b', "now"))
    assert log.said() == {('a/"b', "t1:0", 'c"/1', "accepted")}
