"""Codebook + what is known of each code -> codings with probabilities. The machine is a coder like any other.

A code is compared by meaning: with its entry (name, definition, when to use), with its examples, and with the segments that are
known to carry it. How resemblance becomes a probability stands in models/coder.toml, with where its numbers come from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.domain.codebook import Code, CodeStatus, Origin
from textcoder.domain.coding import Coding, LensPlacement
from textcoder.domain.project import NO_LENS
from textcoder.domain.transcript import Segment
from textcoder.resources import data_folder
from textcoder.settings import Settings

Vectors = npt.NDArray[np.float32]
HARDLY = 0.125
"""Half of what a lens would get by chance (four answers): the lens head errs too often in spoken stories for more to be ruled out."""
MACHINE = "machine"
"""The id under which the machine codes."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How resemblance becomes a probability: a logistic curve over three numbers.

    Attributes:
        intercept: Of the log-odds.
        similarity: Weight of the cosine between segment and code.
        margin: Weight of how far that cosine lies above the mean over all codes of the book.
        lead: Weight of how far it lies above the best other code (negative: below).
        temperature: Of the softmax that shares a segment among the provisional codes of its lens; in cosines.
    """

    intercept: float
    similarity: float
    margin: float
    lead: float
    temperature: float

    @classmethod
    def shipped(cls) -> Calibration:
        """The curve in models/coder.toml."""
        table = tomllib.loads((data_folder("models") / "coder.toml").read_text(encoding="utf-8"))
        return cls(**table["calibration"])


class MachineCoder:
    """Suggests codes for segments by meaning.

    Args:
        embed: Texts -> unit rows (n, d), in the same space as the segments' vectors.
        calibration: See `Calibration`.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Vectors], calibration: Calibration) -> None:
        self.embed = embed
        self.calibration = calibration

    def fit(self, codes: Sequence[Code], known: Mapping[str, Vectors]) -> MachineCoder:
        """Learn what each code looks like.

        Args:
            codes: Those in use.
            known: Code id -> vectors (m, d) of segments that carry it; codes without any are compared by their entry alone.
        """
        self.codes_ = tuple(codes)
        rows = [self._prototype(code, known.get(code.id)) for code in self.codes_]
        self.prototypes_ = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
        return self

    def _prototype(self, code: Code, known: Vectors | None) -> Vectors:
        """The mean direction of what is known: the entry and the examples count as one each, known segments as one together.

        A machine-drafted definition only repeats the keywords of its own segments, so it is left out where segments are known.
        """
        parts: list[Vectors] = []
        if known is not None and len(known):
            parts.append(_unit(known.mean(axis=0)))
        if code.origin is not Origin.MODEL or not parts:
            entry = f"{code.name}. {code.definition} {code.include}".strip()
            parts.append(self.embed([entry])[0])
        if code.examples and code.origin is not Origin.MODEL:
            parts.append(_unit(self.embed([example.text for example in code.examples]).mean(axis=0)))
        return _unit(np.mean(parts, axis=0))

    def similarities(self, vectors: Vectors) -> Vectors:
        """Cosine of each segment to each code, (n, n_codes)."""
        if not self.codes_:
            return np.zeros((len(vectors), 0), dtype=np.float32)
        return np.asarray(vectors @ self.prototypes_.T, dtype=np.float32)

    def predict_proba(self, vectors: Vectors) -> Vectors:
        """Probability of each code for each segment, (n, n_codes); codes are independent, a segment may carry several."""
        similar = self.similarities(vectors)
        if not self.codes_:
            return similar
        c = self.calibration
        odds = c.intercept + sum(
            w * x for w, x in zip((c.similarity, c.margin, c.lead), evidence(similar), strict=True)
        )
        return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float32)

    def shares(self, vectors: Vectors) -> Vectors:
        """How a segment divides among the codes of one lens by resemblance, (n, n_codes); under each lens they sum to 1.

        For provisional codes, of which nobody has said yet what they mean; not calibrated against anybody's coding.
        """
        powers = np.exp(self.similarities(vectors) / self.calibration.temperature)
        same = np.array([[one.lens == other.lens for other in self.codes_] for one in self.codes_], dtype=np.float32)
        return np.asarray(powers / (powers @ same), dtype=np.float32) if self.codes_ else powers


def evidence(similar: Vectors) -> tuple[Vectors, Vectors, Vectors]:
    """Similarity, margin over the mean, and lead over the best other code; each (n, n_codes). Needs one code or more."""
    best = np.sort(similar, axis=1)[:, ::-1]
    second = best[:, 1:2] if similar.shape[1] > 1 else similar.mean(axis=1, keepdims=True)
    rival = np.where(similar == best[:, :1], second, best[:, :1])
    return similar, similar - similar.mean(axis=1, keepdims=True), similar - rival


def suggest(
    coder: MachineCoder,
    segments: Sequence[Segment],
    vectors: Vectors,
    placements: Mapping[str, LensPlacement],
    members: Mapping[str, str],
    settings: Settings,
) -> list[Coding]:
    """The machine's codings of all segments.

    A provisional code stands for its theme and for nothing else yet: just the segments of the theme carry it, with the probability of its
    lens times the segment's share among the codes of that lens. A code that a person made or confirmed is suggested wherever it is
    probable enough and the segment may be seen through its lens (codes without a lens fit any).

    Args:
        coder: Fitted.
        segments: What to code.
        vectors: (n_segments, d), unit rows in the same order.
        placements: Segment id -> lenses.
        members: Segment id -> id of the code that stands for its theme.
        settings: Thresholds.
    """
    codings = []
    rows = zip(segments, coder.predict_proba(vectors).tolist(), coder.shares(vectors).tolist(), strict=True)
    for segment, probabilities, shares in rows:
        placement = placements.get(segment.id)
        for code, probability, share in zip(coder.codes_, probabilities, shares, strict=True):
            if members.get(segment.id) == code.id:
                why = "one of the segments in which this theme was found"
                if code.status is CodeStatus.PROVISIONAL:
                    probability = share * (placement.probabilities.get(code.lens, 0.0) if placement else 1.0)
            elif (
                code.status is not CodeStatus.PROVISIONAL
                and probability >= settings.code_threshold
                and fits_lens(code, placement)
            ):
                why = "resembles the code's entry and examples"
            else:
                continue
            codings.append(
                Coding(
                    segment.transcript,
                    segment.start,
                    segment.end,
                    code.id,
                    MACHINE,
                    probability=round(probability, 4),
                    why=why,
                )
            )
    return codings


def fits_lens(code: Code, placement: LensPlacement | None) -> bool:
    """True unless the segment is hardly seen through the code's lens; two lenses may hold at once ("it helps, but nobody comes")."""
    if code.lens == NO_LENS or placement is None:
        return True
    return placement.probabilities.get(code.lens, 0.0) >= HARDLY


def _unit(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, dtype=np.float32)
