"""New interviews against a codebook that stands still: nothing of them teaches it, and what nobody foresaw is found with its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest

from tests.builders import MACHINE, segments_of, transcript
from tests.fakes import HashEmbedder, MemoryStore
from textcoder.domain import acts
from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import Coder, CoderKind, LensPlacement
from textcoder.domain.decision import By
from textcoder.domain.theme import Theme, ThemeMap
from textcoder.domain.transcript import Outcome, SourceFile, Transcript
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.settings import Settings
from textcoder.workflow import LiveProject, facts_of
from textcoder.workflow.waves import Compared, freeze, waves, waves_section

ANA = Coder("ana", "ana", CoderKind.HUMAN)
BY = By("ana", "2024-03-01T09:00:00+00:00")
PHONE = Code("phone", "Phone calls", "Nobody answers the phone when people call.", lens="barriers")
FORM = Code("form", "Long forms", "The form is long and hard.", lens="barriers")
NAMES = ("mira", "leila", "omar", "sven", "tess", "ida")


class WordEmbedder:
    """An `Embedder` that knows words and nothing else: texts that share words are alike."""

    def __init__(self) -> None:
        self.name, self.key, self.n_dims = "words", "words/64", 64
        self._of = HashEmbedder(self.n_dims)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = []
        for text in texts:
            words = "".join(c if c.isalpha() else " " for c in text.casefold()).split() or ["nothing"]
            rows.append(self._of.embed(words).sum(axis=0))
        found = np.array(rows, dtype=np.float32).reshape(-1, self.n_dims)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def first(name: str) -> Transcript:
    return transcript(
        f"w1_{name}.txt",
        ("Hanna", "What hinders you with the phone?"),
        (name, f"Nobody answers the phone. The form is long and hard, {name} says."),
        case=name,
        wave="1",
    )


def later(name: str, *, form: bool) -> Transcript:
    more = " The form is long and hard." if form else ""
    return transcript(
        f"w2_{name}.txt",
        ("Hanna", "What hinders you with the phone?"),
        (name, f"Nobody answers the phone.{more}"),
        ("Hanna", "Is there anything else to add?"),
        (name, f"We grow tomatoes in the garden together, {name} digs."),
        case=name,
        wave="2",
    )


def add(store: MemoryStore, one: Transcript) -> None:
    file = SourceFile(one.name, one.sha256, Outcome.READ, "", one.id)
    store.add_transcript(one, segments_of(one), file=file, original=b"")


@pytest.fixture
def live() -> LiveProject:
    """Six people in two waves. Ana coded wave 1; a run over both found the garden, of which no code speaks."""
    store = MemoryStore()
    store.save_coder(MACHINE)
    for name in NAMES:
        add(store, first(name))
        add(store, later(name, form=name == "mira"))
    live = LiveProject(store, Settings(), embedder=WordEmbedder())
    for code in (PHONE, FORM):
        live.do(partial(acts.add_code, code=code, by=BY), coder=ANA)
    for code, word in ((PHONE, "phone"), (FORM, "form")):
        spans = [
            (s.transcript, s.start, s.end)
            for s in live.segments
            if live.transcripts[s.transcript].wave == "1" and word in live.text(s)
        ]
        live.do(partial(acts.accept, spans=spans, code=code.id, by=BY), coder=ANA)
    garden = tuple(s.id for s in live.segments if "garden" in live.text(s))
    phone = tuple(s.id for s in live.segments if "phone" in live.text(s))
    held = set(garden)
    store.save_placements(
        [LensPlacement(s.id, {"signs_of_progress" if s.id in held else "barriers": 1.0}) for s in live.segments]
    )
    store.save_themes(
        ThemeMap(
            (
                Theme("g", "Growing tomatoes", "signs_of_progress", ("tomatoes", "garden"), garden, garden[:2], 0.9),
                Theme("p", "Phones", "barriers", ("phone",), phone, phone[:2], 0.9),
            ),
            (),
        )
    )
    store.finish("code", "a run")
    return live


def test_a_theme_that_nobody_asked_about_and_no_code_foresaw_is_found_with_its_words(live: LiveProject) -> None:
    """The unbudgeted benefit ("as a bonus, the garden") would drown among the codes that were there before."""
    found = waves(live, facts_of(live))
    assert (found.asked.before, found.asked.since, found.asked.version, found.codes) == ("1", "2", 2, 2)
    (garden,) = found.unexpected
    assert (garden.name, garden.people, garden.unasked, garden.sure) == ("Growing tomatoes", 6, 6, True)
    assert garden.foreseen == 0 and garden.new_segments == garden.segments == 6
    assert {words.case for words in garden.quotations} <= set(NAMES) and len(garden.quotations) == 4
    for words in garden.quotations:
        assert live.transcripts[words.transcript].text[words.start : words.end] == words.text
        assert words.question == "Is there anything else to add?"
    assert [one.theme.id for one in found.new_themes] == ["g"], "the phones continue a code"
    assert found.new_themes[0].p < 0.01
    section = waves_section(found)
    assert section.id == "waves" and len(section.parts) > len(found.sentences)


def test_grown_and_shrunk_are_by_one_codebook_and_small_cells_stay_hidden(live: LiveProject) -> None:
    """Five of six no longer speak of forms; that one still does is nobody's business in a report."""
    said = {one.row.row.name: one.said for one in waves(live, facts_of(live)).moved}
    assert said == {"Phone calls": "not clear", "Long forms": "hidden"}
    whole = waves(live, facts_of(live), Compared(minimum_people=0))
    forms = next(one for one in whole.moved if one.row.row.name == "Long forms")
    assert forms.said == "shrunk"
    assert forms.row.overall.before is not None and forms.row.overall.before.n == 6
    assert forms.row.overall.after is not None and forms.row.overall.after.n == 1
    assert (whole.held_before.coded, whole.held_before.segments) == (12, 12)
    assert (whole.held_new.coded, whole.held_new.segments) == (7, 13)


def test_new_interviews_teach_the_frozen_codebook_nothing(live: LiveProject) -> None:
    """What people coded in the new interviews under later codes would leak into the codebook that is to stand still."""
    before = waves(live, facts_of(live), Compared(version=2))
    garden = Code("garden", "Garden", "They grow things.", lens="signs_of_progress")
    live.do(partial(acts.add_code, code=garden, by=BY), coder=ANA)
    spans = [(s.transcript, s.start, s.end) for s in live.segments if "garden" in live.text(s)]
    live.do(partial(acts.accept, spans=spans, code="garden", by=BY), coder=ANA)
    after = waves(live, facts_of(live), Compared(version=2))
    assert [one.name for one in after.unexpected] == ["Growing tomatoes"]
    assert after.moved == before.moved
    assert (after.held_new, after.codes) == (before.held_new, 2)
    now = waves(live, facts_of(live))
    assert now.codes == 3
    assert freeze(live, 2).standing.codebook.version == 2
    assert live.standing.codebook.version == 3, "the project itself does not go back"


def test_what_was_asked_about_is_not_unexpected(live: LiveProject) -> None:
    """The phones were asked about; had no code been there, they would still not be unexpected."""
    found = waves(live, facts_of(live), Compared(version=0))
    assert "Phones" not in {one.name for one in found.unexpected}
    assert not any(one.sure for one in found.unexpected), "an empty codebook cannot have foreseen anything"
    assert any("empty" in sentence for sentence in found.sentences)


def test_few_people_are_counted_and_not_named(live: LiveProject) -> None:
    found = waves(live, facts_of(live), Compared(minimum_people=7))
    assert (found.unexpected, found.hidden) == ((), 1)


def test_codes_that_the_machine_drafted_from_the_new_interviews_foresaw_nothing(live: LiveProject) -> None:
    code = replace(Code("drafted", "Tomatoes", lens="signs_of_progress"), status=CodeStatus.PROVISIONAL)
    live.do(partial(acts.add_code, code=code, by=BY), coder=ANA)
    kept = live.store.themes()
    live.store.save_themes(
        replace(kept, themes=tuple(replace(t, code="drafted") if t.id == "g" else t for t in kept.themes))
    )
    found = waves(live, facts_of(live))
    assert [one.name for one in found.unexpected] == ["Growing tomatoes"]
    assert (found.foreseeing, found.taught) == (2, 2)


def test_a_code_that_nobody_has_used_yet_makes_nothing_sure(live: LiveProject) -> None:
    """A machine that knows codes by their names only would call surprising what the analyst sees in the codebook at once."""
    for name in ("Trust", "Money", "Rules"):
        entry = Code(name.casefold(), name, lens="barriers")
        live.do(partial(acts.add_code, code=entry, by=BY), coder=ANA)
    found = waves(live, facts_of(live))
    assert (found.foreseeing, found.taught) == (5, 2)
    assert [(one.name, one.sure) for one in found.unexpected] == [("Growing tomatoes", False)]
    assert any("by their entries only" in sentence for sentence in found.sentences)


def test_what_cannot_be_compared_says_why(live: LiveProject) -> None:
    with pytest.raises(InvalidDecision, match="Nothing comes before"):
        waves(live, facts_of(live), Compared(since="1"))
    with pytest.raises(UnknownItem, match="no version 99"):
        waves(live, facts_of(live), Compared(version=99))
    with pytest.raises(UnknownItem, match="wave 7"):
        waves(live, facts_of(live), Compared(since="7"))
