"""The page: what it says, to whom it can be read, and that nothing in it runs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from tests import builders
from tests.reports.studies import CODES, CONTACT, bridge, hostile
from textcoder.domain.coding import Status
from textcoder.domain.study import Study
from textcoder.domain.transcript import Outcome, SourceFile
from textcoder.prevalence import Share
from textcoder.reports import phrases
from textcoder.reports.counts import MAX_CASES, count
from textcoder.reports.method import who_coded
from textcoder.reports.quotes import choose, surest_first
from textcoder.reports.report import MOST_ROWS, MOST_UNASSIGNED, render_report
from textcoder.reports.tables import Rows

GOLDEN = Path(__file__).parent.parent / "golden" / "report.html"
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>'\"&"


def page_of(study: Study) -> str:
    return render_report(study, count(study), Rows(study))


def parsed(study: Study) -> html.HtmlElement:
    return html.document_fromstring(page_of(study))


def words(element: html.HtmlElement) -> str:
    """What a reader sees, without what only screen readers or only eyes get."""
    for hidden in element.xpath(".//*[@aria-hidden='true' or contains(@class, 'vh')]"):
        hidden.drop_tree()
    return " ".join(element.text_content().split())


def counts_in(page: html.HtmlElement) -> dict:
    return json.loads(page.get_element_by_id("counts").text)


def test_the_page_is_as_it_was(request: pytest.FixtureRequest) -> None:
    """A change of the report would go unseen; renew with `make golden` and read the difference."""
    page = page_of(bridge())
    if request.config.getoption("--golden"):
        GOLDEN.write_text(page, encoding="utf-8", newline="")
    assert page == GOLDEN.read_text(encoding="utf-8")


# --- safe


@pytest.mark.parametrize("evil", [EVIL, "<b>x</b>", "{{ 7*7 }}{% raw %}", "javascript:alert(1)"])
def test_nothing_that_people_say_or_name_becomes_markup(evil: str) -> None:
    """An interviewee's words, a file name or an attribute could run in the reader's browser."""
    page = page_of(hostile(evil))
    tree = html.document_fromstring(page)
    assert [script.get("type") for script in tree.iter("script")] == ["application/json"]
    assert not list(tree.iter("img", "b", "iframe", "object", "form", "base"))
    assert not [name for element in tree.iter() for name in element.attrib if name.startswith("on")]
    assert evil in tree.get_element_by_id("read").text_content()
    assert "49" not in tree.find(".//h1").text_content()


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    """A confidential report would tell a server that it was opened, or need one to be read."""
    tree = parsed(bridge())
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert all(link.startswith("#") for link in tree.xpath("//@href"))
    assert not tree.xpath("//@src | //link | //style[contains(text(), '@import') or contains(text(), 'url(')]")


def test_the_page_tells_no_time_and_no_place() -> None:
    """Two runs would differ, and a colleague would read the researcher's home folder."""
    page = page_of(bridge())
    assert page == page_of(bridge())
    assert str(Path.home()) not in page


# --- true


def test_the_numbers_to_see_are_the_numbers_to_check() -> None:
    """`verify` would vouch for other numbers than those on the page."""
    tree = parsed(bridge())
    told = {code["name"]: code for code in counts_in(tree)["codes"]}
    rows = tree.xpath("//section[@id='glance']//tbody/tr")
    assert len(rows) == sum(code["mentions"] > 0 for code in told.values())
    for row in rows:
        code = told[words(row.find("th"))]
        people, interval, mentions = (words(cell) for cell in row.findall("td"))
        assert people == f"{code['people']} of {code['asked']}"
        assert interval == f"{100 * code['low']:.0f}–{100 * code['high']:.0f} %"
        assert mentions == str(code["mentions"])
    for article in tree.xpath("//article[starts-with(@id, 'code-')]"):
        code = told[words(article.find("h3"))]
        (facts,) = article.xpath("./p[@class='facts']")
        assert f"{code['people']} of {code['asked']} people asked" in words(facts)
        assert re.search(rf"\b{code['mentions']} mentions? · {code['files']} files?", words(facts))


def test_the_tables_by_attribute_and_case_show_the_numbers_to_check() -> None:
    """The comparison of groups would be beyond `verify`."""
    tree = parsed(bridge())
    counts = counts_in(tree)
    ids = {code["name"]: code["id"] for code in counts["codes"]}
    tables = tree.xpath("//table[@class='by']")
    assert len(tables) == len(counts["attributes"]) == 3
    for table, (_, shares) in zip(tables, sorted(counts["attributes"].items()), strict=True):
        for row in table.xpath(".//tr[td]"):
            told = shares[ids[words(row.find("th"))]].values()
            assert [words(cell) for cell in row.findall("td")] == [f"{n['people']} of {n['asked']}" for n in told]
    (matrix,) = tree.xpath("//table[@class='matrix']")
    cases = [words(head).split()[0] for head in matrix.xpath(".//th[contains(@class, 'case')]")]
    for row in matrix.xpath(".//tr[td]"):
        seen = [words(cell) or "0" for cell in row.findall("td")]
        assert seen == [str(counts["cases"][case].get(ids[words(row.find("th"))], 0)) for case in cases]


def test_a_person_counts_once_however_often_she_says_it() -> None:
    """One talkative person would look like a theme."""
    (row,) = [row for row in count(bridge()).codes if row.code.id == CONTACT.id]
    assert (row.overall.people, row.overall.asked, row.overall.mentions, row.files) == (2, 3, 6, 3), (
        "with the code below it"
    )


def test_every_quotation_is_the_exact_words() -> None:
    """A quotation could be tidied on its way to the page."""
    study = bridge()
    said = {study.quotation(segment) for segment in study.segments}
    quotes = parsed(study).xpath("//blockquote")
    assert quotes
    assert {quote.text for quote in quotes} <= said


def test_quotations_are_of_different_people_first() -> None:
    """Three quotations of one person would stand for a group."""
    study = bridge()
    codings = [coding for coding in study.counted_codings if coding.code == CONTACT.id]
    people = [study.case(study.segment_by_id[coding.segment]) for coding in choose(study, surest_first(codings))]
    assert set(people[:2]) == {"SU01", "PR01"}
    assert len(people) == 4


def test_the_same_words_are_quoted_once() -> None:
    """A survey's "Friendly staff." would be quoted four times."""
    study = builders.study([builders.survey("s.csv", ["I ring."] * 9 + ["We ring them as well."])], CODES)
    quotes = [quote.text for quote in parsed(study).xpath("//blockquote")]
    assert sorted(quotes) == ["I ring.", "We ring them as well."]


def test_rejected_codings_are_neither_counted_nor_quoted() -> None:
    """A decision of a person would not reach the report."""
    study = bridge()
    rejected = replace(study, codings=tuple(replace(coding, status=Status.REJECTED) for coding in study.codings))
    tree = parsed(rejected)
    assert not tree.xpath("//article//blockquote")
    assert all(code["people"] == 0 for code in counts_in(tree)["codes"])


# --- honest


def test_a_file_that_was_not_read_stands_at_the_top() -> None:
    """The reader would take the material for complete."""
    tree = parsed(bridge())
    (alarm,) = tree.xpath("//header//div[@class='alarm']")
    assert "1 file was not read" in words(alarm)
    assert "the pages hold pictures" in words(alarm)
    assert "unreadable" in tree.xpath("//section[@id='read']//tbody/tr")[0].get("class")


def test_many_unread_files_do_not_bury_the_report() -> None:
    """A folder of 500 pictures would fill the first ten pages."""
    files = [SourceFile(f"{i}.pdf", "", Outcome.UNREADABLE, f"{i}.pdf: no text.") for i in range(500)]
    tree = parsed(replace(bridge(), files=tuple(files)))
    assert len(tree.xpath("//header//li")) == 21
    assert len(tree.xpath("//section[@id='read']//tbody/tr")) == 300
    assert "200 more files are listed" in words(tree.get_element_by_id("read"))


def test_drafts_of_the_machine_are_called_so() -> None:
    """A machine's name for a group of sentences would be read as a finding of a person."""
    drafted = words(parsed(bridge()).get_element_by_id("main"))
    assert "All codes are drafts of the machine that nobody has confirmed" in drafted
    given = words(parsed(bridge(drafted=False)).get_element_by_id("main"))
    assert "drafts of the machine" not in given


def test_candidates_have_a_chapter_beside_a_given_codebook_only() -> None:
    """What the codebook misses would not be seen; or the same themes would be told twice."""
    assert words(parsed(bridge(drafted=False)).get_element_by_id("candidates")).count("Found: ") == 5
    assert not parsed(bridge()).xpath("//*[@id='candidates']")


def test_cells_that_rest_on_one_person_are_marked_and_not_hidden() -> None:
    """One person's words would be read as a group's."""
    (row,) = parsed(bridge()).xpath("(//table[@class='by'])[1]//tr[th//text()='Staff shortage']")
    texts = ["".join(cell.itertext()) for cell in row.findall("td")]
    assert texts == ["1 of\N{NO-BREAK SPACE}1¹ (rests on one person)"] * 3


def test_who_coded_says_no_more_than_is_recorded() -> None:
    """A report would claim that people had confirmed what they had not."""
    study = bridge()
    assert who_coded(study) == (
        "2 codings were made by Anna. 12 codings are suggestions of the machine; nobody has confirmed any of them yet."
    )
    first, *rest = [coding for coding in study.codings if coding.coder == "machine"]
    accepted = replace(study, codings=(replace(first, status=Status.ACCEPTED), *rest))
    assert who_coded(accepted) == (
        "Of the machine's 12 suggestions, people have accepted 1 and rejected 0; "
        "nobody has decided about the other 11 yet."
    )
    assert who_coded(replace(study, codings=())) == "Nothing has been coded yet."


def test_a_study_without_anything_has_a_report() -> None:
    """The first look at a new project would be a traceback."""
    main = words(parsed(builders.study([], {})).get_element_by_id("main"))
    assert "0 interviews with 0 people" in main
    assert "Nothing is known that people could be compared by" in main


def test_words_that_belong_to_nobody_are_not_counted_as_people() -> None:
    """A share would be told of people who are not known."""
    study = builders.study([builders.transcript("a.txt", (None, "I ring. We ring."))], CODES)
    (article,) = parsed(study).xpath("//article")
    assert "People are not known · 2 mentions · 1 file" in words(article)


def test_a_survey_of_thousands_stays_a_page() -> None:
    """5,857 comments would make a page that no browser opens."""
    answers = [f"I ring number {i} and wait for a very long time at the table." for i in range(3000)]
    page = page_of(builders.study([builders.survey("s.csv", answers)], CODES))
    tree = html.document_fromstring(page)
    assert len(page) < 500_000
    assert not tree.xpath("//table[@class='matrix']")
    assert len(tree.xpath("//article[.//h3//text()='A named contact']//details//li")) == MOST_ROWS
    assert "2,950 more stand in codings.csv" in words(tree.get_element_by_id("main"))
    assert "3,000 people the table is too large" in words(tree.get_element_by_id("cases"))
    assert len(answers) > MAX_CASES


def test_an_attribute_with_a_value_for_each_person_is_named_and_not_tabulated() -> None:
    """A column of names or post codes would make a table of thousands of columns."""
    people = [builders.transcript(f"{i}.txt", (f"P{i}", "I ring."), attributes={"postcode": str(i)}) for i in range(60)]
    study = builders.study(people, CODES)
    assert "postcode" not in count(study).by_attribute
    assert "Not tabulated here: postcode (too many values)" in words(parsed(study).get_element_by_id("groups"))


def test_only_the_first_left_over_segments_are_listed() -> None:
    """Thousands of segments without a theme would fill the page."""
    answers = [f"Nothing at all {i}." for i in range(100)]
    tree = parsed(builders.study([builders.survey("s.csv", answers)], CODES))
    assert len(tree.xpath("//section[@id='nowhere']//li")) == MOST_UNASSIGNED


# --- readable


@pytest.mark.parametrize(
    "study", [bridge(), bridge(drafted=False), builders.study([], {})], ids=["drafted", "given", "empty"]
)
def test_the_page_can_be_read_by_a_screen_reader(study: Study) -> None:
    """Who cannot see the page would lose headings, tables or the way past the contents."""
    tree = parsed(study)
    levels = [int(heading.tag[1]) for heading in tree.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert tree.get("lang") == "en"
    assert len(tree.xpath("//main")) == len(tree.xpath("//nav[@aria-label]")) == 1
    assert tree.xpath("//body/a[@class='skip']/@href") == ["#main"]
    for table in tree.iter("table"):
        assert table.find("caption") is not None
        assert all(head.get("scope") for head in table.iter("th"))
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in tree.xpath("//@href")} | set(tree.xpath("//@aria-labelledby")) <= set(ids)
    assert all(svg.get("aria-hidden") == "true" for svg in tree.iter("svg"))
    assert all(box.get("tabindex") == "0" and box.get("aria-label") for box in tree.xpath("//*[@class='scroll']"))


def test_quotations_in_another_language_are_marked() -> None:
    """A screen reader would read Swedish with English sounds."""
    study = builders.study([builders.transcript("a.txt", ("Eva", "Vi ring varandra."), language="sv")], CODES)
    assert parsed(study).xpath("//blockquote/@lang") == ["sv"]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_have_contrast_in_light_dark_and_print() -> None:
    """People with weak sight could not read the page (WCAG 2.1, 1.4.3: 4.5 to 1)."""
    style = (Path(phrases.__file__).parent / "static" / "report.css").read_text(encoding="utf-8")
    sets = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\n *\}", style, re.S)
    ]
    light, dark, printed = sets
    for colours in (light, {**light, **dark}, {**light, **printed}):
        for name in ("ink", "soft", "link", "alarm", *(f"l{i}" for i in range(7))):
            pairs = [("paper", name)] + ([("alarm-wash", name)] if name in ("ink", "alarm") else [])
            pairs += [(name, "dot-ink")] if re.fullmatch(r"l\d", name) else []
            for back, front in pairs:
                a, b = sorted((luminance(colours.get(back, "#ffffff")), luminance(colours.get(front, "#000000"))))
                assert (b + 0.05) / (a + 0.05) >= 4.5, (back, front)


# --- words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (0.001, "<.01"), (0.5, ".50"), (0.714, ".71"), (0.996, ">.99"), (1.0, "1")],
)
def test_probabilities_are_never_rounded_to_certainty(value: float, words: str) -> None:
    """A guess of .996 would be printed as 1.00."""
    assert phrases.figure(value) == words


def test_words_for_sureness_and_stability_cover_everything() -> None:
    """Some figure would have no words."""
    for i in range(101):
        assert phrases.sureness(i / 100)
        assert all(phrases.stability(i / 100))
    assert phrases.sureness(0.71) == "fairly sure"
    assert phrases.stability(0.75)[0] == "stable"


@pytest.mark.parametrize(("ms", "words"), [(0, "0:00"), (754_000, "12:34"), (3_723_000, "1:02:03")])
def test_times_are_told_as_a_player_shows_them(ms: int, words: str) -> None:
    """Nobody finds millisecond 3,723,000 in a recording."""
    assert phrases.clock(ms) == words


def test_small_shares_keep_a_digit() -> None:
    """In a large survey every interval would be "1–1 %"."""
    assert phrases.interval(Share(66, 5857, 66, 0.00887, 0.0143)) == "0.9–1.4\N{NO-BREAK SPACE}%"
    assert phrases.interval(Share(4, 10, 4, 0.168, 0.687)) == "17–69\N{NO-BREAK SPACE}%"
    assert phrases.percent(float("nan")) == "–"
