"""Bytes to canonical text."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.errors import UnreadableFile
from textcoder.formats.decoding import decode

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\téå🙂\u0301"), max_size=200)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@given(text=TEXTS)
def test_every_byte_order_mark_is_understood_and_dropped(mark: bytes, encoding: str, text: str) -> None:
    """Else files from Windows Notepad would begin with an invisible letter, and all offsets be one off."""
    text = text.removeprefix("\ufeff")
    assert decode(mark + text.encode(encoding), "a.txt").text == text


@given(text=TEXTS, end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_line_ends_become_lf_and_nothing_else_changes(text: str, end: str) -> None:
    """Else the same interview saved on two systems would have two sets of offsets."""
    text = text.removeprefix("\ufeff")
    assert decode(text.replace("\n", end).encode(), "a.txt").text == text


def test_one_wrong_byte_is_read_as_windows_1252() -> None:
    """Old transcripts with one curly apostrophe would be refused."""
    decoded = decode(b"You can\x92t do that.", "a.txt")
    assert (decoded.text, decoded.encoding) == ("You can\u2019t do that.", "cp1252")


@pytest.mark.parametrize("data", ["Привет, как дела?".encode("cp1251"), "こんにちは".encode("shift-jis")])
def test_what_is_neither_utf8_nor_western_is_asked_about(data: bytes) -> None:
    """Russian read as Windows-1252 would go through as nonsense letters."""
    with pytest.raises(UnreadableFile, match="--encoding"):
        decode(data, "a.txt")


def test_a_named_encoding_is_used_and_a_wrong_one_is_named_back() -> None:
    """The person who answers the question must be heard."""
    assert decode("Привет".encode("cp1251"), "a.txt", encoding="cp1251").text == "Привет"
    with pytest.raises(UnreadableFile, match="klingon"):
        decode(b"a", "a.txt", encoding="klingon")
    with pytest.raises(UnreadableFile, match="not ascii"):
        decode(b"\xe9", "a.txt", encoding="ascii")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "zip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"\0\0\0\x18ftypM4A ", "recording"),
        (bytes(range(256)) * 4, "not text"),
        ("hello".encode("utf-16-le"), "not text"),
    ],
)
def test_binary_with_a_text_name_is_refused_with_what_it_seems_to_be(data: bytes, kind: str) -> None:
    """A renamed PDF would be coded as thousands of lines of garbage."""
    with pytest.raises(UnreadableFile, match=kind) as caught:
        decode(data, "interview.txt")
    assert str(caught.value).startswith("interview.txt: ")


def test_a_form_feed_between_pages_is_text() -> None:
    """Text exported from word processors has them."""
    assert decode(b"page one\x0cpage two", "a.txt").text == "page one\x0cpage two"
