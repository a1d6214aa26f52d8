"""Signs of progress in an open project: what patterns find in people's words, and their paths from a sentence to the whole programme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from textcoder.domain.transcript import Role, Segment, Transcript
from textcoder.errors import InvalidDecision, UnknownItem
from textcoder.progress import (
    KINDS,
    SCALING,
    Asked,
    Mark,
    PersonWave,
    Programme,
    ScalingAnswer,
    Voice,
    Words,
    find_marks,
    find_scaling,
    person_waves,
    programme_of,
    read_question,
    states_scale,
    words_of,
)
from textcoder.segmentation import load_language_model
from textcoder.workflow.live import LiveProject
from textcoder.workflow.steps import Progress, silent

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from textcoder.progress.marks import Tagger
    from textcoder.query import Facts

NEAR = 12
"""Turns after a scale was spoken of in which an answer may still be about it."""

GROUP = "group"
"""The attribute that people are compared by, unless another is named."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A mark or a scaling answer in its place; offsets are code points into the transcript.

    Attributes:
        id: `<transcript>:<start>-<end>/<kind>`.
        kind: One of `KINDS`, or `scaling`.
        segment: Id of the segment that it stands in.
        transcript: Id.
        start: First code point of the words that speak for it.
        end: One past the last.
        text: These words.
        part: What it is within its kind; of a scaling answer, of what it speaks (now, before, hoped, other).
        why: In words.
        answer: The number; None for a mark.
    """

    id: str
    kind: str
    segment: str
    transcript: str
    start: int
    end: int
    text: str
    part: str
    why: str
    answer: ScalingAnswer | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One segment of a person with what is found and counted in it.

    Attributes:
        segment: Its id.
        file: Its file.
        start: First code point.
        end: One past the last.
        text: The exact words.
        question: What it answers.
        wave: When it was said.
        lenses: Under which it counts.
        signs: What patterns find in it.
    """

    segment: str
    file: str
    start: int
    end: int
    text: str
    question: str
    wave: str
    lenses: tuple[str, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """People's paths, from which every indicator follows.

    Attributes:
        facts: What counts.
        numbers: Scaling answers, by file name, then place.
        by: The attribute that people are compared by; empty for none.
        voices: What each person said in each wave.
        unattributed: Segments of nobody known, which are left out.
        unread: Languages without number words, to how many segments; `und` where the language is not known.
    """

    facts: Facts
    numbers: tuple[Sign, ...]
    by: str
    voices: tuple[Voice, ...]
    unattributed: int
    unread: Mapping[str, int]

    @property
    def indicators(self) -> tuple[str, ...]:
        """The project's lenses, those of progress first, and `scaling`."""
        lenses = [lens.id for lens in self.facts.study.project.lenses]
        first = [lens for lens in ("signs_of_progress", "what_works", "barriers") if lens in lenses]
        return (*first, *(lens for lens in lenses if lens not in first), SCALING)

    def people(self, indicator: str) -> list[PersonWave]:
        """Each person's indicator in each wave, by case and wave."""
        return person_waves(self.voices, self.check(indicator))

    def programme(self, indicator: str, *, minimum_people: int = 2) -> Programme:
        """The indicator of everybody and of groups; cells of few people, and those that would give them away, are hidden."""

        def hide(people: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
            import numpy as np

            from textcoder.query.guard import hidden_cells

            # Wave by wave, since each wave's mean of everybody is shown, too; who is in a cell is what must not be known.
            waves = [hidden_cells(n[None], n, n.shape, minimum_people)[1] for n in people.T]
            return np.stack(waves, axis=1)

        return programme_of(self.people(indicator), indicator, hide=hide)

    def check(self, indicator: str) -> str:
        """The indicator.

        Raises:
            UnknownItem: There is none of that name.
        """
        if indicator not in self.indicators:
            raise UnknownItem(f'There is no indicator "{indicator}"; there is {", ".join(self.indicators)}.')
        return indicator

    def case(self, named: str) -> str:
        """A person's id, by id or name.

        Raises:
            UnknownItem: There is none, or more than one.
        """
        cases = {voice.case for voice in self.voices}
        if named in cases:
            return named
        known = self.facts.study.case_by_id
        found = sorted(case for case in cases if case in known and known[case].name == named)
        if len(found) != 1:
            raise UnknownItem(f'{"No" if not found else "More than one"} person is called "{named}"; take a case id.')
        return found[0]


class _Found:
    """What was found in one transcript; marks only where somebody asked for them, since they take longer."""

    def __init__(self, transcript: Transcript, segments: tuple[Segment, ...]) -> None:
        self.transcript, self.segments = transcript, segments
        self.numbers: tuple[Sign, ...] | None = None
        self.marks: tuple[Sign, ...] | None = None


# What was found in an open project, by transcript, while the transcript stays the same.
_kept: WeakKeyDictionary[LiveProject, dict[str, _Found]] = WeakKeyDictionary()


def _found(live: LiveProject) -> list[_Found]:
    """A place for each transcript, sorted by name; decisions on codes change nothing here, only words and roles do."""
    before = _kept.setdefault(live, {})
    segments: dict[str, list[Segment]] = defaultdict(list)
    for segment in live.segments:
        segments[segment.transcript].append(segment)
    now = {}
    for id_, transcript in live.transcripts.items():
        own, old = tuple(segments[id_]), before.get(id_)
        same = old is not None and old.transcript is transcript and old.segments == own
        now[id_] = old if old is not None and same else _Found(transcript, own)
    _kept[live] = now
    return sorted(now.values(), key=lambda one: (one.transcript.name, one.transcript.id))


def numbers_of(live: LiveProject, *, progress: Progress = silent) -> tuple[Sign, ...]:
    """Scaling answers in all that is coded, by file name and place; found once, and again only in transcripts that changed.

    Cost: about ten seconds at 100,000 segments the first time.
    """
    places = _found(live)
    for i, place in enumerate(places):
        if place.numbers is None:
            words = _words(live, place.transcript)
            place.numbers = () if words is None else tuple(_numbers(place.transcript, place.segments, words))
            progress("Looking for scaling answers", i + 1, len(places))
    return tuple(sign for place in places for sign in place.numbers or ())


def marks_of(
    live: LiveProject, *, transcripts: Collection[str] | None = None, progress: Progress = silent
) -> tuple[Sign, ...]:
    """Marks in all that is coded, by file name and place; found once, and again only in transcripts that changed.

    Cost: about a minute at 100,000 segments the first time.

    Args:
        live: The project.
        transcripts: Ids of those to look in; None looks in all.
        progress: Told where words must be looked through first.
    """
    places = [one for one in _found(live) if transcripts is None or one.transcript.id in transcripts]
    for i, place in enumerate(places):
        if place.marks is None:
            words = _words(live, place.transcript)
            place.marks = () if words is None else tuple(_marks(place.transcript, place.segments, words, live))
            progress("Looking for signs of progress", i + 1, len(places))
    return tuple(sign for place in places for sign in place.marks or ())


def unread_of(live: LiveProject, *, marks: bool) -> dict[str, int]:
    """Languages for which there are no words (number words, or words of marks), to how many segments."""
    unread: dict[str, int] = defaultdict(int)
    for place in _found(live):
        words = _words(live, place.transcript)
        if place.segments and (words is None or (marks and not words.marks)):
            unread[_language(live, place.transcript)] += len(place.segments)
    return dict(sorted(unread.items()))


def sentences_of(live: LiveProject, paths: Paths, case: str, *, wave: str | None = None) -> list[Sentence]:
    """What a person said that counts under a lens or in which a sign was found, in the order of files and places.

    Args:
        live: The project.
        paths: Of the project.
        case: Her id; see `Paths.case`.
        wave: Only what she said then; None gives all.
    """
    study = paths.facts.study
    voices = [voice for voice in paths.voices if voice.case == case and wave in (None, voice.wave)]
    files = {segment.rpartition(":")[0] for voice in voices for segment in voice.segments}
    found: dict[str, list[Sign]] = defaultdict(list)
    for sign in (*paths.numbers, *marks_of(live, transcripts=files)):
        found[sign.segment].append(sign)
    rows = []
    for voice in voices:
        lenses: dict[str, list[str]] = defaultdict(list)
        for lens in paths.indicators:
            for held in voice.carried.get(lens, ()):
                lenses[held].append(lens)
        for segment in (study.segment_by_id[id_] for id_ in voice.segments if id_ in lenses or id_ in found):
            name = study.transcript_by_id[segment.transcript].name
            rows.append(
                Sentence(
                    segment.id,
                    name,
                    segment.start,
                    segment.end,
                    study.quotation(segment),
                    study.question(segment),
                    voice.wave,
                    tuple(lenses.get(segment.id, ())),
                    tuple(sorted(found.get(segment.id, ()), key=lambda sign: (sign.start, sign.end, sign.kind))),
                )
            )
    return sorted(rows, key=lambda row: (row.file, row.start))


def paths_of(
    live: LiveProject,
    facts: Facts,
    *,
    by: str | None = None,
    people_only: bool = False,
    progress: Progress = silent,
) -> Paths:
    """People's paths over waves.

    Args:
        live: The project.
        facts: What counts in it, as whoever asks may see it; see `facts_of`.
        by: The attribute that people are compared by; None takes `group` where there is one.
        people_only: Count under lenses what people said and leave out what the machine suggests.
        progress: Told where words must be looked through first.

    Raises:
        UnknownItem: Nobody has the attribute.
        InvalidDecision: It is the wave itself.
    """
    from textcoder.query import Unit, Where

    if by in ("wave", "date"):
        raise InvalidDecision("Paths are over waves already; compare people by another attribute, such as group.")
    by = (GROUP if GROUP in facts.columns else "") if by is None else by
    groups = facts.column(by) if by else None
    waves = facts.columns.get("wave")
    signs = numbers_of(live, progress=progress)
    numbers: dict[str, list[tuple[str, ScalingAnswer]]] = defaultdict(list)
    for sign in signs:
        assert sign.answer is not None
        numbers[sign.segment].append((sign.segment, sign.answer))
    said = facts.codings_where(Unit.LENSES, Where(people_only=people_only))
    carried: dict[int, set[str]] = defaultdict(set)
    for row, segment in zip(said.row.tolist(), said.segment.tolist(), strict=True):
        carried[segment].add(facts.rows[Unit.LENSES][row].id)
    voices: list[list[int]] = [[] for _ in facts.sources.segments]
    for i, source in enumerate(facts.layout.source_of.tolist()):
        voices[source].append(i)
    made, unattributed = [], 0
    for source, places in enumerate(voices):
        case = int(facts.sources.case[source])
        if case < 0:
            unattributed += len(places)
            continue
        under: dict[str, list[str]] = defaultdict(list)
        for i in places:
            for lens in carried.get(i, ()):
                under[lens].append(facts.segments[i].id)
        ids = tuple(facts.segments[i].id for i in places)
        made.append(
            Voice(
                facts.cases[case],
                waves.levels[int(waves.values[source])] if waves else "",
                groups.levels[int(groups.values[source])] if groups else "",
                ids,
                {lens: tuple(under[lens]) for lens in sorted(under)},
                tuple(number for id_ in ids for number in numbers.get(id_, ())),
            )
        )
    made.sort(key=lambda voice: (voice.case, voice.wave, voice.segments))
    return Paths(facts, signs, by, tuple(made), unattributed, unread_of(live, marks=False))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report as plain data: a heading, sentences, and tables whose first row is the head."""

    heading: str
    sentences: tuple[str, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...]


def sections(paths: Paths, marks: Sequence[Sign], *, minimum_people: int = 2) -> list[Section]:
    """What an evidence pack says of progress: an indicator a section, then which signs patterns found. Small cells are hidden.

    Args:
        paths: Of the project.
        marks: As `marks_of` gives them.
        minimum_people: Cells with fewer are not shown.
    """
    made = []
    for indicator in paths.indicators:
        found = paths.programme(indicator, minimum_people=minimum_people)
        name = name_of(paths, indicator)
        what = (
            "Mean of the numbers that people gave for now, in tenths of their scale, each person counting once."
            if indicator == SCALING
            else f'Mean share of a person\'s segments that count under "{name}", each person counting once.'
        )
        head = (paths.by or "people", *(f"wave {wave}" if wave else "no wave" for wave in found.waves))
        rows = [("everybody", *(said_mean(cell.mean, found.top) for cell in found.overall))]
        width = len(found.waves)
        for i, group in enumerate(found.groups if paths.by else ()):
            cells = found.cells[i * width : (i + 1) * width]
            rows.append((group or f"no {paths.by}", *(said_mean(cell.mean, found.top) for cell in cells)))
        changes = [
            (f"{one.from_wave} to {one.to_wave}", said_mean(one.mean, found.top, signed=True))
            for one in found.overall_changes
        ]
        tables = ((head, *rows), *(((("waves", "change for the same people"), *changes),) if changes else ()))
        hidden = (f"{found.hidden} figures are not shown: too few people.",) if found.hidden else ()
        made.append(Section(name, (what, *hidden), tables))
    kinds = [(kind.replace("_", " "), *_how_many(paths, [*marks, *paths.numbers], kind)) for kind in (*KINDS, SCALING)]
    note = "Patterns suggest these, with the words that speak for them. Nobody has coded them and no share above counts them."
    made.append(Section("Signs found by patterns", (note,), ((("kind", "found", "people"), *kinds),)))
    return made


def _how_many(paths: Paths, signs: Sequence[Sign], kind: str) -> tuple[str, str]:
    case_of = {segment: voice.case for voice in paths.voices for segment in voice.segments}
    found = [sign for sign in signs if sign.kind == kind]
    return str(len(found)), str(len({case_of[sign.segment] for sign in found if sign.segment in case_of}))


def name_of(paths: Paths, indicator: str) -> str:
    """What people read for an indicator."""
    return "Scaling answers" if indicator == SCALING else paths.facts.study.project.lens_name(indicator)


def said_mean(mean: Any, top: float, *, signed: bool = False) -> str:
    """A mean in words: "23 % (11 to 35 %) of 8 people", or why there is none."""
    if mean is None:
        return "too few people"
    if mean.value != mean.value:
        return mean.reason or "undefined"

    def one(value: float) -> str:
        number = f"{100 * value:.0f}" if top == 1 else f"{value:.1f}"
        return f"+{number}" if signed and value > 0 else number

    points = " point" if one(abs(mean.value)).lstrip("+") == "1" else " points"
    unit = (points if signed else " %") if top == 1 else ""
    people = "1 person" if mean.n == 1 else f"{mean.n} people"
    interval = mean.reason if mean.low != mean.low else f"{one(mean.low)} to {one(mean.high)}"
    return f"{one(mean.value)}{unit} ({interval}), {people}"


def _language(live: LiveProject, transcript: Transcript) -> str:
    return live.settings.language or transcript.language


def _words(live: LiveProject, transcript: Transcript) -> Words | None:
    return words_of(_language(live, transcript))


def _numbers(transcript: Transcript, segments: Sequence[Segment], words: Words) -> Iterator[Sign]:
    """The scaling answers of one transcript."""
    asked = _Questions(transcript, words)
    for segment in segments:
        text = transcript.quotation(segment.start, segment.end)
        for answer in find_scaling(text, words, asked.before(segment.turn)):
            yield _sign(answer, segment, text)


def _marks(transcript: Transcript, segments: Sequence[Segment], words: Words, live: LiveProject) -> Iterator[Sign]:
    """The marks of one transcript."""
    texts = [transcript.quotation(segment.start, segment.end) for segment in segments]
    questions = [transcript.question_of(segment.turn) for segment in segments]
    tagger = _tagger(words.language, live)
    found = find_marks(texts, words, questions=questions, tagger=tagger)
    for segment, text, marks in zip(segments, texts, found, strict=True):
        yield from (_sign(mark, segment, text) for mark in marks)


def _sign(found: Mark | ScalingAnswer, segment: Segment, text: str) -> Sign:
    start, end, words = segment.start + found.start, segment.start + found.end, text[found.start : found.end]
    number = found if isinstance(found, ScalingAnswer) else None
    kind, part = (SCALING, number.about.value) if number else (found.kind, found.part)  # type: ignore[union-attr]  # a mark
    if number is not None:
        number = replace(number, start=start, end=end)
    id_ = f"{segment.transcript}:{start}-{end}/{kind}"
    return Sign(id_, kind, segment.id, segment.transcript, start, end, words, part, found.why, number)


class _Questions:
    """What the turns of a transcript answer."""

    def __init__(self, transcript: Transcript, words: Words) -> None:
        self._transcript, self._words = transcript, words
        self._asked: dict[int, Asked] = {}

    def before(self, turn: int) -> Asked:
        """What is asked before a turn: its question, and the scale that was spoken of shortly before."""
        if turn not in self._asked:
            question, earlier = self._transcript.question_of(turn), ""
            for number in self._scales:
                if turn - NEAR <= number < turn:
                    one = self._transcript.turns[number]
                    earlier = self._transcript.text[one.start : one.end]
            self._asked[turn] = read_question(question, self._words, earlier=earlier)
        return self._asked[turn]

    @cached_property
    def _scales(self) -> list[int]:
        """The interviewer's turns that speak of a scale."""
        transcript = self._transcript
        return [
            i
            for i, turn in enumerate(transcript.turns)
            if turn.role is Role.INTERVIEWER and states_scale(transcript.text[turn.start : turn.end], self._words)
        ]


def _tagger(language: str, live: LiveProject) -> Tagger | None:
    """SpaCy's tags for English; other languages come without weights, and their words alone decide."""
    if language != "en":
        return None
    nlp = load_language_model("en", path=live.settings.spacy_path, parse=True)

    def tags(texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        # One transcript is one batch, so that nothing depends on which others there are.
        read = nlp.pipe(texts, batch_size=64)
        return [[(token.idx, token.idx + len(token), token.tag_) for token in doc] for doc in read]

    return tags
