"""How a sound file is spoiled: bits, lengths, blocks and words; inside of archives, too."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from zlib import error as ZlibError  # noqa: N812  # it is one

WORDS: Sequence[bytes] = (
    *(
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n",
        b"\x1b[2J",
        b"\xf0\x9f\x91\xa9\xe2\x80\x8d",
        b"\xed\xa0\x80",
        b"\xcc\x81" * 50,
    ),
    *(
        b"-1",
        b"0",
        b"999999999999999999999",
        b"9" * 5000,
        b"1e308",
        b"-1e999",
        b"NaN",
        b"2147483648",
        b"9223372036854775808",
        b"0x7f",
    ),
    *(
        b'"',
        b"'",
        b"<",
        b">",
        b"&",
        b"&x;",
        b"]]>",
        b"<!DOCTYPE x>",
        b"<!--",
        b"<a>",
        b"</a>",
        b"[" * 500,
        b"{" * 500,
        b"}" * 9,
        b",",
    ),
    *(
        b":",
        b"::",
        b"- ",
        b"&a [*a, *a]",
        b"*a",
        b"!!python/object:x",
        b"? ",
        b"|",
        b">",
        b"\t",
        b";",
        b"../../x",
        b"C:\\x",
        b"file:///x",
    ),
    *(
        b"-->",
        b"99:99:99,999",
        b"999999999999:00:00.000 --> 0:00:00.000",
        b"<v ",
        b"<" * 300,
        b" " * 3000,
        b"A: b\n" * 400,
        b"a " * 3000,
    ),
    *(
        b" obj",
        b"endobj",
        b"stream",
        b"endstream",
        b"/Length 99999999",
        b"/Kids [2 0 R]",
        b"/Count 99999999",
        b"PK\x05\x06",
        b"PK\x03\x04",
    ),
    *(
        b"guid",
        b"targetGUID",
        b"startPosition",
        b"endPosition",
        b"isCodable",
        b"Code",
        b"Coding",
        b"PlainTextSelection",
        b"null",
        b"true",
    ),
)
"""What readers trip over, wherever it stands."""

Change = Callable[[random.Random, bytearray], bytearray]


def spoiled(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the sound files, changed in one to four places; of an archive mostly inside, so that it gets past the checksums."""
    data = chance.choice(seeds)
    if data.startswith(b"PK") and chance.random() < 0.75:
        return _inside(chance, data)
    if chance.random() < 0.05:
        return _spliced(chance, data, chance.choice(seeds))
    return _changed(chance, data)


def _changed(chance: random.Random, data: bytes) -> bytes:
    held = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        held = chance.choice(_CHANGES)(chance, held)
    return bytes(held)


def _flip(chance: random.Random, data: bytearray) -> bytearray:
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _cut(chance: random.Random, data: bytearray) -> bytearray:
    return data[: chance.randrange(len(data) + 1)]


def _drop(chance: random.Random, data: bytearray) -> bytearray:
    start, end = _block(chance, data)
    return data[:start] + data[end:]


def _double(chance: random.Random, data: bytearray) -> bytearray:
    """A block again, once or many times."""
    start, end = _block(chance, data)
    times = chance.choice((1, 1, 2, 30, 1000))
    return data[:end] + data[start:end] * min(times, 200_000 // max(end - start, 1) + 1) + data[end:]


def _move(chance: random.Random, data: bytearray) -> bytearray:
    start, end = _block(chance, data)
    block, rest = data[start:end], data[:start] + data[end:]
    place = chance.randrange(len(rest) + 1)
    return rest[:place] + block + rest[place:]


def _length(chance: random.Random, data: bytearray) -> bytearray:
    """Two, four or eight bytes, as a length might stand there, become a wrong one."""
    width = chance.choice((2, 4, 8))
    if len(data) > width:
        start = chance.randrange(len(data) - width)
        wrong = chance.choice((0, 1, 2 ** (8 * width) - 1, 2 ** (8 * width - 1), chance.randrange(2 ** (8 * width))))
        data[start : start + width] = wrong.to_bytes(width, chance.choice(("little", "big")))
    return data


def _word(chance: random.Random, data: bytearray) -> bytearray:
    """Something that readers trip over, put in or in place of something."""
    start, end = _block(chance, data)
    if chance.random() < 0.5:
        end = start
    return data[:start] + chance.choice(WORDS) + data[end:]


def _number(chance: random.Random, data: bytearray) -> bytearray:
    """One of the numbers that stand there becomes another."""
    digits = [i for i in range(len(data)) if 48 <= data[i] <= 57]
    if digits:
        start = end = chance.choice(digits)
        while end < len(data) and 48 <= data[end] <= 57:
            end += 1
        data[start:end] = chance.choice((b"-1", b"0", b"99999", b"4294967296", b"1e400", b"9" * 4400, b""))
    return data


def _swap(chance: random.Random, data: bytearray) -> bytearray:
    """Every occurrence of a short block becomes another."""
    start, _ = _block(chance, data)
    found = bytes(data[start : start + chance.randint(1, 6)])
    return bytearray(bytes(data).replace(found, chance.choice(WORDS)[:200], 500)) if found else data


_CHANGES: Sequence[Change] = (_flip, _flip, _cut, _drop, _double, _move, _length, _word, _word, _word, _number, _swap)


def _block(chance: random.Random, data: bytearray) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 4, 16, 64, 256, 4096)))


def _spliced(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


# --- archives ---------------------------------------------------------------------------------------------------------------------------


def zipped(members: Mapping[str, bytes] | Sequence[tuple[str, bytes]]) -> bytes:
    """An archive with these members; a name may stand twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(_Entry(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class _Entry(zipfile.ZipInfo):
    """A member whose name is written as it is given, and may stand in the archive already."""

    def __init__(self, name: str) -> None:
        super().__init__("x", (1980, 1, 1, 0, 0, 0))
        self.filename = name


def _inside(chance: random.Random, data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    except (zipfile.BadZipFile, ZlibError):
        return _changed(chance, data)
    at = chance.randrange(len(members))
    name, inner = members[at]
    match chance.randrange(10):
        case 0:
            del members[at]
        case 1:
            members[at] = (
                chance.choice(("../../x", "/etc/x", "C:\\x", "", "x" * 3000, "a\nb", f"{name}/", name.upper(), "é\\é")),
                inner,
            )
        case 2:
            members.append((name, _changed(chance, inner)))
        case 3:
            members.append((f"nested{at}.zip", data))
            members[at] = (name, data)
        case 4:
            members[at] = (name, members[chance.randrange(len(members))][1])
        case _:
            members[at] = (name, _changed(chance, inner))
    return zipped([(n.encode("utf-8", "replace").decode(), d) for n, d in members])
