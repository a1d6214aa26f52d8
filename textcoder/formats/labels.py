"""What can be a speaker's label at the beginning of a line, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from textcoder.domain.labels import is_machine_label, role_named
from textcoder.formats.times import STAMP, milliseconds

# Names are looked for in the first characters of a line only, so that the cost stays linear whatever the line holds.
_PREFIX = 160
_LONGEST_NAME = 60
_MOST_WORDS = 6
# As textcoder.pseudonyms proposes them: "[nurse 2]". The brackets belong to the name, which stays what the project calls her.
_PSEUDONYM = r"\[[^\W\d_A-Z][^\[\]\d\n:]{0,30} \d{1,5}\]"
_NAME = rf"(?P<name>(?:{_PSEUDONYM}|[^\W_])(?:{_PSEUDONYM}|[^\n:*\[\]<>{{}}|\"“”?!;=]){{0,{_LONGEST_NAME - 1}}}?)"
_TIME = rf"\\?[\[(<]?[ ]?(?P<%s>{STAMP})(?:\s*(?:-->|[-\u2013\u2014>])\s*(?P<%s>{STAMP}))?[ ]?\\?[\])>]?"
_BEFORE, _INSIDE = _TIME % ("t1", "e1"), _TIME % ("t2", "e2")
# After the colon a bare time could be the first words ("Anna: 10:30 suits me"): it needs brackets or its own line.
_AFTER = rf"(?:[ \t]*\\?[\[(<][ ]?(?P<t3>{STAMP})[ ]?\\?[\])>]|[ \t]*(?P<t4>{STAMP})(?=[ \t]*$))?"
# The full-width colon of East Asian text counts too. What follows can begin words: no URL, no time, no smile.
_COLON = r"[ \t]*[:\uff1a](?=\s|$|[^\W\d_]|[\"\u201c\u201d'\u2018\u2019\u00ab\u2026\u2013\[\\*.-]|\([^\W_])"
_STYLES = {
    "bold": re.compile(
        rf"[ \t]*(?:\*\*|__)[ ]?(?:{_BEFORE}[ ]?)?{_NAME}[ \t]*(?:{_INSIDE})?[ \t]*:?[ ]?(?:\*\*|__)"
        rf"(?:[ \t]*:)?{_AFTER}"
    ),
    "bracket": re.compile(rf"[ \t]*\\?\[{_NAME}[ \t]*(?:{_INSIDE})?\\?\][ \t]*:?{_AFTER}"),
    "colon": re.compile(rf"[ \t]*(?:{_BEFORE}[ \t]*[-\u2013]?[ \t]*)?{_NAME}[ \t]*(?:{_INSIDE})?{_COLON}{_AFTER}"),
    "stamped": re.compile(rf"[ \t]*(?:{_NAME}[ \t]*[-\u2013|,]?[ \t]*{_INSIDE})[ \t]*$"),
    "stamped before": re.compile(rf"[ \t]*{_BEFORE}[ \t]*[-\u2013|]?[ \t]*{_NAME}[ \t]*$"),
    "alone": re.compile(rf"[ \t]*{_NAME}[ \t]*$"),
}
# Headings, form fields and asides that stand before a colon with nobody of that name. Compared without numbers.
_NOBODY_WORDS = """
    note notes nb n.b ps p.s example examples e.g i.e date time place location venue title subject topic topics
    theme themes summary abstract background introduction conclusion conclusions source sources url link links
    http https www email e-mail phone tel duration length recording recorded file filename transcript
    transcription transcribed language project study site group organisation organization wave round case id age
    gender sex occupation profession part chapter section week day month year session episode season interview
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august
    september october november december warning tip important remember todo action actions goal goals aim aims
    plan plans result results challenge challenges success successes problem problems solution solutions step
    task tasks context reflection reflections learning learnings feedback observation observations description
    evaluation analysis feelings tags keywords media aliases version status legend key table figure fig appendix
    references re fw fwd cc bcc to from sent attachment speakers participants present attendees interviewers
    comment comments first second third firstly secondly finally also however laughter laughs music applause
    crosstalk silence pause noise inaudible unintelligible redacted end start datum plats tid obs anteckning
    anteckningar ort hinweis beispiel lieu exemple remarque fecha lugar nota data luogo good bad pros cons pro
    con plus minus positive negative strengths weaknesses opportunities threats what why how who when where then
    now so yes no thanks but and name
"""
_NOBODY = frozenset(_NOBODY_WORDS.split())
_PARTICLE_WORDS = "af av and bin da de del della den der di do dos du el et la le of och the ten ter und van von y zu"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
# The kinds of people that pseudonyms name.
_PEOPLE = (
    "person|nurse|doctor|teacher|social worker|case worker|midwife|therapist|manager|coach|carer|police officer|clergy"
)
_SOMEBODY = re.compile(rf"\[(?:{_PEOPLE}) \d{{1,5}}\]")
_ANYBODY = re.compile(_PSEUDONYM)
_ASIDE = re.compile(r"\([^()]*\)")
_NUMBERS = re.compile(r"[\s#.]*\d+[.)]?$")


@dataclass(frozen=True, slots=True)
class Label:
    """A possible speaker's label.

    Attributes:
        style: How it is typeset; a file keeps to one way.
        name: As written, without marks and times.
        start: First code point of the line.
        end: Where the words can begin.
        line: Number of the line, from 0.
        paragraph: Number of the paragraph that it opens, from 0; None inside one.
        start_ms: The time beside the name; None without one.
        end_ms: Likewise, where a span is given.
    """

    style: str
    name: str
    start: int
    end: int
    line: int
    paragraph: int | None
    start_ms: int | None
    end_ms: int | None


def find_labels(text: str) -> Iterator[Label]:
    """All that could be a label by its shape alone, in order. Cost: one pass over the lines."""
    offset, paragraph, blank = 0, -1, True
    for number, line in enumerate(text.split("\n")):
        head = line[:_PREFIX]
        opens, blank = blank and bool(head.strip()), not head.strip()
        paragraph += opens
        for style, pattern in _STYLES.items():
            match = None if blank else pattern.match(head)
            # `$` in a pattern means the end of the line, not of the part that was looked at.
            whole = match is not None and (match.end() < _PREFIX or len(line) <= _PREFIX)
            if match and whole and _could_be_somebody(match["name"]):
                yield _label(match, style, offset, number, paragraph if opens else None)
                break
        offset += len(line) + 1


def _label(match: re.Match[str], style: str, offset: int, number: int, paragraph: int | None) -> Label:
    found = match.groupdict()
    start = next((found[key] for key in ("t1", "t2", "t3", "t4") if found.get(key)), None)
    end = found.get("e1") or found.get("e2")
    return Label(
        style,
        match["name"].strip(" \t,-\u2013"),
        offset,
        offset + match.end(),
        number,
        paragraph,
        milliseconds(start) if start else None,
        milliseconds(end) if end else None,
    )


def _could_be_somebody(name: str) -> bool:
    if is_heading(name) or len(name.split()) > _MOST_WORDS or not any(letter.isalpha() for letter in name):
        return False
    # "anna" can be a name in a hurried transcript, "what went well" cannot.
    return looks_like_name(name) or is_known(name) or len(name.split()) == 1


def looks_like_name(name: str) -> bool:
    """Whether every word begins with a capital or a digit (or has none, as in Arabic), small particles apart.

    What stands in parentheses does not count: "Hanna (interviewer)". A capital inside does: "Jeanne d'Arc", "al-Amin"; and a pseudonym
    ("[nurse 2]") is a name.
    """
    words = _ANYBODY.sub("X", without_aside(name)).split()
    return bool(words) and words[0] not in _PARTICLES and all(w in _PARTICLES or _has_capital(w) for w in words)


def without_aside(name: str) -> str:
    """The name without what stands in parentheses."""
    return _ASIDE.sub(" ", name).strip()


def looks_like_somebody(name: str) -> bool:
    """Whether somebody who speaks once may be called so: a short name without numbers, or a person's pseudonym.

    "[nurse 2]" is somebody; what "[overlap 3]" is only its repetition tells.
    """
    bare = _SOMEBODY.sub("X", without_aside(name))
    return looks_like_name(name) and not any(map(str.isdigit, bare)) and len(bare.split()) <= 3


def _has_capital(word: str) -> bool:
    return not word[:1].islower() or any(map(str.isupper, word))


def is_known(name: str) -> bool:
    """Whether the label alone shows that somebody speaks: a role ("Q", "Interviewer 2"), a machine's ("SPEAKER_00")."""
    return looks_like_name(name) and (is_machine_label(name) or role_named(name) is not None)


def is_heading(name: str) -> bool:
    """Whether this word before a colon heads a form or an aside ("Date", "Week 3", "[pause 2]") and is nobody."""
    return _NUMBERS.sub("", name.strip(" []")).casefold() in _NOBODY
