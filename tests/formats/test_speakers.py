"""Who speaks where in running text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.formats.speakers import find_turns
from textcoder.pseudonyms import PERSON
from textcoder.pseudonyms.words import ROLES

WORDS = st.text(st.sampled_from("abcdef éå🙂\u0301👩\u200d👧 ?!,.-\n"), min_size=1, max_size=60).map(
    lambda words: " ".join(words.split()) or "x"
)


def said(text: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, text[turn.start : turn.end]) for turn in find_turns(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Hanna: How are you?\nMira: Fine.\nHanna: And now?\nMira: Better.",
        "Hanna: How are you?\n\nMira: Fine.\n\nHanna: And now?\n\nMira: Better.\n",
        "Hanna (0:00):\nHow are you?\n\nMira (0:04):\nFine.\n\nHanna (1:02:03):\nAnd now?\n\nMira (1:02:09):\nBetter.",
        "**Hanna:** How are you?\n\n**Mira:** Fine.\n\n**Hanna:** And now?\n\n**Mira:** Better.",
        "**Hanna**: How are you?\n\n**Mira**: Fine.\n\n**Hanna**: And now?\n\n**Mira**: Better.",
        "**Hanna**\n\nHow are you?\n\n**Mira**\n\nFine.\n\n**Hanna**\n\nAnd now?\n\n**Mira**\n\nBetter.",
        "[Hanna] How are you?\n[Mira] Fine.\n[Hanna] And now?\n[Mira] Better.",
        "[00:00:01] Hanna: How are you?\n[00:00:04] Mira: Fine.\n[00:01:02] Hanna: And now?\n[00:01:09] Mira: Better.",
        "Hanna  0:01\nHow are you?\n\nMira  0:04\nFine.\n\nHanna  1:02\nAnd now?\n\nMira  1:09\nBetter.",
        "00:00:01 Hanna\nHow are you?\n\n00:00:04 Mira\nFine.\n\n00:01:02 Hanna\nAnd now?\n\n00:01:09 Mira\nBetter.",
        "Hanna:\n\t\n\tHow are you?\nMira:\t\n\tFine.\nHanna:\n\t\n\tAnd now?\nMira:\n\tBetter.",
        "Hanna\nHow are you?\n\nMira\nFine.\n\nHanna\nAnd now?\n\nMira\nBetter.",
        "Hanna : How are you?\n\nMira : Fine.\n\nHanna : And now?\n\nMira : Better.",
    ],
)
def test_every_way_of_marking_speakers_gives_the_same_turns(text: str) -> None:
    """A researcher's way of transcribing must not decide whether her interview can be read."""
    assert said(text) == [("Hanna", "How are you?"), ("Mira", "Fine."), ("Hanna", "And now?"), ("Mira", "Better.")]


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("Q", "A"),
        ("I", "P1"),
        ("Interviewer", "Participant 2"),
        ("Speaker 1", "Speaker 2"),
        ("SPEAKER_00", "SPEAKER_01"),
    ],
)
def test_labels_of_roles_and_machines_need_not_repeat(asks: str, answers: str) -> None:
    """A short excerpt would be read as a diary."""
    assert said(f"{asks}: Why.\n\n{answers}: Because.") == [(asks, "Why."), (answers, "Because.")]


def test_times_beside_names_become_milliseconds() -> None:
    """Quotations could not be found in the recording."""
    turns = find_turns("Ann (00:31):\nYes.\n\nBo (1:02:03.5):\nNo?\n\n**Ann:** [00:10] is bold, not a turn.")
    assert [turn.start_ms for turn in turns] == [31_000, 3_723_500]
    (first, *_) = find_turns("**Ann:** \\[23:03\\] So.\n\n**Bo:** No.\n\n**Ann:** Well.")
    assert first.start_ms == 1_383_000


def test_a_label_with_nothing_but_a_time_is_kept_as_a_turn() -> None:
    """A break that the transcriber noted would vanish."""
    text = "**Ann:** So.\n\n**Break:** \\[23:03\\]\n\n**Ann:** Well."
    assert said(text)[1] == ("Break", "\\[23:03\\]")


@pytest.mark.parametrize(
    "line",
    [
        "https://example.org/a: that was the page",
        "Note: she laughs here",
        "10:30 was the time we agreed on",
        "Part 2: <https://example.org>",
        "One thing was clear: nobody came",
        "Remember what she said",
    ],
)
def test_urls_notes_times_and_colons_in_sentences_are_no_speakers(line: str) -> None:
    """Invented people would be counted as participants."""
    text = f"Ann: Why?\n\nBo: Because.\n\n{line}\n\nAnn: I see.\n\nBo: {line}"
    assert {speaker for speaker, _ in said(text)} == {"Ann", "Bo"}


def test_a_form_at_the_top_is_no_turn() -> None:
    """The interviewer would be counted as somebody who said "Hanna" and the date."""
    head = "Interviewer: Hanna\nParticipant: Mira (SU01)\n\nDate: 2024-04-03\n\n"
    assert said(head + "Hanna: How?\n\nMira: So.\n\nHanna: Oh?\n\nMira: Yes.")[0] == ("Hanna", "How?")
    assert said(head + "Interviewer: How?\n\nParticipant: So.")[0] == ("Interviewer", "How?")
    assert said("Interviewer: Jo\n\nParticipant: Mira\n\nJo: How?\n\nMira: So.\n\nJo: Oh?\n\nMira: Yes.")[0] == (
        "Jo",
        "How?",
    )


def test_somebody_who_speaks_once_is_heard_where_every_paragraph_has_a_name() -> None:
    """Her words would be put into the mouth of whoever spoke before."""
    names = ["Mod", "Ann", "Bo", "Mod", "Ann", "Nora", "Bo", "Mod", "Ann"]
    text = "\n\n".join(f"{name}: Something." for name in names)
    assert [speaker for speaker, _ in said(text)] == names


@pytest.mark.parametrize(
    "style", ["{}: {}", "**{}:** {}", "**{}**: {}", "[{}] {}", "[00:00:01] {}: {}", "{} (0:01):\n{}"]
)
def test_a_pseudonym_speaks_as_the_name_did(style: str) -> None:
    """All of a transcript whose names were replaced would be the interviewer's, once it is read again."""
    names = {
        "Dr. Lund": "Dr. [doctor 1]",
        "Mira": "[person 1]",
        "Jo": "[social worker 12]",
        "Ola": "[participant 3]",
        "Nora": "[nurse 2]",
    }
    talk = [
        (name, f"Something, {i}.")
        for i, name in enumerate([*(["Interviewer", *names] * 3)[:-1], "Mira", "Interviewer"])
    ]
    talk = [one for i, one in enumerate(talk) if one[0] != "Nora" or i == 5]  # once
    text = "\n\n".join(style.format(names.get(name, name), words) for name, words in talk)
    assert said(text) == [(names.get(name, name), words) for name, words in talk]


@pytest.mark.parametrize("line", ["[pause 2]: long", "[overlap 3]: yes", "[laughs]", "[image 1]: https://example.org"])
def test_what_stands_in_brackets_with_a_number_is_not_always_a_pseudonym(line: str) -> None:
    """A pause would be a participant."""
    text = f"Ann: Why?\n\nBo: Because.\n\n{line}\n\nAnn: I see.\n\nBo: {line}\n\n{line if 'pause' in line else 'So'}"
    assert {speaker for speaker, _ in said(text)} == {"Ann", "Bo"}


def test_every_kind_of_person_that_a_pseudonym_names_can_speak_once() -> None:
    """Her one turn would be put into the mouth of whoever spoke before; the rooms know nothing of each other's words."""
    for kind in (PERSON, *ROLES):
        text = f"Ann: Why?\n\nBo: Because.\n\n[{kind} 7]: Well.\n\nAnn: I see.\n\nBo: So."
        assert said(text)[2] == (f"[{kind} 7]", "Well.")


def test_a_misspelt_role_belongs_to_the_role_and_a_similar_name_to_another_person() -> None:
    """One typing error would make a new participant; and Michaela is not Michael."""
    text = "Dan: A?\n\nParticipant: B.\n\nDan: C?\n\nParticpant: D.\n\nDan: E?\n\nParticipant: F.\n\nParticipant: G."
    assert {speaker for speaker, _ in said(text)} == {"Dan", "Participant"}
    text = "Michael: A?\n\nDan: B.\n\nMichael: C?\n\nMichaela: D.\n\nDan: E?\n\nMichael: F."
    assert {speaker for speaker, _ in said(text)} == {"Dan", "Michael", "Michaela"}


def test_a_turn_holds_all_its_paragraphs_but_no_heading_behind_it() -> None:
    """A monologue would be cut, or a heading quoted as somebody's words."""
    text = "**Ann:** One.\n\nTwo.\n\n# Part 2\n\n---\n\n**Bo:** Three?\n\n**Ann:** Four.\n\n[END OF TAPE]\n"
    assert said(text) == [("Ann", "One.\n\nTwo."), ("Bo", "Three?"), ("Ann", "Four.")]


@pytest.mark.parametrize(
    "text",
    [
        "Dear diary.\n\nNote: buy milk.\n\nI learned three things: patience, patience and rest.\n\nNote: call.",
        "What went well: lunch.\n\nWhat did not: the bus.\n\nWhat went well: the walk.\n\nWhat did not: all.",
        "Monday: tired.\n\nTuesday: better.\n\nMonday: tired again.\n\nWeek 2: fine.",
    ],
)
def test_a_reflection_is_one_turn_a_paragraph_without_speakers(text: str) -> None:
    """The headings of a diary would become its people."""
    assert said(text) == [(None, paragraph) for paragraph in text.split("\n\n")]


def test_indented_turns_with_tape_counters_and_no_names() -> None:
    """Oral histories of a whole generation are typed so."""
    text = (
        "INTERVIEW NO. 9\t\tDATE: 1/2/91\n\nMRS X\n\n\tOF THE HILL\n\n0.35\tMy name is X.\n\n1,02\tWhere did you "
        "live?\n\n\tHere, and I\n\n\tDid you?\n\nYes.\n\tAnd then?\n\nEND SIDE A\nSIDE B\n\n"
        "20.5\tI married.\nEND OF TAPE\n\n13\n"
    )
    assert [words for _, words in said(text)] == [
        "My name is X.",
        "Where did you live?",
        "Here, and I",
        "Did you?",
        "Yes.\n\tAnd then?",
        "I married.",
    ]


def test_the_same_turns_as_a_pdf_reader_gives_them() -> None:
    """There the tab is one blank, page numbers stand between, and sentences go on over the page."""
    text = (
        "MRS X \n \n0.35 My name \nis X. \n \n1.02 Where did you live? \n \n Here, in the house and \n \n"
        "on the hill. \n2 \n \n Did you? \n \n3 \n Yes. \n"
    )
    assert [" ".join(words.split()) for _, words in said(text)] == [
        "My name is X.",
        "Where did you live?",
        "Here, in the house and on the hill.",
        "Did you?",
        "Yes.",
    ]


@given(
    turns=st.lists(st.tuples(st.sampled_from(["Hanna", "Mira", "José"]), WORDS), min_size=4, max_size=12),
    style=st.sampled_from(["{}: {}", "**{}:** {}", "[{}] {}", "{} (00:01):\n{}", "{}  00:01\n{}"]),
    between=st.sampled_from(["\n\n", "\n", "\n \n\n"]),
)
def test_every_turn_is_exactly_what_was_said(turns: list[tuple[str, str]], style: str, between: str) -> None:
    """A quotation would miss letters or hold somebody else's, with emoji and combining marks most of all."""
    turns = [("Hanna", "a"), ("Mira", "b"), *turns, ("Hanna", "c"), ("Mira", "d"), ("José", "e"), ("José", "f")]
    text = between.join(style.format(name, words) for name, words in turns)
    assert said(text) == [(name, words.strip()) for name, words in turns]


@given(text=st.text(st.sampled_from("AnnBo:QI \n\t[]()*0123456789.,?#-_é🙂\u0301"), max_size=400))
def test_turns_of_any_text_are_in_order_inside_it_and_without_blanks_around(text: str) -> None:
    """Overlapping turns would count words twice."""
    last = 0
    for turn in find_turns(text):
        assert last <= turn.start < turn.end <= len(text)
        assert text[turn.start : turn.end] == text[turn.start : turn.end].strip()
        last = turn.end
