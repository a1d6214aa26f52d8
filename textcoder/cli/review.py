"""textcoder review: segment after segment, by the keyboard; what the machine would change in the codebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, CoderName, Database, Out, coder_from, live_project
from textcoder.errors import TextcoderError

if TYPE_CHECKING:
    from textcoder.domain.coding import Coder
    from textcoder.workflow import LiveProject
    from textcoder.workflow.reviewing import Queued

AHEAD = 10
"""Segments ranked at a time; after so many the order is made anew from what was learned meanwhile."""
DRIFTING = 0.05
"""Share of false alarms among the codes that are listed as drifting (Benjamini and Hochberg 1995)."""
KEYS = (
    "[1-9] a suggestion on or off · [enter] it carries just these · [c]ode by name · [x] all alike too · "
    "[m]emo · [s]kip · [u]ndo · [q]uit"
)


@app.command()
def review(
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    sample: Annotated[str | None, typer.Option("--sample", help="Code this sample, without suggestions.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="With --json: how many segments to list.")] = AHEAD,
    as_json: AsJson = False,
) -> None:
    """Look at the segments that would settle most, one by one; the machine learns from every answer."""
    from textcoder import workflow

    with live_project(db, out) as live:
        who = coder_from(coder)
        if as_json:
            queue = workflow.review_next(live, n, coder=who.id, sample=sample)
            print(json.dumps([_row(one) for one in queue], ensure_ascii=False, indent=1))
            return
        done = _loop(live, who, sample)
        hint = workflow.stopping_hint(live, coder=who.id)
    print(f"\n{done} segment{'s' if done != 1 else ''} reviewed. {hint.sentence}")


@app.command()
def proposals(out: Out = Path(), db: Database = None, coder: CoderName = None, as_json: AsJson = False) -> None:
    """What the machine would change in the codebook: codes that may be one, or several; entries that no longer fit."""
    from textcoder import workflow
    from textcoder.workflow.asides import about, aside

    with live_project(db, out) as live:
        found = [(one, aside(live, *about(one))) for one in workflow.propose(live, coder=coder_from(coder).id)]
    if as_json:
        rows = [{"kind": about(one)[0], **asdict(one), "aside": held and asdict(held)} for one, held in found]
        print(json.dumps(rows, ensure_ascii=False, indent=1, default=float))
        return
    for one, held in sorted(found, key=lambda pair: pair[1] is not None):
        print(f"- {one.evidence}{f' (Set aside by {held.coder}.)' if held else ''}")
    if not found:
        print("Nothing to propose: the codes are told apart by what was coded so far.")


@app.command()
def changes(
    since: Annotated[str | None, typer.Option(help="The wave from which material is new. [default: the last]")] = None,
    out: Out = Path(),
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """What new interviews do to the codebook: themes that fit no code, and codes whose meaning drifts."""
    from textcoder import workflow

    with live_project(db, out) as live:
        found = workflow.changes(live, since=since)
        project = live.store.project()
        names = {code.id: f"{code.name} ({project.lens_name(code.lens)})" for code in live.standing.codebook}
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=float))
        return
    print(f"New: {len(found.new)} transcripts, {', '.join(found.new[:5])}{', ...' if len(found.new) > 5 else ''}.")
    print(f"\n{len(found.candidates)} themes fit no code:" if found.candidates else "\nEvery theme continues a code.")
    for theme, evidence in found.candidates:
        print(f"- {theme.name}: {evidence.evidence}")
    drifting = [one for one in found.drifted if one.told and one.q_value < DRIFTING]
    untold = sum(not one.told for one in found.drifted)
    print("\nCodes whose new segments say something else than the old ones:" if drifting else "\nNo code drifts.")
    for one in drifting:
        print(f"- {names[one.code]}: {one.evidence}")
    print(f"{len(found.drifted) - len(drifting) - untold} codes show no drift; {untold} have too few segments to tell.")


def _loop(live: LiveProject, coder: Coder, sample: str | None) -> int:
    """Ask until nothing is left or she stops; returns how many segments were reviewed."""
    from textcoder import workflow

    done, skipped = 0, []  # type: int, list[str]
    keys = _keys()
    while queue := workflow.review_next(live, AHEAD, coder=coder.id, sample=sample, skip=skipped):
        for one in queue:
            answer = _ask(live, one, coder, keys)
            if answer == "quit":
                return done
            if answer == "undone":
                break  # the segment that was given back comes first again
            if answer == "skip":
                skipped.append(one.segment.id)
            else:
                done += 1
    print("\nNothing is left to review.")
    return done


def _ask(live: LiveProject, one: Queued, coder: Coder, keys: Iterator[str]) -> str:
    """Show one segment and take her answer: "done", "skip", "undone" or "quit"."""
    from textcoder import workflow

    chosen = {s.code.id for s in one.suggestions if s.probability >= 0.5}
    more: list[str] = []
    alike = False
    _show(live, one)
    while True:
        _show_choice(live, one, chosen, more, alike)
        key = next(keys, "q")
        try:
            if key.isdecimal() and 0 < int(key) <= len(one.suggestions):
                chosen ^= {one.suggestions[int(key) - 1].code.id}
            elif key in "\r\n":
                for segment in [one.segment, *(one.alike if alike else ())]:
                    live.review(segment, chosen | set(more), coder=coder)
                return "done"
            elif key == "c":
                code = live.find_code(_line("Code: ", keys)).id
                more = [c for c in more if c != code] if code in more else [*more, code]
            elif key == "x":
                alike = not alike and bool(one.alike)
            elif key == "m":
                workflow.note(live, one.segment, _line("Memo: ", keys), coder=coder)
            elif key == "s":
                return "skip"
            elif key == "u":
                print(workflow.told(live, workflow.undo(live, coder=coder)))
                return "undone"
            elif key == "q":
                return "quit"
        except TextcoderError as error:
            print(error)


def _show(live: LiveProject, one: Queued) -> None:
    place = f"{one.file}:{one.segment.start}-{one.segment.end}"
    print(f"\n{place}  {one.speaker}   ({one.reason})")
    if one.question:
        print(f"  Asked: {one.question}")
    print(f"  {one.text}")
    for number, suggestion in enumerate(one.suggestions[:9], start=1):
        lens = live.store.project().lens_name(suggestion.code.lens)
        print(f"   {number} {suggestion.probability:.2f} {suggestion.code.name} ({lens}): {suggestion.why}")
    if one.alike:
        print(f"   {len(one.alike)} more say nearly the same.")
    print(f"   {KEYS}")


def _show_choice(live: LiveProject, one: Queued, chosen: set[str], more: list[str], alike: bool) -> None:
    held = [s.code.name for s in one.suggestions if s.code.id in chosen]
    held += [entry.name for code in more if (entry := live.standing.codebook.get(code))]
    also = f", also for {len(one.alike)} alike" if alike else ""
    print(f"   -> {', '.join(held) or 'no code'}{also}")


def _keys() -> Iterator[str]:
    """One key after the other: at once from a terminal; else the characters of the input, whose lines end with enter."""
    if sys.stdin.isatty():
        while True:
            yield typer.getchar()
    while key := sys.stdin.read(1):
        yield key


def _line(prompt: str, keys: Iterator[str]) -> str:
    """A line of text."""
    print(f"   {prompt}", end="", flush=True)
    if sys.stdin.isatty():
        return input()
    line = ""
    while (key := next(keys, "\n")) not in "\r\n":
        line += key
    return line


def _row(one: Queued) -> dict[str, object]:
    return {
        "segment": one.segment.id,
        "file": one.file,
        "start": one.segment.start,
        "end": one.segment.end,
        "speaker": one.speaker,
        "question": one.question,
        "text": one.text,
        "reason": one.reason,
        "alike": [segment.id for segment in one.alike],
        "suggestions": [
            {"code": s.code.name, "code_id": s.code.id, "lens": s.code.lens, "probability": s.probability, "why": s.why}
            for s in one.suggestions
        ],
    }
