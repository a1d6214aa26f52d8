"""The first house: transcripts and segments, themes, the log of decisions, and codings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table("projects", key("project_id"), given("name"), given("lenses"), given("method"))
    table("sources", key("sha256"), given("bytes", sa.LargeBinary))
    table(
        "transcripts",
        key("id"),
        given("name"),
        given("text"),
        given("sha256"),
        given("language"),
        maybe("wave"),
        maybe("date"),
        given("attributes"),
        given("pages"),
        given("sync"),
        given("kind"),
    )
    table(
        "turns",
        key("transcript"),
        key("number", sa.Integer),
        given("start", sa.Integer),
        given("end", sa.Integer),
        maybe("speaker"),
        given("role"),
        maybe("case"),
        maybe("start_ms", sa.BigInteger),
        maybe("end_ms", sa.BigInteger),
        given("question"),
        refers("transcript", "transcripts"),
    )
    index("turns", "case")
    table(
        "segments",
        key("id"),
        given("transcript"),
        given("turn", sa.Integer),
        given("start", sa.Integer),
        given("end", sa.Integer),
        refers("transcript", "transcripts"),
    )
    index("segments", "transcript")
    table(
        "files",
        key("path"),
        given("sha256"),
        given("outcome"),
        given("note"),
        maybe("transcript"),
        refers("transcript", "transcripts"),
    )
    table("cases", key("id"), given("name"), given("attributes"))
    table("vectors", key("model"), key("key"), given("vector", sa.LargeBinary))
    table(
        "placements",
        key("segment"),
        given("probabilities"),
        given("abstained", sa.Boolean),
        refers("segment", "segments", cascade=True),
    )
    table(
        "themes",
        key("id"),
        given("position", sa.Integer),
        given("name"),
        given("lens"),
        given("keywords"),
        given("stability", sa.Double),
        given("status"),
        maybe("code"),
    )
    table(
        "theme_segments",
        key("theme"),
        key("part"),
        key("position", sa.Integer),
        given("segment"),
        refers("theme", "themes", cascade=True),
        refers("segment", "segments", cascade=True),
    )
    index("theme_segments", "segment")
    table(
        "unassigned",
        key("position", sa.Integer),
        given("segment"),
        given("lens"),
        maybe("nearest"),
        given("similarity", sa.Double),
        refers("segment", "segments", cascade=True),
    )
    index("unassigned", "segment")
    table("coders", key("id"), given("name"), given("kind"), given("revision"))
    table(
        "decisions",
        key("number", sa.Integer),
        given("kind"),
        given("target"),
        maybe("before"),
        maybe("after"),
        given("coder"),
        given("at"),
        given("why"),
        refers("coder", "coders"),
    )
    forbid_changes("decisions")
    table(
        "codings",
        key("coder"),
        key("transcript"),
        key("start", sa.Integer),
        key("end", sa.Integer),
        key("code"),
        given("status"),
        given("probability", sa.Double),
        given("why"),
        refers("coder", "coders"),
        refers("transcript", "transcripts"),
    )
    index("codings", "transcript")
    index("codings", "code")
    table("finished_steps", key("step"), given("key"))
    table("values", key("name"), maybe("value"))


def key(name: str, kind: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True)


def given(name: str, kind: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def maybe(name: str, kind: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def refers(column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id", column], [f"{target}.project_id", f"{target}.id"], ondelete="CASCADE" if cascade else None
    )


def table(name: str, *parts: sa.Column[Any] | sa.ForeignKeyConstraint) -> None:
    project = sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), primary_key=True)
    op.create_table(name, project, *parts)


def index(table_name: str, column: str) -> None:
    op.create_index(f"ix_{table_name}_project_id_{column}", table_name, ["project_id", column])


def forbid_changes(table_name: str) -> None:
    """Let the database itself refuse to change or delete a row: the log is the audit trail."""
    sentence = f"{table_name} are only ever appended"
    if op.get_bind().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table_name}_no_{change} BEFORE {change} ON {table_name} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table_name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table_name}_no_change BEFORE UPDATE OR DELETE ON {table_name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table_name}_refuse()"
    )
