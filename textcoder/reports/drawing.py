"""Pictures that stand by themselves, for documents and slides: marks on a sheet, written as SVG or as PNG.

Both are made of the same marks, so that they show the same. The SVG names no font of its own and writes every script. The PNG is
drawn by PDFium, which is here to read PDF anyway: it knows Helvetica by itself, hence Latin letters of western Europe only, and what
it cannot write stands as `Words.otherwise`. What the picture shows is told in words inside both files.
"""

from __future__ import annotations

import io
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np

DPI = 300
"""Of the PNG; sizes on the sheet are points, 72 to the inch."""
INK, SOFT, GRID = "#1f262b", "#57626b", "#e6e8e8"
ROUND = 0.5523
"""How far the handles of a Bezier curve lie out that is a quarter of a circle with radius 1."""
# Widths of Helvetica's printable ASCII from the space on, in thousandths of the size (Adobe's core font metrics).
_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 "
    "1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 "
    "333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTH = {chr(code): int(width) for code, width in enumerate(_WIDTHS.split(), start=32)}
_USUAL = 556


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; `x`, `y` is its upper left corner, in points from that of the sheet."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 0.75


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `x`, `y` is the foot of its first letter, of its middle (`align` .5) or of its last (1).

    Attributes:
        otherwise: What the PNG says where it cannot write the text.
    """

    x: float
    y: float
    text: str
    size: float = 9
    colour: str = INK
    align: float = 0
    otherwise: str = ""


Mark = Box | Stroke | Dot | Words


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing.

    Attributes:
        name: Of its files, without an ending.
        title: What it shows, briefly; its caption.
        alt: All that it shows, in words, for who does not see it.
        width: In points.
        height: In points.
        marks: From the lowest to the topmost.
    """

    name: str
    title: str
    alt: str
    width: float
    height: float
    marks: tuple[Mark, ...]

    @property
    def unwritten(self) -> tuple[Words, ...]:
        """The texts that the PNG cannot write, and says otherwise."""
        return tuple(mark for mark in self.marks if isinstance(mark, Words) and not _writable(mark.text))

    @property
    def all_written(self) -> bool:
        """Whether the PNG writes every text as it is."""
        return not self.unwritten


def length(text: str, size: float) -> float:
    """The width of a text in points; of letters with accents that of the bare letter."""
    bare = (unicodedata.normalize("NFD", letter)[0] for letter in text)
    return sum(_WIDTH.get(letter, _USUAL) for letter in bare) * size / 1000


def shortened(text: str, room: float, size: float) -> str:
    """The text on one line in so many points; what does not fit ends in "..."."""
    text = " ".join(text.split())
    if length(text, size) <= room:
        return text
    kept = text
    while kept and length(f"{kept}...", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}..."


# --- SVG --------------------------------------------------------------------------------------------------------------------------------


def svg(picture: Picture) -> bytes:
    """The picture as an SVG file: no script, nothing from elsewhere."""
    size = (
        f'width="{picture.width:g}pt" height="{picture.height:g}pt" viewBox="0 0 {picture.width:g} {picture.height:g}"'
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc" '
        "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\">",
        f'<title id="title">{_xml(picture.title)}</title>',
        f'<desc id="desc">{_xml(picture.alt)}</desc>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *map(_element, picture.marks),
        "</svg>\n",
    ]
    return "\n".join(lines).encode("utf-8")


def _element(mark: Mark) -> str:
    match mark:
        case Box(x, y, width, height, colour):
            return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill={quoteattr(colour)}/>'
        case Stroke(x1, y1, x2, y2, colour, width):
            place = f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
            return f'<line {place} stroke={quoteattr(colour)} stroke-width="{width:g}"/>'
        case Dot(x, y, radius, colour):
            return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" fill={quoteattr(colour)}/>'
        case Words(x, y, text, size, colour, align):
            anchor = {0: "start", 0.5: "middle", 1: "end"}[align]
            place = f'x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" text-anchor="{anchor}" fill={quoteattr(colour)}'
            return f"<text {place}>{_xml(text)}</text>"


def _xml(text: str) -> str:
    from textcoder.reports.evidence.word import legal

    return escape(legal(text))


# --- PNG --------------------------------------------------------------------------------------------------------------------------------


def png(picture: Picture) -> bytes:
    """The picture as a PNG file of `DPI` dots to the inch. Cost: about 50 ms."""
    import pypdfium2

    with pypdfium2.PdfDocument(_pdf(picture)) as document:
        page = document[0]
        bitmap = page.render(scale=DPI / 72, rev_byteorder=True)
        pixels = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
        bitmap.close()
        page.close()
    return _png(pixels, {"Title": picture.title, "Description": picture.alt})


def _pdf(picture: Picture) -> bytes:
    """The picture as a page of PDF, the one thing that PDFium draws."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    content = b"\n".join(_operators(mark, picture.height) for mark in picture.marks)
    page = f"/MediaBox [0 0 {picture.width:.2f} {picture.height:.2f}] /Resources << /Font << /F 4 0 R >> >> /Contents 5 0 R"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {page} >>".encode(),
        font,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
    )
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def _operators(mark: Mark, height: float) -> bytes:
    """A mark in PDF, where y grows upwards."""
    match mark:
        case Box(x, y, wide, high, colour):
            return f"{_rgb(colour)} rg {x:.2f} {height - y - high:.2f} {wide:.2f} {high:.2f} re f".encode()
        case Stroke(x1, y1, x2, y2, colour, width):
            path = f"{x1:.2f} {height - y1:.2f} m {x2:.2f} {height - y2:.2f} l S"
            return f"{_rgb(colour)} RG {width:g} w {path}".encode()
        case Dot(x, y, r, colour):
            return f"{_rgb(colour)} rg {_circle(x, height - y, r)} f".encode()
        case Words(x, y, text, size, colour, align):
            said = text if _writable(text) else mark.otherwise
            letters = said.encode("cp1252", "replace")
            for sign in (b"\\", b"(", b")"):
                letters = letters.replace(sign, b"\\" + sign)
            start = x - align * length(said, size)
            head = f"BT /F {size:g} Tf {_rgb(colour)} rg {start:.2f} {height - y:.2f} Td ("
            return head.encode() + letters.replace(b"\n", b" ").replace(b"\r", b" ") + b") Tj ET"


def _circle(x: float, y: float, r: float) -> str:
    k = ROUND * r
    quarters: Iterable[Sequence[float]] = (
        (x + r, y + k, x + k, y + r, x, y + r),
        (x - k, y + r, x - r, y + k, x - r, y),
        (x - r, y - k, x - k, y - r, x, y - r),
        (x + k, y - r, x + r, y - k, x + r, y),
    )
    return f"{x + r:.2f} {y:.2f} m " + " ".join(" ".join(f"{n:.2f}" for n in quarter) + " c" for quarter in quarters)


def _rgb(colour: str) -> str:
    return " ".join(f"{int(colour[i : i + 2], 16) / 255:.3f}" for i in (1, 3, 5))


def _writable(text: str) -> bool:
    try:
        return all(byte >= 0x20 for byte in text.encode("cp1252"))
    except UnicodeEncodeError:
        return False


def _png(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], texts: dict[str, str]) -> bytes:
    """Pixels (rows, columns, 3) as a PNG file with texts inside."""
    rows, columns = pixels.shape[:2]
    lines = np.zeros((rows, 1 + 3 * columns), dtype=np.uint8)  # each line begins with its filter: none
    lines[:, 1:] = pixels.reshape(rows, 3 * columns)
    dots = round(DPI / 0.0254)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", dots, dots, 1)),
        *((b"iTXt", name.encode() + b"\0\0\0\0\0" + text.replace("\0", "").encode()) for name, text in texts.items()),
        (b"IDAT", zlib.compress(lines.tobytes(), 6)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
