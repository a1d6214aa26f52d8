"""The report as a document: Word, Markdown, and its pictures by themselves. All say what the page says, figure for figure."""

from __future__ import annotations

import io
from zipfile import ZipFile

from textcoder.domain.study import Study
from textcoder.reports import figures
from textcoder.reports.archives import without_times
from textcoder.reports.counts import count
from textcoder.reports.markdown import write_markdown
from textcoder.reports.pieces import pieces_of
from textcoder.reports.report import page_of, render_report
from textcoder.reports.tables import Rows
from textcoder.reports.word import write_word


def render_document(study: Study, name: str) -> dict[str, bytes]:
    """The report as the files of one document; the same study gives the same bytes.

    Args:
        study: What it is about.
        name: Of the document: NAME.docx is one file, NAME.md has its pictures in the folder NAME_figures beside it.

    Returns:
        Path from where the document lies, with slashes -> bytes; the document itself first.

    Raises:
        ValueError: Another ending.
    """
    stem, _, ending = name.rpartition(".")
    counts, rows = count(study), Rows(study)
    page = page_of(study, counts, rows)
    drawn = figures.pictures(page)
    lenses = [lens.id for lens in page["lenses"] if lens.codes]
    pieces = pieces_of(render_report(study, counts, rows, page), drawn, lenses)
    if ending.casefold() == "docx":
        return {name: write_word(study.project.name, pieces)}
    if ending.casefold() == "md":
        folder = f"{stem}_figures"
        beside = {f"{folder}/{file}": data for file, data in figures.files(drawn).items()}
        return {name: write_markdown(pieces, folder).encode("utf-8"), **beside}
    raise ValueError(f'A report is written as .docx or .md, not as ".{ending}".')


def render_figures(study: Study) -> dict[str, bytes]:
    """The pictures of the report, each as SVG and as PNG, and alt.txt with what they show in words."""
    counts = count(study)
    return figures.files(figures.pictures(page_of(study, counts, Rows(study))))


def zipped(files: dict[str, bytes]) -> bytes:
    """Files as one archive; the same files give the same bytes."""
    plain = io.BytesIO()
    with ZipFile(plain, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return without_times(plain)
