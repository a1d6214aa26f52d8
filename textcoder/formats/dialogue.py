"""A dialogue laid out as a table (speaker | words, perhaps with times), in a spreadsheet or in a Word document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textcoder.domain.transcript import Turn
from textcoder.formats.extract import Utterance
from textcoder.formats.times import STAMP, milliseconds

Table = Sequence[Sequence[str]]

_SPEAKERS = re.compile("speakers?( name| label| id)?|who|person|name|role|talare|sprecher|locuteur|hablante")
_WORDS = re.compile(
    "text|words?|utterances?|transcript|transcription|content|speech|(what was )?said|dialogue|answer|response|comment"
)
_STARTS = re.compile("(start|begin)( time| ms)?|time|timestamp|time ?code|from|in|tid|zeit")
_ENDS = re.compile("(end|stop)( time| ms)?|to|out")
_STAMP = re.compile(rf"[\[(]?({STAMP})\d{{0,3}}[\])]?")
_SECONDS = re.compile(r"\d+(?:[.,]\d+)?")
_LONGEST_NAME = 5  # words
_MOST_COLUMNS = 4  # of a table without headings: number, time, speaker, words
_FEWEST_WORDS = 3.0  # in the mean, so that two columns of names and ages are no dialogue


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a table the dialogue stands: the first row of words, and columns counted from 0."""

    first: int
    words: int
    speaker: int
    start: int | None = None
    end: int | None = None
    unit: int = 1000
    """Milliseconds that a plain number in a time column stands for."""


def plain(heading: str) -> str:
    """A heading as compared: without case, underscores and extra blanks."""
    return " ".join(re.sub(r"[\W_]+", " ", heading).casefold().split())


def find_dialogue(table: Table, *, chosen: tuple[str, str] | None = None) -> Places | None:
    """Where the speakers and their words stand; None where the table seems to be no dialogue.

    Headings decide where they are known and at least two people speak (or times run along). Where the first row holds
    no headings, a column of few names that recur, beside a column of sentences, decides.

    Args:
        table: Rows of equal width, the first perhaps with headings.
        chosen: Headings of the speakers' and the words' column, when a person named them.
    """
    if not table:
        return None
    places = _by_headings([plain(cell) for cell in table[0]], chosen)
    if places is None:
        return _by_cells(table)
    return places if chosen or _is_talk(table, places) else None


def utterances(table: Table, places: Places) -> Iterator[str | Utterance]:
    """The turns of a dialogue table from top to bottom; an empty speaker's cell means the speaker above.

    A row without words (a banner over all columns, a name alone) comes as plain text, so that nothing is lost.
    """
    speaker: str | None = None
    for row in table[places.first :]:
        if not row[places.words].strip():
            yield " ".join(filter(None, map(str.strip, row)))
            continue
        speaker = " ".join(row[places.speaker].split()).rstrip(" :") or speaker
        start, end = (_ms(row, place, places.unit) for place in (places.start, places.end))
        yield Utterance(row[places.words], speaker, start, end)


def compose(blocks: Iterable[str | Utterance]) -> tuple[str, tuple[Turn, ...]]:
    """The canonical text, a blank line between blocks, and the turns in it: "Hanna: words" for what somebody says.

    A block without words is left out; a plain string is a heading or an aside, which is text and no turn.
    """
    pieces: list[str] = []
    turns: list[Turn] = []
    offset = 0
    for block in blocks:
        said = Utterance(block) if isinstance(block, str) else block
        words = said.words.strip()
        if not words:
            continue
        before = ("\n\n" if pieces else "") + (f"{said.speaker}: " if said.speaker else "")
        start, offset = offset + len(before), offset + len(before) + len(words)
        pieces.append(before + words)
        if not isinstance(block, str):
            turns.append(Turn(start, offset, said.speaker, start_ms=said.start_ms, end_ms=said.end_ms))
    return "".join(pieces), tuple(turns)


def _by_headings(headings: list[str], chosen: tuple[str, str] | None) -> Places | None:
    speakers, words = (re.compile(re.escape(plain(name))) for name in chosen) if chosen else (_SPEAKERS, _WORDS)
    speaker, text = _first(headings, speakers), _first(headings, words)
    if speaker is None or text is None:
        return None
    start = _first(headings, _STARTS)
    unit = 1 if start is not None and headings[start].endswith("ms") else 1000
    return Places(1, text, speaker, start, _first(headings, _ENDS), unit)


def _first(headings: list[str], names: re.Pattern[str]) -> int | None:
    return next((i for i, heading in enumerate(headings) if names.fullmatch(heading)), None)


def _is_talk(table: Table, places: Places) -> bool:
    rows = table[places.first :]
    speakers = Counter(row[places.speaker].strip() for row in rows if row[places.speaker].strip())
    if len(speakers) < 2:
        return bool(speakers) and places.start is not None
    # In a survey with a column of names each name stands once; two rows alone can be no more than question and answer.
    return max(speakers.values()) > 1 or len(rows) == 2


def _by_cells(table: Table) -> Places | None:
    width = len(table[0])
    if not 2 <= width <= _MOST_COLUMNS or any(len(row) != width for row in table):
        return None
    columns = [[row[place].strip() for row in table] for place in range(width)]
    stamped = [sum(_STAMP.fullmatch(cell) is not None for cell in cells) for cells in columns]
    start = next((i for i, count in enumerate(stamped) if count > len(table) / 2), None)
    means = [sum(len(cell.split()) for cell in cells) / len(cells) for cells in columns]
    words = max(range(width), key=means.__getitem__)
    speaker = next((i for i, cells in enumerate(columns) if i not in (start, words) and _are_speakers(cells)), None)
    if speaker is None or means[words] < _FEWEST_WORDS:
        return None
    return Places(0, words, speaker, start)


def _are_speakers(cells: list[str]) -> bool:
    names = {cell for cell in cells if cell}
    short = all(len(name.split()) <= _LONGEST_NAME and any(map(str.isalpha, name)) for name in names)
    # A heading does not recur below itself; the name of a first speaker does.
    return cells.count(cells[0]) > 1 and 2 <= len(names) <= (len(cells) + 1) / 2 and short


def _ms(row: Sequence[str], place: int | None, unit: int) -> int | None:
    cell = row[place].strip() if place is not None else ""
    stamp = _STAMP.fullmatch(cell)
    if stamp:
        return milliseconds(stamp[1])
    if not _SECONDS.fullmatch(cell):
        return None
    time = float(cell.replace(",", ".")) * unit
    # Thirty years: a number of many digits is no time, and no database keeps it.
    return round(time) if time < 1e12 else None
