"""A refit, another encoder, a new wave: whatever the machine does anew, what people decided stands."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import segments_of, transcript
from tests.fakes import HashEmbedder, MemoryStore
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import Coder, CoderKind, LensPlacement, counted
from textcoder.domain.decision import By, Verb
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus
from textcoder.domain.transcript import Outcome, SourceFile, Transcript
from textcoder.errors import TextcoderError, UnknownItem
from textcoder.settings import Settings
from textcoder.workflow import LiveProject
from textcoder.workflow.replay import keep_identity

ANA = Coder("ana", "ana", CoderKind.HUMAN)
BY = By("ana", "2024-03-01")
LENSES = ("what_works", "barriers")


def interview(name: str, wave: str, *said: str) -> Transcript:
    return transcript(name, *((name, words) for words in said), wave=wave)


FIRST = [
    interview(
        "mira", "1", "We meet on Mondays. Nobody answers the phone. The form is long.", "I ring and ring. It rains."
    ),
    interview("leila", "1", "The meetings help. One form for all. Nobody calls back. We share a table."),
]
LATER = interview("ole", "2", "The new chat is quick. I write at night. The chat answers. No phone any more.")


def add(store: MemoryStore, one: Transcript) -> None:
    file = SourceFile(one.name, one.sha256, Outcome.READ, "", one.id)
    store.add_transcript(one, segments_of(one), file=file, original=b"")


@pytest.fixture
def store() -> MemoryStore:
    return filled()


def filled() -> MemoryStore:
    store = MemoryStore()
    for one in FIRST:
        add(store, one)
    return store


def themes_of(store: MemoryStore, seed: int, k: int) -> ThemeMap:
    """What a run might find: segments dealt into k themes, each under a lens."""
    draw = random.Random(seed)
    ids = [segment.id for segment in store.segments()]
    dealt: dict[int, list[str]] = {}
    for segment in ids:
        dealt.setdefault(draw.randrange(k), []).append(segment)
    found = [
        Theme(f"t{seed}-{i}", f"Theme {seed} {i}", LENSES[i % 2], ("word",), tuple(held), (held[0],), 0.8)
        for i, held in sorted(dealt.items())
    ]
    return ThemeMap(tuple(found), ())


def run(store: MemoryStore, seed: int, *, k: int = 3, n_dims: int = 8) -> None:
    """A whole machine run: lenses, themes, draft, codings."""
    draw = random.Random(seed)
    shares = [draw.random() for _ in store.segments()]
    store.save_placements(
        [
            LensPlacement(segment.id, {"what_works": share, "barriers": 1 - share})
            for segment, share in zip(store.segments(), shares, strict=True)
        ]
    )
    store.save_themes(keep_identity(store, themes_of(store, seed, k)))
    workflow.draft_codebook(store)
    workflow.code(store, Settings(), embedder=HashEmbedder(n_dims))


def by_people(store: MemoryStore) -> dict[str, Any]:
    """Everything that people decided, as it stands."""
    standing = Standing(store.decisions())
    return {
        "codings": dict(standing.codings),
        "stored": [coding for coding in store.codings() if coding.coder != "machine"],
        "codes": {c.id: c for c in standing.codebook if c.status is not CodeStatus.PROVISIONAL},
        "reviewed": {segment: set(coders) for segment, coders in standing.reviewed.items()},
        "themes": dict(standing.theme_states),
        "memos": dict(standing.memos),
    }


verbs = st.sampled_from(
    ["accept", "reject", "review", "retire", "rename", "adopt", "dismiss", "recode", "merge", "split", "undo"]
)
steps = st.one_of(
    st.tuples(verbs, st.integers(0, 99), st.integers(0, 99)),
    st.tuples(st.just("run"), st.integers(0, 99), st.integers(2, 5)),
    st.tuples(st.just("wave"), st.just(0), st.just(0)),
)


def person(store: MemoryStore, what: str, a: int, b: int) -> None:
    """One decision of a person about something that there is; what makes no sense is refused."""
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    codes, segments, themes = live.standing.codebook.codes, live.segments, store.themes().themes
    if not codes or not themes:
        return
    code, other = codes[a % len(codes)], codes[b % len(codes)]
    segment, theme = segments[b % len(segments)], themes[a % len(themes)]
    span = (segment.transcript, segment.start, segment.end)
    parts = [(replace(code, id=f"{part}{len(live.log)}", name=f"{part}{b}"), [span]) for part in "pq"]
    plans: dict[str, Any] = {
        "accept": lambda s: acts.accept(s, [span], code.id, BY),
        "reject": lambda s: acts.reject(s, [span], code.id, BY),
        "review": lambda s: acts.review(s, segment.id, span, {code.id}, {other.id}, BY),
        "recode": lambda s: acts.recode(s, [span], code.id, other.id, BY),
        "retire": lambda s: acts.retire(s, code.id, BY),
        "rename": lambda s: acts.change_code(s, code.id, BY, Verb.RENAME, name=f"{code.name} {b}"),
        "merge": lambda s: acts.merge(s, [code.id], other.id, BY),
        "split": lambda s: acts.split(s, code.id, parts, BY),
        "adopt": lambda s: acts.adopt(s, theme, Code(f"a{theme.id}", f"A {theme.name}", lens=theme.lens), BY),
        "dismiss": lambda s: acts.dismiss(s, theme, BY),
    }
    if what == "undo":
        workflow.undo(live, 1 + a % max(len(live.log), 1), coder=ANA)
    else:
        live.do(plans[what], coder=ANA)


@settings(max_examples=300, deadline=None)
@given(st.lists(steps, min_size=2, max_size=14))
def test_no_run_overturns_a_decision(given_steps: list[tuple[str, int, int]]) -> None:
    """Analysts would correct the same thing after every run, and then stop."""
    store = filled()
    run(store, 0)
    for what, a, b in [*given_steps, ("run", 7, 4)]:
        if what == "wave":
            if LATER.id not in {t.id for t in store.transcripts()}:
                add(store, LATER)
            continue
        if what == "run":
            before = by_people(store)
            run(store, a, k=b, n_dims=8 + a % 3)
            assert by_people(store) == before, "a machine run changed what people decided"
            check_counts(store)
            continue
        try:
            person(store, what, a, b)
        except TextcoderError:
            continue


def check_counts(store: MemoryStore) -> None:
    """A suggestion counts only where no person has decided, and dismissed themes are not proposed."""
    said = {(c.transcript, c.start, c.end, c.code) for c in Standing(store.decisions()).codings.values()}
    for coding in counted(store.codings(), frozenset({"machine"})):
        if coding.coder == "machine":
            assert (coding.transcript, coding.start, coding.end, coding.code) not in said
    dismissed = [
        set(s["segments"]) for s in Standing(store.decisions()).theme_states.values() if s["status"] == "rejected"
    ]
    for theme in store.themes().themes:
        if len(theme.segments) > 2 and set(theme.segments) in dismissed:
            assert theme.status is not ThemeStatus.CANDIDATE


def test_adopted_theme_keeps_its_code_after_a_refit_under_another_name(store: MemoryStore) -> None:
    """The codebook would fill with twins of what the analyst has named already."""
    held = tuple(segment.id for segment in store.segments()[:4])
    theme = Theme("t1", "Phone and rings", "barriers", ("phone",), held, held[:1], 0.9)
    store.save_themes(ThemeMap((theme,), ()))
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    code = Code("reach", "Nobody can be reached", lens="barriers")
    live.do(lambda s: acts.adopt(s, theme, code, BY), coder=ANA)
    refit = replace(theme, id="t9", name="Calls", segments=held[:3])
    other = replace(theme, id="t10", name="Rain", segments=(store.segments()[-1].id,))
    (kept, new) = keep_identity(store, ThemeMap((refit, other), ())).themes
    assert (kept.code, kept.status) == ("reach", ThemeStatus.ADOPTED)
    assert (new.code, new.status) == (None, ThemeStatus.CANDIDATE)


def test_dismissed_theme_is_not_proposed_again(store: MemoryStore) -> None:
    """The same wrong theme would come back after every run."""
    held = tuple(segment.id for segment in store.segments()[:4])
    theme = Theme("t1", "Yes and no", "barriers", ("yes",), held, held[:1], 0.9)
    store.save_themes(ThemeMap((theme,), ()))
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    live.do(lambda s: acts.dismiss(s, theme, BY), coder=ANA)
    (again,) = keep_identity(store, ThemeMap((replace(theme, id="t2", segments=held[1:]),), ())).themes
    assert again.status is ThemeStatus.REJECTED


def test_new_wave_shows_what_fits_no_code_with_its_evidence(store: MemoryStore) -> None:
    """What only the last wave talks about would be squeezed into old codes, or not seen."""
    first = [segment.id for segment in store.segments()]
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    live.do(lambda s: acts.add_code(s, Code("reach", "Nobody answers", lens="barriers"), BY), coder=ANA)
    spans = [(s.transcript, s.start, s.end) for s in store.segments()[:3]]
    live.do(lambda s: acts.accept(s, spans, "reach", BY), coder=ANA)
    add(store, LATER)
    new = tuple(segment.id for segment in store.segments() if segment.id not in first)
    chat = Theme("t2", "The chat", "what_works", ("chat",), new, new[:1], 0.9)
    store.save_themes(keep_identity(store, ThemeMap((chat,), ())))
    found = workflow.changes(LiveProject(store, Settings(), embedder=HashEmbedder()))
    assert found.new == ("ole",)
    ((theme, evidence),) = found.candidates
    assert (theme.name, evidence.segments) == ("The chat", 4)
    assert evidence.evidence
    assert [one.code for one in found.drifted] == ["reach"]
    with pytest.raises(UnknownItem, match="has the wave 9"):
        workflow.changes(LiveProject(store, Settings(), embedder=HashEmbedder()), since="9")
