"""Codebook + what people decided -> codings with probabilities. The machine is a coder like any other, and it learns.

A code begins as the meaning of its entry (name, definition, when to use, examples); each decision of a person bends that meaning
(textcoder/learner.py). How a score becomes a probability is learned too: a logistic curve, drawn towards the one in models/coder.toml,
fitted to what the machine would have said of each decided segment had it not been decided. Everything is a pure function of codes,
vectors and decisions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from textcoder.context import with_neighbours
from textcoder.domain.codebook import Code, CodeStatus, Origin
from textcoder.domain.coding import Coding, LensPlacement
from textcoder.domain.project import NO_LENS
from textcoder.domain.transcript import Segment
from textcoder.learner import STEEP, UNLIKELY, Directions, Lessons, learn
from textcoder.resources import data_folder

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Scores = TypeVar("Scores", Vectors, Numbers)

HARDLY = 0.125
"""Half of what a lens would get by chance (four answers): the lens head errs too often in spoken stories for more to be ruled out."""
MACHINE = "machine"
"""The id under which the machine codes."""
WHEN_NOT = 0.3
"""How far "when not to use" pushes the entry away from its meaning; a choice: no data set at hand has such entries."""
NEAR, SAME = 0.94, 0.98
"""Cosines between which a decision on one segment carries over to another: not at all, and wholly."""
SURE = 0.999
"""The probability of what a person said."""
BLOCK, BINS = 8192, 50
"""Segments computed at a time; steps between 0 and 1 in which a threshold is sought."""
BESIDE = 0.7, 0.35
"""How much the segments beside it in the same turn count for what a segment says: the next on either side, and the next but one."""
ASKED_ALOUD, ASKED_IN_WRITING = 0.5, 0.2
"""How much the question counts: an interviewer's, or the one above a survey's answers. Chosen on pdpilot_interviews but for the last:
on short answers (nhs_fft) more than .2 of their question costs with few examples (docs/decisions/0016-coder-by-size.md)."""
MANNER = 0.7
"""How much it counts how a segment is said: the usual length of that row, where that of what is said has 1; .5 and 1 do about as well."""
LEAST = 0.5
"""A project's decisions can lessen what score and lead say to this share of the shipped curve; they cannot turn it over."""
SAMPLE, CURVE = 10_000, 1_000
"""Segments from which the thresholds are learned, and decided segments from which the curve is: enough for two decimals."""


@dataclass(frozen=True, slots=True)
class Known:
    """What people decided, by row of the project's segments.

    Attributes:
        positive: Code id -> rows that a person accepted or gave it.
        negative: Code id -> rows of which a person said that it is not there (rejected, or recoded away); an acceptance counts more.
        reviewed: Rows that a person read as a whole: a code not given there is a weak no.
        members: Code id -> rows of the theme it was drafted from; nobody has confirmed them.
    """

    positive: Mapping[str, frozenset[int]] = field(default_factory=dict)
    negative: Mapping[str, frozenset[int]] = field(default_factory=dict)
    reviewed: frozenset[int] = frozenset()
    members: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def without(self, rows: frozenset[int]) -> Known:
        """As if nobody had said anything of some rows; what a theme was drafted from stays."""
        return Known(
            {code: of - rows for code, of in self.positive.items()},
            {code: of - rows for code, of in self.negative.items()},
            self.reviewed - rows,
            self.members,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a network that the project trained on people's codings says of its segments; see `textcoder.workflow.training`.

    Attributes:
        codes: Ids of the codes that it tells apart.
        odds: (n, n_codes) float32, log-odds; of each person by a network that learned nothing of her.
        share: How much it counts in a score beside what is learned at once, from 0 to 1.
    """

    codes: tuple[str, ...]
    odds: Vectors
    share: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a score becomes a probability: the curve with which every project begins.

    The log-odds are a level, the score times its weight, and its lead over the best other code times its weight. All three lie between
    those of a code of which nothing was accepted yet and those of a well-known one, by accepted / (accepted + 3).

    Attributes:
        weights: Level, score and lead, each unknown and well known (6).
        spreads: How far each may move in a project: the standard deviations of their prior.
        code_spread: The same for the intercept that each code has of its own.
        floor: No learned threshold is lower.
        temperature: Of the softmax that shares a segment among the provisional codes of its lens; in cosines.
    """

    weights: tuple[float, ...]
    spreads: tuple[float, ...]
    code_spread: float
    floor: float
    temperature: float

    @classmethod
    def shipped(cls) -> Calibration:
        """The curve in models/coder.toml."""
        table = tomllib.loads((data_folder("models") / "coder.toml").read_text(encoding="utf-8"))["calibration"]
        return cls(**{**table, "weights": tuple(table["weights"]), "spreads": tuple(table["spreads"])})


def in_context(
    vectors: Vectors, turns: Sequence[Hashable], asked: Vectors | None = None, aloud: Mask | None = None
) -> Vectors:
    """How the coder reads segments: what each says, and a share of what is said beside it in the same turn, and of the question.

    People code what an answer tells, not a sentence by itself. An answer of one segment to no question stays as it is;
    where all are such, these are the vectors themselves.

    Args:
        vectors: Of segments in the order of the text, (n, d), unit rows.
        turns: The turn of each (n).
        asked: The question that each answers (n, d), unit rows; zeros where nobody asked. None: nobody asked anything.
        aloud: Where an interviewer asked (n); elsewhere the question stands in writing. None: everywhere.

    Returns:
        (n, d), unit rows.
    """
    if asked is None and len(set(turns)) == len(turns):
        return vectors
    found = _shortened(with_neighbours(vectors, turns, BESIDE))
    if asked is None:
        return found
    spoken = np.ones(len(turns), dtype=bool) if aloud is None else aloud
    share: Vectors = np.where(spoken, ASKED_ALOUD, ASKED_IN_WRITING).astype(np.float32)[:, None]
    return _shortened(found + share * asked)


def asked_of(questions: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors | None:
    """The question that each segment answers as `in_context` takes it, (n, d); None where nobody asked anything.

    Args:
        questions: In words (n); blank where nobody asked. Each distinct one is embedded once.
        embed: Texts -> unit rows.
    """
    said = sorted({question for question in questions if question.strip()})
    if not said:
        return None
    made = embed(said)
    place = {question: i for i, question in enumerate(said)}
    rows = np.vstack([made, np.zeros_like(made[:1])])  # the last one for segments that answer nothing
    found: Vectors = rows[[place.get(question, -1) for question in questions]]
    return found


def _shortened(rows: Vectors) -> Vectors:
    """To length 1, in place and in single precision."""
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return rows


class MachineCoder:
    """Suggests codes for the segments of a project, and learns from what people decide.

    Args:
        embed: Texts -> unit rows (n, d), in the same space as the segments' vectors. Called for entries and examples, in `fit` only.
        calibration: See `Calibration`.

    Attributes:
        codes_: As given to `fit`.
        probabilities_: (n, n_codes) float32, a view that is column by column in memory; codes are independent, a segment may carry several.
        thresholds_: (n_codes,) float32: below it the machine abstains. The one that a person set, or the one of best expected F1.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Vectors], calibration: Calibration) -> None:
        self.embed = embed
        self.calibration = calibration

    def fit(
        self,
        codes: Sequence[Code],
        vectors: Vectors,
        known: Known | None = None,
        *,
        words: Vectors | None = None,
        manner: Vectors | None = None,
        trained: Trained | None = None,
    ) -> MachineCoder:
        """Read the codebook and the decisions.

        Args:
            codes: Those in use; a parent that is not among them counts as none.
            vectors: All segments of the project, (n, d), unit rows; see `in_context`. Kept, not copied.
            known: See `Known`; None is no decision.
            words: What each segment says by itself (n, d), unit rows: decisions carry over to the same words. None: `vectors`.
            manner: How each segment is said, (n, m), any scale: what else tells codes apart once there are examples. Kept, not copied.
            trained: What a network of the project's own says of the segments; None where nobody trained one.

        Raises:
            ValueError: A decision names a row that there is not.
        """
        known = known or Known()
        self.codes_ = tuple(codes)
        self.vectors = vectors
        self.manner = np.zeros((len(vectors), 0), dtype=np.float32) if manner is None else manner
        self.place = {code.id: j for j, code in enumerate(self.codes_)}
        self.trained = trained
        self._above = [self._ancestors(code) for code in self.codes_]
        self._lowest = sorted(set(range(len(self.codes_))) - {owner for above in self._above for owner in above})
        self._below = {
            owner: [j for j, above in enumerate(self._above) if owner in above]
            for owner in sorted(set(range(len(self.codes_))) - set(self._lowest))
        }
        self._mean = vectors.mean(axis=0, dtype=np.float64) if len(vectors) else np.zeros(vectors.shape[1])
        # The usual length of a vector once the mean is taken off.
        self._scale = float(np.sqrt(max(1.0 - self._mean @ self._mean, 1e-6)))
        self._usual = self.manner.mean(axis=0, dtype=np.float64) if len(vectors) else np.zeros(self.manner.shape[1])
        spread = float(self.manner.var(axis=0, dtype=np.float64).sum()) if len(vectors) else 0.0
        self._loud = MANNER / np.sqrt(max(spread, 1e-12))
        self._repeats = Repeats.among(vectors)
        self._sample = _sample(vectors, SAMPLE)
        self._near = Neighbours(vectors if words is None else words)
        self._directions = Directions.widest(self._centred(self._sample))
        self._read_entries(known.members)
        self._curve = np.array(self.calibration.weights), np.zeros(len(self.codes_))
        self._learn(known)
        return self

    def update(self, known: Known) -> tuple[str, ...]:
        """Learn from decisions as they now stand; the codebook is as it was at `fit`.

        Args:
            known: All decisions, not just the new ones; `members` as at `fit`.

        Returns:
            Ids of the codes that are now suggested for other segments than before.
        """
        before = self._suggested
        self._learn(known)
        changed = (before != self._suggested).any(axis=1)
        return tuple(code.id for code, other in zip(self.codes_, changed, strict=True) if other)

    def _ancestors(self, code: Code) -> list[int]:
        parents = {c.id: c.parent for c in self.codes_}
        found: list[int] = []
        above = code.parent
        while above in parents and above != code.id and self.place[above] not in found:
            found.append(self.place[above])
            above = parents[above]
        return found

    def _read_entries(self, members: Mapping[str, frozenset[int]]) -> None:
        """Prototypes as they are (n_codes, d), and as the learner starts from (n_codes, d + n_manner): less what all share."""
        d = self.vectors.shape[1]
        texts = [text for code in self.codes_ for text in _texts(code)]
        rows = dict(zip(texts, self.embed(texts), strict=True)) if texts else {}
        prototypes = np.zeros((len(self.codes_), d))
        when_not = np.zeros((len(self.codes_), d))
        for j, code in enumerate(self.codes_):
            member_rows = sorted(members.get(code.id, ()))
            parts = [_unit(self.vectors[member_rows].mean(axis=0, dtype=np.float64))] if member_rows else []
            # A machine-drafted entry only repeats the keywords of its own segments, so it is left out where these are known.
            if code.origin is not Origin.MODEL or not parts:
                parts.append(
                    _unit(np.mean([rows[t] for t in (code.name, code.definition, code.include) if t.strip()], axis=0))
                )
                examples = [rows[example.text] for example in code.examples if example.text.strip()]
                if examples:
                    parts.append(_unit(np.mean(examples, axis=0)))
            prototypes[j] = _unit(np.mean(parts, axis=0))
            if code.exclude.strip():
                when_not[j] = rows[code.exclude]
        self.prototypes_ = prototypes.astype(np.float32)
        # What all entries share ("the speaker says that ...") tells no code from another; three entries' worth of corpus keeps a book
        # with a single code from losing everything.
        centre = (prototypes.sum(axis=0) + 3.0 * self._mean) / (len(prototypes) + 3.0)
        entries = _unit(prototypes - centre)
        stated = np.any(when_not, axis=1, keepdims=True)
        told = _unit(entries - WHEN_NOT * np.where(stated, _unit(when_not - centre), 0.0))
        self._entries = np.pad(told, ((0, 0), (0, self.manner.shape[1])))  # of how it is said an entry says nothing

    def _decisions(self, known: Known) -> tuple[Rows, Mask, Mask, Mask]:
        """Rows with a decision (m,); where each code was accepted, where it was rejected, and where it was thought of, (n_codes, m)."""
        positive: list[set[int]] = [set() for _ in self.codes_]
        negative: list[set[int]] = [set() for _ in self.codes_]
        for j, code in enumerate(self.codes_):
            for owner in (j, *self._above[j]):
                positive[owner] |= known.positive.get(code.id, frozenset())
                negative[j] |= known.negative.get(self.codes_[owner].id, frozenset())
        rows = np.array(sorted(known.reviewed.union(*positive, *negative)), dtype=np.intp)
        if len(rows) and not 0 <= rows[0] <= rows[-1] < len(self.vectors):
            raise ValueError(f"A decision is on row {rows[-1]} of {len(self.vectors)} segments.")
        said = np.zeros((len(self.codes_), len(rows)), dtype=bool)
        said[:, np.isin(rows, np.array(sorted(known.reviewed), dtype=np.intp))] = True
        yes, no = np.zeros_like(said), np.zeros_like(said)
        for j in range(len(self.codes_)):
            for verdict, where in ((yes, positive[j]), (no, negative[j] - positive[j])):
                verdict[j, np.searchsorted(rows, np.array(sorted(where), dtype=np.intp))] = True
        return rows, yes, no, said | yes | no

    def _learn(self, known: Known) -> None:
        rows, yes, no, said = self._decisions(known)
        self._accepted = yes.sum(axis=1)
        some = _sample(self.vectors[rows, :1], CURVE)
        self._learned = learn(self._entries, Lessons(self._centred(rows), yes, no, said), self._directions, some)
        # Whoever gave a segment one code has looked at it. Were the codes that she did not give left out here, a project of
        # acceptances alone would teach that everything is likely.
        looked = said | yes.any(axis=0)
        odds = None if self.trained is None else self.trained.odds
        unseen = self._with_trained(self._learned.unseen, odds, rows[some])
        self._curve = self._fit_curve(unseen, yes[:, some], looked[:, some])
        probabilities = self._probabilities(self.vectors, self.manner, odds)
        probabilities[:, self._repeats.rows] = probabilities[:, self._repeats.first[self._repeats.rows]]
        self.thresholds_ = self._thresholds(probabilities[:, self._sample])
        self._carry_over(probabilities, rows, yes, no)
        self.probabilities_ = probabilities.T
        self._suggested = probabilities >= self.thresholds_[:, None]

    def _centred(self, rows: Rows) -> Numbers:
        """Rows as the learner sees them, (m, d + n_manner): less the mean of the project, each part of length about 1."""
        said = (self.vectors[rows].astype(np.float64) - self._mean) / self._scale
        return np.hstack([said, (self.manner[rows].astype(np.float64) - self._usual) * self._loud])

    def _fit_curve(self, unseen: Numbers, yes: Mask, said: Mask) -> tuple[Numbers, Numbers]:
        """Weights (6,) and an intercept for each code, at the maximum of their posterior among curves that rise."""
        if not said.any():
            return np.array(self.calibration.weights), np.zeros(len(self.codes_))
        known = how_known(self._accepted[:, None] - yes)  # without the segment itself
        return _rising(features_of(unseen, self.lead(unseen), known), yes, said, self._curve, self.calibration)

    def lead(self, scores: Scores) -> Scores:
        """Over the best other code, or over nothing; a code above others does not compete, and leads as far as the best below it."""
        lowest = scores[self._lowest] if self._below else scores
        best = lowest.max(axis=0, initial=0.0)
        lead: Scores = scores - best
        code, top = np.divmod(np.flatnonzero(lowest == best), lowest.shape[1])
        lowest[code, top] = -np.inf
        second = lowest.max(axis=0, initial=0.0)
        lowest[code, top] = best[top]
        lead[np.array(self._lowest, dtype=np.intp)[code], top] = (best - second)[top]
        for owner, below in self._below.items():
            lead[owner] = lead[[j for j in below if j not in self._below]].max(axis=0)
        return lead

    def _with_trained(self, scores: Scores, odds: Vectors | None, rows: Rows | slice) -> Scores:
        """Scores of some rows of those that `odds` are of; as they are where nothing was trained."""
        if self.trained is None or odds is None:
            return scores
        return with_trained(scores, self.trained, odds[rows], self.place)

    def scores(self, vectors: Vectors, manner: Vectors) -> Vectors:
        """How far each segment speaks for each code, (n_codes, n): about 1 is a clear yes, 0 a clear no."""
        d = vectors.shape[1]
        weights, other = self._learned.weights[:, :d] / self._scale, self._learned.weights[:, d:] * self._loud
        scores = weights.astype(np.float32) @ vectors.T
        scores += other.astype(np.float32) @ manner.T
        scores += (self._learned.level - weights @ self._mean - other @ self._usual).astype(np.float32)[:, None]
        return np.asarray(scores, dtype=np.float32)

    def _probabilities(self, vectors: Vectors, manner: Vectors, odds: Vectors | None) -> Vectors:
        """(n_codes, n), before decisions are carried over; block by block, so that a block stays in the processor's cache."""
        found = np.empty((len(self.codes_), len(vectors)), dtype=np.float32)
        if not self.codes_:
            return found
        weights, own = self._curve
        known = how_known(self._accepted)
        base, slope, ahead = (weights[::2, None] * (1.0 - known) + weights[1::2, None] * known).astype(np.float32)
        base += own.astype(np.float32)
        for start in range(0, len(vectors), BLOCK):
            block = slice(start, start + BLOCK)
            scores = self._with_trained(self.scores(vectors[block], manner[block]), odds, block)
            likely = self.lead(scores)
            likely *= ahead[:, None]
            scores *= slope[:, None]
            likely += scores
            likely += base[:, None]
            likely *= 0.5
            np.tanh(likely, out=likely)  # half as long as 1 / (1 + exp(-x)), and the same
            likely *= 0.5
            likely += 0.5
            self._carry_up(likely)
            found[:, block] = likely
        return found

    def predict_proba(self, vectors: Vectors, manner: Vectors | None = None, odds: Vectors | None = None) -> Vectors:
        """Probability of each code for segments that need not be the project's own, (n, n_codes).

        Args:
            vectors: As `fit` had them.
            manner: The same, where `fit` had one.
            odds: What the trained network says, (n, n_trained), where `fit` had one.
        """
        if manner is None:
            manner = np.zeros((len(vectors), 0), dtype=np.float32)
        return self._probabilities(vectors, manner, odds).T

    def _carry_up(self, probabilities: Vectors) -> None:
        """A code is at least as probable as each code below it."""
        for owner, below in self._below.items():
            np.maximum(probabilities[owner], probabilities[below].max(axis=0), out=probabilities[owner])

    def _thresholds(self, probabilities: Vectors) -> Vectors:
        """The threshold of best expected F1 for each code (Lipton, Elkan and Naryanaswamy 2014), over (n_codes, n_sample)."""
        place = (probabilities * BINS).astype(np.int64) + (BINS + 1) * np.arange(len(self.codes_))[:, None]
        counts = np.bincount(place.ravel(), minlength=(BINS + 1) * len(self.codes_)).reshape(-1, BINS + 1)[:, ::-1]
        true = counts * (np.arange(BINS + 1) + 0.5)[::-1] / BINS
        total = true.sum(axis=1, keepdims=True)
        expected = 2.0 * true.cumsum(axis=1) / np.maximum(counts.cumsum(axis=1) + total, 1e-9)
        learned = np.maximum((BINS - expected.argmax(axis=1)) / BINS, self.calibration.floor)
        return np.array(
            [t if code.threshold is None else code.threshold for code, t in zip(self.codes_, learned, strict=True)],
            dtype=np.float32,
        )

    def _carry_over(self, probabilities: Vectors, rows: Rows, yes: Mask, no: Mask) -> None:
        """What people said of a segment holds for it, and for nearly the same words elsewhere; the nearest decision counts."""
        code, at = np.nonzero(yes | no)
        row, accepted = rows[at], yes[code, at]
        pairs = sorted(set(zip(code.tolist(), self._repeats.first[row].tolist(), accepted.tolist(), strict=True)))
        near = self._near.of({first for _, first, _ in pairs})
        size = [len(near[first][0]) for _, first, _ in pairs]
        self._echoes = np.zeros(0, dtype=np.int64)
        if pairs:
            where = np.concatenate([near[first][0] for _, first, _ in pairs])
            pull = np.concatenate([near[first][1] for _, first, _ in pairs])
            owner = np.repeat([j for j, _, _ in pairs], size)
            truth = np.repeat([y for _, _, y in pairs], size)
            order = np.lexsort((truth, pull))  # the last of several assignments to one place holds
            where, pull, owner, truth = where[order], pull[order], owner[order], truth[order]
            own = probabilities[owner, where]
            probabilities[owner, where] = (1 - pull) * own + pull * np.where(truth, SURE, 1 - SURE)
            strong = truth & (pull >= 0.5)
            self._echoes = np.unique(owner[strong] * len(self.vectors) + where[strong])
        probabilities[code, row] = np.where(accepted, SURE, 1 - SURE)
        self._carry_up(probabilities)

    def why(self, code: int, rows: Rows) -> list[str]:
        """In words, what speaks most for a code, for each of the rows."""
        accepted = int(self._accepted[code])
        learned = f"resembles {accepted} accepted segments" if accepted > 1 else "resembles an accepted segment"
        entry = (
            "resembles the code's entry and examples" if self.codes_[code].examples else "resembles the code's entry"
        )
        z = self._centred(rows)
        learned_part, whole = z @ self._learned.told[code], z @ self._learned.weights[code]
        echo = np.isin(code * len(self.vectors) + rows, self._echoes)
        below = self.probabilities_[rows][:, self._below.get(code, [])].max(axis=1, initial=0.0)
        same = (below >= self.probabilities_[rows, code]) & (below > 0)
        return [
            "a segment with the same words, or nearly, was accepted" if e
            else "a narrower code below it is likely" if s
            else learned if 2 * part > max(all_of_it, 0.0)
            else entry
            for e, s, part, all_of_it in zip(echo, same, learned_part, whole, strict=True)
        ]  # fmt: skip

    def shares(self, vectors: Vectors) -> Vectors:
        """How a segment divides among the codes of one lens by resemblance, (n, n_codes); under each lens they sum to 1.

        For provisional codes, of which nobody has said yet what they mean; not calibrated against anybody's coding.
        """
        powers = np.exp(vectors @ self.prototypes_.T / np.float32(self.calibration.temperature))
        same = np.array([[one.lens == other.lens for other in self.codes_] for one in self.codes_], dtype=np.float32)
        return np.asarray(powers / (powers @ same), dtype=np.float32) if self.codes_ else powers


@dataclass(frozen=True, slots=True)
class Repeats:
    """Segments with identical vectors.

    Attributes:
        first: Of each row (n,), the first row with its vector; itself for most.
        rows: Those whose first row is another.
    """

    first: Rows
    rows: Rows

    @classmethod
    def among(cls, vectors: Vectors) -> Repeats:
        """Found by the bytes of the first eight numbers, then by all of them."""
        place = np.arange(len(vectors))
        head = np.ascontiguousarray(vectors[:, :8])
        _, index, inverse = np.unique(
            head.view(f"V{4 * head.shape[1]}").ravel(), return_index=True, return_inverse=True
        )
        first = index[inverse].astype(np.intp)
        rows = np.flatnonzero(first != place)
        rows = rows[(vectors[rows] == vectors[first[rows]]).all(axis=1)]
        alone = np.setdiff1d(place, rows)
        first[alone] = alone
        return cls(first, rows)


class Neighbours:
    """Which segments say nearly the same as a given one; most are ruled out in a few random directions.

    Of the squared distance between two vectors, a share of `DIRECTIONS` / d is expected in as many random directions; where it is
    beyond `SLACK` times that of the farthest near pair, the pair is not looked at. One near pair in about 300,000 is missed so (the tail
    of a chi-squared variable with 48 degrees of freedom beyond 2.2 times its mean); identical vectors never are.

    Args:
        vectors: (n, d), unit rows; kept, not copied.
    """

    DIRECTIONS, SLACK = 48, 2.2

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        d = vectors.shape[1]
        few = min(self.DIRECTIONS, d)
        basis = np.linalg.qr(np.random.default_rng(d).normal(size=(d, few)))[0].astype(np.float32)
        self._seen = vectors @ basis
        self._half = np.einsum("nd,nd->n", self._seen, self._seen) / 2
        self._enough = (1 - NEAR) * (few / d) * (self.SLACK if few < d else 1.0) + 1e-5
        self._known: dict[int, tuple[Rows, Vectors]] = {}

    def of(self, rows: Iterable[int]) -> Mapping[int, tuple[Rows, Vectors]]:
        """For each row the rows near it (itself too) and how far a decision carries over to them, 0 to 1; looked up once."""
        fresh = np.array(sorted(set(rows) - self._known.keys()), dtype=np.intp)
        for start in range(0, len(fresh), 512):
            some = fresh[start : start + 512]
            for row, near in zip(some.tolist(), self._not_ruled_out(some), strict=True):
                pull = np.clip((self._vectors[near] @ self._vectors[row] - NEAR) / (SAME - NEAR), 0.0, 1.0)
                self._known[row] = near[pull > 0], pull[pull > 0]
        return self._known

    def _not_ruled_out(self, rows: Rows) -> list[Rows]:
        """For each of the rows, all rows that may be near it."""
        found: list[tuple[Rows, Rows]] = []
        for start in range(0, len(self._seen), BLOCK):
            block = slice(start, start + BLOCK)
            products = self._seen[block] @ self._seen[rows].T - self._half[rows]
            products -= self._half[block, None]  # minus half the squared distance, in these directions
            hit = np.flatnonzero(products.max(axis=1) >= -self._enough)
            other, query = np.nonzero(products[hit] >= -self._enough)
            found.append((query, hit[other] + start))
        query, other = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.argsort(query, kind="stable")
        return np.split(other[order], np.searchsorted(query[order], np.arange(1, len(rows))))


def with_trained(scores: Scores, trained: Trained, odds: Vectors, place: Mapping[str, int]) -> Scores:
    """Scores with their share of what a trained network says; codes that it does not know keep theirs.

    Args:
        scores: (n_codes, n), see `MachineCoder.scores`.
        trained: Which codes it knows, and how much it counts.
        odds: What it says of these segments (n, n_trained).
        place: Code id to row of `scores`.
    """
    there = [i for i, code in enumerate(trained.codes) if code in place]
    rows = [place[trained.codes[i]] for i in there]
    mixed = scores.copy()
    mixed[rows] *= 1 - trained.share
    mixed[rows] += (odds.T[there] - UNLIKELY) * (trained.share / STEEP)
    return mixed


def how_known(accepted: npt.NDArray[np.integer]) -> Numbers:
    """From 0 to 1; half at three accepted segments."""
    return np.asarray(accepted / (accepted + 3.0))


def features_of(scores: Numbers, lead: Numbers, known: Numbers) -> Numbers:
    """The six numbers behind a probability, (6, ...); see `Calibration`."""
    return np.stack([part * share for part in (np.ones_like(scores), scores, lead) for share in (1.0 - known, known)])


def _rising(
    features: Numbers, yes: Mask, said: Mask, start: tuple[Numbers, Numbers], prior: Calibration
) -> tuple[Numbers, Numbers]:
    """`_posterior`, in which no weight of score or lead falls below `LEAST` of the shipped one.

    A few decisions at odds with the entries would turn the curve over, so that a better definition made a code less likely.
    """
    weights, own = start
    least = np.where(np.arange(len(weights)) < 2, -np.inf, LEAST * np.array(prior.weights))
    held = np.zeros(len(weights), dtype=bool)
    while True:
        found = np.where(held, least, weights)
        found[~held], own = _posterior(features, yes, said, (found, own), prior, held)
        if not (found < least).any():
            return found, own
        held |= found < least


def _posterior(
    features: Numbers, yes: Mask, said: Mask, start: tuple[Numbers, Numbers], prior: Calibration, held: Mask
) -> tuple[Numbers, Numbers]:
    """Logistic regression with a Gaussian prior, by Newton's method; an intercept for each code beside the shared weights.

    Args:
        features: (p, n_codes, m).
        yes: (n_codes, m).
        said: Where `yes` counts.
        start: Where to begin; the end is the same from anywhere, only sooner reached from near.
        prior: Means and spreads.
        held: (p,) weights that stay as they are in `start`.

    Returns:
        The weights that are not held, and intercepts (n_codes,), within about 1e-9 of the maximum.
    """
    from scipy.special import expit

    weights, own = start
    fixed = np.tensordot(weights[held], features[held], axes=1)
    weights, features = weights[~held], features[~held]
    flat = features.reshape(len(features), -1)
    mean, precision = np.array(prior.weights)[~held], 1.0 / np.square(np.array(prior.spreads)[~held])
    own_precision = 1.0 / prior.code_spread**2

    def loss(weights: Numbers, own: Numbers) -> tuple[float, Numbers]:
        odds = (weights @ flat).reshape(yes.shape) + own[:, None] + fixed
        cost = np.where(said, np.logaddexp(0.0, odds) - yes * odds, 0.0).sum()
        return float(cost + 0.5 * precision @ (weights - mean) ** 2 + 0.5 * own_precision * own @ own), odds

    value, odds = loss(weights, own)
    for _ in range(50):
        p = expit(odds)
        off = np.where(said, p - yes, 0.0)
        bend = np.where(said, p * (1.0 - p), 0.0)
        slope = flat @ off.ravel() + precision * (weights - mean)
        own_slope = off.sum(axis=1) + own_precision * own
        weighted = features * bend
        cross = weighted.sum(axis=2)
        own_bend = bend.sum(axis=1) + own_precision
        shared = weighted.reshape(flat.shape) @ flat.T + np.diag(precision) - (cross / own_bend) @ cross.T
        step = np.linalg.solve(shared, slope - cross @ (own_slope / own_bend))
        own_step = (own_slope - step @ cross) / own_bend
        size = 1.0
        while (new := loss(weights - size * step, own - size * own_step))[0] > value + 1e-9 and size > 1e-6:
            size /= 2
        weights, own = weights - size * step, own - size * own_step
        value, odds = new
        if (
            max(np.abs(step).max(), np.abs(own_step).max()) < 1e-5
        ):  # Newton squares its error: the next would be below 1e-9
            break
    return weights, own


def suggest(
    coder: MachineCoder,
    segments: Sequence[Segment],
    placements: Mapping[str, LensPlacement],
    members: Mapping[str, str],
    *,
    rows: Sequence[int] | None = None,
) -> list[Coding]:
    """The machine's codings of all segments, or of some rows.

    A provisional code stands for its theme and for nothing else yet: just the segments of the theme carry it, with the probability of its
    lens times the segment's share among the codes of that lens. A code that a person made or confirmed is suggested wherever it is
    probable enough and the segment may be seen through its lens (codes without a lens fit any).

    Args:
        coder: Fitted to these segments.
        segments: In the order of the coder's rows.
        placements: Segment id -> lenses.
        members: Segment id -> id of the code that stands for its theme.
        rows: Only these segments; None for all.
    """
    asked = np.arange(len(segments)) if rows is None else np.array(sorted(set(rows)), dtype=np.intp)
    own = [segments[i] for i in asked.tolist()]
    theirs = np.array([coder.place.get(members.get(segment.id, ""), -1) for segment in own], dtype=np.intp)
    found = suggested(coder, SeenThrough.of(own, placements), theirs, rows=asked)
    why = [_DRAFTED] * len(found.at)
    for j in np.unique(found.code[~found.drafted]).tolist():
        where = np.flatnonzero((found.code == j) & ~found.drafted)
        for i, words in zip(where.tolist(), coder.why(j, asked[found.at[where]]), strict=True):
            why[i] = words
    columns = (found.at.tolist(), found.code.tolist(), found.probability.tolist(), why)
    return [
        Coding(
            own[i].transcript, own[i].start, own[i].end, coder.codes_[j].id, MACHINE, probability=probability, why=words
        )
        for i, j, probability, words in zip(*columns, strict=True)
    ]


_DRAFTED = "one of the segments in which this theme was found"


@dataclass(frozen=True, slots=True, eq=False)
class SeenThrough:
    """How some segments are seen through the lenses.

    Attributes:
        odds: Lens id to the probability of each segment, (n,).
        placed: (n,) whether anybody has looked at all.
    """

    odds: Mapping[str, Numbers]
    placed: Mask

    @classmethod
    def of(cls, segments: Sequence[Segment], placements: Mapping[str, LensPlacement]) -> SeenThrough:
        """In the order of the segments. Cost: about 0.1 s at 100,000."""
        found = [placements.get(segment.id) for segment in segments]
        lenses = sorted({lens for one in found if one is not None for lens in one.probabilities})
        odds = {
            lens: np.array([0.0 if one is None else one.probabilities.get(lens, 0.0) for one in found])
            for lens in lenses
        }
        return cls(odds, np.array([one is not None for one in found], dtype=bool))

    def probability(self, lens: str) -> Numbers:
        """(n,) of a lens; 0 where no lens has this name, 1 where nobody has looked."""
        return np.where(self.placed, self.odds.get(lens, 0.0), 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Suggested:
    """The machine's codings as columns, sorted by segment, then by code; (n,) each.

    Attributes:
        at: Place among the rows that were asked about.
        code: Place in `MachineCoder.codes_`.
        probability: To four digits.
        drafted: The segment is one of the theme from which the code was drafted.
    """

    at: Rows
    code: Rows
    probability: Numbers
    drafted: Mask


def suggested(coder: MachineCoder, seen: SeenThrough, members: Rows, *, rows: Rows | None = None) -> Suggested:
    """What `suggest` says, without words. Cost: a look at each probability.

    Args:
        coder: Fitted.
        seen: The rows through the lenses.
        members: Of each row the place of the code that stands for its theme; -1 for none.
        rows: Those asked about; None for all.
    """
    probabilities = coder.probabilities_ if rows is None else coder.probabilities_[rows]
    provisional = np.array([code.status is CodeStatus.PROVISIONAL for code in coder.codes_], dtype=bool)
    theirs = np.flatnonzero(members >= 0)
    at, codes, found = [theirs], [members[theirs]], [np.array(probabilities[theirs, members[theirs]], dtype=np.float64)]
    for j in np.unique(codes[0][provisional[codes[0]]] if len(theirs) else codes[0]).tolist():
        own = np.flatnonzero(codes[0] == j)
        shares = coder.shares(coder.vectors[theirs[own] if rows is None else rows[theirs[own]]])[:, j]
        found[0][own] = shares.astype(np.float64) * seen.probability(coder.codes_[j].lens)[theirs[own]]
    for j, code in enumerate(coder.codes_):
        if provisional[j]:
            continue
        likely = np.flatnonzero(probabilities[:, j] >= coder.thresholds_[j])
        if not len(likely):  # most codes, where one segment is asked about
            continue
        fits = members[likely] != j
        if code.lens != NO_LENS:
            fits &= seen.probability(code.lens)[likely] >= HARDLY
        at.append(likely[fits])
        codes.append(np.full(len(at[-1]), j, dtype=np.intp))
        found.append(probabilities[at[-1], j].astype(np.float64))
    whole, code_of = np.concatenate(at), np.concatenate(codes)
    order = np.lexsort((code_of, whole))
    drafted = np.arange(len(whole)) < len(theirs)
    probability = np.asarray(np.round(np.concatenate(found), 4), dtype=np.float64)
    return Suggested(whole[order], code_of[order], probability[order], drafted[order])


def fits_lens(code: Code, placement: LensPlacement | None) -> bool:
    """True unless the segment is hardly seen through the code's lens; two lenses may hold at once ("it helps, but nobody comes")."""
    if code.lens == NO_LENS or placement is None:
        return True
    return placement.probabilities.get(code.lens, 0.0) >= HARDLY


def _texts(code: Code) -> list[str]:
    entry = [code.name, code.definition, code.include, code.exclude, *(example.text for example in code.examples)]
    return [text for text in entry if text.strip()]


def _sample(vectors: Vectors, size: int) -> Rows:
    """Up to `size` rows, chosen by their own numbers, so that the order of rows does not matter."""
    if len(vectors) <= size:
        return np.arange(len(vectors))
    mixed = np.ascontiguousarray(vectors[:, 0]).view(np.uint32) * np.uint32(2654435761)  # Knuth's multiplicative hash
    return np.sort(np.argpartition(mixed, size)[:size])


def _unit(rows: npt.NDArray[np.floating]) -> Numbers:
    """Rows of length 1; a row of zeros stays."""
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0), dtype=np.float64)
