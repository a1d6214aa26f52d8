"""The chapters of the evidence pack that other parts of the workflow compute; each is left out where the study has nothing for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textcoder.domain.sample import SampleStatus

if TYPE_CHECKING:
    from textcoder.reports.evidence import Grid, Part, Section
    from textcoder.reports.tables import Cell
    from textcoder.workflow.evidence import Material


def agreement(material: Material) -> Section:
    """How far people agree, over time, and the machine beside them; a reflexive study has one sentence."""
    from textcoder.reports.evidence import Grid, Heading, Says, Section
    from textcoder.workflow.agreement_sections import agreement_sections

    parts: list[Part] = []
    for told in agreement_sections(material.live):
        parts += [Heading(told.heading), *map(Says, told.sentences)]
        parts += [
            _in_per_cent(Grid(table.title[:31], table.columns, table.rows, shown=_few(table.columns)), _AGREED)
            for table in told.tables
            if table.rows
        ]
    return Section("agreement", "Agreement", tuple(parts))


_AGREED = {f"percent{end}": f"agree{end} %" for end in ("", " low", " high")}


def _in_per_cent(grid: Grid, names: Mapping[str, str]) -> Grid:
    """The table with some of its shares in per cent, under names that say so, as everywhere in the pack."""
    at = {i for i, name in enumerate(grid.columns) if name in names}
    rows = [
        tuple(round(100 * cell, 2) if i in at and isinstance(cell, float) else cell for i, cell in enumerate(row))
        for row in grid.rows
    ]
    columns, shown = (tuple(names.get(name, name) for name in some) for some in (grid.columns, grid.shown))
    return replace(grid, columns=columns, rows=rows, shown=shown)


def _few(columns: Sequence[str]) -> tuple[str, ...]:
    """Columns that fit on a page: of wide tables, the figures without the measures beside alpha; the tables have all."""
    if len(columns) <= 10:
        return ()
    beside = ("ac1", "positive", "negative", "pabak", "note", "difference", "advice")
    return tuple(name for name in columns if not name.startswith(beside))


def corrected(material: Material) -> Section:
    """Shares as they would be if the machine did not err, where people coded a random sample."""
    from textcoder.reports.evidence import Says, Section
    from textcoder.workflow.estimating import corrected_section

    if any(sample.status is SampleStatus.RELEASED for sample in material.samples):
        section = corrected_section(material.live)
        named = [_with_lens_names(part, material) for part in section.parts]
        return replace(section, parts=_told_briefly([_without_ends(part) for part in named]))
    said = (
        "The figures below are uncorrected: they count the machine's suggestions as they stand, and no random sample that people coded "
        "tells how often it errs. Draw one: textcoder sample draw NAME -n 200 --for ANA --for BEN."
    )
    return Section("corrected", "Figures corrected for the machine's errors", (Says(said),))


def _with_lens_names(part: Part, material: Material) -> Part:
    """A table with the names of lenses in the place of their ids."""
    from textcoder.reports.evidence import Grid

    if not isinstance(part, Grid) or "lens" not in part.columns:
        return part
    at, name = part.columns.index("lens"), material.study.project.lens_name
    return replace(part, rows=[(*row[:at], name(str(row[at])), *row[at + 1 :]) for row in part.rows])


def _without_ends(part: Part) -> Part:
    """A wide table without what only a program needs, and without the intervals of the figures that are not the answer."""
    from textcoder.reports.evidence import Grid

    if not isinstance(part, Grid) or len(part.columns) <= 10:
        return part
    of_errors = "error" in part.columns
    percent = {name: f"{'share' if name == 'value' else name} %" for name in (_ERRORS if of_errors else _SHARES)}
    unseen = ("id", "machine_low", "machine_high", "sample_low", "sample_high", "kept", "missed")
    noted = any(row[-1] for row in part.rows)
    part = replace(part, shown=tuple(name for name in part.columns if name not in unseen and (name != "note" or noted)))
    if of_errors:
        return replace(_in_per_cent(part, percent), most=FEW_ERRORS)
    note = (
        f"{part.note} A row without figures is hidden: too few people. The sample's people and segments stand last; where not all "
        "segments had the same chance to be drawn, it is their effective number."
    )
    return replace(_in_per_cent(part, percent), note=note)


FEW_ERRORS = 20
"""Of the machine's errors in each group, rows on the page; a study has hundreds."""
_ERRORS = ("rate", "low", "high", "detectable")
"""Columns of the machine's errors that are shares, or differences of them."""

_SHARES = (
    *("value", "low", "high", "machine", "machine_low", "machine_high", "sample", "sample_low", "sample_high"),
    *("kept", "missed"),
)
"""Columns of corrected shares, which are read in per cent: of a code that few segments carry two decimals would show nothing."""


def _told_briefly(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Of the sentences on the machine's errors, one for each test, those that found something; all of them as a table."""
    from textcoder.reports.evidence import Grid, Says

    last = max(
        (i for i, part in enumerate(parts) if isinstance(part, Grid) and part.name == "Errors by group"),
        default=len(parts),
    )
    meanings = [part.text for part in parts[last + 1 :] if isinstance(part, Says)]
    if not meanings:
        return tuple(parts)
    differ = [text for text in meanings if text.startswith("Its errors differ")]
    said = (
        f"{len(meanings)} comparisons of a code between two groups were looked at; in {len(differ)} the errors differ before the "
        f"number of tests is allowed for, and chance alone would bring about {0.05 * len(meanings):.0f}."
    )
    table = Grid("What errors mean", ("in words",), [(text,) for text in meanings], most=0)
    return (*parts[: last + 1], Says(said), *map(Says, differ), table)


def adequacy(material: Material) -> Section:
    """Whether enough was heard, and from whom."""
    from textcoder.reports.evidence import Grid
    from textcoder.workflow.adequacy import adequacy as found
    from textcoder.workflow.adequacy import adequacy_section

    section = adequacy_section(found(material.facts, quotes=material.study.quotes, seed=material.live.settings.seed))
    tree = any(code.parent for code in material.study.codebook.in_use)
    parts = (_plainer(part, tree=tree) if isinstance(part, Grid) else part for part in section.parts)
    return replace(section, parts=tuple(parts))


def _plainer(grid: Grid, *, tree: bool) -> Grid:
    """A table of adequacy that nobody takes for another: its numbers stand beside figures that count otherwise."""
    if grid.name == "Voices" and tree:
        own = "a code above others counts here what it was given itself; in the figures, what stands below it, too"
        return replace(grid, note=f"{grid.note}; {own}")
    ever = {"Orders in which reached %": "Orders in which ever reached %"}
    return replace(grid, columns=tuple(ever.get(name, name) for name in grid.columns))


def waves(material: Material) -> Section | None:
    """The last wave against the codebook; None where there is one wave only."""
    from textcoder.reports.evidence import Grid
    from textcoder.workflow.waves import waves as found
    from textcoder.workflow.waves import waves_section

    if len({one.wave for one in material.study.transcripts if one.wave is not None}) < 2:
        return None
    section = waves_section(found(material.live, material.facts))
    points = {name: f"{name} (points)" for name in ("Difference", "Low", "High")}
    parts = (_in_per_cent(part, points) if isinstance(part, Grid) else part for part in section.parts)
    return replace(section, parts=tuple(parts))


def sequences(material: Material) -> Section:
    """Codes that go together, and barriers followed by what works."""
    from textcoder.workflow.sequences import followed_by, pairs_together, sequences_section

    seed, lenses = material.live.settings.seed, {lens.id for lens in material.study.project.lenses}
    orders = [followed_by(material.facts, seed=seed)] if {"barriers", "what_works"} <= lenses else []
    return sequences_section(pairs_together(material.facts, seed=seed), orders)


def progress(material: Material) -> Section:
    """Signs of progress: people's numbers and shares over waves."""
    from textcoder.reports.evidence import Grid, Heading, Says, Section
    from textcoder.reports.evidence.parts import sheet_names
    from textcoder.workflow.progressing import marks_of, paths_of, sections

    parts: list[Part] = []
    made = sections(paths_of(material.live, material.facts), marks_of(material.live), minimum_people=FEW)
    labels = sheet_names([one.heading for one in made], most=18, otherwise="lens")
    for one, label in zip(made, labels, strict=True):
        parts += [Heading(one.heading), *map(Says, one.sentences)]
        for head, *rows in one.tables:
            match head[0]:
                case "kind":
                    parts.append(Grid("Signs found by patterns", head, [_kind(*row) for row in rows], note=_FEW_SIGNS))
                case "waves":
                    parts += [Grid(f"Change, {label}", head, rows)] if rows else []
                case _:
                    parts += [Grid(f"Means, {label}", head, rows)] if rows else []
    return Section("progress", "Signs of progress", tuple(parts))


FEW = 2
"""As in the figures: what fewer people said is hidden."""
_FEW_SIGNS = "What one person alone said is hidden."


def _kind(kind: str, found: str, people: str) -> tuple[Cell, ...]:
    """How often patterns found a sign, and with how many people, as numbers."""
    return (kind, "hidden", "hidden") if 0 < int(people) < FEW else (kind, int(found), int(people))
