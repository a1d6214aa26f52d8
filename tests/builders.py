"""Builds small studies by hand, without any model: who said what, and which word makes a segment carry which code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from textcoder.domain.codebook import Code, Codebook, CodeStatus, Origin, code_id
from textcoder.domain.coding import Coder, CoderKind, Coding, LensPlacement, Status
from textcoder.domain.project import NO_LENS, Case, Project
from textcoder.domain.study import Study
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus, Unassigned
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, SyncPoint, Transcript, Turn

MACHINE = Coder("machine", "textcoder", CoderKind.MACHINE, "0.1.0 test")
ANNA = Coder("anna", "Anna", CoderKind.HUMAN)
ASKS = ("Hanna", "Interviewer")
"""Whoever is called so in a built transcript is an interviewer."""

MANIFEST: Mapping[str, Any] = {
    "textcoder": "0.1.0",
    "models": [
        {
            "name": "all-MiniLM-L6-v2",
            "sha256": {"model.safetensors": "53aa" * 16},
            "licence": "Apache-2.0",
            "source": "x",
        }
    ],
    "settings": {
        "encoder": "all-MiniLM-L6-v2",
        "seed": 7,
        "lens_threshold": 0.4,
        "themes": None,
    },
    "versions": {"python": "3.11", "bertopic": "0.17.4", "spacy": "3.8.7"},
}


def transcript(
    name: str,
    *said: tuple[str | None, str],
    case: str | None = None,
    wave: str | None = None,
    language: str = "en",
    kind: str = "dialogue",
    question: str = "",
    pages: bool = False,
    times: bool = False,
    attributes: Mapping[str, str] | None = None,
) -> Transcript:
    """A transcript in which each of `said` (speaker, words) is a turn, and a page or a minute of its own if asked."""
    text, turns, starts = "", [], []
    for i, (speaker, words) in enumerate(said):
        starts.append(len(text))
        text += f"{speaker}: " if speaker else ""
        role = Role.INTERVIEWER if speaker in ASKS else Role.PARTICIPANT
        whose = None if role is Role.INTERVIEWER else case or speaker
        at = 60_000 * i if times else None
        turns.append(Turn(len(text), len(text) + len(words), speaker, role, whose, at, question=question))
        text += words + "\n\n"
    digest = sha256((name + text).encode()).hexdigest()
    return Transcript(
        id=f"t{digest[:12]}",
        name=name,
        text=text,
        turns=tuple(turns),
        sha256=digest,
        language=language,
        wave=wave,
        attributes=attributes or {},
        pages=tuple(starts) if pages else (),
        sync=tuple(SyncPoint(turn.start, 60_000 * i) for i, turn in enumerate(turns)) if times else (),
        kind=kind,
    )


def survey(name: str, answers: Sequence[str], *, question: str = "What helps?") -> Transcript:
    """One source of many people: each answer is a turn and a case of its own."""
    text, turns = "", []
    for i, answer in enumerate(answers, start=1):
        turns.append(Turn(len(text), len(text) + len(answer), None, Role.PARTICIPANT, f"r{i}", question=question))
        text += answer + "\n"
    digest = sha256((name + text).encode()).hexdigest()
    return Transcript(f"t{digest[:12]}", name, text, tuple(turns), digest, kind="survey")


def segments_of(source: Transcript) -> list[Segment]:
    """Every participant's sentence is a segment; a survey's answer is one as a whole."""
    found = []
    for i, turn in enumerate(source.turns):
        if turn.role is not Role.PARTICIPANT:
            continue
        words = source.text[turn.start : turn.end]
        pattern = r"(?s).+" if source.kind == "survey" else r"(?s)\S.*?(?:[.?!](?=\s|$)|$)"
        found += [
            Segment.of(source.id, i, turn.start + m.start(), turn.start + m.end()) for m in re.finditer(pattern, words)
        ]
    return found


def code(name: str, lens: str = NO_LENS, **fields: Any) -> Code:
    """A code whose id follows from lens and name."""
    return Code(id=code_id(lens, name), name=name, lens=lens, **fields)


def study(
    transcripts: Iterable[Transcript],
    codes: Mapping[str, Code],
    *,
    name: str = "The Bridge study",
    cases: Iterable[Case] = (),
    files: Iterable[SourceFile] = (),
    codings: Iterable[Coding] = (),
    drafted: bool = True,
    coders: Sequence[Coder] = (MACHINE, ANNA),
) -> Study:
    """A study in which a segment carries a code if it holds the word that the code is given under.

    Args:
        transcripts: The sources, as `transcript` or `survey` build them.
        codes: Word -> code.
        name: Of the project.
        cases: Those whose name or attributes are known; the others are made from the turns.
        files: Beside those that were read into the transcripts.
        codings: Beside the machine's, such as a person's.
        drafted: The codes were drafted from themes; else the themes stay candidates beside the codebook.
        coders: Everyone who codes.
    """
    sources = sorted(transcripts, key=lambda t: (t.name, t.id))
    segments = [segment for source in sources for segment in segments_of(source)]
    text_of = {s.id: t.quotation(s.start, s.end) for t in sources for s in segments if s.transcript == t.id}
    carried = {s.id: [c for word, c in codes.items() if word in text_of[s.id].casefold()] for s in segments}
    known = {case.id: case for case in cases}
    ids = {turn.case for source in sources for turn in source.turns if turn.case}
    if drafted:
        codes = {w: replace(c, origin=Origin.MODEL, status=CodeStatus.PROVISIONAL) for w, c in codes.items()}
    made = [
        Coding(s.transcript, s.start, s.end, c.id, MACHINE.id, probability=_probability(text_of[s.id]), why="test")
        for s in segments
        for c in carried[s.id]
    ]
    return Study(
        project=Project("p1", name),
        files=(*(SourceFile(t.name, t.sha256, Outcome.READ, transcript=t.id) for t in sources), *files),
        transcripts=tuple(sources),
        segments=tuple(segments),
        cases=tuple(known.get(case, Case(case, case)) for case in sorted(ids)),
        placements={s.id: _placement(s, carried[s.id], text_of[s.id]) for s in segments},
        themes=_themes(codes, segments, carried, drafted),
        codebook=Codebook(tuple(codes.values()), len(codes)),
        codings=tuple(sorted([*made, *codings], key=lambda c: (c.transcript, c.start, c.end, c.code, c.coder))),
        coders=tuple(coders),
        manifest=MANIFEST,
    )


def coded_by_anna(of: Study, word: str, code: Code, *, status: Status = Status.ACCEPTED) -> Coding:
    """A person's coding of the first segment that holds the word."""
    segment = next(s for s in of.segments if word in of.quotation(s))
    return Coding(segment.transcript, segment.start, segment.end, code.id, ANNA.id, status)


def _probability(text: str) -> float:
    return 0.5 + len(text) % 50 / 100


def _placement(segment: Segment, codes: Sequence[Code], text: str) -> LensPlacement:
    lens = codes[0].lens if codes else NO_LENS
    sure = 0.35 + len(text) % 13 / 20
    others = {
        other: (1 - sure) / 3 for other in ("what_works", "barriers", "signs_of_progress", NO_LENS) if other != lens
    }
    return LensPlacement(segment.id, {lens: sure, **others}, abstained=sure < 0.4)


def _themes(
    codes: Mapping[str, Code], segments: Sequence[Segment], carried: Mapping[str, Sequence[Code]], drafted: bool
) -> ThemeMap:
    themes = []
    for i, (word, entry) in enumerate(codes.items()):
        members = tuple(s.id for s in segments if carried[s.id] and carried[s.id][0].id == entry.id)
        if members:
            status = ThemeStatus.ADOPTED if drafted else ThemeStatus.CANDIDATE
            name = entry.name if drafted else f"Found: {word}"
            stability = (0.92, 0.78, 0.66, 0.41)[i % 4]
            themes.append(
                Theme(
                    f"th{i}",
                    name,
                    entry.lens,
                    (word, "people", "meeting"),
                    members,
                    members[:3],
                    stability,
                    status,
                    entry.id if drafted else None,
                )
            )
    nearest = themes[0].id if themes else None
    return ThemeMap(
        tuple(themes), tuple(Unassigned(s.id, NO_LENS, nearest, 0.21) for s in segments if not carried[s.id])
    )
