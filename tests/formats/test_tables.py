"""Tables as people have them: dialogues and surveys, told apart by what they hold, and no answer lost or split."""

from __future__ import annotations

import csv
import datetime
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.domain.transcript import Role
from textcoder.errors import InvalidTable, UnreadableFile
from textcoder.formats.extract import Extract
from textcoder.formats.tables import Columns, read_table

SURVEY = """Respondent ID,Site,Years,What helps you?,What gets in the way?,Comments
P1,North,3,"The named contact,
who calls back.",The form.,
P2,Harbour,12,,"The bus leaves before the meeting ends, always.",none
P3,North,1,Having one table for all of us.,Nobody answers after three.,
"""


def words(extract: Extract) -> list[str]:
    return [extract.text[turn.start : turn.end] for turn in extract.turns]


def csv_of(rows: list[list[object]], delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def xlsx_of(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_survey_is_one_source_of_many_cases() -> None:
    """Each answer stays whole, with its question and its respondent; otherwise people are counted wrongly."""
    extract = read_table(SURVEY.encode(), "survey.csv")
    assert extract.kind == "survey"
    assert [(turn.case, turn.question) for turn in extract.turns] == [
        ("P1", "What helps you?"),
        ("P1", "What gets in the way?"),
        ("P2", "What gets in the way?"),
        ("P2", ""),
        ("P3", "What helps you?"),
        ("P3", "What gets in the way?"),
    ]
    assert words(extract)[0] == "The named contact,\nwho calls back."
    assert extract.text == "\n\n".join(words(extract))
    assert {turn.role for turn in extract.turns} == {Role.PARTICIPANT}
    assert {turn.speaker for turn in extract.turns} == {None}
    assert [(case.id, dict(case.attributes)) for case in extract.cases] == [
        ("P1", {"Site": "North", "Years": "3"}),
        ("P2", {"Site": "Harbour", "Years": "12"}),
        ("P3", {"Site": "North", "Years": "1"}),
    ]
    assert "3 empty answers" in extract.note


def test_rows_without_a_respondent_are_numbered_as_in_the_file() -> None:
    """A researcher must find the row again in her spreadsheet; the headings are row 1."""
    extract = read_table(b"answer\nGood.\n\nBad, at first.\n", "feedback.csv")
    assert [turn.case for turn in extract.turns] == ["feedback-2", "feedback-4"]
    assert words(extract) == ["Good.", "Bad, at first."]


def test_people_who_answered_nothing_are_still_cases() -> None:
    """They were asked: without them every share is too high."""
    extract = read_table(b"respondent,answer,site\nA,fine,x\nB, ,y\n", "s.csv")
    assert [case.id for case in extract.cases] == ["A", "B"]


def test_somebodys_codes_are_no_attributes_of_the_person() -> None:
    """Otherwise the answers would be explained by the very labels that are to be found."""
    record = {"id": "n1", "text": "ok", "codes": ["x"], "lens": "barriers", "attributes": {"trust": "A", "id": "7"}}
    (case,) = read_table(json.dumps([record]).encode(), "items.json").cases
    assert dict(case.attributes) == {"trust": "A", "attributes.id": "7"}


def test_contradicting_attributes_are_left_empty_and_said() -> None:
    """One of two values picked by row order would be a made-up fact about a person."""
    extract = read_table(b"respondent,answer,site\nA,one,North\nA,two,South\nB,x,South\n", "s.csv")
    assert [dict(case.attributes) for case in extract.cases] == [{}, {"site": "South"}]
    assert '1 people have more than one "site"' in extract.note


def test_long_answers_are_found_without_known_headings() -> None:
    """Survey programs call their columns Q4 and Q5."""
    rows: list[list[object]] = [["Q1", "Q4", "Q5"]]
    rows += [
        ["agree" if i % 2 else "disagree", f"It went well on day {i} of them", f"The {i}. bus came much too late"]
        for i in range(9)
    ]
    extract = read_table(csv_of(rows), "s.csv")
    assert {turn.question for turn in extract.turns} == {"Q4", "Q5"}
    assert extract.cases[0].attributes == {"Q1": "disagree"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_although_answers_hold_others(delimiter: str) -> None:
    """German Excel writes semicolons; commas in a heading must not cut it."""
    rows: list[list[object]] = [
        ["case", "What, if anything; helped, or not?"],
        ["a", "yes, it; did, help me"],
        ["b", "no, never, ever"],
    ]
    extract = read_table(csv_of(rows, delimiter), "s.csv")
    assert words(extract) == ["yes, it; did, help me", "no, never, ever"]


def test_excels_line_about_the_delimiter_is_no_heading() -> None:
    """Excel writes "sep=;" first; it would become the only heading."""
    assert words(read_table(b"sep=;\ncase;text\na;b, c\n", "s.csv")) == ["b, c"]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1),
        min_size=1,
        max_size=8,
    )
)
def test_every_answer_comes_back_whole_from_csv_and_json(answers: list[str]) -> None:
    """Quotes, emoji, newlines and commas inside an answer are the respondent's words."""
    given_ = [answer.strip() for answer in answers if answer.strip()]
    as_csv = csv_of([["n", "text"], *([i, answer] for i, answer in enumerate(answers))])
    as_json = "\n".join(json.dumps({"n": i, "text": answer}) for i, answer in enumerate(answers)).encode()
    for data, file in ((as_csv, "s.csv"), (as_json, "s.jsonl")):
        if given_:
            assert words(read_table(data, file)) == given_
        else:
            with pytest.raises(UnreadableFile):
                read_table(data, file)


def test_a_dialogue_gives_turns_with_speakers_and_times() -> None:
    """A transcript in a spreadsheet is an interview and no survey of two respondents."""
    data = b"start,speaker,text\n0:00:01,Hanna,What helps?\n[00:00:04.5],Mira,The bus.\n,,And the bread.\n9,Hanna,Mm.\n"
    extract = read_table(data, "i.csv")
    assert extract.kind == "dialogue"
    assert [(turn.speaker, turn.start_ms) for turn in extract.turns] == [
        ("Hanna", 1000),
        ("Mira", 4500),
        ("Mira", None),
        ("Hanna", 9000),
    ]
    assert words(extract) == ["What helps?", "The bus.", "And the bread.", "Mm."]
    assert extract.text.startswith("Hanna: What helps?\n\nMira: The bus.")


def test_a_dialogue_without_headings_keeps_its_first_turn() -> None:
    """The first row would be taken for headings, and the first question would be lost."""
    data = (
        b"Hanna,What works for you?\nMira,Not much at the moment.\nHanna,Even a little?\nMira,The named contact is.\n"
    )
    extract = read_table(data, "i.csv")
    assert [turn.speaker for turn in extract.turns] == ["Hanna", "Mira", "Hanna", "Mira"]
    assert words(extract)[0] == "What works for you?"


def test_a_survey_with_names_and_comments_is_no_dialogue() -> None:
    """Each name stands once: these are respondents."""
    extract = read_table(b"name,comment\nAna,fine for me\nBo,not at all\nCem,so so\n", "s.csv")
    assert extract.kind == "survey"
    assert [case.id for case in extract.cases] == ["Ana", "Bo", "Cem"]


def test_columns_can_be_named_by_the_person() -> None:
    """What a person says counts, whatever we would have guessed; her capitals do not matter."""
    chosen = Columns(("what gets in the way?",), case="SITE", attributes=("Years",))
    extract = read_table(SURVEY.encode(), "s.csv", columns=chosen)
    assert {turn.question for turn in extract.turns} == {"What gets in the way?"}
    assert [case.id for case in extract.cases] == ["North", "Harbour"]
    dialogue = read_table(b"a,b\nx,hello\ny,hi\n", "d.csv", columns=Columns(("b",), speaker="a"))
    assert [turn.speaker for turn in dialogue.turns] == ["x", "y"]


def test_a_column_that_is_not_there_is_answered_with_those_that_are() -> None:
    """The person sees at once how the file spells it."""
    with pytest.raises(InvalidTable, match=r"no column \"anwser\"; there are: case, answer"):
        read_table(b"case,answer\na,b\n", "s.csv", columns=Columns(("anwser",)))


def test_xlsx_is_read_from_the_first_sheet_with_a_table() -> None:
    """A title, an empty sheet, an Excel time and a carriage return inside a cell are all usual."""
    rows: list[list[object]] = [["The interview"], [], ["Time", "Speaker", "Text"]]
    rows += [
        [datetime.time(0, 0, 5), "Hanna", "How_x000D_\nare you?"],
        [datetime.time(0, 1), "Mira", "5 of 10"],
        [None, "Hanna", 7],
    ]
    extract = read_table(xlsx_of([[]], rows, [["a", "b"], ["c", "d"]]), "i.xlsx")
    assert [(turn.speaker, turn.start_ms) for turn in extract.turns] == [
        ("Hanna", 5000),
        ("Mira", 60000),
        ("Hanna", None),
    ]
    assert words(extract) == ["How\nare you?", "5 of 10", "7"]
    assert "not read: Sheet2" in extract.note


def test_json_forms_are_all_read() -> None:
    """Exports differ: lines, a list, a list in an object, bare strings; half an emoji must not reach the database."""
    for text, file in (
        ('{"answer": "a"}\n\n{"answer": "b"}\n', "s.jsonl"),
        ('{"answer": "a"}\n{"answer": "b"}\n', "s.json"),
        ('[{"answer": "a"}, {"answer": "b"}]', "s.json"),
        ('{"title": "x", "responses": [{"answer": "a"}, {"answer": "b"}]}', "s.json"),
        ('["a", "b"]', "s.json"),
    ):
        assert words(read_table(text.encode(), file)) == ["a", "b"]
    assert words(read_table(rb'["x\ud83d", "y"]', "s.json")) == ["x?", "y"]
    named = read_table(rb'[{"answer": "a", "site\ud83d": {"b\ud83d": 1}}]', "s.json")
    "".join(f"{name} {value}" for case in named.cases for name, value in case.attributes.items()).encode()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 12_000_000)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("data", "file", "says"),
    [
        (b"", "s.csv", "empty"),
        (b" \n", "s.csv", "empty"),
        (b"", "s.xlsx", "empty"),
        (b"text\n", "s.csv", "no rows below"),
        (b"case,text\na,\n", "s.csv", "no answer"),
        (b"a,b\n1,2\n3,4\n", "s.csv", "a, b. Name it with --columns"),
        (b'text,n\n"open,1\nmore,2\n', "s.csv", "row 2 cannot be read"),
        (b"text,n\na,1\nb,2\nc,3\nd,4\ne,5,6\n", "s.csv", "row 6 has 3 cells"),
        (b"text\n\0\0\0", "s.csv", "not text"),
        (b"PK\x03\x04rest", "s.csv", "zip archive"),
        (b"PK\x03\x04rest", "s.xlsx", "damaged"),
        (xlsx_of([["text"], ["a"]])[:-200], "s.xlsx", "damaged"),
        (xlsx_of([["text"]]), "s.xlsx", "no sheet holds a table"),
        (bomb(), "s.xlsx", "far larger"),
        (OLE, "s.xlsx", "before 2007"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "s.xlsx", "password"),
        (b'{"text": "a"}\n{"text": \n', "s.jsonl", "line 2 is not JSON"),
        (b'{\n"text": "a",\n}', "s.json", "line 3 is not JSON"),
        (b"[" * 100_000, "s.json", "nested too deeply"),
        (b"[1, 2]", "s.json", "entry 1 is no record"),
        (b"[]", "s.json", "holds no records"),
        (b'speaker,text,start\nA,"",0:01\n', "s.csv", "nobody says a word"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(data: bytes, file: str, says: str) -> None:
    """The other files of the folder go on, and nobody needs a traceback."""
    with pytest.raises(UnreadableFile, match=says) as raised:
        read_table(data, file)
    assert raised.value.remedy


def test_the_dialogues_of_the_data_set_have_exactly_their_turns(shared: Path) -> None:
    """Read by simple means and by eye before."""
    folder = shared / "data/transcripts"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for file in sorted((folder / "derived").glob("*.csv")):
        extract, wanted = read_table(file.read_bytes(), file.name), expected[f"derived/{file.name}"]
        assert len(extract.turns) == wanted["turns"]
        assert sorted({turn.speaker or "" for turn in extract.turns}) == wanted["speakers"]
        assert words(extract)[0].startswith(wanted["first"])
        assert words(extract)[-1].endswith(wanted["last"])
        assert [turn.start_ms for turn in extract.turns] == sorted(turn.start_ms or 0 for turn in extract.turns)


@pytest.mark.parametrize(("name", "people"), [("nhs_fft", 3993), ("cered_reflection", 6435), ("jupyter_survey", 902)])
def test_thousands_of_short_answers_become_as_many_turns(shared: Path, name: str, people: int) -> None:
    """Where other programs make one file a respondent and give up, each answer is a turn of one source."""
    data = (shared / "data" / name / "items.jsonl").read_bytes()
    records = [json.loads(line) for line in data.decode().splitlines()]
    rows = [[record["document"] or record["id"], record.get("question", ""), record["text"]] for record in records]
    extract = read_table(data, "items.jsonl")
    same = read_table(csv_of([["respondent", "question", "answer"], *rows]), "items.csv")
    for read in (extract, same):
        assert words(read) == [record["text"] for record in records]
        assert [turn.question for turn in read.turns] == [record.get("question", "") for record in records]
        assert [turn.case for turn in read.turns] == [row[0] for row in rows]
        assert len(read.cases) == people
    assert not any(
        {"codes", "lens", "annotator", "split", "sentiment", "valence", "id"} & set(case.attributes)
        for case in extract.cases
    )


@pytest.mark.parametrize("levels", [300, 700, 900, 960])
def test_json_that_is_too_deep_is_refused_and_no_crash(levels: int) -> None:
    answers = f'[{{"respondent": "P1", "text": "It rains all day here.", "x": {"[" * levels}1{"]" * levels}}}]'
    try:
        assert "It rains" in read_table(answers.encode(), "a.json").text
    except UnreadableFile as error:
        assert "nested too deeply" in str(error)


def test_a_table_that_would_fill_the_memory_with_empty_cells_is_refused() -> None:
    """Records that share no field make a table of millions of cells out of a small file."""
    records = [{f"field {i}": "one two three four five"} for i in range(5000)]
    with pytest.raises(UnreadableFile, match="5000 rows and 5000 columns"):
        read_table(json.dumps(records).encode(), "a.json")


@pytest.mark.parametrize(("number", "is_read"), [(1_000_000, True), (10**12, False)])
def test_a_row_that_says_it_is_far_below_costs_no_memory(number: int, is_read: bool) -> None:
    """Spreadsheets hold a forgotten cell in their last row; a row beyond it would be waited for without end."""
    out = io.BytesIO()
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["respondent", "answer"], ["P1", "It rains all day here."]):
        book.active.append(row)
    book.save(out)
    with zipfile.ZipFile(out) as held:
        members = {name: held.read(name) for name in held.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    far = f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>P2</t></is></c></row></sheetData>'.encode()
    members[sheet] = members[sheet].replace(b"</sheetData>", far)
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    if is_read:
        assert read_table(out.getvalue(), "a.xlsx").text == "It rains all day here."
    else:
        with pytest.raises(UnreadableFile, match="damaged"):
            read_table(out.getvalue(), "a.xlsx")
