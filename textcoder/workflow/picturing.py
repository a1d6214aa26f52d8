"""A project as other programs for qualitative analysis see it: the picture that is written as REFI-QDA."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from textcoder.domain.codebook import Code, Codebook, Example
from textcoder.domain.coding import CoderKind, Coding, Status, counted
from textcoder.domain.decision import Decision, DecisionKind, coding_target
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.project import Case, Project
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Transcript
from textcoder.refi import model as refi
from textcoder.refi.model import made_guid, plain_guid
from textcoder.store import Store

KEPT = "refi"
"""Under this name a project keeps what other programs call its things: the namespace of its GUIDs, GUIDs by kind and id, sets and links."""
NAME_VARIABLE = "name"
_USE, _NOT, _EXAMPLE = "When to use: ", "When not to use: ", "Example: "


class Guids:
    """What the things of a project are called: as the program that they came from called them, else by what follows from their ids."""

    def __init__(self, store: Store) -> None:
        kept = store.value(KEPT) or {}
        self.namespace = str(kept.get("namespace", store.project().id))
        self.known: dict[str, str] = dict(kept.get("guids", {}))
        self._store = store

    @cached_property
    def _first(self) -> Mapping[str, str]:
        """Transcripts whose text was corrected, to the one that was imported: to other programs it is one source, and they update it."""
        texts = (one.after for one in self._store.decisions() if one.kind is DecisionKind.SET_TEXT)
        return {text["text"]: text["was"][0] for text in texts if text is not None}

    def of(self, kind: str, item: str) -> str:
        """The GUID of a thing; ids that are GUIDs already, as those of codes, are their own."""
        if kind == "transcript" and f"{kind}:{item}" not in self.known:
            item = self._first.get(item, item)
        own = plain_guid(item) if kind in ("code", "memo") else None
        return self.known.get(f"{kind}:{item}") or own or made_guid(self.namespace, kind, item)

    def selection(self, transcript: str, start: int, end: int) -> str:
        """The GUID of a span: from that of its source, so that it is the same wherever the source is called the same."""
        return made_guid("selection", self.of("transcript", transcript), start, end)

    def name(self, kind: str, item: str, guid: str) -> None:
        """Keep what another program calls a thing."""
        if self.of(kind, item) != guid:
            self.known[f"{kind}:{item}"] = guid


def picture_of(store: Store) -> refi.Picture:
    """The project as it stands: codes in use, what people coded and what the machine suggests where nobody has decided, memos, cases.

    Rejected suggestions, probabilities and the log are no part of it (see `textcoder.workflow.restoring`).
    """
    with store.reading():
        return _Painter(store).picture()


def pictured_codes(project: Project, codebook: Codebook, guids: Guids) -> tuple[refi.Code, ...]:
    """The codes in use as a tree: a lens is a folder above its codes, since one name may stand under two lenses."""
    used = {code.id: code for code in codebook.in_use}
    below: dict[str | None, list[Code]] = defaultdict(list)
    for code in used.values():
        below[code.parent if code.parent in used else None].append(code)
    found: list[refi.Code] = []

    def take(top: list[Code], above: str | None) -> None:
        waiting = [(code, above) for code in reversed(top)]
        while waiting:
            code, folder = waiting.pop()
            found.append(pictured_code(code, used.get(code.parent or ""), folder, guids))
            waiting += [(child, guids.of("code", code.id)) for child in reversed(below[code.id])]

    for lens in project.lenses:
        held = [code for code in below[None] if code.lens == lens.id]
        if held:
            folder = guids.of("lens", lens.id)
            found.append(refi.Code(folder, lens.name, lens.brief, codable=False))
            take(held, folder)
    lenses = {lens.id for lens in project.lenses}
    take([code for code in below[None] if code.lens not in lenses], None)
    return tuple(found)


def pictured_code(code: Code, parent: Code | None, above: str | None, guids: Guids) -> refi.Code:
    """One code below the GUID `above`; its name without that of its parent, which stands over it."""
    name = " ".join(code.name.split())
    if parent is not None and name.startswith(f"{parent.name}::") and name != f"{parent.name}::":
        name = name.removeprefix(f"{parent.name}::")
    return refi.Code(guids.of("code", code.id), name, described(code), code.colour.upper(), above)


def described(code: Code) -> str:
    """A codebook entry as one text; `entry_of` takes it apart again."""
    parts = [code.definition]
    parts += [_USE + code.include] if code.include else []
    parts += [_NOT + code.exclude] if code.exclude else []
    parts += [_EXAMPLE + e.text + (f"\n({e.source})" if e.source else "") for e in code.examples]
    return "\n\n".join(part for part in parts if part).strip()


def entry_of(description: str) -> dict[str, Any]:
    """Definition, include, exclude and examples of a description; words without our headings are the definition."""
    parts: dict[str, list[str]] = {"": [], _USE: [], _NOT: [], _EXAMPLE: []}
    under = ""
    for paragraph in description.split("\n\n"):
        head = next((one for one in (_USE, _NOT, _EXAMPLE) if paragraph.startswith(one)), None)
        if head is not None:
            under = head
            parts[head].append(paragraph.removeprefix(head))
        elif parts[under] and under:
            parts[under][-1] += f"\n\n{paragraph}"
        else:
            parts[""].append(paragraph)
    return {
        "definition": "\n\n".join(parts[""]),
        "include": "\n\n".join(parts[_USE]),
        "exclude": "\n\n".join(parts[_NOT]),
        "examples": tuple(_example(words) for words in parts[_EXAMPLE]),
    }


def _example(words: str) -> Example:
    text, _, last = words.rpartition("\n")
    sourced = text and last.startswith("(") and last.endswith(")")
    return Example(text, last[1:-1]) if sourced else Example(words)


class _Painter:
    """Reads a project once and paints it."""

    def __init__(self, store: Store) -> None:
        self.project, self.guids = store.project(), Guids(store)
        self.kept = store.value(KEPT) or {}
        self.log = store.decisions()
        self.standing = Standing(self.log)
        self.transcripts = store.transcripts()
        self.cases = {case.id: case for case in store.cases()}
        self.coders = {coder.id: coder for coder in store.coders()}
        machines = frozenset(c.id for c in self.coders.values() if c.kind is CoderKind.MACHINE)
        used = {code.id for code in self.standing.codebook.in_use}
        # What people said and what the machine suggests, as far as it counts; a coder's own word also where a consensus counts before it.
        stands = set(counted(codings := store.codings(), machines))
        held = [c for c in codings if c.code in used and (c in stands or (c.coder not in machines and _yes(c)))]
        self.codings: dict[str, list[Coding]] = defaultdict(list)
        for coding in held:
            self.codings[coding.transcript].append(coding)
        self.at = {d.target: d.at for d in self.log if d.kind is DecisionKind.SET_CODING}
        self.memos: dict[tuple[MemoOn, str], list[Memo]] = defaultdict(list)
        for memo in sorted(self.standing.memos.values(), key=lambda memo: memo.id):
            self.memos[memo.on, memo.item].append(memo)

    def picture(self) -> refi.Picture:
        """All of it."""
        sources = tuple(self._source(transcript) for transcript in self.transcripts)
        codes = pictured_codes(self.project, self.standing.codebook, self.guids)
        ids = {self.guids.of("code", code.id): code.id for code in self.standing.codebook.in_use}
        noted = tuple(
            refi.Code(
                c.guid,
                c.name,
                c.description,
                c.colour,
                c.parent,
                c.codable,
                self._notes(MemoOn.CODE, ids.get(c.guid, "-")),
            )
            for c in codes
        )
        cases = tuple(self._cases())
        about = self._notes(MemoOn.PROJECT, "")
        referred = {*about}
        referred |= {note for code in noted for note in code.notes}
        referred |= {note for source in sources for note in source.notes}
        referred |= {note for source in sources for one in source.selections for note in one.notes}
        return refi.Picture(
            name=self.project.name,
            users=self._users(),
            codes=noted,
            variables=_variables(cases, sources),
            cases=cases,
            sources=sources,
            notes=tuple(note for note in self._all_notes() if note.guid in referred),
            links=tuple(_links(self.kept.get("links", ()), {c.guid for c in codes} | {s.guid for s in sources})),
            sets=tuple(_sets(self.kept.get("sets", ()), {c.guid for c in codes}, {s.guid for s in sources}, referred)),
            about=about,
            at=_begun(self.log),
        )

    def _users(self) -> tuple[refi.User, ...]:
        said = {coding.coder for codings in self.codings.values() for coding in codings}
        said |= {memo.coder for memo in self.standing.memos.values()}
        people = [coder for coder in self.coders.values() if coder.id in said or coder.kind is CoderKind.HUMAN]
        return tuple(refi.User(self.guids.of("coder", coder.id), coder.name, coder.id) for coder in people)

    def _notes(self, on: MemoOn, item: str) -> tuple[str, ...]:
        return tuple(self.guids.of("memo", memo.id) for memo in self.memos.get((on, item), ()))

    def _all_notes(self) -> Iterable[refi.Note]:
        for memo in sorted(self.standing.memos.values(), key=lambda memo: memo.id):
            user = self.guids.of("coder", memo.coder) if memo.coder in self.coders else None
            yield refi.Note(self.guids.of("memo", memo.id), "Memo", memo.text, user, memo.at)

    def _source(self, transcript: Transcript) -> refi.Source:
        spans: dict[tuple[int, int], list[Coding]] = defaultdict(list)
        for coding in self.codings.get(transcript.id, ()):
            spans[coding.start, coding.end].append(coding)
        places: dict[tuple[int, int], tuple[str, ...]] = {}
        for on, item in list(self.memos):
            if on is MemoOn.SEGMENT and (place := span_of(item)) is not None and place[0] == transcript.id:
                start, end = place[1], min(place[2], len(transcript.text))
                if start < end:
                    places[start, end] = self._notes(on, item)
        whole = (0, len(transcript.text))
        on_whole = [] if whole in places else spans.pop(whole, [])
        turns = {(turn.start, turn.end) for turn in transcript.turns if turn.case and turn.start < turn.end}
        turns = turns if len(_people(transcript)) > 1 else set()
        return refi.Source(
            guid=self.guids.of("transcript", transcript.id),
            name=transcript.name,
            text=transcript.text,
            selections=self._selections(transcript, sorted(spans.keys() | places.keys() | turns), spans, places),
            codings=tuple(self._coding(coding) for coding in on_whole),
            notes=self._notes(MemoOn.TRANSCRIPT, transcript.id),
            values=_values(source_facts(transcript)),
            sync=tuple(refi.Sync(point.offset, point.ms) for point in transcript.sync),
        )

    def _selections(
        self,
        transcript: Transcript,
        spans: Sequence[tuple[int, int]],
        codings: Mapping[tuple[int, int], Sequence[Coding]],
        notes: Mapping[tuple[int, int], tuple[str, ...]],
    ) -> tuple[refi.Selection, ...]:
        found = []
        for start, end in spans:
            held = tuple(self._coding(coding) for coding in codings.get((start, end), ()))
            guid = self.guids.selection(transcript.id, start, end)
            user, at = (held[0].user, held[0].at) if held else (None, "")
            found.append(refi.Selection(guid, start, end, "", "", user, at, held, notes.get((start, end), ())))
        return tuple(sorted(found, key=lambda one: (one.start, one.end, one.guid)))

    def _coding(self, coding: Coding) -> refi.Coding:
        target = coding_target(coding.coder, coding.transcript, coding.start, coding.end, coding.code)
        code, coder = self.guids.of("code", coding.code), self.guids.of("coder", coding.coder)
        span = self.guids.selection(coding.transcript, coding.start, coding.end)
        return refi.Coding(made_guid("coding", span, code, coder), code, coder, self.at.get(target, ""))

    def _cases(self) -> Iterable[refi.Case]:
        """People: whole sources where they are the only one in it, else their turns."""
        sources: dict[str, list[str]] = defaultdict(list)
        turns: dict[str, list[str]] = defaultdict(list)
        for transcript in self.transcripts:
            people = _people(transcript)
            for turn in transcript.turns:
                if turn.case is None or turn.start >= turn.end:
                    continue
                if len(people) == 1:
                    sources[turn.case].append(self.guids.of("transcript", transcript.id))
                else:
                    turns[turn.case].append(self.guids.selection(transcript.id, turn.start, turn.end))
        for case in sorted(sources.keys() | turns.keys()):
            known = self.cases.get(case, Case(case, case))
            told = "\n\n".join(memo.text for memo in self.memos.get((MemoOn.CASE, case), ()))
            yield refi.Case(
                self.guids.of("case", case),
                " ".join(case.split()),
                told.strip(),
                _values(case_facts(known)),
                tuple(dict.fromkeys(sources[case])),
                tuple(dict.fromkeys(turns[case])),
            )


def case_facts(case: Case) -> dict[str, str]:
    """What is known of a person, her name among it where it is not her id."""
    return {**case.attributes, **({NAME_VARIABLE: case.name} if case.name not in ("", case.id) else {})}


def source_facts(transcript: Transcript) -> dict[str, str]:
    """What is known of a source rather than of the person."""
    own = {"wave": transcript.wave, "date": transcript.date}
    return {**transcript.attributes, **{name: value for name, value in own.items() if value}}


def span_of(segment: str) -> tuple[str, int, int] | None:
    """Transcript, start and end of a segment's id; None for what is none."""
    transcript, _, place = segment.rpartition(":")
    start, _, end = place.partition("-")
    return (transcript, int(start), int(end)) if start.isdecimal() and end.isdecimal() else None


def _yes(coding: Coding) -> bool:
    return coding.status is Status.ACCEPTED


def _people(transcript: Transcript) -> set[str]:
    return {turn.case for turn in transcript.turns if turn.case is not None}


def _values(facts: Mapping[str, str]) -> tuple[refi.Value, ...]:
    clean = {" ".join(name.split()): value.strip() for name, value in sorted(facts.items())}
    return tuple(refi.Value(name, value) for name, value in sorted(clean.items()) if name and value)


def _variables(cases: Iterable[refi.Case], sources: Iterable[refi.Source]) -> tuple[str, ...]:
    named = {value.variable for case in cases for value in case.values}
    return tuple(sorted(named | {value.variable for source in sources for value in source.values}))


def _begun(log: Sequence[Decision]) -> str:
    return min((decision.at for decision in log), default="")


def _sets(kept: Iterable[Mapping[str, Any]], codes: set[str], sources: set[str], notes: set[str]) -> Iterable[refi.Set]:
    """The sets that came from another program, with what is still there of them."""
    for one in kept:
        yield refi.Set(
            one["guid"],
            one["name"],
            one["description"],
            tuple(guid for guid in one["codes"] if guid in codes),
            tuple(guid for guid in one["sources"] if guid in sources),
            tuple(guid for guid in one["notes"] if guid in notes),
        )


def _links(kept: Iterable[Mapping[str, Any]], known: set[str]) -> Iterable[refi.Link]:
    for one in kept:
        if one["origin"] in known and one["target"] in known:
            yield refi.Link(one["guid"], one["name"], one["direction"], one["origin"], one["target"])
