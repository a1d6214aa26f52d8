"""Review in the browser, by the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.api.desk import desk_url
from tests.pages.conftest import Site
from textcoder.domain.decision import Decision, Verb
from textcoder.store import open_store


def log_of(site: Site) -> list[Decision]:
    store = open_store(desk_url(site.folder))
    found = store.decisions()
    store.close()
    return found


def begin(page: Page, site: Site) -> Locator:
    """Open the review; the words of the first segment."""
    page.goto(site.view("review"))
    words = page.locator("#words")
    expect(words).to_be_visible()
    return words


def sent(page: Page) -> None:
    """Wait until nothing waits to be sent."""
    expect(page.locator("#outbox")).to_be_hidden()


def test_segments_are_reviewed_with_one_key_each(page: Page, site: Site) -> None:
    """An analyst who reaches for the mouse a thousand times a day would go back to paper."""
    words = begin(page, site)
    first = words.inner_text()
    page.keyboard.press("c")
    page.keyboard.type("forms")
    page.keyboard.press("Enter")
    expect(page.locator("#own")).to_contain_text("Forms")
    page.keyboard.press("Enter")
    expect(words).not_to_have_text(first)
    page.keyboard.press("Enter")
    sent(page)
    reviews = [decision for decision in log_of(site) if decision.verb is Verb.REVIEW]
    assert len({decision.act for decision in reviews}) == 2
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("undid act")
    assert log_of(site)[-1].verb is Verb.UNDO


def test_new_code_is_warned_of_when_it_is_nearly_an_old_one(page: Page, site: Site) -> None:
    begin(page, site)
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_label("Name").fill("Nobody answers")
    expect(page.get_by_role("dialog")).to_contain_text("Nearly the same as: “Nobody answers”")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_decisions_wait_out_a_cut_line_and_a_reload(page: Page, context: BrowserContext, site: Site) -> None:
    """An hour of work on a train would be lost in a tunnel."""
    begin(page, site)
    context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#outbox")).to_contain_text(re.compile("Not connected. 1 decision kept here"))
    page.keyboard.press("Enter")
    expect(page.locator("#outbox")).to_contain_text("2 decisions kept here")
    before = len(log_of(site))
    context.set_offline(False)
    page.reload()
    sent(page)
    assert len({decision.act for decision in log_of(site)[before:]}) == 2


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>'])
def test_script_in_a_name_is_only_text(page: Page, site: Site, name: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    begin(page, site)
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_label("Name").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator("#own")).to_contain_text(name)


def test_enter_on_a_button_presses_that_button(page: Page, site: Site) -> None:
    """She would decide about a segment when she wanted to write a memo."""
    words = begin(page, site)
    first = words.inner_text()
    page.get_by_role("button", name="Memo").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("A memo on this segment")
    page.keyboard.press("Escape")
    expect(words).to_have_text(first)
