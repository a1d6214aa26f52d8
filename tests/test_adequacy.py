"""Adequacy: saturation, power and voices, against published figures, closed forms and slow direct counts."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.builders import code, study, transcript
from textcoder.adequacy import (
    Rule,
    absences,
    chance_of_few,
    chance_seen,
    new_codes,
    people_needed,
    rarefied,
    saturation,
    smallest_prevalence,
    unseen_codes,
    voices,
)
from textcoder.domain.project import Case
from textcoder.domain.quote import Quote
from textcoder.domain.study import Study
from textcoder.multiplicity import false_discovery
from textcoder.query import Facts, Where
from textcoder.reports.evidence import Grid
from textcoder.workflow.adequacy import Enough, adequacy, adequacy_section

# --- saturation -------------------------------------------------------------------------------------------------------------------------


def bringing(*new: int) -> np.ndarray:
    """People of whom each brings so many codes that nobody brought before her, and repeats all that was said."""
    said = np.zeros((len(new), sum(new)), dtype=bool)
    for person, upto in enumerate(np.cumsum(new).tolist()):
        said[person, :upto] = True
    return said


def test_saturation_is_reached_where_a_run_brings_hardly_anything_new() -> None:
    """Base of four people with 37 codes; runs of two bring 7, 4 and 1: 19, 11 and 3 %, so that it is reached at six, and two confirm
    it ("6+2", the way of counting of Guest, Namey and Chen 2020, figure 2)."""
    found = saturation(bringing(20, 9, 5, 3, 4, 3, 1, 0), orders=50)
    assert [round(run.as_interviewed, 2) for run in found.runs] == [0.19, 0.11, 0.03]
    assert [run.after for run in found.runs] == [4, 5, 6]
    assert found.as_interviewed == 6
    strict = saturation(bringing(20, 9, 5, 3, 4, 3, 1, 0), rule=Rule(threshold=0.0), orders=50)
    assert strict.as_interviewed is None


@settings(max_examples=20, deadline=None)
@given(arrays.arrays(bool, (5, 4)))
def test_median_and_share_are_those_over_all_orders(said: np.ndarray) -> None:
    """A median over random orders that drifted from the one over all orders would call studies saturated that are not."""
    rule = Rule(base_size=2, run_length=1, threshold=0.2)
    every = []
    for order in permutations(range(5)):
        heard = [said[list(order[:k])].any(axis=0).sum() for k in range(1, 6)]
        every.append([(heard[k] - heard[k - 1]) / heard[1] if heard[1] else math.inf for k in range(2, 5)])
    reached = np.mean([any(share <= 0.2 + 1e-12 for share in shares) for shares in every])
    found = saturation(said, rule=rule, orders=4000, seed=3)
    assert found.share == pytest.approx(reached, abs=0.03)
    for place, run in enumerate(found.runs):
        values = [shares[place] for shares in every]
        assert np.mean([value < run.median - 1e-9 for value in values]) <= 0.53
        assert np.mean([value > run.median + 1e-9 for value in values]) <= 0.53


def test_order_of_the_interviews_can_mislead_and_both_are_told() -> None:
    """Managers first, users last: in the order of the interviews all seems said before anything of the users is heard."""
    said = np.zeros((16, 12), dtype=bool)
    said[:8, :6] = True
    for person in range(8, 16):
        said[person, 6 + (person - 8) % 6] = True
    found = saturation(said, orders=400)
    assert found.as_interviewed == 4
    assert found.runs[0].reached < 0.5
    shuffled = saturation(said, order=[0, 8, 1, 9, 10, 2, 11, 12, 13, 3, 4, 5, 6, 7, 14, 15], orders=400)
    assert shuffled.as_interviewed != 4
    assert [run.median for run in shuffled.runs] == [run.median for run in found.runs]


def test_few_people_tell_nothing_and_the_same_seed_tells_the_same() -> None:
    assert not saturation(bringing(3, 2, 1)).told
    assert saturation(bringing(3, 2, 1)).curve[-1].median == 6
    said = np.random.default_rng(2).random((12, 20)) < 0.2
    assert saturation(said, seed=5, orders=100) == saturation(said, seed=5, orders=100)
    assert math.isinf(saturation(np.zeros((8, 3), dtype=bool), orders=10).runs[0].median)


def test_curve_over_orders_is_rarefaction() -> None:
    """The curve of random orders has the mean that Colwell et al. (2012, eq. 17) give exactly."""
    said = np.random.default_rng(4).random((9, 15)) < 0.25
    carriers = said.sum(axis=0)
    for fewer in (1, 4, 9):
        slow = np.mean([said[list(some)].any(axis=0).sum() for some in combinations(range(9), fewer)])
        assert rarefied(carriers, 9, fewer) == pytest.approx(slow)
    found = saturation(said, orders=2000)
    assert found.curve[3].low <= rarefied(carriers, 9, 4) <= found.curve[3].high


# --- power ------------------------------------------------------------------------------------------------------------------------------


def test_published_numbers_of_people() -> None:
    """Galvin (2015): 29 people for a theme of 10 % at 95 %. Fugard and Potts (2015): 29 to meet one of 10 % twice with power 80 %."""
    assert people_needed(0.10) == 29
    assert people_needed(0.10, times=2, confidence=0.8) == 29
    assert chance_seen(0.10, 12) == pytest.approx(1 - 0.9**12)


@given(st.floats(0.01, 0.99), st.integers(1, 60), st.integers(1, 3))
def test_chance_number_and_smallest_prevalence_belong_together(prevalence: float, people: int, times: int) -> None:
    """Three figures of one page would contradict each other."""
    slow = sum(
        math.comb(people, k) * prevalence**k * (1 - prevalence) ** (people - k) for k in range(times, people + 1)
    )
    assert chance_seen(prevalence, people, times=times) == pytest.approx(slow, abs=1e-9)
    needed = people_needed(prevalence, times=times)
    assert chance_seen(prevalence, needed, times=times) >= 0.95
    assert needed == times or chance_seen(prevalence, needed - 1, times=times) < 0.95
    if people >= times:
        assert chance_seen(smallest_prevalence(people, times=times), people, times=times) == pytest.approx(0.95)
    else:
        assert math.isnan(smallest_prevalence(people, times=times))


def test_unseen_codes_by_hand() -> None:
    """20 people; 3 codes of one person, 2 of two: 0.95 * 9 / 4 unheard (Chao 1987); variance by Colwell et al. (2012), term by term."""
    carriers = np.array([1, 1, 1, 2, 2, *[5] * 25, 0])
    found = unseen_codes(carriers, 20)
    assert (found.codes, found.once, found.twice) == (30, 3, 2)
    assert found.unseen == pytest.approx(2.1375)
    variance = 2 * (0.95 / 2 * 1.5**2 + 0.95**2 * 1.5**3 + 0.95**2 / 4 * 1.5**4)
    k = math.exp(1.959963984540054 * math.sqrt(math.log(1 + variance / 2.1375**2)))
    assert (found.low, found.high) == (pytest.approx(2.1375 / k), pytest.approx(2.1375 * k))
    assert unseen_codes(np.array([1, 1, 1, 4]), 10).unseen == pytest.approx(0.9 * 3)
    complete = unseen_codes(np.array([9, 8, 9]), 10)
    assert (complete.unseen, complete.low, complete.coverage) == (0, 0, 1)
    assert math.isnan(unseen_codes(np.array([1]), 1).unseen)


def test_new_codes_grow_towards_what_is_unseen() -> None:
    carriers = np.array([1] * 6 + [2] * 4 + [8] * 10)
    unseen = unseen_codes(carriers, 20).unseen
    few, many = new_codes(carriers, 20, 5), new_codes(carriers, 20, 10_000)
    assert 0 < few[0] < many[0] == pytest.approx(unseen, rel=1e-3)
    assert few[1] <= few[0] <= few[2]
    assert few == new_codes(carriers, 20, 5)
    # Its slope at 0 is what Good and Turing give: one more person brings Q1 / T codes or a little less.
    assert new_codes(carriers, 20, 1)[0] == pytest.approx(unseen * 6 / (20 * unseen + 6))
    assert new_codes(np.array([5, 6]), 8, 5) == (0, 0, 0)


# --- voices -----------------------------------------------------------------------------------------------------------------------------


def test_one_loud_person_is_not_a_theme() -> None:
    """Eight of ten mentions by one: as diverse as one and a half people, whatever the count of people says."""
    loud, even, silent = voices(np.array([[8, 1, 0], [1, 1, 0], [1, 1, 0], [0, 1, 0]]))
    assert (loud.people, loud.mentions, loud.loudest, loud.share) == (3, 10, 0, 0.8)
    assert loud.effective == pytest.approx(100 / 66)
    assert (even.effective, even.share) == (4, 0.25)
    assert silent.people == 0 and math.isnan(silent.share)


def test_absence_is_weighed_by_chance() -> None:
    """Nobody of four staff where three of ten say it: chance does that in one of six studies."""
    slow = np.mean([not set(some) & {0, 1, 2, 3} for some in combinations(range(10), 3)])
    assert chance_of_few(0, 4, 3, 10) == pytest.approx(slow)
    slow = np.mean([len(set(some) & {0, 1, 2, 3}) <= 1 for some in combinations(range(10), 3)])
    assert chance_of_few(1, 4, 3, 10) == pytest.approx(slow)
    found = absences(np.array([[0, 12], [3, 3], [0, 0]]), np.array([10, 20]))
    assert [(one.row, one.group) for one in found] == [(0, 0)]
    assert found[0].expected == 4
    assert found[0].p == pytest.approx(math.comb(20, 12) / math.comb(30, 12))
    assert found[0].q >= found[0].p


def test_small_numbers_are_not_told_apart() -> None:
    """Whether nobody or one person of a group said it is what small cells hide; the chance must not tell it."""
    none, one = (
        absences(np.array([[0, 9]]), np.array([8, 12]), fewer_than=2),
        absences(np.array([[1, 8]]), np.array([8, 12]), fewer_than=2),
    )
    assert [x.p for x in none] == [x.p for x in one]
    assert absences(np.array([[0, 9]]), np.array([1, 12]), fewer_than=2) == ()


def test_false_discovery_is_the_definition() -> None:
    p = [0.001, 0.5, 0.02, 0.02, 0.9]
    slow = [min(x * 5 / sum(y <= x for y in p) for x in p if x >= own) for own in p]
    assert false_discovery(p) == pytest.approx(slow)
    assert false_discovery([]) == []


# --- of a project -----------------------------------------------------------------------------------------------------------------------

LATE, TEA = code("Late answers", "barriers"), code("Tea together", "what_works")
PHONE = replace(code("Phone", "barriers"), parent=LATE.id)


def people(n: int = 8, staff: int = 4) -> Study:
    """Users all say that answers are late, staff have tea; the first person says "phone" four times, and the second once."""
    sources = []
    for i in range(n):
        words = "We have tea." if i < staff else "They are late."
        words += " The phone. A phone. My phone. Phone." if i == 0 else " A phone." if i == 1 else " It rains."
        sources.append(transcript(f"p{i}.txt", (f"P{i}", words), case=f"p{i}", wave="1"))
    cases = [Case(f"p{i}", f"P{i}", {"group": "staff" if i < staff else "users"}) for i in range(n)]
    return study(sources, {"late": LATE, "tea": TEA, "phone": PHONE}, cases=cases, drafted=False)


def test_voices_of_a_project_name_the_loud_and_the_missing() -> None:
    """Eight people, and one of them would pass for a theme."""
    found = adequacy(Facts.of(people()), Enough(minimum_people=0))
    voice = {one.row.name: one for one in found.voices}
    assert (voice["Phone"].people, voice["Phone"].mentions, voice["Phone"].loudest) == (2, 5, "p0")
    assert voice["Phone"].carried_by_one and not voice["Tea together"].carried_by_one
    assert voice["Late answers"].people == 4, "what stands below a code is not heard a second time"
    missing = {(one.row.name if one.row else "", one.value): one for one in found.missing}
    assert missing["Late answers", "staff"].p == pytest.approx(1 / 70)
    assert missing["Late answers", "staff"].expected == 2
    assert found.overall.people == 8 and found.overall.saturation is not None and found.overall.saturation.codes == 3


def test_small_groups_and_rare_codes_are_not_shown() -> None:
    """The one leader of a study, or the two who say something, could be known by it."""
    found = adequacy(Facts.of(people(staff=2)), Enough(by=("group",), minimum_people=3))
    groups = {one.values: one for one in found.groups}
    assert groups["staff",].people is None and groups["staff",].saturation is None
    assert groups["users",].people is None, "it would follow from the total"
    voice = {one.row.name: one for one in found.voices}
    assert (voice["Phone"].people, voice["Phone"].loudest) == (None, None)
    assert all(one.row is None or one.row.name != "Phone" for one in found.missing)
    assert not any("Phone" in sentence for sentence in found.sentences)


def test_groups_are_those_of_the_project_and_machines_can_be_left_out() -> None:
    found = adequacy(Facts.of(people(12, 6)), Enough(by=("group",)))
    assert [(one.values, one.people) for one in found.groups] == [(("staff",), 6), (("users",), 6)]
    assert all(one.saturation is not None and one.saturation.told for one in found.groups)
    people_only = adequacy(Facts.of(people()), Enough(where=Where(people_only=True)))
    assert people_only.overall.saturation is not None and people_only.overall.saturation.codes == 0
    assert adequacy(Facts.of(people()), seed=3) == adequacy(Facts.of(people()), seed=3)


def test_quotations_chosen_say_whom_they_leave_out() -> None:
    """A report whose words are all those of staff."""
    of = people()
    quotes = [
        Quote(s.transcript, s.start, s.end, "", float(i), "ana", "")
        for i, s in enumerate(of.segments)
        if "tea" in of.quotation(s)
    ]
    found = adequacy(Facts.of(of), quotes=quotes)
    assert found.quoted is not None and (found.quoted.quotations, found.quoted.people) == (4, 4)
    (users,) = found.unquoted
    assert (users.attribute, users.value, users.asked) == ("group", "users", 4)
    assert users.p == pytest.approx(1 / 70)
    section = adequacy_section(found)
    assert section.id == "adequacy" and any("Nobody of the 4" in getattr(part, "text", "") for part in section.parts)
    voices = next(part for part in section.parts if isinstance(part, Grid) and part.name == "Voices")
    loudest = [row[voices.columns.index("Loudest voice %")] for row in voices.rows]
    assert loudest == [round(100 * one.share, 1) for one in found.voices if one.share is not None]
    assert max(loudest) > 1  # a share under a head that says % reads as nothing at all
