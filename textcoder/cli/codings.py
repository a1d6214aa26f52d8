"""textcoder codings: people's codings from the tables of other programs, and what `textcoder export --shape` writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textcoder.cli.app import app
from textcoder.cli.asking import print_table
from textcoder.cli.options import AsJson, Database, Out, coder_from, project_store, settings_from

if TYPE_CHECKING:
    from textcoder.formats.rows import Grid
    from textcoder.formats.shapes import Coded, Guess, Holds
    from textcoder.matching import Place
    from textcoder.store import Store
    from textcoder.workflow.shaping_places import Choose
    from textcoder.workflow.shaping_results import Shaped

codings_app = typer.Typer(
    help="Take in codings of other programs; they are found by their words.", no_args_is_help=True
)
app.add_typer(codings_app, name="codings")

MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="Which column is what (YAML). [default: as saved beside the project, else guessed]"),
]
# Not from TEXTCODER_CODER: whoever imports would be made the coder of what everybody coded.
Whose = Annotated[
    str | None, typer.Option("--coder", help="Whose codings they all are. [default: whom the table names, row by row]")
]
Importer = Annotated[
    str | None,
    typer.Option(
        "--by", envvar="TEXTCODER_CODER", help="Who you are. [default: whose codings they are, else researcher]"
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each row.")]
ShapeName = Annotated[
    str | None,
    typer.Option(
        "--shape",
        help="Write codings or codebook as a table of nvivo, maxqda, atlasti, dedoose, taguette, qualcoder or textcoder.",
    ),
]
_SHOWN = 40
_LONGEST = 80
_AROUND = 40


@codings_app.command("import")
def codings_import(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON or YAML, such as NVivo, MAXQDA or ATLAS.ti export.")],
    mapping: MappingFile = None,
    dry_run: DryRun = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask where words stand at several places.")] = False,
    out: Out = Path(),
    db: Database = None,
    coder: Whose = None,
    by: Importer = None,
    as_json: AsJson = False,
) -> None:
    """Take in what people coded elsewhere: words are found in the transcripts, and the machine learns from them at once."""
    from textcoder.formats.shapes import Holds
    from textcoder.workflow.shaping import import_codings
    from textcoder.workflow.shaping_results import Became

    with project_store(db, out, create=False) as store:
        grid, guess = look(file, mapping, out, Holds.CODINGS, show=not as_json)
        done = import_codings(
            store,
            grid,
            guess,
            file.name,
            coder=coder_from(coder) if coder is not None else None,
            by=coder_from(by if by is not None else coder),
            choose=_asking(store) if ask else None,
            dry_run=dry_run,
        )
        waiting = done.among(Became.AMBIGUOUS, Became.LOST)
        kept = (
            None
            if dry_run or not waiting
            else _keep_waiting(store, done, out / f"{file.stem.removesuffix('.waiting')}.waiting.csv")
        )
        names = {transcript.id: transcript.name for transcript in store.transcripts()}
    if as_json:
        rows = [{**asdict(one), "file": names.get(one.place.text) if one.place else None} for one in done.told]
        print(
            json.dumps(
                {"codes": done.codes, "rows": rows, "decisions": len(done.decisions)}, ensure_ascii=False, indent=1
            )
        )
        return
    if dry_run:
        _print_documents(done, names)
    _print(done, names)
    if dry_run:
        print("Nothing was changed; without --dry-run it is done.")
    elif kept is not None:
        print(f"What was not placed waits in {kept}: write where it stands into start and end, and import that file.")
    if done.decisions and not dry_run:
        print("The machine has them to learn from; `textcoder code` applies what it learned.")


def take_book(store: Store, file: Path, mapping: Path | None, out: Path, coder: str | None, *, show: bool) -> bool:
    """Take a codebook that another program exported as a table; False where the file is one of textcoder's own."""
    from textcoder.formats.shapes import Holds
    from textcoder.workflow.importing import bytes_of
    from textcoder.workflow.shaping import import_book, is_own_book

    if mapping is None and is_own_book(bytes_of(file, str(file), settings_from()), file.name):
        return False
    grid, guess = look(file, mapping, out, Holds.CODEBOOK, show=show)
    done = import_book(store, grid, guess, file.name, coder=coder_from(coder))
    if show:
        print("\n".join([*done.notes, done.sentence]))
    return True


def write_shaped(store: Store, kind: str, shape: str, file: Path | None, *, coder: str = "") -> None:
    """Write codings, as far as a coder may see them, or the codebook as a table of another program."""
    from textcoder.formats.shapes import Holds, Shape
    from textcoder.workflow.shaping_tables import export_shaped

    if kind not in list(Holds):
        raise typer.BadParameter(f'--shape is for "codings" and "codebook", not for "{kind}".')
    if shape not in list(Shape):
        raise typer.BadParameter(f'--shape is one of {", ".join(Shape)}, not "{shape}".')
    if file is None:
        raise typer.BadParameter(f'Say which file "{kind}" is to be written to.')
    if (Holds(kind), Shape(shape)) == (Holds.CODEBOOK, Shape.TEXTCODER):
        raise typer.BadParameter("The codebook as textcoder's own table is written by `textcoder codebook export`.")
    export_shaped(store, Holds(kind), Shape(shape), file, coder=coder)
    print(f"Written to {file}.")


def look(file: Path, mapping: Path | None, out: Path, holds: Holds, *, show: bool) -> tuple[Grid, Guess]:
    """A table and which column is what: as given, as saved beside the project, else guessed and saved there."""
    from textcoder.formats.shapes import write_mapping
    from textcoder.workflow.importing import bytes_of
    from textcoder.workflow.shaping import look_at

    settings = settings_from()
    saved = out / f"{file.stem}.mapping.yaml"
    used = mapping or (saved if saved.exists() else None)
    given = bytes_of(used, str(used), settings) if used is not None else None
    grid, guess = look_at(bytes_of(file, str(file), settings), file.name, mapping=given, named=str(used), holds=holds)
    if show:
        _print_guess(grid, guess, used)
    if used is None:
        _write(saved, write_mapping(guess.mapping).encode())
        if show:
            print(f"Saved as {saved}; change it there if a column is something else.")
    return grid, guess


def _write(path: Path, data: bytes) -> None:
    from textcoder.errors import OutputError

    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error


def _keep_waiting(store: Store, done: Shaped, path: Path) -> Path:
    from textcoder.workflow.shaping_results import Became
    from textcoder.workflow.shaping_tables import table_bytes, waiting_table

    told = done.among(Became.AMBIGUOUS, Became.LOST)
    _write(path, table_bytes(waiting_table(told, store), path.name, "waiting"))
    return path


def _print_guess(grid: Grid, guess: Guess, used: Path | None) -> None:
    from textcoder.formats.shapes import FIELDS, Holds

    mapping = guess.mapping
    how = f"as {used} says" if used is not None else f"{guess.sure:.0%} of its headings are there"
    what = "A codebook" if mapping.holds is Holds.CODEBOOK else "A table of codings"
    print(f"{what} in the shape of {mapping.shape.value} ({how}).")
    rows = [("what", "column", "known by", "first cell")]
    for name, heading in mapping.columns.items():
        first = next((cell for cell in grid.column(heading) if cell.strip()), "")
        rows.append((FIELDS[mapping.holds][name], heading, guess.why.get(name, "given"), _short(first)))
    if mapping.codes:
        names = list(mapping.codes)
        rows.append((f"{len(names)} codes, a column each", names[0], "heading", _short(mapping.codes[names[0]])))
    print_table(rows)
    unused = [name for name in grid.header if name not in mapping.columns.values() and name not in mapping.codes]
    if unused:
        print(f"Not used: {_listed(unused)}.")


def _print(done: Shaped, names: dict[str, str]) -> None:
    from textcoder.workflow.shaping_results import Became

    shown = [one for one in done.told if one.why and one.became not in (Became.SAME, Became.TWICE)]
    for one in shown[:_SHOWN]:
        print(f'{one.became.value:<13}row {one.row}, {one.code or "no code"}: "{_short(one.text)}"')
        print(f"{'':<13}{one.why}")
        for place in (one.place,) if one.place else one.places[:4]:
            print(f"{'':<13}{names[place.text]}:{place.start}-{place.end}")
    if len(shown) > _SHOWN:
        print(f"... and {len(shown) - _SHOWN} more.")
    if done.codes:
        print(f"New codes: {_listed(done.codes)}.")
    print(done.sentence)


def _print_documents(done: Shaped, names: dict[str, str]) -> None:
    """What the table calls each transcript, in which files its words were found, and what became of its codings."""
    from textcoder.workflow.shaping_results import Became

    kinds = [became for became in Became if done.among(became)]
    rows = [("document of the table", "found in", *(became.value for became in kinds))]
    for one in done.documents[:_SHOWN]:
        counts = (str(one.counts.get(became, 0)) for became in kinds)
        rows.append((one.name or "(none named)", _listed([names[id_] for id_ in one.transcripts]) or "-", *counts))
    print_table(rows)
    if len(done.documents) > _SHOWN:
        print(f"... and {len(done.documents) - _SHOWN} more.")


def _asking(store: Store) -> Choose:
    """Ask on the terminal which place is meant; an empty answer leaves it waiting."""
    transcripts = {one.id: one for one in store.transcripts()}

    def choose(row: Coded, places: tuple[Place, ...]) -> int | None:
        print(f'Row {row.row}: "{_short(row.text)}" could stand at:')
        for number, place in enumerate(places, 1):
            one = transcripts[place.text]
            around = one.text[max(0, place.start - _AROUND) : place.end + _AROUND]
            print(f"  {number}  {one.name}:{place.start}-{place.end}  {' '.join(around.split())}")
        answer = typer.prompt("Which? (Enter for none)", default="", show_default=False).strip()
        return int(answer) - 1 if answer.isdecimal() and 1 <= int(answer) <= len(places) else None

    return choose


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST // 2]} ... {flat[-_LONGEST // 2 :]}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
