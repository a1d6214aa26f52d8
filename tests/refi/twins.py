"""Synthetic twins of what programs write: one interview as NVivo, MAXQDA, ATLAS.ti and Quirkos write it. Nobody spoke these words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from tests.refi.pictures import guid_of

TEXT = (
    "Interviewer: What helps you, even a little? 😀\n\n"
    "Mira: The bus 🚌 runs twice a day now.\nIt helps me a lot, cafe\u0301 or not.\n\n"
    "Interviewer: And what is in the way?\n\n"
    "Mira: Nobody answers 👩‍👧 the phone after three. I wait.\n\n"
    "Interviewer: What has changed?\n\n"
    "Mira: I went to the library on my own last week.\n"
)
QUOTED = (
    "The bus 🚌 runs twice a day now.",
    "It helps me a lot",
    "Nobody answers 👩‍👧 the phone after three.",
    "the library on my own last week.",
)
ANA, TRUST, BUS, SOURCE = guid_of(901), guid_of(902), guid_of(903), guid_of(904)
NAMESPACE = "urn:QDA-XML:project:1.0"
USERS = f'<Users><User guid="{ANA.upper()}" name="Ana"/></Users>'
CODES = (
    f'<CodeBook><Codes><Code guid="{{{TRUST}}}" name="Trust" isCodable="true" color="#f80"><Description>Told as trust.</Description>'
    f'<Code guid="{BUS}" name="Bus" isCodable="true"/></Code></Codes></CodeBook>'
)


def archived(members: Mapping[str, bytes]) -> bytes:
    """A zip archive, as a program would write it today."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def project(*parts: str, origin: str = "", attributes: str = "", namespace: str = NAMESPACE) -> bytes:
    """The XML of a project."""
    head = f'<Project xmlns="{namespace}" name="Bridge" origin={quoteattr(origin)} {attributes}>'
    return ('<?xml version="1.0" encoding="utf-8"?>' + head + "".join(parts) + "</Project>").encode()


def counted(text: str, *, utf16: bool = False, crlf: bool = False) -> int:
    """How long a program thinks that a text is."""
    units = len(text.encode("utf-16-le")) // 2 if utf16 else len(text)
    return units + (text.count("\n") if crlf else 0)


def selections(
    text: str = TEXT,
    quoted: Sequence[str] = QUOTED,
    *,
    utf16: bool = False,
    crlf: bool = False,
    names: bool = False,
    before: int = 0,
    at: str = 'creationDateTime="2021-03-04T05:06:07Z"',
    inner: str = "",
) -> str:
    """A selection with a coding for each quotation, positions counted as told."""
    found = []
    for i, words in enumerate(quoted):
        start = text.index(words)
        begin = before + counted(text[:start], utf16=utf16, crlf=crlf)
        end = begin + counted(words, utf16=utf16, crlf=crlf)
        name = f"name={quoteattr(' '.join(words.split())[:30] + '...')}" if names else 'name="1:3"'
        coding = f'<Coding guid="{guid_of(700 + i)}" creatingUser="{ANA}" {at}><CodeRef targetGUID="{BUS}"/></Coding>'
        found.append(
            f'<PlainTextSelection guid="{guid_of(600 + i)}" {name} startPosition="{begin}" endPosition="{end}">'
            f"{inner}{coding}</PlainTextSelection>"
        )
    return "".join(found)


def source(inner: str, *, path: str = f"internal://{SOURCE}.txt", name: str = "Mira", guid: str = SOURCE) -> str:
    """A text source."""
    return f'<TextSource guid="{guid}" name={quoteattr(name)} plainTextPath={quoteattr(path)}>{inner}</TextSource>'


def nvivo(text: str = TEXT, **more: str) -> bytes:
    """NVivo 12 on Windows: `Sources/`, UTF-16 units, CRLF, a mark that does not count."""
    xml = project(
        USERS,
        CODES,
        f"<Sources>{source(selections(text, utf16=True, crlf=True))}</Sources>",
        **more,
        origin="NVivo 12 Plus",
    )
    return archived({"project.qde": xml, f"Sources/{SOURCE}.txt": ("\ufeff" + text.replace("\n", "\r\n")).encode()})


def maxqda(text: str = TEXT) -> bytes:
    """MAXQDA: CRLF counts two, even where the file has LF."""
    xml = project(USERS, CODES, f"<Sources>{source(selections(text, crlf=True))}</Sources>", origin="MAXQDA 2022")
    return archived({"project.qde": xml, f"sources/{SOURCE}.txt": text.encode()})


def atlasti(text: str = TEXT) -> bytes:
    """ATLAS.ti: the project under its own name, CRLF in the file that counts one, codes flattened, comments as descriptions."""
    flat = (
        f'<CodeBook><Codes><Code guid="{TRUST}" name="Trust" isCodable="true"/>'
        f'<Code guid="{BUS}" name="Trust::Bus" isCodable="true"/></Codes></CodeBook>'
    )
    chosen = selections(text, inner="<Description>Ask again.</Description>")
    xml = project(USERS, flat, f"<Sources>{source(chosen)}</Sources>", origin="ATLAS.ti 23")
    return archived({"Bridge study.qde": xml, f"sources/{SOURCE}.txt": text.replace("\n", "\r\n").encode()})


def standard(text: str = TEXT) -> bytes:
    """As the standard says: code points, LF."""
    xml = project(USERS, CODES, f"<Sources>{source(selections(text))}</Sources>", origin="Quirkos 2.5")
    return archived({"project.qde": xml, f"sources/{SOURCE}.txt": text.encode()})
