"""Comparing in the browser: every number opens its words, every view has its address, every figure can leave."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.api.desk import ANA, desk_url
from tests.fakes import HashEmbedder
from tests.pages.asking import decide
from tests.pages.conftest import Site
from textcoder.domain import acts
from textcoder.domain.decision import By, Verb
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow import LiveProject

BY = By("ana", "2024-03-01T09:00:00+00:00")


@pytest.fixture(autouse=True)
def _coded(site: Site) -> None:
    """Ana has coded what each person says of forms and of tea."""
    live = LiveProject(open_store(desk_url(site.folder)), Settings(), embedder=HashEmbedder())
    for code, spans in {"forms": ["mira.txt:56-73", "omar.txt:6-46"], "tea": ["omar.txt:47-67"]}.items():
        found = [live.find_span(span) for span in spans]
        live.do(partial(acts.accept, spans=found, code=code, by=BY), coder=ANA)
    live.store.close()


def begin(page: Page, site: Site, asked: str = "") -> None:
    page.goto(site.view(f"compare?people_only=true&{asked}"))


def row_of(page: Page, name: str) -> int:
    """Its number in the table."""
    heads = page.locator("#grid tbody th")
    expect(heads.first).to_be_visible()
    return next(i for i, text in enumerate(heads.all_inner_texts()) if name in text)


def test_every_number_opens_the_words_behind_it_by_keyboard(page: Page, site: Site) -> None:
    """A figure that cannot be traced to words cannot be defended."""
    begin(page, site, "by=site&minimum_people=0")
    row = row_of(page, "Forms")
    page.keyboard.press("g")
    for _ in range(row):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    cell = page.locator("#grid tbody tr").nth(row).locator("td").nth(1)
    expect(cell).to_be_focused()
    expect(cell).to_contain_text("1 of 1 person")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading")).to_have_text("Forms, North")
    expect(panel.locator("blockquote")).to_have_text(["The form is long."])
    address = page.url
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(cell).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(panel.locator("blockquote")).to_have_text(["The form is in a language I cannot read."])
    page.goto(address)
    expect(panel.get_by_role("heading")).to_have_text("Forms, North")
    expect(panel.locator("blockquote")).to_have_text(["The form is long."])


def test_small_cells_are_said_in_words_and_open_nothing(page: Page, site: Site) -> None:
    """Two people of one site would be known to everybody."""
    begin(page, site, "by=site")
    row = row_of(page, "Forms")
    cell = page.locator("#grid tbody tr").nth(row).locator("td").nth(1)
    expect(cell).to_have_text("too few people")
    cell.click()
    expect(page.locator("#said")).to_contain_text("fewer than 2 people")
    expect(page.get_by_role("complementary")).to_be_hidden()


def test_question_by_mouse_stands_in_the_address(page: Page, site: Site) -> None:
    begin(page, site)
    page.locator("#by-0").select_option("group")
    expect(page.locator("#grid thead")).to_contain_text("volunteer")
    page.get_by_text("Only some people or waves").click()
    page.get_by_label("South").check()
    expect(page.locator("#grid caption")).to_contain_text("only site South")
    page.locator("#sort").select_option("share")
    expect(page.locator("#grid tbody th").first).to_contain_text("Forms")
    page.get_by_label("Minimum people").fill("0")
    page.get_by_label("Minimum people").press("Tab")
    expect(page.locator("#grid tbody tr").first.locator("td").nth(2)).to_contain_text("1 of 1 person")
    address = page.url
    assert "by=group" in address and "in.site=South" in address and "sort=share" in address
    before = page.locator("#grid").inner_text()
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#grid")).to_be_visible()
    assert page.locator("#grid").inner_text() == before


def text_of(download: Download) -> str:
    return Path(download.path()).read_text(encoding="utf-8-sig")


def test_table_and_picture_leave_the_page_with_what_they_rest_on(page: Page, site: Site) -> None:
    """A picture in a report would say nothing of its question, its n or its method."""
    begin(page, site, "by=site&minimum_people=0")
    row_of(page, "Forms")
    with page.expect_download() as table:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(text_of(table.value))))
    assert {"site", "people", "asked", "low", "high"} <= set(rows[0])
    assert next(r for r in rows if r["name"] == "Forms" and r["site"] == "South")["people"] == "1"
    with page.expect_download() as picture:
        page.get_by_role("button", name="SVG").click()
    svg = text_of(picture.value)
    words = " ".join(ET.fromstring(svg).itertext())
    for said in (
        "share of the people asked; by site",
        "Wilson score",
        "1 of 2 people",
        "after decision",
        "3 people asked",
    ):
        assert said in words
    assert "var(--" not in svg and "style=" not in svg and "class=" not in svg.replace('class="sheet"', "")
    with page.expect_download() as drawn:
        page.get_by_role("button", name="PNG").click()
    assert Path(drawn.value.path()).read_bytes().startswith(b"\x89PNG")


def test_change_says_the_difference_its_interval_and_whom_it_compares(page: Page, site: Site) -> None:
    begin(page, site, "part=change&minimum_people=0")
    row = row_of(page, "Forms")
    cell = page.locator("#grid tbody tr").nth(row).locator("td").first
    expect(cell).to_contain_text(re.compile(r"−50 points \(.*to.*\)"))
    expect(cell).to_contain_text("100% (1 of 1) → 50% (1 of 2)")
    expect(page.locator("#answer")).to_contain_text("Method:")
    cell.click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading")).to_contain_text("wave 2")
    expect(panel.locator("blockquote")).to_have_text(["The form is in a language I cannot read."])
    panel.get_by_role("button", name="Wave 1").click()
    expect(panel.locator("blockquote")).to_have_text(["The form is long."])


def test_what_goes_together_and_who_says_what(page: Page, site: Site) -> None:
    begin(page, site, "part=together&minimum_people=1")
    row = row_of(page, "Tea together")
    expect(page.locator("#answer")).to_contain_text("Fisher")
    expect(page.locator("#grid tbody tr").nth(row)).to_contain_text("1")
    page.keyboard.press("4")
    expect(page.locator("#grid caption")).to_contain_text("mentions by each person")
    people = page.locator("#grid tbody tr")
    omar = next(i for i, text in enumerate(people.locator("th").all_inner_texts()) if "Omar" in text)
    column = next(i for i, text in enumerate(page.locator("#grid thead th").all_inner_texts()) if "Forms" in text)
    cell = people.nth(omar).locator("td").nth(column - 1)
    expect(cell).to_have_text("1")
    cell.click()
    expect(page.get_by_role("complementary").locator("blockquote")).to_have_text(
        ["The form is in a language I cannot read."]
    )


def test_pair_opens_only_the_words_that_say_both(page: Page, site: Site) -> None:
    """Ten pages of what people said of either would have to be read for the two sentences that join them."""
    decide(site, verb="accept", spans=["omar.txt:6-46", "omar.txt:47-67"], code="forms")
    decide(site, verb="accept", spans=["omar.txt:47-67"], code="tea")
    decide(site, verb="accept", spans=["mira.txt:56-73"], code="forms")
    begin(page, site, "part=together&minimum_people=1")
    row = row_of(page, "Forms")
    heads = page.locator("#grid thead th").all_inner_texts()
    column = next(i for i, text in enumerate(heads) if "Tea together" in text) - 1
    page.locator("#grid tbody tr").nth(row).locator("td").nth(column).click()
    behind = page.get_by_role("complementary")
    expect(behind.locator("blockquote")).to_have_text(["Tea helps, honestly."])
    expect(behind).to_contain_text("1 mention by 1 person in segments that carry both")
    behind.get_by_role("button", name="All of Forms").click()
    expect(behind.locator("blockquote")).to_have_count(3)


def test_script_in_a_name_is_only_text(page: Page, site: Site) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    name = "<img src=x onerror=alert(1)>"
    live = LiveProject(open_store(desk_url(site.folder)), Settings(), embedder=HashEmbedder())
    live.do(partial(acts.change_code, code="forms", by=BY, verb=Verb.RENAME, name=name), coder=ANA)
    live.store.close()
    begin(page, site, "minimum_people=0")
    row = row_of(page, name)
    page.locator("#grid tbody tr").nth(row).locator("td").first.click()
    expect(page.get_by_role("complementary").get_by_role("heading")).to_contain_text(name)
    page.get_by_text("As a picture").click()
    expect(page.locator(".picture svg")).to_contain_text(name)
    with page.expect_download() as picture:
        page.get_by_role("button", name="SVG").click()
    assert name in " ".join(ET.fromstring(text_of(picture.value)).itertext())
