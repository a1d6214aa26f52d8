"""Which program wrote a table, and which column is what. The tables below have the headings that each program writes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.errors import InvalidTable, UnreadableFile
from textcoder.formats.levels import path_of
from textcoder.formats.shaped import Entry as Book
from textcoder.formats.shaped import Held, codebook_table, codings_table, csv_bytes, written, yaml_bytes
from textcoder.formats.shapes import (
    Holds,
    Mapping,
    Shape,
    codes_in,
    codings_in,
    guess,
    read_mapping,
    read_table,
    write_mapping,
)

WORDS = "The bus is the worst thing,\nit goes twice a day."


def table(*rows: list[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


MAXQDA = table(
    "Color,Comment,Document group,Document name,Code,Begin,End,Weight score,Segment,Modified by,Modified,Area,Coverage %".split(
        ","
    ),
    [
        "\u25cf",
        "often",
        "Wave 1",
        "mira",
        "Barriers > The bus",
        "3",
        "4",
        "0",
        WORDS,
        "ana",
        "2024-03-03",
        "49",
        "1.20",
    ],
)
ATLASTI = table(
    "ID,Quotation Name,Document,Document Groups,Quotation Content,Comment,Codes,Reference,Density,"
    "Created by,Modified by,Created,Modified".split(","),
    ["1:3", "The bus", "D 1: mira", "", WORDS, "often", "Barriers: The bus\nCold", "3 - 4", "0", "ana", "ben", "", ""],
)
DEDOOSE = table(
    "Media Title,Excerpt Range,Excerpt Creator,Excerpt Date,Excerpt Copy,Resource Creator,Resource Date,Codes Applied Combined,"
    "Code: Barriers\\The bus Applied,Code: Barriers\\The bus Range,Code: Barriers\\The bus Weight,"
    "Code: Cold Applied,Code: Cold Range,Code: Cold Weight".split(","),
    [
        "mira.txt",
        "120-169",
        "ana",
        "3/3/2024",
        WORDS,
        "ana",
        "3/3/2024",
        "The bus",
        "True",
        "120-169",
        "1",
        "False",
        "",
        "",
    ],
)
TAGUETTE = table(["id", "document", "tag", "content"], ["7", "mira.txt", "Barriers.The bus", WORDS])
NVIVO = table(
    ["Hierarchical Name", "File Name", "Reference Number", "Coverage", "Coded By Initials", "Coded Text"],
    ["Codes\\\\Barriers\\\\The bus", "Files\\\\mira", "1", "0.0120", "ana", WORDS],
)
QUALCODER = table(
    ["Barriers > The bus", "Cold"], [f"{WORDS}\nmira.txt", "in the cold\nmira.txt"], ["", "so cold\nleila.txt fid:2"]
)
TWINS = {
    Shape.MAXQDA: MAXQDA, Shape.ATLASTI: ATLASTI, Shape.DEDOOSE: DEDOOSE,
    Shape.TAGUETTE: TAGUETTE, Shape.NVIVO: NVIVO, Shape.QUALCODER: QUALCODER,
}  # fmt: skip


@pytest.mark.parametrize("shape", TWINS, ids=str)
def test_an_export_of_each_program_is_known_by_its_headings(shape: Shape) -> None:
    """A researcher would have to say of every column what it is."""
    grid = read_table(TWINS[shape], "export.csv")
    found = guess(grid, "export.csv")
    assert (found.mapping.shape, found.mapping.holds) == (shape, Holds.CODINGS)
    assert found.sure >= 0.75
    first = next(codings_in(grid, found.mapping))
    assert first.text == WORDS
    paths = [path_of(code, found.mapping.levels, known={"Barriers"}) for code in first.codes]
    assert paths[0] == ("Barriers", "The bus")
    assert first.coder == ("" if shape in (Shape.TAGUETTE, Shape.QUALCODER) else "ana")


def test_several_codes_of_a_row_and_places_are_read() -> None:
    grid = read_table(ATLASTI, "a.csv")
    one = next(codings_in(grid, guess(grid, "a.csv").mapping))
    assert one.codes == ("Barriers: The bus", "Cold")
    assert (one.paragraphs, one.note) == ((3, 4), "often")
    grid = read_table(DEDOOSE, "d.csv")
    one = next(codings_in(grid, guess(grid, "d.csv").mapping))
    assert (one.codes, one.span) == (("Barriers\\The bus",), (120, 169))
    grid = read_table(QUALCODER, "q.csv")
    found = [(one.document, one.codes, one.text) for one in codings_in(grid, guess(grid, "q.csv").mapping)]
    assert found[1:] == [("mira.txt", ("Cold",), "in the cold"), ("leila.txt", ("Cold",), "so cold")]


def test_the_report_of_codings_of_qualcoder_is_read_with_its_categories() -> None:
    """Its categories stand in columns of one heading, the nearest first; rows without so many end earlier."""
    head = ["File/case", "Coder", "Coded", "Id", "Codename", "Coded_Memo", "Category", "Category", "FileVar_Age"]
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(
        [
            head,
            ["mira.txt", "ana", WORDS, "ctid:7", "The bus", "often", "Transport", "Barriers", "31"],
            ["mira.txt", "ben", "in the cold", "ctid:8", "Cold", ""],
        ]
    )
    grid = read_table(out.getvalue().encode("utf-8-sig"), "report.csv")
    found = guess(grid, "report.csv").mapping
    assert (found.shape, found.columns["above 2"]) == (Shape.QUALCODER, "Category (2)")
    assert read_mapping(write_mapping(found).encode(), "m.yaml", grid) == found
    one, two = codings_in(grid, found)
    assert (one.document, one.coder, one.text, one.note) == ("mira.txt", "ana", WORDS, "often")
    assert path_of(one.codes[0], found.levels) == ("Barriers", "Transport", "The bus")
    assert two.codes == ("Cold",)


def test_a_mapping_with_a_code_above_needs_not_say_what_parts_them() -> None:
    """ "Barriers" above "Bus" would come in as one code, "BarriersBus"."""
    grid = read_table(table(["Doc", "Group", "Code", "Words"], ["mira", "Barriers", "Bus", WORDS]), "own.csv")
    mapping = read_mapping(b"columns: {document: Doc, above: Group, code: Code, text: Words}", "m.yaml", grid)
    (one,) = codings_in(grid, mapping)
    assert path_of(one.codes[0], mapping.levels) == ("Barriers", "Bus")


GERMAN = "Farbe;Kommentar;Dokumentgruppe;Dokumentname;Code;Anfang;Ende;Gewicht;Segment;Bearbeitet von;Erstellt von;Fläche;Abdeckungsgrad %"


@pytest.mark.parametrize("levels", [" > ", "\\"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_a_german_table_of_maxqda_saved_by_a_spreadsheet_is_read(levels: str, encoding: str) -> None:
    """Semicolons, Windows' line ends and letters, and the backslash of older versions."""
    lines = [
        GERMAN,
        f';;Welle 1;mira;Hürden{levels}Der Bus;3;4;0;"Der Bus, er fährt\r\nzweimal";ana;ben;49;1,20',
    ]
    told = "".join(f"{line}\r\n" for line in lines).encode(encoding)
    grid = read_table(told, "segmente.csv")
    found = guess(grid, "segmente.csv")
    assert (found.mapping.shape, found.sure) == (Shape.MAXQDA, 1.0)
    (one,) = codings_in(grid, found.mapping)
    assert (one.document, one.coder, one.paragraphs) == ("mira", "ben", (3, 4))
    assert one.text == "Der Bus, er fährt\nzweimal"
    assert path_of(one.codes[0], found.mapping.levels) == ("Hürden", "Der Bus")


def test_references_of_a_code_that_nvivo_wrote_as_text_are_read() -> None:
    """NVivo has no table of references: a code is exported as a text."""
    told = (
        "Name: Barriers\\The bus\r\n\r\n<Files\\\\mira> - § 2 references coded  [1.92% Coverage]\r\n\r\n"
        "Reference 1 - 0.96% Coverage\r\n\r\nThe bus is late.\r\nAnd cold.\r\n\r\nReference 2 - 0.96% Coverage\r\n\r\nSo late.\r\n\r\n"
        "<Files\\\\leila> - § 1 reference coded  [0.30% Coverage]\r\n\r\nReference 1 - 0.30% Coverage\r\n\r\nNever.\r\n"
    )
    grid = read_table(told.encode("utf-8-sig"), "The bus.txt")
    found = guess(grid, "The bus.txt")
    assert found.mapping.shape is Shape.NVIVO
    codings = list(codings_in(grid, found.mapping))
    assert [(one.document, one.text) for one in codings] == [
        ("Files\\\\mira", "The bus is late.\nAnd cold."),
        ("Files\\\\mira", "So late."),
        ("Files\\\\leila", "Never."),
    ]
    assert path_of(codings[0].codes[0], found.mapping.levels) == ("Barriers", "The bus")


def test_a_table_of_nobody_s_is_read_by_usual_names_and_an_unclear_one_is_not_guessed() -> None:
    grid = read_table(table(["Interview", "Theme", "Quote", "Rater"], ["mira", "bus", WORDS, "ana"]), "own.csv")
    assert guess(grid, "own.csv").mapping.columns == {
        "document": "Interview", "code": "Theme", "text": "Quote", "coder": "Rater",
    }  # fmt: skip
    for head in (["Interview", "Thema", "Zitat"], ["Intervju", "Kod", "Citat"], ["Entretien", "Thème", "Citation"]):
        grid = read_table(table(head, ["mira", "bus", WORDS]), "own.csv")
        assert list(guess(grid, "own.csv").mapping.columns.items()) == list(
            zip(("document", "code", "text"), head, strict=True)
        )
    grid = read_table(table(["Koder", "Kode", "Dokument", "Sitat"], ["ana", "bus", "mira", WORDS]), "own.csv")
    found = guess(grid, "own.csv").mapping.columns
    assert (found["code"], found["coder"]) == ("Kode", "Koder")  # alone, "koder" are the codes
    grid = read_table(table(["a", "b"], ["mira", WORDS]), "odd.csv")
    with pytest.raises(UnreadableFile, match="--mapping"):
        guess(grid, "odd.csv")


BOOKS = {
    "nvivo": "Name,Description,Files,References|Barriers,,1,2|  The bus,Buses.,1,2|Trust,,0,0",
    "maxqda": "Code,Memo|Barriers,|Barriers > The bus,Buses.|Trust,",
    "dedoose": "Id,Parent Id,Depth,Title,Description|a1,,0,Barriers,|b2,a1,1,The bus,Buses.|c3,,0,Trust,",
    "taguette": "tag,parent,description,number of highlights|Barriers,,,2|Barriers.The bus,Barriers,Buses.,2|Trust,,,0",
    "atlasti": "Code,Comment,Grounded,Density,Groups|Barriers,,0,0,|Barriers: The bus,Buses.,2,0,|Trust,,0,0,",
    "qualcoder": "Codename,Category,Memo,Color|Barriers,,,|The bus,Barriers,Buses.,#1B9E77|Trust,,,",
}


@pytest.mark.parametrize("name", BOOKS)
def test_a_codebook_of_each_program_is_read_with_its_levels(name: str) -> None:
    """Codes would lose those above them: indents, paths, parents and ids each say it in another way."""
    grid = read_table(BOOKS[name].replace("|", "\n").encode(), "book.csv")
    found = guess(grid, "book.csv", holds=Holds.CODEBOOK)
    assert found.mapping.shape.value == name
    listed = codes_in(grid, found.mapping, "book.csv")
    assert [one.path for one in listed] == [("Barriers",), ("Barriers", "The bus"), ("Trust",)]
    assert listed[1].description == "Buses."


def test_a_coding_below_more_categories_than_anybody_needs_keeps_them_all() -> None:
    """Beyond ten levels the topmost were left out, and the code came back as another one beside it."""
    path = tuple(f"Level {number}" for number in range(60))
    coded = Held("mira.txt", path, "in the cold", "ana", 0, 11, (1, 1), 0.1)
    data = csv_bytes(codings_table([coded], Shape.QUALCODER))
    grid = read_table(data, "codings.csv")
    mapping = guess(grid, "codings.csv").mapping
    (row,) = codings_in(grid, mapping)
    assert path_of(row.codes[0], mapping.levels) == path
    with pytest.raises(InvalidTable, match="above 2, text") as refused:
        read_mapping(b"columns: {what: Code}", "m.yaml", grid)
    assert "above 3" not in str(refused.value)


def test_of_two_columns_of_codes_the_one_on_the_right_is_taken() -> None:
    """People write the broader one before the narrower one; the broader alone would lose what was coded."""
    grid = read_table(table(["Fil", "Kategori", "Kod", "Citat"], ["mira", "Barriers", "Bus", WORDS]), "own.csv")
    assert guess(grid, "own.csv").mapping.columns["code"] == "Kod"


def test_a_parent_is_found_by_its_own_name_and_wherever_it_stands() -> None:
    """Programs name the category and not what stands above it: a code would hang below a second one of that name."""
    rows = [["Late", "The bus", ""], ["The bus", "Barriers", ""], ["Barriers", "", ""], ["a > b", "", ""]]
    grid = read_table(table(["Code", "Category", "Memo"], *rows), "book.csv")
    mapping = guess(grid, "book.csv", holds=Holds.CODEBOOK).mapping
    paths = [one.path for one in codes_in(grid, mapping, "book.csv")]
    assert paths == [("Barriers", "The bus", "Late"), ("Barriers", "The bus"), ("Barriers",), ("a > b",)]
    loop = read_table(table(["Code", "Category", "Memo"], ["A", "B", ""], ["B", "A", ""]), "book.csv")
    assert [one.path for one in codes_in(loop, mapping, "book.csv")] == [("B", "A"), ("A", "B")]


def test_a_column_of_parents_in_which_nothing_stands_leaves_the_levels_to_the_names() -> None:
    """The same table without that empty column has the codes below each other; with it they would be three flat names."""
    codes = ("Barriers", "Barriers > The bus", "Barriers > The bus > Late")
    head, rows = ["Code", "Memo", "Parent code"], [[name, "", ""] for name in codes]
    found = []
    for width in (2, 3):
        grid = read_table(table(head[:width], *(row[:width] for row in rows)), "book.csv")
        mapping = guess(grid, "book.csv", holds=Holds.CODEBOOK).mapping
        assert mapping.shape is Shape.MAXQDA
        found.append([one.path for one in codes_in(grid, mapping, "book.csv")])
    assert found[0] == found[1] == [("Barriers",), ("Barriers", "The bus"), ("Barriers", "The bus", "Late")]
    alone = read_table(table(head, ["A > B", "", ""], ["C", "", ""]), "book.csv")
    own = guess(alone, "book.csv", holds=Holds.CODEBOOK).mapping
    flat = [one.path for one in codes_in(alone, own, "book.csv")]
    assert flat == [("A > B",), ("C",)], "as textcoder writes a top code of that name"


def test_names_are_parted_only_below_codes_that_the_table_lists_if_it_lists_any() -> None:
    """ATLAS.ti: "Bus: late" may be a name; beside "Barriers" and "Barriers: The bus" it is one."""
    head = ["Code", "Comment", "Grounded", "Density"]
    rows = [[name, "", "0", "0"] for name in ("Barriers", "Barriers: The bus", "Bus: late")]
    grid = read_table(table(head, *rows), "book.csv")
    mapping = guess(grid, "book.csv", holds=Holds.CODEBOOK).mapping
    paths = [one.path for one in codes_in(grid, mapping, "book.csv")]
    assert paths == [("Barriers",), ("Barriers", "The bus"), ("Bus: late",)]
    grid = read_table(table(head, *rows[1:]), "book.csv")
    assert codes_in(grid, mapping, "book.csv")[1].path == ("Bus", "late")


def test_a_code_that_stands_below_itself_is_refused_with_its_row() -> None:
    grid = read_table(
        table(["Id", "Parent Id", "Depth", "Title"], ["a", "b", "0", "A"], ["b", "a", "1", "B"]), "book.csv"
    )
    mapping = guess(grid, "book.csv", holds=Holds.CODEBOOK).mapping
    with pytest.raises(InvalidTable, match=r"row 2: .*its own ancestor"):
        codes_in(grid, mapping, "book.csv")


def test_a_tree_of_a_thousand_levels_is_refused() -> None:
    rows = [[str(i), str(i - 1), str(i), f"Code {i}"] for i in range(3000)]
    grid = read_table(table(["Id", "Parent Id", "Depth", "Title"], *rows), "book.csv")
    with pytest.raises(InvalidTable, match="100 levels"):
        codes_in(grid, guess(grid, "book.csv", holds=Holds.CODEBOOK).mapping, "book.csv")


def test_names_with_full_stops_are_not_taken_apart() -> None:
    assert path_of("U.S. visa", ".", known={"Barriers"}) == ("U.S. visa",)
    assert path_of("Barriers.U.S. visa", ".", known={"Barriers"}) == ("Barriers", "U.S. visa")


@pytest.mark.parametrize("shape", TWINS, ids=str)
def test_a_mapping_that_is_kept_reads_back(shape: Shape) -> None:
    grid = read_table(TWINS[shape], "export.csv")
    mapping = guess(grid, "export.csv").mapping
    assert read_mapping(write_mapping(mapping).encode(), "m.yaml", grid) == mapping


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("columns: {text: Words, code: Code}", 'no column "Words"'),
        ("columns: {text: Segment, code: Code, tone: Code}", 'no column can be "tone"'),
        ("shape: excel", 'shape "excel" is unknown'),
        ("columns: {code: Code}", "`text` and `code`"),
        ("- text", "no mapping"),
        ("columns: [", "not YAML"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(said: str, why: str) -> None:
    grid = read_table(MAXQDA, "export.csv")
    with pytest.raises(InvalidTable, match=why):
        read_mapping(said.encode(), "m.yaml", grid)


NAMES = st.sampled_from(["Barriers", "The bus", "=cmd|' /C calc'!A0", "Trust, mostly", "Näher dran", "+1", "a;b"])
SAID = ["=1+1 she said", "-yes,\n  no;", '\U0001f600 "so"', "@home, 'now'", "'=quoted", "plain words"]


def held(document: str, path: tuple[str, ...], start: int, coder: str) -> Held:
    return Held(document, path, SAID[start % len(SAID)], coder, start, start + 9, (start // 9 + 1, start // 9 + 1), 0.5)


CODINGS = st.lists(
    st.builds(
        held,
        document=st.sampled_from(["mira.txt", "w1/leila.docx"]),
        path=st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple),
        start=st.integers(0, 999),
        coder=st.sampled_from(["ana", "ben"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: (one.document, one.start, one.path, one.coder),
)


@pytest.mark.parametrize("shape", Shape, ids=str)
@pytest.mark.parametrize("ending", ["csv", "yaml"])
@settings(deadline=None, max_examples=40)
@given(held=CODINGS)
def test_what_is_written_in_a_shape_reads_back_and_no_cell_is_a_formula(
    shape: Shape, ending: str, held: list[Held]
) -> None:
    """Somebody's machine would run what a participant said; or a coding would not come back."""
    data = (csv_bytes if ending == "csv" else yaml_bytes)(codings_table(held, shape))
    if ending == "csv":
        cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    grid = read_table(data, f"x.{ending}")
    mapping = guess(grid, f"x.{ending}", holds=Holds.CODINGS).mapping
    known = {" ".join(written(one.path, shape).split()) for one in held}
    back = {
        (one.document.split("\\")[-1], code, one.text)
        for one in codings_in(grid, mapping, known=known)
        for code in one.codes
    }
    assert back == {(one.document, written(one.path, shape), one.text) for one in held}


@pytest.mark.parametrize("shape", [shape for shape in Shape if shape is not Shape.TEXTCODER], ids=str)
def test_a_codebook_written_in_a_shape_reads_back(shape: Shape) -> None:
    entries = [
        Book(("Barriers",), "", "", 0, 0),
        Book(("Barriers", "The bus"), "Buses.\n\nWhen to use: late", "#1b9e77", 1, 2),
    ]
    grid = read_table(csv_bytes(codebook_table(entries, shape)), "book.csv")
    mapping: Mapping = guess(grid, "book.csv", holds=Holds.CODEBOOK).mapping
    assert mapping.shape is shape
    listed = codes_in(grid, mapping, "book.csv")
    assert [(one.path, one.description) for one in listed] == [(one.path, one.description) for one in entries]


BOMB = "a: &a [lol, lol]\n".replace("a: ", "- text: ") + "".join(
    f"  k{i}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
)


@pytest.mark.parametrize("file", ["x.yaml", "x.csv", "x.txt", "x.xlsx", "x.jsonl"])
@pytest.mark.parametrize(
    "data", [b"", b"\0\1\2", b"- a\n- b", b"a: [", BOMB.encode(), b'"open', b"a,b\n1,2,3,4", b"PK\x03\x04"]
)
def test_what_is_no_table_is_refused_in_a_sentence(file: str, data: bytes) -> None:
    """A bomb of aliases would fill the memory; a broken file would end in a traceback."""
    try:
        guess(read_table(data, file), file)
    except (InvalidTable, UnreadableFile) as error:
        assert str(error).startswith(file)


@settings(deadline=None, max_examples=60)
@given(place=st.integers(0, 400), letter=st.binary(min_size=1, max_size=3), shape=st.sampled_from(list(TWINS)))
def test_a_damaged_export_is_read_or_refused_in_a_sentence(place: int, letter: bytes, shape: Shape) -> None:
    data = TWINS[shape]
    place %= len(data)
    try:
        grid = read_table(data[:place] + letter + data[place + 1 :], "x.csv")
        list(codings_in(grid, guess(grid, "x.csv").mapping))
    except (InvalidTable, UnreadableFile) as error:
        assert str(error).startswith("x.csv")
