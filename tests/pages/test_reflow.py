"""The views as people set them up for themselves: enlarged, with wide spacing, in few colours, without motion, on paper.

WCAG 2.2: 1.4.10 (reflow), 1.4.12 (text spacing), 1.4.1 (use of colour). Tables, the map and figures may scroll within their own box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.desk import databases, desk_url, service
from tests.pages.asking import call, decide
from tests.pages.conftest import Site, answering

LONG = "Krankenversicherungsnachweisbescheinigungen"
SIZES = {"200 %": (640, 512), "320 px": (320, 640)}
STUDY = {
    "overview": "",
    "review": "review",
    "read": "read?file=mira.txt",
    "read, a coding": "read?file=mira.txt&at=56&to=73&q=form",
    "codebook": "codebook?code=forms",
    "codebook, proposals": "codebook?show=proposals",
    "codebook, history": "codebook?show=history",
    "codebook, versions": "codebook?show=versions",
    "themes": "themes",
    "themes, in none": "themes?part=loose",
    "themes, map": "themes?part=map",
    "compare": "compare?by=group&minimum_people=0",
    "compare, the words": "compare?by=group&minimum_people=0&open=forms&cell=all",
    "compare, change": "compare?part=change&minimum_people=0",
    "compare, together": "compare?part=together&minimum_people=0",
    "compare, people": "compare?part=people",
    "agreement": "agreement",
    "compare, corrected": "compare?part=corrected&minimum_people=0",
    "compare, accounts": "compare?part=accounts&minimum_people=0",
    "compare, new wave": "compare?part=waves&minimum_people=0",
    "progress": "progress?minimum_people=0",
    "adequacy": "adequacy?minimum_people=0",
    "quotes": "quotes?row=forms",
}
GENERAL = {"studies": "/", "login": "/login", "help": "/help", "guide": "/projects/demo"}

SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
        p { margin-bottom: 2em !important; }`);
    document.adoptedStyleSheets = [sheet];
}"""
LOST = """() => {
    const lost = new Set(), wide = document.documentElement.clientWidth;
    const of = (node) => getComputedStyle(node);
    const said = (node) => `${node.tagName}#${node.id}.${[...node.classList]} ${node.textContent.replace(/\\s+/g, " ").slice(0, 40)}`;
    const above = function* (node) { for (; node && node !== document.body; node = node.parentElement) yield node; };
    const box = (node) => [...above(node)].find((up) => /auto|scroll/.test(of(up).overflowX) && up.scrollWidth > up.clientWidth + 1);
    const beyond = ({ left, right, width }) => width && (right > wide + 1 || left < -1);
    const clipped = (up) => !/^[0-9]/.test(of(up).webkitLineClamp) && (
        (/hidden|clip/.test(of(up).overflowX) && up.scrollWidth > up.clientWidth + 1) ||
        (/hidden|clip/.test(of(up).overflowY) && up.scrollHeight > up.clientHeight + 1));
    if (document.documentElement.scrollWidth > wide) lost.add("the page scrolls sideways");
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const holder = text.parentElement;
        if (!text.data.trim() || holder.closest(".hidden, .skip, .said, noscript, option, svg") || !holder.checkVisibility()) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const held = box(holder);
        if (held && !held.querySelector("table, svg")) lost.add(`scrolls sideways: ${said(held)}`);
        else if (!held && [...range.getClientRects()].some(beyond)) lost.add(`beyond the edge: ${said(holder)}`);
        for (const up of above(holder)) if (clipped(up)) lost.add(`cut off: ${said(up)}`);
    }
    for (const used of document.querySelectorAll("button, a[href], input, select, textarea, summary")) {
        if (used.closest(".skip, .hidden, svg") || box(used.parentElement)) continue;
        if (beyond(used.getBoundingClientRect())) lost.add(`out of reach: ${said(used)}`);
    }
    return [...lost];
}"""
"""What cannot be read or used: text and controls beyond the edges, boxes that cut off, boxes that scroll sideways and hold no table."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The small study, with something in every view, and a code with a long name."""
    folder = tmp_path_factory.mktemp("reflow") / "desk"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "kind", "sqlite")
        databases.copy_template(folder, ("study", "demo"))
        database = desk_url(folder)
    with answering(service(database)) as url:
        site = Site(url, folder)
        decide(site, verb="rename", code="forms", name=f"{LONG}, and who reads them")
        decide(site, verb="accept", spans=["mira.txt:56-73", "omar.txt:6-46"], code="forms", why=LONG)
        decide(site, verb="reject", spans=["mira.txt:56-73"], code="forms", coder="ben")
        decide(site, verb="memo", about="code:forms", text=f"{LONG} again.")
        for span in ("mira.txt:56-73", "omar.txt:6-46"):
            decide(site, verb="quote", span=span, note=f"What {LONG} are.")
        call(site, "samples", {"name": "round 1", "n": 4, "coders": ["ana", "ben"], "seed": 1})
        yield site


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(locale="en-GB")
    yield made
    made.close()


@pytest.mark.parametrize("name", [*STUDY, *GENERAL])
def test_nothing_is_lost_at_high_zoom_and_wide_spacing(window: BrowserContext, site: Site, name: str) -> None:
    """Who reads at twice the size would have to push every line to and fro, or never find a button."""
    page: Page = window.new_page()
    lost: list[str] = []
    page.goto(site.view(STUDY[name]) if name in STUDY else site.url + GENERAL[name])
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_load_state("networkidle")
        page.evaluate("document.adoptedStyleSheets = []")
        lost += [f"{size}: {one}" for one in page.evaluate(LOST)]
        page.evaluate(SPACED)
        lost += [f"{size}, spaced: {one}" for one in page.evaluate(LOST)]
    page.close()
    assert not lost, "\n".join(lost)


@pytest.fixture
def shown(window: BrowserContext) -> Iterator[Page]:
    """A page to be shown in another mode."""
    made = window.new_page()
    made.set_default_timeout(10_000)
    yield made
    made.close()


def test_what_is_chosen_shows_without_colours_of_ours(shown: Page, site: Site) -> None:
    """With Windows' contrast themes every button of a row would look alike, and every bar be empty."""
    shown.emulate_media(forced_colors="active")
    shown.goto(site.view("themes"))
    looks = "one => { const { outlineStyle, borderBottomColor } = getComputedStyle(one); return outlineStyle + borderBottomColor; }"
    for chosen, other in (
        ('[aria-pressed="true"]', '[aria-pressed="false"]'),
        ('.themes-list [aria-current="true"]', ".themes-list button:not([aria-current])"),
        (".views a[aria-current]", ".views a:not([aria-current])"),
    ):
        assert shown.locator(chosen).first.evaluate(looks) != shown.locator(other).first.evaluate(looks), chosen
    shown.goto(site.view())
    bar = shown.locator(".measure").first
    colour = "one => getComputedStyle(one).backgroundColor"
    assert bar.evaluate(colour) != bar.locator("span").evaluate(colour)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("review", [".txt", "uggested"]),
        (
            "read?file=mira.txt",
            ["Hanna", "Mira", "My neighbour sits with me", "Krankenversicherungs", "Nobody answers"],
        ),
        ("codebook?code=late", ["Nobody answers", "Tea together", "1 step"]),
        ("themes", ["Found: nobody", "Found: form"]),
        ("themes?part=map", ["Found: nobody", "Found: form"]),
        ("compare?by=group&minimum_people=0", ["Everybody", "service user", "volunteer", "Tea together"]),
        ("quotes?row=forms", ["The form is long.", "service user"]),
    ],
)
def test_paper_holds_what_is_said_and_not_what_can_be_done(
    shown: Page, site: Site, asked: str, said: list[str]
) -> None:
    """A table without the names of its columns, and a transcript without its speakers, would go into the file."""
    shown.emulate_media(color_scheme="dark")
    shown.add_init_script("localStorage.setItem('shade', 'dark')")
    shown.goto(site.view(asked))
    shown.wait_for_load_state("networkidle")
    shown.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown.emulate_media(media="print")
    view = shown.locator("#view")
    held = (view.text_content() or "") if "read" in asked else view.inner_text()  # parts far away are not laid out
    paper = " ".join(held.split())
    for words in said:
        assert words in paper
    for done in ("Undo", "Dismiss", "Copy the link", "New code", "Take out"):
        assert shown.get_by_role("button", name=done).count() == 0
    ink = shown.evaluate("getComputedStyle(document.body).color")
    assert max(int(part) for part in re.findall(r"\d+", ink)[:3]) < 100, f"light ink on white paper: {ink}"
    shown.evaluate("localStorage.removeItem('shade')")


def test_nothing_moves_for_those_whom_it_makes_ill(shown: Page, site: Site) -> None:
    shown.emulate_media(reduced_motion="reduce")
    for asked in ("review", "read?file=mira.txt&at=56&to=73", "themes?part=map", "compare"):
        shown.goto(site.view(asked))
        shown.wait_for_load_state("networkidle")
        moving = shown.evaluate(
            """() => [...document.querySelectorAll("*")].filter((one) => {
                const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
                return parseFloat(transitionDuration) || animationName !== "none" || scrollBehavior !== "auto";
            }).map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert moving == []


def test_page_says_so_where_a_script_does_not_come(shown: Page, site: Site) -> None:
    """After an update she would look at “Reading …” until she gives up."""
    shown.route("**/js/quote.js*", lambda route: route.abort())
    shown.goto(site.view("themes"))
    expect(shown.get_by_role("alert").filter(has_text="did not come from the service")).to_be_visible()
    expect(shown.get_by_text("Reading …")).to_have_count(0)
    shown.unroute("**/js/quote.js*")
    shown.get_by_role("button", name="Load it again").click()
    expect(shown.locator(".themes-list")).to_be_visible()
