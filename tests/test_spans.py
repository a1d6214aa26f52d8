"""Spans follow a corrected text: what is carried says the same words, what cannot be proven waits for a person."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from textcoder.spans import Carried, Change, Doubt, Queued, SpanMap

TALK = """Hanna: What is working, even a little, in the joint meetings?

Mira: The joint meetings on Tuesdays help me because everyone sits at one table. Nobody sends me away now.

Hanna: And what gets in the way for you?

Mira: The bus is the worst thing, it goes twice a day and then I wait in the cold.
"""
WORDS = st.sampled_from(["yes", "no", "the", "bus", "Bus", "meeting", "meting", "every", "one", "everyone", "a", "👍"])
BETWEEN = st.sampled_from([" ", " ", " ", ", ", ". ", "\n", "\n\nMira: ", " - "])
TEXT = st.lists(st.tuples(WORDS, BETWEEN), max_size=30).map(lambda parts: "".join(w + b for w, b in parts))
ANY = st.text(st.sampled_from("ab c.,\n’'-éE\u0301ß👍\u200d字"), max_size=40)


def carry(old: str, new: str, words: str) -> Carried | Queued:
    start = old.index(words)
    return SpanMap(old, new).carry(start, start + len(words))


def quoted(old: str, new: str, words: str) -> tuple[str, tuple[Change, ...]]:
    found = carry(old, new, words)
    assert isinstance(found, Carried), found
    return new[found.start : found.end], found.changes


def letters(text: str) -> str:
    return "".join(re.findall(r"\w", text.casefold()))


# --- exactly ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "new",
    [
        TALK.replace("What is working", "Hello. What is working"),
        TALK.replace("Nobody sends me away now.", ""),
        "Interview 1\n\n" + TALK + "\nHanna: Thank you.\n",
        TALK.replace("Hanna:", "Interviewer:"),
        TALK.replace("\n\n", "\n"),
    ],
)
def test_words_that_were_left_alone_are_carried_exactly(new: str) -> None:
    words = "The joint meetings on Tuesdays help me because everyone sits at one table."
    assert quoted(TALK, new, words) == (words, ())


def test_a_passage_that_was_moved_is_found_where_it_stands_now() -> None:
    """Turns put in their right order would lose all that is coded in them."""
    turn = TALK[TALK.index("Mira: The bus") :]
    new = turn + "\n" + TALK.replace(turn, "")
    found = carry(TALK, new, "it goes twice a day")
    assert isinstance(found, Carried)
    assert (found.changes, new[found.start : found.end]) == ((), "it goes twice a day")
    other = carry(TALK, new, "everyone sits at one table")
    assert isinstance(other, Carried)
    assert new[other.start : other.end] == "everyone sits at one table"
    assert found.moved is not other.moved  # one of the two stays, the other is what moved


# --- with a note ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("The bus  is late", "The bus is late", Change.WHITESPACE),
        ("The inter view was long", "The interview was long", Change.WHITESPACE),
        ("The bus is late", "The Bus is late", Change.CASE),
        ("I dont know, really", "I don't know really", Change.PUNCTUATION),
        ("An e-mail came", "An email came", Change.PUNCTUATION),
        ("They recieve letters", "They receive letters", Change.LETTERS),
        ("The meting was long", "The meeting was long", Change.LETTERS),
    ],
)
def test_small_changes_are_carried_and_named(old: str, new: str, change: Change) -> None:
    around = "Hanna: What else is there to say?\n\nMira: {}.\n\nHanna: Thank you for telling me so."
    assert quoted(around.format(old), around.format(new), old) == (new, (change,))


def test_a_coding_of_the_whole_text_stays_one() -> None:
    assert SpanMap(TALK, "Other words.").carry(0, len(TALK)) == Carried(0, 12, (Change.WHOLE,))


# --- queued -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "now", "why"),
    [
        ("The bus is the worst thing", "The bus is not the worst thing", Doubt.SPLIT),
        ("The bus is the worst thing", "The tram is a small nuisance", Doubt.REWRITTEN),
        ("it goes twice a day", "it goes thrice a day", Doubt.REWRITTEN),
        ("Nobody sends me away now.", "", Doubt.DELETED),
        ("everyone sits at one table", "everyone sits at 1 table", Doubt.REWRITTEN),
        ("I wait in the cold", "I can't wait in the cold", None),
        ("wait in the cold", "wait in the gold", Doubt.REWRITTEN),  # its first letter
    ],
)
def test_other_words_wait_for_a_person(words: str, now: str, why: Doubt | None) -> None:
    """ "Not" slipped into a quotation would turn a finding round, and nobody would have looked."""
    new = TALK.replace(words, now)
    found = carry(TALK, new, words)
    if why is None:  # what came lies inside the span only where the span held its neighbours
        assert isinstance(found, Queued)
        assert found.why is Doubt.SPLIT
        return
    assert isinstance(found, Queued), found
    assert found.why is why
    assert new[found.start : found.end].strip(" .,") == now.strip(" .,")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("can", "can't"),
        ("now", "not"),
        ("possible", "impossible"),
        ("lycklig", "olycklig"),
        ("1990", "1991"),
        ("have", "haven't"),
    ],
)
def test_a_letter_that_turns_the_meaning_round_is_no_slip(old: str, new: str) -> None:
    around = "Hanna: And what else is there?\n\nMira: I say {} to that.\n\nHanna: Thank you so much."
    assert isinstance(carry(around.format(old), around.format(new), f"I say {old} to"), Queued)


def test_of_several_that_are_the_same_nobody_can_tell_which_one_went() -> None:
    """Codings of one person's "Yes" would land on another's."""
    old = "Yes.\nYes.\nYes.\nBut I never went back there."
    new = "Yes.\nYes.\nBut I never went back there."
    carried = [SpanMap(old, new).carry(5 * i, 5 * i + 3) for i in range(3)]
    assert all(isinstance(one, Queued) for one in carried)
    assert quoted(old, new, "But I never went back there.") == ("But I never went back there.", ())


def test_a_turn_that_came_begins_with_its_own_line() -> None:
    """The label of the turn after it would be taken for its own, and what is coded with the label be torn."""
    new = TALK.replace("Mira: The bus", "Mira: Well.\n\nHanna: Yes?\n\nMira: The bus")
    assert quoted(TALK, new, "Mira: The bus is the worst thing") == ("Mira: The bus is the worst thing", ())


def test_another_interview_carries_nothing() -> None:
    """A wrong file would take codings over by single words that stand in every interview."""
    other = "Leila: My papers from the university lay in a drawer and nobody could tell me whose drawer it was. " * 40
    words = SpanMap(TALK * 3, other)
    found = [words.carry(match.start(), match.end()) for match in re.finditer(r"\w+ \w+ \w+", TALK * 3)]
    assert not any(isinstance(one, Carried) for one in found)


# --- always -----------------------------------------------------------------------------------------------------------------------------


@st.composite
def spans_of(draw: st.DrawFn, text: st.SearchStrategy[str]) -> tuple[str, int, int]:
    one = draw(text.filter(bool))
    start = draw(st.integers(0, len(one) - 1))
    return one, start, draw(st.integers(start + 1, len(one)))


@given(spans_of(TEXT | ANY))
def test_a_text_carries_its_own_spans_to_themselves(span: tuple[str, int, int]) -> None:
    text, start, end = span
    assert SpanMap(text, text).carry(start, end) == Carried(start, end)
    found = SpanMap(text, text + "x").carry(start, end)  # without the short way for the same text
    if not text[-1].isalnum() and isinstance(found, Carried) and (start, end) != (0, len(text)):
        assert (found.start, found.end, found.changes) == (start, end, ())


@given(spans_of(TEXT | ANY), TEXT | ANY)
def test_a_place_is_never_out_of_bounds_and_says_what_it_promises(span: tuple[str, int, int], new: str) -> None:
    """A quotation would be empty, or not what was coded."""
    old, start, end = span
    found = SpanMap(old, new).carry(start, end)
    if isinstance(found, Queued):
        assert 0 <= found.start <= found.end <= len(new)
        return
    assert 0 <= found.start < found.end <= len(new)
    was, now = old[start:end], new[found.start : found.end]
    assert (was == now) == (not found.changes) or Change.WHOLE in found.changes
    if not {Change.LETTERS, Change.WHOLE} & set(found.changes):
        assert letters(was) == letters(now)


@given(
    spans_of(TEXT),
    st.integers(0, 10**6),
    st.lists(st.sampled_from(["zebra", "quince", "fjord"]), min_size=1, max_size=4),
)
def test_what_comes_elsewhere_never_moves_a_quotation(span: tuple[str, int, int], place: int, came: list[str]) -> None:
    """Whoever adds a turn would shift every coding behind it."""
    old, start, end = span
    seams = [0, *(match.start() for match in re.finditer(r"(?<=\s)(?=\w)", old)), len(old)]
    at = seams[place % len(seams)]
    assume(at <= start or end <= at)
    assume(at == 0 or old[at - 1].isspace())
    added = " ".join(came) + " "
    new = old[:at] + added + old[at:]
    shift = len(added) if at <= start else 0
    assume(re.search(r"\w|👍", old[start:end]))
    assume((start, end) != (0, len(old)))
    assert SpanMap(old, new).carry(start, end) == Carried(start + shift, end + shift)


@given(spans_of(TEXT), TEXT, TEXT)
def test_two_corrections_carry_no_other_words_than_one_would(span: tuple[str, int, int], then: str, last: str) -> None:
    old, start, end = span
    assume((start, end) != (0, len(old)))
    first = SpanMap(old, then).carry(start, end)
    if not isinstance(first, Carried) or first.changes or (first.start, first.end) == (0, len(then)):
        return
    second = SpanMap(then, last).carry(first.start, first.end)
    if isinstance(second, Carried) and not second.changes:
        assert last[second.start : second.end] == old[start:end]


@given(spans_of(TEXT), TEXT)
def test_the_longer_of_two_spans_holds_the_shorter_wherever_both_are_carried(
    span: tuple[str, int, int], new: str
) -> None:
    """Two people's codings of one sentence and of a part of it would part."""
    old, start, end = span
    words = SpanMap(old, new)
    outer = words.carry(start, end)
    if isinstance(outer, Carried):
        for low in range(start, end):
            inner = words.carry(low, end)
            if isinstance(inner, Carried) and old[low:end].strip():
                assert outer.start <= inner.start
                assert inner.end <= outer.end


def test_a_span_outside_is_refused() -> None:
    for start, end in [(-1, 2), (2, 2), (3, 2), (0, 99)]:
        with pytest.raises(ValueError, match="no span"):
            SpanMap("Yes, so.", "Yes.").carry(start, end)
