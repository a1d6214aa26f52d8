"""Contacts, numbers and addresses are found by their form, with their check digits."""

from __future__ import annotations

import doctest

import pytest

from textcoder.pseudonyms import find_patterns, patterns


@pytest.mark.parametrize(
    ("text", "found", "kind"),
    [
        ("Ring me on 07700 900123, please.", "07700 900123", "phone"),
        ("Call +44 20 7946 0958.", "+44 20 7946 0958", "phone"),
        ("Mitt nummer är 070-174 06 12.", "070-174 06 12", "phone"),
        ("Write to mira.lund@example.org.", "mira.lund@example.org", "email"),
        ("It is mira.lund at gmail dot com", "mira.lund at gmail dot com", "email"),
        ("I live in LS6 2AB now", "LS6 2AB", "postcode"),
        ("at 14 Elm Street, then", "14 Elm Street", "address"),
        ("på Storgatan 12 B, sen", "Storgatan 12 B", "address"),
        ("born on 12 March 1961 in", "12 March 1961", "date of birth"),
        ("född den 3/4-61 tror jag", "3/4-61", "date of birth"),
        ("see https://example.org/mira?x=1.", "https://example.org/mira?x=1", "url"),
        ("my NHS number, 943 476 5919,", "943 476 5919", "health number"),
        ("AB 12 34 56 C is mine", "AB 12 34 56 C", "insurance number"),
        ("811218-9876 står det", "811218-9876", "personal number"),
        ("hetu on 131052-308T joo", "131052-308T", "personal number"),
        ("fødselsnummer 010107 50160 ja", "010107 50160", "personal number"),
        ("CPR 070761-4285", "070761-4285", "personal number"),
        ("to GB29 NWBK 6016 1331 9268 19 by", "GB29 NWBK 6016 1331 9268 19", "bank account"),
        ("his car, AB12 CDE, was", "AB12 CDE", "vehicle plate"),
        ("bilen ABC 123 stod", "ABC 123", "vehicle plate"),
    ],
)
def test_a_form_is_found_whole(text: str, found: str, kind: str) -> None:
    """Half a telephone number that stays is most of it."""
    assert [(text[m.start : m.end], m.kind) for m in find_patterns(text)] == [(found, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "between 1990 and 2010",
        "12 000 000 crowns and 1,500 pounds",
        "from 9.30 to 10.15 on 2024-05-12",
        "I'd say a 6 out of 10, perhaps 7.5",
        "in room 4B on floor 12",
        "2 or 3 times, 20, 30, 40",
    ],
)
def test_plain_numbers_are_nobody_s(text: str) -> None:
    """A scaling answer that is replaced is a sign of progress that is lost."""
    assert find_patterns(text) == []


def test_a_wrong_check_digit_is_asked() -> None:
    """A number that was misheard by one digit still points at somebody."""
    (found,) = find_patterns("811218-9875")
    assert (found.kind, found.sure) == ("personal number", False)


def test_the_published_examples_hold() -> None:
    """The check digits are those of the registers' own examples."""
    assert doctest.testmod(patterns).failed == 0
