"""The quotations that people chose, in the order of the codebook, and in words who is not heard in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from textcoder.domain.chosen import LOUD, Chosen, Voices
from textcoder.domain.codebook import Code
from textcoder.domain.study import Study
from textcoder.reports.phrases import counted, listed, percent

_MOST_NAMES = 30


def by_code(study: Study, chosen: Sequence[Chosen]) -> list[tuple[Code | None, list[Chosen]]]:
    """The collection under the codes it carries, lens by lens, in the order of the codebook; last what carries none.

    A quotation that carries several codes stands once: under the first that no other of its codes stands below, since what it is
    quoted for is said best by the narrowest code. Inside a code the order is that of the collection.
    """
    lenses = [lens.id for lens in study.project.lenses]
    order = sorted(
        study.codebook.in_use, key=lambda code: lenses.index(code.lens) if code.lens in lenses else len(lenses)
    )
    under: dict[str, list[Chosen]] = defaultdict(list)
    for one in chosen:
        implied = {above for code in one.codes for above in study.codebook.ancestors(code)}
        under[next((code.id for code in order if code.id in one.codes and code.id not in implied), "")].append(one)
    groups: list[tuple[Code | None, list[Chosen]]] = [(code, under[code.id]) for code in order if code.id in under]
    return groups + ([(None, under[""])] if "" in under else [])


def unheard(voices: Voices, study: Study) -> list[str]:
    """Who is heard in the collection and who is not, as sentences; nothing where nothing is chosen."""
    if not voices.quotations:
        return []
    said = [
        f"{counted(voices.people, 'person', 'people')} of {voices.asked:,} {'is' if voices.people == 1 else 'are'} quoted."
    ]
    said += [
        f"{one.name} says {one.quotations:,} of {voices.quotations:,} ({percent(one.share)}): "
        f"more than {percent(LOUD)} of all that is quoted."
        for one in voices.loud
    ]
    for name in voices.by:
        missing = [heard.value for attribute, heard in voices.unheard if attribute == name]
        if missing:
            said.append(f"Nobody is quoted with {name} {listed(missing)}.")
    if voices.lenses:
        said.append(f"No quotation under {listed([study.project.lens_name(lens) for lens in voices.lenses])}.")
    if voices.codes:
        names = {code.id: code.name for code in study.codebook}
        said.append(
            f"{counted(len(voices.codes), 'code', 'codes')} without a quotation: {_some([names[c] for c in voices.codes])}."
        )
    if voices.silent:
        people = [study.case_by_id[case].name if case in study.case_by_id else case for case in voices.silent]
        said.append(f"Not quoted: {_some(people)}.")
    return said


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")
