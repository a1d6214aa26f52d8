"""Themes in the browser: decided by one key each, read where no theme holds them, and seen as a map."""

from __future__ import annotations

from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.api.desk import ANA, desk_url
from tests.fakes import HashEmbedder
from tests.pages.conftest import Site
from tests.pages.test_accessibility import RULES
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Status
from textcoder.domain.decision import By, Decision, DecisionKind, Verb, coding_of
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow import LiveProject


def log_of(site: Site) -> list[Decision]:
    store = open_store(desk_url(site.folder))
    found = store.decisions()
    store.close()
    return found


def begin(page: Page, site: Site, asked: str = "") -> None:
    page.goto(site.view(f"themes{asked}"))
    expect(page.locator(".parts")).to_be_visible()


def first_theme(page: Page) -> str:
    shown = page.locator('.themes-list [aria-current="true"]')
    expect(shown).to_be_visible()
    return shown.locator("span").nth(1).inner_text()


def test_themes_are_adopted_dismissed_and_taken_back_by_one_key_each(page: Page, site: Site) -> None:
    """An analyst would have to hunt for buttons, theme by theme."""
    begin(page, site)
    name = first_theme(page)
    expect(page.locator("#theme")).to_contain_text("In people’s own words")
    expect(page.locator("#theme blockquote").first).to_be_visible()
    page.keyboard.press("a")
    box = page.get_by_role("dialog")
    box.get_by_label("Name").fill("Silence on the line")
    box.get_by_label("Lens").select_option("barriers")
    box.get_by_label("Definition").fill("Nobody picks up.")
    box.get_by_label("I hold that all").check()
    box.get_by_label("Name").press("Enter")
    expect(page.locator(".themes-list button")).to_have_count(1)
    assert first_theme(page) != name
    page.keyboard.press("x")
    expect(page.locator("#part")).to_contain_text("Everything is decided")
    page.keyboard.press("u")
    expect(page.locator(".themes-list button")).to_have_count(1)
    log = log_of(site)
    code = next(d for d in log if d.verb is Verb.ADOPT and d.kind is DecisionKind.SET_CODE)
    assert code.after is not None
    assert (code.after["name"], code.after["definition"]) == ("Silence on the line", "Nobody picks up.")
    state = [d for d in log if d.kind is DecisionKind.SET_CODE and d.target == code.target][-1].after
    assert state is not None and state["lens"] == "barriers"
    assert any(d.kind is DecisionKind.SET_CODING and coding_of(d.target)[4] == code.target for d in log)
    assert log[-1].verb is Verb.UNDO


def test_theme_goes_into_a_code_that_there_is(page: Page, site: Site) -> None:
    begin(page, site)
    name = first_theme(page)
    page.keyboard.press("m")
    page.keyboard.type("forms")
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog")
    box.get_by_label("I hold that all").check()
    box.get_by_role("button", name="Do it").click()
    expect(page.locator(".themes-list button")).to_have_count(1)
    assert first_theme(page) != name
    log = log_of(site)
    assert {Verb.ADOPT, Verb.MERGE, Verb.ACCEPT} <= {decision.verb for decision in log}
    accepted = [d for d in log if d.verb is Verb.ACCEPT and d.kind is DecisionKind.SET_CODING]
    assert accepted and all(d.after and d.after["status"] == Status.ACCEPTED for d in accepted)


def test_segments_of_no_theme_are_read_and_coded(page: Page, site: Site) -> None:
    """What is new begins where no theme is; nobody would ever see it."""
    begin(page, site, "?part=loose")
    pieces = page.locator("#pieces .piece")
    expect(pieces.first).to_contain_text("Nearest theme")
    page.keyboard.press("j")
    expect(page.locator('.piece[aria-current="true"]')).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("tea")
    page.keyboard.press("Enter")
    expect(pieces.first.locator(".tag")).to_contain_text("Tea together")
    expect(page.locator("#outbox")).to_be_hidden()
    segment = pieces.first.get_attribute("data-segment")
    page.locator("#coded").select_option("true")
    expect(pieces).to_have_count(1)
    assert pieces.first.get_attribute("data-segment") == segment
    assert "coded=true" in page.url
    page.reload()
    expect(pieces).to_have_count(1)


def test_map_shows_shapes_and_says_the_same_as_a_table(page: Page, site: Site) -> None:
    """Who sees no colours, or uses no mouse, would be left out."""
    begin(page, site, "?part=map")
    table = page.locator("#themes-table")
    expect(table).to_be_visible()
    expect(page.locator(".plane .points path")).to_have_count(11)
    expect(page.locator(".legend")).to_contain_text("disc")
    expect(table).to_contain_text("In no theme")
    button = table.locator("tbody button").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#listed")).to_contain_text("the most typical first")
    listed = page.locator("#boxed .piece")
    n = listed.count()
    listed.first.get_by_role("checkbox").uncheck()
    expect(page.locator("#ticked")).to_contain_text(f"{n - 1} of {n} segment")


def test_box_on_the_map_is_coded_together_after_a_look_ahead(page: Page, site: Site) -> None:
    begin(page, site, "?part=map")
    expect(page.locator(".plane .points path")).to_have_count(11)
    point = page.locator(".plane .points path").first.bounding_box()
    assert point is not None
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    expect(page.locator("#near blockquote")).to_be_visible()
    box = page.locator(".plane").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=4)
    page.mouse.up()
    expect(page.locator("#listed")).to_contain_text("11 segments in the box")
    page.keyboard.press("c")
    page.keyboard.type("forms")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("11 segments carry “Forms”")
    dialog.get_by_role("button", name="Do it").click()
    expect(page.locator("#said")).to_contain_text("Act")
    said = [d for d in log_of(site) if d.verb is Verb.ACCEPT and d.kind is DecisionKind.SET_CODING]
    assert len(said) == 11


def test_map_is_walked_and_listed_without_a_mouse(page: Page, site: Site) -> None:
    """Whoever uses the keyboard, or a finger, could never say: these ones here."""
    begin(page, site, "?part=map")
    expect(page.locator("#in-view")).to_have_text("List 11 segments in view")
    page.locator("#walking").focus()
    for _ in range(4):
        page.keyboard.press("+")
    expect(page.locator("#in-view")).not_to_have_text("List 11 segments in view")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("0")
    expect(page.locator("#in-view")).to_have_text("List 11 segments in view")
    page.keyboard.press("b")
    expect(page.locator("#listed")).to_have_text("11 segments in view")
    expect(page.locator("#listed")).to_be_focused()


def test_map_and_its_tools_keep_every_rule(page: Page, site: Site) -> None:
    """Axe looks at the view as it opens; the map and its tools come later."""
    begin(page, site, "?part=map")
    expect(page.locator("#in-view")).to_have_text("List 11 segments in view")
    assert Axe().run(page, options=RULES).response["violations"] == []


def test_lasso_takes_in_only_what_it_encloses(page: Page, site: Site) -> None:
    begin(page, site, "?part=map")
    points = page.locator(".plane .points path")
    expect(points).to_have_count(11)
    page.get_by_role("button", name="Draw a lasso").click()
    page.wait_for_timeout(300)
    spot = points.first.bounding_box()
    assert spot is not None
    x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
    page.mouse.move(x - 15, y - 15)
    page.mouse.down()
    for dx, dy in ((15, -15), (15, 15), (-15, 15), (-15, -14)):
        page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()
    listed = page.locator("#listed")
    expect(listed).to_contain_text("in the lasso")
    assert int(listed.inner_text().split()[0]) < 11


@pytest.mark.parametrize(("button", "begins"), [("SVG", b"<?xml"), ("PNG", b"\x89PNG")])
def test_map_leaves_the_page_as_a_picture_that_says_what_it_shows(
    page: Page, site: Site, button: str, begins: bytes
) -> None:
    begin(page, site, "?part=map")
    expect(page.locator(".plane .points path")).to_have_count(11)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    data = waiting.value.path().read_bytes()
    assert waiting.value.suggested_filename == f"map.{button.lower()}"
    assert data.startswith(begins)
    if button == "SVG":
        text = data.decode()
        assert "Moving house, after decision" in text and "In view: 11 segments of 11." in text and "disc" in text


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>tea</a>"])
def test_script_in_a_name_is_only_text(page: Page, site: Site, name: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    live = LiveProject(open_store(desk_url(site.folder)), Settings(), embedder=HashEmbedder())
    theme = live.store.themes().themes[0]
    code = Code("evil", name, name, lens=theme.lens)
    live.do(partial(acts.adopt, theme=theme, code=code, by=By("ana", "2024-03-01T09:00:00+00:00")), coder=ANA)
    live.store.close()
    begin(page, site, f"?theme={theme.id}")
    expect(page.locator("#theme")).to_contain_text(name)
    expect(page.locator(".themes-list")).to_contain_text(name)
