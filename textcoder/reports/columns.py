"""How wide the columns of a table on paper are: by what stands in them, within bounds."""

from __future__ import annotations

from collections.abc import Sequence

LETTER = 0.16
"""Centimetres that a letter takes in a table."""
_LONGEST_WORD, _LONGEST = 24, 60
"""Letters: of a word that is not broken, and beyond which a column grows no wider."""
_BOLD = 1.15
"""How much wider a name of a column is than the same letters below it."""

Lines = Sequence[Sequence[str]]


def column_widths(header: Sequence[str], rows: Lines, width: float) -> list[float]:
    """Widths of the columns that add up to `width` centimetres.

    Each has room for its longest word first; what is left goes to those with more to say.

    Args:
        header: The names of the columns; at least one.
        rows: What stands below, each as long as the header.
        width: Of the whole table, in centimetres.
    """
    words = [max(_room_for(name) * _BOLD, *(_room_for(row[i]) for row in rows), 1) + 2 for i, name in enumerate(header)]
    more = _more(header, rows, words, header_lines=1)
    if sum(words) + sum(more) > width / LETTER:
        more = _more(header, rows, words, header_lines=2)
    spare = max(0.0, width / LETTER - sum(words)) / max(1, sum(more))
    letters = [word + spare * extra for word, extra in zip(words, more, strict=True)]
    return [width * n / sum(letters) for n in letters]


def _more(header: Sequence[str], rows: Lines, words: Sequence[float], *, header_lines: int) -> list[float]:
    """Letters that each column would like beyond its longest word."""
    longest = [
        max(len(name) * _BOLD / header_lines + 2, *(len(row[i]) for row in rows), 0) for i, name in enumerate(header)
    ]
    return [max(0.0, min(_LONGEST, most) - word) for most, word in zip(longest, words, strict=True)]


def _room_for(text: str) -> int:
    """Letters that the longest word needs; a no-break space holds two words together."""
    return max(min(_LONGEST_WORD, len(word)) for word in text.split(" "))
