"""What the log adds up to: codebook, people's codings, what was looked at, memos, themes, samples, quotations for the
report, texts that were corrected and what waits because of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from textcoder.domain.codebook import Codebook
from textcoder.domain.coding import Coding, Status
from textcoder.domain.decision import Decision, DecisionKind, coding_of, hear, review_of, text_of, with_decision
from textcoder.domain.memo import Memo, MemoOn
from textcoder.domain.quote import Quote
from textcoder.domain.sample import Sample, SampleStatus
from textcoder.domain.transcript import Spoken
from textcoder.domain.waiting import Waiting

Said = tuple[str, str, int, int, str]
"""Coder, transcript, start, end, code: what one coder says of one span."""


class Standing:
    """What stands after a number of decisions; `apply` takes it further, one decision after the other, in place.

    Attributes:
        codebook: With its version.
        codings: What people said, by who said what of which span.
        reviewed: Segment id to the coders who have looked at it as a whole.
        memos: By id.
        theme_states: Theme id to what a person made of it.
        samples: By name.
        quotes: What was chosen for the report, by its span as `<transcript>:<start>-<end>`.
        spoken: Who speaks the turns about which people decided, by transcript and start of the turn; see `speakers_of`.
        texts: Of each file whose text was ever corrected, by its name: the id of the transcript that is read.
        replaced: Ids of the transcripts that are read no more, since their files were corrected; or were, and that was taken back.
        waiting: What could not follow a corrected text, by id.
        number: Of the last decision; 0 for an empty log.
    """

    def __init__(self, decisions: Iterable[Decision] = ()) -> None:
        self.codebook = Codebook()
        self.codings: dict[Said, Coding] = {}
        self.reviewed: dict[str, set[str]] = defaultdict(set)
        self.memos: dict[str, Memo] = {}
        self.theme_states: dict[str, Mapping[str, Any]] = {}
        self.samples: dict[str, Sample] = {}
        self.quotes: dict[str, Quote] = {}
        self.spoken: dict[str, dict[int, Spoken]] = {}
        self.texts: dict[str, str] = {}
        self.replaced: set[str] = set()
        self.waiting: dict[str, Waiting] = {}
        self.number = 0
        self._on: dict[str, dict[Said, Coding]] = defaultdict(dict)
        self._states: dict[tuple[DecisionKind, str], Mapping[str, Any]] = {}
        self.apply(decisions)

    def apply(self, decisions: Iterable[Decision]) -> None:
        """Take in further decisions, in the order of the log. Cost: a few microseconds each; codes a little more."""
        for decision in decisions:
            key = (decision.kind, decision.target)
            if decision.after is None:
                self._states.pop(key, None)
            else:
                self._states[key] = decision.after
            self._take(decision)
            self.number = decision.number

    def on(self, transcript: str) -> Iterable[Coding]:
        """People's codings of one transcript."""
        return self._on.get(transcript, {}).values()

    def states(self, kind: DecisionKind) -> dict[str, Mapping[str, Any]]:
        """All that there is of one kind, by target, in the order in which it came to be. Cost: one pass over all states."""
        return {target: state for (of, target), state in self._states.items() if of is kind}

    def blind(self, coder: str | None = None) -> set[str]:
        """Segments of open samples: of those that this coder codes, or of all."""
        samples = self.samples.values()
        held = [s for s in samples if (s.status is SampleStatus.OPEN if coder is None else s.is_blind_for(coder))]
        return {segment for sample in held for segment in sample.segments}

    def state(self, kind: DecisionKind, target: str) -> Mapping[str, Any] | None:
        """The state of one thing as the log knows it; None where there is nothing."""
        return self._states.get((kind, target))

    def _take(self, decision: Decision) -> None:
        match decision.kind:
            case DecisionKind.SET_CODE:
                self.codebook = with_decision(self.codebook, decision)
            case DecisionKind.SET_CODING:
                said, coding = coding_of(decision.target), coding_from(decision)
                _put(self.codings, said, coding)
                _put(self._on[said[1]], said, coding)
            case DecisionKind.SET_REVIEW:
                coder, segment = review_of(decision.target)
                (self.reviewed[segment].discard if decision.after is None else self.reviewed[segment].add)(coder)
            case DecisionKind.SET_MEMO:
                _put(self.memos, decision.target, _memo(decision))
            case DecisionKind.SET_THEME:
                _put(self.theme_states, decision.target, decision.after)
            case DecisionKind.SET_SAMPLE:
                _put(self.samples, decision.target, _sample(decision))
            case DecisionKind.SET_QUOTE:
                _put(self.quotes, decision.target, _quote(decision))
            case DecisionKind.SET_SPEAKER:
                hear(self.spoken, decision)
            case DecisionKind.SET_TEXT:
                before, after = text_of(decision)
                self.texts[decision.target] = after
                self.replaced = (self.replaced | {before}) - {after}
            case DecisionKind.SET_WAITING:
                state = decision.after
                _put(self.waiting, decision.target, None if state is None else Waiting.from_row(decision.target, state))
            case DecisionKind.SET_PROPOSAL:
                pass  # asked for by `state`
            case DecisionKind.SET_ROLE:
                pass  # followed when transcripts are read; see `roles_of`


def coding_from(decision: Decision) -> Coding | None:
    """The coding that a decision leaves; None where it takes one back."""
    if decision.after is None:
        return None
    coder, transcript, start, end, code = coding_of(decision.target)
    status, why = Status(decision.after["status"]), str(decision.after["why"])
    return Coding(transcript, start, end, code, coder, status, 1.0, why)


def _memo(decision: Decision) -> Memo | None:
    if decision.after is None:
        return None
    values = dict(decision.after)
    return Memo(decision.target, MemoOn(values.pop("on")), **values)


def memo_to_row(memo: Memo) -> dict[str, Any]:
    """A memo as the log holds it."""
    return {"on": memo.on.value, "item": memo.item, "text": memo.text, "coder": memo.coder, "at": memo.at}


def _quote(decision: Decision) -> Quote | None:
    if decision.after is None:
        return None
    transcript, _, place = decision.target.rpartition(":")
    start, _, end = place.partition("-")
    values = dict(decision.after)
    return Quote(transcript, int(start), int(end), place=float(values.pop("place")), **values)


def _sample(decision: Decision) -> Sample | None:
    if decision.after is None:
        return None
    values = dict(decision.after)
    values["coders"], values["status"] = tuple(values["coders"]), SampleStatus(values["status"])
    return Sample(decision.target, **values)


def sample_to_row(sample: Sample) -> dict[str, Any]:
    """A sample as the log holds it."""
    return {
        "segments": dict(sample.segments),
        "coders": list(sample.coders),
        "seed": sample.seed,
        "by": sample.by,
        "population": sample.population,
        "status": sample.status.value,
        # Left out where it is not so, as it was before people could be drawn: the same sample is the same row.
        **({"people": True} if sample.people else {}),
    }


def _put(kept: dict[Any, Any], key: Any, value: Any) -> None:
    if value is None:
        kept.pop(key, None)
    else:
        kept[key] = value
