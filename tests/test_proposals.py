"""What the machine proposes about the codebook: found where it is planted, silent where it is not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.domain.codebook import Code
from textcoder.proposals import (
    Coded,
    CodedMaterial,
    codes_to_split,
    definitions_adrift,
    divide,
    lone_codes,
    near_duplicates,
    propose,
    same_meaning,
)

Rows = npt.NDArray[np.float64]
DIMS = 24


def unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True))


def topic(i: int) -> Rows:
    """Ways to talk that have little to do with each other."""
    return unit(np.random.default_rng(1000 + i).normal(size=DIMS))


def talk(about: int, n: int, *, seed: int, spread: float = 0.12) -> Rows:
    """What n segments about a topic look like."""
    return unit(topic(about) + np.random.default_rng(seed).normal(size=(n, DIMS)) * spread)


def material(
    groups: Mapping[str, Rows],
    *,
    entries: Mapping[str, Rows] | None = None,
    lens: Mapping[str, str] | None = None,
    parent: Mapping[str, str] | None = None,
    also: Sequence[tuple[str, str]] = (),
    cases: Mapping[str, str] | None = None,
) -> CodedMaterial:
    """Each code with its segments "<code><number>", one person a segment unless said otherwise; all coded by ana."""
    segments = tuple(f"{code}{i:03}" for code, rows in groups.items() for i in range(len(rows)))
    codings = [Coded(segment, segment[:-3], "ana") for segment in segments] + [Coded(s, c, "ana") for s, c in also]
    own = entries or {}
    return CodedMaterial(
        codes=tuple(
            Code(id=c, name=c.title(), lens=(lens or {}).get(c, "barriers"), parent=(parent or {}).get(c))
            for c in groups
        ),
        entries=np.stack([own.get(code, unit(topic(900 + i))) for i, code in enumerate(groups)]),
        segments=segments,
        cases=tuple((cases or {}).get(segment, f"case of {segment}") for segment in segments),
        vectors=np.concatenate(list(groups.values())),
        codings=tuple(codings),
    )


def shuffled(given_: CodedMaterial, seed: int) -> CodedMaterial:
    """The same in another order of codes, segments and codings."""
    draws = np.random.default_rng(seed)
    c, s, k = (draws.permutation(len(rows)) for rows in (given_.codes, given_.segments, given_.codings))
    return CodedMaterial(
        tuple(given_.codes[i] for i in c),
        given_.entries[c],
        tuple(given_.segments[i] for i in s),
        tuple(given_.cases[i] for i in s),
        given_.vectors[s],
        tuple(given_.codings[i] for i in k),
    )


# --- duplicates ---


def test_codes_that_people_use_for_the_same_are_found() -> None:
    """Two codes would share one barrier, and each would look half as common as it is."""
    book = material({"bus": talk(1, 15, seed=1), "transport": talk(1, 15, seed=2), "forms": talk(2, 15, seed=3)})
    [pair] = near_duplicates(book)
    assert pair.codes == ("bus", "transport")
    assert pair.centres > 0.9
    assert pair.told_apart < 0.65
    assert '"Bus" and "Transport" may be one code' in pair.evidence


def test_codes_with_the_same_entry_are_found_before_anybody_uses_them() -> None:
    entry = topic(5)
    book = material(
        {"queue": talk(1, 2, seed=1), "waiting": talk(2, 2, seed=2)}, entries=dict.fromkeys(("queue", "waiting"), entry)
    )
    [pair] = near_duplicates(book)
    assert pair.entries == pytest.approx(1)
    assert np.isnan([pair.centres, pair.overlap, pair.told_apart]).all()
    assert pair.evidence.endswith("their entries say nearly the same (cosine 1.00).")


def test_codes_on_the_same_segments_are_found() -> None:
    also = [(f"stress{i:03}", "strain") for i in range(9)]
    book = material({"stress": talk(1, 10, seed=1), "strain": talk(2, 1, seed=2)}, also=also)
    [pair] = near_duplicates(book)
    assert (pair.shared, pair.either) == (9, 11)
    assert "9 of the 11 segments that carry either carry both" in pair.evidence


def test_lenses_are_never_merged_and_a_code_never_with_its_parent() -> None:
    """Trust that helps and trust that hinders would become one theme."""
    said = {"trust": talk(1, 15, seed=1), "no trust": talk(1, 15, seed=2)}
    assert near_duplicates(material(said, lens={"trust": "what_works"})) == ()
    assert near_duplicates(material(said, parent={"no trust": "trust"})) == ()
    assert len(near_duplicates(material(said))) == 1


def test_different_codes_are_hardly_ever_called_duplicates_and_halves_of_one_mostly_are() -> None:
    draws = np.random.default_rng(8)
    near = unit(topic(1) + 0.9 * topic(2))  # a theme not far from topic 1
    found = {"halves": 0, "different": 0}
    for _ in range(100):
        one, half, other = (unit(about + draws.normal(size=(12, DIMS)) * 0.12) for about in (topic(1), topic(1), near))
        for kind, rows in (("halves", half), ("different", other)):
            found[kind] += bool(near_duplicates(material({"a": one, "b": rows})))
    assert found["halves"] >= 80
    assert found["different"] <= 5


def test_the_cosine_of_centres_does_not_fall_with_fewer_segments() -> None:
    """Rare codes would never be seen as duplicates."""
    draws = np.random.default_rng(4)
    for n in (5, 50):
        pairs = [[unit(topic(1) + draws.normal(size=(n, DIMS)) * 0.2) for _ in range(2)] for _ in range(200)]
        assert np.median([same_meaning(*pair)[0] for pair in pairs]) == pytest.approx(1.0, abs=0.03)


# --- divisions ---


def test_a_code_of_two_themes_is_divided_as_it_was_put_together() -> None:
    both = np.concatenate([talk(1, 14, seed=1), talk(2, 9, seed=2)])
    [split] = codes_to_split(material({"access": both, "forms": talk(3, 20, seed=3)}), seed=7)
    assert split.code == "access"
    assert [sorted(part) for part in split.parts] == [
        [f"access{i:03}" for i in range(14)],
        [f"access{i:03}" for i in range(14, 23)],
    ]
    assert '"Access" may be 2 codes: its 23 segments fall into groups of 14 and 9' in split.evidence


def test_a_code_of_one_piece_is_left_alone() -> None:
    """The analyst would be sent after groups that are not there."""
    draws = np.random.default_rng(2)
    found = 0
    for i in range(60):
        # Some ways to vary are stronger than others, as in real talk.
        rows = unit(topic(1) + draws.normal(size=(30, DIMS)) * 0.5 * 0.8 ** np.arange(DIMS))
        found += len(codes_to_split(material({"one": rows}), seed=i))
    assert found <= 3


def test_too_few_segments_and_odd_ones_out_are_no_reason_to_split() -> None:
    assert codes_to_split(material({"few": np.concatenate([talk(1, 6, seed=1), talk(2, 5, seed=2)])}), seed=1) == ()
    assert codes_to_split(material({"odd": np.concatenate([talk(1, 12, seed=1), talk(2, 2, seed=2)])}), seed=1) == ()
    assert codes_to_split(material({"same": np.repeat(talk(1, 1, seed=1), 20, axis=0)}), seed=1) == ()


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_number_of_parts_is_found(k: int) -> None:
    sizes = (12, 10, 8, 6)[:k]
    rows = np.concatenate([talk(i, n, seed=i) for i, n in enumerate(sizes)])
    assert [len(part) for part in divide(rows, seed=1).parts] == list(sizes)
    assert len(divide(rows, 2, seed=1).parts) == 2


@given(seed=st.integers(0, 10_000), n_parts=st.sampled_from([None, 2, 3]))
@settings(max_examples=15, deadline=None)
def test_a_division_does_not_depend_on_the_order_of_rows(seed: int, n_parts: int | None) -> None:
    """The same code would be divided otherwise after a file was renamed."""
    # No clear groups: here an unstable division would show. Two rows are equal and must stay together.
    rows = talk(1, 30, seed=9, spread=0.3)
    rows[7] = rows[3]
    order = np.random.default_rng(seed).permutation(len(rows))
    back = [sorted(int(order[i]) for i in part) for part in divide(rows[order], n_parts, seed=5).parts]
    assert back == [sorted(part) for part in divide(rows, n_parts, seed=5).parts]
    assert any({3, 7} <= set(part) for part in back)


def test_more_parts_than_different_segments_is_an_error() -> None:
    with pytest.raises(ValueError, match="2 parts of 1 different segments"):
        divide(np.repeat(talk(1, 1, seed=1), 5, axis=0))
    with pytest.raises(ValueError, match="4 parts of 3 different segments"):
        divide(talk(1, 3, seed=1), 4)


# --- definitions ---


def test_a_definition_that_no_longer_says_what_the_code_is_used_for_is_found() -> None:
    """Coders who read the codebook would code something else than those who made it."""
    names = ["bus", "forms", "nurse", "queue", "trust", "money", "noise"]
    said = {name: talk(i, 12, seed=i, spread=0.25) for i, name in enumerate(names)}
    right = {name: unit(topic(i) + 0.5 * topic(50 + i)) for i, name in enumerate(names)}
    assert definitions_adrift(material(said, entries=right)) == ()
    [adrift] = definitions_adrift(material(said, entries=right | {"trust": right["bus"]}))
    assert adrift.code == "trust"
    assert adrift.fit < adrift.threshold < adrift.typical
    assert adrift.evidence.startswith('The definition of "Trust" hardly fits its 12 segments')


def test_only_recent_segments_are_judged_when_asked() -> None:
    names = ["bus", "forms", "nurse", "queue", "trust", "money"]
    said = {name: talk(i, 16, seed=i, spread=0.25) for i, name in enumerate(names)}
    said["trust"][8:] = talk(70, 8, seed=99, spread=0.25)
    book = material(said, entries={name: topic(i) for i, name in enumerate(names)})
    recent = {f"{name}{i:03}" for name in names for i in range(8, 16)}
    [adrift] = definitions_adrift(book, recent=recent)
    assert (adrift.code, adrift.segments) == ("trust", 8)
    assert adrift.earlier > 0.9
    assert set(adrift.farthest) <= recent
    assert "8 recent segments" in adrift.evidence


def test_too_few_codes_say_nothing_of_definitions() -> None:
    said = {name: talk(i, 12, seed=i) for i, name in enumerate("abcd")}
    assert definitions_adrift(material(said, entries=dict.fromkeys("abcd", topic(80)))) == ()


# --- lone codes ---


def test_codes_of_one_person_or_one_coder_are_named() -> None:
    """One loud person would pass for a theme."""
    book = material(
        {"dog": talk(1, 3, seed=1), "bus": talk(2, 4, seed=2)},
        cases=dict.fromkeys(["dog000", "dog001", "dog002"], "mira"),
    )
    assert [(one.code, one.case, one.coder) for one in lone_codes(book)] == [("dog", "mira", "")]
    two = dataclasses.replace(book, codings=(*book.codings, Coded("dog000", "bus", "bo")))
    [dog] = lone_codes(two)
    assert (dog.case, dog.coder, dog.seen_by_others) == ("mira", "ana", 1)
    assert dog.evidence == (
        '"Dog" stands on 3 segments: all of one person (mira), of 5 in the study; '
        "given by one coder only (ana), of 2; another coder gave 1 of them other codes."
    )
    alone = dataclasses.replace(book, cases=("mira",) * 7)
    assert lone_codes(alone) == ()


# --- all ---


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_proposals_do_not_depend_on_any_order(seed: int) -> None:
    both = np.concatenate([talk(1, 14, seed=1), talk(2, 9, seed=2)])
    groups = {
        "access": both,
        "bus": talk(1, 12, seed=3),
        "way": talk(1, 13, seed=4),
        "d": talk(4, 6, seed=5),
        "e": talk(5, 6, seed=6),
    }
    book = material(groups, entries={name: topic(i) for i, name in enumerate(groups)}, cases={"access000": "mira"})
    found = propose(book, seed=3)
    assert {type(one).__name__ for one in found} >= {"NearDuplicate", "ToSplit"}
    assert repr(propose(shuffled(book, seed), seed=3)) == repr(found)


def test_input_that_does_not_fit_is_an_error_that_names_both_sides() -> None:
    book = material({"bus": talk(1, 3, seed=1)})
    with pytest.raises(ValueError, match="1 entries for 1 codes; 2 vectors and 3 segments with 3 cases"):
        dataclasses.replace(book, vectors=book.vectors[:2])
    with pytest.raises(ValueError, match="must have length 1"):
        dataclasses.replace(book, vectors=book.vectors * 2)
    with pytest.raises(ValueError, match="1 codings of unknown codes or segments"):
        dataclasses.replace(book, codings=(Coded("bus000", "tram", "ana"),))
    assert propose(material({"bus": talk(1, 1, seed=1)}), seed=1) == ()
