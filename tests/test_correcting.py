"""A corrected file takes the place of a coded one: what people said follows its words or waits, and an undo brings back all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import HashEmbedder, MemoryStore
from tests.test_cli import OTHER_TALK, TALK, Run
from textcoder import workflow
from textcoder.cli.correct import _beside
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, CoderKind, LensPlacement, Status
from textcoder.domain.decision import By, Decision, DecisionKind, Verb
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.sample import Sample
from textcoder.domain.theme import Theme, ThemeStatus
from textcoder.domain.transcript import Outcome, Role
from textcoder.errors import Conflict, InvalidDecision, StoreError, UnknownItem, UnreadableFile
from textcoder.pseudonyms import Form
from textcoder.settings import Settings
from textcoder.spans import Doubt
from textcoder.store import open_store
from textcoder.workflow import LiveProject, Reading
from textcoder.workflow.exchanging import export_refi, import_refi
from textcoder.workflow.picturing import picture_of
from textcoder.workflow.pseudonymising import apply_pseudonyms
from textcoder.workflow.replaced import on_standing_texts
from textcoder.workflow.restoring import is_ahead, is_behind, restore, whole

ANA, BEN = (Coder(name, name, CoderKind.HUMAN) for name in ("ana", "ben"))
AT = "2024-03-03T10:00:00+00:00"
BY = By("ana", AT, "read")
BUS = "The bus is the worst thing, it goes twice a day and then I wait in the cold."
PAPERS = "They also lost my papers three times last year."
LIBRARY = "I went to the library on my own last week."
FIXED = TALK.replace("Hanna: What is working", "Hanna: Hello.\n\nMira: Hello.\n\nHanna: What is working").replace(
    PAPERS, "They also lost the papers of my sister, twice."
)
"""A greeting that came before all else, and one sentence that says something else."""


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryStore()
        return
    made = open_store("sqlite://")
    yield made
    made.close()


def opened(store: Any, folder: Path, text: str = TALK) -> LiveProject:
    folder.mkdir(exist_ok=True)
    (folder / "mira.txt").write_bytes(text.encode())
    (folder / "leila.txt").write_bytes(OTHER_TALK.encode())
    workflow.import_files(store, [folder], Settings(), reading=Reading())
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    live.do(lambda standing: acts.add_code(standing, Code("hard", "Hard"), BY), coder=ANA)
    return live


@pytest.fixture
def live(store: Any, tmp_path: Path) -> LiveProject:
    return opened(store, tmp_path / "talks")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[LiveProject]:
    """In a database, which an archive needs."""
    store = open_store("sqlite://")
    yield opened(store, tmp_path / "talks")
    store.close()


def mira(live: LiveProject) -> Any:
    return next(one for one in live.transcripts.values() if one.name == "mira.txt")


def span(live: LiveProject, words: str) -> tuple[str, int, int]:
    one = mira(live)
    start = one.text.index(words)
    return one.id, start, start + len(words)


def code(live: LiveProject, words: str, coder: Coder = ANA) -> None:
    place = span(live, words)
    live.do(lambda s: acts.accept(s, [place], "hard", By(coder.id, AT, "for a reason")), coder=coder)


def correct(live: LiveProject, text: str = FIXED, why: str = "the tape") -> list[Decision]:
    _, made = workflow.correct(live, "mira.txt", text.encode(), "mira.txt", By("ana", AT, why), coder=ANA)
    return made


def coded(live: LiveProject) -> set[tuple[str, str, str]]:
    return {
        (c.coder, c.status.value, live.transcripts[c.transcript].quotation(c.start, c.end))
        for c in live.standing.codings.values()
    }


def picture(live: LiveProject) -> dict[str, Any]:
    """All that people see and have said, as it stands and as it is kept."""
    standing, store = live.standing, live.store
    people = {coder.id for coder in store.coders() if coder.kind is CoderKind.HUMAN}
    return {
        "states": {kind: standing.states(kind) for kind in DecisionKind if kind is not DecisionKind.SET_TEXT},
        "codings": [c for c in store.codings() if c.coder in people],
        "transcripts": store.transcripts(),
        "segments": store.segments(),
        "files": store.files(),
        "live": (list(live.transcripts.values()), live.segments),
        "waiting": standing.waiting,
    }


# --- it follows -------------------------------------------------------------------------------------------------------------------------


def test_codings_follow_their_words_and_what_was_rewritten_waits(live: LiveProject) -> None:
    """A day of coding would be torn off by a typing error put right, or stand on words that nobody coded."""
    code(live, BUS)
    code(live, PAPERS)
    code(live, BUS, BEN)
    place = span(live, LIBRARY)
    live.do(lambda s: acts.reject(s, [place], "hard", BY), coder=ANA)
    before = mira(live)
    found = workflow.preview_correction(live, "mira.txt", FIXED.encode(), "mira.txt", BY)
    assert (len(found.exact), len(found.changed), len(found.waiting)) == (3, 0, 1)
    assert mira(live) == before
    act = correct(live)
    assert coded(live) == {("ana", "accepted", BUS), ("ben", "accepted", BUS), ("ana", "rejected", LIBRARY)}
    assert live.standing.codings.keys() == {
        (c.coder, c.transcript, c.start, c.end, c.code) for c in live.store.codings()
    }
    assert all(c.why in ("for a reason", "read") for c in live.standing.codings.values())
    assert mira(live).text == FIXED
    assert workflow.told(live, act) == f"Act {act[0].act}: corrected mira.txt: 3 codings; 1 waiting. (the tape)"
    (one,) = workflow.correction_queue(live, "ana")
    assert (one.was, one.now, one.item.why) == (
        PAPERS,
        "They also lost the papers of my sister, twice.",
        Doubt.REWRITTEN,
    )


def test_a_person_says_where_it_stands_or_that_it_is_gone_and_takes_that_back(live: LiveProject) -> None:
    code(live, PAPERS)
    correct(live)
    (one,) = workflow.correction_queue(live, "ana")
    act = live.do(workflow.placing(live, one.item.id, BY), coder=BEN)
    assert coded(live) == {("ana", "accepted", "They also lost the papers of my sister, twice.")}
    assert "placed what waited" in workflow.told(live, act)
    workflow.undo(live, act[0].act, coder=ANA)
    assert (coded(live), len(live.standing.waiting)) == (set(), 1)
    act = live.do(workflow.dropping(live, one.item.id, BY), coder=ANA)
    assert live.standing.waiting == {}
    workflow.undo(live, act[0].act, coder=ANA)
    assert live.standing.waiting.keys() == {one.item.id}
    with pytest.raises(InvalidDecision, match="is no place"):
        workflow.placing(live, one.item.id, BY, start=5, end=10**9)
    with pytest.raises(UnknownItem, match="--queue"):
        workflow.placing(live, "w0", BY)


def test_memos_quotations_looks_samples_and_themes_follow(live: LiveProject) -> None:
    """A memo would hang in the air, a sample would lose its draw, and a reader would read the same again."""
    segments = [s for s in live.segments if s.transcript == mira(live).id]
    bus = next(s for s in segments if live.text(s).startswith("The bus"))
    papers = next(s for s in segments if "papers" in live.text(s))
    for one, words in ((bus, "waits in the cold"), (papers, "lost")):
        memo = Memo(f"m{one.start}", MemoOn.SEGMENT, one.id, words, "ana", AT)
        live.do(lambda s, memo=memo: acts.write_memo(s, memo, BY), coder=ANA)  # type: ignore[misc]  # bound now
    whole_file = Memo("all", MemoOn.TRANSCRIPT, mira(live).id, "warm", "ana", AT)
    live.do(lambda s: acts.write_memo(s, whole_file, BY), coder=ANA)
    live.do(lambda s: acts.quote(s, span(live, BUS), BY, note="buses"), coder=ANA)
    if papers != bus:
        live.review(papers, [], coder=ANA)
    live.review(bus, ["hard"], coder=ANA)
    other = next(s for s in live.segments if s.transcript != bus.transcript)
    drawn = Sample("round", {bus.id: 0.5, papers.id: 0.5, other.id: 0.5}, ("ana",), 7, population=len(live.segments))
    live.do(lambda s: acts.draw(s, drawn, BY), coder=ANA)
    theme = Theme("th", "Buses", "barriers", (), (bus.id, other.id), (), 1.0, status=ThemeStatus.CANDIDATE)
    live.do(lambda s: acts.dismiss(s, theme, BY), coder=ANA)
    found = workflow.preview_correction(live, "mira.txt", FIXED.encode(), "mira.txt", BY)
    correct(live)
    now = next(s for s in live.segments if s.transcript == mira(live).id and live.text(s).startswith("The bus"))
    new = next(s for s in live.segments if s.transcript == mira(live).id and "papers" in live.text(s))
    memos = live.standing.memos
    assert (memos["all"].item, memos[f"m{bus.start}"].item) == (now.transcript, now.id)
    lost = memos[f"m{papers.start}"]
    assert (lost.on, lost.item, lost.text) == (MemoOn.TRANSCRIPT, now.transcript, "lost")
    (quote,) = live.standing.quotes.values()
    assert (mira(live).quotation(quote.start, quote.end), quote.note) == (BUS, "buses")
    assert {s for s, coders in live.standing.reviewed.items() if coders} == {now.id}
    assert found.unseen == 1
    sample = live.standing.samples["round"]
    assert dict(sample.segments) == {now.id: 0.5, new.id: 0.5, other.id: 0.5}
    assert sample.population == len(live.segments)
    assert live.standing.theme_states["th"]["segments"] == [now.id, other.id]
    (waits,) = live.standing.waiting.values()
    live.do(workflow.placing(live, waits.id, BY, start=new.start, end=new.end), coder=ANA)
    assert live.standing.memos[f"m{papers.start}"].item == new.id


def test_who_speaks_and_roles_follow_and_what_the_file_says_itself_is_settled(live: LiveProject) -> None:
    """Her correction would be lost, or turned against the file that was put right by it."""
    last = mira(live).text.index(LIBRARY)
    live.do(workflow.correcting_speaker(live, "mira.txt", "Vera", BY, turns=[last]), coder=ANA)
    workflow.assign_roles(live.store, {"Vera": Role.OTHER}, transcript="mira.txt", coder=ANA)
    live.catch_up()
    before = picture(live)
    correct(live)
    turn = mira(live).turns[mira(live).turn_at(mira(live).text.index(LIBRARY))]
    assert (turn.speaker, turn.role) == ("Vera", Role.OTHER)
    workflow.follow_speakers(live.store, Settings())
    assert live.store.transcripts() == list(live.transcripts.values())
    workflow.undo(live, coder=ANA)
    assert picture(live)["states"] == before["states"]
    named = TALK.replace("Mira: I went", "Vera: I went")
    found = workflow.preview_correction(live, "mira.txt", named.encode(), "mira.txt", BY)
    assert found.settled == 1
    correct(live, named)
    assert live.standing.states(DecisionKind.SET_SPEAKER) == {}
    assert mira(live).speakers()["Vera"] is Role.OTHER


def test_words_that_somebody_else_speaks_now_are_told(live: LiveProject) -> None:
    """A coding of a participant's words would be the interviewer's, and nobody would have been told."""
    code(live, LIBRARY)
    swapped = TALK.replace("Mira: I went", "Hanna: I went")
    found = workflow.preview_correction(live, "mira.txt", swapped.encode(), "mira.txt", BY)
    assert [one.speaker for one in found.changed] == ["Hanna"]


def test_who_codes_blind_is_not_told_what_others_said(live: LiveProject) -> None:
    """Whoever corrects a typing error would read the other coder's answers."""
    bus = next(s for s in live.segments if live.text(s).startswith("The bus"))
    drawn = Sample("round", {bus.id: 0.5}, ("ana", "ben"), 7, population=len(live.segments))
    live.do(lambda s: acts.draw(s, drawn, BY), coder=ANA)
    code(live, BUS, BEN)
    other = TALK.replace(BUS, "Nothing is hard.")
    found = workflow.preview_correction(live, "mira.txt", other.encode(), "mira.txt", BY)
    assert (found.followed, found.hidden) == ((), True)
    assert "not shown" in found.sentences[-1]
    correct(live, other)
    assert workflow.correction_queue(live, "ana") == []
    assert [one.was for one in workflow.correction_queue(live, "ben")] == [BUS]


# --- undo -------------------------------------------------------------------------------------------------------------------------------


def test_an_undo_brings_everything_back_and_a_redo_does_it_again(live: LiveProject, tmp_path: Path) -> None:
    """The old text would be gone for good, with the place of every coding in it."""
    code(live, BUS)
    code(live, PAPERS)
    live.review(live.segments[-1], [], coder=BEN)
    before = picture(live)
    act = correct(live)
    after = picture(live)
    assert before != after
    workflow.undo(live, act[0].act, coder=ANA)
    assert picture(live) == before
    assert picture(LiveProject(live.store, Settings(), embedder=HashEmbedder())) == before
    workflow.redo(live, coder=ANA)
    assert picture(live) == after
    workflow.undo(live, coder=ANA)
    assert picture(live) == before


def test_what_was_said_of_the_new_text_stands_in_the_way_of_its_undo(live: LiveProject) -> None:
    """An undo would leave codings on words that no file holds."""
    code(live, BUS)
    act = correct(live)[0].act
    code(live, "Nobody sends me away", BEN)
    with pytest.raises(Conflict, match="later acts stand on it"):
        workflow.undo(live, act, coder=ANA)
    with pytest.raises(Conflict, match="--with-later"):
        workflow.undo(live, act, coder=ANA, rest=True)
    workflow.undo(live, act, coder=ANA, with_later=True)
    assert (mira(live).text, coded(live)) == (TALK, {("ana", "accepted", BUS)})


def test_nothing_is_brought_back_onto_a_text_that_was_corrected(live: LiveProject) -> None:
    place = span(live, BUS)
    code(live, BUS)
    workflow.undo(live, coder=ANA)
    correct(live)
    with pytest.raises(Conflict, match="was corrected since"):
        live.do(lambda s: acts.accept(s, [place], "hard", BY), coder=ANA)
    workflow.undo(live, coder=ANA)
    workflow.redo(live, coder=ANA)
    workflow.undo(live, coder=ANA)
    assert mira(live).text == TALK
    live.do(lambda s: acts.accept(s, [place], "hard", BY), coder=ANA)
    assert coded(live) == {("ana", "accepted", BUS)}


def test_another_who_had_the_project_open_follows(live: LiveProject) -> None:
    """Two desks would show two texts under the same codings."""
    code(live, BUS)
    other = LiveProject(live.store, Settings(), embedder=HashEmbedder())
    _ = other.transcripts, other.segments
    place = span(other, LIBRARY)
    correct(live)
    with pytest.raises(Conflict, match="was corrected since"):
        other.do(lambda s: acts.accept(s, [place], "hard", BY), coder=BEN)
    assert (mira(other).text, coded(other)) == (FIXED, coded(live))


def test_corrections_one_after_the_other_are_undone_one_after_the_other(live: LiveProject) -> None:
    code(live, BUS)
    code(live, PAPERS)
    before = picture(live)
    first = correct(live)
    second = FIXED.replace("Hello.", "Good morning.")
    correct(live, second)
    assert [one.was for one in workflow.correction_queue(live, "ana")] == [PAPERS]
    assert ("ana", "accepted", BUS) in coded(live)
    with pytest.raises(Conflict):
        workflow.undo(live, first[0].act, coder=ANA)
    workflow.undo(live, coder=ANA)
    workflow.undo(live, coder=ANA)
    assert picture(live) == before
    correct(live, second)
    correct(live, TALK)
    assert mira(live).text == TALK
    assert ("ana", "accepted", BUS) in coded(live)


# --- files ------------------------------------------------------------------------------------------------------------------------------


def test_the_file_as_it_was_does_not_come_back_by_an_import(live: LiveProject, tmp_path: Path) -> None:
    """The next run over the folder would overwrite the correction, or count one interview twice."""
    act = correct(live)
    (tmp_path / "talks" / "copy.txt").write_bytes(TALK.encode())
    outcomes = workflow.import_files(live.store, [tmp_path / "talks"], Settings(), reading=Reading())
    assert [(f.path, f.outcome) for f in outcomes] == [
        ("copy.txt", Outcome.DUPLICATE),
        ("leila.txt", Outcome.READ),
        ("mira.txt", Outcome.READ),
    ]
    assert "before it was corrected" in outcomes[2].note
    assert sorted(t.text for t in live.store.transcripts()) == sorted([FIXED, OTHER_TALK])
    (tmp_path / "talks" / "mira.txt").write_bytes(FIXED.encode())
    workflow.import_files(live.store, [tmp_path / "talks"], Settings(), reading=Reading())
    assert {f.path: f.note for f in live.store.files()}["mira.txt"] == ""
    workflow.undo(live, act[0].act, coder=ANA)
    assert mira(live).text == TALK


def test_a_changed_file_on_which_only_a_memo_stands_waits_for_a_correction(live: LiveProject, tmp_path: Path) -> None:
    """The memo would point at words of a text that is gone."""
    memo = Memo("m", MemoOn.SEGMENT, "{}:{}-{}".format(*span(live, BUS)), "cold", "ana", AT)
    live.do(lambda s: acts.write_memo(s, memo, BY), coder=ANA)
    (tmp_path / "talks" / "mira.txt").write_bytes(FIXED.encode())
    outcomes = workflow.import_files(live.store, [tmp_path / "talks"], Settings(), reading=Reading())
    assert "textcoder correct" in outcomes[1].note
    assert [t.text for t in live.store.transcripts() if t.name == "mira.txt"] == [TALK]


def test_what_makes_no_sense_is_refused_and_changes_nothing(live: LiveProject) -> None:
    code(live, BUS)
    before = picture(live), len(live.log)
    found, made = workflow.correct(live, "mira.txt", TALK.encode(), "mira.txt", BY, coder=ANA)
    assert (made, found.sentences) == ([], ["mira.txt holds just these bytes already."])
    with pytest.raises(UnreadableFile, match="another format"):
        workflow.correct(live, "mira.txt", b"x", "mira.docx", BY, coder=ANA)
    with pytest.raises(InvalidDecision, match="Another transcript"):
        workflow.correct(live, "mira.txt", OTHER_TALK.encode(), "mira.txt", BY, coder=ANA)
    with pytest.raises(UnreadableFile):
        workflow.correct(live, "mira.txt", b"", "mira.txt", BY, coder=ANA)
    with pytest.raises(UnknownItem):
        workflow.correct(live, "vera.txt", b"x", "vera.txt", BY, coder=ANA)
    assert (picture(live), len(live.log)) == before


class FullDisk(MemoryStore):
    """Fails at the last step of a correction."""

    def remove_transcript(self, transcript: str) -> None:
        raise StoreError("The disk is full.")


def test_a_correction_that_fails_half_way_has_not_happened(tmp_path: Path) -> None:
    """A kill or a full disk would leave codings on two texts, or the page showing what was never written."""
    live = opened(FullDisk(), tmp_path / "talks")
    code(live, BUS)
    before = picture(live), len(live.log)
    with pytest.raises(StoreError):
        correct(live)
    assert (picture(live), len(live.log)) == before


def test_where_nobody_kept_how_a_file_was_read_its_people_and_wave_stay(tmp_path: Path) -> None:
    """Her words would be nobody's, or of another wave, after a comma was put right."""
    folder, cases = tmp_path / "talks", tmp_path / "cases.csv"
    folder.mkdir()
    (folder / "mira.txt").write_bytes(TALK.encode())
    cases.write_text("file,case,name,speaker,wave\nmira,P1,Mira,Mira,2\n", encoding="utf-8")
    store: Any = MemoryStore()
    workflow.import_files(store, [folder], Settings(), reading=Reading(cases=cases))
    store.save_value("reading of mira.txt", None)
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    was = mira(live)
    correct(live, FIXED)
    now = mira(live)
    assert {t.case for t in now.turns} == {t.case for t in was.turns} == {None, "P1"}
    assert (now.wave, len(now.turns)) == ("2", len(was.turns) + 2)


# --- archives and backups ---------------------------------------------------------------------------------------------------------------


def test_an_archive_carries_the_correction_and_what_it_replaced(kept: LiveProject) -> None:
    """A project that was sent to a colleague could be undone no more, or could not be opened at all."""
    live = kept
    code(live, BUS)
    code(live, PAPERS)
    before = picture(live)
    early = whole(live.store)
    correct(live)
    for earlier in (None, early):  # into an empty project, and into one that stands where this one stood
        into = open_store("sqlite://")
        if earlier is not None:
            restore(earlier, into)
            assert is_ahead(whole(live.store), into)
        restore(whole(live.store), into)
        there = LiveProject(into, Settings(), embedder=HashEmbedder())
        assert picture(there)["states"] == picture(live)["states"]
        assert there.store.transcripts() == live.store.transcripts()
        workflow.undo(there, coder=ANA)
        assert picture(there)["codings"] == before["codings"]
        assert there.store.transcripts() == before["transcripts"]
        assert there.store.segments() == before["segments"]
        into.close()
    assert is_behind(early, live.store)


def test_a_qdpx_archive_of_a_corrected_project_comes_back(kept: LiveProject, tmp_path: Path) -> None:
    live = kept
    code(live, BUS)
    code(live, PAPERS)
    correct(live)
    export_refi(live.store, tmp_path / "study.qdpx")
    into = open_store("sqlite://")
    assert import_refi(into, tmp_path / "study.qdpx", Settings(), coder=ANA).how == "restored"
    assert into.decisions() == live.store.decisions()
    assert into.transcripts() == live.store.transcripts()
    into.close()


def test_pseudonyms_reach_the_text_that_was_put_away(kept: LiveProject, tmp_path: Path) -> None:
    """A name that was replaced everywhere would still stand in the text that an undo brings back."""
    live = kept
    code(live, BUS)
    correct(live, FIXED.replace("my sister", "Bridget"))
    into = open_store("sqlite://")
    forms = [Form("Mira", "[woman 1]"), Form("Bridget", "[sister 1]")]
    apply_pseudonyms(live.store, forms, into, tmp_path / "the.key", "x", coder=ANA)
    there = LiveProject(into, Settings(), embedder=HashEmbedder())
    assert not re.search("Mira|Bridget", str(whole(into)))
    assert coded(there) == coded(live)
    workflow.undo(there, next(n for n, act in there.acts.items() if act.first.verb is Verb.CORRECT), coder=ANA)
    assert (coded(there), "my sister" in mira_text(there)) == ({("ana", "accepted", BUS)}, True)
    assert not re.search("Mira|Bridget", str(whole(into)))
    into.close()


def mira_text(live: LiveProject) -> str:
    return "".join(sorted(one.text for one in live.store.transcripts()))


# --- always -----------------------------------------------------------------------------------------------------------------------------

SENTENCES = [BUS, PAPERS, LIBRARY, "Nobody sends me away to another office now.", "it goes twice a day"]
EDITS = st.lists(
    st.tuples(
        st.sampled_from([*SENTENCES, "Mira: The", "Hanna: And", "three times", "\n\n", "sister"]),
        st.sampled_from(["", "Vera: Well.", "other words here", "\n\nHanna: Yes?\n\nMira: ", " "]),
    ),
    min_size=1,
    max_size=4,
)
SAID = st.lists(
    st.tuples(st.sampled_from(["accept", "reject", "quote", "memo", "review"]), st.sampled_from(SENTENCES)), max_size=6
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=SAID, edits=EDITS)
def test_nothing_is_lost_and_an_undo_is_exact(tmp_path_factory: pytest.TempPathFactory, said: Any, edits: Any) -> None:
    """Whatever was said and however the file was changed: each thing stands on the same words, or waits; and all of it comes back."""
    live = opened(MemoryStore(), tmp_path_factory.mktemp("talks"))
    for what, words in said:
        place = span(live, words)
        if what in ("accept", "reject"):
            act = getattr(acts, what)
            live.do(lambda s, act=act, place=place: act(s, [place], "hard", BY), coder=ANA)  # type: ignore[misc]  # bound now
        elif what == "quote":
            live.do(lambda s, place=place: acts.quote(s, place, BY), coder=ANA)  # type: ignore[misc]  # bound now
        elif what == "memo":
            memo = Memo(words, MemoOn.SEGMENT, "{}:{}-{}".format(*place), "x", "ana", AT)
            live.do(lambda s, memo=memo: acts.write_memo(s, memo, BY), coder=ANA)  # type: ignore[misc]  # bound now
        else:
            live.review(live.segments[live.places.under(*place)[0]], ["hard"], coder=BEN)
    new = TALK
    for old, other in edits:
        new = new.replace(old, other, 1)
    before, standing = picture(live), live.standing
    things = [(c.coder, c.status) for c in standing.codings.values()]
    n_quotes, n_memos = len(standing.quotes), len(standing.memos)
    words = {(c.coder, c.status, mira(live).quotation(c.start, c.end)) for c in standing.codings.values()}
    if not (made := correct(live, new)):
        return
    standing = live.standing
    waiting = [one for one in standing.waiting.values() if one.kind == DecisionKind.SET_CODING]
    now = [(c.coder, c.status) for c in standing.codings.values()]
    assert sorted(things) == sorted(now + [(one.coder, Status(one.state["status"])) for one in waiting])
    assert n_quotes == len(standing.quotes) + sum(w.kind == DecisionKind.SET_QUOTE for w in standing.waiting.values())
    assert n_memos == len(standing.memos)
    kept = {
        (c.coder, c.status, " ".join(mira(live).quotation(c.start, c.end).split())) for c in standing.codings.values()
    }
    assert kept <= {(coder, status, " ".join(quoted.split())) for coder, status, quoted in words}
    assert {s for s, coders in standing.reviewed.items() if coders} <= {s.id for s in live.segments}
    assert all(c in live.store.codings() for c in standing.codings.values())
    workflow.undo(live, made[0].act, coder=ANA)
    assert picture(live) == before


# --- the command line -------------------------------------------------------------------------------------------------------------------


def test_it_is_corrected_on_the_command_line(run: Run, tmp_path: Path) -> None:
    talks, out = tmp_path / "talks", tmp_path / "out"
    talks.mkdir()
    (talks / "mira.txt").write_text(TALK, encoding="utf-8")
    (tmp_path / "mira-2.txt").write_text(FIXED.replace("in the cold", "in the coold"), encoding="utf-8")
    at = ("--out", out, "--coder", "ana")
    assert run("import", talks, "--out", out)[0] == 0
    assert run("decide", "add", "Hard", *at)[0] == 0
    for words in (BUS, PAPERS):
        start = TALK.index(words)
        assert run("decide", "code", f"mira.txt:{start}-{start + len(words)}", "--code", "Hard", *at)[0] == 0
    status, said, error = run("correct", "mira.txt", tmp_path / "mira-2.txt", "--dry-run", *at)
    assert status == 0, error
    assert "Follow with words that are a little otherwise: 1 coding of ana." in said
    assert 'Waiting: coding "Hard" of ana (rewritten)' in said
    assert "without --dry-run" in said
    assert run("correct", "--queue", *at)[1] == "Nothing waits.\n"
    status, said, _ = run("correct", "mira.txt", tmp_path / "mira-2.txt", "--why", "the tape", *at)
    assert "corrected mira.txt: 1 coding; 1 waiting. (the tape)" in said
    (one,) = json.loads(run("correct", "--queue", "--json", *at)[1])
    assert (one["was"], one["item"]["why"]) == (PAPERS, "rewritten")
    assert one["item"]["id"] in run("correct", "--queue", *at)[1]
    said = run("correct", "--place", one["item"]["id"], *at)[1]
    assert "placed" in said
    assert "It stands on mira.txt:" in said
    assert '"They also lost the papers of my sister, twice."' in said
    assert run("undo", *at)[0] == 0
    assert "dropped" in run("correct", "--drop", one["item"]["id"], *at)[1]
    assert "textcoder code" not in run("undo", *at)[1], "only what waited comes back"
    assert "`textcoder code` reads it and suggests anew" in run("undo", *at)[1], (
        "else the machine would seem to have nothing to say"
    )
    assert "before it was corrected" not in run("import", talks, "--out", out)[1]
    for wrong in (("--queue", "mira.txt"), ("mira.txt",), (), ("--place", one["item"]["id"], "--at", "here")):
        assert run("correct", *wrong, *at)[0] == 2


def test_a_chosen_quotation_that_waits_is_told_wherever_the_chosen_ones_are(run: Run, tmp_path: Path) -> None:
    """After a correction the list and its documents would say that nobody has chosen anything, and she would choose anew."""
    import docx

    (tmp_path / "mira.txt").write_text(TALK, encoding="utf-8")
    (tmp_path / "mira-2.txt").write_text(FIXED, encoding="utf-8")
    at = ("--out", tmp_path / "out", "--coder", "ana")
    assert run("import", tmp_path / "mira.txt", "--out", tmp_path / "out")[0] == 0
    start = TALK.index(PAPERS)
    assert run("decide", "quote", f"mira.txt:{start}-{start + len(PAPERS)}", *at)[0] == 0
    assert run("correct", "mira.txt", tmp_path / "mira-2.txt", *at)[0] == 0
    said = "1 chosen quotation waits for a person, since its words were corrected: textcoder correct --queue."
    assert run("chosen", "--out", tmp_path / "out")[1] == f"{said}\n"
    assert json.loads(run("chosen", "--json", *at)[1])["waiting"] == 1
    for asked in (("chosen", "--file"), ("export", "quotations-docx")):
        assert run(*asked, tmp_path / "q.docx", *at)[0] == 0
        words = "\n".join(one.text for one in docx.Document(str(tmp_path / "q.docx")).paragraphs)
        assert (said in words, "Nobody has chosen" in words) == (True, False)
    (one,) = json.loads(run("correct", "--queue", "--json", *at)[1])
    assert run("correct", "--place", one["item"]["id"], *at)[0] == 0
    assert "waits" not in run("chosen", *at)[1]
    assert run("chosen", "--file", tmp_path / "q.docx", *at)[0] == 0
    words = "\n".join(one.text for one in docx.Document(str(tmp_path / "q.docx")).paragraphs)
    assert "mira" in words and "tables/" not in words, "it points to a file that does not come with it"


def test_what_differs_is_in_sight() -> None:
    """Of a long passage she would be shown both ends, and not the word that was misheard in the middle."""
    before = f"{'and so on ' * 30}in January{' and so forth' * 30}"
    was, now = _beside(before, before.replace("January", "February"))
    assert "in January" in was
    assert "in February" in now
    assert was.startswith("... ") and was.endswith(" ...")
    assert len(was) <= 108
    assert _beside("", "short") == ("", "short")
    assert _beside("same words", "same words") == ("same words", "same words")


# --- other programs, and work that runs meanwhile ----------------------------------------------------------------------------------------


def source_of(kept: LiveProject) -> Any:
    """Mira's interview as other programs are given it."""
    return next(one for one in picture_of(kept.store).sources if one.name.startswith("mira"))


def test_to_other_programs_a_corrected_text_is_the_same_source(kept: LiveProject, tmp_path: Path) -> None:
    """A second import would put a second interview of the same woman beside the first, with half of the codings each."""
    code(kept, LIBRARY)
    before = source_of(kept)
    export_refi(kept.store, tmp_path / "before.qdpx", side=False)
    correct(kept)
    once = source_of(kept)
    act = correct(kept, FIXED.replace("Hello.", "Hello, Hello."))
    twice = source_of(kept)
    assert before.guid == once.guid == twice.guid
    assert len({before.text, once.text, twice.text}) == 3
    start = twice.text.index(LIBRARY)
    assert [(one.start, one.end) for one in twice.selections] == [(start, start + len(LIBRARY))]
    export_refi(kept.store, tmp_path / "after.qdpx", side=False)
    there = open_store("sqlite://")
    try:
        assert import_refi(there, tmp_path / "before.qdpx", Settings()).transcripts == 2
        done = import_refi(there, tmp_path / "after.qdpx", Settings())
        # It is the same source, in which she coded the same words; that its text is another is said, and `correct` brings it in.
        assert (done.transcripts, done.codings, done.same) == (0, 0, 1)
        assert any("another than in the archive" in finding.why for finding in done.findings)
    finally:
        there.close()
    workflow.undo(kept, act[0].act, coder=ANA)
    assert (source_of(kept).guid, source_of(kept).text) == (once.guid, once.text)


def test_a_source_that_came_from_another_program_keeps_its_name_there(kept: LiveProject, tmp_path: Path) -> None:
    """What came from NVivo goes back to it under the GUID that NVivo gave, corrected or not."""
    export_refi(kept.store, tmp_path / "out.qdpx", side=False)
    before = source_of(kept)
    there = open_store("sqlite://", project="other")
    try:
        import_refi(there, tmp_path / "out.qdpx", Settings())
        live = LiveProject(there, Settings(), embedder=HashEmbedder())
        assert source_of(live).guid == before.guid
        name = mira_of(live)
        workflow.correct(live, name, FIXED.encode(), name, By("ana", AT), coder=ANA)
        assert source_of(live).guid == before.guid
        assert source_of(live).text == FIXED
    finally:
        there.close()


def mira_of(live: LiveProject) -> str:
    return next(one.name for one in live.transcripts.values() if one.name.startswith("mira"))


def meanwhile(kept: LiveProject, stage: str) -> Any:
    """Somebody else corrects the text as soon as a step comes to this stage."""
    once: list[Any] = []

    def progress(told: str, done: int, total: int) -> None:
        if told == stage and not once:
            once.append(correct(LiveProject(kept.store, Settings(), embedder=HashEmbedder())))

    return progress


def test_coding_and_correcting_at_once_leave_a_sound_project(kept: LiveProject) -> None:
    """A job would end with a missing key, or codings would stand on a text that nobody reads any more."""
    code(kept, LIBRARY)
    with pytest.raises(Conflict, match=r"corrected or read anew meanwhile.*do it once more"):
        workflow.code(kept.store, Settings(), embedder=HashEmbedder(), progress=meanwhile(kept, "Coding"))
    kept.catch_up()
    assert coded(kept) == {("ana", "accepted", LIBRARY)}
    assert kept.store.finished("code") is None
    workflow.code(kept.store, Settings(), embedder=HashEmbedder())
    assert {one.transcript for one in kept.store.codings()} <= set(kept.transcripts)


def test_what_is_written_of_a_text_that_is_gone_is_refused_in_words(kept: LiveProject) -> None:
    """ "FOREIGN KEY constraint failed" tells no analyst what to do."""

    @on_standing_texts
    def place(store: Any, corrects: bool) -> None:
        placements = [LensPlacement(segment.id, {"none": 1.0}) for segment in store.segments()]
        if corrects:
            correct(kept)
        store.save_placements(placements)

    with pytest.raises(Conflict, match="do it once more"):
        place(kept.store, corrects=True)
    with pytest.raises(Conflict, match="do it once more"):  # a step later, the new words have been seen through no lens
        workflow.find_themes(kept.store, Settings())
    place(kept.store, corrects=False)
    with pytest.raises(KeyError):  # what is wrong for another reason is not explained away
        on_standing_texts(lambda store: store.placements()["none"])(kept.store)


def test_reading_and_correcting_at_once_leave_one_text(kept: LiveProject, tmp_path: Path) -> None:
    """The interview would stand in the project twice, and its person be heard twice as much."""
    folder = tmp_path / "talks"
    (folder / "mira.txt").write_text(TALK.replace("last week", "a week ago"), "utf-8")
    with pytest.raises(Conflict, match="do it once more"):
        workflow.import_files(kept.store, [folder], Settings(), reading=Reading(), progress=meanwhile(kept, "Reading"))
    kept.catch_up()
    assert mira(kept).text == FIXED
    files = workflow.import_files(kept.store, [folder], Settings(), reading=Reading())
    assert "their version stands" in next(file.note for file in files if file.path == "mira.txt")
    assert [one.text for one in kept.store.transcripts() if one.name == "mira.txt"] == [FIXED]
