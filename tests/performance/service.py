"""The service over HTTP in a large project: `python -m tests.performance.service [segments] [--postgres URL]`.

Made data: 300 people in 3 waves, 60 codes and 40 themes; texts are pairs of the sentences in corpora/lens_training with a number, vectors
come from a seeded mixture of 60 themes under the key of the default encoder; two people have reviewed 3,000 segments, and the machine has
learned from them. The real `textcoder serve` answers in a process of its own; 10 clients here ask one question after the other over open
connections, without a pause, which is harder than 10 people do.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import numpy as np
import numpy.typing as npt

from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, CoderKind, LensPlacement
from textcoder.domain.decision import By
from textcoder.domain.project import Case
from textcoder.domain.theme import Theme, ThemeMap
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, Transcript, Turn
from textcoder.embeddings import SideBySide, text_key
from textcoder.lenses import LensHead
from textcoder.manner import Manner
from textcoder.resources import data_folder
from textcoder.settings import Settings
from textcoder.store import Store, open_store, sqlite_url
from textcoder.workflow import LiveProject
from textcoder.workflow.steps import embedder_of

SEGMENTS, CODES, CASES, WAVES, DIMENSIONS = 100_000, 60, 300, 3, 384
LENSES = ("what_works", "barriers", "signs_of_progress")
CLIENTS, PROJECT = 10, "study"
PEOPLE = (Coder("ana", "Ana", CoderKind.HUMAN), Coder("ben", "Ben", CoderKind.HUMAN))
QUESTION = "p50 under 15 ms, p95 under 50 ms"
TEXTCODER = [sys.executable, "-m", "textcoder"]


# --- the project ------------------------------------------------------------------------------------------------------------------------


class MadeEmbedder:
    """Texts that begin alike lie together, and entries of codes in the middle; under the key of the default encoder."""

    name, n_dims = "made", DIMENSIONS

    def __init__(self) -> None:
        self.key = embedder_of(Settings()).key
        self.centres = np.random.default_rng(1).normal(size=(CODES, DIMENSIONS)).astype(np.float32)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        seed = int.from_bytes(sha256("\n".join(texts).encode()).digest()[:8], "big")
        rows = 2.0 * np.random.default_rng(seed).standard_normal((len(texts), DIMENSIONS), dtype=np.float32)
        rows += self.centres[[theme_of(text) for text in texts]]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows


def theme_of(text: str) -> int:
    """The one of the 60 that a text is about."""
    named = re.match(r"theme (\d+)", text)
    return int(named[1]) if named else int.from_bytes(sha256(text[:16].encode()).digest()[:4], "big") % CODES


def sentences() -> list[str]:
    """Those written to train the lens head."""
    found = []
    for path in sorted((data_folder("corpora") / "lens_training").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += [row["text"] for row in csv.DictReader(file)]
    return found


def transcripts(n: int) -> Iterator[tuple[Transcript, list[Segment]]]:
    """Interviews with one segment a turn, each different from all others."""
    draw, said, number = random.Random(3), sentences(), itertools.count(1)
    for case, wave in itertools.product(range(CASES), range(1, WAVES + 1)):
        text, turns = "", []
        for _ in range(n // (CASES * WAVES)):
            words = f"{draw.choice(said)} {draw.choice(said)} That was the time number {next(number)}."
            turns.append(Turn(len(text), len(text) + len(words), f"P{case}", Role.PARTICIPANT, f"P{case}"))
            text += words + "\n"
        digest = sha256(text.encode()).hexdigest()
        one = Transcript(f"t{digest[:12]}", f"w{wave}_P{case}.txt", text, tuple(turns), digest, wave=str(wave))
        yield one, [Segment.of(one.id, i, turn.start, turn.end) for i, turn in enumerate(turns)]


def save_readings(store: Store, segments: Sequence[Segment]) -> None:
    """Made readings in place of those of the default encoder, which would take a quarter of an hour for 100,000 texts."""
    reader = SideBySide(LensHead.shipped(), Manner.shipped())
    texts = {one.id: one.text for one in store.transcripts()}
    keys = [text_key(texts[s.transcript][s.start : s.end]) for s in segments]
    rows = np.random.default_rng(5).normal(size=(len(keys), reader.n_values)).astype(np.float32)
    store.save_vectors(dict(zip(keys, rows, strict=True)), model=f"{embedder_of(Settings()).key}+{reader.revision}")


def fill(url: str, n: int) -> None:
    """Make the project: what was read, vectors, lenses, themes, a codebook, what two people said, and what the machine suggests."""
    from textcoder.workflow.coding import code

    with closing(open_store(url, project=PROJECT)) as store:
        segments: list[Segment] = []
        with store.transaction():
            for one, own in transcripts(n):
                store.add_transcript(
                    one, own, file=SourceFile(one.name, one.sha256, Outcome.READ, "", one.id), original=b""
                )
                segments += own
            store.save_cases(
                [Case(f"P{i}", f"P{i}", {"group": f"g{i % 3}", "site": f"s{i % 4}"}) for i in range(CASES)]
            )
            odds = {"what_works": 0.3, "barriers": 0.3, "signs_of_progress": 0.2, "none": 0.2}
            store.save_placements([LensPlacement(segment.id, odds) for segment in segments])
            save_readings(store, segments)
            themes = [
                Theme(f"th{i}", f"theme {i}", LENSES[i % 3], (), tuple(s.id for s in segments[i::97]), (), 0.8)
                for i in range(40)
            ]
            store.save_themes(ThemeMap(tuple(themes), ()))
        live, by = LiveProject(store, Settings(), embedder=MadeEmbedder()), By("ana", "2024-03-01T10:00:00Z")
        codes = [
            Code(
                f"c{i}",
                f"theme {i}",
                f"theme {i} is spoken of.",
                lens=LENSES[i % 3],
                parent=f"c{i % 3 + 3 * (i % 7)}" if i >= 40 else None,
            )
            for i in range(CODES)
        ]
        for some in (codes[:40], codes[40:]):  # those above before those below
            live.do(
                lambda standing, some=some: [d for one in some for d in acts.add_code(standing, one, by)],  # type: ignore[misc]  # bound now
                coder=PEOPLE[0],
            )
        read = max(1, len(segments) // 3000)
        for coder, own in zip(PEOPLE, (live.segments[:: 2 * read], live.segments[read :: 2 * read]), strict=True):
            said = [(s.id, (s.transcript, s.start, s.end), f"c{theme_of(live.text(s))}") for s in own]
            live.do(
                lambda standing, coder=coder, said=said: [  # type: ignore[misc]  # bound now
                    d
                    for id_, span, one in said
                    for d in acts.review(standing, id_, span, {one}, (), By(coder.id, by.at))
                ],
                coder=coder,
            )
        code(store, Settings(), embedder=MadeEmbedder())


# --- the service ------------------------------------------------------------------------------------------------------------------------


class Service:
    """`textcoder serve` in a process of its own.

    Attributes:
        started: Seconds from the start of the process to the first answered read.
    """

    def __init__(self, url: str, read: str) -> None:
        start = time.perf_counter()
        self._jobs = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [*TEXTCODER, "serve", "--db", url, "--port", "0", "--jobs", self._jobs.name],
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self._process.stdout.readline() if self._process.stdout else ""
        address = re.search(r"http://\S+", said)
        if address is None:
            sys.exit(f"textcoder serve said {said!r} instead of its address.")
        self.netloc = urlsplit(address[0]).netloc
        with closing(Client(self)) as client:
            client.get(read)
        self.started = time.perf_counter() - start

    @property
    def peak(self) -> str:
        """Its largest resident memory so far (Linux)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (kilobytes,) = re.findall(r"VmHWM:\s+(\d+)", status)
        return f"{int(kilobytes) // 1024} MB"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._jobs.cleanup()


@contextmanager
def serving(url: str, read: str = f"/api/v1/projects/{PROJECT}/codebook") -> Iterator[Service]:
    """The service, after it has answered one read."""
    service = Service(url, read)
    try:
        yield service
    finally:
        service.stop()


class Client:
    """One open connection."""

    def __init__(self, service: Service) -> None:
        self._connection = http.client.HTTPConnection(service.netloc, timeout=120)

    def get(self, path: str) -> bytes:
        return self._send("GET", path)

    def post(self, path: str, body: object) -> bytes:
        return self._send(
            "POST", path, json.dumps(body), {"Content-Type": "application/json", "X-Textcoder-Coder": "ana"}
        )

    def upload(self, path: str, body: bytes, boundary: str) -> bytes:
        return self._send("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def _send(
        self, method: str, path: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> bytes:
        self._connection.request(method, path, body, headers or {})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:300]!r}")
        return answer

    def close(self) -> None:
        self._connection.close()


def ask(service: Service, paths: Sequence[str], *, clients: int = CLIENTS) -> tuple[list[float], float]:
    """Ask each path once, by so many clients without a pause; gives the seconds of each answer, and of all together."""
    waiting, seconds, failed = iter(list(paths)), [], []
    lock = threading.Lock()

    def work() -> None:
        try:
            with closing(Client(service)) as client:
                while True:
                    with lock:
                        path = next(waiting, None)
                    if path is None:
                        return
                    start = time.perf_counter()
                    client.get(path)
                    seconds.append(time.perf_counter() - start)
        except Exception as error:  # noqa: BLE001  # said by the main thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return seconds, time.perf_counter() - start


def send(service: Service, project: str, files: Sequence[Path]) -> str:
    """Begin a project with these files over HTTP, coded afterwards; gives the address of the job."""
    with closing(Client(service)) as client:
        client.post("/api/v1/projects", {"id": project, "name": project})
        one = "textcoder-bench"
        parts = [
            f'--{one}\r\nContent-Disposition: form-data; name="files"; filename="{path.name}"\r\n\r\n'.encode()
            + path.read_bytes()
            for path in files
        ]
        said = f'--{one}\r\nContent-Disposition: form-data; name="options"\r\n\r\n{json.dumps({"code": True})}'
        body = b"\r\n".join([*parts, said.encode(), f"--{one}--\r\n".encode()])
        job = json.loads(client.upload(f"/api/v1/projects/{project}/files", body, one))
    return f"/api/v1/projects/{project}/jobs/{job['id']}"


def finished(client: Client, job: str) -> bool:
    """Whether a job is done; a failed one ends the benchmark."""
    found = json.loads(client.get(job))
    if found["status"] in ("failed", "cancelled"):
        sys.exit(f"The job ended as {found['status']}: {found['error']}")
    return bool(found["status"] == "done")


@contextmanager
def deciding(service: Service, waiting: Iterator[str]) -> Iterator[list[float]]:
    """An analyst reviews a waiting segment every second meanwhile; gives the seconds of each decision."""
    done, seconds = threading.Event(), list[float]()
    with closing(Client(service)) as client:

        def work() -> None:
            for number, segment in enumerate(waiting):
                start = time.perf_counter()
                client.post(
                    f"{HERE}/decisions", {"verb": "review", "segment": segment, "codes": [f"c{number % CODES}"]}
                )
                seconds.append(time.perf_counter() - start)
                if done.wait(max(0.0, 1.0 - seconds[-1])):
                    return

        analyst = threading.Thread(target=work)
        analyst.start()
        try:
            yield seconds
        finally:
            done.set()
            analyst.join()


# --- what is asked ----------------------------------------------------------------------------------------------------------------------

HERE = f"/api/v1/projects/{PROJECT}"


def questions() -> list[str]:
    """432 different ones, in no order: by none to two attributes, of every unit, under each lens, with and without filters."""
    by = ("", "group", "wave", "site", "group,wave", "site,wave")
    where: tuple[dict[str, str], ...] = (
        {},
        {"site": "s1"},
        {"group": "g1"},
        {"wave": "2"},
        {"people_only": "true"},
        {"probability": "0.5"},
    )
    units, lenses = ("codes", "lenses", "themes"), ("", *LENSES)
    asked = [
        {name: value for name, value in (("unit", unit), ("lens", lens), ("by", attributes)) if value} | one
        for unit, lens, attributes, one in itertools.product(units, lenses, by, where)
    ]
    random.Random(8).shuffle(asked)
    return [f"{HERE}/figures?{urlencode(one)}" for one in asked]


def quotation_pages() -> list[str]:
    pages = itertools.product(range(CODES), (0, 20, 200), ("", "&site=s1"))
    return [f"{HERE}/figures/quotations/c{code}?limit=20&offset={offset}{where}" for code, offset, where in pages]


class Searches:
    """Texts to look for, each once."""

    def __init__(self) -> None:
        self._draw = random.Random(11)

    @cached_property
    def _said(self) -> list[str]:
        return sentences()

    def words(self, n: int) -> list[str]:
        """Two words that stand beside each other somewhere."""
        return [self._path(" ".join(self._draw.choice(self._said).split()[1:3]), "words") for _ in range(n)]

    def meaning(self, n: int) -> list[str]:
        """A sentence of up to ten words."""
        some = (self._draw.choice(self._said).split()[:9] for _ in range(n))
        return [self._path(f"{' '.join(words)} {self._draw.randrange(10**6)}", "meaning") for words in some]

    def _path(self, text: str, by: str) -> str:
        return f"{HERE}/search?q={quote(text)}&by={by}"


def segment_pages() -> list[str]:
    filters = ["", *(f"&wave={w}" for w in (1, 2, 3)), *(f"&case=P{i}" for i in range(0, 300, 20)), "&lens=barriers"]
    filters += [f"&code=c{i}" for i in range(0, CODES, 3)]
    return [f"{HERE}/segments?limit=100{one}" for one in filters]


def beside_a_job(service: Service) -> tuple[list[float], float]:
    """Ask this project, nothing twice, while the worker imports and codes the demo interviews in another; gives what `ask` does."""
    asked = [*questions(), *quotation_pages()]
    random.Random(10).shuffle(asked)
    paths = (
        f"{path}{'&' if '?' in path else '?'}minimum_people={least}" for least in itertools.count(3) for path in asked
    )
    job = send(service, "beside", sorted((data_folder("corpora") / "demo" / "interviews").iterdir()))
    seconds, start = list[float](), time.perf_counter()
    with closing(Client(service)) as client:
        while not finished(client, job):
            seconds += ask(service, list(itertools.islice(paths, 20)), clients=1)[0]
    return seconds, time.perf_counter() - start


def told(what: str, found: tuple[list[float], float], goal: str = "") -> None:
    """A line of figures."""
    p50, p95, p99 = np.percentile(np.array(found[0]) * 1000, [50, 95, 99])
    rate = len(found[0]) / found[1]
    print(
        f"{what:<58} p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms, {rate:6.0f}/s   {goal and 'goal: ' + goal}",
        flush=True,
    )


def measure(url: str) -> None:
    """Start, ask, decide, and print."""
    starts = []
    for _ in range(3):
        with serving(url) as service:
            starts.append(service.started)
    print(
        f"start to the first answered read {sorted(starts)[1]:.2f} s ({min(starts):.2f}-{max(starts):.2f})   goal: under 2 s"
    )
    asked, pages, searches, listed = questions(), quotation_pages(), Searches(), segment_pages()
    with serving(url) as service:
        start = time.perf_counter()
        ask(service, asked[:1], clients=1)
        print(
            f"  then to the first question answered {time.perf_counter() - start:.2f} s (all is read, the machine learns)"
        )
        again = random.Random(9).choices(asked, k=2000)
        told(f"question, {CLIENTS} clients, each for the first time", ask(service, asked[1:]), QUESTION)
        told(f"question, {CLIENTS} clients, asked before", ask(service, again), QUESTION)
        told("question, 1 client, asked before", ask(service, again[:300], clients=1))
        told(f"quotations, {CLIENTS} clients", ask(service, pages), "p95 under 30 ms")
        told("quotations, 1 client, asked before", ask(service, pages, clients=1), "p95 under 30 ms")
        ask(service, searches.meaning(1), clients=1)  # loads the encoder
        told("search by meaning, 1 client", ask(service, searches.meaning(100), clients=1), "p95 under 80 ms")
        told(f"search by meaning, {CLIENTS} clients", ask(service, searches.meaning(200)), "p95 under 80 ms")
        told("search by words, 1 client", ask(service, searches.words(50), clients=1))
        told(f"search by words, {CLIENTS} clients", ask(service, searches.words(100)))
        told(f"page of 100 segments, {CLIENTS} clients", ask(service, listed * 3))
        print("while an analyst decides every second:")
        with closing(Client(service)) as client:
            found = json.loads(client.get(f"{HERE}/segments?limit=10000&fields=id"))["items"]
        waiting = (segment["id"] for segment in found[1::7])
        for what, paths, goal in (
            (f"  question, {CLIENTS} clients", (again * 2)[:2000], QUESTION),
            (f"  quotations, {CLIENTS} clients", pages * 2, "p95 under 30 ms"),
            (f"  search by meaning, {CLIENTS} clients", searches.meaning(200), "p95 under 80 ms"),
        ):
            with deciding(service, waiting) as decided:
                told(what, ask(service, paths), goal)
            told(f"    her {len(decided)} decisions", (decided, sum(decided)))
        told(
            "while a job codes the demo: questions and quotations, 1 client", beside_a_job(service), "p95 under 100 ms"
        )
        print(f"peak memory of the service {service.peak}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("segments", nargs="?", type=int, default=SEGMENTS)
    parser.add_argument("--postgres", metavar="URL", default=None)
    given = parser.parse_args()
    os.environ.pop("TEXTCODER_DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as folder:
        url = given.postgres or sqlite_url(Path(folder) / "project.db")
        start = time.perf_counter()
        fill(url, given.segments)
        kind = "PostgreSQL" if given.postgres else "SQLite"
        print(
            f"{kind}, {given.segments} segments, {CODES} codes; made in {time.perf_counter() - start:.0f} s", flush=True
        )
        measure(url)


if __name__ == "__main__":
    main()
