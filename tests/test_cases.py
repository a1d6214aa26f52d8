"""Who the participants are and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest

from textcoder.cases import CaseRow, CaseTable, assign, read_case_table
from textcoder.domain.project import Case
from textcoder.domain.transcript import Role, Transcript, Turn
from textcoder.errors import InvalidTable, UnreadableFile

HEADER = "file,case,name,group,site,wave,date\n"
MIRA = "w1_SU01_mira.txt,SU01,Mira,service user,North,1,2024-04-18\n"


@dataclass(frozen=True)
class Read:
    transcript: Transcript
    metadata: dict[str, str] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()


def talk(*speakers: str | None, asks: str = "Hanna", kind: str = "dialogue", **metadata: str) -> Read:
    turns = tuple(
        Turn(i, i + 1, speaker, Role.INTERVIEWER if speaker == asks else Role.PARTICIPANT)
        for i, speaker in enumerate((asks, *speakers))
    )
    return Read(Transcript("t", "a.txt", "x" * len(turns), turns, "", kind=kind), metadata)


def table(*rows: CaseRow) -> CaseTable:
    return CaseTable("cases.csv", rows)


def written(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_whatever_its_delimiter(tmp_path: Path, delimiter: str) -> None:
    """Spreadsheets in half of Europe write semicolons."""
    (row,) = read_case_table(written(tmp_path, "\ufeff" + (HEADER + MIRA).replace(",", delimiter))).rows
    assert (row.number, row.case, row.name, row.wave, row.date) == (2, "SU01", "Mira", "1", "2024-04-18")
    assert row.attributes == {"group": "service user", "site": "North"}


def test_a_workbook_is_read_with_its_numbers_and_dates_as_text(tmp_path: Path) -> None:
    """Wave 1 would become 1.0 and the date a timestamp."""
    from datetime import datetime

    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["File", "Case", "Wave", "Date"])
    book.active.append(["a.txt", "P1", 1, datetime(2024, 4, 18)])
    book.save(tmp_path / "cases.xlsx")
    (row,) = read_case_table(tmp_path / "cases.xlsx").rows
    assert (row.wave, row.date) == ("1", "2024-04-18")


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("name,case\nMira,SU01\n", 1, 'no column "file"'),
        ("file,name\na.txt,Mira\n", 1, 'no column "case"'),
        ("file,case\na.txt,\n", 2, 'under "case" is empty'),
        (HEADER + MIRA + MIRA, 3, "already in row 2"),
        ("file,case,date\na.txt,P1,18/4/24\n", 2, "2024-04-18"),
    ],
)
def test_a_wrong_row_is_named_with_the_remedy(tmp_path: Path, text: str, row: int, message: str) -> None:
    """People would be counted under wrong names."""
    with pytest.raises(InvalidTable, match=message) as caught:
        read_case_table(written(tmp_path, text))
    assert caught.value.row == row


def test_a_table_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A typing error in a path would show a traceback."""
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        read_case_table(tmp_path / "none.csv")


def test_a_table_of_half_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    """A recording that was given by mistake would fill the memory of a laptop."""
    path = tmp_path / "cases.csv"
    with path.open("wb") as file:
        file.truncate(500_000_000)  # takes no room on the disk
    with pytest.raises(UnreadableFile, match="it has 500 MB"):
        read_case_table(path)


@pytest.mark.parametrize("file", ["n/w1_mira.txt", "w1_mira.txt", "W1_Mira", "w1_mira.docx"])
def test_a_row_is_found_by_path_name_or_stem(file: str) -> None:
    """A table made for the recordings must serve for the transcripts."""
    transcript, cases = assign(
        talk("Mira"), path_name="n/w1_mira.txt", table=table(CaseRow(2, file, "SU01", wave="1")), pattern=None
    )
    assert (transcript.wave, [case.id for case in cases]) == ("1", ["SU01"])


def test_two_files_of_one_name_are_told_apart_by_their_folders() -> None:
    """North's P1 would get South's attributes."""
    rows = table(CaseRow(2, "north/p1.txt", "N1"), CaseRow(3, "south/p1.txt", "S1"))
    assert [
        assign(talk("X"), path_name=f"{site}/p1.txt", table=rows, pattern=None)[1][0].id for site in ("north", "south")
    ] == [
        "N1",
        "S1",
    ]


def test_accents_are_the_same_however_the_file_system_stores_them() -> None:
    """Files copied from a Mac would lose their rows."""
    rows = table(CaseRow(2, "jose\u0301.txt", "P1"))
    assert assign(talk("X"), path_name="jos\u00e9.txt", table=rows, pattern=None)[1][0].id == "P1"


def test_the_table_counts_more_than_front_matter_and_that_more_than_the_name() -> None:
    """The researcher's corrected table would be overruled by an old header."""
    read = talk("Mira", case="SU02", wave="2", site="South")
    path = "w3_SU03_leila.txt"
    row = CaseRow(2, path, "SU01", "Mira", wave="1", attributes={"site": "North"})
    ids = []
    for given, source in ((table(row), read), (None, read), (None, talk("Mira"))):
        transcript, (case,) = assign(source, path_name=path, table=given, pattern=None)
        ids.append((case.id, transcript.wave))
    assert ids == [("SU01", "1"), ("SU02", "2"), ("SU03", "3")]


def test_what_differs_between_the_rows_of_a_person_belongs_to_the_sources() -> None:
    """Her group in wave 1 would be shown for wave 3."""
    rows = table(
        CaseRow(2, "w1.txt", "P1", "Ann", attributes={"site": "North", "group": "user"}),
        CaseRow(3, "w2.txt", "P1", attributes={"site": "North", "group": "leader", "age": "41"}),
    )
    transcript, cases = assign(talk("Ann"), path_name="w2.txt", table=rows, pattern=None)
    assert cases == (Case("P1", "Ann", {"age": "41", "site": "North"}),)
    assert transcript.attributes == {"group": "leader"}


def test_only_participants_turns_have_a_case() -> None:
    """The interviewer would be counted as a person with barriers."""
    transcript, _ = assign(talk("Mira"), path_name="P1.txt", table=None, pattern=None)
    assert [turn.case for turn in transcript.turns] == [None, "P1"]


def test_a_focus_group_has_a_case_for_each_who_takes_part() -> None:
    """Six people would be counted as one."""
    transcript, cases = assign(talk("Ann", "Bo", None), path_name="g/fg1.txt", table=None, pattern=None)
    assert [turn.case for turn in transcript.turns[1:]] == ["g/fg1 / Ann", "g/fg1 / Bo", "g/fg1 / unnamed"]
    assert [case.name for case in cases] == ["Ann", "Bo", "g/fg1 / unnamed"]


def test_a_table_tells_the_people_of_a_focus_group_apart() -> None:
    """They could not be joined with their own interviews."""
    rows = table(CaseRow(2, "fg.txt", "P1", speaker="Ann"), CaseRow(3, "fg.txt", "P2", name="Bo"))
    transcript, _ = assign(talk("Ann", "Bo"), path_name="fg.txt", table=rows, pattern=None)
    assert [turn.case for turn in transcript.turns[1:]] == ["P1", "P2"]
    with pytest.raises(InvalidTable, match='add a column "speaker"'):
        assign(talk("Cleo", "Dan"), path_name="fg.txt", table=rows, pattern=None)


def test_machine_labels_never_join_people_over_files() -> None:
    """Speaker 1 of every file would be one talkative person."""
    found = [assign(talk("Speaker 1"), path_name=f"{name}.txt", table=None, pattern=None)[1] for name in ("one", "two")]
    assert found == [(Case("one", "one"),), (Case("two", "two"),)]


def test_what_one_file_says_of_a_person_stays_with_the_file() -> None:
    """The last file read would overwrite what the first said of her."""
    read = talk("Leila", case="SU03", site="Harbour", title="Interview", media="https://x.org/a", date="5/12/91")
    transcript, (case,) = assign(read, path_name="a.md", table=None, pattern=None)
    assert (case, transcript.date) == (Case("SU03", "Leila"), None)
    assert transcript.attributes == {"site": "Harbour", "date as written": "5/12/91"}


@pytest.mark.parametrize(
    ("path", "case", "name", "wave", "day"),
    [
        ("w1_SU01_mira.txt", "SU01", "Mira", "1", None),
        ("P3.pdf", "P3", "P3", None, None),
        ("su01 wave-2 final.docx", "SU01", "SU01", "2", None),
        ("T2_P03.txt", "P03", "P03", "2", None),
        ("2024-05-02_mira_w2.txt", "Mira", "Mira", "2", "2024-05-02"),
        ("PRICE_EDITED.txt", "PRICE_EDITED", "PRICE_EDITED", None, None),
        ("transcript_v2.txt", "transcript_v2", "transcript_v2", None, None),
        ("the-changelog-433.md", "the-changelog-433", "the-changelog-433", None, None),
    ],
)
def test_usual_file_names_are_understood_and_others_left_whole(
    path: str, case: str, name: str, wave: str | None, day: str | None
) -> None:
    """Three waves of one person would be three people; or a version number a person."""
    transcript, (found,) = assign(talk("Participant"), path_name=path, table=None, pattern=None)
    assert (found.id, found.name, transcript.wave, transcript.date) == (case, name, wave, day)


def test_a_pattern_says_how_the_researcher_names_her_files() -> None:
    """Every team has its own way."""
    transcript, (case,) = assign(
        talk("X"), path_name="north/leader_LE01_w3.txt", table=None, pattern="{site}/{group}_{case}_w{wave}"
    )
    assert (case.id, transcript.wave, transcript.attributes) == ("LE01", "3", {"group": "leader", "site": "north"})
    _, (unfitting,) = assign(talk("Participant"), path_name="w1_SU01.txt", table=None, pattern="{case}-{wave}")
    assert unfitting.id == "w1_SU01"
    for wrong in ("interview", "{case}_{case}", "{}", "{a b}"):
        with pytest.raises(InvalidTable, match="fields in braces"):
            assign(talk("X"), path_name="a.txt", table=None, pattern=wrong)


def test_a_survey_keeps_its_people_and_learns_of_them_from_the_table() -> None:
    """Respondents would become one case each file."""
    survey = Read(talk("x", kind="survey").transcript, {}, (Case("R1", "R1", {"age": "30"}), Case("R2", "R2")))
    rows = table(
        CaseRow(2, "s.csv", "R1", "Ann", wave="1", attributes={"site": "North"}), CaseRow(3, "s.csv", "R2", wave="1")
    )
    transcript, cases = assign(survey, path_name="s.csv", table=rows, pattern=None)
    assert cases == (Case("R1", "Ann", {"age": "30", "site": "North"}), Case("R2", "R2"))
    assert transcript.wave == "1"


def test_a_file_with_nobody_but_interviewers_has_no_case() -> None:
    """An empty person would be counted."""
    assert assign(talk(), path_name="P1.txt", table=None, pattern=None)[1] == ()
