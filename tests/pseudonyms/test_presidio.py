"""What Presidio finds is asked, never replaced unasked; and it fetches nothing."""

from __future__ import annotations

import importlib.util
import socket
from dataclasses import dataclass
from itertools import permutations

import pytest

from textcoder.errors import MissingPackage
from textcoder.pseudonyms import PATTERN_KINDS, Choice, Mention, Source, load_presidio, propose
from textcoder.pseudonyms.presidio import mentions_from

KINDS = {"CREDIT_CARD": "card number", "US_PASSPORT": "passport", "US_BANK_NUMBER": "bank account"}
INSTALLED = importlib.util.find_spec("presidio_analyzer") is not None


@dataclass(frozen=True)
class Result:
    """What Presidio's own result holds, of which we read these."""

    entity_type: str
    start: int
    end: int
    score: float


def test_of_what_overlaps_the_likeliest_is_asked() -> None:
    """One number would be two rows, and a table of another order on the next day."""
    results = (
        Result("US_BANK_NUMBER", 8, 17, 0.4),
        Result("US_PASSPORT", 8, 17, 0.45),
        Result("CREDIT_CARD", 0, 4, 1.0),
    )
    for order in permutations(results):
        found = mentions_from(order, KINDS)
        assert [(one.start, one.end, one.kind) for one in found] == [(0, 4, "card number"), (8, 17, "passport")]
        assert not any(one.sure for one in found)


def test_a_number_that_begins_with_a_letter_is_shown() -> None:
    """ "A" is also a plain word, and the passport would silently not be in the table."""
    text = "I had a passport then, A12345678."
    at = text.index("A1")
    mention = Mention(at, at + 9, "passport", sure=False, why="found by Presidio")
    (row,) = propose([Source(text, "a.txt", [mention])])
    assert (row.name, row.pseudonym) == ("A12345678", "[passport 1]")
    assert (row.decision, row.why) == (Choice.ASK, "found by Presidio")


@pytest.mark.skipif(INSTALLED, reason="is about a machine without the extra textcoder[presidio]")
def test_without_the_package_the_remedy_is_said() -> None:
    """She would see a traceback."""
    with pytest.raises(MissingPackage, match=r"textcoder\[presidio\]"):
        load_presidio()


@pytest.mark.skipif(not INSTALLED, reason="needs the extra textcoder[presidio]")
def test_presidio_itself_finds_numbers_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of classes change with its versions, and its defaults fetch models and lists."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("it must not reach for the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    find = load_presidio()
    # Numbers that their makers give as examples.
    text = (
        "I paid with 4111 1111 1111 1111 from 192.0.2.10. My passport is A12345678 🙂, my driving licence MORGA753116SM9IJ, "
        "my wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa. In 1999 I was 45, and went from a three to a six. mira@example.org"
    )
    found = find(text)
    assert {text[one.start : one.end]: one.kind for one in found} == {
        "4111 1111 1111 1111": "card number",
        "192.0.2.10": "network address",
        "A12345678": "passport",
        "MORGA753116SM9IJ": "licence",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": "wallet",
    }
    assert {one.kind for one in found} <= set(PATTERN_KINDS)
    assert not any(one.sure for one in found)
