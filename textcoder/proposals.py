"""What the machine proposes about the codebook, with the evidence in words and the numbers behind it. A person decides.

Four questions: are two codes one? Is one code several? Does a definition still say what the code is used for? Is a code one
person's only? All is judged from the codings that count and from vectors of segments and entries; nothing here changes a
codebook. Answers do not depend on the order of segments, codes or codings.

References:
    Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of cluster analysis. Journal of
        Computational and Applied Mathematics 20, 53-65.
    Liu, Hayes, Nobel and Marron (2008), Statistical significance of clustering for high-dimension, low-sample size data.
        JASA 103, 1281-1293 (one Gaussian group as what a division is compared with).
    Hampel (1974), The influence curve and its role in robust estimation. JASA 69, 383-393 (median and MAD).
    Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger than the other. Annals of
        Mathematical Statistics 18, 50-60.
    Spearman (1904), The proof and measurement of association between two things. American Journal of Psychology 15, 72-101.
    Jaccard (1912), The distribution of the flora in the alpine zone. New Phytologist 11, 37-50.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from textcoder.domain.codebook import Code, Codebook

Vectors = npt.NDArray[np.floating]
Rows = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]

ENOUGH = 5
"""Segments that a code needs before its segments are compared with anything."""
ENOUGH_TO_SPLIT = 12
"""Segments that a code needs before a division of it is proposed."""
SMALLEST_PART = 3
"""Segments that each part of a proposed division needs; fewer are exceptions, not a code."""
AXES = 5
"""Main axes of variation in which a division is tested; more add noise and cost, not parts that a person would see."""
NULL_DRAWS = 100
"""Groups without parts that a division is compared with."""
FEWEST_CODES = 5
"""Codes that a robust threshold needs."""
NARROWEST = 0.05
"""Least spread of fit that is assumed between codes, so that a book whose definitions fit alike does not flag trifles."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One coder gave one segment a code.

    Attributes:
        segment: Segment id.
        code: Code id.
        coder: Coder id.
    """

    segment: str
    code: str
    coder: str


@dataclass(frozen=True, eq=False)
class CodedMaterial:
    """The codebook in use and what it was used for.

    Attributes:
        codes: Those in use, whose lens, parent and name are read.
        entries: (n_codes, d), unit rows: name, definition and when to use of each code, embedded.
        segments: Ids of all segments that could be coded.
        cases: Case id of each segment; "" where the words belong to no case.
        vectors: (n_segments, d), unit rows in the same space.
        codings: Those that count, of all coders; codings of other codes or segments are an error.
    """

    codes: tuple[Code, ...]
    entries: Vectors
    segments: tuple[str, ...]
    cases: tuple[str, ...]
    vectors: Vectors
    codings: tuple[Coded, ...]

    def __post_init__(self) -> None:
        """Look before anything is computed.

        Raises:
            ValueError: Numbers of rows differ, rows are not of length 1, ids stand twice or are unknown.
        """
        counts = len(self.entries), len(self.codes), len(self.vectors), len(self.segments), len(self.cases)
        if counts[0] != counts[1] or not counts[2] == counts[3] == counts[4]:
            raise ValueError("{} entries for {} codes; {} vectors and {} segments with {} cases".format(*counts))
        for what, rows in (("entries", self.entries), ("vectors", self.vectors)):
            if len(rows) and not np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-3):
                raise ValueError(f"the rows of {what} must have length 1")
        known = {code.id for code in self.codes}, set(self.segments)
        if len(known[0]) < len(self.codes) or len(known[1]) < len(self.segments):
            raise ValueError("a code or segment stands twice")
        strange = [one for one in self.codings if one.code not in known[0] or one.segment not in known[1]]
        if strange:
            raise ValueError(f"{len(strange)} codings of unknown codes or segments, such as {strange[0]}")

    @cached_property
    def sorted_codes(self) -> tuple[Code, ...]:
        """By id, so that nothing depends on the order of the book."""
        return tuple(sorted(self.codes, key=lambda code: code.id))

    @cached_property
    def rows(self) -> Mapping[str, Rows]:
        """Code id -> rows of the segments that carry it, in the order of their ids; empty for a code without any."""
        row_of = {segment: i for i, segment in enumerate(self.segments)}
        carriers: dict[str, set[str]] = {code.id: set() for code in self.codes}
        for one in self.codings:
            carriers[one.code].add(one.segment)
        return {code: np.array([row_of[s] for s in sorted(own)], dtype=np.intp) for code, own in carriers.items()}

    def entry(self, code: str) -> Numbers:
        """The vector of a code's entry, (d,)."""
        return np.asarray(self.entries[self._row_of_code[code]], dtype=np.float64)

    def said(self, code: str) -> Numbers:
        """The vectors of the segments that carry the code, in the order of their ids, (m, d)."""
        return np.asarray(self.vectors[self.rows[code]], dtype=np.float64)

    @cached_property
    def _row_of_code(self) -> dict[str, int]:
        return {code.id: i for i, code in enumerate(self.codes)}


# --- a. are two codes one? ---


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two codes of one lens that may be one.

    Attributes:
        codes: Their ids, sorted.
        evidence: In words.
        entries: Cosine of their entries.
        centres: Cosine of what their segments say on average, corrected for how few there are (see `same_meaning`); about 1 where
            both are drawn from the same; NaN where too few carry just one of the two.
        overlap: Jaccard overlap of the segments that carry them; NaN where one has too few.
        told_apart: Share of these segments that lie nearer to the rest of their own code than to the other code; 0.5 is chance, 1
            means wholly different; NaN likewise.
        shared: Segments that carry both.
        either: Segments that carry one or both.
    """

    codes: tuple[str, str]
    evidence: str
    entries: float
    centres: float
    overlap: float
    told_apart: float
    shared: int
    either: int


def near_duplicates(
    material: CodedMaterial,
    *,
    same_entry: float = 0.85,
    same_segments: float = 0.5,
    same_centre: float = 0.9,
    told_apart: float = 0.65,
) -> tuple[NearDuplicate, ...]:
    """Pairs of codes under one lens whose entries or segments are nearly the same.

    Never across lenses, since the same thing may help one and hinder another; never a code and one above it, since a child implies
    its parents. O(codes squared * segments).

    The defaults were set on the training parts of two coded sets (NHS patient comments, bank queries). On the test parts 13 of 3,478
    pairs of different codes were proposed, and of codes cut into halves of 6, 10 and 20 segments 76, 92 and 100 %.

    Args:
        material: Codes and what they were used for.
        same_entry: Cosine of entries from which a pair is proposed.
        same_segments: Jaccard overlap from which it is.
        same_centre: Cosine of centres from which it is, if moreover
        told_apart: no larger share of segments lies nearer to its own code than to the other.

    Returns:
        The pair with most kinds of evidence first, then by cosine of entries.
    """
    book = Codebook(material.codes)
    above = {code.id: book.ancestors(code.id) for code in material.codes}
    found = []
    for one, other in combinations(material.sorted_codes, 2):
        if one.lens != other.lens or one.id in above[other.id] or other.id in above[one.id]:
            continue
        a, b = (material.rows[code.id].tolist() for code in (one, other))
        shared, either = set(a) & set(b), set(a) | set(b)
        entries = float(material.entry(one.id) @ material.entry(other.id))
        overlap = len(shared) / len(either) if min(len(a), len(b)) >= ENOUGH else math.nan
        only = [np.asarray(material.vectors[[row for row in rows if row not in shared]], np.float64) for rows in (a, b)]
        enough = min(map(len, only)) >= ENOUGH
        centres, apart = same_meaning(*only) if enough else (math.nan, math.nan)
        reasons = []
        if entries >= same_entry:
            reasons.append(f"their entries say nearly the same (cosine {entries:.2f})")
        if overlap >= same_segments:
            reasons.append(f"{len(shared)} of the {len(either)} segments that carry either carry both")
        if centres >= same_centre and apart <= told_apart:
            reasons.append(
                f"what people say under them is nearly the same (cosine {centres:.2f}): "
                f"only {apart:.0%} of the segments lie nearer to their own code, where 50% would be chance"
            )
        if reasons:
            words = f'"{one.name}" and "{other.name}" may be one code: {"; ".join(reasons)}.'
            figures = (entries, centres, overlap, apart)
            found.append((len(reasons), NearDuplicate((one.id, other.id), words, *figures, len(shared), len(either))))
    return tuple(pair for _, pair in sorted(found, key=lambda p: (-p[0], -round(p[1].entries, 6), p[1].codes)))


def same_meaning(one: Numbers, other: Numbers) -> tuple[float, float]:
    """How alike two groups of segments are, (cosine of their centres, share that can be told apart).

    The cosine of two means is too low where the means rest on few segments. It is corrected as a correlation is for unreliable
    measures (Spearman 1904): divided by the root of the mean cosines within each group, which leave each segment's with itself out.
    The share is of segments that lie nearer to the mean direction of the rest of their own group than to the other group's; both groups
    count alike.

    Args:
        one: (n, d), unit rows, two or more.
        other: (m, d), likewise, none of them the same segment.

    Returns:
        The cosine, NaN where a group points nowhere, can be a little above 1 by chance; the share in [0, 1].
    """
    within = [_mean_cosine(group) for group in (one, other)]
    across = float(one.mean(axis=0) @ other.mean(axis=0))
    cosine = across / math.sqrt(within[0] * within[1]) if min(within) > 0 else math.nan
    shares = []
    for own, rest in ((one, other), (other, one)):
        others = own.sum(axis=0) - own
        others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), 1e-12)
        nearer = np.round((own * others).sum(axis=1) - own @ _centre(rest), 9)
        shares.append(float((nearer > 0).mean() + (nearer == 0).mean() / 2))
    return cosine, sum(shares) / 2


def _mean_cosine(rows: Numbers) -> float:
    """Of all pairs of different rows."""
    total, n = rows.sum(axis=0), len(rows)
    return float(total @ total - (rows * rows).sum()) / (n * (n - 1))


# --- b. is one code several? ---


@dataclass(frozen=True, slots=True)
class Division:
    """A way to divide segments into parts; the person who takes it over moves and names them.

    Attributes:
        parts: Rows of each part: the largest part first, in each the row nearest to its centre first.
        silhouette: Mean silhouette by cosine, in [-1, 1]: how much nearer segments are to their own part than to the next.
    """

    parts: tuple[tuple[int, ...], ...]
    silhouette: float


@dataclass(frozen=True, slots=True)
class ToSplit:
    """A code whose segments fall into different groups.

    Attributes:
        code: Its id.
        evidence: In words.
        parts: Segment ids of each proposed part, the largest first, in each the most typical first.
        silhouette: Of the division; see `Division`.
        gap: Mean cosine of segments in the same part less that of segments in different parts.
        explained: Share of the variation (along its main axes) that two groups explain, in [0, 1].
        expected: The same for one group without parts that varies as much.
        beyond: How many standard deviations lie between; large means parts.
    """

    code: str
    evidence: str
    parts: tuple[tuple[str, ...], ...]
    silhouette: float
    gap: float
    explained: float
    expected: float
    beyond: float


def codes_to_split(
    material: CodedMaterial,
    *,
    seed: int,
    enough: int = ENOUGH_TO_SPLIT,
    beyond: float = 1.5,
    gap: float = 0.1,
) -> tuple[ToSplit, ...]:
    """Codes whose segments fall into groups more clearly than one group of the same spread would.

    Whether there are groups is tested against one Gaussian group with the same variances (Liu et al. 2008; since the gap between
    groups is itself among these variances, it is a strict test); how many, by the silhouette (Rousseeuw 1987). Each part must hold
    `SMALLEST_PART` segments. Cost: about 0.1 s a code.

    The defaults, set on the training parts of two coded sets, rather miss a division than propose a wrong one. On the test parts 2 of
    320 whole codes were proposed; of two codes put together, with 8, 10 and 20 segments each, 48, 75 and 90 % where codes differ
    clearly (bank queries), and none where they overlap and are hard to tell apart by meaning (NHS patient comments).

    Args:
        material: Codes and what they were used for.
        seed: Of the null groups and the division; a code's answer does not depend on the other codes.
        enough: Fewer segments are left alone.
        beyond: Standard deviations above what one group would give.
        gap: Least difference of mean cosine between segments of the same part and of different parts.

    Returns:
        The clearest first.
    """
    found = []
    for code in material.sorted_codes:
        rows = material.rows[code.id]
        if len(rows) < enough:
            continue
        said = material.said(code.id)
        explained, expected, deviation = _groups(said, seed)
        if explained <= expected + beyond * deviation:
            continue
        division = divide(said, seed=seed)
        nearer = _gap(said, division.parts)
        if nearer < gap or min(map(len, division.parts)) < SMALLEST_PART:
            continue
        parts = tuple(tuple(material.segments[rows[i]] for i in part) for part in division.parts)
        sizes = _listed([str(len(part)) for part in parts])
        words = (
            f'"{code.name}" may be {len(parts)} codes: its {len(rows)} segments fall into groups of '
            f"{sizes} (silhouette {division.silhouette:.2f}; inside a group the mean cosine is higher by {nearer:.2f}); "
            f"two groups explain {explained:.0%} of how they differ, where a code of one piece would show {expected:.0%}."
        )
        steps = (explained - expected) / deviation if deviation else math.inf
        found.append(ToSplit(code.id, words, parts, division.silhouette, nearer, explained, expected, steps))
    return tuple(sorted(found, key=lambda one: (-round(one.beyond, 6), one.code)))


def divide(vectors: Vectors, n_parts: int | None = None, *, seed: int = 0, most: int = 4) -> Division:
    """Propose a division of one code's segments: k-means on unit rows.

    The same segments give the same parts whatever their order; equal segments stay together.

    Args:
        vectors: (n, d), unit rows.
        n_parts: 2 or more; None for the number up to `most` with the largest silhouette, the smaller where two are equal. Numbers
            that would leave a part with fewer than `SMALLEST_PART` rows are then taken only where all do.
        seed: Of the starts of k-means.
        most: Largest number that is tried.

    Raises:
        ValueError: There are fewer different segments than parts.
    """
    from threadpoolctl import threadpool_limits

    rows = np.asarray(vectors, dtype=np.float64)
    order = np.lexsort(rows.T[::-1]) if len(rows) else np.zeros(0, dtype=np.intp)
    different = len(np.unique(np.round(rows, 6), axis=0))
    if different < (n_parts or 2) or (n_parts is not None and n_parts < 2):
        raise ValueError(
            f"{n_parts or 2} parts of {different} different segments; ask for 2 or more, and no more than there are"
        )
    tried = [n_parts] if n_parts else range(2, min(most, different) + 1)
    # Sums over several threads differ in the last digit, which can move a segment between parts.
    with threadpool_limits(limits=1):
        divisions = [_in_parts(rows, order, k, seed) for k in tried]
    whole = [d for d in divisions if min(map(len, d.parts)) >= SMALLEST_PART]
    return max(whole or divisions, key=lambda division: (round(division.silhouette, 6), -len(division.parts)))


def _in_parts(rows: Numbers, order: Rows, k: int, seed: int) -> Division:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_samples

    ordered = rows[order]
    found = KMeans(k, n_init=10, random_state=seed).fit_predict(ordered)
    members = [np.flatnonzero(found == part) for part in np.unique(found)]
    members.sort(key=lambda own: (-len(own), own[0]))
    parts = []
    for own in members:
        nearness = np.round(ordered[own] @ _centre(ordered[own]), 9)
        parts.append(tuple(order[own[np.lexsort((own, -nearness))]].tolist()))
    # With as many parts as rows every silhouette is 0 by definition (Rousseeuw 1987), which sklearn refuses to say.
    width = float(silhouette_samples(ordered, found, metric="cosine").mean()) if k < len(rows) else 0.0
    return Division(tuple(parts), width)


def _gap(rows: Numbers, parts: Sequence[Sequence[int]]) -> float:
    """Mean cosine of pairs in the same part less that of pairs in different parts; 0 where there is no pair of one kind."""
    sums = np.stack([rows[list(part)].sum(axis=0) for part in parts])
    sizes = np.array([len(part) for part in parts], dtype=np.float64)
    inside, all_pairs = float((sizes * (sizes - 1)).sum()), float(len(rows) * (len(rows) - 1))
    if inside in (0.0, all_pairs):
        return 0.0
    itself = float((rows * rows).sum())
    within = float((sums * sums).sum()) - itself
    total = float(sums.sum(axis=0) @ sums.sum(axis=0)) - itself
    return within / inside - (total - within) / (all_pairs - inside)


def _groups(rows: Numbers, seed: int) -> tuple[float, float, float]:
    """What two groups explain of the variation along the main axes; mean and deviation of that for one Gaussian group."""
    from threadpoolctl import threadpool_limits

    draws = np.random.default_rng(seed)
    with threadpool_limits(limits=1):
        left, spread, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
        spread = spread[: min(AXES, len(rows) - 1)]
        spread = spread[spread > 1e-6]
        if not len(spread):
            return 0.0, 0.0, 0.0
        explained = _explained_by_two(left[:, : len(spread)] * spread)
        null = [_explained_by_two(draws.normal(size=(len(rows), len(spread))) * spread) for _ in range(NULL_DRAWS)]
    return explained, float(np.mean(null)), float(np.std(null, ddof=1))


def _explained_by_two(rows: Numbers) -> float:
    """Share of the sum of squares that two means explain: k-means from the halves along the main axis, hence without chance."""
    rows = rows - rows.mean(axis=0)
    total = float((rows * rows).sum())
    axis = np.linalg.svd(rows, full_matrices=False)[2][0]
    side = rows @ axis > 0
    for _ in range(50):
        if side.all() or not side.any():
            return 0.0
        one, other = rows[side].mean(axis=0), rows[~side].mean(axis=0)
        moved = rows @ (one - other) > (one @ one - other @ other) / 2
        if (moved == side).all():
            break
        side = moved
    n = int(side.sum())
    if n in (0, len(rows)):
        return 0.0
    one = rows[side].mean(axis=0)
    # The two means balance around 0, so that one of them tells what lies between them.
    return float(n * len(rows) / (len(rows) - n) * (one @ one)) / total


# --- c. does a definition still say what the code is used for? ---


@dataclass(frozen=True, slots=True)
class DefinitionAdrift:
    """A code whose entry fits its segments worse than other codes' entries fit theirs.

    Attributes:
        code: Its id.
        evidence: In words.
        fit: Chance that a segment of the code lies nearer to its entry than a segment of other codes does, in [0, 1]; 0.5 means that
            the entry does not tell them apart.
        cosine: Mean cosine of its segments to its entry.
        earlier: Fit of its other segments; NaN where all were compared or too few are left.
        typical: Median fit over the codes.
        threshold: Below it a fit is odd: median - 2 * 1.4826 * MAD.
        segments: How many were compared.
        farthest: Ids of its segments farthest from the entry, the farthest first.
    """

    code: str
    evidence: str
    fit: float
    cosine: float
    earlier: float
    typical: float
    threshold: float
    segments: int
    farthest: tuple[str, ...]


def definitions_adrift(
    material: CodedMaterial,
    *,
    recent: Collection[str] | None = None,
    strict: float = 2.0,
    examples: int = 3,
) -> tuple[DefinitionAdrift, ...]:
    """Codes whose definition no longer says what they are used for, judged by how well other codes' definitions fit.

    Fit is the area under the curve (Mann and Whitney 1947), not a cosine: entries that are written in general words lie far from all
    segments, and still tell theirs from others. The bound is robust (median and MAD over codes). It finds what is plainly wrong: on the
    test part of NHS patient comments 1 of 42 definitions was flagged, and a third of those replaced by another code's. A book with fewer
    than `FEWEST_CODES` codes of `ENOUGH` segments says nothing. O(codes * segments).

    Args:
        material: Codes and what they were used for.
        recent: Segment ids; only these are compared, such as a new wave's. None for all.
        strict: Spreads below the median from which a fit is odd.
        examples: How many of the farthest segments are named.

    Returns:
        The worst fit first.
    """
    chosen = set(material.segments if recent is None else recent)
    coded = sorted(
        {row for rows in material.rows.values() for row in rows.tolist()}, key=lambda r: material.segments[r]
    )
    now = [row for row in coded if material.segments[row] in chosen]
    before = [row for row in coded if material.segments[row] not in chosen]
    fits = {code.id: _fit(material, code.id, now) for code in material.sorted_codes}
    known = [fit for fit in fits.values() if not math.isnan(fit)]
    if len(known) < FEWEST_CODES:
        return ()
    typical = float(np.median(known))
    spread = max(1.4826 * float(np.median(np.abs(np.array(known) - typical))), NARROWEST)
    threshold = typical - strict * spread
    found = []
    for code in material.sorted_codes:
        if not fits[code.id] < threshold:
            continue
        rows = [row for row in material.rows[code.id].tolist() if material.segments[row] in chosen]
        near = np.round(np.asarray(material.vectors[rows], dtype=np.float64) @ material.entry(code.id), 9)
        earlier = _fit(material, code.id, before)
        words = (
            f'The definition of "{code.name}" hardly fits its {len(rows)} {"" if recent is None else "recent "}segments: it lies '
            f"nearer to one of them than to one of other codes in {fits[code.id]:.0%} of all cases, where 50% would be chance; "
            f"for other codes it is {typical:.0%}, and below {threshold:.0%} is odd."
            + ("" if math.isnan(earlier) else f" For its other segments it is {earlier:.0%}.")
        )
        far = tuple(material.segments[rows[i]] for i in np.argsort(near, kind="stable")[:examples])
        figures = (fits[code.id], float(near.mean()), earlier, typical, threshold)
        found.append(DefinitionAdrift(code.id, words, *figures, len(rows), far))
    return tuple(sorted(found, key=lambda one: (round(one.fit, 6), one.code)))


def _fit(material: CodedMaterial, code: str, rows: Sequence[int]) -> float:
    """How well the entry tells the code's segments from those of other codes, among `rows`; NaN where there are too few of either."""
    own = set(material.rows[code].tolist())
    near = np.round(np.asarray(material.vectors[list(rows)], dtype=np.float64) @ material.entry(code), 9)
    mine = np.array([row in own for row in rows], dtype=bool)
    if min(int(mine.sum()), int((~mine).sum())) < ENOUGH:
        return math.nan
    others = np.sort(near[~mine])
    below = np.searchsorted(others, near[mine], "left") + np.searchsorted(others, near[mine], "right")
    return float(below.mean()) / 2 / len(others)


# --- d. is a code one person's only? ---


@dataclass(frozen=True, slots=True)
class LoneCode:
    """A code that only one person's words carry, or only one coder uses.

    Attributes:
        code: Its id.
        evidence: In words.
        case: The only person; empty where there are several.
        coder: The only coder, where there are others in the study; empty where several use it.
        segments: How many carry it.
        seen_by_others: How many of these carry another coder's codes: she was there and saw it otherwise.
    """

    code: str
    evidence: str
    case: str
    coder: str
    segments: int
    seen_by_others: int


def lone_codes(material: CodedMaterial, *, enough: int = 1) -> tuple[LoneCode, ...]:
    """Codes that rest on one person or on one coder, where the study has more of them.

    Args:
        material: Codes and what they were used for.
        enough: Codes with fewer segments are left out.

    Returns:
        Those with most segments first: one loud person is not a theme.
    """
    by_code, coders_of = defaultdict(set), defaultdict(set)
    for one in material.codings:
        by_code[one.code].add(one.coder)
        coders_of[one.segment].add(one.coder)
    people, coders = set(material.cases) - {""}, {one.coder for one in material.codings}
    found = []
    for code in material.sorted_codes:
        rows = material.rows[code.id].tolist()
        if len(rows) < max(enough, 1):
            continue
        whose = {material.cases[row] for row in rows}
        case = next(iter(whose)) if len(whose) == 1 and len(people) > 1 else ""
        coder = next(iter(by_code[code.id])) if len(by_code[code.id]) == 1 and len(coders) > 1 else ""
        if not case and not coder:
            continue
        seen = sum(bool(coders_of[material.segments[row]] - {coder}) for row in rows) if coder else 0
        reasons = [f"all of one person ({case}), of {len(people)} in the study"] if case else []
        if coder:
            reasons.append(
                f"given by one coder only ({coder}), of {len(coders)}; another coder gave {seen} of them other codes"
            )
        words = f'"{code.name}" stands on {len(rows)} segment{"s" * (len(rows) > 1)}: {"; ".join(reasons)}.'
        found.append(LoneCode(code.id, words, case, coder, len(rows), seen))
    return tuple(sorted(found, key=lambda one: (-one.segments, one.code)))


# --- all together ---

Proposal = NearDuplicate | ToSplit | DefinitionAdrift | LoneCode


def propose(material: CodedMaterial, *, seed: int, recent: Collection[str] | None = None) -> tuple[Proposal, ...]:
    """All proposals: duplicates, divisions, definitions, codes of one person or coder; in each kind the strongest first."""
    return (
        *near_duplicates(material),
        *codes_to_split(material, seed=seed),
        *definitions_adrift(material, recent=recent),
        *lone_codes(material),
    )


def _centre(rows: Numbers) -> Numbers:
    """The mean direction, of length 1; the zero vector where directions cancel."""
    mean = rows.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length else mean, dtype=np.float64)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]
