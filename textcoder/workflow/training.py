"""A network of the project's own, trained on what people coded: slower than the learning at every decision, and better with many.

People are divided into parts, and for each part a network learns from the people of the others: so what it says of a person rests on
nobody's codings of her words, and machine and people can still be compared (docs/decisions/0018-trained-networks.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from textcoder import __version__
from textcoder.errors import InvalidDecision
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.live import LiveProject
from textcoder.workflow.steps import Progress, many, silent, step_key

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from textcoder.coder import Known, MachineCoder, Trained
    from textcoder.domain.codebook import Code
    from textcoder.side_network import Arrays, SideNetwork

PARTS = 3
"""Of the people; each network learns from all but one of them."""
LEAST_SEGMENTS, LEAST_PEOPLE, LEAST_GIVEN = 100, 6, 5
"""With less to learn from it is not worth the minutes; a code is learned from so many segments on."""
MOST_SEGMENTS = 5000
"""From which a network learns: 0.5 GB of token states."""
STEPS = 200, 400
"""With few segments, and from `MANY` on."""
MANY = 1000
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9)
"""How much it may count beside what is learned at once; the best on people whom neither knows is taken."""
KEPT = "training"


@dataclass(frozen=True)
class Training:
    """What was trained, and what it brought.

    Attributes:
        revision: Changes with all that it learned from.
        codes: Ids of the codes that the networks tell apart, in the order of their values.
        part: Person (id of a case, else of a transcript) to the part that she belongs to.
        segments: From how many coded segments it learned.
        decisions: The number of the last decision that it knows.
        share: How much it counts beside what is learned at once; 0 where it is not used.
        before: Mean over codes of average precision on people whom the machine does not know, by what is learned at once.
        after: The same together with the network.
        shapes: Of the networks' weights, by name.
    """

    revision: str
    codes: tuple[str, ...]
    part: Mapping[str, int]
    segments: int
    decisions: int
    share: float
    before: float
    after: float
    shapes: Mapping[str, Sequence[int]]

    @property
    def people(self) -> int:
        """From how many it learned."""
        return len(self.part)

    @property
    def sentence(self) -> str:
        """In words."""
        learned = (
            f"Learned {many(len(self.codes), 'code')} from {many(self.segments, 'coded segment')} "
            f"of {many(self.people, 'person', 'people')}"
        )
        if not self.share:
            return f"{learned}. It would not help with people whom it does not know, and is not used."
        return (
            f"{learned}. With people whom it does not know the mean average precision of codes is {self.after:.2f} with it "
            f"and {self.before:.2f} without; it counts for {self.share:.0%} of a score."
        )

    def summary(self) -> dict[str, Any]:
        """What concerns people, as plain values, without anybody's name."""
        inner = ("part", "shapes")
        return {**{name: value for name, value in asdict(self).items() if name not in inner}, "people": self.people}


def training_of(store: Store) -> Training | None:
    """The last training; None where nobody trained, or it was forgotten."""
    kept = store.value(KEPT)
    return None if not kept else Training(**{**kept, "codes": tuple(kept["codes"])})


def forget_training(store: Store) -> None:
    """Go on with what is learned at once alone; people's codings stay as they are."""
    with store.transaction():
        store.save_value(KEPT, {})
        store.finish(KEPT, "")
        store.forget_vectors(f"{KEPT}/")


def train(store: Store, settings: Settings, *, progress: Progress = silent) -> Training:
    """Train networks on what people coded so far, see whether they help, and let them count as far as they do.

    Can be stopped at any moment and goes on from the last network that was ready. The same codings give the same networks on one
    machine. Cost: about two minutes for 1,000 coded segments on one core, then a pass through the encoder for all segments.

    Raises:
        InvalidDecision: People coded too little yet; says how much there is and how much it takes.
    """
    live = LiveProject(store, settings, progress=progress)
    lessons = _Lessons.of(live)
    last = training_of(store)
    if last is not None and last.revision == lessons.revision:  # what was decided since said nothing of codes
        last = replace(last, decisions=live.standing.number)
        store.save_value(KEPT, asdict(last))
        return last
    shapes = _made(store, lessons, settings, progress, in_use=None if last is None else last.revision)
    networks = [_network(store, lessons.revision, shapes, part) for part in range(PARTS)]
    odds = _odds(live, networks, lessons.codes, lessons.part)
    before, after, share = _judged(live, lessons, odds)
    codes = tuple(code.id for code in lessons.codes)
    trained = Training(
        lessons.revision, codes, lessons.part, len(lessons.rows), live.standing.number, share, before, after, shapes
    )
    with store.transaction():
        store.save_value(KEPT, asdict(trained))
        store.finish(KEPT, lessons.revision)
    if last is not None:
        store.forget_vectors(f"{KEPT}/{last.revision}")
    return trained


def trained_of(live: LiveProject) -> Trained | None:
    """What the trained networks say of the segments of a project; None where there are none, or they bring nothing."""
    from textcoder.coder import Trained

    with live.store.reading():  # another process may forget them, or finish newer ones
        training = training_of(live.store)
        if training is None or not training.share:
            return None
        networks = [_network(live.store, training.revision, training.shapes, part) for part in range(PARTS)]
    book = live.standing.codebook
    codes = [code for id_ in training.codes if (code := book.get(id_)) is not None]
    if len(codes) < len(training.codes):  # no code is ever deleted, but the log may be that of an older copy
        return None
    return Trained(training.codes, _odds(live, networks, codes, training.part), training.share)


# --- what is learned --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lessons:
    """Segments that people coded, as the networks learn from them.

    Attributes:
        rows: Of the project's segments (m,).
        texts: Theirs.
        codes: What is told apart; one more value is for none of them.
        targets: (m, n_codes + 1); each row sums to 1.
        part: Person to part.
        parts: The part of each row (m,).
        revision: Changes with all of it.
    """

    rows: npt.NDArray[np.intp]
    texts: Sequence[str]
    codes: Sequence[Code]
    targets: npt.NDArray[np.float32]
    part: Mapping[str, int]
    parts: npt.NDArray[np.intp]
    revision: str

    @classmethod
    def of(cls, live: LiveProject) -> _Lessons:
        """All that people said so far.

        Raises:
            InvalidDecision: It is too little.
        """
        import numpy as np

        known = live.known()
        said = sorted(known.reviewed.union(*known.positive.values()), key=lambda row: live.segments[row].id)
        rows = np.array(sorted(_drawn(said, live)), dtype=np.intp)
        there = set(rows.tolist())
        codes = [
            code
            for code in live.standing.codebook.in_use
            if len(known.positive.get(code.id, frozenset()) & there) >= LEAST_GIVEN
        ]
        persons = [person_of(live, row) for row in rows.tolist()]
        people = sorted(set(persons))
        _check_enough(len(rows), len(people), len(codes))
        order = sorted(people, key=lambda person: sha256(f"{live.settings.seed}:{person}".encode()).digest())
        part = {person: i % PARTS for i, person in enumerate(order)}
        targets = np.zeros((len(rows), len(codes) + 1), dtype=np.float32)
        for j, code in enumerate(codes):
            targets[:, j] = np.isin(rows, sorted(known.positive[code.id]))
        targets[:, -1] = ~targets.any(axis=1)
        targets /= targets.sum(axis=1, keepdims=True)
        texts = [live.text(live.segments[row]) for row in rows.tolist()]
        revision = step_key(texts, targets.tolist(), sorted(part.items()), live.settings.seed, __version__)
        return cls(rows, texts, codes, targets, part, np.array([part[one] for one in persons], dtype=np.intp), revision)


def person_of(live: LiveProject, row: int) -> str:
    """Whose words a segment is: id of a case, else of the transcript."""
    segment = live.segments[row]
    return live.case(segment) or segment.transcript


def _drawn(said: Sequence[int], live: LiveProject) -> Sequence[int]:
    """At most `MOST_SEGMENTS`, by their ids, so that the order in which people decided does not matter."""
    return sorted(said, key=lambda row: sha256(live.segments[row].id.encode()).digest())[:MOST_SEGMENTS]


def _check_enough(segments: int, people: int, codes: int) -> None:
    if segments < LEAST_SEGMENTS or people < LEAST_PEOPLE or codes < 2:
        raise InvalidDecision(
            f"People have coded {many(segments, 'segment')} of {many(people, 'person', 'people')}, with {many(codes, 'code')} given "
            f"{LEAST_GIVEN} times or more; training takes {LEAST_SEGMENTS} segments of {LEAST_PEOPLE} people and 2 such codes. "
            "Go on coding: the machine learns from each decision at once."
        )


def _made(
    store: Store, lessons: _Lessons, settings: Settings, progress: Progress, *, in_use: str | None
) -> Mapping[str, Sequence[int]]:
    """Train the networks that are not kept from a run that was interrupted; the shapes of their weights."""
    import numpy as np

    name, begun = _model(lessons.revision), store.value(_BEGUN) or {"revision": lessons.revision, "shapes": {}}
    if begun["revision"] != lessons.revision:  # other codings were learned from
        if begun["revision"] != in_use:
            store.forget_vectors(_model(begun["revision"]))
        begun = {"revision": lessons.revision, "shapes": {}}
    kept = store.vectors([_row(part) for part in range(PARTS)], model=name) if begun["shapes"] else {}
    missing = [part for part in range(PARTS) if _row(part) not in kept]
    for part, arrays in networks_without(
        missing, lessons.texts, lessons.targets, lessons.parts, settings, progress=progress
    ):
        row = np.concatenate([np.asarray(arrays[one], dtype=np.float32).ravel() for one in sorted(arrays)])
        begun["shapes"] = {one: list(np.shape(arrays[one])) for one in arrays}
        with store.transaction():
            store.save_value(_BEGUN, begun)
            store.save_vectors({_row(part): row}, model=name)
    shapes: Mapping[str, Sequence[int]] = begun["shapes"]
    return shapes


def networks_without(
    wanted: Sequence[int],
    texts: Sequence[str],
    targets: npt.NDArray[np.float32],
    parts: npt.NDArray[np.intp],
    settings: Settings,
    *,
    start: Arrays | None = None,
    progress: Progress = silent,
) -> Iterator[tuple[int, Arrays]]:
    """For each of the wanted parts a network that learns from all others, for `textcoder.side_network.SideNetwork`.

    Args:
        wanted: Parts.
        texts: Coded segments (m,).
        targets: What each carries (m, n_codes + 1), the last column for none of it; each row sums to 1.
        parts: To which part each belongs (m,).
        settings: Of the encoder, and the seed.
        start: What they begin with; None for the lens head that ships, which knows how people speak of what they hold good or bad.
        progress: Told every step.
    """
    if not wanted:
        return
    import numpy as np

    from textcoder.embeddings import read_states
    from textcoder.lenses import shipped_head
    from textcoder.training import LAYERS, MAX_TOKENS, States, Task, train

    read = read_states(
        texts, LAYERS, MAX_TOKENS, settings, progress=lambda done, n: progress("Reading what was coded", done, n)
    )
    states = States.of_texts(read)
    for part in wanted:
        seen = (parts != part).astype(np.float64)[:, None] * targets
        # A code is drawn by the root of how often it was given: rare ones are heard, and frequent ones lead.
        weights = (seen / np.sqrt(np.maximum(seen.sum(axis=0), 1e-9))).sum(axis=1)
        steps, stage = STEPS[int((parts != part).sum()) >= MANY], f"Training {part + 1} of {PARTS}"
        yield (
            part,
            train(
                Task(states, targets, weights / weights.sum()),
                steps,
                start=start or shipped_head()[0],
                seed=settings.seed,
                progress=lambda step, stage=stage, steps=steps: progress(stage, step, steps),  # type: ignore[misc]  # bound now
            ),
        )


_BEGUN = "training begun"
"""Under this name it is kept which networks are being trained, and the shapes of their weights."""


def _model(revision: str) -> str:
    return f"{KEPT}/{revision}"


def _row(part: int) -> str:
    return f"without part {part}"


def _network(store: Store, revision: str, shapes: Mapping[str, Sequence[int]], part: int) -> SideNetwork:
    import numpy as np

    from textcoder.side_network import SideNetwork

    row = store.vectors([_row(part)], model=_model(revision))[_row(part)]
    names = sorted(shapes)  # a database may order them otherwise
    ends = np.cumsum([int(np.prod(shapes[name])) for name in names])
    arrays = {name: of.reshape(shapes[name]) for name, of in zip(names, np.split(row, ends[:-1]), strict=True)}
    return SideNetwork(arrays, f"{_model(revision)}/{part}")


# --- what it says, and whether that helps -----------------------------------------------------------------------------------------------


def _odds(
    live: LiveProject, networks: Sequence[SideNetwork], codes: Sequence[Code], part: Mapping[str, int]
) -> npt.NDArray[np.float32]:
    import numpy as np

    from textcoder.embeddings import SideBySide, read_cached

    texts = [live.text(segment) for segment in live.segments]
    read = read_cached(
        texts,
        SideBySide(*networks),
        live.settings,
        load=live.store.vectors,
        save=live.store.save_vectors,
        progress=lambda done, total: live.progress("Reading with what was trained", done, total),
    )
    own = np.array([part.get(person_of(live, row), -1) for row in range(len(texts))], dtype=np.intp)
    place = {code.id: j for j, code in enumerate(codes)}
    book = live.standing.codebook
    above = [[place[one] for one in book.ancestors(code.id) if one in place] for code in codes]
    return odds_of(read.reshape(len(texts), len(networks), -1), own, above)


def odds_of(
    values: npt.NDArray[np.float32], own: npt.NDArray[np.intp], above: Sequence[Sequence[int]]
) -> npt.NDArray[np.float32]:
    """What networks say of segments, as log-odds of each code (n, n_codes).

    Args:
        values: Of each network, (n, n_networks, n_codes + 1).
        own: The part of each segment's person (n), whose words the network of just this number does not know; -1: all of them speak.
        above: Of each code the codes above it, which are there where one below them is.
    """
    import numpy as np

    likely = np.exp(values - values.max(axis=2, keepdims=True))
    likely /= likely.sum(axis=2, keepdims=True)
    apart = likely[np.arange(len(own)), np.maximum(own, 0)]
    likely = np.where((own >= 0)[:, None], apart, likely.mean(axis=1))[:, : len(above)]
    whole = likely.copy()
    for j, owners in enumerate(above):
        for owner in owners:
            whole[:, owner] += likely[:, j]
    whole = np.clip(whole, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(whole) - np.log1p(-whole), dtype=np.float32)


def _judged(live: LiveProject, lessons: _Lessons, odds: npt.NDArray[np.float32]) -> tuple[float, float, float]:
    known = live.known()
    book = live.standing.codebook
    given = {
        code.id: frozenset().union(
            *(known.positive.get(one.id, ()) for one in book.in_use if code.id in (one.id, *book.ancestors(one.id)))
        )
        for code in lessons.codes
    }
    return best_share(live.taught(known), known, lessons.rows, lessons.parts, given, odds)


def best_share(
    coder: MachineCoder,
    known: Known,
    rows: npt.NDArray[np.intp],
    parts: npt.NDArray[np.intp],
    given: Mapping[str, frozenset[int]],
    odds: npt.NDArray[np.float32],
) -> tuple[float, float, float]:
    """How well codes are found in what people said whom the machine does not know, and how much the networks should count.

    Args:
        coder: Fitted; is taught other things here.
        known: All that people said.
        rows: The coded segments (m,), and to which part each belongs, `parts`.
        parts: (m,).
        given: Code id -> rows that carry it or a code below it, in the order of the columns of `odds`.
        odds: Of all segments (n, n_codes); see `odds_of`.

    Returns:
        Mean over parts and codes of average precision by what is learned at once, the same with the networks, and their share of a
        score; of equal shares the least.
    """
    import numpy as np
    from sklearn.metrics import average_precision_score

    from textcoder.coder import Trained, with_trained

    found: dict[float, list[float]] = {share: [] for share in SHARES}
    for part in sorted(set(parts.tolist())):
        there = rows[parts == part]
        coder.update(known.without(frozenset(there.tolist())))
        scores = coder.scores(coder.vectors[there], coder.manner[there])
        for share in SHARES:
            mixed = with_trained(scores, Trained(tuple(given), odds, share), odds[there], coder.place)
            for code, carried in given.items():
                truth = np.isin(there, sorted(carried))
                if truth.any() and not truth.all():
                    found[share].append(float(average_precision_score(truth, mixed[coder.place[code]])))
    mean = {share: float(np.mean(values)) if values else 0.0 for share, values in found.items()}
    best = max(SHARES, key=lambda share: (mean[share], -share))
    return mean[0.0], mean[best], best
