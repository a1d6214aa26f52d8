"""The id of a figure: each number that a report shows can be named, and traced to the rows that it counts.

An id reads from the left: what is counted, of whom, and which number of it.

    codes/25be09a8/people                     how many people say the code
    codes/25be09a8/wave=2/people              in wave 2
    codes/25be09a8/case=SU01/mentions         how often one person says it
    codes/25be09a8/people-only/people         as people coded it, without the machine's suggestions
    codes/25be09a8/change=1:3/corrected       the corrected share in two waves, and what lies between them
    lenses/barriers/segments                  a lens instead of a code; themes/ID for a found theme
    asked/wave=2/people                       who was asked

A code is named by its id, by the beginning of it, or by its name. In values `%` and `/` are written as in an address (%25, %2F).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from textcoder.errors import UnknownItem

ASKED = "asked"
MEASURES = ("people", "asked", "segments", "mentions", "corrected")
PEOPLE_ONLY, CHANGE, CASE = "people-only", "change", "case"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure by its id.

    Attributes:
        unit: "codes", "lenses", "themes", or "asked" for who was asked.
        row: Which of them; empty for `asked`.
        measure: One of `MEASURES`.
        where: Attribute (or `wave`) to the value that the words have.
        case: Only what this person says; empty for everybody.
        people_only: Without the machine's suggestions.
        change: The two waves compared; None for one figure.
    """

    unit: str
    row: str
    measure: str
    where: Mapping[str, str] = field(default_factory=dict)
    case: str = ""
    people_only: bool = False
    change: tuple[str, str] | None = None

    def __str__(self) -> str:
        parts = [self.unit, *([_plain(self.row)] if self.row else [])]
        parts += [PEOPLE_ONLY] if self.people_only else []
        parts += [f"{_plain(name)}={_plain(value)}" for name, value in self.where.items()]
        parts += [f"{CASE}={_plain(self.case)}"] if self.case else []
        parts += [f"{CHANGE}={':'.join(map(_plain, self.change))}"] if self.change else []
        return "/".join([*parts, self.measure])

    @property
    def command(self) -> str:
        """What shows the rows behind it, in the folder of the results."""
        return shlex.join(["textcoder", "trace", str(self)])

    @classmethod
    def of(cls, id_: str) -> Figure:
        """The figure that an id names.

        Raises:
            UnknownItem: It is no id of a figure.
        """
        unit, *parts, measure = id_.split("/") if "/" in id_ else ("", "")
        row = unquote(parts.pop(0)) if parts and unit != ASKED else ""
        where, case, waves = dict[str, str](), "", tuple[str, ...]()
        people_only = PEOPLE_ONLY in parts
        for part in (part for part in parts if part != PEOPLE_ONLY):
            name, equals, value = part.partition("=")
            if name == CHANGE:
                waves = tuple(map(unquote, value.split(":")))
            elif name == CASE:
                case = unquote(value)
            elif equals:
                where[unquote(name)] = unquote(value)
            else:
                unit = ""
        known = measure in (("people", "segments") if unit == ASKED else MEASURES)
        known &= unit == ASKED or (unit in ("codes", "lenses", "themes") and bool(row))
        known &= len(waves) in (0, 2) and (measure != "corrected" or unit == "codes")
        if not known:
            raise UnknownItem(
                f'"{id_}" is no id of a figure; one is codes/NAME/wave=2/people, and report.html and brief.html show them.'
            )
        return cls(unit, row, measure, where, case, people_only, (waves[0], waves[1]) if waves else None)


def _plain(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F")
