"""Keys in the page until the next picture, by the browser's own entries: `python -m tests.performance.page [words] [codes]`.

Made data: one transcript of 50,000 words, pairs of the sentences in corpora/lens_training with a number; 300 codes; vectors as in
tests.performance.service; a person has reviewed every tenth segment, and the machine has coded the rest. The real `textcoder serve`
answers, and Debian's Chromium is driven by Playwright. What is printed are the durations of its event timing entries (from the key to the
next picture, in steps of 8 ms; what is below 16 ms has no entry and counts as 16), and its long tasks (above 50 ms).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.performance.service import CODES as THEMES
from tests.performance.service import LENSES, PEOPLE, PROJECT, MadeEmbedder, save_readings, sentences, serving, theme_of
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import LensPlacement
from textcoder.domain.decision import By
from textcoder.domain.project import Case
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, Transcript, Turn
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject

WORDS, CODES = 50_000, 300
GOAL = "p95 under 100 ms"
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
PAUSE = 80  # milliseconds between two keys: faster than anybody decides
WATCH = """
window.seen = { event: [], longtask: [], measure: [] };
for (const type of ["event", "longtask", "measure"]) {
  new PerformanceObserver((list) => {
    for (const { name, duration, interactionId } of list.getEntries()) window.seen[type].push({ name, duration, interactionId });
  }).observe({ type, durationThreshold: 16, buffered: true });
}
"""
SHOWN = """
let pressed = null;
let words = document.querySelector("#words").textContent;
addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
new MutationObserver(() => {
  const now = document.querySelector("#words")?.textContent;
  if (pressed === null || !now || now === words) return;
  words = now;
  const start = pressed;
  pressed = null;
  requestAnimationFrame(() => setTimeout(() => performance.measure("shown", { start })));
}).observe(document.querySelector("#view"), { childList: true, subtree: true });
"""


# --- the project ------------------------------------------------------------------------------------------------------------------------


def long_transcript(words: int) -> tuple[Transcript, list[Segment]]:
    """An interview of so many words, with one segment a turn."""
    draw, said = random.Random(3), sentences()
    text, count = "", 0
    turns: list[Turn] = []
    while count < words:
        one = f"{draw.choice(said)} {draw.choice(said)} That was the time number {len(turns)}."
        turns.append(Turn(len(text), len(text) + len(one), "P0", Role.PARTICIPANT, "P0"))
        text += one + "\n"
        count += len(one.split())
    digest = sha256(text.encode()).hexdigest()
    made = Transcript(f"t{digest[:12]}", "long.txt", text, tuple(turns), digest, wave="1")
    return made, [Segment.of(made.id, i, turn.start, turn.end) for i, turn in enumerate(turns)]


def fill(url: str, words: int, n: int) -> int:
    """Make the project; how many segments it has."""
    from textcoder.workflow.coding import code

    with closing(open_store(url, project=PROJECT)) as store:
        one, segments = long_transcript(words)
        with store.transaction():
            store.add_transcript(
                one, segments, file=SourceFile(one.name, one.sha256, Outcome.READ, "", one.id), original=b""
            )
            store.save_cases([Case("P0", "P0", {"group": "g0"})])
            odds = {"what_works": 0.3, "barriers": 0.3, "signs_of_progress": 0.2, "none": 0.2}
            store.save_placements([LensPlacement(segment.id, odds) for segment in segments])
            save_readings(store, segments)
        live, by = LiveProject(store, Settings(), embedder=MadeEmbedder()), By("ana", "2024-03-01T10:00:00Z")
        codes = [
            Code(f"c{i}", f"theme {i % THEMES}, {i}", f"theme {i % THEMES} is spoken of.", lens=LENSES[i % 3])
            for i in range(n)
        ]
        live.do(lambda standing: [d for one in codes for d in acts.add_code(standing, one, by)], coder=PEOPLE[0])
        said = [(s.id, (s.transcript, s.start, s.end), f"c{theme_of(live.text(s))}") for s in segments[::10]]
        live.do(
            lambda standing: [d for id_, span, own in said for d in acts.review(standing, id_, span, {own}, (), by)],
            coder=PEOPLE[0],
        )
        code(store, Settings(), embedder=MadeEmbedder())
    return len(segments)


# --- the browser ------------------------------------------------------------------------------------------------------------------------


def opened(browser: Browser, address: str, there: str) -> tuple[Page, float]:
    """A page that has come so far, and the seconds that it took."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    page.add_init_script(WATCH)
    start = time.perf_counter()
    page.goto(address)
    page.locator(there).first.wait_for()
    seconds = time.perf_counter() - start
    page.wait_for_timeout(3000)  # what is read in the background
    page.evaluate("for (const all of Object.values(window.seen)) all.length = 0")
    return page, seconds


def press(page: Page, keys: Sequence[str]) -> int:
    """Press keys one after the other; how many."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(PAUSE)
    return len(keys)


def told(page: Page, what: str, n: int) -> None:
    """A line of figures of the keys that were pressed since the last."""
    page.wait_for_timeout(500)
    seen: dict[str, list[dict[str, Any]]] = page.evaluate("window.seen")
    page.evaluate("for (const all of Object.values(window.seen)) all.length = 0")
    slowest: dict[int, float] = {}
    for one in seen["event"]:
        if one["interactionId"]:
            slowest[one["interactionId"]] = max(slowest.get(one["interactionId"], 0.0), one["duration"])
    line(what, [*slowest.values(), *[16.0] * max(0, n - len(slowest))], [one["duration"] for one in seen["longtask"]])
    if seen["measure"]:
        line("  from the key to the next segment shown", [one["duration"] for one in seen["measure"]])


def line(what: str, milliseconds: list[float], long: list[float] | None = None) -> None:
    p50, p95 = np.percentile(milliseconds, [50, 95])
    tasks = "" if long is None else f", {len(long)} long tasks" + (f" (longest {max(long):.0f} ms)" if long else "")
    print(
        f"{what:<46} {len(milliseconds):4} keys: p50 {p50:5.0f}  p95 {p95:5.0f}  worst {max(milliseconds):5.0f} ms"
        f"{tasks}   goal: {GOAL}",
        flush=True,
    )


def read(browser: Browser, base: str) -> None:
    page, seconds = opened(browser, f"{base}/read", "#text .coded")
    print(f"Read: the transcript and its codings shown in {seconds:.2f} s", flush=True)
    told(page, "  word by word", press(page, ["t", *["ArrowRight"] * 40, *["Shift+ArrowRight"] * 20, "ArrowDown"]))
    told(page, "  from coding to coding", press(page, ["Escape", *["j"] * 40, *["k"] * 10]))
    told(page, "  suggestions off and on", press(page, ["s"] * 6))
    told(
        page,
        "  finding words",
        press(page, ["/", *("Space" if letter == " " else letter for letter in "time number 17")]),
    )
    page.close()


def codebook(browser: Browser, base: str) -> None:
    page, seconds = opened(browser, f"{base}/codebook", "#tree [role=treeitem]")
    print(f"Codebook: the tree shown in {seconds:.2f} s", flush=True)
    told(
        page,
        "  walking, choosing",
        press(page, ["t", *["ArrowDown"] * 60, *["Space", "ArrowDown"] * 10, "End", "Home"]),
    )
    told(page, "  folding and unfolding", press(page, ["ArrowLeft", "ArrowRight"] * 5))
    told(page, "  finding a code", press(page, ["/", *"theme", *["Backspace"] * 5, *"17"]))
    page.close()


def review(browser: Browser, base: str) -> None:
    page, seconds = opened(browser, f"{base}/review", "#words")
    print(f"Review: the first segment shown in {seconds:.2f} s", flush=True)
    page.evaluate(SHOWN)
    told(page, "  deciding", press(page, ["Enter"] * 60))
    told(
        page,
        "  choosing suggestions",
        press(page, [key for key in "123" * 5 for _ in range(2)]),
    )
    page.close()


VIEWS: tuple[Callable[[Browser, str], None], ...] = (read, codebook, review)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="?", type=int, default=WORDS)
    parser.add_argument("codes", nargs="?", type=int, default=CODES)
    given = parser.parse_args()
    os.environ.pop("TEXTCODER_DATABASE_URL", None)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("page: skipped, needs Chromium: apt-get install chromium")
        sys.exit()
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "project.db")
        segments = fill(url, given.words, given.codes)
        print(f"a transcript of {given.words} words in {segments} segments, {given.codes} codes", flush=True)
        with serving(url) as service, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for view in VIEWS:
                view(browser, f"http://{service.netloc}/projects/{PROJECT}")
            browser.close()


if __name__ == "__main__":
    main()
