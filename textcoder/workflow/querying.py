"""The evaluator's questions to a project: its facts are laid out once, and again only when something has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textcoder.domain.codebook import Codebook
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.project import Case
from textcoder.domain.standing import Standing
from textcoder.domain.study import Study
from textcoder.domain.theme import ThemeMap, ThemeStatus
from textcoder.domain.transcript import Outcome
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.live import LiveProject
from textcoder.workflow.quoting import chosen_quotes
from textcoder.workflow.results import fresh_study, manifest_of, read_study
from textcoder.workflow.rounds import visible
from textcoder.workflow.steps import Progress, silent

if TYPE_CHECKING:
    from textcoder.query import Facts, Suggestions


def facts_of(live: LiveProject, *, coder: str = "", kept: Facts | None = None) -> Facts:
    """What counts in an open project now, with the machine's suggestions as it has learned up to this moment.

    Themes stand as people left them: adopted ones under their codes, dismissed ones are gone. A project that files were added to is
    opened anew before it is asked.

    Cost: where something was decided, some tenths of a second at 100,000 segments, ten times that the first time; else a look at the log.

    Args:
        live: The project; decisions of others are taken in first.
        coder: Id of whoever asks: of an open sample that she codes blind, she sees her own codings only. Empty for others.
        kept: The facts of an earlier call, given back as they are where nothing has changed since.
    """
    from textcoder.query import Facts, Layout

    live.catch_up()
    key = (live.standing.number, _sources(live.store), _blind(live, coder))
    if kept is not None and kept.key == key:
        return kept
    store, standing = live.store, live.standing
    if live.layout is None or (live.layout.study.project, live.layout.study.cases) != (store.project(), _cases(live)):
        live.layout = Layout.of(replace(_material(live), themes=store.themes()))
    people = list(standing.codings.values())
    study = replace(
        live.layout.study,
        themes=_as_left(live.layout.study.themes, standing.theme_states),
        codebook=standing.codebook,
        codings=tuple(visible(standing, coder, people) if coder else people),
        coders=_coders(store),
    )
    return Facts.of(study, key=key, layout=live.layout, suggested=_suggestions(live))


def _suggestions(live: LiveProject) -> Suggestions:
    """What the machine says now, of all segments."""
    from textcoder.coder import MACHINE
    from textcoder.query import Suggestions

    found = live.suggested()
    codes = tuple(code.id for code in live.machine.codes_)
    # Rows of the machine are in the order of the store's segments, and so are those of the facts.
    return Suggestions(MACHINE, codes, found.at.astype("int64"), found.code.astype("int64"), found.probability)


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


def study_of(live: LiveProject, *, coder: str = "") -> Study:
    """The whole project as results and exports see it, with what the machine suggests now; nothing is written for it.

    A project that was never coded has no suggestions.

    Args:
        live: The project; decisions of others are taken in first.
        coder: Id of whoever asks: of an open sample that she codes blind, she sees her own codings only. Empty for others.
    """
    live.catch_up()
    if live.store.finished("code") is None:
        study = read_study(live.store, live.settings)
    else:
        study = _study(live, coder)
        study = replace(study, manifest=manifest_of(live.store, study, live.log, live.settings))
    place = {transcript.id: number for number, transcript in enumerate(study.transcripts)}
    seen = visible(live.standing, coder, study.codings) if coder else study.codings
    return replace(
        study,
        codings=tuple(sorted(seen, key=lambda c: (place[c.transcript], c.start, c.end, c.code, c.coder))),
        quotes=chosen_quotes(live.standing, live.transcripts, coder=coder),
    )


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
    standing = live.standing
    people = list(standing.codings.values())
    return replace(
        _material(live),
        themes=_as_left(live.store.themes(), standing.theme_states),
        codebook=standing.codebook,
        codings=(*(visible(standing, coder, people) if coder else people), *live.codings()),
    )


def _material(live: LiveProject) -> Study:
    """What was read, without what is decided."""
    store = live.store
    return Study(
        project=store.project(),
        files=tuple(store.files()),
        transcripts=tuple(live.transcripts.values()),
        segments=tuple(live.segments),
        cases=_cases(live),
        placements=live.placements,
        themes=ThemeMap((), ()),
        codebook=Codebook(()),
        codings=(),
        coders=_coders(store),
    )


def _cases(live: LiveProject) -> tuple[Case, ...]:
    """Those that say something."""
    return tuple(case for case in live.store.cases() if case.id in live.speaking)


def _coders(store: Store) -> tuple[Coder, ...]:
    """All, and the machine, which speaks also where it has never been run."""
    from textcoder.coder import MACHINE

    coders = {MACHINE: Coder(MACHINE, "textcoder", CoderKind.MACHINE)} | {one.id: one for one in store.coders()}
    return tuple(coders[id_] for id_ in sorted(coders))


def _as_left(themes: ThemeMap, states: Mapping[str, Mapping[str, Any]]) -> ThemeMap:
    """The themes of the last run with what people made of them since."""
    left = [
        replace(theme, status=ThemeStatus(state["status"]), code=state["code"])
        if (state := states.get(theme.id))
        else theme
        for theme in themes.themes
    ]
    return replace(themes, themes=tuple(left))
