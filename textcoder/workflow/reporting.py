"""The report as a document to hand in: Word, Markdown with its pictures, the pictures by themselves; and the pairs of the workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textcoder.domain.study import Study
from textcoder.errors import UnknownItem

if TYPE_CHECKING:
    from textcoder.reports.tables import Table

DOCUMENTS = (".docx", ".md")
"""Endings of a report that is a document."""
ARCHIVE = ".zip"
PAIRS = (
    *("lens", "code", "code_id", "other_lens", "other_code", "other_code_id"),
    *("people", "people_code", "people_other", "asked", "segments", "jaccard", "lift"),
)


def is_document(path: Path) -> bool:
    """Whether a file is a report as a document, by its ending."""
    return path.suffix.casefold() in DOCUMENTS


def write_document(study: Study, path: Path) -> tuple[Path, ...]:
    """Write the report as .docx, or as .md with a folder NAME_figures beside it; each file is complete or not there.

    Returns:
        What was written, the document first.

    Raises:
        UnknownItem: An ending that is not known.
        OutputError: A file cannot be written.
    """
    from textcoder.reports.documents import render_document

    if not is_document(path):
        raise UnknownItem(f'A report is written as {" or ".join(DOCUMENTS)}, not as "{path.suffix}".')
    return _put(render_document(study, path.name), path.parent)


def write_figures(study: Study, place: Path) -> tuple[Path, ...]:
    """Write the pictures of the report into a folder, or one archive (.zip), as SVG and PNG with alt.txt; none where nothing is coded.

    Raises:
        OutputError: A file cannot be written.
    """
    from textcoder.reports.documents import render_figures, zipped

    files = render_figures(study)
    if files and place.suffix.casefold() == ARCHIVE:
        return _put({place.name: zipped(files)}, place.parent)
    return _put(files, place)


def _put(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    from textcoder.reports.files import put

    for name, data in files.items():
        put(folder / name, data)
    return tuple(folder / name for name in files)


def more_sheets(study: Study) -> dict[str, Callable[[], Table]]:
    """What the workbook holds beside the tables that reports make: which codes go together."""
    from textcoder.reports.readme import CO_OCCURRENCE

    return {CO_OCCURRENCE: lambda: pairs_table(study)}


def pairs_table(study: Study) -> Table:
    """One row a pair of codes that somebody carries both of, most people first; as the question for co-occurrence counts them.

    Nothing is hidden: the workbook is for work inside the project, and says of each person what she said.
    """
    from textcoder.query import Facts, co_occurrence
    from textcoder.reports.tables import Table

    found = co_occurrence(Facts.of(study), minimum_people=1)
    return Table(
        PAIRS,
        [
            (
                *(one.a.lens, one.a.name, one.a.id, one.b.lens, one.b.name, one.b.id),
                *(one.people, one.people_a, one.people_b, found.asked, one.segments),
                *(round(one.jaccard, 4), round(one.lift, 4)),
            )
            for one in found.pairs
        ],
    )
