"""The words of each language, from models/progress/<language>.toml, compiled once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from textcoder.resources import data_folder

LANGUAGES = ("da", "en", "nb", "sv")
"""With words of their own; marks are there for English and Swedish, scaling answers for all four."""

_NEVER = r"(?!)"
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "\n": " ", "\r": " ", "\t": " "})


def plain(text: str) -> str:
    """The text in small letters with straight apostrophes and blanks, code point by code point: offsets stay what they are."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a Turkish İ has two code points in small letters
        lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return lowered.translate(_STRAIGHT)


@dataclass(frozen=True, slots=True, eq=False)
class MarkWords:
    """One way in which a mark shows.

    Attributes:
        kind: Of the mark.
        part: What it is within its kind.
        words: What speaks for it.
        unless: What in the same sentence takes it back.
        need: What must stand in the same sentence, too.
        asked: What the question must ask.
        verb: `past` or `base`: a word of the match must be read as a verb of this form; empty asks for nothing.
        plain: Whether it may stand under a "not".
        why: In words.
    """

    kind: str
    part: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    need: re.Pattern[str] | None
    asked: re.Pattern[str] | None
    verb: str
    plain: bool
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of one language.

    Attributes:
        language: ISO 639-1 code.
        values: Number word to number.
        scaling: Name to pattern; see the comments in models/progress/en.toml.
        number: A number, as words or digits, with its half or decimals.
        follow: Words that may follow a number that counts nothing.
        marks: See `MarkWords`.
    """

    language: str
    values: Mapping[str, float]
    scaling: Mapping[str, re.Pattern[str]]
    number: re.Pattern[str]
    follow: frozenset[str]
    marks: tuple[MarkWords, ...]

    def value(self, said: re.Match[str]) -> float:
        """What a match of `number` amounts to."""
        word = said["word"]
        if word[0].isdigit():
            found = float(word.replace(",", "."))
        else:
            tens, _, ones = word.partition("-") if "-" in word else word.partition(" ")
            found = self.values[word] if word in self.values else self.values[tens] + self.values[ones]
        if said["half"]:
            return found + 0.5
        return found + float(f"0.{int(self.values[said['tenth']])}") if said["tenth"] else found


@cache
def words_of(language: str) -> Words | None:
    """The words of a language; None where there are none."""
    if language not in LANGUAGES:
        return None
    table = tomllib.loads((data_folder("models") / "progress" / f"{language}.toml").read_text(encoding="utf-8"))
    return _read(language, table)


def _read(language: str, table: Mapping[str, object]) -> Words:
    scaling, marks = table["scaling"], table.get("mark", [])
    assert isinstance(scaling, dict) and isinstance(marks, list)
    values: dict[str, float] = {word: float(value) for word, value in scaling["numbers"].items()}
    tens = [word for word, value in values.items() if value in range(20, 100, 10)]
    ones = [word for word, value in values.items() if 0 < value < 10]
    compound = f"(?:{_any(tens)})[- ](?:{_any(ones)})"
    one = f"(?:{compound}|{_any(values)})"
    word = rf"(?P<word>\b{one}\b|(?<![\d.,:])\d{{1,3}}(?:[.,]\d{{1,2}})?(?![\d:]|[.,]\d|-\d{{3}}|-[a-z]))"
    tail = rf"(?:(?P<half>½| ?{scaling['half']}\b)| {scaling['point']} (?P<tenth>{_any(ones)}|{_any(values)})\b)?"
    loose = rf"(?:\b{one}\b|\d{{1,3}}(?:[.,]\d)?)(?: {scaling['half']})?"
    patterns = {
        name: re.compile(pattern.replace("{n}", loose))
        for name, pattern in scaling.items()
        if name not in ("numbers", "follow")
    }
    return Words(
        language,
        values,
        patterns,
        re.compile(word + tail),
        frozenset(str(scaling["follow"]).split()),
        tuple(_mark(mark) for mark in marks),
    )


def _mark(entry: Mapping[str, object]) -> MarkWords:
    def pattern(name: str) -> re.Pattern[str] | None:
        return re.compile(str(entry[name])) if name in entry else None

    return MarkWords(
        str(entry["kind"]),
        str(entry["part"]),
        pattern("words") or re.compile(_NEVER),
        pattern("unless"),
        pattern("need"),
        pattern("asked"),
        str(entry.get("verb", "")),
        bool(entry.get("plain", False)),
        str(entry["why"]),
    )


def _any(words: Iterable[str]) -> str:
    """The longest first, lest "six" be found in "sixty"."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
