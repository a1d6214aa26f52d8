"""Was enough heard, and from whom."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field
from pydantic_core import to_json

from textcoder.adequacy import Rule
from textcoder.errors import InvalidDecision
from textcoder.query import Unit
from textcoder.workflow import adequacy as adequate
from textcoder.workflow.quoting import chosen_quotes
from textcoder_api.answers import CSV, JSON, as_csv, plain, wants_csv
from textcoder_api.dependencies import ReadingDep
from textcoder_api.routes.figures import ByQuery
from textcoder_api.schemas import Figure, Probability, Row, UnitRow

router = APIRouter(prefix="/projects/{project}/adequacy", tags=["figures"])

MOST_ORDERS = 5000


class Part(StrEnum):
    """What a table in CSV holds."""

    GROUPS = "groups"
    RUNS = "runs"
    VOICES = "voices"
    MISSING = "missing"


class EnoughQuery(ByQuery):
    """Whose words, by what people are told apart, and what counts as saturation."""

    base_size: Annotated[int, Field(ge=1, le=100, description="People whose codes are the base.")] = 4
    run_length: Annotated[int, Field(ge=1, le=100, description="People in a run.")] = 2
    threshold: Annotated[Probability, Field(description="New information at or below which nothing much is new.")] = (
        0.05
    )
    orders: Annotated[int, Field(ge=10, le=MOST_ORDERS, description="Random orders of the people.")] = 1000
    rare: Annotated[
        str, Field(max_length=200, description="Shares of people that a rare code is carried by, such as `0.05,0.1`.")
    ] = "0.05,0.1,0.2"
    times: Annotated[int, Field(ge=1, le=20, description="By how many people a rare code is to be said.")] = 1
    part: Annotated[Part, Field(description="What the table holds, in CSV.")] = Part.GROUPS

    def enough(self) -> adequate.Enough:
        """What is asked."""
        asked = self.question()
        if asked.unit is not Unit.CODES:
            raise InvalidDecision("Adequacy is told of codes; leave `unit` out.")
        rule = Rule(self.base_size, self.run_length, self.threshold)
        rare = tuple(_share(part) for part in self.rare.split(",") if part.strip())
        return adequate.Enough(
            asked.by, asked.lens, asked.where, asked.minimum_people, rule, self.orders, rare, self.times
        )


def _share(written: str) -> float:
    try:
        share = float(written)
    except ValueError as error:
        raise InvalidDecision(f'`rare` takes shares such as 0.05, not "{written}".') from error
    if not 0.0001 <= share <= 1:
        raise InvalidDecision("`rare` takes shares from 0.0001 to 1.")
    return share


class RuleRow(Row):
    """What counts as saturation: codes that a run brings / codes of the base, at or below the threshold."""

    base_size: int
    run_length: int
    threshold: float


class RunRow(Row):
    """New information of a run over the random orders, and in the order of the interviews. Null where the base has no code."""

    after: int
    median: Figure
    low: Figure
    high: Figure
    as_interviewed: Figure
    reached: float


class PointRow(Row):
    """Different codes of so many people."""

    people: int
    median: float
    low: float
    high: float
    as_interviewed: int


class SaturationRow(Row):
    """Saturation: `reached` is the fewest people with whom nine of ten orders have it; null where there are none."""

    rule: RuleRow
    people: int
    codes: int
    runs: tuple[RunRow, ...]
    curve: tuple[PointRow, ...]
    reached: int | None
    as_interviewed: int | None
    share: float
    orders: int
    seed: int


class ChanceRow(Row):
    """A code that a share `prevalence` of all people carries: how probably it is missed, how many people it takes (95 %), how many more."""

    prevalence: float
    missed: float
    needed: int
    more: int


class UnseenRow(Row):
    """Codes still unheard, at the least, with a 95 % interval; `coverage` is the share of what the next person says that is known."""

    people: int
    codes: int
    once: int
    twice: int
    unseen: Figure
    low: Figure
    high: Figure
    coverage: Figure


class NewCodesRow(Row):
    """Codes that `people` more would bring: the expected number and a 95 % interval of what comes."""

    people: int
    expected: float
    low: float
    high: float


class GroupRow(Row):
    """One group of people; null where they are too few to be shown."""

    values: tuple[str, ...]
    people: int | None
    saturation: SaturationRow | None
    smallest: Figure
    smallest_twice: Figure
    chances: tuple[ChanceRow, ...]
    unseen: UnseenRow | None
    new: tuple[NewCodesRow, ...]
    sentences: tuple[str, ...]


class CodeVoiceRow(Row):
    """Who carries one code: `effective` people (inverse Simpson). Null where fewer carry it than may be shown."""

    row: UnitRow
    people: int | None
    mentions: int | None
    share: Figure
    loudest: str | None
    effective: Figure
    by_machine: bool


class MissingRow(Row):
    """A group of which fewer than `fewer_than` say something (`row`), or are quoted (no row)."""

    row: UnitRow | None
    attribute: str
    value: str
    asked: int
    fewer_than: int
    expected: float
    p: float
    q: float


class LoudRow(Row):
    """How much is quoted of one person."""

    case: str
    name: str
    quotations: int
    share: float


class HeardRow(Row):
    """How much is quoted of those who share a value."""

    value: str
    quotations: int
    people: int
    asked: int


class QuotedRow(Row):
    """Who is heard in the quotations chosen for the report."""

    quotations: int
    people: int
    asked: int
    loud: tuple[LoudRow, ...]
    by: dict[str, tuple[HeardRow, ...]]


class AdequacyOne(Row):
    """Whether enough was heard, and from whom, in figures and in sentences."""

    overall: GroupRow
    groups: tuple[GroupRow, ...]
    voices: tuple[CodeVoiceRow, ...]
    missing: tuple[MissingRow, ...]
    quoted: QuotedRow | None
    unquoted: tuple[MissingRow, ...]
    sentences: tuple[str, ...]
    cautions: tuple[str, ...]
    methods: dict[str, str]


_ABOUT = "`ETag` says what it rests on. What is not shown, or is undefined, is null."


@router.get(
    "",
    response_model=None,
    responses={200: {"model": AdequacyOne, "description": _ABOUT, "content": {CSV: {"schema": {"type": "string"}}}}},
)
def ask_adequacy(reading: ReadingDep, asked: Annotated[EnoughQuery, Query()]) -> Response:
    """Saturation over random orders of the people, power for rare codes, codes still unheard, and whose voices carry each code."""
    with reading.view() as view:
        enough = asked.enough()
        live = view.live
        found = adequate.adequacy(
            view.facts,
            enough,
            quotes=chosen_quotes(live.standing, live.transcripts, coder=view.coder),
            seed=live.settings.seed,
        )
    if wants_csv(reading.request):
        head, *rows = _PARTS[asked.part](found)
        return reading.answer(as_csv(head, rows))
    body = {name: getattr(found, name) for name in AdequacyOne.model_fields}
    return reading.answer(Response(to_json(body, inf_nan_mode="null"), media_type=JSON))


def _group_rows(found: adequate.Adequacy) -> Iterator[tuple[Any, ...]]:
    by = found.asked.by
    yield (*by, "people", "codes", "reached", "share_of_orders", "as_interviewed", "smallest", "unseen", "low", "high")
    for group in (found.overall, *found.groups):
        s, u = group.saturation, group.unseen
        yield (
            *(group.values or ("",) * len(by)),
            group.people,
            *((s.codes, s.reached, s.share if s.told else None, s.as_interviewed) if s else (None,) * 4),
            plain(group.smallest),
            *((plain(u.unseen), plain(u.low), plain(u.high)) if u else (None,) * 3),
        )


def _run_rows(found: adequate.Adequacy) -> Iterator[tuple[Any, ...]]:
    by = found.asked.by
    yield (*by, "after", "median", "low", "high", "as_interviewed", "reached")
    for group in (found.overall, *found.groups):
        for run in group.saturation.runs if group.saturation else ():
            values = group.values or ("",) * len(by)
            figures = (run.median, run.low, run.high, run.as_interviewed, run.reached)
            yield (*values, run.after, *map(plain, figures))


def _voice_rows(found: adequate.Adequacy) -> Iterator[tuple[Any, ...]]:
    yield ("id", "name", "lens", "people", "mentions", "share", "effective", "by_machine")
    for one in found.voices:
        row = one.row
        yield (row.id, row.name, row.lens, one.people, one.mentions, one.share, one.effective, str(one.by_machine))


def _missing_rows(found: adequate.Adequacy) -> Iterator[tuple[Any, ...]]:
    yield ("id", "name", "lens", "attribute", "value", "asked", "fewer_than", "expected", "p", "q")
    for one in (*found.missing, *found.unquoted):
        row = (one.row.id, one.row.name, one.row.lens) if one.row else ("", "quotations chosen", "")
        yield (*row, one.attribute, one.value, one.asked, one.fewer_than, one.expected, one.p, one.q)


_PARTS = {Part.GROUPS: _group_rows, Part.RUNS: _run_rows, Part.VOICES: _voice_rows, Part.MISSING: _missing_rows}
