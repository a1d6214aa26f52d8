"""Plain text and Markdown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textcoder.formats.plain import read_plain

FRONT = '---\nCase: SU03\nwave: 01\ndate: 2024-05-02\nrecorded: yes\nspeakers:\n  - Leila\nnote: ""\n---\n'


def test_front_matter_becomes_metadata_as_it_is_written() -> None:
    """A date would come back as another one, wave 01 as 1, and yes as True."""
    extract = read_plain(FRONT + "\n**Hanna:** Hi?\n\n**Leila:** Yes.\n")
    assert extract.metadata == {"case": "SU03", "wave": "01", "date": "2024-05-02", "recorded": "yes"}
    assert [turn.speaker for turn in extract.turns] == ["Hanna", "Leila"]


@given(body=st.text(st.sampled_from("ab🙂\u0301 \n:"), max_size=80))
def test_the_canonical_text_is_the_whole_file_and_turns_come_after_the_front_matter(body: str) -> None:
    """Offsets would not fit the file that the researcher looks at."""
    extract = read_plain(FRONT + body)
    assert extract.text == FRONT + body
    assert all(turn.start >= len(FRONT) for turn in extract.turns)


def test_broken_front_matter_is_said_and_not_coded() -> None:
    """A forgotten quotation mark would make the front matter a participant's words."""
    extract = read_plain('---\ncase: "SU03\n---\nI walked.\n')
    assert "front matter" in extract.note
    assert [extract.text[turn.start : turn.end] for turn in extract.turns] == ["I walked."]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    """The first paragraph of a reflection would be lost."""
    extract = read_plain("---\nI walked today.\n---\nThen I slept.\n")
    assert [extract.text[turn.start : turn.end] for turn in extract.turns] == ["I walked today.", "Then I slept."]


def test_times_inside_a_long_turn_are_kept() -> None:
    """A quotation late in a monologue would be looked for at its beginning."""
    text = "**Ann:** One.\n\n\\[04:01\\] Two.\n\n[03:00] Back.\n\n**Bo:** Three?\n\n**Ann:** [05:00] Four."
    extract = read_plain(text)
    assert [(text[p.offset :].split()[0], p.ms) for p in extract.sync] == [("Two.", 241_000)]
    assert extract.turns[2].start_ms == 300_000
