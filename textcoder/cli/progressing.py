"""textcoder progress: signs of progress from one sentence to the whole programme, at the command line."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder.cli.app import app
from textcoder.cli.asking import AsCsv, PeopleOnly, Smallest, print_table
from textcoder.cli.options import AsJson, CoderName, Database, Out, coder_from, live_project, progress_shown

if TYPE_CHECKING:
    from textcoder.workflow import LiveProject
    from textcoder.workflow.progressing import Paths, Sign

By = Annotated[
    str | None, typer.Option("--by", help="Attribute to compare by. [default: group, where people have one]")
]


@app.command("progress")
def show_progress(
    indicator: Annotated[
        str, typer.Option("--indicator", help="A lens, such as what_works, or scaling (the numbers that people gave).")
    ] = "signs_of_progress",
    by: By = None,
    person: Annotated[
        str | None, typer.Option("--person", help="One person's path, by case id or name, down to her sentences.")
    ] = None,
    numbers: Annotated[bool, typer.Option("--numbers", help="List the scaling answers that were found.")] = False,
    marks: Annotated[
        str | None,
        typer.Option(
            "--marks", help="List marks: exception, small_step, preferred_future, coping, change_talk or all."
        ),
    ] = None,
    people_only: PeopleOnly = False,
    minimum_people: Smallest = 2,
    coder: CoderName = None,
    out: Out = Path(),
    db: Database = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Signs of progress over waves: means of people by group with intervals; then each person, and the words themselves."""
    from textcoder import workflow
    from textcoder.workflow import progressing

    with live_project(db, out) as live, progress_shown() as progress:
        if marks is not None or numbers:
            signs = _signs(live, numbers, marks)
            told: Any = signs
            rows = [_SIGNS, *(_sign_row(live, sign) for sign in signs)]
            note = "Found by patterns, with the words that speak for them; nobody has coded them. Read before you rely on them."
        else:
            paths = progressing.paths_of(
                live,
                workflow.facts_of(live, coder=coder_from(coder).id),
                by=by,
                people_only=people_only,
                progress=progress,
            )
            if person is None:
                told = paths.programme(indicator, minimum_people=minimum_people)
                rows, note = _programme(paths, indicator, minimum_people), _left_out(paths)
            else:
                case = paths.case(person)
                told, rows, note = _person(live, paths, case), _path(live, paths, case), _left_out(paths)
    if as_json:
        plain = [asdict(one) for one in told] if isinstance(told, Sequence) else _dict(told)
        print(json.dumps(_nulls(plain), ensure_ascii=False, indent=1))
    elif as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
    else:
        print_table(rows)
        print(f"\n{note}")


_SIGNS = ["kind", "part", "words", "place", "person", "wave", "number", "scale", "why"]


def _signs(live: LiveProject, numbers: bool, kind: str | None) -> list[Sign]:
    from textcoder.progress import KINDS
    from textcoder.workflow import progressing

    if kind is not None and kind not in (*KINDS, "all"):
        raise typer.BadParameter(f"--marks is one of {', '.join(KINDS)}, or all.")
    found = list(progressing.numbers_of(live)) if numbers else []
    if kind is not None:
        found += [sign for sign in progressing.marks_of(live) if kind in ("all", sign.kind)]
    return found


def _sign_row(live: LiveProject, sign: Sign) -> list[str]:
    transcript, segment = live.transcripts[sign.transcript], live.segments[live.row_of[sign.segment]]
    answer = sign.answer
    number = "" if answer is None else _number(answer.low, answer.high)
    assumed = "" if answer is None or answer.stated else " (assumed)"
    scale = "" if answer is None else f"{answer.scale_low:g} to {answer.scale_high:g}{assumed}"
    place = f"{transcript.name}:{sign.start}-{sign.end}"
    words = " ".join(sign.text.split())
    return [sign.kind, sign.part, words, place, live.case(segment), transcript.wave or "", number, scale, sign.why]


def _number(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _programme(paths: Paths, indicator: str, minimum: int) -> list[list[str]]:
    """A row for everybody and for each group, a column for each wave, then what changed for the same people."""
    from textcoder.workflow.progressing import name_of, said_mean

    found = paths.programme(indicator, minimum_people=minimum)
    steps = [f"{one.from_wave} to {one.to_wave}, same people" for one in found.overall_changes]
    head = [name_of(paths, indicator), *(f"wave {wave}" if wave else "no wave" for wave in found.waves), *steps]
    groups = [("everybody", found.overall, found.overall_changes)]
    for i, group in enumerate(found.groups if paths.by else ()):
        n, m = len(found.waves), len(found.overall_changes)
        cells, changes = found.cells[i * n : (i + 1) * n], found.changes[i * m : (i + 1) * m]
        groups.append((group or f"no {paths.by}", cells, changes))
    return [
        head,
        *(
            [
                name,
                *(said_mean(cell.mean, found.top) for cell in cells),
                *(said_mean(one.mean, found.top, signed=True) for one in changes),
            ]
            for name, cells, changes in groups
        ),
    ]


def _path(live: LiveProject, paths: Paths, case: str) -> list[list[str]]:
    """A row for each of her sentences in which something counts or was found, under her figures of the wave."""
    from textcoder.workflow.progressing import name_of, sentences_of

    rows = [["wave", "what", "figure or words", "place"]]
    for indicator in paths.indicators:
        for one in paths.people(indicator):
            if one.case == case:
                top = f"{100 * one.value:.0f} % ({one.n} of {one.of} segments)"
                figure = one.reason if math.isnan(one.value) else top
                if indicator == "scaling" and not math.isnan(one.value):
                    figure = f"{one.value:.1f} of 10 ({one.n} {'number' if one.n == 1 else 'numbers'})"
                rows.append([one.wave, name_of(paths, indicator), figure, ""])
    for sentence in sentences_of(live, paths, case):
        held = [name_of(paths, lens) for lens in sentence.lenses]
        held += [f"{sign.kind.replace('_', ' ')}?" for sign in sentence.signs]
        place = f"{sentence.file}:{sentence.start}-{sentence.end}"
        rows.append([sentence.wave, ", ".join(held), " ".join(sentence.text.split()), place])
    return rows


def _person(live: LiveProject, paths: Paths, case: str) -> dict[str, Any]:
    from textcoder.workflow.progressing import sentences_of

    indicators = {
        indicator: [asdict(one) for one in paths.people(indicator) if one.case == case]
        for indicator in paths.indicators
    }
    sentences = [asdict(sentence) for sentence in sentences_of(live, paths, case)]
    return {"case": case, "indicators": indicators, "sentences": sentences}


def _left_out(paths: Paths) -> str:
    """What a reader must know of the figures."""
    said = [
        "Each person counts once; intervals are 95 % by Student's t over people, not adjusted for how many are read together."
    ]
    if paths.unattributed:
        said.append(f"{paths.unattributed} segments are nobody's whom the project knows, and are left out.")
    for language, n in paths.unread.items():
        said.append(f"{n} segments are in a language without number words here ({language}).")
    return " ".join(said)


def _dict(told: Any) -> Any:
    return told if isinstance(told, dict) else asdict(told)


def _nulls(value: Any) -> Any:
    """JSON knows no NaN."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, dict):
        return {key: _nulls(one) for key, one in value.items()}
    return [_nulls(one) for one in value] if isinstance(value, list | tuple) else value
