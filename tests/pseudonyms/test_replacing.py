"""Every form is replaced as a whole word, and every offset finds its words again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.pseudonyms import Form, Moves, Replacer

LETTERS = "ab Åå\u0301é1'-.[\n😀"


def replaced(text: str, *forms: Form, file: str = "") -> str:
    return Moves(Replacer(forms).pieces(text, file=file)).text(text)


def test_the_longest_name_counts_and_words_stay_whole() -> None:
    """ "Annual" holds "Ann", and "[person 1] Lund" would still tell who it is."""
    forms = Form("Mira Lund", "[person 1]"), Form("Mira", "[person 1]"), Form("Ann", "[person 2]")
    assert replaced("Mira Lund's annual plan. Ann, Anna, Annual; w1_Mira.", *forms) == (
        "[person 1]'s annual plan. [person 2], Anna, Annual; w1_[person 1]."
    )


def test_a_form_of_one_transcript_holds_there_only() -> None:
    """Two women called Anna, in two interviews, stay two."""
    forms = Form("Anna", "[nurse 1]", "nurse", "a.txt"), Form("Anna", "[person 2]", "person", "b.txt")
    assert [replaced("Anna came", *forms, file=file) for file in ("a.txt", "b.txt", "c.txt")] == [
        "[nurse 1] came",
        "[person 2] came",
        "Anna came",
    ]
    assert "Anna" not in Replacer(forms).words("a memo on Anna")


def test_other_strings_are_replaced_whatever_their_capitals() -> None:
    """ "w1_mira.txt" tells as much as "Mira" does; a hope is nobody."""
    replacer = Replacer([Form("Mira", "[person 1]"), Form("Hope", "[person 2]", ordinary=True)])
    assert replacer.words("w1_mira.txt", plain=True) == "w1_person-1.txt"
    assert Replacer([Form("Weiß", "[person 3]")]).words("w1_weiß.txt", plain=True) == "w1_person-3.txt"
    assert replacer.words("w1_hope.txt", plain=True) == "w1_person-2.txt"
    assert replacer.words("MIRA lost hope, Hope did not") == "[person 1] lost hope, [person 2] did not"


@pytest.mark.parametrize("written", ["Weiß", "WEISS", "Weiss", "WEIß", "weiss"])
def test_a_letter_that_has_no_capital_hides_nobody(written: str) -> None:
    """A form in capitals says WEISS, and so does whoever has no ß on her keyboard."""
    replacer = Replacer([Form("Weiß", "[person 1]"), Form("Björn", "[person 2]")])
    assert replacer.words(f"Frau {written}, {written}s Hund") == f"Frau [person 1], {written}s Hund"
    assert Replacer([Form(written, "[person 1]")]).words("Weiß, Weißer") == "[person 1], Weißer"


def test_a_name_is_the_same_however_its_accents_are_kept() -> None:
    """A Mac keeps the name of a file as "o" and two dots apart."""
    replacer = Replacer([Form("Björn", "[person 2]")])
    assert replacer.words("w1_bjo\u0308rn.txt", plain=True) == "w1_person-2.txt"
    assert replacer.words("BJO\u0308RN came, bjorn did not") == "[person 2] came, bjorn did not"


def test_of_two_who_differ_in_capitals_each_keeps_her_own() -> None:
    """Weiß and WEISS may be two people, if the table says so."""
    replacer = Replacer([Form("Weiß", "[person 1]"), Form("Weiss", "[person 2]")])
    assert replacer.words("Weiß and Weiss") == "[person 1] and [person 2]"


@given(
    text=st.text(LETTERS, max_size=40),
    forms=st.lists(st.text(LETTERS, min_size=1, max_size=4), max_size=4),
    span=st.tuples(st.integers(0, 40), st.integers(0, 40)),
)
def test_a_span_keeps_its_words(text: str, forms: list[str], span: tuple[int, int]) -> None:
    """A coding would lie on other words than those that a person coded."""
    start, end = sorted(min(at, len(text)) for at in span)
    replacer = Replacer([Form(form, f"[person {i}]") for i, form in enumerate(forms)])
    pieces = replacer.pieces(text, cuts={start, end})
    moves = Moves(pieces)
    inside = [piece for piece in pieces if start <= piece.start and piece.end <= end]
    words, at = "", start
    for piece in inside:
        words += text[at : piece.start] + piece.new
        at = piece.end
    assert moves.text(text)[moves(start) : moves(end)] == words + text[at:end]


@given(text=st.text(LETTERS, max_size=40), forms=st.lists(st.text(LETTERS, min_size=1, max_size=4), max_size=4))
def test_what_was_replaced_can_be_put_back(text: str, forms: list[str]) -> None:
    """The key would open a project that is not the one that was closed."""
    from textcoder.pseudonyms import Piece

    pieces = Replacer([Form(form, f"[p {i}]") for i, form in enumerate(forms)]).pieces(text)
    moves = Moves(pieces)
    back = [Piece(moves(p.start), moves(p.start) + len(p.new), text[p.start : p.end]) for p in pieces]
    assert Moves(back).text(moves.text(text)) == text
