"""Scaling answers: "Six, maybe seven", "from a three to a six", "7/10", with the scale, and whether they speak of now, before or a hope.

A number is taken for an answer where a scale was asked for, is named in the same words, or shows in the form ("seven out of ten", "from
a three to a six"). What counts something (years, people, money, hours) is none. All patterns are data (models/progress); how well they
do is measured by `python -m tests.quality.progress`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from textcoder.progress.words import Words, plain

ASSUMED = (0.0, 10.0)
"""The scale where nobody says which: zero to ten is the one that Solution-Focused practice uses."""

_TOPS = (5.0, 6.0, 7.0, 10.0, 100.0)
"""At which a scale may end."""
_PLAIN_TOPS = (5.0, 10.0, 100.0)
"""At which one may end that nobody asked for; "two out of three" and "five out of six" count people and days."""
_SENTENCE = re.compile(r"(?<!\d)[.?!…]+(?=\s|$)|[.?!…]+(?=\s|$)|\.\.\.|…|[\[\]()\"“”]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_END = re.compile(r"^\s*(?:$|(?:[.,;:?!…)\]\"”](?!\d)|[–—-](?=\s|$|\d)))")


class About(StrEnum):
    """Of what a number speaks."""

    NOW = "now"
    BEFORE = "before"
    HOPED = "hoped"
    OTHER = "other"
    """What somebody else would say, what it is not, or what it would be if."""


class Strength(StrEnum):
    """How surely the question asks for a number on a scale."""

    NONE = "none"
    NEAR = "near"
    """A scale was spoken of shortly before."""
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for.

    Attributes:
        strength: Whether it asks for a number on a scale.
        low: Where the scale begins.
        high: Where it ends.
        stated: Whether the interviewer said so; else zero to ten is assumed.
        about: Of what an answer without any sign of its own speaks.
    """

    strength: Strength = Strength.NONE
    low: float = ASSUMED[0]
    high: float = ASSUMED[1]
    stated: bool = False
    about: About = About.NOW


NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True)
class ScalingAnswer:
    """One number on a scale.

    Attributes:
        start: First code point of its words, in the text that was looked at.
        end: One past the last.
        low: The number, or the lower end of a range ("six, maybe seven").
        high: Likewise the upper end; the same where there is one number.
        about: Of what it speaks.
        scale_low: Where the scale begins.
        scale_high: Where it ends.
        stated: Whether the scale was said; else zero to ten is assumed.
        why: What speaks for it, in words.
    """

    start: int
    end: int
    low: float
    high: float
    about: About
    scale_low: float
    scale_high: float
    stated: bool
    why: str

    @property
    def value(self) -> float:
        """The number, of a range its middle."""
        return (self.low + self.high) / 2

    @property
    def tenths(self) -> float:
        """The number as it would be on a scale that ends at ten: 4 of 5 is 8, 70 of 100 is 7."""
        return 10 * self.value / self.scale_high


def states_scale(question: str, words: Words) -> bool:
    """Whether a turn speaks of a scale, so that what is asked after it may still be about it."""
    text = plain(question)
    return _ends(text, words) is not None or words.scaling["scale"].search(text) is not None


def read_question(question: str, words: Words, *, earlier: str = "") -> Asked:
    """What a question asks for.

    Args:
        question: The words that the answer answers; may be empty.
        words: Of the language.
        earlier: The last turn of the interviewer, shortly before, in which a scale was spoken of; empty where there was none.
    """
    text, cues = plain(question), words.scaling
    own = _ends(text, words)
    ends = own or _ends(plain(earlier), words)
    low, high = ends or ASSUMED
    asking = _asking(text, words)
    counts = bool(asking) and cues["counts"].search(asking[-1]) is not None
    if own or cues["scale"].search(text) or (not counts and _names_number(text, words, high)):
        strength = Strength.ASKED
    else:
        strength = Strength.NEAR if earlier and not counts else Strength.NONE
    return Asked(strength, low, high, ends is not None, _asked_about(asking, words))


def _asking(text: str, words: Words) -> list[str]:
    """The sentences that ask, or all where none does, without the words that say what the ends of the scale mean."""
    sentences = [sentence for sentence in re.split(r"(?<=[.?!])\s+", text) if sentence.strip()]
    asking = [sentence for sentence in sentences if sentence.endswith("?")] or sentences
    return [re.sub(rf"(?:{words.scaling['top_is'].pattern})[^,.;?]*", "", sentence) for sentence in asking]


def _names_number(text: str, words: Words, most: float) -> bool:
    """Whether a question names a number as a place on a scale: "What would a four look like?"."""
    named = (words.number.search(match[0]) for match in words.scaling["numbered"].finditer(text))
    return any(number is not None and words.value(number) <= most for number in named)


def _asked_about(asking: list[str], words: Words) -> About:
    """What the last sentence asks about that says so. "You gave it a four last time" alone asks for now."""
    for sentence in reversed(asking):
        for name, about in (
            ("asks_other", About.OTHER),
            ("asks_hoped", About.HOPED),
            ("asks_now", About.NOW),
            ("asks_before", About.BEFORE),
        ):
            if words.scaling[name].search(sentence) and (about is not About.BEFORE or sentence.endswith("?")):
                return about
    return About.NOW


def _ends(text: str, words: Words) -> tuple[float, float] | None:
    """Where the scale that a text names begins and ends."""
    cues = words.scaling
    if points := re.search(rf"(\w+){cues['points'].pattern}", text):
        top = _amount(points[1], words)
        return (1.0, top) if top in _TOPS else None
    if both := cues["ends"].search(text):
        return _amount(both[1], words), _amount(both[2], words)
    if top_is := cues["top_is"].search(text):
        return 0.0, _amount(top_is[1], words)
    return None


def _amount(word: str, words: Words) -> float:
    if word[0].isdigit():
        return float(word)
    return words.values.get(word.split()[-1], 0.0)


@dataclass(frozen=True, slots=True)
class _Number:
    """A number in the text, maybe an answer: its span, and the sentence that it stands in."""

    start: int
    end: int
    value: float
    word: str
    first: int
    last: int


def find_scaling(text: str, words: Words, asked: Asked = NOTHING_ASKED) -> list[ScalingAnswer]:
    """The scaling answers in what somebody said, in order.

    Cost: some hundredths of a millisecond for a text without numbers, some tenths with.

    Args:
        text: Her words; offsets of what is found are code points into it.
        words: Of the language.
        asked: What the question asked for.
    """
    low = plain(text)
    matches = list(words.number.finditer(low))
    if not matches:
        return []
    if words.scaling["scale"].search(low):
        asked = replace(asked, strength=Strength.ASKED)
        if named := _ends(low, words):
            asked = replace(asked, low=named[0], high=named[1], stated=True)
    return _Reader(low, words, asked).answers(matches)


class _Reader:
    """One text being read."""

    def __init__(self, text: str, words: Words, asked: Asked) -> None:
        self.text, self.words, self.asked, self.cues = text, words, asked, words.scaling

    def answers(self, matches: list[re.Match[str]]) -> list[ScalingAnswer]:
        """See `find_scaling`."""
        numbers = list(self._numbers(matches))
        taken: list[tuple[_Number, ScalingAnswer]] = []
        skip: set[int] = set(self._scale_itself())
        for i, number in enumerate(numbers):
            if number.start in skip:
                continue
            following = numbers[i + 1] if i + 1 < len(numbers) else None
            found, used = self._answer(number, following, taken[-1][0] if taken else None)
            if used and following is not None:
                skip.add(following.start)
            if found is not None:
                taken.append((number, found))
        taken += [pair for pair in self._moves(numbers) if all(pair[0].start != one[0].start for one in taken)]
        taken.sort(key=lambda pair: pair[0].start)
        return self._joined(taken)

    def _numbers(self, matches: list[re.Match[str]]) -> Iterator[_Number]:
        bounds = [0, *(match.end() for match in _SENTENCE.finditer(self.text)), len(self.text)]
        for match in matches:
            first = max(bound for bound in bounds if bound <= match.start())
            last = min(bound for bound in bounds if bound >= match.end())
            yield _Number(match.start(), match.end(), self.words.value(match), match["word"], first, last)

    def _scale_itself(self) -> Iterator[int]:
        """Places of the numbers that name the scale's own ends."""
        for name in ("ends", "top_is"):
            for match in self.cues[name].finditer(self.text):
                yield from (match.start(group) for group in range(1, len(match.groups()) + 1))
        for match in re.finditer(rf"(\w+){self.cues['points'].pattern}", self.text):
            yield match.start(1)

    def _answer(
        self, number: _Number, following: _Number | None, before: _Number | None
    ) -> tuple[ScalingAnswer | None, bool]:
        """The answer that a number is, if it is one, and whether the number after it belongs to it."""
        left, right = self.text[number.first : number.start], self.text[number.end : number.last]
        if following is not None and following.value in _TOPS:
            between = self.text[number.end : following.start].strip()
            if self.cues["out_of"].fullmatch(between):
                return self._out_of(number, following, left, between), True
        if not self.asked.low <= number.value <= self.asked.high or self.asked.strength is Strength.NONE:
            return None, False
        if not self._is_answer(number, left, right, before):
            return None, False
        why = "said of a scale that was asked for" if self.asked.strength is Strength.ASKED else "a scale was spoken of"
        return self._made(number, why), False

    def _out_of(self, number: _Number, top: _Number, left: str, sign: str) -> ScalingAnswer | None:
        after = self.text[top.end : top.last]
        dated = sign == "/" and self.cues["not_before_slash"].search(left.rstrip()) is not None
        unasked = self.asked.strength is Strength.NONE and top.value not in _PLAIN_TOPS
        if number.value > top.value or dated or unasked or not self._counts_nothing(after):
            return None
        made = self._made(replace(number, end=top.end), "said as so many out of so many")
        same = self.asked.strength is not Strength.NONE and self.asked.high == top.value
        return replace(made, scale_low=self.asked.low if same else 0.0, scale_high=top.value, stated=True)

    def _is_answer(self, number: _Number, left: str, right: str, before: _Number | None) -> bool:
        cues, bare_left = self.cues, left.rstrip()
        if cues["not_after"].search(right.lstrip()) or not self._counts_nothing(right):
            return False
        if self._alone(left, right) or self._article(left):
            return True
        if self.asked.strength is Strength.NEAR or cues["ones"].fullmatch(number.word):
            # "One" alone stands for too much else, unless it is said to be where one is; so does any number a while after the question.
            said = cues["being_at"].search(bare_left) or cues["says"].search(bare_left)
            return said is not None and _END.match(right) is not None
        if cues["not_before"].search(bare_left):
            return False
        if not bare_left or cues["being_at"].search(bare_left) or cues["before_number"].search(bare_left):
            return True
        if bare_left.endswith((",", ":", "–", "—", "-")) or self._only_asides(bare_left):
            return True
        near = before is not None and before.first == number.first
        gap = self.text[before.end : number.start] if near and before is not None else "x"
        if near and (cues["joint"].fullmatch(gap.strip(" ,-–")) or cues["both"].fullmatch(gap.strip())):
            return True
        return re.search(rf"\b(?:{cues['from'].pattern}|{cues['between'].pattern})$", bare_left) is not None or (
            near and re.search(rf"\b{cues['to'].pattern}(?: {cues['hedge'].pattern})?$", bare_left) is not None
        )

    def _article(self, left: str) -> bool:
        quality = self.cues["quality"].pattern
        return re.search(rf"(?:^|\W){self.cues['article'].pattern}\s+(?:{quality}\s+)?$", left) is not None

    def _only_asides(self, left: str) -> bool:
        """Whether nothing but "oh, well, I'd say" stands before it."""
        return self._made_of(left, "aside", "alone", "hedge")

    def _alone(self, left: str, right: str) -> bool:
        """Whether the sentence is nothing but the number and "maybe", "I'd say" and the like."""
        left = re.sub(rf"\b{self.cues['article'].pattern}\s*$", "", left)
        return self._only_asides(left) and self._made_of(right, "alone", "hedge")

    def _made_of(self, part: str, *names: str) -> bool:
        """Whether a part of the text is made of such words alone. Atomic, since a word may stand in several lists."""
        some = "|".join(self.cues[name].pattern for name in names)
        return re.fullmatch(rf"\W*+(?:(?>(?:{some})\b)\W*+)*+", part) is not None

    def _counts_nothing(self, right: str) -> bool:
        """Whether what follows cannot be what is counted."""
        if _END.match(right):
            return True
        following = _WORD.match(right.lstrip(" ,–—-"))
        return right[:1] in " ," and following is not None and following[0] in self.words.follow

    # --- of what it speaks --------------------------------------------------------------------------------------------------------------

    def _made(self, number: _Number, why: str) -> ScalingAnswer:
        return ScalingAnswer(
            number.start,
            number.end,
            number.value,
            number.value,
            self._about(number),
            self.asked.low,
            self.asked.high,
            self.asked.stated,
            why,
        )

    def _about(self, number: _Number) -> About:
        """From the words of the number's own clause, else of the sentence before it, else from the question."""
        left, right = self.text[number.first : number.start], self.text[number.end : number.last]
        if re.search(rf"\b{self.cues['from'].pattern}\s+(?:{self.cues['article'].pattern}\s+)?$", left):
            return About.BEFORE
        cuts = list(self.cues["clause"].finditer(left))
        own = left[cuts[-1].start() if cuts else 0 :]
        end = self.cues["clause"].search(right)
        rest = right[: end.start() if end else len(right)]
        found = self._cue(own, last=True) or self._cue(rest, last=False)
        if found is None and self.cues["likely_now"].search(own + " " + rest) is None and cuts:
            found = self._cue(left, last=True)
        return self.asked.about if found is None else found

    def _cue(self, part: str, *, last: bool) -> About | None:
        """The nearest sign in a part of the sentence: the last one before the number, or the first one after it."""
        places: list[tuple[int, int, About]] = []
        for rank, about in enumerate((About.NOW, About.BEFORE, About.HOPED, About.OTHER)):
            for match in self.cues[about.value].finditer(part.rstrip() if about is not About.OTHER else part):
                places.append((match.end() if last else -match.start(), rank, about))
        # "If" before a number supposes it; after it ("if you want one") it does not.
        if last and self.cues["supposing"].search(part):
            return About.OTHER
        # Somebody else's view, and what it is not, stay so whatever is said beside.
        if last and any(about is About.OTHER for _, _, about in places):
            return About.OTHER
        return max(places)[2] if places else None

    # --- from here to there -------------------------------------------------------------------------------------------------------------

    def _moves(self, numbers: list[_Number]) -> Iterator[tuple[_Number, ScalingAnswer]]:
        """ "From a three to maybe a six": the form tells, without any question."""
        article, hedge = self.cues["article"].pattern, self.cues["hedge"].pattern
        for one, other in pairwise(numbers):
            left = self.text[one.first : one.start]
            between = self.text[one.end : other.start]
            if one.first != other.first or max(one.value, other.value) > ASSUMED[1]:
                continue
            begins = re.search(rf"\b{self.cues['from'].pattern}\s+(?:{hedge}\s+)?(?:{article}\s+)?$", left)
            goes = re.fullmatch(
                rf"\s*{self.cues['to'].pattern}\s+(?:{hedge}\s+)?(?:(?P<article>{article})\s+)?(?:{hedge}\s+)?", between
            )
            if not begins or not goes:
                continue
            both = self._article(left) and goes["article"] is not None
            if both and self._counts_nothing(self.text[other.end : other.last]):
                yield one, replace(self._made(one, "a move from one number to another"), about=About.BEFORE)
                yield other, self._made(other, "a move from one number to another")

    # --- together -----------------------------------------------------------------------------------------------------------------------

    def _joined(self, taken: list[tuple[_Number, ScalingAnswer]]) -> list[ScalingAnswer]:
        """Two numbers that are one answer become a range: "six, maybe seven", "between a four and a five"."""
        joined: list[ScalingAnswer] = []
        place = -1
        for number, answer in taken:
            previous = joined[-1] if joined else None
            if previous is not None and place == number.first and self._is_range(previous, answer, number):
                low, high = sorted((previous.low, answer.high))
                joined[-1] = replace(previous, end=answer.end, low=low, high=high)
            else:
                joined.append(answer)
            place = number.first
        return joined

    def _is_range(self, one: ScalingAnswer, other: ScalingAnswer, number: _Number) -> bool:
        gap = self.text[one.end : other.start]
        article = self.cues["article"].pattern
        gap = re.sub(rf"(?:^|\s){article}\s*$", " ", gap).strip(" ,")
        left = self.text[number.first : one.start]
        if one.low != one.high or one.scale_high != other.scale_high or one.low == other.low:
            return False
        if re.search(rf"\b{self.cues['from'].pattern}\s+(?:{article}\s+)?$", left):
            return False
        if self.cues["both"].fullmatch(gap):
            return re.search(rf"\b{self.cues['between'].pattern}\s+(?:{article}\s+)?$", left) is not None
        return gap in ("-", "–") or self.cues["joint"].fullmatch(gap) is not None
