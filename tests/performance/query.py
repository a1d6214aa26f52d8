"""The evaluator's question in a large project: `python -m tests.performance.query [segments]`.

Made data: 300 people in 3 waves, 60 codes of which a third lie below another, 1.6 codings a segment, one in ten by a person.
Text is one made word a segment, since no question reads it before quotations do.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from textcoder.domain.codebook import Code, Codebook
from textcoder.domain.coding import Coder, CoderKind, Coding, Status
from textcoder.domain.project import Case, Project
from textcoder.domain.study import Study
from textcoder.domain.theme import Theme, ThemeMap
from textcoder.domain.transcript import Role, Segment, Transcript, Turn
from textcoder.query import Facts, Question, Unit, Where, ask, change, co_occurrence, matrix, quotations

SEGMENTS, CODES, CASES, WAVES, CODINGS_EACH = 100_000, 60, 300, 3, 1.7
LENSES = ("what_works", "barriers", "signs_of_progress")
WORD = "word. "


def study(n: int) -> Study:
    """Codes are unequally frequent, and people lean towards codes of their own."""
    draw = np.random.default_rng(5)
    per = n // (CASES * WAVES)
    transcripts, segments = [], []
    for case in range(CASES):
        for wave in range(1, WAVES + 1):
            turns = tuple(
                Turn(len(WORD) * i, len(WORD) * i + 5, f"P{case}", Role.PARTICIPANT, f"P{case}") for i in range(per)
            )
            one = Transcript(f"t{case:03}{wave}", f"w{wave}_P{case}.txt", WORD * per, turns, "", wave=str(wave))
            transcripts.append(one)
            segments += [Segment.of(one.id, i, turn.start, turn.end) for i, turn in enumerate(turns)]
    codes = tuple(
        Code(f"c{i}", f"code {i}", lens=LENSES[i % 3], parent=f"c{i % 3 + 3 * (i % 7)}" if i >= 40 else None)
        for i in range(CODES)
    )
    frequent = 1 / np.arange(1, CODES + 1)
    leaning = draw.dirichlet(40 * frequent / frequent.sum(), size=CASES)
    codings = {}
    for row, segment in enumerate(segments):
        case = int(segment.transcript[1:4])
        for code in draw.choice(CODES, size=draw.poisson(CODINGS_EACH), p=leaning[case]).tolist():
            person = draw.random() < 0.1
            coder, status = ("ana", Status.ACCEPTED) if person else ("machine", Status.SUGGESTED)
            p = 1.0 if person else float(draw.uniform(0.15, 1))
            made = Coding(segment.transcript, segment.start, segment.end, f"c{code}", coder, status, p)
            codings[row, code, coder] = made
    themes = tuple(
        Theme(f"th{i}", f"theme {i}", LENSES[i % 3], (), tuple(s.id for s in segments[i::97]), (), 0.8, code=f"c{i}")
        for i in range(40)
    )
    return Study(
        project=Project("p", "made"),
        files=(),
        transcripts=tuple(transcripts),
        segments=tuple(segments),
        cases=tuple(Case(f"P{i}", f"P{i}", {"group": f"g{i % 3}", "site": f"s{i % 4}"}) for i in range(CASES)),
        placements={},
        themes=ThemeMap(tuple(replace(t, code=None) if i % 2 else t for i, t in enumerate(themes)), ()),
        codebook=Codebook(codes, CODES),
        codings=tuple(codings.values()),
        coders=(Coder("ana", "Ana", CoderKind.HUMAN), Coder("machine", "machine", CoderKind.MACHINE)),
    )


def timed(what: str, action: Callable[[], object], goal: str, times: int = 100) -> None:
    """Print how long an action takes, over and over."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    print(f"{what:<62} p50 {p50:6.1f} ms, p95 {p95:6.1f} ms   {goal and 'goal: ' + goal}")


if __name__ == "__main__":
    made = study(int(sys.argv[1]) if len(sys.argv) > 1 else SEGMENTS)
    print(f"{len(made.segments)} segments, {len(made.codings)} codings, {CASES} people, {CODES} codes")
    begin = time.perf_counter()
    facts = Facts.of(made)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"laying out the facts {time.perf_counter() - begin:.2f} s, peak {peak:.0f} MB   goal: a few seconds")
    goal = "p50 under 15 ms, p95 under 50 ms"
    north = Where({"site": ["s1"]})
    people = Where({"site": ["s1"]}, people_only=True)
    sure = Where({"site": ["s1"]}, minimum_probability=0.5)
    timed(
        "lens=barriers by group, wave where site",
        lambda: ask(facts, Question(Unit.CODES, ("group", "wave"), "barriers", north)),
        goal,
    )
    timed(
        "  the same, surer than .5", lambda: ask(facts, Question(Unit.CODES, ("group", "wave"), "barriers", sure)), goal
    )
    timed(
        "  the same, people's codings only",
        lambda: ask(facts, Question(Unit.CODES, ("group", "wave"), "barriers", people)),
        goal,
    )
    timed("all codes by group, wave", lambda: ask(facts, Question(Unit.CODES, ("group", "wave"))), goal)
    timed("all codes by group, wave, site", lambda: ask(facts, Question(Unit.CODES, ("group", "wave", "site"))), "")
    timed("themes by group, wave", lambda: ask(facts, Question(Unit.THEMES, ("group", "wave"))), goal)
    timed("lenses by group, wave", lambda: ask(facts, Question(Unit.LENSES, ("group", "wave"))), goal)
    timed(
        "a page of 20 quotations of the most frequent code", lambda: quotations(facts, "c0", north), "p95 under 30 ms"
    )
    timed(
        "change of all codes from wave 1 to 3, by group", lambda: change(facts, Question(by=("group",)), "1", "3"), goal
    )
    timed("code-by-case matrix", lambda: matrix(facts), goal)
    timed(
        "  the same with a minimum of 20 people, most of it hidden",
        lambda: ask(facts, Question(Unit.CODES, ("group", "wave", "site"), minimum_people=20)),
        "",
    )
    timed("co-occurrence of 60 codes", lambda: co_occurrence(facts), "", times=20)
