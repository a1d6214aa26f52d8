"""What is new in a refit or a new wave, against a codebook that stays: which themes go on, which are new, whose meaning moves.

Three questions. Which code does a newly found theme continue, so that what people adopted keeps its identity? What speaks for a theme
that continues none? Do the segments that carry a code say something else in new transcripts than before? Answers do not depend on
the order of themes, codes, segments or transcripts.

References:
    Hennig (2007), Cluster-wise assessment of cluster stability. Computational Statistics and Data Analysis 52, 258-271 (Jaccard overlap
        from which a group is the same group).
    Fisher (1935), The logic of inductive inference. Journal of the Royal Statistical Society 98, 39-82.
    Phipson and Smyth (2010), Permutation p-values should never be zero. Statistical Applications in Genetics and Molecular Biology 9, 39.
    Benjamini and Hochberg (1995), Controlling the false discovery rate. Journal of the Royal Statistical Society B 57, 289-300.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from textcoder.domain.theme import Theme
from textcoder.multiplicity import false_discovery

Vectors = npt.NDArray[np.floating]
Numbers = npt.NDArray[np.float64]

FEWEST_SHARED = 3
"""Segments that a theme and a code must share before one continues the other."""
CRUMB = 0.2
"""Jaccard overlap below which a theme does not continue a code, however wholly the one lies in the other."""
FEWEST_SEGMENTS = 5
"""Segments of a code needed before and among the new, to tell drift."""
FEWEST_ARRANGEMENTS = 200
"""Ways to divide the transcripts into old and new; with fewer the smallest p-value is too large to tell anything."""


@dataclass(frozen=True, eq=False)
class Material:
    """The segments under study, old and new.

    Attributes:
        segments: Segment ids.
        transcripts: Transcript id of each segment.
        vectors: (n_segments, d), unit rows.
    """

    segments: tuple[str, ...]
    transcripts: tuple[str, ...]
    vectors: Vectors

    def __post_init__(self) -> None:
        """Look before anything is computed.

        Raises:
            ValueError: Numbers of rows differ, rows are not of length 1, or a segment stands twice.
        """
        if not len(self.segments) == len(self.transcripts) == len(self.vectors):
            raise ValueError(
                f"{len(self.vectors)} vectors and {len(self.transcripts)} transcripts for {len(self.segments)} segments"
            )
        if len(set(self.segments)) < len(self.segments):
            raise ValueError("a segment stands twice")
        if len(self.vectors) and not np.allclose(np.linalg.norm(self.vectors, axis=1), 1.0, atol=1e-3):
            raise ValueError("the rows of vectors must have length 1")

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Segment id -> row."""
        return {segment: i for i, segment in enumerate(self.segments)}

    def rows(self, segments: Collection[str]) -> list[int]:
        """Rows of these segments in the order of their ids, so that sums do not depend on any other order.

        Raises:
            ValueError: A segment is not among the material.
        """
        strange = sorted(set(segments) - self.row_of.keys())
        if strange:
            raise ValueError(
                f"{len(strange)} of {len(set(segments))} segments are not in the material, such as {strange[0]}"
            )
        return [self.row_of[segment] for segment in sorted(set(segments))]

    def said(self, rows: Sequence[int]) -> Numbers:
        """Vectors of these rows, (m, d)."""
        return np.asarray(self.vectors[list(rows)], dtype=np.float64)


# --- a. which code does a theme continue? ---


@dataclass(frozen=True, slots=True)
class Continuation:
    """A new theme and the code that it continues, if any.

    Attributes:
        theme: Theme id.
        code: Code id; None where it continues none.
        jaccard: Segments in both / segments in either, of that code; of the most alike code of its lens where it continues none; 0
            where there is none.
        containment: Segments in both / segments in the smaller of the two, likewise.
        shared: Segments in both.
    """

    theme: str
    code: str | None
    jaccard: float = 0.0
    containment: float = 0.0
    shared: int = 0


def match_themes(
    new_themes: Sequence[Theme],
    carried: Mapping[str, Collection[str]],
    lenses: Mapping[str, str],
    *,
    known: Collection[str] | None = None,
    jaccard: float = 0.5,
    containment: float = 0.75,
) -> tuple[Continuation, ...]:
    """Which code each newly found theme continues, so that what was adopted keeps its identity after a refit.

    A theme continues at most one code and a code is continued by at most one theme, of the same lens: the pair with the largest Jaccard
    overlap first, then containment, then by ids. Where a theme fell into two, the part that holds more of the code continues it.

    Args:
        new_themes: As found now.
        carried: Code id -> segments that carry it.
        lenses: Code id -> lens id, for every code of `carried`.
        known: Segments that existed when the codes were given; others do not count against a theme that grew with a new wave.
            None for all.
        jaccard: Overlap from which a theme is the same; below half a group counts as dissolved (Hennig 2007).
        containment: Or share of the smaller one that the larger holds, if the smaller is no mere crumb of it (`CRUMB`).

    Returns:
        One for each theme, in the order given.

    Raises:
        ValueError: A code has no lens, or a theme stands twice.
    """
    unknown = sorted(carried.keys() - lenses.keys())
    if unknown or len({theme.id for theme in new_themes}) < len(new_themes):
        raise ValueError(f"codes without a lens: {', '.join(unknown)}" if unknown else "a theme stands twice")
    seen = None if known is None else frozenset(known)
    pairs = [
        _overlap(theme, code, frozenset(carried[code]), seen)
        for theme in new_themes
        for code in sorted(carried)
        if lenses[code] == theme.lens
    ]
    pairs.sort(key=lambda pair: (-pair.jaccard, -pair.containment, -pair.shared, pair.code, pair.theme))
    nearest: dict[str, Continuation] = {}
    taken: dict[str, Continuation] = {}
    codes: set[str | None] = set()
    for pair in pairs:
        nearest.setdefault(pair.theme, pair)
        inside = pair.containment >= containment and pair.jaccard >= CRUMB
        alike = pair.shared >= FEWEST_SHARED and (pair.jaccard >= jaccard or inside)
        if alike and pair.theme not in taken and pair.code not in codes:
            taken[pair.theme] = pair
            codes.add(pair.code)
    found = []
    for theme in new_themes:
        none = replace(nearest.get(theme.id, Continuation(theme.id, None)), code=None)
        found.append(taken.get(theme.id, none))
    return tuple(found)


def _overlap(theme: Theme, code: str, carriers: frozenset[str], known: frozenset[str] | None) -> Continuation:
    own = frozenset(theme.segments)
    if known is not None:
        own, carriers = own & known, carriers & known
    shared, smaller = len(own & carriers), min(len(own), len(carriers))
    either = len(own | carriers)
    return Continuation(
        theme.id, code, shared / either if either else 0.0, shared / smaller if smaller else 0.0, shared
    )


# --- b. what speaks for a theme being new? ---


@dataclass(frozen=True, slots=True)
class WaveShare:
    """How much of a theme comes from one wave, against what that wave is of the whole.

    Attributes:
        wave: As the caller names it.
        segments: Of the theme, in this wave.
        all_segments: In this wave.
        transcripts: Of this wave that hold the theme.
        all_transcripts: Of this wave.
        p_value: Chance that so many of the transcripts that hold the theme, or more, are of this wave, if waves did not matter (Fisher's
            exact test, one-sided; transcripts are the units, since one talkative person is no evidence); NaN where there is one wave.
    """

    wave: str
    segments: int
    all_segments: int
    transcripts: int
    all_transcripts: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Novelty:
    """What speaks for a theme being new.

    Attributes:
        theme: Theme id.
        evidence: In words.
        segments: Of the theme.
        uncoded: How many of them no code carries.
        nearest: The code of the same lens whose segments are most alike; None where no code of that lens has segments.
        cosine: Between the centres of the two; NaN where there is none.
        waves: In the order of their names.
    """

    theme: str
    evidence: str
    segments: int
    uncoded: int
    nearest: str | None
    cosine: float
    waves: tuple[WaveShare, ...]

    @property
    def uncoded_share(self) -> float:
        """Share of its segments that no code carries, in [0, 1]."""
        return self.uncoded / self.segments


def novelty(
    theme: Theme,
    material: Material,
    carried: Mapping[str, Collection[str]],
    lenses: Mapping[str, str],
    waves: Mapping[str, str],
) -> Novelty:
    """What speaks for a theme being new: how much of it no code carries, which code is nearest, which wave it comes from.

    Args:
        theme: With one segment or more.
        material: All segments that were looked at, the theme's among them.
        carried: Code id -> segments that carry it, of all lenses; those outside the material do not count.
        lenses: Code id -> lens id.
        waves: Transcript id -> wave, or "new" and "before"; for every transcript of the material.

    Raises:
        ValueError: The theme has no segments or unknown ones, a transcript has no wave or a code no lens.
    """
    from scipy.stats import fisher_exact

    if not theme.segments:
        raise ValueError(f"theme {theme.id} has no segments")
    rows = material.rows(theme.segments)
    coded = {segment for segments in carried.values() for segment in segments}
    uncoded = sum(material.segments[row] not in coded for row in rows)
    nearest, cosine = _nearest_code(theme, material, carried, lenses)
    holding = {material.transcripts[row] for row in rows}
    asked = set(material.transcripts)
    missing = sorted(asked - waves.keys())
    if missing:
        raise ValueError(f"{len(missing)} of {len(asked)} transcripts have no wave, such as {missing[0]}")
    names = sorted({waves[transcript] for transcript in asked})
    shares = []
    for wave in names:
        here = {transcript for transcript in asked if waves[transcript] == wave}
        a, b = len(holding & here), len(holding - here)
        table = [[a, b], [len(here) - a, len(asked) - len(here) - b]]
        p_value = float(fisher_exact(table, alternative="greater")[1]) if len(names) > 1 else math.nan
        counts = [
            sum(material.transcripts[row] in here for row in these) for these in (rows, range(len(material.segments)))
        ]
        shares.append(WaveShare(wave, counts[0], counts[1], a, len(here), p_value))
    words = f"{uncoded} of its {len(rows)} segments carry no code; " + (
        f"the nearest code has cosine {cosine:.2f}" if nearest is not None else "no code of its lens has segments"
    )
    words += "".join(
        f"; wave {share.wave}: {share.transcripts} of {share.all_transcripts} transcripts"
        + ("" if math.isnan(share.p_value) else f" (p = {share.p_value:.2g})")
        for share in shares
    )
    return Novelty(theme.id, words + ".", len(rows), uncoded, nearest, cosine, tuple(shares))


def _nearest_code(
    theme: Theme, material: Material, carried: Mapping[str, Collection[str]], lenses: Mapping[str, str]
) -> tuple[str | None, float]:
    centre = _centre(material.said(material.rows(theme.segments)))
    best: tuple[float, str] | None = None
    for code in sorted(carried):
        if code not in lenses:
            raise ValueError(f"code {code} has no lens")
        own = material.row_of.keys() & set(carried[code])
        if lenses[code] != theme.lens or not own:
            continue
        cosine = float(_centre(material.said(material.rows(own))) @ centre)
        if best is None or round(cosine, 9) > round(best[0], 9):
            best = cosine, code
    return (None, math.nan) if best is None else (best[1], best[0])


# --- c. do the segments of a code say something else than before? ---


class Permuted(StrEnum):
    """What was dealt out anew between old and new, to see what chance does."""

    TRANSCRIPTS = "transcripts"
    SEGMENTS = "segments"
    """Where there are too few transcripts: how single people talk may then pass for drift."""
    NOTHING = "nothing"
    """Too few to tell."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether the segments of one code say something else in new transcripts than before.

    Attributes:
        code: Code id.
        evidence: In words.
        before: Segments in old transcripts.
        after: Segments in new ones.
        distance: Between the mean vectors of the two; NaN where there are too few to tell.
        expected: Mean of that distance when old and new are dealt out by chance.
        effect: Distance beyond chance in spreads: sqrt(max(0, distance^2 - mean chance distance^2)) / root mean squared distance of
            segments from the mean of their side.
        p_value: Of the permutation test, never 0; NaN where there are too few to tell.
        q_value: p-value adjusted for all codes that could be tested (Benjamini and Hochberg).
        permuted: Transcripts, segments, or nothing.
        farthest: New segments least like the old ones, the least alike first; empty where there are too few to tell.
    """

    code: str
    evidence: str
    before: int
    after: int
    distance: float
    expected: float
    effect: float
    p_value: float
    q_value: float
    permuted: Permuted
    farthest: tuple[str, ...]

    @property
    def told(self) -> bool:
        """Whether there was enough to tell anything."""
        return self.permuted is not Permuted.NOTHING


def drift(
    material: Material,
    carried: Mapping[str, Collection[str]],
    new: Collection[str],
    *,
    seed: int,
    permutations: int = 1999,
    examples: int = 5,
) -> tuple[Drift, ...]:
    """Whether each code is used for the same in new transcripts as before.

    The distance of the mean vectors is compared with what it is when old and new are dealt out by chance. Whole transcripts are dealt
    where there are enough arrangements, since what one person says hangs together; else segments, and the answer says so. Needs
    `FEWEST_SEGMENTS` segments and two transcripts on either side; with fewer it says "too few to tell". Codings that a machine gave by
    likeness hide drift: what strayed too far was never coded. Cost: about 0.05 s a code.

    Args:
        material: All segments, old and new.
        carried: Code id -> segments that carry it; those outside the material do not count.
        new: Ids of the new transcripts.
        seed: A code's p-value depends on nothing else but its segments.
        permutations: How often old and new are dealt out.
        examples: How many of the farthest new segments are named.

    Returns:
        One for each code: the smallest p-value first, those that cannot be told last, then by id.
    """
    from threadpoolctl import threadpool_limits

    # Sums over several threads differ in the last digit.
    with threadpool_limits(limits=1):
        tested = [
            _drift_of(code, carried[code], material, set(new), seed, permutations, examples) for code in sorted(carried)
        ]
    adjusted = false_discovery([one.p_value for one in tested])
    done = [_told(replace(one, q_value=q)) for one, q in zip(tested, adjusted, strict=True)]
    return tuple(sorted(done, key=lambda one: (not one.told, one.p_value if one.told else 0.0, one.code)))


def _drift_of(
    code: str, carriers: Collection[str], material: Material, new: set[str], seed: int, permutations: int, examples: int
) -> Drift:
    rows = material.rows(material.row_of.keys() & set(carriers))
    after = np.array([material.transcripts[row] in new for row in rows], dtype=bool)
    n_after, n_before = int(after.sum()), int((~after).sum())
    transcripts = [material.transcripts[row] for row in rows]
    names = sorted(set(transcripts))
    n_new = sum(name in new for name in names)
    if min(n_before, n_after) < FEWEST_SEGMENTS or min(n_new, len(names) - n_new) < 2:
        nan = math.nan
        return Drift(code, "", n_before, n_after, nan, nan, nan, nan, nan, Permuted.NOTHING, ())
    said = material.said(rows)
    by_transcript = math.comb(len(names), n_new) >= FEWEST_ARRANGEMENTS
    blocks = np.array([names.index(name) for name in transcripts]) if by_transcript else np.arange(len(rows))
    # Each code has a seed of its own, so that its answer stays when other codes come and go.
    own_seed = int.from_bytes(sha256(f"{seed}:{code}".encode()).digest()[:8], "big")
    distance, chance = _distances(said, after, blocks, permutations, np.random.default_rng(own_seed))
    # Tolerance: the same division dealt out again differs in the last digit.
    p_value = (1 + int((chance >= distance - 1e-9).sum())) / (1 + permutations)
    inside = np.concatenate([said[side] - said[side].mean(axis=0) for side in (after, ~after)])
    spread = math.sqrt(float((inside * inside).sum()) / len(rows))
    beyond = max(0.0, distance**2 - float((chance**2).mean()))
    near = np.round(said[after] @ _centre(said[~after]), 9)
    news = np.flatnonzero(after)[np.argsort(near, kind="stable")[:examples]]
    return Drift(
        code=code,
        evidence="",
        before=n_before,
        after=n_after,
        distance=distance,
        expected=float(chance.mean()),
        effect=math.sqrt(beyond) / spread if spread > 1e-9 else (math.inf if distance > 1e-9 else 0.0),
        p_value=p_value,
        q_value=math.nan,
        permuted=Permuted.TRANSCRIPTS if by_transcript else Permuted.SEGMENTS,
        farthest=tuple(material.segments[rows[i]] for i in news),
    )


def _distances(
    said: Numbers,
    after: npt.NDArray[np.bool_],
    blocks: npt.NDArray[np.intp],
    permutations: int,
    draws: np.random.Generator,
) -> tuple[float, Numbers]:
    """Distance of the mean vectors as it is, and when blocks are dealt out by chance, as many to the new side as there are.

    Only the blocks' sums are needed: |m1 - m0|^2 follows from their inner products, so that cost does not grow with d.
    """
    n_blocks = int(blocks.max()) + 1
    sums, sizes = np.zeros((n_blocks, said.shape[1])), np.bincount(blocks).astype(np.float64)
    np.add.at(sums, blocks, said - said.mean(axis=0))
    inner = sums @ sums.T
    is_new = np.zeros(n_blocks, dtype=bool)
    is_new[blocks[after]] = True
    order = np.argsort(draws.random((permutations, n_blocks)), axis=1)
    sides = np.concatenate([is_new[None, :], is_new[order]]).astype(np.float64)
    n_new = sides @ sizes
    # Sums over both sides cancel (they were centred), so that m1 - m0 = s1 (1 / n1 + 1 / n0).
    lengths = np.sqrt(np.maximum(np.einsum("bi,bi->b", sides @ inner, sides), 0.0))
    distances = lengths * (1 / n_new + 1 / (len(said) - n_new))
    return float(distances[0]), distances[1:]


def _told(one: Drift) -> Drift:
    """The same with its evidence in words."""
    if not one.told:
        words = f"too few to tell: {one.before} segments before and {one.after} in new transcripts"
        return replace(
            one, evidence=f"{words}; {FEWEST_SEGMENTS} of two transcripts or more are needed on either side."
        )
    words = (
        f"{one.after} new segments lie {one.distance:.2f} from the {one.before} before, where chance gives {one.expected:.2f} "
        f"(effect {one.effect:.2f}, p = {one.p_value:.2g}, adjusted for all codes {one.q_value:.2g})"
    )
    if one.permuted is Permuted.SEGMENTS:
        words += "; there are too few transcripts to tell drift from how single people talk"
    return replace(one, evidence=words + ".")


def _centre(rows: Numbers) -> Numbers:
    """The mean direction, of length 1; the zero vector where directions cancel."""
    mean = rows.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length else mean, dtype=np.float64)
