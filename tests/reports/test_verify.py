"""Results that were changed, torn or miscounted are found out; the sentence names file, row and what was expected."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import builders
from tests.reports.studies import CODES, CONTACT, STAFF, bridge, hostile
from textcoder.domain.study import Study
from textcoder.reports import write_study
from textcoder.reports.counts import EDGES
from textcoder.reports.recount import CLASSES, _share
from textcoder.reports.verify import MOST, verify_folder
from textcoder.reports.workbook import write_workbook
from textcoder.workflow.reporting import more_sheets


def write(study: Study, out: Path) -> Path:
    write_study(study, out, codebook_yaml="codes: []\n", codebook_csv="name\n", sheets=more_sheets(study))
    return out


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(bridge(), tmp_path_factory.mktemp("written"))


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """Results of the small study, to be spoilt."""
    return shutil.copytree(written, tmp_path / "results")


def change(path: Path, before: str, after: str) -> None:
    """Replace what stands there once, byte for byte elsewhere."""
    data = path.read_bytes()
    assert before.encode() in data
    path.write_bytes(data.replace(before.encode(), after.encode(), 1))


def reseal(folder: Path, name: str) -> None:
    """Make the manifest agree with a file that was changed, as a careful forger would."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["written"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def recount(folder: Path, edit: Callable[[dict], object]) -> list[str]:
    """What verify says after the counts in the report were edited and sealed again."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    block = re.search(r'id="counts">(.*?)</script>', page)
    assert block
    counts = json.loads(block[1])
    edit(counts)
    (folder / "report.html").write_text(page.replace(block[1], json.dumps(counts)), encoding="utf-8")
    reseal(folder, "report.html")
    return verify_folder(folder)


def test_what_was_written_holds(folder: Path) -> None:
    """Every study would be accused of miscounting."""
    assert verify_folder(folder) == []


@pytest.mark.parametrize("drafted", [True, False])
def test_a_study_with_candidates_beside_a_codebook_holds(tmp_path: Path, drafted: bool) -> None:
    """Candidate themes would be counted in one way by the report and in another by the check."""
    assert verify_folder(write(bridge(drafted=drafted), tmp_path)) == []


def test_a_study_without_anything_holds(tmp_path: Path) -> None:
    """A study that has just begun could not be checked."""
    assert verify_folder(write(builders.study([], {}), tmp_path)) == []


def test_a_survey_of_many_people_holds(tmp_path: Path) -> None:
    """With more people than the page shows the case table is left out, and must not be missed."""
    answers = [f"I ring number {i}." if i % 3 else f"The staff of {i} is kind." for i in range(200)]
    assert verify_folder(write(builders.study([builders.survey("s.csv", answers)], CODES), tmp_path)) == []


SAID = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)
NAME = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SAID, NAME, NAME)
@example("\r", "=x", "role")
@example("</script>", "<b>", "text")
@example("\ufeffx", "\u202e", "case")
def test_whatever_people_say_and_are_called_holds(
    tmp_path_factory: pytest.TempPathFactory, said: str, name: str, attribute: str
) -> None:
    """Some sign in an interview would make the checked results look wrong, or be lost on the way."""
    study = builders.study(
        [builders.transcript(name, (name, f"I ring. {said} ring"), case=name, attributes={attribute: name})],
        {"ring": builders.code(name, "barriers")},
        name=said,
    )
    assert verify_folder(write(study, tmp_path_factory.mktemp("said"))) == []


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "=HYPERLINK(1)", 'a,b\n"c"', "{{ 7*7 }}"])
def test_hostile_names_hold(tmp_path: Path, evil: str) -> None:
    """A name that looks like code, a formula or a table would break the results."""
    assert verify_folder(write(hostile(evil), tmp_path)) == []


# --- quotations


def test_a_folder_without_columns_of_context_is_as_right_as_it_was(folder: Path) -> None:
    """Results that were written before segments.csv had them would be called spoilt."""
    table = pd.read_csv(folder / "segments.csv", dtype=str, keep_default_na=False)
    table.drop(columns=["turn", "question_from"]).to_csv(folder / "segments.csv", index=False, encoding="utf-8-sig")
    assert verify_folder(folder) == []


def test_a_changed_quotation_is_named_with_its_row(folder: Path) -> None:
    """An invented quotation would pass."""
    change(folder / "codings.csv", "I can ring Ruth.", "I can ring Hans.")
    (problem,) = verify_folder(folder)
    assert re.search(
        r"codings\.csv, row \d+: the text is 'I can ring Hans\.'; expected 'I can ring Ruth\.' from w1_SU01", problem
    )


def test_a_changed_text_is_named(folder: Path) -> None:
    """Someone would edit a transcript after coding, and all quotations would shift."""
    path = folder / "texts" / "w1_LE01_karin.md.txt"
    path.write_bytes(b"X" + path.read_bytes())
    problems = verify_folder(folder)
    assert problems[0].startswith("texts/w1_LE01_karin.md.txt: it has been changed")
    assert any(problem.startswith("segments.csv, row ") for problem in problems)


@pytest.mark.parametrize(("start", "words"), [("x", "expected whole numbers"), ("99999", "is no place in")])
def test_a_wrong_place_is_named(folder: Path, start: str, words: str) -> None:
    """A row of which nobody can say where it stands would pass."""
    row = next(line for line in (folder / "segments.csv").read_text("utf-8-sig").splitlines() if "I ring less." in line)
    changed = row.split(",")
    changed[2] = start
    change(folder / "segments.csv", row, ",".join(changed))
    assert any(words in problem for problem in verify_folder(folder))


def test_a_row_of_an_unknown_transcript_is_named(folder: Path) -> None:
    """Rows of another study would pass."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["texts"] = manifest["texts"][1:]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert any("there is no text of the transcript" in problem for problem in verify_folder(folder))


def test_many_problems_of_one_kind_are_counted(tmp_path: Path) -> None:
    """6,000 sentences would hide the one that matters."""
    study = builders.study([builders.survey("s.csv", [f"I ring {i}." for i in range(100)])], CODES)
    folder = write(study, tmp_path)
    path = folder / "texts" / "s.csv.txt"
    path.write_bytes(b"X" + path.read_bytes())
    problems = verify_folder(folder)
    assert f"segments.csv: and {100 - MOST} more of this kind." in problems
    assert len(problems) == 1 + 2 * (MOST + 1)


# --- counts


@pytest.mark.parametrize("name", ["people", "asked", "mentions", "files", "low", "high"])
def test_a_changed_count_of_a_code_is_named(folder: Path, name: str) -> None:
    """A report could say nine of ten where it was four."""

    def edit(counts: dict) -> None:
        counts["codes"][0][name] += 1

    (problem,) = recount(folder, edit)
    assert re.match(rf'report\.html, code "{CONTACT.name}": {name} is .*; expected .* from the rows\.', problem)


def change_attribute(counts: dict) -> None:
    counts["attributes"]["site"][CONTACT.id]["North"]["people"] += 1


def change_case(counts: dict) -> None:
    counts["cases"]["SU01"][CONTACT.id] += 1


def invent_case(counts: dict) -> None:
    counts["cases"]["XX"] = {CONTACT.id: 1}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (change_attribute, 'site "North": people is 3; expected 2'),
        (change_case, f'case "SU01": {CONTACT.id} is 5; expected 4'),
        (invent_case, 'case "XX"'),
        (lambda counts: counts["totals"].update(people=99), "totals: people is 99; expected 3"),
        (lambda counts: counts["totals"].update(transcripts=9), "totals: transcripts is 9; expected 4"),
        (lambda counts: counts["lenses"].update(barriers=99), "segments by lens: barriers is 99"),
        (lambda counts: counts["lens_probabilities"].reverse(), "lens probabilities"),
        (lambda counts: counts["code_probabilities"].append(1), "code probabilities"),
        (lambda counts: counts["codes"].pop(0), "is not counted"),
        (lambda counts: counts.pop("totals"), "not in the form"),
        (lambda counts: counts.update(codes=[1]), "not in the form"),
    ],
)
def test_every_kind_of_count_is_checked(folder: Path, edit: Callable[[dict], object], words: str) -> None:
    """A part of the report would be beyond doubt."""
    assert any(words in problem for problem in recount(folder, edit))


def test_a_changed_theme_count_is_named(tmp_path: Path) -> None:
    """Candidates would look larger than they are."""
    folder = write(bridge(drafted=False), tmp_path)
    problems = recount(folder, lambda counts: counts["themes"]["th0"].update(people=9))
    assert problems == ["report.html, theme th0: people is 9; expected 2 from the rows."]


def test_a_changed_number_on_the_page_is_noticed(folder: Path) -> None:
    """The visible number would differ from the one that is checked."""
    change(folder / "report.html", "2 of&nbsp;3", "3 of&nbsp;3")
    (problem,) = verify_folder(folder)
    assert problem.startswith("report.html: it has been changed")


def test_a_dropped_coding_is_noticed(folder: Path) -> None:
    """Inconvenient rows could be taken out after the report was made."""
    lines = (folder / "codings.csv").read_bytes().split(b"\r\n")
    kept = [line for line in lines if b"I ring less." not in line]
    (folder / "codings.csv").write_bytes(b"\r\n".join(kept))
    problems = verify_folder(folder)
    assert any(problem.startswith(f'report.html, code "{CONTACT.name}": mentions is') for problem in problems)
    assert any("totals: codings" in problem for problem in problems)


def test_a_changed_cell_of_the_case_table_is_named(folder: Path) -> None:
    """The table that goes into statistics would differ from the codings."""
    path = folder / "cases_by_codes.csv"
    row = next(line for line in path.read_text("utf-8-sig").splitlines() if line.startswith("LE01"))
    change(path, row, row.replace(",0,", ",1,", 1))
    (problem,) = verify_folder(folder)
    assert re.match(r"cases_by_codes\.csv, row 2, column '.*': '1'; expected 0 from codings\.csv\.", problem)


def test_a_missing_and_an_invented_case_are_named(folder: Path) -> None:
    """People would disappear from the denominators, or appear in them."""
    change(folder / "cases_by_codes.csv", "LE01", "LE99")
    problems = verify_folder(folder)
    assert 'cases_by_codes.csv, row 2: the case "LE99" has no segment in segments.csv.' in problems
    assert 'cases_by_codes.csv: the case "LE01" is missing; it has segments in segments.csv.' in problems


def test_a_changed_share_in_the_workbook_is_named(folder: Path) -> None:
    """The table by group that is copied into a paper would differ from the codings."""
    from textcoder.reports.tables import Table
    from textcoder.reports.workbook import read_sheet

    data = (folder / "project.xlsx").read_bytes()
    head, *rows = read_sheet(data, "Codes by attribute")
    place = [str(name) for name in head].index("people")
    changed = [
        (*row[:place], 9, *row[place + 1 :]) if row[1] == "North" and row[3] == STAFF.name else row for row in rows
    ]
    sheets = {"Codes by attribute": Table(tuple(map(str, head)), changed[:-1])}
    (folder / "project.xlsx").write_bytes(write_workbook(sheets, title=""))
    problems = verify_folder(folder)
    assert any(re.search(r'Codes by attribute, row \d+, site "North": people is 9; expected 2', p) for p in problems)
    assert any("no row says how many with wave" in problem for problem in problems)


@pytest.mark.parametrize(
    ("column", "number", "words"),
    [
        ("people", 9, "people is 9; expected 2 from the rows"),
        ("people_other", 1, "people_other is 1; expected"),
        ("segments", 7, "segments is 7; expected"),
        ("jaccard", 0.01, "jaccard is 0.01; expected"),
        ("lift", "a lot", "lift is a lot; expected"),
        ("asked", None, "asked is None; expected 3"),
    ],
)
def test_a_changed_number_of_a_pair_in_the_workbook_is_named(
    folder: Path, column: str, number: object, words: str
) -> None:
    """Two codes would be said to go together in a paper, and nobody's words would bear it out."""
    head, *rows = pairs_of(folder)
    place = head.index(column)
    put_pairs(folder, [head, (*rows[0][:place], number, *rows[0][place + 1 :]), *rows[1:]])
    (problem,) = [one for one in verify_folder(folder) if "Codes by attribute" not in one]
    assert problem.startswith("project.xlsx, Co-occurrence, row 2, ")
    assert words in problem


def test_a_pair_that_is_gone_or_made_up_is_named(folder: Path) -> None:
    """What goes together with an awkward code could be left out."""
    head, *rows = pairs_of(folder)
    put_pairs(folder, [head, *rows[1:], (*rows[0][:2], "x", *rows[0][3:])])
    problems = [one for one in verify_folder(folder) if "Codes by attribute" not in one]
    made_up = f"project.xlsx, Co-occurrence, row {len(rows) + 1}: nobody carries both codes, or the pair stands in another row."
    gone = f'project.xlsx, Co-occurrence: no row says how many people have both "{rows[0][1]}" and "{rows[0][4]}".'
    assert problems == [made_up, gone]


def test_a_workbook_without_pairs_is_said(folder: Path) -> None:
    """Whoever takes the sheet out would take its doubtful numbers out of the check."""
    put_pairs(folder, [("code_id",)], name="Pairs")
    expected = 'project.xlsx: it has no readable sheet "Co-occurrence"; write the results again.'
    assert expected in verify_folder(folder)


def pairs_of(folder: Path) -> list[tuple]:
    from textcoder.reports.workbook import read_sheet

    return read_sheet((folder / "project.xlsx").read_bytes(), "Co-occurrence")


def put_pairs(folder: Path, rows: list[tuple], *, name: str = "Co-occurrence") -> None:
    from textcoder.reports.tables import Table

    sheet = Table(tuple(map(str, rows[0])), rows[1:])
    (folder / "project.xlsx").write_bytes(write_workbook({name: sheet}, title=""))


# --- files


@pytest.mark.parametrize(
    "name",
    [
        "codings.csv",
        "segments.csv",
        "cases_by_codes.csv",
        "quotations_chosen.csv",
        "report.html",
        "project.xlsx",
        "manifest.json",
        "codebook.yaml",
    ],
)
def test_a_missing_file_is_said(folder: Path, name: str) -> None:
    """A folder without its rows would be found to hold."""
    (folder / name).unlink()
    assert any(problem.startswith(f"{name}: ") for problem in verify_folder(folder))


def test_a_missing_text_is_said(folder: Path) -> None:
    """Quotations of a text that is not there could not be checked, and nobody would know."""
    (folder / "texts" / "w1_LE01_karin.md.txt").unlink()
    assert any(problem.startswith("texts/w1_LE01_karin.md.txt: it cannot be read") for problem in verify_folder(folder))


@pytest.mark.parametrize("name", ["codings.csv", "report.html", "project.xlsx", "manifest.json"])
@pytest.mark.parametrize("data", [b"", b"\x00\xff\xfe", b"PK\x03\x04", b"a,b\n1\n", b"[]"])
def test_rubbish_in_the_place_of_a_file_is_said(folder: Path, name: str, data: bytes) -> None:
    """The check itself would fail with a traceback."""
    (folder / name).write_bytes(data)
    assert any(problem.startswith(name) for problem in verify_folder(folder))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A wrong path would be found to hold."""
    assert len(verify_folder(tmp_path / "nowhere")) >= 7


def test_a_torn_row_is_named(folder: Path) -> None:
    """A table that was cut off would be read as far as it goes."""
    data = (folder / "codings.csv").read_bytes()
    (folder / "codings.csv").write_bytes(data + b"t1,only two\r\n")
    assert any(re.match(r"codings\.csv, row \d+: it has 2 cells", problem) for problem in verify_folder(folder))


def test_a_sheet_that_is_gone_is_said(folder: Path) -> None:
    """A workbook without the table would pass."""
    with zipfile.ZipFile(folder / "project.xlsx", "w") as archive:
        archive.writestr("x", "y")
    assert any("no readable sheet" in problem for problem in verify_folder(folder))


def test_the_manifest_does_not_lead_out_of_the_folder(folder: Path) -> None:
    """A check of a folder from elsewhere would read any file of this machine."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["texts"][0]["text"] = "../manifest.json"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert any("would lie outside texts/" in problem for problem in verify_folder(folder))


def test_the_second_count_uses_the_same_classes_and_interval() -> None:
    """Report and check would disagree by definition. Interval: Newcombe (1998), table I, 81 of 263."""
    assert CLASSES == EDGES
    rows = [{"case": str(i), "transcript": "t", "start": str(i), "end": "9"} for i in range(81)]
    share = _share(rows, {str(i) for i in range(263)})
    assert (share["people"], share["asked"], share["low"], share["high"]) == (81, 263, 0.2553, 0.3662)
