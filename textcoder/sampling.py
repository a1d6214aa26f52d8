"""A probability sample of segments for blind double coding: who is drawn is left to chance, and the chance is known.

Every segment of the frame has a known chance of being drawn (its inclusion probability), so that figures from the sample can be
weighted back to the whole (Horvitz and Thompson 1952). Each segment gets a number of its own from the seed and its id, and those
with the smallest are drawn (permanent random numbers: Ohlsson 1995). The draw therefore does not depend on the order of the
input; a larger sample with the same seed holds the smaller one, as long as each stratum's share grows.

References:
    Horvitz and Thompson (1952), A generalization of sampling without replacement from a finite universe. JASA 47, 663-685.
    Ohlsson (1995), Coordination of samples using permanent random numbers. In: Business Survey Methods, 153-169.
    Cochran (1977), Sampling Techniques, 3rd edition, chapters 5 and 10.
    Balinski and Young (1982), Fair Representation, on Webster's method.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from textcoder.errors import TextcoderError


@dataclass(frozen=True, slots=True)
class Drawn:
    """A segment that was drawn.

    Attributes:
        segment: Segment id.
        stratum: The value by which it was stratified; empty in a simple sample.
        probability: Its chance of being drawn, in (0, 1].
    """

    segment: str
    stratum: str
    probability: float

    @property
    def weight(self) -> float:
        """How many segments of the whole it stands for."""
        return 1.0 / self.probability


@dataclass(frozen=True, slots=True)
class Stratum:
    """How much was drawn from one stratum.

    Attributes:
        name: Value of the attribute; empty in a simple sample, or where the attribute is unknown.
        size: Segments in it.
        reachable: Segments that could be drawn together; fewer than `size` only where people are limited.
        drawn: Segments drawn.
    """

    name: str
    size: int
    reachable: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn, and with what chance; drawn anew it is the same. Of people drawn as a whole, strata count people.

    Attributes:
        drawn: Sorted by segment id.
        strata: Sorted by name; a simple sample has one, named "".
        probabilities: Every segment of the frame -> its chance of being drawn; they sum to the number drawn.
        seed: Decides the draw.
        most_per_case: Limit for each person within a stratum; None where there is none.
    """

    drawn: tuple[Drawn, ...]
    strata: tuple[Stratum, ...]
    probabilities: Mapping[str, float]
    seed: int
    most_per_case: int | None = None

    @property
    def segments(self) -> dict[str, float]:
        """Those drawn, sorted by id -> the chance that each had, as the domain's `Sample` keeps them."""
        return {one.segment: one.probability for one in self.drawn}


def draw_sample(
    segments: Collection[str],
    n: int,
    *,
    seed: int,
    stratum_of: Mapping[str, str] | None = None,
    minimum: int = 1,
    case_of: Mapping[str, str] | None = None,
    most_per_case: int | None = None,
) -> Draw:
    """Draw `n` segments by chance, without replacement.

    With strata, each gets its share of `n` in proportion to its size, but at least `minimum` (or all it has). With a limit for
    each person the draw in a stratum has two steps: `most_per_case` of each person's segments (all, where she has no more), then
    the stratum's share of these. A segment's probability is the product of the two, so that a talkative person's segments have
    a smaller chance and a larger weight. A person in two strata (two waves) may be drawn up to the limit in each. Segments
    without a case count as one person's.

    Args:
        segments: Ids of all that could be drawn: the frame. Repeated ids count once.
        n: How many to draw, 1 or more.
        seed: The same seed draws the same segments, whatever the order of the input.
        stratum_of: Segment id -> value of an attribute (lens, wave, group); None for a simple random sample.
        minimum: At least so many from each stratum, as far as it has them; only with `stratum_of`.
        case_of: Segment id -> case id; needed for `most_per_case`.
        most_per_case: No person gives more than so many segments in a stratum; None for no limit.

    Raises:
        TextcoderError: More is asked than there is, or less than the strata's minimum needs.
        ValueError: A segment has no stratum or case, or a limit is not positive.
    """
    frame = sorted(set(segments))
    _check(frame, n, stratum_of, minimum, case_of, most_per_case)
    strata: dict[str, list[str]] = defaultdict(list)
    for segment in frame:
        strata["" if stratum_of is None else stratum_of[segment]].append(segment)
    names = sorted(strata)
    persons = {name: _persons(strata[name], case_of if most_per_case else None) for name in names}
    limit = most_per_case or len(frame)
    reachable = {name: sum(min(limit, len(own)) for own in persons[name].values()) for name in names}
    _check_enough(n, len(frame), sum(reachable.values()), most_per_case)
    sizes = {name: len(strata[name]) for name in names}
    shares = allocate(sizes, n, minimum=minimum if stratum_of is not None else 0, at_most=reachable)
    drawn: list[Drawn] = []
    probabilities: dict[str, float] = {}
    for name in names:
        pool: list[str] = []
        for own in persons[name].values():
            pool += _smallest(own, min(limit, len(own)), f"{seed}:within")
            chance = Fraction(min(limit, len(own)), len(own)) * Fraction(shares[name], reachable[name])
            probabilities.update(dict.fromkeys(own, float(chance)))
        # Numbers of another kind: those that won within a person are no longer equally likely to be small.
        drawn += [Drawn(s, name, probabilities[s]) for s in _smallest(pool, shares[name], f"{seed}:across")]
    return Draw(
        drawn=tuple(sorted(drawn, key=lambda one: one.segment)),
        strata=tuple(Stratum(name, sizes[name], reachable[name], shares[name]) for name in names),
        probabilities={segment: probabilities[segment] for segment in frame},
        seed=seed,
        most_per_case=most_per_case,
    )


def draw_people(
    case_of: Mapping[str, str], n: int, *, seed: int, stratum_of: Mapping[str, str] | None = None, minimum: int = 1
) -> Draw:
    """Draw `n` people by chance, without replacement, with all that they say: only so is it known who never says a thing.

    A segment's chance is that of its person. Drawn as `draw_sample` draws segments: by numbers of their own, in strata by share.

    Args:
        case_of: Segment id -> case id: the frame; leave out words of nobody known.
        n: How many people, 1 or more.
        seed: The same seed draws the same people, whatever the order of the input.
        stratum_of: Segment id -> value of an attribute. A person with several values (waves) is of a stratum of her own kind: "1, 2".
        minimum: At least so many people from each stratum, as far as it has them; only with `stratum_of`.

    Returns:
        Every segment of the people drawn; strata are counted in people.

    Raises:
        TextcoderError: More people are asked for than there are, or fewer than the strata's minimum needs.
        ValueError: A segment has no stratum.
    """
    own = _persons(sorted(case_of), case_of)
    if n > len(own):
        raise TextcoderError(f"{n} people are asked for, but there are only {len(own)}; ask for {len(own)} or fewer.")
    _check(list(case_of), n, stratum_of, minimum, case_of, None)
    kinds = None
    if stratum_of is not None:
        kinds = {case: ", ".join(sorted({stratum_of[s] for s in said if stratum_of[s]})) for case, said in own.items()}
        needed = sum(min(minimum, size) for size in Counter(kinds.values()).values())
        if needed > n:
            raise TextcoderError(
                f"{n} people are asked for, but at least {minimum} from each stratum makes {needed}; ask for more people, or fewer strata."
            )
    people = draw_sample(list(own), n, seed=seed, stratum_of=kinds, minimum=minimum)
    drawn = (Drawn(segment, one.stratum, one.probability) for one in people.drawn for segment in own[one.segment])
    return Draw(
        drawn=tuple(sorted(drawn, key=lambda one: one.segment)),
        strata=people.strata,
        probabilities={segment: people.probabilities[case_of[segment]] for segment in sorted(case_of)},
        seed=seed,
    )


def allocate(
    sizes: Mapping[str, int], n: int, *, minimum: int = 0, at_most: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Divide `n` among strata in proportion to their sizes, with a minimum for each and never more than it can give.

    Webster's method: one place after another goes to the stratum with the largest size / (2 places + 1); ties go to the first
    name. O(n * strata).

    Args:
        sizes: Name -> segments in it.
        n: How many to divide; no more than the strata can give together.
        minimum: For each, as far as it can give so many.
        at_most: Name -> what it can give; None for its size.

    Raises:
        TextcoderError: The minimum alone needs more than `n`.

    Example:
        >>> allocate({"wave 1": 60, "wave 2": 30, "wave 3": 2}, 9, minimum=1)
        {'wave 1': 5, 'wave 2': 3, 'wave 3': 1}
    """
    room = dict(sizes if at_most is None else at_most)
    places = {name: min(minimum, room[name]) for name in sorted(sizes)}
    if sum(places.values()) > n:
        raise TextcoderError(
            f"{n} segments are asked for, but at least {minimum} from each of {len(sizes)} strata makes "
            f"{sum(places.values())}; ask for more segments, a smaller minimum, or fewer strata."
        )
    for _ in range(n - sum(places.values())):
        open_ = [name for name in places if places[name] < room[name]]
        winner = max(open_, key=lambda name: Fraction(sizes[name], 2 * places[name] + 1))
        places[winner] += 1
    return places


def _check(
    frame: Collection[str],
    n: int,
    stratum_of: Mapping[str, str] | None,
    minimum: int,
    case_of: Mapping[str, str] | None,
    most_per_case: int | None,
) -> None:
    if n < 1 or minimum < 0 or (most_per_case is not None and most_per_case < 1):
        raise ValueError(
            f"n = {n}, minimum = {minimum} and most_per_case = {most_per_case} must not be below 1, 0 and 1"
        )
    if most_per_case is not None and case_of is None:
        raise ValueError("most_per_case needs case_of: the case of each segment")
    for what, known in (("stratum", stratum_of), ("case", case_of)):
        unknown = [segment for segment in frame if known is not None and segment not in known]
        if unknown:
            raise ValueError(f"{len(unknown)} of {len(frame)} segments have no {what}, such as {unknown[0]}")


def _check_enough(n: int, size: int, reachable: int, most_per_case: int | None) -> None:
    if n > size:
        raise TextcoderError(f"{n} segments are asked for, but there are only {size}; ask for {size} or fewer.")
    if n > reachable:
        raise TextcoderError(
            f"{n} segments are asked for, but with at most {most_per_case} from each person only {reachable} can be drawn; "
            f"ask for {reachable} or fewer, or allow more from each person."
        )


def _persons(segments: Collection[str], case_of: Mapping[str, str] | None) -> dict[str, list[str]]:
    """Case id -> her segments; all under one name where people are not limited."""
    own: dict[str, list[str]] = defaultdict(list)
    for segment in segments:
        own["" if case_of is None else case_of[segment]].append(segment)
    return dict(sorted(own.items()))


def _smallest(segments: Collection[str], n: int, kind: str) -> list[str]:
    """The `n` segments with the smallest numbers; each number follows from `kind` and the segment's id alone."""
    return sorted(segments, key=lambda segment: (sha256(f"{kind}:{segment}".encode()).digest(), segment))[:n]
