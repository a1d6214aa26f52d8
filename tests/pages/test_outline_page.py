"""The outline beside a transcript: topics to jump by, by keyboard and by mouse."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.api.desk import MIRA, P
from tests.pages.conftest import Site
from tests.pages.test_accessibility import RULES

NAMES = (["telephone", "form"], [])


def with_topics(page: Page, site: Site, name: str = "mira.txt") -> None:
    """Open a transcript, of which the service says that it has two topics: ten turns are too few to find any."""
    turns = MIRA.turns
    blocks = [
        {"first": 0, "last": 1, "start": turns[0].start, "end": turns[1].end, "name": NAMES[0]},
        {"first": 2, "last": 3, "start": turns[2].start, "end": turns[3].end, "name": NAMES[1]},
    ]
    path = f"{site.url}{P}/transcripts/{MIRA.id}/blocks"
    page.route(path, lambda route: route.fulfill(json={"transcript": MIRA.id, "blocks": blocks}))
    page.goto(site.view("read") + f"?file={name}")
    expect(page.locator("#text .words-of").first).to_be_visible()


def test_topics_are_gone_through_by_keys(page: Page, site: Site) -> None:
    """Whoever reads an hour of talk without a mouse must come to the next topic as fast as with one."""
    with_topics(page, site)
    topics = page.get_by_role("navigation", name="Topics")
    expect(topics.get_by_role("listitem")).to_have_count(2)
    page.keyboard.press(">")
    expect(topics.locator("[aria-current]")).to_have_text("“And what helps?”")  # no word is said twice: its first words
    expect(page.locator("#said")).to_have_text("Topic 2 of 2: “And what helps?”")
    page.keyboard.press(">")
    expect(page.locator("#said")).to_have_text("This is the last topic.")
    page.keyboard.press("<")
    expect(topics.locator("[aria-current]")).to_contain_text("telephone, form")
    page.keyboard.press("<")
    expect(page.locator("#said")).to_have_text("This is the first topic.")


def test_a_topic_brings_its_first_words_into_sight(page: Page, site: Site) -> None:
    """A jump that ends somewhere else is worse than none."""
    page.set_viewport_size({"width": 1200, "height": 260})
    with_topics(page, site)
    button = page.get_by_role("navigation", name="Topics").get_by_role("button", name="And what helps?")
    button.press("Enter")
    expect(page.locator("#text .words-of", has_text="And what helps?")).to_be_in_viewport()
    expect(button).to_have_attribute("aria-current", "location")


def test_a_transcript_about_one_thing_has_no_outline(page: Page, site: Site) -> None:
    """A list of one place to jump to is in the way."""
    with page.expect_response(re.compile("/blocks$")):
        page.goto(site.view("read") + "?file=leila.txt")
    expect(page.locator("#text .words-of").first).to_be_visible()
    page.keyboard.press(">")
    expect(page.get_by_role("navigation", name="Topics")).to_have_count(0)


@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_the_outline_keeps_every_rule(page: Page, site: Site, shade: str, width: int) -> None:
    """Somebody who cannot see well, or use a mouse, would be shut out of it."""
    page.emulate_media(color_scheme=shade)  # type: ignore[arg-type]  # one of the two
    page.set_viewport_size({"width": width, "height": 800})
    with_topics(page, site)
    topics = page.get_by_role("navigation", name="Topics")
    if width < 992:  # closed where there is little room
        topics.locator("summary").click()
    expect(topics.get_by_role("button")).to_have_count(2)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []
