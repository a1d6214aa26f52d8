"""Writing REFI-QDA: valid against its schemas, in four profiles, the same byte for byte when the project is the same.

What the profiles differ in is what was measured with the programs: how positions count, line ends and byte-order mark of the texts, and
where a comment on a selection is looked for. All else is the standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, get_args

from textcoder.errors import OutputError
from textcoder.refi.archive import MOST_TEXTS, packed
from textcoder.refi.model import (
    Book,
    Case,
    Code,
    Coding,
    Link,
    Note,
    Picture,
    Selection,
    Set,
    Source,
    User,
    Value,
    depth_of,
    made_guid,
)
from textcoder.refi.positions import PROFILED, Raw, Ruler
from textcoder.refi.side import FOLDER, NAME, bound

Profile = Literal["spec", "nvivo", "maxqda", "atlasti"]
PROFILES: tuple[str, ...] = get_args(Profile)
BOOK_NAMESPACE = "urn:QDA-XML:codebook:1.0"
PROJECT_NAMESPACE = "urn:QDA-XML:project:1.0"
DEEPEST = 100
"""Levels of codes that are written; libxml2, with which most programs read, stops at 256 levels of elements."""
LONGEST_NAME = 80
"""Letters of a quotation that stand in a selection's name."""
# All that XML 1.0 cannot hold.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


class Comments(StrEnum):
    """Where a program looks for a comment on a selection."""

    NOTE_REF = "a reference to a note"
    DESCRIPTION = "the selection's description"
    LINK = "a link to a note"


@dataclass(frozen=True, slots=True)
class _Habits:
    """What a program expects: CRLF or LF in its texts, a mark before them, comments where, recordings without a recording or not."""

    crlf: bool = False
    mark: bool = False
    comments: Comments = Comments.NOTE_REF
    times: bool = False


_HABITS = {
    "spec": _Habits(times=True),
    "nvivo": _Habits(crlf=True, mark=True, comments=Comments.LINK),
    "maxqda": _Habits(crlf=True, comments=Comments.DESCRIPTION),
    "atlasti": _Habits(comments=Comments.DESCRIPTION),
}


def origin_of(profile: Profile) -> str:
    """What an export says of who wrote it; the reader knows by it how the positions count."""
    return f"textcoder ({profile})"


def write_book(book: Book) -> bytes:
    """A codebook as `.qdc`.

    Raises:
        OutputError: There is no code, or the codes have too many levels.
    """
    if not book.codes:
        raise OutputError("The codebook has no codes, and a .qdc holds at least one. Add a code first.")
    root = _Element("CodeBook", BOOK_NAMESPACE, origin=book.origin or "textcoder")
    _write_codes(root.child("Codes"), book.codes, notes=False)
    if book.sets:
        sets = root.child("Sets")
        for one in book.sets:
            element = sets.child("Set", guid=one.guid, name=one.name)
            element.words("Description", one.description)
            for code in one.codes:
                element.child("MemberCode", guid=code)
    return root.xml()


def write_project(
    picture: Picture,
    *,
    profile: Profile = "spec",
    side: bytes | None = None,
    originals: Mapping[str, bytes] | None = None,
) -> bytes:
    """A project as `.qdpx`.

    A source with times is written as a recording with a transcript and its sync points in the profile `spec`; the other
    programs are given its text, since they open no recording that is not there.

    Args:
        picture: What to write.
        profile: For which program.
        side: What REFI cannot hold (see `textcoder.refi.side`), not yet tied to the XML.
        originals: Files that are more than their text, by their sha256; they travel beside the side file.

    Raises:
        OutputError: The codes have too many levels, or all texts and files together are more than can be read back.
    """
    xml = project_xml(picture, profile=profile)
    members = {"project.qde": xml}
    if side is not None:
        members[NAME] = bound(side, xml)
    habits = _HABITS[profile]
    for source in sorted(picture.sources, key=lambda one: one.guid):
        members[f"sources/{source.guid}.txt"] = _text_bytes(source.text, habits)
    for note in sorted(picture.notes, key=lambda one: one.guid):
        members[f"sources/{note.guid}.txt"] = _text_bytes(note.text, habits)
    for sha256, data in sorted((originals or {}).items()):
        members[f"{FOLDER}{sha256}"] = data
    size = sum(map(len, members.values()))
    if size > MOST_TEXTS:
        raise OutputError(
            f"The project has {size / 1e6:.0f} MB; an archive of more than {MOST_TEXTS / 1e6:.0f} MB is read nowhere."
        )
    return packed(members)


def _text_bytes(text: str, habits: _Habits) -> bytes:
    written = text.replace("\n", "\r\n") if habits.crlf else text
    return written.encode("utf-8-sig" if habits.mark else "utf-8")


def project_xml(picture: Picture, *, profile: Profile = "spec") -> bytes:
    """The XML of a project: what stands in `project.qde`."""
    times = {"creationDateTime": moment} if (moment := _moment(picture.at)) else {}
    root = _Element("Project", PROJECT_NAMESPACE, name=picture.name, origin=origin_of(profile), **times)
    if picture.users:
        _write_users(root.child("Users"), picture.users)
    if picture.codes:
        _write_codes(root.child("CodeBook").child("Codes"), picture.codes, notes=True)
    variables = {name: made_guid("variable", name) for name in picture.variables}
    if variables:
        parent = root.child("Variables")
        for name, guid in variables.items():
            parent.child("Variable", guid=guid, name=name, typeOfVariable="Text")
    if picture.cases:
        parent = root.child("Cases")
        for case in picture.cases:
            _write_case(parent, case, variables)
    texts = {note.guid: note.text for note in picture.notes}
    if picture.sources:
        parent = root.child("Sources")
        for source in picture.sources:
            _write_source(parent, source, profile, variables, texts)
    if picture.notes:
        parent = root.child("Notes")
        for note in picture.notes:
            _write_note(parent, note)
    links = [*picture.links, *(_note_links(picture) if _HABITS[profile].comments is Comments.LINK else ())]
    if links:
        parent = root.child("Links")
        for link in links:
            _write_link(parent, link)
    if picture.sets:
        parent = root.child("Sets")
        for one in picture.sets:
            _write_set(parent, one)
    root.words("Description", picture.description)
    root.refs("NoteRef", picture.about)
    return root.xml()


# --- the parts, each in the order that the schema asks for ------------------------------------------------------------------------------


def _write_users(parent: _Element, users: Iterable[User]) -> None:
    for user in users:
        parent.child("User", guid=user.guid, name=user.name, **({"id": user.id} if user.id else {}))


def _write_codes(parent: _Element, codes: Sequence[Code], *, notes: bool) -> None:
    levels = depth_of(codes)
    if levels > DEEPEST:
        raise OutputError(
            f"The codes have {levels} levels, and other programs read about {DEEPEST}. Move some of them further up."
        )
    below: dict[str | None, list[Code]] = {}
    for code in codes:
        below.setdefault(code.parent, []).append(code)

    def write(into: _Element, above: str | None) -> None:
        for code in below.get(above, ()):
            colour = {"color": code.colour} if _COLOUR.fullmatch(code.colour) else {}
            element = into.child(
                "Code", guid=code.guid, name=code.name, isCodable="true" if code.codable else "false", **colour
            )
            element.words("Description", code.description)
            if notes:
                element.refs("NoteRef", code.notes)
            write(element, code.guid)

    write(parent, None)


def _write_values(parent: _Element, values: Iterable[Value], variables: Mapping[str, str]) -> None:
    for value in values:
        element = parent.child("VariableValue")
        element.child("VariableRef", targetGUID=variables[value.variable])
        element.child("TextValue").text = value.value


def _write_case(parent: _Element, case: Case, variables: Mapping[str, str]) -> None:
    element = parent.child("Case", guid=case.guid, **({"name": case.name} if case.name else {}))
    element.words("Description", case.description)
    element.refs("CodeRef", case.codes)
    _write_values(element, case.values, variables)
    element.refs("SourceRef", case.sources)
    element.refs("SelectionRef", case.selections)


def _write_source(
    parent: _Element, source: Source, profile: Profile, variables: Mapping[str, str], texts: Mapping[str, str]
) -> None:
    made = _made(source.user, source.at)
    path = {"plainTextPath": f"internal://{source.guid}.txt"}
    if source.sync and _HABITS[profile].times:
        element = parent.child("AudioSource", guid=source.guid, name=source.name, **made)
        element.words("Description", source.description)
        spoken = element.child("Transcript", guid=made_guid("transcript", source.guid), name=source.name, **path)
        _write_spoken(spoken, source)
    else:
        element = parent.child("TextSource", guid=source.guid, name=source.name, **path, **made)
        element.words("Description", source.description)
        ruler = Ruler(Raw(source.text), PROFILED[profile])
        for selection in source.selections:
            _write_selection(element, selection, source.text, ruler, _HABITS[profile].comments, texts)
    for coding in source.codings:
        _write_coding(element, coding)
    element.refs("NoteRef", source.notes)
    _write_values(element, source.values, variables)


def _write_selection(
    parent: _Element, selection: Selection, text: str, ruler: Ruler, comments: Comments, texts: Mapping[str, str]
) -> None:
    element = parent.child(
        "PlainTextSelection",
        guid=selection.guid,
        name=selection.name or short_quotation(text[selection.start : selection.end]),
        startPosition=str(ruler.written(selection.start)),
        endPosition=str(ruler.written(selection.end)),
        **_made(selection.user, selection.at),
    )
    told = [selection.description] if selection.description else []
    if comments is Comments.DESCRIPTION:
        told += [texts[note] for note in selection.notes]
    element.words("Description", "\n\n".join(told))
    for coding in selection.codings:
        _write_coding(element, coding)
    if comments is not Comments.LINK:
        element.refs("NoteRef", selection.notes)


def _write_spoken(element: _Element, source: Source) -> None:
    """Sync points and the selections between them; an end of a selection without a time is a point with a position only."""
    times = {point.offset: str(point.ms) for point in source.sync}
    ends = {end for selection in source.selections for end in (selection.start, selection.end)}
    points = {offset: made_guid("point", source.guid, offset) for offset in sorted(times.keys() | ends)}
    for offset, guid in points.items():
        time = {"timeStamp": times[offset]} if offset in times else {}
        element.child("SyncPoint", guid=guid, **time, position=str(offset))
    for selection in source.selections:
        within = element.child(
            "TranscriptSelection",
            guid=selection.guid,
            name=selection.name or short_quotation(source.text[selection.start : selection.end]),
            fromSyncPoint=points[selection.start],
            toSyncPoint=points[selection.end],
            **_made(selection.user, selection.at),
        )
        within.words("Description", selection.description)
        for coding in selection.codings:
            _write_coding(within, coding)
        within.refs("NoteRef", selection.notes)


def _write_coding(parent: _Element, coding: Coding) -> None:
    element = parent.child("Coding", guid=coding.guid, **_made(coding.user, coding.at))
    element.child("CodeRef", targetGUID=coding.code)
    element.refs("NoteRef", coding.notes)


def _write_note(parent: _Element, note: Note) -> None:
    path = f"internal://{note.guid}.txt"
    parent.child("Note", guid=note.guid, name=note.name, plainTextPath=path, **_made(note.user, note.at))


def _note_links(picture: Picture) -> Iterable[Link]:
    """NVivo ties a note to a selection by a link from the one to the other."""
    for source in picture.sources:
        for selection in source.selections:
            for note in selection.notes:
                yield Link(made_guid("link", selection.guid, note), origin=selection.guid, target=note)


def _write_link(parent: _Element, link: Link) -> None:
    ends = {"originGUID": link.origin, "targetGUID": link.target}
    name = {"name": link.name} if link.name else {}
    given = {key: guid for key, guid in ends.items() if guid}
    element = parent.child("Link", guid=link.guid, **name, direction=link.direction, **given)
    element.refs("NoteRef", link.notes)


def _write_set(parent: _Element, one: Set) -> None:
    element = parent.child("Set", guid=one.guid, name=one.name)
    element.words("Description", one.description)
    element.refs("MemberCode", one.codes)
    element.refs("MemberSource", one.sources)
    element.refs("MemberNote", one.notes)


def _made(user: str | None, at: str) -> dict[str, str]:
    moment = _moment(at)
    return {**({"creatingUser": user} if user else {}), **({"creationDateTime": moment} if moment else {})}


def _moment(at: str) -> str:
    """A time as the schema wants it; empty where there is none, or none that it would take."""
    try:
        return datetime.fromisoformat(at).isoformat(timespec="seconds") if "T" in at else ""
    except ValueError:
        return ""


def short_quotation(words: str) -> str:
    """A quotation as a name: on one line, with dots where it goes on."""
    flat = " ".join(words.split())
    return flat if len(flat) <= LONGEST_NAME else flat[: LONGEST_NAME - 3].rstrip() + "..."


def legal(words: str) -> str:
    """Words without what XML cannot hold; each such character becomes U+FFFD, so that nothing moves."""
    return _ILLEGAL.sub("\ufffd", words)


class _Element:
    """An element of lxml with what we ask of it: legal text, children in the order in which they are made."""

    def __init__(self, tag: str, namespace: str, **attributes: str) -> None:
        from lxml import etree

        self._namespace = namespace
        self._node: Any = etree.Element(f"{{{namespace}}}{tag}", nsmap={None: namespace})
        self._set(attributes)

    def child(self, tag: str, **attributes: str) -> _Element:
        """A new element below, after those that are there."""
        from lxml import etree

        made = object.__new__(_Element)
        made._namespace = self._namespace
        made._node = etree.SubElement(self._node, f"{{{self._namespace}}}{tag}")
        made._set(attributes)
        return made

    def _set(self, attributes: Mapping[str, str]) -> None:
        for name, value in attributes.items():
            self._node.set(name, legal(value))

    @property
    def text(self) -> str:
        """The words in it."""
        return str(self._node.text or "")

    @text.setter
    def text(self, words: str) -> None:
        self._node.text = legal(words)

    def words(self, tag: str, words: str) -> None:
        """A child that holds nothing but words; none where there are none."""
        if words:
            self.child(tag).text = words

    def refs(self, tag: str, guids: Iterable[str]) -> None:
        """A child for each thing referred to."""
        for guid in guids:
            self.child(tag, targetGUID=guid)

    def xml(self) -> bytes:
        """All of it, as a file."""
        from lxml import etree

        data: bytes = etree.tostring(self._node, xml_declaration=True, encoding="utf-8", pretty_print=True)
        return data
