"""The sample for blind double coding: that its chances are what it says they are."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.errors import TextcoderError
from textcoder.sampling import Draw, allocate, draw_sample

# Three people, one of whom talks for two.
CASES = {"mira": 12, "omar": 5, "tove": 3}
SEGMENTS = [f"{case}:{i:02}" for case, count in CASES.items() for i in range(count)]
CASE_OF = {segment: segment.split(":")[0] for segment in SEGMENTS}
WAVE_OF = {segment: "2" if int(segment.split(":")[1]) >= 4 else "1" for segment in SEGMENTS}


@st.composite
def designs(draw: st.DrawFn) -> Draw:
    """A sample of any frame under any design that can be drawn."""
    rows = draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=40))
    segments = [f"s{i}" for i in range(len(rows))]
    stratum_of = {s: stratum for s, (stratum, _) in zip(segments, rows, strict=True)}
    case_of = {s: case for s, (_, case) in zip(segments, rows, strict=True)}
    limit = draw(st.none() | st.integers(1, 4))
    stratified = draw(st.booleans())
    people = Counter((stratum_of[s] if stratified else "", case_of[s]) for s in segments)
    reachable = sum(min(count, limit or count) for count in people.values())
    return draw_sample(
        draw(st.permutations(segments)),
        draw(st.integers(min(len(set(stratum_of.values())), reachable), reachable)),
        seed=draw(st.integers(0, 99)),
        stratum_of=stratum_of if stratified else None,
        case_of=case_of,
        most_per_case=limit,
    )


@given(designs())
def test_probabilities_sum_to_the_number_drawn_and_every_segment_has_a_chance(sample: Draw) -> None:
    """A figure weighted by them would be off by a factor."""
    assert sum(sample.probabilities.values()) == pytest.approx(len(sample.drawn))
    assert all(0 < p <= 1 for p in sample.probabilities.values())
    assert len(set(sample.segments)) == len(sample.drawn) == sum(stratum.drawn for stratum in sample.strata)
    assert all(one.probability == sample.probabilities[one.segment] for one in sample.drawn)
    counts = Counter(one.stratum for one in sample.drawn)
    assert counts == {stratum.name: stratum.drawn for stratum in sample.strata if stratum.drawn}


@given(order=st.permutations(SEGMENTS), seed=st.integers())
@settings(max_examples=30)
def test_the_order_of_the_input_does_not_matter(order: list[str], seed: int) -> None:
    """Two evaluators with the same seed would read different segments."""
    design = {"seed": seed, "stratum_of": WAVE_OF, "case_of": CASE_OF, "most_per_case": 3}
    assert draw_sample(order, 6, **design) == draw_sample(SEGMENTS, 6, **design)  # type: ignore[arg-type]  # one dict of options


@pytest.mark.parametrize(
    "design",
    [
        {},
        {"stratum_of": WAVE_OF, "minimum": 3},
        {"case_of": CASE_OF, "most_per_case": 3},
        {"case_of": CASE_OF, "most_per_case": 2, "stratum_of": WAVE_OF},
    ],
    ids=["simple", "stratified", "limited", "both"],
)
def test_segments_are_drawn_as_often_as_their_probability_says(design: dict[str, object]) -> None:
    """The weights would not undo the design."""
    rounds = 3000
    samples = [draw_sample(SEGMENTS, 7, seed=seed, **design) for seed in range(rounds)]  # type: ignore[arg-type]  # one dict of options
    often = Counter(segment for sample in samples for segment in sample.segments)
    for segment, probability in samples[0].probabilities.items():
        # 4.5 standard errors: over the 80 comparisons of this test a right design fails once in 1,800 choices of seeds.
        error = (probability * (1 - probability) / rounds) ** 0.5
        assert abs(often[segment] / rounds - probability) <= 4.5 * error + 1e-9, segment


def test_weighted_totals_are_right_on_average_where_people_are_limited() -> None:
    """A code that only the talkative person uses would look rarer than it is."""
    estimates = [
        sum(one.weight for one in draw_sample(SEGMENTS, 6, seed=s, case_of=CASE_OF, most_per_case=3).drawn
            if one.segment.startswith("mira"))
        for s in range(2000)
    ]  # fmt: skip
    assert sum(estimates) / len(estimates) == pytest.approx(CASES["mira"], rel=0.03)


@given(seed=st.integers(0, 500), limit=st.integers(2, 4))
@settings(max_examples=30)
def test_no_person_gives_more_than_the_limit(seed: int, limit: int) -> None:
    sample = draw_sample(SEGMENTS, 6, seed=seed, case_of=CASE_OF, most_per_case=limit)
    assert max(Counter(CASE_OF[segment] for segment in sample.segments).values()) <= limit


def test_a_larger_sample_holds_the_smaller() -> None:
    """Work that was done would be thrown away when a team decides to code some more."""
    small, large = (set(draw_sample(SEGMENTS, n, seed=3).segments) for n in (5, 11))
    assert small < large


def test_a_small_stratum_gets_its_minimum_and_the_rest_goes_by_size() -> None:
    assert allocate({"1": 80, "2": 20}, 10) == {"1": 8, "2": 2}
    assert allocate({"1": 97, "2": 2, "3": 1}, 10, minimum=2) == {"1": 7, "2": 2, "3": 1}
    assert allocate({"1": 90, "2": 10}, 20, at_most={"1": 6, "2": 14}) == {"1": 6, "2": 14}


def test_more_than_there_is_is_an_error_that_says_what_is_there() -> None:
    with pytest.raises(TextcoderError, match="21 segments are asked for, but there are only 20; ask for 20 or fewer"):
        draw_sample(SEGMENTS, 21, seed=1)
    with pytest.raises(TextcoderError, match="with at most 2 from each person only 6 can be drawn"):
        draw_sample(SEGMENTS, 7, seed=1, case_of=CASE_OF, most_per_case=2)
    with pytest.raises(TextcoderError, match="at least 5 from each of 2 strata makes 10"):
        draw_sample(SEGMENTS, 7, seed=1, stratum_of=WAVE_OF, minimum=5)
    with pytest.raises(ValueError, match="1 of 20 segments have no stratum, such as mira:00"):
        draw_sample(SEGMENTS, 7, seed=1, stratum_of={s: w for s, w in WAVE_OF.items() if s != "mira:00"})
