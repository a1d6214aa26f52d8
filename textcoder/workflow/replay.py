"""A refit, another encoder or a new wave against the log: what people decided stands, and what is new is shown with its evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textcoder.domain.codebook import Code, CodeStatus
from textcoder.domain.coding import Status
from textcoder.domain.places import Places
from textcoder.domain.standing import Standing
from textcoder.domain.theme import Theme, ThemeMap, ThemeStatus
from textcoder.domain.transcript import Transcript
from textcoder.errors import UnknownItem
from textcoder.store import Store
from textcoder.workflow.live import LiveProject

if TYPE_CHECKING:
    from textcoder.novelty import Drift, Novelty


def keep_identity(store: Store, found: ThemeMap) -> ThemeMap:
    """Newly found themes, with those that continue what people adopted or dismissed marked as such.

    A theme continues a code where it holds much of what carries that code: people's codings and the segments of the theme that was
    adopted. As long as nobody has confirmed any code, the codebook is the machine's own and is drafted anew.
    """
    from textcoder.novelty import match_themes

    standing, before = Standing(store.decisions()), store.themes()
    codes = {code.id: code for code in standing.codebook.in_use}
    if all(code.status is CodeStatus.PROVISIONAL for code in standing.codebook):
        codes = {}
    dismissed = {t: state for t, state in standing.theme_states.items() if state["status"] == ThemeStatus.REJECTED}
    if not codes and not dismissed:
        return found
    carried = carriers(store, standing, before, codes)
    # What was dismissed is matched like a code, so that it goes to the theme that continues it and to no other.
    carried |= {f"dismissed {theme}": set(state["segments"]) for theme, state in dismissed.items()}
    lenses = {code.id: code.lens for code in codes.values()}
    lenses |= {f"dismissed {theme}": state["lens"] for theme, state in dismissed.items()}
    seen = {segment for theme in before.themes for segment in theme.segments}
    seen |= {loose.segment for loose in before.unassigned} | {s for segments in carried.values() for s in segments}
    continued = {one.theme: one.code for one in match_themes(found.themes, carried, lenses, known=seen)}
    return replace(found, themes=tuple(_marked(theme, continued[theme.id], codes) for theme in found.themes))


def _marked(theme: Theme, continues: str | None, codes: Mapping[str, Code]) -> Theme:
    if continues is None:
        return theme
    if continues in codes:
        return replace(theme, status=ThemeStatus.ADOPTED, code=continues)
    return replace(theme, status=ThemeStatus.REJECTED)


def carriers(store: Store, standing: Standing, themes: ThemeMap, codes: Collection[str]) -> dict[str, set[str]]:
    """Code id -> the segments that carry it: accepted by a person, or of the theme for which it stands, and not rejected."""
    places = Places(store.segments())
    carried: dict[str, set[str]] = {code: set() for code in codes}
    rejected: dict[str, set[str]] = defaultdict(set)
    for theme in themes.themes:
        if theme.code in carried:
            carried[theme.code].update(theme.segments)
    for theme_state in standing.theme_states.values():
        if theme_state["code"] in carried:
            carried[theme_state["code"]].update(theme_state["segments"])
    accepted: dict[str, set[str]] = defaultdict(set)
    for coding in standing.codings.values():
        kept = accepted if coding.status is Status.ACCEPTED else rejected
        kept[coding.code].update(
            places.segments[row].id for row in places.under(coding.transcript, coding.start, coding.end)
        )
    return {code: (segments - rejected[code]) | accepted[code] for code, segments in carried.items()}


@dataclass(frozen=True, slots=True)
class Changes:
    """What new material does to a codebook.

    Attributes:
        new: Names of the transcripts that count as new.
        candidates: Themes that continue no code, with the evidence that they are new; dismissed ones are left out.
        drifted: For each code, whether its new segments differ from its old ones.
    """

    new: tuple[str, ...]
    candidates: tuple[tuple[Theme, Novelty], ...]
    drifted: tuple[Drift, ...]


def changes(live: LiveProject, *, since: str | None = None) -> Changes:
    """Compare the newest material with what came before it.

    Args:
        live: The project, with the codings of a run.
        since: Wave from which transcripts are new; None takes the last wave.

    Raises:
        UnknownItem: No transcript has a wave, or none has that one.
    """
    from textcoder.novelty import Material, drift, novelty

    new = newest(live.transcripts.values(), since)
    book = live.standing.codebook
    themes = live.store.themes()
    carried = carriers(live.store, live.standing, themes, {code.id for code in book.in_use})
    for code in carried:
        carried[code].update(live.segments[row].id for row in live.suggested_rows(code))
    ids = tuple(segment.id for segment in live.segments)
    material = Material(ids, tuple(segment.transcript for segment in live.segments), live.vectors)
    lenses = {code.id: code.lens for code in book.in_use}
    waves = {transcript: "new" if transcript in new else "before" for transcript in live.transcripts}
    candidates = [theme for theme in themes.themes if theme.status is ThemeStatus.CANDIDATE and theme.segments]
    return Changes(
        tuple(live.transcripts[transcript].name for transcript in live.transcripts if transcript in new),
        tuple((theme, novelty(theme, material, carried, lenses, waves)) for theme in candidates),
        drift(material, carried, new, seed=live.settings.seed),
    )


def newest(transcripts: Collection[Transcript], since: str | None) -> frozenset[str]:
    """Ids of the transcripts of a wave and the later ones; of the last wave if none is named."""
    waves = sorted({t.wave for t in transcripts if t.wave is not None}, key=_as_number)
    if not waves or (since is not None and since not in waves):
        named = (
            f"; it has {', '.join(waves)}" if waves else ". Give waves in the cases table, or in the names of the files"
        )
        raise UnknownItem(
            f"No transcript has the wave {since}{named}." if since else f"No transcript has a wave{named}."
        )
    later = waves[waves.index(since) :] if since is not None else waves[-1:]
    return frozenset(t.id for t in transcripts if t.wave in later)


def _as_number(wave: str) -> tuple[int, float, str]:
    try:
        return 0, float(wave), wave
    except ValueError:
        return 1, 0.0, wave
