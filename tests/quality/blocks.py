"""How well topic blocks match those that people marked in meetings: `python -m tests.quality.blocks` (about a minute).

Constants of textcoder/blocks.py, and the k of the baseline, were chosen on seven meetings (one team's of AMI, one group's of ICSI); only
the other seven, of another team and another group, are judged here. Marks of the transcribers ({vocalsound}) are taken out first. A
span that people marked begins a block, and so does a gap of more than two turns between spans, since it is about something else.

Pk and WindowDiff are errors (0 is best), F1 gives two turns' grace, and once more ten. Read them together: no boundary at all has a Pk
of .4 or less, and an F1 of 0. Equal blocks are given the number that we found, and once more the number that people marked, which
nobody knows; so are ours. Intervals are 95 % over meetings (bootstrap), and with seven of them they are wide.

Nobody has marked the topics of interviews that could be judged by. So excerpts of the synthetic demo interviews are put one after the
other, and the seams are to be found (after Choi, 2000): harder in that nobody opens or closes a topic there, easier in that another
life begins. The price of a boundary in interviews was chosen on the first wave; the others are judged.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.quality.boundaries import boundary_f1, pk, window_diff
from tests.quality.figures import Figure, run
from textcoder import blocks
from textcoder.domain.transcript import Role, Transcript, Turn
from textcoder.embeddings import load_embedder
from textcoder.resources import data_folder
from textcoder.segmentation import segment_transcript
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import Reading, import_files
from textcoder.workflow.blocks import questions_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "qmsum_segmentation"
DEVELOPMENT = ("ES2006a", "ES2006b", "ES2006c", "ES2006d", "Bed002", "Bed010", "Bed015")
JUDGED = ("ES2009a", "ES2009b", "ES2009c", "ES2009d", "Bmr005", "Bmr012", "Bmr026")
SMALL_GAP = 2  # turns between two spans that make no block of their own
RESAMPLES = 10_000
STITCHED = 30

_TIDY = (
    (re.compile(r"\{[^}]*\}"), " "),
    (re.compile(r"\s+"), " "),
    (re.compile(r" (?=[.,?!;:'])"), ""),
    (re.compile(r"(?<=\w)' (?=(?:s|re|m|ll|ve|d|t)\b)"), "'"),
    (re.compile(r"(\w) - (?=\w)"), r"\1-"),
)


@dataclass(frozen=True)
class Meeting:
    """A transcript, and the first turns of the blocks that people marked, but for the first."""

    transcript: Transcript
    marked: tuple[int, ...]

    @property
    def n(self) -> int:
        return len(self.transcript.turns)


def meeting(name: str) -> Meeting:
    given = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    text, turns = "", []
    for turn in given["turns"]:
        said = tidy(turn["text"])
        turns.append(Turn(len(text), len(text) + len(said), turn["speaker"]))
        text += said + "\n"
    spans = sorted((first, last + 1) for topic in given["topics"] for first, last in topic["spans"])
    return Meeting(Transcript(name, name, text, tuple(turns), ""), marked(spans, len(turns)))


def tidy(text: str) -> str:
    """Without the transcribers' marks and the blanks before punctuation."""
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return text.strip()


def marked(spans: Sequence[tuple[int, int]], n: int) -> tuple[int, ...]:
    """Where blocks begin: at spans, and where a gap of more than two turns begins."""
    starts, end = set(), 0
    for first, last in [*spans, (n, n)]:
        starts |= {first, *([end] if first - end > SMALL_GAP else [])}
        end = max(end, last)
    return tuple(sorted(start for start in starts if 0 < start < n))


def equal(n: int, boundaries: int) -> list[int]:
    """Boundaries of blocks of equal length."""
    return sorted({round(n * i / (boundaries + 1)) for i in range(1, boundaries + 1)} - {0, n})


def every(n: int, k: int) -> list[int]:
    return list(range(k, n, k))


def scores(one: Meeting, found: Sequence[int]) -> tuple[float, float, float, float, int]:
    """Pk, WindowDiff, F1 within two turns and within ten, how many."""
    errors = pk(one.n, one.marked, found), window_diff(one.n, one.marked, found)
    return *errors, boundary_f1(one.marked, found), boundary_f1(one.marked, found, within=10), len(found)


def tuned_k(meetings: Sequence[Meeting]) -> int:
    """The k that is best on meetings, in the mean of Pk, WindowDiff and 1 - F1."""

    def error(k: int) -> float:
        rows = [scores(one, every(one.n, k)) for one in meetings]
        return float(np.mean([row[0] + row[1] + 1 - row[2] for row in rows]))

    return min(range(10, 401, 10), key=error)


class Ours:
    """Blocks as the product finds them."""

    def __init__(self) -> None:
        self.settings, self.encoder = Settings(), load_embedder(Settings())
        self.formulas = blocks.Formulas(self.embed(blocks.OPENINGS), self.embed(blocks.CLOSINGS))

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Each text once: the stitched interviews hold some of them many times."""
        return np.array([self._row(text) for text in texts], dtype=np.float32)

    @cache  # noqa: B019  # there is one, and it lives as long as the report
    def _row(self, text: str) -> npt.NDArray[np.float32]:
        return self.encoder.embed([text])[0]

    def said(self, one: Meeting) -> blocks.Said:
        units = [*segment_transcript(one.transcript, self.settings), *questions_of(one.transcript)]
        return blocks.Said(units, self.embed([one.transcript.quotation(u.start, u.end) for u in units]))

    def found(self, one: Meeting, said: blocks.Said, *, number: int | None = None) -> list[int]:
        """Boundaries; with a number, at the price at which about so many are found."""
        if number is None:
            return self._at_price(one, said, None)
        tried = [self._at_price(one, said, price) for price in np.arange(4.0, 40.0, 0.5)]
        return min(tried, key=lambda found: abs(len(found) - number))

    def _at_price(self, one: Meeting, said: blocks.Said, price: float | None) -> list[int]:
        found = blocks.find_blocks(one.transcript, said, self.formulas, price=price)
        return [block.start for block in found[1:]]


def mean_with_ends(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Mean with its interval over meetings."""
    draws = np.random.default_rng(11).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


def interval(values: npt.NDArray[np.float64]) -> str:
    """For print."""
    mean, low, high = mean_with_ends(values)
    return f"{mean:5.2f} ({low:5.2f} to {high:5.2f})"


def interviews() -> tuple[list[Transcript], list[Transcript]]:
    """Those of the synthetic demo study: of the first wave, and of the others."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(sqlite_url(Path(scratch) / "demo.db"))
        import_files(store, [data_folder("corpora") / "demo" / "interviews"], Settings(), reading=Reading())
        found = store.transcripts()
        store.close()
    first = [one for one in found if one.name.startswith("w1")]
    return first, [one for one in found if one not in first]


def stitched(sources: Sequence[Transcript], seed: int, count: int = 5) -> Meeting:
    """Excerpts of some 4 to 48 turns of several interviews, one after the other, as if one person were asked (after Choi, 2000)."""
    draws = np.random.default_rng(seed)
    text, turns, starts = "", [], []
    for number in draws.choice(len(sources), count, replace=False):
        source = sources[number]
        length = int(4 * 12 ** draws.random())  # topics are of unequal length
        asks = [i for i, turn in enumerate(source.turns) if turn.role is Role.INTERVIEWER]
        first = min((i for i in asks if i >= draws.integers(2, max(3, len(source.turns) - length))), default=asks[0])
        end = min((i for i in asks if i >= first + length), default=len(source.turns))
        starts.append(len(turns))
        for turn in source.turns[first:end]:
            said = source.quotation(turn.start, turn.end)
            turns.append(replace(turn, start=len(text), end=len(text) + len(said), speaker=turn.role.value))
            text += said + "\n"
    return Meeting(Transcript(f"stitched{seed}", "stitched", text, tuple(turns), ""), tuple(starts[1:]))


def table(ours: Ours, meetings: Sequence[Meeting], k: int, on: str) -> list[Figure]:
    """Print ours beside the baselines; as figures what the product finds by itself, `on` names what it is judged on."""
    said = [ours.said(one) for one in meetings]
    found = [ours.found(one, heard) for one, heard in zip(meetings, said, strict=True)]
    given = [ours.found(one, heard, number=len(one.marked)) for one, heard in zip(meetings, said, strict=True)]
    number = {one.transcript.id: len(held) for one, held in zip(meetings, found, strict=True)}
    baselines: dict[str, Callable[[Meeting], list[int]]] = {
        "none": lambda one: [],
        f"every {k} turns (k chosen on the development part)": lambda one: every(one.n, k),
        "equal, as many as ours": lambda one: equal(one.n, number[one.transcript.id]),
        "equal, as many as people's": lambda one: equal(one.n, len(one.marked)),
    }
    rows = {
        "ours": found,
        "ours, as many as people's": given,
        **{name: [make(one) for one in meetings] for name, make in baselines.items()},
    }
    judged = {
        name: np.array([scores(one, held) for one, held in zip(meetings, held_by, strict=True)], dtype=np.float64)
        for name, held_by in rows.items()
    }
    print(f"{'':52} {'Pk':22} {'WindowDiff':22} {'F1 within two turns':22} {'F1 within ten':22} boundaries")
    for name, values in judged.items():
        cells = " ".join(f"{interval(values[:, i]):22}" for i in range(4))
        print(f"{name:52} {cells} {values[:, 4].mean():.1f}")
    print("differences (ours less the baseline; Pk and WindowDiff better below 0, F1 above)")
    for name in baselines:
        mine = judged["ours, as many as people's" if "people" in name else "ours"]
        cells = " ".join(f"{interval(mine[:, i] - judged[name][:, i]):22}" for i in range(4))
        print(f"{name:52} {cells}")
    return figures(judged, on)


def figures(judged: dict[str, npt.NDArray[np.float64]], on: str) -> list[Figure]:
    """Of `scores` of each meeting, by way."""
    measures = ("Pk (an error)", "WindowDiff (an error)", "F1 within two turns", "F1 within ten turns")
    beside = [name for name in judged if not name.startswith("ours") and "people" not in name]
    return [
        Figure(
            "topic blocks", on, measure, *mean_with_ends(judged["ours"][:, i]), "bootstrap over meetings",
            len(judged["ours"]), "conversations",
            baselines={name.partition(" (")[0]: float(judged[name][:, i].mean()) for name in beside},
        )
        for i, measure in enumerate(measures)
    ]  # fmt: skip


def report() -> list[Figure]:
    """Print the tables."""
    ours, found = Ours(), []
    if DATA.is_dir():
        meetings = [meeting(name) for name in JUDGED]
        people = sum(len(one.marked) for one in meetings) / len(meetings)
        turns = sum(one.n for one in meetings)
        print(f"meetings: {len(meetings)}, {turns:,} turns, {people:.1f} boundaries each, marked by people")
        found += table(ours, meetings, tuned_k([meeting(name) for name in DEVELOPMENT]), "qmsum_segmentation")
    else:
        print("The meetings are not there; they are not judged.")
    first, others = interviews()
    print(
        f"\nexcerpts of synthetic interviews put one after the other: {STITCHED}, of {len(others)} interviews, 4 boundaries each"
    )
    k = tuned_k([stitched(first, seed) for seed in range(STITCHED)])
    return found + table(ours, [stitched(others, seed) for seed in range(STITCHED)], k, "demo, stitched (synthetic)")


if __name__ == "__main__":
    run("blocks", report)
