"""The codebook in the browser: by the keyboard, by mouse, and with somebody else at it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.desk import desk_url
from tests.pages.conftest import Site
from textcoder.domain.codebook import Codebook, CodeStatus
from textcoder.domain.decision import Decision, Verb, codebook_of
from textcoder.store import open_store

SCRIPT = "<img src=x onerror=alert(1)>"


def decide(site: Site, coder: str, verb: str, **body: Any) -> dict[str, Any]:
    """Somebody else decides, elsewhere."""
    data = json.dumps({"verb": verb, **body}).encode()
    headers = {"Content-Type": "application/json", "X-Textcoder-Coder": coder}
    with urlopen(Request(f"{site.url}/api/v1/projects/study/decisions", data, headers)) as answer:
        done: dict[str, Any] = json.load(answer)
    return done


def log_of(site: Site) -> list[Decision]:
    store = open_store(desk_url(site.folder))
    found = store.decisions()
    store.close()
    return found


def book_of(site: Site) -> Codebook:
    return codebook_of(log_of(site))


def begin(page: Page, site: Site, query: str = "") -> Locator:
    """Open the codebook; its tree."""
    page.goto(site.view("codebook") + query)
    tree = page.get_by_role("tree")
    expect(tree.get_by_role("treeitem").first).to_be_visible()
    return tree


def on(page: Page, name: str) -> Locator:
    """Stand on a code, by the mouse."""
    row = page.get_by_role("treeitem").filter(has_text=name)
    row.click()
    expect(page.locator("#entry").get_by_role("heading", level=2)).to_contain_text(name)
    return row


def confirm(page: Page, button: str) -> None:
    """See the consequences, and go on."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("would change")
    before = page.locator("#said").inner_text()
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#said")).not_to_have_text(before)
    expect(page.locator("#outbox")).to_be_hidden()


def test_tree_is_walked_renamed_and_taken_back_by_the_keyboard(page: Page, site: Site) -> None:
    """An analyst who cannot use a mouse could not keep a codebook."""
    begin(page, site)
    page.keyboard.press("t")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    expect(page.locator("#tree :focus")).to_contain_text("What works")
    page.keyboard.press("Shift+F")
    expect(page.locator("#tree :focus")).to_contain_text("Forms")
    expect(page).to_have_url(re.compile("code=forms"))
    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Long forms")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("would change")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#tree :focus")).to_contain_text("Long forms")
    assert log_of(site)[-1].verb is Verb.RENAME
    page.keyboard.press("u")
    expect(page.locator("#tree")).not_to_contain_text("Long forms")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#tree :focus")).to_have_attribute("aria-expanded", "false")


def test_codes_are_taken_and_put_below_another_and_dragged_to_another_lens(page: Page, site: Site) -> None:
    begin(page, site)
    on(page, "Forms")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#tree :focus")).to_contain_text("Nobody answers")
    page.keyboard.press("Enter")
    confirm(page, "Move")
    expect(page.get_by_role("treeitem").filter(has_text="Forms")).to_have_attribute("aria-level", "3")
    forms = book_of(site).get("forms")
    assert forms is not None and forms.parent == "late"
    page.get_by_role("treeitem").filter(has_text="Tea together").drag_to(
        page.get_by_role("treeitem").filter(has_text="Signs of progress")
    )
    confirm(page, "Move")
    expect(page.locator("#entry h2")).to_contain_text("Signs of progress")
    tea = book_of(site).get("tea")
    assert tea is not None and tea.lens == "signs_of_progress"


def test_merge_shows_what_it_touches_and_retired_codes_say_so_in_words(page: Page, site: Site) -> None:
    """Nobody should merge two codes without having seen whose words they hold; and then not find the old one."""
    decide(site, "ana", "accept", spans=["mira.txt:56-73", "omar.txt:6-46"], code="forms")
    begin(page, site)
    on(page, "Forms")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator("#chosen")).to_contain_text("2 codes chosen")
    page.keyboard.press("g")
    page.get_by_role("dialog").get_by_label("Nobody answers").check()
    page.get_by_role("button", name="Look what it does").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 codings of 1 coder would change: 2 segments, 2 people")
    confirm(page, "Merge")
    expect(page.locator("#tree")).not_to_contain_text("Forms")
    page.get_by_label("Retired codes too").check()
    expect(page.get_by_role("treeitem").filter(has_text="Forms")).to_contain_text("retired")
    on(page, "Forms")
    expect(page.locator("#entry")).to_contain_text("Became Nobody answers")
    page.locator("#entry").get_by_role("button", name="Restore").click()
    confirm(page, "Restore")
    forms = book_of(site).get("forms")
    assert forms is not None and forms.status is CodeStatus.ACTIVE


def test_split_begins_with_the_machines_division_and_every_quotation_can_go_elsewhere(page: Page, site: Site) -> None:
    spans = [
        "mira.txt:28-55",
        "mira.txt:74-90",
        "leila.txt:47-56",
        "omar.txt:47-67",
        "omar.txt:68-90",
        "leila.txt:31-46",
    ]
    decide(site, "ana", "accept", spans=spans, code="late")
    begin(page, site)
    on(page, "Nobody answers")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The machine divides it by meaning into 2 parts")
    dialog.get_by_label("Part 1").fill("Telephone")
    dialog.get_by_label("Part 2").fill("Weather")
    rows = dialog.get_by_role("list", name="Quotations").get_by_role("combobox")
    expect(rows).to_have_count(6)
    for i in range(6):
        rows.nth(i).focus()
        page.keyboard.press("2" if i < 2 else "1")
    dialog.get_by_role("button", name="Look what it does").click()
    confirm(page, "Split")
    expect(page.locator("#tree")).to_contain_text("Weather")
    after = [
        d for d in log_of(site) if d.verb is Verb.SPLIT and d.after and "status" in d.after and d.target.startswith("[")
    ]
    weather = book_of(site).find("Weather")
    assert weather is not None
    assert sum(weather.id in decision.target for decision in after) == 2
    assert len(after) == 6


def test_what_another_changed_is_shown_and_not_overwritten(page: Page, site: Site) -> None:
    """The definition that a colleague wrote a second ago would be gone without anybody having read it."""
    begin(page, site, "?code=forms")
    definition = page.get_by_label("Definition", exact=True)
    definition.fill("Forms that are long.")
    decide(site, "ben", "define", code="forms", definition="Forms and letters.")
    page.keyboard.press("Control+Enter")
    alert = page.locator("#entry").get_by_role("alert")
    expect(alert).to_contain_text("ben: define")
    forms = book_of(site).get("forms")
    assert forms is not None and forms.definition == "Forms and letters."
    alert.get_by_role("button", name="Take up my words again").click()
    expect(definition).to_have_value("Forms that are long.")
    expect(page.locator("#entry")).to_contain_text("It stands so now: Forms and letters.")
    expect(page.locator("#outbox")).to_be_hidden()
    page.reload()
    expect(definition).to_have_value("Forms that are long.")
    definition.press("Control+Enter")
    expect(page.locator("#entry")).to_contain_text("researcher")
    forms = book_of(site).get("forms")
    assert forms is not None and forms.definition == "Forms that are long."


def test_entry_has_living_examples_and_its_history_can_be_undone_step_by_step(page: Page, site: Site) -> None:
    decide(site, "ana", "accept", spans=["mira.txt:56-73"], code="forms")
    decide(site, "ana", "reject", spans=["omar.txt:47-67"], code="forms")
    decide(site, "ben", "rename", code="forms", name="Paper")
    begin(page, site, "?code=forms")
    entry = page.locator("#entry")
    entry.get_by_role("button", name="Take as example").click()
    expect(entry.get_by_role("button", name="Take out example 1")).to_be_visible()
    forms = book_of(site).get("forms")
    assert forms is not None and [(e.text, e.source) for e in forms.examples] == [
        ("The form is long.", "Mira, mira.txt")
    ]
    rejected = entry.locator('[data-span$=":47-67"]')  # shown without a click
    rejected.get_by_role("button", name="Name it under “When not”").click()
    expect(entry.get_by_label("When not")).to_have_value("Not: “Tea helps, honestly.” (Omar, omar.txt).")
    entry.get_by_role("button", name="Keep the entry").click()
    expect(entry.get_by_text("Not kept yet.")).to_be_hidden()
    number = next(d.act for d in log_of(site) if d.verb is Verb.RENAME)
    entry.get_by_role("button", name=f"Undo act {number}", exact=True).click()
    # Later changes of the entry stand on the new name.
    page.get_by_role("dialog").get_by_role("button", name="Undo them too").click()
    expect(entry.get_by_role("heading", level=2)).to_contain_text("Forms")
    forms = book_of(site).get("forms")
    assert forms is not None and (forms.name, forms.exclude) == ("Forms", "")


def test_entry_shows_what_the_code_is_not_and_words_become_examples_by_one_key(page: Page, site: Site) -> None:
    """A code is learned from its border: what was rejected, and what nearly says it and stands elsewhere."""
    decide(site, "ana", "accept", spans=["mira.txt:56-73", "omar.txt:6-46"], code="forms")
    decide(site, "ana", "reject", spans=["omar.txt:47-67"], code="forms")
    decide(site, "ana", "accept", spans=["mira.txt:28-55"], code="late")
    begin(page, site, "?code=forms")
    entry = page.locator("#entry")
    expect(entry.get_by_role("heading", name="What it is not")).to_be_visible()
    expect(entry.locator('[data-span$=":47-67"]')).to_be_visible()  # rejected, without a click
    near = entry.locator("details").filter(has_text="The nearest words that carry another code")
    expect(near.locator("figure").filter(has_text="Nobody answers after three.")).to_contain_text("Nobody answers")
    expect(near.locator("figure")).not_to_contain_text(["The form is long."])
    page.keyboard.press("w")
    first = entry.locator("[data-span]").first
    expect(first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("m")
    expect(entry.get_by_role("button", name="Take out example 1")).to_be_visible()
    forms = book_of(site).get("forms")
    assert forms is not None and [example.source for example in forms.examples] == ["Omar, omar.txt"]
    expect(entry.locator('[data-span$=":6-46"]').first).to_be_focused()  # she goes on where she was
    page.keyboard.press("m")
    expect(page.locator("#said")).to_contain_text("an example already")


def test_proposal_that_is_set_aside_stays_so_for_the_whole_team(page: Page, site: Site) -> None:
    """In another browser, or for her colleague, all that was put away would lie there again."""
    decide(site, "ben", "accept", spans=["mira.txt:56-73", "mira.txt:28-55"], code="forms")
    page.goto(site.view("codebook") + "?show=proposals")
    cards = page.locator("#proposals li.card")
    lone = cards.filter(has_text=re.compile("“?.Forms. stands on"))
    expect(lone).to_have_count(1)
    lone.focus()
    page.keyboard.press("z")
    expect(lone).to_have_count(0)
    expect(page.locator("#outbox")).to_be_hidden()
    page.evaluate("localStorage.clear()")
    page.reload()
    again = page.get_by_role("button", name=re.compile("^Show .* set aside"))
    expect(again).to_be_visible()
    expect(lone).to_have_count(0)
    again.click()
    expect(lone).to_contain_text("Set aside by researcher")
    lone.get_by_role("button", name="Take it up again").click()
    expect(page.locator("#outbox")).to_be_hidden()
    assert [d.coder for d in log_of(site) if d.verb in (Verb.SET_ASIDE, Verb.TAKE_UP)] == ["researcher"] * 2
    decide(site, "ben", "set_aside", kind="LoneCode", codes=["forms"])
    expect(lone).to_have_count(0)  # without a reload


def test_others_changes_appear_and_the_history_is_filtered_by_coder(page: Page, site: Site) -> None:
    tree = begin(page, site)
    decide(site, "ben", "rename", code="tea", name="Tea and company")
    expect(tree).to_contain_text("Tea and company")  # without a reload
    page.goto(site.view("codebook") + "?show=history&coder=ben")
    rows = page.locator("#acts li")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text('renamed "Tea together" to "Tea and company"')
    page.get_by_label("What was done by").select_option(label="everybody")
    expect(rows).to_have_count(4)
    rows.first.get_by_role("button").click()
    expect(rows.nth(1)).to_contain_text("undone by act")


def test_file_is_taken_in_and_what_it_changed_is_shown_side_by_side(page: Page, site: Site) -> None:
    begin(page, site)
    lines = (
        "id,name,lens,definition\n"
        "late,Nobody answers,barriers,Nobody picks up the new telephone.\n"
        "forms,Forms,barriers,Forms are long or hard to read.\n"
        "tea,Tea together,what_works,Company that helps.\n"
    )
    page.locator("#file").set_input_files({"name": "book.csv", "mimeType": "text/csv", "buffer": lines.encode()})
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 code changed")
    expect(dialog.locator("ins")).to_have_text("new ")
    assert all(d.verb is not Verb.IMPORT for d in log_of(site)), "shown before it is done"
    dialog.get_by_role("button", name="Take it in").click()
    expect(page.locator("#room .diff ins")).to_have_text("new ")
    expect(page.locator("#room .changed")).to_have_count(1)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as YAML").click()
    assert "new telephone" in saved.value.path().read_text(encoding="utf-8")


def test_script_in_names_and_words_is_only_text(page: Page, site: Site) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    decide(site, "ben", "rename", code="forms", name=SCRIPT)
    decide(site, "ben", "define", code="forms", definition=SCRIPT, examples=[{"text": SCRIPT, "source": SCRIPT}])
    decide(site, SCRIPT, "memo", about="code:forms", text=SCRIPT)
    begin(page, site, "?code=forms")
    expect(page.locator("#entry")).to_contain_text(SCRIPT)
    expect(page.locator("#tree")).to_contain_text(SCRIPT)
    for key, there in (("3", "#acts"), ("4", ".diff"), ("2", "#room h2")):
        page.keyboard.press(key)
        expect(page.locator(there).first).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator("#acts")).to_contain_text(SCRIPT)
