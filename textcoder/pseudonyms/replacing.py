"""Names out, pseudonyms in: which words of a text are replaced, and where every offset lies afterwards."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

_RUN = re.compile(r"[^\W\d_]+|\d+")
_ACCENT = re.compile("[\u0300-\u036f]")
_LETTER = re.compile(".[\u0300-\u036f]*", re.DOTALL)
_LABEL = re.compile(r"(?=.*[\d_.])\S+")
_LETTERS = {"ø": "o", "æ": "ae", "å": "a", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ß": "ss", "ı": "i", "œ": "oe"}


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a name is written, and what stands in its place.

    Attributes:
        text: As written, letter by letter.
        pseudonym: Such as "[nurse 2]".
        kind: Such as "nurse".
        file: The only transcript in which it means this; empty for all.
        ordinary: It is a plain word, too, when it is written without capitals; then it is replaced just as it is written.
    """

    text: str
    pseudonym: str
    kind: str = ""
    file: str = ""
    ordinary: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of a text, and what takes its place."""

    start: int
    end: int
    new: str


def folded(text: str) -> str:
    """Letters as compared: without capitals and diacritics.

    >>> folded("Björn SØRENSEN")
    'bjorn sorensen'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(_LETTERS.get(letter, letter) for letter in plain if not unicodedata.combining(letter))


class Replacer:
    """Finds the forms in texts, the longest first, as whole words: not the "Ann" in "Annual", nor a number inside a longer one.

    Cost: one pass over a text, whatever the number of forms.
    """

    def __init__(self, forms: Iterable[Form]) -> None:
        self._exact: dict[str, list[tuple[int, Form]]] = {}
        self._loose: dict[str, list[tuple[int, str, Form]]] = {}
        for form in sorted(forms, key=lambda one: (-len(one.text), one.text, one.file, one.pseudonym)):
            low = _loosely(form.text)[0]
            first, alike = _RUN.search(form.text), _RUN.search(low)
            if first is None or alike is None:
                continue
            self._exact.setdefault(first[0], []).append((first.start(), form))
            self._loose.setdefault(alike[0], []).append((alike.start(), low, form))

    def forms_in(self, text: str, *, file: str = "") -> Iterator[tuple[int, int, Form]]:
        """Where forms stand in a transcript, written just so; those that hold for another file only are passed over."""
        at = 0
        for run in _RUN.finditer(text):
            for before, form in self._exact.get(run[0], ()):
                start = run.start() - before
                end = start + len(form.text)
                if start < at or form.file not in ("", file) or not text.startswith(form.text, start):
                    continue
                if _stands_alone(text, start, end):
                    yield start, end, form
                    at = end
                    break

    def pieces(self, text: str, *, file: str = "", cuts: Collection[int] = ()) -> list[Piece]:
        """What is replaced in a transcript.

        A name into which one of `cuts` falls is replaced in its parts, each by the whole pseudonym, so that a span that begins or
        ends inside it keeps a place of its own.
        """
        return [
            Piece(a, b, form.pseudonym)
            for start, end, form in self.forms_in(text, file=file)
            for a, b in _parts(start, end, cuts)
        ]

    def words(self, text: str, *, file: str = "", plain: bool = False) -> str:
        """Any other text, such as a memo, a label or a file's name: also where capitals differ.

        Args:
            text: The text.
            file: Of which transcript it is; a form that holds for another only is replaced by its kind, without a number.
            plain: Write "nurse-2" for "[nurse 2]", as it suits the name of a file.
        """
        done, at = [], 0
        for start, end, form in self._loosely_in(text):
            new = form.pseudonym if form.file in ("", file) else f"[{form.kind or 'name'}]"
            done += [text[at:start], new.strip("[]").replace(" ", "-") if plain else new]
            at = end
        return "".join([*done, text[at:]])

    def _loosely_in(self, text: str) -> Iterator[tuple[int, int, Form]]:
        # "w1_per.txt" is a label: there "per" is Per, even where it is a plain word in what people say.
        label = _LABEL.fullmatch(text) is not None
        low, places = _loosely(text)
        at = 0
        for run in _RUN.finditer(low):
            here = [
                (places[start], places[start + len(alike)], form)
                for before, alike, form in self._loose.get(run[0], ())
                if (start := run.start() - before) >= 0 and low.startswith(alike, start)
            ]
            fits = [
                (start, end, form)
                for start, end, form in here
                if at <= start < end and _stands_alone(text, start, end)
                if label or not form.ordinary or text[start:end] == form.text
            ]
            if fits:
                # The longest; of two that differ in capitals only, the one that is written so.
                start, end, form = max(fits, key=lambda one: (one[1] - one[0], text[one[0] : one[1]] == one[2].text))
                yield start, end, form
                at = end


def _loosely(text: str) -> tuple[str, Sequence[int]]:
    """A text without capitals ("WEISS" is "weiß"), each letter with its accents as one; and where each letter of it, and its end, stands.

    A place inside a letter that became two is -1.
    """
    low = text.casefold()
    if len(low) == len(text) and _ACCENT.search(text) is None:  # no letter becomes fewer: each has stayed one
        return low, range(len(text) + 1)
    letters: list[str] = []
    places: list[int] = []
    for found in _LETTER.finditer(text):
        plain = unicodedata.normalize("NFC", found[0]).casefold()
        letters.append(plain)
        places += [found.start(), *(-1 for _ in plain[1:])]
    return "".join(letters), [*places, len(text)]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter (or digit) goes on before or after a span that begins or ends with one."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not _goes_on(before, text[start]) and not _goes_on(after, text[end - 1])


def _goes_on(beside: str, edge: str) -> bool:
    if not beside:
        return False
    if unicodedata.combining(beside):
        return True
    return (beside.isalpha() and (edge.isalpha() or bool(unicodedata.combining(edge)))) or (
        beside.isdigit() and edge.isdigit()
    )


def _parts(start: int, end: int, cuts: Collection[int]) -> Iterator[tuple[int, int]]:
    at = start
    for cut in sorted(cut for cut in cuts if start < cut < end) if cuts else ():
        yield at, cut
        at = cut
    yield at, end


class Moves:
    """Where the offsets of a text lie once its pieces are replaced.

    Args:
        pieces: In the order of the text, never overlapping.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = tuple(pieces)
        self._starts = [piece.start for piece in pieces]
        self._shifts = [0]
        for piece in pieces:
            self._shifts.append(self._shifts[-1] + len(piece.new) - (piece.end - piece.start))

    def __call__(self, offset: int) -> int:
        """The new place of an offset; one inside a piece stays as far from its beginning, at most at its end.

        What is put in where nothing was taken out comes after the offset of that place.
        """
        i = bisect_right(self._starts, offset) - 1
        if i < 0:
            return offset
        piece = self._pieces[i]
        if offset >= piece.end and offset > piece.start:
            return offset + self._shifts[i + 1]
        return piece.start + self._shifts[i] + min(offset - piece.start, len(piece.new))

    def text(self, text: str) -> str:
        """The text with its pieces replaced."""
        done, at = [], 0
        for piece in self._pieces:
            done += [text[at : piece.start], piece.new]
            at = piece.end
        return "".join([*done, text[at:]])
