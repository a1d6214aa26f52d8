"""Work that takes longer than somebody waits for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    """What is done."""

    IMPORT = "import"
    """Read uploaded transcripts into the project, and code it if that was asked for."""
    CODE = "code"
    """Lenses, themes, codebook and codings of what was read: the first run, or one more after decisions."""
    TRAIN = "train"
    """Networks of the project's own from what people coded, and what they suggest."""
    REPORT = "report"
    """Report, tables and texts, as an archive."""
    EVIDENCE = "evidence"
    """The evidence pack, as an archive."""
    MERGE = "merge"
    """Take in the codings of other people from an uploaded project or table."""
    EXCHANGE = "exchange"
    """Take in an uploaded project or codebook of REFI-QDA, or say what it would bring."""


class JobStatus(StrEnum):
    """How far it has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self not in (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work on one project.

    Attributes:
        id: Unique in the database.
        kind: What is done.
        coder: Id of whoever asked for it.
        created: UTC, ISO 8601.
        arguments: What was asked for, as JSON; no participant's words.
        place: Which worker's it is: the folder that holds its files, since others cannot read them.
        status: How far it has come.
        stage: What is being done now, in words.
        done: How much of the stage is done.
        total: Of how much; 0 where nobody knows.
        error: Why it failed, in one sentence; empty otherwise.
        result: What came of it, as JSON.
        started: UTC, ISO 8601; empty before.
        ended: Likewise.
        attempts: How often a worker began with it: more than once after a restart.
        cancel: Somebody asked that it stop.
        key: What the caller calls it; asked for twice under one key, it is one job. Empty for none.
        seen: When its worker was last heard of: UTC, ISO 8601.
    """

    id: str
    kind: JobKind
    coder: str
    created: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    status: JobStatus = JobStatus.QUEUED
    stage: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    started: str = ""
    ended: str = ""
    attempts: int = 0
    cancel: bool = False
    key: str = ""
    seen: str = ""
