"""A project as one coder may see it: what others say of segments that she still codes blind is not in it at all."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from textcoder.domain.coding import CoderKind, Coding, LensPlacement, counted
from textcoder.domain.decision import Decision, DecisionKind, coding_of, review_of
from textcoder.domain.memo import MemoOn
from textcoder.domain.project import Case
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Segment, Transcript
from textcoder.errors import UnknownItem
from textcoder.query import Facts, Unit
from textcoder.workflow import LiveProject, facts_of, visible
from textcoder_api.desk import Kept


class View:
    """The project at one moment, for one coder.

    Attributes:
        live: The project; for a coder of an open sample a copy of it whose log and standing leave out what she must not see.
        whole: The project itself, for functions that take the coder and see to it themselves, and for deciding.
        coder: Her id.
    """

    def __init__(self, live: LiveProject, coder: str, kept: Kept) -> None:
        self.whole, self.coder, self._kept, self._number = live, coder, kept, live.standing.number
        self._blind = any(sample.is_blind_for(coder) for sample in live.standing.samples.values())
        self.live = kept.get(f"view {coder}", self._number, lambda: _seen_by(live, coder)) if self._blind else live

    # --- finding ------------------------------------------------------------------------------------------------------------------------

    def transcript(self, name: str) -> Transcript:
        """A transcript by id or file name.

        Raises:
            UnknownItem: There is none, or more than one.
        """
        found = self.live.transcripts.get(name)
        named = [found] if found else [one for one in self.live.transcripts.values() if one.name == name]
        if len(named) != 1:
            raise UnknownItem(f'{"No" if not named else "More than one"} transcript is called "{name}".')
        return named[0]

    def segment(self, id_: str) -> Segment:
        """A segment by id, or by file name and place.

        Raises:
            UnknownItem: There is none.
        """
        row = self.live.row_of.get(id_)
        return self.live.segments[row] if row is not None else self.live.segment_at(self.live.find_span(id_))

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """By id."""
        return {case.id: case for case in self.live.store.cases()}

    @cached_property
    def placements(self) -> Mapping[str, LensPlacement]:
        """Segment id to how the machine sees it."""
        return self.whole.placements

    def to_think_with(self) -> LiveProject:
        """As `live`, where the machine is asked, too: it is the one machine that has learned for everybody."""
        if not self._blind:
            return self.live
        _ = self.whole.machine
        return _seen_by(self.whole, self.coder)

    # --- codings ------------------------------------------------------------------------------------------------------------------------

    @property
    def codings(self) -> list[Coding]:
        """What people said and what the machine suggests now, as far as this coder may see it; in the order of `place`.

        The machine speaks once the project has been coded; a mere look never starts to embed a study.

        Cost: after each decision the first one to ask waits for the machine's suggestions, a second at 100,000 segments.
        """
        said = self.live.standing.codings.values()
        return self._kept.get(f"codings {self._who}", self._number, lambda: self._with_suggestions(said))

    def codings_in(self, transcript: str) -> list[Coding]:
        """Those of one transcript. Cost: some hundredths of a second after each decision."""
        rows = self.live.places.under(transcript, 0, len(self.live.transcripts[transcript].text))
        return self._with_suggestions(self.live.standing.on(transcript), rows)

    def counts(self, coding: Coding) -> bool:
        """Whether a coding counts; see `textcoder.domain.coding.counted`. What stands under a retired code counts nowhere."""
        # What else was said of the same code decides, wherever it lies in the transcript.
        people = self._kept.get(f"people {self._who}", self._number, self._people)
        return coding in self._counted([*people.get((coding.transcript, coding.code), ()), coding])

    def _people(self) -> Mapping[tuple[str, str], list[Coding]]:
        """What people said, as far as this coder may see it, by transcript and code."""
        found: dict[tuple[str, str], list[Coding]] = defaultdict(list)
        for coding in visible(self.live.standing, self.coder, self.live.standing.codings.values()):
            found[coding.transcript, coding.code].append(coding)
        return found

    def _with_suggestions(self, said: Iterable[Coding], rows: Sequence[int] | None = None) -> list[Coding]:
        suggested = self.whole.codings(rows) if self._is_coded else []
        return sorted(visible(self.live.standing, self.coder, [*said, *suggested]), key=self.place)

    @property
    def _is_coded(self) -> bool:
        return self.live.store.finished("code") is not None

    @property
    def _who(self) -> str:
        return self.coder if self._blind else ""

    def place(self, coding: Coding) -> tuple[str, str, int, int, str, str]:
        """By file, place, code, coder: the order of codings."""
        name = self.live.transcripts[coding.transcript].name
        return name, coding.transcript, coding.start, coding.end, coding.code, coding.coder

    def _counted(self, codings: Iterable[Coding]) -> frozenset[Coding]:
        return frozenset(coding for coding in counted(codings, self._machines) if coding.code in self._used)

    @cached_property
    def _machines(self) -> frozenset[str]:
        return frozenset(coder.id for coder in self.live.store.coders() if coder.kind is CoderKind.MACHINE)

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(code.id for code in self.live.standing.codebook.in_use)

    @property
    def facts(self) -> Facts:
        """The project in columns; laid out once for every state of the log."""
        return self._kept.get(facts_for(self.coder), self._number, lambda: facts_of(self.whole, coder=self.coder))

    @property
    def carriers(self) -> Mapping[str, frozenset[str]]:
        """Code id to the segments that carry it, or a code below it. Cost: some tenths of a second after each decision."""
        return self._kept.get(f"carriers {self._who}", self._number, self._carriers)

    def _carriers(self) -> Mapping[str, frozenset[str]]:
        book = self.live.standing.codebook
        found: dict[str, set[str]] = defaultdict(set)
        if self._is_coded:  # the machine, whose codings lie on one segment each
            facts = self.facts
            said = facts.said[Unit.CODES].kept(~facts.said[Unit.CODES].human)
            bounds = np.searchsorted(said.row, np.arange(len(facts.rows[Unit.CODES]) + 1)).tolist()
            for row, first, last in zip(facts.rows[Unit.CODES], bounds[:-1], bounds[1:], strict=True):
                found[row.id].update(facts.segments[place].id for place in said.segment[first:last].tolist())
        people = visible(self.live.standing, self.coder, self.live.standing.codings.values())
        for coding in self._counted(people):
            rows = self.live.places.under(coding.transcript, coding.start, coding.end)
            for code in (coding.code, *book.ancestors(coding.code)):
                found[code].update(self.live.segments[row].id for row in rows)
        return {code: frozenset(segments) for code, segments in found.items()}


def facts_for(coder: str) -> str:
    """The name under which the facts that a coder may see are kept."""
    return f"facts {coder}"


def _seen_by(live: LiveProject, coder: str) -> LiveProject:
    """The project without what others said of segments that this coder codes blind.

    What was read of it is shared; only log and standing are her own.
    """
    _ = live.transcripts, live.segments, live.places  # read once, for both
    hidden = _hidden(live, coder)
    seen = copy.copy(live)
    seen.log = [decision for decision in live.log if (decision.kind, decision.target) not in hidden]
    seen.standing = Standing(seen.log)
    seen.standing.number = live.standing.number
    return seen


def _hidden(live: LiveProject, coder: str) -> set[tuple[DecisionKind, str]]:
    spans = {
        (decision.kind, decision.target): span for decision in live.log if (span := _spoken_of(decision)) is not None
    }
    seen = set(visible(live.standing, coder, spans.values()))
    # Samples name the segments of today; what others said of a text before it was corrected may be what she codes blind now.
    gone = live.standing.replaced
    return {key for key, span in spans.items() if span not in seen or (span.coder != coder and span.transcript in gone)}


def _spoken_of(decision: Decision) -> Coding | None:
    """Of which span a decision speaks, and whose view it gives away, as a coding; None where it speaks of no span."""
    match decision.kind:
        case DecisionKind.SET_CODING:
            who, transcript, start, end, _ = coding_of(decision.target)
            return Coding(transcript, start, end, "", who)
        case DecisionKind.SET_REVIEW:
            who, segment = review_of(decision.target)
        case DecisionKind.SET_MEMO if (state := decision.after or decision.before) and state["on"] == MemoOn.SEGMENT:
            who, segment = state["coder"], state["item"]
        case DecisionKind.SET_QUOTE if state := decision.after or decision.before:
            who, segment = state["coder"], decision.target
        case DecisionKind.SET_WAITING if state := decision.after or decision.before:
            who, segment = state["coder"], state["item"]
        case _:
            return None
    transcript, _, place = segment.rpartition(":")
    first, _, last = place.partition("-")
    return Coding(transcript, int(first), int(last), "", who)
