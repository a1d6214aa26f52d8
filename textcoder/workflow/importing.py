"""Files in: read, roles, cases, segments; each file is there wholly or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textcoder.domain.acts import give_role, heard
from textcoder.domain.coding import Coder
from textcoder.domain.decision import By, Decision, DecisionKind, roles_of, transcripts_of
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Outcome, Role, SourceFile
from textcoder.errors import InvalidDecision, NothingToCode, UnknownItem, UnreadableFile
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.reading import Reading, Said, Ways, read_transcript, reading_settings, said_in
from textcoder.workflow.replaced import corrected_meanwhile
from textcoder.workflow.steps import RESEARCHER, Progress, now, silent, step_key

if TYPE_CHECKING:
    from textcoder.cases import CaseTable


MARK = "pseudonyms"
"""Under this name a project keeps that its names were replaced: {"key": id of the key, "names": how many}."""


def import_files(
    store: Store, paths: Sequence[Path], settings: Settings, *, reading: Reading, progress: Progress = silent
) -> list[SourceFile]:
    """Read files and folders into the project; a file that cannot be read is named with the reason and the rest goes on.

    A file that is there already, read in the same way, is not read again. The same bytes under two names are read once. A file that
    has changed takes the place of what it was. What lies in a folder without being a transcript is set aside, with the reason; named by
    itself it is read.

    Raises:
        UnreadableFile: A path does not exist.
        NothingToCode: No file at all could be read.
        InvalidDecision: The names of this project were replaced by pseudonyms.
    """
    from textcoder.cases import read_case_table

    if store.value(MARK) is not None:
        raise InvalidDecision(
            "Names of this project were replaced by pseudonyms, and new files would bring names in; "
            "read them with `textcoder pseudonyms import`."
        )
    found = _collect(paths, leave_out=reading.cases)
    named = {path.resolve() for path in paths}
    table = read_case_table(reading.cases) if reading.cases else None
    importer = _Importer(store, settings, reading, table, folder=[name for _, name in found])
    outcomes = []
    for i, (path, name) in enumerate(found):
        progress("Reading", i, len(found))
        outcomes.append(importer.take(path, name))
    progress("Reading", len(found), len(found))
    importer.set_aside([name for path, name in found if path not in named])
    files = {file.path: file for file in store.files()}
    if not any(file.outcome is Outcome.READ for file in files.values()):
        reasons = " ".join(file.note for file in outcomes if file.note)
        raise NothingToCode(f"None of the {len(found)} files could be read. {reasons}".strip())
    return [files[file.path] for file in outcomes]


def _collect(paths: Sequence[Path], *, leave_out: Path | None) -> list[tuple[Path, str]]:
    """Each file once with the name it goes by: relative to the folder that was given. Sorted, so that order changes nothing."""
    found: dict[Path, str] = {}
    for path in paths:
        if not path.exists():
            raise UnreadableFile(str(path), "there is no such file or folder.", "Check the spelling.")
        if not path.is_dir():
            found[path.resolve()] = path.name
            continue
        for file in _walk(path):
            found.setdefault(file.resolve(), file.relative_to(path).as_posix())
    if leave_out is not None:
        found.pop(leave_out.resolve(), None)
    names = list(found.values())
    # Two folders may hold files of one name; then the folder's name tells them apart.
    named = {p: n if names.count(n) == 1 else f"{p.parent.name}/{n}" for p, n in found.items()}
    return sorted(named.items(), key=lambda item: (item[1], item[0]))


def _walk(folder: Path) -> list[Path]:
    """All files below, sorted; the system's own (hidden ones, lock files of Word) are not a person's."""
    try:
        entries = sorted(folder.iterdir())
    except PermissionError as error:
        raise UnreadableFile(
            str(folder), "there is no right to look into this folder.", "Ask its owner, or copy it."
        ) from error
    files: list[Path] = []
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            continue
        files += _walk(entry) if entry.is_dir() else [entry]
    return files


class _Importer:
    """Takes files into the project one by one, and knows which are there already."""

    def __init__(
        self, store: Store, settings: Settings, reading: Reading, table: CaseTable | None, *, folder: Sequence[str]
    ) -> None:
        self.store, self.settings, self.reading, self.table = store, settings, reading, table
        self.folder = step_key("folder", folder)
        self.known = {file.path: file for file in store.files()}
        log = store.decisions()
        self.people = said_in(log)
        standing = Standing(log)
        self.number, self.replaced = standing.number, standing.replaced
        self.ways = Ways(store, settings, reading, table)
        self.coded = _worked_on(standing) | {transcript for transcript, said in self.people.items() if said.speakers}
        self.first_with: dict[str, str] = {}

    def take(self, path: Path, name: str) -> SourceFile:
        """Read one file into the project, or note why not; a file that has changed takes the place of what it was."""
        before = self.known.get(name)
        try:
            data = bytes_of(path, name, self.settings)
            file = self._read_or_keep(data, name)
        except UnreadableFile as error:
            file = SourceFile(name, "", Outcome.UNREADABLE, str(error))
        if before and before.transcript in self.coded and file.transcript != before.transcript:
            file = replace(before, note=f"{file.note} The version that people worked on stands.".strip())
            self.store.record_file(file)
        with self.store.transaction():
            self._refuse_corrected()
            if before and before.outcome is Outcome.READ and before.transcript != file.transcript:
                self.store.remove_transcript(before.transcript or "")
            if file.outcome is not Outcome.READ:
                self.store.record_file(file)
        if file.outcome is Outcome.READ:
            self.first_with[file.sha256] = name
        return file

    def _read_or_keep(self, data: bytes, name: str) -> SourceFile:
        sha256 = hashlib.sha256(data).hexdigest()
        transcript_id = f"t{sha256[:12]}"
        if sha256 in self.first_with:
            note = f"{name} holds the same bytes as {self.first_with[sha256]}; read once."
            return SourceFile(name, sha256, Outcome.DUPLICATE, note, transcript_id)
        before = self.known.get(name)
        if transcript_id in self.replaced:
            return self._as_it_was(SourceFile(name, sha256, Outcome.DUPLICATE, transcript=transcript_id), before)
        if before and before.transcript in self.coded and before.sha256 != sha256:
            note = (
                f"{name} has changed since people coded it or said who speaks; their version stands. To put the new one in its place, "
                "with all that is coded, use `textcoder correct`; or give it another name."
            )
            kept = replace(before, note=note)
            self.store.record_file(kept)
            return kept
        said, settings = self.people.get(transcript_id, Said()), reading_settings(self.settings)
        key = step_key("read", sha256, settings, asdict(self.reading), *said.parts, repr(self.table))
        if before and self._stands(before) and self.store.finished(f"read {name}") == key:
            self.ways.note(name, said)
            return before
        transcript, cases, segments, note = read_transcript(data, name, self.settings, self.reading, self.table, said)
        file = SourceFile(name, sha256, Outcome.READ, note, transcript.id)
        with self.store.transaction():
            self._refuse_corrected()
            self.store.save_cases(cases)
            self.store.add_transcript(transcript, segments, file=file, original=data)
            self.store.finish(f"read {name}", key)
            self.ways.note(name, said)
        return file

    def _refuse_corrected(self) -> None:
        """See that what is known of the texts still holds: two of one person would stand side by side."""
        if any(one.kind is DecisionKind.SET_TEXT for one in self.store.decisions(after=self.number)):
            raise corrected_meanwhile()

    def _as_it_was(self, file: SourceFile, before: SourceFile | None) -> SourceFile:
        """A file that holds what was corrected since: the corrected text stands, and nobody speaks twice."""
        note = f"{file.path} holds a text as it was before it was corrected; the corrected one stands."
        if before and before.outcome is Outcome.READ:
            file = before
        kept = replace(file, note=note, transcript=file.transcript if file.outcome is Outcome.READ else None)
        self.store.record_file(kept)
        return kept

    def _stands(self, file: SourceFile) -> bool:
        """True where what became of the file need not be found out again: what else lies there decides what is set aside."""
        aside = file.outcome is Outcome.SET_ASIDE and self.store.finished(f"set aside {file.path}") == self.folder
        return file.outcome is Outcome.READ or aside

    def set_aside(self, names: Sequence[str]) -> None:
        """Take out of the project what lies in the folder without being a transcript of its own."""
        from textcoder.selection import set_aside

        files = {
            file.transcript: file for file in self.store.files() if file.path in names and file.outcome is Outcome.READ
        }
        reasons = set_aside([t for t in self.store.transcripts() if t.id in files and t.id not in self.coded])
        for transcript, reason in reasons.items():
            file = files[transcript]
            note = f"{file.path} was set aside: {reason}. If it is a transcript, name the file itself."
            with self.store.transaction():
                self.store.remove_transcript(transcript)
                self.store.record_file(replace(file, outcome=Outcome.SET_ASIDE, note=note, transcript=None))
                self.store.finish(f"set aside {file.path}", self.folder)


def _worked_on(standing: Standing) -> set[str]:
    """Ids of the transcripts on which people's work stands: another text under the same name would tear it off."""
    found = {coding.transcript for coding in standing.codings.values()} | set(standing.texts.values())
    for kind in (DecisionKind.SET_REVIEW, DecisionKind.SET_QUOTE, DecisionKind.SET_MEMO, DecisionKind.SET_SAMPLE):
        for target, state in standing.states(kind).items():
            found |= transcripts_of(Decision(kind, target, None, state, "", ""))
    return found


def bytes_of(path: Path, name: str, settings: Settings) -> bytes:
    """What a file holds.

    Raises:
        UnreadableFile: It is not there, is too large, or there is no right to read it.
    """
    try:
        size = path.stat().st_size
        if size > settings.max_file_mb * 1_000_000:
            raise UnreadableFile(
                name,
                f"the file has {size / 1e6:.0f} MB; the limit is {settings.max_file_mb} MB.",
                "Split it, or raise the limit with --max-file-mb.",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFile(name, "there is no such file.", "Check the spelling.") from error
    except PermissionError as error:
        raise UnreadableFile(name, "there is no right to read this file.", "Ask its owner, or copy it.") from error
    except OSError as error:
        raise UnreadableFile(
            name, f"the system could not read it ({error.strerror}).", "Copy it to this machine."
        ) from error


def assign_roles(
    store: Store, roles: Mapping[str | None, Role], *, transcript: str | None = None, coder: Coder = RESEARCHER
) -> int:
    """Set the role of speakers, in one transcript (by name) or in all that have them; a decision for each, kept for good.

    Segments follow at the next run. Returns how many decisions were made.

    Raises:
        UnknownItem: No transcript has that name, or no transcript has one of the speakers.
    """
    log = store.decisions()
    standing, chosen, by = Standing(log), roles_of(log), By(coder.id, now())
    transcripts = [heard(standing, t) for t in store.transcripts() if transcript in (None, t.name, t.id)]
    if not transcripts:
        raise UnknownItem(f'No transcript is called "{transcript}"; the project has {len(store.transcripts())}.')
    missing = set(roles) - {speaker for t in transcripts for speaker in t.speakers()}
    if missing:
        raise UnknownItem(
            f"No turn is spoken by {', '.join(sorted(map(str, missing)))}; `textcoder roles` lists the speakers."
        )
    decisions = [
        decision
        for t in transcripts
        for speaker, read in t.speakers().items()
        if speaker is not None and speaker in roles
        if roles[speaker] is not chosen.get(t.id, {}).get(speaker, read)
        for decision in give_role(standing, t.id, speaker, roles[speaker], by)
    ]
    with store.transaction():
        store.save_coder(coder)
        store.append(decisions)
    return len(decisions)
