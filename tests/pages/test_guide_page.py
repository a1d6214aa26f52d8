"""The first project on the demo: begun by a button, led by a guide that ticks itself, is never in the way, and stays closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.api.desk import LEILA, MIRA, OMAR, databases, desk_url, service
from tests.pages.conftest import Site, answering
from tests.pages.test_accessibility import RULES
from textcoder_api import corpus
from textcoder_api.pages.shell import VIEWS, View


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Site]:
    """The small study under the id of the demo."""
    folder = tmp_path / "desk"
    databases.copy_template(folder, ("demo",))
    with answering(service(desk_url(folder))) as url:
        yield Site(f"{url}/projects/demo", folder)


def guide(page: Page, demo: Site, view: str = "") -> Locator:
    """Open a view of the demo; the guide."""
    page.goto(f"{demo.url}/{view}".rstrip("/"))
    return page.get_by_role("complementary", name="Guide to the demo")


def ticked(page: Page) -> list[str]:
    """The steps that are done."""
    return page.locator("#guide-steps li.done a").all_inner_texts()


def decide(demo: Site, **body: object) -> None:
    place = demo.url.replace("/projects/", "/api/v1/projects/")
    answer = httpx.post(f"{place}/decisions", json=body, headers={"X-Textcoder-Coder": "researcher"}, timeout=20)
    assert answer.is_success, answer.text


def test_demo_is_begun_by_a_button_where_there_is_none(page: Page, site: Site) -> None:
    """Somebody without interviews at hand could try nothing."""
    page.goto(site.url)
    button = page.get_by_role("button", name="Try it on the demo interviews")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/demo")
    expect(page.locator("#jobs")).to_contain_text("Reading files")
    expect(page.locator("#guide")).to_contain_text("First the interviews are coded")
    page.goto(site.url)
    expect(page.get_by_role("link", name="The Bridge: a synthetic demo study")).to_be_visible()
    expect(button).to_have_count(0)


def test_guide_ticks_what_was_looked_at_and_done(page: Page, demo: Site) -> None:
    """A list that one has to tick by hand is homework, not help."""
    panel = guide(page, demo)
    expect(panel).to_contain_text("✓ Step 1 of 6: See what was read")
    panel.get_by_role("button", name="All steps").click()
    assert ticked(page) == ["See what was read"]
    panel.get_by_role("link", name="Next: Review three segments").click()
    expect(panel).to_contain_text("Step 2 of 6")
    expect(page.locator("#words")).to_be_visible()
    for number in range(3):
        expect(panel).to_contain_text(f"{number} of 3 segments so far")
        page.locator("#main").focus()
        page.keyboard.press("Enter")
    expect(panel).to_contain_text("✓ Step 2 of 6")
    panel.get_by_role("link", name="Next: Read a transcript").click()
    expect(panel.get_by_role("link", name="Next: Merge or rename a code")).to_be_visible()
    decide(demo, verb="rename", code="tea", name="Tea with others")
    guide(page, demo, "compare")
    expect(panel).to_contain_text("Step 5 of 6: Compare the waves")
    panel.get_by_role("link", name="Go there").click()
    expect(panel).to_contain_text("✓ Step 5 of 6")
    panel.get_by_role("link", name="Next: Draw a sample for two").click()
    expect(panel).to_contain_text("Step 6 of 6")
    place = demo.url.replace("/projects/", "/api/v1/projects/")
    sample = {"name": "round 1", "n": 2, "coders": ["researcher", "ben"], "seed": 7}
    assert httpx.post(f"{place}/samples", json=sample, timeout=20).is_success
    page.locator("#main").click()
    expect(panel).to_contain_text("✓ Step 6 of 6")
    assert len(ticked(page)) == 6
    guide(page, demo, "themes")
    expect(panel).to_contain_text("All six steps are done")


def test_guide_is_closed_for_good_and_comes_back_by_its_key(page: Page, demo: Site) -> None:
    """Help that returns each morning is what one switches off in anger."""
    panel = guide(page, demo)
    panel.get_by_role("button", name="Close the guide").press("Enter")
    expect(panel).to_be_hidden()
    expect(page.locator("#main")).to_be_focused()
    panel = guide(page, demo, "read")
    expect(page.locator("#text")).to_be_visible()
    expect(page.locator("#guide")).to_be_hidden()
    page.keyboard.press("h")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("button", name="All steps")).to_be_focused()


def test_study_of_demo_interviews_has_the_guide_whatever_it_is_called(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has coded the demo at the command line would be left alone with it."""
    assert len(corpus.demo_hashes()) == 26
    held = frozenset(one.sha256 for one in (MIRA, LEILA, OMAR))
    monkeypatch.setattr(corpus, "demo_hashes", lambda: held)
    page.goto(site.view())
    expect(page.get_by_role("complementary", name="Guide to the demo")).to_contain_text("Step 1 of 6")
    monkeypatch.setattr(corpus, "demo_hashes", lambda: held - {OMAR.sha256})
    assert not corpus.is_demo("study", (MIRA, LEILA, OMAR)), "somebody's own interviews lie among them"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_help_of_each_view_is_two_sentences(view: View) -> None:
    """One sentence says what it is; what it is good for takes another; nobody reads a third."""
    assert len(re.findall(r"[.?!](?= |$)", view.help)) == 2


def test_other_studies_have_no_guide(page: Page, site: Site) -> None:
    page.goto(site.view())
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.locator("#guide")).to_have_count(0)


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_guide_keeps_every_rule_and_covers_nothing(page: Page, demo: Site, shade: str) -> None:
    """Somebody who cannot see well, or works on a small screen, would be helped by nothing but her patience."""
    page.emulate_media(color_scheme=shade)  # type: ignore[arg-type]  # one of the two
    page.set_viewport_size({"width": 320, "height": 640})
    panel = guide(page, demo)
    panel.get_by_role("button", name="All steps").click()
    expect(page.locator("#guide-steps")).to_be_visible()
    found = Axe().run(page, options=RULES).response["violations"]
    assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "one has to scroll sideways"
    assert page.evaluate("document.querySelector('#guide').getBoundingClientRect().bottom") <= page.evaluate(
        "document.querySelector('#main').getBoundingClientRect().top"
    )
