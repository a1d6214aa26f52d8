"""Speech recognition as JSON: Whisper, WhisperX, and lists of who said what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from textcoder.formats.extract import Extract, Utterance, build_dialogue
from textcoder.formats.rows import as_text
from textcoder.formats.times import is_stamp, milliseconds

# A record with one of these is an answer in a survey, whatever else it has.
_LONGEST = 10**9  # seconds; what is beyond, or before the beginning, is no time of a recording
_OF_A_SURVEY = frozenset(("question", "codes", "respondent", "participant", "case", "document", "attributes"))


def utterances_of(value: Any) -> list[Utterance] | None:
    """What is said in parsed JSON; None where it is no speech.

    Speech is `{"segments": [{text, start, end, speaker?}]}` or a list of `{speaker, text, start?, end?}`. Times are
    seconds (numbers) or stamps such as "00:01:02".
    """
    segments = value.get("segments") if isinstance(value, dict) else None
    records = segments if isinstance(segments, list) else value
    if not isinstance(records, list) or not records:
        return None
    if not all(isinstance(record, dict) and isinstance(record.get("text"), str) for record in records):
        return None
    if segments is None and not _is_dialogue(records):
        return None
    return [
        Utterance(_line(r["text"]), _line(r.get("speaker")) or None, _ms(r.get("start")), _ms(r.get("end")))
        for r in records
    ]


def read_whisper(value: Mapping[str, Any] | Sequence[Any], utterances: Sequence[Utterance]) -> Extract:
    """The dialogue of the utterances found in `value`; the language that the recogniser heard becomes metadata."""
    language = value.get("language") if isinstance(value, Mapping) else None
    return replace(build_dialogue(utterances), metadata={"language": language} if isinstance(language, str) else {})


def _is_dialogue(records: Sequence[Mapping[str, Any]]) -> bool:
    return all(isinstance(r.get("speaker"), str) and not _OF_A_SURVEY & r.keys() for r in records)


def _line(value: object) -> str:
    return " ".join(as_text(value).split())


def _ms(time: Any) -> int | None:
    if isinstance(time, str):
        return milliseconds(time) if is_stamp(time) else None
    return round(time * 1000) if isinstance(time, (int, float)) and 0 <= time < _LONGEST else None
