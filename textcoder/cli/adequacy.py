"""textcoder adequacy, together, followed, waves: was enough heard and from whom, what goes with what, and what new interviews bring."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections import Counter
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder.cli.app import app
from textcoder.cli.asking import (
    AsCsv,
    By,
    LensOption,
    PeopleOnly,
    Smallest,
    WhereOption,
    by_from,
    print_table,
    unit_named,
    where_from,
)
from textcoder.cli.options import AsJson, CoderName, Database, Out, coder_from, live_project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textcoder.query import Estimate, Row
    from textcoder.workflow.adequacy import Adequacy, Group

SHOWN = 8
"""Found themes that are listed; the others are in --json."""


@app.command()
def adequacy(
    by: By = "",
    lens: LensOption = None,
    where: WhereOption = None,
    base: Annotated[int, typer.Option("--base", min=1, help="People whose codes are the base of saturation.")] = 4,
    run: Annotated[int, typer.Option("--run", min=1, help="People in a run.")] = 2,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="New information at or below which nothing much is new.")
    ] = 0.05,
    orders: Annotated[int, typer.Option(min=10, help="Random orders of the people.")] = 1000,
    rare: Annotated[list[float] | None, typer.Option(help="Share of people that a rare code is carried by.")] = None,
    times: Annotated[int, typer.Option(min=1, help="By how many people a rare code is to be said.")] = 1,
    people_only: PeopleOnly = False,
    minimum_people: Smallest = 2,
    coder: CoderName = None,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Was enough heard, and from whom: saturation, the power to hear rare codes, how many more people, whose voices carry what."""
    from textcoder.adequacy import Rule
    from textcoder.workflow import adequacy as adequate
    from textcoder.workflow import facts_of
    from textcoder.workflow.quoting import chosen_quotes

    shares = tuple(rare or adequate.RARE)
    if any(not 0.0001 <= share <= 1 for share in shares):
        raise typer.BadParameter("--rare takes shares from 0.0001 to 1, such as 0.1.")
    enough = adequate.Enough(
        by_from(by),
        lens,
        where_from(where, people_only),
        minimum_people,
        Rule(base, run, threshold),
        orders,
        shares,
        times,
    )
    with live_project(db, out) as live:
        quotes = chosen_quotes(live.standing, live.transcripts)
        found = adequate.adequacy(
            facts_of(live, coder=coder_from(coder).id), enough, quotes=quotes, seed=live.settings.seed
        )
    rows = _groups(found)
    if _written(found, rows, as_csv=as_csv, as_json=as_json):
        return
    print_table(rows)
    _print_lines("Everybody", found.overall.sentences)
    voices = [one for one in found.voices if one.people]
    named = _named(one.row for one in found.voices)
    if voices:
        print("\nWhose voices carry each code")
        print_table(
            [
                ["code", "people", "mentions", "loudest", "as many as"],
                *(
                    [
                        named[v.row.id],
                        str(v.people),
                        str(v.mentions),
                        f"{v.share:.0%}",
                        f"{v.effective:.1f} equal voices",
                    ]
                    for v in sorted(voices, key=lambda one: one.effective or 0.0)
                ),
            ]
        )
    _print_lines("Voices", found.sentences)
    _print_lines("Before you report it", found.cautions)


@app.command()
def together(
    answers: Annotated[bool, typer.Option("--answers", help="In the same answer, rather than on one segment.")] = False,
    lens: LensOption = None,
    unit: Annotated[str, typer.Option(help="codes, lenses or themes.")] = "codes",
    where: WhereOption = None,
    people_only: PeopleOnly = False,
    minimum_people: Smallest = 2,
    limit: Annotated[int, typer.Option(min=1, help="At most so many pairs.")] = 20,
    coder: CoderName = None,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Codes that go together on the same words more, or less, than chance gives once each person keeps her volume."""
    from textcoder.workflow import facts_of, sequences

    on = sequences.On.ANSWER if answers else sequences.On.SEGMENT
    pairing = sequences.Pairing(unit_named(unit), on, lens, where_from(where, people_only), minimum_people)
    with live_project(db, out) as live:
        found = sequences.pairs_together(facts_of(live, coder=coder_from(coder).id), pairing, seed=live.settings.seed)
    named = _named(row for pair in found.pairs for row in (pair.a, pair.b))
    head = ["a", "b", "together", "expected", "times as often", "people", "p adjusted"]
    rows = [
        head,
        *(
            [
                named[p.a.id],
                named[p.b.id],
                str(p.units),
                f"{p.expected:.1f}",
                _ratio(p.ratio, p.low, p.high),
                str(p.people),
                _p(p.q),
            ]
            for p in found.pairs
        ),
    ]
    if _written(found, rows, as_csv=as_csv, as_json=as_json):
        return
    print_table(rows[: limit + 1])
    _print_lines("", (*found.sentences, f"Method: {found.method}."))


@app.command()
def followed(
    first: Annotated[str, typer.Option("--first", help="Lens of what comes first.")] = "barriers",
    then: Annotated[str, typer.Option("--then", help="Lens of what follows.")] = "what_works",
    codes: Annotated[bool, typer.Option("--codes", help="The codes under the lenses, pair by pair.")] = False,
    within: Annotated[int, typer.Option(min=1, max=20, help="How many of the next segments count.")] = 3,
    words: Annotated[int, typer.Option("--words", min=0, help="Print so many of the pairs of segments behind it.")] = 0,
    where: WhereOption = None,
    people_only: PeopleOnly = False,
    minimum_people: Smallest = 2,
    limit: Annotated[int, typer.Option(min=1, help="At most so many pairs.")] = 20,
    coder: CoderName = None,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """A barrier followed by what worked within one account, more than chance gives; --words prints the segments."""
    from textcoder.query import Unit
    from textcoder.workflow import facts_of, sequences

    unit = Unit.CODES if codes else Unit.LENSES
    asked = sequences.Following(first, then, unit, within, where_from(where, people_only), minimum_people)
    with live_project(db, out) as live:
        facts = facts_of(live, coder=coder_from(coder).id)
        found = sequences.followed_by(facts, asked, seed=live.settings.seed)
        shown = found.found[0] if found.found else None
        behind = (
            sequences.steps_behind(facts, shown.first.id, shown.then.id, asked, limit=words)
            if words and shown
            else None
        )
    named = _named(row for one in found.found for row in (one.first, one.then))
    head = [
        "first",
        "then",
        "times",
        "expected",
        "times as often",
        "people",
        "in one answer",
        "the other way",
        "p adjusted",
    ]
    rows = [
        head,
        *(
            [
                *(named[one.first.id], named[one.then.id], f"{one.times} of {one.of}", f"{one.expected:.1f}"),
                *(
                    _ratio(one.ratio, one.low, one.high),
                    str(one.people),
                    str(one.one_answer),
                    str(one.reversed),
                    _p(one.q),
                ),
            ]
            for one in found.found
        ),
    ]
    if _written(found, rows, as_csv=as_csv, as_json=as_json):
        return
    print_table(rows[: limit + 1])
    _print_lines("", (*found.sentences, f"Method: {found.method}."))
    for step in behind.items if behind else ():
        print(f"\n{step.first.text}")
        if step.question:
            print(f"    asked: {step.question}")
        print(f"  -> {step.then.text}")
        print(f"    {step.first.speaker or step.first.case}, {step.first.file}:{step.first.start}-{step.then.end}")


@app.command()
def waves(
    since: Annotated[
        str | None, typer.Option(help="The wave from which interviews are new. [default: the last]")
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="The wave to compare with. [default: the one right before]")
    ] = None,
    version: Annotated[
        int | None, typer.Option(min=0, help="Of the codebook that stands still. [default: the one of now]")
    ] = None,
    by: By = "",
    where: WhereOption = None,
    people_only: PeopleOnly = False,
    minimum_people: Smallest = 2,
    coder: CoderName = None,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """New interviews against a frozen codebook: what is new, gone or grown, what drifts, and what nobody asked about or foresaw."""
    from textcoder.workflow import facts_of
    from textcoder.workflow import waves as moments

    asked = moments.Compared(since, before, version, by_from(by), where_from(where, people_only), minimum_people)
    with live_project(db, out) as live:
        found = moments.waves(live, facts_of(live, coder=coder_from(coder).id), asked)
    named = _named(one.row.row for one in found.moved)
    rows = [
        ["code", f"wave {found.asked.before}", f"wave {found.asked.since}", "difference", ""],
        *(
            [
                named[one.row.row.id],
                *(_share(e) for e in (one.row.overall.before, one.row.overall.after)),
                _difference(one.row.overall.difference),
                one.said,
            ]
            for one in found.moved
        ),
    ]
    if _written(found, rows, as_csv=as_csv, as_json=as_json):
        return
    print_table(rows)
    _print_lines("", found.sentences)
    for theme in found.new_themes[:SHOWN]:
        print(f"\nIn no code: {theme.theme.name}. {theme.evidence}")
    if len(found.new_themes) > SHOWN:
        print(f"\n{len(found.new_themes) - SHOWN} more are in --json.")
    for one in found.unexpected:
        print(
            f"\nUnexpected: {one.name}. {one.unasked} of {one.people} people bring it up unasked ({one.low:.0%} to {one.high:.0%}); "
            f"{one.new_segments} of {one.segments} segments are new"
            + (f'; the code "{one.holds}" holds {one.foreseen:.0%} of them' if one.holds else "")
            + (f'; nearest entry: "{one.nearest}" (cosine {one.cosine:.2f}).' if one.nearest else ".")
        )
        for words in one.quotations[:2]:
            asked_ = f"    asked: {words.question}\n" if words.question else ""
            print(
                f"{asked_}    {words.text}\n      {words.speaker or words.case}, {words.file}:{words.start}-{words.end}"
            )


def _named(rows: Iterable[Row]) -> dict[str, str]:
    """Id to name, with the lens where two are called the same."""
    held = {row.id: row for row in rows}
    times = Counter(row.name for row in held.values())
    return {id_: f"{row.name} ({row.lens})" if times[row.name] > 1 else row.name for id_, row in held.items()}


# --- what they have in common -----------------------------------------------------------------------------------------------------------


def _groups(found: Adequacy) -> list[list[str]]:
    by = found.asked.by
    head = [*by, "people", "codes", "saturation", "in orders", "as interviewed", "heard surely from", "still unheard"]
    return [head, *(_group(group, len(by)) for group in (found.overall, *found.groups))]


def _group(group: Group, by: int) -> list[str]:
    values = [value or "(none)" for value in group.values] or (["all", *[""] * (by - 1)] if by else [])
    s, u = group.saturation, group.unseen
    if group.people is None or s is None:
        return [*values, "hidden", *[""] * 6]
    reached = ["too few", "", ""]
    if s.told:
        after = f"after {s.reached}" if s.reached is not None else "not reached"
        own = f"after {s.as_interviewed}" if s.as_interviewed is not None else "not reached"
        reached = [after, f"{s.share:.0%}", own]
    unheard = f"{u.unseen:.1f} ({math.floor(u.low)} to {math.ceil(u.high)})" if u and not math.isnan(u.unseen) else ""
    return [*values, str(group.people), str(s.codes), *reached, f"{group.smallest:.0%}", unheard]


def _written(found: Any, rows: list[list[str]], *, as_csv: bool, as_json: bool) -> bool:
    """Whether a program was answered; it never gets a NaN, which is no JSON."""
    if as_json:
        print(json.dumps(_finite(asdict(found)), ensure_ascii=False, indent=1))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
    return as_json or as_csv


def _finite(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Enum():
            return value.value
        case dict():
            return {str(name): _finite(one) for name, one in value.items()}
        case str() | int() | None:
            return value
        case _ if hasattr(value, "items"):
            return {str(name): _finite(one) for name, one in value.items()}
        case _:
            return [_finite(one) for one in value]


def _share(estimate: Estimate | None) -> str:
    if estimate is None:
        return "hidden"
    return f"{estimate.n} of {estimate.of} ({estimate.low:.0%} to {estimate.high:.0%})"


def _difference(estimate: Estimate | None) -> str:
    if estimate is None:
        return "hidden"
    return f"{100 * estimate.value:+.0f} points ({100 * estimate.low:+.0f} to {100 * estimate.high:+.0f})"


def _ratio(ratio: float, low: float, high: float) -> str:
    return f"{ratio:.2f}" + ("" if math.isnan(low) else f" ({low:.2f} to {high:.2f})")


def _p(p: float) -> str:
    return "below .001" if p < 0.001 else f"{p:.3f}"


def _print_lines(title: str, lines: Iterable[str]) -> None:
    print(f"\n{title}" if title else "")
    for line in lines:
        print(f"- {line}")
