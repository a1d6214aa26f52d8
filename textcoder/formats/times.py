"""Times as transcripts write them."""

from __future__ import annotations

import re

STAMP = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_PARTS = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?")


def is_stamp(text: str) -> bool:
    """Whether `milliseconds` understands it."""
    return _PARTS.fullmatch(text.strip()) is not None


def milliseconds(stamp: str) -> int:
    """Milliseconds of "1:02", "00:01:02", "00:01:02.5" or "00:01:02,500".

    Raises:
        ValueError: It is no such time.
    """
    parts = _PARTS.fullmatch(stamp.strip())
    if parts is None:
        raise ValueError(f"{stamp!r} is no time such as 01:02 or 00:01:02.500.")
    hours, minutes, seconds, fraction = parts.groups()
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((fraction or "0").ljust(3, "0"))
