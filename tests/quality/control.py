"""Whether the next result does what a refinement asked for: `python -m tests.quality.control`.

Real comments (nhs_fft, 600, seeded) with their codebook. Each kind of refinement is made many times on segments and codes drawn by
chance, the machine learns, and what it then says and counts is compared with what was asked. Each one is undone afterwards, and
everything must be as before. Kumar et al. call this control.

References:
    Kumar, Smith-Renner, Findlater, Seppi and Boyd-Graber (2019), Why Didn't You Listen to Me? Comparing User Control of
    Human-in-the-Loop Topic Models. ACL 2019.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.quality.coding import DATA, entries
from tests.quality.figures import Figure, Goal, run, share_figure
from textcoder.coder import SURE
from textcoder.domain import acts
from textcoder.domain.codebook import Code
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import By, Verb
from textcoder.domain.standing import Standing
from textcoder.domain.transcript import Segment
from textcoder.settings import Settings
from textcoder.store import open_store, sqlite_url
from textcoder.workflow import LiveProject, Reading, import_files, open_project, read_study, undo
from textcoder.workflow.live import Plan

COMMENTS, TIMES, SEED = 600, 25, 20240917
ANA = Coder("ana", "ana", CoderKind.HUMAN)
BY = By("ana", "2024-03-01T10:00:00Z")


class Study:
    """The project, and what can be asked of it by chance."""

    def __init__(self, folder: Path) -> None:
        lines = (DATA / "nhs_fft" / "items.jsonl").read_text(encoding="utf-8").splitlines()
        (folder / "comments.jsonl").write_text("\n".join(random.Random(SEED).sample(lines, COMMENTS)), encoding="utf-8")
        store = open_store(sqlite_url(folder / "project.db"))
        import_files(store, [folder / "comments.jsonl"], Settings(), reading=Reading())
        self.live: LiveProject = open_project(store, Settings())
        codes = [replace(code, lens="none") for code in entries("nhs_fft")]
        self.live.do(lambda standing: [d for code in codes for d in acts.add_code(standing, code, BY)], coder=ANA)
        self.draw = random.Random(SEED)
        for code in codes:  # something stands before anything is refined
            self.live.do(lambda s, code=code: acts.accept(s, [self.span(self.segment())], code.id, BY), coder=ANA)  # type: ignore[misc]  # bound now

    def segment(self) -> Segment:
        """Any."""
        return self.draw.choice(self.live.segments)

    def span(self, segment: Segment) -> tuple[str, int, int]:
        """Its place."""
        return segment.transcript, segment.start, segment.end

    def code(self) -> Code:
        """Any in use."""
        return self.draw.choice(self.live.standing.codebook.in_use)

    def suggested(self, code: Code) -> set[int]:
        """Rows for which it is suggested, and nobody has decided."""
        return set(self.live.suggested_rows(code.id))

    def probability(self, segment: Segment, code: str) -> float:
        """As the machine sees it now."""
        machine = self.live.machine
        return float(machine.probabilities_[self.live.row_of[segment.id], machine.place[code]])

    def threshold(self, code: str) -> float:
        """Below it the machine abstains."""
        machine = self.live.machine
        return float(machine.thresholds_[machine.place[code]])

    def counted(self, code: str) -> set[tuple[str, int, int]]:
        """Spans that count under a code in a report."""
        study = read_study(self.live.store, self.live.settings)
        return {(c.transcript, c.start, c.end) for c in study.counted_by_code.get(code, [])}


Check = Callable[[], bool]


def accept(study: Study) -> tuple[Plan, Check]:
    segment, code = study.segment(), study.code()
    plan = lambda s: acts.accept(s, [study.span(segment)], code.id, BY)  # noqa: E731  (a plan is a function)
    return (
        plan,
        lambda: (
            study.probability(segment, code.id) >= study.threshold(code.id)
            and study.span(segment) in study.counted(code.id)
        ),
    )


def reject(study: Study) -> tuple[Plan, Check]:
    code = study.code()
    rows = sorted(study.suggested(code)) or [study.live.row_of[study.segment().id]]
    segment = study.live.segments[study.draw.choice(rows)]
    plan = lambda s: acts.reject(s, [study.span(segment)], code.id, BY)  # noqa: E731
    return (
        plan,
        lambda: (
            study.probability(segment, code.id) < study.threshold(code.id)
            and study.live.row_of[segment.id] not in study.suggested(code)
            and study.span(segment) not in study.counted(code.id)
        ),
    )


def recode(study: Study) -> tuple[Plan, Check]:
    segment = study.segment()
    code, to = study.draw.sample(study.live.standing.codebook.in_use, 2)
    plan = lambda s: acts.recode(s, [study.span(segment)], code.id, to.id, BY)  # noqa: E731
    return (
        plan,
        lambda: (
            study.probability(segment, code.id) < study.probability(segment, to.id)
            and study.span(segment) in study.counted(to.id)
            and study.span(segment) not in study.counted(code.id)
        ),
    )


def free_span(study: Study) -> tuple[Plan, Check]:
    segment, code = study.segment(), study.code()
    span = (segment.transcript, segment.start, max(segment.start + 1, segment.end - 2))
    plan = lambda s: acts.accept(s, [span], code.id, BY, verb=Verb.CODE)  # noqa: E731
    return plan, lambda: span in study.counted(code.id)


def merge(study: Study) -> tuple[Plan, Check]:
    code, into = study.draw.sample(study.live.standing.codebook.in_use, 2)
    both = {c.segment for c in study.live.standing.codings.values() if c.code in (code.id, into.id)}
    plan = lambda s: acts.merge(s, [code.id], into.id, BY)  # noqa: E731

    def check() -> bool:
        held = {c.segment for c in study.live.standing.codings.values() if c.code == into.id}
        return both <= held and not study.suggested(code) and not study.counted(code.id)

    return plan, check


def split(study: Study) -> tuple[Plan, Check]:
    code = study.code()
    spans = sorted({(c.transcript, c.start, c.end) for c in study.live.standing.codings.values() if c.code == code.id})
    parts = [(replace(code, id=f"{code.id} {i}", name=f"{code.name} {i}"), spans[i::2]) for i in (0, 1)]
    plan = lambda s: acts.split(s, code.id, parts, BY)  # noqa: E731
    return plan, lambda: all(set(held) <= study.counted(part.id) for part, held in parts) and not study.suggested(code)


def retire(study: Study) -> tuple[Plan, Check]:
    code = study.code()
    return lambda s: acts.retire(s, code.id, BY), lambda: not study.suggested(code) and not study.counted(code.id)


def move(study: Study) -> tuple[Plan, Check]:
    code, above = study.draw.sample(study.live.standing.codebook.in_use, 2)
    plan = lambda s: acts.change_code(s, code.id, BY, Verb.MOVE, parent=above.id)  # noqa: E731
    return plan, lambda: study.counted(code.id) <= study.counted(above.id)


def threshold(study: Study) -> tuple[Plan, Check]:
    code, least = study.code(), round(study.draw.uniform(0.05, 0.9), 2)
    plan = lambda s: acts.change_code(s, code.id, BY, Verb.THRESHOLD, threshold=least)  # noqa: E731

    def check() -> bool:
        machine = study.live.machine
        column = machine.probabilities_[:, machine.place[code.id]]
        decided = {study.live.row_of[c.segment] for c in study.live.standing.codings.values() if c.code == code.id}
        return study.suggested(code) == set(np.flatnonzero(column >= np.float32(least)).tolist()) - decided

    return plan, check


def define(study: Study) -> tuple[Plan, Check]:
    """Give a code the words of a segment as an example: that segment must become more probable."""
    segment, code = study.segment(), study.code()
    before = study.probability(segment, code.id)
    words = study.live.text(segment)
    plan = lambda s: acts.change_code(s, code.id, BY, Verb.DEFINE, definition=words, include="")  # noqa: E731
    return plan, lambda: study.probability(segment, code.id) > before


def when_not(study: Study) -> tuple[Plan, Check]:
    """Say of a code that it is not for what a suggested segment says: that segment must become less probable."""
    code = study.code()
    # Words that were accepted for it elsewhere ("Nothing.") are a decision, and no entry takes that back.
    open_rows = [r for r in study.suggested(code) if study.probability(study.live.segments[r], code.id) < SURE]
    segment = study.live.segments[study.draw.choice(sorted(open_rows) or [study.live.row_of[study.segment().id]])]
    before = study.probability(segment, code.id)
    words = study.live.text(segment)
    plan = lambda s: acts.change_code(s, code.id, BY, Verb.DEFINE, exclude=words)  # noqa: E731
    return plan, lambda: study.probability(segment, code.id) < before


def rename(study: Study) -> tuple[Plan, Check]:
    code = study.code()
    held = study.counted(code.id) - {study.span(study.live.segments[r]) for r in study.suggested(code)}
    plan = lambda s: acts.change_code(s, code.id, BY, Verb.RENAME, name=f"{code.name}, renamed")  # noqa: E731
    return plan, lambda: study.live.find_code(f"{code.name}, renamed").id == code.id and held <= study.counted(code.id)


KINDS = (accept, reject, recode, free_span, merge, split, retire, move, threshold, define, when_not, rename)


def undone(study: Study, before: np.ndarray, stood: dict[object, object]) -> bool:
    """Whether all is as it was before the last act."""
    undo(study.live, coder=ANA)
    same = np.allclose(study.live.machine.probabilities_, before, atol=1e-5)
    return bool(same and dict(Standing(study.live.log).codings) == stood)


def report() -> list[Figure]:
    """Print how often each kind of refinement did what was asked, and was undone; all kinds together as figures."""
    with tempfile.TemporaryDirectory() as folder:
        study = Study(Path(folder))
        done, back = 0, 0
        print(f"{'refinement':<12}{'as asked':>10}{'undone':>10}   of {TIMES}")
        for kind in KINDS:
            obeyed = restored = 0
            for _ in range(TIMES):
                before = study.live.machine.probabilities_.copy()
                stood: dict[object, object] = dict(study.live.standing.codings)
                plan, check = kind(study)
                if not study.live.do(plan, coder=ANA):  # it is so already: draw again is no merit, and asks nothing
                    obeyed += check()
                    restored += 1
                    continue
                obeyed += check()
                restored += undone(study, before, stood)
            done, back = done + obeyed, back + restored
            print(f"{kind.__name__:<12}{obeyed:>10}{restored:>10}", flush=True)
        n = TIMES * len(KINDS)
        print(f"control {done} of {n} ({done / n:.1%}), undone {back} of {n}   goal: 100 %")
        study.live.store.close()
    task, on, of = "control over the machine", "nhs_fft", "refinements of twelve kinds"
    return [
        share_figure(task, on, "did what was asked", done, n, of, goal=Goal(least=1.0)),
        share_figure(task, on, "undone without a trace", back, n, of, goal=Goal(least=1.0)),
    ]


if __name__ == "__main__":
    if not DATA.is_dir():
        sys.exit("The data sets are looked for in shared/ beside the checkout, and are not there.")
    run("control", report)
