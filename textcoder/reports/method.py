"""What the method chapter rests on; its words stand in templates/method.html.j2."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from textcoder.domain.codebook import Code, CodeStatus, Origin
from textcoder.domain.coding import CoderKind, Coding, Status
from textcoder.domain.project import Method
from textcoder.domain.study import Study
from textcoder.domain.transcript import Outcome
from textcoder.reports.counts import machine_ids
from textcoder.reports.phrases import counted, listed

_METHODS = {
    Method.CODEBOOK: "codebook analysis: one codebook, applied to all material and revised as the study goes on",
    Method.RELIABILITY: "coding reliability: one codebook, applied by several coders whose agreement is reported",
    Method.REFLEXIVE: "reflexive thematic analysis: no agreement figures are reported, as this method rejects them",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a methods section states.

    Attributes:
        material: What was read, left out and not read.
        languages: Each with its number of transcripts.
        many_languages: There are two or more.
        lenses: Their names.
        method: How the study codes.
        coded: Who coded, and what people have confirmed.
        codes: How many are in use.
        drafted: How many of them the machine drafted and nobody has confirmed.
        untouched: No person has decided anything about any coding.
    """

    material: str
    languages: str
    many_languages: bool
    lenses: str
    method: str
    coded: str
    codes: int
    drafted: int
    untouched: bool


def facts_of(study: Study) -> Facts:
    """The facts of one study."""
    outcomes = Counter(file.outcome for file in study.files)
    read = [
        counted(outcomes[outcome], f"file {one}", f"files {many}")
        for outcome, one, many in (
            (Outcome.READ, "was read", "were read"),
            (Outcome.DUPLICATE, "was a duplicate and left out", "were duplicates and left out"),
            (Outcome.UNREADABLE, "could not be read", "could not be read"),
        )
        if outcomes[outcome]
    ]
    languages = Counter(transcript.language for transcript in study.transcripts)
    return Facts(
        material=listed(read),
        languages=listed([f"{name} ({n:,})" for name, n in sorted(languages.items())]),
        many_languages=len(languages) > 1,
        lenses=listed([lens.name.lower() for lens in study.project.lenses]),
        method=_METHODS[study.project.method],
        coded=who_coded(study),
        codes=len(study.codebook.in_use),
        drafted=sum(map(drafted, study.codebook.in_use)),
        untouched=all(coding.status is Status.SUGGESTED for coding in study.codings),
    )


def drafted(code: Code) -> bool:
    """Whether the machine drafted the entry and nobody has confirmed it."""
    return code.origin is Origin.MODEL and code.status is CodeStatus.PROVISIONAL


def who_coded(study: Study) -> str:
    """Who coded, and what people have confirmed, in plain words; never more than the codings themselves show."""
    machines = machine_ids(study)
    by_people = [coding for coding in study.codings if coding.coder not in machines]
    by_machine = [coding for coding in study.codings if coding.coder in machines]
    return (
        " ".join(filter(None, (_by_people(study, by_people), _by_machine(by_machine)))) or "Nothing has been coded yet."
    )


def _by_people(study: Study, codings: list[Coding]) -> str:
    coded = {coding.coder for coding in codings}
    names = [coder.name for coder in study.coders if coder.kind is CoderKind.HUMAN and coder.id in coded]
    return f"{counted(len(codings), 'coding was', 'codings were')} made by {listed(names)}." if codings else ""


def _by_machine(codings: list[Coding]) -> str:
    status = Counter(coding.status for coding in codings)
    if not codings:
        return ""
    if status[Status.SUGGESTED] == len(codings):
        what = counted(len(codings), "coding is a suggestion", "codings are suggestions")
        return f"{what} of the machine; nobody has confirmed {'it' if len(codings) == 1 else 'any of them'} yet."
    return (
        f"Of the machine's {counted(len(codings), 'suggestion', 'suggestions')}, people have accepted "
        f"{status[Status.ACCEPTED]:,} and rejected {status[Status.REJECTED]:,}; nobody has decided about the other "
        f"{status[Status.SUGGESTED]:,} yet."
    )
