"""Where codes stand below each other, as tables of other programs say it: in names, by parents, by ids, by indents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from textcoder.errors import InvalidTable
from textcoder.formats.rows import Row

MOST_LEVELS = 100
"""Of codes one above the other; more is a mistake, or malice."""
_FOLDERS = frozenset({"codes", "nodes"})
"""Folders of NVivo above all codes, as in "Codes\\\\Barriers\\\\The bus"."""


def path_of(written: str, levels: str, *, known: Collection[str] = ()) -> tuple[str, ...]:
    """The names from the top down to a code's own, of a code as a table writes it.

    A full stop parts levels only where the tag above is there as well ("Barriers.Bus" beside "Barriers"), since names hold full stops.

    Args:
        written: As in the table.
        levels: What parts them; a backslash stands for one or several.
        known: What the table calls its codes.
    """
    written = " ".join(written.split()) if levels != "\n" else written.strip()
    if not levels:
        return (written,)
    if levels == ".":
        above = [at for at, letter in enumerate(written) if letter == "." and written[:at] in known]
        ends = [*above, len(written)]
        starts = [0, *(at + 1 for at in above)]
        parts = [written[a:b].strip() for a, b in zip(starts, ends, strict=True)]
    else:
        pattern = r"\s*\\+\s*" if set(levels) == {"\\"} else rf"\s*{re.escape(levels.strip() or levels)}\s+"
        parts = [part.strip() for part in re.split(pattern, written)]
    parts = [part for part in parts if part]
    if levels == "\\\\" and len(parts) > 1 and parts[0].casefold() in _FOLDERS:
        parts = parts[1:]
    return tuple(parts) or (written,)


def paths_by_parent(names: Sequence[str], parents: Sequence[str], levels: str) -> list[tuple[str, ...]]:
    """Each code below its parent, which a table names by its whole path or by its own name, before or after it.

    A code without one is a top one, whatever stands in its name. Cost: a pass for each level.
    """
    often, found = Counter(names), dict[int, tuple[str, ...]]()
    whole, own = dict[str, tuple[str, ...]](), dict[str, tuple[str, ...]]()

    def place(i: int, path: tuple[str, ...]) -> None:
        found[i] = path
        whole.setdefault(_joined(path, levels), path)
        if often[names[i]] == 1:
            own[names[i]] = path

    for i, name in enumerate(names):
        if not parents[i]:
            place(i, (name,))
    for _ in range(MOST_LEVELS + 1):
        waiting = [i for i in range(len(names)) if i not in found]
        for i in waiting:
            above = whole.get(parents[i]) or own.get(parents[i])
            if above is not None:
                place(i, (*above, _own_name(names[i], parents[i], above, levels)))
        if len(found) == len(names) or not any(i in found for i in waiting):
            break
    for i, name in enumerate(names):
        if i not in found:  # its parent is no row of the table
            above = path_of(parents[i], levels, known=names)
            found[i] = (*above, _own_name(name, parents[i], above, levels))
    return [found[i] for i in range(len(names))]


def _own_name(name: str, parent: str, above: tuple[str, ...], levels: str) -> str:
    """A name without those above it, where the table writes them before it."""
    path = path_of(name, levels, known=(parent,))
    if path[:-1] == above:
        return path[-1]
    return next(
        (
            rest
            for said in (parent, _joined(above, levels))
            if levels and (rest := name.removeprefix(f"{said}{levels}")) != name
        ),
        name,
    )


def _joined(path: Sequence[str], levels: str) -> str:
    return (levels or "\n").join(path)


def paths_by_name(names: Sequence[str], levels: str) -> list[tuple[str, ...]]:
    """Each code as its name says; where the table lists codes that stand above others, levels are parted only below these."""
    if not levels or levels == ".":
        return [path_of(name, levels, known=names) for name in names]
    paths = [path_of(name, levels) for name in names]
    listed = set(paths)
    cuts = [[n for n in range(1, min(len(path), MOST_LEVELS + 2)) if path[:n] in listed] for path in paths]
    if not any(cuts):
        return paths
    return [
        tuple(_joined(path[a:b], levels) for a, b in pairwise([0, *at, len(path)]))
        for path, at in zip(paths, cuts, strict=True)
    ]


def names_tell(names: Sequence[str], levels: str) -> bool:
    """Whether some name is written below another of them: "Barriers > The bus" beside "Barriers"."""
    listed = set(names)
    paths = (path_of(name, levels, known=listed) for name in names)
    return any(_joined(path[:n], levels) in listed for path in paths for n in range(1, min(len(path), MOST_LEVELS)))


def paths_by_id(
    ids: Sequence[tuple[str, str]], names: Sequence[str], rows: Sequence[Row], file: str
) -> list[tuple[str, ...]]:
    """Each code below the row with the id that it names as its parent's.

    Args:
        ids: Of each row its own, and its parent's.
        names: Of each row.
        rows: For their numbers, in errors.
        file: Likewise.

    Raises:
        InvalidTable: A code stands below itself.
    """
    row_of = {id_.strip(): i for i, (id_, _) in reversed(list(enumerate(ids))) if id_.strip()}
    paths = []
    for i, _ in enumerate(ids):
        path, seen, at = [names[i]], {i}, row_of.get(ids[i][1].strip())
        while at is not None and len(path) <= MOST_LEVELS:
            if at in seen:
                raise InvalidTable(file, f'"{names[i]}" is its own ancestor; mend its parent.', rows[i].number)
            seen.add(at)
            path.insert(0, names[at])
            at = row_of.get(ids[at][1].strip())
        paths.append(tuple(path))
    return paths


def paths_by_indent(cells: Sequence[str]) -> list[tuple[str, ...]]:
    """Each code below the nearest one before it that is set in less."""
    above: list[tuple[int, str]] = []
    paths = []
    for cell in cells:
        depth = len(cell) - len(cell.lstrip())
        while above and above[-1][0] >= depth:
            above.pop()
        above.append((depth, " ".join(cell.split())))
        paths.append(tuple(name for _, name in above[: MOST_LEVELS + 1]))
    return paths
