"""The project read as a whole, and written out: report, tables, texts and manifest."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from textcoder import __version__
from textcoder.domain.decision import Decision
from textcoder.domain.standing import Standing
from textcoder.domain.study import Study
from textcoder.errors import OutputError, UnknownItem
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.codebooks import codebook_texts
from textcoder.workflow.coding import code
from textcoder.workflow.quoting import chosen_file, chosen_quotes, quotes_waiting, seen_by
from textcoder.workflow.reporting import more_sheets
from textcoder.workflow.steps import Progress, many, silent, step_key
from textcoder.workflow.training import training_of


def fresh_study(store: Store, settings: Settings, *, coder: str = "", progress: Progress = silent) -> Study:
    """The whole project, after what people decided since the last run has taught the machine.

    Args:
        store: The project.
        settings: As it was coded.
        coder: Id of whoever asks: of an open sample that she codes blind, she sees her own codings only. Empty for others.
        progress: Told where the machine must learn from newer decisions first.
    """
    freshen(store, settings, progress=progress)
    study = read_study(store, settings)
    return seen_by(study, Standing(store.decisions()), coder) if coder else study


def freshen(store: Store, settings: Settings, *, progress: Progress = silent) -> None:
    """Let the machine learn what people decided since the last run, where it has coded; else what two exports say would differ."""
    if store.finished("code") is not None:
        code(store, settings, progress=progress)


def read_study(store: Store, settings: Settings) -> Study:
    """The whole project as reports, exports and checks see it, at one moment."""
    with store.reading():
        return _read_study(store, settings)


def _read_study(store: Store, settings: Settings) -> Study:
    decisions, transcripts = store.decisions(), tuple(store.transcripts())
    standing = Standing(decisions)
    speaking = {turn.case for transcript in transcripts for turn in transcript.turns}
    study = Study(
        project=store.project(),
        files=tuple(store.files()),
        transcripts=transcripts,
        segments=tuple(store.segments()),
        # A case whose only file was replaced or set aside is nobody's any more.
        cases=tuple(case for case in store.cases() if case.id in speaking),
        placements=store.placements(),
        themes=store.themes(),
        codebook=standing.codebook,
        codings=tuple(store.codings()),
        coders=tuple(store.coders()),
        quotes=chosen_quotes(standing, {transcript.id for transcript in transcripts}),
    )
    return replace(study, manifest=manifest_of(store, study, decisions, settings))


def manifest_of(store: Store, study: Study, decisions: Iterable[Decision], settings: Settings) -> dict[str, Any]:
    """What the results rest on: every file with its hash, models with theirs, settings, seed, versions; no times, no home folder."""
    from importlib.metadata import version

    packages = ("bertopic", "numpy", "onnxruntime", "scikit-learn", "scipy", "sentence-transformers", "spacy")
    kept = {
        name: value for name, value in asdict(settings).items() if name not in ("threads", "encoder_path", "spacy_path")
    }
    by_people = [d for d in decisions if d.coder != "machine"]
    return {
        "textcoder": __version__,
        "project": {"id": study.project.id, "name": study.project.name, "method": study.project.method.value},
        "files": [asdict(file) for file in study.files],
        "models": [
            *(_model_row(name) for name in dict.fromkeys((settings.encoder, "lens-head", "manner", "en_core_web_sm"))),
            *_trained_row(store),
        ],
        "settings": kept,
        "codebook_version": study.codebook.version,
        "decisions_by_people": len(by_people),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
    }


def _trained_row(store: Store) -> Iterator[dict[str, Any]]:
    """What the project trained, where that counts."""
    found = training_of(store)
    if found is not None and found.share:
        learned = f"{many(found.segments, 'coded segment')} of {many(found.people, 'person', 'people')}"
        yield {
            "name": f"networks trained on {learned}",
            "sha256": {"training": found.revision},
            "licence": "the project's own",
            "source": f"textcoder train; {found.share:.0%} of a score",
        }


def _model_row(name: str) -> dict[str, Any]:
    from textcoder.registry import entries

    entry = entries().get(name)
    if entry is None:
        return {"name": name, "sha256": {}, "source": "named by the user"}
    return {"name": name, "sha256": dict(entry.sha256), "licence": entry.licence, "source": entry.source}


def write_results(store: Store, study: Study, out: Path, *, progress: Progress = silent) -> tuple[str, ...]:
    """Write report, codebook, tables, texts and manifest into a folder; each file is complete or not there.

    Returns:
        What a person should know of it, as sentences: that a codebook which she edited stays, and where the new one lies.

    Raises:
        OutputError: The folder cannot be written to, or the disk is full.
    """
    from textcoder.reports import is_complete, write_study

    key = step_key(
        "report",
        study.manifest,
        store.finished("code"),
        store.finished("draft"),
        store.finished("themes"),
        str(out.resolve()),
    )
    if store.finished("report") == key and is_complete(out):
        return ()
    progress("Writing the report", 0, 1)
    yaml, csv = codebook_texts(store)
    written = write_study(study, out, codebook_yaml=yaml, codebook_csv=csv, sheets=more_sheets(study))
    store.finish("report", key)
    progress("Writing the report", 1, 1)
    return written.notes


TABLES = {
    "segments": "segments.csv",
    "codings": "codings.csv",
    "cases": "cases_by_codes.csv",
    "workbook": "project.xlsx",
    "report": "report.html",
    "report-docx": "report.docx",
    "report-markdown": "report.zip",
    "figures": "figures.zip",
    "quotations": "quotations_chosen.csv",
    "quotations-docx": "quotations_chosen.docx",
    "quotations-xlsx": "quotations_chosen.xlsx",
    "quotations-html": "quotations_chosen.html",
}
"""What can be exported by itself, and the file of the results that it is."""


def rendered(study: Study, kind: str, *, waiting: int = 0) -> bytes:
    """One table (or the workbook, the report, its pictures, the quotations chosen) of a project; see `TABLES`.

    Markdown comes with its pictures, as one archive. `waiting` chosen quotations wait for a person (see `quotes_waiting`).

    Raises:
        UnknownItem: There is no such kind.
    """
    from textcoder.reports import render

    if kind not in TABLES:
        raise UnknownItem(f'There is no export called "{kind}"; choose one of {", ".join(TABLES)}.')
    if kind.startswith("quotations"):
        return chosen_file(study, TABLES[kind].rpartition(".")[2], waiting=waiting)
    if kind in ("report-docx", "report-markdown", "figures"):
        return _document(study, kind)
    return render(study, TABLES[kind], sheets=more_sheets(study))[TABLES[kind]]


def _document(study: Study, kind: str) -> bytes:
    from textcoder.reports.documents import render_document, render_figures, zipped

    if kind == "report-docx":
        return render_document(study, TABLES[kind])[TABLES[kind]]
    return zipped(render_figures(study) if kind == "figures" else render_document(study, "report.md"))


def export(store: Store, settings: Settings, kind: str, path: Path, *, coder: str = "") -> None:
    """Write one table (or the workbook, or the report) of the project as it stands now; see `TABLES`, and `fresh_study` for `coder`.

    Raises:
        UnknownItem: There is no such kind.
        OutputError: The file cannot be written.
    """
    waiting = quotes_waiting(Standing(store.decisions()), coder=coder) if kind.startswith("quotations") else 0
    data = rendered(fresh_study(store, settings, coder=coder), kind, waiting=waiting)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error
