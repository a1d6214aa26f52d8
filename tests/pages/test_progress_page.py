"""Progress in the browser: from the programme to the sentence by keyboard, every step with an address, every figure to take along."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.api.desk import service
from tests.pages.conftest import answering
from tests.pages.test_accessibility import RULES
from tests.test_progressing import fill_progress
from textcoder.store import sqlite_url


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The view's address over a study of two waves with scaling answers; nothing here changes it."""
    file: Path = tmp_path_factory.mktemp("progress") / "project.db"
    fill_progress(file)
    with answering(service(sqlite_url(file))) as url:
        yield f"{url}/projects/study/progress"


def test_each_step_opens_the_one_below_by_keyboard_and_has_an_address(page: Page, begun: str) -> None:
    """A mean that nobody can follow down to a sentence cannot be defended."""
    page.goto(f"{begun}?indicator=scaling&minimum_people=0")
    expect(page.get_by_role("table")).to_contain_text("3 people")
    page.get_by_role("button", name="user").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer h2")).to_have_text("user: 3 people")
    expect(page.locator("#answer h2")).to_be_focused()
    page.get_by_role("button", name="Mira").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answer h2")).to_have_text("Mira")
    expect(page.locator("#sentences blockquote")).to_have_text(["Three.", "Five, maybe six."])
    page.get_by_role("button", name="wave 2").click()
    expect(page.locator("#sentences mark")).to_have_text(["Five, maybe six"])
    expect(page.locator("#sentences")).to_contain_text("5 to 6 of 10, now")
    address = page.url
    page.keyboard.press("u")
    expect(page.locator("#sentences blockquote")).to_have_count(2)
    page.keyboard.press("u")
    expect(page.locator("#answer h2")).to_have_text("user: 3 people")
    page.go_back()
    expect(page.locator("#answer h2")).to_have_text("Mira")
    page.goto(address)
    expect(page.locator("#sentences blockquote")).to_have_text(["Five, maybe six."])
    page.locator("#sentences a").click()
    expect(page.locator("h1")).to_have_text("Read")


def test_small_cells_are_said_in_words(page: Page, begun: str) -> None:
    """The one leader of a wave would be known to everybody."""
    page.goto(f"{begun}?indicator=barriers&minimum_people=3")
    row = page.get_by_role("row").filter(has_text="leader")
    expect(row).to_contain_text("too few people")
    expect(row).not_to_contain_text("%")
    expect(page.locator("#answer")).to_contain_text("not shown")


def test_figures_leave_as_table_and_picture(page: Page, begun: str) -> None:
    """A figure for a report would have to be photographed off the screen."""
    page.goto(f"{begun}?indicator=scaling")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))))
    assert {row["indicator"] for row in rows} == {"scaling"}
    with page.expect_download() as waiting:
        page.get_by_role("button", name="SVG").click()
    words = " ".join(ET.parse(waiting.value.path()).getroot().itertext())
    assert "Everybody" in words and "Student's t" in words and "var(--" not in words


def test_signs_are_shown_as_suggestions_with_their_reasons(page: Page, begun: str) -> None:
    """A pattern's guess would pass for what somebody coded."""
    page.goto(f"{begun}?part=signs&kind=change_talk")
    expect(page.locator("#answer .note")).to_contain_text("nobody has coded them")
    expect(page.locator(".signs li").first).to_contain_text("a commitment to change")
    page.get_by_label("Kind").select_option("scaling")
    expect(page.locator(".signs li").first).to_contain_text("of 10")
    assert "kind=scaling" in page.url


@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize("asked", ["", "?group=user", "?group=user&person=Mira&indicator=all", "?part=signs"])
def test_every_step_keeps_every_rule_of_accessibility(page: Page, begun: str, asked: str, shade: str) -> None:
    """Somebody who cannot see well, or use a mouse, would be shut out of her own study."""
    page.emulate_media(color_scheme=shade)  # type: ignore[arg-type]  # one of the two
    page.set_viewport_size({"width": 420, "height": 800})
    page.goto(f"{begun}{asked}")
    expect(page.locator("#answer h2")).to_be_visible()
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
