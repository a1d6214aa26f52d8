"""What somebody may not do, she is not offered: neither a button nor a key of any view leads to a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.api.desk import CHEAP, bearer, databases, desk_url, let_in, service
from tests.pages.conftest import Site, answering
from textcoder_api.pages.shell import VIEWS

READS = "You may read this project, not change it."


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Site]:
    """The service with accounts: ana owns, ben codes, rea reads."""
    folder = tmp_path / "desk"
    databases.copy_template(folder, ("study",))
    let_in(desk_url(folder))
    with answering(service(desk_url(folder), passwords=CHEAP)) as url:
        yield Site(url, folder)


@pytest.fixture
def refused(page: Page) -> list[str]:
    """What the browser sent that would change something, and what the service refused."""
    found: list[str] = []

    def asked(request: Request) -> None:
        if request.method not in ("GET", "HEAD"):
            found.append(f"{request.method} {request.url}")

    page.on("request", asked)
    page.on("response", lambda answer: found.append(f"403 {answer.url}") if answer.status == 403 else None)
    return found


def enter(page: Page, team: Site, name: str, view: str) -> None:
    """Open a view as somebody, and wait until it stands."""
    page.set_extra_http_headers(bearer(name))
    page.goto(team.view("" if view == "overview" else view))
    page.wait_for_load_state("networkidle")


def keys(page: Page) -> list[str]:
    """The keys that this view lists."""
    page.keyboard.press("?")
    names = page.locator("dl.keys dt").evaluate_all("dts => dts.map(dt => dt.textContent.trim())")
    page.keyboard.press("Escape")
    return [name.replace(" ", "+") for name in names if name[0] not in "←?" and not name.startswith("Alt")]


def leave_dialog(page: Page) -> str:
    """Close whatever asks something; its words."""
    box = page.locator("dialog[open]")
    if not box.count():
        return ""
    said = box.first.inner_text()
    page.keyboard.press("Escape")
    return said


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_reader_is_offered_nothing_that_is_refused(page: Page, team: Site, refused: list[str], view: str) -> None:
    """She would write a definition for half an hour, and lose it to a refusal."""
    enter(page, team, "rea", view)
    expect(page.locator("#rights")).to_have_text(READS)
    asked = []
    names = keys(page)
    for name in [*names, "c", "n", "a", "x", "y", "d", "w", "u", "e", "s", "Enter", "Delete", "F2", "1"]:
        page.keyboard.press(name)
        asked.append(leave_dialog(page))
        assert page.url.startswith(team.view()), name
        if page.url.partition("?")[0] != team.view("" if view == "overview" else view):
            enter(page, team, "rea", view)
    for _ in range(2):  # what a button brings, too
        for button in page.locator("main button:visible").all()[:30]:
            if not button.is_visible() or not button.is_enabled():
                continue
            button.evaluate("button => button.click()")  # wherever it lies
            asked.append(leave_dialog(page))
    assert [words for words in asked if words] == []
    assert refused == []
    fields = page.locator("main textarea:visible:not([readonly])")
    assert fields.count() == 0


@pytest.mark.parametrize(
    ("view", "gone", "there"),
    [
        ("overview", "Choose files", ""),
        ("agreement", "Draw a sample", ""),
        ("codebook", "Import", "New code"),
        ("quotes", "Write the report", "Report (HTML)"),
    ],
)
def test_coder_is_not_offered_what_takes_an_owner(page: Page, team: Site, view: str, gone: str, there: str) -> None:
    enter(page, team, "ben", view)
    expect(page.locator("#rights")).to_contain_text("owner")
    expect(page.get_by_role("button", name=gone)).to_have_count(0)
    if there:
        expect(page.get_by_role("button", name=there).first).to_be_visible()
    enter(page, team, "ana", view)
    expect(page.get_by_role("button", name=gone).first).to_be_visible()
    expect(page.locator("#rights")).to_have_count(0)


def test_coder_reviews_as_ever(page: Page, team: Site) -> None:
    enter(page, team, "ben", "review")
    expect(page.locator("#rights")).to_have_count(0)
    first = page.locator("#words").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#words")).not_to_have_text(first)
    expect(page.locator("#outbox")).to_be_hidden()


def test_only_an_administrator_is_offered_a_new_study(page: Page, team: Site) -> None:
    page.set_extra_http_headers(bearer("ana"))
    page.goto(team.url)
    expect(page.get_by_role("link", name="Moving house")).to_be_visible()
    expect(page.get_by_role("button", name="Begin a study")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.locator("dialog")).to_have_count(0)
    page.set_extra_http_headers(bearer("adam"))
    page.goto(team.url)
    expect(page.get_by_role("button", name="Begin a study")).to_be_visible()
