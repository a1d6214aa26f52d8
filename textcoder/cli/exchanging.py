"""REFI-QDA at the command line: what `textcoder export` and `textcoder import` do with .qdpx, .qde and .qdc."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from textcoder.domain.coding import Coder
    from textcoder.settings import Settings
    from textcoder.store import Store
    from textcoder.workflow import Progress
    from textcoder.workflow.exchanging import Exchanged

Profile = Annotated[
    str, typer.Option("--profile", help="For which program a .qdpx is: spec (any), nvivo, maxqda or atlasti.")
]
WithoutSide = Annotated[
    bool,
    typer.Option(
        "--plain",
        help="A .qdpx without what only textcoder reads: probabilities, rejected suggestions, history, files.",
    ),
]
_ENDINGS = (".qdpx", ".qde", ".qdc")
_SHOWN = 40


def is_exchange(path: Path) -> bool:
    """Whether a file is one of REFI-QDA, by its ending."""
    return path.suffix.casefold() in _ENDINGS


def is_book(path: Path) -> bool:
    """Whether a file is a codebook of REFI-QDA, by its ending."""
    return path.suffix.casefold() == ".qdc"


def write_exchange(store: Store, path: Path, settings: Settings, *, profile: str, plain: bool, coder: str) -> None:
    """Write a project or a codebook; a project holds what everybody said, so that nobody gets it who still codes blind."""
    from textcoder.domain.standing import Standing
    from textcoder.refi.write import PROFILES
    from textcoder.refi.write import Profile as Known
    from textcoder.workflow import freshen
    from textcoder.workflow.exchanging import check_sees_all, export_refi

    if profile not in PROFILES:
        raise typer.BadParameter(f'--profile is one of {", ".join(PROFILES)}, not "{profile}".')
    if path.suffix.casefold() == ".qde":
        raise typer.BadParameter("A project is written as .qdpx, with its texts; give the file that ending.")
    if not is_book(path):
        check_sees_all(Standing(store.decisions()), coder)
        freshen(store, settings)
    export_refi(store, path, profile=cast(Known, profile), side=not plain)
    print(f"Written to {path}.")


def read_exchange(store: Store, paths: Sequence[Path], settings: Settings, coder: Coder, progress: Progress) -> None:
    """Take in projects and codebooks, and say what came of each."""
    from textcoder.domain.standing import Standing
    from textcoder.refi.read import summary
    from textcoder.workflow.exchanging import check_sees_all, import_refi

    check_sees_all(Standing(store.decisions()), coder.id)
    for path in paths:
        done = import_refi(store, path, settings, coder=coder, progress=progress)
        for finding in done.findings[:_SHOWN]:
            print(f"{finding.became.value:<11}{finding.item}: {finding.why}")
        if len(done.findings) > _SHOWN:
            print(f"... and {len(done.findings) - _SHOWN} more.")
        if done.positions:
            print(done.positions)
        print(f"{path.name}: {_told(done)}{' Not as it stands: ' + summary(done.findings) if done.findings else ''}")


def _told(done: Exchanged) -> str:
    if done.how == "known":
        return "all of it is here already; nothing was changed."
    if done.how == "restored":
        return f"a project of textcoder, taken in whole; {done.transcripts} new transcripts."
    machine = f" {done.machine} codings of the machine were left out; it codes anew." if done.machine else ""
    return (
        f"{done.transcripts} new transcripts, {done.codes} codes new or changed, {done.codings} codings of "
        f"{', '.join(done.coders) or 'nobody'} ({done.same} stood here already), {done.memos} memos, "
        f"{done.cases} cases changed.{machine}"
    )
