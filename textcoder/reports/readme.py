"""The first sheet of the workbook: what each sheet and column holds, in words."""

from __future__ import annotations

from collections.abc import Collection

from textcoder.domain.study import Study
from textcoder.reports.counts import MAX_VALUES
from textcoder.reports.tables import Table

CO_OCCURRENCE = "Co-occurrence"
_OF_PAIRS = frozenset((CO_OCCURRENCE, "people, of a pair", "segments, of a pair", "jaccard", "lift"))
_LINES = (
    ("Codebook", "One row a code in use, with its entry and its counts."),
    ("Segments", "One row a segment: the unit that is coded, one to a few sentences. As in segments.csv."),
    ("Codings", "One row a coding: words, a code, and who said that they carry it. As in codings.csv."),
    ("Cases by codes", "One row a person who was asked: 1 for a code of hers, else 0. As in cases_by_codes.csv."),
    ("Codes by attribute", "People with a code, of those asked who share a value of an attribute."),
    (CO_OCCURRENCE, "One row a pair of codes that somebody carries both of; a code and one below it are no pair."),
    (
        "Quotations chosen",
        "One row a quotation that people chose for the report, with who chose it and what it shows. As in quotations_chosen.csv.",
    ),
    ("Files", "Every file given and what became of it; those that could not be read come first."),
    ("start, end", "Place in the text under texts/, in Unicode characters from 0; end is one past the last."),
    ("question", "What the interviewer asked last before, or the heading of the survey's column."),
    ("time_ms", "Milliseconds from the start of the recording."),
    ("turn", "Number of the turn in its file, from 0: what has one number was said, or written, in one go."),
    ("question_from", "Whose the question is: the interviewer's, or the survey's own. Empty where nobody asked."),
    (
        "lens, of a segment",
        "Empty where the machine abstained; lens_probability is that of the likeliest all the same.",
    ),
    ("lens, of a code", "The lens under which the code stands."),
    ("probability", "The machine's, between 0 and 1; 1 for a person's coding."),
    (
        "status",
        "suggested: by the machine, nobody has decided. accepted, rejected: by a person. Rejected ones do not count.",
    ),
    ("people, asked", "Cases with at least one such coding; cases with at least one segment."),
    ("low, high", "95 % interval of people / asked (Wilson's score interval)."),
    ("mentions", "Distinct spans with the code."),
    ("people, of a pair", "Who carry both codes, anywhere; people_code and people_other: the one, the other."),
    ("segments, of a pair", "That carry both codes."),
    ("jaccard", "Of those who carry one code of a pair, the share who carry both."),
    ("lift", "How many times as many people carry both as would by chance. textcoder together tests pairs."),
    (
        "Not here: attributes",
        f"Attributes with more than {MAX_VALUES} values are not tabulated under Codes by attribute.",
    ),
    (
        "Not here: long cells",
        "Control characters, and what goes beyond 32,767 characters in a cell: see the CSV files.",
    ),
    (
        "Formulas",
        "Nothing here is one. In the CSV files a text that begins with = + - @ has a ' before it.",
    ),
)


def readme_table(study: Study, more: Collection[str] = ()) -> Table:
    """What the workbook holds; `more` names the sheets that not every workbook has."""
    about = f"{study.project.name}: coded with textcoder {study.manifest.get('textcoder', '')}".strip()
    lines = [line for line in _LINES if CO_OCCURRENCE in more or line[0] not in _OF_PAIRS]
    return Table(("what", "what it is"), [("This workbook", about), *lines])
