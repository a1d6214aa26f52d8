"""Who speaks where in running text: the one way of marking speakers that a file uses, and the turns between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise

from textcoder.domain.labels import role_named
from textcoder.domain.transcript import Turn
from textcoder.formats.labels import Label, find_labels, is_known, looks_like_name, looks_like_somebody
from textcoder.formats.unnamed import is_stage_line, unnamed_turns

# A dialogue marks at least every tenth paragraph; monologues of real podcasts reach seven paragraphs a turn. Many turns
# of several people are evidence with less. Prose with a few capitalised words before colons stays below both.
_FEWEST_PER_PARAGRAPH = 0.1
_PLENTY, _FEWEST_OF_PLENTY = 20, 0.02
# Likeness of two words of ten or more letters that differ by one.
_ONE_LETTER = 0.9
_ESTABLISHED = 3
# Where nearly every paragraph has a known speaker, a new name before a colon is somebody who spoke once.
_DENSE = 0.8
_HEAD_LINES = 20
_HEAD_WORDS = 15
_HEAD_FORM = """
    date time place location venue title project study site group organisation organization wave round case id age
    gender sex occupation duration length recording recorded file filename transcript transcription transcribed
    interview language participants present attendees interviewers speakers datum tid plats ort lieu fecha lugar data
    luogo
"""
_FORM_KEYS = frozenset(_HEAD_FORM.split())
_HEAD_KEY = re.compile(r"[ \t]*[*_#]*([^\W_][^\n:]{0,40}?)[*_]*[ \t]*:")


def find_turns(text: str) -> tuple[Turn, ...]:
    """The turns of running text, in order, never overlapping; start and end enclose the words without name and time.

    Text without speakers gives a turn for each paragraph, with speaker None. Cost: linear in the text.
    """
    return tuple(_turns_between(text, find_speakers(text))) or unnamed_turns(text)


def find_speakers(text: str) -> tuple[Label, ...]:
    """The labels that open turns; empty where nobody is named.

    The whole file decides at once: every way of marking speakers (bold, brackets, colons, a time beside the name) is
    tried, and the one that explains most turns is the file's. Its speakers are the labels that repeat or that name a
    role ("Q", "Interviewer"), and where nearly every paragraph begins with a speaker, also those who spoke once.
    """
    body = _end_of_head(text)
    labels = [label for label in find_labels(text) if label.start >= body]
    lines = [bool(line.strip()) for line in text.split("\n")]
    styles = dict.fromkeys(label.style for label in labels)
    return max((_speaking([x for x in labels if x.style == s], lines, text) for s in styles), key=len, default=())


def _end_of_head(text: str) -> int:
    """Where the form at the top ("Interviewer: Jo", "Date: 3 May") ends: after its last line with a form's key."""
    end = offset = 0
    for line in text.split("\n", _HEAD_LINES)[:_HEAD_LINES]:
        if len(line.split()) > _HEAD_WORDS or line.rstrip().endswith("?"):
            break
        offset += len(line) + 1
        key = _HEAD_KEY.match(line)
        if key and key[1].strip().casefold() in _FORM_KEYS:
            end = offset
    return end


def _speaking(labels: Sequence[Label], lines: Sequence[bool], text: str) -> tuple[Label, ...]:
    """The labels of one style that open turns; empty where they do not add up to a dialogue."""
    counts = Counter(label.name for label in labels)
    strong = _strong(labels, counts)
    likely = {name for name in counts if name in strong or _could_speak(name, counts[name], labels[0].style)}
    certain, all_ = [x for x in labels if x.name in strong], [x for x in labels if x.name in likely]
    dense = _density(all_, lines) >= _DENSE
    if not _is_dialogue(certain, lines):
        asked = any("?" in text[label.start : after.start] for label, after in pairwise(all_))
        repeats = any(counts[name] > 1 for name in likely)
        return tuple(all_) if dense and len(likely) > 1 and (asked or repeats) else ()
    marked = labels[0].style in ("bold", "bracket")
    roles = sorted(name for name in strong if counts[name] >= _ESTABLISHED and role_named(name) is not None)
    respelled = {name: role for name in counts if counts[name] == 1 and (role := _respelled(name, roles))}
    first = certain[0].line
    allowed = strong | respelled.keys() | (likely if dense or marked else set())
    return tuple(
        replace(label, name=respelled.get(label.name, label.name))
        for label in labels
        if label.name in strong or (label.name in allowed and label.line > first)
    )


def _strong(labels: Sequence[Label], counts: Counter[str]) -> set[str]:
    """The names that are speakers by themselves: repeated, timed, or a role's."""
    style = labels[0].style
    timed = {label.name for label in labels if label.start_ms is not None}
    strong = {
        name
        for name in counts
        if is_known(name) or (style != "alone" and looks_like_name(name) and (counts[name] > 1 or name in timed))
    }
    return strong - _announced(labels, strong, counts) if any(counts[name] > 1 for name in strong) else strong


def _announced(labels: Iterable[Label], strong: set[str], counts: Counter[str]) -> set[str]:
    """Roles named once above the first speaker who repeats ("Interviewer: Jo", then "Jo: ..."): who takes part."""
    names: set[str] = set()
    for label in labels:
        if label.name in strong and counts[label.name] > 1:
            break
        if label.start_ms is None:
            names.add(label.name)
    return names


def _could_speak(name: str, count: int, style: str) -> bool:
    """Whether the name could be a speaker's where all around are: somebody who spoke once, or a name in lower case."""
    if count > 1:
        return True
    return style != "alone" and looks_like_somebody(name)


def _is_dialogue(labels: Sequence[Label], lines: Sequence[bool]) -> bool:
    if len(labels) < 2:
        return False
    paragraphs = _paragraphs(lines)
    speakers = {label.name for label in labels}
    # A single name is a speaker only where (nearly) all the text is hers; in a diary "Remember" turns up anywhere.
    if len(speakers) == 1 and _paragraphs(lines[: labels[0].line]) > max(2, paragraphs // 5):
        return False
    many = len(labels) >= _PLENTY and len(speakers) > 1
    return len(labels) >= (_FEWEST_OF_PLENTY if many else _FEWEST_PER_PARAGRAPH) * paragraphs


def _density(labels: Sequence[Label], lines: Sequence[bool]) -> float:
    """The share of paragraphs, or of lines where these are more, that begin with one of the labels."""
    if not labels:
        return 0.0
    after = lines[labels[0].line :]
    opening = sum(label.paragraph is not None for label in labels)
    return max(opening / _paragraphs(after), len(labels) / sum(after))


def _paragraphs(lines: Sequence[bool]) -> int:
    """How many paragraphs lie between blank lines (False)."""
    return sum(now and not before for before, now in pairwise([False, *lines]))


def _respelled(name: str, roles: Iterable[str]) -> str | None:
    """The role that a label seen once misspells by a letter ("Particpant"). Not for names: Michael is not Michaela."""
    near = (role for role in roles if abs(len(name) - len(role)) == 1)
    return next((role for role in near if SequenceMatcher(None, name, role).ratio() > _ONE_LETTER), None)


def _turns_between(text: str, labels: Sequence[Label]) -> Iterator[Turn]:
    """One turn from each label to the next; a label that nobody's words follow gives none."""
    bounds = [*(label.start for label in labels), len(text)]
    for label, end in zip(labels, bounds[1:], strict=True):
        start, stop = _said(text, label.end, end)
        if start == stop and label.start_ms is not None:
            # "**Break:** [23:03]" says nothing but the time; the turn keeps it, since something was there.
            start, stop = _said(text, text.find(label.name, label.start) + len(label.name), end)
            start += len(text[start:stop]) - len(text[start:stop].lstrip(":*_ \t"))
        if start < stop:
            yield Turn(start, stop, label.name, start_ms=label.start_ms, end_ms=label.end_ms)


def _said(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks around it, nor headings, rules and "END OF TAPE" after it, which nobody says."""
    first, *lines = text[start:end].split("\n")
    while lines and (not lines[-1].strip() or is_stage_line(lines[-1])):
        lines.pop()
    words = "\n".join((first, *lines)).rstrip()
    return start + len(words) - len(words.lstrip()), start + len(words)
