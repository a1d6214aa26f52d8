"""Progress in an open project, on the command line and over the API: a study of three waves, from the programme to the sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.desk import ANA, service
from tests.builders import MACHINE, study, transcript
from tests.fakes import HashEmbedder
from tests.test_cli import Run
from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.decision import By
from textcoder.domain.project import Case, Project
from textcoder.domain.transcript import Role
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject, progressing

ASK = "On a scale from zero to ten, where are you today?"
BY = By("ana", "2024-03-01T09:00:00+00:00")
SAID = {
    ("Mira", "1"): "Three. Nobody answers. I've decided to move back home.",
    ("Mira", "2"): "Five, maybe six. For the first time they rang me.",
    ("Leila", "1"): "A two. Nobody answers. I'd like it to be an eight.",
    ("Leila", "2"): "I went from a two to a four. We talk now.",
    ("Omar", "1"): "Four. The form is long. Nobody answers.",
    ("Omar", "2"): "A seven. My boss would say nine.",
    ("Karin", "2"): "Six.",
}
SWEDISH = ("Hanna", "Var är du på skalan?"), ("Sven", "Sju av tio, skulle jag säga. Det har blivit lite bättre.")
GROUPS = {"Mira": "user", "Leila": "user", "Omar": "user", "Karin": "leader", "Sven": "leader"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project; made once."""
    folder = tmp_path_factory.mktemp("progress")
    fill_progress(folder / "project.db")
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """The project, to be changed freely."""
    (tmp_path / "project.db").write_bytes((template / "project.db").read_bytes())
    return tmp_path


@pytest.fixture
def live(folder: Path) -> Iterator[LiveProject]:
    store = open_store(sqlite_url(folder / "project.db"), project="study")
    yield LiveProject(store, Settings(), embedder=HashEmbedder())
    store.close()


def fill_progress(file: Path) -> None:
    """Write the study into a database."""
    talks = [
        transcript(f"w{wave}_{name}.txt", ("Hanna", ASK), (name, words), wave=wave)
        for (name, wave), words in SAID.items()
    ]
    talks.append(transcript("w2_sven.txt", *SWEDISH, wave="2", language="sv"))
    cases = [Case(name, name, {"group": group}) for name, group in GROUPS.items()]
    whole = study(talks, {}, cases=cases, drafted=False)
    store = open_store(sqlite_url(file), project="study")
    store.save_project(Project("study", "Moving house"))
    for one in whole.transcripts:
        source = next(f for f in whole.files if f.transcript == one.id)
        held = [segment for segment in whole.segments if segment.transcript == one.id]
        store.add_transcript(one, held, file=source, original=one.name.encode())
    store.save_cases(whole.cases)
    store.save_placements(list(whole.placements.values()))
    store.save_coder(MACHINE)
    store.finish("code", "a run")
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    late = Code("late", "Nobody answers", "Nobody picks up.", lens="barriers")
    live.do(partial(acts.add_code, code=late, by=BY), coder=ANA)
    spans = [(s.transcript, s.start, s.end) for s in live.segments if "Nobody" in live.text(s)]
    live.do(partial(acts.accept, spans=spans, code="late", by=BY), coder=ANA)
    _ = live.vectors
    store.close()


def paths(live: LiveProject, by: str | None = None) -> progressing.Paths:
    return progressing.paths_of(live, workflow.facts_of(live), by=by, people_only=True)


# --- in an open project -----------------------------------------------------------------------------------------------------------------


def test_from_the_programme_each_step_opens_the_one_below(live: LiveProject) -> None:
    """A mean that nobody can follow down to a sentence cannot be defended."""
    found = paths(live)
    assert found.by == "group"
    programme = found.programme("scaling", minimum_people=2)
    first, second = programme.overall
    assert first.people == ("Leila", "Mira", "Omar")
    assert second.people == ("Karin", "Leila", "Mira", "Omar", "Sven")
    assert first.mean is not None and first.mean.value == pytest.approx(3)
    rows = {(row.case, row.wave): row for row in found.people("scaling")}
    assert {key: row.value for key, row in rows.items() if key[1] == "2"} == {
        ("Mira", "2"): 5.5, ("Leila", "2"): 4, ("Omar", "2"): 7, ("Karin", "2"): 6, ("Sven", "2"): 7,
    }  # fmt: skip
    (segment,) = rows["Leila", "2"].segments
    sentence = next(s for s in progressing.sentences_of(live, found, "Leila") if s.segment == segment)
    assert sentence.text == "I went from a two to a four."
    assert [(sign.text, sign.part) for sign in sentence.signs] == [("two", "before"), ("four", "now")]
    for sign in sentence.signs:
        assert live.transcripts[sign.transcript].text[sign.start : sign.end] == sign.text


def test_what_counts_makes_the_lenses_path_and_marks_do_not(live: LiveProject) -> None:
    """A pattern's suggestion would pass for a coding."""
    found = paths(live)
    values = {(row.case, row.wave): (row.n, row.of) for row in found.people("barriers")}
    assert values["Mira", "1"][0] == 1 and values["Mira", "2"][0] == 0
    assert all(row.n == 0 for row in found.people("signs_of_progress")), "nobody coded a sign of progress"
    assert {sign.kind for sign in progressing.marks_of(live)} >= {"change_talk", "small_step"}


def test_small_cells_are_hidden_and_none_follows_from_the_rest(live: LiveProject) -> None:
    """The one leader of a wave would be known to everybody."""
    found = paths(live).programme("barriers", minimum_people=3)
    shown = {(cell.group, cell.wave): cell.people for cell in found.cells}
    assert shown["leader", "1"] is None and shown["leader", "2"] is None
    assert shown["user", "2"] is None, "it would give the leaders away"
    assert found.hidden >= 3
    (change,) = found.overall_changes
    assert change.people == ("Leila", "Mira", "Omar")
    assert change.mean is not None and change.mean.value < 0


def test_an_attribute_or_person_that_is_not_there_is_said_so(live: LiveProject) -> None:
    """A slip would be answered with an empty table."""
    with pytest.raises(UnknownItem, match="planet"):
        paths(live, "planet")
    with pytest.raises(InvalidDecision, match="over waves already"):
        paths(live, "wave")
    with pytest.raises(UnknownItem, match="no indicator"):
        paths(live).people("moods")
    with pytest.raises(UnknownItem, match="Nobody"):
        paths(live).case("Nobody")
    assert paths(live, "").programme("barriers").groups == ("",)


def test_what_was_found_is_kept_until_the_words_change(live: LiveProject) -> None:
    """Every look would take a minute, or a corrected role would not be seen."""
    before = progressing.numbers_of(live)
    assert all(one is other for one, other in zip(before, progressing.numbers_of(live), strict=True))
    mira = next(t for t in live.transcripts.values() if t.name == "w1_Mira.txt")
    live.transcripts[mira.id] = mira.with_roles({"Hanna": Role.OTHER})
    after = progressing.numbers_of(live)
    assert {sign.id for sign in before} - {sign.id for sign in after} == {
        sign.id for sign in before if sign.transcript == mira.id
    }, "nobody asked for a number there any more"


def test_languages_without_words_are_told_of(live: LiveProject) -> None:
    """Silence would look as if nobody had said a number."""
    assert paths(live).unread == {}
    sven = next(t for t in live.transcripts.values() if t.name == "w2_sven.txt")
    live.transcripts[sven.id] = replace(sven, language="fi")
    assert progressing.unread_of(live, marks=False) == {"fi": 2}
    live.settings = replace(live.settings, language="nb")
    assert sum(progressing.unread_of(live, marks=True).values()) == len(live.segments), "no marks in Norwegian"


def test_sections_for_a_report_are_plain_words(live: LiveProject) -> None:
    """The evidence pack would have to know how paths are made."""
    made = progressing.sections(paths(live), progressing.marks_of(live))
    assert [one.heading for one in made][-2:] == ["Scaling answers", "Signs found by patterns"]
    head, everybody, *groups = made[-2].tables[0]
    assert head == ("group", "wave 1", "wave 2")
    assert everybody[1].startswith("3.0 (")
    assert [row[0] for row in groups] == ["leader", "user"]
    assert dict((kind, n) for kind, n, _ in made[-1].tables[0][1:])["scaling"] == str(len(progressing.numbers_of(live)))


# --- on the command line ----------------------------------------------------------------------------------------------------------------


def told(run: Run, *arguments: object) -> str:
    status, said, error = run("progress", *arguments)
    assert status == 0, error
    return said


def test_command_shows_programme_person_numbers_and_marks(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An evaluator at the command line would have no path down to the words."""
    monkeypatch.setattr(LiveProject, "embedder", HashEmbedder())
    said = told(run, "--indicator", "scaling", "--minimum-people", 0, "--out", folder)
    assert "3.0 (0.5 to 5.5), 3 people" in said
    rows = list(csv.reader(io.StringIO(told(run, "--numbers", "--csv", "--out", folder))))
    assert ["5 to 6", "0 to 10"] in [row[6:8] for row in rows]
    assert "Sju av tio" in {row[2] for row in rows}, "Swedish words where the file is Swedish"
    marks = json.loads(told(run, "--marks", "change_talk", "--json", "--out", folder))
    assert {mark["kind"] for mark in marks} == {"change_talk"}
    mira = json.loads(told(run, "--person", "Mira", "--json", "--out", folder))
    assert [row["value"] for row in mira["indicators"]["scaling"]] == [3, 5.5]
    assert "Nobody answers." in told(run, "--person", "Mira", "--out", folder)
    for arguments, sentence in (
        (("--marks", "moods"), "exception"),
        (("--indicator", "moods"), "no indicator"),
        (("--person", "Nobody"), "Nobody"),
    ):
        status, _, error = run("progress", *arguments, "--out", folder)
        assert status == 2
        assert sentence in error and "Traceback" not in error


# --- over the API -----------------------------------------------------------------------------------------------------------------------

P = "/api/v1/projects/study/progress"


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(service(sqlite_url(folder / "project.db")), base_url="http://127.0.0.1:8765") as client:
        yield client


def test_api_opens_programme_people_person_and_sentence(client: TestClient) -> None:
    """The page, and whoever checks a figure, would stop half way."""
    programme = client.get(f"{P}?indicator=scaling&minimum_people=0").json()
    assert [one["id"] for one in programme["indicators"]][-1] == "scaling"
    assert programme["overall"][0]["people"] == ["Leila", "Mira", "Omar"]
    people = client.get(f"{P}/people?indicator=scaling&limit=3").json()
    assert len(people["items"]) == 3 and people["next"]
    rest = client.get(f"{P}/people", params={"indicator": "scaling", "cursor": people["next"]}).json()
    (omar,) = [row for row in rest["items"] if (row["case"], row["wave"]) == ("Omar", "2")]
    found = client.get(f"{P}/people/Omar?wave=2").json()
    (sentence,) = [one for one in found["sentences"] if one["segment"] in omar["segments"]]
    assert sentence["text"] == "A seven."
    assert (sentence["signs"][0]["low"], sentence["signs"][0]["scale_stated"]) == (7, True)
    assert client.get(f"{P}/people/Nobody").status_code == 404


def test_api_marks_have_exact_spans_pages_and_filters(client: TestClient) -> None:
    """A mark that cannot be found in its transcript is a claim without evidence."""
    everything = client.get(f"{P}/marks?limit=1000").json()["items"]
    texts = {
        one["id"]: client.get(f"/api/v1/projects/study/transcripts/{one['id']}/text").json()
        for one in _transcripts(client)
    }
    for mark in everything:
        assert texts[mark["transcript"]]["text"][mark["start"] : mark["end"]] == mark["text"]
    asked, cursor = [], None
    while True:
        part = client.get(f"{P}/marks", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        asked += part["items"]
        if not (cursor := part["next"]):
            break
    assert asked == everything
    hers = client.get(f"{P}/marks?kind=scaling&case=Leila&wave=2").json()["items"]
    assert [(one["part"], one["low"]) for one in hers] == [("before", 2), ("now", 4)]
    rows = list(
        csv.DictReader(
            io.StringIO(client.get(f"{P}/marks?kind=scaling", headers={"Accept": "text/csv"}).text.lstrip("\ufeff"))
        )
    )
    assert {row["kind"] for row in rows} == {"scaling"}
    assert client.get(f"{P}/marks?kind=moods").status_code == 422


def _transcripts(client: TestClient) -> list[dict[str, str]]:
    items: list[dict[str, str]] = client.get("/api/v1/projects/study/transcripts?limit=100").json()["items"]
    return items


def test_api_hides_small_cells_and_gives_csv(client: TestClient) -> None:
    """The leaders' figure would stand in a table that is shown on."""
    answer = client.get(f"{P}?indicator=barriers&minimum_people=3", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    hidden = [row for row in rows if row["group"] == "leader" and not row["from_wave"]]
    assert {(row["value"], row["reason"]) for row in hidden} == {("", "too few people")}


def test_api_answers_a_blind_coder_as_if_the_other_had_said_nothing(client: TestClient) -> None:
    """Her colleague's codings would reach her through the paths."""
    eva, ben = {"X-Textcoder-Coder": "eva"}, {"X-Textcoder-Coder": "ben"}
    segments = client.get("/api/v1/projects/study/segments?limit=100").json()["items"]
    body = {"name": "r", "n": len(segments), "coders": ["cleo", "ben"], "seed": 3}
    assert client.post("/api/v1/projects/study/samples", json=body, headers=eva).status_code == 201
    asked = (
        f"{P}?indicator=barriers&minimum_people=0&people_only=true",
        f"{P}/people/Mira",
        f"{P}/people?indicator=barriers",
    )
    before = [client.get(one, headers=ben).json() for one in asked]
    act = {"verb": "review", "segment": segments[0]["id"], "codes": ["late"]}
    answer = client.post("/api/v1/projects/study/decisions", json=act, headers={"X-Textcoder-Coder": "cleo"})
    assert answer.status_code == 201, answer.text
    assert [client.get(one, headers=ben).json() for one in asked] == before
