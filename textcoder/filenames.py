"""What the name of a file says: by the researcher's pattern, or by the usual ways of naming interviews."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from textcoder.domain.case_table import iso_date
from textcoder.errors import InvalidTable

_FIELD = re.compile(r"\{([^{}]*)\}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WAVE = re.compile(r"(?<![^\W_])(?:wave|round|w)[ _-]?(\d{1,2})(?![^\W_])", re.IGNORECASE)
_TIME_POINT = re.compile(r"T\d{1,2}", re.IGNORECASE)
_CASE = re.compile(r"[A-Z]{1,4}-?\d{1,4}", re.IGNORECASE)
# Letters before a number that count files, versions or parts rather than people.
_NO_CASE = re.compile(r"(?:w|v|ver|rev|ep|part|pt|vol|no|mp|day|week|tape|side|q|fy|h)\d+", re.IGNORECASE)
# Words beside the case that are no pseudonym.
_OTHER_WORDS = "final edited corrected clean anon anonymised interview transcript notes focus group"
_NO_NAME = frozenset(_OTHER_WORDS.split())


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one file and of the one person in it; empty where nothing is.

    Attributes:
        case: Case id.
        name: What people read.
        wave: As the researcher names it.
        date: ISO 8601.
        attributes: Everything else.
    """

    case: str = ""
    name: str = ""
    wave: str | None = None
    date: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def facts_of_name(path_name: str, pattern: str | None) -> Facts:
    """What a file's name says.

    Args:
        path_name: Its path inside the folder that was given.
        pattern: Such as `{group}_{case}_w{wave}`, of the name without its ending, or of the path if it holds a slash;
            None recognises `w1_SU01_mira`, `P3`, `T2_P03`, `2024-05-02 wave 2 mira` and the like.

    Raises:
        InvalidTable: The pattern has no field, or one twice.
    """
    path = PurePosixPath(path_name)
    if pattern is None:
        return _usual_name(path.stem)
    found = _compiled(pattern).fullmatch(path.with_suffix("").as_posix() if "/" in pattern else path.stem)
    if found is None:
        return Facts()
    values = found.groupdict()
    named = {name: values.pop(name, "") for name in ("case", "name", "wave", "date")}
    return Facts(named["case"], named["name"], named["wave"] or None, iso_date(named["date"]), values)


def _compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern such as `w{wave}_{case}`; a field holds any characters but a slash."""
    literals, names = _FIELD.split(pattern)[::2], _FIELD.findall(pattern)
    if not names or len(set(names)) < len(names) or not all(name.isidentifier() for name in names):
        raise InvalidTable(
            "--pattern", f'"{pattern}" must hold fields in braces, each once, such as "w{{wave}}_{{case}}_{{name}}".'
        )
    parts = [re.escape(literals[0])]
    for name, literal in zip(names, literals[1:], strict=True):
        parts.append(f"(?P<{name}>[^/]+?){re.escape(literal)}")
    return re.compile("".join(parts), re.IGNORECASE)


def _usual_name(stem: str) -> Facts:
    """What names such as `w1_SU01_mira`, `P3`, `T2_P03` or `2024-05-02 wave 2 mira` say."""
    day = _ISO_DATE.search(stem)
    rest = _ISO_DATE.sub(" ", stem)
    said = _WAVE.search(rest)
    wave = said[1] if said else None
    words = [word for word in re.split(r"[\s_.,()+-]+", _WAVE.sub(" ", rest)) if word]
    cases = [word for word in words if _CASE.fullmatch(word) and not _NO_CASE.fullmatch(word)]
    if wave is None and len(cases) > 1 and _TIME_POINT.fullmatch(cases[0]):
        wave = cases.pop(0)[1:]
    left = [word for word in words if word.isalpha() and len(word) > 1 and word.casefold() not in _NO_NAME]
    name = left[0][:1].upper() + left[0][1:] if len(left) == 1 and (cases or wave) else ""
    return Facts(cases[0].upper() if cases else name, name, wave, iso_date(day[0]) if day else None)
