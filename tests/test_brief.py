"""The chain of the demo, from interviews to a brief of two pages: every figure leads to its rows, and they count up to it."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from tests.test_cli import Run
from tests.test_cli_decide import coded, project, segments, told  # noqa: F401  (coded and project are fixtures)
from textcoder.domain.figure import Figure
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.reports.evidence.brief import brief_page
from textcoder.reports.evidence.parts import Quoted
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject, code_demo, evidence_files, facts_of
from textcoder.workflow.brief import LONG, LONGEST_NAME, brief_of
from textcoder.workflow.estimating import CodedTwice, coded_twice
from textcoder.workflow.evidence import Material
from textcoder.workflow.rounds import said
from textcoder.workflow.tracing import Traced, short_id, trace, trace_corrected, trace_counted

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


class Demo:
    """The demo, coded by its codebook and by its two coders, with its report and its pack."""

    def __init__(self, live: LiveProject, folder: Path) -> None:
        self.live, self.folder = live, folder
        self.facts = facts_of(live)
        self.files, _ = evidence_files(live)
        self.report = html.document_fromstring((folder / "report.html").read_bytes())
        self.brief = html.document_fromstring(self.files["brief.html"])
        self.coded: CodedTwice = coded_twice(live)

    def trace(self, id_: str) -> Traced:
        """As the command does, with what was estimated once."""
        figure = Figure.of(id_)
        if figure.measure != "corrected":
            return trace_counted(self.facts, figure)
        assert self.coded.sample is not None
        _, by_coder = said(self.live, sample=self.coded.sample.name)
        return trace_corrected(self.coded, figure, [c for c in self.coded.sample.coders if c in by_coder])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Coded once: it takes half a minute."""
    folder = tmp_path_factory.mktemp("demo")
    store, settings = open_store(sqlite_url(folder / "project.db")), Settings()
    code_demo(store, folder, settings, coders=True)
    yield Demo(LiveProject(store, settings), folder)
    store.close()


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def traced_in(page: html.HtmlElement) -> list[tuple[str, str]]:
    """Id and what stands there, of every figure of a report."""
    found = [
        (shlex.split(one.get("title"))[2], words(one))
        for one in page.xpath("//*[starts-with(@title, 'textcoder trace ')]")
    ]
    assert found
    return found


def test_the_rows_behind_every_figure_of_the_report_count_up_to_it(demo: Demo) -> None:
    """An evaluator who is asked for the words behind a number would come back with others."""
    figures = traced_in(demo.report)
    shown: dict[str, set[int]] = {}
    for id_, text in figures:
        shown.setdefault(id_, set()).add(int(re.search(r"\d[\d,]*", text)[0].replace(",", "")))  # type: ignore[index]  # a figure has digits
    assert {Figure.of(id_).measure for id_ in shown} >= {"people", "mentions"}
    assert {name for id_ in shown for name in Figure.of(id_).where} >= {"group", "wave"}
    for id_, numbers in shown.items():
        found = demo.trace(id_)
        assert numbers == {found.count}, id_
        figure = Figure.of(id_)
        spans = len({(row.file, row.start, row.end) for row in found.rows})
        people, segments_ = len({row.case for row in found.rows}), sum(row.segments for row in found.rows)
        counted = {"people": people, "segments": segments_, "mentions": spans}[figure.measure]
        assert counted == found.count, id_
        for row in found.rows:
            assert all(row.attributes.get(name, "") == value for name, value in figure.where.items()), id_


def test_the_words_of_a_row_stand_where_it_says(demo: Demo) -> None:
    """Nobody would find the sentence again."""
    texts = {one.name: one.text for one in demo.live.transcripts.values()}
    for measure in ("people", "corrected"):
        rows = demo.trace(f"codes/Steered from above/{measure}").rows
        assert rows and all(texts[row.file][row.start : row.end] == row.text for row in rows)


def commands(page: html.HtmlElement) -> dict[int, str]:
    """Number of a figure of the brief to what stands beside it in the last block."""
    return {int(one.get("id")[1:]): words(one.find("code")) for one in page.xpath("//ol[@class='rows']/li")}


def cells(page: html.HtmlElement) -> list[list[str]]:
    return [[words(cell) for cell in row.xpath("./*")] for row in page.xpath("//table/tbody/tr[th[@scope='row']]")]


def test_every_figure_of_the_brief_leads_to_its_rows(demo: Demo, run: Run) -> None:
    """The two pages would have to be believed."""
    sources = commands(demo.brief)
    assert [int(one[1:-1]) for one in demo.brief.xpath("//a[@class='ref']/text()")]
    assert {int(one[1:-1]) for one in demo.brief.xpath("//a[@class='ref']/text()")} == set(sources)
    rows = cells(demo.brief)
    assert len(rows) == 9
    for _, people, share, change in rows:
        for text in filter(lambda text: "[" in text, (people, share, change)):
            number = int(re.search(r"\[(\d+)\]", text)[1])  # type: ignore[index]  # a figure has its number
            (id_,) = shlex.split(sources[number])
            found = demo.trace(id_)
            first = float(re.search(r"[+−]?\d[\d.]*", text)[0].replace("−", "-"))  # type: ignore[index]  # a figure
            if text.startswith("at least"):
                assert first == found.count == len({row.case for row in found.rows}), id_
                assert all(row.by and not any("machine " in by for by in row.by) for row in found.rows)
            else:
                assert found.count is not None
                assert abs(first - 100 * found.count) <= (0.051 if abs(first) < 10 else 0.51), id_


def test_the_sampled_rows_give_the_coders_own_share(demo: Demo) -> None:
    """The corrected share would rest on other rows than those that are printed."""
    assert demo.coded.sample is not None
    found, chance = demo.trace("codes/A named contact/corrected"), demo.coded.sample.segments
    transcripts = {one.name: one.id for one in demo.live.transcripts.values()}
    yes = [
        sum(by != "machine" for by in row.by)
        / sum(by != "machine" for by in (*row.by, *row.not_by))
        / chance[f"{transcripts[row.file]}:{row.start}-{row.end}"]
        for row in found.rows
    ]
    share = sum(yes) / sum(1 / chance[demo.facts.segments[at].id] for at in demo.coded.at.tolist())
    alone = float(re.search(r"coders alone ([\d.]+) %", found.said)[1])  # type: ignore[index]  # it is said
    assert alone == pytest.approx(100 * share, abs=0.051)


def test_quotations_are_exact_and_of_different_people(demo: Demo) -> None:
    """One loud voice would speak for twelve, or words would be changed."""
    texts = {one.name: one for one in demo.live.transcripts.values()}
    files = []
    for row in demo.brief.xpath("//tr[@class='said']"):
        quoted = row.find(".//blockquote").text_content()[1:-1]
        place = re.search(r"\((\S+), characters (\d+) to (\d+)\)", words(row.find(".//span")))
        assert place is not None
        assert texts[place[1]].text[int(place[2]) : int(place[3])] == quoted
        files.append(place[1].split("_")[1])
    assert len(files) == len(set(files)) == 9


def test_the_brief_says_what_it_cannot_bear(demo: Demo) -> None:
    """A reader would take synthetic coders for people, and a lower bound for a count."""
    text = words(demo.brief)
    for sentence in (
        "Coder A (synthetic, no person)",
        "the rest was not read, so more people may say it",
        "is not usable for",
        "Agreement this high is rare",
        "not by itself an effect",
        "Not corrected are numbers of people",
    ):
        assert sentence in text
    assert not [heading for heading in demo.brief.xpath("//section") if len(words(heading)) < 60]
    (plot,) = demo.brief.xpath("//*[local-name()='svg'][@role='img']")
    assert "A named contact" in words(plot.find(".//desc")) and words(plot.find(".//title"))


def pages_of(page: bytes, folder: Path) -> int:
    """How many A4 pages a page prints on."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    from pypdf import PdfReader

    (folder / "brief.html").write_bytes(page)
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    command += [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={folder / 'brief.pdf'}"]
    subprocess.run([*command, (folder / "brief.html").as_uri()], check=True, capture_output=True, timeout=120)
    return len(PdfReader(folder / "brief.pdf").pages)


def test_the_brief_has_two_pages(demo: Demo, tmp_path: Path) -> None:
    """Nobody reads the third."""
    assert pages_of(demo.files["brief.html"], tmp_path) == 2


def test_a_brief_of_long_names_and_quotations_has_two_pages(demo: Demo, tmp_path: Path) -> None:
    """The demo's are short; a study with others would spill over."""
    brief = brief_of(Material(demo.live))
    assert brief is not None
    name, text = ("A code with quite a name " * 9)[:LONGEST_NAME], ("Some words of hers. " * 99)[:LONG]
    lenses = []
    for lens in brief.lenses:
        lines = [
            replace(line, name=name, quote=Quoted(text, line.quote.source if line.quote else "")) for line in lens.lines
        ]
        lenses.append(replace(lens, lines=tuple(lines)))
    longest = replace(brief, lenses=tuple(lenses))
    assert pages_of(brief_page(longest).encode(), tmp_path) == 2


def test_the_word_document_says_the_same(demo: Demo) -> None:
    """The brief that is passed on would not be the one that was checked."""
    import docx

    document = docx.Document(io.BytesIO(demo.files["brief.docx"]))
    text = " ".join(" ".join(p.text for p in document.paragraphs).split())
    for paragraph in demo.brief.xpath("//section/p[not(@class)]"):
        assert words(paragraph) in text
    rows = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert [row for row in cells(demo.brief) if row not in rows] == []
    assert all(command in text for command in commands(demo.brief).values())
    # No program that lays out Word files is at hand: A4 with these margins holds some 70 lines of 112 letters at 9 points.
    lines = sum(-(-len(p.text) // 112) or 1 for p in document.paragraphs)
    lines += sum(max(-(-len(text) // (124 if len(set(row)) == 1 else 31)) for text in row) for row in rows)
    assert lines <= 130


def test_a_project_without_a_sample_is_told_to_be_uncorrected(run: Run, project: Path, tmp_path: Path) -> None:  # noqa: F811
    """Suggestions would be read as findings."""
    told(run, "evidence", "--from", project, "--out", tmp_path / "pack")
    page = html.document_fromstring((tmp_path / "pack" / "brief.html").read_bytes())
    text = words(page)
    assert "Nothing here is corrected" in text and "no random sample corrects" in text
    assert "No person has coded anything yet" in text
    assert "at least" not in " ".join(one for row in cells(page) for one in row)


def test_a_project_of_which_nothing_can_be_shown_says_so(run: Run, tmp_path: Path) -> None:
    """An empty table under each lens would look like a finding."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("The office helped me a lot. Nobody answered the phone.", encoding="utf-8")
    told(run, "run", tmp_path / "in", "--out", tmp_path / "out")
    told(run, "evidence", "--from", tmp_path / "out", "--out", tmp_path / "pack")
    page = html.document_fromstring((tmp_path / "pack" / "brief.html").read_bytes())
    assert not page.xpath("//table") and "Quotations" not in words(page)
    assert "Too little is coded" in words(page) and "No waves are known" in words(page)
    assert "asked/people" not in words(page)


def test_the_command_prints_rows_and_the_figure(run: Run, project: Path) -> None:  # noqa: F811
    """The id on the page would be of no use."""
    rows = [row for row in segments(project) if row["case"]]
    printed = told(run, "trace", "asked/people", "--out", project)
    assert f"Everybody: {len({row['case'] for row in rows})} people asked." in printed
    page = html.document_fromstring((project / "report.html").read_bytes())
    id_ = next(
        id_ for id_, text in traced_in(page) if id_.endswith("/mentions") and int(re.findall(r"\d+", text)[0]) > 1
    )
    found = json.loads(told(run, "trace", id_, "--json", "--out", project))
    assert len(found["rows"]) == found["count"]
    assert found["rows"][0]["text"] in told(run, "trace", id_, "--out", project)


@pytest.mark.parametrize(
    "id_",
    ["codes/25be09a8/people", "lenses/barriers/wave=2/segments", "asked/group=a%2Fb 100%25/people", "codes/x/case=SU01/mentions",
     "codes/x/people-only/people", "codes/x/change=1:3/corrected", "codes/x/site=/people"],
)  # fmt: skip
def test_an_id_reads_back_as_itself(id_: str) -> None:
    """A figure of a value with a slash would lead elsewhere."""
    assert str(Figure.of(id_)) == id_


NOT_IDS = ("", "codes", "codes/people", "codes//people", "x/y/people", "codes/x/y/people", "codes/x/share")


@pytest.mark.parametrize("id_", [*NOT_IDS, "codes/x/change=1/people", "lenses/barriers/corrected"])
def test_what_is_no_id_is_refused(id_: str) -> None:
    """A typing error would be answered by another figure."""
    with pytest.raises(UnknownItem, match="no id of a figure"):
        Figure.of(id_)


def test_a_code_is_found_by_the_beginning_of_its_id(demo: Demo) -> None:
    """The short ids of the brief would lead nowhere, or to two codes."""
    for code in demo.live.standing.codebook.in_use:
        short = short_id(demo.facts, code.id)
        assert trace_counted(demo.facts, Figure("codes", short, "people")).figure == f"codes/{code.id}/people"
    with pytest.raises(UnknownItem):
        trace_counted(demo.facts, Figure("codes", "0", "people"))
    with pytest.raises(UnknownItem, match="case id"):
        trace_counted(demo.facts, Figure("codes", "Trust returning", "mentions", case="nobody"))
    with pytest.raises(InvalidDecision):
        trace(demo.live, "asked/change=1:3/people")
