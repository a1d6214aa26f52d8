"""The main job, end to end, in one straight line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textcoder.domain.study import Study
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.codebooks import draft_codebook, import_codebook
from textcoder.workflow.coding import code, find_themes, place_lenses
from textcoder.workflow.importing import import_files
from textcoder.workflow.reading import Reading
from textcoder.workflow.results import read_study, write_results
from textcoder.workflow.steps import Progress, silent


def code_batch(
    store: Store,
    paths: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    reading: Reading | None = None,
    codebook: Path | None = None,
    name: str | None = None,
    progress: Progress = silent,
) -> tuple[Study, tuple[str, ...]]:
    """Transcripts in, a coded project out: the whole main job, in one straight line.

    Args:
        store: Where the project is kept.
        paths: Files and folders.
        out: Folder for the results.
        settings: See `Settings`.
        reading: How the files are to be read.
        codebook: A codebook to apply; None drafts one from the themes.
        name: What the study is called; None takes the name of the folder, for a project that has no name yet.
        progress: Told of each stage.

    Returns:
        The study, and what a person should know of the results (see `write_results`).

    Raises:
        NothingToCode: No file could be read, or no participant says anything.
        InvalidTable: The cases table or the codebook has a wrong row.
        OutputError: The results cannot be written.
    """
    name_project(store, name or _common_name(paths), overwrite=name is not None)
    if codebook is not None:
        import_codebook(store, codebook)
    import_files(store, paths, settings, reading=reading or Reading(), progress=progress)
    place_lenses(store, settings, progress=progress)
    find_themes(store, settings, progress=progress)
    draft_codebook(store)
    code(store, settings, progress=progress)
    study = read_study(store, settings)
    return study, write_results(store, study, out, progress=progress)


def name_project(store: Store, name: str, *, overwrite: bool) -> None:
    """Give the project a name; without `overwrite` only if it has none of its own yet."""
    project = store.project()
    if project.name != name and (overwrite or project.name == project.id):
        store.save_project(replace(project, name=name))


def _common_name(paths: Sequence[Path]) -> str:
    """The folder that holds everything given, or the one file, in words; the order of paths changes nothing."""
    resolved = [path.resolve() for path in paths]
    place = resolved[0] if len(resolved) == 1 else Path(os.path.commonpath(resolved))
    return (place.name if place.is_dir() else place.stem).replace("_", " ").strip() or "Study"
