"""The demo study: the two gold coders with each other, and the machine with each, on the same 338 segments.

The gold coders are not people (corpora/demo/README.md says so): their agreement is no human ceiling.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import cohen_kappa_score

from textcoder.domain.study import Study
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import Reading, code, import_codebook, import_files, place_lenses, read_study

DEMO = data_folder("corpora") / "demo"
Place = tuple[str, int, int]


def gold() -> dict[str, dict[Place, dict[str, str]]]:
    """Coder -> (file, start, end) -> row."""
    coders: dict[str, dict[Place, dict[str, str]]] = {}
    with (DEMO / "gold" / "codings.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            coders.setdefault(row["coder"], {})[row["file"], int(row["start"]), int(row["end"])] = row
    return coders


def coded_demo() -> Study:
    """The demo coded with its own codebook, entries alone."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(sqlite_url(Path(scratch) / "demo.db"))
        settings = Settings()
        import_codebook(store, DEMO / "codebook.yaml")
        import_files(store, [DEMO / "interviews"], settings, reading=Reading(cases=DEMO / "cases.csv"))
        place_lenses(store, settings)
        code(store, settings)
        study = read_study(store, settings)
        store.close()
    return study


def kappa(one: Sequence[object], other: Sequence[object], draws: int = 400) -> str:
    """Cohen's kappa with a 95 % percentile bootstrap over segments."""
    a, b = np.array(one), np.array(other)
    rng = np.random.default_rng(1)
    values = [_kappa(a[i], b[i]) for i in (rng.integers(0, len(a), len(a)) for _ in range(draws))]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return f"{_kappa(a, b):.2f} ({low:.2f} to {high:.2f})"


def _kappa(a: np.ndarray, b: np.ndarray) -> float:
    """NaN where both use one answer only, and no agreement beyond chance can be told."""
    answers = np.unique([a, b])
    return float(cohen_kappa_score(a, b, labels=answers)) if len(answers) > 1 else float("nan")


def report() -> None:
    """Print lens and code agreement of A with B, and of the machine with each."""
    coders, study = gold(), coded_demo()
    places = sorted(coders["A"])
    segment = {(study.transcript_by_id[s.transcript].name, s.start, s.end): s for s in study.segments}
    missing = [place for place in places if place not in segment]
    print(f"{len(places)} segments, {len(missing)} of them not segments of this version")
    places = [place for place in places if place in segment]
    lens = {c: [coders[c][place]["lens"].split("|")[0] for place in places] for c in coders}
    placed = [study.placements[segment[place].id] for place in places]
    lens["machine"] = [placement.lens for placement in placed]
    print("lens, Cohen's kappa over four classes (first lens where there are two)")
    for one, other in (("A", "B"), ("machine", "A"), ("machine", "B")):
        print(f"  {one:>7} with {other}: {kappa(lens[one], lens[other])}")
    sure = [not placement.abstained for placement in placed]
    agree = [m == a for m, a in zip(lens["machine"], lens["A"], strict=True)]
    kept = [a for a, s in zip(agree, sure, strict=True) if s]
    print(
        f"  machine equals A: all {np.mean(agree):.2f}; where it does not abstain ({np.mean(sure):.0%}) {np.mean(kept):.2f}"
    )
    said: dict[str, set[Place]] = {}
    for coding in study.codings:
        name = study.codebook.get(coding.code)
        place = (study.transcript_by_id[coding.transcript].name, coding.start, coding.end)
        said.setdefault(name.name if name else "", set()).add(place)
    print("codes, Cohen's kappa over carried or not (codes that A gave at least five times)")
    for entry in study.codebook.in_use:
        by = {c: [entry.name in coders[c][place]["codes"].split("|") for place in places] for c in coders}
        by["machine"] = [place in said.get(entry.name, set()) for place in places]
        if sum(by["A"]) >= 5:
            print(
                f"  {entry.name:<36} A with B {kappa(by['A'], by['B']):<22} machine with A {kappa(by['machine'], by['A'])}"
            )


if __name__ == "__main__":
    report()
