"""The main job, end to end, in one straight line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textcoder.domain.study import Study
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.codebooks import draft_codebook, import_codebook
from textcoder.workflow.coding import code, find_themes, place_lenses
from textcoder.workflow.importing import Reading, import_files
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
    progress: Progress = silent,
) -> Study:
    """Transcripts in, a coded project out: the whole main job, in one straight line.

    Args:
        store: Where the project is kept.
        paths: Files and folders.
        out: Folder for the results.
        settings: See `Settings`.
        reading: How the files are to be read.
        codebook: A codebook to apply; None drafts one from the themes.
        progress: Told of each stage.

    Raises:
        NothingToCode: No file could be read, or no participant says anything.
        InvalidTable: The cases table or the codebook has a wrong row.
        OutputError: The results cannot be written.
    """
    if codebook is not None:
        import_codebook(store, codebook)
    import_files(store, paths, settings, reading=reading or Reading(), progress=progress)
    place_lenses(store, settings, progress=progress)
    find_themes(store, settings, progress=progress)
    draft_codebook(store)
    code(store, settings, progress=progress)
    study = read_study(store, settings)
    write_results(store, study, out, progress=progress)
    return study
