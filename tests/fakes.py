"""Fakes that tests of any room use: real implementations of our protocols, small and quick. No mocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from textcoder.domain.codebook import Codebook
from textcoder.domain.coding import Coder, CoderKind, Coding, LensPlacement
from textcoder.domain.decision import Decision, DecisionKind, as_json, codebook_of, coding_of, conflict
from textcoder.domain.project import Case, Project
from textcoder.domain.standing import coding_from
from textcoder.domain.theme import ThemeMap
from textcoder.domain.transcript import Segment, SourceFile, Transcript
from textcoder.errors import StoreError, UnknownItem


class MemoryStore:
    """A `Store` in dictionaries, as strict as a database about what refers to what; the same contract tests both."""

    def __init__(self, project: str = "study") -> None:
        self._project = Project(project, project)
        self._kept: dict[str, dict[Any, Any]] = {name: {} for name in _KEPT}
        self._themes = ThemeMap((), ())

    def project(self) -> Project:
        return self._project

    @contextmanager
    def reading(self) -> Iterator[None]:
        yield

    def save_project(self, project: Project) -> None:
        if project.id != self._project.id:
            raise StoreError(f"This is the store of project {self._project.id!r}, not of {project.id!r}.")
        self._project = project

    def add_transcript(
        self, transcript: Transcript, segments: Sequence[Segment], *, file: SourceFile, original: bytes
    ) -> None:
        with self.transaction():
            self._kept["sources"][transcript.sha256] = original
            self._kept["transcripts"][transcript.id] = transcript
            before = {id_ for id_, segment in self._kept["segments"].items() if segment.transcript == transcript.id}
            self._forget_segments(before - {segment.id for segment in segments})
            self._put("segments", segments)
            self.record_file(file)

    def remove_transcript(self, transcript: str) -> None:
        people = {coder.id for coder in self.coders() if coder.kind is CoderKind.HUMAN}
        if any(c.transcript == transcript and c.coder in people for c in self._kept["codings"].values()):
            raise StoreError(f"People have coded the transcript {transcript}; it stays, and so do their codings.")
        with self.transaction():
            self._forget_segments({id_ for id_, s in self._kept["segments"].items() if s.transcript == transcript})
            self._kept["codings"] = {k: c for k, c in self._kept["codings"].items() if c.transcript != transcript}
            for path, file in self._kept["files"].items():
                if file.transcript == transcript:
                    self._kept["files"][path] = replace(file, transcript=None)
            self._kept["transcripts"].pop(transcript, None)

    def _forget_segments(self, gone: set[str]) -> None:
        for segment in gone:
            del self._kept["segments"][segment]
            self._kept["placements"].pop(segment, None)
        themes = tuple(
            replace(
                theme,
                segments=tuple(s for s in theme.segments if s not in gone),
                representatives=tuple(s for s in theme.representatives if s not in gone),
            )
            for theme in self._themes.themes
        )
        self._themes = ThemeMap(themes, tuple(u for u in self._themes.unassigned if u.segment not in gone))

    def record_file(self, file: SourceFile) -> None:
        self._need("transcripts", {file.transcript} - {None})
        self._kept["files"][file.path] = file

    def files(self) -> list[SourceFile]:
        return sorted(self._kept["files"].values(), key=lambda file: file.path)

    def transcripts(self) -> list[Transcript]:
        return sorted(self._kept["transcripts"].values(), key=lambda transcript: (transcript.name, transcript.id))

    def transcript(self, transcript: str) -> Transcript:
        if transcript not in self._kept["transcripts"]:
            raise UnknownItem(f"The project has no transcript {transcript}.")
        return self._kept["transcripts"][transcript]

    def texts(self) -> dict[str, str]:
        return {id_: one.text for id_, one in self._kept["transcripts"].items()}

    def segments(self) -> list[Segment]:
        return sorted(self._kept["segments"].values(), key=lambda s: (*self._place(s.transcript), s.start, s.end))

    def original(self, sha256: str) -> bytes:
        if sha256 not in self._kept["sources"]:
            raise UnknownItem(f"The project keeps no file with the sha256 {sha256}.")
        return bytes(self._kept["sources"][sha256])

    def save_cases(self, cases: Sequence[Case]) -> None:
        self._put("cases", cases)

    def cases(self) -> list[Case]:
        return sorted(self._kept["cases"].values(), key=lambda case: case.id)

    def vectors(self, keys: Sequence[str], *, model: str) -> dict[str, npt.NDArray[np.float32]]:
        kept = self._kept["vectors"]
        return {key: kept[model, key].copy() for key in keys if (model, key) in kept}

    def save_vectors(self, vectors: Mapping[str, npt.NDArray[np.float32]], *, model: str) -> None:
        self._kept["vectors"].update({(model, key): vector.copy() for key, vector in vectors.items()})

    def forget_vectors(self, naming: str) -> None:
        kept = self._kept["vectors"]
        self._kept["vectors"] = {(model, key): row for (model, key), row in kept.items() if naming not in model}

    def save_placements(self, placements: Sequence[LensPlacement]) -> None:
        by_segment = {placement.segment: placement for placement in placements}
        self._need("segments", by_segment)
        self._refuse_twice(len(placements), len(by_segment))
        self._kept["placements"] = by_segment

    def placements(self, segments: Sequence[str] | None = None) -> dict[str, LensPlacement]:
        kept = self._kept["placements"]
        return {id_: kept[id_] for id_ in sorted(kept if segments is None else kept.keys() & set(segments))}

    def save_themes(self, themes: ThemeMap) -> None:
        for theme in themes.themes:
            self._need("segments", (*theme.segments, *theme.representatives))
        self._need("segments", [loose.segment for loose in themes.unassigned])
        self._refuse_twice(len(themes.themes), len({theme.id for theme in themes.themes}))
        self._themes = themes

    def themes(self) -> ThemeMap:
        return self._themes

    def append(self, decisions: Sequence[Decision], *, key: str = "") -> list[Decision]:
        if key and (known := [d for d in self.decisions() if d.key == key]):
            return known
        self._need("coders", [decision.coder for decision in decisions])
        latest = {(d.kind, d.target): d for d in self.decisions()}
        for decision in decisions:
            now = latest.get((decision.kind, decision.target))
            if as_json(decision.before) != (now.after if now else None):
                raise conflict(decision, now)
        first = len(self._kept["decisions"]) + 1
        new = [
            replace(d, number=number, act=first, key=key, before=as_json(d.before), after=as_json(d.after))
            for number, d in enumerate(decisions, start=first)
        ]
        with self.transaction():
            for decision in new:
                self._kept["decisions"][decision.number] = decision
                if decision.kind is DecisionKind.SET_CODING:
                    self._follow(decision)
        return new

    def _follow(self, decision: Decision) -> None:
        said, coding = coding_of(decision.target), coding_from(decision)
        if coding is None:
            self._kept["codings"].pop(said, None)
            return
        self._need("coders", [coding.coder])
        self._need("transcripts", [coding.transcript])
        self._kept["codings"][said] = coding

    def decisions(self, *, after: int = 0) -> list[Decision]:
        return [decision for decision in self._kept["decisions"].values() if decision.number > after]

    def codebook(self) -> Codebook:
        return codebook_of(self.decisions())

    def save_coder(self, coder: Coder) -> None:
        self._put("coders", [coder])

    def coders(self) -> list[Coder]:
        return sorted(self._kept["coders"].values(), key=lambda coder: coder.id)

    def save_codings(self, codings: Sequence[Coding], *, coder: str) -> None:
        if any(coding.coder != coder for coding in codings):
            raise StoreError(f"Codings of others among those to keep for {coder}.")
        if any(known.id == coder and known.kind is CoderKind.HUMAN for known in self.coders()):
            raise StoreError(f"The codings of {coder} are a person's; they change by decisions only.")
        self._need("coders", [coding.coder for coding in codings])
        self._need("transcripts", [coding.transcript for coding in codings])
        new = {(c.coder, c.transcript, c.start, c.end, c.code): c for c in codings}
        self._refuse_twice(len(codings), len(new))
        others = {key: coding for key, coding in self._kept["codings"].items() if coding.coder != coder}
        self._kept["codings"] = others | new

    def codings(self) -> list[Coding]:
        return sorted(
            self._kept["codings"].values(), key=lambda c: (*self._place(c.transcript), c.start, c.end, c.code, c.coder)
        )

    def finished(self, step: str) -> str | None:
        return self._kept["finished"].get(step)

    def finish(self, step: str, key: str) -> None:
        self._kept["finished"][step] = key

    def value(self, name: str) -> Any:
        return _as_json(self._kept["values"].get(name))

    def save_value(self, name: str, value: Any) -> None:
        self._kept["values"][name] = _as_json(value)

    def stamp(self) -> Hashable:
        return repr((self._project, self._kept, self._themes))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = self._project, self._themes, {name: dict(rows) for name, rows in self._kept.items()}
        try:
            yield
        except BaseException:
            self._project, self._themes, self._kept = before
            raise

    def close(self) -> None:
        pass

    def _put(self, name: str, items: Iterable[Any]) -> None:
        self._kept[name].update({item.id: item for item in items})

    def _need(self, name: str, ids: Iterable[Any]) -> None:
        missing = set(ids) - set(self._kept[name])
        if missing:
            raise StoreError(f"The project has no {name} {sorted(missing)!r}; nothing was written.")

    def _refuse_twice(self, given: int, different: int) -> None:
        if given != different:
            raise StoreError("A row stands twice; nothing was written.")

    def _place(self, transcript: str) -> tuple[str, str]:
        return self._kept["transcripts"][transcript].name, transcript


_KEPT = (
    *("sources", "transcripts", "segments", "files", "cases", "vectors", "placements"),
    *("coders", "decisions", "codings", "finished", "values"),
)


def _as_json(value: Any) -> Any:
    """What a JSON column gives back."""
    return json.loads(json.dumps(value, ensure_ascii=False, allow_nan=False, default=dict))


class HashEmbedder:
    """An `Embedder` without meaning: each text has its own direction, drawn from its hash."""

    def __init__(self, n_dims: int = 16) -> None:
        self.name = "hash"
        self.key = f"hash/{n_dims}"
        self.n_dims = n_dims

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.zeros((len(texts), self.n_dims), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
            row[:] = np.random.default_rng(seed).standard_normal(self.n_dims)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
