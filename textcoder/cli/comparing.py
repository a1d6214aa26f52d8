"""textcoder agreement, ceiling: how people code beside each other, and the machine beside people."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, Database, Out, live_project
from textcoder.cli.rounds import OfSample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textcoder.agreement import CodeAgreement, Confused, Estimate, SetAgreement, SpanAgreement
    from textcoder.workflow.ceilings import Ceiling
    from textcoder.workflow.comparing import Courses

WIDTH = 34


@app.command()
def agreement(
    sample: OfSample = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", help="A coefficient beside percent and alpha, such as ac1, fleiss, positive, or all. Repeat."
        ),
    ] = None,
    sets: Annotated[
        bool, typer.Option("--sets", help="Over all the codes of a segment at once, with MASI and Jaccard.")
    ] = False,
    spans: Annotated[bool, typer.Option("--spans", help="Over free spans, character by character.")] = False,
    confused: Annotated[
        bool, typer.Option("--confusion", help="Which code is given where another gives this one.")
    ] = False,
    time: Annotated[
        bool, typer.Option("--over-time", help="From round to round, and of coders with themselves.")
    ] = False,
    out: Out = Path(),
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """How far people agree, code by code, over the segments that two or more have looked at."""
    from textcoder.workflow import comparing

    wanted = _measures(measure or [])
    if sum((sets, spans, confused, time)) > 1 or (wanted and (sets or spans or confused or time)):
        raise typer.BadParameter("Ask for one of --measure, --sets, --spans, --confusion and --over-time at a time.")
    if time and sample:
        raise typer.BadParameter("--over-time looks at all samples; leave --sample out.")
    with live_project(db, out) as live:
        names = {code.id: code.name for code in live.standing.codebook}
        found: Any
        show: Callable[[Any, Mapping[str, str]], None]
        if sets:
            found, show = comparing.set_agreement_of(live, sample=sample), _show_sets
        elif spans:
            found, show = comparing.span_agreement_of(live, sample=sample), _show_spans
        elif confused:
            found, show = comparing.confusion_of(live, sample=sample), _show_confusion
        elif time:
            found, show = comparing.courses_of(live), _show_courses
        else:
            from textcoder.workflow import agreement_of

            found, show = agreement_of(live, sample=sample, measures=wanted), _show_codes
        none = comparing.why_no_agreement(live)
    if as_json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=1))
    elif not found:
        print(none)
    else:
        show(found, names)


@app.command()
def ceiling(sample: OfSample = None, out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """The machine's agreement with people beside people's with each other, code by code, with a verdict."""
    from textcoder.workflow.ceilings import ceiling_of

    with live_project(db, out) as live:
        found = ceiling_of(live, sample=sample)
        names = {code.id: code.name for code in live.standing.codebook}
    if as_json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=1))
        return
    _show_ceiling(found, names)


def _measures(given: Sequence[str]) -> tuple[str, ...]:
    from textcoder.agreement import MEASURES

    if "all" in given:
        return tuple(MEASURES)
    unknown = [name for name in given if name not in MEASURES]
    if unknown:
        raise typer.BadParameter(f"--measure does not know {', '.join(unknown)}; use {', '.join(MEASURES)}, or all.")
    return tuple(given)


def _show_codes(found: Sequence[CodeAgreement], names: Mapping[str, str]) -> None:
    from textcoder.agreement import MEASURES, reading, warnings_of

    print(f"{'code':<{WIDTH}}{'units':>6}{'people':>7}{'percent':>9}   Krippendorff's alpha (95 % interval)")
    for one in found:
        percent = f"{one.percent.value:.0%}" if one.percent.defined else ""
        note = f"; {one.alpha.note}" if one.alpha.note else ""
        read = f"  {reading(one.alpha)}" if one.alpha.defined else ""
        print(
            f"{_cut(names.get(one.code, one.code)):<{WIDTH}}{one.units:>6}{one.cases:>7}{percent:>9}   {_figure(one.alpha)}{read}{note}"
        )
        for name, estimate in one.measures.items():
            if name not in ("percent", "alpha"):
                print(f"    {MEASURES[name].title}: {_figure(estimate)}")
        if len(one.pairs) > 1:
            for pair in one.pairs:
                for name, estimate in pair.measures.items():
                    if MEASURES[name].two:
                        print(f"    {pair.a} and {pair.b}, {MEASURES[name].title}: {_figure(estimate)}")
        for warning in warnings_of(one):
            print(f"    Beware: {warning}")


def _show_sets(found: Sequence[SetAgreement], names: Mapping[str, str]) -> None:
    first = found[0]
    print(
        f"All the codes of a segment at once: {first.units} segments of {first.cases} people, {', '.join(first.coders)}, "
        f"{first.sets} different sets. Krippendorff's alpha (95 % interval):"
    )
    words = {
        "nominal": "the same set or not",
        "jaccard": "Jaccard: what is shared of all that was given",
        "masi": "MASI: as Jaccard, and a set that holds the other is nearer",
    }
    for one in found:
        print(f"    {words[one.distance]}: {_figure(one.alpha)}")


def _show_spans(found: SpanAgreement, names: Mapping[str, str]) -> None:
    marked = ", ".join(f"{who} coded {n}" for who, n in found.marked.items())
    print(f"{found.characters} characters of {found.cases} people: {marked}.")
    print(f"    Is it coded at all (|u alpha): {_figure(found.unitising)}")
    print(f"    The coding of what both coded (cu alpha): {_figure(found.coding)}")
    print(f"    Both together (u alpha): {_figure(found.whole)}")
    print(f"{'code':<{WIDTH}}{'where (|u alpha)':<32}what, where both coded ((k)u alpha)")
    for one in found.codes:
        print(f"{_cut(names.get(one.code, one.code)):<{WIDTH}}{_figure(one.unitising):<32}{_figure(one.coding)}")


def _show_confusion(found: Sequence[Confused], names: Mapping[str, str]) -> None:
    for one in found:
        instead = ", ".join(f"{names.get(code, code)} {n}" for code, n in one.instead[:3])
        print(
            f"{_cut(names.get(one.code, one.code)):<{WIDTH}}given {one.given}, by the other too {one.same}, "
            f"nothing else instead {one.nothing}{f'; instead: {instead}' if instead else ''}"
        )


def _show_courses(found: Courses, names: Mapping[str, str]) -> None:
    if found.between is None:
        print(f"No comparison over time: {found.by}.")
    else:
        periods = found.between.periods
        print(f"By {found.by}: " + "; ".join(f"{p.name} ({p.units} segments, {p.cases} people)" for p in periods))
        print("Krippendorff's alpha of each code, and its change from first to last (95 % interval)")
        for course in found.between.codes:
            _show_course(names.get(course.of, course.of), course.values, course.change)
        print("Each coder with the others: positive agreement over all codes")
        for course in found.between.coders:
            _show_course(course.of, course.values, course.change)
    for again in found.herself:
        print(
            f"{again.coder} with herself ({again.units} segments coded again): positive agreement {_figure(again.same)}"
        )
        for one in again.codes:
            print(
                f"    {_cut(names.get(one.code, one.code)):<{WIDTH}}both times {one.both}, only first {one.only_first}, only again "
                f"{one.only_again}; alpha {_figure(one.alpha)}"
            )
    if not found.herself:
        print(
            'Nobody has coded again what she coded before; a sample for "NAME@2" lets NAME do so without seeing her first codings.'
        )


def _show_course(name: str, values: Sequence[Estimate], change: Estimate) -> None:
    told = "  ".join(f"{one.value:>5.2f}" if one.defined else "    –" for one in values)
    print(f"    {_cut(name):<{WIDTH}}{told}   change {_figure(change, sign='+')}")


def _show_ceiling(found: Ceiling, names: Mapping[str, str]) -> None:
    if found.note:
        print(found.note)
    if not found.codes:
        return
    first = found.codes[0]
    print(f"{first.units} segments of {first.cases} people, coded by {', '.join(found.people)}. {found.way}")
    print(f"{'code':<{WIDTH}}{'people':>23}{'machine':>23}{'difference':>25}{'recall':>8}{'precision':>11}")
    for one in found.codes:
        print(
            f"{_cut(names.get(one.code, one.code)):<{WIDTH}}{_short(one.people):>23}{_short(one.machine):>23}"
            f"{_short(one.difference, '+'):>25}{_value(one.recall):>8}{_value(one.precision):>11}"
        )
        print(f"    {one.verdict.value}. {one.why} What would help most: {one.advice}")
    print(f"\n{found.rule}")


def _figure(one: Estimate, sign: str = "") -> str:
    if not one.defined:
        return f"undefined ({one.note})" if one.note else "undefined"
    if not one.has_interval:
        return f"{one.value:{sign}.2f} ({one.note})"
    return f"{one.value:{sign}.2f} ({one.low:{sign}.2f} to {one.high:{sign}.2f})"


def _short(one: Estimate, sign: str = "") -> str:
    return _figure(one, sign) if one.has_interval else _value(one)


def _value(one: Estimate) -> str:
    return f"{one.value:.2f}" if one.defined else "–"


def _cut(name: str) -> str:
    return name if len(name) < WIDTH else name[: WIDTH - 3] + "…"


def _plain(found: Any) -> Any:
    """As JSON has it: what is undefined is null."""
    if isinstance(found, tuple | list):
        return [_plain(one) for one in found]
    if isinstance(found, dict):
        return {str(name): _plain(value) for name, value in found.items()}
    if hasattr(found, "__dataclass_fields__"):
        whole = {name: _plain(getattr(found, name)) for name in found.__dataclass_fields__}
        return whole | _said_of(found)
    if isinstance(found, float) and math.isnan(found):
        return None
    return found


def _said_of(found: Any) -> dict[str, Any]:
    from textcoder.agreement import CodeAgreement, reading, warnings_of

    if not isinstance(found, CodeAgreement):
        return {}
    return {"reading": reading(found.alpha), "warnings": list(warnings_of(found))}
