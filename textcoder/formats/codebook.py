"""A codebook as people edit it: YAML in an editor, CSV or XLSX in a spreadsheet. What is written reads back."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import PurePath
from typing import Any

from textcoder.domain.codebook import Code, Codebook, CodeStatus, Example, Origin, code_id, problems_of
from textcoder.domain.project import DEFAULT_LENSES, NO_LENS, Lens
from textcoder.errors import InvalidTable
from textcoder.formats.decoding import decode
from textcoder.formats.dialogue import plain
from textcoder.formats.examples import read_examples, write_examples
from textcoder.formats.rows import read_rows

_log = logging.getLogger(__name__)

FIELDS = ("name", "lens", "definition", "include", "exclude", "examples", "parent", "status", "origin", "colour", "id")
_ALSO_CALLED = {
    "code": "name",
    "description": "definition",
    "brief definition": "definition",
    "when to use": "include",
    "when not to use": "exclude",
    "example": "examples",
    "color": "colour",
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}|")
# What a spreadsheet would take for a formula, with any apostrophes that already guard it.
_FORMULA = re.compile(r"'*[=+\-@\t]")
_HEAD = """\
# A codebook. Edit it with any text editor and give it back to textcoder; what you change here counts.
#
# * A new code needs a name and a lens; a definition and when (not) to use it help people and machine. Leave out its id.
# * Rename freely, but keep the id: by it the codings stay with their code. A parent is named as the code above it.
# * "origin: model" with "status: provisional" was drafted by the machine, and nobody has confirmed it yet.
#   When you have read it, write "status: active"; "status: retired" puts a code out of use and keeps its codings.
# * Long text may run over indented lines below ">". Text that begins with # or holds ": " needs "quotation marks".
"""
_LONG = 80


@dataclass(frozen=True, slots=True)
class _Entry:
    """One code as it stands in a file: its row (or place in the list), the text of each field, and the examples."""

    row: int
    fields: Mapping[str, str]
    examples: tuple[Example, ...]


def read_codebook(data: bytes, file: str, *, lenses: Sequence[Lens | str]) -> tuple[Code, ...]:
    """Read the codes that a person wrote or edited.

    A code without an id gets the one of its lens and name; a parent may be given by id or by name. Lenses are found
    whatever their case and blanks ("What works" for `what_works`); an empty lens is `none`.

    Args:
        data: The whole file.
        file: Its name; ".yaml" or ".yml", else a table (CSV, TSV, XLSX, JSON).
        lenses: The project's lenses, or their ids.

    Raises:
        InvalidTable: An entry is wrong; names the row (of YAML, the entry counted from 1) and the remedy.
        UnreadableFile: It is no text, no table or empty.
    """
    is_yaml = PurePath(file).suffix.lower() in (".yaml", ".yml")
    entries = list(_yaml_entries(data, file) if is_yaml else _table_entries(data, file))
    if not entries:
        raise InvalidTable(file, "there are no codes; list them under `codes:`, each with a name and a lens.")
    known = _lens_ids(lenses)
    codes = _with_parents(_with_ids([_code(entry, known, file) for entry in entries], entries, file))
    problems = problems_of(codes, known.values())
    if problems:
        place, message = problems[0]
        more = f" ({len(problems) - 1} more after this one.)" if problems[1:] else ""
        raise InvalidTable(file, message + more, entries[place].row)
    return tuple(codes)


def write_codebook_yaml(codebook: Codebook, *, title: str) -> str:
    """The codebook as YAML for people, ordered by lens; `read_codebook` gives the same codes back.

    Args:
        codebook: All its codes are written, retired ones too.
        title: Stands above the codes, such as the project's name.
    """
    parts = [_HEAD, _yaml({"title": " ".join(title.split())}), "codes:\n"]
    lens = None
    for code in _by_lens(codebook):
        if code.lens != lens:
            lens = code.lens
            parts.append(f"\n# ---------- {plain(lens)} ----------\n")
        examples = [{"text": e.text, "source": e.source} if e.source else e.text for e in code.examples]
        fields = {**_fields(code, codebook), "examples": examples}
        parts.append(
            "\n" + _yaml([{key: fields[key] for key in FIELDS if fields[key] or key not in ("parent", "colour")}])
        )
    return "".join(parts) if codebook.codes else "".join(parts).rstrip() + " []\n"


def write_codebook_csv(codebook: Codebook) -> str:
    """The codebook as CSV for a spreadsheet, a row a code, ordered by lens; `read_codebook` gives the same codes back.

    Examples stand in one cell, each after a bullet, its source in parentheses on a line of its own below. A cell that a
    spreadsheet would run as a formula is guarded by an apostrophe. Write it with a BOM ("utf-8-sig") for Excel.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FIELDS)
    for code in _by_lens(codebook):
        fields = {**_fields(code, codebook), "examples": write_examples(code.examples)}
        writer.writerow(guarded(fields[key]) for key in FIELDS)
    return out.getvalue()


def _by_lens(codebook: Codebook) -> list[Code]:
    ranks = {lens.id: rank for rank, lens in enumerate(DEFAULT_LENSES)}
    return sorted(codebook, key=lambda code: (ranks.get(code.lens, len(ranks) + (code.lens == NO_LENS)), code.lens))


def _fields(code: Code, codebook: Codebook) -> dict[str, str]:
    parent = codebook.get(code.parent) if code.parent else None
    by_name = parent is not None and _parent_id(parent.name, code, codebook.codes) == parent.id
    return {
        **{key: str(getattr(code, key)) for key in FIELDS if key not in ("examples", "parent")},
        "parent": parent.name if parent and by_name else code.parent or "",
    }


def _yaml(value: object) -> str:
    import yaml

    class Readable(yaml.SafeDumper):
        """Safe, and with a style for each text."""

    def represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))

    Readable.add_representer(str, represent)
    return yaml.dump(value, Dumper=Readable, allow_unicode=True, sort_keys=False, width=110)


def _style(text: str) -> str | None:
    """How YAML shows a text: lines as they are, one long line as a block that an editor can wrap, else as YAML likes.

    A block would lose blanks at the edges of lines, and cannot hold what is not printable.
    """
    lines = text.split("\n")
    if not lines[-1] or any(line != line.strip() or not line.isprintable() for line in lines):
        return None
    return "|" if lines[1:] else ">" if len(text) > _LONG else None


def guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula, guarded by an apostrophe."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that `guarded` guarded."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


_ONLY_HERE = frozenset({"lens", "definition", "include", "exclude", "examples", "when to use", "when not to use"})


def is_own(headings: Iterable[str]) -> bool:
    """Whether a table with these headings was made to be read here: one is ours alone, or all are known."""
    names = set(map(plain, headings))
    return bool(names & _ONLY_HERE) or names <= {*FIELDS, *_ALSO_CALLED}


def _table_entries(data: bytes, file: str) -> Iterator[_Entry]:
    grid = read_rows(data, file)
    keys = [_ALSO_CALLED.get(plain(heading), plain(heading)) for heading in grid.header]
    if "name" not in keys:
        raise InvalidTable(file, f'no column is called "name"; there are: {", ".join(grid.header)}.', 1)
    unused = [heading for heading, key in zip(grid.header, keys, strict=True) if key not in FIELDS]
    if unused:
        _log.warning("%s: columns not used: %s.", file, ", ".join(unused))
    for row in grid.rows:
        # The first of two columns for one field counts.
        fields = dict(reversed([*zip(keys, map(unguarded, row.cells), strict=True)]))
        yield _Entry(row.number, fields, read_examples(fields.get("examples", "")))


def _yaml_entries(data: bytes, file: str) -> Iterator[_Entry]:
    import yaml

    text = decode(data, file).text
    try:
        # BaseLoader makes nothing but text, lists and mappings, so that a code called No stays "No".
        book = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "the file"
        why = getattr(error, "problem", None) or "it is nested too deeply or holds characters that YAML has not"
        raise InvalidTable(
            file, f"{where} is not YAML ({why}); mend the indents and put the text in quotation marks."
        ) from error
    entries = book.get("codes") if isinstance(book, dict) else book
    if not isinstance(entries, list):
        raise InvalidTable(file, "there is no list of codes; list them under `codes:`, each with a name and a lens.")
    for number, entry in enumerate(entries, 1):
        yield _yaml_entry(entry, number, file)


def _yaml_entry(entry: Any, number: int, file: str) -> _Entry:
    if not isinstance(entry, dict):
        raise InvalidTable(file, f"the entry is no code; write its fields as {', '.join(FIELDS)}.", number)
    named = {_ALSO_CALLED.get(plain(str(key)), plain(str(key))): value for key, value in entry.items()}
    unknown = [key for key in named if key not in FIELDS]
    if unknown:
        raise InvalidTable(file, f'there is no field "{unknown[0]}"; use {", ".join(FIELDS)}.', number)
    examples = named.pop("examples", None) or []
    odd = next((key for key, value in named.items() if not isinstance(value, str)), None)
    if odd:
        raise InvalidTable(file, f"`{odd}` must be text, not a list; put it in quotation marks.", number)
    listed = examples if isinstance(examples, list) else [examples]
    return _Entry(number, named, tuple(_yaml_example(example, number, file) for example in listed))


def _yaml_example(example: Any, number: int, file: str) -> Example:
    fields = {"text": example} if isinstance(example, str) else example
    known = isinstance(fields, dict) and "text" in fields and set(fields) <= {"text", "source"}
    if not known or not all(isinstance(value, str) for value in fields.values()):
        raise InvalidTable(file, "an example must be text, or `text` with `source`; put it in quotation marks.", number)
    return Example(fields["text"], fields.get("source", ""))


def _code(entry: _Entry, lenses: Mapping[str, str], file: str) -> Code:
    fields = {key: entry.fields.get(key, "") for key in FIELDS}
    status, origin = fields["status"].strip().casefold(), fields["origin"].strip().casefold()
    colour, lens = fields["colour"].strip(), fields["lens"].strip()
    for key, value, allowed in (("status", status, CodeStatus), ("origin", origin, Origin)):
        if value and value not in list(allowed):
            raise InvalidTable(file, f'{key} "{value}" is unknown; use one of {", ".join(allowed)}.', entry.row)
    if not _COLOUR.fullmatch(colour):
        raise InvalidTable(file, f'the colour "{colour}" is not one; write it as "#1b9e77".', entry.row)
    return Code(
        id=fields["id"].strip(),
        name=fields["name"].strip(),
        definition=fields["definition"],
        include=fields["include"],
        exclude=fields["exclude"],
        examples=entry.examples,
        lens=lenses.get(plain(lens), lens),
        parent=fields["parent"].strip() or None,
        colour=colour,
        origin=Origin(origin or Origin.DATA),
        status=CodeStatus(status or CodeStatus.ACTIVE),
    )


def _lens_ids(lenses: Iterable[Lens | str]) -> dict[str, str]:
    """What people write for each lens -> its id."""
    written = {plain(lens): lens for lens in lenses if isinstance(lens, str)}
    written |= {plain(word): lens.id for lens in lenses if isinstance(lens, Lens) for word in (lens.name, lens.id)}
    return written | {"": NO_LENS, "none": NO_LENS, "no lens": NO_LENS}


def _with_ids(codes: Sequence[Code], entries: Sequence[_Entry], file: str) -> list[Code]:
    """Each code with an id of its own; a new code with the former name of a renamed one gets the next free."""
    taken: set[str] = set()
    for code, entry in zip(codes, entries, strict=True):
        if code.id in taken:
            raise InvalidTable(
                file, f'the id of "{code.name}" stands twice; leave it empty for the new code.', entry.row
            )
        taken |= {code.id} - {""}
    named = []
    tried: dict[tuple[str, str], Iterator[str]] = {}
    for code in codes:
        # Ids are only ever taken: what one code of a name has tried in vain, the next need not try.
        ids = tried.setdefault((code.lens, code.name), _ids(code))
        id_ = code.id or next(id_ for id_ in ids if id_ not in taken)
        taken.add(id_)
        named.append(replace(code, id=id_))
    return named


def _ids(code: Code) -> Iterator[str]:
    """What the code may be called: by its name, else by its name with 2, 3, ..."""
    return (code_id(code.lens, f"{code.name} {number}" if number > 1 else code.name) for number in count(1))


def _with_parents(codes: Sequence[Code]) -> list[Code]:
    return [replace(code, parent=_parent_id(code.parent, code, codes)) if code.parent else code for code in codes]


def _parent_id(written: str, child: Code, codes: Sequence[Code]) -> str:
    """The id of the code that is meant: by id, by name under the child's lens, or by a name that only one code has."""
    if any(code.id == written for code in codes):
        return written
    named = [code for code in codes if code.name.casefold() == written.casefold()]
    meant = [code for code in named if code.lens == child.lens] or named
    return meant[0].id if len(meant) == 1 else written
