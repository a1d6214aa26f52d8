"""The demo interviews, by which a study is known to be one to try things on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import sha256

from textcoder.domain.project import Project
from textcoder.domain.transcript import Transcript
from textcoder.resources import data_folder

DEMO = Project("demo", "The Bridge: a synthetic demo study")
"""The study that `POST /demo` begins."""


@cache
def demo_hashes() -> frozenset[str]:
    """The sha256 of each demo interview; none where they are not installed."""
    folder = data_folder("corpora") / "demo" / "interviews"
    return frozenset(sha256(file.read_bytes()).hexdigest() for file in folder.glob("*") if file.is_file())


def is_demo(project: str, transcripts: Iterable[Transcript]) -> bool:
    """Whether a study is the demo: it was begun as such, or all that was read into it are demo interviews, whatever it is called."""
    held = {transcript.sha256 for transcript in transcripts}
    return project == DEMO.id or (bool(held) and held <= demo_hashes())
