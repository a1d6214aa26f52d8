"""What is new against a codebook that stays: identity after a refit, evidence for new themes, drift of meaning."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.domain.theme import Theme
from textcoder.multiplicity import false_discovery
from textcoder.novelty import Material, Permuted, drift, match_themes, novelty

Rows = npt.NDArray[np.float64]
DIMS = 24


def unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True))


def topic(i: int) -> Rows:
    return unit(np.random.default_rng(1000 + i).normal(size=DIMS))


def ids(first: int, last: int) -> list[str]:
    return [f"s{i}" for i in range(first, last)]


def theme(name: str, segments: list[str], lens: str = "barriers") -> Theme:
    return Theme(name, name, lens, (), tuple(segments), tuple(segments[:1]), 1.0)


def taken(themes: list[Theme], carried: dict[str, list[str]], **options: object) -> dict[str, str | None]:
    lenses = dict.fromkeys(carried, "barriers") | {code: "what_works" for code in carried if code.endswith("+")}
    found = match_themes(themes, carried, lenses, **options)  # type: ignore[arg-type]  # one dict of options
    return {one.theme: one.code for one in found}


# --- identity after a refit ---


def test_a_theme_that_lost_and_won_a_few_segments_stays_the_same_code() -> None:
    """After every refit people would have to name and adopt all themes again."""
    carried = {"bus": ids(0, 10), "forms": ids(20, 30)}
    new = [theme("t1", ids(2, 12)), theme("t2", ids(18, 29)), theme("t3", ids(40, 50))]
    assert taken(new, carried) == {"t1": "bus", "t2": "forms", "t3": None}


def test_one_code_goes_on_in_one_theme_only_the_larger_part() -> None:
    new = [theme("small", ids(0, 4)), theme("large", ids(4, 12))]
    assert taken(new, {"bus": ids(0, 12)}) == {"small": None, "large": "bus"}
    assert taken([theme("both", ids(0, 20))], {"bus": ids(0, 12), "way": ids(12, 20)}) == {"both": "bus"}


def test_a_theme_never_continues_a_code_of_another_lens() -> None:
    """What helped would be counted as a barrier."""
    assert taken([theme("t", ids(0, 9))], {"trust+": ids(0, 9)}) == {"t": None}
    assert taken([theme("t", ids(0, 9), "what_works")], {"trust+": ids(0, 9), "trust": ids(0, 9)}) == {"t": "trust+"}


def test_a_theme_that_grew_with_a_new_wave_is_still_the_same() -> None:
    grown = theme("t", [*ids(0, 9), *ids(100, 130)])
    [found] = match_themes([grown], {"bus": ids(0, 10)}, {"bus": "barriers"}, known=ids(0, 100))
    assert (found.code, found.shared, found.jaccard) == ("bus", 9, 0.9)
    [crumb] = match_themes([theme("t", ids(0, 5))], {"bus": ids(0, 100)}, {"bus": "barriers"})
    assert (crumb.code, crumb.containment) == (None, 1.0)


@given(st.data())
def test_matching_is_one_to_one_and_depends_on_no_order(data: st.DataObject) -> None:
    some = st.sets(st.sampled_from(ids(0, 14)), min_size=1).map(sorted)
    carried = {f"c{i}": segments for i, segments in enumerate(data.draw(st.lists(some, max_size=5)))}
    new = [theme(f"t{i}", segments) for i, segments in enumerate(data.draw(st.lists(some, max_size=5)))]
    found = taken(new, carried)
    codes = [code for code in found.values() if code]
    assert len(set(codes)) == len(codes)
    shuffle = random.Random(data.draw(st.integers(0, 99)))
    mixed = [replace(t, segments=tuple(shuffle.sample(t.segments, len(t.segments)))) for t in new]
    shuffle.shuffle(mixed)
    assert taken(mixed, dict(reversed(carried.items()))) == found


@given(st.lists(st.integers(3, 12), min_size=1, max_size=6))
def test_a_refit_that_finds_the_same_again_keeps_all_codes(sizes: list[int]) -> None:
    ends = np.cumsum([0, *sizes]).tolist()
    groups = [ids(a, b) for a, b in pairwise(ends)]
    new = [theme(f"t{i}", group) for i, group in enumerate(groups)]
    assert taken(new, {f"c{i}": group for i, group in enumerate(groups)}) == {
        f"t{i}": f"c{i}" for i in range(len(sizes))
    }


# --- evidence for a new theme ---


def tea(holding: list[int]) -> tuple[Theme, Material, dict[str, str]]:
    """Eight transcripts of three segments, four before and four new; the theme holds a segment of those named."""
    segments = tuple(f"t{t}:{i}" for t in range(8) for i in range(3))
    said = np.stack([topic(1) if s.endswith(":0") else topic(2) for s in segments])
    waves = {f"t{t}": "before" if t < 4 else "new" for t in range(8)}
    material = Material(segments, tuple(s.split(":")[0] for s in segments), said)
    return theme("tea", [f"t{t}:0" for t in holding]), material, waves


def test_new_transcripts_are_compared_by_fishers_exact_test() -> None:
    """Fisher's tea tasting (The Design of Experiments, 1935, ch. II): four of four right p = 1/70, three of four 17/70."""
    for holding, p_value in (([4, 5, 6, 7], 1 / 70), ([3, 4, 5, 6], 17 / 70)):
        found = novelty(tea(holding)[0], tea(holding)[1], {}, {}, tea(holding)[2])
        new = next(share for share in found.waves if share.wave == "new")
        assert new.p_value == pytest.approx(p_value)
    assert (new.segments, new.all_segments, new.transcripts, new.all_transcripts) == (3, 12, 3, 4)


def test_evidence_says_what_no_code_carries_and_which_code_is_nearest() -> None:
    new, material, waves = tea([4, 5, 6, 7])
    carried = {"near": ["t1:0", "t2:0", "t4:0"], "far": ["t1:1"], "other lens": ["t5:0"], "empty": ["elsewhere"]}
    lenses = dict.fromkeys(carried, "barriers") | {"other lens": "what_works"}
    found = novelty(new, material, carried, lenses, waves)
    assert (found.segments, found.uncoded, found.uncoded_share) == (4, 2, 0.5)
    assert found.nearest == "near"
    assert found.cosine == pytest.approx(1.0)
    assert found.evidence == (
        "2 of its 4 segments carry no code; the nearest code has cosine 1.00; "
        "wave before: 0 of 4 transcripts (p = 1); wave new: 4 of 4 transcripts (p = 0.014)."
    )
    assert novelty(new, material, {}, {}, waves).nearest is None
    assert math.isnan(novelty(new, material, {}, {}, dict.fromkeys(waves, "1")).waves[0].p_value)


def test_one_talkative_person_is_no_evidence_for_a_new_wave() -> None:
    """Thirty segments of one new transcript would make a theme look like the wave's."""
    said = [("t7", i) for i in range(30)] + [(f"t{t}", i) for t in range(8) for i in range(100, 104)]
    material = Material(tuple(f"{t}:{i}" for t, i in said), tuple(t for t, _ in said), np.stack([topic(1)] * len(said)))
    waves = {f"t{t}": "before" if t < 4 else "new" for t in range(8)}
    found = novelty(theme("loud", [f"t7:{i}" for i in range(30)]), material, {}, {}, waves)
    assert found.waves[1].p_value == 0.5


# --- drift ---


def interviews(
    draws: np.random.Generator, *, old: int, new: int, each: int, moved: float = 0.0, manner: float = 0.15
) -> tuple[Material, dict[str, list[str]], list[str]]:
    """One code in old and new transcripts; people have a manner of their own, and the new ones may speak of something else."""
    segments, transcripts, rows = [], [], []
    for t in range(old + new):
        about = topic(1) + (moved * topic(2) if t >= old else 0) + draws.normal(size=DIMS) * manner
        for i in range(each):
            segments.append(f"t{t:02}:{i}")
            transcripts.append(f"t{t:02}")
            rows.append(about + draws.normal(size=DIMS) * 0.15)
    material = Material(tuple(segments), tuple(transcripts), unit(np.stack(rows)))
    return material, {"bus": segments}, [f"t{t:02}" for t in range(old, old + new)]


def test_false_alarms_are_as_rare_as_the_level_says_although_people_have_a_manner_of_their_own() -> None:
    """Every wave would seem to speak of something else, only because other people were asked."""
    draws = np.random.default_rng(21)
    alarms, rounds = 0, 400
    for i in range(rounds):
        material, carried, new = interviews(draws, old=8, new=6, each=4)
        [found] = drift(material, carried, new, seed=i, permutations=199)
        assert found.permuted is Permuted.TRANSCRIPTS
        alarms += found.p_value <= 0.05
    assert 0.025 <= alarms / rounds <= 0.08


def test_false_alarms_are_rare_too_where_segments_are_dealt_out_and_people_do_not_differ() -> None:
    draws = np.random.default_rng(22)
    alarms, rounds = 0, 400
    for i in range(rounds):
        material, carried, new = interviews(draws, old=3, new=3, each=5, manner=0.0)
        [found] = drift(material, carried, new, seed=i, permutations=199)
        assert found.permuted is Permuted.SEGMENTS
        assert "too few transcripts" in found.evidence
        alarms += found.p_value <= 0.05
    assert 0.025 <= alarms / rounds <= 0.08


def test_clear_drift_is_found() -> None:
    """A code would go on under its old definition while people mean something else."""
    draws = np.random.default_rng(23)
    found = [drift(*interviews(draws, old=8, new=6, each=4, moved=0.8), seed=i, permutations=199)[0] for i in range(60)]
    assert sum(one.p_value <= 0.05 for one in found) >= 57
    assert all(one.distance > one.expected for one in found)
    still = [drift(*interviews(draws, old=8, new=6, each=4), seed=i, permutations=199)[0] for i in range(60)]
    assert np.median([one.effect for one in still]) < 0.2 < 0.5 < np.median([one.effect for one in found])


def test_the_examples_are_the_new_segments_least_like_the_old() -> None:
    material, carried, new = interviews(np.random.default_rng(5), old=6, new=6, each=3)
    odd = material.segments.index("t09:1")
    vectors = material.vectors.copy()
    vectors[odd] = topic(9)
    [found] = drift(replace(material, vectors=vectors), carried, new, seed=1, permutations=99, examples=2)
    assert found.farthest[0] == "t09:1"
    assert all(segment[:3] in new for segment in found.farthest)


def test_too_few_segments_say_so_and_are_not_counted_among_the_tests() -> None:
    material, carried, new = interviews(np.random.default_rng(6), old=8, new=6, each=3, moved=0.8)
    carried["rare"] = [*carried["bus"][:20], "t13:0", "t13:1", "t13:2"]
    carried["one voice"] = [*carried["bus"][:20], *(f"t13:{i}" for i in range(3)), "not here"]
    [bus, *rest] = drift(material, carried, new, seed=1, permutations=199)
    assert (bus.code, bus.q_value) == ("bus", bus.p_value)
    assert [one.code for one in rest] == ["one voice", "rare"]
    assert all(math.isnan(one.p_value) and math.isnan(one.q_value) and not one.told for one in rest)
    assert rest[0].evidence.startswith("too few to tell: 20 segments before and 3 in new transcripts")


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_drift_depends_on_no_order_and_on_no_other_code(shuffle: random.Random) -> None:
    material, carried, new = interviews(np.random.default_rng(7), old=6, new=5, each=3, moved=0.2)
    order = shuffle.sample(range(len(material.segments)), len(material.segments))
    mixed = Material(
        tuple(material.segments[i] for i in order),
        tuple(material.transcripts[i] for i in order),
        material.vectors[order],
    )
    options = {"seed": 4, "permutations": 99}
    [alone] = drift(material, carried, new, **options)
    more = {"zeal": carried["bus"][10:40], "bus": shuffle.sample(carried["bus"], len(carried["bus"]))}
    beside = next(one for one in drift(mixed, more, new[::-1], **options) if one.code == "bus")
    assert replace(beside, q_value=0, evidence="") == replace(alone, q_value=0, evidence="")


def test_benjamini_and_hochbergs_own_example() -> None:
    """Benjamini and Hochberg (1995), section 4.1: of fifteen hypotheses at .05 the first four are rejected."""
    p_values = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
        *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000),
    ]
    adjusted = false_discovery(p_values)
    assert [q <= 0.05 for q in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    back = false_discovery([*reversed(p_values), math.nan])
    assert back[:-1] == adjusted[::-1]
    assert math.isnan(back[-1])


def test_input_that_does_not_fit_is_an_error_that_names_both_sides() -> None:
    new, material, waves = tea([4])
    with pytest.raises(ValueError, match="23 vectors and 24 transcripts for 24 segments"):
        replace(material, vectors=material.vectors[:-1])
    with pytest.raises(ValueError, match="1 of 1 segments are not in the material, such as t9:0"):
        novelty(replace(new, segments=("t9:0",)), material, {}, {}, waves)
    with pytest.raises(ValueError, match="1 of 8 transcripts have no wave, such as t3"):
        novelty(new, material, {}, {}, {t: w for t, w in waves.items() if t != "t3"})
    with pytest.raises(ValueError, match="codes without a lens: bus"):
        match_themes([new], {"bus": ids(0, 3)}, {})
