"""WebVTT and SubRip: cues become a running text, one paragraph a turn, with a sync point for each cue."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from textcoder.errors import UnreadableFile
from textcoder.formats.extract import Extract, Utterance, build_dialogue
from textcoder.formats.speakers import find_speakers
from textcoder.formats.times import is_stamp, milliseconds

# Nothing is given back that was matched once: a tag that ends nowhere would be tried over and over.
_VOICE = re.compile(r"<v(?:\.[^\s<>]*+)?+[ \t]++([^<>]++)>")
_TAG = re.compile(r"</?(?:v|c|b|i|u|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}", re.IGNORECASE)
_ARROW = re.compile(r"^[ \t]*+[\d:.,]++[ \t]++-->[ \t]++[\d:.,]+", re.MULTILINE)
# The srt package would try each of these digits and blanks as a beginning.
_TOO_LONG, _BLANKS = re.compile(r"\d{100}"), re.compile(r"\s{100,}+")
# Two cues of one length, but for rounding.
_ROUNDING_MS = 2
_MOSTLY = 0.7
_LAST_MS = 1000 * 3_600_000  # a thousand hours: the last time that VTT is read with
_REMEDY = "Export the subtitles again, or give the text as TXT."


@dataclass(frozen=True, slots=True)
class _Cue:
    raw: str
    start_ms: int
    end_ms: int


def read_webvtt(text: str, file: str) -> Extract:
    """Read WebVTT. Speakers come from `<v Name>`; where no cue has a voice, from `Name:` at the beginning of cues.

    Raises:
        UnreadableFile: It is not WebVTT.
    """
    import webvtt

    try:
        captions = webvtt.from_string(text).captions
    except webvtt.errors.MalformedFileError as error:
        raise UnreadableFile(file, "this is not WebVTT; its first line must be WEBVTT.", _REMEDY) from error
    timed = [caption for caption in captions if is_stamp(caption.start) and is_stamp(caption.end)]
    cues = [_Cue(caption.raw_text, milliseconds(caption.start), milliseconds(caption.end)) for caption in timed]
    return _read_cues(cues, text)


def read_srt(text: str, file: str) -> Extract:
    """Read SubRip. Speakers come from `Name:` at the beginning of cues; a cue without one goes on with the last.

    Raises:
        UnreadableFile: A cue is broken.
    """
    import srt

    if _TOO_LONG.search(text):
        raise UnreadableFile(file, "a number in it is longer than any time of a cue.", _REMEDY)
    text = _BLANKS.sub(lambda blanks: "\n\n" if "\n" in blanks[0] else " ", text)
    try:
        subtitles = list(srt.parse(text))
    except (srt.SRTParseError, ValueError, OverflowError) as error:
        raise UnreadableFile(file, "this is not SubRip, or one of its cues is broken.", _REMEDY) from error
    milli = timedelta(milliseconds=1)
    cues = [_Cue(cue.content, cue.start // milli, cue.end // milli) for cue in subtitles]
    return _read_cues([cue for cue in cues if 0 <= cue.start_ms < _LAST_MS and 0 <= cue.end_ms < _LAST_MS], text)


def _read_cues(cues: Sequence[_Cue], text: str) -> Extract:
    voiced = any(_VOICE.search(cue.raw) for cue in cues)
    extract = build_dialogue(_voices(cues) if voiced else _labelled(cues))
    missing = len(_ARROW.findall(text)) - len(cues)
    note = f"Cues left out because their times are broken: {missing}." if missing > 0 else ""
    return replace(extract, note=note)


def _voices(cues: Sequence[_Cue]) -> Iterator[Utterance]:
    """What is said in each cue, by voice; one cue can hold several. Words outside any voice are nobody's."""
    for cue, opens in zip(cues, _cut_from_another(cues), strict=True):
        before, *parts = _VOICE.split(cue.raw)
        yield Utterance(_clean(before), None, cue.start_ms, cue.end_ms, opens)
        for name, words in zip(parts[::2], parts[1::2], strict=True):
            yield Utterance(_clean(words), _clean(name), cue.start_ms, cue.end_ms, opens)


def _cut_from_another(cues: Sequence[_Cue]) -> list[bool]:
    """For each cue, whether it comes from another utterance than the one before, as far as its length tells.

    A program that cuts long utterances into cues shares their time evenly: all cues of one have the same length. Where
    most neighbours in a file do, a change of length shows where the next utterance begins, even of the same voice.
    """
    lengths = [cue.end_ms - cue.start_ms for cue in cues]
    changes = [abs(now - before) > _ROUNDING_MS for before, now in pairwise(lengths)]
    even = changes.count(False) >= _MOSTLY * len(changes)
    return [False, *(change and even for change in changes)][: len(cues)]


def _labelled(cues: Sequence[_Cue]) -> Iterator[Utterance]:
    """What is said in each cue, by the names before colons; each cue is one line to the search for speakers.

    A name opens a turn even where it is the name of before, unless the file names somebody in nearly every cue.
    """
    lines = [_clean(cue.raw) for cue in cues]
    labels = {label.line: label for label in find_speakers("\n".join(lines))}
    sparse = len(labels) < _MOSTLY * len(lines)
    speaker, offset = None, 0
    for number, (cue, line) in enumerate(zip(cues, lines, strict=True)):
        label = labels.get(number)
        if label:
            speaker = label.name
        words = line[label.end - offset :] if label else line
        yield Utterance(words, speaker, cue.start_ms, cue.end_ms, opens=label is not None and sparse)
        offset += len(line) + 1


def _clean(raw: str) -> str:
    """The words on one line, without markup; "<3" and the like stay."""
    return " ".join(html.unescape(_TAG.sub("", raw)).split())
