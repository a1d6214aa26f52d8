"""The evaluator's questions to a project: its facts are laid out once, and again only when something has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.standing import Standing
from textcoder.domain.study import Study
from textcoder.domain.theme import ThemeMap, ThemeStatus
from textcoder.domain.transcript import Outcome
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.live import LiveProject
from textcoder.workflow.results import fresh_study
from textcoder.workflow.rounds import visible
from textcoder.workflow.steps import Progress, silent

if TYPE_CHECKING:
    from textcoder.query import Facts


def facts_of(live: LiveProject, *, coder: str = "", kept: Facts | None = None) -> Facts:
    """What counts in an open project now, with the machine's suggestions as it has learned up to this moment.

    Themes stand as people left them: adopted ones under their codes, dismissed ones are gone. A project that files were added to is
    opened anew before it is asked.

    Cost: where something changed, all suggestions and about a second a 100,000 segments; else a look at the log.

    Args:
        live: The project; decisions of others are taken in first.
        coder: Id of whoever asks: of an open sample that she codes blind, she sees her own codings only. Empty for others.
        kept: The facts of an earlier call, given back as they are where nothing has changed since.
    """
    from textcoder.query import Facts

    live.catch_up()
    key = (live.standing.number, _sources(live.store), _blind(live, coder))
    return kept if kept is not None and kept.key == key else Facts.of(_study(live, coder), key=key)


def stored_facts(store: Store, settings: Settings, *, kept: Facts | None = None, progress: Progress = silent) -> Facts:
    """What counts in a project as its results and reports read it, without keeping the project open.

    Args:
        store: The project.
        settings: As it was coded.
        kept: As in `facts_of`.
        progress: Told where the machine must learn from newer decisions first.
    """
    from textcoder.query import Facts

    log = store.decisions()
    before = (log[-1].number if log else 0, _sources(store))
    if kept is not None and kept.key == (*before, store.finished("code")):
        return kept
    # Reading a study may code anew; whatever else happens meanwhile makes the key an old one, so that the next call reads again.
    study = fresh_study(store, settings, progress=progress)
    study = replace(study, themes=_as_left(study.themes, Standing(log).theme_states))
    return Facts.of(study, key=(*before, store.finished("code")))


def _sources(store: Store) -> tuple[object, ...]:
    """What facts follow from beside decisions: files, the cases table, lenses and themes."""
    files = tuple((file.path, file.sha256, file.outcome) for file in store.files())
    # A step of reading remembers the whole cases table, so that one file's tells of it.
    first = next((path for path, _, outcome in files if outcome is Outcome.READ), "")
    return (files, *(store.finished(step) for step in (f"read {first}", "lenses", "themes")))


def _blind(live: LiveProject, coder: str) -> str:
    """The coder, if there is anything that she may not see."""
    samples = live.standing.samples.values()
    return coder if any(sample.is_blind_for(coder) for sample in samples) else ""


def _study(live: LiveProject, coder: str) -> Study:
    """The open project as a whole, as a coder may see it."""
    from textcoder.coder import MACHINE

    store, standing = live.store, live.standing
    transcripts = tuple(live.transcripts.values())
    speaking = {turn.case for transcript in transcripts for turn in transcript.turns}
    people = list(standing.codings.values())
    coders = {MACHINE: Coder(MACHINE, "textcoder", CoderKind.MACHINE)} | {one.id: one for one in store.coders()}
    return Study(
        project=store.project(),
        files=tuple(store.files()),
        transcripts=transcripts,
        segments=tuple(live.segments),
        cases=tuple(case for case in store.cases() if case.id in speaking),
        placements=live.placements,
        themes=_as_left(store.themes(), standing.theme_states),
        codebook=standing.codebook,
        codings=(*(visible(standing, coder, people) if coder else people), *live.codings()),
        coders=tuple(coders[id_] for id_ in sorted(coders)),
    )


def _as_left(themes: ThemeMap, states: Mapping[str, Mapping[str, Any]]) -> ThemeMap:
    """The themes of the last run with what people made of them since."""
    left = [
        replace(theme, status=ThemeStatus(state["status"]), code=state["code"])
        if (state := states.get(theme.id))
        else theme
        for theme in themes.themes
    ]
    return replace(themes, themes=tuple(left))
