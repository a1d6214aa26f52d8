"""The report as Word and Markdown: it says what the page says, figure for figure, and nothing that people said becomes markup."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html
from markdown_it import MarkdownIt

from tests import builders
from tests.reports.studies import CODES, bridge, hostile
from textcoder.domain.study import Study
from textcoder.errors import UnknownItem
from textcoder.reports import phrases
from textcoder.reports.counts import count
from textcoder.reports.documents import render_document, zipped
from textcoder.reports.markdown import escaped
from textcoder.reports.pieces import Cited, Line, Tabled
from textcoder.reports.report import IN_FULL, page_of, render_report
from textcoder.reports.tables import Rows
from textcoder.reports.word import write_word
from textcoder.workflow.reporting import write_document, write_figures

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
EVIL = [
    "</script><img src=x onerror=alert(1)>'\"&",
    "=1+1|x|",
    "# [a](http://x.y) ![b](c) `d` **e**",
    "<b>x</b> {{7*7}}",
]
READER = MarkdownIt("commonmark").enable("table")


def word_of(study: Study) -> Any:
    return docx.Document(io.BytesIO(render_document(study, "report.docx")["report.docx"]))


def markdown_of(study: Study) -> str:
    return render_document(study, "report.md")["report.md"].decode()


def read_markdown(text: str) -> html.HtmlElement:
    return html.document_fromstring(READER.render(text))


def notes_in(document: Any) -> dict[str, str]:
    (part,) = [rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/footnotes")]
    notes = etree.fromstring(part.blob).iter(f"{W}footnote")
    return {note.get(f"{W}id"): "".join(t.text or "" for t in note.iter(f"{W}t")).strip() for note in notes}


def grids(study: Study) -> dict[str, list[list[str]]]:
    """Each table of the document by its caption, bands left out; tables in parts are put together again."""
    found: dict[str, list[list[str]]] = {}
    document = word_of(study)
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption" and p.text.startswith("Table")]
    for caption, table in zip(captions, document.tables, strict=True):
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        rows = [row for row in rows if len(set(row)) > 1 or len(row) == 1]
        name = re.sub(r"^Table \d*\. |, part \d+ of \d+$", "", caption)
        found[name] = [a + b[1:] for a, b in zip(found[name], rows, strict=True)] if name in found else rows
    return found


def said_of(share: Any) -> str:
    return f"{share.people:,} of\N{NO-BREAK SPACE}{share.asked:,}"


# --- the figures of the page


def test_every_figure_at_a_glance_is_that_of_the_data() -> None:
    """A funder would read another number in the document than on the page."""
    study = bridge()
    rows = [row for name, grid in grids(study).items() if name.endswith("mentions for each code") for row in grid[1:]]
    shares = {row.code.name: row.overall for row in count(study).codes if row.overall.mentions}
    assert {row[0]: row[1:] for row in rows} == {
        name: [said_of(share), phrases.interval(share), f"{share.mentions:,}"] for name, share in shares.items()
    }


def test_every_figure_by_attribute_is_that_of_the_data() -> None:
    study, by = bridge(), count(bridge()).by_attribute
    found = grids(study)
    names = {row.code.name: row.code.id for row in count(study).codes}
    for attribute in count(study).shown_attributes:
        head, *rows = found[f"People with each code by {attribute}"]
        values = [re.sub(r" \([\d,]+ (person|people)\)$", "", value) for value in head[1:]]
        for name, *cells in rows:
            of = by[attribute][names[name]]
            shares = [of[next(one for one in of if phrases.worded(attribute, one) == value)] for value in values]
            assert [cell.rstrip("¹") for cell in cells] == [said_of(share) for share in shares]


def test_doubtful_themes_of_few_people_stand_in_a_list_and_nothing_of_them_is_lost() -> None:
    """Fifty doubtful themes, half a page each, would bury those that most people share."""
    codes = {f"word{i}x": builders.code(f"Theme {i}", "barriers") for i in range(12)}
    talks = [
        builders.transcript(
            f"t{i}.txt", ("P", " ".join(f"I said {word}." for word in [*codes][: i + 1])), case=f"C{i:02}"
        )
        for i in range(12)
    ]
    study = builders.study(talks, codes)
    page = html.document_fromstring(render_report(study, count(study), Rows(study)))
    found = {theme.name: theme.stability for theme in study.themes.themes}
    shared = [row.code.name for row in sorted(count(study).codes, key=lambda row: -row.overall.people)]
    people = {row.code.name: row.overall.people for row in count(study).codes}
    in_full = sorted(shared, key=lambda name: -people[name] * found[name])[:IN_FULL]
    folded = [name for name in shared if name not in in_full and found[name] < 0.6]
    assert 0 < len(folded) < len(shared) - IN_FULL, "the study has no doubtful theme, or nothing else"
    assert page.xpath("//div[@class='folded']/details/summary/h4/bdi/text()") == folded
    assert page.xpath("//article/h3/bdi/text()") == [name for name in shared if name not in folded]
    for one in page.xpath("//div[@class='folded']/details"):
        assert page.xpath(f"//a[@href='#{one.get('id')}']"), "a link to it leads nowhere"
        assert one.xpath(".//blockquote") and one.xpath(".//ol[@class='all']/li")
    document = word_of(study)
    points = [p.text for p in document.paragraphs if p.style.name == "List Bullet"]
    lines = [
        f"{name}: {row.overall.people} of\N{NO-BREAK SPACE}12 people"
        for name in folded
        for row in count(study).codes
        if row.code.name == name
    ]
    assert [point for point in points if point.startswith(tuple(lines))] == points[: len(folded)]
    assert all(f"- {line}" in markdown_of(study) for line in lines)
    assert {row[0] for row in grids(study)["Barriers: people and mentions for each code"][1:]} == set(shared)
    sure = builders.study(talks, codes, drafted=False)
    assert all(not view.folded for lens in page_of(sure, count(sure), Rows(sure))["lenses"] for view in lens.codes)


def test_short_tables_stay_on_one_page() -> None:
    """A table of three rows, one of them on the next page, is misread."""
    for table in word_of(bridge()).tables:
        kept = [cell.paragraphs[0].paragraph_format.keep_with_next for row in table.rows[:-1] for cell in row.cells]
        assert len(table.rows) > 16 or all(kept)


def test_every_figure_by_person_is_that_of_the_data_however_many_people_there_are() -> None:
    """A table that is wider than a page would lose the people on its right."""
    talks = [
        builders.transcript(f"t{i}.txt", ("I", "What?"), ("P", "I ring. The staff!"), case=f"C{i:02}")
        for i in range(40)
    ]
    study = builders.study(talks, CODES)
    counts = count(study)
    head, *rows = grids(study)["Mentions of each code by each case"]
    assert head[1:] == list(counts.cases)
    assert len(rows) == 2
    for name, *cells in rows:
        (code,) = [row.code.id for row in counts.codes if row.code.name == name]
        assert cells == [str(counts.cases[case][code] or "") for case in counts.cases]
    widths = [len(table.columns) for table in word_of(study).tables if table.cell(0, 1).text.startswith("C")]
    assert max(widths) <= 13


def test_word_and_markdown_hold_the_same_tables() -> None:
    study = bridge()
    tree = read_markdown(markdown_of(study))
    read = [[[cell.text_content() for cell in row] for row in table.iter("tr")] for table in tree.iter("table")]
    plain = [[row for row in table if any(row[1:])] for table in read]
    assert plain == [[row for row in grid if any(row[1:])] for grid in grids(study).values()]


def test_the_page_and_the_document_say_the_same_sentences() -> None:
    """The report is written once; a sentence that only one of them had would drift."""
    study = bridge()
    page = html.document_fromstring(render_report(study, count(study), Rows(study))).get_element_by_id("main")
    for unseen in page.xpath(
        ".//*[@aria-hidden='true' and not(@class='one')] | .//*[contains(@class, 'vh')] | .//details"
    ):
        unseen.drop_tree()
    for screen in page.find_class("screen"):
        screen.drop_tree()
    said = {p.text for p in word_of(study).paragraphs}
    missing = [
        text
        for p in page.xpath(".//p[not(ancestor::figure) and not(ancestor::li)] | .//h1 | .//h2 | .//h3")
        if (text := re.sub(r"[ \n]+", " ", p.text_content()).strip()) and text not in said
    ]
    assert missing == []


# --- Word


def test_it_is_made_of_words_own_styles() -> None:
    """Without them there is no outline, no list of tables, and no way to put it into the house's look."""
    document = word_of(bridge())
    used = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Quote", "Caption", "List Bullet", "List Number"} <= used
    assert {table.style.name for table in document.tables} == {"Report Table"}
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(f"{W}tblHeader") is not None
        assert [row for row in table.rows if row._tr.trPr.find(f"{W}cantSplit") is None] == []
    fields = [f.get(f"{W}instr").split()[1] for f in document.element.iter(f"{W}fldSimple")]
    assert fields.count("Figure") == len(document.inline_shapes)
    assert fields.count("Table") == len(document.tables)


def test_every_quotation_is_exact_and_its_source_a_footnote() -> None:
    """A quotation that cannot be found again is no evidence."""
    study = bridge()
    document, notes = word_of(study), notes_in(word_of(study))
    quoted = [paragraph for paragraph in document.paragraphs if paragraph.style.name == "Quote"]
    page = page_of(study, count(study), Rows(study))
    expected = [quote for lens in page["lenses"] for code in lens.codes for quote in code.quotes]
    expected += [quote for candidate in page["candidates"] for quote in candidate.quotes]
    expected += [quote for view in page["chosen"] for quote, _ in view.quotes]
    assert [p.text for p in quoted] == [f"“{quote.text}”" for quote in expected]
    for paragraph, quote in zip(quoted, expected, strict=True):
        (sign,) = paragraph._p.iter(f"{W}footnoteReference")
        assert notes[sign.get(f"{W}id")].startswith(quote.place)
        assert quote.sure in notes[sign.get(f"{W}id")]
    signs = [sign.get(f"{W}id") for sign in document.element.iter(f"{W}footnoteReference")]
    assert signs == [str(number) for number in range(1, len(signs) + 1)]
    assert set(notes) == {"-1", "0", *signs}


def test_the_figures_of_a_code_name_the_commands_that_show_their_rows() -> None:
    study = bridge()
    notes = notes_in(word_of(study)).values()
    for row in count(study).codes:
        if row.overall.mentions:
            assert any(f"textcoder trace codes/{row.code.id}/people" in note for note in notes)


def test_every_picture_is_told_in_words() -> None:
    """Who does not see it would get nothing of it."""
    study = bridge()
    document, said = word_of(study), [row for row in count(study).codes if row.overall.mentions]
    about = [shape._inline.docPr for shape in document.inline_shapes]
    assert len(about) == len({row.code.lens for row in said}) + len(count(study).shown_attributes) + 1
    assert all(len(one.get("descr")) > 60 and one.get("title") for one in about)
    told = " ".join(one.get("descr") for one in about)
    for row in said:
        assert f"{row.code.name}: {row.overall.people:,} of {row.overall.asked:,}" in told


def test_a_quotation_says_in_which_language_it_is() -> None:
    data = write_word("x", [Cited("Hej\nå hå", "Mira", "w1.txt", "sv")])
    (run,) = [run for p in docx.Document(io.BytesIO(data)).paragraphs for run in p.runs if "Hej" in run.text]
    assert run._r.rPr.find(f"{W}lang").get(f"{W}val") == "sv"
    assert run.text == "“Hej\nå hå”"


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("n", [1, 7, 8, 9, 12, 13, 60])
def test_no_table_is_wider_than_the_page_and_none_loses_a_cell(n: int, many: bool) -> None:
    columns = ("Code", *(f"c{i}" for i in range(n)))
    line = Line(tuple(str(i) for i in range(n + 1)))
    data = write_word("x", [Tabled("t", columns, (Line(("band",), band=True), line), frozenset(), many)])
    tables = docx.Document(io.BytesIO(data)).tables
    assert [cell.text for table in tables for cell in table.rows[2].cells[1:]] == list(line.cells[1:])
    for table in tables:
        assert sum(column.width.cm for column in table.columns) <= 16.7


# --- Markdown


@given(st.text(st.characters(blacklist_categories=("Cc", "Cs")) | st.sampled_from("*_`[]<>|#-+=:.)1&\\~$^! \t\n")))
def test_whatever_is_said_reads_as_it_was_said(text: str) -> None:
    """Stars, brackets or a number with a dot would become markup, and lines would run together."""
    words = f"“{text}”"
    tree = html.fragment_fromstring(READER.render(escaped(words)), create_parent="div")
    (paragraph,) = tree
    assert paragraph.tag == "p"
    assert {element.tag for element in paragraph} <= {"br"}
    lines = unescape(READER.render(escaped(words)))
    lines = lines.strip("\n").removeprefix("<p>").removesuffix("</p>").replace("<br />\n", "\n")
    assert lines == words


@pytest.mark.parametrize(
    "text", ["- a", "+ a", "1. a", "12) a", "# a", "> a", "===", "---", "    code", "\ta", "a  ", ":a"]
)
def test_nothing_at_the_start_of_a_line_makes_a_list_or_a_heading(text: str) -> None:
    rendered = READER.render(escaped(text))
    assert unescape(rendered.removeprefix("<p>").removesuffix("</p>\n")) == text


def test_pictures_lie_beside_it_under_the_names_it_uses() -> None:
    files = render_document(bridge(), "the report.md")
    tree = read_markdown(files["the report.md"].decode())
    shown = [image.get("src") for image in tree.iter("img")]
    assert {name.replace(" ", "%20") for name in files if name.endswith(".png")} == set(shown)
    assert {name[:-4] for name in files if name.endswith(".png")} == {n[:-4] for n in files if n.endswith(".svg")}
    assert all(len(image.get("alt")) > 60 for image in tree.iter("img"))


# --- both


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_that_people_say_or_name_becomes_markup(evil: str) -> None:
    """An interviewee's words could run, or lead elsewhere, where the report is read."""
    study = hostile(evil)
    tree = read_markdown(markdown_of(study))
    assert not list(tree.iter("a", "script", "b", "iframe"))
    assert all(image.get("src").startswith("report_figures/") for image in tree.iter("img"))
    assert evil in tree.find(".//h1").text_content()
    document = word_of(study)
    assert any(evil in paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Speaker")
    assert not [rel for rel in document.part.rels.values() if rel.is_external]


def test_what_xml_cannot_hold_is_left_out_and_the_rest_stays() -> None:
    """One control character in a file would make a document that Word does not open."""
    assert "ab" in word_of(hostile("a\x0bb")).paragraphs[1].text


@pytest.mark.parametrize("name", ["report.docx", "report.md"])
def test_a_second_export_is_the_same_byte_for_byte_whatever_the_order_of_rows(name: str) -> None:
    """Versions of a report could not be compared, and nobody could tell whether anything changed."""
    study = bridge()
    turned = replace(study, codings=study.codings[::-1])
    assert render_document(study, name) == render_document(bridge(), name) == render_document(turned, name)
    assert zipped(render_document(study, name)) == zipped(render_document(study, name))


def test_a_study_without_codes_is_a_document_too() -> None:
    talk = builders.transcript("t.txt", ("I", "What?"), ("P", "It was Tuesday. We sat."), case="")
    study = builders.study([talk], {})
    assert len(word_of(study).inline_shapes) == 0
    assert "Nothing was coded under this lens." in markdown_of(study)


def test_files_are_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    study = bridge()
    assert write_document(study, tmp_path / "report.docx") == (tmp_path / "report.docx",)
    written = write_document(study, tmp_path / "report.md") + write_figures(study, tmp_path / "figures")
    there = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert there == {tmp_path / "report.docx", *written}
    with ZipFile(tmp_path / "report.docx") as archive:
        assert archive.testzip() is None
    with pytest.raises(UnknownItem, match=r"\.docx or \.md"):
        write_document(study, tmp_path / "report.odt")


def test_pictures_stand_within_the_margins_and_nothing_is_left_behind_at_the_foot_of_a_page() -> None:
    """LibreOffice pushed pictures into the margin, and left a heading alone under a table and the words that lead to quotations."""
    body = word_of(bridge()).element.body
    qn = docx.oxml.ns.qn
    for inline in body.iter(qn("wp:inline")):
        assert [inline.get(side) for side in ("distT", "distB", "distL", "distR")] == ["0"] * 4
    parts = list(body)
    for before, part in pairwise(parts):
        style = part.find(f".//{qn('w:pStyle')}")
        if style is None:
            continue
        if style.get(qn("w:val")).startswith("Heading"):
            assert before.tag == qn("w:tbl") or "".join(before.itertext()).strip(), "an empty line before a heading"
        elif style.get(qn("w:val")) == "Quote" and before.find(f".//{qn('w:pStyle')}") is None:
            assert before.find(f".//{qn('w:keepNext')}") is not None, "".join(before.itertext())
