"""Adequacy, accounts and waves in the browser: sentences first, every number opens its words, every view has its address."""

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
from textcoder.domain.decision import By
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow import LiveProject

BY = By("ana", "2024-03-01T09:00:00+00:00")


@pytest.fixture(autouse=True)
def _coded(site: Site) -> None:
    """Ana has coded what people say of the telephone, of forms and of tea."""
    live = LiveProject(open_store(desk_url(site.folder)), Settings(), embedder=HashEmbedder())
    for code, word in (("late", "Nobody answers"), ("forms", "form is"), ("tea", "ea")):
        spans = [(s.transcript, s.start, s.end) for s in live.segments if word in live.text(s)]
        live.do(partial(acts.accept, spans=spans, code=code, by=BY), coder=ANA)
    live.store.close()


def clean(page: Page) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []


def test_adequacy_is_told_in_sentences_and_opens_words(page: Page, site: Site) -> None:
    """A figure of saturation that nobody could read or trace would be put into a report as it is."""
    page.goto(site.view("adequacy?people_only=true&minimum_people=0&by=wave&base_size=1&run_length=1"))
    expect(page.locator("#enough-said")).to_contain_text("3 people")
    expect(page.locator("#groups tbody tr")).to_have_count(3)
    expect(page.locator("svg.sheet")).to_be_visible()
    expect(page.get_by_role("heading", name="Before you report it")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary")
    expect(panel.locator("blockquote").first).to_be_visible()
    clean(page)
    address, title = page.url, panel.get_by_role("heading").inner_text()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("#voices button").first).to_be_focused()
    page.goto("about:blank")
    page.goto(address)
    expect(panel.get_by_role("heading", name=title)).to_be_visible()
    with page.expect_download() as table:
        page.get_by_role("button", name="CSV: voices").click()
    assert table.value.suggested_filename == "voices.csv"


def test_voices_of_few_are_not_shown(page: Page, site: Site) -> None:
    """Omar alone could be known by what he says."""
    page.goto(site.view("adequacy?people_only=true&minimum_people=3&by=group"))
    expect(page.locator("#groups")).to_contain_text("too few people")
    expect(page.locator("#view")).not_to_contain_text("Omar")


def test_what_follows_in_an_account_opens_both_sentences(page: Page, site: Site) -> None:
    page.goto(site.view("compare?part=accounts&people_only=true&minimum_people=0&within=5"))
    expect(page.locator("#follows tbody tr")).to_have_count(1)
    clean(page)
    page.locator("#follows button").first.click()
    panel = page.get_by_role("complementary")
    expect(panel.locator(".step").first).to_contain_text("We have tea.")
    expect(panel.locator(".step").first).to_contain_text("Asked in between: And what helps?")
    address = page.url
    page.locator(".behind .close").click()
    page.locator("#own-level").select_option("codes")
    expect(page.locator("#follows tbody tr").first).to_contain_text("Tea together")
    page.goto(address)
    expect(panel.locator(".step").first).to_contain_text("We have tea.")


def test_a_new_wave_is_read_with_a_codebook_that_stands_still(page: Page, site: Site) -> None:
    page.goto(site.view("compare?part=waves&minimum_people=0"))
    expect(page.get_by_role("heading", name="What wave 2 brings")).to_be_visible()
    expect(page.locator("#moved tbody tr")).to_have_count(3)
    clean(page)
    page.locator("#moved button", has_text="Forms").click()
    panel = page.get_by_role("complementary")
    expect(panel.locator("blockquote")).to_contain_text(
        ["The form is in a language I cannot read.", "The form is long."]
    )
    page.keyboard.press("Escape")
    page.locator("#own-version").fill("0")
    page.locator("#own-version").press("Tab")
    expect(page.locator("#view")).to_contain_text("That version is empty")
    assert "version=0" in page.url
    page.get_by_role("button", name="Shares").click()
    expect(page.locator("#grid")).to_be_visible()
    assert "version" not in page.url
