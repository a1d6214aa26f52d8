"""Where the words of a text stand in a corrected one, and what of that is proven.

Words are matched, not letters: first what both texts begin and end with, then words that stand once in both (the longest series of them
that keeps its order: patience diff, after Bram Cohen), and so on between these. What is left is looked at in its place for words with one
wrong letter or a wrong blank, then for whole passages that were moved.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

_FIRM = 3
"""Words in a row that must match before they are taken for the same place in two texts; fewer are so only close to such a row."""
_CLOSE = 40
"""Words between two firm rows up to which a single word between them may match."""
_MOVED = 5
"""Words in a row, standing once in each text, by which a moved passage is known."""
_GAP = 2_500
"""Pairs of words up to which a rewritten place is looked at word by word."""
_COMPARED = 250_000
"""Pairs of words up to which texts without a word that stands once in both are compared."""
_REPAIRED = 4
"""Letters from which a word may differ in one: "can" and "can't", "now" and "not" never are the same word."""
_JOINED = 3
"""Words that may be one word with other blanks."""


class Change(StrEnum):
    """What is otherwise in the words of a span that was carried."""

    WHITESPACE = "whitespace"
    CASE = "case"
    PUNCTUATION = "punctuation"
    LETTERS = "letters"
    WHOLE = "whole text"
    """The span is the whole text, whatever it says now."""


class Doubt(StrEnum):
    """Why a span is not carried."""

    REWRITTEN = "rewritten"
    SPLIT = "split"
    """Its words are there, with others among them; or it ends inside a word that was changed."""
    DELETED = "deleted"
    UNCLEAR = "unclear"
    """Its words stand there repeatedly, and one of the repetitions came or went: nobody can tell which."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Where the words of a span stand now.

    Attributes:
        start: First code point in the new text.
        end: One past the last.
        changes: What is otherwise, in the order of `Change`; empty where the words are the same, code point by code point.
        moved: They belong to a passage that stands elsewhere now.
    """

    start: int
    end: int
    changes: tuple[Change, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """A span whose words cannot be proven to stand in the new text.

    Attributes:
        why: What happened to them.
        start: Where to look in the new text: between what stood before them and what stood after.
        end: One past the last; `start` where nothing is in between.
    """

    why: Doubt
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    key: str
    """By which words are the same: letters in composed form, without case."""
    opens: int
    """2 for the first word on its line, 1 for the first of a sentence, else 0."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Old words [low, high) are new words [to, past): one for one, or the same letters with other blanks."""

    low: int
    high: int
    to: int
    past: int
    moved: bool = False

    @property
    def is_single(self) -> bool:
        return self.high - self.low == self.past - self.to == 1


class SpanMap:
    """Carries spans of one text over to another.

    Cost: linear in the words for texts that are mostly the same; see tests/performance for figures.

    Args:
        old: The text that the spans are of.
        new: The corrected one.

    Attributes:
        kept: Share of the old text's words that stand in the new one, in [0, 1]; 1 for a text without words.
    """

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self._old, self._new = _words(old), _words(new)
        to = _aligned([word.key for word in self._old], [word.key for word in self._new])
        _drop_chance(to, len(self._new))
        self._doubtful = _slid(to, self._old, self._new)
        self._block: list[_Block | None] = [None if j < 0 else _Block(i, i + 1, j, j + 1) for i, j in enumerate(to)]
        self._fill_gaps(to)
        self._follow_moves()
        self._starts = [word.start for word in self._old]
        self._ends = [word.end for word in self._old]
        self._before, self._after = self._neighbours()
        self.kept = 1.0 if not to else sum(block is not None for block in self._block) / len(to)

    # --- asking -------------------------------------------------------------------------------------------------------------------------

    def carry(self, start: int, end: int) -> Carried | Queued:
        """Where the words of a span stand in the new text, or why that cannot be told. Cost: linear in its words.

        Raises:
            ValueError: It lies outside the old text, or is empty.
        """
        if not 0 <= start < end <= len(self.old):
            raise ValueError(f"{start}-{end} is no span of a text of {len(self.old)} code points.")
        if self.old == self.new:
            return Carried(start, end)
        if (start, end) == (0, len(self.old)) and self.new:
            return Carried(0, len(self.new), (Change.WHOLE,))
        first, past = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if first >= past:
            return self._between_words(start, end, first)
        blocks = self._blocks(first, past)
        if blocks is None:
            return self._queued(first, past, start, end)
        a, b = self._begin(first, blocks[0], start), self._finish(past - 1, blocks[-1], end)
        if a is None or b is None:
            return Queued(Doubt.SPLIT, self._new[blocks[0].to].start, self._new[blocks[-1].past - 1].end)
        if all(self._doubtful[first:past]):
            return Queued(Doubt.UNCLEAR, a, b)
        return Carried(a, b, self._changes(start, end, a, b), any(block.moved for block in blocks))

    def words_kept(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where each word of a span that was kept stands in the new text, in the order of the old one; deleted ones are left out."""
        first, past = bisect_right(self._ends, start), bisect_left(self._starts, end)
        blocks = dict.fromkeys(block for block in self._block[first:past] if block is not None)
        return [(word.start, word.end) for block in blocks for word in self._new[block.to : block.past]]

    def _blocks(self, first: int, past: int) -> list[_Block] | None:
        """The blocks that are just these old words, one after the other in the new text; None where they are not."""
        found: list[_Block] = []
        i = first
        while i < past:
            block = self._block[i]
            if block is None or block.low != i or block.high > past or (found and block.to != found[-1].past):
                return None
            found.append(block)
            i = block.high
        return found

    def _begin(self, first: int, block: _Block, start: int) -> int | None:
        """Where a span begins whose first word is known; None where it begins inside a word that was changed."""
        old = self._old[first]
        if start > old.start:
            return self._new[block.to].start + start - old.start if self._is_same(first, block) else None
        return self._with_lead(self.old[start : old.start], block.to)

    def _finish(self, last: int, block: _Block, end: int) -> int | None:
        """Where a span ends whose last word is known; None where it ends inside a word that was changed."""
        old = self._old[last]
        if end < old.end:
            return self._new[block.to].start + end - old.start if self._is_same(last, block) else None
        return self._with_tail(self.old[old.end : end], block.past - 1)

    def _with_lead(self, lead: str, j: int) -> int:
        """Where a span begins with a new word and what stood before it: the same signs, else those that touch the word now."""
        start = self._new[j].start
        gap = self.new[self._new[j - 1].end if j else 0 : start]
        if gap.endswith(lead):
            return start - len(lead)
        touching = gap.rstrip() == gap and gap != "" and lead.strip() != ""
        return start - len(gap.split()[-1]) if touching else start

    def _with_tail(self, tail: str, j: int) -> int:
        """Where a span ends with a new word and what stood after it."""
        end = self._new[j].end
        gap = self.new[end : self._new[j + 1].start if j + 1 < len(self._new) else len(self.new)]
        if gap.startswith(tail):
            return end + len(tail)
        touching = gap.lstrip() == gap and gap != "" and tail.strip() != ""
        return end + len(gap.split()[0]) if touching else end

    def _is_same(self, i: int, block: _Block) -> bool:
        old, new = self._old[i], self._new[block.to]
        return block.is_single and self.old[old.start : old.end] == self.new[new.start : new.end]

    def _between_words(self, start: int, end: int, after: int) -> Carried | Queued:
        """A span without a word: what stands between two words that stand side by side in both texts."""
        before = self._block[after - 1] if after else None
        behind = self._block[after] if after < len(self._old) else None
        low = (before.past if before else -1) if after else 0
        high = (behind.to if behind else -1) if after < len(self._old) else len(self._new)
        if low < 0 or low != high or (before is not None and before == behind):
            return self._queued(after, after, start, end)
        place = self._old[after - 1].end if after else 0
        gap = self.old[place : self._old[after].start if after < len(self._old) else len(self.old)]
        there = self._new[low - 1].end if low else 0
        now = self.new[there : self._new[low].start if low < len(self._new) else len(self.new)]
        what = self.old[start:end]
        if gap == now:
            offset = start - place
        elif gap.count(what) == 1 == now.count(what):
            offset = now.index(what)
        else:
            return Queued(Doubt.REWRITTEN if now else Doubt.DELETED, there, there + len(now))
        moved = (before is not None and before.moved) or (behind is not None and behind.moved)
        return Carried(there + offset, there + offset + len(what), (), moved)

    def _queued(self, first: int, past: int, start: int, end: int) -> Queued:
        """Where to look for words that were rewritten: where some of them stand, else between their neighbours."""
        held = [block for block in self._block[first:past] if block is not None and not block.moved]
        low, high = self._before[first], self._after[past]
        if held and self._block[first] is held[0]:
            low = held[0].to
        if held and self._block[past - 1] is held[-1]:
            high = held[-1].past
        if low >= high:
            at = self._new[low - 1].end if low else 0
            return Queued(Doubt.DELETED, at, at)
        whole = all(block is not None for block in self._block[first:past]) and first < past
        lead = self.old[start : self._old[first].start] if first < past else ""
        tail = self.old[self._old[past - 1].end : end] if first < past else ""
        a, b = self._with_lead(lead, low), self._with_tail(tail, high - 1)
        return Queued(Doubt.SPLIT if whole else Doubt.REWRITTEN, a, b)

    def _changes(self, start: int, end: int, a: int, b: int) -> tuple[Change, ...]:
        old, new = self.old[start:end], self.new[a:b]
        if old == new:
            return ()
        if "".join(old.split()) == "".join(new.split()):
            return (Change.WHITESPACE,)
        (o, op), (n, np) = _told_apart(old), _told_apart(new)
        letters = _key(o) != _key(n)
        changes = ((Change.CASE, o != n and not letters), (Change.PUNCTUATION, op != np), (Change.LETTERS, letters))
        return tuple(change for change, is_so in changes if is_so) or (Change.PUNCTUATION,)

    # --- matching -----------------------------------------------------------------------------------------------------------------------

    def _fill_gaps(self, to: Sequence[int]) -> None:
        """Look word by word at what lies between words that match: for one wrong letter, or a wrong blank."""
        for low, high, j, past in _gaps(to, len(self._new)):
            if low < high and j < past and (high - low) * (past - j) <= _GAP:
                old = [word.key for word in self._old[low:high]]
                new = [word.key for word in self._new[j:past]]
                for a, b, c, d in _repaired(old, new):
                    block = _Block(low + a, low + b, j + c, j + d)
                    self._block[block.low : block.high] = [block] * (b - a)

    def _follow_moves(self) -> None:
        """Find passages that stand elsewhere: by rows of words that stand once in each text, and are matched with nothing."""
        taken = [False] * len(self._new)
        for block in self._block:
            if block is not None:
                taken[block.to : block.past] = [True] * (block.past - block.to)
        if all(taken) or all(self._block):
            return
        old, new = [word.key for word in self._old], [word.key for word in self._new]
        here, there = _rows_once(old), _rows_once(new)
        for row, i in here.items():
            j = there.get(row, -1)
            if j < 0 or any(self._block[i : i + _MOVED]) or any(taken[j : j + _MOVED]):
                continue
            low, high, begin = i, i + _MOVED, j
            while (
                low
                and begin
                and self._block[low - 1] is None
                and not taken[begin - 1]
                and old[low - 1] == new[begin - 1]
            ):
                low, begin = low - 1, begin - 1
            past = j + _MOVED
            while (
                high < len(old)
                and past < len(new)
                and self._block[high] is None
                and not taken[past]
                and old[high] == new[past]
            ):
                high, past = high + 1, past + 1
            for k in range(high - low):
                self._block[low + k] = _Block(low + k, low + k + 1, begin + k, begin + k + 1, moved=True)
                taken[begin + k] = True
                self._doubtful[low + k] = False

    def _neighbours(self) -> tuple[list[int], list[int]]:
        """For each place between old words: past which new word, and up to which, one would look for what stands there."""
        before, after = [0], [len(self._new)]
        for block in self._block:
            before.append(before[-1] if block is None or block.moved else block.past)
        for block in reversed(self._block):
            after.append(after[-1] if block is None or block.moved else block.to)
        return before, after[::-1]


# --- words ------------------------------------------------------------------------------------------------------------------------------


def _words(text: str) -> list[_Word]:
    """Letters and digits in a row, with their accents; a sign that is no punctuation (an emoji, a pound sign) is a word of its own."""
    found: list[_Word] = []
    kinds: dict[str, int] = {}
    begin, opens = -1, 2
    for i, letter in enumerate(text):
        kind = kinds.get(letter)
        if kind is None:
            kind = kinds[letter] = _kind(letter)
        if begin >= 0 and kind not in (_LETTER, _ACCENT):
            found.append(_Word(begin, i, _key(text[begin:i]), opens))
            begin, opens = -1, 0
        if kind == _LETTER and begin < 0:
            begin = i
        elif kind == _SIGN:
            found.append(_Word(i, i + 1, letter, opens))
            opens = 0
        elif kind == _BREAK:
            opens = 2
        elif letter in ".!?\u2026:":
            opens = max(opens, 1)
    if begin >= 0:
        found.append(_Word(begin, len(text), _key(text[begin:]), opens))
    return found


_LETTER, _ACCENT, _SIGN, _BREAK, _BETWEEN = range(5)


def _kind(letter: str) -> int:
    if letter in "\n\r\u2028\u2029":
        return _BREAK
    category = unicodedata.category(letter)
    if 0x2E80 <= ord(letter) <= 0x9FFF and category == "Lo":
        return _SIGN  # written without blanks: each sign is matched for itself
    if category[0] in "LN":
        return _LETTER
    if category[0] == "M":
        return _ACCENT
    return _SIGN if category[0] == "S" else _BETWEEN


def _key(word: str) -> str:
    return unicodedata.normalize("NFC", word.casefold())


def _told_apart(text: str) -> tuple[str, str]:
    """The words of a text, and what else is visible in it."""
    words, rest, place = [], [], 0
    for word in _words(text):
        words.append(text[word.start : word.end])
        rest.append(text[place : word.start])
        place = word.end
    return "".join(words), "".join("".join([*rest, text[place:]]).split())


# --- which word is which ----------------------------------------------------------------------------------------------------------------


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """For each old word its place among the new ones, rising; -1 for none."""
    to = [-1] * len(old)
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        low, high, j, past = waiting.pop()
        while low < high and j < past and old[low] == new[j]:
            to[low], low, j = j, low + 1, j + 1
        while low < high and j < past and old[high - 1] == new[past - 1]:
            high, past = high - 1, past - 1
            to[high] = past
        if low == high or j == past:
            continue
        anchors = _anchors(old[low:high], new[j:past])
        if not anchors:
            if (high - low) * (past - j) <= _COMPARED:
                matcher = SequenceMatcher(None, old[low:high], new[j:past], autojunk=False)
                for match in matcher.get_matching_blocks():
                    to[low + match.a : low + match.a + match.size] = range(j + match.b, j + match.b + match.size)
            continue
        ends = [(-1, -1), *anchors, (high - low, past - j)]
        for a, b in anchors:
            to[low + a] = j + b
        for (a, b), (c, d) in pairwise(ends):
            waiting.append((low + a + 1, low + c, j + b + 1, j + d))
    return to


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Words that stand once in both, where they keep their order; else pairs of words, or threes, that do."""
    for n in (1, 2, 3):
        here, there = _once(_joined(old, n)), _once(_joined(new, n))
        pairs = [(i, there[row]) for row, i in here.items() if row in there]
        if pairs:
            return _rising(pairs)
    return []


def _joined(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def _once(rows: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """What stands once, with its place, in the order of places."""
    counted = Counter(rows)
    return {row: i for i, row in enumerate(rows) if counted[row] == 1}


def _rows_once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    return _once(_joined(words, _MOVED))


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest series of pairs, sorted by the first, that rises in the second. Cost: n log n."""
    tops: list[int] = []
    at: list[int] = []
    before = [-1] * len(pairs)
    for i, (_, b) in enumerate(pairs):
        k = bisect_left(tops, b)
        if k == len(tops):
            tops.append(b)
            at.append(i)
        else:
            tops[k], at[k] = b, i
        before[i] = at[k - 1] if k else -1
    found, i = [], at[-1] if at else -1
    while i >= 0:
        found.append(pairs[i])
        i = before[i]
    return found[::-1]


def _rows_matched(to: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Old words [low, high) that match new words side by side, as long as they go on."""
    low = 0
    for i in range(1, len(to) + 1):
        if i == len(to) or to[i] < 0 or to[i] != to[i - 1] + 1:
            if to[low] >= 0:
                yield low, i
            low = i


def _gaps(to: Sequence[int], n_new: int) -> list[tuple[int, int, int, int]]:
    """Old words [low, high) and new words [j, past) between those that match; one of the two may be none."""
    ends = [(0, 0)]
    found = []
    for low, high in _rows_matched(to):
        found.append((ends[-1][0], low, ends[-1][1], to[low]))
        ends.append((high, to[high - 1] + 1))
    found.append((ends[-1][0], len(to), ends[-1][1], n_new))
    return [gap for gap in found if gap[0] < gap[1] or gap[2] < gap[3]]


def _drop_chance(to: list[int], n_new: int) -> None:
    """Take back matches of single words far from any firm row: in what was rewritten, the same word is another."""
    rows = list(_rows_matched(to))
    firm = [(-1, -1), *((low, high) for low, high in rows if high - low >= _FIRM), (len(to), len(to))]
    k = 0
    for low, high in rows:
        if high - low >= _FIRM:
            k += 1
            continue
        begin, finish = firm[k][1], firm[k + 1][0]
        begin, j = (0, 0) if begin < 0 else (begin, to[begin - 1] + 1)
        past = n_new if finish >= len(to) else to[finish]
        edge = (low == 0 and to[low] == 0) or (high == len(to) and to[high - 1] == n_new - 1)
        if not edge and (finish - begin > _CLOSE or past - j > _CLOSE):
            to[low:high] = [-1] * (high - low)


def _slid(to: list[int], old: Sequence[_Word], new: Sequence[_Word]) -> list[bool]:
    """Let what came or went begin a line where it may; tells which old words could as well be others.

    Where "yes, yes" becomes "yes", either may have gone. So what came or went can often begin some words earlier or later: of these places
    the first that begins a line is taken, else the first that begins a sentence, as people add and delete turns and sentences rather than
    the end of one with the beginning of the next.
    """
    doubtful = [False] * len(to)
    for low, high, j, past in _gaps(to, len(new)):
        went = high - low if j == past else 0
        came = past - j if low == high else 0
        if not went and not came:
            continue
        words, begin, n = (old, low, went) if went else (new, j, came)
        left = 0
        while (
            _matched(to, low - 1 - left, j - 1 - left)
            and words[begin - 1 - left].key == words[begin + n - 1 - left].key
        ):
            left += 1
        right = 0
        while _matched(to, high + right, past + right) and words[begin + right].key == words[begin + n + right].key:
            right += 1
        doubtful[low - left : high + right] = [True] * (left + high - low + right)
        shift = max(range(-left, right + 1), key=lambda s: (words[begin + s].opens, s == 0, -s))
        for k in range(low - left, high + right):
            to[k] = -1
        for k in range(left + shift):
            to[low - left + k] = j - left + k
        for k in range(right - shift):
            to[high + shift + k] = past + shift + k
    return doubtful


def _matched(to: Sequence[int], i: int, j: int) -> bool:
    return 0 <= i < len(to) and j >= 0 and to[i] == j


# --- words with a wrong letter ----------------------------------------------------------------------------------------------------------


def _repaired(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Pairs of old words [a, b) and new words [c, d) that are the same, or nearly, in the cheapest way from one end to the other."""
    steps = [(1, 1), *((n, 1) for n in range(2, _JOINED + 1)), *((1, n) for n in range(2, _JOINED + 1))]
    best: list[list[tuple[int, int, int]]] = [[(0, 0, 0)] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old), -1, -1):
        for j in range(len(new), -1, -1):
            ways = [(best[i + a][j + b][0] + price, a, b) for a, b, price in _ways(old, new, i, j, steps)]
            best[i][j] = min(ways, key=lambda way: way[0], default=(0, 0, 0))
    found, i, j = [], 0, 0
    while i < len(old) or j < len(new):
        _, a, b = best[i][j]
        if a and b:
            found.append((i, i + a, j, j + b))
        i, j = i + a, j + b
    return found


def _ways(
    old: Sequence[str], new: Sequence[str], i: int, j: int, steps: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Old words, new words and price of each step from here; a word that came or went costs two, a repair one."""
    for a, b in steps:
        if i + a <= len(old) and j + b <= len(new):
            if "".join(old[i : i + a]) == "".join(new[j : j + b]):
                yield a, b, int(a != b)
            elif a == b and _is_repair(old[i], new[j]):
                yield a, b, 1
    if i < len(old):
        yield 1, 0, 2
    if j < len(new):
        yield 0, 1, 2


def _is_repair(old: str, new: str) -> bool:
    """Whether one letter was added, dropped, changed or swapped with its neighbour, beyond the first and in no number.

    The first letter makes words of opposite meaning ("lycklig", "olycklig"), and a figure is never nearly another.
    """
    if min(len(old), len(new)) < _REPAIRED or old[0] != new[0] or not (old + new).isalpha():
        return False
    if abs(len(old) - len(new)) > 1:
        return False
    k = next((k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    a, b = old[k:], new[k:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]
