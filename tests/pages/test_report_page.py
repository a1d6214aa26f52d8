"""report.html as a file in a real browser: it is read on telephones and at twice the size, too.

WCAG 2.2: 1.4.10 (reflow), 1.4.12 (text spacing). Tables may scroll within their own box; the page may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.pages.test_paths import INTERVIEWS
from tests.pages.test_reflow import LONG, SIZES, SPACED
from tests.pages.test_reflow import LOST as LOST_ON_PAGES
from tests.reports.studies import hostile
from textcoder.reports import write_study
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import Reading, code_batch

WINDOWS = {"1280 px": (1280, 900), **SIZES}
"""A screen; the same at 200 %; a telephone."""
LOST = LOST_ON_PAGES.replace(".said,", ".said, .vh,", 1)
"""What is for reading aloud only is called otherwise in the report; it may not make the page wider, either."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports: of the coded demo, and of a study where everything has one endless name."""
    folder = tmp_path_factory.mktemp("reports")
    demo = data_folder("corpora") / "demo"
    with closing(open_store(sqlite_url(folder / "project.db"), project="demo")) as store:
        talks = [demo / "interviews" / name for name in INTERVIEWS]
        code_batch(store, talks, folder / "demo", Settings(), reading=Reading(cases=demo / "cases.csv"))
    long = hostile(LONG)
    long = replace(long, coders=tuple(replace(coder, name=f"Coder {LONG} (who is no person)") for coder in long.coders))
    write_study(long, folder / "long", codebook_yaml="codes: []\n", codebook_csv="name\n")
    return {name: folder / name / "report.html" for name in ("demo", "long")}


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="en-GB")
    yield made
    made.close()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["demo", "long"])
def test_report_does_not_scroll_sideways(
    window: BrowserContext, reports: dict[str, Path], name: str, dark: bool
) -> None:
    """Who reads the report on a telephone, or at twice the size, would have to push every line to and fro."""
    page: Page = window.new_page()
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(reports[name].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    lost: list[str] = []
    for size, (width, height) in WINDOWS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.adoptedStyleSheets = []")
        lost += [f"{size}: {one}" for one in page.evaluate(LOST)]
        page.evaluate(SPACED)
        lost += [f"{size}, spaced: {one}" for one in page.evaluate(LOST)]
    page.close()
    assert not lost, "\n".join(lost[:30])
