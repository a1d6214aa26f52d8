"""What a person edits must come back: codebooks written for an editor or a spreadsheet, and read again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.domain.codebook import Code, Codebook, CodeStatus, Example, Origin, code_id
from textcoder.domain.project import BARRIERS, DEFAULT_LENSES, WHAT_WORKS, Lens
from textcoder.errors import InvalidTable, UnreadableFile
from textcoder.formats.codebook import read_codebook, write_codebook_csv, write_codebook_yaml
from textcoder.formats.examples import read_examples, write_examples

LENSES = [lens.id for lens in DEFAULT_LENSES]
# Canonical text has LF alone and no control characters beside tab; names carry no blanks at their ends.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=200)
TRICKY = st.sampled_from(
    ["=1+1", "'=x", "''-5", "@home", "- a\n  b", "(laughs)", "a\n(b)", "No", "null", "# 1", "🙂: x", "", "• "]
)
TEXT = st.one_of(TRICKY, ANY_TEXT, st.text("ab ,.", min_size=90, max_size=300))
NAME = st.one_of(TRICKY, ANY_TEXT).map(str.strip).filter(bool)


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    """Any codebook without problems: names differ within a lens, parents stand before their children."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from([*LENSES, "none"]), NAME),
            max_size=5,
            min_size=1,
            unique_by=lambda key: (key[0], key[1].casefold()),
        )
    )
    codes: list[Code] = []
    for number, (lens, name) in enumerate(keys):
        codes.append(
            Code(
                id=draw(st.sampled_from([f"c{number}", code_id(lens, name)])),
                name=name,
                definition=draw(TEXT),
                include=draw(TEXT),
                exclude=draw(TEXT),
                examples=tuple(draw(st.lists(st.builds(Example, TEXT, TEXT), max_size=3))),
                lens=lens,
                parent=draw(st.sampled_from([None, *(code.id for code in codes)])),
                colour=draw(st.sampled_from(["", "#1b9e77", "#FFFFFF"])),
                origin=draw(st.sampled_from(Origin)),
                status=draw(st.sampled_from(CodeStatus)),
            )
        )
    return Codebook(tuple(codes))


def by_id(codes: tuple[Code, ...]) -> dict[str, Code]:
    return {code.id: code for code in codes}


@given(codebooks(), ANY_TEXT)
def test_yaml_gives_back_the_codes_that_were_written(codebook: Codebook, title: str) -> None:
    """Otherwise a researcher who opens and saves her codebook loses definitions or, with the ids, her codings."""
    written = write_codebook_yaml(codebook, title=title).encode()
    assert by_id(read_codebook(written, "codebook.yaml", lenses=LENSES)) == by_id(codebook.codes)


@given(codebooks())
def test_csv_gives_back_the_codes_that_were_written(codebook: Codebook) -> None:
    """Likewise for the one who works in a spreadsheet; the BOM that Excel needs must not stick to the first heading."""
    written = write_codebook_csv(codebook).encode("utf-8-sig")
    assert by_id(read_codebook(written, "codebook.csv", lenses=LENSES)) == by_id(codebook.codes)


@given(st.lists(st.builds(Example, TEXT, TEXT), max_size=4))
def test_examples_of_one_cell_come_back(examples: list[Example]) -> None:
    """A quotation that grows or loses a line in a spreadsheet is no longer a quotation."""
    assert read_examples(write_examples(examples)) == tuple(examples)


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ("- one\n- two", ["one", "two"]),
        ("• one\nstill one\n• two", ["one\nstill one", "two"]),
        ("one\n\ntwo", ["one", "two"]),
        ("• (laughs)", ["(laughs)"]),
        (" \n", []),
    ],
)
def test_examples_may_be_typed_freely(cell: str, texts: list[str]) -> None:
    """People do not type our bullets; what they mean must still be found."""
    assert [example.text for example in read_examples(cell)] == texts


def test_cells_that_look_like_formulas_are_guarded() -> None:
    """A participant's "=HYPERLINK(...)" must not run on the analyst's machine."""
    book = Codebook((Code("1", "@home", definition="=HYPERLINK(1)", include="-5 points"),))
    row = list(csv.reader(io.StringIO(write_codebook_csv(book))))[1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_yaml_is_written_for_people() -> None:
    """The file says how to edit it, goes by lens, folds long text and names parents in words."""
    long = "Anything that keeps people from getting an answer when they need one. " * 3
    top = Code(
        "1", "Waiting", definition=long.strip(), lens="barriers", origin=Origin.MODEL, status=CodeStatus.PROVISIONAL
    )
    below = Code("2", "Phone queue", lens="barriers", parent="1", examples=(Example("Nobody answers.", "Mira"),))
    first = Code("3", "Named contact", lens="what_works")
    text = write_codebook_yaml(Codebook((top, below, first)), title="Bridge\nwater")
    assert text.startswith("# A codebook.")
    assert text.index("Named contact") < text.index("Waiting")
    assert "definition: >-\n" in text
    assert "parent: Waiting" in text
    assert "title: Bridge water" in text
    assert "status: provisional" in text
    assert "origin: model" in text


def test_an_empty_codebook_is_written_and_its_reading_says_that_it_is_empty() -> None:
    """A study without themes yet still gets a file to fill in."""
    with pytest.raises(InvalidTable, match="no codes"):
        read_codebook(write_codebook_yaml(Codebook(), title="x").encode(), "c.yaml", lenses=LENSES)


def test_a_short_yaml_by_hand_is_enough() -> None:
    """Name and lens make a code; No stays a name, a lens may be written as people read it."""
    data = b"codes:\n- name: No\n  lens: What works\n  examples: [it runs, {text: fine, source: Mira}]\n- code: b\n"
    first, second = read_codebook(data, "codebook.yml", lenses=LENSES)
    assert first == Code(
        code_id("what_works", "No"), "No", lens="what_works", examples=(Example("it runs"), Example("fine", "Mira"))
    )
    assert (second.name, second.lens, second.origin, second.status) == ("b", "none", Origin.DATA, CodeStatus.ACTIVE)


def test_a_lens_is_found_by_its_name_too() -> None:
    """A project's own lens can have an id that nobody would write."""
    lens = Lens("l1", "Hopes and fears", "")
    assert read_codebook(b"name,lens\na,HOPES and fears\n", "c.csv", lenses=[lens])[0].lens == "l1"


def test_a_new_code_with_the_old_name_of_a_renamed_one_gets_an_id_of_its_own() -> None:
    """Otherwise the new code would take over the codings of the renamed one."""
    old = code_id("barriers", "Trust")
    data = f"name,lens,id\nTrust,barriers,\nConfidence,barriers,{old}\n".encode()
    new, renamed = read_codebook(data, "c.csv", lenses=LENSES)
    assert renamed.id == old
    assert new.id != old


def test_a_parent_is_found_by_name_under_the_same_lens_first() -> None:
    """Trust can be what works and a barrier; a sub-code belongs to the one of its own lens."""
    data = b"name,lens,parent\nTrust,what_works,\nTrust,barriers,\nBroken promise,barriers,trust\n"
    codes = read_codebook(data, "c.csv", lenses=LENSES)
    assert codes[2].parent == codes[1].id


def test_a_parent_under_another_lens_comes_back_although_its_name_stands_twice() -> None:
    """Writing orders by lens; a parent that was guessed by order would then be another one."""
    codes = (
        Code("1", "Trust", lens="signs_of_progress"),
        Code("2", "Meetings", lens="what_works", parent="1"),
        Code("3", "trust", lens="barriers"),
    )
    for written, file in (
        (write_codebook_yaml(Codebook(codes), title=""), "c.yaml"),
        (write_codebook_csv(Codebook(codes)), "c.csv"),
    ):
        assert by_id(read_codebook(written.encode(), file, lenses=LENSES))["2"].parent == "1"


def test_xlsx_is_read_like_csv() -> None:
    """Most codebooks that exist are spreadsheets."""
    book = openpyxl.Workbook()
    for row in (["Code", "Description", "Lens"], ["Waiting", "Too long.", "Barriers"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    (code,) = read_codebook(out.getvalue(), "codebook.xlsx", lenses=LENSES)
    assert (code.name, code.definition, code.lens) == ("Waiting", "Too long.", "barriers")


@pytest.mark.parametrize(
    ("file", "text", "row", "says"),
    [
        ("c.csv", "name,lens\nA,barriers\n,barriers\n", 3, "no name"),
        ("c.csv", "name,lens\nA,barriers\n\na,barriers\n", 4, "twice"),
        ("c.csv", "name,lens\nA,obstacles\n", 2, "unknown"),
        ("c.csv", "name,parent\nA,B\n", 2, "parent"),
        ("c.csv", "name,parent\nA,B\nB,A\n", 2, "ancestor"),
        ("c.csv", "name,status\nA,done\n", 2, "provisional, active, retired"),
        ("c.csv", "name,colour\nA,red\n", 2, "#1b9e77"),
        ("c.csv", "name,id\nA,1\nB,1\n", 3, "stands twice"),
        ("c.csv", "title,lens\nA,barriers\n", 1, "title, lens"),
        ("c.yaml", "codes:\n- name: A\n- naem: B\n", 2, "naem"),
        ("c.yaml", "codes:\n- name: A\n- B\n", 2, "no code"),
        ("c.yaml", "codes:\n- name: [A]\n", 1, "must be text"),
        ("c.yaml", "codes:\n- name: A\n  examples: [{quote: x}]\n", 1, "example"),
        ("c.yaml", "codes:\n- name: A\n  lens: x\n- name: B\n  lens: y\n", 1, "1 more"),
        ("c.yaml", "codes: none\n", None, "no list of codes"),
        ("c.yaml", "codes:\n  - name: 'A\n", None, "line 3 is not YAML"),
        ("c.yaml", "[" * 5000, None, "nested too deeply"),
        ("c.yaml", "codes: &a [*a]\n", None, "not YAML"),
    ],
)
def test_a_wrong_row_is_named_with_what_to_do(file: str, text: str, row: int | None, says: str) -> None:
    """Nobody should have to search 80 rows for the one that stops the import."""
    with pytest.raises(InvalidTable, match=says) as raised:
        read_codebook(text.encode(), file, lenses=LENSES)
    assert raised.value.row == row


def test_what_is_no_text_at_all_is_refused() -> None:
    """A picture named codebook.yaml must not end in a traceback."""
    with pytest.raises(UnreadableFile, match="PNG"):
        read_codebook(b"\x89PNG\r\n\x1a\n\0\0", "codebook.yaml", lenses=LENSES)


def test_codebooks_of_published_studies_are_read(shared: Path) -> None:
    """Real codebooks have columns that we do not know; their codes and definitions must arrive."""
    codes = read_codebook(
        (shared / "data/nhs_fft/codebook.csv").read_bytes(), "codebook.csv", lenses=[WHAT_WORKS, BARRIERS]
    )
    assert len(codes) == 44
    assert sum(bool(code.definition) for code in codes) == 34
    assert all(code.lens == "none" for code in codes)
    assert len(read_codebook((shared / "data/cered_reflection/codebook.csv").read_bytes(), "c.csv", lenses=[])) == 9


def test_many_codes_of_one_name_are_refused_in_no_time() -> None:
    """Each would try the numbers of all before it."""
    book = "codes:\n" + "- {name: Trust, lens: none}\n" * 2000
    with pytest.raises(InvalidTable):
        read_codebook(book.encode(), "book.yaml", lenses=DEFAULT_LENSES)
