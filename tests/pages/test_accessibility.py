"""What axe (Deque's rules for WCAG 2.2 AA) finds in each view: nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.pages.conftest import Site
from textcoder_api.pages.shell import VIEWS

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize("view", [*(view.name for view in VIEWS), ""])
def test_view_keeps_every_rule(page: Page, context: BrowserContext, site: Site, view: str, shade: str) -> None:
    """Somebody who cannot see well, or use a mouse, would be shut out of her own study."""
    page.emulate_media(color_scheme=shade)  # type: ignore[arg-type]  # one of the two
    page.goto(site.view("" if view == "overview" else view) if view else site.url)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options=RULES).response["violations"]
    said = [f"{one['id']}: {one['help']} ({node['html'][:200]})" for one in found for node in one["nodes"]]
    assert said == []
