"""Training in the browser: begun by a key, followed to its end, told in a sentence, and forgotten again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.desk import databases, desk_url, jobs_folder, service, working
from tests.api.test_api_training import CODED, quick
from tests.pages.asking import call, decide
from tests.pages.conftest import Site, answering
from tests.pages.test_adequacy_page import clean
from tests.pages.test_reflow import LOST

__all__ = ["quick"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The small study, with its long work where `working` finds it."""
    folder = tmp_path / "desk"
    databases.copy_template(folder, ("study",))
    with answering(service(desk_url(folder), jobs=jobs_folder(folder))) as url:
        yield Site(url, folder)


def look_at(site: Site) -> None:
    """Ana codes every segment by a word in it."""
    for one in call(site, "segments")["items"]:
        codes = sorted({code for word, code in CODED.items() if word in one["text"].lower()})
        decide(site, verb="review", segment=one["id"], codes=codes)


def test_training_is_begun_told_and_forgotten_without_a_mouse(page: Page, site: Site, quick: None) -> None:
    """Only who knows the command line could train, and nobody at the page would see what came of it."""
    look_at(site)
    page.goto(site.view())
    card = page.locator("#training")
    expect(card).to_contain_text("Nothing was trained yet.")
    card.get_by_role("button", name="Train on what people coded").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#jobs .job")).to_contain_text("waits its turn")
    with working(site.folder) as worker:
        worker.work_off()
    expect(card).to_contain_text("Learned 3 codes from 11 coded segments of 3 people.")
    expect(card).to_contain_text("0.38 with it and 0.25 without; it counts for 50% of a score.")
    expect(card).to_contain_text("Nothing was decided since.")
    decide(site, verb="memo", about="project:", text="Since.")
    page.reload()
    expect(card).to_contain_text("People made 1 decision since")
    clean(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(LOST) == []
    card.get_by_role("button", name="Forget it").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Forget it").focus()
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Nothing was trained yet.")
    expect(card.get_by_role("button")).to_be_focused()


def test_too_few_codings_are_told_where_training_was_asked_for(page: Page, site: Site) -> None:
    page.goto(site.view())
    page.get_by_role("button", name="Train on what people coded").click()
    expect(page.locator("#jobs .job")).to_contain_text("waits its turn")
    with working(site.folder) as worker:
        worker.work_off()
    expect(page.locator("#jobs .problem")).to_contain_text("training takes 100 segments of 6 people")


def test_whoever_codes_blind_is_told_why_she_sees_no_figures(page: Page, site: Site) -> None:
    call(site, "samples", {"name": "r", "n": 4, "coders": ["researcher", "ben"], "seed": 1})
    page.goto(site.view())
    expect(page.locator("#training")).to_contain_text("You still code a sample blind")
    expect(page.locator("#training")).not_to_contain_text("Nothing was trained yet.")
