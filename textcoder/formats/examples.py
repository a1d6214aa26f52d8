"""Several examples in one cell of a spreadsheet: a bullet each, further lines indented, sources below in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from textcoder.domain.codebook import Example

_BULLET = re.compile(r"[•*-](?: |$)")
_INDENT = "  "


def write_examples(examples: Iterable[Example]) -> str:
    """The cell for these examples; `read_examples` gives them back.

    >>> print(write_examples([Example("Nobody answers after three.", "Mira, w1.txt"), Example("I wait.")]))
    • Nobody answers after three.
      (Mira, w1.txt)
    • I wait.
    """
    return "\n".join(map(_block, examples))


def read_examples(cell: str) -> tuple[Example, ...]:
    """The examples in a cell. Where a person wrote no bullets, each line is an example."""
    if not cell.strip():
        return ()
    if not _BULLET.match(cell):
        return tuple(Example(line.strip()) for line in cell.split("\n") if line.strip())
    return tuple(_example(lines) for lines in _blocks(cell.split("\n")))


def _block(example: Example) -> str:
    lines = example.text.split("\n")
    # A last line in parentheses would be taken for a source, so that an empty one is put below it.
    if example.source or (lines[1:] and _is_source(lines[-1])):
        source = example.source.replace("\\", "\\\\").replace("\n", "\\n")
        lines.append(f"({source})")
    return "• " + f"\n{_INDENT}".join(lines)


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        if _BULLET.match(line):
            if block:
                yield block
            block = [line[2:]]
        else:
            block.append(line.removeprefix(_INDENT))
    yield block


def _example(lines: list[str]) -> Example:
    if not (lines[1:] and _is_source(lines[-1])):
        return Example("\n".join(lines))
    source = re.sub(r"\\(.)", lambda escaped: "\n" if escaped[1] == "n" else escaped[1], lines[-1][1:-1])
    return Example("\n".join(lines[:-1]), source)


def _is_source(line: str) -> bool:
    return line.startswith("(") and line.endswith(")")
