"""What goes in and out, as Pydantic models of our dataclasses. A figure that is undefined is null, never NaN."""

from __future__ import annotations

import math
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from textcoder.domain.account import Access
from textcoder.domain.codebook import CodeStatus, Origin
from textcoder.domain.coding import CoderKind, Status
from textcoder.domain.decision import DecisionKind, Verb
from textcoder.domain.job import JobKind, JobStatus
from textcoder.domain.memo import MemoOn
from textcoder.domain.project import Method
from textcoder.domain.sample import SampleStatus
from textcoder.domain.theme import ThemeStatus
from textcoder.domain.transcript import Outcome, Role

T = TypeVar("T")


def _sendable(text: str) -> str:
    """Text that every database keeps: no NUL, no half of a surrogate pair."""
    if "\0" in text:
        raise ValueError("must not hold NUL characters")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("must not hold halves of surrogate pairs")
    return text


def _line(text: str) -> str:
    """A name: one line, and not blank."""
    if not text.strip():
        raise ValueError("must not be blank")
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError("must not hold control characters")
    return text


Text = Annotated[str, Field(max_length=20_000), AfterValidator(_sendable)]
"""Words of a person: an entry, a memo, a reason."""
Name = Annotated[str, Field(max_length=500), AfterValidator(_sendable), AfterValidator(_line)]
"""A name or id."""
Figure = Annotated[
    float | None, BeforeValidator(lambda value: None if value is None or math.isnan(value) else float(value))
]
"""Null where it is undefined."""
Probability = Annotated[float, Field(ge=0, le=1)]


class Row(BaseModel):
    """Something that is answered."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Page(Row, Generic[T]):
    """Part of a list in stable order. `next` is the cursor of the part that follows; null at the end."""

    items: list[T]
    next: str | None = None


class Problem(BaseModel):
    """What went wrong (RFC 9457). More fields say more: `errors` (fields), `decisions` (in the way), `changes` (meanwhile), `row`."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str


# --- project and material ---------------------------------------------------------------------------------------------------------------


class LensRow(Row):
    """A lens of the project."""

    id: str
    name: str
    brief: str
    include: str
    exclude: str
    examples: tuple[str, ...]


class ProjectRow(Row):
    """One study."""

    id: str
    name: str
    method: Method
    lenses: tuple[LensRow, ...]


class ProjectOne(ProjectRow):
    """One study, with how much it holds."""

    decisions: int
    decisions_of_people: Annotated[int, Field(description="Without what the machine drafted.")]
    codebook_version: int
    transcripts: int
    segments: int
    cases: int
    codes: int
    demo: Annotated[bool, Field(description="It is the demo: the page offers its guide.")]


class ModelRow(Row):
    """A model that textcoder knows by name; `revision` is null where its weights are not installed here."""

    name: str
    kind: str
    licence: str
    source: str
    dims: int | None
    revision: str | None
    sha256: dict[str, str]


class ModelOne(ModelRow):
    """One model with its card, in Markdown."""

    card: str


class NewProject(BaseModel):
    """A study that begins."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[
        str,
        Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$", description="Its part of the address: a to z, digits, - and _."),
    ]
    name: Name
    method: Method = Method.CODEBOOK


class NewName(BaseModel):
    """What the study is to be called."""

    model_config = ConfigDict(extra="forbid")

    name: Name


class FileRow(Row):
    """A file that was given, and what became of it."""

    path: str
    sha256: str
    outcome: Outcome
    note: str
    transcript: str | None


class TranscriptRow(Row):
    """One source, without its text."""

    id: str
    name: str
    kind: str
    language: str
    wave: str | None
    date: str | None
    attributes: dict[str, str]
    characters: int
    segments: int
    speakers: dict[str, Role]
    sha256: str


class TurnRow(Row):
    """One contribution of one speaker; its words are `text?start=...&end=...`."""

    number: int
    start: int
    end: int
    speaker: str | None
    role: Role
    case: str | None
    start_ms: int | None
    end_ms: int | None
    question: str


class TranscriptOne(TranscriptRow):
    """One source with its turns."""

    turns: tuple[TurnRow, ...]
    pages: tuple[int, ...]


class TextRow(Row):
    """A range of the canonical text, in half-open code points."""

    transcript: str
    start: int
    end: int
    characters: int
    text: str


class CaseRow(Row):
    """A participant."""

    id: str
    name: str
    attributes: dict[str, str]
    transcripts: tuple[str, ...]
    segments: int


class SegmentRow(Row):
    """A unit that is coded, with its exact words."""

    id: str
    transcript: str
    file: str
    start: int
    end: int
    text: str
    question: str
    speaker: str
    role: Role
    case: str
    wave: str | None
    page: int | None
    time_ms: int | None
    lens: str | None
    lens_probability: Figure
    abstained: bool | None


class HitRow(SegmentRow):
    """A segment that a search found; the score is 1 for words, the cosine for meaning."""

    score: Figure


# --- codebook and codings ---------------------------------------------------------------------------------------------------------------


class ExampleRow(Row):
    """A quotation that shows how a code is used."""

    text: str
    source: str


class CodeRow(Row):
    """An entry of the codebook."""

    id: str
    name: str
    lens: str
    definition: str
    include: str
    exclude: str
    examples: tuple[ExampleRow, ...]
    parent: str | None
    colour: str
    origin: Origin
    status: CodeStatus
    successors: tuple[str, ...]
    threshold: float | None


class LineageRow(Row):
    """An act that changed the entry of a code, and the fields that it changed; none where it was added or taken away."""

    act: int
    at: str
    coder: str
    verb: Verb
    why: str
    sentence: str
    undone_by: int
    fields: tuple[str, ...]


class CodeOne(CodeRow):
    """An entry with where it comes from. The numbers count people's codings of just this code."""

    accepted: int
    rejected: int
    above: tuple[str, ...]
    below: tuple[str, ...]
    merged_from: tuple[str, ...]
    split_from: tuple[str, ...]
    lineage: tuple[LineageRow, ...]


class CodebookOne(Row):
    """All codes at one version."""

    version: int
    codes: tuple[CodeRow, ...]


class ChangeRow(Row):
    """How one code differs between two versions; `before` is null for one that was added, `after` for one that was taken away."""

    fields: tuple[str, ...]
    before: CodeRow | None
    after: CodeRow | None


class VersionRow(Row):
    """The codebook after an act that changed it: the last of the versions that the act made."""

    version: int
    act: int
    at: str
    coder: str
    verb: Verb
    sentence: str


class SimilarRow(Row):
    """A code that a new one would nearly repeat."""

    code: str
    name: str
    lens: str
    cosine: Figure


class PartRow(Row):
    """A proposed part of a code: its spans, the most typical first."""

    spans: tuple[str, ...]
    texts: tuple[str, ...]


class CodingRow(Row):
    """Somebody says that a span carries a code; `counts` says whether it counts in figures."""

    transcript: str
    file: str
    start: int
    end: int
    text: str
    speaker: str
    case: str
    wave: str | None
    code: str
    code_name: str
    lens: str
    coder: str
    coder_kind: CoderKind
    status: Status
    probability: Figure
    counts: bool
    why: str


class CoderRow(Row):
    """Whoever codes."""

    id: str
    name: str
    kind: CoderKind
    revision: str


# --- decisions --------------------------------------------------------------------------------------------------------------------------


class DecisionRow(Row):
    """One row of the log: of one thing, what it was and what it became."""

    number: int
    act: int
    kind: DecisionKind
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    coder: str
    at: str
    why: str
    verb: Verb
    undoes: int


class ActRow(Row):
    """What was done in one go; `undone_by` is 0 while it is in effect."""

    act: int
    at: str
    coder: str
    verb: Verb
    why: str
    sentence: str
    decisions: int
    undone_by: int


class Done(Row):
    """What came of a decision. `acts` is empty where it was so already. `codes` and `memos` are those that it touched."""

    acts: tuple[ActRow, ...]
    codes: tuple[str, ...]
    memos: tuple[str, ...]
    codebook_version: int
    log: int


class AgreementChangeRow(Row):
    """Krippendorff's alpha of one code, before and after."""

    code: str
    before: Figure
    after: Figure


class MemoRow(Row):
    """A memo."""

    id: str
    on: MemoOn
    item: str
    text: str
    coder: str
    at: str


class PreviewRow(Row):
    """What a decision would touch. Nothing was changed."""

    codings: int
    segments: int
    people: int
    files: int
    coders: tuple[str, ...]
    both: tuple[str, ...]
    overlapping: int
    memos: tuple[MemoRow, ...]
    suggested: int
    agreement: tuple[AgreementChangeRow, ...]
    sentences: tuple[str, ...]


class ThresholdPreviewRow(Row):
    """Segments for which a code is suggested, and people whose words they are, now and with another threshold."""

    before: int
    after: int
    people_before: int
    people_after: int


# --- the machine's view -----------------------------------------------------------------------------------------------------------------


class ThemeRow(Row):
    """A group of segments that say similar things."""

    id: str
    name: str
    lens: str
    keywords: tuple[str, ...]
    segments: int
    stability: Figure
    status: ThemeStatus
    code: str | None


class ThemeOne(ThemeRow):
    """A theme with the ids of its segments, nearest to its centre first, and quotations from different people."""

    members: tuple[str, ...]
    quotations: tuple[SegmentRow, ...]


class SuggestionRow(Row):
    """A code that the machine suggests."""

    code: str
    name: str
    lens: str
    probability: Figure
    why: str


class QueuedRow(Row):
    """A segment to look at, and why."""

    segment: str
    file: str
    start: int
    end: int
    speaker: str
    question: str
    text: str
    reason: str
    alike: tuple[str, ...]
    suggestions: tuple[SuggestionRow, ...]


class HintRow(Row):
    """Whether reading on would still change much."""

    looked: int
    changed: int
    low: Figure
    high: Figure
    unread: Figure
    missed: Figure
    sentence: str


class AsideRow(Row):
    """Who set a proposal aside, and when."""

    coder: str
    at: str


class ProposalRow(Row):
    """What the machine would change in the codebook, with its evidence in words and figures.

    One that people set aside says so; after much more was accepted for its codes it no longer does.
    """

    kind: str
    codes: tuple[str, ...]
    evidence: str
    figures: dict[str, Any]
    aside: AsideRow | None


class CandidateRow(Row):
    """A theme that continues no code."""

    theme: str
    name: str
    lens: str
    segments: int
    evidence: str
    figures: dict[str, Any]


class DriftRow(Row):
    """Whether the new segments of a code say something else than the old ones."""

    code: str
    name: str
    evidence: str
    figures: dict[str, Any]


class ChangesOne(Row):
    """What new material does to the codebook."""

    new: tuple[str, ...]
    candidates: tuple[CandidateRow, ...]
    drifted: tuple[DriftRow, ...]


# --- several people ---------------------------------------------------------------------------------------------------------------------


class SampleRow(Row):
    """A sample for blind coding; `progress` is how many segments each coder has looked at; `people`: whole people were drawn."""

    name: str
    status: SampleStatus
    size: int
    population: int
    seed: int
    by: str
    people: bool
    coders: tuple[str, ...]
    progress: dict[str, int]


class SampleOne(SampleRow):
    """A sample with its segments and the probability with which each was drawn."""

    segments: dict[str, float]


class EstimateRow(Row):
    """A figure with its interval of 95 %: estimate, interval, method, and of how many units."""

    estimate: Figure
    low: Figure
    high: Figure
    n: int
    method: str
    note: str


class PairRow(Row):
    """Two coders on one code."""

    a: str
    b: str
    both_yes: int
    only_a: int
    only_b: int
    both_no: int
    percent: EstimateRow
    kappa: EstimateRow
    measures: dict[str, EstimateRow]


class AgreementRow(Row):
    """How far coders agree on one code."""

    code: str
    name: str
    units: int
    people: int
    yes: dict[str, int]
    percent: EstimateRow
    alpha: EstimateRow
    pairs: tuple[PairRow, ...]
    measures: dict[str, EstimateRow]
    reading: str
    warnings: tuple[str, ...]


class DisagreementRow(Row):
    """A segment and a code on which people disagree, and which nobody has settled."""

    segment: str
    file: str
    start: int
    end: int
    text: str
    code: str
    name: str
    lens: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


# --- figures ----------------------------------------------------------------------------------------------------------------------------


class UnitRow(Row):
    """A code, lens or theme that is asked about; `code` is the code that it is, or that stands for it."""

    id: str
    name: str
    lens: str
    code: str | None


class WhereRow(Row):
    """Whose words, and which codings, a question is about; what is empty holds back nothing."""

    attributes: dict[str, tuple[str, ...]]
    files: tuple[str, ...]
    roles: tuple[Role, ...]
    people_only: bool
    minimum_probability: float


class QuestionRow(Row):
    """A question as it was asked."""

    unit: str
    by: tuple[str, ...]
    lens: str | None
    where: WhereRow
    minimum_people: int


class ShareRow(Row):
    """A share with its interval of 95 %: `n` said it, `of` could have. Of a difference of shares both are whom it compares."""

    value: Figure
    low: Figure
    high: Figure
    method: str
    n: int
    of: int


class AskedRow(Row):
    """Who could have said it: the denominators of one column. Null where they are too few to be shown."""

    values: tuple[str, ...]
    people: int | None
    segments: int | None


class CellRow(Row):
    """How many said it: people, segments, and distinct spans."""

    people: ShareRow
    segments: ShareRow
    mentions: int


class FigureRow(Row):
    """One code, lens or theme; a cell for each column, null where it is not shown."""

    row: UnitRow
    overall: CellRow | None
    cells: tuple[CellRow | None, ...]


class FiguresOne(Row):
    """Who said what: rows in the order of the codebook (or lenses, or themes), columns for the values of the attributes asked by."""

    question: QuestionRow
    overall: AskedRow
    columns: tuple[AskedRow, ...]
    rows: tuple[FigureRow, ...]
    hidden: int
    methods: dict[str, str]


class ComparedRow(Row):
    """Whom one column compares: if `paired`, only those who were asked in both waves, each with herself. Null where not shown."""

    values: tuple[str, ...]
    paired: bool
    both: int | None
    before: int | None
    after: int | None


class DifferenceRow(Row):
    """Shares of people in two waves, and after minus before; null where not shown."""

    before: ShareRow | None
    after: ShareRow | None
    difference: ShareRow | None


class ChangedRow(Row):
    """One code, lens or theme in two waves; a cell for each column."""

    row: UnitRow
    overall: DifferenceRow
    cells: tuple[DifferenceRow, ...]


class ChangeOne(Row):
    """What changed between two waves. `multiplicity` says what the number of differences shown (`comparisons`) means."""

    question: QuestionRow
    from_wave: str
    to_wave: str
    overall: ComparedRow
    columns: tuple[ComparedRow, ...]
    rows: tuple[ChangedRow, ...]
    comparisons: int
    multiplicity: str


class TogetherRow(Row):
    """Two codes (or lenses, or themes) that the same people carry."""

    a: UnitRow
    b: UnitRow
    people: int
    people_a: int
    people_b: int
    segments: int
    lift: Figure
    jaccard: Figure
    p: Figure
    p_adjusted: Figure


class CoOccurrenceOne(Row):
    """Pairs carried by enough of the people asked, most people first."""

    asked: int | None
    pairs: tuple[TogetherRow, ...]
    tested: int
    method: str


class MatrixOne(Row):
    """People by codes: for each person and row how many distinct spans."""

    cases: tuple[str, ...]
    rows: tuple[UnitRow, ...]
    mentions: tuple[tuple[int, ...], ...]


class QuotationRow(Row):
    """A coded span with all that is needed to find it again; `coders` gave it the code, the machine's with this `probability`."""

    text: str
    segment: str
    transcript: str
    file: str
    start: int
    end: int
    speaker: str
    case: str
    attributes: dict[str, str]
    page: int | None
    time_ms: int | None
    coders: tuple[str, ...]
    by_person: bool
    probability: Figure


class QuotationsOne(Row):
    """Part of the quotations: `total` distinct spans by `people` people, of which `items` are some. Null where not shown."""

    total: int | None
    people: int | None
    items: tuple[QuotationRow, ...]


class QuoteRow(Row):
    """Words that people chose for the report. `codes` are those that count for them, and the codes above; `lens` is the machine's view."""

    span: str
    transcript: str
    file: str
    start: int
    end: int
    text: str
    speaker: str
    case: str
    attributes: dict[str, str]
    wave: str | None
    page: int | None
    time_ms: int | None
    lens: str | None
    codes: tuple[str, ...]
    note: str
    place: float
    coder: str
    at: str


# --- who may do what ---------------------------------------------------------------------------------------------------------------------

Password = Annotated[SecretStr, Field(max_length=1000)]


class RoleRow(Row):
    """What somebody may do in a project."""

    project: str
    access: Access


class AccountOne(Row):
    """Somebody, and what she may do. `administrator` may do everything in all projects, whatever `projects` says.

    `exists` is false where the service has no accounts, and whoever asks may do everything under any name.
    """

    name: str
    exists: bool = True
    administrator: bool
    projects: tuple[RoleRow, ...]


class AccountRow(AccountOne):
    """An account, as administrators see it."""

    disabled: bool
    created: str


class LogIn(BaseModel):
    """Who you are."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    password: Password


class TokenRow(Row):
    """A token, without what makes it one; `session` is one that came of a log-in."""

    id: str
    name: str
    created: str
    expires: str
    session: bool


class TokenGiven(TokenRow):
    """A new token. `token` is shown this once: send it as `Authorization: Bearer tc_...`."""

    token: str


class NewToken(BaseModel):
    """What a program is to be let in with."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Name, Field(description="What it is for, such as `notebook`.")]
    days: Annotated[int, Field(ge=1, le=365, description="How long it is worth something.")] = 90


class NewPassword(BaseModel):
    """Your password, and the one in its place."""

    model_config = ConfigDict(extra="forbid")

    old: Password
    new: Annotated[Password, Field(description="At least 10 characters.")]


class NewAccount(BaseModel):
    """Somebody who is to be let in."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Name, Field(description="As she logs in, and as the history names her.")]
    password: Annotated[
        Password, Field(description="Her first one, of at least 10 characters; she changes it herself.")
    ]
    administrator: bool = False


class AccountChange(BaseModel):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    disabled: bool | None = None
    administrator: bool | None = None
    password: Annotated[Password | None, Field(description="Another first password; it ends her log-ins.")] = None


class MemberRow(Row):
    """Somebody with a role in a project."""

    account: str
    access: Access


class NewRole(BaseModel):
    """What somebody may do from now on; each may do what those before may."""

    model_config = ConfigDict(extra="forbid")

    access: Access


# --- long work --------------------------------------------------------------------------------------------------------------------------

Moment = Annotated[str | None, BeforeValidator(lambda value: value or None)]
"""UTC, ISO 8601; null before it happens."""


class JobRow(Row):
    """Long work on a project."""

    id: str
    kind: JobKind
    status: JobStatus
    coder: str
    stage: Annotated[str, Field(description="What is being done now, in words.")]
    done: Annotated[int, Field(description="How much of the stage is done.")]
    total: Annotated[int, Field(description="Of how much; 0 where nobody knows.")]
    error: Annotated[str, Field(description="Why it failed, in one sentence; empty otherwise.")]
    result: Annotated[dict[str, Any], Field(description="What came of it, in figures.")]
    arguments: Annotated[dict[str, Any], Field(description="What was asked for.")]
    created: str
    started: Moment
    ended: Moment
    attempts: Annotated[int, Field(description="How often a worker began with it: more than once after a restart.")]
    cancel: Annotated[bool, Field(description="Somebody asked that it stop.")]
