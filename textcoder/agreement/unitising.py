"""Agreement on free spans over a continuum of characters: is it coded at all, and as what.

A coder cuts a stretch of text into units, each with a value, and gaps between them. What is compared is the length of text on which
two coders' units lie upon each other. A unit is judged as a whole, so that its characters are no independent witnesses: chance is taken
over pairs of characters that are not of the same unit.

References:
    Krippendorff, Mathet, Bouvry and Widloecher (2016), On the reliability of unitizing textual continua: Further developments.
        Quality and Quantity 50, 2347-2364.
    Krippendorff (2019), Content Analysis, 4th edition, section 12.6.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import numpy as np

from textcoder.agreement.bootstrap import Draws, Estimate
from textcoder.agreement.coefficients import divide
from textcoder.agreement.units import Numbers, Unit
from textcoder.errors import TextcoderError

Marked = tuple[int, int, str]
"""Start, end (one past the last) and code of what a coder marked in a stretch, counted from its beginning."""
Value = tuple[str, ...]
"""Codes that hold for a piece of text, sorted; empty for a gap."""
Piece = tuple[int, int, Value]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of text that two coders or more have looked at from beginning to end.

    Attributes:
        id: Any that tells it from others.
        length: In characters.
        marked: Coder id -> what she marked in it, none included; codes may lie upon each other.
        case: Whose words these are.
    """

    id: str
    length: int
    marked: Mapping[str, Sequence[Marked]] = field(default_factory=dict)
    case: str = ""


@dataclass(frozen=True, slots=True)
class CodeSpans:
    """One code over the continuum.

    Attributes:
        code: Code id.
        unitising: |u alpha for "carries this code, or not", character by character.
        coding: (k)u alpha: given that two coders coded the same text, whether both took this code; NaN where no text was.
    """

    code: str
    unitising: Estimate
    coding: Estimate


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """All coders on where codes begin and end, and which they are.

    Attributes:
        characters: Length of the continuum.
        cases: Persons whose words these are.
        coders: Ids, sorted.
        marked: Coder id -> characters that she coded at all.
        whole: u alpha: units and codes together; text that carries several codes has their set as its value.
        unitising: |u alpha: is it coded at all, whatever the code.
        coding: cu alpha: the coding of what both coded.
        codes: Code by code.
    """

    characters: int
    cases: int
    coders: tuple[str, ...]
    marked: Mapping[str, int]
    whole: Estimate
    unitising: Estimate
    coding: Estimate
    codes: tuple[CodeSpans, ...]


def span_agreement(
    stretches: Sequence[Stretch],
    codes: Sequence[str] | None = None,
    *,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> SpanAgreement:
    """The family of unitised alphas.

    Cost: for each stretch the square of its coders times their pieces; then as any bootstrap.

    Args:
        stretches: The universe; those that fewer than two looked at say nothing.
        codes: In the order of the answer; None for all that anybody used, sorted.
        seed: Decides the resamples.
        resamples: Draws of the bootstrap.
        level: Of the intervals.

    Raises:
        TextcoderError: There are fewer than two coders.
        ValueError: Something is marked outside its stretch.
    """
    coders = sorted({coder for stretch in stretches for coder in stretch.marked})
    if len(coders) < 2:
        raise TextcoderError(
            f"Agreement needs two coders or more, not {len(coders)}; ask somebody else to code the sample too."
        )
    rows = sorted((s for s in stretches if len(s.marked) >= 2 and s.length > 0), key=lambda s: s.id)
    used = sorted({code for s in rows for marks in s.marked.values() for _, _, code in marks})
    draws = Draws.of([Unit(s.id, s.case) for s in rows], seed=seed, resamples=resamples, level=level)
    cut = [{coder: pieces(marks, s.length) for coder, marks in s.marked.items()} for s in rows]
    values = sorted({value for by in cut for own in by.values() for _, _, value in own if value})
    whole = _tally(cut, rows, values)
    n = len(values)
    asked = used if codes is None else list(codes)
    return SpanAgreement(
        characters=sum(s.length for s in rows),
        cases=len({s.case for s in rows}),
        coders=tuple(coders),
        marked={c: sum(e - b for by in cut for b, e, value in by.get(c, ()) if value) for c in coders},
        whole=draws.estimate(whole, lambda t: u_alpha(t, n), "nobody coded any of it"),
        unitising=draws.estimate(whole, lambda t: binary_u_alpha(t, n), _why_none(values)),
        coding=draws.estimate(
            whole,
            lambda t: cu_alpha(t, n),
            "what both coded carries the same codes throughout, or nothing was coded by both",
        ),
        codes=tuple(_of_code(code, rows, cut, draws) for code in asked),
    )


def _why_none(values: Collection[Value]) -> str:
    return "everything was coded" if values else "nobody coded any of it"


def _of_code(code: str, rows: Sequence[Stretch], cut: Sequence[Mapping[str, list[Piece]]], draws: Draws) -> CodeSpans:
    alone = [
        {coder: pieces([mark for mark in marks if mark[2] == code], s.length) for coder, marks in s.marked.items()}
        for s in rows
    ]
    told = [{coder: [(b, e, _whether(value, code)) for b, e, value in own] for coder, own in by.items()} for by in cut]
    return CodeSpans(
        code,
        draws.estimate(_tally(alone, rows, [(code,)]), lambda t: binary_u_alpha(t, 1), "nobody used it, or everywhere"),
        draws.estimate(
            _tally(told, rows, [("other",), (code,)]), lambda t: ku_alpha(t, 2, 1), "no text that two coded carries it"
        ),
    )


def _whether(value: Value, code: str) -> Value:
    return () if not value else (code,) if code in value else ("other",)


def pieces(marks: Sequence[Marked], length: int) -> list[Piece]:
    """A stretch cut wherever anything that was marked begins or ends, with the codes of each piece; gaps have none.

    What was marked twice with one code, one upon the other, is one unit; where units only touch, they are two.

    Raises:
        ValueError: Something is marked outside the stretch.

    Example:
        >>> pieces([(2, 6, "x"), (4, 8, "y")], 10)
        [(0, 2, ()), (2, 4, ('x',)), (4, 6, ('x', 'y')), (6, 8, ('y',)), (8, 10, ())]
    """
    outside = [mark for mark in marks if not 0 <= mark[0] < mark[1] <= length]
    if outside:
        raise ValueError(f"{outside[0]} lies outside a stretch of {length} characters")
    units = [unit for code in sorted({mark[2] for mark in marks}) for unit in _joined(marks, code)]
    cuts = sorted({0, length, *(at for start, end, _ in units for at in (start, end))})
    return [
        (start, end, tuple(code for first, last, code in units if first <= start and end <= last))
        for start, end in pairwise(cuts)
    ]


def _joined(marks: Sequence[Marked], code: str) -> list[Marked]:
    found: list[Marked] = []
    for start, end, _ in sorted(mark for mark in marks if mark[2] == code):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]), code)
        else:
            found.append((start, end, code))
    return found


# --- tallies: everything that the formulas need is a sum over stretches ---


def _tally(cut: Sequence[Mapping[str, list[Piece]]], rows: Sequence[Stretch], values: Sequence[Value]) -> Numbers:
    """Of each stretch, (n_stretches, 3 (1 + n_values) + 3 n_values), the gap before the values.

    Length on which two coders have the same value; length of each value; what pairs within one unit take from chance. Then the same
    over the text that both have coded, without the gap.
    """
    place = {value: i + 1 for i, value in enumerate(values)} | {(): 0}
    size = len(values) + 1
    tally = np.zeros((len(rows), 3 * size + 3 * (size - 1)))
    for row, by in enumerate(cut):
        same, margin, within = np.zeros(size), np.zeros(size), np.zeros(size)
        valued = np.zeros((2, size))
        met: set[tuple[str, int]] = set()
        for a, b in combinations(sorted(by), 2):
            for start, end, i, j in _upon_each_other(by[a], by[b]):
                length, one, other = end - start, place[by[a][i][2]], place[by[b][j][2]]
                margin[one] += length
                margin[other] += length
                same[one] += 2 * length * (one == other)
                if one and other:
                    valued[0, one] += 2 * length * (one == other)
                    valued[1, one] += length
                    valued[1, other] += length
                    met |= {(a, i), (b, j)}
        others = len(by) - 1
        for own in by.values():
            for start, end, value in own:
                # A gap is nobody's unit: its characters were left, not chosen together.
                within[place[value]] += (end - start) ** 2 if value else end - start
        both = np.zeros(size)
        for coder, k in met:
            start, end, value = by[coder][k]
            both[place[value]] += _covered(by, coder, start, end) ** 2
        parts = [same / others, margin / others, within, valued[0, 1:] / others, valued[1, 1:] / others, both[1:]]
        tally[row] = np.concatenate(parts)
    return tally


def _covered(by: Mapping[str, list[Piece]], coder: str, start: int, end: int) -> int:
    """How much of a unit any other coder has coded, too."""
    found: list[tuple[int, int]] = sorted(
        (max(start, b), min(end, e))
        for other, own in by.items()
        if other != coder
        for b, e, value in own
        if value and b < end and start < e
    )
    total, reached = 0, start
    for b, e in found:
        total += max(0, e - max(b, reached))
        reached = max(reached, e)
    return total


def _upon_each_other(one: Sequence[Piece], other: Sequence[Piece]) -> list[tuple[int, int, int, int]]:
    """Where pieces of two coders meet: start, end, and which of either."""
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end, i, j))
        i, j = (i + 1, j) if one[i][1] <= other[j][1] else (i, j + 1)
    return found


# --- figures of the totals; n_values without the gap ---


def u_alpha(totals: Numbers, n_values: int) -> Numbers:
    """Units and their codes together: 1 - D_o / D_e over all text (Krippendorff et al. 2016; 2019, equation 34)."""
    same, margin, within = _parts(totals, n_values + 1)
    return _alpha(same, margin, within)


def binary_u_alpha(totals: Numbers, n_values: int) -> Numbers:
    """Whether text is coded at all (equation 35): the values are taken together, the units stay what they are."""
    same, margin, within = _parts(totals, n_values + 1)
    everything = margin.sum(axis=-1)
    gap = margin[..., 0]
    observed = 2 * (gap - same[..., 0])
    pairs = everything * everything - within.sum(axis=-1)
    expected = divide(2 * gap * (everything - gap) * everything, pairs)
    return 1 - divide(observed, expected)


def cu_alpha(totals: Numbers, n_values: int) -> Numbers:
    """The coding of what both coded, whatever either left (equations 36 and 37)."""
    same, margin, within = _parts(totals[..., 3 * (n_values + 1) :], n_values)
    return _alpha(same, margin, within)


def ku_alpha(totals: Numbers, n_values: int, k: int) -> Numbers:
    """Of one value, given that two coded the text (equation 38)."""
    same, margin, within = _parts(totals[..., 3 * (n_values + 1) :], n_values)
    everything = margin.sum(axis=-1)
    pairs = everything * everything - within.sum(axis=-1)
    own = margin[..., k]
    expected_all = divide(everything * (own * everything - within[..., k]), pairs)
    expected_same = divide(everything * (own * own - within[..., k]), pairs)
    return 1 - divide(expected_all * (own - same[..., k]), own * (expected_all - expected_same))


def _parts(totals: Numbers, size: int) -> tuple[Numbers, Numbers, Numbers]:
    return totals[..., :size], totals[..., size : 2 * size], totals[..., 2 * size : 3 * size]


def _alpha(same: Numbers, margin: Numbers, within: Numbers) -> Numbers:
    everything = margin.sum(axis=-1)
    observed = everything - same.sum(axis=-1)
    pairs = everything * everything - within.sum(axis=-1)
    equal = (margin * margin - within).sum(axis=-1)
    # Whole numbers, so that "undefined" is an exact zero.
    return 1 - divide(observed * pairs, everything * (pairs - equal))
