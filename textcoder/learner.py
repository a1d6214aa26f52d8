"""Entries + decisions -> how far a segment speaks for each code: two regressions, each drawn towards the entry, and their mean.

Regression by least squares is good from the first example on and has an exact leave-one-out; logistic regression is better with many.
They err in different places: together they rank as well as the better one everywhere, and choose better than both (docs/decisions/0016).
Without a decision both *are* the entry. It is a pure function: the search for the logistic one always starts at the entry and takes the
same steps, so that a decision taken back is forgotten to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

ENTRY_WEIGHT = 1.0
"""Least squares: an entry counts as much as one decided segment in every direction; .5 to 2 do about as well."""
NO = -0.25
"""What a rejection teaches least squares (an acceptance teaches 1, a segment read and left uncoded 0): a person took the trouble."""
STEEP, UNLIKELY = 8.0, -3.0
"""What an entry says to the logistic one before anybody decided: log-odds of STEEP x cosine + UNLIKELY; 6 to 12 do about as well."""
FREE, FREE_LEVEL = 0.5, 3.0
"""Precisions of its prior: of each direction, and of the intercept. The second keeps a code that nobody has given yet from sinking
below all others as more and more is read."""
REJECTED = 2.0
"""How many segments left uncoded a rejection counts as in the logistic one."""
LOUDER = 0.5
"""How far a rare code is made up for, in both: the power of a ratio of counts."""
DIRECTIONS = 256
"""Beyond the widest directions of the project the logistic one keeps what the entry says; all 384 are a third slower and no better."""
STEPS, BEND = 10, 0.05
"""Steps of its search (15 and 30 are no better on segments that it has not seen), and the usual p (1 - p), which sets their lengths."""


@dataclass(frozen=True, slots=True)
class Directions:
    """The widest directions of a project.

    Attributes:
        basis: (d, r), columns of length 1, the widest first.
        width: (r,) variance along each.
    """

    basis: Numbers
    width: Numbers

    @classmethod
    def widest(cls, rows: Numbers) -> Directions:
        """Of (n, d) centred rows. Cost: n d^2 and one eigendecomposition."""
        width, basis = np.linalg.eigh(rows.T @ rows / max(len(rows), 1))
        return cls(basis[:, ::-1][:, :DIRECTIONS], np.maximum(width[::-1][:DIRECTIONS], 0.0))


@dataclass(frozen=True, slots=True)
class Lessons:
    """What people decided, for the learner.

    Attributes:
        rows: The decided segments (m, d), centred, of length about 1.
        yes: (n_codes, m), accepted.
        no: (n_codes, m), rejected.
        said: (n_codes, m), one of the two, or read as a whole.
    """

    rows: Numbers
    yes: Mask
    no: Mask
    said: Mask


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned; scores are about 1 for a clear yes and 0 for a clear no, as the cosines of entries are.

    Attributes:
        weights: (n_codes, d); a score is their product with a row, plus the level.
        level: (n_codes,).
        told: (n_codes, d): what accepted segments alone add to the weights.
        unseen: (n_codes, judged): the score of decided segments, had nothing been decided about them.
    """

    weights: Numbers
    level: Numbers
    told: Numbers
    unseen: Numbers


EACH = slice(None)
"""All decided segments."""


def learn(
    entries: Numbers, lessons: Lessons, directions: Directions, judged: npt.NDArray[np.intp] | slice = EACH
) -> Learned:
    """The mean of both regressions.

    Args:
        entries: (n_codes, d), unit rows.
        lessons: See `Lessons`.
        directions: Of the project.
        judged: Places among the decided segments of which `unseen` is wanted; it costs as much as all the rest of least squares.

    Cost: 60 ms for 60 codes, 1,000 segments and d = 384 on one core, 150 ms for 3,000.
    """
    if not lessons.yes.size:
        return Learned(entries, np.zeros(len(entries)), np.zeros(entries.shape), np.zeros(lessons.yes[:, judged].shape))
    one, other = by_squares(entries, lessons, judged), by_odds(entries, lessons, directions, judged)
    return Learned(
        (one.weights + other.weights) / 2,
        (one.level + other.level) / 2,
        (one.told + other.told) / 2,
        (one.unseen + other.unseen) / 2,
    )


def by_squares(entries: Numbers, lessons: Lessons, judged: npt.NDArray[np.intp] | slice = EACH) -> Learned:
    """Ridge regression, drawn towards the entries; its leave-one-out is exact, but that a rare code is made up for as with the segment."""
    rows, yes = lessons.rows, lessons.yes
    answers = yes + NO * lessons.no
    # Where nothing was said of a code, its entry speaks: the row then teaches what the entry already says.
    partly = ~lessons.said.all(axis=0)
    answers[:, partly] = np.where(lessons.said[:, partly], answers[:, partly], entries @ rows[partly].T)
    spread = np.linalg.inv(ENTRY_WEIGHT * np.eye(rows.shape[1]) + rows.T @ rows)
    accepted = yes.sum(axis=1, keepdims=True)
    # It speaks the lower for a code the rarer it is; among frequent ones a rare code would never lead.
    louder = ((accepted.max(initial=0) + 3.0) / (accepted + 3.0)) ** LOUDER
    weights = louder * ((ENTRY_WEIGHT * entries + answers @ rows) @ spread)
    part = rows[judged]
    leverage = np.einsum("md,md->m", part @ spread, part)
    unseen = (weights @ part.T - louder * leverage * answers[:, judged]) / (1.0 - leverage)
    return Learned(weights, np.zeros(len(entries)), louder * ((yes @ rows) @ spread), unseen)


def by_odds(
    entries: Numbers, lessons: Lessons, directions: Directions, judged: npt.NDArray[np.intp] | slice = EACH
) -> Learned:
    """Logistic regression, drawn towards the entries, each code from the segments of which something was said about it.

    The score without a segment is the usual first-order one: what it added is its residual times its leverage (Pregibon 1981), with the
    variances of the project in place of those of the decided segments.
    """
    from scipy.optimize import minimize
    from scipy.special import expit
    from threadpoolctl import threadpool_limits

    rows, yes, said = lessons.rows, lessons.yes, lessons.said
    accepted = yes.sum(axis=1, keepdims=True)
    rare = np.maximum((said.sum(axis=1, keepdims=True) - accepted + 3.0) / (accepted + 3.0), 1.0) ** LOUDER
    weight = np.where(yes, rare, np.where(lessons.no, REJECTED, 1.0)) * said
    m, k = len(rows), len(entries)
    along = rows @ directions.basis
    # In these units a step is about as long in every direction.
    unit = 1.0 / np.sqrt(np.append(FREE + BEND * m * directions.width, FREE_LEVEL + BEND * m))
    seen = np.hstack([along, np.ones((m, 1))]) * unit
    prior = np.append(np.full(len(unit) - 1, FREE), FREE_LEVEL) * unit**2
    start = STEEP * (entries @ rows.T) + UNLIKELY
    # Products in single precision, which take half the time; the loss and the search are in double, and so is all that follows.
    quick, quick_start, quick_weight = seen.astype(np.float32), start.astype(np.float32), weight.astype(np.float32)

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        moved = flat.reshape(k, -1)
        odds = moved.astype(np.float32) @ quick.T
        odds += quick_start
        p = expit(odds)
        # log(1 + exp(odds)), by what is known already
        cost = quick_weight * (np.maximum(odds, 0) - np.log(np.maximum(p, 1 - p)) - yes * odds)
        p -= yes
        p *= quick_weight
        pull = prior * moved
        return float(cost.sum(dtype=np.float64) + 0.5 * (pull * moved).sum()), (p @ quick + pull).ravel()

    with threadpool_limits(1):  # scipy's threads and numpy's would wait for each other at every step
        found = minimize(
            loss, np.zeros(k * len(unit)), jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "gtol": 1e-3}
        )
    moved = found.x.reshape(k, -1)
    odds = start + moved @ seen.T
    p = expit(odds)
    off = weight * (p - yes)
    bend = (weight * p * (1.0 - p)).sum(axis=1, keepdims=True)
    leverage = (1.0 / (FREE + bend * directions.width)) @ np.square(along[judged]).T + 1.0 / (FREE_LEVEL + bend)
    moved *= unit
    told = -(off * yes) @ along / FREE
    return Learned(
        entries + moved[:, :-1] @ directions.basis.T / STEEP,
        moved[:, -1] / STEEP,
        told @ directions.basis.T / STEEP,
        (odds[:, judged] + leverage * off[:, judged] - UNLIKELY) / STEEP,
    )
