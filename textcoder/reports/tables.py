"""The study as tables: one row a segment, a coding, a case. The same rows go into the CSV files and into the workbook.

CSV files are UTF-8 with a byte order mark: Excel takes the mark as the sign of UTF-8, and pandas and R's readr skip it.
Fields are quoted where needed and newlines inside a cell are kept. A text that a spreadsheet would run as a formula (it
begins with = + - @, tab or carriage return) gets one apostrophe in front; so does a text that begins with apostrophes
followed by one of these, so that taking one apostrophe away always gives the exact text back.
"""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass

from textcoder.domain.chosen import chosen_of
from textcoder.domain.codebook import Code
from textcoder.domain.study import Study
from textcoder.domain.transcript import Outcome, Role, Segment, Transcript
from textcoder.reports.counts import Counts

Cell = str | int | float | None

SPAN = ("transcript", "file", "start", "end", "text", "question", "speaker", "role", "case", "page", "time_ms")
CONTEXT = ("turn", "question_from")
SEGMENT = (*SPAN, *CONTEXT, "lens", "lens_probability", "abstained", "theme", "theme_id")
CODING = (*SPAN, "code", "code_id", "lens", "probability", "coder", "coder_id", "coder_kind", "status", "counts", "why")
CHOSEN = (*SPAN, "codes", "chosen_by", "at", "shows")
CASE = ("case", "name", "segments")
BY_ATTRIBUTE = ("attribute", "value", "lens", "code", "code_id", "people", "asked", "share", "low", "high", "mentions")

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; every row is as long as the header."""

    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet runs; see the top of this file."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` made the cell from."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def to_csv(table: Table) -> bytes:
    """The table as a CSV file; see the top of this file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")  # with "\n" alone a lone "\r" in a text would not be quoted
    writer.writerow([guarded(name) for name in table.header])
    writer.writerows([[guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows])
    return out.getvalue().encode("utf-8-sig")


def code_column(code: Code) -> str:
    """What the case-by-code table calls a code."""
    return f"{code.lens}: {code.name}"


def attribute_columns(study: Study) -> dict[str, str]:
    """Attribute -> its column in every table; one named like a column of ours says that it is an attribute."""
    taken = {*SEGMENT, *CODING, *CHOSEN, *CASE, *(code_column(code) for code in study.codebook.in_use)}
    dated = any(transcript.date for transcript in study.transcripts)
    columns: dict[str, str] = {}
    for name in (*study.attribute_names, *(["date"] if dated else [])):
        column = name
        while column in taken:
            column += " (attribute)"
        columns[name] = column
        taken.add(column)
    return columns


class Rows:
    """Makes the rows that tell where words stand and who said them. What is shared by many rows is looked up once."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.columns = attribute_columns(study)
        self._file_of = {f.transcript: f.path for f in reversed(study.files) if f.outcome is Outcome.READ}
        self._questions: dict[tuple[str, int], str] = {}

    def file(self, transcript: Transcript) -> str:
        """The file as it was given; the transcript's name where no file is recorded."""
        return self._file_of.get(transcript.id, transcript.name)

    def question(self, segment: Segment) -> str:
        """The question that the segment answers."""
        key = (segment.transcript, segment.turn)
        if key not in self._questions:
            self._questions[key] = self.study.question(segment)
        return self._questions[key]

    def span(self, transcript: Transcript, start: int, end: int, segment: Segment | None) -> tuple[Cell, ...]:
        """The columns of `SPAN`; `segment` is the one that the span is about, None outside all segments."""
        place = (transcript.id, self.file(transcript), start, end, transcript.quotation(start, end))
        page = transcript.page_at(start)
        if segment is None:
            return (*place, "", "", "", "", page, None)
        study = self.study
        said = (self.question(segment), study.speaker(segment), study.role(segment).value, study.case(segment))
        return (*place, *said, page, transcript.time_at(segment.turn, start))

    def context(self, segment: Segment) -> tuple[Cell, ...]:
        """The columns of `CONTEXT`: number of the turn in its transcript, from 0; and whose the question is, the `interviewer`'s or the
        `survey`'s, empty where nobody asked.
        """
        own = self.study.transcript_by_id[segment.transcript].turns[segment.turn].question
        return segment.turn, "survey" if own else "interviewer" if self.question(segment) else ""

    def attributes(self, segment: Segment | None) -> tuple[Cell, ...]:
        """The attributes' columns."""
        known = {} if segment is None else self.study.attributes(segment)
        return tuple(known.get(name, "") for name in self.columns)


def segment_table(study: Study, rows: Rows) -> Table:
    """One row a segment; `lens` is empty where the machine abstained, `lens_probability` that of the likeliest."""
    theme_of = {s: theme for theme in study.themes.themes for s in theme.segments}
    made = []
    for segment in study.segments:
        placement, theme = study.placements.get(segment.id), theme_of.get(segment.id)
        lens: tuple[Cell, ...] = (None, None, None)
        if placement is not None:
            lens = (
                "" if placement.abstained else placement.lens,
                round(placement.probability, 4),
                int(placement.abstained),
            )
        span = rows.span(study.transcript_by_id[segment.transcript], segment.start, segment.end, segment)
        named = (theme.name, theme.id) if theme else ("", "")
        made.append((*span, *rows.context(segment), *lens, *named, *rows.attributes(segment)))
    return Table((*SEGMENT, *rows.columns.values()), made)


def coding_table(study: Study, rows: Rows) -> Table:
    """One row a coding, of every coder and status; `counts` is 1 where it is in the figures (see `textcoder.domain.coding.counted`)."""
    counts = set(study.counted_codings)
    coders = {coder.id: coder for coder in study.coders}
    codes = {code.id: code for code in study.codebook}
    made = []
    for coding in study.codings:
        segment, coder, code = study.segment_of(coding), coders[coding.coder], codes.get(coding.code)
        name, lens = (code.name, code.lens) if code else ("", "")
        span = rows.span(study.transcript_by_id[coding.transcript], coding.start, coding.end, segment)
        said = (
            name,
            coding.code,
            lens,
            round(coding.probability, 4),
            coder.name,
            coder.id,
            coder.kind.value,
            coding.status.value,
            int(coding in counts),
            coding.why,
        )
        made.append((*span, *said, *rows.attributes(segment)))
    return Table((*CODING, *rows.columns.values()), made)


def chosen_table(study: Study, rows: Rows) -> Table:
    """One row a quotation chosen for the report, in its order, with who chose it and what it is to show."""
    names = {code.id: code_column(code) for code in study.codebook}
    coders = {coder.id: coder.name for coder in study.coders}
    made: list[tuple[Cell, ...]] = []
    for one in chosen_of(study):
        quote, codes = one.quote, "; ".join(sorted(names[code] for code in one.codes))
        span = rows.span(study.transcript_by_id[quote.transcript], quote.start, quote.end, one.segment)
        said = (codes, coders.get(quote.coder, quote.coder), quote.at, quote.note)
        made.append((*span, *said, *rows.attributes(one.segment)))
    return Table((*CHOSEN, *rows.columns.values()), made)


def case_table(study: Study, counts: Counts, rows: Rows) -> Table:
    """One row a person who was asked: her attributes, then 1 for each code that she is coded with, else 0.

    An attribute that changes between interviews shows all its values ("1; 2").
    """
    said: dict[str, list[Segment]] = {case: [] for case in counts.cases}
    for segment in study.segments:
        if study.case(segment):
            said[study.case(segment)].append(segment)
    made: list[tuple[Cell, ...]] = []
    for case, mentions in counts.cases.items():
        known = study.case_by_id.get(case)
        values = [dict.fromkeys(filter(None, column)) for column in zip(*map(rows.attributes, said[case]), strict=True)]
        attributes = ["; ".join(map(str, column)) for column in values]
        found = [int(mentions[row.code.id] > 0) for row in counts.codes]
        made.append((case, known.name if known else case, len(said[case]), *attributes, *found))
    return Table((*CASE, *rows.columns.values(), *(code_column(row.code) for row in counts.codes)), made)


def attribute_table(counts: Counts, rows: Rows) -> Table:
    """One row a code and value of an attribute: people of those asked, with interval, and mentions."""
    made: list[tuple[Cell, ...]] = []
    for name, table in counts.by_attribute.items():
        for row in counts.codes:
            code = row.code
            for value, share in table[code.id].items():
                people = (
                    share.people,
                    share.asked,
                    *map(_rounded, (share.share, share.low, share.high)),
                    share.mentions,
                )
                made.append((rows.columns[name], value, code.lens, code.name, code.id, *people))
    return Table(BY_ATTRIBUTE, made)


def codebook_table(study: Study, counts: Counts) -> Table:
    """One row a code in use: its entry and its counts."""
    header = ("lens", "code", "definition", "include", "exclude", "examples", "parent", "origin", "status")
    names = {code.id: code.name for code in study.codebook}
    made: list[tuple[Cell, ...]] = []
    for row in counts.codes:
        code, share = row.code, row.overall
        examples = "\n".join(f"{e.text} ({e.source})" if e.source else e.text for e in code.examples)
        entry = (
            code.lens,
            code.name,
            code.definition,
            code.include,
            code.exclude,
            examples,
            names.get(code.parent or "", ""),
        )
        numbers = (share.people, share.asked, share.mentions, row.files)
        made.append((*entry, code.origin.value, code.status.value, *numbers, code.id))
    return Table((*header, "people", "asked", "mentions", "files", "code_id"), made)


def file_table(study: Study) -> Table:
    """One row a file given: what became of it and what was found in it; what was not read first."""
    header = (
        "file",
        "outcome",
        "note",
        "kind",
        "language",
        "turns",
        "speakers",
        "cases",
        "segments",
        "transcript",
        "sha256",
    )
    segments = segments_by_transcript(study)
    made: list[tuple[Cell, ...]] = []
    for file in sorted(study.files, key=lambda f: f.outcome is not Outcome.UNREADABLE):
        transcript = study.transcript_by_id.get(file.transcript or "") if file.outcome is Outcome.READ else None
        found: tuple[Cell, ...] = ("", "", None, "", "", None)
        if transcript is not None:
            people = (listed_speakers(transcript), "; ".join(cases_of(transcript)))
            found = (
                transcript.kind,
                transcript.language,
                len(transcript.turns),
                *people,
                segments.get(transcript.id, 0),
            )
        note = file.note.removeprefix(f"{file.path}: ")
        made.append((file.path, file.outcome.value, note, *found, file.transcript or "", file.sha256))
    return Table(header, made)


def segments_by_transcript(study: Study) -> dict[str, int]:
    """Transcript id -> how many segments it has; those without any are left out."""
    counts: dict[str, int] = {}
    for segment in study.segments:
        counts[segment.transcript] = counts.get(segment.transcript, 0) + 1
    return counts


def cases_of(transcript: Transcript) -> list[str]:
    """The case ids in order of appearance."""
    return list(dict.fromkeys(turn.case for turn in transcript.turns if turn.case))


def listed_speakers(transcript: Transcript, *, most: int = 50) -> str:
    """Speakers with their roles; those whom the file does not name are counted only."""
    named = [f"{speaker} ({role.value})" for speaker, role in transcript.speakers().items() if speaker]
    unnamed = {turn.role for turn in transcript.turns if not turn.speaker}
    shown = [*named[:most], *(f"unnamed ({role.value})" for role in Role if role in unnamed)]
    return "; ".join(shown) + (f"; and {len(named) - most:,} more" if len(named) > most else "")


def _rounded(number: float) -> float | None:
    return None if math.isnan(number) else round(number, 4)
