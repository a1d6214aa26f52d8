"""Sound files of every format, made in code. Nobody spoke these words."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import TYPE_CHECKING

from tests.refi import twins
from tests.refi.pictures import guid_of

if TYPE_CHECKING:
    from tests.refi.projects import Memory

SAID = (
    ("Hanna", "What helps you, even a little? 😀"),
    ("Mira", "The bus runs twice a day now. It helps me a lot, cafe\u0301 or not."),
    ("Hanna", "And what is in the way?"),
    ("Mira", "Nobody answers the phone after three. The form is long; I ring and ring."),
    ("Hanna", "What has changed since the spring?"),
    ("Mira", "I went to the library on my own last week, from a three to a five."),
)
TALK = "\n\n".join(f"{name}: {words}" for name, words in SAID) + "\n"
FRONT = '---\ntitle: Mira\nwave: "2"\ndate: 2024-05-02\nlanguage: en\ngroup: service user\n---\n'


def texts() -> list[bytes]:
    timed = "\n\n".join(f"[00:0{i}:12] {name}: {words}" for i, (name, words) in enumerate(SAID))
    above = "\n\n".join(f"{name.upper()}\n{words}" for name, words in SAID)
    encoded = ("\ufeff" + TALK).encode("utf-16-le"), "Åsa: Jag går själv dit.\r\n\r\nI: Varför?\r\n".encode("cp1252")
    return [TALK.encode(), (FRONT + timed).encode(), above.encode(), *encoded]


def subtitles() -> list[bytes]:
    cues = [f"00:00:{4 * i:02}.000 --> 00:00:{4 * i + 3:02}.500\n" for i in range(len(SAID))]
    voices = "".join(f"{cue}<v {name}>{words}</v>\n\n" for cue, (name, words) in zip(cues, SAID, strict=True))
    names = "".join(
        f"{i}\n{cue}{name}: {words}\n\n" for i, (cue, (name, words)) in enumerate(zip(cues, SAID, strict=True))
    )
    return [f"WEBVTT\n\nNOTE made up\n\nSTYLE\n::cue {{}}\n\n{voices}".encode(), f"WEBVTT - x\n\n{names}".encode()]


def subrips() -> list[bytes]:
    cues = [f"{i}\n00:00:{4 * i:02},000 --> 00:00:{4 * i + 3:02},500\n" for i in range(len(SAID))]
    plain = "\n\n".join(f"{cue}{name}: {words}" for cue, (name, words) in zip(cues, SAID, strict=True))
    marked = "\n\n".join(f"{cue}<i>{words}</i> {{\\an8}}" for cue, (_, words) in zip(cues, SAID, strict=True))
    return [plain.encode(), marked.replace("\n", "\r\n").encode()]


@cache
def documents() -> tuple[bytes, ...]:
    """DOCX: names before colons, in bold, and in a table."""
    import docx

    found = []
    for way in ("colon", "bold", "table"):
        document = docx.Document()
        document.add_heading("Mira", 1)
        table = document.add_table(rows=0, cols=2) if way == "table" else None
        for name, words in SAID:
            if table is not None:
                table.add_row().cells[0].text, table.rows[-1].cells[1].text = name, words
                continue
            paragraph = document.add_paragraph()
            paragraph.add_run(name if way == "bold" else f"{name}: ").bold = way == "bold"
            paragraph.add_run(f" {words}")
        out = io.BytesIO()
        document.save(out)
        found.append(out.getvalue())
    return tuple(found)


@cache
def prints() -> tuple[bytes, ...]:
    """PDF: of several pages, and one whose content is packed."""
    from pypdf import PdfReader, PdfWriter

    from tests.formats.test_pdf import pdf_of

    lines = [f"{name}: {words.encode('latin-1', 'ignore').decode('latin-1')}" for name, words in SAID]
    plain = pdf_of([["Mira", *lines[:3], "", "1"], ["Mira", *lines[3:], "", "2"]])
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
    for page in writer.pages:
        page.compress_content_streams()
    out = io.BytesIO()
    writer.write(out)
    return plain, pdf_of([lines], turned=90), out.getvalue()


def tables() -> list[bytes]:
    dialogue = "speaker;text\n" + "".join(f'{name};"{words}"\n' for name, words in SAID)
    survey = "respondent,group,site,What helps you?\n" + "".join(
        f'P{i},user,North,"{words}"\n' for i, (_, words) in enumerate(SAID)
    )
    return [dialogue.encode(), survey.encode("utf-8-sig"), survey.replace(",", "\t").encode("utf-16")]


@cache
def workbooks() -> tuple[bytes, ...]:
    import openpyxl

    found = []
    for heads in (["respondent", "group", "date", "answer"], ["speaker", "text"]):
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(heads)
        for i, (name, words) in enumerate(SAID):
            sheet.append([name, words] if len(heads) == 2 else [f"P{i}", "user", 45_000.5 + i, words])
        book.create_sheet("Notes").append(["nothing"])
        out = io.BytesIO()
        book.save(out)
        found.append(out.getvalue())
    return tuple(found)


def jsons() -> list[bytes]:
    segments = [
        {"id": i, "start": i * 4.0, "end": i * 4 + 3.5, "text": words, "speaker": n}
        for i, (n, words) in enumerate(SAID)
    ]
    survey = [
        {"respondent": f"P{i}", "text": words, "attributes": {"site": "North"}} for i, (_, words) in enumerate(SAID)
    ]
    return [
        json.dumps({"text": "", "language": "en", "segments": segments}).encode(),
        json.dumps([{"speaker": n, "text": w, "start": "00:00:01"} for n, w in SAID], ensure_ascii=False).encode(),
        json.dumps(survey, indent=1).encode(),
        "\n".join(map(json.dumps, survey)).encode(),
    ]


def codebooks() -> list[bytes]:
    from textcoder.domain.codebook import Code, Codebook, Example
    from textcoder.formats.codebook import write_codebook_yaml

    codes = (
        Code("late", "Nobody answers", "Nobody picks up.", lens="barriers", examples=(Example("I ring.", "mira.txt"),)),
        Code("forms", "Forms", "Long, or hard to read.", "Of offices.", "Not: letters.", lens="barriers"),
        Code("length", "Length", "Pages.", lens="barriers", parent="forms", colour="#1b9e77"),
        Code("tea", "Tea together", "Company that helps.", lens="what_works"),
    )
    plain = "codes:\n- name: Trust\n  lens: what works\n  definition: >\n    Told\n    as trust.\n- {name: Bus, lens: none}\n"
    return [write_codebook_yaml(Codebook(codes), title="Moving").encode(), plain.encode()]


def case_tables() -> list[bytes]:
    return [
        b"file,case,name,speaker,wave,date,group\nmira.txt,M1,Mira,Mira,2,2024-05-02,service user\n",
        b"file;case;site\nmira.txt;M1;North\nwave1/omar.txt;O1;South\n",
        "\ufefffile\tcase\nmira.txt\tM1\n".encode("utf-16-le"),
    ]


def coding_tables() -> list[bytes]:
    """What people coded in other programs."""
    first, second = SAID[1][1], SAID[-1][1]
    return [
        f'Document name,Code,Begin,End,Segment\nmira,Waiting > Letters,1,1,"{first}"\nmira,Staff,2,2,"{second}"\n'.encode(),
        f'id,document,tag,content\n1,mira.txt,waiting,"{first}"\n2,mira.txt,staff,"{second}"\n'.encode(),
    ]


def books() -> list[bytes]:
    """REFI-QDA codebooks."""
    from textcoder.workflow.exchanging import refi_book

    theirs = (
        '<?xml version="1.0" encoding="utf-8"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="NVivo"><Codes>'
        f'<Code guid="{guid_of(1)}" name="Trust" isCodable="true" color="#f80"><Description>Told as trust.</Description>'
        f'<Code guid="{guid_of(2)}" name="Bus" isCodable="true"/></Code></Codes>'
        f'<Sets><Set guid="{guid_of(3)}" name="All"><MemberCode targetGUID="{guid_of(2)}"/></Set></Sets></CodeBook>'
    )
    return [theirs.encode(), refi_book(coded())]


@cache
def projects() -> tuple[bytes, ...]:
    """REFI-QDA projects: as four programs write them, and our own with its side file."""
    from textcoder.workflow.exchanging import refi_project

    return twins.nvivo(), twins.maxqda(), twins.atlasti(), twins.standard(), refi_project(coded())


def coded() -> Memory:
    """A project in memory that holds codes, a transcript and codings of a person."""
    import tempfile
    from pathlib import Path

    from tests.refi.projects import Memory
    from textcoder.settings import Settings
    from textcoder.workflow.exchanging import import_refi

    store = Memory()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.qdpx"
        path.write_bytes(twins.standard())
        import_refi(store, path, Settings())
    return store
