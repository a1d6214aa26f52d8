"""Speech recognition as JSON."""

from __future__ import annotations

from typing import Any

import pytest

from textcoder.formats.whisper import read_whisper, utterances_of

SEGMENTS = [
    {"start": 0.5, "end": 2.25, "text": " So how", "speaker": "SPEAKER_00"},
    {"start": 2.25, "end": 3.0, "text": " is it?", "speaker": "SPEAKER_00"},
    {"start": 3.5, "end": 4.0, "text": " Fine. \ud83d", "speaker": "SPEAKER_01"},
]


def test_whisperx_segments_become_turns_with_times() -> None:
    """What a machine transcribed could not be coded."""
    value: dict[str, Any] = {"language": "sv", "segments": SEGMENTS}
    utterances = utterances_of(value)
    assert utterances is not None
    extract = read_whisper(value, utterances)
    assert [(t.speaker, extract.text[t.start : t.end], t.start_ms, t.end_ms) for t in extract.turns] == [
        ("SPEAKER_00", "So how is it?", 500, 3000),
        ("SPEAKER_01", "Fine. ?", 3500, 4000),  # half an emoji, which no file can hold
    ]
    assert extract.metadata == {"language": "sv"}
    assert [point.ms for point in extract.sync] == [500, 2250, 3500]


def test_whisper_without_speakers_is_one_unnamed_turn() -> None:
    """Nobody may be invented where the recogniser did not tell people apart."""
    value = {"segments": [{"text": "a"}, {"text": "b"}]}
    utterances = utterances_of(value)
    assert utterances is not None
    assert [turn.speaker for turn in read_whisper(value, utterances).turns] == [None]


def test_a_list_of_who_said_what_is_a_dialogue() -> None:
    """Other recognisers write it so."""
    utterances = utterances_of([{"speaker": "A", "text": "Hi?", "start": "00:01"}, {"speaker": "B", "text": "Yes."}])
    assert utterances is not None
    assert [(u.speaker, u.start_ms) for u in utterances] == [("A", 1000), ("B", None)]


@pytest.mark.parametrize(
    "value",
    [
        [{"text": "an answer", "respondent": "R1"}],
        [{"text": "an answer", "speaker": "R1", "question": "Why?"}],
        [{"id": 1}],
        {"answers": [{"text": "x"}]},
        [],
        "words",
        None,
        {"segments": []},
    ],
)
def test_other_json_is_left_to_the_reader_of_tables(value: Any) -> None:
    """A survey's answers would be glued into one speech."""
    assert utterances_of(value) is None


@pytest.mark.parametrize("time", [1e306, 10**30, -1, float("nan"), float("inf")])
def test_a_time_that_no_recording_has_is_none(time: float) -> None:
    """It would break the file, or no database could keep it."""
    (said,) = utterances_of({"segments": [{"text": "Yes.", "start": time, "end": time}]}) or ()
    assert (said.start_ms, said.end_ms) == (None, None)
