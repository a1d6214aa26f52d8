"""Reading REFI-QDA as programs really write it, with a report of what was lost, guessed or moved.

Names of elements are matched without their namespace, of which several are in use; GUIDs in any case and with or without braces; paths in
any of the forms that occur. What leads nowhere is dropped and named in the report; what is no REFI-QDA at all is an error.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from textcoder.errors import UnreadableFile
from textcoder.refi.archive import MOST_TEXT, MOST_TEXTS, MOST_XML, Archive, parsed
from textcoder.refi.model import (
    Became,
    Book,
    Case,
    Code,
    Coding,
    Finding,
    Link,
    Note,
    Picture,
    Read,
    Selection,
    Set,
    Source,
    Sync,
    User,
    Value,
    made_guid,
    plain_guid,
)
from textcoder.refi.positions import Calibrated, Marked, Raw, Ruler, calibrate, closes_word, fits, flat, is_cut
from textcoder.refi.side import FOLDER, unbound
from textcoder.refi.side import NAME as SIDE

_LONG_COLOUR, _SHORT_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}"), re.compile(r"#[0-9A-Fa-f]{3}")
_NUMBER = re.compile(r"[+-]?\d{1,12}")
_SCHEME = re.compile(r"(?P<scheme>internal|relative|absolute)://+", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FLAT = "::"
_TRUE = {"true", "1"}
MOST_CODES = 10_000
"""Codes of a book; the largest that people have made by hand are some thousands."""
MOST_SEARCHED = 500_000_000
"""Letters that are searched for quotations that stand elsewhere than their positions say; a second or two."""


def read_book(data: bytes, file: str) -> tuple[Book, tuple[Finding, ...]]:
    """Read a codebook (`.qdc`).

    Raises:
        UnreadableFile: It is no such codebook; with the reason and the remedy.
    """
    reader = _Reader(file)
    root = reader.root(data)
    book = root if _tag(root) == "CodeBook" else _first(root, "CodeBook")
    if book is None or _first(book, "Codes") is None:
        raise UnreadableFile(file, "it holds no codebook of REFI-QDA.", "Export the codebook as .qdc once more.")
    codes = reader.codes(book)
    if not codes:
        raise UnreadableFile(file, "there is no code in it.", "Export the codebook as .qdc once more.")
    sets = tuple(reader.sets(root))
    return Book(codes, sets, root.get("origin", "")), tuple(reader.findings)


def read_project(source: Path | bytes, file: str) -> Read:
    """Read a project (`.qdpx`, or its bare `.qde` with the texts inside). Memory: about ten times the XML, plus the texts.

    Raises:
        UnreadableFile: It is no such project, is damaged, or holds what no such file should; nothing outside of it is ever read.
    """
    if isinstance(source, Path) and source.suffix.casefold() == ".qde":
        source = _bytes_of(source, file)
    if isinstance(source, bytes) and not source.startswith(b"PK"):
        return _Reader(file).project(source, None)
    with Archive(source, file) as archive:
        reader = _Reader(file, archive)
        read = reader.project(reader.xml_member(), archive.get(SIDE, most=MOST_TEXTS))
        if read.side is None:
            return read
        kept = [name for name in archive.names() if name.startswith(FOLDER)]
        originals = {name.removeprefix(FOLDER): archive.get(name, most=MOST_TEXTS) or b"" for name in kept}
        return replace(read, originals=originals)


def _bytes_of(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MOST_XML + 1)
    except OSError as error:
        raise UnreadableFile(file, f"it cannot be read ({error.strerror}).", "Check its name and rights.") from error


@dataclass(frozen=True, slots=True)
class _Written:
    """A selection as it is written, positions not yet understood."""

    guid: str
    start: int
    end: int
    name: str
    description: str
    user: str | None
    at: str
    codings: tuple[Coding, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A source with its raw text, positions not yet understood."""

    source: Source
    raw: Raw
    written: tuple[_Written, ...]
    points: tuple[tuple[int, int], ...] = ()
    """Position and milliseconds of sync points."""


@dataclass
class _Reader:
    """Takes one file apart and keeps the report."""

    file: str
    archive: Archive | None = None
    findings: list[Finding] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    known_codes: set[str] = field(default_factory=set)
    known_users: set[str] = field(default_factory=set)
    known_notes: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)
    """Where a thing stands, by GUID: a GUID alone lets nobody find it."""
    searched: int = 0
    ours: bool = False
    """Whether textcoder wrote it: then a code's name means nothing but itself, and a selection's is its quotation."""

    # --- the file ---

    def xml_member(self) -> bytes:
        """The XML of the project: `project.qde`, or the only `.qde` that there is."""
        assert self.archive is not None
        named = [name for name in self.archive.names() if name.casefold().endswith(".qde")]
        top = [name for name in named if "/" not in name.replace("\\", "/")] or named
        exact = [name for name in top if name == "project.qde"]
        if not exact and len(top) != 1:
            there = f"{len(top)} of them, and none is called project.qde" if top else "none"
            raise UnreadableFile(
                self.file,
                f"a project archive holds one .qde; there is {there}.",
                "Export the project as .qdpx once more.",
            )
        chosen = (exact or top)[0]
        if not exact:
            self.found(
                Became.GUESSED, "archive", "The project is not called project.qde; the only .qde in it was read."
            )
        xml = self.archive.get(chosen, most=MOST_XML)
        assert xml is not None
        return xml

    def root(self, data: bytes) -> Any:
        """The root element."""
        root, cleaned = parsed(data, self.file)
        self.ours = root.get("origin", "").startswith("textcoder")
        if cleaned:
            self.found(Became.LOST, "XML", "It held control characters, which XML cannot hold; they were taken out.")
        return root

    def found(self, became: Became, item: str, why: str) -> None:
        """Note what became of an item, and where it stands."""
        place = self.places.get(item.rpartition(" ")[2], "")
        self.findings.append(Finding(became, item, f"{why.removesuffix('.')} ({place})." if place else why))

    def project(self, xml: bytes, side: bytes | None) -> Read:
        """All of it."""
        root = self.root(xml)
        if _tag(root) != "Project":
            raise UnreadableFile(
                self.file, "it holds no project of REFI-QDA.", "Export the project as .qdpx once more."
            )
        origin = root.get("origin", "")
        users = self.users(root)
        self.known_users = {user.guid for user in users}
        self.known_notes = {guid for note in _below(root, "Notes", "Note") if (guid := plain_guid(note.get("guid")))}
        book = _first(root, "CodeBook")
        codes = self.codes(book) if book is not None else ()
        self.known_codes = {code.guid for code in codes}
        variables = self.variables(root)
        notes = tuple(self.notes(root))
        texts = list(self.texts(root, variables))
        calibrated = calibrate(
            [(one.raw, [Marked(w.start, w.end, w.name) for w in one.written]) for one in texts], origin=origin
        )
        if calibrated.guessed:
            why = f"No evidence tells how positions count; they were read as {calibrated.counting}."
            self.found(Became.GUESSED, "positions", why)
        sources = self.placed(texts, calibrated, {note.guid: note.text for note in notes})
        selections = {selection.guid for source in sources for selection in source.selections}
        cases = tuple(self.cases(root, variables, {source.guid for source in sources}, selections))
        picture = Picture(
            name=root.get("name", "") or PurePosixPath(self.file).stem,
            origin=origin,
            users=users,
            codes=codes,
            variables=tuple(variables.values()),
            cases=cases,
            sources=sources,
            notes=notes,
            sets=tuple(self.sets(root, {source.guid for source in sources})),
            description=_words(root, "Description"),
            about=self.note_refs(root, "project"),
            at=root.get("creationDateTime", ""),
        )
        picture, ours = self.tied(root, picture), self.side(side, xml)
        return Read(picture, tuple(self.findings), calibrated.told, ours)

    def side(self, member: bytes | None, xml: bytes) -> bytes | None:
        """Our own side file, where it belongs to the XML."""
        if member is None:
            return None
        side, why = unbound(member, xml)
        if side is None:
            told = f"What only textcoder knows (probabilities, rejected suggestions, history) was left aside: {why}."
            self.found(Became.LOST, "side file", told)
        return side

    # --- who, codes, variables ---

    def guid(self, element: Any, *place: str | int, stands: str = "") -> str:
        """The GUID of a thing; one that is missing, wrong or taken already is made from its place."""
        written = plain_guid(element.get("guid"))
        guid = made_guid("read", written or "", *place) if written is None or written in self.seen else written
        self.seen.add(guid)
        if stands:
            self.places[guid] = stands
        if written is None:
            self.found(Became.GUESSED, _item(element, guid), "It has no GUID; it was given one.")
        elif guid != written:
            why = "Its GUID stands twice in the file; it was given another."
            self.found(Became.GUESSED, _item(element, guid), why)
        return guid

    def users(self, root: Any) -> tuple[User, ...]:
        """Whoever coded."""
        people: dict[str, User] = {}
        for user in _below(root, "Users", "User"):
            if guid := plain_guid(user.get("guid")):
                people.setdefault(guid, User(guid, user.get("name", ""), user.get("id", "")))
        return tuple(people.values())

    def codes(self, book: Any) -> tuple[Code, ...]:
        """The codes in the order of their tree, those that are flattened as `Parent::child` unfolded."""
        top = _first(book, "Codes")
        if top is None:
            return ()
        codes = list(islice(self._codes(top, None), MOST_CODES + 1))
        if len(codes) > MOST_CODES:
            raise UnreadableFile(
                self.file, f"there are more than {MOST_CODES} codes in it.", "Merge or delete codes before you export."
            )
        nested = any(code.parent for code in codes)
        flat_book = not nested and not self.ours and any(_FLAT in code.name for code in codes)
        return tuple(self._unfolded(codes)) if flat_book else tuple(codes)

    def _codes(self, parent: Any, above: str | None) -> Iterator[Code]:
        for number, element in enumerate(_children(parent, "Code")):
            guid = self.guid(element, "code", above or "", number, element.get("name", ""))
            name = " ".join(element.get("name", "").split())
            if not name:
                name = f"Code {guid[:8]}"
                self.found(Became.GUESSED, f"code {guid}", f'It has no name; it is called "{name}".')
            yield Code(
                guid,
                name,
                _words(element, "Description"),
                self._colour(element.get("color"), guid),
                above,
                element.get("isCodable", "true").strip().casefold() in _TRUE,
                self.note_refs(element, f"code {guid}"),
            )
            yield from self._codes(element, guid)

    def _colour(self, written: str | None, guid: str) -> str:
        colour = (written or "").strip()
        if _LONG_COLOUR.fullmatch(colour):
            return colour.upper()
        if _SHORT_COLOUR.fullmatch(colour):
            return "#" + "".join(2 * digit for digit in colour[1:]).upper()
        if colour:
            self.found(Became.LOST, f"code {guid}", "Its colour is not written as #RRGGBB.")
        return ""

    def _unfolded(self, codes: Sequence[Code]) -> Iterator[Code]:
        """`Parent::child` at the top of a book without any level, as ATLAS.ti writes it, is a child of `Parent`."""
        at: dict[tuple[str, ...], str] = {}
        placed: list[tuple[tuple[str, ...], Code]] = []
        for code in codes:
            path = tuple(part.strip() for part in code.name.split(_FLAT))
            path = path if all(path) else (code.name,)
            at.setdefault(path, code.guid)
            placed.append((path, code))
        for path, code in list(placed):
            for level in range(1, len(path)):
                if path[:level] not in at:
                    folder = Code(made_guid("folder", *path[:level]), path[level - 1], codable=False)
                    at[path[:level]] = folder.guid
                    placed.append((path[:level], folder))
                    why = "The file names it only as the beginning of other codes; it was made a folder of theirs."
                    self.found(Became.GUESSED, f"code {folder.guid}", why)
            if len(path) > 1:
                why = "Its name holds a path; it was placed below the code that the path names."
                self.found(Became.MOVED, f"code {code.guid}", why)
        # Shorter paths first, so that a parent stands before its children; within one length as in the file.
        for path, code in sorted(placed, key=lambda one: len(one[0])):
            yield replace(code, name=path[-1], parent=at[path[:-1]] if len(path) > 1 else None)

    def variables(self, root: Any) -> dict[str, str]:
        """GUID to name; a name that stands twice is numbered."""
        named: dict[str, str] = {}
        for variable in _below(root, "Variables", "Variable"):
            if guid := plain_guid(variable.get("guid")):
                name = " ".join(variable.get("name", "").split()) or f"Variable {guid[:8]}"
                taken, number, wanted = set(named.values()), 2, name
                while name in taken:
                    name, number = f"{wanted} ({number})", number + 1
                named.setdefault(guid, name)
        return named

    def values(self, element: Any, variables: Mapping[str, str], item: str) -> tuple[Value, ...]:
        """What variables say of a thing."""
        found = []
        for value in _children(element, "VariableValue"):
            ref = _first(value, "VariableRef")
            name = variables.get(plain_guid(ref.get("targetGUID")) or "") if ref is not None else None
            if name is None:
                self.found(Became.LOST, item, "It has a value of a variable that the file does not have.")
                continue
            told = [str(child.text or "") for child in value if _tag(child).endswith("Value")]
            if told and told[0].strip():
                found.append(Value(name, told[0].strip()))
        return tuple(found)

    def note_refs(self, element: Any, item: str) -> tuple[str, ...]:
        """GUIDs of the notes that a thing refers to."""
        wanted = [plain_guid(ref.get("targetGUID")) for ref in _children(element, "NoteRef")]
        if any(guid not in self.known_notes for guid in wanted):
            self.found(Became.LOST, item, "It refers to a note that the file does not have.")
        return tuple(dict.fromkeys(guid for guid in wanted if guid is not None and guid in self.known_notes))

    def user(self, element: Any, item: str) -> str | None:
        """Who made a thing."""
        written = element.get("creatingUser")
        guid = plain_guid(written)
        if guid in self.known_users:
            return guid
        if written:
            self.found(
                Became.GUESSED, item, "It names a user that the file does not have; whoever imports it stands for her."
            )
        return None

    # --- texts ---

    def notes(self, root: Any) -> Iterator[Note]:
        """The notes, with their texts."""
        for number, element in enumerate(_below(root, "Notes", "Note")):
            guid = self.guid(element, "note", number)
            text = self.text(element, f"note {guid}")
            words = text.text if text else _words(element, "Description")
            if not words.strip():
                self.found(Became.LOST, f"note {guid}", "It holds no words.")
            user = self.user(element, f"note {guid}")
            yield Note(guid, element.get("name", ""), words, user, element.get("creationDateTime", ""))

    def texts(self, root: Any, variables: Mapping[str, str]) -> Iterator[_Text]:
        """The sources that hold text, positions not yet understood."""
        for number, element in enumerate(_below(root, "Sources", None)):
            kind = _tag(element)
            if kind == "TextSource":
                yield from self._text(element, element, variables, number)
            elif kind == "PDFSource":
                for selection in _children(element, "PDFSelection"):
                    page = f"{_called(element)}, page {selection.get('page', '?')}"
                    why = f"It marks a place on a page of a PDF, and not words; it was left out ({page})."
                    self.found(Became.LOST, _item(selection, plain_guid(selection.get("guid"))), why)
                if (inner := _first(element, "Representation")) is not None:
                    yield from self._text(element, inner, variables, number)
                else:
                    self.found(
                        Became.LOST, _item(element, None), "It is a PDF without its text; import the PDF itself."
                    )
            elif kind in ("AudioSource", "VideoSource"):
                spoken = _children(element, "Transcript")
                if not spoken:
                    self.found(Became.LOST, _item(element, None), "It is a recording without a transcript.")
                for i, inner in enumerate(spoken):
                    yield from self._text(element if i == 0 else inner, inner, variables, number, media=element)
            elif kind == "PictureSource":
                self.found(Became.LOST, _item(element, None), "It is a picture; only texts are read.")

    def _text(
        self, element: Any, inner: Any, variables: Mapping[str, str], number: int, *, media: Any = None
    ) -> Iterator[_Text]:
        guid = self.guid(element, "source", number)
        item = f"source {guid}"
        raw = self.text(inner, item)
        if raw is None:
            lost = sum(1 for child in inner if _tag(child).endswith("Selection"))
            self.found(Became.LOST, item, f"Its text is not in the file; {lost} selections went with it.")
            return
        called = _called(element, inner)
        written = list(self._selections(inner, "PlainTextSelection", item, called))
        points: dict[str, tuple[int, int | None]] = {}
        if media is not None:
            points = self._points(inner)
            written += self._between(inner, points, called)
            written += self._timed(media if media is element else (), points, called)
        parts = (element,) if element is inner else (element, inner)
        source = Source(
            guid=guid,
            name=element.get("name", "") or inner.get("name", "") or "",
            text=raw.text,
            description=next((told for part in parts if (told := _words(part, "Description"))), ""),
            user=self.user(element, item),
            at=element.get("creationDateTime", ""),
            codings=tuple(coding for part in parts for coding in self._codings(part, item)),
            notes=tuple(dict.fromkeys(note for part in parts for note in self.note_refs(part, item))),
            values=tuple(value for part in parts for value in self.values(part, variables, item)),
        )
        timed = sorted((position, ms) for position, ms in points.values() if ms is not None)
        yield _Text(source, raw, tuple(written), tuple(timed))

    def text(self, element: Any, item: str) -> Raw | None:
        """The words of a source or note, from the XML or from the archive; None where they are in neither."""
        inside = _first(element, "PlainTextContent")
        if inside is not None:
            return Raw.of(str(inside.text or ""))
        rich = element.get("richTextPath", "")
        path = element.get("plainTextPath", "") or (rich if rich.casefold().endswith(".txt") else "")
        if not path or self.archive is None:
            return None
        data = self._member(path, item)
        return None if data is None else Raw.of(self._decoded(data, item))

    def _member(self, path: str, item: str) -> bytes | None:
        """The member of the archive that a path means; nothing outside of the archive is ever looked at."""
        assert self.archive is not None
        scheme = _SCHEME.match(path)
        inner = path[scheme.end() :] if scheme else path
        name = PurePosixPath(inner.replace("\\", "/")).name
        for way in dict.fromkeys((f"sources/{inner}", inner, f"sources/{name}")):
            data = self.archive.get(way, most=MOST_TEXT)
            if data is not None:
                if scheme is None:
                    self.found(
                        Became.GUESSED, item, "Its path does not begin with internal://; the text was found by name."
                    )
                return data
        return None

    def _decoded(self, data: bytes, item: str) -> str:
        """The text with its mark, if it has one."""
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                try:
                    return "\ufeff" + data.decode(encoding)
                except UnicodeDecodeError:
                    break
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self.found(Became.GUESSED, item, "Its text is not UTF-8; it was read as Windows-1252.")
            return data.decode("cp1252", errors="replace")

    # --- selections ---

    def _codings(self, element: Any, item: str) -> tuple[Coding, ...]:
        found = []
        for number, coding in enumerate(_children(element, "Coding")):
            stands = self.places.get(item.rpartition(" ")[2], "")
            guid = self.guid(coding, "coding", item, number, stands=stands)
            refs = [plain_guid(ref.get("targetGUID")) for ref in _children(coding, "CodeRef")]
            codes = [code for code in refs if code is not None and code in self.known_codes]
            if not codes or len(codes) < len(refs):
                self.found(Became.LOST, f"coding {guid}", "It names a code that the codebook does not have.")
            user = self.user(coding, f"coding {guid}") if codes else None
            notes = self.note_refs(coding, f"coding {guid}")
            for i, code in enumerate(dict.fromkeys(codes)):
                own = guid if i == 0 else made_guid("read", guid, code)
                found.append(Coding(own, code, user, coding.get("creationDateTime", ""), notes))
        return tuple(found)

    def _selections(self, parent: Any, tag: str, item: str, called: str) -> Iterator[_Written]:
        for number, element in enumerate(_children(parent, tag)):
            start, end = _number(element.get("startPosition")), _number(element.get("endPosition"))
            guid = self.guid(element, "selection", item, number, stands=_stands(called, start, end))
            if start is None or end is None:
                self.found(Became.LOST, f"selection {guid}", "It does not say where it begins or ends.")
                continue
            yield self._written(element, guid, start, end)

    def _written(self, element: Any, guid: str, start: int, end: int) -> _Written:
        item = f"selection {guid}"
        if end < start:
            self.found(Became.GUESSED, item, "Its end stands before its start; the two were changed over.")
            start, end = end, start
        return _Written(
            guid,
            start,
            end,
            element.get("name", ""),
            _words(element, "Description"),
            self.user(element, item),
            element.get("creationDateTime", ""),
            self._codings(element, item),
            self.note_refs(element, item),
        )

    def _points(self, transcript: Any) -> dict[str, tuple[int, int | None]]:
        """Sync points by GUID: position, and milliseconds where there are any."""
        points = {}
        for point in _children(transcript, "SyncPoint"):
            guid, position = plain_guid(point.get("guid")), _number(point.get("position"))
            if guid and position is not None:
                points[guid] = (position, _number(point.get("timeStamp")))
        return points

    def _between(
        self, transcript: Any, points: Mapping[str, tuple[int, int | None]], called: str
    ) -> Iterator[_Written]:
        for number, element in enumerate(_children(transcript, "TranscriptSelection")):
            ends = [points.get(plain_guid(element.get(name)) or "") for name in ("fromSyncPoint", "toSyncPoint")]
            stands = _stands(called, ends[0] and ends[0][0], ends[1] and ends[1][0])
            guid = self.guid(element, "spoken selection", number, stands=stands)
            if ends[0] is None or ends[1] is None:
                self.found(Became.LOST, f"selection {guid}", "It lies between times that the transcript does not have.")
                continue
            yield self._written(element, guid, ends[0][0], ends[1][0])

    def _timed(self, media: Any, points: Mapping[str, tuple[int, int | None]], called: str) -> Iterator[_Written]:
        """Selections of the recording itself: the words between the times around them, where there are times."""
        times = sorted((ms, position) for position, ms in points.values() if ms is not None)
        clock = [ms for ms, _ in times]
        for number, element in enumerate(
            child for child in media if _tag(child) in ("AudioSelection", "VideoSelection")
        ):
            begin, end = _number(element.get("begin")), _number(element.get("end"))
            guid = self.guid(element, "timed selection", number, stands=_stands(called, begin, end, " ms"))
            if begin is None or end is None or len(times) < 2:
                self.found(
                    Became.LOST, f"selection {guid}", "It marks a time of the recording, and no time stands in a text."
                )
                continue
            first = max(bisect_right(clock, min(begin, end)) - 1, 0)
            last = min(bisect_left(clock, max(begin, end)), len(times) - 1)
            why = "It marks a time of the recording; it was put on the words between the nearest times in the text."
            self.found(Became.MOVED, f"selection {guid}", why)
            yield self._written(element, guid, times[first][1], times[last][1])

    # --- from positions to code points ---

    def placed(self, texts: Sequence[_Text], calibrated: Calibrated, notes: Mapping[str, str]) -> tuple[Source, ...]:
        """The sources with their selections in code points, each quotation verified."""
        rulers = [Ruler(one.raw, calibrated.counting) for one in texts]
        named = fitting = 0
        for one, ruler in zip(texts, rulers, strict=True):
            for written in one.written:
                if written.name:
                    start, end = ruler.offset(written.start)[0], ruler.offset(written.end, up=True)[0]
                    named, fitting = named + 1, fitting + fits(written.name, one.raw.text[start:end])
        # Some programs name selections otherwise ("1:5"); only where most names are quotations does one that differs say anything.
        # What we write always is one.
        quoting = self.ours or 2 * fitting > named
        return tuple(
            replace(
                one.source,
                selections=tuple(self._selected(one, ruler, notes, quoting=quoting)),
                sync=_rising(Sync(ruler.offset(position)[0], ms) for position, ms in one.points),
            )
            for one, ruler in zip(texts, rulers, strict=True)
        )

    def _selected(self, one: _Text, ruler: Ruler, notes: Mapping[str, str], *, quoting: bool) -> list[Selection]:
        found = []
        for written in one.written:
            start, end, changed = self._spot(written, one.raw.text, ruler, quoting=quoting)
            item = f"selection {written.guid}"
            if start >= end:
                many = len(written.codings)
                self.found(Became.LOST, item, f"It holds no words; {many} codings went with it.")
                continue
            if changed:
                self.found(changed[0], item, changed[1])
            told = "\n\n".join(notes[note] for note in written.notes)
            description = "" if written.description == told else written.description
            found.append(
                Selection(
                    written.guid,
                    start,
                    end,
                    written.name,
                    description,
                    written.user,
                    written.at,
                    written.codings,
                    written.notes,
                )
            )
        return sorted(found, key=lambda selection: (selection.start, selection.end, selection.guid))

    def _spot(
        self, written: _Written, text: str, ruler: Ruler, *, quoting: bool
    ) -> tuple[int, int, tuple[Became, str] | None]:
        """From where to where a selection reaches, and what became of it, if anything did."""
        (start, exact), (end, exact_too) = ruler.offset(written.start), ruler.offset(written.end, up=True)
        if quoting and end == ruler.length and not exact_too and not is_cut(written.name):
            pattern = _pattern(written.name)
            quoted = re.compile(pattern).match(text, start) if pattern else None
            # Programs that cut a name without saying so mostly cut it within a word.
            if quoted and closes_word(text, quoted.end()):
                why = "It reached beyond the text; it was cut to the words that its name quotes."
                return start, quoted.end(), (Became.MOVED, why)
        if quoting and written.name and not self._quotes(written.name, text[start:end]):
            return self._by_quotation(written, text, start, end)
        if exact and exact_too:
            return start, end, None
        why = "It reached beyond the text, or into the middle of a character; it was cut to what is there."
        return start, end, (Became.MOVED, why)

    def _quotes(self, name: str, words: str) -> bool:
        """Whether a name is the quotation, or its beginning; we never cut one without saying so."""
        return fits(name, words) and (not self.ours or is_cut(name) or flat(words[: 4 * len(name) + 200]) == flat(name))

    def _by_quotation(
        self, written: _Written, text: str, start: int, end: int
    ) -> tuple[int, int, tuple[Became, str] | None]:
        """Where the words of a name stand, if they stand in one place only; else where the positions say."""
        cut, pattern = is_cut(written.name), _pattern(written.name)
        self.searched += len(text)
        search = bool(pattern) and self.searched <= MOST_SEARCHED
        # Blanks around and between the words, however many, and what no name can hold, make no difference.
        if search and re.compile(r"\s*" + pattern + ("" if cut else r"\s*\Z")).match(text, start, end):
            return start, end, None
        places = [match for _, match in zip(range(2), re.finditer(pattern, text), strict=False)] if search else []
        if len(places) == 1:
            there = places[0]
            reach = max(there.end(), min(there.start() + end - start, len(text))) if cut else there.end()
            why = "Its words stand elsewhere than its positions say; the words count."
            return there.start(), reach, (Became.MOVED, why)
        why = "Its words are not those that its name quotes, and those stand nowhere or in several places; the positions count."
        return start, end, (Became.GUESSED, why)

    # --- cases, sets, links ---

    def cases(self, root: Any, variables: Mapping[str, str], sources: set[str], selections: set[str]) -> Iterator[Case]:
        """The cases; what they refer to and is not there is reported."""
        taken: set[str] = set()
        for number, element in enumerate(_below(root, "Cases", "Case")):
            written = plain_guid(element.get("guid"))
            # Some programs give a case the GUID of a code: that is no mistake, and the code's selections are the case's.
            twin = written if written in self.known_codes else None
            guid = written if written and written not in taken else made_guid("read", "case", number)
            taken.add(guid)
            item = f"case {guid}"
            codes = self._refs(element, "CodeRef", self.known_codes, item)
            if twin and twin not in codes:
                codes = (*codes, twin)
            yield Case(
                guid,
                " ".join(element.get("name", "").split()),
                _words(element, "Description"),
                self.values(element, variables, item),
                self._refs(element, "SourceRef", sources, item),
                self._refs(element, "SelectionRef", selections, item),
                codes,
            )

    def _refs(self, element: Any, tag: str, known: set[str], item: str) -> tuple[str, ...]:
        # Projects say `targetGUID`, codebooks `guid`.
        wanted = [plain_guid(ref.get("targetGUID") or ref.get("guid")) for ref in _children(element, tag)]
        kept = tuple(dict.fromkeys(guid for guid in wanted if guid is not None and guid in known))
        if len(kept) < len(set(wanted)):
            self.found(Became.LOST, item, f"It names something by {tag} that was not read.")
        return kept

    def sets(self, root: Any, sources: set[str] | None = None) -> Iterator[Set]:
        """The sets."""
        codes = self.known_codes or self.seen
        for number, element in enumerate(_below(root, "Sets", "Set")):
            guid = self.guid(element, "set", number)
            yield Set(
                guid,
                " ".join(element.get("name", "").split()) or f"Set {guid[:8]}",
                _words(element, "Description"),
                self._refs(element, "MemberCode", codes, f"set {guid}"),
                self._refs(element, "MemberSource", sources or set(), f"set {guid}"),
                self._refs(element, "MemberNote", self.known_notes, f"set {guid}"),
            )

    def tied(self, root: Any, picture: Picture) -> Picture:
        """Links between a thing and its note become references to the note; the others stay links."""
        ties: dict[str, list[str]] = {}
        links: list[Link] = []
        for number, element in enumerate(_below(root, "Links", "Link")):
            origin, target = plain_guid(element.get("originGUID")), plain_guid(element.get("targetGUID"))
            ends = [end for end in (origin, target) if end]
            refs = self.note_refs(element, _item(element, None))
            notes = dict.fromkeys([*(end for end in ends if end in self.known_notes), *refs])
            things = [end for end in ends if end not in self.known_notes]
            if notes and things:
                for thing in things:
                    ties.setdefault(thing, []).extend(notes)
            elif len(things) == 2 and all(thing in self.seen for thing in things):
                guid = self.guid(element, "link", number)
                direction = element.get("direction", "Associative")
                known = direction if direction in ("Associative", "OneWay", "Bidirectional") else "Associative"
                links.append(Link(guid, element.get("name", ""), known, origin, target, refs))
            else:
                self.found(Became.LOST, _item(element, None), "It leads to something that was not read.")
        if not ties:
            return replace(picture, links=tuple(links))

        def more(guid: str, notes: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys((*notes, *ties.pop(guid, ()))))

        def coded(coding: Coding) -> Coding:
            return replace(coding, notes=more(coding.guid, coding.notes))

        codes = tuple(replace(code, notes=more(code.guid, code.notes)) for code in picture.codes)
        sources = tuple(
            replace(
                source,
                notes=more(source.guid, source.notes),
                codings=tuple(map(coded, source.codings)),
                selections=tuple(
                    replace(one, notes=more(one.guid, one.notes), codings=tuple(map(coded, one.codings)))
                    for one in source.selections
                ),
            )
            for source in picture.sources
        )
        for thing in ties:
            self.found(
                Became.LOST, f"link to {thing}", "It ties a note to something that was not read; the note itself stays."
            )
        return replace(picture, codes=codes, sources=sources, links=tuple(links))


def _rising(points: Iterable[Sync]) -> tuple[Sync, ...]:
    """Points in the order of the text, as far as time runs forward in it."""
    kept: list[Sync] = []
    for point in points:
        if not kept or (point.offset > kept[-1].offset and point.ms >= kept[-1].ms):
            kept.append(point)
    return tuple(kept)


def _tag(element: Any) -> str:
    """The local name of an element; empty for what is none."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: Any, tag: str) -> list[Any]:
    return [child for child in element if _tag(child) == tag]


def _first(element: Any, tag: str) -> Any:
    return next((child for child in element if _tag(child) == tag), None)


def _below(root: Any, group: str, tag: str | None) -> list[Any]:
    """The elements in the groups of this name, such as all `User` in `Users`."""
    return [child for held in _children(root, group) for child in held if tag in (None, _tag(child))]


def _words(element: Any, tag: str) -> str:
    child = _first(element, tag)
    return "" if child is None else str(child.text or "").strip()


def _number(written: str | None) -> int | None:
    return int(written) if written and _NUMBER.fullmatch(written.strip()) else None


def _pattern(name: str) -> str:
    """A regular expression for the words that a name quotes; empty where it has none. U+FFFD stands for what XML cannot hold."""
    words = flat(name).rstrip(".… ") if is_cut(name) else flat(name)
    return r"\s+".join(map(re.escape, words.split())).replace("\ufffd", ".")


def _called(*elements: Any) -> str:
    """How the report names a source: as its users do, else by its GUID."""
    name = next((name for element in elements if (name := element.get("name", ""))), "")
    return f'in "{name}"' if name else f"in source {elements[0].get('guid', '')}"


def _stands(called: str, start: int | None, end: int | None, unit: str = "") -> str:
    """Where a selection stands, as the file says it."""
    return called if start is None or end is None else f"{called}, {start}-{end}{unit}"


def _item(element: Any, guid: str | None) -> str:
    """How the report names a thing."""
    return f"{_tag(element)} {guid or plain_guid(element.get('guid')) or '(without GUID)'}"


def summary(findings: Iterable[Finding]) -> str:
    """How much was lost, guessed and moved, in one sentence; empty where nothing was."""
    many = Counter(finding.became for finding in findings)
    told = [f"{many[became]} {became.value}" for became in Became if many[became]]
    return f"{', '.join(told)}." if told else ""
