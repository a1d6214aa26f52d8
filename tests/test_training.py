"""Networks that a project trains on people's codings: what they may know, what they bring, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pytest

from tests.builders import code, segments_of, survey
from tests.fakes import MemoryStore
from textcoder import training, workflow
from textcoder.coder import Calibration, Known, MachineCoder, Trained, with_trained
from textcoder.domain import acts
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By
from textcoder.domain.transcript import Outcome, Segment, SourceFile
from textcoder.errors import InvalidDecision
from textcoder.settings import Settings
from textcoder.side_network import SideNetwork
from textcoder.workflow import training as work

ANA = Coder("ana", "Ana", CoderKind.HUMAN)
HELPED, FAILED = code("One", definition="One kind of answer."), code("Other", definition="Another kind of answer.")
ABOUT = ("nurse", "office", "teacher", "driver", "neighbour", "school", "doctor", "landlord", "bank", "advice line")
SAID = {
    HELPED.id: ("The {} helped me {}.", "The {} never let me down {}.", "The {} did not leave us alone {}."),
    FAILED.id: ("The {} never helped me {}.", "The {} let me down {}.", "The {} did leave us alone {}."),
}
"""What tells them apart is in no word by itself."""
WHEN = ("last week", "once", "in the spring", "again", "that day", "at first", "in the end")
PEOPLE = 180
"""Each says one sentence, which carries one of the two."""


def answer(person: int) -> tuple[str, str]:
    """What somebody says, and the code that it carries."""
    kind = (HELPED.id, FAILED.id)[person % 2]
    return SAID[kind][person // 2 % 3].format(ABOUT[person // 6 % 10], WHEN[person % 7]), kind


def project(coded: Collection[int], carries: Callable[[int], str] = lambda person: answer(person)[1]) -> MemoryStore:
    """A survey of `PEOPLE`, of whom some were coded."""
    store = MemoryStore()
    one = survey("answers.csv", [answer(person)[0] for person in range(PEOPLE)])
    store.add_transcript(
        one, segments_of(one), file=SourceFile(one.name, one.sha256, Outcome.READ, "", one.id), original=b""
    )
    live = workflow.LiveProject(store, Settings())
    for entry in (HELPED, FAILED):
        live.do(lambda standing, entry=entry: acts.add_code(standing, entry, By("ana", "2024-03-01")), coder=ANA)  # type: ignore[misc]  # bound now
    for segment in live.segments:
        if segment.turn in coded:
            look(live, segment, carries(segment.turn))
    return store


def look(live: workflow.LiveProject, segment: Segment, given: str) -> None:
    """Ana reads a segment and gives it one code."""
    span, by = (segment.transcript, segment.start, segment.end), By("ana", "2024-03-02")
    live.do(lambda standing: acts.review(standing, segment.id, span, {given}, (), by), coder=ANA)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that have learned next to nothing, for whatever does not depend on how good they are."""
    monkeypatch.setattr(work, "STEPS", (2, 2))
    monkeypatch.setattr(work, "LEAST_SEGMENTS", 20)
    monkeypatch.setattr(work, "best_share", lambda *_: (0.4, 0.5, 0.5))


def probabilities(store: MemoryStore) -> np.ndarray:
    return workflow.LiveProject(store, Settings()).machine.probabilities_


def test_the_network_that_reads_is_the_one_that_was_trained() -> None:
    """Its answers in numpy would be others than those that it was judged by."""
    import torch

    torch.manual_seed(1)
    network = training.Network(5).eval()
    states = np.random.default_rng(2).normal(size=(3, 7, 4 * 384)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(states).view(3, 7, 4, 384), torch.ones(3, 7, dtype=torch.bool)).numpy()
    read = SideNetwork(training._arrays_of(network), "test").read(states)
    np.testing.assert_allclose(read, expected, atol=0.02)  # the weights are kept in half precision


def test_training_helps_with_people_whom_it_does_not_know_and_is_forgotten_without_a_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody who coded for weeks would get no more from it than from the first hour; or could not go back."""
    monkeypatch.setattr(work, "STEPS", (120, 120))
    monkeypatch.setattr(work, "LEAST_SEGMENTS", 60)
    coded = range(120)
    store = project(coded)
    before = probabilities(store)
    told: list[tuple[str, int, int]] = []
    found = workflow.train(store, Settings(), progress=lambda *one: told.append(one))
    assert (found.segments, found.people, found.codes) == (120, 120, (HELPED.id, FAILED.id))
    assert found.after > found.before
    assert found.share > 0
    assert "it counts for" in found.sentence
    assert {stage for stage, _, _ in told} >= {"Training 1 of 3", "Training 3 of 3", "Reading with what was trained"}

    live = workflow.LiveProject(store, Settings())
    truth = np.array([[answer(s.turn)[1] == c.id for c in live.machine.codes_] for s in live.segments])
    unseen = np.array([s.turn not in coded for s in live.segments])

    def wrong(likely: np.ndarray) -> float:
        return float(np.abs(likely - truth)[unseen].mean())

    assert wrong(live.machine.probabilities_) < 0.9 * wrong(before)
    assert workflow.train(store, Settings(), progress=lambda *one: pytest.fail("nothing new was coded")) == found

    (named,) = [row for row in workflow.read_study(store, Settings()).manifest["models"] if "trained" in row["name"]]
    assert named["name"] == "networks trained on 120 coded segments of 120 people"
    assert named["sha256"] == {"training": found.revision}

    workflow.forget_training(store)
    assert workflow.training_of(store) is None
    assert named not in workflow.read_study(store, Settings()).manifest["models"]
    assert probabilities(store).tobytes() == before.tobytes()


@pytest.mark.usefixtures("quick")
def test_what_is_said_of_a_person_does_not_rest_on_codings_of_her_own_words() -> None:
    """Machine and people would agree because the machine had copied, and every figure that compares them would be too good."""
    coded = range(45)
    one = project(coded)
    found = workflow.train(one, Settings())
    part = {person: found.part[f"r{person + 1}"] for person in coded}
    mine = [person for person in coded if part[person] == 1]
    other = project(coded, lambda p: answer(p + 1)[1] if p in mine[:6] else answer(p)[1])
    assert workflow.train(other, Settings()).part == found.part
    first, second = (workflow.LiveProject(store, Settings()) for store in (one, other))
    assert first.trained is not None and second.trained is not None
    rows = [row for row, segment in enumerate(first.segments) if segment.turn in mine]
    assert first.trained.odds[rows].tobytes() == second.trained.odds[rows].tobytes()
    others = [row for row, segment in enumerate(first.segments) if segment.turn in coded and segment.turn not in mine]
    assert (first.trained.odds[others] != second.trained.odds[others]).all()


@pytest.mark.usefixtures("quick")
def test_training_goes_on_where_it_was_stopped() -> None:
    """Whoever closes the laptop would begin again from nothing."""
    store = project(range(45))

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "Training 3 of 3":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.train(store, Settings(), progress=stop)
    assert workflow.training_of(store) is None
    stages: list[str] = []
    found = workflow.train(store, Settings(), progress=lambda stage, done, total: stages.append(stage))
    assert "Training 1 of 3" not in stages
    assert "Training 3 of 3" in stages
    whole = project(range(45))
    assert workflow.train(whole, Settings()) == found
    assert probabilities(store).tobytes() == probabilities(whole).tobytes()


@pytest.mark.usefixtures("quick")
def test_a_training_that_was_stopped_leaves_nothing_to_one_of_other_codings() -> None:
    """Networks of before the last corrections would be taken for those of after, or lie in the project for ever."""
    store = project(range(45))

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "Training 2 of 3":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.train(store, Settings(), progress=stop)
    live = workflow.LiveProject(store, Settings())
    look(live, next(segment for segment in live.segments if segment.turn == 100), HELPED.id)
    found = workflow.train(store, Settings())
    assert found.segments == 46
    models = {model for model, _ in store._kept["vectors"] if "training/" in model}
    assert models and all(found.revision in model for model in models)
    workflow.train(store, Settings())  # once more, with nothing new
    workflow.forget_training(store)
    assert not any("training/" in model for model, _ in store._kept["vectors"])


@pytest.mark.usefixtures("quick")
def test_decisions_after_a_training_count_at_once_and_what_people_said_stands() -> None:
    """A correction would wait for the next training, or be overturned by the last one."""
    store = project(range(45))
    workflow.train(store, Settings())
    live = workflow.LiveProject(store, Settings())
    row = next(row for row, segment in enumerate(live.segments) if segment.turn == 100)
    segment, place = live.segments[row], live.machine.place[HELPED.id]
    look(live, segment, HELPED.id)
    assert live.machine.probabilities_[row, place] > 0.99
    given = [(row, live.machine.place[answer(one.turn)[1]]) for row, one in enumerate(live.segments) if one.turn < 45]
    assert min(live.machine.probabilities_[at] for at in given) > 0.99


@pytest.mark.usefixtures("quick")
def test_a_code_that_came_later_is_learned_at_once_as_before() -> None:
    """After a training a new code would be left out, or the machine would stop."""
    store = project(range(45))
    workflow.train(store, Settings())
    live = workflow.LiveProject(store, Settings())
    late = code("Office", definition="The office.")
    live.do(lambda standing: acts.add_code(standing, late, By("ana", "2024-03-03")), coder=ANA)
    place = live.machine.place[late.id]
    office = np.array(["office" in live.text(segment) for segment in live.segments])
    likely = live.machine.probabilities_[:, place]
    assert likely[office].min() > np.median(likely[~office])


def test_too_little_is_said_with_how_much_it_takes() -> None:
    """Minutes would pass for nothing, or end in a traceback."""
    with pytest.raises(
        InvalidDecision, match="coded 45 segments of 45 people, with 2 codes given 5 times or more; training takes 100"
    ):
        workflow.train(project(range(45)), Settings())


def test_what_does_not_help_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that learned nothing would drown what is learned at once."""
    monkeypatch.setattr(work, "STEPS", (1, 1))
    monkeypatch.setattr(work, "LEAST_SEGMENTS", 20)
    store = project(range(45), lambda person: (HELPED.id, FAILED.id)["nurse" in answer(person)[0]])
    before = probabilities(store)
    found = workflow.train(store, Settings())
    assert found.share == 0
    assert "is not used" in found.sentence
    assert probabilities(store).tobytes() == before.tobytes()


def test_a_trained_score_counts_by_its_share_and_for_the_codes_that_it_knows() -> None:
    """A code without a network would be pulled to nothing, or the networks would count more than was judged."""
    scores = np.array([[0.2, 0.8], [0.5, 0.5]])
    odds = np.array([[5.0], [-3.0]], dtype=np.float32)
    place = {"a": 0, "b": 1}
    mixed = with_trained(
        scores, Trained(("a", "gone"), np.pad(odds, ((0, 0), (0, 1))), 0.25), np.pad(odds, ((0, 0), (0, 1))), place
    )
    np.testing.assert_allclose(mixed, [[0.75 * 0.2 + 0.25, 0.75 * 0.8], [0.5, 0.5]])


def test_new_segments_are_read_like_those_of_the_project() -> None:
    """The coder would say other things of a text once it is imported than before."""
    draws = np.random.default_rng(4)
    vectors = draws.normal(size=(60, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    odds = draws.normal(size=(60, 2)).astype(np.float32)
    codes = [HELPED, FAILED]
    coder = MachineCoder(lambda texts: vectors[: len(texts)], Calibration.shipped())
    known = Known({HELPED.id: frozenset(range(8)), FAILED.id: frozenset(range(8, 16))}, {}, frozenset(range(20)))
    coder.fit(codes, vectors, known, trained=Trained((FAILED.id, HELPED.id), odds, 0.5))
    np.testing.assert_allclose(coder.predict_proba(vectors[30:], odds=odds[30:]), coder.probabilities_[30:], atol=1e-6)
