"""A small study to keep: two interviews, their coders, and text that databases find hard."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hypothesis import strategies as st

from textcoder.domain.acts import Draft
from textcoder.domain.codebook import Code, Example
from textcoder.domain.coding import Coder, CoderKind, Coding, Status
from textcoder.domain.decision import By, Decision, DecisionKind, Verb
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, SyncPoint, Transcript, Turn
from textcoder.store import Store

ANA = Coder("ana", "Ana", CoderKind.HUMAN)
MACHINE = Coder("machine", "textcoder", CoderKind.MACHINE, "1f2e")
OTHER = Coder("other", "another model", CoderKind.MACHINE, "2a")

NASTY = "e\u0301 👩🏽‍🚒 \x00 \x10 \x100000 \ud83d\ude00 \udcff NUL\x00 \u2028 \r\n 'quoted' \"%s\" ; DROP"


def transcript(name: str, *answers: str, **more: object) -> Transcript:
    """A transcript of answers, each a turn of its own."""
    text, turns = "", []
    for number, answer in enumerate(answers):
        role = Role.PARTICIPANT if number % 2 else Role.INTERVIEWER
        turns.append(Turn(len(text), len(text) + len(answer), f"S{number % 2}", role, start_ms=number * 1000))
        text += answer + "\n"
    sha256 = hashlib.sha256(original(name)).hexdigest()
    return Transcript(f"t{sha256[:12]}", name, text, tuple(turns), sha256, **more)  # type: ignore[arg-type]  # fields


def original(name: str) -> bytes:
    """The bytes of the file with this name."""
    return b"the bytes of " + name.encode("utf-8", "surrogatepass")


def segments(of: Transcript) -> list[Segment]:
    """A segment for each turn."""
    return [Segment.of(of.id, number, turn.start, turn.end) for number, turn in enumerate(of.turns)]


def add(store: Store, of: Transcript, cut: Sequence[Segment] | None = None) -> None:
    """Add a transcript as the import does."""
    store.add_transcript(of, segments(of) if cut is None else cut, file=file_of(of), original=original(of.name))


def file_of(of: Transcript) -> SourceFile:
    """The row of its file; two folders may hold files with one name."""
    return SourceFile(f"{of.name}/{of.id}", of.sha256, Outcome.READ, "", of.id)


MIRA = transcript(
    "mira.txt",
    "What helps?",
    "One named contact 👩🏽‍🚒, e\u0301.",
    "And what hinders?",
    "Nobody answers after three.",
    wave="2",
    date="2024-03-01",
    attributes={"site": "North", "group": "users"},
    pages=(0, 20),
    sync=(SyncPoint(0, 0), SyncPoint(12, 4000)),
)
OLE = transcript("Ole.txt", "How is it?", "We now meet on Mondays.", language="nb")


def coding(of: Transcript, turn: int, code: str, coder: Coder, **more: object) -> Coding:
    """A coding of a whole turn."""
    at = of.turns[turn]
    return Coding(of.id, at.start, at.end, code, coder.id, **more)  # type: ignore[arg-type]  # fields of a coding


def adds(name: str, coder: Coder = ANA) -> Decision:
    """The decision that adds a code."""
    draft = Draft(Standing(), By(coder.id, "2024-03-01T10:00:00Z", "seen often"), Verb.ADD)
    draft.code(Code(name, name, "What it means.", examples=(Example("Nobody answers.", "Mira"),)))
    return draft.decisions()[0]


def says(*codings: Coding, before: Sequence[Decision] = ()) -> list[Decision]:
    """The decisions by which people say these codings."""
    draft = Draft(Standing(before), By(codings[0].coder, "2024-03-02T10:00:00Z"), Verb.CODE)
    for one in codings:
        draft.coding(one.coder, (one.transcript, one.start, one.end), one.code, one.status)
    return draft.decisions()


nasty_text = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x00\x10\ud83d\ude00\udcffe\u0301\u200d'\"\\%0"),
        st.characters(categories=["Cs"]),
    ),
    max_size=30,
)
nasty_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | nasty_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty_text, inner, max_size=3),
    max_leaves=8,
)
nasty_states = st.none() | st.dictionaries(nasty_text, nasty_json, max_size=3)


@st.composite
def nasty_acts(draw: st.DrawFn) -> list[list[Decision]]:
    """Acts about a few things, each decision finding what the one before it has left."""
    things = draw(st.lists(nasty_text, min_size=1, max_size=3))
    kinds = [DecisionKind.SET_MEMO, DecisionKind.SET_THEME, DecisionKind.SET_SAMPLE]
    stands: dict[tuple[DecisionKind, str], object] = {}
    acts = []
    for _ in range(draw(st.integers(0, 4))):
        about = draw(st.lists(st.tuples(st.sampled_from(kinds), st.sampled_from(things)), max_size=4, unique=True))
        act = []
        for key in about:
            after = draw(nasty_states)
            why, at = draw(nasty_text), draw(nasty_text)
            act.append(Decision(*key, stands.get(key), after, ANA.id, at, why, draw(st.sampled_from(Verb))))  # type: ignore[arg-type]  # states
            stands[key] = after
        acts.append(act)
    return acts


@st.composite
def nasty_transcripts(draw: st.DrawFn) -> Transcript:
    """A transcript with anything in every field that holds text."""
    answers = draw(st.lists(nasty_text, max_size=4))
    plain = transcript(draw(st.sampled_from(["a", "b", "c"])), *answers)
    turns = tuple(
        Turn(
            turn.start,
            turn.end,
            draw(st.none() | nasty_text),
            draw(st.sampled_from(Role)),
            draw(st.none() | nasty_text),
            draw(st.none() | st.integers(0, 2**40)),
            draw(st.none() | st.integers(0, 2**40)),
            draw(nasty_text),
        )
        for turn in plain.turns
    )
    return Transcript(
        plain.id,
        draw(nasty_text),
        plain.text,
        turns,
        plain.sha256,
        wave=draw(st.none() | nasty_text),
        date=draw(st.none() | nasty_text),
        attributes=draw(st.dictionaries(nasty_text, nasty_text, max_size=3)),
        pages=tuple(draw(st.lists(st.integers(0, 99), max_size=3))),
        sync=tuple(draw(st.lists(st.builds(SyncPoint, st.integers(0, 99), st.integers(0, 2**40)), max_size=3))),
    )


nasty_codings = st.lists(
    st.builds(
        Coding,
        transcript=st.sampled_from([MIRA.id, OLE.id]),
        start=st.integers(0, 9),
        end=st.integers(10, 20),
        code=nasty_text,
        coder=st.just(MACHINE.id),
        status=st.sampled_from(Status),
        probability=st.floats(0, 1),
        why=nasty_text,
    ),
    max_size=8,
    unique_by=lambda c: (c.transcript, c.start, c.end, c.code),
)
