"""What is answered of people beside each other and of the machine beside people."""

from __future__ import annotations

from typing import Literal

from textcoder_api.schemas import EstimateRow, Row, SegmentRow


class SetsRow(Row):
    """Agreement on whole sets of codes, with one distance between sets."""

    distance: str
    alpha: EstimateRow


class SetsOne(Row):
    """Agreement on all the codes of a segment at once. Without figures `note` says why."""

    units: int
    people: int
    coders: tuple[str, ...]
    sets: int
    alphas: tuple[SetsRow, ...]
    note: str


class CodeSpansRow(Row):
    """One code over the continuum of characters."""

    code: str
    name: str
    unitising: EstimateRow
    coding: EstimateRow


class SpansOne(Row):
    """Agreement character by character over free spans. Without figures `note` says why."""

    characters: int
    people: int
    coders: tuple[str, ...]
    marked: dict[str, int]
    whole: EstimateRow | None
    unitising: EstimateRow | None
    coding: EstimateRow | None
    codes: tuple[CodeSpansRow, ...]
    note: str


class InsteadRow(Row):
    """Another code that was given, and how often."""

    code: str
    name: str
    times: int


class ConfusionRow(Row):
    """What others say where somebody gives a code; every two coders are looked at both ways round."""

    code: str
    name: str
    given: int
    same: int
    nothing: int
    instead: tuple[InsteadRow, ...]


class PeriodRow(Row):
    """A round, or a part of the work."""

    name: str
    units: int
    people: int


class CourseRow(Row):
    """A figure from period to period, and its change from the first to the last."""

    of: str
    name: str
    values: tuple[EstimateRow, ...]
    change: EstimateRow


class CodeAgainRow(Row):
    """A coder with herself on one code."""

    code: str
    name: str
    both: int
    only_first: int
    only_again: int
    alpha: EstimateRow
    more: EstimateRow


class AgainRow(Row):
    """A coder who coded a second time what she had coded before."""

    coder: str
    again: str
    units: int
    same: EstimateRow
    codes: tuple[CodeAgainRow, ...]


class OverTimeOne(Row):
    """Agreement over rounds, and of coders with themselves."""

    by: str
    periods: tuple[PeriodRow, ...]
    codes: tuple[CourseRow, ...]
    coders: tuple[CourseRow, ...]
    herself: tuple[AgainRow, ...]


class BehindRow(SegmentRow):
    """A segment behind a figure, and which codes each of the two gave it."""

    a: tuple[str, ...]
    b: tuple[str, ...]


class CeilingRow(Row):
    """The machine beside people on one code."""

    code: str
    name: str
    units: int
    people: int
    uses: int
    users: int
    machine_uses: int
    among_people: EstimateRow
    machine: EstimateRow
    difference: EstimateRow
    recall: EstimateRow
    precision: EstimateRow
    verdict: Literal["usable", "usable with correction", "not usable", "too little to say"]
    why: str
    advice: str


class CeilingOne(Row):
    """The machine's agreement with people beside people's with each other. Without figures `note` says why."""

    coders: tuple[str, ...]
    way: str
    rule: str
    codes: tuple[CeilingRow, ...]
    note: str
