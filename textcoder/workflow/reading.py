"""From bytes to what is coded, and once more when people have said who speaks: each file as it was read the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textcoder import __version__
from textcoder.domain.decision import Decision, roles_of, speakers_of
from textcoder.domain.project import Case
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, Spoken, Transcript
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.steps import Progress, silent, step_key

if TYPE_CHECKING:
    from textcoder.cases import CaseTable
    from textcoder.formats.tables import Columns


@dataclass(frozen=True)
class Reading:
    """How files are to be read: what a person says of them.

    Attributes:
        cases: Table of cases and attributes.
        pattern: How file names are built, such as `w{wave}_{case}_{name}`.
        encoding: Of all text files; None finds it for each.
        columns: Of tables; None finds them for each.
        roles: Speaker -> role, for all files.
    """

    cases: Path | None = None
    pattern: str | None = None
    encoding: str | None = None
    columns: Columns | None = None
    roles: Mapping[str | None, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of the speakers of one transcript: it stands whatever the file and the guess say.

    Attributes:
        roles: By speaker.
        speakers: By the start of the turn, for the turns that were corrected.
    """

    roles: Mapping[str | None, Role] = field(default_factory=dict)
    speakers: Mapping[int, Spoken] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Any, ...]:
        """What a step that follows it depends on."""
        return (self.roles, *([list(self.speakers.items())] if self.speakers else []))


def said_in(decisions: Iterable[Decision]) -> dict[str, Said]:
    """What people said of the speakers, by transcript."""
    log = list(decisions)
    roles, spoken = roles_of(log), speakers_of(log)
    return {
        transcript: Said(
            roles.get(transcript, {}),
            {start: one for start, one in spoken.get(transcript, {}).items() if one.corrected},
        )
        for transcript in roles.keys() | spoken.keys()
    }


def read_transcript(
    data: bytes, name: str, settings: Settings, reading: Reading, table: CaseTable | None, said: Said
) -> tuple[Transcript, tuple[Case, ...], list[Segment], str]:
    """Text and turns, who speaks, roles, cases, segments; with a note on how it was read, where there is something to say."""
    from textcoder.cases import assign
    from textcoder.formats import read_source
    from textcoder.roles import guess_roles
    from textcoder.segmentation import segment_transcript

    source = read_source(data, name, settings=settings, encoding=reading.encoding, columns=reading.columns)
    # Guessed from the file as it is, so that a correction moves no other speaker's role.
    guessed = guess_roles(source.transcript)
    transcript = guessed.with_speakers(said.speakers).with_roles({**reading.roles, **said.roles})
    transcript, cases = assign(
        replace(source, transcript=transcript), path_name=name, table=table, pattern=reading.pattern
    )
    return transcript, cases, segment_transcript(transcript, settings), _with_lost(source.note, guessed, said)


def _with_lost(note: str, transcript: Transcript, said: Said) -> str:
    """The note, with the corrections that no turn of the file meets: another version, or other columns, may cut it otherwise."""
    lost = sum(transcript.turn_at(start) is None for start in said.speakers)
    told = f"{lost} correction{'s' if lost != 1 else ''} of who speaks meet{'s' if lost == 1 else ''} no turn any more."
    return f"{note} {told}".strip() if lost else note


_SETTINGS = ("language", "include_interviewer", "min_words", "max_words", "max_file_mb")


def reading_settings(settings: Settings) -> dict[str, Any]:
    """The settings by which a file is read otherwise."""
    return {name: getattr(settings, name) for name in _SETTINGS} | {"version": __version__}


# --- reading again ----------------------------------------------------------------------------------------------------------------------


class Ways:
    """How each file was read, kept with the project: once for all files that were read alike."""

    def __init__(self, store: Store, settings: Settings, reading: Reading, table: CaseTable | None) -> None:
        self._store = store
        self._way = {
            "settings": {name: getattr(settings, name) for name in _SETTINGS},
            "pattern": reading.pattern,
            "encoding": reading.encoding,
            "columns": None if reading.columns is None else asdict(reading.columns),
            "roles": [[speaker, role.value] for speaker, role in reading.roles.items()],
            "table": None if table is None else {"file": table.file, "rows": [asdict(row) for row in table.rows]},
        }
        self._name = f"reading {step_key(self._way)}"

    def note(self, file: str, said: Said) -> None:
        """A file was read so, with what people had said of its speakers."""
        if self._store.value(self._name) is None:
            self._store.save_value(self._name, self._way)
        if self._store.value(f"reading of {file}") != self._name:
            self._store.save_value(f"reading of {file}", self._name)
        _follow(self._store, file, said)


def _follow(store: Store, file: str, said: Said) -> None:
    key = step_key(*said.parts)
    if store.finished(f"speakers of {file}") != key:
        store.finish(f"speakers of {file}", key)


def follow_speakers(store: Store, settings: Settings, *, progress: Progress = silent) -> list[SourceFile]:
    """Read again, from the bytes that are kept, what people have said otherwise since: who speaks, and in which role.

    A file that was read before it was kept how is left to the next import. Returns the files that were read again.
    Cost: as at import, for these files only; all others cost a look into the store.
    """
    people = said_in(store.decisions())
    waiting = [
        file
        for file in store.files()
        if file.outcome is Outcome.READ
        and store.value(f"reading of {file.path}") is not None
        and store.finished(f"speakers of {file.path}") != step_key(*people.get(file.transcript or "", Said()).parts)
    ]
    again = []
    for i, file in enumerate(waiting):
        progress("Following who speaks", i, len(waiting))
        again.append(_read_again(store, settings, file, people.get(file.transcript or "", Said())))
    if waiting:
        progress("Following who speaks", len(waiting), len(waiting))
    return again


def _read_again(store: Store, settings: Settings, file: SourceFile, said: Said) -> SourceFile:
    way = store.value(store.value(f"reading of {file.path}"))
    reading, table = _reading_of(way)
    data = store.original(file.sha256)
    as_then = replace(settings, **way["settings"])
    transcript, cases, segments, note = read_transcript(data, file.path, as_then, reading, table, said)
    read = replace(file, note=note)
    with store.transaction():
        if all(one.transcript != file.transcript for one in store.files()):
            return file  # it was corrected meanwhile, and this text stands no more
        store.save_cases(cases)
        store.add_transcript(transcript, segments, file=read, original=data)
        _follow(store, file.path, said)
    return read


def read_corrected(
    store: Store, settings: Settings, before: Transcript, data: bytes, said: Said
) -> tuple[Transcript, tuple[Case, ...], list[Segment], str]:
    """Read other bytes of a file in the way in which it was read the first time.

    Where nobody kept how (a project whose names were replaced), what is known of the file as it is stands: whose words each speaker's
    are, wave, date and attributes.

    Raises:
        UnreadableFile: As at import.
    """
    way = store.value(store.value(f"reading of {before.name}") or "")
    if way is not None:
        reading, table = _reading_of(way)
        return read_transcript(data, before.name, replace(settings, **way["settings"]), reading, table, said)
    from textcoder.segmentation import segment_transcript

    reading = Reading(roles=before.speakers())
    one, cases, _, note = read_transcript(data, before.name, settings, reading, None, said)
    case_of = {turn.speaker: turn.case for turn in before.turns}
    turns = tuple(replace(turn, case=case_of.get(turn.speaker, turn.case)) for turn in one.turns)
    one = replace(one, turns=turns, wave=before.wave, date=before.date, attributes=before.attributes)
    used = {turn.case for turn in turns} - set(case_of.values())
    return one, tuple(case for case in cases if case.id in used), segment_transcript(one, settings), note


def follows_speakers(store: Store, file: str, said: Said) -> None:
    """Note that a file was read with what people had said of its speakers."""
    _follow(store, file, said)


def _reading_of(way: Mapping[str, Any]) -> tuple[Reading, CaseTable | None]:
    from textcoder.cases import CaseRow, CaseTable
    from textcoder.formats.tables import Columns

    said: dict[str, Any] | None = way["columns"]
    several = {name: tuple(said[name]) for name in ("text", "attributes")} if said else {}
    columns = Columns(**{**said, **several}) if said else None
    roles = {speaker: Role(role) for speaker, role in way["roles"]}
    held = way["table"]
    table = None if held is None else CaseTable(held["file"], tuple(CaseRow(**row) for row in held["rows"]))
    return Reading(None, way["pattern"], way["encoding"], columns, roles), table
