"""The report: one page of HTML that needs nothing but itself. Here is what stands on it; templates/ holds its words."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from textcoder.domain.coding import Coding
from textcoder.domain.figure import Figure
from textcoder.domain.project import NO_LENS
from textcoder.domain.study import Study
from textcoder.domain.theme import Theme
from textcoder.domain.transcript import Outcome
from textcoder.prevalence import CodeCount
from textcoder.reports import method, phrases, plots
from textcoder.reports.chosen import by_code, unheard
from textcoder.reports.counts import (
    EDGES,
    Counts,
    as_json,
    candidates,
    codings_in_use,
    machine_ids,
    values_of,
)
from textcoder.reports.quotes import Quoter, choose, surest_first
from textcoder.reports.tables import Rows, file_table
from textcoder.reports.views import (
    AttributeView,
    CandidateView,
    ChosenView,
    ClassView,
    CodeView,
    LeftOver,
    LensView,
    ThemeView,
)

MOST_ROWS = 50
"""Codings listed under a code; the rest stands in codings.csv."""
MOST_ROWS_IN_ALL = 2000
"""With many codes, fewer are listed under each, so that the page opens quickly."""
MOST_UNASSIGNED = 30
MOST_FILES = 300
IN_FULL = 5
"""Themes that stand in full under a lens though they be doubtful: those of most people x stability. Further doubtful ones are folded.
Those of most people alone are often heaps; stability tells themes that say something from them (docs/decisions/0010-themes.md)."""
_COLOURS = 6
"""How many colours of lenses the style has; a project with more lenses uses them again."""
_FEW_TRAITS = 4
_HERE = Path(__file__).parent


def render_report(study: Study, counts: Counts, rows: Rows, page: Mapping[str, Any] | None = None) -> str:
    """The page. The same study gives the same page, byte for byte: it holds no time and no place.

    Cost: about 0.1 ms a quotation shown; their number is capped, so that 10,000 codings are read as fast as 1,000.

    Args:
        study: What it is about.
        counts: Of the same study.
        rows: Of the same study.
        page: What stands on it, where `page_of` has told it already.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        phrases=phrases,
        share_plot=plots.share_plot,
        axis=plots.axis,
        bar=plots.bar,
        dot_size=plots.dot_size,
        trace=_trace,
    )
    return environment.get_template("report.html.j2").render(**(page or page_of(study, counts, rows))) + "\n"


def _trace(measure: str, row: str, *, unit: str = "codes", case: str = "", **of: str) -> str:
    """The command that shows the rows behind a figure: `name` and `value` hold the words to an attribute."""
    where = {of["name"]: of["value"]} if of else {}
    return Figure(unit, row, measure, where, case).command


def page_of(study: Study, counts: Counts, rows: Rows) -> dict[str, Any]:
    """Everything that the templates print, and that the pictures show."""
    quoter = Quoter(study, rows, counts.shown_attributes[:_FEW_TRAITS])
    lenses = _lenses(study, counts, quoter)
    return {
        "css": (_HERE / "static" / "report.css").read_text(encoding="utf-8"),
        "data": json.dumps(as_json(counts, rows.columns), ensure_ascii=True, sort_keys=True, separators=(",", ":")),
        "study": study,
        "counts": counts,
        "lenses": lenses,
        "scale": plots.scale_for(row.overall.high for row in counts.codes),
        "facts": method.facts_of(study),
        "material": _material(study, counts),
        "candidates": _candidates(study, counts, quoter),
        "chosen": _chosen(study, counts, quoter),
        "unheard": unheard(counts.voices, study),
        "attributes": [_attribute(name, counts, lenses) for name in counts.shown_attributes],
        "not_tabulated": _not_tabulated(study, counts),
        "cases": _case_names(study, counts),
        "codes_per_person": _codes_per_person(counts),
        "lens_classes": _classes(counts.lens_probabilities),
        "code_classes": _classes(counts.code_probabilities),
        "median": _median(study),
        "left_over": _left_over(study, quoter),
        "unread": [file for file in study.files if file.outcome is Outcome.UNREADABLE],
        "files": file_table(study).rows[:MOST_FILES],
        "files_more": max(0, len(study.files) - MOST_FILES),
        "manifest": study.manifest,
    }


def _material(study: Study, counts: Counts) -> str:
    """ "26 interviews with 12 people", "1 survey with the answers of 5,857 people"."""
    people = phrases.counted(counts.totals["people"], "person", "people")
    surveys = sum(transcript.kind == "survey" for transcript in study.transcripts)
    interviews = len(study.transcripts) - surveys
    parts = [phrases.counted(interviews, "interview", "interviews")] if interviews or not surveys else []
    parts += [phrases.counted(surveys, "survey", "surveys")] if surveys else []
    return f"{phrases.listed(parts)} with {'the answers of ' if surveys and not interviews else ''}{people}"


def _lenses(study: Study, counts: Counts, quoter: Quoter) -> list[LensView]:
    """The project's lenses in their order, then what has no lens, if anything has none."""
    themes = {theme.code: theme for theme in study.themes.themes if theme.code}
    anchors = {row.code.id: f"code-{i}" for i, row in enumerate(counts.codes, start=1)}
    by_lens: dict[str, list[CodeCount]] = {lens.id: [] for lens in study.project.lenses}
    for row in sorted(
        counts.codes, key=lambda row: (-row.overall.people, -row.overall.mentions, row.code.name.casefold())
    ):
        by_lens.setdefault(row.code.lens if row.code.lens in by_lens else NO_LENS, []).append(row)
    in_full: set[str] = set()
    for found in by_lens.values():
        in_full |= _in_full((r.code.id, r.overall.people, themes.get(r.code.id)) for r in found if r.overall.mentions)
    briefs = {lens.id: lens.brief for lens in study.project.lenses} | {NO_LENS: "Described without taking a stance."}
    return [
        LensView(
            id=lens,
            name=study.project.lens_name(lens),
            brief=briefs[lens],
            colour=0 if lens == NO_LENS else i % _COLOURS + 1,
            codes=[
                _code(
                    study,
                    row,
                    anchors[row.code.id],
                    study.counted_by_code.get(row.code.id, []),
                    themes.get(row.code.id),
                    quoter,
                    in_full=row.code.id in in_full,
                )
                for row in found
                if row.overall.mentions
            ],
            silent=[row.code for row in found if not row.overall.mentions],
        )
        for i, (lens, found) in enumerate(by_lens.items())
    ]


def _code(
    study: Study,
    count: CodeCount,
    anchor: str,
    codings: Sequence[Coding],
    theme: Theme | None,
    quoter: Quoter,
    *,
    in_full: bool,
) -> CodeView:
    ranked = surest_first(codings)
    most = min(MOST_ROWS, max(10, MOST_ROWS_IN_ALL // len(study.codebook.in_use)))
    above = study.codebook.get(count.code.parent) if count.code.parent else None
    return CodeView(
        anchor=anchor,
        count=count,
        parent=above.name if above else "",
        folded=method.drafted(count.code) and theme is not None and not in_full and phrases.doubtful(theme.stability),
        drafted=method.drafted(count.code),
        theme=ThemeView.of(theme) if theme else None,
        quotes=[quoter.of_coding(coding) for coding in choose(study, ranked, theme.representatives if theme else ())],
        all_quotes=[quoter.of_coding(coding) for coding in ranked[:most]],
        more=max(0, len(ranked) - most),
    )


def _in_full(found: Iterable[tuple[str, int, Theme | None]]) -> set[str]:
    """Ids of those that stand in full however doubtful, of (id, people, theme), most people first; a person's code is stable."""
    best = sorted(
        found, key=lambda one: -one[1] * (one[2].stability if one[2] else 1.0)
    )  # sorted keeps the order of equals
    return {one[0] for one in best[:IN_FULL]}


def _candidates(study: Study, counts: Counts, quoter: Quoter) -> list[CandidateView]:
    """Candidate themes, those of most people first."""
    colours = {lens.id: i % _COLOURS + 1 for i, lens in enumerate(study.project.lenses)}
    found = sorted(
        candidates(study), key=lambda t: (-counts.themes[t.id].people, -counts.themes[t.id].segments, t.name, t.id)
    )
    in_full = _in_full((theme.id, counts.themes[theme.id].people, theme) for theme in found)
    return [
        CandidateView(
            theme=ThemeView.of(theme),
            lens=study.project.lens_name(theme.lens),
            colour=colours.get(theme.lens, 0),
            count=counts.themes[theme.id],
            folded=theme.id not in in_full and phrases.doubtful(theme.stability),
            quotes=[quoter.of_segment(study.segment_by_id[s]) for s in theme.representatives[:3]],
        )
        for theme in found
    ]


def _chosen(study: Study, counts: Counts, quoter: Quoter) -> list[ChosenView]:
    """What people chose for the report, by code; a quotation stands under its most telling code only."""
    colours = {lens.id: i % _COLOURS + 1 for i, lens in enumerate(study.project.lenses)}
    return [
        ChosenView(
            code=code.name if code else "",
            lens=study.project.lens_name(code.lens) if code else "",
            colour=colours.get(code.lens, 0) if code else 0,
            quotes=[(quoter.of_chosen(one), one.quote.note) for one in found],
        )
        for code, found in by_code(study, counts.chosen)
    ]


def _attribute(name: str, counts: Counts, lenses: Iterable[LensView]) -> AttributeView:
    table = counts.by_attribute[name]
    values = values_of(table)
    asked = [share.asked for share in next(iter(table.values())).values()]
    rows = [
        (view, lens, [table[view.count.code.id][value] for value in values]) for lens in lenses for view in lens.codes
    ]
    scale = plots.scale_for(share.share for _, _, shares in rows for share in shares)
    return AttributeView(name, scale, values, asked, rows)


def _not_tabulated(study: Study, counts: Counts) -> list[str]:
    """Attributes that compare nothing on a page, and why not."""
    return [
        f"{name} ({phrases.counted(len(values_of(counts.by_attribute[name])), 'value', 'values')})"
        if name in counts.by_attribute
        else f"{name} (too many values)"
        for name in study.attribute_names
        if name not in counts.shown_attributes
    ]


def _case_names(study: Study, counts: Counts) -> list[tuple[str, str]]:
    """Case id and name of everyone in the code-by-case table; none where there are too many for a page."""
    if not counts.shows_cases:
        return []
    return [(case, study.case_by_id[case].name if case in study.case_by_id else case) for case in counts.cases]


def _codes_per_person(counts: Counts) -> list[tuple[str, int]]:
    """How many people carry no code, one, two, ...; five and more together."""
    numbers = [min(5, sum(n > 0 for n in row.values())) for row in counts.cases.values()]
    return [("5 or more" if n == 5 else str(n), numbers.count(n)) for n in range(6)]


def _classes(histogram: Sequence[int]) -> list[ClassView]:
    """The classes of probabilities, the surest first."""
    total = sum(histogram)
    bounds = [*pairwise(EDGES), (EDGES[-1], 1.0)]
    return [
        ClassView(
            f"{phrases.figure(low)} to {phrases.figure(high)}", phrases.sureness(low), n, n / total if total else 0.0
        )
        for (low, high), n in reversed(list(zip(bounds, histogram, strict=True)))
    ]


def _median(study: Study) -> str:
    machines = machine_ids(study)
    probabilities = [coding.probability for coding in codings_in_use(study) if coding.coder in machines]
    return phrases.figure(statistics.median(probabilities)) if probabilities else ""


def _left_over(study: Study, quoter: Quoter) -> list[LeftOver]:
    """What belongs nowhere, the oddest first."""
    names: Mapping[str, str] = {theme.id: theme.name for theme in study.themes.themes}
    return [
        LeftOver(
            quote=quoter.of_segment(study.segment_by_id[item.segment]),
            lens=study.project.lens_name(item.lens),
            nearest=names.get(item.nearest or "", ""),
            similarity=phrases.figure(item.similarity),
        )
        for item in study.themes.unassigned[:MOST_UNASSIGNED]
    ]
