"""New interviews against a codebook that stands still: what it still holds, what is new, gone or grown, and what nobody foresaw.

The codebook is taken as of a version, with what people had decided while that version stood. A machine learns it from the interviews
before the new ones, and from nothing else; then it reads old and new alike. So a difference between waves is none of another codebook.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.decision import DecisionKind
from textcoder.domain.history import version_of
from textcoder.domain.project import NO_LENS
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus
from textcoder.domain.transcript import Segment
from textcoder.errors import InvalidDecision
from textcoder.query import EVERYWHERE, Change, ChangeRow, Facts, Question, Unit, Where
from textcoder.workflow.live import LiveProject
from textcoder.workflow.replay import carriers, changes, newest
from textcoder.workflow.steps import embed

if TYPE_CHECKING:
    from textcoder.novelty import Drift, Material, Novelty
    from textcoder.reports.evidence import Section

FROZEN = "frozen"
"""Under this name the machine speaks that has learned the frozen codebook."""
ELSEWHERE = 0.95
"""A question is about a theme if it is nearer to it than this share of the questions before other words."""
FORESEEN = 0.5
"""Share of a theme's segments that one code must hold before it can be said to have foreseen the theme."""
WORD = 5
"""Letters by which a word of a question is compared with the theme's keywords; shorter words are compared as a whole."""
LIKELY = 0.05
"""Adjusted p below which a code's meaning is said to drift."""
METHODS = {
    "frozen": "the machine learned the codebook of that version, and people's decisions of its time, from the interviews before the new "
    "ones only; it reads old and new interviews alike, and what people coded since counts before it",
    "asked": "a theme was asked about where the question before its words names one of its keywords, or is nearer to it than "
    f"{ELSEWHERE:.0%} of the questions before other words; by people, with Wilson's interval",
    "foreseen": f"a theme was foreseen where one code of the frozen codebook holds {FORESEEN:.0%} of its segments or more; codes that the "
    "machine drafted from the new interviews foresaw nothing, and themes under no lens are no effects",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """What is asked of waves.

    Attributes:
        since: Wave from which interviews are new; None takes the last.
        before: Wave with which the new one is compared; None takes the one right before.
        version: Of the codebook; None takes the one of now.
        by: Attributes by which people are compared.
        where: Whose words, and which codings.
        minimum_people: Cells with fewer people are not shown.
    """

    since: str | None = None
    before: str | None = None
    version: int | None = None
    by: tuple[str, ...] = ()
    where: Where = field(default=EVERYWHERE)
    minimum_people: int = 2


@dataclass(frozen=True, slots=True)
class Moved:
    """One code in two waves; see `textcoder.query.Change`.

    Attributes:
        row: As the change gives it.
        said: "grown", "shrunk", "not clear", "new", "gone", or "hidden" where few people may not be told of.
    """

    row: ChangeRow
    said: str


@dataclass(frozen=True, slots=True)
class Held:
    """How much of the words the frozen codebook codes: `coded` of `segments`."""

    coded: int
    segments: int

    @property
    def share(self) -> float:
        """In [0, 1]; NaN where there are none."""
        return self.coded / self.segments if self.segments else math.nan


@dataclass(frozen=True, slots=True)
class NewTheme:
    """A found theme that no code of the frozen codebook continues.

    Attributes:
        theme: With its segments.
        evidence: In words; see `textcoder.novelty`.
        now: Name of the code that stands for it since; empty where none does.
        p: Chance that so much of it is of the new interviews, if waves did not matter; NaN where it cannot be told.
    """

    theme: Theme
    evidence: str
    now: str
    p: float


@dataclass(frozen=True, slots=True)
class Words:
    """The exact words of a segment, the question before them, and where they stand."""

    text: str
    question: str
    segment: str
    transcript: str
    file: str
    start: int
    end: int
    speaker: str
    case: str
    wave: str


@dataclass(frozen=True, slots=True)
class Unexpected:
    """A theme that nobody asked about and no code foresaw.

    Attributes:
        theme: Id.
        name: What people read.
        lens: Lens id.
        people: Who speak of it, as far as their questions are known.
        unasked: Who bring it up mostly without being asked about it.
        low: Lower end of the 95 % interval of their share.
        high: Upper end.
        segments: Of the theme.
        foreseen: Share of them that the frozen code holds which holds most of them, in [0, 1].
        holds: Name of that code; empty where none holds any.
        nearest: Name of the frozen code whose entry is nearest; empty where there is none.
        cosine: Of its entry to the theme; NaN where there is none.
        new_segments: Segments of the new interviews.
        sure: Whether the whole interval lies above one half, that of `foreseen` below it, and people had taught the machine at least
            half of the codes that could have foreseen it.
        quotations: By different people, the new interviews first.
    """

    theme: str
    name: str
    lens: str
    people: int
    unasked: int
    low: float
    high: float
    segments: int
    foreseen: float
    holds: str
    nearest: str
    cosine: float
    new_segments: int
    sure: bool
    quotations: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Drifting:
    """A code with its name and what is known of its drift."""

    name: str
    lens: str
    drift: Drift


@dataclass(frozen=True, slots=True)
class Waves:
    """What new interviews bring.

    Attributes:
        asked: As it was asked, with the waves and the version that were taken.
        codes: How many the frozen codebook has in use.
        new: Names of the new transcripts.
        held_before: How much of the words before the frozen codebook codes.
        held_new: And of the new ones.
        change: Shares of people in both waves, by the frozen codebook.
        moved: Each code of it in words.
        new_themes: Themes that no code of it continues; the least probable by chance first.
        drifting: Codes that could be tested, the least probable first.
        untold: Codes with too few segments to be tested.
        unexpected: Themes that nobody asked about and no code foresaw, the surest first.
        hidden: Themes that would be among them, by fewer people than may be shown.
        foreseeing: Codes of the frozen codebook that can have foreseen anything.
        taught: Of these, how many a person had given to words of the interviews before; the others are known by their entries only.
        sentences: In words.
        methods: What the figures rest on.
    """

    asked: Compared
    codes: int
    new: tuple[str, ...]
    held_before: Held
    held_new: Held
    change: Change
    moved: tuple[Moved, ...]
    new_themes: tuple[NewTheme, ...]
    drifting: tuple[Drifting, ...]
    untold: int
    unexpected: tuple[Unexpected, ...]
    hidden: int
    foreseeing: int
    taught: int
    sentences: tuple[str, ...]
    methods: dict[str, str] = field(default_factory=lambda: dict(METHODS))


def waves(live: LiveProject, facts: Facts, asked: Compared = Compared()) -> Waves:
    """Read new interviews with a codebook that stands still. Cost: as opening the project to code it, seconds at 2,000 segments.

    Questions are embedded once and kept in the project.

    Args:
        live: The project, as the caller may see it.
        facts: It in columns, likewise.
        asked: What is asked.

    Raises:
        UnknownItem: No transcript has a wave, none has that one, or there is no such version.
        InvalidDecision: Nothing comes before the new interviews.
    """
    from textcoder.query import change

    new = newest(live.transcripts.values(), asked.since)
    moments = _moments(live)
    since = asked.since or moments[-1]
    before = asked.before or next((w for w in reversed(moments[: moments.index(since)])), None)
    if before is None:
        raise InvalidDecision(f'Nothing comes before wave "{since}"; name a later one.')
    frozen = freeze(live, asked.version)
    book = [replace(code, status=CodeStatus.ACTIVE) for code in frozen.standing.codebook.in_use]
    rows, codes, probability = read_frozen(frozen, book, new)
    still = _facts(facts, frozen, book, (rows, codes, probability))
    found = change(still, Question(Unit.CODES, asked.by, None, asked.where, asked.minimum_people), before, since)
    moved = tuple(Moved(row, _moved(row, asked.minimum_people)) for row in found.rows)
    in_new = [segment.transcript in new for segment in live.segments]
    coded = set(rows)
    held = {
        side: Held(sum(i in coded for i, x in enumerate(in_new) if x is side), in_new.count(side))
        for side in (False, True)
    }
    material = _material(live)
    carried = carriers(live.store, frozen.standing, live.store.themes(), {code.id for code in book})
    for row, code in zip(rows, codes, strict=True):
        carried[book[code].id].add(live.segments[row].id)
    new_themes = _new_themes(live, material, carried, book, new)
    drifts = changes(live, since=since).drifted
    names = {code.id: code for code in live.standing.codebook}
    drifting = tuple(Drifting(names[one.code].name, names[one.code].lens, one) for one in drifts if one.told)
    foreseeing = _foreseeing(live, frozen, book, new)
    taught = _taught(frozen, foreseeing, new)
    unexpected, hidden = _unexpected(
        live, material, book, foreseeing, (rows, codes), new, asked, known=2 * len(taught) >= len(foreseeing) > 0
    )
    whole = Waves(
        replace(asked, since=since, before=before, version=frozen.standing.codebook.version),
        len(book),
        tuple(live.transcripts[one].name for one in live.transcripts if one in new),
        held[False],
        held[True],
        found,
        moved,
        new_themes,
        drifting,
        len(drifts) - len(drifting),
        unexpected,
        hidden,
        len(foreseeing),
        len(taught),
        (),
    )
    return replace(whole, sentences=tuple(_said(live, whole)))


# --- the codebook that stands still ----------------------------------------------------------------------------------------------------


def freeze(live: LiveProject, version: int | None) -> LiveProject:
    """The project as it stood while the codebook had a version: that book, and what was decided until it changed again.

    Samples stand as they do now, so that what is coded blind today teaches nothing.

    Raises:
        UnknownItem: There is no such version.
    """
    frozen = copy.copy(live)
    if version is not None:
        version_of(live.log, version)  # looks whether there is one
        seen, until = 0, len(live.log)
        for place, decision in enumerate(live.log):
            if decision.kind is DecisionKind.SET_CODE:
                if seen == version:
                    until = place
                    break
                seen += 1
        frozen.log = live.log[:until]
        frozen.standing = Standing(frozen.log)
        frozen.standing.samples = live.standing.samples
    for name in ("machine", "members", "_member_rows"):
        frozen.__dict__.pop(name, None)
    return frozen


def read_frozen(
    frozen: LiveProject, book: Sequence[Code], new: frozenset[str]
) -> tuple[list[int], list[int], list[float]]:
    """What a machine that knows this book, and the interviews before the new ones, gives all of them.

    Returns:
        Rows of segments, places in `book` and probabilities, sorted by row, then place.
    """
    import numpy as np

    from textcoder.coder import Calibration, Known, MachineCoder, fits_lens

    old = [row for row, segment in enumerate(frozen.segments) if segment.transcript not in new]
    if not old:
        raise InvalidDecision("Nothing comes before the new interviews.")
    if not book:
        return [], [], []
    place = {row: i for i, row in enumerate(old)}

    def before(given: Mapping[str, frozenset[int]]) -> dict[str, frozenset[int]]:
        return {code: frozenset(place[row] for row in rows if row in place) for code, rows in given.items()}

    known = frozen.known()
    learned = Known(
        before(known.positive),
        before(known.negative),
        frozenset(place[row] for row in known.reviewed if row in place),
        before(known.members),
    )

    def entries(texts: Sequence[str]) -> Any:
        return embed(frozen.store, texts, frozen.settings, embedder=frozen.own_embedder)

    manner = frozen.manner
    machine = MachineCoder(entries, Calibration.shipped())
    machine.fit(
        book,
        frozen.in_context[old],
        learned,
        words=frozen.vectors[old],
        manner=None if manner is None else manner[old],
    )
    probabilities = np.empty((len(frozen.segments), len(book)), dtype=np.float32)
    probabilities[old] = machine.probabilities_
    fresh = [row for row, segment in enumerate(frozen.segments) if segment.transcript in new]
    probabilities[fresh] = machine.predict_proba(frozen.in_context[fresh], None if manner is None else manner[fresh])
    found = [
        (row, code, float(probabilities[row, code]))
        for row, code in np.argwhere(probabilities >= machine.thresholds_[None, :]).tolist()
        if fits_lens(book[code], frozen.placements.get(frozen.segments[row].id))
    ]
    return [row for row, _, _ in found], [code for _, code, _ in found], [p for *_, p in found]


def _facts(
    facts: Facts, frozen: LiveProject, book: Sequence[Code], said: tuple[list[int], list[int], list[float]]
) -> Facts:
    """The project in columns as the frozen codebook sees it; what people coded with its codes, then or since, counts first."""
    import numpy as np

    from textcoder.query import Suggestions

    ids = {code.id for code in book}
    place = facts.layout.row_of
    rows = [place[frozen.segments[row].id] for row in said[0]]
    suggested = Suggestions(
        FROZEN,
        tuple(code.id for code in book),
        np.array(rows, dtype=np.int64),
        np.array(said[1], dtype=np.int64),
        np.array(said[2], dtype=np.float64),
    )
    study = replace(
        facts.study,
        codebook=replace(frozen.standing.codebook, codes=tuple(book)),
        themes=ThemeMap((), ()),
        codings=tuple(coding for coding in facts.study.codings if coding.code in ids),
        coders=(*facts.study.coders, Coder(FROZEN, "Frozen codebook", CoderKind.MACHINE)),
    )
    return Facts.of(study, key=(facts.key, FROZEN), layout=facts.layout, suggested=suggested)


def _moments(live: LiveProject) -> list[str]:
    return sorted({t.wave for t in live.transcripts.values() if t.wave is not None}, key=_natural)


def _natural(wave: str) -> tuple[int, float, str]:
    """Wave 10 comes after wave 2."""
    try:
        return 0, float(wave), wave
    except ValueError:
        return 1, 0.0, wave


def _moved(row: ChangeRow, minimum: int) -> str:
    one = row.overall
    if one.before is None or one.after is None or one.difference is None:
        return "hidden"
    if minimum <= 1 and one.before.n == 0 < one.after.n:
        return "new"
    if minimum <= 1 and one.after.n == 0 < one.before.n:
        return "gone"
    return "grown" if one.difference.low > 0 else "shrunk" if one.difference.high < 0 else "not clear"


# --- themes that no code continues ------------------------------------------------------------------------------------------------------


def _material(live: LiveProject) -> Material:
    from textcoder.novelty import Material

    ids = tuple(segment.id for segment in live.segments)
    return Material(ids, tuple(segment.transcript for segment in live.segments), live.vectors)


def _themes(live: LiveProject) -> list[tuple[Theme, str | None]]:
    """Themes of the last run that nobody dismissed, and the code that stands for each now."""
    left = live.standing.theme_states
    found = []
    for theme in live.store.themes().themes:
        state = left.get(theme.id)
        status, code = (ThemeStatus(state["status"]), state["code"]) if state else (theme.status, theme.code)
        if status is not ThemeStatus.REJECTED and theme.segments:
            found.append((theme, code))
    return found


def _new_themes(
    live: LiveProject, material: Material, carried: dict[str, set[str]], book: Sequence[Code], new: frozenset[str]
) -> tuple[NewTheme, ...]:
    from textcoder.novelty import match_themes, novelty

    held = _themes(live)
    lenses = {code.id: code.lens for code in book}
    continued = {one.theme: one.code for one in match_themes([theme for theme, _ in held], carried, lenses)}
    moments = {transcript: "new" if transcript in new else "before" for transcript in live.transcripts}
    found = []
    for theme, code in held:
        if code in lenses or continued[theme.id] is not None:
            continue
        known: Novelty = novelty(theme, material, carried, lenses, moments)
        entry = live.standing.codebook.get(code) if code else None
        p = next((share.p_value for share in known.waves if share.wave == "new"), math.nan)
        found.append(NewTheme(theme, known.evidence, entry.name if entry else "", p))
    return tuple(sorted(found, key=lambda one: (math.isnan(one.p), one.p, one.theme.id)))


# --- what nobody foresaw ----------------------------------------------------------------------------------------------------------------


def _unexpected(
    live: LiveProject,
    material: Material,
    book: Sequence[Code],
    foreseeing: set[str],
    said: tuple[list[int], list[int]],
    new: frozenset[str],
    asked: Compared,
    *,
    known: bool,
) -> tuple[tuple[Unexpected, ...], int]:
    import numpy as np

    from textcoder.prevalence import wilson

    held: dict[str, set[int]] = {code.id: set() for code in book if code.id in foreseeing}
    for row, place in zip(*said, strict=True):
        if book[place].id in held:
            held[book[place].id].add(row)
    questions = [live.transcripts[segment.transcript].question_of(segment.turn) for segment in live.segments]
    distinct = sorted({question for question in questions if question})
    if not distinct:
        return (), 0
    numbers = {question: i for i, question in enumerate(distinct)}
    of_row = np.array([numbers.get(question, -1) for question in questions], dtype=np.int64)
    vectors = np.asarray(embed(live.store, distinct, live.settings, embedder=live.own_embedder), dtype=np.float64)
    entries = _entries(live, book)
    found, hidden = [], 0
    for theme, code in _themes(live):
        rows = material.rows([segment for segment in theme.segments if segment in material.row_of])
        if code in foreseeing or theme.lens == NO_LENS or not rows:
            continue
        centre = np.asarray(material.vectors[rows], dtype=np.float64).mean(axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-12)
        most = max(((len(own.intersection(rows)), id_) for id_, own in held.items()), default=(0, ""))
        foreseen = most[0] / len(rows)
        about = _about(theme, rows, of_row, vectors @ centre, distinct)
        people: dict[str, list[bool]] = {}
        for row in rows:
            if of_row[row] >= 0:
                segment = live.segments[row]
                people.setdefault(live.case(segment) or segment.transcript, []).append(about[int(of_row[row])])
        unasked = sum(sum(own) * 2 < len(own) for own in people.values())
        if foreseen >= FORESEEN or not people or unasked * 2 < len(people):
            continue
        if len(people) < asked.minimum_people:
            hidden += 1
            continue
        low, high = wilson(unasked, len(people))
        nearest, cosine = max(
            ((name, float(v @ centre)) for name, v in entries), key=lambda one: one[1], default=("", math.nan)
        )
        free = [row for row in rows if of_row[row] >= 0 and not about[int(of_row[row])]]
        found.append(
            Unexpected(
                theme.id,
                theme.name,
                theme.lens,
                len(people),
                unasked,
                low,
                high,
                len(rows),
                foreseen,
                next((code.name for code in book if most[0] and code.id == most[1]), ""),
                nearest,
                cosine,
                sum(material.transcripts[row] in new for row in rows),
                low > 0.5 and known and wilson(most[0], len(rows))[1] < FORESEEN,
                tuple(_words(live, live.segments[row], questions[row]) for row in _spread(live, free, theme, new)),
            )
        )
    found.sort(key=lambda one: (not one.sure, -one.new_segments / one.segments, -one.unasked, one.theme))
    return tuple(found), hidden


def _foreseeing(live: LiveProject, frozen: LiveProject, book: Sequence[Code], new: frozenset[str]) -> set[str]:
    """Codes of the frozen book that can have foreseen something: not those that the machine drafted from the new interviews."""
    drafted = {code.id for code in frozen.standing.codebook.in_use if code.status is CodeStatus.PROVISIONAL}
    from_new = {
        code
        for theme, code in _themes(live)
        if code in drafted and any(segment.rpartition(":")[0] in new for segment in theme.segments)
    }
    return {code.id for code in book} - from_new


def _taught(frozen: LiveProject, codes: Iterable[str], new: frozenset[str]) -> set[str]:
    """Those of the codes that a person had given to words of the interviews before."""
    given = frozen.known().positive
    return {
        code
        for code in codes
        if any(frozen.segments[row].transcript not in new for row in given.get(code, frozenset()))
    }


def _about(theme: Theme, rows: Sequence[int], of_row: Any, cosines: Any, distinct: Sequence[str]) -> list[bool]:
    """Of each distinct question, whether it asks about a theme; by its words, or by its meaning beside that of other questions."""
    import numpy as np

    keys = {_stem(word) for phrase in (theme.name, *theme.keywords) for word in _words_of(phrase)}
    others = np.ones(len(of_row), dtype=bool)
    others[list(rows)] = False
    elsewhere = of_row[others & (of_row >= 0)]
    near = float(np.quantile(cosines[elsewhere], ELSEWHERE)) if len(elsewhere) else math.inf
    return [
        bool(cosines[i] > near) or not keys.isdisjoint(_stem(word) for word in _words_of(question))
        for i, question in enumerate(distinct)
    ]


def _words_of(text: str) -> list[str]:
    words = "".join(char if char.isalpha() else " " for char in text.casefold()).split()
    return [word for word in words if len(word) > 3]


def _stem(word: str) -> str:
    return word[:WORD]


def _entries(live: LiveProject, book: Sequence[Code]) -> list[tuple[str, Any]]:
    texts = [". ".join(filter(None, (code.name, code.definition))) for code in book]
    if not texts:
        return []
    return [
        (code.name, vector)
        for code, vector in zip(book, embed(live.store, texts, live.settings, embedder=live.own_embedder), strict=True)
    ]


def _spread(live: LiveProject, rows: Sequence[int], theme: Theme, new: frozenset[str], most: int = 4) -> list[int]:
    """Some segments of a theme by different people, the new interviews first, then those nearest to its centre."""
    rank = {segment: i for i, segment in enumerate(theme.segments)}
    ordered = sorted(rows, key=lambda row: (live.segments[row].transcript not in new, rank[live.segments[row].id]))
    seen: set[str] = set()
    found = []
    for row in ordered:
        who = live.case(live.segments[row]) or live.segments[row].transcript
        if who not in seen:
            seen.add(who)
            found.append(row)
    return found[:most]


def _words(live: LiveProject, segment: Segment, question: str) -> Words:
    transcript = live.transcripts[segment.transcript]
    return Words(
        transcript.quotation(segment.start, segment.end),
        question,
        segment.id,
        transcript.id,
        transcript.name,
        segment.start,
        segment.end,
        transcript.turns[segment.turn].speaker or "",
        live.case(segment),
        transcript.wave or "",
    )


# --- in words ---------------------------------------------------------------------------------------------------------------------------


def _said(live: LiveProject, found: Waves) -> Iterable[str]:
    asked = found.asked
    yield (
        f"{len(found.new)} transcript{'s are' if len(found.new) != 1 else ' is'} new (wave {asked.since} and later). "
        f"The codebook is that of version {asked.version}, with "
        f"{found.codes} codes, and learned nothing from them."
    )
    if not found.codes:
        yield "That version is empty: it codes nothing, continues nothing and foresaw nothing."
    elif found.held_new.segments and found.held_before.segments:
        yield (
            f"It codes {found.held_new.share:.0%} of the new segments and {found.held_before.share:.0%} of those before; it was made from "
            f"the latter, so that a small loss is no news."
        )
    for said in ("grown", "shrunk", "new", "gone"):
        names = [one.row.row.name for one in found.moved if one.said == said]
        if names:
            verb = {
                "grown": "More people say",
                "shrunk": "Fewer people say",
                "new": "Nobody said before",
                "gone": "Nobody says now",
            }[said]
            yield f"{verb} {_names(names)} (wave {asked.before} to {asked.since})."
    hidden = sum(one.said == "hidden" for one in found.moved)
    unclear = sum(one.said == "not clear" for one in found.moved)
    yield (
        f"Of {len(found.moved)} codes {unclear} show no clear change and {hidden} are said by too few people to be shown. "
        f"{found.change.multiplicity[:1].upper()}{found.change.multiplicity[1:]}"
    )
    late = [one.theme.name for one in found.new_themes if one.p < LIKELY]
    names = [one.theme.name for one in found.new_themes]
    of_new = (
        f"more than chance of the new interviews: {_names(late)}"
        if late
        else "none is of the new interviews more than chance gives"
    )
    yield (
        f"{len(names)} found themes are continued by no code of that version ({of_new})."
        if names
        else "Every found theme continues a code of that version."
    )
    drifts = [one.name for one in found.drifting if one.drift.q_value < LIKELY]
    yield (
        f"The meaning of {_names(drifts)} drifts (adjusted p below {LIKELY})."
        if drifts
        else f"No code's meaning drifts, of {len(found.drifting)} that could be tested; {found.untold} have too few segments to tell."
    )
    sure = [one.name for one in found.unexpected if one.sure]
    few = "with so few people none of them surely so"
    if 2 * found.taught < found.foreseeing:
        few = (
            f"none of them surely so, as the machine knows {found.foreseeing - found.taught} of the {found.foreseeing} codes by their "
            "entries only: code some of the interviews before with them, and ask again"
        )
    if not found.foreseeing and found.codes:
        few = "that none was foreseen says little, as no code was there before the new interviews: name a version from before them"
    elif not found.codes:
        few = "that none was foreseen says nothing, as the codebook was empty"
    if found.unexpected:
        yield (
            f"{len(found.unexpected)} themes under a lens came up though nobody asked about them and no code foresaw them; "
            + (f"surely so: {_names(sure)}." if sure else f"{few}.")
        )
    else:
        yield "No theme under a lens came up unasked that no code foresaw."


def _names(names: Iterable[str]) -> str:
    held = list(names)
    return ", ".join(f'"{name}"' for name in held[:6]) + (f" and {len(held) - 6} more" if len(held) > 6 else "")


# --- for the evidence pack --------------------------------------------------------------------------------------------------------------


def waves_section(found: Waves) -> Section:
    """What the evidence pack says of it."""
    from textcoder.reports.evidence import Grid, Heading, Quoted, Says, Section
    from textcoder.reports.evidence.parts import Part

    asked = found.asked
    moved = Grid(
        "Change between waves",
        (
            "Code",
            f"Wave {asked.before}",
            "Asked before",
            f"Wave {asked.since}",
            "Asked after",
            "Difference",
            "Low",
            "High",
            "Said",
        ),
        [
            (
                one.row.row.name,
                *((e.n, e.of) if (e := one.row.overall.before) else (None, None)),
                *((e.n, e.of) if (e := one.row.overall.after) else (None, None)),
                *((e.value, e.low, e.high) if (e := one.row.overall.difference) else (None,) * 3),
                one.said,
            )
            for one in found.moved
        ],
        note=f"{found.methods['frozen']}. {found.change.multiplicity}",
    )
    parts: list[Part] = [Says(one) for one in found.sentences]
    if moved.rows:
        parts.append(moved)
    if found.unexpected:
        parts += [
            Heading("Unexpected effects"),
            Says(f"How this was judged: {found.methods['asked']}; {found.methods['foreseen']}."),
        ]
        for one in found.unexpected:
            said = f"{one.name}: {one.unasked} of {one.people} people bring it up unasked ({one.low:.0%} to {one.high:.0%})."
            parts.append(Says(said))
            parts += [
                Quoted(words.text, f"{words.speaker or words.case}, {words.file}:{words.start}-{words.end}")
                for words in one.quotations[:2]
            ]
    return Section("waves", f"Waves {asked.before} to {asked.since} against a frozen codebook", tuple(parts))
