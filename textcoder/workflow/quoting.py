"""The quotations that people chose for the report, as one coder may see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from textcoder.domain.chosen import chosen_of, in_order, voices_of
from textcoder.domain.coding import Coding
from textcoder.domain.quote import Quote
from textcoder.domain.standing import Standing
from textcoder.domain.study import Study
from textcoder.errors import OutputError, UnknownItem
from textcoder.workflow.rounds import visible


def chosen_quotes(standing: Standing, transcripts: Collection[str], *, coder: str = "") -> tuple[Quote, ...]:
    """The collection in its order; a transcript that was taken out of the study takes its quotations with it.

    Args:
        standing: What stands.
        transcripts: Ids of those that the study has.
        coder: Id of whoever asks: of an open sample that she codes blind, she sees her own choice only. Empty for others.
    """
    held = [one for one in in_order(standing.quotes.values()) if one.transcript in transcripts]
    if not coder:
        return tuple(held)
    as_coding = {Coding(one.transcript, one.start, one.end, "", one.coder): one for one in held}
    return tuple(as_coding[coding] for coding in visible(standing, coder, as_coding))


def seen_by(study: Study, standing: Standing, coder: str) -> Study:
    """A study as one coder may see it: of an open sample that she codes blind, her own codings and her own choice of quotations."""
    return replace(
        study,
        codings=tuple(visible(standing, coder, study.codings)),
        quotes=chosen_quotes(standing, study.transcript_by_id, coder=coder),
    )


def chosen_file(study: Study, ending: str) -> bytes:
    """The quotations chosen, with whose voices are missing, as one file.

    Args:
        study: Whose quotations.
        ending: "docx", "xlsx", "html" or "csv"; the table has no voices.

    Raises:
        UnknownItem: Another ending.
    """
    from textcoder.reports.evidence import Paper
    from textcoder.reports.evidence.contents import chosen_section
    from textcoder.reports.evidence.page import write_page
    from textcoder.reports.evidence.sheets import write_sheets
    from textcoder.reports.evidence.word import write_word
    from textcoder.reports.tables import Rows, chosen_table, to_csv

    if ending == "csv":
        return to_csv(chosen_table(study, Rows(study)))
    found = chosen_of(study)
    section = chosen_section(study, found, voices_of(study, found))
    lead = "Exact words with who said them, where they stand, who chose them and what they are to show."
    paper = Paper(f"{study.project.name}: quotations chosen", lead, (section,))
    if ending == "docx":
        return write_word(paper)
    if ending == "xlsx":
        return write_sheets(paper)
    if ending == "html":
        return write_page(paper).encode("utf-8")
    raise UnknownItem(f'Quotations are written as .docx, .xlsx, .html or .csv, not as ".{ending}".')


def write_chosen(study: Study, path: Path) -> None:
    """Write the quotations chosen into a file; its ending says how.

    Raises:
        UnknownItem: An ending that is not known.
        OutputError: The file cannot be written.
    """
    data = chosen_file(study, path.suffix.lower().removeprefix("."))
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error
