"""The pictures of the documentation: every view over the coded demo, as it looks today. `make screenshots` makes them anew.

The demo is begun and coded as the button "Try it on the demo interviews" does it. Two invented coders, Ana and Ben, then follow the
machine with different readiness, so that there is something to see where people work together: their agreement means nothing.
"""

from __future__ import annotations

import argparse
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from tests.pages.conftest import CHROMIUM, FLAGS
from textcoder.jobs import Place, Worker
from textcoder.settings import Settings
from textcoder.store import open_catalogue, sqlite_url
from textcoder_api import create_app

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
MOST = 150_000
"""Bytes of a picture: whoever clones the project fetches them all."""
WIDE, NARROW = (1280, 800), (420, 800)
DEMO = "/projects/demo"
READY = {"ana": 0.5, "ben": 0.65}
"""The machine's probability from which each of them follows it."""

PICTURES = (
    ("studies", "/", WIDE, "light"),
    ("overview", DEMO, WIDE, "light"),
    ("guide", DEMO, WIDE, "light"),
    ("review", f"{DEMO}/review", WIDE, "light"),
    ("review-dark", f"{DEMO}/review", WIDE, "dark"),
    ("review-narrow", f"{DEMO}/review", NARROW, "light"),
    ("read", f"{DEMO}/read?file=w1_SU01_mira.txt", WIDE, "light"),
    ("codebook", f"{DEMO}/codebook", WIDE, "light"),
    ("themes", f"{DEMO}/themes", WIDE, "light"),
    ("compare", f"{DEMO}/compare?by=wave&lens=barriers", WIDE, "light"),
    ("agreement", f"{DEMO}/agreement", WIDE, "light"),
    ("quotes", f"{DEMO}/quotes", WIDE, "light"),
)
"""Name, address, size and shade of each."""


@contextmanager
def served(database: Path) -> Iterator[str]:
    """A service over a database, with a worker for what is asked of it; its address."""
    jobs = database.with_name("jobs")
    open_catalogue(sqlite_url(database)).close()  # makes the file
    service = create_app(open_catalogue(sqlite_url(database)), Settings(), jobs=jobs)
    server = uvicorn.Server(uvicorn.Config(service, port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise SystemExit("The service did not start.")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


def code_demo(url: str, database: Path) -> None:
    """Begin the demo, and do the job here."""
    job = httpx.post(f"{url}/api/v1/demo", timeout=60).raise_for_status().headers["Location"]
    catalogue = open_catalogue(sqlite_url(database))
    Worker(catalogue, Place(database.with_name("jobs")), Settings()).work_off()
    catalogue.close()
    done = httpx.get(url + job, timeout=60).json()
    if done["status"] != "done":
        raise SystemExit(f"The demo could not be coded: {done['error']}")


def work(url: str) -> None:
    """Let the two invented coders do a day's work."""

    def ask(path: str, coder: str = "ana", body: object = None, **params: object) -> Any:
        method = "GET" if body is None else "POST"
        headers = {"X-Textcoder-Coder": coder}
        place = f"{url}/api/v1{DEMO}/{quote(path)}"
        given = {name: str(value) for name, value in params.items()}
        return (
            httpx.request(method, place, headers=headers, json=body, params=given, timeout=120)
            .raise_for_status()
            .json()
        )

    said: dict[str, dict[str, float]] = defaultdict(dict)
    for row in ask("codings", limit=10_000)["items"]:
        said[f"{row['file']}:{row['start']}-{row['end']}"][row["code"]] = row["probability"]

    def review(coder: str, rows: list[Any]) -> None:
        for row in rows:
            place = f"{row['file']}:{row['start']}-{row['end']}"
            codes = sorted(code for code, probability in said.get(place, {}).items() if probability >= READY[coder])
            ask("decisions", coder, {"verb": "review", "segment": place, "codes": codes})

    ask("samples", body={"name": "round 1", "n": 60, "coders": list(READY), "seed": 7})
    for coder in READY:
        review(coder, ask("review", coder, sample="round 1", n=60)["items"])
    ask("samples/round 1/release", body={})
    review("ana", ask("review", n=12)["items"])
    surest = sorted(said, key=lambda place: (-max(said[place].values()), place))
    people: dict[str, str] = {}
    for place in surest:
        people.setdefault(place.partition(".")[0].split("_")[1], place)
    for place in list(people.values())[:5]:
        ask("decisions", body={"verb": "quote", "span": place})


def picture(browser: Browser, url: str, name: str, address: str, size: tuple[int, int], shade: str) -> bytes:
    """One view, as somebody sees it once it has settled."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if shade == "dark" else "light",
        locale="en-GB",
        reduced_motion="reduce",
    )
    coder, closed = ("mona", "false") if name == "guide" else ("ana", "true")  # Mona is new here
    context.add_init_script(
        f"localStorage.setItem('coder', '{coder}');"
        f"localStorage.setItem('guide demo', JSON.stringify({{closed: {closed}, open: true, done: []}}));"
    )
    page = context.new_page()
    page.goto(url + address)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('main .waiting')")
    page.wait_for_timeout(1000)  # figures and maps are drawn after their numbers came
    found = page.screenshot()
    context.close()
    return found


def small(file: Path) -> int:
    """Keep a picture of few colours as such, if Pillow is there to do it. Returns its bytes."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return file.stat().st_size
    with Image.open(file) as full:
        few = full.convert("RGB").quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    return file.stat().st_size


def main() -> None:
    """Make them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=IMAGES)
    parser.add_argument("--database", type=Path, help="One in which the demo is coded already; it is copied.")
    options = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit("Needs Chromium: apt-get install chromium")
    options.out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Path(folder) / "project.db"
        if options.database:
            shutil.copyfile(options.database, database)
        with served(database) as url:
            if not options.database:
                code_demo(url, database)
            work(url)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            sizes = {}
            for name, *how in PICTURES:
                file = options.out / f"{name}.png"
                file.write_bytes(picture(browser, url, name, *how))  # type: ignore[arg-type]  # as PICTURES says
                sizes[file.name] = small(file)
            browser.close()
    for name, size in sizes.items():
        print(f"{size / 1000:6.0f} kB  {name}")
    if large := [name for name, size in sizes.items() if size > MOST]:
        raise SystemExit(f"Too large for the documentation (at most {MOST // 1000} kB): {', '.join(large)}")


if __name__ == "__main__":
    main()
