"""The machine coder: what it suggests, and where it abstains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from textcoder.coder import Calibration, MachineCoder, suggest
from textcoder.domain.codebook import Code, CodeStatus, Example, Origin
from textcoder.domain.coding import LensPlacement, Status
from textcoder.domain.transcript import Segment
from textcoder.settings import Settings

SHARP = Calibration(intercept=-5.0, similarity=10.0, margin=0.0, lead=0.0, temperature=0.05)
WORDS = ("bus", "meeting", "nurse", "form")


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """A fake in which a text means the words of the list that it holds."""
    rows = np.array([[float(word in text.casefold()) for word in WORDS] + [0.1] for text in texts], dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def code(name: str, lens: str = "none", **entry: object) -> Code:
    return Code(id=name, name=name, lens=lens, **entry)  # type: ignore[arg-type]  # test data


def segments(*texts: str) -> tuple[list[Segment], npt.NDArray[np.float32]]:
    return [Segment.of("t1", 0, 100 * i, 100 * i + 50) for i in range(len(texts))], embed(texts)


def suggested(coder: MachineCoder, texts: Sequence[str], **more: object) -> list[tuple[int, str]]:
    spans, vectors = segments(*texts)
    placements = more.get("placements", {})
    members = more.get("members", {})
    codings = suggest(coder, spans, vectors, placements, members, Settings(code_threshold=0.5))  # type: ignore[arg-type]  # test data
    assert all(coding.status is Status.SUGGESTED and coding.coder == "machine" for coding in codings)
    return [(coding.start // 100, coding.code) for coding in codings]


def test_a_code_is_found_by_its_entry_and_by_its_examples() -> None:
    """A codebook that a person wrote would not be applied."""
    coder = MachineCoder(embed, SHARP).fit([code("Bus"), code("Care", examples=(Example("the nurse came"),))], {})
    assert suggested(coder, ["the bus is late", "a nurse rang", "the form again"]) == [(0, "Bus"), (1, "Care")]


def test_a_segment_may_carry_several_codes_and_none() -> None:
    coder = MachineCoder(embed, SHARP).fit([code("Bus"), code("Nurse")], {})
    assert suggested(coder, ["the nurse took the bus", "hello"]) == [(0, "Bus"), (0, "Nurse")]


def test_polarity_is_kept_apart() -> None:
    """Trust as a help and trust as a hindrance would be counted as one."""
    coder = MachineCoder(embed, SHARP).fit(
        [code("Meeting helps", "what_works"), code("Meeting hinders", "barriers")], {}
    )
    spans, _ = segments("the meeting", "the meeting")
    placements = {
        spans[0].id: LensPlacement(spans[0].id, {"what_works": 0.95, "barriers": 0.05}),
        spans[1].id: LensPlacement(spans[1].id, {"what_works": 0.45, "barriers": 0.55}),
    }
    found = suggested(coder, ["the meeting", "the meeting"], placements=placements)
    assert found == [(0, "Meeting helps"), (1, "Meeting helps"), (1, "Meeting hinders")]


def test_a_provisional_code_carries_just_the_segments_of_its_theme() -> None:
    """The report's count of a theme and of its code would differ without a word."""
    spans, vectors = segments("the form", "the bus", "form and form")
    draft = code("Forms", origin=Origin.MODEL, status=CodeStatus.PROVISIONAL)
    members = {spans[0].id: "Forms", spans[1].id: "Forms"}
    coder = MachineCoder(embed, SHARP).fit([draft], {"Forms": vectors[:1]})
    texts = ["the form", "the bus", "form and form"]
    assert suggested(coder, texts, members=members) == [(0, "Forms"), (1, "Forms")]
    confirmed = MachineCoder(embed, SHARP).fit([code("Forms", origin=Origin.MODEL)], {"Forms": vectors[:1]})
    assert suggested(confirmed, texts, members=members) == [(0, "Forms"), (1, "Forms"), (2, "Forms")]


def test_identical_text_gets_identical_probabilities() -> None:
    coder = MachineCoder(embed, SHARP).fit([code("Bus"), code("Form")], {})
    one, two = coder.predict_proba(embed(["the bus"])), coder.predict_proba(embed(["a nurse", "the bus"]))
    assert np.array_equal(one[0], two[1])


def test_an_empty_codebook_suggests_nothing() -> None:
    assert suggested(MachineCoder(embed, SHARP).fit([], {}), ["the bus"]) == []


def test_shares_of_a_lens_sum_to_one() -> None:
    """A quotation would look surer than it is because its lens has few codes."""
    codes = [code("Bus", "barriers"), code("Form", "barriers"), code("Nurse", "what_works")]
    shares = MachineCoder(embed, SHARP).fit(codes, {}).shares(embed(["the bus", "hello"]))
    assert np.allclose(shares[:, :2].sum(axis=1), 1) and np.allclose(shares[:, 2], 1)
    assert shares[0, 0] > 0.9
