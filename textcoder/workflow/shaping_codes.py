"""The codes of a project as the tables of other programs write them: found by name or path, made where they are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from textcoder.domain.acts import Draft
from textcoder.domain.codebook import Code, Codebook, CodeStatus, code_id
from textcoder.domain.project import NO_LENS, Lens
from textcoder.formats import shapes
from textcoder.formats.levels import MOST_LEVELS, path_of
from textcoder.formats.shaped import written


def plain_name(name: str) -> str:
    """A name as it is compared: whatever its case and blanks."""
    return " ".join(name.split()).casefold()


class Book:
    """The codes of a project as a table writes them.

    Attributes:
        made: Names of the codes that were made.
    """

    def __init__(self, codebook: Codebook, lenses: Sequence[Lens], mapping: shapes.Mapping) -> None:
        self.mapping, self.made = mapping, list[str]()
        self.codes = {code.id: code for code in codebook}
        self.lenses = {lens.id: lens.name for lens in lenses}
        self.lens_of = {plain_name(word): lens.id for lens in lenses for word in (lens.id, lens.name)}
        self.table: set[str] = set()
        self._listed: set[tuple[str, ...]] = set()
        self._fresh: set[str] = set()
        self._taken: dict[str, set[str]] = defaultdict(set)
        self._index: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for code in codebook:
            self._enter(code)
        self._before = self.known() | set(self.lenses.values())

    def path(self, code: Code) -> tuple[str, ...]:
        """Names from the lens down to the code's own."""
        return code_path(code, self.codes, self.lenses)

    def known(self) -> set[str]:
        """The codes as the table would write them."""
        return {
            " ".join(written(path[skip:], self.mapping.shape).split())
            for path in map(self.path, self.codes.values())
            for skip in range(len(path))
        }

    def tell(self, codes: Iterable[str]) -> None:
        """Take note of what the table calls its codes: by that its levels are known."""
        self.table |= {" ".join(code.split()) for code in codes}

    def list_paths(self, paths: Iterable[Sequence[str]]) -> None:
        """Take note of all codes of a codebook, each once, from the top down: namesakes in it are two."""
        self._listed |= {tuple(map(plain_name, path)) for path in paths}

    def find(self, given: str) -> Code | str | None:
        """The code that a table means; a sentence where that cannot be told, or it is retired; None for a new one.

        It is read as the project's codes would be written in the table, as one name (which may hold what parts levels), as a path.
        """
        plain = " ".join(given.split())
        return self._found(
            [("=", plain_name(plain)), (plain_name(plain),), tuple(map(plain_name, self.read(given)))], plain
        )

    def find_path(self, path: Sequence[str]) -> Code | str | None:
        """The same by a path from the top down."""
        return self._found([tuple(map(plain_name, path))], path[-1])

    def _found(self, keys: Iterable[tuple[str, ...]], given: str) -> Code | str | None:
        for key in keys:
            same = self._at(key) or self._by_short(key)
            used = [code for code in same if code.status is not CodeStatus.RETIRED]
            if len(used) == 1:
                return used[0]
            if used:
                return f'There is more than one code "{given}" here; name the one above it in the table, too.'
            if same:
                return f'"{same[0].name}" is retired here and stays so; restore it to use it.'
        return None

    def _enter(self, code: Code) -> None:
        """Enter a code by its whole path, after "..." by its path without the lens and by its own name, after "=" as the table would
        write it.
        """
        names = self.path(code)
        path = tuple(map(plain_name, names))
        self._index[path].append(code.id)
        self._index["=", plain_name(written(names, self.mapping.shape))].append(code.id)
        bare = path[1:] if code.lens in self.lenses else path
        for short in sorted({bare, path[-1:], (plain_name(code.name),)} - {path}):
            self._index["...", *short].append(code.id)
        if code.status is not CodeStatus.RETIRED:
            self._taken[code.lens].add(plain_name(code.name))

    def _at(self, key: tuple[str, ...]) -> list[Code]:
        return [self.codes[id_] for id_ in self._index.get(key, ())]

    def _by_short(self, key: tuple[str, ...]) -> list[Code]:
        """Codes that a table may mean by less than the whole path: not those that it has made itself, or lists besides."""
        known = [code for code in self._at(("...", *key)) if code.id not in self._fresh]
        return [code for code in known if tuple(map(plain_name, self.path(code))) not in self._listed]

    def read(self, given: str) -> tuple[str, ...]:
        """The path of a code as the table writes it."""
        known = self.table | self._before if self.mapping.levels == "." else ()
        path = path_of(given, self.mapping.levels, known=known)
        return path if len(path) <= MOST_LEVELS else (" ".join(given.split()),)

    def make(self, given: str, draft: Draft) -> Code:
        """A code that is new here, with those above it that are."""
        return self.made_path(self.read(given), draft)

    def made_path(self, path: Sequence[str], draft: Draft, **fields: Any) -> Code:
        """The code of a path; it and those above it are made where they are not here."""
        lens = self.lens_of.get(plain_name(path[0]), NO_LENS)
        names = list(path[1:]) if lens != NO_LENS and len(path) > 1 else list(path)
        above: Code | None = None
        for depth, name in enumerate(names):
            whole = (*([self.lenses[lens]] if lens != NO_LENS else []), *names[: depth + 1])
            same = self._at(tuple(map(plain_name, whole)))
            here = next((code for code in same if code.status is not CodeStatus.RETIRED), None)
            if here is None:
                here = self._new(name, lens, above, fields if depth == len(names) - 1 else {})
                draft.code(here)
            above = here
        assert above is not None  # a path has a name
        return above

    def _new(self, name: str, lens: str, above: Code | None, fields: Mapping[str, Any]) -> Code:
        """A code with a name and an id of its own; a second of one name under a lens has its parent's before its own."""
        taken = self._taken[lens]
        first = f"{above.name}::{name}" if above is not None and plain_name(name) in taken else name
        numbered = (f"{first} ({i})" if i > 1 else first for i in count(1))
        own = next(name for name in numbered if plain_name(name) not in taken)
        ids = (code_id(lens, f"{own} {i}" if i > 1 else own) for i in count(1))
        code = Code(
            next(id_ for id_ in ids if id_ not in self.codes),
            own,
            lens=lens,
            parent=above.id if above else None,
            **fields,
        )
        self.made.append(own)
        self._fresh.add(code.id)
        self.take(code)
        return code

    def adopt(self, code: Code, draft: Draft) -> None:
        """A draft of the machine that a person uses is hers."""
        adopted = replace(code, status=CodeStatus.ACTIVE)
        self.take(adopted)
        draft.code(adopted)

    def take(self, code: Code) -> None:
        """Take note of a code as it is now; its name and place stay."""
        is_new = code.id not in self.codes
        self.codes[code.id] = code
        if is_new:
            self._enter(code)


def code_path(code: Code, codes: Mapping[str, Code], lenses: Mapping[str, str]) -> tuple[str, ...]:
    """Names from the top down to a code's own: its lens as a folder, the codes in use above it, its name without its parent's before it."""
    names, at, seen = [], code, {code.id}
    while True:
        parent = codes.get(at.parent or "")
        if parent is not None and (parent.status is CodeStatus.RETIRED or parent.id in seen):
            parent = None
        name = at.name.removeprefix(f"{parent.name}::") if parent is not None else at.name
        names.append(" ".join((name or at.name).split()))
        if parent is None:
            break
        seen.add(parent.id)
        at = parent
    return (*([lenses[at.lens]] if at.lens in lenses else []), *reversed(names))
