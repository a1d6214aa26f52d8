"""What several commands take, and how it becomes settings, a store and progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder.cli.configuration import named_config
from textcoder.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars

    from textcoder.domain.coding import Coder
    from textcoder.domain.transcript import Role
    from textcoder.store import Store
    from textcoder.workflow import LiveProject, Progress, Reading

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Transcripts, or folders of them.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--db", envvar="TEXTCODER_DATABASE_URL", help="SQLite file or SQLAlchemy URL. [default: project.db in --out]"
    ),
]
Cases = Annotated[Path | None, typer.Option("--cases", help="Table of cases: columns file, case, and any attributes.")]
Pattern = Annotated[str | None, typer.Option(help='How file names are built, such as "w{wave}_{case}_{name}".')]
Encoding = Annotated[str | None, typer.Option(help="Text encoding of the files, where it cannot be told.")]
Columns = Annotated[
    str | None,
    typer.Option(
        help="Columns of a table: text=A+B,case=ID,speaker=S,question=Q,attributes=X+Y (each may be left out)."
    ),
]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help='Role of a speaker: "Hanna=interviewer". May be repeated.')
]
Language = Annotated[str | None, typer.Option(help="Language of all files, such as sv; guessed for each otherwise.")]
Encoder = Annotated[
    str | None, typer.Option(help="Encoder: a name textcoder knows, a folder, or a sentence-transformers model.")
]
Interviewer = Annotated[bool, typer.Option("--include-interviewer", help="Code the interviewers' words too.")]
Seed = Annotated[int | None, typer.Option(help="Seed of all random steps.")]
Themes = Annotated[int | None, typer.Option(min=1, help="Themes for each lens; otherwise chosen from the segments.")]
MaxMb = Annotated[int | None, typer.Option("--max-file-mb", min=1, help="Refuse larger files.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Texts embedded side by side; never changes a result.")]
CodebookFile = Annotated[
    Path | None, typer.Option("--codebook", help="Apply this codebook (YAML, CSV) instead of drafting one.")
]
Name = Annotated[str | None, typer.Option(help="What the study is called. [default: the folder's name]")]
Why = Annotated[str, typer.Option("--why", help="Your reason, for the history.")]
CoderName = Annotated[
    str | None,
    typer.Option("--coder", envvar="TEXTCODER_CODER", help="Who you are in the history. [default: researcher]"),
]
Spans = Annotated[
    list[str], typer.Argument(metavar="SEGMENT...", help="Segments or free spans, such as mira.txt:120-180.")
]
CodeName = Annotated[str, typer.Argument(metavar="CODE", help="A code by name, lens/name or id.")]
CodeNames = Annotated[list[str], typer.Argument(metavar="CODE...", help="Codes by name, lens/name or id.")]
OfCode = Annotated[str, typer.Option("--code", "-c", help="A code by name, lens/name or id.")]
Look = Annotated[bool, typer.Option("--preview", help="Only say what would change.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def settings_from(**chosen: object) -> Settings:
    """Settings from the environment and what was chosen on the command line; a wrong value is a usage error."""
    try:
        settings = Settings.from_environment(os.environ, named_config(), **chosen)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if "/" not in settings.encoder or Path(settings.encoder).exists():
        # Only a hub model that the user named (`owner/name`) may reach for the network; all else must not even wait for it.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return settings


def reading_from(
    cases: Path | None = None,
    pattern: str | None = None,
    encoding: str | None = None,
    columns: str | None = None,
    role: list[str] | None = None,
) -> Reading:
    """How files are to be read, from the options."""
    from textcoder.workflow import Reading

    return Reading(cases, pattern, encoding, _columns(columns), roles_from(role or []))


def roles_from(given: list[str]) -> dict[str | None, Role]:
    """Speaker to role, from "Name=role"."""
    from textcoder.domain.transcript import Role

    roles: dict[str | None, Role] = {}
    for item in given:
        speaker, equals, role = item.rpartition("=")
        if not equals or role not in list(Role):
            raise typer.BadParameter(f'--role takes "Name=role" with one of {", ".join(Role)}, not "{item}".')
        roles[speaker] = Role(role)
    return roles


def _columns(given: str | None) -> Any:
    if not given:
        return None
    from textcoder.formats.tables import Columns

    parts: dict[str, str] = {}
    for part in given.split(","):
        name, _, value = part.partition("=")
        parts[name.strip()] = value
    unknown = set(parts) - {"text", "case", "speaker", "question", "attributes"}
    if unknown:
        raise typer.BadParameter(
            f"--columns does not know {', '.join(sorted(unknown))}; use text, case, speaker, question, attributes."
        )

    def several(name: str) -> tuple[str, ...]:
        return tuple(parts[name].split("+")) if name in parts else ()

    return Columns(
        several("text"), parts.get("case"), parts.get("speaker"), parts.get("question"), several("attributes")
    )


@contextmanager
def project_store(db: str | None, out: Path, *, create: bool = True) -> Iterator[Store]:
    """The project's database: the one named, else project.db beside the results."""
    from textcoder.errors import OutputError
    from textcoder.store import open_store
    from textcoder.workflow.operations import database_url

    if db is None and create:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder {out} cannot be made ({error.strerror}). Choose another with --out."
            ) from error
    store = open_store(database_url(db, out), create=create)
    try:
        yield store
    except KeyboardInterrupt as stop:
        print("\nStopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        raise typer.Exit(130) from stop
    finally:
        store.close()


@contextmanager
def live_project(db: str | None, out: Path, encoder: str | None = None) -> Iterator[LiveProject]:
    """The project opened to work on it, with the encoder that it was coded with."""
    from textcoder import workflow

    with project_store(db, out, create=False) as store, progress_shown() as progress:
        yield workflow.open_project(store, settings_from(encoder=encoder), progress=progress)


def coder_from(name: str | None) -> Coder:
    """Whoever decides: her name is her id."""
    from textcoder.domain.coding import CONSENSUS, Coder, CoderKind
    from textcoder.workflow import RESEARCHER

    if name is None:
        return RESEARCHER
    if not name.strip() or name in ("machine", CONSENSUS.id):
        raise typer.BadParameter(f'--coder cannot be "{name}"; give your own name.')
    return Coder(name, name, CoderKind.HUMAN)


@contextmanager
def progress_shown() -> Iterator[Progress]:
    """A bar for each stage on a terminal, which ends with its stage and leaves the terminal to others; plain lines elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_progress()
        return
    bar = _Bar(console)
    try:
        yield bar.show
    finally:
        bar.end()


class _Bar:
    """The bar of one stage at a time. What is finished when it is first heard of has no bar: nothing was waited for."""

    def __init__(self, console: Console) -> None:
        self._console, self._stage = console, ""
        self._bars: Bars | None = None

    def show(self, stage: str, done: int, total: int) -> None:
        """Take note of how far a stage has come."""
        if stage != self._stage or self._bars is None:
            if done >= total:
                return
            self.end()
            self._begin(stage, total)
        if self._bars is not None:
            self._bars.update(self._bars.task_ids[0], completed=done, total=total)
        if done >= total:
            self.end()

    def _begin(self, stage: str, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns = TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        self._stage, self._bars = stage, Bars(*columns, console=self._console)
        self._bars.add_task(stage, total=total)
        self._bars.start()

    def end(self) -> None:
        """Leave the bar as it stands."""
        if self._bars is not None:
            self._bars.stop()
        self._bars = None


def _plain_progress() -> Callable[[str, int, int], None]:
    """One line when a stage begins and one when it ends."""
    begun: set[str] = set()

    def show(stage: str, done: int, total: int) -> None:
        if stage not in begun:
            begun.add(stage)
            print(f"{stage} ...", file=sys.stderr, flush=True)
        if done == total:
            print(f"{stage}: {done} of {total}", file=sys.stderr, flush=True)

    return show
