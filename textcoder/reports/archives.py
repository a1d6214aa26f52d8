"""Office files are ZIP archives that tell when they were written; here they are made the same bytes for the same content."""

from __future__ import annotations

import io
import re
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = datetime(1980, 1, 1)
"""The earliest moment that a zip entry can say."""
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def without_times(archive: io.BytesIO) -> bytes:
    """The archive with every time set to one and the same, and nothing that tells on which system it was made."""
    out = io.BytesIO()
    with ZipFile(archive) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>" + EPOCH.isoformat().encode() + b"Z", data)
            entry = ZipInfo(name, EPOCH.timetuple()[:6])
            entry.create_system = 0
            target.writestr(entry, data, ZIP_DEFLATED)
    return out.getvalue()
