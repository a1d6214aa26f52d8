"""The evaluator's question: counts that a reader can make by hand, intervals as published, and nothing that gives a few people away."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import ANNA, MACHINE, code, coded_by_anna, study, survey, transcript
from tests.fakes import MemoryStore
from tests.test_rounds import ANA, BEN, LEILA, MIRA, filled, look
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Codebook
from textcoder.domain.coding import Coding, Status
from textcoder.domain.decision import By, Verb
from textcoder.domain.project import Case
from textcoder.domain.study import Study
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.multiplicity import holm
from textcoder.prevalence import by_attribute, cases_by_codes, wilson
from textcoder.query import Facts, Question, Unit, Where, ask, change, co_occurrence, matrix, quotations
from textcoder.query.guard import hidden_cells
from textcoder.query.intervals import (
    Estimate,
    difference_paired,
    difference_unpaired,
    effective_sizes,
    fisher,
    share_of_people,
    shares_of_segments,
)
from textcoder.settings import Settings
from textcoder.workflow.querying import _study, facts_of, stored_facts

LATE, FORMS, CALLS = code("Late answers", "barriers"), code("Forms", "barriers"), code("Calls", "what_works")
PHONE = replace(code("Phone", "barriers"), parent=LATE.id)
CODES = {"late": LATE, "form": FORMS, "call": CALLS}
GROUPS = {"mira": "users", "leila": "users", "omar": "users", "sven": "staff", "tess": "staff"}


def bridge(**fields: Any) -> Study:
    """Five people, three users and two staff; users in two waves. Late: mira (twice), leila, omar in wave 1; mira in wave 2."""
    return study(
        [
            transcript("m1", ("Mira", "They are late. So late again. It rains."), case="mira", wave="1"),
            transcript("l1", ("Leila", "Always late. The form is long."), case="leila", wave="1"),
            transcript("o1", ("Omar", "Late, and no call."), case="omar", wave="1"),
            transcript("s1", ("Sven", "I call them. The form helps."), case="sven", wave="1", pages=True, times=True),
            transcript("t1", ("Tess", "I call, too. We are late."), case="tess", wave="1"),
            transcript("m2", ("Mira", "Less late. They call."), case="mira", wave="2"),
            transcript("l2", ("Leila", "They call now. No form."), case="leila", wave="2"),
        ],
        CODES,
        cases=[Case(name, name.title(), {"group": group}) for name, group in GROUPS.items()],
        **fields,
    )


def facts(**fields: Any) -> Facts:
    return Facts.of(bridge(**fields))


def row(answer: Any, name: str) -> Any:
    return next(one for one in answer.rows if one.row.name == name)


# --- counts by hand ---------------------------------------------------------------------------------------------------------------------


def test_people_segments_and_mentions_are_those_counted_by_hand() -> None:
    """The evaluator would defend a figure that nobody can find in the transcripts."""
    answer = ask(facts(), Question(by=("group",)))
    assert [(c.values, c.people, c.segments) for c in answer.columns] == [(("staff",), 2, 4), (("users",), 3, 10)]
    assert (answer.overall.people, answer.overall.segments) == (5, 14)
    late = row(answer, "Late answers").overall
    assert (late.people.n, late.people.of, late.segments.n, late.segments.of, late.mentions) == (4, 5, 6, 14, 6)
    assert late.people.value == 0.8
    assert late.segments.value == 6 / 14
    calls = row(answer, "Calls")
    assert [(cell.people.n, cell.people.of) for cell in calls.cells] == [(2, 2), (3, 3)]


def test_a_person_in_two_waves_counts_in_each_and_once_overall() -> None:
    """Shares over all waves would count faithful participants twice."""
    answer = ask(facts(), Question(by=("wave",), minimum_people=0))
    late = row(answer, "Late answers")
    assert [(cell.people.n, cell.people.of) for cell in late.cells] == [(4, 5), (1, 2)]
    assert (late.overall.people.n, late.overall.people.of) == (4, 5)


def test_answers_agree_with_the_report() -> None:
    """The page and the report would show two figures for one thing."""
    of = bridge()
    answer = ask(Facts.of(of), Question(by=("group",), minimum_people=0))
    expected = by_attribute(of, "group")
    for one in answer.rows:
        for column, cell in zip(answer.columns, one.cells, strict=True):
            share = expected[one.row.id][column.values[0]]
            assert cell is not None
            assert (cell.people.n, cell.people.of, cell.mentions) == (share.people, share.asked, share.mentions)
            assert (cell.people.low, cell.people.high) == (share.low, share.high)
    table = matrix(Facts.of(of))
    counted = cases_by_codes(of)
    assert {
        case: dict(zip([r.id for r in table.rows], line, strict=True))
        for case, line in zip(table.cases, table.mentions.tolist(), strict=True)
    } == counted
    assert table.carried.sum() == sum(n > 0 for own in counted.values() for n in own.values())


def test_a_code_counts_what_stands_below_it_once() -> None:
    """Roll-up would count a sentence twice, or lose it."""
    of = bridge()
    book = Codebook((*of.codebook.codes, PHONE), 9)
    both = coded_by_anna(of, "So late", PHONE)
    only = coded_by_anna(of, "Less late", PHONE)
    answer = ask(Facts.of(replace(of, codebook=book, codings=(*of.codings, both, only))), Question(minimum_people=0))
    assert row(answer, "Late answers").overall.mentions == 6
    assert row(answer, "Phone").overall.mentions == 2
    assert row(answer, "Phone").overall.people.n == 1


def test_where_holds_back_words_and_codings() -> None:
    """A filter would be ignored, or change the denominator that it should not change."""
    of = facts(codings=())
    north = ask(of, Question(where=Where({"group": ["staff"]}), minimum_people=0))
    assert (north.overall.people, row(north, "Late answers").overall.people.n) == (2, 1)
    second = ask(of, Question(where=Where({"wave": ["2"]}), minimum_people=0))
    assert (second.overall.people, row(second, "Forms").overall.people.n) == (2, 1)
    one_file = ask(of, Question(where=Where(files=["m1"]), minimum_people=0))
    assert (one_file.overall.people, one_file.overall.segments) == (1, 3)
    base = bridge()
    sven = coded_by_anna(base, "The form helps", FORMS)
    mixed = Facts.of(replace(base, codings=(*base.codings, sven)))
    people = row(ask(mixed, Question(where=Where(people_only=True), minimum_people=0)), "Forms").overall
    assert (people.people.n, people.people.of, people.mentions) == (1, 5, 1)
    sure = ask(mixed, Question(where=Where(minimum_probability=0.999), minimum_people=0))
    assert [one.overall.mentions for one in sure.rows] == [0, 1, 0]
    assert sure.overall.people == 5


def test_rejected_suggestion_counts_nowhere() -> None:
    """A person said no, and the figure would still say yes."""
    of = bridge()
    no = coded_by_anna(of, "no call", LATE, status=Status.REJECTED)
    answer = ask(Facts.of(replace(of, codings=(*of.codings, no))), Question(minimum_people=0))
    assert row(answer, "Late answers").overall.people.n == 3


def test_lens_filter_and_lens_rows_count_distinct_people() -> None:
    """A lens would be the sum of its codes, and count most people twice."""
    of = facts()
    barriers = ask(of, Question(lens="barriers"))
    assert [one.row.name for one in barriers.rows] == ["Late answers", "Forms"]
    lenses = {one.row.id: one.overall for one in ask(of, Question(Unit.LENSES, minimum_people=0)).rows}
    assert list(lenses) == ["what_works", "barriers", "signs_of_progress", "none"]
    cell = lenses["barriers"]
    assert cell is not None
    assert (cell.people.n, cell.mentions) == (5, 9)


def test_words_stand_under_the_lenses_of_all_codes_above_and_none_is_no_lens() -> None:
    """A lens would hold fewer people than one of its codes, or facts without a stance would hold barriers."""
    of = bridge()
    contact = code("Contact")
    below = [replace(c, parent=contact.id) if c.id == LATE.id else c for c in of.codebook.codes]
    waiting = replace(code("Waiting", "what_works"), parent=FORMS.id)
    rain = coded_by_anna(of, "It rains", waiting)
    raining = replace(of, codebook=Codebook((*below, contact, waiting), 9), codings=(*of.codings, rain))
    lenses = {one.row.id: one.overall for one in ask(Facts.of(raining), Question(Unit.LENSES, minimum_people=0)).rows}
    assert [cell.mentions for cell in lenses.values() if cell] == [6, 10, 0, 0]


def test_theme_counts_as_its_code_else_by_its_segments() -> None:
    """An adopted theme would ignore what people decided since; a candidate could not be asked about at all."""
    of = bridge()
    rain = next(s for s in of.segments if "rains" in of.quotation(s))
    themes = (
        Theme("a", "Adopted", "barriers", (), (rain.id,), (), 0.9, ThemeStatus.ADOPTED, LATE.id),
        Theme("b", "Found", "none", (), (rain.id, "gone"), (), 0.9),
        Theme("c", "Dismissed", "none", (), (rain.id,), (), 0.9, ThemeStatus.REJECTED),
    )
    mapped = Facts.of(replace(of, themes=ThemeMap(themes, ())))
    answer = ask(mapped, Question(Unit.THEMES, minimum_people=0))
    assert [(one.row.name, one.overall.people.n, one.overall.mentions) for one in answer.rows if one.overall] == [
        ("Adopted", 4, 6),
        ("Found", 1, 1),
    ]
    (quotation,) = quotations(mapped, "b", unit=Unit.THEMES).items
    assert (quotation.text, quotation.coders, quotation.case) == ("It rains.", (), "mira")


def test_survey_answers_are_people_and_words_of_nobody_are_no_people() -> None:
    """One file would count as one person, or somebody unknown as a participant."""
    of = study([survey("s", ["Late.", "A call.", "late again"]), transcript("x", (None, "So late."))], CODES)
    answer = ask(Facts.of(of), Question(minimum_people=0))
    assert (answer.overall.people, answer.overall.segments) == (3, 4)
    cell = row(answer, "Late answers").overall
    assert (cell.people.n, cell.segments.n) == (2, 3)


def test_what_is_not_there_is_named_with_what_is() -> None:
    """A misspelt site would answer with an empty table that looks like a finding."""
    of = facts()
    for question, says in (
        (Question(by=("planet",)), "it has group, wave"),
        (Question(where=Where({"group": ["user"]})), '"staff", "users"'),
        (Question(where=Where(files=["z9"])), "There is no file"),
        (Question(lens="hope"), "use one of what_works"),
    ):
        with pytest.raises(UnknownItem, match=says):
            ask(of, question)
    with pytest.raises(InvalidDecision, match="different attributes"):
        ask(of, Question(by=("wave", "wave")))
    with pytest.raises(UnknownItem, match='No code is called "lat"'):
        quotations(of, "lat")


def test_too_many_cells_are_refused_with_a_remedy() -> None:
    """A column for each person would be computed and shown."""
    many = study([survey("s", ["Late."] * 501)], CODES, cases=[Case(f"r{i}", "", {"n": str(i)}) for i in range(1, 502)])
    with pytest.raises(InvalidDecision, match="501 cells"):
        ask(Facts.of(many), Question(by=("n",)))


def test_an_empty_project_answers_with_nobody() -> None:
    """The first look at a new project would fail."""
    answer = ask(Facts.of(study([], {})), Question(Unit.LENSES))
    assert (answer.overall.people, [one.overall for one in answer.rows]) == (None, [None] * 4)
    assert co_occurrence(Facts.of(study([], CODES)), minimum_people=0).pairs == ()


# --- small cells ------------------------------------------------------------------------------------------------------------------------


def groups(*said: tuple[int, int]) -> Facts:
    """Groups of people of whom some say that it is late: (said, asked) for each."""
    cases, answers = [], []
    for i, (yes, asked) in enumerate(said):
        for j in range(asked):
            cases.append(Case(f"r{len(cases) + 1}", "", {"group": f"g{i}"}))
            answers.append("So late." if j < yes else "All is well.")
    return Facts.of(study([survey("s", answers)], CODES, cases=cases))


def shown(answer: Any, name: str = "Late answers") -> list[int | None]:
    return [cell.people.n if cell else None for cell in row(answer, name).cells]


def test_small_cell_is_hidden_and_so_is_the_one_that_would_give_it_away() -> None:
    """5 + ? + 4 = 10: everybody who can subtract would know what one person said."""
    answer = ask(groups((5, 8), (1, 8), (4, 8)), Question(by=("group",)))
    assert row(answer, "Late answers").overall.people.n == 10
    assert shown(answer) == [5, None, None]
    assert answer.hidden == 2 + 2 * 4  # Forms and Calls were said by nobody: three cells and the overall each


def test_nothing_said_is_hidden_like_one_and_shown_where_nothing_is_to_be_hidden() -> None:
    """If 0 were shown, a hidden cell could only be 1."""
    assert shown(ask(groups((5, 8), (0, 8), (4, 8)), Question(by=("group",)))) == [5, None, None]
    assert shown(ask(groups((5, 8), (0, 8), (4, 8)), Question(by=("group",), minimum_people=0))) == [5, 0, 4]


def test_too_few_asked_are_hidden_in_the_denominators_too() -> None:
    """The only interpreter of a town would be found in the column's head."""
    answer = ask(groups((1, 1), (4, 8), (5, 9)), Question(by=("group",)))
    assert [column.people for column in answer.columns] == [None, None, 9]
    assert shown(answer) == [None, None, 5]


def test_group_that_nobody_belongs_to_hides_no_other() -> None:
    """A wave that has not been collected yet would make the others unreadable."""
    of = groups((5, 8), (4, 8))
    answer = ask(of, Question(by=("group",), where=Where({"group": ["g0"]})))
    assert shown(answer) == [5]
    two = Facts.of(
        study(
            [
                transcript("a", ("A", "late"), ("B", "late"), attributes={"site": "north"}),
                transcript("b", ("C", "late"), ("D", "late"), attributes={"site": "south"}),
            ],
            CODES,
        )
    )
    answer = ask(two, Question(by=("site",), where=Where(files=["a"])))
    assert [(column.values, column.people) for column in answer.columns] == [(("north",), 2), (("south",), None)]
    assert shown(answer) == [2, None]


def test_no_figure_below_the_bar_stands_anywhere_in_an_answer() -> None:
    """A mention count or a denominator would tell what the share does not."""
    of = facts()
    for bar, by in product((2, 3, 4), ((), ("group",), ("wave",), ("group", "wave"))):
        answer = ask(of, Question(by=by, minimum_people=bar))
        for column in (answer.overall, *answer.columns):
            assert column.people is None or column.people >= bar
        for cell in (cell for one in answer.rows for cell in (one.overall, *one.cells) if cell):
            assert cell.people.n >= bar
            assert cell.people.of >= bar


def tables_like(
    known: np.ndarray, hidden: np.ndarray, asked: np.ndarray, minimum: int, subtotals: bool
) -> Iterator[tuple[int, ...]]:
    """Every way to fill in the hidden cells that fits with what is shown: other cells, who was asked, and totals of `minimum` or more."""
    lines = [np.ones(known.shape, dtype=bool)]
    if subtotals:
        for axis, size in enumerate(known.shape):
            for value in range(size):
                line = np.zeros(known.shape, dtype=bool)
                line[(slice(None),) * axis + (value,)] = True
                lines.append(line)
    sums = [(line.ravel(), int(known[line].sum())) for line in lines if known[line].sum() >= minimum]
    places = np.flatnonzero(hidden)
    flat, bound = known.ravel(), asked.ravel()

    def fill(i: int, so_far: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        trial = flat.copy()
        trial[places] = 0
        trial[places[:i]] = so_far
        if any(trial[line].sum() > total for line, total in sums):
            return
        if i == len(places):
            if all(trial[line].sum() == total for line, total in sums):
                yield so_far
            return
        for value in range(int(min(bound[places[i]], flat.sum() + minimum)) + 1):
            yield from fill(i + 1, (*so_far, value))

    return fill(0, ())


SHAPES = st.sampled_from([(2,), (3,), (4,), (2, 2), (2, 3)])


@given(SHAPES, st.data(), st.sampled_from([2, 3]))
@settings(max_examples=200, deadline=None)
def test_hidden_cells_cannot_be_worked_out(shape: tuple[int, ...], data: st.DataObject, minimum: int) -> None:
    """Somebody with a pencil would find out what a single person said, or that only one was asked."""
    size = math.prod(shape)
    asked = np.array(data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)))
    said = np.array([data.draw(st.integers(0, most)) for most in asked.tolist()])
    hidden, nobody = hidden_cells(said[None, :], asked, shape, minimum)
    assert nobody[asked < minimum].all()
    assert hidden[0][(said < minimum) | nobody].all()
    # Of a column that is not shown a reader knows at most that it is empty.
    bound = np.where(nobody & (asked > 0), 99, asked)
    for counts, unseen, most in ((said, hidden[0], bound), (asked, nobody, np.where(asked > 0, 99, 0))):
        unseen = unseen & (asked > 0)
        if not unseen.any() or counts.sum() < minimum:
            continue
        fits = list(tables_like(counts.reshape(shape), unseen.reshape(shape), most, minimum, subtotals=False))
        for place, values in zip(np.flatnonzero(unseen), zip(*fits, strict=True), strict=True):
            if counts[place] < minimum:
                assert len(set(values)) > 1
                assert max(values) >= minimum


@given(st.sampled_from([(2, 2), (2, 3), (3, 3)]), st.data())
@settings(max_examples=150, deadline=None)
def test_one_small_cell_in_a_full_table_withstands_its_subtotals(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Asked by group and by wave apart, the same table would give away what it hides when asked by both."""
    size = math.prod(shape)
    asked = np.full(size, 9)
    said = np.array(data.draw(st.lists(st.integers(2, 5), min_size=size, max_size=size)))
    said[data.draw(st.integers(0, size - 1))] = data.draw(st.integers(0, 1))
    hidden, _ = hidden_cells(said[None, :], asked, shape, 2)
    assert hidden.sum() == 4
    fits = list(tables_like(said.reshape(shape), hidden[0].reshape(shape), asked, 2, subtotals=True))
    for place, values in zip(np.flatnonzero(hidden[0]), zip(*fits, strict=True), strict=True):
        assert len(set(values)) > 1
        if said[place] < 2:
            assert max(values) >= 2


def test_cuboid_of_three_attributes_keeps_every_total() -> None:
    """With three attributes the eight corners must balance over each pair of them."""
    said = np.full((2, 3, 2), 4)
    said[1, 2, 0] = 1
    hidden, _ = hidden_cells(said.reshape(1, -1), np.full(12, 9), (2, 3, 2), 2)
    table = hidden[0].reshape(2, 3, 2)
    assert table.sum() == 8
    assert all(set(table.sum(axis=axis).ravel().tolist()) <= {0, 2} for axis in range(3))


# --- intervals as published -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "asked", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_share_of_people_has_the_published_wilson_interval(said: int, asked: int, low: float, high: float) -> None:
    """Newcombe (1998), Two-sided confidence intervals for the single proportion. Stat. Med. 17, 857-872, Table I, method 3."""
    found = share_of_people(said, asked)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_difference_of_different_people_is_as_published(
    a: int, m: int, b: int, n: int, low: float, high: float
) -> None:
    """Newcombe (1998), Stat. Med. 17, 873-890, Table II, method 10."""
    found = difference_unpaired(a, m, b, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.value == pytest.approx(a / m - b / n)


@pytest.mark.parametrize(
    ("both", "after", "before", "neither", "low", "high"),
    [
        (36, 12, 2, 0, 0.0569, 0.3404),
        (20, 12, 2, 16, 0.0562, 0.3292),
        (18, 12, 2, 18, 0.0562, 0.3290),
        (36, 14, 0, 0, 0.1528, 0.4167),
        (35, 14, 0, 1, 0.1461, 0.4175),
        (18, 14, 0, 18, 0.1441, 0.3963),
        (2, 97, 1, 0, 0.8721, 0.9854),
        (0, 29, 1, 0, 0.6666, 0.9882),
        (2, 98, 0, 0, 0.9178, 0.9945),
        (0, 30, 0, 0, 0.8395, 1.0),
        (54, 0, 0, 0, -0.0664, 0.0664),
        (53, 0, 0, 1, -0.0729, 0.0729),
        (30, 0, 0, 24, -0.0358, 0.0358),
        (27, 0, 0, 27, -0.0351, 0.0351),
    ],
)
def test_difference_of_the_same_people_is_as_published(
    both: int, after: int, before: int, neither: int, low: float, high: float
) -> None:
    """Newcombe (1998), Stat. Med. 17, 2635-2650, Table III, method 10."""
    found = difference_paired(both, after, before, neither)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.n == both + after + before + neither


WEIL = {
    "control": "13/13 12/12 9/9 9/9 8/8 8/8 12/13 11/12 9/10 9/10 8/9 11/13 4/5 5/7 7/10 7/10",
    "treated": "12/12 11/11 10/10 9/9 10/11 9/10 9/10 8/9 8/9 4/5 7/9 4/7 5/10 3/6 3/10 0/7",
}


@pytest.mark.parametrize(
    ("litters", "deff", "share"), [("control", 1.232495, 142 / 158), ("treated", 3.952861, 112 / 145)]
)
def test_segments_of_one_person_hang_together_as_pups_of_a_litter(litters: str, deff: float, share: float) -> None:
    """Weil's rats, Table 1 of Rao and Scott (1992); design effects as the R package PF gives them for `rsb(rat$y, rat$n)`.

    The effective size is the number over the design effect, and less by Korn and Graubard's factor (1.960 / 2.131) squared.
    """
    pairs = np.array([[int(n) for n in one.split("/")] for one in WEIL[litters].split()], dtype=np.float64)
    y, n = pairs[:, 0], pairs[:, 1]
    sums = [np.array([v.sum()]) for v in (y, n, y * y, y * n, n * n)]
    (effective,) = effective_sizes(*sums, np.array([16.0]))
    assert effective == pytest.approx(n.sum() / deff * (1.959964 / 2.131450) ** 2, rel=1e-5)
    found = share_of_segments(int(y.sum()), int(n.sum()), float(effective))
    assert found.value == share
    wide = share_of_segments(int(y.sum()), int(n.sum()), float(n.sum()))
    assert found.low < wide.low < share < wide.high < found.high


def share_of_segments(y: int, n: int, effective: float) -> Estimate:
    """One share."""
    return shares_of_segments(np.array([[y]]), np.array([n]), np.array([[effective]]))[0][0]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.floats(0.5, 300)), min_size=1, max_size=8),
)
def test_a_table_of_shares_is_one_share_after_the_other(cells: list[tuple[int, int, float]]) -> None:
    """A figure would change with the table that it stands in, or from what the formula for a single share says."""
    y, n, effective = (np.array(column) for column in zip(*((min(y, n), n, e) for y, n, e in cells), strict=True))
    for found, said, of, worth in zip(shares_of_segments(y[None], n, effective[None])[0], y, n, effective, strict=True):
        share = said / of if of else math.nan
        low, high = wilson(share * worth, worth) if of else (math.nan, math.nan)
        assert (found.n, found.of) == (said, of)
        np.testing.assert_array_equal([found.value, found.low, found.high], [share, low, high])


def test_one_breath_each_where_everybody_says_it_always() -> None:
    """Ten sentences of two people who all say it would pass for ten independent witnesses."""
    sums = [np.array([v]) for v in (10.0, 10.0, 50.0, 50.0, 50.0)]
    assert effective_sizes(*sums, np.array([2.0])).tolist() == [2.0]
    assert share_of_segments(10, 10, 2.0).low == share_of_people(2, 2).low


def test_fisher_and_holm_are_as_published() -> None:
    """Fisher (1935): the lady tasting tea, and Lange's criminal twins as in R's `fisher.test`; Holm as in R's `p.adjust`."""
    assert fisher(3, 4, 4, 8) == pytest.approx(0.4857143)
    assert fisher(2, 17, 12, 30) == pytest.approx(0.0005367, rel=1e-3)
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])


# --- change, pairs, quotations ----------------------------------------------------------------------------------------------------------


def waves(before: str, after: str) -> Facts:
    """People by letter in two waves; a capital says that it is late."""
    said = [
        transcript(f"{wave}{who}", (who.lower(), "So late." if who.isupper() else "All is well."), wave=wave)
        for wave, people in (("1", before), ("2", after))
        for who in people
    ]
    return Facts.of(study(said, CODES))


def test_change_pairs_the_same_people() -> None:
    """Before: A, B, C of six. After: A, D, E, F of the same six and of two others, who have nobody to be compared with."""
    found = change(waves("ABCdef", "AbcDEFGh"), Question(), "1", "2")
    assert (found.overall.paired, found.overall.both, found.overall.before, found.overall.after) == (True, 6, 6, 8)
    late = row(found, "Late answers").overall
    assert (late.before.n, late.after.n, late.after.of) == (3, 4, 6)
    assert late.difference == difference_paired(1, 3, 2, 0)
    assert found.comparisons == 1
    assert "1 differences" in found.multiplicity
    everybody = row(change(waves("ABCdef", "AbcDEFGh"), Question(), "1", "2", paired=False), "Late answers").overall
    assert everybody.difference == difference_unpaired(5, 8, 3, 6)


def test_change_of_different_people_is_unpaired_and_small_waves_are_hidden() -> None:
    """Two other rooms full of people would be read as people who changed their minds."""
    found = change(waves("ABCd", "DEfghi"), Question(), "1", "2")
    assert (found.overall.paired, found.overall.both) == (False, None)
    assert row(found, "Late answers").overall.difference == difference_unpaired(2, 6, 3, 4)
    few = row(change(waves("ABCd", "Efgh"), Question(), "1", "2"), "Late answers").overall
    assert (few.before.n, few.after, few.difference) == (3, None, None)


def test_change_by_group_compares_within_each() -> None:
    """Users' and staff's changes would be mixed."""
    found = change(facts(), Question(by=("group",), minimum_people=0), "1", "2")
    assert [(one.values, one.paired, one.both) for one in found.columns] == [
        (("staff",), False, 0),
        (("users",), True, 2),
    ]
    staff, users = row(found, "Late answers").cells
    assert staff.difference is None
    assert users.difference == difference_paired(1, 0, 1, 0)


def test_change_needs_two_waves_that_are_there() -> None:
    """A change from a wave to itself would be 0 and look like stability."""
    of = waves("ABc", "Abc")
    with pytest.raises(UnknownItem, match='no wave "3"; there is 1, 2'):
        change(of, Question(), "1", "3")
    for question, to in (
        (Question(), "1"),
        (Question(by=("wave",)), "2"),
        (Question(where=Where({"wave": ["1"]})), "2"),
    ):
        with pytest.raises(InvalidDecision, match="leave the wave out"):
            change(of, question, "1", to)


def test_co_occurrence_counts_people_not_sentences() -> None:
    """One talkative person would make two codes belong together."""
    said = [
        transcript(name, (name, words))
        for name, words in (
            ("a", "The form is late. Form, late! A form."),
            ("b", "So late. The form."),
            ("c", "Late. A form."),
            ("d", "All is well."),
            ("e", "We call."),
            ("f", "A form."),
        )
    ]
    found = co_occurrence(Facts.of(study(said, CODES)))
    (pair,) = found.pairs
    assert (pair.a.name, pair.b.name, pair.people, pair.people_a, pair.people_b) == ("Late answers", "Forms", 3, 3, 4)
    assert (pair.segments, found.asked, found.tested) == (2, 6, 1)
    assert pair.lift == pytest.approx(3 * 6 / (3 * 4))
    assert pair.jaccard == 3 / 4
    assert (
        pair.p == pair.p_adjusted == pytest.approx(0.4)
    )  # of 20 ways to draw the three, 4 as here and 4 as far out at the other end


def test_code_and_the_one_above_it_are_no_pair() -> None:
    """Every code would go together with its parent, by definition."""
    of = bridge()
    book = Codebook((*of.codebook.codes, PHONE), 9)
    codings = [coded_by_anna(of, word, PHONE) for word in ("So late", "Always late", "Late, and")]
    found = co_occurrence(Facts.of(replace(of, codebook=book, codings=(*of.codings, *codings))))
    assert not any({pair.a.name, pair.b.name} == {"Late answers", "Phone"} for pair in found.pairs)
    assert any({pair.a.name, pair.b.name} == {"Calls", "Phone"} for pair in found.pairs)


def test_words_of_a_pair_are_those_of_segments_that_carry_both() -> None:
    """Whoever asks why two codes go together would be given all that was said of one of them."""
    of = Facts.of(bridge())
    found = quotations(of, LATE.id, together=CALLS.id)
    assert [one.text for one in found.items] == ["Late, and no call."]
    assert (found.total, found.people) == (1, 1)
    pairs = {(one.a.id, one.b.id): one.segments for one in co_occurrence(of, minimum_people=0).pairs}
    assert pairs.get((LATE.id, CALLS.id), pairs.get((CALLS.id, LATE.id))) == 1
    assert quotations(of, CALLS.id, together="Late answers").items[0].segment == found.items[0].segment
    assert quotations(of, LATE.id, Where({"group": ["staff"]}), together=CALLS.id).total == 0
    assert quotations(of, LATE.id, together=LATE.id) == quotations(of, LATE.id)
    with pytest.raises(UnknownItem, match='No code is called "nothing"'):
        quotations(of, LATE.id, together="nothing")


def test_quotations_are_exact_and_go_round_the_people() -> None:
    """The report would quote one person three times before anybody else."""
    of = bridge()
    found = quotations(Facts.of(of), "Late answers")
    assert (found.total, found.people) == (6, 4)
    assert [one.case for one in found.items] == ["leila", "mira", "omar", "tess", "mira", "mira"]
    for one in found.items:
        assert of.transcript_by_id[one.transcript].text[one.start : one.end] == one.text
    pages = [quotations(Facts.of(of), LATE.id, offset=i, limit=2).items for i in (0, 2, 4, 6)]
    assert tuple(one for page in pages for one in page) == found.items


def test_quotation_names_who_coded_it_and_where_it_stands() -> None:
    """Nobody could find the words again, or tell a person's judgement from a machine's."""
    of = bridge()
    anna = coded_by_anna(of, "The form helps", FORMS)
    both = Facts.of(replace(of, codings=(*of.codings, anna, replace(anna, coder="ben"))))
    found = quotations(both, FORMS.id, Where({"group": ["staff"]}))
    (one,) = found.items
    assert (one.text, one.speaker, one.file, one.page, one.time_ms) == ("The form helps.", "Sven", "s1", 1, 0)
    assert (one.coders, one.by_person, one.probability) == (("anna", "ben"), True, 1.0)
    assert one.attributes == {"group": "staff", "wave": "1"}
    assert quotations(both, FORMS.id, Where({"group": ["staff"]}), minimum_people=2).total is None
    assert quotations(both, LATE.id, Where(people_only=True)).total == 0


# --- what must not matter ---------------------------------------------------------------------------------------------------------------


@given(st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_answers_do_not_depend_on_the_order_of_rows(chance: Any) -> None:
    """The same project would give two answers, from SQLite and from PostgreSQL."""

    def mixed(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(chance.sample(list(values), len(values)))

    of = bridge()
    anna = coded_by_anna(of, "The form helps", FORMS)
    free = replace(anna, start=anna.start + 4, code=CALLS.id)
    of = replace(of, codings=(*of.codings, anna, free))
    other = replace(
        of,
        transcripts=mixed(of.transcripts),
        segments=mixed(of.segments),
        cases=mixed(of.cases),
        codings=mixed(of.codings),
        coders=mixed(of.coders),
    )
    a, b = Facts.of(of), Facts.of(other)
    for unit in Unit:
        assert ask(a, Question(unit, by=("group", "wave"))) == ask(b, Question(unit, by=("group", "wave")))
    assert change(a, Question(by=("group",)), "1", "2") == change(b, Question(by=("group",)), "1", "2")
    assert co_occurrence(a) == co_occurrence(b)
    assert quotations(a, CALLS.id) == quotations(b, CALLS.id)
    assert (matrix(a).mentions == matrix(b).mentions).all()


SENTENCES = 6


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, SENTENCES - 1), st.integers(0, 3), st.booleans()), max_size=30
    ),
    st.lists(st.integers(-1, 2), min_size=3, max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_rolled_up_codes_count_each_span_and_person_once(
    said: list[tuple[int, int, int, bool]], parents: list[int]
) -> None:
    """Deep trees would inflate what stands at their top."""
    ids = ["c0", "c1", "c2", "c3"]
    codes = [
        replace(code(name), id=name, parent=ids[parents[i - 1]] if i and 0 <= parents[i - 1] < i else None)
        for i, name in enumerate(ids)
    ]
    sources = [transcript(f"f{i}", (f"P{i}", "One. Two. Three. Four. Five. Six.")) for i in range(3)]
    of = replace(study(sources, {}), codebook=Codebook(tuple(codes), 4))
    segments = [s for source in of.transcripts for s in of.segments if s.transcript == source.id]
    codings = {
        Coding(
            s.transcript,
            s.start,
            s.end,
            f"c{c}",
            ANNA.id if human else MACHINE.id,
            Status.ACCEPTED if human else Status.SUGGESTED,
        )
        for i, j, c, human in said
        for s in [segments[SENTENCES * i + j]]
    }
    answer = ask(Facts.of(replace(of, codings=tuple(codings))), Question(minimum_people=0))
    book = of.codebook
    for one in answer.rows:
        under = {c.segment for c in codings if c.code == one.row.id or one.row.id in book.ancestors(c.code)}
        assert one.overall is not None
        assert (one.overall.mentions, one.overall.segments.n) == (len(under), len(under))
        assert one.overall.people.n == len({segment.rpartition(":")[0] for segment in under})


# --- of an open project -----------------------------------------------------------------------------------------------------------------


def test_facts_of_an_open_project_are_kept_until_something_changes() -> None:
    """Every question would lay out the project anew, or answer from yesterday."""
    live = filled(MemoryStore())
    first = facts_of(live)
    assert facts_of(live, kept=first) is first
    answers = next(s for s in live.segments if "Nobody" in live.text(s))
    look(live, ANA, answers, "late")
    second = facts_of(live, kept=first)
    assert second is not first
    found = quotations(second, "late", Where(people_only=True))
    assert [(one.text, one.coders) for one in found.items] == [(live.text(answers), ("ana",))]


def test_facts_of_an_open_project_are_those_of_its_study_after_every_decision() -> None:
    """An evaluator would get other figures while the service runs than from the results of the same project."""
    store = MemoryStore()
    live = filled(store)
    theme = Theme("th", "Weather", "none", ("rain",), tuple(s.id for s in live.segments[::2]), (), 0.9)
    store.save_themes(ThemeMap((theme,), ()))
    first, last = live.segments[0], live.segments[-1]
    span = (first.transcript, first.start + 2, first.end + 3)  # into the segment behind it
    by = By("ana", "2024-03-02")
    steps: list[Callable[[], object]] = [
        lambda: look(live, ANA, first, "late"),
        lambda: look(live, BEN, first, "late", "forms"),
        lambda: live.do(lambda standing: acts.accept(standing, [span], "forms", by), coder=ANA),
        lambda: live.do(
            lambda standing: acts.reject(standing, [(last.transcript, last.start, last.end)], "late", by), coder=ANA
        ),
        lambda: live.do(lambda standing: acts.change_code(standing, "late", by, Verb.MOVE, parent="forms"), coder=ANA),
        lambda: live.do(lambda standing: acts.adopt(standing, theme, code("Rain"), by), coder=ANA),
        lambda: workflow.draw_sample(live, "round 1", 6, ["ana", "ben"], by=ANA, seed=3),
        lambda: live.do(lambda standing: acts.retire(standing, "late", by), coder=ANA),
    ]
    for step in steps:
        step()
        for who in ("", "ana", "ben"):
            kept, anew = facts_of(live, coder=who), Facts.of(_study(live, who))
            assert kept.rows == anew.rows
            assert not kept.said[Unit.CODES].human.all(), "the machine speaks, too"
            for unit in Unit:
                assert ask(kept, Question(unit, minimum_people=0)) == ask(anew, Question(unit, minimum_people=0))
                for one in kept.rows[unit]:
                    assert quotations(kept, one.id, unit=unit) == quotations(anew, one.id, unit=unit)


def test_blind_coder_does_not_learn_from_answers_what_the_other_said() -> None:
    """The figures would tell one coder how the other codes, and their agreement would be worthless."""
    live = filled(MemoryStore())
    workflow.draw_sample(live, "round 1", 6, ["ana", "ben"], by=ANA, seed=3)
    look(live, ANA, live.segments[0], "forms")
    mine = Where(people_only=True)
    assert quotations(facts_of(live, coder="ben"), "forms", mine).total == 0
    assert quotations(facts_of(live, coder="ana"), "forms", mine).total == 1
    assert quotations(facts_of(live), "forms", mine).total == 1
    workflow.release_sample(live, "round 1", by=ANA)
    assert quotations(facts_of(live, coder=BEN.id), "forms", mine).total == 1


def test_theme_that_a_person_dismissed_is_asked_about_no_more() -> None:
    """What a person put away would come back in the evaluator's table."""
    store = MemoryStore()
    live = filled(store)
    theme = Theme("th", "Weather", "none", ("rain",), (live.segments[0].id,), (), 0.9)
    store.save_themes(ThemeMap((theme,), ()))
    assert [r.name for r in facts_of(live).rows[Unit.THEMES]] == ["Weather"]
    live.do(lambda standing: acts.dismiss(standing, theme, By("ana", "2024-03-02")), coder=ANA)
    assert facts_of(live).rows[Unit.THEMES] == ()


def test_stored_facts_are_those_of_the_report() -> None:
    """A project that nobody has open could not be asked, or would be read anew for each question."""
    store = MemoryStore()
    live = filled(store, MIRA, LEILA)
    look(live, ANA, live.segments[0], "late")
    kept = stored_facts(store, Settings())
    assert stored_facts(store, Settings(), kept=kept) is kept
    answer = ask(kept, Question(minimum_people=0))
    assert row(answer, "Nobody answers").overall.people.of == 2
    look(live, ANA, live.segments[1], "forms")
    assert stored_facts(store, Settings(), kept=kept) is not kept
