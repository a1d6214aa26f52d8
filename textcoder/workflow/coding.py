"""Segments seen through the lenses, gathered into candidate themes, and given codes by the machine coder."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from textcoder import __version__
from textcoder.domain.coding import Coder, CoderKind
from textcoder.domain.project import NO_LENS
from textcoder.domain.sample import SampleStatus
from textcoder.errors import NothingToCode
from textcoder.settings import Settings
from textcoder.store import Store
from textcoder.workflow.live import LiveProject
from textcoder.workflow.replaced import corrected_meanwhile, on_standing_texts
from textcoder.workflow.replay import keep_identity
from textcoder.workflow.steps import (
    Progress,
    embed,
    embedder_of,
    encoder_key,
    read,
    segments_with_texts,
    silent,
    step_key,
)

if TYPE_CHECKING:
    from textcoder.embeddings import Embedder


@on_standing_texts
def place_lenses(store: Store, settings: Settings, *, progress: Progress = silent) -> None:
    """See each segment through the lenses.

    Raises:
        NothingToCode: No participant says anything.
    """
    segments, texts = segments_with_texts(store)
    if not segments:
        raise NothingToCode(
            "No participant's words were found: all speakers seem to be interviewers, or the files hold no sentences. "
            'See `textcoder roles`, and set roles with --role "Name=participant".'
        )
    key = step_key("lenses", [(s.id, s.turn) for s in segments], _lens_settings(settings))
    if store.finished("lenses") == key:
        return
    from textcoder.lenses import in_context, place_segments

    readings, _ = read(texts, settings, load=store.vectors, save=store.save_vectors, progress=progress)
    readings = in_context(readings, [(s.transcript, s.turn) for s in segments])
    placements = place_segments([s.id for s in segments], readings, threshold=settings.lens_threshold)
    with store.transaction():
        store.save_placements(placements)
        store.finish("lenses", key)


@on_standing_texts
def find_themes(store: Store, settings: Settings, *, progress: Progress = silent) -> None:
    """Discover candidate themes, apart for each lens; put in place of the candidates there were.

    Raises:
        Conflict: A text was corrected or read anew, so that not all segments are seen through the lenses.
    """
    segments, texts = segments_with_texts(store)
    placements = store.placements()
    if any(segment.id not in placements for segment in segments):
        raise corrected_meanwhile()
    project = store.project()
    key = step_key(
        "themes", {i: p.lens if not p.abstained else NO_LENS for i, p in placements.items()}, _theme_settings(settings)
    )
    if store.finished("themes") == key:
        return
    vectors = embed(store, texts, settings, progress=progress)
    progress("Finding themes", 0, len(segments))
    from textcoder.segmentation import load_language_model
    from textcoder.themes import ThemeInput, discover_themes

    transcripts = {t.id: t for t in store.transcripts()}
    # The language of most transcripts; a study in two languages gets the stop words of one, and its report says so.
    language = Counter(t.language for t in transcripts.values()).most_common(1)[0][0]
    inputs = [
        ThemeInput(
            segment.id,
            text,
            transcripts[segment.transcript].turns[segment.turn].case or "",
            NO_LENS if placements[segment.id].abstained else placements[segment.id].lens,
        )
        for segment, text in zip(segments, texts, strict=True)
    ]
    found = discover_themes(
        inputs,
        vectors,
        lenses=[lens.id for lens in project.lenses],
        seed=settings.seed,
        n_themes=settings.themes,
        nlp=load_language_model("en", path=settings.spacy_path, parse=True) if language == "en" else None,
        embed=embedder_of(settings).embed,
        language=language,
        speakers={speaker for t in transcripts.values() for speaker in t.speakers() if speaker},
        progress=lambda done, total: progress("Finding themes", done, total),
    )
    with store.transaction():
        store.save_themes(keep_identity(store, found))
        store.save_value("encoder", settings.encoder)
        store.save_value("encoder_runtime", settings.encoder_runtime)
        store.finish("themes", key)


@on_standing_texts
def code(store: Store, settings: Settings, *, embedder: Embedder | None = None, progress: Progress = silent) -> None:
    """Suggest codes for every segment, under the machine's own name, as it has learned; what people coded is never touched.

    With the encoder that the settings name, unless another is given.
    """
    live = LiveProject(store, settings, embedder=embedder, progress=progress)
    if store.finished("code") == (key := _code_key(live)):
        return
    from textcoder.coder import MACHINE

    progress("Coding", 0, len(live.segments))
    codings = live.codings()
    with store.transaction():
        store.save_coder(Coder(MACHINE, "textcoder", CoderKind.MACHINE, f"{__version__} {live.embedder.key}"))
        store.save_codings(codings, coder=MACHINE)
        store.finish("code", key)
    progress("Coding", len(live.segments), len(live.segments))


def _code_key(live: LiveProject) -> str:
    """All that the suggestions follow from; that a person wrote a memo is no reason to code again."""
    standing = live.standing
    return step_key(
        "code",
        [asdict(entry) for entry in standing.codebook.in_use],
        sorted(live.members.items()),
        sorted((*said, coding.status) for said, coding in standing.codings.items()),
        sorted((segment, sorted(coders)) for segment, coders in standing.reviewed.items()),
        sorted(sample.name for sample in standing.samples.values() if sample.status is SampleStatus.OPEN),
        live.store.finished("lenses"),
        live.store.finished("training"),
        [encoder_key(live.settings) if live.own_embedder is None else live.own_embedder.key, __version__],
    )


def _lens_settings(settings: Settings) -> list[Any]:
    from textcoder.registry import find_model

    return [find_model("lens-head").revision, settings.lens_threshold, __version__]


def _theme_settings(settings: Settings) -> list[Any]:
    return [encoder_key(settings), settings.seed, settings.themes, __version__]
