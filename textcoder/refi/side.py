"""The side file: what REFI-QDA cannot hold, in a member of the archive that other programs pass over.

It holds a project wholly, as JSON. It is tied to the XML beside it by a hash: where another program has changed the XML and kept the file,
it no longer tells the truth, and the reader leaves it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from textcoder.errors import UnreadableFile

NAME = "textcoder.json"
FOLDER = "textcoder/"
"""Where files lie that are more than their text (DOCX, PDF), each under its sha256."""
VERSION = 1


def bound(side: bytes, xml: bytes) -> bytes:
    """The member's bytes: a line with version and hash of the XML, then the side file as it is."""
    head = {"textcoder_side_file": VERSION, "project_qde_sha256": hashlib.sha256(xml).hexdigest()}
    return json.dumps(head).encode() + b"\n" + side


def unbound(member: bytes, xml: bytes) -> tuple[bytes | None, str]:
    """The side file, or None with the reason why it does not count."""
    line, _, side = member.partition(b"\n")
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        return None, "it is damaged"
    if not isinstance(head, dict) or head.get("textcoder_side_file") != VERSION:
        return None, "another version of textcoder wrote it"
    if head.get("project_qde_sha256") != hashlib.sha256(xml).hexdigest():
        return None, "the project beside it was changed by another program"
    return side, ""


def side_bytes(values: dict[str, Any]) -> bytes:
    """Plain values as a side file; the same values give the same bytes."""
    text = json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False, default=dict)
    return text.encode()


def side_values(side: bytes, file: str) -> dict[str, Any]:
    """What `side_bytes` was given.

    Raises:
        UnreadableFile: It is no such file.
    """
    try:
        values = json.loads(side)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(file, f"{NAME} in the archive is damaged.", "Export it once more.") from error
    if not isinstance(values, dict):
        raise UnreadableFile(file, f"{NAME} in the archive is damaged.", "Export it once more.")
    return values
