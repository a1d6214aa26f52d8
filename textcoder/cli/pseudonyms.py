"""textcoder pseudonyms: names found, reviewed, and replaced in a project of its own; the key in a file that only a passphrase opens."""

from __future__ import annotations

import os
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textcoder.cli.app import app
from textcoder.cli.options import (
    Cases,
    CoderName,
    Columns,
    Database,
    Encoding,
    Out,
    Paths,
    Pattern,
    Roles,
    coder_from,
    progress_shown,
    project_store,
    reading_from,
    settings_from,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textcoder.pseudonyms import Finder, Row
    from textcoder.settings import Settings

pseudonyms_app = typer.Typer(
    help="Replace names, contacts and numbers by pseudonyms; the key stays with you.", no_args_is_help=True
)
app.add_typer(pseudonyms_app, name="pseudonyms", no_args_is_help=True)

PASSPHRASE = "TEXTCODER_PASSPHRASE"  # noqa: S105  (the name of a variable, not what it holds)
Table = Annotated[Path, typer.Argument(metavar="TABLE", help="The review table, ending in .csv or .xlsx.")]
Key = Annotated[
    Path, typer.Option("--key", help=f"The key's file. Its passphrase is asked for, or read from {PASSPHRASE}.")
]
EarlierKey = Annotated[
    Path | None, typer.Option("--key", help="The key, where names of this project were replaced before.")
]
To = Annotated[Path, typer.Option("--to", help="A new folder for the new project.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the table.")]


class Also(StrEnum):
    """What looks beside our own finder."""

    PRESIDIO = "presidio"


With = Annotated[
    Also | None,
    typer.Option("--with", help="Ask also about what Presidio finds: cards, passports, licences, network addresses."),
]


@pseudonyms_app.command("propose")
def propose_(
    table: Table,
    out: Out = Path(),
    db: Database = None,
    key: EarlierKey = None,
    also: With = None,
    force: Force = False,
) -> None:
    """Look for names, contacts and numbers in the whole project, and write a table to review."""
    from textcoder.pseudonyms import read_key
    from textcoder.workflow.pseudonymising import propose_pseudonyms

    _need_place(table, force=force)
    opened = None if key is None else read_key(key, _passphrase())
    with project_store(db, out, create=False) as store, progress_shown() as progress:
        settings = settings_from()
        rows = propose_pseudonyms(store, settings, also=_finder(also, settings), key=opened, progress=progress)
    _write_table(table, rows)
    _tell(table, rows)


@pseudonyms_app.command("apply")
def apply_(table: Table, to: To, key: Key, out: Out = Path(), db: Database = None, coder: CoderName = None) -> None:
    """Write the project anew into the folder --to with what the TABLE replaces; the project itself stays as it is."""
    from textcoder.pseudonyms import read_key
    from textcoder.workflow.pseudonymising import apply_pseudonyms, forms_from, leaks_in, read_table, two_in_capitals
    from textcoder.workflow.steps import many

    rows = read_table(_bytes_of(table), table.name)
    forms = forms_from(rows, table.name)
    _need_apart(key, to)
    continued = key.exists()
    passphrase = _passphrase(new=not continued)
    earlier = read_key(key, passphrase) if continued else None
    with project_store(db, out, create=False) as store, project_store(None, to) as into:
        done = apply_pseudonyms(store, forms, into, key, passphrase, coder=coder_from(coder), earlier=earlier)
    print(
        f"{many(done.names, 'pseudonym')} at {many(done.places, 'place')} in {many(done.transcripts, 'transcript')}. "
        f"The project with them: {to}; the key: {key}."
    )
    if two := two_in_capitals(rows):
        print(two)
    if leaking := leaks_in([to], read_key(key, passphrase)):
        for leak in leaking:
            print(f"{leak} Nobody should have it before they are found and replaced.")
        raise typer.Exit(1)
    print("Every file there was looked through: none holds a name that was replaced.")
    print(
        f"What you worked in ({out if db is None else 'the old database'}) and {table} still hold the names: keep them as safe as the "
        "recordings, or delete them. Without the key or its passphrase nobody brings the names back."
    )


@pseudonyms_app.command("restore")
def restore_(to: To, key: Key, out: Out = Path(), db: Database = None) -> None:
    """Write the project anew into the folder --to with the names that were there, and all that was done since."""
    from textcoder.pseudonyms import read_key
    from textcoder.workflow.pseudonymising import restore_originals
    from textcoder.workflow.steps import many

    opened = read_key(key, _passphrase())
    with project_store(db, out, create=False) as store, project_store(None, to) as into:
        transcripts = restore_originals(store, opened, into)
    print(f"{many(transcripts, 'transcript')} with the names again, in {to}.")


@pseudonyms_app.command("import")
def import_new(
    paths: Paths,
    key: Key,
    out: Out = Path(),
    db: Database = None,
    table: Annotated[
        Path | None, typer.Option("--table", help="Table for names that the key does not know: written, then read.")
    ] = None,
    cases: Cases = None,
    pattern: Pattern = None,
    encoding: Encoding = None,
    columns: Columns = None,
    role: Roles = None,
    also: With = None,
) -> None:
    """Read new transcripts into a pseudonymised project; their names never reach its database."""
    from textcoder.workflow.pseudonymising import forms_from, import_pseudonymised, read_table
    from textcoder.workflow.steps import many

    if table is not None:
        _need_place(table, force=True)
    reviewed = read_table(_bytes_of(table), table.name) if table is not None and table.exists() else []
    forms = forms_from(reviewed, str(table)) if reviewed else []
    passphrase = _passphrase()
    with project_store(db, out, create=False) as store, progress_shown() as progress:
        settings = settings_from()
        new, waiting = import_pseudonymised(
            store,
            paths,
            settings,
            key,
            passphrase,
            reading=reading_from(cases, pattern, encoding, columns, role),
            forms=forms,
            decided=[row.name for row in reviewed],
            also=_finder(also, settings),
            progress=progress,
        )
    if not waiting:
        print(f"{many(new, 'new transcript')}, with pseudonyms. Code what is new: textcoder code.")
        return
    if table is None:
        found = many(len(waiting), "name is", "names are")
        print(f"{found} not in the key; nothing was read. Say with --table where to list them.")
        raise typer.Exit(1)
    _write_table(table, [*reviewed, *waiting])
    _tell(table, waiting)
    print("Nothing was read yet: decide, and give the same command again.")
    raise typer.Exit(1)


@pseudonyms_app.command("show")
def show_(key: Key) -> None:
    """Show who stands behind each pseudonym."""
    from textcoder.pseudonyms import read_key
    from textcoder.workflow.pseudonymising import who_is_who

    for pseudonym, names in who_is_who(read_key(key, _passphrase())):
        print(f"{pseudonym:<24}{', '.join(names)}")


@pseudonyms_app.command("check")
def check_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders to look through.")], key: Key
) -> None:
    """Look through files, packed ones too, for names that were replaced, before they are given away."""
    from textcoder.pseudonyms import read_key
    from textcoder.workflow.pseudonymising import leaks_in

    leaking = leaks_in(paths, read_key(key, _passphrase()))
    for leak in leaking:
        print(leak)
    if leaking:
        raise typer.Exit(1)
    print("No file holds a name that was replaced.")


def _finder(also: Also | None, settings: Settings) -> Finder | None:
    from textcoder.pseudonyms import load_presidio

    return None if also is None else load_presidio(path=settings.spacy_path)


def _passphrase(*, new: bool = False) -> str:
    """From the variable, else asked for; twice where the key is new."""
    if given := os.environ.get(PASSPHRASE):
        return given
    asked: Any = typer.prompt("Passphrase of the key", hide_input=True, confirmation_prompt=new)
    return str(asked)


def _need_apart(key: Path, to: Path) -> None:
    """Whoever is given the folder must not be given the key with it."""
    if key.resolve().is_relative_to(to.resolve()):
        raise typer.BadParameter("The key must not lie in the folder that it opens; choose another place with --key.")


def _bytes_of(table: Path) -> bytes:
    from textcoder.errors import UnreadableFile

    try:
        return table.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            str(table), f"it cannot be read ({error.strerror}).", "Write one: textcoder pseudonyms propose TABLE."
        ) from error


def _need_place(table: Path, *, force: bool) -> None:
    """See that the table may be written there, before anybody waits for it."""
    from textcoder.errors import OutputError

    if table.suffix.casefold() not in (".csv", ".xlsx"):
        raise typer.BadParameter(f"The table is a .csv or an .xlsx, not a {table.suffix or 'file without an ending'}.")
    if table.exists() and not force:
        raise OutputError(f"{table} stands already, perhaps with your decisions; choose another name, or use --force.")


def _write_table(table: Path, rows: Sequence[Row]) -> None:
    from textcoder.errors import OutputError
    from textcoder.workflow.pseudonymising import table_bytes

    try:
        table.touch(mode=0o600)
        table.write_bytes(table_bytes(rows, ending=table.suffix))
    except OSError as error:
        raise OutputError(f"{table} cannot be written ({error.strerror}). Choose another place.") from error


def _tell(table: Path, rows: Sequence[Row]) -> None:
    from textcoder.workflow.steps import many

    counts = Counter(row.decision.value for row in rows)
    print(
        f"{many(len(rows), 'name')} in {table}: {counts['replace']} to be replaced, {counts['ask']} for you to decide."
    )
    print(
        'Write "replace" or "keep" in the column decision, change pseudonyms as you like, and add rows that are missing.'
    )
