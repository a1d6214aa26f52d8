"""What each kind of job does: one function from its arguments to functions of the workflow."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textcoder import workflow
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.job import Job, JobKind
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Outcome, Role
from textcoder.errors import InvalidDecision
from textcoder.jobs.folder import EXCHANGED, FILES, MERGED, RESULT
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.steps import embed, segments_with_texts

if TYPE_CHECKING:
    from textcoder.embeddings import Embedder

CASES = "cases"
"""The folder of an upload that holds its table of cases."""
SETTINGS = ("language", "encoder", "seed", "themes", "include_interviewer", "min_words", "max_words", "lens_threshold")
"""What somebody who asks for a job may choose; all else is for whoever runs the service to say."""
_MOST_NOTES = 100


@dataclass(frozen=True)
class Task:
    """A job with all that it needs.

    Attributes:
        job: What was asked for.
        store: The project.
        settings: Of the service.
        folder: What was uploaded for it, and where its result goes.
        progress: Told of each stage; stops the job by an exception.
        embedder: In place of the encoder that the settings name.
    """

    job: Job
    store: Store
    settings: Settings
    folder: Path
    progress: workflow.Progress
    embedder: Embedder | None = None

    def chosen(self) -> Settings:
        """The settings of the service with what the job says otherwise; the project keeps its encoder unless another is named."""
        said = {name: value for name, value in self.job.arguments.items() if name in SETTINGS}
        settings = replace(self.settings, **said)
        return settings if "encoder" in said else workflow.as_coded(self.store, settings)


def import_(task: Task) -> dict[str, Any]:
    """Read what was uploaded, and code the project afterwards if that was asked for."""
    arguments, folder = task.job.arguments, task.folder / FILES
    reading = workflow.Reading(
        cases=next(iter(sorted((task.folder / CASES).glob("*"))), None),
        pattern=arguments.get("pattern"),
        encoding=arguments.get("encoding"),
        columns=_columns(arguments.get("columns")),
        roles={speaker: Role(role) for speaker, role in arguments.get("roles", {}).items()},
    )
    sent = list(folder.iterdir())
    # One file alone was named by itself, and is a transcript whatever its name and its words.
    paths = sent if len(sent) == 1 and sent[0].is_file() else [folder]
    files = workflow.import_files(task.store, paths, task.chosen(), reading=reading, progress=task.progress)
    became = Counter(file.outcome.value for file in files)
    notes = [file.note for file in files if file.note and file.outcome is not Outcome.READ]
    coded = _code(task) if arguments.get("code") else _embed(task)
    return {"files": dict(sorted(became.items())), "notes": notes[:_MOST_NOTES], **coded}


def _embed(task: Task) -> dict[str, Any]:
    """Give what is new its vectors here, where nobody waits: the next question about the project would need them."""
    _, texts = segments_with_texts(task.store)
    embed(task.store, texts, task.chosen(), embedder=task.embedder, progress=task.progress)
    return {}


def _columns(said: Mapping[str, Any] | None) -> Any:
    if said is None:
        return None
    from textcoder.formats.tables import Columns

    several = {name: tuple(said[name]) for name in ("text", "attributes") if said.get(name)}
    return Columns(**{**said, **several})


def code(task: Task) -> dict[str, Any]:
    """Lenses, themes, codebook and codings; what has not changed since the last time is not done again."""
    return _code(task)


def _code(task: Task) -> dict[str, Any]:
    store, settings = task.store, task.chosen()
    workflow.follow_speakers(store, settings, progress=task.progress)
    workflow.place_lenses(store, settings, progress=task.progress)
    workflow.find_themes(store, settings, progress=task.progress)
    workflow.draft_codebook(store)
    workflow.code(store, settings, progress=task.progress)
    return {"codings": len(store.codings()), "codes": len(store.codebook().in_use)}


def train(task: Task) -> dict[str, Any]:
    """Networks of the project's own from what people coded; the machine suggests anew where it has coded before, or they help.

    How far they help is said by `workflow.training_of` alone: everybody may read what came of a job, also who codes a sample blind.
    """
    store, settings = task.store, task.chosen()
    trained = workflow.train(store, settings, progress=task.progress)
    # Also where they are not used: those before them may have been.
    if trained.share or store.finished("code") is not None:
        workflow.code(store, settings, embedder=task.embedder, progress=task.progress)
    return {
        "codes": len(trained.codes),
        "segments": trained.segments,
        "people": trained.people,
        "used": bool(trained.share),
    }


def report(task: Task) -> dict[str, Any]:
    """The results folder of a run as an archive; of what others say, only what whoever asked may see."""
    settings = task.chosen()
    study = workflow.fresh_study(task.store, settings, progress=task.progress)
    seen = workflow.seen_by(study, Standing(task.store.decisions()), task.job.coder)
    written = task.folder / "results"
    workflow.write_results(task.store, seen, written, progress=task.progress)
    return {"bytes": _archive(written, task.folder / RESULT, task.progress)}


def evidence(task: Task) -> dict[str, Any]:
    """The evidence pack as an archive; whoever still codes a sample blind gets none."""
    live = workflow.LiveProject(task.store, task.chosen(), embedder=task.embedder, progress=task.progress)
    written = task.folder / "evidence"
    counts = workflow.write_evidence(live, written, coder=task.job.coder, progress=task.progress)
    return {**counts, "bytes": _archive(written, task.folder / RESULT, task.progress)}


def _archive(folder: Path, file: Path, progress: workflow.Progress) -> int:
    """The folder as one ZIP, complete or not there; the same files give the same bytes. Returns its size."""
    part, files = file.with_suffix(".part"), sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, path in enumerate(files):
            progress("Packing", number, len(files))
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)
    progress("Packing", len(files), len(files))
    part.replace(file)
    return file.stat().st_size


def merge(task: Task) -> dict[str, Any]:
    """Take in the codings of other people; what contradicts what stands here is listed in the result, since it holds quotations."""
    (source,) = sorted((task.folder / FILES).iterdir())
    if source.suffix.lower() not in (".csv", ".db"):
        raise InvalidDecision(f"{source.name} is neither a project.db nor a codings.csv.")
    live = workflow.LiveProject(task.store, task.chosen(), embedder=task.embedder, progress=task.progress)
    task.progress("Merging", 0, 1)
    merged = workflow.merge_work(live, source, by=_coder(task), rename=task.job.arguments.get("rename", {}))
    written = json.dumps(asdict(merged), ensure_ascii=False, indent=1)
    (task.folder / MERGED).write_text(written, encoding="utf-8", errors="backslashreplace")
    return {
        "codings": merged.codings,
        "codes": len(merged.codes),
        "same": merged.same,
        "conflicts": len(merged.conflicts),
    }


def exchange(task: Task) -> dict[str, Any]:
    """Take in a project or codebook of REFI-QDA, or foresee it; what was lost, guessed or moved is listed in the result, by item."""
    from textcoder.workflow.exchanging import check_sees_all, import_refi, preview_refi

    check_sees_all(Standing(task.store.decisions()), task.job.coder)
    (source,) = sorted((task.folder / FILES).iterdir())
    act = preview_refi if task.job.arguments.get("dry_run") else import_refi
    done = act(task.store, source, task.chosen(), coder=_coder(task), progress=task.progress)
    written = json.dumps(asdict(done), ensure_ascii=False, indent=1)
    (task.folder / EXCHANGED).write_text(written, encoding="utf-8", errors="backslashreplace")
    if act is import_refi and done.transcripts:
        _embed(task)
    became = Counter(finding.became.value for finding in done.findings)
    counts = {name: value for name, value in asdict(done).items() if isinstance(value, int)}
    return {"how": done.how, **counts, "findings": dict(sorted(became.items()))}


def _coder(task: Task) -> Coder:
    """Whoever asked for the job, as the project knows her, or as she will be known."""
    asked = task.job.coder
    known = {coder.id: coder for coder in (*task.store.coders(), workflow.RESEARCHER)}
    return known.get(asked) or Coder(asked, asked, CoderKind.HUMAN)


KINDS: Mapping[JobKind, Callable[[Task], dict[str, Any]]] = {
    JobKind.IMPORT: import_,
    JobKind.CODE: code,
    JobKind.TRAIN: train,
    JobKind.REPORT: report,
    JobKind.EVIDENCE: evidence,
    JobKind.MERGE: merge,
    JobKind.EXCHANGE: exchange,
}
