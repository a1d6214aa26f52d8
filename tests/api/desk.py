"""A small study on SQLite behind the service, in process: three interviews of two waves, three codes, two candidate themes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from fastapi.testclient import TestClient

from tests.builders import MACHINE, study, transcript
from tests.fakes import HashEmbedder
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By
from textcoder.domain.project import Case, Project
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject
from textcoder_api import create_app

ANA = Coder("ana", "ana", CoderKind.HUMAN)
MIRA = transcript(
    "mira.txt",
    ("Hanna", "What hinders?"),
    ("Mira", "Nobody answers after three. The form is long. I ring and ring."),
    ("Hanna", "And what helps?"),
    ("Mira", "My neighbour sits with me. We have tea."),
    wave="1",
    pages=True,
)
LEILA = transcript("leila.txt", ("Leila", "The office is far away. Nobody answers. It rains."), wave="2")
OMAR = transcript(
    "omar.txt",
    ("Omar", "The form is in a language I cannot read. Tea helps, honestly. =SUM(A1) is no answer."),
    wave="2",
)
LATE = Code("late", "Nobody answers", "Nobody picks up the telephone.", lens="barriers")
FORMS = Code("forms", "Forms", "Forms are long or hard to read.", lens="barriers")
TEA = Code("tea", "Tea together", "Company that helps.", lens="what_works")
CASES = (
    Case("Mira", "Mira", {"group": "service user", "site": "North"}),
    Case("Leila", "Leila", {"group": "service user", "site": "South"}),
    Case("Omar", "Omar", {"group": "volunteer", "site": "South"}),
)


def fill(path: Path, name: str = "Moving house") -> None:
    """Write the study, as a run and its analyst have left it."""
    whole = study([MIRA, LEILA, OMAR], {"nobody": LATE, "form": FORMS, "tea": TEA}, cases=CASES, drafted=False)
    store = open_store(sqlite_url(path))
    store.save_project(Project("study", name))
    for one in whole.transcripts:
        file = next(f for f in whole.files if f.transcript == one.id)
        held = [segment for segment in whole.segments if segment.transcript == one.id]
        store.add_transcript(one, held, file=file, original=one.name.encode())
    store.save_cases(whole.cases)
    store.save_placements(list(whole.placements.values()))
    store.save_themes(replace(whole.themes, themes=whole.themes.themes[:2]))
    store.save_coder(MACHINE)
    store.finish("code", "a run")
    live = LiveProject(store, Settings(), embedder=HashEmbedder())
    for code in (LATE, FORMS, TEA):
        live.do(partial(acts.add_code, code=code, by=By("ana", "2024-03-01T09:00:00+00:00")), coder=ANA)
    _ = live.vectors  # a study that was coded has its vectors
    store.close()


@contextmanager
def serving(folder: Path, *projects: str, **more: object) -> Iterator[TestClient]:
    """The service over a copy of the study for each project, in `folder`."""
    template = folder.parent / "template.db"
    if not template.exists():
        fill(template)
    folder.mkdir(exist_ok=True)
    openers = {}
    for project in projects or ("study",):
        file = folder / f"{project}.db"
        if not file.exists():
            shutil.copyfile(template, file)
        openers[project] = partial(open_store, sqlite_url(file))
    app = create_app(openers, Settings(), embedder=HashEmbedder(), **more)  # type: ignore[arg-type]  # as create_app takes them
    with TestClient(app, base_url="http://127.0.0.1:8765") as client:
        yield client


P = "/api/v1/projects/study"
