"""The demo study: the two gold coders with each other, and the machine with each, on the same 338 segments.

The gold coders are not people (corpora/demo/README.md says so): their agreement is no human ceiling.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.quality.figures import Figure, Goal, run
from tests.quality.measures import Rows, bootstrap, kappa
from textcoder.coder import Known
from textcoder.domain.study import Study
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject, Reading, code, import_codebook, import_files, place_lenses, read_study

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


FOLDS = 6


def taught_by_others(coded: dict[Place, set[str]]) -> dict[Place, set[str]]:
    """Names of the codes that a machine gives each place which has learned from one coder's codings of other people's interviews."""
    with tempfile.TemporaryDirectory() as scratch:
        store, settings = open_store(sqlite_url(Path(scratch) / "demo.db")), Settings()
        import_codebook(store, DEMO / "codebook.yaml")
        import_files(store, [DEMO / "interviews"], settings, reading=Reading(cases=DEMO / "cases.csv"))
        place_lenses(store, settings)
        live = LiveProject(store, settings)
        machine = live.machine
        transcripts = {one.id: one for one in store.transcripts()}
        rows = {(transcripts[s.transcript].name, s.start, s.end): row for row, s in enumerate(live.segments)}
        spoken = {place: live.segments[rows[place]] for place in coded}
        person = {place: transcripts[s.transcript].turns[s.turn].case or "" for place, s in spoken.items()}
        people, found = sorted(set(person.values())), {}
        for fold in range(FOLDS):
            own = set(people[fold::FOLDS])
            read = [place for place in coded if person[place] not in own]
            yes = {
                one.id: frozenset(rows[place] for place in read if one.name in coded[place]) for one in machine.codes_
            }
            machine.update(Known(yes, {}, frozenset(rows[place] for place in read)))
            for place in coded.keys() - set(read):
                likely = machine.probabilities_[rows[place]] >= machine.thresholds_
                found[place] = {one.name for one, given in zip(machine.codes_, likely, strict=True) if given}
        store.close()
    return found


@dataclass(frozen=True)
class Answers:
    """What each coder said of the same segments: coder -> (n,) of one answer each; and who spoke them."""

    by: dict[str, npt.NDArray[Any]]
    people: list[str]

    def kappa(self, one: str, other: str, rows: Rows | None = None) -> float:
        """Cohen's kappa, of some rows or of all."""
        a, b = (self.by[coder] if rows is None else self.by[coder][rows] for coder in (one, other))
        return kappa(a, b)

    def interval(self, one: str, other: str) -> tuple[float, float]:
        """Of the kappa, over people: what one person says hangs together."""
        return bootstrap(lambda rows: self.kappa(one, other, rows), self.people)


def with_interval(answers: Answers, one: str, other: str) -> str:
    """For print."""
    low, high = answers.interval(one, other)
    return f"{answers.kappa(one, other):.2f} ({low:.2f} to {high:.2f})"


def report() -> list[Figure]:
    """Print lens and code agreement of A with B, and of the machine with each; with A's and B's as what to be measured by."""
    coders, study = gold(), coded_demo()
    places = sorted(coders["A"])
    segment = {(study.transcript_by_id[s.transcript].name, s.start, s.end): s for s in study.segments}
    missing = [place for place in places if place not in segment]
    print(f"{len(places)} segments, {len(missing)} of them not segments of this version")
    places = [place for place in places if place in segment]
    people = [study.case(segment[place]) for place in places]
    placed = [study.placements[segment[place].id] for place in places]
    lens = Answers(
        {
            **{c: np.array([coders[c][place]["lens"].split("|")[0] for place in places]) for c in coders},
            "machine": np.array([placement.lens for placement in placed]),
        },
        people,
    )
    print("lens, Cohen's kappa over four classes (first lens where there are two); intervals over people")
    for one, other in (("A", "B"), ("machine", "A"), ("machine", "B")):
        print(f"  {one:>7} with {other}: {with_interval(lens, one, other)}")
    sure = [not placement.abstained for placement in placed]
    agree = lens.by["machine"] == lens.by["A"]
    print(
        f"  machine equals A: all {np.mean(agree):.2f}; where it does not abstain ({np.mean(sure):.0%}) {np.mean(agree[sure]):.2f}"
    )
    said: dict[str, set[Place]] = {}
    for coding in study.codings:
        name = study.codebook.get(coding.code)
        place = (study.transcript_by_id[coding.transcript].name, coding.start, coding.end)
        said.setdefault(name.name if name else "", set()).add(place)
    print("codes, Cohen's kappa over carried or not (codes that A gave at least five times)")
    codes = []
    taught = taught_by_others({place: set(coders["A"][place]["codes"].split("|")) for place in places})
    for entry in study.codebook.in_use:
        by = {c: np.array([entry.name in coders[c][place]["codes"].split("|") for place in places]) for c in coders}
        by["machine"] = np.array([place in said.get(entry.name, set()) for place in places])
        by["taught"] = np.array([entry.name in taught[place] for place in places])
        if by["A"].sum() >= 5:
            codes.append(Answers(by, people))
            ours, theirs = (with_interval(codes[-1], one, other) for one, other in (("machine", "A"), ("A", "B")))
            print(f"  {entry.name:<36} A with B {theirs:<22} machine with A {ours}")
    return figures(lens, codes)


def figures(lens: Answers, codes: Sequence[Answers]) -> list[Figure]:
    """The machine with each coder, beside what the coders reach with each other; the goal is nine tenths of that."""
    on, of, found = "demo (synthetic; coders are language models)", "segments", []
    between, n = lens.kappa("A", "B"), len(lens.people)
    for coder in ("A", "B"):
        found.append(
            Figure(
                f"lens, with coder {coder}", on, "kappa, four classes", lens.kappa("machine", coder),
                *lens.interval("machine", coder), "bootstrap over people", n, of, Goal(least=0.9 * between), coders=between,
            )
        )  # fmt: skip

    def mean(one: str, other: str, rows: Rows | None = None) -> float:
        return float(np.nanmean([code.kappa(one, other, rows) for code in codes]))

    between = mean("A", "B")
    ways = (("machine", "codes by entries alone"), ("taught", "codes learned from A's codings of other people"))
    for machine, what in ways:
        for coder in ("A", "B"):
            low, high = bootstrap(partial(mean, machine, coder), lens.people)
            found.append(
                Figure(
                    f"{what}, with coder {coder}", on, f"mean kappa of {len(codes)} codes", mean(machine, coder),
                    low, high, "bootstrap over people", n, of, Goal(least=0.9 * between), coders=between,
                )
            )  # fmt: skip
    return found


if __name__ == "__main__":
    run("demo", report)
