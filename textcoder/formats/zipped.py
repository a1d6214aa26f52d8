"""Looks into a DOCX or XLSX before it is unpacked: both are zip archives, which can hold far more than their size."""

from __future__ import annotations

import io
import zipfile

from textcoder.errors import UnreadableFile

# A thesis of 300 pages with pictures stays far below; what is beyond would fill the memory of a laptop.
MOST_BYTES = 200_000_000
# XML of real documents packs 5 to 40 times smaller, of large empty tables about 100 times.
MOST_RATIO = 200
SMALL_ENOUGH = 4_000_000
# The words of a DOCX are parsed at once, which takes ten times as much memory; a thesis of 300 pages has 5 MB.
MOST_WORDS = 50_000_000
_WORDS = "word/document.xml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def check_archive(data: bytes, file: str, *, ending: str) -> None:
    """Refuse what cannot be, or should not be, opened as an Office file.

    zipfile never unpacks more of a member than the size it declares, so that checking declared sizes is enough.

    Args:
        data: The whole file.
        file: Its name, for the message.
        ending: What it should be, such as ".docx".

    Raises:
        UnreadableFile: Empty, password-protected, of the time before 2007, broken, or unpacking to too much.
    """
    if not data:
        raise UnreadableFile(file, "the file is empty.", "Save it again from the program it was written with.")
    if data.startswith(_OLE):
        raise _old_or_protected(data, file, ending)
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise broken(file, ending) from error
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile(file, "the file is protected by a password.", "Save it without a password and try again.")
    words = sum(member.file_size for member in members if member.filename == _WORDS)
    if sum(member.file_size for member in members) > MOST_BYTES or words > MOST_WORDS or any(map(_swells, members)):
        raise UnreadableFile(
            file,
            f"unpacked it would be far larger than any transcript ({sum(m.file_size for m in members) // 10**6} MB).",
            "If you trust it, export its text as TXT or CSV.",
        )


def broken(file: str, ending: str) -> UnreadableFile:
    """The error for a file that is no readable Office file."""
    return UnreadableFile(
        file,
        f"this is not a {ending} file, or it is damaged.",
        f"Open it in an office program and save it again as {ending}.",
    )


def _swells(member: zipfile.ZipInfo) -> bool:
    return member.file_size > SMALL_ENOUGH and member.file_size > MOST_RATIO * max(member.compress_size, 1)


def _old_or_protected(data: bytes, file: str, ending: str) -> UnreadableFile:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return UnreadableFile(file, "the file is protected by a password.", "Save it without a password and try again.")
    return UnreadableFile(
        file,
        "this is an Office file of the time before 2007 (.doc, .xls), whatever its name.",
        f"Open it and save it as {ending}.",
    )
