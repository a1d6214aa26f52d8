"""WebVTT and SubRip."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.domain.transcript import Transcript
from textcoder.errors import UnreadableFile
from textcoder.formats.extract import Extract, Utterance, build_dialogue
from textcoder.formats.subtitles import read_srt, read_webvtt

VTT = """WEBVTT

NOTE nobody says this

1
00:00:01.000 --> 00:00:04.000 align:start
<v.loud Jo Berg>So <i>tell</i> me &amp; us,</v>

00:00:04.500 --> 00:00:06.000
<v Jo Berg>how is it?</v>

00:00:06.500 --> 00:01:09.000
<v Mira>I <3 it.</v>
<v Jo Berg>Do you?</v>
"""


def said(extract: Extract) -> list[tuple[str | None, str, int | None, int | None]]:
    return [(t.speaker, extract.text[t.start : t.end], t.start_ms, t.end_ms) for t in extract.turns]


def test_voices_of_following_cues_become_one_turn_with_a_sync_point_for_each() -> None:
    """A sentence cut into two cues would be two segments, and its second half without a time."""
    extract = read_webvtt(VTT, "a.vtt")
    assert said(extract) == [
        ("Jo Berg", "So tell me & us, how is it?", 1000, 6000),
        ("Mira", "I <3 it.", 6500, 69_000),
        ("Jo Berg", "Do you?", 6500, 69_000),
    ]
    transcript = Transcript("t", "a.vtt", extract.text, extract.turns, "", sync=extract.sync)
    assert transcript.time_at(0, extract.text.index("how")) == 4500


def test_a_name_in_a_subtitle_holds_until_the_next_name() -> None:
    """Most cues have no name; their words would be nobody's."""
    text = "\n\n".join(
        f"{i}\n00:00:0{i},000 --> 00:00:0{i},900\n{line}"
        for i, line in enumerate(["Jo: How\nis", "it?", "Mira: Well,", "note: fine.", "Jo: I see.", "Mira: Yes."], 1)
    )
    extract = read_srt(text, "a.srt")
    assert [(s, w) for s, w, *_ in said(extract)] == [
        ("Jo", "How is it?"),
        ("Mira", "Well, note: fine."),
        ("Jo", "I see."),
        ("Mira", "Yes."),
    ]
    assert [point.ms for point in extract.sync] == [1000, 2000, 3000, 4000, 5000, 6000]


def test_names_in_every_cue_do_not_cut_a_turn() -> None:
    """Meeting programs repeat the name in each cue."""
    cues = ["Jo Berg: How", "Jo Berg: is it?", "Mira: Well.", "Mira: Fine.", "Jo Berg: Good."]
    text = "WEBVTT\n\n" + "\n\n".join(f"00:0{i}.000 --> 00:0{i}.900\n{cue}" for i, cue in enumerate(cues, 1))
    assert [w for _, w, *_ in said(read_webvtt(text.replace("00:0", "00:00:0"), "a.vtt"))] == [
        "How is it?",
        "Well. Fine.",
        "Good.",
    ]


def test_broken_cues_are_counted_and_what_is_no_subtitle_is_refused() -> None:
    """Words would be lost without a word."""
    assert (
        "broken: 2."
        in read_webvtt(VTT + "\n00:00:99.000 --> 00:00:x\nlost\n\n00:00:1 --> 00:00:2\nlost\n", "a.vtt").note
    )
    with pytest.raises(UnreadableFile, match="WEBVTT"):
        read_webvtt("hello", "a.vtt")
    with pytest.raises(UnreadableFile, match=r"a\.srt"):
        read_srt("hello", "a.srt")


@given(
    st.lists(
        st.builds(
            Utterance,
            st.text(st.sampled_from("ab🙂\u0301 \n"), max_size=20),
            st.sampled_from([None, "A", "B"]),
            st.none() | st.integers(0, 9999),
            st.none() | st.integers(0, 9999),
            st.booleans(),
        ),
        max_size=15,
    )
)
def test_a_built_dialogue_loses_no_words_and_keeps_order(utterances: list[Utterance]) -> None:
    """Words between cues would disappear, or be counted twice."""
    extract = build_dialogue(utterances)
    assert extract.text.split() == [word for said in utterances for word in said.words.split()]
    last = 0
    for turn in extract.turns:
        assert last <= turn.start < turn.end <= len(extract.text)
        last = turn.end
    offsets = [point.offset for point in extract.sync]
    assert offsets == sorted(set(offsets))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (
            read_webvtt,
            "WEBVTT\n\n99999:00:00.000 --> 99999:00:01.000\nNo.\n\n00:01.000 --> 00:02.000\nYes.\n",
        ),
        (
            read_srt,
            "1\n99999:00:00,000 --> 99999:00:01,000\nNo.\n\n2\n00:00:01,000 --> 00:00:02,000\nYes.\n",
        ),
    ],
)
def test_a_cue_with_a_time_beyond_all_is_left_out_and_counted(read: Callable[[str, str], Extract], text: str) -> None:
    """It would break the whole file, or no database could keep its time."""
    extract = read(text, "mira.vtt")
    assert extract.text == "Yes."
    assert extract.note == "Cues left out because their times are broken: 1."


@pytest.mark.parametrize("hours", ["9" * 12, "9" * 300])
def test_a_time_that_no_clock_has_is_refused(hours: str) -> None:
    with pytest.raises(UnreadableFile):
        read_srt(f"1\n{hours}:00:00,000 --> {hours}:00:01,000\nMira: No.\n", "mira.srt")


def test_blanks_without_end_are_blanks() -> None:
    """Each would be tried as the beginning of a cue."""
    text = f"1\n00:00:01,000 --> 00:00:02,000\nWe{' ' * 100_000}go.{chr(10) * 100_000}2\n00:00:03,000 --> 00:00:04,000\nOn.\n"
    assert read_srt(text, "mira.srt").text.split() == ["We", "go.", "On."]


def test_tags_that_end_nowhere_take_no_longer_than_others() -> None:
    """A hundred thousand of them would keep the machine busy for hours."""
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * 30_000 + "<v.a" + ".a" * 30_000 + " Mira: Yes.\n"
    assert read_webvtt(text, "mira.vtt").text
