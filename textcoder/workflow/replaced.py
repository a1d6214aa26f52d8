"""Texts that are read no more since their file was corrected: put away whole, and brought back by an undo just as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from textcoder.domain.decision import Decision, DecisionKind, text_of
from textcoder.domain.transcript import Outcome, Role, Segment, SourceFile, SyncPoint, Transcript, Turn
from textcoder.errors import Conflict, StoreError
from textcoder.store import Store

Rest = ParamSpec("Rest")

_STEPS = ("lenses", "themes", "code")
STALE = "before a text was corrected"
"""The key of a step that was finished then: it is due again."""


def remember(store: Store, transcript: str) -> None:
    """Keep a transcript with its segments as it is read now, before another takes its place."""
    file = next(f for f in store.files() if f.transcript == transcript and f.outcome is Outcome.READ)
    segments = [segment for segment in store.segments() if segment.transcript == transcript]
    _keep(store, store.transcript(transcript), segments, file.note, store.finished(f"speakers of {file.path}"))


def keep_away(store: Store, transcript: Transcript, segments: Sequence[Segment]) -> None:
    """Put away a transcript that came in as one of those that are read no more."""
    _keep(store, transcript, segments, "", None)
    store.remove_transcript(transcript.id)


def _keep(store: Store, one: Transcript, segments: Sequence[Segment], note: str, speakers: str | None) -> None:
    places = [[segment.turn, segment.start, segment.end] for segment in segments]
    kept = {"transcript": asdict(one), "segments": places, "note": note, "speakers": speakers}
    store.save_value(_name(one.id), kept)


def put_away(store: Store, transcript: str) -> None:
    """Take a transcript that nothing stands on any more out of what is read; what a machine made of it is due again."""
    store.remove_transcript(transcript)
    for step in _STEPS:
        if store.finished(step) is not None:
            store.finish(step, STALE)


def bring_back(store: Store, path: str, transcript: str) -> None:
    """Read a file again as the transcript that was put away."""
    kept = store.value(_name(transcript))
    one, segments = _from_row(kept)
    file = SourceFile(path, one.sha256, Outcome.READ, kept["note"], one.id)
    store.add_transcript(one, segments, file=file, original=store.original(one.sha256))
    if kept["speakers"] is not None:
        store.finish(f"speakers of {path}", kept["speakers"])


def away(store: Store, transcripts: set[str]) -> list[tuple[Transcript, list[Segment]]]:
    """Transcripts that were put away, with their segments, sorted by id."""
    return [_from_row(store.value(_name(transcript))) for transcript in sorted(transcripts)]


@contextmanager
def texts_followed(store: Store, decisions: Sequence[Decision]) -> Iterator[None]:
    """Let the transcripts that are read be those of the log, around the writing of decisions about texts, in one transaction.

    The new text is there before anything stands on it, and the old one goes after nothing does any more.
    """
    changed = [(d.target, *text_of(d)) for d in decisions if d.kind is DecisionKind.SET_TEXT]
    for path, before, after in changed:
        files = store.files()
        if any(file.transcript == after and file.outcome is Outcome.READ for file in files):
            continue
        remember(store, before)
        bring_back(store, path, after)
    for _, before, after in changed:
        for file in store.files():
            if file.transcript == before:
                store.record_file(replace(file, transcript=after))
    yield
    for _, before, _ in changed:
        put_away(store, before)


def on_standing_texts(step: Callable[Concatenate[Store, Rest], None]) -> Callable[Concatenate[Store, Rest], None]:
    """A step that reads texts, and thinks for long before it writes; where one is corrected meanwhile it says so, and nothing is kept.

    What is written of a text refers to it, so that nothing of one that is gone can be written; without this the step would end with
    whatever it missed first.

    Raises:
        Conflict: A text was corrected meanwhile.
    """

    @wraps(step)
    def guarded(store: Store, /, *args: Rest.args, **kwargs: Rest.kwargs) -> None:
        before = _texts(store)
        try:
            step(store, *args, **kwargs)
        except (KeyError, StoreError) as error:
            if _texts(store) == before:
                raise
            raise corrected_meanwhile() from error

    return guarded


def corrected_meanwhile() -> Conflict:
    """What a step says that rests on texts which somebody has corrected, or read anew, since."""
    return Conflict("A transcript was corrected or read anew meanwhile, so this step was not kept; do it once more.")


def _texts(store: Store) -> dict[str, str | None]:
    return {file.path: file.transcript for file in store.files()}


def _name(transcript: str) -> str:
    return f"replaced {transcript}"


def _from_row(row: Mapping[str, Any]) -> tuple[Transcript, list[Segment]]:
    held = row["transcript"]
    one = Transcript(
        **{
            **held,
            "turns": tuple(Turn(**{**turn, "role": Role(turn["role"])}) for turn in held["turns"]),
            "pages": tuple(held["pages"]),
            "sync": tuple(SyncPoint(**point) for point in held["sync"]),
        }
    )
    return one, [Segment.of(one.id, *place) for place in row["segments"]]
