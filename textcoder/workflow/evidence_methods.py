"""The chapters of the evidence pack that other parts of the workflow compute; each is left out where the study has nothing for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textcoder.domain.sample import SampleStatus

if TYPE_CHECKING:
    from textcoder.reports.evidence import Part, Section
    from textcoder.workflow.evidence import Material


def agreement(material: Material) -> Section:
    """How far people agree, over time, and the machine beside them; a reflexive study has one sentence."""
    from textcoder.reports.evidence import Grid, Heading, Says, Section
    from textcoder.workflow.agreement_sections import agreement_sections

    parts: list[Part] = []
    for told in agreement_sections(material.live):
        parts += [Heading(told.heading), *map(Says, told.sentences)]
        parts += [
            Grid(table.title[:31], table.columns, table.rows, shown=_few(table.columns))
            for table in told.tables
            if table.rows
        ]
    return Section("agreement", "Agreement", tuple(parts))


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
        return replace(section, parts=_told_briefly([_without_ends(part) for part in section.parts]))
    said = (
        "The figures below are uncorrected: they count the machine's suggestions as they stand, and no random sample that people coded "
        "tells how often it errs. Draw one: textcoder sample draw NAME -n 200 --for ANA --for BEN."
    )
    return Section("corrected", "Figures corrected for the machine's errors", (Says(said),))


def _without_ends(part: Part) -> Part:
    """A wide table without what only a program needs, and without the intervals of the figures that are not the answer."""
    from textcoder.reports.evidence import Grid

    if not isinstance(part, Grid) or len(part.columns) <= 10:
        return part
    percent = [name for name in part.columns if name in _SHARES and "people" in part.columns]
    at = {part.columns.index(name) for name in percent}
    unseen = ("id", "machine_low", "machine_high", "sample_low", "sample_high", "kept", "missed")
    columns = tuple(f"{'share' if name == 'value' else name} %" if name in percent else name for name in part.columns)
    rows = [
        tuple(round(100 * cell, 2) if i in at and isinstance(cell, float) else cell for i, cell in enumerate(row))
        for row in part.rows
    ]
    seen = tuple(new for old, new in zip(part.columns, columns, strict=True) if old not in unseen)
    if not percent:
        return replace(part, shown=seen, most=FEW_ERRORS)
    note = f"{part.note} A row without figures is hidden: too few people. The sample's people and segments stand last."
    return replace(part, columns=columns, rows=rows, shown=seen, note=note)


FEW_ERRORS = 20
"""Of the machine's errors in each group, rows on the page; a study has hundreds."""


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
    from textcoder.workflow.adequacy import adequacy as found
    from textcoder.workflow.adequacy import adequacy_section

    return adequacy_section(found(material.facts, quotes=material.study.quotes, seed=material.live.settings.seed))


def waves(material: Material) -> Section | None:
    """The last wave against the codebook; None where there is one wave only."""
    from textcoder.workflow.waves import waves as found
    from textcoder.workflow.waves import waves_section

    if len({one.wave for one in material.study.transcripts if one.wave is not None}) < 2:
        return None
    return waves_section(found(material.live, material.facts))


def sequences(material: Material) -> Section:
    """Codes that go together, and barriers followed by what works."""
    from textcoder.workflow.sequences import followed_by, pairs_together, sequences_section

    seed, lenses = material.live.settings.seed, {lens.id for lens in material.study.project.lenses}
    orders = [followed_by(material.facts, seed=seed)] if {"barriers", "what_works"} <= lenses else []
    return sequences_section(pairs_together(material.facts, seed=seed), orders)


def progress(material: Material) -> Section:
    """Signs of progress: people's numbers and shares over waves."""
    from textcoder.reports.evidence import Grid, Heading, Says, Section
    from textcoder.workflow.progressing import marks_of, paths_of, sections

    parts: list[Part] = []
    made = sections(paths_of(material.live, material.facts), marks_of(material.live))
    names = _numbered("Progress", sum(len(one.tables) for one in made))
    for one in made:
        parts += [Heading(one.heading), *map(Says, one.sentences)]
        parts += [
            Grid(next(names), head, rows, note=f"{one.heading}: {', '.join(head)}.")
            for head, *rows in one.tables
            if rows
        ]
    return Section("progress", "Signs of progress", tuple(parts))


def _numbered(name: str, n: int) -> Iterator[str]:
    return (f"{name} {i}" for i in range(1, n + 1))
