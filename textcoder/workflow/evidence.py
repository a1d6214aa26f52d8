"""The evidence pack: everything that a sceptical reader may ask for, written once and the same each time.

A section is a function from `Material` to a `Section` (or None where there is nothing to tell); `SECTIONS` is their order. A new
one is one function and one line there.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textcoder.domain.chosen import MOST_VALUES, Chosen, Voices, chosen_of, voices_of
from textcoder.domain.history import Act
from textcoder.domain.project import Method
from textcoder.domain.sample import Sample, SampleStatus
from textcoder.domain.study import Study
from textcoder.errors import InvalidDecision
from textcoder.workflow.ceilings import Ceiling, ceiling_of
from textcoder.workflow.codebooks import codebook_texts
from textcoder.workflow.evidence_methods import adequacy, agreement, corrected, progress, sequences, waves
from textcoder.workflow.history import told
from textcoder.workflow.live import LiveProject
from textcoder.workflow.querying import facts_of, study_of
from textcoder.workflow.quoting import chosen_part, quotes_waiting
from textcoder.workflow.steps import Progress, silent

if TYPE_CHECKING:
    from textcoder.query import Answer, Facts, Row, Unit
    from textcoder.query import Cell as Figure
    from textcoder.reports.evidence import Section
    from textcoder.reports.tables import Cell

EACH = 4
"""Quotations under a code in document and page, of different people first; the tables have all."""
MINIMUM_PEOPLE = 2
"""As in the figures: a cell for which fewer people said it, or were asked, is hidden."""


@dataclass(frozen=True)
class Material:
    """What sections are made of; each part is computed once, when it is first needed."""

    live: LiveProject

    @cached_property
    def study(self) -> Study:
        """The whole project as results and exports see it."""
        return study_of(self.live)

    @cached_property
    def facts(self) -> Facts:
        """What figures are counted from."""
        return facts_of(self.live)

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """The log, oldest first."""
        return tuple(self.live.acts.values())

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """By name."""
        return tuple(sample for _, sample in sorted(self.live.standing.samples.items()))

    @cached_property
    def chosen(self) -> list[Chosen]:
        """The quotations that people chose."""
        return chosen_of(self.study)

    @cached_property
    def voices(self) -> Voices:
        """Who is heard in them."""
        return voices_of(self.study, self.chosen)

    @cached_property
    def ceiling(self) -> Ceiling:
        """The machine beside people."""
        return ceiling_of(self.live)

    @cached_property
    def asked(self) -> dict[str, list[tuple[str, int | None]]]:
        """Attribute to its values with the people asked; None where they are too few to be shown."""
        from textcoder.query import Unit

        found = {name: _ask(self.facts, Unit.LENSES, (name,)) for name in compared(self.facts)}
        return {name: [(one.values[0], one.people) for one in answer.columns] for name, answer in found.items()}

    def told(self, act: Act) -> str:
        """An act in one sentence."""
        return told(self.live, act.decisions)


Maker = Callable[[Material], "Section | None"]


def write_evidence(live: LiveProject, out: Path, *, coder: str = "", progress: Progress = silent) -> dict[str, int]:
    """Write the evidence pack of a project into a folder; twice on an unchanged project it is the same, byte for byte.

    Args:
        live: The project; nothing is written to it.
        out: The folder; see `textcoder.reports.evidence.write_pack`.
        coder: Id of whoever asks, where somebody may not see everything. Empty for others.
        progress: Told of each section.

    Returns:
        How many files, tables and places to write there are.

    Raises:
        InvalidDecision: She still codes a sample blind, and the pack tells what others said.
        OutputError: The folder cannot be written, or holds something else.
    """
    from textcoder.reports.evidence import write_pack

    files, counts = evidence_files(live, coder=coder, progress=progress)
    write_pack(files, out)
    return counts


def evidence_files(
    live: LiveProject, *, coder: str = "", progress: Progress = silent
) -> tuple[dict[str, bytes], dict[str, int]]:
    """The files of the pack by their path in it, and how many files, tables and places to write there are."""
    from textcoder.reports.evidence import Paper, render_pack
    from textcoder.reports.evidence.brief import brief_page, brief_word
    from textcoder.reports.evidence.checklists import SOURCES
    from textcoder.workflow.brief import brief_of

    live.catch_up()
    if coder and live.standing.blind(coder):
        raise InvalidDecision(
            "You still code a sample blind, and the pack tells what others said; finish and release it first."
        )
    material = Material(live)
    sections: list[Section] = []
    for done, make in enumerate(SECTIONS):
        progress("Writing the evidence pack", done, len(SECTIONS) + 1)
        if (section := make(material)) is not None:
            sections.append(section)
    paper = Paper(f"{material.study.project.name}: evidence pack", LEAD, tuple(sections), SOURCES)
    yaml, csv = codebook_texts(live.store)
    log = "".join(json.dumps(asdict(one), ensure_ascii=False, sort_keys=True, default=dict) + "\n" for one in live.log)
    brief = brief_of(material)
    briefs = {} if brief is None else {"brief.docx": brief_word(brief), "brief.html": brief_page(brief).encode("utf-8")}
    others = {
        **briefs,
        "codebook.yaml": yaml.encode(),
        "codebook.csv": csv.encode(),
        "decisions.jsonl": log.encode("utf-8", "backslashreplace"),
    }
    files = render_pack(paper, manifest=material.study.manifest, others=others)
    progress("Writing the evidence pack", len(SECTIONS) + 1, len(SECTIONS) + 1)
    return files, {"files": len(files) + 1, "tables": sum(1 for _ in paper.grids), "to_write": paper.to_write}


# --- figures ----------------------------------------------------------------------------------------------------------------------------


def command_for(row: str, unit: str, where: Mapping[str, str], *, mentions: int = 0) -> str:
    """The command that shows the words behind a figure; empty for values that the command line cannot name.

    Args:
        row: Name or id of a code or lens.
        unit: "codes" or "lenses".
        where: Attribute to value.
        mentions: How many there are, so that all are shown.
    """
    if any("," in value or value != value.strip() or "=" in name for name, value in where.items()):
        return ""
    parts = ["textcoder", "quotes", row]
    parts += ["--unit", unit] if unit != "codes" else []
    for name, value in where.items():
        parts += ["--where", f"{name}={value}"]
    parts += ["--limit", str(mentions)] if mentions > 20 else []
    return " ".join(map(_typed, parts))


_SPECIAL = frozenset("\"$`\\!'%")
"""What some shell reads inside double quotes as more than itself; an apostrophe alone it does not."""


def _typed(word: str) -> str:
    """A word as it is typed into a shell; one with an apostrophe in double quotes, which people can read and every shell takes."""
    return f'"{word}"' if _SPECIAL & set(word) == {"'"} else shlex.quote(word)


def called(facts: Facts, row: Row) -> str:
    """What the command line knows a row by: its name where only one has it, else its id."""
    from textcoder.query import Unit

    if row.code is None:
        return row.id
    name = row.name.casefold()
    alike = [one for one in facts.rows[Unit.CODES] if name in (one.name.casefold(), one.id)]
    return row.name if len(alike) == 1 and not name.startswith("-") else row.id


def figures(material: Material) -> Section | None:
    """How many of those asked said it: by lens and code, over all and by each attribute."""
    from textcoder.query import Unit
    from textcoder.reports.evidence import Grid, Says, Section

    facts, columns = (
        material.facts,
        ("people", "asked", "share %", "low %", "high %", "segments", "mentions", "rows behind it"),
    )
    grids = []
    for unit, name in ((Unit.LENSES, "Lenses"), (Unit.CODES, "Codes")):
        whole = _ask(facts, unit, ())
        shown: tuple[str, ...] = (
            ("lens", "code", *columns[:5], "rows behind it")
            if unit is Unit.CODES
            else ("lens", *columns[:5], "rows behind it")
        )
        head: tuple[str, ...] = ("lens", "code", *columns) if unit is Unit.CODES else ("lens", *columns)
        rows = [
            (*_named(material.study, unit, row.row), *_cell(row.overall, called(facts, row.row), unit, {}))
            for row in whole.rows
        ]
        grids.append(Grid(f"{name}, all people", head, rows, most=300, shown=shown))
    for attribute, label in compared(facts).items():
        own = attribute if attribute not in ("lens", "code", *columns) else f"{attribute} (attribute)"
        for unit, name in ((Unit.LENSES, "Lenses"), (Unit.CODES, "Codes")):
            answer = _ask(facts, unit, (attribute,))
            rows = [
                (
                    *_named(material.study, unit, row.row),
                    column.values[0],
                    *_cell(cell, called(facts, row.row), unit, {attribute: column.values[0]}),
                )
                for row in answer.rows
                for column, cell in zip(answer.columns, row.cells, strict=True)
            ]
            head = ("lens", "code") if unit is Unit.CODES else ("lens",)
            shown = (*head, own, *columns[:5], "rows behind it")
            grids.append(Grid(f"{name} by {label}", (*head, own, *columns), rows, most=60, shown=shown))
    if not facts.segments:
        return None
    methods = _ask(facts, Unit.LENSES, ()).methods
    sampled = any(sample.status is SampleStatus.RELEASED for sample in material.samples)
    reflexive = material.study.project.method is Method.REFLEXIVE  # nothing forces agreement on it
    usable = [] if reflexive else [str(one.verdict).startswith("usable") for one in material.ceiling.codes]
    beside = (
        f" Beside people the machine is usable, or usable with correction, for {sum(usable)} of {len(usable)} codes (see Agreement)."
        if usable
        else ""
    )
    first = (
        " What is corrected by a random sample stands before this section, and goes before these." if sampled else ""
    )
    warned = (
        f"These figures count the machine's suggestions as they stand wherever no person has decided.{beside}{first}"
    )
    said = (
        f"People: {methods['people']} [4]. Segments: {methods['segments']}. Intervals: {methods['interval']}. Somebody asked in two "
        f"waves counts once in each, and once over all. A cell is hidden where fewer than {MINIMUM_PEOPLE} people said it or were asked, "
        "and where it could be worked out from its neighbours. The last column is the command that shows the words behind a figure; "
        "run it in the folder of the results. It is empty where nobody said it, and for values with a comma, which it cannot name: the "
        "words then stand in tables/quotations_by_code.csv with all that is known of them."
    )
    return Section("figures", "Figures", (Says(warned), Says(said), *grids))


def compared(facts: Facts) -> dict[str, str]:
    """The attributes that compare people, each with what its tables are called: sheets and files of one name would be one."""
    from textcoder.reports.evidence.parts import sheet_names

    names = [name for name, one in facts.columns.items() if name != "date" and 1 < len(one.levels) <= MOST_VALUES]
    return dict(zip(names, sheet_names(names, most=18, otherwise="attribute"), strict=True))


def _ask(facts: Facts, unit: Unit, by: tuple[str, ...]) -> Answer:
    from textcoder.query import Question, ask

    return ask(facts, Question(unit, by, minimum_people=MINIMUM_PEOPLE))


def _named(study: Study, unit: Unit, row: Row) -> tuple[Cell, ...]:
    from textcoder.query import Unit

    return (study.project.lens_name(row.lens), row.name) if unit is Unit.CODES else (row.name,)


def _cell(cell: Figure | None, row: str, unit: Unit, where: Mapping[str, str]) -> tuple[Cell, ...]:
    if cell is None:
        return ("hidden", None, None, None, None, None, None, "")
    people = cell.people
    shares = [None if math.isnan(x) else round(100 * x, 1) for x in (people.value, people.low, people.high)]
    command = command_for(row, unit.value, where, mentions=cell.mentions) if cell.mentions else ""
    return (people.n, people.of, *shares, cell.segments.n, cell.mentions, command)


def quotations_by_theme(material: Material) -> Section | None:
    """The words under each code, of different people first."""
    from textcoder.query import Row, quotations
    from textcoder.reports.evidence import Grid, Heading, Part, Quoted, Says, Section

    study, rows, parts = material.study, [], list[Part]()
    for code in study.codebook.in_use:
        found = quotations(material.facts, code.id, limit=None)
        if not found.items:
            continue
        parts += [
            Heading(f"{study.project.lens_name(code.lens)}: {code.name}"),
            *([Says(code.definition)] if code.definition else []),
        ]
        for place, one in enumerate(found.items):
            by = (
                "coded by " + ", ".join(one.coders)
                if one.by_person
                else f"suggested by the machine, {one.probability:.2f}"
            )
            traits = ", ".join(f"{name} {value}" for name, value in sorted(one.attributes.items()) if name != "date")
            page = f", page {one.page}" if one.page else ""
            where = f"{one.file}{page}, characters {one.start} to {one.end}"
            if place < EACH:
                who = ", ".join(filter(None, (one.speaker or one.case or "no name", traits)))
                parts.append(Quoted(one.text, f"{who} ({where}); {by}"))
            own = (one.file, one.start, one.end, one.page, traits, ", ".join(one.coders))
            rows.append(
                (
                    study.project.lens_name(code.lens),
                    code.name,
                    one.text,
                    one.speaker,
                    one.case,
                    *own,
                    round(one.probability, 4),
                )
            )
        name = called(material.facts, Row(code.id, code.name, code.lens, code.id))
        command = command_for(name, "codes", {}, mentions=len(found.items))
        people = f"{found.people or 0:,} {'person' if found.people == 1 else 'people'}"
        parts.append(Says(f"{len(found.items):,} in all, of {people}: {command}"))
    if not rows:
        return None
    columns = (
        "lens",
        "code",
        "text",
        "speaker",
        "case",
        "file",
        "start",
        "end",
        "page",
        "attributes",
        "coders",
        "probability",
    )
    said = (
        f"Exact words, {EACH} at most under a code, of different people first; people's codings before the machine's. Words are "
        "shown where figures are hidden, too: under a code that one person alone carries they may tell who it is."
    )
    table = Grid("Quotations by code", columns, rows, most=0)
    return Section("quotations", "Quotations by theme", (Says(said), *parts, table))


# --- the list ---------------------------------------------------------------------------------------------------------------------------


def material_section(material: Material) -> Section:
    """What was read, and who was asked."""
    from textcoder.reports.evidence import contents

    return contents.material(material.study, material.asked)


def method(material: Material) -> Section:
    """How it was coded."""
    from textcoder.reports.evidence import contents

    return contents.method(material.study)


def codebook(material: Material) -> Section:
    """The codebook as it stands."""
    from textcoder.reports.evidence import contents

    return contents.codebook(material.study)


def versions(material: Material) -> Section:
    """How it came about."""
    from textcoder.reports.evidence import contents

    return contents.versions(material.acts, material.told, material.study.project.lens_name)


def decisions(material: Material) -> Section:
    """The log."""
    from textcoder.reports.evidence import contents

    return contents.decisions(material.acts, material.told)


def samples(material: Material) -> Section:
    """What was drawn for blind coding."""
    from textcoder.reports.evidence import contents

    return contents.samples(material.samples, material.study)


def chosen(material: Material) -> Section:
    """The quotations that people chose, whose voices are missing, and how many wait."""
    waiting = quotes_waiting(material.live.standing)
    return chosen_part(material.study, material.chosen, material.voices, waiting)


def manifest(material: Material) -> Section:
    """What the results rest on."""
    from textcoder.reports.evidence import contents

    return contents.manifest(material.study)


def coreq(material: Material) -> Section:
    """The 32 items of COREQ."""
    from textcoder.reports.evidence.checklists import COREQ, checklist

    lead = "Consolidated criteria for reporting qualitative research, in our words [1]."
    return checklist("coreq", "COREQ", lead, COREQ, _known(material))


def srqr(material: Material) -> Section:
    """The 21 items of SRQR."""
    from textcoder.reports.evidence.checklists import SRQR, checklist

    lead = "Standards for reporting qualitative research, in our words [2]."
    return checklist("srqr", "SRQR", lead, SRQR, _known(material))


def _known(material: Material) -> dict[str, str]:
    from textcoder.reports.evidence import contents

    return contents.known_of(material.study, material.acts, material.samples, material.chosen)


SECTIONS: Sequence[Maker] = (
    material_section,
    method,
    corrected,
    figures,
    quotations_by_theme,
    chosen,
    progress,
    waves,
    sequences,
    adequacy,
    agreement,
    samples,
    codebook,
    versions,
    decisions,
    coreq,
    srqr,
    manifest,
)
"""The pack in its order. A chapter that a new method writes goes where a reader looks for it."""

LEAD = (
    "What this study rests on, for whoever must defend it or doubts it: who was asked, how it was coded and by whom, how many said "
    "what and how sure that is, the exact words, the history of every decision, and what is left for the researcher to write."
)
