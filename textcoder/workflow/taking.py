"""What another program wrote, taken into a project: sources as files, codes and codings as decisions, notes as memos.

Things are known by their GUIDs, else by content; what is as it would be written from here is left as it is, so that a second import changes
nothing.
"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from textcoder.domain.acts import Draft
from textcoder.domain.case_table import iso_date
from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind, Status
from textcoder.domain.decision import By, Decision, DecisionKind, Verb, coding_of, coding_state, coding_target
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.project import NO_LENS, Case
from textcoder.domain.standing import Standing, memo_to_row
from textcoder.domain.transcript import Outcome, Role, SyncPoint, Transcript
from textcoder.errors import NothingToCode, UnreadableFile
from textcoder.refi import model as refi
from textcoder.refi.model import Became, Finding, made_guid
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.importing import import_files
from textcoder.workflow.picturing import KEPT, NAME_VARIABLE, Guids, entry_of, pictured_code
from textcoder.workflow.reading import Reading
from textcoder.workflow.steps import Progress, now

_OWN_COLUMNS = ("file", "case", "name", "speaker", "wave", "date")
_LONGEST_FILE_NAME = 100


@dataclass(frozen=True)
class Exchanged:
    """What came in.

    Attributes:
        how: "restored" (our own archive, whole), "known" (all of it is here already) or "taken in".
        transcripts: New ones.
        codes: New or changed ones.
        cases: New or changed ones.
        codings: People's codings that are new here.
        same: Codings that stood here already, just so.
        memos: New or changed ones.
        machine: Codings of the machine in the archive; it codes anew instead.
        coders: Who coded, as they are called here.
        findings: What was lost, guessed or moved, by item.
        positions: How positions were read, as a sentence; may be empty.
    """

    how: str
    transcripts: int = 0
    codes: int = 0
    cases: int = 0
    codings: int = 0
    same: int = 0
    memos: int = 0
    machine: int = 0
    coders: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    positions: str = ""


@dataclass
class Taker:
    """Takes a picture into a project, step by step."""

    store: Store
    read: refi.Read
    file: str
    settings: Settings
    coder: Coder
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.picture = self.read.picture
        self.at = now()
        self.guids = Guids(self.store)
        self.owners = _Owners(self.picture.cases)
        self.standing = Standing(self.store.decisions())
        self.empty = not self.store.transcripts() and not self.standing.number
        self.code_of: dict[str, str] = {}
        self.coder_of: dict[str, Coder] = {}
        self.transcript_of: dict[str, Transcript] = {}

    def take(self) -> Exchanged:
        """All of it."""
        if self.empty and self.store.project().name == self.store.project().id:
            self.store.save_project(replace(self.store.project(), name=self.picture.name))
        self.take_coders()
        self.take_codes()
        self.take_sources()
        self.take_cases()
        self.take_codings()
        self.take_memos()
        self.keep()
        return self.exchanged()

    def exchanged(self) -> Exchanged:
        """What came in."""
        counts = {
            name: self.told[name] for name in ("transcripts", "codes", "cases", "codings", "same", "memos", "machine")
        }
        people = sorted({one.id for one in self.coder_of.values() if one.kind is CoderKind.HUMAN})
        findings = (*self.read.findings, *self.findings)
        return Exchanged("taken in", **counts, coders=tuple(people), findings=findings, positions=self.read.positions)

    def found(self, became: Became, item: str, why: str) -> None:
        """Note what became of an item."""
        self.findings.append(Finding(became, item, why))

    def _append(self, coder: Coder, decisions: list[Decision]) -> None:
        """An act of somebody; who has decided nothing is no coder here."""
        if decisions:
            self.store.save_coder(coder)
            self.standing.apply(self.store.append(decisions))

    # --- coders ---

    def take_coders(self) -> None:
        """Users become coders: by GUID, else by name, else new."""
        here = {coder.id: coder for coder in self.store.coders()}
        by_guid = {self.guids.of("coder", id_): coder for id_, coder in here.items()}
        taken: set[str] = set()
        for user in self.picture.users:
            name = " ".join((user.name or user.id).split()) or f"User {user.guid[:8]}"
            ours = user.id if self.picture.origin.startswith("textcoder") else ""
            found = by_guid.get(user.guid) or self._known_coder(ours or name, here)
            if found is None or (found.id in taken and found.id not in (CONSENSUS.id, "machine")):
                id_, number = ours or name, 2
                while id_ in taken or id_ in ("machine", CONSENSUS.id):
                    id_, number = f"{ours or name} ({number})", number + 1
                if found is not None:
                    why = f'Another user has the same name; this one is called "{id_}" here.'
                    self.found(Became.MOVED, f"user {user.guid}", why)
                found = here.get(id_) or Coder(id_, name if id_ == ours else id_, CoderKind.HUMAN)
            taken.add(found.id)
            self.coder_of[user.guid] = found
            self.guids.name("coder", found.id, user.guid)

    def _known_coder(self, name: str, here: Mapping[str, Coder]) -> Coder | None:
        if name in (CONSENSUS.name, CONSENSUS.id):
            return CONSENSUS
        same = [coder for coder in here.values() if name in (coder.id, coder.name)]
        if not same and name in ("textcoder", "machine"):
            return Coder("machine", "textcoder", CoderKind.MACHINE)
        return next(iter(sorted(same, key=lambda coder: (coder.name != name, coder.id))), None)

    def _coder(self, user: str | None) -> Coder:
        return self.coder_of.get(user or "", self.coder)

    # --- codes ---

    def take_codes(self) -> None:
        """Codes become decisions about the codebook; what is as it would be written from here is left as it is."""
        draft = Draft(self.standing, By(self.coder.id, self.at, f"imported from {self.file}"), Verb.IMPORT)
        project = self.store.project()
        by_guid = {self.guids.of("code", code.id): code for code in self.standing.codebook}
        lenses = {lens.id: lens for lens in project.lenses}
        lens_of = {self.guids.of("lens", lens): lens for lens in lenses}
        names = {name.casefold(): lens.id for lens in lenses.values() for name in (lens.id, lens.name)}
        book = _Book(self.standing.codebook)
        above = {code.guid for code in self.picture.codes if code.parent is None}
        for code in self.picture.codes:
            lens = lens_of.get(code.guid)
            if lens is None and code.guid in above and not code.codable and code.guid not in by_guid:
                lens = names.get(code.name.casefold())
            if lens is not None:
                lens_of[code.guid] = lens
                continue
            parent = book.get(self.code_of.get(code.parent or "", ""))
            under = parent.lens if parent is not None else lens_of.get(code.parent or "", NO_LENS)
            self._take_code(code, parent, under, by_guid.get(code.guid), book, draft)
        decisions = draft.decisions()
        self.told["codes"] = len(decisions)
        self._append(self.coder, decisions)

    def _take_code(
        self, given: refi.Code, parent: Code | None, lens: str, here: Code | None, book: _Book, draft: Draft
    ) -> None:
        parent_id = parent.id if parent is not None else None
        if here is None:  # some programs make new GUIDs at each export: then a code is what stands at its place
            here = book.at(lens, parent, given.name)
            if here is not None and here.id in book.taken:
                here = None
        if here is not None and here.status is CodeStatus.RETIRED:
            self.found(
                Became.LOST, f"code {given.guid}", f'"{here.name}" is retired here and stays so; restore it to use it.'
            )
            self.code_of[given.guid] = here.id
            book.taken.add(here.id)
            return
        if here is None:
            code = Code(
                given.guid, given.name, lens=lens, parent=parent_id, colour=given.colour, **entry_of(given.description)
            )
        else:
            code = self._changed(given, here, parent, lens)
        code = self._named_apart(code, given, parent, book)
        self.code_of[given.guid] = code.id
        book.taken.add(code.id)
        self.guids.name("code", code.id, given.guid)
        if code != here:
            book.put(code)
            draft.code(code)

    def _changed(self, given: refi.Code, here: Code, parent: Code | None, lens: str) -> Code:
        """The code as it stands here, with what is otherwise in the archive than it would be written from here."""
        before = self.standing.codebook.get(here.parent or "")
        now_ = pictured_code(here, before, None, self.guids)
        changes: dict[str, Any] = {}
        if given.name != now_.name:
            changes["name"] = given.name
        if given.description != now_.description:
            entry = entry_of(given.description)
            changes |= entry if entry["examples"] else {k: v for k, v in entry.items() if k != "examples"}
        if given.colour != now_.colour:
            changes["colour"] = given.colour
        if here.parent != (parent.id if parent else None) and not (
            parent is None and before is not None and before.status is CodeStatus.RETIRED
        ):
            changes["parent"] = parent.id if parent else None
        if parent is None and lens != here.lens and changes.get("parent", here.parent) is None and lens != NO_LENS:
            changes["lens"] = lens
        return replace(here, **changes)

    def _named_apart(self, code: Code, given: refi.Code, parent: Code | None, book: _Book) -> Code:
        """A name stands once under a lens here; elsewhere once under a parent. The second one has its parent's name before its own."""
        name = code.name
        if book.has_another(code, name) and parent is not None:
            name = f"{parent.name}::{code.name}"
        if book.has_another(code, name):
            name = book.numbered(code, name)
        if name != code.name:
            here = self.standing.codebook.get(code.id)
            if here is None or here.name != name:
                why = f'Its name stands twice under its lens; it is called "{name}" here.'
                self.found(Became.MOVED, f"code {given.guid}", why)
        return replace(code, name=name)

    # --- sources ---

    def take_sources(self) -> None:
        """Sources become transcripts: those that are here by GUID or by text stay, the others are imported as files."""
        here = {transcript.id: transcript for transcript in self.store.transcripts()}
        by_guid = {self.guids.of("transcript", id_): transcript for id_, transcript in here.items()}
        by_text = {transcript.text: transcript for transcript in here.values()}
        new: list[refi.Source] = []
        for source in self.picture.sources:
            known = by_guid.get(source.guid) or by_text.get(source.text)
            if known is not None:
                self.transcript_of[source.guid] = known
            else:
                new.append(source)
        if new:
            self._import(new)
        for guid, transcript in self.transcript_of.items():
            if self.guids.of("transcript", transcript.id) not in self.transcript_of:
                self.guids.name("transcript", transcript.id, guid)

    def _import(self, sources: list[refi.Source]) -> None:
        names = self._file_names(sources)
        with tempfile.TemporaryDirectory(prefix="textcoder-") as place:
            folder = Path(place)
            for source in sources:
                (folder / names[source.guid]).write_bytes(source.text.encode())
            table = self._case_table(sources, names, folder)
            paths = [folder / names[source.guid] for source in sources]
            try:
                files = import_files(
                    self.store, paths, self.settings, reading=Reading(cases=table), progress=self.progress
                )
            except NothingToCode:
                if len(self.picture.codes) == 0:
                    raise
                files = [file for file in self.store.files() if file.path in set(names.values())]
        became = {file.path: file for file in files}
        stored = {transcript.id: transcript for transcript in self.store.transcripts()}
        for source in sources:
            file = became[names[source.guid]]
            transcript = stored.get(file.transcript or "")
            if file.outcome is Outcome.UNREADABLE or transcript is None:
                many = len(source.selections)
                self.found(Became.LOST, f"source {source.guid}", f"{file.note} {many} selections went with it.".strip())
                continue
            if file.outcome is Outcome.READ:
                self.told["transcripts"] += 1
                transcript = self._timed(source, transcript)
            else:
                self.found(
                    Became.MOVED, f"source {source.guid}", "Another source has just the same text; they are one here."
                )
            self.transcript_of[source.guid] = transcript

    def _timed(self, source: refi.Source, transcript: Transcript) -> Transcript:
        """The transcript with the times of the recording."""
        if not source.sync or transcript.text != source.text:
            return transcript
        timed = replace(transcript, sync=tuple(SyncPoint(point.offset, point.ms) for point in source.sync))
        segments = [segment for segment in self.store.segments() if segment.transcript == transcript.id]
        file = next(f for f in self.store.files() if f.transcript == transcript.id and f.outcome is Outcome.READ)
        self.store.add_transcript(timed, segments, file=file, original=self.store.original(transcript.sha256))
        return timed

    def _file_names(self, sources: Iterable[refi.Source]) -> dict[str, str]:
        """A file name for each source, unlike those of the project, so that none takes the place of another."""
        from textcoder.formats import SUFFIXES

        taken = {file.path.casefold() for file in self.store.files()}
        names: dict[str, str] = {}
        for source in sources:
            clean = "".join(
                letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in source.name
            )
            stem = (
                clean.strip(". ")[:_LONGEST_FILE_NAME].encode("utf-8", "replace").decode()[:_LONGEST_FILE_NAME]
                or "source"
            )
            while len(stem.encode()) > 2 * _LONGEST_FILE_NAME:
                stem = stem[:-1]
            suffix = PurePosixPath(stem).suffix
            if suffix.casefold() in SUFFIXES:
                stem = stem.removesuffix(suffix)
            suffix = suffix if suffix.casefold() in (".txt", ".md") else ".txt"
            name, number = f"{stem}{suffix}", 2
            while name.casefold() in taken:
                name, number = f"{stem} ({number}){suffix}", number + 1
            if number > 2:
                why = f'Another file is called so; it is called "{name}" here.'
                self.found(Became.MOVED, f"source {source.guid}", why)
            taken.add(name.casefold())
            names[source.guid] = name
        return names

    # --- cases ---

    def _case_ids(self) -> dict[str, str]:
        """What each case of the picture is called here: by GUID, else its name, else that of its only source."""
        here = {self.guids.of("case", case.id): case.id for case in self.store.cases()}
        names = {source.guid: source.name for source in self.picture.sources}
        ids: dict[str, str] = {}
        taken: set[str] = set()
        for case in self.picture.cases:
            named = " ".join((case.name or names.get(case.sources[0] if len(case.sources) == 1 else "", "")).split())
            wanted = (
                PurePosixPath(named).stem if not case.name and named.casefold().endswith((".txt", ".md")) else named
            )
            id_, number = here.get(case.guid) or wanted or f"Case {case.guid[:8]}", 2
            base = id_
            while id_ in taken:
                id_, number = f"{base} ({number})", number + 1
            if number > 2:
                self.found(
                    Became.MOVED,
                    f"case {case.guid}",
                    f'Another case has the same name; this one is called "{id_}" here.',
                )
            taken.add(id_)
            ids[case.guid] = id_
        return ids

    def _case_table(self, sources: Iterable[refi.Source], names: Mapping[str, str], folder: Path) -> Path | None:
        """What the archive says of the people, as the table that a researcher would give; None where it says nothing."""
        ids = self._case_ids()
        rows: list[dict[str, str]] = []
        for source in sources:
            rows += self._rows(source, names[source.guid], ids)
        if not rows:
            return None
        columns = list(dict.fromkeys([*_OWN_COLUMNS, *(name for row in rows for name in row)]))
        path = folder / "cases of the archive.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def _rows(self, source: refi.Source, name: str, ids: Mapping[str, str]) -> list[dict[str, str]]:
        own = _facts(source.values)
        whole_ = self.owners.whole.get(source.guid, [])
        of_whole = {case.guid for case in whole_}
        parts = [(case, spans) for case, spans in self.owners.parts(source) if case.guid not in of_whole]
        if len(whole_) + len(parts) == 0:
            return [{"file": name, "case": PurePosixPath(name).stem, **own}] if own else []
        if len(whole_) == 1 and not parts:
            return [{"file": name, "case": ids[whole_[0].guid], **_facts(whole_[0].values), **own}]
        speakers = self._speakers(source, whole_, parts, ids)
        rows = [
            {"file": name, "case": ids[case.guid], "speaker": speakers[case.guid], **_facts(case.values), **own}
            for case in [*whole_, *(case for case, _ in parts)]
            if speakers.get(case.guid)
        ]
        for case in [*whole_, *(case for case, _ in parts)]:
            if not speakers.get(case.guid):
                why = f"Which speaker of the source {source.guid} it is cannot be told; give a table of cases with a column speaker."
                self.found(Became.LOST, f"case {case.guid}", why)
        return rows

    def _speakers(
        self,
        source: refi.Source,
        whole_: list[refi.Case],
        parts: list[tuple[refi.Case, list[tuple[int, int]]]],
        ids: Mapping[str, str],
    ) -> dict[str, str]:
        """Which speaker of a source each of several cases is: by the words that are hers, else by name. No speaker is two cases."""
        from textcoder.formats import read_source
        from textcoder.roles import guess_roles

        try:
            read = guess_roles(read_source(source.text.encode(), "source.txt", settings=self.settings).transcript)
        except UnreadableFile:
            return {}
        turns = [turn for turn in read.turns if turn.role is Role.PARTICIPANT and turn.speaker]
        found: dict[str, str] = {}
        for case, spans in parts:
            words: Counter[str] = Counter()
            for turn in turns:
                shared = sum(max(0, min(end, turn.end) - max(start, turn.start)) for start, end in spans)
                words[turn.speaker or ""] += shared
            best = max(words, key=lambda name: (words[name], name), default="")
            if best and words[best] and best not in found.values():
                found[case.guid] = best
        for case in whole_:
            same = [
                t.speaker
                for t in turns
                if t.speaker and t.speaker.casefold() in (ids[case.guid].casefold(), case.name.casefold())
            ]
            if same and same[0] not in found.values():
                found[case.guid] = same[0]
        return found

    def take_cases(self) -> None:
        """What is known of people: new attributes of those who are here."""
        ids = self._case_ids() if self.picture.cases else {}
        here = {case.id: case for case in self.store.cases()}
        changed: list[Case] = []
        for case in self.picture.cases:
            known = here.get(ids[case.guid])
            if known is None:
                if not (case.sources or case.selections or case.codes):
                    self.found(
                        Became.LOST, f"case {case.guid}", "No source is hers; people are counted by what they said."
                    )
                continue
            self.guids.name("case", known.id, case.guid)
            facts = {name.casefold(): (name, value) for name, value in _pairs(case.values)}
            name = facts.pop(NAME_VARIABLE, ("", ""))[1] or known.name
            mine = {attribute.casefold(): attribute for attribute in known.attributes}
            merged = dict(known.attributes)
            for key, (attribute, value) in facts.items():
                if key not in ("wave", "date"):
                    merged[mine.get(key, attribute)] = value
            same = {n: " ".join(v.split()) for n, v in merged.items()} == {
                n: " ".join(v.split()) for n, v in known.attributes.items()
            }
            if not same or name != known.name:
                changed.append(replace(known, name=name, attributes=merged))
        self.told["cases"] = len(changed)
        self.store.save_cases(changed)

    # --- codings and memos ---

    def take_codings(self) -> None:
        """What people coded becomes their decisions, an act for each coder; what the machine had suggested it suggests anew."""
        said: dict[str, dict[str, str]] = defaultdict(dict)
        undated = 0
        for source in self.picture.sources:
            transcript = self.transcript_of.get(source.guid)
            if transcript is None:
                continue
            for selection in source.selections:
                codings = [coding for coding in selection.codings if self._is_a_persons(coding)]
                place = self._place(source, transcript, selection) if codings else None
                for coding in codings if place else ():
                    undated += self._say(said, coding, transcript, place or (0, 0))
            for coding in filter(self._is_a_persons, source.codings):
                undated += self._say(said, coding, transcript, (0, len(transcript.text)))
        if undated:
            self.found(
                Became.GUESSED, "codings", f"{undated} have no time; the time of the import stands in its place."
            )
        coders = {coder.id: coder for coder in [*self.coder_of.values(), self.coder]}
        for coder in sorted(said):
            draft = Draft(self.standing, By(coder, self.at, f"imported from {self.file}"), Verb.IMPORT)
            for target in sorted(said[coder], key=coding_of):
                draft.set(DecisionKind.SET_CODING, target, coding_state(Status.ACCEPTED, f"imported from {self.file}"))
            decisions = [replace(one, at=said[coder][one.target]) for one in draft.decisions()]
            self._adopt({coding_of(target)[4] for target in said[coder]})
            self.told["codings"] += len(decisions)
            self._append(coders[coder], decisions)

    def _adopt(self, codes: set[str]) -> None:
        """A draft of the machine with which a person codes is hers, as everywhere."""
        draft = Draft(self.standing, By(self.coder.id, self.at, f"used in {self.file}"), Verb.IMPORT)
        for id_ in sorted(codes):
            code = self.standing.codebook.get(id_)
            if code is not None and code.status is CodeStatus.PROVISIONAL:
                draft.code(replace(code, status=CodeStatus.ACTIVE))
        self._append(self.coder, draft.decisions())

    def _is_a_persons(self, coding: refi.Coding) -> bool:
        if self._coder(coding.user).kind is CoderKind.MACHINE:
            self.told["machine"] += 1
            return False
        return True

    def _say(
        self, said: dict[str, dict[str, str]], coding: refi.Coding, transcript: Transcript, place: tuple[int, int]
    ) -> bool:
        """Note one coding; whether its time had to be guessed."""
        id_ = self.code_of.get(coding.code)
        code = self.standing.codebook.get(id_ or "")
        if code is None or code.status is CodeStatus.RETIRED:
            what = "a code that is retired here" if code is not None else "a lens, which is not coded with"
            self.found(Became.LOST, f"coding {coding.guid}", f"It names {what}.")
            return False
        coder = self._coder(coding.user)
        target = coding_target(coder.id, transcript.id, *place, code.id)
        state = self.standing.state(DecisionKind.SET_CODING, target)
        if state is not None and state["status"] == Status.REJECTED:
            self.found(
                Became.LOST, f"coding {coding.guid}", f"{coder.id} has rejected just this here since; that stands."
            )
        elif state is not None or target in said[coder.id]:
            self.told["same"] += 1
        else:
            moment = _utc(coding.at)
            said[coder.id][target] = moment or self.at
            return not moment
        return False

    def _place(self, source: refi.Source, transcript: Transcript, selection: refi.Selection) -> tuple[int, int] | None:
        """Where the words of a selection stand here: at its place where the texts are the same, else where they stand once."""
        if transcript.text == source.text:
            return selection.start, selection.end
        words = source.text[selection.start : selection.end]
        item = f"selection {selection.guid}"
        if transcript.text[selection.start : selection.end] == words:
            return selection.start, selection.end
        if transcript.text.count(words) == 1:
            start = transcript.text.index(words)
            self.found(
                Became.MOVED, item, "The text here is another than in the archive; it was put where its words stand."
            )
            return start, start + len(words)
        self.found(
            Became.LOST, item, "The text here is another than in the archive, and its words do not stand in it once."
        )
        return None

    def take_memos(self) -> None:
        """Notes, comments and descriptions become memos of whoever wrote them."""
        here = {(m.on, m.item, m.text): m for m in self.standing.memos.values()}
        draft = Draft(self.standing, By(self.coder.id, self.at, f"imported from {self.file}"), Verb.IMPORT)
        for memo in self._memos():
            before = self.standing.memos.get(memo.id)
            if (memo.on, memo.item, memo.text) in here or (before is not None and before.text == memo.text):
                continue
            if memo.text.strip():
                draft.set(DecisionKind.SET_MEMO, memo.id, memo_to_row(memo))
                here[memo.on, memo.item, memo.text] = memo
        decisions = draft.decisions()
        self.told["memos"] = len(decisions)
        for author in sorted({one.after["coder"] for one in decisions if one.after}):
            self.store.save_coder(next(coder for coder in [*self.coder_of.values(), self.coder] if coder.id == author))
        self._append(self.coder, decisions)

    def _memos(self) -> Iterable[Memo]:
        notes = {note.guid: note for note in self.picture.notes}
        owner = {self.guids.of("memo", memo): memo for memo in self.standing.memos}
        used: set[str] = set()

        def of(guids: Iterable[str], on: MemoOn, item: str) -> Iterable[Memo]:
            for guid in guids:
                note = notes[guid]
                id_ = owner.get(guid, guid) if guid not in used else made_guid("memo", guid, on.value, item)
                used.add(guid)
                yield Memo(id_, on, item, note.text, self._coder(note.user).id, _utc(note.at) or self.at)

        def told(words: str, guid: str, on: MemoOn, item: str, user: str | None, at: str) -> Iterable[Memo]:
            if words:
                yield Memo(made_guid("memo", guid), on, item, words, self._coder(user).id, _utc(at) or self.at)

        for source in self.picture.sources:
            transcript = self.transcript_of.get(source.guid)
            if transcript is None:
                continue
            noted = [*source.notes, *(note for coding in source.codings for note in coding.notes)]
            yield from of(dict.fromkeys(noted), MemoOn.TRANSCRIPT, transcript.id)
            yield from told(source.description, source.guid, MemoOn.TRANSCRIPT, transcript.id, source.user, source.at)
            for one in source.selections:
                noted = [*one.notes, *(note for coding in one.codings for note in coding.notes)]
                if not noted and not one.description:
                    continue
                if (place := self._place(source, transcript, one)) is not None:
                    segment = f"{transcript.id}:{place[0]}-{place[1]}"
                    yield from of(dict.fromkeys(noted), MemoOn.SEGMENT, segment)
                    yield from told(one.description, one.guid, MemoOn.SEGMENT, segment, one.user, one.at)
        for code in self.picture.codes:
            if (id_ := self.code_of.get(code.guid)) is not None:
                yield from of(code.notes, MemoOn.CODE, id_)
        ids = self._case_ids() if self.picture.cases else {}
        for case in self.picture.cases:
            item = ids[case.guid]
            stands = "\n\n".join(
                memo.text
                for memo in sorted(self.standing.memos.values(), key=lambda m: m.id)
                if (memo.on, memo.item) == (MemoOn.CASE, item)
            )
            if case.description != stands.strip():
                yield from told(case.description, case.guid, MemoOn.CASE, item, None, "")
        yield from of(self.picture.about, MemoOn.PROJECT, "")
        yield from told(
            self.picture.description, made_guid("description", self.picture.name), MemoOn.PROJECT, "", None, ""
        )
        yield from of([guid for guid in notes if guid not in used], MemoOn.PROJECT, "")

    def keep(self) -> None:
        """Keep what the other program calls its things, so that they go back under the same names, and what has no place here."""
        kept = dict(self.store.value(KEPT) or {})
        new = {
            "namespace": self.guids.namespace,
            "guids": self.guids.known,
            "sets": _with({one["guid"]: one for one in kept.get("sets", ())}, self.picture.sets),
            "links": _with({one["guid"]: one for one in kept.get("links", ())}, self.picture.links),
        }
        if new != {"namespace": self.guids.namespace, "guids": {}, "sets": [], "links": [], **kept}:
            self.store.save_value(KEPT, new)


def _with(kept: dict[str, Any], new: Iterable[refi.Set | refi.Link]) -> list[Any]:
    """Sets or links as plain values, those of the same GUID once."""
    for one in new:
        kept[one.guid] = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(one).items()}
    return [kept[guid] for guid in sorted(kept)]


def _pairs(values: Iterable[refi.Value]) -> list[tuple[str, str]]:
    return [(" ".join(value.variable.split()), " ".join(value.value.split())) for value in values]


def _facts(values: Iterable[refi.Value]) -> dict[str, str]:
    """Cells of a table of cases: wave, date and name in the columns that mean them, the rest as attributes."""
    cells: dict[str, str] = {}
    for name, value in _pairs(values):
        column = name.casefold()
        if column in ("file", "case", "speaker"):
            column = f"{column} (variable)"
        if column == "date" and not iso_date(value):
            column = "date as written"
        cells.setdefault(column, value)
    return cells


class _Owners:
    """Whose sources and selections are: looked up, since a survey has thousands of cases."""

    def __init__(self, cases: Iterable[refi.Case]) -> None:
        self.whole: dict[str, list[refi.Case]] = defaultdict(list)
        self._of: dict[str, list[refi.Case]] = defaultdict(list)
        for case in cases:
            for source in case.sources:
                self.whole[source].append(case)
            for guid in (*case.selections, *case.codes):
                self._of[guid].append(case)

    def parts(self, source: refi.Source) -> list[tuple[refi.Case, list[tuple[int, int]]]]:
        """The cases that have words of a source by selections, or by codes on them, with the places of these words."""
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        cases: dict[str, refi.Case] = {}
        for one in source.selections:
            for guid in dict.fromkeys((one.guid, *(coding.code for coding in one.codings))):
                for case in self._of.get(guid, ()):
                    cases[case.guid] = case
                    spans[case.guid].append((one.start, one.end))
        return [(case, spans[guid]) for guid, case in cases.items()]


class _Book:
    """The codebook while codes are taken: each look takes the same time, however many codes there are.

    Attributes:
        taken: Ids of the codes that the archive has named so far.
    """

    def __init__(self, codes: Iterable[Code]) -> None:
        self.taken: set[str] = set()
        self._codes: dict[str, Code] = {}
        self._order: dict[str, int] = {}
        self._places: dict[tuple[str, str | None, str], set[str]] = defaultdict(set)
        self._named: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._next: Counter[tuple[str, str]] = Counter()
        for code in codes:
            self.put(code)
        self._before = frozenset(self._codes)

    def get(self, id_: str) -> Code | None:
        """By id."""
        return self._codes.get(id_)

    def put(self, code: Code) -> None:
        """A new code, or one as it is from now on."""
        before = self._codes.get(code.id)
        if before is not None:
            self._places[before.lens, before.parent, before.name].discard(code.id)
            self._named[before.lens, before.name.casefold()].discard(code.id)
        self._codes[code.id] = code
        self._order.setdefault(code.id, len(self._order))
        self._places[code.lens, code.parent, code.name].add(code.id)
        if code.status is not CodeStatus.RETIRED:
            self._named[code.lens, code.name.casefold()].add(code.id)

    def at(self, lens: str, parent: Code | None, name: str) -> Code | None:
        """The first code there whose own name, without its parent's before it, is this one."""
        names = {name} if parent is None else {name, f"{parent.name}::{name}"}
        ids = {id_ for one in names for id_ in self._places[lens, parent.id if parent else None, one]}
        found = [self._codes[id_] for id_ in sorted(ids, key=self._order.__getitem__)]
        return next((code for code in found if _own_name(code, parent) == name), None)

    def has_another(self, code: Code, name: str) -> bool:
        """Whether another code in use has this name under the lens of this one."""
        return bool(self._named[code.lens, name.casefold()] - {code.id})

    def numbered(self, code: Code, name: str) -> str:
        """The name with the first number that makes it free. What new ones have tried in vain, the next new one need not try."""
        key, is_new = (code.lens, name.casefold()), code.id not in self._before
        number = max(2, self._next[key]) if is_new else 2
        while self.has_another(code, f"{name} ({number})"):
            number += 1
        if is_new:
            self._next[key] = number
        return f"{name} ({number})"


def _own_name(code: Code, parent: Code | None) -> str:
    return code.name.removeprefix(f"{parent.name}::") if parent is not None else code.name


def _utc(at: str) -> str:
    """A moment as the log has it; empty where there is none, or none that can be understood."""
    try:
        moment = datetime.fromisoformat(at)
        utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return utc.isoformat(timespec="seconds")
