"""Small studies drawn from texts with human codes, and what is kept between runs: vectors, and what takes minutes to fit.

Every code of a set with 8 texts or more belongs to one of two halves. Constants of textcoder/themes are chosen on the half
`DEVELOPMENT`; figures are reported on the half `JUDGED`.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.registry import find_model

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SETS = ("banking77", "stackoverflow_titles", "nhs_fft")
KEPT = Path(os.environ.get("TEXTCODER_QUALITY_CACHE", Path(tempfile.gettempdir()) / "textcoder-quality"))
"""Vectors and rivals' groups, by the hash of what they follow from; may be deleted at any time."""

FEWEST_HELD = 8  # texts of a code that takes part in draws
CODES = (5, 12)
TEXTS = (60, 400)
FEWEST_DRAWN = 5  # texts of a code in a draw
EVENNESS = 2.0  # of the Dirichlet shares: with 10 codes, the largest has about five times the texts of the median
JUDGED, DEVELOPMENT = 1, 0

Groups = npt.NDArray[np.intp]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Coded:
    """Texts with one human code each; vectors are (n, d), unit rows."""

    texts: list[str]
    codes: npt.NDArray[np.str_]
    vectors: Vectors

    def take(self, rows: npt.NDArray[np.intp]) -> Coded:
        """The texts of some rows, in their order."""
        return Coded([self.texts[row] for row in rows], self.codes[rows], self.vectors[rows])


@cache
def encoder() -> Any:
    """The default encoder's weights in the stock runtime, which takes many texts at once."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_model("all-MiniLM-L6-v2").folder), device="cpu")


_known: dict[str, Vectors] = {}


def embed(texts: Sequence[str]) -> Vectors:
    """Vectors of texts or phrases, (n, d), unit rows; each asked of the encoder once a run."""
    new = [text for text in dict.fromkeys(texts) if text not in _known]
    if new:
        vectors = encoder().encode(new, normalize_embeddings=True, show_progress_bar=False)
        _known.update(zip(new, np.asarray(vectors, dtype=np.float32), strict=True))
    return np.array([_known[text] for text in texts], dtype=np.float32)


def kept(what: str, follows_from: Sequence[str], make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """An array that is made once and read from then on."""
    digest = hashlib.sha256(json.dumps([what, *follows_from]).encode()).hexdigest()[:24]
    path = KEPT / f"{digest}.npy"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        made = make()
        with tempfile.NamedTemporaryFile(dir=KEPT, suffix=".part", delete=False) as part:
            np.save(part, made)
        Path(part.name).replace(path)
    return np.asarray(np.load(path))


@cache
def coded(name: str) -> Coded:
    """A set's texts with exactly one code; of banking77 the test part, as published work does."""
    with (DATA / name / "items.jsonl").open(encoding="utf-8") as stream:
        items = [item for item in map(json.loads, stream) if len(item["codes"]) == 1]
    items = [item for item in items if name != "banking77" or item["split"] == "test"]
    texts = [item["text"] for item in items]
    vectors = kept("all-MiniLM-L6-v2", texts, lambda: embed(texts)).astype(np.float32)
    return Coded(texts, np.array([item["codes"][0] for item in items]), vectors)


def half(name: str, part: int) -> list[str]:
    """The codes of one half of a set; the halves have no code in common."""
    sizes = Counter(coded(name).codes.tolist())
    codes = sorted(code for code, size in sizes.items() if size >= FEWEST_HELD)
    np.random.default_rng(7).shuffle(codes)
    return codes[part::2]


def drawn(name: str, count: int, part: int = JUDGED) -> Iterator[Coded]:
    """Small studies of 5 to 12 codes and 60 to 400 texts, unbalanced as life is; the same ones in every run."""
    whole, codes = coded(name), half(name, part)
    for number in range(count):
        draws = np.random.default_rng([SETS.index(name), part, number])
        rows: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        while not TEXTS[0] <= len(rows) <= TEXTS[1]:  # rare codes have fewer texts than their share
            chosen = draws.choice(codes, draws.integers(CODES[0], min(CODES[1], len(codes)) + 1), replace=False)
            n = np.exp(draws.uniform(*np.log(TEXTS)))
            shares = draws.dirichlet(np.full(len(chosen), EVENNESS))
            rows = np.concatenate(
                [_some(whole, code, share * n, draws) for code, share in zip(chosen, shares, strict=True)]
            )
        yield whole.take(draws.permutation(rows))


def _some(whole: Coded, code: str, wanted: float, draws: np.random.Generator) -> npt.NDArray[np.intp]:
    held = np.flatnonzero(whole.codes == code)
    return draws.choice(held, min(len(held), max(FEWEST_DRAWN, round(wanted))), replace=False)
