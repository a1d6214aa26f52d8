"""What a person wants to know when a run is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textcoder.domain.study import Study


def print_summary(study: Study, out: Path, notes: tuple[str, ...]) -> None:
    """What a person wants to know when it is done."""
    from textcoder.domain.coding import CoderKind
    from textcoder.domain.transcript import Outcome
    from textcoder.prevalence import asked_cases, count_codes
    from textcoder.reports.phrases import counted

    unread = [file for file in study.files if file.outcome is Outcome.UNREADABLE]
    left_out = [file for file in study.files if file.outcome in (Outcome.DUPLICATE, Outcome.SET_ASIDE)]
    print(
        f"\nRead {len(study.transcripts)} transcripts: {len(asked_cases(study))} people, {len(study.segments)} segments."
    )
    for file in unread:
        print(f"  Not read: {file.note}")
    for file in left_out:
        print(f"  {file.note}")
    foreign = sorted({t.language for t in study.transcripts} - {"en"})
    if foreign:
        print(
            f"  Some transcripts are not English ({', '.join(foreign)}). The encoder and the lens head were made for English: "
            "judge their themes with care."
        )
    for lens in study.project.lenses:
        counts = [count for count in count_codes(study) if count.code.lens == lens.id and count.overall.mentions]
        print(f"\n{lens.name}" + ("" if counts else ": nothing was found"))
        for count in sorted(
            counts, key=lambda count: (-count.overall.people, -count.overall.mentions, count.code.name)
        ):
            print(
                f"  {count.overall.people:>3} of {count.overall.asked} people {count.overall.mentions:>5} mentions  {count.code.name}"
            )
    candidates = [theme for theme in study.themes.themes if theme.code is None]
    if candidates:
        print(f"\n{len(candidates)} candidate themes stand beside your codebook; the report lists them.")
    if study.themes.unassigned:
        left = counted(len(study.themes.unassigned), "segment belongs", "segments belong")
        print(f"\n{left} to no theme; the report ranks them for reading.")
    for note in notes:
        print(f"\n{note}")
    people = {coder.id for coder in study.coders if coder.kind is CoderKind.HUMAN}
    theirs = sum(coding.coder in people for coding in study.codings)
    rest = "All codings are" if not theirs else f"{theirs} codings are people's; all others are"
    print(f"\n{rest} the machine's suggestions until a person accepts them.\nReport: {(out / 'report.html').resolve()}")
