"""Quoted words are found where they stand, and never taken for words that they are not."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from textcoder.matching import How, Texts, is_clear

TALK = (
    "Hanna: And what gets in the way for you?\n\n"
    "Mira: The bus is the worst thing,\xa0it goes twice a day \u2013 and then I wait in the \u201ccold\u201d. "
    "They also lost my papers three times last year, in the café by the office."
)
TEXTS = Texts({"mira": TALK, "leila": "Leila: My papers lay in a drawer for eleven months."})


def found(words: str) -> list[tuple[str, How]]:
    texts = {"mira": TALK, "leila": "Leila: My papers lay in a drawer for eleven months."}
    return [(texts[place.text][place.start : place.end], place.how) for place in TEXTS.places(words)]


def test_words_are_found_whatever_a_program_made_of_blanks_and_quotation_marks() -> None:
    """Programs write straight quotation marks and plain blanks: a coding would be lost for a sign that nobody sees."""
    told = found('it goes twice a day - and then\nI wait in the "cold".')
    assert told == [("it goes twice a day \u2013 and then I wait in the \u201ccold\u201d.", How.FOLDED)]
    assert found("They also lost") == [("They also lost", How.EXACT)]


def test_letters_decide_where_punctuation_is_otherwise() -> None:
    assert found("the bus is the worst thing it goes twice a day") == [
        ("The bus is the worst thing,\xa0it goes twice a day", How.LETTERS)
    ]


def test_no_part_of_a_word_is_taken_for_a_word() -> None:
    """ "Paper" in other capitals is not in "papers", and "cafe" is not the beginning of "café"."""
    assert found("My Paper") == []
    assert found("the cafe\u0301 by") == [("the café by", How.FOLDED)]
    assert found("in the  cafe") == []


def test_a_corrected_quotation_is_found_nearly_and_a_foreign_one_is_not() -> None:
    near = TEXTS.near("They also lost all my papers three times that year, in the café")
    assert is_clear(near)
    assert TALK[near[0].start : near[0].end] == "They also lost my papers three times last year, in the café"
    assert TEXTS.near("Nothing of the sort was ever said by anybody here at all") == ()


def test_a_word_that_recurs_further_on_does_not_cut_a_place_short() -> None:
    """The coding would end before the words that were corrected."""
    text = "They lost my papers three times that year. I went to the library on my own last week."
    near = Texts({"t": text}).near("They lost my papers three times last year.")
    assert text[near[0].start : near[0].end] == "They lost my papers three times that year."


def test_of_two_places_that_are_equally_near_none_is_clear() -> None:
    """One of them would be coded, and nobody would know that it was a guess."""
    text = "I went to the small library on my own last week. " * 2
    near = Texts({"t": text}).near("I went to the old library on my own last week.")
    assert len(near) == 2
    assert not is_clear(near)


def test_two_of_three_words_are_no_evidence() -> None:
    assert TEXTS.near("the worst day") == ()


@given(
    text=st.text(alphabet=st.sampled_from("ab \n\u00e9\u0301\U0001f600\u200d\"'\u201c-."), min_size=1, max_size=80),
    data=st.data(),
)
def test_every_span_is_among_the_places_of_its_words(text: str, data: st.DataObject) -> None:
    """Whatever letters: where words stand must be among the places that are told."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    places = Texts({"t": text}).places(text[start:end])
    assert (start, end) in {(place.start, place.end) for place in places}


@given(
    words=st.lists(st.sampled_from(["papers", "Ångström", "bus", "naïve", "\u201cno\u201d"]), min_size=4, max_size=12)
)
def test_decomposed_letters_and_other_blanks_change_nothing(words: list[str]) -> None:
    """A spreadsheet from another system has its accents apart."""
    text = f"Mira: {' '.join(words)} zzz"
    quoted = unicodedata.normalize("NFD", "\n ".join(words)).replace("\u201c", '"').replace("\u201d", '"')
    places = Texts({"t": text}).places(quoted)
    assert (6, len(text) - 4) in {(place.start, place.end) for place in places}
