"""One decision in a large project, and opening it: `python -m tests.performance.decisions [segments]`.

Made data: 300 people in 3 waves, 60 codes, texts of 12 made words, vectors from a seeded mixture of 60 themes; a SQLite file.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, CoderKind, LensPlacement
from textcoder.domain.decision import By
from textcoder.domain.project import Case
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, Transcript, Turn
from textcoder.settings import Settings
from textcoder.store import Store, open_store, sqlite_url
from textcoder.workflow import LiveProject, review_next

SEGMENTS, CODES, CASES, WAVES, DIMENSIONS, MANNER = 100_000, 60, 300, 3, 384, 64
ANA = Coder("ana", "Ana", CoderKind.HUMAN)
BY = By("ana", "2024-03-01T10:00:00Z")


class MixtureEmbedder:
    """Texts of made words to vectors: those that begin with the same word lie together."""

    name, key, n_dims = "mixture", "mixture/1", DIMENSIONS

    def __init__(self) -> None:
        self.centres = np.random.default_rng(1).normal(size=(CODES, DIMENSIONS))

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            seed = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
            theme = int(text.split()[0][5:] or 0) if text.startswith("theme") else seed % CODES
            row[:] = self.centres[theme % CODES] + 2.0 * np.random.default_rng(seed).normal(size=DIMENSIONS)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def transcripts(n: int) -> Iterator[tuple[Transcript, list[Segment]]]:
    """Interviews with one segment a turn."""
    draw = random.Random(3)
    per = n // (CASES * WAVES)
    for case in range(CASES):
        for wave in range(1, WAVES + 1):
            text, turns = "", []
            for _ in range(per):
                words = f"theme{draw.randrange(CODES)} " + " ".join(f"w{draw.randrange(4000)}" for _ in range(11)) + "."
                turns.append(Turn(len(text), len(text) + len(words), f"P{case}", Role.PARTICIPANT, f"P{case}"))
                text += words + "\n"
            digest = sha256(text.encode()).hexdigest()
            one = Transcript(f"t{digest[:12]}", f"w{wave}_P{case}.txt", text, tuple(turns), digest, wave=str(wave))
            yield one, [Segment.of(one.id, i, turn.start, turn.end) for i, turn in enumerate(turns)]


def fill(store: Store, n: int) -> None:
    """The project: transcripts, vectors, lenses, a codebook."""
    with store.transaction():
        for one, segments in transcripts(n):
            file = SourceFile(one.name, one.sha256, Outcome.READ, "", one.id)
            store.add_transcript(one, segments, file=file, original=b"")
        store.save_cases([Case(f"P{i}", f"P{i}", {"group": f"g{i % 3}", "site": f"s{i % 4}"}) for i in range(CASES)])
        odds = {"what_works": 0.3, "barriers": 0.3, "signs_of_progress": 0.2, "none": 0.2}
        store.save_placements([LensPlacement(segment.id, odds) for segment in store.segments()])
    live = LiveProject(store, Settings(), embedder=MixtureEmbedder())
    lenses = ("what_works", "barriers", "signs_of_progress")
    codes = [Code(f"c{i}", f"theme{i}", f"theme{i} is spoken of.", lens=lenses[i % 3]) for i in range(CODES)]
    live.do(lambda standing: [d for code in codes for d in acts.add_code(standing, code, BY)], coder=ANA)
    _ = live.vectors


def measure(path: Path, decisions: int) -> None:
    """Open, decide, and print."""
    start = time.perf_counter()
    store = open_store(sqlite_url(path), create=False)
    live = LiveProject(store, Settings(), embedder=MixtureEmbedder())
    live.manner = np.random.default_rng(5).normal(size=(len(live.segments), MANNER)).astype(np.float32)
    _ = live.machine
    opened = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"opening, until the first suggestion can be asked   {opened:6.2f} s, peak {peak:.0f} MB   goal: under 3 s")
    _decide(live, decisions, "the first")
    for read in (1000, 3000):
        _read_up_to(live, read)
        _decide(live, decisions // 4, f"after {read} more")
    store.close()


def _decide(live: LiveProject, decisions: int, when: str) -> None:
    """So many decisions one by one, each on what the queue gives, and what they cost."""
    whole, queue = [], []
    for _ in range(decisions):
        start = time.perf_counter()
        (one,) = review_next(live, 1, coder="ana")
        queue.append(time.perf_counter() - start)
        theme = one.text.split()[0][5:]
        start = time.perf_counter()
        live.review(one.segment, {f"c{theme}"}, coder=ANA)
        _ = live.suggestions(one.segment)
        whole.append(time.perf_counter() - start)
    print(f"{when}: {decisions} decisions")
    for what, seconds, goal in (
        ("  stored, learned, every suggestion fresh", whole, "goal: p95 under 150 ms"),
        ("  the next segment to review", queue, ""),
    ):
        p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
        print(f"{what:<45} p50 {p50:5.0f} ms, p95 {p95:5.0f} ms   {goal}")


def _read_up_to(live: LiveProject, read: int) -> None:
    """Review so many more segments in one act."""
    waiting = [s for s in live.segments if s.id not in live.standing.reviewed][:: len(live.segments) // (2 * read)]
    chosen = [(s, (s.transcript, s.start, s.end), f"c{live.text(s).split()[0][5:]}") for s in waiting[:read]]
    live.do(lambda st: [d for s, span, code in chosen for d in acts.review(st, s.id, span, {code}, (), BY)], coder=ANA)


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else SEGMENTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.db"
        store = open_store(sqlite_url(path))
        start = time.perf_counter()
        fill(store, n)
        store.close()
        print(
            f"{n} segments, {CODES} codes; made in {time.perf_counter() - start:.0f} s, {path.stat().st_size / 2**20:.0f} MB"
        )
        measure(path, 200)
