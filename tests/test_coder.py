"""The machine coder: what it suggests, where it abstains, and that it does what people asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import HashEmbedder
from textcoder.coder import Calibration, Known, MachineCoder, Neighbours, in_context, suggest
from textcoder.domain.codebook import Code, CodeStatus, Example, Origin
from textcoder.domain.coding import LensPlacement, Status
from textcoder.domain.transcript import Segment

SHARP = Calibration(
    weights=(-4.0, -4.0, 8.0, 8.0, 2.0, 2.0), spreads=(1.0,) * 6, code_spread=0.5, floor=0.3, temperature=0.05
)
SHIPPED = Calibration.shipped()
WORDS = ("bus", "meeting", "nurse", "form", "late", "kind")
TALK = (
    "the bus was late",
    "a kind nurse",
    "the form again",
    "nurse at the meeting",
    "the meeting was late",
    "hello",
    "form for the bus",
    "the nurse took the bus",
)


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A fake in which a text means the words of the list that it holds."""
    rows = np.array([[float(word in text.casefold()) for word in WORDS] + [0.1] for text in texts], dtype=np.float32)
    rows = rows.reshape(len(texts), len(WORDS) + 1)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def code(name: str, lens: str = "none", **entry: object) -> Code:
    return Code(id=name, name=name, lens=lens, **entry)  # type: ignore[arg-type]  # test data


def fitted(
    codes: Sequence[Code], texts: Sequence[str], known: Known | None = None, curve: Calibration = SHARP
) -> MachineCoder:
    return MachineCoder(embed, curve).fit(codes, embed(texts), known)


def test_a_sentence_is_coded_with_what_is_said_beside_it_in_the_same_turn() -> None:
    """ "It never came." tells of the bus only beside the sentence before, and people code it so."""
    texts = ["the bus was late", "hello", "hello", "a kind nurse", "the form again"]
    vectors = in_context(embed(texts), ["one", "one", "two", "three", "three"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(vectors[2], embed(["hello"])[0], rtol=1e-6)
    bus = MachineCoder(embed, SHARP).fit([code("bus"), code("form")], vectors).probabilities_[:, 0]
    assert bus[0] > bus[1] > bus[2]
    asked = np.vstack([np.zeros((2, len(WORDS) + 1)), embed(["the bus"]), np.zeros((2, len(WORDS) + 1))]).astype(
        np.float32
    )
    answered = in_context(embed(texts), ["one", "one", "two", "three", "three"], asked)
    assert (answered @ embed(["the bus"])[0])[2] > (vectors @ embed(["the bus"])[0])[2]
    np.testing.assert_allclose(np.delete(answered, 2, axis=0), np.delete(vectors, 2, axis=0), rtol=1e-6)
    assert in_context(embed([]), []).shape == (0, len(WORDS) + 1)


def test_what_was_accepted_is_not_carried_over_to_the_sentence_beside_it() -> None:
    """Read in context the two are nearly alike; but they are not the same words, and nobody said so of the second."""
    texts = ["the bus was late", "a kind nurse", "the form again", "the bus was late", "hello"]
    vectors, turns = embed(texts), ["one", "one", "two", "three", "three"]
    coder = MachineCoder(embed, SHARP).fit([code("late"), code("form")], in_context(vectors, turns), words=vectors)
    coder.update(Known({"late": frozenset({0})}))
    assert coder.probabilities_[3, 0] > 0.9, "the same words elsewhere"
    assert coder.probabilities_[1, 0] < 0.5
    assert "same words" not in coder.why(0, np.array([1]))[0]


def segments(n: int) -> list[Segment]:
    return [Segment.of("t1", 0, 100 * i, 100 * i + 50) for i in range(n)]


def suggested(
    coder: MachineCoder, placements: dict[str, LensPlacement] | None = None, members: dict[str, str] | None = None
) -> list[tuple[int, str]]:
    codings = suggest(coder, segments(len(coder.vectors)), placements or {}, members or {})
    assert all(coding.status is Status.SUGGESTED and coding.coder == "machine" and coding.why for coding in codings)
    return [(coding.start // 100, coding.code) for coding in codings]


def said(
    positive: dict[str, set[int]], negative: dict[str, set[int]] | None = None, reviewed: set[int] | None = None
) -> Known:
    return Known(
        {c: frozenset(rows) for c, rows in positive.items()},
        {c: frozenset(rows) for c, rows in (negative or {}).items()},
        frozenset(reviewed or ()),
    )


def made(
    n: int, k: int, seed: int = 3
) -> tuple[list[Code], npt.NDArray[np.float32], npt.NDArray[np.intp], MachineCoder]:
    """Codes, a seeded mixture in 32 dimensions, the code of each row, and an unfitted coder that knows a noisy entry of each."""
    draws = np.random.default_rng(seed)
    centres = draws.normal(size=(k, 32))
    owner = draws.integers(k, size=n)
    rows = centres[owner] + draws.normal(size=(n, 32))
    entries = centres + 2.0 * draws.normal(size=(k, 32))

    def read(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        found = np.array([entries[int(text)] for text in texts])
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)

    vectors = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
    return [code(str(j)) for j in range(k)], vectors, owner, MachineCoder(read, SHIPPED)


# --- by the entry alone ---


def test_a_code_is_found_by_its_entry_and_by_its_examples() -> None:
    """A codebook that a person wrote would not be applied."""
    coder = fitted(
        [code("Bus"), code("Care", examples=(Example("the nurse came"),))], ["the bus", "a nurse rang", "form"]
    )
    assert suggested(coder) == [(0, "Bus"), (1, "Care")]


def test_an_example_without_words_is_none() -> None:
    """One empty line in a table of examples would stop the whole machine."""
    coder = fitted(
        [code("Bus", examples=(Example(" "),)), code("Care", examples=(Example(""), Example("the nurse came")))],
        TALK[:2],
    )
    assert suggested(coder) == [(0, "Bus"), (1, "Care")]


def test_a_segment_may_carry_several_codes_and_none() -> None:
    coder = fitted([code("Bus"), code("Nurse")], ["the nurse took the bus", "hello", "form", "meeting"])
    assert suggested(coder) == [(0, "Bus"), (0, "Nurse")]


def test_polarity_is_kept_apart() -> None:
    """Trust as a help and trust as a hindrance would be counted as one."""
    texts = ["the meeting", "the meeting", "the bus"]
    coder = fitted([code("Meeting helps", "what_works"), code("Meeting hinders", "barriers")], texts)
    first, second, _ = segments(3)
    placements = {
        first.id: LensPlacement(first.id, {"what_works": 0.95, "barriers": 0.05}),
        second.id: LensPlacement(second.id, {"what_works": 0.45, "barriers": 0.55}),
    }
    found = [pair for pair in suggested(coder, placements) if pair[0] < 2]
    assert found == [(0, "Meeting helps"), (1, "Meeting helps"), (1, "Meeting hinders")]


def test_a_provisional_code_carries_just_the_segments_of_its_theme() -> None:
    """The report's count of a theme and of its code would differ without a word."""
    texts = ["the form", "the bus", "form and form"]
    draft = code("Forms", origin=Origin.MODEL, status=CodeStatus.PROVISIONAL)
    members = {segments(3)[0].id: "Forms", segments(3)[1].id: "Forms"}
    known = Known(members={"Forms": frozenset({0})})
    assert suggested(fitted([draft], texts, known), members=members) == [(0, "Forms"), (1, "Forms")]
    confirmed = fitted([replace(draft, status=CodeStatus.ACTIVE)], texts, known)
    assert suggested(confirmed, members=members) == [(0, "Forms"), (1, "Forms"), (2, "Forms")]


def test_an_empty_codebook_and_an_empty_project_suggest_nothing() -> None:
    assert suggested(fitted([], ["the bus"])) == []
    assert suggested(fitted([code("Bus")], [])) == []


def test_shares_of_a_lens_sum_to_one() -> None:
    """A quotation would look surer than it is because its lens has few codes."""
    codes = [code("Bus", "barriers"), code("Form", "barriers"), code("Nurse", "what_works")]
    shares = fitted(codes, TALK).shares(embed(["the bus", "hello"]))
    assert np.allclose(shares[:, :2].sum(axis=1), 1) and np.allclose(shares[:, 2], 1)
    assert shares[0, 0] > 0.9


# --- control: the result is what was asked for (Kumar et al. 2019) ---


@pytest.mark.parametrize("curve", [SHARP, SHIPPED])
def test_what_is_accepted_is_suggested_there_and_for_the_same_words(curve: Calibration) -> None:
    texts = (*TALK, "a kind nurse", "kind, kind nurse")
    for row in range(len(TALK)):
        coder = fitted([code("Bus"), code("Nurse"), code("Form")], texts, said({"Form": {row}}), curve)
        same = [i for i, text in enumerate(texts) if np.allclose(embed([text]), embed([texts[row]]))]
        assert (coder.probabilities_[same, 2] > coder.thresholds_[2]).all()


@pytest.mark.parametrize("curve", [SHARP, SHIPPED])
def test_what_is_rejected_is_no_longer_suggested_there_nor_for_the_same_words(curve: Calibration) -> None:
    texts = (*TALK, "a kind nurse")
    for j in range(3):
        for row in range(len(TALK)):
            coder = fitted(
                [code("Bus"), code("Nurse"), code("Form")], texts, said({}, {("Bus", "Nurse", "Form")[j]: {row}}), curve
            )
            same = [i for i, text in enumerate(texts) if text == texts[row]]
            assert (coder.probabilities_[same, j] < coder.thresholds_[j]).all()


def test_an_edited_definition_is_followed() -> None:
    before = fitted([code("Travel", definition="the bus"), code("Nurse")], TALK)
    after = fitted([code("Travel", definition="the form"), code("Nurse")], TALK)
    bus, form = TALK.index("the bus was late"), TALK.index("the form again")
    assert before.probabilities_[bus, 0] > before.probabilities_[form, 0]
    assert after.probabilities_[form, 0] > after.probabilities_[bus, 0]


def test_when_not_to_use_lowers_what_it_names() -> None:
    plain = fitted([code("Late bus"), code("Nurse")], TALK)
    narrowed = fitted([code("Late bus", exclude="the meeting was late"), code("Nurse")], TALK)
    meeting, bus = TALK.index("the meeting was late"), TALK.index("the bus was late")
    gap = [coder.probabilities_[bus, 0] - coder.probabilities_[meeting, 0] for coder in (plain, narrowed)]
    assert narrowed.probabilities_[meeting, 0] < plain.probabilities_[meeting, 0] and gap[1] > gap[0]


def test_after_a_merge_the_accepted_segments_of_both_codes_count() -> None:
    """Merging would throw away what people had taught."""
    codes, vectors, owner, coder = made(200, 6)
    mine, theirs = (frozenset(np.flatnonzero(owner == j)[:8].tolist()) for j in (0, 1))
    merged = [codes[0], *codes[2:]]
    half = coder.fit(merged, vectors, Known({"0": mine})).probabilities_[:, 0].copy()
    whole = coder.fit(merged, vectors, Known({"0": mine | theirs})).probabilities_[:, 0]
    assert whole[owner == 1].mean() > 2 * half[owner == 1].mean()
    assert (whole[sorted(theirs)] > coder.thresholds_[0]).all()


def test_a_threshold_that_a_person_set_counts_more_than_the_learned_one() -> None:
    codes = [code("Bus", threshold=0.97), code("Nurse", threshold=0.01)]
    coder = fitted(codes, TALK, said({"Bus": {5}}))
    assert coder.thresholds_ == pytest.approx([0.97, 0.01])
    assert [i for i, name in suggested(coder) if name == "Bus"] == [5]


def test_a_decision_counts_more_than_the_same_words_elsewhere() -> None:
    texts = ["the bus", "the bus", "the form"]
    coder = fitted([code("Bus")], texts, said({"Bus": {0}}, {"Bus": {1}}))
    assert coder.probabilities_[0, 0] > 0.99 and coder.probabilities_[1, 0] < 0.01


# --- learning ---


def test_decisions_teach_what_the_entry_does_not_say() -> None:
    """An analyst's work would change nothing beyond the segments she touched."""
    codes, vectors, owner, coder = made(600, 8)
    read = range(100)
    known = Known({str(j): frozenset(i for i in read if owner[i] == j) for j in range(8)}, {}, frozenset(read))
    before = coder.fit(codes, vectors).probabilities_[100:].argmax(axis=1)
    after = coder.fit(codes, vectors, known).probabilities_[100:].argmax(axis=1)
    assert (after == owner[100:]).mean() > (before == owner[100:]).mean() + 0.1


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 4), st.sampled_from("+-r")), max_size=12), st.randoms())
def test_the_order_of_decisions_does_not_matter(decisions: list[tuple[int, int, str]], shuffle: object) -> None:
    """Two analysts who decided the same would see different suggestions; an undone decision would leave a trace."""
    codes, vectors, _, coder = made(60, 5)

    def known(part: list[tuple[int, int, str]]) -> Known:
        yes = {str(j): {i for i, c, kind in part if c == j and kind == "+"} for j in range(5)}
        no = {str(j): {i for i, c, kind in part if c == j and kind == "-"} for j in range(5)}
        return said(yes, no, {i for i, _, kind in part if kind == "r"})

    coder.fit(codes, vectors)
    in_some_order = list(decisions)
    shuffle.shuffle(in_some_order)  # type: ignore[attr-defined]  # a random.Random
    for end in range(len(in_some_order) + 1):
        coder.update(known(in_some_order[:end]))
    stepwise = coder.probabilities_.copy(), coder.thresholds_.copy()
    coder.fit(codes, vectors, known(decisions))
    assert np.allclose(stepwise[0], coder.probabilities_, atol=1e-5) and np.array_equal(stepwise[1], coder.thresholds_)
    coder.update(Known())
    taken_back = coder.probabilities_.copy()
    assert np.allclose(taken_back, coder.fit(codes, vectors).probabilities_, atol=1e-6)


def test_the_order_of_rows_does_not_matter() -> None:
    codes, vectors, owner, coder = made(300, 5)
    known = Known({"1": frozenset(np.flatnonzero(owner == 1)[:6].tolist())}, {}, frozenset(range(20)))
    straight = coder.fit(codes, vectors, known).probabilities_.copy()
    order = np.random.default_rng(0).permutation(300)
    place = np.argsort(order)
    moved = Known({"1": frozenset(place[sorted(known.positive["1"])].tolist())}, {}, frozenset(place[:20].tolist()))
    assert np.allclose(coder.fit(codes, vectors[order], moved).probabilities_[place], straight, atol=1e-5)


def test_update_names_the_codes_that_are_now_suggested_elsewhere() -> None:
    coder = fitted([code("Bus"), code("Nurse"), code("Form")], TALK)
    assert "Form" in coder.update(said({"Form": {5}}))
    assert coder.update(said({"Form": {5}})) == ()


def test_identical_text_gets_identical_suggestions() -> None:
    codes, vectors, _, coder = made(9000, 7)
    doubled = np.concatenate([vectors, vectors[::-1]])
    coder.fit(codes, doubled, Known({"2": frozenset({5})}, {}, frozenset({5})))
    assert np.array_equal(
        coder.probabilities_[:9000][np.arange(9000) != 5], coder.probabilities_[9000:][::-1][np.arange(9000) != 5]
    )


def test_a_code_is_at_least_as_probable_as_those_below_it() -> None:
    """A count of a parent would be smaller than that of its child."""
    codes = [code("Services"), code("Transport", parent="Services"), code("Bus", parent="Transport"), code("Nurse")]
    known = said({"Bus": {2}}, {"Services": {1}}, {0, 5})
    coder = fitted(codes, TALK, known)
    p = coder.probabilities_
    assert (p[:, 0] >= p[:, 1]).all() and (p[:, 1] >= p[:, 2]).all()
    assert (p[2, :3] > coder.thresholds_[:3]).all()  # accepted for a child is accepted for those above it
    assert (p[1, :3] < coder.thresholds_[:3]).all()  # rejected for a parent is rejected for those below it


def test_reasons_say_what_the_suggestion_rests_on() -> None:
    texts = ("the bus", "the bus", "kind form", "kind form at the meeting", "late kind form", "the nurse", "hello")
    coder = fitted(
        [code("Bus"), code("Patience", definition="kind")], texts, said({"Patience": {2, 4}}, reviewed={2, 4, 6})
    )
    found = {(c.start // 100, c.code): c.why for c in suggest(coder, segments(len(texts)), {}, {})}
    assert found[0, "Bus"] == "resembles the code's entry"
    assert found[2, "Patience"] == "a segment with the same words, or nearly, was accepted"
    assert found[3, "Patience"] == "resembles 2 accepted segments"


def test_a_decision_beyond_the_last_segment_is_refused() -> None:
    with pytest.raises(ValueError, match="row 99 of 8 segments"):
        fitted([code("Bus")], TALK, said({"Bus": {99}}))


def test_near_neighbours_are_all_found() -> None:
    """A decision would carry over to some paraphrases and not to others."""
    draws = np.random.default_rng(1)
    base = draws.normal(size=(2000, 384))
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    close = base + 0.01 * draws.normal(size=base.shape)
    vectors = np.concatenate([base, close / np.linalg.norm(close, axis=1, keepdims=True)]).astype(np.float32)
    near = Neighbours(vectors).of(range(2000))
    assert all(set(near[i][0].tolist()) == {i, i + 2000} for i in range(2000))


def test_a_project_of_acceptances_alone_does_not_teach_that_everything_is_likely() -> None:
    """An analyst who only accepts would soon be offered every code for every segment."""
    embedder = HashEmbedder(64)
    codes = [code(f"code {i}") for i in range(20)]
    talk = embedder.embed([f"said {i}" for i in range(300)])
    accepted = {one.id: frozenset({7 * i}) for i, one in enumerate(codes)}
    coder = MachineCoder(embedder.embed, SHIPPED).fit(codes, talk, Known(positive=accepted))
    assert coder.probabilities_.mean() < 0.2
    assert all(coder.probabilities_[7 * i, i] > 0.9 for i in range(20))
