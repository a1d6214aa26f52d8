"""Learning from one decision in a large project: `python -m tests.performance.learning [segments]`.

Made data: a seeded mixture of 60 codes in 384 dimensions; an entry is a noisy view of its code's centre. A decision is a segment
reviewed with its one code accepted. Vectors are given; embedding is not part of it.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textcoder.coder import Calibration, Known, MachineCoder
from textcoder.domain.codebook import Code
from textcoder.review import next_to_review

CODES, DIMENSIONS, MANNER, SEGMENTS = 60, 384, 64, 100_000
REVIEWED = (0, 1000, 3000)
ROUNDS = 40
Matrix = npt.NDArray[np.float32]


def made_project(n: int) -> tuple[list[Code], dict[str, Matrix], Matrix, npt.NDArray[np.intp]]:
    """Codes, their entries' vectors by name, unit vectors (n, 384), and the code of each."""
    draws = np.random.default_rng(20240917)
    centres = draws.normal(size=(CODES, DIMENSIONS))
    owner = draws.integers(CODES, size=n)
    vectors = (centres[owner] + 2.0 * draws.normal(size=(n, DIMENSIONS))).astype(np.float32)
    entries = (centres + 2.0 * draws.normal(size=centres.shape)).astype(np.float32)
    codes = [Code(id=str(j), name=f"code {j}") for j in range(CODES)]
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (entries, vectors)]
    return codes, {code.name: row for code, row in zip(codes, unit[0], strict=True)}, unit[1], owner


def known(owner: npt.NDArray[np.intp], read: int) -> Known:
    positive = {str(j): frozenset(np.flatnonzero(owner[:read] == j).tolist()) for j in range(CODES)}
    return Known(positive, {}, frozenset(range(read)))


def resident() -> float:
    """Memory of this process now, in MB (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def spread(seconds: Sequence[float]) -> str:
    return f"p50 {1000 * np.percentile(seconds, 50):6.0f} ms  p95 {1000 * np.percentile(seconds, 95):6.0f} ms"


def main(n: int) -> None:
    codes, entries, vectors, owner = made_project(n)

    def embed(texts: Sequence[str]) -> Matrix:
        return np.stack([entries[text] for text in texts])

    print(f"{n} segments of {DIMENSIONS} dimensions, {CODES} codes, {os.cpu_count()} cores; {ROUNDS} decisions each")
    before = resident()
    for read in REVIEWED:
        coder = MachineCoder(embed, Calibration.shipped())
        manner = np.random.default_rng(5).normal(size=(n, MANNER)).astype(np.float32)
        fits, updates, queries = [], [], []
        for _ in range(3):
            start = time.perf_counter()
            coder.fit(codes, vectors, known(owner, read), manner=manner)
            fits.append(time.perf_counter() - start)
        for more in range(1, ROUNDS + 1):
            decisions = known(owner, read + more)
            start = time.perf_counter()
            coder.update(decisions)
            updates.append(time.perf_counter() - start)
        positives = np.bincount(owner[: read + ROUNDS], minlength=CODES).tolist()
        for _ in range(ROUNDS):
            start = time.perf_counter()
            next_to_review(
                coder.probabilities_,
                coder.thresholds_,
                vectors,
                reviewed=range(read + ROUNDS),
                positives=positives,
                names=[code.name for code in codes],
            )
            queries.append(time.perf_counter() - start)
        print(f"{read} reviewed")
        print(f"  open the project (fit)         {spread(fits)}   goal: under 1000 ms")
        print(f"  learn from one more (update)   {spread(updates)}   goal: p95 under 90 ms")
        print(f"  the next ten to review         {spread(queries)}   goal: well under 100 ms")
    print(
        f"memory held by the coder {resident() - before:.0f} MB beside the vectors; the process {before:.0f} MB before it,"
    )
    print(f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEGMENTS)
