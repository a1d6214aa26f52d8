"""Decisions belong to acts: what was done, what an act takes back, and what its caller calls it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Rows of before are acts by themselves (`act` 0), whose verb nobody noted."""
    for name, kind, default in (
        ("verb", sa.Text, "unstated"),
        ("undoes", sa.Integer, "0"),
        ("key", sa.Text, ""),
        ("act", sa.Integer, "0"),
    ):
        op.add_column("decisions", sa.Column(name, kind, nullable=False, server_default=default))
    for column in ("target", "key"):
        op.create_index(f"ix_decisions_project_id_{column}", "decisions", ["project_id", column])
