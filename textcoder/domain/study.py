"""A coded project read as a whole: what reports, exports and checks look at. Nothing here is computed by a model."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from textcoder.domain.codebook import Codebook
from textcoder.domain.coding import Coder, CoderKind, Coding, LensPlacement, counted
from textcoder.domain.project import Case, Project
from textcoder.domain.quote import Quote
from textcoder.domain.theme import ThemeMap
from textcoder.domain.transcript import Role, Segment, SourceFile, Transcript


@dataclass(frozen=True)
class Study:
    """Everything that is known of one project, in stable order.

    Attributes:
        files: Every file given and what became of it.
        transcripts: Sorted by name, then id.
        segments: Sorted by transcript as above, then start; participants' only, unless asked otherwise at import.
        cases: Sorted by id.
        placements: Segment id to how the machine sees it through the lenses.
        themes: Candidates and what belongs nowhere.
        codebook: What the log adds up to.
        codings: Of all coders, sorted by transcript, start, end, code, coder.
        coders: Sorted by id.
        manifest: Inputs, models with hashes, settings, seed and versions.
        quotes: What people chose for the report, in its order.
    """

    project: Project
    files: tuple[SourceFile, ...]
    transcripts: tuple[Transcript, ...]
    segments: tuple[Segment, ...]
    cases: tuple[Case, ...]
    placements: Mapping[str, LensPlacement]
    themes: ThemeMap
    codebook: Codebook
    codings: tuple[Coding, ...]
    coders: tuple[Coder, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    quotes: tuple[Quote, ...] = ()

    @cached_property
    def transcript_by_id(self) -> dict[str, Transcript]:
        """Transcripts by id."""
        return {transcript.id: transcript for transcript in self.transcripts}

    @cached_property
    def segment_by_id(self) -> dict[str, Segment]:
        """Segments by id."""
        return {segment.id: segment for segment in self.segments}

    @cached_property
    def case_by_id(self) -> dict[str, Case]:
        """Cases by id."""
        return {case.id: case for case in self.cases}

    @cached_property
    def counted_codings(self) -> tuple[Coding, ...]:
        """The codings that count; see `counted`."""
        machines = frozenset(coder.id for coder in self.coders if coder.kind is CoderKind.MACHINE)
        return tuple(counted(self.codings, machines))

    @cached_property
    def counted_by_code(self) -> dict[str, list[Coding]]:
        """Code id to the codings that count under it: its own, and those of the codes below it, which imply it.

        What stands under a retired code counts nowhere. A span may stand here twice, under two codes below; whoever counts
        mentions counts distinct spans.
        """
        under: dict[str, list[Coding]] = {}
        above = {code.id: (code.id, *self.codebook.ancestors(code.id)) for code in self.codebook.in_use}
        for coding in self.counted_codings:
            for code in above.get(coding.code, ()):
                under.setdefault(code, []).append(coding)
        return under

    def quotation(self, segment: Segment) -> str:
        """The exact words."""
        return self.transcript_by_id[segment.transcript].quotation(segment.start, segment.end)

    def question(self, segment: Segment) -> str:
        """The question that the segment answers; empty where nobody asked."""
        return self.transcript_by_id[segment.transcript].question_of(segment.turn)

    def speaker(self, segment: Segment) -> str:
        """As written in the file; empty where the file names nobody."""
        return self.transcript_by_id[segment.transcript].turns[segment.turn].speaker or ""

    def role(self, segment: Segment) -> Role:
        """Of whoever said it."""
        return self.transcript_by_id[segment.transcript].turns[segment.turn].role

    def case(self, segment: Segment) -> str:
        """Case id; empty for words that belong to no case."""
        return self.transcript_by_id[segment.transcript].turns[segment.turn].case or ""

    def page(self, segment: Segment) -> int | None:
        """Page in the source, from 1."""
        return self.transcript_by_id[segment.transcript].page_at(segment.start)

    def time_ms(self, segment: Segment) -> int | None:
        """Milliseconds into the recording."""
        return self.transcript_by_id[segment.transcript].time_at(segment.turn, segment.start)

    def attributes(self, segment: Segment) -> dict[str, str]:
        """Of the person, then wave, date and what is known of the source, which count more: a person can move between waves."""
        transcript = self.transcript_by_id[segment.transcript]
        case = self.case_by_id.get(self.case(segment))
        own = dict(case.attributes) if case else {}
        own.update(transcript.attributes)
        own.update({k: v for k, v in (("wave", transcript.wave), ("date", transcript.date)) if v is not None})
        return own

    @cached_property
    def attribute_names(self) -> tuple[str, ...]:
        """All attribute names in use, sorted; `date` is left out, since nobody compares by the day."""
        names = {name for case in self.cases for name in case.attributes}
        names |= {name for transcript in self.transcripts for name in transcript.attributes}
        names |= {"wave"} if any(transcript.wave is not None for transcript in self.transcripts) else set()
        return tuple(sorted(names - {"date"}))

    def segment_of(self, coding: Coding) -> Segment | None:
        """The segment with the coding's span, or the first that overlaps it; None for a span outside all segments."""
        exact = self.segment_by_id.get(coding.segment)
        if exact is not None:
            return exact
        segments = self._segments_of.get(coding.transcript, [])
        i = bisect_right(segments, coding.start, key=lambda segment: segment.end)
        return segments[i] if i < len(segments) and segments[i].start < coding.end else None

    @cached_property
    def _segments_of(self) -> dict[str, list[Segment]]:
        """Transcript id to its segments in order; segments of one transcript never overlap."""
        of: dict[str, list[Segment]] = {}
        for segment in self.segments:
            of.setdefault(segment.transcript, []).append(segment)
        return of
