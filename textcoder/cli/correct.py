"""textcoder correct: a corrected file in the place of one that was coded, and what waits because of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder.cli.app import app
from textcoder.cli.options import AsJson, CoderName, Database, Out, Why, coder_from, live_project

if TYPE_CHECKING:
    from textcoder.domain.decision import By, Decision
    from textcoder.workflow import LiveProject
    from textcoder.workflow.correcting import Correction, Followed
    from textcoder.workflow.live import Plan

_SHOWN = 40
_LONGEST = 100


@app.command()
def correct(
    transcript: Annotated[str | None, typer.Argument(help="The transcript, by file name.")] = None,
    file: Annotated[Path | None, typer.Argument(help="The corrected file, in the same format.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would follow and what would wait.")] = False,
    names_are_fine: Annotated[
        bool,
        typer.Option(
            "--names-are-fine", help="New words that may be names are none, or may come into a project with pseudonyms."
        ),
    ] = False,
    queue: Annotated[bool, typer.Option("--queue", help="List what waits for a person.")] = False,
    place: Annotated[str | None, typer.Option("--place", help="Say where this stands that waits, by its id.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="Where, such as 120-180. [default: the words shown beside it]")
    ] = None,
    drop: Annotated[
        str | None, typer.Option("--drop", help="Say that this stands nowhere any more, by its id.")
    ] = None,
    out: Out = Path(),
    db: Database = None,
    coder: CoderName = None,
    why: Why = "",
    as_json: AsJson = False,
) -> None:
    """Put a corrected file in the place of a transcript: all that is coded follows its words, or waits for you; undo takes it back."""
    asked = [transcript is not None, queue, place is not None, drop is not None]
    if sum(asked) != 1 or (transcript is None) != (file is None):
        raise typer.BadParameter("Give a transcript and the corrected file; or one of --queue, --place and --drop.")
    with live_project(db, out) as live:
        if queue:
            _list(live, coder, as_json)
        elif place is not None or drop is not None:
            _settle(live, place, drop, at, _by(coder, why), coder, as_json)
        elif transcript is not None and file is not None:
            _correct(live, transcript, file, _by(coder, why), coder, as_json, dry_run, names_are_fine)


def _correct(
    live: LiveProject,
    transcript: str,
    file: Path,
    by: By,
    coder: str | None,
    as_json: bool,
    dry_run: bool,
    names_are_fine: bool,
) -> None:
    from textcoder.workflow import correct as do
    from textcoder.workflow import preview_correction, told

    data = _read(live, file)
    found = preview_correction(live, transcript, data, file.name, by)
    appended: list[Decision] = []
    if not as_json:
        _print(live, found)
    if not dry_run:
        found, appended = do(
            live, transcript, data, file.name, by, coder=coder_from(coder), names_are_fine=names_are_fine
        )
    if as_json:
        print(json.dumps(_as_json(found, appended), ensure_ascii=False, indent=1))
    elif appended:
        print(told(live, appended))
        if found.waiting:
            print("`textcoder correct --queue` lists what waits.")
        print("`textcoder code` sees the new words through the lenses, and codes them.")
    elif found.decisions:
        print("Nothing was changed; without --dry-run it is done.")


def _read(live: LiveProject, file: Path) -> bytes:
    from textcoder.workflow.importing import bytes_of

    return bytes_of(file, str(file), live.settings)


def _print(live: LiveProject, found: Correction) -> None:
    print("\n".join(found.sentences))
    if found.names:
        print(f"May be names: {', '.join(found.named[:_SHOWN])}.")
    for title, things in (("Otherwise now", found.changed), ("Waiting", found.waiting)):
        for one in things[:_SHOWN]:
            was, now = _beside(
                found.before.quotation(one.start, one.end), found.after.quotation(one.place.start, one.place.end)
            )
            print(f'{title}: {_what(live, one)} ({_how(one)}): "{was}" -> {_quoted(now)}')
        if len(things) > _SHOWN:
            print(f"... and {len(things) - _SHOWN} more.")


def _what(live: LiveProject, one: Followed) -> str:
    from textcoder.domain.decision import DecisionKind

    code = live.standing.codebook.get(one.code)
    names = {
        DecisionKind.SET_CODING: f'coding "{code.name if code else one.code}" of {one.coder}',
        DecisionKind.SET_QUOTE: f"quotation chosen by {one.coder}",
        DecisionKind.SET_MEMO: f"memo of {one.coder}",
    }
    return names.get(one.kind, "correction of who speaks")


def _how(one: Followed) -> str:
    from textcoder.spans import Queued

    if isinstance(one.place, Queued):
        return one.place.why.value
    spoken = [] if one.speaker is None else [f"spoken by {one.speaker}"]
    return ", ".join([*one.place.changes, *spoken])


def _as_json(found: Correction, appended: Sequence[Decision]) -> dict[str, Any]:
    return {
        "transcript": found.before.name,
        "kept": found.kept,
        "sentences": found.sentences,
        "names": found.named,
        "exact": len(found.exact),
        "changed": [asdict(one) for one in found.changed],
        "waiting": [asdict(one) for one in found.waiting],
        "decisions": [asdict(one) for one in appended],
    }


def _list(live: LiveProject, coder: str | None, as_json: bool) -> None:
    from textcoder.workflow import correction_queue

    found = correction_queue(live, coder_from(coder).id)
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
        return
    if not found:
        print("Nothing waits.")
        return
    book = live.standing.codebook
    for one in found:
        item = one.item
        code = book.get(item.code)
        what = {"set_coding": f'"{code.name if code else item.code}"', "set_quote": "quotation", "set_memo": "memo"}
        whose = f"{what.get(item.kind, 'who speaks')}{f' of {item.coder}' if item.coder else ''}"
        place = f"{one.file}:{item.near[1]}-{item.near[2]}"
        was, now = _beside(one.was, one.now)
        print(f'{item.id}  {whose} ({item.why}): "{was}" -> {place} {_quoted(now)}')
    print(f"{len(found)} waiting. Settle each: textcoder correct --place ID [--at START-END], or --drop ID.")


def _settle(
    live: LiveProject, place: str | None, drop: str | None, at: str | None, by: By, coder: str | None, as_json: bool
) -> None:
    from textcoder.workflow import dropping, placing, told

    start, end = _span(at)
    plan: Plan = dropping(live, drop or "", by) if place is None else placing(live, place, by, start=start, end=end)
    item = live.standing.waiting[place or drop or ""]
    near = item.near[1] if start is None else start, item.near[2] if end is None else end
    made = live.do(plan, coder=coder_from(coder))
    if as_json:
        print(json.dumps([asdict(one) for one in made], ensure_ascii=False, indent=1))
        return
    print(told(live, made) if made else "Nothing to change: it is so already.")
    if made and place is not None:
        transcript = live.transcripts[item.near[0]]
        print(
            f'It stands on {transcript.name}:{near[0]}-{near[1]} now: "{_beside("", transcript.quotation(*near))[1]}"'
        )


def _span(at: str | None) -> tuple[int | None, int | None]:
    if at is None:
        return None, None
    start, dash, end = at.rpartition(":")[2].partition("-")
    if not (dash and start.isdecimal() and end.isdecimal()):
        raise typer.BadParameter(f'--at takes code points such as 120-180, not "{at}".')
    return int(start), int(end)


def _quoted(words: str) -> str:
    return f'"{words}"' if words else "nothing"


def _beside(was: str, now: str) -> tuple[str, str]:
    """Two passages, each on one line, with what differs first in sight."""
    flat = [" ".join(words.split()) for words in (was, now)]
    alike = next((at for at, (a, b) in enumerate(zip(*flat, strict=False)) if a != b), min(map(len, flat)))
    start = max(0, alike - _LONGEST // 2)
    return _part(flat[0], start), _part(flat[1], start)


def _part(words: str, start: int) -> str:
    if len(words) <= _LONGEST:
        return words
    start = max(0, min(start, len(words) - _LONGEST))
    before, after = "... " if start else "", " ..." if start + _LONGEST < len(words) else ""
    return f"{before}{words[start : start + _LONGEST]}{after}"


def _by(coder: str | None, why: str) -> By:
    from textcoder.domain.decision import By
    from textcoder.workflow import now

    return By(coder_from(coder).id, now(), why)
