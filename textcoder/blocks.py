"""Topic blocks: the stretches of a conversation that are about one thing, above the segments that are coded.

Blocks are those that together leave the least scatter of meaning inside them (change points of a mean, by dynamic programming), where
each boundary costs, and costs less where the talk around it is about other things and where people open and close topics: "Okay, so
let's go on", after somebody's "that's all from me", after short replies, by whoever asks or chairs. How many blocks there are follows
from that. Constants were chosen on seven meetings, tests/quality/blocks.py judges on seven others (docs/decisions/0008).

References:
    Utiyama and Isahara (2001), A statistical model for domain-independent text segmentation. ACL, 499-506 (the best path over all
        divisions).
    Arlot, Celisse and Harchaoui (2019), A kernel multiple change-point algorithm via model selection. Journal of Machine Learning
        Research 20(162), 1-56 (scatter inside blocks, a price for each).
    Hearst (1997), TextTiling. Computational Linguistics 23, 33-64 (contrast of what is said before and after).
    Galley, McKeown, Fosler-Lussier and Jing (2003), Discourse segmentation of multi-party conversation. ACL, 562-569 (cues beside
        meaning).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textcoder.domain.transcript import Role, Segment, Transcript, Turn

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

OPENINGS = (
    "Okay, let's move on to the next topic.",
    "So the next thing on the agenda is this.",
    "Another thing I wanted to ask about.",
    "Now I would like to talk about something else.",
    "So what I want to discuss today is the following.",
    "Let me start my presentation.",
    "Moving on, what about the next item?",
    "Let's go on to the evaluation.",
    "Any other thoughts before we move along?",
    "Shall we start?",
)
"""What people say who open a topic; a turn is compared with the meaning of these sentences."""
CLOSINGS = (
    "That's it from me, thank you.",
    "That's all I have.",
    "Okay, thank you very much.",
    "That was my presentation.",
    "We are done with that.",
)
"""What people say who close one."""

_MARKERS: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"\W*(?:(?:um|uh|yeah|yep|mm|and|but|well)\W+)*(?:okay|ok|alright|all right|right|so|now|anyway|great|next)\b",
        re.IGNORECASE,
    ),
    "sv": re.compile(
        r"\W*(?:(?:eh|öh|ja|mm|och|men|jo)\W+)*(?:okej|ok|bra|då|nu|så|sen|sedan|hur som helst|nästa)\b", re.IGNORECASE
    ),
}
"""Words at the head of a turn that lead on (and what may stand before them), by language; others have none."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

# Chosen on the development meetings: first what helped at the number of blocks that people marked, then the price at which about as many
# are found. All are multiples of EVIDENCE, which is in units of the scatter of meaning per unit of weight.
EVIDENCE = 0.001
PRICE = 15.0
PRICE_ASKED = 11.0
"""Where interviewers ask: every boundary then stands before a question. Chosen on excerpts of interviews that were put one after the
other (the first wave of corpora/demo), since nobody has marked the topics of interviews that we may judge by."""
OPENING, CLOSING, LONG = 2.0, 6.0, 2.0
TYPICAL_WORDS = 8000  # of a development meeting; a longer talk has more blocks, by the square root of its length
CONTRAST_WORDS = 200  # that are compared, before and after
FEWEST_WORDS = 50  # of a block
MOST_WORDS = 60  # of a unit, from which on it weighs no more
CLOSED_BEFORE = 4  # turns in which somebody may have closed what was
MOST_PLACES = 1500  # where a boundary may be; a talk that has more keeps the likeliest of each stretch


@dataclass(frozen=True, slots=True)
class Block:
    """Turns that follow each other and are about one thing.

    Attributes:
        start: Number of its first turn.
        end: One past its last.
    """

    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Said:
    """What somebody says, as far as meaning goes.

    Attributes:
        units: Spans inside turns, in order: segments, and what else was embedded.
        vectors: Their meaning, (n_units, d), unit rows.
    """

    units: Sequence[Segment]
    vectors: Matrix

    def __post_init__(self) -> None:
        """Raises ValueError where there is not one vector for each unit."""
        if len(self.units) != len(self.vectors):
            raise ValueError(f"{len(self.vectors)} vectors for {len(self.units)} units.")


@dataclass(frozen=True, eq=False)
class Formulas:
    """Vectors of `OPENINGS` and `CLOSINGS`, by the encoder that made those of the units; (n, d) each."""

    openings: Matrix
    closings: Matrix


def find_blocks(
    transcript: Transcript, said: Said, formulas: Formulas, *, price: float | None = None
) -> tuple[Block, ...]:
    """The topic blocks of a conversation, in order; together they hold every turn once.

    Where interviewers ask, a block begins with what they ask; else with any turn of three words or more. A survey has none, since
    its answers are no conversation. The same transcript and vectors give the same blocks.

    Cost: some tenths of a second for 50,000 words, beside the vectors.

    Args:
        transcript: The conversation.
        said: What was embedded of it.
        formulas: What opening and closing a topic means to the same encoder.
        price: What a boundary costs, where not `PRICE` or `PRICE_ASKED`; a higher one leaves fewer blocks.
    """
    n = len(transcript.turns)
    if transcript.kind != "dialogue" or n == 0:
        return ()
    if not len(said.units):
        return (Block(0, n),)
    if price is None:
        price = PRICE_ASKED if _asks(transcript) else PRICE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(
        1
    ):  # sums in another order differ in their last digits, and boundaries might with the threads
        talk = _Talk.of(transcript, said)
        evidence = _contrast(talk) + _manner(transcript, talk) + _formulas(said, formulas, n)
        places = _places(transcript, talk, evidence)
        starts = [0, *_best_path(talk, places, evidence, price)]
    return tuple(Block(start, end) for start, end in zip(starts, [*starts[1:], n], strict=True))


@dataclass(frozen=True, eq=False)
class _Talk:
    """Sums over turns: entry i is of all turns before number i.

    Attributes:
        words: How many words each turn has, (n,).
        heard: Words before each turn, (n + 1,).
        weight: Weight of units before each turn, (n + 1,).
        meaning: Weighted sum of their vectors about the talk's mean, (n + 1, d).
    """

    words: Numbers
    heard: Numbers
    weight: Numbers
    meaning: Numbers

    @classmethod
    def of(cls, transcript: Transcript, said: Said) -> _Talk:
        """A long unit says more than a short one, but not in proportion: its weight is the root of its words."""
        text, n = transcript.text, len(transcript.turns)
        words = np.array([_count(text[turn.start : turn.end]) for turn in transcript.turns], dtype=np.float64)
        lengths = np.array([_count(text[unit.start : unit.end]) for unit in said.units], dtype=np.float64)
        weights = np.sqrt(np.clip(lengths, 1, MOST_WORDS))
        of_turn = np.array([unit.turn for unit in said.units], dtype=np.intp)
        vectors = said.vectors.astype(np.float64)
        weight, sums = np.zeros(n), np.zeros((n, vectors.shape[1]))
        np.add.at(weight, of_turn, weights)
        np.add.at(sums, of_turn, (vectors - np.average(vectors, axis=0, weights=weights)) * weights[:, None])
        return cls(words, _before(words), _before(weight), _before(sums))


def _count(text: str) -> int:
    return len(_WORD.findall(text))


def _before(values: Numbers) -> Numbers:
    """Sums of what stands before each place; one row more than `values`."""
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])


def _contrast(talk: _Talk) -> Numbers:
    """How far what is said before each turn lies from what is said from it on, in standard deviations of this talk; (n,).

    The distance of two means, less where they are of little.
    """
    n = len(talk.words)
    at = np.arange(n)
    first = np.searchsorted(talk.heard, talk.heard[at] - CONTRAST_WORDS)
    last = np.minimum(n, np.searchsorted(talk.heard, talk.heard[at] + CONTRAST_WORDS))
    before, after = talk.weight[at] - talk.weight[first], talk.weight[last] - talk.weight[at]
    both = (before > 0) & (after > 0)
    least = np.where(both, before, 1.0), np.where(both, after, 1.0)
    apart = (talk.meaning[at] - talk.meaning[first]) / least[0][:, None]
    apart -= (talk.meaning[last] - talk.meaning[at]) / least[1][:, None]
    size = np.einsum("ij,ij->i", apart, apart) * least[0] * least[1] / (least[0] + least[1])
    distance = np.where(both, np.sqrt(size), 0.0)
    spread = float(distance[1:].std()) if n > 1 else 0.0
    if spread <= 0:
        return np.zeros(n)
    contrast: Numbers = np.clip((distance - np.median(distance[1:])) / spread, -2, 3)
    return contrast


def _manner(transcript: Transcript, talk: _Talk) -> Numbers:
    """How much each turn is made like one that opens a topic: it leads on, is long, follows short replies, is who asks; (n,)."""
    words, text = talk.words, transcript.text
    marker = _MARKERS.get(transcript.language)
    leads = [marker is not None and marker.match(text, turn.start, turn.end) is not None for turn in transcript.turns]
    quiet = np.zeros(len(words), dtype=bool)
    quiet[2:] = (words[1:-1] <= 4) & (words[:-2] <= 6)
    chairs = _chair(transcript)
    by_chair = [turn.role is Role.INTERVIEWER or turn.speaker in chairs for turn in transcript.turns]
    length = np.minimum(np.log2(1 + words), 5) / 5
    opens = np.array(leads) & (words >= 6)
    return opens + LONG * length + quiet + np.array(by_chair, dtype=np.float64)


def _chair(transcript: Transcript) -> frozenset[str]:
    """Who leads a talk of three or more in which nobody is known to ask: who speaks most often."""
    turns = Counter(turn.speaker for turn in transcript.turns if turn.speaker)
    if len(turns) < 3 or _asks(transcript):
        return frozenset()
    return frozenset({min(turns, key=lambda speaker: (-turns[speaker], speaker))})


def _asks(transcript: Transcript) -> bool:
    return any(turn.role is Role.INTERVIEWER for turn in transcript.turns)


def _formulas(said: Said, formulas: Formulas, n: int) -> Numbers:
    """How much each turn sounds like the opening of a topic, and the turns before it like the closing of one; (n,)."""
    turns = np.array([unit.turn for unit in said.units], dtype=np.intp)
    opening, closing = np.zeros(n), np.zeros(n)
    np.maximum.at(opening, turns, _nearest(said.vectors, formulas.openings, 3))
    np.maximum.at(closing, turns, _nearest(said.vectors, formulas.closings, 2))
    closed = np.zeros(n)
    for back in range(1, min(CLOSED_BEFORE, n - 1) + 1):
        closed[back:] = np.maximum(closed[back:], closing[:-back])
    return OPENING * _sure(opening) + CLOSING * _sure(closed)


def _nearest(vectors: Matrix, sentences: Matrix, count: int) -> Numbers:
    """Mean likeness to the nearest sentences."""
    likeness: Numbers = np.sort(vectors.astype(np.float64) @ sentences.astype(np.float64).T, axis=1)[:, -count:].mean(
        axis=1
    )
    return likeness


def _sure(likeness: Numbers) -> Numbers:
    """0 at a likeness that any talk has, 1 at one that is hardly chance."""
    return np.clip((likeness - 0.2) / 0.2, 0, 1.5)


def _places(transcript: Transcript, talk: _Talk, evidence: Numbers) -> Places:
    """Turns that may begin a block, the first turn and the end of the talk among them."""
    asked = _asks(transcript)
    total = talk.heard[-1]
    fit = [
        i
        for i, turn in enumerate(transcript.turns)
        if FEWEST_WORDS <= talk.heard[i] <= total - FEWEST_WORDS
        and (_question(transcript, turn) if asked else talk.words[i] >= 3)
    ]
    if len(fit) > MOST_PLACES:
        stretch = (talk.heard[fit] * MOST_PLACES // (total + 1)).tolist()
        best: dict[float, int] = {}
        for i, one in zip(fit, stretch, strict=True):
            if one not in best or evidence[i] > evidence[best[one]]:
                best[one] = i
        fit = sorted(best.values())
    return np.array([0, *fit, len(transcript.turns)], dtype=np.intp)


def _question(transcript: Transcript, turn: Turn) -> bool:
    """Whether an interviewer says more than "Mm."."""
    words = transcript.text[turn.start : turn.end]
    return turn.role is Role.INTERVIEWER and ("?" in words or len(words.split()) > 3)


def _best_path(talk: _Talk, places: Places, evidence: Numbers, price: float) -> list[int]:
    """First turns of all blocks but the first: those that leave the least scatter, with what each boundary costs.

    A block's scatter is that of its units about their mean; what the sums of squares have in common is left out, so that what
    remains is minus the squared length of the block's sum over its weight.
    """
    meaning, weight, heard = talk.meaning[places], talk.weight[places], talk.heard[places]
    longer = np.sqrt(TYPICAL_WORDS / max(heard[-1], 1.0))
    toll = EVIDENCE * longer * (price - np.append(evidence, 0.0)[places]) * weight[-1]
    toll[0] = 0.0
    squares = np.einsum("ij,ij->i", meaning, meaning)
    least = np.zeros(len(places))
    back = np.zeros(len(places), dtype=np.intp)
    for j in range(1, len(places)):
        inside = np.maximum(weight[j] - weight[:j], 1e-9)
        gain = (squares[j] + squares[:j] - 2 * (meaning[:j] @ meaning[j])) / inside
        cost = least[:j] + toll[:j] - gain
        short = heard[j] - heard[:j] < FEWEST_WORDS
        short[0] = False  # a talk may be shorter than a block
        cost[short] = np.inf
        back[j] = int(np.argmin(cost))
        least[j] = cost[back[j]]
    starts: list[int] = []
    j = int(back[-1])
    while j > 0:
        starts.append(int(places[j]))
        j = int(back[j])
    return starts[::-1]
