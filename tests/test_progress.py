"""Scaling answers, marks and paths: what patterns must find, what they must leave alone, and that every figure opens what lies below it."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.progress import (
    KINDS,
    LANGUAGES,
    SCALING,
    About,
    PersonWave,
    ScalingAnswer,
    Voice,
    find_marks,
    find_scaling,
    person_waves,
    programme_of,
    read_question,
    states_scale,
    words_of,
)
from textcoder.progress.words import Words, plain

SCALE = "On a scale from zero to ten, where are you today?"


def words(language: str = "en") -> Words:
    found = words_of(language)
    assert found is not None
    return found


def numbers(
    text: str, question: str = "", *, language: str = "en", earlier: str = ""
) -> list[tuple[str, float, float]]:
    """Of what each number speaks, and from where to where it goes."""
    asked = read_question(question, words(language), earlier=earlier)
    return [(one.about.value, one.low, one.high) for one in find_scaling(text, words(language), asked)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mm. A four, probably.", [("now", 4, 4)]),
        ("Between six and seven.", [("now", 6, 7)]),
        ("6-7", [("now", 6, 7)]),
        ("Two and a half if you had halves.", [("now", 2.5, 2.5)]),
        ("Four point two.", [("now", 4.2, 4.2)]),
        ("I was a 3. Now a 5, hoping for a 7.", [("before", 3, 3), ("now", 5, 5), ("hoped", 7, 7)]),
        ("For us in this house, seven. And for the four agencies it's a four.", [("now", 7, 7), ("now", 4, 4)]),
        ("Karin would say three, because she's sad about it.", [("other", 3, 3)]),
        ("It'd be a six but for the debts.", [("other", 6, 6)]),
        ("My kids are 6 and 7.", []),
        ("At half past ten on a Tuesday I drink coffee.", []),
        ("We've had nine meetings.", []),
        ("There's one on the board since February.", []),
        ("Seventy people came.", []),
    ],
)
def test_numbers_are_answers_where_a_scale_was_asked_for(text: str, expected: list[tuple[str, float, float]]) -> None:
    """A count taken for an answer, or a hope for where somebody is, would move her path."""
    assert numbers(text, SCALE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She went from a two to an eight.", [("before", 2, 2), ("now", 8, 8)]),
        ("I'd give the food a 9/10.", [("now", 9, 9)]),
        ("He's a nine on a good day, on that scale of yours.", [("now", 9, 9)]),
        ("The flight is on 7/10 at eight.", []),
        ("Eight out of ten people here know him.", []),
        ("I've missed five out of six since Christmas.", []),
        ("She went from a two-room flat to a five-room house.", []),
        ("Ring 0155-200 300 after three.", []),
        ("I am forty-four, and it cost me sixty.", []),
    ],
)
def test_without_a_question_only_the_form_tells(text: str, expected: list[tuple[str, float, float]]) -> None:
    """Interviews are full of numbers; hardly any is an answer."""
    assert numbers(text) == expected


def test_of_what_an_answer_speaks_follows_the_question_unless_it_says_otherwise() -> None:
    """What somebody hopes for would be read as where she is."""
    assert numbers("Eight.", "And where would you like to be?", earlier=SCALE) == [("hoped", 8, 8)]
    assert numbers("A four is when they've read it.", "What would a four look like?") == [("hoped", 4, 4)]
    assert numbers("A three.", "Where were you on that scale when we started?") == [("before", 3, 3)]
    assert numbers("A three.", "On that scale, what would your boss say?") == [("other", 3, 3)]
    assert numbers("Six.", "You said five last time. And now?", earlier=SCALE) == [("now", 6, 6)]
    assert numbers("Two.", "How many of them came?", earlier=SCALE) == []


def test_the_scale_is_the_one_that_was_stated_or_zero_to_ten() -> None:
    """A four of five and a four of ten are not the same."""
    (one,) = find_scaling("A four.", words(), read_question("On a scale from one to five?", words()))
    assert (one.scale_low, one.scale_high, one.stated, one.tenths) == (1, 5, True, 8)
    (one,) = find_scaling("About eighty.", words(), read_question("How sure are you, from 0 to 100?", words()))
    assert (one.scale_high, one.tenths) == (100, 8)
    (one,) = find_scaling("A four.", words(), read_question("Where are you on the scale?", words()))
    assert (one.scale_low, one.scale_high, one.stated) == (0, 10, False)
    assert numbers("Seven.", "On a scale from one to five?") == [], "seven is not on it"
    assert states_scale("nought to ten, say", words())
    assert not states_scale("Where do you live?", words())


@pytest.mark.parametrize(
    ("language", "question", "text", "expected"),
    [
        ("sv", "Var hamnar du på en skala från noll till tio?", "Tja, en fyra.", [("now", 4, 4)]),
        (
            "sv",
            "Var är du på skalan?",
            "Det är väl en sexa nu. I höstas var det en trea.",
            [("now", 6, 6), ("before", 3, 3)],
        ),
        ("sv", "Var är du på skalan?", "Vi har fyra möten i veckan.", []),
        ("sv", "", "Sju av tio, tycker jag.", [("now", 7, 7)]),
        ("sv", "Hur gammal är du?", "Fyrtiofem.", []),
        ("da", "Hvor er du på en skala fra nul til ti?", "En femmer, tror jeg.", [("now", 5, 5)]),
        (
            "nb",
            "Hvor er du på en skala fra null til ti?",
            "En åtter nå. Sist sa jeg fem.",
            [("now", 8, 8), ("before", 5, 5)],
        ),
        ("da", "", "Vi er ni på holdet.", []),
    ],
)
def test_the_nordic_languages_have_words_of_their_own(
    language: str, question: str, text: str, expected: list[tuple[str, float, float]]
) -> None:
    """A Swedish municipality's answers would be lost."""
    assert numbers(text, question, language=language) == expected


def test_spans_are_the_exact_words_whatever_the_letters() -> None:
    """An emoji or a Turkish capital before the number would shift what is shown."""
    text = "İyi 😀 – I’d say six, maybe seven."
    (one,) = find_scaling(text, words(), read_question(SCALE, words()))
    assert text[one.start : one.end] == "six, maybe seven"


@given(st.text(alphabet=st.sampled_from("a six seven of ten İ😀'’.,?!-/ 0123456789\n½"), max_size=60))
def test_whatever_is_said_spans_lie_in_it_and_numbers_on_the_scale(text: str) -> None:
    """A place outside the text would be shown as evidence, or stop the service."""
    assert len(plain(text)) == len(text)
    for one in find_scaling(text, words(), read_question(SCALE, words())):
        assert 0 <= one.start < one.end <= len(text)
        assert one.scale_low <= one.low <= one.high <= one.scale_high
    for mark in find_marks([text], words(), questions=[SCALE])[0]:
        assert 0 <= mark.start < mark.end <= len(text)


def test_whoever_stammers_stops_nothing() -> None:
    """A pattern that tries every way to read "maybe maybe maybe" would never end."""
    assert numbers("maybe " * 5000 + "nothing", SCALE) == []
    assert numbers("probably, maybe, well, " * 2000 + "a six or so, maybe maybe maybe people", SCALE)
    assert find_marks(["so I'd say now we " * 3000], words(), questions=[SCALE]) is not None


# --- marks ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "It's always late, except when Ali drives.", "exception"),
        ("en", "For the first time she answered the phone.", "small_step"),
        ("en", "They used to fight about it and now they share the key.", "small_step"),
        ("en", "My best hope is that nobody needs us.", "preferred_future"),
        ("en", "It's the garden that keeps me sane.", "coping"),
        ("en", "I've decided to move back home.", "change_talk"),
        ("en", "I want to be able to drive again.", "change_talk"),
        ("en", "I don't want to be able to drive.", ""),
        ("en", "The shop sells six kinds of tea.", ""),
        ("sv", "För första gången svarade hon.", "small_step"),
        ("sv", "Jag har bestämt mig för att flytta hem.", "change_talk"),
        ("sv", "Affären säljer sex sorters te.", ""),
    ],
)
def test_a_mark_is_found_with_its_words_and_reason(language: str, text: str, kind: str) -> None:
    """Nobody could judge a mark that does not show what speaks for it."""
    (found,) = find_marks([text], words(language))
    assert [mark.kind for mark in found] == [kind] * bool(kind)
    for mark in found:
        assert mark.why and mark.part
        assert text[mark.start : mark.end].strip()


def test_the_tagger_has_the_last_word_on_verbs() -> None:
    """ "I finished" is a step, "I finish" is a habit, and words alone do not tell them apart."""
    text = "I managed to sleep."
    assert [mark.kind for mark in find_marks([text], words())[0]] == ["small_step"]

    def noun(texts: list[str]) -> list[list[tuple[int, int, str]]]:
        return [[(0, len(one), "NN")] for one in texts]

    assert find_marks([text], words(), tagger=noun) == [[]]  # type: ignore[arg-type]  # a list is a sequence


def test_some_marks_show_only_beside_their_question() -> None:
    """ "They'd ring me" is a hope where the miracle question was asked, and a memory elsewhere."""
    asked = "Suppose a miracle happened. What would you notice?"
    assert find_marks(["They'd ring me."], words(), questions=[asked])[0][0].kind == "preferred_future"
    assert find_marks(["They'd ring me."], words(), questions=["What was it like then?"]) == [[]]


def test_every_language_has_its_data_and_every_kind_its_patterns() -> None:
    """A slip in a data file would show only when somebody speaks."""
    for language in LANGUAGES:
        assert words(language).values
    assert {mark.kind for mark in words("en").marks} == set(KINDS)
    assert {mark.kind for mark in words("sv").marks} == set(KINDS)
    assert words_of("fi") is None


# --- paths ------------------------------------------------------------------------------------------------------------------------------


def show_all(people: np.ndarray) -> np.ndarray:
    return np.zeros(people.shape, dtype=bool)


def few(people: np.ndarray) -> np.ndarray:
    return np.asarray(people < 2)


def person(case: str, wave: str, value: float, group: str = "") -> PersonWave:
    return PersonWave(case, wave, group, value, 1, 1, (f"{case}{wave}:0-1",))


# Student (1908), The probable error of a mean, Biometrika 6, table on page 20: hours of sleep gained by ten patients with two drugs. The
# interval of the mean difference 1.58 is .70 to 2.46 (R's `t.test` on its data set `sleep`, paired).
DRUG_1 = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
DRUG_2 = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)


def test_a_change_is_of_the_same_people_with_students_interval() -> None:
    """Those who left would look like a change."""
    rows = [person(str(i), "1", value) for i, value in enumerate(DRUG_1)]
    rows += [person(str(i), "2", value) for i, value in enumerate(DRUG_2)]
    rows += [person("gone", "1", 9.0), person("new", "2", -9.0)]
    found = programme_of(rows, SCALING, hide=show_all)
    (change,) = found.overall_changes
    assert change.mean is not None
    assert change.people == tuple(map(str, range(10)))
    assert change.mean.value == pytest.approx(1.58)
    assert (change.mean.low, change.mean.high) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)


def test_few_people_or_equal_ones_have_no_interval_and_it_is_said_why() -> None:
    """An interval from two people would be read as if it meant something."""
    rows = [
        person("a", "1", 0.2),
        person("b", "1", 0.4),
        person("a", "2", 0.5),
        person("b", "2", 0.5),
        person("c", "2", 0.5),
    ]
    one, other = programme_of(rows, "signs_of_progress", hide=show_all).overall
    assert one.mean is not None and other.mean is not None
    assert math.isnan(one.mean.low) and "fewer than 3" in one.mean.reason
    assert math.isnan(other.mean.high) and "same value" in other.mean.reason


def test_small_cells_have_neither_figure_nor_people() -> None:
    """The only leader of wave 2 would be known to everybody."""
    rows = [person("a", "1", 0.2, "x"), person("b", "1", 0.4, "x"), person("c", "1", 0.4, "y")]
    found = programme_of(rows, "barriers", hide=few)
    assert [cell.people for cell in found.cells] == [("a", "b"), None]
    assert found.cells[1].mean is None
    assert found.hidden == 1


def voice(case: str, wave: str, segments: int, held: int, *said: ScalingAnswer) -> Voice:
    ids = tuple(f"t{case}{wave}:{i}-{i + 1}" for i in range(segments))
    return Voice(case, wave, "g", ids, {"barriers": ids[:held]}, tuple((ids[0], one) for one in said))


def number(value: float, about: About = About.NOW, top: float = 10) -> ScalingAnswer:
    return ScalingAnswer(0, 1, value, value, about, 0, top, True, "")


def test_each_figure_opens_what_lies_below_it() -> None:
    """A figure that cannot be followed down to sentences cannot be defended."""
    voices = [voice("a", "1", 4, 1), voice("b", "1", 2, 1), voice("c", "1", 5, 0)]
    rows = person_waves(voices, "barriers")
    (cell,) = programme_of(rows, "barriers", hide=show_all).overall
    assert cell.people == ("a", "b", "c")
    assert {row.case: row.segments for row in rows} == {"a": ("ta1:0-1",), "b": ("tb1:0-1",), "c": ()}
    assert cell.mean is not None
    assert cell.mean.value == pytest.approx((0.25 + 0.5 + 0) / 3), "each person counts once"


def test_only_numbers_for_now_make_the_path_and_scales_are_brought_together() -> None:
    """A hope, or a four of five, would move a path that it does not belong to."""
    said = [number(4), number(3, top=5), number(9, About.HOPED), number(1, About.BEFORE)]
    (row,) = person_waves([voice("a", "1", 1, 0, *said)], SCALING)
    assert (row.value, row.n) == (5.0, 2)
    (row,) = person_waves([voice("a", "1", 1, 0, number(9, About.HOPED))], SCALING)
    assert math.isnan(row.value) and "only for other times" in row.reason


def test_the_order_of_what_was_said_changes_nothing() -> None:
    """The same study would give other figures on another day."""
    rng = random.Random(3)
    voices = [voice(str(i), str(w), 3 + i, i % 3, number(rng.randint(0, 10))) for i in range(9) for w in (1, 2, 10)]
    expected = programme_of(person_waves(voices, SCALING), SCALING, hide=few)
    for _ in range(3):
        rng.shuffle(voices)
        rows = person_waves(voices, SCALING)
        rng.shuffle(rows)
        assert programme_of(rows, SCALING, hide=few) == expected
    assert expected.waves == ("1", "2", "10")
    assert [(one.from_wave, one.to_wave) for one in expected.overall_changes] == [("1", "2"), ("2", "10"), ("1", "10")]
