"""A project laid out in columns, once, so that any question to it is a matter of milliseconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from textcoder.domain.codebook import Codebook, CodeStatus
from textcoder.domain.coding import CoderKind, Coding
from textcoder.domain.project import NO_LENS
from textcoder.domain.study import Study
from textcoder.domain.theme import Theme, ThemeStatus
from textcoder.domain.transcript import Role, Segment
from textcoder.errors import UnknownItem

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


MOST_COUNTS, MOST_TOTALS = 32, 1000
"""With filters, kept for the questions to come: a few filters are asked for again and again, with other attributes."""


class Unit(StrEnum):
    """What the rows of an answer are."""

    CODES = "codes"
    LENSES = "lenses"
    THEMES = "themes"


@dataclass(frozen=True, slots=True)
class Row:
    """A code, lens or theme that is asked about.

    Attributes:
        id: Of the code, lens or theme.
        name: What people read.
        lens: Lens id, or `none`.
        code: The code that it is, or that stands for it; None for a lens and for a theme that no code stands for.
    """

    id: str
    name: str
    lens: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """Whose words, and which codings, a question is about; what is empty holds back nothing.

    Attributes:
        attributes: Attribute (or `wave`, `date`) to the values of which the words have one; "" for words without the attribute.
        files: Names or ids of transcripts.
        roles: Of whoever speaks.
        people_only: Count what people said and leave out what machines suggest.
        minimum_probability: Leave out suggestions below it; a person's coding has 1.
    """

    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Sequence[str] = ()
    roles: Sequence[Role] = ()
    people_only: bool = False
    minimum_probability: float = 0.0

    @property
    def key(self) -> Hashable:
        """Equal for filters that ask the same in the same words."""
        attributes = tuple((name, tuple(values)) for name, values in self.attributes.items())
        return attributes, tuple(self.files), tuple(self.roles), self.people_only, self.minimum_probability


EVERYWHERE = Where()


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute of the words: `levels` sorted, and for each source the place of its value among them."""

    levels: tuple[str, ...]
    values: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What one person said in one file in one role: within a source, all attributes are the same.

    Attributes:
        case: (n_sources,) place in `Facts.cases`; -1 for words of nobody known.
        person: (n_sources,) as `case`; words of nobody known count as one person's for each file, from n_cases upwards.
        transcript: (n_sources,) place in `Facts.transcripts`.
        role: (n_sources,) place in `list(Role)`.
        segments: (n_sources,) how many there are.
    """

    case: Ints
    person: Ints
    transcript: Ints
    role: Ints
    segments: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Codings as columns, each once for every row that it counts under; sorted by row, source, segment, span, coder.

    Attributes:
        row: Place in `Facts.rows[unit]`.
        source: Place in `Facts.sources`.
        segment: Place in `Facts.segments`.
        start: First code point.
        end: One past the last.
        coding: Place in `Facts.coder_of`; -1 for a theme's segment that no coding speaks of.
        human: A person said it.
        probability: Of the coding; 1 for a person, and for a theme's segment.
    """

    row: Ints
    source: Ints
    segment: Ints
    start: Ints
    end: Ints
    coding: Ints
    human: Mask
    probability: npt.NDArray[np.float64]

    def kept(self, keep: Mask | Ints) -> Said:
        """Some of them, by mask or by place, in the same order."""
        at = np.flatnonzero(keep) if keep.dtype == bool else keep
        return Said(*(getattr(self, name)[at] for name in self.__slots__))

    def counts(self) -> Counts:
        """How many distinct segments and spans each row has in each source. Cost: O(n)."""
        if not len(self.row):
            return Counts(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
        new_entry = changes(self.row, self.source)
        new_segment = new_entry | changes(self.segment)
        new_span = new_segment | changes(self.start, self.end)
        first = np.flatnonzero(new_entry)
        segments = np.add.reduceat(new_segment.astype(np.int64), first)
        mentions = np.add.reduceat(new_span.astype(np.int64), first)
        return Counts(self.row[first], self.source[first], segments, mentions)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """One entry for each row and source where something was said: (n_entries,) each."""

    row: Ints
    source: Ints
    segments: Ints
    mentions: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Suggestions:
    """What one machine says, as columns: (n,) each, and each segment and code once.

    Attributes:
        coder: Its id.
        codes: Ids.
        segment: Place in the sorted segments.
        code: Place in `codes`.
        probability: Of each.
    """

    coder: str
    codes: tuple[str, ...]
    segment: Ints
    code: Ints
    probability: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """What was read, in columns: all that decisions do not change.

    Attributes:
        study: What it was made from, sorted; its codebook, themes and codings do not count.
        cases: Ids, sorted.
        sources: See `Sources`.
        columns: Attribute name to its values, sorted by name.
        row_of: Segment id to its place.
        source_of: (n_segments,) place in `sources`.
        start: (n_segments,) first code point.
        end: (n_segments,) one past the last.
    """

    study: Study
    cases: tuple[str, ...]
    sources: Sources
    columns: Mapping[str, Column]
    row_of: Mapping[str, int]
    source_of: Ints
    start: Ints
    end: Ints

    @classmethod
    def of(cls, study: Study) -> Layout:
        """Of a study in any order. Cost: about half a second at 100,000 segments."""
        study = _sorted(study)
        cases = tuple(sorted({turn.case for t in study.transcripts for turn in t.turns if turn.case}))
        source_of, sources, columns = _sources(study, cases)
        row_of = {segment.id: i for i, segment in enumerate(study.segments)}
        spans = np.array([(segment.start, segment.end) for segment in study.segments], dtype=np.int64).reshape(-1, 2)
        return cls(study, cases, sources, columns, row_of, source_of, spans[:, 0].copy(), spans[:, 1].copy())

    def under(self, coding: Coding) -> range:
        """Places of the segments that a coding's span touches."""
        exact = self.row_of.get(coding.segment)
        if exact is not None:
            return range(exact, exact + 1)
        first = self.study.segment_of(coding)
        if first is None:
            return range(0)
        place = last = self.row_of[first.id]
        segments = self.study.segments
        while (
            last < len(segments)
            and segments[last].transcript == coding.transcript
            and segments[last].start < coding.end
        ):
            last += 1
        return range(place, last)


@dataclass(frozen=True, eq=False)
class Facts:
    """What counts in one project, who said it and what is known of them; read-only.

    What counts is `textcoder.domain.coding.counted`. A code counts what stands under the codes below it; a span that several coders,
    or several codes below, give the same row is one mention. Codings outside all segments (interviewers' words) count nowhere.

    A theme is the code that stands for it, else its own segments, which a machine found. What stands under a code stands under the
    code's lens, and under the lenses of the codes above it, `none` being no lens.

    Attributes:
        key: As the caller gave it: facts with another key than the project has now are stale.
        layout: What was read.
        study: What they were made from, sorted.
        coders: Ids of whoever said something that counts and lies in a segment.
        coder_of: (n_codings,) place in `coders`.
        rows: For each unit, in the order of codebook, project and theme map.
        said: For each unit.
        all_counts: For each unit, without any filter on codings.
    """

    key: Hashable
    layout: Layout
    study: Study
    coders: tuple[str, ...]
    coder_of: Ints
    rows: Mapping[Unit, tuple[Row, ...]]
    said: Mapping[Unit, Said]
    all_counts: Mapping[Unit, Counts]
    _counts: dict[Hashable, Counts] = field(default_factory=dict, repr=False)
    _totals: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, study: Study, *, key: Hashable = "", layout: Layout | None = None, suggested: Suggestions | None = None
    ) -> Facts:
        """Lay out a study; the order of its rows does not matter. Cost: a few seconds at 100,000 segments.

        Args:
            study: The project.
            key: See above.
            layout: Of a study that has the same but for codebook, themes and codings; then a tenth of the cost.
            suggested: What one more machine says, beside the study's codings.
        """
        layout = Layout.of(study) if layout is None else layout
        study = replace(
            layout.study, codebook=study.codebook, themes=study.themes, coders=study.coders, codings=study.codings
        )
        claims = _Claims.of(study, layout, suggested)
        rows = {
            Unit.CODES: tuple(Row(c.id, c.name, c.lens, c.id) for c in study.codebook.in_use),
            Unit.LENSES: tuple(
                Row(lens, study.project.lens_name(lens), lens)
                for lens in (*(lens.id for lens in study.project.lenses), NO_LENS)
            ),
            Unit.THEMES: tuple(
                Row(t.id, t.name, t.lens, _standing_for(study.codebook, t.code))
                for t in study.themes.themes
                if t.status is not ThemeStatus.REJECTED
            ),
        }
        said = {
            Unit.CODES: claims.of_codes(rows[Unit.CODES]),
            Unit.LENSES: claims.of_lenses(rows[Unit.LENSES]),
            Unit.THEMES: claims.of_themes(rows[Unit.THEMES], {t.id: t for t in study.themes.themes}),
        }
        counts = {unit: found.counts() for unit, found in said.items()}
        return cls(key, layout, study, claims.coders, claims.coder, rows, said, counts)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Sorted by transcript name and id, then start."""
        return self.layout.study.segments

    @property
    def cases(self) -> tuple[str, ...]:
        """Ids, sorted."""
        return self.layout.cases

    @property
    def sources(self) -> Sources:
        """See `Sources`."""
        return self.layout.sources

    @property
    def columns(self) -> Mapping[str, Column]:
        """Attribute name to its values, sorted by name."""
        return self.layout.columns

    def sources_where(self, where: Where) -> Mask:
        """(n_sources,) whether the words are asked about.

        Raises:
            UnknownItem: An attribute, value or file that the project does not have.
        """
        keep = np.ones(len(self.sources.segments), dtype=bool)
        for name, wanted in where.attributes.items():
            column = self.column(name)
            places = [_place(column.levels, value, f"{name} has no value") for value in wanted]
            keep &= np.isin(column.values, places)
        if where.files:
            named = {t.id for t in self.study.transcripts} | {t.name for t in self.study.transcripts}
            for file in where.files:
                _place(sorted(named), file, "There is no file")
            files = set(where.files)
            places = [i for i, t in enumerate(self.study.transcripts) if t.id in files or t.name in files]
            keep &= np.isin(self.sources.transcript, places)
        if where.roles:
            keep &= np.isin(self.sources.role, [list(Role).index(role) for role in where.roles])
        return keep

    def codings_where(self, unit: Unit, where: Where) -> Said:
        """The codings under each row, of the coders and probabilities asked about."""
        found = self.said[unit]
        if where.people_only:
            found = found.kept(found.human)
        if where.minimum_probability > 0:
            found = found.kept(found.probability >= where.minimum_probability)
        return found

    def counts_where(self, unit: Unit, where: Where) -> Counts:
        """What each row has in each source, of the coders and probabilities asked about."""
        if not where.people_only and where.minimum_probability <= 0:
            return self.all_counts[unit]
        asked = unit, where.people_only, where.minimum_probability
        return _kept(self._counts, MOST_COUNTS, asked, lambda: self.codings_where(unit, where).counts())

    def totals(self, asked: Hashable, make: Callable[[], T]) -> T:
        """What a question says of everybody asked about, worked out when it is first asked for."""
        found: T = _kept(self._totals, MOST_TOTALS, asked, make)
        return found

    def column(self, attribute: str) -> Column:
        """The values of one attribute.

        Raises:
            UnknownItem: Nobody has it.
        """
        if attribute not in self.columns:
            has = f"it has {', '.join(self.columns)}" if self.columns else "give attributes in the cases table"
            raise UnknownItem(f'The project has no attribute "{attribute}"; {has}.')
        return self.columns[attribute]

    def wanted_rows(self, unit: Unit, lens: str | None) -> Ints:
        """Places of the rows under a lens, or of all.

        Raises:
            UnknownItem: The project does not look through this lens.
        """
        lenses = [row.id for row in self.rows[Unit.LENSES]]
        if lens is not None and lens not in lenses:
            raise UnknownItem(f'There is no lens "{lens}"; use one of {", ".join(lenses)}.')
        return np.array([i for i, row in enumerate(self.rows[unit]) if lens in (None, row.lens)], dtype=np.int64)

    def find_row(self, unit: Unit, named: str) -> int:
        """The place of a row by its id, or by its name where only one has it.

        Raises:
            UnknownItem: There is none, or more than one.
        """
        rows = self.rows[unit]
        found = [i for i, row in enumerate(rows) if row.id == named]
        found = found or [i for i, row in enumerate(rows) if row.name.casefold() == named.casefold()]
        if len(found) != 1:
            remedy = "give the id" if found else f"ask for {unit.value} to see them"
            raise UnknownItem(f'{"More than one" if found else "No"} {_ONE_OF[unit]} is called "{named}"; {remedy}.')
        return found[0]


def _kept(values: dict[Hashable, T], most: int, asked: Hashable, make: Callable[[], T]) -> T:
    if asked not in values:
        if len(values) >= most:
            values.clear()
        values[asked] = make()
    return values[asked]


_ONE_OF = {Unit.CODES: "code", Unit.LENSES: "lens", Unit.THEMES: "theme"}


def _place(known: Sequence[str], wanted: str, complaint: str) -> int:
    if wanted not in known:
        some = ", ".join(f'"{value}"' for value in known[:12])
        raise UnknownItem(f'{complaint} "{wanted}"; there is {some}{", ..." if len(known) > 12 else ""}.')
    return known.index(wanted)


def changes(*columns: Ints) -> Mask:
    """(n,) whether a row of the columns differs from the one before it; the first does."""
    changed = np.ones(len(columns[0]), dtype=bool)
    changed[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return changed


def _sorted(study: Study) -> Study:
    transcripts = tuple(sorted(study.transcripts, key=lambda t: (t.name, t.id)))
    order = {transcript.id: i for i, transcript in enumerate(transcripts)}
    return replace(
        study,
        transcripts=transcripts,
        segments=tuple(sorted(study.segments, key=lambda s: (order[s.transcript], s.start, s.end))),
        codings=tuple(sorted(study.codings, key=lambda c: (c.transcript, c.start, c.end, c.code, c.coder))),
    )


def _sources(study: Study, cases: tuple[str, ...]) -> tuple[Ints, Sources, dict[str, Column]]:
    """(n_segments,) the source of each segment, the sources, and their attributes."""
    transcript_of = {transcript.id: i for i, transcript in enumerate(study.transcripts)}
    case_of, roles = {case: i for i, case in enumerate(cases)}, {role: i for i, role in enumerate(Role)}
    first: dict[tuple[int, int, int], Segment] = {}
    keys = []
    for segment in study.segments:
        key = (
            case_of.get(study.case(segment), -1),
            transcript_of[segment.transcript],
            roles[study.role(segment)],
        )
        first.setdefault(key, segment)
        keys.append(key)
    order = {key: i for i, key in enumerate(sorted(first))}
    source_of = np.array([order[key] for key in keys], dtype=np.int64)
    table = np.array(sorted(first), dtype=np.int64).reshape(-1, 3)
    case, transcript, role = table[:, 0], table[:, 1], table[:, 2]
    sources = Sources(
        case,
        np.where(case >= 0, case, len(cases) + transcript),
        transcript,
        role,
        np.bincount(source_of, minlength=len(table)).astype(np.int64),
    )
    known = [study.attributes(first[key]) for key in order]
    columns = {}
    for name in sorted({name for own in known for name in own}):
        values = [own.get(name, "") for own in known]
        levels = tuple(sorted(set(values)))
        place = {level: i for i, level in enumerate(levels)}
        columns[name] = Column(levels, np.array([place[value] for value in values], dtype=np.int64))
    return source_of, sources, columns


def _standing_for(book: Codebook, code: str | None) -> str | None:
    """The code in use that stands where this one stood: itself, or the one it was merged into."""
    seen: set[str] = set()
    while code is not None and code not in seen:
        seen.add(code)
        entry = book.get(code)
        if entry is None or entry.status is not CodeStatus.RETIRED:
            return code if entry else None
        code = entry.successors[0] if len(entry.successors) == 1 else None
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Claims:
    """The codings that count and lie in a segment, ready to be put under rows; sorted by source, segment, span, coder.

    Attributes:
        layout: What was read.
        coders: Ids.
        coder: (n,) place in `coders`.
        segment: (n,) place.
        start: (n,).
        end: (n,).
        human: (n,).
        probability: (n,).
        by_code: Code id to the places of its codings, rising.
        chain: Code in use to itself and the codes above it.
    """

    layout: Layout
    coders: tuple[str, ...]
    coder: Ints
    segment: Ints
    start: Ints
    end: Ints
    human: Mask
    probability: npt.NDArray[np.float64]
    by_code: Mapping[str, Ints]
    book: Codebook
    chain: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, study: Study, layout: Layout, suggested: Suggestions | None) -> _Claims:
        """Those of a study, and what one more machine says where no person has decided."""
        counted = [(c, at[0]) for c in study.counted_codings if (at := layout.under(c))]
        codes = {code.id: i for i, code in enumerate(study.codebook)}
        coders = tuple(sorted({c.coder for c, _ in counted} | ({suggested.coder} if suggested else set())))
        coder_place = {coder: i for i, coder in enumerate(coders)}
        machines = {coder.id for coder in study.coders if coder.kind is CoderKind.MACHINE}
        told = [
            (codes.get(c.code, -1), coder_place[c.coder], row, c.start, c.end, c.coder not in machines)
            for c, row in counted
        ]
        columns = np.array(told, dtype=np.int64).reshape(-1, 6)
        probability = np.array([c.probability for c, _ in counted], dtype=np.float64)
        if suggested is not None:
            said = _undecided(study, layout, suggested, machines)
            row, place = suggested.segment[said], np.array([codes[c] for c in suggested.codes], dtype=np.int64)
            own, machine = np.ones(len(row), dtype=np.int64), coder_place[suggested.coder]
            more = (place[suggested.code[said]], machine * own, row, layout.start[row], layout.end[row], 0 * own)
            columns = np.concatenate([columns, np.stack(more, axis=1)])
            probability = np.concatenate([probability, suggested.probability[said]])
        code, coder, segment, start, end, human = columns.T
        # A segment has one source, and sources are few.
        order = np.lexsort((coder, code, end, start, segment, layout.source_of[segment]))
        code = code[order]
        by_code = np.argsort(code, kind="stable")
        bounds = np.searchsorted(code[by_code], np.arange(len(codes) + 1))
        return cls(
            layout,
            coders,
            coder[order],
            segment[order],
            start[order],
            end[order],
            human[order].astype(bool),
            probability[order],
            {id_: by_code[bounds[i] : bounds[i + 1]] for id_, i in codes.items()},
            study.codebook,
            {c.id: (c.id, *study.codebook.ancestors(c.id)) for c in study.codebook.in_use},
        )

    def of_codes(self, rows: Sequence[Row]) -> Said:
        """Each with the codes below it."""
        under = self._under()
        return self._said([self._joined(under[row.id]) for row in rows])

    def of_lenses(self, rows: Sequence[Row]) -> Said:
        """Each with the codes that have it, or lie below one that has it."""
        book, known = {code.id: code.lens for code in self.book}, {row.id for row in rows}
        through: dict[str, list[str]] = defaultdict(list)
        for code, chain in self.chain.items():
            lenses = {book[above] for above in chain if above in book} & (known - {NO_LENS})
            for lens in lenses or {NO_LENS}:
                through[lens].append(code)
        return self._said([self._joined(through[row.id]) for row in rows])

    def of_themes(self, rows: Sequence[Row], themes: Mapping[str, Theme]) -> Said:
        """Each as the code that stands for it, else its own segments."""
        under, row_of = self._under(), self.layout.row_of
        claims = [self._joined(under[row.code]) if row.code else _NONE for row in rows]
        bare = [_NONE if row.code else self._segments(row_of, themes[row.id]) for row in rows]
        return self._said(claims, bare)

    def _segments(self, row_of: Mapping[str, int], theme: Theme) -> Ints:
        found = np.array([row_of[s] for s in theme.segments if s in row_of], dtype=np.int64)
        return found[
            np.lexsort((self.layout.end[found], self.layout.start[found], found, self.layout.source_of[found]))
        ]

    def _under(self) -> dict[str, list[str]]:
        """Code id to itself and the codes below it, however deep; codes in use only."""
        under: dict[str, list[str]] = defaultdict(list)
        for code, chain in self.chain.items():
            for above in chain:
                under[above].append(code)
        return under

    def _joined(self, codes: Sequence[str]) -> Ints:
        """The places of what is said under some codes, rising."""
        found = [self.by_code[code] for code in codes if code in self.by_code]
        return np.sort(np.concatenate(found)) if len(found) > 1 else found[0] if found else _NONE

    def _said(self, claims: Sequence[Ints], bare: Sequence[Ints] = ()) -> Said:
        """Rows, each with the codings that count under it, or with segments that do so without a coding."""
        bare = bare or [_NONE] * len(claims)
        row = np.repeat(np.arange(len(claims)), [len(a) + len(b) for a, b in zip(claims, bare, strict=True)])
        parts = [part for pair in zip(claims, bare, strict=True) for part in pair]
        at = np.concatenate([_NONE, *parts])
        coded = np.repeat(np.arange(len(parts)) % 2 == 0, [len(part) for part in parts])
        none = np.zeros(1, dtype=np.int64)  # where a study has no codings there is no place to look at
        place, layout = np.where(coded, at, 0), self.layout

        def of(column: Ints, plain: Ints | int) -> Ints:
            return np.where(coded, (column if len(column) else none)[place], plain)

        segment = of(self.segment, at)
        return Said(
            row.astype(np.int64),
            layout.source_of[segment],
            segment,
            of(self.start, layout.start[segment]),
            of(self.end, layout.end[segment]),
            np.where(coded, at, -1),
            of(self.human.astype(np.int64), 0).astype(bool),
            np.where(coded, (self.probability if len(self.probability) else np.ones(1))[place], 1.0),
        )


_NONE = np.zeros(0, dtype=np.int64)


def _undecided(study: Study, layout: Layout, suggested: Suggestions, machines: set[str]) -> Ints:
    """Places of the suggestions under codes in use of which no person has said anything on any part of the segment."""
    place, size = {code: i for i, code in enumerate(suggested.codes)}, len(suggested.codes)
    decided = [
        row * size + place[coding.code]
        for coding in study.codings
        if coding.coder not in machines and coding.code in place
        for row in layout.under(coding)
    ]
    return np.flatnonzero(~np.isin(suggested.segment * size + suggested.code, np.array(decided, dtype=np.int64)))
