"""A whole project as plain values and back: what travels in the side file of an archive, so that our own journey loses nothing.

Vectors are left out: they follow from the words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import groupby
from typing import Any, TypeVar

from textcoder import __version__
from textcoder.domain.coding import Coder, CoderKind, Coding, LensPlacement, Status
from textcoder.domain.decision import Decision, DecisionKind, Verb, coding_of
from textcoder.domain.project import Case, Lens, Method, Project
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus, Unassigned
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, SyncPoint, Transcript, Turn
from textcoder.errors import UnreadableFile
from textcoder.store import Store
from textcoder.workflow.picturing import KEPT, Guids

_STEPS = ("lenses", "themes", "draft", "code")
T = TypeVar("T")


@dataclass(frozen=True)
class Whole:
    """All that a project is, but for its vectors.

    Attributes:
        original: Bytes of the files, by sha256.
        finished: Step to key.
        values: What is kept with the project, by name.
    """

    project: Project
    transcripts: tuple[Transcript, ...]
    files: tuple[SourceFile, ...]
    segments: tuple[Segment, ...]
    cases: tuple[Case, ...]
    coders: tuple[Coder, ...]
    decisions: tuple[Decision, ...]
    codings: tuple[Coding, ...]
    placements: tuple[LensPlacement, ...]
    themes: ThemeMap
    finished: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    original: Mapping[str, bytes] = field(default_factory=dict)


def whole(store: Store) -> Whole:
    """Read all of a project, at one moment."""
    with store.reading():
        transcripts, files, coders = store.transcripts(), store.files(), store.coders()
        machines = {coder.id for coder in coders if coder.kind is CoderKind.MACHINE}
        steps = [*_STEPS, *(f"{step} {file.path}" for file in files for step in ("read", "speakers of", "set aside"))]
        names = [f"reading of {file.path}" for file in files]
        ways = [way for name in names if (way := store.value(name)) is not None]
        return Whole(
            project=store.project(),
            transcripts=tuple(transcripts),
            files=tuple(files),
            segments=tuple(store.segments()),
            cases=tuple(store.cases()),
            coders=tuple(coders),
            decisions=tuple(store.decisions()),
            codings=tuple(coding for coding in store.codings() if coding.coder in machines),
            placements=tuple(store.placements().values()),
            themes=store.themes(),
            finished={step: key for step in steps if (key := store.finished(step)) is not None},
            values={name: v for name in [*names, *ways, "encoder"] if (v := store.value(name)) is not None}
            | {KEPT: {**(store.value(KEPT) or {}), "namespace": Guids(store).namespace}},
            original={transcript.sha256: store.original(transcript.sha256) for transcript in transcripts},
        )


def carried(project: Whole) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A project as plain values, and the files that are more than their text: a text file is what its transcript says."""
    texts = {t.sha256: t.text.encode("utf-8", "surrogatepass") for t in project.transcripts}
    values = {
        "textcoder": __version__,
        **{name: _plain(getattr(project, name)) for name in (one.name for one in fields(Whole)) if name != "original"},
        "decisions": [asdict(decision) for decision in project.decisions],
    }
    return values, {sha256: data for sha256, data in project.original.items() if texts.get(sha256) != data}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [asdict(one) for one in value]
    return asdict(value) if isinstance(value, Project | ThemeMap) else value


def brought(values: Mapping[str, Any], originals: Mapping[str, bytes], file: str) -> Whole:
    """The project that `carried` took apart.

    Raises:
        UnreadableFile: It is not what `carried` wrote: a field is missing, a span lies outside its text, a file has another hash.
    """
    damaged = UnreadableFile(file, "what textcoder wrote into the archive is damaged.", "Export it once more.")
    try:
        found = _whole(values)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise damaged from error
    data = {t.sha256: originals.get(t.sha256, t.text.encode("utf-8", "surrogatepass")) for t in found.transcripts}
    hashed = all(hashlib.sha256(held).hexdigest() == sha256 for sha256, held in data.items())
    if not hashed or not _sound(found):
        raise damaged
    return replace(found, original=data)


def _sound(project: Whole) -> bool:
    """Whether every span lies in its text, and everything that is named is there."""
    length = {transcript.id: len(transcript.text) for transcript in project.transcripts}
    said = [coding_of(d.target) for d in project.decisions if d.kind is DecisionKind.SET_CODING]
    spans = [(t.id, turn.start, turn.end) for t in project.transcripts for turn in t.turns]
    spans += [(s.transcript, s.start, s.end) for s in project.segments]
    spans += [(c.transcript, c.start, c.end) for c in project.codings]
    spans += [place[1:4] for place in said]
    segments, coders = {segment.id for segment in project.segments}, {coder.id for coder in project.coders}
    numbers = [decision.number for decision in project.decisions]
    return (
        all(0 <= start <= end <= length.get(transcript, -1) for transcript, start, end in spans)
        and {placement.segment for placement in project.placements} <= segments
        and {segment for theme in project.themes.themes for segment in (*theme.segments, *theme.representatives)}
        <= segments
        and {one.segment for one in project.themes.unassigned} <= segments
        and {decision.coder for decision in project.decisions} <= coders
        and {coding.coder for coding in project.codings} <= coders
        and numbers == list(range(1, len(numbers) + 1))
    )


def _whole(values: Mapping[str, Any]) -> Whole:
    about = dict(values["project"])
    lenses = tuple(Lens(**{**one, "examples": tuple(one["examples"])}) for one in about.pop("lenses"))
    themes = values["themes"]
    return Whole(
        project=Project(**{**about, "lenses": lenses, "method": Method(about["method"])}),
        transcripts=tuple(_transcript(one) for one in values["transcripts"]),
        files=tuple(SourceFile(**{**one, "outcome": Outcome(one["outcome"])}) for one in values["files"]),
        segments=_many(Segment, values["segments"]),
        cases=_many(Case, values["cases"]),
        coders=tuple(Coder(**{**one, "kind": CoderKind(one["kind"])}) for one in values["coders"]),
        decisions=tuple(_decision(one) for one in values["decisions"]),
        codings=tuple(Coding(**{**one, "status": Status(one["status"])}) for one in values["codings"]),
        placements=_many(LensPlacement, values["placements"]),
        themes=ThemeMap(tuple(_theme(one) for one in themes["themes"]), _many(Unassigned, themes["unassigned"])),
        finished={str(step): str(key) for step, key in values["finished"].items()},
        values=dict(values["values"]),
    )


def _many(kind: type[T], rows: Iterable[Mapping[str, Any]]) -> tuple[T, ...]:
    return tuple(kind(**row) for row in rows)


def _transcript(row: Mapping[str, Any]) -> Transcript:
    turns = tuple(Turn(**{**one, "role": Role(one["role"])}) for one in row["turns"])
    parts = {"turns": turns, "pages": tuple(row["pages"]), "sync": _many(SyncPoint, row["sync"])}
    return Transcript(**{**row, **parts})


def _theme(row: Mapping[str, Any]) -> Theme:
    several = {name: tuple(row[name]) for name in ("keywords", "segments", "representatives")}
    return Theme(**{**row, **several, "status": ThemeStatus(row["status"])})


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(**{**row, "kind": DecisionKind(row["kind"]), "verb": Verb(row["verb"])})


# --- into a store -----------------------------------------------------------------------------------------------------------------------


def is_ahead(there: Whole, store: Store) -> bool:
    """Whether a project goes on from what a store holds: the same decisions and texts, and more of them or as many."""
    log = store.decisions()
    held = {transcript.id for transcript in store.transcripts()}
    return list(there.decisions[: len(log)]) == log and held <= {transcript.id for transcript in there.transcripts}


def is_behind(there: Whole, store: Store) -> bool:
    """Whether all that a project holds is in the store already: its decisions, in their order, and its texts."""
    log = store.decisions()
    held = {transcript.id for transcript in store.transcripts()}
    return log[: len(there.decisions)] == list(there.decisions) and held >= {t.id for t in there.transcripts}


def restore(there: Whole, store: Store) -> None:
    """Make the store's project what `there` is, for one that is ahead of it; in one transaction."""
    have = len(store.decisions())
    with store.transaction():
        store.save_project(replace(there.project, id=store.project().id))
        store.save_cases(there.cases)
        _put_transcripts(there, store)
        for coder in there.coders:
            store.save_coder(coder)
        for _, act in groupby(there.decisions[have:], key=lambda decision: decision.act):
            decisions = list(act)
            store.append(decisions, key=decisions[0].key)
        for coder in there.coders:
            if coder.kind is CoderKind.MACHINE:
                store.save_codings([coding for coding in there.codings if coding.coder == coder.id], coder=coder.id)
        store.save_placements(there.placements)
        store.save_themes(there.themes)
        for step, key in there.finished.items():
            store.finish(step, key)
        for name, value in there.values.items():
            store.save_value(name, value)


def _put_transcripts(there: Whole, store: Store) -> None:
    segments: dict[str, list[Segment]] = {transcript.id: [] for transcript in there.transcripts}
    for segment in there.segments:
        segments[segment.transcript].append(segment)
    named: dict[str, Sequence[SourceFile]] = {
        t.id: [f for f in there.files if f.transcript == t.id] for t in there.transcripts
    }
    for transcript in there.transcripts:
        first = next(
            (file for file in named[transcript.id] if file.outcome is Outcome.READ),
            SourceFile(transcript.name, transcript.sha256, Outcome.READ, transcript=transcript.id),
        )
        store.add_transcript(
            transcript, segments[transcript.id], file=first, original=there.original[transcript.sha256]
        )
    for file in there.files:
        store.record_file(file)
