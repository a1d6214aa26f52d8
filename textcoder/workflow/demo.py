"""The demo study: coded by the machine alone, or with the two coders whose codings come with it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from textcoder.domain import acts
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By, Decision
from textcoder.domain.sample import Sample
from textcoder.domain.standing import Standing
from textcoder.domain.study import Study
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.batch import code_batch
from textcoder.workflow.coding import code
from textcoder.workflow.live import LiveProject
from textcoder.workflow.reading import Reading
from textcoder.workflow.results import read_study, write_results
from textcoder.workflow.steps import Progress, now, silent

NAME = "The Bridge: a synthetic demo study"
SAMPLE = "gold"
_CODERS = (
    Coder("A", "Coder A (synthetic, no person)", CoderKind.HUMAN),
    Coder("B", "Coder B (synthetic, no person)", CoderKind.HUMAN),
)


def code_demo(
    store: Store, out: Path, settings: Settings, *, coders: bool = False, progress: Progress = silent
) -> tuple[Study, tuple[str, ...]]:
    """The demo interviews in, a coded project out.

    Args:
        store: Where the project is kept.
        out: Folder for the results.
        settings: See `Settings`.
        coders: Code by the codebook of the demo, and take in what its two coders said, each without sight of the other, of the 13
            segments of each interview that were drawn by chance; the machine learns from them.
        progress: Told of each stage.

    Returns:
        As `code_batch`.
    """
    folder = data_folder("corpora") / "demo"
    found = code_batch(
        store,
        [folder / "interviews"],
        out,
        settings,
        reading=Reading(cases=folder / "cases.csv"),
        codebook=folder / "codebook.yaml" if coders else None,
        name=NAME,
        progress=progress,
    )
    if not coders:
        return found
    live = LiveProject(store, settings)
    if SAMPLE not in live.standing.samples:
        _take_in(live, folder / "gold" / "codings.csv")
    code(store, settings, progress=progress)
    study = read_study(store, settings)
    return study, write_results(store, study, out, progress=progress)


def _take_in(live: LiveProject, codings: Path) -> None:
    """What the two coders said, as a sample that they coded blind and that was released afterwards; all of it or nothing."""
    with codings.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    transcripts = {one.name: one.id for one in live.transcripts.values()}
    codes = {one.name: one.id for one in live.standing.codebook}
    spans = [(transcripts[row["file"]], int(row["start"]), int(row["end"])) for row in rows]
    sizes, drawn = Counter(s.transcript for s in live.segments), Counter(span[0] for span in set(spans))
    sample = Sample(
        SAMPLE,
        {f"{t}:{start}-{end}": drawn[t] / sizes[t] for t, start, end in sorted(set(spans))},
        tuple(coder.id for coder in _CODERS),
        seed=2026,
        by="file",
        population=len(live.segments),
    )
    with live.store.transaction():
        live.do(lambda standing: acts.draw(standing, sample, By("A", now())), coder=_CODERS[0])
        for coder in _CODERS:
            own = [(span, row) for span, row in zip(spans, rows, strict=True) if row["coder"] == coder.id]

            def said(
                standing: Standing, coder: Coder = coder, own: list[tuple[acts.Span, dict[str, str]]] = own
            ) -> list[Decision]:
                by = By(coder.id, now())
                return [
                    decision
                    for span, row in own
                    for decision in acts.review(
                        standing,
                        f"{span[0]}:{span[1]}-{span[2]}",
                        span,
                        {codes[name] for name in row["codes"].split("|") if name},
                        (),
                        by,
                    )
                ]

            live.do(said, coder=coder)
        live.do(lambda standing: acts.release(standing, SAMPLE, By("A", now())), coder=_CODERS[0])
