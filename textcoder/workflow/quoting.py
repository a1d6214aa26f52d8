"""The quotations that people chose for the report, as one coder may see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textcoder.domain.chosen import Chosen, Voices, chosen_of, in_order, voices_of
from textcoder.domain.coding import Coding
from textcoder.domain.decision import DecisionKind
from textcoder.domain.quote import Quote
from textcoder.domain.standing import Standing
from textcoder.domain.study import Study
from textcoder.errors import OutputError, UnknownItem
from textcoder.workflow.rounds import visible
from textcoder.workflow.steps import many

if TYPE_CHECKING:
    from textcoder.reports.evidence import Section


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


def quotes_waiting(standing: Standing, *, coder: str = "") -> int:
    """How many chosen quotations stand nowhere since their words were corrected, and wait for a person.

    Args:
        standing: What stands.
        coder: Id of whoever asks: while she codes a sample blind, she hears of her own choice only. Empty for others.
    """
    blind = bool(coder) and bool(standing.blind(coder))
    waiting = (one for one in standing.waiting.values() if one.kind == DecisionKind.SET_QUOTE)
    return sum(not blind or one.coder == coder for one in waiting)


def waiting_said(waiting: int) -> str:
    """The same as a sentence; empty where none waits."""
    if not waiting:
        return ""
    waits, its = ("waits", "its") if waiting == 1 else ("wait", "their")
    return f"{many(waiting, 'chosen quotation')} {waits} for a person, since {its} words were corrected: textcoder correct --queue."


def chosen_part(study: Study, found: Sequence[Chosen], heard: Voices, waiting: int) -> Section:
    """The quotations that people chose, whose voices are missing, and how many wait."""
    from textcoder.reports.evidence import Says
    from textcoder.reports.evidence.contents import chosen_section

    section, said = chosen_section(study, found, heard), waiting_said(waiting)
    # Of none that stands anywhere it says that nobody has chosen, which is untrue where some wait.
    return replace(section, parts=(Says(said), *(section.parts if found else ()))) if said else section


def seen_by(study: Study, standing: Standing, coder: str) -> Study:
    """A study as one coder may see it: of an open sample that she codes blind, her own codings and her own choice of quotations."""
    return replace(
        study,
        codings=tuple(visible(standing, coder, study.codings)),
        quotes=chosen_quotes(standing, study.transcript_by_id, coder=coder),
    )


def chosen_file(study: Study, ending: str, *, waiting: int = 0) -> bytes:
    """The quotations chosen, with whose voices are missing, as one file.

    Args:
        study: Whose quotations.
        ending: "docx", "xlsx", "html" or "csv"; the table has no voices.
        waiting: How many more wait for a person; see `quotes_waiting`.

    Raises:
        UnknownItem: Another ending.
    """
    from textcoder.reports.evidence import Grid, Paper
    from textcoder.reports.evidence.page import write_page
    from textcoder.reports.evidence.sheets import write_sheets
    from textcoder.reports.evidence.word import write_word
    from textcoder.reports.tables import Rows, chosen_table, to_csv

    if ending == "csv":
        return to_csv(chosen_table(study, Rows(study)))
    found = chosen_of(study)
    section = chosen_part(study, found, voices_of(study, found), waiting)
    lead = "Exact words with who said them, where they stand, who chose them and what they are to show."
    title = f"{study.project.name}: quotations chosen"
    if ending == "xlsx":
        return write_sheets(Paper(title, lead, (section,)))
    # A table that only points to files beside it: alone, the document has none.
    parts = tuple(part for part in section.parts if not (isinstance(part, Grid) and part.most == 0))
    paper = Paper(title, lead, (replace(section, parts=parts),))
    if ending == "docx":
        return write_word(paper)
    if ending == "html":
        return write_page(paper).encode("utf-8")
    raise UnknownItem(f'Quotations are written as .docx, .xlsx, .html or .csv, not as ".{ending}".')


def write_chosen(study: Study, path: Path, *, waiting: int = 0) -> None:
    """Write the quotations chosen into a file; its ending says how.

    Raises:
        UnknownItem: An ending that is not known.
        OutputError: The file cannot be written.
    """
    data = chosen_file(study, path.suffix.lower().removeprefix("."), waiting=waiting)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error
