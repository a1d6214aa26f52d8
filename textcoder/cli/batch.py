"""The main job, whole and step by step: run, demo, import, roles, themes, code, report, export, search, verify."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.codings import ShapeName, write_shaped
from textcoder.cli.exchanging import Profile, WithoutSide, is_exchange, read_exchange, write_exchange
from textcoder.cli.options import (
    AsJson,
    Cases,
    CodebookFile,
    CoderName,
    Columns,
    Database,
    Encoder,
    Encoding,
    Interviewer,
    Language,
    MaxMb,
    Name,
    Out,
    Paths,
    Pattern,
    Roles,
    Seed,
    Themes,
    Threads,
    coder_from,
    live_project,
    progress_shown,
    project_store,
    reading_from,
    roles_from,
    settings_from,
)
from textcoder.cli.reporting import document_asked, write_document
from textcoder.cli.summary import print_summary
from textcoder.settings import Settings

if TYPE_CHECKING:
    from textcoder.store import Store
    from textcoder.workflow import Reading


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
    settings = settings_from(
        language=language,
        encoder=encoder,
        include_interviewer=include_interviewer or None,
        themes=themes,
        seed=seed,
        max_file_mb=max_file_mb,
        threads=threads,
    )
    _run(paths, out, db, settings, reading_from(cases, pattern, encoding, columns, role), codebook, name)


@app.command()
def demo(
    out: Out = Path("textcoder-demo"),
    coders: Annotated[
        bool,
        typer.Option("--coders", help="With the codebook and the two coders that come with it (no people, either)."),
    ] = False,
    threads: Threads = None,
) -> None:
    """Code the synthetic demo interviews that come with textcoder."""
    from textcoder import workflow

    settings = settings_from(threads=threads)
    with project_store(None, out) as store, progress_shown() as progress:
        study, notes = workflow.code_demo(store, out, settings, coders=coders, progress=progress)
    print_summary(study, out, notes)


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

    with project_store(db, out) as store, progress_shown() as progress:
        study, notes = workflow.code_batch(
            store, paths, out, settings, reading=reading, codebook=codebook, name=name, progress=progress
        )
    print_summary(study, out, notes)


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
    coder: CoderName = None,
) -> None:
    """Read transcripts into the project, and show what was read and who speaks; .qdpx and .qdc of other programs, too."""
    from textcoder import workflow

    settings = settings_from(
        language=language, include_interviewer=include_interviewer or None, max_file_mb=max_file_mb
    )
    exchanged, paths = [p for p in paths if is_exchange(p)], [p for p in paths if not is_exchange(p)]
    if exchanged:
        with project_store(db, out) as store, progress_shown() as progress:
            read_exchange(store, exchanged, settings, coder_from(coder), progress)
        if not paths:
            return
    with project_store(db, out) as store, progress_shown() as progress:
        files = workflow.import_files(
            store, paths, settings, reading=reading_from(cases, pattern, encoding, columns, role), progress=progress
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

    with project_store(db, out, create=False) as store:
        if role:
            made = workflow.assign_roles(store, roles_from(role), transcript=transcript)
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
    from textcoder.reports.phrases import counted

    settings = settings_from(themes=themes, seed=seed, encoder=encoder)
    with project_store(db, out, create=False) as store, progress_shown() as progress:
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
    print(f"{counted(len(found.unassigned), 'segment belongs', 'segments belong')} to no theme.")


@app.command()
def code(out: Out = Path(), db: Database = None, encoder: Encoder = None, codebook: CodebookFile = None) -> None:
    """Code what was imported: with a codebook of yours, the project's own, or one drafted from the themes."""
    from textcoder import workflow

    settings = settings_from(encoder=encoder)
    with project_store(db, out, create=False) as store, progress_shown() as progress:
        if codebook is not None:
            workflow.import_codebook(store, codebook)
        workflow.follow_speakers(store, settings, progress=progress)
        workflow.place_lenses(store, settings, progress=progress)
        workflow.find_themes(store, settings, progress=progress)
        workflow.draft_codebook(store)
        workflow.code(store, settings, progress=progress)
        print(f"{len(store.codings())} codings with {len(store.codebook().in_use)} codes.")


@app.command()
def report(out: Out = Path(), db: Database = None, encoder: Encoder = None, coder: CoderName = None) -> None:
    """Write the report and all tables of the project into --out."""
    from textcoder import workflow
    from textcoder.errors import InvalidDecision

    with project_store(db, out, create=False) as store, progress_shown() as progress:
        if _codes_blind(store, coder_from(coder).id):
            raise InvalidDecision(
                "You still code a sample blind, and the results tell what others said; finish and release it first, or take a report of "
                "your own: textcoder export report.docx."
            )
        study = workflow.fresh_study(store, workflow.as_coded(store, settings_from(encoder=encoder)), progress=progress)
        notes = workflow.write_results(store, study, out, progress=progress)
    print_summary(study, out, notes)


@app.command()
def export(
    kind: Annotated[
        str,
        typer.Argument(
            help="segments, codings, cases, workbook, report, report-docx, report-markdown, figures (into a folder), quotations, "
            "quotations-docx, -xlsx or -html; or a file ending in .docx or .md (the report), in .qdpx (the project) or "
            ".qdc (the codebook) for other programs."
        ),
    ],
    file: Annotated[Path | None, typer.Argument(help="File to write.")] = None,
    out: Out = Path(),
    db: Database = None,
    encoder: Encoder = None,
    profile: Profile = "spec",
    plain: WithoutSide = False,
    shape: ShapeName = None,
    coder: CoderName = None,
) -> None:
    """Write one table of the project as it stands now (CSV, XLSX), or the project for NVivo, MAXQDA, ATLAS.ti and others (.qdpx, .qdc)."""
    from textcoder import workflow

    who = coder_from(coder).id
    if file is None and shape is None and is_exchange(Path(kind)):
        with project_store(db, out, create=False) as store:
            settings = workflow.as_coded(store, settings_from(encoder=encoder))
            write_exchange(store, Path(kind), settings, profile=profile, plain=plain, coder=who)
        return
    document = document_asked(kind, file)
    if file is None and document is None and shape is None:
        raise typer.BadParameter(f'Say which file "{kind}" is to be written to.')
    with project_store(db, out, create=False) as store:
        if shape is not None:
            write_shaped(store, kind, shape, file, coder=who)
        elif document is not None:
            write_document(store, document, workflow.as_coded(store, settings_from(encoder=encoder)), who)
        elif file is not None:
            workflow.export(store, workflow.as_coded(store, settings_from(encoder=encoder)), kind, file, coder=who)
            print(f"Written to {file}.")
        if _codes_blind(store, who):
            print("You still code a sample blind: what others said of its segments is left out.")


def _codes_blind(store: Store, coder: str) -> bool:
    from textcoder.domain.standing import Standing

    return bool(Standing(store.decisions()).blind(coder))


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

    with live_project(db, out) as live:
        rows = [
            {
                "score": round(hit.score, 3),
                "file": live.transcript(hit.segment.transcript).name,
                "speaker": live.transcript(hit.segment.transcript).turns[hit.segment.turn].speaker or "",
                "start": hit.segment.start,
                "end": hit.segment.end,
                "text": live.text(hit.segment),
            }
            for hit in workflow.search(live, query, by_meaning=meaning, limit=limit)
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
