"""The main paths of the researcher, the analyst and the evaluator on seven real interviews: PDFs as a transcription service writes them,
coded by their own researchers. See shared/data/pdpilot_interviews for source and licence.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.conftest import SHARED
from tests.pages.asking import call
from tests.pages.conftest import Site, serving
from tests.pages.test_paths import JOB, PATIENT, people_at, place_of, sent, words_at
from textcoder.domain.decision import coding_of

STUDY = SHARED / "data" / "pdpilot_interviews"
CASES = "file,case,order\n" + "".join(f"P{n}.pdf,P{n},{'early' if n < 5 else 'late'}\n" for n in range(1, 8))
"""Whom they asked first: a comparison of which nobody expects anything."""

DROP = """files => {
    const transfer = new DataTransfer();
    for (const [name, data] of files) transfer.items.add(new File([Uint8Array.from(atob(data), one => one.charCodeAt(0))], name));
    return transfer;
}"""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the page showed while the researcher began the study, without a reload.

    Attributes:
        site: Where it is served.
        stages: What was said of the job until it was over.
        overview: What was seen then.
    """

    site: Site
    stages: tuple[str, ...]
    overview: str


@pytest.fixture(scope="module")
def begun(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    """The researcher begins a study, drops the seven interviews and who is who on its page, and watches to the end."""
    if not STUDY.is_dir():
        pytest.skip(f"needs the data sets in {SHARED.name}/ beside the checkout; the product does not")
    with serving(tmp_path_factory.mktemp("pdpilot")) as url:
        page = browser.new_page()
        page.set_default_timeout(PATIENT)
        page.goto(url)
        page.get_by_role("button", name="Begin a study").click()
        page.get_by_role("dialog").get_by_label("What is it called?").fill("Study")
        page.keyboard.press("Enter")
        page.wait_for_url("**/projects/study")
        given = [(f"P{n}.pdf", (STUDY / f"P{n}.pdf").read_bytes()) for n in range(1, 8)] + [
            ("cases.csv", CASES.encode())
        ]
        files = [(name, base64.b64encode(data).decode()) for name, data in given]
        place = page.locator(".drop")
        place.wait_for()
        page.evaluate(
            """() => {
                window.stages = [];
                new MutationObserver(() => {
                    const now = document.querySelector("#jobs .job .row")?.innerText;
                    if (now && now !== window.stages.at(-1)) window.stages.push(now);
                }).observe(document.querySelector("#view"), { childList: true, subtree: true });
            }"""
        )
        place.dispatch_event("drop", {"dataTransfer": page.evaluate_handle(DROP, files)})
        expect(page.locator("#jobs .job")).to_contain_text("done", timeout=JOB)
        expect(page.locator("dl.figures")).to_be_visible()
        page.get_by_text("What was read: 7 files").click()
        overview, stages = page.locator("#view").inner_text(), page.evaluate("window.stages")
        page.close()
        yield Begun(Site(url, tmp_path_factory.getbasetemp()), tuple(stages), overview)


@pytest.fixture
def coded(begun: Begun) -> Site:
    """Where the coded interviews are served."""
    return begun.site


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser of an analyst of her own for each test, so that what she takes back is hers."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    name = re.sub(r"\W+", " ", request.node.name.removeprefix("test_")).replace("_", " ")[:40].strip()
    made.add_init_script(f"localStorage.setItem('coder', '{name}')")
    yield made
    made.close()


def acts_of(page: Page, site: Site) -> list[dict[str, Any]]:
    """What the person at a page has done, the oldest act first."""
    name = page.evaluate("localStorage.getItem('coder')")
    found: list[dict[str, Any]] = call(site, "decisions?limit=10000")["items"]
    return [one for one in found if one["coder"] == name]


def reviews_of(page: Page, site: Site) -> set[int]:
    return {one["act"] for one in acts_of(page, site) if one["verb"] == "review"}


def test_researcher_drops_seven_interviews_and_sees_what_was_read(page: Page, begun: Begun) -> None:
    """Seven PDFs would go in, and nobody would know who spoke in them, or what the machine does for so long."""
    assert len(begun.stages) > 2, "the job said nothing on its way"
    assert begun.stages[-1].endswith("done")
    study = call(begun.site, "/projects/study")
    assert (study["transcripts"], study["cases"]) == (7, 7)
    assert study["codes"] > 5
    for figure in ("people\n7", "interviews\n7", f"segments\n{study['segments']}", f"codes\n{study['codes']}"):
        assert figure in begun.overview
    for n in range(1, 8):
        assert f"P{n}.pdf" in begun.overview
    assert begun.overview.count("Participant (participant)") == 7
    assert begun.overview.count("Dan (interviewer)") == 7
    for case in call(begun.site, "cases")["items"]:
        assert case["attributes"] == {"order": "early" if case["id"] < "P5" else "late"}


# --- review -----------------------------------------------------------------------------------------------------------------------------


def begin_review(page: Page, site: Site) -> Locator:
    """Open the review; the words of its first segment."""
    page.goto(site.view("review"))
    words = page.locator("#words")
    expect(words).to_be_visible(timeout=PATIENT)
    return words


def on(page: Page, words: Locator, key: str = "Enter") -> None:
    """Go to the next segment by a key."""
    before = words.inner_text()
    page.keyboard.press(key)
    expect(words).not_to_have_text(before)


def test_analyst_reviews_ten_segments_without_a_mouse(page: Page, coded: Site) -> None:
    """Who reaches for the mouse a thousand times a day goes back to paper."""
    words, save = begin_review(page, coded), page.locator("#save")
    suggestion = page.locator(".suggestion").first
    # 1 and 2: what is suggested is accepted, and rejected.
    for accepts in (True, False):
        while not suggestion.is_visible():
            on(page, words, "j")
        expect(page.locator("#before, #after").filter(has_text=re.compile(r"\S"))).not_to_have_count(0)
        around = page.locator("#after").inner_text() + page.locator("#before").inner_text()
        page.keyboard.press("1")
        expect(suggestion).to_have_attribute("aria-pressed", "true")
        assert page.locator("#after").inner_text() + page.locator("#before").inner_text() == around, "out of context"
        if not accepts:
            page.keyboard.press("1")
        expect(save).to_contain_text("Carries 1 code" if accepts else "Carries no code")
        on(page, words)
    # 3 and 4: another code of the codebook instead of what is suggested.
    for _ in range(2):
        page.keyboard.press("c")
        page.keyboard.press("ArrowDown")
        taken = page.locator('[role="option"][aria-selected="true"] .tag').inner_text()
        page.keyboard.press("Enter")
        expect(page.locator("#own, .suggestion[aria-pressed=true]").filter(has_text=taken)).to_have_count(1)
        on(page, words)
    # 5: a code that there was not.
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.keyboard.type("Tool complexity")
    page.keyboard.press("Enter")
    expect(page.locator("#own")).to_contain_text("Tool complexity", timeout=PATIENT)
    on(page, words)
    # 6: only its first words.
    while len(words.inner_text().split()) < 4:
        on(page, words, "j")
    whole = words.inner_text()
    page.keyboard.press("s")
    page.keyboard.press("Shift+ArrowRight")
    part = page.locator("#words mark").inner_text()
    page.keyboard.press("Enter")
    page.keyboard.type("Tool complexity")
    page.keyboard.press("Enter")
    expect(page.locator("#view q")).to_have_text(part)
    assert whole.startswith(part) and len(part.split()) == 2
    on(page, words)
    # 7: a memo, and no code. 8: not now.
    page.keyboard.press("m")
    page.keyboard.type("She has not used it.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    on(page, words)
    on(page, words, "j")
    # 9 and 10: decided too fast, and taken back: it is there again, as she left it.
    on(page, words)
    last = words.inner_text()
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(save).to_contain_text("Carries 1 code")
    on(page, words)
    page.keyboard.press("u")
    expect(words).to_have_text(last)
    expect(save).to_contain_text("Carries 1 code")
    expect(page.locator("#said")).to_contain_text("undid act")
    sent(page)
    log = acts_of(page, coded)
    undone = [one["undoes"] for one in log if one.get("undoes")]
    verbs = {one["verb"] for one in log}
    assert {"review", "add", "code", "memo", "undo"} <= verbs
    assert len(reviews_of(page, coded)) == 9
    assert len({one["act"] for one in log if one["verb"] == "undo"}) == 1, undone
    *_, start, end, _ = coding_of(next(one for one in log if one["verb"] == "code")["target"])
    file = coding_of(next(one for one in log if one["verb"] == "code")["target"])[1]
    assert " ".join(words_at(coded, file, start, end).split()) == " ".join(part.split())


def test_connection_is_cut_in_mid_review_and_nothing_is_lost_or_decided_twice(
    page: Page, context: BrowserContext, coded: Site
) -> None:
    """An hour on a train: what she decided in the tunnel would be gone, or one segment be decided ten times."""
    words = begin_review(page, coded)
    page.wait_for_load_state("networkidle")
    on(page, words)
    sent(page)
    context.set_offline(True)
    for _ in range(40):  # until nothing is left that was fetched
        if not words.is_visible():
            break
        page.keyboard.press("Enter")
    expect(page.locator("#view .problem")).to_contain_text("kept here")
    said = page.locator("#outbox").inner_text()
    kept = int(re.search(r"(\d+) decisions kept here", said).group(1))  # type: ignore[union-attr]
    assert kept > 5
    page.keyboard.press("Enter")  # there is nothing to decide about
    expect(page.locator("#outbox")).to_contain_text(f"{kept} decisions kept here")
    assert len(reviews_of(page, coded)) == 1
    context.set_offline(False)
    expect(words).to_be_visible(timeout=PATIENT)  # it goes on by itself
    sent(page)
    log = [one for one in acts_of(page, coded) if one["verb"] == "review"]
    assert len({one["act"] for one in log}) == 1 + kept
    targets = [one["target"] for one in log]
    assert len(set(targets)) == len(targets), "decided twice"


# --- reading ----------------------------------------------------------------------------------------------------------------------------


def test_analyst_reads_finds_and_codes_what_the_studys_own_people_coded(page: Page, coded: Site) -> None:
    """A PDF breaks lines where it likes: words that run over a break must be found, and be coded to the character."""
    rows = [json.loads(line) for line in (STUDY / "coded_segments.jsonl").read_text(encoding="utf-8").splitlines()]
    row = next(row for row in rows if row["text"].startswith("The filtering capabilities were useful"))
    theirs = row["codes"][0].split(" > ")[-1]
    page.goto(coded.view("read") + f"?file={row['document']}.pdf")
    text = page.locator("#text")
    expect(text).to_contain_text("interviewer", timeout=PATIENT)
    page.get_by_text("Speakers", exact=True).click()
    page.get_by_label("Role of Dan").select_option("other")
    expect(page.locator("#speakers-list")).to_contain_text("as other")
    page.get_by_label("Role of Dan").select_option("interviewer")
    page.keyboard.press("Tab")
    page.locator("#text").focus()
    page.keyboard.press("/")
    page.keyboard.type(row["text"])
    expect(page.locator("#found")).to_contain_text("1 place here")
    page.keyboard.press("Enter")
    chosen = page.locator("#chosen-words")
    expect(chosen).to_have_text(row["text"])
    expect(text.locator(".part", has_text="The filtering capabilities").first).to_be_in_viewport()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type(theirs)
    new = page.get_by_role("listbox", name="Codes").get_by_role("option", name="New code")
    expect(new).to_be_visible()
    page.keyboard.press("End")
    while new.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value(theirs)
    page.keyboard.press("Enter")
    expect(page.locator("#here .entry", has_text=theirs)).to_contain_text("carries it", timeout=PATIENT)
    sent(page)
    coding = next(one for one in acts_of(page, coded) if one["verb"] == "code")
    _, file, start, end, _ = coding_of(coding["target"])
    assert " ".join(words_at(coded, file, start, end).split()) == row["text"]
    assert [one["after"]["role"] for one in acts_of(page, coded) if one["kind"] == "set_role"] == [
        "other",
        "interviewer",
    ]


# --- codebook and themes ----------------------------------------------------------------------------------------------------------------


def test_analyst_renames_moves_and_merges_with_a_look_ahead_at_each(page: Page, coded: Site) -> None:
    """Nobody should merge the words of six people away without having seen whose they are."""
    drafts = [code for code in call(coded, "codes")["items"] if code["lens"] == "barriers"]
    first, second, third = drafts[:3]
    page.goto(coded.view("codebook") + f"?code={first['id']}")
    tree, dialog = page.locator("#tree"), page.get_by_role("dialog")
    heading = page.locator("#entry h2")
    expect(heading).to_contain_text(first["name"], timeout=PATIENT)
    page.keyboard.press("F2")
    page.keyboard.type("Hard to interpret")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("listitem").first).to_be_visible(timeout=PATIENT)
    page.keyboard.press("Enter")
    expect(tree).to_contain_text("Hard to interpret", timeout=PATIENT)
    page.keyboard.press("v")
    dialog.get_by_label("Below").select_option(second["id"])
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(f"below “{second['name']}”")
    page.keyboard.press("Enter")
    row = page.get_by_role("treeitem").filter(has_text="Hard to interpret").last
    expect(row).to_have_attribute("aria-level", "3", timeout=PATIENT)
    expect(dialog).to_have_count(0)
    sent(page)
    page.keyboard.press("g")
    page.keyboard.type(third["name"])
    expect(page.get_by_role("option").first).to_contain_text(third["name"])
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(f"Merge “Hard to interpret” into “{third['name']}”")
    expect(dialog.get_by_role("listitem").first).to_be_visible(timeout=PATIENT)
    page.keyboard.press("Enter")
    expect(tree).not_to_contain_text("Hard to interpret", timeout=PATIENT)
    sent(page)
    gone = call(coded, f"codes/{first['id']}")
    assert (gone["name"], gone["status"], gone["successors"]) == ("Hard to interpret", "retired", [third["id"]])
    verbs = dict.fromkeys(one["verb"] for one in acts_of(page, coded))
    assert list(verbs) == ["rename", "move", "merge"]


def test_analyst_adopts_a_theme_and_its_words_wait_as_suggestions(page: Page, coded: Site) -> None:
    page.goto(coded.view("themes") + "?lens=what_works")
    listed = page.locator(".themes-list button")
    expect(listed.first).to_be_visible(timeout=PATIENT)
    expect(page.locator("#theme blockquote").first).to_be_visible()
    n = listed.count()
    page.keyboard.press("a")
    page.keyboard.type("A useful tool")
    page.keyboard.press("Enter")
    expect(listed).to_have_count(n - 1, timeout=PATIENT)
    sent(page)
    adopted = next(code for code in call(coded, "codes")["items"] if code["name"] == "A useful tool")
    assert adopted["status"] == "active"
    expect(page.locator("#said")).to_contain_text("A useful tool")
    assert call(coded, f"codings?code={adopted['id']}&status=suggested&limit=1")["items"]


# --- two people -------------------------------------------------------------------------------------------------------------------------


def test_two_who_work_at_once_see_each_other(browser: Browser, coded: Site) -> None:
    """Ben would read for an hour on codes that Ana has just changed."""
    code = next(one for one in call(coded, "codes")["items"] if one["lens"] == "none")
    with people_at(browser, "ana", "ben") as (ana, ben):
        ana.goto(coded.view("codebook") + f"?code={code['id']}")
        ben.goto(coded.view("read") + "?file=P2.pdf")
        expect(ana.locator("#entry h2")).to_contain_text(code["name"], timeout=PATIENT)
        expect(ben.locator("#text")).to_contain_text("interviewer", timeout=PATIENT)
        ben.wait_for_timeout(300)  # both pages have looked at the log once
        ana.keyboard.press("F2")
        ana.keyboard.type("Named by Ana")
        ana.keyboard.press("Enter")
        expect(ana.get_by_role("dialog").get_by_role("listitem").first).to_be_visible(timeout=PATIENT)
        ana.keyboard.press("Enter")
        expect(ben.locator("#said")).to_contain_text("ana decided", timeout=PATIENT)
        ana.goto(coded.view("read") + "?file=P2.pdf&suggestions=no")
        expect(ana.locator("#text")).to_contain_text("interviewer", timeout=PATIENT)
        ana.wait_for_timeout(300)
        ben.keyboard.press("t")
        ben.keyboard.press("c")
        ben.keyboard.type("Named by A")
        option = ben.get_by_role("listbox", name="Codes").get_by_role("option").first
        expect(option).to_contain_text("Named by Ana")
        ben.keyboard.press("Enter")
        expect(ana.locator("#text .coded", has_text="Named by Ana")).to_contain_text("ben", timeout=PATIENT)


# --- the evaluator ----------------------------------------------------------------------------------------------------------------------


def test_evaluator_compares_opens_the_words_and_saves_the_table(page: Page, coded: Site) -> None:
    """Six of seven said so: who, in which words, and what does the file say of it?"""
    page.goto(coded.view("compare") + "?unit=lenses")
    page.locator("#by-0").select_option("order", timeout=PATIENT)
    grid = page.locator("#grid")
    expect(grid.locator("thead")).to_contain_text("early")
    expect(grid.locator("thead")).to_contain_text("late")
    cell = grid.locator("tbody tr").filter(has_text="Barriers").locator("td").nth(1)
    people = re.search(r"(\d+) of (\d+) people", cell.inner_text())
    assert people is not None
    assert people[2] in "43"
    cell.click()
    panel = page.get_by_role("complementary")
    quotations = panel.locator("figure.quotation")
    expect(quotations.first).to_be_visible()
    expect(panel).to_contain_text(f"by {people[1]} people")
    words = quotations.locator("blockquote").all_text_contents()
    for said, link in zip(words, quotations.get_by_role("link").all(), strict=True):
        assert words_at(coded, *place_of(link.get_attribute("href") or "")) == said
    with page.expect_download() as table:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(table.value.path()).read_text(encoding="utf-8-sig"))))
    _, order = panel.get_by_role("heading").inner_text().rsplit(", ", 1)
    row = next(row for row in rows if row["name"] == "Barriers" and row["order"] == order)
    assert (row["people"], row["asked"]) == (people[1], people[2])


def test_evaluator_collects_quotations_and_takes_them_along(page: Page, coded: Site) -> None:
    page.goto(coded.view("quotes"))
    found = page.locator("#found li")
    expect(found.first).to_be_visible(timeout=PATIENT)
    page.keyboard.press("f")
    page.keyboard.press("c")
    said = found.first.locator("blockquote").text_content() or ""
    source = found.first.get_by_role("link").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    expect(page.locator("#collection li")).to_have_count(2)
    voices = page.locator("#voices")
    expect(voices).to_contain_text("2 people of 7 are quoted.")
    expect(voices.get_by_role("row", name="late")).to_contain_text("none")
    sent(page)
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    text = dialog.get_by_label("The collection as text").input_value()
    assert f"“{said}”" in text
    assert re.search(rf"Participant, early \({source}, page \d+, characters \d+ to \d+\)", text)
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save as file").click()
    assert saved.value.path().read_text(encoding="utf-8") == text
