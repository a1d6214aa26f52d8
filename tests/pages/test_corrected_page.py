"""Corrected figures in the browser: uncorrected is said, a sample corrects, and errors are told in sentences."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.pages.asking import call, decide
from tests.pages.conftest import Site


def sampled(site: Site) -> None:
    """All is drawn, coded by Ana by its words, and released."""
    texts = {one["id"]: one["text"] for one in call(site, "segments?limit=100")["items"]}
    sample = call(site, "samples", {"name": "round 1", "n": len(texts), "coders": ["ana"], "seed": 1})
    for segment in sorted(sample["segments"]):
        decide(site, verb="review", segment=segment, codes=["late"] if "Nobody answers" in texts[segment] else [])
    call(site, "samples/round 1/release", {})


def test_without_a_sample_the_page_says_that_nothing_is_corrected(page: Page, site: Site) -> None:
    """The machine's shares would be read as corrected ones."""
    page.goto(site.view("compare?part=corrected&minimum_people=0"))
    expect(page.locator("#corrected caption")).to_have_text("Uncorrected: what the machine says")
    expect(page.locator(".notice")).to_contain_text("textcoder sample draw")
    expect(page.locator("#fair")).to_have_count(0)


def test_a_sample_corrects_and_errors_are_told(page: Page, site: Site) -> None:
    """The evaluator would have to leave the page to know how right a figure is."""
    sampled(site)
    page.goto(site.view("compare?part=corrected&minimum_people=0&by=group"))
    expect(page.locator("#corrected caption")).to_contain_text("by the sample “round 1”")
    row = page.locator("#corrected tbody tr").filter(has_text="Nobody answers")
    expected = call(site, "prevalence?minimum_people=0&code=late")["rows"][0]["overall"]
    expect(row.locator("td").first).to_contain_text(f"{expected['value']:.0%}")
    expect(row.locator("td").first).to_contain_text("machine alone")
    page.get_by_role("button", name="Does the machine err alike").click()
    expect(page.locator("#fair h2")).to_be_focused()
    expect(page.locator("#fair")).to_contain_text("CSV of the errors")
    page.get_by_role("button", name="Of the people").click()
    expect(page.locator(".notice")).to_contain_text("--people")
    page.get_by_role("button", name="Of what is said").click()
    expect(page.locator(".notice")).to_have_count(0)
    with page.expect_download() as held:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(Path(held.value.path()).read_text(encoding="utf-8-sig"))))
    (everybody,) = [one for one in rows if one["id"] == "late" and one["group"] == ""]
    assert round(float(everybody["value"]), 6) == round(expected["value"], 6)


def test_the_part_is_reached_by_its_key_and_kept_in_the_address(page: Page, site: Site) -> None:
    """A colleague who is sent the link would see another view."""
    page.goto(site.view("compare?minimum_people=0"))
    expect(page.locator("#grid")).to_be_visible()
    page.keyboard.press("5")
    expect(page.locator("#corrected")).to_be_visible()
    assert "part=corrected" in page.url
    expect(page.get_by_label("Suggestions from")).to_have_count(0)
