"""The main paths of the researcher, the analyst and the evaluator, from end to end: on three of the demo interviews with the real models,
with accounts, and over a study whose every name and word holds a script.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.desk import CHEAP, PASSWORD, databases, desk_url, jobs_folder, let_in, service
from tests.builders import MACHINE, study, transcript
from tests.fakes import HashEmbedder
from tests.pages.asking import call, decide, decisions
from tests.pages.conftest import Site, answering, serving
from textcoder.domain.account import Access
from textcoder.domain.codebook import Code
from textcoder.domain.decision import Verb, coding_of
from textcoder.domain.project import Case, Project
from textcoder.domain.theme import Theme, ThemeMap
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import open_catalogue, open_store
from textcoder.workflow import LiveProject
from textcoder_api.pages.shell import VIEWS

PATIENT = 30_000  # milliseconds: the models are loaded, and both cores may be busy
JOB = 120_000


def sent(page: Page) -> None:
    """Wait until nothing waits to be sent."""
    expect(page.locator("#outbox")).to_be_hidden(timeout=PATIENT)


# --- the demo ---------------------------------------------------------------------------------------------------------------------------

INTERVIEWS = ("w1_LE01_karin.txt", "w1_SU01_mira.txt", "w2_SU02_tomas.srt")
"""Of three people, two groups and two waves."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A study that the researcher has begun in the page.

    Attributes:
        site: Where it is served; its project is `study`.
        overview: What the page showed when the job was over, without a reload.
    """

    site: Site
    overview: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real `textcoder serve` over an empty folder, with its worker."""
    with serving(tmp_path_factory.mktemp("paths")) as url:
        yield url


@pytest.fixture(scope="module")
def begun(browser: Browser, served: str, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """The researcher begins a study, gives three interviews, the table of cases and by mistake a photograph, and watches to the end."""
    demo = data_folder("corpora") / "demo"
    photograph = tmp_path_factory.mktemp("sent") / "photograph.jpg"
    photograph.write_bytes(b"\xff\xd8\xff\xe0 no words")
    page = browser.new_page()
    page.set_default_timeout(PATIENT)
    page.goto(served)
    page.get_by_role("button", name="Begin a study").click()
    page.get_by_role("dialog").get_by_label("What is it called?").fill("Study")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/study")
    page.locator("#files").set_input_files(
        [*(demo / "interviews" / name for name in INTERVIEWS), demo / "cases.csv", photograph]
    )
    job = page.locator("#jobs .job")
    expect(job).to_contain_text("Reading files", timeout=PATIENT)
    expect(job).to_contain_text("done", timeout=JOB)
    expect(job.get_by_role("listitem")).to_contain_text("photograph.jpg")  # and why it was not read
    expect(page.locator("dl.figures")).to_be_visible(timeout=PATIENT)
    overview = page.locator("#view").inner_text()
    page.close()
    return Begun(Site(served, tmp_path_factory.getbasetemp()), overview)


@pytest.fixture
def demo(begun: Begun) -> Site:
    """Where the coded demo is served."""
    return begun.site


def words_at(site: Site, file: str, start: int, end: int) -> str:
    """The exact words at a place, as the API has them."""
    found: str = call(site, f"transcripts/{quote(file, safe='')}/text?start={start}&end={end}")["text"]
    return found


def place_of(link: str) -> tuple[str, int, int]:
    """File, start and end in the address of a quotation."""
    asked = parse_qs(urlsplit(link).query)
    return asked["file"][0], int(asked["at"][0]), int(asked["to"][0])


def test_researcher_begins_a_study_and_sees_people_and_codes(page: Page, begun: Begun) -> None:
    """Files would go in, and nobody would know what came of them, or who spoke."""
    study_now = call(begun.site, "/projects/study")
    assert (study_now["transcripts"], study_now["cases"]) == (3, 3)
    assert study_now["codes"] > 3
    for figure in ("people\n3", "interviews\n3", "waves\n2", f"codes\n{study_now['codes']}"):
        assert figure in begun.overview
    assert "Review what the machine is unsure of" in begun.overview
    karin = next(case for case in call(begun.site, "cases")["items"] if case["id"] == "LE01")
    assert karin["attributes"]["group"] == "leader", "the table of cases was not taken in"
    page.goto(begun.site.view())
    page.get_by_text("What was read: 3 files").click()
    expect(page.locator("#view tbody tr")).to_have_count(3)
    expect(page.locator("#view tbody")).to_contain_text("Karin (participant)")


def test_analyst_reviews_merges_and_takes_back_by_the_keyboard(page: Page, demo: Site) -> None:
    """From the first segment to the merged code and back, without a mouse."""
    page.goto(demo.view())
    expect(page.locator("dl.figures")).to_be_visible(timeout=PATIENT)
    page.keyboard.press("r")
    words = page.locator("#words")
    expect(words).to_be_visible(timeout=PATIENT)
    first = words.inner_text()
    page.keyboard.press("c")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#save")).to_contain_text("Carries 1 code")
    page.keyboard.press("Enter")
    expect(words).not_to_have_text(first, timeout=PATIENT)
    second = words.inner_text()
    expect(page.locator("#save")).to_contain_text("Carries no code")
    page.keyboard.press("Enter")
    expect(words).not_to_have_text(second, timeout=PATIENT)
    page.keyboard.press("n")
    name = page.get_by_role("dialog").get_by_label("Name")
    expect(name).to_be_focused()
    page.keyboard.type("Waiting at the counter")
    page.keyboard.press("Enter")
    expect(page.locator("#own")).to_contain_text("Waiting at the counter", timeout=PATIENT)
    before = words.inner_text()
    page.keyboard.press("Enter")
    expect(words).not_to_have_text(before, timeout=PATIENT)
    sent(page)
    reviews = [one for one in call(demo, "decisions?limit=1000")["items"] if one["verb"] == "review"]
    assert len({one["act"] for one in reviews}) == 3

    codes = call(demo, "codes")["items"]
    new = next(code for code in codes if code["name"] == "Waiting at the counter")
    kept = next(code for code in codes if code["lens"] == new["lens"] and code["id"] != new["id"])
    page.keyboard.press("Alt+4")
    tree = page.locator("#tree")
    expect(tree).to_contain_text("Waiting at the counter", timeout=PATIENT)
    page.keyboard.press("/")
    page.keyboard.type("Waiting at")
    page.keyboard.press("Enter")
    expect(page.locator("#tree :focus")).to_contain_text("Waiting at the counter")
    page.keyboard.press("g")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(kept["name"])
    expect(page.get_by_role("option").first).to_contain_text(kept["name"])
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 coding of 1 coder would change", timeout=PATIENT)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    sent(page)
    expect(tree).not_to_contain_text("Waiting at the counter", timeout=PATIENT)
    assert call(demo, f"codes/{new['id']}")["successors"] == [kept["id"]]
    page.keyboard.press("u")
    expect(tree).to_contain_text("Waiting at the counter", timeout=PATIENT)
    assert call(demo, f"codes/{new['id']}")["status"] != "retired"


def test_analyst_codes_words_by_mouse(page: Page, demo: Site) -> None:
    """What is marked with the mouse is what is kept, to the character."""
    page.goto(demo.view("read") + f"?file={INTERVIEWS[1]}&suggestions=no")
    said = page.locator("#text .part.participant .words-of").nth(1)
    said.scroll_into_view_if_needed(timeout=PATIENT)
    box = said.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 12, steps=5)
    page.mouse.up()
    chosen = page.locator("#chosen-words").inner_text()
    assert len(chosen) > 5
    page.locator("#here").get_by_role("button", name="Code it").click()
    option = page.get_by_role("dialog").get_by_role("option").first
    code = option.locator(".tag").inner_text()
    option.click()
    expect(page.locator("#here .entry").first).to_contain_text("researcher carries it", timeout=PATIENT)
    sent(page)
    coded = [one for one in call(demo, "decisions?limit=1000")["items"] if one["verb"] == "code"][-1]
    _, file, start, end, code_id = coding_of(coded["target"])
    assert words_at(demo, file, start, end) == chosen
    assert call(demo, f"codes/{code_id}")["name"] in code
    page.locator("#text .coded").first.click()
    page.locator("#here").get_by_role("button", name="Take back").first.click()
    expect(page.locator("#text .coded")).to_have_count(0, timeout=PATIENT)


def test_evaluator_defends_a_number(page: Page, browser: Browser, demo: Site) -> None:
    """A figure in a report that leads to no words, or to other words tomorrow, cannot be defended."""
    page.goto(demo.view("compare"))
    page.locator("#by-0").select_option("group", timeout=PATIENT)
    page.get_by_label("Minimum people").fill("0")
    page.get_by_label("Minimum people").press("Tab")
    grid = page.locator("#grid")
    expect(grid.locator("thead")).to_contain_text("service user", timeout=PATIENT)
    group_cells = grid.locator("tbody td:nth-child(n+3)")
    number = group_cells.filter(has_text=re.compile(r"[1-9] of \d+ (person|people)")).last
    people = re.search(r"(\d+) of (\d+) (?:person|people)", number.inner_text())
    assert people is not None
    number.click()
    panel = page.locator("#behind")
    quotations = panel.locator("figure.quotation")
    expect(quotations.first).to_be_visible(timeout=PATIENT)
    expect(panel).to_contain_text(f"by {people[1]} pe")
    words = quotations.locator("blockquote").all_inner_texts()
    for said, link in zip(words, quotations.get_by_role("link").all(), strict=True):
        assert words_at(demo, *place_of(link.get_attribute("href") or "")) == said
    title = panel.get_by_role("heading").inner_text()

    elsewhere = browser.new_page()  # somebody who was sent the address
    elsewhere.goto(page.url)
    panel = elsewhere.locator("#behind")
    expect(panel.get_by_role("heading")).to_have_text(title, timeout=PATIENT)
    expect(panel.locator("blockquote")).to_have_text(words)
    elsewhere.close()

    with page.expect_download() as table:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(table.value.path()).read_text(encoding="utf-8-sig"))))
    code, group = title.rsplit(", ", 1)
    row = next((row for row in rows if row["name"] == code and row["group"] == group), None)
    assert row is not None, f"{title} is not in the table"
    assert (row["people"], row["asked"]) == (people[1], people[2])


@contextmanager
def people_at(browser: Browser, *names: str) -> Iterator[list[Page]]:
    """Browsers of several coders, each with a page that must not complain."""
    contexts, pages, wrong = [], [], list[str]()
    for name in names:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.add_init_script(f"localStorage.setItem('coder', '{name}')")
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        contexts.append(context)
        pages.append(page)
    yield pages
    for context in contexts:
        context.close()
    assert wrong == []


def test_two_browsers_see_each_other_and_lose_no_word(browser: Browser, demo: Site) -> None:
    """Two who work at once would overwrite each other's definitions, or believe that nothing happened."""
    code = min(call(demo, "codes")["items"], key=lambda one: str(one["name"]))
    with people_at(browser, "ana", "ben") as (ana, ben):
        for page in (ana, ben):
            page.goto(demo.view("codebook") + f"?code={code['id']}")
            expect(page.get_by_label("Definition", exact=True)).to_be_visible(timeout=PATIENT)
        ana.wait_for_timeout(300)  # both pages have looked at the log once
        ana.locator("#entry").get_by_role("button", name="Rename").click()
        ana.get_by_role("dialog").get_by_label("Name").fill("Renamed by Ana")
        ana.keyboard.press("Enter")
        ana.get_by_role("dialog").get_by_role("button", name="Rename", exact=True).click(timeout=PATIENT)
        expect(ben.locator("#tree")).to_contain_text("Renamed by Ana", timeout=PATIENT)
        expect(ben.locator("#entry h2")).to_contain_text("Renamed by Ana", timeout=PATIENT)

        for page, text in ((ana, "What Ana means."), (ben, "What Ben means.")):
            page.get_by_label("Definition", exact=True).fill(text)
        ana.keyboard.press("Control+Enter")
        sent(ana)
        ben.keyboard.press("Control+Enter")
        alert = ben.locator("#entry").get_by_role("alert")
        expect(alert).to_contain_text("ana: define", timeout=PATIENT)
        assert call(demo, f"codes/{code['id']}")["definition"] == "What Ana means."
        alert.get_by_role("button", name="Take up my words again").click()
        expect(ben.get_by_label("Definition", exact=True)).to_have_value("What Ben means.")
        expect(ben.locator("#entry")).to_contain_text("It stands so now: What Ana means.")


def test_a_button_acts_once(page: Page, site: Site) -> None:
    """Whoever asks for light would get dark, and every dialog of the frame twice."""
    page.goto(site.view("review"))
    expect(page.locator("#words")).to_be_visible()
    page.locator("#shade").click()
    expect(page.locator("#shade")).to_have_text("Light")
    page.locator("#who").click()
    expect(page.get_by_role("dialog")).to_have_count(1)


# --- accounts ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Site]:
    """The small study, with accounts."""
    folder = tmp_path / "desk"
    databases.copy_template(folder, ("study",))
    let_in(desk_url(folder))
    with answering(service(desk_url(folder), passwords=CHEAP, jobs=jobs_folder(folder))) as url:
        yield Site(url, folder)


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_coder_logs_in_works_and_logs_out(page: Page, team: Site) -> None:
    """Whoever comes after her at the same machine would decide in her name."""
    page.goto(team.view("review"))
    expect(page).to_have_url(re.compile(r"/login\?to="))
    log_in(page, "ben", "three blind rats")
    wrong = page.locator("#wrong")
    expect(wrong).to_be_visible()
    assert re.fullmatch(r"[^.]+\.", wrong.inner_text()), "more or less than one sentence"
    log_in(page, "ben")
    words = page.locator("#words")
    expect(words).to_be_visible()
    expect(page.locator("#who")).to_have_text("ben")
    before = words.inner_text()
    page.keyboard.press("Enter")
    expect(words).not_to_have_text(before)
    sent(page)
    assert [one.coder for one in decisions(team, Verb.REVIEW)] == ["ben"]
    log_out(page)
    page.goto(team.view("review"))
    expect(page).to_have_url(re.compile(r"/login\?to="))
    expect(page.locator("#words")).to_have_count(0)


def log_out(page: Page) -> None:
    page.locator("#who").click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile(r"/login$"))


def test_decision_outlives_a_log_in_and_is_nobody_elses(page: Page, team: Site) -> None:
    """A log-in ends while she works: her decision would be lost, or be made in the name of whoever logs in next."""
    page.goto(team.view("review"))
    log_in(page, "ben")
    expect(page.locator("#words")).to_be_visible()
    page.context.clear_cookies()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/login\?to="))
    log_in(page, "ana")
    expect(page.locator("#words")).to_be_visible()
    expect(page.locator("#who")).to_have_text("ana")
    sent(page)
    log_out(page)
    page.goto(team.view("review"))
    log_in(page, "ben")
    expect(page.locator("#words")).to_be_visible()
    sent(page)
    assert [one.coder for one in decisions(team, Verb.REVIEW)] == ["ben"]


def test_password_never_stands_in_an_address(page: Page, team: Site) -> None:
    """Who presses Enter before the script is there would leave her password in the history of the browser and the log of the server."""
    page.route("**/*.js*", lambda route: route.abort())
    page.goto(team.url + "/login")
    page.get_by_label("Name").fill("ben")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.url == team.url + "/login"


def test_who_loses_her_role_meanwhile_is_told_in_words(page: Page, team: Site) -> None:
    """She would work for an hour, and nothing of it would be kept."""
    page.goto(team.view("review"))
    log_in(page, "ben")
    words = page.locator("#words")
    expect(words).to_be_visible()
    catalogue = open_catalogue(desk_url(team.folder), create=False)
    catalogue.accounts.set_access("ben", "study", Access.READER)
    catalogue.close()
    page.keyboard.press("Enter")
    outbox = page.locator("#outbox")
    expect(outbox).to_contain_text("1 decision refused")
    outbox.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text('This takes the role "coder" in the project; yours is "reader".')
    dialog.get_by_role("button", name="I have seen it").click()
    sent(page)
    page.reload()  # from now on she is not even offered it
    expect(words).to_be_visible()
    expect(page.locator("#rights")).to_have_text("You may read this project, not change it.")
    page.keyboard.press("Enter")
    sent(page)
    assert decisions(team, Verb.REVIEW) == []


# --- stored script ----------------------------------------------------------------------------------------------------------------------

SCRIPT = '<img src=x onerror=alert(1)>"><script>alert(1)</script>'


def fill_with_script(url: str) -> str:
    """A study whose every name and word holds a script, under a lens; gives the id of its transcript."""
    code = Code("late", SCRIPT, SCRIPT, lens="barriers")
    one = transcript(
        f"{SCRIPT}.txt",
        ("Hanna", f"What hinders, {SCRIPT}?"),
        (SCRIPT, f"Nobody answers {SCRIPT} after three. The form is long."),
        wave=SCRIPT,
        attributes={SCRIPT: SCRIPT},
    )
    whole = study([one], {"nobody": code}, cases=[Case(SCRIPT, SCRIPT, {SCRIPT: SCRIPT})], drafted=False)
    store = open_store(url, project="study")
    store.save_project(Project("study", SCRIPT))
    file = next(file for file in whole.files if file.transcript == one.id)
    store.add_transcript(one, whole.segments, file=file, original=one.name.encode())
    store.save_cases(whole.cases)
    store.save_placements(list(whole.placements.values()))
    said = tuple(segment.id for segment in whole.segments if "Nobody" in one.text[segment.start : segment.end])
    theme = Theme("hostile", SCRIPT, "barriers", (SCRIPT,), said, said[:1], 0.9)
    store.save_themes(ThemeMap((theme,), ()))
    store.save_coder(MACHINE)
    store.finish("code", "a run")
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    _ = live.vectors
    store.close()
    return said[0]


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """Where such a study is served, with decisions and memos alike; and a segment of it."""
    folder = tmp_path / "desk"
    folder.mkdir()
    segment = fill_with_script(desk_url(folder))
    with answering(service(desk_url(folder), jobs=jobs_folder(folder))) as url:
        site = Site(url, folder)
        act: dict[str, Any] = {"coder": SCRIPT, "why": SCRIPT}
        decide(site, verb="add", name=SCRIPT, lens="barriers", definition=SCRIPT, **act)
        code = call(site, "codes")["items"][0]["id"]
        decide(site, verb="define", code=code, examples=[{"text": SCRIPT, "source": SCRIPT}], **act)
        decide(site, verb="accept", spans=[segment], code=code, **act)
        decide(site, verb="quote", span=segment, note=SCRIPT, **act)
        decide(site, verb="memo", about=f"code:{code}", text=SCRIPT, coder=SCRIPT)
        decide(site, verb="memo", about=f"segment:{segment}", text=SCRIPT, coder=SCRIPT)
        call(site, "samples", {"name": SCRIPT, "n": 1, "coders": [SCRIPT, "ben"], "seed": 1}, coder=SCRIPT)
        yield site, code


def test_stored_script_is_only_text_in_every_view(page: Page, hostile: tuple[Site, str]) -> None:
    """One file with a clever name would decide, and read everything, in the name of whoever opens it."""
    site, code = hostile
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    asked = {
        "read": f"?file={quote(SCRIPT)}.txt&q={quote(SCRIPT)}",
        "codebook": f"?code={code}",
        "compare": f"?minimum_people=0&by={quote(SCRIPT)}&open={code}&cell=all",
        "progress": f"?minimum_people=0&by={quote(SCRIPT)}",
        "adequacy": "?minimum_people=0",
        "quotes": f"?row={code}",
    }
    shown = {
        "overview": "#view",
        "review": "#words",
        "read": "#text",
        "codebook": "#entry h2",
        "themes": "#view",
        "compare": "#grid",
        "progress": "#view",
        "adequacy": "#view",
        "agreement": "#samples",
        "quotes": "#view blockquote",
    }
    page.goto(site.url)
    expect(page.locator("#list")).to_contain_text(SCRIPT)
    for view in VIEWS:
        page.goto(site.view("" if view.name == "overview" else view.name) + asked.get(view.name, ""))
        for place in ("#study", shown[view.name]):
            expect(page.locator(place).filter(has_text=SCRIPT).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.locator("[onerror], [src=x], body script").count() == 0, view.name
    page.goto(site.view("codebook") + "?show=history")
    expect(page.locator("#acts")).to_contain_text(SCRIPT)
    page.goto(site.view("compare") + "?part=people&minimum_people=0")
    expect(page.locator("#grid")).to_contain_text(SCRIPT)
