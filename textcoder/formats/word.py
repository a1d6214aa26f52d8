"""Word documents: paragraphs and tables in the order of reading. What the file says of its authors is not used."""

from __future__ import annotations

import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zipfile import BadZipFile

from textcoder.errors import UnreadableFile
from textcoder.formats.dialogue import Places, compose, find_dialogue, utterances
from textcoder.formats.extract import Extract, Utterance
from textcoder.formats.labels import is_heading, looks_like_name
from textcoder.formats.speakers import find_turns
from textcoder.formats.times import STAMP
from textcoder.formats.zipped import broken, check_archive

# Words that an editor struck out or moved away still stand in the file; notes are the transcriber's, not the speaker's.
_NOT_READ = frozenset({"del", "moveFrom", "pPr", "rPr", "tcPr", "tblPr", "footnoteReference", "endnoteReference"})
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LONGEST_NAME = 5  # words
# Of all paragraphs; a name above each turn makes half, bold beginnings of a few sentences stay below.
_FEWEST_NAMES = 0.2
_STRONG = "Strong"
_WIDEST = 200  # columns; Word itself knows 63
_MARKED = re.compile(rf":|[\[(]?{STAMP}")


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Its text, and how many characters at its beginning are bold."""

    text: str
    bold: int


_Table = list[list[str]]


def read_word(data: bytes, file: str) -> Extract:
    """Read a DOCX: one paragraph a line with a blank line between, and the turns in it.

    Speakers may stand in bold (with or without a colon, beside or above their words), before a colon, or in a table
    (speaker | words, perhaps with times). Inserted text is read, deleted text, comments and footnotes are not.

    Raises:
        UnreadableFile: Protected, damaged, no DOCX, far too large when unpacked, or without words.
    """
    check_archive(data, file, ending=".docx")
    body = _body(data, file)
    boxed = any(_name(element) == "txbxContent" for element in body.iter())
    note = "Text boxes are not read; move their words into the text if they belong to it." if boxed else ""
    blocks = list(_blocks(body))
    dialogue = list(_with_utterances(blocks))
    spoken = sum(len(said.words) for said in dialogue if isinstance(said, Utterance))
    if spoken * 2 > sum(len(said.words if isinstance(said, Utterance) else said) for said in dialogue):
        text, turns = compose(dialogue)
        return Extract(text, turns, note=note)
    text = "\n\n".join(filter(str.strip, _with_colons([part for block in blocks for part in _paragraphs(block)])))
    if not text.strip():
        raise UnreadableFile(
            file, "the document holds no words.", "If it holds pictures of text, give the text itself."
        )
    return Extract(text, find_turns(text), note=note)


def _body(data: bytes, file: str) -> Any:
    import docx
    from docx.opc.exceptions import OpcError

    try:
        body = docx.Document(io.BytesIO(data)).element.body
    # What python-docx lets through when parts are missing, cut or no XML (lxml's XMLSyntaxError is a SyntaxError).
    except (OpcError, KeyError, ValueError, TypeError, AttributeError, SyntaxError, EOFError) as error:
        raise broken(file, ".docx") from error
    except (BadZipFile, zlib.error, NotImplementedError, OSError) as error:
        raise broken(file, ".docx") from error
    if body is None:
        raise broken(file, ".docx")
    return body


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _nearest(parent: Any, *names: str) -> Iterator[Any]:
    """Elements with these names in order, also inside content controls and tracked insertions; none inside another."""
    for child in parent:
        if _name(child) in names:
            yield child
        elif _name(child) not in _NOT_READ:
            yield from _nearest(child, *names)


def _blocks(parent: Any) -> Iterator[_Paragraph | _Table]:
    return (_paragraph(child) if _name(child) == "p" else _table(child) for child in _nearest(parent, "p", "tbl"))


def _paragraph(element: Any) -> _Paragraph:
    text, bold, leading = "", 0, True
    for run in _nearest(element, "r"):
        piece = _text_of(run)
        text += piece
        leading = leading and (not piece.strip() or _is_bold(run))
        bold = len(text.rstrip()) if leading else bold
    return _Paragraph(text.rstrip(), bold)


def _text_of(run: Any) -> str:
    return "".join(node.text or "" if _name(node) == "t" else _SIGNS.get(_name(node), "") for node in run)


def _is_bold(run: Any) -> bool:
    from docx.text.run import Run

    bold = Run(run, None).bold  # type: ignore[arg-type]  # the parent is asked for styles only, which are not read here
    return run.style == _STRONG if bold is None else bold


def _table(element: Any) -> _Table:
    """Rows of equal width; the paragraphs of a cell are its lines. Where cells are merged, the last ones are empty.

    Where somebody speaks is never one of hundreds of columns; such rows become one cell each.
    """
    rows = [[_cell(cell) for cell in _nearest(row, "tc")] for row in _nearest(element, "tr")]
    width = max(map(len, rows), default=0)
    if width > _WIDEST:
        return [["\n".join(row)] for row in rows if row]
    return [row + [""] * (width - len(row)) for row in rows if row]


def _cell(element: Any) -> str:
    return "\n".join(part.text for block in _blocks(element) for part in _paragraphs(block) if part.text.strip())


def _paragraphs(block: _Paragraph | _Table) -> list[_Paragraph]:
    if isinstance(block, _Paragraph):
        return [block]
    return [_Paragraph(line, 0) for row in block for cell in row for line in cell.split("\n")]


def _with_utterances(blocks: Sequence[_Paragraph | _Table]) -> Iterator[str | Utterance]:
    """The document with its dialogue tables as turns; a later table of the same width goes on without headings."""
    known: tuple[int, Places] | None = None
    for block in blocks:
        if isinstance(block, list) and block:
            places = find_dialogue(block)
            if places:
                known = len(block[0]), places
            elif known and known[0] == len(block[0]):
                places = replace(known[1], first=0)
            if places:
                yield from utterances(block, places)
                continue
        yield from (part.text for part in _paragraphs(block))


def _with_colons(paragraphs: Sequence[_Paragraph]) -> Iterator[str]:
    """The paragraphs as text; names that only bold type tells from the words get a colon."""
    names = [_bold_name(paragraph) for paragraph in paragraphs]
    counts = Counter(name for name in names if name)
    speakers = {name for name, count in counts.items() if count > 1}
    filled = sum(bool(paragraph.text.strip()) for paragraph in paragraphs)
    enough = sum(counts[name] for name in speakers) >= _FEWEST_NAMES * filled
    for paragraph, name in zip(paragraphs, names, strict=True):
        marked = enough and name in speakers
        yield f"{name}:{paragraph.text[paragraph.bold :]}" if marked else paragraph.text


def _bold_name(paragraph: _Paragraph) -> str | None:
    """The name that the bold beginning is, when no colon or time marks it already."""
    name, rest = paragraph.text[: paragraph.bold].strip(), paragraph.text[paragraph.bold :].strip()
    if not name or len(name.split()) > _LONGEST_NAME or name[-1] in ".?!…,;:])" or _MARKED.match(rest):
        return None
    return name if looks_like_name(name) and not is_heading(name) else None
