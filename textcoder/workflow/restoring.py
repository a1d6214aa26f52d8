"""A whole project as plain values and back: what travels in the side file of an archive, so that our own journey loses nothing.

Vectors are left out: they follow from the words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from itertools import groupby
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from textcoder import __version__
from textcoder.domain.coding import Coder, CoderKind, Coding, LensPlacement
from textcoder.domain.decision import Decision, DecisionKind, coding_of
from textcoder.domain.project import Case, Project
from textcoder.domain.standing import Standing
from textcoder.domain.theme import ThemeMap
from textcoder.domain.transcript import Outcome, Segment, SourceFile, Transcript
from textcoder.errors import UnreadableFile
from textcoder.refi.model import Link, Set
from textcoder.store import Store
from textcoder.workflow.picturing import KEPT, Guids
from textcoder.workflow.replaced import away, keep_away

_STEPS = ("lenses", "themes", "draft", "code")
ENCODER = ("encoder", "encoder_runtime")
"""Under these names a project keeps with what its themes were found; see `workflow.live.as_coded`."""
T = TypeVar("T")


@dataclass(frozen=True)
class Whole:
    """All that a project is, but for its vectors.

    Attributes:
        transcripts: Those that are read, then those that were put away since their files were corrected; segments likewise.
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
    original: Mapping[str, Any] = field(default_factory=dict)


def whole(store: Store) -> Whole:
    """Read all of a project, at one moment."""
    with store.reading():
        files, coders, decisions = store.files(), store.coders(), store.decisions()
        put_away = away(store, Standing(decisions).replaced)
        transcripts = [*store.transcripts(), *(one for one, _ in put_away)]
        segments = [*store.segments(), *(segment for _, some in put_away for segment in some)]
        machines = {coder.id for coder in coders if coder.kind is CoderKind.MACHINE}
        steps = [*_STEPS, *(f"{step} {file.path}" for file in files for step in ("read", "speakers of", "set aside"))]
        names = [f"reading of {file.path}" for file in files]
        ways = [way for name in names if (way := store.value(name)) is not None]
        return Whole(
            project=store.project(),
            transcripts=tuple(transcripts),
            files=tuple(files),
            segments=tuple(segments),
            cases=tuple(store.cases()),
            coders=tuple(coders),
            decisions=tuple(decisions),
            codings=tuple(coding for coding in store.codings() if coding.coder in machines),
            placements=tuple(store.placements().values()),
            themes=store.themes(),
            finished={step: key for step in steps if (key := store.finished(step)) is not None},
            values={name: v for name in [*names, *ways, *ENCODER] if (v := store.value(name)) is not None}
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


def built(kind: Any, value: Any) -> Any:
    """A value of this type, made of what JSON gives back; types are those that the fields of our dataclasses have.

    Raises:
        TypeError: It is of another type.
        ValueError: It is no member of an enumeration, or no number that every database keeps.
        KeyError: A field is missing.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, UnionType):
        return None if value is None else built(next(one for one in inner if one is not NoneType), value)
    if origin is tuple:
        return tuple(built(inner[0], one) for one in _checked(list, value))
    if origin is Mapping:
        return {built(inner[0], key): built(inner[1], one) for key, one in _checked(dict, value).items()}
    if is_dataclass(kind):
        rows, hints = _checked(dict, value), get_type_hints(kind)
        if rows.keys() - hints.keys():
            raise TypeError("a field that is not known")
        return cast(Any, kind)(**{one.name: built(hints[one.name], rows[one.name]) for one in fields(kind)})
    if issubclass(kind, StrEnum):
        return kind(value)
    if kind is float and type(value) is int:
        value = float(value)
    if kind in (int, float) and not abs(_checked(kind, value)) <= MOST:
        raise ValueError("a number that is none")
    return _checked(kind, value)


MOST = 2**53
"""Up to here every database, and JSON, keeps whole numbers."""


def _checked(kind: type[T], value: Any) -> T:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} for {kind.__name__}")
    return value


@dataclass(frozen=True, slots=True)
class _Kept:
    """What other programs call the things of a project; see `textcoder.workflow.picturing.KEPT`."""

    namespace: str
    guids: Mapping[str, str]
    sets: tuple[Set, ...]
    links: tuple[Link, ...]


def _whole(values: Mapping[str, Any]) -> Whole:
    given = {name: value for name, value in values.items() if name != "textcoder"}
    found: Whole = built(Whole, {**given, "original": {}})
    Standing(found.decisions)  # a state that says nothing would break every later reading of the log
    built(_Kept, {"guids": {}, "sets": [], "links": [], **found.values[KEPT]})
    return found


# --- into a store -----------------------------------------------------------------------------------------------------------------------


def is_ahead(there: Whole, store: Store) -> bool:
    """Whether a project goes on from what a store holds: the same decisions and texts, and more of them or as many."""
    log = store.decisions()
    held = {transcript.id for transcript in store.transcripts()}
    return list(there.decisions[: len(log)]) == log and held <= {transcript.id for transcript in there.transcripts}


def is_behind(there: Whole, store: Store) -> bool:
    """Whether all that a project holds is in the store already: its decisions, in their order, and its texts."""
    log = store.decisions()
    held = {transcript.id for transcript in store.transcripts()} | Standing(log).replaced
    return log[: len(there.decisions)] == list(there.decisions) and held >= {t.id for t in there.transcripts}


def restore(there: Whole, store: Store) -> None:
    """Make the store's project what `there` is, for one that is ahead of it; in one transaction."""
    have, replaced = len(store.decisions()), Standing(there.decisions).replaced
    with store.transaction():
        store.save_project(replace(there.project, id=store.project().id))
        store.save_cases(there.cases)
        _put_transcripts(there, store)
        for coder in there.coders:
            store.save_coder(coder)
        for _, act in groupby(there.decisions[have:], key=lambda decision: decision.act):
            decisions = list(act)
            store.append(decisions, key=decisions[0].key)
        for transcript in there.transcripts:
            if transcript.id in replaced:
                keep_away(store, transcript, [one for one in there.segments if one.transcript == transcript.id])
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
