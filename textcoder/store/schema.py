"""The tables of a project. A column has the name of the dataclass's field that it keeps."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from textcoder.domain.account import Access
from textcoder.domain.coding import CoderKind, Status
from textcoder.domain.decision import DecisionKind, Verb
from textcoder.domain.job import JobKind, JobStatus
from textcoder.domain.project import Method
from textcoder.domain.theme import ThemeStatus
from textcoder.domain.transcript import Outcome, Role

REVISION = "0003"
"""The migration that makes these tables; a database at this revision is opened without loading Alembic."""

# PostgreSQL refuses NUL, and all databases refuse lone surrogates (which a file name that is not UTF-8 holds). U+0010,
# "data link escape", introduces the four hex digits of such a code point, and of itself.
_UNKEEPABLE = re.compile("[\x00\x10\ud800-\udfff]")
_ESCAPED = re.compile("\x10([0-9a-f]{4})")

E = TypeVar("E", bound=StrEnum)


def escaped(text: str) -> str:
    """Text that any database keeps; `unescaped` gives back the same code points."""
    return _UNKEEPABLE.sub(lambda found: f"\x10{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    """The text that `escaped` was given."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


class Words(TypeDecorator[str]):
    """Text that comes back code point by code point, whatever it holds; sorted in Python, not by the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """As `escaped`."""
        return None if value is None else escaped(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """As `unescaped`; most text holds nothing to unescape, and this is called for every field that is read."""
        return value if value is None or "\x10" not in value else unescaped(value)


class Json(TypeDecorator[Any]):
    """A JSON value with sorted keys, readable as text: PostgreSQL's own JSON type refuses NUL and changes numbers."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Any mapping is an object; NaN and infinity are a ValueError, since no other program reads them."""
        if value is None:
            return None
        plain = json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=dict
        )
        return escaped(plain)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Lists for what were tuples."""
        return None if value is None else json.loads(unescaped(value))


class OneOf(TypeDecorator[E], Generic[E]):
    """One of the words of an enumeration; a word that this version does not know is a ValueError, not a guess."""

    impl = Text
    cache_ok = True

    def __init__(self, enum: type[E]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Its word."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """The member with this word."""
        return None if value is None else self.enum(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _key(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]] = Words) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _given(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]] = Words) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _later(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], default: str) -> Column[Any]:
    """A column that a later migration added: rows of before have the default."""
    return Column(name, kind, nullable=False, server_default=default)


def _maybe(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]] = Words) -> Column[Any]:
    return Column(name, kind, nullable=True)


def _refers(column: str, table: str, *, cascade: bool = False) -> ForeignKeyConstraint:
    """`column` holds an id of `table` in the same project; with cascade the row goes with what it refers to."""
    return ForeignKeyConstraint(
        ["project_id", column], [f"{table}.project_id", f"{table}.id"], ondelete="CASCADE" if cascade else None
    )


def _table(name: str, *parts: Column[Any] | ForeignKeyConstraint | Index) -> Table:
    """A table whose rows belong to a project; its key begins with the project."""
    project = Column("project_id", Words, ForeignKey("projects.project_id"), primary_key=True)
    return Table(name, metadata, project, *parts)


projects = Table(
    "projects", metadata, _key("project_id"), _given("name"), _given("lenses", Json), _given("method", OneOf(Method))
)

sources = _table("sources", _key("sha256"), _given("bytes", LargeBinary))

transcripts = _table(
    "transcripts",
    _key("id"),
    _given("name"),
    _given("text"),
    _given("sha256"),
    _given("language"),
    _maybe("wave"),
    _maybe("date"),
    _given("attributes", Json),
    _given("pages", Json),
    _given("sync", Json),  # [[offset, ms], ...]
    _given("kind"),
)

turns = _table(
    "turns",
    _key("transcript"),
    _key("number", Integer),  # from 0: the index in Transcript.turns
    _given("start", Integer),
    _given("end", Integer),
    _maybe("speaker"),
    _given("role", OneOf(Role)),
    _maybe("case"),
    _maybe("start_ms", BigInteger),
    _maybe("end_ms", BigInteger),
    _given("question"),
    _refers("transcript", "transcripts"),
    Index(None, "project_id", "case"),
)

segments = _table(
    "segments",
    _key("id"),
    _given("transcript"),
    _given("turn", Integer),
    _given("start", Integer),
    _given("end", Integer),
    _refers("transcript", "transcripts"),
    Index(None, "project_id", "transcript"),
)

files = _table(
    "files",
    _key("path"),
    _given("sha256"),
    _given("outcome", OneOf(Outcome)),
    _given("note"),
    _maybe("transcript"),
    _refers("transcript", "transcripts"),
)

cases = _table("cases", _key("id"), _given("name"), _given("attributes", Json))

vectors = _table("vectors", _key("model"), _key("key"), _given("vector", LargeBinary))  # float32, little-endian

placements = _table(
    "placements",
    _key("segment"),
    _given("probabilities", Json),
    _given("abstained", Boolean),
    _refers("segment", "segments", cascade=True),
)

themes = _table(
    "themes",
    _key("id"),
    _given("position", Integer),
    _given("name"),
    _given("lens"),
    _given("keywords", Json),
    _given("stability", Double),
    _given("status", OneOf(ThemeStatus)),
    _maybe("code"),
)

theme_segments = _table(
    "theme_segments",
    _key("theme"),
    _key("part"),  # "segments" or "representatives", the two fields of Theme
    _key("position", Integer),
    _given("segment"),
    _refers("theme", "themes", cascade=True),
    _refers("segment", "segments", cascade=True),
    Index(None, "project_id", "segment"),
)

unassigned = _table(
    "unassigned",
    _key("position", Integer),
    _given("segment"),
    _given("lens"),
    _maybe("nearest"),
    _given("similarity", Double),
    _refers("segment", "segments", cascade=True),
    Index(None, "project_id", "segment"),
)

coders = _table("coders", _key("id"), _given("name"), _given("kind", OneOf(CoderKind)), _given("revision"))

# The migration forbids UPDATE and DELETE by triggers.
decisions = _table(
    "decisions",
    _key("number", Integer),
    _given("kind", OneOf(DecisionKind)),
    _given("target"),
    _maybe("before", Json),
    _maybe("after", Json),
    _given("coder"),
    _given("at"),
    _given("why"),
    _later("verb", OneOf(Verb), Verb.UNSTATED.value),
    _later("undoes", Integer(), "0"),
    _later("key", Words(), ""),
    _later("act", Integer(), "0"),
    _refers("coder", "coders"),
    Index(None, "project_id", "target"),
    Index(None, "project_id", "key"),
)

# The key begins with the coder, whose codings are replaced together.
codings = _table(
    "codings",
    _key("coder"),
    _key("transcript"),
    _key("start", Integer),
    _key("end", Integer),
    _key("code"),
    _given("status", OneOf(Status)),
    _given("probability", Double),
    _given("why"),
    _refers("coder", "coders"),
    _refers("transcript", "transcripts"),
    Index(None, "project_id", "transcript"),
    Index(None, "project_id", "code"),
)

finished_steps = _table("finished_steps", _key("step"), _given("key"))

values = _table("values", _key("name"), _maybe("value", Json))

# --- beside the projects: who may use the service, and the long work that is asked of it ---

accounts = Table(
    "accounts",
    metadata,
    _key("id"),
    _given("password"),
    _given("created"),
    _given("administrator", Boolean),
    _given("disabled", Boolean),
)

tokens = Table(
    "tokens",
    metadata,
    _key("hash"),
    Column("account", Words, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    _given("name"),
    _given("created"),
    _given("expires"),
    _given("session", Boolean),
)

members = _table(
    "members",
    Column("account", Words, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    _given("access", OneOf(Access)),
    Index(None, "account"),
)

jobs = _table(
    "jobs",
    _key("id"),
    _given("kind", OneOf(JobKind)),
    _given("coder"),
    _given("created"),
    _given("arguments", Json),
    _given("place"),
    _given("status", OneOf(JobStatus)),
    _given("stage"),
    _given("done", Integer),
    _given("total", Integer),
    _given("error"),
    _given("result", Json),
    _given("started"),
    _given("ended"),
    _given("attempts", Integer),
    _given("cancel", Boolean),
    _given("key"),
    _given("seen"),
    Index(None, "status"),
)
