"""A whole project told again with other words: every text and every string in it replaced, every span where its words are now.

It walks over the plain values that travel in an archive of ours (see `restoring`), so that nothing that a project holds is passed
over: what is no id, no number and no word of an enumeration is a string that may name somebody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from textcoder.domain.decision import DecisionKind
from textcoder.workflow.picturing import KEPT
from textcoder.workflow.restoring import ENCODER, Whole, brought, carried

STALE = "before its words were replaced"
"""The key of a step that was finished then: it is due again."""
STEPS = ("lenses", "themes", "draft", "code")

_REFERENCE = r"(?<![0-9A-Za-z])t[0-9a-f]{12}(?![0-9A-Za-z])(?::\d+-\d+)?"
_PARTS = re.compile(r"(t[0-9a-f]{12})(?::(\d+)-(\d+))?")
_STRUCTURE = frozenset(
    """
    status origin lens parent colour id role coder coders at by method kind verb outcome on code codes successors sha256 suggested revision
    guid sources notes target direction
    """.split()
)
"""Fields whose value is an id, a name of a coder or a word of an enumeration, wherever they stand."""
_FIELDS = _STRUCTURE | frozenset(
    """
    name definition include exclude examples text source threshold why speaker read item note place segments seed population people words
    sets links description was near state
    """.split()
)
"""Keys of states in the log; all other keys may be names (of a segment, of a case)."""


@dataclass(frozen=True)
class Told:
    """A transcript as it is told again.

    Attributes:
        id: "t" and 12 hex digits of the sha256.
        name: Of the file.
        sha256: Of the bytes.
        text: The canonical text.
        data: The bytes that are kept as its original.
        move: The new place of an offset of the old text.
    """

    id: str
    name: str
    sha256: str
    text: str
    data: bytes
    move: Callable[[int], int]


_NAMED_BY_ID = (
    *(DecisionKind.SET_CODE, DecisionKind.SET_MEMO, DecisionKind.SET_THEME, DecisionKind.SET_PROPOSAL),
    DecisionKind.SET_WAITING,
)
"""Kinds of decisions whose target is an id that says nothing."""

Words = Callable[[str, str], str]
"""Any string that is no transcript's text, and the name of the transcript to which it belongs ("" for none), to what it becomes."""


def retell(project: Whole, told: Mapping[str, Told], paths: Mapping[str, str], words: Words) -> Whole:
    """The project with its transcripts as told, and every other string as `words` gives it back. Vectors follow anew from the words.

    Args:
        project: The project.
        told: Each of its transcripts, by the id that it has.
        paths: Each file's path, and each transcript's name, to what it is called now.
        words: For all other strings; a pure function, so that what was one string stays one.

    Raises:
        UnreadableFile: What comes out is no sound project: a span outside its text, two transcripts that have become one.
    """
    values, _ = carried(project)
    values = _Teller(told, paths, words).project(values)
    return brought(values, {one.sha256: one.data for one in told.values()}, "the project")


class _Teller:
    """Walks over the plain values of a project."""

    def __init__(self, told: Mapping[str, Told], paths: Mapping[str, str], words: Words) -> None:
        self._told, self._paths, self._words = told, paths, words
        self._names: dict[str, str] = {}
        names = [re.escape(path) for path in sorted(paths, key=lambda path: (-len(path), path)) if path]
        self._known = re.compile("(" + "|".join([_REFERENCE, *names]) + ")")

    def project(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All of it."""
        self._names = {row["id"]: row["name"] for row in values["transcripts"]}
        told = {
            "textcoder": values["textcoder"],
            "project": {**self.value(values["project"]), "id": values["project"]["id"]},
            "transcripts": [self._transcript(row) for row in values["transcripts"]],
            "files": [self._file(row) for row in values["files"]],
            "segments": [self._segment(row) for row in values["segments"]],
            "cases": [self._case(row) for row in values["cases"]],
            "coders": values["coders"],
            "decisions": [self._decision(row) for row in values["decisions"]],
            "codings": [self._span(row) for row in values["codings"]],
            "placements": [{**row, "segment": self.string(row["segment"])} for row in values["placements"]],
            "themes": {
                "themes": [self._theme(row) for row in values["themes"]["themes"]],
                "unassigned": [
                    {**row, "segment": self.string(row["segment"])} for row in values["themes"]["unassigned"]
                ],
            },
            "finished": {step: STALE for step in STEPS if step in values["finished"]},
            "values": self._values(values["values"]),
        }
        assert told.keys() == values.keys(), "a project holds something that would not be told"
        return told

    def value(self, value: Any, key: str = "", file: str = "") -> Any:
        """Any JSON value; what stands under a key of the structure stays."""
        if isinstance(value, str):
            return value if key in _STRUCTURE else self.string(value, file)
        if isinstance(value, Mapping):
            return {
                (name if name in _FIELDS else self.string(name, file)): self.value(inner, name, file)
                for name, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(inner, key, file) for inner in value]
        return value

    def string(self, text: str, file: str = "") -> str:
        """A string: references and names of files as they are now, and the words between them."""
        parts = self._known.split(text)
        return "".join(self._reference(part) if i % 2 else self._spoken(part, file) for i, part in enumerate(parts))

    def _spoken(self, text: str, file: str) -> str:
        return self._words(text, file) if text else text

    def _reference(self, text: str) -> str:
        if text in self._paths:
            return self._paths[text]
        found = _PARTS.fullmatch(text)
        told = self._told.get(found[1]) if found else None
        if found is None or told is None:
            return text
        return told.id if found[2] is None else f"{told.id}:{told.move(int(found[2]))}-{told.move(int(found[3]))}"

    def _file_of(self, *references: Any) -> str:
        """The transcript of which something speaks; empty where it speaks of none."""
        found = (_PARTS.search(one) for one in references if isinstance(one, str))
        return next((self._names[one[1]] for one in found if one and one[1] in self._names), "")

    def _transcript(self, row: Mapping[str, Any]) -> dict[str, Any]:
        told, file = self._told[row["id"]], row["name"]
        return {
            **row,
            "id": told.id,
            "name": told.name,
            "text": told.text,
            "sha256": told.sha256,
            "turns": [self._turn(turn, told, file) for turn in row["turns"]],
            "wave": row["wave"] and self.string(row["wave"], file),
            "attributes": self._attributes(row["attributes"], file),
            "pages": [told.move(offset) for offset in row["pages"]],
            "sync": [{**point, "offset": told.move(point["offset"])} for point in row["sync"]],
        }

    def _attributes(self, attributes: Mapping[str, str], file: str) -> dict[str, str]:
        """What a researcher's columns say: they may be called "role" or "notes" like fields of ours, and are words all the same."""
        return {self.string(name, file): self.string(value, file) for name, value in attributes.items()}

    def _turn(self, turn: Mapping[str, Any], told: Told, file: str) -> dict[str, Any]:
        strings = {
            name: turn[name] and self.string(turn[name], "" if name == "case" else file)
            for name in ("speaker", "case", "question")
        }
        return {**turn, **strings, "start": told.move(turn["start"]), "end": told.move(turn["end"])}

    def _file(self, row: Mapping[str, Any]) -> dict[str, Any]:
        told = self._told.get(row["transcript"] or "")
        # The hash of a file that gave no transcript tells nothing here, and might tell somebody which file it was.
        sha256 = told.sha256 if told else ""
        note = self.string(row["note"])
        return {**row, "path": self._paths[row["path"]], "sha256": sha256, "note": note, "transcript": told and told.id}

    def _segment(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._span(row), "id": self.string(row["id"])}

    def _span(self, row: Mapping[str, Any]) -> dict[str, Any]:
        told = self._told[row["transcript"]]
        plain = {**row, "transcript": told.id, "start": told.move(row["start"]), "end": told.move(row["end"])}
        return {**plain, "why": self.string(row["why"])} if "why" in row else plain

    def _case(self, row: Mapping[str, Any]) -> dict[str, Any]:
        attributes = self._attributes(row["attributes"], "")
        return {"id": self.string(row["id"]), "name": self.string(row["name"]), "attributes": attributes}

    def _theme(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.value(row), "representatives": [self.string(one) for one in row["representatives"]]}

    def _decision(self, row: Mapping[str, Any]) -> dict[str, Any]:
        item = (row["after"] or row["before"] or {}).get("item")
        file = self._file_of(row["target"], item)
        return {
            **row,
            "target": self._target(row["kind"], row["target"], file),
            "before": self.value(row["before"], "", file),
            "after": self.value(row["after"], "", file),
            "why": self.string(row["why"], file),
            "key": self.string(row["key"]),
        }

    def _target(self, kind: str, target: str, file: str) -> str:
        match kind:
            case DecisionKind.SET_CODING:
                coder, transcript, start, end, code = json.loads(target)
                told = self._told[transcript]
                return _joined(coder, told.id, told.move(start), told.move(end), code)
            case DecisionKind.SET_REVIEW:
                coder, segment = json.loads(target)
                return _joined(coder, self.string(segment))
            case DecisionKind.SET_SPEAKER:
                transcript, _, start = target.rpartition("/")
                told = self._told[transcript]
                return f"{told.id}/{told.move(int(start))}"
            case kind if kind in _NAMED_BY_ID:
                return target
            case _:
                return self.string(target, file)

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept with the project: not how its files were read, since they are other files now."""
        kept = {name: values[name] for name in ENCODER if name in values}
        refi = values[KEPT]
        told = {name: self.value(refi[name]) for name in ("sets", "links") if name in refi}
        guids = {"guids": {self.string(key): guid for key, guid in refi["guids"].items()}} if "guids" in refi else {}
        return {**kept, KEPT: {**told, **guids, "namespace": self.string(refi["namespace"])}}


def _joined(*parts: str | int) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
