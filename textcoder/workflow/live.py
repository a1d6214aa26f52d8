"""A project as somebody works on it: what stands, and a machine coder that has learned from every decision so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from textcoder.domain.acts import Span, review
from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import CONSENSUS, Coder, Coding, LensPlacement, Status
from textcoder.domain.decision import By, Decision, DecisionKind, coding_of, transcripts_of
from textcoder.domain.history import Act, acts_of
from textcoder.domain.memo import MemoOn
from textcoder.domain.places import Places
from textcoder.domain.project import NO_LENS
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme
from textcoder.domain.transcript import Segment, Transcript
from textcoder.errors import Conflict, InvalidDecision, UnknownItem
from textcoder.settings import DEFAULT_ENCODER, DEFAULT_RUNTIME, Settings
from textcoder.store import Store
from textcoder.workflow.replaced import texts_followed
from textcoder.workflow.steps import Progress, embed, embedder_of, now, read, silent

if TYPE_CHECKING:
    from textcoder.coder import Known, MachineCoder, SeenThrough, Suggested, Trained
    from textcoder.embeddings import Embedder
    from textcoder.query import Layout
    from textcoder.workflow.blocks import Outline

Plan = Callable[[Standing], list[Decision]]
"""What somebody wants to do, given what stands; see `textcoder.domain.acts`."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A code that the machine suggests for a segment."""

    code: Code
    probability: float
    why: str


class LiveProject:
    """One project, opened to work on it. Parts are read when they are first needed; decisions of others are taken in by `catch_up`.

    Cost: at 100,000 segments and 60 codes see tests/performance/learning.py.

    Args:
        store: Where it is kept.
        settings: As it was coded.
        embedder: In place of the encoder that the settings name.
        progress: Told where texts must be embedded first.

    Attributes:
        progress: As given.
        layout: What was read, in columns, once the evaluator has asked; see `facts_of`.
        outlines: Topic blocks of transcripts, once somebody has asked; see `outline_of`.
    """

    def __init__(
        self, store: Store, settings: Settings, *, embedder: Embedder | None = None, progress: Progress = silent
    ) -> None:
        self.store, self.settings, self.progress = store, settings, progress
        self.own_embedder = embedder
        self.log = store.decisions()
        self.standing = Standing(self.log)
        self._coders = {coder.id: coder for coder in store.coders()}
        self._single: dict[str, Transcript] = {}
        self.layout: Layout | None = None
        self.outlines: dict[str, Outline] = {}

    # --- what was read ------------------------------------------------------------------------------------------------------------------

    @cached_property
    def transcripts(self) -> dict[str, Transcript]:
        """By id, sorted by name."""
        return {transcript.id: transcript for transcript in self.store.transcripts()}

    @cached_property
    def segments(self) -> list[Segment]:
        """In stable order; a row of any matrix below is one of these."""
        return self.store.segments()

    @cached_property
    def places(self) -> Places:
        """Segments by place."""
        return Places(self.segments)

    def read_whole(self) -> None:
        """Read now, as of one moment, what would else be read when it is first needed: while another process imports, parts of
        different moments would not fit together.
        """
        with self.store.reading():
            _ = self.transcripts, self.segments, self._texts, self.placements, self.members

    @property
    def row_of(self) -> dict[str, int]:
        """Segment id to row."""
        return self.places.row_of

    def transcript(self, id_: str) -> Transcript:
        """One transcript; the others are not read for it. Raises UnknownItem."""
        if "transcripts" in self.__dict__ and id_ in self.transcripts:
            return self.transcripts[id_]
        if id_ not in self._single:
            self._single[id_] = self.store.transcript(id_)
        return self._single[id_]

    @cached_property
    def _texts(self) -> dict[str, str]:
        return self.store.texts()

    def text(self, segment: Segment) -> str:
        """Its exact words."""
        return self._texts[segment.transcript][segment.start : segment.end]

    def case(self, segment: Segment) -> str:
        """Whose words they are; empty where nobody's."""
        return self.transcripts[segment.transcript].turns[segment.turn].case or ""

    def find_code(self, name: str) -> Code:
        """A code by its id or name, or by `lens/name` where two lenses have the name.

        Raises:
            UnknownItem: There is none, or more than one.
        """
        book = self.standing.codebook
        found = book.get(name)
        if found is not None:
            return found
        lens, slash, rest = name.partition("/")
        wanted = [(name.casefold(), None), *([(rest.casefold(), lens)] if slash else [])]
        for codes in (book.in_use, book.codes):
            named = [c for c in codes for n, of in wanted if c.name.casefold() == n and of in (None, c.lens)]
            if len(named) == 1:
                return named[0]
            if named:
                listed = " or ".join(f'"{code.lens}/{code.name}"' for code in named)
                raise UnknownItem(f'There is more than one code "{name}"; write {listed}.')
        raise UnknownItem(f'The codebook has no code "{name}"; `textcoder codebook show` lists them.')

    def find_transcript(self, name: str) -> Transcript:
        """A transcript by id or file name.

        Raises:
            UnknownItem: There is none, or more than one.
        """
        found = [one for one in self.transcripts.values() if name in (one.id, one.name)]
        if len(found) != 1:
            names = sorted({one.name for one in self.transcripts.values()} if not found else ())
            near = next(iter([one for one in names if one.startswith(name)] or get_close_matches(name, names, 1)), "")
            meant = f' Did you mean "{near}"?' if near else ""
            raise UnknownItem(f'{"More than one" if found else "No"} transcript is called "{name}".{meant}')
        return found[0]

    def find_span(self, given: str) -> Span:
        """A span by `<transcript>:<start>-<end>`, the transcript by id or file name.

        Raises:
            UnknownItem: No such transcript, or a place outside its text.
        """
        name, colon, places = given.rpartition(":")
        start, dash, end = places.partition("-")
        if not (colon and dash and start.isdecimal() and end.isdecimal()):
            raise UnknownItem(
                f'"{given}" is no span; write the transcript and its code points, such as mira.txt:120-180.'
            )
        found = self.find_transcript(name)
        span = (found.id, int(start), int(end))
        if not 0 <= span[1] < span[2] <= len(found.text):
            raise UnknownItem(f"{given} lies outside {found.name}, which has {len(found.text)} code points.")
        return span

    def segment_at(self, span: Span) -> Segment:
        """The segment with just this span.

        Raises:
            UnknownItem: The span is none; names the segments that it touches.
        """
        transcript, start, end = span
        row = self.row_of.get(f"{transcript}:{start}-{end}")
        if row is None:
            near = ", ".join(self.segments[r].id for r in self.places.under(*span)[:3])
            raise UnknownItem(f"{transcript}:{start}-{end} is no segment{f'; there is {near}' if near else ''}.")
        return self.segments[row]

    def find_theme(self, name: str) -> Theme:
        """A theme of the last run by id or name.

        Raises:
            UnknownItem: There is none, or more than one.
        """
        found = [theme for theme in self.store.themes().themes if name in (theme.id, theme.name)]
        if len(found) != 1:
            several = f"more than one theme; give an id: {', '.join(t.id for t in found)}" if found else "no theme"
            raise UnknownItem(f'"{name}" names {several}. `textcoder themes --json` lists them.')
        return found[0]

    def check_lens(self, lens: str) -> None:
        """See that the project looks through a lens.

        Raises:
            UnknownItem: It does not.
        """
        known = [*(one.id for one in self.store.project().lenses), NO_LENS]
        if lens not in known:
            raise UnknownItem(f'There is no lens "{lens}"; use one of {", ".join(known)}.')

    def find_item(self, given: str) -> tuple[MemoOn, str]:
        """What a memo is to be about, from `kind:item`: its kind and id.

        Raises:
            UnknownItem: No such kind, or no such item.
        """
        kind, _, item = given.partition(":")
        if kind not in list(MemoOn):
            raise UnknownItem(f'A memo is about one of {", ".join(MemoOn)}, such as code:NAME; not about "{given}".')
        match MemoOn(kind):
            case MemoOn.PROJECT:
                return MemoOn.PROJECT, ""
            case MemoOn.CODE:
                return MemoOn.CODE, self.find_code(item).id
            case MemoOn.SEGMENT:
                transcript, start, end = self.find_span(item)
                return MemoOn.SEGMENT, f"{transcript}:{start}-{end}"
            case MemoOn.TRANSCRIPT:
                found = [t.id for t in self.transcripts.values() if item in (t.id, t.name)]
            case MemoOn.CASE:
                found = [case.id for case in self.store.cases() if item in (case.id, case.name)]
            case MemoOn.THEME:
                found = [self.find_theme(item).id]
        if len(found) != 1:
            raise UnknownItem(f'{"No" if not found else "More than one"} {kind} is called "{item}".')
        return MemoOn(kind), found[0]

    # --- decisions ----------------------------------------------------------------------------------------------------------------------

    @property
    def acts(self) -> dict[int, Act]:
        """Every act of the log."""
        return acts_of(self.log)

    def do(self, plan: Plan, *, coder: Coder, key: str = "") -> list[Decision]:
        """Decide: plan on what stands now, write, learn.

        Args:
            plan: Gives the decisions; an empty list changes nothing.
            coder: Who decides.
            key: What the caller calls the act; with a key that an act has already, that act is returned.

        Raises:
            Conflict: Somebody else changed the same thing between reading and writing.
        """
        self.catch_up()
        if key and (done := [decision for decision in self.log if decision.key == key]):
            return done
        decisions = plan(self.standing)
        if not decisions:
            return []
        known = dict(self._coders)
        try:
            with self.store.transaction():
                self._refuse_replaced(decisions)
                self.know(coder, *([CONSENSUS] if any(_is_consensus(decision) for decision in decisions) else []))
                with texts_followed(self.store, decisions):
                    appended = self.store.append(decisions, key=key)
        except BaseException:
            self._coders = known  # whoever was entered was taken out again
            raise
        self.catch_up()  # another process may have decided between the look and the writing
        return appended

    def _refuse_replaced(self, decisions: Sequence[Decision]) -> None:
        """See that nothing is said of a text that was corrected meanwhile, or stands on one that is read no more.

        Asked within the transaction: another process may have corrected it since the plan was made.
        """
        then = Standing()
        then.replaced = set(self.standing.replaced)
        meanwhile = self.store.decisions(after=self.standing.number)
        then.apply(d for d in (*meanwhile, *decisions) if d.kind is DecisionKind.SET_TEXT)
        if any(not then.replaced.isdisjoint(transcripts_of(decision)) for decision in decisions):
            raise Conflict(
                "The transcript was corrected since, so this stands on words that are read no more; look at it as it is now. "
                "What was decided before can be taken back together with the correction (--with-later)."
            )

    def reviewing(self, segment: Segment, codes: Collection[str], by: By) -> Plan:
        """The plan of somebody who has looked at a segment as a whole: it carries just these codes; what else was suggested is rejected.

        Where she codes blind nothing was suggested to her.
        """
        blind = segment.id in self.standing.blind(by.coder)
        suggested = set() if blind else {suggestion.code.id for suggestion in self.suggestions(segment)}
        span = (segment.transcript, segment.start, segment.end)
        return lambda standing: review(standing, segment.id, span, codes, suggested, by)

    def review(
        self, segment: Segment, codes: Collection[str], *, coder: Coder, why: str = "", key: str = ""
    ) -> list[Decision]:
        """Decide so; see `reviewing`."""
        return self.do(self.reviewing(segment, codes, By(coder.id, now(), why)), coder=coder, key=key)

    def undo(
        self, numbers: Sequence[int], plan: Callable[[int, Standing], list[Decision]], *, coder: Coder
    ) -> list[Decision]:
        """Undo several acts one after the other, all or none."""
        undone: list[Decision] = []
        with self.together():
            for number in numbers:
                undone += self.do(lambda standing, number=number: plan(number, standing), coder=coder)  # type: ignore[misc]  # bound now
        if not undone:
            raise InvalidDecision("There is nothing left to undo: later acts stand on all of it.")
        return undone

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is decided and written inside happens wholly or not at all, here as in the store; nobody else writes meanwhile."""
        before = len(self.log)
        try:
            with self.store.transaction():
                yield
        except BaseException:
            self._reopen(before)
            raise

    def catch_up(self) -> None:
        """Take in what others have decided since."""
        self._take(self.store.decisions(after=self.standing.number))

    def _reopen(self, decisions: int) -> None:
        """Forget what was taken in but not written after all."""
        if len(self.log) > decisions:
            if any(decision.kind is DecisionKind.SET_TEXT for decision in self.log[decisions:]):
                self._forget_texts()
            self.log = self.log[:decisions]
            self.standing = Standing(self.log)
            self.__dict__.pop("machine", None)
            self._forget_members()

    def _forget_members(self) -> None:
        for name in ("members", "_member_rows"):
            self.__dict__.pop(name, None)

    def _forget_texts(self) -> None:
        """Read anew what there is, and let the machine learn anew from it."""
        for name in (
            "transcripts",
            "segments",
            "places",
            "_texts",
            "vectors",
            "in_context",
            "manner",
            "trained",
            "placements",
            "machine",
            "_seen_through",
        ):
            self.__dict__.pop(name, None)
        self.__dict__.pop("speaking", None)
        self._single, self.layout, self.outlines = {}, None, {}
        self._forget_members()

    def know(self, *coders: Coder) -> None:
        """Enter coders into the project, if they are not in it just so."""
        for coder in coders:
            if self._coders.get(coder.id) != coder:
                self.store.save_coder(coder)
                self._coders[coder.id] = coder

    def _take(self, decisions: Sequence[Decision]) -> None:
        new = [decision for decision in decisions if decision.number > self.standing.number]
        self.log += new
        self.standing.apply(new)
        if any(decision.kind is DecisionKind.SET_TEXT for decision in new):
            self._forget_texts()
        if any(decision.kind is DecisionKind.SET_THEME for decision in new):
            self._forget_members()
        if new and "machine" in self.__dict__:
            self._learn(new)

    # --- the machine --------------------------------------------------------------------------------------------------------------------

    @cached_property
    def embedder(self) -> Embedder:
        """The encoder in use."""
        return self.own_embedder or embedder_of(self.settings)

    @cached_property
    def vectors(self) -> Any:
        """(n_segments, d), unit rows."""
        texts = [self.text(segment) for segment in self.segments]
        return embed(self.store, texts, self.settings, progress=self.progress, embedder=self.own_embedder)

    @cached_property
    def in_context(self) -> Any:
        """The vectors as the machine coder reads them, with neighbours in the same turn and the question (n_segments, d), unit rows."""
        import numpy as np

        from textcoder.coder import asked_of, in_context

        turns = [(segment.transcript, segment.turn) for segment in self.segments]
        questions = {id_: one.questions() for id_, one in self.transcripts.items()}
        asked = asked_of(
            [questions[id_][turn] for id_, turn in turns],
            partial(embed, self.store, settings=self.settings, progress=self.progress, embedder=self.own_embedder),
        )
        aloud = np.array([not self.transcripts[id_].turns[turn].question for id_, turn in turns], dtype=bool)
        return in_context(self.vectors, turns, asked, aloud)

    @cached_property
    def manner(self) -> Any:
        """How each segment is said (n_segments, m); None beside an encoder that the caller brought."""
        if self.own_embedder is not None:
            return None
        texts = [self.text(segment) for segment in self.segments]
        load, save = self.store.vectors, self.store.save_vectors
        return read(texts, self.settings, load=load, save=save, progress=self.progress, stage="Embedding")[1]

    @cached_property
    def trained(self) -> Trained | None:
        """What the project's own networks say of its segments; None where nobody trained any, or they bring nothing."""
        from textcoder.workflow.training import trained_of

        return trained_of(self)

    @cached_property
    def machine(self) -> MachineCoder:
        """The machine coder, having learned from all that stands."""
        return self.taught(self.known())

    def taught(self, known: Known, codes: Sequence[Code] | None = None) -> MachineCoder:
        """A machine coder of its own, which has learned this much; from the codes in use unless others are given."""
        from textcoder.coder import Calibration, MachineCoder

        return self._teach(MachineCoder(self._embed_entries, Calibration.shipped()), known, codes)

    def _teach(self, coder: MachineCoder, known: Known, codes: Sequence[Code] | None = None) -> MachineCoder:
        manner = self.manner  # first: where neither is kept yet, its pass through the encoder makes the vectors too
        codes = self.standing.codebook.in_use if codes is None else codes
        return coder.fit(codes, self.in_context, known, words=self.vectors, manner=manner, trained=self.trained)

    def _embed_entries(self, texts: Sequence[str]) -> Any:
        """Vectors of what codes say of themselves, kept in the project like those of segments."""
        return embed(self.store, texts, self.settings, embedder=self.own_embedder)

    def known(self) -> Known:
        """What people said of which rows, as the machine may learn it.

        A consensus counts before single coders, a yes before a no. Codings of a sample that is still coded blind teach nothing, lest
        one coder's answers reach another as suggestions.
        """
        from textcoder.coder import Known

        blind = {self.row_of[segment] for segment in self.standing.blind() if segment in self.row_of}
        votes: dict[tuple[str, int], dict[str, Status]] = defaultdict(dict)
        for coding in self.standing.codings.values():
            for row in self.places.under(coding.transcript, coding.start, coding.end):
                if row not in blind:
                    mine = votes[coding.code, row]
                    if mine.get(coding.coder) is not Status.ACCEPTED:
                        mine[coding.coder] = coding.status
        yes: dict[str, set[int]] = defaultdict(set)
        no: dict[str, set[int]] = defaultdict(set)
        for (code, row), said in votes.items():
            said = {CONSENSUS.id: said[CONSENSUS.id]} if CONSENSUS.id in said else said
            (yes if Status.ACCEPTED in said.values() else no)[code].add(row)
        reviewed = {self.row_of[s] for s, coders in self.standing.reviewed.items() if coders and s in self.row_of}
        return Known(
            {code: frozenset(rows) for code, rows in yes.items()},
            {code: frozenset(rows) for code, rows in no.items()},
            frozenset(reviewed - blind),
            self._member_rows,
        )

    @cached_property
    def _member_rows(self) -> dict[str, frozenset[int]]:
        rows: dict[str, set[int]] = defaultdict(set)
        for segment, code in self.members.items():
            rows[code].add(self.row_of[segment])
        return {code: frozenset(found) for code, found in rows.items()}

    def _learn(self, decisions: Collection[Decision]) -> None:
        """Teach the machine what was decided; a changed codebook is learned anew from the same decisions."""
        kinds = {decision.kind for decision in decisions}
        if DecisionKind.SET_CODE in kinds:
            self._teach(self.machine, self.known())
        elif kinds & {DecisionKind.SET_CODING, DecisionKind.SET_REVIEW, DecisionKind.SET_SAMPLE}:
            self.machine.update(self.known())

    def codings(self, rows: Sequence[int] | None = None) -> list[Coding]:
        """Everything that the machine suggests now, of all segments or of some rows of `segments`."""
        from textcoder.coder import suggest

        return suggest(self.machine, self.segments, self.placements, self.members, rows=rows)

    def suggested(self) -> Suggested:
        """The same in columns, without words; a row is one of `segments`. Cost: some hundredths of a second at 100,000 segments."""
        from textcoder.coder import suggested

        return suggested(self.machine, self._seen_through, self._members_of(self.machine))

    def suggested_unseen(self, rows: Collection[int]) -> Suggested:
        """What a machine suggests now that has learned nothing from some rows; for judging it by what people said of them.

        It knows neither what anybody decided on them, nor the examples in the codebook that are words of theirs.

        Cost: that of learning everything anew.

        Args:
            rows: As a rule all of some persons.
        """
        from textcoder.coder import suggested

        left = frozenset(rows)
        turns = sorted({(self.segments[row].transcript, self.segments[row].turn) for row in left})
        words = "\n".join(
            self._texts[one][(turn := self.transcripts[one].turns[number]).start : turn.end] for one, number in turns
        )
        codes = [
            replace(code, examples=tuple(example for example in code.examples if example.text.strip() not in words))
            for code in self.standing.codebook.in_use
        ]
        machine = self.taught(self.known().without(left), codes)
        return suggested(machine, self._seen_through, self._members_of(machine))

    def _members_of(self, machine: MachineCoder) -> Any:
        """Of each row the place of the code that stands for its theme; -1 for none."""
        import numpy as np

        members = np.full(len(self.segments), -1, dtype=np.intp)
        for code, rows in self._member_rows.items():
            members[list(rows)] = machine.place.get(code, -1)
        return members

    @cached_property
    def _seen_through(self) -> SeenThrough:
        from textcoder.coder import SeenThrough

        return SeenThrough.of(self.segments, self.placements)

    @cached_property
    def speaking(self) -> frozenset[str]:
        """Ids of the cases whose words these are; one whose only file was replaced or set aside is nobody's any more."""
        return frozenset(turn.case for one in self.transcripts.values() for turn in one.turns if turn.case)

    def suggestions(self, segment: Segment) -> list[Suggestion]:
        """What the machine suggests for a segment and no person has decided yet, the surest first."""
        from textcoder.coder import suggest

        row = self.row_of[segment.id]
        decided, placement = self._decided(row), self._placement(segment.id)
        placements = {} if placement is None else {segment.id: placement}
        book = self.standing.codebook
        found = suggest(self.machine, self.segments, placements, self.members, rows=[row])
        made = [
            Suggestion(code, coding.probability, coding.why)
            for coding in found
            if coding.code not in decided and (code := book.get(coding.code)) is not None
        ]
        return sorted(made, key=lambda one: (-one.probability, one.code.name, one.code.id))

    def _decided(self, row: int) -> set[str]:
        """Codes of which a person has said yes or no for a segment."""
        segment = self.segments[row]
        return {
            coding.code
            for coding in self.standing.on(segment.transcript)
            if coding.start < segment.end and segment.start < coding.end
        }

    def suggested_rows(self, code: str, *, threshold: float | None = None) -> list[int]:
        """Rows for which the machine suggests a code and no person has decided yet; with a threshold, would suggest it."""
        import numpy as np

        from textcoder.coder import fits_lens

        machine, members = self.machine, self._member_rows.get(code, frozenset())
        place = machine.place.get(code)
        if place is None:
            return []
        entry, rows = machine.codes_[place], set(members)
        if entry.status is not CodeStatus.PROVISIONAL:
            least = machine.thresholds_[place] if threshold is None else threshold
            likely = np.flatnonzero(machine.probabilities_[:, place] >= least).tolist()
            rows |= {row for row in likely if fits_lens(entry, self.placements.get(self.segments[row].id))}
        return [row for row in sorted(rows) if code not in self._decided(row)]

    @contextmanager
    def supposing(self, standing: Standing) -> Iterator[None]:
        """Look at the project as if something else stood; for previews."""
        kept, self.standing = self.standing, standing
        try:
            yield
        finally:
            self.standing = kept

    def _placement(self, segment: str) -> LensPlacement | None:
        """Of one segment; those of the others are not read for it."""
        if "placements" in self.__dict__:
            return self.placements.get(segment)
        return self.store.placements([segment]).get(segment)

    @cached_property
    def placements(self) -> Mapping[str, LensPlacement]:
        """How the machine sees each segment through the lenses."""
        return self.store.placements()

    @cached_property
    def members(self) -> dict[str, str]:
        """Segment id to the code that stands for its theme, as the run and people left it."""
        left = self.standing.theme_states
        found: dict[str, str] = {}
        for theme in self.store.themes().themes:
            code = left[theme.id]["code"] if theme.id in left else theme.code
            if code:
                found |= dict.fromkeys(theme.segments, code)
        return found


def _is_consensus(decision: Decision) -> bool:
    return decision.kind is DecisionKind.SET_CODING and coding_of(decision.target)[0] == CONSENSUS.id


def open_project(store: Store, settings: Settings, *, progress: Progress = silent) -> LiveProject:
    """Open a project to work on it, with the encoder that it was coded with unless another is named."""
    return LiveProject(store, as_coded(store, settings), progress=progress)


def as_coded(store: Store, settings: Settings) -> Settings:
    """The settings with the encoder that a project was coded with, and what it ran on, unless they name others than the defaults.

    What it ran on is not taken where it is not installed: all would be embedded anew there, as vectors of two runtimes are never mixed.
    """
    kept = store.value("encoder")
    if kept and settings.encoder == DEFAULT_ENCODER:
        settings = replace(settings, encoder=kept)
    runtime = store.value("encoder_runtime")
    if runtime is None or settings.encoder != kept or settings.encoder_runtime != DEFAULT_RUNTIME:
        return settings
    return replace(settings, encoder_runtime=runtime) if find_spec(runtime) is not None else settings
