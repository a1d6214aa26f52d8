"""Uploads, received piece by piece straight into a folder: checked while they come, and never wholly in memory."""

from __future__ import annotations

import errno
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

MULTIPART = "multipart/form-data"
MOST_FILES = 10_000
_MOST_OF_A_FIELD = 100_000
_LONGEST_PART, _LONGEST_NAME = 200, 500
_OF_NAMES = {errno.EEXIST, errno.EILSEQ, errno.EINVAL, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOTDIR}
_INCOMPLETE = "is no complete multipart/form-data; send it again"


@dataclass(frozen=True)
class Form:
    """What a form may hold.

    Attributes:
        files: Name of a part to whether there may be many; each goes into a folder of this name.
        fields: Names of parts that are text.
        max_file: Bytes that a file may have.
    """

    files: Mapping[str, bool]
    fields: frozenset[str]
    max_file: int


@dataclass
class Upload:
    """What was received.

    Attributes:
        files: Relative paths by part, in the order in which they came.
        fields: Text by part.
        size: Bytes of all files.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    size: int = 0


async def receive(request: Request, form: Form, folder: Path) -> Upload:
    """Receive a form into a folder.

    What is wrong with it is told once all of it has come: an answer in the middle of an upload does not reach every client.

    Raises:
        HTTPException: It is no form at all (415).
        OSError: The folder cannot be written to.
        RequestValidationError: It was cut off, or a part is wrong; names the part.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind.decode("latin-1") != MULTIPART:
        raise HTTPException(415, f"Send {MULTIPART}, as curl does with -F.")
    parts = _Parts(form, folder)
    try:
        parser = MultipartParser(options.get(b"boundary", b""), parts.callbacks())
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except (FormParserError, ClientDisconnect, ValueError) as error:
        raise invalid(("body",), _INCOMPLETE) from error
    finally:
        parts.close()
    if not parts.is_complete:
        raise invalid(("body",), _INCOMPLETE)
    if parts.wrong:
        raise RequestValidationError(parts.wrong)
    return parts.upload


def invalid(place: tuple[str | int, ...], said: str) -> RequestValidationError:
    """One thing that is wrong with a request."""
    return RequestValidationError([_wrong(place, said)])


def _wrong(place: tuple[str | int, ...], said: str) -> dict[str, Any]:
    return {"type": "value_error", "loc": place, "msg": said, "ctx": {"error": ValueError(said)}}


def checked_name(raw: bytes) -> str:
    """The name of an uploaded file: a relative path that stays in its folder on every system.

    Raises:
        ValueError: It is none; says why.
    """
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("must have a name in UTF-8") from error
    if not name.strip():
        raise ValueError("must have a name")
    if any(unicodedata.category(char) == "Cc" for char in name):
        raise ValueError("must have a name without control characters")
    if name.startswith("/") or "\\" in name or re.match("[A-Za-z]:", name):
        raise ValueError("must have a relative path with / between folders, such as wave1/mira.txt")
    steps = name.split("/")
    if any(step.strip(" .") == "" for step in steps):
        raise ValueError("must have a path without empty, . or .. parts")
    if len(name) > _LONGEST_NAME or any(len(step.encode()) > _LONGEST_PART for step in steps):
        raise ValueError(
            f"must have a path of at most {_LONGEST_NAME} characters, {_LONGEST_PART} bytes a folder or file"
        )
    return name


class _Parts:
    """Takes the parts of a form as the parser finds them; after the first mistake nothing more is written."""

    def __init__(self, form: Form, folder: Path) -> None:
        self._form, self._folder = form, folder
        self._header, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._file: BinaryIO | None = None
        self._text: bytearray | None = None
        self._size = self._count = 0
        self._places: dict[str, str] = {}
        self.upload = Upload()
        self.wrong: list[dict[str, Any]] = []
        self.is_complete = False

    def callbacks(self) -> Any:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header,
            "on_header_value": self._on_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._complete,
        }

    def close(self) -> None:
        """Close what is open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._headers, self._size, self._text = {}, 0, None
        self._count += 1
        if self._count > MOST_FILES + len(self._form.fields):  # at once: what is wrong with each would fill the memory
            raise invalid(("body",), f"has more than {MOST_FILES} parts; send less at a time")

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _open(self) -> None:
        _, said = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = said.get(b"name", b"").decode("utf-8", "replace")
        if self._name in self._form.files:
            self._open_file(said.get(b"filename"))
        elif self._name not in self._form.fields:
            self._refuse(("body", self._name or "part"), "is not known here")
        elif b"filename" in said:
            self._refuse(("body", self._name), "must be text, not a file")
        elif self._name in self.upload.fields:
            self._refuse(("body", self._name), "stands there twice")
        else:
            self._text = bytearray()

    def _open_file(self, raw: bytes | None) -> None:
        names = self.upload.files.setdefault(self._name, [])
        place = ("body", self._name, len(names))
        try:
            if raw is None:
                raise ValueError("must be a file with a name")
            name = checked_name(raw)
            self._check_place(name, len(names))
        except ValueError as error:
            self._refuse(place, str(error))
            name = ""
        names.append(name)
        if not self.wrong:
            path = self._folder / self._name / name
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = path.open("xb")
            except OSError as error:
                if error.errno not in _OF_NAMES:
                    raise
                self._refuse(place, f"cannot be kept under this name ({error.strerror})")

    def _check_place(self, name: str, before: int) -> None:
        """Two names must not meet in one place, on a system that knows no case either."""
        if before and not self._form.files[self._name]:
            raise ValueError("must be one file")
        folded = unicodedata.normalize("NFC", f"{self._name}/{name}").casefold()
        above = ["/".join(folded.split("/")[:depth]) for depth in range(2, folded.count("/") + 1)]
        if self._places.get(folded) == "file":
            raise ValueError("has the name of another file of this upload")
        if folded in self._places or any(self._places.get(one) == "file" for one in above):
            raise ValueError("has the name of a folder of this upload, or lies in a file of it")
        self._places[folded] = "file"
        self._places.update(dict.fromkeys(above, "folder"))

    def _refuse(self, place: tuple[str | int, ...], said: str) -> None:
        self.wrong.append(_wrong(place, said))
        self.close()

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._text is not None:
            self._text += data[start:end]
            if self._size > _MOST_OF_A_FIELD:
                self._refuse(("body", self._name), f"must have at most {_MOST_OF_A_FIELD} bytes")
                self._text = None
        elif self._file is not None:
            if self._size > self._form.max_file:
                limit = self._form.max_file // 1_000_000
                place = ("body", self._name, len(self.upload.files[self._name]) - 1)
                self._refuse(place, f"is larger than {limit} MB, the limit of one file; split it")
                return
            self._file.write(data[start:end])

    def _end(self) -> None:
        self.close()
        self.upload.size += self._size
        if self._text is not None:
            try:
                self.upload.fields[self._name] = self._text.decode("utf-8")
            except UnicodeDecodeError:
                self._refuse(("body", self._name), "must be UTF-8")

    def _complete(self) -> None:
        self.is_complete = True
