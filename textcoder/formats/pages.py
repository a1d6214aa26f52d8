"""From the lines of pages to running text: what only serves the paper goes, lines become paragraphs again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from textcoder.formats.labels import find_labels, is_known
from textcoder.formats.unnamed import is_stage_line

Page = list[str]

_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|sida|side|sivu|página|pagina|p|s)\b\.?\s*)?(\d{1,4})(?:\s*(?:/|of|von|av|de|sur)\s*(\d{1,4}))?\W*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,5}")
_NUMBERED = re.compile(r"\s*(\d{1,5})(?:\s+(?=\S)|$)")
_COUNTER = re.compile(r"\s*\d{1,3}[.,]\d{2}\s")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CUT = re.compile(r"([^\W\d_]+)-$")
_LONGEST_WORD = 200  # a search for the cut word in a line of letters without end would take hours
_MOST_PAGES = 0.5
_MANY_PAGES = 0.4  # left and right pages of a book have titles of their own
_NEARLY_ALL = 0.9
_FEWEST_LINES = 5
_MOST_INDENTED = 0.9
_ENDS_A_SENTENCE = (".", "?", "!", "…", '"', "”", ")", "]", ":")
# A line that ends further left than this left room for the next word: it was ended on purpose.
_FULL = 0.75


@dataclass(frozen=True, slots=True)
class RunningText:
    """The text of all pages, the offset at which each page begins, and how many lines only served the paper."""

    text: str
    pages: tuple[int, ...]
    left_out: int


def running_text(pages: Sequence[Page]) -> RunningText:
    """Join pages into paragraphs with a blank line between; a paragraph that runs over a page break stays one.

    Left out are page numbers, running titles and line numbers. Every other word is kept, in order; runs of blanks
    become one space. A word cut at the end of a line is healed where the text shows it whole elsewhere, else its hyphen
    stays. Paragraphs keep the tab of an indent where nothing but indents shows who speaks. A page without words begins
    where the next one does.

    Args:
        pages: The lines of each page as they were read, blank ones and blanks at their ends included.
    """
    unnumbered, numbers = _without_line_numbers(_without_margins(pages))
    kept = _without_edges(_without_edges(unnumbered, 1), -1)
    text, offsets = _joined(kept)
    return RunningText(text, offsets, sum(map(_filled, pages)) - sum(map(_filled, kept)) + numbers)


def _filled(page: Page) -> int:
    return sum(bool(line.strip()) for line in page)


def _without_margins(pages: Sequence[Page]) -> list[Page]:
    """Without the column of consecutive numbers that some programs print beside the text and readers put below it."""
    columns = [_last_numbers(page) for page in pages]
    # Such a column runs on to the number of the last paragraph, which then can stand alone on the last page.
    ends = {column[-1] for column in columns if len(column) > 1}
    return [
        _without_last(page, len(column)) if len(column) > 1 or ends.issuperset(column) else page
        for page, column in zip(pages, columns, strict=True)
    ]


def _last_numbers(page: Page) -> list[int]:
    """The numbers at the end of a page that stand one a line and rise by one."""
    numbers: list[int] = []
    for line in filter(str.strip, reversed(page)):
        if not _NUMBER.fullmatch(line.strip()) or (numbers and int(line) + 1 != numbers[0]):
            break
        numbers.insert(0, int(line))
    return numbers


def _without_last(page: Page, count: int) -> Page:
    """Without its last lines that are not blank."""
    filled = [i for i, line in enumerate(page) if line.strip()]
    return page[: filled[-count]] if count else page


def _without_line_numbers(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """Without the number before each line, where nearly every line has the next one; and how many there were."""
    matches = [_NUMBERED.match(line) for page in pages for line in page if line.strip()]
    numbers = [int(match[1]) if match else -1 for match in matches]
    steps = sum(after in (before + 1, 1) for before, after in pairwise(numbers))
    if len(numbers) < _FEWEST_LINES or steps < _NEARLY_ALL * (len(numbers) - 1):
        return list(pages), 0
    return [[_NUMBERED.sub("", line, count=1) for line in page] for page in pages], sum(map(bool, matches))


def _without_edges(pages: Sequence[Page], step: int) -> list[Page]:
    """Without page numbers and running titles at the top (step 1) or the bottom (-1), however many lines they take."""
    kept = [page[::step] for page in pages]
    while True:
        places = [next((i for i, line in enumerate(page) if line.strip()), None) for page in kept]
        edges = ["" if place is None else page[place].strip() for page, place in zip(kept, places, strict=True)]
        leave = _page_numbers(edges) or _titles(edges, kept)
        if not leave:
            return [page[::step] for page in kept]
        kept = [_from_words(page[(places[i] or 0) + 1 :]) if i in leave else page for i, page in enumerate(kept)]


def _from_words(page: Page) -> Page:
    """Without the blank lines above, which set a title apart and not a paragraph."""
    return page[next((i for i, line in enumerate(page) if line.strip()), len(page)) :]


def _page_numbers(edges: Sequence[str]) -> set[int]:
    """The pages whose outermost line is their number: it rises with the pages, or says how many there are."""
    found = {i: match for i, edge in enumerate(edges) if (match := _PAGE_NUMBER.fullmatch(edge))}
    steps = Counter(int(match[1]) - i for i, match in found.items())
    for step, count in steps.most_common(1):
        mine = {i for i, match in found.items() if int(match[1]) - i == step}
        if count >= max(2, _MOST_PAGES * len(edges)) or any(found[i][2] == str(len(edges)) for i in mine):
            return mine
    return set()


def _titles(edges: Sequence[str], pages: Sequence[Page]) -> set[int]:
    """The pages whose outermost line is a running title: the same on many pages (numbers apart) and nowhere inside."""
    counts = Counter(map(_alike, edges))
    inside = Counter(_alike(line) for page in pages for line in page)
    titles = {
        key
        for key, count in counts.items()
        if count >= max(2, _MANY_PAGES * len(edges)) and inside[key] <= count + 1 and _could_be_title(key, count)
    }
    return {i for i, edge in enumerate(edges) if _alike(edge) in titles}


def _alike(line: str) -> str:
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _could_be_title(key: str, count: int) -> bool:
    # "Participant:" opens many pages and is a speaker; "Yes." closes some by chance.
    said = key.endswith((*_ENDS_A_SENTENCE, ","))
    return any(map(str.isalpha, key)) and not said and (len(key.split()) > 1 or count > 2)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the file as a whole sets its lines: what one line alone cannot tell.

    Attributes:
        labelled: Numbers of the lines that begin with a speaker, by a name that stands there again or by a role.
        perhaps: Numbers of the lines that begin with a name seen once, or with "However:".
        width: Characters of a full line.
        indents: Whether an indent marks the first line of a paragraph.
        trails: Whether a line ends with a blank unless a word goes on in the next line.
        words: All words in lower case, hyphens included.
    """

    labelled: frozenset[int]
    perhaps: frozenset[int]
    width: int
    indents: bool
    trails: bool
    words: frozenset[str]

    @classmethod
    def of(cls, lines: Sequence[str]) -> _Layout:
        # A short line alone is mostly the end of a paragraph, unless it is a role.
        found = find_labels("\n".join(lines))
        labels = [label for label in found if label.style != "alone" or is_known(label.name)]
        counts = Counter(label.name for label in labels)
        filled = [line for line in lines if line.strip()]
        lengths = sorted(len(line.strip()) for line in filled)
        width = lengths[len(lengths) * 9 // 10] if lengths else 0
        full = [line for line in filled if len(line.strip()) > _FULL * width]
        return cls(
            frozenset(label.line for label in labels if counts[label.name] > 1 or is_known(label.name)),
            frozenset(label.line for label in labels),
            width,
            0 < sum(line[0].isspace() for line in filled) < _MOST_INDENTED * len(filled),
            sum(line[-1].isspace() for line in full) > len(full) / 2,
            frozenset(word.casefold() for line in filled for word in _WORD.findall(line)),
        )

    @property
    def unnamed(self) -> bool:
        """Whether indents and tape counters are all that shows who speaks."""
        return self.indents and len(self.labelled) < 2

    def opens(self, number: int, line: str, before: str) -> bool:
        """Whether `line` opens a paragraph although no blank line stands before it."""
        if number - 1 in self.labelled and before.rstrip().endswith(":"):
            return False
        if _is_stage(line) or _is_stage(before) or (self.indents and line[0].isspace()):
            return True
        if _in_mid_sentence(before, line):
            return False
        if number in self.perhaps and before.rstrip().endswith(_ENDS_A_SENTENCE):
            return True
        return (self.unnamed and _COUNTER.match(line) is not None) or self._ended(before, line)

    def _ended(self, before: str, line: str) -> bool:
        if self.trails and not before[-1].isspace() and before.endswith(_ENDS_A_SENTENCE):
            return True
        return len(before.strip()) + 1 + len(line.split()[0]) < _FULL * self.width

    def gap(self, before: str, line: str) -> str | None:
        """What joins two lines of a paragraph: a space, nothing, or None for a hyphen that goes too."""
        stem = before.rstrip()
        head, tail = _CUT.search(stem[-_LONGEST_WORD:]), _WORD.match(line.strip())
        if stem.endswith("\u00ad"):  # a soft hyphen is only ever printed where a word is cut
            return None
        if head is None or tail is None or not tail[0][0].islower():
            return " "
        whole, hyphened = f"{head[1]}{tail[0]}".casefold(), f"{head[1]}-{tail[0]}".casefold()
        if whole in self.words and hyphened not in self.words:
            return None
        return "" if hyphened in self.words or (self.trails and not before[-1].isspace()) else " "


def _is_stage(line: str) -> bool:
    # A number alone on its line can be the last word of a sentence.
    return is_stage_line(line) and not line.strip().isdigit()


def _in_mid_sentence(before: str, line: str) -> bool:
    return line.lstrip()[0].islower() and not before.rstrip().endswith(_ENDS_A_SENTENCE)


def _joined(pages: Sequence[Page]) -> tuple[str, tuple[int, ...]]:
    """The paragraphs, and the offset of the first word of each page."""
    numbered = [(page, line) for page, lines in enumerate(pages) for line in lines]
    layout = _Layout.of([line for _, line in numbered])
    pieces: list[str] = []
    offsets: list[int] = []
    length, before, blank = 0, "", True
    for number, (page, line) in enumerate(numbered):
        words = " ".join(line.split())
        if not words:
            blank = True
            continue
        # Blank lines at a page break part pages, not the sentence that runs over it.
        goes_on = page >= len(offsets) > 0 and _in_mid_sentence(before, line)
        joins = goes_on or (not blank and not layout.opens(number, line, before))
        opens = number in layout.labelled or not joins
        gap = "\n\n" if opens else layout.gap(before, line)
        if gap is None:
            pieces[-1], length, gap = pieces[-1][:-1], length - 1, ""
        gap = ("" if not pieces else gap) + ("\t" if opens and layout.unnamed and line[0].isspace() else "")
        offsets += [length + len(gap) if pieces else 0] * (page + 1 - len(offsets))
        pieces += [gap, words]
        length += len(gap) + len(words)
        before, blank = line, False
    offsets += [length] * (len(pages) - len(offsets))
    return "".join(pieces), tuple(offsets)
