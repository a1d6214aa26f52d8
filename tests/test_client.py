"""The client for notebooks, against a real server on this machine."""

from __future__ import annotations

import csv
import io
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from tests.api.desk import serving, working
from tests.refi import twins
from textcoder import client as module
from textcoder.client import Client, JobFailed, NoService, Refused, Rows
from textcoder.errors import (
    Conflict,
    InvalidDecision,
    MissingPackage,
    OutputError,
    StoreError,
    UnknownItem,
    UnreadableFile,
)

ROOT = Path(__file__).resolve().parents[1]
NOBODY, FORM = "mira.txt:28-55", "mira.txt:56-73"


@contextmanager
def answering(app: Any) -> Iterator[str]:
    """The address of a server for the application, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # httptools would be as good; the loop and the protocol of the standard library need no more packages.
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical", http="h11", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path / "desk", "study", "other") as inside, answering(inside.app) as address:
        yield address


@pytest.fixture
def study(address: str) -> Iterator[Client]:
    with Client(address, coder="ana") as study:
        yield study


def test_what_was_read_is_typed_and_whole(study: Client) -> None:
    """A notebook would guess at names of fields."""
    assert [project.id for project in study.projects()] == ["other", "study"]
    assert study.about().name == "Moving house"
    assert [file.path for file in study.files()] == ["leila.txt", "mira.txt", "omar.txt"]
    assert [one.wave for one in study.transcripts()] == ["2", "1", "2"]
    assert [turn.speaker for turn in study.transcript("mira.txt").turns] == ["Hanna", "Mira", "Hanna", "Mira"]
    assert study.text("mira.txt", 28, 55).text == study.segment(NOBODY).text == "Nobody answers after three."
    assert {case.id: case.attributes["site"] for case in study.cases()} == {
        "Leila": "South",
        "Mira": "North",
        "Omar": "South",
    }
    assert {hit.case for hit in study.search("the form")} == {"Mira", "Omar"}
    assert study.search("afraid of paper", by="meaning", limit=2)[0].score is not None
    assert study.manifest()["files"]


def test_lists_are_followed_to_the_end_and_only_as_far_as_somebody_looks(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures would rest on the first page; or the first row would cost the whole study."""
    asked: list[str] = []

    class Listening(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            return super().handle_request(request)

    with Client(address, transport=Listening()) as study:
        whole = list(study.segments())
        assert len(asked) == 1
        monkeypatch.setattr(module, "PART", 2)
        asked.clear()
        rows = study.segments()
        assert rows[0] == whole[0] and rows[:2] == whole[:2] and len(asked) == 1
        assert rows[2] == whole[2] and len(asked) == 2
        assert list(rows) == list(rows) == whole and len(rows) == len(whole)
        assert rows[-1] == whole[-1] and rows[3:1:-1] == whole[3:1:-1] and rows[::-1] == whole[::-1]
        assert len(asked) == (len(whole) + 1) // 2
        assert [row.id for row in study.segments(case="Mira")] == [row.id for row in whole if row.case == "Mira"]


def test_a_list_that_breaks_off_is_not_taken_for_whole(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dropped connection in the middle would make a smaller study."""
    monkeypatch.setattr(module, "PART", 2)
    line = Line(break_at={2})
    with Client(address, retries=0, transport=line) as study:
        rows = study.segments()
        with pytest.raises(NoService):
            len(rows)
        assert len(rows) == len(study.segments())


class Line(httpx.HTTPTransport):
    """A connection that breaks after the server has done what was asked, at some of the requests; or says that it must wait."""

    def __init__(self, break_at: set[int] = frozenset(), wait_at: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        super().__init__()
        self.break_at, self.wait_at, self.keys = break_at, wait_at, list[str]()
        self.sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        self.keys.append(request.headers.get("idempotency-key", ""))
        if self.sent in self.wait_at:
            problem = {"type": "urn:textcoder:problem:store-error", "title": "", "status": 503, "detail": "Wait."}
            return httpx.Response(503, json=problem, headers={"Retry-After": "0"})
        answer = super().handle_request(request)
        if self.sent in self.break_at:
            answer.read()
            answer.close()
            raise httpx.ReadError("the connection was dropped")
        return answer


def test_a_decision_is_taken_once_though_the_connection_drops(address: str) -> None:
    """The history would hold a merge twice, or an undo would take back one act more."""
    line = Line(break_at={1, 4}, wait_at={2})
    with Client(address, coder="ana", transport=line) as study:
        with Client(address) as quiet:
            before = len(quiet.acts())
        done = study.decide("accept", spans=[FORM], code="Forms", why="About reading them.")
        assert [act.verb for act in done.acts] == ["accept"]
        assert line.sent == 3 and len(set(line.keys)) == 1, "one key for one act, however often it is sent"
        assert study.undo().acts[0].verb == "undo"
        assert line.sent == 5 and len(set(line.keys)) == 2, "another act has another key"
        assert len(study.acts()) == before + 2


def test_after_enough_tries_it_says_so(address: str) -> None:
    with (
        Client(address, retries=2, transport=Line(break_at={1, 2, 3})) as study,
        pytest.raises(NoService, match="serve"),
    ):
        study.about()
    with Client(address, retries=1, transport=Line(wait_at={1, 2})) as study, pytest.raises(StoreError, match="Wait"):
        study.about()


def test_figures_as_a_frame_are_those_of_the_csv(study: Client, address: str) -> None:
    """Two tables of the same question would differ, and neither could be defended."""
    spans = [segment.id for segment in study.segments() if "Nobody answers" in segment.text]
    study.decide("accept", spans=spans, code="late")
    figures = study.figures(by=["wave", "group"], people_only=True, minimum_people=0, site=["North", "South"])
    frame = figures.frame()
    url = f"{address}/api/v1/projects/study/figures"
    asked = {"by": "wave,group", "people_only": "true", "minimum_people": 0, "site": ["North", "South"]}
    text = httpx.get(url, params=asked, headers={"Accept": "text/csv", "X-Textcoder-Coder": "ana"}).text
    table = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(frame) == len(table) > 0 and set(table[0]) <= set(frame.columns)
    for line, record in zip(table, frame.astype(object).where(frame.notna(), None).to_dict("records"), strict=True):
        for name, cell in line.items():
            value = record[name]
            assert (float(cell) if cell and name in NUMBERS else cell or None) == (
                pytest.approx(value, abs=1e-6) if name in NUMBERS and value is not None else value or None
            ), name
    assert figures.answer.overall.people == 3 and figures[0].row.name == "Nobody answers"
    assert study.figures(unit="lenses", lens="barriers", by="wave").frame()["lens"].unique().tolist() == ["barriers"]
    assert study.figures(by="wave").frame().query("wave == '1'")["share"].isna().all(), "one person is not shown"


NUMBERS = {"people", "asked", "share", "low", "high", "mentions", "segments", "segments_asked", "segments_share"}


def test_pairs_matrix_and_quotations_are_those_of_the_csv(study: Client, address: str) -> None:
    spans = [segment.id for segment in study.segments() if "Nobody answers" in segment.text]
    study.decide("accept", spans=spans, code="late")
    study.decide("accept", spans=[FORM], code="Forms")

    def table(path: str, **asked: str) -> list[dict[str, str]]:
        url = f"{address}/api/v1/projects/study/figures/{path}"
        answer = httpx.get(url, params={"people_only": "true", **asked}, headers={"Accept": "text/csv"})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    (pair,) = table("co-occurrence", minimum_people="1")
    frame = study.co_occurrence(people_only=True, minimum_people=1).frame()
    assert list(pair) == list(frame.columns) and pair["b_name"] == frame.loc[0, "b_name"] == "Forms"
    assert float(pair["p"]) == pytest.approx(frame.loc[0, "p"])
    matrix = study.matrix(people_only=True).frame()
    assert table("matrix") == [
        {"case": case, **{name: str(n) for name, n in row.items()}} for case, row in matrix.to_dict("index").items()
    ]
    said = study.quotations("late", people_only=True)
    assert [(row["text"], row["start"]) for row in table("quotations/late")] == [(q.text, str(q.start)) for q in said]


def test_the_other_figures(study: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    spans = [segment.id for segment in study.segments() if "Nobody answers" in segment.text]
    study.decide("accept", spans=spans, code="late")
    study.decide("accept", spans=[FORM], code="Forms")
    changed = study.change("1", "2", people_only=True, minimum_people=0).frame().set_index("name")
    assert changed.loc["Nobody answers", ["before", "asked_before", "after", "asked_after"]].tolist() == [1, 1, 1, 2]
    assert changed.loc["Nobody answers", "difference"] == pytest.approx(-0.5)
    pairs = study.co_occurrence(people_only=True, minimum_people=1)
    assert [(pair.a.name, pair.b.name, pair.people) for pair in pairs] == [("Nobody answers", "Forms", 1)]
    assert pairs.frame().loc[0, "b_name"] == "Forms" and pairs.answer.asked == 3
    matrix = study.matrix(people_only=True).frame()
    assert matrix.loc["Mira", "Nobody answers"] == 1 and matrix.loc["Omar"].sum() == 0
    whole = study.quotations("late", people_only=True)
    assert (whole.total, whole.people, len(whole)) == (len(spans), 2, len(spans))
    monkeypatch.setattr(module, "PART", 1)
    assert list(study.quotations("late", people_only=True)) == list(whole)
    assert study.quotations("late", people_only=True, wave="1").frame()["attributes_site"].tolist() == ["North"]


def test_corrected_figures_as_a_frame(study: Client) -> None:
    """A notebook would have to take the corrected figures apart by hand."""
    bare = study.prevalence(by="wave", minimum_people=0)
    assert "uncorrected" in bare.answer.note and bare.frame()["value"].isna().all()
    sample = study.draw("r", len(list(study.segments())), ["ana"])
    for segment in sample.segments:
        text = study.segment(segment).text
        study.decide("review", segment=segment, codes=["late"] if "Nobody answers" in text else [])
    study.release("r")
    made = study.prevalence(by="wave", code="late", minimum_people=0).frame()
    assert made["wave"].tolist() == ["", "1", "2"] and made["value"].notna().tolist() == [True, False, True]
    found = study.errors(by="group", code=["late"])
    assert [row.kind for row in found] == ["missed", "false", "net"] and found.answer.sample == "r"


def test_progress_adequacy_sequences_and_waves(study: Client) -> None:
    """A notebook would have to know addresses and shapes by heart."""
    programme = study.progress(by="group", minimum_people=0)
    people = study.progress_of_people()
    assert {one.case for one in people} and programme.waves == ["1", "2"]
    case = people[0].case
    assert study.progress_of(case).case == case and isinstance(list(study.signs(case=case)), list)
    enough = study.adequacy(minimum_people=0, orders=50)
    assert enough.overall.people == len({one.case for one in people})
    assert study.together(minimum_people=0).pairs is not None
    assert study.followed("barriers", "barriers", within=1, unit="codes", minimum_people=0).method
    assert study.waves(since="2", minimum_people=0).since == "2"


def test_the_codebook_and_who_said_what(study: Client) -> None:
    assert [code.name for code in study.codes(lens="barriers")] == ["Forms", "Nobody answers"]
    assert study.codes().frame()["definition"].tolist()[0].startswith("Forms are long")
    assert study.codebook().version == 3 and len(study.codebook(1).codes) == 1
    done = study.decide("add", name="Language", lens="barriers", definition="She cannot read it.")
    assert study.code(done.codes[0]).name == "Language"
    study.decide("memo", about="code:Language", text="Ask Omar again.")
    assert [memo.text for memo in study.memos(on="code")] == ["Ask Omar again."]
    study.decide("accept", spans=[FORM], code="Language")
    said = study.codings(coder="ana", counts=True)
    assert [(row.code_name, row.text) for row in said] == [("Language", "The form is long.")]
    assert [one.id for one in study.coders()] == ["ana", "machine"]
    assert [theme.id for theme in study.themes()] == ["th0", "th1"]
    assert study.theme("th0").quotations
    assert [row.decisions for row in study.acts(after=3)] == [1, 1, 1]
    assert [row.verb for row in study.decisions(after=3)] == ["add", "memo", "accept"]
    assert study.undo(why="Not yet.").acts[0].why == "Not yet."
    assert study.redo().acts[0].verb == "redo"


def test_a_preview_changes_nothing(study: Client) -> None:
    before = study.about().decisions
    found = study.preview("merge", codes=["Forms"], into="late")
    assert found.sentences  # type: ignore[union-attr]  # a merge has a preview with sentences
    assert study.about().decisions == before


def test_several_people_code_together(study: Client, address: str) -> None:
    drawn = study.draw("round 1", 2, ["ana", "ben"], seed=7)
    assert drawn.seed == 7 and study.sample("round 1") == drawn
    with Client(address, coder="ben") as ben:
        for one, codes in ((study, ["late"]), (ben, [])):
            for queued in one.review(sample="round 1"):
                one.decide("review", segment=queued.segment, codes=codes)
        assert len(ben.agreement()) == 0, "ben still codes blind"
        with pytest.raises(InvalidDecision):
            ben.agreement(sample="round 1")
    assert study.samples()[0].progress == {"ana": 2, "ben": 2}
    assert study.release("round 1").status == "released"
    agreed = study.agreement().frame()
    assert agreed.loc[0, "percent_estimate"] == 0.0 and agreed.loc[0, "alpha_n"] == 2
    assert {row.code for row in study.disagreements()} == {"late"}
    assert study.confusion(a="ana", b="ben")[0].given == 2 and study.set_agreement().units == 2
    assert [row.a for row in study.units_behind("late", "ana", "ben", "only_a")] == [("late",)] * 2
    assert study.span_agreement().coders == study.ceiling().coders == ("ana", "ben")
    assert study.agreement_over_time().herself == ()
    assert study.review(1)[0].text and study.proposals() is not None and study.changes().new is not None


def test_transcripts_are_sent_and_waited_for(study: Client, tmp_path: Path) -> None:
    """Two hundred interviews would be sent by hand; a dropped connection would read them twice."""
    talks = tmp_path / "talks"
    (talks / "wave3").mkdir(parents=True)
    (talks / ".hidden.txt").write_text("no")
    (talks / "wave3" / "vera.txt").write_text("Interviewer: What hinders?\nVera: The telephone. I gave up twice.\n")
    (tmp_path / "cases.csv").write_text("file,case,group\nwave3/vera.txt,V1,volunteer\n")
    sent = study.upload(talks, cases=tmp_path / "cases.csv", pattern="wave{wave}/{case}")
    assert (sent.kind, sent.status, sent.arguments["files"]) == ("import", "queued", 1)
    with pytest.raises(NoService, match="not done yet"):
        study.wait(sent, seconds=0)
    report, stopped = study.start("report"), study.start("code", seed=3)
    study.cancel(stopped)
    with working(tmp_path / "desk") as worker:
        worker.work_off()
    assert study.wait(sent).result["files"]["read"] == 1
    assert {case.id: case.attributes.get("group") for case in study.cases()}["V1"] == "volunteer"
    assert study.result(study.wait(report.id), tmp_path / "report.zip").read_bytes().startswith(b"PK")
    with pytest.raises(JobFailed, match="cancelled") as failed:
        study.wait(stopped)
    assert failed.value.job.id == stopped.id
    assert [job.id for job in study.jobs()] == [sent.id, report.id, stopped.id]
    with pytest.raises(OutputError, match="cannot be written"):
        study.result(report, tmp_path)
    with pytest.raises(UnreadableFile, match="nobody"):
        study.upload(tmp_path / "nobody.txt")
    with pytest.raises(InvalidDecision, match="no file to send"):
        study.upload()


def test_training_is_asked_for_seen_and_forgotten(study: Client) -> None:
    """A notebook could not say whether its figures rest on a training."""
    found = study.training()
    assert found.training is None and found.decisions_since == 3
    assert study.forget_training() == found
    assert study.start("train").kind == "train"


def test_a_study_moves_between_programs(study: Client, tmp_path: Path) -> None:
    """A notebook could neither hand a study to another program nor say what one from there would bring."""
    (tmp_path / "theirs.qdpx").write_bytes(twins.nvivo())
    foreseen, taken = (
        study.import_refi(tmp_path / "theirs.qdpx", dry_run=True),
        study.import_refi(tmp_path / "theirs.qdpx"),
    )
    with working(tmp_path / "desk") as worker:
        worker.work_off()
    report = study.exchanged(study.wait(foreseen))
    assert (report.transcripts, report.codings, report.coders) == (1, 4, ("Ana",))
    assert study.exchanged(study.wait(taken)) == report
    assert [coding.text for coding in study.codings(coder="Ana")]
    assert study.export_refi(tmp_path / "p.qdpx", profile="atlasti", plain=True).read_bytes().startswith(b"PK")
    assert b"CodeBook" in study.export_refi(tmp_path / "c.qdc").read_bytes()
    with pytest.raises(InvalidDecision, match="ending"):
        study.export_refi(tmp_path / "p.zip")
    with pytest.raises(OutputError, match="cannot be written"):
        study.export_refi(tmp_path / "nowhere" / "c.qdc")


def test_tables_of_other_programs_are_looked_at_taken_in_and_saved(study: Client, tmp_path: Path) -> None:
    """A notebook could not say what a table holds before it is in, nor give one back."""
    coded = tmp_path / "coded.csv"
    coded.write_text("who,what,said,by\nmira,Forms,The form is long.,zoe\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="who, what, said, by"):
        study.import_table(coded)
    mapping = tmp_path / "m.yaml"
    mapping.write_text("columns: {document: who, code: what, text: said, coder: by}\n", encoding="utf-8")
    seen = study.import_table(coded, mapping=mapping, dry_run=True)
    assert (seen.matched, seen.coders, seen.done) == (1, ("zoe",), None)
    done = study.import_table(coded, mapping=mapping, coder="eva", holds="codings").done
    assert done is not None
    assert [act.coder for act in done.acts] == ["eva"]
    assert [coding.text for coding in study.codings(coder="eva")] == ["The form is long."]
    saved = study.export_table(tmp_path / "maxqda.xlsx", shape="maxqda")
    assert study.import_table(saved).same == 1
    assert "Forms" in study.export_table(tmp_path / "book.yaml", shape="nvivo", holds="codebook").read_text("utf-8")
    with pytest.raises(InvalidDecision, match="ending"):
        study.export_table(tmp_path / "book.docx", shape="nvivo")
    with pytest.raises(UnreadableFile):
        study.import_table(tmp_path / "nowhere.csv")


def test_an_upload_over_a_bad_line_is_one_job(address: str, tmp_path: Path) -> None:
    (tmp_path / "vera.txt").write_text("Vera: The telephone is never answered. I gave up twice.")
    with Client(address, transport=Line(break_at={1}, wait_at={2})) as study:
        sent = study.upload(tmp_path / "vera.txt")
        assert [job.id for job in study.jobs()] == [sent.id]


def test_errors_are_those_of_the_library_with_status_and_fields(study: Client) -> None:
    """A notebook would have to read HTTP."""
    with pytest.raises(UnknownItem, match="Tee") as unknown:
        study.decide("retire", codes=["Tee"])
    assert isinstance(unknown.value, Refused) and unknown.value.status == 404
    with pytest.raises(InvalidDecision, match="spans") as invalid:
        study.decide("accept", code="late")
    assert isinstance(invalid.value, Refused)
    assert [wrong["field"] for wrong in invalid.value.errors] == ["body.accept.spans"]
    done = study.decide("add", name="Language", lens="barriers")
    study.decide("accept", spans=[FORM], code="Language")
    with pytest.raises(Conflict) as conflict:
        study.undo(done.acts[0].act)
    assert conflict.value.decisions == (5,)
    with pytest.raises(Conflict, match="was changed since") as outdated:
        study.decide("rename", code="late", name="Silence", if_match="codebook-3")
    assert isinstance(outdated.value, Refused)
    assert (outdated.value.status, outdated.value.changes[0]["name"]) == (412, "Language")
    study.decide("rename", code="late", name="Silence", if_match="codebook-4")
    with pytest.raises(UnknownItem):
        study.transcript("../../etc/passwd")


def test_who_answers_is_told_from_who_does_not(address: str, tmp_path: Path) -> None:
    async def other(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200 if "ok" in scope["path"] else 502, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>Router</html>"})

    with answering(other) as elsewhere:
        with Client(elsewhere, project="ok") as study, pytest.raises(NoService, match="same version"):
            study.about()
        with Client(elsewhere, project="no") as study, pytest.raises(NoService, match="502"):
            study.about()
    with Client(elsewhere, retries=0) as study, pytest.raises(NoService, match="textcoder serve"):
        study.about()
    with Client(address, project="nothing") as study, pytest.raises(UnknownItem, match="nothing"):
        study.about()


def test_names_in_any_script_and_confidential_words_past_any_proxy(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A coder called Zoë could not decide; the proxy of the office would read along."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Client(address, coder="Zoë 李", token="tc_secret") as study:
        assert study.decide("accept", spans=[FORM], code="Forms").acts[0].coder == "Zoë 李"
        assert "tc_secret" not in repr(vars(study))


def test_frames_have_their_columns_even_without_rows(study: Client) -> None:
    empty = study.agreement().frame()
    assert len(empty) == 0 and {"code", "percent_estimate", "alpha_low", "pairs"} <= set(empty.columns)
    assert study.cases().frame()["attributes_group"].tolist() == ["service user", "service user", "volunteer"]
    assert repr(study.cases()) == "<3 CaseRow>" and isinstance(study.cases(), Rows)


def test_what_is_missing_is_named_with_its_remedy(study: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackage, match="pip install pandas"):
        study.cases().frame()
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingPackage, match=r"pip install \"textcoder\[client\]\""):
        Client()


def test_importing_loads_no_heavy_library() -> None:
    """A notebook that only asks would wait for torch."""
    heavy = (
        "torch",
        "sklearn",
        "scipy",
        "spacy",
        "bertopic",
        "onnxruntime",
        "sentence_transformers",
        "pandas",
        "httpx",
    )
    code = f"import sys, textcoder.client; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_tutorial_runs(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An evaluator who copies a line would get an error."""
    page = (ROOT / "docs" / "tutorials" / "evaluator.md").read_text(encoding="utf-8")
    section = page.partition("\n## From a notebook\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(blocks) >= 2
    monkeypatch.chdir(tmp_path)
    told: dict[str, Any] = {}
    for block in blocks:
        exec(block.replace("http://127.0.0.1:8765", address), told)
    told["study"].close()
    assert "share" in told["figures"].frame()
