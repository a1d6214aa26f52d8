"""Files and texts in, segments out: read as `textcoder run` reads them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, overload

import pandas as pd

from textcoder.domain.codebook import Codebook
from textcoder.domain.project import Case, Project
from textcoder.domain.study import Study
from textcoder.domain.theme import ThemeMap
from textcoder.domain.transcript import Outcome, Role, Transcript, Turn
from textcoder.errors import UnknownItem
from textcoder.notebook import show
from textcoder.notebook.frames import Frame, column, texts_of
from textcoder.settings import Settings

_USUAL = Settings()
OPENING = 6
"""Turns of each transcript that a notebook shows."""


@dataclass(frozen=True)
class Transcripts(Sequence[Transcript]):
    """What was read, sorted by name; a sequence of `textcoder.domain.transcript.Transcript`.

    Attributes:
        study: All that is known so far: texts, turns, people and their attributes, files.
    """

    study: Study

    @overload
    def __getitem__(self, which: int | str) -> Transcript: ...
    @overload
    def __getitem__(self, which: slice) -> Transcripts: ...
    def __getitem__(self, which: int | str | slice) -> Transcript | Transcripts:
        """By place, or by the file's name; a slice is `Transcripts` again."""
        if isinstance(which, slice):
            return Transcripts(replace(self.study, transcripts=self.study.transcripts[which]))
        if isinstance(which, int):
            return self.study.transcripts[which]
        named = {one.name: one for one in self}
        if which not in named:
            raise UnknownItem(f'No transcript is called "{which}"; there are: {", ".join(named)}.')
        return named[which]

    def __iter__(self) -> Iterator[Transcript]:
        return iter(self.study.transcripts)

    def __len__(self) -> int:
        return len(self.study.transcripts)

    def frame(self) -> Frame:
        """One row a turn, interviewers' too: transcript, file, turn, start, end, text, speaker, role, case; then wave, date and attributes.

        Offsets are half-open code points into the transcript's `text`.
        """
        cases = self.study.case_by_id
        rows: list[dict[str, object]] = []
        for one in self:
            of_source = {"wave": one.wave, "date": one.date, **one.attributes}
            for i, turn in enumerate(one.turns):
                case = cases.get(turn.case or "")
                rows.append(
                    dict[str, object](case.attributes if case else {})
                    | {name: value for name, value in of_source.items() if value is not None}
                    | {
                        "transcript": one.id,
                        "file": one.name,
                        "turn": i,
                        "start": turn.start,
                        "end": turn.end,
                        "text": one.quotation(turn.start, turn.end),
                        "speaker": turn.speaker or "",
                        "role": turn.role.value,
                        "case": turn.case or "",
                    }
                )
        first = ["transcript", "file", "turn", "start", "end", "text", "speaker", "role", "case"]
        rest = sorted({name for row in rows for name in row} - set(first))
        return Frame(rows, columns=[*first, *rest])

    def files(self) -> Frame:
        """Every file that was given and what became of it, with the reason: nothing is skipped in silence."""
        rows = [(file.path, file.outcome.value, file.note) for file in self.study.files]
        return Frame(rows, columns=["file", "outcome", "note"])

    def with_roles(self, roles: Mapping[str | None, str]) -> Transcripts:
        """The same with other roles for the speakers named: interviewer, participant or other; only participants are coded.

        Raises:
            UnknownItem: Nobody of that name speaks, or there is no such role.
        """
        speaking = {speaker for one in self for speaker in one.speakers()}
        if missing := sorted(str(speaker) for speaker in roles if speaker not in speaking):
            raise UnknownItem(
                f"No turn is spoken by {', '.join(missing)}; there are: {', '.join(sorted(map(str, speaking)))}."
            )
        if odd := [role for role in roles.values() if role not in set(Role)]:
            raise UnknownItem(f'There is no role "{odd[0]}"; use {", ".join(Role)}.')
        given = {speaker: Role(role) for speaker, role in roles.items()}
        return Transcripts(replace(self.study, transcripts=tuple(one.with_roles(given) for one in self)))

    def __repr__(self) -> str:
        return f"<{len(self)} transcripts: {', '.join(one.name for one in self[:3])}{', ...' if len(self) > 3 else ''}>"

    def _repr_html_(self) -> str:
        unread = [file for file in self.study.files if file.outcome is not Outcome.READ]
        parts = [f"<p><b>{len(self)} transcripts</b></p>"]
        for one in self:
            who = ", ".join(f"{speaker or 'unnamed'} ({role.value})" for speaker, role in one.speakers().items())
            spoken = [(turn.speaker or "", one.quotation(turn.start, turn.end)) for turn in one.turns[:OPENING]]
            parts.append(show.details(f"{one.name} · {len(one.turns)} turns · {who}", show.turns(spoken)))
        if unread:
            rows = [(file.path, file.outcome.value, file.note) for file in unread]
            parts.append(show.table(("file", "outcome", "note"), rows, caption="Not among them"))
        return "".join(parts)


def read_transcripts(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    cases: str | PathLike[str] | None = None,
    roles: Mapping[str | None, str] | None = None,
    pattern: str | None = None,
    encoding: str | None = None,
    language: str | None = None,
) -> Transcripts:
    """Read files and folders of transcripts, as `textcoder run` does: speakers, roles, people, what is a transcript and what is not.

    A file that cannot be read is named in `files()` with the reason, and the others are read.

    Args:
        paths: One file or folder, or several.
        cases: Table of people and attributes, with the columns `file` and `case`.
        roles: Speaker -> interviewer, participant or other, where the guess is wrong.
        pattern: How file names are built, such as `w{wave}_{case}_{name}`.
        encoding: Of all text files; None finds it for each.
        language: ISO 639-1 code of all files; None guesses for each.

    Raises:
        UnreadableFile: A path does not exist.
        NothingToCode: No file at all could be read.
        InvalidTable: The table of cases has a wrong row.
        UnknownItem: `roles` names somebody who does not speak.
    """
    from textcoder.store import open_store
    from textcoder.workflow import Reading, import_files, read_study

    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    settings = Settings(language=language)
    reading = Reading(Path(cases) if cases is not None else None, pattern, encoding)
    with closing(open_store("sqlite://")) as store:  # in memory: nothing of a transcript is written anywhere
        import_files(store, [Path(path) for path in several], settings, reading=reading)
        transcripts = Transcripts(read_study(store, settings))
    return transcripts.with_roles(roles) if roles else transcripts


def segment(
    source: Transcripts | Any,
    *,
    include_interviewer: bool = False,
    min_words: int = _USUAL.min_words,
    max_words: int = _USUAL.max_words,
    language: str | None = None,
) -> Frame:
    """Meaning units of one to a few sentences: what is coded.

    Args:
        source: What `read_transcripts` gave; or a frame with a column `text`, or any sequence of texts, each of them one
            answer of one person (short ones stay whole). The frame's columns `case`, `question`, `question_from` and attributes go
            along.
        include_interviewer: Interviewers' words, too.
        min_words: Fewer words than this are back-channel, unless they answer a question.
        max_words: A segment is closed once it has this many.
        language: ISO 639-1; None takes that of each transcript.

    Returns:
        One row a segment: its id in `segment`, then the columns of `segments.csv`: transcript, file, start, end (half-open code
        points into the transcript's text), text, question, speaker, role, case, page, time_ms, turn (its number in the transcript,
        from 0), question_from, and the attributes.

        `Coder` and `LensReader` read a segment in context, by columns of these names in any frame: beside it stands what has the
        same `transcript` and `turn`, in the order of `start`, among the rows that they are given; rows without all three stand by
        themselves. The question counts where `question` has one, and more where `question_from` says that an `interviewer` asked it;
        else it stood in writing (`survey`).

    Example:
        >>> segment(["The nurse rings me back. That helps a lot."])[["start", "end", "text"]].to_dict("records")
        [{'start': 0, 'end': 42, 'text': 'The nurse rings me back. That helps a lot.'}]
    """
    from textcoder.reports.tables import CONTEXT, SPAN, Rows
    from textcoder.segmentation import segment_transcript

    settings = Settings(
        language=language, include_interviewer=include_interviewer, min_words=min_words, max_words=max_words
    )
    study = source.study if isinstance(source, Transcripts) else _as_study(source)
    found = tuple(unit for one in study.transcripts for unit in segment_transcript(one, settings))
    study = replace(study, segments=found)
    rows = Rows(study)
    columns = ["segment", *SPAN, *CONTEXT, *rows.columns.values()]
    made = [
        (
            unit.id,
            *rows.span(study.transcript_by_id[unit.transcript], unit.start, unit.end, unit),
            *rows.context(unit),
            *rows.attributes(unit),
        )
        for unit in found
    ]
    frame = Frame(made, columns=columns)
    if isinstance(source, pd.DataFrame) and "question_from" in source.columns:
        # A text by itself has no interviewer's turn before it; whoever knows that one asked says so.
        told = {one.id: asking for one, asking in zip(study.transcripts, column(source, "question_from"), strict=True)}
        frame["question_from"] = [
            told[id_] or usual for id_, usual in zip(frame["transcript"], frame["question_from"], strict=True)
        ]
    return frame


_OURS = "segment transcript file turn start end text question question_from speaker role case page time_ms".split()
"""Columns that say where words stand and whose they are; every other one is an attribute."""


def _as_study(given: Any) -> Study:
    """Texts as transcripts of one answer each; every row is another person unless a column says whose it is."""
    from textcoder.language import guess_language

    texts = texts_of(given)
    frame = given if isinstance(given, pd.DataFrame) else pd.DataFrame({"text": texts})
    language = guess_language(" ".join(texts))
    names, cases, questions = column(frame, "file"), column(frame, "case"), column(frame, "question")
    others = {str(name): column(frame, str(name)) for name in frame.columns if str(name) not in _OURS}
    seen: Counter[str] = Counter()
    transcripts = []
    for row, text in enumerate(texts):
        # The second of two equal texts gets another id, whatever stands between them.
        sha256 = hashlib.sha256(f"{text}{chr(0) * seen[text]}".encode()).hexdigest()
        seen[text] += 1
        turn = Turn(0, len(text), role=Role.PARTICIPANT, case=cases[row] or None, question=questions[row])
        attributes = {name: values[row] for name, values in others.items() if values[row]}
        transcripts.append(
            Transcript(
                id=f"t{sha256[:12]}",
                name=names[row] or f"row {frame.index[row]}",
                text=text,
                turns=(turn,),
                sha256=sha256,
                language=language,
                attributes=attributes,
                kind="survey",
            )
        )
    people = tuple(Case(case, case) for case in sorted({*cases} - {""}))
    return Study(
        Project("notebook", "notebook"), (), tuple(transcripts), (), people, {}, ThemeMap((), ()), Codebook(), (), ()
    )
