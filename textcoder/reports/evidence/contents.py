"""The sections that follow from what was read and decided: material, codebook, history, samples, quotations chosen, manifest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from textcoder.domain.chosen import Chosen, Voices, people_asked
from textcoder.domain.codebook import Code
from textcoder.domain.coding import CoderKind
from textcoder.domain.decision import DecisionKind, Verb
from textcoder.domain.history import Act
from textcoder.domain.sample import Sample
from textcoder.domain.study import Study
from textcoder.domain.transcript import Outcome, Role
from textcoder.reports.chosen import by_code, unheard
from textcoder.reports.counts import machine_ids
from textcoder.reports.evidence.parts import Grid, Heading, Part, Quoted, Says, Section
from textcoder.reports.method import drafted, facts_of, who_coded
from textcoder.reports.phrases import clock, counted, listed
from textcoder.reports.tables import Cell, Rows, file_table

FEW = 2
"""Where fewer people share a value, how many they are is not told."""


def material(study: Study, asked: Mapping[str, Sequence[tuple[str, int | None]]]) -> Section:
    """What was read, and who was asked.

    Args:
        study: The project.
        asked: Attribute to its values with the people asked; None where they are too few to be shown.
    """
    facts = facts_of(study)
    people = people_asked(study.transcript_by_id, study.segments, study.case_by_id)
    rows: list[tuple[Cell, ...]] = [
        (name, value or "(none)", "hidden" if n is None else n) for name, values in asked.items() for value, n in values
    ]
    table = file_table(study)
    said = (
        f"{facts.material[:1].upper()}{facts.material[1:]}. {counted(len(study.transcripts), 'transcript', 'transcripts')} with "
        f"{counted(len(people), 'person', 'people')} and {counted(len(study.segments), 'segment', 'segments')} of their words to code; "
        f"languages: {facts.languages}. Interviewers' words are context and are not coded."
    )
    return Section(
        "material",
        "What was read, and who was asked",
        (
            Says(said),
            Grid(
                "People asked",
                ("attribute", "value", "people"),
                rows,
                "Somebody interviewed in two waves counts once in each. Cells of few people are hidden.",
            ),
            Grid(
                "Files",
                table.header,
                table.rows,
                shown=("file", "outcome", "kind", "turns", "cases", "segments", "note"),
            ),
        ),
    )


def method(study: Study) -> Section:
    """How it was coded, and by whom."""
    facts = facts_of(study)
    lenses: list[tuple[Cell, ...]] = [
        (lens.name, lens.brief, lens.include, lens.exclude) for lens in study.project.lenses
    ]
    return Section(
        "method",
        "How it was coded",
        (
            Says(f"The study follows {facts.method}."),
            Says(who_coded(study)),
            Says(
                "A machine's coding is a suggestion until a person has decided; where a person has, hers counts, and a consensus "
                "counts before single coders. Every decision is kept in a log that can only be added to."
            ),
            Grid("Lenses", ("lens", "holds", "use it when", "not when"), lenses),
        ),
    )


def codebook(study: Study) -> Section:
    """Every code with its entry, and what became of those out of use."""
    names = {code.id: code.name for code in study.codebook}
    rows: list[tuple[Cell, ...]] = [
        (
            study.project.lens_name(code.lens),
            code.name,
            names.get(code.parent or "", ""),
            code.definition,
            code.include,
            code.exclude,
            "\n".join(example.text for example in code.examples),
            code.status.value,
            "drafted by the machine, not confirmed" if drafted(code) else code.origin.value,
            listed([names.get(one, one) for one in code.successors]),
            code.id,
        )
        for code in study.codebook
    ]
    columns = (
        *(
            "lens",
            "code",
            "below",
            "definition",
            "include",
            "exclude",
            "examples",
            "status",
            "origin",
            "went into",
            "code_id",
        ),
    )
    said = (
        f"Version {study.codebook.version}: {counted(len(study.codebook.in_use), 'code', 'codes')} in use, "
        f"{len(rows) - len(study.codebook.in_use):,} out of use. {facts_of(study).drafted:,} of those in use were drafted by the machine "
        "and not confirmed by a person."
    )
    shown = ("lens", "code", "below", "definition", "status", "origin", "went into")
    return Section("codebook", "The codebook", (Says(said), Grid("Codebook", columns, rows, most=300, shown=shown)))


def versions(acts: Iterable[Act], told: Callable[[Act], str], lens_name: Callable[[str], str]) -> Section:
    """Each version of the codebook by the act that made it: the lineage of every code.

    Args:
        acts: All of the log, oldest first.
        told: An act in one sentence.
        lens_name: What people read for the id of a lens.
    """
    rows: list[tuple[Cell, ...]] = []
    changes: list[tuple[Cell, ...]] = []
    version = 0
    for act in acts:
        for decision in act.decisions:
            if decision.kind is DecisionKind.SET_CODE:
                version += 1
                changes.append(
                    (version, act.number, decision.target, *_entries(decision.before, decision.after, lens_name))
                )
        if any(decision.kind is DecisionKind.SET_CODE for decision in act.decisions):
            first = act.first
            rows.append((version, first.at, first.coder, first.verb.value, told(act), act.undone_by or None))
    columns = ("version", "at", "coder", "what", "in words", "undone by act")
    note = "Compare any two with: textcoder codebook diff VERSION VERSION."
    return Section(
        "versions",
        "Versions of the codebook",
        (
            Says(
                f"{counted(len(rows), 'act has', 'acts have')} changed the codebook; each left a version that can be read again."
            ),
            Grid("Codebook versions", columns, rows, note, named=("version", "undone by act")),
            Grid(
                "Lineage of codes",
                (
                    "version",
                    "act",
                    "code_id",
                    "lens",
                    "name before",
                    "name after",
                    "status before",
                    "status after",
                    "went into",
                ),
                changes,
                "Every change of an entry. `textcoder codebook history CODE` tells the story of one code.",
                shown=("version", "act", "lens", "name before", "name after", "status before", "status after"),
                named=("version", "act"),
            ),
        ),
    )


def _entries(before: Any, after: Any, lens_name: Callable[[str], str]) -> tuple[Cell, ...]:
    entry = after or before
    names = [None if one is None else one["name"] for one in (before, after)]
    status = [None if one is None else one["status"] for one in (before, after)]
    return (lens_name(entry["lens"]), *names, *status, " ".join(entry.get("successors", ())))


def decisions(acts: Sequence[Act], told: Callable[[Act], str]) -> Section:
    """Who decided what, when and why."""
    rows: list[tuple[Cell, ...]] = []
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for act in acts:
        first = act.first
        by[first.coder][first.verb.value] += 1
        rows.append(
            (
                act.number,
                first.at,
                first.coder,
                first.verb.value,
                told(act),
                first.why,
                len(act.decisions),
                act.undone_by or None,
            )
        )
    undone = sum(bool(act.undone_by) for act in acts)
    summary: list[tuple[Cell, ...]] = [
        (coder, sum(found.values()), ", ".join(f"{verb} {n:,}" for verb, n in sorted(found.items())))
        for coder, found in sorted(by.items())
    ]
    redone = sum(act.first.verb is Verb.UNDO for act in acts)
    return Section(
        "decisions",
        "The decision log",
        (
            Says(
                f"{counted(len(acts), 'act', 'acts')}, of which {undone:,} are undone; {redone:,} of the acts are undos."
            ),
            Grid("Decisions by coder", ("coder", "acts", "what"), summary),
            Grid(
                "Decisions",
                ("act", "at", "coder", "what", "in words", "why", "decisions", "undone by act"),
                rows,
                "Each single decision, with the state before and after, is a line of decisions.jsonl.",
                most=40,
                shown=("act", "at", "coder", "in words", "undone by act"),
                named=("act", "undone by act"),
            ),
        ),
    )


def samples(drawn: Sequence[Sample], study: Study) -> Section:
    """The samples for blind coding, with seeds and inclusion probabilities."""
    if not drawn:
        said = (
            "No sample was drawn for coding by several people: textcoder sample draw NAME -n 100 --for ANA --for BEN."
        )
        return Section("samples", "Samples", (Says(said),))
    files = {transcript.id: transcript.name for transcript in study.transcripts}
    rows: list[tuple[Cell, ...]] = [
        (
            one.name,
            len(one.segments),
            one.population,
            one.by or "simple random",
            one.seed,
            ", ".join(one.coders),
            one.status.value,
        )
        for one in drawn
    ]
    drawn_rows: list[tuple[Cell, ...]] = []
    for one in drawn:
        for id_, probability in sorted(one.segments.items()):
            segment = study.segment_by_id.get(id_)
            place = (files[segment.transcript], segment.start, segment.end) if segment else ("", None, None)
            drawn_rows.append((one.name, *place, round(probability, 6), id_))
    return Section(
        "samples",
        "Samples",
        (
            Says(
                "Segments were drawn by chance; the same seed draws the same ones from the same material. "
                "The weight of a segment is 1 / its probability."
            ),
            Grid(
                "Samples", ("sample", "drawn", "of", "stratified by", "seed", "coders", "status"), rows, named=("seed",)
            ),
            Grid(
                "Sampled segments",
                ("sample", "file", "start", "end", "inclusion probability", "segment"),
                drawn_rows,
                most=0,
            ),
        ),
    )


def chosen_section(study: Study, chosen: Sequence[Chosen], heard: Voices) -> Section:
    """The quotations that people chose, by code, and whose voices are missing."""
    title = "Quotations chosen"
    if not chosen:
        return Section(
            "chosen", title, (Says("Nobody has chosen quotations yet: textcoder decide quote FILE:START-END."),)
        )
    coders = {coder.id: coder.name for coder in study.coders}
    parts: list[Part] = []
    rows: list[tuple[Cell, ...]] = []
    made = Rows(study)
    for code, group in by_code(study, chosen):
        name = _named(study, code)
        parts.append(Heading(name))
        for one in group:
            by = coders.get(one.quote.coder, one.quote.coder)
            file = made.file(study.transcript_by_id[one.quote.transcript])
            parts.append(Quoted(one.text, f"{source_of(one, file)}; chosen by {by}", one.quote.note))
            traits = ", ".join(f"{key} {value}" for key, value in sorted(one.attributes.items()))
            place = (file, one.quote.start, one.quote.end, one.page)
            rows.append(
                (name, one.text, one.speaker or one.case, one.case, *place, traits, by, one.quote.at, one.quote.note)
            )
    columns = (
        *("code", "text", "speaker", "case", "file", "start", "end", "page", "attributes", "chosen by", "at", "shows"),
    )
    by_value: list[tuple[Cell, ...]] = []
    for attribute, values in heard.by.items():
        for value in values:
            people = (value.people, value.asked) if value.asked >= FEW else ("hidden", "hidden")
            by_value.append((attribute, value.value, value.quotations, *people))
    parts += [
        Grid("Quotations chosen", columns, rows, most=0),
        Heading("Whose voices are missing"),
        *(Says(sentence) for sentence in unheard(heard, study)),
        Grid(
            "Voices in the quotations", ("attribute", "value", "quotations", "people quoted", "people asked"), by_value
        ),
    ]
    return Section("chosen", title, tuple(parts))


def _named(study: Study, code: Code | None) -> str:
    return f"{study.project.lens_name(code.lens)}: {code.name}" if code else "Without a code"


def source_of(one: Chosen, file: str) -> str:
    """Who said it and where it stands: "Mira, group service user, wave 1 (mira.txt, page 2, 56 to 73)"."""
    traits = [f"{name} {value}" for name, value in sorted(one.attributes.items()) if name != "date"]
    who = ", ".join(filter(None, (one.speaker or one.case or "no name", *traits)))
    place = [
        file,
        f"page {one.page}" if one.page else "",
        f"at {clock(one.time_ms)}" if one.time_ms is not None else "",
    ]
    return f"{who} ({', '.join(filter(None, place))}, characters {one.quote.start} to {one.quote.end})"


def manifest(study: Study) -> Section:
    """What the results rest on: models with their hashes, settings, versions."""
    told = study.manifest
    models: list[tuple[Cell, ...]] = [
        (model["name"], str(model.get("licence", "")), str(model.get("source", "")), file, str(sha256))
        for model in told.get("models", ())
        for file, sha256 in sorted(dict(model.get("sha256", {})).items()) or [("", "")]
    ]
    settings: list[tuple[Cell, ...]] = [
        (name, _plain(value)) for name, value in sorted(dict(told.get("settings", {})).items())
    ]
    versions_: list[tuple[Cell, ...]] = [("textcoder", str(told.get("textcoder", "")))]
    versions_ += [(name, str(value)) for name, value in sorted(dict(told.get("versions", {})).items())]
    return Section(
        "manifest",
        "What the results rest on",
        (
            Says(
                "The same files, models, settings and decisions give the same results. Nothing was sent over a network."
            ),
            Grid("Models", ("model", "licence", "source", "file", "sha256"), models),
            Grid("Settings", ("setting", "value"), settings),
            Grid("Software", ("package", "version"), versions_),
        ),
    )


def _plain(value: Any) -> str:
    """A setting as it is written: a seed is no quantity, so no comma parts its digits."""
    return "" if value is None else str(value)


def known_of(study: Study, acts: Sequence[Act], drawn: Sequence[Sample], chosen: Sequence[Chosen]) -> dict[str, str]:
    """What the project tells of the items of COREQ ("1" to "32") and SRQR ("S1" to "S21"); items of which it tells nothing are left out."""
    facts = facts_of(study)
    people = people_asked(study.transcript_by_id, study.segments, study.case_by_id)
    asks = sorted(
        {t.speaker for one in study.transcripts for t in one.turns if t.role is Role.INTERVIEWER and t.speaker}
    )
    again = sum(len(person.values.get("wave", ())) > 1 for person in people)
    waves = sorted({one.wave for one in study.transcripts if one.wave is not None})
    lengths = [one.sync[-1].ms for one in study.transcripts if one.sync]
    machines = machine_ids(study)
    coded = sorted({c.coder for c in study.codings if c.coder not in machines})
    names = {coder.id: coder.name for coder in study.coders if coder.kind is CoderKind.HUMAN}
    attributes = [name for name in study.attribute_names if name != "wave"]
    asked_by = len({study.question(s) for s in study.segments if study.question(s)})
    in_use = len(study.codebook.in_use)
    took_part = (
        f"{counted(len(people), 'person', 'people')} in {counted(len(study.transcripts), 'transcript', 'transcripts')}"
    )
    described = took_part + (f", by {listed(attributes)}; see the table People asked" if attributes else "")
    described += f"; waves {', '.join(waves)}" if waves else ""
    history = (
        f"A log of {counted(len(acts), 'act', 'acts')} with who, when and why; every step can be undone; "
        f"{counted(len(drawn), 'sample', 'samples')} drawn for blind coding"
    )
    coders = (
        f"{counted(len(coded), 'person', 'people')} ({listed([names.get(c, c) for c in coded])})"
        if coded
        else "No person"
    )
    derived = (
        f"{in_use:,} codes in use, version {study.codebook.version}; {facts.drafted:,} drafted by the machine from the data "
        "and not confirmed. See Versions of the codebook"
    )
    quoted = f"{counted(len(chosen), 'quotation', 'quotations')} chosen, and quotations under each code, each an exact slice of its source"
    version = study.manifest.get("textcoder", "")
    software = f"textcoder {version} on one's own machine; models, settings and versions: see What the results rest on"
    known = {
        "9": f"Recorded as {facts.method}",
        "12": took_part,
        "16": described,
        "17": f"{asked_by:,} different questions stand before the answers in the transcripts" if asked_by else "",
        "18": f"{counted(again, 'person was', 'people were')} interviewed in more than one wave" if waves else "No wave is recorded",
        "1": f"The transcripts call them {listed(asks)}" if asks else "",
        "21": f"{clock(min(lengths))} to {clock(max(lengths))} for the {len(lengths):,} with times" if lengths else "",
        "22": "How far more people still bring new codes: see Adequacy",
        "24": f"{coders}, and the machine as one more coder whose codings are suggestions",
        "25": f"{in_use:,} codes under {listed([lens.name for lens in study.project.lenses])}; see The codebook",
        "26": derived,
        "27": software,
        "29": quoted,
        "31": "The figures say how many of those asked said what; see Figures",
        "32": f"{counted(len(study.themes.unassigned), 'segment belongs', 'segments belong')} to no theme, kept for reading",
        "S5": f"Recorded as {facts.method}",
        "S10": f"{took_part}" + (f", waves {', '.join(waves)}" if waves else ""),
        "S11": f"{asked_by:,} different questions stand in the transcripts" if asked_by else "",
        "S12": described,
        "S13": f"{facts.material[:1].upper()}{facts.material[1:]}; {software}",
        "S14": f"{coders} coded; {derived}",
        "S15": history,
        "S16": "Codes by lens with how many of those asked said them; see Figures",
        "S17": quoted,
        "S19": "Figures count what stands and know nothing of errors of coding, unless a corrected figure says otherwise",
    }  # fmt: skip
    if any(file.outcome is Outcome.UNREADABLE for file in study.files):
        known["S19"] += "; not every file could be read, see Files"
    return {number: said for number, said in known.items() if said}
