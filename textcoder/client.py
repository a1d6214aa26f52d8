"""A study from a notebook: ask a running service (`textcoder serve`), and get typed rows and data frames.

    with Client(project="study", coder="eva") as study:
        study.figures(lens="barriers", by=["group", "wave"], site="North").frame()

Answers are the models of `textcoder_api.schemas`; lists are `Rows`, which read on as far as they are looked at. Whatever the
service refuses is raised as the error that the same call of the library would raise, and is `Refused`, too.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, overload
from urllib.parse import quote, urlsplit

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from textcoder import errors
from textcoder.errors import MissingPackage, TextcoderError
from textcoder_api.agreement_schemas import BehindRow, CeilingOne, ConfusionRow, OverTimeOne, SetsOne, SpansOne
from textcoder_api.estimation_schemas import CorrectedRow, ErrorsOne, ErrorTestRow, PrevalenceOne, PrevalenceRow
from textcoder_api.schemas import (
    ActRow,
    AgreementRow,
    CaseRow,
    CellRow,
    ChangedRow,
    ChangeOne,
    ChangesOne,
    CodebookOne,
    CodeOne,
    CodeRow,
    CoderRow,
    CodingRow,
    CoOccurrenceOne,
    DecisionRow,
    DifferenceRow,
    DisagreementRow,
    Done,
    FigureRow,
    FiguresOne,
    FileRow,
    HitRow,
    JobRow,
    MatrixOne,
    MemoRow,
    Page,
    PreviewRow,
    Problem,
    ProjectOne,
    ProjectRow,
    ProposalRow,
    QueuedRow,
    QuotationRow,
    QuotationsOne,
    QuoteRow,
    Row,
    SampleOne,
    SampleRow,
    SegmentRow,
    TextRow,
    ThemeOne,
    ThemeRow,
    ThresholdPreviewRow,
    TogetherRow,
    TranscriptOne,
    TranscriptRow,
    UnitRow,
    VersionRow,
)

if TYPE_CHECKING:
    import httpx
    import pandas

    from textcoder_api.routes.adequacy import AdequacyOne
    from textcoder_api.routes.correcting import CorrectionRow, WaitingRow
    from textcoder_api.routes.exchange import ExchangedOne
    from textcoder_api.routes.progress import PersonProgressOne, PersonWaveRow, ProgressOne, SignRow
    from textcoder_api.routes.sequences import FollowedOne, TiedOne
    from textcoder_api.routes.tables import TakenOne
    from textcoder_api.routes.training import TrainingOne
    from textcoder_api.routes.waves import WavesOne

R = TypeVar("R", bound=Row)
M = TypeVar("M")
Several = str | Sequence[str]
"""One value, or several of which any will do."""

PART = 1000
"""Rows of a list that are asked for at a time."""


# --- errors -----------------------------------------------------------------------------------------------------------------------------


class Refused(TextcoderError):
    """The service refuses, and says why. It is an error of the family as well: `except UnknownItem` works as in the library.

    Attributes:
        status: Of HTTP.
        errors: Wrong fields, each with `field` and `message`.
        decisions: Numbers of the decisions in the way, oldest first.
        changes: What happened meanwhile, where something was decided about that was changed since.
        file: That was sent, and cannot be read; empty where it is about no file, or the sentence names it.
        row: Of that file, where it is wrong; None where it is not about a row.
    """

    def __init__(self, problem: Problem) -> None:
        more = problem.model_extra or {}
        self.status: int = problem.status
        self.errors: tuple[Mapping[str, str], ...] = tuple(more.get("errors", ()))
        self.decisions: tuple[int, ...] = tuple(more.get("decisions", ()))
        self.changes: tuple[Mapping[str, Any], ...] = tuple(more.get("changes", ()))
        self.file: str = more.get("file", "")
        self.row: int | None = more.get("row")
        Exception.__init__(self, problem.detail)


class NoService(TextcoderError):
    """Nothing answers at the address, or what answers is no textcoder of this version."""

    exit_status = 3


class JobFailed(TextcoderError):
    """Long work was cancelled, or failed; the sentence says why.

    Attributes:
        job: As it ended.
    """

    def __init__(self, job: JobRow) -> None:
        self.job = job
        super().__init__(job.error or f"The {job.kind} was cancelled.")


_BY_STATUS: dict[int, type[TextcoderError]] = {
    404: errors.UnknownItem,
    409: errors.Conflict,
    412: errors.Conflict,
    422: errors.InvalidDecision,
    503: errors.StoreError,
}


def _refused(problem: Problem) -> Refused:
    """The error that the problem's type names (`unknown-item`), else the one that its status stands for."""
    named = re.sub(r"(?:^|-)(.)", lambda match: match[1].upper(), problem.type.rpartition(":")[2])
    kind: type[TextcoderError] = getattr(errors, named, _BY_STATUS.get(problem.status, TextcoderError))
    return _refusal(kind)(problem)


def _refusal(kind: type[TextcoderError]) -> type[Refused]:
    if kind is TextcoderError:
        return Refused
    return type(kind.__name__, (Refused, kind), {"__doc__": kind.__doc__, "__module__": __name__})


# --- answers ----------------------------------------------------------------------------------------------------------------------------


class Rows(Sequence[R]):
    """A list of the service. Its first part is there at once; the rest is asked for as far as somebody looks.

    Args:
        model: What the rows are.
        part: Cursor, None at first, to rows and the next cursor, None at the end.
    """

    def __init__(self, model: type[R], part: Callable[[str | None], tuple[Sequence[R], str | None]]) -> None:
        self.model, self._part = model, part
        self._rows: list[R] = []
        self._cursor: str | None = None
        self._more()

    def _more(self) -> None:
        rows, self._cursor = self._part(self._cursor)
        self._rows += rows

    def _read(self, enough: int | None) -> list[R]:
        while self._cursor is not None and (enough is None or len(self._rows) < enough):
            self._more()
        return self._rows

    def __len__(self) -> int:
        return len(self._read(None))

    def __bool__(self) -> bool:
        return bool(self._rows) or len(self) > 0

    def __iter__(self) -> Iterator[R]:
        for place in count():
            if len(self._read(place + 1)) <= place:
                return
            yield self._rows[place]

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> list[R]: ...
    def __getitem__(self, place: int | slice) -> R | list[R]:
        return self._read(_enough_for(place))[place]

    def __repr__(self) -> str:
        more = " so far" if self._cursor is not None else ""
        return f"<{len(self._rows)} {self.model.__name__}{more}>"

    def frame(self) -> pandas.DataFrame:
        """All rows as a data frame.

        Parts of a row become columns: `alpha` with its `estimate`, `low` and `high` becomes `alpha_estimate`, `alpha_low`, ...;
        attributes become `attributes_group`, ... Lists and other mappings stay in their cell.

        Raises:
            MissingPackage: pandas is not installed.
        """
        return _frame([_flat(self.model, row) for row in self], list(_flat(self.model, None)))


def _enough_for(place: int | slice) -> int | None:
    """How many rows must be read for this place; None where it counts from the end."""
    if isinstance(place, int):
        return place + 1 if place >= 0 else None
    forward = (place.start or 0) >= 0 and (place.step or 1) > 0
    return place.stop if forward and place.stop is not None and place.stop >= 0 else None


class Figures(Rows[FigureRow]):
    """Who said what: a row for each code, lens or theme. `answer` is all of it: who was asked, the columns, methods."""

    def __init__(self, answer: FiguresOne) -> None:
        self.answer = answer
        super().__init__(FigureRow, lambda _: (answer.rows, None))

    def frame(self) -> pandas.DataFrame:
        """A line for each row and cell; that of everybody has empty attributes. Cells that are not shown have no figures.

        Columns: the row, the attributes asked by, then people who said it, `asked`, `share` with `low`, `high` and `method`,
        `mentions`, `segments`, `segments_asked`, `segments_share` with its interval.
        """
        return _cells_frame(CellRow, self.answer, _CELL)


class Change(Rows[ChangedRow]):
    """What changed between two waves: a row for each code, lens or theme. `answer` is all of it."""

    def __init__(self, answer: ChangeOne) -> None:
        self.answer = answer
        super().__init__(ChangedRow, lambda _: (answer.rows, None))

    def frame(self) -> pandas.DataFrame:
        """A line for each row and cell; that of everybody has empty attributes.

        Columns: the row, the attributes asked by, then `before` and `after` (people who said it, of `asked_before` and
        `asked_after`), their shares, and `difference` with `low`, `high` and `method`.
        """
        return _cells_frame(DifferenceRow, self.answer, _DIFFERENCE)


class CoOccurrence(Rows[TogetherRow]):
    """Pairs that the same people carry. `answer` is all of it: how many were asked, how many pairs tested, the method."""

    def __init__(self, answer: CoOccurrenceOne) -> None:
        self.answer = answer
        super().__init__(TogetherRow, lambda _: (answer.pairs, None))


class Prevalence(Rows[PrevalenceRow]):
    """Corrected shares: a row for each code. `answer` is all of it: the sample, differences, method, and what else to know in `note`."""

    def __init__(self, answer: PrevalenceOne) -> None:
        self.answer = answer
        super().__init__(PrevalenceRow, lambda _: (answer.rows, None))

    def frame(self) -> pandas.DataFrame:
        """A line for each code and cell; that of everybody has empty attributes. Cells that are not shown have no figures."""
        everybody = ("",) * len(self.answer.by)
        lines = [
            [row.row.id, row.row.name, row.row.lens, *values]
            + [getattr(cell, name) if cell else None for name in CorrectedRow.model_fields]
            for row in self
            for values, cell in ((everybody, row.overall), *zip(self.answer.columns, row.cells, strict=True))
        ]
        return _data_frame(lines, ["id", "name", "lens", *self.answer.by, *CorrectedRow.model_fields])


class MachineErrors(Rows[ErrorTestRow]):
    """Whether the machine errs alike: a row for each code, attribute and kind of error. `answer.meanings` says it in sentences."""

    def __init__(self, answer: ErrorsOne) -> None:
        self.answer = answer
        super().__init__(ErrorTestRow, lambda _: (answer.tests, None))


class Matrix:
    """People by codes: how many distinct spans each person has of each. `answer` is all of it."""

    def __init__(self, answer: MatrixOne) -> None:
        self.answer = answer

    def frame(self) -> pandas.DataFrame:
        """A line for each person, by case id; a column for each code, by name, or `lens/name` where two have one name."""
        names = [row.name for row in self.answer.rows]
        columns = [f"{row.lens}/{row.name}" if names.count(row.name) > 1 else row.name for row in self.answer.rows]
        return _data_frame([list(of) for of in self.answer.mentions], columns, index=self.answer.cases)


class Quotations(Rows[QuotationRow]):
    """The words behind a figure: `total` distinct spans by `people` people; None where they are not shown."""

    total: int | None
    people: int | None

    def __init__(self, ask: Callable[[int], QuotationsOne]) -> None:
        def part(cursor: str | None) -> tuple[Sequence[QuotationRow], str | None]:
            offset = int(cursor or 0)
            found = ask(offset)
            self.total, self.people = found.total, found.people
            told = offset + len(found.items)
            return found.items, str(told) if found.items and told < (found.total or 0) else None

        super().__init__(QuotationRow, part)


_CELL = {
    "people_n": "people",
    "people_of": "asked",
    "people_value": "share",
    "people_low": "low",
    "people_high": "high",
    "people_method": "method",
    "mentions": "mentions",
    "segments_n": "segments",
    "segments_of": "segments_asked",
    "segments_value": "segments_share",
    "segments_low": "segments_low",
    "segments_high": "segments_high",
    "segments_method": "segments_method",
}
_DIFFERENCE = {
    "before_n": "before",
    "before_of": "asked_before",
    "before_value": "share_before",
    "after_n": "after",
    "after_of": "asked_after",
    "after_value": "share_after",
    "difference_value": "difference",
    "difference_low": "low",
    "difference_high": "high",
    "difference_method": "method",
}
"""As the CSV of the service calls them."""


def _cells_frame(model: type[Row], answer: FiguresOne | ChangeOne, named: Mapping[str, str]) -> pandas.DataFrame:
    by = answer.question.by
    places = [("",) * len(by), *(column.values for column in answer.columns)]  # everybody's comes first
    lines = [
        {**_flat(UnitRow, one.row), **dict(zip(by, values, strict=True)), **_named(_flat(model, cell), named)}
        for one in answer.rows
        for values, cell in zip(places, [one.overall, *one.cells], strict=True)
    ]
    return _frame(lines, [*_flat(UnitRow, None), *by, *named.values()])


def _named(cells: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {new: cells[old] for old, new in names.items()}


def _flat(model: type[Row], row: Row | None, prefix: str = "") -> dict[str, Any]:
    """Column to value; without a row every value is None."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        value, part = getattr(row, name, None), _model_in(field.annotation)
        if part is not None:
            found |= _flat(part, value, f"{prefix}{name}_")
        elif name == "attributes":
            found |= {f"{prefix}{name}_{attribute}": of for attribute, of in (value or {}).items()}
        else:
            found[prefix + name] = to_jsonable_python(value)
    return found


def _model_in(annotation: Any) -> type[Row] | None:
    """`EstimateRow` in `EstimateRow` and in `EstimateRow | None`; None for all else."""
    kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    rows = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Row)]
    return rows[0] if rows else None


def _frame(lines: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pandas.DataFrame:
    """A column stands where it first comes up, also in a frame without lines."""
    wide = dict.fromkeys(columns) | {column: None for line in lines for column in line}
    return _data_frame(lines, list(wide))


def _data_frame(lines: Sequence[Any], columns: Sequence[str], index: Sequence[str] | None = None) -> pandas.DataFrame:
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise MissingPackage("A data frame needs pandas: pip install pandas") from error
    return pandas.DataFrame(list(lines), columns=list(columns), index=None if index is None else list(index))


# --- the client -------------------------------------------------------------------------------------------------------------------------


class Client:
    """One study of a running service, as one person.

    A question that finds no connection, or a service that must wait (503), is asked again; so is a decision, which carries a key
    of its own, so that it is taken once, however often it is sent.

    Args:
        address: Where `textcoder serve` says that it answers.
        project: Id of the study.
        coder: Who you are; your decisions are kept under this name.
        token: Your personal token, where the service has accounts.
        timeout: Seconds to wait for an answer.
        retries: How often to ask again.
        transport: In place of the network.

    Raises:
        MissingPackage: httpx is not installed.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8765",
        *,
        project: str = "study",
        coder: str | None = None,
        token: str | None = None,
        timeout: float = 60.0,
        retries: int = 4,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise MissingPackage('The client needs httpx: pip install "textcoder[client]"') from error
        self.address, self.project, self._retries = address.rstrip("/"), project, retries
        self._dropped: type[Exception] = httpx.TransportError
        self._late: type[Exception] = httpx.TimeoutException
        headers = {b"Accept": b"application/json"}
        if coder is not None:
            headers[b"X-Textcoder-Coder"] = coder.encode()
        if token is not None:
            headers[b"Authorization"] = f"Bearer {token}".encode()
        # Confidential words go to this machine directly, whatever proxy the environment names.
        here = urlsplit(self.address).hostname in ("localhost", "127.0.0.1", "::1")
        self._http = httpx.Client(headers=headers, timeout=timeout, transport=transport, trust_env=not here)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # --- what was read ------------------------------------------------------------------------------------------------------------------

    def projects(self) -> Rows[ProjectRow]:
        """The projects of the service, by id."""
        return self._list(ProjectRow, f"{self.address}/api/v1/projects")

    def about(self) -> ProjectOne:
        """The study, with its lenses and how much it holds."""
        return self._get(ProjectOne, self._at())

    def manifest(self) -> dict[str, Any]:
        """What figures and quotations rest on: files and models with their hashes, settings, seed, versions."""
        return self._get(dict[str, Any], self._at("manifest"))

    def files(self) -> Rows[FileRow]:
        """Every file that was given and what became of it."""
        return self._list(FileRow, self._at("files"))

    def transcripts(self) -> Rows[TranscriptRow]:
        """The sources, by name."""
        return self._list(TranscriptRow, self._at("transcripts"))

    def transcript(self, transcript: str) -> TranscriptOne:
        """One source with its turns, by id or file name."""
        return self._get(TranscriptOne, self._at("transcripts", transcript))

    def text(self, transcript: str, start: int = 0, end: int | None = None) -> TextRow:
        """A range of a source's text, in half-open code points; `end` None reads to the end."""
        return self._get(TextRow, self._at("transcripts", transcript, "text"), start=start, end=end)

    def cases(self) -> Rows[CaseRow]:
        """The participants with their attributes, by id."""
        return self._list(CaseRow, self._at("cases"))

    def segments(
        self,
        *,
        file: str | None = None,
        speaker: str | None = None,
        role: str | None = None,
        case: str | None = None,
        wave: str | None = None,
        lens: str | None = None,
        code: str | None = None,
    ) -> Rows[SegmentRow]:
        """The units that are coded, with their words, in the order of the transcripts; all that is given must hold."""
        asked = {"file": file, "speaker": speaker, "role": role, "case": case, "wave": wave, "lens": lens, "code": code}
        return self._list(SegmentRow, self._at("segments"), **asked)

    def segment(self, segment: str) -> SegmentRow:
        """One segment, by id or as `mira.txt:120-180`."""
        return self._get(SegmentRow, self._at("segments", segment))

    def search(self, q: str, *, by: Literal["words", "meaning"] = "words", limit: int = 20) -> Rows[HitRow]:
        """Segments that hold the words, or that mean something alike, best first; at most `limit` (1,000)."""
        return self._all(HitRow, self._at("search"), q=q, by=by, limit=limit)

    # --- codebook and codings -----------------------------------------------------------------------------------------------------------

    def codebook(self, version: int | None = None) -> CodebookOne:
        """The codebook as it stands, or as it was after so many changes."""
        parts = () if version is None else ("versions", str(version))
        return self._get(CodebookOne, self._at("codebook", *parts))

    def codebook_versions(self) -> Rows[VersionRow]:
        """Every act that changed the codebook, with the version that it left."""
        return self._list(VersionRow, self._at("codebook", "versions"))

    def codes(self, *, lens: str | None = None, status: str | None = None) -> Rows[CodeRow]:
        """The codes, by lens and name; retired ones too, unless `status="active"` or another is asked for."""
        return self._list(CodeRow, self._at("codes"), lens=lens, status=status)

    def code(self, code: str) -> CodeOne:
        """One code by id or name, with where it comes from and what became of it."""
        return self._get(CodeOne, self._at("codes", code))

    def codings(
        self,
        *,
        file: str | None = None,
        case: str | None = None,
        wave: str | None = None,
        lens: str | None = None,
        code: str | None = None,
        coder: str | None = None,
        status: str | None = None,
        counts: bool | None = None,
    ) -> Rows[CodingRow]:
        """What people said and what the machine suggests; `counts=True` gives what figures rest on."""
        asked: dict[str, Any] = {"file": file, "case": case, "wave": wave, "lens": lens, "code": code}
        return self._list(CodingRow, self._at("codings"), **asked, coder=coder, status=status, counts=counts)

    def coders(self) -> Rows[CoderRow]:
        """Everybody who has coded or decided, the machine too."""
        return self._list(CoderRow, self._at("coders"))

    def memos(self, *, on: str | None = None, item: str | None = None) -> Rows[MemoRow]:
        """What people wrote down, by time; `on` is `segment`, `code`, `case`, ..., `item` the id of the thing."""
        return self._list(MemoRow, self._at("memos"), on=on, item=item)

    def quotes(self) -> Rows[QuoteRow]:
        """The words that people chose for the report, in its order."""
        return self._list(QuoteRow, self._at("quotes"))

    # --- figures ------------------------------------------------------------------------------------------------------------------------

    def figures(
        self,
        *,
        by: Several = (),
        unit: Literal["codes", "lenses", "themes"] = "codes",
        lens: str | None = None,
        people_only: bool = False,
        probability: float = 0.0,
        minimum_people: int = 2,
        **where: Several,
    ) -> Figures:
        """How many of those asked said it, with interval, method and n.

        Args:
            by: Up to three attributes (or `wave`) by which people are compared.
            unit: What the rows are.
            lens: Only rows under this lens.
            people_only: Count what people coded, not what is suggested.
            probability: Leave out suggestions below it.
            minimum_people: Cells with fewer people are not shown.
            where: Attributes (or `wave`, `file`, `role`) that the words must have: `site="North"`, `site=["North", "South"]`.
        """
        asked = {"unit": unit, "lens": lens, "people_only": people_only, "probability": probability}
        found = self._get(
            FiguresOne, self._at("figures"), **asked, by=_joined(by), minimum_people=minimum_people, **where
        )
        return Figures(found)

    def change(
        self,
        from_wave: str,
        to_wave: str,
        *,
        by: Several = (),
        unit: Literal["codes", "lenses", "themes"] = "codes",
        lens: str | None = None,
        people_only: bool = False,
        probability: float = 0.0,
        minimum_people: int = 2,
        **where: Several,
    ) -> Change:
        """What changed between two waves, person by person where the same people were asked; else as `figures`."""
        asked = {"unit": unit, "lens": lens, "people_only": people_only, "probability": probability}
        waves = {"from_wave": from_wave, "to_wave": to_wave}
        url = self._at("figures", "change")
        return Change(
            self._get(ChangeOne, url, **asked, **waves, by=_joined(by), minimum_people=minimum_people, **where)
        )

    def co_occurrence(
        self,
        *,
        unit: Literal["codes", "lenses", "themes"] = "codes",
        lens: str | None = None,
        people_only: bool = False,
        probability: float = 0.0,
        minimum_people: int = 2,
        **where: Several,
    ) -> CoOccurrence:
        """Which codes go together in the same people, more or less than chance; asked as `figures`."""
        asked = {"unit": unit, "lens": lens, "people_only": people_only, "probability": probability}
        url = self._at("figures", "co-occurrence")
        return CoOccurrence(self._get(CoOccurrenceOne, url, **asked, minimum_people=minimum_people, **where))

    def prevalence(
        self,
        *,
        by: Several = (),
        of: Literal["segments", "people"] = "segments",
        code: Several = (),
        lens: str | None = None,
        sample: str | None = None,
        minimum_people: int = 2,
        **where: Several,
    ) -> Prevalence:
        """How much carries each code, corrected for the machine's errors by a random sample that people coded.

        Args:
            by: Attributes (or `wave`) by which people are compared.
            of: Shares of what is said, or of people who say it at least once, which takes a sample of whole people.
            code: Only these, by name or id.
            lens: Only codes under this lens.
            sample: By name; None for the released one of which most is coded.
            minimum_people: Cells with fewer people are not shown.
            where: As in `figures`.
        """
        asked = {"of": of, "code": code or None, "lens": lens, "sample": sample, "minimum_people": minimum_people}
        return Prevalence(self._get(PrevalenceOne, self._at("prevalence"), **asked, by=_joined(by), **where))

    def errors(
        self, *, by: Several = (), code: Several = (), sample: str | None = None, at: float = 0.1, **where: Several
    ) -> MachineErrors:
        """Whether the machine errs differently by group, site, wave, length or language.

        Args:
            by: None takes all attributes that divide people into a few groups, and length.
            code: Only these, by name or id.
            sample: As in `prevalence`.
            at: The difference of which the power is stated.
            where: As in `figures`.
        """
        asked = {"code": code or None, "sample": sample, "at": at}
        return MachineErrors(self._get(ErrorsOne, self._at("errors"), **asked, by=_joined(by), **where))

    def matrix(
        self,
        *,
        unit: Literal["codes", "lenses", "themes"] = "codes",
        lens: str | None = None,
        people_only: bool = False,
        probability: float = 0.0,
        **where: Several,
    ) -> Matrix:
        """People by codes: how often each person says each. It shows single people."""
        asked = {"unit": unit, "lens": lens, "people_only": people_only, "probability": probability}
        return Matrix(self._get(MatrixOne, self._at("figures", "matrix"), **asked, **where))

    def quotations(
        self,
        row: str,
        *,
        unit: Literal["codes", "lenses", "themes"] = "codes",
        people_only: bool = False,
        probability: float = 0.0,
        together: str | None = None,
        **where: Several,
    ) -> Quotations:
        """The exact words behind a figure, spread over people: everybody's first quotation, then everybody's second, ...

        With `together`, only words of segments that carry that row, too: what a pair of `co_occurrence` says at once.
        """
        asked = {"unit": unit, "people_only": people_only, "probability": probability, "with": together, "limit": PART}
        url = self._at("figures", "quotations", row)
        return Quotations(lambda offset: self._get(QuotationsOne, url, **asked, offset=offset, **where))

    # --- the machine, and several people ------------------------------------------------------------------------------------------------

    def themes(self, *, lens: str | None = None, status: str | None = None) -> Rows[ThemeRow]:
        """The themes of the last run, and what became of them."""
        return self._list(ThemeRow, self._at("themes"), lens=lens, status=status)

    def theme(self, theme: str) -> ThemeOne:
        """One theme by id or name, with its segments and quotations."""
        return self._get(ThemeOne, self._at("themes", theme))

    def review(self, n: int = 10, *, sample: str | None = None, skip: Sequence[str] = ()) -> Rows[QueuedRow]:
        """What you should look at next: of a sample in random order, else what would settle most; at most 200."""
        return self._all(QueuedRow, self._at("review"), n=n, sample=sample, skip=list(skip))

    def proposals(self) -> Rows[ProposalRow]:
        """What the machine would change in the codebook, with its evidence."""
        return self._all(ProposalRow, self._at("proposals"))

    def changes(self, *, since: str | None = None) -> ChangesOne:
        """What new interviews do to the codebook; new is what comes from the wave `since` on, or from the last wave."""
        return self._get(ChangesOne, self._at("changes"), since=since)

    def samples(self) -> Rows[SampleRow]:
        """The samples for blind coding, with how far each coder has come."""
        return self._list(SampleRow, self._at("samples"))

    def sample(self, name: str) -> SampleOne:
        """One sample with its segments and the probability with which each was drawn."""
        return self._get(SampleOne, self._at("samples", name))

    def draw(
        self,
        name: str,
        n: int,
        coders: Sequence[str],
        *,
        by: str | None = None,
        most_per_person: int | None = None,
        seed: int | None = None,
        people: bool = False,
    ) -> SampleOne:
        """Draw `n` segments (with `people`: whole people) by chance for blind coding, stratified `by` an attribute; the project's seed."""
        body = {"name": name, "n": n, "coders": list(coders), "by": by, "most_per_person": most_per_person}
        return self._post(SampleOne, self._at("samples"), {**body, "seed": seed, "people": people})

    def release(self, sample: str) -> SampleOne:
        """Let the coders of a sample see each other's codings."""
        return self._post(SampleOne, self._at("samples", sample, "release"), {})

    def agreement(self, *, sample: str | None = None) -> Rows[AgreementRow]:
        """How far people agree, code by code."""
        return self._list(AgreementRow, self._at("agreement"), sample=sample)

    def progress(
        self,
        *,
        indicator: str = "signs_of_progress",
        by: str | None = None,
        people_only: bool = False,
        minimum_people: int = 2,
    ) -> ProgressOne:
        """Means of people over waves, by group, with what changed for the same people; `indicator` is a lens, or `scaling`."""
        from textcoder_api.routes.progress import ProgressOne

        asked = {"indicator": indicator, "by": by, "people_only": people_only, "minimum_people": minimum_people}
        return self._get(ProgressOne, self._at("progress"), **asked)

    def progress_of_people(
        self, *, indicator: str = "signs_of_progress", by: str | None = None, people_only: bool = False
    ) -> Rows[PersonWaveRow]:
        """The indicator of each person in each wave: what the means of `progress` are made of."""
        from textcoder_api.routes.progress import PersonWaveRow

        asked = {"indicator": indicator, "by": by, "people_only": people_only}
        return self._all(PersonWaveRow, self._at("progress", "people"), **asked)

    def progress_of(self, case: str, *, wave: str | None = None) -> PersonProgressOne:
        """One person's path with the sentences that it is made of."""
        from textcoder_api.routes.progress import PersonProgressOne

        return self._get(PersonProgressOne, self._at("progress", "people", case), wave=wave)

    def signs(self, *, kind: str | None = None, case: str | None = None, wave: str | None = None) -> Rows[SignRow]:
        """What patterns found: scaling answers as numbers, exceptions, small steps, ...; never counted as codings."""
        from textcoder_api.routes.progress import SignRow

        return self._all(SignRow, self._at("progress", "marks"), kind=kind, case=case, wave=wave)

    def adequacy(self, *, by: Several = (), lens: str | None = None, **asked: Any) -> AdequacyOne:
        """Was enough heard, and from whom: saturation, rare and unheard codes, whose voices carry each code.

        Args:
            by: Attributes (or `wave`) by which people are told apart.
            lens: Only codes under this lens.
            asked: `base_size`, `run_length`, `threshold`, `orders`, `rare`, `times`, `minimum_people`, `people_only`, and as in `figures`.
        """
        from textcoder_api.routes.adequacy import AdequacyOne

        return self._get(AdequacyOne, self._at("adequacy"), by=_joined(by), lens=lens, **asked)

    def together(self, *, on: Literal["segment", "answer"] = "segment", **asked: Any) -> TiedOne:
        """Which codes stand on the same words more or less than chance gives, with each person's volume kept; asked as `figures`."""
        from textcoder_api.routes.sequences import TiedOne

        return self._get(TiedOne, self._at("sequences", "together"), on=on, **asked)

    def followed(
        self, first: str = "barriers", then: str = "what_works", *, within: int = 3, **asked: Any
    ) -> FollowedOne:
        """Whether one lens follows another within one account more than chance gives; else asked as `figures`."""
        from textcoder_api.routes.sequences import FollowedOne

        url = self._at("sequences", "followed")
        return self._get(FollowedOne, url, first=first, then=then, within=within, **asked)

    def waves(
        self,
        *,
        since: str | None = None,
        before: str | None = None,
        version: int | None = None,
        by: Several = (),
        **asked: Any,
    ) -> WavesOne:
        """New interviews read with a codebook that stands still: what is new, gone, grown, drifting, and what nobody foresaw.

        Args:
            since: Wave from which interviews are new; None for the last.
            before: Wave to compare with; None for the one right before.
            version: Of the codebook; None for that of now.
            by: Attributes by which people are compared.
            asked: `minimum_people`, and as in `figures`.
        """
        from textcoder_api.routes.waves import WavesOne

        moments = {"since": since, "before": before, "version": version}
        return self._get(WavesOne, self._at("waves"), **moments, by=_joined(by), **asked)

    def set_agreement(self, *, sample: str | None = None) -> SetsOne:
        """How far people agree on all the codes of a segment at once."""
        return self._get(SetsOne, self._at("agreement", "sets"), sample=sample)

    def span_agreement(self, *, sample: str | None = None) -> SpansOne:
        """How far people agree on where codes begin and end, and on which they are."""
        return self._get(SpansOne, self._at("agreement", "spans"), sample=sample)

    def confusion(self, *, sample: str | None = None, a: str | None = None, b: str | None = None) -> Rows[ConfusionRow]:
        """Which code one coder gives where another gives this one."""
        return self._list(ConfusionRow, self._at("agreement", "confusion"), sample=sample, a=a, b=b)

    def agreement_over_time(self) -> OverTimeOne:
        """Agreement from round to round, and of coders with themselves."""
        return self._get(OverTimeOne, self._at("agreement", "over-time"))

    def units_behind(
        self, code: str, a: str, b: str, cell: str, *, instead: str | None = None, sample: str | None = None
    ) -> Rows[BehindRow]:
        """The segments behind a figure of two coders: where `both`, `only_a`, `only_b` or `neither` gave a code."""
        asked = {"code": code, "a": a, "b": b, "cell": cell, "instead": instead, "sample": sample}
        return self._list(BehindRow, self._at("agreement", "units"), **asked)

    def ceiling(self, *, sample: str | None = None) -> CeilingOne:
        """The machine's agreement with people beside people's with each other, with a verdict for each code."""
        return self._get(CeilingOne, self._at("ceiling"), sample=sample)

    def disagreements(self, *, sample: str | None = None) -> Rows[DisagreementRow]:
        """What several people coded differently and nobody has settled; `decide("resolve", ...)` settles it."""
        return self._list(DisagreementRow, self._at("disagreements"), sample=sample)

    # --- decisions ----------------------------------------------------------------------------------------------------------------------

    def decide(self, verb: str, *, why: str = "", if_match: str | None = None, **fields: Any) -> Done:
        """Decide: `decide("accept", spans=["mira.txt:56-73"], code="Forms", why="About reading it.")`.

        Args:
            verb: What: accept, reject, recode, code, uncode, review, resolve, add, rename, define, merge, split, move, retire,
                restore, threshold, adopt, dismiss, role, memo, quote, unquote, set_aside, take_up.
            why: Your reason, for the history.
            if_match: An `ETag`, or `codebook-12`, `code-40`, `log-51`: refused if that was changed since.
            fields: What the verb takes, as in api/README.md.

        Raises:
            UnknownItem: A code, transcript or theme that the study does not have.
            InvalidDecision: It makes no sense as things stand.
            Conflict: It contradicts others' decisions, or what it builds on was changed since.
        """
        return self._post(Done, self._at("decisions"), {"verb": verb, "why": why, **fields}, if_match=if_match)

    def preview(self, verb: str, **fields: Any) -> PreviewRow | ThresholdPreviewRow:
        """What a decision would touch; nothing is changed."""
        either: Any = PreviewRow | ThresholdPreviewRow
        found: PreviewRow | ThresholdPreviewRow = self._post(
            either, self._at("decisions"), {"verb": verb, **fields}, dry_run=True
        )
        return found

    def undo(self, act: int | None = None, *, with_later: bool = False, rest: bool = False, why: str = "") -> Done:
        """Take back an act, your last one if none is named.

        Args:
            act: Its number.
            with_later: Take back later acts that stand on it, too.
            rest: Take back only what no later act stands on.
            why: Your reason.

        Raises:
            Conflict: Later decisions stand on it; `decisions` lists them.
        """
        body = {"act": act, "with_later": with_later, "rest": rest, "why": why}
        return self._post(Done, self._at("undo"), body)

    def redo(self, *, why: str = "") -> Done:
        """Bring back what you undid last."""
        return self._post(Done, self._at("redo"), {"why": why})

    def decisions(self, *, after: int = 0, coder: str | None = None, verb: str | None = None) -> Rows[DecisionRow]:
        """The log, oldest first: only decisions with a number higher than `after`."""
        return self._list(DecisionRow, self._at("decisions"), after=after, coder=coder, verb=verb)

    def acts(self, *, after: int = 0, coder: str | None = None, verb: str | None = None) -> Rows[ActRow]:
        """The history as people read it, oldest first: what was done in one go, in a sentence."""
        return self._list(ActRow, self._at("acts"), after=after, coder=coder, verb=verb)

    # --- corrected texts ----------------------------------------------------------------------------------------------------------------

    def correct(
        self, transcript: str, file: str | Path, *, why: str = "", dry_run: bool = False, names_are_fine: bool = False
    ) -> CorrectionRow:
        """Put a corrected file in the place of a transcript: all that people said follows its words, or waits for a person.

        Args:
            transcript: Its id or file name.
            file: In the format of the old one.
            why: Your reason, for the history.
            dry_run: Only say what would follow and what would wait.
            names_are_fine: You have looked at its `names`, new words that may be names, where those of the project were replaced.

        Raises:
            UnreadableFile: There is no such file.
            UnknownItem: No such transcript.
            InvalidDecision: The file cannot be read, another transcript holds it, or nobody has looked at its `names`.
        """
        from textcoder_api.routes.correcting import CorrectionRow

        asked = {"dry_run": dry_run, "why": why, "names_are_fine": names_are_fine}
        headers = {"Content-Type": "application/octet-stream", "Idempotency-Key": str(uuid.uuid4())}
        url = self._at("transcripts", transcript, "text")
        return self._shaped(CorrectionRow, self._send("PUT", url, asked, headers=headers, content=_bytes(Path(file))))

    def waiting(self) -> Rows[WaitingRow]:
        """What waits for a person since texts were corrected: its words, and those near which it may stand now."""
        from textcoder_api.routes.correcting import WaitingRow

        return self._list(WaitingRow, self._at("waiting"))

    def place(self, item: str, start: int | None = None, end: int | None = None, *, why: str = "") -> Done:
        """Say on which words something stands that waits; without `start` and `end` on those that `waiting` gives beside it."""
        return self._post(Done, self._at("waiting", item), {"start": start, "end": end, "why": why})

    def drop(self, item: str, *, why: str = "") -> Done:
        """Say that something that waits stands nowhere any more; `undo` brings it back."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return self._shaped(Done, self._send("DELETE", self._at("waiting", item), {"why": why}, headers=headers))

    # --- long work ----------------------------------------------------------------------------------------------------------------------

    def upload(self, *paths: str | Path, cases: str | Path | None = None, code: bool = False, **options: Any) -> JobRow:
        """Send transcripts, in any readable format; `wait` for the job that reads them.

        Args:
            paths: Files, and folders with all that is in them: `wave1/mira.txt` keeps its name below the folder given.
            cases: A table of cases: columns file, case, and any attributes.
            code: Code the study afterwards.
            options: How to read and code, as in api/README.md: `pattern="w{wave}_{case}"`, `language="sv"`, ...

        Raises:
            UnreadableFile: There is no such file.
        """
        found = [pair for path in paths for pair in _files_under(Path(path))]
        if not found:
            raise errors.InvalidDecision("There is no file to send: name files, or a folder that holds some.")
        # In memory, so that they can be sent again: transcripts are small beside what coding them takes.
        parts = [("files", (name, _bytes(path))) for name, path in found]
        if cases is not None:
            parts.append(("cases", (Path(cases).name, _bytes(Path(cases)))))
        said = {name: value for name, value in options.items() if value is not None} | ({"code": True} if code else {})
        fields = {"options": json.dumps(said)}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return self._shaped(
            JobRow, self._send("POST", self._at("files"), {}, headers=headers, files=parts, data=fields)
        )

    def start(self, kind: Literal["code", "train", "report", "evidence"], **options: Any) -> JobRow:
        """Code what was read, train on what people coded, write the report or the evidence pack; `wait` for it.

        `options` are for coding: `themes=8`, `seed=1`, ...
        """
        return self._post(JobRow, self._at("jobs"), {"kind": kind, **options})

    def training(self) -> TrainingOne:
        """What the last training brought, and how many decisions were made since; `start("train")` trains."""
        from textcoder_api.routes.training import TrainingOne

        return self._get(TrainingOne, self._at("training"))

    def forget_training(self) -> TrainingOne:
        """Go on without what was trained; what people coded stays as it is."""
        from textcoder_api.routes.training import TrainingOne

        return self._shaped(TrainingOne, self._send("DELETE", self._at("training"), {}))

    def jobs(self) -> Rows[JobRow]:
        """The long work on the study, the oldest first."""
        return self._list(JobRow, self._at("jobs"))

    def job(self, job: str | JobRow) -> JobRow:
        """How far a job has come, or what came of it."""
        return self._get(JobRow, self._at("jobs", _id_of(job)))

    def cancel(self, job: str | JobRow) -> JobRow:
        """Let a job stop at its next step; what was finished is kept."""
        return self._post(JobRow, self._at("jobs", _id_of(job), "cancel"), {})

    def wait(self, job: str | JobRow, *, seconds: float | None = None) -> JobRow:
        """Wait until a job is done.

        Args:
            job: The job, or its id.
            seconds: How long at most; None as long as it takes. It goes on even if nobody waits.

        Raises:
            JobFailed: It failed, or was cancelled.
            NoService: It takes longer.
        """
        end = None if seconds is None else time.monotonic() + seconds
        pause = 0.1
        while not (found := self.job(job)).status.is_over:
            if end is not None and time.monotonic() >= end:
                raise NoService(f"The {found.kind} is not done yet ({found.stage or 'it waits'}); `wait` for it again.")
            time.sleep(pause)
            pause = min(2.0, pause * 1.5)
        if found.status != "done":
            raise JobFailed(found)
        return found

    def result(self, job: str | JobRow, to: str | Path) -> Path:
        """Save what came of a job, such as the archive of a report, as the file `to`.

        Raises:
            OutputError: It cannot be written there.
        """
        answer = self._send("GET", self._at("jobs", _id_of(job), "result"), {}, headers={"Accept": "*/*"})
        return _written(Path(to), answer.content)

    def export_refi(self, to: str | Path, *, profile: str = "spec", plain: bool = False) -> Path:
        """Save the study (`.qdpx`) or its codebook (`.qdc`) for other programs, by the file's ending.

        Args:
            to: The file.
            profile: For which program a project is: spec (any), nvivo, maxqda or atlasti.
            plain: Without what only textcoder reads.

        Raises:
            InvalidDecision: You still code a sample blind, or the file has another ending.
            OutputError: It cannot be written there.
        """
        ending = Path(to).suffix.casefold()
        if ending not in (".qdpx", ".qdc"):
            raise errors.InvalidDecision(
                "A study is saved as .qdpx, a codebook as .qdc; give the file one of these endings."
            )
        asked = {"profile": profile, "plain": plain} if ending == ".qdpx" else {}
        part = "project" if ending == ".qdpx" else "codebook"
        answer = self._send("GET", self._at("refi", part), asked, headers={"Accept": "*/*"})
        return _written(Path(to), answer.content)

    def import_refi(self, path: str | Path, *, dry_run: bool = False) -> JobRow:
        """Send a project (`.qdpx`, `.qde`) or codebook (`.qdc`) of another program; `wait` for the job, then read its `exchanged`.

        Args:
            path: The file.
            dry_run: Only say what it would bring; nothing is changed.

        Raises:
            UnreadableFile: There is no such file.
        """
        parts = [("source", (Path(path).name, _bytes(Path(path))))]
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        asked = {"dry_run": dry_run or None}
        return self._shaped(JobRow, self._send("POST", self._at("refi"), asked, headers=headers, files=parts))

    def exchanged(self, job: str | JobRow) -> ExchangedOne:
        """The report of `import_refi`: what came in, or would, and by item what was lost, guessed or moved."""
        from textcoder_api.routes.exchange import ExchangedOne

        return self._get(ExchangedOne, self._at("jobs", _id_of(job), "result"))

    def export_table(self, to: str | Path, *, shape: str, holds: Literal["codings", "codebook"] = "codings") -> Path:
        """Save what people coded, or the codebook, as a table of another program: CSV, XLSX or YAML, by the file's ending.

        Args:
            to: The file.
            shape: nvivo, maxqda, atlasti, dedoose, taguette, qualcoder or, for codings, textcoder.
            holds: Which of the two.

        Raises:
            InvalidDecision: There is nothing to save, or the file has another ending.
            OutputError: It cannot be written there.
        """
        format_ = {".csv": "csv", ".xlsx": "xlsx", ".yaml": "yaml", ".yml": "yaml"}.get(Path(to).suffix.casefold())
        if format_ is None:
            raise errors.InvalidDecision(
                "A table is saved as .csv, .xlsx or .yaml; give the file one of these endings."
            )
        asked = {"shape": shape, "format": format_}
        answer = self._send("GET", self._at("tables", holds), asked, headers={"Accept": "*/*"})
        return _written(Path(to), answer.content)

    def import_table(
        self,
        path: str | Path,
        *,
        mapping: str | Path | None = None,
        holds: Literal["codings", "codebook"] | None = None,
        coder: str | None = None,
        dry_run: bool = False,
    ) -> TakenOne:
        """Take in what people coded in another program, or its codebook, from a table that it wrote.

        Args:
            path: The table, as it was exported.
            mapping: Which column is what, as YAML: `mapping` of an answer, changed; else it is guessed.
            holds: What it holds; else as its headings say.
            coder: Whose codings they all are; else whom the table names.
            dry_run: Only say which column was taken for what, and what would become of each row.

        Raises:
            InvalidDecision: You still code a sample blind, or `coder` is no person.
            InvalidTable: A row is wrong, or the mapping does not fit.
            UnreadableFile: There is no such file, or it is not clear which column is what.
        """
        from textcoder_api.routes.tables import TakenOne

        given = {"source": path} | ({"mapping": mapping} if mapping is not None else {})
        parts = [(part, (Path(file).name, _bytes(Path(file)))) for part, file in given.items()]
        asked = {"dry_run": dry_run or None, "holds": holds, "coder": coder}
        return self._shaped(TakenOne, self._send("POST", self._at("tables"), asked, files=parts))

    # --- how ----------------------------------------------------------------------------------------------------------------------------

    def _at(self, *parts: str) -> str:
        """An address of the study. A name may hold any character."""
        return "/".join([f"{self.address}/api/v1/projects", *(quote(part, safe="") for part in (self.project, *parts))])

    def _get(self, shape: type[M], url: str, **asked: Any) -> M:
        return self._shaped(shape, self._send("GET", url, asked))

    def _list(self, model: type[R], url: str, **asked: Any) -> Rows[R]:
        return Rows(model, lambda cursor: self._part(model, url, {**asked, "limit": PART, "cursor": cursor}))

    def _all(self, model: type[R], url: str, **asked: Any) -> Rows[R]:
        """A list that comes in one part."""
        return Rows(model, lambda _: self._part(model, url, asked))

    def _part(self, model: type[R], url: str, asked: Mapping[str, Any]) -> tuple[Sequence[R], str | None]:
        page = self._shaped(Page[model], self._send("GET", url, asked))  # type: ignore[valid-type]  # made for each list
        return page.items, page.next

    def _post(
        self,
        shape: type[M],
        url: str,
        body: Mapping[str, Any],
        *,
        if_match: str | None = None,
        dry_run: bool | None = None,
    ) -> M:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if if_match is not None:
            headers["If-Match"] = if_match if if_match == "*" else f'"{if_match.strip(chr(34))}"'
        given = {name: value for name, value in body.items() if value is not None}
        return self._shaped(shape, self._send("POST", url, {"dry_run": dry_run}, headers=headers, json=given))

    def _send(self, method: str, url: str, asked: Mapping[str, Any], **more: Any) -> httpx.Response:
        """Ask, and ask again where that may help.

        Raises:
            NoService: Nothing answers.
            Refused: It does, with a problem.
        """
        params = {name: value for name, value in asked.items() if value is not None and value != []}
        for left in reversed(range(self._retries + 1)):
            wait = 0.1 * 2 ** (self._retries - left)
            try:
                response = self._http.request(method, url, params=params, **more)
            except self._late as error:
                raise NoService(
                    f"{self.address} took too long to answer; ask for less, or wait longer with `timeout`."
                ) from error
            except self._dropped as error:
                if not left:
                    raise NoService(f"Nothing answers at {self.address}; start it with `textcoder serve`.") from error
            else:
                after = response.headers.get("retry-after", "")
                if response.status_code != 503 or not after.isdecimal() or not left:
                    return self._answered(response)
                wait = min(float(after), 30.0)
            time.sleep(wait)
        raise AssertionError("the last turn answers or raises")

    def _answered(self, response: httpx.Response) -> httpx.Response:
        if response.is_success:
            return response
        try:
            problem = Problem.model_validate_json(response.content)
        except ValidationError as error:
            raise NoService(
                f"{self.address} answers {response.status_code} without saying why: is it textcoder?"
            ) from error
        raise _refused(problem)

    def _shaped(self, shape: type[M], response: httpx.Response) -> M:
        kind: Any = shape
        try:
            found: M = _adapter(kind).validate_json(response.content)
        except ValidationError as error:
            raise NoService(
                f"{self.address} answers in a shape that this client does not know; use the same version of textcoder on both sides."
            ) from error
        return found


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _joined(names: Several) -> str:
    return names if isinstance(names, str) else ",".join(names)


def _id_of(job: str | JobRow) -> str:
    return job if isinstance(job, str) else job.id


def _files_under(path: Path) -> list[tuple[str, Path]]:
    """Name and place of a file, or of all files in a folder but hidden ones, sorted by name."""
    if not path.is_dir():
        return [(path.name, path)]
    inside = [(file.relative_to(path), file) for file in path.rglob("*") if file.is_file()]
    shown = [(name, file) for name, file in inside if not any(part.startswith(".") for part in name.parts)]
    return sorted((name.as_posix(), file) for name, file in shown)


def _written(path: Path, data: bytes) -> Path:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise errors.OutputError(f"{path} cannot be written ({error.strerror}); choose another place.") from error
    return path


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise errors.UnreadableFile(str(path), f"it cannot be read ({error.strerror}).") from error
