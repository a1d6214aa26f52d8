"""All counts once more, from the rows of the CSV files alone: a second opinion on what the report says."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from operator import itemgetter
from typing import Any

from textcoder.domain.coding import CoderKind, Coding, Status, counted
from textcoder.reports.tables import SEGMENT

Row = Mapping[str, str]
Numbers = dict[str, Any]
CLASSES = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def wrongly_counted(codings: Sequence[Row]) -> list[int]:
    """Numbers (from 0) of the rows of codings.csv whose column `counts` does not follow from the other rows."""
    made = [
        Coding(r["transcript"], int(r["start"]), int(r["end"]), r["code_id"], r["coder_id"], Status(r["status"]))
        for r in codings
    ]
    machines = frozenset(row["coder_id"] for row in codings if row["coder_kind"] == CoderKind.MACHINE)
    counts = set(counted(made, machines))
    return [
        i
        for i, (row, coding) in enumerate(zip(codings, made, strict=True))
        if row["counts"] != str(int(coding in counts))
    ]


class Recount:
    """What follows from segments.csv and codings.csv.

    Asked are the cases with a segment; people are those with a coding that counts; a mention is a distinct span; a code
    counts what stands under the codes below it. Words outside all segments have no role, belong to no case and stand under
    no value of an attribute.

    Args:
        segments: Rows of segments.csv.
        codings: Rows of codings.csv.
        columns: Those of segments.csv; the attributes are what is not ours.
        not_in_use: Ids of codes that are not counted any more.
        parents: Code id to the id of the code above it.
    """

    def __init__(
        self,
        segments: Sequence[Row],
        codings: Sequence[Row],
        columns: Sequence[str],
        not_in_use: Iterable[str],
        parents: Mapping[str, str | None],
    ) -> None:
        unused = set(not_in_use)
        self.segments = segments
        self.parents = parents
        self.codings = [row for row in codings if row["counts"] == "1" and row["code_id"] not in unused]
        self.attributes = [name for name in columns if name not in SEGMENT]
        self.asked = _people(segments)
        self.by_code: dict[str, list[Row]] = defaultdict(list)
        for row in self.codings:
            code: str | None = row["code_id"]
            for _ in range(len(parents) + 1):
                if code is not None and code not in unused:
                    self.by_code[code].append(row)
                code = parents.get(code) if code is not None else None

    def code(self, code: str) -> Numbers:
        """People, asked, mentions, interval and files of one code."""
        rows = self.by_code.get(code, [])
        return {**_share(rows, self.asked), "files": len({row["transcript"] for row in rows})}

    def attribute(self, column: str, codes: Iterable[str]) -> dict[str, dict[str, Numbers]]:
        """Code id -> value -> people, asked, mentions and interval, for each value that somebody who was asked has."""
        asked = {value: people for value, rows in _grouped(self.segments, column).items() if (people := _people(rows))}
        table = {}
        for code in codes:
            said = _grouped([row for row in self.by_code.get(code, []) if row["role"]], column)
            table[code] = {value: _share(said.get(value, []), people) for value, people in asked.items()}
        return table

    def cases(self) -> dict[str, dict[str, int]]:
        """Case id -> code id -> mentions, of those who were asked; codes that she does not mention are left out."""
        mentions: dict[str, Counter[str]] = {case: Counter() for case in self.asked}
        for code, rows in self.by_code.items():
            for case, hers in _grouped(rows, "case").items():
                if case in mentions:
                    mentions[case][code] = _mentions(hers)
        return {case: dict(counts) for case, counts in mentions.items()}

    def pairs(self, codes: Sequence[str]) -> dict[tuple[str, str], Numbers]:
        """Two of the codes, in their order -> what the workbook says of those that somebody carries both of.

        A code and one below it are no pair. Words outside all segments are nobody's. Cost: O(codes squared) sets of people.
        """
        inside = {code: [row for row in self.by_code.get(code, []) if row["role"]] for code in codes}
        people = {code: _people(rows) for code, rows in inside.items()}
        place = self._places()
        segments = {code: {place(row) for row in rows} for code, rows in inside.items()}
        above = {code: set(self._above(code)) for code in codes}
        found = {}
        for a, b in combinations(codes, 2):
            both, n_a, n_b = len(people[a] & people[b]), len(people[a]), len(people[b])
            if both and a not in above[b] and b not in above[a]:
                found[a, b] = {
                    **{"people": both, "people_code": n_a, "people_other": n_b, "asked": len(self.asked)},
                    "segments": len(segments[a] & segments[b]),
                    "jaccard": round(both / (n_a + n_b - both), 4),
                    "lift": round(both * len(self.asked) / (n_a * n_b), 4),
                }
        return found

    def _above(self, code: str) -> Iterator[str]:
        """The codes above one, the nearest first."""
        above = self.parents.get(code)
        for _ in self.parents:
            if above is None:
                return
            yield above
            above = self.parents.get(above)

    def _places(self) -> Callable[[Row], tuple[str, int]]:
        """What tells the segment of a coding: transcript, and where the first segment starts that the coding reaches into."""
        ends: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row in self.segments:
            if row["start"].isdecimal() and row["end"].isdecimal():
                ends[row["transcript"]].append((int(row["end"]), int(row["start"])))
        for of_one in ends.values():
            of_one.sort()

        def place(row: Row) -> tuple[str, int]:
            of_one = ends[row["transcript"]]
            i = bisect_right(of_one, int(row["start"]), key=itemgetter(0))
            return row["transcript"], of_one[i][1] if i < len(of_one) else -1

        return place

    def themes(self) -> dict[str, Numbers]:
        """Theme id -> segments, people, files."""
        return {
            theme: {"segments": len(rows), "people": len(_people(rows)), "files": len({r["transcript"] for r in rows})}
            for theme, rows in _grouped(self.segments, "theme_id").items()
            if theme
        }

    def totals(self, transcripts: int) -> dict[str, int]:
        """What the report's first paragraph and its chapters say of the whole."""
        return {
            "transcripts": transcripts,
            "segments": len(self.segments),
            "people": len(self.asked),
            "codings": len(self.codings),
            "without_theme": sum(not row["theme_id"] for row in self.segments),
            "abstained": sum(row["abstained"] == "1" for row in self.segments),
        }

    def lenses(self) -> dict[str, int]:
        """Lens id -> segments seen through it; `none` where the machine abstained or saw none."""
        return dict(Counter(row["lens"] or "none" for row in self.segments if row["lens_probability"]))

    def lens_probabilities(self) -> list[int]:
        """Segments in each of `CLASSES`."""
        return _classes(row["lens_probability"] for row in self.segments)

    def code_probabilities(self) -> list[int]:
        """The machine's codings in each of `CLASSES`."""
        return _classes(row["probability"] for row in self.codings if row["coder_kind"] == "machine")


def _grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _people(rows: Iterable[Row]) -> set[str]:
    return {row["case"] for row in rows if row["case"]}


def _mentions(rows: Iterable[Row]) -> int:
    return len({(row["transcript"], row["start"], row["end"]) for row in rows})


def _share(rows: Sequence[Row], asked: set[str]) -> Numbers:
    """People of those asked, with the roots of (p - x)^2 = z^2 x (1 - x) / n, which are Wilson's interval."""
    people, n, z2 = len(_people(rows)), len(asked), 1.959963984540054**2
    counts: Numbers = {"people": people, "asked": n, "mentions": _mentions(rows)}
    if n == 0:
        return {**counts, "low": None, "high": None}
    a, b, c = n + z2, -(2 * people + z2), people * people / n
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return {
        **counts,
        "low": round(max(0.0, (-b - root) / (2 * a)), 4),
        "high": round(min(1.0, (-b + root) / (2 * a)), 4),
    }


def _classes(probabilities: Iterable[str]) -> list[int]:
    found = Counter(sum(float(p) >= low for low in CLASSES) - 1 for p in probabilities if p)
    return [found[i] for i in range(len(CLASSES))]
