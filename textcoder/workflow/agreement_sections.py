"""What is to be said of agreement in a report: headings, sentences and tables, without any form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textcoder.domain.project import Method
from textcoder.workflow.ceilings import Ceiling, ceiling_of
from textcoder.workflow.comparing import (
    confusion_of,
    courses_of,
    set_agreement_of,
    span_agreement_of,
    why_no_agreement,
)
from textcoder.workflow.live import LiveProject
from textcoder.workflow.rounds import agreement_of

if TYPE_CHECKING:
    from textcoder.agreement import CodeAgreement, Estimate

Cell = str | int | float | None
MEASURES = ("ac1", "positive", "negative", "pabak")
"""Beside percent and alpha: what is read where a code is rare; the others are in `textcoder agreement --measure all`."""


@dataclass(frozen=True, slots=True)
class ToldTable:
    """A table.

    Attributes:
        title: What it shows.
        columns: Names.
        rows: Each as long as `columns`; None where a figure is undefined.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A heading and what stands under it.

    Attributes:
        heading: Of the section.
        sentences: Whole ones, in order.
        tables: Below them.
    """

    heading: str
    sentences: tuple[str, ...]
    tables: tuple[ToldTable, ...] = ()


def agreement_sections(live: LiveProject) -> tuple[Told, ...]:
    """Agreement of people, the course of it, and the machine beside people, as far as the study has them.

    A reflexive study has one sentence: nothing is asked of it. Cost: mostly that of `ceiling_of`.
    """
    if live.store.project().method is Method.REFLEXIVE:
        return (Told("Agreement", (why_no_agreement(live),)),)
    names = {code.id: code.name for code in live.standing.codebook}
    found = agreement_of(live, measures=MEASURES)
    if not found:
        return (Told("Agreement", (why_no_agreement(live),)),)
    return (_codes(live, found, names), _whole(live, names), _courses(live, names), _beside(ceiling_of(live), names))


def _codes(live: LiveProject, found: Sequence[CodeAgreement], names: Mapping[str, str]) -> Told:
    from textcoder.agreement import reading, warnings_of

    first = found[0]
    called = {coder.id: coder.name for coder in live.store.coders()}
    who = ", ".join(called.get(coder, coder) for coder in first.yes)
    reliable = sum(reading(one.alpha).startswith("reliable") for one in found)
    columns = ("code", "units", "people", *_columns("percent", "alpha", *MEASURES), "reading", "note")
    rows = tuple(
        (
            names.get(one.code, one.code),
            one.units,
            one.cases,
            *_cells(one.percent, one.alpha, *(one.measures[name] for name in MEASURES)),
            reading(one.alpha),
            one.alpha.note,
        )
        for one in found
    )
    warnings = [f"{names.get(one.code, one.code)}: {said}" for one in found for said in warnings_of(one)]
    return Told(
        "Agreement of people, code by code",
        (
            f"{who} looked at {first.units} segments of {first.cases} people, each without having to code what another coded.",
            f"Krippendorff's alpha is .80 or more for {reliable} of {len(found)} codes.",
            "Intervals of 95 % draw whole persons anew (bias-corrected and accelerated bootstrap, widened for few persons), "
            f"seed {live.settings.seed}.",
            *warnings,
        ),
        (ToldTable("Agreement by code", columns, rows),),
    )


def _whole(live: LiveProject, names: Mapping[str, str]) -> Told:
    sets, spans = set_agreement_of(live), span_agreement_of(live)
    rows: list[tuple[Cell, ...]] = [
        ("alpha over whole sets", one.distance, one.units, *_cells(one.alpha), one.alpha.note) for one in sets
    ]
    if spans is not None:
        family = {
            "is it coded at all": ("|u alpha", spans.unitising),
            "the coding of what both coded": ("cu alpha", spans.coding),
            "both together": ("u alpha", spans.whole),
        }
        rows += [(what, name, spans.characters, *_cells(one), one.note) for what, (name, one) in family.items()]
    confused = [
        (names.get(one.code, one.code), one.given, one.same, one.nothing, names.get(other, other), times)
        for one in confusion_of(live)
        for other, times in one.instead[:1]
    ]
    return Told(
        "Whole sets, free spans, and codes taken for each other",
        (
            "Sets of codes are compared by equality, Jaccard and MASI; spans by Krippendorff's unitised family over characters.",
        ),
        (
            ToldTable("Sets and spans", ("what", "measure", "units", *_columns("alpha"), "note"), tuple(rows)),
            ToldTable(
                "Code most often given instead",
                ("code", "given", "by the other too", "nothing else", "instead", "times"),
                tuple(confused),
            ),
        ),
    )


def _courses(live: LiveProject, names: Mapping[str, str]) -> Told:
    found = courses_of(live)
    if found.between is None:
        return Told("Agreement over time", (f"There is no comparison over time: {found.by}.",))
    periods = tuple(period.name for period in found.between.periods)
    rows = tuple(
        (kind, names.get(course.of, course.of), *(_number(v.value) for v in course.values), *_cells(course.change))
        for kind, courses in (("code", found.between.codes), ("coder", found.between.coders))
        for course in courses
    )
    fallen = [
        names.get(course.of, course.of)
        for course in (*found.between.codes, *found.between.coders)
        if course.change.has_interval and course.change.high < 0
    ]
    said = [f"Periods are {found.by}."]
    said.append(
        f"Agreement fell from the first to the last for {', '.join(fallen)}."
        if fallen
        else "For no code and no coder did agreement fall clearly from the first to the last."
    )
    said += [
        f"{one.coder} coded {one.units} segments again; of the codes that she gave either time, she gave {one.same.value:.0%} both times."
        for one in found.herself
        if one.same.defined
    ]
    columns = ("kind", "of", *periods, *_columns("change"))
    return Told("Agreement over time", tuple(said), (ToldTable("From period to period", columns, rows),))


def _beside(found: Ceiling, names: Mapping[str, str]) -> Told:
    if not found.codes:
        return Told("The machine beside people", (found.note,))
    rows = tuple(
        (
            names.get(one.code, one.code),
            one.uses,
            *_cells(one.people, one.machine, one.difference),
            _number(one.recall.value),
            _number(one.precision.value),
            one.verdict.value,
            one.advice,
        )
        for one in found.codes
    )
    columns = ("code", "uses", *_columns("people", "machine", "difference"), "recall", "precision", "verdict", "advice")
    sentences = tuple(filter(None, (found.note, found.way, found.rule)))
    return Told("The machine beside people", sentences, (ToldTable("Verdicts", columns, rows),))


def _columns(*names: str) -> tuple[str, ...]:
    return tuple(column for name in names for column in (name, f"{name} low", f"{name} high"))


def _cells(*estimates: Estimate) -> tuple[Cell, ...]:
    return tuple(_number(value) for one in estimates for value in (one.value, one.low, one.high))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
