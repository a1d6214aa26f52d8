"""Files that were made to harm, one of each kind; `canary` is a file of this machine whose words must never come in."""

from __future__ import annotations

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.formats.test_pdf import pdf_of
from tests.fuzz import seeds
from tests.fuzz.mutations import zipped
from tests.refi import twins
from tests.refi.pictures import guid_of

Hostile = Mapping[str, Callable[[Path], bytes]]

MILLION = 1_000_000
LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
)


def _external(canary: Path) -> str:
    return f"<!DOCTYPE x [<!ENTITY j SYSTEM 'file://{canary}'>]>"


def _quadratic() -> str:
    return f"<!DOCTYPE x [<!ENTITY j '{'x' * 100_000}'>]>"


# --- text -------------------------------------------------------------------------------------------------------------------------------

TEXT: Hostile = {
    "one endless line": lambda _: b"Mira: " + b"word " * (MILLION // 5),
    "one endless word": lambda _: b"Mira: " + b"w" * MILLION,
    "a hundred thousand turns": lambda _: b"A: b\n\nB: c\n\n" * 50_000,
    "a new speaker in every line": lambda _: "".join(f"Speaker {i}: yes\n" for i in range(50_000)).encode(),
    "nothing but blank lines": lambda _: b"\n" * MILLION + b"A: b",
    "nothing but colons": lambda _: b":" * MILLION,
    "nothing but brackets": lambda _: b"[" * 300_000 + b"A: b",
    "nothing but stamps": lambda _: b"[00:00:01] A: b\n" * 30_000,
    "blanks that end nowhere": lambda _: (b"A" + b" " * 30_000 + b"\n") * 10,
    "accents on accents": lambda _: b"Mira: a" + "\u0301".encode() * 300_000,
    "letters that turn around": lambda _: ("\u202eMira\u202c: " + "\u200f" * 1000 + " yes\n").encode() * 30,
    "front matter of aliases": lambda _: b"---\na: &a [x, x]\n" + _aliases() + b"---\nMira: yes\n",
    "front matter that is deep": lambda _: b"---\na: " + b"[" * 3000 + b"\n---\nMira: yes\n",
    "UTF-16 cut in the middle": lambda _: seeds.TALK.encode("utf-16")[:-1],
    "half a pair": lambda _: b"\xff\xfe" + "Mira: yes ".encode("utf-16-le") + b"\x3d\xd8",
}


def _aliases() -> bytes:
    """Each list names the one before ten times: written out it has ten thousand million entries."""
    return "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}' if i else 'x'] * 10)}]\n" for i in range(10)).encode()


def _cues(times: str, n: int, *, vtt: bool) -> bytes:
    return ("WEBVTT\n\n" if vtt else "").encode() + "".join(f"{i}\n{times}\nMira: yes\n\n" for i in range(n)).encode()


VTT: Hostile = {
    "a time beyond all": lambda _: _cues(f"{'9' * 400}:00:00.000 --> {'9' * 400}:00:01.000", 2, vtt=True),
    "an end before its beginning": lambda _: _cues("09:00:00.000 --> 00:00:01.000", 3, vtt=True),
    "fifty thousand cues": lambda _: _cues("00:00:00.000 --> 00:00:01.000", 50_000, vtt=True),
    "tags in tags": lambda _: b"WEBVTT\n\n00:00.000 --> 00:01.000\n" + b"<v " * 100_000,
    "tags that end nowhere": lambda _: b"WEBVTT\n\n00:00.000 --> 00:01.000\n" + b"<c." + b"a." * 100_000,
    "arrows": lambda _: b"WEBVTT\n\n" + b"--> " * 100_000,
    "numbers that want an arrow": lambda _: b"WEBVTT\n\n" + (b"1" * 2000 + b" \n") * 200,
    "a style that ends nowhere": lambda _: b"WEBVTT\n\nSTYLE\n" + b"x\n" * 100_000,
}
SRT: Hostile = {
    "a time beyond all": lambda _: _cues(f"{'9' * 40}:00:00,000 --> {'9' * 40}:00:01,000", 2, vtt=False),
    "a time beyond a date": lambda _: _cues("99999999999:00:00,000 --> 99999999999:00:01,000", 2, vtt=False),
    "an end before its beginning": lambda _: _cues("09:00:00,000 --> 00:00:01,000", 3, vtt=False),
    "fifty thousand cues": lambda _: _cues("00:00:00,000 --> 00:00:01,000", 50_000, vtt=False),
    "one cue without an end": lambda _: b"1\n00:00:00,000 --> 00:00:01,000\n" + b"A: b\n" * 200_000,
    "nothing but numbers": lambda _: b"1\n" * 100_000,
    "nothing but digits": lambda _: b"1" * 100_000,
    "cues that nearly are": lambda _: b"1\n00:00:00,000 --> 00:00:01\n\n2 " * 20_000,
}


# --- JSON, YAML and tables --------------------------------------------------------------------------------------------------------------


def _deep_answer(levels: int, opening: str, closing: str) -> bytes:
    return f'[{{"respondent": "P1", "text": "It rains all day here.", "x": {opening * levels}1{closing * levels}}}]'.encode()


def _speech(**more: object) -> bytes:
    return json.dumps({"segments": [{"text": "Nobody answers.", **more}]}).encode()


JSON: Hostile = {
    **{
        f"lists {levels} deep": lambda _, levels=levels: _deep_answer(levels, "[", "]")  # type: ignore[misc]  # a default binds it
        for levels in (100, 300, 480, 700, 900, 960, 990, 100_000)
    },
    **{
        f"objects {levels} deep": lambda _, levels=levels: _deep_answer(levels, '{"a":', "}")  # type: ignore[misc]  # likewise
        for levels in (100, 300, 480, 700, 900, 960, 990, 100_000)
    },
    "a number beyond all": lambda _: b'[{"speaker": "A", "text": "b", "start": ' + b"9" * 5000 + b"}]",
    "a whole number beyond a table": lambda _: _speech(start=10**30, end=10**300),
    "a time that is nearly endless": lambda _: _speech(start=1e306, end=1.7e308),
    "a time that is none": lambda _: _speech(start=float("nan"), end=float("-inf")),
    "a time before all": lambda _: _speech(start=-5, end=-9),
    "half a pair": lambda _: b'[{"speaker": "A\\ud83d", "text": "\\udcff yes"}]',
    "NUL in words": lambda _: b'[{"speaker": "A\\u0000", "text": "b\\u0000 c"}, {"speaker": "B", "text": "d"}]',
    "words where a list should be": lambda _: b'{"segments": "x", "text": "Nobody answers."}',
    "ten thousand fields": lambda _: json.dumps([{f"f{i}": "one two three four five" for i in range(10_000)}]).encode(),
    "another field in each record": lambda _: json.dumps(
        [{f"f{i}": f"word {i} of the five"} for i in range(3000)]
    ).encode(),
    "a field without a name": lambda _: b'[{"": "one two three four five", " ": "x", "text": "yes"}]',
    "names that meet": lambda _: (
        b'[{"a.b": "1", "a": {"b": "2", "a.b": {"b": "3"}}, "text": "Nobody answers the phone."}]'
    ),
}


def _book(*entries: str) -> bytes:
    return ("codes:\n" + "".join(f"- {entry}\n" for entry in entries)).encode()


YAML: Hostile = {
    "aliases that swell": lambda _: _aliases() + b"codes:\n- {name: a, lens: none, definition: *a9}\n",
    "aliases in a name": lambda _: _aliases() + b"codes:\n- {name: a, lens: none, *a9 : x}\n",
    "aliases in examples": lambda _: _aliases() + b"codes:\n- {name: a, lens: none, examples: *a9}\n",
    "a list that holds itself": lambda _: b"codes: &a\n- *a\n",
    "a code that holds itself": lambda _: b"codes:\n- &a {name: x, lens: none, examples: [*a]}\n",
    "lists that are deep": lambda _: b"codes: " + b"[" * 5000,
    "blocks that are deep": lambda _: b"".join(b" " * i + b"- \n" for i in range(1500)),
    "an object of Python": lambda _: b"codes:\n- !!python/object/apply:os.system ['true']\n",
    "codes a thousand deep": lambda _: _book(
        *(f"{{name: c{i}, lens: none, parent: {f'c{i - 1}' if i else ''}}}" for i in range(1000))
    ),
    "codes in a ring": lambda _: _book(*(f"{{name: c{i}, lens: none, parent: c{(i + 1) % 300}}}" for i in range(300))),
    "a code above itself": lambda _: _book("{name: a, lens: none, parent: a}"),
    "codes of one name": lambda _: _book(*(["{name: a, lens: none}"] * 3000)),
    "ids of one code": lambda _: _book(*(["{name: a, lens: none, id: x}"] * 3)),
    "a lens that is none": lambda _: _book("{name: a, lens: nowhere}"),
    "a name beyond all": lambda _: _book(f"{{name: {'a' * MILLION}, lens: none}}"),
    "two documents": lambda _: b"--- {}\n--- {}\n",
    "a mapping as a key": lambda _: b"codes:\n- {? {a: b} : c}\n",
    "signs that end lines": lambda _: _book('{name: "a\\x85\\u2028\\0b\\e[2J", lens: none}'),
}
CSV: Hostile = {
    "a quotation mark that is never closed": lambda _: b'respondent,answer\nP1,"' + b"word, word\n" * 50_000,
    "ten thousand columns": lambda _: (
        b",".join(b"c%d" % i for i in range(10_000)) + b"\n" + b"one two three four five," * 9_999 + b"x\n"
    ),
    "sixty-five thousand columns": lambda _: (
        b"respondent," + b"," * 65_000 + b"answer\nP1," + b"," * 65_000 + b"rain\n"
    ),
    "one heading many times": lambda _: b"answer," * 3000 + b"answer\n" + b"one two three four five," * 3000 + b"x\n",
    "a cell of a million": lambda _: b"respondent,answer\nP1," + b"word " * 200_000 + b"\n",
    "nothing but commas": lambda _: b"," * MILLION,
    "rows of every width": lambda _: b"a,b\n" + b"".join(b"," * i + b"\n" for i in range(1000)),
    "a hundred thousand rows": lambda _: b"respondent,answer\n" + b"P1,It rains all day here\n" * 100_000,
    "nothing but quotation marks": lambda _: b'"' * MILLION,
    "a mark for a separator": lambda _: b"sep=\x00\nrespondent,answer\nP1,It rains all day here\n",
    "formulas": lambda _: b'respondent,answer\n=1+1,=HYPERLINK("http://x") and it rains all day\n',
}
CODINGS: Hostile = {
    "words that are nowhere": lambda c: f"Document name,Code,Segment\nmira,Staff,{c}\n".encode(),
    "ten thousand rows": lambda _: b"Document name,Code,Segment\n" + b"mira,Staff,I have to go\n" * 10_000,
    "a code of a thousand levels": lambda _: (
        b"Document name,Code,Segment\nmira," + b"a > " * 1000 + b"b,I have to go\n"
    ),
    "an endless quotation": lambda _: b"Document name,Code,Segment\nmira,Staff," + b"word " * 200_000 + b"\n",
    "a formula": lambda _: b'Document name,Code,Segment\nmira,=1+1,"=HYPERLINK(""http://x"")"\n',
    "no words": lambda _: b"Document name,Code\nmira,Staff\n",
}
CASES: Hostile = {
    "paths that lead away": lambda c: f"file,case\n../../../etc/passwd,P1\n{c},P2\nmira.txt,M1\n".encode(),
    "two rows for one person": lambda _: b"file,case\nmira.txt,M1\nmira.txt,M2\n",
    "one row twice": lambda _: b"file,case\nmira.txt,M1\nmira.txt,M1\n",
    "no such day": lambda _: b"file,case,date\nmira.txt,M1,2024-02-31\n",
    "a hundred thousand rows": lambda _: b"file,case\n" + b"".join(b"f%d.txt,P%d\n" % (i, i) for i in range(100_000)),
    "ten thousand attributes": lambda _: (
        b"file,case," + b",".join(b"a%d" % i for i in range(10_000)) + b"\nmira.txt,M1" + b",x" * 10_000
    ),
    "no case": lambda _: b"file,name\nmira.txt,Mira\n",
    "two headings of one name": lambda _: b"file,case,file,Case\nmira.txt,M1,omar.txt,O1\n",
    "a case of control characters": lambda _: b"file,case,group\nmira.txt,\x1b[2JM1,\x07x\n",
    "a case beyond all": lambda _: b"file,case\nmira.txt," + b"M" * MILLION + b"\n",
}


# --- archives ---------------------------------------------------------------------------------------------------------------------------


def bomb(name: str, unpacked: int = 300 * MILLION) -> bytes:
    """An archive of a few hundred kilobytes with a member of hundreds of megabytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
    ):
        for _ in range(unpacked // MILLION):
            member.write(b" " * MILLION)
    return out.getvalue()


def with_member(archive: bytes, name: str, data: bytes) -> bytes:
    """The archive with one member exchanged."""
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        members = {one.filename: held.read(one) for one in held.infolist()}
    return zipped(members | {name: data})


def _lying(archive: bytes, name: str) -> bytes:
    """The archive, saying of a member that it has ten bytes."""
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        size = held.getinfo(name).file_size
    return archive.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))


def _archives(good: Callable[[], bytes], member: str) -> Hostile:
    return {
        "a bomb": lambda _: bomb(member),
        "a bomb beside it": lambda _: with_member(good(), "media/film.bin", b"\0" * (60 * MILLION)),
        "an archive in the archive": lambda _: with_member(good(), member, good()),
        "forty-two archives": lambda _: zipped({f"{i}.zip": bomb("x", 2 * MILLION) for i in range(42)}),
        "a size that is a lie": lambda _: _lying(good(), member),
        "names that lead away": lambda c: with_member(
            with_member(good(), "../../../../tmp/textcoder-escaped", b"x"), f"/{c}.escaped", b"x"
        ),
        "twenty thousand members": lambda _: zipped([*[(f"m{i}", b"") for i in range(20_000)], (member, b"x")]),
        "a member twice": lambda _: good()[:-22] + good(),
        "a comment of an archive": lambda _: good()[:-2] + b"\xff\xff" + good(),
        "no end": lambda _: good()[: len(good()) // 2],
        "nothing": lambda _: zipped({}),
    }


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _word(inner: str, before: str = "") -> bytes:
    xml = f"<?xml version='1.0'?>{before}<w:document {W}><w:body>{inner}</w:body></w:document>"
    return with_member(seeds.documents()[0], "word/document.xml", xml.encode())


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _tied(said: str) -> bytes:
    """The part of an Office file that says which parts belong to another one."""
    within = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{within}"><Relationship {said}/></Relationships>'.encode()


def _said(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def _swollen(megabytes: int) -> str:
    """XML that packs less than bombs do, and has many elements."""
    chance = random.Random(1)
    return "".join(
        f"<w:p><w:r><w:t>{chance.getrandbits(30)}</w:t></w:r></w:p>" for _ in range(megabytes * MILLION // 50)
    )


DOCX: Hostile = {
    **_archives(lambda: seeds.documents()[0], "word/document.xml"),
    "entities that swell": lambda _: _word(_said("Mira: &j;"), LAUGHS + "]>"),
    "an entity many times": lambda _: _word(_said("Mira: " + "&j;" * 10_000), _quadratic()),
    "an external entity": lambda c: _word(_said("Mira: &j;"), _external(c)),
    "an external part": lambda c: with_member(
        seeds.documents()[0],
        "word/_rels/document.xml.rels",
        _tied(f'Id="r1" TargetMode="External" Type="{_OFFICE}/subDocument" Target="file://{c}"'),
    ),
    "a part that leads away": lambda c: with_member(
        seeds.documents()[0],
        "_rels/.rels",
        _tied(f'Id="r1" Type="{_OFFICE}/officeDocument" Target="../../..{c}"'),
    ),
    "parts that go around": lambda _: with_member(
        seeds.documents()[0],
        "word/_rels/document.xml.rels",
        _tied('Id="r1" Type="x" Target="document.xml"'),
    ),
    "tables in tables": lambda _: _word(
        "<w:tbl><w:tr><w:tc>" * 80 + _said("Mira: yes") + "</w:tc></w:tr></w:tbl>" * 80
    ),
    "controls in controls": lambda _: _word(
        "<w:sdt><w:sdtContent>" * 120 + _said("Mira: yes") + "</w:sdtContent></w:sdt>" * 120
    ),
    "elements a hundred thousand deep": lambda _: _word("<w:ins>" * 100_000 + "</w:ins>" * 100_000),
    "a table of forty million cells": lambda _: _word(
        "<w:tbl>" + "<w:tr><w:tc/></w:tr>" * 4000 + f"<w:tr>{'<w:tc/>' * 10_000}</w:tr></w:tbl>" + _said("Mira: yes")
    ),
    "nine megabytes of empty paragraphs": lambda _: _word("<w:p/>" * 1_500_000 + _said("Mira: yes")),
    "a paragraph of a million runs": lambda _: _word("<w:p>" + "<w:r><w:t>a</w:t></w:r>" * 400_000 + "</w:p>"),
    "ninety megabytes of paragraphs": lambda _: _word(_swollen(90)),
    "no body": lambda _: with_member(seeds.documents()[0], "word/document.xml", f"<w:document {W}/>".encode()),
    "another root": lambda _: with_member(
        seeds.documents()[0], "word/document.xml", b"<html><body><p>Mira: yes</p></body></html>"
    ),
}

S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _sheet(rows: str, before: str = "") -> bytes:
    xml = f"<?xml version='1.0'?>{before}<worksheet {S}><sheetData>{rows}</sheetData></worksheet>"
    return with_member(seeds.workbooks()[0], "xl/worksheets/sheet1.xml", xml.encode())


def _row(number: object, *cells: tuple[str, str]) -> str:
    held = "".join(f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>' for place, words in cells)
    return f'<row r="{number}">{held}</row>'


HEADS = _row(1, ("A1", "respondent"), ("B1", "answer"))
ROW = _row(2, ("A2", "P1"), ("B2", "It rains all day here"))
XLSX: Hostile = {
    **_archives(lambda: seeds.workbooks()[0], "xl/worksheets/sheet1.xml"),
    "a cell in the last corner": lambda _: _sheet(HEADS + ROW + _row(1048576, ("XFD1048576", "x"))),
    "a cell in the last row": lambda _: _sheet(
        HEADS + ROW + _row(1048576, ("A1048576", "P2"), ("B1048576", "It snows all day here"))
    ),
    "a cell in the last column": lambda _: _sheet(
        HEADS + ROW + _row(3, ("XFD3", "x")) + "".join(_row(i, (f"XFD{i}", "x")) for i in range(4, 900))
    ),
    "a row beyond all": lambda _: _sheet(HEADS + ROW + _row(10**12, ("A1000000000000", "x"))),
    "a column beyond all": lambda _: _sheet(HEADS + ROW + _row(3, ("ZZZZZZ3", "x"))),
    "rows that go back": lambda _: _sheet(HEADS + ROW + _row(-5, ("A3", "x")) + _row(1, ("A1", "y"))),
    "a shared text that is not there": lambda _: _sheet(HEADS + '<row r="2"><c r="A2" t="s"><v>99999</v></c></row>'),
    "a day beyond all": lambda _: _sheet(
        HEADS + '<row r="2"><c r="A2" t="d"><v>99999-99-99</v></c><c r="B2" t="d"><v>-1e99</v></c></row>'
    ),
    "a number beyond all": lambda _: _sheet(
        HEADS + f'<row r="2"><c r="A2"><v>{"9" * 5000}</v></c><c r="B2"><v>1e999</v></c></row>'
    ),
    "a date beyond all": lambda _: _sheet(
        HEADS + '<row r="2"><c r="A2" s="1"><v>99999999999</v></c><c r="C2" s="1"><v>-1e300</v></c></row>'
    ),
    "entities that swell": lambda _: _sheet(_row(1, ("A1", "answer"), ("B1", "&j;")), LAUGHS + "]>"),
    "an entity many times": lambda _: _sheet(_row(1, ("A1", "answer"), ("B1", "&j;" * 10_000)) + ROW, _quadratic()),
    "an external entity": lambda c: _sheet(
        _row(1, ("A1", "respondent"), ("B1", "answer")) + _row(2, ("A2", "P"), ("B2", "&j;")), _external(c)
    ),
    "entities in shared texts": lambda _: with_member(
        seeds.workbooks()[0],
        "xl/sharedStrings.xml",
        f"<?xml version='1.0'?>{LAUGHS}]><sst {S}><si><t>&j;</t></si></sst>".encode(),
    ),
    "nine megabytes of empty cells": lambda _: _sheet(HEADS + ROW + "<row>" + "<c/>" * 2_000_000 + "</row>"),
    "nine megabytes of empty rows": lambda _: _sheet(HEADS + ROW + "<row/>" * 1_400_000),
    "nothing in it": lambda _: _sheet(""),
}


def _project(inner: str, before: str = "") -> bytes:
    head = f"<?xml version='1.0'?>{before}<Project xmlns='{twins.NAMESPACE}' name='n'>{inner}</Project>"
    return zipped({"project.qde": head.encode(), f"sources/{twins.SOURCE}.txt": twins.TEXT.encode()})


def _code(number: int, inner: str = "", **more: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in more.items())
    return f'<Code guid="{guid_of(number)}" name="c{number}" isCodable="true"{said}>{inner}</Code>'


def _nested(levels: int) -> str:
    opened = "".join(f'<Code guid="{guid_of(i)}" name="c" isCodable="true">' for i in range(1, levels + 1))
    return f"<CodeBook><Codes>{opened}{'</Code>' * levels}</Codes></CodeBook>"


def _chosen(start: object, end: object, number: int = 600, code: str = twins.BUS) -> str:
    coding = f'<Coding guid="{guid_of(number + 5000)}"><CodeRef targetGUID="{code}"/></Coding>'
    return f'<PlainTextSelection guid="{guid_of(number)}" startPosition="{start}" endPosition="{end}">{coding}</PlainTextSelection>'


def _coded(*chosen: str, path: str = f"internal://{twins.SOURCE}.txt") -> bytes:
    return _project(f"{twins.USERS}{twins.CODES}<Sources>{twins.source(''.join(chosen), path=path)}</Sources>")


BEYOND = (-1, 10**6, 10**12, 10**40, "9" * 5000, "1e9", "NaN", "", "x", " 3 ", "+4", "\u0663")

QDPX: Hostile = {
    **_archives(twins.standard, "project.qde"),
    "entities that swell": lambda _: _project("<Description>&j;</Description>", LAUGHS + "]>"),
    "an entity many times": lambda _: _project(f"<Description>{'&j;' * 10_000}</Description>", _quadratic()),
    "an external entity": lambda c: _project("<Description>&j;</Description>" + twins.CODES, _external(c)),
    "entities in UTF-16": lambda _: zipped({"project.qde": f"{LAUGHS}]><Project name='&j;'/>".encode("utf-16")}),
    "codes a thousand deep": lambda _: _project(_nested(1000)),
    "codes as deep as may be": lambda _: _project(_nested(250)),
    "codes in a ring": lambda _: _project(
        f"<CodeBook><Codes>{_code(1, _code(2, _code(1)))}{_code(2)}{_code(2, _code(2))}</Codes></CodeBook>"
    ),
    "twenty thousand codes": lambda _: _project(
        f"<CodeBook><Codes>{''.join(_code(i) for i in range(1, 20_001))}</Codes></CodeBook>"
    ),
    "three thousand codes of one name": lambda _: _project(
        "<CodeBook><Codes>"
        + "".join(f'<Code guid="{guid_of(i)}" name="c" isCodable="true"/>' for i in range(1, 3001))
        + "</Codes></CodeBook>"
    ),
    "spans outside of the text": lambda _: _coded(
        *(_chosen(a, b, 600 + i * 20 + j) for i, a in enumerate(BEYOND) for j, b in enumerate(BEYOND))
    ),
    "fifty thousand spans": lambda _: _coded(*(_chosen(i % 100, i % 100 + 50, 600 + i) for i in range(50_000))),
    "references that lead nowhere": lambda _: _coded(
        _chosen(1, 5, 600, guid_of(77)), _chosen(1, 5, 601, "x"), _chosen(1, 5, 602, "")
    ),
    "one GUID for all": lambda _: _coded(_chosen(1, 5), _chosen(2, 6), _chosen(1, 5)).replace(b"x", b"x"),
    "a path to a file of this machine": lambda c: _coded(_chosen(1, 5), path=f"absolute://{c}"),
    "a path out of the archive": lambda c: _coded(_chosen(1, 5), path=f"internal://../../../../../../..{c}"),
    "a path that is a web address": lambda _: _coded(_chosen(1, 5), path="relative:////example.invalid/x.txt"),
    "a text of sixty megabytes": lambda _: with_member(
        twins.standard(), f"sources/{twins.SOURCE}.txt", b"a" * (60 * MILLION)
    ),
    "a text of a million words": lambda _: with_member(
        twins.standard(), f"sources/{twins.SOURCE}.txt", b"word " * 300_000
    ),
    "a side file that lies": lambda _: with_member(
        seeds.projects()[-1], "textcoder.json", b'{"textcoder_side_file": 1}\n{}'
    ),
    "a side file that is deep": lambda _: with_member(seeds.projects()[-1], "textcoder.json", b"[" * 200_000),
    "two projects": lambda _: zipped({"a.qde": b"<Project/>", "b.qde": b"<Project/>"}),
    "no archive but XML": lambda _: twins.project(twins.USERS, twins.CODES),
}


def _codes(inner: str, before: str = "") -> bytes:
    return f"<?xml version='1.0'?>{before}<CodeBook xmlns='urn:QDA-XML:codebook:1.0'><Codes>{inner}</Codes></CodeBook>".encode()


QDC: Hostile = {
    "entities that swell": lambda _: _codes(_code(1, "<Description>&j;</Description>"), LAUGHS + "]>"),
    "an external entity": lambda c: _codes(_code(1, "<Description>&j;</Description>"), _external(c)),
    "a document type of elsewhere": lambda _: _codes(_code(1), "<!DOCTYPE x SYSTEM 'http://example.invalid/x.dtd'>"),
    "codes a thousand deep": lambda _: f"<CodeBook>{_nested(1000)}</CodeBook>".encode(),
    "codes as deep as may be": lambda _: _nested(250).encode(),
    "twenty thousand codes": lambda _: _codes("".join(_code(i) for i in range(1, 20_001))),
    "a description of twelve megabytes": lambda _: _codes(_code(1, f"<Description>{'x' * 12 * MILLION}</Description>")),
    "a name beyond all": lambda _: _codes(f'<Code guid="{guid_of(1)}" name="{"x" * MILLION}" isCodable="true"/>'),
    "a name of nothing": lambda _: _codes(
        f'<Code guid="{guid_of(1)}" name=" " isCodable="true"/><Code guid="{guid_of(2)}"/>'
    ),
    "elements a hundred thousand deep": lambda _: b"<a>" * 100_000,
    "seventy megabytes": lambda _: b"<CodeBook>" + b" " * (70 * MILLION),
    "control characters": lambda _: _codes(_code(1, "<Description>a&#0;b&#27;[2J</Description>")),
}


# --- PDF --------------------------------------------------------------------------------------------------------------------------------


def _pdf(page: str, *, more: bytes = b"", kids: str = "[4 0 R]", n: object = 1, packed: bytes | None = None) -> bytes:
    content = zlib.compress(packed, 9) if packed is not None else page.encode("latin-1")
    how = " /Filter /FlateDecode" if packed is not None else ""
    return b"".join(
        (
            b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",
            f"2 0 obj\n<< /Type /Pages /Count {n} /Kids {kids} >>\nendobj\n".encode(),
            b"3 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n",
            b"4 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R ",
            b"/Resources << /Font << /F1 3 0 R >> >> >>\nendobj\n",
            f"5 0 obj\n<< /Length {len(content)}{how} >>\nstream\n".encode() + content + b"\nendstream\nendobj\n",
            more,
            b"trailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n",
        )
    )


SHOWN = "BT /F1 11 Tf 14 TL 50 800 Td (Mira: Nobody answers the phone.) Tj ET"
PDF: Hostile = {
    "a page tree in a ring": lambda _: _pdf(SHOWN, kids="[2 0 R]"),
    "a page many times": lambda _: _pdf(SHOWN, kids="[" + "4 0 R " * 5000 + "]", n=5000),
    "pages beyond all": lambda _: _pdf(SHOWN, n=2**31 - 1),
    "pages before all": lambda _: _pdf(SHOWN, n=-5),
    "a bomb of blanks": lambda _: _pdf("", packed=b" " * (200 * MILLION)),
    "a bomb of words": lambda _: _pdf(
        "", packed=b"BT /F1 11 Tf 50 800 Td " + b"(word word word word word word word word) Tj T* " * MILLION + b"ET"
    ),
    "a bomb of words on the paper": lambda _: _pdf(
        "",
        packed=b"BT /F1 4 Tf "
        + b"".join(b"1 0 0 1 %d %d Tm (word word word word word word) Tj " % (i % 300, i % 800) for i in range(150_000))
        + b"ET",
    ),
    "a bomb of lines": lambda _: _pdf("", packed=b"0 0 m 9 9 l S " * (3 * MILLION)),
    "lists that are deep": lambda _: _pdf(SHOWN, more=b"6 0 obj\n" + b"[" * 200_000 + b"\nendobj\n"),
    "states that are deep": lambda _: _pdf("", packed=b"q " * (5 * MILLION)),
    "type of no size": lambda _: _pdf(SHOWN.replace("11 Tf", "0 Tf").replace("50 800", "1e38 -1e38")),
    "paper beyond all": lambda _: _pdf(SHOWN).replace(b"[0 0 595 842]", b"[0 0 1e30 1e30]"),
    "a content that is its page": lambda _: _pdf(SHOWN).replace(b"/Contents 5 0 R", b"/Contents [4 0 R 5 0 R 4 0 R]"),
    "a password": lambda _: _pdf(SHOWN, more=b"").replace(
        b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /O (x) /U (x) /P -1 >>"
    ),
    "a hundred pages of one line": lambda _: pdf_of([["Mira: yes"]] * 100),
    "a file that is cut": lambda _: seeds.prints()[0][:-300],
}
