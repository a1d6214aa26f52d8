"""Where quoted words stand in texts: exactly, with other blanks and quotation marks, by their letters alone, or nearly.

Each step is tried only where the one before found nothing, and gives all its places, so that nobody has to guess among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

ALIKE = 0.8
"""Share of words in common (Dice) from which a place that nothing else comes near is taken for the one that was meant."""
UNLIKE = 0.5
"""Below it a place is not worth a look."""
_APART = 0.1
"""By so much the best near place must be better than the next."""
_FEWEST = 4
"""Words below which nothing is looked for nearly: two of three words stand together anywhere."""
_COMMON = 200
"""A word that stands more often than that in a text does not help to find a place in it."""
_LOOKED_AT = 4
"""Places of one text that are compared word by word."""

_SLACK = 2
"""Words by which a place may be longer than what is wanted, at either end."""

_QUOTES = dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc`\u00b4", "'")
_QUOTES |= dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u2039\u203a", '"')
_QUOTES |= dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
_WORD = re.compile(r"\w+")


class How(StrEnum):
    """How alike the words of a place are to those that were looked for."""

    EXACT = "exact"
    FOLDED = "other blanks or quotation marks"
    LETTERS = "other punctuation or capitals"
    NEAR = "other words"


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand.

    Attributes:
        text: Id of the text.
        start: First code point.
        end: One past the last.
        how: How alike they are.
        likeness: Twice the words in common over the words of both (Dice), in [0, 1]; 1 unless `how` is near.
    """

    text: str
    start: int
    end: int
    how: How
    likeness: float = 1.0


@dataclass(frozen=True, slots=True)
class _Mapped:
    """Another form of a text, with the place in the text from which each of its letters comes."""

    letters: str
    origin: Sequence[int]


class Texts:
    """Finds quoted words in texts.

    Cost: exact places as quick as `str.find`; the first time that another form of a text is needed, about a microsecond a letter.

    Args:
        texts: By id.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(sorted(texts.items()))
        self._folded: dict[str, _Mapped] = {}
        self._bare: dict[str, _Mapped] = {}
        self._words: dict[str, tuple[list[str], list[tuple[int, int]], dict[str, list[int]]]] = {}

    def places(self, words: str, within: Collection[str] | None = None) -> tuple[Place, ...]:
        """All places at which the words stand, by the first step that finds one, in the order of texts; empty for none.

        Args:
            words: As quoted.
            within: Ids of the texts to look in; None for all.
        """
        ids = [id_ for id_ in self._texts if within is None or id_ in within]
        for how in (How.EXACT, How.FOLDED, How.LETTERS):
            found = [place for id_ in ids for place in self._places(words, id_, how)]
            if found:
                return tuple(found)
        return ()

    def near(self, words: str, within: Collection[str] | None = None) -> tuple[Place, ...]:
        """Places with many of the words in the same order, the most alike first; none overlaps another.

        Of fewer than four words none is sought.
        """
        wanted = [word for word, _ in _worded(words)]
        if len(wanted) < _FEWEST:
            return ()
        found = [
            place for id_ in self._texts if within is None or id_ in within for place in self._near(words, wanted, id_)
        ]
        return tuple(sorted(found, key=lambda place: (-place.likeness, place.text, place.start)))

    def at(self, words: str, text: str, start: int, end: int) -> Place | None:
        """The place that somebody named, if it has at least half of the words; None else."""
        whole = self._texts.get(text, "")
        if not 0 <= start < end <= len(whole):
            return None
        there = whole[start:end]
        if there == words:
            return Place(text, start, end, How.EXACT)
        if _folded(there).letters.strip() == _folded(words).letters.strip() != "":
            return Place(text, start, end, How.FOLDED)
        mine, theirs = ([word for word, _ in _worded(one)] for one in (words, there))
        ratio = SequenceMatcher(None, mine, theirs, autojunk=False).ratio() if mine and theirs else 0.0
        return Place(text, start, end, How.NEAR, ratio) if ratio >= UNLIKE else None

    # --- steps --------------------------------------------------------------------------------------------------------------------------

    def _places(self, words: str, id_: str, how: How) -> list[Place]:
        text = self._texts[id_]
        if how is How.EXACT:
            return [Place(id_, at, at + len(words), how) for at in _all(text, words)]
        if how is How.FOLDED:
            if id_ not in self._folded:
                self._folded[id_] = _folded(text)
            form = self._folded[id_]
            wanted = _folded(words).letters.strip()
            hits = [(at, at + len(wanted)) for at in _all(form.letters, wanted)]
            return [Place(id_, form.origin[a], form.origin[b - 1] + 1, how) for a, b in hits if _ends(form.letters, b)]
        if id_ not in self._bare:
            self._bare[id_] = _bare(text)
        form, wanted = self._bare[id_], _bare(words).letters
        begins = [at for at in _all(form.letters, wanted) if _ends(form.letters, at + len(wanted))]
        spans = [(form.origin[at], form.origin[at + len(wanted) - 1] + 1) for at in begins]
        return [Place(id_, *_with_signs(words, text, a, b), how) for a, b in spans if _is_whole(text, a, b)]

    def _near(self, words: str, wanted: list[str], id_: str) -> list[Place]:
        if id_ not in self._words:
            found = _worded(self._texts[id_])
            where: dict[str, list[int]] = defaultdict(list)
            for i, (word, _) in enumerate(found):
                where[word].append(i)
            self._words[id_] = [word for word, _ in found], [span for _, span in found], where
        theirs, spans, where = self._words[id_]
        wide = max(8, len(wanted) // 3)
        votes = Counter(
            (j - i) // wide
            for i, word in enumerate(wanted)
            if len(where.get(word, ())) <= _COMMON
            for j in where.get(word, ())
        )
        best = sorted(votes, key=lambda bin_: (-votes[bin_] - votes[bin_ + 1], bin_))[:_LOOKED_AT]
        places: list[Place] = []
        for bin_ in best:
            low, high = max(0, (bin_ - 1) * wide), min(len(theirs), (bin_ + 2) * wide + len(wanted))
            for a, b, likeness in _stretches(wanted, theirs, low, high):
                start, end = _with_signs(words, self._texts[id_], spans[a][0], spans[b - 1][1])
                places.append(Place(id_, start, end, How.NEAR, likeness))
        kept: list[Place] = []
        for place in sorted(places, key=lambda one: (-one.likeness, one.start)):
            if all(place.end <= other.start or other.end <= place.start for other in kept):
                kept.append(place)
        return kept


def is_clear(near: Sequence[Place]) -> bool:
    """Whether the first of some near places is so alike, and so much more than the next, that it is the one that was meant."""
    return (
        bool(near) and near[0].likeness >= ALIKE and all(near[0].likeness - one.likeness >= _APART for one in near[1:])
    )


def _all(text: str, words: str) -> list[int]:
    """Where words begin in a text, also where the places overlap."""
    found: list[int] = []
    at = text.find(words) if words else -1
    while at >= 0:
        found.append(at)
        at = text.find(words, at + 1)
    return found


_FORMS: dict[str, str] = {}


def _form(letter: str) -> str:
    """A letter with its accents apart, quotation marks and dashes in one form; nothing for what nobody sees."""
    known = _FORMS.get(letter)
    if known is None:
        plain = unicodedata.normalize("NFKD", _QUOTES.get(letter, letter))
        known = "".join(one for one in plain if unicodedata.category(one) != "Cf")
        _FORMS[letter] = known
    return known


def _folded(text: str) -> _Mapped:
    letters: list[str] = []
    origin: list[int] = []
    for i, letter in enumerate(text):
        for one in _form(letter):
            if one.isspace():
                if letters and letters[-1] == " ":
                    continue
                one = " "
            letters.append(_QUOTES.get(one, one))
            origin.append(i)
    return _Mapped("".join(letters), origin)


def _bare(text: str) -> _Mapped:
    """Letters and digits alone, with their accents and without case."""
    letters: list[str] = []
    origin: list[int] = []
    for i, letter in enumerate(text):
        for one in _form(letter).casefold():
            if one.isalnum() or unicodedata.combining(one):
                letters.append(one)
                origin.append(i)
    return _Mapped("".join(letters), origin)


def _worded(text: str) -> list[tuple[str, tuple[int, int]]]:
    found = ((_bare(match[0]).letters, match.span()) for match in _WORD.finditer(text))
    return [(word, span) for word, span in found if word]


def _ends(letters: str, end: int) -> bool:
    """Whether words may end there: "cafe" is not the beginning of "café", whose accent is a letter of its own here."""
    return not unicodedata.combining(letters[end : end + 1] or " ")


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a span begins and ends where words do: letters alone would find "ode" in "coder"."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isalnum() or after.isalnum())


def _with_signs(words: str, text: str, start: int, end: int) -> tuple[int, int]:
    """A span with the sign that touches it where the quoted words have one there, too."""
    quoted = words.strip()
    if quoted and not quoted[-1].isalnum() and end < len(text) and not (text[end].isalnum() or text[end].isspace()):
        end += 1
    if quoted and not quoted[0].isalnum() and start and not (text[start - 1].isalnum() or text[start - 1].isspace()):
        start -= 1
    return start, end


def _stretches(wanted: Sequence[str], theirs: Sequence[str], low: int, high: int) -> list[tuple[int, int, float]]:
    """From which word to which of `theirs` much is alike, and how much: the best stretch, and others before and after it."""
    found: list[tuple[int, int, float]] = []
    waiting = [(low, high)]
    while waiting:
        first, past = waiting.pop()
        if 2 * (past - first) < len(wanted):
            continue
        a, b, likeness = _aligned(wanted, theirs[first:past])
        if likeness >= UNLIKE:
            found.append((first + a, first + b, likeness))
            waiting += [(first, first + a), (first + b, past)]
    return found


def _aligned(wanted: Sequence[str], theirs: Sequence[str]) -> tuple[int, int, float]:
    """From which word to which of `theirs` most is alike, and how much.

    Looked at twice: a word that recurs further on would else be taken for the one beside the others, and cut the place short.
    """
    a, b, likeness, before, behind = _best(wanted, theirs)
    low, high = max(0, a - before - _SLACK), min(len(theirs), b + behind + _SLACK)
    c, d, closer, _, _ = _best(wanted, theirs[low:high])
    return (low + c, low + d, closer) if closer > likeness else (a, b, likeness)


def _best(wanted: Sequence[str], theirs: Sequence[str]) -> tuple[int, int, float, int, int]:
    """The stretch from a matching word to another with the greatest likeness, and how many wanted words stand before and behind it."""
    blocks = [b for b in SequenceMatcher(None, wanted, theirs, autojunk=False).get_matching_blocks() if b.size]
    best = (0, 0, 0.0, 0, 0)
    for i, first in enumerate(blocks):
        held = 0
        for last in blocks[i:]:
            held += last.size
            likeness = 2 * held / (len(wanted) + last.b + last.size - first.b)
            if likeness > best[2]:
                best = (first.b, last.b + last.size, likeness, first.a, len(wanted) - last.a - last.size)
    return best
