"""Reading a transcript in the browser: words are chosen, coded, found and sent to others, by keyboard and by mouse."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.desk import MIRA
from tests.pages.asking import call, decide, decisions
from tests.pages.conftest import Site
from textcoder.domain.decision import Verb, coding_of

FORM = MIRA.text.index("The form is long.")
LONG = (FORM, FORM + len("The form is long."))


def read(page: Page, site: Site, query: str = "?file=mira.txt") -> Locator:
    """Open the transcript; its text."""
    page.goto(site.view("read") + query)
    text = page.locator("#text")
    expect(text).to_contain_text("Nobody answers after three.")
    return text


def tags(page: Page, name: str) -> Locator:
    return page.locator("#text .coded", has_text=name)


def test_words_are_chosen_and_coded_without_a_mouse(page: Page, site: Site) -> None:
    """The exact words count: one character off, and the quotation in the report is not what she said."""
    read(page, site)
    page.keyboard.press("s")  # the machine is silent
    page.keyboard.press("t")
    for _ in range(2):
        page.keyboard.press("ArrowRight")  # past the question, to her first word
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#chosen-words")).to_have_text("Nobody answers after three.")
    page.keyboard.press("c")
    page.keyboard.type("forms")
    page.keyboard.press("Enter")
    expect(tags(page, "Forms")).to_contain_text("researcher")
    expect(page.locator("#outbox")).to_be_hidden()
    _, transcript, start, end, code = coding_of(decisions(site, Verb.CODE)[-1].target)
    assert (transcript, MIRA.text[start:end], code) == (MIRA.id, "Nobody answers after three.", "forms")
    page.keyboard.press("d")
    expect(tags(page, "Forms")).to_have_count(0)


def test_the_mouse_selects_and_a_new_code_is_written(page: Page, site: Site) -> None:
    text = read(page, site)
    words = text.locator(".words-of", has_text="My neighbour sits")
    words.click(position={"x": 40, "y": 15}, click_count=2)
    expect(page.locator("#chosen-words")).to_have_text("neighbour")
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_label("Name").fill("Neighbours")
    page.keyboard.press("Enter")
    expect(tags(page, "Neighbours")).to_be_visible()
    expect(page.locator("#outbox")).to_be_hidden()
    *_, start, end, _ = coding_of(decisions(site, Verb.CODE)[-1].target)
    assert MIRA.text[start:end] == "neighbour"


def test_a_selection_that_touches_the_next_turn_takes_none_of_it(page: Page, site: Site) -> None:
    """A triple click, or a drag that ends a hair too low, would code the next speaker's name."""
    text = read(page, site)
    text.locator(".words-of", has_text="The form is long.").click(position={"x": 40, "y": 15}, click_count=3)
    expect(page.locator("#chosen-words")).to_have_text("Nobody answers after three. The form is long. I ring and ring.")
    start = MIRA.text.index("Nobody")
    page.wait_for_url(
        f"**at={start}&to={start + len('Nobody answers after three. The form is long. I ring and ring.')}"
    )


def test_overlaps_are_told_apart_and_show_who_says_what(page: Page, site: Site) -> None:
    """Who sees only one of three codings of the same words takes it for all there is."""
    decide(site, verb="code", spans=[f"mira.txt:{LONG[0]}-{LONG[1]}"], code="forms", why="She sighs.")
    decide(site, verb="code", spans=[f"mira.txt:{LONG[0] + 4}-{LONG[0] + 8}"], code="tea", coder="ben")
    decide(site, verb="reject", spans=[f"mira.txt:{LONG[0]}-{LONG[1]}"], code="forms", coder="ben")
    text = read(page, site, "?file=mira.txt&suggestions=no")
    expect(page.locator("#suggestions")).not_to_be_checked()
    inner = text.locator(".under .under", has_text="form")
    expect(inner).to_have_count(1)
    offsets = inner.evaluate("node => [node, node.parentElement].map(one => getComputedStyle(one).textUnderlineOffset)")
    assert len(set(offsets)) == 2
    tags(page, "Forms").click()
    here = page.locator("#here")
    expect(here).to_contain_text("people disagree")
    expect(here).to_contain_text("ana carries it: She sighs.")
    expect(here).to_contain_text("ben does not carry it")
    expect(here.locator(".entry")).to_have_count(2)
    page.keyboard.press("y")
    expect(here.locator(".entry").first).to_contain_text("researcher carries it")
    expect(page.locator("#outbox")).to_be_hidden()
    assert decisions(site, Verb.ACCEPT)[-1].coder == "researcher"


def test_suggestions_are_walked_through_and_rejected(page: Page, site: Site) -> None:
    read(page, site)
    page.keyboard.press("j")
    here = page.locator("#here")
    expect(here).to_contain_text("machine suggests it")
    words = page.locator("#chosen-words").inner_text()
    page.keyboard.press("x")
    expect(page.locator("#said")).to_contain_text("Rejected")
    expect(page.locator("#outbox")).to_be_hidden()
    decided = decisions(site, Verb.REJECT)[-1]
    *_, start, end, _ = coding_of(decided.target)
    assert MIRA.text[start:end] == words
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("undid")


def test_an_address_leads_to_the_very_words(page: Page, site: Site) -> None:
    read(page, site, f"?file=mira.txt&at={LONG[0]}&to={LONG[1]}")
    expect(page.locator("#text mark").first).to_be_in_viewport()
    assert "".join(page.locator("#text mark").all_inner_texts()) == "The form is long."
    page.keyboard.press("]")
    expect(page.locator("#text")).to_contain_text("language I cannot read")
    page.wait_for_url("**/read?file=omar.txt")


def test_words_are_found_here_and_elsewhere(page: Page, site: Site) -> None:
    read(page, site)
    page.keyboard.press("/")
    page.keyboard.type("the FORM")
    expect(page.locator("#found")).to_contain_text("1 place here")
    page.keyboard.press("Enter")
    expect(page.locator("#chosen-words")).to_have_text("The form")
    page.locator("#elsewhere").get_by_role("link", name="omar.txt").click()
    expect(page.locator("#text mark").first).to_contain_text("The form is in a language")
    expect(page.locator("#find")).to_have_value("the FORM")


def test_only_what_she_wants_to_see_is_shown(page: Page, site: Site) -> None:
    for coder, code in (("ana", "forms"), ("ben", "tea")):
        decide(site, verb="code", spans=[f"mira.txt:{LONG[0]}-{LONG[1]}"], code=code, coder=coder)
    read(page, site, "?file=mira.txt&suggestions=no")
    expect(page.locator("#text .coded")).to_have_count(2)
    page.get_by_text("What is shown").click()
    page.get_by_role("group", name="Coders").get_by_label("ben").check()
    expect(page.locator("#text .coded")).to_have_count(1)
    page.wait_for_url("**coder=ben")
    page.reload()
    expect(tags(page, "Tea together")).to_have_count(1)
    expect(tags(page, "Forms")).to_have_count(0)


def test_whoever_codes_blind_sees_her_own_codings_only(page: Page, site: Site) -> None:
    call(site, "samples", {"name": "round 1", "n": 5, "coders": ["ana", "ben"], "seed": 1})
    drawn = next(span for span in call(site, "samples/round 1")["segments"] if span.startswith(MIRA.id))
    decide(site, verb="code", spans=[drawn], code="tea")
    page.add_init_script("localStorage.setItem('coder', 'ben')")
    read(page, site, "?file=mira.txt&suggestions=no")
    expect(page.locator(".note")).to_contain_text("You code “round 1” blind")
    expect(tags(page, "Tea together")).to_have_count(0)


def test_a_role_is_set_and_followed_by_the_next_run(page: Page, site: Site) -> None:
    read(page, site)
    page.get_by_text("Speakers", exact=True).click()
    page.get_by_label("Role of Hanna").select_option("other")
    expect(page.locator("#speakers-list")).to_contain_text("the next run follows you and reads Hanna as other")
    assert decisions(site, Verb.ROLE)[-1].target == f"{MIRA.id}/Hanna"


def headings(page: Page) -> Locator:
    return page.locator("#text .turn")


def test_a_turn_is_given_to_who_spoke_it_and_taken_back_by_keyboard(page: Page, site: Site) -> None:
    """A turn that the transcriber gave to the wrong speaker would be evidence under her name for good."""
    decide(site, verb="code", spans=[f"mira.txt:{LONG[0]}-{LONG[1]}"], code="forms")
    read(page, site, f"?file=mira.txt&at={LONG[0]}&to={LONG[1]}")
    page.keyboard.press("w")
    dialog = page.get_by_role("dialog", name="Who speaks this turn?")
    expect(dialog.get_by_label("Spoken by")).to_be_focused()
    page.keyboard.press("Enter")  # on a select: nothing is sent by accident
    dialog.get_by_role("button", name="See what it touches").press("Enter")
    dialog = page.get_by_role("dialog", name="1 turn: spoken by “Hanna”")
    expect(dialog).to_contain_text("would be evidence no more")
    expect(dialog).to_contain_text("1 coding of people on them would stay on record")
    page.keyboard.type("Her voice, on the tape.")
    page.keyboard.press("Enter")
    expect(headings(page).nth(1)).to_have_text("Hanna interviewerread as Mira, until the next run")
    expect(page.locator("#text .coded.yes", has_text="Forms")).to_have_count(1)
    (decision,) = decisions(site, Verb.SPEAKER)
    assert decision.target == f"{MIRA.id}/{MIRA.turns[1].start}"
    assert (decision.after or {})["speaker"] == "Hanna"
    assert decision.why == "Her voice, on the tape."
    page.reload()
    expect(headings(page).nth(1)).to_contain_text("read as Mira, until the next run")
    page.keyboard.press("u")
    expect(headings(page).nth(1)).to_have_text("Mira participant")


@pytest.mark.parametrize("name", ["Vera Lund", "<img src=x onerror=alert(1)>"])
def test_a_misnamed_speaker_is_renamed_from_the_panel_by_mouse(page: Page, site: Site, name: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    read(page, site)
    page.get_by_text("Speakers", exact=True).click()
    page.get_by_role("button", name="Another name for Mira").click()
    page.get_by_label("New name", exact=True).fill(name)
    expect(page.get_by_label("Role of the new name")).to_have_value("participant")
    page.get_by_role("button", name="See what it touches").click()
    expect(page.get_by_role("dialog")).to_contain_text("Which words count would stay as it is.")
    page.get_by_role("button", name="Put it right").click()
    panel = page.locator("#speakers-list")
    expect(panel).to_contain_text(f"2 turns read as Mira; the next run follows you and reads {name}.")
    expect(headings(page).nth(3)).to_contain_text(f"{name} participant")
    assert len(decisions(site, Verb.SPEAKER)) == 2
    page.get_by_label(f"Role of {name}").select_option("other")
    expect(headings(page).nth(3)).to_contain_text(f"{name} other")
    # Two names that are one person: back to the one that was there.
    headings(page).nth(3).get_by_role("button").click()
    page.get_by_label("New name", exact=True).wait_for(state="hidden")
    page.get_by_role("button", name="Leave it", exact=True).click()
    assert len(decisions(site, Verb.SPEAKER)) == 2


def test_a_correction_by_somebody_else_appears_without_reload(page: Page, site: Site) -> None:
    read(page, site)
    decide(site, coder="ben", verb="speaker", transcript="mira.txt", turns=[MIRA.turns[3].start], to="Hanna")
    expect(headings(page).nth(3)).to_contain_text("Hanna interviewer")


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>"])
def test_script_in_names_and_memos_is_only_text(page: Page, site: Site, name: str) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    span = f"mira.txt:{LONG[0]}-{LONG[1]}"
    decide(site, verb="add", name=name, definition=name)
    decide(site, verb="code", spans=[span], code=name, why=name)
    decide(site, verb="memo", about=f"segment:{span}", text=name)
    read(page, site, f"?file=mira.txt&q={name}")
    page.locator("#text .coded.yes", has_text=name).click()
    expect(page.locator("#here .memo")).to_contain_text(name)
    expect(page.locator("#here .entry").first).to_contain_text(f"carries it: {name}")


def test_parts_count_in_code_points_as_the_service_does(page: Page, site: Site) -> None:
    """An emoji is two units in the browser and one point in the service: every later quotation would slip."""
    page.goto(site.view("read"))
    rng = random.Random(5)
    words = ["tea", "form", "naïve", "😀", "👩‍👧", "long.", "really?\n", "über"]
    text = ""
    turns: list[dict[str, Any]] = []
    for i in range(12):
        text += "Notes of the typist 😀\n" if i == 6 else f"S{i}: "
        said = " ".join(rng.choice(words) for _ in range(rng.choice([1, 5, 900])))
        turns.append({"start": len(text), "end": len(text) + len(said), "speaker": f"S{i}"})
        text += said + "\n"
    parts = page.evaluate(
        """async ([transcript, text, points]) => {
            const { partsOf, partAt, inPart, pointAt } = await import("/static/js/read/parts.js");
            const parts = partsOf(transcript, text);
            const slips = (part, point) => point >= part.start && pointAt(part, inPart(part, point)) !== point;
            const back = points.filter((point) => slips(partAt(parts, point), point));
            return { rows: parts.map(({ start, end, text, between }) => [start, end, text, between]), back };
        }""",
        [{"turns": turns, "characters": len(text)}, text, list(range(len(text)))],
    )
    assert parts["back"] == []
    assert all(text[start:end] == held for start, end, held, _ in parts["rows"])
    assert "".join(held for *_, held, between in parts["rows"] if not between) == "".join(
        text[turn["start"] : turn["end"]] for turn in turns
    )
    assert any(between and "typist" in held for *_, held, between in parts["rows"])
    assert max(len(held) for *_, held, _ in parts["rows"]) <= 1600


def test_what_others_do_appears_without_a_reload(page: Page, site: Site) -> None:
    read(page, site, "?file=mira.txt&suggestions=no")
    expect(page.locator("#shown-summary")).to_have_text("What is shown: 0 codings")
    page.wait_for_timeout(300)  # the page has looked at the log once
    decide(site, coder="ben", verb="code", spans=[f"mira.txt:{LONG[0]}-{LONG[1]}"], code="forms")
    decide(site, coder="ben", verb="memo", about=f"segment:mira.txt:{LONG[0]}-{LONG[1]}", text="She sighs.")
    expect(tags(page, "Forms")).to_contain_text("ben", timeout=8000)
    page.get_by_role("button", name="✎ Memo, ben").click()
    expect(page.locator("#here")).to_contain_text("She sighs.")
