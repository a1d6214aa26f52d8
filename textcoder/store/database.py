"""The store in a database: SQLite for one person, PostgreSQL for a team."""

# ruff: noqa: D102  (what each method promises stands in `Store`)

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import Column, ColumnElement, Connection, Delete, Select, Table, delete, func, select, update

from textcoder.domain.codebook import Codebook
from textcoder.domain.coding import Coder, CoderKind, Coding, LensPlacement
from textcoder.domain.decision import Decision, DecisionKind, as_json, codebook_of, coding_of, conflict
from textcoder.domain.project import Case, Project
from textcoder.domain.standing import coding_from
from textcoder.domain.theme import Theme, ThemeMap, Unassigned
from textcoder.domain.transcript import Segment, SourceFile, Transcript, Turn
from textcoder.errors import StoreError, UnknownItem
from textcoder.store import schema
from textcoder.store.connection import Database, insert, put, remove
from textcoder.store.migrate import prepare
from textcoder.store.rows import (
    columns_of,
    project_from,
    project_row,
    rows_of,
    theme_segment_rows,
    themes_from,
    transcript_from,
    transcript_row,
    turns_by_transcript,
)

KEYS_AT_ONCE = 500  # a statement of older SQLite versions takes 999 values
MANY_PARTS = 10

T = TypeVar("T")


class DatabaseStore:
    """One project in one database (see `Store`). Threads may share it; each has its own transactions."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    @classmethod
    def open(cls, url: str, *, project: str, create: bool) -> DatabaseStore:
        """See `open_store`."""
        with ExitStack() as undo:
            database = Database(url, project)
            undo.callback(database.close)
            prepare(database, create=create)
            store = cls(database, project)
            store._find_project(create=create)
            undo.pop_all()
        return store

    def _find_project(self, *, create: bool) -> None:
        if self._project in (known := self._known_projects()):
            return
        if not create:
            names = ", ".join(sorted(known)) or "none"
            raise StoreError(f"There is no project {self._project!r} in {self._database.place}; it has: {names}.")
        with self._database.writing():
            # Another process may have made it, and named it, while this one waited for its turn.
            if self._project not in self._known_projects():
                self.save_project(Project(self._project, self._project))

    def _known_projects(self) -> set[str]:
        with self._database.reading() as connection:
            return set(connection.scalars(select(schema.projects.c.project_id)))

    def project(self) -> Project:
        with self._database.reading() as connection:
            return project_from(connection.execute(self._select(schema.projects)).one())

    def save_project(self, project: Project) -> None:
        if project.id != self._project:
            raise StoreError(f"This is the store of project {self._project!r}, not of {project.id!r}.")
        self._put(schema.projects, [project_row(project)])

    def add_transcript(
        self, transcript: Transcript, segments: Sequence[Segment], *, file: SourceFile, original: bytes
    ) -> None:
        id_, same = transcript.id, {"project_id": self._project}
        turns = rows_of(schema.turns, Turn, transcript.turns, **same, transcript=id_)
        with self._database.writing() as connection:
            put(connection, schema.sources, [{**same, "sha256": transcript.sha256, "bytes": original}])
            put(connection, schema.transcripts, [transcript_row(schema.transcripts, transcript, self._project)])
            connection.execute(self._delete(schema.turns, transcript=id_))
            insert(connection, schema.turns, [{**row, "number": number} for number, row in enumerate(turns)])
            self._replace_segments(connection, id_, segments)
            put(connection, schema.files, rows_of(schema.files, SourceFile, [file], **same))

    def _replace_segments(self, connection: Connection, transcript: str, segments: Sequence[Segment]) -> None:
        """Delete only what is gone: placements and themes go with their segment, and what stays keeps them."""
        table = schema.segments
        before = set(connection.scalars(self._select(table, table.c.id).where(table.c.transcript == transcript)))
        gone = sorted(before - {segment.id for segment in segments})
        remove(connection, table, [{"project_id": self._project, "id": segment} for segment in gone])
        put(connection, table, rows_of(table, Segment, segments, project_id=self._project))

    def remove_transcript(self, transcript: str) -> None:
        codings, coders = schema.codings, schema.coders
        with self._database.writing() as connection:
            people = self._select(coders, coders.c.id).where(coders.c.kind == CoderKind.HUMAN)
            hers = self._select(codings, codings.c.coder).where(
                codings.c.transcript == transcript, codings.c.coder.in_(people)
            )
            if connection.execute(hers.limit(1)).first():
                raise StoreError(f"People have coded the transcript {transcript}; it stays, and so do their codings.")
            self._replace_segments(connection, transcript, [])
            connection.execute(self._delete(codings, transcript=transcript))
            connection.execute(self._delete(schema.turns, transcript=transcript))
            files = schema.files
            named = (files.c.project_id == self._project) & (files.c.transcript == transcript)
            connection.execute(update(files).where(named).values(transcript=None))
            connection.execute(self._delete(schema.transcripts, id=transcript))

    def record_file(self, file: SourceFile) -> None:
        self._put(schema.files, rows_of(schema.files, SourceFile, [file], project_id=self._project))

    def files(self) -> list[SourceFile]:
        return sorted(self._all(schema.files, SourceFile), key=lambda file: file.path)

    def transcripts(self) -> list[Transcript]:
        return sorted(self._transcripts(), key=lambda transcript: (transcript.name, transcript.id))

    def transcript(self, transcript: str) -> Transcript:
        found = self._transcripts(transcript)
        if not found:
            raise UnknownItem(f"The project has no transcript {transcript}.")
        return found[0]

    def _transcripts(self, only: str | None = None) -> list[Transcript]:
        turns, table = schema.turns, schema.transcripts
        said = self._select(turns, turns.c.transcript, *columns_of(turns, Turn)).order_by(turns.c.number)
        query = self._select(table, *columns_of(table, Transcript))
        if only is not None:
            said, query = said.where(turns.c.transcript == only), query.where(table.c.id == only)
        with self._database.reading() as connection:
            by_transcript = turns_by_transcript(connection.execute(said))
            return [transcript_from(row, by_transcript.get(row.id, [])) for row in connection.execute(query)]

    def texts(self) -> dict[str, str]:
        table = schema.transcripts
        with self._database.reading() as connection:
            return {id_: text for id_, text in connection.execute(self._select(table, table.c.id, table.c.text))}

    def segments(self) -> list[Segment]:
        found = self._all(schema.segments, Segment)
        place = self._places()
        return sorted(found, key=lambda segment: (place[segment.transcript], segment.start, segment.end))

    def original(self, sha256: str) -> bytes:
        table = schema.sources
        with self._database.reading() as connection:
            found = connection.scalar(self._select(table, table.c.bytes).where(table.c.sha256 == sha256))
        if found is None:
            raise UnknownItem(f"The project keeps no file with the sha256 {sha256}.")
        return bytes(found)

    def save_cases(self, cases: Sequence[Case]) -> None:
        self._put(schema.cases, rows_of(schema.cases, Case, cases, project_id=self._project))

    def cases(self) -> list[Case]:
        return sorted(self._all(schema.cases, Case), key=lambda case: case.id)

    def vectors(self, keys: Sequence[str], *, model: str) -> dict[str, npt.NDArray[np.float32]]:
        table = schema.vectors
        query = self._select(table, table.c.key, table.c.vector).where(table.c.model == model)
        found: dict[str, npt.NDArray[np.float32]] = {}
        with self._database.reading() as connection:
            # Many keys are most of what there is, and reading all of it in its order takes a third of the time.
            parts = [keys[first : first + KEYS_AT_ONCE] for first in range(0, len(keys), KEYS_AT_ONCE)]
            queries = [query] if len(parts) > MANY_PARTS else [query.where(table.c.key.in_(part)) for part in parts]
            wanted = set(keys)
            for one in queries:
                for key, blob in connection.execute(one).all():
                    if key in wanted:
                        found[key] = np.frombuffer(blob, dtype="<f4").astype(np.float32, copy=False)
        return found

    def save_vectors(self, vectors: Mapping[str, npt.NDArray[np.float32]], *, model: str) -> None:
        same = {"project_id": self._project, "model": model}
        rows = [{**same, "key": key, "vector": vector.astype("<f4").tobytes()} for key, vector in vectors.items()]
        self._put(schema.vectors, rows)

    def forget_vectors(self, naming: str) -> None:
        with self._database.writing() as connection:
            gone = self._delete(schema.vectors).where(schema.vectors.c.model.contains(naming, autoescape=True))
            connection.execute(gone)

    def save_placements(self, placements: Sequence[LensPlacement]) -> None:
        rows = rows_of(schema.placements, LensPlacement, placements, project_id=self._project)
        with self._database.writing() as connection:
            connection.execute(self._delete(schema.placements))
            insert(connection, schema.placements, rows)

    def placements(self, segments: Sequence[str] | None = None) -> dict[str, LensPlacement]:
        table = schema.placements
        if segments is None:
            rows = self._all(table, LensPlacement)
        else:
            parts = [segments[first : first + KEYS_AT_ONCE] for first in range(0, len(segments), KEYS_AT_ONCE)]
            query = self._select(table, *columns_of(table, LensPlacement))
            with self._database.reading() as connection:
                found = [row for part in parts for row in connection.execute(query.where(table.c.segment.in_(part)))]
            rows = [LensPlacement(*row) for row in found]
        return dict(sorted((placement.segment, placement) for placement in rows))

    def save_themes(self, themes: ThemeMap) -> None:
        same = {"project_id": self._project}
        rows = rows_of(schema.themes, Theme, themes.themes, **same)
        loose = rows_of(schema.unassigned, Unassigned, themes.unassigned, **same)
        with self._database.writing() as connection:
            connection.execute(self._delete(schema.themes))  # takes theme_segments with it
            connection.execute(self._delete(schema.unassigned))
            insert(connection, schema.themes, [{**row, "position": i} for i, row in enumerate(rows)])
            insert(connection, schema.theme_segments, theme_segment_rows(themes.themes, self._project))
            insert(connection, schema.unassigned, [{**row, "position": i} for i, row in enumerate(loose)])

    def themes(self) -> ThemeMap:
        themes, held = schema.themes, schema.theme_segments
        with self._database.reading() as connection:
            rows = connection.execute(self._select(themes, *columns_of(themes, Theme)).order_by(themes.c.position))
            columns = self._select(held, held.c.theme, held.c.part, held.c.segment).order_by(held.c.position)
            found = themes_from(rows, connection.execute(columns))
            return ThemeMap(found, tuple(self._all(schema.unassigned, Unassigned, schema.unassigned.c.position)))

    def append(self, decisions: Sequence[Decision], *, key: str = "") -> list[Decision]:
        table = schema.decisions
        with self._database.writing() as connection:  # one writer a project, hence no number twice
            if key and (known := self._log(table.c.key == key)):
                return known
            self._refuse_outdated(connection, decisions)
            last = connection.scalar(self._select(table, func.max(table.c.number))) or 0
            numbered = [
                replace(d, before=as_json(d.before), after=as_json(d.after), number=last + i, act=last + 1, key=key)
                for i, d in enumerate(decisions, start=1)
            ]
            insert(connection, table, rows_of(table, Decision, numbered, project_id=self._project))
            self._follow(connection, numbered)
        return numbered

    def _refuse_outdated(self, connection: Connection, decisions: Sequence[Decision]) -> None:
        """What each decision found must be what the last decision about the same thing left."""
        table = schema.decisions
        latest: dict[tuple[DecisionKind, str], Decision] = {}
        targets = sorted({decision.target for decision in decisions})
        for first in range(0, len(targets), KEYS_AT_ONCE):
            some = targets[first : first + KEYS_AT_ONCE]
            newest = (
                self._select(table, func.max(table.c.number))
                .where(table.c.target.in_(some))
                .group_by(table.c.kind, table.c.target)
            )
            for found in self._log(table.c.number.in_(newest)):
                latest[found.kind, found.target] = found
        for decision in decisions:
            now = latest.get((decision.kind, decision.target))
            if as_json(decision.before) != (now.after if now else None):
                raise conflict(decision, now)

    def _follow(self, connection: Connection, decisions: Sequence[Decision]) -> None:
        """Keep people's codings as the log has them."""
        table = schema.codings
        said = {d.target: coding_from(d) for d in decisions if d.kind is DecisionKind.SET_CODING}
        codings = [coding for coding in said.values() if coding is not None]
        put(connection, table, rows_of(table, Coding, codings, project_id=self._project))
        names = ("coder", "transcript", "start", "end", "code")
        gone = [dict(zip(names, coding_of(target), strict=True)) for target, coding in said.items() if coding is None]
        remove(connection, table, [{"project_id": self._project, **place} for place in gone])

    def decisions(self, *, after: int = 0) -> list[Decision]:
        return self._log(schema.decisions.c.number > after)

    def _log(self, where: ColumnElement[bool]) -> list[Decision]:
        table = schema.decisions
        query = self._select(table, *columns_of(table, Decision)).where(where).order_by(table.c.number)
        with self._database.reading() as connection:
            found = [Decision(*row) for row in connection.execute(query)]
        # Before acts had numbers, each decision was one by itself.
        return [d if d.act else replace(d, act=d.number) for d in found]

    def codebook(self) -> Codebook:
        return codebook_of(self.decisions())

    def save_coder(self, coder: Coder) -> None:
        self._put(schema.coders, rows_of(schema.coders, Coder, [coder], project_id=self._project))

    def coders(self) -> list[Coder]:
        return sorted(self._all(schema.coders, Coder), key=lambda coder: coder.id)

    def save_codings(self, codings: Sequence[Coding], *, coder: str) -> None:
        others = sorted({coding.coder for coding in codings} - {coder})
        if others:
            raise StoreError(
                f"Codings of {', '.join(others)} among those to keep for {coder}; save each coder's apart."
            )
        with self._database.writing() as connection:
            coders = schema.coders
            kind = connection.scalar(self._select(coders, coders.c.kind).where(coders.c.id == coder))
            if kind is CoderKind.HUMAN:
                raise StoreError(f"The codings of {coder} are a person's; they change by decisions only.")
            connection.execute(self._delete(schema.codings, coder=coder))
            insert(connection, schema.codings, rows_of(schema.codings, Coding, codings, project_id=self._project))

    def codings(self) -> list[Coding]:
        found = self._all(schema.codings, Coding)
        place = self._places()
        return sorted(
            found, key=lambda coding: (place[coding.transcript], coding.start, coding.end, coding.code, coding.coder)
        )

    def finished(self, step: str) -> str | None:
        table = schema.finished_steps
        with self._database.reading() as connection:
            key: str | None = connection.scalar(self._select(table, table.c.key).where(table.c.step == step))
            return key

    def finish(self, step: str, key: str) -> None:
        self._put(schema.finished_steps, [{"project_id": self._project, "step": step, "key": key}])

    def value(self, name: str) -> Any:
        table = schema.values
        with self._database.reading() as connection:
            return connection.scalar(self._select(table, table.c.value).where(table.c.name == name))

    def save_value(self, name: str, value: Any) -> None:
        self._put(schema.values, [{"project_id": self._project, "name": name, "value": value}])

    def stamp(self) -> Hashable:
        return self._database.stamp()

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._database.reading():
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._database.writing():
            yield

    def close(self) -> None:
        self._database.close()

    def _select(self, table: Table, *columns: Any) -> Select[Any]:
        return select(*(columns or (table,))).where(table.c.project_id == self._project)

    def _delete(self, table: Table, **where: str | int) -> Delete:
        chosen = (table.c[name] == value for name, value in where.items())
        return delete(table).where(table.c.project_id == self._project, *chosen)

    def _put(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        with self._database.writing() as connection:
            put(connection, table, rows)

    def _all(self, table: Table, kind: type[T], order: Column[Any] | None = None) -> list[T]:
        """Every row as its dataclass; without `order` in any order. Cost: little beyond making the dataclasses."""
        query = self._select(table, *columns_of(table, kind)).order_by(order)
        with self._database.reading() as connection:
            return [kind(*row) for row in connection.execute(query)]

    def _places(self) -> dict[str, int]:
        """Where each transcript stands in the order of names, then ids."""
        table = schema.transcripts
        with self._database.reading() as connection:
            named = sorted(
                (name, id_) for id_, name in connection.execute(self._select(table, table.c.id, table.c.name))
            )
        return {id_: place for place, (_, id_) in enumerate(named)}
