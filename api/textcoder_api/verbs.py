"""The bodies of decisions: one model for each thing that a person can decide, as `textcoder decide` offers them.

Codes are given by id, name or `lens/name`; spans as `mira.txt:120-180`, the transcript by id or file name.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from textcoder import workflow
from textcoder.domain import acts
from textcoder.domain.codebook import Code, Example, Origin
from textcoder.domain.coding import Coder
from textcoder.domain.decision import By, Decision, Verb
from textcoder.domain.memo import Memo
from textcoder.domain.transcript import Role
from textcoder.errors import InvalidDecision
from textcoder.workflow import LiveProject
from textcoder.workflow.asides import ProposalKind, setting_aside, taking_up
from textcoder.workflow.live import Plan
from textcoder.workflow.previews import Preview, ThresholdPreview
from textcoder_api.schemas import Name, Probability, Text

Spans = Annotated[list[Name], Field(min_length=1, max_length=10_000)]
Names = Annotated[list[Name], Field(min_length=1, max_length=1000)]


class _Decide(BaseModel):
    """What all decisions share. A decision knows its plan; all else is the same for every one."""

    model_config = ConfigDict(extra="forbid")

    keyed: ClassVar[bool] = True
    """Whether the log takes the caller's key with the act."""

    why: Text = Field("", description="Your reason, for the history.")

    def plan(self, live: LiveProject, by: By) -> Plan:
        """What is to be decided, given what stands."""
        raise NotImplementedError

    def do(self, live: LiveProject, coder: Coder, key: str) -> list[Decision]:
        """Decide."""
        return live.do(self.plan(live, self._by(coder)), coder=coder, key=key)

    def preview(self, live: LiveProject, coder: Coder) -> Preview | ThresholdPreview:
        """Say what it would touch."""
        return workflow.preview(live, self.plan(live, self._by(coder)))

    def _by(self, coder: Coder) -> By:
        return By(coder.id, workflow.now(), self.why)


def _ids(live: LiveProject, codes: list[str]) -> list[str]:
    """Each code once."""
    return list(dict.fromkeys(live.find_code(code).id for code in codes))


class _OfSpans(_Decide):
    spans: Spans
    code: Name

    def _act(self, live: LiveProject, act: Callable[..., list[Decision]], by: By, **more: Any) -> Plan:
        code, spans = live.find_code(self.code).id, dict.fromkeys(live.find_span(span) for span in self.spans)
        return lambda standing: act(standing, spans, code, by=by, **more)


class Accept(_OfSpans):
    """The spans carry the code."""

    verb: Literal["accept"]

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.accept`."""
        return self._act(live, acts.accept, by)


class Reject(_OfSpans):
    """The spans do not carry the code."""

    verb: Literal["reject"]

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.reject`."""
        return self._act(live, acts.reject, by)


class Recode(_OfSpans):
    """The spans carry `to` instead of `code`."""

    verb: Literal["recode"]
    to: Name

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.recode`."""
        return self._act(live, acts.recode, by, to=live.find_code(self.to).id)


class CodeSpans(_OfSpans):
    """Code spans of your own choosing: any start and end."""

    verb: Literal["code"]

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.accept`."""
        return self._act(live, acts.accept, by, verb=Verb.CODE)


class Uncode(_OfSpans):
    """Take back what you said of the spans and the code, yes or no."""

    verb: Literal["uncode"]

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.uncode`."""
        return self._act(live, acts.uncode, by)


class Review(_Decide):
    """The segment as a whole carries just these codes, and none of the others that were suggested."""

    verb: Literal["review"]
    segment: Name
    codes: Annotated[list[Name], Field(max_length=1000)] = []

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.review`."""
        return live.reviewing(live.segment_at(live.find_span(self.segment)), _ids(live, self.codes), by)


class Resolve(_Decide):
    """What the coders agreed on after they had disagreed; it counts before what each of them said."""

    verb: Literal["resolve"]
    segment: Name
    code: Name
    carries: bool

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.resolve`."""
        code, span = live.find_code(self.code).id, live.find_span(self.segment)
        return lambda standing: acts.resolve(standing, span, code, by, carries=self.carries)


# --- codes ------------------------------------------------------------------------------------------------------------------------------


class Add(_Decide):
    """A new code."""

    verb: Literal["add"]
    name: Name
    lens: Name = "none"
    definition: Text = ""
    include: Text = ""
    exclude: Text = ""
    parent: Name | None = None

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.add_code`."""
        live.check_lens(self.lens)
        parent = live.find_code(self.parent).id if self.parent else None
        new = str(uuid.uuid4())
        code = Code(new, self.name, self.definition, self.include, self.exclude, lens=self.lens, parent=parent)
        return lambda standing: acts.add_code(standing, code, by)


class Rename(_Decide):
    """Another name; it stays the same code."""

    verb: Literal["rename"]
    code: Name
    name: Name

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.change_code`."""
        code = live.find_code(self.code).id
        return lambda standing: acts.change_code(standing, code, by, Verb.RENAME, name=self.name)


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


class Quotation(BaseModel):
    """A quotation that shows how a code is used."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[Text, AfterValidator(_said)]
    source: Text = ""


class Define(_Decide):
    """Change the entry of a code; what is left out stays. `examples` replaces those there were."""

    verb: Literal["define"]
    code: Name
    definition: Text | None = None
    include: Text | None = None
    exclude: Text | None = None
    examples: Annotated[list[Quotation], Field(max_length=100)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Define:
        if all(value is None for value in (self.definition, self.include, self.exclude, self.examples)):
            raise ValueError("say what to change: definition, include, exclude or examples")
        return self

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.change_code`."""
        code = live.find_code(self.code).id
        given = {"definition": self.definition, "include": self.include, "exclude": self.exclude}
        fields: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if self.examples is not None:
            fields["examples"] = tuple(Example(one.text, one.source) for one in self.examples)
        return lambda standing: acts.change_code(standing, code, by, Verb.DEFINE, **fields)


class Merge(_Decide):
    """Put codes into another one, with all that stands under them."""

    verb: Literal["merge"]
    codes: Names
    into: Name

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.merge`."""
        gone, kept = _ids(live, self.codes), live.find_code(self.into).id
        return lambda standing: acts.merge(standing, gone, kept, by)


class Part(BaseModel):
    """A part of a code: its name, and the spans that go to it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    definition: Text | None = None
    spans: Annotated[list[Name], Field(max_length=10_000)]


class Split(_Decide):
    """Divide a code into parts; `codes/{code}/division` proposes which spans go together. Spans of no part stay."""

    verb: Literal["split"]
    code: Name
    parts: Annotated[list[Part], Field(min_length=2, max_length=20)]

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.split`."""
        code = live.find_code(self.code)
        made = [(_part_of(code, part), [live.find_span(span) for span in part.spans]) for part in self.parts]
        return lambda standing: acts.split(standing, code.id, made, by)


def _part_of(code: Code, part: Part) -> Code:
    definition = code.definition if part.definition is None else part.definition
    new = str(uuid.uuid4())
    return replace(code, id=new, name=part.name, definition=definition, examples=(), threshold=None)


class Move(_Decide):
    """Put codes below another one (`parent`, "" for the top), or under another lens."""

    verb: Literal["move"]
    codes: Names
    parent: Annotated[str, Field(max_length=500)] | None = None
    lens: Name | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Move:
        if self.parent is None and self.lens is None:
            raise ValueError("say where to: parent or lens")
        return self

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.change_code`."""
        fields: dict[str, Any] = {}
        if self.parent is not None:
            fields["parent"] = live.find_code(self.parent).id if self.parent else None
        if self.lens is not None:
            live.check_lens(self.lens)
            fields["lens"] = self.lens
        codes = _ids(live, self.codes)
        return lambda s: [d for code in codes for d in acts.change_code(s, code, by, Verb.MOVE, **fields)]


class Retire(_Decide):
    """Put codes out of use; their codings stay on record and count nowhere."""

    verb: Literal["retire"]
    codes: Names

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.retire`."""
        codes = _ids(live, self.codes)
        return lambda standing: [d for code in codes for d in acts.retire(standing, code, by)]


class Restore(_Decide):
    """Use a retired code again."""

    verb: Literal["restore"]
    code: Name

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.restore`."""
        code = live.find_code(self.code).id
        return lambda standing: acts.restore(standing, code, by)


class Threshold(_Decide):
    """From which probability the machine suggests a code; null leaves it to the machine again."""

    verb: Literal["threshold"]
    code: Name
    probability: Probability | None = None

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.change_code`."""
        code = live.find_code(self.code).id
        return lambda s: acts.change_code(s, code, by, Verb.THRESHOLD, threshold=self.probability)

    def preview(self, live: LiveProject, coder: Coder) -> Preview | ThresholdPreview:
        """For how many segments it would be suggested."""
        if self.probability is None:
            return super().preview(live, coder)
        return workflow.preview_threshold(live, live.find_code(self.code).id, self.probability)


# --- themes, roles, memos, quotations -----------------------------------------------------------------------------------------------------


class Adopt(_Decide):
    """Make a candidate theme a code; its segments are suggestions until somebody accepts them."""

    verb: Literal["adopt"]
    theme: Name
    name: Name | None = None
    definition: Text = ""

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.adopt`."""
        theme = live.find_theme(self.theme)
        name, new = self.name or theme.name, str(uuid.uuid4())
        code = Code(new, name, self.definition, lens=theme.lens, origin=Origin.DATA)
        return lambda standing: acts.adopt(standing, theme, code, by)


class Dismiss(_Decide):
    """A candidate theme is none; it is not proposed again."""

    verb: Literal["dismiss"]
    theme: Name

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.dismiss`."""
        theme = live.find_theme(self.theme)
        return lambda standing: acts.dismiss(standing, theme, by)


class GiveRole(_Decide):
    """Set a speaker's role, in one transcript or in all; the next run or import follows."""

    keyed: ClassVar[bool] = False
    verb: Literal["role"]
    speaker: Name
    role: Role
    transcript: Name | None = None

    def do(self, live: LiveProject, coder: Coder, key: str) -> list[Decision]:
        """See `workflow.assign_roles`."""
        before = live.standing.number
        workflow.assign_roles(live.store, {self.speaker: self.role}, transcript=self.transcript, coder=coder)
        live.catch_up()
        return [decision for decision in live.log if decision.number > before]

    def preview(self, live: LiveProject, coder: Coder) -> Preview | ThresholdPreview:
        """Nothing is known of it before the next run."""
        raise InvalidDecision("A role has no preview: its words are read anew by the next run or import.")


class CorrectSpeaker(_Decide):
    """Put right who speaks: some turns of a transcript (`turns`: a code point in each), or every turn of one speaker
    (`speaker`, "" for those of nobody by name), are `to`'s: of one who speaks there, or of a new name.

    `role` is that of a new name; without it she has the role of the turns. No coding is moved; the next run or import follows.
    """

    verb: Literal["speaker"]
    transcript: Name
    to: Name
    turns: Annotated[list[Annotated[int, Field(ge=0, le=2**53)]], Field(max_length=10_000)] = []
    speaker: Name | None = None
    role: Role | None = None

    @model_validator(mode="after")
    def _names_turns_or_speaker(self) -> CorrectSpeaker:
        if (self.speaker is None) == (not self.turns):
            raise ValueError("say either which turns, or whose: turns or speaker")
        return self

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `workflow.correcting_speaker`."""
        return workflow.correcting_speaker(
            live, self.transcript, self.to, by, turns=self.turns, speaker=self.speaker, role=self.role
        )

    def preview(self, live: LiveProject, coder: Coder) -> Preview | ThresholdPreview:
        """Which words would begin or cease to be evidence."""
        return workflow.preview_speaker(live, self.transcript, self.plan(live, self._by(coder)))


class WriteMemo(_Decide):
    """Write a memo on anything: project, transcript:NAME, segment:mira.txt:120-180, code:NAME, case:ID or theme:NAME.

    With an `id`, rewrite that memo; empty text takes it away.
    """

    verb: Literal["memo"]
    about: Name
    text: Text
    id: Name | None = None

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.write_memo`."""
        kind, item = live.find_item(self.about)
        memo = Memo(self.id or str(uuid.uuid4()), kind, item, self.text, by.coder, by.at)
        return lambda standing: acts.write_memo(standing, memo, by)


class Quote(_Decide):
    """Choose words for the report; once more, to change their note or place. What is left out stays as it is."""

    verb: Literal["quote"]
    span: Name
    note: Text | None = None
    place: Annotated[
        float | None, Field(ge=-1e9, le=1e9, description="They stand from low to high; a new one last.")
    ] = None

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.quote`."""
        span = live.find_span(self.span)
        return lambda standing: acts.quote(standing, span, by, note=self.note, place=self.place)


class Unquote(_Decide):
    """Take words out of those chosen for the report."""

    verb: Literal["unquote"]
    spans: Spans

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `acts.unquote`."""
        spans = [live.find_span(span) for span in self.spans]
        return lambda standing: acts.unquote(standing, spans, by)


class _OfProposal(_Decide):
    kind: ProposalKind
    codes: Annotated[list[Name], Field(min_length=1, max_length=10)]


class SetAside(_OfProposal):
    """A proposal of the machine is not to be followed. It stays so for everybody, until people have accepted much more for its codes."""

    verb: Literal["set_aside"]

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `asides.setting_aside`."""
        return setting_aside(live, self.kind, self.codes, by)


class TakeUp(_OfProposal):
    """Look at a proposal after all that was set aside."""

    verb: Literal["take_up"]

    def plan(self, live: LiveProject, by: By) -> Plan:
        """See `asides.taking_up`."""
        return taking_up(live, self.kind, self.codes, by)


AnyDecision = Annotated[
    Accept
    | Reject
    | Recode
    | CodeSpans
    | Uncode
    | Review
    | Resolve
    | Add
    | Rename
    | Define
    | Merge
    | Split
    | Move
    | Retire
    | Restore
    | Threshold
    | Adopt
    | Dismiss
    | GiveRole
    | CorrectSpeaker
    | WriteMemo
    | Quote
    | Unquote
    | SetAside
    | TakeUp,
    Field(discriminator="verb"),
]
"""What can be decided, told apart by its verb."""
