"""Alembic runs this for each command; the connection comes from `textcoder.store.migrate`, already in a transaction."""

from __future__ import annotations

from alembic import context

from textcoder.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite has it, once BEGIN is said (store/sqlite.py)
    render_as_batch=True,
)
context.run_migrations()
