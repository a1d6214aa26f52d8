"""Choosing words for the report, and seeing who is not heard in it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.pages.conftest import Site
from tests.pages.test_codebook_page import SCRIPT, decide, log_of
from textcoder.domain.standing import Standing


def begin(page: Page, site: Site, query: str = "?row=barriers") -> None:
    """Open the view, with something to choose from."""
    decide(site, "ana", "accept", spans=["mira.txt:28-55", "mira.txt:74-90", "leila.txt:31-46"], code="late")
    decide(site, "ana", "accept", spans=["mira.txt:56-73"], code="forms")
    page.goto(site.view("quotes") + query + "&people_only=1")
    expect(page.locator("#found li").first).to_be_visible()


def chosen(site: Site) -> list[tuple[str, str, str]]:
    """File, note and coder of what was chosen, in its order."""
    quotes = sorted(Standing(log_of(site)).quotes.values(), key=lambda one: one.place)
    return [(f"{one.start}-{one.end}", one.note, one.coder) for one in quotes]


def test_words_are_chosen_by_one_key_and_the_team_has_one_collection(
    page: Page, context: BrowserContext, site: Site
) -> None:
    """A week of choosing would sit in one person's browser."""
    begin(page, site)
    other = context.new_page()
    other.goto(site.view("quotes"))
    expect(other.get_by_text("Nothing yet.")).to_be_visible()
    decide(site, "ben", "quote", span="omar.txt:6-46")
    expect(other.locator("#collection li")).to_have_count(1)
    decide(site, "ben", "unquote", spans=["omar.txt:6-46"])
    other.close()
    page.bring_to_front()
    page.keyboard.press("f")
    page.keyboard.press("c")
    expect(page.locator("#found :focus")).to_contain_text("Chosen")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    expect(page.locator("#collection li")).to_have_count(2)
    page.keyboard.press("l")
    first = page.locator("#collection li").first.locator("blockquote").inner_text()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#collection li").nth(1).locator("blockquote")).to_have_text(first)
    page.keyboard.press("e")
    page.keyboard.type("Shows the telephone.")
    page.keyboard.press("Tab")
    expect(page.locator("#outbox")).to_be_hidden()
    page.reload()
    expect(page.get_by_label("Note on quotation 2")).to_have_value("Shows the telephone.")
    assert [note for _, note, _ in chosen(site)] == ["", "Shows the telephone."]
    page.keyboard.press("l")
    page.keyboard.press("Delete")
    expect(page.locator("#collection li")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator("#collection li")).to_have_count(2)


def test_view_says_whose_voices_are_missing_and_leads_to_them(page: Page, site: Site) -> None:
    """A report on a study of three groups would quote one woman."""
    for span in ("mira.txt:28-55", "mira.txt:56-73", "mira.txt:74-90", "omar.txt:6-46"):
        decide(site, "ana", "quote", span=span)
    begin(page, site)
    voices = page.locator("#voices")
    expect(voices).to_contain_text("2 people of 3 are quoted.")
    expect(voices).to_contain_text("Mira says 3 of 4 (75%)")
    expect(voices.get_by_role("row", name="volunteer")).to_contain_text("1 of 1")
    decide(site, "ana", "unquote", spans=["omar.txt:6-46"])
    page.reload()
    expect(voices.get_by_role("row", name="volunteer")).to_contain_text("none")
    voices.get_by_role("button", name="Find words of wave 2").click()
    expect(page).to_have_url(re.compile("is-wave=2"))
    expect(page.locator("#found :focus")).to_contain_text("leila.txt")


def test_collection_leaves_as_text_with_exact_sources_and_tables_as_files(page: Page, site: Site) -> None:
    decide(site, "ana", "quote", span="mira.txt:56-73", note="How long they are.")
    begin(page, site)
    page.keyboard.press("t")
    expect(page.get_by_role("textbox", name="The collection as text")).to_have_value(
        "“The form is long.”\nMira, service user, North, wave 1 (mira.txt, page 2, characters 56 to 73)\nHow long they are."
    )
    page.keyboard.press("Escape")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Codings (CSV)").click()
    assert saved.value.suggested_filename == "codings.csv"
    assert "The form is long." in saved.value.path().read_text(encoding="utf-8-sig")


def test_script_in_notes_and_names_is_only_text(page: Page, site: Site) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    decide(site, SCRIPT, "quote", span="mira.txt:56-73", note=SCRIPT)
    decide(site, "ana", "rename", code="forms", name=SCRIPT)
    begin(page, site)
    expect(page.locator("#collection")).to_contain_text(f"chosen by {SCRIPT}")
    expect(page.get_by_label("Note on quotation 1")).to_have_value(SCRIPT)
    expect(page.locator("#collection .tag").first).to_contain_text(SCRIPT)


def test_choosing_goes_on_without_the_service_and_is_sent_later(
    page: Page, context: BrowserContext, site: Site
) -> None:
    """An hour of choosing on a train would be lost in a tunnel."""
    begin(page, site)
    context.set_offline(True)
    page.keyboard.press("f")
    page.keyboard.press("c")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    expect(page.locator("#outbox")).to_contain_text("2 decisions kept here")
    expect(page.locator("#collection li")).to_have_count(2)
    assert chosen(site) == []
    context.set_offline(False)
    page.reload()
    expect(page.locator("#outbox")).to_be_hidden()
    expect(page.locator("#collection li")).to_have_count(2)
    assert len(chosen(site)) == 2


def test_voices_follow_each_choice_and_the_collection_leaves_as_a_document(page: Page, site: Site) -> None:
    """Whose voices are missing would be what it was an hour ago, and a report be written by copying."""
    begin(page, site)
    voices = page.locator("#voices")
    page.keyboard.press("f")
    page.keyboard.press("c")
    expect(voices).to_contain_text("1 person of 3 is quoted.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("c")
    expect(voices).to_contain_text("2 people of 3 are quoted.")
    page.keyboard.press("u")
    expect(voices).to_contain_text("1 person of 3 is quoted.")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Word (DOCX)").click()
    assert saved.value.suggested_filename == "quotations_chosen.docx"
    assert saved.value.path().read_bytes().startswith(b"PK")
