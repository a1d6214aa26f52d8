"""How people code beside each other, and the machine beside people: whole sets, free spans, code for code, over time, the ceiling."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from textcoder.agreement import Cell, Confused, Course, Estimate
from textcoder.coder import MACHINE
from textcoder.workflow import ceilings, comparing
from textcoder_api.agreement_schemas import (
    AgainRow,
    BehindRow,
    CeilingOne,
    CeilingRow,
    CodeAgainRow,
    CodeSpansRow,
    ConfusionRow,
    CourseRow,
    InsteadRow,
    OverTimeOne,
    PeriodRow,
    SetsOne,
    SetsRow,
    SpansOne,
)
from textcoder_api.answers import ListQuery, one, page_model
from textcoder_api.dependencies import Reading, ReadingDep
from textcoder_api.routes.rounds import refuse_blind
from textcoder_api.rows import segment_fields
from textcoder_api.schemas import EstimateRow, Name
from textcoder_api.views import View

router = APIRouter(prefix="/projects/{project}", tags=["rounds"])


class OfSample(BaseModel):
    """Of which segments."""

    model_config = ConfigDict(extra="forbid")

    sample: Annotated[Name | None, Field(description="Only the segments of this sample.")] = None


class BehindQuery(ListQuery):
    """Behind which figure."""

    sample: Annotated[Name | None, Field(description="Only the segments of this sample.")] = None
    code: Name
    a: Annotated[Name, Field(description="One coder; `machine` is the machine as it is judged in `ceiling`.")]
    b: Annotated[Name, Field(description="The other.")]
    cell: Annotated[Cell, Field(description="Who of the two gave the code.")]
    instead: Annotated[Name | None, Field(description="Only where `b` gave this code, and `a` did not.")] = None


class ConfusionQuery(ListQuery):
    """Of which segments and coders."""

    sample: Annotated[Name | None, Field(description="Only the segments of this sample.")] = None
    a: Annotated[Name | None, Field(description="Only where this coder gave the code.")] = None
    b: Annotated[Name | None, Field(description="Only what this coder said of it.")] = None


_BOOTSTRAP = "BCa bootstrap over persons, widened for few persons"


@router.get("/agreement/sets", response_model=SetsOne)
def get_set_agreement(reading: ReadingDep, asked: Annotated[OfSample, Query()]) -> Response:
    """How far people agree on all the codes of a segment at once: sets equal or not, Jaccard's and Passonneau's distance (MASI)."""
    with reading.view() as view:
        _check(reading, view, asked.sample)
        found = comparing.set_agreement_of(view.live, sample=asked.sample)
        first = found[0] if found else None
        row = SetsOne(
            units=first.units if first else 0,
            people=first.cases if first else 0,
            coders=first.coders if first else (),
            sets=first.sets if first else 0,
            alphas=tuple(
                SetsRow(
                    distance=s.distance,
                    alpha=_estimate(s.alpha, s.units, f"Krippendorff's alpha, {s.distance} distance"),
                )
                for s in found
            ),
            note="" if found else comparing.why_no_agreement(view.live),
        )
        return reading.answer(one(row))


@router.get("/agreement/spans", response_model=SpansOne)
def get_span_agreement(reading: ReadingDep, asked: Annotated[OfSample, Query()]) -> Response:
    """How far people agree on where codes begin and end, and on which they are: the family of unitised alphas."""
    with reading.view() as view:
        _check(reading, view, asked.sample)
        found = comparing.span_agreement_of(view.live, sample=asked.sample)
        if found is None:
            none = SpansOne(
                characters=0, people=0, coders=(), marked={}, whole=None, unitising=None, coding=None, codes=(),
                note=comparing.why_no_agreement(view.live),
            )  # fmt: skip
            return reading.answer(one(none))
        n = found.characters
        row = SpansOne(
            characters=n,
            people=found.cases,
            coders=found.coders,
            marked=dict(found.marked),
            whole=_estimate(found.whole, n, "u alpha, nominal"),
            unitising=_estimate(found.unitising, n, "|u alpha, binary: is it coded at all"),
            coding=_estimate(found.coding, n, "cu alpha, nominal: the coding of what both coded"),
            codes=tuple(
                CodeSpansRow(
                    code=c.code,
                    name=_name(view, c.code),
                    unitising=_estimate(c.unitising, n, "|u alpha, binary: this code or not"),
                    coding=_estimate(c.coding, n, "(k)u alpha: this code, where both coded"),
                )
                for c in found.codes
            ),
            note="",
        )
        return reading.answer(one(row))


@router.get("/agreement/confusion", response_model=None, responses=page_model(ConfusionRow))
def list_confusion(reading: ReadingDep, query: Annotated[ConfusionQuery, Query()]) -> Response:
    """Which code one coder gives where another gives this one."""
    with reading.view() as view:
        _check(reading, view, query.sample)
        found = comparing.confusion_of(view.live, sample=query.sample, a=query.a, b=query.b)
        return reading.page(found, query, ConfusionRow, lambda row: _confusion(view, row), key=lambda row: (row.code,))


@router.get("/agreement/over-time", response_model=OverTimeOne)
def get_over_time(reading: ReadingDep) -> Response:
    """Agreement from round to round, of every code and every coder, and of coders with themselves (`ana@2` is ana, coding again)."""
    with reading.view() as view:
        found = comparing.courses_of(view.live)
        between = found.between
        n = sum(period.units for period in between.periods) if between else 0
        row = OverTimeOne(
            by=found.by,
            periods=tuple(
                PeriodRow(name=p.name, units=p.units, people=p.cases) for p in (between.periods if between else ())
            ),
            codes=tuple(
                _course(view, c, n, "Krippendorff's alpha, nominal") for c in (between.codes if between else ())
            ),
            coders=tuple(
                _course(view, c, n, "positive agreement with the others, all codes")
                for c in (between.coders if between else ())
            ),
            herself=tuple(
                AgainRow(
                    coder=again.coder,
                    again=again.again,
                    units=again.units,
                    same=_estimate(again.same, again.units, "positive agreement, all codes"),
                    codes=tuple(
                        CodeAgainRow(
                            code=c.code,
                            name=_name(view, c.code),
                            both=c.both,
                            only_first=c.only_first,
                            only_again=c.only_again,
                            alpha=_estimate(c.alpha, again.units, "Krippendorff's alpha, nominal"),
                            more=_estimate(c.more, again.units, "share of segments more than the first time"),
                        )
                        for c in again.codes
                    ),
                )
                for again in found.herself
            ),
        )
        return reading.answer(one(row))


@router.get("/agreement/units", response_model=None, responses=page_model(BehindRow))
def list_units_behind(reading: ReadingDep, query: Annotated[BehindQuery, Query()]) -> Response:
    """The segments behind a figure: where both of two coders, one, the other or neither gave a code, in the order of the transcripts."""
    with reading.view() as view:
        _check(reading, view, query.sample)
        held = _held_out(reading, view) if MACHINE in (query.a, query.b) else None
        machine = None if held is None else held.codes
        code = view.live.find_code(query.code).id
        found = comparing.segments_behind(
            view.live, code, query.a, query.b, query.cell, sample=query.sample, instead=query.instead, machine=machine
        )
        said = comparing.said_by(view.live, sample=query.sample, machine=machine)

        def row(place: tuple[int, str]) -> BehindRow:
            segment = view.live.segments[place[0]]
            a, b = (tuple(sorted(said[who][segment.id])) for who in (query.a, query.b))
            return BehindRow(**segment_fields(view, segment), a=a, b=b)

        places = sorted((view.live.row_of[segment.id], segment.id) for segment in found)
        return reading.page(places, query, BehindRow, row, key=lambda place: place)


@router.get("/ceiling", response_model=CeilingOne)
def get_ceiling(reading: ReadingDep, asked: Annotated[OfSample, Query()]) -> Response:
    """The machine's agreement with people beside people's with each other, on the same segments, with a verdict for each code.

    The machine is judged by words of persons from whom it has not learned; `way` says how. It takes the time of learning everything
    anew, ten times at most, once after each decision.
    """
    with reading.view() as view:
        _check(reading, view, asked.sample)
        found = ceilings.ceiling_of(view.live, sample=asked.sample, held=_held_out(reading, view))
        row = CeilingOne(
            coders=found.people,
            way=found.way,
            rule=found.rule,
            codes=tuple(
                CeilingRow(
                    **{f.name: getattr(c, f.name) for f in fields(c) if f.name in _PLAIN},
                    name=_name(view, c.code),
                    people=c.cases,
                    among_people=_estimate(
                        c.people, c.units, "Krippendorff's alpha of every two people, taken together"
                    ),
                    machine=_estimate(c.machine, c.units, "Krippendorff's alpha of the machine with every person"),
                    difference=_estimate(c.difference, c.units, "machine less people"),
                    recall=_estimate(c.recall, c.units, "of the times that a person gave it, the machine did"),
                    precision=_estimate(c.precision, c.units, "of the times that the machine gave it, a person did"),
                )
                for c in found.codes
            ),
            note=found.note,
        )
        return reading.answer(one(row))


_PLAIN = {"code", "units", "uses", "users", "machine_uses", "verdict", "why", "advice"}


def _held_out(reading: Reading, view: View) -> ceilings.HeldOut | None:
    """Learned anew once for every state of the log; what is still coded blind is in nobody's."""
    live = view.to_think_with()
    judged = ceilings.judged_segments(live)
    if len({live.case(segment) for segment in judged}) < 2:
        return None
    return reading.desk.kept.get(
        f"held out {reading.coder.id}", live.standing.number, lambda: ceilings.held_out(live, judged)
    )


def _check(reading: Reading, view: View, sample: str | None) -> None:
    if sample is not None and (found := view.whole.standing.samples.get(sample)) is not None:
        refuse_blind(found, reading.coder.id)


def _confusion(view: View, row: Confused) -> ConfusionRow:
    instead = tuple(InsteadRow(code=code, name=_name(view, code), times=n) for code, n in row.instead)
    return ConfusionRow(
        code=row.code, name=_name(view, row.code), given=row.given, same=row.same, nothing=row.nothing, instead=instead
    )


def _course(view: View, course: Course, n: int, method: str) -> CourseRow:
    return CourseRow(
        of=course.of,
        name=_name(view, course.of) or course.of,
        values=tuple(_estimate(value, n, method) for value in course.values),
        change=_estimate(course.change, n, f"{method}: last less first"),
    )


def _estimate(figure: Estimate, n: int, method: str) -> EstimateRow:
    return EstimateRow(
        estimate=figure.value,
        low=figure.low,
        high=figure.high,
        n=n,
        method=f"{method}; {_BOOTSTRAP}",
        note=figure.note,
    )


def _name(view: View, code: str) -> str:
    entry = view.live.standing.codebook.get(code)
    return entry.name if entry else ""
