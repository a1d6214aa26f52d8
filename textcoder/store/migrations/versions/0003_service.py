"""What a service needs beside the projects: accounts, tokens, who may do what, and jobs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    given: dict[str, Any] = {"nullable": False}
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, **given),
        sa.Column("password", sa.Text, **given),
        sa.Column("created", sa.Text, **given),
        sa.Column("administrator", sa.Boolean, **given),
        sa.Column("disabled", sa.Boolean, **given),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_table(
        "tokens",
        sa.Column("hash", sa.Text, **given),
        sa.Column("account", sa.Text, **given),
        sa.Column("name", sa.Text, **given),
        sa.Column("created", sa.Text, **given),
        sa.Column("expires", sa.Text, **given),
        sa.Column("session", sa.Boolean, **given),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_tokens_account_accounts", ondelete="CASCADE"),
    )
    op.create_index("ix_tokens_account", "tokens", ["account"])
    op.create_table(
        "members",
        sa.Column("project_id", sa.Text, **given),
        sa.Column("account", sa.Text, **given),
        sa.Column("access", sa.Text, **given),
        sa.PrimaryKeyConstraint("project_id", "account", name="pk_members"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_members_project_id_projects"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_members_account_accounts", ondelete="CASCADE"),
    )
    op.create_index("ix_members_account", "members", ["account"])
    op.create_table(
        "jobs",
        sa.Column("project_id", sa.Text, **given),
        *(sa.Column(name, sa.Text, **given) for name in ("id", "kind", "coder", "created", "arguments", "place")),
        *(sa.Column(name, sa.Text, **given) for name in ("status", "stage")),
        *(sa.Column(name, sa.Integer, **given) for name in ("done", "total")),
        *(sa.Column(name, sa.Text, **given) for name in ("error", "result", "started", "ended")),
        sa.Column("attempts", sa.Integer, **given),
        sa.Column("cancel", sa.Boolean, **given),
        *(sa.Column(name, sa.Text, **given) for name in ("key", "seen")),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_jobs"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_jobs_project_id_projects"),
    )
    op.create_index("ix_jobs_status", "jobs", ["status"])
