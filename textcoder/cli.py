"""The command line: one function a command: parse, call workflow, print. Nothing else prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder import __version__
from textcoder.errors import TextcoderError
from textcoder.settings import Settings

if TYPE_CHECKING:
    from textcoder.domain.study import Study
    from textcoder.domain.transcript import Role
    from textcoder.store import Store
    from textcoder.workflow import Progress, Reading

app = typer.Typer(
    name="textcoder",
    help="Codes qualitative interviews on your own machine: themes under what works, barriers and signs of progress.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
codebook_app = typer.Typer(help="Show, export or import the codebook.", no_args_is_help=True)
app.add_typer(codebook_app, name="codebook")

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
Themes = Annotated[int | None, typer.Option(min=1, help="Themes for each lens; chosen by stability otherwise.")]
MaxMb = Annotated[int | None, typer.Option("--max-file-mb", min=1, help="Refuse larger files.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Texts embedded side by side; never changes a result.")]
CodebookFile = Annotated[
    Path | None, typer.Option("--codebook", help="Apply this codebook (YAML, CSV) instead of drafting one.")
]
Name = Annotated[str | None, typer.Option(help="What the study is called. [default: the folder's name]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Codes qualitative interviews on your own machine: themes under what works, barriers and signs of progress."""
    if version:
        print(f"textcoder {__version__}")
        raise typer.Exit


@app.command()
def run(
    paths: Paths,
    out: Out,
    name: Name = None,
    db: Database = None,
    cases: Cases = None,
    codebook: CodebookFile = None,
    pattern: Pattern = None,
    encoding: Encoding = None,
    columns: Columns = None,
    role: Roles = None,
    language: Language = None,
    encoder: Encoder = None,
    include_interviewer: Interviewer = False,
    themes: Themes = None,
    seed: Seed = None,
    max_file_mb: MaxMb = None,
    threads: Threads = None,
) -> None:
    """Code transcripts: read, place under lenses, find themes, draft a codebook, code, report."""
    settings = _settings(
        language=language,
        encoder=encoder,
        include_interviewer=include_interviewer or None,
        themes=themes,
        seed=seed,
        max_file_mb=max_file_mb,
        threads=threads,
    )
    _run(paths, out, db, settings, _reading(cases, pattern, encoding, columns, role), codebook, name)


@app.command()
def demo(out: Out = Path("textcoder-demo"), threads: Threads = None) -> None:
    """Code the synthetic demo interviews that come with textcoder."""
    from textcoder.resources import data_folder

    folder = data_folder("corpora") / "demo"
    name = "The Bridge: a synthetic demo study"
    _run([folder / "interviews"], out, None, _settings(threads=threads), _reading(folder / "cases.csv"), None, name)


def _run(
    paths: list[Path],
    out: Path,
    db: str | None,
    settings: Settings,
    reading: Reading,
    codebook: Path | None,
    name: str | None,
) -> None:
    from textcoder import workflow

    with _store(db, out) as store, _progress() as progress:
        study, notes = workflow.code_batch(
            store, paths, out, settings, reading=reading, codebook=codebook, name=name, progress=progress
        )
    _print_summary(study, out, notes)


@app.command("import")
def import_(
    paths: Paths,
    out: Out = Path(),
    db: Database = None,
    cases: Cases = None,
    pattern: Pattern = None,
    encoding: Encoding = None,
    columns: Columns = None,
    role: Roles = None,
    language: Language = None,
    include_interviewer: Interviewer = False,
    max_file_mb: MaxMb = None,
) -> None:
    """Read transcripts into the project, and show what was read and who speaks."""
    from textcoder import workflow

    settings = _settings(language=language, include_interviewer=include_interviewer or None, max_file_mb=max_file_mb)
    with _store(db, out) as store, _progress() as progress:
        files = workflow.import_files(
            store, paths, settings, reading=_reading(cases, pattern, encoding, columns, role), progress=progress
        )
    for file in files:
        names_itself = file.note.startswith(file.path)
        print(f"{file.outcome.value:<11}{file.note if names_itself else ' '.join([file.path, file.note]).strip()}")


@app.command()
def roles(
    out: Out = Path(),
    db: Database = None,
    transcript: Annotated[str | None, typer.Option(help="Only this transcript, by file name.")] = None,
    role: Roles = None,
) -> None:
    """Show who speaks and in which role; set roles with --role "Name=participant" (followed at the next run)."""
    from textcoder import workflow
    from textcoder.roles import role_table

    with _store(db, out, create=False) as store:
        if role:
            made = workflow.assign_roles(store, _roles(role), transcript=transcript)
            print(f"{made} role{'s' if made != 1 else ''} set; the next run or import follows.")
            return
        for entry in store.transcripts():
            if transcript in (None, entry.name):
                print(entry.name)
                for row in role_table(entry):
                    print(
                        f"  {row.speaker or '(no name)':<28}{row.role.value:<13}{row.turns:>5} turns {row.words:>7} words  {row.why}"
                    )


@app.command()
def themes(
    out: Out = Path(),
    db: Database = None,
    themes: Themes = None,
    seed: Seed = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Find candidate themes in what was imported, and list them by lens."""
    from textcoder import workflow

    settings = _settings(themes=themes, seed=seed, encoder=encoder)
    with _store(db, out, create=False) as store, _progress() as progress:
        workflow.place_lenses(store, settings, progress=progress)
        workflow.find_themes(store, settings, progress=progress)
        found, project = store.themes(), store.project()
    if as_json:
        print(json.dumps([asdict(theme) for theme in found.themes], ensure_ascii=False, indent=1))
        return
    for theme in sorted(found.themes, key=lambda theme: (theme.lens, -len(theme.segments))):
        print(
            f"{project.lens_name(theme.lens):<18}{len(theme.segments):>5}  {theme.name}  [{', '.join(theme.keywords[:5])}]"
        )
    print(f"{len(found.unassigned)} segments belong to no theme.")


@app.command()
def code(out: Out = Path(), db: Database = None, encoder: Encoder = None, codebook: CodebookFile = None) -> None:
    """Code what was imported: with a codebook of yours, the project's own, or one drafted from the themes."""
    from textcoder import workflow

    settings = _settings(encoder=encoder)
    with _store(db, out, create=False) as store, _progress() as progress:
        if codebook is not None:
            workflow.import_codebook(store, codebook)
        workflow.place_lenses(store, settings, progress=progress)
        workflow.find_themes(store, settings, progress=progress)
        workflow.draft_codebook(store)
        workflow.code(store, settings, progress=progress)
        print(f"{len(store.codings())} codings with {len(store.codebook().in_use)} codes.")


@app.command()
def report(out: Out = Path(), db: Database = None, encoder: Encoder = None) -> None:
    """Write the report and all tables of the project into --out."""
    from textcoder import workflow

    settings = _settings(encoder=encoder)
    with _store(db, out, create=False) as store, _progress() as progress:
        study = workflow.read_study(store, settings)
        notes = workflow.write_results(store, study, out, progress=progress)
    _print_summary(study, out, notes)


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="segments, codings, cases, workbook or report.")],
    file: Annotated[Path, typer.Argument(help="File to write.")],
    out: Out = Path(),
    db: Database = None,
    encoder: Encoder = None,
) -> None:
    """Write one table of the project as it stands now: CSV for segments, codings and cases, XLSX for the workbook."""
    from textcoder import workflow

    with _store(db, out, create=False) as store:
        workflow.export(store, _settings(encoder=encoder), kind, file)
    print(f"Written to {file}.")


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words to find.")],
    out: Out = Path(),
    db: Database = None,
    meaning: Annotated[bool, typer.Option("--meaning", help="Find what means something alike.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find segments by their words, or by meaning."""
    from textcoder import workflow

    settings = _settings()
    with _store(db, out, create=False) as store:
        hits = workflow.search(store, query, settings, by_meaning=meaning, limit=limit)
        study = workflow.read_study(store, settings)
    rows = [
        {
            "score": round(hit.score, 3),
            "file": study.transcript_by_id[hit.segment.transcript].name,
            "speaker": study.speaker(hit.segment),
            "start": hit.segment.start,
            "end": hit.segment.end,
            "text": study.quotation(hit.segment),
        }
        for hit in hits
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        print(f"{row['score']:.2f}  {row['file']}, {row['speaker']} [{row['start']}-{row['end']}]\n      {row['text']}")
    print(f"{len(rows)} found.")


@app.command()
def verify(folder: Annotated[Path, typer.Argument(help="Folder with results.")]) -> None:
    """Check that every quotation is the exact slice of its text, and every count follows from the rows."""
    from textcoder.reports.verify import verify_folder

    problems = verify_folder(folder)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem{'s' if len(problems) != 1 else ''} found in {folder}.")
        raise typer.Exit(1)
    print(f"All quotations and counts in {folder} hold.")


@codebook_app.command("show")
def codebook_show(out: Out = Path(), db: Database = None, as_json: AsJson = False) -> None:
    """Print the codebook."""
    with _store(db, out, create=False) as store:
        codebook, project = store.codebook(), store.project()
    if as_json:
        print(json.dumps([asdict(code) for code in codebook.in_use], ensure_ascii=False, indent=1))
        return
    for entry in sorted(codebook.in_use, key=lambda entry: (entry.lens, entry.name)):
        print(f"{project.lens_name(entry.lens)}: {entry.name} ({entry.status.value})\n    {entry.definition}")
    print(f"{len(codebook.in_use)} codes, version {codebook.version}.")


@codebook_app.command("export")
def codebook_export(
    file: Annotated[Path, typer.Argument(help=".yaml or .csv")], out: Out = Path(), db: Database = None
) -> None:
    """Write the codebook as YAML or CSV, by the file's ending."""
    from textcoder import workflow

    with _store(db, out, create=False) as store:
        workflow.export_codebook(store, file)
    print(f"Written to {file}.")


@codebook_app.command("import")
def codebook_import(
    file: Annotated[Path, typer.Argument(help=".yaml or .csv")], out: Out = Path(), db: Database = None
) -> None:
    """Take a codebook that you wrote or edited; each difference is a decision of yours."""
    from textcoder import workflow

    with _store(db, out, create=False) as store:
        codebook = workflow.import_codebook(store, file)
    print(f"{len(codebook.in_use)} codes, version {codebook.version}. Run `textcoder code` to apply them.")


# --- what the commands share ---------------------------------------------------------------------------------------------------------


def _settings(**chosen: object) -> Settings:
    try:
        settings = Settings.from_environment(os.environ, **chosen)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if "/" not in settings.encoder or Path(settings.encoder).exists():
        # Only a hub model that the user named (`owner/name`) may reach for the network; all else must not even wait for it.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return settings


def _reading(
    cases: Path | None = None,
    pattern: str | None = None,
    encoding: str | None = None,
    columns: str | None = None,
    role: list[str] | None = None,
) -> Reading:
    from textcoder.workflow import Reading

    return Reading(cases, pattern, encoding, _columns(columns), _roles(role or []))


def _roles(given: list[str]) -> dict[str | None, Role]:
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
def _store(db: str | None, out: Path, *, create: bool = True) -> Iterator[Store]:
    """The project's database: the one named, else project.db beside the results."""
    from textcoder.errors import OutputError
    from textcoder.store import open_store, sqlite_url

    if db is None and create:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder {out} cannot be made ({error.strerror}). Choose another with --out."
            ) from error
    url = sqlite_url(out / "project.db") if db is None else db if "://" in db else sqlite_url(Path(db))
    store = open_store(url, create=create)
    try:
        yield store
    except KeyboardInterrupt as stop:
        print("\nStopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        raise typer.Exit(130) from stop
    finally:
        store.close()


@contextmanager
def _progress() -> Iterator[Progress]:
    """A line for each stage with a bar on a terminal; plain lines where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_progress()
        return
    with Progress(
        TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            task = tasks.setdefault(
                stage, bars.add_task(stage, total=total) if stage not in tasks else tasks.get(stage, TaskID(0))
            )
            bars.update(task, completed=done, total=total)

        yield show


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


def _print_summary(study: Study, out: Path, notes: tuple[str, ...]) -> None:
    """What a person wants to know when it is done."""
    from textcoder.domain.transcript import Outcome
    from textcoder.prevalence import asked_cases, count_codes

    unread = [file for file in study.files if file.outcome is Outcome.UNREADABLE]
    left_out = [file for file in study.files if file.outcome in (Outcome.DUPLICATE, Outcome.SET_ASIDE)]
    print(
        f"\nRead {len(study.transcripts)} transcripts: {len(asked_cases(study))} people, {len(study.segments)} segments."
    )
    for file in unread:
        print(f"  Not read: {file.note}")
    for file in left_out:
        print(f"  {file.note}")
    foreign = sorted({t.language for t in study.transcripts} - {"en"})
    if foreign:
        print(
            f"  Some transcripts are not English ({', '.join(foreign)}). The encoder and the lens head were made for English: "
            "judge their themes with care."
        )
    for lens in study.project.lenses:
        counts = [count for count in count_codes(study) if count.code.lens == lens.id and count.overall.mentions]
        print(f"\n{lens.name}" + ("" if counts else ": nothing was found"))
        for count in sorted(
            counts, key=lambda count: (-count.overall.people, -count.overall.mentions, count.code.name)
        ):
            print(
                f"  {count.overall.people:>3} of {count.overall.asked} people {count.overall.mentions:>5} mentions  {count.code.name}"
            )
    candidates = [theme for theme in study.themes.themes if theme.code is None]
    if candidates:
        print(f"\n{len(candidates)} candidate themes stand beside your codebook; the report lists them.")
    if study.themes.unassigned:
        print(f"\n{len(study.themes.unassigned)} segments belong to no theme; the report ranks them for reading.")
    for note in notes:
        print(f"\n{note}")
    print(
        f"\nAll codings are the machine's suggestions until a person accepts them.\nReport: {(out / 'report.html').resolve()}"
    )


def main() -> None:
    """Entry point: a user's mistake is one sentence and an exit status, never a traceback."""
    try:
        app()
    except TextcoderError as error:
        print(f"textcoder: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
