"""Turns of text that names nobody: oral histories with indents and tape counters, reflections in paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from textcoder.domain.transcript import Turn

# "0.34<TAB>", "11.02 ", "4,04<TAB>" or an indent. A PDF reader turns the tab into one space, after a blank line.
_MARK = re.compile(r"(?:\d{1,3}[.,]\d{1,2}(?:\t|[ ]+)|[ ]*\t[ \t]*|[ ])(?=\S)")
_FIRST_COUNTER = re.compile(r"[01][.,]\d{1,2}\s")
_STAGE = re.compile(
    r"[\[(*_ \t]*(?:END(?: OF)?\s+(?:SIDE|TAPE|INTERVIEW|RECORDING|TRANSCRIPT)\b.{0,20}|(?:SIDE|TAPE) \w{1,2}"
    r"|#{1,6}[ \t].*|[-*_](?:[ \t]*[-*_]){2,})[\])*_. \t]*",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"[ \t]*\d{1,4}[ \t]*")
_LONGEST_STAGE_LINE = 200
# Of the paragraphs after the first marked one; above this the marks are the way the file shows turns.
_MOSTLY = 0.5
_FEWEST_MARKS = 4
_LONGEST_HEAD = 60
_ENDS_A_SENTENCE = (".", "?", "!", "…", '"', "”", ")", ":")


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph: its span without mark and blanks, whether a mark stood before it, and where its line begins."""

    start: int
    end: int
    marked: bool
    line: int


def is_stage_line(line: str) -> bool:
    """Whether nobody says this line: a heading, a rule, "END OF TAPE"."""
    return len(line) <= _LONGEST_STAGE_LINE and _STAGE.fullmatch(line.strip()) is not None


def unnamed_turns(text: str) -> tuple[Turn, ...]:
    """A turn for each paragraph, all without a speaker; where indents or tape counters show turns, these decide.

    Headings and rules are no turns. Under marks, neither are page numbers and a short head above the first mark, and a
    paragraph that goes on in the middle of a sentence (a page break) belongs to the turn before it.
    """
    blocks = list(_blocks(text))
    marks = [i for i, block in enumerate(blocks) if block.marked]
    if len(marks) < _FEWEST_MARKS or len(marks) < _MOSTLY * (len(blocks) - marks[0]):
        return tuple(Turn(block.start, block.end) for block in blocks)
    # A counter near zero is where the tape begins, whatever is indented above it.
    zero = (block.start for block in blocks if block.marked and _FIRST_COUNTER.match(text, block.line))
    first = next(zero, blocks[marks[0]].start)
    body = 0 if len(text[:first].split()) > _LONGEST_HEAD else first
    return tuple(_joined(text, [block for block in _blocks(text, page_numbers=False) if block.start >= body]))


def _blocks(text: str, *, page_numbers: bool = True) -> Iterator[_Block]:
    """Paragraphs between blank lines and headings; after a marked line, one more with a tab opens its own."""
    offset, start, end, marked, begin = 0, -1, -1, False, 0
    for line in (*text.split("\n"), ""):
        mark = _MARK.match(line)
        skipped = not line.strip() or (mark is None and _nobody_s(line, page_numbers))
        opens = mark is not None and marked and mark[0].endswith("\t")
        if start >= 0 and (opens or skipped):
            yield _Block(start, end, marked, begin)
            start = -1
        if not skipped:
            if start < 0:
                begin = offset
                start, marked = offset + (mark.end() if mark else len(line) - len(line.lstrip())), mark is not None
            end = offset + len(line.rstrip())
        offset += len(line) + 1


def _nobody_s(line: str, page_numbers: bool) -> bool:
    return is_stage_line(line) or (not page_numbers and _PAGE_NUMBER.fullmatch(line) is not None)


def _joined(text: str, blocks: list[_Block]) -> Iterator[Turn]:
    open_turn = blocks[0]
    for block in blocks[1:]:
        ended = text.endswith(_ENDS_A_SENTENCE, open_turn.start, open_turn.end)
        goes_on = text[block.start].islower() and not ended
        if goes_on and not block.marked:
            open_turn = replace(open_turn, end=block.end)
        else:
            yield Turn(open_turn.start, open_turn.end)
            open_turn = block
    yield Turn(open_turn.start, open_turn.end)
