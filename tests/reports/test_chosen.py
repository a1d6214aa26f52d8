"""The quotations that people chose: under which code they stand, whose voices are missing, and that the results hold."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from pathlib import Path

from tests.reports.studies import STAFF, bridge, hostile
from textcoder.domain.chosen import chosen_of, voices_of
from textcoder.domain.project import Case
from textcoder.domain.quote import Quote
from textcoder.domain.study import Study
from textcoder.reports import write_study
from textcoder.reports.chosen import by_code, unheard
from textcoder.reports.verify import verify_folder
from textcoder.workflow.reporting import more_sheets


def with_quotes(study: Study, *words: str) -> Study:
    """The study with the first segments that hold these words chosen, in this order."""
    quotes = []
    for place, word in enumerate(words):
        segment = next(s for s in study.segments if word in study.quotation(s))
        note = f"Shows {word}."
        quotes.append(
            Quote(segment.transcript, segment.start, segment.end, note, float(place), "anna", "2026-11-22T12:00:00Z")
        )
    return replace(study, quotes=tuple(quotes))


def results(study: Study, folder: Path) -> Path:
    write_study(study, folder, codebook_yaml="codes: []\n", codebook_csv="name\n", sheets=more_sheets(study))
    return folder


def test_a_quotation_stands_once_under_its_narrowest_code_in_the_order_of_the_codebook() -> None:
    """One sentence would be read three times, and the code that it was chosen for be lost among those above."""
    study = with_quotes(bridge(), "coffee they", "staff leave", "one table", "It was Tuesday")
    found = [
        (code.name if code else "", [one.text for one in group]) for code, group in by_code(study, chosen_of(study))
    ]
    assert found == [
        ("Everyone at one table", ["We sat at one table."]),
        ("Staff shortage", ["The staff leave."]),
        ("Small steps", ["It was Tuesday."]),
        ("Small talk", ["Over coffee they talk."]),
    ]


def test_missing_voices_are_told_with_who_could_have_been_quoted() -> None:
    """A report on three groups would quote one woman and nobody would notice."""
    study = with_quotes(bridge(), "ring Ruth", "one table", "It was Tuesday", "staff leave", "tired")
    heard = voices_of(study)
    assert (heard.quotations, heard.people, heard.asked) == (5, 2, 3)
    assert [(one.case, one.quotations, one.share) for one in heard.loud] == [("SU01", 4, 0.8)]
    assert [(one.value, one.quotations, one.people, one.asked) for one in heard.by["group"]] == [
        ("leader", 1, 1, 1),
        ("professional", 0, 0, 1),
        ("service user", 4, 1, 1),
    ]
    assert [(name, one.value) for name, one in heard.unheard] == [("group", "professional"), ("wave", "2")]
    assert heard.silent == ("PR01",)
    said = "\n".join(unheard(heard, study))
    assert "2 people of 3 are quoted." in said
    assert "Mira says 4 of 5 (80\N{NO-BREAK SPACE}%)" in said
    assert "Nobody is quoted with group professional." in said
    assert "Not quoted: Ingrid." in said


def test_lenses_and_codes_without_a_quotation_are_only_those_that_somebody_speaks_under() -> None:
    """A gap would be shown that no words could fill."""
    heard = voices_of(with_quotes(bridge(), "ring Ruth"))
    assert heard.loud == ()
    assert "barriers" in heard.lenses
    assert STAFF.id in heard.codes
    assert not [code for code in heard.codes if "Never said" in code]
    assert voices_of(bridge()).quotations == 0
    assert unheard(voices_of(bridge()), bridge()) == []


def test_the_order_of_rows_changes_nothing() -> None:
    study = with_quotes(bridge(), "ring Ruth", "staff leave", "tired")
    rng = random.Random(5)
    mixed = replace(
        study,
        segments=tuple(rng.sample(study.segments, len(study.segments))),
        cases=tuple(reversed(study.cases)),
        quotes=tuple(reversed(study.quotes)),
    )
    assert [one.quote for one in chosen_of(mixed)] == list(study.quotes)
    assert voices_of(mixed) == voices_of(study)


def test_waves_are_in_the_order_of_numbers_and_people_in_two_waves_count_in_each() -> None:
    study = with_quotes(bridge(), "ring Ruth")
    late = tuple(replace(t, wave="10") if t.wave == "2" else t for t in study.transcripts)
    heard = voices_of(replace(study, transcripts=late))
    assert [(one.value, one.asked) for one in heard.by["wave"]] == [("1", 3), ("10", 1)]


def test_the_report_has_them_and_the_results_hold(tmp_path: Path) -> None:
    """The words that people chose would not be in the report, or `verify` would not notice a changed one."""
    study = with_quotes(bridge(), "ring Ruth", "staff leave")
    folder = results(study, tmp_path)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert '<section id="chosen"' in page
    assert "What it shows: <bdi>Shows ring Ruth.</bdi>" in page
    assert "chosen by Anna" in page
    assert "Nobody is quoted with group leader and professional." in page
    with (folder / "quotations_chosen.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["text"], row["chosen_by"], row["shows"]) for row in rows] == [
        ("I can ring Ruth.", "Anna", "Shows ring Ruth."),
        ("The staff leave.", "Anna", "Shows staff leave."),
    ]
    assert verify_folder(folder) == []
    path = folder / "quotations_chosen.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("The staff leave.", "All staff left."), "utf-8-sig")
    assert [p for p in verify_folder(folder) if "quotations_chosen.csv, row 3" in p]
    path.write_text("".join(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)[:2]), "utf-8-sig")
    assert [p for p in verify_folder(folder) if "quotations chosen: quotations is 2; expected 1" in p]
    assert 'id="chosen"' not in (results(bridge(), tmp_path / "none") / "report.html").read_text(encoding="utf-8")


def test_names_and_notes_are_never_run(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>=2+2"
    study = hostile(evil)
    segment = study.segments[0]
    quote = Quote(segment.transcript, segment.start, segment.end, evil, 1.0, evil, "2026-11-22T12:00:00Z")
    study = replace(study, quotes=(quote,), cases=(*study.cases, Case("B", evil, {evil: evil})))
    folder = results(study, tmp_path)
    assert "<script>alert" not in (folder / "report.html").read_text(encoding="utf-8")
    assert verify_folder(folder) == []
