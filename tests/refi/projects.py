"""Random projects in a store: texts, people, codebook, several coders, memos, samples, a machine with probabilities, an undo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.fakes import MemoryStore
from tests.refi.pictures import LETTERS, NAMES, WORDS
from textcoder.domain import acts
from textcoder.domain.codebook import Code, Example, code_id
from textcoder.domain.coding import CONSENSUS, Coder, CoderKind, Coding, LensPlacement, Status
from textcoder.domain.decision import By, Decision
from textcoder.domain.history import acts_of, undo
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.project import DEFAULT_LENSES, Case, Project
from textcoder.domain.sample import Sample
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme, ThemeMap, Unassigned
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, SyncPoint, Transcript, Turn
from textcoder.errors import TextcoderError

PEOPLE = [Coder("ana", "Ana B.", CoderKind.HUMAN), Coder("bo", "Bo", CoderKind.HUMAN), CONSENSUS]
MACHINE = Coder("machine", "textcoder", CoderKind.MACHINE, "1")
LENSES = ["none", *(lens.id for lens in DEFAULT_LENSES)]


class Memory(MemoryStore):
    """A store in memory, in which nobody else writes while one reads."""

    @contextmanager
    def reading(self) -> Iterator[None]:
        yield


@st.composite
def projects(draw: st.DrawFn) -> Memory:
    """A project with everything that a project holds."""
    store = Memory()
    store.save_project(Project("study", draw(NAMES)))
    for coder in (*PEOPLE, MACHINE):
        store.save_coder(coder)
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    for number, name in enumerate(names):
        _add_transcript(draw, store, f"{name}.txt", number)
    _Decider(draw, store).decide()
    _add_machine(draw, store)
    store.save_value("encoder", "x")
    store.finish("code", "key")
    return store


def _add_transcript(draw: st.DrawFn, store: Memory, name: str, number: int) -> None:
    # Each text has a beginning of its own: the same bytes would be one transcript.
    text = f"{number}" + draw(st.text(st.sampled_from(LETTERS), min_size=1, max_size=50))
    data = text.encode() if draw(st.booleans()) else ("\ufeff" + text.replace("\n", "\r\n")).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=5)))
    turns = []
    for start, end in pairwise(cuts):
        role = draw(st.sampled_from([Role.PARTICIPANT, Role.INTERVIEWER]))
        case = draw(st.sampled_from(["SU01", "mira 😀"])) if role is Role.PARTICIPANT else None
        turns.append(
            Turn(start, end, draw(st.sampled_from([None, "Mira"])), role, case, draw(st.sampled_from([None, 5])))
        )
    sync = (SyncPoint(0, 0), SyncPoint(1, 1500)) if draw(st.booleans()) else ()
    transcript = Transcript(
        f"t{sha256[:12]}",
        name,
        text,
        tuple(turns),
        sha256,
        wave=draw(st.sampled_from([None, "1"])),
        date=draw(st.sampled_from([None, "2024-05-01"])),
        attributes=draw(st.dictionaries(NAMES, WORDS, max_size=2)),
        pages=draw(st.sampled_from([(), (0,)])),
        sync=sync,
    )
    segments = [
        Segment.of(transcript.id, i, turn.start, turn.end)
        for i, turn in enumerate(turns)
        if turn.role is Role.PARTICIPANT
    ]
    store.save_cases([Case(turn.case, turn.case, {"site": draw(NAMES)}) for turn in turns if turn.case])
    file = SourceFile(name, sha256, Outcome.READ, "Read.", transcript.id)
    store.add_transcript(transcript, segments, file=file, original=data)


class _Decider:
    """Makes random decisions; those that make no sense are refused, as they would be of a person."""

    def __init__(self, draw: st.DrawFn, store: Memory) -> None:
        self.draw, self.store = draw, store
        self.standing = Standing()
        self.second = 0

    def by(self) -> By:
        self.second += 1
        coder = self.draw(st.sampled_from(PEOPLE[:2]))
        return By(coder.id, f"2024-05-01T10:00:{self.second:02d}+00:00", self.draw(WORDS))

    def do(self, act: Any) -> None:
        try:
            decisions: list[Decision] = act(self.by())
        except TextcoderError:
            return
        self.standing.apply(self.store.append(decisions))

    def decide(self) -> None:
        draw = self.draw
        for _ in range(draw(st.integers(1, 4))):
            self.do(lambda by: acts.add_code(self.standing, self.code(), by))
        steps = [
            self.accept,
            self.reject,
            self.settle,
            self.memo,
            self.retire,
            self.sample,
            self.review,
            self.quote,
            self.undo,
        ]
        for step in draw(st.lists(st.sampled_from(steps), max_size=10)):
            step()

    def code(self) -> Code:
        draw = self.draw
        lens, name = draw(st.sampled_from(LENSES)), draw(NAMES)
        above = draw(st.sampled_from([None, *(code.id for code in self.standing.codebook.in_use)]))
        examples = tuple(Example(words, "x") for words in draw(st.lists(WORDS.filter(bool), max_size=1)))
        entry = {key: draw(WORDS) for key in ("definition", "include", "exclude")}
        threshold = draw(st.sampled_from([None, 0.25]))
        return Code(code_id(lens, name), name, **entry, examples=examples, lens=lens, parent=above, threshold=threshold)

    def some_code(self) -> str:
        return self.draw(st.sampled_from([code.id for code in self.standing.codebook] or ["no code"]))

    def span(self) -> tuple[str, int, int]:
        transcript = self.draw(st.sampled_from(self.store.transcripts()))
        start = self.draw(st.integers(0, len(transcript.text) - 1))
        return transcript.id, start, self.draw(st.integers(start + 1, len(transcript.text)))

    def accept(self) -> None:
        self.do(lambda by: acts.accept(self.standing, [self.span()], self.some_code(), by))

    def reject(self) -> None:
        self.do(lambda by: acts.reject(self.standing, [self.span()], self.some_code(), by))

    def settle(self) -> None:
        self.do(lambda by: acts.resolve(self.standing, self.span(), self.some_code(), by, carries=True))

    def retire(self) -> None:
        self.do(lambda by: acts.retire(self.standing, self.some_code(), by))

    def quote(self) -> None:
        self.do(lambda by: acts.quote(self.standing, self.span(), by, note="n"))

    def sample(self) -> None:
        segments = {segment.id: 0.5 for segment in self.store.segments()}
        self.do(lambda by: acts.draw(self.standing, Sample("s", segments, ("ana",), 1), by))

    def review(self) -> None:
        for segment in self.store.segments()[:1]:
            span = (segment.transcript, segment.start, segment.end)
            self.do(lambda by, s=segment, at=span: acts.review(self.standing, s.id, at, [self.some_code()], [], by))

    def memo(self) -> None:
        on = self.draw(st.sampled_from(list(MemoOn)))
        transcript, start, end = self.span()
        item = {
            MemoOn.PROJECT: "",
            MemoOn.TRANSCRIPT: transcript,
            MemoOn.SEGMENT: f"{transcript}:{start}-{end}",
            MemoOn.CODE: self.some_code(),
            MemoOn.CASE: "SU01",
            MemoOn.THEME: "th1",
        }[on]
        words, id_ = self.draw(WORDS.filter(bool)), self.draw(st.uuids())
        self.do(lambda by: acts.write_memo(self.standing, Memo(str(id_), on, item, words, by.coder, by.at), by))

    def undo(self) -> None:
        made = acts_of(self.store.decisions())
        number = self.draw(st.sampled_from(list(made) or [1]))
        self.do(lambda by: undo(made, number, self.standing, by))


def _add_machine(draw: st.DrawFn, store: Memory) -> None:
    codes = [code.id for code in store.codebook()]
    segments = store.segments()
    unit = st.floats(0, 1)
    codings = [
        Coding(s.transcript, s.start, s.end, code, MACHINE.id, draw(st.sampled_from(list(Status))), draw(unit), "why")
        for s in segments
        for code in codes
        if draw(st.booleans())
    ]
    store.save_codings(codings, coder=MACHINE.id)
    store.save_placements(
        [LensPlacement(s.id, {"none": draw(unit), "barriers": 0.5}, draw(st.booleans())) for s in segments]
    )
    ids = tuple(segment.id for segment in segments)
    theme = Theme("th1", "bus", "barriers", ("bus",), ids, ids[:1], draw(unit))
    store.save_themes(ThemeMap((theme,), tuple(Unassigned(id_, "none", None, 0.5) for id_ in ids[:1])))
