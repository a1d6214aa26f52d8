"""The studies that the tests of reports look at."""

from __future__ import annotations

from dataclasses import replace

from tests import builders
from textcoder.domain.coding import Status
from textcoder.domain.project import Case
from textcoder.domain.study import Study
from textcoder.domain.transcript import Outcome, SourceFile

CONTACT = builders.code("A named contact", "what_works", definition="One person who can be reached is said to help.")
TABLE = builders.code("Everyone at one table", "what_works", parent=CONTACT.id)
STAFF = builders.code("Staff shortage", "barriers", definition="Too few people are said to hinder.")
STEPS = builders.code("Small steps", "signs_of_progress")
TALK = builders.code("Small talk")
SILENT = builders.code("Never said", "barriers")
CODES = {"ring": CONTACT, "table": TABLE, "staff": STAFF, "now": STEPS, "coffee": TALK, "zzzz": SILENT}

CASES = (
    Case("SU01", "Mira", {"group": "service user", "site": "North"}),
    Case("PR01", "Ingrid", {"group": "professional", "site": "North"}),
    Case("LE01", "Karin", {"group": "leader", "site": "Valley"}),
)
UNREAD = SourceFile(
    "scan.pdf", "ab" * 32, Outcome.UNREADABLE, "scan.pdf: the pages hold pictures. Run OCR on it first."
)


def bridge(*, drafted: bool = True, name: str = "The Bridge study") -> Study:
    """Three people in four interviews; one file could not be read; a person has coded twice, and once taken it back."""
    transcripts = [
        builders.transcript(
            "w1_SU01_mira.txt",
            ("Hanna", "What helps you?"),
            ("Mira", "I can ring Ruth. We sat at one table. It was Tuesday."),
            ("Hanna", "And what gets in the way?"),
            ("Mira", "The staff leave. I ring and nobody answers. 😀 So I had a coffee."),
            case="SU01",
            wave="1",
            pages=True,
        ),
        builders.transcript(
            "w2_SU01_mira.vtt",
            ("Hanna", "What is different?"),
            ("Mira", "Now they call me first. I ring less."),
            case="SU01",
            wave="2",
            times=True,
        ),
        builders.transcript(
            "w1_PR01_ingrid.txt",
            ("Hanna", "What helps?"),
            ("Ingrid", "We ring each other.\nWe meet at the table. The staff is too small."),
            case="PR01",
            wave="1",
        ),
        builders.transcript(
            "w1_LE01_karin.md",
            ("Hanna", "What works?"),
            ("Karin", "Our staff is tired. Over coffee they talk."),
            case="LE01",
            wave="1",
        ),
    ]
    study = builders.study(transcripts, CODES, name=name, cases=CASES, files=[UNREAD], drafted=drafted)
    by_anna = [
        builders.coded_by_anna(study, "Tuesday", STEPS),
        builders.coded_by_anna(study, "tired", CONTACT, status=Status.REJECTED),
    ]
    codings = sorted([*study.codings, *by_anna], key=lambda c: (c.transcript, c.start, c.end, c.code, c.coder))
    return replace(study, codings=tuple(codings))


def hostile(evil: str) -> Study:
    """A study in which everything that people name or say is `evil`."""
    code = builders.code(evil, "what_works", definition=evil, include=evil, exclude=evil)
    plain = builders.transcript(
        evil, ("Hanna", f"{evil}?"), (evil, f"I ring. {evil}"), case=evil, wave=evil, attributes={evil: evil}
    )
    other = builders.transcript(
        f"other {evil}", ("Hanna", "What?"), ("B", "We ring them."), wave="2", attributes={evil: "else"}
    )
    file = SourceFile(evil, "cd" * 32, Outcome.UNREADABLE, evil)
    study = builders.study(
        [plain, other],
        {"ring": code, "what": builders.code(f"{evil}2")},
        name=evil,
        cases=[Case(evil, evil, {evil: evil})],
        files=[file],
    )
    coders = tuple(replace(coder, name=evil) for coder in study.coders)
    return replace(study, coders=coders, manifest={**study.manifest, "settings": {"encoder": evil}})
