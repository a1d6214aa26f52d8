"""What to read next, and when to stop. Pure functions over what the machine coder says; the coder itself is not known here.

A segment is worth reading when it settles much: its codes are uncertain, above all codes that have been seen rarely, and it stands for many
others that nobody has read. The second half is the expected fall in the squared error of ridge regression over the whole corpus
(transductive experimental design, Yu, Bi and Tresp 2006); the first keeps rare codes in view, as AnchorAL does (Lesci and Vlachos 2024).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.prevalence import wilson

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

CANDIDATES = 1000
"""As many of the most uncertain, and as many chosen for nothing but their own numbers, are looked at closely."""
CORPUS = 2000
"""Segments that stand for all when it is asked how much a reading would tell about the others."""
UNCERTAINTY = 0.6
"""How much uncertainty counts beside standing for others (exponents 0.6 and 1); from the training halves in tests/quality/learning.py."""
RARE = 5
"""A code with fewer accepted segments is called rare."""
ALIKE = 0.98
"""Cosine from which one decision may cover both, as in the coder."""
APART = 0.9
"""No two of a batch are nearer to each other."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A segment that a person should read next.

    Attributes:
        row: Of the segment.
        reason: In words.
        codes: Rows of the codebook that the reason is about; none, one or two.
        alike: Other rows, unread, that say nearly the same: the decision may cover them.
    """

    row: int
    reason: str
    codes: tuple[int, ...]
    alike: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoppingHint:
    """Whether reading on would still change much.

    Attributes:
        looked: How many of the last reviewed segments this is about.
        changed: In how many of them the person changed the machine's suggestions.
        low: Of the share changed, 95 % (Wilson 1927).
        high: Likewise.
        unread: Codings to be expected among unread segments, all codes together.
        missed: Those of them that the machine would not suggest.
        sentence: All this in words.
    """

    looked: int
    changed: int
    low: float
    high: float
    unread: float
    missed: float
    sentence: str


def next_to_review(
    probabilities: Vectors,
    thresholds: Vectors,
    vectors: Vectors,
    *,
    reviewed: Collection[int],
    positives: Sequence[int],
    names: Sequence[str],
    limit: int = 10,
) -> list[Proposal]:
    """The segments to read next, best first; deterministic, and the same whatever the order of rows.

    Args:
        probabilities: (n, n_codes).
        thresholds: (n_codes,).
        vectors: (n, d), unit rows.
        reviewed: Rows that a person has read as a whole.
        positives: Accepted segments of each code.
        names: Of the codes.
        limit: How many; fewer come when fewer are unread.
    """
    read = np.zeros(len(vectors), dtype=bool)
    done = np.array(sorted(reviewed), dtype=np.intp)
    read[done] = True
    rarity = 1.0 / np.sqrt(1.0 + np.asarray(positives, dtype=np.float64))
    doubt = _doubt(probabilities, rarity.astype(np.float32))
    candidates = _candidates(doubt, vectors, read)
    if not len(candidates):
        return []
    mean = vectors[_spread_out(vectors, np.arange(len(vectors)), CORPUS)].mean(axis=0, dtype=np.float64)
    worth = _tells_of_others(vectors, candidates, done, mean) * (doubt[candidates] + 1e-6) ** UNCERTAINTY
    chosen = candidates[_apart(worth, vectors[candidates], limit)]
    close = vectors @ vectors[chosen].T >= ALIKE
    close[done] = False
    found = []
    for place, row in enumerate(chosen.tolist()):
        codes, reason = _reason(probabilities[row], thresholds, positives, rarity, names)
        alike = [other for other in np.flatnonzero(close[:, place]).tolist() if other != row]
        if not codes:
            nearest = float((vectors[done] @ vectors[row]).max()) if len(done) else -1.0
            reason = "unlike anything reviewed so far" if nearest < 0.5 else "stands for many segments not yet reviewed"
        found.append(Proposal(row, reason, codes, tuple(alike)))
    return found


def stopping_hint(
    changed: Sequence[bool],
    probabilities: Vectors,
    thresholds: Vectors,
    *,
    reviewed: Collection[int],
    last: int = 50,
) -> StoppingHint:
    """How often the machine was still corrected lately, and what it would leave unfound.

    Args:
        changed: For each reviewed segment, in the order of reading: did the person change what the machine suggested?
        probabilities: (n, n_codes); trusted as calibrated.
        thresholds: (n_codes,).
        reviewed: Rows that a person has read as a whole.
        last: How many of the latest readings count.
    """
    recent = list(changed)[-last:]
    low, high = wilson(sum(recent), len(recent)) if recent else (0.0, 1.0)
    unread = np.ones(len(probabilities), dtype=bool)
    unread[list(reviewed)] = False
    left = probabilities[unread]
    expected = float(left.sum(dtype=np.float64))
    missed = float(left.sum(dtype=np.float64, where=left < thresholds))
    lately = (
        f"In {sum(recent)} of the last {len(recent)} segments read the suggestions were changed "
        f"({low:.0%} to {high:.0%}, 95 % interval). "
        if recent
        else "What was read so far was read without suggestions. "
        if len(reviewed)
        else "Nothing has been read yet. "
    )
    sentence = (
        f"{lately}By its own probabilities the machine expects {expected:.0f} codings among the {int(unread.sum())} "
        f"unread segments, and would miss {missed:.0f} of them."
    )
    return StoppingHint(len(recent), sum(recent), low, high, expected, missed, sentence)


def _doubt(probabilities: Vectors, rarity: Vectors) -> Vectors:
    """Variance of each segment's codes, rare codes counting more, (n,)."""
    columns = probabilities.T  # column by column in memory, as the coder keeps them
    doubt = np.empty(len(probabilities), dtype=np.float32)
    for start in range(0, len(doubt), 8192):
        part = columns[:, start : start + 8192]
        doubt[start : start + 8192] = rarity @ (part * (1.0 - part))
    return doubt


def _candidates(doubt: Vectors, vectors: Vectors, read: npt.NDArray[np.bool_]) -> Rows:
    """Unread rows worth a closer look: the most uncertain ones, and some of all kinds."""
    unread = np.flatnonzero(~read)
    few = min(CANDIDATES, len(unread))
    uncertain = unread[np.argpartition(-doubt[unread], few - 1)[:few]] if few else unread
    return np.union1d(uncertain, _spread_out(vectors, unread, CANDIDATES))


def _spread_out(vectors: Vectors, rows: Rows, size: int) -> Rows:
    """Up to `size` of the rows, chosen by their own numbers, so that the order of rows does not matter."""
    if len(rows) <= size:
        return rows
    mixed = np.ascontiguousarray(vectors[rows, 0]).view(np.uint32) * np.uint32(
        2654435761
    )  # Knuth's multiplicative hash
    return rows[np.sort(np.argpartition(mixed, size)[:size])]


def _tells_of_others(vectors: Vectors, candidates: Rows, done: Rows, mean: Numbers) -> Numbers:
    """How much the mean squared error over the corpus falls when a candidate is read, (n_candidates,)."""
    length = max(1.0 - float(mean @ mean), 1e-6)

    def centred(rows: Rows) -> Numbers:
        return np.asarray((vectors[rows] - mean) / np.sqrt(length))

    known, corpus, asked = (
        centred(done),
        centred(_spread_out(vectors, np.arange(len(vectors)), CORPUS)),
        centred(candidates),
    )
    covariance = np.linalg.inv(np.eye(vectors.shape[1]) + known.T @ known)
    reach = asked @ covariance
    told = np.einsum("cd,cd->c", reach @ (corpus.T @ corpus / len(corpus)), reach)
    return np.asarray(told / (1.0 + np.einsum("cd,cd->c", reach, asked)))


def _apart(worth: Numbers, vectors: Vectors, limit: int) -> list[int]:
    """Places of the worthiest; each choice lowers what lies in its direction, and rules out what says the same."""
    left = worth + 1e-12  # a segment that tells nothing new is still better than none
    chosen: list[int] = []
    while len(chosen) < limit and left.max(initial=0.0) > 0:
        best = int(left.argmax())
        chosen.append(best)
        likeness = np.clip(vectors @ vectors[best], 0.0, 1.0)
        left *= np.where(likeness >= APART, 0.0, 1.0 - likeness)
        left[best] = 0.0
    return chosen


def _reason(
    probability: Vectors, thresholds: Vectors, positives: Sequence[int], rarity: Numbers, names: Sequence[str]
) -> tuple[tuple[int, ...], str]:
    """The codes that a segment would settle, and what to tell the reader; no codes where none is in question."""
    if not len(probability):
        return (), ""
    doubt = rarity * probability * (1.0 - probability)
    most = int(doubt.argmax())
    in_question = probability[most] >= thresholds[most] / 2
    if in_question and positives[most] < RARE:
        if positives[most]:
            return (most,), f"rare code {names[most]}: near its known segments"
        return (most,), f"rare code {names[most]}: near its entry; no segment is known yet"
    order = np.argsort(-probability, kind="stable")
    first, second = int(order[0]), int(order[1]) if len(order) > 1 else int(order[0])
    if first != second and probability[second] >= max(thresholds[second], probability[first] / 2):
        return (first, second), f"the machine wavers between {names[first]} and {names[second]}"
    if in_question:
        return (most,), f"the machine is unsure of {names[most]}"
    return (), ""
