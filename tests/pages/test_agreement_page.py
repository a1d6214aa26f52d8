"""Agreement in the browser: a sample is drawn, coded blind, released, and what differs is settled by one key each."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.pages.asking import call, decide, decisions
from tests.pages.conftest import Site
from textcoder.domain.coding import CONSENSUS
from textcoder.domain.decision import Verb, coding_of


def coded(site: Site, *, release: bool = True) -> list[str]:
    """A sample of all segments: ana gives every one "Forms", ben only the first, with a reason against the others."""
    sample = call(site, "samples", {"name": "round 1", "n": 11, "coders": ["ana", "ben"], "seed": 1})
    segments = sorted(sample["segments"])
    for i, segment in enumerate(segments):
        decide(site, verb="review", segment=segment, codes=["forms"])
        decide(site, verb="review", segment=segment, codes=[] if i else ["forms"], coder="ben")
    decide(site, coder="ben", verb="reject", spans=segments[1:], code="forms", why="Not on paper.")
    if release:
        call(site, "samples/round 1/release", {})
    return segments


def view(page: Page, site: Site, *, coder: str = "ana") -> None:
    page.add_init_script(f"localStorage.setItem('coder', '{coder}')")
    page.goto(site.view("agreement"))
    expect(page.get_by_role("heading", name="Samples", exact=True)).to_be_visible()


def test_a_sample_is_drawn_and_released_in_the_browser(page: Page, site: Site) -> None:
    """Without the command line; and nobody releases a sample without having read what that does."""
    view(page, site)
    expect(page.locator("#samples")).to_contain_text("No sample was drawn yet")
    page.keyboard.press("d")
    form = page.get_by_role("dialog")
    form.get_by_label("How many segments").fill("4")
    form.get_by_label("Coders").fill("ana, ben")
    form.get_by_label("In proportion to each").select_option("site")
    page.keyboard.press("Enter")
    expect(page.locator("#blind")).to_contain_text("You code “round 1” blind")
    sample = call(site, "samples")["items"][0]
    assert (sample["size"], sample["coders"], sample["by"]) == (4, ["ana", "ben"], "site")
    card = page.locator(".sample")
    expect(card).to_contain_text("0 of 4")
    expect(card.get_by_role("link", name="Code it blind")).to_have_attribute(
        "href", "/projects/study/review?sample=round%201"
    )
    card.get_by_role("button", name="Release").click()
    expect(page.get_by_role("dialog")).to_contain_text("Not yet through: ana (0 of 4), ben (0 of 4)")
    page.get_by_role("button", name="Release it").click()
    expect(card).to_contain_text("released")
    assert call(site, "samples")["items"][0]["status"] == "released"


def test_nothing_of_the_others_is_shown_while_it_is_coded_blind(page: Page, site: Site) -> None:
    coded(site, release=False)
    view(page, site, coder="ben")
    expect(page.locator("#figures")).to_contain_text("No figure yet")
    expect(page.locator("#settle")).to_contain_text("Nothing yet")
    expect(page.locator("#view")).not_to_contain_text("Forms")


def test_disagreements_are_settled_by_one_key_each(page: Page, site: Site) -> None:
    """The next one is there at once, and what was said before stays on record."""
    segments = coded(site)
    view(page, site)
    expect(page.locator("#progress")).to_have_text("0 of 10 settled")
    item = page.locator("#item")
    expect(item.locator(".side").nth(0)).to_contain_text("ana")
    expect(item.locator(".side").nth(1)).to_contain_text("ben: Not on paper.")
    first = item.locator(".words").inner_text()
    page.keyboard.press("w")
    page.keyboard.type("yes, we talked")
    page.keyboard.press("Enter")
    page.keyboard.press("y")
    expect(item.locator(".words")).not_to_have_text(first)
    page.keyboard.press("x")
    expect(page.locator("#progress")).to_have_text("2 of 10 settled")
    expect(page.locator("#outbox")).to_be_hidden()
    said = decisions(site, Verb.RESOLVE)
    assert [(decision.after or {})["status"] for decision in said] == ["accepted", "rejected"]
    assert [decision.why for decision in said] == ["yes, we talked", ""]
    spans = [coding_of(decision.target) for decision in said]
    assert all(coder == CONSENSUS.id and f"{t}:{a}-{b}" in segments for coder, t, a, b, _ in spans)
    page.keyboard.press("u")
    expect(page.locator("#progress")).to_have_text("1 of 10 settled")


def test_figures_come_with_interval_and_denominator_or_with_the_reason(page: Page, site: Site) -> None:
    """An alpha without its interval looks surer than it is; an undefined one must not look like nought."""
    coded(site)
    view(page, site)
    rows = {row["name"]: row for row in call(site, "agreement")["items"]}
    forms = page.locator(".alphas tbody tr", has_text="Forms")
    alpha = rows["Forms"]["alpha"]
    expect(forms).to_contain_text(f"{alpha['estimate']:.2f}")
    expect(forms).to_contain_text(f"95 % interval {alpha['low']:.2f} to {alpha['high']:.2f}")
    expect(forms.get_by_role("cell").nth(2)).to_have_text("11")
    forms.get_by_text("Coder by coder").click()
    expect(forms).to_contain_text("both 1, only ana 10, only ben 0, neither 0")
    box, axis = forms.locator(".range").bounding_box(), forms.locator(".scale").bounding_box()
    assert box and axis
    assert axis["x"] - 1 <= box["x"] and box["x"] + box["width"] <= axis["x"] + axis["width"] + 1
    page.get_by_role("button", name="Only this sample below").click()
    page.wait_for_url("**sample=round+1")


def test_an_undefined_alpha_says_why(page: Page, site: Site) -> None:
    segments = sorted(call(site, "samples", {"name": "r", "n": 3, "coders": ["ana", "ben"], "seed": 1})["segments"])
    for segment in segments:
        for coder in ("ana", "ben"):
            decide(site, verb="review", segment=segment, codes=["tea"], coder=coder)
    call(site, "samples/r/release", {})
    view(page, site)
    row = call(site, "agreement")["items"][0]
    assert row["alpha"]["estimate"] is None and row["alpha"]["note"]
    expect(page.locator(".alphas")).to_contain_text(f"Undefined: {row['alpha']['note']}")
    expect(page.locator("#settle")).to_contain_text("Nobody disagrees")


def test_agreement_is_not_forced_on_a_reflexive_study(page: Page, site: Site) -> None:
    call(site, "/projects", {"id": "diary", "name": "Diary", "method": "reflexive"})
    page.goto(f"{site.url}/projects/diary/agreement")
    expect(page.locator(".note").first).to_contain_text("reflexive")


def test_script_in_names_and_reasons_is_only_text(page: Page, site: Site) -> None:
    name = "<img src=x onerror=alert(1)>"
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    coded(site)
    call(site, "samples", {"name": name, "n": 1, "coders": [name, "ben"], "seed": 3})
    decide(site, verb="rename", code="forms", name=name)
    decide(
        site,
        verb="resolve",
        segment=call(site, "disagreements")["items"][0]["segment"],
        code=name,
        carries=True,
        why=name,
    )
    view(page, site)
    expect(page.locator(".sample", has_text=name)).to_be_visible()
    expect(page.locator("#item .tag")).to_contain_text(name)


def test_every_count_of_two_coders_opens_its_segments(page: Page, site: Site) -> None:
    """A number that nobody can look behind cannot be defended."""
    coded(site)
    view(page, site)
    forms = page.locator(".alphas tbody tr", has_text="Forms")
    forms.get_by_text("Coder by coder").click()
    expect(forms.locator(".measures")).to_contain_text("Gwet's AC1")
    forms.get_by_role("button", name="10: segments of Forms: only ana").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".quotation")).to_have_count(10)
    expect(dialog).to_contain_text("ana: Forms. ben: nothing.")
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_warnings_stand_in_words_beside_the_figure(page: Page, site: Site) -> None:
    coded(site)
    view(page, site)
    forms = page.locator(".alphas tbody tr", has_text="Forms")
    expect(forms.locator(".warnings")).to_contain_text("ana gives it where ben does not 10 times")


def test_the_machine_stands_beside_people_with_a_verdict(page: Page, site: Site) -> None:
    """And it says how the machine was kept from what it is judged by."""
    coded(site)
    view(page, site)
    page.get_by_role("heading", name="The machine beside people").click()
    ceiling = page.locator("#ceiling")
    expect(ceiling).to_contain_text("Cross-fitted over persons")
    row = ceiling.locator("tbody tr", has_text="Forms")
    expect(row.locator(".verdict")).to_have_text("too little to say")
    expect(row).to_contain_text("What would help most")
    row.get_by_role("button", name="show: segments of Forms: ana, and not the machine").click()
    expect(page.get_by_role("dialog")).to_contain_text("machine:")


def test_confusion_sets_and_rounds_are_asked_for_when_they_are_opened(page: Page, site: Site) -> None:
    segments = coded(site)
    decide(site, verb="review", segment=segments[1], codes=["tea"], coder="ben")
    view(page, site)
    page.get_by_role("heading", name="Which code is taken for which").click()
    row = page.locator("#confusion tbody tr", has_text="Forms").first
    expect(row).to_contain_text("Tea together")
    row.get_by_role("button", name="show: segments of Forms (ana), Tea together (ben)").click()
    expect(page.get_by_role("dialog").locator(".quotation")).to_have_count(1)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("heading", name="Whole sets and free spans").click()
    expect(page.locator("#sets")).to_contain_text("MASI")
    page.get_by_role("heading", name="From round to round").click()
    expect(page.locator("#over-time")).to_contain_text("By equal parts of the work")
