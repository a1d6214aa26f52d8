"""What goes with what inside accounts, and what follows what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field
from pydantic_core import to_json

from textcoder.errors import InvalidDecision
from textcoder.query import Unit
from textcoder.workflow import sequences
from textcoder_api.answers import CSV, JSON, as_csv, plain, wants_csv
from textcoder_api.dependencies import Reading, ReadingDep
from textcoder_api.routes.figures import Asking
from textcoder_api.schemas import Figure, Name, Row, UnitRow

router = APIRouter(prefix="/projects/{project}/sequences", tags=["figures"])


class TogetherQuery(Asking):
    """Whose words, and on what two codes must stand to stand together."""

    on: Annotated[sequences.On, Field(description="On the same segment, or in the same answer.")] = sequences.On.SEGMENT


class FollowedQuery(Asking):
    """Whose words, what comes first and what then."""

    first: Annotated[Name, Field(description="Lens of what comes first.")] = "barriers"
    then: Annotated[Name, Field(description="Lens of what follows.")] = "what_works"
    unit: Annotated[Unit, Field(description="The lenses as a whole, or the codes under them.")] = Unit.LENSES
    within: Annotated[
        int, Field(ge=1, le=sequences.MOST_WITHIN, description="How many of the next segments count.")
    ] = 3

    def following(self) -> sequences.Following:
        """What is asked."""
        if self.lens is not None:
            raise InvalidDecision("Say `first` and `then`; leave `lens` out.")
        return sequences.Following(self.first, self.then, self.unit, self.within, self.where(), self.minimum_people)


class StepsQuery(FollowedQuery):
    """Which pairs of segments; `first` and `then` are the lenses, codes or themes of the number."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 20
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class TiedRow(Row):
    """Two codes that stand on the same words: `units` times, where chance gives `expected` with each person's volume kept."""

    a: UnitRow
    b: UnitRow
    units: int
    expected: float
    people: int
    ratio: float
    low: Figure
    high: Figure
    z: float
    p: float
    q: float


class TiedOne(Row):
    """Pairs that may be shown, the least probable by chance first."""

    people: int | None
    units: int
    several: int
    pairs: tuple[TiedRow, ...]
    tested: int
    sentences: tuple[str, ...]
    method: str


class FollowedRow(Row):
    """One thing followed by another: `times` of `of`, where chance gives `expected` with topics kept in runs."""

    first: UnitRow
    then: UnitRow
    times: int
    of: int
    expected: float
    expected_shuffled: float
    people: int
    ratio: float
    low: Figure
    high: Figure
    reversed: int
    one_answer: int
    p: float
    p_shuffled: float
    q: float


class FollowedOne(Row):
    """What may be shown, the least probable by chance first."""

    people: int | None
    accounts: int
    found: tuple[FollowedRow, ...]
    tested: int
    sentences: tuple[str, ...]
    method: str


class ToldRow(Row):
    """The exact words of one segment."""

    text: str
    segment: str
    transcript: str
    file: str
    start: int
    end: int
    speaker: str
    case: str
    attributes: dict[str, str]


class StepRow(Row):
    """A segment and what follows it; `question` was asked in between, and is empty where both stand in one answer."""

    first: ToldRow
    then: ToldRow
    distance: int
    question: str


class StepsOne(Row):
    """Some of the `total` pairs of segments by `people` people; null where not shown."""

    total: int | None
    people: int | None
    items: tuple[StepRow, ...]


def _answers(model: type[Row]) -> dict[int | str, dict[str, Any]]:
    about = "`ETag` says what it rests on. What is not shown, or is undefined, is null."
    return {200: {"model": model, "description": about, "content": {CSV: {"schema": {"type": "string"}}}}}


@router.get("/together", response_model=None, responses=_answers(TiedOne))
def ask_together(reading: ReadingDep, asked: Annotated[TogetherQuery, Query()]) -> Response:
    """Which codes go together on the same words more, or less, than chance gives, given how much each person says."""
    with reading.view() as view:
        pairing = sequences.Pairing(asked.unit, asked.on, asked.lens, asked.where(), asked.minimum_people)
        found = sequences.pairs_together(view.facts, pairing, seed=view.live.settings.seed)
    return _answer(reading, found, TiedOne, lambda: _pair_rows(found))


@router.get("/followed", response_model=None, responses=_answers(FollowedOne))
def ask_followed(reading: ReadingDep, asked: Annotated[FollowedQuery, Query()]) -> Response:
    """Whether one thing is followed by another within an account, such as a barrier by what worked."""
    with reading.view() as view:
        found = sequences.followed_by(view.facts, asked.following(), seed=view.live.settings.seed)
    return _answer(reading, found, FollowedOne, lambda: _followed_rows(found))


@router.get("/steps", response_model=None, responses=_answers(StepsOne))
def ask_steps(reading: ReadingDep, asked: Annotated[StepsQuery, Query()]) -> Response:
    """The pairs of segments behind such a number, spread over people."""
    with reading.view() as view:
        found = sequences.steps_behind(
            view.facts, asked.first, asked.then, asked.following(), offset=asked.offset, limit=asked.limit
        )
    return _answer(reading, found, StepsOne, lambda: _step_rows(found))


def _answer(reading: Reading, found: Any, model: type[Row], rows: Callable[[], Iterator[Sequence[Any]]]) -> Response:
    if wants_csv(reading.request):
        head, *body = rows()
        return reading.answer(as_csv(head, body))
    shown = {name: getattr(found, name) for name in model.model_fields}
    return reading.answer(Response(to_json(shown, inf_nan_mode="null"), media_type=JSON))


_PAIR = ("units", "expected", "people", "ratio", "low", "high", "z", "p", "q")
_FOLLOWED = (
    *("times", "of", "expected", "expected_shuffled", "people", "ratio", "low", "high"),
    *("reversed", "one_answer", "p", "p_shuffled", "q"),
)


def _pair_rows(found: sequences.Pairs) -> Iterator[Sequence[Any]]:
    yield ("a_id", "a_name", "a_lens", "b_id", "b_name", "b_lens", *_PAIR)
    for pair in found.pairs:
        named = (getattr(row, name) for row in (pair.a, pair.b) for name in ("id", "name", "lens"))
        yield (*named, *(plain(getattr(pair, name)) for name in _PAIR))


def _followed_rows(found: sequences.Followings) -> Iterator[Sequence[Any]]:
    yield ("first_id", "first_name", "first_lens", "then_id", "then_name", "then_lens", *_FOLLOWED)
    for one in found.found:
        named = (getattr(row, name) for row in (one.first, one.then) for name in ("id", "name", "lens"))
        yield (*named, *(plain(getattr(one, name)) for name in _FOLLOWED))


def _step_rows(found: sequences.StepsFound) -> Iterator[Sequence[Any]]:
    yield (
        "case",
        "file",
        "first_start",
        "first_end",
        "first",
        "then_start",
        "then_end",
        "then",
        "distance",
        "question",
    )
    for one in found.items:
        first, then = one.first, one.then
        places = (first.start, first.end, first.text, then.start, then.end, then.text)
        yield (first.case, first.file, *places, one.distance, one.question)
