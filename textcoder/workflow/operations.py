"""What keeps a project safe: backups, putting one back, and a look at the machine and the database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textcoder.doctor import (
    Check,
    Verdict,
    check_disk,
    check_folder,
    check_memory,
    check_models,
    check_packages,
    check_python,
    check_settings,
    check_threads,
    free_memory,
    in_mb,
)
from textcoder.errors import MissingPackage, OutputError, StoreError
from textcoder.settings import Settings, settings_file
from textcoder.store import sqlite_url

if TYPE_CHECKING:
    from textcoder.store.backup import Contents, Restored


def database_url(db: str | None, out: Path) -> str:
    """The URL of a project: the SQLite file or URL that was named, else project.db in the folder of the results."""
    if db is None:
        return sqlite_url(out / "project.db")
    return db if "://" in db else sqlite_url(Path(db))


def back_up(url: str, file: Path, *, overwrite: bool = False) -> Contents:
    """Copy a project while it is in use, and check the copy; see `textcoder.store.backup.back_up`."""
    from textcoder.store import backup

    return backup.back_up(url, file, overwrite=overwrite)


def restore(file: Path, url: str, out: Path | None = None) -> Restored:
    """Put a backup in the place of a project; see `textcoder.store.backup.restore`.

    Args:
        file: The backup.
        url: The project.
        out: A folder to make first, as on a new machine; None makes none.

    Raises:
        OutputError: The folder cannot be made.
        StoreError: The backup is not sound, or the project is in use; nothing is changed then.
    """
    from textcoder.store import backup

    if out is not None and file.is_file():
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder {out} cannot be made ({error.strerror}); choose another with --out."
            ) from error
    return backup.restore(file, url)


def diagnose(environ: Mapping[str, str], url: str, out: Path, config: Path | None = None) -> list[Check]:
    """Look at everything that the work needs; always the same things in the same order, and nothing is changed.

    Args:
        environ: The variables; wrong ones are a problem among others, and the defaults are then looked at.
        url: The project's database, which need not be there yet.
        out: The folder of the results, which need not be there yet.
        config: The settings file that was named.
    """
    settings = Settings()
    try:
        settings = Settings.from_environment(environ, config)
        said = check_settings(environ, settings_file(environ, config=config))
    except ValueError as error:
        said = Check("settings", Verdict.PROBLEM, str(error), "Set it right; docs/tutorials/operations.md lists all.")
    database, size = check_database(url)
    return [
        check_python(),
        check_packages(),
        said,
        *check_models(settings),
        database,
        check_folder(out),
        check_disk(out, size),
        check_threads(settings),
        check_memory(free_memory()),
    ]


def check_database(url: str) -> tuple[Check, int]:
    """Every page, every reference and every decision of a project (on a server: that it answers), and its size in bytes."""
    from textcoder.store import backup

    on_server = not url.startswith("sqlite")
    again = "put back what pg_dump saved" if on_server else "put a backup back: textcoder restore FILE"
    try:
        found = backup.examine(url) if backup.is_there(url) else None
    except (StoreError, MissingPackage) as error:
        return Check("database", Verdict.PROBLEM, str(error), f"Mend that, or {again}"), 0
    if found is None:
        remedy = "textcoder run or textcoder import makes one; check --out or --db if there should be one."
        return Check("database", Verdict.WARNING, "there is none yet", remedy), 0
    log = "the log adds up" if found.log_checked else "the log was not compared"
    counted = f"{found.counts['transcripts']} transcripts, {found.counts['decisions']} decisions"
    said = f"{found.place}: revision {found.revision}, {in_mb(found.size)}, {counted}, {log}"
    if not found.outdated:
        return Check("database", Verdict.OK, said), found.size
    remedy = (
        "Back it up, then run: python -m textcoder.store.migrate URL"
        if on_server
        else "Nothing to do: the next command copies it beside itself and brings it up to date."
    )
    return Check("database", Verdict.PROBLEM if on_server else Verdict.WARNING, said, remedy), found.size
