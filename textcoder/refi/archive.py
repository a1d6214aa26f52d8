"""The zip archive of a project and the XML in it: opened with bounds, written the same byte for byte.

Nothing is ever unpacked onto the disk, and no name in an archive is ever used as a path: members are found by comparing names.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from textcoder.errors import UnreadableFile

MOST_MEMBERS = 100_000
MOST_XML = 64_000_000
"""Bytes of XML. Parsed, they take about ten times as much memory; 100 000 codings take 40 MB."""
MOST_TEXT = 32_000_000
"""Bytes of one text: a transcript of an hour has 60 000."""
MOST_TEXTS = 400_000_000
"""Bytes of all texts of an archive together."""
# XML packs 5 to 40 times smaller, that of tools which write every attribute about 100 times.
MOST_RATIO = 250
SMALL_ENOUGH = 4_000_000
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    struct.error,
    NotImplementedError,
    RuntimeError,
)
_CONTROL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:0*(?:[0-8]|1[1245678]|1[9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));"
)


class Archive(AbstractContextManager["Archive"]):
    """A project's archive, open for reading; its media are never read."""

    def __init__(self, source: Path | bytes, file: str) -> None:
        self.file = file
        self._read = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        except FileNotFoundError as error:
            raise UnreadableFile(file, "there is no such file.", "Check the spelling.") from error
        except _BROKEN as error:
            raise UnreadableFile(
                file, "this is no project archive (.qdpx), or it is cut off or damaged.", "Export it once more."
            ) from error
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS:
            self._zip.close()
            raise UnreadableFile(
                file, f"the archive has {len(members)} members; the limit is {MOST_MEMBERS}.", "Export fewer sources."
            )
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            # zipfile's own is_dir() breaks on a member without a name.
            if member.filename and not member.filename.endswith("/"):
                self._members.setdefault(_key(member.filename), member)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        """Names of all members, as written."""
        return [member.filename for member in self._members.values()]

    def get(self, name: str, *, most: int) -> bytes | None:
        """The bytes of a member, found whatever the case of its name; None where there is none.

        Raises:
            UnreadableFile: It is larger than `most` bytes, swells like a bomb, needs a password or is damaged.
        """
        member = self._members.get(_key(name))
        if member is None:
            return None
        if member.flag_bits & 1:
            raise UnreadableFile(self.file, "the archive is protected by a password.", "Export it without a password.")
        swells = member.file_size > SMALL_ENOUGH and member.file_size > MOST_RATIO * max(member.compress_size, 1)
        if member.file_size > most or swells:
            reason = f"{PurePosixPath(name).name} would unpack to {member.file_size / 1e6:.0f} MB; the limit is {most / 1e6:.0f} MB"
            raise UnreadableFile(
                self.file, f"{reason}{', packed up to 250 times' if swells else ''}.", "Split the project."
            )
        try:
            with self._zip.open(member) as stream:
                data = stream.read(most + 1)
        except _BROKEN as error:
            raise UnreadableFile(
                self.file, f"{PurePosixPath(name).name} in the archive is cut off or damaged.", "Export it once more."
            ) from error
        self._read += len(data)
        if len(data) > most or self._read > MOST_TEXTS:
            raise UnreadableFile(self.file, "unpacked it would be far larger than it says.", "Split the project.")
        return data


def _key(name: str) -> str:
    return name.replace("\\", "/").casefold()


def packed(members: Mapping[str, bytes]) -> bytes:
    """An archive with these members, in their order; the same members give the same bytes, whenever and wherever."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # else it says on which system it was written
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def parsed(data: bytes, file: str) -> tuple[Any, bool]:
    """The root element of XML that may come from anywhere, and whether control characters had to be taken out of it.

    No entities, no document type, nothing from the network, no more levels than 256 and no text of more than 10 MB in one piece (libxml2's
    own limits).

    Raises:
        UnreadableFile: It is no XML, is cut off, or holds what it should not.
    """
    from lxml import etree

    if len(data) > MOST_XML:
        raise UnreadableFile(
            file, f"its XML has {len(data) / 1e6:.0f} MB; the limit is {MOST_XML // 10**6}.", "Split it."
        )
    body = data.lstrip(b"\xef\xbb\xbf\r\n\t ")
    if b"<!DOCTYPE" in data[:1_000_000].replace(b"\0", b""):
        raise UnreadableFile(
            file,
            "its XML declares a document type, which no program for qualitative analysis writes.",
            "Export it again.",
        )
    try:
        return _tree(body), False
    except (etree.XMLSyntaxError, ValueError) as error:
        first = error
    cleaned = _CONTROL.sub(b"", body) if b"\0" not in body[:200] else body
    if cleaned != body:
        try:
            return _tree(cleaned), True
        except (etree.XMLSyntaxError, ValueError) as error:
            first = error
    line = getattr(first, "lineno", None)
    where = f" (line {line})" if line else ""
    deep = "Excessive depth" in str(first)
    reason = "its XML has more levels than 256" if deep else f"its XML is cut off or damaged{where}"
    raise UnreadableFile(
        file, f"{reason}.", "Export it once more, or flatten its codes." if deep else "Export it again."
    )


def _tree(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    root = etree.fromstring(data, parser)
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None or info.doctype:
        raise ValueError("a document type")
    return root
