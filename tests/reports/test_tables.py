"""Tables that spreadsheets, pandas and people read alike, with exact texts."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from zipfile import ZipFile

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import builders
from tests.reports.studies import CODES, CONTACT, STAFF, STEPS, bridge
from textcoder.domain.coding import Coding
from textcoder.domain.study import Study
from textcoder.reports.counts import count
from textcoder.reports.tables import (
    Cell,
    Rows,
    Table,
    attribute_table,
    case_table,
    coding_table,
    file_table,
    guarded,
    segment_table,
    to_csv,
    unguarded,
)
from textcoder.reports.workbook import read_sheet, write_workbook

SAID = st.text(st.characters(exclude_categories=("Cs",)))


def rows_of(table: Table) -> list[dict[str, Cell]]:
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


@given(SAID)
@example("=1+1")
@example("'=1+1")
@example("''@x")
@example("-")
@example("'Cause I say so")
def test_a_guarded_text_is_no_formula_and_comes_back_exactly(text: str) -> None:
    """A quotation that begins with = would be run by a spreadsheet, or would no longer be the exact words."""
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in tuple("=+-@\t\r")


def test_an_apostrophe_of_speech_is_left_alone() -> None:
    """Everyday talk ("'cause") would be altered in every table."""
    assert guarded("'cause it helps") == "'cause it helps"


@given(st.lists(st.lists(SAID, min_size=2, max_size=2), max_size=5))
@example([["a\rb", 'x"y'], ["1,2\n3", " "]])
def test_csv_gives_every_text_back(rows: list[list[str]]) -> None:
    """Newlines, quotes or lone carriage returns would shift or cut quotations."""
    data = to_csv(Table(("a", "b"), [tuple(row) for row in rows]))
    back = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [[unguarded(cell) for cell in row] for row in back] == [["a", "b"], *rows]


def test_pandas_reads_the_tables_without_being_told_anything() -> None:
    """A byte order mark would become part of the first column's name."""
    study = bridge()
    frame = pd.read_csv(io.BytesIO(to_csv(segment_table(study, Rows(study)))))
    assert frame.columns[0] == "transcript"
    assert list(frame["text"]) == [study.quotation(segment) for segment in study.segments]


def test_a_segment_row_says_who_where_and_how() -> None:
    """A quotation could not be traced to its place."""
    study = bridge()
    row = next(r for r in rows_of(segment_table(study, Rows(study))) if r["text"] == "I ring and nobody answers.")
    assert row["file"] == "w1_SU01_mira.txt"
    assert (row["speaker"], row["role"], row["case"], row["page"]) == ("Mira", "participant", "SU01", 4)
    assert row["question"] == "And what gets in the way?"
    assert (row["turn"], row["question_from"]) == (3, "interviewer")
    assert (row["group"], row["site"], row["wave"]) == ("service user", "North", "1")
    assert row["theme"] == CONTACT.name


def test_time_is_told_in_milliseconds() -> None:
    """The analyst could not find the place in the recording."""
    study = bridge()
    row = next(r for r in rows_of(segment_table(study, Rows(study))) if r["text"] == "I ring less.")
    assert row["time_ms"] == 60_000


def test_a_question_in_writing_is_told_from_one_asked_aloud() -> None:
    """A notebook would weigh the heading of a form as what an interviewer asked."""
    study = bridge()
    segment = next(one for one in study.segments if study.question(one))
    of = study.transcript_by_id[segment.transcript]
    turns = (replace(of.turns[0], question="What helped?"), *of.turns[1:])
    form = replace(
        study, transcripts=tuple(replace(of, turns=turns) if one is of else one for one in study.transcripts)
    )
    assert Rows(form).context(replace(segment, turn=0)) == (0, "survey")
    assert Rows(study).context(segment) == (segment.turn, "interviewer")
    assert Rows(study).context(replace(segment, turn=0)) == (0, "")


def test_lens_is_empty_where_the_machine_abstained() -> None:
    """A lens that the machine would not name would be read as its word."""
    study = bridge()
    rows = rows_of(segment_table(study, Rows(study)))
    assert {bool(row["lens"]) for row in rows if row["abstained"] == 1} == {False}
    assert {bool(row["lens"]) for row in rows if row["abstained"] == 0} == {True}
    assert all(row["lens_probability"] for row in rows)


def test_codings_of_every_coder_and_status_are_listed() -> None:
    """A rejected coding would vanish, and with it the trace of the decision."""
    rows = rows_of(coding_table(bridge(), Rows(bridge())))
    assert {(r["coder"], r["coder_kind"], r["status"]) for r in rows} == {
        ("textcoder", "machine", "suggested"),
        ("Anna", "human", "accepted"),
        ("Anna", "human", "rejected"),
    }
    assert {r["code"] for r in rows if r["coder"] == "Anna"} == {STEPS.name, CONTACT.name}


def test_words_outside_all_segments_belong_to_nobody() -> None:
    """A free span over a heading would be counted as somebody's words."""
    study = bridge()
    free = Coding(study.transcripts[0].id, 0, 3, CONTACT.id, builders.MACHINE.id)
    study = replace(study, codings=(free,))
    (row,) = rows_of(coding_table(study, Rows(study)))
    assert row["text"] == study.transcripts[0].text[:3]
    assert (row["role"], row["case"], row["group"]) == ("", "", "")


def test_a_part_of_a_segment_has_the_segments_speaker() -> None:
    """A coding of half a sentence would belong to nobody."""
    study = bridge()
    segment = study.segments[2]
    part = Coding(segment.transcript, segment.start + 1, segment.start + 4, CONTACT.id, builders.MACHINE.id)
    study = replace(study, codings=(part,))
    (row,) = rows_of(coding_table(study, Rows(study)))
    assert row["case"] == study.case(segment)


def test_an_attribute_named_like_a_column_keeps_its_own_column() -> None:
    """A column "role" of the cases table would replace the speaker's role, and nobody would notice."""
    study = builders.study(
        [builders.transcript("a.txt", ("A", "I ring."), case="A", attributes={"role": "nurse", "text": "x"})], CODES
    )
    table = segment_table(study, Rows(study))
    assert len(set(table.header)) == len(table.header)
    row = rows_of(table)[0]
    assert (row["role"], row["role (attribute)"]) == ("participant", "nurse")
    assert (row["text"], row["text (attribute)"]) == ("I ring.", "x")


def test_a_case_row_has_one_for_each_code_and_all_waves() -> None:
    """The 0/1 table would hold mentions, or only the first wave."""
    study = bridge()
    rows = {row["case"]: row for row in rows_of(case_table(study, count(study), Rows(study)))}
    assert (rows["SU01"]["name"], rows["SU01"]["wave"]) == ("Mira", "1; 2")
    assert rows["SU01"][f"what_works: {CONTACT.name}"] == 1
    assert rows["LE01"][f"what_works: {CONTACT.name}"] == 0
    assert rows["LE01"][f"barriers: {STAFF.name}"] == 1


def test_the_attribute_table_tells_people_of_those_asked() -> None:
    """Groups of different size could not be compared."""
    study = bridge()
    rows = rows_of(attribute_table(count(study), Rows(study)))
    row = next(r for r in rows if (r["attribute"], r["value"], r["code"]) == ("site", "North", STAFF.name))
    assert (row["people"], row["asked"], row["mentions"], row["share"]) == (2, 2, 2, 1.0)


def test_files_that_were_not_read_come_first() -> None:
    """Someone would take the material for complete."""
    rows = rows_of(file_table(bridge()))
    assert (rows[0]["file"], rows[0]["outcome"]) == ("scan.pdf", "unreadable")
    assert rows[1]["speakers"] == "Hanna (interviewer); Karin (participant)"


# --- the workbook


def workbook(study: Study) -> bytes:
    rows = Rows(study)
    return write_workbook({"Codings": coding_table(study, rows)}, title="x")


def test_nothing_in_a_workbook_is_a_formula_or_an_error() -> None:
    """Opening the results would run what an interviewee said."""
    table = Table(("text", "n"), [("=1+1", 1), ("#N/A", None), ("\x01=2+2", 2), ("a\x00b", 0.5), ("", 3)])
    data = write_workbook({"S": table}, title="=x")
    assert read_sheet(data, "S") == [("text", "n"), ("=1+1", 1), ("#N/A", None), ("=2+2", 2), ("ab", 0.5), (None, 3)]
    sheet = ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b't="e"' not in sheet


def test_a_cell_is_no_longer_than_a_worksheet_allows() -> None:
    """Excel would refuse the whole file."""
    (_, row) = read_sheet(write_workbook({"S": Table(("a",), [("x" * 40_000,)])}, title=""), "S")
    assert len(str(row[0])) == 32_767


def test_a_workbook_holds_no_time() -> None:
    """Two runs would differ in every archive entry."""
    data = workbook(bridge())
    assert {entry.date_time for entry in ZipFile(io.BytesIO(data)).infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert ZipFile(io.BytesIO(data)).read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2
    assert data == workbook(bridge())


def test_the_header_stays_in_sight_and_filters_are_on() -> None:
    """10,000 rows would have to be scrolled without knowing which column is which."""
    sheet = ZipFile(io.BytesIO(workbook(bridge()))).read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet


@pytest.mark.parametrize("table", [Table(("a", "b"), []), Table(("a",), [(None,)])])
def test_an_empty_table_is_a_table(table: Table) -> None:
    """A study without codings could not be exported."""
    assert read_sheet(write_workbook({"S": table}, title=""), "S")[0] == table.header
    assert to_csv(table).decode("utf-8-sig").startswith("a")
